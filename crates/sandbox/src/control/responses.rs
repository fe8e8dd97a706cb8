//! The truth of how people answer campaigns: true chances of each type, what each message brought,
//! and because of which message an order came (docs/sandbox-population.md).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::followers::account;
use super::{Answer, CSV, Refusal, json, lines, position, read};
use crate::account::Account;
use crate::population::behaviour::Behaviour;
use crate::population::description::{FollowerType, GENERAL};
use crate::population::response::{Answered, Chances, Counts};
use crate::world::{Shared, World};

/// Messages of a month of which the true chances are told.
const MESSAGES: usize = 4;

fn described<'a>(world: &'a World, appid: &str) -> Result<(&'a Account, &'a Behaviour), Refusal> {
    let account = account(world, position(world, appid)?)?;
    let behaviour = account.behaviour.as_ref().ok_or_else(|| {
        Refusal::conflict(format!(
            "the people of {appid} have no population; give it with the account"
        ))
    })?;
    Ok((account, behaviour))
}

/// True chances of one person who received a message: what it does that its absence would not.
#[derive(Serialize)]
struct True {
    read: f64,
    click: f64,
    write: f64,
    share: f64,
    /// Orders it brings, one person.
    order: f64,
    /// Leaves because of it.
    leave: f64,
    /// Fen it brings, one person.
    cents: f64,
}

impl From<Chances> for True {
    fn from(chances: Chances) -> Self {
        let Chances { read, click, write, share, order, leave, cents } = chances;
        Self { read, click, write, share, order, leave, cents }
    }
}

#[derive(Serialize)]
struct ShownType<'a> {
    name: &'a str,
    /// Who follow now.
    followers: u64,
    /// Chance that one person orders on a day without any message.
    orders_a_day: f64,
    /// Fen of one person on a day without any message.
    cents_a_day: f64,
    /// Chance that one person leaves on a day without any message.
    leave_a_day: f64,
    /// By kind of campaign, the first, second, third and fourth message of a month.
    kinds: BTreeMap<&'a str, Vec<True>>,
}

fn shown_type<'a>(of_type: &'a FollowerType, kinds: &[&'a str], followers: u64) -> ShownType<'a> {
    let chances = |kind: &&'a str| {
        let response = of_type.response(kind);
        (*kind, (1..=MESSAGES).map(|nth| Chances::of(of_type, &response, nth).into()).collect())
    };
    let daily = &of_type.daily;
    ShownType {
        name: &of_type.name,
        followers,
        orders_a_day: daily.order,
        cents_a_day: daily.order * daily.amount.mean_cents(),
        leave_a_day: daily.leave,
        kinds: kinds.iter().map(chances).collect(),
    }
}

/// `GET …/truth/types`: the true chances of each type of followers.
pub async fn types(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let (account, behaviour) = described(&world, &appid)?;
    let character = &behaviour.character;
    let mut kinds: Vec<&str> =
        character.description().kinds.iter().map(|kind| kind.name.as_str()).collect();
    kinds.push(GENERAL);
    let mut followers = vec![0; character.types().len()];
    for person in account.people.following() {
        if let Some(count) = followers.get_mut(character.type_of(person)) {
            *count += 1;
        }
    }
    let types = character.types().iter().zip(followers);
    json(&types.map(|(one, count)| shown_type(one, &kinds, count)).collect::<Vec<_>>())
}

/// `GET …/truth/types.csv`: `openid,type` of everybody who ever followed.
pub async fn types_of_people(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
) -> Answer {
    let world = shared.world();
    let (account, behaviour) = described(&world, &appid)?;
    let (cipher, ever) = (account.people.cipher().clone(), account.people.ever());
    let character = behaviour.character.clone();
    let head = std::iter::once("openid,type".to_owned());
    let row = move |person| format!("{},{}", cipher.openid(person), character.type_name(person));
    Ok(lines(CSV, head.chain((0..ever).map(row))))
}

#[derive(Serialize)]
struct ShownCounts {
    received: u64,
    read: u64,
    clicked: u64,
    wrote: u64,
    shared: u64,
    ordered: u64,
    amount_cents: i64,
    left: u64,
}

impl From<&Counts> for ShownCounts {
    fn from(counts: &Counts) -> Self {
        let Counts { received, read, clicked, wrote, shared, ordered, cents, left } = *counts;
        Self { received, read, clicked, wrote, shared, ordered, amount_cents: cents, left }
    }
}

#[derive(Serialize)]
struct Class<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    /// Which message of the month it was for them.
    nth: usize,
    /// What they do in answer, over the days after it.
    drawn: ShownCounts,
    /// What one of them does with this chance.
    chance: True,
}

#[derive(Serialize)]
struct ShownResponse<'a> {
    msg_id: i64,
    clientmsgid: Option<&'a str>,
    kind: &'a str,
    /// What has happened of it by now.
    so_far: ShownCounts,
    /// What will have happened when everybody has answered, unless they leave before.
    drawn: ShownCounts,
    classes: Vec<Class<'a>>,
}

fn shown<'a>(
    account: &'a Account,
    behaviour: &'a Behaviour,
    msg_id: i64,
    answered: &'a Answered,
) -> ShownResponse<'a> {
    let mut drawn = Counts::default();
    let mut classes = Vec::new();
    for ((place, nth), counts) in &answered.classes {
        drawn.add(counts);
        if let Some(of_type) = behaviour.character.types().get(*place) {
            let chances = Chances::of(of_type, &of_type.response(&answered.kind), *nth);
            let name = of_type.name.as_str();
            classes.push(Class { name, nth: *nth, drawn: counts.into(), chance: chances.into() });
        }
    }
    ShownResponse {
        msg_id,
        clientmsgid: account.jobs.get(msg_id).and_then(|job| job.clientmsgid.as_deref()),
        kind: &answered.kind,
        so_far: (&answered.so_far).into(),
        drawn: (&drawn).into(),
        classes,
    }
}

/// `GET …/truth/responses`: what each mass message brought, oldest first.
pub async fn responses(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let (account, behaviour) = described(&world, &appid)?;
    let mut jobs: Vec<_> = account
        .jobs
        .newest_first()
        .filter_map(|job| Some((job.msg_id, behaviour.answered.get(&job.msg_id)?)))
        .map(|(msg_id, answered)| shown(account, behaviour, msg_id, answered))
        .collect();
    jobs.reverse();
    json(&jobs)
}

/// `GET …/truth/responses/{msg_id}`: `openid,type,read,clicked,left,cents` of everybody who
/// received it.
pub async fn response(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_id)): Path<(String, String)>,
) -> Answer {
    let world = shared.world();
    let (account, behaviour) = described(&world, &appid)?;
    let job = find_job(account, &msg_id)?;
    let answered = behaviour.answered.get(&job).ok_or_else(|| {
        Refusal::conflict(format!("job {msg_id} has not been delivered; move the clock past it"))
    })?;
    let received = account.jobs.get(job).map(|job| job.received.clone()).unwrap_or_default();
    let (cipher, character) = (account.people.cipher().clone(), behaviour.character.clone());
    let answered = answered.clone();
    let head = std::iter::once("openid,type,read,clicked,left,cents".to_owned());
    let row = move |person: u32| {
        let is = |set: &roaring::RoaringBitmap| u8::from(set.contains(person));
        format!(
            "{},{},{},{},{},{}",
            cipher.openid(person),
            character.type_name(person),
            is(&answered.readers),
            is(&answered.clickers),
            is(&answered.leavers),
            answered.orders.get(&person).copied().unwrap_or(0)
        )
    };
    Ok(lines(CSV, head.chain(received.into_iter().map(row))))
}

/// `GET …/truth/orders.csv`: every order since the start, and the message that brought it.
pub async fn orders(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let account = account(&world, position(&world, &appid)?)?;
    let cipher = account.people.cipher().clone();
    let all = account.orders.since(wire::Timestamp(i64::MIN)).to_vec();
    let head = std::iter::once("order_id,openid,time,cents,msg_id".to_owned());
    let row = move |new: crate::population::behaviour::NewOrder| {
        let because_of = new.because_of.map(|msg_id| msg_id.to_string()).unwrap_or_default();
        let order = &new.order;
        format!(
            "{},{},{},{},{because_of}",
            order.id,
            cipher.openid(new.person),
            order.at,
            order.cents
        )
    };
    Ok(lines(CSV, head.chain(all.into_iter().map(row))))
}

fn find_job(account: &Account, name: &str) -> Result<i64, Refusal> {
    let by_key = || {
        let named = |msg_id: i64| account.jobs.get(msg_id)?.clientmsgid.as_deref();
        let mut all = account.jobs.newest_first().map(|job| job.msg_id);
        all.find(|msg_id| named(*msg_id) == Some(name))
    };
    let by_number = name.parse().ok().filter(|msg_id| account.jobs.get(*msg_id).is_some());
    by_number.or_else(by_key).ok_or_else(|| {
        let sentence = format!("there is no job {name:?}; give msg_id or clientmsgid, see …/jobs");
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    kind: String,
}

/// `PUT …/jobs/{msg_id or clientmsgid}/kind`: which kind of campaign a job is, instead of what its
/// words say; until it is delivered.
pub async fn tell_kind(
    State(shared): State<Arc<Shared>>,
    Path((appid, name)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let told: Told = read(&body)?;
    let mut world = shared.world();
    let msg_id = {
        let (account, behaviour) = described(&world, &appid)?;
        if !behaviour.character.description().has_kind(&told.kind) {
            let sentence =
                format!("kind is {:?}; give one of population.kinds, or general", told.kind);
            return Err(Refusal::bad(sentence));
        }
        find_job(account, &name)?
    };
    let position = position(&world, &appid)?;
    let job = world.account_mut(position).and_then(|account| account.jobs.get_mut(msg_id));
    match job {
        Some(job) if job.outcome.is_none() => job.told_kind = Some(told.kind.clone()),
        _ => return Err(Refusal::conflict(format!("job {msg_id} was carried out already"))),
    }
    json(&serde_json::json!({ "msg_id": msg_id, "kind": told.kind }))
}
