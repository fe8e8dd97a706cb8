use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::StatusCode;
use sandbox::{AccountSpec, CallbackMode, CallbackSpec, ClockMode, Config, Sandbox};
use serde_json::{Value, json};
use wire::Timestamp;

use crate::callbacks::inside;
use crate::{Receiver, START, Stage, client, moment, spec, text_to};

fn told_at(url: &str, spec: AccountSpec) -> AccountSpec {
    let callback = CallbackSpec {
        format: Default::default(),
        url: url.to_owned(),
        token: "sbxtoken".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    AccountSpec { callback: Some(callback), ..spec }
}

fn machine() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// Waits in real time until nothing is due and every push was answered.
async fn until_quiet(stage: &Stage, pushes: usize) {
    for _ in 0..1_000 {
        let quiet = stage.seen("clock").await["next_due"].is_null();
        let log = stage.seen("{a}/callbacks?limit=1000").await;
        if quiet && log.as_array().unwrap().len() >= pushes {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still not quiet: {}", stage.seen("clock").await);
}

#[tokio::test]
async fn the_mode_changes_at_run_time_and_time_never_goes_back() {
    let stage = Stage::new(spec(3)).await;
    let shown = stage.seen("clock").await;
    assert_eq!((&shown["mode"], &shown["factor"]), (&json!("manual"), &json!(null)));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(stage.now().await, moment(START), "it stands");

    let running = stage.control("clock", &json!({"mode":"running","factor":7_200})).await;
    assert_eq!((&running["mode"], &running["factor"]), (&json!("running"), &json!(7_200)));
    let started = Instant::now();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let passed = stage.now().await - moment(START);
    let most = i64::try_from(started.elapsed().as_millis()).unwrap() * 7_200 / 1_000 + 7_200;
    assert!((2_100..=most).contains(&passed), "{passed} s passed");
    for by_hand in [json!({"by":60}), json!({"to":9_999_999_999_i64})] {
        let refused = stage.control("clock", &by_hand).await;
        assert!(refused["error"].as_str().unwrap().contains("manual"), "{refused}");
    }

    let stopped = stage.control("clock", &json!({"mode":"frozen"})).await;
    assert_eq!(stopped["mode"], "manual");
    let at = stopped["now"].as_i64().unwrap();
    assert!(at >= moment(START) + passed);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(stage.now().await, at);
    assert_eq!(stage.control("clock", &json!({"by":86_400})).await["now"], at + 86_400);
    let again = stage.control("clock", &json!({"mode":"running"})).await;
    assert_eq!(again["factor"], 1, "as fast as the machine unless said");
    assert!(again["now"].as_i64().unwrap() >= at + 86_400);
}

#[tokio::test]
async fn the_machines_own_time_is_taken_up_when_it_is_not_behind() {
    let ahead = Timestamp(machine() + 86_400).to_string();
    let stage = Stage::at(&ahead, spec(1)).await;
    let refused = stage.control("clock", &json!({"mode":"real"})).await;
    assert!(refused["error"].as_str().unwrap().contains("ahead"), "{refused}");
    assert_eq!(stage.seen("clock").await["mode"], "manual");

    let receiver = Receiver::new(&[]).await;
    let behind = Timestamp(machine() - 3_600).to_string();
    let stage = Stage::at(&behind, told_at(&receiver.url, spec(10))).await;
    let people = stage.people(5).await;
    stage.post("message/mass/send", &text_to(&people, "k")).await;
    let real = stage.control("clock", &json!({"mode":"real"})).await;
    assert_eq!(real["mode"], "real");
    let now = stage.now().await;
    assert!((machine() - 2..=machine()).contains(&now), "{now}");
    until_quiet(&stage, 1).await;
    // What fell due on the way happened at its own moment.
    let told = inside(&receiver.bodies()[0], "CreateTime").parse::<i64>().unwrap();
    assert!(told < machine() - 3_500, "{told}");
    let refused = stage.control("clock", &json!({"by":1})).await;
    assert!(refused["error"].as_str().unwrap().contains("manual"), "{refused}");
    assert_eq!(stage.control("clock", &json!({"mode":"manual"})).await["mode"], "manual");
}

/// Lays out many things that are due at odd moments, most of them late, doubled or failing.
async fn laid_out(receiver: &Receiver) -> Stage {
    let stage = Stage::new(told_at(&receiver.url, spec(200))).await;
    let people = stage.people(60).await;
    let late =
        |seconds: i64| json!({"endpoint":"callback","kind":"callback_late","seconds":seconds});
    stage.fault(late(400)).await;
    stage.fault(json!({"endpoint":"callback","kind":"callback_doubled"})).await;
    stage.fault(late(3)).await;
    stage.fault(json!({"endpoint":"callback","kind":"callback_lost"})).await;
    stage.fault(json!({"endpoint":"*","kind":"finish_status","status":"err(20431)"})).await;
    for nth in 0..6 {
        let to = &people[nth * 7..nth * 9 + 9];
        let sent = stage.post("message/mass/send", &text_to(to, &format!("k{nth}"))).await;
        assert_eq!(sent["errcode"], 0, "{sent}");
        stage.control("{a}/website-sends", &json!({"content":format!("w{nth}")})).await;
    }
    let draft = stage.draft().await;
    stage.post("freepublish/submit", &json!({ "media_id": draft })).await;
    stage
}

fn in_short(bodies: &[String]) -> Vec<String> {
    let short = |body: &String| {
        let parts = ["Event", "CreateTime", "MsgID", "Status", "SentCount"];
        parts.map(|part| inside(body, part)).join(" ")
    };
    bodies.iter().map(short).collect()
}

#[tokio::test]
async fn a_running_clock_does_in_order_what_one_moved_by_hand_does() {
    let by_hand = Receiver::new(&[]).await;
    let stage = laid_out(&by_hand).await;
    let mut jobs = Vec::new();
    stage.wait(500).await;
    jobs.push(stage.seen("{a}/jobs").await);
    assert_eq!(stage.seen("clock").await["next_due"], json!(null));

    let in_steps = Receiver::new(&[]).await;
    let stage = laid_out(&in_steps).await;
    for _ in 0..50 {
        stage.wait(10).await;
    }
    jobs.push(stage.seen("{a}/jobs").await);

    let running = Receiver::new(&[]).await;
    let stage = laid_out(&running).await;
    stage.control("clock", &json!({"mode":"running","factor":1_000})).await;
    until_quiet(&stage, 9).await;
    jobs.push(stage.seen("{a}/jobs").await);

    assert_eq!(jobs[0], jobs[1]);
    assert_eq!(jobs[0], jobs[2], "every job was carried out at its own moment");
    assert!(jobs[0].as_array().unwrap().iter().any(|job| job["status"] == "err(20431)"));
    let told = in_short(&by_hand.bodies());
    assert!(told.len() >= 8, "{told:?}");
    assert_eq!(told, in_short(&in_steps.bodies()));
    assert_eq!(told, in_short(&running.bodies()));
    let times = |bodies: &[String]| -> Vec<i64> {
        bodies.iter().map(|body| inside(body, "CreateTime").parse().unwrap()).collect()
    };
    assert!(!times(&by_hand.bodies()).is_sorted(), "a late callback tells of a former moment");
    let log = stage.seen("{a}/callbacks?limit=100").await;
    let at: Vec<i64> = log.as_array().unwrap().iter().map(|r| r["at"].as_i64().unwrap()).collect();
    assert!(at.iter().rev().is_sorted(), "attempts are in order of time: {at:?}");
}

#[tokio::test]
async fn stopping_a_running_clock_leaves_what_waits_to_the_next_move() {
    // One push that is never answered keeps the others waiting.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    let (come, mut came) = tokio::sync::mpsc::unbounded_channel();
    let app = Router::new().fallback(move |body: String| {
        let first = come.send(inside(&body, "Content").to_owned()).is_ok() && body.contains("[0]");
        async move {
            if first {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            (StatusCode::OK, "success")
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let stage = Stage::new(told_at(&url, spec(10))).await;
    let person = stage.people(1).await[0].clone();
    stage.control("clock", &json!({"mode":"running","factor":60})).await;
    for word in ["0", "1", "2"] {
        let write = format!("{{a}}/followers/{person}/write");
        assert_eq!(stage.control(&write, &json!({ "content": word })).await["changed"], true);
    }
    assert_eq!(came.recv().await.unwrap(), "0");
    let people = stage.people(3).await;
    let sent = stage.post("message/mass/send", &text_to(&people, "k")).await;
    // The slow receiver stops neither the clock nor the jobs.
    for _ in 0..200 {
        if stage.job(&sent["msg_id"]).await["sent"] == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(stage.job(&sent["msg_id"]).await["sent"], 3);
    assert!(came.try_recv().is_err(), "pushes keep their order");

    let stopped = stage.control("clock", &json!({"mode":"manual"})).await;
    assert_eq!(stopped["next_due"], stopped["now"]);
    let moved = stage.control("clock", &json!({"by":0})).await;
    assert_eq!(moved["pushed"], 3, "the two written, and the job's end: {moved}");
    assert_eq!([came.recv().await.unwrap(), came.recv().await.unwrap()], ["1", "2"]);
}

#[tokio::test]
async fn tokens_expire_and_months_begin_while_the_clock_runs() {
    let start = moment("2026-03-31T23:00:00+08:00");
    let clock = ClockMode::Running { from: Timestamp(start), factor: 20_000 };
    let config = Config { clock, accounts: vec![spec(20)], ..Config::default() };
    let running = Sandbox::start(config).await.unwrap();
    let accounts = format!("{}/sandbox/accounts", running.url());
    let shown: Value = client().get(&accounts).send().await.unwrap().json().await.unwrap();
    let text = |field: &str| shown[0][field].as_str().unwrap().to_owned();
    let query =
        format!("grant_type=client_credential&appid={}&secret={}", text("appid"), text("secret"));
    let get = |path: String| {
        let request = client().get(format!("{}{path}", running.url()));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let token = get(format!("/cgi-bin/token?{query}")).await;
    let token = token["access_token"].as_str().unwrap();
    // 7,200 seconds are 0.36 real ones.
    let mut last = Value::Null;
    for _ in 0..200 {
        last = get(format!("/cgi-bin/user/get?access_token={token}")).await;
        if last["errcode"] == 42001 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(last["errcode"], 42001, "{last}");
    let shown: Value = client().get(&accounts).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown[0]["month"]["month"], "2026-04");
    running.stop().await;
}

#[tokio::test]
async fn a_running_world_rests_while_it_is_a_snapshot() {
    let stage = Stage::new(spec(3)).await;
    stage.control("clock", &json!({"mode":"running","factor":1_000})).await;
    let taken = stage.control("snapshots", &json!({"name":"s"})).await["now"].as_i64().unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(stage.now().await >= taken + 400);
    let restored = stage.control("snapshots/s/restore", &json!({})).await;
    assert_eq!((&restored["mode"], &restored["factor"]), (&json!("running"), &json!(1_000)));
    let now = restored["now"].as_i64().unwrap();
    assert!((taken..taken + 300).contains(&now), "{} s later", now - taken);
}

#[tokio::test]
async fn an_odd_wish_is_refused_by_its_field() {
    let stage = Stage::new(spec(1)).await;
    for (wish, word) in [
        (json!({}), "to (a moment)"),
        (json!({"to":moment(START),"by":1}), "one of them"),
        (json!({"mode":"running","to":moment(START)}), "one of them"),
        (json!({"mode":"running","factor":0}), "factor is 0"),
        (json!({"mode":"running","factor":1_000_001}), "1000000"),
        (json!({"mode":"manual","factor":2}), "factor"),
        (json!({"mode":"backwards"}), "backwards"),
        (json!({"by":-1}), "forward"),
        (json!({"by":i64::MIN}), "forward"),
        (json!({"by":i64::MAX}), "ten years"),
        (json!({"to":i64::MAX}), "ten years"),
        (json!({"until":1}), "until"),
    ] {
        let refused = stage.control("clock", &wish).await;
        let sentence = refused["error"].as_str().unwrap_or_else(|| panic!("{wish}: {refused}"));
        assert!(sentence.contains(word), "{wish}: {sentence}");
    }
    assert_eq!(stage.now().await, moment(START));
}
