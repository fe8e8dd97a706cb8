use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const PEOPLE: u32 = 140;

fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![Just(Effect::Nothing), Just(Effect::Held), Just(Effect::Received)]
}

fn recipients() -> impl Strategy<Value = Set> {
    prop_oneof![
        prop::collection::vec(0..PEOPLE, 0..60).prop_map(Set::from_iter),
        (1..PEOPLE).prop_map(Set::full),
    ]
}

/// Batches that begin with one effect and may later change to another; up to 24, so that counts
/// pass 7 and 15.
fn history() -> impl Strategy<Value = Vec<(Set, Effect, Option<Effect>)>> {
    prop::collection::vec((recipients(), effect(), prop::option::of(effect())), 0..24)
}

proptest! {
    #[test]
    fn slots_kept_equal_slots_folded_and_naive_counters(history in history(), cap in 0u8..6) {
        let mut kept = Slots::new(cap);
        for (who, first, _) in &history {
            kept.apply(*first, who);
        }
        for (who, first, later) in &history {
            if let Some(later) = later {
                kept.change(*first, *later, who);
            }
        }
        let last = |(who, first, later): &(Set, Effect, Option<Effect>)| {
            (later.unwrap_or(*first), who.clone())
        };
        let batches: Vec<(Effect, Set)> = history.iter().map(last).collect();
        let folded = fold(cap, batches.iter().rev().map(|(effect, who)| (*effect, who)));
        prop_assert_eq!(&kept, &folded);

        let everyone = Set::full(PEOPLE);
        let (certain, possible) = (kept.certain(&everyone), kept.possible(&everyone));
        let full = kept.full(&everyone);
        let mut histogram: BTreeMap<(u8, u8), u64> = BTreeMap::new();
        for ord in 0..PEOPLE {
            let mine = || batches.iter().filter(|(_, who)| who.contains(ord));
            let min = mine().filter(|(effect, _)| *effect == Effect::Received).count() as u8;
            let max = mine().filter(|(effect, _)| *effect != Effect::Nothing).count() as u8;
            let range = kept.of(ord);
            prop_assert_eq!(range, SlotRange { used_min: min, used_max: max, cap });
            prop_assert_eq!(certain.contains(ord), max < cap);
            prop_assert_eq!(possible.contains(ord), min < cap && cap <= max);
            prop_assert_eq!(full.contains(ord), min >= cap);
            for n in 0..8 {
                prop_assert_eq!(kept.at_least(n, &everyone).contains(ord), range.certain() >= n);
            }
            *histogram.entry((min, max)).or_default() += 1;
        }
        let buckets: BTreeMap<(u8, u8), u64> = kept
            .histogram(&everyone)
            .into_iter()
            .map(|bucket| ((bucket.used_min, bucket.used_max), bucket.followers))
            .collect();
        prop_assert_eq!(buckets, histogram);
    }

    #[test]
    fn revoking_everything_leaves_a_fresh_month(history in history()) {
        let mut slots = Slots::new(4);
        for (who, effect, _) in &history {
            slots.apply(*effect, who);
        }
        for (who, effect, _) in &history {
            slots.revoke(*effect, who);
        }
        prop_assert_eq!(slots, Slots::new(4));
    }
}

#[test]
fn nobody_goes_below_zero() {
    let mut slots = Slots::new(4);
    slots.add_max(&Set::full(3));
    slots.sub_max(&Set::full(10));
    slots.sub_min(&Set::full(10));
    assert_eq!(slots, Slots::new(4));
}

#[test]
fn only_those_asked_about_are_answered() {
    let mut slots = Slots::new(1);
    slots.apply(Effect::Received, &Set::full(5));
    let among: Set = [3, 4, 5, 6].into_iter().collect();
    assert_eq!(slots.full(&among), [3, 4].into_iter().collect());
    assert_eq!(slots.certain(&among), [5, 6].into_iter().collect());
    assert!(slots.possible(&among).is_empty());
}

#[test]
fn more_messages_than_can_be_reported_are_still_counted() {
    let one = Set::full(1);
    let mut slots = Slots::new(4);
    for _ in 0..300 {
        slots.apply(Effect::Held, &one);
    }
    assert_eq!(slots.of(0).used_max, 255);
    for _ in 0..297 {
        slots.revoke(Effect::Held, &one);
    }
    assert_eq!(slots.of(0).used_max, 3);
}
