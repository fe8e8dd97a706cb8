//! A set of followers: one bit per ordinal, sixty-four to a word.
//!
//! Dense in memory because whole-plane operations then run at memory speed whatever the set looks
//! like; portable roaring at rest and between processes ([`Set::to_bytes`]), where most sets are
//! far smaller. Memory is an eighth of a byte for every ordinal up to the highest one.
//!
//! Trailing zero words mean nothing: two sets are equal when they hold the same ordinals.

use std::fmt;

use roaring::RoaringBitmap;

const BITS: usize = u64::BITS as usize;
/// Ordinals at or over this are not read from bytes: ten times the largest account known, and a
/// bound on what a damaged blob can make us allocate (128 MB).
const READ_LIMIT: u32 = 1 << 30;

/// A set of follower ordinals.
#[derive(Clone, Default)]
pub struct Set {
    words: Vec<u64>,
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
        Self { words: Vec::new() }
    }

    /// The empty set with room for the ordinals below `len`.
    #[must_use]
    pub fn with_len(len: u32) -> Self {
        Self { words: vec![0; (len as usize).div_ceil(BITS)] }
    }

    /// All ordinals below `len`.
    #[must_use]
    pub fn full(len: u32) -> Self {
        let mut words = vec![u64::MAX; (len as usize).div_ceil(BITS)];
        let rest = len as usize % BITS;
        if let (Some(last), true) = (words.last_mut(), rest > 0) {
            *last = (1 << rest) - 1;
        }
        Self { words }
    }

    /// The ordinals below `len` that `holds` of.
    #[must_use]
    pub fn from_fn(len: u32, mut holds: impl FnMut(u32) -> bool) -> Self {
        let words = (0..len)
            .step_by(BITS)
            .map(|base| {
                let bits = (len - base).min(BITS as u32);
                (0..bits).fold(0, |word, bit| word | (u64::from(holds(base + bit)) << bit))
            })
            .collect();
        Self { words }
    }

    /// Puts an ordinal in; true when it was not there.
    pub fn insert(&mut self, ord: u32) -> bool {
        let (word, bit) = place(ord);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let fresh = self.words[word] & bit == 0;
        self.words[word] |= bit;
        fresh
    }

    /// Takes an ordinal out; true when it was there.
    pub fn remove(&mut self, ord: u32) -> bool {
        let (word, bit) = place(ord);
        match self.words.get_mut(word) {
            Some(word) if *word & bit != 0 => {
                *word &= !bit;
                true
            }
            _ => false,
        }
    }

    /// Puts an ordinal in or takes it out; true when that changed the set.
    pub fn put(&mut self, ord: u32, present: bool) -> bool {
        if present { self.insert(ord) } else { self.remove(ord) }
    }

    /// Whether the ordinal is in the set.
    #[must_use]
    pub fn contains(&self, ord: u32) -> bool {
        let (word, bit) = place(ord);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How many followers there are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is nobody in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The highest ordinal.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        let (at, word) = self.words.iter().enumerate().rfind(|(_, word)| **word != 0)?;
        Some((at * BITS) as u32 + word.ilog2())
    }

    /// Adds everybody of `other`: `self |= other`.
    pub fn or_with(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// Keeps only who is in `other` too: `self &= other`.
    pub fn and_with(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }

    /// Takes everybody of `other` out: `self &= !other`.
    pub fn and_not_with(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
    }

    /// One plane of a bit-sliced addition: adds `carry` to this plane and leaves in `carry` what
    /// goes on to the next (`self ^= carry; carry &= old self`).
    pub fn half_add(&mut self, carry: &mut Self) {
        if self.words.len() < carry.words.len() {
            self.words.resize(carry.words.len(), 0);
        }
        for (plane, carry) in self.words.iter_mut().zip(&mut carry.words) {
            let both = *plane & *carry;
            *plane ^= *carry;
            *carry = both;
        }
    }

    /// One plane of a bit-sliced subtraction: takes `borrow` from this plane and leaves in
    /// `borrow` what the next must give (`self ^= borrow; borrow &= !old self`).
    pub fn half_subtract(&mut self, borrow: &mut Self) {
        if self.words.len() < borrow.words.len() {
            self.words.resize(borrow.words.len(), 0);
        }
        for (plane, borrow) in self.words.iter_mut().zip(&mut borrow.words) {
            let lacking = !*plane & *borrow;
            *plane ^= *borrow;
            *borrow = lacking;
        }
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
        let words = self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect();
        Self { words }
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
        let pairs = self.words.iter().zip(&other.words);
        pairs.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// Whether everybody in this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let shared = self.words.len().min(other.words.len());
        self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
            && self.words[shared..].iter().all(|word| *word == 0)
    }

    /// Whether nobody is in both.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(a, b)| a & b == 0)
    }

    /// The ordinals, lowest first.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { words: &self.words, at: 0, word: self.words.first().copied().unwrap_or(0) }
    }

    /// The `n` lowest ordinals; everybody when there are not more.
    #[must_use]
    pub fn first(&self, n: usize) -> Self {
        let mut wanted = n;
        let mut words = Vec::new();
        for &word in &self.words {
            let here = word.count_ones() as usize;
            if here <= wanted {
                words.push(word);
                wanted -= here;
                continue;
            }
            let mut rest = word;
            for _ in 0..wanted {
                rest &= rest - 1;
            }
            words.push(word & !rest);
            break;
        }
        Self { words }
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
        let bytes: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut bitmap = RoaringBitmap::from_lsb0_bytes(0, &bytes);
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
        let len = match bitmap.max() {
            Some(highest) if highest >= READ_LIMIT => return Err(Error::TooHigh(highest)),
            Some(highest) => highest + 1,
            None => 0,
        };
        let mut set = Self::with_len(len);
        set.extend(bitmap);
        Ok(set)
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }
}

fn place(ord: u32) -> (usize, u64) {
    (ord as usize / BITS, 1 << (ord as usize % BITS))
}

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        let shared = self.words.len().min(other.words.len());
        self.words[..shared] == other.words[..shared]
            && self.words[shared..].iter().chain(&other.words[shared..]).all(|word| *word == 0)
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
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    words: &'a [u64],
    at: usize,
    word: u64,
}

impl Iterator for Iter<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while self.word == 0 {
            self.at += 1;
            self.word = *self.words.get(self.at)?;
        }
        let bit = self.word.trailing_zeros();
        self.word &= self.word - 1;
        Some((self.at * BITS) as u32 + bit)
    }
}

#[cfg(test)]
mod tests;
