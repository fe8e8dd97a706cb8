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

/// Moments of all followers, each with a value of `V`.
#[derive(Debug, Clone)]
pub struct Timeline<V> {
    ords: Vec<u32>,
    moments: Vec<Timestamp>,
    values: Vec<V>,
    tail: Vec<(u32, Timestamp, V)>,
}

impl<V> Default for Timeline<V> {
    fn default() -> Self {
        Self { ords: Vec::new(), moments: Vec::new(), values: Vec::new(), tail: Vec::new() }
    }
}

impl<V: Copy> Timeline<V> {
    /// Adds one moment.
    pub fn add(&mut self, ord: u32, at: Timestamp, value: V) {
        let end = self.ords.last().copied().zip(self.moments.last().copied());
        if self.tail.is_empty() && end.is_none_or(|end| end <= (ord, at)) {
            self.push((ord, at, value));
            return;
        }
        self.tail.push((ord, at, value));
        if self.tail.len() > TAIL_LEAST.max(self.ords.len() / TAIL_FRACTION) {
            self.merge();
        }
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

    /// Calls `see` for every moment inside the span; in no promised order.
    pub fn each(&self, span: Span, mut see: impl FnMut(u32, Timestamp, V)) {
        for ((ord, at), value) in self.ords.iter().zip(&self.moments).zip(&self.values) {
            if span.contains(*at) {
                see(*ord, *at, *value);
            }
        }
        for (ord, at, value) in &self.tail {
            if span.contains(*at) {
                see(*ord, *at, *value);
            }
        }
    }

    /// The moments of one follower, oldest first.
    #[must_use]
    pub fn of(&self, ord: u32) -> Vec<(Timestamp, V)> {
        let body = self.rows(ord);
        let body =
            self.moments[body.clone()].iter().copied().zip(self.values[body].iter().copied());
        let tail = self.tail.iter().filter(|row| row.0 == ord).map(|row| (row.1, row.2));
        let mut all: Vec<_> = body.chain(tail).collect();
        all.sort_by_key(|row| row.0);
        all
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.ords.capacity() * (size_of::<u32>() + size_of::<Timestamp>() + size_of::<V>())
            + self.tail.capacity() * size_of::<(u32, Timestamp, V)>()
    }

    fn rows(&self, ord: u32) -> Range<usize> {
        let start = self.ords.partition_point(|row| *row < ord);
        let len = self.ords[start..].partition_point(|row| *row == ord);
        start..start + len
    }

    fn push(&mut self, (ord, at, value): (u32, Timestamp, V)) {
        self.ords.push(ord);
        self.moments.push(at);
        self.values.push(value);
    }

    fn merge(&mut self) {
        let mut tail = std::mem::take(&mut self.tail);
        tail.sort_by_key(|row| (row.0, row.1));
        let body = std::mem::take(self);
        let total = body.ords.len() + tail.len();
        self.ords.reserve(total);
        self.moments.reserve(total);
        self.values.reserve(total);
        let mut late = tail.into_iter().peekable();
        for ((ord, at), value) in body.ords.into_iter().zip(body.moments).zip(body.values) {
            while let Some(row) = late.next_if(|row| (row.0, row.1) < (ord, at)) {
                self.push(row);
            }
            self.push((ord, at, value));
        }
        late.for_each(|row| self.push(row));
    }
}
