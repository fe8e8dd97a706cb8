//! The proxy: `CONNECT` and absolute addresses for the platform's names, answered by the sandbox.
//!
//! Nothing leaves the machine: a tunnel to a loopback address is the only one that leads anywhere,
//! so that a program can reach its own services while the proxy is set for all of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::connection::{House, ending};
use super::hosts;

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// Answers one request to the proxy.
pub async fn answer(house: House, mut request: Request<Incoming>, peer: SocketAddr) -> Response {
    if request.method() == Method::CONNECT {
        let upgrade = hyper::upgrade::on(&mut request);
        return match request.uri().authority().cloned() {
            Some(to) => connect(house, &to, upgrade, peer).await,
            None => ending(StatusCode::BAD_REQUEST, "CONNECT needs a host and a port"),
        };
    }
    // A plain path is a call to the sandbox itself, such as one for its authority.
    if let Some(to) = request.uri().authority() {
        let port = to.port_u16().unwrap_or(HTTP);
        let own = loopback(to.host()).is_some() && port == house.base.port();
        if !own && !hosts::is_platform(to.host()) {
            return refusal(to.host());
        }
    }
    house.answer(request, peer).await
}

async fn connect(house: House, to: &Authority, upgrade: OnUpgrade, peer: SocketAddr) -> Response {
    let Some(port) = to.port_u16() else {
        return ending(StatusCode::BAD_REQUEST, "CONNECT needs a port, such as :443");
    };
    if hosts::is_platform(to.host()) {
        match port {
            HTTPS => drop(tokio::spawn(async move {
                if let Ok(tunnel) = upgrade.await {
                    house.serve_tls(TokioIo::new(tunnel), peer).await;
                }
            })),
            HTTP => drop(tokio::spawn(async move {
                if let Ok(tunnel) = upgrade.await {
                    house.serve_plain(TokioIo::new(tunnel), peer).await;
                }
            })),
            _ => {
                let sentence = format!("{} has no port {port} here: use 443 or 80", to.host());
                return ending(StatusCode::FORBIDDEN, &sentence);
            }
        }
        return established();
    }
    let Some(addresses) = loopback(to.host()) else { return refusal(to.host()) };
    let targets: Vec<SocketAddr> =
        addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
    let Ok(mut target) = TcpStream::connect(&targets[..]).await else {
        return ending(StatusCode::BAD_GATEWAY, &format!("nobody listens at {to}"));
    };
    let mut closing = house.closing();
    tokio::spawn(async move {
        let Ok(tunnel) = upgrade.await else { return };
        let mut tunnel = TokioIo::new(tunnel);
        tokio::select! {
            // How it ended is for the two sides to know.
            _ = tokio::io::copy_bidirectional(&mut tunnel, &mut target) => {}
            _ = closing.changed() => {}
        }
    });
    established()
}

fn established() -> Response {
    Response::new(Body::empty())
}

fn refusal(host: &str) -> Response {
    let sentence = format!(
        "{host} is not the platform: this proxy answers for the platform's names alone and \
         tunnels to loopback addresses; keep other hosts off it (NO_PROXY)"
    );
    ending(StatusCode::FORBIDDEN, &sentence)
}

/// The loopback addresses a host stands for. Names are not looked up.
fn loopback(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let address = literal.parse::<IpAddr>().ok()?.to_canonical();
    address.is_loopback().then(|| vec![address])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        assert!(loopback("127.0.0.1").is_some());
        assert!(loopback("[::1]").is_some());
        assert!(loopback("::ffff:127.0.0.1").is_some());
        assert!(loopback("LOCALHOST").is_some());
        assert!(loopback("10.0.0.1").is_none());
        assert!(loopback("localhost.example.com").is_none());
        assert!(loopback("").is_none());
    }
}
