//! What every group takes at given prices: its dearest campaigns, as many as it has places.

use super::layout::{Block, LANES, Layout, NOT};
use super::price::{Prices, best, margin};
use super::question::MOST_PLACES;
use super::threads::{Threads, widest};

/// The rows a group of a block takes, dearest first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    rows: [u8; MOST_PLACES as usize],
    len: u8,
}

impl Taken {
    /// Rows of the block, dearest first.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows[..usize::from(self.len)].iter().map(|row| usize::from(*row))
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }

    pub(super) fn contains(&self, row: usize) -> bool {
        self.rows().any(|taken| taken == row)
    }
}

/// What one lane takes; of equals, the campaign that stands first.
pub(super) fn taken(block: &Block<'_>, lane: usize, prices: &Prices) -> Taken {
    let mut taken = Taken::default();
    // The dearest so far, best first; zero where nothing better than nothing is.
    let mut dearest = [0i32; MOST_PLACES as usize + 1];
    let places = usize::from(block.places[lane]);
    for (row, (worths, wish)) in block.worths.iter().zip(block.rows).enumerate() {
        if worths[lane] == NOT {
            continue;
        }
        let reduced = i32::from(worths[lane]) - i32::from(prices[usize::from(*wish)]);
        let mut at = usize::from(taken.len);
        if at == places {
            if at == 0 || reduced <= dearest[at - 1] {
                continue;
            }
            at -= 1;
        } else if reduced <= 0 {
            continue;
        } else {
            taken.len += 1;
        }
        while at > 0 && dearest[at - 1] < reduced {
            dearest[at] = dearest[at - 1];
            taken.rows[at] = taken.rows[at - 1];
            at -= 1;
        }
        dearest[at] = reduced;
        taken.rows[at] = row as u8;
    }
    taken
}

/// Everybody's choice, summed up.
pub(super) struct Tally {
    /// Recipients of each campaign.
    pub recipients: Vec<i64>,
    /// What all of it is worth.
    pub value: i64,
    /// Groups whose choice might be another were prices to move by less than the width asked for.
    pub near: Vec<u32>,
}

/// Adds up what everybody takes, and notes who is within `width` of choosing otherwise.
pub(super) fn tally(layout: &Layout, prices: &Prices, width: i32, threads: Threads) -> Tally {
    let parts = threads.over(layout.blocks(), |range| {
        let mut part = Tally { recipients: vec![0; layout.wishes], value: 0, near: Vec::new() };
        widest(
            #[inline(always)]
            || {
                for block in range {
                    tally_block(&layout.block(block), block, prices, width, &mut part);
                }
            },
        );
        part
    });
    let mut whole = Tally { recipients: vec![0; layout.wishes], value: 0, near: Vec::new() };
    for part in parts {
        for (sum, more) in whole.recipients.iter_mut().zip(part.recipients) {
            *sum += more;
        }
        whole.value += part.value;
        whole.near.extend(part.near);
    }
    whole
}

#[inline(always)]
fn tally_block(block: &Block<'_>, number: usize, prices: &Prices, width: i32, tally: &mut Tally) {
    let best = best(block, prices);
    let (last, next) = margin(&best, block.places);
    let mut count = [0u8; LANES];
    // The best that is not worth taking, and the least that is.
    let (mut under, mut over) = ([NOT; LANES], [i16::MAX; LANES]);
    for (worths, wish) in block.worths.iter().zip(block.rows) {
        let price = prices[usize::from(*wish)];
        for lane in 0..LANES {
            let reduced = worths[lane].saturating_sub(price);
            let takes = reduced > 0 && reduced >= last[lane];
            count[lane] += u8::from(takes);
            let refuses = reduced <= 0 && worths[lane] != NOT;
            under[lane] = if refuses { under[lane].max(reduced) } else { under[lane] };
            over[lane] = if takes { over[lane].min(reduced) } else { over[lane] };
        }
    }
    let mut tied = 0u32;
    for (lane, (count, places)) in count.iter().zip(block.places).enumerate() {
        tied |= u32::from(count > places) << lane;
    }
    for (worths, wish) in block.worths.iter().zip(block.rows) {
        let price = prices[usize::from(*wish)];
        let (mut recipients, mut value) = (0i64, 0i64);
        for lane in 0..LANES {
            let reduced = worths[lane].saturating_sub(price);
            let takes = reduced > 0 && reduced >= last[lane] && tied >> lane & 1 == 0;
            let size = if takes { i64::from(block.sizes[lane]) } else { 0 };
            recipients += size;
            value += size * i64::from(worths[lane]);
        }
        tally.recipients[usize::from(*wish)] += recipients;
        tally.value += value;
    }
    for lane in 0..LANES {
        if block.places[lane] == 0 {
            continue;
        }
        if tied >> lane & 1 == 1 {
            for row in taken(block, lane, prices).rows() {
                let size = i64::from(block.sizes[lane]);
                tally.recipients[usize::from(block.rows[row])] += size;
                tally.value += size * i64::from(block.worths[row][lane]);
            }
        }
        let is_near = if count[lane] < block.places[lane] {
            i32::from(under[lane]) >= -width || i32::from(over[lane]) <= width
        } else {
            i32::from(last[lane]) - i32::from(next[lane]) <= width
        };
        if is_near {
            tally.near.push((number * LANES + lane) as u32);
        }
    }
}
