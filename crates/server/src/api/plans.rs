//! Month plans: made, shown, asked why, approved, released, tried otherwise, made anew, proven.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use delivery::view::{NewPlan, PlanChanges, PlanView, ReleaseWish, WhatIfView, WhyView};
use delivery::{Claim, Engine};
use serde::Deserialize;
use store::PlanId;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::{Json, OptionalJson, Path, Query};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(list_plans, make_plan))
        .routes(routes!(show_plan))
        .routes(routes!(planned_recipients))
        .routes(routes!(why_plan))
        .routes(routes!(approve_plan))
        .routes(routes!(release_plan))
        .routes(routes!(what_if))
        .routes(routes!(replan))
        .routes(routes!(plan_certificate))
        .routes(routes!(plan_values))
}

/// An account's plan.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PlanPath {
    /// Number of the plan.
    plan: i64,
}

/// Which campaign of a plan.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CampaignQuery {
    /// The campaign's key.
    campaign: String,
}

/// Whom and what.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhyQuery {
    /// The follower's OpenID.
    follower: String,
    /// The campaign's key.
    campaign: String,
}

/// The account's month plans, the newest first.
#[utoipa::path(get, path = "/accounts/{account}/plans", tag = "plans", params(AccountPath),
    responses((status = 200, description = "The plans.", body = Vec<PlanView>)))]
async fn list_plans(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<PlanView>>, Problem> {
    Ok(Json(engine.plans(account.id).await?))
}

/// Plans a month: who gets which campaign, so that all together is worth most.
///
/// Nothing follows from it until it is approved. Only slots that are certain and that no approved
/// plan holds are planned with.
#[utoipa::path(post, path = "/accounts/{account}/plans", tag = "plans",
    params(AccountPath), request_body = NewPlan,
    responses((status = 200, description = "The plan, a draft.", body = PlanView)))]
async fn make_plan(
    account: Account,
    State(engine): State<Engine>,
    Json(plan): Json<NewPlan>,
) -> Result<Json<PlanView>, Problem> {
    Ok(Json(engine.make_plan(account.id, plan).await?))
}

/// One plan.
#[utoipa::path(get, path = "/accounts/{account}/plans/{plan}", tag = "plans",
    params(AccountPath, PlanPath),
    responses((status = 200, description = "The plan.", body = PlanView)))]
async fn show_plan(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
) -> Result<Json<PlanView>, Problem> {
    Ok(Json(engine.plan(account.id, PlanId(path.plan)).await?))
}

/// Everybody a campaign of the plan is planned for, one OpenID a line.
#[utoipa::path(get, path = "/accounts/{account}/plans/{plan}/recipients", tag = "plans",
    params(AccountPath, PlanPath, CampaignQuery),
    responses((status = 200, description = "OpenIDs, one a line.", body = String,
        content_type = "text/plain")))]
async fn planned_recipients(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
    Query(asked): Query<CampaignQuery>,
) -> Result<Response, Problem> {
    let plan = PlanId(path.plan);
    let recipients = engine.plan_recipients(account.id, plan, &asked.campaign).await?;
    Ok(super::lines(recipients))
}

/// Why a follower gets a campaign of the plan, or does not.
#[utoipa::path(get, path = "/accounts/{account}/plans/{plan}/why", tag = "plans",
    params(AccountPath, PlanPath, WhyQuery),
    responses((status = 200, description = "The reason, in words.", body = WhyView)))]
async fn why_plan(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
    Query(asked): Query<WhyQuery>,
) -> Result<Json<WhyView>, Problem> {
    let why = engine.why(account.id, PlanId(path.plan), &asked.campaign, &asked.follower).await?;
    Ok(Json(why))
}

/// Approves the plan: each campaign's recipients are frozen and it is scheduled, all or nothing.
#[utoipa::path(post, path = "/accounts/{account}/plans/{plan}/approve", tag = "plans",
    params(AccountPath, PlanPath),
    responses((status = 200, description = "The plan, approved.", body = PlanView)))]
async fn approve_plan(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
) -> Result<Json<PlanView>, Problem> {
    Ok(Json(engine.approve_plan(account.id, PlanId(path.plan)).await?))
}

/// Makes approved campaigns that were not sent drafts again.
///
/// Without a body: all of them.
#[utoipa::path(post, path = "/accounts/{account}/plans/{plan}/release", tag = "plans",
    params(AccountPath, PlanPath), request_body = Option<ReleaseWish>,
    responses((status = 200, description = "The plan.", body = PlanView)))]
async fn release_plan(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
    OptionalJson(wish): OptionalJson<ReleaseWish>,
) -> Result<Json<PlanView>, Problem> {
    Ok(Json(engine.release_plan(account.id, PlanId(path.plan), wish).await?))
}

/// What changes of the plan would bring; nothing is kept.
#[utoipa::path(post, path = "/accounts/{account}/plans/{plan}/what-if", tag = "plans",
    params(AccountPath, PlanPath), request_body = PlanChanges,
    responses((status = 200, description = "The changed month beside the plan.",
        body = WhatIfView)))]
async fn what_if(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
    Json(changes): Json<PlanChanges>,
) -> Result<Json<WhatIfView>, Problem> {
    Ok(Json(engine.what_if(account.id, PlanId(path.plan), &changes).await?))
}

/// Makes a plan anew for what is not approved or sent, with the facts and slots of now.
///
/// `stay` says what keeping a planned message is worth, so that few followers are moved.
#[utoipa::path(post, path = "/accounts/{account}/plans/{plan}/replan", tag = "plans",
    params(AccountPath, PlanPath), request_body = Option<PlanChanges>,
    responses((status = 200, description = "The new plan, a draft.", body = PlanView)))]
async fn replan(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
    OptionalJson(changes): OptionalJson<PlanChanges>,
) -> Result<Json<PlanView>, Problem> {
    Ok(Json(engine.replan(account.id, PlanId(path.plan), changes).await?))
}

/// What is claimed of the plan; `fourcast plan verify` checks it against the values.
#[utoipa::path(get, path = "/accounts/{account}/plans/{plan}/certificate", tag = "plans",
    params(AccountPath, PlanPath),
    responses((status = 200, description = "The certificate.", body = serde_json::Value)))]
async fn plan_certificate(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
) -> Result<Json<Claim>, Problem> {
    Ok(Json(engine.plan_certificate(account.id, PlanId(path.plan)).await?))
}

/// The values that prove the certificate: followers by number, worths, limits and recipients.
#[utoipa::path(get, path = "/accounts/{account}/plans/{plan}/values", tag = "plans",
    params(AccountPath, PlanPath),
    responses((status = 200, description = "A file for `fourcast plan verify`.",
        body = Vec<u8>, content_type = "application/octet-stream")))]
async fn plan_values(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<PlanPath>,
) -> Result<Response, Problem> {
    let values = engine.plan_values(account.id, PlanId(path.plan)).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], values).into_response())
}
