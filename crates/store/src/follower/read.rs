//! Reads of followers: single ones, and pages for loading the index.

use serde::Serialize;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use wire::OpenId;

use super::{Count, FollowerRow};
use crate::row::{Columns as _, from_json, parse, to_json};
use crate::{AccountId, Error, PassId, Reader};

/// Followers in one statement.
const CHUNK: usize = 10_000;

/// The follower with this OpenID.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_openid(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    openid: &OpenId,
) -> Result<Option<FollowerRow>, Error> {
    let row = sqlx::query("SELECT * FROM follower WHERE account = ?1 AND openid = ?2")
        .bind(account.0)
        .bind(openid.as_str())
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// The follower with this ordinal.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn by_ord(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
) -> Result<FollowerRow, Error> {
    let row = sqlx::query("SELECT * FROM follower WHERE account = ?1 AND ord = ?2")
        .bind(account.0)
        .bind(ord)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    read(&row.ok_or_else(|| Error::not_found(format!("follower number {ord}")))?)
}

/// The ordinals of OpenIDs, in the same order; none for those never seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn ordinals_of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    openids: &[OpenId],
) -> Result<Vec<Option<u32>>, Error> {
    let mut connection = from.into().sqlite().await?;
    let mut found = Vec::with_capacity(openids.len());
    for chunk in openids.chunks(CHUNK) {
        found.extend(ordinals(&mut connection, account, chunk).await?);
    }
    Ok(found)
}

/// The ordinals of one chunk, in the same order.
pub(super) async fn ordinals(
    connection: &mut SqliteConnection,
    account: AccountId,
    openids: &(impl Serialize + ?Sized),
) -> Result<Vec<Option<u32>>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(f.ord ORDER BY j.key) AS ordinals FROM json_each(?2) AS j \
         LEFT JOIN follower AS f ON f.account = ?1 AND f.openid = j.value",
    )
    .bind(account.0)
    .bind(to_json(openids)?)
    .fetch_one(connection)
    .await?;
    from_json("ordinals", &row.text("ordinals")?)
}

/// One more than the highest ordinal: ordinals are dense.
pub(super) async fn known(from: impl Into<Reader<'_>>, account: AccountId) -> Result<u32, Error> {
    let row =
        sqlx::query("SELECT coalesce(max(ord), -1) + 1 AS known FROM follower WHERE account = ?1")
            .bind(account.0)
            .fetch_one(&mut *from.into().sqlite().await?)
            .await?;
    row.number("known")
}

/// The OpenIDs of ordinals, in the same order.
///
/// # Errors
/// [`Error::NotFound`] when an ordinal is nobody's.
pub async fn openids_of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ordinals: &[u32],
) -> Result<Vec<OpenId>, Error> {
    let mut connection = from.into().sqlite().await?;
    let mut openids = Vec::with_capacity(ordinals.len());
    for chunk in ordinals.chunks(CHUNK) {
        // An OpenID holds no space, and every line of a join on keys stands for one ordinal.
        let row = sqlx::query(
            "SELECT coalesce(group_concat(f.openid, ' ' ORDER BY j.key), '') AS openids \
             FROM json_each(?2) AS j \
             CROSS JOIN follower AS f ON f.account = ?1 AND f.ord = j.value",
        )
        .bind(account.0)
        .bind(to_json(chunk)?)
        .fetch_one(&mut *connection)
        .await?;
        let before = openids.len();
        for openid in row.text("openids")?.split_ascii_whitespace() {
            openids.push(parse("openid", openid)?);
        }
        if openids.len() - before != chunk.len() {
            return Err(Error::not_found("a follower with one of these ordinals"));
        }
    }
    Ok(openids)
}

/// Whole rows of ordinals, by ordinal; numbers nobody has are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn rows_of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ordinals: &[u32],
) -> Result<Vec<FollowerRow>, Error> {
    let mut connection = from.into().sqlite().await?;
    let mut found = Vec::with_capacity(ordinals.len());
    for chunk in ordinals.chunks(CHUNK) {
        let rows = sqlx::query(
            "SELECT f.* FROM json_each(?2) AS j \
             CROSS JOIN follower AS f ON f.account = ?1 AND f.ord = j.value",
        )
        .bind(account.0)
        .bind(to_json(chunk)?)
        .fetch_all(&mut *connection)
        .await?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    found.sort_unstable_by_key(|row| row.ord);
    found.dedup_by_key(|row| row.ord);
    Ok(found)
}

/// Followers by ordinal after the given one (none: from the start), at most `limit` of them; 5,000
/// is a good size. An empty page is the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    after: Option<u32>,
    limit: u32,
) -> Result<Vec<FollowerRow>, Error> {
    // One text for the whole page: a row of its own for each follower costs twice as much. The
    // columns kept as JSON and the OpenID, which needs no escapes, go in as they are.
    let row = sqlx::query(
        "SELECT group_concat(line) AS page FROM (\
         SELECT format('[%d,\"%s\",%s,%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%d,%d]', ord, openid, \
         iif(following, 'true', 'false'), state_at, ifnull(subscribed_at, 'null'), ifnull(left_at, 'null'), \
         json_quote(unionid), json_quote(scene), json_quote(qr_scene), json_quote(language), \
         json_quote(remark), tags, attributes, own_tags, seen_pass, detailed_pass) AS line \
         FROM follower WHERE account = ?1 AND ord > ?2 ORDER BY ord LIMIT ?3)",
    )
    .bind(account.0)
    .bind(after.map_or(-1, i64::from))
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    let lines = row.text_or_none("page")?.unwrap_or_default();
    from_json("page", &format!("[{lines}]"))
}

/// Those who left at this moment or since, by ordinal.
///
/// # Errors
/// When the database cannot be read.
pub async fn left_since(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    since: wire::Timestamp,
) -> Result<Vec<u32>, Error> {
    let rows = sqlx::query(
        "SELECT ord FROM follower WHERE account = ?1 AND following = 0 AND left_at >= ?2",
    )
    .bind(account.0)
    .bind(since.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(|row| row.number("ord")).collect()
}

/// Those who left at this moment or since and have not come back, by ordinal, each with when.
///
/// # Errors
/// When the database cannot be read.
pub async fn leaves_since(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    since: wire::Timestamp,
) -> Result<Vec<(u32, wire::Timestamp)>, Error> {
    let rows = sqlx::query(
        "SELECT ord, left_at FROM follower WHERE account = ?1 AND following = 0 \
         AND left_at >= ?2 ORDER BY ord",
    )
    .bind(account.0)
    .bind(since.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(|row| Ok((row.number("ord")?, row.moment("left_at")?))).collect()
}

/// How many followers the account has.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Count, Error> {
    // Ordinals are dense, so the highest one counts them.
    let row = sqlx::query(
        "SELECT (SELECT coalesce(max(ord), -1) + 1 FROM follower WHERE account = ?1) AS known, \
         (SELECT count(*) FROM follower INDEXED BY follower_following \
         WHERE account = ?1 AND following = 1) AS following",
    )
    .bind(account.0)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    Ok(Count { known: row.number("known")?, following: row.number("following")? })
}

fn read(row: &SqliteRow) -> Result<FollowerRow, Error> {
    Ok(FollowerRow {
        ord: row.number("ord")?,
        openid: row.parsed("openid")?,
        following: row.flag("following")?,
        state_at: row.moment("state_at")?,
        subscribed_at: row.moment_or_none("subscribed_at")?,
        left_at: row.moment_or_none("left_at")?,
        unionid: row.text_or_none("unionid")?,
        scene: row.text_or_none("scene")?,
        qr_scene: row.text_or_none("qr_scene")?,
        language: row.text_or_none("language")?,
        remark: row.text_or_none("remark")?,
        tags: from_json("tags", &row.text("tags")?)?,
        attributes: from_json("attributes", &row.text("attributes")?)?,
        own_tags: from_json("own_tags", &row.text("own_tags")?)?,
        seen_pass: PassId(row.integer("seen_pass")?),
        detailed_pass: PassId(row.integer("detailed_pass")?),
    })
}
