//! Every switch of an account, on both sides: what the assumed value brings about, and what the
//! other one does.

use sandbox::{AccountSpec, Assumptions, CallbackMode};
use serde_json::{Value, json};
use wire::rules::AccountKind;

use crate::callbacks::with;
use crate::comments::article;
use crate::replies::does;
use crate::{Receiver, START, Stage, spec, text_to, to_all};

/// An account with one switch as told.
async fn switched(name: &str, value: &Value, base: AccountSpec) -> Stage {
    switched_at(START, name, value, base).await
}

async fn switched_at(start: &str, name: &str, value: &Value, base: AccountSpec) -> Stage {
    let mut told = serde_json::Map::new();
    told.insert(name.to_owned(), value.clone());
    let assumptions: Assumptions = serde_json::from_value(Value::Object(told)).unwrap();
    Stage::at(start, AccountSpec { assumptions, ..base }).await
}

async fn code(stage: &Stage, path: &str, body: &Value) -> i64 {
    stage.post(path, body).await["errcode"].as_i64().unwrap_or(0)
}

/// What each side of a switch shows, and the value it is set to.
struct Case {
    name: &'static str,
    value: Value,
    assumed: Value,
    other: Value,
}

fn case(name: &'static str, value: Value, assumed: Value, other: Value) -> Case {
    Case { name, value, assumed, other }
}

fn base() -> AccountSpec {
    AccountSpec { mini_programs: vec!["wx0a1b2c3d4e5f6072".to_owned()], ..spec(20) }
}

fn unverified(name: &str) -> bool {
    matches!(name, "unverified_may_make_menus" | "unverified_may_upload")
}

#[tokio::test]
async fn every_switch_has_two_sides() {
    let cases = [
        case("minute_limit_code", json!(45009), json!(45011), json!(45009)),
        case("send_to_everybody_over_budget", json!("reaches_nobody"), json!(45028), json!(0)),
        case("one_send_to_everybody_a_day", json!(false), json!(45028), json!(0)),
        case("job_counts_at", json!("call"), json!([0, 1]), json!([1, 0])),
        case("rights_end_with_verification", json!(false), json!(false), json!(true)),
        case("failed_delivery_spends_slot", json!(true), json!(0), json!(1)),
        case("deleting_returns_slots", json!(true), json!(1), json!(0)),
        case("audience_is_read_at", json!("call"), json!(21), json!(20)),
        case("total_counts_everybody_given", json!(false), json!(5), json!(4)),
        case("digest_covers", json!("content"), json!(0), json!(45065)),
        case("clientmsgid_bytes", json!(32), json!(0), json!(45067)),
        case("repeated_key_tells_request_id", json!(false), json!(true), json!(false)),
        case("key_in_hand_seconds", json!(60), json!(45065), json!(45066)),
        case("mass_pictures", json!(1), json!(0), json!(40215)),
        case("mass_speed", json!(4), json!(80), json!(10)),
        case("mass_seconds", json!(60), json!(5), json!(60)),
        case("job_days", json!(1), json!(0), json!(40059)),
        case("texts_have_data_id", json!(true), json!(false), json!(true)),
        case("protected_send_is_accepted", json!(false), json!(0), json!(89504)),
        case("waiting_send_stops_others", json!(true), json!(0), json!(89504)),
        case(
            "forbidden_reprint_reads_judged",
            json!(true),
            json!("err(30002)"),
            json!("err(30003)"),
        ),
        case("blacklisted_are_listed", json!(false), json!(20), json!(19)),
        case("blacklist_closes_replies", json!(true), json!(45015), json!(43019)),
        case("foreign_openid_refuses_batch", json!(false), json!(40003), json!(0)),
        case("tagging_is_all_or_nothing", json!(false), json!(49003), json!(45171)),
        case("own_tags_count", json!(true), json!(0), json!(45056)),
        case("tagging_in_hand_ms", json!(20_000), json!(0), json!(45159)),
        case("last_page_has_cursor", json!(false), json!(true), json!(false)),
        case("stopped_fields_are_empty", json!(true), json!(false), json!(true)),
        case("empty_remark_clears", json!(false), json!(0), json!(40092)),
        case("groups_work", json!(false), json!(0), json!(45103)),
        case("act_again", json!("adds"), json!(5), json!(10)),
        case("paying_opens_window", json!(true), json!(45015), json!(0)),
        case("reply_to_leaver_code", json!(43004), json!(45015), json!(43004)),
        case("refused_reply_spends", json!(true), json!(5), json!(4)),
        case("typing_spends", json!(true), json!(5), json!(4)),
        case("sent_menu_entries", json!(1), json!(0), json!(45098)),
        case("sent_menu_characters", json!(1), json!(0), json!(45099)),
        case("repeated_notice_is_refused", json!(false), json!(40241), json!(0)),
        case("notice_seconds", json!(30), json!(2), json!(30)),
        case("extra_values", json!("refused"), json!(0), json!(47003)),
        case("refused_notice_spends_consent", json!(true), json!(0), json!(43101)),
        case("subscription_answers_msgid", json!(true), json!(false), json!(true)),
        case("prompt_templates", json!(1), json!(false), json!(true)),
        case("get_calls_take_post", json!(true), json!(43001), json!(0)),
        case("clear_quota_ignores_allow_list", json!(false), json!(0), json!(40164)),
        case("same_scene_same_code", json!(false), json!(true), json!(false)),
        case("match_is_wrapped", json!(true), json!(false), json!(true)),
        case("unverified_may_make_menus", json!(true), json!(48001), json!(0)),
        case("conditional_menus", json!(1), json!(0), json!(65305)),
        case("used_file_code", json!(45060), json!(48005), json!(45060)),
        case("material_gives_drafts", json!(true), json!(40007), json!(0)),
        case("unverified_may_upload", json!(true), json!(48001), json!(40004)),
        case("short_keys_for_all", json!(true), json!(48001), json!(0)),
        case("outside_link", json!("refused"), json!(0), json!(45166)),
        case("long_title_is_cut", json!(true), json!(45003), json!(0)),
        case("publications_have_comments", json!(false), json!(0), json!(88001)),
        case("elected_comments", json!(1), json!(0), json!(88003)),
        case("comment_reply_characters", json!(1), json!(0), json!(88007)),
        case("callback_retry_seconds", json!(60), json!(5), json!(60)),
        case("job_ends_are_retried", json!(false), json!(3), json!(1)),
        case("success_needs_no_200", json!(true), json!(3), json!(1)),
        case("withdrawn_statistics_answer", json!(true), json!(47009), json!(0)),
        case("period_statistics_span_days", json!(false), json!(0), json!(61501)),
        case("early_statistics_are_refused", json!(false), json!(61503), json!(0)),
    ];
    let mut named: Vec<&str> = cases.iter().map(|case| case.name).collect();
    named.sort_unstable();
    let mut all = Assumptions::NAMES.to_vec();
    all.sort_unstable();
    assert_eq!(named, all, "each switch has its test");

    let assumed = serde_json::to_value(Assumptions::default()).unwrap();
    for Case { name, value, assumed: expected, other } in cases {
        assert_ne!(assumed[name], value, "{name} is set to what it is anyway");
        assert_eq!(shows(name, &assumed[name]).await, expected, "{name}, as assumed");
        assert_eq!(shows(name, &value).await, other, "{name}, switched");
    }
}

/// What an account with this switch shows.
async fn shows(name: &str, value: &Value) -> Value {
    match name {
        "minute_limit_code"
        | "send_to_everybody_over_budget"
        | "one_send_to_everybody_a_day"
        | "job_counts_at"
        | "failed_delivery_spends_slot"
        | "deleting_returns_slots"
        | "audience_is_read_at"
        | "total_counts_everybody_given"
        | "digest_covers"
        | "clientmsgid_bytes"
        | "repeated_key_tells_request_id"
        | "key_in_hand_seconds"
        | "mass_pictures"
        | "mass_speed"
        | "mass_seconds"
        | "job_days"
        | "texts_have_data_id"
        | "protected_send_is_accepted"
        | "waiting_send_stops_others"
        | "forbidden_reprint_reads_judged" => mass(name, value).await,
        "withdrawn_statistics_answer"
        | "period_statistics_span_days"
        | "early_statistics_are_refused" => {
            let stage = switched(name, value, base()).await;
            crate::statistics::side(&stage, name).await.into()
        }
        "act_again"
        | "paying_opens_window"
        | "reply_to_leaver_code"
        | "refused_reply_spends"
        | "typing_spends"
        | "sent_menu_entries"
        | "sent_menu_characters"
        | "blacklist_closes_replies" => replies(name, value).await,
        "repeated_notice_is_refused"
        | "notice_seconds"
        | "extra_values"
        | "refused_notice_spends_consent"
        | "subscription_answers_msgid"
        | "prompt_templates" => notices(name, value).await,
        "rights_end_with_verification" => {
            let stage = switched(name, value, base()).await;
            let ended = json!({"event":"verify_expired"});
            stage.control("{a}/verification", &ended).await["verified"].clone()
        }
        "callback_retry_seconds" | "job_ends_are_retried" | "success_needs_no_200" => {
            pushes(name, value).await
        }
        "outside_link"
        | "long_title_is_cut"
        | "publications_have_comments"
        | "elected_comments"
        | "comment_reply_characters" => articles(name, value).await,
        _ => people(name, value).await,
    }
}

async fn mass(name: &str, value: &Value) -> Value {
    const SEND: &str = "message/mass/send";
    const ALL: &str = "message/mass/sendall";
    let start = if name == "job_counts_at" { "2026-02-28T23:59:58+08:00" } else { START };
    let errors = if name == "failed_delivery_spends_slot" { 1000 } else { 0 };
    let mass_protection =
        matches!(name, "protected_send_is_accepted" | "waiting_send_stops_others");
    let base = AccountSpec { errors_per_mille: errors, mass_protection, ..base() };
    let mut stage = switched_at(start, name, value, base).await;
    let people = stage.people(5).await;
    let list = |key: &str| text_to(&people, key);
    match name {
        "minute_limit_code" => {
            for nth in 0..60 {
                assert_eq!(code(&stage, SEND, &list(&format!("k{nth}"))).await, 0);
            }
            json!(code(&stage, SEND, &list("over")).await)
        }
        "one_send_to_everybody_a_day" => {
            assert_eq!(code(&stage, ALL, &to_all("a")).await, 0);
            json!(code(&stage, ALL, &to_all("b")).await)
        }
        "send_to_everybody_over_budget" => {
            for nth in 0..4 {
                assert_eq!(code(&stage, ALL, &to_all(&format!("d{nth}"))).await, 0);
                stage.wait(86_400).await;
                stage.refresh().await;
            }
            // Somebody who has all their slots left is filtered away like the rest.
            stage.control("{a}/followers", &json!({})).await;
            let fifth = stage.post(ALL, &to_all("fifth")).await;
            stage.wait(60).await;
            if fifth["errcode"] == 0 {
                let job = stage.job(&fifth["msg_id"]).await;
                assert_eq!((&job["filtered"], &job["sent"]), (&json!(0), &json!(0)));
            }
            fifth["errcode"].clone()
        }
        "job_counts_at" => {
            assert_eq!(code(&stage, SEND, &list("night")).await, 0);
            stage.wait(10).await;
            let mut months = Vec::new();
            for month in ["2026-02", "2026-03"] {
                let truth = stage.truth(month).await;
                months.push(
                    truth
                        .iter()
                        .filter(|(person, _)| *person == people[0])
                        .map(|(_, n)| n)
                        .sum::<u64>(),
                );
            }
            json!(months)
        }
        "failed_delivery_spends_slot" | "deleting_returns_slots" => {
            let draft = stage.draft().await;
            let body = json!({"touser":people,"msgtype":"mpnews","mpnews":{"media_id":draft},
                "clientmsgid":"k"});
            let sent = stage.post(SEND, &body).await;
            stage.wait(10).await;
            if name == "deleting_returns_slots" {
                let delete = json!({"msg_id":sent["msg_id"]});
                assert_eq!(code(&stage, "message/mass/delete", &delete).await, 0);
            }
            let seen = stage.seen(&format!("{{a}}/followers/{}", people[0])).await;
            let truth = stage.truth("2026-03").await;
            assert_eq!(json!(truth[0].1), seen["received_this_month"], "both say the same");
            seen["received_this_month"].clone()
        }
        "audience_is_read_at" => {
            let sent = stage.post(ALL, &to_all("a")).await;
            stage.control("{a}/followers", &json!({})).await;
            stage.wait(10).await;
            stage.job(&sent["msg_id"]).await["sent"].clone()
        }
        "total_counts_everybody_given" => {
            does(&stage, &people[0], "leave", json!({})).await;
            let sent = stage.post(SEND, &list("a")).await;
            stage.wait(10).await;
            let job = stage.job(&sent["msg_id"]).await;
            assert_eq!(job["filtered"], 4);
            job["total"].clone()
        }
        "protected_send_is_accepted" => {
            let asked = code(&stage, ALL, &to_all("a")).await;
            if asked == 89504 {
                assert_eq!(code(&stage, ALL, &to_all("a")).await, 89504);
            }
            stage.control("{a}/jobs/1000000001/confirm", &json!({})).await;
            stage.wait(5).await;
            let again = stage.post(ALL, &to_all("a")).await;
            assert_eq!(
                (&again["errcode"], &again["msg_id"]),
                (&json!(45065), &json!(1_000_000_001))
            );
            assert_eq!(stage.job(&json!(1_000_000_001)).await["sent"], 20);
            json!(asked)
        }
        "waiting_send_stops_others" => {
            assert_eq!(code(&stage, ALL, &to_all("a")).await, 0);
            json!(code(&stage, SEND, &list("b")).await)
        }
        "forbidden_reprint_reads_judged" => {
            let library = json!([{"content":"<p>三款新品</p>三款新品三款新品","url":"https://mp.weixin.qq.com/s/x"}]);
            let put = stage.client.put(stage.control_url("originals")).json(&library);
            assert_eq!(put.send().await.unwrap().status(), 200);
            let body = json!({"articles":[{"title":"新品","content":"三款新品三款新品三款新品",
                "thumb_media_id":stage.cover}]});
            let draft = stage.post("draft/add", &body).await;
            let body = json!({"touser":people,"msgtype":"mpnews","mpnews":draft,"clientmsgid":"k"});
            let sent = stage.post(SEND, &body).await;
            stage.wait(5).await;
            stage.job(&sent["msg_id"]).await["status"].clone()
        }
        "digest_covers" => {
            let mut body = list("a");
            body.as_object_mut().unwrap().remove("clientmsgid");
            assert_eq!(code(&stage, SEND, &body).await, 0);
            stage.wait(2).await;
            body["touser"] = json!(&people[..2]);
            json!(code(&stage, SEND, &body).await)
        }
        "clientmsgid_bytes" => json!(code(&stage, SEND, &list(&"k".repeat(33))).await),
        "repeated_key_tells_request_id" | "key_in_hand_seconds" => {
            assert_eq!(code(&stage, SEND, &list("k")).await, 0);
            stage.wait(2).await;
            let again = stage.post(SEND, &list("k")).await;
            if name == "key_in_hand_seconds" {
                return again["errcode"].clone();
            }
            assert_eq!(again["errcode"], 45065);
            json!(again["errmsg"].as_str().unwrap().contains(" rid: "))
        }
        "mass_pictures" => {
            let pictures = json!([stage.cover, stage.cover]);
            let body = json!({"touser":people,"msgtype":"image","images":{"media_ids":pictures},
                "clientmsgid":"k"});
            json!(code(&stage, SEND, &body).await)
        }
        "mass_speed" => stage.post("message/mass/speed/get", &json!({})).await["realspeed"].clone(),
        "mass_seconds" => {
            assert_eq!(code(&stage, SEND, &list("k")).await, 0);
            let due = stage.seen("clock").await["next_due"].as_i64().unwrap();
            json!(due - stage.now().await)
        }
        "job_days" => {
            let sent = stage.post(SEND, &list("k")).await;
            stage.wait(86_400).await;
            stage.refresh().await;
            json!(code(&stage, "message/mass/get", &json!({"msg_id":sent["msg_id"]})).await)
        }
        _ => json!(stage.post(SEND, &list("k")).await.get("msg_data_id").is_some()),
    }
}

async fn replies(name: &str, value: &Value) -> Value {
    const SEND: &str = "message/custom/send";
    let stage = switched(name, value, base()).await;
    let person = stage.people(1).await[0].clone();
    let text = json!({"touser":person,"msgtype":"text","text":{"content":"您好"}});
    let left = || async {
        let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
        let open = seen["replies"].as_array().unwrap().clone();
        json!(open.iter().filter_map(|one| one["left"].as_i64()).sum::<i64>())
    };
    match name {
        "paying_opens_window" => {
            does(&stage, &person, "pay", json!({})).await;
            return json!(code(&stage, SEND, &text).await);
        }
        "blacklist_closes_replies" => {
            let list = json!({"openid_list":[person]});
            assert_eq!(code(&stage, "tags/members/batchblacklist", &list).await, 0);
            return json!(code(&stage, SEND, &text).await);
        }
        _ => {}
    }
    does(&stage, &person, "write", json!({})).await;
    match name {
        "act_again" => {
            does(&stage, &person, "write", json!({})).await;
            left().await
        }
        "reply_to_leaver_code" => {
            does(&stage, &person, "leave", json!({})).await;
            json!(code(&stage, SEND, &text).await)
        }
        "refused_reply_spends" => {
            let body = json!({"touser":person,"msgtype":"image","image":{"media_id":"x"}});
            assert_eq!(code(&stage, SEND, &body).await, 40007);
            left().await
        }
        "typing_spends" => {
            let body = json!({"touser":person,"command":"Typing"});
            assert_eq!(code(&stage, "message/custom/typing", &body).await, 0);
            left().await
        }
        _ => {
            let entry = |id: &str| json!({"id":id,"content":"满意"});
            let menu =
                json!({"head_content":"h","list":[entry("1"),entry("2")],"tail_content":"t"});
            let body = json!({"touser":person,"msgtype":"msgmenu","msgmenu":menu});
            json!(code(&stage, SEND, &body).await)
        }
    }
}

async fn template(stage: &Stage) -> String {
    let body = json!({"template_id_short":"43216","keyword_name_list":["活动名称"]});
    let added = stage.post("template/api_add_template", &body).await;
    added["template_id"].as_str().unwrap().to_owned()
}

async fn notices(name: &str, value: &Value) -> Value {
    const SEND: &str = "message/template/send";
    let stage = switched(name, value, base()).await;
    let person = stage.people(1).await[0].clone();
    if matches!(name, "repeated_notice_is_refused" | "notice_seconds" | "extra_values") {
        let template = template(&stage).await;
        let mut body = json!({"touser":person,"template_id":template,"client_msg_id":"n1",
            "data":{"thing1":{"value":"上新"}}});
        if name == "extra_values" {
            body["data"]["thing9"] = json!({"value":"多"});
        }
        let first = stage.post(SEND, &body).await;
        match name {
            "notice_seconds" => {
                let due = stage.seen("clock").await["next_due"].as_i64().unwrap();
                return json!(due - stage.now().await);
            }
            "extra_values" => return first["errcode"].clone(),
            _ => {}
        }
        let again = stage.post(SEND, &body).await;
        stage.wait(5).await;
        let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
        assert_eq!(seen["notices"].as_array().unwrap().len(), 1, "sent once");
        return again["errcode"].clone();
    }
    let mut templates = Vec::new();
    for tid in ["401", "402"] {
        let body = json!({"tid":tid,"kidList":[1,2],"sceneDesc":"到货提醒"});
        let added = stage.post("../wxaapi/newtmpl/addtemplate", &body).await;
        if let Some(id) = added["priTmplId"].as_str() {
            templates.push(id.to_owned());
        }
    }
    let prompt = |ids: &[String]| {
        let all: serde_json::Map<String, Value> =
            ids.iter().map(|id| (id.clone(), json!("accept"))).collect();
        json!({"templates":all})
    };
    if name == "prompt_templates" {
        assert_eq!(templates.len(), 2);
        let answer = does(&stage, &person, "prompt", prompt(&templates)).await;
        return json!(answer.get("error").is_some());
    }
    does(&stage, &person, "prompt", prompt(&templates[..1])).await;
    let send = "message/subscribe/bizsend";
    let mut body = json!({"touser":person,"template_id":templates[0],
        "data":{"thing1":{"value":""},"date2":{"value":"2026年3月5日"}}});
    if name == "refused_notice_spends_consent" {
        assert_eq!(code(&stage, send, &body).await, 47003);
    }
    body["data"] = json!({"thing1":{"value":"面膜"},"date2":{"value":"2026年3月5日"}});
    let sent = stage.post(send, &body).await;
    if name == "subscription_answers_msgid" {
        return json!(sent["msgid"].is_i64());
    }
    sent["errcode"].clone()
}

async fn pushes(name: &str, value: &Value) -> Value {
    use axum::http::StatusCode;
    let down = StatusCode::INTERNAL_SERVER_ERROR;
    let receiver = Receiver::new(&[down; 3]).await;
    let stage = switched(name, value, with(&receiver, CallbackMode::Plain, base())).await;
    let people = stage.people(3).await;
    if name == "job_ends_are_retried" {
        stage.post("message/mass/send", &text_to(&people, "k")).await;
    } else {
        does(&stage, &people[0], "write", json!({})).await;
    }
    if name == "callback_retry_seconds" {
        let due = stage.seen("clock").await["next_due"].as_i64().unwrap();
        return json!(due - stage.now().await);
    }
    if name == "job_ends_are_retried" {
        // A message of a person is tried again either way.
        stage.wait(60).await;
    }
    stage.wait(60).await;
    json!(receiver.bodies().len())
}

async fn articles(name: &str, value: &Value) -> Value {
    let stage = switched(name, value, base()).await;
    let add = |title: &str, content: &str| {
        let body = json!({"articles":[{"title":title,"content":content,
            "thumb_media_id":stage.cover,"need_open_comment":1}]});
        let stage = &stage;
        async move { stage.post("draft/add", &body).await }
    };
    match name {
        "outside_link" => {
            let added = add("新品", "<p><a href=\"https://example.com\">买</a></p>").await;
            json!(added["errcode"].as_i64().unwrap_or(0))
        }
        "long_title_is_cut" => {
            let added = add(&"长".repeat(65), "<p>新</p>").await;
            if added["media_id"].is_string() {
                let draft = stage.post("draft/get", &json!({"media_id":added["media_id"]})).await;
                let title = draft["news_item"][0]["title"].as_str().unwrap();
                assert_eq!(title.chars().count(), 64);
            }
            json!(added["errcode"].as_i64().unwrap_or(0))
        }
        "publications_have_comments" => {
            let draft = stage.draft().await;
            let submitted = stage.post("freepublish/submit", &json!({"media_id":draft})).await;
            stage.wait(10).await;
            let named = json!({"msg_data_id":submitted["msg_data_id"],"index":0});
            json!(code(&stage, "comment/open", &named).await)
        }
        _ => {
            let number = article(&stage, 0).await;
            let people = stage.people(2).await;
            let mut last = json!(0);
            for person in &people {
                let path = format!("{{a}}/articles/{number}/0/comments");
                let wrote = stage.control(&path, &json!({"openid":person,"content":"好"})).await;
                let named = json!({"msg_data_id":number,"index":0,
                    "user_comment_id":wrote["user_comment_id"],"content":"谢谢"});
                let path = match name {
                    "elected_comments" => "comment/markelect",
                    _ => "comment/reply/add",
                };
                last = json!(code(&stage, path, &named).await);
            }
            last
        }
    }
}

async fn people(name: &str, value: &Value) -> Value {
    let kind =
        if name == "short_keys_for_all" { AccountKind::Subscription } else { AccountKind::Service };
    let listed = (name == "clear_quota_ignores_allow_list").then(|| vec!["203.0.113.9".to_owned()]);
    let base = AccountSpec { kind, verified: !unverified(name), ..base() };
    let stage = switched(name, value, base).await;
    let people = stage.people(2).await;
    let foreign = "oAAAAAaaaaaaaaaaaaaaaaaaaaaa";
    match name {
        "blacklisted_are_listed" => {
            let list = json!({"openid_list":[people[0]]});
            assert_eq!(code(&stage, "tags/members/batchblacklist", &list).await, 0);
            stage.get("user/get", "").await["count"].clone()
        }
        "foreign_openid_refuses_batch" => {
            let list = json!({"user_list":[{"openid":people[0]},{"openid":foreign}]});
            let told = stage.post("user/info/batchget", &list).await;
            if told["errcode"].is_null() {
                assert_eq!(told["user_info_list"][0]["subscribe"], 1);
                assert_eq!(
                    told["user_info_list"][1],
                    json!({"subscribe":0,"openid":foreign,"tagid_list":[]})
                );
            }
            json!(told["errcode"].as_i64().unwrap_or(0))
        }
        "tagging_is_all_or_nothing" => {
            let list = json!({"openid_list":[people[0], foreign],"tagid":100});
            let told = stage.post("tags/members/batchtagging", &list).await;
            let tags = stage.post("tags/getidlist", &json!({"openid":people[0]})).await;
            let tagged = tags["tagid_list"].as_array().unwrap().contains(&json!(100));
            if told["errcode"] == 45171 {
                assert_eq!(told["fail_openid_list"], json!([foreign]));
                assert!(tagged);
            }
            told["errcode"].clone()
        }
        // The answer of the first call waits; the other comes meanwhile.
        "tagging_in_hand_ms" => {
            let list = json!({"openid_list":[people[0]],"tagid":100});
            let untag = stage.post("tags/members/batchuntagging", &list);
            let untag = tokio::time::timeout(std::time::Duration::from_secs(2), untag).await;
            let held = untag.is_err();
            assert_eq!(held, value != &json!(0));
            json!(code(&stage, "tags/members/batchtagging", &list).await)
        }
        "own_tags_count" => {
            let have = stage.get("tags/get", "").await["tags"].as_array().unwrap().len();
            for nth in have..100 {
                let made = json!({"tag":{"name":format!("t{nth}")}});
                assert_eq!(code(&stage, "tags/create", &made).await, 0);
            }
            json!(code(&stage, "tags/create", &json!({"tag":{"name":"last"}})).await)
        }
        "last_page_has_cursor" => {
            let made = stage.post("tags/create", &json!({"tag":{"name":"空"}})).await;
            let page = stage.post("user/tag/get", &json!({"tagid":made["tag"]["id"]})).await;
            assert_eq!(page["count"], 0);
            json!(page.get("next_openid").is_some())
        }
        "stopped_fields_are_empty" => {
            let info = stage.get("user/info", &format!("&openid={}", people[0])).await;
            json!(info["nickname"] == "" && info["sex"] == 0)
        }
        "empty_remark_clears" => {
            let body = json!({"openid":people[0],"remark":""});
            json!(code(&stage, "user/info/updateremark", &body).await)
        }
        "groups_work" => {
            json!(stage.get("groups/get", "").await["errcode"].as_i64().unwrap_or(0))
        }
        "get_calls_take_post" => json!(code(&stage, "tags/get", &json!({})).await),
        "clear_quota_ignores_allow_list" => {
            let url = stage.control_url("{a}/ip-allow-list");
            stage.client.put(url).json(&json!({"addresses":listed})).send().await.unwrap();
            let body = json!({"appid":stage.appid,"appsecret":stage.secret});
            json!(code(&stage, "clear_quota/v2", &body).await)
        }
        "same_scene_same_code" => {
            let body =
                json!({"action_name":"QR_LIMIT_SCENE","action_info":{"scene":{"scene_id":7}}});
            let (one, two) = (
                stage.post("qrcode/create", &body).await,
                stage.post("qrcode/create", &body).await,
            );
            json!(one["ticket"] == two["ticket"])
        }
        "conditional_menus" => {
            let menu = json!({"button":[{"type":"click","name":"a","key":"K"}]});
            assert_eq!(code(&stage, "menu/create", &menu).await, 0);
            let mut menu = menu;
            menu["matchrule"] = json!({"client_platform_type":"1"});
            code(&stage, "menu/addconditional", &menu).await;
            json!(code(&stage, "menu/addconditional", &menu).await)
        }
        "used_file_code" => {
            let menu = json!({"button":[{"type":"media_id","name":"a","media_id":stage.cover}]});
            assert_eq!(code(&stage, "menu/create", &menu).await, 0);
            json!(code(&stage, "material/del_material", &json!({"media_id":stage.cover})).await)
        }
        "material_gives_drafts" => {
            let named = json!({"media_id":stage.draft().await});
            json!(code(&stage, "material/get_material", &named).await)
        }
        "match_is_wrapped" | "unverified_may_make_menus" => {
            let menu = json!({"button":[{"type":"click","name":"a","key":"K"}]});
            let made = code(&stage, "menu/create", &menu).await;
            if name == "unverified_may_make_menus" {
                return json!(made);
            }
            let matched = stage.post("menu/trymatch", &json!({"user_id":people[0]})).await;
            json!(matched["menu"]["button"].is_array())
        }
        "unverified_may_upload" => json!(code(&stage, "media/upload", &json!({})).await),
        "short_keys_for_all" => json!(code(&stage, "shorten/gen", &json!({"long_data":"x"})).await),
        other => panic!("nothing shows {other}"),
    }
}

#[tokio::test]
async fn switches_are_read_and_set_while_it_runs() {
    let stage = Stage::new(spec(5)).await;
    let shown = stage.seen("{a}/assumptions").await;
    assert_eq!(shown, serde_json::to_value(Assumptions::default()).unwrap());
    let put = |body: Value| {
        let request = stage.client.put(stage.control_url("{a}/assumptions")).json(&body);
        async move { request.send().await.unwrap() }
    };
    assert_eq!(put(json!({"groups_work":false})).await.status(), 200);
    assert_eq!(stage.get("groups/get", "").await["errcode"], 45103);
    assert_eq!(stage.seen("{a}/assumptions").await["groups_work"], false);
    for (wrong, named) in [
        (json!({"grups_work":false}), "grups_work"),
        (json!({"mass_speed":9}), "mass_speed"),
        (json!({"mass_seconds":"5"}), "5"),
    ] {
        let refused = put(wrong).await;
        assert_eq!(refused.status(), 400);
        let body: Value = refused.json().await.unwrap();
        assert!(body["error"].as_str().unwrap().contains(named), "{body}");
    }
    // What the body leaves out goes back.
    assert_eq!(put(json!({})).await.status(), 200);
    assert_eq!(stage.seen("{a}/assumptions").await, shown);
}
