//! Result events doubled, late or missing their first attempts: the outcome is the same.

use serde_json::json;

use crate::harness::{World, at, campaign};

async fn ends_as_forecast(fault: serde_json::Value) {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    world.fault(fault.clone()).await;
    let sent = world.send(&campaign("sale", "tag \"干性皮肤\"")).await;
    let report = sent.report.unwrap();
    assert_eq!(report.delivered, sent.forecast.certain, "{fault}");
    assert!(report.batches.iter().all(|batch| batch.exact), "{fault}");
    let both = world.report().await;
    assert!(both.is_good(), "{fault}: {both:?}");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doubled() {
    ends_as_forecast(json!({ "endpoint": "callback", "kind": "callback_doubled", "times": 5 }))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_but_before_the_deadline() {
    ends_as_forecast(json!({ "endpoint": "callback", "kind": "callback_late", "seconds": 3600 }))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_than_the_deadline() {
    // Found unsettled after two hours, settled when the event comes after all.
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    world
        .fault(json!({ "endpoint": "callback", "kind": "callback_late", "seconds": 4 * 3600 }))
        .await;
    let planned = campaign("sale", "tag \"干性皮肤\"");
    world.driver.send(&planned).await.unwrap();
    world.advance_to(at(3, 13)).await;
    assert_eq!(world.reported("sale").await.batches[0].state, "unsettled");
    world.advance_to(at(3, 15)).await;
    let report = world.reported("sale").await;
    assert_eq!(report.batches[0].state, "settled");
    assert!(report.batches[0].exact);
    assert_eq!(report.as_forecast, Some(true));
    world.teardown().await;
}
