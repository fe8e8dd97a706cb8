use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use sandbox::{AccountSpec, CallbackMode, CallbackSpec};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{Receiver, START, Stage, moment, spec, text_to, to_tag};

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

fn lively(url: &str) -> AccountSpec {
    let spec = AccountSpec {
        daily_arrivals_per_mille: 3,
        daily_leavers_per_mille: 4,
        refusing_per_mille: 20,
        ..spec(1_000)
    };
    told_at(url, spec)
}

/// What cannot be the same twice is the real time an answer took.
fn without_real_time(mut log: Value) -> Value {
    for entry in log.as_array_mut().unwrap() {
        entry["ms"] = json!(0);
    }
    log
}

/// Everything that can be seen of the world.
async fn all_of(stage: &Stage) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["clock", "accounts", "{a}/jobs", "faults", "calls/counts"] {
        seen.push(stage.seen(path).await);
    }
    for path in ["calls?limit=20000", "{a}/callbacks?limit=20000"] {
        seen.push(without_real_time(stage.seen(path).await));
    }
    seen.push(json!(stage.truth("2026-03").await));
    seen.push(stage.seen("{a}/followers?limit=10000").await);
    seen
}

/// Some days with sends, refusals, faults and people who come and go.
async fn live(stage: &mut Stage) {
    stage.refresh().await;
    let people = stage.people(50).await;
    let day = stage.now().await.to_string();
    stage.post("message/mass/send", &text_to(&people, &format!("list{day}"))).await;
    stage.wait(60).await;
    let sent = stage.post("message/mass/sendall", &to_tag(101, &format!("tag{day}"))).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    stage.fault(json!({"endpoint":"callback","kind":"callback_doubled","times":3})).await;
    stage.post("user/info/updateremark", &json!({"openid":"nobody","remark":"x"})).await;
    stage.draft().await;
    stage.wait(3 * 86_400).await;
    stage.control(&format!("{{a}}/followers/{}/write", people[3]), &json!({"content":"在"})).await;
    stage.wait(86_400).await;
}

#[tokio::test]
async fn the_same_calls_after_a_restore_make_the_same_world() {
    let receiver = Receiver::new(&[]).await;
    let mut stage = Stage::new(lively(&receiver.url)).await;
    live(&mut stage).await;
    let taken = stage.control("snapshots", &json!({"name":"before"})).await;
    assert_eq!(taken["now"], stage.now().await);
    let then = all_of(&stage).await;
    receiver.got.lock().unwrap().clear();
    live(&mut stage).await;
    let once = (all_of(&stage).await, receiver.bodies());
    assert_ne!(once.0, then);

    let restored = stage.control("snapshots/before/restore", &json!({})).await;
    assert_eq!(restored["now"], taken["now"]);
    assert_eq!(all_of(&stage).await, then);
    receiver.got.lock().unwrap().clear();
    live(&mut stage).await;
    let twice = (all_of(&stage).await, receiver.bodies());
    assert!(once.1.len() > 20, "{} callbacks", once.1.len());
    assert_eq!(once.1, twice.1);
    assert_eq!(once.0, twice.0);
}

#[tokio::test]
async fn tokens_are_those_of_the_snapshot() {
    let mut stage = Stage::new(spec(3)).await;
    stage.control("snapshots", &json!({"name":"before"})).await;
    let former = stage.token.clone();
    stage.stable(true).await;
    stage.refresh().await;
    assert_ne!(stage.token, former);
    stage.control("snapshots/before/restore", &json!({})).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001, "nobody gave it out");
    stage.token = former;
    assert_eq!(stage.get("user/get", "").await["count"], 3);
}

#[tokio::test]
async fn a_reset_makes_the_world_of_the_start() {
    let receiver = Receiver::new(&[]).await;
    let mut stage = Stage::new(lively(&receiver.url)).await;
    let people = stage.seen("{a}/followers?limit=10000").await;
    live(&mut stage).await;
    stage.control("accounts", &json!({"followers":1,"seed":9})).await;
    stage.control("snapshots", &json!({"name":"kept"})).await;
    let clock = stage.control("reset", &json!({})).await;
    assert_eq!(clock["now"], moment(START));
    assert_eq!(clock["next_due"], moment("2026-03-02T20:00:00+08:00"));
    assert_eq!(stage.seen("accounts").await.as_array().unwrap().len(), 1);
    assert_eq!(stage.seen("{a}/followers?limit=10000").await, people);
    assert_eq!(stage.seen("{a}/jobs").await, json!([]));
    assert_eq!(stage.seen("calls").await, json!([]));
    let kept = stage.seen("snapshots").await;
    assert_eq!(kept["snapshots"][0]["name"], "kept", "snapshots outlive a reset");
    assert_eq!(kept["snapshots"][0]["accounts"], 2);
}

/// A receiver that takes its time until it is let go; says when a push has come.
async fn slow_receiver() -> (String, Arc<Mutex<u32>>, Arc<Notify>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    let (came, go) = (Arc::new(Mutex::new(0)), Arc::new(Notify::new()));
    let (counter, gate) = (Arc::clone(&came), Arc::clone(&go));
    let app = Router::new().fallback(move || {
        let (counter, gate) = (Arc::clone(&counter), Arc::clone(&gate));
        async move {
            *counter.lock().unwrap() += 1;
            gate.notified().await;
            "success"
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, came, go)
}

async fn until(came: &Mutex<u32>, count: u32) {
    for _ in 0..200 {
        if *came.lock().unwrap() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} of {count} pushes came", came.lock().unwrap());
}

#[tokio::test]
async fn a_push_under_way_writes_nothing_into_the_world_that_took_the_place() {
    let (url, came, go) = slow_receiver().await;
    let stage = Arc::new(Stage::new(told_at(&url, spec(10))).await);
    let people = stage.people(5).await;
    stage.control("snapshots", &json!({"name":"quiet"})).await;
    stage.post("message/mass/send", &text_to(&people, "k")).await;
    let mover = Arc::clone(&stage);
    let moving =
        tokio::spawn(
            async move { mover.control("clock", &json!({"to":moment(START) + 3_600})).await },
        );
    until(&came, 1).await;
    stage.control("snapshots", &json!({"name":"pushing"})).await;
    stage.control("snapshots/quiet/restore", &json!({})).await;
    go.notify_one();
    let moved = moving.await.unwrap();
    assert!(moved["error"].as_str().unwrap().contains("another world"), "{moved}");
    assert_eq!(stage.now().await, moment(START));
    assert_eq!(stage.seen("{a}/callbacks").await, json!([]));
    assert_eq!(stage.seen("{a}/jobs").await, json!([]));
    assert_eq!(stage.seen("clock").await["next_due"], json!(null));

    // The snapshot taken in the middle has not lost the push.
    let clock = stage.control("snapshots/pushing/restore", &json!({})).await;
    assert_eq!(clock["next_due"], clock["now"]);
    go.notify_one();
    let moved = stage.wait(1).await;
    assert_eq!((&moved["pushed"], &moved["next_due"]), (&json!(1), &json!(null)));
    let log = stage.seen("{a}/callbacks").await;
    assert_eq!((log.as_array().unwrap().len(), &log[0]["attempt"]), (1, &json!(1)));
    assert_eq!(*came.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_slow_answer_of_the_former_world_is_not_in_the_log_of_the_next() {
    let stage = Arc::new(Stage::new(spec(10)).await);
    stage.control("snapshots", &json!({"name":"quiet"})).await;
    stage.fault(json!({"endpoint":"/cgi-bin/user/get","kind":"slow","ms":300})).await;
    let caller = Arc::clone(&stage);
    let call = tokio::spawn(async move { caller.get("user/get", "").await });
    while stage.seen("faults").await != json!([]) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.control("snapshots/quiet/restore", &json!({})).await;
    assert_eq!(call.await.unwrap()["count"], 10);
    assert_eq!(stage.seen("calls/counts").await, json!({"/cgi-bin/stable_token":1}));
}

#[tokio::test]
async fn what_cannot_be_taken_or_found_is_said() {
    let stage = Stage::new(spec(1)).await;
    let long = "n".repeat(65);
    for name in ["", "a b", "漢", "../x", long.as_str()] {
        let refused = stage.control("snapshots", &json!({ "name": name })).await;
        assert!(refused["error"].as_str().unwrap().starts_with("name "), "{refused}");
    }
    for nth in 0..16 {
        let taken = stage.control("snapshots", &json!({"name":format!("s{nth}")})).await;
        assert_eq!(taken["followers"], 1);
    }
    let again = stage.control("snapshots", &json!({"name":"s3"})).await;
    assert!(again["error"].as_str().unwrap().contains("already"));
    let more = stage.control("snapshots", &json!({"name":"s16"})).await;
    assert!(more["error"].as_str().unwrap().contains("16 snapshots"));
    let url = stage.control_url("snapshots/s3");
    assert_eq!(stage.client.delete(&url).send().await.unwrap().status(), 204);
    assert_eq!(stage.client.delete(&url).send().await.unwrap().status(), 404);
    assert_eq!(stage.control("snapshots", &json!({"name":"s16"})).await["name"], "s16");
    let gone = stage.control("snapshots/s3/restore", &json!({})).await;
    assert!(gone["error"].as_str().unwrap().contains("no snapshot \"s3\""));
    let unnamed = stage.control("snapshots", &json!({})).await;
    assert!(unnamed["error"].as_str().unwrap().contains("name"));
}
