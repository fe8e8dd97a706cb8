//! The platform's tags (标签) as last listed.

use serde::Serialize;
use wire::TagId;

use crate::row::{Columns as _, to_json};
use crate::{AccountId, Error, Reader, Tx};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The platform's number.
    pub tag_id: TagId,
    /// Its name.
    pub name: String,
    /// Followers carrying it, as the platform counts.
    pub followers: i64,
}

/// Replaces the list.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn replace_all(tx: &mut Tx, account: AccountId, tags: &[Tag]) -> Result<(), Error> {
    sqlx::query("DELETE FROM tag WHERE account = ?1").bind(account.0).execute(tx.sqlite()).await?;
    #[derive(Serialize)]
    struct Row<'a>(TagId, &'a str, i64);
    let rows: Vec<_> = tags.iter().map(|tag| Row(tag.tag_id, &tag.name, tag.followers)).collect();
    sqlx::query(
        "INSERT INTO tag (account, tag_id, name, followers) \
         SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2) WHERE true \
         ON CONFLICT (account, tag_id) DO UPDATE \
         SET name = excluded.name, followers = excluded.followers",
    )
    .bind(account.0)
    .bind(to_json(&rows)?)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// All tags by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Tag>, Error> {
    let rows =
        sqlx::query("SELECT tag_id, name, followers FROM tag WHERE account = ?1 ORDER BY tag_id")
            .bind(account.0)
            .fetch_all(&mut *from.into().sqlite().await?)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Tag {
                tag_id: TagId(row.integer("tag_id")?),
                name: row.text("name")?,
                followers: row.integer("followers")?,
            })
        })
        .collect()
}
