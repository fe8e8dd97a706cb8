//! What the person of the phone does, button by button.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::api::subscription::consent::Choice;
use crate::inspector::language::Reader;
use crate::inspector::{Problem, back, find};
use crate::push::notices::Scene;
use crate::push::{events, notices, taps};
use crate::world::{Shared, World};

/// Longest message a person writes here.
const CHARACTERS: usize = 2_000;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Act {
    content: String,
    key: String,
    ticket: String,
    id: String,
    template: String,
    choice: String,
}

/// `POST …/phone/{openid}/{act}`.
pub async fn act(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, openid, name)): Path<(String, String, String)>,
    form: Result<Form<Act>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = || Problem::new(reader.clone(), StatusCode::BAD_REQUEST, |w| w.problem_form);
    let Form(act) = form.map_err(|_| bad())?;
    let note = {
        let mut world = shared.world();
        let position = find(&reader, &world, &appid)?;
        let account = world.accounts().get(position);
        let person = account.and_then(|account| account.people.person(&openid));
        let person = person.ok_or_else(|| Problem::missing(&reader, |w| w.problem_person))?;
        carry_out(&mut world, position, person, &name, &act)
            .ok_or_else(|| Problem::missing(&reader, |w| w.problem_page))?
    };
    crate::control::tell(&shared).await;
    let screen = match name.as_str() {
        "write" | "click" | "choose" => "&chat=account",
        _ => "",
    };
    let note = if note.is_empty() { "done" } else { note };
    Ok(back(&format!("/accounts/{appid}/phone/{openid}"), &format!("{note}{screen}")))
}

/// What is to be said about the act, empty when nothing is; `None` for an act nobody knows.
fn carry_out(
    world: &mut World,
    position: usize,
    person: u32,
    name: &str,
    act: &Act,
) -> Option<&'static str> {
    let told = |done: bool, otherwise: &'static str| if done { "" } else { otherwise };
    Some(match name {
        "follow" => told(events::follow(world, position, person), "follows_already"),
        "leave" => told(events::leave(world, position, person), "left_already"),
        "refuse" | "accept" => {
            if let Some(account) = world.account_mut(position) {
                account.people.refuse(person, name == "refuse");
            }
            ""
        }
        "write" => {
            let content = act.content.trim();
            if !(1..=CHARACTERS).contains(&content.chars().count()) {
                return Some("write_length");
            }
            told(events::write(world, position, person, content), "cannot_write")
        }
        "click" => told(taps::click(world, position, person, &act.key), "cannot_click"),
        "choose" => told(events::choose(world, position, person, &act.id), "cannot_choose"),
        "scan" => {
            let now = world.now();
            let account = world.accounts().get(position)?;
            match account.qr_codes.scan(act.ticket.trim(), now) {
                Some(scanned) => {
                    events::scan(world, position, person, scanned);
                    ""
                }
                None => "no_such_code",
            }
        }
        "prompt" => {
            let choice = match act.choice.as_str() {
                "accept" => Choice::Accept,
                "reject" => Choice::Reject,
                _ => Choice::Cancel,
            };
            let known = world.accounts().get(position)?.subscriptions.template(&act.template);
            if known.is_none() {
                return Some("no_such_template");
            }
            let asked = BTreeMap::from([(act.template.clone(), choice)]);
            notices::prompt(world, position, person, &asked, false, Scene::Web);
            ""
        }
        "withdraw" => {
            let known = world.accounts().get(position)?.subscriptions.template(&act.template);
            if known.is_none() {
                return Some("no_such_template");
            }
            notices::withdraw(world, position, person, std::slice::from_ref(&act.template));
            ""
        }
        _ => return None,
    })
}
