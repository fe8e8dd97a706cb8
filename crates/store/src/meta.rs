//! Single values of the whole installation, by name.

use sqlx::SqliteConnection;

use crate::row::Columns as _;
use crate::{Error, Reader, Tx};

/// The value of `key`.
///
/// # Errors
/// When the database cannot be read.
pub async fn get(from: impl Into<Reader<'_>>, key: &str) -> Result<Option<String>, Error> {
    read(&mut *from.into().sqlite().await?, key).await
}

/// Draws a name nobody else has: 32 hexadecimal digits.
///
/// # Errors
/// When the system gives no random numbers.
pub fn draw_name() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::corrupt(format!("the system's random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Sets the value of `key`.
///
/// # Errors
/// When the database refuses.
pub async fn put(tx: &mut Tx, key: &str, value: &str) -> Result<(), Error> {
    write(tx.sqlite(), key, value).await
}

pub(crate) async fn read(
    connection: &mut SqliteConnection,
    key: &str,
) -> Result<Option<String>, Error> {
    let row = sqlx::query("SELECT value FROM meta WHERE key = ?1")
        .bind(key)
        .fetch_optional(connection)
        .await?;
    row.map(|row| row.text("value")).transpose()
}

pub(crate) async fn write(
    connection: &mut SqliteConnection,
    key: &str,
    value: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(key)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}
