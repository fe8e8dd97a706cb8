//! Whoever had their four is told apart before the send: the fifth call leaves them out, and none
//! of it is wasted.

use crate::harness::{World, at, campaign};

const KEYS: [&str; 4] = ["first", "second", "third", "fourth"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifth_message_is_not_spent() {
    let mut world = World::start(400).await;
    world.advance_to(at(2, 10)).await;
    let oily = world.count("tag \"油性皮肤\"").await.people;
    assert!(oily > 10);
    for (day, key) in (2..).zip(KEYS) {
        world.advance_to(at(day, 10)).await;
        let sent = world.send(&campaign(key, "tag \"油性皮肤\"")).await;
        assert_eq!(sent.forecast.certain, oily, "{key}");
        assert_eq!(sent.report.unwrap().delivered, oily, "{key}");
    }
    let full = world.somebody("tag \"油性皮肤\"").await;
    let slot = world.slot(&full).await;
    assert_eq!((slot.used_min, slot.used_max, slot.cap), (4, 4, 4));

    world.advance_to(at(9, 10)).await;
    let jobs = world.jobs().await.len();
    let fifth = world.send(&campaign("fifth", "subscribed")).await;
    assert_eq!(fifth.forecast.segment, 400);
    assert_eq!(fifth.forecast.certain, 400 - oily);
    assert_eq!(fifth.forecast.wasted_by_ignoring_the_cap, oily);
    assert_eq!(fifth.forecast.reasons.iter().map(|reason| reason.people).sum::<u64>(), oily);
    let report = fifth.report.unwrap();
    assert_eq!(report.delivered, 400 - oily);
    // Lists of exactly those who could receive: what the platform filtered is nobody.
    for batch in &report.batches {
        let counts = batch.counts.unwrap();
        assert_eq!(counts.total, counts.filtered, "the platform filtered somebody out");
    }
    assert!(world.jobs().await.len() > jobs);
    let line = world.follower(&full).await;
    assert!(line.history.iter().all(|line| line.outcome != "may_have_received"), "{line:?}");

    // April is another month.
    world.advance_to(march_is_over()).await;
    let slot = world.slot(&full).await;
    assert_eq!((slot.used_min, slot.used_max), (0, 0));
    world.teardown().await;
}

fn march_is_over() -> wire::Timestamp {
    at(32, 9)
}
