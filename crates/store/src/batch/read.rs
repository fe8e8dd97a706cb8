//! Reads of batches, with and without their recipients.

use sqlx::sqlite::SqliteRow;
use wire::{ClientMsgId, Code, Month, MsgDataId, MsgId, TagId};

use super::{Batch, BatchHead, Finish};
use crate::row::Columns as _;
use crate::{AccountId, BatchId, CampaignId, Error, Reader};

/// The batch with this number, without its recipients.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn head(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: BatchId,
) -> Result<BatchHead, Error> {
    let row = sqlx::query("SELECT * FROM batch WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    read(&row.ok_or_else(|| missing(id))?)
}

/// The batch with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: BatchId,
) -> Result<Batch, Error> {
    let row = sqlx::query(
        "SELECT batch.*, recipients FROM batch \
         JOIN batch_recipients AS r ON r.account = batch.account AND r.batch = batch.id \
         WHERE batch.account = ?1 AND batch.id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .fetch_optional(&mut *from.into().sqlite().await?)
    .await?;
    read_whole(&row.ok_or_else(|| missing(id))?)
}

/// The recipients of a batch alone.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn recipients(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: BatchId,
) -> Result<Vec<u8>, Error> {
    let row =
        sqlx::query("SELECT recipients FROM batch_recipients WHERE account = ?1 AND batch = ?2")
            .bind(account.0)
            .bind(id.0)
            .fetch_optional(&mut *from.into().sqlite().await?)
            .await?;
    row.ok_or_else(|| missing(id))?.bytes("recipients")
}

/// A campaign's batches by their place in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_campaign(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    campaign: CampaignId,
) -> Result<Vec<BatchHead>, Error> {
    let rows =
        sqlx::query("SELECT * FROM batch WHERE account = ?1 AND campaign = ?2 ORDER BY number, id")
            .bind(account.0)
            .bind(campaign.0)
            .fetch_all(&mut *from.into().sqlite().await?)
            .await?;
    rows.iter().map(read).collect()
}

/// A campaign's batches by their place in it, with their recipients.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_campaign_with_recipients(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    campaign: CampaignId,
) -> Result<Vec<Batch>, Error> {
    let rows = sqlx::query(
        "SELECT batch.*, recipients FROM batch \
         JOIN batch_recipients AS r ON r.account = batch.account AND r.batch = batch.id \
         WHERE batch.account = ?1 AND batch.campaign = ?2 ORDER BY batch.number, batch.id",
    )
    .bind(account.0)
    .bind(campaign.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read_whole).collect()
}

/// A month's batches that count for the ledger, with their recipients: all but the planned,
/// refused and cancelled ones.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_month(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    month: Month,
) -> Result<Vec<Batch>, Error> {
    let rows = sqlx::query(
        "SELECT batch.*, recipients FROM batch \
         JOIN batch_recipients AS r ON r.account = batch.account AND r.batch = batch.id \
         WHERE batch.account = ?1 AND batch.month = ?2 \
         AND batch.state NOT IN ('planned', 'refused', 'cancelled') ORDER BY batch.id",
    )
    .bind(account.0)
    .bind(month.to_string())
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read_whole).collect()
}

/// A month's batches that count for the ledger and whose audience the platform read by itself: all
/// but lists, without their recipients.
///
/// # Errors
/// When the database cannot be read.
pub async fn wide_of_month(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    month: Month,
) -> Result<Vec<BatchHead>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM batch WHERE account = ?1 AND month = ?2 AND kind <> 'list' \
         AND state NOT IN ('planned', 'refused', 'cancelled') ORDER BY id",
    )
    .bind(account.0)
    .bind(month.to_string())
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// Batches that are not at their end, in the order they were recorded.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<BatchHead>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM batch WHERE account = ?1 \
         AND state NOT IN ('settled', 'refused', 'cancelled') ORDER BY id",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// The batch the platform knows by this number.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_msg_id(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    msg_id: MsgId,
) -> Result<Option<BatchHead>, Error> {
    let row = sqlx::query("SELECT * FROM batch WHERE account = ?1 AND msg_id = ?2")
        .bind(account.0)
        .bind(msg_id.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// The batch with this key of our own.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_clientmsgid(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    clientmsgid: &ClientMsgId,
) -> Result<Option<BatchHead>, Error> {
    let row = sqlx::query("SELECT * FROM batch WHERE account = ?1 AND clientmsgid = ?2")
        .bind(account.0)
        .bind(clientmsgid.as_str())
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

pub(super) fn missing(id: BatchId) -> Error {
    Error::not_found(format!("batch {id}"))
}

fn read_whole(row: &SqliteRow) -> Result<Batch, Error> {
    Ok(Batch { head: read(row)?, recipients: row.bytes("recipients")? })
}

fn read(row: &SqliteRow) -> Result<BatchHead, Error> {
    let finish = match row.text_or_none("finish_status")? {
        Some(status) => Some(Finish {
            status,
            total: row.integer("total")?,
            filtered: row.integer("filtered")?,
            sent: row.integer("sent")?,
            errors: row.integer("errors")?,
            at: row.moment("finished_at")?,
        }),
        None => None,
    };
    Ok(BatchHead {
        id: BatchId(row.integer("id")?),
        campaign: row.integer_or_none("campaign")?.map(CampaignId),
        number: row.number("number")?,
        kind: row.parsed("kind")?,
        tag_id: row.integer_or_none("tag_id")?.map(TagId),
        certain: row.flag("certain")?,
        clientmsgid: row.parsed_or_none("clientmsgid")?,
        draft: row.parsed_or_none("draft")?,
        state: row.parsed("state")?,
        month: row.parsed("month")?,
        recipients_count: row.number("recipients_count")?,
        addressed: row.number("addressed")?,
        membership_version: row.integer_or_none("membership_version")?,
        intended_at: row.moment_or_none("intended_at")?,
        called_at: row.moment_or_none("called_at")?,
        sent_from: row.moment_or_none("sent_from")?,
        attempts: row.number("attempts")?,
        not_before: row.moment_or_none("not_before")?,
        msg_id: row.integer_or_none("msg_id")?.map(MsgId),
        msg_data_id: row.integer_or_none("msg_data_id")?.map(MsgDataId),
        code: row.integer_or_none("code")?.map(Code),
        code_text: row.text("code_text")?,
        finish,
        settled_at: row.moment_or_none("settled_at")?,
        deadline: row.moment_or_none("deadline")?,
        exact: row.flag("exact")?,
    })
}
