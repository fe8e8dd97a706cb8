use std::time::{Duration, Instant};

use axum::http::StatusCode;
use sandbox::{AccountSpec, CallbackMode, CallbackSpec};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wire::callback::crypt::signature;

use crate::callbacks::inside;
use crate::{Receiver, Stage, spec, text_to};

#[tokio::test]
async fn after_a_lost_answer_the_same_key_tells_the_job() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(5).await;
    let path = "message/mass/send";
    stage.fault(json!({"endpoint":"/cgi-bin/message/mass/send","kind":"lost_answer"})).await;
    let body = text_to(&people, "k");
    let lost = stage.try_post(path, &body).await.unwrap_err();
    assert!(lost.is_request(), "no answer at all, not a broken one: {lost:?}");
    stage.wait(1).await;
    let again = stage.post(path, &body).await;
    assert_eq!(again["errcode"], 45065);
    stage.wait(10).await;
    assert_eq!(stage.job(&again["msg_id"]).await["sent"], 5);
    assert_eq!(stage.seen("{a}/jobs").await.as_array().unwrap().len(), 1);
    let calls = stage.seen("calls?limit=2").await;
    assert_eq!((&calls[1]["fault"], &calls[1]["errcode"]), (&json!("lost_answer"), &json!(null)));
}

#[tokio::test]
async fn a_call_cut_before_does_nothing() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(5).await;
    let path = "message/mass/send";
    stage.fault(json!({"endpoint":"/cgi-bin/message/mass/send","kind":"cut_before"})).await;
    let body = text_to(&people, "k");
    assert!(stage.try_post(path, &body).await.is_err());
    assert_eq!(stage.seen("{a}/jobs").await, json!([]));
    assert_eq!(stage.post(path, &body).await["errcode"], 0);
}

#[tokio::test]
async fn busy_broken_slow_and_dead_tokens() {
    let mut stage = Stage::new(spec(10)).await;
    let path = "/cgi-bin/user/get";
    stage.fault(json!({"endpoint":path,"kind":"system_error","times":2})).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], -1);
    assert_eq!(stage.get("user/get", "").await["errcode"], -1);
    assert_eq!(stage.get("user/get", "").await["count"], 10);
    stage.fault(json!({"endpoint":"*","kind":"minute_quota"})).await;
    assert_eq!(stage.get("tags/get", "").await["errcode"], 45011);
    stage.fault(json!({"endpoint":path,"kind":"http_500"})).await;
    let url = format!("{}{path}?access_token={}", stage.url, stage.token);
    assert_eq!(stage.client.get(url).send().await.unwrap().status(), 500);
    stage.fault(json!({"endpoint":path,"kind":"slow","ms":120})).await;
    let started = std::time::Instant::now();
    assert_eq!(stage.get("user/get", "").await["count"], 10);
    assert!(started.elapsed().as_millis() >= 120);

    stage.fault(json!({"endpoint":path,"kind":"token_dead"})).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001);
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001, "dead for good");
    stage.refresh().await;
    assert_eq!(stage.get("user/get", "").await["count"], 10);

    stage.fault(json!({"endpoint":path,"kind":"http_500","times":9})).await;
    assert_eq!(stage.seen("faults").await[0]["times"], 9);
    let url = format!("{}/sandbox/faults", stage.url);
    stage.client.delete(url).send().await.unwrap();
    assert_eq!(stage.seen("faults").await, json!([]));
    let counts = stage.seen("calls/counts").await;
    assert_eq!(counts["/cgi-bin/user/get"], 8);
}

fn told_at(receiver: &Receiver, spec: AccountSpec) -> AccountSpec {
    let callback = CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "sbxtoken".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    };
    AccountSpec { callback: Some(callback), ..spec }
}

#[tokio::test]
async fn a_day_used_up_and_the_faces_of_a_broken_gateway() {
    let stage = Stage::new(spec(10)).await;
    let path = "/cgi-bin/user/get";
    // Two calls pass before: a day ends in the middle of the work.
    stage.fault(json!({"endpoint":path,"kind":"day_quota","after":2})).await;
    for code in [Value::Null, Value::Null, json!(45009), Value::Null] {
        assert_eq!(stage.get("user/get", "").await["errcode"], code);
    }
    for status in [502_u16, 503, 504] {
        stage.fault(json!({"endpoint":path,"kind":format!("http_{status}")})).await;
        let url = format!("{}{path}?access_token={}", stage.url, stage.token);
        assert_eq!(stage.client.get(url).send().await.unwrap().status(), status);
    }
    let calls = stage.seen("calls?limit=3").await;
    let named: Vec<_> = calls.as_array().unwrap().iter().map(|call| &call["fault"]).collect();
    assert_eq!(named, ["http_504", "http_503", "http_502"]);
}

#[tokio::test]
async fn time_runs_out_before_or_after_the_work_is_done() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(5).await;
    let path = "/cgi-bin/message/mass/send";
    for (kind, jobs) in [("time_out_before", 0), ("time_out_after", 1)] {
        stage.fault(json!({"endpoint":path,"kind":kind,"ms":150})).await;
        let started = Instant::now();
        let lost = stage.try_post("message/mass/send", &text_to(&people, "k")).await.unwrap_err();
        assert!(lost.is_request(), "no answer at all: {lost:?}");
        assert!(started.elapsed().as_millis() >= 150, "the connection was held");
        assert_eq!(stage.seen("{a}/jobs").await.as_array().unwrap().len(), jobs, "{kind}");
        let call = stage.seen("calls?limit=1").await[0].clone();
        assert_eq!((&call["fault"], &call["errcode"]), (&json!(kind), &Value::Null));
        assert!(call["ms"].as_u64().unwrap() >= 150);
    }
    // Who gives up waiting leaves the same trace, at once.
    stage.fault(json!({"endpoint":path,"kind":"time_out_after","ms":600_000})).await;
    let url = format!("{}{path}?access_token={}", stage.url, stage.token);
    let call = stage.client.post(url).json(&text_to(&people, "other"));
    assert!(call.timeout(Duration::from_millis(200)).send().await.unwrap_err().is_timeout());
    assert_eq!(stage.seen("{a}/jobs").await.as_array().unwrap().len(), 2);
    assert_eq!(stage.seen("calls?limit=1").await[0]["fault"], "time_out_after");
}

#[tokio::test]
async fn half_an_answer_says_how_long_it_would_have_been() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(5).await;
    let path = "/cgi-bin/message/mass/send";
    stage.fault(json!({"endpoint":path,"kind":"half_answer","times":2})).await;
    let body = text_to(&people, "k");
    let broken = stage.try_post("message/mass/send", &body).await.unwrap_err();
    assert!(broken.is_body() || broken.is_decode(), "{broken:?}");
    assert_eq!(stage.seen("{a}/jobs").await.as_array().unwrap().len(), 1, "it was done");
    stage.wait(1).await;

    let body = body.to_string();
    let address = stage.url.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path}?access_token={} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        stage.token,
        body.len()
    );
    socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, half) = answer.split_once("\r\n\r\n").unwrap();
    let said = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(half.len(), said.parse::<usize>().unwrap() / 2, "{answer}");
    assert!(half.starts_with("{\"errcode\":45065"), "{half}");
}

#[tokio::test]
async fn another_program_takes_the_token_away() {
    let mut stage = Stage::new(spec(10)).await;
    let path = "/cgi-bin/user/get";
    // The stable token is dead at once.
    stage.fault(json!({"endpoint":path,"kind":"foreign_forced_token"})).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001);
    let former = stage.token.clone();
    stage.refresh().await;
    assert_ne!(stage.token, former, "theirs is the one there is now");
    assert_eq!(stage.get("user/get", "").await["count"], 10);

    // A classic one lives on for five minutes; the stable one is not touched.
    let stable = stage.token.clone();
    let query =
        format!("?grant_type=client_credential&appid={}&secret={}", stage.appid, stage.secret);
    let url = format!("{}/cgi-bin/token{query}", stage.url);
    let ours: Value = stage.client.get(url).send().await.unwrap().json().await.unwrap();
    stage.token = ours["access_token"].as_str().unwrap().to_owned();
    stage.fault(json!({"endpoint":path,"kind":"foreign_token"})).await;
    assert_eq!(stage.get("user/get", "").await["count"], 10);
    stage.wait(299).await;
    assert_eq!(stage.get("user/get", "").await["count"], 10);
    stage.wait(1).await;
    assert_eq!(stage.get("user/get", "").await["errcode"], 40001);
    stage.token = stable;
    assert_eq!(stage.get("user/get", "").await["count"], 10);
}

#[tokio::test]
async fn callbacks_come_out_of_order_torn_and_falsely_signed() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(told_at(&receiver, spec(10))).await;
    let person = stage.people(1).await[0].clone();
    let write = format!("{{a}}/followers/{person}/write");
    let say = async |word: &str| {
        assert_eq!(stage.control(&write, &json!({ "content": word })).await["changed"], true);
    };
    let told = || -> Vec<String> {
        receiver.bodies().iter().map(|body| inside(body, "Content").to_owned()).collect()
    };
    let swapped = json!({"endpoint":"callback","kind":"callback_out_of_order","seconds":60});
    stage.fault(swapped.clone()).await;
    say("1").await;
    assert!(told().is_empty());
    say("2").await;
    assert_eq!(told(), ["2", "1"]);
    // The hour of the first one, which is long gone, must not let the next go too early.
    stage.wait(30).await;
    stage.fault(swapped.clone()).await;
    say("3").await;
    stage.wait(31).await;
    assert_eq!(told().len(), 2);
    stage.wait(29).await;
    assert_eq!(told(), ["2", "1", "3"], "nothing came to overtake it");

    receiver.got.lock().unwrap().clear();
    receiver.answer(StatusCode::BAD_REQUEST);
    stage.fault(json!({"endpoint":"callback","kind":"callback_truncated"})).await;
    say("torn").await;
    stage.wait(5).await;
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 2);
    assert!(bodies[1].starts_with(&bodies[0]) && bodies[0].len() <= bodies[1].len() / 2);

    receiver.got.lock().unwrap().clear();
    receiver.answer(StatusCode::FORBIDDEN);
    stage.fault(json!({"endpoint":"callback","kind":"callback_wrong_signature"})).await;
    say("forged").await;
    stage.wait(5).await;
    let signed: Vec<bool> = (0..2)
        .map(|nth| {
            let (time, nonce) = (receiver.query(nth, "timestamp"), receiver.query(nth, "nonce"));
            receiver.query(nth, "signature") == signature(&["sbxtoken", &time, &nonce])
        })
        .collect();
    assert_eq!(signed, [false, true]);
    let log = stage.seen("{a}/callbacks?limit=2").await;
    assert_eq!(log[0]["fault"], "callback_wrong_signature");
}

#[tokio::test]
async fn the_end_of_a_job_is_told_with_counts_that_are_off() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(told_at(&receiver, spec(30))).await;
    let people = stage.people(20).await;
    stage.fault(json!({"endpoint":"job","kind":"counts_off","count":3})).await;
    for key in ["off", "right"] {
        stage.post("message/mass/send", &text_to(&people, key)).await;
        stage.wait(60).await;
    }
    let told = receiver.bodies();
    let counts = |body: &String| {
        ["FilterCount", "SentCount", "ErrorCount"].map(|n| inside(body, n).to_owned())
    };
    assert_eq!(told.iter().map(counts).collect::<Vec<_>>(), [["20", "17", "0"], ["20", "20", "0"]]);
    for job in stage.seen("{a}/jobs").await.as_array().unwrap() {
        assert_eq!(job["sent"], 20, "the truth stays");
    }
    let struck = stage.seen("faults/struck").await;
    assert_eq!((&struck[0]["endpoint"], &struck[0]["kind"]), (&json!("job"), &json!("counts_off")));
}

/// How a call ended, as its caller sees it.
async fn ended(stage: &Stage, path: &str) -> String {
    let url = format!("{}/cgi-bin/{path}?access_token={}", stage.url, stage.token);
    match stage.client.get(url).send().await {
        Err(_) => "cut".to_owned(),
        Ok(answer) if answer.status() != 200 => answer.status().as_u16().to_string(),
        Ok(answer) => match answer.json::<Value>().await {
            Err(_) => "torn".to_owned(),
            Ok(body) => body["errcode"].as_i64().unwrap_or(0).to_string(),
        },
    }
}

/// Two hundred calls under chance; what the callers saw.
async fn under_chance(stage: &mut Stage) -> Vec<String> {
    let mut seen = Vec::new();
    for nth in 0..200 {
        let path = if nth % 3 == 0 { "tags/get" } else { "user/get" };
        seen.push(ended(stage, path).await);
        stage.refresh().await;
    }
    seen
}

#[tokio::test]
async fn chance_strikes_as_its_seed_says_and_nothing_else_goes_wrong() {
    let mut stage = Stage::new(spec(10)).await;
    stage.control("snapshots", &json!({"name":"start"})).await;
    let quiet = under_chance(&mut stage).await;
    assert!(quiet.iter().all(|end| end == "0"), "nothing was laid out: {quiet:?}");
    assert_eq!(stage.seen("faults/struck").await, json!([]));

    stage.control("snapshots/start/restore", &json!({})).await;
    let kinds = json!([
        "system_error",
        "day_quota",
        "minute_quota",
        "token_dead",
        "http_500",
        "http_502",
        "http_503",
        "http_504",
        "cut_before",
        "lost_answer",
        "half_answer"
    ]);
    let wish = json!({"seed":7,"per_mille":300,"kinds":kinds,
        "endpoints":["/cgi-bin/user/get","/cgi-bin/tags/get"]});
    let put = stage.client.put(stage.control_url("faults/random")).json(&wish);
    let shown: Value = put.send().await.unwrap().json().await.unwrap();
    assert_eq!((&shown["random"], &shown["struck"]), (&wish, &json!(0)));
    stage.control("snapshots", &json!({"name":"laid"})).await;
    let once = under_chance(&mut stage).await;
    let odd = once.iter().filter(|end| *end != "0").count();
    assert!((40..80).contains(&odd), "{odd} of 200 at 30 %");
    let calls = stage.seen("calls?limit=1000").await;
    let named = |call: &Value| match call["fault"].as_str() {
        None => call["errcode"].to_string(),
        Some("cut_before" | "lost_answer") => "cut".to_owned(),
        Some("half_answer") => "torn".to_owned(),
        Some(fault) => match fault.strip_prefix("http_") {
            Some(status) => status.to_owned(),
            None => call["errcode"].to_string(),
        },
    };
    let mut logged: Vec<_> = calls.as_array().unwrap().iter().collect();
    logged.retain(|call| !call["path"].as_str().unwrap().ends_with("stable_token"));
    logged.reverse();
    assert_eq!(logged.iter().map(|call| named(call)).collect::<Vec<_>>(), once);
    assert_eq!(logged.iter().filter(|call| call["fault"].is_string()).count(), odd);
    let struck = stage.seen("faults/struck?limit=1000").await;
    assert_eq!(struck.as_array().unwrap().len(), odd);
    assert!(struck.as_array().unwrap().iter().all(|one| one["random"] == true));
    assert_eq!(stage.seen("faults/random").await["struck"], odd);

    stage.control("snapshots/laid/restore", &json!({})).await;
    assert_eq!(under_chance(&mut stage).await, once, "the same calls meet the same faults");
    let gone = stage.client.delete(stage.control_url("faults/random")).send().await.unwrap();
    assert_eq!(gone.json::<Value>().await.unwrap()["random"], Value::Null);
    assert!(under_chance(&mut stage).await.iter().all(|end| end == "0"));
    let wrong = stage.client.put(stage.control_url("faults/random"));
    let wrong = wrong.json(&json!({"seed":7,"per_mille":2000,"kinds":["slow"]}));
    let wrong = wrong.send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    assert!(wrong.text().await.unwrap().contains("per_mille"));
}

#[tokio::test]
async fn any_code_of_the_platform_can_be_answered() {
    let stage = Stage::new(spec(5)).await;
    let path = "/cgi-bin/message/template/send";
    stage.fault(json!({"endpoint":path,"kind":"refused","code":43117})).await;
    let answer = stage.post("message/template/send", &json!({})).await;
    assert_eq!(answer["errcode"], 43117);
    assert!(answer["errmsg"].as_str().unwrap().contains(" rid: "), "{answer}");
    assert_eq!(stage.seen("calls?limit=1").await[0]["fault"], "refused");
    assert_eq!(stage.post("message/template/send", &json!({})).await["errcode"], 40003);
    for wrong in [json!({"kind":"refused"}), json!({"kind":"refused","code":7_777_777})] {
        let told = stage.control("faults", &wrong).await;
        assert!(told["error"].as_str().unwrap().contains("refused needs code"), "{told}");
    }
}
