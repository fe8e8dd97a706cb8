//! Orders (订单) of the merchant's shop. An order names its customer as the shop knows them; it is
//! linked with a follower as soon as that identity is. The same key is the same order and an order
//! once kept does not change, so an import may be repeated, or go on after a crash, from its start.

use serde::Serialize;
use wire::Timestamp;

use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Orders in one statement.
const CHUNK: usize = 5_000;

/// An order to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// The shop's own number, unique in the account.
    pub key: String,
    /// The customer as the shop knows them.
    pub customer: String,
    /// When it was made.
    pub at: Timestamp,
    /// What it came to, in cents.
    pub amount_cents: i64,
    /// How many pieces.
    pub items: i64,
}

/// What became of orders handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// New ones.
    pub inserted: u64,
    /// Known before, or twice among those handed over.
    pub duplicate: u64,
    /// Of the new ones, those whose customer is a known follower.
    pub linked: u64,
}

/// A linked order, as the index loads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedOrder {
    /// Its number in the store.
    pub id: i64,
    /// Whose.
    pub ord: u32,
    /// When.
    pub at: Timestamp,
    /// How much, in cents.
    pub amount_cents: i64,
    /// How many pieces.
    pub items: i64,
}

/// Keeps orders whose customers are named by identities of `kind`.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn insert(
    tx: &mut Tx,
    account: AccountId,
    kind: &str,
    orders: &[NewOrder],
) -> Result<Imported, Error> {
    #[derive(Serialize)]
    struct Row<'a>(&'a str, &'a str, Timestamp, i64, i64);
    let mut imported = Imported::default();
    for chunk in orders.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|order| {
                Row(&order.key, &order.customer, order.at, order.amount_cents, order.items)
            })
            .collect();
        let last = sqlx::query("SELECT coalesce(max(id), 0) AS last FROM purchase")
            .fetch_one(tx.sqlite())
            .await?
            .integer("last")?;
        let done = sqlx::query(
            "INSERT INTO purchase (account, kind, key, customer, at, amount_cents, items, ord) \
             SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
             (SELECT ord FROM identity WHERE account = ?1 AND identity.kind = ?2 \
             AND identity.value = (j.value ->> 1)) FROM json_each(?3) AS j WHERE true \
             ON CONFLICT (account, key) DO NOTHING",
        )
        .bind(account.0)
        .bind(kind)
        .bind(to_json(&rows)?)
        .execute(tx.sqlite())
        .await?;
        // Orders are never deleted, so the new ones are those numbered after the last.
        let linked: u64 = sqlx::query(
            "SELECT count(*) AS linked FROM purchase WHERE id > ?1 AND ord IS NOT NULL",
        )
        .bind(last)
        .fetch_one(tx.sqlite())
        .await?
        .number("linked")?;
        imported.inserted += done.rows_affected();
        imported.duplicate += chunk.len() as u64 - done.rows_affected();
        imported.linked += linked;
    }
    Ok(imported)
}

/// Links orders whose customer became known since. Answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn link(tx: &mut Tx, account: AccountId, kind: &str) -> Result<u64, Error> {
    let done = sqlx::query(
        "UPDATE purchase SET ord = (SELECT identity.ord FROM identity \
         WHERE identity.account = ?1 AND identity.kind = ?2 \
         AND identity.value = purchase.customer) \
         WHERE account = ?1 AND kind = ?2 AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM identity WHERE identity.account = ?1 \
         AND identity.kind = ?2 AND identity.value = purchase.customer)",
    )
    .bind(account.0)
    .bind(kind)
    .execute(tx.sqlite())
    .await?;
    Ok(done.rows_affected())
}

/// Linked orders by follower and time, after the given one (none: from the start), at most `limit`
/// of them. An empty page is the end.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    after: Option<&LinkedOrder>,
    limit: u32,
) -> Result<Vec<LinkedOrder>, Error> {
    let (ord, at, id) = after.map_or((-1, 0, 0), |last| (i64::from(last.ord), last.at.0, last.id));
    // One text for the whole page: a row of its own for each order costs several times as much.
    let row = sqlx::query(
        "SELECT json_group_array(json_array(id, ord, at, amount_cents, items)) AS page FROM (\
         SELECT id, ord, at, amount_cents, items FROM purchase \
         WHERE account = ?1 AND ord IS NOT NULL AND (ord, at, id) > (?2, ?3, ?4) \
         ORDER BY ord, at, id LIMIT ?5)",
    )
    .bind(account.0)
    .bind(ord)
    .bind(at)
    .bind(id)
    .bind(limit)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    let rows: Vec<(i64, u32, Timestamp, i64, i64)> = from_json("page", &row.text("page")?)?;
    Ok(rows
        .into_iter()
        .map(|(id, ord, at, amount_cents, items)| LinkedOrder { id, ord, at, amount_cents, items })
        .collect())
}

/// How many orders the account has, and how many of them are linked.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(from: impl Into<Reader<'_>>, account: AccountId) -> Result<(u64, u64), Error> {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM purchase WHERE account = ?1) AS known, \
         (SELECT count(*) FROM purchase WHERE account = ?1 AND ord IS NOT NULL) AS linked",
    )
    .bind(account.0)
    .fetch_one(&mut *from.into().sqlite().await?)
    .await?;
    Ok((row.number("known")?, row.number("linked")?))
}
