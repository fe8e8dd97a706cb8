//! Lists and saved segments stand in other segments by their names; what another one names cannot
//! go, and none may name itself. Samples, overlaps and frozen segments say the same as counts.

use delivery::view::{FrozenView, ListView, MembersView, OverlapView, RerunView, SampleView};
use serde_json::{Value, json};

use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_saved_segments_are_named_by_others() {
    let mut world = World::start(300).await;
    let people = world.openids(5).await;
    let path = |world: &World, rest: &str| world.driver.path(rest);
    let mut who: Vec<Value> = people.iter().map(|id| json!({"openid": id})).collect();
    who.push(json!({"phone": "10086000"}));
    let rest = world.driver.rest();
    let list = path(&world, "/lists/vip");
    let view: MembersView = rest.post(&list, &json!({"add": who})).await.unwrap();
    assert_eq!((view.people, view.added, view.unknown), (5, 5, 1));
    let off = json!({"remove": [{"openid": people[0]}]});
    let view: MembersView = rest.post(&list, &off).await.unwrap();
    assert_eq!((view.people, view.removed), (4, 1));
    assert_eq!(world.count("in list \"vip\"").await.people, 4);
    let tag = path(&world, "/own-tags/内部/members");
    let given = json!({"add": [{"openid": people[1]}], "add_segment": "in list \"vip\""});
    let rest = world.driver.rest();
    let view: MembersView = rest.post(&tag, &given).await.unwrap();
    assert_eq!((view.people, view.added), (4, 4));
    assert_eq!(world.count("own tag \"内部\"").await.people, 4);

    let saved = |world: &World, name: &str| path(world, &format!("/segments/saved/{name}"));
    let save = async |world: &World, name: &str, text: &str| {
        let body = json!({"segment": text});
        world.driver.rest().put::<Value>(&saved(world, name), &body).await
    };
    save(&world, "a", "in list \"vip\"").await.unwrap();
    save(&world, "b", "in segment \"a\" and subscribed").await.unwrap();
    assert_eq!(world.count("in segment \"b\"").await.people, 4);
    assert!(save(&world, "a", "in segment \"b\"").await.is_err(), "a ring of two");
    assert!(save(&world, "c", "in segment \"c\"").await.is_err(), "a ring of one");
    assert_eq!(world.count("in segment \"b\"").await.people, 4, "the refused left no trace");
    let error = world.driver.rest().delete(&saved(&world, "a")).await.unwrap_err();
    assert!(error.to_string().contains("\"b\""), "{error}");
    world.driver.rest().delete(&saved(&world, "b")).await.unwrap();
    world.driver.rest().delete(&saved(&world, "a")).await.unwrap();

    // The same people under every question.
    let ask = async |world: &World, what: &str, body: Value| -> Value {
        let path = path(world, &format!("/segments/{what}"));
        world.driver.rest().post(&path, &body).await.unwrap()
    };
    let all = world.count("orders.count() >= 1").await.people;
    let sample = json!({"segment": "orders.count() >= 1", "size": 10, "seed": 4});
    let first: SampleView =
        serde_json::from_value(ask(&world, "sample", sample.clone()).await).unwrap();
    let second: SampleView = serde_json::from_value(ask(&world, "sample", sample).await).unwrap();
    let names = |view: &SampleView| -> Vec<String> {
        view.followers.iter().map(|one| one.openid.clone()).collect()
    };
    assert_eq!((first.people, first.followers.len()), (all, 10));
    assert_eq!(names(&first), names(&second));
    let segments = json!({"segments": ["in list \"vip\"", "own tag \"内部\"", "everyone"]});
    let overlap: OverlapView =
        serde_json::from_value(ask(&world, "overlap", segments).await).unwrap();
    assert_eq!(overlap.people[0], [4, 4, 4]);
    assert_eq!((overlap.people[2][2], overlap.any, overlap.all), (300, 300, 4));

    let mut seen = Vec::new();
    let mut offset = 0;
    loop {
        let question = json!({"segment": "orders.count() >= 1", "sort": "amount",
            "descending": true, "limit": 40, "offset": offset});
        let page: ListView = serde_json::from_value(ask(&world, "list", question).await).unwrap();
        seen.extend(page.followers.into_iter().map(|one| one.openid));
        match page.next {
            Some(next) => offset = next,
            None => break,
        }
    }
    assert_eq!(seen.len() as u64, all);
    let mut amounts = Vec::new();
    for openid in [&seen[0], &seen[seen.len() / 2], &seen[seen.len() - 1]] {
        amounts.push(world.follower(openid).await.orders.amount_cents);
    }
    assert!(amounts.is_sorted_by(|a, b| a >= b), "{amounts:?}");

    let frozen = json!({"segment": "in list \"vip\"", "name": "vip of March"});
    let frozen: FrozenView = serde_json::from_value(ask(&world, "frozen", frozen).await).unwrap();
    let off = json!({"remove": [{"openid": people[1]}], "add": [{"openid": people[0]}]});
    let _: MembersView = world.driver.rest().post(&list, &off).await.unwrap();
    let again = format!("frozen/{}/rerun", frozen.id);
    let again: RerunView = serde_json::from_value(ask(&world, &again, json!(null)).await).unwrap();
    assert_eq!((again.people, again.came, again.went), (4, 1, 1));
    assert_ne!(again.hash, frozen.hash);
    let members = path(&world, &format!("/segments/frozen/{}/members", frozen.id));
    let mut lines = Vec::new();
    world.driver.rest().lines(&members, |line| lines.push(line.to_owned())).await.unwrap();
    assert_eq!(lines, people[1..]);
    world.teardown().await;
}
