//! The kept-alive connections, shared by the clients of all accounts.

use std::time::Duration;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// Idle connections are given up before the platform's side does so: a call on a connection that
/// the other side is just closing ends in doubt.
const IDLE: Duration = Duration::from_secs(20);

/// No connections can be made on this machine.
#[derive(Debug, thiserror::Error)]
#[error("failed to set up TLS for calls to the platform: look at the machine's CA certificates")]
pub struct NoPool(#[from] reqwest::Error);

/// Connections to the platform. Cheap to clone: copies share the connections.
#[derive(Debug, Clone)]
pub struct Pool {
    outward: reqwest::Client,
    // A proxy that the environment names must not stand between this program and its sandbox.
    here: reqwest::Client,
}

impl Pool {
    /// An empty pool. TLS is rustls on ring, installed for the whole process unless it has a
    /// provider already.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, NoPool> {
        // Fails only when another provider is there, and that one then serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self { outward: builder().build()?, here: builder().no_proxy().build()? })
    }

    pub(crate) fn http(&self, here: bool) -> &reqwest::Client {
        if here { &self.here } else { &self.outward }
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        // Whether a call may be repeated is decided by its endpoint, never underneath.
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("fourcast/", env!("CARGO_PKG_VERSION")))
}
