use reqwest::redirect::Policy;
use reqwest::{Response, Url};
use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};
use wire::AppId;
use wire::callback::crypt::{CallbackKey, signature};

use crate::callbacks::{inside, with};
use crate::{Receiver, Stage, spec};

const KEY: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU";
const BACK: &str = "https://saas.example.com/done?merchant=7";

/// A third-party platform beside one account.
struct Platform {
    stage: Stage,
    events: Receiver,
    messages: Receiver,
    appid: String,
    secret: String,
    token: String,
}

impl Platform {
    async fn new(account: AccountSpec, extra: Value) -> Self {
        let stage = Stage::new(account).await;
        let (events, messages) = (Receiver::new(&[]).await, Receiver::new(&[]).await);
        let mut body = json!({"token":"component","encoding_aes_key":KEY,"event_url":events.url,
            "message_url":format!("{}/$APPID$/messages", messages.url),
            "domain":"saas.example.com","web_domains":["h5.example.com"]});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let made = stage.control("components", &body).await;
        let text =
            |field: &str| made[field].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let (appid, secret) = (text("appid"), text("secret"));
        let mut platform = Self { stage, events, messages, appid, secret, token: String::new() };
        platform.token = platform.fresh_token().await;
        platform
    }

    /// The message of the nth push to the event address.
    fn told(&self, nth: usize) -> String {
        opened(&self.events.bodies()[nth], &self.appid)
    }

    fn newest(&self) -> String {
        self.told(self.events.bodies().len() - 1)
    }

    async fn fresh_token(&self) -> String {
        let ticket = inside(&self.newest(), "ComponentVerifyTicket").to_owned();
        let answer = self.own_token(&ticket).await;
        let token = answer["component_access_token"].as_str();
        token.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn own_token(&self, ticket: &str) -> Value {
        let body = json!({"component_appid":self.appid,"component_appsecret":self.secret,
            "component_verify_ticket":ticket});
        self.bare("api_component_token", &body).await
    }

    /// A call without a token.
    async fn bare(&self, name: &str, body: &Value) -> Value {
        let url = format!("{}/cgi-bin/component/{name}", self.stage.url);
        self.stage.client.post(url).json(body).send().await.unwrap().json().await.unwrap()
    }

    async fn call(&self, name: &str, body: Value) -> Value {
        self.call_with("component_access_token", &self.token, name, body).await
    }

    async fn call_with(&self, field: &str, token: &str, name: &str, mut body: Value) -> Value {
        if body["component_appid"].is_null() {
            body["component_appid"] = json!(self.appid);
        }
        self.bare(&format!("{name}?{field}={token}"), &body).await
    }

    async fn page(&self, extra: &[(&str, &str)]) -> Url {
        let code = self.call("api_create_preauthcode", json!({})).await;
        assert_eq!(code["expires_in"], 1800, "{code}");
        self.page_with(code["pre_auth_code"].as_str().unwrap(), extra)
    }

    fn page_with(&self, pre_auth_code: &str, extra: &[(&str, &str)]) -> Url {
        let url = format!("{}/cgi-bin/componentloginpage", self.stage.url);
        let fixed = [
            ("component_appid", self.appid.as_str()),
            ("pre_auth_code", pre_auth_code),
            ("redirect_uri", BACK),
        ];
        Url::parse_with_params(&url, fixed.iter().chain(extra)).unwrap()
    }

    /// The administrator grants these sets on the page; the code of the redirect.
    async fn authorized(&self, sets: &[u32]) -> String {
        let answer = agree(self.page(&[]).await, &self.stage.appid, sets).await;
        let back = location(&answer);
        let value = |name: &str| {
            back.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned()
        };
        assert_eq!((value("merchant"), value("expires_in")), ("7".into(), "3600".into()));
        value("auth_code")
    }

    /// Tokens of the account with these sets: access and refresh.
    async fn merchant(&self, sets: &[u32]) -> (String, String) {
        let code = self.authorized(sets).await;
        let told = self.call("api_query_auth", json!({"authorization_code":code})).await;
        let text = |field: &str| told["authorization_info"][field].as_str().unwrap().to_owned();
        assert_eq!(text("authorizer_appid"), self.stage.appid);
        (text("authorizer_access_token"), text("authorizer_refresh_token"))
    }

    async fn refresh(&self, refresh: &str) -> Value {
        let body = json!({"authorizer_appid":self.stage.appid,"authorizer_refresh_token":refresh});
        self.call("api_authorizer_token", body).await
    }

    async fn control(&self, path: &str) -> Value {
        let path = path.replace("{m}", &self.stage.appid);
        self.stage.control(&format!("components/{}/{path}", self.appid), &json!({})).await
    }

    /// The `errcode` of a call with this token, 0 for success.
    async fn errcode(&self, token: &str, path: &str, body: Option<Value>) -> i64 {
        let url = format!("{}{path}?access_token={token}", self.stage.url);
        let request = match body {
            Some(body) => self.stage.client.post(url).json(&body),
            None => self.stage.client.get(url),
        };
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["errcode"].as_i64().unwrap_or(0)
    }
}

fn opened(body: &str, appid: &str) -> String {
    let appid = AppId::parse(appid).unwrap();
    CallbackKey::parse(KEY).unwrap().open(inside(body, "Encrypt"), &appid).unwrap()
}

async fn agree(url: Url, appid: &str, sets: &[u32]) -> Response {
    let mut body = format!("appid={appid}&decision=agree");
    for set in sets {
        body.push_str(&format!("&set={set}"));
    }
    let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    client.post(url).body(body).send().await.unwrap()
}

fn location(answer: &Response) -> Url {
    let location = answer.headers().get("location").unwrap_or_else(|| panic!("{answer:?}"));
    Url::parse(location.to_str().unwrap()).unwrap()
}

async fn html(url: Url) -> String {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_ticket_comes_every_ten_minutes_and_lives_twelve_hours() {
    let platform = Platform::new(spec(3), json!({})).await;
    assert_eq!(platform.events.bodies().len(), 1, "the first one at once");
    let (time, nonce) = (platform.events.query(0, "timestamp"), platform.events.query(0, "nonce"));
    let body = &platform.events.bodies()[0];
    assert_eq!(inside(body, "AppId"), platform.appid);
    assert_eq!(
        platform.events.query(0, "msg_signature"),
        signature(&["component", &time, &nonce, inside(body, "Encrypt")])
    );
    assert_eq!(platform.events.query(0, "openid"), "");
    let first = platform.told(0);
    assert_eq!(inside(&first, "InfoType"), "component_verify_ticket");
    assert_eq!(inside(&first, "AppId"), platform.appid);
    let first = inside(&first, "ComponentVerifyTicket").to_owned();
    assert!(first.starts_with("ticket@@@") && first.len() == 89, "{first}");

    platform.stage.wait(599).await;
    assert_eq!(platform.events.bodies().len(), 1);
    platform.stage.wait(1).await;
    assert_eq!(platform.events.bodies().len(), 2);
    assert!(platform.own_token(&first).await["component_access_token"].is_string(), "still lives");
    platform.stage.wait(12 * 3_600 - 600).await;
    assert_eq!(platform.own_token(&first).await["errcode"], 61005);
    assert_eq!(platform.own_token("ticket@@@none").await["errcode"], 61006);

    let before = platform.events.bodies().len();
    let (appid, secret) = (&platform.appid, &platform.secret);
    let body = json!({"component_appid":appid,"component_secret":secret});
    assert_eq!(platform.bare("api_start_push_ticket", &body).await["errcode"], 0);
    assert_eq!(platform.control("tickets").await["error"], Value::Null);
    assert_eq!(platform.events.bodies().len(), before + 2);
    for (body, code) in [
        (json!({"component_secret":secret}), 41002),
        (json!({"component_appid":appid}), 41004),
        (json!({"component_appid":"wxnobody","component_secret":secret}), 61011),
        (json!({"component_appid":appid,"component_secret":"wrong"}), 40125),
    ] {
        assert_eq!(platform.bare("api_start_push_ticket", &body).await["errcode"], code, "{body}");
    }
    let log = platform.stage.seen(&format!("components/{appid}/callbacks")).await;
    assert_eq!(log[0]["event"], "component_verify_ticket");
    assert_eq!(log[0]["taken"], true);
}

#[tokio::test]
async fn an_administrator_grants_what_they_leave_ticked() {
    let platform = Platform::new(spec(3), json!({})).await;
    let url = platform.page(&[]).await;
    let shown = html(url.clone()).await;
    for wanted in ["群发与通知", "订阅通知", &platform.stage.appid, "type=\"checkbox\""] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    let mut english = url.clone();
    english.query_pairs_mut().append_pair("lang", "en");
    assert!(html(english).await.contains("Mass messages and notices"));

    // 113 is not asked for and cannot be granted.
    let answer = agree(url.clone(), &platform.stage.appid, &[2, 7, 113]).await;
    let back = location(&answer);
    let told = platform.newest();
    assert_eq!(inside(&told, "InfoType"), "authorized");
    assert_eq!(inside(&told, "AuthorizerAppid"), platform.stage.appid);
    let code = inside(&told, "AuthorizationCode").to_owned();
    assert!(back.as_str().starts_with("https://saas.example.com/done?merchant=7&auth_code="));
    assert!(back.query_pairs().any(|(name, value)| name == "auth_code" && value == code.as_str()));
    let now = platform.stage.now().await;
    assert_eq!(inside(&told, "AuthorizationCodeExpiredTime"), (now + 3_600).to_string());
    assert!(inside(&told, "PreAuthCode").starts_with("preauthcode@@@"));
    assert_eq!(agree(url, &platform.stage.appid, &[2]).await.status(), 200, "the code is used");

    let query = json!({"authorization_code":code});
    let told = platform.call("api_query_auth", query.clone()).await;
    let info = &told["authorization_info"];
    assert_eq!(info["expires_in"], 7200, "{told}");
    let set = |id: u32| json!({"funcscope_category":{"id":id}});
    assert_eq!(info["func_info"], json!([set(2), set(7)]));
    assert_eq!(platform.call("api_query_auth", query).await["errcode"], 61009, "once");
    let unknown = json!({"authorization_code":"queryauthcode@@@none"});
    assert_eq!(platform.call("api_query_auth", unknown).await["errcode"], 61009);

    let token = info["authorizer_access_token"].as_str().unwrap();
    assert_eq!(platform.errcode(token, "/cgi-bin/user/get", None).await, 0);
    let send = json!({"filter":{"is_to_all":true},"msgtype":"text","text":{"content":"大家好"}});
    assert_eq!(platform.errcode(token, "/cgi-bin/message/mass/sendall", Some(send)).await, 0);
    assert_eq!(platform.errcode(token, "/cgi-bin/menu/get", None).await, 61007);
    let draft = Some(json!({"offset":0,"count":1}));
    assert_eq!(platform.errcode(token, "/cgi-bin/draft/batchget", draft).await, 61007);
    let day = Some(json!({"begin_date":"2026-03-01","end_date":"2026-03-01"}));
    assert_eq!(platform.errcode(token, "/datacube/getusersummary", day.clone()).await, 0);
    assert_eq!(platform.errcode(token, "/datacube/getbizsummary", day.clone()).await, 0);
    assert_eq!(platform.errcode(token, "/datacube/getupstreammsg", day).await, 61007);

    // A code that is not redeemed in its hour runs out.
    let late = platform.authorized(&[2]).await;
    platform.stage.wait(3_600).await;
    let late = json!({"authorization_code":late});
    assert_eq!(platform.call("api_query_auth", late).await["errcode"], 61010);
}

#[tokio::test]
async fn the_page_says_what_is_wrong_with_its_address() {
    let platform = Platform::new(spec(3), json!({})).await;
    let code = platform.call("api_create_preauthcode", json!({})).await;
    let code = code["pre_auth_code"].as_str().unwrap().to_owned();
    for (extra, wanted) in [
        (("component_appid", "wxnobody"), "component_appid"),
        (("pre_auth_code", "preauthcode@@@none"), "pre_auth_code"),
        (("redirect_uri", "https://evil.example/"), "redirect_uri"),
        (("auth_type", "2"), "auth_type"),
        (("biz_appid", "wxnobody"), "没有可授权的公众号"),
    ] {
        let shown = html(platform.page_with(&code, &[extra])).await;
        assert!(shown.contains(wanted), "{extra:?}: {shown}");
    }
    let both = [("auth_type", "1"), ("biz_appid", "wx1")];
    assert!(html(platform.page_with(&code, &both)).await.contains("biz_appid"));
    for (appid, sets, wanted) in
        [("wxnobody", &[1][..], "appid"), (&*platform.stage.appid, &[][..], "权限集")]
    {
        let answer = agree(platform.page_with(&code, &[]), appid, sets).await;
        assert!(answer.text().await.unwrap().contains(wanted), "{appid}");
    }
    let url = platform.page_with(&code, &[]);
    let refused = platform.stage.client.post(url.clone()).body("decision=refuse");
    assert!(refused.send().await.unwrap().text().await.unwrap().contains("已取消授权"));
    platform.stage.wait(1_800).await;
    assert!(html(url).await.contains("已过期"));
    // The pages for phones.
    for path in ["/wxaopen/safe/bindcomponent", "/safe/bindcomponent"] {
        let mut url = platform.page(&[("action", "bindcomponent"), ("no_scan", "1")]).await;
        url.set_path(path);
        assert!(html(url).await.contains("授权第三方平台"), "{path}");
    }
}

#[tokio::test]
async fn changes_are_told_and_a_withdrawal_ends_every_token() {
    let platform = Platform::new(spec(3), json!({})).await;
    let (token, refresh) = platform.merchant(&[1, 2]).await;
    let renewed = platform.refresh(&refresh).await;
    assert_eq!(renewed["authorizer_refresh_token"], refresh.as_str(), "{renewed}");
    let second = renewed["authorizer_access_token"].as_str().unwrap().to_owned();
    assert_eq!(platform.errcode(&token, "/cgi-bin/user/get", None).await, 0, "overlap");
    platform.stage.wait(300).await;
    assert_eq!(platform.errcode(&token, "/cgi-bin/user/get", None).await, 42001);
    assert_eq!(platform.errcode(&second, "/cgi-bin/user/get", None).await, 0);

    let told = platform.events.bodies().len();
    platform.authorized(&[1, 2]).await;
    assert_eq!(platform.events.bodies().len(), told, "nothing changed, nothing is told");
    assert_eq!(platform.refresh(&refresh).await["errcode"], 61023, "another one now");
    let (third, refresh) = platform.merchant(&[2]).await;
    assert_eq!(inside(&platform.newest(), "InfoType"), "updateauthorized");
    let words = json!({"touser":"o","msgtype":"text","text":{"content":"x"}});
    let custom = "/cgi-bin/message/custom/send";
    assert_eq!(platform.errcode(&third, custom, Some(words)).await, 61007);

    assert_eq!(platform.control("authorizers/{m}/withdraw").await["changed"], true);
    let told = platform.newest();
    assert_eq!(inside(&told, "InfoType"), "unauthorized");
    assert_eq!(inside(&told, "AuthorizerAppid"), platform.stage.appid);
    assert!(!told.contains("AuthorizationCode"), "{told}");
    assert_eq!(platform.errcode(&third, "/cgi-bin/user/get", None).await, 61003);
    assert_eq!(platform.refresh(&refresh).await["errcode"], 61003);
    assert_eq!(platform.control("authorizers/{m}/withdraw").await["changed"], false);
    let own = platform.stage.get("user/get", "").await;
    assert_eq!(own["total"], 3, "the account's own token lives: {own}");
}

#[tokio::test]
async fn messages_go_to_the_platform_that_manages_them() {
    let own = Receiver::new(&[]).await;
    let platform = Platform::new(with(&own, CallbackMode::Plain, spec(3)), json!({})).await;
    let person = platform.stage.people(1).await[0].clone();
    let write = format!("{{a}}/followers/{person}/write");
    platform.merchant(&[2]).await;
    platform.stage.control(&write, &json!({"content":"一"})).await;
    assert_eq!((own.bodies().len(), platform.messages.bodies().len()), (1, 0));
    platform.merchant(&[1, 2]).await;
    platform.stage.control(&write, &json!({"content":"二"})).await;
    assert_eq!((own.bodies().len(), platform.messages.bodies().len()), (1, 1));
    let (uri, body) = platform.messages.got.lock().unwrap()[0].clone();
    let wanted = format!("/callback/{}/messages", platform.stage.appid);
    assert_eq!(uri.path(), wanted, "the account takes the place in the address");
    assert!(inside(&body, "ToUserName").starts_with("gh_"));
    let plain = opened(&body, &platform.appid);
    assert_eq!((inside(&plain, "Content"), inside(&plain, "FromUserName")), ("二", &*person));
    assert_eq!(platform.messages.query(0, "openid"), person);
    platform.control("authorizers/{m}/withdraw").await;
    platform.stage.control(&write, &json!({"content":"三"})).await;
    assert_eq!((own.bodies().len(), platform.messages.bodies().len()), (2, 1));
}

#[tokio::test]
async fn the_platforms_answer_is_read_with_its_own_key_and_shown() {
    // Without an address of the account's own, the website's replies answer until a platform does.
    let platform = Platform::new(spec(3), json!({})).await;
    let person = platform.stage.people(1).await[0].clone();
    let replies = json!({"is_autoreply_open":1,
        "message_default_autoreply_info":{"type":"text","content":"网站收到"}});
    platform.stage.put("{a}/auto-replies", &replies).await;
    let last = async || {
        let write = format!("{{a}}/followers/{person}/write");
        platform.stage.control(&write, &json!({"content":"在吗"})).await;
        let seen = platform.stage.seen(&format!("{{a}}/followers/{person}")).await;
        let notices = seen["notices"].as_array().unwrap().clone();
        notices.last().map(|notice| notice["text"].as_str().unwrap().to_owned()).unwrap()
    };
    assert_eq!(last().await, "网站收到");
    platform.merchant(&[1, 2]).await;
    let account = platform.stage.seen("{a}").await["original_id"].as_str().unwrap().to_owned();
    let words = |content: &str| {
        format!(
            "<xml><ToUserName>{person}</ToUserName><FromUserName>{account}</FromUserName>\
             <CreateTime>1</CreateTime><MsgType>text</MsgType><Content>{content}</Content></xml>"
        )
    };
    let sealed = |content: &str, appid: &str| {
        let (key, appid) = (CallbackKey::parse(KEY).unwrap(), AppId::parse(appid).unwrap());
        let encrypt = key.seal(b"0123456789abcdef", &words(content), &appid);
        let signed = signature(&["component", "1", "2", &encrypt]);
        format!(
            "<xml><Encrypt>{encrypt}</Encrypt><MsgSignature>{signed}</MsgSignature>\
             <TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
        )
    };
    platform.messages.reply(Some(&sealed("平台收到", &platform.appid)));
    assert_eq!(last().await, "平台收到");
    let out_of_order = "该公众号暂时无法提供服务，请稍后再试";
    platform.messages.reply(Some(&sealed("封给账号", &platform.stage.appid)));
    assert_eq!(last().await, out_of_order, "sealed for the account, not for the platform");
    platform.messages.reply(Some(&words("未加密")));
    assert_eq!(last().await, out_of_order, "not sealed");
    platform.control("authorizers/{m}/withdraw").await;
    assert_eq!(last().await, "网站收到");
}

#[tokio::test]
async fn accounts_are_listed_shown_and_their_options_set() {
    let platform = Platform::new(spec(3), json!({})).await;
    let list = async |offset: i64, count: i64| {
        platform.call("api_get_authorizer_list", json!({"offset":offset,"count":count})).await
    };
    assert_eq!(list(0, 500).await, json!({"total_count":0,"list":[]}));
    let appid = json!({"authorizer_appid":platform.stage.appid});
    let info = platform.call("api_get_authorizer_info", appid.clone()).await;
    assert_eq!(info["errcode"], 61003);
    platform.authorized(&[2]).await;
    let listed = list(0, 10).await;
    let now = platform.stage.now().await;
    assert_eq!((&listed["total_count"], &listed["list"][0]["auth_time"]), (&json!(1), &json!(now)));
    assert_eq!(listed["list"][0]["refresh_token"], "", "the code was not redeemed");
    let (token, refresh) = platform.merchant(&[1, 2]).await;
    assert_eq!(list(0, 10).await["list"][0]["refresh_token"], refresh.as_str());
    assert_eq!(list(1, 10).await["list"], json!([]));
    assert_eq!(list(0, 501).await["errcode"], 40170);
    assert_eq!(list(-1, 1).await["errcode"], 40097);

    platform.stage.put("{a}/profile", &json!({"alias":"huazhao","status":18})).await;
    let info = platform.call("api_get_authorizer_info", appid).await;
    let shown = &info["authorizer_info"];
    assert_eq!((&shown["alias"], &shown["account_status"]), (&json!("huazhao"), &json!(18)));
    assert_eq!(shown["service_type_info"]["id"], 2);
    assert_eq!(shown["verify_type_info"]["id"], 0);
    assert!(shown["user_name"].as_str().unwrap().starts_with("gh_"));
    assert_eq!(info["authorization_info"]["func_info"][0]["funcscope_category"]["id"], 1);

    let option = async |name: &str, token: &str, value: Option<&str>| {
        let body = json!({"option_name":name,"option_value":value});
        let call = if value.is_some() { "set_authorizer_option" } else { "get_authorizer_option" };
        platform.call_with("access_token", token, call, body).await
    };
    assert_eq!(option("location_report", &token, None).await["option_value"], "0");
    assert_eq!(option("location_report", &token, Some("2")).await["errcode"], 0);
    assert_eq!(option("location_report", &token, None).await["option_value"], "2");
    assert_eq!(option("voice_recognize", &token, Some("2")).await["errcode"], 61013);
    assert_eq!(option("colour", &token, None).await["errcode"], 61012);
    assert_eq!(option("location_report", &platform.token, None).await["errcode"], 61015);
    assert_eq!(option("location_report", "88_none", None).await["errcode"], 40001);
    let former = json!({"authorizer_appid":platform.stage.appid,"option_name":"location_report"});
    let told = platform.call("api_get_authorizer_option", former).await;
    assert_eq!(told["option_value"], "2", "{told}");
    let set = json!({"authorizer_appid":platform.stage.appid,"option_name":"customer_service",
        "option_value":"1"});
    assert_eq!(platform.call("api_set_authorizer_option", set).await["errcode"], 0);
    assert_eq!(option("customer_service", &token, None).await["option_value"], "1");
}

#[tokio::test]
async fn tokens_of_the_wrong_kind_and_foreign_addresses_are_refused() {
    let platform = Platform::new(spec(3), json!({})).await;
    let (token, _) = platform.merchant(&[2]).await;
    let code = async |field: &str, token: &str| {
        platform.call_with(field, token, "api_create_preauthcode", json!({})).await["errcode"]
            .as_i64()
            .unwrap_or(0)
    };
    assert_eq!(code("component_access_token", &platform.token).await, 0);
    assert_eq!(code("access_token", &platform.token).await, 0, "both names");
    assert_eq!(code("component_access_token", &token).await, 61014);
    assert_eq!(code("access_token", &platform.stage.token).await, 61014);
    assert_eq!(code("access_token", "88_none").await, 40001);
    assert_eq!(code("other", "").await, 41001);
    let foreign = json!({"component_appid":"wxnobody"});
    let refused = platform.call("api_create_preauthcode", foreign).await;
    assert_eq!(refused["errcode"], 61011);
    assert_eq!(platform.errcode(&platform.token, "/cgi-bin/user/get", None).await, 61015);

    let mut settings = platform.stage.seen(&format!("components/{}", platform.appid)).await;
    let change = async |settings: &Value| {
        let path = format!("components/{}", platform.appid);
        let changed = platform.stage.put(&path, settings).await;
        assert!(changed["error"].is_null(), "{changed}");
    };
    settings["settings"]["ip_allow_list"] = json!(["203.0.113.9"]);
    change(&settings["settings"]).await;
    assert_eq!(code("component_access_token", &platform.token).await, 61004);
    assert_eq!(platform.errcode(&token, "/cgi-bin/user/get", None).await, 61004);
    assert_eq!(platform.own_token("ticket@@@none").await["errcode"], 61004);
    settings["settings"]["ip_allow_list"] = json!(["127.0.0.0/8"]);
    change(&settings["settings"]).await;
    assert_eq!(platform.errcode(&token, "/cgi-bin/user/get", None).await, 0);
    platform.stage.wait(7_200).await;
    assert_eq!(code("component_access_token", &platform.token).await, 42001);
    assert_eq!(platform.errcode(&token, "/cgi-bin/user/get", None).await, 42001);
    settings["settings"]["assumptions"]["expired_token_code"] = json!(42006);
    change(&settings["settings"]).await;
    assert_eq!(code("component_access_token", &platform.token).await, 42006);
}

#[tokio::test]
async fn the_switches_of_a_platform_have_two_sides() {
    let assumptions = json!({"assumptions":{"pre_auth_code_seconds":600,
        "authorization_code_seconds":60,"expiry_is_a_moment":false,"token_overlap_seconds":0,
        "options_take_account_token":false}});
    let platform = Platform::new(spec(3), assumptions).await;
    let code = platform.call("api_create_preauthcode", json!({})).await;
    assert_eq!(code["expires_in"], 600);
    let url = platform.page_with(code["pre_auth_code"].as_str().unwrap(), &[]);
    let back = location(&agree(url, &platform.stage.appid, &[2]).await);
    assert!(back.as_str().ends_with("&expires_in=60"), "{back}");
    assert_eq!(inside(&platform.newest(), "AuthorizationCodeExpiredTime"), "60");
    let code = inside(&platform.newest(), "AuthorizationCode").to_owned();
    let told = platform.call("api_query_auth", json!({"authorization_code":code})).await;
    let info = &told["authorization_info"];
    let token = info["authorizer_access_token"].as_str().unwrap();
    platform.refresh(info["authorizer_refresh_token"].as_str().unwrap()).await;
    assert_eq!(platform.errcode(token, "/cgi-bin/user/get", None).await, 42001, "no overlap");
    let body = json!({"authorizer_appid":platform.stage.appid,"option_name":"voice_recognize"});
    let option = platform.call("get_authorizer_option", body).await;
    assert_eq!(option["option_value"], "0", "{option}");
}

#[tokio::test]
async fn people_sign_in_through_a_platform() {
    let platform = Platform::new(spec(3), json!({})).await;
    let person = platform.stage.people(1).await[0].clone();
    let url = |back: &str, component: &str| {
        let url = format!("{}/connect/oauth2/authorize", platform.stage.url);
        let pairs = [
            ("appid", platform.stage.appid.as_str()),
            ("redirect_uri", back),
            ("response_type", "code"),
            ("scope", "snsapi_base"),
            ("state", "S"),
            ("component_appid", component),
            ("person", person.as_str()),
        ];
        Url::parse_with_params(&url, pairs).unwrap()
    };
    let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    assert!(html(url("https://h5.example.com/", &platform.appid)).await.contains("10015"));
    platform.merchant(&[2]).await;
    assert!(html(url("https://h5.example.com/", &platform.appid)).await.contains("10015"));
    platform.merchant(&[2, 4]).await;
    assert!(html(url("https://shop.example.com/", &platform.appid)).await.contains("10003"));
    let answer = client.get(url("https://h5.example.com/", &platform.appid)).send().await.unwrap();
    let back = location(&answer);
    assert!(back.as_str().ends_with(&format!("&state=S&appid={}", platform.stage.appid)), "{back}");
    let code = back.query_pairs().next().unwrap().1.into_owned();
    let sns = async |path: &str, query: &[(&str, &str)]| -> Value {
        let url = format!("{}/sns/oauth2/{path}", platform.stage.url);
        let url = Url::parse_with_params(&url, query).unwrap();
        platform.stage.client.get(url).send().await.unwrap().json().await.unwrap()
    };
    let by_account = [
        ("appid", platform.stage.appid.as_str()),
        ("secret", platform.stage.secret.as_str()),
        ("code", code.as_str()),
        ("grant_type", "authorization_code"),
    ];
    assert_eq!(sns("access_token", &by_account).await["errcode"], 40029, "the platform's code");
    let by_platform = [
        ("appid", platform.stage.appid.as_str()),
        ("code", code.as_str()),
        ("grant_type", "authorization_code"),
        ("component_appid", platform.appid.as_str()),
        ("component_access_token", platform.token.as_str()),
    ];
    let token = sns("component/access_token", &by_platform).await;
    assert_eq!(token["openid"], person.as_str(), "{token}");
    assert_eq!(sns("component/access_token", &by_platform).await["errcode"], 40163);
    assert_eq!(sns("component/access_token", &by_platform[..4]).await["errcode"], 41001);
    let mut renewal = by_platform;
    renewal[1] = ("refresh_token", token["refresh_token"].as_str().unwrap());
    renewal[2] = ("grant_type", "refresh_token");
    let renewed = sns("component/refresh_token", &renewal).await;
    assert_eq!(renewed["openid"], person.as_str(), "{renewed}");
    renewal[1] = ("refresh_token", "88_none");
    assert_eq!(sns("component/refresh_token", &renewal).await["errcode"], 40030);
    let asked = Url::parse_with_params(
        &format!("{}/connect/oauth2/authorize", platform.stage.url),
        [
            ("appid", platform.appid.as_str()),
            ("redirect_uri", "https://h5.example.com/"),
            ("response_type", "code"),
            ("scope", "snsapi_base"),
        ],
    );
    assert!(html(asked.unwrap()).await.contains("10016"));
}

#[tokio::test]
async fn a_set_is_held_by_one_platform_and_an_unreleased_one_by_test_accounts() {
    let platform = Platform::new(spec(3), json!({})).await;
    platform.merchant(&[2, 4]).await;
    let other = json!({"seed":9,"token":"component","encoding_aes_key":KEY,"released":false});
    let other = platform.stage.control("components", &other).await;
    let path = format!(
        "components/{}/authorizers/{}/authorize",
        other["appid"].as_str().unwrap(),
        platform.stage.appid
    );
    let refused = platform.stage.control(&path, &json!({})).await;
    assert!(refused["error"].as_str().unwrap().contains("permission set 4"), "{refused}");
    let wish = json!({"permission_sets":[2]});
    let refused = platform.stage.control(&path, &wish).await;
    assert!(refused["error"].as_str().unwrap().contains("test_accounts"), "{refused}");
    let account = platform.stage.seen("accounts").await[0]["original_id"].clone();
    let mut settings = other["settings"].clone();
    settings["test_accounts"] = json!([account]);
    platform
        .stage
        .put(&format!("components/{}", other["appid"].as_str().unwrap()), &settings)
        .await;
    let granted = platform.stage.control(&path, &wish).await;
    assert!(granted["authorization_code"].is_string(), "{granted}");
    let refused = platform.stage.control(&path, &json!({"permission_sets":[9]})).await;
    assert!(refused["error"].as_str().unwrap().contains("permission_sets holds 9"), "{refused}");
    let taken = json!({"appid":platform.appid,"token":"component","encoding_aes_key":KEY});
    let refused = platform.stage.control("components", &taken).await;
    assert!(refused["error"].as_str().unwrap().contains("is there already"), "{refused}");
    let nobody = platform.stage.control("components/wxnobody/tickets", &json!({})).await;
    assert!(nobody["error"].as_str().unwrap().contains("wxnobody"), "{nobody}");
    let listed = platform.stage.seen("components").await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["authorizers"][0]["permission_sets"], json!([2, 4]));
}

#[tokio::test]
async fn quotas_are_cleared_ten_times_a_month() {
    let platform = Platform::new(spec(3), json!({})).await;
    let body = json!({"appid":platform.stage.appid,"component_appid":platform.appid,
        "appsecret":platform.secret});
    let refused = platform.bare("clear_quota/v2", &body).await;
    assert_eq!(refused["errcode"], 61003);
    let (token, _) = platform.merchant(&[2]).await;
    let used = async || {
        let body = json!({"cgi_path":"/cgi-bin/user/get"});
        let path = format!("{}/cgi-bin/openapi/quota/get?access_token={token}", platform.stage.url);
        let request = platform.stage.client.post(path).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["quota"]["used"].as_i64().unwrap()
    };
    platform.errcode(&token, "/cgi-bin/user/get", None).await;
    assert_eq!(used().await, 1, "the account's counters");
    for _ in 0..10 {
        assert_eq!(platform.bare("clear_quota/v2", &body).await["errcode"], 0);
    }
    assert_eq!(used().await, 0);
    assert_eq!(platform.bare("clear_quota/v2", &body).await["errcode"], 48006);
}

#[tokio::test]
async fn an_option_that_is_read_only_cannot_be_set() {
    let platform = Platform::new(spec(3), json!({"read_only_options":["voice_recognize"]})).await;
    let (token, _) = platform.merchant(&[1, 2]).await;
    let option = async |name: &str| {
        let body = json!({"option_name":name,"option_value":"1"});
        platform.call_with("access_token", &token, "set_authorizer_option", body).await
    };
    assert_eq!(option("voice_recognize").await["errcode"], 61025);
    assert_eq!(option("customer_service").await["errcode"], 0);
    let body = json!({"authorizer_appid":platform.stage.appid,"option_name":"voice_recognize",
        "option_value":"1"});
    let former = platform.call("api_set_authorizer_option", body.clone()).await;
    assert_eq!(former["errcode"], 61025);
    let read = platform.call("api_get_authorizer_option", body).await;
    assert_eq!(read["option_value"], "0");
}

#[tokio::test]
async fn accounts_are_bound_to_open_platform_accounts_by_call() {
    let platform = Platform::new(spec(3), json!({"permission_sets":[2, 24]})).await;
    let (without, _) = platform.merchant(&[2]).await;
    let stage = &platform.stage;
    let own = json!({"appid":stage.appid});
    assert_eq!(platform.errcode(&without, "/cgi-bin/open/get", Some(own.clone())).await, 61007);
    let (token, _) = platform.merchant(&[2, 24]).await;
    let call = async |name: &str, body: &Value| {
        let url = format!("{}/cgi-bin/open/{name}?access_token={token}", stage.url);
        let answer: Value =
            stage.client.post(url).json(body).send().await.unwrap().json().await.unwrap();
        answer
    };
    assert_eq!(call("get", &own).await["errcode"], 89002);
    assert_eq!(call("create", &json!({"appid":"wxother"})).await["errcode"], 40013);
    let made = call("create", &own).await;
    let open = made["open_appid"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    assert_eq!(call("get", &own).await["open_appid"], open.as_str());
    assert_eq!(call("create", &own).await["errcode"], 89000);
    let named = |open: &str| json!({"appid":stage.appid,"open_appid":open});
    assert_eq!(call("bind", &named(&open)).await["errcode"], 89000);
    let person = &stage.people(1).await[0];
    let info = stage.get("user/info", &format!("&openid={person}")).await;
    assert!(info["unionid"].is_string(), "{info}");
    assert_eq!(call("unbind", &named("wxother")).await["errcode"], 89002);
    assert_eq!(call("unbind", &named(&open)).await["errcode"], 0);
    assert_eq!(call("unbind", &named(&open)).await["errcode"], 89002);
    assert_eq!(call("bind", &named("wxother")).await["errcode"], 89002);
    assert_eq!(call("bind", &named(&open)).await["errcode"], 0);
    call("unbind", &named(&open)).await;
    stage.put("{a}/profile", &json!({"principal_name":"另一家公司"})).await;
    assert_eq!(call("bind", &named(&open)).await["errcode"], 89001);
    // What the website bound is not unbound by call.
    stage.put("{a}/open-platform", &json!({"open_appid":"wx00000000000000aa"})).await;
    assert_eq!(call("unbind", &named("wx00000000000000aa")).await["errcode"], 89003);
}
