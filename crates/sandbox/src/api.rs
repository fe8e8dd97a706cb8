//! The platform's calls: one gate for all of them, then one file a family.
//!
//! The gate checks in the order of `platform/03 §8`: token, method, body, right, minute limit, day
//! limit; the families check what they carry. Every answer is HTTP 200 with JSON, refusals too;
//! an unknown path is the one thing that is not. No input makes a handler panic.

pub mod agent;
pub mod auto_reply;
pub mod blacklist;
pub mod comment;
mod component;
pub mod counters;
pub mod custom;
mod datacube;
mod dispatch;
pub mod draft;
pub mod escapes;
pub mod group;
pub mod mass;
pub mod material;
pub mod media;
pub mod menu;
pub mod migration;
pub mod network;
pub mod oauth;
pub mod one_time;
mod open_platform;
pub mod publish;
pub mod qr_code;
pub mod quota;
pub mod refusal;
pub mod remark;
pub mod request;
mod right;
pub mod short_key;
pub mod subscription;
pub mod tag;
pub mod template;
pub mod ticket;
pub mod token;
pub mod user;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use wire::rules::Limits;
use wire::{Endpoint, Timestamp};

use crate::account::Account;
use crate::clock::Queue;
use crate::faults::{Fault, Faults, Kind};
use crate::world::{CallRecord, Shared, World};

use dispatch::dispatch;
use refusal::Refused;

/// Most bytes of a body that are read: eight articles of a megabyte and some more.
pub(crate) const BODY_BYTES: usize = 16 * 1024 * 1024;

/// A call as it came in.
pub struct Call {
    /// Which one.
    pub endpoint: Endpoint,
    method: Method,
    uri: Uri,
    /// The query decoded, where it is not plain.
    decoded: Option<Vec<(String, String)>>,
    /// The body, as sent.
    pub body: Bytes,
    /// Whether the body is what calls with JSON carry.
    checked: Result<(), Refused>,
    /// A template message, read before the world is held for it: what many send at once is read
    /// beside each other, and nobody waits for it.
    notice: Option<Result<template::Written, Refused>>,
    /// The uploaded form, for calls that carry a file.
    pub form: media::Form,
    /// Where it came from.
    pub peer: IpAddr,
}

impl Call {
    /// A value of the query, if it is there and not empty.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        // Of a name given twice the last counts.
        let value = match &self.decoded {
            Some(pairs) => {
                let pair = pairs.iter().rev().find(|(given, _)| given == name);
                pair.map(|(_, value)| value.as_str())
            }
            None => {
                let pairs = self.raw_query().rsplit('&').filter_map(|pair| pair.split_once('='));
                pairs.filter(|(given, _)| *given == name).map(|(_, value)| value).next()
            }
        };
        value.filter(|value| !value.is_empty())
    }

    /// The query, as sent.
    #[must_use]
    pub fn raw_query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 44002 when empty, 47001 when it is not what the call carries.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.check_present()?;
        serde_json::from_slice(&self.body).map_err(|_| Refused::new(47001))
    }

    /// The body as JSON with `\uXXXX` left as written: the platform stores such escapes literally
    /// (`platform/01`, general facts).
    ///
    /// # Errors
    /// As [`Call::json`].
    pub fn json_with_literal_escapes<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.check_present()?;
        serde_json::from_slice(&escapes::literal(&self.body)).map_err(|_| Refused::new(47001))
    }

    /// Whether the body writes characters as `\uXXXX`. Control characters cannot be written
    /// otherwise and do not count.
    #[must_use]
    pub fn has_unicode_escapes(&self) -> bool {
        escapes::are_in(&self.body)
    }

    fn is_empty(&self) -> bool {
        self.body.iter().all(u8::is_ascii_whitespace)
    }

    fn check_present(&self) -> Result<(), Refused> {
        if self.is_empty() { Err(Refused::new(44002)) } else { Ok(()) }
    }

    /// Reads what can be read without the world.
    fn look_at_body(&mut self) {
        if self.method != Method::POST || !self.carries_json() {
            return;
        }
        if self.endpoint == Endpoint::TemplateSend {
            let written = template::Written::of(self);
            // What was read as a whole is JSON, unless its escapes were taken as they stand.
            let is_json = written.is_ok() && !self.has_unicode_escapes();
            self.notice = Some(written);
            if is_json {
                return;
            }
        }
        self.checked = self.check_json();
    }

    fn carries_json(&self) -> bool {
        !self.endpoint.is_upload() && !self.endpoint.takes_form()
    }

    fn check_json(&self) -> Result<(), Refused> {
        self.check_present()?;
        serde_json::from_slice::<IgnoredAny>(&self.body)
            .map(|_| ())
            .map_err(|_| Refused::new(47001))
    }
}

/// What a call may touch beside itself.
pub struct Scene<'a> {
    /// The account the token belongs to.
    pub account: &'a mut Account,
    /// Its position.
    pub position: usize,
    /// What is due.
    pub queue: &'a mut Queue,
    /// What goes wrong on purpose.
    pub faults: &'a mut Faults,
    /// The limits in force.
    pub limits: Limits,
    /// The sandbox's time.
    pub now: Timestamp,
}

/// The body of an answer that is no refusal.
#[derive(Debug)]
pub enum Reply {
    /// JSON.
    Json(Vec<u8>),
    /// JSON that is given out after so many real milliseconds.
    Late(Vec<u8>, u64),
    /// A file, for the calls that give files back.
    File(media::file::File),
}

/// The answer of a call: its body, or a refusal.
pub type Answer = Result<Reply, Refused>;

/// Writes an answer.
///
/// # Errors
/// −1 when it cannot be written, which the types here do not bring about.
pub fn answer<T: Serialize>(body: &T) -> Answer {
    serde_json::to_vec(body).map(Reply::Json).map_err(|_| Refused::new(-1))
}

/// The answer of a write that has nothing to tell.
///
/// # Errors
/// Never; the type fits the others.
pub fn done() -> Answer {
    Ok(Reply::Json(br#"{"errcode":0,"errmsg":"ok"}"#.to_vec()))
}

/// Answers any call of the platform, where it came through the router.
pub async fn answer_call(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let Some(endpoint) = Endpoint::of_path(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, BODY_BYTES).await {
        Ok(body) => answer_whole(&shared, endpoint, parts, body, peer.ip()).await,
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

/// Answers a call of the platform whose body is there.
pub async fn answer_whole(
    shared: &Shared,
    endpoint: Endpoint,
    parts: Parts,
    body: Bytes,
    peer: IpAddr,
) -> Response {
    let started = Instant::now();
    // Most queries are a token and nothing that would have to be decoded.
    let is_plain = !parts.uri.query().is_some_and(|query| query.contains(['%', '+']));
    let decoded = (!is_plain).then(|| {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        query.map(|query| query.0).unwrap_or_default()
    });
    let form = if endpoint.is_upload() {
        media::form_of(&parts, body.clone()).await
    } else {
        media::Form::default()
    };
    let Parts { method, uri, .. } = parts;
    let (checked, notice) = (Ok(()), None);
    let mut call = Call { endpoint, method, uri, decoded, body, checked, notice, form, peer };
    call.look_at_body();

    let (fault, ending) = {
        let mut world = shared.world();
        let due_before = world.queue.next_at();
        let struck = strike_and_answer(&mut world, &call, started);
        // Whoever follows the clock waits for what was due next before this call.
        if world.queue.next_at() != due_before {
            shared.bell.notify_one();
        }
        struck
    };
    let kind = fault.as_ref().map(|fault| fault.kind);
    let held = fault.map_or(0, |fault| fault.held_ms()).saturating_add(ending.held_ms());
    if held > 0 {
        tokio::time::sleep(Duration::from_millis(held)).await;
    }
    match (ending, kind) {
        (Ending::Broken(status), _) => status.into_response(),
        (Ending::Cut, _) | (_, Some(Kind::LostAnswer | Kind::TimeOutAfter)) => closed_connection(),
        (Ending::Answered { body, .. }, Some(Kind::HalfAnswer)) => half_answered(body),
        (Ending::Answered { body, .. }, _) => body.into_response(),
    }
}

/// Answers under the fault that strikes, and writes both into the log in the same moment, so that
/// a caller who goes away or a world that is replaced meanwhile leaves nothing half done.
fn strike_and_answer(world: &mut World, call: &Call, started: Instant) -> (Option<Fault>, Ending) {
    let now = world.now();
    let before = world.faults.struck_in_all();
    let fault = world.faults.strike_call(call.endpoint.path(), now);
    let kind = fault.as_ref().map(|fault| fault.kind);
    let ending = match kind {
        Some(Kind::CutBefore | Kind::TimeOutBefore) => Ending::Cut,
        Some(Kind::Http500) => Ending::Broken(StatusCode::INTERNAL_SERVER_ERROR),
        Some(Kind::Http502) => Ending::Broken(StatusCode::BAD_GATEWAY),
        Some(Kind::Http503) => Ending::Broken(StatusCode::SERVICE_UNAVAILABLE),
        Some(Kind::Http504) => Ending::Broken(StatusCode::GATEWAY_TIMEOUT),
        _ => answer_or_refuse(world, call, fault.as_ref(), started),
    };
    let unheard = matches!(kind, Some(Kind::LostAnswer | Kind::TimeOutAfter | Kind::HalfAnswer));
    let (errcode, rid) = match &ending {
        Ending::Answered { code, rid, .. } if !unheard => (Some(*code), rid.clone()),
        _ => (None, None),
    };
    // A publication is struck inside its call.
    let struck_inside = || {
        let struck = world.faults.struck_in_all() - before;
        let struck = usize::try_from(struck).unwrap_or(usize::MAX);
        let mut newest = world.faults.struck().take(struck).map(|struck| struck.kind);
        newest.find(|kind| *kind == Kind::PublishRefused)
    };
    let named = kind.or_else(struck_inside).map(Kind::name);
    let spent = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let held = fault.as_ref().map_or(0, Fault::held_ms);
    let ms = spent.saturating_add(held);
    let path = call.endpoint.path();
    world.calls.record(CallRecord { at: now, path, errcode, rid, fault: named, ms });
    (fault, ending)
}

fn answer_or_refuse(
    world: &mut World,
    call: &Call,
    fault: Option<&Fault>,
    started: Instant,
) -> Ending {
    let now = world.now();
    let (code, rid, body) = match answer_under(world, call, fault) {
        Ok(body) => (0, None, body),
        Err(refused) => {
            let random = world.chance.number();
            let body = refused.body(now, random);
            let id = refusal::request_id(now, random);
            let spent = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            request::remember(world, call, id.clone(), now, spent, &body);
            (refused.code(), Some(id), Reply::Json(body))
        }
    };
    Ending::Answered { code, rid, body }
}

enum Ending {
    Answered { code: i64, rid: Option<String>, body: Reply },
    Broken(StatusCode),
    Cut,
}

impl Ending {
    /// Real milliseconds its answer waits by itself.
    fn held_ms(&self) -> u64 {
        match self {
            Self::Answered { body: Reply::Late(_, ms), .. } => *ms,
            _ => 0,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Json(body) | Self::Late(body, _) => {
                ([(header::CONTENT_TYPE, "application/json; encoding=utf-8")], body).into_response()
            }
            Self::File(file) => file.into_response(),
        }
    }
}

/// An answer that says how long it is and ends after half of that.
fn half_answered(body: Reply) -> Response {
    let bytes = match &body {
        Reply::Json(body) | Reply::Late(body, _) => Bytes::copy_from_slice(body),
        Reply::File(file) => file.bytes.clone(),
    };
    let (mut parts, _) = body.into_response().into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    let half = bytes.slice(..bytes.len() / 2);
    let broken = futures_util::stream::once(async { Ok(half) }).chain(cut_off());
    Response::from_parts(parts, Body::from_stream(broken))
}

/// Breaks the connection, once what was written has had the time to go out.
fn cut_off() -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    })
}

/// An answer whose body breaks before its first byte: the server closes the connection before it
/// has written anything, which is what the caller of a lost answer sees.
fn closed_connection() -> Response {
    let broken = futures_util::stream::once(async {
        Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(broken).into_response()
}

fn answer_under(world: &mut World, call: &Call, fault: Option<&Fault>) -> Answer {
    let code = fault.and_then(|fault| fault.strength.code);
    let fault = fault.map(|fault| fault.kind);
    let held = call.query("access_token").unwrap_or_default();
    match fault {
        Some(Kind::Refused) => Err(Refused::new(code.unwrap_or(-1))),
        Some(Kind::SystemError) => Err(Refused::new(-1)),
        Some(Kind::DayQuota) => Err(Refused::new(45009)),
        Some(Kind::MinuteQuota) => Err(Refused::new(45011)),
        Some(Kind::TokenDead) => {
            token::kill(world, held);
            Err(Refused::new(40001))
        }
        Some(Kind::ForeignToken | Kind::ForeignForcedToken) => {
            token::foreign_renewal(world, held, fault == Some(Kind::ForeignForcedToken));
            pass_gate(world, call)
        }
        _ => pass_gate(world, call),
    }
}

fn pass_gate(world: &mut World, call: &Call) -> Answer {
    match call.endpoint {
        Endpoint::Token => return token::classic(world, call),
        Endpoint::StableToken => return token::stable(world, call),
        Endpoint::ClearQuotaV2 => return quota::clear_by_secret(world, call),
        Endpoint::WebToken => return oauth::token(world, call),
        Endpoint::WebTokenRefresh => return oauth::refresh(world, call),
        Endpoint::WebUserInfo => return oauth::user_info(world, call),
        Endpoint::WebTokenCheck => return oauth::check(world, call),
        endpoint if component::is_of_components(endpoint) => return component::call(world, call),
        _ => {}
    }
    let position = match component::authorizer_of(world, call)? {
        Some(position) => position,
        None => token::check(world, call.query("access_token"))?,
    };
    let assumptions = world.accounts().get(position).map(|account| account.assumptions);
    let assumptions = assumptions.unwrap_or_default();
    let posts_a_get = call.endpoint.is_get() && call.method == Method::POST;
    if !(posts_a_get && assumptions.get_calls_take_post) {
        check_method(call)?;
    }
    let may_be_empty = call.endpoint.body_may_be_empty() && call.is_empty();
    if call.method == Method::POST && call.carries_json() && !posts_a_get && !may_be_empty {
        call.checked.clone()?;
    }
    let account = world.accounts().get(position).ok_or(Refused::new(40001))?;
    let limits = world.limits(account)?;
    right::check(account, call.endpoint, &limits)?;
    let now = world.now();
    let (account, queue, faults) = world.parts(position).ok_or(Refused::new(40001))?;
    account.counters.count(call.endpoint, &limits, now).map_err(|refused| {
        let is_minute = refused.code() == counters::MINUTE_LIMIT;
        if is_minute { Refused::new(assumptions.minute_limit_code) } else { refused }
    })?;
    match call.endpoint {
        Endpoint::RidGet => return request::get(world, position, call, &limits),
        Endpoint::OpenCreate => return open_platform::create(world, position, call),
        Endpoint::OpenBind => return open_platform::bind(world, position, call),
        Endpoint::OpenUnbind => return open_platform::unbind(world, position, call),
        Endpoint::OpenGet => return open_platform::get(world, position, call),
        _ => {}
    }
    dispatch(call, &mut Scene { account, position, queue, faults, limits, now })
}

/// 43001 or 43002 when the method is not the one the call asks for.
///
/// # Errors
/// As said.
pub fn check_method(call: &Call) -> Result<(), Refused> {
    match (call.endpoint.is_get(), &call.method) {
        (true, &Method::GET) | (false, &Method::POST) => Ok(()),
        (_, &Method::GET) if call.endpoint.takes_any_method() => Ok(()),
        (true, _) => Err(Refused::new(43001)),
        (false, _) => Err(Refused::new(43002)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_what_is_played_names_every_call_once() {
        let list = include_str!("../coverage.toml");
        for endpoint in Endpoint::ALL {
            let row = format!("call = \"{endpoint}\"\n");
            assert_eq!(list.matches(&row).count(), 1, "{endpoint}");
        }
    }
}
