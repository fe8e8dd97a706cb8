//! Interface test accounts (接口测试号): a hundred followers, lower limits, no send to a tag or to
//! everybody.

use sandbox::AccountSpec;
use serde_json::json;

use crate::{Stage, spec, text_to, to_all, to_tag};

fn test_account(followers: u32) -> AccountSpec {
    AccountSpec { test_account: true, ..spec(followers) }
}

#[tokio::test]
async fn lists_are_sent_to_and_nobody_else() {
    let stage = Stage::new(test_account(5)).await;
    let people = stage.people(3).await;
    for send in [to_all("a"), to_tag(100, "b")] {
        assert_eq!(stage.post("message/mass/sendall", &send).await["errcode"], 45028);
    }
    let sent = stage.post("message/mass/send", &text_to(&people, "c")).await;
    assert_eq!(sent["errcode"], 0);
    stage.wait(10).await;
    assert_eq!(stage.job(&sent["msg_id"]).await["sent"], 3);
}

#[tokio::test]
async fn limits_of_the_day_are_lower() {
    let stage = Stage::new(test_account(1)).await;
    for (path, limit) in
        [("/cgi-bin/user/get", 100), ("/cgi-bin/user/info", 500_000), ("/cgi-bin/tags/get", 0)]
    {
        let told = stage.post("openapi/quota/get", &json!({"cgi_path":path})).await;
        assert_eq!(told["quota"]["daily_limit"].as_i64().unwrap_or(0), limit, "{path}: {told}");
    }
    for _ in 0..100 {
        assert_eq!(stage.get("user/get", "").await["total"], 1);
    }
    assert_eq!(stage.get("user/get", "").await["errcode"], 45009);
}

#[tokio::test]
async fn the_hundred_and_first_cannot_follow() {
    let stage = Stage::new(test_account(99)).await;
    assert!(stage.control("{a}/followers", &json!({})).await["openid"].is_string());
    let refused = stage.control("{a}/followers", &json!({})).await;
    assert_eq!(refused["error"], "the account is full");
    let first = stage.people(1).await.remove(0);
    let act = |act: &str| format!("{{a}}/followers/{first}/{act}");
    assert_eq!(stage.control(&act("leave"), &json!({})).await["changed"], true);
    assert!(stage.control("{a}/followers", &json!({})).await["openid"].is_string());
    assert_eq!(stage.control(&act("follow"), &json!({})).await["changed"], false);
    let body = json!({"followers":101,"seed":1,"test_account":true});
    let told = stage.control("accounts", &body).await;
    assert!(told["error"].as_str().unwrap().contains("test_account"), "{told}");
    let body = json!({"followers":1,"seed":1,"test_account":true,"kind":"subscription"});
    assert!(stage.control("accounts", &body).await["error"].is_string());
}
