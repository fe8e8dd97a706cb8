//! From the choices of groups to the recipients of campaigns.

use std::sync::atomic::{AtomicU64, Ordering};

use super::choice::taken;
use super::finish::Finished;
use super::layout::{Block, LANES, Layout, transpose};
use super::price::{Prices, best, margin};
use super::threads::{Threads, widest};
use audience::Set;

const BITS: usize = u64::BITS as usize;

/// The recipients of every campaign among `followers` ordinals.
pub(super) fn deal(
    layout: &Layout,
    finished: &Finished,
    followers: usize,
    threads: Threads,
) -> Vec<Set> {
    let words = layout.wishes.div_ceil(BITS).max(1);
    let chunks = followers.div_ceil(BITS);
    // Which campaigns each follower gets, one bit a campaign. Groups write each their own
    // followers' words, in no order, hence the atomics; nobody reads before all have written.
    let gets: Vec<AtomicU64> =
        std::iter::repeat_with(AtomicU64::default).take(chunks * BITS * words).collect();
    let write = |ordinal: u32, word: usize, bits: u64| {
        gets[ordinal as usize * words + word].store(bits, Ordering::Relaxed);
    };
    threads.over(layout.blocks(), |range| {
        let mut taken = vec![[0u64; LANES]; words];
        for number in range {
            let block = layout.block(number);
            widest(
                #[inline(always)]
                || choose(&block, &finished.chosen_at, &mut taken),
            );
            for lane in 0..LANES.min(layout.groups - number * LANES) {
                for member in layout.members(number * LANES + lane) {
                    for (word, lanes) in taken.iter().enumerate() {
                        write(*member, word, lanes[lane]);
                    }
                }
            }
        }
    });
    for (group, takes) in finished.moved() {
        let members = layout.members(group as usize);
        for member in members {
            (0..words).for_each(|word| write(*member, word, 0));
        }
        // Round robin: nobody gets a campaign twice, nor more campaigns than there are places.
        let mut turn = 0;
        for (wish, takers) in takes {
            let (word, bit) = (usize::from(wish) / BITS, usize::from(wish) % BITS);
            for _ in 0..takers {
                let member = members[turn] as usize;
                gets[member * words + word].fetch_or(1 << bit, Ordering::Relaxed);
                turn = (turn + 1) % members.len();
            }
        }
    }
    let parts = turned(&gets, layout.wishes, words, chunks, threads);
    drop(gets);
    let wishes: Vec<usize> = (0..layout.wishes).collect();
    threads.all(&wishes, |wish| {
        let plane: Vec<&[u64]> = parts.iter().map(|part| part[*wish].as_slice()).collect();
        Set::from_words(&plane.concat())
    })
}

/// Bits of the campaigns that each lane of the block takes.
#[inline(always)]
fn choose(block: &Block<'_>, prices: &Prices, words: &mut [[u64; LANES]]) {
    for lanes in words.iter_mut() {
        *lanes = [0; LANES];
    }
    let best = best(block, prices);
    let (last, _) = margin(&best, block.places);
    let mut count = [0u8; LANES];
    for (worths, wish) in block.worths.iter().zip(block.rows) {
        let price = prices[usize::from(*wish)];
        let lanes = &mut words[usize::from(*wish) / BITS];
        let bit = usize::from(*wish) % BITS;
        for lane in 0..LANES {
            let reduced = worths[lane].saturating_sub(price);
            let takes = reduced > 0 && reduced >= last[lane];
            count[lane] += u8::from(takes);
            lanes[lane] |= u64::from(takes) << bit;
        }
    }
    for lane in 0..LANES {
        if count[lane] <= block.places[lane] {
            continue;
        }
        for lanes in words.iter_mut() {
            lanes[lane] = 0;
        }
        for row in taken(block, lane, prices).rows() {
            let wish = usize::from(block.rows[row]);
            words[wish / BITS][lane] |= 1 << (wish % BITS);
        }
    }
}

/// Turns "which campaigns a follower gets" into "which followers a campaign reaches": for each
/// stretch of the followers one plane a campaign.
fn turned(
    gets: &[AtomicU64],
    wishes: usize,
    words: usize,
    chunks: usize,
    threads: Threads,
) -> Vec<Vec<Vec<u64>>> {
    threads.over(chunks, |range| {
        let mut planes = vec![Vec::with_capacity(range.len()); wishes];
        for chunk in range {
            for word in 0..words {
                let mut square = [0u64; BITS];
                for (follower, row) in square.iter_mut().enumerate() {
                    *row = gets[(chunk * BITS + follower) * words + word].load(Ordering::Relaxed);
                }
                transpose(&mut square);
                for (plane, row) in planes.iter_mut().skip(word * BITS).zip(square) {
                    plane.push(row);
                }
            }
        }
        planes
    })
}
