//! The whole month with something going wrong around every campaign: answers lost, calls cut, busy
//! and failing servers, result events doubled, late, missing their first attempts, a website send
//! nobody told of, people who refuse, come and go. Nobody gets anything twice, nobody is lost, and
//! the ledger brackets the truth for everybody.

use fourcast::demo::control::Wish;
use fourcast::demo::month::Script;
use fourcast::demo::report::report;
use serde_json::{Value, json};

use crate::harness::{World, march};

/// What goes wrong around the n-th act of the month.
fn faults(act: usize) -> Vec<Value> {
    let call = |kind: &str, times: u32| json!({ "endpoint": "*", "kind": kind, "times": times });
    let push = |kind: &str, times: u32| json!({ "endpoint": "callback", "kind": kind, "times": times, "seconds": 900 });
    match act % 6 {
        0 => vec![call("lost_answer", 1), push("callback_doubled", 3)],
        1 => vec![call("system_error", 2), push("callback_late", 1)],
        2 => vec![call("cut_before", 1), call("lost_answer", 2)],
        3 => vec![call("http_500", 1), call("token_dead", 1), push("callback_doubled", 2)],
        4 => vec![call("minute_quota", 1), push("callback_late", 2)],
        _ => vec![call("lost_answer", 1), call("http_500", 1), call("system_error", 1)],
    }
}

async fn survives(refusing_per_mille: u32) {
    let wish = Wish {
        daily_arrivals_per_mille: 3,
        daily_leavers_per_mille: 3,
        refusing_per_mille,
        ..Wish::of(1_500, 23)
    };
    let mut world = World::start_with(wish).await;
    let script = Script::of(march());
    for (number, act) in script.acts.iter().enumerate() {
        world.advance_to(act.at).await;
        for fault in faults(number) {
            world.fault(fault).await;
        }
        world.driver.perform(act).await.unwrap();
    }
    world.advance_to(script.end()).await;
    let report = report(&mut world.driver, &script).await.unwrap();
    for (line, record) in report.campaigns.iter().zip(world.driver.records()) {
        let outcome = &line.outcome;
        assert_eq!(outcome.doubled, 0, "{line:#?}");
        assert_eq!(outcome.unexpected, 0, "{line:#?}");
        assert_eq!(line.open, 0, "{line:#?}");
        if refusing_per_mille == 0 {
            assert_eq!(outcome.lost, 0, "{line:#?}\n{:#?}", record.report);
            assert!(line.as_forecast, "{line:#?}\n{:#?}", record.report);
        }
    }
    assert_eq!(report.ledger.outside, 0, "{:#?}", report.ledger);
    assert!(report.ledger.received.keys().all(|messages| *messages <= 4));
    assert!(report.unclaimed_jobs.is_empty(), "{:?}", report.unclaimed_jobs);
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_twice_and_nobody_lost() {
    survives(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_people_who_refuse() {
    survives(40).await;
}
