//! From what every follower gets to the recipients of every send, and what it is all worth.

use std::sync::atomic::{AtomicU64, Ordering};

use audience::Set;

use super::super::layout::{LANES, transpose};
use super::super::threads::Threads;
use super::fill::Draft;
use super::follower::disturbing;
use super::ground::Ground;
use super::tariff::DAYS;

const BITS: usize = u64::BITS as usize;

/// What the plan is worth.
pub(super) fn value(ground: &Ground<'_>, draft: &Draft, threads: Threads) -> i64 {
    let layout = &ground.layout;
    let parts = threads.over(layout.blocks(), |range| {
        let mut sum = 0i64;
        let mut row_of = [0u8; 256];
        for number in range {
            let block = layout.block(number);
            for (row, wish) in block.rows.iter().enumerate() {
                row_of[usize::from(*wish)] = row as u8;
            }
            for group in number * LANES..layout.groups.min((number + 1) * LANES) {
                let first = layout.first(group);
                for member in first..first + layout.members(group).len() {
                    let takes = draft.get(member);
                    sum -= disturbing(ground.rule(group), takes.len());
                    for (wish, _) in takes.iter() {
                        let worths = &block.worths[usize::from(row_of[wish])];
                        sum += i64::from(worths[group % LANES]);
                    }
                }
            }
        }
        sum
    });
    parts.iter().sum()
}

/// The recipients of each of these campaigns on days.
pub(super) fn deal(
    ground: &Ground<'_>,
    draft: &Draft,
    pairs: &[(usize, u8)],
    threads: Threads,
) -> Vec<Set> {
    pairs.chunks(BITS).flat_map(|pairs| deal_some(ground, draft, pairs, threads)).collect()
}

/// At most as many as a word has bits.
fn deal_some(
    ground: &Ground<'_>,
    draft: &Draft,
    pairs: &[(usize, u8)],
    threads: Threads,
) -> Vec<Set> {
    let mut bit_of = vec![0u64; ground.wishes() * DAYS];
    for (bit, (wish, day)) in pairs.iter().enumerate() {
        bit_of[wish * DAYS + usize::from(*day)] = 1 << bit;
    }
    let chunks = ground.question.month.followers().div_ceil(BITS);
    // Which of the pairs each follower gets. Each is written once, in no order, hence the atomics;
    // nobody reads before all have written.
    let gets: Vec<AtomicU64> =
        std::iter::repeat_with(AtomicU64::default).take(chunks * BITS).collect();
    let order = ground.layout.order();
    threads.over(order.len(), |range| {
        for member in range {
            let word = draft
                .get(member)
                .iter()
                .fold(0, |word, (wish, day)| word | bit_of[wish * DAYS + usize::from(day)]);
            gets[order[member] as usize].store(word, Ordering::Relaxed);
        }
    });
    let parts = threads.over(chunks, |range| {
        let mut planes = vec![Vec::with_capacity(range.len()); pairs.len()];
        for chunk in range {
            let mut square = [0u64; BITS];
            for (row, gets) in square.iter_mut().zip(&gets[chunk * BITS..]) {
                *row = gets.load(Ordering::Relaxed);
            }
            transpose(&mut square);
            planes.iter_mut().zip(square).for_each(|(plane, row)| plane.push(row));
        }
        planes
    });
    (0..pairs.len())
        .map(|pair| {
            let words: Vec<u64> = parts.iter().flat_map(|part| &part[pair]).copied().collect();
            Set::from_words(&words)
        })
        .collect()
}
