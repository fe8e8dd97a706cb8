//! A plan's calendar: windows, spacing, slots kept back for a time, topics, the cost of disturbing,
//! and the account's calls, as the planner takes them.

use audience::Set;
use ledger::Effect;
use planner::plan::days::calendar::NEVER;
use planner::record::Rules;
use wire::{Day, Month, Timestamp};

use super::worth::units;
use crate::books::{effect, recipients};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{NewPlan, PlanWish};

/// Most days between two messages.
const MOST_SPACING: u8 = 31;
/// Most topics of a plan.
const MOST_TOPICS: usize = 100;

/// Whether a question asks for more than slots and numbers of recipients.
fn wanted(new: &NewPlan) -> bool {
    new.spacing > 0
        || new.kept_back_until.is_some()
        || !new.topics.is_empty()
        || !new.disturbing.is_empty()
        || new.campaigns.iter().any(|wish| wish.until.is_some())
}

/// What can be said of a calendar without looking at anybody.
pub(super) fn check(new: &NewPlan) -> Result<(), Error> {
    if new.spacing > MOST_SPACING {
        let problem = format!("{} is not 0 to {MOST_SPACING} days", new.spacing);
        return Err(Error::bad("spacing", problem));
    }
    if let Some(day) = new.kept_back_until.filter(|day| day.month() != new.month) {
        return Err(Error::bad("kept_back_until", format!("{day} is not in {}", new.month)));
    }
    if new.topics.len() > MOST_TOPICS {
        let problem = format!("{} are more than {MOST_TOPICS}", new.topics.len());
        return Err(Error::bad("topics", problem));
    }
    if new.disturbing.len() > 4 {
        return Err(Error::bad("disturbing", "give at most four numbers"));
    }
    for (place, cost) in new.disturbing.iter().enumerate() {
        if !(0.0..=1e12).contains(cost) {
            let problem = format!("{cost} is not 0 or more");
            return Err(Error::bad(format!("disturbing[{place}]"), problem));
        }
    }
    for (place, wish) in new.campaigns.iter().enumerate() {
        let field = |name: &str| format!("campaigns[{place}].{name}");
        if let Some(until) = wish.until {
            if until.month() != new.month {
                let problem = format!("{until} is not in {}", new.month);
                return Err(Error::bad(field("until"), problem));
            }
            if until < wish.at.day() {
                let problem = format!("{until} is before `at`, {}", wish.at.day());
                return Err(Error::bad(field("until"), problem));
            }
        }
        if let Some(topic) = wish.topic.as_ref().filter(|topic| !new.topics.contains_key(*topic)) {
            let known: Vec<&str> = new.topics.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let problem = format!("{topic:?} is not among the plan's `topics` ({known})");
            return Err(Error::bad(field("topic"), problem));
        }
        if wanted(new) && wish.stage != new.campaigns[0].stage {
            let problem = "a plan with a calendar (until, spacing, kept_back_until, topics or \
                           disturbing) has one stage: use `weight`";
            return Err(Error::bad(field("stage"), problem));
        }
    }
    Ok(())
}

/// The rules of a question, when it asks for any.
pub(super) async fn rules(
    owner: &Owner,
    new: &NewPlan,
    places: &[u8],
    exponent: i32,
    holding: &[(Timestamp, Set)],
) -> Result<Option<Rules>, Error> {
    if !wanted(new) {
        return Ok(None);
    }
    let month = new.month;
    let days_of_month = length(month);
    let limits = owner.limits()?;
    let list_most = u32::try_from(limits.list_most.unwrap_or(10_000)).unwrap_or(10_000);
    let kept_back = match new.kept_back_until {
        Some(_) => places.iter().map(|places| new.kept_back.min(*places)).collect(),
        None => Vec::new(),
    };
    let mut disturbing = Vec::new();
    if let Some(last) = new.disturbing.last() {
        let mut costs = [0; 4];
        for (place, cost) in costs.iter_mut().enumerate() {
            let given = new.disturbing.get(place).unwrap_or(last);
            *cost = units(*given, exponent).ok_or_else(|| {
                Error::bad("disturbing", format!("{given} is too much beside the worths"))
            })?;
        }
        disturbing.push(costs);
    }
    let topics: Vec<&String> = new.topics.keys().collect();
    let earlier = if new.spacing > 0 { earlier(owner, month, holding).await? } else { Vec::new() };
    Ok(Some(Rules {
        days_of_month,
        windows: new.campaigns.iter().map(window).collect(),
        spacing: new.spacing,
        earlier: fitted(earlier, places.len()),
        kept_back,
        kept_until: new.kept_back_until.map_or(0, day_of),
        topics: match topics.is_empty() {
            true => Vec::new(),
            false => new.campaigns.iter().map(|wish| topic(new, wish)).collect(),
        },
        topic_most: new.topics.values().copied().collect(),
        disturbing,
        calls_left: calls(owner, month, holding, list_most)?,
        list_least: u32::try_from(limits.list_least.unwrap_or(2)).unwrap_or(2),
        list_most,
    }))
}

fn length(month: Month) -> u8 {
    u8::try_from(month.next().first_day().0 - month.first_day().0).unwrap_or(31)
}

fn day_of(day: Day) -> u8 {
    u8::try_from(day.of_month()).unwrap_or(31)
}

/// The days on which a campaign may go, bit `d − 1` for day `d`.
pub(super) fn window(wish: &PlanWish) -> u32 {
    let first = wish.at.day();
    let last = wish.until.unwrap_or(first).max(first);
    (day_of(first)..=day_of(last)).fold(0, |days, day| days | 1 << (day - 1))
}

/// The topic of a campaign by its place among the plan's.
pub(super) fn topic(new: &NewPlan, wish: &PlanWish) -> Option<u8> {
    let topic = wish.topic.as_ref()?;
    new.topics.keys().position(|one| one == topic).and_then(|place| u8::try_from(place).ok())
}

/// When a campaign goes on the day chosen for it: at the time of day it asked for.
pub(super) fn moment(month: Month, wish: &PlanWish, days: u32) -> Timestamp {
    match days {
        0 => wish.at,
        days => {
            let chosen = Day(month.first_day().0 + days.trailing_zeros() as i32);
            chosen.start() + wish.at.second_of_day()
        }
    }
}

/// Calls the account has left on each day: fewer on a day on which approved campaigns go.
fn calls(
    owner: &Owner,
    month: Month,
    holding: &[(Timestamp, Set)],
    list_most: u32,
) -> Result<Vec<u32>, Error> {
    let Some(most) = owner.limits()?.mass_calls_per_day else { return Ok(Vec::new()) };
    let first = month.first_day();
    let mut left: Vec<i64> = vec![most; usize::from(length(month))];
    let today = usize::try_from(owner.now().day().0 - first.0).ok();
    if let Some(day) = today.and_then(|today| left.get_mut(today)) {
        *day = owner.mass_calls_left().today.unwrap_or(most);
    }
    for (at, people) in holding {
        let day = usize::try_from(at.day().0 - first.0).ok();
        if let Some(day) = day.and_then(|day| left.get_mut(day)) {
            *day -= (people.len() as i64 + i64::from(list_most) - 1) / i64::from(list_most.max(1));
        }
    }
    Ok(left.into_iter().map(|left| u32::try_from(left.max(0)).unwrap_or(u32::MAX)).collect())
}

/// The last day on which each follower got a message, or may have: of this month or the one before.
async fn earlier(
    owner: &Owner,
    month: Month,
    holding: &[(Timestamp, Set)],
) -> Result<Vec<i8>, Error> {
    if !holding.is_empty() {
        return Err(Error::Conflict(
            "approved campaigns of the month wait to be sent, and a spacing cannot be kept to them: \
             release them and plan all together, or plan without a spacing"
                .to_owned(),
        ));
    }
    let first = month.first_day();
    let mut last: Vec<i8> = Vec::new();
    for month in [(first.start() + -1).month(), month] {
        for batch in store::batch::of_month(&owner.store, owner.id(), month).await? {
            if effect(&batch.head) == Effect::Nothing {
                continue;
            }
            let Some(at) = batch.head.called_at.or(batch.head.intended_at) else { continue };
            // The first of the month is 1, the day before it 0.
            let Ok(day) = i8::try_from(at.day().0 - first.0 + 1) else { continue };
            for ordinal in &recipients(&batch)? {
                let place = ordinal as usize;
                if place >= last.len() {
                    last.resize(place + 1, NEVER);
                }
                last[place] = last[place].max(day);
            }
        }
    }
    Ok(last)
}

/// One for every follower, or none at all.
fn fitted(mut days: Vec<i8>, followers: usize) -> Vec<i8> {
    if !days.is_empty() {
        days.resize(followers, NEVER);
    }
    days
}
