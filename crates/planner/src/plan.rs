//! The month planned: who gets which campaign, so that all that is sent is worth most.
//!
//! Every follower has a few places left, every campaign an audience, a worth for each of its
//! followers, and perhaps a least or a most. [`best`] finds recipients whose worth nothing
//! lawful beats and says how it knows: at the [prices](MonthPlan::prices) it returns, a bound
//! that holds for *every* lawful plan ([`proof::bound`]) equals what the plan is worth. Anyone can
//! add that up again in one pass over the worths; [`proof::verify`] does, with code of its own.
//!
//! Invariant: no clock, no input or output, no chance; the same question has the same plan on any
//! number of threads and any processor.

mod choice;
mod conflict;
pub mod days;
mod deal;
mod finish;
mod layout;
mod price;
pub mod proof;
pub mod question;
pub mod replan;
pub mod rivals;
mod solve;
pub mod standing;
mod threads;
pub mod whole;
pub mod why;

use audience::Set;

pub use conflict::Conflict;
pub use question::{Malformed, Question, Wish, Worth};
pub use standing::Standing;
pub use threads::Threads;

use layout::Layout;
use solve::solve;

/// Who gets what in the month, and the proof.
#[derive(Debug, Clone)]
pub struct MonthPlan {
    /// Recipients of each campaign, in the order of the wishes.
    pub recipients: Vec<Set>,
    /// What the plan is worth, in the units of the wishes.
    pub value: i64,
    /// What no lawful plan exceeds; equal to `value` when the plan is proven best.
    pub bound: i64,
    /// For each campaign what one recipient more (above zero: its most is reached) or less (below
    /// zero: its least is) would bring, at the margin.
    pub prices: Vec<i32>,
    /// The wishes that cannot all be met, if so.
    pub conflict: Option<Conflict>,
}

impl MonthPlan {
    /// How far the plan may be from the best, as a share of the bound; 0 when proven best.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.bound == self.value {
            return 0.0;
        }
        (self.bound - self.value) as f64 / (self.bound as f64).abs().max(1.0)
    }
}

/// Plans a month.
///
/// # Errors
/// When the question contradicts itself; see [`Question::check`].
pub fn best(question: &Question<'_>, threads: Threads) -> Result<MonthPlan, Malformed> {
    question.check()?;
    let solved = solve(Layout::new(question, threads), None, threads);
    let mut plan = solved.plan(question.followers(), threads);
    if let Some(conflict) = &mut plan.conflict {
        let wishes: Vec<&Wish> = question.wishes.iter().collect();
        conflict.narrow(question.places, &wishes, threads);
    }
    Ok(plan)
}

#[cfg(test)]
mod tests;
