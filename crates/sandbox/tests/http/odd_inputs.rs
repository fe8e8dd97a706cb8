use serde_json::{Value, json};
use wire::Endpoint;

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
