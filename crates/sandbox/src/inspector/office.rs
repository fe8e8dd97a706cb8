//! The account's back office: budgets, mass jobs with a reason for everybody they missed, the form
//! of the website; what it has written; its menus, templates and settings.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use wire::Endpoint;

use super::language::Reader;
use super::meaning::job_status;
use super::words::Words;
use super::{Page, Part, Problem, account, back, beginning, find, render, written};
use crate::account::Account;
use crate::api::draft::Kept;
use crate::api::mass::budget::{self, UsedUp};
use crate::api::mass::job::{self, Audience, Job, Kind, Reason, WebsiteRefused};
use crate::api::mass::message::Content;
use crate::api::mass::protection::{self, Confirmation, Decision};
use crate::api::menu::button::Button;
use crate::api::publish::publication::State as Publishing;
use crate::world::{Shared, World};

const JOBS: usize = 30;
const ITEMS: usize = 30;
/// Longest text the form takes, characters; the website itself says 600 (`platform/03 §1`).
const CHARACTERS: usize = 600;

/// A budget: what counted and how much there is.
struct Budget {
    name: String,
    used: i64,
    limit: Option<i64>,
    /// Of ten parts, how many are used.
    tenths: i64,
}

impl Budget {
    fn new(name: &str, used: i64, limit: Option<i64>) -> Self {
        let tenths = match limit {
            Some(limit) if limit > 0 => used.saturating_mul(10).div_euclid(limit).clamp(0, 10),
            _ => 0,
        };
        let tenths = if used > 0 && limit.is_some() { tenths.max(1) } else { tenths };
        Self { name: name.to_owned(), used, limit, tenths }
    }
}

struct Miss {
    why: &'static str,
    count: u64,
}

struct JobRow {
    msg_id: i64,
    kind: &'static str,
    audience: String,
    what: String,
    link: String,
    accepted: String,
    ran: String,
    /// `waiting`, `sent`, `failed` or `deleted`.
    state: &'static str,
    status: String,
    /// The administrator must confirm it.
    awaits: bool,
    total: u64,
    left: u64,
    sent: u64,
    errors: u64,
    missed: Vec<Miss>,
}

#[derive(Template)]
#[template(path = "office.html")]
struct Office {
    w: &'static Words,
    page: Page,
    appid: String,
    budgets: Vec<Budget>,
    calls: Vec<Budget>,
    jobs: Vec<JobRow>,
    part: Part,
}

/// One line about what a job sends.
pub(super) fn summary(job: &Job, w: &Words) -> String {
    match &job.content {
        Content::Text(text) => beginning(text, 40),
        Content::News(_) => {
            let first = job.kept_articles().first();
            let title = first.map_or(w.kind_articles, |kept| kept.article.title.as_str());
            match job.articles {
                0 | 1 => beginning(title, 40),
                several => format!("{} (+{})", beginning(title, 40), several - 1),
            }
        }
        Content::Voice(_) => w.kind_voice.to_owned(),
        Content::Pictures(ids) => format!("{} × {}", w.kind_picture, ids.len()),
        Content::Film(_) => w.kind_film.to_owned(),
    }
}

fn reason(reason: Reason, w: &Words) -> &'static str {
    match reason {
        Reason::NotFollowing => w.reason_not_following,
        Reason::Blacklisted => w.reason_blacklisted,
        Reason::Refusing => w.reason_refusing,
        Reason::Full => w.reason_full,
        Reason::Failed => w.reason_failed,
        Reason::OverBudget => w.reason_over_budget,
    }
}

fn row(account: &Account, job: &Job, reader: &Reader) -> JobRow {
    let w = reader.words();
    let audience = match job.audience() {
        Audience::All => w.to_everybody.to_owned(),
        Audience::Tag(tag) => {
            let name = account.tags.name(*tag).unwrap_or("?");
            format!("{} {name}", w.to_tag)
        }
        Audience::List { given, .. } => w.to_list.replace("{n}", &given.to_string()),
    };
    let outcome = job.outcome.as_ref();
    let state = match outcome {
        None => "waiting",
        Some(_) if job.is_deleted => "deleted",
        Some(outcome) if outcome.is_success() => "sent",
        Some(_) => "failed",
    };
    let awaits = outcome.is_none().then_some(job.confirmation).flatten();
    let awaits = awaits.filter(|said| matches!(said, Confirmation::Waiting | Confirmation::Opened));
    let status = match outcome {
        None if awaits == Some(Confirmation::Opened) => w.job_opened.to_owned(),
        None if awaits.is_some() => w.job_awaiting.to_owned(),
        None => w.job_waiting.to_owned(),
        Some(_) if job.is_deleted => w.job_deleted.to_owned(),
        Some(outcome) if outcome.is_success() => w.job_sent.to_owned(),
        Some(outcome) => {
            format!("{} — {}", outcome.status, job_status(&outcome.status, reader.reads()))
        }
    };
    let missed = job.missed.by_reason().into_iter().filter(|(_, people)| !people.is_empty());
    let link = job
        .msg_data_id
        .filter(|_| !job.kept_articles().is_empty())
        .map(|number| format!("{}/accounts/{}/articles/{number}/0", super::ROOT, account.appid));
    JobRow {
        msg_id: job.msg_id,
        kind: if job.kind == Kind::Website { w.by_website } else { w.by_interface },
        audience,
        what: summary(job, w),
        link: link.unwrap_or_default(),
        accepted: written(job.accepted_at),
        ran: outcome.map_or_else(|| written(job.run_at), |outcome| written(outcome.ran_at)),
        state,
        status,
        awaits: awaits.is_some(),
        total: outcome.map_or(0, |outcome| outcome.total),
        left: outcome.map_or(0, |outcome| outcome.filtered),
        sent: outcome.map_or(0, |outcome| outcome.sent),
        errors: outcome.map_or(0, |outcome| outcome.errors),
        missed: missed
            .map(|(why, people)| Miss { why: reason(why, w), count: people.len() })
            .collect(),
    }
}

fn budgets(world: &World, account: &Account, w: &Words) -> (Vec<Budget>, Vec<Budget>) {
    let now = world.now();
    let Ok(limits) = world.limits(account) else { return (Vec::new(), Vec::new()) };
    let used = budget::used(account, now);
    let today = |endpoint| account.counters.today(endpoint, now);
    let budgets = vec![
        Budget::new(w.budget_website, used.website_month, Some(limits.website_sends_per_month)),
        Budget::new(w.budget_month, used.shared_month, limits.to_all_per_month),
        Budget::new(w.budget_day, used.shared_day, limits.to_all_per_day),
        Budget::new(w.budget_calls, today(Endpoint::MassSend), limits.mass_calls_per_day),
    ];
    let called = |endpoint: &&Endpoint| {
        !endpoint.is_mass_send() && account.counters.today(**endpoint, now) > 0
    };
    let calls = Endpoint::ALL.iter().filter(called).map(|endpoint| {
        Budget::new(endpoint.path(), today(*endpoint), limits.calls_per_day(*endpoint))
    });
    (budgets, calls.collect())
}

/// `GET …/accounts/{appid}?from=`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let w = reader.words();
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let total = account.jobs.newest_first().count();
        let part = Part::new(reader.number("from"), JOBS, total);
        let shown = account.jobs.newest_first().skip(part.from).take(JOBS);
        let (budgets, calls) = budgets(&world, account, w);
        Office {
            w,
            page: Page::of(&reader, &world, account, w.office, "office"),
            budgets,
            calls,
            jobs: shown.map(|job| row(account, job, &reader)).collect(),
            part,
            appid,
        }
    };
    Ok(render(&reader, &template))
}

#[derive(Deserialize)]
pub struct Message {
    #[serde(default)]
    title: String,
    #[serde(default)]
    content: String,
}

/// `POST …/accounts/{appid}/website-sends`: the operator presses 群发 on the website.
pub async fn send(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
    form: Result<Form<Message>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |w| w.problem_form);
    let Form(message) = form.map_err(|_| bad())?;
    let (title, content) = (message.title.trim(), message.content.trim());
    let path = format!("/accounts/{appid}");
    let text = if title.is_empty() { content.to_owned() } else { format!("{title}\n{content}") };
    if content.is_empty() || text.chars().count() > CHARACTERS {
        return Ok(back(&path, "send_length"));
    }
    let mut world = shared.world();
    let position = find(&reader, &world, &appid)?;
    let note = match job::send_from_website(&mut world, position, text) {
        Ok(_) => "send_accepted",
        Err(WebsiteRefused::Budget(UsedUp::WebsiteMonth(_))) => "send_website_month",
        Err(WebsiteRefused::Budget(UsedUp::Month(_))) => "send_month",
        Err(WebsiteRefused::Budget(UsedUp::Day(_))) => "send_day",
        Err(_) => "send_limits",
    };
    shared.bell.notify_one();
    Ok(back(&path, note))
}

/// `POST …/accounts/{appid}/jobs/{msg_id}/{open|confirm|refuse}`: the administrator decides.
pub async fn decide(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, msg_id, act)): Path<(String, i64, String)>,
) -> Result<Response, Problem> {
    let decision = match act.as_str() {
        "open" => Decision::Open,
        "confirm" => Decision::Confirm,
        "refuse" => Decision::Refuse,
        _ => return Err(Problem::missing(&reader, |words| words.problem_page)),
    };
    let waited = {
        let mut world = shared.world();
        let position = find(&reader, &world, &appid)?;
        protection::decide(&mut world, position, msg_id, decision)
    };
    crate::control::tell(&shared).await;
    let note = if waited { "done" } else { "waits_for_nobody" };
    Ok(back(&format!("/accounts/{appid}"), note))
}

#[derive(Deserialize)]
pub struct Protection {
    #[serde(default)]
    on: String,
}

/// `POST …/accounts/{appid}/protection`: the operator switches 群发保护.
pub async fn protect(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
    form: Result<Form<Protection>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |w| w.problem_form);
    let Form(wish) = form.map_err(|_| bad())?;
    let mut world = shared.world();
    let position = find(&reader, &world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.mass_protection = wish.on == "1";
    }
    Ok(back(&format!("/accounts/{appid}/settings"), "done"))
}

struct ArticleRow {
    title: String,
    link: String,
    deleted: bool,
}

struct Item {
    id: String,
    at: String,
    state: String,
    articles: Vec<ArticleRow>,
}

struct FileRow {
    kind: &'static str,
    name: String,
    media_id: String,
    at: String,
    bytes: usize,
    picture: Option<String>,
}

#[derive(Template)]
#[template(path = "content.html")]
struct ContentPage {
    w: &'static Words,
    page: Page,
    drafts: Vec<Item>,
    draft_count: usize,
    publications: Vec<Item>,
    files: Vec<FileRow>,
    file_part: Part,
}

fn article_row(kept: &Kept, link: String, deleted: bool) -> ArticleRow {
    ArticleRow { title: kept.article.title.clone(), link, deleted }
}

/// `GET …/accounts/{appid}/content?from=`.
pub async fn content(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let w = reader.words();
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let root = format!("{}/accounts/{appid}", super::ROOT);
        let drafts = account.drafts.newest_first().take(ITEMS).map(|draft| {
            let link = |place: usize| format!("{root}/drafts/{}/{place}", draft.media_id);
            let articles = draft.articles.iter().enumerate();
            Item {
                id: draft.media_id.to_string(),
                at: written(draft.updated),
                state: String::new(),
                articles: articles
                    .map(|(place, kept)| article_row(kept, link(place), false))
                    .collect(),
            }
        });
        let publications = account.publications.newest_first().take(ITEMS).map(|one| {
            let link = |place: usize| format!("{root}/articles/{}/{place}", one.msg_data_id);
            let articles = match &one.state {
                Publishing::Published { articles, .. } => articles
                    .iter()
                    .enumerate()
                    .map(|(place, held)| article_row(&held.kept, link(place), held.is_deleted))
                    .collect(),
                _ => Vec::new(),
            };
            Item {
                id: one.publish_id.to_string(),
                at: written(one.updated),
                state: w.publish_status(one.status()).to_owned(),
                articles,
            }
        });
        let total = account.library.newest_first().count();
        let file_part = Part::new(reader.number("from"), ITEMS, total);
        let files = account.library.newest_first().skip(file_part.from).take(ITEMS).map(|kept| {
            let id = &kept.file.media_id;
            FileRow {
                kind: w.file_kind(kept.file.kind),
                name: kept.name.clone(),
                media_id: id.clone(),
                at: written(kept.updated),
                bytes: kept.file.bytes.len(),
                picture: account.has_picture(id, world.now()).then(|| format!("{root}/media/{id}")),
            }
        });
        ContentPage {
            w,
            page: Page::of(&reader, &world, account, w.content, "content"),
            drafts: drafts.collect(),
            draft_count: account.drafts.len(),
            publications: publications.collect(),
            files: files.collect(),
            file_part,
        }
    };
    Ok(render(&reader, &template))
}

struct MenuLine {
    below: bool,
    name: String,
    kind: String,
    leads: String,
}

struct MenuShown {
    whom: String,
    lines: Vec<MenuLine>,
}

struct TemplateRow {
    id: String,
    title: String,
    content: String,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    w: &'static Words,
    page: Page,
    appid: String,
    secret: String,
    original_id: String,
    verified: bool,
    wechat_pay: bool,
    protected: bool,
    cover: String,
    callback: String,
    mode: String,
    mini_programs: String,
    menus: Vec<MenuShown>,
    templates: Vec<TemplateRow>,
    codes: Option<Vec<(String, String)>>,
}

fn lines(buttons: &[Button]) -> Vec<MenuLine> {
    let line = |button: &Button, below: bool| MenuLine {
        below,
        name: button.name.clone(),
        kind: button.kind.clone().unwrap_or_default(),
        leads: [&button.url, &button.key, &button.media_id, &button.article_id]
            .into_iter()
            .flatten()
            .next()
            .cloned()
            .unwrap_or_default(),
    };
    let mut lines = Vec::new();
    for button in buttons {
        lines.push(line(button, false));
        lines.extend(button.sub_button.iter().map(|below| line(below, true)));
    }
    lines
}

/// `GET …/accounts/{appid}/settings`.
pub async fn settings(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let w = reader.words();
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let menus = account.menus.all().map(|(tag, platform, buttons)| {
            let tag = tag.map(|tag| {
                format!("{} {}", w.menu_for_tag, account.tags.name(tag).unwrap_or_default())
            });
            let platform = platform.map(|platform| match platform {
                1 => "iOS".to_owned(),
                2 => "Android".to_owned(),
                _ => w.another_client.to_owned(),
            });
            let whom: Vec<_> = tag.into_iter().chain(platform).collect();
            let whom = if whom.is_empty() { w.menu_default.to_owned() } else { whom.join(" · ") };
            MenuShown { whom, lines: lines(buttons) }
        });
        let template = |kind| {
            move |held: &crate::api::template::held::Held| TemplateRow {
                id: held.id.clone(),
                title: held.title.to_owned(),
                content: held.content(),
                kind,
            }
        };
        let templates = account.templates.held().iter().map(template(w.template_message));
        let notices = account.subscriptions.held().iter().map(template(w.subscription_notice));
        let callback = account.callback.as_ref();
        let codes = account.qr_codes.living(200, world.now()).map(|codes| {
            codes.into_iter().map(|code| (code.scene.to_string(), code.ticket)).collect()
        });
        Settings {
            w,
            page: Page::of(&reader, &world, account, w.settings, "settings"),
            secret: account.secret.clone(),
            original_id: account.original_id.to_string(),
            verified: account.verified,
            wechat_pay: account.wechat_pay,
            protected: account.mass_protection,
            cover: account.cover_media_id.to_string(),
            callback: callback.map(|callback| callback.url.clone()).unwrap_or_default(),
            mode: callback
                .map(|callback| w.callback_mode(callback.mode))
                .unwrap_or_default()
                .to_owned(),
            mini_programs: account.mini_programs.join(", "),
            menus: menus.collect(),
            templates: templates.chain(notices).collect(),
            codes,
            appid,
        }
    };
    Ok(render(&reader, &template))
}
