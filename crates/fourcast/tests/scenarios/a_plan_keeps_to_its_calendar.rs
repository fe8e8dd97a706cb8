//! A month planned with a calendar: days between two messages, slots kept back for a time, topics,
//! the cost of disturbing. The plan chooses days inside the windows, and what the sandbox then
//! delivers keeps to all of it.

use std::collections::BTreeMap;

use delivery::view::{PlanView, WhatIfView, WhyView};
use planner::record::{Claim, verify};
use serde_json::{Value, json};
use wire::Day;

use crate::an_approved_month_is_delivered_as_forecast::{SIX, drafts, reached, six};
use crate::harness::{World, at};

fn question() -> Value {
    let mut question = six();
    question["spacing"] = json!(3);
    question["kept_back"] = json!(1);
    question["kept_back_until"] = json!("2026-03-15");
    question["topics"] = json!({"care": 1, "sale": 2});
    question["disturbing"] = json!([0, 0.1, 0.3, 0.6]);
    let campaigns = question["campaigns"].as_array_mut().unwrap();
    for (campaign, (until, topic)) in campaigns.iter_mut().zip([
        (9, "care"),
        (12, "care"),
        (12, "sale"),
        (16, "sale"),
        (24, "sale"),
        (28, "care"),
    ]) {
        campaign["until"] = json!(format!("2026-03-{until:02}"));
        campaign["topic"] = json!(topic);
    }
    question
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_keeps_to_its_calendar() {
    let mut world = World::start(300).await;
    drafts(&mut world, SIX).await;
    let rest = world.driver.rest();
    let question = question();
    let plan: PlanView = rest.post(&world.driver.path("/plans"), &question).await.unwrap();
    assert!(plan.value > 0.0 && plan.value <= plan.bound_of_days.unwrap());
    assert!(plan.bound_of_days.unwrap() <= plan.bound, "{plan:?}");
    let day = |at: wire::Timestamp| at.day();
    for (line, asked) in plan.campaigns.iter().zip(question["campaigns"].as_array().unwrap()) {
        let until: Day = asked["until"].as_str().unwrap().parse().unwrap();
        let first: wire::Timestamp = serde_json::from_value(asked["at"].clone()).unwrap();
        assert!((day(first)..=until).contains(&day(line.at)), "{line:?}");
        assert_eq!(line.at.second_of_day(), first.second_of_day());
    }
    let path = world.driver.path(&format!("/plans/{}", plan.id));
    let claim: Claim = rest.get(&format!("{path}/certificate")).await.unwrap();
    let values = rest.open(&format!("{path}/values")).await.unwrap().bytes().await.unwrap();
    verify(&claim, &values).unwrap();
    let moved = json!({"changes": [{"move": {"campaign": "spring", "at": at(16, 9)}}]});
    let moved: WhatIfView = rest.post(&format!("{path}/what-if"), &moved).await.unwrap();
    assert!(moved.value <= plan.bound + 1e-9);
    assert!(moved.days.iter().any(|line| line.day == day(at(16, 9))), "{moved:?}");

    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for openid in world.openids(60).await {
        for line in &plan.campaigns {
            let asked = format!("{path}/why?follower={openid}&campaign={}", line.campaign);
            let why: WhyView = world.driver.rest().get(&asked).await.unwrap();
            assert!(why.sentence.ends_with('.') && why.sentence_zh.ends_with('。'), "{why:?}");
            if why.reason == "too_close"
                && let Some(other) = &why.instead
            {
                let other = plan.campaigns.iter().find(|one| one.campaign == *other).unwrap();
                assert!((day(other.at).0 - day(line.at).0).abs() < 3, "{why:?}");
            }
            *reasons.entry(why.reason).or_default() += 1;
        }
    }
    assert!(reasons.contains_key("planned") && reasons.len() >= 4, "{reasons:?}");

    let _: PlanView = world.driver.rest().post(&format!("{path}/approve"), &()).await.unwrap();
    world.advance_to(at(29, 10)).await;
    let mut got: BTreeMap<String, Vec<(i32, &str)>> = BTreeMap::new();
    for line in &plan.campaigns {
        if line.recipients == 0 {
            continue;
        }
        let report = world.reported(&line.campaign).await;
        assert_eq!(report.delivered, line.recipients, "{}", line.campaign);
        for openid in reached(&world, &report).await {
            got.entry(openid).or_default().push((day(line.at).0, &line.campaign));
        }
    }
    let released = "2026-03-15".parse::<Day>().unwrap().0;
    for (openid, messages) in &mut got {
        messages.sort_unstable();
        assert!(messages.windows(2).all(|two| two[1].0 - two[0].0 >= 3), "{openid} {messages:?}");
        assert!(messages.iter().filter(|one| one.0 < released).count() <= 3, "{messages:?}");
        let care = ["care", "story", "spring"];
        assert!(messages.iter().filter(|one| care.contains(&one.1)).count() <= 1, "{messages:?}");
    }
    assert!(got.len() > 200);
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_names_the_field_that_is_wrong() {
    let mut world = World::start(60).await;
    drafts(&mut world, SIX).await;
    let path = world.driver.path("/plans");
    for (pointer, value, wanted) in [
        ("/spacing", json!(32), "spacing: 32"),
        ("/kept_back_until", json!("2026-04-01"), "kept_back_until: 2026-04-01 is not in 2026-03"),
        ("/disturbing", json!([1, 2, 3, 4, 5]), "disturbing: give at most four"),
        ("/disturbing", json!([1, -2]), "disturbing[1]: -2"),
        ("/disturbing", json!([1e11]), "campaigns"),
        ("/campaigns/1/until", json!("2026-03-01"), "campaigns[1].until: 2026-03-01 is before"),
        ("/campaigns/1/until", json!("2026-04-01"), "campaigns[1].until: 2026-04-01 is not in"),
        ("/campaigns/1/topic", json!("luck"), "campaigns[1].topic: \"luck\" is not among"),
        ("/campaigns/1/stage", json!(2), "campaigns[1].stage: a plan with a calendar"),
    ] {
        let mut question = question();
        question["campaigns"][1]["stage"] = json!(1);
        *question.pointer_mut(pointer).unwrap() = value.clone();
        let told = world.driver.rest().post::<PlanView>(&path, &question).await;
        match told {
            Err(error) => assert!(error.to_string().contains(wanted), "{error} lacks {wanted}"),
            // So dear that nothing else is worth anything: a unit coarse enough, and no message.
            Ok(plan) => assert_eq!((pointer, plan.value), ("/disturbing", 0.0), "{value}"),
        }
    }
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_received_before_keeps_its_distance() {
    let mut world = World::start(200).await;
    world.advance_to(at(3, 10)).await;
    world.send(&crate::harness::campaign("before", "tag \"油性皮肤\"")).await;
    drafts(&mut world, &[("soon", "subscribed"), ("then", "subscribed")]).await;
    let question = json!({"month": "2026-03", "spacing": 4, "campaigns": [
        {"campaign": "soon", "at": at(5, 10), "worth": {"same": 2}},
        {"campaign": "then", "at": at(10, 10), "worth": {"same": 1}}]});
    let rest = world.driver.rest();
    let plan: PlanView = rest.post(&world.driver.path("/plans"), &question).await.unwrap();
    let oily = world.count("received \"before\"").await.people;
    assert!(oily > 10);
    let sizes: Vec<u64> = plan.campaigns.iter().map(|line| line.recipients).collect();
    assert_eq!(sizes, [200 - oily, 200]);
    let one = world.somebody("received \"before\"").await;
    let path = world.driver.path(&format!("/plans/{}", plan.id));
    let rest = world.driver.rest();
    let why: WhyView = rest.get(&format!("{path}/why?follower={one}&campaign=soon")).await.unwrap();
    assert_eq!((why.reason.as_str(), why.instead.clone()), ("too_close", None), "{why:?}");
    assert!(why.sentence.contains("a message they had before"), "{why:?}");
    let _: PlanView = rest.post(&format!("{path}/approve"), &()).await.unwrap();
    drafts(&mut world, &[("late", "subscribed")]).await;
    let question = json!({"month": "2026-03", "spacing": 4, "campaigns": [
        {"campaign": "late", "at": at(20, 10), "worth": {"same": 2}}]});
    let path = world.driver.path("/plans");
    let told = world.driver.rest().post::<PlanView>(&path, &question).await;
    let told = told.unwrap_err().to_string();
    assert!(told.contains("approved campaigns of the month wait"), "{told}");
    world.teardown().await;
}
