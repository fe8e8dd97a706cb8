//! What was in an order: products, how many pieces of each, for how much. The same line of the same
//! order is told once; what was paid back of it only grows. Lines may be told with their order or
//! after it, in any order and again: so an import of a file with a row for each product may go on
//! from its start after a crash.

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use crate::order::NewOrder;
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Rows in one statement.
const CHUNK: usize = 5_000;

/// A line of an order, to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLine {
    /// The shop's own name of the line, unique in the order.
    pub line: String,
    /// The shop's number of the product.
    pub sku: String,
    /// What the product is called; may be empty.
    pub name: String,
    /// How many pieces.
    pub quantity: i64,
    /// What they came to, in cents.
    pub amount_cents: i64,
    /// What of it was paid back so far, in cents.
    pub refunded_cents: i64,
}

/// A line of a known follower's order, as the index loads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedLine {
    /// Its number in the store.
    pub seq: i64,
    /// Whose order it is of.
    pub ord: u32,
    /// When the order was made.
    pub at: Timestamp,
    /// The shop's number of the product.
    pub sku: String,
    /// What the product is called.
    pub name: String,
    /// How many pieces.
    pub quantity: i64,
    /// What they came to, in cents.
    pub amount_cents: i64,
    /// What of it was paid back, in cents.
    pub refunded_cents: i64,
}

/// What became of lines handed over with their orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// New ones.
    pub inserted: u64,
    /// Those of them whose order is new as well, counted by orders.
    pub new_orders: u64,
    /// The new ones of known followers' orders.
    pub linked: Vec<LinkedLine>,
    /// Those of known followers of which more was paid back: as they were, and as they are.
    pub refunded: Vec<(LinkedLine, LinkedLine)>,
}

type Row = (i64, u32, Timestamp, String, String, i64, i64, i64);

fn linked(row: Row) -> LinkedLine {
    let (seq, ord, at, sku, name, quantity, amount_cents, refunded_cents) = row;
    LinkedLine { seq, ord, at, sku, name, quantity, amount_cents, refunded_cents }
}

/// Keeps the lines of orders that were handed over; `last_order` is the highest number before them.
pub(crate) async fn insert(
    tx: &mut Tx,
    account: AccountId,
    orders: &[NewOrder],
    last_order: i64,
) -> Result<Kept, Error> {
    #[derive(Serialize)]
    struct Told<'a>(&'a str, &'a str, &'a str, &'a str, i64, i64, i64);
    let mut kept = Kept::default();
    let all: Vec<Told<'_>> = orders
        .iter()
        .flat_map(|order| {
            order.lines.iter().map(|line| {
                let (quantity, amount, refunded) =
                    (line.quantity, line.amount_cents, line.refunded_cents);
                Told(&order.key, &line.line, &line.sku, &line.name, quantity, amount, refunded)
            })
        })
        .collect();
    for chunk in all.chunks(CHUNK) {
        let rows = to_json(chunk)?;
        let last = sqlx::query("SELECT coalesce(max(seq), 0) AS last FROM purchase_line")
            .fetch_one(tx.sqlite())
            .await?
            .integer("last")?;
        let done = sqlx::query(
            "INSERT INTO purchase_line (account, purchase, line, sku, name, quantity, \
             amount_cents, refunded_cents) \
             SELECT ?1, p.id, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, \
             j.value ->> 5, j.value ->> 6 FROM json_each(?2) AS j \
             CROSS JOIN purchase AS p INDEXED BY purchase_key ON p.account = ?1 \
             AND p.key = (j.value ->> 0) WHERE true \
             ON CONFLICT (account, purchase, line) DO NOTHING",
        )
        .bind(account.0)
        .bind(&rows)
        .execute(tx.sqlite())
        .await?;
        kept.inserted += done.rows_affected();
        let row = sqlx::query(
            "SELECT json_group_array(json_array(l.seq, p.ord, p.at, l.sku, l.name, l.quantity, \
             l.amount_cents, l.refunded_cents)) FILTER (WHERE p.ord IS NOT NULL) AS linked, \
             count(DISTINCT l.purchase) FILTER (WHERE l.purchase > ?2) AS orders \
             FROM purchase_line AS l CROSS JOIN purchase AS p ON p.id = l.purchase \
             WHERE l.seq > ?1",
        )
        .bind(last)
        .bind(last_order)
        .fetch_one(tx.sqlite())
        .await?;
        let new: Vec<Row> = from_json("linked", &row.text("linked")?)?;
        kept.linked.extend(new.into_iter().map(linked));
        kept.new_orders += row.number::<u64>("orders")?;
        if chunk.iter().any(|line| line.6 != 0) {
            kept.refunded.extend(refund(tx, account, &rows).await?);
        }
    }
    Ok(kept)
}

/// Raises what was paid back of lines to what the rows say.
async fn refund(
    tx: &mut Tx,
    account: AccountId,
    rows: &str,
) -> Result<Vec<(LinkedLine, LinkedLine)>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, wanted)) AS more, \
         json_group_array(json_array(json_array(seq, ord, at, sku, name, quantity, amount_cents, \
         refunded_cents), wanted)) FILTER (WHERE ord IS NOT NULL) AS of_followers \
         FROM (SELECT l.seq, p.ord, p.at, l.sku, l.name, l.quantity, l.amount_cents, \
         l.refunded_cents, max(j.value ->> 6) AS wanted FROM json_each(?2) AS j \
         CROSS JOIN purchase AS p INDEXED BY purchase_key ON p.account = ?1 \
         AND p.key = (j.value ->> 0) \
         CROSS JOIN purchase_line AS l INDEXED BY purchase_line_key ON l.account = ?1 \
         AND l.purchase = p.id AND l.line = (j.value ->> 1) \
         AND l.refunded_cents < (j.value ->> 6) GROUP BY l.seq)",
    )
    .bind(account.0)
    .bind(rows)
    .fetch_one(tx.sqlite())
    .await?;
    let more: Vec<(i64, i64)> = from_json("more", &row.text("more")?)?;
    if more.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query(
        "UPDATE purchase_line SET refunded_cents = j.value ->> 1 FROM json_each(?2) AS j \
         WHERE purchase_line.seq = j.value ->> 0 AND purchase_line.account = ?1 + 0 * j.key",
    )
    .bind(account.0)
    .bind(to_json(&more)?)
    .execute(tx.sqlite())
    .await?;
    let lines: Vec<(Row, i64)> = from_json("of_followers", &row.text("of_followers")?)?;
    Ok(lines
        .into_iter()
        .map(|(row, refunded_cents)| {
            let before = linked(row);
            (before.clone(), LinkedLine { refunded_cents, ..before })
        })
        .collect())
}

/// The lines of these orders, which are known followers' by now.
pub(crate) async fn of_orders(
    tx: &mut Tx,
    account: AccountId,
    orders: &[i64],
) -> Result<Vec<LinkedLine>, Error> {
    let mut lines = Vec::new();
    for chunk in orders.chunks(CHUNK) {
        let row = sqlx::query(
            "SELECT json_group_array(json_array(l.seq, p.ord, p.at, l.sku, l.name, l.quantity, \
             l.amount_cents, l.refunded_cents)) AS linked FROM json_each(?2) AS j \
             CROSS JOIN purchase_line AS l INDEXED BY purchase_line_key ON l.account = ?1 \
             AND l.purchase = j.value \
             CROSS JOIN purchase AS p ON p.id = l.purchase AND p.ord IS NOT NULL",
        )
        .bind(account.0)
        .bind(to_json(chunk)?)
        .fetch_one(tx.sqlite())
        .await?;
        let rows: Vec<Row> = from_json("linked", &row.text("linked")?)?;
        lines.extend(rows.into_iter().map(linked));
    }
    Ok(lines)
}

/// Lines of known followers' orders by their number, after the given one (none: from the start),
/// at most `limit` of them. An empty page is the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<LinkedLine>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(seq, ord, at, sku, name, quantity, amount_cents, \
         refunded_cents)) AS page FROM (SELECT l.seq, p.ord, p.at, l.sku, l.name, l.quantity, \
         l.amount_cents, l.refunded_cents FROM purchase_line AS l INDEXED BY purchase_line_load \
         CROSS JOIN purchase AS p ON p.id = l.purchase \
         WHERE l.account = ?1 AND l.seq > ?2 AND p.ord IS NOT NULL ORDER BY l.seq LIMIT ?3)",
    )
    .bind(account.0)
    .bind(after.unwrap_or(0))
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    let rows: Vec<Row> = from_json("page", &row.text("page")?)?;
    Ok(rows.into_iter().map(linked).collect())
}

/// The lines of one follower's orders with the key of each, oldest order first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
) -> Result<Vec<(String, NewLine)>, Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(key, line, sku, name, quantity, amount_cents, \
         refunded_cents)) AS page FROM (SELECT p.key, l.line, l.sku, l.name, l.quantity, \
         l.amount_cents, l.refunded_cents FROM purchase AS p INDEXED BY purchase_load \
         CROSS JOIN purchase_line AS l INDEXED BY purchase_line_key ON l.account = ?1 \
         AND l.purchase = p.id WHERE p.account = ?1 AND p.ord = ?2 AND p.ord IS NOT NULL \
         ORDER BY p.at, p.id, l.seq)",
    )
    .bind(account.0)
    .bind(ord)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    type Told = (String, String, String, String, i64, i64, i64);
    let rows: Vec<Told> = from_json("page", &row.text("page")?)?;
    Ok(rows
        .into_iter()
        .map(|(key, line, sku, name, quantity, amount_cents, refunded_cents)| {
            (key, NewLine { line, sku, name, quantity, amount_cents, refunded_cents })
        })
        .collect())
}
