//! The commands for facts, run through the real binary.

use serde_json::Value;

use crate::every_command_speaks_to_the_server::Shell;
use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fact_has_its_command() {
    let world = World::start(300).await;
    let shell = Shell { url: world.server_url(), key: world.key() };
    let people = world.openids(3).await;
    let folder = tempfile::tempdir().unwrap();

    shell.say(&["attributes", "define", "等级", "choice", "gold", "silver"]).await;
    shell.say(&["attributes", "set", &people[0], "等级=gold"]).await;
    let told = shell.fail(&["attributes", "set", &people[0], "等级=bronze"]).await;
    assert!(told.contains("gold, silver"), "{told}");
    let (_, listed) = shell.say(&["attributes", "list"]).await;
    assert_eq!(listed[0]["name"], "等级");
    let people_of = async |segment: &str| -> Value {
        shell.say(&["segments", "count", segment]).await.1["people"].clone()
    };
    assert_eq!(people_of("等级 = \"gold\"").await, 1);

    let at = "2026-02-27T10:00:00+08:00";
    shell.say(&["followers", "link", &people[1], "--customer-id", "X1"]).await;
    let (_, told) =
        shell.say(&["events", "add", "e1", "visit", "--customer-id", "X1", "--at", at]).await;
    assert_eq!(told["linked"], told["new"]);
    let (_, told) =
        shell.say(&["orders", "add", "o1", "5990", "--phone", "13800138000", "--at", at]).await;
    assert_eq!(told["told"], 1);
    let events = folder.path().join("events.json");
    let body = format!(
        r#"{{"events":[{{"key":"e2","who":{{"openid":"{}"}},"kind":"visit","at":"{at}"}}]}}"#,
        people[2]
    );
    std::fs::write(&events, body).unwrap();
    shell.say(&["events", "send", events.to_str().unwrap()]).await;
    assert_eq!(people_of("count(visit) >= 1").await, 2);

    shell.say(&["lists", "add", "内部", &people[0], &people[1]]).await;
    shell.say(&["lists", "drop", "内部", &people[0]]).await;
    let (text, listed) = shell.say(&["lists", "list"]).await;
    assert!(text.contains("内部") && listed[0]["people"] == 1, "{text}");
    shell.say(&["own-tags", "give", "试用", "--segment", "in list \"内部\""]).await;
    let (_, tags) = shell.say(&["own-tags", "list"]).await;
    assert!(tags.as_array().unwrap().iter().any(|tag| tag["name"] == "试用"));
    shell.once(&["lists", "remove", "内部"]).await;

    let file = folder.path().join("visits.csv");
    let text = format!("编号,顾客,事件,时间\ne3,{},visit,2026-02-27\n", people[0]);
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let (text, _) = shell.say(&["import", "preview", "events", file]).await;
    assert!(text.contains("missing: customer_id"), "{text}");
    let map = ["--map", "顾客=openid"];
    let (_, done) = shell.say(&[&["import", "file", "events", file][..], &map[..]].concat()).await;
    assert_eq!(done[0]["lines"], 1);
    let (_, jobs) = shell.say(&["import", "jobs"]).await;
    assert_eq!(jobs[0]["state"], "done");
    assert_eq!(people_of("count(visit) >= 1").await, 3);

    shell.say(&["segments", "save", "访客", "count(visit) >= 1"]).await;
    shell.say(&["segments", "saved"]).await;
    shell.say(&["segments", "presets"]).await;
    let (text, _) = shell.say(&["segments", "preset", "new-followers", "days=7"]).await;
    assert!(text.contains("7d"), "{text}");
    assert!(people_of(text.trim()).await.as_u64() < people_of("everyone").await.as_u64());
    shell.say(&["segments", "sample", "in segment \"访客\"", "--size", "2"]).await;
    shell.say(&["segments", "overlap", "in segment \"访客\"", "everyone"]).await;
    shell.say(&["segments", "list", "everyone", "--sort", "orders", "--descending"]).await;
    shell.say(&["segments", "freeze", "in segment \"访客\"", "--name", "二月"]).await;
    let (_, frozen) = shell.say(&["segments", "frozen"]).await;
    assert_eq!(frozen[0]["people"], 3);
    let (_, rerun) = shell.say(&["segments", "rerun", "1"]).await;
    assert_eq!(rerun["came"], 0);
    let (_, members) = shell.say(&["segments", "members", "1"]).await;
    assert_eq!(members.as_array().unwrap().len(), 3);
    shell.once(&["segments", "forget", "访客"]).await;

    let (_, tags) = shell.say(&["tags", "list"]).await;
    let before = tags.as_array().unwrap().len();
    let made = shell.once(&["tags", "create", "试用装"]).await;
    let tag = made[0]["id"].to_string();
    shell.say(&["tags", "give", &tag, &people[0]]).await;
    let (_, taggings) = shell.say(&["tags", "taggings"]).await;
    assert_eq!(taggings[0]["people"], 1);
    shell.say(&["tags", "rename", &tag, "试用装二"]).await;
    let (_, tags) = shell.say(&["tags", "refresh"]).await;
    assert_eq!(tags.as_array().unwrap().len(), before + 1);

    let (_, export) = shell.say(&["followers", "export", &people[1]]).await;
    assert!(export["customer_ids"].as_array().unwrap().contains(&Value::from("X1")));
    let told = shell.fail(&["followers", "erase", &people[1]]).await;
    assert!(told.contains("--yes"), "{told}");
    let erased = shell.run(&["followers", "erase", &people[1], "--yes"]).await;
    assert!(erased.status.success());
    let told = shell.fail(&["followers", "export", &people[1]]).await;
    assert!(told.contains("follower"), "{told}");
    world.teardown_without(1).await;
}
