//! What the pages load: one style sheet, one script, pictures of the account; and the pulse that
//! tells an open page to look again.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::language::Reader;
use super::{Problem, account};
use crate::world::Shared;

const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/quiet.js");

/// `GET …/style.css`.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `GET …/quiet.js`.
pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// `GET …/pulse`: another text when something has happened, the minute included.
pub async fn pulse(State(shared): State<Arc<Shared>>) -> Response {
    let world = shared.world();
    let calls: u64 = world.calls.totals().values().sum();
    let waiting = world.queue.next_at().map_or(0, |at| at.0);
    let minute = world.now().minute_start().0;
    let pushes: usize = world.accounts().iter().map(|account| account.pushes().count()).sum();
    format!("{minute} {calls} {} {waiting} {pushes}", world.queue.planned()).into_response()
}

/// `GET …/media/{media_id}`: a picture of the account, temporary or permanent. Recordings and films
/// are not given: the pages only name them.
pub async fn media(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path((appid, media_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let world = shared.world();
    let (_, account) = account(&reader, &world, &appid)?;
    let kept = account.library.get(&media_id).map(|kept| &kept.file);
    let file = kept.or_else(|| account.media.get(&media_id, world.now()));
    let missing = || Problem::new(reader.clone(), StatusCode::NOT_FOUND, |w| w.problem_file);
    let file = file.filter(|_| account.has_picture(&media_id, world.now())).ok_or_else(missing)?;
    Ok(file.clone().into_response())
}
