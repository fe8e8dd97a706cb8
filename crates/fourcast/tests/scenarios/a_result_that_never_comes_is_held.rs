//! Without the platform's counts nothing is guessed: the batch stays unsettled, its slots a range,
//! until a person says what happened.

use delivery::view::BatchView;
use serde_json::json;

use crate::harness::{World, at, campaign};

async fn unsettled(world: &mut World, fault: serde_json::Value) -> BatchView {
    world.advance_to(at(3, 10)).await;
    world.fault(fault).await;
    let planned = campaign("sale", "tag \"油性皮肤\"");
    world.driver.send(&planned).await.unwrap();
    world.advance_to(at(3, 15)).await;
    let report = world.reported("sale").await;
    assert_eq!(report.batches.len(), 1);
    assert_eq!(report.batches[0].state, "unsettled");
    assert_eq!(report.as_forecast, None, "an open batch proves nothing");
    let one = world.somebody("tag \"油性皮肤\"").await;
    let slot = world.slot(&one).await;
    assert_eq!((slot.used_min, slot.used_max), (0, 1));
    report.batches[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_event_then_a_person_says_it_went_out() {
    let mut world = World::start(200).await;
    let fault = json!({ "endpoint": "callback", "kind": "callback_lost" });
    let batch = unsettled(&mut world, fault).await;
    assert!(batch.sentence.unwrap().contains("result event never came"));
    let decided: BatchView = world.decide(batch.id, "sent").await;
    assert_eq!((decided.state.as_str(), decided.exact), ("settled", false));
    assert_eq!(decided.counts, None, "a person's word is no count of the platform's");
    let report = world.reported("sale").await;
    assert_eq!((report.delivered, report.as_forecast), (0, None), "nothing is made up");
    let one = world.somebody("tag \"油性皮肤\"").await;
    let slot = world.slot(&one).await;
    assert_eq!((slot.used_min, slot.used_max), (0, 1), "who got it is still not known");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_status_then_a_person_says_it_did_not_go_out() {
    let mut world = World::start(200).await;
    let fault = json!({ "endpoint": "*", "kind": "finish_status", "status": "err(20431)" });
    let batch = unsettled(&mut world, fault).await;
    let decided: BatchView = world.decide(batch.id, "not_sent").await;
    assert_eq!(decided.state, "refused");
    let one = world.somebody("tag \"油性皮肤\"").await;
    let slot = world.slot(&one).await;
    assert_eq!((slot.used_min, slot.used_max), (0, 0), "the slot is free again");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_content_gives_the_slots_back_at_once() {
    let mut world = World::start(200).await;
    world.advance_to(at(3, 10)).await;
    world.fault(json!({ "endpoint": "*", "kind": "finish_status", "status": "err(10001)" })).await;
    let sent = world.send(&campaign("sale", "tag \"油性皮肤\"")).await;
    let report = sent.report.unwrap();
    assert_eq!(report.delivered, 0);
    assert_eq!(report.batches[0].state, "refused");
    assert!(report.batches[0].sentence.as_ref().unwrap().contains("advertisement"));
    let one = world.somebody("tag \"油性皮肤\"").await;
    assert_eq!(world.slot(&one).await.used_max, 0);
    world.teardown().await;
}
