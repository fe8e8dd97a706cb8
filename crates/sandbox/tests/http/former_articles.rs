//! Permanent articles of former times: read, listed, sent again and again, deleted everywhere.

use sandbox::{AccountSpec, Assumptions};
use serde_json::{Value, json};

use crate::{Stage, spec};

async fn former(stage: &Stage) -> Value {
    let body = json!({"articles":[{"title":"旧文","content":"<p>旧</p><script>x</script>",
        "thumb_media_id":stage.cover}]});
    let kept = stage.control("{a}/former-articles", &body).await;
    assert!(kept["media_id"].is_string(), "{kept}");
    kept["media_id"].clone()
}

#[tokio::test]
async fn they_are_read_counted_listed_and_deleted() {
    let stage = Stage::new(spec(5)).await;
    let media_id = former(&stage).await;
    let named = json!({"media_id":media_id});
    let item = stage.post("material/get_material", &named).await["news_item"][0].clone();
    assert_eq!((&item["title"], &item["content"]), (&json!("旧文"), &json!("<p>旧</p>")));
    assert!(!item["url"].as_str().unwrap().contains("preview"), "{item}");
    assert_eq!(stage.get("material/get_materialcount", "").await["news_count"], 1);
    assert_eq!(stage.get("draft/count", "").await["total_count"], 0);
    assert_eq!(stage.post("draft/get", &named).await["errcode"], 40007);
    let list = json!({"type":"news","offset":0,"count":20});
    let list = stage.post("material/batchget_material", &list).await;
    assert_eq!((&list["total_count"], &list["item"][0]["media_id"]), (&json!(1), &media_id));
    assert_eq!(list["item"][0]["content"]["news_item"][0]["title"], "旧文");
    assert_eq!(stage.post("material/del_material", &named).await["errcode"], 0);
    assert_eq!(stage.post("material/get_material", &named).await["errcode"], 40007);
    assert_eq!(stage.post("material/del_material", &named).await["errcode"], 40007);
    for (body, named) in [
        (json!({"articles":[]}), "44003"),
        (json!({"articles":[{"title":"旧","content":"旧","thumb_media_id":"x"}]}), "40007"),
        (json!({"articles":"旧"}), "articles"),
    ] {
        let told = stage.control("{a}/former-articles", &body).await;
        let told = told["error"].as_str().unwrap_or_default().to_owned();
        assert!(told.contains(named) || told.contains("unusable"), "{body}: {told}");
    }
}

#[tokio::test]
async fn sending_keeps_them_and_their_address_and_deleting_one_deletes_all() {
    let stage = Stage::new(spec(5)).await;
    let media_id = former(&stage).await;
    let people = stage.people(4).await;
    let mut jobs = Vec::new();
    for (nth, two) in people.chunks(2).enumerate() {
        let body = json!({"touser":two,"msgtype":"mpnews","mpnews":{"media_id":media_id},
            "clientmsgid":format!("k{nth}")});
        let sent = stage.post("message/mass/send", &body).await;
        assert_eq!(sent["errcode"], 0, "{sent}");
        jobs.push(sent["msg_id"].clone());
        stage.wait(10).await;
    }
    let status = async |msg_id: &Value| {
        let told = stage.post("message/mass/get", &json!({"msg_id":msg_id})).await;
        told["msg_status"].clone()
    };
    assert_eq!(status(&jobs[0]).await, "SEND_SUCCESS");
    assert_eq!(stage.post("message/mass/delete", &json!({"msg_id":jobs[1]})).await["errcode"], 0);
    assert_eq!(
        (status(&jobs[0]).await, status(&jobs[1]).await),
        (json!("DELETE"), json!("DELETE"))
    );
    let kept = stage.post("material/get_material", &json!({"media_id":media_id})).await;
    assert_eq!(kept["news_item"][0]["title"], "旧文");
}

#[tokio::test]
async fn drafts_are_read_there_by_a_switch_alone() {
    for (material_gives_drafts, told) in [(false, json!(40007)), (true, Value::Null)] {
        let assumptions = Assumptions { material_gives_drafts, ..Assumptions::default() };
        let stage = Stage::new(AccountSpec { assumptions, ..spec(1) }).await;
        let named = json!({"media_id":stage.draft().await});
        let answer = stage.post("material/get_material", &named).await;
        assert_eq!(answer["errcode"], told);
        assert_eq!(answer["news_item"].is_array(), material_gives_drafts);
    }
}
