//! Third-party platforms: what they set, the accounts that authorise them, the release test; and the
//! library that articles are held against.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::language::Reader;
use super::words::Words;
use super::{Page, Problem, back, beginning, render, written};
use crate::component::authorization::{Authorization, withdraw};
use crate::component::permission::SETS;
use crate::component::{notice, release_test};
use crate::world::{Shared, World};

/// Attempts of pushes shown of each platform.
const PUSHES: usize = 5;
/// Originals shown.
const ORIGINALS: usize = 100;
const ORIGINAL_CHARACTERS: usize = 60;

struct Authorizer {
    appid: String,
    name: String,
    since: String,
    sets: String,
}

struct Pushed {
    at: String,
    event: &'static str,
    taken: bool,
    answer: String,
}

struct Platform {
    appid: String,
    event_url: String,
    message_url: String,
    released: bool,
    asks_for: String,
    authorizers: Vec<Authorizer>,
    pushes: Vec<Pushed>,
}

struct Step {
    what: &'static str,
    passed: bool,
    seen: String,
}

struct Tested {
    appid: String,
    steps: Vec<Step>,
}

struct Original {
    content: String,
    url: String,
    can_reprint: bool,
}

#[derive(Template)]
#[template(path = "platforms.html")]
struct Platforms {
    w: &'static Words,
    page: Page,
    tested: Option<Tested>,
    platforms: Vec<Platform>,
    originals: Vec<Original>,
}

/// The sets in the words of the page, where the platform's pages name them.
fn sets(numbers: impl Iterator<Item = u32>, is_chinese: bool) -> String {
    let named = numbers.map(|number| {
        let known = SETS.iter().find(|(known, ..)| *known == number);
        let name = known.map(|(_, chinese, english)| if is_chinese { *chinese } else { *english });
        format!("{number} {}", name.unwrap_or_default()).trim_end().to_owned()
    });
    named.collect::<Vec<_>>().join(" · ")
}

fn page(reader: &Reader, world: &World, tested: Option<Tested>) -> Platforms {
    let w = reader.words();
    let is_chinese = reader.language().starts_with("zh");
    let authorizer = |(position, granted): (&usize, &Authorization)| {
        let account = world.accounts().get(*position)?;
        Some(Authorizer {
            appid: account.appid.to_string(),
            name: account.name.clone(),
            since: written(granted.since),
            sets: sets(granted.sets.iter().copied(), is_chinese),
        })
    };
    let platform = |held: &crate::component::Component| Platform {
        appid: held.appid.to_string(),
        event_url: held.settings.event_url.clone().unwrap_or_default(),
        message_url: held.settings.message_url.clone().unwrap_or_default(),
        released: held.settings.released,
        asks_for: sets(held.settings.permission_sets.iter().copied(), is_chinese),
        authorizers: held.authorizations.iter().filter_map(authorizer).collect(),
        pushes: held
            .pushes()
            .take(PUSHES)
            .map(|push| Pushed {
                at: written(push.at),
                event: push.event,
                taken: push.taken,
                answer: push.answer.clone(),
            })
            .collect(),
    };
    let original = |held: &crate::api::mass::original::Original| Original {
        content: beginning(&crate::html::text(&held.content), ORIGINAL_CHARACTERS),
        url: held.url.clone(),
        can_reprint: held.can_reprint,
    };
    Platforms {
        w,
        page: Page::new(reader, world, w.platforms, "platforms"),
        tested,
        platforms: world.components.all().iter().map(platform).collect(),
        originals: world.originals.iter().take(ORIGINALS).map(original).collect(),
    }
}

/// `GET …/platforms`.
pub async fn show(State(shared): State<Arc<Shared>>, reader: Reader) -> Response {
    let template = page(&reader, &shared.world(), None);
    render(&reader, &template)
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    component: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    appid: String,
}

/// `POST …/platforms`: a ticket now, an account withdraws, or the release test, whose page shows
/// what came of it.
pub async fn act(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |w| w.problem_form);
    let Form(asked) = form.map_err(|_| bad())?;
    let platform = shared.world().components.position(&asked.component).ok_or_else(bad)?;
    match asked.act.as_str() {
        "ticket" => {
            notice::push_ticket(&mut shared.world(), platform);
        }
        "withdraw" => {
            let mut world = shared.world();
            let account = world.position(&asked.appid).ok_or_else(bad)?;
            withdraw(&mut world, platform, account);
        }
        "release_test" => return Ok(test(&shared, &reader, platform, asked.component).await),
        _ => return Err(bad()),
    }
    crate::control::tell(&shared).await;
    Ok(back("/platforms", "done"))
}

async fn test(shared: &Arc<Shared>, reader: &Reader, platform: usize, appid: String) -> Response {
    let w = reader.words();
    let words = [w.release_ticket, w.release_text, w.release_code];
    let Ok(steps) = release_test::run(shared, platform).await else {
        return back("/platforms", "release_not_begun");
    };
    let step = |(what, step): (&'static str, release_test::Step)| Step {
        what,
        passed: step.passed,
        seen: step.seen,
    };
    let steps = words.into_iter().zip(steps).map(step).collect();
    let template = page(reader, &shared.world(), Some(Tested { appid, steps }));
    render(reader, &template)
}
