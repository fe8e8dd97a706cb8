//! The attributes a merchant defined: what each name may hold. The values stand with the followers.

use wire::Timestamp;

use crate::ids::words;
use crate::row::{Columns as _, from_json, to_json};
use crate::{AccountId, Error, Reader, Tx};

words! {
    /// What an attribute holds.
    AttributeKind, "text, number, date, flag or choice" {
        /// Any text.
        Text = "text",
        /// A number.
        Number = "number",
        /// A day such as `1990-01-01`.
        Date = "date",
        /// Yes or no.
        Flag = "flag",
        /// One of the values named with it.
        Choice = "choice",
    }
}

/// A definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The attribute's name, unique in the account.
    pub name: String,
    /// What it holds.
    pub kind: AttributeKind,
    /// Of a choice: the values there are.
    pub choices: Vec<String>,
}

/// Defines an attribute, or defines it anew.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn define(
    tx: &mut Tx,
    account: AccountId,
    definition: &Definition,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO attribute (account, name, kind, choices, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account, name) DO UPDATE \
         SET kind = excluded.kind, choices = excluded.choices",
    )
    .bind(account.0)
    .bind(&definition.name)
    .bind(definition.kind.as_str())
    .bind(to_json(&definition.choices)?)
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Takes a definition away; the values stay with the followers.
///
/// # Errors
/// [`Error::NotFound`] when there is none of this name.
pub async fn remove(tx: &mut Tx, account: AccountId, name: &str) -> Result<(), Error> {
    let done = sqlx::query("DELETE FROM attribute WHERE account = ?1 AND name = ?2")
        .bind(account.0)
        .bind(name)
        .execute(tx.sqlite())
        .await?;
    match done.rows_affected() {
        0 => Err(Error::not_found(format!("an attribute {name}"))),
        _ => Ok(()),
    }
}

/// Every definition, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<Definition>, Error> {
    let rows =
        sqlx::query("SELECT name, kind, choices FROM attribute WHERE account = ?1 ORDER BY name")
            .bind(account.0)
            .fetch_all(&mut *from.into().sqlite().await?)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Definition {
                name: row.text("name")?,
                kind: row.parsed("kind")?,
                choices: from_json("choices", &row.text("choices")?)?,
            })
        })
        .collect()
}
