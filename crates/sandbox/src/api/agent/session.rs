//! Whom an agent talks with, who waits for one, and what was said (`platform/05 §4`).

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;
use serde_json::{Value, json};
use wire::Timestamp;

use crate::api::refusal::Refused;
use crate::api::{Answer, Call, Scene, answer, done};

/// People listed who wait.
const MOST_WAITING: usize = 100;
/// Records of one answer.
const MOST_RECORDS: i64 = 10_000;
/// Longest span of records asked for, seconds.
const SPAN_SECONDS: i64 = 86_400;
/// Records kept; the oldest give way.
const KEPT: usize = 100_000;
/// The agent wrote.
const SENT: i64 = 2002;
/// The person wrote.
const RECEIVED: i64 = 2003;

#[derive(Debug, Clone)]
struct Talk {
    kf_account: String,
    since: Timestamp,
}

#[derive(Debug, Clone)]
struct Record {
    number: i64,
    person: u32,
    code: i64,
    text: String,
    at: Timestamp,
    worker: String,
}

/// The talks of one account.
#[derive(Debug, Clone, Default)]
pub struct Talks {
    of: BTreeMap<u32, Talk>,
    /// Who waits for an agent, and when they last wrote.
    waiting: VecDeque<(u32, Timestamp)>,
    records: VecDeque<Record>,
    numbered: i64,
}

impl Talks {
    /// People this agent talks with.
    #[must_use]
    pub fn count(&self, kf_account: &str) -> usize {
        self.of.values().filter(|talk| talk.kf_account == kf_account).count()
    }

    /// People this agent talks with, and since when.
    pub fn with(&self, kf_account: &str) -> impl Iterator<Item = (u32, Timestamp)> {
        let of_agent = move |(_, talk): &(&u32, &Talk)| talk.kf_account == kf_account;
        self.of.iter().filter(of_agent).map(|(person, talk)| (*person, talk.since))
    }

    /// Who waits for an agent, and when they last wrote.
    pub fn waiting(&self) -> impl Iterator<Item = (u32, Timestamp)> {
        self.waiting.iter().copied()
    }

    /// The agent is no more.
    pub fn end_all(&mut self, kf_account: &str) {
        self.of.retain(|_, talk| talk.kf_account != kf_account);
    }

    /// A talk begins.
    pub fn begin(&mut self, person: u32, kf_account: &str, now: Timestamp) {
        self.waiting.retain(|(waits, _)| *waits != person);
        self.of.insert(person, Talk { kf_account: kf_account.to_owned(), since: now });
    }

    /// Somebody is handed over and waits, unless they talk with an agent already.
    pub fn wait(&mut self, person: u32, now: Timestamp) {
        if !self.of.contains_key(&person) {
            self.waiting.retain(|(waits, _)| *waits != person);
            self.waiting.push_back((person, now));
        }
    }

    fn record(&mut self, person: u32, code: i64, text: &str, worker: &str, at: Timestamp) {
        self.numbered += 1;
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        let (text, worker) = (text.to_owned(), worker.to_owned());
        self.records.push_back(Record { number: self.numbered, person, code, text, at, worker });
    }

    /// An agent wrote.
    pub fn sent(&mut self, person: u32, text: &str, worker: &str, at: Timestamp) {
        self.record(person, SENT, text, worker, at);
    }

    /// A person wrote; kept when they talk with an agent.
    pub fn received(&mut self, person: u32, text: &str, at: Timestamp) {
        if let Some(talk) = self.of.get(&person).cloned() {
            self.record(person, RECEIVED, text, &talk.kf_account, at);
        } else if let Some(waits) = self.waiting.iter_mut().find(|(waits, _)| *waits == person) {
            waits.1 = at;
        }
    }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    kf_account: String,
    #[serde(default)]
    openid: String,
}

fn named(call: &Call, scene: &Scene<'_>) -> Result<(String, u32), Refused> {
    let wish: Named = call.json()?;
    if !scene.account.agents.has(&wish.kf_account) {
        return Err(Refused::new(65401));
    }
    let person = scene.account.people.person(&wish.openid).ok_or(Refused::new(40003))?;
    Ok((wish.kf_account, person))
}

/// `kfsession/create`. The same agent again changes nothing.
///
/// # Errors
/// 65401 for an unknown agent, 40003 for a foreign OpenID, 65415 when the agent is away, 65414
/// when another talks with the person.
pub fn create(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let (kf_account, person) = named(call, scene)?;
    let agents = &mut scene.account.agents;
    if !agents.is_online(&kf_account) {
        return Err(Refused::new(65415));
    }
    match agents.talks.of.get(&person) {
        Some(talk) if talk.kf_account != kf_account => return Err(Refused::new(65414)),
        Some(_) => {}
        None => agents.talks.begin(person, &kf_account, scene.now),
    }
    done()
}

/// `kfsession/close`.
///
/// # Errors
/// 65401 for an unknown agent, 40003 for a foreign OpenID, 65413 without a talk, 65414 when
/// another talks with the person.
pub fn close(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let (kf_account, person) = named(call, scene)?;
    let talks = &mut scene.account.agents.talks;
    let talk = talks.of.get(&person).ok_or(Refused::new(65413))?;
    if talk.kf_account != kf_account {
        return Err(Refused::new(65414));
    }
    talks.of.remove(&person);
    done()
}

/// `kfsession/getsession`: who talks with a person.
///
/// # Errors
/// 41009 without an OpenID, 40003 for a foreign one.
pub fn of_person(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let openid = call.query("openid").ok_or(Refused::new(41009))?;
    let person = scene.account.people.person(openid).ok_or(Refused::new(40003))?;
    let talk = scene.account.agents.talks.of.get(&person);
    let (since, kf_account) = talk.map_or((0, ""), |talk| (talk.since.0, &talk.kf_account));
    answer(&json!({ "createtime": since, "kf_account": kf_account }))
}

/// `kfsession/getsessionlist`: with whom an agent talks.
///
/// # Errors
/// 65401 for an unknown agent.
pub fn of_agent(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let kf_account = call.query("kf_account").unwrap_or_default();
    let account = &*scene.account;
    if !account.agents.has(kf_account) {
        return Err(Refused::new(65401));
    }
    let own = account.agents.talks.of.iter().filter(|(_, talk)| talk.kf_account == kf_account);
    let list: Vec<Value> = own
        .map(|(person, talk)| {
            json!({ "createtime": talk.since.0, "openid": account.people.openid(*person) })
        })
        .collect();
    answer(&json!({ "sessionlist": list }))
}

/// `kfsession/getwaitcase`: who waits for an agent.
///
/// # Errors
/// None of its own.
pub fn waiting(scene: &mut Scene<'_>) -> Answer {
    let account = &*scene.account;
    let waiting = &account.agents.talks.waiting;
    let list: Vec<Value> = waiting
        .iter()
        .take(MOST_WAITING)
        .map(
            |(person, at)| json!({ "latest_time": at.0, "openid": account.people.openid(*person) }),
        )
        .collect();
    answer(&json!({ "count": waiting.len(), "waitcaselist": list }))
}

#[derive(Deserialize)]
struct Span {
    #[serde(default)]
    starttime: i64,
    #[serde(default)]
    endtime: i64,
    #[serde(default)]
    msgid: i64,
    #[serde(default)]
    number: i64,
}

/// `msgrecord/getmsglist`: from the record numbered `msgid` on; the answer's `msgid` goes on.
///
/// # Errors
/// 65416 for a number outside 1 to 10,000, an `msgid` below 1 or an end before the start, 65417
/// for more than a day.
pub fn records(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let span: Span = call.json()?;
    if !(1..=MOST_RECORDS).contains(&span.number) || span.msgid < 1 || span.endtime < span.starttime
    {
        return Err(Refused::new(65416));
    }
    if span.endtime.saturating_sub(span.starttime) > SPAN_SECONDS {
        return Err(Refused::new(65417));
    }
    let account = &*scene.account;
    let within = |record: &&Record| {
        record.number >= span.msgid && (span.starttime..=span.endtime).contains(&record.at.0)
    };
    let most = usize::try_from(span.number).unwrap_or(0);
    let found: Vec<&Record> =
        account.agents.talks.records.iter().filter(within).take(most).collect();
    let next = found.last().map_or(span.msgid, |last| last.number + 1);
    let list: Vec<Value> = found
        .iter()
        .map(|record| {
            json!({"openid":account.people.openid(record.person),"opercode":record.code,
                "text":record.text,"time":record.at.0,"worker":record.worker})
        })
        .collect();
    answer(&json!({ "recordlist": list, "number": found.len(), "msgid": next }))
}
