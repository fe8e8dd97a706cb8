//! The steps of a batch's life, one function each. A step reads where the batch stands inside the
//! same write, so two of them cannot race.

use wire::{ClientMsgId, Code, MediaId, Month, MsgDataId, MsgId, Timestamp};

use super::read::head;
use super::{BatchHead, BatchState, Finish};
use crate::{AccountId, BatchId, Error, Tx};

/// The moment a batch takes its slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Now.
    pub at: Timestamp,
    /// The month whose slots it takes.
    pub month: Month,
    /// The sender's own key; none leaves the one recorded.
    pub clientmsgid: Option<ClientMsgId>,
    /// Not to be called before.
    pub not_before: Option<Timestamp>,
}

/// Planned → intended: durable, slots taken, the sender's key fixed.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`], or [`Error::AlreadyThere`] when the key belongs to
/// another batch.
pub async fn set_intended(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    intent: &Intent,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Intended).await?;
    let key = intent.clientmsgid.as_ref();
    sqlx::query(
        "UPDATE batch SET state = 'intended', intended_at = ?3, month = ?4, \
         clientmsgid = coalesce(?5, clientmsgid), not_before = ?6 WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(intent.at.0)
    .bind(intent.month.to_string())
    .bind(key.map(ClientMsgId::as_str))
    .bind(intent.not_before.map(|at| at.0))
    .execute(tx.sqlite())
    .await
    .map_err(|error| Error::unique(error, || "a batch with this clientmsgid".to_owned()))?;
    Ok(())
}

/// Names the draft the batch sends.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::WrongState`] when the batch is at its end.
pub async fn set_draft(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    draft: &MediaId,
) -> Result<(), Error> {
    unfinished(tx, account, id, "given a draft").await?;
    sqlx::query("UPDATE batch SET draft = ?3 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(draft.as_str())
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Replaces the recipients, as when followers joined a tag before it was sent.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::WrongState`] when the batch is at its end.
pub async fn set_recipients(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    recipients: &[u8],
    recipients_count: u32,
    addressed: u32,
    membership_version: Option<i64>,
) -> Result<(), Error> {
    unfinished(tx, account, id, "given other recipients").await?;
    sqlx::query(
        "UPDATE batch SET recipients_count = ?3, addressed = ?4, membership_version = ?5 \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(recipients_count)
    .bind(addressed)
    .bind(membership_version)
    .execute(tx.sqlite())
    .await?;
    sqlx::query("UPDATE batch_recipients SET recipients = ?3 WHERE account = ?1 AND batch = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(recipients)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Intended or doubtful → calling: written before the call. Counts the attempt; `called_at` keeps
/// the first one, and `sent_from` the first that may have been accepted.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_calling(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    at: Timestamp,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Calling).await?;
    sqlx::query(
        "UPDATE batch SET state = 'calling', called_at = coalesce(called_at, ?3), \
         sent_from = iif(state = 'intended', ?3, coalesce(sent_from, ?3)), \
         attempts = attempts + 1, not_before = NULL WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// → accepted: the platform took it. Something must be heard by the deadline.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`], or [`Error::AlreadyThere`] when the `msg_id` belongs
/// to another batch.
pub async fn set_accepted(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    msg_id: MsgId,
    msg_data_id: Option<MsgDataId>,
    deadline: Timestamp,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Accepted).await?;
    sqlx::query(
        "UPDATE batch SET state = 'accepted', msg_id = ?3, msg_data_id = coalesce(?4, msg_data_id), \
         deadline = ?5, not_before = NULL, code = NULL, code_text = '' \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(msg_id.0)
    .bind(msg_data_id.map(|id| id.0))
    .bind(deadline.0)
    .execute(tx.sqlite())
    .await
    .map_err(|error| Error::unique(error, || format!("a batch with msg_id {msg_id}")))?;
    Ok(())
}

/// → doubtful: no telling whether the platform took it; asked again not before `not_before`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_doubtful(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    code: Option<Code>,
    text: &str,
    not_before: Option<Timestamp>,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Doubtful).await?;
    told(tx, account, id, BatchState::Doubtful, code, text).await?;
    wait(tx, account, id, not_before).await
}

/// → awaiting: the administrator must confirm it, by the deadline.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_awaiting(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    code: Option<Code>,
    text: &str,
    deadline: Timestamp,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Awaiting).await?;
    told(tx, account, id, BatchState::Awaiting, code, text).await?;
    sqlx::query("UPDATE batch SET deadline = ?3 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(deadline.0)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// → refused: nobody received it and its slots are free again.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_refused(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    code: Option<Code>,
    text: &str,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Refused).await?;
    told(tx, account, id, BatchState::Refused, code, text).await
}

/// Puts the next call off. A batch that was being called was surely not accepted and is intended
/// again; any other state stays, doubt above all.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::WrongState`] when the batch is at its end.
pub async fn set_not_before(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    not_before: Timestamp,
    code: Option<Code>,
    text: &str,
) -> Result<(), Error> {
    let found = unfinished(tx, account, id, "put off").await?;
    let state = match found.state {
        BatchState::Calling => BatchState::Intended,
        other => other,
    };
    told(tx, account, id, state, code, text).await?;
    wait(tx, account, id, Some(not_before)).await
}

/// → settled: its counts are known, or a person said without any that it went out; `exact` when
/// everybody it could reach got it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_settled(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    finish: Option<&Finish>,
    exact: bool,
    at: Timestamp,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Settled).await?;
    sqlx::query(
        "UPDATE batch SET state = 'settled', finish_status = ?3, total = ?4, filtered = ?5, \
         sent = ?6, errors = ?7, finished_at = ?8, exact = ?9, settled_at = ?10, \
         not_before = NULL WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(finish.map(|finish| finish.status.as_str()))
    .bind(finish.map(|finish| finish.total))
    .bind(finish.map(|finish| finish.filtered))
    .bind(finish.map(|finish| finish.sent))
    .bind(finish.map(|finish| finish.errors))
    .bind(finish.map(|finish| finish.at.0))
    .bind(exact)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// → unsettled: no counts came in time, so its slots stay taken at most. They may still come.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_unsettled(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    text: &str,
    at: Timestamp,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Unsettled).await?;
    given_up(tx, account, id, BatchState::Unsettled, text, at).await
}

/// → cancelled: called off before it was sent, or decided never to have gone out.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`].
pub async fn set_cancelled(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    text: &str,
    at: Timestamp,
) -> Result<(), Error> {
    allowed(tx, account, id, BatchState::Cancelled).await?;
    given_up(tx, account, id, BatchState::Cancelled, text, at).await
}

async fn allowed(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    next: BatchState,
) -> Result<(), Error> {
    let found = head(&mut *tx, account, id).await?.state;
    if found.may_become(next) { Ok(()) } else { Err(wrong(id, found, next.as_str())) }
}

async fn unfinished(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    wanted: &'static str,
) -> Result<BatchHead, Error> {
    let found = head(&mut *tx, account, id).await?;
    if found.state.is_final() { Err(wrong(id, found.state, wanted)) } else { Ok(found) }
}

fn wrong(id: BatchId, found: BatchState, wanted: &'static str) -> Error {
    Error::WrongState { what: format!("batch {id}"), found: found.as_str(), wanted }
}

async fn given_up(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    state: BatchState,
    text: &str,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE batch SET state = ?3, code_text = ?4, settled_at = ?5, not_before = NULL \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(state.as_str())
    .bind(text)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

async fn told(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    state: BatchState,
    code: Option<Code>,
    text: &str,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE batch SET state = ?3, code = ?4, code_text = ?5, not_before = NULL \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(state.as_str())
    .bind(code.map(|code| code.0))
    .bind(text)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

async fn wait(
    tx: &mut Tx,
    account: AccountId,
    id: BatchId,
    not_before: Option<Timestamp>,
) -> Result<(), Error> {
    sqlx::query("UPDATE batch SET not_before = ?3 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(not_before.map(|at| at.0))
        .execute(tx.sqlite())
        .await?;
    Ok(())
}
