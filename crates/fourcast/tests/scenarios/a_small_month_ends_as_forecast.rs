//! The demonstration's whole month on a small shop with people who come and go: every forecast
//! holds, nobody gets anything twice, nobody is lost, the ledger brackets the truth.

use fourcast::demo::control::Wish;
use fourcast::demo::month::Script;
use fourcast::demo::report::report;

use crate::harness::{World, march};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_month_ends_as_forecast() {
    let wish =
        Wish { daily_arrivals_per_mille: 3, daily_leavers_per_mille: 3, ..Wish::of(2_000, 11) };
    let mut world = World::start_with(wish).await;
    let script = Script::of(march());
    world.driver.run(&script).await.unwrap();
    let report = report(&mut world.driver, &script).await.unwrap();

    let failed: Vec<_> = report.checks.iter().filter(|check| !check.holds).collect();
    assert!(failed.is_empty(), "{failed:#?}\n{:#?}", report.campaigns);
    assert_eq!(report.campaigns.len(), script.campaigns());
    assert!(report.wasted > 0, "the cap was never reached, so nothing was tried");
    assert!(report.ledger.people > 2_000, "nobody came");
    assert!(report.ledger.received.keys().all(|messages| *messages <= 4));
    assert!(report.ledger.in_range > 0, "the website's send left no range");
    world.teardown().await;
}
