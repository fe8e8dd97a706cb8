//! A server over an empty store, on a virtual clock, with a key.

use std::net::SocketAddr;

use clock::Clock;
use delivery::Engine;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use server::Running;
use store::account::{self, NewAccount};
use store::{Secret, Store};
use tempfile::TempDir;
use wire::Timestamp;

/// 2026-03-02 10:00 in China.
pub const START: Timestamp = Timestamp(1_772_416_800);
/// The account's callback settings.
pub const APPID: &str = "wx0123456789abcdef";
pub const TOKEN: &str = "sbxtoken7F3q";
pub const AES_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

/// Nobody listens there: these tests never reach the platform.
const NOWHERE: &str = "http://127.0.0.1:9";

fn shop() -> NewAccount {
    NewAccount {
        name: "Shop".into(),
        appid: APPID.parse().unwrap(),
        secret: Secret::new("0123456789abcdef0123456789abcdef"),
        original_id: "gh_0f1e2d3c4b5a".parse().unwrap(),
        kind: wire::rules::AccountKind::Service,
        verified: true,
        base_url: NOWHERE.into(),
        callback_token: Secret::new(TOKEN),
        callback_key: Some(Secret::new(AES_KEY)),
        created_at: START,
    }
}

/// The server and a caller of it.
pub struct World {
    pub url: String,
    pub key: String,
    pub engine: Engine,
    pub running: Running,
    http: reqwest::Client,
    _folder: TempDir,
}

/// An answer that was read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub text: String,
}

impl World {
    /// A server that knows no account.
    pub async fn new() -> Self {
        Self::over(false, 0).await
    }

    /// The same with one account, number 1.
    pub async fn with_account() -> Self {
        Self::over(true, 0).await
    }

    /// The same with so many followers.
    pub async fn with_followers(followers: u32) -> Self {
        Self::over(true, followers).await
    }

    /// The OpenID of a follower of [`World::with_followers`].
    pub fn openid(number: u32) -> String {
        format!("oWorld{number:022}")
    }

    async fn over(account: bool, followers: u32) -> Self {
        // Fails only when another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let (_, key) = store
            .write(|tx| Box::pin(async move { store::api_key::create(tx, "tests", START).await }))
            .await
            .unwrap();
        if account {
            // Not through the interface, which tries the secret on the platform first.
            store
                .write(|tx| Box::pin(async move { account::create(tx, &shop()).await }))
                .await
                .unwrap();
        }
        let openids: Vec<wire::OpenId> =
            (0..followers).map(|number| Self::openid(number).parse().unwrap()).collect();
        if !openids.is_empty() {
            store
                .write(move |tx| {
                    Box::pin(async move {
                        let account = store::AccountId(1);
                        let pass = store::sync_pass::start(tx, account, START).await?.id;
                        store::follower::add_page(tx, account, pass, &openids).await?;
                        store::sync_pass::finish(tx, account, pass, START, None).await
                    })
                })
                .await
                .unwrap();
        }
        let settings =
            delivery::Settings { rules_as_of: None, default_base_url: NOWHERE.to_owned() };
        let engine = Engine::open(store, Clock::standing_at(START), settings).await.unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = server::start(engine.clone(), server::Settings { listen }).await.unwrap();
        Self {
            url: running.url().to_owned(),
            key: key.expose().to_owned(),
            engine,
            running,
            http: reqwest::Client::new(),
            _folder: folder,
        }
    }

    /// A request without a key.
    pub fn plain(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// A request with the key.
    pub fn keyed(&self, method: Method, path: &str) -> RequestBuilder {
        self.plain(method, path).bearer_auth(&self.key)
    }

    pub async fn send_json(&self, method: Method, path: &str, body: impl Into<String>) -> Answer {
        let request = self.keyed(method, path).header("content-type", "application/json");
        Answer::of(request.body(body.into())).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.keyed(Method::GET, path)).await
    }
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response: Response = request.send().await.unwrap();
        let content_type = response.headers().get("content-type");
        Self {
            status: response.status().as_u16(),
            content_type: content_type.map_or("", |kind| kind.to_str().unwrap()).to_owned(),
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The code of the problem it is.
    pub fn code(&self) -> String {
        assert!(self.content_type.starts_with("application/problem+json"), "{self:?}");
        self.json()["code"].as_str().unwrap().to_owned()
    }
}
