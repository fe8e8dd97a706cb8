//! A backup is put back after its original went on: nothing is sent from it until a person has
//! released it, and then nobody gets anything twice.

use std::path::{Path, PathBuf};

use delivery::view::{CampaignView, FenceView};
use fourcast::rest;
use serde_json::{Value, json};

use crate::harness::{World, at, campaign};

const DRY: &str = "tag \"干性皮肤\"";

async fn backed_up(world: &World) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    store::backup::write(world.folder(), &copy, false).await.unwrap();
    (folder, copy)
}

/// As an operator does it in need: the copy's files over those of the data folder.
fn put_back(copy: &Path, folder: &Path) {
    for file in ["fourcast.db", "fourcast.db-wal", "fourcast.db-shm"] {
        let _ = std::fs::remove_file(folder.join(file));
    }
    std::fs::copy(copy.join("fourcast.db"), folder.join("fourcast.db")).unwrap();
}

async fn fence(world: &World) -> FenceView {
    world.driver.rest().get("/api/v1/fence").await.unwrap()
}

async fn release(world: &World, wish: Value) -> FenceView {
    let rest = world.driver.rest();
    let view = rest.post("/api/v1/fence/release", &wish).await.unwrap();
    let _: Value = rest.get("/api/v1/work?wait=true").await.unwrap();
    view
}

async fn state(world: &World, key: &str) -> String {
    let all: Vec<CampaignView> =
        world.driver.rest().get(&world.driver.path("/campaigns")).await.unwrap();
    all.iter().find(|campaign| campaign.key == key).unwrap().state.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_due_is_shown_and_held() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    assert!(!fence(&world).await.fenced);
    let (made, _) = world.driver.prepare(&campaign("sale", DRY)).await.unwrap();
    let path = world.driver.path(&format!("/campaigns/{}/send", made.id));
    let wish = json!({ "at": "2026-03-03T11:00:00+08:00" });
    let _: CampaignView = world.driver.rest().post(&path, &wish).await.unwrap();
    let (_kept, copy) = backed_up(&world).await;
    world.advance_to(at(3, 13)).await;
    assert_eq!(state(&world, "sale").await, "settled");
    let jobs = world.jobs().await.len();

    world.restart(|folder| put_back(&copy, folder)).await;
    let seen = fence(&world).await;
    assert_eq!((seen.fenced, seen.why.as_deref()), (true, Some("restored")));
    let account = &seen.accounts[0];
    assert_eq!(account.overdue[0].key, "sale");
    let calls = &account.mass_calls;
    assert!(calls.platform.unwrap() > calls.ours, "the platform's count tells: {calls:?}");
    let again = world.driver.rest().post::<CampaignView>(&path, &json!({})).await.unwrap_err();
    assert!(matches!(&again, rest::Error::Refused { code, .. } if code == "fenced"), "{again}");
    world.advance_to(at(4, 10)).await;
    assert_eq!(world.jobs().await.len(), jobs, "something was sent behind the fence");
    assert_eq!(state(&world, "sale").await, "scheduled");

    // The person has seen that it went out: told so, the ledger knows that it does not know.
    let send = json!({ "at": "2026-03-03T11:00:00+08:00" });
    let foreign = world.driver.path("/foreign-sends");
    let _: Value = world.driver.rest().post(&foreign, &send).await.unwrap();
    assert!(!release(&world, json!({})).await.fenced);
    assert_eq!(state(&world, "sale").await, "draft");
    let twice = world.driver.rest().post::<FenceView>("/api/v1/fence/release", &json!({})).await;
    assert!(twice.is_err(), "nothing is left to release");
    world.advance_to(at(5, 10)).await;
    assert_eq!(world.jobs().await.len(), jobs);
    world.restart(|_| ()).await;
    assert!(!fence(&world).await.fenced, "released is released");
    // It sends again.
    world.send(&campaign("next", "tag \"油性皮肤\"")).await;
    assert!(world.jobs().await.len() > jobs);
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_copy_holds_as_uncalled_is_repeated_with_its_key() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    world.fault(json!({ "endpoint": "/cgi-bin/message/mass/send", "kind": "minute_quota" })).await;
    world.driver.send(&campaign("sale", DRY)).await.unwrap();
    assert_eq!(world.jobs().await.len(), 0, "it waits for the next minute");
    let (_kept, copy) = backed_up(&world).await;
    world.settle().await;
    let jobs = world.jobs().await.len();
    assert!(jobs > 0);

    world.restart(|folder| put_back(&copy, folder)).await;
    let open = fence(&world).await.accounts.remove(0).open;
    assert_eq!(open.len(), jobs);
    release(&world, json!({ "overdue": "send" })).await;
    world.advance_to(at(3, 20)).await;
    assert_eq!(world.jobs().await.len(), jobs, "a second call went out");
    let report = world.reported("sale").await;
    // 45065 told that it was accepted; the result event went to the original.
    for batch in &report.batches {
        assert_eq!((batch.state.as_str(), batch.exact), ("unsettled", false), "{report:?}");
        assert!(batch.msg_id.is_some(), "{report:?}");
        world.decide(batch.id, "sent").await;
    }
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_day_only_a_person_can_say() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    world.fault(json!({ "endpoint": "/cgi-bin/message/mass/send", "kind": "minute_quota" })).await;
    world.driver.send(&campaign("sale", DRY)).await.unwrap();
    let (_kept, copy) = backed_up(&world).await;
    world.settle().await;
    let jobs = world.jobs().await.len();
    world.advance_to(at(6, 10)).await;

    world.restart(|folder| put_back(&copy, folder)).await;
    release(&world, json!({ "overdue": "send" })).await;
    world.advance_to(at(6, 20)).await;
    assert_eq!(world.jobs().await.len(), jobs, "the platform no longer knows the key");
    let report = world.reported("sale").await;
    assert!(report.batches.iter().all(|batch| batch.state == "unsettled"), "{report:?}");
    for batch in &report.batches {
        world.decide(batch.id, "sent").await;
    }
    world.teardown().await;
}
