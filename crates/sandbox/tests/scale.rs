//! A million followers: how long the start, a page, details and sends take.

use std::time::Instant;

use sandbox::{AccountSpec, ClockMode, Config, Sandbox};
use serde_json::{Value, json};
use wire::Timestamp;

const PEOPLE: u32 = 1_000_000;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[tokio::test]
#[ignore = "measures time; run with --release --ignored"]
async fn a_million_followers_are_light_and_quick() {
    let before = resident_kib();
    let started = Instant::now();
    let config = Config {
        clock: ClockMode::Manual(Timestamp(1_772_416_800)),
        accounts: vec![AccountSpec { followers: PEOPLE, seed: 7, ..AccountSpec::default() }],
        ..Config::default()
    };
    let running = Sandbox::start(config).await.unwrap();
    let took = started.elapsed();
    let bytes = (resident_kib() - before) * 1024 / u64::from(PEOPLE);
    println!("start {took:?}, {bytes} bytes a follower");
    assert!(bytes <= 64);

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = running.url();
    let get = |path: String| {
        let request = client.get(format!("{url}{path}"));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let post = |path: String, body: Value| {
        let request = client.post(format!("{url}{path}")).json(&body);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let account = get("/sandbox/accounts".into()).await[0].clone();
    let appid = account["appid"].as_str().unwrap();
    let secret = account["secret"].as_str().unwrap();
    let query = format!("grant_type=client_credential&appid={appid}&secret={secret}");
    let token = get(format!("/cgi-bin/token?{query}")).await["access_token"].clone();
    let token = token.as_str().unwrap();

    let timed = Instant::now();
    let page = get(format!("/cgi-bin/user/get?access_token={token}")).await;
    println!("page of 10,000: {:?}", timed.elapsed());
    let people = page["data"]["openid"].as_array().unwrap();
    let list: Vec<Value> = people[..100].iter().map(|openid| json!({"openid":openid})).collect();
    let timed = Instant::now();
    for _ in 0..100 {
        let body = json!({ "user_list": list });
        post(format!("/cgi-bin/user/info/batchget?access_token={token}"), body).await;
    }
    println!("details of 100: {:?}", timed.elapsed() / 100);
    let timed = Instant::now();
    for nth in 0..10 {
        let body = json!({"touser":people,"msgtype":"text","text":{"content":"上新"},
            "clientmsgid":format!("k{nth}")});
        let sent = post(format!("/cgi-bin/message/mass/send?access_token={token}"), body).await;
        assert_eq!(sent["errcode"], 0);
    }
    println!("list send of 10,000: {:?}", timed.elapsed() / 10);
    let timed = Instant::now();
    post("/sandbox/clock".into(), json!({"to":1_772_416_900})).await;
    println!("ten jobs carried out: {:?}", timed.elapsed());
    let body = json!({"filter":{"is_to_all":true},"msgtype":"text","text":{"content":"上新"}});
    post(format!("/cgi-bin/message/mass/sendall?access_token={token}"), body).await;
    let timed = Instant::now();
    post("/sandbox/clock".into(), json!({"to":1_772_417_000})).await;
    println!("a job to everybody: {:?}", timed.elapsed());
    let timed = Instant::now();
    let truth = client.get(format!("{url}/sandbox/accounts/{appid}/truth?month=2026-03"));
    let truth = truth.send().await.unwrap().text().await.unwrap();
    println!("truth of everybody: {:?}", timed.elapsed());
    assert_eq!(truth.lines().count(), PEOPLE as usize);
    let timed = Instant::now();
    let orders = client.get(format!("{url}/sandbox/accounts/{appid}/shop/orders.csv"));
    let orders = orders.send().await.unwrap().text().await.unwrap();
    println!("{} orders: {:?}", orders.lines().count() - 1, timed.elapsed());
    running.stop().await;
}

#[tokio::test]
#[ignore = "measures time; run with --release --ignored"]
async fn a_month_of_a_million_followers_passes_in_seconds() {
    let account = AccountSpec {
        followers: PEOPLE,
        seed: 7,
        refusing_per_mille: 20,
        daily_arrivals_per_mille: 2,
        daily_leavers_per_mille: 2,
        daily_talkers_per_mille: Some(3),
        ..AccountSpec::default()
    };
    let start = Timestamp(1_772_330_400);
    let config =
        Config { clock: ClockMode::Manual(start), accounts: vec![account], ..Config::default() };
    let running = Sandbox::start(config).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = running.url();
    let post = |path: String, body: Value| {
        let request = client.post(format!("{url}{path}")).json(&body);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let accounts: Value =
        client.get(format!("{url}/sandbox/accounts")).send().await.unwrap().json().await.unwrap();
    let appid = accounts[0]["appid"].as_str().unwrap().to_owned();
    let timed = Instant::now();
    for week in 0..4 {
        let send = json!({"title":"上新","content":format!("第{week}周")});
        let sent = post(format!("/sandbox/accounts/{appid}/website-sends"), send).await;
        assert!(sent["msg_id"].is_number(), "{sent}");
        post("/sandbox/clock".into(), json!({"by":7 * 86_400})).await;
    }
    post("/sandbox/clock".into(), json!({"to":start.month().next().start()})).await;
    let month = timed.elapsed();
    let timed = Instant::now();
    post("/sandbox/snapshots".into(), json!({"name":"month"})).await;
    println!("a month of a million followers: {month:?}; a snapshot: {:?}", timed.elapsed());
    assert!(month.as_secs() < 10, "{month:?}");
    running.stop().await;
}
