//! A job counts in the month in which it is delivered, so no call is made in a month's last hour,
//! and what was reserved in it is planned anew for the next one.

use fourcast::demo::month::moment;
use fourcast::demo::shop::When;

use crate::harness::{World, at, campaign, march};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_month_ends_quietly() {
    let mut world = World::start(300).await;
    world.advance_to(moment(march(), When::Day(31, 23, 30))).await;
    let planned = campaign("late", "tag \"油性皮肤\"");
    world.driver.send(&planned).await.unwrap();
    assert!(world.jobs().await.is_empty(), "nothing is called in the last hour");
    let one = world.somebody("tag \"油性皮肤\"").await;
    assert_eq!(world.slot(&one).await.used_max, 1, "the slot is reserved meanwhile");
    world.advance_to(at(32, 1)).await;
    let report = world.reported("late").await;
    assert_eq!(report.campaign.state, "settled");
    assert_eq!(report.delivered, report.forecast.unwrap().certain);
    let slot = world.slot(&one).await;
    assert_eq!((slot.used_min, slot.used_max), (1, 1), "it took a slot of April");
    let states: Vec<&str> = report.batches.iter().map(|batch| batch.state.as_str()).collect();
    assert_eq!(states, ["cancelled", "settled"]);
    world.teardown().await;
}
