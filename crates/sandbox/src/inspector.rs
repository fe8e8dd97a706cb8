//! Pages for a browser: a follower's phone, an account's back office, the log, the clock.
//!
//! Everything is rendered here from the world as it stands, under one short lock; nothing is kept
//! for the pages' own sake. They work without a script: each button is a form, answered by a
//! redirect. A page shows one part of a long list at a time, so that a million followers cost no
//! more than a hundred. Words of the pages stand in [`words`] alone, once in each language.

mod agents;
mod article;
mod files;
mod followers;
mod language;
mod log;
mod meaning;
mod office;
mod overview;
mod phone;
mod platforms;
mod words;

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use wire::Timestamp;
use wire::rules::AccountKind;

use crate::account::Account;
use crate::world::{Shared, World};
use language::Reader;
use words::Words;

/// Where the pages stand.
const ROOT: &str = "/sandbox/inspector";

/// Nothing from elsewhere, no script or style inside a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; \
    base-uri 'none'";

/// The routes, with their whole paths.
pub fn router() -> Router<Arc<Shared>> {
    let at = |path: &str| format!("{ROOT}{path}");
    let of = |path: &str| format!("{ROOT}/accounts/{{appid}}{path}");
    Router::new()
        .route(ROOT, get(|| async { Redirect::permanent("/sandbox/inspector/") }))
        .route(&at("/"), get(overview::show))
        .route(&at("/clock"), post(overview::advance))
        .route(&at("/pace"), post(overview::set_pace))
        .route(&at("/snapshots"), post(overview::keep))
        .route(&at("/faults"), post(overview::add_fault))
        .route(&at("/faults/clear"), post(overview::clear_faults))
        .route(&at("/accounts"), post(overview::create_account))
        .route(&at("/log"), get(log::calls))
        .route(&at("/platforms"), get(platforms::show).post(platforms::act))
        .route(&at("/pulse"), get(files::pulse))
        .route(&at("/style.css"), get(files::style))
        .route(&at("/quiet.js"), get(files::script))
        .route(&of(""), get(office::show))
        .route(&of("/website-sends"), post(office::send))
        .route(&of("/jobs/{msg_id}/{act}"), post(office::decide))
        .route(&of("/protection"), post(office::protect))
        .route(&of("/content"), get(office::content))
        .route(&of("/settings"), get(office::settings))
        .route(&of("/followers"), get(followers::show).post(followers::arrive))
        .route(&of("/callbacks"), get(log::callbacks))
        .route(&of("/agents"), get(agents::show).post(agents::act))
        .route(&of("/media/{media_id}"), get(files::media))
        .route(&of("/articles/{number}/{index}"), get(article::sent).post(article::comment))
        .route(&of("/articles/{number}/{index}/body"), get(article::sent_body))
        .route(&of("/drafts/{media_id}/{index}"), get(article::draft))
        .route(&of("/drafts/{media_id}/{index}/body"), get(article::draft_body))
        .route(&of("/phone/{openid}"), get(phone::show))
        .route(&of("/phone/{openid}/{act}"), post(phone::act))
        .route(&at("/{*rest}"), any(nothing_here))
        .layer(axum::middleware::from_fn(guard))
}

/// `GET /`: a browser is led to the pages; anybody else gets what the platform answers.
pub async fn door(
    state: State<Arc<Shared>>,
    peer: ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if request.method() == Method::GET && accepts.is_some_and(|kinds| kinds.contains("text/html")) {
        return Redirect::to("/sandbox/inspector/").into_response();
    }
    crate::api::answer_call(state, peer, request).await
}

/// Keeps other sites from pressing buttons here, and pages from loading anything from elsewhere.
async fn guard(request: Request, next: Next) -> Response {
    let from = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if request.method() == Method::POST && from.is_some_and(|site| site == "cross-site") {
        return (StatusCode::FORBIDDEN, "press the button on the page itself").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert_with(|| HeaderValue::from_static("no-store"));
    response
}

async fn nothing_here(reader: Reader) -> Problem {
    Problem::new(reader, StatusCode::NOT_FOUND, |words| words.problem_page)
}

/// A page that cannot be shown, or a button that cannot be pressed.
pub struct Problem {
    reader: Reader,
    status: StatusCode,
    sentence: fn(&'static Words) -> &'static str,
}

impl Problem {
    fn new(
        reader: Reader,
        status: StatusCode,
        sentence: fn(&'static Words) -> &'static str,
    ) -> Self {
        Self { reader, status, sentence }
    }

    fn missing(reader: &Reader, sentence: fn(&'static Words) -> &'static str) -> Self {
        Self::new(reader.clone(), StatusCode::NOT_FOUND, sentence)
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    w: &'static Words,
    page: Page,
    sentence: &'static str,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let w = self.reader.words();
        let page = Page::bare(&self.reader, w.problem_title);
        let sentence = (self.sentence)(w);
        let mut response = render(&self.reader, &ProblemPage { w, page, sentence });
        *response.status_mut() = self.status;
        response
    }
}

/// What every page shows around its own part.
struct Page {
    title: String,
    /// `zh-CN` or `en`.
    language: &'static str,
    /// The same page in the other language.
    switch: String,
    /// The sandbox's time; empty where it is not known.
    now: String,
    account: Option<Shown>,
    /// Which entry of the account's own row of pages is this one.
    tab: &'static str,
    /// What came of the button just pressed.
    note: Option<&'static str>,
}

/// The account a page is about.
struct Shown {
    appid: String,
    name: String,
    kind: &'static str,
    is_subscription: bool,
}

impl Page {
    fn bare(reader: &Reader, title: &str) -> Self {
        Self {
            title: title.to_owned(),
            language: reader.language(),
            switch: reader.switch(),
            now: String::new(),
            account: None,
            tab: "",
            note: reader.note(),
        }
    }

    fn new(reader: &Reader, world: &World, title: &str, tab: &'static str) -> Self {
        let mut page = Self::bare(reader, title);
        page.now = reader.moment(world.now());
        page.tab = tab;
        page
    }

    fn of(
        reader: &Reader,
        world: &World,
        account: &Account,
        title: &str,
        tab: &'static str,
    ) -> Self {
        let mut page = Self::new(reader, world, title, tab);
        page.account = Some(Shown {
            appid: account.appid.to_string(),
            name: account.name.clone(),
            kind: reader.words().kind(account.kind),
            is_subscription: account.kind == AccountKind::Subscription,
        });
        page
    }
}

/// The account of the path.
fn find(reader: &Reader, world: &World, appid: &str) -> Result<usize, Problem> {
    world.position(appid).ok_or_else(|| Problem::missing(reader, |words| words.problem_account))
}

fn account<'a>(
    reader: &Reader,
    world: &'a World,
    appid: &str,
) -> Result<(usize, &'a Account), Problem> {
    let position = find(reader, world, appid)?;
    let account = world.accounts().get(position);
    let account = account.ok_or_else(|| Problem::missing(reader, |words| words.problem_account))?;
    Ok((position, account))
}

fn render(reader: &Reader, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let mut response = Html(html).into_response();
            if let Some(cookie) = reader.cookie() {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page of the inspector cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Back to a page after a button, with what came of it.
fn back(path: &str, note: &str) -> Response {
    let target =
        if note.is_empty() { format!("{ROOT}{path}") } else { format!("{ROOT}{path}?note={note}") };
    Redirect::to(&target).into_response()
}

/// `2026-03-02 10:00:00`.
fn written(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).map_or_else(|| text.clone(), |civil| civil.replace('T', " "))
}

/// One part of a long list, and the ways to its neighbours.
struct Part {
    /// Places are counted from 0.
    from: usize,
    /// As shown, from 1.
    first: usize,
    last: usize,
    total: usize,
    size: usize,
}

impl Part {
    fn new(from: usize, size: usize, total: usize) -> Self {
        let from = if from >= total { 0 } else { from };
        let last = from.saturating_add(size).min(total);
        Self { from, first: if total == 0 { 0 } else { from + 1 }, last, total, size }
    }

    fn earlier(&self) -> Option<usize> {
        (self.from > 0).then(|| self.from.saturating_sub(self.size))
    }

    fn later(&self) -> Option<usize> {
        (self.last < self.total).then_some(self.last)
    }
}

/// The first characters of a text, on one line.
fn beginning(text: &str, characters: usize) -> String {
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > characters {
        line = line.chars().take(characters).collect();
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests;
