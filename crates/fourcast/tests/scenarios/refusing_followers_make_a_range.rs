//! Somebody switched the account's messages off: the platform filters them and does not say whom.
//! The ledger then gives ranges, and the truth lies inside them.

use crate::harness::{World, at, campaign};
use fourcast::demo::control::Wish;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusing_followers_make_a_range() {
    let mut world = World::start_with(Wish { refusing_per_mille: 100, ..Wish::of(400, 7) }).await;
    for (day, key) in [(3, "one"), (4, "two"), (5, "three"), (6, "four")] {
        world.advance_to(at(day, 10)).await;
        let sent = world.send(&campaign(key, "subscribed")).await;
        assert_eq!(sent.forecast.certain, 400, "{key}");
        let report = sent.report.unwrap();
        assert!(report.delivered < 400, "{key}: somebody refuses");
        assert!(report.batches.iter().all(|batch| !batch.exact), "{key}");
    }
    world.advance_to(at(7, 10)).await;
    let fifth = world.send(&campaign("five", "subscribed")).await;
    assert_eq!((fifth.forecast.certain, fifth.forecast.possible), (0, 400));
    let report = fifth.report.unwrap();
    assert_eq!(report.delivered, 0, "whoever accepts messages had their four");
    assert_eq!(report.as_forecast, Some(true));
    world.teardown().await;
}
