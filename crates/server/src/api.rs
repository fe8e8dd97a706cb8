//! The REST interface, one file a family. Every handler takes [`crate::auth::Caller`] or
//! [`crate::auth::Account`] first: the one proves a key, the other also that the account exists.

mod accounts;
mod attributes;
mod campaigns;
mod estimates;
mod facts;
mod fence;
mod followers;
mod imports;
mod plans;
mod segments;
mod slots;
mod tags;
mod work;

use std::convert::Infallible;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use delivery::Engine;
use futures_util::stream;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use wire::OpenId;

/// Everything under `/api/v1`.
pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .merge(accounts::router())
        .merge(followers::router())
        .merge(facts::router())
        .merge(attributes::router())
        .merge(tags::router())
        .merge(segments::router())
        .merge(imports::router())
        .merge(campaigns::router())
        .merge(plans::router())
        .merge(estimates::router())
        .merge(slots::router())
        .merge(fence::router())
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

/// One a line, written a piece at a time: a campaign may have millions.
fn lines(openids: Vec<OpenId>) -> Response {
    let mut openids = openids.into_iter();
    let pieces = std::iter::from_fn(move || {
        let mut piece = String::new();
        for openid in openids.by_ref().take(10_000) {
            piece.push_str(openid.as_str());
            piece.push('\n');
        }
        (!piece.is_empty()).then_some(Ok::<_, Infallible>(piece))
    });
    let body = Body::from_stream(stream::iter(pieces));
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}
