//! Where the platform calls: the check of the address (GET) and its pushes (POST).
//!
//! What always holds: a push is answered `success` only when it is verified and stored, so a crash
//! before that makes the platform push again (`platform/06 §2`: three attempts), and one after it
//! loses nothing. Bodies are never logged: they hold OpenIDs and what people write.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use delivery::{Engine, ErrorKind};
use tracing::{error, warn};
use wire::callback::Query as Signed;

/// Far above any push: in compatible mode one is about three times its plain size.
const LARGEST_PUSH: usize = 256 * 1024;

pub fn router() -> Router<Engine> {
    Router::new()
        .route("/callback/{appid}", get(echo).post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_PUSH))
}

async fn echo(
    State(engine): State<Engine>,
    Path(appid): Path<String>,
    Query(query): Query<Signed>,
) -> Result<String, Refused> {
    Ok(engine.echo(&appid, &query, query.echostr.as_deref().unwrap_or_default()).await?)
}

async fn receive(
    State(engine): State<Engine>,
    Path(appid): Path<String>,
    Query(query): Query<Signed>,
    body: String,
) -> Result<&'static str, Refused> {
    engine.receive(&appid, &query, &body).await?;
    Ok("success")
}

/// A push that was not taken, answered in plain text: the platform reads no problem details.
struct Refused(delivery::Error);

impl From<delivery::Error> for Refused {
    fn from(error: delivery::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::BadInput | ErrorKind::Conflict => StatusCode::BAD_REQUEST,
            // Not stored: an error makes the platform push again.
            ErrorKind::Platform | ErrorKind::Internal => {
                error!(error = %self.0, "a push was not stored");
                return (StatusCode::INTERNAL_SERVER_ERROR, "not stored").into_response();
            }
        };
        warn!(code = self.0.code(), "a push was refused");
        (status, self.0.code()).into_response()
    }
}
