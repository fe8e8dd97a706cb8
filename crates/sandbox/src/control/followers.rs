//! People seen, and made to follow, leave, refuse, write or click.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use wire::{Month, TagId, Timestamp};

use super::{Answer, Refusal, json, position, query, read, tell};
use crate::account::Account;
use crate::api::custom::window::Allowance;
use crate::api::menu;
use crate::api::qr_code::Scanned;
use crate::api::subscription::consent::Consent;
use crate::api::user::received;
use crate::inbox::Notice;
use crate::push::{events, taps};
use crate::world::{Shared, World};

const MOST_LISTED: usize = 10_000;

#[derive(Serialize)]
struct Shown {
    openid: String,
    /// 微信号.
    wechat_name: String,
    following: bool,
    refusing: bool,
    blacklisted: bool,
    /// The client they use: 1 iOS, 2 Android, 3 another.
    client_platform_type: i64,
    subscribe_time: i64,
    subscribe_scene: &'static str,
    tags: Vec<TagId>,
    received_this_month: u8,
    customer_id: Option<String>,
}

fn shown(account: &Account, person: u32, now: Timestamp) -> Shown {
    let people = &account.people;
    Shown {
        openid: people.openid(person),
        wechat_name: people.wechat_name(person),
        following: people.following().contains(person),
        refusing: people.refusing().contains(person),
        blacklisted: people.blacklisted().contains(person),
        client_platform_type: menu::platform(account, person),
        subscribe_time: people.since(person),
        subscribe_scene: account.came(person).subscribe_scene,
        tags: account.tags_of(person),
        received_this_month: people.received(person, now),
        customer_id: people.shop().customer(person),
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    offset: u32,
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

#[derive(Serialize)]
struct Listed {
    total: u32,
    followers: Vec<Shown>,
}

/// `GET …/followers?offset=&limit=`: everybody who ever followed, at most 10,000 at once.
pub async fn list(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    uri: Uri,
) -> Answer {
    let page: Page = query(&uri)?;
    let world = shared.world();
    let position = position(&world, &appid)?;
    let account = account(&world, position)?;
    let total = account.people.ever();
    let followers = (page.offset..total)
        .take(page.limit.min(MOST_LISTED))
        .map(|person| shown(account, person, world.now()))
        .collect();
    json(&Listed { total, followers })
}

#[derive(Serialize)]
struct WithReceived {
    #[serde(flatten)]
    shown: Shown,
    received: Vec<Received>,
    /// What lets the account write to this person now.
    replies: Vec<Allowance>,
    /// Whether they see the account typing.
    typing: bool,
    /// Which notices they agreed to.
    consents: BTreeMap<String, Consent>,
    /// Scenes they confirmed a one-time message for that has not come.
    one_time_scenes: Vec<i64>,
    /// What they got beside mass messages, oldest first.
    notices: Vec<Notice>,
}

#[derive(Serialize)]
struct Received {
    msg_id: i64,
    at: Timestamp,
    month: Month,
}

/// `GET …/followers/{openid}`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
) -> Answer {
    let world = shared.world();
    let (position, person) = find(&world, &appid, &openid)?;
    let account = account(&world, position)?;
    let received = received(account, person)
        .into_iter()
        .map(|(msg_id, at)| Received { msg_id, at, month: at.month() })
        .collect();
    let now = world.now();
    json(&WithReceived {
        shown: shown(account, person, now),
        received,
        replies: account.windows.open_ones(person, now),
        typing: account.windows.is_typing(person, now),
        consents: account.subscriptions.consents.of(person),
        one_time_scenes: account.one_time.scenes(person),
        notices: account.inbox.of(person).cloned().collect(),
    })
}

/// `POST …/followers`: somebody new follows, by scanning the code of `ticket` when it is given.
pub async fn arrive(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let words: Words = read(&body)?;
    let openid = {
        let mut world = shared.world();
        let position = position(&world, &appid)?;
        let by = match &words.ticket {
            Some(ticket) => Some(scanned(&world, position, ticket)?),
            None => None,
        };
        let person = events::arrive_by(&mut world, position, by)
            .ok_or_else(|| Refusal::conflict("the account is full"))?;
        account(&world, position)?.people.openid(person)
    };
    tell(&shared).await;
    json(&serde_json::json!({ "openid": openid }))
}

/// What goes with an act.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Words {
    pub(crate) content: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) ticket: Option<String>,
    pub(crate) id: Option<String>,
}

/// What scanning this ticket gives; an expired code brings no event (`platform/09 §3`).
fn scanned(world: &World, position: usize, ticket: &str) -> Result<Scanned, Refusal> {
    let found = account(world, position)?.qr_codes.scan(ticket, world.now());
    found.ok_or_else(|| Refusal::conflict("there is no such QR code, or it has expired"))
}

/// `POST …/followers/{openid}/{follow|leave|refuse|accept|write|click|scan|choose|pay}`. `changed`
/// says whether the act changed anything (a message, click or scan always does).
pub async fn act(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid, act)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    let words: Words = read(&body)?;
    let changed = perform(&shared, &appid, &openid, &act, words).await?;
    json(&serde_json::json!({ "changed": changed }))
}

/// The person acts, and the account is told; says whether anything changed.
pub(crate) async fn perform(
    shared: &Arc<Shared>,
    appid: &str,
    openid: &str,
    act: &str,
    words: Words,
) -> Result<bool, Refusal> {
    let changed = {
        let mut world = shared.world();
        let (position, person) = find(&world, appid, openid)?;
        let not_following = || Refusal::conflict(format!("{openid} does not follow"));
        match act {
            "follow" => events::follow(&mut world, position, person),
            "leave" => events::leave(&mut world, position, person),
            "refuse" | "accept" => world
                .account_mut(position)
                .is_some_and(|account| account.people.refuse(person, act == "refuse")),
            "write" => {
                let content = words.content.unwrap_or_else(|| "在吗".to_owned());
                if account(&world, position)?.people.blacklisted().contains(person) {
                    return Err(Refusal::conflict(format!("{openid} is on the blacklist")));
                }
                if !events::write(&mut world, position, person, &content) {
                    return Err(not_following());
                }
                true
            }
            "pay" => {
                if !events::pay(&mut world, position, person) {
                    return Err(not_following());
                }
                true
            }
            "click" => {
                let clicked = match &words.key {
                    Some(key) => taps::click(&mut world, position, person, key),
                    None => taps::by_habit(&mut world, position, person, "MENU_NEW"),
                };
                if !clicked {
                    return Err(not_following());
                }
                true
            }
            "scan" => {
                let ticket = words.ticket.unwrap_or_default();
                let scanned = scanned(&world, position, &ticket)?;
                events::scan(&mut world, position, person, scanned);
                true
            }
            "choose" => {
                let entry = words.id.unwrap_or_default();
                if account(&world, position)?.people.blacklisted().contains(person) {
                    return Err(Refusal::conflict(format!("{openid} is on the blacklist")));
                }
                if !events::choose(&mut world, position, person, &entry) {
                    let sentence = format!("{openid} has got no menu with an entry {entry:?}");
                    return Err(Refusal::conflict(sentence));
                }
                true
            }
            other => {
                return Err(Refusal::new(
                    StatusCode::NOT_FOUND,
                    format!(
                        "{other:?} is no act; use follow, leave, refuse, accept, write, click, \
                         scan, choose, pay, order, read or share"
                    ),
                ));
            }
        }
    };
    tell(shared).await;
    Ok(changed)
}

pub(crate) fn account(world: &World, position: usize) -> Result<&Account, Refusal> {
    world
        .accounts()
        .get(position)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such account"))
}

pub(super) fn find(world: &World, appid: &str, openid: &str) -> Result<(usize, u32), Refusal> {
    let position = position(world, appid)?;
    let person = account(world, position)?.people.person(openid).ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, format!("{openid:?} never followed {appid}"))
    })?;
    Ok((position, person))
}
