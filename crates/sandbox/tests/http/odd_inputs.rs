use serde_json::{Value, json};
use wire::Endpoint;

use crate::media::PNG;
use crate::{Stage, spec};

/// Whatever comes in is answered, and the sandbox answers the next call as well.
#[tokio::test]
async fn no_input_breaks_a_call() {
    let stage = Stage::new(spec(20)).await;
    let long = format!("[{}", "[".repeat(5_000));
    let huge = json!({"msg_id":i64::MAX,"tagid":i64::MIN,"offset":-1,"count":i64::MAX,
        "article_idx":i64::MIN,"tag":{"id":"-0","name":"\u{0}"},"openid_list":[""],
        "touser":["\u{0}",""],"user_list":[{}],"filter":{"tag_id":"x"}});
    let bodies = [
        "",
        " ",
        "{}",
        "[]",
        "null",
        "7",
        "\"\\u",
        "{\"a\":",
        "{\"touser\":[1,2]}",
        "\u{0}",
        r#"{"filter":{"is_to_all":"yes"},"msgtype":7}"#,
        r#"{"touser":["\ud800","x"],"msgtype":"text","text":{"content":"\ud800"}}"#,
        r#"{"articles":[{"title":"t","content":"<<a<a href=<script <!--","thumb_media_id":"x"}]}"#,
        &long,
        &huge.to_string(),
    ];
    for endpoint in Endpoint::ALL {
        for body in bodies {
            for method in [reqwest::Method::POST, reqwest::Method::GET, reqwest::Method::PATCH] {
                for query in [format!("access_token={}", stage.token), "%zz=%&&access_token".into()]
                {
                    let url = format!("{}{}?{query}", stage.url, endpoint.path());
                    let request = stage.client.request(method.clone(), url).body(body.to_owned());
                    let answer = request.send().await.unwrap();
                    assert_eq!(answer.status(), 200, "{endpoint} {body}");
                    answer.json::<Value>().await.unwrap();
                }
            }
        }
    }
    let faults = stage.seen("faults").await;
    assert_eq!(faults, json!([]));
}

#[tokio::test]
async fn no_input_breaks_the_control_interface() {
    let stage = Stage::new(spec(20)).await;
    for path in [
        "clock",
        "accounts",
        "faults",
        "{a}/followers",
        "{a}/website-sends",
        "{a}/followers/x/leave",
        "accounts/%00/website-sends",
        "accounts/你/followers",
        "{a}/followers/x/dance",
        "{a}/followers/%ff/leave",
        "{a}/articles/x/y/comments",
        "{a}/articles/9223372036854775807/-1/comments",
    ] {
        for body in ["", "[]", "{", "7", r#"{"to":9223372036854775807}"#, r#"{"followers":-1}"#] {
            let answer =
                stage.client.post(stage.control_url(path)).body(body).send().await.unwrap();
            assert!(answer.status().as_u16() < 500, "{path} {body}");
        }
    }
    for query in ["followers?offset=-1", "followers?limit=x", "truth?month=x", "jobs/x/received"] {
        assert!(stage.seen(&format!("{{a}}/{query}")).await["error"].is_string());
    }
    // Four new people came by hand above; two bodies were no JSON object.
    assert_eq!(stage.text("{a}/truth?month=1999-01").await.lines().count(), 24);
}

#[tokio::test]
async fn the_type_of_a_body_is_not_looked_at() {
    let stage = Stage::new(spec(5)).await;
    for kind in [
        "",
        "application/json",
        "text/plain",
        "text/html; charset=gbk",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let url = format!("{}/cgi-bin/draft/batchget?access_token={}", stage.url, stage.token);
        let request = stage.client.post(url).header("content-type", kind);
        let answer = request.body(" {\"offset\":0,\"count\":1}\r\n").send().await.unwrap();
        let kept = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kept.starts_with("application/json"), "{kept}");
        assert_eq!(answer.json::<Value>().await.unwrap()["total_count"], 0, "{kind}");
    }
}

#[tokio::test]
async fn numbers_come_as_texts_where_the_pages_say_so() {
    let stage = Stage::new(spec(5)).await;
    let people = stage.people(2).await;
    let tag = stage.post("tags/create", &json!({"tag":{"name":"会员"}})).await;
    let tag = tag["tag"]["id"].as_i64().unwrap();
    let members = json!({"tagid":tag.to_string(),"openid_list":people});
    assert_eq!(stage.post("tags/members/batchtagging", &members).await["errcode"], 0);
    // `platform/03 §2`: an integer, a text tolerated.
    let send = json!({"filter":{"is_to_all":false,"tag_id":format!(" {tag} ")},"msgtype":"text",
        "text":{"content":"会员日"},"send_ignore_reprint":"1"});
    let sent = stage.post("message/mass/sendall", &send).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    stage.wait(10).await;
    let msg_id = sent["msg_id"].as_i64().unwrap();
    for msg_id in [json!(msg_id), json!(msg_id.to_string())] {
        let told = stage.post("message/mass/get", &json!({"msg_id":msg_id})).await;
        assert_eq!(told["msg_status"], "SEND_SUCCESS", "{told}");
    }
    for msg_id in [json!("x"), json!(1.5), json!("9223372036854775808"), json!([1]), json!(true)] {
        let told = stage.post("message/mass/get", &json!({"msg_id":msg_id})).await;
        assert_eq!(told["errcode"], 47001, "{msg_id}");
    }
    // `platform/08 §4`: the number of a publication is written both ways.
    let submitted =
        stage.post("freepublish/submit", &json!({"media_id":stage.draft().await})).await;
    let publish_id = submitted["publish_id"].as_str().unwrap().to_owned();
    stage.wait(10).await;
    for publish_id in [json!(publish_id), json!(publish_id.parse::<i64>().unwrap())] {
        let told = stage.post("freepublish/get", &json!({"publish_id":publish_id})).await;
        assert_eq!(told["publish_status"], 0, "{told}");
    }
    // `platform/09 §2`.
    for tag in [json!(tag), json!(tag.to_string())] {
        let menu = json!({"button":[{"type":"click","name":"买","key":"k"}]});
        assert_eq!(stage.post("menu/create", &menu).await["errcode"], 0);
        let mut menu = menu;
        menu["matchrule"] = json!({"tag_id":tag});
        let made = stage.post("menu/addconditional", &menu).await;
        assert!(!made["menuid"].is_null(), "{made}");
    }
}

#[tokio::test]
async fn ten_thousand_openids_are_one_list_and_one_more_is_too_many() {
    let stage = Stage::new(spec(10_000)).await;
    let month = stage.truth("2026-03").await;
    let mut list: Vec<String> = month.into_iter().map(|(openid, _)| openid).collect();
    assert_eq!(list.len(), 10_000);
    let send = |list: &[String], key: &str| crate::text_to(list, key);
    list.push(list[0].clone());
    let refused = stage.post("message/mass/send", &send(&list, "too-many")).await;
    assert_eq!(refused["errcode"], 40032);
    list.pop();
    let sent = stage.post("message/mass/send", &send(&list, "all")).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    stage.wait(600).await;
    let following = stage.get("user/get", "").await["total"].as_u64().unwrap();
    let received =
        |truth: Vec<(String, u64)>| truth.iter().map(|(_, received)| received).sum::<u64>();
    let first = received(stage.truth("2026-03").await);
    assert!(first > 0 && first <= following, "{first} of {following}");

    // Doubled and empty ones are filtered out (`platform/03 §3`): one person, one message.
    let person = stage.get("user/get", "").await["data"]["openid"][0].as_str().unwrap().to_owned();
    let mut doubled = vec![person; 9_998];
    doubled.extend([String::new(), String::new()]);
    let sent = stage.post("message/mass/send", &send(&doubled, "doubled")).await;
    assert_eq!(sent["errcode"], 0, "{sent}");
    stage.wait(600).await;
    let second = received(stage.truth("2026-03").await);
    assert!(second <= first + 1, "{second}");
    for nobody in [vec![String::new(); 10_000], vec!["你".repeat(100); 2], vec!["o".into(); 2]] {
        let refused = stage.post("message/mass/send", &send(&nobody, "nobody")).await;
        let code = refused["errcode"].as_i64().unwrap();
        assert!([40003, 40031].contains(&code), "{refused}");
    }
}

#[tokio::test]
async fn characters_arrive_as_they_were_sent() {
    let stage = Stage::new(spec(5)).await;
    let titles = ["🎉👨‍👩‍👧", "\u{202e}倒", "a\u{0}b", "𠮷野家", "e\u{301}", "\\u65b0", "</p>&amp;"];
    for title in titles {
        let article = json!({"title":title,"content":title,"thumb_media_id":stage.cover});
        let draft = stage.post("draft/add", &json!({"articles":[article]})).await;
        let id = draft["media_id"].as_str().unwrap_or_else(|| panic!("{title} {draft}"));
        let kept = stage.post("draft/get", &json!({"media_id":id})).await;
        assert_eq!(kept["news_item"][0]["title"], title);
    }
    // Bytes of GBK are no JSON in UTF-8.
    let mut body = b"{\"articles\":[{\"title\":\"".to_vec();
    body.extend([0xD0, 0xC2]);
    body.extend(b"\",\"content\":\"x\"}]}");
    let url = format!("{}/cgi-bin/draft/add?access_token={}", stage.url, stage.token);
    let answer = stage.client.post(url).body(body).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["errcode"], 47001);
    let escaped = r#"{"filter":{"is_to_all":true},"msgtype":"text","text":{"content":"\u65b0"}}"#;
    assert_eq!(stage.raw_post("message/mass/sendall", escaped).await["errcode"], 40033);
}

/// A form as bytes: boundary as the header names it, and as it stands in the body.
async fn upload(stage: &Stage, path: &str, named: &str, body: Vec<u8>) -> Value {
    let url = format!("{}/cgi-bin/{path}access_token={}", stage.url, stage.token);
    let kind = format!("multipart/form-data; {named}");
    let request = stage.client.post(url).header("content-type", kind).body(body);
    request.send().await.unwrap().json().await.unwrap()
}

fn part(boundary: &str, head: &[u8], content: &[u8]) -> Vec<u8> {
    let mut part = format!("--{boundary}\r\n").into_bytes();
    part.extend(head);
    part.extend(b"\r\n\r\n");
    part.extend(content);
    part.extend(b"\r\n");
    part
}

fn form(boundary: &str, head: &[u8]) -> Vec<u8> {
    let mut form = part(boundary, head, PNG);
    form.extend(format!("--{boundary}--\r\n").bytes());
    form
}

#[tokio::test]
async fn forms_of_all_makes_are_read() {
    let stage = Stage::new(spec(5)).await;
    let add = "material/add_material?type=image&";
    let plain = b"Content-Disposition: form-data; name=\"media\"; filename=\"a.png\"";
    let long = "-".repeat(60) + "7e91b2";
    for (named, boundary) in [
        ("boundary=x", "x"),
        ("boundary=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"),
        ("charset=utf-8; boundary=----WebKitFormBoundaryAbC", "----WebKitFormBoundaryAbC"),
        (&format!("boundary={long}"), &long),
        ("BOUNDARY=x", "x"),
    ] {
        let made = upload(&stage, add, named, form(boundary, plain)).await;
        assert!(made["media_id"].is_string(), "{named} {made}");
    }
    let heads: [(&str, &str); 7] = [
        ("Content-Disposition: form-data; name=\"media\"; filename=\"新品.png\"", "新品.png"),
        ("content-disposition: form-data; filename=\"a.png\"; name=\"media\"", "a.png"),
        ("Content-Disposition: form-data; name=media; filename=a.png", "a.png"),
        (
            "Content-Disposition: form-data; name=\"media\"; filename=\"a \\\"b\\\".png\"",
            "a \"b\".png",
        ),
        (
            "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\
          Content-Disposition: form-data; name=\"media\"; filename=\"../../a.png\"",
            "../../a.png",
        ),
        ("Content-Disposition: form-data; name=\"media\"; filename=\"\"", ""),
        (
            "Content-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\nContent-Length: 9",
            "a.png",
        ),
    ];
    for (head, name) in heads {
        let made = upload(&stage, add, "boundary=x", form("x", head.as_bytes())).await;
        assert!(made["media_id"].is_string(), "{head} {made}");
        let list = stage
            .post("material/batchget_material", &json!({"type":"image","offset":0,"count":1}))
            .await;
        assert_eq!(list["item"][0]["media_id"], made["media_id"]);
        assert_eq!(list["item"][0]["name"], name, "{head}");
    }
    // Other fields before and behind the file, and a text in front of it all.
    let mut many = b"preamble\r\n".to_vec();
    for nth in 0..200 {
        let head = format!("Content-Disposition: form-data; name=\"field{nth}\"");
        many.extend(part("x", head.as_bytes(), "值".as_bytes()));
    }
    many.extend(form("x", plain));
    let made = upload(&stage, add, "boundary=x", many).await;
    assert!(made["media_id"].is_string(), "{made}");
}

#[tokio::test]
async fn what_is_no_form_carries_no_file() {
    let stage = Stage::new(spec(5)).await;
    let plain = b"Content-Disposition: form-data; name=\"media\"; filename=\"a.png\"";
    let whole = form("x", plain);
    let foreign = b"Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"";
    let cases: [(&str, Vec<u8>); 9] = [
        ("boundary=y", whole.clone()),
        ("boundary=", whole.clone()),
        ("no=boundary", whole.clone()),
        ("boundary=x", Vec::new()),
        ("boundary=x", b"--x--\r\n".to_vec()),
        ("boundary=x", form("x", b"")),
        ("boundary=x", form("x", b"Content-Disposition: attachment")),
        ("boundary=x", form("x", foreign)),
        ("boundary=x", whole[..whole.len() / 2].to_vec()),
    ];
    for path in
        ["media/upload?type=image&", "media/uploadimg?", "material/add_material?type=image&"]
    {
        for (named, body) in &cases {
            let refused = upload(&stage, path, named, body.clone()).await;
            assert_eq!(refused["errcode"], 41005, "{path} {named} {refused}");
        }
        // A name in another encoding, and a file without one byte.
        let mut gbk = b"Content-Disposition: form-data; name=\"media\"; filename=\"".to_vec();
        gbk.extend([0xD0, 0xC2, b'"']);
        let told = upload(&stage, path, "boundary=x", form("x", &gbk)).await;
        assert!(told.is_object(), "{told}");
        let mut empty = part("x", plain, b"");
        empty.extend(b"--x--\r\n");
        let refused = upload(&stage, path, "boundary=x", empty).await;
        assert_eq!(refused["errcode"], 44001, "{path} {refused}");
    }
}

/// An article as long as one may be, of tags that nothing ends, holds nobody up.
#[tokio::test]
async fn the_worst_article_is_cleaned_at_once() {
    let stage = Stage::new(spec(5)).await;
    let part = |part: &str| {
        json!({"title":"t","content":part.repeat(19_990 / part.chars().count()),
            "thumb_media_id":stage.cover})
    };
    let parts = ["<a ", "<a b='", "<!--", "<script>", "<p style=", "&#", "<svg><a b=\"><a c='"];
    for one in parts {
        let started = std::time::Instant::now();
        let articles: Vec<Value> = (0..8).map(|_| part(one)).collect();
        let draft = stage.post("draft/add", &json!({"articles":articles})).await;
        assert!(draft["media_id"].is_string(), "{draft}");
        assert!(started.elapsed() < std::time::Duration::from_secs(5), "{one}");
    }
}
