//! A question as it was asked, read against the account's books: who each campaign may reach, what
//! it is worth to whom, and which slots are left to plan with.

use std::sync::Arc;

use audience::{Segment, Set};
use planner::plan::Wish;
use planner::plan::question::{MOST_PLACES, MOST_WISHES};
use planner::record::Rules;
use planner::stages::Staged;
use store::campaign::{self, Campaign, CampaignState};
use store::plan::{self, EntryState, PlanState};
use wire::{Month, Timestamp};

use super::calendar;
use super::worth::{self, Classes, Learned};
use crate::books::{Books, read_set};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{NewPlan, PlanWish};

/// The last stage there may be.
const LAST_STAGE: u8 = 9;
/// Most percent of a segment that are held out.
const MOST_HELD_OUT: f64 = 90.0;

/// A question ready to be answered.
pub(super) struct Asked {
    /// Its campaigns, in its order.
    pub(super) campaigns: Vec<Campaign>,
    /// What the planner is asked.
    pub(super) month: Staged,
    /// Who never gets each campaign.
    pub(super) held_out: Vec<Set>,
    /// Ten to the power of minus this is the unit of worth.
    pub(super) exponent: i32,
    /// Followers in some audience.
    pub(super) followers: u64,
    /// Those of them whose slots are a range.
    pub(super) uncertain: u64,
    /// Slots that approved plans hold.
    pub(super) held: u64,
    /// Campaigns scheduled in the month outside of every plan.
    pub(super) outside: Vec<String>,
    /// The rules of its calendar, when it asks for one.
    pub(super) rules: Option<Rules>,
}

/// Reads a question; an `exponent` given is kept to.
pub(super) async fn ask(
    owner: &Arc<Owner>,
    new: &NewPlan,
    exponent: Option<i32>,
) -> Result<Asked, Error> {
    check(owner, new)?;
    let campaigns = campaigns(owner, &new.campaigns).await?;
    let holding = holding(owner, new.month).await?;
    let outside = outside(owner, new.month).await?;
    let learned = Learned::read(owner, &new.campaigns, &campaigns).await?;
    let books = owner.books.read().await;
    let following = books.index.following();
    let (mut audiences, mut held_out) = (Vec::new(), Vec::new());
    for (place, (wish, found)) in new.campaigns.iter().zip(&campaigns).enumerate() {
        let field = || format!("campaigns[{place}].campaign");
        let mut people = worth::evaluate(owner, &books, &found.segment, field)?;
        people.and_with(following);
        let out = hold_out(owner, &books, wish, &people)?;
        people.and_not_with(&out);
        audiences.push(people);
        held_out.push(out);
    }
    let kept_places = if new.kept_back_until.is_some() { 0 } else { new.kept_back };
    let slots = books.slots(new.month);
    let everybody = Set::full(books.index.len());
    let mut places = vec![0u8; books.index.len() as usize];
    for left in 1..=MOST_PLACES {
        // Slots kept back are the last ones of each follower.
        for ordinal in &slots.at_least(left.saturating_add(kept_places), &everybody) {
            places[ordinal as usize] += 1;
        }
    }
    let mut held = 0;
    for (_, people) in &holding {
        held += people.len() as u64;
        for ordinal in people {
            if let Some(left) = places.get_mut(ordinal as usize) {
                *left = left.saturating_sub(1);
            }
        }
    }
    let mut anybody = Set::new();
    audiences.iter().for_each(|people| anybody.or_with(people));
    let ranges = slots.histogram(&anybody).into_iter();
    let uncertain = ranges.filter(|range| range.used_min < range.used_max);
    let uncertain = uncertain.map(|range| range.followers).sum();
    let classes = Classes::read(owner, &books, &new.campaigns)?;
    let exponent = match exponent {
        Some(exponent) => exponent,
        None => worth::exponent(&books, &classes, &learned, new, &audiences)?,
    };
    let mut wishes = Vec::with_capacity(audiences.len());
    for (place, (wish, audience)) in new.campaigns.iter().zip(audiences).enumerate() {
        let known = (&*books, &classes, &learned);
        let worth = worth::read(known, place, wish, &audience, exponent)?;
        let mut least = wish.least;
        if wish.must_send {
            let reachable = audience.iter().filter(|one| places[*one as usize] > 0).count();
            least = u32::try_from(reachable).unwrap_or(u32::MAX);
        }
        if let Some(most) = wish.most.filter(|most| *most < least) {
            let problem = format!("{most} is less than the {least} who must get it");
            return Err(Error::bad(format!("campaigns[{place}].most"), problem));
        }
        wishes.push(Wish { audience, worth, least, most: wish.most });
    }
    let stages = new.campaigns.iter().map(|wish| wish.stage).collect();
    drop(books);
    let rules = calendar::rules(owner, new, &places, exponent, &holding).await?;
    Ok(Asked {
        campaigns,
        month: Staged { places, classes: classes.of, wishes, stages },
        held_out,
        exponent,
        followers: anybody.len() as u64,
        uncertain,
        held,
        outside,
        rules,
    })
}

/// What can be said of a question without looking at anybody.
fn check(owner: &Owner, new: &NewPlan) -> Result<(), Error> {
    let now = owner.now();
    if new.month < now.month() {
        let problem = format!("{} is over; the present month is {}", new.month, now.month());
        return Err(Error::bad("month", problem));
    }
    if new.kept_back > MOST_PLACES {
        let problem = format!("{} is not 0 to {MOST_PLACES}", new.kept_back);
        return Err(Error::bad("kept_back", problem));
    }
    let count = new.campaigns.len();
    if !(1..=MOST_WISHES).contains(&count) {
        return Err(Error::bad("campaigns", format!("{count} are not 1 to {MOST_WISHES}")));
    }
    for (place, wish) in new.campaigns.iter().enumerate() {
        let field = |name: &str| format!("campaigns[{place}].{name}");
        if new.campaigns[..place].iter().any(|other| other.campaign == wish.campaign) {
            let problem = format!("{:?} is named twice", wish.campaign);
            return Err(Error::bad(field("campaign"), problem));
        }
        if wish.at.month() != new.month {
            let problem = format!("{} is not in {}", wish.at, new.month);
            return Err(Error::bad(field("at"), problem));
        }
        if wish.at < now {
            let problem = format!("{} has passed; it is {now}", wish.at);
            return Err(Error::bad(field("at"), problem));
        }
        if !(1..=LAST_STAGE).contains(&wish.stage) {
            let problem = format!("{} is not 1 to {LAST_STAGE}", wish.stage);
            return Err(Error::bad(field("stage"), problem));
        }
        if let Some(most) = wish.most.filter(|most| *most < wish.least) {
            let problem = format!("{most} is less than `least`, {}", wish.least);
            return Err(Error::bad(field("most"), problem));
        }
        let parts = wish.hold_out * 10_000.0;
        let few_decimals = (parts - parts.round()).abs() < 1e-6;
        if !(0.0..=MOST_HELD_OUT).contains(&wish.hold_out) || !few_decimals {
            let problem = format!(
                "{} is not 0 to {MOST_HELD_OUT} percent with at most four decimals",
                wish.hold_out
            );
            return Err(Error::bad(field("hold_out"), problem));
        }
        worth::check(place, wish)?;
    }
    calendar::check(new)
}

async fn campaigns(owner: &Owner, wishes: &[PlanWish]) -> Result<Vec<Campaign>, Error> {
    let mut all = Vec::with_capacity(wishes.len());
    for (place, wish) in wishes.iter().enumerate() {
        let bad = |problem| Error::bad(format!("campaigns[{place}].campaign"), problem);
        let found = campaign::by_key(&owner.store, owner.id(), &wish.campaign).await?;
        let found = found.ok_or_else(|| {
            bad(format!("there is no campaign {:?}: make it first", wish.campaign))
        })?;
        if found.state != CampaignState::Draft {
            let hint = match found.state {
                CampaignState::Scheduled => "; release it from its plan, or cancel it, first",
                _ => "",
            };
            return Err(bad(format!(
                "{:?} is {}, and only drafts are planned{hint}",
                wish.campaign, found.state
            )));
        }
        all.push(found);
    }
    Ok(all)
}

/// Who stays without the campaign so that its effect can be measured: drawn by its key, so the same
/// people in every plan.
fn hold_out(owner: &Owner, books: &Books, wish: &PlanWish, people: &Set) -> Result<Set, Error> {
    // At most 900,000: `check` has seen to it.
    let per_million = (wish.hold_out * 10_000.0).round() as u32;
    if per_million == 0 {
        return Ok(Set::new());
    }
    let share = Segment::Share { salt: format!("hold-out {}", wish.campaign), per_million };
    let context = books.context(owner.month());
    let share = share.compile(&books.index, &context)?;
    let mut out = share.evaluate(&books.index, &context, owner.now());
    out.and_with(people);
    Ok(out)
}

/// Moment and recipients of every approved campaign of the month that is still to be sent.
async fn holding(owner: &Owner, month: Month) -> Result<Vec<(Timestamp, Set)>, Error> {
    let mut holding = Vec::new();
    for found in plan::of_month(&owner.store, owner.id(), month).await? {
        if found.state != PlanState::Approved {
            continue;
        }
        let entries = plan::entries(&owner.store, owner.id(), found.id).await?;
        let people = plan::people(&owner.store, owner.id(), found.id).await?;
        for (entry, people) in entries.iter().zip(people) {
            if entry.state == EntryState::Approved
                && super::made::waits(owner, entry.campaign).await?
            {
                let people = read_set("recipients of a plan", &people.recipients)?;
                holding.push((entry.starts_at, people));
            }
        }
    }
    Ok(holding)
}

/// Scheduled campaigns of the month whose recipients no plan has fixed.
async fn outside(owner: &Owner, month: Month) -> Result<Vec<String>, Error> {
    let open = campaign::open(&owner.store, owner.id()).await?;
    let loose = open.into_iter().filter(|found| {
        found.state == CampaignState::Scheduled
            && found.frozen_at.is_none()
            && found.starts_at.is_some_and(|at| at.month() == month)
    });
    Ok(loose.map(|found| found.key).collect())
}
