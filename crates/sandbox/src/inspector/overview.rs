//! The first page: the clock and what is due next, the accounts, faults laid out.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use wire::Timestamp;
use wire::rules::AccountKind;

use super::language::Reader;
use super::words::Words;
use super::{Page, Problem, back, render, written};
use crate::clock::{Due, run_to};
use crate::faults::Fault;
use crate::pace::{MOST_FACTOR, Pace};
use crate::population::people::{Act, Reaction};
use crate::push::To;
use crate::snapshots;
use crate::spec::AccountSpec;
use crate::world::{Shared, World};

/// Things to come that are listed.
const UPCOMING: usize = 12;
/// Accounts that are listed.
const ACCOUNTS: usize = 200;
/// Furthest one press of a button may go: people act on every evening on the way.
const MOST_SECONDS: i64 = 366 * 86_400;
/// Most people an account made on the page may start with.
const MOST_FOLLOWERS: u32 = 1_000_000;

/// Faults that can be laid out on the page: those that need nothing but their name.
const KINDS: &[&str] = &[
    "system_error",
    "day_quota",
    "minute_quota",
    "token_dead",
    "http_500",
    "cut_before",
    "lost_answer",
    "half_answer",
    "callback_lost",
    "callback_doubled",
];

struct Coming {
    at: String,
    account: String,
    what: String,
}

struct Row {
    appid: String,
    name: String,
    kind: &'static str,
    followers: u64,
    jobs: usize,
    first: Option<String>,
}

struct Waiting {
    endpoint: String,
    kind: &'static str,
    times: u64,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    w: &'static Words,
    page: Page,
    is_manual: bool,
    /// `manual`, `running` or `real`.
    mode: &'static str,
    factor: u32,
    snapshots: Vec<(String, String)>,
    /// As the field for a moment takes it.
    field: String,
    coming: Vec<Coming>,
    accounts: Vec<Row>,
    faults: Vec<Waiting>,
    /// Of a thousand calls, how many chance strikes.
    chance: Option<u32>,
    kinds: &'static [&'static str],
    calls: u64,
    refused: usize,
}

fn what(due: &Due, w: &Words) -> (To, String) {
    let (account, word) = match due {
        Due::Job { account, msg_id } => {
            return (To::Account(*account), format!("{} {msg_id}", w.due_job));
        }
        Due::Confirmation { account, msg_id } => {
            return (To::Account(*account), format!("{} {msg_id}", w.due_confirmation));
        }
        Due::Release { to } => return (*to, w.due_push.to_owned()),
        Due::Ticket { component } => return (To::Component(*component), w.due_ticket.to_owned()),
        Due::Publication { account, .. } => (*account, w.due_publication),
        Due::Notice(delivery) => (delivery.account, w.due_notice),
        Due::Push(waiting) => {
            let push = waiting.push();
            return (push.to, format!("{} {}", w.due_push, push.event));
        }
        Due::Evening { account, .. } => (*account, w.due_evening),
        Due::Day { account, .. } => (*account, w.due_day),
        Due::Act { account, act } => {
            let word = match act {
                Act::Arrive => w.due_arrive,
                Act::Leave(_) => w.due_leave,
                Act::Write(..) => w.due_write,
                Act::Click(..) | Act::Tap(_) => w.due_click,
                Act::Scan(_) => w.due_scan,
                Act::Locate { .. } => w.due_locate,
                Act::Order { .. } => w.due_order,
                Act::Read { .. } => w.due_read,
                Act::React { what, .. } => match what {
                    Reaction::Click => w.due_click,
                    Reaction::Write => w.due_write,
                    Reaction::Order { .. } => w.due_order,
                    Reaction::Leave => w.due_leave,
                },
            };
            (*account, word)
        }
    };
    (To::Account(account), word.to_owned())
}

/// `GET …/`.
pub async fn show(State(shared): State<Arc<Shared>>, reader: Reader) -> Response {
    let w = reader.words();
    let snapshots = {
        let kept = shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|(name, world)| (name.clone(), written(world.now()))).collect()
    };
    let template = {
        let world = shared.world();
        let name = |to: To| match to {
            To::Account(position) => world.accounts().get(position).map(|one| one.name.clone()),
            To::Component(position) => {
                world.components.get(position).map(|platform| platform.appid.to_string())
            }
        };
        let coming = world.queue.upcoming(UPCOMING).into_iter().map(|(at, due)| {
            let (to, what) = what(due, w);
            Coming { at: written(at), account: name(to).unwrap_or_default(), what }
        });
        let accounts = world.accounts().iter().take(ACCOUNTS).map(|account| Row {
            appid: account.appid.to_string(),
            name: account.name.clone(),
            kind: w.kind(account.kind),
            followers: account.people.following().len(),
            jobs: account.jobs.newest_first().count(),
            first: account.people.following().min().map(|person| account.people.openid(person)),
        });
        let faults = world.faults.waiting().iter().map(|fault| Waiting {
            endpoint: fault.endpoint.clone(),
            kind: fault.kind.name(),
            times: fault.times,
        });
        let now = world.now();
        Overview {
            w,
            page: Page::new(&reader, &world, w.overview, "overview"),
            is_manual: world.is_manual(),
            mode: match world.pace() {
                Pace::Manual => "manual",
                Pace::Running { .. } => "running",
                Pace::Real => "real",
            },
            factor: world.pace().factor().unwrap_or(60),
            snapshots,
            field: now.to_string().get(..16).unwrap_or_default().to_owned(),
            coming: coming.collect(),
            accounts: accounts.collect(),
            faults: faults.collect(),
            chance: world.faults.dice().map(|dice| dice.random().per_mille),
            kinds: KINDS,
            calls: world.calls.totals().values().sum(),
            refused: refused(&world),
        }
    };
    render(&reader, &template)
}

fn refused(world: &World) -> usize {
    world.calls.newest_first().filter(|call| call.errcode.is_some_and(|code| code != 0)).count()
}

#[derive(Deserialize)]
pub struct Move {
    #[serde(default)]
    by: String,
    #[serde(default)]
    to: String,
}

/// Where a button of the clock leads.
fn target(asked: &Move, now: Timestamp) -> Option<Timestamp> {
    let today = now.day();
    let evening = today.at(20, 0);
    Some(match asked.by.as_str() {
        "minute" => now + 60,
        "hour" => now + 3600,
        "evening" if evening > now => evening,
        "evening" => today.next().at(20, 0),
        "tomorrow" => today.next().at(10, 0),
        "month" => now.month().next().first_day().at(10, 0),
        "moment" => asked.to.parse().ok()?,
        _ => return None,
    })
}

/// `POST …/clock`: answers when everything due by then is done.
pub async fn advance(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    form: Result<Form<Move>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(asked) = form.map_err(|_| bad(&reader))?;
    let to = {
        let world = shared.world();
        if !world.is_manual() {
            return Ok(back("/", "clock_real"));
        }
        let now = world.now();
        match target(&asked, now) {
            None => return Ok(back("/", "clock_unread")),
            Some(to) if to < now => return Ok(back("/", "clock_back")),
            Some(to) if to - now > MOST_SECONDS => return Ok(back("/", "clock_far")),
            Some(to) => to,
        }
    };
    // In a task of its own: a browser that goes away must not stop time halfway.
    let mover = Arc::clone(&shared);
    let moved = tokio::spawn(async move { run_to(&mover, to).await }).await;
    Ok(back("/", if moved.is_ok() { "clock_moved" } else { "clock_real" }))
}

#[derive(Deserialize)]
pub struct Passing {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    factor: String,
}

/// `POST …/pace`: how time passes from now on.
pub async fn set_pace(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    form: Result<Form<Passing>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(asked) = form.map_err(|_| bad(&reader))?;
    let mut world = shared.world();
    let factor = asked.factor.trim().parse().ok().filter(|n| (1..=MOST_FACTOR).contains(n));
    let pace = match (asked.mode.as_str(), factor) {
        ("manual", _) => Pace::Manual,
        ("real", _) => Pace::Real,
        ("running", Some(factor)) => Pace::running(factor, world.now()),
        _ => return Ok(back("/", "pace_factor")),
    };
    let set = world.set_pace(pace);
    shared.bell.notify_one();
    Ok(back("/", if set.is_ok() { "done" } else { "pace_ahead" }))
}

#[derive(Deserialize)]
pub struct Kept {
    #[serde(default)]
    act: String,
    #[serde(default)]
    name: String,
}

/// `POST …/snapshots`: keep the world, go back to one that was kept, or to the start.
pub async fn keep(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    form: Result<Form<Kept>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(asked) = form.map_err(|_| bad(&reader))?;
    let name = asked.name.trim();
    let done = match asked.act.as_str() {
        "take" => snapshots::take(&shared, name),
        "restore" => snapshots::restore(&shared, name),
        "remove" => snapshots::remove(&shared, name),
        "reset" => {
            let reset = snapshots::reset(&shared);
            return Ok(back("/", if reset.is_ok() { "reset_done" } else { "snapshot_unknown" }));
        }
        _ => return Err(bad(&reader)),
    };
    let note = match done {
        Ok(()) => "done",
        Err(snapshots::Error::Name(_)) => "snapshot_name",
        Err(snapshots::Error::Taken(_)) => "snapshot_taken",
        Err(snapshots::Error::Full) => "snapshot_full",
        Err(snapshots::Error::Unknown(_)) => "snapshot_unknown",
    };
    Ok(back("/", note))
}

fn bad(reader: &Reader) -> Problem {
    Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |words| words.problem_form)
}

#[derive(Deserialize)]
pub struct Planned {
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    times: String,
}

/// `POST …/faults`: something goes wrong on purpose.
pub async fn add_fault(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    form: Result<Form<Planned>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(wish) = form.map_err(|_| bad(&reader))?;
    let times = wish.times.trim().parse::<u64>().ok().filter(|times| (1..=1000).contains(times));
    let fault = serde_json::json!({ "endpoint": wish.endpoint.trim(), "kind": wish.kind,
        "times": times });
    let fault = serde_json::from_value::<Fault>(fault).ok().filter(|fault| fault.check().is_ok());
    let added = fault.is_some_and(|fault| shared.world().faults.add(fault).is_ok());
    Ok(back("/", if added { "done" } else { "fault_unusable" }))
}

/// `POST …/faults/clear`.
pub async fn clear_faults(State(shared): State<Arc<Shared>>) -> Response {
    shared.world().faults.clear();
    back("/", "faults_cleared")
}

#[derive(Deserialize)]
pub struct Wish {
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    followers: String,
    #[serde(default)]
    seed: String,
}

/// `POST …/accounts`.
pub async fn create_account(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    form: Result<Form<Wish>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(wish) = form.map_err(|_| bad(&reader))?;
    let followers = wish.followers.trim().parse().ok().filter(|count| *count <= MOST_FOLLOWERS);
    let (Some(followers), Ok(seed)) = (followers, wish.seed.trim().parse()) else {
        return Ok(back("/", "account_numbers"));
    };
    let kind = match wish.kind.as_str() {
        "subscription" => AccountKind::Subscription,
        _ => AccountKind::Service,
    };
    let name = Some(wish.name.trim().to_owned()).filter(|name| !name.is_empty());
    let spec = AccountSpec { followers, seed, kind, name, ..AccountSpec::default() };
    let mut world = shared.world();
    let made = world.add_account(spec);
    shared.bell.notify_one();
    let path = made.ok().and_then(|position| {
        let appid = &world.accounts().get(position)?.appid;
        Some(format!("/accounts/{appid}"))
    });
    Ok(path.map_or_else(|| back("/", "account_taken"), |path| back(&path, "account_made")))
}
