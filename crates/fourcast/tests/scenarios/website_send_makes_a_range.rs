//! A send made on the platform's website, of which nobody tells the server, becomes a range: who
//! surely has a slot, who may have one. The truth lies inside.

use fourcast::demo::month::{Act, What};

use crate::harness::{World, at, campaign};

const KEYS: [&str; 3] = ["first", "second", "third"];
const BOTH: &str = "tag \"干性皮肤\" or tag \"油性皮肤\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn website_send_makes_a_range() {
    let mut world = World::start(300).await;
    let dry = world.count("tag \"干性皮肤\"").await.people;
    let oily = world.count("tag \"油性皮肤\"").await.people;
    for (day, key) in (2..).zip(KEYS) {
        world.advance_to(at(day, 10)).await;
        world.send(&campaign(key, "tag \"干性皮肤\"")).await;
    }
    let one = world.somebody("tag \"干性皮肤\"").await;
    world.advance_to(at(10, 15)).await;
    let act = Act {
        at: at(10, 15),
        what: What::Website { title: "周年庆预告", content: "全场满减" },
    };
    world.driver.perform(&act).await.unwrap();
    world.advance_to(at(10, 16)).await;
    let slot = world.slot(&one).await;
    assert_eq!((slot.used_min, slot.used_max), (3, 4), "it is not known who received it");

    world.advance_to(at(11, 10)).await;
    let count = world.count(BOTH).await;
    assert_eq!((count.certain, count.possible), (oily, dry));
    let sent = world.send(&campaign("after", BOTH)).await;
    assert_eq!((sent.forecast.certain, sent.forecast.possible), (oily, dry));
    let report = sent.report.unwrap();
    // In truth the website reached everybody, so those with three had their fourth from it.
    assert_eq!(report.delivered, oily);
    assert_eq!(report.as_forecast, Some(true));
    // Who surely had a slot is sent to apart from who may have one, and known exactly afterwards.
    assert!(report.batches.iter().any(|batch| batch.certain && batch.exact));
    assert!(report.batches.iter().any(|batch| !batch.certain && !batch.exact));

    let both = world.report().await;
    let failed: Vec<_> = both.checks.iter().filter(|check| !check.holds).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(both.ledger.received[&4], dry);
    world.teardown().await;
}
