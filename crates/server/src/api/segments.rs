//! Questions about segments. All are answered by the function that also forecasts and sends.

use axum::extract::State;
use delivery::Engine;
use delivery::view::{CountView, ListView, SegmentQuestion};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::Json;
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(count_segment))
        .routes(routes!(list_segment))
        .routes(routes!(explain_segment))
}

/// How many people a segment holds and how many of them a message could reach now.
#[utoipa::path(post, path = "/accounts/{account}/segments/count", tag = "segments",
    params(AccountPath), request_body = SegmentQuestion,
    responses((status = 200, description = "The counts.", body = CountView)))]
async fn count_segment(
    account: Account,
    State(engine): State<Engine>,
    Json(question): Json<SegmentQuestion>,
) -> Result<Json<CountView>, Problem> {
    Ok(Json(engine.count(account.id, &question.segment).await?))
}

/// The people in a segment, page by page.
#[utoipa::path(post, path = "/accounts/{account}/segments/list", tag = "segments",
    params(AccountPath), request_body = SegmentQuestion,
    responses((status = 200, description = "A page of followers.", body = ListView)))]
async fn list_segment(
    account: Account,
    State(engine): State<Engine>,
    Json(question): Json<SegmentQuestion>,
) -> Result<Json<ListView>, Problem> {
    Ok(Json(engine.list(account.id, &question).await?))
}

/// Why one follower is in a segment or is not, condition by condition.
#[utoipa::path(post, path = "/accounts/{account}/segments/explain", tag = "segments",
    params(AccountPath), request_body = SegmentQuestion,
    responses((status = 200, description = "The conditions, each with its result and what was \
        seen.", body = serde_json::Value)))]
async fn explain_segment(
    account: Account,
    State(engine): State<Engine>,
    Json(question): Json<SegmentQuestion>,
) -> Result<Json<serde_json::Value>, Problem> {
    let openid = question.openid.as_deref().ok_or_else(|| {
        Problem::bad_input("missing_field", "the field `openid` is missing in the body")
            .field("openid")
    })?;
    Ok(Json(engine.explain(account.id, &question.segment, openid).await?))
}
