//! A plan approved: each campaign's recipients become its frozen audience and it is scheduled, all
//! in one transaction. Delivery then sends to exactly those, less whoever left or lost their slot.
//!
//! A crash before the commit leaves the plan a draft; after it, everything is scheduled.

use audience::Set;
use planner::Reason;
use store::campaign::{self, Campaign, CampaignState};
use store::plan::{self, EntryState, Plan, PlanState};
use store::skip::{self, Skip};
use store::{CampaignId, PlanId};
use wire::Timestamp;

use super::kept::Kept;
use super::made::waits;
use crate::books::read_set;
use crate::campaign::{forecast_view, look_ahead, nobody, schedule, with_left_out};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::ReleaseWish;

/// A campaign about to be frozen with its recipients.
struct Frozen {
    number: u32,
    id: CampaignId,
    at: Timestamp,
    audience: Vec<u8>,
    forecast: String,
    skips: Vec<Skip>,
    held_out: Option<Vec<u8>>,
}

/// Approves a plan.
pub(super) async fn approve(owner: &Owner, id: PlanId) -> Result<(), Error> {
    let books = owner.books.write().await;
    let kept = Kept::load(owner, id).await?;
    check(owner, &kept.row).await?;
    let now = owner.now();
    let entries = plan::entries(&owner.store, owner.id(), id).await?;
    let people = plan::people(&owner.store, owner.id(), id).await?;
    let mut all = Vec::new();
    for (entry, people) in entries.iter().zip(&people) {
        let found = campaign::get(&owner.store, owner.id(), entry.campaign).await?;
        if found.state != CampaignState::Draft {
            return Err(Error::Conflict(format!(
                "campaign {:?} is {} by now: make the plan anew without it",
                found.key, found.state
            )));
        }
        if entry.starts_at < now {
            return Err(Error::Conflict(format!(
                "campaign {:?} should have gone at {}, and it is {now}: make the plan anew",
                found.key, entry.starts_at
            )));
        }
        let recipients = read_set("recipients of a plan", &people.recipients)?;
        let held_out = read_set("the held out of a plan", &people.held_out)?;
        let place = entry.number as usize;
        let meant = kept.record.month.wishes.get(place).map(|wish| wish.audience.clone());
        let left_out = meant.unwrap_or_default().subtract(&recipients);
        let look = look_ahead(owner, &books, &found, recipients.clone(), false).await?;
        if nobody(&look).is_some() {
            // Nothing of it could be sent: it stays a draft, and the plan shows it so.
            continue;
        }
        let kept_out = (!held_out.is_empty()).then(|| held_out.to_bytes());
        let left_out = [(Reason::NotPlanned, left_out), (Reason::HeldOut, held_out)];
        let forecast = with_left_out(forecast_view(owner, &look)?, &left_out);
        all.push(Frozen {
            number: entry.number,
            id: found.id,
            at: entry.starts_at,
            audience: recipients.to_bytes(),
            forecast: super::kept::text("a forecast", &forecast)?,
            skips: skips(&left_out),
            held_out: kept_out,
        });
    }
    if all.is_empty() {
        return Err(Error::NobodyReachable(format!("plan {id} reaches nobody in any campaign")));
    }
    let superseded = superseded(owner, &kept.row, &all).await?;
    let account = owner.id();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                for one in &all {
                    campaign::freeze(tx, account, one.id, now, &one.audience, &one.forecast)
                        .await?;
                    skip::replace(tx, account, one.id, &one.skips).await?;
                    // What they do shows what happens without the campaign.
                    if let Some(people) = &one.held_out {
                        campaign::keep_hold_out(tx, account, one.id, people).await?;
                    }
                    schedule(tx, account, one.id, one.at).await?;
                    let state = EntryState::Approved;
                    plan::set_entry_state(tx, account, id, one.number, state).await?;
                }
                for other in superseded {
                    plan::set_state(tx, account, other, PlanState::Superseded, None).await?;
                }
                plan::set_state(tx, account, id, PlanState::Approved, Some(now)).await
            })
        })
        .await?;
    drop(books);
    tracing::info!(%account, plan = %id, "plan approved");
    owner.signal.ring();
    Ok(())
}

/// Those left out, as they are kept with the campaign.
fn skips(left_out: &[(Reason, Set)]) -> Vec<Skip> {
    left_out
        .iter()
        .filter(|(_, people)| !people.is_empty())
        .map(|(reason, people)| Skip {
            reason: reason.as_str().to_owned(),
            recipients: people.to_bytes(),
        })
        .collect()
}

/// Whether a plan can still be approved.
async fn check(owner: &Owner, row: &Plan) -> Result<(), Error> {
    if row.state != PlanState::Draft {
        let sentence =
            format!("plan {} is {}, and only drafts are approved: make it anew", row.id, row.state);
        return Err(Error::Conflict(sentence));
    }
    for other in plan::of_month(&owner.store, owner.id(), row.month).await? {
        // It took slots that this plan reckoned with.
        let since = match other.id < row.id {
            // Of two moments that are the same, a plan made later has seen the earlier approval.
            true => other.approved_at.is_some_and(|at| at > row.made_at),
            false => other.approved_at.is_some(),
        };
        if since && other.state == PlanState::Approved {
            return Err(Error::Conflict(format!(
                "plan {} was approved after plan {} was made and holds slots it reckons with: make \
                 it anew",
                other.id, row.id
            )));
        }
    }
    Ok(())
}

/// Drafts of the month that want one of these campaigns too.
async fn superseded(owner: &Owner, row: &Plan, all: &[Frozen]) -> Result<Vec<PlanId>, Error> {
    let mut superseded = Vec::new();
    for other in plan::of_month(&owner.store, owner.id(), row.month).await? {
        if other.id == row.id || other.state != PlanState::Draft {
            continue;
        }
        let entries = plan::entries(&owner.store, owner.id(), other.id).await?;
        if entries.iter().any(|entry| all.iter().any(|one| one.id == entry.campaign)) {
            superseded.push(other.id);
        }
    }
    Ok(superseded)
}

/// Gives approved campaigns that were not sent free again: they are drafts, and their slots too.
pub(super) async fn release(owner: &Owner, id: PlanId, wish: &ReleaseWish) -> Result<(), Error> {
    let _books = owner.books.write().await;
    let row = plan::get(&owner.store, owner.id(), id).await?;
    let entries = plan::entries(&owner.store, owner.id(), id).await?;
    let mut found: Vec<(u32, Campaign, bool)> = Vec::new();
    let mut approved = 0;
    for entry in &entries {
        let campaign = campaign::get(&owner.store, owner.id(), entry.campaign).await?;
        let is_approved = entry.state == EntryState::Approved;
        approved += usize::from(is_approved);
        let open = is_approved && waits(owner, entry.campaign).await?;
        found.push((entry.number, campaign, open));
    }
    for (place, key) in wish.campaigns.iter().enumerate() {
        let field = || format!("campaigns[{place}]");
        match found.iter().find(|(_, campaign, _)| campaign.key == *key) {
            None => return Err(Error::bad(field(), format!("{key:?} is not in plan {id}"))),
            Some((_, campaign, false)) => {
                let problem = format!("{key:?} is {} and cannot be released", campaign.state);
                return Err(Error::bad(field(), problem));
            }
            Some(_) => {}
        }
    }
    let asked = |key: &String| wish.campaigns.is_empty() || wish.campaigns.contains(key);
    let free: Vec<(u32, CampaignId)> = found
        .iter()
        .filter(|(_, campaign, open)| *open && asked(&campaign.key))
        .map(|(number, campaign, _)| (*number, campaign.id))
        .collect();
    if free.is_empty() {
        let sentence = format!("plan {} is {} and has nothing to release", row.id, row.state);
        return Err(Error::Conflict(sentence));
    }
    let all = free.len() == approved;
    let account = owner.id();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                for (number, campaign) in free {
                    campaign::thaw(tx, account, campaign).await?;
                    let state = EntryState::Released;
                    plan::set_entry_state(tx, account, id, number, state).await?;
                }
                if all {
                    plan::set_state(tx, account, id, PlanState::Released, None).await?;
                }
                Ok(())
            })
        })
        .await?;
    tracing::info!(%account, plan = %id, "plan released");
    owner.signal.ring();
    Ok(())
}
