//! Faults laid out, and the logs of calls and callbacks.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};

use super::{Answer, Refusal, json, position, query, read};
use crate::faults::Fault;
use crate::faults::random::{Dice, Random};
use crate::world::{Shared, World};

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
    world.faults.add(fault).map_err(Refusal::conflict)?;
    json(&world.faults.waiting())
}

/// `DELETE /sandbox/faults`: those laid out one by one and those that chance lays out.
pub async fn clear_faults(State(shared): State<Arc<Shared>>) -> Answer {
    let mut world = shared.world();
    world.faults.clear();
    json(&world.faults.waiting())
}

#[derive(Serialize)]
struct Chance<'a> {
    /// What chance may do; null when nothing.
    random: Option<&'a Random>,
    /// How often it struck since it was asked to.
    struck: u64,
}

fn chance(world: &World) -> Answer {
    let dice = world.faults.dice();
    json(&Chance { random: dice.map(Dice::random), struck: dice.map_or(0, Dice::struck) })
}

/// `GET /sandbox/faults/random`.
pub async fn random_faults(State(shared): State<Arc<Shared>>) -> Answer {
    chance(&shared.world())
}

/// `PUT /sandbox/faults/random`: chance strikes from the next call of each endpoint on, counted
/// anew.
pub async fn set_random_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let random: Random = read(&body)?;
    random.check().map_err(Refusal::bad)?;
    let mut world = shared.world();
    world.faults.set_random(Some(random));
    chance(&world)
}

/// `DELETE /sandbox/faults/random`.
pub async fn clear_random_faults(State(shared): State<Arc<Shared>>) -> Answer {
    let mut world = shared.world();
    world.faults.set_random(None);
    chance(&world)
}

/// `GET /sandbox/faults/struck?limit=`: what struck, newest first.
pub async fn struck(State(shared): State<Arc<Shared>>, uri: Uri) -> Answer {
    let newest: Newest = query(&uri)?;
    let world = shared.world();
    json(&world.faults.struck().take(newest.limit).collect::<Vec<_>>())
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
