use reqwest::Method;
use wire::callback::{CallbackKey, CallbackSettings, Mode, Query};

use crate::world::{AES_KEY, APPID, Answer, START, TOKEN, World};

const OPENID: &str = "oSBXaaaaaaaaaaaaaaaaaaaaaa01";

fn settings() -> CallbackSettings {
    CallbackSettings {
        token: TOKEN.into(),
        key: Some(CallbackKey::parse(AES_KEY).unwrap()),
        former_key: None,
        appid: APPID.parse().unwrap(),
        mode: Mode::Safe,
    }
}

fn subscribe() -> (Query, String) {
    let plain = format!(
        "<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName>\
         <FromUserName><![CDATA[{OPENID}]]></FromUserName><CreateTime>{START}</CreateTime>\
         <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event>\
         <EventKey><![CDATA[]]></EventKey></xml>",
        START = START.0
    );
    settings().write_push(&plain, START, "889900112", b"0123456789abcdef").unwrap()
}

fn address(appid: &str, query: &Query) -> String {
    let Query { signature, timestamp, nonce, msg_signature, encrypt_type, .. } = query;
    format!(
        "/callback/{appid}?signature={signature}&timestamp={timestamp}&nonce={nonce}\
         &msg_signature={}&encrypt_type={}",
        msg_signature.clone().unwrap_or_default(),
        encrypt_type.clone().unwrap_or_default()
    )
}

#[tokio::test]
async fn a_push_is_answered_once_it_is_stored_and_then_has_its_effect() {
    let world = World::with_account().await;
    let (query, body) = subscribe();
    for _ in 0..2 {
        let push = world.plain(Method::POST, &address(APPID, &query)).body(body.clone());
        let answer = Answer::of(push).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "success"));
    }
    assert_eq!(world.get("/api/v1/work?wait=true").await.status, 200);
    let account = world.get("/api/v1/accounts/1").await.json();
    assert_eq!((&account["known"], &account["following"]), (&1.into(), &1.into()));
    let follower = world.get(&format!("/api/v1/accounts/1/followers/{OPENID}")).await;
    assert_eq!(follower.json()["following"], true);
}

#[tokio::test]
async fn a_push_that_is_not_the_platforms_is_refused() {
    let world = World::with_account().await;
    let (query, body) = subscribe();
    let forged = Query { msg_signature: Some("0".repeat(40)), ..query.clone() };
    for (path, body, status) in [
        (address(APPID, &forged), body.clone(), 403),
        (address(APPID, &Query::default()), "<xml></xml>".into(), 403),
        (address("wxffffffffffffffff", &query), body.clone(), 404),
        (address(APPID, &query), "x".repeat(300 * 1024), 413),
    ] {
        let answer = Answer::of(world.plain(Method::POST, &path).body(body)).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.content_type.starts_with("text/plain"), "{answer:?}");
    }
    assert_eq!(world.get("/api/v1/accounts/1").await.json()["known"], 0);
}

#[tokio::test]
async fn the_check_of_the_address_is_answered_with_its_own_text() {
    let world = World::with_account().await;
    let (query, _) = subscribe();
    let path = format!("{}&echostr=5927782489442352469", address(APPID, &query));
    let answer = Answer::of(world.plain(Method::GET, &path)).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "5927782489442352469"));
    let path = path.replace(&query.signature, &"0".repeat(40));
    assert_eq!(Answer::of(world.plain(Method::GET, &path)).await.status, 403);
}
