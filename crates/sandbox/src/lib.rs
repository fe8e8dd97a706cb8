//! Plays the platform: its calls, its rules, its people and its callbacks, over HTTP: at a base
//! address, under TLS as the platform's own names, or behind a proxy (`doors`).
//!
//! What always holds: the sandbox knows `wire` and nothing else of ours, so it can contradict us.
//! Time is its own: it stands until it is moved, runs at a factor, or is the machine's own
//! (`pace`). Moving it carries out everything due, in order, before it answers. The same seeds and
//! the same calls make the same world. Nothing is kept on disk; the end of the process is the end
//! of the world.

pub mod account;
pub mod api;
pub mod assumptions;
pub mod chance;
pub mod clock;
pub mod component;
pub mod control;
pub mod doors;
pub mod faults;
pub mod html;
pub mod in_process;
pub mod inbox;
mod inspector;
pub mod pace;
pub mod pages;
pub mod population;
pub mod push;
pub mod said;
pub mod snapshots;
pub mod spec;
pub mod statistics;
pub mod steering;
pub mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use tokio::task::JoinHandle;

pub use assumptions::Assumptions;
pub use spec::{AccountSpec, CallbackFormat, CallbackMode, CallbackSpec, ClockMode, Config};

use world::Shared;

/// The sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("failed to listen on {address}: choose another address or port")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// An account's description cannot be used.
    #[error("failed to set up account {position}: {reason}")]
    Account {
        /// Which one of the list, from 0.
        position: usize,
        /// What is wrong.
        reason: spec::Unusable,
    },
    /// No limits are known for the day the sandbox stands on.
    #[error("failed to find the limits of that day: start the clock at a later day")]
    Rules(#[from] wire::rules::Error),
    /// The certificate authority cannot be used.
    #[error(transparent)]
    Authority(#[from] doors::authority::Error),
    /// The pushing side cannot be built.
    #[error("failed to build the HTTP client that pushes callbacks")]
    Client(#[from] reqwest::Error),
}

/// A sandbox that has not started.
pub struct Sandbox;

/// A sandbox that listens. Dropping it lets running answers finish and ends it.
pub struct Running {
    shared: Arc<Shared>,
    doors: doors::Addresses,
    authority_pem: Option<Arc<str>>,
    serving: doors::Serving,
    ticking: Ticking,
}

/// The task that lets time pass; it ends with the sandbox.
struct Ticking(JoinHandle<()>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sandbox {
    /// Builds the world, listens and answers.
    ///
    /// # Errors
    /// When an address is taken, an account's description or the authority's folder is unusable,
    /// or no limits are known for the day of the clock.
    pub async fn start(config: Config) -> Result<Running, Error> {
        let shared = Arc::new(Shared::new(config, push::client()?)?);
        let open = doors::Open::listen(shared.beginning()).await?;
        let doors = open.addresses();
        let authority_pem = open.authority_pem();
        // Fails only when it is set already, which nobody else does.
        let _ = shared.doors.set(open.told());
        let ticking = Ticking(tokio::spawn(clock::follow(Arc::clone(&shared))));
        let serving = open.serve(Arc::clone(&shared), router(Arc::clone(&shared)));
        tracing::info!(address = doors.base_url, "the sandbox listens");
        Ok(Running { shared, doors, authority_pem, serving, ticking })
    }
}

impl Running {
    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.doors.base_url.clone()
    }

    /// Where all its doors are.
    #[must_use]
    pub fn doors(&self) -> &doors::Addresses {
        &self.doors
    }

    /// The certificate of its authority, when it has a TLS address or a proxy.
    #[must_use]
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// Ends it: running answers finish, at most two seconds.
    pub async fn stop(self) {
        drop(self.ticking);
        self.serving.stop(Duration::from_secs(2)).await;
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", any(inspector::door))
        .merge(inspector::router())
        // The doors have limited bodies already, and say so in the words of this interface.
        .nest("/sandbox", control::router().layer(DefaultBodyLimit::disable()))
        .merge(pages::router())
        .fallback(api::answer_call)
        .with_state(shared)
}
