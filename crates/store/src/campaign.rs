//! Campaigns (群发活动): what to say, to whom, when. Message and forecast are JSON the store does
//! not look into; the frozen audience is bytes it does not look into.

use sqlx::sqlite::SqliteRow;
use wire::Timestamp;

use crate::ids::words;
use crate::row::Columns as _;
use crate::{AccountId, CampaignId, Error, Reader, Tx};

words! {
    /// Where a campaign stands.
    CampaignState, "a campaign's state such as draft" {
        /// Being written.
        Draft = "draft",
        /// To start at its time.
        Scheduled = "scheduled",
        /// Its segment is frozen and its batches are on their way.
        Sending = "sending",
        /// Every batch is final.
        Settled = "settled",
        /// Called off.
        Cancelled = "cancelled",
        /// Cannot go on; the note says why.
        Failed = "failed",
    }
}

/// A campaign without its frozen audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its number inside the account.
    pub id: CampaignId,
    /// The caller's own key: the same key is the same campaign.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Whom to reach, in the segment language.
    pub segment: String,
    /// What to say (JSON).
    pub message: String,
    /// How it is sent, in delivery's words.
    pub way: String,
    /// When it starts; none while that is open.
    pub starts_at: Option<Timestamp>,
    /// Where it stands.
    pub state: CampaignState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its segment was frozen.
    pub frozen_at: Option<Timestamp>,
    /// The forecast at that moment (JSON).
    pub forecast: Option<String>,
    /// A sentence about its state.
    pub note: String,
}

/// A campaign to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCampaign {
    /// The caller's own key.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Whom to reach.
    pub segment: String,
    /// What to say (JSON).
    pub message: String,
    /// How it is sent.
    pub way: String,
    /// When it starts, if that is known.
    pub starts_at: Option<Timestamp>,
    /// Where it starts out.
    pub state: CampaignState,
    /// Now.
    pub created_at: Timestamp,
}

/// Makes a campaign, or finds the one with this key and changes nothing. The flag says it is new.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    new: &NewCampaign,
) -> Result<(Campaign, bool), Error> {
    if let Some(existing) = by_key(&mut *tx, account, &new.key).await? {
        return Ok((existing, false));
    }
    let row = sqlx::query(
        "INSERT INTO campaign (account, id, key, name, segment, message, way, starts_at, state, \
         created_at) VALUES (?1, (SELECT coalesce(max(id), 0) + 1 FROM campaign WHERE account = ?1), \
         ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING *",
    )
    .bind(account.0)
    .bind(&new.key)
    .bind(&new.name)
    .bind(&new.segment)
    .bind(&new.message)
    .bind(&new.way)
    .bind(new.starts_at.map(|at| at.0))
    .bind(new.state.as_str())
    .bind(new.created_at.0)
    .fetch_one(tx.sqlite())
    .await?;
    Ok((read(&row)?, true))
}

/// Changes what a draft says, to whom, how and when. Its key stays.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::WrongState`] when it is no draft any more.
pub async fn rewrite(
    tx: &mut Tx,
    account: AccountId,
    id: CampaignId,
    new: &NewCampaign,
) -> Result<(), Error> {
    let found = get(&mut *tx, account, id).await?.state;
    if found != CampaignState::Draft {
        return Err(wrong(id, found, "rewritten"));
    }
    sqlx::query(
        "UPDATE campaign SET name = ?3, segment = ?4, message = ?5, way = ?6, starts_at = ?7 \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(&new.name)
    .bind(&new.segment)
    .bind(&new.message)
    .bind(&new.way)
    .bind(new.starts_at.map(|at| at.0))
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Sets where a campaign stands, with a sentence about it. What is settled, cancelled or failed
/// stays so.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::WrongState`] when it is at its end already.
pub async fn set_state(
    tx: &mut Tx,
    account: AccountId,
    id: CampaignId,
    state: CampaignState,
    note: &str,
) -> Result<(), Error> {
    let found = get(&mut *tx, account, id).await?.state;
    if found.is_final() && found != state {
        return Err(wrong(id, found, state.as_str()));
    }
    sqlx::query("UPDATE campaign SET state = ?3, note = ?4 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(state.as_str())
        .bind(note)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Sets or lifts the moment a campaign starts.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_starts_at(
    tx: &mut Tx,
    account: AccountId,
    id: CampaignId,
    starts_at: Option<Timestamp>,
) -> Result<(), Error> {
    let done = sqlx::query("UPDATE campaign SET starts_at = ?3 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(starts_at.map(|at| at.0))
        .execute(tx.sqlite())
        .await?;
    if done.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
}

/// Keeps the segment's members and the forecast of this moment; once frozen they never change.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::AlreadyThere`] when it is frozen.
pub async fn freeze(
    tx: &mut Tx,
    account: AccountId,
    id: CampaignId,
    at: Timestamp,
    audience: &[u8],
    forecast: &str,
) -> Result<(), Error> {
    if get(&mut *tx, account, id).await?.frozen_at.is_some() {
        return Err(Error::already_there(format!("the frozen audience of campaign {id}")));
    }
    sqlx::query("UPDATE campaign SET frozen_at = ?3, forecast = ?4 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(at.0)
        .bind(forecast)
        .execute(tx.sqlite())
        .await?;
    sqlx::query("INSERT INTO campaign_audience (account, campaign, audience) VALUES (?1, ?2, ?3)")
        .bind(account.0)
        .bind(id.0)
        .bind(audience)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Replaces the forecast of a frozen campaign: what was planned ahead is looked at anew when it goes.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_forecast(
    tx: &mut Tx,
    account: AccountId,
    id: CampaignId,
    forecast: &str,
) -> Result<(), Error> {
    let done = sqlx::query("UPDATE campaign SET forecast = ?3 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(forecast)
        .execute(tx.sqlite())
        .await?;
    if done.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
}

/// Makes a frozen and scheduled campaign a draft again: members, forecast, moment and who was left
/// out are forgotten. The caller has seen that none of its calls was ever planned.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::WrongState`] when it is not scheduled.
pub async fn thaw(tx: &mut Tx, account: AccountId, id: CampaignId) -> Result<(), Error> {
    let found = get(&mut *tx, account, id).await?.state;
    if found != CampaignState::Scheduled {
        return Err(wrong(id, found, "released"));
    }
    for statement in [
        "DELETE FROM campaign_audience WHERE account = ?1 AND campaign = ?2",
        "DELETE FROM skip WHERE account = ?1 AND campaign = ?2",
        "DELETE FROM campaign_hold_out WHERE account = ?1 AND campaign = ?2",
        "UPDATE campaign SET state = 'draft', starts_at = NULL, frozen_at = NULL, forecast = NULL, \
         note = '' WHERE account = ?1 AND id = ?2",
    ] {
        sqlx::query(statement).bind(account.0).bind(id.0).execute(tx.sqlite()).await?;
    }
    Ok(())
}

/// The campaign with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: CampaignId,
) -> Result<Campaign, Error> {
    let row = sqlx::query("SELECT * FROM campaign WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    read(&row.ok_or_else(|| missing(id))?)
}

/// The campaign with the caller's key.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_key(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    key: &str,
) -> Result<Option<Campaign>, Error> {
    let row = sqlx::query("SELECT * FROM campaign WHERE account = ?1 AND key = ?2")
        .bind(account.0)
        .bind(key)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.map(|row| read(&row)).transpose()
}

/// All campaigns, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Campaign>, Error> {
    let rows = sqlx::query("SELECT * FROM campaign WHERE account = ?1 ORDER BY id DESC")
        .bind(account.0)
        .fetch_all(&mut *from.into().sqlite().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// Campaigns that are scheduled or sending, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Campaign>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM campaign WHERE account = ?1 AND state IN ('scheduled', 'sending') \
         ORDER BY id",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// The members frozen for a campaign; none before it was frozen.
///
/// # Errors
/// When the database cannot be read.
pub async fn audience(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: CampaignId,
) -> Result<Option<Vec<u8>>, Error> {
    let row =
        sqlx::query("SELECT audience FROM campaign_audience WHERE account = ?1 AND campaign = ?2")
            .bind(account.0)
            .bind(id.0)
            .fetch_optional(&mut *from.into().sqlite().await?)
            .await?;
    row.map(|row| row.bytes("audience")).transpose()
}

/// Keeps whom a campaign leaves out on purpose, in place of what was kept before.
///
/// # Errors
/// [`Error::NotFound`] when there is no such campaign.
pub async fn keep_hold_out(
    tx: &mut Tx,
    account: AccountId,
    id: CampaignId,
    people: &[u8],
) -> Result<(), Error> {
    get(&mut *tx, account, id).await?;
    sqlx::query(
        "INSERT INTO campaign_hold_out (account, campaign, people) VALUES (?1, ?2, ?3) \
         ON CONFLICT (account, campaign) DO UPDATE SET people = excluded.people",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(people)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Whom each campaign left out on purpose, as bytes; campaigns that left nobody out are not named.
///
/// # Errors
/// When the database cannot be read.
pub async fn hold_outs(
    from: impl Into<Reader<'_>>,
    account: AccountId,
) -> Result<Vec<(CampaignId, Vec<u8>)>, Error> {
    let rows = sqlx::query(
        "SELECT campaign, people FROM campaign_hold_out WHERE account = ?1 ORDER BY campaign",
    )
    .bind(account.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| Ok((CampaignId(row.integer("campaign")?), row.bytes("people")?)))
        .collect()
}

impl CampaignState {
    /// Whether nothing comes after it.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Settled | Self::Cancelled | Self::Failed)
    }
}

fn missing(id: CampaignId) -> Error {
    Error::not_found(format!("campaign {id}"))
}

fn wrong(id: CampaignId, found: CampaignState, wanted: &'static str) -> Error {
    Error::WrongState { what: format!("campaign {id}"), found: found.as_str(), wanted }
}

fn read(row: &SqliteRow) -> Result<Campaign, Error> {
    Ok(Campaign {
        id: CampaignId(row.integer("id")?),
        key: row.text("key")?,
        name: row.text("name")?,
        segment: row.text("segment")?,
        message: row.text("message")?,
        way: row.text("way")?,
        starts_at: row.moment_or_none("starts_at")?,
        state: row.parsed("state")?,
        created_at: row.moment("created_at")?,
        frozen_at: row.moment_or_none("frozen_at")?,
        forecast: row.text_or_none("forecast")?,
        note: row.text("note")?,
    })
}
