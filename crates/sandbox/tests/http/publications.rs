use serde_json::{Value, json};

use sandbox::{CallbackMode, CallbackSpec};

use crate::{Receiver, Stage, spec};

async fn stage() -> (Stage, Receiver) {
    let receiver = Receiver::new(&[]).await;
    let mut account = spec(10);
    account.callback = Some(CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "token".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    });
    (Stage::new(account).await, receiver)
}

async fn draft_of_two(stage: &Stage) -> Value {
    let article = |title: &str| {
        json!({"title":title,"content":format!("<p>{title}</p>"),
        "thumb_media_id":stage.cover})
    };
    let body = json!({"articles":[article("一"),article("二")]});
    stage.post("draft/add", &body).await["media_id"].clone()
}

#[tokio::test]
async fn a_draft_is_published_and_nobody_is_notified() {
    let (stage, receiver) = stage().await;
    let media_id = draft_of_two(&stage).await;
    let submitted = stage.post("freepublish/submit", &json!({"media_id":media_id})).await;
    assert_eq!(submitted["publish_id"], "100000001");
    assert_eq!(stage.get("draft/count", "").await["total_count"], 0);
    let get = json!({"publish_id":submitted["publish_id"]});
    let under_way = stage.post("freepublish/get", &get).await;
    assert_eq!(under_way["publish_status"], 1);
    assert!(under_way["article_id"].is_null());
    stage.wait(10).await;
    let done = stage.post("freepublish/get", &json!({"publish_id":100_000_001})).await;
    assert_eq!((&done["publish_status"], &done["fail_idx"]), (&json!(0), &json!([])));
    let article_id = done["article_id"].as_str().unwrap();
    let url = done["article_detail"]["item"][1]["article_url"].as_str().unwrap();
    assert!(url.starts_with("https://mp.weixin.qq.com/s/") && url.len() == 27 + 22, "{url}");
    let body = receiver.bodies().remove(0);
    let told = format!(
        "<Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo>\
         <publish_id>100000001</publish_id><publish_status>0</publish_status>\
         <article_id><![CDATA[{article_id}]]></article_id><article_detail><count>2</count>\
         <item><idx>1</idx>"
    );
    assert!(body.contains(&told) && body.contains(url), "{body}");
    assert_eq!(stage.truth("2026-03").await.iter().map(|(_, count)| count).sum::<u64>(), 0);

    let list = json!({"offset":0,"count":20,"no_content":1});
    let list = stage.post("freepublish/batchget", &list).await;
    assert_eq!((&list["total_count"], &list["item_count"]), (&json!(1), &json!(1)));
    assert_eq!(list["item"][0]["article_id"], article_id);
    let item = &list["item"][0]["content"]["news_item"][1];
    assert_eq!((&item["url"], &item["content"]), (&json!(url), &json!("")));
    assert!(item["thumb_url"].as_str().unwrap().contains("mmbiz.qpic.cn"), "{item}");
    let many = stage.post("freepublish/batchget", &json!({"offset":0,"count":21})).await;
    assert_eq!(many["errcode"], 40097);
}

#[tokio::test]
async fn published_articles_are_deleted_one_by_one_counted_from_one() {
    let (stage, _receiver) = stage().await;
    let media_id = draft_of_two(&stage).await;
    let submitted = stage.post("freepublish/submit", &json!({"media_id":media_id})).await;
    stage.wait(10).await;
    let get = json!({"publish_id":submitted["publish_id"]});
    let article_id = stage.post("freepublish/get", &get).await["article_id"].clone();
    let path = "freepublish/delete";
    let delete = |index: i64| json!({"article_id":article_id,"index":index});
    assert_eq!(stage.post(path, &delete(3)).await["errcode"], 40114);
    assert_eq!(stage.post(path, &delete(-1)).await["errcode"], 40114);
    assert_eq!(stage.post(path, &delete(2)).await["errcode"], 0);
    let named = json!({"article_id":article_id});
    let news = stage.post("freepublish/getarticle", &named).await;
    let deleted = |nth: usize| news["news_item"][nth]["is_deleted"].clone();
    assert_eq!((deleted(0), deleted(1)), (json!(false), json!(true)));
    assert_eq!(news["news_item"][0]["content"], "<p>一</p>");
    assert_eq!(stage.post("freepublish/get", &get).await["publish_status"], 0);
    assert_eq!(stage.post(path, &named).await["errcode"], 0);
    assert_eq!(stage.post("freepublish/get", &get).await["publish_status"], 5);
    let unknown = json!({"article_id":"unknown"});
    assert_eq!(stage.post(path, &unknown).await["errcode"], 53600);
    assert_eq!(stage.post("freepublish/getarticle", &unknown).await["errcode"], 53600);
    let unknown = json!({"publish_id":"7"});
    assert_eq!(stage.post("freepublish/get", &unknown).await["errcode"], 40097);
}

#[tokio::test]
async fn a_failed_publication_gives_the_draft_back() {
    let (stage, receiver) = stage().await;
    let media_id = draft_of_two(&stage).await;
    let submit = json!({"media_id":media_id});
    stage.fault(json!({"kind":"publish_refused","status":"53503"})).await;
    let path = "freepublish/submit";
    assert_eq!(stage.post(path, &submit).await["errcode"], 53503);
    stage.fault(json!({"kind":"publish_status","status":"4"})).await;
    stage.fault(json!({"kind":"publish_status","status":"3"})).await;
    let submitted = stage.post(path, &submit).await;
    assert_eq!(stage.post(path, &submit).await["errcode"], 40007);
    stage.wait(10).await;
    let get = json!({"publish_id":submitted["publish_id"]});
    let failed = stage.post("freepublish/get", &get).await;
    assert_eq!((&failed["publish_status"], &failed["fail_idx"]), (&json!(4), &json!([1, 2])));
    let told = "<publish_status>4</publish_status><fail_idx>1</fail_idx><fail_idx>2</fail_idx>";
    assert!(receiver.bodies()[0].contains(told), "{:?}", receiver.bodies());
    let submitted = stage.post(path, &submit).await;
    assert_eq!(submitted["publish_id"], "100000002");
    stage.wait(10).await;
    let get = json!({"publish_id":submitted["publish_id"]});
    let failed = stage.post("freepublish/get", &get).await;
    assert_eq!((&failed["publish_status"], &failed["fail_idx"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn unverified_accounts_could_publish_until_the_summer_of_2025() {
    let list = json!({"offset":0,"count":1});
    let path = "freepublish/batchget";
    let unverified = |kind| {
        let mut account = spec(10);
        (account.verified, account.kind) = (false, kind);
        account
    };
    let service = unverified(wire::rules::AccountKind::Service);
    let subscription = unverified(wire::rules::AccountKind::Subscription);
    let before = "2025-06-30T10:00:00+08:00";
    let stage = Stage::at(before, service.clone()).await;
    assert_eq!(stage.post(path, &list).await["total_count"], 0);
    let stage = Stage::at(before, subscription).await;
    assert_eq!(stage.post(path, &list).await["errcode"], 48001);
    let stage = Stage::new(service).await;
    assert_eq!(stage.post(path, &list).await["errcode"], 48001);
}

#[tokio::test]
async fn ten_deletions_a_day() {
    let (stage, _receiver) = stage().await;
    let unknown = json!({"article_id":"unknown"});
    for _ in 0..10 {
        assert_eq!(stage.post("freepublish/delete", &unknown).await["errcode"], 53600);
    }
    assert_eq!(stage.post("freepublish/delete", &unknown).await["errcode"], 45009);
}

#[tokio::test]
async fn what_the_platform_bans_afterwards_reads_6() {
    let (stage, _receiver) = stage().await;
    let media_id = draft_of_two(&stage).await;
    let submitted = stage.post("freepublish/submit", &json!({"media_id":media_id})).await;
    let ban = format!("{{a}}/publications/{}/ban", submitted["publish_id"].as_str().unwrap());
    assert!(stage.control(&ban, &json!({})).await["error"].is_string(), "it is not done");
    stage.wait(10).await;
    assert_eq!(stage.control(&ban, &json!({})).await["changed"], true);
    assert_eq!(stage.control(&ban, &json!({})).await["changed"], false);
    let get = json!({"publish_id":submitted["publish_id"]});
    assert_eq!(stage.post("freepublish/get", &get).await["publish_status"], 6);
    let none = stage.control("{a}/publications/x/ban", &json!({})).await;
    assert!(none["error"].is_string());
}
