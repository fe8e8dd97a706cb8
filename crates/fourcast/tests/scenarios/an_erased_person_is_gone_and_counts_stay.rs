//! A person is erased after they received a campaign: nothing of them is shown any more, what was
//! counted stays counted, and whoever comes back with the same OpenID is somebody new.

use delivery::view::{PersonExport, VerifyView};
use serde_json::{Value, json};

use crate::harness::{World, at, campaign};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_person_is_gone_and_counts_stay() {
    let mut world = World::start(300).await;
    world.advance_to(at(3, 10)).await;
    let sent = world.send(&campaign("first", "subscribed")).await;
    let delivered = sent.report.unwrap().delivered;
    let one = world.somebody("received \"first\" and orders.count() >= 1").await;
    let person = world.driver.path(&format!("/followers/{one}"));
    let rest = world.driver.rest();
    let _: Value = rest.patch(&person, &json!({"phone": "13912345678"})).await.unwrap();
    let body = json!({"add": [{"phone": "13912345678"}]});
    let list = world.driver.path("/lists/vip");
    let _: Value = rest.post(&list, &body).await.unwrap();
    let export: PersonExport = rest.get(&format!("{person}/export")).await.unwrap();
    assert_eq!(export.phones, ["13912345678"]);
    assert_eq!((export.lists, export.history.len()), (vec!["vip".to_owned()], 1));
    assert!(!export.orders.is_empty());

    let known = world.count("everyone").await.people;
    let ordered = world.count("orders.count() >= 1").await.people;
    let received = world.count("received \"first\"").await.people;
    world.driver.rest().delete(&person).await.unwrap();
    let rest = world.driver.rest();
    assert!(rest.get::<Value>(&person).await.is_err());
    assert!(rest.delete(&person).await.is_err());
    let list: Value = rest.get(&world.driver.path("/lists")).await.unwrap();
    assert_eq!(list[0]["people"], 0);
    assert_eq!(world.count("everyone").await.people, known - 1);
    assert_eq!(world.count("orders.count() >= 1").await.people, ordered - 1);
    assert_eq!(world.count("orders.count() = 0").await.people, known - ordered);
    assert_eq!(world.count("received \"first\"").await.people, received - 1);
    assert_eq!(world.reported("first").await.delivered, delivered);
    let rest = world.driver.rest();
    let verified: VerifyView = rest.post(&world.driver.path("/slots/verify"), &()).await.unwrap();
    assert!(verified.same);

    // They follow still: the next pass finds somebody new.
    world.driver.sync().await.unwrap();
    let again = world.follower(&one).await;
    assert_eq!((again.ordinal, again.orders.count, again.history.len()), (300, 0, 0));
    assert_eq!(world.count("everyone").await.people, known);
    assert_eq!(world.reported("first").await.delivered, delivered);
    // No teardown: the sandbox knows that this person received a message, and here nobody may.
}
