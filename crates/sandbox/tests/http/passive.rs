//! What answers a person without a call: the merchant's XML, and the replies of the website.

use axum::http::StatusCode;
use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};
use wire::AppId;
use wire::callback::crypt::{CallbackKey, signature};

use crate::callbacks::{KEY, with};
use crate::replies::does;
use crate::{Receiver, Stage, spec};

fn message(kind: &str, parts: &str) -> String {
    format!(
        "<xml><ToUserName>{{openid}}</ToUserName><FromUserName>{{account}}</FromUserName>\
         <CreateTime>1</CreateTime><MsgType>{kind}</MsgType>{parts}</xml>"
    )
}

async fn notices(stage: &Stage, person: &str) -> Vec<Value> {
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    seen["notices"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_merchants_answer_to_a_push_is_shown() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let news = "<ArticleCount>2</ArticleCount><Articles>\
        <item><Title>一</Title><Url>https://shop.example.com</Url></item>\
        <item><Title>二</Title></item></Articles>";
    let picture = format!("<Image><MediaId>{}</MediaId></Image>", stage.cover);
    for (kind, parts, shown) in [
        ("text", "<Content><![CDATA[您好]]></Content>", "您好"),
        ("image", picture.as_str(), "[图片]"),
        ("news", news, "一"),
    ] {
        receiver.reply(Some(&message(kind, parts)));
        does(&stage, &person, "write", json!({})).await;
        let notices = notices(&stage, &person).await;
        let last = notices.last().unwrap();
        assert_eq!((&last["channel"], &last["kind"]), (&json!("passive"), &json!(kind)));
        assert_eq!(last["text"], shown);
    }
    let last = notices(&stage, &person).await;
    assert_eq!(last[2]["body"]["articles"].as_array().unwrap().len(), 1, "one to a message");
    // To a click more may come.
    receiver.reply(Some(&message("news", news)));
    does(&stage, &person, "click", json!({})).await;
    let last = notices(&stage, &person).await;
    assert_eq!(last[3]["body"]["articles"].as_array().unwrap().len(), 2);
    // None of these took from what customer-service messages are allowed.
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    let left: i64 =
        seen["replies"].as_array().unwrap().iter().map(|one| one["left"].as_i64().unwrap()).sum();
    assert_eq!(left, 8);
    // What cannot be shown: the person is told, and the push is not tried again.
    let before = receiver.bodies().len();
    for wrong in [
        message("text", "<Content></Content>"),
        message("text", &format!("<Content>{}</Content>", "长".repeat(700))),
        message("image", "<Image><MediaId>x</MediaId></Image>"),
        message("poem", ""),
        message("text", "<Content>好</Content>").replace("{openid}", "oSomebody"),
        "<xml><Tousername".to_owned(),
    ] {
        receiver.reply(Some(&wrong));
        does(&stage, &person, "write", json!({})).await;
        let notices = notices(&stage, &person).await;
        assert_eq!(notices.last().unwrap()["kind"], "failure", "{wrong}");
    }
    stage.wait(60).await;
    assert_eq!(receiver.bodies().len(), before + 6);
    // The end of a job and somebody leaving are answered by nobody.
    receiver.reply(Some(&message("text", "<Content>再见</Content>")));
    let count = notices(&stage, &person).await.len();
    does(&stage, &person, "leave", json!({})).await;
    assert_eq!(notices(&stage, &person).await.len(), count);
}

#[tokio::test]
async fn after_three_failed_attempts_the_person_is_told() {
    let down = StatusCode::INTERNAL_SERVER_ERROR;
    let receiver = Receiver::new(&[down; 3]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    does(&stage, &person, "write", json!({})).await;
    stage.wait(9).await;
    assert!(notices(&stage, &person).await.is_empty());
    stage.wait(1).await;
    let told = notices(&stage, &person).await;
    assert_eq!(told.len(), 1);
    assert!(told[0]["text"].as_str().unwrap().contains("暂时无法提供服务"));
}

#[tokio::test]
async fn in_safe_mode_only_a_sealed_answer_counts() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Safe, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let account = stage.seen("{a}").await["original_id"].as_str().unwrap().to_owned();
    let plain = message("text", "<Content>密</Content>")
        .replace("{openid}", &person)
        .replace("{account}", &account);
    receiver.reply(Some(&plain));
    does(&stage, &person, "write", json!({})).await;
    assert_eq!(notices(&stage, &person).await[0]["kind"], "failure");
    let key = CallbackKey::parse(KEY).unwrap();
    let appid = AppId::parse(&stage.appid).unwrap();
    let sealed = key.seal(b"0123456789abcdef", &plain, &appid);
    let signed = signature(&["sbxtoken", "1", "2", &sealed]);
    let answer = |signed: &str| {
        format!(
            "<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signed}</MsgSignature>\
         <TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
        )
    };
    receiver.reply(Some(&answer(&signed)));
    does(&stage, &person, "write", json!({})).await;
    assert_eq!(notices(&stage, &person).await[1]["text"], "密");
    receiver.reply(Some(&answer("0000")));
    does(&stage, &person, "write", json!({})).await;
    assert_eq!(notices(&stage, &person).await[2]["kind"], "failure");
}

#[tokio::test]
async fn the_websites_replies_answer_while_no_address_is_set() {
    let stage = Stage::new(spec(5)).await;
    let replies = json!({"is_add_friend_reply_open":1,"is_autoreply_open":1,
        "add_friend_autoreply_info":{"type":"text","content":"欢迎"},
        "message_default_autoreply_info":{"type":"text","content":"收到"},
        "keyword_autoreply_info":{"list":[
            {"rule_name":"一","reply_mode":"reply_all","keyword_list_info":[
                {"type":"text","match_mode":"contain","content":"优惠"}],
             "reply_list_info":[{"type":"text","content":"满三百减五十"},{"type":"img","content":stage.cover}]},
            {"rule_name":"二","reply_mode":"random_one","keyword_list_info":[
                {"type":"text","match_mode":"equal","content":"地址"}],
             "reply_list_info":[{"type":"text","content":"上海"},{"type":"text","content":"杭州"}]}]}});
    let put = stage.client.put(stage.control_url("{a}/auto-replies")).json(&replies);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let arrived = stage.control("{a}/followers", &json!({})).await;
    let person = arrived["openid"].as_str().unwrap().to_owned();
    let texts = |notices: &[Value]| -> Vec<String> {
        notices.iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&notices(&stage, &person).await), ["欢迎"]);
    for words in ["有优惠吗", "地址", "地址呢"] {
        does(&stage, &person, "write", json!({"content":words})).await;
    }
    let got = notices(&stage, &person).await;
    assert_eq!(texts(&got)[1..3], ["满三百减五十".to_owned(), stage.cover.clone()]);
    assert!(["上海", "杭州"].contains(&texts(&got)[3].as_str()));
    assert_eq!((texts(&got)[4].as_str(), got.len()), ("收到", 5));
    assert_eq!(got[0]["channel"], "auto_reply");
    // What a reply or a menu shows cannot be deleted.
    let delete = json!({"media_id":stage.cover});
    assert_eq!(stage.post("material/del_material", &delete).await["errcode"], 48005);
    let put = stage.client.put(stage.control_url("{a}/auto-replies")).json(&json!({}));
    put.send().await.unwrap();
    let menu = json!({"button":[{"name":"更多","sub_button":[
        {"type":"media_id","name":"图","media_id":stage.cover}]}]});
    assert_eq!(stage.post("menu/create", &menu).await["errcode"], 0);
    assert_eq!(stage.post("material/del_material", &delete).await["errcode"], 48005);
    stage.get("menu/delete", "").await;
    assert_eq!(stage.post("material/del_material", &delete).await["errcode"], 0);
    // With an address configured the website's replies are silent.
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, AccountSpec { ..spec(2) })).await;
    let put = stage.client.put(stage.control_url("{a}/auto-replies"));
    let told = json!({"is_autoreply_open":1,"message_default_autoreply_info":{"type":"text","content":"收到"}});
    put.json(&told).send().await.unwrap();
    let person = stage.people(1).await[0].clone();
    does(&stage, &person, "write", json!({})).await;
    assert!(notices(&stage, &person).await.is_empty());
}
