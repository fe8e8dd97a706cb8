//! The clock seen and moved, and how its time passes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::{Answer, Refusal, json, read};
use crate::clock::{self, run_to};
use crate::pace::{MOST_FACTOR, Mode, Pace};
use crate::world::{Shared, World};

/// Furthest one move may go: people act on every evening on the way.
const MOST_SECONDS: i64 = 10 * 366 * 86_400;

#[derive(Serialize)]
struct Shown {
    now: Timestamp,
    next_due: Option<Timestamp>,
    mode: Mode,
    /// How many times as fast as the machine's own time, when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<u32>,
}

fn shown(world: &World) -> Shown {
    let pace = world.pace();
    Shown {
        now: world.now(),
        next_due: world.queue.next_at(),
        mode: pace.mode(),
        factor: pace.factor(),
    }
}

/// `GET /sandbox/clock`.
pub async fn show(State(shared): State<Arc<Shared>>) -> Answer {
    json(&shown(&shared.world()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    to: Option<Timestamp>,
    /// Seconds from now.
    #[serde(default)]
    by: Option<i64>,
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    factor: Option<u32>,
}

#[derive(Serialize)]
struct Moved {
    now: Timestamp,
    pushed: u64,
    failed_pushes: u64,
    next_due: Option<Timestamp>,
}

/// `POST /sandbox/clock`: moves a clock that stands, `{"to":…}` or `{"by":…}`, or says how time
/// passes from now on, `{"mode":"manual"|"running"|"real","factor":60}`.
pub async fn set(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let wish: Wish = read(&body)?;
    match (wish.to, wish.by, wish.mode, wish.factor) {
        (Some(to), None, None, None) => advance(shared, |_| to).await,
        (None, Some(by), None, None) => {
            advance(shared, move |now| Timestamp(now.0.saturating_add(by))).await
        }
        (None, None, Some(mode), factor) => change(&shared, mode, factor),
        _ => Err(Refusal::bad(
            "give to (a moment), by (seconds) or mode, one of them; factor only beside mode",
        )),
    }
}

async fn advance(shared: Arc<Shared>, to: impl FnOnce(Timestamp) -> Timestamp) -> Answer {
    let moved = move_to(&shared, to).await?;
    let world = shared.world();
    json(&Moved {
        now: world.now(),
        pushed: moved.pushed,
        failed_pushes: moved.failed,
        next_due: world.queue.next_at(),
    })
}

/// Ends when everything due by then is done and every receiver has answered.
pub(crate) async fn move_to(
    shared: &Arc<Shared>,
    to: impl FnOnce(Timestamp) -> Timestamp,
) -> Result<clock::Moved, Refusal> {
    let to = {
        let world = shared.world();
        if !world.is_manual() {
            return Err(Refusal::conflict(
                "the clock moves by itself; stop it with {\"mode\":\"manual\"} to move it by hand",
            ));
        }
        let now = world.now();
        let to = to(now);
        if to < now {
            let sentence = format!("to is {}, before now ({now}); time goes forward only", to.0);
            return Err(Refusal::conflict(sentence));
        }
        if to.0.saturating_sub(now.0) > MOST_SECONDS {
            let sentence = format!("to is {}, over ten years ahead; move in smaller steps", to.0);
            return Err(Refusal::bad(sentence));
        }
        to
    };
    // In a task of its own: a caller who goes away must not stop time halfway.
    let mover = Arc::clone(shared);
    tokio::spawn(async move { run_to(&mover, to).await })
        .await
        .map_err(|_| Refusal::conflict("the sandbox is ending; start it again"))?
        .ok_or_else(|| Refusal::conflict("another world was put in place while the clock moved"))
}

fn change(shared: &Shared, mode: Mode, factor: Option<u32>) -> Answer {
    let mut world = shared.world();
    let pace = match (mode, factor) {
        (Mode::Manual, None) => Pace::Manual,
        (Mode::Real, None) => Pace::Real,
        (Mode::Running, factor) => {
            let factor = factor.unwrap_or(1);
            if !(1..=MOST_FACTOR).contains(&factor) {
                let sentence = format!("factor is {factor}; give 1 to {MOST_FACTOR}");
                return Err(Refusal::bad(sentence));
            }
            Pace::running(factor, world.now())
        }
        (_, Some(_)) => return Err(Refusal::bad("factor belongs to the mode running only")),
    };
    let now = world.now();
    world.set_pace(pace).map_err(|machine| {
        Refusal::conflict(format!(
            "the sandbox stands at {now}, ahead of the machine's own time ({machine}), and time \
             goes forward only; let it run with {{\"mode\":\"running\",\"factor\":1}}"
        ))
    })?;
    shared.bell.notify_one();
    json(&shown(&world))
}
