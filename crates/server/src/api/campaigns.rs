//! Campaigns: made, forecast, sent, reported, cancelled; and what a person must decide.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use delivery::Engine;
use delivery::view::{
    BatchView, CampaignView, DecisionWish, ForecastView, ForeignSend, NewCampaign, ReportView,
    SendWish,
};
use store::{BatchId, CampaignId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AccountPath, BatchPath, CampaignPath};
use crate::auth::Account;
use crate::extract::{Json, OptionalJson, Path};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(list_campaigns, create_campaign))
        .routes(routes!(show_campaign))
        .routes(routes!(forecast_campaign))
        .routes(routes!(send_campaign))
        .routes(routes!(cancel_campaign))
        .routes(routes!(report_campaign))
        .routes(routes!(list_recipients))
        .routes(routes!(decide_batch))
        .routes(routes!(declare_foreign_send))
}

/// The account's campaigns.
#[utoipa::path(get, path = "/accounts/{account}/campaigns", tag = "campaigns",
    params(AccountPath),
    responses((status = 200, description = "The campaigns.", body = Vec<CampaignView>)))]
async fn list_campaigns(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<CampaignView>>, Problem> {
    Ok(Json(engine.campaigns(account.id).await?))
}

/// Makes a campaign.
///
/// Nothing is sent. Making it again with the same key gives the first one.
#[utoipa::path(post, path = "/accounts/{account}/campaigns", tag = "campaigns",
    params(AccountPath), request_body = NewCampaign,
    responses((status = 200, description = "The campaign.", body = CampaignView)))]
async fn create_campaign(
    account: Account,
    State(engine): State<Engine>,
    Json(campaign): Json<NewCampaign>,
) -> Result<Json<CampaignView>, Problem> {
    Ok(Json(engine.create_campaign(account.id, campaign).await?))
}

/// One campaign.
#[utoipa::path(get, path = "/accounts/{account}/campaigns/{campaign}", tag = "campaigns",
    params(AccountPath, CampaignPath),
    responses((status = 200, description = "The campaign.", body = CampaignView)))]
async fn show_campaign(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<CampaignView>, Problem> {
    Ok(Json(engine.campaign(account.id, CampaignId(path.campaign)).await?))
}

/// Who will receive the campaign, if it went now, and why the others will not.
#[utoipa::path(post, path = "/accounts/{account}/campaigns/{campaign}/forecast",
    tag = "campaigns", params(AccountPath, CampaignPath),
    responses((status = 200, description = "The forecast.", body = ForecastView)))]
async fn forecast_campaign(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<ForecastView>, Problem> {
    Ok(Json(engine.forecast(account.id, CampaignId(path.campaign)).await?))
}

/// Schedules the campaign.
///
/// It goes out in the background. Without a body: now.
#[utoipa::path(post, path = "/accounts/{account}/campaigns/{campaign}/send", tag = "campaigns",
    params(AccountPath, CampaignPath), request_body = Option<SendWish>,
    responses((status = 202, description = "The campaign, scheduled.", body = CampaignView)))]
async fn send_campaign(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<CampaignPath>,
    OptionalJson(wish): OptionalJson<SendWish>,
) -> Result<(StatusCode, Json<CampaignView>), Problem> {
    let campaign = engine.send(account.id, CampaignId(path.campaign), wish).await?;
    Ok((StatusCode::ACCEPTED, Json(campaign)))
}

/// Cancels what of the campaign was not called yet.
#[utoipa::path(post, path = "/accounts/{account}/campaigns/{campaign}/cancel",
    tag = "campaigns", params(AccountPath, CampaignPath),
    responses((status = 200, description = "The campaign.", body = CampaignView)))]
async fn cancel_campaign(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<CampaignView>, Problem> {
    Ok(Json(engine.cancel(account.id, CampaignId(path.campaign)).await?))
}

/// What became of the campaign, call by call, beside its forecast.
#[utoipa::path(get, path = "/accounts/{account}/campaigns/{campaign}/report", tag = "campaigns",
    params(AccountPath, CampaignPath),
    responses((status = 200, description = "The report.", body = ReportView)))]
async fn report_campaign(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<ReportView>, Problem> {
    Ok(Json(engine.report(account.id, CampaignId(path.campaign)).await?))
}

/// Everybody the campaign was sent to, one OpenID a line.
///
/// All of them may have received it.
#[utoipa::path(get, path = "/accounts/{account}/campaigns/{campaign}/recipients",
    tag = "campaigns", params(AccountPath, CampaignPath),
    responses((status = 200, description = "OpenIDs, one a line.", body = String,
        content_type = "text/plain")))]
async fn list_recipients(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<CampaignPath>,
) -> Result<Response, Problem> {
    let recipients = engine.recipients(account.id, CampaignId(path.campaign)).await?;
    Ok(super::lines(recipients))
}

/// A person's word on a batch that cannot be settled by itself.
#[utoipa::path(post, path = "/accounts/{account}/batches/{batch}/decide", tag = "campaigns",
    params(AccountPath, BatchPath), request_body = DecisionWish,
    responses((status = 200, description = "The batch.", body = BatchView)))]
async fn decide_batch(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<BatchPath>,
    Json(wish): Json<DecisionWish>,
) -> Result<Json<BatchView>, Problem> {
    Ok(Json(engine.decide(account.id, BatchId(path.batch), wish.decision).await?))
}

/// Declares a send that was made elsewhere: on the platform's website, or by another program.
#[utoipa::path(post, path = "/accounts/{account}/foreign-sends", tag = "campaigns",
    params(AccountPath), request_body = ForeignSend,
    responses((status = 200, description = "The batch that stands for it.", body = BatchView)))]
async fn declare_foreign_send(
    account: Account,
    State(engine): State<Engine>,
    Json(send): Json<ForeignSend>,
) -> Result<Json<BatchView>, Problem> {
    Ok(Json(engine.declare_foreign(account.id, send).await?))
}
