//! `fourcast serve`: store, engine and server of one data folder in one process.
//!
//! Nothing is kept outside the store but `cli.toml`, which the first start writes and every start
//! brings up to date. A process that dies leaves what the store promised; the next start goes on
//! from there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clock::Clock;
use delivery::Engine;
use serde::Serialize;
use store::{Store, api_key};
use wire::{Day, Timestamp};

use crate::Error;
use crate::cli::{Out, Saved};

/// What `serve` takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Folder of everything the server remembers; made at the first start
    #[arg(long, env = "FOURCAST_DATA", default_value = "./data")]
    pub data: PathBuf,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:7140")]
    pub listen: SocketAddr,
    /// Start with a clock that stands at this moment until `POST /api/v1/clock` moves it
    #[arg(long, value_name = "MOMENT")]
    pub virtual_clock: Option<Timestamp>,
    /// Reckon with the platform's limits of this day
    #[arg(long, value_name = "DAY")]
    pub rules_as_of: Option<Day>,
}

/// A server at work.
pub struct Serving {
    store: Store,
    engine: Engine,
    server: server::Running,
    saved: Saved,
}

/// How long background work may take to end its round.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the live platform is.
pub const PLATFORM: &str = "https://api.weixin.qq.com";

impl Serving {
    /// Opens the folder and serves it.
    ///
    /// # Errors
    /// When the folder is in use or unusable, or the address is taken.
    pub async fn start(options: &Options) -> Result<Self, Error> {
        let clock = options.virtual_clock.map_or(Clock::Real, Clock::standing_at);
        let settings = delivery::Settings {
            rules_as_of: options.rules_as_of,
            default_base_url: PLATFORM.to_owned(),
        };
        let folder = &options.data;
        let store = Store::open(folder)
            .await
            .map_err(Error::failed(format!("open the data folder {}", folder.display())))?;
        let key = key(&store, folder, clock.now()).await?;
        let engine = Engine::open(store.clone(), clock, settings)
            .await
            .map_err(Error::failed("start the engine"))?;
        let server = server::start(engine.clone(), server::Settings { listen: options.listen })
            .await
            .map_err(Error::failed("start the server"))?;
        let saved = Saved { url: server.url().to_owned(), key };
        saved.write(folder)?;
        Ok(Self { store, engine, server, saved })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.saved.url
    }

    /// The key in `cli.toml`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.saved.key
    }

    /// Ends requests under way, then background work (each within ten seconds), then closes the
    /// store.
    ///
    /// # Errors
    /// When the server broke while it ran.
    pub async fn stop(self) -> Result<(), Error> {
        let stopped = self.server.stop().await;
        // What is cut off here goes on at the next start, as after a crash.
        if tokio::time::timeout(PATIENCE, self.engine.shutdown()).await.is_err() {
            eprintln!("background work did not end within {PATIENCE:?} and is cut off");
        }
        self.store.close().await;
        stopped.map_err(Error::failed("stop the server"))
    }
}

// The key of `cli.toml` when it still opens this store, else a new one.
async fn key(store: &Store, folder: &Path, now: Timestamp) -> Result<String, Error> {
    let failed = || Error::failed("look up the API key of cli.toml");
    if let Some(saved) = Saved::read(folder)?
        && api_key::check(store, &saved.key).await.map_err(failed())?.is_some()
    {
        return Ok(saved.key);
    }
    let (_, plain) = store
        .write(move |tx| Box::pin(async move { api_key::create(tx, "cli", now).await }))
        .await
        .map_err(Error::failed("make an API key"))?;
    Ok(plain.expose().to_owned())
}

#[derive(Serialize)]
struct Started<'a> {
    url: &'a str,
    cli: PathBuf,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(options: &Options, out: Out) -> Result<(), Error> {
    let stop = stop_signal()?;
    let serving = Serving::start(options).await?;
    let started = Started { url: serving.url(), cli: Saved::path(&options.data) };
    out.show(&started, |started| {
        format!(
            "serving {} from {}; address and key for the commands are in {}",
            started.url,
            options.data.display(),
            started.cli.display()
        )
    })?;
    stop.await;
    eprintln!("stopping");
    serving.stop().await
}

/// Completes when the process is asked to stop: Ctrl-C, and SIGTERM where there is one. Listening
/// begins with the call, not with the first wait.
///
/// # Errors
/// When the system does not let the process listen.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(Error::failed("listen for signals"));
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            // An error means that Ctrl-C cannot be heard, which must not stop the server.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
