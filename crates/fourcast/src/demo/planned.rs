//! The same month twice: planned, and first come. Two accounts with the same people of the built-in
//! population stand in one sandbox, on one clock, before one server. Both have the same campaigns
//! at the same moments; the one's are planned and approved, the other's go to everybody who follows
//! while slots last. What either brought is the sandbox's truth.

use std::collections::BTreeMap;

use delivery::view::{
    CampaignView, NewPlan, PlanView, PlanWish, SegmentWorth, SegmentWorths, SendWish, WorthWish,
};
use sandbox::population::description::Description;
use serde::{Deserialize, Serialize};
use wire::{Month, Timestamp};

use super::control::Wish;
use super::drive::{Driver, Endpoints};
use super::happening::Hooks;
use super::month::moment;
use super::report::Check;
use super::shop::{Planned, Says, When};
use crate::Error;

/// Followers of each account, at most: enough to tell the two ways apart, and two months more of them
/// would keep whoever watches waiting.
pub const MOST_FOLLOWERS: u32 = 50_000;
/// What a follower who leaves costs, in yuan.
const FOLLOWER: f64 = 5.0;
/// While a campaign may be under way both sides are looked at so often, in seconds; else hourly.
const CLOSELY: i64 = 60;
const HOURLY: i64 = 3_600;
/// A campaign is carried out well within this many seconds.
const UNDER_WAY: i64 = 1_800;

/// The campaigns: each to everybody who follows, of a kind that its words tell.
pub const CAMPAIGNS: &[Planned] = &[
    planned(2, "care-1", "春季护肤教程", "春季护肤教程：换季先做好清洁与保湿。"),
    planned(4, "sale-1", "会员满减", "会员专享满减：满 199 减 60，三天有效。"),
    planned(6, "launch-1", "新品首发", "新品首发：修护精华今晚八点开售。"),
    planned(9, "story", "品牌故事", "十年只做一件事：四季肌研的实验室日记。"),
    planned(11, "care-2", "成分课", "成分课：敏感肌怎么看配料表。"),
    planned(13, "launch-2", "彩妆上新", "春季彩妆上新：十二支唇色一次看完。"),
    planned(17, "sale-2", "周年大促", "周年大促：全场八折，护肤另享赠品。"),
    planned(20, "weekend", "门店周末", "本周末门店下午茶，欢迎来坐坐。"),
    planned(24, "care-3", "防晒课", "防晒课：SPF 与 PA 到底怎么选。"),
    planned(27, "sale-3", "月末特价", "月末特价：口红第二支半价，售完即止。"),
];

const fn planned(day: i32, key: &'static str, name: &'static str, words: &'static str) -> Planned {
    Planned {
        when: When::Day(day, 10, 0),
        key,
        name,
        segment: "subscribed",
        says: Says::Text(words),
    }
}

/// The month by both ways.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    /// Followers of each account at the start.
    pub followers: u32,
    /// What a follower who leaves costs, in yuan.
    pub follower_yuan: f64,
    /// What the plan is worth before anything is sent, in yuan.
    pub plan_value: f64,
    /// What no lawful plan exceeds.
    pub plan_bound: f64,
    /// The campaigns.
    pub campaigns: Vec<Compared>,
    /// The account that was planned.
    pub planned: Outcome,
    /// The account whose campaigns went to whoever had a slot.
    pub first_come: Outcome,
}

/// One campaign by both ways.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Compared {
    /// When it went.
    pub at: Timestamp,
    /// Its name.
    pub name: String,
    /// Whom the plan chose.
    pub chosen: u64,
    /// Whom it reached when planned.
    pub planned: u64,
    /// Whom it reached first come.
    pub first_come: u64,
}

/// What a month brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What it was expected to be worth, in yuan: orders less followers lost.
    pub expected: f64,
    /// Messages delivered.
    pub messages: u64,
    /// Orders they brought.
    pub orders: u64,
    /// What those came to.
    pub cents: i64,
    /// Followers who left because of them.
    pub lost: u64,
    /// Orders less followers lost, in yuan.
    pub worth: f64,
}

impl Comparison {
    /// What must hold of it.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let chosen: u64 = self.campaigns.iter().map(|line| line.chosen).sum();
        let beyond = self.campaigns.iter().filter(|line| line.planned > line.chosen).count();
        vec![
            Check {
                sentence: format!(
                    "the plan is proven best 计划已证明最优: ¥{:.0}, and nothing lawful exceeds \
                     ¥{:.0}",
                    self.plan_value, self.plan_bound
                ),
                holds: self.plan_value >= self.plan_bound,
            },
            Check {
                sentence: format!(
                    "worth more than first come 优于先到先得: ¥{:.0} against ¥{:.0}",
                    self.planned.expected, self.first_come.expected
                ),
                holds: self.planned.expected >= self.first_come.expected,
            },
            Check {
                sentence: format!(
                    "nobody outside the plan got a message 未超出计划: {} of {chosen} planned \
                     messages were delivered",
                    self.planned.messages
                ),
                holds: beyond == 0,
            },
        ]
    }
}

/// A type of followers, as the sandbox tells it.
#[derive(Deserialize)]
struct Type {
    name: String,
    kinds: BTreeMap<String, Vec<Chances>>,
}

#[derive(Deserialize)]
struct Chances {
    cents: f64,
    leave: f64,
}

/// What a message brought, as the sandbox tells it.
#[derive(Deserialize)]
struct Response {
    msg_id: i64,
    so_far: Counts,
}

#[derive(Deserialize)]
struct Counts {
    received: u64,
    ordered: u64,
    amount_cents: i64,
    left: u64,
}

/// Plays the month by both ways between these two sides, whose clocks stand before it.
///
/// # Errors
/// What either side refused.
pub async fn compare(
    endpoints: &Endpoints,
    month: Month,
    start: Timestamp,
    people: &Wish,
) -> Result<Comparison, Error> {
    let people = Wish { population: Some(Description::default()), ..people.clone() };
    let mut drivers = Vec::new();
    for _ in 0..2 {
        let mut driver = Driver::new(endpoints, start, Hooks::default())?;
        driver.open_account(&people).await?;
        driver.sync().await?;
        for campaign in CAMPAIGNS {
            driver.prepare(campaign).await?;
        }
        drivers.push(driver);
    }
    let (Some(mut later), Some(mut driver)) = (drivers.pop(), drivers.pop()) else {
        return Err(Error::asked("The comparison needs two accounts.", "run it again"));
    };
    let plan = plan(&mut driver, month).await?;
    schedule(&mut later, month).await?;
    let end = month.next().start() + -1;
    run(&mut driver, month, end).await?;
    let planned = outcome(&mut driver, plan.value).await?;
    let first_come = outcome(&mut later, plan.rivals.first_come).await?;
    let mut campaigns = Vec::with_capacity(CAMPAIGNS.len());
    for campaign in CAMPAIGNS {
        let line = plan.campaigns.iter().find(|line| line.campaign == campaign.key);
        campaigns.push(Compared {
            at: moment(month, campaign.when),
            name: campaign.name.to_owned(),
            chosen: line.map_or(0, |line| line.recipients),
            planned: planned.1.get(campaign.key).copied().unwrap_or(0),
            first_come: first_come.1.get(campaign.key).copied().unwrap_or(0),
        });
    }
    Ok(Comparison {
        followers: people.followers,
        follower_yuan: FOLLOWER,
        plan_value: plan.value,
        plan_bound: plan.bound,
        campaigns,
        planned: planned.0,
        first_come: first_come.0,
    })
}

/// Plans and approves: a message is worth the orders its kind brings from the follower's type, less
/// the followers it drives away. The shop knows of which type everybody is, and the true means.
async fn plan(driver: &mut Driver, month: Month) -> Result<PlanView, Error> {
    let control = driver.control().clone();
    let types: Vec<Type> = control.rest().get(&control.path("truth/types")).await?;
    let import = driver.path("/import/followers");
    let file = control.path("truth/types.csv");
    driver
        .persist(async |rest| {
            let answer = control.rest().open(&file).await?;
            let body = reqwest::Body::wrap_stream(answer.bytes_stream());
            rest.upload::<serde_json::Value>(&import, body).await
        })
        .await?;
    let description = Description::default();
    let campaigns = CAMPAIGNS
        .iter()
        .map(|campaign| {
            let kind = kind(&description, campaign);
            let of = types.iter().map(|one| SegmentWorth {
                segment: format!("type = \"{}\"", one.name),
                worth: one.kinds.get(kind).map_or(0.0, |chances| worth(chances)),
            });
            PlanWish {
                campaign: campaign.key.to_owned(),
                at: moment(month, campaign.when),
                until: None,
                topic: None,
                worth: WorthWish::Segments(SegmentWorths { of: of.collect(), otherwise: 0.0 }),
                weight: 1.0,
                stage: 1,
                least: 0,
                most: None,
                must_send: false,
                hold_out: 0.0,
            }
        })
        .collect();
    let question = NewPlan {
        month,
        campaigns,
        kept_back: 0,
        kept_back_until: None,
        spacing: 0,
        topics: BTreeMap::new(),
        disturbing: Vec::new(),
    };
    let path = driver.path("/plans");
    let plan: PlanView = driver.persist(async |rest| rest.post(&path, &question).await).await?;
    let path = format!("{path}/{}/approve", plan.id);
    driver.persist(async |rest| rest.post(&path, &()).await).await
}

/// The mean over the four messages of a month, in yuan to a tenth of a cent.
fn worth(chances: &[Chances]) -> f64 {
    let one = |chances: &Chances| chances.cents / 100.0 - chances.leave * FOLLOWER;
    let mean = chances.iter().map(one).sum::<f64>() / chances.len().max(1) as f64;
    (mean * 1_000.0).round() / 1_000.0
}

/// The kind a campaign's words are of, as the population tells it.
fn kind<'a>(description: &'a Description, campaign: &Planned) -> &'a str {
    let Says::Text(words) = campaign.says else { return "general" };
    let found = description
        .kinds
        .iter()
        .find(|kind| kind.words.iter().any(|word| words.contains(word.as_str())));
    found.map_or("general", |kind| &kind.name)
}

/// Every campaign goes at its moment to everybody who follows and has a slot.
async fn schedule(driver: &mut Driver, month: Month) -> Result<(), Error> {
    let all = ids(driver).await?;
    for campaign in CAMPAIGNS {
        let Some(id) = all.get(campaign.key) else { continue };
        let path = driver.path(&format!("/campaigns/{id}/send"));
        let wish = SendWish { at: Some(moment(month, campaign.when)) };
        let _: CampaignView = driver.persist(async |rest| rest.post(&path, &wish).await).await?;
    }
    Ok(())
}

async fn ids(driver: &mut Driver) -> Result<BTreeMap<String, i64>, Error> {
    let path = driver.path("/campaigns");
    let all: Vec<CampaignView> = driver.persist(async |rest| rest.get(&path).await).await?;
    Ok(all.into_iter().map(|campaign| (campaign.key, campaign.id)).collect())
}

/// Moves both clocks to the end, closely after each campaign's moment.
async fn run(driver: &mut Driver, month: Month, end: Timestamp) -> Result<(), Error> {
    let moments: Vec<Timestamp> =
        CAMPAIGNS.iter().map(|campaign| moment(month, campaign.when)).collect();
    while driver.now() < end {
        let now = driver.now();
        let busy = moments.iter().any(|at| (*at..*at + UNDER_WAY).contains(&now));
        let step = if busy { CLOSELY } else { HOURLY };
        let next = moments.iter().copied().filter(|at| *at > now).min().unwrap_or(end);
        driver.move_to((now + step).min(next).min(end)).await?;
    }
    Ok(())
}

/// What the sandbox says the account's messages brought, and whom each campaign reached.
async fn outcome(
    driver: &mut Driver,
    expected: f64,
) -> Result<(Outcome, BTreeMap<String, u64>), Error> {
    let control = driver.control().clone();
    let answers: Vec<Response> = control.rest().get(&control.path("truth/responses")).await?;
    let mut outcome = Outcome { expected, ..Outcome::default() };
    for counts in answers.iter().map(|answer| &answer.so_far) {
        outcome.messages += counts.received;
        outcome.orders += counts.ordered;
        outcome.cents += counts.amount_cents;
        outcome.lost += counts.left;
    }
    outcome.worth = outcome.cents as f64 / 100.0 - outcome.lost as f64 * FOLLOWER;
    let mut reached = BTreeMap::new();
    for (key, id) in ids(driver).await? {
        let path = driver.path(&format!("/campaigns/{id}/report"));
        let report: delivery::view::ReportView =
            driver.persist(async |rest| rest.get(&path).await).await?;
        let jobs: Vec<i64> = super::truth::jobs_of(&report).collect();
        let received = answers
            .iter()
            .filter(|answer| jobs.contains(&answer.msg_id))
            .map(|answer| answer.so_far.received);
        reached.insert(key, received.sum());
    }
    Ok((outcome, reached))
}
