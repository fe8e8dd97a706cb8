//! From a layout to the plan nothing beats: prices of samples first, then the exact end, looking
//! ever further from the prices until plan and bound meet.

use super::MonthPlan;
use super::conflict::Conflict;
use super::deal;
use super::finish::{self, Finished};
use super::layout::Layout;
use super::price::{self, Prices};
use super::threads::Threads;

/// How far from the prices the exact finish looks at first, in units of worth.
const FIRST_WIDTH: i32 = 8;
/// Each time it looks further by so many times at least.
const WIDER: i32 = 2;
/// And by so many at most: what is far is dear to look at, and prices that moved may need less.
const FURTHEST: i32 = 16;
/// A width that holds every difference of two worths.
const WIDEST: i32 = 1 << 18;
/// Followers of the samples whose prices lead to those of the whole month.
const SAMPLES: [usize; 2] = [1 << 15, 1 << 18];
/// A sample is worth its time when it is so many times smaller.
const WORTH_SAMPLING: usize = 3;

/// A layout with its best plan.
pub(super) struct Solved {
    /// The layout, with leasts lowered to what can be met.
    pub layout: Layout,
    /// The plan.
    pub finished: Finished,
    /// What no lawful plan exceeds.
    pub bound: i64,
    /// What could not be met.
    pub conflict: Option<Conflict>,
}

impl Solved {
    /// The plan written out for `followers` ordinals.
    pub(super) fn plan(&self, followers: usize, threads: Threads) -> MonthPlan {
        MonthPlan {
            recipients: deal::deal(&self.layout, &self.finished, followers, threads),
            value: self.finished.value,
            bound: self.bound,
            prices: self.finished.prices.clone(),
            conflict: self.conflict.clone(),
        }
    }

    /// The prices, to start from in a similar month.
    pub(super) fn prices(&self) -> Prices {
        finish::narrowed(&self.finished.prices)
    }
}

/// Solves a layout, starting from the prices of a similar month if there are any.
pub(super) fn solve(layout: Layout, start: Option<&Prices>, threads: Threads) -> Solved {
    let start = approached(&layout, start, threads);
    ended(layout, start, threads)
}

/// Prices near the best ones.
fn approached(layout: &Layout, start: Option<&Prices>, threads: Threads) -> Prices {
    let mut prices = start.copied().unwrap_or([0; 256]);
    // For what nobody may get no price is searched: above every worth nobody wants it.
    let beyond = layout.highest_worth().clamp(0, i32::from(price::PRICE_LIMIT)) as i16;
    for (price, most) in prices.iter_mut().zip(&layout.most) {
        *price = if *most == 0 { beyond } else { *price };
    }
    let mut stages = if start.is_some() { price::FROM_NEAR } else { price::FROM_AFAR };
    for sample in SAMPLES {
        let one_in = layout.followers() / sample;
        if one_in < WORTH_SAMPLING {
            break;
        }
        let thin = layout.thinned(one_in);
        prices = price::search(&thin, &prices, stages, threads);
        prices = settled(&thin, prices, threads);
        stages = price::AT_THE_END;
    }
    price::search(layout, &prices, stages, threads)
}

/// The best prices of a sample; those given when it cannot be planned, by chance or for the reason
/// for which the whole month cannot.
fn settled(sample: &Layout, start: Prices, threads: Threads) -> Prices {
    let end = looked(sample, start, threads);
    if end.is_lawful() { finish::narrowed(&end.prices) } else { start }
}

/// The end of a plan, looked for ever further from the prices.
fn looked(layout: &Layout, start: Prices, threads: Threads) -> Finished {
    let mut width = FIRST_WIDTH;
    let mut finished = finish::finish(layout, &start, width, None, threads);
    loop {
        let is_proven = || bound_at(layout, &finished.prices, threads) == finished.value;
        if width >= WIDEST || finished.needs.is_none() && finished.is_lawful() && is_proven() {
            return finished;
        }
        let needs = finished.needs.unwrap_or(i32::MAX).saturating_mul(2);
        width = needs.min(width * FURTHEST).clamp(width * WIDER, WIDEST.max(width * WIDER));
        let start = finish::narrowed(&finished.prices);
        finished = finish::finish(layout, &start, width, Some(&finished), threads);
    }
}

/// The plan that nothing beats, from good prices.
fn ended(mut layout: Layout, mut start: Prices, threads: Threads) -> Solved {
    let mut conflict: Option<Conflict> = None;
    loop {
        let finished = looked(&layout, start, threads);
        if finished.is_lawful() {
            let bound = bound_at(&layout, &finished.prices, threads);
            return Solved { layout, finished, bound, conflict };
        }
        Conflict::note(&mut conflict, &finished);
        start = finish::narrowed(&finished.prices);
        for (wish, short) in finished.short.iter().enumerate() {
            layout.least[wish] -= short;
            if layout.least[wish] == 0 {
                start[wish] = start[wish].max(0);
            }
        }
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
