//! How many of a month's slots followers have used, and how sure that is.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use delivery::Engine;
use delivery::view::{SlotView, SlotsView, VerifyView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AccountPath, FollowerPath};
use crate::auth::Account;
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(count_slots))
        .routes(routes!(show_slot))
        .routes(routes!(export_slots))
        .routes(routes!(verify_slots))
}

/// How many followers have used how many slots this month.
#[utoipa::path(get, path = "/accounts/{account}/slots", tag = "slots", params(AccountPath),
    responses((status = 200, description = "The histogram.", body = SlotsView)))]
async fn count_slots(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<SlotsView>, Problem> {
    Ok(Json(engine.slots(account.id).await?))
}

/// One follower's slots this month.
#[utoipa::path(get, path = "/accounts/{account}/slots/{openid}", tag = "slots",
    params(AccountPath, FollowerPath),
    responses((status = 200, description = "The slots.", body = SlotView)))]
async fn show_slot(
    account: Account,
    State(engine): State<Engine>,
    Path(FollowerPath { openid }): Path<FollowerPath>,
) -> Result<Json<SlotView>, Problem> {
    Ok(Json(engine.slot(account.id, &openid).await?))
}

/// Folds this month's batches anew and compares with the slots that are kept.
#[utoipa::path(post, path = "/accounts/{account}/slots/verify", tag = "slots", params(AccountPath),
    responses((status = 200, description = "Whether both are the same.", body = VerifyView)))]
async fn verify_slots(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<VerifyView>, Problem> {
    Ok(Json(engine.verify_slots(account.id).await?))
}

/// Every follower's slots this month: `openid,used_min,used_max`.
#[utoipa::path(get, path = "/accounts/{account}/slots.csv", tag = "slots", params(AccountPath),
    responses((status = 200, description = "One line a follower.", body = String,
        content_type = "text/csv")))]
async fn export_slots(account: Account, State(engine): State<Engine>) -> Result<Response, Problem> {
    let csv = engine.slots_export(account.id).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response())
}
