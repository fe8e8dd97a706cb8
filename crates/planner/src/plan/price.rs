//! Prices of campaigns: what taking one of a campaign's recipients away, or adding one, is worth.
//!
//! A campaign whose most is wanted by too many has a price above zero; one that must reach more
//! than want it has a price below. At prices `p` a follower's best is the sum of their dearest
//! `worth − p` above zero, as many as they have places; all these, plus what the limits are worth
//! at `p`, is [`bound`]: no lawful plan is worth more, whatever the prices. The search here only
//! makes the bound small; the proof needs nothing but the prices.
//!
//! The search moves each price to where its own limit would be met, all at once and damped
//! (synchronous coordinate descent).

use super::layout::{Block, LANES, Lanes, Layout, NOT};
use super::question::MOST_PLACES;
use super::threads::{Threads, widest};

/// A price for every campaign that a block can name.
pub(super) type Prices = [i16; 256];

/// Prices stay within ± this, beyond every worth.
pub(super) const PRICE_LIMIT: i16 = 32_000;
/// Half the bins of a histogram of critical prices around the standing price.
const HALF: i32 = 512;
const BINS: usize = 2 * HALF as usize;
/// Places, and one more: the best a follower does without.
const RANKS: usize = MOST_PLACES as usize + 1;

/// The best reduced worths of each lane, best first; zero where nothing better than nothing is.
#[inline(always)]
pub(super) fn best(block: &Block<'_>, prices: &Prices) -> [Lanes; RANKS] {
    let mut best = [[0i16; LANES]; RANKS];
    for (worths, wish) in block.worths.iter().zip(block.rows) {
        let price = prices[usize::from(*wish)];
        let mut rest = [0i16; LANES];
        for lane in 0..LANES {
            rest[lane] = worths[lane].saturating_sub(price);
        }
        for rank in &mut best {
            for lane in 0..LANES {
                let (high, low) = (rank[lane].max(rest[lane]), rank[lane].min(rest[lane]));
                rank[lane] = high;
                rest[lane] = low;
            }
        }
    }
    best
}

/// The dearest that each lane's last place brings, and what one place more would; the highest
/// number for both where there is no place.
#[inline(always)]
pub(super) fn margin(best: &[Lanes; RANKS], places: &[u8; LANES]) -> (Lanes, Lanes) {
    let (mut last, mut next) = ([i16::MAX; LANES], [i16::MAX; LANES]);
    for (rank, pair) in best.windows(2).enumerate() {
        for lane in 0..LANES {
            let has_place = places[lane] > rank as u8;
            last[lane] = if has_place { pair[0][lane] } else { last[lane] };
            next[lane] = if has_place { pair[1][lane] } else { next[lane] };
        }
    }
    (last, next)
}

/// What everybody's places bring, once for each follower of the groups.
#[inline(always)]
fn gained(best: &[Lanes; RANKS], block: &Block<'_>) -> i64 {
    let mut sums = [0i32; LANES];
    for (rank, best) in best[..RANKS - 1].iter().enumerate() {
        for lane in 0..LANES {
            let has_place = block.places[lane] > rank as u8;
            sums[lane] += if has_place { i32::from(best[lane]) } else { 0 };
        }
    }
    if block.is_single() {
        // At most four times the highest worth for each lane: far from the end of the numbers.
        return i64::from(sums.iter().sum::<i32>());
    }
    (0..LANES).map(|lane| i64::from(sums[lane]) * i64::from(block.sizes[lane])).sum()
}

/// What no lawful plan can exceed, in the units of the worths. Holds whatever the prices are, as
/// long as only a campaign with a most has one above zero and only one with a least below.
pub(super) fn bound(layout: &Layout, prices: &Prices, threads: Threads) -> i64 {
    let parts = threads.over(layout.blocks(), |range| {
        widest(
            #[inline(always)]
            || {
                let blocks = range.map(|block| layout.block(block));
                blocks.map(|block| gained(&best(&block, prices), &block)).sum::<i64>()
            },
        )
    });
    parts.iter().sum::<i64>() + worth_of_limits(layout, prices)
}

/// `Σ price × limit` over the campaigns.
fn worth_of_limits(layout: &Layout, prices: &Prices) -> i64 {
    (0..layout.wishes)
        .map(|wish| match prices[wish] {
            0 => 0,
            price if price > 0 => i64::from(price) * layout.most[wish],
            price => i64::from(price) * layout.least[wish],
        })
        .sum()
}

/// One stage of the search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    /// Passes at most.
    passes: usize,
    /// Prices per bin, as a power of two.
    shift: u32,
    /// Bins each side of the standing price that are told apart.
    window: i32,
    /// Share of the way each price goes at first.
    damping: f64,
}

/// From no idea of the prices to good ones.
pub(super) const FROM_AFAR: &[Stage] = &[
    Stage { passes: 20, shift: 6, window: HALF, damping: 0.9 },
    Stage { passes: 15, shift: 3, window: HALF, damping: 0.7 },
    Stage { passes: 15, shift: 0, window: HALF, damping: 0.5 },
];
/// From the prices of a similar month.
pub(super) const FROM_NEAR: &[Stage] = &[
    Stage { passes: 8, shift: 3, window: HALF, damping: 0.7 },
    Stage { passes: 8, shift: 0, window: HALF, damping: 0.6 },
];
/// From the prices of a sample of the same month.
pub(super) const AT_THE_END: &[Stage] = &[Stage { passes: 2, shift: 0, window: 48, damping: 0.8 }];

/// Prices that make the bound small, starting from `start`.
pub(super) fn search(
    layout: &Layout,
    start: &Prices,
    stages: &[Stage],
    threads: Threads,
) -> Prices {
    let is_limited = |wish| layout.is_limited(wish);
    if !(0..layout.wishes).any(is_limited) {
        return [0; 256];
    }
    stages.iter().fold(*start, |prices, stage| descend(layout, prices, stage, threads))
}

fn descend(layout: &Layout, start: Prices, stage: &Stage, threads: Threads) -> Prices {
    let mut prices = start;
    let (mut least, mut found) = (i64::MAX, start);
    let mut damping = stage.damping;
    let mut stalls = 0;
    for _ in 0..=stage.passes {
        let (wanted, bound) = one_pass(layout, &prices, stage, threads);
        let is_better = (bound as f64) < least as f64 * (1.0 - 1e-8) || least == i64::MAX;
        stalls = if is_better { 0 } else { stalls + 1 };
        if bound < least {
            (least, found) = (bound, prices);
        } else {
            damping = (damping * 0.85).max(0.2);
        }
        if stalls == 3 {
            break;
        }
        for wish in 0..layout.wishes {
            let step = f64::from(wanted[wish]) - f64::from(prices[wish]);
            // Rounded to whole prices; within the limits because both ends are.
            prices[wish] = (f64::from(prices[wish]) + step * damping).round() as i16;
        }
    }
    found
}

/// What one reading of the blocks tells: critical prices, and the value of everybody's best.
struct Reading {
    bins: Vec<u64>,
    value: i64,
}

/// The price at which each campaign's own limit would be met were all other prices to stay, and
/// the bound.
fn one_pass(layout: &Layout, prices: &Prices, stage: &Stage, threads: Threads) -> (Prices, i64) {
    let limited: Vec<bool> = (0..layout.wishes).map(|wish| layout.is_limited(wish)).collect();
    let readings = threads.over(layout.blocks(), |range| {
        let mut reading = Reading { bins: vec![0; layout.wishes * BINS], value: 0 };
        widest(
            #[inline(always)]
            || {
                for block in range {
                    read(&layout.block(block), prices, &limited, stage, &mut reading);
                }
            },
        );
        reading
    });
    let value: i64 = readings.iter().map(|reading| reading.value).sum();
    let bound = value + worth_of_limits(layout, prices);
    let mut wanted = *prices;
    for wish in (0..layout.wishes).filter(|wish| limited[*wish]) {
        let bin = |bin: usize| {
            readings.iter().map(|reading| reading.bins[wish * BINS + bin]).sum::<u64>()
        };
        let met_at = |limit: i64| {
            i32::from(prices[wish])
                + (crossing(bin, limit.unsigned_abs(), stage.window) << stage.shift)
        };
        let dear = match layout.most[wish] {
            i64::MAX => 0,
            most => met_at(most).max(0),
        };
        let cheap = match layout.least[wish] {
            least if dear == 0 && least > 0 => met_at(least).min(0),
            _ => 0,
        };
        let allowed = (dear + cheap).clamp(i32::from(-PRICE_LIMIT), i32::from(PRICE_LIMIT));
        wanted[wish] = allowed as i16;
    }
    (wanted, bound)
}

/// The lowest bin, counted from the standing price, above which at most `limit` critical prices
/// lie.
fn crossing(bin: impl Fn(usize) -> u64, limit: u64, window: i32) -> i32 {
    let lowest = (HALF - window) as usize;
    let mut at = ((HALF + window) as usize).min(BINS - 1);
    let mut above: u64 = (at..BINS).map(&bin).sum();
    while at > lowest && above <= limit {
        let here = bin(at - 1);
        if above + here > limit {
            break;
        }
        above += here;
        at -= 1;
    }
    at as i32 - HALF
}

/// For every group and limited campaign the price at which it stops being chosen.
#[inline(always)]
fn read(
    block: &Block<'_>,
    prices: &Prices,
    limited: &[bool],
    stage: &Stage,
    reading: &mut Reading,
) {
    let best = best(block, prices);
    let (last, next) = margin(&best, block.places);
    reading.value += gained(&best, block);
    let reach = stage.window << stage.shift;
    let lowest = (-reach).max(i32::from(-PRICE_LIMIT)) as i16;
    let farthest = (reach - 1).min(i32::from(i16::MAX)) as i16;
    for (worths, wish) in block.worths.iter().zip(block.rows) {
        let wish = usize::from(*wish);
        if !limited[wish] {
            continue;
        }
        let price = prices[wish];
        let mut critical = [NOT; LANES];
        for lane in 0..LANES {
            let reduced = worths[lane].saturating_sub(price);
            let is_chosen = reduced > 0 && reduced >= last[lane];
            let threshold = if is_chosen { next[lane] } else { last[lane] };
            let over = worths[lane].saturating_sub(threshold).saturating_sub(price);
            let counts = block.places[lane] > 0 && worths[lane] != NOT;
            critical[lane] = if counts { over } else { NOT };
        }
        let bins = &mut reading.bins[wish * BINS..(wish + 1) * BINS];
        let (mut is_far, mut is_near) = ([0u8; LANES], [0u8; LANES]);
        for lane in 0..LANES {
            is_far[lane] = u8::from(critical[lane] > farthest);
            is_near[lane] = u8::from(critical[lane] >= lowest && critical[lane] <= farthest);
        }
        bins[BINS - 1] += if block.is_single() {
            u64::from(is_far.iter().sum::<u8>())
        } else {
            let sizes = is_far.iter().zip(block.sizes);
            sizes.map(|(is_far, size)| if *is_far == 1 { u64::from(*size) } else { 0 }).sum()
        };
        let mut near = bits(&is_near);
        while near != 0 {
            let lane = near.trailing_zeros() as usize;
            near &= near - 1;
            let bin = (i32::from(critical[lane]) >> stage.shift) + HALF;
            bins[bin.clamp(0, BINS as i32 - 1) as usize] += u64::from(block.sizes[lane]);
        }
    }
}

/// Ones and zeros as the bits of a number, the first the lowest.
#[inline(always)]
fn bits(flags: &[u8; LANES]) -> u32 {
    // Each product brings the lowest bits of eight bytes together in its highest byte.
    const TOGETHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        bits << 8 | (u64::from_le_bytes(*eight).wrapping_mul(TOGETHER) >> 56) as u32
    })
}

/// [`bound`] at prices too far out for sixteen bits, follower by follower.
pub(super) fn bound_far(layout: &Layout, prices: &[i32], threads: Threads) -> i64 {
    let parts = threads.over(layout.blocks(), |range| {
        let mut sum = 0;
        let mut reduced = Vec::new();
        for number in range {
            let block = layout.block(number);
            for lane in 0..LANES {
                reduced.clear();
                reduced.extend(
                    block
                        .worths
                        .iter()
                        .zip(block.rows)
                        .filter(|(worths, _)| worths[lane] != NOT)
                        .map(|(worths, wish)| {
                            i64::from(worths[lane]) - i64::from(prices[usize::from(*wish)])
                        })
                        .filter(|reduced| *reduced > 0),
                );
                reduced.sort_unstable_by(|a, b| b.cmp(a));
                let gained: i64 = reduced.iter().take(usize::from(block.places[lane])).sum();
                sum += gained * i64::from(block.sizes[lane]);
            }
        }
        sum
    });
    let limits = prices.iter().enumerate().map(|(wish, price)| match *price {
        0 => 0,
        price if price > 0 => i64::from(price) * layout.most[wish],
        price => i64::from(price) * layout.least[wish],
    });
    parts.iter().sum::<i64>() + limits.sum::<i64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_become_bits_in_their_order() {
        for seed in [0u32, 1, 0x8000_0000, 0xdead_beef, u32::MAX] {
            let flags = std::array::from_fn(|lane| (seed >> lane & 1) as u8);
            assert_eq!(bits(&flags), seed);
        }
    }
}
