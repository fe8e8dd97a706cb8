//! No call goes out that would pass a limit of the minute or the day.

use client::{Error, Left, Limit};
use wire::Endpoint;

use crate::platform::Platform;
use crate::sends::{a_tag, two_people};

fn until(error: &Error) -> (Limit, String) {
    match error {
        Error::Budget { limit, until, .. } => (*limit, until.to_string()),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn sends_stop_at_sixty_a_minute_and_a_hundred_a_day() {
    let platform = Platform::start().await;
    let client = platform.client();
    for _ in 0..30 {
        client.mass_send(&two_people()).await.unwrap();
        client.mass_send_all(&a_tag()).await.unwrap();
    }
    let error = client.mass_send_all(&a_tag()).await.unwrap_err();
    assert_eq!(until(&error), (Limit::Minute, "2026-03-02T10:01:00+08:00".into()));
    platform.moves_to("2026-03-02T10:01:00+08:00");
    for _ in 0..40 {
        client.mass_send(&two_people()).await.unwrap();
    }
    let error = client.mass_send(&two_people()).await.unwrap_err();
    assert_eq!(until(&error), (Limit::Day, "2026-03-03T00:00:00+08:00".into()));
    assert_eq!(
        error.to_string(),
        "the calls of /cgi-bin/message/mass/send are used up for today: call it again from \
         2026-03-03T00:00:00+08:00"
    );
    assert_eq!(platform.count(Endpoint::MassSend) + platform.count(Endpoint::MassSendAll), 100);
    platform.moves_to("2026-03-03T00:00:00+08:00");
    client.mass_send(&two_people()).await.unwrap();
}

#[tokio::test]
async fn the_platforms_no_holds_for_the_day() {
    let platform = Platform::start().await;
    let client = platform.client();
    platform.refuses(Endpoint::MassSend, 45_009, "reach max api daily quota limit");
    let error = client.mass_send(&two_people()).await.unwrap_err();
    assert_eq!(until(&error), (Limit::Day, "2026-03-03T00:00:00+08:00".into()));
    assert_eq!(error.code().map(|code| code.0), Some(45_009));
    // Neither of the two is asked again today.
    client.mass_send_all(&a_tag()).await.unwrap_err();
    assert_eq!(platform.count(Endpoint::MassSendAll), 0);
    platform.moves_to("2026-03-03T00:00:01+08:00");
    client.mass_send(&two_people()).await.unwrap();
}

#[tokio::test]
async fn the_platforms_no_holds_for_the_minute() {
    let platform = Platform::start().await;
    let client = platform.client();
    platform.refuses(Endpoint::UserGet, 45_011, "api minute-quota reach limit");
    let error = client.user_get(None).await.unwrap_err();
    assert_eq!(until(&error), (Limit::Minute, "2026-03-02T10:01:00+08:00".into()));
    assert_eq!(platform.count(Endpoint::UserGet), 1);
    client.user_get(None).await.unwrap_err();
    assert_eq!(platform.count(Endpoint::UserGet), 1);
    platform.moves_to("2026-03-02T10:01:00+08:00");
    let page = client.user_get(None).await.unwrap();
    assert_eq!((page.count, page.data.is_none()), (0, true));
}

#[tokio::test]
async fn the_platforms_own_count_is_taken_over_and_can_be_cleared() {
    let platform = Platform::start().await;
    let client = platform.client();
    client.quota_get(Endpoint::MassSend).await.unwrap();
    assert_eq!(
        client.budgets().left(Endpoint::MassSendAll),
        Left { today: Some(2), this_minute: Some(60) }
    );
    for _ in 0..2 {
        client.mass_send(&two_people()).await.unwrap();
    }
    client.mass_send(&two_people()).await.unwrap_err();
    client.clear_quota().await.unwrap();
    client.mass_send(&two_people()).await.unwrap();
}
