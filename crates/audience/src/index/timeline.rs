//! What followers did and when, as columns: ordinal, moment, number, pieces.
//!
//! Cut into blocks of 65,536 followers. The body of a block is sorted by follower and moment; what
//! arrives out of that order waits in a short tail that every question reads too, so nothing added
//! is ever unseen. A tail is merged into its own block alone, once it outgrows a fraction of it:
//! adding stays cheap and never stops the others, however much there is. A timeline of few rows is
//! kept as it comes, without blocks.
//!
//! Moments before 1970 or after 2106 are kept as those.

mod body;
pub(crate) mod numbers;

use wire::Timestamp;

pub(crate) use body::Body;

use super::tally::Sums;
use crate::set::{SPAN, Words, set_bit};

/// A timeline of so few rows has no blocks.
const FEW: usize = 2048;
/// A tail up to this long is never merged.
const TAIL_LEAST: usize = 256;
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

/// A row with its follower, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub ord: u32,
    pub at: u32,
    pub items: u32,
    pub value: i64,
}

impl Entry {
    fn new(ord: u32, row: Row) -> Self {
        Self { ord, at: second(row.at), items: row.items, value: row.value }
    }

    fn row(self) -> Row {
        Row { at: Timestamp(self.at.into()), value: self.value, items: self.items }
    }
}

/// A moment as it is kept. The last second is nobody's, so that one more can be told from it.
pub(crate) fn second(at: Timestamp) -> u32 {
    at.0.clamp(0, i64::from(u32::MAX) - 1) as u32
}

/// What a question wants added up, and from when to when.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    pub from: u32,
    pub to: u32,
    pub count: bool,
    pub value: bool,
    pub items: bool,
    pub first: bool,
    pub last: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    pub body: Body,
    pub tail: Vec<Entry>,
    /// Moves on with every change.
    pub version: u64,
    /// No moment is later.
    pub latest: u32,
}

/// What followers did and when.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    few: Vec<Entry>,
    blocks: Vec<Option<Box<Block>>>,
    len: usize,
    /// The block that the last row was appended to.
    filling: usize,
    few_version: u64,
}

impl Timeline {
    /// Adds one moment.
    pub fn add(&mut self, ord: u32, row: Row) {
        let entry = Entry::new(ord, row);
        self.len += 1;
        if !self.blocks.is_empty() {
            self.put(entry);
            return;
        }
        self.few.push(entry);
        self.few_version += 1;
        if self.few.len() > FEW {
            let mut few = std::mem::take(&mut self.few);
            few.sort_by_key(|entry| (entry.ord, entry.at));
            few.into_iter().for_each(|entry| self.put(entry));
        }
    }

    /// Puts `after` in the place of one row like `before`; false when the follower has none.
    pub fn change(&mut self, ord: u32, before: Row, after: Row) -> bool {
        let (before, after) = (Entry::new(ord, before), Entry::new(ord, after));
        if let Some(held) = self.few.iter_mut().find(|held| **held == before) {
            *held = after;
            self.few_version += 1;
            return true;
        }
        let (number, _) = place(ord);
        let Some(block) = self.blocks.get_mut(number).and_then(Option::as_deref_mut) else {
            return false;
        };
        let Some(moved) = block.change(before, after) else { return false };
        if moved {
            self.put(after);
        }
        true
    }

    /// Takes everything of a follower away.
    pub fn forget(&mut self, ord: u32) {
        let (number, at) = place(ord);
        if !self.few.is_empty() {
            self.few.retain(|entry| entry.ord != ord);
            self.few_version += 1;
        }
        if let Some(block) = self.blocks.get_mut(number).and_then(Option::as_deref_mut) {
            block.version += 1;
            block.tail.retain(|entry| entry.ord != ord);
            let range = block.body.range(at);
            block.body.remove(at, range);
        }
        let kept = self.blocks.iter().flatten().map(|block| block.len()).sum::<usize>();
        self.len = self.few.len() + kept;
    }

    /// How many moments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What one follower did, oldest first.
    #[must_use]
    pub fn of(&self, ord: u32) -> Vec<Row> {
        let (number, at) = place(ord);
        let few = self.few.iter().copied().filter(|entry| entry.ord == ord);
        let mut all: Vec<Row> = few.map(Entry::row).collect();
        if let Some(Some(block)) = self.blocks.get(number) {
            let body =
                block.body.range(at).map(|place| block.body.entry(ord - u32::from(at), at, place));
            let tail = block.tail.iter().copied().filter(|entry| entry.ord == ord);
            all.extend(body.chain(tail).map(Entry::row));
        }
        all.sort_by_key(|row| row.at);
        all
    }

    /// Gives back memory that is held for more to come.
    pub fn shrink(&mut self) {
        self.few.shrink_to_fit();
        self.blocks.iter_mut().flatten().for_each(|block| block.shrink());
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        let blocks = self.blocks.iter().flatten().map(|block| {
            size_of::<Block>() + block.body.memory() + block.tail.capacity() * size_of::<Entry>()
        });
        self.few.capacity() * size_of::<Entry>()
            + self.blocks.capacity() * size_of::<Option<Box<Block>>>()
            + blocks.sum::<usize>()
    }

    /// Is another number than before whenever something of these followers changed.
    pub(crate) fn version(&self, number: usize) -> u64 {
        let block = self.blocks.get(number).and_then(Option::as_deref);
        self.few_version + block.map_or(0, |block| block.version)
    }

    /// No moment of these followers is later.
    pub(crate) fn latest(&self, number: usize) -> u32 {
        let few = self.few.iter().map(|entry| entry.at).max();
        let block = self.blocks.get(number).and_then(Option::as_deref);
        few.max(block.map(|block| block.latest)).unwrap_or(0)
    }

    /// Whether anything of these followers may be here.
    pub(crate) fn touches(&self, number: usize) -> bool {
        !self.few.is_empty() || matches!(self.blocks.get(number), Some(Some(_)))
    }

    /// Adds up what these followers did.
    pub(crate) fn add_to(&self, number: usize, wanted: &Wanted, sums: &mut Sums) {
        let few = self.few.iter().filter(|entry| place(entry.ord).0 == number);
        few.for_each(|entry| sums.add(wanted, *entry));
        if let Some(Some(block)) = self.blocks.get(number) {
            block.body.add_to(wanted, sums);
            block.tail.iter().for_each(|entry| sums.add(wanted, *entry));
        }
    }

    /// Sets the bit of each of these followers who did something at or after their moment
    /// (`u32::MAX`: none), not more than `within` seconds later and not after `now`.
    pub(crate) fn mark_after(
        &self,
        number: usize,
        moments: &[u32],
        (within, now): (u32, u32),
        who: &mut Words,
    ) {
        let mut mark = |entry: &Entry| {
            let at = place(entry.ord).1;
            let from = moments[usize::from(at)];
            if from != u32::MAX && (from..=from.saturating_add(within).min(now)).contains(&entry.at)
            {
                set_bit(who, at);
            }
        };
        self.few.iter().filter(|entry| place(entry.ord).0 == number).for_each(&mut mark);
        if let Some(Some(block)) = self.blocks.get(number) {
            block.tail.iter().for_each(&mut mark);
            block.body.mark_after(moments, (within, now), who);
        }
    }

    pub(crate) fn entries(&self) -> (&[Entry], &[Option<Box<Block>>]) {
        (&self.few, &self.blocks)
    }

    pub(crate) fn from_entries(few: Vec<Entry>, blocks: Vec<Option<Box<Block>>>) -> Self {
        let kept = blocks.iter().flatten().map(|block| block.len()).sum::<usize>();
        Self { len: few.len() + kept, few, blocks, filling: 0, few_version: 1 }
    }

    fn put(&mut self, entry: Entry) {
        let (number, at) = place(entry.ord);
        if number >= self.blocks.len() {
            self.blocks.resize(number + 1, None);
        }
        if number != self.filling {
            // Loading goes block by block: what is behind is full.
            if let Some(Some(behind)) = self.blocks.get_mut(self.filling) {
                behind.shrink_if_loose();
            }
            self.filling = number;
        }
        self.blocks[number].get_or_insert_default().add(at, entry);
    }
}

impl Block {
    pub fn len(&self) -> usize {
        self.body.len() + self.tail.len()
    }

    fn add(&mut self, at: u16, entry: Entry) {
        self.version += 1;
        self.latest = self.latest.max(entry.at);
        if self.tail.is_empty() && self.body.last().is_none_or(|last| last <= (at, entry.at)) {
            self.body.push(at, entry);
            return;
        }
        self.tail.push(entry);
        if self.tail.len() > TAIL_LEAST.max(self.body.len() / TAIL_FRACTION) {
            self.merge();
        }
    }

    /// `None`: no such row. `Some(true)`: it is gone, and the other is still to be added.
    fn change(&mut self, before: Entry, after: Entry) -> Option<bool> {
        if let Some(held) = self.tail.iter_mut().find(|held| **held == before) {
            *held = after;
            self.version += 1;
            self.latest = self.latest.max(after.at);
            return Some(false);
        }
        let (number, at) = place(before.ord);
        let start = number as u32 * SPAN;
        let found =
            self.body.range(at).find(|place| self.body.entry(start, at, *place) == before)?;
        self.version += 1;
        if before.at == after.at {
            self.body.values.set(found, after.value);
            self.body.items.set(found, after.items.into());
            return Some(false);
        }
        self.body.remove(at, found..found + 1);
        Some(true)
    }

    fn merge(&mut self) {
        let mut tail = std::mem::take(&mut self.tail);
        tail.sort_by_key(|entry| (entry.ord, entry.at));
        let body = std::mem::take(&mut self.body);
        let mut late = tail.into_iter().peekable();
        let mut place_in_body = 0;
        for (who, run) in body.who.iter().zip(&body.runs) {
            for _ in 0..*run {
                // Ordinals of the block are kept whole in the tail; only their order counts here.
                let entry = body.entry(0, *who, place_in_body);
                place_in_body += 1;
                let here = (*who, entry.at);
                while let Some(entry) = late.next_if(|entry| (place(entry.ord).1, entry.at) < here)
                {
                    self.body.push(place(entry.ord).1, entry);
                }
                self.body.push(*who, entry);
            }
        }
        late.for_each(|entry| self.body.push(place(entry.ord).1, entry));
        self.body.shrink();
    }

    fn shrink(&mut self) {
        self.body.shrink();
        self.tail.shrink_to_fit();
    }

    fn shrink_if_loose(&mut self) {
        if self.body.moments.capacity() > self.body.len() + self.body.len() / 8 {
            self.body.shrink();
        }
    }
}

/// Which block, and where in it.
fn place(ord: u32) -> (usize, u16) {
    ((ord / SPAN) as usize, (ord % SPAN) as u16)
}
