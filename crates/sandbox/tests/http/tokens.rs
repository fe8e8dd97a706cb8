use serde_json::Value;

use crate::{Stage, spec};

async fn classic(stage: &Stage, appid: &str, secret: &str) -> Value {
    let url = format!(
        "{}/cgi-bin/token?grant_type=client_credential&appid={appid}&secret={secret}",
        stage.url
    );
    stage.client.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_stable_token_stays_until_its_last_five_minutes() {
    let stage = Stage::new(spec(10)).await;
    let first = stage.stable(false).await;
    assert_eq!(first["expires_in"], 7200);
    stage.wait(6000).await;
    let same = stage.stable(false).await;
    assert_eq!(same["access_token"], first["access_token"]);
    assert_eq!(same["expires_in"], 1200);
    stage.wait(1000).await;
    let next = stage.stable(false).await;
    assert_ne!(next["access_token"], first["access_token"]);
    // Old and new both work until the old one ends.
    assert_eq!(stage.get("user/get", "").await["total"], 10);
    stage.wait(200).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 42001);
}

#[tokio::test]
async fn forcing_kills_the_former_token_at_once_and_not_twice_in_half_a_minute() {
    let mut stage = Stage::new(spec(10)).await;
    let former = stage.token.clone();
    let forced = stage.stable(true).await["access_token"].clone();
    assert_ne!(forced, former);
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001);
    assert_eq!(stage.stable(true).await["access_token"], forced, "too soon: not refreshed");
    stage.wait(30).await;
    assert_ne!(stage.stable(true).await["access_token"], forced);
    for _ in 2..20 {
        stage.wait(30).await;
        assert!(stage.stable(true).await["access_token"].is_string());
    }
    stage.wait(30).await;
    assert_eq!(stage.stable(true).await["errcode"], 45009, "twenty a day");
    stage.refresh().await;
    assert_eq!(stage.get("user/get", "").await["total"], 10);
}

#[tokio::test]
async fn a_classic_token_lives_five_minutes_beside_its_successor() {
    let mut stage = Stage::new(spec(10)).await;
    let stable = stage.token.clone();
    let (appid, secret) = (stage.appid.clone(), stage.secret.clone());
    let first = classic(&stage, &appid, &secret).await;
    stage.token = first["access_token"].as_str().unwrap().to_owned();
    classic(&stage, &appid, &secret).await;
    stage.wait(299).await;
    assert_eq!(stage.get("user/get", "").await["total"], 10);
    stage.wait(1).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001);
    stage.token = stable;
    assert_eq!(stage.get("user/get", "").await["total"], 10, "the two kinds are independent");
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let mut stage = Stage::new(spec(10)).await;
    let (appid, secret) = (stage.appid.clone(), stage.secret.clone());
    let code = |answer: Value| answer["errcode"].as_i64().unwrap();
    assert_eq!(code(classic(&stage, "wxnobody", &secret).await), 40013);
    assert_eq!(code(classic(&stage, "", &secret).await), 41002);
    assert_eq!(code(classic(&stage, &appid, "").await), 41004);
    assert_eq!(code(classic(&stage, &appid, &"0".repeat(32)).await), 40001);
    assert_eq!(code(classic(&stage, &appid, "short").await), 40125);
    stage.secret = "0".repeat(32);
    assert_eq!(stage.stable(false).await["errcode"], 40125);
    stage.token = "x".into();
    assert_eq!(stage.get("user/get", "").await["errcode"], 40014);
    stage.token = String::new();
    assert_eq!(stage.get("user/get", "").await["errcode"], 41001);
    stage.token = format!("88_{}", "a".repeat(136));
    let refused = stage.get("user/get", "").await;
    assert_eq!(refused["errcode"], 40001);
    let words = refused["errmsg"].as_str().unwrap();
    let rid = words.split(" rid: ").nth(1).unwrap();
    let seconds = i64::from_str_radix(rid.split('-').next().unwrap(), 16).unwrap();
    assert_eq!(seconds, stage.now().await);
}

#[tokio::test]
async fn an_unlisted_address_gets_no_token() {
    let mut spec = spec(10);
    spec.ip_allow_list = Some(vec!["203.0.113.0/24".into()]);
    let stage = Stage::new(spec).await;
    let refused = stage.stable(false).await;
    assert_eq!(refused["errcode"], 40164);
    let words = refused["errmsg"].as_str().unwrap();
    let expected = "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: ";
    assert!(words.starts_with(expected), "{words}");
}
