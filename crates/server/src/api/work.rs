//! The clock and whether anything is left to do: for tests, the demo and scripts that wait.

use axum::extract::State;
use clock::Clock;
use delivery::Engine;
use delivery::view::{ClockWish, WorkView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Json, Query};
use crate::problem::Problem;

pub fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::default().routes(routes!(show_work)).routes(routes!(show_clock, move_clock))
}

/// Whether to wait.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WorkQuery {
    /// Answer only when nothing is due at the clock's present moment.
    #[serde(default)]
    wait: bool,
}

/// Whether anything is due, and when something will be.
#[utoipa::path(get, path = "/work", tag = "work", params(WorkQuery),
    responses((status = 200, description = "The state of work.", body = WorkView)))]
async fn show_work(
    _: Caller,
    State(engine): State<Engine>,
    Query(query): Query<WorkQuery>,
) -> Result<Json<WorkView>, Problem> {
    Ok(Json(engine.work(query.wait).await?))
}

/// The virtual clock.
///
/// A server on the real one has none.
#[utoipa::path(get, path = "/clock", tag = "work",
    responses((status = 200, description = "The moment it shows.", body = WorkView)))]
async fn show_clock(_: Caller, State(engine): State<Engine>) -> Result<Json<WorkView>, Problem> {
    match engine.clock() {
        Clock::Virtual(_) => Ok(Json(engine.work(false).await?)),
        Clock::Real => Err(delivery::Error::NotVirtual.into()),
    }
}

/// Moves the virtual clock forward.
///
/// What comes due is done in the background: `/work?wait=true` answers when it is. An earlier
/// moment changes nothing.
#[utoipa::path(post, path = "/clock", tag = "work", request_body = ClockWish,
    responses((status = 200, description = "The state of work right then.", body = WorkView)))]
async fn move_clock(
    _: Caller,
    State(engine): State<Engine>,
    Json(wish): Json<ClockWish>,
) -> Result<Json<WorkView>, Problem> {
    Ok(Json(engine.advance_clock(wish.now).await?))
}
