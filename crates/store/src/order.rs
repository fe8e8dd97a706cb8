//! Orders (订单) of the merchant's shop. An order names its customer as the shop knows them; it is
//! linked with a follower as soon as that identity is. The same key is the same order: an order
//! once kept does not change but for what was paid back, which only grows. So orders may be told
//! again, in any order, or an import go on after a crash from its start.

use serde::Serialize;
use wire::Timestamp;

use crate::identity::{Identity, IdentityKind};
use crate::order_line::{self, LinkedLine, NewLine};
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Orders in one statement.
const CHUNK: usize = 5_000;

/// An order to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct NewOrder {
    /// The shop's own number, unique in the account.
    pub key: String,
    /// The customer as the shop knows them.
    pub customer: Identity,
    /// When it was made.
    pub at: Timestamp,
    /// What it came to, in cents.
    pub amount_cents: i64,
    /// How many pieces.
    pub items: i64,
    /// What of it was paid back so far, in cents.
    pub refunded_cents: i64,
    /// What was in it, where that is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<NewLine>,
}

/// What became of orders handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// New ones.
    pub inserted: u64,
    /// Known before, or twice among those handed over.
    pub duplicate: u64,
    /// The new ones whose customer is a known follower.
    pub linked: Vec<LinkedOrder>,
    /// Those of known followers of which more was paid back: as they were, and as they are.
    pub refunded: Vec<(LinkedOrder, LinkedOrder)>,
    /// New lines.
    pub new_lines: u64,
    /// New ones among the orders that brought lines.
    pub new_with_lines: u64,
    /// The new lines of known followers' orders.
    pub lines: Vec<LinkedLine>,
    /// Lines of known followers of which more was paid back: as they were, and as they are.
    pub refunded_lines: Vec<(LinkedLine, LinkedLine)>,
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
    /// What of it was paid back, in cents.
    pub refunded_cents: i64,
}

/// An order of one follower, with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The shop's own number.
    pub key: String,
    /// By what the shop named the customer.
    pub customer: Identity,
    /// When.
    pub at: Timestamp,
    /// How much, in cents.
    pub amount_cents: i64,
    /// How many pieces.
    pub items: i64,
    /// What of it was paid back, in cents.
    pub refunded_cents: i64,
}

type Line = (i64, u32, Timestamp, i64, i64, i64);

fn linked((id, ord, at, amount_cents, items, refunded_cents): Line) -> LinkedOrder {
    LinkedOrder { id, ord, at, amount_cents, items, refunded_cents }
}

/// Keeps orders.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn insert(tx: &mut Tx, account: AccountId, orders: &[NewOrder]) -> Result<Kept, Error> {
    #[derive(Serialize)]
    struct Row<'a>(&'a str, IdentityKind, &'a str, Timestamp, i64, i64, i64);
    let mut kept = Kept::default();
    for chunk in orders.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|order| {
                Row(
                    &order.key,
                    order.customer.kind,
                    &order.customer.value,
                    order.at,
                    order.amount_cents,
                    order.items,
                    order.refunded_cents,
                )
            })
            .collect();
        let rows = to_json(&rows)?;
        let last = sqlx::query("SELECT coalesce(max(id), 0) AS last FROM purchase")
            .fetch_one(tx.sqlite())
            .await?
            .integer("last")?;
        let done = sqlx::query(
            "INSERT INTO purchase \
             (account, key, kind, customer, at, amount_cents, items, refunded_cents, ord) \
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
             value ->> 5, value ->> 6, CASE value ->> 1 \
             WHEN 'openid' THEN (SELECT ord FROM follower \
             WHERE follower.account = ?1 AND follower.openid = (j.value ->> 2)) \
             WHEN 'unionid' THEN (SELECT ord FROM follower INDEXED BY follower_unionid \
             WHERE follower.account = ?1 AND follower.unionid = (j.value ->> 2) \
             AND follower.unionid IS NOT NULL) \
             ELSE (SELECT ord FROM identity WHERE identity.account = ?1 \
             AND identity.kind = (j.value ->> 1) AND identity.value = (j.value ->> 2)) END \
             FROM json_each(?2) AS j WHERE true ON CONFLICT (account, key) DO NOTHING",
        )
        .bind(account.0)
        .bind(&rows)
        .execute(tx.sqlite())
        .await?;
        // Orders are never deleted, so the new ones are those numbered after the last.
        let row = sqlx::query(
            "SELECT json_group_array(json_array(id, ord, at, amount_cents, items, \
             refunded_cents)) AS linked FROM purchase WHERE id > ?1 AND ord IS NOT NULL",
        )
        .bind(last)
        .fetch_one(tx.sqlite())
        .await?;
        let new: Vec<Line> = from_json("linked", &row.text("linked")?)?;
        kept.linked.extend(new.into_iter().map(linked));
        kept.inserted += done.rows_affected();
        kept.duplicate += chunk.len() as u64 - done.rows_affected();
        if chunk.iter().any(|order| order.refunded_cents != 0) {
            kept.refunded.extend(refund(tx, account, &rows).await?);
        }
        if chunk.iter().any(|order| !order.lines.is_empty()) {
            let lines = order_line::insert(tx, account, chunk, last).await?;
            kept.new_lines += lines.inserted;
            kept.new_with_lines += lines.new_orders;
            kept.lines.extend(lines.linked);
            kept.refunded_lines.extend(lines.refunded);
        }
    }
    Ok(kept)
}

/// Raises what was paid back of orders to what the rows say.
async fn refund(
    tx: &mut Tx,
    account: AccountId,
    rows: &str,
) -> Result<Vec<(LinkedOrder, LinkedOrder)>, Error> {
    // (`INDEXED BY` holds the search to the key: the list leads.)
    let row = sqlx::query(
        "SELECT json_group_array(json_array(id, wanted)) AS more, \
         json_group_array(json_array(json_array(id, ord, at, amount_cents, items, \
         refunded_cents), wanted)) FILTER (WHERE ord IS NOT NULL) AS of_followers \
         FROM (SELECT p.id, p.ord, p.at, p.amount_cents, p.items, \
         p.refunded_cents, max(j.value ->> 6) AS wanted FROM json_each(?2) AS j \
         CROSS JOIN purchase AS p INDEXED BY purchase_key ON p.account = ?1 \
         AND p.key = (j.value ->> 0) AND p.refunded_cents < (j.value ->> 6) GROUP BY p.id)",
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
        "UPDATE purchase SET refunded_cents = j.value ->> 1 FROM json_each(?2) AS j \
         WHERE purchase.id = j.value ->> 0 AND purchase.account = ?1 + 0 * j.key",
    )
    .bind(account.0)
    .bind(to_json(&more)?)
    .execute(tx.sqlite())
    .await?;
    let lines: Vec<(Line, i64)> = from_json("of_followers", &row.text("of_followers")?)?;
    Ok(lines
        .into_iter()
        .map(|(line, refunded_cents)| {
            let before = linked(line);
            (before, LinkedOrder { refunded_cents, ..before })
        })
        .collect())
}

/// Hands orders told by identities of `kind` to their followers: those of nobody, and how many
/// belonged to another. `owners` is a JSON list of value and ordinal.
pub(crate) async fn claim(
    tx: &mut Tx,
    account: AccountId,
    kind: IdentityKind,
    owners: &str,
) -> Result<(Vec<LinkedOrder>, Vec<LinkedLine>, u64), Error> {
    let row = sqlx::query(
        "SELECT json_group_array(json_array(p.id, j.value ->> 1, p.at, p.amount_cents, p.items, \
         p.refunded_cents)) FILTER (WHERE p.ord IS NULL) AS claimed, \
         json_group_array(json_array(p.id, j.value ->> 1)) FILTER (WHERE p.ord IS NOT NULL) \
         AS moved FROM json_each(?3) AS j \
         CROSS JOIN purchase AS p INDEXED BY purchase_customer ON p.account = ?1 \
         AND p.kind = ?2 AND p.customer = (j.value ->> 0) AND p.ord IS NOT (j.value ->> 1)",
    )
    .bind(account.0)
    .bind(kind.as_str())
    .bind(owners)
    .fetch_one(tx.sqlite())
    .await?;
    let claimed: Vec<Line> = from_json("claimed", &row.text("claimed")?)?;
    let moved: Vec<(i64, u32)> = from_json("moved", &row.text("moved")?)?;
    let owners: Vec<(i64, u32)> =
        claimed.iter().map(|line| (line.0, line.1)).chain(moved.iter().copied()).collect();
    if !owners.is_empty() {
        sqlx::query(
            "UPDATE purchase SET ord = j.value ->> 1 FROM json_each(?2) AS j \
             WHERE purchase.id = j.value ->> 0 AND purchase.account = ?1 + 0 * j.key",
        )
        .bind(account.0)
        .bind(to_json(&owners)?)
        .execute(tx.sqlite())
        .await?;
    }
    let numbers: Vec<i64> = claimed.iter().map(|line| line.0).collect();
    let lines = order_line::of_orders(tx, account, &numbers).await?;
    Ok((claimed.into_iter().map(linked).collect(), lines, moved.len() as u64))
}

/// Hands orders that wait for an OpenID or a UnionID to the followers known by now.
pub(crate) async fn claim_followers(tx: &mut Tx, account: AccountId) -> Result<u64, Error> {
    let by_openid = sqlx::query(
        "UPDATE purchase SET ord = (SELECT f.ord FROM follower AS f \
         WHERE f.account = ?1 AND f.openid = purchase.customer) \
         WHERE account = ?1 AND kind = 'openid' AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM follower AS f WHERE f.account = ?1 \
         AND f.openid = purchase.customer)",
    )
    .bind(account.0)
    .execute(tx.sqlite())
    .await?;
    let by_unionid = sqlx::query(
        "UPDATE purchase SET ord = (SELECT f.ord FROM follower AS f INDEXED BY follower_unionid \
         WHERE f.account = ?1 AND f.unionid = purchase.customer AND f.unionid IS NOT NULL) \
         WHERE account = ?1 AND kind = 'unionid' AND ord IS NULL \
         AND EXISTS (SELECT 1 FROM follower AS f INDEXED BY follower_unionid \
         WHERE f.account = ?1 AND f.unionid = purchase.customer AND f.unionid IS NOT NULL)",
    )
    .bind(account.0)
    .execute(tx.sqlite())
    .await?;
    Ok(by_openid.rows_affected() + by_unionid.rows_affected())
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
        "SELECT json_group_array(json_array(id, ord, at, amount_cents, items, refunded_cents)) \
         AS page FROM (SELECT id, ord, at, amount_cents, items, refunded_cents FROM purchase \
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
    let rows: Vec<Line> = from_json("page", &row.text("page")?)?;
    Ok(rows.into_iter().map(linked).collect())
}

/// One follower's orders, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
) -> Result<Vec<Order>, Error> {
    let rows = sqlx::query(
        "SELECT key, kind, customer, at, amount_cents, items, refunded_cents FROM purchase \
         WHERE account = ?1 AND ord = ?2 ORDER BY at, id",
    )
    .bind(account.0)
    .bind(ord)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Order {
                key: row.text("key")?,
                customer: Identity { kind: row.parsed("kind")?, value: row.text("customer")? },
                at: row.moment("at")?,
                amount_cents: row.integer("amount_cents")?,
                items: row.integer("items")?,
                refunded_cents: row.integer("refunded_cents")?,
            })
        })
        .collect()
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
