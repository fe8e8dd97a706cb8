use axum::http::StatusCode;
use sandbox::{AccountSpec, CallbackMode};
use serde_json::{Value, json};

use crate::callbacks::with;
use crate::{Receiver, Stage, moment, spec};

/// 2026-03-03 08:00, when the rows of the first day are ready.
const READY: &str = "2026-03-03T08:00:00+08:00";

impl Stage {
    async fn statistics(&self, name: &str, from: &str, to: &str) -> Value {
        let url = format!("{}/datacube/{name}?access_token={}", self.url, self.token);
        let body = json!({"begin_date":from,"end_date":to});
        self.client.post(url).json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// Rows of 2026-03-02.
    async fn rows(&self, name: &str) -> Value {
        let answer = self.statistics(name, "2026-03-02", "2026-03-02").await;
        assert!(answer["list"].is_array(), "{name}: {answer}");
        answer["list"].clone()
    }

    async fn to(&mut self, moment_text: &str) {
        self.clock_to(moment(moment_text)).await;
        self.refresh().await;
    }
}

fn errcode(answer: &Value) -> i64 {
    answer["errcode"].as_i64().unwrap_or(0)
}

/// What the switches of this family bring about.
pub(crate) async fn side(stage: &Stage, name: &str) -> i64 {
    // The token of ten o'clock is dead by then.
    stage.clock_to(moment("2026-03-03T07:59:59+08:00")).await;
    let token = stage.stable(false).await["access_token"].as_str().unwrap().to_owned();
    let ask = async |name: &str, from: &str, to: &str| {
        let url = format!("{}/datacube/{name}?access_token={token}", stage.url);
        let body = json!({"begin_date":from,"end_date":to});
        errcode(&stage.client.post(url).json(&body).send().await.unwrap().json().await.unwrap())
    };
    match name {
        "withdrawn_statistics_answer" => ask("getuserread", "2026-03-01", "2026-03-01").await,
        "period_statistics_span_days" => {
            ask("getupstreammsgweek", "2026-02-01", "2026-03-01").await
        }
        _ => ask("getusersummary", "2026-03-02", "2026-03-02").await,
    }
}

#[tokio::test]
async fn followers_are_counted_by_their_way() {
    let mut stage = Stage::new(spec(50)).await;
    let code = stage
        .post(
            "qrcode/create",
            &json!({"action_name":"QR_LIMIT_SCENE",
            "action_info":{"scene":{"scene_id":7}}}),
        )
        .await;
    for _ in 0..3 {
        stage.control("{a}/followers", &json!({"ticket":code["ticket"]})).await;
    }
    let people = stage.people(2).await;
    for person in &people {
        stage.control(&format!("{{a}}/followers/{person}/leave"), &json!({})).await;
    }
    stage.control(&format!("{{a}}/followers/{}/follow", people[0]), &json!({})).await;
    stage.to(READY).await;
    let rows = stage.rows("getusersummary").await;
    let rows = rows.as_array().unwrap();
    let by_code = rows.iter().find(|row| row["user_source"] == 30).unwrap();
    assert_eq!(by_code["ref_date"], "2026-03-02");
    assert!(by_code["new_user"].as_i64().unwrap() >= 3, "{rows:?}");
    let sum = |field: &str| rows.iter().map(|row| row[field].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("new_user"), sum("cancel_user")), (4, 2));
    assert_eq!(
        stage.rows("getusercumulate").await,
        json!([{"ref_date":"2026-03-02","user_source":0,"cumulate_user":52}])
    );
    let week = stage.statistics("getusercumulate", "2026-02-24", "2026-03-02").await;
    assert_eq!(week["list"].as_array().unwrap().len(), 1, "nothing before the beginning: {week}");
}

#[tokio::test]
async fn days_that_are_not_over_and_spans_too_long_are_refused() {
    let mut stage = Stage::new(spec(1)).await;
    let ask = async |stage: &Stage, name: &str, from: &str, to: &str| {
        errcode(&stage.statistics(name, from, to).await)
    };
    for (from, to, code) in [
        ("2026-03-02", "2026-03-02", 61501),
        ("2026-03-01", "2026-03-03", 61501),
        ("2026-03-01", "2026-02-28", 61501),
        ("2026-02-23", "2026-03-01", 0),
        ("2026-02-22", "2026-03-01", 61501),
        ("2026-3-1", "2026-03-01", 61500),
        ("2026-02-30", "2026-03-01", 61500),
        ("20260301", "20260301", 61500),
        ("", "2026-03-01", 61500),
    ] {
        assert_eq!(ask(&stage, "getusersummary", from, to).await, code, "{from} {to}");
    }
    for (name, days) in [
        ("getusercumulate", 7),
        ("getarticleread", 1),
        ("getarticleshare", 1),
        ("getbizsummary", 30),
        ("getarticletotaldetail", 1),
        ("getupstreammsg", 7),
        ("getupstreammsghour", 1),
        ("getupstreammsgweek", 30),
        ("getupstreammsgmonth", 30),
        ("getupstreammsgdist", 15),
        ("getupstreammsgdistweek", 30),
        ("getupstreammsgdistmonth", 30),
        ("getinterfacesummary", 30),
        ("getinterfacesummaryhour", 1),
    ] {
        let last = moment("2026-03-01T00:00:00+08:00");
        let first = |days: i64| wire::Timestamp(last - (days - 1) * 86_400).day().to_string();
        assert_eq!(ask(&stage, name, &first(days), "2026-03-01").await, 0, "{name}");
        assert_eq!(ask(&stage, name, &first(days + 1), "2026-03-01").await, 61501, "{name}");
    }
    for name in ["getarticlesummary", "getarticletotal", "getuserread", "getusersharehour"] {
        assert_eq!(ask(&stage, name, "2026-03-01", "2026-03-01").await, 47009, "{name}");
    }
    stage.to("2026-03-03T07:59:59+08:00").await;
    assert_eq!(ask(&stage, "getbizsummary", "2026-03-02", "2026-03-02").await, 61503);
    assert_eq!(ask(&stage, "getbizsummary", "2026-03-01", "2026-03-01").await, 0);
    stage.to(READY).await;
    assert_eq!(ask(&stage, "getbizsummary", "2026-03-02", "2026-03-02").await, 0);

    let url = format!("{}/cgi-bin/datacube/getusersummary", stage.url);
    assert_eq!(stage.client.post(url).send().await.unwrap().status(), 404);
    let unverified = Stage::new(AccountSpec { verified: false, ..spec(1) }).await;
    assert_eq!(ask(&unverified, "getusersummary", "2026-03-01", "2026-03-01").await, 48001);
}

#[tokio::test]
async fn what_people_write_is_counted_with_who_wrote() {
    let mut stage = Stage::new(spec(20)).await;
    let people = stage.people(3).await;
    for (person, times) in people.iter().zip([1, 6, 11]) {
        for _ in 0..times {
            let words = json!({"content":"在吗"});
            stage.control(&format!("{{a}}/followers/{person}/write"), &words).await;
        }
    }
    stage.to(READY).await;
    let row = json!({"ref_date":"2026-03-02","msg_type":1,"msg_user":3,"msg_count":18});
    assert_eq!(stage.rows("getupstreammsg").await, json!([row]));
    let hours = stage.rows("getupstreammsghour").await;
    assert_eq!((&hours[0]["ref_hour"], &hours[0]["msg_count"]), (&json!(1000), &json!(18)));
    let row =
        |interval: i64| json!({"ref_date":"2026-03-02","count_interval":interval,"msg_user":1});
    assert_eq!(stage.rows("getupstreammsgdist").await, json!([row(1), row(2), row(3)]));
    assert_eq!(stage.rows("getupstreammsgweek").await, json!([]), "the week is not over");
    stage.to("2026-03-09T08:00:00+08:00").await;
    let weeks = stage.rows("getupstreammsgweek").await;
    assert_eq!((&weeks[0]["ref_date"], &weeks[0]["msg_user"]), (&json!("2026-03-02"), &json!(3)));
    assert_eq!(stage.rows("getupstreammsgdistweek").await.as_array().unwrap().len(), 3);
    stage.to("2026-04-01T08:00:00+08:00").await;
    let month = stage.statistics("getupstreammsgmonth", "2026-03-01", "2026-03-01").await;
    assert_eq!(month["list"][0]["ref_date"], "2026-03-01", "{month}");
    assert_eq!(month["list"][0]["msg_count"], 18);
}

#[tokio::test]
async fn callbacks_and_their_failures_are_counted() {
    let receiver = Receiver::new(&[StatusCode::INTERNAL_SERVER_ERROR]).await;
    let mut stage = Stage::new(with(&receiver, CallbackMode::Plain, spec(5))).await;
    let person = stage.people(1).await[0].clone();
    let words = json!({"content":"在吗"});
    stage.control(&format!("{{a}}/followers/{person}/write"), &words).await;
    stage.to(READY).await;
    let rows = stage.rows("getinterfacesummary").await;
    assert_eq!((&rows[0]["callback_count"], &rows[0]["fail_count"]), (&json!(2), &json!(1)));
    let (total, longest) = (&rows[0]["total_time_cost"], &rows[0]["max_time_cost"]);
    assert!(total.as_u64().unwrap() >= longest.as_u64().unwrap(), "{rows}");
    let hours = stage.rows("getinterfacesummaryhour").await;
    assert_eq!((&hours[0]["ref_hour"], &hours[0]["callback_count"]), (&json!(1000), &json!(2)));
}

/// A mass message of one article to 20 people, read by 10 from the message and 5 in Moments on its
/// day, and by one more the day after; and a silent publication.
async fn read_articles(stage: &mut Stage) -> String {
    let draft = stage.draft().await;
    let people = stage.people(20).await;
    let sent = stage
        .post(
            "message/mass/send",
            &json!({"touser":people,"msgtype":"mpnews",
            "mpnews":{"media_id":draft},"send_ignore_reprint":1}),
        )
        .await;
    let silent = stage.draft().await;
    stage.post("freepublish/submit", &json!({"media_id":silent})).await;
    stage.wait(60).await;
    let article = format!("{{a}}/articles/{}/0", sent["msg_data_id"]);
    for body in [
        json!({"from":"message","readers":10,"followers":10,"stopped_in":[2,0,0,3,5],"seconds":900}),
        json!({"from":"moments","readers":5}),
    ] {
        let told = stage.control(&format!("{article}/readings"), &body).await;
        assert_eq!(told["readers"], body["readers"], "{told}");
    }
    for (act, people) in [("share", 3), ("like", 2), ("open_original", 1), ("praise", 500)] {
        let body = json!({"act":act,"people":people});
        assert_eq!(stage.control(&format!("{article}/acts"), &body).await["people"], people);
    }
    stage.to(READY).await;
    let late = json!({"from":"search","readers":1});
    stage.control(&format!("{article}/readings"), &late).await;
    format!("{}_1", sent["msg_data_id"])
}

#[tokio::test]
async fn reading_is_told_by_day_and_by_article() {
    let mut stage = Stage::new(spec(30)).await;
    let msgid = read_articles(&mut stage).await;
    let answer = stage.statistics("getarticleread", "2026-03-02", "2026-03-02").await;
    assert_eq!(answer["is_delay"], false);
    assert_eq!(
        answer["list"],
        json!([{"ref_date":"2026-03-02","msgid":msgid,"detail":{"read_user":15,"read_user_source":[
            {"user_count":15,"scene_desc":"全部"},{"user_count":10,"scene_desc":"公众号消息"},
            {"user_count":5,"scene_desc":"朋友圈"}]}}])
    );
    let shared = json!([{"ref_date":"2026-03-02","msgid":msgid,"detail":{"share_user":3}}]);
    assert_eq!(stage.rows("getarticleshare").await, shared);
    let day = &stage.rows("getbizsummary").await[0]["detail"];
    for (field, number) in [
        ("read_user", 15),
        ("share_user", 3),
        ("like_user", 2),
        ("zaikan_user", 0),
        ("comment_count", 0),
        ("redirect_ori_page_user", 1),
        ("send_page_count", 2),
    ] {
        assert_eq!(day[field], number, "{field}: {day}");
    }
    stage.to("2026-03-05T09:00:00+08:00").await;
    let contents = stage.rows("getarticletotaldetail").await;
    let contents = contents.as_array().unwrap();
    assert_eq!(contents.len(), 2);
    let article = contents.iter().find(|content| content["msgid"] == msgid.as_str()).unwrap();
    assert_eq!((&article["publish_type"], &article["title"]), (&json!(0), &json!("春季新品")));
    assert!(contents.iter().any(|content| content["publish_type"] == 1));
    let days = article["detail_list"].as_array().unwrap();
    let read: Vec<_> = days.iter().map(|day| day["read_user"].as_i64().unwrap()).collect();
    assert_eq!(read, [15, 16, 16], "each up to its day");
    let first = &days[0];
    assert_eq!((&first["stat_date"], &first["praise_money"]), (&json!("2026-03-02"), &json!(500)));
    assert_eq!(first["read_subscribe_user"], 10);
    assert_eq!(first["read_delivery_rate"], 0.5);
    assert_eq!(first["read_finish_rate"], 0.6667);
    assert_eq!(first["read_avg_activetime"], 1.0);
    assert_eq!(first["read_jump_position"][0], json!({"position":1,"rate":0.1333}));
    stage.to("2026-04-20T09:00:00+08:00").await;
    let contents = stage.rows("getarticletotaldetail").await;
    assert_eq!(contents[0]["detail_list"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn the_withdrawn_ones_keep_their_shapes_where_they_are_asked_for() {
    let mut base = spec(30);
    base.assumptions.withdrawn_statistics_answer = true;
    let mut stage = Stage::new(base).await;
    let msgid = read_articles(&mut stage).await;
    let summary = &stage.rows("getarticlesummary").await[0];
    assert_eq!((&summary["msgid"], &summary["title"]), (&json!(msgid), &json!("春季新品")));
    let counted = ["int_page_read_user", "ori_page_read_count", "share_user", "add_to_fav_count"];
    assert_eq!(counted.map(|field| summary[field].clone()), [15, 1, 3, 0].map(Value::from));
    let total = stage.rows("getarticletotal").await;
    assert_eq!(total.as_array().unwrap().len(), 1, "notified ones alone: {total}");
    let detail = &total[0]["details"][0];
    let fields = [
        "target_user",
        "int_page_from_session_read_user",
        "int_page_from_feed_read_count",
        "feed_share_from_other_cnt",
    ];
    assert_eq!(fields.map(|field| detail[field].clone()), [20, 10, 5, 3].map(Value::from));
    let reading = stage.rows("getuserread").await;
    let sources: Vec<_> =
        reading.as_array().unwrap().iter().map(|row| &row["user_source"]).collect();
    assert_eq!(sources, [99_999_999, 0, 2]);
    assert_eq!(stage.rows("getuserreadhour").await[0]["ref_hour"], 1000);
    assert_eq!(stage.rows("getusershare").await[0]["share_count"], 3);
    assert_eq!(stage.rows("getusersharehour").await[0]["share_scene"], 255);
    let article = format!("{{a}}/articles/{}/0/acts", msgid.trim_end_matches("_1"));
    for (to, people) in [("friend", 4), ("moments", 2)] {
        let act = json!({"act":"share","people":people,"to":to});
        assert_eq!(stage.control(&article, &act).await["people"], people);
    }
    let refused = stage.control(&article, &json!({"act":"like","people":1,"to":"friend"})).await;
    assert!(refused["error"].as_str().unwrap().contains("share"), "{refused}");
    stage.to("2026-03-04T09:00:00+08:00").await;
    let shared = stage.statistics("getusershare", "2026-03-03", "2026-03-03").await;
    let rows: Vec<_> = shared["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["share_scene"].as_i64().unwrap(), row["share_user"].as_i64().unwrap()))
        .collect();
    assert_eq!(rows, [(1, 4), (2, 2)]);
}

#[tokio::test]
async fn readings_that_cannot_be_are_named() {
    let mut stage = Stage::new(spec(30)).await;
    let msgid = read_articles(&mut stage).await;
    let article = format!("{{a}}/articles/{}/0", msgid.trim_end_matches("_1"));
    for (path, body, named) in [
        ("readings", json!({"from":"space","readers":1}), "space"),
        ("readings", json!({"from":"chat"}), "readers"),
        ("readings", json!({"from":"chat","readers":1,"followers":2}), "followers"),
        ("readings", json!({"from":"chat","readers":1,"stopped_in":[1,1,0,0,0]}), "stopped_in"),
        ("readings", json!({"from":"chat","readers":2_000_000_000_u64}), "readers"),
        ("acts", json!({"act":"comment","people":1}), "comments"),
        ("acts", json!({"act":"share"}), "people"),
    ] {
        let told = stage.control(&format!("{article}/{path}"), &body).await;
        assert!(told["error"].as_str().is_some_and(|error| error.contains(named)), "{told}");
    }
    let nowhere = stage.control("{a}/articles/1/0/acts", &json!({"act":"like","people":1})).await;
    assert!(nowhere["error"].as_str().unwrap().contains("went out"), "{nowhere}");
}
