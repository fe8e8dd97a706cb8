//! Month plans (月计划): which campaign reaches whom on which day. Question, rivals and certificate
//! are JSON the store does not look into; sets and values are bytes it does not look into.

use sqlx::sqlite::SqliteRow;
use wire::{Month, Timestamp};

use crate::ids::words;
use crate::row::Columns as _;
use crate::{AccountId, CampaignId, Error, PlanId, Reader, Tx};

words! {
    /// Where a plan stands.
    PlanState, "a plan's state such as draft" {
        /// Made, and nothing follows from it.
        Draft = "draft",
        /// Its campaigns are frozen and scheduled.
        Approved = "approved",
        /// Another plan of the month was approved with one of its campaigns.
        Superseded = "superseded",
        /// Was approved; what had not been sent was given free again.
        Released = "released",
    }
}

words! {
    /// Where a campaign of a plan stands.
    EntryState, "a plan entry's state such as planned" {
        /// Nothing follows from it.
        Planned = "planned",
        /// Frozen and scheduled.
        Approved = "approved",
        /// Given free again before it was sent.
        Released = "released",
    }
}

/// A plan without its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its number inside the account; 0 in a plan to be made.
    pub id: PlanId,
    /// The month.
    pub month: Month,
    /// As asked (JSON).
    pub question: String,
    /// Where it stands.
    pub state: PlanState,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// What it is worth, in units.
    pub value: i64,
    /// What no lawful plan exceeds, in units.
    pub bound: i64,
    /// What other ways bring (JSON).
    pub rivals: String,
    /// What else is shown (JSON).
    pub summary: String,
    /// The proof (JSON).
    pub certificate: String,
}

/// One campaign of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the question, from 0.
    pub number: u32,
    /// The campaign.
    pub campaign: CampaignId,
    /// When it goes.
    pub starts_at: Timestamp,
    /// Where it stands.
    pub state: EntryState,
    /// What one recipient more would bring, in units.
    pub price: i64,
    /// Followers it might reach.
    pub audience: u64,
    /// Followers held out.
    pub held_out: u64,
    /// Followers it reaches.
    pub recipients: u64,
    /// What it is worth to them together, in units.
    pub worth: i64,
}

/// The people of an entry, as sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// Who never gets it.
    pub held_out: Vec<u8>,
    /// Who gets it.
    pub recipients: Vec<u8>,
}

/// Keeps a plan with its entries and values; its number is given here.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account or campaign.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    plan: &Plan,
    entries: &[(Entry, People)],
) -> Result<PlanId, Error> {
    let row = sqlx::query(
        "INSERT INTO month_plan (account, id, month, question, state, made_at, approved_at, value, \
         bound, rivals, summary, certificate) VALUES (?1, (SELECT coalesce(max(id), 0) + 1 \
         FROM month_plan WHERE account = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         RETURNING id",
    )
    .bind(account.0)
    .bind(plan.month.to_string())
    .bind(&plan.question)
    .bind(plan.state.as_str())
    .bind(plan.made_at.0)
    .bind(plan.approved_at.map(|at| at.0))
    .bind(plan.value)
    .bind(plan.bound)
    .bind(&plan.rivals)
    .bind(&plan.summary)
    .bind(&plan.certificate)
    .fetch_one(tx.sqlite())
    .await?;
    let id = PlanId(row.integer("id")?);
    for (entry, people) in entries {
        sqlx::query(
            "INSERT INTO month_plan_entry (account, plan, number, campaign, starts_at, state, \
             price, audience, held_out, recipients, worth) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )
        .bind(account.0)
        .bind(id.0)
        .bind(entry.number)
        .bind(entry.campaign.0)
        .bind(entry.starts_at.0)
        .bind(entry.state.as_str())
        .bind(entry.price)
        .bind(count(entry.audience))
        .bind(count(entry.held_out))
        .bind(count(entry.recipients))
        .bind(entry.worth)
        .execute(tx.sqlite())
        .await?;
        sqlx::query(
            "INSERT INTO month_plan_people (account, plan, number, held_out, recipients) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(account.0)
        .bind(id.0)
        .bind(entry.number)
        .bind(&people.held_out)
        .bind(&people.recipients)
        .execute(tx.sqlite())
        .await?;
    }
    Ok(id)
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Keeps the values of a plan and its certificate, in place of what was kept before.
///
/// # Errors
/// [`Error::NotFound`] when there is no such plan.
pub async fn prove(
    tx: &mut Tx,
    account: AccountId,
    id: PlanId,
    certificate: &str,
    values: &[u8],
) -> Result<(), Error> {
    let done = sqlx::query("UPDATE month_plan SET certificate = ?3 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(certificate)
        .execute(tx.sqlite())
        .await?;
    if done.rows_affected() == 0 {
        return Err(missing(id));
    }
    sqlx::query(
        "INSERT INTO month_plan_values (account, plan, bytes) VALUES (?1, ?2, ?3) \
         ON CONFLICT (account, plan) DO UPDATE SET bytes = excluded.bytes",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(values)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// What a plan is worth after somebody was taken out of it.
///
/// # Errors
/// When the database refuses.
pub async fn set_value(
    tx: &mut Tx,
    account: AccountId,
    id: PlanId,
    value: i64,
    bound: i64,
) -> Result<(), Error> {
    sqlx::query("UPDATE month_plan SET value = ?3, bound = ?4 WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .bind(value)
        .bind(bound)
        .execute(tx.sqlite())
        .await?;
    Ok(())
}

/// Who an entry reaches after somebody was taken out of it.
///
/// # Errors
/// When the database refuses.
pub async fn set_people(
    tx: &mut Tx,
    account: AccountId,
    id: PlanId,
    entry: &Entry,
    people: &People,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE month_plan_entry SET audience = ?4, held_out = ?5, recipients = ?6, worth = ?7 \
         WHERE account = ?1 AND plan = ?2 AND number = ?3",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(entry.number)
    .bind(count(entry.audience))
    .bind(count(entry.held_out))
    .bind(count(entry.recipients))
    .bind(entry.worth)
    .execute(tx.sqlite())
    .await?;
    sqlx::query(
        "UPDATE month_plan_people SET held_out = ?4, recipients = ?5 \
         WHERE account = ?1 AND plan = ?2 AND number = ?3",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(entry.number)
    .bind(&people.held_out)
    .bind(&people.recipients)
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// Sets where a plan stands, and when it was approved.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_state(
    tx: &mut Tx,
    account: AccountId,
    id: PlanId,
    state: PlanState,
    approved_at: Option<Timestamp>,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE month_plan SET state = ?3, approved_at = coalesce(?4, approved_at) \
         WHERE account = ?1 AND id = ?2",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(state.as_str())
    .bind(approved_at.map(|at| at.0))
    .execute(tx.sqlite())
    .await?;
    if done.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
}

/// Sets where a campaign of a plan stands.
///
/// # Errors
/// When the database refuses.
pub async fn set_entry_state(
    tx: &mut Tx,
    account: AccountId,
    id: PlanId,
    number: u32,
    state: EntryState,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE month_plan_entry SET state = ?4 WHERE account = ?1 AND plan = ?2 AND number = ?3",
    )
    .bind(account.0)
    .bind(id.0)
    .bind(number)
    .bind(state.as_str())
    .execute(tx.sqlite())
    .await?;
    Ok(())
}

/// The plan with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: PlanId,
) -> Result<Plan, Error> {
    let row = sqlx::query("SELECT * FROM month_plan WHERE account = ?1 AND id = ?2")
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    read(&row.ok_or_else(|| missing(id))?)
}

/// All plans, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(from: impl Into<Reader<'_>>, account: AccountId) -> Result<Vec<Plan>, Error> {
    let rows = sqlx::query("SELECT * FROM month_plan WHERE account = ?1 ORDER BY id DESC")
        .bind(account.0)
        .fetch_all(&mut *from.into().sqlite().await?)
        .await?;
    rows.iter().map(read).collect()
}

/// The plans of a month, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_month(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    month: Month,
) -> Result<Vec<Plan>, Error> {
    let rows =
        sqlx::query("SELECT * FROM month_plan WHERE account = ?1 AND month = ?2 ORDER BY id DESC")
            .bind(account.0)
            .bind(month.to_string())
            .fetch_all(&mut *from.into().sqlite().await?)
            .await?;
    rows.iter().map(read).collect()
}

/// The campaigns of a plan, in the order of the question.
///
/// # Errors
/// When the database cannot be read.
pub async fn entries(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: PlanId,
) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query(
        "SELECT * FROM month_plan_entry WHERE account = ?1 AND plan = ?2 ORDER BY number",
    )
    .bind(account.0)
    .bind(id.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                number: row.number("number")?,
                campaign: CampaignId(row.integer("campaign")?),
                starts_at: row.moment("starts_at")?,
                state: row.parsed("state")?,
                price: row.integer("price")?,
                audience: row.number("audience")?,
                held_out: row.number("held_out")?,
                recipients: row.number("recipients")?,
                worth: row.integer("worth")?,
            })
        })
        .collect()
}

/// The people of each campaign of a plan, in the order of the question.
///
/// # Errors
/// When the database cannot be read.
pub async fn people(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: PlanId,
) -> Result<Vec<People>, Error> {
    let rows = sqlx::query(
        "SELECT held_out, recipients FROM month_plan_people \
         WHERE account = ?1 AND plan = ?2 ORDER BY number",
    )
    .bind(account.0)
    .bind(id.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(People { held_out: row.bytes("held_out")?, recipients: row.bytes("recipients")? })
        })
        .collect()
}

/// The values of a plan.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn values(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    id: PlanId,
) -> Result<Vec<u8>, Error> {
    let row = sqlx::query("SELECT bytes FROM month_plan_values WHERE account = ?1 AND plan = ?2")
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(&mut *from.into().sqlite().await?)
        .await?;
    row.ok_or_else(|| missing(id))?.bytes("bytes")
}

fn missing(id: PlanId) -> Error {
    Error::not_found(format!("plan {id}"))
}

fn read(row: &SqliteRow) -> Result<Plan, Error> {
    Ok(Plan {
        id: PlanId(row.integer("id")?),
        month: row.parsed("month")?,
        question: row.text("question")?,
        state: row.parsed("state")?,
        made_at: row.moment("made_at")?,
        approved_at: row.moment_or_none("approved_at")?,
        value: row.integer("value")?,
        bound: row.integer("bound")?,
        rivals: row.text("rivals")?,
        summary: row.text("summary")?,
        certificate: row.text("certificate")?,
    })
}
