//! A database that may be a copy: what to look at before anything is sent from it, and the release.

use axum::extract::State;
use delivery::Engine;
use delivery::view::{FenceRelease, FenceView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Json, OptionalJson};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default().routes(routes!(show_fence)).routes(routes!(release_fence))
}

/// Whether this database may be a copy.
///
/// While it is fenced nothing is sent, and what its original may have sent is listed.
#[utoipa::path(get, path = "/fence", tag = "work",
    responses((status = 200, description = "The fence.", body = FenceView)))]
async fn show_fence(_: Caller, State(engine): State<Engine>) -> Result<Json<FenceView>, Problem> {
    Ok(Json(engine.fence().await?))
}

/// Goes on from this copy.
///
/// Calls that it holds as not made become doubtful: they are repeated with the same key while the
/// platform knows it, later only a person can say. Overdue campaigns become drafts unless the body
/// says otherwise.
#[utoipa::path(post, path = "/fence/release", tag = "work", request_body = Option<FenceRelease>,
    responses((status = 200, description = "The fence, released.", body = FenceView)))]
async fn release_fence(
    _: Caller,
    State(engine): State<Engine>,
    OptionalJson(wish): OptionalJson<FenceRelease>,
) -> Result<Json<FenceView>, Problem> {
    Ok(Json(engine.release_fence(wish).await?))
}
