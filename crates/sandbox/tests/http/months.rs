use serde_json::json;

use crate::{Stage, moment, spec, text_to, to_all, to_tag};

#[tokio::test]
async fn four_a_month_over_interface_and_website_and_anew_on_the_first() {
    let mut stage = Stage::at("2026-03-02T10:00:00+08:00", spec(100)).await;
    let people = stage.people(40).await;
    let website = json!({"title":"上新","content":"网站群发"});
    let first = stage.control("{a}/website-sends", &website).await;
    assert_eq!(first["msg_id"], 1_000_000_001_i64);
    for nth in 0..3 {
        stage.post("message/mass/send", &text_to(&people, &format!("k{nth}"))).await;
    }
    stage.wait(60).await;
    let fifth = stage.post("message/mass/send", &text_to(&people, "fifth")).await;
    stage.wait(60).await;
    let job = stage.job(&fifth["msg_id"]).await;
    assert_eq!(job["status"], "send success", "a full follower is no error");
    assert_eq!(
        (&job["total"], &job["filtered"], &job["sent"], &job["errors"]),
        (&json!(40), &json!(0), &json!(0), &json!(0))
    );
    let shown = stage.seen("{a}").await;
    assert_eq!(shown["month"]["received"], json!([0, 60, 0, 0, 40]));
    assert_eq!(shown["month"]["website_sends"], 1);
    let truth = stage.truth("2026-03").await;
    assert_eq!(truth.iter().filter(|(_, count)| *count == 4).count(), 40);
    assert_eq!(truth.iter().filter(|(_, count)| *count == 1).count(), 60);

    // A job accepted before midnight and carried out after it counts in the new month.
    stage.clock_to(moment("2026-03-31T23:59:58+08:00")).await;
    stage.refresh().await;
    let late = stage.post("message/mass/send", &text_to(&people, "late")).await;
    stage.wait(10).await;
    assert_eq!(stage.job(&late["msg_id"]).await["sent"], 40);
    let april = stage.truth("2026-04").await;
    assert_eq!(april.iter().map(|(_, count)| count).sum::<u64>(), 40);
    let person = stage.seen(&format!("{{a}}/followers/{}", people[0])).await;
    assert_eq!(person["received_this_month"], 1);
    assert_eq!(person["received"].as_array().unwrap().len(), 5);
    assert_eq!(person["received"][4]["month"], "2026-04");
}

#[tokio::test]
async fn sends_to_everybody_share_a_budget_with_the_website_and_tags_do_not() {
    let mut stage = Stage::at("2026-03-02T10:00:00+08:00", spec(20)).await;
    let path = "message/mass/sendall";
    let website = json!({"title":"t","content":"c"});
    for day in 0..4 {
        if day % 2 == 0 {
            assert_eq!(stage.post(path, &to_all(&format!("d{day}"))).await["errcode"], 0);
        } else {
            assert!(stage.control("{a}/website-sends", &website).await["msg_id"].is_i64());
        }
        assert_eq!(stage.post(path, &to_all(&format!("e{day}"))).await["errcode"], 45028);
        let refused = stage.control("{a}/website-sends", &website).await;
        assert!(refused["error"].as_str().unwrap().contains("are made"), "{refused}");
        assert_eq!(stage.post(path, &to_tag(100, &format!("t{day}"))).await["errcode"], 0);
        stage.wait(86_400).await;
        stage.refresh().await;
    }
    assert_eq!(stage.post(path, &to_all("fifth")).await["errcode"], 45028, "four a month");
    let shown = stage.seen("{a}").await;
    assert_eq!(shown["month"]["to_all"], 2);
    assert_eq!(shown["month"]["website_sends"], 2);
    let truth = stage.truth("2026-03").await;
    assert!(truth.iter().all(|(_, count)| *count == 4), "tags and all together stop at four");
    stage.clock_to(moment("2026-04-01T00:00:00+08:00")).await;
    stage.refresh().await;
    assert_eq!(stage.post(path, &to_all("april")).await["errcode"], 0);
}

#[tokio::test]
async fn a_failed_job_spends_nothing_and_gives_the_draft_back() {
    let stage = Stage::new(spec(20)).await;
    stage.fault(json!({"endpoint":"*","kind":"finish_status","status":"err(20431)"})).await;
    let draft = stage.draft().await;
    let body = json!({"filter":{"is_to_all":true},"msgtype":"mpnews",
        "mpnews":{"media_id":draft},"clientmsgid":"a"});
    let sent = stage.post("message/mass/sendall", &body).await;
    stage.wait(10).await;
    let job = stage.job(&sent["msg_id"]).await;
    assert_eq!((&job["status"], &job["total"]), (&json!("err(20431)"), &json!(0)));
    let get = json!({"msg_id":sent["msg_id"]});
    assert_eq!(stage.post("message/mass/get", &get).await["msg_status"], "SEND_FAIL");
    assert!(stage.truth("2026-03").await.iter().all(|(_, count)| *count == 0));
    let mut again = body.clone();
    again["clientmsgid"] = json!("b");
    assert_eq!(stage.post("message/mass/sendall", &again).await["errcode"], 0);
}
