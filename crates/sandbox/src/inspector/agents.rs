//! An account's customer service: its agents, whom they talk with, who waits for one.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::language::Reader;
use super::words::Words;
use super::{Page, Problem, account, back, find, render, written};
use crate::api::agent::{Seat, Standing};
use crate::world::Shared;

/// People shown who talk with an agent or wait for one.
const PEOPLE: usize = 100;

struct Row {
    kf_account: String,
    nickname: String,
    number: i64,
    /// The person behind it, or who was invited.
    worker: String,
    state: &'static str,
    can_answer: bool,
    is_online: bool,
    talks: Vec<Talk>,
}

struct Talk {
    openid: String,
    since: String,
}

#[derive(Template)]
#[template(path = "agents.html")]
struct Agents {
    w: &'static Words,
    page: Page,
    appid: String,
    agents: Vec<Row>,
    waiting: Vec<Talk>,
}

/// `GET …/accounts/{appid}/agents`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let w = reader.words();
    let template = {
        let world = shared.world();
        let now = world.now();
        let (_, account) = account(&reader, &world, &appid)?;
        let agents = &account.agents;
        let talk = |(person, since): (u32, wire::Timestamp)| Talk {
            openid: account.people.openid(person),
            since: written(since),
        };
        let row = |(kf_account, agent): (&String, &crate::api::agent::Agent)| {
            let (worker, state) = match agent.standing(now) {
                Standing::Nobody => ("", w.worker_nobody),
                Standing::Bound(name) => (name, w.worker_bound),
                Standing::Waiting(name) => (name, w.worker_invited),
                Standing::Rejected(name) => (name, w.worker_rejected),
                Standing::Expired(name) => (name, w.worker_expired),
            };
            Row {
                kf_account: kf_account.clone(),
                nickname: agent.nickname().to_owned(),
                number: agent.number(),
                worker: worker.to_owned(),
                state,
                can_answer: matches!(agent.standing(now), Standing::Waiting(_)),
                is_online: agents.is_online(kf_account),
                talks: agents.talks.with(kf_account).take(PEOPLE).map(talk).collect(),
            }
        };
        Agents {
            w,
            page: Page::of(&reader, &world, account, w.agents, "agents"),
            agents: agents.all().map(row).collect(),
            waiting: agents.talks.waiting().take(PEOPLE).map(talk).collect(),
            appid,
        }
    };
    Ok(render(&reader, &template))
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    kf_account: String,
    #[serde(default)]
    act: String,
}

/// `POST …/accounts/{appid}/agents`: an agent comes or goes, or the person invited answers.
pub async fn act(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
    form: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |w| w.problem_form);
    let Form(asked) = form.map_err(|_| bad())?;
    let mut world = shared.world();
    let now = world.now();
    let position = find(&reader, &world, &appid)?;
    let path = format!("/accounts/{appid}/agents");
    let Some(account) = world.account_mut(position) else { return Err(bad()) };
    let agents = &mut account.agents;
    let done = match asked.act.as_str() {
        "online" | "offline" => agents.sit(&asked.kf_account, Seat::of_act(&asked.act)),
        "accept" | "reject" => {
            agents.answer_invitation(&asked.kf_account, asked.act == "accept", now)
        }
        _ => return Err(bad()),
    };
    Ok(back(&path, if done { "done" } else { "no_invitation" }))
}
