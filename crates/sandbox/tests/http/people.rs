//! Notes, blacklist and groups.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use wire::rules::AccountKind;

use crate::{Stage, spec, text_to};

const FOREIGN: &str = "oAAAAAaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn a_note_is_kept_until_it_is_emptied_or_the_person_leaves() {
    let stage = Stage::new(spec(10)).await;
    let person = &stage.people(1).await[0];
    let note = |remark: &str| json!({"openid":person,"remark":remark});
    let path = "user/info/updateremark";
    assert_eq!(stage.post(path, &note("老会员")).await["errcode"], 0);
    let query = format!("&openid={person}");
    assert_eq!(stage.get("user/info", &query).await["remark"], "老会员");
    assert_eq!(stage.post(path, &note("十一个汉字超过三十字节")).await["errcode"], 40092);
    assert_eq!(stage.get("user/info", &query).await["remark"], "老会员");
    assert_eq!(stage.post(path, &note("")).await["errcode"], 0);
    assert_eq!(stage.get("user/info", &query).await["remark"], "");
    let foreign = json!({"openid":FOREIGN,"remark":"x"});
    assert_eq!(stage.post(path, &foreign).await["errcode"], 40003);
    stage.post(path, &note("vip")).await;
    stage.control(&format!("{{a}}/followers/{person}/leave"), &json!({})).await;
    assert_eq!(stage.post(path, &note("x")).await["errcode"], 43004);
    stage.control(&format!("{{a}}/followers/{person}/follow"), &json!({})).await;
    assert_eq!(stage.get("user/info", &query).await["remark"], "");
}

#[tokio::test]
async fn notes_are_for_service_accounts() {
    let stage = Stage::new(AccountSpec { kind: AccountKind::Subscription, ..spec(10) }).await;
    let person = &stage.people(1).await[0];
    let note = json!({"openid":person,"remark":"x"});
    assert_eq!(stage.post("user/info/updateremark", &note).await["errcode"], 48001);
    let qr = json!({"action_name":"QR_SCENE","action_info":{"scene":{"scene_id":1}}});
    assert_eq!(stage.post("qrcode/create", &qr).await["errcode"], 48001);
}

#[tokio::test]
async fn whoever_is_on_the_blacklist_receives_nothing_and_cannot_write() {
    let stage = Stage::new(spec(100)).await;
    let people = stage.people(100).await;
    let list = |people: &[String]| json!({"openid_list":people});
    let add = "tags/members/batchblacklist";
    assert_eq!(stage.post(add, &list(&people[..21])).await["errcode"], 40032);
    assert_eq!(stage.post(add, &list(&[])).await["errcode"], 40032);
    assert_eq!(stage.post(add, &list(&[FOREIGN.to_owned()])).await["errcode"], 49003);
    let mixed = [people[0].clone(), "nobody".to_owned()];
    assert_eq!(stage.post(add, &list(&mixed)).await["errcode"], 40003);
    assert_eq!(stage.post(add, &list(&people[..20])).await["errcode"], 0);
    assert_eq!(stage.post(add, &list(&people[..2])).await["errcode"], 0);
    let page = stage.post("tags/members/getblacklist", &json!({"begin_openid":""})).await;
    assert_eq!((&page["total"], &page["count"]), (&json!(20), &json!(20)));
    assert_eq!(page["data"]["openid"], json!(people[..20]));
    let next = json!({"begin_openid":page["next_openid"]});
    let end = stage.post("tags/members/getblacklist", &next).await;
    assert_eq!(end["count"], 0);
    assert!(end.get("data").is_none());

    let sent = stage.post("message/mass/send", &text_to(&people, "k1")).await;
    stage.wait(60).await;
    let job = stage.job(&sent["msg_id"]).await;
    assert_eq!(
        (&job["total"], &job["filtered"], &job["sent"]),
        (&json!(100), &json!(80), &json!(80))
    );
    let write = stage.control(&format!("{{a}}/followers/{}/write", people[0]), &json!({})).await;
    assert!(write["error"].as_str().unwrap().contains("blacklist"));

    let preview = json!({"touser":people[0],"msgtype":"text","text":{"content":"x"}});
    assert_eq!(stage.post("message/mass/preview", &preview).await["errcode"], 43019);

    let remove = "tags/members/batchunblacklist";
    assert_eq!(stage.post(remove, &list(&people[..20])).await["errcode"], 0);
    let sent = stage.post("message/mass/send", &text_to(&people, "k2")).await;
    stage.wait(60).await;
    assert_eq!(stage.job(&sent["msg_id"]).await["sent"], 100);
}

#[tokio::test]
async fn the_blacklist_pages_through() {
    let stage = Stage::new(spec(1_100)).await;
    let people = stage.people(1_100).await;
    for twenty in people[..1_020].chunks(20) {
        let body = json!({"openid_list":twenty});
        assert_eq!(stage.post("tags/members/batchblacklist", &body).await["errcode"], 0);
    }
    let first = stage.post("tags/members/getblacklist", &json!({})).await;
    assert_eq!((&first["total"], &first["count"]), (&json!(1_020), &json!(1_000)));
    let next = json!({"begin_openid":first["next_openid"]});
    assert_eq!(stage.post("tags/members/getblacklist", &next).await["count"], 20);
    let bad = json!({"begin_openid":"nobody"});
    assert_eq!(stage.post("tags/members/getblacklist", &bad).await["errcode"], 40003);
}

#[tokio::test]
async fn groups_are_tags_of_which_a_follower_has_one() {
    let stage = Stage::new(spec(50)).await;
    let named = |name: &str| json!({"group":{"name":name}});
    let made = stage.post("groups/create", &named("老客")).await;
    let id = made["group"]["id"].clone();
    assert!(id.as_i64().unwrap() >= 100, "{made}");
    assert_eq!(stage.post("groups/create", &named("老客")).await["errcode"], 40051);
    assert_eq!(stage.post("groups/create", &named(&"长".repeat(31))).await["errcode"], 45017);
    let people = stage.people(50).await;
    let to = |people: &[String], group: &Value| json!({"openid_list":people,"to_groupid":group});
    let batch = "groups/members/batchupdate";
    assert_eq!(stage.post(batch, &to(&people, &id)).await["errcode"], 0);
    assert_eq!(stage.post(batch, &to(&people[..0], &id)).await["errcode"], 40032);
    assert_eq!(stage.post(batch, &to(&people, &json!(99))).await["errcode"], 40152);
    let of = |person: &str| json!({"openid":person});
    assert_eq!(stage.post("groups/getid", &of(&people[3])).await["groupid"], id);
    let tags = stage.post("tags/getidlist", &of(&people[3])).await;
    assert_eq!(tags["tagid_list"], json!([id]));

    let one = |group: i64| json!({"openid":people[0],"to_groupid":group});
    assert_eq!(stage.post("groups/members/update", &one(1)).await["errcode"], 0);
    assert_eq!(stage.post("groups/getid", &of(&people[0])).await["groupid"], 1);
    assert_eq!(stage.post("groups/members/update", &one(0)).await["errcode"], 0);
    assert_eq!(stage.post("groups/getid", &of(&people[0])).await["groupid"], 0);
    let groups = stage.get("groups/get", "").await;
    assert_eq!(groups["groups"][0], json!({"id":0,"name":"未分组","count":1}));
    let own = groups["groups"].as_array().unwrap().iter().find(|group| group["id"] == id).unwrap();
    assert_eq!(own["count"], 49);

    let rename = |id: &Value| json!({"group":{"id":id,"name":"新客"}});
    assert_eq!(stage.post("groups/update", &rename(&id)).await["errcode"], 0);
    assert_eq!(stage.post("groups/update", &rename(&json!(1))).await["errcode"], 45016);
    assert_eq!(stage.post("groups/delete", &json!({"group":{"id":id}})).await["errcode"], 0);
    assert_eq!(stage.post("groups/delete", &json!({"group":{"id":id}})).await["errcode"], 40152);
    assert_eq!(stage.post("groups/getid", &of(&people[3])).await["groupid"], 0);
    assert_eq!(stage.post("groups/getid", &of(FOREIGN)).await["errcode"], 40003);
}

#[tokio::test]
async fn followers_of_an_account_that_moved_are_found_by_their_former_openid() {
    let stage = Stage::new(spec(5)).await;
    let url = format!("{}/sandbox/accounts", stage.url);
    let created = stage.client.post(&url).json(&json!({"followers":3,"seed":9}));
    let former: Value = created.send().await.unwrap().json().await.unwrap();
    let appid = former["appid"].as_str().unwrap();
    let page: Value = stage
        .client
        .get(format!("{url}/{appid}/followers"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let old: Vec<&str> = page["followers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["openid"].as_str().unwrap())
        .collect();
    let ask = |list: &[&str]| json!({"from_appid":appid,"openid_list":list});
    let path = "changeopenid";
    assert_eq!(stage.post(path, &ask(&old)).await["errcode"], 63178);
    let moved = stage.control("{a}/migration", &json!({"from":appid})).await;
    assert_eq!(moved["moved"], 3);
    assert!(stage.control("{a}/migration", &json!({"from":appid})).await["error"].is_string());

    let changed = stage.post(path, &ask(&[old[0], old[1], FOREIGN])).await;
    let result = &changed["result_list"];
    assert_eq!((&result[0]["err_msg"], &result[1]["err_msg"]), (&json!("ok"), &json!("ok")));
    assert_eq!(result[2], json!({"ori_openid":FOREIGN,"err_msg":"ori_openid error"}));
    let new = result[0]["new_openid"].as_str().unwrap();
    let info = stage.get("user/info", &format!("&openid={new}")).await;
    assert_eq!(info["subscribe_scene"], "ADD_SCENE_ACCOUNT_MIGRATION");
    assert_eq!(stage.get("user/get", "").await["total"], 8);
    stage.control(&format!("{{a}}/followers/{new}/leave"), &json!({})).await;
    let changed = stage.post(path, &ask(&old[..1])).await;
    assert_eq!(changed["result_list"][0]["err_msg"], "not fans");
    assert_eq!(stage.post(path, &ask(&[])).await["errcode"], 63182);
    assert_eq!(stage.post(path, &ask(&[FOREIGN; 101])).await["errcode"], 63179);
}
