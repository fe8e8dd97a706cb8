//! Texts kept under short keys, and the short addresses the platform withdrew (`platform/09 §4`).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;
use wire::Timestamp;

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};

const KEY_CHARACTERS: usize = 15;

#[derive(Debug, Clone)]
struct Kept {
    text: String,
    created: Timestamp,
    expires: Timestamp,
}

/// Keys held before the expired ones are dropped; then again at twice as many as are left.
const FIRST_SWEEP: usize = 1_000;

/// The short keys of one account.
#[derive(Debug, Clone, Default)]
pub struct ShortKeys {
    kept: HashMap<String, Kept>,
    sweep_at: usize,
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    long_data: String,
    #[serde(default)]
    expire_seconds: Option<i64>,
}

/// `shorten/gen`.
///
/// # Errors
/// 47003 without a text, 9410010 for one too long, 9410011 for a life out of range.
pub fn create(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Wish = call.json()?;
    let most = scene.limits.short_key_seconds;
    if wish.long_data.is_empty() {
        return Err(Refused::with_text(47003, "argument invalid! long_data".to_owned()));
    }
    if wish.long_data.len() as i64 > scene.limits.short_key_bytes {
        return Err(Refused::new(9_410_010));
    }
    let seconds = wish.expire_seconds.unwrap_or(most);
    if seconds < 1 || seconds > most {
        return Err(Refused::new(9_410_011));
    }
    // Letters and digits only; the two other characters of a draw are replaced.
    let key = scene.account.chance.text(KEY_CHARACTERS).replace('-', "x").replace('_', "y");
    let now = scene.now;
    let keys = &mut scene.account.short_keys;
    if keys.kept.len() >= keys.sweep_at.max(FIRST_SWEEP) {
        keys.kept.retain(|_, kept| now < kept.expires);
        keys.sweep_at = keys.kept.len() * 2;
    }
    keys.kept
        .insert(key.clone(), Kept { text: wish.long_data, created: now, expires: now + seconds });
    answer(&json!({ "errcode": 0, "errmsg": "ok", "short_key": key }))
}

#[derive(Deserialize)]
struct Fetch {
    #[serde(default)]
    short_key: String,
}

/// `shorten/fetch`; `expire_seconds` is what is left.
///
/// # Errors
/// 9410012 for a key that is unknown, expired or another account's.
pub fn fetch(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Fetch = call.json()?;
    let keys = &scene.account.short_keys.kept;
    let kept = keys
        .get(&wish.short_key)
        .filter(|kept| scene.now < kept.expires)
        .ok_or(Refused::new(9_410_012))?;
    answer(&json!({ "errcode": 0, "errmsg": "ok", "long_data": kept.text,
        "create_time": kept.created, "expire_seconds": kept.expires - scene.now }))
}

/// `shorturl`, withdrawn in 2023.
///
/// # Errors
/// 45103, always.
pub fn withdrawn() -> Answer {
    Err(Refused::new(45103))
}
