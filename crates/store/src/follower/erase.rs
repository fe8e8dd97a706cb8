//! A person is forgotten. Their number stays taken, so that what was counted stays counted:
//! batches, slots and frozen segments keep a number that is nobody's. Somebody with the same OpenID
//! who follows later is somebody new.
//!
//! Deleted bytes are overwritten (`secure_delete`), but pages that were copied around before may
//! hold older copies in their gaps; the next start of the store writes the file anew (`VACUUM`),
//! which leaves none. [`crate::Store::open`] does that when [`WANTS_VACUUM`] says so.

use wire::{OpenId, Timestamp};

use crate::row::Columns as _;
use crate::{AccountId, Error, Tx, identity, meta};

/// Key in `meta`: somebody was erased since the file was last written anew.
pub(crate) const WANTS_VACUUM: &str = "wants_vacuum";
/// How the OpenID of an erased follower's row begins; the platform's begin otherwise.
const MARK: &str = "-erased-";

/// Whether an OpenID is the mark left by an erased follower.
#[must_use]
pub fn is_erased(openid: &OpenId) -> bool {
    openid.as_str().starts_with(MARK)
}

/// Forgets a follower: details, tags, attributes, identities, events and consents go, orders stay without
/// their customer, and so do callbacks that name them.
///
/// # Errors
/// [`Error::NotFound`] when the account has no such follower, or no longer.
pub async fn erase(
    tx: &mut Tx,
    account: AccountId,
    ord: u32,
    openid: &OpenId,
    at: Timestamp,
) -> Result<(), Error> {
    let row =
        sqlx::query("SELECT unionid FROM follower WHERE account = ?1 AND ord = ?2 AND openid = ?3")
            .bind(account.0)
            .bind(ord)
            .bind(openid.as_str())
            .fetch_optional(tx.sqlite())
            .await?;
    let row = row.ok_or_else(|| Error::not_found(format!("the follower {openid}")))?;
    let mut names = vec![openid.to_string()];
    names.extend(row.text_or_none("unionid")?);
    names.extend(identity::of(&mut *tx, account, ord).await?.into_iter().map(|one| one.value));
    for statement in [
        "UPDATE purchase SET ord = NULL, kind = 'erased', customer = '' \
         WHERE account = ?1 AND ord = ?2",
        "DELETE FROM event WHERE account = ?1 AND ord = ?2",
        "DELETE FROM consent WHERE account = ?1 AND ord = ?2 AND ord IS NOT NULL",
        "DELETE FROM identity WHERE account = ?1 AND ord = ?2",
    ] {
        sqlx::query(statement).bind(account.0).bind(ord).execute(tx.sqlite()).await?;
    }
    sqlx::query(
        "UPDATE follower SET openid = ?3, following = 0, state_at = ?4, subscribed_at = NULL, \
         left_at = ?4, unionid = NULL, scene = NULL, qr_scene = NULL, language = NULL, \
         remark = NULL, tags = '[]', attributes = '{}', own_tags = '[]' \
         WHERE account = ?1 AND ord = ?2",
    )
    .bind(account.0)
    .bind(ord)
    .bind(format!("{MARK}{ord}"))
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    sqlx::query("UPDATE sync_pass SET next_openid = NULL WHERE account = ?1 AND next_openid = ?2")
        .bind(account.0)
        .bind(openid.as_str())
        .execute(tx.sqlite())
        .await?;
    for name in &names {
        for statement in [
            "DELETE FROM inbox WHERE account = ?1 AND instr(body, ?2)",
            "DELETE FROM event WHERE account = ?1 AND via_kind IS NOT NULL AND via_value = ?2",
            "DELETE FROM consent WHERE account = ?1 AND via_kind IS NOT NULL AND via_value = ?2",
            "UPDATE import SET errors = '[]' WHERE account = ?1 AND instr(errors, ?2)",
        ] {
            sqlx::query(statement).bind(account.0).bind(name).execute(tx.sqlite()).await?;
        }
    }
    meta::put(tx, WANTS_VACUUM, "1").await
}
