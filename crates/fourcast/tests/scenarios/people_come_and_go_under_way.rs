//! The platform reads the audience of a send to everybody when it runs, not when it is called.
//! Whoever follows or leaves in between widens what the ledger says, and never escapes it.

use crate::harness::{World, at, campaign};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_come_and_go_under_way() {
    let mut world = World::start(20_500).await;
    world.advance_to(at(3, 10)).await;
    let leaver = world.somebody("tag \"油性皮肤\"").await;
    let planned = campaign("everybody", "subscribed");
    // The call is accepted now; the job runs a few seconds later.
    world.driver.send(&planned).await.unwrap();
    assert_eq!(world.reported("everybody").await.batches[0].kind, "all");
    let newcomer = world.follows_newly().await;
    world.leaves(&leaver).await;
    world.settle().await;
    let report = world.reported("everybody").await;
    assert!(!report.batches[0].exact, "the audience changed under way");
    let slot = world.slot(&newcomer).await;
    assert_eq!((slot.used_min, slot.used_max), (0, 1), "the newcomer may have received it");
    let slot = world.slot(&leaver).await;
    assert_eq!((slot.used_min, slot.used_max), (0, 1), "so may whoever left");
    world.teardown().await;
}
