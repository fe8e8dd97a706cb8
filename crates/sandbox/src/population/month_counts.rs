//! How many mass messages each person received in a month, as sets: the nth holds whoever received
//! at least n. Settling a job works on whole sets, 64 people to a machine word, and a person costs
//! at most as many bits as the most received.

use roaring::RoaringBitmap;

use super::set_bytes;

/// The counts of one month.
#[derive(Debug, Clone, Default)]
pub struct MonthCounts {
    /// Each is part of the one before.
    at_least: Vec<RoaringBitmap>,
}

impl MonthCounts {
    /// Whoever received `count` messages or more; `None` when nobody did, or for 0.
    #[must_use]
    pub fn at_least(&self, count: u8) -> Option<&RoaringBitmap> {
        self.at_least.get(usize::from(count).checked_sub(1)?)
    }

    /// Messages this person received.
    #[must_use]
    pub fn of(&self, person: u32) -> u8 {
        let count = self.at_least.partition_point(|set| set.contains(person));
        u8::try_from(count).unwrap_or(u8::MAX)
    }

    /// One more message for each of these.
    pub fn add(&mut self, people: &RoaringBitmap) {
        let mut carried = people.clone();
        for set in &mut self.at_least {
            // Whoever was in it already is carried on to the next.
            let next = &carried & &*set;
            *set |= &carried;
            carried = next;
            if carried.is_empty() {
                return;
            }
        }
        if !carried.is_empty() && self.at_least.len() < usize::from(u8::MAX) {
            self.at_least.push(carried);
        }
    }

    /// One message less for each of these who received any.
    pub fn take_back(&mut self, people: &RoaringBitmap) {
        for place in 0..self.at_least.len() {
            // Whoever received as many as this and no more.
            let mut exactly = self.at_least.get(place).map(|set| set & people).unwrap_or_default();
            if let Some(more) = self.at_least.get(place + 1) {
                exactly -= more;
            }
            if let Some(set) = self.at_least.get_mut(place) {
                *set -= exactly;
            }
        }
        while self.at_least.last().is_some_and(RoaringBitmap::is_empty) {
            self.at_least.pop();
        }
    }

    /// These people by which message of the month the next is for them, from 1.
    #[must_use]
    pub fn split(&self, people: &RoaringBitmap) -> Vec<(usize, RoaringBitmap)> {
        let mut parts = Vec::with_capacity(self.at_least.len() + 1);
        let mut left = people.clone();
        for (place, set) in self.at_least.iter().enumerate() {
            let more = &left & set;
            parts.push((place + 1, left - &more));
            left = more;
        }
        parts.push((self.at_least.len() + 1, left));
        parts.retain(|(_, part)| !part.is_empty());
        parts
    }

    /// How many of these received 0, 1, … `cap` or more.
    #[must_use]
    pub fn histogram(&self, people: &RoaringBitmap, cap: u8) -> Vec<u64> {
        let mut counts = Vec::with_capacity(usize::from(cap) + 1);
        let mut left = people.len();
        for count in 1..=cap {
            let more = self.at_least(count).map_or(0, |set| set.intersection_len(people));
            counts.push(left - more);
            left = more;
        }
        counts.push(left);
        counts
    }

    /// Bytes of all the sets.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.at_least.iter().map(set_bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{draw, falls};

    #[test]
    fn sets_count_as_a_table_would() {
        let mut counts = MonthCounts::default();
        let mut table = vec![0_u8; 70_000];
        for message in 0..6 {
            let receives = |n: &u32| falls(draw(1, message, u64::from(*n)), 2, 3);
            let people: RoaringBitmap = (0..70_000).filter(receives).collect();
            counts.add(&people);
            for person in people {
                table[person as usize] += 1;
            }
        }
        for (person, count) in (0..).zip(&table) {
            assert_eq!(counts.of(person), *count, "{person}");
        }
        let back: RoaringBitmap = (0..70_000).step_by(5).collect();
        counts.take_back(&back);
        for person in &back {
            table[person as usize] = table[person as usize].saturating_sub(1);
        }
        assert!((0..).zip(&table).all(|(person, count)| counts.of(person) == *count));
        let some: RoaringBitmap = (0..70_000).step_by(3).collect();
        let histogram = counts.histogram(&some, 4);
        for count in 0..=4_u8 {
            let same = |n: &u32| table[*n as usize].min(4) == count;
            let expected = some.iter().filter(same).count() as u64;
            assert_eq!(histogram[usize::from(count)], expected, "{count}");
        }
        for (nth, part) in counts.split(&some) {
            assert!(part.iter().all(|person| usize::from(counts.of(person)) + 1 == nth));
        }
        assert_eq!(counts.split(&some).iter().map(|(_, part)| part.len()).sum::<u64>(), some.len());
        assert_eq!(MonthCounts::default().histogram(&some, 2), [some.len(), 0, 0]);
    }
}
