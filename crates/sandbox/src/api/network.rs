//! Addresses of the platform, and whether it reaches the callback (`platform/06 §2`).

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};
use crate::chance::draw;

/// The sandbox pushes from the machine it runs on, and is reached there.
const ADDRESSES: [&str; 1] = ["127.0.0.1"];
/// The operators a check may be asked of; `CAP` is the platform's own.
const OPERATORS: [&str; 4] = ["CHINANET", "UNICOM", "CAP", "DEFAULT"];

/// `getcallbackip` and `get_api_domain_ip`.
///
/// # Errors
/// None of its own.
pub fn addresses() -> Answer {
    answer(&json!({ "ip_list": ADDRESSES }))
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    action: String,
    #[serde(default)]
    check_operator: String,
}

/// `callback/check`: where the callback's host lies and how long a ping takes. Names are not looked
/// up: a name other than `localhost` gets an address out of 203.0.113.0/24, always the same.
///
/// # Errors
/// 40202 for the action, 40203 for the operator, 40201 without a callback (assumed).
pub fn check(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Request = call.json()?;
    if !matches!(request.action.as_str(), "dns" | "ping" | "all") {
        return Err(Refused::new(40202));
    }
    if !OPERATORS.contains(&request.check_operator.as_str()) {
        return Err(Refused::new(40203));
    }
    let url = scene.account.callback.as_ref().and_then(|to| reqwest::Url::parse(&to.url).ok());
    let host = url.as_ref().and_then(|url| url.host_str()).ok_or(Refused::new(40201))?;
    let ip = address(host);
    let operator = match request.check_operator.as_str() {
        "DEFAULT" => "CAP",
        named => named,
    };
    let mut found = serde_json::Map::new();
    if request.action != "ping" {
        let dns: Value = json!([{ "ip": ip, "real_operator": operator }]);
        found.insert("dns".to_owned(), dns);
    }
    if request.action != "dns" {
        let microseconds = 1_000 + draw(0, 1, u64::from(ip.len() as u32)) % 30_000;
        let time = format!("{}.{:03}ms", microseconds / 1_000, microseconds % 1_000);
        let ping: Value = json!([{ "ip": ip, "from_operator": operator, "package_loss": "0%",
            "time": time }]);
        found.insert("ping".to_owned(), ping);
    }
    answer(&found)
}

fn address(host: &str) -> String {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if literal.parse::<IpAddr>().is_ok() {
        return literal.to_owned();
    }
    if host == "localhost" {
        return ADDRESSES[0].to_owned();
    }
    let sum = host.bytes().fold(0, |sum: u64, byte| draw(sum, 0, byte.into()));
    format!("203.0.113.{}", 1 + sum % 254)
}
