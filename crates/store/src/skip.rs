//! Whom a campaign leaves out and why: received and all reasons together are the segment.

use crate::row::Columns as _;
use crate::{AccountId, CampaignId, Error, Reader, Tx};

/// Those left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Why, in delivery's words.
    pub reason: String,
    /// Whom: a set as bytes.
    pub recipients: Vec<u8>,
}

/// Replaces all that is known of whom a campaign leaves out.
///
/// # Errors
/// [`Error::NotFound`] when there is no such campaign.
pub async fn replace(
    tx: &mut Tx,
    account: AccountId,
    campaign: CampaignId,
    skips: &[Skip],
) -> Result<(), Error> {
    sqlx::query("DELETE FROM skip WHERE account = ?1 AND campaign = ?2")
        .bind(account.0)
        .bind(campaign.0)
        .execute(tx.sqlite())
        .await?;
    for skip in skips {
        sqlx::query(
            "INSERT INTO skip (account, campaign, reason, recipients) VALUES (?1, ?2, ?3, ?4)",
        )
        .bind(account.0)
        .bind(campaign.0)
        .bind(&skip.reason)
        .bind(&skip.recipients)
        .execute(tx.sqlite())
        .await
        .map_err(|error| Error::unique(error, || format!("the reason {:?}", skip.reason)))?;
    }
    Ok(())
}

/// Whom a campaign leaves out, by reason.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    from: impl Into<Reader<'_>>,
    account: AccountId,
    campaign: CampaignId,
) -> Result<Vec<Skip>, Error> {
    let rows = sqlx::query(
        "SELECT reason, recipients FROM skip WHERE account = ?1 AND campaign = ?2 ORDER BY reason",
    )
    .bind(account.0)
    .bind(campaign.0)
    .fetch_all(&mut *from.into().sqlite().await?)
    .await?;
    rows.iter()
        .map(|row| Ok(Skip { reason: row.text("reason")?, recipients: row.bytes("recipients")? }))
        .collect()
}
