//! Callbacks as they came, kept before the platform is answered and applied afterwards. The same
//! callback twice is one row: the platform repeats what was not answered in time.

use wire::Timestamp;

use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

/// A callback that waits to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its place in the order of arrival; rises inside an account.
    pub seq: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// What it says, verified and decrypted.
    pub body: String,
}

/// Keeps a callback. `false`: one with the same `dedup` came before and nothing is changed.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn append(
    tx: &mut Tx,
    account: AccountId,
    dedup: &str,
    received_at: Timestamp,
    body: &str,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO inbox (account, dedup, received_at, body) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (account, dedup) DO NOTHING",
    )
    .bind(account.0)
    .bind(dedup)
    .bind(received_at.0)
    .bind(body)
    .execute(tx.sqlite())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Callbacks not yet applied, in the order they came.
///
/// # Errors
/// When the database cannot be read.
pub async fn pending(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    limit: u32,
) -> Result<Vec<Received>, Error> {
    let rows = sqlx::query(
        "SELECT seq, received_at, body FROM inbox WHERE account = ?1 AND applied_at IS NULL \
         ORDER BY seq LIMIT ?2",
    )
    .bind(account.0)
    .bind(limit)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Received {
                seq: row.integer("seq")?,
                received_at: row.moment("received_at")?,
                body: row.text("body")?,
            })
        })
        .collect()
}

/// Marks a callback applied, in the same write as what it changed. Again: no change.
///
/// # Errors
/// [`Error::NotFound`] when the account has no such callback.
pub async fn done(tx: &mut Tx, account: AccountId, seq: i64, at: Timestamp) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE inbox SET applied_at = coalesce(applied_at, ?3) WHERE seq = ?2 AND account = ?1",
    )
    .bind(account.0)
    .bind(seq)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found(format!("callback {seq}")));
    }
    Ok(())
}

/// Forgets callbacks applied before a moment. Keep the last days: a repeat of a forgotten one
/// would count as new. Answers how many went.
///
/// # Errors
/// When the database refuses.
pub async fn forget(tx: &mut Tx, account: AccountId, before: Timestamp) -> Result<u64, Error> {
    let done = sqlx::query(
        "DELETE FROM inbox WHERE account = ?1 AND applied_at IS NOT NULL AND applied_at < ?2",
    )
    .bind(account.0)
    .bind(before.0)
    .execute(tx.sqlite())
    .await?;
    Ok(done.rows_affected())
}
