//! Real purchases: 69,659 of 23,570 customers of a CD shop, each customer a follower. The counts of
//! segments on recency, frequency and amount equal those of a calculation that shares no code with
//! the product. Needs `shared/data/cdnow.txt` beside the project; without it nothing is checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use delivery::view::ImportView;
use fourcast::demo::control::Wish;
use wire::Day;

use crate::harness::World;

fn file() -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cdnow.txt");
    std::fs::read_to_string(path).ok()
}

struct Purchase {
    day: Day,
    cents: i64,
}

/// Purchases by customer, read in the plainest way.
fn purchases(text: &str) -> BTreeMap<&str, Vec<Purchase>> {
    let mut by_customer: BTreeMap<&str, Vec<Purchase>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let [customer, date, _, dollars] =
            line.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
        let part = |range: std::ops::Range<usize>| date[range].parse::<i16>().unwrap();
        let month = i8::try_from(part(4..6)).unwrap();
        let day = Day::new(part(0..4), month, i8::try_from(part(6..8)).unwrap()).unwrap();
        let cents = (dollars.parse::<f64>().unwrap() * 100.0).round() as i64;
        by_customer.entry(customer).or_default().push(Purchase { day, cents });
    }
    by_customer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cdnow_orders_count_as_calculated_by_hand() {
    let Some(text) = file() else {
        eprintln!("not run, needs shared/data/cdnow.txt");
        return;
    };
    let shop = purchases(&text);
    assert_eq!((shop.len(), shop.values().map(Vec::len).sum::<usize>()), (23_570, 69_659));
    let mut world = World::bare(Wish::of(24_000, 7)).await;
    let rest = world.driver.rest();

    // Half of the customers are known before their orders come, the others after.
    let followers = world.openids(24_000).await;
    let customers: Vec<&str> = shop.keys().copied().collect();
    let lines = |from: usize, to: usize| {
        let mut csv = String::from("openid,customer_id\n");
        for (openid, customer) in followers.iter().zip(&customers).take(to).skip(from) {
            csv.push_str(&format!("{openid},{customer}\n"));
        }
        csv
    };
    let people = world.driver.path("/import/followers");
    let orders = world.driver.path("/import/orders?layout=cdnow");
    let _: ImportView = rest.upload(&people, lines(0, 12_000)).await.unwrap();
    let taken: ImportView = rest.upload(&orders, text.clone()).await.unwrap();
    assert_eq!((taken.lines, taken.imported, taken.refused), (69_659, 69_659, 0));
    let _: ImportView = rest.upload(&people, lines(12_000, customers.len())).await.unwrap();
    let again: ImportView = rest.upload(&orders, text.clone()).await.unwrap();
    assert_eq!((again.imported, again.duplicates), (0, 69_659), "imported twice, there once");

    let by_hand = |holds: &dyn Fn(&[Purchase]) -> bool| {
        shop.values().filter(|purchases| holds(purchases)).count() as u64
    };
    let day = |text: &str| text.parse::<Day>().unwrap();
    let sum = |purchases: &[Purchase]| purchases.iter().map(|one| one.cents).sum::<i64>();
    let (from, to) = (day("1997-07-01"), day("1997-12-31"));
    let within = |purchases: &[Purchase]| {
        purchases.iter().filter(|one| (from..=to).contains(&one.day)).count()
    };
    let last = |purchases: &[Purchase]| purchases.iter().map(|one| one.day).max();
    let checks: Vec<(&str, u64)> = vec![
        ("orders.count() >= 1", by_hand(&|_| true)),
        ("orders.count() = 1", by_hand(&|all| all.len() == 1)),
        ("orders.count() >= 10", by_hand(&|all| all.len() >= 10)),
        ("orders.sum(amount) >= 100", by_hand(&|all| sum(all) >= 10_000)),
        // Who never bought has a sum too: 0.
        ("orders.count() >= 1 and orders.sum(amount) < 11.77", by_hand(&|all| sum(all) < 1_177)),
        ("orders.count(1997-07-01..1997-12-31) >= 2", by_hand(&|all| within(all) >= 2)),
        ("orders.count(1997-07-01..1997-12-31) = 0 and has customer_id", {
            by_hand(&|all| within(all) == 0)
        }),
        ("last(order) >= 1998-01-01", by_hand(&|all| last(all) >= Some(day("1998-01-01")))),
        ("last(order) < 1997-04-01", by_hand(&|all| last(all) < Some(day("1997-04-01")))),
        ("last(order) >= 1998-01-01 and orders.count() >= 5 and orders.sum(amount) >= 250", {
            by_hand(&|all| {
                last(all) >= Some(day("1998-01-01")) && all.len() >= 5 && sum(all) >= 25_000
            })
        }),
    ];
    for (segment, expected) in checks {
        assert_eq!(world.count(segment).await.people, expected, "{segment}");
    }
    world.teardown().await;
}
