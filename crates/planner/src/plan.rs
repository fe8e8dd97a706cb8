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
pub mod days;
mod deal;
mod finish;
mod layout;
mod price;
pub mod proof;
pub mod question;
pub mod rivals;
mod threads;
pub mod why;

use audience::Set;

pub use question::{Malformed, Question, Wish, Worth};
pub use threads::Threads;

use layout::Layout;

/// How far from the prices the exact finish looks at first, in units of worth.
const FIRST_WIDTH: i32 = 8;
/// Each time the plan is not proven it looks so many times further.
const WIDER: i32 = 8;
/// A width that holds every difference of two worths.
const WIDEST: i32 = 1 << 18;

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

/// Leasts that ask for more places than there are. The plan then meets them as far as it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Campaigns whose leasts ask too much together, whatever the others want.
    pub wishes: Vec<usize>,
    /// How many recipients they lack, together.
    pub lacking: u64,
    /// Recipients each campaign of the plan lacks to its least, in the order of the wishes.
    pub short: Vec<u64>,
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
    let mut layout = Layout::new(question, threads);
    let mut conflict: Option<Conflict> = None;
    let mut start = price::search(&layout, &[0; 256], threads);
    let mut width = FIRST_WIDTH;
    loop {
        let finished = finish::finish(&layout, &start, width, threads);
        let is_lawful = finished.short.iter().all(|short| *short == 0);
        let bound = bound_at(&layout, &finished.prices, threads);
        if !is_lawful && width >= WIDEST {
            lower(&mut layout, &mut conflict, &finished);
            (start, width) = (finish::narrowed(&finished.prices), FIRST_WIDTH);
            for (wish, price) in start[..layout.wishes].iter_mut().enumerate() {
                if layout.least[wish] == 0 {
                    *price = (*price).max(0);
                }
            }
            continue;
        }
        if width < WIDEST && !(is_lawful && bound == finished.value) {
            (start, width) = (finish::narrowed(&finished.prices), width * WIDER);
            continue;
        }
        return Ok(MonthPlan {
            recipients: deal::deal(&layout, &finished, question.followers(), threads),
            value: finished.value,
            bound,
            prices: finished.prices,
            conflict,
        });
    }
}

fn bound_at(layout: &Layout, prices: &[i32], threads: Threads) -> i64 {
    let narrow = finish::narrowed(prices);
    // Sixteen bits must hold every worth less every price: a difference cut off would make the
    // bound too small, and a bound too small proves what is not so.
    let highest = layout.highest_worth();
    let fits = prices.iter().zip(narrow).all(|(price, narrow)| {
        *price == i32::from(narrow) && highest - *price <= i32::from(i16::MAX)
    });
    if fits {
        price::bound(layout, &narrow, threads)
    } else {
        price::bound_far(layout, prices, threads)
    }
}

/// Lowers the leasts that cannot be met to what can.
fn lower(layout: &mut Layout, conflict: &mut Option<Conflict>, finished: &finish::Finished) {
    let conflict = conflict.get_or_insert_with(|| Conflict {
        wishes: Vec::new(),
        lacking: 0,
        short: vec![0; layout.wishes],
    });
    if conflict.wishes.is_empty() {
        conflict.wishes.clone_from(&finished.conflicting);
    }
    for (wish, short) in finished.short.iter().enumerate() {
        layout.least[wish] -= short;
        conflict.short[wish] += short.unsigned_abs();
        conflict.lacking += short.unsigned_abs();
    }
}

#[cfg(test)]
mod tests;
