//! Lists (名单): followers named by hand or by a file, without the platform's limits. The members
//! are a set of ordinals, opaque here.

use sqlx::Row as _;
use wire::Timestamp;

use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

/// A list without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHead {
    /// Its name, unique in the account.
    pub name: String,
    /// How many are in it.
    pub people: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its members last changed.
    pub changed_at: Timestamp,
}

/// Makes a list or replaces its members.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn put(
    tx: &mut Tx,
    account: AccountId,
    name: &str,
    people: u64,
    members: &[u8],
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO list (account, name, people, members, created_at, changed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (account, name) DO UPDATE \
         SET people = excluded.people, members = excluded.members, \
         changed_at = excluded.changed_at",
    )
    .bind(account.0)
    .bind(name)
    .bind(i64::try_from(people).unwrap_or(i64::MAX))
    .bind(members)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Takes a list away.
///
/// # Errors
/// [`Error::NotFound`] when there is none of this name.
pub async fn remove(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Error> {
    let done = sqlx::query("DELETE FROM list WHERE account = ?1 AND name = ?2")
        .bind(account.0)
        .bind(name)
        .execute(tx.sqlite())
        .await?;
    match done.rows_affected() {
        0 => Err(Error::not_found(format!("a list {name}"))),
        _ => Ok(()),
    }
}

/// Every list, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn heads(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<ListHead>, Error> {
    let rows = sqlx::query(
        "SELECT name, people, created_at, changed_at FROM list WHERE account = ?1 ORDER BY name",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ListHead {
                name: row.text("name")?,
                people: row.number("people")?,
                created_at: row.moment("created_at")?,
                changed_at: row.moment("changed_at")?,
            })
        })
        .collect()
}

/// Every list's name and members.
///
/// # Errors
/// When the database cannot be read.
pub async fn members(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let rows = sqlx::query("SELECT name, members FROM list WHERE account = ?1 ORDER BY name")
        .bind(account.0)
        .fetch_all(&mut *from.into().sqlite().await?)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("name")?, row.bytes("members")?))).collect()
}
