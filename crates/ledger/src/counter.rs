//! A small counter for every follower, bit-sliced: plane `k` holds bit `k` of everybody's count,
//! so counting up a million followers is a few passes over words (research/planner §3).
//!
//! Counts grow by a plane when they need one; they are exact whatever the number of sends.

use audience::Set;

/// A count per follower.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counter {
    // The last plane is never empty: equal counts have equal planes.
    planes: Vec<Set>,
}

impl Counter {
    /// Everybody at 0.
    #[must_use]
    pub const fn new() -> Self {
        Self { planes: Vec::new() }
    }

    /// One more for everybody in the set.
    pub fn add(&mut self, who: &Set) {
        Set::add_one(&mut self.planes, who);
    }

    /// One less for everybody in the set who is not at 0.
    pub fn subtract(&mut self, who: &Set) {
        let mut borrow = who.intersect(&self.above_zero());
        for plane in &mut self.planes {
            plane.half_subtract(&mut borrow);
        }
        while self.planes.pop_if(|plane| plane.is_empty()).is_some() {}
    }

    /// Makes a follower's count `n`.
    pub fn set(&mut self, ord: u32, n: u64) {
        let bits = (u64::BITS - n.leading_zeros()) as usize;
        if bits > self.planes.len() {
            self.planes.resize(bits, Set::new());
        }
        for (bit, plane) in self.planes.iter_mut().enumerate() {
            plane.put(ord, n >> bit & 1 == 1);
        }
        while self.planes.pop_if(|plane| plane.is_empty()).is_some() {}
    }

    /// A follower's count.
    #[must_use]
    pub fn of(&self, ord: u32) -> u64 {
        let bits = self.planes.iter().enumerate();
        bits.map(|(bit, plane)| u64::from(plane.contains(ord)) << bit).sum()
    }

    /// Who of `among` has a count of `n` or more.
    #[must_use]
    pub fn at_least(&self, n: u64, among: &Set) -> Set {
        if n.checked_shr(self.planes.len() as u32).is_some_and(|rest| rest > 0) {
            return Set::new();
        }
        // From the highest bit down: who is above n already, and who equals it so far.
        let (mut above, mut equal) = (Set::new(), among.clone());
        for (bit, plane) in self.planes.iter().enumerate().rev() {
            if n >> bit & 1 == 1 {
                equal.and_with(plane);
            } else {
                above.or_with(&equal.intersect(plane));
                equal.and_not_with(plane);
            }
            // Whoever equals it so far has at least the zeros that are left of it.
            if n & ((1 << bit) - 1) == 0 {
                break;
            }
        }
        above.or_with(&equal);
        above
    }

    /// `among` cut by count, lowest count first; counts nobody has are left out.
    #[must_use]
    pub fn groups(&self, among: &Set) -> Vec<(u64, Set)> {
        let mut groups = vec![(0, among.clone())];
        for (bit, plane) in self.planes.iter().enumerate().rev() {
            groups = groups
                .into_iter()
                .flat_map(|(count, who)| {
                    let high = who.intersect(plane);
                    [(count, who.subtract(plane)), (count | 1 << bit, high)]
                })
                .filter(|(_, who)| !who.is_empty())
                .collect();
        }
        groups.retain(|(_, who)| !who.is_empty());
        groups
    }

    /// Plane `k` holds bit `k` of everybody's count.
    #[must_use]
    pub fn planes(&self) -> &[Set] {
        &self.planes
    }

    /// The counts of one part of the followers: see [`Set::part`].
    #[must_use]
    pub fn part(&self, number: usize) -> Self {
        let mut planes: Vec<Set> = self.planes.iter().map(|plane| plane.part(number)).collect();
        while planes.pop_if(|plane| plane.is_empty()).is_some() {}
        Self { planes }
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.planes.iter().map(Set::memory).sum()
    }

    fn above_zero(&self) -> Set {
        self.planes.iter().fold(Set::new(), |mut any, plane| {
            any.or_with(plane);
            any
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Counts set one by one are those of a list, and two ways to the same counts have the same
        /// planes.
        #[test]
        fn counts_that_are_set_are_those_of_a_list(
            steps in prop::collection::vec((0u32..70_000, 0u64..9), 0..40), most in 0u64..10
        ) {
            let mut counts = Counter::new();
            let mut list = std::collections::BTreeMap::new();
            for (ord, n) in &steps {
                counts.set(*ord, if *n == 8 { u32::MAX.into() } else { *n });
                list.insert(*ord, if *n == 8 { u32::MAX.into() } else { *n });
            }
            let everyone = Set::full(70_000);
            for (ord, n) in &list {
                prop_assert_eq!(counts.of(*ord), *n);
            }
            let wanted = list.iter().filter(|(_, n)| **n >= most.max(1)).count();
            prop_assert_eq!(counts.at_least(most.max(1), &everyone).len(), wanted);
            let mut again = Counter::new();
            list.iter().rev().for_each(|(ord, n)| again.set(*ord, *n));
            prop_assert_eq!(&again, &counts);
            list.keys().for_each(|ord| again.set(*ord, 0));
            prop_assert_eq!(again, Counter::new());
        }
    }
}
