//! An article as its reader sees it, after the platform's filtering; what readers wrote under it,
//! and 阅读原文.
//!
//! The article itself is a document of its own in a frame: its inline styles are its author's and
//! are let in there, scripts are not, and nothing is loaded from elsewhere.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use wire::Timestamp;

use super::language::Reader;
use super::words::Words;
use super::{Page, Problem, ROOT, account, back, find, render, written};
use crate::account::Account;
use crate::api::comment::thread::Thread;
use crate::api::draft::Kept;
use crate::api::publish::publication::State as Publishing;
use crate::world::{Shared, World};

/// The frame's own rule: inline styles and pictures of the account, nothing else, no script.
const FRAME_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; \
    frame-ancestors 'self'; base-uri 'none'; form-action 'none'; \
    sandbox allow-same-origin allow-popups";
/// Longest comment, as with the control interface.
const COMMENT_CHARACTERS: usize = 600;

/// An article found, and what is known of it.
struct Found {
    kept: Kept,
    /// When it went out; `None` for a draft.
    at: Option<Timestamp>,
    deleted: bool,
}

struct Comment {
    openid: String,
    at: String,
    content: String,
    chosen: bool,
    reply: Option<String>,
}

#[derive(Template)]
#[template(path = "article.html")]
struct Article {
    w: &'static Words,
    page: Page,
    /// The phone's clock.
    time: String,
    body: String,
    title: String,
    deleted: bool,
    original: String,
    state: &'static str,
    /// `None`: a draft, which nobody can write under.
    thread: Option<Discussion>,
}

struct Discussion {
    open: bool,
    only_fans: bool,
    action: String,
    comments: Vec<Comment>,
    first: String,
}

#[derive(Template)]
#[template(path = "article_body.html")]
struct Body {
    w: &'static Words,
    language: &'static str,
    title: String,
    author: String,
    at: String,
    name: String,
    content: String,
    pictures: Vec<String>,
    original: String,
    deleted: bool,
}

/// The article of a mass job or a publication with this number, `index` counted from 0.
fn went_out(account: &Account, number: i64, index: usize) -> Option<Found> {
    if let Some(job) = account.jobs.newest_first().find(|job| job.msg_data_id == Some(number)) {
        let kept = job.kept_articles().get(index)?.clone();
        let place = i64::try_from(index).ok()?.checked_add(1)?;
        let at = job.outcome.as_ref().map(|outcome| outcome.ran_at);
        return Some(Found { kept, at, deleted: job.is_article_deleted(place) });
    }
    let mut published = account.publications.published();
    let found = published.find(|publication| publication.msg_data_id == number)?;
    let Publishing::Published { articles, .. } = &found.state else { return None };
    let article = articles.get(index)?;
    Some(Found { kept: article.kept.clone(), at: Some(found.updated), deleted: article.is_deleted })
}

fn drafted(account: &Account, media_id: &str, index: usize) -> Option<Found> {
    let kept = account.articles(media_id)?.articles.get(index)?.clone();
    Some(Found { kept, at: None, deleted: false })
}

/// An address that may be linked to: the web's, not a script's.
fn safe(address: &str) -> String {
    let lower = address.trim().to_ascii_lowercase();
    let known = lower.starts_with("http://") || lower.starts_with("https://");
    if known { address.trim().to_owned() } else { String::new() }
}

fn page(
    reader: &Reader,
    world: &World,
    account: &Account,
    found: &Found,
    path: &str,
    thread: Option<&Thread>,
) -> Article {
    let w = reader.words();
    let comment = |comment: &crate::api::comment::thread::Comment| Comment {
        openid: comment.person.map(|person| account.people.openid(person)).unwrap_or_default(),
        at: written(comment.created),
        content: comment.content.clone(),
        chosen: comment.elected,
        reply: comment.reply.as_ref().map(|reply| reply.content.clone()),
    };
    let first = account.people.following().min().map(|person| account.people.openid(person));
    Article {
        w,
        page: Page::of(reader, world, account, &found.kept.article.title, "content"),
        time: written(world.now()).get(11..16).unwrap_or_default().to_owned(),
        body: format!("{ROOT}{path}/body"),
        title: found.kept.article.title.clone(),
        deleted: found.deleted,
        original: safe(&found.kept.article.content_source_url),
        state: if found.at.is_some() { w.article_out } else { w.article_draft },
        thread: thread.map(|thread| Discussion {
            open: thread.open,
            only_fans: thread.only_fans,
            action: format!("{ROOT}{path}"),
            comments: thread.standing().map(comment).collect(),
            first: first.unwrap_or_default(),
        }),
    }
}

/// Every picture of an article is one of the account's own, or a grey tile: nothing is fetched from
/// elsewhere.
fn with_own_pictures(account: &Account, content: &str) -> String {
    let own = |address: &str| {
        let kept = account
            .library
            .newest_first()
            .find(|kept| kept.url.as_deref().is_some_and(|url| same_picture(url, address)));
        kept.map(|kept| format!("{ROOT}/accounts/{}/media/{}", account.appid, kept.file.media_id))
    };
    let mut shown = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(start) = rest.find("<img") {
        let (before, tag) = rest.split_at(start);
        shown.push_str(before);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        rest = after;
        match source(tag).and_then(own) {
            Some(address) => shown.push_str(&format!("<img src=\"{address}\" alt=\"\">")),
            None => shown.push_str("<span class=\"no-picture\"></span>"),
        }
    }
    shown.push_str(rest);
    shown
}

/// Addresses of one picture differ by scheme and by what follows the question mark.
fn same_picture(one: &str, other: &str) -> bool {
    fn bare(address: &str) -> &str {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        rest.split(['?', '#']).next().unwrap_or(rest)
    }
    bare(one) == bare(other)
}

fn source(tag: &str) -> Option<&str> {
    let at = |name: &str| {
        let rest = tag.split_once(name)?.1;
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    };
    at("data-src=").or_else(|| at("src="))
}

fn body(reader: &Reader, account: &Account, found: &Found) -> Response {
    let w = reader.words();
    let article = &found.kept.article;
    let images = found.kept.image_info.iter().flat_map(|info| &info.image_list);
    let pictures = images
        .map(|image| {
            let id = &image.image_media_id;
            format!("{ROOT}/accounts/{}/media/{id}", account.appid)
        })
        .collect();
    let template = Body {
        w,
        language: reader.language(),
        title: article.title.clone(),
        author: article.author.clone(),
        at: found.at.map(written).unwrap_or_default().get(..16).unwrap_or_default().to_owned(),
        name: account.name.clone(),
        content: with_own_pictures(account, &article.content),
        pictures,
        original: safe(&article.content_source_url),
        deleted: found.deleted,
    };
    let mut response = render(reader, &template);
    let policy = HeaderValue::from_static(FRAME_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn no_article(reader: &Reader) -> Problem {
    Problem::missing(reader, |words| words.problem_article)
}

/// `GET …/articles/{number}/{index}`.
pub async fn sent(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, number, index)): Path<(String, i64, usize)>,
) -> Result<Response, Problem> {
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let found = went_out(account, number, index).ok_or_else(|| no_article(&reader))?;
        let place = i64::try_from(index).unwrap_or(i64::MAX);
        let path = format!("/accounts/{appid}/articles/{number}/{index}");
        page(&reader, &world, account, &found, &path, account.threads.get(number, place))
    };
    Ok(render(&reader, &template))
}

/// `GET …/articles/{number}/{index}/body`.
pub async fn sent_body(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, number, index)): Path<(String, i64, usize)>,
) -> Result<Response, Problem> {
    let world = shared.world();
    let (_, account) = account(&reader, &world, &appid)?;
    let found = went_out(account, number, index).ok_or_else(|| no_article(&reader))?;
    Ok(body(&reader, account, &found))
}

/// `GET …/drafts/{media_id}/{index}`.
pub async fn draft(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, media_id, index)): Path<(String, String, usize)>,
) -> Result<Response, Problem> {
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let found = drafted(account, &media_id, index).ok_or_else(|| no_article(&reader))?;
        let path = format!("/accounts/{appid}/drafts/{media_id}/{index}");
        page(&reader, &world, account, &found, &path, None)
    };
    Ok(render(&reader, &template))
}

/// `GET …/drafts/{media_id}/{index}/body`.
pub async fn draft_body(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, media_id, index)): Path<(String, String, usize)>,
) -> Result<Response, Problem> {
    let world = shared.world();
    let (_, account) = account(&reader, &world, &appid)?;
    let found = drafted(account, &media_id, index).ok_or_else(|| no_article(&reader))?;
    Ok(body(&reader, account, &found))
}

#[derive(Deserialize)]
pub struct Written {
    #[serde(default)]
    openid: String,
    #[serde(default)]
    content: String,
}

/// `POST …/articles/{number}/{index}`: a reader writes under the article.
pub async fn comment(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, number, index)): Path<(String, i64, i64)>,
    form: Result<Form<Written>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |w| w.problem_form);
    let Form(written) = form.map_err(|_| bad())?;
    let content = written.content.trim().to_owned();
    let path = format!("/accounts/{appid}/articles/{number}/{index}");
    if !(1..=COMMENT_CHARACTERS).contains(&content.chars().count()) {
        return Ok(back(&path, "comment_length"));
    }
    let mut world = shared.world();
    let now = world.now();
    let position = find(&reader, &world, &appid)?;
    let account = world.account_mut(position).ok_or_else(|| no_article(&reader))?;
    let Some(person) = account.people.person(written.openid.trim()) else {
        return Ok(back(&path, "comment_nobody"));
    };
    let follows = account.people.following().contains(person);
    let thread = account.threads.get_mut(number, index).ok_or_else(|| no_article(&reader))?;
    let note = if !thread.open {
        "comment_closed"
    } else if thread.only_fans && !follows {
        "comment_only_fans"
    } else {
        thread.write(Some(person), content, now);
        "done"
    };
    Ok(back(&path, note))
}
