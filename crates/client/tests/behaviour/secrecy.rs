//! No secret, token or OpenID in errors, debug output or log lines.

use std::io::Write;
use std::sync::{Arc, Mutex};

use client::Error;
use wire::Endpoint;

use crate::platform::{Answer, Platform, SECRET};
use crate::sends::two_people;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_that_must_stay_secret_is_said() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let platform = Platform::start().await;
    let client = platform.client();
    let openid = "oSBXaaaaaaaaaaaaaaaaaaaaaa01";
    platform.token_is("88_q1W2e3");
    let mut errors: Vec<Error> = Vec::new();
    platform.refuses(Endpoint::StableToken, 40_125, &format!("invalid appsecret {SECRET}"));
    errors.push(client.token_check().await.unwrap_err());
    platform.refuses(Endpoint::MassSend, 40_003, &format!("invalid openid {openid} 88_q1W2e3"));
    errors.push(client.mass_send(&two_people()).await.unwrap_err());
    for answer in [Answer::Cut, Answer::Text(200, "\"oSBXaaaaaaaaaaaaaaaaaaaaaa01\"")] {
        platform.answers(Endpoint::MassSend, answer);
        errors.push(client.mass_send(&two_people()).await.unwrap_err());
    }
    platform.refuses(Endpoint::UserInfo, -1, "system error");
    client.user_info(&openid.parse().unwrap()).await.unwrap_err();
    platform.lives("88_elsewhere");
    client.tag_list().await.unwrap();

    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("forcing a new one"), "{logged}");
    assert!(logged.contains("repeating a safe call"), "{logged}");
    let said: Vec<String> = errors
        .iter()
        .flat_map(|error| [error.to_string(), format!("{error:?}")])
        .chain([format!("{client:?}"), logged])
        .collect();
    for text in said {
        for hidden in [SECRET, openid, "88_q1W2e3", "88_forced_1"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
    }
}
