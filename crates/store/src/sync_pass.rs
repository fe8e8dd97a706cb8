//! Passes over all followers: list every OpenID, then ask for details. A pass is a row that says
//! how far it got, so that after a crash it goes on at the page after the last answered one.

use sqlx::sqlite::SqliteRow;
use wire::{OpenId, Timestamp};

use crate::row::Columns as _;
use crate::{AccountId, Error, PassId, Reader, Tx};

/// Where a pass stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassState {
    /// OpenIDs are being listed.
    Listing,
    /// All are listed, details are being asked for.
    Detailing,
    /// At its end.
    Done,
    /// Given up, with the reason in words.
    Failed(String),
}

/// A pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Its number inside the account.
    pub id: PassId,
    /// When it began. An event of this moment or later wins over what the pass is told.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The cursor of the next page; none before the first.
    pub next_openid: Option<OpenId>,
    /// Pages listed.
    pub pages: u64,
    /// OpenIDs listed.
    pub listed: u64,
    /// Followers detailed.
    pub detailed: u64,
    /// Where it stands.
    pub state: PassState,
}

/// How far a pass went on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The new cursor; none leaves the old one.
    pub next_openid: Option<OpenId>,
    /// Pages more.
    pub pages: u32,
    /// OpenIDs more.
    pub listed: u32,
    /// Details more.
    pub detailed: u32,
}

/// Begins a pass.
///
/// # Errors
/// [`Error::AlreadyThere`] while one is running, [`Error::NotFound`] when there is no such account.
pub async fn start(tx: &mut Tx, account: AccountId, at: Timestamp) -> Result<Pass, Error> {
    if let Some(last) = latest(&mut *tx, account).await?
        && last.state.is_running()
    {
        return Err(Error::already_there(format!("a running pass, {},", last.id)));
    }
    let row = sqlx::query(
        "INSERT INTO sync_pass (account, pass, started_at, state) VALUES (?1, \
         (SELECT coalesce(max(pass), 0) + 1 FROM sync_pass WHERE account = ?1), ?2, 'listing') \
         RETURNING *",
    )
    .bind(account.0)
    .bind(at.0)
    .fetch_one(tx.sqlite())
    .await?;
    read(&row)
}

/// Records progress, in the same write as the page or the details themselves.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn advance(
    tx: &mut Tx,
    account: AccountId,
    pass: PassId,
    progress: &Progress,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE sync_pass SET next_openid = coalesce(?3, next_openid), pages = pages + ?4, \
         listed = listed + ?5, detailed = detailed + ?6 WHERE account = ?1 AND pass = ?2",
    )
    .bind(account.0)
    .bind(pass.0)
    .bind(progress.next_openid.as_ref().map(OpenId::as_str))
    .bind(progress.pages)
    .bind(progress.listed)
    .bind(progress.detailed)
    .execute(tx.sqlite())
    .await?;
    found(pass, done.rows_affected())
}

/// Listing is over; details follow.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_detailing(tx: &mut Tx, account: AccountId, pass: PassId) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE sync_pass SET state = 'detailing' \
         WHERE account = ?1 AND pass = ?2 AND state IN ('listing', 'detailing')",
    )
    .bind(account.0)
    .bind(pass.0)
    .execute(tx.sqlite())
    .await?;
    found(pass, done.rows_affected())
}

/// Ends a pass, well or, with the reason, badly.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn finish(
    tx: &mut Tx,
    account: AccountId,
    pass: PassId,
    at: Timestamp,
    failure: Option<&str>,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE sync_pass SET state = ?3, failure = ?4, finished_at = ?5 \
         WHERE account = ?1 AND pass = ?2",
    )
    .bind(account.0)
    .bind(pass.0)
    .bind(if failure.is_some() { "failed" } else { "done" })
    .bind(failure.unwrap_or(""))
    .bind(at.0)
    .execute(tx.sqlite())
    .await?;
    found(pass, done.rows_affected())
}

/// The last pass begun.
///
/// # Errors
/// When the database cannot be read.
pub async fn latest(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Option<Pass>, Error> {
    let row = sqlx::query("SELECT * FROM sync_pass WHERE account = ?1 ORDER BY pass DESC LIMIT 1")
        .bind(account.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// The pass with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    pass: PassId,
) -> Result<Pass, Error> {
    let row = sqlx::query("SELECT * FROM sync_pass WHERE account = ?1 AND pass = ?2")
        .bind(account.0)
        .bind(pass.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    read(&row.ok_or_else(|| missing(pass))?)
}

impl PassState {
    /// Whether the pass is to go on.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Listing | Self::Detailing)
    }
}

fn missing(pass: PassId) -> Error {
    Error::not_found(format!("pass {pass}"))
}

fn found(pass: PassId, rows: u64) -> Result<(), Error> {
    if rows == 0 { Err(missing(pass)) } else { Ok(()) }
}

fn read(row: &SqliteRow) -> Result<Pass, Error> {
    let state = row.text("state")?;
    Ok(Pass {
        id: PassId(row.integer("pass")?),
        started_at: row.moment("started_at")?,
        finished_at: row.moment_or_none("finished_at")?,
        next_openid: row.parsed_or_none("next_openid")?,
        pages: row.number("pages")?,
        listed: row.number("listed")?,
        detailed: row.number("detailed")?,
        state: match state.as_str() {
            "listing" => PassState::Listing,
            "detailing" => PassState::Detailing,
            "done" => PassState::Done,
            "failed" => PassState::Failed(row.text("failure")?),
            _ => return Err(Error::corrupt(format!("a pass has the state {state:?}"))),
        },
    })
}
