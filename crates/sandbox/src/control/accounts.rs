//! Accounts seen, added, and pointed at a callback.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::{Deserialize, Serialize};
use wire::rules::AccountKind;
use wire::tag::Tag;
use wire::{Day, Endpoint, MediaId, Month};

use super::{Answer, Refusal, json, position, read};
use crate::account::Account;
use crate::api::auto_reply::AutoReplies;
use crate::api::mass::budget;
use crate::api::migration;
use crate::api::token::is_address_or_range;
use crate::assumptions::Assumptions;
use crate::spec::{AccountSpec, CallbackFormat, CallbackMode, CallbackSpec, Unusable};
use crate::world::{Shared, World};

#[derive(Serialize)]
struct Shown {
    appid: String,
    secret: String,
    original_id: String,
    name: String,
    kind: AccountKind,
    verified: bool,
    wechat_pay: bool,
    cover_media_id: MediaId,
    /// The fixed template of one-time subscriptions, which the website shows.
    one_time_template_id: String,
    callback: Option<ShownCallback>,
    /// People who follow now.
    followers: u64,
    /// People who ever followed.
    people: u32,
    left: u64,
    refusing: u64,
    jobs: usize,
    drafts: usize,
    today: Today,
    month: ThisMonth,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
struct ShownCallback {
    url: String,
    mode: CallbackMode,
    format: CallbackFormat,
}

fn shown_callback(callback: &CallbackSpec) -> ShownCallback {
    ShownCallback { url: callback.url.clone(), mode: callback.mode, format: callback.format }
}

#[derive(Serialize)]
struct Today {
    day: Day,
    mass_calls: i64,
    to_all: i64,
    website_sends: i64,
}

#[derive(Serialize)]
struct ThisMonth {
    month: Month,
    to_all: i64,
    website_sends: i64,
    cap: u8,
    /// Followers who received 0, 1, … cap messages this month.
    received: Vec<u64>,
}

fn shown(world: &World, account: &Account) -> Shown {
    let now = world.now();
    let used = budget::used(account, now);
    let people = &account.people;
    let followers = people.following().len();
    let cap = world
        .limits(account)
        .ok()
        .and_then(|limits| u8::try_from(limits.mass_per_follower_and_month).ok())
        .unwrap_or(4);
    Shown {
        appid: account.appid.to_string(),
        secret: account.secret.clone(),
        original_id: account.original_id.to_string(),
        name: account.name.clone(),
        kind: account.kind,
        verified: account.verified,
        wechat_pay: account.wechat_pay,
        cover_media_id: account.cover_media_id.clone(),
        one_time_template_id: account.one_time.template.clone(),
        callback: account.callback.as_ref().map(shown_callback),
        followers,
        people: people.ever(),
        left: u64::from(people.ever()) - followers,
        refusing: people.refusing().intersection_len(people.following()),
        jobs: account.jobs.newest_first().count(),
        drafts: account.drafts.len(),
        today: Today {
            day: now.day(),
            mass_calls: account.counters.today(Endpoint::MassSend, now),
            to_all: used.to_all_day,
            website_sends: used.website_day,
        },
        month: ThisMonth {
            month: now.month(),
            to_all: used.to_all_month,
            website_sends: used.website_month,
            cap,
            received: people.histogram(cap, now),
        },
        tags: account.tags.listed(),
    }
}

/// `GET /sandbox/accounts`.
pub async fn list(State(shared): State<Arc<Shared>>) -> Answer {
    let world = shared.world();
    let all: Vec<Shown> = world.accounts().iter().map(|account| shown(&world, account)).collect();
    json(&all)
}

/// `GET /sandbox/accounts/{appid}`.
pub async fn show(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let position = position(&world, &appid)?;
    match world.accounts().get(position) {
        Some(account) => json(&shown(&world, account)),
        None => Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such account")),
    }
}

#[derive(Serialize)]
struct Held {
    what: &'static str,
    bytes: u64,
}

/// `GET /sandbox/accounts/{appid}/memory`: what grows with the followers, in bytes.
pub async fn memory(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let position = position(&world, &appid)?;
    let parts = world.accounts().get(position).map(Account::memory).unwrap_or_default();
    json(&parts.into_iter().map(|(what, bytes)| Held { what, bytes }).collect::<Vec<_>>())
}

/// `POST /sandbox/accounts`.
pub async fn create(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let spec: AccountSpec = read(&body)?;
    let mut world = shared.world();
    let position = world.add_account(spec).map_err(|error| Refusal::bad(error.to_string()))?;
    shared.bell.notify_one();
    let account = world.accounts().get(position).map(|account| shown(&world, account));
    Ok((StatusCode::CREATED, axum::Json(account)).into_response())
}

/// `PUT /sandbox/accounts/{appid}/callback`.
pub async fn set_callback(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let callback = read::<CallbackSpec>(&body)?;
    callback.check().map_err(|error| Refusal::bad(error.to_string()))?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.callback = Some(callback.clone());
    }
    json(&shown_callback(&callback))
}

/// `GET /sandbox/accounts/{appid}/assumptions`: every switch and how it stands.
pub async fn assumptions(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let position = position(&world, &appid)?;
    json(&super::followers::account(&world, position)?.assumptions)
}

/// `PUT /sandbox/accounts/{appid}/assumptions`: the switches as the body has them; those it leaves
/// out go back to their assumed values.
pub async fn set_assumptions(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: Assumptions = read(&body)?;
    wished.check().map_err(Refusal::bad)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.assumptions = wished;
    }
    json(&wished)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Addresses {
    addresses: Option<Vec<String>>,
}

/// `PUT /sandbox/accounts/{appid}/ip-allow-list`: who may ask for tokens; null lets everybody.
pub async fn set_ip_allow_list(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: Addresses = read(&body)?;
    let mut entries = wished.addresses.iter().flatten();
    if let Some(wrong) = entries.find(|entry| !is_address_or_range(entry)) {
        return Err(Refusal::bad(Unusable::Address(wrong.clone()).to_string()));
    }
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.ip_allow_list.clone_from(&wished.addresses);
    }
    json(&wished)
}

#[derive(Deserialize)]
struct Move {
    from: String,
}

/// `POST /sandbox/accounts/{appid}/migration`: the followers of the account `from` move here.
pub async fn migrate(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: Move = read(&body)?;
    let mut world = shared.world();
    let to = position(&world, &appid)?;
    let from = position(&world, &wished.from)?;
    let moved = migration::carry_out(&mut world, from, to).ok_or_else(|| {
        Refusal::conflict("an account moves to another one, which takes one move only")
    })?;
    json(&serde_json::json!({ "moved": moved }))
}

/// `PUT /sandbox/accounts/{appid}/auto-replies`: what the operator sets on the website.
pub async fn set_auto_replies(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let replies = read::<AutoReplies>(&body)?;
    replies.check().map_err(Refusal::bad)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.auto_replies = replies.clone();
    }
    json(&replies)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    #[serde(default)]
    from_hour: Option<u32>,
    #[serde(default)]
    to_hour: Option<u32>,
    #[serde(default)]
    daily_arrivals_per_mille: Option<u32>,
    #[serde(default)]
    daily_leavers_per_mille: Option<u32>,
    #[serde(default)]
    daily_talkers_per_mille: Option<u32>,
}

#[derive(Serialize)]
struct ShownPeople {
    from_hour: u32,
    to_hour: u32,
    daily_arrivals_per_mille: u32,
    daily_leavers_per_mille: u32,
    daily_talkers_per_mille: u32,
}

/// `PUT /sandbox/accounts/{appid}/people`: when and how much people act by themselves. An evening
/// that is in the queue already begins at its former hour.
pub async fn set_people(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: People = read(&body)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    let Some(account) = world.account_mut(position) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such account"));
    };
    let mut habits = account.habits;
    habits.from_hour = wished.from_hour.unwrap_or(habits.from_hour);
    habits.to_hour = wished.to_hour.unwrap_or(habits.to_hour);
    habits.arrivals_per_mille =
        wished.daily_arrivals_per_mille.unwrap_or(habits.arrivals_per_mille);
    habits.leavers_per_mille = wished.daily_leavers_per_mille.unwrap_or(habits.leavers_per_mille);
    habits.talkers_per_mille = wished.daily_talkers_per_mille.unwrap_or(habits.talkers_per_mille);
    if habits.from_hour >= habits.to_hour || habits.to_hour > 24 {
        return Err(Refusal::bad("from_hour must be below to_hour, and to_hour at most 24"));
    }
    let shares = [habits.arrivals_per_mille, habits.leavers_per_mille, habits.talkers_per_mille];
    if shares.iter().any(|share| *share > 1000) {
        return Err(Refusal::bad("a share per mille is above 1000; give 0 to 1000"));
    }
    account.habits = habits;
    world.plan_evening(position);
    shared.bell.notify_one();
    json(&ShownPeople {
        from_hour: habits.from_hour,
        to_hour: habits.to_hour,
        daily_arrivals_per_mille: habits.arrivals_per_mille,
        daily_leavers_per_mille: habits.leavers_per_mille,
        daily_talkers_per_mille: habits.talkers_per_mille,
    })
}
