//! Every follower and campaign of a plan has a reason, and every reason is true: checked against
//! the plan's values, as the files hold them.

use std::collections::BTreeMap;

use delivery::view::WhyView;
use planner::plan::Worth;
use planner::record::Record;
use serde_json::json;

use crate::an_approved_month_is_delivered_as_forecast::plan;
use crate::harness::{World, at};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_left_out_is_told_why() {
    let mut world = World::start(250).await;
    let left = world.openids(1).await.remove(0);
    world.leaves(&left).await;
    world.advance_to(at(1, 10)).await;
    let plan = plan(&mut world).await;
    let rest = world.driver.rest();
    let path = world.driver.path(&format!("/plans/{}", plan.id));
    let values = rest.open(&format!("{path}/values")).await.unwrap().bytes().await.unwrap();
    let record = Record::read(&values).unwrap();
    let place = |key: &str| record.keys.iter().position(|one| one == key).unwrap();
    let worth = |wish: usize, ordinal: u32| -> f64 {
        let units = match &record.month.wishes[wish].worth {
            Worth::Same(worth) => *worth,
            Worth::ByClass(worths) => worths[usize::from(record.month.classes[ordinal as usize])],
            Worth::Each(_) => panic!("no worth of this plan is by follower"),
        };
        f64::from(units) * plan.unit
    };
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for openid in world.openids(250).await {
        let ordinal = world.follower(&openid).await.ordinal;
        let gets: Vec<usize> = (0..record.keys.len())
            .filter(|wish| record.recipients[*wish].contains(ordinal))
            .collect();
        for line in &plan.campaigns {
            let why: WhyView = rest
                .get(&format!("{path}/why?follower={openid}&campaign={}", line.campaign))
                .await
                .unwrap();
            let wish = place(&line.campaign);
            assert_eq!(why.receives, gets.contains(&wish), "{why:?}");
            assert!(why.sentence.ends_with('.') && why.sentence_zh.ends_with('。'), "{why:?}");
            let asked = &record.month.wishes[wish];
            match why.reason.as_str() {
                "planned" => assert!(why.receives),
                "not_meant" | "held_out" => assert!(!asked.audience.contains(ordinal), "{why:?}"),
                "campaign_full" => {
                    assert_eq!(asked.most, Some(record.recipients[wish].len() as u32));
                    assert!(line.price > 0.0, "{why:?}");
                    let dear = why.worth.unwrap() <= line.price + 1e-9;
                    assert!(dear || gets.len() == 4, "{why:?}");
                }
                "better_used" => {
                    let instead = place(why.instead.as_deref().unwrap());
                    assert!(gets.contains(&instead), "{why:?}");
                    assert_eq!(gets.len(), 4, "a slot is left: {why:?}");
                    assert!((why.worth.unwrap() - worth(wish, ordinal)).abs() < 1e-9);
                    assert!((why.instead_worth.unwrap() - worth(instead, ordinal)).abs() < 1e-9);
                    let reduced = |wish: usize| worth(wish, ordinal) - plan.campaigns[wish].price;
                    assert!(reduced(wish) <= reduced(instead) + 1e-9, "{why:?}");
                    if why.instead_worth >= why.worth {
                        let words = format!(
                            "worth {} against {}",
                            why.instead_worth.unwrap(),
                            why.worth.unwrap()
                        );
                        assert!(why.sentence.contains("Slot better used for"), "{why:?}");
                        assert!(why.sentence.contains(&words), "{why:?} lacks {words}");
                    }
                }
                other => panic!("{other} has no cause here: {why:?}"),
            }
            *reasons.entry(why.reason).or_default() += 1;
        }
        if openid == left {
            assert!(gets.is_empty());
        }
    }
    for expected in ["planned", "not_meant", "held_out", "better_used"] {
        assert!(reasons.contains_key(expected), "{reasons:?}");
    }
    assert_eq!(reasons.values().sum::<usize>(), 250 * plan.campaigns.len());
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wishes_that_cannot_all_be_met_are_named() {
    let mut world = World::start(200).await;
    let keys = ["a", "b", "c", "d", "e"];
    for key in keys {
        world.driver.prepare(&crate::harness::campaign(key, "subscribed")).await.unwrap();
    }
    let campaigns: Vec<_> = keys
        .iter()
        .zip(2..)
        .map(|(key, day)| {
            json!({"campaign": key, "at": at(day, 10), "worth": {"same": 1}, "must_send": true})
        })
        .collect();
    let question = json!({"month": "2026-03", "campaigns": campaigns});
    let plan: delivery::view::PlanView =
        world.driver.rest().post(&world.driver.path("/plans"), &question).await.unwrap();
    let conflict = plan.conflict.clone().unwrap();
    assert_eq!((conflict.campaigns.len(), conflict.lacking), (5, 200));
    assert!(conflict.sentence.contains("1000 recipients together"), "{conflict:?}");
    assert!(conflict.sentence_zh.contains("还差 200"), "{conflict:?}");
    let messages: u64 = plan.campaigns.iter().map(|line| line.recipients).sum();
    assert_eq!(messages, 800, "the nearest plan uses every slot");

    // Stages say who gives way.
    let mut question = question;
    question["campaigns"][4]["stage"] = json!(2);
    let plan: delivery::view::PlanView =
        world.driver.rest().post(&world.driver.path("/plans"), &question).await.unwrap();
    assert_eq!(plan.conflict.unwrap().campaigns, ["e"]);
    let sizes: Vec<u64> = plan.campaigns.iter().map(|line| line.recipients).collect();
    assert_eq!(sizes, [200, 200, 200, 200, 0]);
    let one = world.openids(1).await.remove(0);
    let why: WhyView = world
        .driver
        .rest()
        .get(&world.driver.path(&format!("/plans/{}/why?follower={one}&campaign=e", plan.id)))
        .await
        .unwrap();
    assert_eq!(why.reason, "earlier_stage");
    world.teardown().await;
}
