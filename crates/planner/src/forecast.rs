//! Who of a segment will receive, may receive, and cannot.

use audience::Set;
use ledger::Slots;
use serde::{Deserialize, Serialize};

use crate::Reason;

/// What a forecast is made of.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Everybody the campaign is meant for, those who left among them.
    pub segment: &'a Set,
    /// Everybody who follows now.
    pub following: &'a Set,
    /// What each has had of the month the campaign goes out in.
    pub slots: &'a Slots,
}

/// A segment cut in four: every follower of it stands in exactly one of these sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Follow and certainly have a slot.
    pub certain: Set,
    /// Follow and may have a slot, or not: some send of the month has not told whom it reached.
    pub possible: Set,
    /// Do not follow.
    pub left: Set,
    /// Follow and certainly have no slot.
    pub full: Set,
}

/// A forecast in numbers; `certain + possible + left + month_full = segment`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// Followers the campaign is meant for.
    pub segment: u64,
    /// Will receive.
    pub certain: u64,
    /// May receive.
    pub possible: u64,
    /// No longer follow.
    pub left: u64,
    /// Had all messages of the month.
    pub month_full: u64,
}

impl std::ops::AddAssign for Numbers {
    fn add_assign(&mut self, other: Self) {
        self.segment += other.segment;
        self.certain += other.certain;
        self.possible += other.possible;
        self.left += other.left;
        self.month_full += other.month_full;
    }
}

/// Cuts the segment by what its followers can receive.
#[must_use]
pub fn forecast(inputs: Inputs<'_>) -> Forecast {
    let Inputs { segment, following, slots } = inputs;
    let reachable = segment.intersect(following);
    let (certain, possible, full) = slots.split(&reachable);
    Forecast { certain, possible, full, left: segment.subtract(following) }
}

impl Forecast {
    /// Everybody worth addressing: certain and possible.
    #[must_use]
    pub fn candidates(&self) -> Set {
        self.certain.union(&self.possible)
    }

    /// The sets that do not receive, and why.
    #[must_use]
    pub fn reasons(&self) -> [(Reason, &Set); 2] {
        [(Reason::Left, &self.left), (Reason::MonthFull, &self.full)]
    }

    /// The sizes.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        let [certain, possible, left, month_full] =
            [&self.certain, &self.possible, &self.left, &self.full].map(|set| set.len() as u64);
        let segment = certain + possible + left + month_full;
        Numbers { segment, certain, possible, left, month_full }
    }
}

#[cfg(test)]
mod tests {
    use ledger::{Effect, fold};
    use proptest::prelude::*;

    use super::*;

    fn people() -> impl Strategy<Value = Set> {
        prop::collection::vec(0u32..200, 0..150).prop_map(Set::from_iter)
    }

    proptest! {
        #[test]
        fn received_and_reasons_make_the_segment(
            segment in people(), following in people(), cap in 0u8..5,
            batches in prop::collection::vec((any::<bool>(), people()), 0..8),
        ) {
            let effect = |received: &bool| if *received { Effect::Received } else { Effect::Held };
            let slots = fold(cap, batches.iter().map(|(received, who)| (effect(received), who)));
            let inputs = Inputs { segment: &segment, following: &following, slots: &slots };
            let forecast = forecast(inputs);
            let all = [&forecast.certain, &forecast.possible, &forecast.left, &forecast.full];
            let mut seen = Set::new();
            for set in all {
                prop_assert!(set.is_disjoint(&seen));
                seen.or_with(set);
            }
            prop_assert_eq!(&seen, &segment);
            prop_assert_eq!(forecast.numbers().segment, segment.len() as u64);
            let mut whole = forecast.candidates();
            for (_, set) in forecast.reasons() {
                whole.or_with(set);
            }
            prop_assert_eq!(whole, segment);
            for ord in &forecast.candidates() {
                prop_assert!(following.contains(ord));
                prop_assert!(slots.of(ord).possible() > 0);
                prop_assert_eq!(forecast.certain.contains(ord), slots.of(ord).certain() > 0);
            }
        }
    }
}
