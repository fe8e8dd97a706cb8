use serde_json::{Value, json};

use crate::{Stage, spec};

async fn named(stage: &Stage, name: &str) -> Value {
    let tags = stage.get("tags/get", "").await;
    tags["tags"].as_array().unwrap().iter().find(|tag| tag["name"] == name).unwrap().clone()
}

#[tokio::test]
async fn a_shop_has_its_tags_and_their_members_page_through() {
    let stage = Stage::new(spec(3_000)).await;
    let oily = named(&stage, "油性皮肤").await;
    let count = oily["count"].as_u64().unwrap();
    assert!((300..500).contains(&count), "{count} of 3,000");
    let members = stage.post("user/tag/get", &json!({"tagid":oily["id"]})).await;
    assert_eq!(members["count"], count);
    let last = members["data"]["openid"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(members["next_openid"], last);
    let end = stage.post("user/tag/get", &json!({"tagid":oily["id"],"next_openid":last})).await;
    assert_eq!(end["count"], 0);
    assert!(end.get("data").is_none());

    let leaver = last.as_str().unwrap();
    stage.control(&format!("{{a}}/followers/{leaver}/leave"), &json!({})).await;
    assert_eq!(named(&stage, "油性皮肤").await["count"], count - 1);
}

#[tokio::test]
async fn tags_are_made_given_taken_and_deleted() {
    let stage = Stage::new(spec(100)).await;
    let made = stage.post("tags/create", &json!({"tag":{"name":"三月活动"}})).await;
    let id = made["tag"]["id"].clone();
    assert_eq!(made["tag"]["name"], "三月活动");
    let people = stage.people(51).await;
    let tagging = |people: &[String]| json!({"openid_list":people,"tagid":id});
    let add = "tags/members/batchtagging";
    assert_eq!(stage.post(add, &tagging(&people)).await["errcode"], 40032);
    assert_eq!(stage.post(add, &tagging(&people[..50])).await["errcode"], 0);
    assert_eq!(named(&stage, "三月活动").await["count"], 50);
    let of = stage.post("tags/getidlist", &json!({"openid":people[0]})).await;
    assert!(of["tagid_list"].as_array().unwrap().contains(&id));
    let take = "tags/members/batchuntagging";
    assert_eq!(stage.post(take, &tagging(&people[..20])).await["errcode"], 0);
    assert_eq!(named(&stage, "三月活动").await["count"], 30);

    let misspelt = json!({"openid_list":&people[..2],"tag_id":id});
    assert_eq!(stage.post(add, &misspelt).await["errcode"], 45159);
    let foreign = ["oAAAAAaaaaaaaaaaaaaaaaaaaaaa".to_owned()];
    assert_eq!(stage.post(add, &tagging(&foreign)).await["errcode"], 49003);
    let rename = json!({"tag":{"id":id,"name":"四月活动"}});
    assert_eq!(stage.post("tags/update", &rename).await["errcode"], 0);
    assert_eq!(stage.post("tags/delete", &json!({"tag":{"id":id}})).await["errcode"], 0);
    assert_eq!(stage.post("tags/delete", &json!({"tag":{"id":id}})).await["errcode"], 45159);
    assert_eq!(stage.post("tags/delete", &json!({"tag":{"id":2}})).await["errcode"], 45058);
}

#[tokio::test]
async fn a_hundred_tags_of_thirty_bytes_and_twenty_a_follower() {
    let stage = Stage::new(spec(10)).await;
    let create = |name: String| json!({"tag":{"name":name}});
    let answer = stage.post("tags/create", &create("十一个汉字超过三十字节".into())).await;
    assert_eq!(answer["errcode"], 45158);
    assert_eq!(stage.post("tags/create", &create("油性皮肤".into())).await["errcode"], 45157);
    let mut ids = Vec::new();
    for nth in 0..81 {
        let made = stage.post("tags/create", &create(format!("tag {nth}"))).await;
        ids.push(made["tag"]["id"].clone());
    }
    assert_eq!(stage.post("tags/create", &create("one more".into())).await["errcode"], 45056);
    let person = &stage.people(1).await[0];
    let mut refused = 0;
    for id in &ids[..20] {
        let body = json!({"openid_list":[person],"tagid":id});
        refused = stage.post("tags/members/batchtagging", &body).await["errcode"].as_i64().unwrap();
    }
    assert_eq!(refused, 45059);
    let of = stage.post("tags/getidlist", &json!({"openid":person})).await;
    assert_eq!(of["tagid_list"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn who_tags_one_after_the_other_never_meets_another_call() {
    let assumptions = sandbox::Assumptions { tagging_in_hand_ms: 300, ..Default::default() };
    let stage = Stage::new(sandbox::AccountSpec { assumptions, ..spec(10) }).await;
    let people = stage.people(3).await;
    let body = |nth: usize| json!({"openid_list":[people[nth]],"tagid":101});
    let path = "tags/members/batchtagging";
    let (one, two) = (body(0), body(0));
    let (first, second) = tokio::join!(stage.post(path, &one), stage.post(path, &two));
    let mut codes = [first["errcode"].as_i64().unwrap(), second["errcode"].as_i64().unwrap()];
    codes.sort_unstable();
    assert_eq!(codes, [0, 45159], "one of the two");
    // One after the other, and of different people at once, all is well.
    assert_eq!(stage.post("tags/members/batchuntagging", &body(0)).await["errcode"], 0);
    assert_eq!(stage.post(path, &body(0)).await["errcode"], 0);
    let (one, two) = (body(1), body(2));
    let (first, second) = tokio::join!(stage.post(path, &one), stage.post(path, &two));
    assert_eq!((&first["errcode"], &second["errcode"]), (&json!(0), &json!(0)));
}
