//! The three doors to the platform: its base address, TLS under the platform's own names, and a
//! proxy that answers for these names.
//!
//! All doors lead to the same calls. The peer's address is that of the connection that reached the
//! sandbox, whichever door it took, so the allow-list of addresses (40164) works on all of them.
//! The `Host` of a request decides nothing. Headers and bodies have their size and their time: a
//! client that sends nonsense, or nothing, loses its connection and holds up nobody.

pub mod authority;
mod connection;
pub mod hosts;
mod proxy;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::world::Shared;
use crate::{Config, Error};
use authority::Authority;
use connection::{Door, House};

/// The doors' listeners, open but with nobody behind them yet.
pub struct Open {
    base: (TcpListener, SocketAddr),
    tls: Option<(TcpListener, SocketAddr)>,
    proxy: Option<(TcpListener, SocketAddr)>,
    acceptor: Option<TlsAcceptor>,
    authority_pem: Option<Arc<str>>,
    patience: Duration,
}

/// Where the doors are.
#[derive(Debug, Clone, Serialize)]
pub struct Addresses {
    /// The base address: `http://127.0.0.1:7150`.
    pub base_url: String,
    /// Where TLS is spoken under the platform's names.
    pub tls: Option<SocketAddr>,
    /// The proxy: `http://127.0.0.1:7180`.
    pub proxy: Option<String>,
    /// Where the authority's certificate is given out.
    pub authority: Option<String>,
    /// The names the certificate is made out to, and the proxy answers for.
    pub hosts: &'static [&'static str],
}

/// What the control interface tells of the doors.
pub struct Told {
    /// Where they are.
    pub addresses: Addresses,
    /// The authority's certificate, when one of the doors needs it.
    pub authority_pem: Option<Arc<str>>,
}

/// The serving behind the doors.
pub struct Serving {
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl Open {
    /// Listens at every address of the configuration. The authority is made or read only when one
    /// of the doors needs it.
    ///
    /// # Errors
    /// When an address is taken, or the authority cannot be used.
    pub async fn listen(config: &Config) -> Result<Self, Error> {
        let base = bind(config.listen).await?;
        let tls = bind_if(config.tls).await?;
        let proxy = bind_if(config.proxy).await?;
        let mut open = Self {
            base,
            tls,
            proxy,
            acceptor: None,
            authority_pem: None,
            patience: config.patience,
        };
        if open.tls.is_some() || open.proxy.is_some() {
            let authority = match &config.authority {
                Some(folder) => Authority::kept_in(folder)?,
                None => Authority::in_memory()?,
            };
            let server = authority.server_config(&open.listening_at())?;
            open.acceptor = Some(TlsAcceptor::from(Arc::new(server)));
            open.authority_pem = Some(authority.certificate_pem().into());
        }
        Ok(open)
    }

    fn listening_at(&self) -> Vec<IpAddr> {
        [self.tls.as_ref(), self.proxy.as_ref()]
            .into_iter()
            .flatten()
            .map(|(_, address)| address.ip())
            .filter(|ip| !ip.is_unspecified())
            .collect()
    }

    /// Where the doors are.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let base_url = format!("http://{}", self.base.1);
        Addresses {
            tls: self.tls.as_ref().map(|(_, address)| *address),
            proxy: self.proxy.as_ref().map(|(_, address)| format!("http://{address}")),
            authority: self
                .authority_pem
                .as_ref()
                .map(|_| format!("{base_url}/sandbox/authority.pem")),
            hosts: &hosts::PLATFORM,
            base_url,
        }
    }

    /// The authority's certificate, when one of the doors needs it.
    #[must_use]
    pub fn authority_pem(&self) -> Option<Arc<str>> {
        self.authority_pem.clone()
    }

    /// What the control interface tells of the doors.
    #[must_use]
    pub fn told(&self) -> Told {
        Told { addresses: self.addresses(), authority_pem: self.authority_pem() }
    }

    /// Lets requests in, to this router.
    #[must_use]
    pub fn serve(self, shared: Arc<Shared>, router: Router) -> Serving {
        let (stop, stopped) = watch::channel(());
        let house = House::new(shared, router, self.acceptor, self.base.1, self.patience, stopped);
        let mut tasks = vec![tokio::spawn(house.clone().keep(Door::Base, self.base.0))];
        if let Some((listener, _)) = self.tls {
            tasks.push(tokio::spawn(house.clone().keep(Door::Tls, listener)));
        }
        if let Some((listener, _)) = self.proxy {
            tasks.push(tokio::spawn(house.keep(Door::Proxy, listener)));
        }
        Serving { stop, tasks }
    }
}

impl Serving {
    /// Lets running answers finish, at most so long, then ends everything.
    pub async fn stop(self, patience: Duration) {
        drop(self.stop);
        let enders: Vec<_> = self.tasks.iter().map(JoinHandle::abort_handle).collect();
        let all = futures_util::future::join_all(self.tasks);
        if tokio::time::timeout(patience, all).await.is_err() {
            enders.iter().for_each(tokio::task::AbortHandle::abort);
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn bind_if(address: Option<SocketAddr>) -> Result<Option<(TcpListener, SocketAddr)>, Error> {
    match address {
        Some(address) => bind(address).await.map(Some),
        None => Ok(None),
    }
}
