use delivery::view::ImportView;
use reqwest::Body;
use reqwest::Method;

use crate::world::{Answer, World};

const ORDERS: &str = "/api/v1/accounts/1/import/orders";
const FOLLOWERS: &str = "/api/v1/accounts/1/import/followers";
const HEADING: &str = "order_id,customer_id,time,amount,items\n";

async fn import(world: &World, path: &str, file: impl Into<Body>) -> Answer {
    Answer::of(world.keyed(Method::POST, path).body(file)).await
}

fn taken(answer: &Answer) -> ImportView {
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn one_bad_line_refuses_the_file_unless_bad_lines_are_skipped() {
    let world = World::with_account().await;
    let file = format!("{HEADING}A1,C1,2026-03-01,59.90,2\nA2,C1,2026-03-01,5.999,2\n");
    let answer = import(&world, ORDERS, file.clone()).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_lines"));
    let report = &answer.json()["report"];
    assert_eq!((&report["lines"], &report["refused"]), (&2.into(), &1.into()));
    assert_eq!(report["errors"][0]["line"], 3);
    assert!(report["errors"][0]["error"].as_str().unwrap().starts_with("`amount`"));

    // Nothing was imported: the good line is new now.
    let view = taken(&import(&world, &format!("{ORDERS}?skip_bad=true"), file).await);
    assert_eq!((view.lines, view.imported, view.duplicates, view.refused), (2, 1, 0, 1));
}

#[tokio::test]
async fn a_file_imported_twice_doubles_nothing() {
    let world = World::with_account().await;
    let file = "id date number dollars\r\n00002 19970112 1 12.00\r\n00002 19970112 5 77.00\r\n";
    let path = format!("{ORDERS}?layout=cdnow");
    let first = taken(&import(&world, &path, file).await);
    assert_eq!((first.lines, first.imported, first.duplicates), (2, 2, 0));
    let second = taken(&import(&world, &path, file).await);
    assert_eq!((second.lines, second.imported, second.duplicates), (2, 0, 2));
}

#[tokio::test]
async fn a_file_larger_than_any_json_body_is_read_as_it_arrives() {
    let world = World::with_account().await;
    let pieces = (0..100).map(|piece| {
        let mut text = if piece == 0 { HEADING.to_owned() } else { String::new() };
        for line in 0..1_000 {
            let number = piece * 1_000 + line;
            text.push_str(&format!("order-{number:016},customer-{number:016},2026-03-01,1.00,1\n"));
        }
        Ok::<_, std::io::Error>(text)
    });
    let body = Body::wrap_stream(futures_util::stream::iter(pieces));
    let view = taken(&import(&world, ORDERS, body).await);
    assert_eq!((view.lines, view.imported), (100_000, 100_000));
}

#[tokio::test]
async fn a_heading_without_a_column_is_one_error() {
    let world = World::with_account().await;
    let answer = import(&world, ORDERS, "order_id,customer_id,time,items\n").await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "missing_column"));
    assert_eq!(answer.json()["field"], "amount");
    let answer = import(&world, FOLLOWERS, "").await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "empty_file"));
}

#[tokio::test]
async fn a_follower_nobody_knows_is_told_by_line() {
    let world = World::with_account().await;
    let file = "openid,customer_id,level\noSBXaaaaaaaaaaaaaaaaaaaaaa01,C1,gold\n";
    let answer = import(&world, FOLLOWERS, file).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_lines"), "{answer:?}");
    assert_eq!(answer.json()["report"]["errors"][0]["line"], 2);
    let view = taken(&import(&world, &format!("{FOLLOWERS}?skip_bad=true"), file).await);
    assert_eq!((view.lines, view.imported, view.refused), (1, 0, 1));
}
