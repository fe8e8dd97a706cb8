//! In the middle of a planned month the rest is planned anew: what was approved stays, whatever was
//! released moves as little as asked, and slots are never promised twice.

use delivery::view::{CampaignView, PlanView, WhatIfView};
use serde_json::{Value, json};

use crate::an_approved_month_is_delivered_as_forecast::{drafts, plan};
use crate::harness::{World, at};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_made_anew_keeps_what_was_approved() {
    let mut world = World::start(300).await;
    let first = plan(&mut world).await;
    let path = world.driver.path(&format!("/plans/{}", first.id));
    let _: PlanView = world.driver.rest().post(&format!("{path}/approve"), &()).await.unwrap();
    world.advance_to(at(6, 10)).await;
    // Two were sent; of the other four, two are given free again.
    let wish = json!({"campaigns": ["sale", "spring"]});
    let rest = world.driver.rest();
    let told = rest
        .post::<PlanView>(&format!("{path}/release"), &json!({"campaigns": ["care"]}))
        .await
        .unwrap_err();
    assert!(told.to_string().contains("\"care\" is settled"), "{told}");
    let released: PlanView = rest.post(&format!("{path}/release"), &wish).await.unwrap();
    let states: Vec<&str> = released.campaigns.iter().map(|line| line.state.as_str()).collect();
    assert_eq!(states, ["settled", "settled", "scheduled", "released", "scheduled", "released"]);
    assert_eq!(released.state, "approved");
    let draft: Vec<CampaignView> = rest.get(&world.driver.path("/campaigns")).await.unwrap();
    let draft = draft.into_iter().find(|one| one.key == "sale").unwrap();
    assert_eq!((draft.state.as_str(), draft.starts_at, draft.frozen_at), ("draft", None, None));

    drafts(&mut world, &[("extra", "subscribed")]).await;
    let add = json!({"campaign": "extra", "at": at(25, 10), "worth": {"same": 1.5}});
    let rest = world.driver.rest();
    let changes = json!({"changes": [{"add": add}], "stay": 0.2});
    let again: PlanView = rest.post(&format!("{path}/replan"), &changes).await.unwrap();
    let keys: Vec<&str> = again.campaigns.iter().map(|line| line.campaign.as_str()).collect();
    assert_eq!(keys, ["sale", "spring", "extra"]);
    let held: u64 = [2, 4].iter().map(|at| first.campaigns[*at].recipients).sum();
    assert_eq!(again.held, held, "approved campaigns hold their slots");
    let replans = again.replans.clone().unwrap();
    assert_eq!((replans.plan, replans.stay), (first.id, 0.2));
    let before: u64 = [3, 5].iter().map(|at| first.campaigns[*at].recipients).sum();
    assert_eq!(replans.stayed + replans.gone, before);
    let worth: f64 = again.campaigns.iter().map(|line| line.worth).sum();
    assert!((worth - again.value).abs() < 1e-6, "what stays counts for is no worth: {again:?}");
    assert!(again.value <= again.bound);

    // With a dear stay nobody who was planned is moved.
    let still: PlanView = rest
        .post(&format!("{path}/replan"), &json!({"changes": [{"add": add}], "stay": 50}))
        .await
        .unwrap();
    assert_eq!(still.replans.unwrap().gone, 0);
    // Without one, it is the month worth most.
    let free: PlanView =
        rest.post(&format!("{path}/replan"), &json!({"changes": [{"add": add}]})).await.unwrap();
    assert_eq!(free.gap, 0.0);
    assert!(free.value >= again.value - 1e-9 && again.value >= still.value - 1e-9);

    let path = world.driver.path(&format!("/plans/{}", again.id));
    let approved: PlanView = rest.post(&format!("{path}/approve"), &()).await.unwrap();
    assert!(approved.campaigns.iter().all(|line| line.state == "scheduled"));
    for other in [still.id, free.id] {
        let path = world.driver.path(&format!("/plans/{other}"));
        let other: PlanView = rest.get(&path).await.unwrap();
        assert_eq!(other.state, "superseded");
    }
    world.advance_to(at(26, 10)).await;
    for plan in [&first, &again] {
        for line in &plan.campaigns {
            let replanned = plan.id == first.id && ["sale", "spring"].contains(&&*line.campaign);
            if replanned || line.recipients == 0 {
                continue;
            }
            let report = world.reported(&line.campaign).await;
            assert_eq!(report.delivered, line.recipients, "{}", line.campaign);
        }
    }
    let over = world.count("slots < 0").await.people;
    assert_eq!(over, 0);
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_tried_without_being_kept() {
    let mut world = World::start(300).await;
    let plan = plan(&mut world).await;
    let path = world.driver.path(&format!("/plans/{}", plan.id));
    let rest = world.driver.rest();
    let ask = async |changes: Value| -> WhatIfView {
        rest.post(&format!("{path}/what-if"), &json!({ "changes": changes })).await.unwrap()
    };
    let nothing = ask(json!([])).await;
    assert_eq!((nothing.value, nothing.difference), (plan.value, 0.0));
    assert!(nothing.campaigns.iter().all(|line| line.joined + line.left == 0));
    let dropped = ask(json!([{"drop": {"campaign": "spring"}}])).await;
    assert!(dropped.difference < 0.0);
    let line = dropped.campaigns.iter().find(|line| line.campaign == "spring").unwrap();
    assert_eq!((line.after, line.joined), (None, 0));
    assert_eq!(line.left, plan.campaigns[5].recipients);
    // One place more in a full campaign brings its price.
    let sale = &plan.campaigns[3];
    if sale.price > 0.0 {
        let resize = json!([{"resize": {"campaign": "sale", "most": sale.recipients + 1}}]);
        let resized = ask(resize).await;
        assert!(resized.difference >= 0.0 && resized.difference <= sale.price + 1e-9);
    }
    let resize = json!([{"resize": {"campaign": "story", "least": 100}}]);
    let resized = ask(resize).await;
    let line = resized.campaigns.iter().find(|line| line.campaign == "story").unwrap();
    assert!(line.after >= Some(100) && resized.difference <= 0.0, "{line:?}");
    let kept = ask(json!([{"keep_back": {"slots": 1}}])).await;
    assert!(kept.difference < 0.0, "a slot kept back costs what it would bring");
    let messages: u64 = kept.campaigns.iter().filter_map(|line| line.after).sum();
    assert!(messages <= 300 * 3);
    let nothing = ask(json!([{"keep_back": {"slots": 4}}])).await;
    assert_eq!(nothing.value, 0.0);
    let moved = ask(json!([{"move": {"campaign": "care", "at": at(5, 12)}}])).await;
    assert_eq!(moved.difference, 0.0);
    assert_eq!(moved.days.len() + 1, plan.days.len());
    drafts(&mut world, &[("extra", "tag \"敏感皮肤\"")]).await;
    let rest = world.driver.rest();
    let add = json!({"changes": [{"add":
        {"campaign": "extra", "at": at(25, 10), "worth": {"same": 9.0}}}]});
    let added: WhatIfView = rest.post(&format!("{path}/what-if"), &add).await.unwrap();
    let line = added.campaigns.iter().find(|line| line.campaign == "extra").unwrap();
    assert_eq!((line.before, line.left), (None, 0));
    let sensitive = world.count("tag \"敏感皮肤\" and subscribed").await.people;
    assert_eq!(line.after, Some(sensitive), "worth most, so everybody gets it");
    let all: Vec<PlanView> = world.driver.rest().get(&world.driver.path("/plans")).await.unwrap();
    assert_eq!(all.len(), 1, "nothing was kept");
    assert_eq!(all[0], plan);
    world.teardown().await;
}
