//! What happened: for everybody who was sent a message, or was left out of it on purpose, what they
//! were like before and what they did in the days after. Only counts are kept, cell by cell, so
//! however many examples there are and in whatever order they come, the same are learned from.

use std::collections::BTreeMap;

use super::traits::Traits;

/// Parts that followers are dealt into, to check what was learned on people it was not learned from.
pub const FOLDS: usize = 5;
/// The most kinds of campaigns.
pub const MOST_KINDS: usize = 62;

/// One person and one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Whom it is about; decides the part they are dealt into.
    pub ordinal: u32,
    /// What they were like just before.
    pub traits: Traits,
    /// Which kind of campaign, by its place.
    pub kind: u8,
    /// Sent, or left out.
    pub sent: bool,
    /// They ordered in the days after.
    pub ordered: bool,
    /// For how much, in cents.
    pub cents: i64,
    /// They left in the days after.
    pub left: bool,
}

/// Counts of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Examples.
    pub people: u64,
    /// Of them, ordered.
    pub ordered: u64,
    /// For how much, in cents.
    pub cents: i64,
    /// The squares of what each paid, in yuan.
    pub squares: u64,
    /// Left.
    pub left: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.people += other.people;
        self.ordered += other.ordered;
        self.cents = self.cents.saturating_add(other.cents);
        self.squares = self.squares.saturating_add(other.squares);
        self.left += other.left;
    }
}

/// The same bins, kind and treatment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub sent: bool,
    pub kind: u8,
    pub traits: Traits,
}

/// Everything that happened, counted.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// The words for the kinds, by their place.
    pub kinds: Vec<String>,
    /// The names of the segments chosen.
    pub chosen: Vec<String>,
    cells: BTreeMap<Cell, [Counts; FOLDS]>,
}

impl Examples {
    /// No examples yet of these kinds, the first [`MOST_KINDS`] of them, and chosen segments.
    #[must_use]
    pub fn new(kinds: Vec<String>, chosen: Vec<String>) -> Self {
        Self { kinds, chosen, cells: BTreeMap::new() }
    }

    /// Takes one in.
    pub fn add(&mut self, example: &Example) {
        let cell = Cell { sent: example.sent, kind: example.kind, traits: example.traits };
        let yuan = (example.cents / 100).unsigned_abs();
        let counts = Counts {
            people: 1,
            ordered: example.ordered.into(),
            cents: if example.ordered { example.cents } else { 0 },
            squares: if example.ordered { yuan.saturating_mul(yuan) } else { 0 },
            left: example.left.into(),
        };
        self.cells.entry(cell).or_default()[fold(example.ordinal)].add(&counts);
    }

    /// Takes in what was counted elsewhere, of the same kinds and chosen segments.
    pub fn merge(&mut self, other: &Self) {
        for (cell, folds) in &other.cells {
            let mine = self.cells.entry(*cell).or_default();
            mine.iter_mut().zip(folds).for_each(|(mine, theirs)| mine.add(theirs));
        }
    }

    /// Counts of all who were sent a message, or of all left out.
    #[must_use]
    pub fn total(&self, sent: bool) -> Counts {
        self.sum(|cell| cell.sent == sent)
    }

    /// The same of one kind of campaign.
    #[must_use]
    pub fn total_of(&self, kind: u8, sent: bool) -> Counts {
        self.sum(|cell| cell.sent == sent && cell.kind == kind)
    }

    pub(super) fn sum(&self, holds: impl Fn(&Cell) -> bool) -> Counts {
        let mut sum = Counts::default();
        for (_, folds) in self.cells.iter().filter(|(cell, _)| holds(cell)) {
            folds.iter().for_each(|counts| sum.add(counts));
        }
        sum
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = (&Cell, &[Counts; FOLDS])> {
        self.cells.iter()
    }
}

/// The part a follower is dealt into: always the same one.
fn fold(ordinal: u32) -> usize {
    let mut mixed = (u64::from(ordinal) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 31;
    (mixed % FOLDS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::super::traits::Known;
    use super::*;

    fn example(ordinal: u32) -> Example {
        Example {
            ordinal,
            traits: Traits::of(&Known { orders: ordinal % 3, ..Known::default() }),
            kind: (ordinal % 2) as u8,
            sent: !ordinal.is_multiple_of(5),
            ordered: ordinal.is_multiple_of(7),
            cents: 10_050,
            left: ordinal.is_multiple_of(11),
        }
    }

    #[test]
    fn the_order_of_examples_and_how_they_are_parted_do_not_matter() {
        let empty = || Examples::new(vec!["a".into(), "b".into()], Vec::new());
        let mut whole = empty();
        (0..1_000).rev().for_each(|one| whole.add(&example(one)));
        let (mut first, mut second) = (empty(), empty());
        (0..300).for_each(|one| first.add(&example(one)));
        (300..1_000).for_each(|one| second.add(&example(one)));
        second.merge(&first);
        assert_eq!(whole.cells, second.cells);
        let sent = whole.total(true);
        assert_eq!((sent.people, whole.total(false).people), (800, 200));
        assert_eq!(sent.cents, sent.ordered as i64 * 10_050);
        assert_eq!(sent.squares, sent.ordered * 100 * 100);
        let by_kind = whole.total_of(0, true).people + whole.total_of(1, true).people;
        assert_eq!(by_kind, 800);
    }

    #[test]
    fn the_parts_are_even() {
        let mut sizes = [0; FOLDS];
        (0..50_000).for_each(|one| sizes[fold(one)] += 1);
        assert!(sizes.iter().all(|size| (9_700..10_300).contains(size)), "{sizes:?}");
    }
}
