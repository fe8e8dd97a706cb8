//! Mass jobs seen from behind: what was asked, who really received it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use wire::{Month, Timestamp};

use super::{Answer, PLAIN, Refusal, json, lines, position, query, read, tell};
use crate::account::Account;
use crate::api::mass::job::{self, Job};
use crate::api::mass::original::{self, Original, Verdict};
use crate::api::mass::protection::{self, Confirmation, Decision};
use crate::world::{Shared, World};

#[derive(Serialize)]
struct Shown<'a> {
    msg_id: i64,
    msg_data_id: Option<i64>,
    clientmsgid: Option<&'a str>,
    kind: &'static str,
    accepted_at: Timestamp,
    run_at: Timestamp,
    ran_at: Option<Timestamp>,
    status: Option<&'a str>,
    /// What the administrator said; absent when nobody is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<Confirmation>,
    /// Articles found to be reprints.
    #[serde(skip_serializing_if = "<[Verdict]>::is_empty")]
    reprints: &'a [Verdict],
    total: u64,
    filtered: u64,
    sent: u64,
    errors: u64,
    missed: Missed,
}

/// How many the job was for and did not reach, by the first thing that stood in the way.
#[derive(Serialize)]
struct Missed {
    not_following: u64,
    blacklisted: u64,
    refusing: u64,
    full: u64,
    failed: u64,
    over_budget: u64,
}

fn shown(job: &Job) -> Shown<'_> {
    let outcome = job.outcome.as_ref();
    let missed = &job.missed;
    Shown {
        msg_id: job.msg_id,
        msg_data_id: job.msg_data_id,
        clientmsgid: job.clientmsgid.as_deref(),
        kind: job.kind.name(),
        accepted_at: job.accepted_at,
        run_at: job.run_at,
        ran_at: outcome.map(|outcome| outcome.ran_at),
        status: outcome.map(|outcome| outcome.status.as_str()),
        confirmation: job.confirmation,
        reprints: &job.verdicts,
        total: outcome.map_or(0, |outcome| outcome.total),
        filtered: outcome.map_or(0, |outcome| outcome.filtered),
        sent: outcome.map_or(0, |outcome| outcome.sent),
        errors: outcome.map_or(0, |outcome| outcome.errors),
        missed: Missed {
            not_following: missed.not_following.len(),
            blacklisted: missed.blacklisted.len(),
            refusing: missed.refusing.len(),
            full: missed.full.len(),
            failed: missed.failed.len(),
            over_budget: missed.over_budget.len(),
        },
    }
}

fn account<'a>(world: &'a World, appid: &str) -> Result<&'a Account, Refusal> {
    let position = position(world, appid)?;
    world
        .accounts()
        .get(position)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such account"))
}

/// `GET …/jobs`, oldest first.
pub async fn list(State(shared): State<Arc<Shared>>, Path(appid): Path<String>) -> Answer {
    let world = shared.world();
    let mut jobs: Vec<_> = account(&world, &appid)?.jobs.newest_first().map(shown).collect();
    jobs.reverse();
    json(&jobs)
}

/// `GET …/jobs/{msg_id}/received`: one OpenID a line.
pub async fn received(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_id)): Path<(String, String)>,
) -> Answer {
    let world = shared.world();
    let account = account(&world, &appid)?;
    let job = msg_id.parse().ok().and_then(|msg_id| account.jobs.get(msg_id)).ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, format!("there is no job {msg_id:?}; see …/jobs"))
    })?;
    let cipher = account.people.cipher().clone();
    let people = job.received.clone().into_iter();
    Ok(lines(PLAIN, people.map(move |person| cipher.openid(person))))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    on: bool,
}

/// `PUT …/mass-protection`: the administrator turns API群发保护 on or off on the website. A send that
/// waits already goes on waiting.
pub async fn set_protection(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let wished: Switch = read(&body)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.mass_protection = wished.on;
    }
    json(&wished)
}

/// `POST …/jobs/{msg_id}/{open|confirm|refuse}`: what the administrator does about a send that
/// waits.
pub async fn decide(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_id, act)): Path<(String, String, String)>,
) -> Answer {
    let decision = match act.as_str() {
        "open" => Decision::Open,
        "confirm" => Decision::Confirm,
        "refuse" => Decision::Refuse,
        other => {
            let sentence = format!("{other:?} is no act; use open, confirm or refuse");
            return Err(Refusal::new(StatusCode::NOT_FOUND, sentence));
        }
    };
    {
        let mut world = shared.world();
        let position = position(&world, &appid)?;
        let waits = msg_id
            .parse()
            .is_ok_and(|msg_id| protection::decide(&mut world, position, msg_id, decision));
        if !waits {
            let sentence = format!("job {msg_id:?} does not wait for the administrator");
            return Err(Refusal::conflict(sentence));
        }
    }
    tell(&shared).await;
    json(&serde_json::json!({ "changed": true }))
}

/// `GET /sandbox/originals`.
pub async fn originals(State(shared): State<Arc<Shared>>) -> Answer {
    json(&shared.world().originals)
}

/// `PUT /sandbox/originals`: the library that articles are held against, in place of the former.
pub async fn set_originals(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let wished: Vec<Original> = read(&body)?;
    if wished.len() > original::MOST {
        let most = original::MOST;
        return Err(Refusal::bad(format!("{} originals; give at most {most}", wished.len())));
    }
    for (place, original) in wished.iter().enumerate() {
        let told = |wrong: String| Refusal::bad(format!("original {place}: {wrong}"));
        original.check().map_err(told)?;
    }
    shared.world().originals.clone_from(&wished);
    json(&wished)
}

#[derive(Deserialize)]
struct Of {
    #[serde(default)]
    month: Option<Month>,
}

/// `GET …/truth?month=2026-03`: `openid count` for everybody who ever followed; this month when
/// none is named.
pub async fn truth(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    uri: Uri,
) -> Answer {
    let of: Of = query(&uri)?;
    let world = shared.world();
    let account = account(&world, &appid)?;
    let month = of.month.unwrap_or_else(|| world.now().month());
    let counts = account.jobs.truth(month, account.people.ever());
    let cipher = account.people.cipher().clone();
    let line = move |(person, count): (u32, u8)| format!("{} {count}", cipher.openid(person));
    Ok(lines(PLAIN, (0..).zip(counts).map(line)))
}

#[derive(Deserialize)]
struct WebsiteSend {
    #[serde(default)]
    title: String,
    #[serde(default)]
    content: String,
}

/// `POST …/website-sends`: the operator presses 群发 on the website.
pub async fn send_from_website(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let send: WebsiteSend = read(&body)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    let content = [send.title, send.content].join("\n");
    let msg_id = job::send_from_website(&mut world, position, content)
        .map_err(|error| Refusal::conflict(error.to_string()))?;
    shared.bell.notify_one();
    json(&serde_json::json!({ "msg_id": msg_id }))
}
