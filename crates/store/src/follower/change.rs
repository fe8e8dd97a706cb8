//! What events and the merchant's systems tell of single followers. (`?1 + 0 * j.key` in place of
//! the account: see [`super::listing`].)

use std::collections::BTreeMap;

use serde::Serialize;
use wire::{OpenId, TagId, Timestamp};

use super::{Attribute, Attributes};
use crate::row::{Columns as _, to_json};
use crate::{AccountId, Error, Tx};

/// Followers in one statement.
const CHUNK: usize = 5_000;

/// They followed at `at`. Someone unknown gets the next ordinal. Word older than what is known
/// changes nothing. The flag says whether they did not follow before.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn followed(
    tx: &mut Tx,
    account: AccountId,
    openid: &OpenId,
    at: Timestamp,
    scene: Option<&str>,
    qr_scene: Option<&str>,
) -> Result<(u32, bool), Error> {
    let Some(known) = known(tx, account, openid).await? else {
        let ord = create(tx, account, openid, true, at).await?;
        tell_scene(tx, account, ord, scene, qr_scene).await?;
        return Ok((ord, true));
    };
    if at < known.state_at {
        return Ok((known.ord, false));
    }
    // Told again by someone who follows: they came back and that they had left was lost.
    sqlx::query(
        "UPDATE follower SET following = 1, state_at = ?3, subscribed_at = ?3, left_at = NULL \
         WHERE account = ?1 AND ord = ?2",
    )
    .bind(account.0)
    .bind(known.ord)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    tell_scene(tx, account, known.ord, scene, qr_scene).await?;
    Ok((known.ord, !known.following))
}

/// They left at `at`. Someone unknown is recorded too, so that a stale page does not bring them in
/// as a follower. Word older than what is known changes nothing. The flag says whether they
/// followed before.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn left(
    tx: &mut Tx,
    account: AccountId,
    openid: &OpenId,
    at: Timestamp,
) -> Result<(u32, bool), Error> {
    let Some(known) = known(tx, account, openid).await? else {
        return Ok((create(tx, account, openid, false, at).await?, false));
    };
    if at < known.state_at {
        return Ok((known.ord, false));
    }
    sqlx::query(
        "UPDATE follower SET following = 0, state_at = ?3, \
         left_at = CASE WHEN following THEN ?3 ELSE coalesce(left_at, ?3) END \
         WHERE account = ?1 AND ord = ?2",
    )
    .bind(account.0)
    .bind(known.ord)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok((known.ord, known.following))
}

/// Replaces followers' platform tags. A follower named twice takes the last.
///
/// # Errors
/// When the database refuses.
pub async fn set_tags(
    tx: &mut Tx,
    account: AccountId,
    tags: &[(u32, Vec<TagId>)],
) -> Result<(), Error> {
    let statement = "UPDATE follower SET tags = j.value ->> 1 FROM json_each(?2) AS j \
                     WHERE follower.account = ?1 + 0 * j.key AND follower.ord = j.value ->> 0";
    let last: BTreeMap<_, _> = tags.iter().map(|(ord, tags)| (*ord, tags)).collect();
    set(tx, account, statement, last).await
}

/// Replaces our own tags of followers. A follower named twice takes the last.
///
/// # Errors
/// When the database refuses.
pub async fn set_own_tags(
    tx: &mut Tx,
    account: AccountId,
    own_tags: &[(u32, Vec<String>)],
) -> Result<(), Error> {
    let statement = "UPDATE follower SET own_tags = j.value ->> 1 FROM json_each(?2) AS j \
                     WHERE follower.account = ?1 + 0 * j.key AND follower.ord = j.value ->> 0";
    let last: BTreeMap<_, _> = own_tags.iter().map(|(ord, tags)| (*ord, tags)).collect();
    set(tx, account, statement, last).await
}

/// Adds attributes to followers, over those of the same name; the others stay.
///
/// # Errors
/// When the database refuses.
pub async fn set_attributes(
    tx: &mut Tx,
    account: AccountId,
    attributes: &[(u32, Attributes)],
) -> Result<(), Error> {
    let statement = "UPDATE follower SET attributes = json_patch(attributes, j.value ->> 1) \
                     FROM json_each(?2) AS j \
                     WHERE follower.account = ?1 + 0 * j.key AND follower.ord = j.value ->> 0";
    let mut merged: BTreeMap<u32, BTreeMap<&str, &Attribute>> = BTreeMap::new();
    for (ord, attributes) in attributes {
        let named = attributes.iter().map(|(name, value)| (name.as_str(), value));
        merged.entry(*ord).or_default().extend(named);
    }
    set(tx, account, statement, merged).await
}

/// Adds attributes to followers and takes those away that are none; the others stay. A follower
/// named twice takes both, the last first.
///
/// # Errors
/// When the database refuses.
pub async fn patch_attributes(
    tx: &mut Tx,
    account: AccountId,
    patches: &[(u32, BTreeMap<String, Option<Attribute>>)],
) -> Result<(), Error> {
    let statement = "UPDATE follower SET attributes = json_patch(attributes, j.value ->> 1) \
                     FROM json_each(?2) AS j \
                     WHERE follower.account = ?1 + 0 * j.key AND follower.ord = j.value ->> 0";
    let mut merged: BTreeMap<u32, BTreeMap<&str, &Option<Attribute>>> = BTreeMap::new();
    for (ord, patch) in patches {
        let named = patch.iter().map(|(name, value)| (name.as_str(), value));
        merged.entry(*ord).or_default().extend(named);
    }
    set(tx, account, statement, merged).await
}

/// One row a follower: the statement would take either of two.
async fn set<V: Serialize>(
    tx: &mut Tx,
    account: AccountId,
    statement: &'static str,
    rows: BTreeMap<u32, V>,
) -> Result<(), Error> {
    let rows: Vec<_> = rows.into_iter().collect();
    for chunk in rows.chunks(CHUNK) {
        sqlx::query(statement).bind(account.0).bind(to_json(chunk)?).execute(tx.sqlite()).await?;
    }
    Ok(())
}

struct Known {
    ord: u32,
    following: bool,
    state_at: Timestamp,
}

async fn known(tx: &mut Tx, account: AccountId, openid: &OpenId) -> Result<Option<Known>, Error> {
    let row = sqlx::query(
        "SELECT ord, following, state_at FROM follower WHERE account = ?1 AND openid = ?2",
    )
    .bind(account.0)
    .bind(openid.as_str())
    .fetch_optional(tx.sqlite())
    .await?;
    row.map(|row| {
        Ok(Known {
            ord: row.number("ord")?,
            following: row.flag("following")?,
            state_at: row.moment("state_at")?,
        })
    })
    .transpose()
}

async fn create(
    tx: &mut Tx,
    account: AccountId,
    openid: &OpenId,
    following: bool,
    at: Timestamp,
) -> Result<u32, Error> {
    let row = sqlx::query(
        "INSERT INTO follower (account, ord, openid, following, state_at, subscribed_at, left_at) \
         VALUES (?1, (SELECT coalesce(max(ord), -1) + 1 FROM follower WHERE account = ?1), ?2, ?3, \
         ?4, iif(?3, ?4, NULL), iif(?3, NULL, ?4)) RETURNING ord",
    )
    .bind(account.0)
    .bind(openid.as_str())
    .bind(following)
    .bind(at.0)
    .fetch_one(tx.sqlite())
    .await?;
    row.number("ord")
}

async fn tell_scene(
    tx: &mut Tx,
    account: AccountId,
    ord: u32,
    scene: Option<&str>,
    qr_scene: Option<&str>,
) -> Result<(), Error> {
    if scene.is_none() && qr_scene.is_none() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE follower SET scene = coalesce(?3, scene), qr_scene = coalesce(?4, qr_scene) \
         WHERE account = ?1 AND ord = ?2",
    )
    .bind(account.0)
    .bind(ord)
    .bind(scene)
    .bind(qr_scene)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}
