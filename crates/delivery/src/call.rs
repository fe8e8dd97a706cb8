//! Intended batches become calls, one at a time and in the order of their campaigns.
//!
//! The order of steps is what makes a crash harmless: (1) the draft, if the message has one, is
//! made and recorded; (2) the attempt is recorded as *calling*; (3) the call is made; (4) its
//! outcome is recorded. A crash after (2) leaves a batch in *calling*, which the next start reads
//! as *doubtful*: it is repeated with the same key, and 45065 tells that it had been accepted. Only
//! the platform's word moves a batch out of doubt, or a person's.

use client::Accepted;
use ledger::Effect;
use store::batch::{self, Batch, BatchHead, BatchKind, BatchState};
use store::campaign::{Campaign, CampaignState};
use wire::mass::{Filter, MediaBody, Message, SendAllRequest, SendRequest, TextBody};
use wire::{MediaId, Reaction, Timestamp};

use crate::books::recipients;
use crate::campaign::{drafted, set_state, wish};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::CampaignMessage;

/// Seconds until a doubtful call is repeated: the platform asks for a minute (45066).
const DOUBT_PAUSE: i64 = 61;
/// Seconds until a call that certainly did not arrive is made again.
const NOT_SENT_PAUSE: i64 = 30;
/// Seconds until a call is made again that the operator must make possible.
const OPERATOR_PAUSE: i64 = 600;
/// Seconds within which the platform remembers a key, less a margin for its clock and ours.
const KEY_MARGIN: i64 = 1_800;
/// Seconds before the end of a month in which no mass call is made: a job counts in the month in
/// which it is delivered, and it must not be in doubt which that is.
const MONTH_END_QUIET: i64 = 3_600;
/// Seconds after acceptance within which the result event is expected.
pub(crate) const RESULT_DEADLINE: i64 = 7_200;

/// Makes the calls that are due. True when one was made or a batch changed its state.
pub(crate) async fn due(owner: &Owner) -> Result<bool, Error> {
    let mut moved = false;
    for head in open(owner).await? {
        let (now, month) = (owner.now(), owner.month());
        if head.not_before.is_some_and(|from| from > now) {
            continue;
        }
        if head.state == BatchState::Calling {
            // Found, not made: the process died in the middle of this call.
            let from = head.called_at.unwrap_or(now) + DOUBT_PAUSE;
            doubt(owner, &head, from, None, "the server stopped before the answer came").await?;
            moved = true;
            continue;
        }
        if head.month != month {
            moved |= month_has_passed(owner, &head).await?;
            continue;
        }
        if month.next().start() - now <= MONTH_END_QUIET {
            continue;
        }
        if head.state == BatchState::Doubtful && !key_still_holds(owner, &head)? {
            give_up(owner, &head, "no answer, and the platform no longer remembers the key")
                .await?;
            moved = true;
            continue;
        }
        if owner.calls_from().is_some_and(|from| from > now) {
            break;
        }
        call(owner, head).await?;
        moved = true;
    }
    Ok(moved)
}

/// When a call is due next.
pub(crate) async fn next_due(owner: &Owner) -> Result<Option<Timestamp>, Error> {
    let quiet = owner.month().next().start();
    let mut earliest: Option<Timestamp> = None;
    for head in batch::open(&owner.store, owner.id()).await? {
        let at = match head.state {
            BatchState::Accepted => crate::settle::asked_next(&head),
            BatchState::Unsettled | BatchState::Planned | BatchState::Awaiting => None,
            _ => {
                let mut at = head.not_before.unwrap_or(owner.now());
                at = at.max(owner.calls_from().unwrap_or(at));
                let in_quiet = at.month().next().start() - at <= MONTH_END_QUIET;
                Some(if in_quiet { at.max(quiet) } else { at })
            }
        };
        earliest = [earliest, at].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// Batches that wait for a call, in the order in which they are called.
async fn open(owner: &Owner) -> Result<Vec<BatchHead>, Error> {
    let mut heads = batch::open(&owner.store, owner.id()).await?;
    heads.retain(|head| {
        matches!(head.state, BatchState::Intended | BatchState::Calling | BatchState::Doubtful)
    });
    // What is in doubt first: its slots and its minute are spent already.
    heads.sort_by_key(|head| (head.state == BatchState::Intended, head.intended_at, head.id));
    Ok(heads)
}

/// The month whose slots the batch holds is over before it was called for certain.
async fn month_has_passed(owner: &Owner, head: &BatchHead) -> Result<bool, Error> {
    if head.attempts > 0 && head.state != BatchState::Intended {
        give_up(owner, head, "no answer before the month ended").await?;
        return Ok(true);
    }
    let mut books = owner.books.write().await;
    let campaign = campaign_of(owner, head).await?;
    let batch = whole(owner, head).await?;
    crate::freeze::release(owner, &mut books, &campaign.key, &[batch]).await?;
    crate::freeze::plan_again(owner, &campaign).await?;
    Ok(true)
}

fn key_still_holds(owner: &Owner, head: &BatchHead) -> Result<bool, Error> {
    let limits = owner.limits()?;
    let Some(hours) = limits.clientmsgid_hours.filter(|_| limits.clientmsgid_bytes.is_some())
    else {
        return Ok(false);
    };
    let since = head.called_at.map_or(0, |at| owner.now() - at);
    Ok(since < hours * 3_600 - KEY_MARGIN)
}

async fn call(owner: &Owner, head: BatchHead) -> Result<(), Error> {
    if let Err(error) = owner.client.budgets().check(endpoint(&head)) {
        return settle_error(owner, &head, error).await;
    }
    let campaign = campaign_of(owner, &head).await?;
    let batch = whole(owner, &head).await?;
    let message = match message(owner, &campaign, &head).await {
        Ok(message) => message,
        Err(Error::Platform(error)) => return draft_failed(owner, &head, error).await,
        Err(error) => return Err(error),
    };
    let list = recipients(&batch)?;
    let openids = match head.kind {
        BatchKind::List => {
            let ordinals: Vec<u32> = list.iter().collect();
            store::follower::openids_of(&owner.store, owner.id(), &ordinals).await?
        }
        _ => Vec::new(),
    };
    let key = head
        .clientmsgid
        .clone()
        .filter(|_| owner.limits().is_ok_and(|limits| limits.clientmsgid_bytes.is_some()));
    let (account, id, now) = (owner.id(), head.id, owner.now());
    store::fence::call_begins(&owner.store, account, id, now).await?;
    let in_doubt = head.state != BatchState::Intended;
    owner.books.write().await.note_called(&campaign.key, id, now, in_doubt);
    let outcome = match head.kind {
        BatchKind::List => {
            owner
                .client
                .mass_send(&SendRequest {
                    touser: openids,
                    message,
                    send_ignore_reprint: 0,
                    clientmsgid: key,
                })
                .await
        }
        _ => {
            owner
                .client
                .mass_send_all(&SendAllRequest {
                    filter: Filter { is_to_all: head.kind == BatchKind::All, tag_id: head.tag_id },
                    message,
                    send_ignore_reprint: 0,
                    clientmsgid: key,
                })
                .await
        }
    };
    owner.keep_call_counts().await?;
    match outcome {
        Ok(accepted) => accept(owner, &head, &accepted).await,
        Err(error) => settle_error(owner, &head, error).await,
    }
}

fn endpoint(head: &BatchHead) -> wire::Endpoint {
    match head.kind {
        BatchKind::List => wire::Endpoint::MassSend,
        _ => wire::Endpoint::MassSendAll,
    }
}

async fn accept(owner: &Owner, head: &BatchHead, accepted: &Accepted) -> Result<(), Error> {
    let (msg_id, msg_data_id) = (accepted.msg_id(), accepted.msg_data_id());
    let (account, id, deadline) = (owner.id(), head.id, owner.now() + RESULT_DEADLINE);
    let recorded = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                batch::set_accepted(tx, account, id, msg_id, msg_data_id, deadline).await
            })
        })
        .await;
    match recorded {
        Ok(()) => {}
        // The platform took the key for one of another job: it repeats itself now and then.
        Err(store::Error::AlreadyThere { .. }) => {
            let why = format!("the platform answered with job {msg_id}, which is another batch's");
            doubt(owner, head, owner.now() + DOUBT_PAUSE, None, &why).await?;
            return give_up(owner, head, &why).await;
        }
        Err(error) => return Err(error.into()),
    }
    tracing::info!(%account, batch = %id, %msg_id, "mass job accepted");
    Ok(())
}

/// What an error means for the batch (`platform/02 §5`).
async fn settle_error(owner: &Owner, head: &BatchHead, error: client::Error) -> Result<(), Error> {
    let now = owner.now();
    if error.may_have_been_accepted() {
        return doubt(owner, head, now + DOUBT_PAUSE, error.code(), &error.to_string()).await;
    }
    if head.state == BatchState::Doubtful && is_final(&error) {
        // A refusal now does not say that the first call had no effect: it may come from a check
        // that is made before the platform looks the key up.
        return give_up(owner, head, &format!("repeated after a lost answer and refused: {error}"))
            .await;
    }
    match &error {
        client::Error::Budget { until, .. } => {
            owner.hold_calls_until(*until);
            wait(owner, head, *until, &error).await
        }
        client::Error::NotSent { .. } | client::Error::Doubtful { .. } => {
            wait(owner, head, now + NOT_SENT_PAUSE, &error).await
        }
        // The account's own key is refused, not this message: when the operator has put it right,
        // the campaign goes on.
        client::Error::Refused { endpoint, .. } if gives_tokens(*endpoint) => {
            wait(owner, head, now + OPERATOR_PAUSE, &error).await
        }
        client::Error::Refused { reaction, .. } => match reaction {
            // While another call waits for the administrator the platform takes no new one.
            Reaction::RetryLater
            | Reaction::WaitAMinute
            | Reaction::AlreadyDone
            | Reaction::AwaitAdministrator => wait(owner, head, now + DOUBT_PAUSE, &error).await,
            Reaction::QuotaUsedUp if head.kind == BatchKind::All => {
                // The account's sends to everybody are used up: the same people by lists.
                refuse(owner, head, &error).await?;
                crate::freeze::plan_again(owner, &campaign_of(owner, head).await?).await
            }
            Reaction::QuotaUsedUp => {
                let tomorrow = now.day().next().start();
                owner.hold_calls_until(tomorrow);
                wait(owner, head, tomorrow, &error).await
            }
            Reaction::DropRecipient => {
                refuse(owner, head, &error).await?;
                settle_campaign(owner, head).await
            }
            Reaction::RefreshToken
            | Reaction::ChangeContent
            | Reaction::AskOperator
            | Reaction::FixCall => stop(owner, head, &error).await,
        },
    }
}

fn gives_tokens(endpoint: wire::Endpoint) -> bool {
    matches!(endpoint, wire::Endpoint::Token | wire::Endpoint::StableToken)
}

/// Whether repeating the call as it is cannot help.
fn is_final(error: &client::Error) -> bool {
    let client::Error::Refused { endpoint, reaction, .. } = error else { return false };
    if gives_tokens(*endpoint) {
        return false;
    }
    !matches!(
        reaction,
        Reaction::RetryLater
            | Reaction::WaitAMinute
            | Reaction::AlreadyDone
            | Reaction::AwaitAdministrator
    )
}

/// The call was certainly not accepted and is made again later.
async fn wait(
    owner: &Owner,
    head: &BatchHead,
    from: Timestamp,
    error: &client::Error,
) -> Result<(), Error> {
    let (account, id, code, why) = (owner.id(), head.id, error.code(), error.to_string());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { batch::set_not_before(tx, account, id, from, code, &why).await })
        })
        .await?;
    Ok(())
}

async fn doubt(
    owner: &Owner,
    head: &BatchHead,
    from: Timestamp,
    code: Option<wire::Code>,
    why: &str,
) -> Result<(), Error> {
    let (account, id, text) = (owner.id(), head.id, why.to_owned());
    tracing::warn!(%account, batch = %id, why, "a mass call is in doubt");
    owner
        .store
        .write(move |tx| {
            Box::pin(
                async move { batch::set_doubtful(tx, account, id, code, &text, Some(from)).await },
            )
        })
        .await?;
    Ok(())
}

/// The machine cannot settle it: its slots stay held until a person decides.
pub(crate) async fn give_up(owner: &Owner, head: &BatchHead, why: &str) -> Result<(), Error> {
    let (account, id, now) = (owner.id(), head.id, owner.now());
    let text = format!("{why}: decide whether it went out");
    tracing::warn!(%account, batch = %id, why, "a batch is left to a person");
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { batch::set_unsettled(tx, account, id, &text, now).await })
        })
        .await?;
    settle_campaign(owner, head).await
}

async fn settle_campaign(owner: &Owner, head: &BatchHead) -> Result<(), Error> {
    let Some(campaign) = head.campaign else { return Ok(()) };
    let account = owner.id();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { crate::campaign::settle_if_done(tx, account, campaign).await })
        })
        .await?;
    Ok(())
}

async fn refuse(owner: &Owner, head: &BatchHead, error: &client::Error) -> Result<(), Error> {
    let campaign = campaign_of(owner, head).await?;
    let batch = whole(owner, head).await?;
    let list = recipients(&batch)?;
    let (account, id) = (owner.id(), head.id);
    let (code, text) = (error.code(), error.to_string());
    let mut books = owner.books.write().await;
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { batch::set_refused(tx, account, id, code, &text).await })
        })
        .await?;
    books.replace(head.month, Effect::Held, Effect::Nothing, &list);
    books.forget_received(&campaign.key, id);
    Ok(())
}

/// The platform will refuse every batch of this campaign alike: what is not called is released,
/// and the operator told.
async fn stop(owner: &Owner, head: &BatchHead, error: &client::Error) -> Result<(), Error> {
    refuse(owner, head, error).await?;
    let campaign = campaign_of(owner, head).await?;
    let mut uncalled =
        batch::of_campaign_with_recipients(&owner.store, owner.id(), campaign.id).await?;
    uncalled.retain(|batch| batch.head.state == BatchState::Intended);
    let mut books = owner.books.write().await;
    crate::freeze::release(owner, &mut books, &campaign.key, &uncalled).await?;
    set_state(owner, campaign.id, CampaignState::Failed, error.to_string()).await
}

/// The draft could not be made: nothing was sent, so the batch waits or the campaign stops.
async fn draft_failed(owner: &Owner, head: &BatchHead, error: client::Error) -> Result<(), Error> {
    let passing = match &error {
        client::Error::Refused { endpoint, reaction, .. } => {
            gives_tokens(*endpoint)
                || matches!(
                    reaction,
                    Reaction::RetryLater | Reaction::WaitAMinute | Reaction::QuotaUsedUp
                )
        }
        _ => true,
    };
    if !passing {
        return stop(owner, head, &error).await;
    }
    let from = match &error {
        client::Error::Budget { until, .. } => *until,
        _ => owner.now() + DOUBT_PAUSE,
    };
    wait(owner, head, from, &error).await
}

/// The message as the call carries it. A draft dies when it is sent, so each batch has its own.
async fn message(owner: &Owner, campaign: &Campaign, head: &BatchHead) -> Result<Message, Error> {
    let articles = match wish(campaign)?.message {
        CampaignMessage::Text { content } => {
            return Ok(Message::Text { text: TextBody { content } });
        }
        CampaignMessage::Articles { articles } => articles,
    };
    let media_id = match &head.draft {
        Some(draft) => draft.clone(),
        None => {
            let made: MediaId = owner.client.draft_add(&drafted(&articles)).await?;
            let (account, id, draft) = (owner.id(), head.id, made.clone());
            owner
                .store
                .write(move |tx| {
                    Box::pin(async move { batch::set_draft(tx, account, id, &draft).await })
                })
                .await?;
            made
        }
    };
    Ok(Message::Mpnews { mpnews: MediaBody { media_id } })
}

pub(crate) async fn campaign_of(owner: &Owner, head: &BatchHead) -> Result<Campaign, Error> {
    let id = head.campaign.ok_or_else(|| Error::unreadable("a batch", "it has no campaign"))?;
    crate::campaign::get(owner, id).await
}

pub(crate) async fn whole(owner: &Owner, head: &BatchHead) -> Result<Batch, Error> {
    Ok(batch::get(&owner.store, owner.id(), head.id).await?)
}
