//! Facts told by the merchant's own systems, single or in batches.

use axum::extract::{DefaultBodyLimit, State};
use delivery::Engine;
use delivery::view::{
    FactConsents, FactEvents, FactOrders, FollowerPatch, IntakeView, PatchedView, PersonExport,
    PersonPatches,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AccountPath, FollowerPath};
use crate::auth::Account;
use crate::extract::{Json, Path};
use crate::problem::Problem;

/// Five thousand facts with long keys are several megabytes.
const LARGEST_BODY: usize = 16 << 20;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(take_events))
        .routes(routes!(take_orders))
        .routes(routes!(take_consents))
        .routes(routes!(patch_followers))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .routes(routes!(patch_follower, erase_follower))
        .routes(routes!(export_follower))
}

/// Takes events in, at most 5,000: all or none.
///
/// Durable once this answers, and the next count has them. An event told again with the same key
/// changes nothing. One of somebody not known yet waits for them.
#[utoipa::path(post, path = "/accounts/{account}/events", tag = "facts", params(AccountPath),
    request_body = FactEvents,
    responses((status = 200, description = "What became of them.", body = IntakeView)))]
async fn take_events(
    account: Account,
    State(engine): State<Engine>,
    Json(told): Json<FactEvents>,
) -> Result<Json<IntakeView>, Problem> {
    Ok(Json(engine.take_events(account.id, told.events).await?))
}

/// Takes orders in, at most 5,000: all or none.
///
/// Told again with the same key, an order stays as it is, but what was paid back may grow.
#[utoipa::path(post, path = "/accounts/{account}/orders", tag = "facts", params(AccountPath),
    request_body = FactOrders,
    responses((status = 200, description = "What became of them.", body = IntakeView)))]
async fn take_orders(
    account: Account,
    State(engine): State<Engine>,
    Json(told): Json<FactOrders>,
) -> Result<Json<IntakeView>, Problem> {
    Ok(Json(engine.take_orders(account.id, told.orders).await?))
}

/// Takes consents to subscription notices in, at most 5,000: all or none.
///
/// For what the platform does not tell by itself: acceptances without a prompt, which a page alone
/// hears of. Of a prompt both tell; within a minute that is one acceptance.
#[utoipa::path(post, path = "/accounts/{account}/consents", tag = "facts", params(AccountPath),
    request_body = FactConsents,
    responses((status = 200, description = "What became of them.", body = IntakeView)))]
async fn take_consents(
    account: Account,
    State(engine): State<Engine>,
    Json(told): Json<FactConsents>,
) -> Result<Json<IntakeView>, Problem> {
    Ok(Json(engine.take_consents(account.id, told.consents).await?))
}

/// Enters what is known of followers, at most 5,000: all or none.
#[utoipa::path(patch, path = "/accounts/{account}/followers", tag = "facts",
    params(AccountPath), request_body = PersonPatches,
    responses((status = 200, description = "How many were changed.", body = PatchedView)))]
async fn patch_followers(
    account: Account,
    State(engine): State<Engine>,
    Json(told): Json<PersonPatches>,
) -> Result<Json<PatchedView>, Problem> {
    Ok(Json(engine.patch_followers(account.id, told.followers).await?))
}

/// Enters what is known of one follower.
#[utoipa::path(patch, path = "/accounts/{account}/followers/{openid}", tag = "facts",
    params(AccountPath, FollowerPath), request_body = FollowerPatch,
    responses((status = 200, description = "What was changed.", body = PatchedView)))]
async fn patch_follower(
    account: Account,
    State(engine): State<Engine>,
    Path(FollowerPath { openid }): Path<FollowerPath>,
    Json(patch): Json<FollowerPatch>,
) -> Result<Json<PatchedView>, Problem> {
    Ok(Json(engine.patch_follower(account.id, &openid, patch).await?))
}

/// Forgets one person for good.
///
/// Facts, names and events go; orders stay without their customer, and what was sent stays counted
/// under a number that is nobody's.
#[utoipa::path(delete, path = "/accounts/{account}/followers/{openid}", tag = "facts",
    params(AccountPath, FollowerPath),
    responses((status = 204, description = "Nothing of them is kept.")))]
async fn erase_follower(
    account: Account,
    State(engine): State<Engine>,
    Path(FollowerPath { openid }): Path<FollowerPath>,
) -> Result<axum::http::StatusCode, Problem> {
    engine.erase_follower(account.id, &openid).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Everything kept of one person.
#[utoipa::path(get, path = "/accounts/{account}/followers/{openid}/export", tag = "facts",
    params(AccountPath, FollowerPath),
    responses((status = 200, description = "All of it.", body = PersonExport)))]
async fn export_follower(
    account: Account,
    State(engine): State<Engine>,
    Path(FollowerPath { openid }): Path<FollowerPath>,
) -> Result<Json<PersonExport>, Problem> {
    Ok(Json(engine.export_follower(account.id, &openid).await?))
}
