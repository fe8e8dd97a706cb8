//! What became of a batch: result events, their absence, sends from elsewhere, a person's word.
//!
//! What always holds: a batch leaves *held* only by evidence (the platform's counts, its refusal,
//! or a person's decision); a result that names no batch of ours becomes a foreign batch, but not
//! while one of our calls is in doubt, since it may be that one's. The effect on the slots changes
//! in the transaction that records the evidence.

use std::collections::BTreeSet;

use audience::Set;
use ledger::{Counts, Effect, Kind};
use store::batch::{self, BatchHead, BatchKind, BatchState, Finish, NewBatch};
use store::finish_event::{self, FinishEvent};
use store::{AccountId, BatchId, Tx};
use wire::callback::FinishStatus;
use wire::mass::JobStatus;
use wire::{Code, Month, Timestamp};

use crate::books::{Books, effect, recipients};
use crate::call::{campaign_of, give_up, whole};
use crate::campaign::settle_if_done;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::Decision;

/// Seconds between two questions about a job that is still being sent.
const ASK_AGAIN: i64 = 1_800;
/// Seconds before a foreign send's own time within which someone who left may still have been
/// reached.
const LEAVING_MARGIN: i64 = 600;

/// Matches result events with batches. True when one was matched.
pub(crate) async fn finished(owner: &Owner) -> Result<bool, Error> {
    let mut moved = false;
    for event in finish_event::unclaimed(&owner.store, owner.id()).await? {
        match batch::by_msg_id(&owner.store, owner.id(), event.msg_id).await? {
            Some(head) => settle(owner, &head, &event).await?,
            None if in_doubt(owner).await? => continue,
            None => foreign(owner, &event).await?,
        }
        moved = true;
    }
    Ok(moved)
}

async fn in_doubt(owner: &Owner) -> Result<bool, Error> {
    let open = batch::open(&owner.store, owner.id()).await?;
    Ok(open.iter().any(|head| {
        head.msg_id.is_none() && matches!(head.state, BatchState::Calling | BatchState::Doubtful)
    }))
}

/// What a result says about a batch.
enum Verdict {
    Settled(Effect),
    Refused,
    Open,
}

fn verdict(status: &FinishStatus, settled: impl FnOnce() -> Effect) -> Verdict {
    match status {
        FinishStatus::Success => Verdict::Settled(settled()),
        other if other.proves_nothing_was_sent() => Verdict::Refused,
        _ => Verdict::Open,
    }
}

async fn settle(owner: &Owner, head: &BatchHead, event: &FinishEvent) -> Result<(), Error> {
    let mut books = owner.books.write().await;
    let found = whole(owner, head).await?;
    let list = recipients(&found)?;
    let changed = head.membership_version != Some(books.membership);
    let status = FinishStatus::parse(&event.finish.status);
    let verdict = verdict(&status, || {
        ledger::settle(
            &list,
            head.addressed.into(),
            counts(&event.finish),
            changed,
            kind(head.kind),
        )
    });
    let before = effect(head);
    let after = match verdict {
        Verdict::Settled(effect) => effect,
        Verdict::Refused => Effect::Nothing,
        Verdict::Open => Effect::Held,
    };
    let spill = spill(&found, event, after);
    let (account, id, now) = (owner.id(), head.id, owner.now());
    let (msg_id, finish, campaign) = (event.msg_id, event.finish.clone(), head.campaign);
    let was_final = head.state.is_final();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let text = status.explain();
                if !was_final {
                    match verdict {
                        Verdict::Settled(effect) => {
                            let exact = effect == Effect::Received;
                            batch::set_settled(tx, account, id, Some(&finish), exact, now).await?;
                        }
                        Verdict::Refused => {
                            batch::set_refused(tx, account, id, None, text).await?;
                        }
                        Verdict::Open => {
                            batch::set_unsettled(tx, account, id, text, now).await?;
                        }
                    }
                }
                if let Some(row) = spill {
                    batch::insert(tx, account, &[row]).await?;
                }
                finish_event::claim(tx, account, msg_id).await?;
                match campaign {
                    Some(campaign) => settle_if_done(tx, account, campaign).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    if was_final {
        // A person had decided before the platform told.
        return Ok(());
    }
    books.replace(head.month, before, after, &list);
    if event.finish.at.month() != head.month && after != Effect::Nothing {
        books.apply(event.finish.at.month(), Effect::Held, &list);
    }
    if after == Effect::Nothing {
        forget(owner, &mut books, head).await?;
    }
    Ok(())
}

/// A job that ended in another month than it was counted in may have used a slot of that one.
fn spill(found: &batch::Batch, event: &FinishEvent, after: Effect) -> Option<NewBatch> {
    let month = event.finish.at.month();
    (month != found.head.month && after != Effect::Nothing).then(|| NewBatch {
        intended_at: Some(event.finish.at),
        settled_at: Some(event.finish.at),
        note: format!("batch {} of the month before ended in this one", found.head.id),
        ..NewBatch::new(
            BatchKind::Foreign,
            BatchState::Settled,
            month,
            found.recipients.clone(),
            found.head.recipients_count,
        )
    })
}

async fn forget(owner: &Owner, books: &mut Books, head: &BatchHead) -> Result<(), Error> {
    if head.campaign.is_some() {
        books.forget_received(&campaign_of(owner, head).await?.key, head.id);
    }
    Ok(())
}

fn kind(kind: BatchKind) -> Kind {
    match kind {
        BatchKind::List => Kind::List,
        BatchKind::Tag => Kind::Tag,
        BatchKind::All => Kind::All,
        BatchKind::Foreign => Kind::Foreign,
    }
}

fn counts(finish: &Finish) -> Counts {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Counts {
        total: count(finish.total),
        filtered: count(finish.filtered),
        sent: count(finish.sent),
        errors: count(finish.errors),
    }
}

/// A result that is nobody's here: somebody sent on the website or through another program. Each
/// follower who had a slot may have received it.
async fn foreign(owner: &Owner, event: &FinishEvent) -> Result<(), Error> {
    let mut books = owner.books.write().await;
    let people = possible_recipients(owner, &books, event.finish.at).await?;
    let status = FinishStatus::parse(&event.finish.status);
    let happened = match verdict(&status, || Effect::Held) {
        Verdict::Settled(_) => event.finish.sent > 0,
        Verdict::Refused => false,
        Verdict::Open => true,
    };
    let row = NewBatch {
        msg_id: Some(event.msg_id),
        finish: Some(event.finish.clone()),
        state: if happened { BatchState::Settled } else { BatchState::Refused },
        note: format!("sent elsewhere: {}", event.finish.status),
        ..foreign_row(&people, event.finish.at)
    };
    let (account, msg_id) = (owner.id(), event.msg_id);
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                batch::insert(tx, account, &[row]).await?;
                finish_event::claim(tx, account, msg_id).await
            })
        })
        .await?;
    if happened {
        books.apply(event.finish.at.month(), Effect::Held, &people);
    }
    tracing::info!(%account, %msg_id, people = people.len(), "a send from elsewhere was seen");
    Ok(())
}

/// The operator says that a send was made elsewhere.
pub(crate) async fn declare(owner: &Owner, at: Timestamp) -> Result<BatchId, Error> {
    if at > owner.now() {
        return Err(Error::bad(
            "at",
            format!("{at} is still to come: name the moment it was sent"),
        ));
    }
    let mut books = owner.books.write().await;
    let people = possible_recipients(owner, &books, at).await?;
    let row = NewBatch {
        note: "declared by the operator: sent elsewhere".into(),
        ..foreign_row(&people, at)
    };
    let account = owner.id();
    let ids = owner
        .store
        .write(move |tx| Box::pin(async move { batch::insert(tx, account, &[row]).await }))
        .await?;
    books.apply(at.month(), Effect::Held, &people);
    ids.first().copied().ok_or_else(|| Error::not_found("batch", "of the declared send"))
}

/// Followers whom a send to everybody at `moment` may have reached: those who follow now or left
/// since, less those who certainly had no slot.
async fn possible_recipients(
    owner: &Owner,
    books: &Books,
    moment: Timestamp,
) -> Result<Set, Error> {
    let mut people = books.index.following().clone();
    let since = moment + -LEAVING_MARGIN;
    for ord in store::follower::left_since(&owner.store, owner.id(), since).await? {
        people.insert(ord);
    }
    let full = books.slots(moment.month()).full(&people);
    people.and_not_with(&full);
    Ok(people)
}

fn foreign_row(people: &Set, at: Timestamp) -> NewBatch {
    let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
    NewBatch {
        intended_at: Some(at),
        settled_at: Some(at),
        ..NewBatch::new(
            BatchKind::Foreign,
            BatchState::Settled,
            at.month(),
            people.to_bytes(),
            count,
        )
    }
}

/// A send to everybody or to a tag, and the span in which it may have been delivered.
pub(crate) struct WideSend {
    head: BatchHead,
    list: Set,
    before: Effect,
    from: Timestamp,
    to: Option<Timestamp>,
}

impl WideSend {
    fn was_under_way(&self, moment: Timestamp) -> bool {
        moment >= self.from && self.to.is_none_or(|to| moment <= to)
    }
}

/// Sends whose audience the platform read by itself and that were under way when somebody came.
pub(crate) async fn wide_sends(
    owner: &Owner,
    arrivals: &[Timestamp],
) -> Result<Vec<WideSend>, Error> {
    let months: BTreeSet<Month> = arrivals.iter().map(|moment| moment.month()).collect();
    let mut sends = Vec::new();
    for month in months {
        for head in batch::wide_of_month(&owner.store, owner.id(), month).await? {
            let Some(from) = head.intended_at else { continue };
            let to = head.finish.as_ref().map(|finish| finish.at).or(head.settled_at);
            let mut send = WideSend { before: effect(&head), head, list: Set::new(), from, to };
            let met = arrivals.iter().any(|moment| send.was_under_way(*moment));
            if met && send.before != Effect::Nothing {
                send.list = recipients(&whole(owner, &send.head).await?)?;
                sends.push(send);
            }
        }
    }
    Ok(sends)
}

/// What the books must take over once the transaction holds.
pub(crate) struct Widened {
    month: Month,
    before: Effect,
    meant: Set,
    newcomers: Set,
}

impl Widened {
    pub(crate) fn move_books(self, books: &mut Books) {
        books.replace(self.month, self.before, Effect::Held, &self.meant);
        books.apply(self.month, Effect::Held, &self.newcomers);
    }
}

/// Newcomers may be among the recipients of a wide send that was under way when they came.
pub(crate) async fn widen(
    tx: &mut Tx,
    account: AccountId,
    sends: Vec<WideSend>,
    newcomers: impl Iterator<Item = (u32, Timestamp)> + Clone,
    now: Timestamp,
) -> Result<Vec<Widened>, store::Error> {
    let mut widened = Vec::new();
    for send in sends {
        let fresh: Set = newcomers
            .clone()
            .filter(|(ord, at)| send.was_under_way(*at) && !send.list.contains(*ord))
            .map(|(ord, _)| ord)
            .collect();
        let WideSend { head, list, before, .. } = send;
        if fresh.is_empty() {
            continue;
        }
        let whole = list.union(&fresh);
        let count = u32::try_from(whole.len()).unwrap_or(u32::MAX);
        // A settled batch stays as it is; the newcomers get a line of their own beside it.
        let meant = if head.state.is_final() {
            let row = foreign_row(&fresh, now);
            let row = NewBatch {
                month: head.month,
                note: format!("followed while batch {} was being sent", head.id),
                ..row
            };
            batch::insert(tx, account, &[row]).await?;
            Set::new()
        } else {
            batch::set_recipients(
                tx,
                account,
                head.id,
                &whole.to_bytes(),
                count,
                head.addressed,
                None,
            )
            .await?;
            list
        };
        widened.push(Widened { month: head.month, before, meant, newcomers: fresh });
    }
    Ok(widened)
}

/// Asks the platform about jobs whose result did not come in time. True when one was asked about.
pub(crate) async fn overdue(owner: &Owner) -> Result<bool, Error> {
    let now = owner.now();
    let mut open = batch::open(&owner.store, owner.id()).await?;
    open.retain(|head| {
        head.state == BatchState::Accepted
            && head.deadline.is_some_and(|deadline| deadline <= now)
            && head.not_before.is_none_or(|from| from <= now)
    });
    for head in &open {
        ask(owner, head).await?;
    }
    Ok(!open.is_empty())
}

/// When the next job is overdue.
pub(crate) fn asked_next(head: &BatchHead) -> Option<Timestamp> {
    head.not_before.max(head.deadline)
}

async fn ask(owner: &Owner, head: &BatchHead) -> Result<(), Error> {
    let Some(msg_id) = head.msg_id else { return Ok(()) };
    let status = match owner.client.mass_get(msg_id).await {
        Ok(answer) => answer.msg_status,
        Err(client::Error::Refused { refusal, .. }) if refusal.errcode == Code(40_059) => {
            return give_up(owner, head, "no result came, and the platform forgot the job").await;
        }
        Err(error) => {
            tracing::warn!(batch = %head.id, %error, "could not ask about a mass job");
            return ask_later(owner, head).await;
        }
    };
    match status {
        JobStatus::Sending => ask_later(owner, head).await,
        JobStatus::SendSuccess | JobStatus::Delete => {
            // It ended, but to how many it went the platform tells only in the event.
            give_up(owner, head, "the job ended, but its result event never came").await
        }
        JobStatus::SendFail => not_sent(owner, head, "the platform says the job failed").await,
        JobStatus::Unknown => give_up(owner, head, "the platform tells a state unknown here").await,
    }
}

async fn ask_later(owner: &Owner, head: &BatchHead) -> Result<(), Error> {
    let (account, id, from) = (owner.id(), head.id, owner.now() + ASK_AGAIN);
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                batch::set_not_before(tx, account, id, from, None, "asked, still being sent").await
            })
        })
        .await?;
    Ok(())
}

async fn not_sent(owner: &Owner, head: &BatchHead, why: &str) -> Result<(), Error> {
    let mut books = owner.books.write().await;
    let list = recipients(&whole(owner, head).await?)?;
    let (account, id, campaign, text) = (owner.id(), head.id, head.campaign, why.to_owned());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                batch::set_refused(tx, account, id, None, &text).await?;
                match campaign {
                    Some(campaign) => settle_if_done(tx, account, campaign).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    books.replace(head.month, effect(head), Effect::Nothing, &list);
    forget(owner, &mut books, head).await
}

/// A person settles what the machine cannot.
pub(crate) async fn decide(owner: &Owner, id: BatchId, decision: Decision) -> Result<(), Error> {
    let head = batch::head(&owner.store, owner.id(), id).await?;
    if !matches!(head.state, BatchState::Unsettled | BatchState::Doubtful) {
        return Err(Error::Conflict(format!(
            "batch {id} is {}: only one in doubt or unsettled can be decided",
            head.state
        )));
    }
    if decision == Decision::NotSent {
        return not_sent(owner, &head, "a person says it did not go out").await;
    }
    // It went out, nobody knows to how many: its recipients keep their range.
    let (account, campaign, now) = (owner.id(), head.campaign, owner.now());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                batch::set_settled(tx, account, id, None, false, now).await?;
                match campaign {
                    Some(campaign) => settle_if_done(tx, account, campaign).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    Ok(())
}
