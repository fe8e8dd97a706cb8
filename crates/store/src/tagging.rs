//! Taggings under way: a platform tag to be given to followers, or taken from them, fifty a call.
//! `next_ord` says how far it is, and moves in the write that keeps what a call did: after a crash
//! at most one call is made again, which changes nothing.

use wire::{TagId, Timestamp};

use crate::ids::words;
use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

words! {
    /// How far a tagging is.
    TaggingState, "open, done or failed" {
        /// Calls are still to be made.
        Open = "open",
        /// Everybody was tried.
        Done = "done",
        /// The platform refused for good.
        Failed = "failed",
    }
}

/// A tagging without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagging {
    /// Its number in the account, from 1.
    pub id: i64,
    /// The tag.
    pub tag_id: TagId,
    /// Given, or taken.
    pub present: bool,
    /// The segment it was asked for; empty for OpenIDs.
    pub segment: String,
    /// How many it is for.
    pub people: u64,
    /// Everybody below is done.
    pub next_ord: u32,
    /// How many were told to the platform.
    pub done: u64,
    /// How many were left out: 20 tags already, gone, or refused alone.
    pub skipped: u64,
    /// How far.
    pub state: TaggingState,
    /// Why it failed.
    pub failure: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// What a tagging is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTagging {
    /// The tag.
    pub tag_id: TagId,
    /// Given, or taken.
    pub present: bool,
    /// The segment it was asked for; empty for OpenIDs.
    pub segment: String,
    /// How many.
    pub people: u64,
    /// Whom, a set of ordinals.
    pub members: Vec<u8>,
}

/// Begins a tagging; answers its number.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn begin(
    tx: &mut Tx,
    account: AccountId,
    new: &NewTagging,
    at: Timestamp,
) -> Result<i64, Error> {
    let row = sqlx::query(
        "INSERT INTO tagging (account, id, tag_id, present, segment, people, members, created_at) \
         VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM tagging WHERE account = ?1), \
         ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
    )
    .bind(account.0)
    .bind(new.tag_id.0)
    .bind(new.present)
    .bind(&new.segment)
    .bind(i64::try_from(new.people).unwrap_or(i64::MAX))
    .bind(&new.members)
    .bind(at.0)
    .fetch_one(tx.sqlite())
    .await?;
    row.integer("id")
}

/// Notes that everybody below `next_ord` is done.
///
/// # Errors
/// [`Error::NotFound`] when there is no such tagging under way.
pub async fn advance(
    tx: &mut Tx,
    account: AccountId,
    id: i64,
    next_ord: u32,
    done: u64,
    skipped: u64,
) -> Result<(), Error> {
    let moved = sqlx::query(
        "UPDATE tagging SET next_ord = ?3, done = done + ?4, skipped = skipped + ?5 \
         WHERE account = ?1 AND id = ?2 AND state = 'open'",
    )
    .bind(account.0)
    .bind(id)
    .bind(next_ord)
    .bind(i64::try_from(done).unwrap_or(i64::MAX))
    .bind(i64::try_from(skipped).unwrap_or(i64::MAX))
    .execute(tx.sqlite())
    .await?;
    found(moved.rows_affected(), id)
}

/// Ends a tagging: well, or with why not.
///
/// # Errors
/// [`Error::NotFound`] when there is no such tagging under way.
pub async fn finish(
    tx: &mut Tx,
    account: AccountId,
    id: i64,
    failure: Option<&str>,
    at: Timestamp,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE tagging SET state = iif(?3 IS NULL, 'done', 'failed'), \
         failure = coalesce(?3, ''), finished_at = ?4 \
         WHERE account = ?1 AND id = ?2 AND state = 'open'",
    )
    .bind(account.0)
    .bind(id)
    .bind(failure)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    found(done.rows_affected(), id)
}

/// The oldest tagging under way, with its members.
///
/// # Errors
/// When the database cannot be read.
pub async fn next(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Option<(Tagging, Vec<u8>)>, Error> {
    let row = sqlx::query(
        "SELECT * FROM tagging WHERE account = ?1 AND state = 'open' ORDER BY id LIMIT 1",
    )
    .bind(account.0)
    .fetch_optional(&mut *from.into().sqlite().await?)
    .await?;
    row.map(|row| Ok((read(&row)?, row.bytes("members")?))).transpose()
}

/// Every tagging, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Tagging>, Error> {
    let rows = sqlx::query(
        "SELECT id, tag_id, present, segment, people, next_ord, done, skipped, state, failure, \
         created_at, finished_at FROM tagging WHERE account = ?1 ORDER BY id DESC",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

fn found(rows: u64, id: i64) -> Result<(), Error> {
    match rows {
        0 => Err(Error::not_found(format!("a tagging {id} under way"))),
        _ => Ok(()),
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Tagging, Error> {
    Ok(Tagging {
        id: row.integer("id")?,
        tag_id: TagId(row.number("tag_id")?),
        present: row.flag("present")?,
        segment: row.text("segment")?,
        people: row.number("people")?,
        next_ord: row.number("next_ord")?,
        done: row.number("done")?,
        skipped: row.number("skipped")?,
        state: row.parsed("state")?,
        failure: row.text("failure")?,
        created_at: row.moment("created_at")?,
        finished_at: row.moment_or_none("finished_at")?,
    })
}
