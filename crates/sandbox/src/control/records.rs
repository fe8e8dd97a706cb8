//! Faults laid out, and the logs of calls and callbacks.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use serde::Deserialize;

use super::{Answer, Refusal, json, position, query, read};
use crate::faults::Fault;
use crate::world::Shared;

#[derive(Deserialize)]
struct Newest {
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

/// `GET /sandbox/faults`: those that still wait.
pub async fn faults(State(shared): State<Arc<Shared>>) -> Answer {
    json(&shared.world().faults.waiting())
}

/// `POST /sandbox/faults`.
pub async fn add_fault(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let fault: Fault = read(&body)?;
    fault.check().map_err(Refusal::bad)?;
    let mut world = shared.world();
    world.faults.add(fault);
    json(&world.faults.waiting())
}

/// `DELETE /sandbox/faults`.
pub async fn clear_faults(State(shared): State<Arc<Shared>>) -> Answer {
    let mut world = shared.world();
    world.faults.clear();
    json(&world.faults.waiting())
}

/// `GET /sandbox/calls?limit=`, newest first.
pub async fn calls(State(shared): State<Arc<Shared>>, uri: Uri) -> Answer {
    let newest: Newest = query(&uri)?;
    let world = shared.world();
    json(&world.calls.newest_first().take(newest.limit).collect::<Vec<_>>())
}

/// `GET /sandbox/calls/counts`: totals per path since the start.
pub async fn call_counts(State(shared): State<Arc<Shared>>) -> Answer {
    let world = shared.world();
    json(&world.calls.totals().iter().collect::<BTreeMap<_, _>>())
}

/// `GET …/callbacks?limit=`: push attempts, newest first.
pub async fn callbacks(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    uri: Uri,
) -> Answer {
    let newest: Newest = query(&uri)?;
    let world = shared.world();
    let position = position(&world, &appid)?;
    match world.accounts().get(position) {
        Some(account) => json(&account.pushes().take(newest.limit).collect::<Vec<_>>()),
        None => Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such account")),
    }
}
