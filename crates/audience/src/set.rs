//! A set of followers, in blocks of 65,536 ordinals: a bit each where many of a block are in it, a
//! list where few are.
//!
//! Dense in memory because whole-plane operations then run at memory speed whatever the set looks
//! like; portable roaring at rest and between processes ([`Set::to_bytes`]), where most sets are
//! far smaller.
//!
//! How a block is kept and empty blocks at the end mean nothing: two sets are equal when they hold
//! the same ordinals.

mod block;
mod words;

use std::fmt;

use roaring::RoaringBitmap;
use sha2::{Digest, Sha256};

pub(crate) use block::{Block, SPAN, fill, set_bit};
pub(crate) use words::{WORDS, Words};
pub(crate) mod kernel {
    //! The loops that other parts of the crate run over words too.
    pub(crate) use super::words::{and, and_not, choose, count, counted, not, or};
}

/// Ordinals at or over this are not read from bytes: ten times the largest account known, and a
/// bound on what a damaged blob can make us allocate (128 MB).
const READ_LIMIT: u32 = 1 << 30;

/// A set of follower ordinals.
#[derive(Clone, Default)]
pub struct Set {
    blocks: Vec<Block>,
}

/// Bytes that are not a set.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not portable roaring.
    #[error("failed to read a set of followers")]
    Unreadable(#[from] std::io::Error),
    /// An ordinal no account can have.
    #[error("a set of followers names ordinal {0}, more than any account has")]
    TooHigh(u32),
}

impl Set {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { blocks: Vec::new() }
    }

    /// All ordinals below `len`.
    #[must_use]
    pub fn full(len: u32) -> Self {
        let starts = (0..len).step_by(SPAN as usize);
        Self { blocks: starts.map(|start| Block::full((len - start).min(SPAN))).collect() }
    }

    /// The ordinals below `len` that `holds` of.
    #[must_use]
    pub fn from_fn(len: u32, mut holds: impl FnMut(u32) -> bool) -> Self {
        let block = |start: u32| {
            let mut bits = Box::new([0u64; WORDS]);
            for (word, base) in bits.iter_mut().zip((start..len).step_by(64)) {
                let ordinals = (len - base).min(64);
                *word =
                    (0..ordinals).fold(0, |word, bit| word | (u64::from(holds(base + bit)) << bit));
            }
            Block::from_words(bits)
        };
        Self { blocks: (0..len).step_by(SPAN as usize).map(block).collect() }
    }

    pub(crate) fn from_blocks(blocks: Vec<Block>) -> Self {
        Self { blocks }
    }

    /// The followers `number × 65,536 …`.
    pub(crate) fn block(&self, number: usize) -> &Block {
        self.blocks.get(number).unwrap_or(&Block::Empty)
    }

    pub(crate) fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The set whose member `64 × i + j` is bit `j` of word `i`.
    #[must_use]
    pub fn from_words(words: &[u64]) -> Self {
        let block = |words: &[u64]| {
            let mut bits = Box::new([0u64; WORDS]);
            bits[..words.len()].copy_from_slice(words);
            Block::from_words(bits)
        };
        Self { blocks: words.chunks(WORDS).map(block).collect() }
    }

    /// The set as bits, see [`Set::from_words`].
    #[must_use]
    pub fn to_words(&self) -> Vec<u64> {
        let mut words = vec![0u64; self.blocks.len() * WORDS];
        for (block, out) in self.blocks.iter().zip(words.chunks_exact_mut(WORDS)) {
            if let Ok(out) = out.try_into() {
                block.write_to(out);
            }
        }
        words
    }

    /// Puts an ordinal in; true when it was not there.
    pub fn insert(&mut self, ord: u32) -> bool {
        let (block, at) = place(ord);
        if block >= self.blocks.len() {
            self.blocks.resize(block + 1, Block::Empty);
        }
        self.blocks[block].insert(at)
    }

    /// Takes an ordinal out; true when it was there.
    pub fn remove(&mut self, ord: u32) -> bool {
        let (block, at) = place(ord);
        self.blocks.get_mut(block).is_some_and(|block| block.remove(at))
    }

    /// Puts an ordinal in or takes it out; true when that changed the set.
    pub fn put(&mut self, ord: u32, present: bool) -> bool {
        if present { self.insert(ord) } else { self.remove(ord) }
    }

    /// Whether the ordinal is in the set.
    #[must_use]
    pub fn contains(&self, ord: u32) -> bool {
        let (block, at) = place(ord);
        self.block(block).contains(at)
    }

    /// How many followers there are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.iter().map(Block::len).sum()
    }

    /// Whether there is nobody in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(Block::is_empty)
    }

    /// The highest ordinal.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        let mut blocks = self.blocks.iter().enumerate().rev();
        blocks.find_map(|(block, members)| Some(ordinal(block, members.last()?)))
    }

    /// Adds everybody of `other`: `self |= other`.
    pub fn or_with(&mut self, other: &Self) {
        self.reach(other);
        self.pairs(other).for_each(|(mine, theirs)| mine.or_with(theirs));
    }

    /// Keeps only who is in `other` too: `self &= other`.
    pub fn and_with(&mut self, other: &Self) {
        self.blocks.truncate(other.blocks.len());
        self.pairs(other).for_each(|(mine, theirs)| mine.and_with(theirs));
    }

    /// Takes everybody of `other` out: `self &= !other`.
    pub fn and_not_with(&mut self, other: &Self) {
        self.pairs(other).for_each(|(mine, theirs)| mine.and_not_with(theirs));
    }

    /// One more for everybody in `who`, in numbers kept bit by bit over `planes`, the lowest bit
    /// first; another plane is made when a number needs it. Block by block, so that what is carried
    /// from plane to plane stays in the nearest cache.
    pub fn add_one(planes: &mut Vec<Self>, who: &Self) {
        planes.iter_mut().for_each(|plane| plane.reach(who));
        let mut over: Vec<Block> = Vec::new();
        for (place, block) in who.blocks.iter().enumerate() {
            let mut carry = block.clone();
            for plane in planes.iter_mut().filter_map(|plane| plane.blocks.get_mut(place)) {
                if carry.is_empty() {
                    break;
                }
                plane.half_add(&mut carry);
            }
            if !carry.is_empty() {
                over.resize_with(place, Block::default);
                over.push(carry);
            }
        }
        if !over.is_empty() {
            planes.push(Self { blocks: over });
        }
    }

    /// One plane of a bit-sliced subtraction: takes `borrow` from this plane and leaves in
    /// `borrow` what the next must give (`self ^= borrow; borrow &= !old self`).
    pub fn half_subtract(&mut self, borrow: &mut Self) {
        self.reach(borrow);
        let pairs = self.blocks.iter_mut().zip(&mut borrow.blocks);
        pairs.for_each(|(plane, borrow)| plane.half_subtract(borrow));
    }

    /// Who is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.or_with(other);
        all
    }

    /// Who is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.and_with(other);
        both
    }

    /// Who is in this set but not in `other`.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.and_not_with(other);
        rest
    }

    /// How many are in both; nothing is allocated.
    #[must_use]
    pub fn intersection_len(&self, other: &Self) -> usize {
        let pairs = self.blocks.iter().zip(&other.blocks);
        pairs.map(|(mine, theirs)| mine.intersection_len(theirs)).sum()
    }

    /// Whether everybody in this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut blocks = self.blocks.iter().enumerate();
        blocks.all(|(number, mine)| mine.is_subset(other.block(number)))
    }

    /// Whether nobody is in both.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let mut pairs = self.blocks.iter().zip(&other.blocks);
        pairs.all(|(mine, theirs)| mine.intersection_len(theirs) == 0)
    }

    /// The ordinals, lowest first.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { blocks: &self.blocks, at: 0, members: self.block(0).iter() }
    }

    /// The ordinals from `from` on, lowest first.
    pub fn iter_from(&self, from: u32) -> impl Iterator<Item = u32> + '_ {
        let at = (from / SPAN) as usize;
        let members = self.block(at).iter();
        Iter { blocks: &self.blocks, at, members }.skip_while(move |ord| *ord < from)
    }

    /// The `n` lowest ordinals; everybody when there are not more.
    #[must_use]
    pub fn first(&self, n: usize) -> Self {
        let mut wanted = n;
        let mut blocks = Vec::new();
        for block in &self.blocks {
            let here = block.len();
            if here > wanted {
                blocks.push(block.first(wanted));
                break;
            }
            wanted -= here;
            blocks.push(block.clone());
        }
        Self { blocks }
    }

    /// Cuts the set into `parts` sets of neighbouring ordinals whose sizes differ by one at most,
    /// the larger ones first. Some are empty when there are more parts than followers.
    #[must_use]
    pub fn split(&self, parts: usize) -> Vec<Self> {
        let Some(size) = self.len().checked_div(parts) else { return Vec::new() };
        let larger = self.len() % parts;
        let mut ordinals = self.iter();
        (0..parts)
            .map(|part| ordinals.by_ref().take(size + usize::from(part < larger)).collect())
            .collect()
    }

    /// The set as a portable roaring bitmap, readable by every roaring library.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bitmap = RoaringBitmap::new();
        let mut bits = [0; WORDS];
        for (number, block) in self.blocks.iter().enumerate() {
            let start = ordinal(number, 0);
            match block {
                Block::Empty => {}
                Block::Few(list) => bitmap.extend(list.iter().map(|at| start + u32::from(*at))),
                Block::Dense(_) => {
                    block.write_to(&mut bits);
                    let bytes: Vec<u8> = bits.iter().flat_map(|word| word.to_le_bytes()).collect();
                    bitmap |= RoaringBitmap::from_lsb0_bytes(start, &bytes);
                }
            }
        }
        bitmap.optimize();
        let mut out = Vec::with_capacity(bitmap.serialized_size());
        // Writing to a vector cannot fail: its `write` never returns an error.
        let written = bitmap.serialize_into(&mut out);
        debug_assert!(written.is_ok());
        out
    }

    /// Reads what [`Set::to_bytes`], or any roaring library, wrote.
    ///
    /// # Errors
    /// When the bytes are no portable roaring bitmap or name an ordinal no account can have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let bitmap = RoaringBitmap::deserialize_from(bytes)?;
        match bitmap.max() {
            Some(highest) if highest >= READ_LIMIT => Err(Error::TooHigh(highest)),
            _ => Ok(bitmap.into_iter().collect()),
        }
    }

    /// SHA-256 over the ordinals, lowest first, four bytes each, lowest byte first: says of a kept
    /// set whether it is the one it was.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.iter().for_each(|ord| hash.update(ord.to_le_bytes()));
        hash.finalize().into()
    }

    /// `n` of them, chosen by `seed` alone: the same ones for the same seed, and of one seed the
    /// smaller sample lies within the larger.
    #[must_use]
    pub fn sample(&self, n: usize, seed: &str) -> Self {
        let seed = crate::segment::share::seed(seed);
        let mut chosen: std::collections::BinaryHeap<(u64, u32)> =
            std::collections::BinaryHeap::new();
        for ord in self {
            let drawn = (crate::segment::share::draw(seed, ord), ord);
            if chosen.len() < n {
                chosen.push(drawn);
            } else if let Some(mut highest) = chosen.peek_mut().filter(|highest| **highest > drawn)
            {
                *highest = drawn;
            }
        }
        let mut ordinals: Vec<u32> = chosen.into_iter().map(|(_, ord)| ord).collect();
        ordinals.sort_unstable();
        ordinals.into_iter().collect()
    }

    /// How many each two of the sets share, and each alone on the diagonal: row by row.
    #[must_use]
    pub fn overlap(sets: &[&Self]) -> Vec<Vec<u64>> {
        let mut shared = vec![vec![0; sets.len()]; sets.len()];
        let blocks = sets.iter().map(|set| set.blocks.len()).max().unwrap_or(0);
        // Block by block, so that fifty sets' worth of one stays in the nearest cache.
        for number in 0..blocks {
            for (row, (counts, mine)) in shared.iter_mut().zip(sets).enumerate() {
                let mine = mine.block(number);
                for (count, theirs) in counts.iter_mut().zip(sets).skip(row) {
                    *count += mine.intersection_len(theirs.block(number)) as u64;
                }
            }
        }
        let mirrored = |row: usize, column: usize| shared[row.min(column)][row.max(column)];
        let rows = 0..sets.len();
        rows.clone().map(|row| rows.clone().map(|column| mirrored(row, column)).collect()).collect()
    }

    /// How many parts there are for [`Set::part`].
    #[must_use]
    pub fn parts(&self) -> usize {
        self.blocks.len()
    }

    /// The followers `number × 65,536 …` alone, numbered from 0. What is asked of many sets is
    /// asked part by part, where a part of each fits the nearest cache.
    #[must_use]
    pub fn part(&self, number: usize) -> Self {
        Self { blocks: vec![self.block(number).clone()] }
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>()
            + self.blocks.iter().map(Block::memory).sum::<usize>()
    }

    /// As many blocks as `other` has, at least.
    fn reach(&mut self, other: &Self) {
        if self.blocks.len() < other.blocks.len() {
            self.blocks.resize(other.blocks.len(), Block::Empty);
        }
    }

    fn pairs<'s>(
        &'s mut self,
        other: &'s Self,
    ) -> impl Iterator<Item = (&'s mut Block, &'s Block)> {
        self.blocks.iter_mut().zip(&other.blocks)
    }
}

fn place(ord: u32) -> (usize, u16) {
    ((ord / SPAN) as usize, (ord % SPAN) as u16)
}

fn ordinal(block: usize, at: u16) -> u32 {
    block as u32 * SPAN + u32::from(at)
}

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        let blocks = self.blocks.len().max(other.blocks.len());
        (0..blocks).all(|number| self.block(number).is_same(other.block(number)))
    }
}

impl Eq for Set {}

impl fmt::Debug for Set {
    /// The size and the first few ordinals: a set may hold millions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let few: Vec<u32> = self.iter().take(16).collect();
        write!(f, "Set({} followers: {few:?})", self.len())
    }
}

impl Extend<u32> for Set {
    fn extend<T: IntoIterator<Item = u32>>(&mut self, ordinals: T) {
        for ord in ordinals {
            self.insert(ord);
        }
    }
}

impl FromIterator<u32> for Set {
    fn from_iter<T: IntoIterator<Item = u32>>(ordinals: T) -> Self {
        let mut set = Self::new();
        set.extend(ordinals);
        set
    }
}

impl<'a> IntoIterator for &'a Set {
    type Item = u32;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The ordinals of a [`Set`], lowest first.
#[derive(Clone)]
pub struct Iter<'a> {
    blocks: &'a [Block],
    at: usize,
    members: block::Iter<'a>,
}

impl Iterator for Iter<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(member) = self.members.next() {
                return Some(ordinal(self.at, member));
            }
            self.at += 1;
            self.members = self.blocks.get(self.at)?.iter();
        }
    }
}

#[cfg(test)]
mod tests;
