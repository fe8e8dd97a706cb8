use reqwest::Method;

use crate::world::{AES_KEY, APPID, Answer, TOKEN, World};

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_problems() {
    let world = World::with_account().await;
    let answer = world.get("/api/v1/nothing").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "no_such_path"));
    let answer = Answer::of(world.keyed(Method::DELETE, "/api/v1/accounts")).await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "wrong_method"));
    for path in ["/api/v1/accounts/2", "/api/v1/accounts/x", "/api/v1/accounts/1/campaigns/x"] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_has_no_followers_either() {
    let world = World::with_account().await;
    let answer =
        world.send_json(Method::POST, "/api/v1/accounts/2/segments/count", "{not json").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
}

#[tokio::test]
async fn bodies_that_cannot_be_used_name_the_field() {
    let world = World::with_account().await;
    let path = "/api/v1/accounts/1/segments/explain";
    for (body, status, code, field) in [
        ("{", 400, "bad_json", None),
        ("{}", 422, "missing_field", Some("segment")),
        (r#"{"segment":7}"#, 422, "bad_field", Some("segment")),
        (r#"{"segment":"everyone"}"#, 422, "missing_field", Some("openid")),
    ] {
        let answer = world.send_json(Method::POST, path, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
        assert_eq!(answer.json()["field"].as_str(), field, "{body}");
    }
    let count = "/api/v1/accounts/1/segments/count";
    let answer = world.send_json(Method::POST, count, r#"{"segment":"(("}"#).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_segment"));
    assert_eq!(answer.json()["field"], "segment");
    let answer = Answer::of(world.keyed(Method::POST, path).body("{}")).await;
    assert_eq!((answer.status, answer.code().as_str()), (415, "not_json"));
    let large = format!("{{\"segment\":\"{}\"}}", "x".repeat(3 << 20));
    let answer = world.send_json(Method::POST, path, large).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    let answer = world.get("/api/v1/work?wait=perhaps").await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_field"));
    assert_eq!(answer.json()["field"], "wait");
}

#[tokio::test]
async fn an_account_is_connected_only_when_the_platform_gives_it_a_token() {
    let world = World::new().await;
    let body = |token: &str| {
        format!(
            r#"{{"name":"Shop","appid":"{APPID}","secret":"s3cret-s3cret","original_id":"gh_0f",
                "callback_token":"{token}","encoding_aes_key":"{AES_KEY}"}}"#
        )
    };
    let answer = world.send_json(Method::POST, "/api/v1/accounts", body("no")).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "bad_input"));
    assert_eq!(answer.json()["field"], "callback_token");
    let answer = world.send_json(Method::POST, "/api/v1/accounts", body(TOKEN)).await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "platform"));
    assert!(!answer.text.contains("s3cret-s3cret"));
    assert_eq!(world.get("/api/v1/accounts").await.text, "[]");
}
