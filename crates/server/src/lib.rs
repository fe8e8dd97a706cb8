//! HTTP: the REST interface and the receiver of the platform's callbacks.
//!
//! A handler is authorised by its extractor, calls one function of [`delivery::Engine`] and maps
//! the error once, in [`Problem`]. What always holds: nothing under `/api/v1` answers without a
//! valid key (but its own description); an account in a path is one that exists; no send starts
//! here. Nothing is kept in this crate, so a crash leaves only requests without an answer, and
//! every one of them may be made again.

mod api;
mod auth;
mod callback;
mod extract;
mod import;
mod openapi;
mod problem;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::header;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use delivery::Engine;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower_http::trace::TraceLayer;
use tracing::{Span, info, info_span};

pub use openapi::openapi;
pub use problem::{Problem, ProblemView};

/// How long requests under way may take to end once the server is told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where to listen.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
}

/// Why the server did not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken, or not ours.
    #[error("failed to listen on {listen}: {source}")]
    Listen {
        /// The address asked for.
        listen: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The description of the interface cannot be written as JSON.
    #[error("failed to write the description of the interface: {0}")]
    Description(#[from] serde_json::Error),
    /// The task that serves broke.
    #[error("the server's task broke: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// Accepting connections failed.
    #[error("failed to accept connections: {0}")]
    Accept(#[from] std::io::Error),
}

/// A server at work; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    url: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Where it listens: `http://127.0.0.1:8080`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes no new connection, lets requests under way end for at most 10 seconds, then cuts
    /// them off. The engine goes on: it belongs to whoever opened it.
    pub async fn stop(self) -> Result<(), Error> {
        let Self { url, stop, mut task } = self;
        // Fails only when the task has ended already.
        let _ = stop.send(());
        if let Ok(ended) = tokio::time::timeout(PATIENCE, &mut task).await {
            ended??;
        } else {
            task.abort();
        }
        info!(url, "stopped");
        Ok(())
    }
}

/// Starts to serve `engine`; returns once the port is open.
pub async fn start(engine: Engine, settings: Settings) -> Result<Running, Error> {
    let listen = settings.listen;
    let failed = |source| Error::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let (stop, stopped) = oneshot::channel();
    let server = axum::serve(listener, router(engine)?).with_graceful_shutdown(async {
        // An error means that the handle was dropped, which stops the server too.
        let _ = stopped.await;
    });
    let task = tokio::spawn(async move { server.await });
    info!(url, "listening");
    Ok(Running { url, stop, task })
}

fn router(engine: Engine) -> Result<Router, serde_json::Error> {
    let (api, document) = openapi::described().split_for_parts();
    let document = Bytes::from(document.to_json()?);
    let described = ([(header::CONTENT_TYPE, "application/json")], document);
    let router = api
        .route(openapi::PATH, get(move || async { described }))
        .merge(callback::router())
        .route("/healthz", get(healthz))
        .fallback(problem::nothing_here)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(answered)
                .on_failure(()),
        )
        .with_state(engine);
    Ok(router)
}

/// Says that the process serves; asks nothing of the store.
async fn healthz() -> &'static str {
    "ok"
}

/// Names the route's pattern, never the path itself: paths carry OpenIDs.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    info_span!("request", method = %request.method(), route)
}

fn answered(response: &Response, latency: Duration, _: &Span) {
    let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    info!(status = response.status().as_u16(), latency_ms, "answered");
}
