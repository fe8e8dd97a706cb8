//! Tickets that sign pages and cards (`platform/09 §6`).

use std::collections::HashMap;

use serde_json::json;
use wire::Timestamp;

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};

/// Characters of a ticket, as of the platform's own example.
const LENGTH: usize = 86;

/// The tickets of one account, one a kind.
#[derive(Debug, Clone, Default)]
pub struct Tickets(HashMap<&'static str, (String, Timestamp)>);

/// `ticket/getticket`. A ticket that lives is given again with what is left of its life (assumed).
///
/// # Errors
/// 40097 for a kind other than `jsapi` and `wx_card` (assumed).
pub fn get(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let kind = match call.query("type") {
        Some("jsapi") => "jsapi",
        Some("wx_card") => "wx_card",
        _ => return Err(Refused::new(40097)),
    };
    let (account, now) = (&mut *scene.account, scene.now);
    let living = account.tickets.0.get(kind).filter(|(_, expires)| now < *expires).cloned();
    let (ticket, expires) = match living {
        Some(living) => living,
        None => {
            let made = (account.chance.text(LENGTH), now + scene.limits.ticket_seconds);
            account.tickets.0.insert(kind, made.clone());
            made
        }
    };
    answer(&json!({ "errcode": 0, "errmsg": "ok", "ticket": ticket, "expires_in": expires - now }))
}
