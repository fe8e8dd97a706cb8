//! Plans changed: what a change would bring, and a plan made anew from an earlier one.

use std::sync::Arc;

use audience::Set;
use planner::plan::question::MOST_PLACES;
use planner::plan::{Wish, Worth};
use planner::record::{Record, Rules};
use planner::stages::Staged;
use store::PlanId;
use store::campaign::{self, CampaignState};

use super::ask::ask;
use super::calendar;
use super::kept::Kept;
use super::made::{self, Before, Solved, days, each, solve};
use super::worth::power;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{NewPlan, PlanChange, PlanChanges, PlanWish, WhatIfLine, WhatIfView};

/// The question after the changes, in their order.
fn changed(question: &NewPlan, changes: &[PlanChange]) -> Result<NewPlan, Error> {
    let mut question = question.clone();
    for (place, change) in changes.iter().enumerate() {
        let all = &mut question.campaigns;
        let find = |all: &[PlanWish], key: &str, what: &str| {
            all.iter().position(|wish| wish.campaign == key).ok_or_else(|| {
                let keys: Vec<&str> = all.iter().map(|wish| wish.campaign.as_str()).collect();
                let problem = format!("{key:?} is not in the plan; it has {}", keys.join(", "));
                Error::bad(format!("changes[{place}].{what}.campaign"), problem)
            })
        };
        match change {
            PlanChange::Add(wish) => {
                if all.iter().any(|other| other.campaign == wish.campaign) {
                    let problem = format!("{:?} is in the plan already", wish.campaign);
                    return Err(Error::bad(format!("changes[{place}].add.campaign"), problem));
                }
                all.push(wish.clone());
            }
            PlanChange::Drop { campaign } => {
                let at = find(all, campaign, "drop")?;
                all.remove(at);
            }
            PlanChange::Resize { campaign, least, most } => {
                if most.is_some_and(|most| most < *least) {
                    let problem = format!("it is less than `least`, {least}");
                    return Err(Error::bad(format!("changes[{place}].resize.most"), problem));
                }
                let at = find(all, campaign, "resize")?;
                all[at].must_send = false;
                (all[at].least, all[at].most) = (*least, *most);
            }
            PlanChange::KeepBack { slots } => {
                let least = question.kept_back;
                if !(least..=MOST_PLACES).contains(slots) || question.kept_back_until.is_some() {
                    let problem = match question.kept_back_until {
                        Some(day) => format!("the plan keeps slots back until {day}"),
                        None => format!("{slots} is not {least} to {MOST_PLACES}"),
                    };
                    return Err(Error::bad(format!("changes[{place}].keep_back.slots"), problem));
                }
                question.kept_back = *slots;
            }
            PlanChange::Move { campaign, at: moment } => {
                if moment.month() != question.month {
                    let problem = format!("{moment} is not in {}", question.month);
                    return Err(Error::bad(format!("changes[{place}].move.at"), problem));
                }
                let at = find(all, campaign, "move")?;
                (all[at].at, all[at].until) = (*moment, None);
            }
        }
    }
    Ok(question)
}

/// What the changes would bring, from the values the plan was made of; only campaigns that are new
/// are looked up. Nothing is kept.
pub(super) async fn what_if(
    owner: &Arc<Owner>,
    id: PlanId,
    wish: &PlanChanges,
) -> Result<WhatIfView, Error> {
    let kept = Kept::load(owner, id).await?;
    let question = changed(&kept.question()?, &wish.changes)?;
    if question.campaigns.is_empty() {
        return Err(Error::bad("changes", "no campaign is left"));
    }
    let (month, keys) = month(owner, &kept, &question).await?;
    let rules = rules(&kept, &question)?;
    let solved = solve(month, rules, &question).await?;
    let exponent = kept.claim.unit_exponent;
    let unit = |units: i64| units as f64 / power(exponent);
    let limits = owner.limits()?;
    let list = usize::try_from(limits.list_most.unwrap_or(10_000)).unwrap_or(10_000).max(1);
    let Solved { month, rules, recipients, prices, at, calendar, conflicting, .. } = solved;
    let sends = at.iter().zip(&recipients).map(|(at, set)| (*at, set.len() as u64));
    let days = days(sends, list, limits.mass_calls_per_day);
    let record = Record { month, keys, recipients, rules };
    let calendar = calendar.as_ref();
    let claim =
        super::kept::claim_of(owner, question.month, exponent, &record, &prices, calendar, &[])?;
    let conflict = made::conflict(&claim, &conflicting, |place| record.keys.get(place).cloned());
    let view = WhatIfView {
        plan: id.0,
        value_before: unit(kept.claim.value),
        value: unit(claim.value),
        bound: unit(claim.bound),
        difference: unit(claim.value - kept.claim.value),
        campaigns: lines(&kept.record, &record, &prices, unit),
        days,
        conflict,
    };
    Ok(view)
}

/// The rules of the changed month: those it was planned with, for the campaigns there are now.
fn rules(kept: &Kept, question: &NewPlan) -> Result<Option<Rules>, Error> {
    let Some(rules) = &kept.record.rules else {
        if question.campaigns.iter().any(|wish| wish.until.is_some()) {
            return Err(Error::bad(
                "changes",
                "the plan has no calendar, so no campaign of it has `until`: make a plan with one",
            ));
        }
        return Ok(None);
    };
    Ok(Some(Rules {
        windows: question.campaigns.iter().map(calendar::window).collect(),
        topics: match rules.topics.is_empty() {
            true => Vec::new(),
            false => {
                question.campaigns.iter().map(|wish| calendar::topic(question, wish)).collect()
            }
        },
        ..rules.clone()
    }))
}

/// The changed month: campaigns that were there keep the values they were planned with.
async fn month(
    owner: &Arc<Owner>,
    kept: &Kept,
    question: &NewPlan,
) -> Result<(Staged, Vec<String>), Error> {
    let then = &kept.record;
    let place_of = |key: &str| then.keys.iter().position(|one| one == key);
    let new: Vec<PlanWish> = question
        .campaigns
        .iter()
        .filter(|wish| place_of(&wish.campaign).is_none())
        .cloned()
        .collect();
    let mut added = None;
    if !new.is_empty() {
        // Rules are those of the plan; here only audience and worth are read.
        let asked = NewPlan {
            campaigns: new.iter().map(|wish| PlanWish { until: None, ..wish.clone() }).collect(),
            spacing: 0,
            kept_back_until: None,
            disturbing: Vec::new(),
            ..question.clone()
        };
        added = Some(ask(owner, &asked, Some(kept.claim.unit_exponent)).await?);
    }
    // Fewer slots than the plan had: those kept back are the last ones of each follower.
    let fewer = question.kept_back.saturating_sub(kept.question()?.kept_back);
    let mut month = Staged {
        places: then.month.places.iter().map(|places| places.saturating_sub(fewer)).collect(),
        classes: then.month.classes.clone(),
        wishes: Vec::new(),
        stages: Vec::new(),
    };
    let mut keys = Vec::new();
    let mut fresh = 0;
    for wish in &question.campaigns {
        keys.push(wish.campaign.clone());
        month.stages.push(wish.stage);
        match (place_of(&wish.campaign), &added) {
            (Some(place), _) => {
                let was = &then.month.wishes[place];
                let least = if wish.must_send { was.least } else { wish.least };
                month.wishes.push(Wish { least, most: wish.most, ..was.clone() });
            }
            (None, Some(asked)) => {
                // Classes are those of another question, and whoever came since had no place then.
                let own = &asked.month.wishes[fresh];
                let known = u32::try_from(month.places.len()).unwrap_or(u32::MAX);
                let pairs = own.audience.iter().zip(each(&asked.month, fresh));
                let (audience, worths): (Vec<u32>, Vec<i16>) =
                    pairs.filter(|(ordinal, _)| *ordinal < known).unzip();
                month.wishes.push(Wish {
                    audience: Set::from_iter(audience),
                    worth: Worth::Each(worths),
                    ..own.clone()
                });
                fresh += 1;
            }
            (None, None) => {}
        }
    }
    Ok((month, keys))
}

fn lines(
    before: &Record,
    after: &Record,
    prices: &[i32],
    unit: impl Fn(i64) -> f64,
) -> Vec<WhatIfLine> {
    let mut keys = after.keys.clone();
    keys.extend(before.keys.iter().filter(|key| !after.keys.contains(key)).cloned());
    let none = Set::new();
    let line = |key: String| {
        let of = |record: &Record| record.keys.iter().position(|one| *one == key);
        let (then, now) = (of(before), of(after));
        let was = then.map_or(&none, |place| &before.recipients[place]);
        let is = now.map_or(&none, |place| &after.recipients[place]);
        let stayed = was.intersection_len(is);
        WhatIfLine {
            before: then.map(|_| was.len() as u64),
            after: now.map(|_| is.len() as u64),
            joined: (is.len() - stayed) as u64,
            left: (was.len() - stayed) as u64,
            price: now.and_then(|place| prices.get(place)).map(|price| unit((*price).into())),
            campaign: key,
        }
    };
    keys.into_iter().map(line).collect()
}

/// Makes a plan anew from an earlier one: with the facts and slots of now, for the campaigns that
/// are still drafts, staying near to what was planned. What is approved stays as it is.
pub(super) async fn replan(
    owner: &Arc<Owner>,
    id: PlanId,
    wish: &PlanChanges,
) -> Result<PlanId, Error> {
    let kept = Kept::load(owner, id).await?;
    let mut question = changed(&kept.question()?, &wish.changes)?;
    let mut still = Vec::with_capacity(question.campaigns.len());
    for one in question.campaigns {
        let found = campaign::by_key(&owner.store, owner.id(), &one.campaign).await?;
        let is_new = !kept.record.keys.contains(&one.campaign);
        // A campaign that is new is asked about where the question is read.
        if is_new || found.is_some_and(|found| found.state == CampaignState::Draft) {
            still.push(one);
        }
    }
    if still.is_empty() {
        return Err(Error::Conflict(format!(
            "every campaign of plan {id} is approved, sent or cancelled: release what shall be \
             planned anew"
        )));
    }
    question.campaigns = still;
    made::make(owner, question, Some(Before { kept, stay: wish.stay })).await
}
