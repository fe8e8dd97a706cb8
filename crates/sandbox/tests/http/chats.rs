//! What people send beside words, where they are, and what accounts are told of their verification,
//! as XML and as JSON.

use sandbox::{AccountSpec, CallbackFormat, CallbackMode, CallbackSpec};
use serde_json::{Value, json};
use wire::AppId;
use wire::callback::crypt::{CallbackKey, signature};

use crate::callbacks::{KEY, inside, with};
use crate::replies::does;
use crate::{Receiver, Stage, spec};

async fn put(stage: &Stage, path: &str, body: &Value) -> (u16, Value) {
    let answer = stage.client.put(stage.control_url(path)).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn sends(stage: &Stage, person: &str, message: Value) -> Value {
    does(stage, person, "messages", message).await
}

#[tokio::test]
async fn people_send_pictures_recordings_films_places_and_links() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let last = || receiver.bodies().pop().unwrap();
    sends(&stage, &person, json!({"type":"image"})).await;
    let body = last();
    assert_eq!(inside(&body, "MsgType"), "image");
    assert!(inside(&body, "PicUrl").starts_with("http://mmbiz.qpic.cn/mmbiz_jpg/"), "{body}");
    let fetched = async |media_id: &str| {
        let url = format!(
            "{}/cgi-bin/media/get?access_token={}&media_id={media_id}",
            stage.url, stage.token
        );
        let answer = stage.client.get(url).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.bytes().await.unwrap())
    };
    assert_eq!(fetched(inside(&body, "MediaId")).await.0, "image/jpeg");
    // "#!AMR\n" and nothing else, which is a recording of no time.
    sends(&stage, &person, json!({"type":"voice","file":"IyFBTVIK","recognition":"在吗"})).await;
    let body = last();
    assert_eq!((inside(&body, "MsgType"), inside(&body, "Format")), ("voice", "amr"));
    assert!(!body.contains("Recognition"), "{body}");
    let (kind, bytes) = fetched(inside(&body, "MediaId")).await;
    assert_eq!((kind.as_str(), &bytes[..]), ("audio/amr", &b"#!AMR\n"[..]));
    assert_eq!(fetched(inside(&body, "MediaId16K")).await.0, "audio/speex");
    assert_eq!(put(&stage, "{a}/options", &json!({"voice_recognize":1})).await.0, 200);
    sends(&stage, &person, json!({"type":"voice","recognition":"在吗"})).await;
    assert_eq!(inside(&last(), "Recognition"), "在吗");
    for kind in ["video", "shortvideo"] {
        sends(&stage, &person, json!({"type":kind})).await;
        let body = last();
        assert_eq!(inside(&body, "MsgType"), kind);
        let (kind, film) = fetched(inside(&body, "MediaId")).await;
        assert!(kind.starts_with("application/json"), "{film:?}");
        assert_eq!(fetched(inside(&body, "ThumbMediaId")).await.0, "image/jpeg");
    }
    let place = json!({"type":"location","latitude":23.134_521,"longitude":113.358_803,
        "scale":20,"label":"广州塔"});
    sends(&stage, &person, place).await;
    let body = last();
    assert!(body.contains("<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y>"));
    assert!(body.contains("<Scale>20</Scale><Label><![CDATA[广州塔]]></Label>"), "{body}");
    let link = json!({"type":"link","title":"好物","url":"https://shop.example.com/a"});
    sends(&stage, &person, link).await;
    let body = last();
    assert_eq!(
        (inside(&body, "Title"), inside(&body, "Url")),
        ("好物", "https://shop.example.com/a")
    );
    assert!(body.contains("<MsgId>"), "{body}");
    // Each of them lets the account write, as a text does.
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["replies"][0]["left"], 5, "{seen}");
    // And each is counted, but for the place, which has no number (`platform/10 §6`).
    stage.clock_to(crate::moment("2026-03-03T09:00:00+08:00")).await;
    let mut stage = stage;
    stage.refresh().await;
    let days = json!({"begin_date":"2026-03-02","end_date":"2026-03-02"});
    let rows = stage.post("../datacube/getupstreammsg", &days).await;
    let counts: Vec<(i64, i64)> = rows["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["msg_type"].as_i64().unwrap(), row["msg_count"].as_i64().unwrap()))
        .collect();
    assert_eq!(counts, [(2, 1), (3, 2), (4, 2), (6, 1)]);
}

#[tokio::test]
async fn what_nobody_can_send_is_refused_by_its_field() {
    let stage = Stage::new(spec(5)).await;
    let people = stage.people(2).await;
    for (message, named) in [
        (json!({"type":"poem"}), "poem"),
        (json!({"type":"image","file":"***"}), "file is no base64"),
        (json!({"type":"image","file":"AAAA"}), "40005"),
        (json!({"type":"location","latitude":91.0}), "latitude is 91"),
        (json!({"type":"link","title":"","url":"x"}), "title and url"),
        (json!({"type":"link","title":"a"}), "url"),
        (json!({"type":"video","words":"a"}), "words"),
    ] {
        let answer = sends(&stage, &people[0], message).await;
        assert!(answer["error"].as_str().unwrap().contains(named), "{answer}");
    }
    does(&stage, &people[1], "leave", json!({})).await;
    let answer = sends(&stage, &people[1], json!({"type":"image"})).await;
    assert!(answer["error"].as_str().unwrap().contains("does not follow"), "{answer}");
    let answer = does(&stage, &people[0], "enter", json!({"seconds":3601})).await;
    assert!(answer["error"].as_str().unwrap().contains("seconds is 3601"), "{answer}");
    let (status, answer) = put(&stage, "{a}/options", &json!({"location_report":3})).await;
    assert!(status == 400 && answer["error"].as_str().unwrap().contains("location_report"));
}

#[tokio::test]
async fn where_people_are_is_told_as_often_as_the_account_asked() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let stay = json!({"latitude":23.137_466,"longitude":113.352_425,"precision":119.385,
        "seconds":12});
    let told = || {
        let is_told = |body: &&String| body.contains("<![CDATA[LOCATION]]>");
        receiver.bodies().iter().filter(is_told).count()
    };
    does(&stage, &person, "enter", stay.clone()).await;
    stage.wait(60).await;
    assert_eq!(told(), 0, "nobody asked");
    put(&stage, "{a}/options", &json!({"location_report":1})).await;
    does(&stage, &person, "enter", stay.clone()).await;
    stage.wait(60).await;
    assert_eq!(told(), 1, "on entering");
    let body = receiver.bodies().pop().unwrap();
    assert!(
        body.contains(
            "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude>\
             <Precision>119.385000</Precision>"
        ),
        "{body}"
    );
    put(&stage, "{a}/options", &json!({"location_report":2})).await;
    does(&stage, &person, "enter", stay).await;
    stage.wait(60).await;
    assert_eq!(told(), 1 + 3, "at 0, 5 and 10 seconds");
}

#[tokio::test]
async fn rights_come_and_go_with_the_verification() {
    let receiver = Receiver::new(&[]).await;
    let bare = AccountSpec { verified: false, ..spec(5) };
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, bare)).await;
    let list = async || stage.get("tags/get", "").await["errcode"].clone();
    assert_eq!(list().await, 48001);
    let step = async |body: Value| stage.control("{a}/verification", &body).await;
    let answer =
        step(json!({"event":"qualification_verify_fail","at":7,"reason":"资料不全"})).await;
    assert_eq!(answer, json!({"verified":false}));
    let body = receiver.bodies().pop().unwrap();
    assert!(body.contains("<FailTime>7</FailTime><FailReason><![CDATA[资料不全]]></FailReason>"));
    assert_eq!(step(json!({"event":"qualification_verify_success"})).await["verified"], true);
    let year = stage.now().await + 365 * 86_400;
    let body = receiver.bodies().pop().unwrap();
    assert!(body.contains(&format!("<ExpiredTime>{year}</ExpiredTime>")), "{body}");
    assert!(list().await.is_null());
    assert_eq!(step(json!({"event":"annual_renew"})).await["verified"], true);
    assert_eq!(step(json!({"event":"verify_expired"})).await["verified"], false);
    assert_eq!(list().await, 48001);
    let answer = step(json!({"event":"annual_renew","reason":"x"})).await;
    assert!(answer["error"].as_str().unwrap().contains("reason goes with"), "{answer}");
    let answer = step(json!({"event":"renewed"})).await;
    assert!(answer["error"].as_str().unwrap().contains("annual_renew"), "{answer}");
    // By a switch the rights stay.
    step(json!({"event":"qualification_verify_success"})).await;
    let keeps = json!({"rights_end_with_verification":false});
    assert_eq!(put(&stage, "{a}/assumptions", &keeps).await.0, 200);
    assert_eq!(step(json!({"event":"verify_expired"})).await["verified"], true);
}

fn in_json(receiver: &Receiver, mode: CallbackMode, spec: AccountSpec) -> AccountSpec {
    let callback = CallbackSpec {
        url: receiver.url.clone(),
        token: "sbxtoken".into(),
        encoding_aes_key: KEY.into(),
        mode,
        format: CallbackFormat::Json,
    };
    AccountSpec { callback: Some(callback), ..spec }
}

#[tokio::test]
async fn callbacks_come_as_json_where_the_account_chose_it() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(in_json(&receiver, CallbackMode::Plain, spec(5))).await;
    let account = stage.seen("{a}").await;
    assert_eq!(account["callback"]["format"], "json");
    let person = stage.people(1).await[0].clone();
    let reply = json!({"ToUserName":person,"FromUserName":account["original_id"],"CreateTime":1,
        "MsgType":"text","Content":"您好"});
    receiver.reply(Some(&reply.to_string()));
    does(&stage, &person, "write", json!({"content":"在吗"})).await;
    let body: Value = serde_json::from_str(&receiver.bodies().pop().unwrap()).unwrap();
    assert_eq!(body["ToUserName"], account["original_id"]);
    assert_eq!(body["CreateTime"], stage.now().await);
    assert_eq!((&body["Content"], body["MsgId"].is_i64()), (&json!("在吗"), true));
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["notices"][0]["text"], "您好", "{seen}");
    receiver.reply(Some("{\"ToUserName\":\"somebody\"}"));
    does(&stage, &person, "write", json!({})).await;
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["notices"][1]["kind"], "failure", "{seen}");
}

#[tokio::test]
async fn sealed_json_is_opened_with_the_same_key() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(in_json(&receiver, CallbackMode::Safe, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let appid = AppId::parse(&stage.appid).unwrap();
    let key = CallbackKey::parse(KEY).unwrap();
    let account = stage.seen("{a}").await["original_id"].clone();
    let reply = json!({"ToUserName":person,"FromUserName":account,"CreateTime":1,
        "MsgType":"text","Content":"您好"});
    let encrypt = key.seal(&[7; 16], &reply.to_string(), &appid);
    let signed = signature(&["sbxtoken", "1767225602", "889900112", &encrypt]);
    let sealed = json!({"Encrypt":encrypt,"MsgSignature":signed,"TimeStamp":1_767_225_602,
        "Nonce":"889900112"});
    receiver.reply(Some(&sealed.to_string()));
    does(&stage, &person, "write", json!({"content":"在吗"})).await;
    let body: Value = serde_json::from_str(&receiver.bodies().pop().unwrap()).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    let opened = key.open(body["Encrypt"].as_str().unwrap(), &appid).unwrap();
    let opened: Value = serde_json::from_str(&opened).unwrap();
    assert_eq!(opened["Content"], "在吗");
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    assert_eq!(seen["notices"][0]["text"], "您好", "{seen}");
}
