use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const EVENTS: &str = "/api/v1/accounts/1/events";
const ORDERS: &str = "/api/v1/accounts/1/orders";

async fn told(world: &World, path: &str, body: &Value) -> Answer {
    world.send_json(Method::POST, path, body.to_string()).await
}

fn visit(key: &str) -> Value {
    json!({"key": key, "who": {"phone": "+86 138 0013 8000"}, "kind": "visit",
        "on": "/new", "at": "2026-03-01T10:00:00+08:00", "value": 30})
}

#[tokio::test]
async fn events_of_people_not_known_wait_and_are_taken_once() {
    let world = World::with_account().await;
    let body = json!({"events": [visit("a"), visit("b"), visit("a")]});
    let first = told(&world, EVENTS, &body).await;
    assert_eq!(first.status, 200, "{first:?}");
    let wanted = json!({"told": 3, "new": 2, "duplicates": 1, "linked": 0, "waiting": 2,
        "refunded": 0, "lines": 0});
    assert_eq!(first.json(), wanted);
    let second = told(&world, EVENTS, &body).await.json();
    assert_eq!((&second["new"], &second["duplicates"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn one_bad_event_refuses_all_and_each_is_told() {
    let world = World::with_account().await;
    let with = |field: &str, value: Value| {
        let mut event = visit("x");
        event[field] = value;
        event
    };
    let events = json!({"events": [
        visit("good"),
        with("key", json!("")),
        with("kind", json!("click")),
        with("who", json!({"phone": "no"})),
        with("at", json!("2036-01-01T00:00:00+08:00")),
        with("on", json!("长".repeat(50))),
    ]});
    let answer = told(&world, EVENTS, &events).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_lines"), "{answer:?}");
    let report = &answer.json()["report"];
    assert_eq!((&report["lines"], &report["refused"]), (&json!(6), &json!(5)));
    let errors = report["errors"].as_array().unwrap();
    let fields: Vec<&str> = errors
        .iter()
        .map(|one| one["error"].as_str().unwrap().split('`').nth(1).unwrap())
        .collect();
    assert_eq!(fields, ["key", "kind", "phone", "at", "on"]);
    assert_eq!(errors[0]["line"], 2);
    let good = told(&world, EVENTS, &json!({"events": [visit("good")]})).await.json();
    assert_eq!(good["new"], 1, "the refused batch left nothing behind");

    for (body, code) in [
        (json!({"events": []}), "bad_input"),
        (json!({"events": vec![visit("x"); 5_001]}), "bad_input"),
        (json!({"events": [with("who", json!({"name": "x"}))]}), "bad_field"),
        (json!({"events": [with("colour", json!("red"))]}), "bad_field"),
    ] {
        let answer = told(&world, EVENTS, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{answer:?}");
    }
}

#[tokio::test]
async fn an_order_cannot_give_back_more_than_it_took() {
    let world = World::with_account().await;
    let order = |refunded: i64| {
        json!({"orders": [{"key": "o1", "who": {"customer_id": "C1"}, "items": 2,
            "at": "2026-03-01T10:00:00+08:00", "amount_cents": 5990, "refunded_cents": refunded}]})
    };
    let answer = told(&world, ORDERS, &order(5991)).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_lines"), "{answer:?}");
    assert_eq!(told(&world, ORDERS, &order(0)).await.json()["new"], 1);
    let again = told(&world, ORDERS, &order(990)).await.json();
    assert_eq!((&again["new"], &again["duplicates"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn attributes_are_defined_before_they_are_told() {
    let world = World::with_account().await;
    let path = |name: &str| format!("/api/v1/accounts/1/attributes/{name}");
    let define = async |name: &str, body: Value| {
        world.send_json(Method::PUT, &path(name), body.to_string()).await
    };
    let made = define("level", json!({"kind": "choice", "choices": ["gold", "silver"]})).await;
    assert_eq!(made.json()["choices"], json!(["gold", "silver"]));
    for (body, field) in [
        (json!({"kind": "choice"}), "choices"),
        (json!({"kind": "text", "choices": ["a"]}), "choices"),
        (json!({"kind": "choice", "choices": ["a", "a"]}), "choices"),
        (json!({"kind": "colour"}), "kind"),
    ] {
        let answer = define("x", body).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(field)), "{answer:?}");
    }
    let body = json!({"followers": [{"who": {"openid": "oNobody"}, "patch": {
        "attributes": {"levl": "gold"}}}, {"who": {"openid": "oNobody"}, "patch": {
        "attributes": {"level": "bronze"}}}]});
    let answer =
        world.send_json(Method::PATCH, "/api/v1/accounts/1/followers", body.to_string()).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_lines"));
    let report = answer.json()["report"]["errors"].clone();
    assert!(report[0]["error"].as_str().unwrap().contains("there are level"), "{report}");
    assert!(report[1]["error"].as_str().unwrap().contains("gold, silver"), "{report}");
    let gone = Answer::of(world.keyed(Method::DELETE, &path("level"))).await;
    assert_eq!(gone.status, 204);
    let gone = Answer::of(world.keyed(Method::DELETE, &path("level"))).await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "not_found"));
}

#[tokio::test]
async fn a_segment_is_saved_and_frozen_by_name_and_number() {
    let world = World::with_account().await;
    let saved = "/api/v1/accounts/1/segments/saved";
    let body = json!({"segment": "subscribed"}).to_string();
    let one = world.send_json(Method::PUT, &format!("{saved}/a"), body).await;
    assert_eq!((one.status, &one.json()["segment"]), (200, &json!("subscribed")));
    let body = json!({"segment": "subscribd"}).to_string();
    let bad = world.send_json(Method::PUT, &format!("{saved}/b"), body).await;
    assert_eq!((bad.status, bad.code().as_str()), (422, "bad_segment"));
    assert_eq!(world.get(saved).await.json().as_array().unwrap().len(), 1);
    let gone = Answer::of(world.keyed(Method::DELETE, &format!("{saved}/a"))).await;
    assert_eq!(gone.status, 204);

    let frozen = "/api/v1/accounts/1/segments/frozen";
    let body = json!({"segment": "subscribed", "name": "三月"}).to_string();
    let one = world.send_json(Method::POST, frozen, body).await;
    assert_eq!((one.status, &one.json()["people"], &one.json()["id"]), (201, &json!(0), &json!(1)));
    let again = world.send_json(Method::POST, &format!("{frozen}/1/rerun"), "").await.json();
    assert_eq!((&again["came"], &again["hash"]), (&json!(0), &one.json()["hash"]));
    assert_eq!(world.get(&format!("{frozen}/1/members")).await.text, "");
    let other = world.send_json(Method::POST, &format!("{frozen}/9/rerun"), "").await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn presets_are_text_and_the_grid_holds_everybody_who_ordered_once() {
    let world = World::with_followers(6).await;
    let orders: Vec<Value> = [(0, 1, 100), (1, 40, 5_000), (1, 50, 5_000), (2, 200, 90_000)]
        .iter()
        .enumerate()
        .map(|(number, (person, days, cents))| {
            let at = crate::world::START.0 - days * 86_400;
            json!({"key": format!("o{number}"), "who": {"openid": World::openid(*person)},
                "at": at, "amount_cents": cents})
        })
        .collect();
    assert_eq!(told(&world, ORDERS, &json!({ "orders": orders })).await.json()["linked"], 4);
    let grid = "/api/v1/accounts/1/segments/rfm";
    let question = json!({"days": 365, "recency": [30, 90], "frequency": [2], "money": [80]});
    let cells = told(&world, grid, &question).await.json();
    let cells = cells.as_array().unwrap();
    let full: Vec<_> = cells
        .iter()
        .filter(|cell| cell["people"] != 0)
        .map(|cell| [&cell["recency"], &cell["frequency"], &cell["money"]].map(|n| n.as_u64()))
        .collect();
    assert_eq!(cells.len(), 12);
    let band = |r, f, m| [Some(r), Some(f), Some(m)];
    assert_eq!(full.len(), 3, "{cells:?}");
    for wanted in [band(3, 1, 1), band(2, 2, 2), band(1, 1, 2)] {
        assert!(full.contains(&wanted), "{wanted:?} in {full:?}");
    }
    let unsorted = json!({"days": 365, "recency": [90, 30], "frequency": [], "money": []});
    let answer = told(&world, grid, &unsorted).await;
    assert_eq!((answer.status, &answer.json()["field"]), (422, &json!("recency")));

    let presets = "/api/v1/accounts/1/segments/presets";
    let all = world.get(presets).await.json();
    for preset in all.as_array().unwrap() {
        let path = format!("{presets}/{}", preset["key"].as_str().unwrap());
        let text = told(&world, &path, &json!({})).await.json();
        assert!(!text["segment"].as_str().unwrap().contains('{'), "{text}");
    }
    let chosen = json!({"parameters": {"days": "7"}});
    let text = told(&world, &format!("{presets}/new-followers"), &chosen).await.json();
    assert_eq!(text["segment"], "subscribed within 7d");
    let wrong = json!({"parameters": {"days": "soon"}});
    let answer = told(&world, &format!("{presets}/new-followers"), &wrong).await;
    assert_eq!((answer.status, &answer.json()["field"]), (422, &json!("parameters")));
    assert_eq!(told(&world, &format!("{presets}/nobody"), &json!({})).await.status, 404);
}
