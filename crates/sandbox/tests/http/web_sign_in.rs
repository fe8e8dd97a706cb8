use reqwest::redirect::Policy;
use reqwest::{Response, Url};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use wire::rules::AccountKind;

use crate::callbacks::{inside, with};
use crate::{Receiver, Stage, spec};

const BACK: &str = "https://shop.example.com/member?from=menu";

/// A browser that stops at redirects and keeps its one cookie by hand.
fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

impl Stage {
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Value {
        let request = self.client.put(self.control_url(path)).json(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    fn authorize_url(&self, pairs: &[(&str, &str)]) -> Url {
        let url = format!("{}/connect/oauth2/authorize", self.url);
        Url::parse_with_params(&url, pairs).unwrap()
    }

    fn sign_in_url(&self, scope: &str, person: &str) -> Url {
        self.authorize_url(&[
            ("appid", &self.appid),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", scope),
            ("state", "S7"),
            ("person", person),
        ])
    }

    async fn sns(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let url = Url::parse_with_params(&format!("{}/sns/{path}", self.url), query).unwrap();
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    async fn redeem(&self, code: &str) -> Value {
        self.sns(
            "oauth2/access_token",
            &[
                ("appid", &self.appid),
                ("secret", &self.secret),
                ("code", code),
                ("grant_type", "authorization_code"),
            ],
        )
        .await
    }

    async fn signed_in(&self, scope: &str, person: &str) -> Value {
        let url = self.sign_in_url(scope, person);
        let answer = if scope == "snsapi_base" {
            browser().get(url).send().await.unwrap()
        } else {
            agree(url, person, "agree").await
        };
        self.redeem(&code_of(&answer)).await
    }
}

async fn agree(url: Url, person: &str, decision: &str) -> Response {
    let body = format!("person={person}&decision={decision}");
    browser().post(url).body(body).send().await.unwrap()
}

fn location(answer: &Response) -> Url {
    let location = answer.headers().get("location").unwrap_or_else(|| panic!("{answer:?}"));
    Url::parse(location.to_str().unwrap()).unwrap()
}

fn code_of(answer: &Response) -> String {
    let pairs = location(answer);
    pairs.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn stage() -> (Stage, Vec<String>) {
    let stage = Stage::new(spec(20)).await;
    let set = stage.put("{a}/oauth", &json!({"domain":"shop.example.com"})).await;
    assert_eq!(set["domain"], "shop.example.com");
    let people = stage.people(3).await;
    (stage, people)
}

#[tokio::test]
async fn the_openid_comes_silently_and_a_code_works_once() {
    let (stage, people) = stage().await;
    let url = stage.sign_in_url("snsapi_base", &people[1]);
    let answer = browser().get(url.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let back = location(&answer);
    assert!(back.as_str().starts_with("https://shop.example.com/member?from=menu&code="));
    assert!(back.as_str().ends_with("&state=S7"), "{back}");
    let code = code_of(&answer);
    assert_eq!(code.len(), 32);
    let token = stage.redeem(&code).await;
    assert_eq!(token["openid"], people[1], "{token}");
    assert_eq!((&token["expires_in"], &token["scope"]), (&json!(7200), &json!("snsapi_base")));
    assert_eq!(stage.redeem(&code).await["errcode"], 40163);
    assert_eq!(stage.redeem("0unknown").await["errcode"], 40029);
    let late = code_of(&browser().get(url).send().await.unwrap());
    stage.wait(300).await;
    assert_eq!(stage.redeem(&late).await["errcode"], 42003);
    // The OpenID alone was asked for.
    let text = token["access_token"].as_str().unwrap();
    let asked = [("access_token", text), ("openid", &people[1]), ("lang", "zh_CN")];
    assert_eq!(stage.sns("userinfo", &asked).await["errcode"], 48001);
    assert_eq!(stage.sns("auth", &asked[..2]).await["errcode"], 0);
    let another = [("access_token", text), ("openid", people[0].as_str())];
    assert_eq!(stage.sns("auth", &another).await["errcode"], 40003);
    assert_eq!(stage.sns("auth", &[("openid", "o")]).await["errcode"], 41001);
    assert_eq!(stage.sns("auth", &asked[..1]).await["errcode"], 41009);
}

#[tokio::test]
async fn name_and_picture_come_by_consent() {
    let (stage, people) = stage().await;
    let url = stage.sign_in_url("snsapi_userinfo", &people[0]);
    let shown = browser().get(url.clone()).send().await.unwrap();
    assert_eq!(shown.status(), 200);
    let html = shown.text().await.unwrap();
    assert!(html.contains("申请获取你的信息") && html.contains(&people[0]), "{html}");
    assert!(!html.contains(&people[1]), "one person holds the phone");
    let english = browser().get(url.clone()).header("accept-language", "en-GB,en;q=0.9");
    let html = english.send().await.unwrap().text().await.unwrap();
    assert!(html.contains("asks for your profile") && html.contains("Refuse"), "{html}");

    let refused = agree(url.clone(), &people[0], "refuse").await;
    assert_eq!((refused.status().as_u16(), refused.headers().get("location")), (200, None));
    stage.put("{a}/oauth", &json!({"domain":"shop.example.com","redirects_refusals":true})).await;
    let refused = agree(url.clone(), &people[0], "refuse").await;
    assert_eq!(location(&refused).as_str(), "https://shop.example.com/member?from=menu&state=S7");
    assert_eq!(agree(url.clone(), "oNobody", "agree").await.status(), 200);
    assert_eq!(agree(url.clone(), &people[0], "perhaps").await.status(), 200);

    let bound = stage.put("{a}/open-platform", &json!({"open_appid":"wxopen1"})).await;
    assert_eq!(bound["open_appid"], "wxopen1");
    let token = stage.redeem(&code_of(&agree(url, &people[0], "agree").await)).await;
    assert_eq!(token["scope"], "snsapi_userinfo");
    let text = token["access_token"].as_str().unwrap();
    let asked = [("access_token", text), ("openid", people[0].as_str())];
    let person = stage.sns("userinfo", &asked).await;
    assert_eq!((&person["openid"], &person["sex"]), (&json!(people[0]), &json!(0)));
    assert!(!person["nickname"].as_str().unwrap().is_empty());
    assert!(person["headimgurl"].as_str().unwrap().ends_with("/132"));
    assert_eq!(person["privilege"], json!([]));
    assert_eq!(person["unionid"], token["unionid"]);
    let follower = stage.get("user/info", &format!("&openid={}", people[0])).await;
    assert_eq!(follower["unionid"], token["unionid"], "the same person everywhere");
    assert_eq!(stage.signed_in("snsapi_base", &people[0]).await["unionid"], Value::Null);

    stage.wait(7200).await;
    assert_eq!(stage.sns("userinfo", &asked).await["errcode"], 42001);
}

#[tokio::test]
async fn a_browser_remembers_who_holds_it() {
    let (stage, people) = stage().await;
    let pairs = [
        ("appid", stage.appid.as_str()),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
    ];
    let url = stage.authorize_url(&pairs);
    let page = browser().get(url.clone()).send().await.unwrap();
    let html = page.text().await.unwrap();
    assert!(html.contains("你是谁") && html.contains(&people[0]) && html.contains(&people[1]));
    let body = format!("person={}&other=+{}&decision=agree", people[0], people[2]);
    let chosen = browser().post(url.clone()).body(body).send().await.unwrap();
    let cookie = chosen.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(location(&chosen).query().unwrap().starts_with("from=menu&code="));
    let kept = cookie.split(';').next().unwrap();
    let again = browser().get(url.clone()).header("cookie", kept).send().await.unwrap();
    assert_eq!(stage.redeem(&code_of(&again)).await["openid"], people[2], "what was typed counts");
    let stale = browser().get(url).header("cookie", "person_x=1").send().await.unwrap();
    assert_eq!(stale.status(), 200);
}

#[tokio::test]
async fn a_refresh_token_lives_thirty_days() {
    let (stage, people) = stage().await;
    let first = stage.signed_in("snsapi_userinfo", &people[0]).await;
    let refresh = first["refresh_token"].as_str().unwrap();
    let renew = async |appid: &str, token: &str, grant: &str| {
        let query = [("appid", appid), ("grant_type", grant), ("refresh_token", token)];
        stage.sns("oauth2/refresh_token", &query).await
    };
    let grant = "refresh_token";
    assert_eq!(renew(&stage.appid, "", grant).await["errcode"], 41003);
    assert_eq!(renew(&stage.appid, "88_none", grant).await["errcode"], 40030);
    assert_eq!(renew("wxnobody", refresh, grant).await["errcode"], 40013);
    assert_eq!(renew("", refresh, grant).await["errcode"], 41002);
    assert_eq!(renew(&stage.appid, refresh, "code").await["errcode"], 40002);
    stage.wait(30 * 86_400 - 1).await;
    let second = renew(&stage.appid, refresh, grant).await;
    assert_eq!(second["openid"], people[0], "{second}");
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!((&second["refresh_token"], &second["scope"]), (&json!(refresh), &first["scope"]));
    stage.wait(1).await;
    assert_eq!(renew(&stage.appid, refresh, grant).await["errcode"], 42002);
}

#[tokio::test]
async fn each_fault_of_the_address_has_its_page() {
    let (stage, people) = stage().await;
    let (appid, person) = (stage.appid.clone(), people[0].clone());
    let good = [
        ("appid", appid.as_str()),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
        ("state", "S7"),
        ("person", person.as_str()),
    ];
    let with = |name: &str, value: &'static str| {
        let mut pairs = good;
        for pair in pairs.iter_mut().filter(|pair| pair.0 == name) {
            pair.1 = value;
        }
        stage.authorize_url(&pairs)
    };
    let long: &'static str = Box::leak("s".repeat(129).into_boxed_str());
    let mut turned = good;
    turned.swap(1, 3);
    let cases = [
        (with("appid", ""), "10012"),
        (with("appid", "wxnobody"), "AppID"),
        (with("redirect_uri", ""), "10011"),
        (with("redirect_uri", "https://www.shop.example.com/"), "10003"),
        (with("redirect_uri", "https://example.com/"), "10003"),
        (with("redirect_uri", "javascript:alert(1)"), "10003"),
        (with("scope", ""), "10010"),
        (with("scope", "snsapi_login"), "10005"),
        (with("response_type", "token"), "response_type"),
        (with("state", ""), "10013"),
        (with("state", long), "128"),
        (with("state", "a b"), "128"),
        (with("person", "oNobody"), "person"),
        (stage.authorize_url(&turned), "appid、redirect_uri"),
    ];
    for (url, wanted) in cases {
        let answer = browser().get(url.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        let html = answer.text().await.unwrap();
        assert!(html.contains(wanted), "{url}: {html}");
    }
    // What strictness refuses passes without it.
    stage.put("{a}/oauth", &json!({"domain":"shop.example.com","strict":false})).await;
    for url in [with("state", "a b"), stage.authorize_url(&turned)] {
        assert_eq!(browser().get(url).send().await.unwrap().status(), 302);
    }
    stage.put("{a}/oauth", &json!({})).await;
    let html = browser().get(with("state", "1")).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("10003"), "no domain is set: {html}");
    stage.put("{a}/profile", &json!({"status":16})).await;
    let html = browser().get(with("state", "1")).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("10004"), "{html}");
    let wrong = stage.put("{a}/profile", &json!({"status":2})).await;
    assert!(wrong["error"].as_str().unwrap().contains("status 2"), "{wrong}");
    let wrong = stage.put("{a}/oauth", &json!({"domain":"https://a/"})).await;
    assert!(wrong["error"].as_str().unwrap().contains("domain"), "{wrong}");
}

#[tokio::test]
async fn accounts_without_the_right_sign_nobody_in() {
    for spec in [
        AccountSpec { verified: false, ..spec(3) },
        AccountSpec { kind: AccountKind::Subscription, ..spec(3) },
    ] {
        let stage = Stage::new(spec).await;
        stage.put("{a}/oauth", &json!({"domain":"shop.example.com"})).await;
        let url = stage.sign_in_url("snsapi_base", "");
        let html = browser().get(url).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("10005"), "{html}");
        assert_eq!(stage.redeem("0x").await["errcode"], 48001);
    }
}

#[tokio::test]
async fn the_call_for_a_token_names_what_is_missing() {
    let (stage, _) = stage().await;
    let good = [
        ("appid", stage.appid.as_str()),
        ("secret", stage.secret.as_str()),
        ("code", "0x"),
        ("grant_type", "authorization_code"),
    ];
    let changed = async |name: &str, value: &'static str| {
        let mut pairs = good;
        for pair in pairs.iter_mut().filter(|pair| pair.0 == name) {
            pair.1 = value;
        }
        stage.sns("oauth2/access_token", &pairs).await["errcode"].clone()
    };
    assert_eq!(changed("appid", "").await, 41002);
    assert_eq!(changed("appid", "wxnobody").await, 40013);
    assert_eq!(changed("secret", "").await, 41004);
    assert_eq!(changed("secret", "wrong").await, 40125);
    assert_eq!(changed("code", "").await, 41008);
    assert_eq!(changed("grant_type", "refresh_token").await, 40002);
    let url = format!("{}/sns/oauth2/access_token", stage.url);
    let posted: Value = stage.client.post(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(posted["errcode"], 43001);
    let quota = json!({"cgi_path":"/sns/userinfo"});
    assert_eq!(stage.post("openapi/quota/get", &quota).await["errcode"], 76022);
}

#[tokio::test]
async fn a_snapshot_page_lends_a_virtual_person() {
    let (stage, people) = stage().await;
    stage.put("{a}/oauth", &json!({"domain":"shop.example.com","snapshot":true})).await;
    let token = stage.signed_in("snsapi_userinfo", &people[0]).await;
    assert_eq!(token["is_snapshotuser"], 1, "{token}");
    let openid = token["openid"].as_str().unwrap();
    assert_ne!(openid, people[0]);
    assert_eq!(openid.len(), people[0].len());
    let query = [("access_token", token["access_token"].as_str().unwrap()), ("openid", openid)];
    assert_eq!(stage.sns("userinfo", &query).await["nickname"], "微信用户");
    let silent = stage.signed_in("snsapi_base", &people[0]).await;
    assert_eq!((&silent["openid"], &silent["is_snapshotuser"]), (&json!(people[0]), &Value::Null));
}

#[tokio::test]
async fn who_takes_consent_back_is_told_of_and_their_tokens_end() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, sandbox::CallbackMode::Plain, spec(5))).await;
    stage.put("{a}/oauth", &json!({"domain":"shop.example.com"})).await;
    let person = stage.people(1).await[0].clone();
    let token = stage.signed_in("snsapi_base", &person).await;
    let query =
        [("access_token", token["access_token"].as_str().unwrap()), ("openid", person.as_str())];
    let act = |act: &str| format!("{{a}}/followers/{person}/privacy/{act}");
    stage.control(&act("modify"), &json!({})).await;
    assert_eq!(stage.sns("auth", &query).await["errcode"], 0);
    stage.control(&act("revoke"), &json!({"revoke_info":"301"})).await;
    assert_eq!(stage.sns("auth", &query).await["errcode"], 40001);
    let bodies = receiver.bodies();
    let events: Vec<&str> = bodies.iter().map(|body| inside(body, "Event")).collect();
    assert_eq!(events, ["user_info_modified", "user_authorization_revoke"]);
    assert_eq!(inside(&bodies[1], "RevokeInfo"), "301");
    assert_eq!(
        (inside(&bodies[1], "OpenID"), inside(&bodies[1], "AppID")),
        (&*person, &*stage.appid)
    );
    let wrong = stage.control(&act("forget"), &json!({})).await;
    assert!(wrong["error"].as_str().unwrap().contains("modify"), "{wrong}");
}

#[tokio::test]
async fn a_test_account_signs_in_followers_alone_and_haste_is_refused() {
    let stage = Stage::new(AccountSpec { test_account: true, ..spec(5) }).await;
    let people = stage.people(2).await;
    stage.control(&format!("{{a}}/followers/{}/leave", people[1]), &json!({})).await;
    let settings = json!({"domain":"shop.example.com","pages_per_minute":3});
    let told = stage.put("{a}/oauth", &settings).await;
    assert_eq!(told["pages_per_minute"], 3, "{told}");
    let open = async |person: &str| {
        let answer = browser().get(stage.sign_in_url("snsapi_base", person)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(open(&people[0]).await.0, 302);
    let (status, page) = open(&people[1]).await;
    assert!(status == 200 && page.contains("10006"), "{page}");
    assert_eq!(open(&people[0]).await.0, 302);
    let (status, page) = open(&people[0]).await;
    assert!(status == 200 && page.contains("10009"), "{page}");
    stage.wait(60).await;
    assert_eq!(open(&people[0]).await.0, 302);
}
