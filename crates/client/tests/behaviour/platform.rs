//! A server that plays just enough of the platform: it knows which token lives, answers what was
//! put down for a path, and keeps what it was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use client::{Client, ClientSettings, Pool, Timeouts};
use clock::{Clock, VirtualClock};
use serde_json::{Value, json};
use wire::rules::AccountKind;
use wire::{Endpoint, MsgId, Timestamp};

pub const SECRET: &str = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
pub const START: &str = "2026-03-02T10:00:05+08:00";

/// What the platform does with one call.
pub enum Answer {
    Json(Value),
    Text(u16, &'static str),
    /// Takes the call, then ends the connection.
    Cut,
    /// Takes the call, and answers too late.
    Late(Duration, Value),
}

#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub query: HashMap<String, String>,
    pub body: Bytes,
}

#[derive(Default)]
struct Inner {
    put_down: HashMap<&'static str, VecDeque<Answer>>,
    seen: Vec<Seen>,
    /// What `stable_token` hands out, and the token calls must carry.
    handed_out: String,
    living: String,
    expires_in: i64,
    forced: u32,
}

#[derive(Clone)]
pub struct Platform {
    inner: Arc<Mutex<Inner>>,
    pub url: String,
    pub hand: VirtualClock,
}

impl Platform {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            handed_out: "88_A".into(),
            living: "88_A".into(),
            expires_in: 7_200,
            ..Inner::default()
        };
        let platform = Self {
            inner: Arc::new(Mutex::new(inner)),
            url,
            hand: VirtualClock::new(START.parse().unwrap()),
        };
        let app = Router::new().fallback(answer).with_state(platform.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        platform
    }

    pub fn client(&self) -> Client {
        self.client_with(Timeouts::default())
    }

    pub fn client_with(&self, timeouts: Timeouts) -> Client {
        client_of(&self.url, Clock::Virtual(self.hand.clone()), timeouts)
    }

    /// The next call of `endpoint` is answered so.
    pub fn answers(&self, endpoint: Endpoint, answer: Answer) {
        self.inner.lock().unwrap().put_down.entry(endpoint.path()).or_default().push_back(answer);
    }

    pub fn refuses(&self, endpoint: Endpoint, errcode: i64, errmsg: &str) {
        self.answers(endpoint, Answer::Json(json!({"errcode": errcode, "errmsg": errmsg})));
    }

    /// Calls must carry this token from now on, and `stable_token` hands it out.
    pub fn token_is(&self, token: &str) {
        self.lives(token);
        self.inner.lock().unwrap().handed_out = token.into();
    }

    /// Calls must carry this token, whatever `stable_token` hands out, until one is forced.
    pub fn lives(&self, token: &str) {
        self.inner.lock().unwrap().living = token.into();
    }

    pub fn tokens_last(&self, seconds: i64) {
        self.inner.lock().unwrap().expires_in = seconds;
    }

    pub fn calls(&self, endpoint: Endpoint) -> Vec<Seen> {
        let inner = self.inner.lock().unwrap();
        inner.seen.iter().filter(|seen| seen.path == endpoint.path()).cloned().collect()
    }

    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.calls(endpoint).len()
    }

    pub fn forced(&self) -> u32 {
        self.inner.lock().unwrap().forced
    }

    pub fn moves_to(&self, moment: &str) {
        self.hand.advance_to(moment.parse().unwrap());
    }

    pub fn waits(&self, seconds: i64) {
        let now: Timestamp = Clock::Virtual(self.hand.clone()).now();
        self.hand.advance_to(now + seconds);
    }
}

pub fn client_of(url: &str, clock: Clock, timeouts: Timeouts) -> Client {
    let settings = ClientSettings {
        base_url: url.into(),
        appid: "wx0a1b2c3d4e5f6071".parse().unwrap(),
        secret: SECRET.into(),
        kind: AccountKind::Service,
        rules_as_of: None,
        timeouts,
    };
    Client::new(settings, clock, &Pool::new().unwrap()).unwrap()
}

pub const JOB: MsgId = MsgId(3_147_483_671);

pub fn status() -> Value {
    json!({"msg_id": JOB, "msg_status": "SEND_SUCCESS"})
}

pub fn accepted() -> Value {
    json!({"errcode": 0, "errmsg": "send job submission success", "msg_id": JOB,
           "msg_data_id": 2_247_483_803_i64})
}

async fn answer(
    State(platform): State<Platform>,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let at_token = path == Endpoint::StableToken.path();
    if at_token {
        // Long enough for others to find the request under way.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let reply = {
        let mut inner = platform.inner.lock().unwrap();
        inner.seen.push(Seen { path: path.clone(), query: query.clone(), body: body.clone() });
        let put_down = inner.put_down.get_mut(path.as_str()).and_then(VecDeque::pop_front);
        match put_down {
            Some(answer) => answer,
            None if at_token => Answer::Json(inner.token(&body)),
            None if query.get("access_token") != Some(&inner.living) => {
                Answer::Json(json!({"errcode": 40001, "errmsg": "invalid credential"}))
            }
            None => Answer::Json(usual(&path)),
        }
    };
    match reply {
        Answer::Json(value) => value.to_string().into_response(),
        Answer::Text(status, text) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Answer::Cut => {
            let broken = futures_util::stream::iter([
                Ok(Bytes::from_static(b"{\"errcode\":")),
                Err(std::io::Error::other("cut")),
            ]);
            Body::from_stream(broken).into_response()
        }
        Answer::Late(by, value) => {
            tokio::time::sleep(by).await;
            value.to_string().into_response()
        }
    }
}

impl Inner {
    fn token(&mut self, body: &[u8]) -> Value {
        let body: Value = serde_json::from_slice(body).unwrap();
        if body["secret"] != SECRET {
            return json!({"errcode": 40125, "errmsg": "invalid appsecret"});
        }
        if body["force_refresh"] == true {
            self.forced += 1;
            self.handed_out = format!("88_forced_{}", self.forced);
            self.living.clone_from(&self.handed_out);
        }
        json!({"access_token": self.handed_out, "expires_in": self.expires_in})
    }
}

fn usual(path: &str) -> Value {
    match Endpoint::of_path(path) {
        Some(Endpoint::MassSend | Endpoint::MassSendAll) => accepted(),
        Some(Endpoint::MassGet) => status(),
        Some(Endpoint::UploadImage) => json!({"url": "http://mmbiz.qpic.cn/mmbiz_png/AbCdEf/0"}),
        Some(Endpoint::TagList) => json!({"tags": [{"id": 2, "name": "星标组", "count": 0}]}),
        Some(Endpoint::UserGet) => json!({"total": 0, "count": 0, "next_openid": ""}),
        Some(Endpoint::QuotaGet) => json!({"errcode": 0, "errmsg": "ok",
            "quota": {"daily_limit": 100, "used": 98, "remain": 2},
            "rate_limit": {"call_count": 0, "refresh_second": 0}}),
        _ => json!({"errcode": 0, "errmsg": "ok"}),
    }
}
