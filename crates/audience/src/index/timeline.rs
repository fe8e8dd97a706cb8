//! What followers did and when, as columns: ordinal, moment, value.
//!
//! The body is sorted by follower and moment; what arrives out of that order waits in a short tail
//! that every question reads too, so nothing added is ever unseen. The tail is merged in once it
//! outgrows a fraction of the body, which keeps adding cheap however large the body is.

use std::ops::Range;

use wire::Timestamp;

/// A tail up to this long is never merged.
const TAIL_LEAST: usize = 4096;
/// Nor one shorter than this fraction of the body.
const TAIL_FRACTION: usize = 32;

/// Moments that count for a question: both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From this moment.
    pub from: Timestamp,
    /// To this moment.
    pub to: Timestamp,
}

impl Span {
    /// Whether the moment counts.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// The number that sums add up: cents of an order, whatever an event carries; 0 without one.
    pub value: i64,
    /// Pieces of an order; 0 for events.
    pub items: u32,
}

/// What followers did and when.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    ords: Vec<u32>,
    rows: Vec<Row>,
    tail: Vec<(u32, Row)>,
}

impl Timeline {
    /// Adds one moment.
    pub fn add(&mut self, ord: u32, row: Row) {
        let end = self.ords.last().zip(self.rows.last()).map(|(ord, row)| (*ord, row.at));
        if self.tail.is_empty() && end.is_none_or(|end| end <= (ord, row.at)) {
            self.push((ord, row));
            return;
        }
        self.tail.push((ord, row));
        if self.tail.len() > TAIL_LEAST.max(self.ords.len() / TAIL_FRACTION) {
            self.merge();
        }
    }

    /// Puts `after` in the place of one row like `before`; false when the follower has none.
    pub fn change(&mut self, ord: u32, before: Row, after: Row) -> bool {
        if !self.remove(ord, before) {
            return false;
        }
        self.add(ord, after);
        true
    }

    /// Takes everything of a follower away.
    pub fn forget(&mut self, ord: u32) {
        let body = self.range(ord);
        self.ords.drain(body.clone());
        self.rows.drain(body);
        self.tail.retain(|row| row.0 != ord);
    }

    /// How many moments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ords.len() + self.tail.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `see` for everything inside the span; in no promised order.
    pub fn each(&self, span: Span, mut see: impl FnMut(u32, Row)) {
        let body = self.ords.iter().copied().zip(self.rows.iter().copied());
        for (ord, row) in body.chain(self.tail.iter().copied()) {
            if span.contains(row.at) {
                see(ord, row);
            }
        }
    }

    /// What one follower did, oldest first.
    #[must_use]
    pub fn of(&self, ord: u32) -> Vec<Row> {
        let tail = self.tail.iter().filter(|row| row.0 == ord).map(|row| row.1);
        let mut all: Vec<_> = self.rows[self.range(ord)].iter().copied().chain(tail).collect();
        all.sort_by_key(|row| row.at);
        all
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.ords.capacity() * (size_of::<u32>() + size_of::<Row>())
            + self.tail.capacity() * size_of::<(u32, Row)>()
    }

    fn remove(&mut self, ord: u32, row: Row) -> bool {
        if let Some(at) = self.tail.iter().position(|held| *held == (ord, row)) {
            self.tail.swap_remove(at);
            return true;
        }
        let body = self.range(ord);
        let Some(at) = self.rows[body.clone()].iter().position(|held| *held == row) else {
            return false;
        };
        self.ords.remove(body.start + at);
        self.rows.remove(body.start + at);
        true
    }

    fn range(&self, ord: u32) -> Range<usize> {
        let start = self.ords.partition_point(|row| *row < ord);
        let len = self.ords[start..].partition_point(|row| *row == ord);
        start..start + len
    }

    fn push(&mut self, (ord, row): (u32, Row)) {
        self.ords.push(ord);
        self.rows.push(row);
    }

    fn merge(&mut self) {
        let mut tail = std::mem::take(&mut self.tail);
        tail.sort_by_key(|(ord, row)| (*ord, row.at));
        let body = std::mem::take(self);
        let total = body.ords.len() + tail.len();
        self.ords.reserve(total);
        self.rows.reserve(total);
        let mut late = tail.into_iter().peekable();
        for (ord, row) in body.ords.into_iter().zip(body.rows) {
            while let Some(row) = late.next_if(|late| (late.0, late.1.at) < (ord, row.at)) {
                self.push(row);
            }
            self.push((ord, row));
        }
        late.for_each(|row| self.push(row));
    }
}
