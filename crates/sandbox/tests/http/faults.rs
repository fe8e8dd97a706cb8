use serde_json::json;

use crate::{Stage, spec, text_to};

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
