//! What else a follower is known by: a customer number, a telephone number, a UnionID. A value of a
//! kind belongs to one follower of the account; one follower may have many.
//!
//! OpenIDs and UnionIDs are the platform's and stand with the follower; the others are rows here.
//! Orders and events that were told before their follower was known wait with the identity they
//! came by, and [`claim`] hands them over.

use std::collections::HashMap;

use serde::Serialize;

use crate::consent::Pair;
use crate::event::Event;
use crate::ids::words;
use crate::order::LinkedOrder;
use crate::order_line::LinkedLine;
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx, consent, event, order};

/// Values in one statement.
const CHUNK: usize = 10_000;

words! {
    /// By what somebody is named.
    IdentityKind, "openid, unionid, phone or customer_id" {
        /// The platform's id inside the account.
        OpenId = "openid",
        /// The platform's id across bound accounts.
        UnionId = "unionid",
        /// A telephone number, digits alone.
        Phone = "phone",
        /// The merchant's own number of a customer.
        CustomerId = "customer_id",
    }
}

/// Somebody as a merchant's system names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
pub struct Identity {
    /// By what.
    pub kind: IdentityKind,
    /// The value.
    pub value: String,
}

/// What found its follower.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Orders that belonged to nobody before.
    pub orders: Vec<LinkedOrder>,
    /// What was in them.
    pub lines: Vec<LinkedLine>,
    /// Events that belonged to nobody before.
    pub events: Vec<Event>,
    /// Orders and events that belonged to another follower before.
    pub moved: u64,
    /// Tellings of consents that belonged to nobody, or to another, before.
    pub consents: u64,
    /// Of whom and which template.
    pub consented: Vec<Pair>,
}

impl Claimed {
    /// Adds another claim's.
    pub fn add(&mut self, other: Self) {
        self.orders.extend(other.orders);
        self.lines.extend(other.lines);
        self.events.extend(other.events);
        self.moved += other.moved;
        self.consents += other.consents;
        self.consented.extend(other.consented);
    }
}

/// Links values of a kind with followers; a value linked before moves to the new follower. What
/// waited for a value, or belonged to its follower by it, is [`claim`]ed in the same breath.
/// Answers how many links are new or moved, and what they brought.
///
/// # Errors
/// [`Error::NotFound`] when an ordinal is not a follower of the account.
pub async fn link(
    tx: &mut Tx,
    account: AccountId,
    kind: IdentityKind,
    links: &[(String, u32)],
) -> Result<(u64, Claimed), Error> {
    let mut changed = 0;
    let mut claimed = Claimed::default();
    for chunk in links.chunks(CHUNK) {
        // A value named twice goes to the last follower named with it.
        let last: HashMap<&str, u32> =
            chunk.iter().map(|(value, ord)| (value.as_str(), *ord)).collect();
        let mut rows: Vec<_> = last.into_iter().collect();
        rows.sort_unstable();
        let done = sqlx::query(
            "INSERT INTO identity (account, kind, value, ord) \
             SELECT ?1, ?2, value ->> 0, value ->> 1 FROM json_each(?3) WHERE true \
             ON CONFLICT (account, kind, value) DO UPDATE SET ord = excluded.ord \
             WHERE ord <> excluded.ord",
        )
        .bind(account.0)
        .bind(kind.as_str())
        .bind(to_json(&rows)?)
        .execute(tx.sqlite())
        .await?;
        changed += done.rows_affected();
        claimed.add(claim(tx, account, kind, &rows).await?);
    }
    Ok((changed, claimed))
}

/// Hands orders, events and consents told by these values to these followers.
///
/// # Errors
/// When the database refuses.
pub async fn claim<V: Serialize>(
    tx: &mut Tx,
    account: AccountId,
    kind: IdentityKind,
    owners: &[(V, u32)],
) -> Result<Claimed, Error> {
    let mut claimed = Claimed::default();
    for chunk in owners.chunks(CHUNK) {
        let owners = to_json(chunk)?;
        let (orders, lines, moved_orders) = order::claim(tx, account, kind, &owners).await?;
        let (events, moved_events) = event::claim(tx, account, kind, &owners).await?;
        let (consented, consents) = consent::claim(tx, account, kind, &owners).await?;
        let moved = moved_orders + moved_events;
        claimed.add(Claimed { orders, lines, events, moved, consents, consented });
    }
    Ok(claimed)
}

/// Hands everything that waits for an OpenID or a UnionID to the followers known by now. Answers
/// how many orders, events and tellings of consents that were. For the end of a pass: it looks at all that waits.
///
/// # Errors
/// When the database refuses.
pub async fn claim_followers(tx: &mut Tx, account: AccountId) -> Result<u64, Error> {
    Ok(order::claim_followers(tx, account).await?
        + event::claim_followers(tx, account).await?
        + consent::claim_followers(tx, account).await?)
}

/// Whom values of a kind belong to; unknown values are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn lookup(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    kind: IdentityKind,
    values: &[String],
) -> Result<HashMap<String, u32>, Error> {
    let statement = match kind {
        IdentityKind::OpenId => {
            "SELECT json_group_array(json_array(f.openid, f.ord)) AS found \
             FROM json_each(?2) AS j CROSS JOIN follower AS f ON f.account = ?1 \
             AND f.openid = j.value"
        }
        IdentityKind::UnionId => {
            "SELECT json_group_array(json_array(f.unionid, f.ord)) AS found \
             FROM json_each(?2) AS j CROSS JOIN follower AS f INDEXED BY follower_unionid \
             ON f.account = ?1 AND f.unionid = j.value AND f.unionid IS NOT NULL"
        }
        IdentityKind::Phone | IdentityKind::CustomerId => {
            "SELECT json_group_array(json_array(identity.value, identity.ord)) AS found \
             FROM json_each(?2) AS j CROSS JOIN identity ON identity.account = ?1 \
             AND identity.kind = ?3 AND identity.value = j.value"
        }
    };
    let mut connection = from.into().sqlite().await?;
    let mut found = HashMap::with_capacity(values.len());
    for chunk in values.chunks(CHUNK) {
        let row = sqlx::query(statement)
            .bind(account.0)
            .bind(to_json(chunk)?)
            .bind(kind.as_str())
            .fetch_one(&mut *connection)
            .await?;
        let pairs: Vec<(String, u32)> = from_json("found", &row.text("found")?)?;
        found.extend(pairs);
    }
    Ok(found)
}

/// What a follower is known by beside OpenID and UnionID: kind and value.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
) -> Result<Vec<Identity>, Error> {
    let rows = sqlx::query(
        "SELECT kind, value FROM identity WHERE account = ?1 AND ord = ?2 ORDER BY kind, value",
    )
    .bind(account.0)
    .bind(ord)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| Ok(Identity { kind: row.parsed("kind")?, value: row.text("value")? }))
        .collect()
}
