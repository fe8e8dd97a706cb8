use serde_json::json;

use crate::{Stage, spec, text_to, to_all, to_tag};

#[tokio::test]
async fn a_list_send_is_carried_out_seconds_later() {
    let stage = Stage::new(spec(100)).await;
    let people = stage.people(50).await;
    let sent = stage.post("message/mass/send", &text_to(&people, "c1-b1")).await;
    assert_eq!(sent["errmsg"], "send job submission success");
    assert_eq!(sent["msg_id"], 3_147_483_649_i64);
    let get = json!({"msg_id":sent["msg_id"].to_string()});
    assert_eq!(stage.post("message/mass/get", &get).await["msg_status"], "SENDING");
    let due = stage.seen("clock").await["next_due"].as_i64().unwrap();
    assert_eq!(due, stage.now().await + 5);
    stage.clock_to(due).await;
    assert_eq!(stage.post("message/mass/get", &get).await["msg_status"], "SEND_SUCCESS");
    let job = stage.job(&sent["msg_id"]).await;
    assert_eq!(
        (&job["total"], &job["filtered"], &job["sent"], &job["errors"]),
        (&json!(50), &json!(50), &json!(50), &json!(0))
    );
    let received = stage.text(&format!("{{a}}/jobs/{}/received", sent["msg_id"])).await;
    assert_eq!(received.lines().collect::<Vec<_>>(), people);
    assert_eq!(stage.post("message/mass/get", &json!({"msg_id":5})).await["errcode"], 40059);
}

#[tokio::test]
async fn list_sizes_and_strange_openids() {
    let stage = Stage::new(spec(10_001)).await;
    let people = stage.people(10_000).await;
    let send = |people: &[String]| text_to(people, "k");
    let path = "message/mass/send";
    assert_eq!(stage.post(path, &send(&people[..1])).await["errcode"], 40130);
    let mut more = people.clone();
    more.push(people[0].clone());
    assert_eq!(stage.post(path, &send(&more)).await["errcode"], 40032);
    let malformed = ["x".to_owned(), "y".to_owned()];
    assert_eq!(stage.post(path, &send(&malformed)).await["errcode"], 40031);
    let foreign = vec!["oAAAAAaaaaaaaaaaaaaaaaaaaaaa".to_owned(); 2];
    assert_eq!(stage.post(path, &send(&foreign)).await["errcode"], 40003);
    // An empty one beside a real one reaches the real one.
    let one = [people[0].clone(), String::new()];
    let sent = stage.post(path, &send(&one)).await;
    stage.wait(10).await;
    let job = stage.job(&sent["msg_id"]).await;
    assert_eq!((&job["total"], &job["sent"]), (&json!(2), &json!(1)));
    assert_eq!(stage.post(path, &text_to(&people, "all")).await["errcode"], 0);
}

#[tokio::test]
async fn the_same_key_within_a_day_sends_nothing_again() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(5).await;
    let path = "message/mass/send";
    let draft = stage.draft().await;
    let body = json!({"touser":people,"msgtype":"mpnews","mpnews":{"media_id":draft},
        "clientmsgid":"c1-b1"});
    let first = stage.post(path, &body).await;
    assert_eq!(first["msg_data_id"], 2_247_483_648_i64);
    assert_eq!(stage.post(path, &body).await["errcode"], 45066);
    stage.wait(1).await;
    let again = stage.post(path, &body).await;
    assert_eq!(again["errcode"], 45065, "before the media check: the draft is gone");
    assert_eq!(again["msg_id"], first["msg_id"]);
    assert!(again.get("msg_data_id").is_none());
    let mut other = body.clone();
    other["clientmsgid"] = json!("c1-b2");
    assert_eq!(stage.post(path, &other).await["errcode"], 40007, "a draft dies by its send");
    other["clientmsgid"] = json!("x".repeat(65));
    assert_eq!(stage.post(path, &other).await["errcode"], 45067);
    stage.wait(86_398).await;
    let mut text = text_to(&people, "c1-b1");
    assert_eq!(stage.try_post(path, &text).await.unwrap()["errcode"], 42001);
    let mut stage = stage;
    stage.refresh().await;
    assert_eq!(stage.post(path, &text).await["errcode"], 45065);
    stage.wait(1).await;
    assert_eq!(stage.post(path, &text).await["errcode"], 0, "free after 24 hours");

    // Without a key the digest of range and content is one.
    text.as_object_mut().unwrap().remove("clientmsgid");
    text["text"]["content"] = json!("没有编号");
    let implicit = stage.post(path, &text).await;
    stage.wait(2).await;
    let again = stage.post(path, &text).await;
    assert_eq!((&again["errcode"], &again["msg_id"]), (&json!(45065), &implicit["msg_id"]));
    text["touser"] = json!(&people[..2]);
    assert_eq!(stage.post(path, &text).await["errcode"], 0, "another range");
}

#[tokio::test]
async fn sixty_a_minute_and_a_hundred_a_day() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(2).await;
    let path = "message/mass/send";
    for nth in 0..60 {
        let answer = stage.post(path, &text_to(&people, &format!("a{nth}"))).await;
        assert_eq!(answer["errcode"], 0);
    }
    assert_eq!(stage.post(path, &text_to(&people, "b")).await["errcode"], 45011);
    assert_eq!(stage.post("message/mass/sendall", &to_tag(100, "t")).await["errcode"], 45011);
    stage.wait(60).await;
    for nth in 0..40 {
        stage.post(path, &text_to(&people, &format!("c{nth}"))).await;
    }
    assert_eq!(stage.post(path, &text_to(&people, "d")).await["errcode"], 45009);
    let shown = stage.seen("{a}").await;
    assert_eq!(shown["today"]["mass_calls"], 100);
    // Both received four and no more; the rest of the jobs reached nobody.
    stage.wait(60).await;
    let truth = stage.truth("2026-03").await;
    assert_eq!(truth.iter().map(|(_, count)| count).sum::<u64>(), 8);
    let get = json!({"msg_id":3_147_483_649_i64 + 99});
    assert_eq!(stage.post("message/mass/get", &get).await["msg_status"], "DELETE");
}

#[tokio::test]
async fn contents_are_checked() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(2).await;
    let path = "message/mass/send";
    let with = |kind: &str, name: &str, value: serde_json::Value| {
        let mut body = json!({"touser":people,"msgtype":kind});
        body[name] = value;
        body
    };
    let cases = [
        (with("text", "text", json!({"content":""})), 44004),
        (with("text", "text", json!({"content":"长".repeat(700)})), 45002),
        (with("text", "text", json!({"content":"<a href=\"https://example.com\">看</a>"})), 40066),
        (with("mpnews", "mpnews", json!({"media_id":"unknown"})), 40007),
        (with("mpnews", "text", json!({})), 41006),
        (with("image", "images", json!({"media_ids":[]})), 40215),
        (with("image", "images", json!({"media_ids":[stage.cover]})), 0),
        (with("wxcard", "wxcard", json!({"card_id":"p"})), 45113),
        (with("poem", "poem", json!({})), 45162),
        (with("text", "text", json!(7)), 47001),
    ];
    for (body, code) in cases {
        assert_eq!(stage.post(path, &body).await["errcode"], code, "{body}");
    }
    let all = json!({"filter":{"is_to_all":true},"msgtype":"poem"});
    assert_eq!(stage.post("message/mass/sendall", &all).await["errcode"], 40008);
    let tag = to_tag(99, "t");
    assert_eq!(stage.post("message/mass/sendall", &tag).await["errcode"], 40152);
    let escaped = r#"{"touser":["a","b"],"msgtype":"text","text":{"content":"\u65b0"}}"#;
    assert_eq!(stage.raw_post(path, escaped).await["errcode"], 40033);
}

#[tokio::test]
async fn those_who_refuse_or_left_are_filtered_and_failures_are_errors() {
    let mut shop = spec(1000);
    shop.refusing_per_mille = 100;
    shop.errors_per_mille = 50;
    let stage = Stage::new(shop).await;
    let people = stage.people(1000).await;
    let gone = &people[..3];
    let sent = stage.post("message/mass/send", &text_to(&people, "k")).await;
    for openid in gone {
        stage.control(&format!("{{a}}/followers/{openid}/leave"), &json!({})).await;
    }
    stage.wait(10).await;
    let job = stage.job(&sent["msg_id"]).await;
    let number = |field: &str| job[field].as_u64().unwrap();
    assert_eq!(number("total"), 1000);
    let refusing = stage.seen("{a}").await["refusing"].as_u64().unwrap();
    assert!((890 - 40..997 - 60).contains(&number("filtered")), "{job}");
    assert!(number("filtered") <= 1000 - refusing);
    assert_eq!(number("filtered"), number("sent") + number("errors"));
    assert!((15..90).contains(&number("errors")), "{job}");
}

#[tokio::test]
async fn a_preview_shows_one_follower_and_spends_nothing() {
    let stage = Stage::new(spec(10)).await;
    let person = stage.people(1).await[0].clone();
    let draft = stage.draft().await;
    let body =
        |to: &str| json!({"touser":to,"msgtype":"mpnews","mpnews":{"media_id":draft.as_str()}});
    let path = "message/mass/preview";
    assert_eq!(stage.post(path, &body(&person)).await["errmsg"], "preview success");
    assert_eq!(stage.post(path, &body("oNobody")).await["errcode"], 40003);
    stage.control(&format!("{{a}}/followers/{person}/leave"), &json!({})).await;
    assert_eq!(stage.post(path, &body(&person)).await["errcode"], 43004);
    let named =
        json!({"touser":person,"towxname":"somebody","msgtype":"text","text":{"content":"x"}});
    assert_eq!(stage.post(path, &named).await["errcode"], 40132);
    assert_eq!(stage.post("draft/get", &json!({"media_id":draft})).await["errcode"], json!(null));
    assert_eq!(stage.truth("2026-03").await[0].1, 0);
}

#[tokio::test]
async fn only_sent_articles_can_be_deleted() {
    let stage = Stage::new(spec(10)).await;
    let people = stage.people(3).await;
    let draft = stage.draft().await;
    let news = json!({"touser":people,"msgtype":"mpnews","mpnews":{"media_id":draft},
        "clientmsgid":"n"});
    let msg_id = stage.post("message/mass/send", &news).await["msg_id"].clone();
    let text = stage.post("message/mass/send", &text_to(&people, "t")).await["msg_id"].clone();
    let path = "message/mass/delete";
    assert_eq!(stage.post(path, &json!({"msg_id":msg_id})).await["errcode"], 40065);
    stage.wait(10).await;
    assert_eq!(stage.post(path, &json!({"msg_id":msg_id,"article_idx":2})).await["errcode"], 40060);
    assert_eq!(stage.post(path, &json!({"msg_id":text})).await["errcode"], 40008);
    assert_eq!(stage.post(path, &json!({"msg_id":1})).await["errcode"], 40059);
    assert_eq!(stage.post(path, &json!({"msg_id":msg_id})).await["errcode"], 0);
    let status = stage.post("message/mass/get", &json!({"msg_id":msg_id})).await;
    assert_eq!(status["msg_status"], "DELETE");
    assert_eq!(stage.truth("2026-03").await[0].1, 2, "a deletion gives no slot back");
}

#[tokio::test]
async fn a_subscription_account_sends_once_a_day_and_never_to_a_list() {
    let mut account = spec(10);
    account.kind = wire::rules::AccountKind::Subscription;
    let mut stage = Stage::new(account).await;
    let people = stage.people(3).await;
    let refused = stage.post("message/mass/send", &text_to(&people, "k")).await;
    assert_eq!(refused["errcode"], 48001);
    assert_eq!(stage.post("message/mass/sendall", &to_tag(100, "a")).await["errcode"], 0);
    assert_eq!(stage.post("message/mass/sendall", &to_all("b")).await["errcode"], 45028);
    stage.wait(86_400).await;
    stage.refresh().await;
    assert_eq!(stage.post("message/mass/sendall", &to_all("b")).await["errcode"], 0);
}

#[tokio::test]
async fn wechat_names_are_known_to_previews_and_menus() {
    let stage = Stage::new(spec(5)).await;
    let person = stage.people(1).await[0].clone();
    let name = stage.seen(&format!("{{a}}/followers/{person}")).await["wechat_name"].clone();
    let preview = |to: serde_json::Value| {
        let mut body = json!({"touser":"oNobody","msgtype":"text","text":{"content":"看"}});
        body["towxname"] = to;
        body
    };
    let path = "message/mass/preview";
    assert_eq!(stage.post(path, &preview(name.clone())).await["errcode"], 0, "the name wins");
    assert_eq!(stage.post(path, &preview(json!("wxid_nobody"))).await["errcode"], 40132);
    assert_eq!(stage.post(path, &preview(json!("名字"))).await["errcode"], 40132);
    assert_eq!(stage.post(path, &preview(json!(""))).await["errcode"], 40003);
    let menu = json!({"button":[{"type":"click","name":"a","key":"K"}]});
    stage.post("menu/create", &menu).await;
    let matched = stage.post("menu/trymatch", &json!({"user_id":name})).await;
    assert_eq!(matched["button"][0]["key"], "K");
    for nobody in ["wxid_nobody", "wx"] {
        let refused = stage.post("menu/trymatch", &json!({"user_id":nobody})).await;
        assert_eq!(refused["errcode"], 65302);
    }
}

#[tokio::test]
async fn former_articles_are_withdrawn() {
    let stage = Stage::new(spec(1)).await;
    for path in ["material/add_news", "material/update_news", "media/uploadnews"] {
        let refused = stage.post(path, &json!({"articles":[]})).await;
        assert_eq!(refused["errcode"], 45103, "{path}");
        assert!(refused["errmsg"].as_str().unwrap().starts_with("This API has been unsupported"));
    }
}
