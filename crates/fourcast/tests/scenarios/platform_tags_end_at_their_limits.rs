//! The platform has a hundred tags an account and twenty a follower. The next one is refused here
//! with the limit's name, and who is full is left out of a tagging while the others get it.

use delivery::view::{TagView, TaggingView, WorkView};
use fourcast::demo::control::Wish;
use serde_json::json;

use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn platform_tags_end_at_their_limits() {
    let mut world = World::bare(Wish::of(300, 7)).await;
    let people = world.openids(2).await;
    let tags = world.driver.path("/tags");
    let rest = world.driver.rest();
    let mut all: Vec<TagView> = rest.get(&tags).await.unwrap();
    // The platform's own star is no tag that an account makes.
    let own = |all: &[TagView]| all.iter().filter(|tag| tag.id >= 100).count();
    while own(&all) < 100 {
        let name = format!("第{}个", all.len());
        all.push(rest.post(&tags, &json!({ "name": name })).await.unwrap());
    }
    let over = rest.post::<TagView>(&tags, &json!({"name": "多一个"})).await.unwrap_err();
    assert!(over.to_string().contains("100"), "{over}");
    let listed: Vec<TagView> = rest.get(&tags).await.unwrap();
    assert_eq!(own(&listed), 100);

    let held = world.follower(&people[0]).await.tags;
    let mut fresh = all.iter().filter(|tag| tag.id >= 100 && !held.contains(&tag.name));
    let give = async |tag: &TagView, openids: &[String]| -> TaggingView {
        let path = world.driver.path(&format!("/tags/{}/members", tag.id));
        let rest = world.driver.rest();
        let wish = json!({ "openids": openids });
        let asked: TaggingView = rest.post(&path, &wish).await.unwrap();
        let _: WorkView = rest.get("/api/v1/work?wait=true").await.unwrap();
        let all: Vec<TaggingView> = rest.get(&world.driver.path("/taggings")).await.unwrap();
        all.into_iter().find(|tagging| tagging.id == asked.id).unwrap()
    };
    for _ in held.len()..20 {
        let done = give(fresh.next().unwrap(), &people[..1]).await;
        assert_eq!((done.state.as_str(), done.done, done.skipped), ("done", 1, 0));
    }
    assert_eq!(world.follower(&people[0]).await.tags.len(), 20);
    let next = fresh.next().unwrap();
    let done = give(next, &people).await;
    assert_eq!((done.state.as_str(), done.done, done.skipped), ("done", 1, 1));
    assert_eq!(world.count(&format!("tag {:?}", next.name)).await.people, 1);
    // The platform says the same.
    world.driver.sync().await.unwrap();
    assert_eq!(world.follower(&people[0]).await.tags.len(), 20);
    assert_eq!(world.count(&format!("tag {:?}", next.name)).await.people, 1);
    world.teardown().await;
}
