//! A plan as it is kept: its row, what is claimed of it, and the values that prove the claim.

use audience::Set;
use planner::plan::MonthPlan;
use planner::plan::days::calendar::Calendar;
use planner::record::{
    Claim, ClaimedCalendar, ClaimedCampaign, ClaimedStage, Record, Sums, digest,
};
use planner::stages::{Stage, StagedPlan};
use serde::{Deserialize, Serialize};
use store::PlanId;
use store::plan::{self, Plan};
use wire::OpenId;

use crate::books::read_set;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{NewPlan, ReplansView, RivalsView};

/// OpenIDs read at a time.
const ROWS: usize = 50_000;

/// What is shown of a plan beside its columns, kept as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Summary {
    /// Followers in some audience.
    pub(super) followers: u64,
    /// Those of them whose slots are a range.
    pub(super) uncertain: u64,
    /// Slots that approved plans hold.
    pub(super) held: u64,
    /// Campaigns scheduled outside of every plan.
    pub(super) outside: Vec<String>,
    /// Campaigns whose leasts ask too much, as places in the question.
    pub(super) conflicting: Vec<usize>,
    /// The earlier plan, and what stayed of it.
    pub(super) replans: Option<ReplansView>,
}

/// A plan with everything its proof speaks of.
pub(super) struct Kept {
    pub(super) row: Plan,
    pub(super) claim: Claim,
    pub(super) record: Record,
    /// The plan as the planner gave it.
    pub(super) plan: StagedPlan,
}

impl Kept {
    pub(super) async fn load(owner: &Owner, id: PlanId) -> Result<Self, Error> {
        let row = plan::get(&owner.store, owner.id(), id).await?;
        let claim = claim(&row)?;
        let values = plan::values(&owner.store, owner.id(), id).await?;
        let record = Record::read(&values)
            .map_err(|error| Error::unreadable("the values of a plan", error))?;
        let plan = planned(&record, &claim);
        Ok(Self { row, claim, record, plan })
    }

    /// The calendar as the planner gave it, where the plan has one.
    pub(super) fn calendar(&self) -> Option<Calendar> {
        let (rules, claimed) = (self.record.rules.as_ref()?, self.claim.calendar.as_ref()?);
        let short: Vec<u64> = self.claim.campaigns.iter().map(|one| one.short).collect();
        let sums = [self.claim.value, self.claim.bound];
        Some(rules.calendar(claimed, &self.record.recipients, sums, &short))
    }

    /// The question as it was asked.
    pub(super) fn question(&self) -> Result<NewPlan, Error> {
        question(&self.row)
    }
}

/// The question of a plan as it was asked.
pub(super) fn question(row: &Plan) -> Result<NewPlan, Error> {
    serde_json::from_str(&row.question)
        .map_err(|error| Error::unreadable("the question of a plan", error))
}

/// The claim kept with a plan; the plan's number is the row's.
pub(super) fn claim(row: &Plan) -> Result<Claim, Error> {
    let claim: Claim = serde_json::from_str(&row.certificate)
        .map_err(|error| Error::unreadable("the certificate of a plan", error))?;
    Ok(Claim { plan: row.id.0, ..claim })
}

pub(super) fn summary(row: &Plan) -> Result<Summary, Error> {
    serde_json::from_str(&row.summary)
        .map_err(|error| Error::unreadable("the summary of a plan", error))
}

pub(super) fn rivals(row: &Plan) -> Result<RivalsView, Error> {
    serde_json::from_str(&row.rivals)
        .map_err(|error| Error::unreadable("the rivals of a plan", error))
}

pub(super) fn text(what: &'static str, value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::unreadable(what, error))
}

/// Everybody a campaign of a plan is planned for, in the order of their numbers.
pub(super) async fn recipients(owner: &Owner, id: PlanId, key: &str) -> Result<Vec<OpenId>, Error> {
    let claim = claim(&plan::get(&owner.store, owner.id(), id).await?)?;
    let place = claim.campaigns.iter().position(|one| one.key == key).ok_or_else(|| {
        let keys: Vec<&str> = claim.campaigns.iter().map(|one| one.key.as_str()).collect();
        let problem = format!("{key:?} is not in plan {id}; it has {}", keys.join(", "));
        Error::bad("campaign", problem)
    })?;
    let people = plan::people(&owner.store, owner.id(), id).await?;
    let Some(people) = people.get(place) else { return Ok(Vec::new()) };
    let people = read_set("recipients of a plan", &people.recipients)?;
    let ordinals: Vec<u32> = people.iter().collect();
    let mut openids = Vec::with_capacity(ordinals.len());
    for part in ordinals.chunks(ROWS) {
        openids.extend(store::follower::openids_of(&owner.store, owner.id(), part).await?);
    }
    Ok(openids)
}

/// What is claimed of a record with these prices. The plan's number is filled in when it is read.
pub(super) fn claim_of(
    owner: &Owner,
    month: wire::Month,
    exponent: i32,
    record: &Record,
    prices: &[i32],
    calendar: Option<&ClaimedCalendar>,
    values: &[u8],
) -> Result<Claim, Error> {
    let Sums { stages, short, calendar } = record
        .add_up(prices, calendar)
        .map_err(|error| Error::unreadable("the prices of a plan", error))?;
    let sum = |of: fn(&ClaimedStage) -> i64| stages.iter().map(of).sum::<i64>();
    Ok(Claim {
        about: planner::record::ABOUT.to_owned(),
        account: owner.account.appid.to_string(),
        month: month.to_string(),
        plan: 0,
        unit_exponent: exponent,
        value: sum(|stage| stage.value),
        bound: sum(|stage| stage.bound),
        values_sha256: digest(values),
        stages,
        calendar,
        campaigns: (0..record.keys.len())
            .map(|place| {
                let wish = &record.month.wishes[place];
                ClaimedCampaign {
                    key: record.keys[place].clone(),
                    stage: record.month.stages[place],
                    audience: wish.audience.len() as u64,
                    least: wish.least,
                    most: wish.most,
                    recipients: record.recipients[place].len() as u64,
                    short: short[place],
                    price: prices[place],
                }
            })
            .collect(),
    })
}

fn planned(record: &Record, claim: &Claim) -> StagedPlan {
    let prices: Vec<i32> = claim.campaigns.iter().map(|one| one.price).collect();
    let stages = claim.stages.iter().map(|stage| {
        let wishes = record.month.of_stage(stage.stage);
        let recipients: Vec<Set> =
            wishes.iter().map(|wish| record.recipients[*wish].clone()).collect();
        let own = wishes.iter().map(|wish| prices.get(*wish).copied().unwrap_or(0)).collect();
        let plan = MonthPlan {
            recipients,
            value: stage.value,
            bound: stage.bound,
            prices: own,
            conflict: None,
        };
        Stage { number: stage.stage, wishes, plan }
    });
    StagedPlan {
        stages: stages.collect(),
        recipients: record.recipients.clone(),
        value: claim.value,
        bound: claim.bound,
        prices,
        conflict: None,
    }
}
