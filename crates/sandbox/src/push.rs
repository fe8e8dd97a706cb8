//! Pushing callbacks: signed, encrypted as the account wishes, three attempts of five seconds
//! (`platform/06 §2`).
//!
//! A push keeps its body over its attempts; timestamp and nonce are new each time. It lives in the
//! queue between attempts, so nothing about it is stored twice.

pub mod events;
pub mod json;
pub mod messages;
pub mod notices;
pub mod privacy;
pub mod reply;
pub mod taps;
pub mod verification;
pub mod xml;

use std::time::{Duration, Instant};

use serde::Serialize;
use wire::callback::crypt::{CallbackKey, signature};
use wire::rules::{AccountKind, Limits};
use wire::{AppId, Timestamp};

use crate::assumptions::Assumptions;
use crate::clock::Due;
use crate::component::Component;
use crate::faults::Kind;
use crate::spec::{CallbackFormat, CallbackMode, CallbackSpec};
use crate::world::World;
use xml::Xml;

/// How much of a receiver's answer is read and logged.
const ANSWER_BYTES: usize = 64 * 1024;
const LOGGED_CHARACTERS: usize = 200;

/// Every kind of callback that is pushed: the event, the kind of message, or the InfoType. Each has
/// a row in `coverage.toml`.
pub const KINDS: &[&str] = &[
    "text",
    "image",
    "voice",
    "video",
    "shortvideo",
    "location",
    "link",
    "LOCATION",
    "qualification_verify_success",
    "qualification_verify_fail",
    "naming_verify_success",
    "naming_verify_fail",
    "annual_renew",
    "verify_expired",
    "subscribe",
    "unsubscribe",
    "SCAN",
    "CLICK",
    "VIEW",
    "view_miniprogram",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "MASSSENDJOBFINISH",
    "TEMPLATESENDJOBFINISH",
    "PUBLISHJOBFINISH",
    "subscribe_msg_popup_event",
    "subscribe_msg_change_event",
    "subscribe_msg_sent_event",
    "user_info_modified",
    "user_authorization_revoke",
    "user_authorization_cancellation",
    "component_verify_ticket",
    "authorized",
    "updateauthorized",
    "unauthorized",
];

/// Whom a push is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// An account, or the third-party platform that receives its messages.
    Account(usize),
    /// A third-party platform, at its event address.
    Component(usize),
}

/// A callback waiting to go out.
#[derive(Debug, Clone)]
pub struct Push {
    /// To whom.
    pub to: To,
    /// Event or message type, for the log.
    pub event: &'static str,
    /// OpenID named in the query.
    pub openid: String,
    /// The fields, without the root element.
    pub fields: String,
    /// Attempts made.
    pub attempts: i64,
}

/// A callback in the queue, and the fault that struck it.
#[derive(Debug, Clone)]
pub struct Waiting {
    push: Push,
    fault: Option<Kind>,
}

impl Waiting {
    /// What will be pushed.
    #[must_use]
    pub fn push(&self) -> &Push {
        &self.push
    }
}

/// One attempt, ready to be sent.
pub struct Delivery {
    waiting: Waiting,
    url: reqwest::Url,
    body: String,
    format: CallbackFormat,
    limit: Duration,
    success_needs_no_200: bool,
    most_attempts: i64,
    /// Real time to wait before.
    pub pause: Duration,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    status: Option<u16>,
    answer: String,
    /// All of it, where it may be a reply to the person.
    body: String,
    taken: bool,
    ms: u64,
}

impl Outcome {
    /// Whether the receiver took the push.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.taken
    }
}

/// One attempt in the log.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// When, on the sandbox's clock.
    pub at: Timestamp,
    /// Event or message type.
    pub event: &'static str,
    /// OpenID named in the query.
    pub openid: String,
    /// The message, before it is encrypted; for the inspector alone.
    #[serde(skip)]
    pub xml: String,
    /// 1, 2 or 3; 0 for a push that a fault swallowed.
    pub attempt: i64,
    /// HTTP status; absent without an answer.
    pub status: Option<u16>,
    /// Beginning of the answer, or what went wrong.
    pub answer: String,
    /// Whether the receiver took it.
    pub taken: bool,
    /// Real milliseconds.
    pub ms: u64,
    /// The fault that struck the callback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

/// The client that pushes; it uses no proxy and follows no redirect.
///
/// # Errors
/// When it cannot be built.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Fails only when another part of the process has chosen a provider, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("Mozilla/4.0")
        .build()
}

/// Puts a push into the queue, as faults allow. Nothing happens without a callback address.
pub fn emit(world: &mut World, push: Push) {
    // None of them comes from a client, so only a change of this code can break it.
    debug_assert!(KINDS.contains(&push.event), "{} is missing in KINDS", push.event);
    let now = world.now();
    if !has_address(world, push.to) {
        return;
    }
    let struck = world.faults.strike_callback(now);
    let fault = struck.as_ref().map(|fault| fault.kind);
    let seconds = struck.and_then(|fault| fault.strength.seconds).unwrap_or(0);
    let to = push.to;
    let waiting = Waiting { push, fault };
    match fault {
        Some(kind @ Kind::CallbackLost) => {
            let record = Record {
                at: now,
                event: waiting.push.event,
                xml: plain(&waiting.push.fields),
                openid: waiting.push.openid,
                attempt: 0,
                status: None,
                answer: "swallowed by the fault callback_lost".to_owned(),
                taken: false,
                ms: 0,
                fault: Some(kind.name()),
            };
            remember(world, to, record);
        }
        Some(Kind::CallbackLate) => world.queue.add(now + seconds, Due::Push(Box::new(waiting))),
        Some(Kind::CallbackOutOfOrder) => {
            // One is held at a time; the one held so far has been overtaken by nobody.
            release(world, to);
            let until = now + seconds;
            world.held_back.insert(to, (until, waiting));
            world.queue.add(until, Due::Release { to });
        }
        _ => {
            if fault == Some(Kind::CallbackDoubled) {
                world.queue.add(now, Due::Push(Box::new(waiting.clone())));
            }
            world.queue.add(now, Due::Push(Box::new(waiting)));
            release(world, to);
        }
    }
}

fn has_address(world: &World, to: To) -> bool {
    match to {
        To::Account(account) => {
            let own = world.accounts().get(account).is_some_and(|own| own.callback.is_some());
            own || world.components.receiver_of(account).is_some()
        }
        To::Component(component) => world
            .components
            .get(component)
            .is_some_and(|component| component.settings.event_url.is_some()),
    }
}

fn remember(world: &mut World, to: To, record: Record) {
    match to {
        To::Account(account) => {
            if let Some(account) = world.account_mut(account) {
                account.record_push(record);
            }
        }
        To::Component(component) => {
            if let Some(component) = world.components.get_mut(component) {
                component.record_push(record);
            }
        }
    }
}

fn release(world: &mut World, to: To) {
    if let Some((_, held)) = world.held_back.remove(&to) {
        let now = world.now();
        world.queue.add(now, Due::Push(Box::new(held)));
    }
}

/// Lets the callback go that nothing overtook in its time.
pub fn release_overdue(world: &mut World, to: To) {
    if world.held_back.get(&to).is_some_and(|(until, _)| *until <= world.now()) {
        release(world, to);
    }
}

/// Where a callback goes, how it is signed, and the developer id it is sealed for.
struct Receiver {
    callback: CallbackSpec,
    sealed_for: AppId,
}

/// The receiver of the account's messages: a platform that holds them gets them in the account's
/// place, sealed for the platform (`platform/11 §5`).
fn receiver_of(world: &World, position: usize) -> Option<Receiver> {
    let account = world.accounts().get(position)?;
    if let Some(component) = world.components.receiver_of(position) {
        let settings = &component.settings;
        let callback = CallbackSpec {
            url: settings.message_url_of(&account.appid)?,
            token: settings.token.clone(),
            encoding_aes_key: settings.encoding_aes_key.clone(),
            mode: CallbackMode::Safe,
            format: CallbackFormat::Xml,
        };
        return Some(Receiver { callback, sealed_for: component.appid.clone() });
    }
    let callback = account.callback.clone()?;
    Some(Receiver { callback, sealed_for: account.appid.clone() })
}

/// Where a third-party platform is told of tickets and authorisations.
fn event_receiver_of(component: &Component) -> Option<Receiver> {
    let settings = &component.settings;
    let callback = CallbackSpec {
        url: settings.event_url.clone()?,
        token: settings.token.clone(),
        encoding_aes_key: settings.encoding_aes_key.clone(),
        mode: CallbackMode::Safe,
        format: CallbackFormat::Xml,
    };
    Some(Receiver { callback, sealed_for: component.appid.clone() })
}

/// Signs and encrypts the next attempt. `None` when there is no address any more.
pub fn prepare(world: &mut World, waiting: Waiting) -> Option<Delivery> {
    let now = world.now();
    let Waiting { push, fault } = &waiting;
    let nonce = (100_000_000 + world.chance.number() % 9_000_000_000).to_string();
    let random = world.chance.sixteen();
    let manual = world.is_manual();
    let (mut receiver, account) = match push.to {
        To::Account(account) => (receiver_of(world, account)?, world.accounts().get(account)),
        To::Component(component) => (event_receiver_of(world.components.get(component)?)?, None),
    };
    let kind = account.map_or(AccountKind::Service, |account| account.kind);
    let limits = Limits::on(world.rules_day(), kind).ok()?;
    // What is wrong with a callback is right at the next attempt.
    let fault = fault.filter(|_| push.attempts == 0);
    if fault == Some(Kind::CallbackWrongSignature) {
        receiver.callback.token.push('x');
    }
    let named = account.map(|account| account.original_id.as_str());
    let (url, mut body) =
        address_and_body(&receiver, named, push, &now.0.to_string(), &nonce, random)?;
    if fault == Some(Kind::CallbackTruncated) {
        let half = (0..=body.len() / 2).rev().find(|at| body.is_char_boundary(*at));
        body.truncate(half.unwrap_or(0));
    }
    let waits = push.attempts > 0 && manual;
    let pause = account.filter(|_| waits).map_or(0, |account| account.retry_pause_ms);
    let success_needs_no_200 =
        account.is_some_and(|account| account.assumptions.success_needs_no_200);
    world.set_under_way(Some(waiting.clone()));
    Some(Delivery {
        url,
        body,
        format: receiver.callback.format,
        success_needs_no_200,
        limit: Duration::from_secs(u64::try_from(limits.callback_seconds).unwrap_or(5)),
        most_attempts: limits.callback_attempts,
        pause: Duration::from_millis(pause),
        waiting,
    })
}

fn plain(fields: &str) -> String {
    format!("<xml>{fields}</xml>")
}

/// Address and body of one attempt. `named` is the account's `gh_…`; notices to third-party
/// platforms name the platform itself, as `AppId` in place of `ToUserName`.
fn address_and_body(
    receiver: &Receiver,
    named: Option<&str>,
    push: &Push,
    timestamp: &str,
    nonce: &str,
    random: [u8; 16],
) -> Option<(reqwest::Url, String)> {
    let Receiver { callback, sealed_for } = receiver;
    let mut url = reqwest::Url::parse(&callback.url).ok()?;
    let json = match callback.format {
        CallbackFormat::Json => Some(json::of(&push.fields)?),
        CallbackFormat::Xml => None,
    };
    let plain = match &json {
        Some(fields) => serde_json::to_string(fields).ok()?,
        None => plain(&push.fields),
    };
    url.query_pairs_mut()
        .append_pair("signature", &signature(&[&callback.token, timestamp, nonce]))
        .append_pair("timestamp", timestamp)
        .append_pair("nonce", nonce);
    if named.is_some() {
        url.query_pairs_mut().append_pair("openid", &push.openid);
    }
    if callback.mode == CallbackMode::Plain {
        return Some((url, plain));
    }
    let key = CallbackKey::parse(&callback.encoding_aes_key).ok()?;
    let encrypt = key.seal(&random, &plain, sealed_for);
    let signed = signature(&[&callback.token, timestamp, nonce, &encrypt]);
    url.query_pairs_mut().append_pair("encrypt_type", "aes").append_pair("msg_signature", &signed);
    if let Some((mut fields, original_id)) = json.zip(named) {
        if callback.mode == CallbackMode::Safe {
            fields = serde_json::Map::from_iter([("ToUserName".to_owned(), original_id.into())]);
        }
        fields.insert("Encrypt".to_owned(), encrypt.into());
        return Some((url, serde_json::to_string(&fields).ok()?));
    }
    let mut sealed = Xml::default();
    match (callback.mode, named) {
        (_, None) => sealed.text("AppId", sealed_for.as_str()),
        (CallbackMode::Safe, Some(original_id)) => sealed.text("ToUserName", original_id),
        _ => sealed.raw(&push.fields),
    };
    sealed.text("Encrypt", &encrypt);
    Some((url, format!("<xml>{}</xml>", sealed.finish())))
}

/// Sends one attempt and reads the answer, five seconds in all.
pub async fn attempt(client: &reqwest::Client, delivery: &Delivery) -> Outcome {
    let started = Instant::now();
    // The kind of JSON callbacks is assumed.
    let (kind, reply_begins) = match delivery.format {
        CallbackFormat::Xml => ("text/xml", "<xml"),
        CallbackFormat::Json => ("application/json", "{"),
    };
    let exchange = async {
        let mut answer = client
            .post(delivery.url.clone())
            .header("content-type", kind)
            .body(delivery.body.clone())
            .send()
            .await?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while body.len() < ANSWER_BYTES {
            match answer.chunk().await? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        Ok::<_, reqwest::Error>((status, body))
    };
    let result = tokio::time::timeout(delivery.limit, exchange).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(Ok((status, body))) => {
            let text = String::from_utf8_lossy(&body);
            let text = text.trim();
            let taken = status == 200
                && (text.is_empty() || text == "success" || text.starts_with(reply_begins))
                || delivery.success_needs_no_200 && text == "success";
            let answer = text.chars().take(LOGGED_CHARACTERS).collect();
            Outcome { status: Some(status), answer, body: text.to_owned(), taken, ms }
        }
        Ok(Err(error)) => {
            let answer = if error.is_connect() { "no connection" } else { "connection broke" };
            Outcome {
                status: None,
                answer: answer.to_owned(),
                body: String::new(),
                taken: false,
                ms,
            }
        }
        Err(_) => {
            let answer = "no answer in time".to_owned();
            Outcome { status: None, answer, body: String::new(), taken: false, ms }
        }
    }
}

/// Logs the attempt and plans the next one when the receiver did not take it.
pub fn settle(world: &mut World, delivery: Delivery, outcome: Outcome) {
    let Delivery { waiting: Waiting { mut push, fault }, most_attempts, .. } = delivery;
    let now = world.now();
    world.set_under_way(None);
    push.attempts += 1;
    let record = Record {
        at: now,
        event: push.event,
        openid: push.openid.clone(),
        xml: plain(&push.fields),
        attempt: push.attempts,
        status: outcome.status,
        answer: outcome.answer,
        taken: outcome.taken,
        ms: outcome.ms,
        fault: fault.map(Kind::name),
    };
    let mut assumptions = Assumptions::default();
    let ends = push.event.ends_with("JOBFINISH");
    let receiver = match push.to {
        To::Account(position) => receiver_of(world, position),
        To::Component(_) => None,
    };
    if let To::Account(position) = push.to
        && let Some(account) = world.account_mut(position)
    {
        account.statistics.record_callback(now, outcome.taken, outcome.ms);
        assumptions = account.assumptions;
        let retried = !ends || assumptions.job_ends_are_retried;
        if outcome.taken {
            reply::taken(account, receiver.as_ref(), &push, &outcome.body, now);
        } else if !retried || push.attempts >= most_attempts {
            reply::failed(account, &push, now);
        }
    }
    remember(world, push.to, record);
    let retried = !ends || assumptions.job_ends_are_retried;
    if !outcome.taken && retried && push.attempts < most_attempts {
        let at = now + assumptions.callback_retry_seconds;
        world.queue.add(at, Due::Push(Box::new(Waiting { push, fault })));
    }
}
