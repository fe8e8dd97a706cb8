//! The REST interface, one file a family. Every handler takes [`crate::auth::Caller`] or
//! [`crate::auth::Account`] first: the one proves a key, the other also that the account exists.

mod accounts;
mod campaigns;
mod followers;
mod imports;
mod segments;
mod slots;
mod work;

use delivery::Engine;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;

/// Everything under `/api/v1`.
pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .merge(accounts::router())
        .merge(followers::router())
        .merge(segments::router())
        .merge(imports::router())
        .merge(campaigns::router())
        .merge(slots::router())
        .merge(work::router())
}

/// The account in the path, for the description; handlers get it from the extractor.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
struct AccountPath {
    /// Number of the account.
    #[expect(
        dead_code,
        reason = "read by the extractor of the account; named for the description"
    )]
    account: i64,
}

/// An account's follower.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct FollowerPath {
    /// The follower's OpenID.
    openid: String,
}

/// An account's campaign.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CampaignPath {
    /// Number of the campaign.
    campaign: i64,
}

/// An account's batch.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct BatchPath {
    /// Number of the batch, from a report.
    batch: i64,
}
