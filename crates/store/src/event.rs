//! What followers did: wrote, clicked, scanned. The same `dedup` is the same event, so applying a
//! callback twice leaves one.

use serde::Serialize;
use wire::Timestamp;

use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Events in one statement.
const CHUNK: usize = 5_000;

/// An event to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Whose.
    pub ord: u32,
    /// What they did, such as `click`.
    pub kind: String,
    /// On what: the menu key, the code scanned; may be empty.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// The event's own name, unique in the account.
    pub dedup: String,
}

/// An event as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number in the store; later kept, higher.
    pub seq: i64,
    /// Whose.
    pub ord: u32,
    /// What they did.
    pub kind: String,
    /// On what.
    pub key: String,
    /// When.
    pub at: Timestamp,
}

/// Keeps events; those known before change nothing. Answers how many are new.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn insert(tx: &mut Tx, account: AccountId, events: &[NewEvent]) -> Result<u64, Error> {
    #[derive(Serialize)]
    struct Row<'a>(u32, &'a str, &'a str, Timestamp, &'a str);
    let mut inserted = 0;
    for chunk in events.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|event| Row(event.ord, &event.kind, &event.key, event.at, &event.dedup))
            .collect();
        let done = sqlx::query(
            "INSERT INTO event (account, ord, kind, key, at, dedup) \
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 \
             FROM json_each(?2) WHERE true ON CONFLICT (account, dedup) DO NOTHING",
        )
        .bind(account.0)
        .bind(to_json(&rows)?)
        .execute(tx.sqlite())
        .await?;
        inserted += done.rows_affected();
    }
    Ok(inserted)
}

/// Events by kind, follower and time, after the given one (none: from the start), at most `limit`
/// of them. An empty page is the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    after: Option<&Event>,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let (kind, ord, at, seq) = after.map_or(("", -1, 0, 0), |last| {
        (last.kind.as_str(), i64::from(last.ord), last.at.0, last.seq)
    });
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, kind, ord, at, key)) AS page FROM (\
         SELECT seq, kind, ord, at, key FROM event \
         WHERE account = ?1 AND (kind, ord, at, seq) > (?2, ?3, ?4, ?5) \
         ORDER BY kind, ord, at, seq LIMIT ?6)",
    )
    .bind(account.0)
    .bind(kind)
    .bind(ord)
    .bind(at)
    .bind(seq)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    unpack(&row.text("page")?)
}

/// One follower's events, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, kind, ord, at, key)) AS page FROM (\
         SELECT seq, kind, ord, at, key FROM event WHERE account = ?1 AND ord = ?2 \
         ORDER BY at DESC, seq DESC LIMIT ?3)",
    )
    .bind(account.0)
    .bind(ord)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    unpack(&row.text("page")?)
}

fn unpack(page: &str) -> Result<Vec<Event>, Error> {
    let rows: Vec<(i64, String, u32, Timestamp, String)> = from_json("page", page)?;
    Ok(rows
        .into_iter()
        .map(|(seq, kind, ord, at, key)| Event { seq, ord, kind, key, at })
        .collect())
}
