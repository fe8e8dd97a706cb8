//! Keys of the merchants' own systems. Only their SHA-256 is kept: a key is shown once, when it is
//! made, and has 256 random bits, so a plain digest is enough.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteRow;
use wire::Timestamp;

use crate::row::Columns as _;
use crate::secret::random;
use crate::{Error, Reader, Secret, Tx};

/// How every key begins, so that leaked ones can be searched for.
const PREFIX: &str = "fck_";

/// A key, without the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Makes a key: `fck_` and 43 characters. The text returned is not kept anywhere.
///
/// # Errors
/// When the system gives no random bytes or the database refuses.
pub async fn create(tx: &mut Tx, name: &str, at: Timestamp) -> Result<(ApiKey, Secret), Error> {
    let mut bytes = [0; 32];
    random(&mut bytes).map_err(|error| Error::folder("the system's random source", error))?;
    let plain = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)));
    let row = sqlx::query(
        "INSERT INTO api_key (name, digest, created_at) VALUES (?1, ?2, ?3) RETURNING *",
    )
    .bind(name)
    .bind(digest(plain.expose()))
    .bind(at.0)
    .fetch_one(tx.sqlite())
    .await?;
    Ok((read(&row)?, plain))
}

/// The key this text is, if it is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(from: impl Into<Reader<'_>>, plain: &str) -> Result<Option<ApiKey>, Error> {
    if !plain.starts_with(PREFIX) {
        return Ok(None);
    }
    let row = sqlx::query("SELECT * FROM api_key WHERE digest = ?1")
        .bind(digest(plain))
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// All keys in the order they were made.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(from: impl Into<Reader<'_>>) -> Result<Vec<ApiKey>, Error> {
    let rows = sqlx::query("SELECT * FROM api_key ORDER BY id")
        .fetch_all(&mut *from.into().sqlite().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// Ends a key's life. Answers whether it was there.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(tx: &mut Tx, id: i64) -> Result<bool, Error> {
    let done =
        sqlx::query("DELETE FROM api_key WHERE id = ?1").bind(id).execute(tx.sqlite()).await?;
    Ok(done.rows_affected() > 0)
}

fn digest(plain: &str) -> Vec<u8> {
    Sha256::digest(plain.as_bytes()).to_vec()
}

fn read(row: &SqliteRow) -> Result<ApiKey, Error> {
    Ok(ApiKey {
        id: row.integer("id")?,
        name: row.text("name")?,
        created_at: row.moment("created_at")?,
    })
}
