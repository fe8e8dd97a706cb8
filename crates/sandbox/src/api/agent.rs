//! Agents (客服帐号, `platform/05 §4`): their accounts, whom they talk with, and what was said.
//!
//! Which of an agent's codes fits which slip is assumed where the page gives a row of them. Agents
//! come and go, and people invited answer, through the control interface.

pub mod session;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::Timestamp;

use super::media::file::Format;
use super::media::picture_address;
use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use crate::account::Account;
use session::Talks;

/// Agents of an account.
const MOST: usize = 100;
/// Characters before the @ of an agent's account.
const PREFIX_CHARACTERS: usize = 10;
const NICKNAME_CHARACTERS: usize = 16;
const PICTURE_BYTES: usize = 5 * 1024 * 1024;
const FIRST_NUMBER: i64 = 1001;
/// Seconds an invitation can be answered; the page gives none (assumed).
const INVITATION_SECONDS: i64 = 86_400;

/// How an agent's account stands to the person behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Worker {
    Nobody,
    Invited { name: String, until: Timestamp, rejected: bool },
    Bound(String),
}

/// Where an agent sits; the numbers are those of `getonlinekflist`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// At the web.
    Web = 1,
    /// On the phone.
    Phone = 2,
    /// At both.
    Both = 3,
}

impl Seat {
    /// What the control interface calls coming there; `None` for another act.
    #[must_use]
    pub fn of_act(act: &str) -> Option<Self> {
        match act {
            "online" => Some(Self::Web),
            "online-on-phone" => Some(Self::Phone),
            "online-on-both" => Some(Self::Both),
            _ => None,
        }
    }
}

/// An agent.
#[derive(Debug, Clone)]
pub struct Agent {
    nickname: String,
    number: i64,
    picture: String,
    worker: Worker,
    seat: Option<Seat>,
}

/// The agents of one account.
#[derive(Debug, Clone, Default)]
pub struct Agents {
    by_account: BTreeMap<String, Agent>,
    made: i64,
    /// WeChat names whose invitation is refused, and the code: 65409–65412, of which the pages say
    /// no more than that they are about invitations (`platform/02 §6.4`).
    pub refused_invitations: BTreeMap<String, i64>,
    /// Whom they talk with.
    pub talks: Talks,
}

/// How an agent's account stands to the person behind it, and their WeChat name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nobody was invited.
    Nobody,
    /// Somebody is behind it.
    Bound(&'a str),
    /// Somebody was invited and has not answered.
    Waiting(&'a str),
    /// They said no.
    Rejected(&'a str),
    /// They have not answered in time.
    Expired(&'a str),
}

impl Agent {
    /// The name people see.
    #[must_use]
    pub fn nickname(&self) -> &str {
        &self.nickname
    }

    /// Its number, `kf_id`.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }

    /// How it stands to the person behind it.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing<'_> {
        match &self.worker {
            Worker::Nobody => Standing::Nobody,
            Worker::Bound(name) => Standing::Bound(name),
            Worker::Invited { name, rejected: true, .. } => Standing::Rejected(name),
            Worker::Invited { name, until, .. } if now >= *until => Standing::Expired(name),
            Worker::Invited { name, .. } => Standing::Waiting(name),
        }
    }
}

impl Agents {
    /// All agents and their accounts.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Agent)> {
        self.by_account.iter()
    }

    /// Whether there is an agent of this account.
    #[must_use]
    pub fn has(&self, kf_account: &str) -> bool {
        self.by_account.contains_key(kf_account)
    }

    /// Whether the agent can be given somebody to talk with.
    #[must_use]
    pub fn is_online(&self, kf_account: &str) -> bool {
        self.by_account.get(kf_account).is_some_and(|agent| agent.seat.is_some())
    }

    /// An agent comes to a seat or goes; `false` when there is none of this account.
    pub fn sit(&mut self, kf_account: &str, seat: Option<Seat>) -> bool {
        let Some(agent) = self.by_account.get_mut(kf_account) else { return false };
        agent.seat = seat;
        true
    }

    /// The person invited answers; `false` when no invitation waits.
    pub fn answer_invitation(&mut self, kf_account: &str, accepts: bool, now: Timestamp) -> bool {
        let Some(agent) = self.by_account.get_mut(kf_account) else { return false };
        let Worker::Invited { name, until, rejected: false } = &agent.worker else { return false };
        if now >= *until {
            return false;
        }
        agent.worker = if accepts {
            Worker::Bound(name.clone())
        } else {
            Worker::Invited { name: name.clone(), until: *until, rejected: true }
        };
        true
    }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    kf_account: String,
    #[serde(default)]
    nickname: String,
    #[serde(default)]
    invite_wx: String,
}

/// 65404 for an account that is not `prefix@` and the account's WeChat id.
fn check_account(account: &Account, kf_account: &str) -> Result<(), Refused> {
    let (prefix, suffix) = kf_account.split_once('@').ok_or(Refused::new(65404))?;
    let fits = (1..=PREFIX_CHARACTERS).contains(&prefix.len())
        && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && suffix == account.wechat_id;
    if fits { Ok(()) } else { Err(Refused::new(65404)) }
}

fn check_nickname(nickname: &str) -> Result<(), Refused> {
    let fits = (1..=NICKNAME_CHARACTERS).contains(&nickname.chars().count());
    if fits { Ok(()) } else { Err(Refused::new(65403)) }
}

/// `kfaccount/add`. A password, as older programs send it, is not read.
///
/// # Errors
/// 65404 for the account's form, 65403 for the nickname, 65406 when it is there, 65405 over a
/// hundred.
pub fn add(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Named = call.json_with_literal_escapes()?;
    check_account(scene.account, &wish.kf_account)?;
    check_nickname(&wish.nickname)?;
    let agents = &mut scene.account.agents;
    if agents.has(&wish.kf_account) {
        return Err(Refused::new(65406));
    }
    if agents.by_account.len() >= MOST {
        return Err(Refused::new(65405));
    }
    let number = FIRST_NUMBER + agents.made;
    agents.made += 1;
    let agent = Agent {
        nickname: wish.nickname,
        number,
        picture: String::new(),
        worker: Worker::Nobody,
        seat: None,
    };
    agents.by_account.insert(wish.kf_account, agent);
    done()
}

/// `kfaccount/update`.
///
/// # Errors
/// 65401 when there is no such agent, 65403 for the nickname.
pub fn update(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Named = call.json_with_literal_escapes()?;
    let agent = scene.account.agents.by_account.get_mut(&wish.kf_account);
    let agent = agent.ok_or(Refused::new(65401))?;
    check_nickname(&wish.nickname)?;
    agent.nickname = wish.nickname;
    done()
}

/// `kfaccount/del`, by POST or, as an older page has it, by GET. Talks end.
///
/// # Errors
/// 65401 when there is no such agent.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let named = match call.query("kf_account") {
        Some(kf_account) => kf_account.to_owned(),
        None => call.json::<Named>()?.kf_account,
    };
    let agents = &mut scene.account.agents;
    agents.by_account.remove(&named).ok_or(Refused::new(65401))?;
    agents.talks.end_all(&named);
    done()
}

/// `kfaccount/inviteworker`. Any name is taken for a WeChat name.
///
/// # Errors
/// 65401 when there is no such agent; 65407 when the person is an agent here already, 65408 when
/// they were invited already (which code fits which is assumed, `platform/02 §6.4`); 65409–65412 as
/// the control interface has it for this person.
pub fn invite(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let wish: Named = call.json()?;
    let now = scene.now;
    let agents = &mut scene.account.agents.by_account;
    if !agents.contains_key(&wish.kf_account) {
        return Err(Refused::new(65401));
    }
    if wish.invite_wx.is_empty() {
        return Err(Refused::new(65416));
    }
    if let Some(code) = scene.account.agents.refused_invitations.get(&wish.invite_wx) {
        return Err(Refused::new(*code));
    }
    let agents = &mut scene.account.agents.by_account;
    for agent in agents.values() {
        match &agent.worker {
            Worker::Bound(name) if *name == wish.invite_wx => {
                let words = "the wechat user is already a custom service".to_owned();
                return Err(Refused::with_text(65407, words));
            }
            Worker::Invited { name, until, rejected: false }
                if *name == wish.invite_wx && now < *until =>
            {
                let words = "the wechat user is already invited".to_owned();
                return Err(Refused::with_text(65408, words));
            }
            _ => {}
        }
    }
    if let Some(agent) = agents.get_mut(&wish.kf_account) {
        let until = now + INVITATION_SECONDS;
        agent.worker = Worker::Invited { name: wish.invite_wx, until, rejected: false };
    }
    done()
}

/// `kfaccount/uploadheadimg`.
///
/// # Errors
/// 65401 when there is no such agent, 41005 and 44001 without a file, 40005 for another kind than
/// JPEG and PNG, 40009 over 5 MB.
pub fn upload_picture(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let named = call.query("kf_account").unwrap_or_default();
    let account = &mut *scene.account;
    let agent = account.agents.by_account.get_mut(named).ok_or(Refused::new(65401))?;
    let file = call.form.file.as_ref().ok_or(Refused::new(41005))?;
    if file.is_empty() {
        return Err(Refused::new(44001));
    }
    let format = Format::of(file)
        .filter(|format| matches!(format, Format::Jpeg | Format::Png))
        .ok_or(Refused::new(40005))?;
    if file.len() > PICTURE_BYTES {
        return Err(Refused::new(40009));
    }
    agent.picture = picture_address(format, &account.chance.text(64));
    done()
}

#[derive(Serialize)]
struct Listed<'a> {
    kf_account: &'a str,
    kf_nick: &'a str,
    kf_id: String,
    kf_headimgurl: &'a str,
    #[serde(flatten)]
    worker: Value,
}

/// `customservice/getkflist`.
///
/// # Errors
/// None of its own.
pub fn list(scene: &mut Scene<'_>) -> Answer {
    let now = scene.now;
    let listed = |(kf_account, agent): (&'_ String, &'_ Agent)| {
        let worker = match &agent.worker {
            Worker::Nobody => json!({}),
            Worker::Bound(name) => json!({ "kf_wx": name }),
            Worker::Invited { name, until, rejected } => {
                let status = match rejected {
                    true => "rejected",
                    false if now >= *until => "expired",
                    false => "waiting",
                };
                json!({"invite_wx":name,"invite_expire_time":until.0,"invite_status":status})
            }
        };
        json!(Listed {
            kf_account,
            kf_nick: &agent.nickname,
            kf_id: agent.number.to_string(),
            kf_headimgurl: &agent.picture,
            worker,
        })
    };
    let list: Vec<Value> = scene.account.agents.by_account.iter().map(listed).collect();
    answer(&json!({ "kf_list": list }))
}

/// `customservice/getonlinekflist`.
///
/// # Errors
/// None of its own.
pub fn online(scene: &mut Scene<'_>) -> Answer {
    let agents = &scene.account.agents;
    let online =
        agents.by_account.iter().filter_map(|(name, agent)| Some((name, agent, agent.seat?)));
    let list: Vec<Value> = online
        .map(|(kf_account, agent, seat)| {
            json!({"kf_account":kf_account,"status":seat as u8,"kf_id":agent.number.to_string(),
                "accepted_case":agents.talks.count(kf_account)})
        })
        .collect();
    answer(&json!({ "kf_online_list": list }))
}
