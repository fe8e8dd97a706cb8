//! How fast facts come in: a measurement, of use only when the machine is otherwise idle.
//! `cargo test --release -p server --test interface pace -- --ignored --nocapture`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Body, Method};
use serde_json::{Value, json};

use crate::world::{Answer, World};

const PEOPLE: u32 = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of a minute, of use only in release"]
async fn a_million_lines_a_minute() {
    const LINES: u64 = 1_000_000;
    let world = World::with_followers(PEOPLE).await;
    let pieces = (0..LINES / 1_000).map(|piece| {
        let mut text = String::new();
        if piece == 0 {
            text.push_str("order_id,openid,time,amount,items\n");
        }
        for line in piece * 1_000..(piece + 1) * 1_000 {
            let person = World::openid(u32::try_from(line * 7_919 % u64::from(PEOPLE)).unwrap());
            text.push_str(&format!("order-{line},{person},2026-02-01 10:00,59.90,1\n"));
        }
        Ok::<_, std::io::Error>(text)
    });
    let began = Instant::now();
    let body = Body::wrap_stream(futures_util::stream::iter(pieces));
    let path = "/api/v1/accounts/1/imports?what=orders";
    let begun = Answer::of(world.keyed(Method::POST, path).body(body)).await.json();
    let received = began.elapsed();
    let path = format!("/api/v1/accounts/1/imports/{}", begun["id"]);
    let mut slowest = Duration::ZERO;
    let done = loop {
        let asked = Instant::now();
        let event = json!({"events": [{"key": format!("{asked:?}"), "kind": "visit",
            "who": {"openid": World::openid(1)}, "at": "2026-03-01T10:00:00+08:00"}]});
        let told =
            world.send_json(Method::POST, "/api/v1/accounts/1/events", event.to_string()).await;
        assert_eq!(told.status, 200);
        slowest = slowest.max(asked.elapsed());
        let view = world.get(&path).await.json();
        if !view["finished_at"].is_null() {
            break view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let all = began.elapsed();
    assert_eq!((&done["imported"], &done["linked"]), (&json!(LINES), &json!(LINES)));
    println!(
        "{LINES} orders: received and checked in {received:.1?}, in after {all:.1?} \
         ({:.0} lines a minute); an event told meanwhile was durable after {slowest:.0?} at most",
        LINES as f64 * 60.0 / all.as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of half a minute, of use only in release"]
async fn events_keep_pace_while_counts_run() {
    const BATCH: u64 = 2_000;
    let world = Arc::new(World::with_followers(PEOPLE).await);
    let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let mut tellers = Vec::new();
    for _ in 0..3 {
        let (world, stop, next) = (Arc::clone(&world), Arc::clone(&stop), Arc::clone(&next));
        tellers.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let first = next.fetch_add(BATCH, Ordering::Relaxed);
                let events: Vec<Value> = (first..first + BATCH)
                    .map(|event| {
                        let person = u32::try_from(event * 7_919 % u64::from(PEOPLE)).unwrap();
                        json!({"key": format!("e{event}"), "kind": "visit",
                            "who": {"openid": World::openid(person)}, "value": 1,
                            "at": "2026-03-01T10:00:00+08:00"})
                    })
                    .collect();
                let body = json!({ "events": events }).to_string();
                let path = "/api/v1/accounts/1/events";
                let told = world.send_json(Method::POST, path, body).await.json();
                assert_eq!(told["new"], BATCH, "{told}");
            }
        }));
    }
    let (mut counts, mut slowest) = (0, Duration::ZERO);
    while began.elapsed() < Duration::from_secs(20) {
        let asked = Instant::now();
        let question = json!({"segment": "count(visit, 7d) >= 2 and subscribed"}).to_string();
        let path = "/api/v1/accounts/1/segments/count";
        let count = world.send_json(Method::POST, path, question).await;
        assert_eq!(count.status, 200);
        slowest = slowest.max(asked.elapsed());
        counts += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for teller in tellers {
        teller.await.unwrap();
    }
    let told = next.load(Ordering::Relaxed);
    println!(
        "{told} events in {:.1?}: {:.0} a second, each batch durable before its answer, beside \
         {counts} counts, the slowest in {slowest:.0?}",
        began.elapsed(),
        told as f64 / began.elapsed().as_secs_f64()
    );
}
