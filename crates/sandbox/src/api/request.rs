//! Refused calls, remembered by the id at the end of their `errmsg` (`platform/01 §6.5`).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use wire::rules::Limits;
use wire::{Endpoint, Timestamp};

use super::refusal::Refused;
use super::{Answer, Call, answer};
use crate::world::World;

/// Calls remembered; the oldest give way.
const KEPT: usize = 20_000;
/// Bytes kept of a query or a body.
const BODY_BYTES: usize = 4_096;

/// A refused call.
pub struct Failed {
    /// The account, when token or AppID told it.
    pub account: Option<usize>,
    at: Timestamp,
    cost_in_ms: u64,
    /// Beginning of the query, without any AppSecret.
    pub query: String,
    /// Beginning of the body.
    pub body: String,
    /// The answer.
    pub response: String,
    client: std::net::IpAddr,
}

/// The calls that were refused.
#[derive(Clone, Default)]
pub struct FailedCalls {
    // Shared with the snapshots: a failed call never changes.
    by_id: HashMap<String, Arc<Failed>>,
    order: VecDeque<String>,
}

impl FailedCalls {
    /// The call with this id, while it is remembered.
    #[must_use]
    pub fn get(&self, rid: &str) -> Option<&Failed> {
        self.by_id.get(rid).map(AsRef::as_ref)
    }
}

/// Remembers a refused call.
pub fn remember(
    world: &mut World,
    call: &Call,
    id: String,
    at: Timestamp,
    cost_in_ms: u64,
    response: &[u8],
) {
    let account = match call.query("access_token") {
        Some(token) => world.tokens.get(token).copied(),
        None if call.endpoint == Endpoint::Token => {
            call.query("appid").and_then(|appid| world.position(appid))
        }
        None => None,
    };
    let failed = Failed {
        account,
        at,
        cost_in_ms,
        query: beginning(without_secret(call.raw_query()).as_bytes()),
        body: beginning(&call.body),
        response: beginning(response),
        client: call.peer,
    };
    let failures = &mut world.failed_calls;
    if failures.order.len() == KEPT
        && let Some(oldest) = failures.order.pop_front()
    {
        failures.by_id.remove(&oldest);
    }
    failures.order.push_back(id.clone());
    failures.by_id.insert(id, Arc::new(failed));
}

fn beginning(body: &[u8]) -> String {
    let end = body.len().min(BODY_BYTES);
    String::from_utf8_lossy(body.get(..end).unwrap_or_default()).into_owned()
}

/// An AppSecret is never given back.
fn without_secret(query: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((name @ ("secret" | "appsecret"), _)) => format!("{name}=***"),
        _ => part.to_owned(),
    };
    query.split('&').map(part).collect::<Vec<_>>().join("&")
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    rid: String,
}

fn has_shape(rid: &str) -> bool {
    let hex = |part: &str| {
        part.len() == 8 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    rid.split('-').count() == 3 && rid.split('-').all(hex)
}

/// `openapi/rid/get`.
///
/// # Errors
/// 76002 empty or malformed, 76001 unknown, 76003 another account's, 76004 too old.
pub fn get(world: &World, position: usize, call: &Call, limits: &Limits) -> Answer {
    let request: Request = call.json()?;
    if !has_shape(&request.rid) {
        return Err(Refused::new(76002));
    }
    let failed = world.failed_calls.by_id.get(&request.rid).ok_or(Refused::new(76001))?;
    if failed.account != Some(position) {
        return Err(Refused::with_text(76003, "rid belongs to another account".to_owned()));
    }
    if world.now() - failed.at > limits.rid_days * 86_400 {
        return Err(Refused::new(76004));
    }
    answer(&json!({ "errcode": 0, "errmsg": "ok", "request": {
        "invoke_time": failed.at, "cost_in_ms": failed.cost_in_ms,
        "request_url": failed.query, "request_body": failed.body,
        "response_body": failed.response, "client_ip": failed.client } }))
}
