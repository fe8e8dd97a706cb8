//! A server that is stopped keeps what it made of the facts, and the next start goes on with it: the
//! same counts, also of what is told afterwards. A file that is damaged is not used, and one that
//! knew somebody who was erased is gone at once.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::World;

const SEGMENTS: [&str; 5] = [
    "everyone",
    "orders.count() >= 2",
    "orders.sum(amount, 90d) >= 100",
    "count(visit \"/new\") >= 1",
    "customer_id = \"C-to-be-erased\"",
];

fn file(folder: &Path) -> PathBuf {
    folder.join("index").join("1.snapshot")
}

async fn counts(world: &mut World) -> Vec<u64> {
    let mut counts = Vec::new();
    for segment in SEGMENTS {
        counts.push(world.count(segment).await.people);
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_goes_on_with_what_is_known() {
    let mut world = World::start(300).await;
    let person = world.openids(1).await.remove(0);
    let path = world.driver.path(&format!("/followers/{person}"));
    let names = json!({"customer_id": "C-to-be-erased"});
    let _: Value = world.driver.rest().patch(&path, &names).await.unwrap();
    let events = world.driver.path("/events");
    let visit = |key: &str| {
        json!({"events": [{"key": key, "who": {"openid": person}, "kind": "visit", "on": "/new",
            "at": "2026-02-27T10:00:00+08:00"}]})
    };
    let _: Value = world.driver.rest().post(&events, &visit("v1")).await.unwrap();
    let before = counts(&mut world).await;
    assert_eq!((before[0], before[3], before[4]), (300, 1, 1));
    assert!(before[1] > 0 && before[2] > 0);

    world.restart(|folder| assert!(file(folder).exists())).await;
    assert!(file(world.folder()).exists(), "it was not used");
    assert_eq!(counts(&mut world).await, before);
    let _: Value = world.driver.rest().post(&events, &visit("v2")).await.unwrap();
    assert_eq!(world.count("count(visit \"/new\") = 2").await.people, 1);

    world
        .restart(|folder| {
            let mut bytes = fs::read(file(folder)).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(file(folder), bytes).unwrap();
        })
        .await;
    assert!(!file(world.folder()).exists(), "a damaged one was used");
    assert_eq!(counts(&mut world).await, before);
    assert_eq!(world.count("count(visit \"/new\") = 2").await.people, 1);

    world.restart(|folder| assert!(file(folder).exists())).await;
    world.driver.rest().delete(&path).await.unwrap();
    assert!(!file(world.folder()).exists(), "it knows somebody who was erased");
    world
        .restart(|folder| {
            let bytes = fs::read(file(folder)).unwrap();
            let name = b"C-to-be-erased";
            assert!(!bytes.windows(name.len()).any(|window| window == name));
        })
        .await;
    assert!(file(world.folder()).exists());
    assert_eq!(world.count("everyone").await.people, 299);
    assert_eq!(world.count("count(visit) >= 1").await.people, 0);
    // No teardown: the sandbox knows this person, and here nobody may.
}
