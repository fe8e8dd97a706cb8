//! Snapshots taken, seen, restored and forgotten; the world made anew.

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::{Answer, Refusal, json, read};
use crate::snapshots::{self, Error, MOST};
use crate::world::{Shared, World};

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Name(_) => StatusCode::BAD_REQUEST,
            Error::Taken(_) | Error::Full => StatusCode::CONFLICT,
            Error::Unknown(_) => StatusCode::NOT_FOUND,
        };
        Self::new(status, error.to_string())
    }
}

#[derive(Serialize)]
struct Shown {
    name: String,
    /// The sandbox's time in it.
    now: Timestamp,
    accounts: usize,
    /// People who follow, over all accounts.
    followers: u64,
}

fn shown(name: &str, world: &World) -> Shown {
    let accounts = world.accounts();
    let followers = accounts.iter().map(|account| account.people.following().len()).sum();
    Shown { name: name.to_owned(), now: world.now(), accounts: accounts.len(), followers }
}

#[derive(Serialize)]
struct List {
    snapshots: Vec<Shown>,
    most: usize,
}

/// `GET /sandbox/snapshots`.
pub async fn list(State(shared): State<Arc<Shared>>) -> Answer {
    let kept = shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
    json(&List {
        snapshots: kept.iter().map(|(name, world)| shown(name, world)).collect(),
        most: MOST,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    name: String,
}

/// `POST /sandbox/snapshots`.
pub async fn take(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let name = read::<Wish>(&body)?.name;
    snapshots::take(&shared, &name)?;
    let kept = shared.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = kept.get(&name).map(|world| shown(&name, world));
    Ok((StatusCode::CREATED, axum::Json(taken)).into_response())
}

/// `DELETE /sandbox/snapshots/{name}`.
pub async fn remove(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer {
    snapshots::remove(&shared, &name)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /sandbox/snapshots/{name}/restore`: answers with the clock as it stands then.
pub async fn restore(state: State<Arc<Shared>>, Path(name): Path<String>) -> Answer {
    snapshots::restore(&state, &name)?;
    super::time::show(state).await
}

/// `POST /sandbox/reset`: answers with the clock as it stands then.
pub async fn reset(state: State<Arc<Shared>>) -> Answer {
    let shared = Arc::clone(&state);
    // Making a million people takes a while; other answers must not wait for it.
    tokio::task::spawn_blocking(move || snapshots::reset(&shared))
        .await
        .map_err(|_| Refusal::conflict("the sandbox is ending; start it again"))?
        .map_err(|error| Refusal::conflict(error.to_string()))?;
    super::time::show(state).await
}
