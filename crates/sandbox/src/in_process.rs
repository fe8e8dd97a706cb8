//! A sandbox without a socket: calls are given to it in the process itself. Its clock is moved by
//! hand alone, so the same calls always get the same answers. Also reads calls written down as
//! text, which is how the fuzz targets and their corpus speak to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;
use tower_service::Service as _;
use wire::Timestamp;

use crate::snapshots::Snapshots;
use crate::world::{Shared, World};
use crate::{AccountSpec, ClockMode, Config, Error, push};

/// Most bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// 2026-03-02 10:00.
const MORNING: Timestamp = Timestamp(1_772_416_800);
/// What separates the parts of uploads in written calls.
const BOUNDARY: &str = "----part";
/// What separates calls.
const BETWEEN: &[u8] = b"\n====\n";
/// Calls that make the small world ready; some with a place in their answer, and the name that
/// stands for what is there from then on.
const PREPARATIONS: [(&str, &str, &str); 11] = [
    (
        "GET /cgi-bin/token?grant_type=client_credential&appid={appid}&secret={secret}\n\n",
        "/access_token",
        "{token}",
    ),
    (
        "POST /sandbox/components\n\n{\"token\":\"component\",\
         \"encoding_aes_key\":\"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU\"}",
        "/appid",
        "{component}",
    ),
    ("GET /sandbox/components/{component}\n\n", "/secret", "{component_secret}"),
    (
        "POST /sandbox/components/{component}/tickets\n\n",
        "/component_verify_ticket",
        "{component_ticket}",
    ),
    (
        "POST /cgi-bin/component/api_component_token\n\n{\"component_appid\":\"{component}\",\
         \"component_appsecret\":\"{component_secret}\",\
         \"component_verify_ticket\":\"{component_ticket}\"}",
        "/component_access_token",
        "{component_token}",
    ),
    (
        "POST /sandbox/components/{component}/authorizers/{appid}/authorize\n\n{}",
        "/authorization_code",
        "{authorization_code}",
    ),
    (
        "POST /cgi-bin/component/api_query_auth?component_access_token={component_token}\n\n\
         {\"component_appid\":\"{component}\",\"authorization_code\":\"{authorization_code}\"}",
        "/authorization_info/authorizer_access_token",
        "{authorizer_token}",
    ),
    (
        "POST /sandbox/components/{component}/authorizers/{appid}/authorize\n\n{}",
        "/authorization_code",
        "{authorization_code}",
    ),
    (
        "POST /customservice/kfaccount/add?access_token={token}\n\n\
         {\"kf_account\":\"s1@shop\",\"nickname\":\"小一\"}",
        "",
        "",
    ),
    ("POST /sandbox/accounts/{appid}/agents/s1@shop/online\n\n{}", "", ""),
    (
        "POST /cgi-bin/draft/add?access_token={token}\n\n{\"articles\":[{\"title\":\"春季新品\",\
         \"content\":\"<p>三款</p>\",\"thumb_media_id\":\"{cover}\"}]}",
        "/media_id",
        "{draft}",
    ),
];

/// A sandbox asked in the process itself.
pub struct InProcess {
    shared: Arc<Shared>,
    router: Router,
    /// The world that inputs begin in.
    prepared: World,
    names: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: StatusCode,
    /// The body; `None` when the connection would have been cut.
    pub body: Option<Bytes>,
}

impl InProcess {
    /// A small world: one account with 30 followers, an agent and a draft, which has authorised a
    /// third-party platform; tokens of all of them; a clock that stands.
    ///
    /// # Errors
    /// As [`crate::Sandbox::start`].
    pub async fn small() -> Result<Self, Error> {
        let wechat_id = Some("shop".to_owned());
        let spec = AccountSpec { followers: 30, seed: 7, wechat_id, ..AccountSpec::default() };
        let config =
            Config { clock: ClockMode::Manual(MORNING), accounts: vec![spec], ..Config::default() };
        let shared = Arc::new(Shared::new(config, push::client()?)?);
        let router = crate::router(Arc::clone(&shared));
        let prepared = shared.world().picture();
        let mut small = Self { shared, router, prepared, names: Vec::new() };
        small.prepare().await;
        small.prepared = small.shared.world().picture();
        Ok(small)
    }

    async fn prepare(&mut self) {
        if let Some(account) = self.shared.world().accounts().first() {
            self.names = vec![
                ("{appid}", account.appid.to_string()),
                ("{secret}", account.secret.clone()),
                ("{openid}", account.people.openid(0)),
                ("{another}", account.people.openid(1)),
                ("{cover}", account.cover_media_id.to_string()),
            ];
        }
        for (written, pointer, name) in PREPARATIONS {
            let body = self.replay(written.as_bytes()).await.and_then(|answered| answered.body);
            let told = serde_json::from_slice::<Value>(&body.unwrap_or_default());
            let value =
                told.ok().and_then(|told| told.pointer(pointer)?.as_str().map(str::to_owned));
            if !name.is_empty() {
                self.names.insert(0, (name, value.unwrap_or_default()));
            }
        }
    }

    /// Puts the world back to its beginning.
    pub fn begin_anew(&self) {
        self.shared.replace(self.prepared.clone());
        *self.shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner) =
            Snapshots::default();
    }

    /// Answers a request as if it had come from this machine.
    pub async fn answer(&self, mut request: Request<Body>) -> Answered {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        request.extensions_mut().insert(ConnectInfo(peer));
        // A router is always ready and never fails.
        let Ok(response) = self.router.clone().call(request).await;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), ANSWER_BYTES).await.ok();
        Answered { status, body }
    }

    /// Answers calls written down, one after the other: a line of method and address, lines of
    /// headers, an empty line, the body; between two of them a line `====`. Words in braces stand
    /// for the world's own, as `{token}` and `{openid}`; fuzz/README.md has them all. The answer of
    /// the last call; `None` when it is one that cannot be sent by HTTP at all.
    pub async fn replay(&self, written: &[u8]) -> Option<Answered> {
        let mut rest = written;
        while let Some(end) = rest.windows(BETWEEN.len()).position(|here| here == BETWEEN) {
            if let Some(request) = self.request(rest.get(..end)?) {
                self.answer(request).await;
            }
            rest = rest.get(end + BETWEEN.len()..)?;
        }
        Some(self.answer(self.request(rest)?).await)
    }

    fn request(&self, written: &[u8]) -> Option<Request<Body>> {
        let end = written.windows(2).position(|pair| pair == b"\n\n").unwrap_or(written.len());
        let (head, body) = written.split_at_checked(end)?;
        let head = self.named(head);
        let head = String::from_utf8_lossy(&head);
        let mut lines = head.lines();
        let (method, address) = lines.next()?.split_once(' ')?;
        let method = Method::from_bytes(method.as_bytes()).ok()?;
        let mut request = Request::builder().method(method).uri(address.trim());
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            request = request.header(name.trim(), value.trim());
        }
        let body = body.get(2..).unwrap_or_default();
        request.body(Body::from(self.named(body))).ok()
    }

    fn named(&self, text: &[u8]) -> Vec<u8> {
        let mut written = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(byte) = rest.first() {
            let name = self.names.iter().find(|(name, _)| rest.starts_with(name.as_bytes()));
            let step = match name {
                Some((name, value)) => {
                    written.extend_from_slice(value.as_bytes());
                    name.len()
                }
                None => {
                    written.push(*byte);
                    1
                }
            };
            rest = rest.get(step..).unwrap_or_default();
        }
        written
    }

    /// Uploads these bytes as they are, as the parts of a form.
    pub async fn upload(&self, parts: &[u8]) -> Option<Answered> {
        let mut written = format!(
            "POST /cgi-bin/media/upload?access_token={{token}}&type=image\n\
             content-type: multipart/form-data; boundary={BOUNDARY}\n\n"
        )
        .into_bytes();
        written.extend_from_slice(parts);
        self.replay(&written).await
    }
}
