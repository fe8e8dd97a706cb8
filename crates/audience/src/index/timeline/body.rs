//! What 65,536 neighbouring followers did, as columns sorted by follower and moment.

use std::ops::Range;

use super::numbers::{Numbers, each_width};
use super::{Entry, Wanted};
use crate::index::tally::Sums;
use crate::set::{Words, kernel, set_bit};

/// Every so many runs the place of the first is kept, so that one follower is found quickly.
const STRIDE: usize = 64;
/// So many moments of a stride are added up at once; a stride of more is added run by run.
const CHUNK: usize = 4096;

/// A count and a sum in one number: the sum below, the count above. 4096 values of 32 bits need 44.
const SUM_BITS: u32 = 44;
const ONE: i64 = 1 << SUM_BITS;

/// Columns of one block. A run is what one follower did, oldest first; whoever did more than a run
/// can hold has several.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    pub who: Vec<u16>,
    pub runs: Vec<u16>,
    pub starts: Vec<u32>,
    pub moments: Vec<u32>,
    pub values: Numbers,
    pub items: Numbers,
}

impl Body {
    /// `None` when the columns do not fit each other.
    pub fn from_parts(
        who: Vec<u16>,
        runs: Vec<u16>,
        moments: Vec<u32>,
        values: Numbers,
        items: Numbers,
    ) -> Option<Self> {
        let rows = moments.len();
        let fits = who.len() == runs.len()
            && who.is_sorted()
            && total(&runs) == rows
            && values.len() == rows
            && items.len() == rows;
        let mut body = Self { who, runs, starts: Vec::new(), moments, values, items };
        body.count_starts();
        fits.then_some(body)
    }

    pub fn len(&self) -> usize {
        self.moments.len()
    }

    /// The last follower and their last moment.
    pub fn last(&self) -> Option<(u16, u32)> {
        self.who.last().copied().zip(self.moments.last().copied())
    }

    /// Adds what is not before the last.
    pub fn push(&mut self, at: u16, entry: Entry) {
        match (self.who.last(), self.runs.last_mut()) {
            (Some(last), Some(run)) if *last == at && *run < u16::MAX => *run += 1,
            _ => {
                if self.who.len().is_multiple_of(STRIDE) {
                    self.starts.push(self.moments.len() as u32);
                }
                self.who.push(at);
                self.runs.push(1);
            }
        }
        self.moments.push(entry.at);
        self.values.push(entry.value);
        self.items.push(entry.items.into());
    }

    /// Where the follower's moments lie.
    pub fn range(&self, at: u16) -> Range<usize> {
        let first = self.who.partition_point(|who| *who < at);
        let own = self.who[first..].iter().take_while(|who| **who == at).count();
        let stride = first / STRIDE;
        let start = self.starts.get(stride).map_or(self.moments.len(), |start| {
            *start as usize + total(&self.runs[stride * STRIDE..first])
        });
        start..start + total(&self.runs[first..first + own])
    }

    pub fn entry(&self, block: u32, at: u16, place: usize) -> Entry {
        Entry {
            ord: block + u32::from(at),
            at: self.moments[place],
            items: self.items.get(place) as u32,
            value: self.values.get(place),
        }
    }

    /// Gives up what is in `range`, all of one follower's.
    pub fn remove(&mut self, at: u16, range: Range<usize>) {
        let gone = range.len();
        if gone == 0 {
            return;
        }
        self.moments.drain(range.clone());
        self.values.drain(range.clone());
        self.items.drain(range);
        let first = self.who.partition_point(|who| *who < at);
        let mut left = gone;
        // From the first of the follower's runs on; the others move up.
        let mut run = first;
        while left > 0 && self.who.get(run) == Some(&at) {
            let taken = left.min(self.runs[run].into());
            self.runs[run] -= taken as u16;
            left -= taken;
            if self.runs[run] == 0 {
                self.who.remove(run);
                self.runs.remove(run);
            } else {
                run += 1;
            }
        }
        self.count_starts();
    }

    fn count_starts(&mut self) {
        self.starts.clear();
        let mut start = 0;
        for stride in self.runs.chunks(STRIDE) {
            self.starts.push(start as u32);
            start += total(stride);
        }
    }

    pub fn shrink(&mut self) {
        self.who.shrink_to_fit();
        self.runs.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.moments.shrink_to_fit();
        self.values.shrink();
        self.items.shrink();
    }

    pub fn memory(&self) -> usize {
        (self.who.capacity() + self.runs.capacity()) * 2
            + (self.starts.capacity() + self.moments.capacity()) * 4
            + self.values.memory()
            + self.items.memory()
    }

    /// Adds up, for every follower, what lies from `wanted.from` to `wanted.to`.
    pub fn add_to(&self, wanted: &Wanted, sums: &mut Sums) {
        let width = wanted.to.wrapping_sub(wanted.from);
        if wanted.to < wanted.from {
            return;
        }
        let inside = (wanted.from, width);
        match (wanted.count, wanted.value, &self.values) {
            (count, true, Numbers::Eight(values)) => {
                if count {
                    self.add_up(
                        &self.moments,
                        |_| 1,
                        inside,
                        |at, sum| sums.count[at] += sum as u32,
                    );
                }
                let add = |at: usize, sum: i64| sums.value[at] = sums.value[at].wrapping_add(sum);
                self.add_up(values, |value| value, inside, add);
            }
            (true, true, values) => each_width!(values, _ => {
                self.add_up(&self.moments, |_| 1, inside, |at, sum| sums.count[at] += sum as u32);
            }, values => {
                // Both in one number, so that the moments are read once: a stride has few enough
                // rows, and these values are small enough, for the sum to stay in its bits.
                self.add_up(values, |value| ONE + whole(value), inside, |at, both| {
                    let sum = both << (64 - SUM_BITS) >> (64 - SUM_BITS);
                    sums.count[at] += ((both - sum) >> SUM_BITS) as u32;
                    sums.value[at] += sum;
                });
            }),
            (true, false, _) => {
                self.add_up(&self.moments, |_| 1, inside, |at, sum| sums.count[at] += sum as u32);
            }
            (false, true, values) => each_width!(values, _ => {}, values => {
                let add = |at: usize, sum: i64| sums.value[at] = sums.value[at].wrapping_add(sum);
                self.add_up(values, whole, inside, add);
            }),
            (false, false, _) => {}
        }
        if wanted.items {
            each_width!(&self.items, _ => {}, items => {
                let add = |at: usize, sum: i64| sums.items[at] = sums.items[at].wrapping_add(sum);
                self.add_up(items, whole, inside, add);
            });
        }
        if wanted.first || wanted.last {
            self.add_ends(wanted, sums);
        }
    }

    /// Sums, for every run, of the numbers whose moments are inside. A running total is taken over
    /// many runs at once and cut at their ends: no branch depends on how long a run is, or on what
    /// is inside.
    fn add_up<T: Copy>(
        &self,
        numbers: &[T],
        number: impl Fn(T) -> i64 + Copy,
        inside: (u32, u32),
        mut see: impl FnMut(usize, i64),
    ) {
        let mut totals = [0i64; CHUNK + 1];
        for (stride, start) in self.starts.iter().enumerate() {
            let first = stride * STRIDE;
            let last = (first + STRIDE).min(self.runs.len());
            let end = self.starts.get(stride + 1).copied().unwrap_or(self.moments.len() as u32);
            let here = *start as usize..end as usize;
            let (moments, numbers) = (&self.moments[here.clone()], &numbers[here]);
            let runs = self.who[first..last].iter().zip(&self.runs[first..last]);
            if moments.len() > CHUNK {
                let mut at = 0;
                for (who, run) in runs {
                    // In pieces, each within what a sum may hold.
                    let run_end = at + usize::from(*run);
                    while at < run_end {
                        let piece = at..run_end.min(at + CHUNK);
                        at = piece.end;
                        let out = &mut totals[..piece.len()];
                        let pairs = (&moments[piece.clone()], &numbers[piece]);
                        kernel::counted(out, pairs, inside, number);
                        see(
                            usize::from(*who),
                            out.iter().fold(0, |sum, one| sum.wrapping_add(*one)),
                        );
                    }
                }
                // The place before the first total is nothing again.
                totals[0] = 0;
                continue;
            }
            // What counts, many at a time; then the running total.
            let totalled = &mut totals[1..=moments.len()];
            kernel::counted(totalled, (moments, numbers), inside, number);
            let mut total = 0i64;
            for place in totalled {
                total = total.wrapping_add(*place);
                *place = total;
            }
            let (mut at, mut before) = (0, 0);
            for (who, run) in runs {
                at += usize::from(*run);
                let total = totals[at.min(CHUNK)];
                see(usize::from(*who), total.wrapping_sub(before));
                before = total;
            }
        }
    }

    /// As [`super::Timeline::mark_after`]: the moments of a run are sorted.
    pub fn mark_after(&self, moments: &[u32], (within, now): (u32, u32), who: &mut Words) {
        let mut start = 0;
        for (at, run) in self.who.iter().zip(&self.runs) {
            let end = start + usize::from(*run);
            let run = &self.moments[start..end];
            start = end;
            let from = moments[usize::from(*at)];
            if from == u32::MAX {
                continue;
            }
            let to = from.saturating_add(within).min(now);
            let next = run.partition_point(|moment| *moment < from);
            if run.get(next).is_some_and(|moment| *moment <= to) {
                set_bit(who, *at);
            }
        }
    }

    /// First and last moments: those of a run are sorted.
    fn add_ends(&self, wanted: &Wanted, sums: &mut Sums) {
        let mut start = 0;
        for (who, run) in self.who.iter().zip(&self.runs) {
            let end = start + usize::from(*run);
            let run = &self.moments[start..end];
            start = end;
            let from = run.iter().find(|moment| **moment >= wanted.from);
            if let Some(first) = from.filter(|first| **first <= wanted.to) {
                sums.first_is(usize::from(*who), *first);
            }
            let until = run.iter().rfind(|moment| **moment <= wanted.to);
            if let Some(last) = until.filter(|last| **last >= wanted.from) {
                sums.last_is(usize::from(*who), *last);
            }
        }
    }
}

fn whole<T: Into<i64>>(number: T) -> i64 {
    number.into()
}

fn total(runs: &[u16]) -> usize {
    runs.iter().map(|run| usize::from(*run)).sum()
}
