use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const IMPORTS: &str = "/api/v1/accounts/1/imports";

async fn send(world: &World, query: &str, file: impl Into<reqwest::Body>) -> Answer {
    Answer::of(world.keyed(Method::POST, &format!("{IMPORTS}{query}")).body(file)).await
}

async fn ended(world: &World, id: &Value) -> Value {
    for _ in 0..200 {
        let view = world.get(&format!("{IMPORTS}/{id}")).await.json();
        if !view["finished_at"].is_null() {
            return view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the import did not end")
}

#[tokio::test]
async fn a_preview_says_what_columns_are_taken_for_and_writes_nothing() {
    let world = World::with_account().await;
    let file =
        "订单号,顾客,下单时间,金额,件数,备注\nA1,C1,2026-03-01,59.90,2,hi\nA2,C2,soon,1,1,\n";
    let view = send(&world, "/preview?what=orders", file).await.json();
    let fields: Vec<&str> = view["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["key", "-", "time", "amount", "items", "-"]);
    assert_eq!((&view["missing"], &view["lines"]), (&json!(["customer_id"]), &json!(2)));
    let map = "%7B%22%E9%A1%BE%E5%AE%A2%22%3A%22customer_id%22%7D";
    let view = send(&world, &format!("/preview?what=orders&map={map}"), file).await.json();
    assert_eq!((&view["missing"], &view["errors"][0]["line"]), (&json!([]), &json!(3)));
    assert_eq!(view["columns"][1]["samples"], json!(["C1", "C2"]));
    assert_eq!(world.get(IMPORTS).await.text, "[]");

    let done = send(&world, &format!("?what=orders&skip_bad=true&map={map}"), file).await;
    assert_eq!(done.status, 202, "{done:?}");
    let view = ended(&world, &done.json()["id"]).await;
    assert_eq!(
        (&view["state"], &view["imported"], &view["refused"]),
        (&json!("done"), &json!(1), &json!(1))
    );
}

#[tokio::test]
async fn an_import_with_a_bad_line_fails_whole_and_keeps_its_report() {
    let world = World::with_account().await;
    let file = "key,customer_id,kind,time\ne1,C1,visit,2026-03-01\ne2,C1,click,2026-03-01\n";
    let view = send(&world, "?what=events", file).await.json();
    assert_eq!((&view["state"], &view["refused"]), (&json!("failed"), &json!(1)));
    assert_eq!(view["errors"][0]["line"], 3);
    let kept = world.get(&format!("{IMPORTS}/{}", view["id"])).await.json();
    assert_eq!(kept, view);
    let good = "key,customer_id,kind,time\ne1,C1,visit,2026-03-01\n";
    let view = send(&world, "?what=events", good).await.json();
    let view = ended(&world, &view["id"]).await;
    assert_eq!((&view["imported"], &view["duplicates"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_spreadsheet_reads_as_the_same_file_in_text() {
    let world = World::with_account().await;
    let sheet = include_bytes!("orders.xlsx");
    let view = send(&world, "?what=orders&format=xlsx", sheet.to_vec()).await.json();
    let view = ended(&world, &view["id"]).await;
    assert_eq!(
        (&view["lines"], &view["imported"], &view["refused"]),
        (&json!(3), &json!(3), &json!(0)),
        "{view}"
    );
    let text = "订单号,会员号,下单时间,金额,件数\n1001,C0001,2026-03-01 10:30:00,59.9,2\n";
    let view = send(&world, "?what=orders", text).await.json();
    let view = ended(&world, &view["id"]).await;
    assert_eq!((&view["imported"], &view["duplicates"]), (&json!(0), &json!(1)));
    let broken = send(&world, "?what=orders&format=xlsx", "order_id,\n").await;
    assert_eq!((broken.status, broken.code().as_str()), (422, "no_spreadsheet"));
    // What is something else than it is said to be is told as such, and nothing is left of it.
    for (query, file, status, code) in [
        ("?what=orders", sheet.to_vec(), 422, "not_utf8"),
        ("?what=orders", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe".to_vec(), 422, "not_utf8"),
        ("?what=orders", Vec::new(), 422, "empty_file"),
        ("?what=orders&format=xlsx", b"PK\x03\x04".to_vec(), 422, "no_spreadsheet"),
        ("?what=orders", b"{\"orders\":[]}\n".to_vec(), 422, "missing_column"),
    ] {
        let answer = send(&world, query, file).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_told() {
    let world = World::with_account().await;
    for (query, code, field) in [
        ("?what=people", "bad_field", "what"),
        ("?what=list", "bad_input", "list"),
        ("?what=orders&list=a", "bad_input", "list"),
        ("?what=orders&map=[]", "bad_mapping", "map"),
        ("?what=list&list=a&format=cdnow", "bad_field", "format"),
    ] {
        let answer = send(&world, query, "").await;
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{query} {answer:?}");
        assert_eq!(answer.json()["field"], field, "{query}");
    }
    assert_eq!(world.get(&format!("{IMPORTS}/77")).await.status, 404);
}
