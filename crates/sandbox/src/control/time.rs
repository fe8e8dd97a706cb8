//! The clock seen and moved.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::{Answer, Refusal, json, read};
use crate::clock::run_to;
use crate::world::Shared;

/// Furthest one move may go: people act on every evening on the way.
const MOST_SECONDS: i64 = 10 * 366 * 86_400;

#[derive(Serialize)]
struct Shown {
    now: Timestamp,
    next_due: Option<Timestamp>,
}

/// `GET /sandbox/clock`.
pub async fn show(State(shared): State<Arc<Shared>>) -> Answer {
    let world = shared.world();
    json(&Shown { now: world.now(), next_due: world.queue.next_at() })
}

#[derive(Deserialize)]
struct Move {
    to: Timestamp,
}

#[derive(Serialize)]
struct Moved {
    now: Timestamp,
    pushed: u64,
    failed_pushes: u64,
    next_due: Option<Timestamp>,
}

/// `POST /sandbox/clock`: answers when everything due by `to` is done and every receiver has
/// answered.
pub async fn advance(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let to = read::<Move>(&body)?.to;
    {
        let world = shared.world();
        if !world.is_manual() {
            return Err(Refusal::conflict("the clock is the machine's own and cannot be moved"));
        }
        let now = world.now();
        if to < now {
            let sentence = format!("to is {}, before now ({now}); time goes forward only", to.0);
            return Err(Refusal::conflict(sentence));
        }
        if to.0.saturating_sub(now.0) > MOST_SECONDS {
            let sentence = format!("to is {}, over ten years ahead; move in smaller steps", to.0);
            return Err(Refusal::bad(sentence));
        }
    }
    // In a task of its own: a caller who goes away must not stop time halfway.
    let mover = Arc::clone(&shared);
    let moved = tokio::spawn(async move { run_to(&mover, to).await })
        .await
        .map_err(|_| Refusal::conflict("the sandbox is ending; start it again"))?
        .ok_or_else(|| Refusal::conflict("another world was put in place while the clock moved"))?;
    let world = shared.world();
    json(&Moved {
        now: world.now(),
        pushed: moved.pushed,
        failed_pushes: moved.failed,
        next_due: world.queue.next_at(),
    })
}
