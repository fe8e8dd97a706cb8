//! Each mistake gets one sentence that names what is wrong and what to do, and nothing is half
//! done.

use delivery::view::{AccountView, CampaignView, ImportView, SlotsView};
use fourcast::Error;
use fourcast::demo::control::Wish;
use serde_json::{Value, json};

use crate::harness::{World, at, campaign};

fn sentence<T: std::fmt::Debug>(outcome: Result<T, impl Into<Error>>) -> String {
    let error: Error = outcome.map_err(Into::into).unwrap_err();
    error.to_string()
}

/// The sandbox's second account, and what connecting it with these changes says.
async fn connecting(world: &World, made: Value, change: Value) -> String {
    let account: Value =
        world.driver.control().rest().post("/sandbox/accounts", &made).await.unwrap();
    let mut wish = json!({
        "name": "second", "appid": account["appid"], "secret": account["secret"],
        "original_id": account["original_id"], "callback_token": "token123",
        "encoding_aes_key": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8",
        "base_url": world.driver.control().rest().base(),
    });
    for (field, value) in change.as_object().unwrap() {
        wish[field] = value.clone();
    }
    let rest = world.driver.rest();
    let before: Vec<AccountView> = rest.get("/api/v1/accounts").await.unwrap();
    let told = sentence(rest.post::<AccountView>("/api/v1/accounts", &wish).await);
    let after: Vec<AccountView> = rest.get("/api/v1/accounts").await.unwrap();
    assert_eq!(before.len(), after.len(), "nothing is kept of an account that failed to connect");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_that_cannot_be_connected() {
    let world = World::start(50).await;
    let people = json!({ "followers": 10, "seed": 3 });
    let told = connecting(&world, people.clone(), json!({ "secret": "0".repeat(32) })).await;
    assert!(told.contains("the AppSecret is wrong"), "{told}");
    let made = json!({ "followers": 10, "seed": 4, "ip_allow_list": ["203.0.113.9"] });
    let told = connecting(&world, made, json!({})).await;
    assert!(told.contains("127.0.0.1") && told.contains("IP allow-list"), "{told}");
    let made = json!({ "followers": 10, "seed": 5, "verified": false });
    let told = connecting(&world, made, json!({})).await;
    assert!(told.contains("it must be a verified"), "{told}");
    let told =
        connecting(&world, json!({ "followers": 10, "seed": 6 }), json!({ "callback_token": "x" }));
    assert!(told.await.contains("callback_token"));
    let made = json!({ "followers": 10, "seed": 7 });
    let told = connecting(&world, made, json!({ "encoding_aes_key": "short" })).await;
    assert!(told.contains("encoding_aes_key"), "{told}");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn segments_that_cannot_be_sent_to() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    for (segment, wanted) in [
        ("tag \"油皮\"", "油性皮肤"),
        ("subscribd", "column 1"),
        ("subscribed and (tag \"油性皮肤\"", "column"),
        ("received \"never-made\"", "never-made"),
    ] {
        let path = world.driver.path("/segments/count");
        let told = sentence(
            world.driver.rest().post::<Value>(&path, &json!({ "segment": segment })).await,
        );
        assert!(told.contains(wanted), "{segment}: {told}");
    }
    for (key, segment, wanted) in [
        ("empty", "tag \"油性皮肤\" and tag \"干性皮肤\"", "the segment is empty"),
        ("one", "customer_id = \"C0000001\"", "refuses a list of one"),
    ] {
        let told = sentence(world.driver.send(&campaign(key, segment)).await);
        assert!(told.contains(wanted), "{segment}: {told}");
    }
    // A full month.
    for (day, key) in [(4, "a"), (5, "b"), (6, "c"), (9, "d")] {
        world.advance_to(at(day, 10)).await;
        world.send(&campaign(key, "subscribed")).await;
    }
    world.advance_to(at(10, 10)).await;
    let told = sentence(world.driver.send(&campaign("full", "subscribed")).await);
    assert!(told.contains("300 have no slot left this month"), "{told}");
    assert_eq!(world.jobs().await.len(), 4, "nothing was sent");
    let all: Vec<CampaignView> =
        world.driver.rest().get(&world.driver.path("/campaigns")).await.unwrap();
    assert!(all.iter().filter(|one| one.state == "draft").count() == 3, "{all:?}");
    world.teardown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_with_a_bad_line() {
    let world = World::bare(Wish::of(50, 7)).await;
    let rest = world.driver.rest();
    let orders = world.driver.path("/import/orders");
    let csv = "order_id,customer_id,time,amount,items\n\
               1,C1,2026-02-01,12.50,1\n\
               2,C1,2026-02-31,12.50,1\n\
               3,C1,2026-02-03,12.5.0,1\n";
    let told = sentence(rest.upload::<ImportView>(&orders, csv).await);
    assert!(told.contains('2') && told.contains("line"), "{told}");
    let slots: SlotsView = rest.get(&world.driver.path("/slots")).await.unwrap();
    assert_eq!(slots.followers, 50);
    let good = "order_id,customer_id,time,amount,items\n1,C1,2026-02-01,12.50,1\n";
    let taken: ImportView = rest.upload(&orders, good).await.unwrap();
    assert_eq!((taken.imported, taken.duplicates), (1, 0), "the refused file left nothing behind");
    let skipping = format!("{orders}?skip_bad=true");
    let taken: ImportView = rest.upload(&skipping, csv).await.unwrap();
    assert_eq!((taken.imported, taken.duplicates, taken.refused), (0, 1, 2));
    assert_eq!(taken.errors.iter().map(|error| error.line).collect::<Vec<_>>(), [3, 4]);
    world.teardown().await;
}
