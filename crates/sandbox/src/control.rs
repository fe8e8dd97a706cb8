//! What lies outside the emulated platform: moving the clock, adding accounts and people's acts,
//! faults, and looking at the truth. JSON unless said, no token.
//!
//! A call that cannot be done answers HTTP 4xx with `{"error": "one sentence"}`.

mod accounts;
mod agents;
mod comments;
mod components;
mod consents;
mod content;
pub mod description;
mod doors;
pub(crate) mod followers;
mod jobs;
mod messages;
mod reading;
mod readings;
mod records;
mod responses;
mod settings;
mod shop;
mod snapshots;
pub(crate) mod time;
mod web;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::world::{Shared, World};

/// Lines put together before they are sent.
const LINES_PER_CHUNK: usize = 2_000;

/// The routes under `/sandbox`.
pub fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/openapi.json", get(description::show))
        .route("/doors", get(doors::show))
        .route("/authority.pem", get(doors::certificate))
        .route("/clock", get(time::show).post(time::set))
        .route("/accounts", get(accounts::list).post(accounts::create))
        .route("/accounts/{appid}", get(accounts::show))
        .route("/accounts/{appid}/memory", get(accounts::memory))
        .route("/accounts/{appid}/callback", put(accounts::set_callback))
        .route(
            "/accounts/{appid}/assumptions",
            get(accounts::assumptions).put(accounts::set_assumptions),
        )
        .route("/accounts/{appid}/ip-allow-list", put(accounts::set_ip_allow_list))
        .route("/accounts/{appid}/people", put(accounts::set_people))
        .route("/accounts/{appid}/auto-replies", put(accounts::set_auto_replies))
        .route("/accounts/{appid}/website-menu", put(settings::set_menu))
        .route("/accounts/{appid}/options", put(settings::set_options))
        .route("/accounts/{appid}/verification", post(settings::verify))
        .route("/accounts/{appid}/migration", post(accounts::migrate))
        .route("/accounts/{appid}/oauth", put(web::set_oauth))
        .route("/accounts/{appid}/profile", put(web::set_profile))
        .route("/accounts/{appid}/open-platform", put(web::bind))
        .route("/accounts/{appid}/followers/{openid}/privacy/{act}", post(web::change_privacy))
        .route("/components", get(components::list).post(components::create))
        .route("/components/{component}", get(components::show).put(components::change))
        .route("/components/{component}/tickets", post(components::push_ticket))
        .route("/components/{component}/callbacks", get(components::callbacks))
        .route("/components/{component}/release-test", post(components::test_release))
        .route("/components/{component}/authorizers/{appid}/authorize", post(components::agree))
        .route("/components/{component}/authorizers/{appid}/withdraw", post(components::take_back))
        .route("/accounts/{appid}/followers", get(followers::list).post(followers::arrive))
        .route("/accounts/{appid}/followers/{openid}", get(followers::show))
        .route("/accounts/{appid}/followers/{openid}/prompt", post(consents::prompt))
        .route("/accounts/{appid}/followers/{openid}/withdraw", post(consents::withdraw))
        .route("/accounts/{appid}/followers/{openid}/restore", post(consents::restore))
        .route("/accounts/{appid}/followers/{openid}/confirm", post(consents::confirm))
        .route("/accounts/{appid}/followers/{openid}/order", post(shop::order))
        .route("/accounts/{appid}/followers/{openid}/read", post(reading::read_it))
        .route("/accounts/{appid}/followers/{openid}/share", post(reading::share))
        .route("/accounts/{appid}/followers/{openid}/messages", post(messages::send))
        .route("/accounts/{appid}/followers/{openid}/enter", post(messages::enter))
        .route("/accounts/{appid}/followers/{openid}/{act}", post(followers::act))
        .route("/accounts/{appid}/website-sends", post(jobs::send_from_website))
        .route("/accounts/{appid}/jobs", get(jobs::list))
        .route("/accounts/{appid}/jobs/{msg_id}/received", get(jobs::received))
        .route("/accounts/{appid}/jobs/{msg_id}/{act}", post(jobs::decide))
        .route("/accounts/{appid}/agents/{kf_account}/{act}", post(agents::act))
        .route("/accounts/{appid}/banned-templates", put(agents::set_banned))
        .route("/accounts/{appid}/invitations", put(agents::set_refused))
        .route("/accounts/{appid}/former-articles", post(content::add_former))
        .route("/accounts/{appid}/recordings", post(content::record))
        .route("/accounts/{appid}/publications/{publish_id}/ban", post(content::ban))
        .route("/accounts/{appid}/articles/{msg_data_id}/{index}/limited", put(content::limit))
        .route("/accounts/{appid}/mass-protection", put(jobs::set_protection))
        .route("/originals", get(jobs::originals).put(jobs::set_originals))
        .route(
            "/accounts/{appid}/articles/{msg_data_id}/{index}/comments",
            get(comments::show).post(comments::write),
        )
        .route(
            "/accounts/{appid}/articles/{msg_data_id}/{index}/comments/{id}",
            delete(comments::take_back),
        )
        .route(
            "/accounts/{appid}/articles/{msg_data_id}/{index}/readings",
            post(readings::read_article),
        )
        .route("/accounts/{appid}/articles/{msg_data_id}/{index}/acts", post(readings::act))
        .route("/accounts/{appid}/truth", get(jobs::truth))
        .route("/accounts/{appid}/truth/types", get(responses::types))
        .route("/accounts/{appid}/truth/types.csv", get(responses::types_of_people))
        .route("/accounts/{appid}/truth/responses", get(responses::responses))
        .route("/accounts/{appid}/truth/responses/{msg_id}", get(responses::response))
        .route("/accounts/{appid}/truth/orders.csv", get(responses::orders))
        .route("/accounts/{appid}/jobs/{msg_id}/kind", put(responses::tell_kind))
        .route("/accounts/{appid}/shop/customers.csv", get(shop::customers))
        .route("/accounts/{appid}/shop/orders.csv", get(shop::orders))
        .route("/accounts/{appid}/callbacks", get(records::callbacks))
        .route(
            "/faults",
            get(records::faults).post(records::add_fault).delete(records::clear_faults),
        )
        .route("/snapshots", get(snapshots::list).post(snapshots::take))
        .route("/snapshots/{name}", delete(snapshots::remove))
        .route("/snapshots/{name}/restore", post(snapshots::restore))
        .route("/reset", post(snapshots::reset))
        .route(
            "/faults/random",
            get(records::random_faults)
                .put(records::set_random_faults)
                .delete(records::clear_random_faults),
        )
        .route("/faults/struck", get(records::struck))
        .route("/calls", get(records::calls))
        .route("/calls/counts", get(records::call_counts))
        .fallback(nothing_here)
}

async fn nothing_here(uri: Uri) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, format!("there is nothing at /sandbox{}", uri.path()))
}

/// A control call that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    status: StatusCode,
    sentence: String,
}

impl Refusal {
    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    pub(crate) fn bad(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    pub(crate) fn conflict(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, sentence)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.sentence });
        (self.status, axum::Json(body)).into_response()
    }
}

type Answer = Result<Response, Refusal>;

fn json<T: Serialize>(body: &T) -> Answer {
    Ok(axum::Json(body).into_response())
}

/// Reads a JSON body; an empty one counts as `{}`.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    let body: &[u8] = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("body is unusable: {error}")))
}

/// Reads the query.
fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refusal> {
    Query::try_from_uri(uri)
        .map(|query: Query<T>| query.0)
        .map_err(|error| Refusal::bad(format!("query is unusable: {error}")))
}

/// The account named in the path.
pub(crate) fn position(world: &World, appid: &str) -> Result<usize, Refusal> {
    world.position(appid).ok_or_else(|| {
        let sentence = format!("there is no account {appid:?}; see GET /sandbox/accounts");
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })
}

/// Streams lines, putting them together as they are asked for.
fn lines(kind: &'static str, mut lines: impl Iterator<Item = String> + Send + 'static) -> Response {
    let chunks = std::iter::from_fn(move || {
        let mut chunk = String::new();
        for line in lines.by_ref().take(LINES_PER_CHUNK) {
            chunk.push_str(&line);
            chunk.push('\n');
        }
        (!chunk.is_empty()).then(|| Ok::<_, std::convert::Infallible>(Bytes::from(chunk)))
    });
    let body = Body::from_stream(futures_util::stream::iter(chunks));
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

const PLAIN: &str = "text/plain; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";

/// After an act by hand under a manual clock: pushes what is due now, so that the receiver has
/// been told when the answer comes. Under the real clock the mover of time is woken.
pub(crate) async fn tell(shared: &Arc<Shared>) {
    let manual = shared.world().is_manual();
    if manual {
        // In a task of its own: a caller who goes away must not lose a push halfway.
        let mover = Arc::clone(shared);
        let _ = tokio::spawn(async move { crate::clock::run_now(&mover).await }).await;
    } else {
        shared.bell.notify_one();
    }
}
