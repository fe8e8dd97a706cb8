//! Carrying mass jobs out: who of the audience receives it, who does not, and telling the account.
//!
//! A job that is stopped, by the check of originals, by the administrator or by a fault, reaches
//! nobody: its draft comes back and its place in the account's budget is free again.

use roaring::RoaringBitmap;
use wire::Timestamp;

use super::job::{Audience, Job, Kind, Missed, Outcome, SUCCESS};
use super::original;
use crate::account::Account;
use crate::assumptions::Moment;
use crate::chance::{draw, falls};
use crate::clock::Due;
use crate::population::{behaviour, topic};
use crate::push;
use crate::statistics::{ArticleKey, Publishing};
use crate::world::World;

/// Carries a job out and tells the account.
pub fn carry_out(world: &mut World, position: usize, msg_id: i64) {
    let now = world.now();
    let Some(account) = world.accounts().get(position) else { return };
    let cap = match world.limits(account) {
        Ok(limits) => u8::try_from(limits.mass_per_follower_and_month).unwrap_or(u8::MAX),
        Err(_) => return,
    };
    let verdicts = match account.jobs.get(msg_id) {
        Some(job) => original::check(&world.originals, account, job),
        None => return,
    };
    let failure = world.faults.strike_finish(now);
    let Some((account, ..)) = world.parts(position) else { return };
    account.people.renew(now);
    let Some(job) = account.jobs.get_mut(msg_id) else { return };
    job.verdicts = verdicts;
    let stopped = original::stops(job, &account.assumptions).map(str::to_owned);
    if let Some(status) = failure.or(stopped) {
        end(world, position, msg_id, status);
        return;
    }
    let Some(job) = account.jobs.get(msg_id) else { return };
    let (outcome, reached) = delivered(account, job, cap, now);
    settle(world, position, msg_id, outcome, reached);
}

/// Ends a job that reaches nobody.
pub fn end(world: &mut World, position: usize, msg_id: i64, status: String) {
    let outcome = Outcome::failed(status, world.now());
    settle(world, position, msg_id, outcome, Reached::default());
}

fn settle(world: &mut World, position: usize, msg_id: i64, outcome: Outcome, reached: Reached) {
    let now = world.now();
    let Some((account, queue, faults)) = world.parts(position) else { return };
    let delivered = account.jobs.get(msg_id).filter(|_| outcome.is_success());
    // Drawn while the month's counts are those before this message.
    let answers =
        delivered.and_then(|job| behaviour::answers(account, job, &reached.received, now));
    if let (Some((answered, acts)), Some(behaviour)) = (answers, &mut account.behaviour) {
        behaviour.answered.insert(msg_id, answered);
        for (at, act) in acts {
            queue.add(at, Due::Act { account: position, act });
        }
    }
    let Some(job) = account.jobs.get_mut(msg_id) else { return };
    let this_month = !outcome.counts_at_call || job.accepted_at.month() == now.month();
    if this_month {
        account.people.deliver(&reached.spent);
    }
    job.received = reached.received;
    job.spent = reached.spent;
    job.missed = reached.missed;
    job.outcome = Some(outcome.clone());
    if !outcome.is_success() {
        // A draft dies by a successful send only.
        if let Some(draft) = job.take_draft().filter(|draft| !draft.is_former) {
            account.drafts.put(draft);
        }
    } else if let Some(msg_data_id) = job.msg_data_id {
        job.replace_reprints();
        // The articles stay what people read.
        account.threads.begin(msg_data_id, job.kept_articles().iter());
        let sent = Publishing::Notified { delivered: outcome.sent };
        for ((index, kept), url) in (1..).zip(job.kept_articles()).zip(job.article_urls()) {
            let key = ArticleKey { msg_data_id, index };
            let title = kept.article.title.clone();
            account.statistics.record_content(key, now.day(), sent, title, url);
        }
    }
    // The truth stays what it is; only what is told of it may be wrong.
    let mut told = outcome;
    if told.is_success()
        && let Some(count) = faults.strike_counts(now)
    {
        told.sent = told.sent.saturating_sub(count);
    }
    let push = account
        .jobs
        .get(msg_id)
        .map(|job| push::events::job_finished(account, position, job, &told));
    if let Some(push) = push {
        push::emit(world, push);
    }
}

/// Whom a job reached, whose slots it spent, and whom it missed.
#[derive(Default)]
struct Reached {
    received: RoaringBitmap,
    spent: RoaringBitmap,
    missed: Missed,
}

fn delivered(account: &Account, job: &Job, cap: u8, now: Timestamp) -> (Outcome, Reached) {
    let assumptions = &account.assumptions;
    let nobody = RoaringBitmap::new();
    let (total, candidates) = match job.audience() {
        Audience::All => {
            let following = account.people.following();
            (following.len(), following)
        }
        Audience::Tag(tag) => {
            let members = account.tags.members(*tag).unwrap_or(&nobody);
            (members.len(), members)
        }
        Audience::List { people, .. }
            if job.kind == Kind::List && !assumptions.total_counts_everybody_given =>
        {
            (people.intersection_len(account.people.following()), people)
        }
        Audience::List { people, given } => (*given, people),
    };
    let counts_at_call = assumptions.job_counts_at == Moment::Call;
    let left = if job.reaches_nobody {
        nobody.clone()
    } else if counts_at_call && job.accepted_at.month() != now.month() {
        let counts = account.jobs.month_counts(job.accepted_at.month());
        account.people.reachable_within(candidates, &counts, cap)
    } else {
        account.people.reachable(candidates, cap)
    };
    let spends_all = assumptions.failed_delivery_spends_slot.then(|| left.clone());
    let filtered = left.len();
    let mut missed = missed(account, job, candidates, &left);
    let mut received = left;
    if account.errors_per_mille > 0 {
        let seed = account.people.seed() ^ job.msg_id.unsigned_abs();
        let share = u64::from(account.errors_per_mille);
        let fails = |n: &u32| falls(draw(seed, topic::DELIVERY, u64::from(*n)), share, 1000);
        // Few fail: these are picked out, the rest stays a whole set.
        missed.failed = received.iter().filter(fails).collect();
        received -= &missed.failed;
    }
    let sent = received.len();
    let status = SUCCESS.to_owned();
    let errors = filtered - sent;
    let outcome = Outcome { ran_at: now, status, total, filtered, sent, errors, counts_at_call };
    let spent = spends_all.unwrap_or_else(|| received.clone());
    (outcome, Reached { received, spent, missed })
}

/// Of these, the people who are not `left` after filtering, by whole sets.
fn missed(
    account: &Account,
    job: &Job,
    candidates: &RoaringBitmap,
    left: &RoaringBitmap,
) -> Missed {
    if job.reaches_nobody {
        return Missed { over_budget: candidates.clone(), ..Missed::default() };
    }
    let people = &account.people;
    let not_following = candidates - people.following();
    let mut others = candidates - left;
    others -= &not_following;
    let blacklisted = &others & people.blacklisted();
    others -= &blacklisted;
    let refusing = &others & people.refusing();
    others -= &refusing;
    Missed { not_following, blacklisted, refusing, full: others, ..Missed::default() }
}
