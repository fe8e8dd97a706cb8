//! What followers are worth to a campaign, learned from what happened.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use delivery::Engine;
use delivery::view::{EstimateView, EstimatesQuestion, EstimatesView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AccountPath, FollowerPath};
use crate::auth::Account;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(show_estimates))
        .routes(routes!(export_estimates))
        .routes(routes!(show_estimate))
}

/// What the people of a segment are worth to a kind of campaign, on what that rests, and what it
/// depends on.
///
/// Learned at every question from the messages of this month and the six before.
#[utoipa::path(get, path = "/accounts/{account}/estimates", tag = "estimates",
    params(AccountPath, EstimatesQuestion),
    responses((status = 200, description = "The estimates.", body = EstimatesView)))]
async fn show_estimates(
    account: Account,
    State(engine): State<Engine>,
    Query(question): Query<EstimatesQuestion>,
) -> Result<Json<EstimatesView>, Problem> {
    Ok(Json(engine.estimates(account.id, &question).await?))
}

/// Every follower of the segment: `openid,worth,low,high,basis`, in whole units of `unit_cents`.
#[utoipa::path(get, path = "/accounts/{account}/estimates.csv", tag = "estimates",
    params(AccountPath, EstimatesQuestion),
    responses((status = 200, description = "One line a follower.", body = String,
        content_type = "text/csv")))]
async fn export_estimates(
    account: Account,
    State(engine): State<Engine>,
    Query(question): Query<EstimatesQuestion>,
) -> Result<Response, Problem> {
    let csv = engine.export_estimates(account.id, &question).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response())
}

/// What one follower is worth to a kind of campaign, and why.
#[utoipa::path(get, path = "/accounts/{account}/estimates/{openid}", tag = "estimates",
    params(AccountPath, FollowerPath, EstimatesQuestion),
    responses((status = 200, description = "The estimate.", body = EstimateView)))]
async fn show_estimate(
    account: Account,
    State(engine): State<Engine>,
    Path(FollowerPath { openid }): Path<FollowerPath>,
    Query(question): Query<EstimatesQuestion>,
) -> Result<Json<EstimateView>, Problem> {
    Ok(Json(engine.estimate(account.id, &openid, &question).await?))
}
