//! The doors beside the base address: TLS under the platform's names, and the proxy.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sandbox::{AccountSpec, ClockMode, Config, Running, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wire::Timestamp;

use super::{START, client, moment, spec};

const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

async fn open(account: AccountSpec, patience: Duration) -> Running {
    let config = Config {
        tls: Some(FREE),
        proxy: Some(FREE),
        patience,
        clock: ClockMode::Manual(Timestamp(moment(START))),
        accounts: vec![account],
        ..Config::default()
    };
    Sandbox::start(config).await.unwrap()
}

async fn house() -> Running {
    open(spec(3), Duration::from_secs(30)).await
}

/// A client that trusts this sandbox's authority and nobody else.
fn trusting(running: &Running) -> reqwest::ClientBuilder {
    let pem = running.authority_pem().unwrap().as_bytes();
    let root = reqwest::Certificate::from_pem(pem).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).no_proxy().timeout(Duration::from_secs(20))
}

/// The same, that finds the platform's names at the TLS address as by an entry of a hosts file.
fn by_hosts_entry(running: &Running, names: &[&str]) -> reqwest::Client {
    let address = running.doors().tls.unwrap();
    let builder = trusting(running);
    names.iter().fold(builder, |builder, name| builder.resolve(name, address)).build().unwrap()
}

fn by_proxy(running: &Running) -> reqwest::Client {
    let proxy = reqwest::Proxy::all(running.doors().proxy.clone().unwrap()).unwrap();
    trusting(running).proxy(proxy).build().unwrap()
}

async fn account(running: &Running) -> (String, String) {
    let url = format!("{}/sandbox/accounts", running.url());
    let accounts: Value = client().get(url).send().await.unwrap().json().await.unwrap();
    let text = |field: &str| accounts[0][field].as_str().unwrap().to_owned();
    (text("appid"), text("secret"))
}

fn token_url(base: &str, (appid, secret): &(String, String)) -> String {
    format!("{base}/cgi-bin/token?grant_type=client_credential&appid={appid}&secret={secret}")
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

/// Everything the server writes until it closes.
async fn said(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let all = stream.read_to_end(&mut bytes);
    // A connection that is reset has been closed as well.
    let _ = tokio::time::timeout(Duration::from_secs(10), all).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn tls_answers_under_every_name_of_the_platform() {
    let running = house().await;
    let account = account(&running).await;
    let names = running.doors().hosts;
    assert!(names.len() >= 9);
    let client = by_hosts_entry(&running, names);
    for name in names {
        let port = running.doors().tls.unwrap().port();
        let got = answer(client.get(token_url(&format!("https://{name}:{port}"), &account))).await;
        assert!(got["access_token"].is_string(), "{name}: {got}");
    }
}

#[tokio::test]
async fn a_token_of_one_door_opens_the_others() {
    let running = house().await;
    let account = account(&running).await;
    let name = "api.weixin.qq.com";
    let tls = by_hosts_entry(&running, &[name]);
    let base = format!("https://{name}:{}", running.doors().tls.unwrap().port());
    let token = answer(tls.get(token_url(&base, &account))).await;
    let token = token["access_token"].as_str().unwrap();
    let query = format!("/cgi-bin/user/get?access_token={token}");
    let proxy = by_proxy(&running);
    for (client, base) in [
        (client(), running.url()),
        (tls, base),
        (proxy.clone(), format!("https://{name}")),
        (proxy, format!("http://{name}")),
    ] {
        let page = answer(client.get(format!("{base}{query}"))).await;
        assert_eq!(page["total"], 3, "{base}: {page}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_the_platforms_gets_no_certificate() {
    let running = house().await;
    let client = by_hosts_entry(&running, &["api.example.com"]);
    let port = running.doors().tls.unwrap().port();
    let error = client.get(format!("https://api.example.com:{port}/")).send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn who_does_not_know_the_authority_does_not_get_in() {
    let running = house().await;
    let other = house().await;
    let strange = trusting(&other)
        .resolve("api.weixin.qq.com", running.doors().tls.unwrap())
        .build()
        .unwrap();
    let port = running.doors().tls.unwrap().port();
    let url = format!("https://api.weixin.qq.com:{port}/cgi-bin/token");
    assert!(strange.get(url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn the_proxy_leads_nowhere_but_to_the_platform_and_this_machine() {
    let running = house().await;
    let client = by_proxy(&running);
    for url in ["https://example.com/", "https://203.0.113.9/", "https://api.weixin.qq.com:8443/"] {
        assert!(client.get(url).send().await.unwrap_err().is_connect(), "{url}");
    }
    let refused = client.get("http://example.com/").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let sentence: Value = refused.json().await.unwrap();
    assert!(sentence["error"].as_str().unwrap().contains("example.com is not the platform"));

    let mut raw = TcpStream::connect(address_of_proxy(&running)).await.unwrap();
    raw.write_all(b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n")
        .await
        .unwrap();
    let refused = said(&mut raw).await;
    assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
    assert!(refused.contains("example.com is not the platform"), "{refused}");
}

fn address_of_proxy(running: &Running) -> SocketAddr {
    let proxy = running.doors().proxy.clone().unwrap();
    proxy.strip_prefix("http://").unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_tunnel_to_this_machine_goes_through() {
    let running = house().await;
    let base = SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(&running.url())));
    let mut raw = TcpStream::connect(address_of_proxy(&running)).await.unwrap();
    raw.write_all(format!("CONNECT {base} HTTP/1.1\r\nhost: {base}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut head = [0; 12];
    raw.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    raw.write_all(b"GET /sandbox/clock HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let told = said(&mut raw).await;
    assert!(told.contains("\"now\""), "{told}");

    // A plain request for the sandbox's own address needs no tunnel.
    let proxied = by_proxy(&running).get(format!("{}/sandbox/clock", running.url()));
    assert!(answer(proxied).await["now"].is_i64());
}

fn port_of(url: &str) -> u16 {
    reqwest::Url::parse(url).unwrap().port().unwrap()
}

#[tokio::test]
async fn the_allow_list_sees_the_callers_address_through_every_door() {
    let only =
        |address: &str| AccountSpec { ip_allow_list: Some(vec![address.to_owned()]), ..spec(3) };
    for (listed, fits) in [("127.0.0.1", true), ("203.0.113.9", false)] {
        let running = open(only(listed), Duration::from_secs(30)).await;
        let account = account(&running).await;
        let name = "api.weixin.qq.com";
        let port = running.doors().tls.unwrap().port();
        for (client, base) in [
            (client(), running.url()),
            (by_hosts_entry(&running, &[name]), format!("https://{name}:{port}")),
            (by_proxy(&running), format!("https://{name}")),
            (by_proxy(&running), format!("http://{name}")),
        ] {
            let got = answer(client.get(token_url(&base, &account))).await;
            assert_eq!(got["access_token"].is_string(), fits, "{base}: {got}");
            if !fits {
                assert_eq!(got["errcode"], 40164, "{base}: {got}");
                assert!(got["errmsg"].as_str().unwrap().contains("127.0.0.1"), "{got}");
            }
        }
    }
}

#[tokio::test]
async fn nonsense_at_the_tls_address_ends_the_connection_and_nothing_else() {
    let running = house().await;
    let address = running.doors().tls.unwrap();
    let mut raw = TcpStream::connect(address).await.unwrap();
    raw.write_all(b"GET /cgi-bin/token HTTP/1.1\r\nhost: api.weixin.qq.com\r\n\r\n").await.unwrap();
    let told = said(&mut raw).await;
    assert!(told.starts_with("HTTP/1.1 400 ") && told.contains("speaks TLS"), "{told}");

    let mut raw = TcpStream::connect(address).await.unwrap();
    raw.write_all(&[22, 3, 1, 0, 5, 0xff, 0xff, 0xff, 0xff, 0xff]).await.unwrap();
    said(&mut raw).await;
    let mut raw = TcpStream::connect(address).await.unwrap();
    raw.write_all(&[0; 64]).await.unwrap();
    assert_eq!(said(&mut raw).await, "");

    let account = account(&running).await;
    let client = by_hosts_entry(&running, &["api.weixin.qq.com"]);
    let base = format!("https://api.weixin.qq.com:{}", address.port());
    let got = answer(client.get(token_url(&base, &account))).await;
    assert!(got["access_token"].is_string(), "{got}");
}

#[tokio::test]
async fn a_client_that_stops_in_the_middle_is_let_go() {
    let running = open(spec(3), Duration::from_millis(300)).await;
    let base = SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(&running.url())));
    let tls = running.doors().tls.unwrap();
    for (address, beginning) in [
        (base, "GET /sandbox/clock HTTP/1.1\r\nhost:"),
        (address_of_proxy(&running), "CONNECT api.weixin"),
        (tls, ""),
        (tls, "\u{16}\u{3}\u{1}"),
    ] {
        let mut raw = TcpStream::connect(address).await.unwrap();
        raw.write_all(beginning.as_bytes()).await.unwrap();
        said(&mut raw).await;
    }

    let mut raw = TcpStream::connect(base).await.unwrap();
    raw.write_all(b"POST /sandbox/clock HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n{\"to\"")
        .await
        .unwrap();
    let told = said(&mut raw).await;
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    assert!(told.contains("the body did not come"), "{told}");
}

#[tokio::test]
async fn headers_and_bodies_have_a_size() {
    let running = house().await;
    let base = SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(&running.url())));
    let mut raw = TcpStream::connect(base).await.unwrap();
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(100_000));
    let _ = raw.write_all(long.as_bytes()).await;
    let told = said(&mut raw).await;
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 431 "), "{told}");

    let body = vec![b' '; 16 * 1024 * 1024 + 1];
    let url = format!("{}/cgi-bin/draft/add", running.url());
    // The answer may come before all of the body has gone.
    if let Ok(answer) = client().post(url).body(body).send().await {
        assert_eq!(answer.status(), 413);
    }
    assert!(answer(client().get(format!("{}/sandbox/clock", running.url()))).await["now"].is_i64());
}

#[tokio::test]
async fn the_authority_is_given_out_and_the_doors_are_named() {
    let running = house().await;
    let doors = answer(client().get(format!("{}/sandbox/doors", running.url()))).await;
    assert_eq!(doors["base_url"], running.url());
    assert_eq!(doors["proxy"], json!(running.doors().proxy));
    assert_eq!(doors["tls"], json!(running.doors().tls));
    let given = client().get(doors["authority"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(given.text().await.unwrap(), running.authority_pem().unwrap());

    let plain = Sandbox::start(Config::default()).await.unwrap();
    assert!(plain.authority_pem().is_none());
    let none = client().get(format!("{}/sandbox/authority.pem", plain.url())).send().await.unwrap();
    assert_eq!(none.status(), 404);
    let sentence: Value = none.json().await.unwrap();
    assert!(sentence["error"].as_str().unwrap().contains("no authority"));
}

#[tokio::test]
async fn a_kept_authority_is_trusted_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config {
        tls: Some(FREE),
        authority: Some(folder.path().to_owned()),
        accounts: vec![spec(3)],
        ..Config::default()
    };
    let first = Sandbox::start(config()).await.unwrap();
    let builder = trusting(&first);
    first.stop().await;
    let second = Sandbox::start(config()).await.unwrap();
    let name = "mp.weixin.qq.com";
    let address = second.doors().tls.unwrap();
    let client = builder.resolve(name, address).build().unwrap();
    let account = account(&second).await;
    let base = format!("https://{name}:{}", address.port());
    let got = answer(client.get(token_url(&base, &account))).await;
    assert!(got["access_token"].is_string(), "{got}");
}

#[tokio::test]
async fn closing_ends_what_is_open_behind_every_door() {
    let running = house().await;
    let account = account(&running).await;
    let proxy = by_proxy(&running);
    let got = answer(proxy.get(token_url("https://api.weixin.qq.com", &account))).await;
    assert!(got["access_token"].is_string(), "{got}");
    let addresses = [running.doors().tls.unwrap(), address_of_proxy(&running)];
    let started = std::time::Instant::now();
    running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(2), "idle connections hold up nobody");
    for address in addresses {
        assert!(TcpStream::connect(address).await.is_err());
    }
}

#[tokio::test]
async fn who_takes_the_base_address_for_a_proxy_is_told() {
    let running = house().await;
    let base = SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(&running.url())));
    let mut raw = TcpStream::connect(base).await.unwrap();
    raw.write_all(b"CONNECT api.weixin.qq.com:443 HTTP/1.1\r\nhost: api.weixin.qq.com\r\n\r\n")
        .await
        .unwrap();
    let told = said(&mut raw).await;
    assert!(told.starts_with("HTTP/1.1 405 ") && told.contains("no proxy"), "{told}");
}
