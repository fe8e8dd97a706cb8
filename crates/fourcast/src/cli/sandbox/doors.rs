//! Which doors a sandbox opens beside its base address.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use sandbox::{Config, Running};

/// The doors asked for.
#[derive(Debug, Clone, Args)]
pub(super) struct Doors {
    /// Speak TLS as api.weixin.qq.com and the platform's other names here (443 for a hosts file)
    #[arg(long, value_name = "ADDRESS")]
    tls_listen: Option<SocketAddr>,
    /// Be a proxy here that answers for the platform's names
    #[arg(long, value_name = "ADDRESS")]
    proxy_listen: Option<SocketAddr>,
    /// Keep the certificate authority in this folder, so that it need be trusted only once
    #[arg(long, value_name = "DIR")]
    authority: Option<PathBuf>,
}

impl Doors {
    /// Puts them into the configuration.
    pub(super) fn open(&self, config: Config) -> Config {
        Config {
            tls: self.tls_listen,
            proxy: self.proxy_listen,
            authority: self.authority.clone(),
            ..config
        }
    }
}

/// Name and address of each door that was opened.
pub(super) fn lines(running: &Running) -> Vec<(&'static str, String)> {
    let doors = running.doors();
    [
        ("tls", doors.tls.map(|address| address.to_string())),
        ("proxy", doors.proxy.clone()),
        ("authority", doors.authority.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}
