//! The check of originals before an article is sent.

use sandbox::CallbackMode;
use serde_json::{Value, json};

use crate::callbacks::{inside, with};
use crate::{Receiver, Stage, spec};

const TEXT: &str = "<p>敏感肌换季护理，先从停用去角质开始。</p>";

async fn stage(receiver: &Receiver, library: Value) -> Stage {
    let stage = Stage::new(with(receiver, CallbackMode::Plain, spec(10))).await;
    let put = stage.client.put(stage.control_url("originals")).json(&library);
    assert_eq!(put.send().await.unwrap().status(), 200);
    stage
}

fn original(can_reprint: bool) -> Value {
    json!({"content":TEXT,"url":"https://mp.weixin.qq.com/s/original","can_reprint":can_reprint,
        "replaces_content":true,"shows_source":true})
}

/// Sends an article that says this beside one of the account's own; says the job.
async fn send(stage: &Stage, content: &str, ignores: Value, key: &str) -> (String, Value) {
    let article =
        |content: &str| json!({"title":"护理","content":content,"thumb_media_id":stage.cover});
    let body = json!({"articles":[article("<p>本店自己写的三款新品介绍</p>"),article(content)]});
    let draft = stage.post("draft/add", &body).await["media_id"].as_str().unwrap().to_owned();
    let people = stage.people(3).await;
    let body = json!({"touser":people,"msgtype":"mpnews","mpnews":{"media_id":draft},
        "send_ignore_reprint":ignores,"clientmsgid":key});
    let sent = stage.post("message/mass/send", &body).await;
    assert_eq!(sent["errcode"], 0, "found before delivery, not in the call: {sent}");
    stage.wait(5).await;
    (draft, stage.job(&sent["msg_id"]).await)
}

#[tokio::test]
async fn a_permitted_reprint_is_stopped_or_sent_as_the_call_says() {
    let receiver = Receiver::new(&[]).await;
    let stage = stage(&receiver, json!([original(true)])).await;
    let copied = format!("<section>转：{}</section>", TEXT.replace("先从", "先 从"));
    let (draft, job) = send(&stage, &copied, json!(0), "a").await;
    assert_eq!((&job["status"], &job["total"]), (&json!("err(30003)"), &json!(0)));
    assert_eq!(stage.post("draft/get", &json!({"media_id":draft})).await["errcode"], Value::Null);
    let bodies = receiver.bodies();
    let xml = &bodies[0];
    let result = inside(xml, "CopyrightCheckResult");
    assert_eq!((inside(result, "Count"), inside(result, "CheckState")), ("1", "2"));
    let fields = [
        "ArticleIdx",
        "UserDeclareState",
        "AuditState",
        "OriginalArticleType",
        "CanReprint",
        "NeedReplaceContent",
        "NeedShowReprintSource",
    ];
    assert_eq!(fields.map(|name| inside(result, name)), ["2", "0", "2", "1", "1", "1", "1"]);
    assert_eq!(inside(result, "OriginalArticleUrl"), "https://mp.weixin.qq.com/s/original");

    let (_, job) = send(&stage, &copied, json!("1"), "b").await;
    assert_eq!((&job["status"], &job["sent"]), (&json!("send success"), &json!(3)));
    assert_eq!(job["reprints"][0]["replaces_content"], true);
    let bodies = receiver.bodies();
    assert_eq!(inside(&bodies[1], "CheckState"), "2");
    assert_eq!(inside(inside(&bodies[1], "ArticleUrlResult"), "Count"), "2");

    let (_, job) = send(&stage, "<p>敏感肌换季护理，先从补水开始。</p>", json!(0), "c").await;
    assert_eq!(job["status"], "send success");
    let bodies = receiver.bodies();
    let result = inside(&bodies[2], "CopyrightCheckResult");
    assert_eq!((inside(result, "Count"), inside(result, "CheckState")), ("0", "1"));
}

#[tokio::test]
async fn a_forbidden_reprint_is_stopped_either_way() {
    let receiver = Receiver::new(&[]).await;
    let stage = stage(&receiver, json!([original(false)])).await;
    for (key, ignores) in [("a", json!(0)), ("b", json!(1)), ("c", Value::Null)] {
        let (_, job) = send(&stage, TEXT, ignores, key).await;
        assert_eq!(job["status"], "err(30002)");
        assert_eq!(job["reprints"][0]["replaces_content"], false);
    }
    for xml in receiver.bodies() {
        assert_eq!((inside(&xml, "CheckState"), inside(&xml, "CanReprint")), ("3", "0"));
    }
    assert!(stage.truth("2026-03").await.iter().all(|(_, count)| *count == 0));
}

#[tokio::test]
async fn an_accounts_own_original_is_no_reprint() {
    let receiver = Receiver::new(&[]).await;
    let stage = stage(&receiver, json!([])).await;
    let mut own = original(false);
    own["appid"] = json!(stage.appid);
    let put =
        |library: Value| stage.client.put(stage.control_url("originals")).json(&library).send();
    put(json!([own])).await.unwrap();
    let (_, job) = send(&stage, TEXT, json!(0), "a").await;
    assert_eq!(job["status"], "send success");
    assert_eq!(stage.seen("originals").await[0]["type"], 1);
    let mut wrong = original(true);
    wrong["content"] = json!("<p>太短</p>");
    let mut kind = original(true);
    kind["type"] = json!(5);
    for (library, named) in
        [(json!([wrong]), "content"), (json!([kind]), "type"), (json!({}), "unusable")]
    {
        let refused = put(library).await.unwrap();
        assert_eq!(refused.status(), 400);
        assert!(refused.text().await.unwrap().contains(named));
    }
}
