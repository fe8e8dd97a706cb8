//! A month is planned and approved: every campaign then reaches exactly the followers the plan
//! chose, nobody gets more than four, and each campaign's segment adds up.

use std::collections::BTreeMap;

use delivery::view::{CampaignView, PlanView, ReportView};
use fourcast::demo::truth::jobs_of;
use serde_json::json;
use wire::Timestamp;

use crate::harness::{World, at, campaign};

/// Makes these campaigns, all drafts.
pub async fn drafts(world: &mut World, segments: &[(&'static str, &'static str)]) {
    for (key, segment) in segments {
        world.driver.prepare(&campaign(key, segment)).await.unwrap();
    }
}

pub const SIX: &[(&str, &str)] = &[
    ("care", "subscribed"),
    ("story", "subscribed"),
    ("oily", "tag \"油性皮肤\" or tag \"干性皮肤\""),
    ("sale", "subscribed"),
    ("club", "tag \"金卡会员\" or tag \"银卡会员\" or orders.count() >= 1"),
    ("spring", "subscribed"),
];

/// A question over six campaigns that want more slots than there are.
pub fn six() -> serde_json::Value {
    let wish =
        |key: &str, day: i32, worth| json!({"campaign": key, "at": at(day, 10), "worth": worth});
    let by = |skin: f64, club: f64, otherwise: f64| {
        json!({"segments": {"otherwise": otherwise, "of": [
            {"segment": "orders.count() >= 1", "worth": club},
            {"segment": "tag \"油性皮肤\"", "worth": skin},
        ]}})
    };
    let mut campaigns = vec![
        wish("care", 3, by(2.5, 0.4, 0.5)),
        wish("story", 5, json!({"same": 0.6})),
        wish("oily", 8, by(3.1, 1.2, 1.0)),
        wish("sale", 12, by(1.0, 4.0, 0.8)),
        wish("club", 16, json!({"same": 2.0})),
        wish("spring", 20, by(0.2, 3.0, 1.1)),
    ];
    campaigns[0]["hold_out"] = json!(10);
    campaigns[3]["most"] = json!(150);
    json!({"month": "2026-03", "campaigns": campaigns})
}

/// Makes the plan of [`six`].
pub async fn plan(world: &mut World) -> PlanView {
    drafts(world, SIX).await;
    world.driver.rest().post(&world.driver.path("/plans"), &six()).await.unwrap()
}

/// The OpenIDs a campaign reached, as the sandbox says, sorted.
pub async fn reached(world: &World, report: &ReportView) -> Vec<String> {
    let mut people = Vec::new();
    for job in jobs_of(report) {
        let add = |openid: &str| people.push(openid.to_owned());
        world.driver.control().received(job, add).await.unwrap();
    }
    people.sort_unstable();
    people
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approved_month_is_delivered_as_forecast() {
    let mut world = World::start(400).await;
    let plan = plan(&mut world).await;
    assert_eq!((plan.state.as_str(), plan.gap, plan.value), ("draft", 0.0, plan.bound));
    assert!(plan.value > plan.rivals.first_come, "{plan:?}");
    assert!(plan.value >= plan.rivals.greedy && plan.value >= plan.rivals.by_priority);
    assert_eq!((plan.unit, plan.uncertain, plan.followers), (0.1, 0, 400));
    assert!(plan.campaigns[0].held_out > 10, "{plan:?}");
    assert!(plan.campaigns[3].recipients <= 150);
    let worth: f64 = plan.campaigns.iter().map(|line| line.worth).sum();
    assert!((worth - plan.value).abs() < 1e-6);

    let path = world.driver.path(&format!("/plans/{}/approve", plan.id));
    let approved: PlanView = world.driver.rest().post(&path, &()).await.unwrap();
    assert_eq!(approved.state, "approved");
    assert!(approved.campaigns.iter().all(|line| line.state == "scheduled"), "{approved:?}");
    assert!(world.driver.rest().post::<PlanView>(&path, &()).await.is_err(), "approved twice");

    // Everybody's answer to "why", before anything is sent.
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for openid in world.openids(400).await {
        for line in &plan.campaigns {
            let path = world.driver.path(&format!(
                "/plans/{}/why?follower={openid}&campaign={}",
                plan.id, line.campaign
            ));
            let why: serde_json::Value = world.driver.rest().get(&path).await.unwrap();
            if why["receives"] == true {
                expected.entry(line.campaign.clone()).or_default().push(openid.clone());
            }
        }
    }
    world.advance_to(at(21, 12)).await;
    let all: Vec<CampaignView> =
        world.driver.rest().get(&world.driver.path("/campaigns")).await.unwrap();
    let mut received: BTreeMap<String, u8> = BTreeMap::new();
    for line in &plan.campaigns {
        let campaign = all.iter().find(|one| one.key == line.campaign).unwrap();
        assert_eq!(campaign.state, "settled", "{}", line.campaign);
        assert_eq!(campaign.starts_at.map(Timestamp::day), Some(line.at.day()));
        let report = world.reported(&line.campaign).await;
        assert_eq!(report.as_forecast, Some(true));
        let forecast = report.forecast.clone().unwrap();
        assert_eq!((forecast.certain, forecast.possible), (line.recipients, 0));
        let others: u64 = forecast.reasons.iter().map(|reason| reason.people).sum();
        assert_eq!(forecast.segment, forecast.certain + others);
        assert_eq!(forecast.segment, line.audience + line.held_out);
        let people = reached(&world, &report).await;
        let mut planned = expected.remove(&line.campaign).unwrap_or_default();
        planned.sort_unstable();
        assert_eq!(people, planned, "{}", line.campaign);
        people.into_iter().for_each(|openid| *received.entry(openid).or_default() += 1);
    }
    assert!(received.values().all(|messages| *messages <= 4));
    assert!(received.values().filter(|messages| **messages == 4).count() > 200);
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_left_or_lost_the_slot_is_a_reason() {
    let mut world = World::start(300).await;
    drafts(&mut world, &[("later", "subscribed")]).await;
    let question = json!({"month": "2026-03", "campaigns": [
        {"campaign": "later", "at": at(20, 10), "worth": {"same": 1}}]});
    let plan: PlanView =
        world.driver.rest().post(&world.driver.path("/plans"), &question).await.unwrap();
    assert_eq!(plan.campaigns[0].recipients, 300);
    let path = world.driver.path(&format!("/plans/{}/approve", plan.id));
    let _: PlanView = world.driver.rest().post(&path, &()).await.unwrap();
    let one = world.openids(1).await.remove(0);
    world.advance_to(at(2, 10)).await;
    world.leaves(&one).await;
    // Four sends that no plan knows take the slots of everybody with oily skin.
    for (day, key) in [(3, "a"), (4, "b"), (5, "c"), (6, "d")] {
        world.advance_to(at(day, 10)).await;
        world.send(&campaign(key, "tag \"油性皮肤\"")).await;
    }
    let full = world.count("slots < 1 and subscribed").await.people;
    assert!(full > 10, "{full}");
    world.advance_to(at(20, 12)).await;
    let report = world.reported("later").await;
    let forecast = report.forecast.unwrap();
    assert_eq!(forecast.segment, 300);
    assert_eq!(forecast.certain, 300 - 1 - full);
    let reasons: BTreeMap<&str, u64> =
        forecast.reasons.iter().map(|reason| (reason.reason.as_str(), reason.people)).collect();
    assert_eq!(reasons, BTreeMap::from([("left", 1), ("month_full", full)]));
    assert_eq!(report.delivered, forecast.certain);
    world.teardown().await;
}
