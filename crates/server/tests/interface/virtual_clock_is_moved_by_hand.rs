use reqwest::Method;

use crate::world::World;

#[tokio::test]
async fn the_clock_goes_forward_and_never_back() {
    let world = World::new().await;
    assert_eq!(world.get("/api/v1/clock").await.json()["now"], "2026-03-02T10:00:00+08:00");
    for (to, wanted) in [
        ("\"2026-03-02 12:00\"", "2026-03-02T12:00:00+08:00"),
        ("\"2026-03-02 11:00\"", "2026-03-02T12:00:00+08:00"),
        ("1772510400", "2026-03-03T12:00:00+08:00"),
    ] {
        let body = format!("{{\"now\":{to}}}");
        let answer = world.send_json(Method::POST, "/api/v1/clock", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["now"], wanted);
    }
    let work = world.get("/api/v1/work?wait=true").await.json();
    assert_eq!((&work["now"], &work["idle"]), (&"2026-03-03T12:00:00+08:00".into(), &true.into()));
}
