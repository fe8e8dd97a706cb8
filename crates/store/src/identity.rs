//! What else a follower is known by: a customer number, a member card. A value of a kind belongs to
//! one follower of the account; one follower may have many.

use std::collections::HashMap;

use serde::Serialize;

use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// Values in one statement.
const CHUNK: usize = 10_000;

/// Links values of a kind with followers; a value linked before moves to the new follower, and its
/// orders with it. Orders that waited for a value are linked by [`crate::order::link`]. Answers how
/// many links are new or moved.
///
/// # Errors
/// [`Error::NotFound`] when an ordinal is not a follower of the account.
pub async fn link(
    tx: &mut Tx,
    account: AccountId,
    kind: &str,
    links: &[(String, u32)],
) -> Result<u64, Error> {
    #[derive(Serialize)]
    struct Row<'a>(&'a str, u32);
    let mut changed = 0;
    for chunk in links.chunks(CHUNK) {
        let rows: Vec<_> = chunk.iter().map(|(value, ord)| Row(value, *ord)).collect();
        let rows = to_json(&rows)?;
        // Before the links themselves move: orders of a value that belongs to another follower.
        sqlx::query(
            "UPDATE purchase SET ord = moved.owner FROM (\
             SELECT identity.account + 0 * j.key AS account, identity.value AS customer, \
             j.value ->> 1 AS owner FROM json_each(?3) AS j CROSS JOIN identity ON identity.account = ?1 AND identity.kind = ?2 \
             AND identity.value = (j.value ->> 0) AND identity.ord <> (j.value ->> 1)) AS moved \
             WHERE purchase.account = moved.account AND purchase.kind = ?2 \
             AND purchase.customer = moved.customer",
        )
        .bind(account.0)
        .bind(kind)
        .bind(&rows)
        .execute(tx.sqlite())
        .await?;
        let done = sqlx::query(
            "INSERT INTO identity (account, kind, value, ord) \
             SELECT ?1, ?2, value ->> 0, value ->> 1 FROM json_each(?3) WHERE true \
             ON CONFLICT (account, kind, value) DO UPDATE SET ord = excluded.ord \
             WHERE ord <> excluded.ord",
        )
        .bind(account.0)
        .bind(kind)
        .bind(&rows)
        .execute(tx.sqlite())
        .await?;
        changed += done.rows_affected();
    }
    Ok(changed)
}

/// Whom values of a kind belong to; unknown values are left out.
///
/// # Errors
/// When the database cannot be read.
pub async fn lookup(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    kind: &str,
    values: &[String],
) -> Result<HashMap<String, u32>, Error> {
    let mut connection = from.into().sqlite().await?;
    let mut found = HashMap::with_capacity(values.len());
    for chunk in values.chunks(CHUNK) {
        let row = sqlx::query(
            "SELECT json_group_array(json_array(identity.value, identity.ord)) AS found \
             FROM json_each(?3) AS j CROSS JOIN identity ON identity.account = ?1 \
             AND identity.kind = ?2 AND identity.value = j.value",
        )
        .bind(account.0)
        .bind(kind)
        .bind(to_json(chunk)?)
        .fetch_one(&mut *connection)
        .await?;
        let pairs: Vec<(String, u32)> = from_json("found", &row.text("found")?)?;
        found.extend(pairs);
    }
    Ok(found)
}

/// What a follower is known by: kind and value.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    ord: u32,
) -> Result<Vec<(String, String)>, Error> {
    let rows = sqlx::query(
        "SELECT kind, value FROM identity WHERE account = ?1 AND ord = ?2 ORDER BY kind, value",
    )
    .bind(account.0)
    .bind(ord)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(|row| Ok((row.text("kind")?, row.text("value")?))).collect()
}
