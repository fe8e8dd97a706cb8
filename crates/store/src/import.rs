//! Imports in steps, so that a large file never holds the writer: rows are kept in chunks as they
//! are read, and applied chunk by chunk afterwards.
//!
//! `received → checked → applying → done`, or `failed` from any of them. Until an import is checked
//! nothing of it can be seen; from then on it is carried to its end, over crashes too: the chunk
//! goes in the write that applies it, and what a chunk says is idempotent besides. An import found
//! `received` at a start broke off while it was sent and fails.

use wire::Timestamp;

use crate::ids::words;
use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

words! {
    /// How far an import is.
    ImportState, "received, checked, applying, done or failed" {
        /// Its lines arrive.
        Received = "received",
        /// Every line is here and can be used.
        Checked = "checked",
        /// Some chunks are applied.
        Applying = "applying",
        /// All of it is in.
        Done = "done",
        /// Nothing of it is in, and nothing will be.
        Failed = "failed",
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its number in the account, from 1.
    pub id: i64,
    /// What it brings, such as `orders`.
    pub what: String,
    /// What else it was told (JSON).
    pub settings: String,
    /// How far.
    pub state: ImportState,
    /// What was counted so far.
    pub counts: Counts,
    /// Chunks there are.
    pub chunks: u64,
    /// Chunks applied.
    pub applied: u64,
    /// The first refused lines (JSON).
    pub errors: String,
    /// Why it failed.
    pub failure: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Lines counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Read.
    pub lines: u64,
    /// Refused.
    pub refused: u64,
    /// Taken in.
    pub imported: u64,
    /// Known before.
    pub duplicates: u64,
    /// Of known followers.
    pub linked: u64,
}

/// Begins an import; answers its number.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn begin(
    tx: &mut Tx,
    account: AccountId,
    what: &str,
    settings: &str,
    at: Timestamp,
) -> Result<i64, Error> {
    let row = sqlx::query(
        "INSERT INTO import (account, id, what, settings, state, created_at) \
         VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM import WHERE account = ?1), \
         ?2, ?3, 'received', ?4) RETURNING id",
    )
    .bind(account.0)
    .bind(what)
    .bind(settings)
    .bind(at.0)
    .fetch_one(tx.sqlite())
    .await?;
    row.integer("id")
}

/// Keeps the next chunk of rows.
///
/// # Errors
/// [`Error::NotFound`] when no such import is being received.
pub async fn stage(tx: &mut Tx, account: AccountId, id: i64, rows: &str) -> Result<(), Error> {
    let row = sqlx::query(
        "UPDATE import SET chunks = chunks + 1 \
         WHERE account = ?1 AND id = ?2 AND state = 'received' RETURNING chunks",
    )
    .bind(account.0)
    .bind(id)
    .fetch_optional(tx.sqlite())
    .await?;
    let number = row
        .ok_or_else(|| Error::not_found(format!("an import {id} at its start")))?
        .integer("chunks")?;
    sqlx::query("INSERT INTO import_chunk (account, import, number, rows) VALUES (?1, ?2, ?3, ?4)")
        .bind(account.0)
        .bind(id)
        .bind(number)
        .bind(rows)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Every line is here: the import may be applied.
///
/// # Errors
/// [`Error::NotFound`] when no such import is being received.
pub async fn check(
    tx: &mut Tx,
    account: AccountId,
    id: i64,
    lines: u64,
    refused: u64,
    errors: &str,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE import SET state = 'checked', lines = ?3, refused = ?4, errors = ?5 \
         WHERE account = ?1 AND id = ?2 AND state = 'received'",
    )
    .bind(account.0)
    .bind(id)
    .bind(i64::try_from(lines).unwrap_or(i64::MAX))
    .bind(i64::try_from(refused).unwrap_or(i64::MAX))
    .bind(errors)
    .execute(tx.sqlite())
    .await?;
    match done.rows_affected() {
        0 => Err(Error::not_found(format!("an import {id} at its start"))),
        _ => Ok(()),
    }
}

/// Gives an import up before anything of it was applied. Again: no change.
///
/// # Errors
/// When the database refuses.
#[expect(clippy::too_many_arguments, reason = "one row's columns")]
pub async fn fail(
    tx: &mut Tx,
    account: AccountId,
    id: i64,
    why: &str,
    lines: u64,
    refused: u64,
    errors: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE import SET state = 'failed', failure = ?3, lines = ?4, refused = ?5, errors = ?6, \
         finished_at = ?7 WHERE account = ?1 AND id = ?2 AND state IN ('received', 'checked')",
    )
    .bind(account.0)
    .bind(id)
    .bind(why)
    .bind(i64::try_from(lines).unwrap_or(i64::MAX))
    .bind(i64::try_from(refused).unwrap_or(i64::MAX))
    .bind(errors)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    if done.rows_affected() > 0 {
        sqlx::query("DELETE FROM import_chunk WHERE account = ?1 AND import = ?2")
            .bind(account.0)
            .bind(id)
            .execute(tx.sqlite())
            .await?;
    }
    Ok(())
}

/// Fails what was being received when the process before this one ended. Answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn fail_broken_off(
    tx: &mut Tx,
    account: AccountId,
    at: Timestamp,
) -> Result<usize, Error> {
    let open: Vec<Import> =
        open(&mut *tx, account).await?.into_iter().filter(Import::is_received).collect();
    for import in &open {
        let why =
            "the server stopped before the file was here; nothing was imported, send it again";
        fail(tx, account, import.id, why, 0, 0, "[]", at).await?;
    }
    Ok(open.len())
}

/// The next chunk to apply: its number and rows. None at the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn next_chunk(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: i64,
) -> Result<Option<(i64, String)>, Error> {
    let row = sqlx::query(
        "SELECT number, rows FROM import_chunk WHERE account = ?1 AND import = ?2 \
         ORDER BY number LIMIT 1",
    )
    .bind(account.0)
    .bind(id)
    .fetch_optional(&mut *from.into().sqlite().await?)
    .await?;
    row.map(|row| Ok((row.integer("number")?, row.text("rows")?))).transpose()
}

/// Notes, in the write that applies it, that a chunk is in, and drops it.
///
/// # Errors
/// [`Error::NotFound`] when it was applied before; the write must not stand then.
pub async fn applied(
    tx: &mut Tx,
    account: AccountId,
    id: i64,
    number: i64,
    counts: Counts,
) -> Result<(), Error> {
    let done =
        sqlx::query("DELETE FROM import_chunk WHERE account = ?1 AND import = ?2 AND number = ?3")
            .bind(account.0)
            .bind(id)
            .bind(number)
            .execute(tx.sqlite())
            .await?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found(format!("chunk {number} of import {id}")));
    }
    sqlx::query(
        "UPDATE import SET state = 'applying', applied = applied + 1, \
         imported = imported + ?3, duplicates = duplicates + ?4, linked = linked + ?5 \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id)
    .bind(i64::try_from(counts.imported).unwrap_or(i64::MAX))
    .bind(i64::try_from(counts.duplicates).unwrap_or(i64::MAX))
    .bind(i64::try_from(counts.linked).unwrap_or(i64::MAX))
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// All of it is in.
///
/// # Errors
/// [`Error::NotFound`] when there is no such import under way.
pub async fn finish(tx: &mut Tx, account: AccountId, id: i64, at: Timestamp) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE import SET state = 'done', finished_at = ?3 \
         WHERE account = ?1 AND id = ?2 AND state IN ('checked', 'applying')",
    )
    .bind(account.0)
    .bind(id)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    match done.rows_affected() {
        0 => Err(Error::not_found(format!("an import {id} under way"))),
        _ => Ok(()),
    }
}

/// Imports that are neither done nor failed, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Import>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM import INDEXED BY import_open WHERE account = ?1 \
         AND state IN ('received', 'checked', 'applying') ORDER BY id",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// The latest imports, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    limit: u32,
) -> Result<Vec<Import>, Error> {
    let rows = sqlx::query("SELECT * FROM import WHERE account = ?1 ORDER BY id DESC LIMIT ?2")
        .bind(account.0)
        .bind(limit)
        .fetch_all(&mut *from.into().sqlite().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// One import.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: i64,
) -> Result<Import, Error> {
    let row = sqlx::query("SELECT * FROM import WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    read(&row.ok_or_else(|| Error::not_found(format!("an import {id}")))?)
}

impl Import {
    fn is_received(&self) -> bool {
        self.state == ImportState::Received
    }
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Import, Error> {
    Ok(Import {
        id: row.integer("id")?,
        what: row.text("what")?,
        settings: row.text("settings")?,
        state: row.parsed("state")?,
        counts: Counts {
            lines: row.number("lines")?,
            refused: row.number("refused")?,
            imported: row.number("imported")?,
            duplicates: row.number("duplicates")?,
            linked: row.number("linked")?,
        },
        chunks: row.number("chunks")?,
        applied: row.number("applied")?,
        errors: row.text("errors")?,
        failure: row.text("failure")?,
        created_at: row.moment("created_at")?,
        finished_at: row.moment_or_none("finished_at")?,
    })
}
