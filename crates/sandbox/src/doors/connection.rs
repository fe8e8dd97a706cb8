//! One connection through a door: HTTP/1.1, whole requests, limits of size and time.
//!
//! A request's body is read here, in full, before anything of it is answered: so no handler can be
//! held up by a client that stops in the middle.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::poll_immediate;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use wire::Endpoint;

use super::proxy;
use crate::api::{self, BODY_BYTES};
use crate::world::Shared;

/// Most bytes of a request's line and headers.
const HEADER_BYTES: usize = 64 * 1024;
/// First byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 22;

/// Which way a connection came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Plain HTTP at the base address.
    Base,
    /// TLS under the platform's names.
    Tls,
    /// The proxy.
    Proxy,
}

/// What stands behind the doors.
#[derive(Clone)]
pub struct House {
    shared: Arc<Shared>,
    router: Router,
    acceptor: Option<TlsAcceptor>,
    /// Where the base address listens.
    pub base: SocketAddr,
    patience: Duration,
    stopped: watch::Receiver<()>,
}

impl House {
    /// A house with these rooms.
    #[must_use]
    pub fn new(
        shared: Arc<Shared>,
        router: Router,
        acceptor: Option<TlsAcceptor>,
        base: SocketAddr,
        patience: Duration,
        stopped: watch::Receiver<()>,
    ) -> Self {
        Self { shared, router, acceptor, base, patience, stopped }
    }

    /// Ends when the house is closed.
    #[must_use]
    pub fn closing(&self) -> watch::Receiver<()> {
        self.stopped.clone()
    }

    /// Lets connections in until the house is closed, then waits for those inside to finish.
    pub async fn keep(self, door: Door, listener: TcpListener) {
        let mut inside = JoinSet::new();
        let mut stopped = self.stopped.clone();
        loop {
            tokio::select! {
                // Nothing is ever sent: this ends when the other half is dropped.
                _ = stopped.changed() => break,
                Some(_) = inside.join_next(), if !inside.is_empty() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        inside.spawn(self.clone().receive(door, stream, peer));
                    }
                    Err(error) => {
                        // Out of descriptors, most likely: it passes when connections end.
                        tracing::warn!(%error, "failed to accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        }
        drop(listener);
        while inside.join_next().await.is_some() {}
    }

    async fn receive(self, door: Door, mut stream: TcpStream, peer: SocketAddr) {
        // Small answers must not wait for the peer's acknowledgement.
        let _ = stream.set_nodelay(true);
        match door {
            Door::Base => self.serve_plain(stream, peer).await,
            Door::Proxy => self.serve_proxy(stream, peer).await,
            Door::Tls => {
                let mut first = [0];
                let looked = tokio::time::timeout(self.patience, stream.peek(&mut first)).await;
                match (looked, first) {
                    (Ok(Ok(1)), [TLS_HANDSHAKE]) => self.serve_tls(stream, peer).await,
                    (Ok(Ok(1)), [letter]) if letter.is_ascii_uppercase() => {
                        let told = stream.write_all(PLAIN_AT_TLS.as_bytes()).await;
                        tracing::debug!(?told, "plain HTTP at the TLS address");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Speaks TLS, then HTTP; a handshake that fails or takes too long ends the connection.
    pub async fn serve_tls<I>(self, io: I, peer: SocketAddr)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Some(acceptor) = self.acceptor.clone() else { return };
        match tokio::time::timeout(self.patience, acceptor.accept(io)).await {
            Ok(Ok(stream)) => self.serve_plain(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Speaks HTTP.
    pub async fn serve_plain<I>(self, io: I, peer: SocketAddr)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut stopped = self.stopped.clone();
        let mut builder = self.builder();
        let house = Arc::new(self);
        let service = service_fn(move |request| {
            let house = Arc::clone(&house);
            async move { Ok::<_, Infallible>(house.answer(request, peer).await) }
        });
        let mut connection = pin!(builder_connection(&mut builder, io, service));
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn serve_proxy(self, io: TcpStream, peer: SocketAddr) {
        let mut stopped = self.stopped.clone();
        let mut builder = self.builder();
        let service = service_fn(move |request| {
            let house = self.clone();
            async move { Ok::<_, Infallible>(proxy::answer(house, request, peer).await) }
        });
        let mut connection = pin!(builder_connection(&mut builder, io, service).with_upgrades());
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    fn builder(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_header_size(HEADER_BYTES);
        builder
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let (mut parts, body) = request.into_parts();
        if parts.method == Method::CONNECT {
            let sentence = "this address is no proxy; see GET /sandbox/doors for the proxy's";
            return ending(StatusCode::METHOD_NOT_ALLOWED, sentence);
        }
        let mut whole = pin!(Limited::new(body, BODY_BYTES).collect());
        // A small body has come with its headers and needs no watch.
        let whole = match poll_immediate(&mut whole).await {
            Some(whole) => Ok(whole),
            None => tokio::time::timeout(self.patience, whole).await,
        };
        let body = match whole {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let sentence = format!("the body is larger than {BODY_BYTES} bytes");
                return ending(StatusCode::PAYLOAD_TOO_LARGE, &sentence);
            }
            Ok(Err(_)) => {
                return ending(StatusCode::BAD_REQUEST, "the body broke off before its end");
            }
            Err(_) => {
                let sentence =
                    format!("the body did not come within {} seconds", self.patience.as_secs());
                return ending(StatusCode::REQUEST_TIMEOUT, &sentence);
            }
        };
        // A call of the platform needs no way through the other rooms, and they are many.
        if let Some(endpoint) = Endpoint::of_path(parts.uri.path()) {
            return api::answer_whole(&self.shared, endpoint, parts, body, peer.ip()).await;
        }
        parts.extensions.insert(ConnectInfo(peer));
        let request = Request::from_parts(parts, Body::from(body));
        match TowerToHyperService::new(self.router.clone()).call(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}

fn builder_connection<I, S>(
    builder: &mut http1::Builder,
    io: I,
    service: S,
) -> http1::Connection<TokioIo<I>, S>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: hyper::service::HttpService<Incoming, ResBody = Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    builder.serve_connection(TokioIo::new(io), service)
}

/// An answer in one sentence after which the connection is closed.
pub fn ending(status: StatusCode, sentence: &str) -> Response {
    let body = serde_json::json!({ "error": sentence });
    let mut answer = (status, axum::Json(body)).into_response();
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// What a client hears that speaks plain HTTP to the TLS address.
const PLAIN_AT_TLS: &str = "HTTP/1.1 400 Bad Request\r\n\
     content-type: application/json\r\n\
     content-length: 68\r\n\
     connection: close\r\n\r\n\
     {\"error\":\"this address speaks TLS: use https, or the base address\"}\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_plain_http_is_as_long_as_it_says() {
        let (head, body) = PLAIN_AT_TLS.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
