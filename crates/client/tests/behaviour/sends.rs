//! Sends go out once; what the platform says to them is told apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use client::{Accepted, Doubt, Error, Timeouts};
use clock::Clock;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::mass::{Filter, Message, SendAllRequest, SendRequest, TextBody};
use wire::{Endpoint, MsgDataId, Reaction, TagId};

use crate::platform::{Answer, JOB, Platform, accepted, client_of};

type IsWhy = fn(&Doubt) -> bool;

pub fn two_people() -> SendRequest {
    SendRequest {
        touser: ["oSBXaaaaaaaaaaaaaaaaaaaaaa01", "oSBXaaaaaaaaaaaaaaaaaaaaaa02"]
            .map(|openid| openid.parse().unwrap())
            .to_vec(),
        message: Message::Text { text: TextBody { content: "今晚八点上新 🌸".into() } },
        send_ignore_reprint: 0,
        clientmsgid: Some("camp42-b0003".parse().unwrap()),
    }
}

pub fn a_tag() -> SendAllRequest {
    let SendRequest { message, clientmsgid, .. } = two_people();
    let filter = Filter { is_to_all: false, tag_id: Some(TagId(101)) };
    SendAllRequest { filter, message, send_ignore_reprint: 0, clientmsgid }
}

#[tokio::test]
async fn a_send_carries_its_words_as_they_are() {
    let platform = Platform::start().await;
    let client = platform.client();
    let Accepted::Now(answer) = client.mass_send(&two_people()).await.unwrap() else {
        panic!("a first send");
    };
    assert_eq!((answer.msg_id, answer.msg_data_id), (JOB, Some(MsgDataId(2_247_483_803))));
    assert!(matches!(client.mass_send_all(&a_tag()).await, Ok(Accepted::Now(_))));

    let seen = &platform.calls(Endpoint::MassSend)[0];
    assert_eq!(seen.query["access_token"], "88_A");
    let text = std::str::from_utf8(&seen.body).unwrap();
    assert!(text.contains("今晚八点上新 🌸") && !text.contains("\\u"), "{text}");
    let body: Value = serde_json::from_str(text).unwrap();
    assert_eq!((&body["msgtype"], &body["clientmsgid"]), (&json!("text"), &json!("camp42-b0003")));
}

#[tokio::test]
async fn a_send_in_doubt_is_never_repeated() {
    let timeouts = Timeouts { send: Duration::from_millis(200), ..Timeouts::default() };
    let late = Duration::from_secs(2);
    let doubtful: [(&str, IsWhy, Answer); 7] = [
        (
            "-1",
            |why| matches!(why, Doubt::Busy { refusal } if refusal.errcode.0 == -1),
            Answer::Json(json!({"errcode": -1, "errmsg": "system error"})),
        ),
        (
            "busy",
            |why| matches!(why, Doubt::Busy { .. }),
            Answer::Json(json!({"errcode": 268_488_001, "errmsg": "system busy"})),
        ),
        ("500", |why| *why == Doubt::Server { status: 500 }, Answer::Text(500, "{}")),
        ("502", |why| *why == Doubt::Server { status: 502 }, Answer::Text(502, "<html>")),
        ("cut", |why| matches!(why, Doubt::Cut { .. }), Answer::Cut),
        (
            "unreadable",
            |why| matches!(why, Doubt::Unreadable { .. }),
            Answer::Json(json!({"errcode": 0, "errmsg": "ok"})),
        ),
        ("late", |why| matches!(why, Doubt::TimedOut { .. }), Answer::Late(late, accepted())),
    ];
    for (name, expected, answer) in doubtful {
        let platform = Platform::start().await;
        platform.answers(Endpoint::MassSend, answer);
        let error = platform.client_with(timeouts).mass_send(&two_people()).await.unwrap_err();
        assert!(error.may_have_been_accepted(), "{name}: {error}");
        let Error::Doubtful { endpoint: Endpoint::MassSend, why } = &error else {
            panic!("{name}: {error}");
        };
        assert!(expected(why), "{name}: {why}");
        assert_eq!(platform.count(Endpoint::MassSend), 1, "{name}");
    }
}

/// The platform takes the request, then the connection ends without a byte of an answer, on a fresh
/// connection as on one kept alive.
#[tokio::test]
async fn a_send_cut_before_any_answer_is_in_doubt_and_not_repeated() {
    const TOKEN: &str = r#"{"access_token":"88_A","expires_in":7200}"#;
    for kept_alive in [true, false] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sends = Arc::new(AtomicUsize::new(0));
        let counted = sends.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let counted = counted.clone();
                tokio::spawn(async move {
                    let mut asked = vec![0; 65_536];
                    loop {
                        let size = stream.read(&mut asked).await.unwrap_or(0);
                        let text = String::from_utf8_lossy(&asked[..size]);
                        if !text.starts_with("POST /cgi-bin/stable_token") {
                            counted.fetch_add(usize::from(size > 0), Ordering::SeqCst);
                            return;
                        }
                        let close = if kept_alive { "" } else { "connection: close\r\n" };
                        let head = format!("HTTP/1.1 200 OK\r\n{close}content-length: ");
                        let answer = format!("{head}{}\r\n\r\n{TOKEN}", TOKEN.len());
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        if !kept_alive {
                            return;
                        }
                    }
                });
            }
        });
        let client = client_of(&url, Clock::Real, Timeouts::default());
        let error = client.mass_send(&two_people()).await.unwrap_err();
        assert!(
            matches!(error, Error::Doubtful { why: Doubt::Cut { .. }, .. }),
            "kept alive {kept_alive}: {error}"
        );
        assert_eq!(sends.load(Ordering::SeqCst), 1, "kept alive {kept_alive}");
    }
}

#[tokio::test]
async fn a_send_that_finds_nobody_was_certainly_not_accepted() {
    let platform = Platform::start().await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let clock = Clock::Virtual(platform.hand.clone());
    let client = client_of(&url, clock, Timeouts::default());
    let before = client.budgets().left(Endpoint::StableToken);
    let error = client.mass_send(&two_people()).await.unwrap_err();
    assert!(matches!(error, Error::NotSent { endpoint: Endpoint::MassSend, .. }), "{error}");
    assert!(!error.may_have_been_accepted());
    assert!(!error.to_string().contains("http://"), "{error}");
    assert_eq!(client.budgets().left(Endpoint::StableToken), before);
}

#[tokio::test]
async fn what_the_platform_has_already_counts_as_accepted() {
    let platform = Platform::start().await;
    let client = platform.client();
    let known = json!({"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": JOB});
    platform.answers(Endpoint::MassSend, Answer::Json(known.clone()));
    platform.answers(Endpoint::MassSendAll, Answer::Json(known));
    let before = client.mass_send(&two_people()).await.unwrap();
    assert_eq!(before, Accepted::Before(JOB));
    assert_eq!((before.msg_id(), before.msg_data_id()), (JOB, None));
    assert_eq!(client.mass_send_all(&a_tag()).await.unwrap(), Accepted::Before(JOB));

    // Without its number it cannot be taken for accepted, nor for not accepted.
    platform.refuses(Endpoint::MassSend, 45_065, "clientmsgid exist");
    let error = client.mass_send(&two_people()).await.unwrap_err();
    assert!(error.may_have_been_accepted(), "{error}");
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let platform = Platform::start().await;
    let client = platform.client();
    for (errcode, expected, perhaps) in [
        (45_066, Reaction::WaitAMinute, true),
        (45_028, Reaction::QuotaUsedUp, false),
        (40_007, Reaction::FixCall, false),
        (40_066, Reaction::ChangeContent, false),
        (48_001, Reaction::AskOperator, false),
        (89_504, Reaction::AwaitAdministrator, false),
    ] {
        platform.refuses(Endpoint::MassSend, errcode, "words rid: 6955b980-1a2b3c4d-5e6f7081");
        let error = client.mass_send(&two_people()).await.unwrap_err();
        let Error::Refused { refusal, reaction, .. } = &error else {
            panic!("{errcode}: {error}");
        };
        assert_eq!(refusal.errcode.0, errcode);
        assert_eq!(error.may_have_been_accepted(), perhaps, "{errcode}");
        assert_eq!(*reaction, expected, "{errcode}");
        assert!(error.to_string().contains("6955b980-1a2b3c4d-5e6f7081"), "{error}");
    }
}
