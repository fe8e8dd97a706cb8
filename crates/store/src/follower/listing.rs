//! What a pass over all followers writes. Every function may be repeated with the same arguments:
//! after a crash the pass goes on at the page that was not answered.
//!
//! `account = ?1 + 0 * key` ties the account to the list handed over. With the plain parameter
//! SQLite may read every follower of the account and look through the list for each.

use serde::Serialize;
use wire::user::UserInfo;
use wire::{OpenId, TagId, Timestamp};

use super::read;
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, PassId, Reader, Tx, sync_pass};

/// Followers in one statement.
const CHUNK: usize = 10_000;

/// Enters a page of the pass. New followers get the next ordinals in page order; known ones are
/// marked seen, and following unless there is newer word. Answers how many are new.
///
/// # Errors
/// [`Error::NotFound`] when there is no such pass.
pub async fn add_page(
    tx: &mut Tx,
    account: AccountId,
    pass: PassId,
    openids: &[OpenId],
) -> Result<u32, Error> {
    let started_at = sync_pass::get(&mut *tx, account, pass).await?.started_at;
    let before = read::known(&mut *tx, account).await?;
    let mut next = before;
    for chunk in openids.chunks(CHUNK) {
        // By OpenID, so that neighbours in the index are touched one after the other.
        let mut sorted: Vec<(&OpenId, usize)> = chunk.iter().zip(0..).collect();
        sorted.sort_unstable();
        sorted.dedup_by_key(|(openid, _)| *openid);
        let listed: Vec<_> = sorted.iter().map(|(openid, _)| *openid).collect();
        let ordinals = read::ordinals(tx.sqlite(), account, &listed).await?;
        let known: Vec<u32> = ordinals.iter().copied().flatten().collect();
        if !known.is_empty() {
            mark_seen(tx, account, pass, started_at, &known).await?;
        }
        let mut new: Vec<(usize, &OpenId)> = sorted
            .iter()
            .zip(&ordinals)
            .filter(|(_, ordinal)| ordinal.is_none())
            .map(|((openid, place), _)| (*place, *openid))
            .collect();
        if new.is_empty() {
            continue;
        }
        new.sort_unstable();
        let numbered: Vec<(&OpenId, u32)> =
            new.into_iter().map(|(_, openid)| openid).zip(next..).collect();
        next += numbered.len() as u32;
        sqlx::query(
            "INSERT INTO follower (account, ord, openid, following, state_at, seen_pass) \
             SELECT ?1, value ->> 1, value ->> 0, 1, ?3 - 1, ?2 FROM jsonb_each(?4)",
        )
        .bind(account.0)
        .bind(pass.0)
        .bind(started_at.0)
        .bind(to_json(&numbered)?)
        .execute(tx.sqlite())
        .await?;
    }
    Ok(next - before)
}

async fn mark_seen(
    tx: &mut Tx,
    account: AccountId,
    pass: PassId,
    started_at: Timestamp,
    known: &[u32],
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE follower SET seen_pass = ?2, \
         following = CASE WHEN state_at < ?3 THEN 1 ELSE following END, \
         left_at = CASE WHEN state_at < ?3 THEN NULL ELSE left_at END, \
         state_at = max(state_at, ?3 - 1) FROM json_each(?4) AS j \
         WHERE follower.account = ?1 + 0 * j.key AND follower.ord = j.value",
    )
    .bind(account.0)
    .bind(pass.0)
    .bind(started_at.0)
    .bind(to_json(known)?)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Followers the pass has listed but not detailed, by ordinal. Those who left meanwhile are not
/// asked about.
///
/// # Errors
/// When the database cannot be read.
pub async fn details_due(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    pass: PassId,
    limit: u32,
) -> Result<Vec<(u32, OpenId)>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(ord, openid)) AS due FROM (\
         SELECT ord, openid FROM follower INDEXED BY follower_undetailed \
         WHERE account = ?1 AND seen_pass = ?2 AND following = 1 \
         AND detailed_pass < seen_pass ORDER BY ord LIMIT ?3)",
    )
    .bind(account.0)
    .bind(pass.0)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    from_json("due", &row.text("due")?)
}

/// Enters details asked for at `at`. `subscribe` 0 marks a follower left, unless there is word of
/// `at` or later, and leaves the details known before; 1 alone does not bring back who left, that
/// takes an event or a page. Answers who of those told to have left does not follow now.
///
/// # Errors
/// When the database refuses.
pub async fn set_details(
    tx: &mut Tx,
    account: AccountId,
    pass: PassId,
    at: Timestamp,
    details: &[(u32, UserInfo)],
) -> Result<Vec<u32>, Error> {
    #[derive(Serialize)]
    struct Row<'a>(
        u32,
        Option<i64>,
        &'a Option<String>,
        &'a Option<String>,
        Option<String>,
        &'a Option<String>,
        &'a Option<String>,
        &'a Option<Vec<TagId>>,
    );
    let mut gone = Vec::new();
    for chunk in details.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(ord, info)| {
                Row(
                    *ord,
                    info.subscribe_time,
                    &info.unionid,
                    &info.subscribe_scene,
                    qr_scene(info),
                    &info.language,
                    &info.remark,
                    &info.tagid_list,
                )
            })
            .collect();
        sqlx::query(
            "UPDATE follower SET detailed_pass = ?2, \
             subscribed_at = CASE WHEN d.since > coalesce(subscribed_at, 0) THEN d.since \
             ELSE subscribed_at END, \
             unionid = coalesce(d.union_now, unionid), scene = coalesce(d.scene_now, scene), \
             qr_scene = coalesce(d.qr_now, qr_scene), \
             language = coalesce(d.language_now, language), \
             remark = coalesce(d.remark_now, remark), tags = coalesce(d.tags_now, tags) \
             FROM (SELECT ?1 + 0 * key AS owner, value ->> 0 AS number, value ->> 1 AS since, \
             value ->> 2 AS union_now, value ->> 3 AS scene_now, value ->> 4 AS qr_now, \
             value ->> 5 AS language_now, value ->> 6 AS remark_now, value ->> 7 AS tags_now \
             FROM jsonb_each(?3)) AS d \
             WHERE follower.account = d.owner AND follower.ord = d.number",
        )
        .bind(account.0)
        .bind(pass.0)
        .bind(to_json(&rows)?)
        .execute(tx.sqlite())
        .await?;
        let told: Vec<_> =
            chunk.iter().filter(|(_, info)| info.subscribe == 0).map(|(ord, _)| *ord).collect();
        if !told.is_empty() {
            gone.extend(mark_left(tx, account, at, &told).await?);
        }
    }
    Ok(gone)
}

/// Ends the listing: followers the pass has not seen, and of whom there is no newer word, are left.
/// Answers who.
///
/// # Errors
/// [`Error::NotFound`] when there is no such pass.
pub async fn mark_unseen(
    tx: &mut Tx,
    account: AccountId,
    pass: PassId,
    at: Timestamp,
) -> Result<Vec<u32>, Error> {
    let started_at = sync_pass::get(&mut *tx, account, pass).await?.started_at;
    let rows = sqlx::query(
        "UPDATE follower SET following = 0, left_at = ?4, state_at = max(state_at, ?3 - 1) \
         WHERE account = ?1 AND following = 1 AND seen_pass < ?2 AND state_at < ?3 RETURNING ord",
    )
    .bind(account.0)
    .bind(pass.0)
    .bind(started_at.0)
    .bind(at.0)
    .fetch_all(tx.sqlite())
    .await?;
    rows.iter().map(|row| row.number("ord")).collect()
}

async fn mark_left(
    tx: &mut Tx,
    account: AccountId,
    at: Timestamp,
    told: &[u32],
) -> Result<Vec<u32>, Error> {
    let told = to_json(told)?;
    sqlx::query(
        "UPDATE follower SET following = 0, left_at = ?2, state_at = max(state_at, ?2 - 1) \
         FROM json_each(?3) AS j \
         WHERE follower.account = ?1 + 0 * j.key AND follower.ord = j.value \
         AND following = 1 AND state_at < ?2",
    )
    .bind(account.0)
    .bind(at.0)
    .bind(&told)
    .execute(tx.sqlite())
    .await?;
    let row = sqlx::query(
        "SELECT json_group_array(f.ord) AS gone FROM json_each(?2) AS j \
         CROSS JOIN follower AS f ON f.account = ?1 AND f.ord = j.value AND f.following = 0",
    )
    .bind(account.0)
    .bind(&told)
    .fetch_one(tx.sqlite())
    .await?;
    from_json("gone", &row.text("gone")?)
}

/// The QR code's text, or its number unless that is 0: "none" (`platform/07 §3`).
fn qr_scene(info: &UserInfo) -> Option<String> {
    let text = info.qr_scene_str.clone().filter(|text| !text.is_empty());
    text.or_else(|| info.qr_scene.filter(|number| *number != 0).map(|number| number.to_string()))
}
