//! A follower's phone: the list of chats, a chat, the menu at its foot; what the person can do;
//! and, beside the phone, what their month looks like and what did not come, with its reason.

mod acts;
mod chat;

pub use acts::act;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use wire::Timestamp;
use wire::rules::AccountKind;

use super::language::Reader;
use super::words::Words;
use super::{Page, Problem, account, beginning, render, written};
use crate::account::Account;
use crate::api::custom::window::Opening;
use crate::api::mass::job::Reason;
use crate::api::menu::button::Button;
use crate::api::menu::seen_by;
use crate::inbox::Place;
use crate::world::{Shared, World};
use chat::{Look, Message};

/// Mass messages that did not come and are listed.
const MISSED: usize = 20;
/// Codes that can be chosen by their scene instead of typing the ticket.
const CODES: usize = 200;

/// Which screen the phone shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Screen {
    Chats,
    Folder,
    Account,
    Notices,
}

/// An entry of the list of chats.
struct Chat {
    screen: &'static str,
    name: String,
    last: String,
    at: String,
    look: &'static str,
    initial: String,
}

struct Missed {
    at: String,
    what: String,
    why: String,
}

struct Slot {
    used: bool,
}

struct Window {
    opening: &'static str,
    until: String,
    left: String,
}

struct Consent {
    id: String,
    title: String,
    state: String,
}

struct Code {
    ticket: String,
    scene: String,
}

/// A button of the menu at the chat's foot.
struct Entry {
    name: String,
    /// What a tap is told with; empty for an entry that tells nothing.
    key: String,
    does: String,
    below: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "phone.html")]
struct Phone {
    w: &'static Words,
    page: Page,
    appid: String,
    /// The account's.
    name: String,
    openid: String,
    time: String,
    screen: &'static str,
    heading: String,
    chats: Vec<Chat>,
    messages: Vec<Message>,
    menu: Vec<Entry>,
    typing: bool,
    follows: bool,
    refuses: bool,
    blacklisted: bool,
    is_subscription: bool,
    since: String,
    platform: &'static str,
    tags: String,
    received: u8,
    cap: u8,
    slots: Vec<Slot>,
    missed: Vec<Missed>,
    windows: Vec<Window>,
    consents: Vec<Consent>,
    codes: Vec<Code>,
    previous: Option<String>,
    next: Option<String>,
}

/// Mass messages a month for one follower.
fn cap(world: &World, account: &Account) -> u8 {
    let limits = world.limits(account).ok();
    limits.and_then(|limits| u8::try_from(limits.mass_per_follower_and_month).ok()).unwrap_or(4)
}

fn why(reason: Reason, cap: u8, w: &Words) -> String {
    match reason {
        Reason::NotFollowing => w.missed_not_following.to_owned(),
        Reason::Blacklisted => w.missed_blacklisted.to_owned(),
        Reason::Refusing => w.missed_refusing.to_owned(),
        Reason::Full => w.missed_full.replace("{cap}", &cap.to_string()),
        Reason::Failed => w.missed_failed.to_owned(),
        Reason::OverBudget => w.missed_over_budget.to_owned(),
    }
}

fn missed(account: &Account, person: u32, cap: u8, w: &Words) -> Vec<Missed> {
    let of = |job: &crate::api::mass::job::Job| {
        let reason = job.missed.reason(person)?;
        let at = job.outcome.as_ref().map_or(job.run_at, |outcome| outcome.ran_at);
        Some(Missed {
            at: written(at),
            what: super::office::summary(job, w),
            why: why(reason, cap, w),
        })
    };
    account.jobs.newest_first().filter_map(of).take(MISSED).collect()
}

fn entry(button: &Button, w: &Words) -> Entry {
    let told = match button.kind.as_deref() {
        None | Some("media_id" | "view_limited" | "article_id" | "article_view_limited") => None,
        Some("view") => button.url.clone(),
        Some("miniprogram") => button.pagepath.clone(),
        Some(_) => button.key.clone(),
    };
    let does = match button.kind.as_deref() {
        Some("view") => button.url.clone().unwrap_or_default(),
        Some(kind) => kind.to_owned(),
        None => w.menu_opens.to_owned(),
    };
    Entry {
        name: button.name.clone(),
        key: told.unwrap_or_default(),
        does,
        below: button.sub_button.iter().map(|below| entry(below, w)).collect(),
    }
}

fn windows(account: &Account, person: u32, now: Timestamp, w: &Words) -> Vec<Window> {
    let open = account.windows.open_ones(person, now).into_iter();
    let window = |held: crate::api::custom::window::Allowance| Window {
        opening: match held.opening {
            Opening::Write => w.opening_write,
            Opening::Click => w.opening_click,
            Opening::Follow => w.opening_follow,
            Opening::Scan => w.opening_scan,
            Opening::Pay => w.opening_pay,
        },
        until: written(held.expires_at),
        left: held.left.map_or(w.any_number.to_owned(), |left| left.to_string()),
    };
    open.map(window).collect()
}

fn consents(account: &Account, person: u32, w: &Words) -> Vec<Consent> {
    let held = account.subscriptions.consents.of(person);
    let consent = |template: &crate::api::template::held::Held| {
        let state = match held.get(&template.id) {
            None => w.consent_none.to_owned(),
            Some(consent) if consent.standing => w.consent_standing.to_owned(),
            Some(consent) => w.consent_left.replace("{n}", &consent.left.to_string()),
        };
        Consent { id: template.id.clone(), title: template.title.to_owned(), state }
    };
    account.subscriptions.held().iter().map(consent).collect()
}

fn chats(account: &Account, messages: &[Message], notices: &[Message], w: &Words) -> Vec<Chat> {
    let last = |of: &[Message], none: &str| {
        of.last().map_or((none.to_owned(), String::new()), |message| {
            (beginning(&message.summary(w), 24), message.clock.clone())
        })
    };
    let initial = account.name.chars().next().map(String::from).unwrap_or_default();
    let (words, at) = last(messages, w.no_message_yet);
    let subscription = account.kind == AccountKind::Subscription;
    let mut chats = vec![if subscription {
        Chat {
            screen: "folder",
            name: w.folder.to_owned(),
            last: if messages.is_empty() { words } else { format!("{}: {words}", account.name) },
            at,
            look: "folder",
            initial: w.folder_initial.to_owned(),
        }
    } else {
        Chat {
            screen: "account",
            name: account.name.clone(),
            last: words,
            at,
            look: "account",
            initial,
        }
    }];
    if !notices.is_empty() {
        let (words, at) = last(notices, "");
        let initial = w.notices_initial.to_owned();
        chats.push(Chat {
            screen: "notices",
            name: w.service_notices.to_owned(),
            last: words,
            at,
            look: "notices",
            initial,
        });
    }
    chats
}

fn neighbours(account: &Account, person: u32) -> (Option<String>, Option<String>) {
    let openid = |person: u32| account.people.openid(person);
    let previous = person.checked_sub(1).map(openid);
    let next = person.checked_add(1).filter(|next| *next < account.people.ever()).map(openid);
    (previous, next)
}

/// `GET …/accounts/{appid}/phone/{openid}?chat=`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, openid)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let person = account.people.person(&openid);
        let person = person.ok_or_else(|| Problem::missing(&reader, |w| w.problem_person))?;
        phone(&reader, &world, account, person)
    };
    Ok(render(&reader, &template))
}

fn phone(reader: &Reader, world: &World, account: &Account, person: u32) -> Phone {
    let w = reader.words();
    let now = world.now();
    let cap = cap(world, account);
    let messages = chat::messages(account, person, Place::Chat, cap, now, w);
    let notices = chat::messages(account, person, Place::ServiceNotices, cap, now, w);
    let subscription = account.kind == AccountKind::Subscription;
    let screen = match reader.value("chat") {
        Some("account") => Screen::Account,
        Some("folder") if subscription => Screen::Folder,
        Some("notices") => Screen::Notices,
        _ => Screen::Chats,
    };
    let chats = chats(account, &messages, &notices, w);
    let (heading, shown, messages) = match screen {
        Screen::Chats => (w.chats.to_owned(), "chats", Vec::new()),
        Screen::Folder => (w.folder.to_owned(), "folder", messages),
        Screen::Account => (account.name.clone(), "account", messages),
        Screen::Notices => (w.service_notices.to_owned(), "notices", notices),
    };
    let people = &account.people;
    let follows = people.following().contains(person);
    let received = people.received(person, now);
    let buttons = if follows { seen_by(account, person) } else { None };
    let tags = account.tags_of(person).into_iter();
    let tags: Vec<_> = tags.filter_map(|tag| account.tags.name(tag.0)).collect();
    let codes = account.qr_codes.living(CODES, now).unwrap_or_default().into_iter();
    let (previous, next) = neighbours(account, person);
    Phone {
        w,
        page: Page::of(reader, world, account, w.phone, "phone"),
        appid: account.appid.to_string(),
        openid: people.openid(person),
        time: written(now).get(11..16).unwrap_or_default().to_owned(),
        screen: shown,
        name: account.name.clone(),
        heading,
        chats,
        messages,
        menu: buttons
            .map(|(_, buttons)| buttons.iter().map(|button| entry(button, w)).collect())
            .unwrap_or_default(),
        typing: screen == Screen::Account && account.windows.is_typing(person, now),
        follows,
        refuses: people.refusing().contains(person),
        blacklisted: people.blacklisted().contains(person),
        is_subscription: subscription,
        since: written(Timestamp(people.since(person))),
        platform: match crate::api::menu::platform(account, person) {
            1 => "iOS",
            2 => "Android",
            _ => w.another_client,
        },
        tags: tags.join(" · "),
        received,
        cap,
        slots: (0..cap.min(8)).map(|place| Slot { used: place < received }).collect(),
        missed: missed(account, person, cap, w),
        windows: windows(account, person, now, w),
        consents: consents(account, person, w),
        codes: codes
            .map(|code| Code { scene: code.scene.to_string(), ticket: code.ticket })
            .collect(),
        previous,
        next,
    }
}
