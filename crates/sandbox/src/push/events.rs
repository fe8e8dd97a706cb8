//! What the account is told: people following, leaving, writing, clicking, mass jobs and
//! publications ending (`platform/06 §3–4`, `platform/03 §7`, `platform/08 §4`). Changing the state
//! and telling of it happen together.

use super::xml::Xml;
use super::{Push, To, emit, has_address, messages, reply, taps};
use crate::account::Account;
use crate::api::custom::window::Opening;
use crate::api::mass::job::{Job, Outcome};
use crate::api::mass::original;
use crate::api::publish::publication::{Publication, State};
use crate::api::qr_code::Scanned;
use crate::population::behaviour;
use crate::population::people::Act;
use crate::statistics::MessageKind;
use crate::world::World;

pub(super) fn head(account: &Account, openid: &str, at: i64, kind: &str) -> Xml {
    let mut xml = Xml::default();
    xml.text("ToUserName", account.original_id.as_str())
        .text("FromUserName", openid)
        .number("CreateTime", at)
        .text("MsgType", kind);
    xml
}

/// Tells of what a person did, or of what became of something sent to them.
pub(super) fn tell(
    world: &mut World,
    account: usize,
    event: &'static str,
    openid: String,
    fields: String,
) {
    if let Some(opening) = opening_of(event) {
        open_window(world, account, &openid, opening);
    }
    count_message(world, account, &openid, event);
    emit(world, Push { to: To::Account(account), event, openid, fields, attempts: 0 });
}

/// What of the things told of a person lets the account write to them (`platform/05 §1`); a tap
/// that opens a page does not.
fn opening_of(event: &str) -> Option<Opening> {
    match event {
        "text" | "image" | "voice" | "video" | "shortvideo" | "location" | "link" => {
            Some(Opening::Write)
        }
        "CLICK" | "scancode_push" | "scancode_waitmsg" => Some(Opening::Click),
        "subscribe" => Some(Opening::Follow),
        "SCAN" => Some(Opening::Scan),
        _ => None,
    }
}

/// What a person writes enters the account's statistics.
fn count_message(world: &mut World, position: usize, openid: &str, message: &str) {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return };
    if let Some((kind, person)) = MessageKind::of(message).zip(account.people.person(openid)) {
        account.statistics.record_message(now, kind, person);
    }
}

fn open_window(world: &mut World, position: usize, openid: &str, opening: Opening) {
    let now = world.now();
    let limits = world.accounts().get(position).and_then(|account| world.limits(account).ok());
    let (Some(limits), Some(account)) = (limits, world.account_mut(position)) else { return };
    if let Some(person) = account.people.person(openid) {
        account.windows.open(person, opening, account.assumptions.act_again, &limits, now);
    }
}

/// A person acts by themselves.
pub fn act(world: &mut World, account: usize, act: Act) {
    match act {
        Act::Arrive => {
            arrive(world, account);
        }
        Act::Leave(person) => {
            leave(world, account, person);
        }
        Act::Write(person, content) => {
            write(world, account, person, &content);
        }
        Act::Click(person, key) => {
            taps::by_habit(world, account, person, &key);
        }
        Act::Locate { person, place } => messages::locate(world, account, person, place),
        described => behaviour::act(world, account, described),
    }
}

/// Somebody new follows; says who.
pub fn arrive(world: &mut World, position: usize) -> Option<u32> {
    arrive_by(world, position, None)
}

/// Somebody new follows, by a code or without one; says who.
pub fn arrive_by(world: &mut World, position: usize, by: Option<Scanned>) -> Option<u32> {
    let now = world.now();
    let account = world.account_mut(position)?;
    if account.takes_nobody() {
        return None;
    }
    let person = account.people.arrive(now)?;
    account.qr_codes.note_follow(person, by);
    let came = account.came(person).subscribe_scene;
    account.statistics.record_follow(now.day(), came);
    tell_follow(world, position, person);
    Some(person)
}

/// A person follows again; `false` when they do already.
pub fn follow(world: &mut World, position: usize, person: u32) -> bool {
    follow_by(world, position, person, None)
}

fn follow_by(world: &mut World, position: usize, person: u32, by: Option<Scanned>) -> bool {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return false };
    let changed = !account.takes_nobody() && account.people.follow(person, now);
    if changed {
        account.qr_codes.note_follow(person, by);
        let came = account.came(person).subscribe_scene;
        account.statistics.record_follow(now.day(), came);
        tell_follow(world, position, person);
    }
    changed
}

/// A person scans a code: a follower is told of with SCAN and the bare scene, anybody else follows
/// by it (`platform/09 §3`).
pub fn scan(world: &mut World, position: usize, person: u32, scanned: Scanned) {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return };
    if !account.people.following().contains(person) {
        follow_by(world, position, person, Some(scanned));
        return;
    }
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", "SCAN")
        .text("EventKey", &scanned.scene.to_string())
        .text("Ticket", &scanned.ticket);
    tell(world, position, "SCAN", openid, xml.finish());
}

fn tell_follow(world: &mut World, position: usize, person: u32) {
    let now = world.now();
    let is_told = has_address(world, To::Account(position));
    let Some(account) = world.account_mut(position) else { return };
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", "subscribe");
    let came = account.came(person);
    match came.qr_scene {
        None => xml.text("EventKey", ""),
        Some(scene) => xml
            .text("EventKey", &format!("qrscene_{scene}"))
            .text("Ticket", &came.ticket.unwrap_or_default()),
    };
    if !is_told {
        reply::from_website(account, person, None, now);
    }
    tell(world, position, "subscribe", openid, xml.finish());
}

/// A follower pays, of which the account is not told; `false` when they do not follow.
pub fn pay(world: &mut World, position: usize, person: u32) -> bool {
    let Some(account) = world.account_mut(position) else { return false };
    if !account.people.following().contains(person) {
        return false;
    }
    if account.assumptions.paying_opens_window {
        let openid = account.people.openid(person);
        open_window(world, position, &openid, Opening::Pay);
    }
    true
}

/// A person leaves; `false` when they had left already.
pub fn leave(world: &mut World, position: usize, person: u32) -> bool {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return false };
    if !account.leave(person, now) {
        return false;
    }
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", "unsubscribe").text("EventKey", "");
    tell(world, position, "unsubscribe", openid, xml.finish());
    true
}

/// A follower writes; `false` when the person does not follow or is on the blacklist, from which
/// no message reaches the account (`platform/07 §6`).
pub fn write(world: &mut World, position: usize, person: u32, content: &str) -> bool {
    let now = world.now();
    let is_told = has_address(world, To::Account(position));
    let Some(account) = world.account_mut(position) else { return false };
    if !account.people.following().contains(person) || account.people.blacklisted().contains(person)
    {
        return false;
    }
    let openid = account.people.openid(person);
    let number = account.next_message;
    account.next_message += 1;
    account.said.add(person, now, content);
    account.agents.talks.received(person, content, now);
    if !is_told {
        reply::from_website(account, person, Some(content), now);
    }
    let mut xml = head(account, &openid, now.0, "text");
    xml.text("Content", content).number("MsgId", number);
    tell(world, position, "text", openid, xml.finish());
    true
}

/// A follower picks an entry of a menu sent to them, which is told as a text they wrote and counts
/// as a click (`platform/05 §1`); `false` when they never got such an entry or are on the blacklist
/// (`platform/07 §6`).
pub fn choose(world: &mut World, position: usize, person: u32, entry: &str) -> bool {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return false };
    if !account.people.following().contains(person) || account.people.blacklisted().contains(person)
    {
        return false;
    }
    let Some(content) = account.inbox.menu_entry(person, entry) else { return false };
    let openid = account.people.openid(person);
    let number = account.next_message;
    account.next_message += 1;
    account.said.add(person, now, &content);
    let mut xml = head(account, &openid, now.0, "text");
    xml.text("Content", &content).text("bizmsgmenuid", entry).number("MsgId", number);
    open_window(world, position, &openid, Opening::Click);
    count_message(world, position, &openid, "text");
    let fields = xml.finish();
    emit(world, Push { to: To::Account(position), event: "text", openid, fields, attempts: 0 });
    true
}

/// A mass job ended: MASSSENDJOBFINISH. `FilterCount` is how many were **left** after filtering
/// (`platform/03 §7`), and the sender named is some OpenID of the account.
#[must_use]
pub fn job_finished(account: &Account, position: usize, job: &Job, outcome: &Outcome) -> Push {
    let openid = account.people.openid(0);
    let mut xml = head(account, &openid, outcome.ran_at.0, "event");
    xml.text("Event", "MASSSENDJOBFINISH")
        .number("MsgID", job.msg_id)
        .text("Status", &outcome.status)
        .number("TotalCount", outcome.total)
        .number("FilterCount", outcome.filtered)
        .number("SentCount", outcome.sent)
        .number("ErrorCount", outcome.errors);
    let verdicts = &job.verdicts;
    xml.open("CopyrightCheckResult").number("Count", verdicts.len()).open("ResultList");
    for verdict in verdicts {
        // Nothing can be declared through the interface, and 2 is what samples show of reprints.
        xml.open("item")
            .number("ArticleIdx", verdict.article)
            .number("UserDeclareState", 0)
            .number("AuditState", 2)
            .text("OriginalArticleUrl", &verdict.original_url)
            .number("OriginalArticleType", verdict.original_type)
            .number("CanReprint", u8::from(verdict.can_reprint))
            .number("NeedReplaceContent", u8::from(verdict.replaces_content))
            .number("NeedShowReprintSource", u8::from(verdict.shows_source))
            .close("item");
    }
    xml.close("ResultList")
        .number("CheckState", original::state(job))
        .close("CopyrightCheckResult");
    let urls = if outcome.is_success() { job.article_urls() } else { Vec::new() };
    xml.open("ArticleUrlResult").number("Count", urls.len()).open("ResultList");
    for (place, url) in urls.iter().enumerate() {
        xml.open("item").number("ArticleIdx", place + 1).text("ArticleUrl", url).close("item");
    }
    xml.close("ResultList").close("ArticleUrlResult");
    Push {
        to: To::Account(position),
        event: "MASSSENDJOBFINISH",
        openid,
        fields: xml.finish(),
        attempts: 0,
    }
}

/// A publication ended: PUBLISHJOBFINISH (`platform/08 §4`).
#[must_use]
pub fn publication_finished(account: &Account, position: usize, ended: &Publication) -> Push {
    let openid = account.people.openid(0);
    let mut xml = head(account, &openid, ended.updated.0, "event");
    xml.text("Event", "PUBLISHJOBFINISH")
        .open("PublishEventInfo")
        .number("publish_id", ended.publish_id)
        .number("publish_status", ended.status());
    if let State::Published { article_id, articles } = &ended.state {
        xml.text("article_id", article_id).open("article_detail").number("count", articles.len());
        for (place, article) in articles.iter().enumerate() {
            xml.open("item")
                .number("idx", place + 1)
                .text("article_url", &article.url)
                .close("item");
        }
        xml.close("article_detail");
    }
    for place in ended.failed_articles() {
        xml.number("fail_idx", place);
    }
    xml.close("PublishEventInfo");
    let fields = xml.finish();
    Push { to: To::Account(position), event: "PUBLISHJOBFINISH", openid, fields, attempts: 0 }
}
