//! Plays the platform: its calls, its rules, its people and its callbacks, over HTTP on one port.
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
pub mod control;
pub mod faults;
pub mod html;
pub mod inbox;
pub mod pace;
pub mod population;
pub mod push;
pub mod said;
pub mod snapshots;
pub mod spec;
pub mod statistics;
pub mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use assumptions::Assumptions;
pub use spec::{AccountSpec, CallbackMode, CallbackSpec, ClockMode, Config};

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
    /// The pushing side cannot be built.
    #[error("failed to build the HTTP client that pushes callbacks")]
    Client(#[from] reqwest::Error),
}

/// A sandbox that has not started.
pub struct Sandbox;

/// A sandbox that listens. Dropping it lets running answers finish and ends it.
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
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
    /// When the address is taken, an account's description is unusable, or no limits are known
    /// for the day of the clock.
    pub async fn start(config: Config) -> Result<Running, Error> {
        let address = config.listen;
        let shared = Arc::new(Shared::new(config, push::client()?)?);

        let listener =
            TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
        let address = listener.local_addr().map_err(|source| Error::Listen { address, source })?;
        // Small answers must not wait for the peer's acknowledgement.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });

        let ticking = Ticking(tokio::spawn(clock::follow(Arc::clone(&shared))));
        let (stop, stopped) = oneshot::channel::<()>();
        let service = router(shared).into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move {
            let served = axum::serve(listener, service)
                .with_graceful_shutdown(async move {
                    let _ = stopped.await;
                })
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        tracing::info!(%address, "the sandbox listens");
        Ok(Running { address, stop, serving, ticking })
    }
}

impl Running {
    /// Where it listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it: running answers finish, at most two seconds.
    pub async fn stop(self) {
        drop(self.ticking);
        let _ = self.stop.send(());
        let aborter = self.serving.abort_handle();
        if tokio::time::timeout(Duration::from_secs(2), self.serving).await.is_err() {
            aborter.abort();
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new().nest("/sandbox", control::router()).fallback(api::answer_call).with_state(shared)
}
