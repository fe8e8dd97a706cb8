//! Facts told by REST: the next count has them, whoever they name and whenever that becomes known,
//! and a synchronisation, which reads everything anew, finds the same.

use delivery::view::{IntakeView, PatchedView};
use fourcast::demo::control::Wish;
use serde_json::json;

use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_told_is_in_the_next_count() {
    let mut world = World::bare(Wish::of(300, 7)).await;
    let people = world.openids(2).await;
    let at = world.driver.now();
    let event = |key: &str, who: serde_json::Value| {
        json!({"key": key, "who": who, "kind": "visit", "on": "/new", "at": at.to_string(),
            "value": 30})
    };
    let events = world.driver.path("/events");
    let body = json!({"events": [
        event("e1", json!({"openid": people[0]})),
        event("e2", json!({"customer_id": "C9"})),
        event("e3", json!({"phone": "13800138000"})),
    ]});
    let told: IntakeView = world.driver.rest().post(&events, &body).await.unwrap();
    assert_eq!((told.new, told.linked, told.waiting), (3, 1, 2));
    assert_eq!(world.count("count(visit \"/new\") >= 1").await.people, 1);

    // The past is repaired when the person is known.
    let orders = world.driver.path("/orders");
    let order = |refunded: i64| {
        json!({"orders": [{"key": "o1", "who": {"customer_id": "C9"}, "at": at.to_string(),
            "amount_cents": 10_000, "items": 2, "refunded_cents": refunded}]})
    };
    let told: IntakeView = world.driver.rest().post(&orders, &order(0)).await.unwrap();
    assert_eq!((told.new, told.waiting), (1, 1));
    assert_eq!(world.count("orders.sum(amount) >= 100").await.people, 0);
    let person = world.driver.path(&format!("/followers/{}", people[1]));
    let names = json!({"customer_id": "C9", "phone": "+86 138-0013-8000"});
    let patched: PatchedView = world.driver.rest().patch(&person, &names).await.unwrap();
    assert_eq!(patched.linked, 3);
    assert_eq!(world.count("count(visit) >= 1").await.people, 2);
    assert_eq!(world.count("count(visit) >= 2").await.people, 1);
    assert_eq!(world.count("orders.sum(amount) >= 100").await.people, 1);

    // What is paid back counts no more, and telling it again changes nothing.
    for refunded in [1, 0] {
        let told: IntakeView = world.driver.rest().post(&orders, &order(5_000)).await.unwrap();
        assert_eq!((told.new, told.duplicates, told.refunded), (0, 1, refunded));
    }
    let told: IntakeView = world.driver.rest().post(&events, &body).await.unwrap();
    assert_eq!((told.new, told.duplicates), (0, 3));
    let numbers = async |world: &mut World| {
        let mut numbers = Vec::new();
        for segment in [
            "count(visit) >= 1",
            "count(visit) >= 2",
            "orders.sum(amount) >= 50",
            "orders.sum(amount) >= 51",
        ] {
            numbers.push(world.count(segment).await.people);
        }
        numbers
    };
    let before = numbers(&mut world).await;
    assert_eq!(before, [2, 1, 1, 0]);
    world.driver.sync().await.unwrap();
    assert_eq!(numbers(&mut world).await, before);
    world.teardown().await;
}
