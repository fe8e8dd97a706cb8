//! Campaigns that go out to enough people or to nobody.
//!
//! *Nobody or at least so many* cannot be said with prices. So the month is planned without it
//! first; where a campaign then reaches some but too few, it is planned once without that campaign
//! and once with its number as a least, and so on. What is left of the months not yet planned when
//! the tries are used up is no better than the one each came from, which keeps the bound true.

use super::MonthPlan;
use super::layout::Layout;
use super::question::{Malformed, Question};
use super::solve::{Solved, solve};
use super::threads::Threads;

/// Months planned at most unless the caller says otherwise.
pub const USUAL_TRIES: usize = 200;

/// A plan in which no campaign reaches too few.
#[derive(Debug, Clone)]
pub struct WholePlan {
    /// The plan. Its bound holds for every plan in which no campaign reaches too few; its prices
    /// are those of the campaigns that go out.
    pub plan: MonthPlan,
    /// Which campaigns go out at all.
    pub goes: Vec<bool>,
    /// How many months were planned.
    pub tries: usize,
}

/// A month in which some campaigns are decided.
struct Branch {
    decided: Vec<Option<bool>>,
    /// What no plan of it exceeds.
    bound: i64,
    start: Option<super::price::Prices>,
}

/// Plans a month in which each campaign reaches nobody or at least as many as `enough` says, in
/// the order of the wishes; 0 for campaigns that may reach any number.
///
/// At most `tries` months are planned. [`None`] when none of them had a plan without a campaign
/// that reaches too few, or when leasts cannot be met at all.
///
/// # Errors
/// When the question contradicts itself, or `enough` does not fit it.
pub fn best(
    question: &Question<'_>,
    enough: &[u32],
    tries: usize,
    threads: Threads,
) -> Result<Option<WholePlan>, Malformed> {
    question.check()?;
    if enough.len() != question.wishes.len() {
        return Err(Malformed::Enough { given: enough.len(), wishes: question.wishes.len() });
    }
    let layout = Layout::new(question, threads);
    let mut open = vec![Branch { decided: vec![None; enough.len()], bound: i64::MAX, start: None }];
    let mut found: Option<(Solved, Vec<Option<bool>>)> = None;
    let mut tried = 0;
    while tried < tries {
        let beaten = found.as_ref().map_or(i64::MIN, |(found, _)| found.finished.value);
        open.retain(|branch| branch.bound > beaten);
        let Some(branch) = open.pop() else { break };
        tried += 1;
        let Some(month) = decided(&layout, enough, &branch.decided) else { continue };
        let solved = solve(month, branch.start.as_ref(), threads);
        if solved.conflict.is_some() || solved.bound <= beaten {
            continue;
        }
        match undecided(&solved, enough, &branch.decided) {
            None => found = Some((solved, branch.decided)),
            Some((wish, is_mostly_met)) => {
                let start = Some(solved.prices());
                // The likelier way is gone first: the last that is pushed.
                for goes in [!is_mostly_met, is_mostly_met] {
                    let mut decided = branch.decided.clone();
                    decided[wish] = Some(goes);
                    open.push(Branch { decided, bound: solved.bound, start });
                }
            }
        }
    }
    let left = open.iter().map(|branch| branch.bound).max();
    Ok(found.map(|(solved, _)| {
        let mut plan = solved.plan(question.followers(), threads);
        plan.bound = plan.bound.max(left.unwrap_or(i64::MIN));
        let goes = plan.recipients.iter().map(|set| !set.is_empty()).collect();
        WholePlan { plan, goes, tries: tried }
    }))
}

/// The month with what is decided as limits; nothing when a campaign that must go may not.
fn decided(layout: &Layout, enough: &[u32], decided: &[Option<bool>]) -> Option<Layout> {
    let mut month = layout.clone();
    for (wish, decided) in decided.iter().enumerate() {
        match decided {
            None => {}
            Some(true) => month.least[wish] = month.least[wish].max(i64::from(enough[wish])),
            Some(false) => month.most[wish] = 0,
        }
        if month.least[wish] > month.most[wish] {
            return None;
        }
    }
    Some(month)
}

/// The campaign that lacks most to its number, and whether it reaches more than half of it.
fn undecided(solved: &Solved, enough: &[u32], decided: &[Option<bool>]) -> Option<(usize, bool)> {
    let reached = &solved.finished.recipients;
    (0..enough.len())
        .filter(|wish| decided[*wish].is_none())
        .filter(|wish| reached[*wish] > 0 && reached[*wish] < i64::from(enough[*wish]))
        .max_by_key(|wish| i64::from(enough[*wish]) - reached[*wish])
        .map(|wish| (wish, 2 * reached[wish] > i64::from(enough[wish])))
}
