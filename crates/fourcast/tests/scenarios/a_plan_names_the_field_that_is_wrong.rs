//! A month that cannot be planned as asked: one sentence that names the field and what would be
//! right, and nothing is kept.

use delivery::view::PlanView;
use serde_json::{Value, json};

use crate::an_approved_month_is_delivered_as_forecast::{SIX, drafts, plan, six};
use crate::harness::{World, at, campaign};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_names_the_field_that_is_wrong() {
    let mut world = World::start(200).await;
    drafts(&mut world, SIX).await;
    let changes: &[(&str, Value, &str, &str)] = &[
        ("/month", json!("2026-01"), "month", "is over"),
        ("/month", json!("2026-13"), "month", "2026-03"),
        ("/kept_back", json!(5), "kept_back", "0 to 4"),
        ("/campaigns", json!([]), "campaigns", "1 to 250"),
        ("/campaigns/1/campaign", json!("care"), "campaigns[1].campaign", "twice"),
        ("/campaigns/1/campaign", json!("autumn"), "campaigns[1].campaign", "make it first"),
        ("/campaigns/0/at", json!(at(32, 10)), "campaigns[0].at", "not in 2026-03"),
        ("/campaigns/0/at", json!("soon"), "campaigns[0].at", "moment"),
        ("/campaigns/2/stage", json!(0), "campaigns[2].stage", "1 to 9"),
        ("/campaigns/2/weight", json!(0), "campaigns[2].weight", "above 0"),
        ("/campaigns/2/hold_out", json!(95), "campaigns[2].hold_out", "0 to 90"),
        ("/campaigns/2/hold_out", json!(1.00001), "campaigns[2].hold_out", "four decimals"),
        ("/campaigns/3/least", json!(151), "campaigns[3].most", "less than"),
        ("/campaigns/3/must_send", json!(true), "campaigns[3].most", "who must get it"),
        ("/campaigns/1/worth", json!({"same": 1e13}), "campaigns[1].worth.same", "10^12"),
        ("/campaigns/1/worth", json!({"luck": 1}), "campaigns[1].worth", "luck"),
        (
            "/campaigns/1/worth",
            json!({"segments": {"of": []}}),
            "campaigns[1].worth.segments.of",
            "at least one",
        ),
        (
            "/campaigns/1/worth",
            json!({"segments": {"of": [{"segment": "tag \"油皮\"", "worth": 1}]}}),
            "campaigns[1].worth.segments.of[0].segment",
            "油性皮肤",
        ),
        (
            "/campaigns/1/worth",
            json!({"attribute": {"name": "score"}}),
            "campaigns[1].worth.attribute.name",
            "birthday",
        ),
        (
            "/campaigns/1/worth",
            json!({"attribute": {"name": "birthday"}}),
            "campaigns[1].worth.attribute.name",
            "no numbers",
        ),
    ];
    let path = world.driver.path("/plans");
    for (pointer, value, field, wanted) in changes {
        let mut question = six();
        question["kept_back"] = json!(0);
        for (name, usual) in [("stage", json!(1)), ("weight", json!(1)), ("hold_out", json!(0))] {
            question["campaigns"][2][name] = usual;
        }
        question["campaigns"][3]["least"] = json!(0);
        question["campaigns"][3]["must_send"] = json!(false);
        *question.pointer_mut(pointer).unwrap() = value.clone();
        let told = refused(&world, &path, &question).await;
        assert!(told["detail"].as_str().unwrap().contains(wanted), "{pointer} {value}: {told}");
        assert!(told["field"].as_str().unwrap().starts_with(field), "{pointer} {value}: {told}");
    }
    let all: Vec<PlanView> = world.driver.rest().get(&path).await.unwrap();
    assert!(all.is_empty(), "something was kept of a plan that was refused");
    world.teardown().await;
}

/// The problem a refused body is answered with.
async fn refused(world: &World, path: &str, body: &Value) -> Value {
    let url = format!("{}{path}", world.server_url());
    let request = reqwest::Client::new().post(url).bearer_auth(world.key()).json(body);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_client_error(), "{} to {body}", answer.status());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_meanwhile_is_told_when_a_plan_is_approved() {
    let mut world = World::start(200).await;
    let plan = plan(&mut world).await;
    let path = world.driver.path(&format!("/plans/{}", plan.id));
    for (rest, body, field, wanted) in [
        ("what-if", json!({"changes": [{"drop": {"campaign": "x"}}]}), "changes[0].drop", "care"),
        (
            "what-if",
            json!({"changes": [{"resize": {"campaign": "care", "least": 5, "most": 4}}]}),
            "changes[0].resize.most",
            "5",
        ),
        (
            "what-if",
            json!({"changes": [{"move": {"campaign": "care", "at": at(33, 1)}}]}),
            "changes[0].move.at",
            "2026-03",
        ),
        (
            "what-if",
            json!({"changes": [{"add": {"campaign": "care", "at": at(9, 1), "worth": {"same": 1}}}]}),
            "changes[0].add.campaign",
            "already",
        ),
        (
            "what-if",
            json!({"changes": [{"keep_back": {"slots": 5}}]}),
            "changes[0].keep_back.slots",
            "0 to 4",
        ),
        ("replan", json!({"stay": -1}), "stay", "-1"),
    ] {
        let told = refused(&world, &format!("{path}/{rest}"), &body).await;
        assert!(told["field"].as_str().unwrap().starts_with(field), "{body}: {told}");
        assert!(told["detail"].as_str().unwrap().contains(wanted), "{body}: {told}");
    }
    let told = refused(&world, &format!("{path}/release"), &json!({})).await;
    assert_eq!(told["code"], "conflict", "nothing is approved: {told}");

    // One of its campaigns is sent by hand.
    world.advance_to(at(2, 10)).await;
    world.send(&campaign("story", "subscribed")).await;
    let told = refused(&world, &format!("{path}/approve"), &json!({})).await;
    assert!(told["detail"].as_str().unwrap().contains("\"story\" is settled"), "{told}");
    let again: PlanView =
        world.driver.rest().post(&format!("{path}/replan"), &json!({})).await.unwrap();
    assert_eq!(again.campaigns.len(), 5);
    world.advance_to(at(4, 10)).await;
    let path = world.driver.path(&format!("/plans/{}", again.id));
    let told = refused(&world, &format!("{path}/approve"), &json!({})).await;
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.contains("\"care\"") && detail.contains("should have gone"), "{told}");
    let why = format!("{path}/why?follower=nobody&campaign=care");
    assert!(world.driver.rest().get::<Value>(&why).await.is_err());
    let one = world.openids(1).await.remove(0);
    let why = format!("{path}/why?follower={one}&campaign=autumn");
    let told = world.driver.rest().get::<Value>(&why).await.unwrap_err().to_string();
    assert!(told.contains("autumn") && told.contains("spring"), "{told}");
    world.teardown().await;
}
