//! Results of mass jobs as the platform told them, before they are matched with a batch. An event
//! may outrun the answer of its call, so it waits here unclaimed.

use sqlx::sqlite::SqliteRow;
use wire::MsgId;

use crate::batch::Finish;
use crate::row::Columns as _;
use crate::{AccountId, Error, Reader, Tx};

/// A result and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishEvent {
    /// The platform's number of the job.
    pub msg_id: MsgId,
    /// Status, counts and when the event was made.
    pub finish: Finish,
    /// Whether a batch took it.
    pub claimed: bool,
}

/// Keeps a result. The first one of a job wins: `false` says there was one and nothing is changed.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn put(
    tx: &mut Tx,
    account: AccountId,
    msg_id: MsgId,
    finish: &Finish,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO finish_event (account, msg_id, created_at, status, total, filtered, sent, \
         errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (account, msg_id) DO NOTHING",
    )
    .bind(account.0)
    .bind(msg_id.0)
    .bind(finish.at.0)
    .bind(&finish.status)
    .bind(finish.total)
    .bind(finish.filtered)
    .bind(finish.sent)
    .bind(finish.errors)
    .execute(tx.sqlite())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The result of a job, if it was told.
///
/// # Errors
/// When the database cannot be read.
pub async fn get(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    msg_id: MsgId,
) -> Result<Option<FinishEvent>, Error> {
    let row = sqlx::query("SELECT * FROM finish_event WHERE account = ?1 AND msg_id = ?2")
        .bind(account.0)
        .bind(msg_id.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// Results no batch took yet, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn unclaimed(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<FinishEvent>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM finish_event WHERE account = ?1 AND claimed = 0 ORDER BY created_at, msg_id",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// Gives a result to a batch, in the same write as the batch's settlement.
///
/// # Errors
/// [`Error::NotFound`] when it was not told, [`Error::AlreadyThere`] when another took it.
pub async fn claim(tx: &mut Tx, account: AccountId, msg_id: MsgId) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE finish_event SET claimed = 1 WHERE account = ?1 AND msg_id = ?2 AND claimed = 0",
    )
    .bind(account.0)
    .bind(msg_id.0)
    .execute(tx.sqlite())
    .await?;
    if done.rows_affected() > 0 {
        return Ok(());
    }
    match get(&mut *tx, account, msg_id).await? {
        Some(_) => Err(Error::already_there(format!("a batch with the result of job {msg_id}"))),
        None => Err(Error::not_found(format!("the result of job {msg_id}"))),
    }
}

fn read(row: &SqliteRow) -> Result<FinishEvent, Error> {
    Ok(FinishEvent {
        msg_id: MsgId(row.integer("msg_id")?),
        finish: Finish {
            status: row.text("status")?,
            total: row.integer("total")?,
            filtered: row.integer("filtered")?,
            sent: row.integer("sent")?,
            errors: row.integer("errors")?,
            at: row.moment("created_at")?,
        },
        claimed: row.flag("claimed")?,
    })
}
