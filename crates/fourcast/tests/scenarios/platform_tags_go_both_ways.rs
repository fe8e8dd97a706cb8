//! A platform tag is made and given to a segment in the background; the platform has it then, so
//! that a synchronisation brings the same people back; deleted, it is nobody's.

use delivery::view::{TagView, TaggingView, WorkView};
use serde_json::json;

use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn platform_tags_go_both_ways() {
    let mut world = World::start(700).await;
    let path = |world: &World, rest: &str| world.driver.path(rest);
    let tags = path(&world, "/tags");
    let rest = world.driver.rest();
    let made: TagView = rest.post(&tags, &json!({"name": "老客户"})).await.unwrap();
    let again = rest.post::<TagView>(&tags, &json!({"name": "老客户"})).await;
    assert!(again.unwrap_err().to_string().contains("already"));
    let long = rest.post::<TagView>(&tags, &json!({"name": "长".repeat(11)})).await;
    assert!(long.unwrap_err().to_string().contains("30"));

    let members = path(&world, &format!("/tags/{}/members", made.id));
    let segment = "subscribed and orders.count() >= 1";
    let wanted = world.count(segment).await.people;
    assert!(wanted > 100, "{wanted} are not more than a call takes");
    let rest = world.driver.rest();
    let asked: TaggingView = rest.post(&members, &json!({"segment": segment})).await.unwrap();
    assert_eq!((asked.people, asked.state.as_str()), (wanted, "open"));
    let _: WorkView = rest.get("/api/v1/work?wait=true").await.unwrap();
    let all: Vec<TaggingView> = rest.get(&path(&world, "/taggings")).await.unwrap();
    assert_eq!((all[0].state.as_str(), all[0].done, all[0].skipped), ("done", wanted, 0));
    assert_eq!(world.count("tag \"老客户\"").await.people, wanted);

    // The platform says the same of each of them.
    world.driver.sync().await.unwrap();
    let both = format!("tag \"老客户\" and {segment}");
    assert_eq!(world.count("tag \"老客户\"").await.people, wanted);
    assert_eq!(world.count(&both).await.people, wanted);
    let rest = world.driver.rest();
    let listed: Vec<TagView> = rest.post(&path(&world, "/tags/refresh"), &()).await.unwrap();
    let listed = listed.into_iter().find(|tag| tag.id == made.id).unwrap();
    assert_eq!((listed.people, listed.platform_people), (wanted, wanted as i64));

    let renamed = path(&world, &format!("/tags/{}", made.id));
    let _: TagView = rest.patch(&renamed, &json!({"name": "回头客"})).await.unwrap();
    let one = world.somebody("tag \"回头客\"").await;
    let rest = world.driver.rest();
    let taken = json!({"openids": [one], "remove": true});
    let _: TaggingView = rest.post(&members, &taken).await.unwrap();
    let _: WorkView = rest.get("/api/v1/work?wait=true").await.unwrap();
    assert_eq!(world.count("tag \"回头客\"").await.people, wanted - 1);
    world.driver.rest().delete(&renamed).await.unwrap();
    world.driver.sync().await.unwrap();
    assert!(world.driver.rest().delete(&renamed).await.is_err());
    let left: Vec<TagView> = world.driver.rest().get(&tags).await.unwrap();
    assert!(left.iter().all(|tag| tag.id != made.id));
    world.teardown().await;
}
