//! Whatever happens to the answer of a mass call, each follower gets the campaign exactly once and
//! nobody is lost: the call is repeated with its own key, and only with it.

use serde_json::json;

use crate::harness::{World, at, campaign};

async fn survives(fault: &str, attempts: i64) {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    world.fault(json!({ "endpoint": "/cgi-bin/message/mass/send", "kind": fault })).await;
    let sent = world.send(&campaign("sale", "tag \"干性皮肤\" or tag \"混合皮肤\"")).await;
    let report = sent.report.unwrap();
    assert_eq!(report.delivered, sent.forecast.certain, "{fault}");
    assert_eq!(report.as_forecast, Some(true), "{fault}");
    assert!(report.batches.iter().all(|batch| batch.exact), "{fault}");
    assert_eq!(report.batches[0].attempts, attempts, "{fault}");
    // One job a batch on the platform's side: nothing was sent anew.
    assert_eq!(world.jobs().await.len(), report.batches.len(), "{fault}");
    let both = world.report().await;
    assert!(both.is_good(), "{fault}: {both:?}");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepted_and_the_answer_lost() {
    survives("lost_answer", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_before_acceptance() {
    survives("cut_before", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn system_error() {
    survives("system_error", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_error() {
    survives("http_500", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn minute_limit() {
    survives("minute_quota", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_token() {
    // A refusal that says the token is dead is no doubt: repeated inside the same attempt.
    survives("token_dead", 1).await;
}
