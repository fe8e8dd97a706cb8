use axum::http::StatusCode;
use sandbox::{AccountSpec, CallbackMode, CallbackSpec, ClockMode};
use serde_json::json;
use wire::AppId;
use wire::callback::crypt::{CallbackKey, signature};

use crate::{Receiver, Stage, spec, text_to};

pub(crate) const KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

pub(crate) fn with(receiver: &Receiver, mode: CallbackMode, spec: AccountSpec) -> AccountSpec {
    let callback = CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "sbxtoken".into(),
        encoding_aes_key: KEY.into(),
        mode,
    };
    AccountSpec { callback: Some(callback), ..spec }
}

pub(crate) fn inside<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, after) = xml.split_once(&format!("<{name}>")).unwrap_or_default();
    let (value, _) = after.split_once(&format!("</{name}>")).unwrap_or_default();
    value.strip_prefix("<![CDATA[").and_then(|v| v.strip_suffix("]]>")).unwrap_or(value)
}

#[tokio::test]
async fn the_end_of_a_job_is_told_with_its_counts() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(30))).await;
    let people = stage.people(20).await;
    stage.control(&format!("{{a}}/followers/{}/refuse", people[0]), &json!({})).await;
    let sent = stage.post("message/mass/send", &text_to(&people, "k")).await;
    let moved = stage.wait(5).await;
    assert_eq!((&moved["pushed"], &moved["failed_pushes"]), (&json!(1), &json!(0)));
    let bodies = receiver.bodies();
    let xml = &bodies[0];
    assert_eq!(inside(xml, "Event"), "MASSSENDJOBFINISH");
    assert_eq!(inside(xml, "MsgID"), sent["msg_id"].to_string());
    assert_eq!(inside(xml, "Status"), "send success");
    let counts = ["TotalCount", "FilterCount", "SentCount", "ErrorCount"].map(|n| inside(xml, n));
    assert_eq!(counts, ["20", "19", "19", "0"]);
    assert_eq!(inside(xml, "CreateTime"), stage.now().await.to_string());
    let (time, nonce) = (receiver.query(0, "timestamp"), receiver.query(0, "nonce"));
    assert_eq!(receiver.query(0, "signature"), signature(&["sbxtoken", &time, &nonce]));
}

#[tokio::test]
async fn the_other_two_modes_encrypt() {
    for mode in [CallbackMode::Compatible, CallbackMode::Safe] {
        let receiver = Receiver::new(&[]).await;
        let stage = Stage::new(with(&receiver, mode, spec(10))).await;
        let person = &stage.people(1).await[0];
        let words = json!({"content":"你好]]>"});
        stage.control(&format!("{{a}}/followers/{person}/write"), &words).await;
        let bodies = receiver.bodies();
        let xml = &bodies[0];
        assert_eq!(xml.contains("<Content>"), mode == CallbackMode::Compatible, "{xml}");
        let encrypt = inside(xml, "Encrypt");
        let (time, nonce) = (receiver.query(0, "timestamp"), receiver.query(0, "nonce"));
        assert_eq!(receiver.query(0, "encrypt_type"), "aes");
        assert_eq!(
            receiver.query(0, "msg_signature"),
            signature(&["sbxtoken", &time, &nonce, encrypt])
        );
        let appid = AppId::parse(&stage.appid).unwrap();
        let plain = CallbackKey::parse(KEY).unwrap().open(encrypt, &appid).unwrap();
        assert_eq!(inside(&plain, "FromUserName"), person);
        assert!(plain.contains("<![CDATA[你好]]]]><![CDATA[>]]>"), "{plain}");
    }
}

#[tokio::test]
async fn three_attempts_five_seconds_apart_and_no_more() {
    let broken = [StatusCode::INTERNAL_SERVER_ERROR; 3];
    let receiver = Receiver::new(&broken).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(10))).await;
    let person = stage.people(1).await[0].clone();
    let leave = stage.control(&format!("{{a}}/followers/{person}/leave"), &json!({})).await;
    assert_eq!(leave["changed"], true);
    assert_eq!(receiver.bodies().len(), 1, "told before the control call answers");
    let due = stage.seen("clock").await["next_due"].as_i64().unwrap();
    assert_eq!(due, stage.now().await + 5);
    let moved = stage.wait(60).await;
    assert_eq!((&moved["pushed"], &moved["failed_pushes"]), (&json!(0), &json!(2)));
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same body");
    assert_ne!(receiver.query(0, "nonce"), receiver.query(1, "nonce"));
    assert_eq!(moved["next_due"], json!(null));
    let log = stage.seen("{a}/callbacks?limit=10").await;
    let attempts: Vec<_> = log.as_array().unwrap().iter().map(|r| r["attempt"].clone()).collect();
    assert_eq!(attempts, [json!(3), json!(2), json!(1)]);
    assert_eq!(log[0]["status"], 500);

    // The second attempt is enough when it is taken.
    let receiver = Receiver::new(&[StatusCode::BAD_GATEWAY]).await;
    let callback = json!({"url":receiver.url,"token":"sbxtoken","mode":"plain"});
    let url = format!("{}/sandbox/accounts/{}/callback", stage.url, stage.appid);
    assert!(stage.client.put(url).json(&callback).send().await.unwrap().status().is_success());
    stage.control(&format!("{{a}}/followers/{person}/follow"), &json!({})).await;
    let moved = stage.wait(60).await;
    assert_eq!((&moved["pushed"], &moved["failed_pushes"]), (&json!(1), &json!(0)));
    assert_eq!(inside(&receiver.bodies()[1], "Event"), "subscribe");
}

#[tokio::test]
async fn callbacks_are_lost_doubled_and_late_on_wish() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(10))).await;
    let person = &stage.people(1).await[0];
    let write = format!("{{a}}/followers/{person}/write");
    for kind in ["callback_lost", "callback_doubled"] {
        stage.fault(json!({"endpoint":"callback","kind":kind})).await;
    }
    stage.fault(json!({"endpoint":"callback","kind":"callback_late","seconds":90})).await;
    stage.control(&write, &json!({"content":"lost"})).await;
    assert_eq!(receiver.bodies().len(), 0);
    stage.control(&write, &json!({"content":"doubled"})).await;
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    stage.control(&write, &json!({"content":"late"})).await;
    stage.wait(89).await;
    assert_eq!(receiver.bodies().len(), 2);
    stage.wait(1).await;
    assert_eq!(inside(&receiver.bodies()[2], "Content"), "late");
}

#[tokio::test]
async fn under_the_real_clock_pushes_go_out_by_themselves() {
    let receiver = Receiver::new(&[]).await;
    let account = with(&receiver, CallbackMode::Plain, spec(10));
    let config =
        sandbox::Config { clock: ClockMode::Real, accounts: vec![account], ..Default::default() };
    let running = sandbox::Sandbox::start(config).await.unwrap();
    let client = crate::client();
    let accounts = format!("{}/sandbox/accounts", running.url());
    let shown: serde_json::Value =
        client.get(&accounts).send().await.unwrap().json().await.unwrap();
    let followers = format!("{accounts}/{}/followers", shown[0]["appid"].as_str().unwrap());
    client.post(followers).send().await.unwrap();
    for _ in 0..50 {
        if !receiver.bodies().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(inside(&receiver.bodies()[0], "Event"), "subscribe");
    running.stop().await;
}
