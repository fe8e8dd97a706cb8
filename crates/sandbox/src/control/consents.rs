//! People asked whether they want a notice, and what they change in the account's settings
//! (`platform/04 C1`).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::followers::{account, find};
use super::{Answer, Refusal, json, read, tell};
use crate::api::one_time::{Decision, RESERVED_BYTES, scene_number};
use crate::api::subscription::consent::Choice;
use crate::push::notices::{self, Scene};
use crate::world::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prompt {
    /// Template id → what the person chooses.
    #[serde(default)]
    templates: BTreeMap<String, Choice>,
    /// 总是保持以上选择.
    #[serde(default)]
    always: bool,
    #[serde(default)]
    scene: Scene,
}

/// `POST …/followers/{openid}/prompt`: a page or an article asks, the person answers.
pub async fn prompt(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let Prompt { templates, always, scene } = read(&body)?;
    let details = {
        let mut world = shared.world();
        let (position, person) = find(&world, &appid, &openid)?;
        let account = account(&world, position)?;
        check(&account.subscriptions, &templates, scene.most_templates(&account.assumptions))?;
        notices::prompt(&mut world, position, person, &templates, always, scene)
    };
    tell(&shared).await;
    json(&details)
}

/// What the client of the platform refuses to show.
fn check(
    subscriptions: &crate::api::subscription::Subscriptions,
    templates: &BTreeMap<String, Choice>,
    most: usize,
) -> Result<(), Refusal> {
    if templates.is_empty() {
        return Err(Refusal::bad("10001: templates is empty; name at least one"));
    }
    let mut kinds = Vec::new();
    for id in templates.keys() {
        let held = subscriptions.template(id).ok_or_else(|| {
            Refusal::conflict(format!("20001: the account has no template {id:?} to subscribe to"))
        })?;
        kinds.push(held.kind);
    }
    kinds.dedup();
    if kinds.len() > 1 {
        return Err(Refusal::conflict("20002: one-time and long-term templates cannot be mixed"));
    }
    if templates.len() > most {
        let sentence = format!("20003: a prompt here holds at most {most} templates");
        return Err(Refusal::conflict(sentence));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    template_ids: Vec<String>,
}

/// `POST …/followers/{openid}/withdraw`: the person switches notices off in the settings.
pub async fn withdraw(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    change(shared, &appid, &openid, &body, true).await
}

/// `POST …/followers/{openid}/restore`: the person switches them on; of this nothing is told.
pub async fn restore(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    change(shared, &appid, &openid, &body, false).await
}

async fn change(
    shared: Arc<Shared>,
    appid: &str,
    openid: &str,
    body: &Bytes,
    withdraws: bool,
) -> Answer {
    let Settings { template_ids } = read(body)?;
    {
        let mut world = shared.world();
        let (position, person) = find(&world, appid, openid)?;
        let subscriptions = &account(&world, position)?.subscriptions;
        if template_ids.is_empty() {
            return Err(Refusal::bad("template_ids is empty; name at least one"));
        }
        if let Some(id) = template_ids.iter().find(|id| subscriptions.template(id).is_none()) {
            return Err(Refusal::conflict(format!("the account has no template {id:?}")));
        }
        if withdraws {
            notices::withdraw(&mut world, position, person, &template_ids);
        } else if let Some(account) = world.account_mut(position) {
            for id in &template_ids {
                account.subscriptions.consents.restore(person, id);
            }
        }
    }
    tell(&shared).await;
    json(&serde_json::json!({ "changed": true }))
}

/// The query of the page that asks for a one-time subscription (`platform/04 B`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    #[serde(default)]
    template_id: Option<String>,
    scene: String,
    #[serde(default)]
    redirect_url: Option<String>,
    #[serde(default)]
    reserved: String,
    #[serde(default)]
    action: Decision,
}

/// `POST …/followers/{openid}/confirm`: the person confirms or cancels a one-time subscription.
/// Answers where the platform sends them then.
pub async fn confirm(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let asked: Confirmation = read(&body)?;
    let scene = scene_number(&asked.scene)
        .ok_or_else(|| Refusal::bad("scene must be a whole number from 0 to 10000"))?;
    let allowed = asked.reserved.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !allowed || asked.reserved.len() > RESERVED_BYTES {
        return Err(Refusal::bad("reserved must be at most 128 letters and digits"));
    }
    let redirect_url = asked.redirect_url.as_deref().unwrap_or("https://shop.example.com/");
    let redirect = reqwest::Url::parse(redirect_url)
        .map_err(|_| Refusal::bad("redirect_url is not an address"))?;
    let mut world = shared.world();
    let (position, person) = find(&world, &appid, &openid)?;
    let Some(account) = world.account_mut(position) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such account"));
    };
    let own = &account.one_time.template;
    if asked.template_id.as_ref().is_some_and(|template| template != own) {
        let sentence = format!("the account's one-time template is {own:?}; name that one");
        return Err(Refusal::conflict(sentence));
    }
    account.one_time.decide(person, asked.action, scene);
    let redirect =
        account.one_time.sent_back(redirect, &openid, asked.action, scene, &asked.reserved);
    json(&serde_json::json!({ "redirect": redirect.as_str() }))
}
