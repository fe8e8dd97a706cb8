//! Questions about segments. All are answered by the function that also forecasts and sends.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use delivery::Engine;
use delivery::view::{
    CountView, FrozenView, ListView, OverlapQuestion, OverlapView, PresetView, PresetWish,
    RerunView, RfmCell, RfmQuestion, SampleQuestion, SampleView, SavedSegment, SegmentQuestion,
    SegmentText,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AccountPath;
use crate::auth::Account;
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default()
        .routes(routes!(count_segment))
        .routes(routes!(list_segment))
        .routes(routes!(explain_segment))
        .routes(routes!(sample_segment))
        .routes(routes!(overlap_segments))
        .routes(routes!(list_saved))
        .routes(routes!(save_segment, remove_segment))
        .routes(routes!(list_frozen, freeze_segment))
        .routes(routes!(rerun_segment))
        .routes(routes!(list_members))
        .routes(routes!(list_presets))
        .routes(routes!(use_preset))
        .routes(routes!(count_rfm))
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

/// A segment kept under a name.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct NamePath {
    /// Its name.
    name: String,
}

/// A frozen segment.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct FrozenPath {
    /// Its number.
    frozen: i64,
}

/// Some people of a segment, drawn by a seed.
#[utoipa::path(post, path = "/accounts/{account}/segments/sample", tag = "segments",
    params(AccountPath), request_body = SampleQuestion,
    responses((status = 200, description = "The people.", body = SampleView)))]
async fn sample_segment(
    account: Account,
    State(engine): State<Engine>,
    Json(question): Json<SampleQuestion>,
) -> Result<Json<SampleView>, Problem> {
    Ok(Json(engine.sample(account.id, &question).await?))
}

/// How many people segments share, pair by pair; at most 50.
#[utoipa::path(post, path = "/accounts/{account}/segments/overlap", tag = "segments",
    params(AccountPath), request_body = OverlapQuestion,
    responses((status = 200, description = "The counts.", body = OverlapView)))]
async fn overlap_segments(
    account: Account,
    State(engine): State<Engine>,
    Json(question): Json<OverlapQuestion>,
) -> Result<Json<OverlapView>, Problem> {
    Ok(Json(engine.overlap(account.id, &question).await?))
}

/// Segments kept under a name.
#[utoipa::path(get, path = "/accounts/{account}/segments/saved", tag = "segments",
    params(AccountPath),
    responses((status = 200, description = "The segments.", body = Vec<SavedSegment>)))]
async fn list_saved(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<SavedSegment>>, Problem> {
    Ok(Json(engine.saved_segments(account.id).await?))
}

/// Keeps a segment under a name, in place of one kept before.
#[utoipa::path(put, path = "/accounts/{account}/segments/saved/{name}", tag = "segments",
    params(AccountPath, NamePath), request_body = SegmentText,
    responses((status = 200, description = "The segment.", body = SavedSegment)))]
async fn save_segment(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
    Json(wish): Json<SegmentText>,
) -> Result<Json<SavedSegment>, Problem> {
    Ok(Json(engine.save_segment(account.id, &path.name, wish).await?))
}

/// Takes a segment kept under a name away, unless another one names it.
#[utoipa::path(delete, path = "/accounts/{account}/segments/saved/{name}", tag = "segments",
    params(AccountPath, NamePath), responses((status = 204, description = "It is gone.")))]
async fn remove_segment(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
) -> Result<StatusCode, Problem> {
    engine.remove_segment(account.id, &path.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Frozen segments, the newest first.
#[utoipa::path(get, path = "/accounts/{account}/segments/frozen", tag = "segments",
    params(AccountPath),
    responses((status = 200, description = "The segments.", body = Vec<FrozenView>)))]
async fn list_frozen(
    account: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<FrozenView>>, Problem> {
    Ok(Json(engine.frozen_segments(account.id).await?))
}

/// Keeps who is in a segment now, with the moment and a hash of the people.
#[utoipa::path(post, path = "/accounts/{account}/segments/frozen", tag = "segments",
    params(AccountPath), request_body = SegmentText,
    responses((status = 201, description = "The frozen segment.", body = FrozenView)))]
async fn freeze_segment(
    account: Account,
    State(engine): State<Engine>,
    Json(wish): Json<SegmentText>,
) -> Result<(StatusCode, Json<FrozenView>), Problem> {
    Ok((StatusCode::CREATED, Json(engine.freeze_segment(account.id, wish).await?)))
}

/// A frozen segment beside what its text says now.
#[utoipa::path(post, path = "/accounts/{account}/segments/frozen/{frozen}/rerun",
    tag = "segments", params(AccountPath, FrozenPath),
    responses((status = 200, description = "Both.", body = RerunView)))]
async fn rerun_segment(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<FrozenPath>,
) -> Result<Json<RerunView>, Problem> {
    Ok(Json(engine.rerun_segment(account.id, path.frozen).await?))
}

/// Who was in a frozen segment, one OpenID a line.
///
/// Whoever was erased since is left out.
#[utoipa::path(get, path = "/accounts/{account}/segments/frozen/{frozen}/members",
    tag = "segments", params(AccountPath, FrozenPath),
    responses((status = 200, description = "OpenIDs, one a line.", body = String,
        content_type = "text/plain")))]
async fn list_members(
    account: Account,
    State(engine): State<Engine>,
    Path(path): Path<FrozenPath>,
) -> Result<Response, Problem> {
    Ok(super::lines(engine.frozen_members(account.id, path.frozen).await?))
}

/// Segments that many merchants want, with what can be chosen of them.
#[utoipa::path(get, path = "/accounts/{account}/segments/presets", tag = "segments",
    params(AccountPath),
    responses((status = 200, description = "The presets.", body = Vec<PresetView>)))]
async fn list_presets(
    _: Account,
    State(engine): State<Engine>,
) -> Result<Json<Vec<PresetView>>, Problem> {
    Ok(Json(engine.presets()?))
}

/// The text of a preset with what was chosen; it is a segment like any other.
#[utoipa::path(post, path = "/accounts/{account}/segments/presets/{name}", tag = "segments",
    params(AccountPath, NamePath), request_body = PresetWish,
    responses((status = 200, description = "The text.", body = SegmentText)))]
async fn use_preset(
    _: Account,
    State(engine): State<Engine>,
    Path(path): Path<NamePath>,
    Json(wish): Json<PresetWish>,
) -> Result<Json<SegmentText>, Problem> {
    Ok(Json(engine.preset(&path.name, &wish)?))
}

/// The grid of recency, frequency and money (RFM), each cell with its segment and its people.
///
/// Whoever ordered within the days is in exactly one cell.
#[utoipa::path(post, path = "/accounts/{account}/segments/rfm", tag = "segments",
    params(AccountPath), request_body = RfmQuestion,
    responses((status = 200, description = "The cells.", body = Vec<RfmCell>)))]
async fn count_rfm(
    account: Account,
    State(engine): State<Engine>,
    Json(question): Json<RfmQuestion>,
) -> Result<Json<Vec<RfmCell>>, Problem> {
    Ok(Json(engine.rfm(account.id, &question).await?))
}
