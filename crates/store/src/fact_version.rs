//! How often the facts of an account were changed. The tables count themselves (`0003`), so no
//! write can forget it, and the count moves in the transaction of the write.

use crate::row::Columns as _;
use crate::{AccountId, Error, Reader};

/// The version of an account's followers, tags, lists, attributes, orders and events: it grows with
/// every row of them that is written, changed or taken away, and never shrinks.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn get(from: impl Into<Reader<'_>>, account: AccountId) -> Result<i64, Error> {
    let row = sqlx::query("SELECT version FROM fact_version WHERE account = ?1")
        .bind(account.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.ok_or_else(|| Error::not_found(format!("the account {account}")))?.integer("version")
}
