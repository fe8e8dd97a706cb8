//! One token for all calls, asked for once, renewed when it dies.

use client::{Client, Error};
use futures_util::future::join_all;
use serde_json::{Value, json};
use wire::{Endpoint, Reaction};

use crate::platform::{Answer, JOB, Platform, SECRET};
use crate::sends::two_people;

async fn many(client: &Client, calls: usize) -> Vec<Result<(), Error>> {
    join_all((0..calls).map(|_| async { client.mass_get(JOB).await.map(drop) })).await
}

#[tokio::test]
async fn twenty_calls_ask_for_one_token() {
    let platform = Platform::start().await;
    let client = platform.client();
    assert!(many(&client, 20).await.iter().all(Result::is_ok));
    let asked = platform.calls(Endpoint::StableToken);
    assert_eq!(asked.len(), 1);
    assert!(asked[0].query.is_empty(), "neither secret nor token in the address");
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(
        body,
        json!({"grant_type": "client_credential", "appid": "wx0a1b2c3d4e5f6071",
               "secret": SECRET, "force_refresh": false})
    );
    assert_eq!(platform.count(Endpoint::MassGet), 20);
}

#[tokio::test]
async fn a_token_is_held_until_five_minutes_before_its_end() {
    let platform = Platform::start().await;
    let client = platform.client();
    for (waits, asked) in [(0, 1), (6_899, 1), (1, 2), (6_899, 2), (2, 3)] {
        platform.waits(waits);
        client.mass_get(JOB).await.unwrap();
        assert_eq!(platform.count(Endpoint::StableToken), asked, "after {waits} s more");
    }
}

#[tokio::test]
async fn a_token_about_to_end_is_not_asked_for_with_every_call() {
    let platform = Platform::start().await;
    let client = platform.client();
    platform.tokens_last(300);
    for _ in 0..5 {
        client.mass_get(JOB).await.unwrap();
    }
    assert_eq!(platform.count(Endpoint::StableToken), 1);
    platform.waits(30);
    client.mass_get(JOB).await.unwrap();
    assert_eq!(platform.count(Endpoint::StableToken), 2);
}

#[tokio::test]
async fn a_token_that_dies_under_many_calls_is_renewed_once() {
    let platform = Platform::start().await;
    let client = platform.client();
    client.mass_get(JOB).await.unwrap();
    // Another system of the account has forced a new token.
    platform.token_is("88_B");
    assert!(many(&client, 12).await.iter().all(Result::is_ok));
    assert_eq!(platform.count(Endpoint::StableToken), 2);
    assert_eq!(platform.forced(), 0);
}

#[tokio::test]
async fn a_send_refused_for_a_dead_token_is_repeated_once_and_no_more() {
    let platform = Platform::start().await;
    let client = platform.client();
    client.mass_get(JOB).await.unwrap();
    for dead in [40_001, 40_014, 42_001] {
        platform.refuses(Endpoint::MassSend, dead, "invalid credential");
        platform.token_is(&format!("88_{dead}"));
        let before = platform.count(Endpoint::MassSend);
        client.mass_send(&two_people()).await.unwrap();
        assert_eq!(platform.count(Endpoint::MassSend), before + 2);
    }

    platform.token_is("88_C");
    platform.refuses(Endpoint::MassSend, 40_001, "invalid credential");
    platform.refuses(Endpoint::MassSend, 40_001, "invalid credential");
    let before = platform.count(Endpoint::MassSend);
    let error = client.mass_send(&two_people()).await.unwrap_err();
    assert!(!error.may_have_been_accepted());
    assert_eq!(platform.count(Endpoint::MassSend), before + 2);
    assert_eq!(platform.forced(), 0);
}

#[tokio::test]
async fn a_token_handed_out_and_refused_twice_is_forced_once_and_not_again_at_once() {
    let platform = Platform::start().await;
    let client = platform.client();
    client.mass_get(JOB).await.unwrap();
    // `stable_token` goes on handing out 88_A, which no call takes any more.
    platform.lives("88_elsewhere");
    assert!(many(&client, 8).await.iter().all(Result::is_ok));
    assert_eq!(platform.forced(), 1);
    assert_eq!(platform.count(Endpoint::StableToken), 3, "asked, asked again, forced");

    platform.lives("88_elsewhere");
    platform.waits(29);
    let error = client.mass_get(JOB).await.unwrap_err();
    assert!(matches!(error, Error::Refused { reaction: Reaction::RefreshToken, .. }), "{error}");
    assert!(error.to_string().contains("no other system forces new tokens"), "{error}");
    assert_eq!(platform.forced(), 1);

    for forced in 2..=5 {
        platform.waits(31);
        platform.lives("88_elsewhere");
        client.mass_get(JOB).await.unwrap();
        assert_eq!(platform.forced(), forced);
    }
    platform.waits(31);
    platform.lives("88_elsewhere");
    client.mass_get(JOB).await.unwrap_err();
    assert_eq!(platform.forced(), 5, "five a day");
    platform.moves_to("2026-03-03T00:00:00+08:00");
    client.mass_get(JOB).await.unwrap();
    assert_eq!(platform.forced(), 6);
}

#[tokio::test]
async fn all_who_waited_for_a_refused_token_are_told_after_one_try() {
    let platform = Platform::start().await;
    let client = platform.client();
    platform.refuses(Endpoint::StableToken, 40_001, "invalid credential rid: 6955b980-1a2b3c4d");
    let outcomes = many(&client, 10).await;
    assert_eq!(platform.count(Endpoint::StableToken), 1);
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Refused { reaction: Reaction::AskOperator, .. }));
        assert_eq!(
            error.to_string(),
            "the AppSecret is wrong: enter the account's present one, as mp.weixin.qq.com shows it \
             (40001, rid 6955b980-1a2b3c4d)"
        );
    }
    // Who comes later asks anew.
    client.mass_get(JOB).await.unwrap();
}

#[tokio::test]
async fn an_address_that_is_not_listed_is_named() {
    let platform = Platform::start().await;
    platform.refuses(
        Endpoint::StableToken,
        40_164,
        "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 6955b980-1-2",
    );
    let error = platform.client().token_check().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the platform refuses address 203.0.113.9: add it to the account's IP allow-list \
         (IP白名单) on mp.weixin.qq.com (40164, rid 6955b980-1-2)"
    );
    platform.client().token_check().await.unwrap();
}

#[tokio::test]
async fn doubt_about_a_token_is_none_about_the_send_that_waited_for_it() {
    let platform = Platform::start().await;
    for _ in 0..4 {
        platform.answers(Endpoint::StableToken, Answer::Text(502, "bad gateway"));
    }
    let error = platform.client().mass_send(&two_people()).await.unwrap_err();
    assert!(matches!(error, Error::NotSent { endpoint: Endpoint::MassSend, .. }), "{error}");
    assert_eq!(platform.count(Endpoint::StableToken), 4);
    assert_eq!(platform.count(Endpoint::MassSend), 0);
}
