use serde_json::json;

use crate::{Stage, spec, to_all};

#[tokio::test]
async fn the_level_rules_how_long_a_job_takes() {
    let stage = Stage::new(spec(100_000)).await;
    let path = "message/mass/speed";
    let fastest = json!({"speed":0,"realspeed":80});
    assert_eq!(stage.get(&format!("{path}/get"), "").await, fastest);
    assert_eq!(stage.raw_post(&format!("{path}/get"), "").await, fastest);
    let set = format!("{path}/set");
    for (body, code) in [
        (json!({}), 45084),
        (json!({"speed":5}), 45083),
        (json!({"speed":-1}), 45083),
        (json!({"speed":"fast"}), 47001),
        (json!({"speed":4}), 0),
    ] {
        assert_eq!(stage.post(&set, &body).await["errcode"], code, "{body}");
    }
    let slowest = json!({"speed":4,"realspeed":10});
    assert_eq!(stage.post(&format!("{path}/get"), &json!({})).await, slowest);
    let sent = stage.post("message/mass/sendall", &to_all("k")).await;
    let get = json!({"msg_id":sent["msg_id"]});
    stage.wait(64).await;
    assert_eq!(stage.post("message/mass/get", &get).await["msg_status"], "SENDING");
    stage.wait(1).await;
    assert_eq!(stage.post("message/mass/get", &get).await["msg_status"], "SEND_SUCCESS");
}
