//! 全网发布检测: a third-party platform that answers as it must passes, one that does not is told
//! where it failed.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};
use wire::AppId;
use wire::callback::crypt::{CallbackKey, signature};

use crate::callbacks::inside;
use crate::{Stage, client, spec};

const KEY: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU";
const TOKEN: &str = "component";

/// A third-party platform as its makers would write it.
#[derive(Clone)]
struct Saas {
    url: String,
    sandbox: String,
    /// Appid and secret, once it is registered.
    identity: Arc<Mutex<(String, String)>>,
    ticket: Arc<Mutex<String>>,
    /// Whether it calls back with the code a fan writes.
    calls_back: bool,
}

impl Saas {
    async fn new(sandbox: &str, calls_back: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let saas = Self {
            url,
            sandbox: sandbox.to_owned(),
            identity: Arc::default(),
            ticket: Arc::default(),
            calls_back,
        };
        let app = Router::new()
            .fallback(|State(saas): State<Saas>, uri: Uri, body: String| async move {
                saas.answer(&uri, &body)
            })
            .with_state(saas.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        saas
    }

    fn open(&self, body: &str) -> String {
        let (key, appid) = (CallbackKey::parse(KEY).unwrap(), AppId::parse(&self.appid()).unwrap());
        key.open(inside(body, "Encrypt"), &appid).unwrap()
    }

    fn appid(&self) -> String {
        self.identity.lock().unwrap().0.clone()
    }

    fn answer(&self, uri: &Uri, body: &str) -> String {
        // The first ticket comes before the platform can know its own id.
        if uri.path() == "/events" {
            if !self.appid().is_empty() {
                let told = self.open(body);
                if inside(&told, "InfoType") == "component_verify_ticket" {
                    let ticket = inside(&told, "ComponentVerifyTicket");
                    ticket.clone_into(&mut self.ticket.lock().unwrap());
                }
            }
            return "success".to_owned();
        }
        let told = self.open(body);
        let content = inside(&told, "Content").to_owned();
        let fan = inside(&told, "FromUserName").to_owned();
        if let Some(code) = content.strip_prefix("QUERY_AUTH_CODE:") {
            if self.calls_back {
                tokio::spawn(call_back(self.clone(), code.to_owned(), fan));
            }
            return String::new();
        }
        let reply = format!(
            "<xml><ToUserName>{fan}</ToUserName><FromUserName>{}</FromUserName>\
             <CreateTime>1</CreateTime><MsgType>text</MsgType>\
             <Content>{content}_callback</Content></xml>",
            inside(&told, "ToUserName")
        );
        let appid = AppId::parse(&self.appid()).unwrap();
        let sealed = CallbackKey::parse(KEY).unwrap().seal(b"0123456789abcdef", &reply, &appid);
        let signed = signature(&[TOKEN, "1767225602", "889900112", &sealed]);
        format!(
            "<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signed}</MsgSignature>\
             <TimeStamp>1767225602</TimeStamp><Nonce>889900112</Nonce></xml>"
        )
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/cgi-bin/{path}", self.sandbox);
        client().post(url).json(body).send().await.unwrap().json().await.unwrap()
    }
}

/// Redeems the code and writes to the fan with the token it gave.
async fn call_back(saas: Saas, code: String, fan: String) {
    let (appid, secret) = saas.identity.lock().unwrap().clone();
    let ticket = saas.ticket.lock().unwrap().clone();
    let body = json!({"component_appid":appid,"component_appsecret":secret,
        "component_verify_ticket":ticket});
    let token = saas.post("component/api_component_token", &body).await;
    let token = token["component_access_token"].as_str().unwrap().to_owned();
    let path = format!("component/api_query_auth?component_access_token={token}");
    let body = json!({"component_appid":appid,"authorization_code":code});
    let told = saas.post(&path, &body).await;
    let token = told["authorization_info"]["authorizer_access_token"].as_str().unwrap();
    let body = json!({"touser":fan,"msgtype":"text",
        "text":{"content":format!("{code}_from_api")}});
    saas.post(&format!("message/custom/send?access_token={token}"), &body).await;
}

/// What the test says of a platform.
async fn tested(calls_back: bool, extra: Value) -> (Stage, String, Value) {
    let stage = Stage::new(spec(3)).await;
    let saas = Saas::new(&stage.url, calls_back).await;
    let mut body = json!({"token":TOKEN,"encoding_aes_key":KEY,
        "event_url":format!("{}/events", saas.url),
        "message_url":format!("{}/$APPID$/messages", saas.url),"released":false});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let made = stage.control("components", &body).await;
    let text = |field: &str| made[field].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    *saas.identity.lock().unwrap() = (text("appid"), text("secret"));
    let path = format!("components/{}/release-test", text("appid"));
    let told = stage.control(&path, &json!({})).await;
    (stage, path, told)
}

#[tokio::test]
async fn a_platform_that_answers_as_it_must_passes() {
    let (stage, path, told) = tested(true, json!({})).await;
    assert_eq!(told["passed"], true, "{told}");
    assert_eq!(told["steps"].as_array().unwrap().len(), 3);
    let accounts = stage.seen("accounts").await;
    assert_eq!(accounts[1]["name"], "全网发布检测");
    let again = stage.control(&path, &json!({})).await;
    assert_eq!(again["passed"], true, "{again}");
    let none = stage.control("components/wxnobody/release-test", &json!({})).await;
    assert!(none["error"].as_str().unwrap().contains("wxnobody"), "{none}");
}

#[tokio::test]
async fn a_platform_that_does_not_call_back_is_told_so() {
    let (_stage, _, told) = tested(false, json!({})).await;
    let passed: Vec<_> =
        told["steps"].as_array().unwrap().iter().map(|step| step["passed"].clone()).collect();
    assert_eq!(
        (&told["passed"], passed),
        (&json!(false), vec![json!(true), json!(true), json!(false)])
    );
    assert_eq!(told["steps"][2]["seen"], "no customer-service message came");
}

#[tokio::test]
async fn without_messages_only_the_ticket_is_looked_at() {
    let (_stage, _, told) = tested(false, json!({"permission_sets":[2, 7]})).await;
    assert_eq!((&told["passed"], told["steps"].as_array().unwrap().len()), (&json!(true), 1));
}
