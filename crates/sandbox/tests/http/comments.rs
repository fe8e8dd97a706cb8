use serde_json::{Value, json};

use crate::{Stage, spec};

/// Sends one article that takes comments; says its number in the statistics.
pub(crate) async fn article(stage: &Stage, only_fans: u8) -> i64 {
    let body = json!({"articles":[{"title":"新品","content":"<p>三款</p>","need_open_comment":1,
        "only_fans_can_comment":only_fans,"thumb_media_id":stage.cover}]});
    let media_id = stage.post("draft/add", &body).await["media_id"].clone();
    let people = stage.people(3).await;
    let body = json!({"touser":people,"msgtype":"mpnews","mpnews":{"media_id":media_id}});
    let sent = stage.post("message/mass/send", &body).await;
    stage.wait(10).await;
    sent["msg_data_id"].as_i64().unwrap()
}

async fn write(stage: &Stage, article: i64, openid: &str, content: &str) -> Value {
    let path = format!("{{a}}/articles/{article}/0/comments");
    stage.control(&path, &json!({"openid":openid,"content":content})).await
}

async fn errcode(stage: &Stage, path: &str, body: Value) -> i64 {
    stage.post(&format!("comment/{path}"), &body).await["errcode"].as_i64().unwrap()
}

#[tokio::test]
async fn comments_are_read_chosen_answered_and_deleted() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(3).await;
    let number = article(&stage, 0).await;
    for (nth, openid) in people.iter().enumerate() {
        let written = write(&stage, number, openid, &format!("好看 {nth}")).await;
        assert_eq!(written["user_comment_id"], nth + 1);
    }
    let named = |id: i64| json!({"msg_data_id":number,"index":0,"user_comment_id":id});
    let list = |kind: i64| json!({"msg_data_id":number,"begin":0,"count":50,"type":kind});
    assert_eq!(errcode(&stage, "markelect", named(2)).await, 0);
    let answered = json!({"msg_data_id":number.to_string(),"user_comment_id":2,"content":"谢谢"});
    assert_eq!(errcode(&stage, "reply/add", answered.clone()).await, 0);
    assert_eq!(errcode(&stage, "reply/add", answered).await, 88005);
    let elected = stage.post("comment/list", &list(2)).await;
    assert_eq!(elected["total"], 1);
    let comment = &elected["comment"][0];
    assert_eq!((&comment["openid"], &comment["content"]), (&json!(people[1]), &json!("好看 1")));
    assert_eq!(
        (&comment["comment_type"], &comment["reply"]["content"]),
        (&json!(1), &json!("谢谢"))
    );
    assert_eq!(stage.post("comment/list", &list(1)).await["total"], 2);
    assert_eq!(errcode(&stage, "unmarkelect", named(2)).await, 0);
    assert_eq!(errcode(&stage, "reply/delete", named(2)).await, 0);
    assert_eq!(errcode(&stage, "reply/delete", named(2)).await, 88009);
    assert_eq!(errcode(&stage, "delete", named(1)).await, 0);
    assert_eq!(errcode(&stage, "delete", named(1)).await, 88008);
    let taken_back = stage.control_url(&format!("{{a}}/articles/{number}/0/comments/3"));
    stage.client.delete(taken_back).send().await.unwrap();
    assert_eq!(errcode(&stage, "markelect", named(3)).await, 88004);
    let all = stage.post("comment/list", &list(0)).await;
    assert_eq!((&all["total"], &all["comment"][0]["user_comment_id"]), (&json!(1), &json!(2)));
    assert!(all["comment"][0]["reply"].is_null());
}

#[tokio::test]
async fn what_is_wrong_with_a_comment_call_is_told() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(1).await;
    let number = article(&stage, 0).await;
    write(&stage, number, &people[0], "好看").await;
    let reply =
        |content: String| json!({"msg_data_id":number,"user_comment_id":1,"content":content});
    let list = |count: i64, kind: i64| json!({"msg_data_id":number,"count":count,"type":kind});
    let cases = [
        ("open", json!({"msg_data_id":7}), 88001),
        ("open", json!({}), 88001),
        ("open", json!({"msg_data_id":number,"index":1}), 88001),
        ("open", json!({"msg_data_id":"x"}), 47001),
        ("list", list(0, 0), 88010),
        ("list", list(51, 0), 88010),
        ("list", list(50, 3), 40097),
        ("delete", json!({"msg_data_id":number,"user_comment_id":2}), 88008),
        ("delete", json!({"msg_data_id":number,"user_comment_id":i64::MIN}), 88008),
        ("reply/add", reply(String::new()), 88007),
        ("reply/add", reply("长".repeat(601)), 88007),
    ];
    for (path, body, code) in cases {
        assert_eq!(errcode(&stage, path, body.clone()).await, code, "{path} {body}");
    }
}

#[tokio::test]
async fn a_closed_article_takes_no_comments_and_some_only_of_followers() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(2).await;
    let number = article(&stage, 1).await;
    let shown = format!("{{a}}/articles/{number}/0/comments");
    let expected = json!({"open":true,"only_fans":true,"comments":0});
    assert_eq!(stage.seen(&shown).await, expected);
    stage.control(&format!("{{a}}/followers/{}/leave", people[0]), &json!({})).await;
    assert!(write(&stage, number, &people[0], "好看").await["error"].is_string());
    assert_eq!(write(&stage, number, &people[1], "好看").await["user_comment_id"], 1);
    let named = json!({"msg_data_id":number});
    assert_eq!(errcode(&stage, "close", named.clone()).await, 0);
    assert!(write(&stage, number, &people[1], "还有").await["error"].is_string());
    assert_eq!(stage.seen(&shown).await["comments"], 1);
    assert_eq!(errcode(&stage, "open", named).await, 0);
    assert_eq!(write(&stage, number, &people[1], "还有").await["user_comment_id"], 2);
}

#[tokio::test]
async fn a_publication_has_comments_and_an_account_may_have_none() {
    let stage = Stage::new(spec(10)).await;
    let draft = stage.draft().await;
    let submitted = stage.post("freepublish/submit", &json!({"media_id":draft})).await;
    let named = json!({"msg_data_id":submitted["msg_data_id"]});
    assert_eq!(errcode(&stage, "open", named.clone()).await, 88001, "not out yet");
    stage.wait(10).await;
    assert_eq!(errcode(&stage, "open", named).await, 0);
    let mut account = spec(10);
    account.comments = false;
    let stage = Stage::new(account).await;
    let number = article(&stage, 0).await;
    assert_eq!(errcode(&stage, "open", json!({"msg_data_id":number})).await, 88000);
}

#[tokio::test]
async fn a_hundred_comments_are_chosen_and_no_more() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(1).await;
    let number = article(&stage, 0).await;
    for nth in 1..=101 {
        write(&stage, number, &people[0], "好看").await;
        let named = json!({"msg_data_id":number,"user_comment_id":nth});
        let code = if nth == 101 { 88003 } else { 0 };
        assert_eq!(errcode(&stage, "markelect", named).await, code);
    }
}

#[tokio::test]
async fn an_article_limited_for_safety_answers_so_until_it_is_not() {
    let stage = Stage::new(spec(5)).await;
    let number = article(&stage, 0).await;
    let named = json!({"msg_data_id":number,"index":0,"begin":0,"count":5});
    let path = format!("{{a}}/articles/{number}/0/limited");
    for code in [88002, 88011] {
        assert_eq!(stage.put(&path, &json!({"code":code})).await["code"], code);
        for call in ["open", "close", "list", "delete", "reply/add"] {
            assert_eq!(errcode(&stage, call, named.clone()).await, code, "{call}");
        }
    }
    assert!(stage.put(&path, &json!({"code":88003})).await["error"].is_string());
    let other = format!("{{a}}/articles/{number}/7/limited");
    assert!(stage.put(&other, &json!({"code":88002})).await["error"].is_string());
    stage.put(&path, &json!({"code":null})).await;
    assert_eq!(errcode(&stage, "open", named).await, 0);
}

#[tokio::test]
async fn who_comes_from_outside_wechat_has_no_openid() {
    let stage = Stage::new(spec(5)).await;
    let number = article(&stage, 0).await;
    let path = format!("{{a}}/articles/{number}/0/comments");
    let written = stage.control(&path, &json!({"content":"路过"})).await;
    assert_eq!(written["user_comment_id"], 1, "{written}");
    let named = json!({"msg_data_id":number,"index":0,"begin":0,"count":5});
    let list = stage.post("comment/list", &named).await;
    assert_eq!(list["comment"][0]["content"], "路过");
    assert!(list["comment"][0].get("openid").is_none(), "{list}");
    let number = article(&stage, 1).await;
    let path = format!("{{a}}/articles/{number}/0/comments");
    let refused = stage.control(&path, &json!({"content":"路过"})).await;
    assert!(refused["error"].as_str().unwrap().contains("only followers"), "{refused}");
}
