//! What happens to an account's content from outside: permanent articles of former times,
//! recordings of web pages, and what the platform does to articles that went out.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Answer, Refusal, json, position, read};
use crate::api::Scene;
use crate::api::draft::{self, AddRequest};
use crate::world::{Shared, World};

/// Characters of a recording's id, as of a temporary file's.
const ID_CHARACTERS: usize = 64;

fn account<'a>(
    world: &'a mut World,
    appid: &str,
) -> Result<&'a mut crate::account::Account, Refusal> {
    let position = position(world, appid)?;
    world
        .account_mut(position)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such account"))
}

/// `POST …/former-articles`: permanent articles, which no call can make any more; the body is that
/// of `draft/add`.
pub async fn add_former(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let request: AddRequest = read(&body)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    let now = world.now();
    let refused = |code: i64| {
        let words = wire::codes::Code(code).text();
        Refusal::bad(format!("articles cannot be kept: {code} {words}, as draft/add would answer"))
    };
    let limits = super::followers::account(&world, position)
        .map(|account| world.limits(account))?
        .map_err(|error| refused(error.code()))?;
    let Some((account, queue, faults)) = world.parts(position) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such account"));
    };
    let mut scene = Scene { account, position, queue, faults, limits, now };
    let made = draft::make(request, &mut scene, true).map_err(|error| refused(error.code()))?;
    let media_id = made.media_id.clone();
    scene.account.former_articles.put(made);
    json(&serde_json::json!({ "media_id": media_id }))
}

/// `POST …/recordings`: somebody records on a web page of the account (`uploadVoice`); the body is
/// the recording, Speex at 16 kHz, which is not looked at.
pub async fn record(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    if body.is_empty() {
        return Err(Refusal::bad("body is empty; send the bytes of the recording"));
    }
    let mut world = shared.world();
    let now = world.now();
    let position = position(&world, &appid)?;
    let days = world
        .limits(super::followers::account(&world, position)?)
        .map_err(|_| Refusal::conflict("no limits are known for this day"))?
        .media_days;
    let account = account(&mut world, &appid)?;
    let media_id = account.chance.text(ID_CHARACTERS);
    account.media.keep_recording(media_id.clone(), body, now, days);
    json(&serde_json::json!({ "media_id": media_id }))
}

/// `POST …/publications/{publish_id}/ban`: the platform bans what was published.
pub async fn ban(
    State(shared): State<Arc<Shared>>,
    Path((appid, publish_id)): Path<(String, String)>,
) -> Answer {
    let mut world = shared.world();
    let now = world.now();
    let publications = &mut account(&mut world, &appid)?.publications;
    let changed = publish_id.parse().ok().and_then(|number| publications.ban(number, now));
    let changed = changed.ok_or_else(|| {
        let sentence = format!("no publication {publish_id:?} is done; see freepublish/get");
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })?;
    json(&serde_json::json!({ "changed": changed }))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limited {
    code: Option<i64>,
}

/// `PUT …/articles/{msg_data_id}/{index}/limited`: the platform limits an article for safety, or no
/// longer; the index counts from 0.
pub async fn limit(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_data_id, index)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    let limited: Limited = read(&body)?;
    if limited.code.is_some_and(|code| ![88002, 88011].contains(&code)) {
        return Err(Refusal::bad("code must be 88002 or 88011, or null to limit it no longer"));
    }
    let mut world = shared.world();
    let account = account(&mut world, &appid)?;
    super::comments::thread(account, &msg_data_id, &index)?.limited = limited.code;
    json(&limited)
}
