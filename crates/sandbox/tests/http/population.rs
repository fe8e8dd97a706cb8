//! People whose behaviour is described: what they do, and the truth about it.

use sandbox::AccountSpec;
use sandbox::population::description::Description;
use serde_json::{Value, json};

use crate::{Receiver, Stage, spec, to_all};

fn shop(followers: u32) -> AccountSpec {
    AccountSpec { population: Some(Description::default()), ..spec(followers) }
}

/// Two types and two kinds, with chances that can be checked by eye.
fn plain(followers: u32) -> AccountSpec {
    let population = json!({
    "kinds": [{"name":"sale","words":["折"]}],
    "types": [
        {"name":"buyers","share":1,"worn":0.5,"tired":0.0,
         "responses":{"general":{"read":1.0,"click":1.0,"share":0.5},
                      "sale":{"read":1.0,"order":1.0,
                              "amount":{"least":50.0,"usual":50.0,"most":50.0}}}},
        {"name":"leavers","share":1,"tired":1.0,"responses":{"general":{}}},
    ]});
    let population = serde_json::from_value(population).unwrap();
    AccountSpec { population: Some(population), ..spec(followers) }
}

fn text(words: &str, key: &str) -> Value {
    let mut body = to_all(key);
    body["text"]["content"] = json!(words);
    body
}

async fn types(stage: &Stage) -> Vec<(String, String)> {
    let csv = stage.text("{a}/truth/types.csv").await;
    let pair = |line: &str| line.split_once(',').map(|(a, b)| (a.to_owned(), b.to_owned()));
    csv.lines().skip(1).filter_map(pair).collect()
}

#[tokio::test]
async fn a_message_brings_what_its_kind_brings_and_the_truth_says_so() {
    let stage = Stage::new(plain(1_000)).await;
    let types = types(&stage).await;
    let buyers = types.iter().filter(|(_, name)| name == "buyers").count() as u64;
    assert!((400..600).contains(&buyers), "{buyers}");
    stage.post("message/mass/sendall", &text("全场八折", "k1")).await;
    stage.wait(4 * 86_400).await;
    let truth = stage.seen("{a}/truth/responses").await;
    let job = &truth[0];
    assert_eq!((&job["kind"], &job["clientmsgid"]), (&json!("sale"), &json!("k1")));
    let expected = json!({"received":1000,"read":buyers,"clicked":0,"wrote":0,"shared":0,
        "ordered":buyers,"amount_cents":buyers * 5_000,"left":1_000 - buyers});
    assert_eq!(job["drawn"], expected);
    assert_eq!(job["so_far"], expected);
    assert_eq!(job["classes"][0]["chance"]["order"], 1.0);
    assert_eq!(job["classes"][0]["chance"]["cents"], 5_000.0);
    assert_eq!(job["classes"][1]["chance"]["leave"], 1.0);

    // Who left is gone, who ordered is in the shop's books, and the truth names the message.
    let account = stage.seen("{a}").await;
    assert_eq!(account["followers"], buyers);
    let orders = stage.text("{a}/truth/orders.csv").await;
    assert_eq!(orders.lines().count() as u64, buyers + 1);
    let msg_id = job["msg_id"].as_i64().unwrap();
    assert!(orders.lines().skip(1).all(|line| line.ends_with(&format!(",5000,{msg_id}"))));
    let feed = stage.text("{a}/shop/orders.csv?since=1772416800").await;
    assert_eq!(feed.lines().count() as u64, buyers + 1);
    assert!(feed.lines().nth(1).unwrap().contains(",50.00,"), "{feed}");
    let customers = stage.text("{a}/shop/customers.csv").await;
    let buyer = &types.iter().find(|(_, name)| name == "buyers").unwrap().0;
    assert!(customers.contains(buyer.as_str()), "who orders becomes a customer");
    let people = stage.text(&format!("{{a}}/truth/responses/{msg_id}")).await;
    assert_eq!(people.lines().count(), 1_001);
    assert!(people.contains(&format!("{buyer},buyers,1,0,0,5000")));
}

#[tokio::test]
async fn the_kind_can_be_told_until_the_message_is_delivered() {
    let stage = Stage::new(plain(200)).await;
    stage.post("message/mass/sendall", &text("大家好", "k1")).await;
    let put = |path: &str, kind: &str| {
        let request = stage.client.put(stage.control_url(path)).json(&json!({"kind":kind}));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let refused = put("{a}/jobs/k1/kind", "party").await;
    assert!(refused["error"].as_str().unwrap().contains("population.kinds"), "{refused}");
    let refused = put("{a}/jobs/k9/kind", "sale").await;
    assert!(refused["error"].as_str().unwrap().contains("no job"), "{refused}");
    assert_eq!(put("{a}/jobs/k1/kind", "sale").await["kind"], "sale");
    stage.wait(60).await;
    let truth = stage.seen("{a}/truth/responses").await;
    assert_eq!(truth[0]["kind"], "sale");
    let refused = put("{a}/jobs/k1/kind", "general").await;
    assert!(refused["error"].as_str().unwrap().contains("carried out"), "{refused}");
}

#[tokio::test]
async fn readers_are_counted_and_tap_the_menu_where_there_is_one() {
    let receiver = Receiver::new(&[]).await;
    let mut stage = Stage::new(plain(100)).await;
    let callback = json!({"url":receiver.url,"token":"token"});
    let url = stage.control_url("{a}/callback");
    stage.client.put(url).json(&callback).send().await.unwrap();
    let media = stage.draft().await;
    let news = json!({"filter":{"is_to_all":true},"msgtype":"mpnews","mpnews":{"media_id":media},
        "clientmsgid":"k1","send_ignore_reprint":0});
    stage.post("message/mass/sendall", &news).await;
    stage.wait(3 * 3_600).await;
    let truth = stage.seen("{a}/truth/responses").await;
    let (so_far, drawn) = (&truth[0]["so_far"], &truth[0]["drawn"]);
    let read = so_far["read"].as_u64().unwrap();
    assert!(read > 0 && read < drawn["read"].as_u64().unwrap(), "reading takes its time");
    let taps = || receiver.bodies().iter().filter(|body| body.contains("CLICK")).count();
    assert_eq!(taps(), 0, "there is no menu");
    stage.refresh().await;
    let menu = json!({"button":[{"type":"click","name":"新品","key":"NEW"}]});
    assert_eq!(stage.post("menu/create", &menu).await["errcode"], 0);
    stage.wait(4 * 86_400).await;
    let truth = stage.seen("{a}/truth/responses").await;
    assert_eq!(truth[0]["so_far"]["read"], truth[0]["drawn"]["read"]);
    assert!(truth[0]["so_far"]["shared"].as_u64().unwrap() > 10);
    assert!(taps() > 0);
}

#[tokio::test]
async fn the_same_seed_and_the_same_sends_make_the_same_truth() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let stage = Stage::new(shop(3_000)).await;
        let qr = json!({"action_name":"QR_LIMIT_SCENE","action_info":{"scene":{"scene_id":1}}});
        stage.post("qrcode/create", &qr).await;
        for (key, words) in [("k1", "春季上新"), ("k2", "满减优惠")] {
            stage.post("message/mass/sendall", &text(words, key)).await;
            stage.wait(86_400).await;
        }
        stage.wait(5 * 86_400).await;
        let account = stage.seen("{a}").await;
        assert!(account["people"].as_u64().unwrap() > 3_000, "some arrive: {account}");
        assert!(account["left"].as_u64().unwrap() > 0 && account["refusing"].as_u64().unwrap() > 0);
        let orders = stage.text("{a}/truth/orders.csv").await;
        let (caused, own): (Vec<&str>, Vec<&str>) =
            orders.lines().skip(1).partition(|line| !line.ends_with(','));
        assert!(!caused.is_empty() && !own.is_empty(), "{orders}");
        let truth = stage.text("{a}/truth/responses").await;
        let types = stage.seen("{a}/truth/types").await;
        let second = types[0]["kinds"]["launch"][1]["read"].as_f64().unwrap();
        assert!((second - 0.45).abs() < 1e-9, "0.5 × 0.9: {second}");
        told.push((truth, orders, account["followers"].clone()));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_population_that_cannot_be_is_refused_with_its_field() {
    let stage = Stage::new(spec(10)).await;
    let make = |population: Value| {
        let body = json!({"followers":10,"seed":1,"population":population});
        stage.client.post(stage.control_url("accounts")).json(&body).send()
    };
    let error = |answer: Value| answer["error"].as_str().unwrap().to_owned();
    let types = json!({"types":[{"name":"a","share":1,"refusing":1.5,"responses":{"general":{}}}]});
    let refused = error(make(types).await.unwrap().json().await.unwrap());
    assert!(refused.contains("population.types[0].refusing is 1.5"), "{refused}");
    let refused = error(make(json!({"typs":[]})).await.unwrap().json().await.unwrap());
    assert!(refused.contains("typs"), "{refused}");
    let twice = json!({"followers":10,"seed":1,"population":{},"daily_leavers_per_mille":3});
    let refused = stage.control("accounts", &twice).await;
    assert!(error(refused).contains("daily_leavers_per_mille"));
    let none = stage.seen("{a}/truth/responses").await;
    assert!(error(none).contains("no population"));
}

#[tokio::test]
async fn people_can_be_made_to_read_share_and_order() {
    let stage = Stage::new(spec(10)).await;
    let person = stage.people(1).await[0].clone();
    let act = |act: &str, body: Value| {
        let url = stage.control_url(&format!("{{a}}/followers/{person}/{act}"));
        let request = stage.client.post(url).json(&body);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let media = stage.draft().await;
    let news = json!({"filter":{"is_to_all":true},"msgtype":"mpnews","mpnews":{"media_id":media},
        "clientmsgid":"k1"});
    let sent = stage.post("message/mass/sendall", &news).await;
    let msg_id = &sent["msg_id"];
    let early = act("read", json!({"msg_id":msg_id})).await;
    assert!(early["error"].as_str().unwrap().contains("received no message"), "{early}");
    stage.wait(60).await;
    let wrong = act("read", json!({"msg_id":msg_id,"article":2})).await;
    assert!(wrong["error"].as_str().unwrap().contains("article is 2"), "{wrong}");
    assert_eq!(act("read", json!({"msg_id":msg_id})).await, json!({"changed":true}));
    assert_eq!(act("read", json!({"msg_id":msg_id})).await, json!({"changed":false}));
    assert_eq!(act("share", json!({"msg_id":msg_id})).await, json!({"changed":true}));
    let ordered = act("order", json!({"cents":12_900,"msg_id":msg_id})).await;
    assert_eq!(ordered, json!({"order_id":"N000000001"}));
    let wrong = act("order", json!({"cents":0})).await;
    assert!(wrong["error"].as_str().unwrap().contains("cents is 0"), "{wrong}");
    let wrong = act("order", json!({"cents":5,"msg_id":1})).await;
    assert!(wrong["error"].as_str().unwrap().contains("received no message 1"), "{wrong}");
    let orders = stage.text("{a}/truth/orders.csv").await;
    assert!(orders.contains(&format!("{person},")) && orders.contains(",12900,"), "{orders}");
}
