//! Orders are told with what was in them, at once or line by line, by request or by file. Segments
//! ask who bought a product, by its number or its name; what is paid back counts no more.

use delivery::view::{ImportView, IntakeView, PersonExport};
use fourcast::demo::control::Wish;
use serde_json::{Value, json};

use crate::harness::World;

async fn counts(world: &mut World) -> Vec<u64> {
    let mut counts = Vec::new();
    for segment in [
        "count(bought \"SKU-1\") >= 1",
        "count(bought \"面霜\") >= 2",
        "never(bought \"SKU-1\")",
        "orders.sum(items \"SKU-1\") >= 3",
        "orders.sum(amount \"SKU-1\") >= 60",
        "orders.sum(amount \"SKU-1\", 10d) > 0",
        "orders.count() >= 1",
    ] {
        counts.push(world.count(segment).await.people);
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_bought_is_asked_by_product() {
    let mut world = World::bare(Wish::of(300, 7)).await;
    let people = world.openids(3).await;
    let now = world.driver.now().to_string();
    let old = (world.driver.now() + -30 * 86_400).to_string();
    let orders = world.driver.path("/orders");
    let order = |key: &str, who: Value, at: &str, lines: Value| json!({"key": key, "who": who, "at": at, "amount_cents": 9_900, "lines": lines});
    let one = |back: i64| {
        json!([{"sku": "SKU-1", "name": "面霜", "quantity": 2, "amount_cents": 6_000,
            "refunded_cents": back},
            {"sku": "SKU-2", "name": "面霜", "amount_cents": 3_900}])
    };
    let body = json!({"orders": [
        order("o1", json!({"openid": people[0]}), &now, one(0)),
        order("o2", json!({"customer_id": "C7"}), &old,
            json!([{"sku": "SKU-1", "quantity": 3, "amount_cents": 9_000}])),
        order("o3", json!({"openid": people[2]}), &now, json!([])),
    ]});
    let told: IntakeView = world.driver.rest().post(&orders, &body).await.unwrap();
    assert_eq!((told.new, told.linked, told.waiting, told.lines), (3, 2, 1, 3));
    assert_eq!(counts(&mut world).await, [1, 1, 299, 0, 1, 1, 2]);

    // The past is repaired when the person is known, what was bought with it.
    let person = world.driver.path(&format!("/followers/{}", people[1]));
    let _: Value = world.driver.rest().patch(&person, &json!({"customer_id": "C7"})).await.unwrap();
    assert_eq!(counts(&mut world).await, [2, 1, 298, 1, 2, 1, 3]);

    // A file with a line for each product: one known, one new, and one of a new order.
    let csv = format!(
        "order_id,customer_id,time,amount,sku,product,quantity,line_amount\n\
         o2,C7,{old},99.00,SKU-1,,3,90.00\n\
         o2,C7,{old},99.00,SKU-3,精华,1,9.00\n\
         o9,C7,2026-02-27,60.00,SKU-1,面霜,2,60.00\n"
    );
    let import = world.driver.path("/import/orders?layout=csv");
    let taken: ImportView = world.driver.rest().upload(&import, csv.clone()).await.unwrap();
    assert_eq!((taken.lines, taken.imported, taken.duplicates), (3, 2, 1));
    let again: ImportView = world.driver.rest().upload(&import, csv).await.unwrap();
    assert_eq!((again.imported, again.duplicates), (0, 3));
    assert_eq!(world.count("count(bought \"精华\", 40d) = 1").await.people, 1);
    let before = counts(&mut world).await;
    assert_eq!(before, [2, 2, 298, 1, 2, 2, 3]);

    // What is paid back of a line counts no more.
    let body = json!({"orders": [order("o1", json!({"openid": people[0]}), &now, one(6_000))]});
    let told: IntakeView = world.driver.rest().post(&orders, &body).await.unwrap();
    assert_eq!((told.new, told.duplicates, told.lines), (0, 1, 0));
    let found = counts(&mut world).await;
    assert_eq!(found, [2, 2, 298, 1, 1, 1, 3]);
    world.restart(|_| {}).await;
    assert_eq!(counts(&mut world).await, found);
    world.driver.sync().await.unwrap();
    assert_eq!(counts(&mut world).await, found);

    let path = world.driver.path(&format!("/followers/{}/export", people[0]));
    let export: PersonExport = world.driver.rest().get(&path).await.unwrap();
    let lines = &export.orders[0].lines;
    assert_eq!((lines.len(), export.orders[0].items), (2, 3));
    assert_eq!((lines[0].sku.as_str(), lines[0].refunded_cents), ("SKU-1", 6_000));

    // What is wrong is named.
    for (lines, what) in [
        (json!([{"sku": " "}]), "`sku` is empty"),
        (json!([{"sku": "A"}, {"sku": "A"}]), "twice"),
        (json!([{"sku": "A", "quantity": -1}]), "`quantity` is -1"),
        (json!([{"sku": "A", "amount_cents": 5, "refunded_cents": 6}]), "0 to the line's 5"),
    ] {
        let body = json!({"orders": [order("o5", json!({"openid": people[0]}), &now, lines)]});
        let error = world.driver.rest().post::<Value>(&orders, &body).await.unwrap_err();
        assert!(format!("{error:?}").contains(what), "{error:?}");
    }
    let path = world.driver.path("/segments/count");
    let question = json!({"segment": "never(bought \"SKU-4\")"});
    let error = world.driver.rest().post::<Value>(&path, &question).await.unwrap_err();
    assert!(error.to_string().contains("no product"), "{error}");

    // Whoever is erased bought nothing; the order itself stays nobody's.
    let person = world.driver.path(&format!("/followers/{}", people[0]));
    world.driver.rest().delete(&person).await.unwrap();
    assert_eq!(counts(&mut world).await, [1, 1, 298, 1, 1, 1, 2]);
    world.teardown_without(1).await;
}
