//! Pushing callbacks: signed, encrypted as the account wishes, three attempts of five seconds
//! (`platform/06 §2`).
//!
//! A push keeps its body over its attempts; timestamp and nonce are new each time. It lives in the
//! queue between attempts, so nothing about it is stored twice.

pub mod events;
pub mod notices;
pub mod privacy;
pub mod taps;
pub mod xml;

use std::time::{Duration, Instant};

use serde::Serialize;
use wire::Timestamp;
use wire::callback::crypt::{CallbackKey, signature};

use crate::clock::Due;
use crate::faults::Kind;
use crate::spec::{CallbackMode, CallbackSpec};
use crate::world::World;
use xml::Xml;

/// How much of a receiver's answer is read and logged.
const ANSWER_BYTES: usize = 64 * 1024;
const LOGGED_CHARACTERS: usize = 200;

/// A callback waiting to go out.
#[derive(Debug, Clone)]
pub struct Push {
    /// Whose.
    pub account: usize,
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
    let now = world.now();
    let Some((account, queue, faults)) = world.parts(push.account) else { return };
    if account.callback.is_none() {
        return;
    }
    let struck = faults.strike_callback(now);
    let fault = struck.as_ref().map(|fault| fault.kind);
    let seconds = struck.and_then(|fault| fault.strength.seconds).unwrap_or(0);
    let position = push.account;
    let waiting = Waiting { push, fault };
    match fault {
        Some(kind @ Kind::CallbackLost) => account.record_push(Record {
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
        }),
        Some(Kind::CallbackLate) => queue.add(now + seconds, Due::Push(Box::new(waiting))),
        Some(Kind::CallbackOutOfOrder) => {
            // One is held at a time; the one held so far has been overtaken by nobody.
            release(world, position);
            let until = now + seconds;
            world.held_back.insert(position, (until, waiting));
            world.queue.add(until, Due::Release { account: position });
        }
        _ => {
            if fault == Some(Kind::CallbackDoubled) {
                queue.add(now, Due::Push(Box::new(waiting.clone())));
            }
            queue.add(now, Due::Push(Box::new(waiting)));
            release(world, position);
        }
    }
}

fn release(world: &mut World, position: usize) {
    if let Some((_, held)) = world.held_back.remove(&position) {
        let now = world.now();
        world.queue.add(now, Due::Push(Box::new(held)));
    }
}

/// Lets the callback go that nothing overtook in its time.
pub fn release_overdue(world: &mut World, position: usize) {
    if world.held_back.get(&position).is_some_and(|(until, _)| *until <= world.now()) {
        release(world, position);
    }
}

/// Signs and encrypts the next attempt. `None` when the account has no callback any more.
pub fn prepare(world: &mut World, waiting: Waiting) -> Option<Delivery> {
    let now = world.now();
    let Waiting { push, fault } = &waiting;
    let nonce = (100_000_000 + world.chance.number() % 9_000_000_000).to_string();
    let random = world.chance.sixteen();
    let manual = world.is_manual();
    let account = world.accounts().get(push.account)?;
    let callback = account.callback.as_ref()?;
    let limits = world.limits(account).ok()?;
    // What is wrong with a callback is right at the next attempt.
    let fault = fault.filter(|_| push.attempts == 0);
    let mut callback = callback.clone();
    if fault == Some(Kind::CallbackWrongSignature) {
        callback.token.push('x');
    }
    let (url, mut body) =
        address_and_body(&callback, account, push, &now.0.to_string(), &nonce, random)?;
    if fault == Some(Kind::CallbackTruncated) {
        let half = (0..=body.len() / 2).rev().find(|at| body.is_char_boundary(*at));
        body.truncate(half.unwrap_or(0));
    }
    let pause = if push.attempts > 0 && manual { account.retry_pause_ms } else { 0 };
    let success_needs_no_200 = account.assumptions.success_needs_no_200;
    world.set_under_way(Some(waiting.clone()));
    Some(Delivery {
        url,
        body,
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

fn address_and_body(
    callback: &CallbackSpec,
    account: &crate::account::Account,
    push: &Push,
    timestamp: &str,
    nonce: &str,
    random: [u8; 16],
) -> Option<(reqwest::Url, String)> {
    let mut url = reqwest::Url::parse(&callback.url).ok()?;
    let plain = plain(&push.fields);
    url.query_pairs_mut()
        .append_pair("signature", &signature(&[&callback.token, timestamp, nonce]))
        .append_pair("timestamp", timestamp)
        .append_pair("nonce", nonce)
        .append_pair("openid", &push.openid);
    if callback.mode == CallbackMode::Plain {
        return Some((url, plain));
    }
    let key = CallbackKey::parse(&callback.encoding_aes_key).ok()?;
    let encrypt = key.seal(&random, &plain, &account.appid);
    let signed = signature(&[&callback.token, timestamp, nonce, &encrypt]);
    url.query_pairs_mut().append_pair("encrypt_type", "aes").append_pair("msg_signature", &signed);
    let mut sealed = Xml::default();
    match callback.mode {
        CallbackMode::Safe => sealed.text("ToUserName", account.original_id.as_str()),
        _ => sealed.raw(&push.fields),
    };
    sealed.text("Encrypt", &encrypt);
    Some((url, format!("<xml>{}</xml>", sealed.finish())))
}

/// Sends one attempt and reads the answer, five seconds in all.
pub async fn attempt(client: &reqwest::Client, delivery: &Delivery) -> Outcome {
    let started = Instant::now();
    let exchange = async {
        let mut answer = client
            .post(delivery.url.clone())
            .header("content-type", "text/xml")
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
                && (text.is_empty() || text == "success" || text.starts_with("<xml"))
                || delivery.success_needs_no_200 && text == "success";
            let answer = text.chars().take(LOGGED_CHARACTERS).collect();
            Outcome { status: Some(status), answer, taken, ms }
        }
        Ok(Err(error)) => {
            let answer = if error.is_connect() { "no connection" } else { "connection broke" };
            Outcome { status: None, answer: answer.to_owned(), taken: false, ms }
        }
        Err(_) => {
            Outcome { status: None, answer: "no answer in time".to_owned(), taken: false, ms }
        }
    }
}

/// Logs the attempt and plans the next one when the receiver did not take it.
pub fn settle(world: &mut World, delivery: Delivery, outcome: Outcome) {
    let Delivery { waiting: Waiting { mut push, fault }, most_attempts, .. } = delivery;
    let now = world.now();
    world.set_under_way(None);
    push.attempts += 1;
    let Some((account, queue, _)) = world.parts(push.account) else { return };
    account.statistics.record_callback(now, outcome.taken, outcome.ms);
    account.record_push(Record {
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
    });
    let retried = !push.event.ends_with("JOBFINISH") || account.assumptions.job_ends_are_retried;
    if !outcome.taken && retried && push.attempts < most_attempts {
        queue.add(
            now + account.assumptions.callback_retry_seconds,
            Due::Push(Box::new(Waiting { push, fault })),
        );
    }
}
