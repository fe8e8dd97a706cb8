//! People answer prompts, keep their answers, withdraw and are sent notices. What segments count of
//! their consents is what the platform would still let through, after a restart as well.

use delivery::view::{FollowerView, IntakeView, PersonExport};
use fourcast::demo::control::Wish;
use serde_json::{Value, json};

use crate::harness::World;

/// What the platform holds of a person and a template.
async fn truth(world: &World, person: &str, template: &str) -> u64 {
    let control = world.driver.control();
    let path = control.path(&format!("followers/{person}"));
    let seen: Value = control.rest().get(&path).await.unwrap();
    seen["consents"][template]["left"].as_u64().unwrap_or(0)
}

async fn does(world: &World, person: &str, act: &str, body: Value) -> Value {
    let control = world.driver.control();
    let path = control.path(&format!("followers/{person}/{act}"));
    control.rest().post(&path, &body).await.unwrap()
}

/// Everybody is asked about once, both ways.
async fn compare(world: &mut World, people: &[String], template: &str) {
    for person in people {
        let held = truth(world, person, template).await;
        let seen = world.follower(person).await.consents.get(template).copied().unwrap_or(0);
        assert_eq!(u64::from(seen), held, "{person}");
    }
    for number in 0..4 {
        let mut holders = 0;
        for person in people {
            holders += u64::from(truth(world, person, template).await >= number);
        }
        // Those who were never asked hold none.
        holders += if number == 0 { 300 - people.len() as u64 } else { 0 };
        let segment = format!("consents({template:?}) >= {number}");
        assert_eq!(world.count(&segment).await.people, holders, "{segment}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consents_are_counted_as_the_platform_holds_them() {
    let mut world = World::bare(Wish::of(300, 7)).await;
    let people = world.openids(5).await;
    let control = world.driver.control();
    let path = control.path("");
    let account: Value = control.rest().get(path.trim_end_matches('/')).await.unwrap();
    let body = json!({"grant_type": "client_credential", "appid": account["appid"],
        "secret": account["secret"]});
    let token: Value = control.rest().post("/cgi-bin/stable_token", &body).await.unwrap();
    let token = token["access_token"].as_str().unwrap().to_owned();
    let call = async |world: &World, path: &str, body: &Value| -> Value {
        let path = format!("{path}?access_token={token}");
        world.driver.control().rest().post(&path, body).await.unwrap()
    };
    let add = async |world: &World, tid: &str, numbers: [i64; 2]| {
        let body = json!({"tid": tid, "kidList": numbers, "sceneDesc": "到货提醒"});
        let added = call(world, "/wxaapi/newtmpl/addtemplate", &body).await;
        added["priTmplId"].as_str().unwrap().to_owned()
    };
    let template = add(&world, "401", [1, 2]).await;
    let other = add(&world, "403", [1, 2]).await;
    let path = world.driver.path("/segments/count");
    let question = json!({"segment": format!("consents({template:?}) >= 1")});
    let unknown = world.driver.rest().post::<Value>(&path, &question).await.unwrap_err();
    assert!(unknown.to_string().contains("template"), "{unknown}");

    let step = async |world: &mut World| {
        let then = world.driver.now() + 120;
        world.advance_to(then).await;
    };
    // One prompt may ask for several templates; a person may be asked again and again.
    let prompt = async |world: &World, person: &str, said: Value, always: bool| {
        let body = json!({"templates": said, "always": always});
        does(world, person, "prompt", body).await
    };
    prompt(&world, &people[0], json!({&template: "accept", &other: "reject"}), false).await;
    prompt(&world, &people[1], json!({&template: "accept"}), false).await;
    prompt(&world, &people[2], json!({&template: "reject"}), false).await;
    step(&mut world).await;
    prompt(&world, &people[0], json!({&template: "accept", &other: "accept"}), false).await;
    prompt(&world, &people[3], json!({&template: "accept"}), true).await;
    step(&mut world).await;
    compare(&mut world, &people, &template).await;
    compare(&mut world, &people, &other).await;

    // A kept answer needs no prompt: the page alone hears of it, and tells it here.
    let again = prompt(&world, &people[3], json!({&template: "accept"}), false).await;
    assert_eq!(again["prompted"], false);
    let at = world.driver.now().to_string();
    let tell = async |world: &World, key: &str, person: &str| -> IntakeView {
        let body = json!({"consents": [{"key": key, "who": {"openid": person},
            "template": template, "answer": "accept", "at": at}]});
        world.driver.rest().post(&world.driver.path("/consents"), &body).await.unwrap()
    };
    let told = tell(&world, "page-1", &people[3]).await;
    assert_eq!((told.new, told.linked, told.duplicates), (1, 1, 0));
    let told = tell(&world, "page-1", &people[3]).await;
    assert_eq!((told.new, told.duplicates), (0, 1));
    // Of a prompt both sides tell: it is one acceptance.
    prompt(&world, &people[1], json!({&template: "accept"}), false).await;
    tell(&world, "page-2", &people[1]).await;
    step(&mut world).await;
    assert_eq!(truth(&world, &people[3], &template).await, 2);
    compare(&mut world, &people, &template).await;

    // Each notice spends one, and withdrawing leaves nothing.
    for person in [&people[0], &people[1], &people[2]] {
        let body = json!({"touser": person, "template_id": template,
            "data": {"thing1": {"value": "面膜"}, "date2": {"value": "2026年3月5日"}}});
        let sent = call(&world, "/cgi-bin/message/subscribe/bizsend", &body).await;
        let held = if *person == people[2] { 43_101 } else { 0 };
        assert_eq!(sent["errcode"], held, "{sent}");
    }
    does(&world, &people[3], "withdraw", json!({"template_ids": [template]})).await;
    step(&mut world).await;
    compare(&mut world, &people, &template).await;

    // Whoever does not follow may consent, and is known by it once they do.
    let stranger = world.follows_newly().await;
    world.leaves(&stranger).await;
    step(&mut world).await;
    prompt(&world, &stranger, json!({&template: "accept"}), false).await;
    step(&mut world).await;
    let seen: FollowerView = world.follower(&stranger).await;
    assert_eq!(seen.consents.get(&template), Some(&1));
    let holding = format!("consents({template:?}) >= 1");
    let before = world.count(&holding).await.people;
    world.restart(|_| {}).await;
    assert_eq!(world.count(&holding).await.people, before);
    world.driver.sync().await.unwrap();
    assert_eq!(world.count(&holding).await.people, before);

    let path = world.driver.path(&format!("/followers/{}/export", people[0]));
    let export: PersonExport = world.driver.rest().get(&path).await.unwrap();
    let acts: Vec<&str> = export
        .consents
        .iter()
        .filter(|line| line.template == template)
        .map(|line| line.act.as_str())
        .collect();
    assert_eq!(acts, ["accepted", "accepted", "sent"]);
    let path = world.driver.path(&format!("/followers/{}", people[0]));
    world.driver.rest().delete(&path).await.unwrap();
    assert_eq!(world.count(&holding).await.people, before - 1);
    // No teardown: the sandbox knows the erased person.
}
