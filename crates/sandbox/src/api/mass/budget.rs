//! The account's own budgets, apart from each follower's slots (`platform/01 §3.1`, `§4`): sends to
//! everybody and sends of the website share one a month and one a day; the website has another of
//! its own. Counted over the jobs themselves; a failed job gives its place back.

use wire::Timestamp;
use wire::rules::{AccountKind, Limits};

use super::job::{Job, Kind};
use crate::account::Account;
use crate::assumptions::Beyond;

/// A budget that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsedUp {
    /// Website sends of the month.
    #[error("all {0} website sends of this month are made; wait for the next month")]
    WebsiteMonth(i64),
    /// Sends to everybody, website included, of the month.
    #[error("all {0} sends to everybody of this month are made; wait for the next month")]
    Month(i64),
    /// The same, of the day.
    #[error("all {0} sends to everybody of this day are made; wait for the next day")]
    Day(i64),
}

/// What counted so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Website sends this month.
    pub website_month: i64,
    /// Website sends today.
    pub website_day: i64,
    /// Sends that share the budget, this month.
    pub shared_month: i64,
    /// Sends that share the budget, today.
    pub shared_day: i64,
    /// Sends to everybody by interface this month.
    pub to_all_month: i64,
    /// Sends to everybody by interface today.
    pub to_all_day: i64,
}

/// Whether jobs of this kind share the budget; every send of a subscription account does.
fn shares(account: AccountKind, kind: Kind) -> bool {
    account == AccountKind::Subscription || matches!(kind, Kind::All | Kind::Website)
}

/// What the account used in the month and on the day of `now`.
#[must_use]
pub fn used(account: &Account, now: Timestamp) -> Used {
    let mut used = Used::default();
    let this_month = |job: &&Job| job.accepted_at.month() == now.month();
    for job in account.jobs.newest_first().take_while(this_month) {
        if job.outcome.as_ref().is_some_and(|outcome| !outcome.is_success()) {
            continue;
        }
        let today = i64::from(job.accepted_at.day() == now.day());
        if job.kind == Kind::Website {
            used.website_month += 1;
            used.website_day += today;
        }
        if job.kind == Kind::All {
            used.to_all_month += 1;
            used.to_all_day += today;
        }
        if shares(account.kind, job.kind) {
            used.shared_month += 1;
            used.shared_day += today;
        }
    }
    used
}

/// Whether a send to everybody beyond the month's number is taken and reaches nobody.
#[must_use]
pub fn runs_empty(account: &Account, kind: Kind, limits: &Limits, now: Timestamp) -> bool {
    let assumed = account.assumptions.send_to_everybody_over_budget == Beyond::ReachesNobody;
    let most = limits.to_all_per_month;
    assumed
        && kind == Kind::All
        && account.kind == AccountKind::Service
        && most.is_some_and(|most| used(account, now).shared_month >= most)
}

/// The budget that stands in the way of a job of this kind.
#[must_use]
pub fn used_up(account: &Account, kind: Kind, limits: &Limits, now: Timestamp) -> Option<UsedUp> {
    if !shares(account.kind, kind) {
        return None;
    }
    let used = used(account, now);
    let website = limits.website_sends_per_month;
    if kind == Kind::Website && used.website_month >= website {
        return Some(UsedUp::WebsiteMonth(website));
    }
    let assumptions = &account.assumptions;
    let service = account.kind == AccountKind::Service;
    let runs_empty = service && assumptions.send_to_everybody_over_budget == Beyond::ReachesNobody;
    let daily =
        (!service || assumptions.one_send_to_everybody_a_day).then_some(limits.to_all_per_day);
    let over = |used: i64, most: Option<i64>| most.filter(|most| used >= *most);
    over(used.shared_month, limits.to_all_per_month)
        .filter(|_| kind == Kind::Website || !runs_empty)
        .map(UsedUp::Month)
        .or_else(|| over(used.shared_day, daily.flatten()).map(UsedUp::Day))
}
