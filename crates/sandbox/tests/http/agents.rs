//! Agents: their accounts, whom they talk with, and what was said.

use reqwest::multipart::{Form, Part};
use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};

use crate::callbacks::with;
use crate::media::PNG;
use crate::replies::does;
use crate::{Receiver, Stage, spec};

const KF: &str = "../customservice/kfaccount";
const TALK: &str = "../customservice/kfsession";

fn shop() -> AccountSpec {
    AccountSpec { wechat_id: Some("shop".to_owned()), ..spec(10) }
}

async fn code(stage: &Stage, path: &str, body: Value) -> i64 {
    stage.post(path, &body).await["errcode"].as_i64().unwrap()
}

async fn add(stage: &Stage, kf_account: &str, nickname: &str) -> i64 {
    let body = json!({"kf_account":kf_account,"nickname":nickname});
    code(stage, &format!("{KF}/add"), body).await
}

async fn agent_does(stage: &Stage, kf_account: &str, act: &str) -> Value {
    stage.control(&format!("{{a}}/agents/{kf_account}/{act}"), &json!({})).await
}

#[tokio::test]
async fn agents_are_added_changed_and_deleted() {
    let stage = Stage::new(shop()).await;
    for (kf_account, nickname, expected) in [
        ("s1@shop", "小一", 0),
        ("s1@shop", "小一", 65406),
        ("s2@other", "小二", 65404),
        ("s2", "小二", 65404),
        ("@shop", "小二", 65404),
        ("elevenchars@shop", "小二", 65404),
        ("s-2@shop", "小二", 65404),
        ("s2@shop", "", 65403),
        ("s2@shop", "十七个字的名字就是太长了一点点不行", 65403),
    ] {
        assert_eq!(add(&stage, kf_account, nickname).await, expected, "{kf_account} {nickname}");
    }
    let named = |kf_account: &str| json!({"kf_account":kf_account,"nickname":"新名"});
    assert_eq!(code(&stage, &format!("{KF}/update"), named("s1@shop")).await, 0);
    assert_eq!(code(&stage, &format!("{KF}/update"), named("s9@shop")).await, 65401);
    let url = format!(
        "{}/customservice/kfaccount/uploadheadimg?access_token={}&kf_account=s1@shop",
        stage.url, stage.token
    );
    let form = Form::new().part("media", Part::bytes(PNG.to_vec()).file_name("a.png"));
    let told: Value =
        stage.client.post(&url).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["errcode"], 0);
    let form = Form::new().part("media", Part::bytes(b"GIF89a".to_vec()).file_name("a.gif"));
    let told: Value =
        stage.client.post(&url).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["errcode"], 40005);
    let list = stage.get("customservice/getkflist", "").await;
    let agent = &list["kf_list"][0];
    assert_eq!((&agent["kf_nick"], &agent["kf_id"]), (&json!("新名"), &json!("1001")));
    assert!(agent["kf_headimgurl"].as_str().unwrap().starts_with("http://mmbiz.qpic.cn/"));
    for nth in 2..=100 {
        assert_eq!(add(&stage, &format!("s{nth}@shop"), "小").await, 0);
    }
    assert_eq!(add(&stage, "s101@shop", "小").await, 65405);
    let deleted = stage.get(&format!("{KF}/del"), "&kf_account=s1@shop").await;
    assert_eq!(deleted["errcode"], 0);
    assert_eq!(code(&stage, &format!("{KF}/del"), named("s1@shop")).await, 65401);
    assert_eq!(add(&stage, "s101@shop", "小").await, 0);
    let unverified = Stage::new(AccountSpec { verified: false, ..shop() }).await;
    assert_eq!(add(&unverified, "s1@shop", "小").await, 48001);
}

#[tokio::test]
async fn an_invitation_is_accepted_rejected_or_runs_out() {
    let mut stage = Stage::new(shop()).await;
    for nth in 1..=3 {
        add(&stage, &format!("s{nth}@shop"), "小").await;
    }
    let invite = format!("{KF}/inviteworker");
    let to = |kf_account: &str, name: &str| json!({"kf_account":kf_account,"invite_wx":name});
    assert_eq!(code(&stage, &invite, to("s9@shop", "a")).await, 65401);
    for (nth, name) in [(1, "a"), (2, "b"), (3, "c")] {
        assert_eq!(code(&stage, &invite, to(&format!("s{nth}@shop"), name)).await, 0);
    }
    assert_eq!(code(&stage, &invite, to("s2@shop", "a")).await, 65408);
    assert_eq!(agent_does(&stage, "s1@shop", "accept").await["changed"], true);
    assert_eq!(code(&stage, &invite, to("s2@shop", "a")).await, 65407);
    agent_does(&stage, "s2@shop", "reject").await;
    let list = stage.get("customservice/getkflist", "").await;
    let shown = |nth: usize, field: &str| list["kf_list"][nth][field].clone();
    assert_eq!((shown(0, "kf_wx"), shown(0, "invite_wx")), (json!("a"), Value::Null));
    assert_eq!(
        (shown(1, "invite_status"), shown(2, "invite_status")),
        (json!("rejected"), json!("waiting"))
    );
    stage.wait(86_400).await;
    stage.refresh().await;
    let list = stage.get("customservice/getkflist", "").await;
    assert_eq!(list["kf_list"][2]["invite_status"], "expired");
    assert!(agent_does(&stage, "s3@shop", "accept").await["error"].is_string());
    assert!(agent_does(&stage, "s9@shop", "online").await["error"].is_string());
    assert!(agent_does(&stage, "s1@shop", "sleep").await["error"].is_string());
}

#[tokio::test]
async fn talks_begin_end_and_are_kept() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, shop())).await;
    let people = stage.people(3).await;
    add(&stage, "s1@shop", "小一").await;
    add(&stage, "s2@shop", "小二").await;
    let begin = format!("{TALK}/create");
    let with_agent = |agent: &str, person: &str| json!({"kf_account":agent,"openid":person});
    assert_eq!(code(&stage, &begin, with_agent("s1@shop", &people[0])).await, 65415);
    agent_does(&stage, "s1@shop", "online").await;
    agent_does(&stage, "s2@shop", "online").await;
    assert_eq!(code(&stage, &begin, with_agent("s1@shop", &people[0])).await, 0);
    assert_eq!(code(&stage, &begin, with_agent("s2@shop", &people[0])).await, 65414);
    assert_eq!(code(&stage, &begin, with_agent("s1@shop", "oNobody")).await, 40003);
    assert_eq!(code(&stage, &begin, with_agent("s9@shop", &people[0])).await, 65401);
    let online = stage.get("customservice/getonlinekflist", "").await;
    let accepted = json!({"kf_account":"s1@shop","status":1,"kf_id":"1001","accepted_case":1});
    assert_eq!(online["kf_online_list"][0], accepted);
    for (act, status) in [("online-on-phone", 2), ("online-on-both", 3)] {
        agent_does(&stage, "s2@shop", act).await;
        let online = stage.get("customservice/getonlinekflist", "").await;
        assert_eq!(online["kf_online_list"][1]["status"], status);
    }
    let now = stage.now().await;
    let of = stage.get(&format!("{TALK}/getsession"), &format!("&openid={}", people[0])).await;
    assert_eq!(of, json!({"createtime":now,"kf_account":"s1@shop"}));
    let list = stage.get(&format!("{TALK}/getsessionlist"), "&kf_account=s1@shop").await;
    assert_eq!(list["sessionlist"][0]["openid"], people[0]);

    // Both sides of the talk are kept, in order.
    does(&stage, &people[0], "write", json!({"content":"在吗"})).await;
    let message = |agent: &str| {
        json!({"touser":people[0],"msgtype":"text",
        "text":{"content":"在的"},"customservice":{"kf_account":agent}})
    };
    assert_eq!(code(&stage, "message/custom/send", message("s9@shop")).await, 65401);
    assert_eq!(code(&stage, "message/custom/send", message("s1@shop")).await, 0);
    let records = "../customservice/msgrecord/getmsglist";
    let span = |msgid: i64, number: i64| json!({"starttime":now,"endtime":now + 60,"msgid":msgid,"number":number});
    let first = stage.post(records, &span(1, 1)).await;
    assert_eq!((&first["number"], &first["msgid"]), (&json!(1), &json!(2)));
    let entry = &first["recordlist"][0];
    assert_eq!((&entry["opercode"], &entry["text"]), (&json!(2003), &json!("在吗")));
    let second = stage.post(records, &span(2, 10_000)).await;
    let entry = &second["recordlist"][0];
    assert_eq!((&entry["opercode"], &entry["worker"]), (&json!(2002), &json!("s1@shop")));
    assert_eq!(stage.post(records, &span(3, 5)).await["recordlist"], json!([]));
    assert_eq!(code(&stage, records, span(1, 10_001)).await, 65416);
    assert_eq!(code(&stage, records, span(0, 5)).await, 65416);
    let long = json!({"starttime":now,"endtime":now + 86_401,"msgid":1,"number":5});
    assert_eq!(code(&stage, records, long).await, 65417);

    // Handed over without an agent a person waits; with one who is there the talk begins.
    receiver.reply(Some("<xml><ToUserName>{openid}</ToUserName><FromUserName>{account}</FromUserName><CreateTime>1</CreateTime><MsgType>transfer_customer_service</MsgType></xml>"));
    does(&stage, &people[1], "write", json!({})).await;
    let waiting = stage.get(&format!("{TALK}/getwaitcase"), "").await;
    assert_eq!(
        (&waiting["count"], &waiting["waitcaselist"][0]["openid"]),
        (&json!(1), &json!(people[1]))
    );
    receiver.reply(Some("<xml><ToUserName>{openid}</ToUserName><FromUserName>{account}</FromUserName><CreateTime>1</CreateTime><MsgType>transfer_customer_service</MsgType><TransInfo><KfAccount>s2@shop</KfAccount></TransInfo></xml>"));
    does(&stage, &people[1], "write", json!({})).await;
    assert_eq!(stage.get(&format!("{TALK}/getwaitcase"), "").await["count"], 0);
    let of = stage.get(&format!("{TALK}/getsession"), &format!("&openid={}", people[1])).await;
    assert_eq!(of["kf_account"], "s2@shop");

    let end = format!("{TALK}/close");
    assert_eq!(code(&stage, &end, with_agent("s2@shop", &people[0])).await, 65414);
    assert_eq!(code(&stage, &end, with_agent("s1@shop", &people[0])).await, 0);
    assert_eq!(code(&stage, &end, with_agent("s1@shop", &people[0])).await, 65413);
    let of = stage.get(&format!("{TALK}/getsession"), &format!("&openid={}", people[0])).await;
    assert_eq!(of["kf_account"], "");
}

#[tokio::test]
async fn who_cannot_be_invited_answers_as_told() {
    let stage = Stage::new(shop()).await;
    add(&stage, "s1@shop", "小一").await;
    let told = stage.put("{a}/invitations", &json!({"refused":{"gone":65411,"busy":65412}})).await;
    assert_eq!(told["refused"]["gone"], 65411);
    let invite = format!("{KF}/inviteworker");
    for (name, expected) in [("gone", 65411), ("busy", 65412), ("anna", 0)] {
        let body = json!({"kf_account":"s1@shop","invite_wx":name});
        assert_eq!(code(&stage, &invite, body).await, expected, "{name}");
    }
    let wrong = stage.put("{a}/invitations", &json!({"refused":{"gone":65407}})).await;
    assert!(wrong["error"].as_str().unwrap().contains("refused.gone is 65407"), "{wrong}");
}
