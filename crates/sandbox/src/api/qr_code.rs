//! QR codes with scenes (`platform/09 §3`): made here, scanned through the control interface.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};
use wire::Timestamp;

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};
use crate::chance::{Chance, letters};

/// Bounds of a permanent code's number.
const PERMANENT_NUMBERS: std::ops::RangeInclusive<i64> = 1..=100_000;
/// Longest text of a scene, characters.
const TEXT_CHARACTERS: usize = 64;
/// Tickets begin `gQ` and have about 96 characters.
const TICKET_DRAWN: usize = 92;
/// Codes held before the expired ones are dropped; then again at twice as many as are left.
const FIRST_SWEEP: usize = 10_000;

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum QrScene {
    /// A number.
    Number(i64),
    /// A text, pushed as it is.
    Text(String),
}

impl std::fmt::Display for QrScene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A person scanned a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The code's scene.
    pub scene: QrScene,
    /// The code's ticket.
    pub ticket: String,
}

#[derive(Debug, Clone)]
struct Code {
    scene: QrScene,
    url: String,
    /// `None`: permanent.
    expires: Option<Timestamp>,
}

/// The codes of one account.
#[derive(Debug, Clone, Default)]
pub struct QrCodes {
    /// In order, so that whoever scans some code scans the same one again.
    by_ticket: BTreeMap<String, Code>,
    /// Tickets of the permanent codes; they cannot be deleted.
    permanent: HashMap<QrScene, String>,
    permanent_made: i64,
    /// Whoever followed last by one of these codes.
    followed_by: HashMap<u32, Scanned>,
    sweep_at: usize,
}

impl QrCodes {
    /// The scene of a ticket that can still be scanned.
    #[must_use]
    pub fn scan(&self, ticket: &str, now: Timestamp) -> Option<Scanned> {
        let code = self.by_ticket.get(ticket)?;
        let lives = code.expires.is_none_or(|expires| now < expires);
        lives.then(|| Scanned { scene: code.scene.clone(), ticket: ticket.to_owned() })
    }

    /// Codes that can still be scanned, in the order of their scenes; `None` when there are more
    /// than `most`.
    #[must_use]
    pub fn living(&self, most: usize, now: Timestamp) -> Option<Vec<Scanned>> {
        if self.by_ticket.len() > most {
            return None;
        }
        let mut living: Vec<_> =
            self.by_ticket.keys().filter_map(|ticket| self.scan(ticket, now)).collect();
        living.sort_by_key(|code| (code.scene.to_string(), code.ticket.clone()));
        Some(living)
    }

    /// What the code of a ticket says, while it can be scanned.
    #[must_use]
    pub fn address(&self, ticket: &str, now: Timestamp) -> Option<String> {
        let code = self.by_ticket.get(ticket)?;
        code.expires.is_none_or(|expires| now < expires).then(|| code.url.clone())
    }

    /// One of the codes that can still be scanned, by a draw.
    #[must_use]
    pub fn some(&self, drawn: u64, now: Timestamp) -> Option<Scanned> {
        let from = format!("gQ{}", letters(drawn, 8));
        let lives = |code: &Code| code.expires.is_none_or(|expires| now < expires);
        let after = self.by_ticket.range(from..).find(|(_, code)| lives(code));
        let (ticket, code) =
            after.or_else(|| self.by_ticket.iter().find(|(_, code)| lives(code)))?;
        Some(Scanned { scene: code.scene.clone(), ticket: ticket.clone() })
    }

    /// By which code the person followed last, when it is one of these.
    #[must_use]
    pub fn followed_by(&self, person: u32) -> Option<&Scanned> {
        self.followed_by.get(&person)
    }

    /// Notes by which code the person follows now.
    pub fn note_follow(&mut self, person: u32, scanned: Option<Scanned>) {
        match scanned {
            Some(scanned) => self.followed_by.insert(person, scanned),
            None => self.followed_by.remove(&person),
        };
    }

    fn add(
        &mut self,
        scene: QrScene,
        expires: Option<Timestamp>,
        now: Timestamp,
        chance: &mut Chance,
    ) -> (String, String) {
        if self.by_ticket.len() >= self.sweep_at.max(FIRST_SWEEP) {
            self.by_ticket.retain(|_, code| code.expires.is_none_or(|expires| now < expires));
            self.sweep_at = self.by_ticket.len() * 2;
        }
        let ticket = format!("gQ{}==", chance.text(TICKET_DRAWN));
        let url = format!("http://weixin.qq.com/q/02{}", chance.text(22));
        if expires.is_none() {
            self.permanent_made += 1;
            self.permanent.insert(scene.clone(), ticket.clone());
        }
        self.by_ticket.insert(ticket.clone(), Code { scene, url: url.clone(), expires });
        (ticket, url)
    }
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    expire_seconds: Option<i64>,
    #[serde(default)]
    action_name: String,
    #[serde(default)]
    action_info: Option<ActionInfo>,
}

#[derive(Deserialize)]
struct ActionInfo {
    #[serde(default)]
    scene: Option<SceneWish>,
}

#[derive(Deserialize)]
struct SceneWish {
    #[serde(default)]
    scene_id: Option<Value>,
    #[serde(default)]
    scene_str: Option<String>,
}

/// Which scenes an action takes, and whether the code is permanent.
fn action(name: &str) -> Option<(bool, bool)> {
    match name {
        "QR_SCENE" => Some((false, false)),
        "QR_STR_SCENE" => Some((true, false)),
        "QR_LIMIT_SCENE" => Some((false, true)),
        "QR_LIMIT_STR_SCENE" => Some((true, true)),
        _ => None,
    }
}

/// `qrcode/create`. The same permanent scene asked for again gives the same code (assumed).
///
/// # Errors
/// 40052 for the action, 40053 without a scene, 40129 for a scene out of range, 40097 for a life
/// out of range (assumed), 45029 for more permanent codes than there may be.
pub fn create(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Request = call.json()?;
    let (by_text, permanent) = action(&request.action_name).ok_or(Refused::new(40052))?;
    let wish = request.action_info.and_then(|info| info.scene).ok_or(Refused::new(40053))?;
    let wanted = if by_text {
        QrScene::Text(text(wish.scene_str)?)
    } else {
        QrScene::Number(number(wish.scene_id, permanent)?)
    };
    let same_code = scene.account.assumptions.same_scene_same_code;
    let codes = &mut scene.account.qr_codes;
    let (limits, now) = (&scene.limits, scene.now);
    if permanent {
        let known = codes.permanent.get(&wanted).filter(|_| same_code);
        if let Some(ticket) = known {
            let url = codes.by_ticket.get(ticket).map_or("", |code| code.url.as_str());
            return answer(&json!({ "ticket": ticket, "url": url }));
        }
        if codes.permanent_made >= limits.qr_permanent {
            return Err(Refused::new(45029));
        }
        let (ticket, url) = codes.add(wanted, None, now, &mut scene.account.chance);
        return answer(&json!({ "ticket": ticket, "url": url }));
    }
    let seconds = request.expire_seconds.unwrap_or(limits.qr_default_seconds);
    if seconds < 1 || seconds > limits.qr_seconds {
        return Err(Refused::new(40097));
    }
    let (ticket, url) = codes.add(wanted, Some(now + seconds), now, &mut scene.account.chance);
    answer(&json!({ "ticket": ticket, "expire_seconds": seconds, "url": url }))
}

fn text(wish: Option<String>) -> Result<String, Refused> {
    let text = wish.ok_or(Refused::new(40053))?;
    let fits = (1..=TEXT_CHARACTERS).contains(&text.chars().count());
    if fits { Ok(text) } else { Err(Refused::new(40129)) }
}

/// A number, or a text that is one (assumed to be taken).
fn number(wish: Option<Value>, permanent: bool) -> Result<i64, Refused> {
    let number = match wish {
        None | Some(Value::Null) => return Err(Refused::new(40053)),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    let fits = |number: &i64| {
        if permanent {
            PERMANENT_NUMBERS.contains(number)
        } else {
            (1..=i64::from(u32::MAX)).contains(number)
        }
    };
    number.filter(fits).ok_or(Refused::new(40129))
}
