//! The grid of recency, frequency and money is the one that pandas calculated from the same orders,
//! cell by cell (`tests/truth/rfm`).

use std::path::PathBuf;

use delivery::view::{ImportView, RfmCell};
use fourcast::demo::control::Wish;
use serde::Deserialize;
use serde_json::Value;

use crate::harness::{World, at};

#[derive(Deserialize)]
struct Answer {
    question: Value,
    /// Recency, frequency, money, people.
    cells: Vec<(usize, usize, usize, u64)>,
}

fn kept(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/truth/rfm");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rfm_is_what_pandas_calculates() {
    let mut world = World::bare(Wish::of(1_000, 7)).await;
    world.advance_to(at(1, 12)).await;
    let mut csv = String::from("openid,customer_id\n");
    for (openid, number) in world.openids(900).await.iter().zip(1..) {
        csv.push_str(&format!("{openid},{number:05}\n"));
    }
    let rest = world.driver.rest();
    let people = world.driver.path("/import/followers");
    let _: ImportView = rest.upload(&people, csv).await.unwrap();
    let text = kept("orders.txt");
    let orders = world.driver.path("/import/orders?layout=cdnow");
    let taken: ImportView = rest.upload(&orders, text.clone()).await.unwrap();
    let lines = text.lines().count() as u64 - 1;
    // What lies after now is refused neither here nor there; it does not count.
    assert_eq!((taken.imported, taken.refused), (lines, 0));

    let answers: Vec<Answer> = serde_json::from_str(&kept("grid.json")).unwrap();
    assert_eq!(answers.len(), 3);
    let path = world.driver.path("/segments/rfm");
    for answer in answers {
        let cells: Vec<RfmCell> = world.driver.rest().post(&path, &answer.question).await.unwrap();
        let mut found: Vec<_> = cells
            .iter()
            .filter(|cell| cell.people > 0)
            .map(|cell| (cell.recency, cell.frequency, cell.money, cell.people))
            .collect();
        found.sort_unstable();
        assert_eq!(found, answer.cells, "{}", answer.question);
    }
    world.teardown().await;
}
