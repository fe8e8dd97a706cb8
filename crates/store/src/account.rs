//! Accounts (公众号) and what is needed to speak for them. Their secrets are sealed at rest and
//! come out as [`Secret`].

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use wire::rules::AccountKind;
use wire::{AppId, OriginalId, Timestamp};

use crate::row::Columns as _;
use crate::secret::Sealer;
use crate::{AccountId, Error, Reader, Secret, Tx};

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// What people call it.
    pub name: String,
    /// Its developer id, unique in the store.
    pub appid: AppId,
    /// The AppSecret.
    pub secret: Secret,
    /// The recipient named in its callbacks.
    pub original_id: OriginalId,
    /// What it is.
    pub kind: AccountKind,
    /// Whether the platform verified it.
    pub verified: bool,
    /// Where the platform is called, without a slash at the end.
    pub base_url: String,
    /// The token callbacks are signed with.
    pub callback_token: Secret,
    /// The EncodingAESKey; none when callbacks come plain.
    pub callback_key: Option<Secret>,
    /// Whether it may send.
    pub state: AccountState,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Whether anything is sent for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    /// At work.
    Active,
    /// Stopped until the operator acts, with the reason in words.
    Stopped(String),
}

/// An account to add.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What people call it.
    pub name: String,
    /// Its developer id.
    pub appid: AppId,
    /// The AppSecret.
    pub secret: Secret,
    /// The recipient named in its callbacks.
    pub original_id: OriginalId,
    /// What it is.
    pub kind: AccountKind,
    /// Whether the platform verified it.
    pub verified: bool,
    /// Where the platform is called.
    pub base_url: String,
    /// The token callbacks are signed with.
    pub callback_token: Secret,
    /// The EncodingAESKey; none when callbacks come plain.
    pub callback_key: Option<Secret>,
    /// Now.
    pub created_at: Timestamp,
}

/// Adds an account.
///
/// # Errors
/// [`Error::AlreadyThere`] when the AppID is known.
pub async fn create(tx: &mut Tx, new: &NewAccount) -> Result<AccountId, Error> {
    // The secrets are bound to the number, so the row comes first and they follow.
    let row = sqlx::query(
        "INSERT INTO account (name, appid, original_id, kind, verified, base_url, secret, \
         callback_token, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, x'', x'', ?7) RETURNING id",
    )
    .bind(&new.name)
    .bind(new.appid.as_str())
    .bind(new.original_id.as_str())
    .bind(kind_word(new.kind))
    .bind(new.verified)
    .bind(&new.base_url)
    .bind(new.created_at.0)
    .fetch_one(tx.sqlite())
    .await
    .map_err(|error| Error::unique(error, || format!("an account with AppID {}", new.appid)))?;
    let id = AccountId(row.integer("id")?);
    set_secrets(tx, id, &new.secret, &new.callback_token, new.callback_key.as_ref()).await?;
    Ok(id)
}

/// Replaces the AppSecret and what callbacks are signed and sealed with.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn set_secrets(
    tx: &mut Tx,
    id: AccountId,
    secret: &Secret,
    callback_token: &Secret,
    callback_key: Option<&Secret>,
) -> Result<(), Error> {
    let sealer = tx.sealer();
    let secret = sealer.seal(id, "secret", secret.expose())?;
    let token = sealer.seal(id, "callback_token", callback_token.expose())?;
    let key = callback_key.map(|key| sealer.seal(id, "callback_key", key.expose())).transpose()?;
    let done = sqlx::query(
        "UPDATE account SET secret = ?2, callback_token = ?3, callback_key = ?4 WHERE id = ?1",
    )
    .bind(id.0)
    .bind(secret)
    .bind(token)
    .bind(key)
    .execute(tx.sqlite())
    .await?;
    found(id, done.rows_affected())
}

/// Sets what people call it, whether it is verified and where the platform is called.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn set_profile(
    tx: &mut Tx,
    id: AccountId,
    name: &str,
    verified: bool,
    base_url: &str,
) -> Result<(), Error> {
    let done =
        sqlx::query("UPDATE account SET name = ?2, verified = ?3, base_url = ?4 WHERE id = ?1")
            .bind(id.0)
            .bind(name)
            .bind(verified)
            .bind(base_url)
            .execute(tx.sqlite())
            .await?;
    found(id, done.rows_affected())
}

/// Stops an account or sets it to work again.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn set_state(tx: &mut Tx, id: AccountId, state: &AccountState) -> Result<(), Error> {
    let (word, reason) = match state {
        AccountState::Active => ("active", ""),
        AccountState::Stopped(reason) => ("stopped", reason.as_str()),
    };
    let done = sqlx::query("UPDATE account SET state = ?2, state_reason = ?3 WHERE id = ?1")
        .bind(id.0)
        .bind(word)
        .bind(reason)
        .execute(tx.sqlite())
        .await?;
    found(id, done.rows_affected())
}

/// The account with this number.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(from: impl Into<Reader<'_>>, id: AccountId) -> Result<Account, Error> {
    let from = from.into();
    let sealer = from.sealer();
    let row = sqlx::query("SELECT * FROM account WHERE id = ?1")
        .bind(id.0)
        .fetch_optional(&mut *from.sqlite().await?)
        .await?
        .ok_or_else(|| Error::not_found(format!("account {id}")))?;
    read(&row, &sealer)
}

/// The account with this AppID.
///
/// # Errors
/// When the database cannot be read or a secret does not open.
pub async fn by_appid(
    from: impl Into<Reader<'_>>,
    appid: &AppId,
) -> Result<Option<Account>, Error> {
    let from = from.into();
    let sealer = from.sealer();
    let row = sqlx::query("SELECT * FROM account WHERE appid = ?1")
        .bind(appid.as_str())
        .fetch_optional(&mut *from.sqlite().await?)
        .await?;
    row.map(|row| read(&row, &sealer)).transpose()
}

/// All accounts in the order they were added.
///
/// # Errors
/// When the database cannot be read or a secret does not open.
pub async fn list(from: impl Into<Reader<'_>>) -> Result<Vec<Account>, Error> {
    let from = from.into();
    let sealer = from.sealer();
    let rows = sqlx::query("SELECT * FROM account ORDER BY id")
        .fetch_all(&mut *from.sqlite().await?)
        .await?;
    rows.iter().map(|row| read(row, &sealer)).collect()
}

fn read(row: &SqliteRow, sealer: &Sealer) -> Result<Account, Error> {
    let id = AccountId(row.integer("id")?);
    let unseal = |column: &str, sealed: Vec<u8>| sealer.unseal(id, column, &sealed);
    let key: Option<Vec<u8>> = row.try_get("callback_key")?;
    let state = row.text("state")?;
    Ok(Account {
        id,
        name: row.text("name")?,
        appid: row.parsed("appid")?,
        secret: unseal("secret", row.bytes("secret")?)?,
        original_id: row.parsed("original_id")?,
        kind: kind_of(&row.text("kind")?)?,
        verified: row.flag("verified")?,
        base_url: row.text("base_url")?,
        callback_token: unseal("callback_token", row.bytes("callback_token")?)?,
        callback_key: key.map(|sealed| unseal("callback_key", sealed)).transpose()?,
        state: match state.as_str() {
            "active" => AccountState::Active,
            "stopped" => AccountState::Stopped(row.text("state_reason")?),
            _ => return Err(Error::corrupt(format!("account {id} has the state {state:?}"))),
        },
        created_at: row.moment("created_at")?,
    })
}

fn found(id: AccountId, rows: u64) -> Result<(), Error> {
    if rows == 0 { Err(Error::not_found(format!("account {id}"))) } else { Ok(()) }
}

fn kind_word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Service => "service",
        AccountKind::Subscription => "subscription",
    }
}

fn kind_of(word: &str) -> Result<AccountKind, Error> {
    match word {
        "service" => Ok(AccountKind::Service),
        "subscription" => Ok(AccountKind::Subscription),
        _ => Err(Error::corrupt(format!("an account is of the kind {word:?}"))),
    }
}
