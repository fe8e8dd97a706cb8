use reqwest::Method;

use crate::world::World;

#[tokio::test]
async fn a_stopped_server_lets_its_port_go_and_leaves_the_engine_open() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz").await.status, 200);
    let request = world.plain(Method::GET, "/healthz");
    let listen = world.url.trim_start_matches("http://").parse().unwrap();
    world.running.stop().await.unwrap();
    assert!(request.send().await.is_err());
    let again = server::start(world.engine.clone(), server::Settings { listen }).await.unwrap();
    assert_eq!(again.url(), world.url);
    again.stop().await.unwrap();
}
