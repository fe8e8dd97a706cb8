//! Plans made and shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use audience::Set;
use planner::plan::days::calendar;
use planner::plan::rivals::{Rivals, rivals};
use planner::plan::{Malformed, Threads, Worth};
use planner::record::{Claim, ClaimedCalendar, Record, Rules};
use planner::stages::Staged;
use store::plan::{self, Entry, EntryState, People, Plan, PlanState};
use store::{CampaignId, PlanId};
use wire::{Day, Timestamp};

use super::ask::{Asked, ask};
use super::kept::{self, Kept, Summary};
use super::worth::{power, units};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{ConflictView, NewPlan, PlanDay, PlanLine, PlanView, ReplansView, RivalsView};

/// An earlier plan that a new one should stay near to.
pub(super) struct Before {
    /// That plan.
    pub(super) kept: Kept,
    /// What each message that stays counts for on top of its worth.
    pub(super) stay: f64,
}

/// Makes a plan and keeps it; nothing follows from it until it is approved.
pub(super) async fn make(
    owner: &Arc<Owner>,
    new: NewPlan,
    before: Option<Before>,
) -> Result<PlanId, Error> {
    let asked = ask(owner, &new, None).await?;
    let (made_at, account) = (owner.now(), owner.id());
    let keys: Vec<String> = asked.campaigns.iter().map(|found| found.key.clone()).collect();
    let Asked { mut month, held_out, exponent, rules, .. } = asked;
    let stay = match &before {
        Some(before) => Some(favour(&mut month, &keys, before, exponent)?),
        None => None,
    };
    let stay_units = stay.as_ref().map_or(0, |(units, _)| *units);
    let earlier = stay.map(|(_, earlier)| earlier);
    let solved = solve(month, rules, &new).await?;
    let Solved { month, rules, recipients, prices, at, rivals, calendar, conflicting, .. } = solved;
    let record = Record { month, keys, recipients, rules };
    let values = record.to_bytes();
    let calendar = calendar.as_ref();
    let claim = kept::claim_of(owner, new.month, exponent, &record, &prices, calendar, &values)?;
    let replans = match (&before, &earlier) {
        (Some(before), Some(earlier)) => Some(replans(before, earlier, &record)),
        _ => None,
    };
    let summary = Summary {
        followers: asked.followers,
        uncertain: asked.uncertain,
        held: asked.held,
        outside: asked.outside,
        conflicting,
        replans,
    };
    // What counts for staying is no worth. No plan is worth more than the bound without it either.
    let bonus = summary.replans.as_ref().map_or(0, |one| one.stayed as i64 * stay_units);
    let unit = |units: i64| units as f64 / power(exponent);
    let row = Plan {
        id: PlanId(0),
        month: new.month,
        question: kept::text("the question of a plan", &new)?,
        state: PlanState::Draft,
        made_at,
        approved_at: None,
        value: claim.value - bonus,
        bound: claim.bound,
        rivals: kept::text(
            "the rivals of a plan",
            &RivalsView {
                first_come: unit(rivals.first_come),
                by_priority: unit(rivals.by_priority),
                greedy: unit(rivals.greedy),
            },
        )?,
        summary: kept::text("the summary of a plan", &summary)?,
        certificate: kept::text("the certificate of a plan", &claim)?,
    };
    let entries: Vec<(Entry, People)> = (0..record.keys.len())
        .map(|place| {
            let stayed = earlier.as_ref().and_then(|earlier| earlier.get(place)?.as_ref());
            let stayed = stayed.map_or(0, |was| was.intersection_len(&record.recipients[place]));
            let entry = Entry {
                number: u32::try_from(place).unwrap_or(u32::MAX),
                campaign: asked.campaigns[place].id,
                starts_at: at[place],
                state: EntryState::Planned,
                price: prices[place].into(),
                audience: record.month.wishes[place].audience.len() as u64,
                held_out: held_out[place].len() as u64,
                recipients: record.recipients[place].len() as u64,
                worth: record.worth_of(place, &record.recipients[place])
                    - stayed as i64 * stay_units,
            };
            let people = People {
                held_out: held_out[place].to_bytes(),
                recipients: record.recipients[place].to_bytes(),
            };
            (entry, people)
        })
        .collect();
    let id = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let id = plan::create(tx, account, &row, &entries).await?;
                plan::prove(tx, account, id, &row.certificate, &values).await?;
                Ok(id)
            })
        })
        .await?;
    tracing::info!(%account, plan = %id, "month planned");
    Ok(id)
}

/// What the planner answers.
pub(super) struct Solved {
    /// The question, given back.
    pub(super) month: Staged,
    /// Its rules, given back.
    pub(super) rules: Option<Rules>,
    /// Recipients of each campaign.
    pub(super) recipients: Vec<Set>,
    /// Prices of each campaign.
    pub(super) prices: Vec<i32>,
    /// When each campaign goes.
    pub(super) at: Vec<Timestamp>,
    /// The days, where the plan has a calendar.
    pub(super) calendar: Option<ClaimedCalendar>,
    /// Campaigns whose leasts ask too much.
    pub(super) conflicting: Vec<usize>,
    /// The same month by other ways, which know of no calendar.
    pub(super) rivals: Rivals,
}

/// Solves on threads of its own: a month of millions takes seconds of both processors.
pub(super) async fn solve(
    month: Staged,
    rules: Option<Rules>,
    new: &NewPlan,
) -> Result<Solved, Error> {
    let at: Vec<Timestamp> = new.campaigns.iter().map(|wish| wish.at).collect();
    let order = order(&at);
    let work = move || -> Result<Solved, String> {
        let wrong = |error: Malformed| error.to_string();
        let rivals = rivals(&month.question(), &order).map_err(wrong)?;
        let Some(rules) = rules else {
            let plan = month.best(Threads::default()).map_err(wrong)?;
            let conflicting = plan.conflict.map(|conflict| conflict.wishes).unwrap_or_default();
            return Ok(Solved {
                month,
                rules: None,
                recipients: plan.recipients,
                prices: plan.prices,
                at,
                calendar: None,
                conflicting,
                rivals,
            });
        };
        let calendar = calendar::best(&rules.question(&month), Threads::default())
            .map_err(|error| error.to_string())?;
        Ok(Solved {
            recipients: calendar.recipients(),
            prices: calendar.prices_of_days.wishes.clone(),
            at,
            conflicting: calendar.conflicts.iter().map(|conflict| conflict.wish).collect(),
            calendar: Some(ClaimedCalendar::of(&calendar)),
            rivals,
            month,
            rules: Some(rules),
        })
    };
    let done = tokio::task::spawn_blocking(work).await;
    let mut solved = done
        .map_err(|error| Error::unreadable("the end of a plan", error))?
        .map_err(|error| Error::bad("campaigns", error))?;
    if let Some(calendar) = &solved.calendar {
        let days = new.campaigns.iter().zip(&calendar.days);
        solved.at =
            days.map(|(wish, days)| super::calendar::moment(new.month, wish, *days)).collect();
    }
    Ok(solved)
}

/// For each campaign how many go before it.
fn order(at: &[Timestamp]) -> Vec<u8> {
    at.iter()
        .map(|one| {
            let before = at.iter().filter(|other| *other < one).count();
            u8::try_from(before).unwrap_or(u8::MAX)
        })
        .collect()
}

/// Makes every message of the earlier plan worth more, so that it stays unless something else is
/// worth that much more. Gives the units, and for each campaign whom it reached then.
fn favour(
    month: &mut Staged,
    keys: &[String],
    before: &Before,
    exponent: i32,
) -> Result<(i64, Vec<Option<Set>>), Error> {
    let bonus = units(before.stay, exponent).filter(|units| *units >= 0).ok_or_else(|| {
        Error::bad("stay", format!("{} is not 0 or a worth like the others", before.stay))
    })?;
    let record = &before.kept.record;
    let mut earlier = Vec::with_capacity(keys.len());
    for (place, key) in keys.iter().enumerate() {
        let then = record.keys.iter().position(|one| one == key);
        let was = then.map(|then| record.recipients[then].clone());
        if let Some(was) = was.as_ref().filter(|_| bonus > 0) {
            let worths = each(month, place);
            let wish = &mut month.wishes[place];
            let favoured = wish.audience.iter().zip(worths).map(|(ordinal, worth)| {
                if was.contains(ordinal) { worth.checked_add(bonus) } else { Some(worth) }
            });
            let favoured: Option<Vec<i16>> = favoured.collect();
            wish.worth = Worth::Each(favoured.ok_or_else(|| {
                Error::bad("stay", format!("{} is too much beside the worths", before.stay))
            })?);
        }
        earlier.push(was);
    }
    Ok((bonus.into(), earlier))
}

/// What a campaign is worth to each of its audience.
pub(super) fn each(month: &Staged, place: usize) -> Vec<i16> {
    let wish = &month.wishes[place];
    match &wish.worth {
        Worth::Same(worth) => vec![*worth; wish.audience.len()],
        Worth::Each(worths) => worths.clone(),
        Worth::ByClass(worths) => wish
            .audience
            .iter()
            .map(|ordinal| worths[usize::from(month.classes[ordinal as usize])])
            .collect(),
    }
}

fn replans(before: &Before, earlier: &[Option<Set>], record: &Record) -> ReplansView {
    let mut view =
        ReplansView { plan: before.kept.row.id.0, stay: before.stay, stayed: 0, gone: 0, new: 0 };
    for (was, is) in earlier.iter().zip(&record.recipients) {
        let Some(was) = was else { continue };
        let stayed = was.intersection_len(is) as u64;
        view.stayed += stayed;
        view.gone += was.len() as u64 - stayed;
        view.new += is.len() as u64 - stayed;
    }
    view
}

/// A plan as it is shown.
pub(super) async fn view(owner: &Owner, row: &Plan) -> Result<PlanView, Error> {
    let claim = kept::claim(row)?;
    let summary = kept::summary(row)?;
    let unit = |units: i64| units as f64 / power(claim.unit_exponent);
    let entries = plan::entries(&owner.store, owner.id(), row.id).await?;
    let limits = owner.limits()?;
    let list = usize::try_from(limits.list_most.unwrap_or(10_000)).unwrap_or(10_000).max(1);
    let mut campaigns = Vec::with_capacity(entries.len());
    for (entry, claimed) in entries.iter().zip(&claim.campaigns) {
        let found = store::campaign::get(&owner.store, owner.id(), entry.campaign).await?;
        let state = match entry.state {
            EntryState::Approved => found.state.to_string(),
            state => state.to_string(),
        };
        campaigns.push(PlanLine {
            id: entry.campaign.0,
            campaign: found.key,
            name: found.name,
            at: entry.starts_at,
            stage: claimed.stage,
            audience: entry.audience,
            held_out: entry.held_out,
            recipients: entry.recipients,
            worth: unit(entry.worth),
            price: unit(entry.price),
            least: claimed.least,
            most: claimed.most,
            calls: calls(entry.recipients, list),
            state,
        });
    }
    let sends = campaigns.iter().map(|line| (line.at, line.recipients));
    let gap = match row.bound == row.value {
        true => 0.0,
        false => (row.bound - row.value) as f64 / (row.bound as f64).abs().max(1.0),
    };
    Ok(PlanView {
        id: row.id.0,
        month: row.month,
        state: row.state.to_string(),
        made_at: row.made_at,
        approved_at: row.approved_at,
        value: unit(row.value),
        bound: unit(row.bound),
        gap,
        // What no plan on any days exceeds, none on these days does either.
        bound_of_days: claim
            .calendar
            .as_ref()
            .map(|calendar| unit(calendar.bound_of_days.min(row.bound))),
        unit: power(-claim.unit_exponent),
        rivals: kept::rivals(row)?,
        followers: summary.followers,
        uncertain: summary.uncertain,
        held: summary.held,
        days: days(sends, list, limits.mass_calls_per_day),
        conflict: conflict(&claim, &summary.conflicting, |place| {
            campaigns.get(place).map(|line| line.name.clone())
        }),
        replans: summary.replans,
        outside: summary.outside,
        campaigns,
    })
}

pub(super) fn calls(recipients: u64, list: usize) -> u64 {
    recipients.div_ceil(list as u64)
}

/// Calls by day, the first day first.
pub(super) fn days(
    sends: impl Iterator<Item = (Timestamp, u64)>,
    list: usize,
    allowed: Option<i64>,
) -> Vec<PlanDay> {
    let mut days: BTreeMap<Day, (u64, u64)> = BTreeMap::new();
    for (at, recipients) in sends {
        let day = days.entry(at.day()).or_default();
        day.0 += recipients;
        day.1 += calls(recipients, list);
    }
    let allowed = allowed.map(i64::unsigned_abs);
    let day = |(day, (messages, calls))| PlanDay { day, messages, calls, allowed };
    days.into_iter().map(day).collect()
}

/// Leasts that ask too much, in words.
pub(super) fn conflict(
    claim: &Claim,
    conflicting: &[usize],
    name: impl Fn(usize) -> Option<String>,
) -> Option<ConflictView> {
    let lacking: u64 = claim.campaigns.iter().map(|one| one.short).sum();
    if lacking == 0 {
        return None;
    }
    let names: Vec<String> = conflicting.iter().filter_map(|place| name(*place)).collect();
    let asked: u64 = conflicting
        .iter()
        .filter_map(|place| claim.campaigns.get(*place))
        .map(|one| u64::from(one.least))
        .sum();
    let english = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let chinese = names.iter().map(|name| format!("「{name}」")).collect::<String>();
    Some(ConflictView {
        campaigns: conflicting
            .iter()
            .filter_map(|place| claim.campaigns.get(*place))
            .map(|one| one.key.clone())
            .collect(),
        lacking,
        sentence: format!(
            "{english} must reach {asked} recipients together, and {lacking} of them have no slot \
             for it: lower a least or add followers. The plan comes as near as it can."
        ),
        sentence_zh: format!(
            "{chinese}合计至少需要 {asked} 名接收者，还差 {lacking} 个名额：请降低最少人数或扩大人群。\
             当前计划已尽量接近。"
        ),
    })
}

/// Whether a campaign of an approved plan is still to be sent.
pub(super) async fn waits(owner: &Owner, id: CampaignId) -> Result<bool, Error> {
    let found = store::campaign::get(&owner.store, owner.id(), id).await?;
    Ok(found.state == store::campaign::CampaignState::Scheduled
        && store::batch::of_campaign(&owner.store, owner.id(), id).await?.is_empty())
}
