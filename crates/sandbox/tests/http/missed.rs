use serde_json::json;

use crate::{Stage, spec, text_to, to_all};

/// Whoever a job was for received it or has one reason for not receiving it.
#[tokio::test]
async fn everybody_a_job_misses_has_one_reason() {
    let stage = Stage::new(spec(40)).await;
    let people = stage.people(40).await;
    for person in &people[..3] {
        stage.control(&format!("{{a}}/followers/{person}/leave"), &json!({})).await;
    }
    for person in &people[2..7] {
        stage.control(&format!("{{a}}/followers/{person}/refuse"), &json!({})).await;
    }
    let list = json!({"openid_list":&people[6..8]});
    assert_eq!(stage.post("tags/members/batchblacklist", &list).await["errcode"], 0);
    for nth in 0..4 {
        stage.post("message/mass/send", &text_to(&people[8..13], &format!("k{nth}"))).await;
        stage.wait(60).await;
    }
    let sent = stage.post("message/mass/send", &text_to(&people, "all of them")).await;
    stage.wait(60).await;
    let job = stage.job(&sent["msg_id"]).await;
    let reasons = json!({"not_following":3,"blacklisted":2,"refusing":3,"full":5,"failed":0,
        "over_budget":0});
    assert_eq!(job["missed"], reasons);
    assert_eq!(job["sent"], 40 - 3 - 2 - 3 - 5);
}

#[tokio::test]
async fn a_delivery_that_fails_is_a_reason_too() {
    let account = sandbox::AccountSpec { errors_per_mille: 300, ..spec(200) };
    let stage = Stage::new(account).await;
    let sent = stage.post("message/mass/sendall", &to_all("k")).await;
    stage.wait(60).await;
    let job = stage.job(&sent["msg_id"]).await;
    assert_eq!(job["missed"]["failed"], job["errors"]);
    assert!(job["errors"].as_u64() > Some(20), "{job}");
    assert_eq!(job["missed"]["full"], 0);
}

#[tokio::test]
async fn a_refused_call_is_logged_with_its_request_id() {
    let stage = Stage::new(spec(3)).await;
    let refused = stage.post("message/mass/send", &text_to(&[], "k")).await;
    let calls = stage.seen("calls?limit=1").await;
    let rid = calls[0]["rid"].as_str().unwrap();
    assert!(refused["errmsg"].as_str().unwrap().ends_with(&format!("rid: {rid}")), "{refused}");
    stage.get("user/get", "").await;
    assert!(stage.seen("calls?limit=1").await[0].get("rid").is_none());
}
