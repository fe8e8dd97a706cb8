use serde_json::{Value, json};

use crate::{Stage, spec};

#[tokio::test]
async fn pages_of_ten_thousand_and_a_last_one_without_data() {
    let stage = Stage::new(spec(23_000)).await;
    let mut cursor = String::new();
    let mut seen = Vec::new();
    let mut counts = Vec::new();
    loop {
        let page = stage.get("user/get", &format!("&next_openid={cursor}")).await;
        assert_eq!(page["total"], 23_000);
        counts.push(page["count"].as_i64().unwrap());
        let Some(openids) = page["data"]["openid"].as_array() else {
            assert_eq!(page, json!({"total":23_000,"count":0,"next_openid":""}));
            break;
        };
        seen.extend(openids.iter().map(|openid| openid.as_str().unwrap().to_owned()));
        cursor = page["next_openid"].as_str().unwrap().to_owned();
        assert_eq!(&cursor, seen.last().unwrap());
    }
    assert_eq!(counts, [10_000, 10_000, 3_000, 0]);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 23_000);
    assert!(seen.iter().all(|openid| openid.len() == 28 && openid[..6] == seen[0][..6]));
    assert_eq!(stage.get("user/get", "&next_openid=oNobody").await["errcode"], 40003);
}

#[tokio::test]
async fn details_come_by_the_hundred_in_the_order_asked() {
    let stage = Stage::new(spec(300)).await;
    let mut people = stage.people(100).await;
    people.reverse();
    let ask = |people: &[String]| {
        let list: Vec<Value> =
            people.iter().map(|openid| json!({"openid":openid,"lang":"zh_CN"})).collect();
        json!({ "user_list": list })
    };
    stage.control(&format!("{{a}}/followers/{}/leave", people[0]), &json!({})).await;
    let answer = stage.post("user/info/batchget", &ask(&people)).await;
    let list = answer["user_info_list"].as_array().unwrap();
    assert_eq!(list.len(), 100);
    assert_eq!(list[0]["subscribe"], 0);
    assert!(list[0].get("subscribe_time").is_none());
    for (info, openid) in list.iter().zip(&people).skip(1) {
        assert_eq!(info["openid"], *openid);
        assert_eq!(info["subscribe"], 1);
        assert!(!info["tagid_list"].as_array().unwrap().is_empty());
        assert!(info["subscribe_scene"].as_str().unwrap().starts_with("ADD_SCENE_"));
        assert!(info["subscribe_time"].as_i64().unwrap() < stage.now().await);
    }
    let one = stage.get("user/info", &format!("&openid={}", people[1])).await;
    assert_eq!(one, list[1]);

    let too_many = stage.people(101).await;
    assert_eq!(stage.post("user/info/batchget", &ask(&too_many)).await["errcode"], 40032);
    people[5] = "oForeignForeignForeignForeign".chars().take(28).collect();
    assert_eq!(stage.post("user/info/batchget", &ask(&people)).await["errcode"], 40003);
}

#[tokio::test]
async fn rights_and_methods_are_checked() {
    let mut unverified = spec(10);
    unverified.verified = false;
    let stage = Stage::new(unverified).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 48001);
    assert_eq!(stage.get("draft/add", "").await["errcode"], 43002);
    assert_eq!(stage.post("tags/get", &json!({})).await["errcode"], 43001);
    assert_eq!(stage.raw_post("draft/get", "").await["errcode"], 44002);
    assert_eq!(stage.raw_post("draft/get", "{").await["errcode"], 47001);
    assert!(!stage.draft().await.is_empty(), "drafts are open to all");
    let url = format!("{}/cgi-bin/nothing", stage.url);
    let unknown = stage.client.get(url).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert!(unknown.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn five_hundred_pages_a_day_and_ten_clearings_a_month() {
    let stage = Stage::new(spec(10)).await;
    for _ in 0..500 {
        assert_eq!(stage.get("user/get", "").await["count"], 10);
    }
    assert_eq!(stage.get("user/get", "").await["errcode"], 45009);
    let counter = json!({"cgi_path":"/cgi-bin/user/get"});
    let quota = stage.post("openapi/quota/get", &counter).await;
    assert_eq!(quota["quota"], json!({"daily_limit":500,"used":500,"remain":0}));
    let path = json!({"cgi_path":"/cgi-bin/nothing"});
    assert_eq!(stage.post("openapi/quota/get", &path).await["errcode"], 76021);
    assert_eq!(stage.post("clear_quota", &json!({"appid":"wxother"})).await["errcode"], 40013);
    let own = json!({"appid":stage.appid});
    for _ in 0..10 {
        assert_eq!(stage.post("clear_quota", &own).await["errcode"], 0);
    }
    assert_eq!(stage.post("clear_quota", &own).await["errcode"], 48006);
    assert_eq!(stage.get("user/get", "").await["count"], 10);
    assert_eq!(stage.post("openapi/quota/get", &counter).await["quota"]["used"], 1);
}
