//! API群发保护: a send to everybody waits for the administrator.

use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};

use crate::callbacks::{inside, with};
use crate::{Receiver, Stage, spec, text_to, to_all, to_tag};

const ALL: &str = "message/mass/sendall";
const GET: &str = "message/mass/get";

async fn protected(receiver: &Receiver) -> Stage {
    let spec = AccountSpec { mass_protection: true, ..spec(20) };
    Stage::new(with(receiver, CallbackMode::Plain, spec)).await
}

async fn code(stage: &Stage, path: &str, body: &Value) -> i64 {
    stage.post(path, body).await["errcode"].as_i64().unwrap_or(0)
}

async fn decides(stage: &Stage, msg_id: &Value, act: &str) -> Value {
    stage.control(&format!("{{a}}/jobs/{msg_id}/{act}"), &json!({})).await
}

#[tokio::test]
async fn nothing_goes_out_before_the_administrator_has_confirmed() {
    let receiver = Receiver::new(&[]).await;
    let stage = protected(&receiver).await;
    let sent = stage.post(ALL, &to_all("a")).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    let get = json!({"msg_id":sent["msg_id"]});
    assert_eq!(code(&stage, GET, &get).await, 89504);
    stage.wait(1_000).await;
    assert_eq!(stage.job(&sent["msg_id"]).await["confirmation"], "waiting");
    // The administrator looks at the question: retry later.
    assert_eq!(decides(&stage, &sent["msg_id"], "open").await["changed"], true);
    let refused = stage.post(GET, &get).await;
    assert_eq!(refused["errcode"], 89505);
    assert!(refused["errmsg"].as_str().unwrap().contains(" rid: "));
    for (path, body) in [
        ("message/mass/speed/get", json!({})),
        ("message/mass/speed/set", json!({"speed":2})),
        (ALL, to_all("b")),
    ] {
        assert_eq!(code(&stage, path, &body).await, 89505, "{path}");
    }
    // A repeat is told of the first job all the same.
    let again = stage.post(ALL, &to_all("a")).await;
    assert_eq!((&again["errcode"], &again["msg_id"]), (&json!(45065), &sent["msg_id"]));
    assert!(receiver.bodies().is_empty());
    decides(&stage, &sent["msg_id"], "confirm").await;
    assert_eq!(stage.post(GET, &get).await["msg_status"], "SENDING");
    stage.wait(5).await;
    assert_eq!(stage.post(GET, &get).await["msg_status"], "SEND_SUCCESS");
    assert_eq!(stage.job(&sent["msg_id"]).await["sent"], 20);
    assert_eq!(inside(&receiver.bodies()[0], "Status"), "send success");
    // It has been decided, once and for all; its time-out passes without an effect.
    assert!(decides(&stage, &sent["msg_id"], "refuse").await["error"].is_string());
    stage.wait(1_800).await;
    assert_eq!(receiver.bodies().len(), 1);
}

#[tokio::test]
async fn refusal_and_silence_end_the_job_and_give_everything_back() {
    let receiver = Receiver::new(&[]).await;
    let mut stage = protected(&receiver).await;
    let draft = stage.draft().await;
    let news = |key: &str| {
        json!({"filter":{"is_to_all":true},"msgtype":"mpnews",
        "mpnews":{"media_id":draft},"clientmsgid":key})
    };
    let refused = stage.post(ALL, &news("a")).await;
    assert_eq!(code(&stage, "draft/get", &json!({"media_id":draft})).await, 40007);
    decides(&stage, &refused["msg_id"], "refuse").await;
    let silent = stage.post(ALL, &news("b")).await;
    assert_eq!(silent["errcode"], 0, "the draft and the day's budget are back: {silent}");
    stage.wait(1_799).await;
    assert_eq!(receiver.bodies().len(), 1);
    stage.wait(1).await;
    let bodies = receiver.bodies();
    let told: Vec<_> = bodies.iter().map(|body| inside(body, "Status")).collect();
    assert_eq!(told, ["err(40001)", "err(40002)"]);
    assert_eq!(inside(&bodies[1], "TotalCount"), "0");
    for (job, said) in [(&refused, "refused"), (&silent, "silent")] {
        assert_eq!(stage.job(&job["msg_id"]).await["confirmation"], said);
        let get = json!({"msg_id":job["msg_id"]});
        assert_eq!(stage.post(GET, &get).await["msg_status"], "SEND_FAIL");
    }
    assert_eq!(code(&stage, "draft/get", &json!({"media_id":draft})).await, 0);
    assert!(stage.truth("2026-03").await.iter().all(|(_, count)| *count == 0));
    stage.refresh().await;
    // Switched off on the website, sends ask nobody any more.
    let url = stage.control_url("{a}/mass-protection");
    stage.client.put(url).json(&json!({"on":false})).send().await.unwrap();
    let sent = stage.post(ALL, &news("c")).await;
    stage.wait(5).await;
    assert_eq!(stage.job(&sent["msg_id"]).await["sent"], 20);
}

#[tokio::test]
async fn tags_lists_and_the_website_ask_nobody() {
    let receiver = Receiver::new(&[]).await;
    let stage = protected(&receiver).await;
    let people = stage.people(5).await;
    assert_eq!(code(&stage, ALL, &to_all("a")).await, 0);
    assert_eq!(code(&stage, ALL, &to_tag(100, "b")).await, 0);
    assert_eq!(code(&stage, "message/mass/send", &text_to(&people, "c")).await, 0);
    stage.wait(5).await;
    assert_eq!(receiver.bodies().len(), 2);
    assert!(decides(&stage, &json!(7), "confirm").await["error"].is_string());
    let unknown = decides(&stage, &json!(1_000_000_001), "ponder").await;
    assert!(unknown["error"].as_str().unwrap().contains("open, confirm or refuse"), "{unknown}");
}
