//! How often each person wrote: a number from 0 to 11 a person, because the statistics ask for
//! more than ten only (`platform/10 §6`), kept as the four bits of all people together.

use roaring::RoaringBitmap;

/// More than ten.
const MOST: u8 = 11;

/// The numbers.
#[derive(Debug, Clone, Default)]
pub struct Senders {
    bits: [RoaringBitmap; 4],
}

impl Senders {
    /// A person wrote once more.
    pub fn record(&mut self, person: u32) {
        self.put(person, self.of(person).saturating_add(1));
    }

    /// How often the person wrote, 11 for more than ten.
    #[must_use]
    pub fn of(&self, person: u32) -> u8 {
        let bit = |(place, bits): (usize, &RoaringBitmap)| u8::from(bits.contains(person)) << place;
        self.bits.iter().enumerate().map(bit).sum()
    }

    /// Adds what people wrote on another day.
    pub fn add(&mut self, other: &Self) {
        for person in &other.everybody() {
            self.put(person, self.of(person).saturating_add(other.of(person)));
        }
    }

    /// How many people wrote 1 to 5 times, 6 to 10 times, and more often.
    #[must_use]
    pub fn intervals(&self) -> [u64; 3] {
        let mut intervals = [0; 3];
        for person in &self.everybody() {
            match self.of(person) {
                0 => {}
                1..=5 => intervals[0] += 1,
                6..=10 => intervals[1] += 1,
                _ => intervals[2] += 1,
            }
        }
        intervals
    }

    fn everybody(&self) -> RoaringBitmap {
        let mut everybody = RoaringBitmap::new();
        for bits in &self.bits {
            everybody |= bits;
        }
        everybody
    }

    fn put(&mut self, person: u32, number: u8) {
        let number = number.min(MOST);
        for (place, bits) in self.bits.iter_mut().enumerate() {
            if number >> place & 1 == 1 {
                bits.insert(person);
            } else {
                bits.remove(person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_fall_into_the_intervals_of_what_they_wrote() {
        let mut senders = Senders::default();
        for (person, times) in [(1, 1), (2, 5), (3, 6), (4, 10), (5, 11), (6, 40)] {
            for _ in 0..times {
                senders.record(person);
            }
        }
        assert_eq!(senders.intervals(), [2, 2, 2]);
        let mut week = senders.clone();
        week.add(&senders);
        // 2, 10, 12, 20 and more.
        assert_eq!(week.intervals(), [1, 1, 4]);
        assert_eq!((week.of(2), week.of(7)), (10, 0));
    }
}
