//! Segments (人群) kept under a name, and segments frozen: who was in one at a moment.

use wire::Timestamp;

use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

/// A segment kept under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name, unique in the account.
    pub name: String,
    /// Its text.
    pub text: String,
    /// When it was saved first.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub changed_at: Timestamp,
}

/// Who was in a segment at a moment, without the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Its number in the account, from 1.
    pub id: i64,
    /// A name for people; may be empty.
    pub name: String,
    /// The segment's text.
    pub text: String,
    /// The moment.
    pub at: Timestamp,
    /// How many.
    pub people: u64,
    /// SHA-256 of the members.
    pub hash: String,
}

/// Saves a segment under a name, in place of one saved before.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn save(
    tx: &mut Tx,
    account: AccountId,
    name: &str,
    text: &str,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO saved_segment (account, name, text, created_at, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (account, name) DO UPDATE \
         SET text = excluded.text, changed_at = excluded.changed_at",
    )
    .bind(account.0)
    .bind(name)
    .bind(text)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Takes a saved segment away.
///
/// # Errors
/// [`Error::NotFound`] when there is none of this name.
pub async fn remove(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Error> {
    let done = sqlx::query("DELETE FROM saved_segment WHERE account = ?1 AND name = ?2")
        .bind(account.0)
        .bind(name)
        .execute(tx.sqlite())
        .await?;
    match done.rows_affected() {
        0 => Err(Error::not_found(format!("a segment {name}"))),
        _ => Ok(()),
    }
}

/// Every saved segment, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Saved>, Error> {
    let rows = sqlx::query(
        "SELECT name, text, created_at, changed_at FROM saved_segment \
         WHERE account = ?1 ORDER BY name",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Saved {
                name: row.text("name")?,
                text: row.text("text")?,
                created_at: row.moment("created_at")?,
                changed_at: row.moment("changed_at")?,
            })
        })
        .collect()
}

/// Keeps who is in a segment; its number is given here and answered.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn freeze(
    tx: &mut Tx,
    account: AccountId,
    frozen: &Frozen,
    members: &[u8],
) -> Result<i64, Error> {
    let row = sqlx::query(
        "INSERT INTO frozen_segment (account, id, name, text, at, people, hash, members) \
         VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM frozen_segment WHERE account = ?1), \
         ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
    )
    .bind(account.0)
    .bind(&frozen.name)
    .bind(&frozen.text)
    .bind(frozen.at.0)
    .bind(i64::try_from(frozen.people).unwrap_or(i64::MAX))
    .bind(&frozen.hash)
    .bind(members)
    .fetch_one(tx.sqlite())
    .await?;
    row.integer("id")
}

/// Every frozen segment, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_frozen(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<Frozen>, Error> {
    let rows = sqlx::query(
        "SELECT id, name, text, at, people, hash FROM frozen_segment \
         WHERE account = ?1 ORDER BY id DESC",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// A frozen segment with its members.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn frozen(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: i64,
) -> Result<(Frozen, Vec<u8>), Error> {
    let row = sqlx::query(
        "SELECT id, name, text, at, people, hash, members FROM frozen_segment \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id)
    .fetch_optional(&mut *from.into().sqlite().await?)
    .await?;
    let row = row.ok_or_else(|| Error::not_found(format!("a frozen segment {id}")))?;
    Ok((read(&row)?, row.bytes("members")?))
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Frozen, Error> {
    Ok(Frozen {
        id: row.integer("id")?,
        name: row.text("name")?,
        text: row.text("text")?,
        at: row.moment("at")?,
        people: row.number("people")?,
        hash: row.text("hash")?,
    })
}
