//! Safe calls are tried again; calls that would act twice are not.

use std::time::{Duration, Instant};

use bytes::Bytes;
use client::{Error, Timeouts};
use futures_util::future::join_all;
use serde_json::json;
use wire::mass::{PreviewMessage, PreviewRequest, TextBody};
use wire::{Endpoint, Reaction, TagId};

use crate::platform::{Answer, JOB, Platform, status};

#[tokio::test]
async fn a_safe_call_outlives_a_busy_platform() {
    let platform = Platform::start().await;
    let client = platform.client();
    platform.refuses(Endpoint::MassGet, -1, "system error");
    platform.answers(Endpoint::MassGet, Answer::Text(502, "bad gateway"));
    platform.answers(Endpoint::MassGet, Answer::Cut);
    let began = Instant::now();
    assert_eq!(client.mass_get(JOB).await.unwrap().msg_id, JOB);
    assert_eq!(platform.count(Endpoint::MassGet), 4);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_safe_call_gives_up_after_four_tries() {
    let platform = Platform::start().await;
    for _ in 0..5 {
        platform.refuses(Endpoint::TagList, -1, "system error");
    }
    let error = platform.client().tag_list().await.unwrap_err();
    assert!(matches!(error, Error::Refused { reaction: Reaction::RetryLater, .. }), "{error}");
    assert_eq!(platform.count(Endpoint::TagList), 4);
}

#[tokio::test]
async fn a_safe_call_that_is_too_slow_is_tried_twice() {
    let platform = Platform::start().await;
    for _ in 0..3 {
        platform.answers(Endpoint::MassGet, Answer::Late(Duration::from_secs(2), status()));
    }
    let timeouts = Timeouts { other: Duration::from_millis(300), ..Timeouts::default() };
    let error = platform.client_with(timeouts).mass_get(JOB).await.unwrap_err();
    assert!(matches!(error, Error::Doubtful { .. }), "{error}");
    assert_eq!(platform.count(Endpoint::MassGet), 2);
}

#[tokio::test]
async fn a_refusal_that_will_not_pass_is_not_repeated() {
    let platform = Platform::start().await;
    platform.refuses(Endpoint::MassGet, 40_059, "invalid msg id");
    platform.client().mass_get(JOB).await.unwrap_err();
    assert_eq!(platform.count(Endpoint::MassGet), 1);
}

#[tokio::test]
async fn what_would_act_twice_is_left_in_doubt() {
    let platform = Platform::start().await;
    let client = platform.client();
    platform.refuses(Endpoint::TagCreate, -1, "system error");
    platform.refuses(Endpoint::MassPreview, -1, "system error");
    platform.answers(Endpoint::ClearQuota, Answer::Text(502, ""));
    let preview = PreviewRequest {
        touser: None,
        towxname: Some("operator".into()),
        message: PreviewMessage::Text { text: TextBody { content: "新品".into() } },
    };
    let outcomes = [
        client.tag_create("油性皮肤").await.map(drop),
        client.mass_preview(&preview).await.map(drop),
        client.clear_quota().await,
    ];
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Doubtful { .. }), "{error}");
        assert_eq!(platform.count(error.endpoint()), 1);
    }
}

#[tokio::test]
async fn a_picture_can_be_sent_again_too() {
    let platform = Platform::start().await;
    platform.refuses(Endpoint::UploadImage, -1, "system error");
    let picture = Bytes::from_static(b"\x89PNG\r\n\x1a\nrest");
    let url = platform.client().upload_image(picture).await.unwrap();
    assert_eq!(url, "http://mmbiz.qpic.cn/mmbiz_png/AbCdEf/0");
    let seen = platform.calls(Endpoint::UploadImage);
    assert_eq!(seen.len(), 2);
    let body = String::from_utf8_lossy(&seen[1].body).into_owned();
    assert!(body.contains("name=\"media\"; filename=\"picture.png\""), "{body}");
    assert!(
        body.contains("Content-Type: image/png") && body.contains("PNG\r\n\u{1a}\nrest"),
        "{body}"
    );
}

#[tokio::test]
async fn taggings_of_an_account_do_not_meet() {
    let platform = Platform::start().await;
    let client = platform.client();
    client.token_check().await.unwrap();
    for _ in 0..3 {
        let ok = json!({"errcode": 0, "errmsg": "ok"});
        platform.answers(Endpoint::TagMembersAdd, Answer::Late(Duration::from_millis(60), ok));
    }
    let people = ["oSBXaaaaaaaaaaaaaaaaaaaaaa01".parse().unwrap()];
    let began = Instant::now();
    let outcomes = join_all((0..3).map(|_| client.tag_members_add(TagId(101), &people))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert!(began.elapsed() >= Duration::from_millis(180));
}
