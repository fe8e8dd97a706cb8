//! Prices at which what everybody would take meets the limits, nearly.
//!
//! All prices move at once towards where each limit by itself would be met: how many more or fewer
//! take a campaign at another price is read off those who nearly take it. Steps become smaller as
//! the bound stops falling. First on a sample, then on everybody; the prices with the smallest
//! bound are kept.

use super::super::threads::Threads;
use super::calendar::Prices;
use super::ground::Ground;
use super::reading::{BINS, Reading, Scope, View, read};
use super::tariff::{DAYS, SHUT, Tariff, worth_of_limits};

/// Prices stay within ± this: beyond every worth and what disturbing costs.
const PRICE_LIMIT: i64 = 150_000;
/// A call costs no more than its recipients are worth.
const CALL_LIMIT: i64 = 1 << 44;

/// One stage of the search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    /// About how many blocks are read.
    pub blocks: usize,
    /// Passes at most.
    pub passes: usize,
    /// Bits of what is missing that are not told apart.
    pub shift: u32,
}

/// What the search found.
#[derive(Clone)]
pub(super) struct Found {
    pub prices: Prices,
    /// Followers that take a campaign more or less when its price moves by one.
    pub density: Vec<f64>,
    /// Recipients of each campaign on each day, scaled up to everybody.
    pub taken: Vec<f64>,
    /// The bound there, scaled up to everybody.
    pub bound: f64,
}

/// No price for anything.
pub(super) fn free(ground: &Ground<'_>) -> Prices {
    Prices {
        wishes: vec![0; ground.wishes()],
        calls: vec![0; usize::from(ground.question.days_of_month)],
        tagging: 0,
    }
}

/// Prices that make the bound for these days small; those of calls stay unless `with_calls`.
pub(super) fn search(
    ground: &Ground<'_>,
    days: &[u32],
    start: &Prices,
    stages: &[Stage],
    with_calls: bool,
    threads: Threads,
) -> Found {
    let mut found = Found {
        prices: start.clone(),
        density: vec![0.0; ground.wishes()],
        taken: vec![0.0; ground.wishes() * DAYS],
        bound: f64::MAX,
    };
    for stage in stages {
        found.bound = f64::MAX;
        descend(ground, days, stage, with_calls, &mut found, threads);
    }
    found
}

fn descend(
    ground: &Ground<'_>,
    days: &[u32],
    stage: &Stage,
    with_calls: bool,
    found: &mut Found,
    threads: Threads,
) {
    let mut prices = found.prices.clone();
    let sample = ground.sample(stage.blocks);
    let scope = Scope { sample: &sample, near: Some(stage.shift), taken: true };
    let scale = sample.scale;
    let none = vec![0; ground.wishes()];
    let (mut damping, mut stalls) = (0.8, 0);
    for pass in 0..=stage.passes {
        let view = View::new(ground, Tariff::new(ground, days, &prices));
        let reading = read(&view, scope, threads);
        let bound = reading.value as f64 * scale + worth_of_limits(ground, &prices, &none) as f64;
        if bound < found.bound * (1.0 - 1e-7) || found.bound == f64::MAX {
            stalls = 0;
        } else {
            stalls += 1;
            damping = f64::max(damping * 0.7, 0.15);
        }
        let sums = Sums::new(ground, &reading, stage.shift, scale);
        if bound < found.bound {
            found.bound = bound;
            found.prices.clone_from(&prices);
            found.density.clone_from(&sums.density);
            found.taken = reading.taken.iter().map(|taken| *taken as f64 * scale).collect();
        }
        if stalls >= 4 || pass == stage.passes {
            return;
        }
        sums.step(ground, days, &reading, &mut prices, damping);
        if with_calls {
            sums.step_calls(ground, &mut prices, damping);
        }
    }
}

/// A reading summed up.
struct Sums {
    scale: f64,
    shift: u32,
    density: Vec<f64>,
    /// Calls each day would take.
    load: Vec<f64>,
    /// How much less that would be for each unit of the price of a call.
    relief: Vec<f64>,
}

impl Sums {
    fn new(ground: &Ground<'_>, reading: &Reading, shift: u32, scale: f64) -> Self {
        let days = usize::from(ground.question.days_of_month);
        let (mut load, mut relief) = (vec![0.0; days], vec![0.0; days]);
        let mut density = vec![0.0; ground.wishes()];
        for (wish, density) in density.iter_mut().enumerate() {
            *density = slope(reading.missing(wish), shift) * scale;
            let share = 1.0 / ground.list_share(wish) as f64;
            let all = reading.of_wish(wish);
            for day in 1..=days {
                let here = reading.taken[Reading::at(wish, day as u8)];
                if here > 0 {
                    // A list not quite full is a call as well: half a call a campaign and day.
                    load[day - 1] += here as f64 * scale * share + 0.5;
                    let part = here as f64 / all.max(1) as f64;
                    relief[day - 1] += *density * part * share * share;
                }
            }
        }
        Self { scale, shift, density, load, relief }
    }

    fn step(
        &self,
        ground: &Ground<'_>,
        days: &[u32],
        reading: &Reading,
        prices: &mut Prices,
        damping: f64,
    ) {
        for wish in (0..ground.wishes()).filter(|wish| days[*wish] != 0) {
            let taken = reading.of_wish(wish) as f64 * self.scale;
            let price = i64::from(prices.wishes[wish]);
            let (most, least) = (ground.layout.most[wish], ground.layout.least[wish]);
            let is_dear = most != i64::MAX && (taken > most as f64 || price > 0);
            let is_cheap = least > 0 && (taken < least as f64 || price < 0);
            if !is_dear && !is_cheap {
                continue;
            }
            let target = if is_dear { most } else { least } as f64;
            let distance = distance(reading.missing(wish), (taken - target).abs() / self.scale);
            let step = ((distance << self.shift) as f64 * damping).ceil() as i64;
            let moved = if taken > target { price + step } else { price - step };
            let allowed = if is_dear { moved.max(0) } else { moved.min(0) };
            prices.wishes[wish] = allowed.clamp(-PRICE_LIMIT, PRICE_LIMIT) as i32;
        }
    }

    fn step_calls(&self, ground: &Ground<'_>, prices: &mut Prices, damping: f64) {
        let by_tags = ground.question.calls.taggings > 0;
        for (day, left) in ground.question.calls.left.iter().enumerate() {
            let over = self.load[day] - f64::from(*left);
            if by_tags || *left == 0 || (over <= 0.0 && prices.calls[day] == 0) {
                continue;
            }
            let list = f64::from(ground.question.calls.list_most);
            // Nobody near: by a worth or so a recipient.
            let wanted = if self.relief[day] > 0.0 { over / self.relief[day] } else { over * list };
            let widest = list * f64::from(SHUT >> 14);
            let step = (wanted * damping).clamp(-widest, widest);
            let moved = prices.calls[day] as f64 + step;
            prices.calls[day] = (moved.max(0.0) as i64).min(CALL_LIMIT);
        }
    }
}

/// How far a price must move until so many more take the campaign, in bins.
fn distance(missing: &[u64], needed: f64) -> usize {
    let (mut sum, mut bin) = (0.0, 0);
    while bin < BINS - 1 && sum < needed {
        sum += missing[bin] as f64;
        bin += 1;
    }
    bin
}

/// Followers for each unit of price among those who nearly take the campaign.
fn slope(missing: &[u64], shift: u32) -> f64 {
    // The nearest few bins, more of them until they hold enough to count.
    let (mut sum, mut bins) = (0u64, 0usize);
    while bins < BINS && (bins < 16 || sum < 200) {
        sum += missing[bins];
        bins += 1;
    }
    sum as f64 / (bins << shift) as f64
}
