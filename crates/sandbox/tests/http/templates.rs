use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};
use wire::rules::AccountKind;

use crate::callbacks::{inside, with};
use crate::{Receiver, Stage, spec};

const SEND: &str = "message/template/send";

async fn add(stage: &Stage, number: &str, keywords: &[&str]) -> Value {
    let body = json!({"template_id_short":number,"keyword_name_list":keywords});
    stage.post("template/api_add_template", &body).await
}

async fn added(stage: &Stage) -> String {
    let added = add(stage, "43216", &["活动名称", "开始时间"]).await;
    added["template_id"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned()
}

fn notice(person: &str, template: &str) -> Value {
    json!({"touser":person,"template_id":template,"url":"https://shop.example.com/a/1",
        "data":{"thing1":{"value":"秋季上新"},"time2":{"value":"2026年1月1日 10:00"}}})
}

async fn code(stage: &Stage, path: &str, body: &Value) -> i64 {
    stage.post(path, body).await["errcode"].as_i64().unwrap()
}

#[tokio::test]
async fn a_trade_is_changed_once_a_month() {
    let mut stage = Stage::new(spec(1)).await;
    let set = "template/api_set_industry";
    let trades = |one: &str, two: &str| json!({"industry_id1":one,"industry_id2":two});
    assert_eq!(code(&stage, set, &trades("0", "4")).await, 40102);
    assert_eq!(code(&stage, set, &trades("42", "4")).await, 40102);
    assert_eq!(code(&stage, set, &json!({"industry_id1":"1"})).await, 40103);
    // Programs send bare numbers too.
    assert_eq!(code(&stage, set, &json!({"industry_id1":13,"industry_id2":1})).await, 0);
    assert_eq!(code(&stage, set, &json!({"industry_id1":true,"industry_id2":1})).await, 47001);
    let shown = stage.get("template/get_industry", "").await;
    assert_eq!(
        shown,
        json!({"primary_industry":{"first_class":"运输与仓储","second_class":"快递"},
            "secondary_industry":{"first_class":"IT科技","second_class":"互联网|电子商务"}})
    );
    assert_eq!(code(&stage, set, &trades("13", "1")).await, 0);
    assert_eq!(code(&stage, set, &trades("13", "2")).await, 0);
    assert_eq!(code(&stage, set, &trades("13", "3")).await, 43100);
    stage.wait(31 * 86_400).await;
    stage.refresh().await;
    assert_eq!(code(&stage, set, &trades("13", "3")).await, 0);
}

#[tokio::test]
async fn twenty_five_templates_of_the_librarys_own_keywords() {
    let stage = Stage::new(spec(1)).await;
    for keywords in [&[][..], &["没有的"], &["活动名称", "活动名称"]] {
        assert_eq!(add(&stage, "43216", keywords).await["errcode"], 40246);
    }
    assert_eq!(add(&stage, "1", &["活动名称"]).await["errcode"], 40037);
    assert_eq!(add(&stage, "TM00015", &[]).await["errcode"], 40247);
    let id = added(&stage).await;
    assert_eq!(id.len(), 43);
    let list = stage.get("template/get_all_private_template", "").await;
    assert_eq!(
        list["template_list"][0],
        json!({"template_id":id,"title":"活动开始提醒","primary_industry":"","deputy_industry":"",
            "content":"活动名称:{{thing1.DATA}}\n开始时间:{{time2.DATA}}\n",
            "example":"活动名称:秋季上新\n开始时间:2026年1月1日 10:00\n"})
    );
    for _ in 1..25 {
        added(&stage).await;
    }
    assert_eq!(add(&stage, "43216", &["活动名称"]).await["errcode"], 45026);
    let delete = "template/del_private_template";
    assert_eq!(code(&stage, delete, &json!({"template_id":id})).await, 0);
    assert_eq!(code(&stage, delete, &json!({"template_id":id})).await, 40037);
    added(&stage).await;
}

#[tokio::test]
async fn before_2023_templates_belonged_to_a_trade_and_had_a_frame() {
    let stage = Stage::at("2022-03-01T10:00:00+08:00", spec(3)).await;
    let person = stage.people(1).await[0].clone();
    assert_eq!(add(&stage, "TM00015", &[]).await["errcode"], 45027);
    let trades = json!({"industry_id1":"1","industry_id2":"4"});
    assert_eq!(code(&stage, "template/api_set_industry", &trades).await, 0);
    let template = add(&stage, "TM00015", &[]).await["template_id"].clone();
    let mut body = json!({"touser":person,"template_id":template,
        "data":{"keyword1":{"value":"12元"},"keyword2":{"value":"面膜"}}});
    assert_eq!(code(&stage, SEND, &body).await, 47003, "the frame is missing");
    body["data"]["first"] = json!({"value":"您好"});
    body["data"]["remark"] = json!({"value":"谢谢\n惠顾"});
    assert_eq!(code(&stage, SEND, &body).await, 0);
    stage.wait(5).await;
    let seen = stage.seen(&format!("{{a}}/followers/{person}")).await;
    let text = "订单支付成功\n您好\n支付金额:12元\n商品信息:面膜\n谢谢惠顾\n";
    assert_eq!(seen["notices"][0]["text"], text);
    let other = json!({"industry_id1":"2","industry_id2":"4"});
    assert_eq!(code(&stage, "template/api_set_industry", &other).await, 0);
    let list = stage.get("template/get_all_private_template", "").await;
    assert!(list["template_list"].as_array().unwrap().iter().all(|t| t["template_id"] != template));
}

#[tokio::test]
async fn a_notice_arrives_and_its_end_is_told() {
    let receiver = Receiver::new(&[]).await;
    let stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let people = stage.people(3).await;
    stage.control(&format!("{{a}}/followers/{}/refuse", people[1]), &json!({})).await;
    let template = added(&stage).await;
    for person in &people {
        let sent = stage.post(SEND, &notice(person, &template)).await;
        assert_eq!(sent["errcode"], 0, "{sent}");
        assert_eq!(sent["msgid"].to_string().len(), 19);
    }
    stage.control(&format!("{{a}}/followers/{}/leave", people[2]), &json!({})).await;
    stage.wait(5).await;
    let told = receiver.bodies();
    let finished: Vec<_> =
        told.iter().filter(|xml| inside(xml, "Event") == "TEMPLATESENDJOBFINISH").collect();
    let statuses: Vec<_> = finished.iter().map(|xml| inside(xml, "Status")).collect();
    assert_eq!(statuses, ["success", "failed:user block", "failed: system failed"]);
    assert_eq!(inside(finished[0], "FromUserName"), people[0]);
    let seen = stage.seen(&format!("{{a}}/followers/{}", people[0])).await;
    let notice = &seen["notices"][0];
    assert_eq!((&notice["channel"], &notice["place"]), (&json!("template"), &json!("chat")));
    assert_eq!(notice["text"], "活动开始提醒\n活动名称:秋季上新\n开始时间:2026年1月1日 10:00\n");
    assert_eq!(notice["msg_id"].to_string(), inside(finished[0], "MsgID"));
    assert_eq!(notice["body"]["url"], "https://shop.example.com/a/1");
    assert_eq!(seen["received_this_month"], 0, "no slot is spent");
    let refusing = stage.seen(&format!("{{a}}/followers/{}", people[1])).await;
    assert_eq!(refusing["notices"], json!([]));
}

#[tokio::test]
async fn values_links_and_recipients_are_checked() {
    let linked = vec!["wx0a1b2c3d4e5f6072".to_owned()];
    let stage = Stage::new(AccountSpec { mini_programs: linked, ..spec(5) }).await;
    let people = stage.people(2).await;
    let template = added(&stage).await;
    let good = notice(&people[0], &template);
    let changed = |pointer: &str, value: Value| {
        let mut body = good.clone();
        body[pointer] = value;
        body
    };
    stage.control(&format!("{{a}}/followers/{}/leave", people[1]), &json!({})).await;
    let page = |appid: &str, path: &str| json!({"appid":appid,"pagepath":path});
    for (expected, body) in [
        (40003, changed("touser", json!("oForeign"))),
        (40037, changed("template_id", json!("x"))),
        (43004, changed("touser", json!(people[1]))),
        (40066, changed("url", json!("javascript:alert(1)"))),
        (40039, changed("url", json!(format!("https://a.example/{}", "x".repeat(1024))))),
        (40166, changed("miniprogram", page("wxother", "pages/a"))),
        (40165, changed("miniprogram", page("wx0a1b2c3d4e5f6072", "pages a"))),
        (47003, changed("data", json!({"thing1":{"value":"秋季上新"}}))),
        (47003, changed("data", json!({"thing1":{"value":""},"time2":{"value":"10:00"}}))),
        (47003, changed("data", json!({"thing1":{"value":7},"time2":{"value":"10:00"}}))),
        (47003, changed("data", json!("秋季"))),
        (47003, changed("client_msg_id", json!("x".repeat(33)))),
        (0, changed("miniprogram", page("wx0a1b2c3d4e5f6072", "pages/a?id=1"))),
    ] {
        assert_eq!(code(&stage, SEND, &body).await, expected, "{body}");
    }
    let body = changed("data", json!({"thing1":{"value":"秋季上新"},"time2":{"value":"明天"}}));
    let refused = stage.post(SEND, &body).await;
    let words = refused["errmsg"].as_str().unwrap();
    assert!(words.starts_with("argument invalid! data.time2.value invalid rid: "), "{words}");
}

#[tokio::test]
async fn a_key_holds_ten_minutes_for_each_person() {
    let stage = Stage::new(spec(5)).await;
    let people = stage.people(2).await;
    let template = added(&stage).await;
    let keyed = |person: &str| {
        let mut body = notice(person, &template);
        body["client_msg_id"] = json!("n-20260101-000017");
        body
    };
    assert_eq!(code(&stage, SEND, &keyed(&people[0])).await, 0);
    assert_eq!(code(&stage, SEND, &keyed(&people[0])).await, 40241);
    assert_eq!(code(&stage, SEND, &keyed(&people[1])).await, 0);
    stage.wait(599).await;
    assert_eq!(code(&stage, SEND, &keyed(&people[0])).await, 40241);
    stage.wait(1).await;
    assert_eq!(code(&stage, SEND, &keyed(&people[0])).await, 0);
    stage.wait(5).await;
    let seen = stage.seen(&format!("{{a}}/followers/{}", people[0])).await;
    assert_eq!(seen["notices"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn only_verified_service_accounts_and_a_hundred_thousand_a_day() {
    let stage = Stage::new(spec(1)).await;
    let asked = json!({"cgi_path":"/cgi-bin/message/template/send"});
    let quota = stage.post("openapi/quota/get", &asked).await;
    assert_eq!(quota["quota"]["daily_limit"], 100_000);
    let kind = AccountKind::Subscription;
    let stage = Stage::new(AccountSpec { kind, ..spec(1) }).await;
    assert_eq!(code(&stage, SEND, &json!({})).await, 48001);
    assert_eq!(stage.get("template/get_industry", "").await["errcode"], 48001);
}

#[tokio::test]
async fn a_banned_template_sends_nothing_and_what_it_stopped_is_listed() {
    let stage = Stage::new(spec(3)).await;
    let person = stage.people(1).await[0].clone();
    let template = added(&stage).await;
    let ban = |ids: Value| {
        let put = stage.client.put(stage.control_url("{a}/banned-templates"));
        put.json(&json!({"template_ids":ids})).send()
    };
    assert_eq!(ban(json!([template])).await.unwrap().status(), 200);
    for _ in 0..2 {
        assert_eq!(code(&stage, SEND, &notice(&person, &template)).await, 43116);
    }
    let list = "../wxa/sec/queryblocktmplmsg";
    let ask = |largest: i64, limit: i64| json!({"tmpl_msg_id":template,"largest_id":largest,"limit":limit});
    let stopped = stage.post(list, &ask(0, 100)).await;
    let first = &stopped["msginfo"][0];
    assert_eq!((&first["id"], &first["openid"]), (&json!(1), &json!(person)));
    assert_eq!(first["send_timestamp"], stage.now().await);
    assert!(first["content"].as_str().unwrap().contains("秋季上新"));
    assert_eq!(stage.post(list, &ask(1, 100)).await["msginfo"].as_array().unwrap().len(), 1);
    assert_eq!(stage.post(list, &ask(2, 100)).await["msginfo"], json!([]));
    assert_eq!(code(&stage, list, &ask(0, 101)).await, 40097);
    ban(json!([])).await.unwrap();
    assert_eq!(code(&stage, SEND, &notice(&person, &template)).await, 0);
    assert_eq!(ban(json!("x")).await.unwrap().status(), 400);
}
