//! What a month's campaigns will deliver, sent one after the other: each finds the slots that those
//! before it left.
//!
//! Followers do not touch each other, so the month is worked out part by part of them, all
//! campaigns of a part before the next: what one needs then lies in the nearest cache.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use audience::Set;
use ledger::{Effect, Slots};

use crate::forecast::{Inputs, Numbers, forecast};

/// The numbers of every campaign, given in the order they are sent. Whoever certainly receives one
/// has a slot less for those after it; whoever may, possibly so.
#[must_use]
pub fn month(segments: &[&Set], following: &Set, slots: &Slots) -> Vec<Numbers> {
    let parts = segments.iter().map(|segment| segment.parts()).max().unwrap_or(0);
    let whole = Mutex::new(vec![Numbers::default(); segments.len()]);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = vec![Numbers::default(); segments.len()];
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                break;
            }
            add_part(part, segments, following, slots, &mut mine);
        }
        let mut whole = whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.iter_mut().zip(mine).for_each(|(whole, mine)| *whole += mine);
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        (1..processors.min(parts).min(8)).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    whole.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn add_part(part: usize, segments: &[&Set], following: &Set, slots: &Slots, sums: &mut [Numbers]) {
    let (following, mut slots) = (following.part(part), slots.part(part));
    for (segment, sum) in segments.iter().zip(sums) {
        let segment = segment.part(part);
        let found = forecast(Inputs { segment: &segment, following: &following, slots: &slots });
        *sum += found.numbers();
        slots.apply(Effect::Received, &found.certain);
        slots.apply(Effect::Held, &found.possible);
    }
}

#[cfg(test)]
mod tests {
    use ledger::fold;
    use proptest::prelude::*;

    use super::*;

    fn people() -> impl Strategy<Value = Set> {
        prop::collection::vec(0u32..200, 0..150)
            .prop_map(|people| people.into_iter().map(|ord| ord * 1_000).collect())
    }

    proptest! {
        /// Against the same month with all followers at once, one campaign after the other.
        #[test]
        fn parts_make_the_whole(
            segments in prop::collection::vec(people(), 0..9), following in people(), cap in 0u8..5,
            batches in prop::collection::vec((any::<bool>(), people()), 0..6),
        ) {
            let effect = |received: &bool| if *received { Effect::Received } else { Effect::Held };
            let mut slots = fold(cap, batches.iter().map(|(received, who)| (effect(received), who)));
            let found = month(&segments.iter().collect::<Vec<_>>(), &following, &slots);
            for (segment, numbers) in segments.iter().zip(found) {
                let one = forecast(Inputs { segment, following: &following, slots: &slots });
                prop_assert_eq!(numbers, one.numbers());
                prop_assert_eq!(numbers.segment, segment.len() as u64);
                slots.apply(Effect::Received, &one.certain);
                slots.apply(Effect::Held, &one.possible);
            }
        }
    }
}
