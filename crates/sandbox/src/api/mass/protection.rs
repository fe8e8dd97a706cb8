//! API群发保护 (`platform/01 §3.1`): a send to everybody waits until the administrator has confirmed
//! it. Refused it ends as `err(40001)`, unanswered for half an hour as `err(40002)`.
//!
//! One send waits at a time. While it does, its state, another send to everybody and the speed
//! answer 89504, and 89505 while the administrator has the question open (`platform/03 §3, §5.3,
//! §5.4`). Sends to a tag or to OpenIDs ask nobody, and go on unless a switch says otherwise.

use serde::Serialize;

use super::job::{Job, Kind};
use super::run;
use crate::account::Account;
use crate::api::refusal::Refused;
use crate::clock::Due;
use crate::world::World;

const REFUSED: &str = "err(40001)";
const SILENT: &str = "err(40002)";

/// What the administrator has said to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Nothing yet.
    Waiting,
    /// Looks at the question.
    Opened,
    /// Yes.
    Confirmed,
    /// No.
    Refused,
    /// Nothing in time.
    Silent,
}

impl Confirmation {
    /// The code of calls that must wait.
    fn code(self) -> Option<i64> {
        match self {
            Self::Waiting => Some(89504),
            Self::Opened => Some(89505),
            Self::Confirmed | Self::Refused | Self::Silent => None,
        }
    }
}

/// What the administrator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Opens the question.
    Open,
    /// Says yes.
    Confirm,
    /// Says no.
    Refuse,
}

/// Whether a job of this kind asks the administrator.
#[must_use]
pub fn asks(account: &Account, kind: Kind) -> bool {
    account.mass_protection && kind == Kind::All
}

/// 89504 or 89505 while a job waits for the administrator.
///
/// # Errors
/// As said.
pub fn check(account: &Account) -> Result<(), Refused> {
    let waiting = account.jobs.awaiting.and_then(|msg_id| account.jobs.get(msg_id));
    waiting.map_or(Ok(()), check_job)
}

/// The same, for one job.
///
/// # Errors
/// As said.
pub fn check_job(job: &Job) -> Result<(), Refused> {
    match job.confirmation.and_then(Confirmation::code) {
        Some(code) => Err(Refused::new(code)),
        None => Ok(()),
    }
}

/// The administrator does something about a job; `false` when it waits for nobody.
pub fn decide(world: &mut World, position: usize, msg_id: i64, decision: Decision) -> bool {
    let now = world.now();
    let Some((account, queue, _)) = world.parts(position) else { return false };
    let Some(job) = account.jobs.get_mut(msg_id) else { return false };
    if job.confirmation.and_then(Confirmation::code).is_none() {
        return false;
    }
    match decision {
        Decision::Open => job.confirmation = Some(Confirmation::Opened),
        Decision::Confirm => {
            job.confirmation = Some(Confirmation::Confirmed);
            // What delivery takes begins now.
            job.run_at = now + (job.run_at - job.accepted_at);
            let key = job.key.take();
            queue.add(job.run_at, Due::Job { account: position, msg_id });
            account.jobs.awaiting = None;
            if let Some(key) = key {
                account.jobs.remember(key, msg_id, now);
            }
        }
        Decision::Refuse => stop(world, position, msg_id, Confirmation::Refused, REFUSED),
    }
    true
}

/// The administrator's time is over: a job that still waits ends.
pub fn time_out(world: &mut World, position: usize, msg_id: i64) {
    let job = world.accounts().get(position).and_then(|account| account.jobs.get(msg_id));
    if job.is_some_and(|job| check_job(job).is_err()) {
        stop(world, position, msg_id, Confirmation::Silent, SILENT);
    }
}

fn stop(world: &mut World, position: usize, msg_id: i64, said: Confirmation, status: &str) {
    if let Some(account) = world.account_mut(position) {
        account.jobs.awaiting = None;
        if let Some(job) = account.jobs.get_mut(msg_id) {
            job.confirmation = Some(said);
        }
    }
    run::end(world, position, msg_id, status.to_owned());
}
