//! The operator sets the account's IP allow-list wrong while a campaign is due: nothing is sent,
//! nothing is given up, the batch says why, and the campaign goes on once it is put right.

use serde_json::{Value, json};

use crate::harness::{World, at, campaign};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_secret_holds_the_campaign() {
    let mut world = World::start(200).await;
    world.advance_to(at(3, 10)).await;
    allow(&world, json!(["203.0.113.9"])).await;
    // The token in hand dies too: the next call has to fetch one.
    world.fault(json!({ "endpoint": "/cgi-bin/message/mass/send", "kind": "token_dead" })).await;
    world.driver.send(&campaign("sale", "tag \"油性皮肤\"")).await.unwrap();
    let report = world.reported("sale").await;
    assert_eq!(report.batches[0].state, "intended");
    let sentence = report.batches[0].sentence.clone().unwrap();
    assert!(sentence.contains("IP allow-list"), "{sentence}");
    assert!(world.jobs().await.is_empty());
    allow(&world, Value::Null).await;
    world.settle().await;
    let report = world.reported("sale").await;
    assert_eq!(report.delivered, report.forecast.unwrap().certain);
    world.teardown().await;
}

async fn allow(world: &World, addresses: Value) {
    let control = world.driver.control();
    let path = control.path("ip-allow-list");
    let _: Value = control.rest().put(&path, &json!({ "addresses": addresses })).await.unwrap();
}
