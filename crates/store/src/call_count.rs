//! How often each endpoint was called, by day and by minute, so that a restart does not forget what
//! the platform counts. Days are those of China Standard Time.

use wire::{Day, Endpoint, Timestamp};

use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

/// Minutes older than this are forgotten: no limit looks further back.
const MINUTES_KEPT_SECONDS: i64 = 3600;

/// Counts calls made at a moment.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn add(
    tx: &mut Tx,
    account: AccountId,
    endpoint: Endpoint,
    at: Timestamp,
    calls: u32,
) -> Result<(), Error> {
    let minute = at.minute_start();
    sqlx::query(
        "INSERT INTO call_day (account, day, endpoint, calls) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (account, day, endpoint) DO UPDATE SET calls = calls + excluded.calls",
    )
    .bind(account.0)
    .bind(at.day().to_string())
    .bind(endpoint.path())
    .bind(calls)
    .execute(tx.sqlite())
    .await?;
    sqlx::query(
        "INSERT INTO call_minute (account, endpoint, minute, calls) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (account, endpoint, minute) DO UPDATE SET calls = calls + excluded.calls",
    )
    .bind(account.0)
    .bind(endpoint.path())
    .bind(minute.0)
    .bind(calls)
    .execute(tx.sqlite())
    .await?;
    sqlx::query("DELETE FROM call_minute WHERE account = ?1 AND endpoint = ?2 AND minute < ?3")
        .bind(account.0)
        .bind(endpoint.path())
        .bind(minute.0 - MINUTES_KEPT_SECONDS)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Calls of one endpoint on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_day(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    endpoint: Endpoint,
    day: Day,
) -> Result<u32, Error> {
    let row = sqlx::query(
        "SELECT coalesce(sum(calls), 0) AS calls FROM call_day \
         WHERE account = ?1 AND day = ?2 AND endpoint = ?3",
    )
    .bind(account.0)
    .bind(day.to_string())
    .bind(endpoint.path())
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    row.number("calls")
}

/// Calls of one endpoint in the minute of a moment.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_minute(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    endpoint: Endpoint,
    at: Timestamp,
) -> Result<u32, Error> {
    let row = sqlx::query(
        "SELECT coalesce(sum(calls), 0) AS calls FROM call_minute \
         WHERE account = ?1 AND endpoint = ?2 AND minute = ?3",
    )
    .bind(account.0)
    .bind(endpoint.path())
    .bind(at.minute_start().0)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    row.number("calls")
}

/// Calls of every endpoint on a day. Endpoints this version no longer speaks are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_of_day(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    day: Day,
) -> Result<Vec<(Endpoint, u32)>, Error> {
    let rows = sqlx::query(
        "SELECT endpoint, calls FROM call_day WHERE account = ?1 AND day = ?2 ORDER BY endpoint",
    )
    .bind(account.0)
    .bind(day.to_string())
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    let mut counts = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(endpoint) = Endpoint::of_path(&row.text("endpoint")?) {
            counts.push((endpoint, row.number("calls")?));
        }
    }
    Ok(counts)
}

/// Sets a day's counts back to nothing, as `clear_quota` does on the platform's side.
///
/// # Errors
/// When the database refuses.
pub async fn clear(tx: &mut Tx, account: AccountId, day: Day) -> Result<(), Error> {
    sqlx::query("DELETE FROM call_day WHERE account = ?1 AND day = ?2")
        .bind(account.0)
        .bind(day.to_string())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}
