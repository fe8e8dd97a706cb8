//! Who reacted to a campaign is told from the moment of the call that carried it to them: what they
//! did before is none of it, nor what they did too late; after a restart as well.

use delivery::view::IntakeView;
use serde_json::{Value, json};

use crate::harness::{World, at, campaign};

async fn reacted(world: &mut World, how: &str) -> u64 {
    world.count(&format!("reacted \"first\"{how}")).await.people
}

async fn counts(world: &mut World) -> Vec<u64> {
    let mut counts = Vec::new();
    for how in ["", " by message", " by order", " by visit within 1h", " by message within 30h"] {
        counts.push(reacted(world, how).await);
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reactions_count_from_when_it_was_sent() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 9)).await;
    let mut people = Vec::new();
    let path = world.driver.path("/segments/list");
    let question = json!({"segment": "subscribed and orders.count() >= 1", "limit": 5});
    let list: Value = world.driver.rest().post(&path, &question).await.unwrap();
    for line in list["followers"].as_array().unwrap() {
        people.push(line["openid"].as_str().unwrap().to_owned());
    }
    let writes = async |world: &World, person: &str| {
        let control = world.driver.control();
        let path = control.path(&format!("followers/{person}/write"));
        let _: Value = control.rest().post(&path, &json!({"content": "在吗"})).await.unwrap();
    };
    // Before it, whoever writes does not react to it.
    writes(&world, &people[0]).await;
    world.advance_to(at(3, 10)).await;
    world.send(&campaign("first", "subscribed and orders.count() >= 1")).await;
    assert_eq!(reacted(&mut world, "").await, 0);

    let then = world.driver.now() + 3600;
    world.advance_to(then).await;
    writes(&world, &people[1]).await;
    let orders = world.driver.path("/orders");
    let now = world.driver.now().to_string();
    let order = json!({"orders": [{"key": "o-1", "who": {"openid": people[2]}, "at": now,
        "amount_cents": 9_900}]});
    let told: IntakeView = world.driver.rest().post(&orders, &order).await.unwrap();
    assert_eq!(told.linked, 1);
    let events = world.driver.path("/events");
    let visit = |key: &str, who: &str, at: String| json!({"events": [{"key": key, "who": {"openid": who}, "kind": "visit", "at": at}]});
    for (key, who, hour, minute) in [("v1", 3, 10, 59), ("v2", 4, 11, 30), ("v3", 0, 9, 59)] {
        let moment = format!("2026-03-03 {hour:02}:{minute:02}:00");
        let body = visit(key, &people[who], moment);
        let told: IntakeView = world.driver.rest().post(&events, &body).await.unwrap();
        assert_eq!(told.new, 1);
    }
    // Two days later somebody else writes.
    world.advance_to(at(5, 10)).await;
    writes(&world, &people[4]).await;
    world.advance_to(at(5, 11)).await;
    let found = counts(&mut world).await;
    assert_eq!(found, [3, 2, 1, 1, 1]);

    let path = world.driver.path("/segments/explain");
    let question = json!({"segment": "reacted \"first\" by message", "openid": people[1]});
    let told: Value = world.driver.rest().post(&path, &question).await.unwrap();
    let seen = told["conditions"]["seen"].as_str().unwrap();
    assert!(told["in"] == true && seen.starts_with("sent 2026-03-03T10:00"), "{told}");
    world.restart(|_| {}).await;
    assert_eq!(counts(&mut world).await, found);
    world.teardown().await;
}
