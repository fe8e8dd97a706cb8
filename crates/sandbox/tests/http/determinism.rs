use serde_json::{Value, json};

use crate::{Receiver, Stage, moment, spec, to_tag};
use sandbox::{CallbackMode, CallbackSpec};

/// A week of a lively account: one send, everything the receiver was told, the truth at the end.
async fn week() -> (Vec<String>, Vec<(String, u64)>, Value) {
    let receiver = Receiver::new(&[]).await;
    let mut lively = spec(2_000);
    lively.daily_arrivals_per_mille = 3;
    lively.daily_leavers_per_mille = 4;
    lively.refusing_per_mille = 20;
    lively.callback = Some(CallbackSpec {
        format: Default::default(),
        url: receiver.url.clone(),
        token: "sbxtoken".into(),
        encoding_aes_key: String::new(),
        mode: CallbackMode::Plain,
    });
    let stage = Stage::new(lively).await;
    let next = stage.seen("clock").await["next_due"].as_i64().unwrap();
    assert_eq!(next, moment("2026-03-02T20:00:00+08:00"), "nobody acts in the morning");
    stage.post("message/mass/sendall", &to_tag(101, "k")).await;
    stage.clock_to(moment("2026-03-02T20:00:00+08:00") - 1).await;
    assert_eq!(receiver.bodies().len(), 1, "the job's end only");
    stage.clock_to(moment("2026-03-09T10:00:00+08:00")).await;
    let mut shown = stage.seen("{a}").await;
    shown["callback"] = json!(null);
    (receiver.bodies(), stage.truth("2026-03").await, shown)
}

#[tokio::test]
async fn the_same_seed_and_the_same_calls_make_the_same_world() {
    let one = week().await;
    let two = week().await;
    assert_eq!(one, two);
    let told = |event: &str| one.0.iter().filter(|body| body.contains(event)).count();
    assert_eq!(told("[subscribe]"), 42, "six an evening, seven evenings");
    assert!(told("[unsubscribe]") > 20);
    assert!(told("<MsgId>") + told("[CLICK]") > 20);
    assert_eq!(one.2["people"], 2_042);
    assert_eq!(one.2["left"], told("[unsubscribe]"));
}
