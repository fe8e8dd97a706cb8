//! Batches (批次): what one mass call carries, and how far it got. The table of batches is the
//! truth about slots: the ledger is a fold over it, so a row is never deleted and its recipients
//! change only while it is open.
//!
//! A step is allowed or not by [`BatchState::may_become`]; a forbidden one changes nothing. After a
//! crash a batch stands at its last answered step.

mod read;
mod step;

use wire::{ClientMsgId, Code, MediaId, Month, MsgDataId, MsgId, TagId, Timestamp};

use crate::ids::words;
use crate::row::Columns as _;
use crate::{AccountId, BatchId, CampaignId, Error, Tx};

pub use read::{
    by_clientmsgid, by_msg_id, get, head, of_campaign, of_campaign_with_recipients, of_month, open,
    recipients, wide_of_month,
};
pub use step::{
    Intent, set_accepted, set_awaiting, set_calling, set_cancelled, set_doubtful, set_draft,
    set_intended, set_not_before, set_recipients, set_refused, set_settled, set_unsettled,
};

words! {
    /// Where a batch stands.
    BatchState, "a batch's state such as planned" {
        /// To be sent; no slot is taken yet.
        Planned = "planned",
        /// Durable, slots taken, the sender's key fixed; not called, or surely not accepted.
        Intended = "intended",
        /// The call is on its way.
        Calling = "calling",
        /// No telling whether the platform took it.
        Doubtful = "doubtful",
        /// The administrator must confirm it.
        Awaiting = "awaiting",
        /// The platform took it and gave it a number.
        Accepted = "accepted",
        /// Its counts are known.
        Settled = "settled",
        /// The platform refused it.
        Refused = "refused",
        /// No counts came in time.
        Unsettled = "unsettled",
        /// Called off before it was sent.
        Cancelled = "cancelled",
    }
}

words! {
    /// How a batch addresses its recipients.
    BatchKind, "a batch's kind such as list" {
        /// By OpenIDs.
        List = "list",
        /// By a platform tag.
        Tag = "tag",
        /// Everybody.
        All = "all",
        /// Sent elsewhere: on the website or by another system.
        Foreign = "foreign",
    }
}

impl BatchState {
    /// Whether nothing comes after it.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Settled | Self::Refused | Self::Cancelled)
    }

    /// Whether this step is allowed (design §6). What was called and is not in doubt can no more
    /// be called off.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use BatchState as S;
        match self {
            S::Planned => matches!(next, S::Intended | S::Cancelled),
            S::Intended => matches!(next, S::Calling | S::Refused | S::Cancelled),
            S::Calling => matches!(
                next,
                S::Intended
                    | S::Calling
                    | S::Doubtful
                    | S::Awaiting
                    | S::Accepted
                    | S::Settled
                    | S::Refused
            ),
            // A person may decide that it never went out.
            S::Doubtful => !matches!(next, S::Planned | S::Intended),
            S::Awaiting => !matches!(next, S::Planned | S::Intended | S::Calling),
            S::Accepted => matches!(next, S::Settled | S::Refused | S::Unsettled),
            S::Unsettled => matches!(next, S::Accepted | S::Settled | S::Refused),
            S::Settled | S::Refused | S::Cancelled => false,
        }
    }
}

/// What the platform told about a finished job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// Its status text, such as `send success` or `err(20431)`.
    pub status: String,
    /// Addressed.
    pub total: i64,
    /// Left after the platform's own filters.
    pub filtered: i64,
    /// Delivered.
    pub sent: i64,
    /// Failed.
    pub errors: i64,
    /// When the event was made.
    pub at: Timestamp,
}

/// A batch without its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchHead {
    /// Its number inside the account.
    pub id: BatchId,
    /// Its campaign; none when it was sent elsewhere.
    pub campaign: Option<CampaignId>,
    /// Its place inside the campaign.
    pub number: u32,
    /// How it addresses its recipients.
    pub kind: BatchKind,
    /// The tag of a tag batch.
    pub tag_id: Option<TagId>,
    /// Whether all its recipients had a certain slot.
    pub certain: bool,
    /// The sender's own key, the same for every attempt.
    pub clientmsgid: Option<ClientMsgId>,
    /// The draft it sends.
    pub draft: Option<MediaId>,
    /// Where it stands.
    pub state: BatchState,
    /// The month whose slots it takes.
    pub month: Month,
    /// How many could receive it: the size of its recipients.
    pub recipients_count: u32,
    /// How many the platform is told to reach, those without a slot among them.
    pub addressed: u32,
    /// Which membership its recipients were read from.
    pub membership_version: Option<i64>,
    /// When the intent was recorded.
    pub intended_at: Option<Timestamp>,
    /// When it was called first.
    pub called_at: Option<Timestamp>,
    /// Since when it may have arrived: when it was called, unless an earlier call is in doubt.
    pub sent_from: Option<Timestamp>,
    /// How often it was called.
    pub attempts: u32,
    /// Not to be called before.
    pub not_before: Option<Timestamp>,
    /// The platform's number of the job.
    pub msg_id: Option<MsgId>,
    /// The number its statistics are known by.
    pub msg_data_id: Option<MsgDataId>,
    /// The last code the platform answered with.
    pub code: Option<Code>,
    /// The words that came with it, or our own about its state.
    pub code_text: String,
    /// What the platform told of the finished job.
    pub finish: Option<Finish>,
    /// When its counts were entered, or the wait for them given up.
    pub settled_at: Option<Timestamp>,
    /// Until when something must have been heard.
    pub deadline: Option<Timestamp>,
    /// Settled with everybody reached: the slots taken are known exactly.
    pub exact: bool,
}

/// A batch with its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// All but the recipients.
    pub head: BatchHead,
    /// Those who could receive it: a set as bytes.
    pub recipients: Vec<u8>,
}

/// A batch to record. Start from [`NewBatch::new`] and set what else is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// Its campaign; none when it was sent elsewhere.
    pub campaign: Option<CampaignId>,
    /// Its place inside the campaign.
    pub number: u32,
    /// How it addresses its recipients.
    pub kind: BatchKind,
    /// The tag of a tag batch.
    pub tag_id: Option<TagId>,
    /// Whether all its recipients have a certain slot.
    pub certain: bool,
    /// The sender's own key, unique in the account.
    pub clientmsgid: Option<ClientMsgId>,
    /// The draft it sends.
    pub draft: Option<MediaId>,
    /// Where it stands from the start.
    pub state: BatchState,
    /// The month whose slots it takes.
    pub month: Month,
    /// Those who could receive it.
    pub recipients: Vec<u8>,
    /// How many those are.
    pub recipients_count: u32,
    /// How many the platform is told to reach.
    pub addressed: u32,
    /// Which membership the recipients were read from.
    pub membership_version: Option<i64>,
    /// When the intent was recorded.
    pub intended_at: Option<Timestamp>,
    /// Not to be called before.
    pub not_before: Option<Timestamp>,
    /// The platform's number, for what was sent elsewhere.
    pub msg_id: Option<MsgId>,
    /// Our own words about it.
    pub note: String,
    /// Counts, for what was sent elsewhere.
    pub finish: Option<Finish>,
    /// When those were entered.
    pub settled_at: Option<Timestamp>,
    /// Until when something must have been heard.
    pub deadline: Option<Timestamp>,
    /// Whether everybody was reached.
    pub exact: bool,
}

impl NewBatch {
    /// A batch of which no more is known; `addressed` is the count of recipients.
    #[must_use]
    pub fn new(
        kind: BatchKind,
        state: BatchState,
        month: Month,
        recipients: Vec<u8>,
        recipients_count: u32,
    ) -> Self {
        Self {
            campaign: None,
            number: 0,
            kind,
            tag_id: None,
            certain: false,
            clientmsgid: None,
            draft: None,
            state,
            month,
            recipients,
            recipients_count,
            addressed: recipients_count,
            membership_version: None,
            intended_at: None,
            not_before: None,
            msg_id: None,
            note: String::new(),
            finish: None,
            settled_at: None,
            deadline: None,
            exact: false,
        }
    }
}

/// Records batches; their numbers follow each other in the same order.
///
/// # Errors
/// [`Error::AlreadyThere`] when a `clientmsgid` or `msg_id` belongs to another batch,
/// [`Error::NotFound`] when the campaign is not the account's.
pub async fn insert(
    tx: &mut Tx,
    account: AccountId,
    batches: &[NewBatch],
) -> Result<Vec<BatchId>, Error> {
    let mut ids = Vec::with_capacity(batches.len());
    for batch in batches {
        ids.push(insert_one(tx, account, batch).await?);
    }
    Ok(ids)
}

async fn insert_one(tx: &mut Tx, account: AccountId, new: &NewBatch) -> Result<BatchId, Error> {
    let finish = new.finish.as_ref();
    let row = sqlx::query(
        "INSERT INTO batch (account, id, campaign, number, kind, tag_id, certain, clientmsgid, \
         draft, state, month, recipients_count, addressed, membership_version, intended_at, \
         not_before, msg_id, code_text, finish_status, total, filtered, sent, errors, finished_at, \
         settled_at, deadline, exact) \
         VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM batch WHERE account = ?1), ?2, ?3, ?4, \
         ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
         ?23, ?24, ?25, ?26) RETURNING id",
    )
    .bind(account.0)
    .bind(new.campaign.map(|id| id.0))
    .bind(new.number)
    .bind(new.kind.as_str())
    .bind(new.tag_id.map(|id| id.0))
    .bind(new.certain)
    .bind(new.clientmsgid.as_ref().map(ClientMsgId::as_str))
    .bind(new.draft.as_ref().map(MediaId::as_str))
    .bind(new.state.as_str())
    .bind(new.month.to_string())
    .bind(new.recipients_count)
    .bind(new.addressed)
    .bind(new.membership_version)
    .bind(new.intended_at.map(|at| at.0))
    .bind(new.not_before.map(|at| at.0))
    .bind(new.msg_id.map(|id| id.0))
    .bind(&new.note)
    .bind(finish.map(|finish| finish.status.as_str()))
    .bind(finish.map(|finish| finish.total))
    .bind(finish.map(|finish| finish.filtered))
    .bind(finish.map(|finish| finish.sent))
    .bind(finish.map(|finish| finish.errors))
    .bind(finish.map(|finish| finish.at.0))
    .bind(new.settled_at.map(|at| at.0))
    .bind(new.deadline.map(|at| at.0))
    .bind(new.exact)
    .fetch_one(tx.sqlite())
    .await
    .map_err(|error| {
        Error::unique(error, || "a batch with this clientmsgid or msg_id".to_owned())
    })?;
    let id = BatchId(row.integer("id")?);
    sqlx::query("INSERT INTO batch_recipients (account, batch, recipients) VALUES (?1, ?2, ?3)")
        .bind(account.0)
        .bind(id.0)
        .bind(&new.recipients)
        .execute(tx.sqlite())
        .await?;
    Ok(id)
}
