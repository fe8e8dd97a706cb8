//! The interface about itself: tickets, addresses, counters, refused calls.

use sandbox::{AccountSpec, CallbackMode, CallbackSpec};
use serde_json::{Value, json};

use crate::{Stage, spec};

fn rid(refused: &Value) -> String {
    let words = refused["errmsg"].as_str().unwrap();
    words.split_once("rid: ").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_ticket_lives_two_hours() {
    let stage = Stage::new(spec(1)).await;
    let ticket = async |kind: &str| stage.get("ticket/getticket", &format!("&type={kind}")).await;
    let first = ticket("jsapi").await;
    assert_eq!((&first["errcode"], &first["expires_in"]), (&json!(0), &json!(7_200)));
    assert_ne!(ticket("wx_card").await["ticket"], first["ticket"]);
    assert_eq!(ticket("dance").await["errcode"], 40097);
    assert_eq!(stage.get("ticket/getticket", "").await["errcode"], 40097);
    stage.wait(7_000).await;
    let later = ticket("jsapi").await;
    assert_eq!((&later["ticket"], &later["expires_in"]), (&first["ticket"], &json!(200)));
    let mut stage = stage;
    stage.wait(200).await;
    stage.refresh().await;
    let second = stage.get("ticket/getticket", "&type=jsapi").await;
    assert_ne!(second["ticket"], first["ticket"]);
    assert_eq!(second["expires_in"], 7_200);
}

#[tokio::test]
async fn addresses_are_told_and_the_callback_checked() {
    let stage = Stage::new(spec(1)).await;
    assert_eq!(stage.get("getcallbackip", "").await, json!({"ip_list":["127.0.0.1"]}));
    assert_eq!(stage.get("get_api_domain_ip", "").await["ip_list"][0], "127.0.0.1");
    let check = json!({"action":"all","check_operator":"DEFAULT"});
    assert_eq!(stage.post("callback/check", &check).await["errcode"], 40201);

    let callback = CallbackSpec {
        format: Default::default(),
        url: "http://shop.example.com/callback".into(),
        token: "token".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    let stage = Stage::new(AccountSpec { callback: Some(callback), ..spec(1) }).await;
    let all = stage.post("callback/check", &check).await;
    assert_eq!(all["dns"][0]["ip"], all["ping"][0]["ip"]);
    assert_eq!(all["ping"][0]["package_loss"], "0%");
    let dns = json!({"action":"dns","check_operator":"UNICOM"});
    let dns = stage.post("callback/check", &dns).await;
    assert_eq!(dns["dns"][0]["real_operator"], "UNICOM");
    assert!(dns.get("ping").is_none());
    let wrong = json!({"action":"dance","check_operator":"DEFAULT"});
    assert_eq!(stage.post("callback/check", &wrong).await["errcode"], 40202);
    let wrong = json!({"action":"all","check_operator":"MOON"});
    assert_eq!(stage.post("callback/check", &wrong).await["errcode"], 40203);
}

#[tokio::test]
async fn one_counter_is_cleared_fifty_times_a_month() {
    let stage = Stage::new(spec(1)).await;
    let of = |path: &str| json!({ "cgi_path": path });
    let used = async |path: &str| stage.post("openapi/quota/get", &of(path)).await["quota"].clone();
    for _ in 0..3 {
        stage.get("user/get", "").await;
        stage.get("ticket/getticket", "&type=jsapi").await;
    }
    assert_eq!(used("/cgi-bin/user/get").await["used"], 3);
    let clear = "openapi/quota/clear";
    assert_eq!(stage.post(clear, &of("/cgi-bin/user/get")).await["errcode"], 0);
    assert_eq!(used("/cgi-bin/user/get").await["used"], 0);
    assert_eq!(used("/cgi-bin/ticket/getticket").await["used"], 3);
    assert_eq!(stage.post(clear, &of("/cgi-bin/nothing")).await["errcode"], 76021);
    assert_eq!(stage.post(clear, &of("/sns/userinfo")).await["errcode"], 76022);
    for _ in 1..50 {
        assert_eq!(stage.post(clear, &of("/cgi-bin/user/get")).await["errcode"], 0);
    }
    assert_eq!(stage.post(clear, &of("/cgi-bin/user/get")).await["errcode"], 45009);
}

#[tokio::test]
async fn counters_are_cleared_by_secret_too_and_share_the_ten() {
    let stage = Stage::new(spec(1)).await;
    let url = format!("{}/cgi-bin/clear_quota/v2", stage.url);
    let post = async |query: &str, body: Value| {
        let request = stage.client.post(format!("{url}{query}")).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["errcode"].as_i64().unwrap()
    };
    let own = json!({"appid":stage.appid,"appsecret":stage.secret});
    assert_eq!(post("", json!({"appsecret":stage.secret})).await, 41002);
    assert_eq!(post("", json!({"appid":stage.appid})).await, 41004);
    let nobody = json!({"appid":"wxffffffffffffffff","appsecret":"x"});
    assert_eq!(post("", nobody).await, 40013);
    assert_eq!(post("", json!({"appid":stage.appid,"appsecret":"x"})).await, 40125);
    let query = format!("?appid={}&appsecret={}", stage.appid, stage.secret);
    assert_eq!(post(&query, json!({})).await, 0);
    for _ in 0..4 {
        assert_eq!(post("", own.clone()).await, 0);
        let other = stage.post("clear_quota", &json!({"appid":stage.appid})).await;
        assert_eq!(other["errcode"], 0);
    }
    assert_eq!(post("", own.clone()).await, 0);
    assert_eq!(post("", own).await, 48006);
}

#[tokio::test]
async fn a_refused_call_is_found_for_seven_days_by_its_own_account() {
    let mut stage = Stage::new(spec(1)).await;
    let body = json!({"openid":"nobody"});
    let refused = stage.post("tags/getidlist", &body).await;
    let id = rid(&refused);
    let of = |rid: &str| json!({ "rid": rid });
    let path = "openapi/rid/get";
    let found = stage.post(path, &of(&id)).await;
    assert_eq!(found["errcode"], 0, "{found}");
    let request = &found["request"];
    assert_eq!(request["invoke_time"], stage.now().await);
    assert_eq!(request["client_ip"], "127.0.0.1");
    assert_eq!(request["request_url"], format!("access_token={}", stage.token));
    let kept: Value = serde_json::from_str(request["request_body"].as_str().unwrap()).unwrap();
    assert_eq!(kept, body);
    let kept: Value = serde_json::from_str(request["response_body"].as_str().unwrap()).unwrap();
    assert_eq!(kept, refused);

    assert_eq!(stage.post(path, &of("")).await["errcode"], 76002);
    assert_eq!(stage.post(path, &of("6955b980-XXXXXXXX-5e6f7081")).await["errcode"], 76002);
    assert_eq!(stage.post(path, &of("6955b980-1a2b3c4d-5e6f7081")).await["errcode"], 76001);
    let url = format!("{}/cgi-bin/user/get?access_token=x", stage.url);
    let foreign: Value = stage.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(stage.post(path, &of(&rid(&foreign))).await["errcode"], 76003);
    let url = format!(
        "{}/cgi-bin/token?grant_type=client_credential&appid={}&secret=wrong",
        stage.url, stage.appid
    );
    let denied: Value = stage.client.get(url).send().await.unwrap().json().await.unwrap();
    let found = stage.post(path, &of(&rid(&denied))).await;
    assert!(found["request"]["request_url"].as_str().unwrap().ends_with("secret=***"));

    stage.wait(7 * 86_400).await;
    stage.refresh().await;
    assert_eq!(stage.post(path, &of(&id)).await["errcode"], 0);
    stage.wait(1).await;
    assert_eq!(stage.post(path, &of(&id)).await["errcode"], 76004);
}

#[tokio::test]
async fn each_call_has_its_own_limit_of_the_day() {
    let stage = Stage::new(spec(1)).await;
    for (path, expected) in [
        ("user/info/updateremark", 10_000),
        ("groups/create", 1_000),
        ("groups/members/update", 100_000),
        ("qrcode/create", 100_000),
        ("menu/create", 1_000),
        ("menu/get", 10_000),
        ("menu/delete", 1_000),
        ("menu/addconditional", 2_000),
        ("menu/delconditional", 2_000),
        ("menu/trymatch", 20_000),
        ("ticket/getticket", 1_000_000),
    ] {
        let of = json!({ "cgi_path": format!("/cgi-bin/{path}") });
        let quota = stage.post("openapi/quota/get", &of).await["quota"].clone();
        assert_eq!(quota["daily_limit"], expected, "{path}");
    }
    for _ in 0..1_000 {
        assert_eq!(stage.get("menu/delete", "").await["errcode"], 46003);
    }
    assert_eq!(stage.get("menu/delete", "").await["errcode"], 45009);
}

#[tokio::test]
async fn calls_of_mini_programs_are_open_to_no_official_account() {
    let stage = Stage::new(spec(2)).await;
    let person = &stage.people(1).await[0];
    let body = json!({"touser":person,"msgtype":"text","text":{"content":"在"},"businessid":1,
        "command":"Typing"});
    for name in ["send", "typing"] {
        let told = stage.post(&format!("message/custom/business/{name}"), &body).await;
        assert_eq!(told["errcode"], 48001, "{name}");
    }
}
