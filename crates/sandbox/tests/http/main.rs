//! The sandbox over HTTP: one behaviour a file.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

mod agents;
mod assumptions;
mod callbacks;
mod chats;
mod clock;
mod comments;
mod components;
mod control;
mod coverage;
mod crowds;
mod description;
mod determinism;
mod doors;
mod drafts;
mod faults;
mod followers;
mod former_articles;
mod inspector;
mod interface;
mod media;
mod menus;
mod missed;
mod months;
mod odd_inputs;
mod one_time;
mod originals;
mod passive;
mod people;
mod population;
mod protection;
mod publications;
mod qr_codes;
mod release_test;
mod replies;
mod sends;
mod snapshots;
mod speed;
mod statistics;
mod steering;
mod subscriptions;
mod tags;
mod templates;
mod test_accounts;
mod tokens;
mod web_sign_in;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use sandbox::{AccountSpec, ClockMode, Config, Running, Sandbox};
use serde_json::{Value, json};
use wire::Timestamp;

/// 2026-03-02 10:00, a Monday.
pub(crate) const START: &str = "2026-03-02T10:00:00+08:00";

pub(crate) fn moment(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().0
}

pub(crate) fn spec(followers: u32) -> AccountSpec {
    AccountSpec { followers, seed: 7, ..AccountSpec::default() }
}

/// A sandbox with one account, and a client that holds its token.
pub(crate) struct Stage {
    /// Ends with the stage.
    _running: Running,
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
    pub(crate) appid: String,
    pub(crate) secret: String,
    pub(crate) cover: String,
    pub(crate) token: String,
}

impl Stage {
    pub(crate) async fn new(spec: AccountSpec) -> Self {
        Self::at(START, spec).await
    }

    pub(crate) async fn at(start: &str, spec: AccountSpec) -> Self {
        let config = Config {
            clock: ClockMode::Manual(Timestamp(moment(start))),
            accounts: vec![spec],
            ..Config::default()
        };
        let running = Sandbox::start(config).await.unwrap();
        let client = client();
        let url = running.url();
        let accounts: Value = client
            .get(format!("{url}/sandbox/accounts"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let text = |field: &str| accounts[0][field].as_str().unwrap().to_owned();
        let (appid, secret, cover) = (text("appid"), text("secret"), text("cover_media_id"));
        let mut stage =
            Self { _running: running, client, url, appid, secret, cover, token: String::new() };
        stage.refresh().await;
        stage
    }

    pub(crate) async fn stable(&self, force: bool) -> Value {
        let body = json!({"grant_type":"client_credential","appid":self.appid,
            "secret":self.secret,"force_refresh":force});
        let url = format!("{}/cgi-bin/stable_token", self.url);
        self.client.post(url).json(&body).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn refresh(&mut self) {
        let token = self.stable(false).await;
        self.token = token["access_token"].as_str().unwrap_or_default().to_owned();
    }

    fn call_url(&self, path: &str, query: &str) -> String {
        format!("{}/cgi-bin/{path}?access_token={}{query}", self.url, self.token)
    }

    pub(crate) async fn get(&self, path: &str, query: &str) -> Value {
        let url = self.call_url(path, query);
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body).await.unwrap()
    }

    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Value> {
        self.client.post(self.call_url(path, "")).json(body).send().await?.json().await
    }

    pub(crate) async fn raw_post(&self, path: &str, body: &str) -> Value {
        let request = self.client.post(self.call_url(path, "")).body(body.to_owned());
        request.send().await.unwrap().json().await.unwrap()
    }

    pub(crate) fn control_url(&self, path: &str) -> String {
        let path = path.replace("{a}", &format!("accounts/{}", self.appid));
        format!("{}/sandbox/{path}", self.url)
    }

    pub(crate) async fn seen(&self, path: &str) -> Value {
        self.client.get(self.control_url(path)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.client.get(self.control_url(path)).send().await.unwrap().text().await.unwrap()
    }

    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(self.control_url(path)).json(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn now(&self) -> i64 {
        self.seen("clock").await["now"].as_i64().unwrap()
    }

    pub(crate) async fn clock_to(&self, to: i64) -> Value {
        let moved = self.control("clock", &json!({ "to": to })).await;
        assert_eq!(moved["now"], to, "{moved}");
        moved
    }

    pub(crate) async fn wait(&self, seconds: i64) -> Value {
        let now = self.now().await;
        self.clock_to(now + seconds).await
    }

    /// The first `count` people, followers or not.
    pub(crate) async fn people(&self, count: usize) -> Vec<String> {
        let page = self.seen(&format!("{{a}}/followers?limit={count}")).await;
        let openid = |person: &Value| person["openid"].as_str().unwrap().to_owned();
        page["followers"].as_array().unwrap().iter().map(openid).collect()
    }

    pub(crate) async fn draft(&self) -> String {
        let body = json!({"articles":[{"title":"春季新品","content":"<p>三款新品</p>",
            "thumb_media_id":self.cover}]});
        let draft = self.post("draft/add", &body).await;
        draft["media_id"].as_str().unwrap_or_else(|| panic!("{draft}")).to_owned()
    }

    pub(crate) async fn job(&self, msg_id: &Value) -> Value {
        let jobs = self.seen("{a}/jobs").await;
        jobs.as_array().unwrap().iter().find(|job| &job["msg_id"] == msg_id).unwrap().clone()
    }

    pub(crate) async fn fault(&self, body: Value) {
        let waiting = self.control("faults", &body).await;
        assert!(waiting.is_array(), "{waiting}");
    }

    /// Truth of a month: how many people received each number of messages.
    pub(crate) async fn truth(&self, month: &str) -> Vec<(String, u64)> {
        let text = self.text(&format!("{{a}}/truth?month={month}")).await;
        let line = |line: &str| {
            let (openid, count) = line.split_once(' ').unwrap();
            (openid.to_owned(), count.parse().unwrap())
        };
        text.lines().map(line).collect()
    }
}

pub(crate) fn client() -> reqwest::Client {
    // The sandbox has installed the provider that the client needs.
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap()
}

pub(crate) fn text_to(people: &[String], key: &str) -> Value {
    json!({"touser":people,"msgtype":"text","text":{"content":format!("今晚八点上新 {key}")},
        "clientmsgid":key})
}

pub(crate) fn to_all(key: &str) -> Value {
    json!({"filter":{"is_to_all":true},"msgtype":"text","text":{"content":format!("大家好 {key}")},
        "clientmsgid":key})
}

pub(crate) fn to_tag(tag: i64, key: &str) -> Value {
    json!({"filter":{"is_to_all":false,"tag_id":tag},"msgtype":"text",
        "text":{"content":format!("会员日 {key}")},"clientmsgid":key})
}

/// A receiver of callbacks that answers as it is told and keeps what it got.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) got: Arc<Mutex<Vec<(Uri, String)>>>,
    answers: Arc<Mutex<Vec<StatusCode>>>,
    reply: Arc<Mutex<Option<String>>>,
}

impl Receiver {
    /// Answers these one after the other, then `success`.
    pub(crate) async fn new(answers: &[StatusCode]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callback", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        let receiver = Self { url, got: Arc::default(), answers, reply: Arc::default() };
        let app = Router::new()
            .fallback(|State(receiver): State<Receiver>, uri: Uri, body: String| async move {
                let told = receiver.reply_to(&uri, &body);
                receiver.got.lock().unwrap().push((uri, body));
                let mut answers = receiver.answers.lock().unwrap();
                let status = if answers.is_empty() { StatusCode::OK } else { answers.remove(0) };
                (status, told)
            })
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    /// Answers this next, then `success` again.
    pub(crate) fn answer(&self, status: StatusCode) {
        self.answers.lock().unwrap().push(status);
    }

    /// Answers with this from now on; `{openid}` and `{account}` stand for those of the push.
    pub(crate) fn reply(&self, reply: Option<&str>) {
        *self.reply.lock().unwrap() = reply.map(str::to_owned);
    }

    fn reply_to(&self, uri: &Uri, body: &str) -> String {
        let Some(reply) = self.reply.lock().unwrap().clone() else { return "success".to_owned() };
        let url = reqwest::Url::parse(&format!("http://x{uri}")).unwrap();
        let openid = url.query_pairs().find(|(key, _)| key == "openid").unwrap().1.into_owned();
        if body.starts_with('{') {
            return reply;
        }
        let account = callbacks::inside(body, "ToUserName");
        reply.replace("{openid}", &openid).replace("{account}", account)
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.got.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    pub(crate) fn query(&self, nth: usize, name: &str) -> String {
        let got = self.got.lock().unwrap();
        let url = reqwest::Url::parse(&format!("http://x{}", got[nth].0)).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map_or(String::new(), |(_, v)| v.into())
    }
}
