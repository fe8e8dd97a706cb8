//! A campaign's moment has come: its audience is frozen, cut into batches, and their slots are
//! reserved, all in the transaction that records the intents.
//!
//! What always holds: a follower is in at most one live batch of a campaign; the slots of a batch
//! are held from this transaction until the batch is settled, refused or cancelled, so two
//! campaigns can never spend the same slot. A crash before the commit leaves the campaign
//! scheduled and nothing held; after it, the batches are there with keys that never change.

use audience::Set;
use ledger::Effect;
use planner::{Reason, Way};
use sha2::{Digest, Sha256};
use store::BatchId;
use store::batch::{self, Batch, BatchKind, BatchState, NewBatch};
use store::campaign::{self, Campaign, CampaignState};
use store::skip::{self, Skip};
use wire::{ClientMsgId, Timestamp};

use crate::books::{Books, read_set};
use crate::campaign::{
    Outlook, evaluate, forecast_view, is_planned, nobody, outlook, schedule, scheduled, set_state,
    with_left_out,
};
use crate::error::Error;
use crate::owner::Owner;

/// Freezes every scheduled campaign whose moment has come. True when there was one.
pub(crate) async fn due(owner: &Owner) -> Result<bool, Error> {
    let now = owner.now();
    let mut ready = scheduled(owner).await?;
    ready.retain(|campaign| campaign.starts_at.is_some_and(|at| at <= now));
    ready.sort_by_key(|campaign| (campaign.starts_at, campaign.id));
    for campaign in &ready {
        freeze(owner, campaign).await?;
    }
    Ok(!ready.is_empty())
}

/// When the next campaign's moment comes.
pub(crate) async fn next_due(owner: &Owner) -> Result<Option<Timestamp>, Error> {
    crate::campaign::next_start(owner).await
}

async fn freeze(owner: &Owner, found: &Campaign) -> Result<(), Error> {
    let mut books = owner.books.write().await;
    let outlook = match outlook(owner, &books, found).await {
        Ok(outlook) => outlook,
        // A tag or campaign its text names is gone: the operator must mend it.
        Err(Error::Segment(error)) => {
            let note = format!("segment, {error}");
            return set_state(owner, found.id, CampaignState::Failed, note).await;
        }
        Err(error) => return Err(error),
    };
    let planned = is_planned(owner, found).await?;
    if (found.frozen_at.is_none() || planned)
        && let Some(sentence) = nobody(&outlook)
    {
        return set_state(owner, found.id, CampaignState::Failed, sentence).await;
    }
    let earlier = batch::of_campaign(&owner.store, owner.id(), found.id).await?;
    let first = earlier.iter().map(|head| head.number).max().unwrap_or(0) + 1;
    let batches = cut(owner, &books, found, &outlook, first)?;
    let first_time = found.frozen_at.is_none();
    let left_out = if planned { left_out(owner, found).await? } else { Vec::new() };
    let forecast = with_left_out(forecast_view(owner, &outlook)?, &left_out);
    let forecast =
        serde_json::to_string(&forecast).map_err(|error| Error::unreadable("a forecast", error))?;
    let audience = outlook.segment.to_bytes();
    let hold_out =
        if first_time || planned { hold_out(owner, &books, &found.segment)? } else { Set::new() };
    let hold_out = (!hold_out.is_empty()).then(|| hold_out.to_bytes());
    let skipped: Vec<Skip> = outlook
        .skipped()
        .iter()
        .chain(&left_out)
        .filter(|(_, people)| !people.is_empty())
        .map(|(reason, people)| Skip {
            reason: reason.as_str().into(),
            recipients: people.to_bytes(),
        })
        .collect();
    let (account, id, now) = (owner.id(), found.id, owner.now());
    let rows: Vec<NewBatch> = batches.iter().map(|(row, _)| row.clone()).collect();
    let ids = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                if first_time {
                    campaign::freeze(tx, account, id, now, &audience, &forecast).await?;
                }
                if planned {
                    campaign::set_forecast(tx, account, id, &forecast).await?;
                }
                if first_time || planned {
                    skip::replace(tx, account, id, &skipped).await?;
                    if let Some(people) = hold_out {
                        campaign::keep_hold_out(tx, account, id, &people).await?;
                    }
                }
                campaign::set_state(tx, account, id, CampaignState::Sending, "").await?;
                let ids = batch::insert(tx, account, &rows).await?;
                crate::campaign::settle_if_done(tx, account, id).await?;
                Ok(ids)
            })
        })
        .await?;
    for ((row, recipients), batch) in batches.iter().zip(ids) {
        books.apply(row.month, Effect::Held, recipients);
        books.note_received(&found.key, batch, None, recipients);
    }
    tracing::info!(account = %account, campaign = %id, batches = batches.len(), "campaign frozen");
    Ok(())
}

/// Whom the plan left out of a planned campaign; kept when it was approved.
async fn left_out(owner: &Owner, found: &Campaign) -> Result<Vec<(Reason, Set)>, Error> {
    let mut all = Vec::new();
    for kept in skip::list(&owner.store, owner.id(), found.id).await? {
        if let Some(reason) = Reason::of_word(&kept.reason) {
            all.push((reason, read_set("skipped followers", &kept.recipients)?));
        }
    }
    Ok(all)
}

/// Whom a segment leaves out by chance alone: they follow and would be in it without the shares it
/// asks for. What they do without the campaign is what others are measured against. Nobody where
/// its text names what is gone: a planned campaign goes out all the same.
fn hold_out(owner: &Owner, books: &Books, text: &str) -> Result<Set, Error> {
    let Some(wide) = audience::Segment::parse(text)?.without_shares() else {
        return Ok(Set::new());
    };
    let found = evaluate(owner, books, &wide.to_string())
        .and_then(|wide| Ok(wide.subtract(&evaluate(owner, books, text)?)));
    match found {
        Err(Error::Segment(_)) => Ok(Set::new()),
        found => Ok(found?.intersect(books.index.following())),
    }
}

fn cut(
    owner: &Owner,
    books: &Books,
    campaign: &Campaign,
    outlook: &Outlook,
    first: u32,
) -> Result<Vec<(NewBatch, Set)>, Error> {
    let everybody = outlook.recipients();
    let following = books.index.following();
    let groups: Vec<(BatchKind, Option<wire::TagId>, Set, bool, u64)> = match outlook.way {
        Way::ToAll => {
            let certain = outlook.forecast.possible.is_empty();
            vec![(BatchKind::All, None, everybody, certain, following.len() as u64)]
        }
        Way::Tag(tag) => {
            let carriers = books.index.tag(tag).map_or(0, |set| set.intersection_len(following));
            let certain = outlook.forecast.possible.is_empty();
            vec![(BatchKind::Tag, Some(tag), everybody, certain, carriers as u64)]
        }
        Way::Lists => outlook
            .parts
            .lists
            .iter()
            .map(|part| {
                let people = part.recipients.clone();
                let addressed = people.len() as u64;
                (BatchKind::List, None, people, part.certain, addressed)
            })
            .collect(),
    };
    let mut batches = Vec::with_capacity(groups.len());
    for (number, (kind, tag_id, recipients, certain, addressed)) in (first..).zip(groups) {
        batches.push((
            NewBatch {
                campaign: Some(campaign.id),
                number,
                tag_id,
                certain,
                clientmsgid: Some(client_msg_id(owner, campaign, number)?),
                addressed: u32::try_from(addressed).unwrap_or(u32::MAX),
                membership_version: Some(books.membership),
                intended_at: Some(owner.now()),
                ..NewBatch::new(
                    kind,
                    BatchState::Intended,
                    owner.month(),
                    recipients.to_bytes(),
                    u32::try_from(recipients.len()).unwrap_or(u32::MAX),
                )
            },
            recipients,
        ));
    }
    Ok(batches)
}

/// The key of a batch's call: from installation, account, campaign and batch, so that every
/// attempt carries the same one, also after a restart, and no other batch ever does.
fn client_msg_id(owner: &Owner, campaign: &Campaign, number: u32) -> Result<ClientMsgId, Error> {
    let mut hash = Sha256::new();
    for part in [&*owner.installation.name, owner.account.appid.as_str(), &campaign.key] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(campaign.id.0.to_be_bytes());
    hash.update(number.to_be_bytes());
    let hex: String = hash.finalize().iter().take(15).map(|byte| format!("{byte:02x}")).collect();
    ClientMsgId::parse(&format!("fc{hex}"))
        .map_err(|error| Error::unreadable("the key of a call", error))
}

/// Gives the slots of batches that were never called back, and marks them cancelled.
pub(crate) async fn release(
    owner: &Owner,
    books: &mut Books,
    campaign_key: &str,
    batches: &[Batch],
) -> Result<(), Error> {
    let ids: Vec<BatchId> = batches.iter().map(|batch| batch.head.id).collect();
    let (account, now) = (owner.id(), owner.now());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                for id in ids {
                    batch::set_cancelled(tx, account, id, "", now).await?;
                }
                Ok(())
            })
        })
        .await?;
    for batch in batches {
        let recipients = crate::books::recipients(batch)?;
        books.replace(batch.head.month, Effect::Held, Effect::Nothing, &recipients);
        books.forget_received(campaign_key, batch.head.id);
    }
    Ok(())
}

/// Puts a campaign back to be cut anew: those whose batches were cancelled get new ones.
pub(crate) async fn plan_again(owner: &Owner, campaign: &Campaign) -> Result<(), Error> {
    let (account, id, now) = (owner.id(), campaign.id, owner.now());
    owner
        .store
        .write(move |tx| Box::pin(async move { schedule(tx, account, id, now).await }))
        .await?;
    Ok(())
}
