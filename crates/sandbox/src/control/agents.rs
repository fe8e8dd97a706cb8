//! Agents coming, going and answering invitations, and templates the platform bans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Answer, Refusal, json, position, read};
use crate::api::agent::Seat;
use crate::world::Shared;

/// `POST …/agents/{kf_account}/{online|online-on-phone|online-on-both|offline|accept|reject}`: an agent comes or goes, or the
/// person invited answers.
pub async fn act(
    State(shared): State<Arc<Shared>>,
    Path((appid, kf_account, act)): Path<(String, String, String)>,
) -> Answer {
    let mut world = shared.world();
    let now = world.now();
    let position = position(&world, &appid)?;
    let Some(account) = world.account_mut(position) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such account"));
    };
    let agents = &mut account.agents;
    if !agents.has(&kf_account) {
        let sentence = format!("there is no agent {kf_account:?}; add it with kfaccount/add");
        return Err(Refusal::new(StatusCode::NOT_FOUND, sentence));
    }
    let changed = match act.as_str() {
        "online" | "online-on-phone" | "online-on-both" | "offline" => {
            agents.sit(&kf_account, Seat::of_act(&act))
        }
        "accept" | "reject" => {
            let answered = agents.answer_invitation(&kf_account, act == "accept", now);
            if !answered {
                let sentence = format!("no invitation to {kf_account} waits for an answer");
                return Err(Refusal::conflict(sentence));
            }
            true
        }
        other => {
            let sentence = format!(
                "{other:?} is no act; use online, online-on-phone, online-on-both, offline, accept or reject"
            );
            return Err(Refusal::new(StatusCode::NOT_FOUND, sentence));
        }
    };
    json(&serde_json::json!({ "changed": changed }))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitations {
    refused: BTreeMap<String, i64>,
}

/// `PUT …/invitations`: WeChat names that cannot be invited, each with the code the call answers,
/// in place of those given before.
pub async fn set_refused(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: Invitations = read(&body)?;
    if let Some((name, code)) =
        wished.refused.iter().find(|(_, code)| !(65409..=65412).contains(*code))
    {
        let sentence = format!("refused.{name} is {code}; give 65409 to 65412");
        return Err(Refusal::bad(sentence));
    }
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.agents.refused_invitations.clone_from(&wished.refused);
    }
    json(&wished)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Banned {
    template_ids: BTreeSet<String>,
}

/// `PUT …/banned-templates`: the platform bans these templates, of template messages and
/// subscription notices, in place of those it banned before.
pub async fn set_banned(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let banned: Banned = read(&body)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.blocks.banned.clone_from(&banned.template_ids);
    }
    json(&banned)
}
