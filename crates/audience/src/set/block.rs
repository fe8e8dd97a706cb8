//! 65,536 neighbouring ordinals of a set.
//!
//! Few of them are a sorted list, more a bit each: whole-plane work then runs at memory speed, and
//! a tag of a thousand people in ten million does not cost a megabyte. Which of the two a block is
//! says nothing about who is in it.

use super::words::{self, WORDS, Words};

/// Ordinals of a block.
pub(crate) const SPAN: u32 = 65_536;
/// More than this many are kept as bits: the list would be an eighth of their size.
const FEW: usize = 512;

#[derive(Clone, Default)]
pub(crate) enum Block {
    #[default]
    Empty,
    /// Sorted.
    Few(Vec<u16>),
    Dense(Box<Words>),
}

impl Block {
    /// The ordinals whose bits are set, in the better of the two ways.
    pub fn from_words(bits: Box<Words>) -> Self {
        match words::count(&bits) {
            0 => Self::Empty,
            1..=FEW => {
                let block = Self::Dense(bits);
                Self::Few(block.iter().collect())
            }
            _ => Self::Dense(bits),
        }
    }

    /// All ordinals below `len`.
    pub fn full(len: u32) -> Self {
        let mut bits = Box::new([0; WORDS]);
        fill(&mut bits, len);
        Self::from_words(bits)
    }

    pub fn insert(&mut self, at: u16) -> bool {
        match self {
            Self::Empty => {
                *self = Self::Few(vec![at]);
                true
            }
            Self::Few(list) => {
                let place = match list.last() {
                    Some(last) if *last < at => list.len(),
                    _ => match list.binary_search(&at) {
                        Ok(_) => return false,
                        Err(place) => place,
                    },
                };
                if list.len() < FEW {
                    list.insert(place, at);
                    return true;
                }
                if let Some(bits) = self.dense() {
                    set_bit(bits, at);
                }
                true
            }
            Self::Dense(bits) => {
                let fresh = !bit(bits, at);
                set_bit(bits, at);
                fresh
            }
        }
    }

    pub fn remove(&mut self, at: u16) -> bool {
        match self {
            Self::Empty => false,
            Self::Few(list) => match list.binary_search(&at) {
                Ok(place) => {
                    list.remove(place);
                    true
                }
                Err(_) => false,
            },
            Self::Dense(bits) => {
                let found = bit(bits, at);
                bits[usize::from(at) / 64] &= !(1 << (at % 64));
                found
            }
        }
    }

    pub fn contains(&self, at: u16) -> bool {
        match self {
            Self::Empty => false,
            Self::Few(list) => list.binary_search(&at).is_ok(),
            Self::Dense(bits) => bit(bits, at),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Few(list) => list.len(),
            Self::Dense(bits) => words::count(bits),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Few(list) => list.is_empty(),
            Self::Dense(bits) => words::is_empty(bits),
        }
    }

    pub fn or_with(&mut self, other: &Self) {
        match (&mut *self, other) {
            (_, Self::Empty) => {}
            (Self::Empty, _) => *self = other.clone(),
            (Self::Dense(mine), Self::Dense(theirs)) => words::or(mine, theirs),
            (Self::Few(mine), Self::Dense(theirs)) => {
                let mut bits = theirs.clone();
                mine.iter().for_each(|at| set_bit(&mut bits, *at));
                *self = Self::Dense(bits);
            }
            (_, Self::Few(theirs)) => theirs.iter().for_each(|at| {
                self.insert(*at);
            }),
        }
    }

    pub fn and_with(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Empty, _) => {}
            (_, Self::Empty) => *self = Self::Empty,
            (Self::Dense(mine), Self::Dense(theirs)) => words::and(mine, theirs),
            (Self::Few(mine), _) => mine.retain(|at| other.contains(*at)),
            (Self::Dense(mine), Self::Few(theirs)) => {
                let both = theirs.iter().copied().filter(|at| bit(mine, *at)).collect();
                *self = Self::Few(both);
            }
        }
    }

    pub fn and_not_with(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Empty, _) | (_, Self::Empty) => {}
            (Self::Dense(mine), Self::Dense(theirs)) => words::and_not(mine, theirs),
            (Self::Few(mine), _) => mine.retain(|at| !other.contains(*at)),
            (_, Self::Few(theirs)) => theirs.iter().for_each(|at| {
                self.remove(*at);
            }),
        }
    }

    /// `self ^= carry; carry &= old self`.
    pub fn half_add(&mut self, carry: &mut Self) {
        match (&mut *self, &mut *carry) {
            (_, Self::Empty) => {}
            (Self::Empty, _) => *self = std::mem::take(carry),
            (Self::Dense(plane), Self::Dense(carry)) => words::half_add(plane, carry),
            _ => {
                let mut both = self.clone();
                both.and_with(carry);
                self.or_with(carry);
                self.and_not_with(&both);
                *carry = both;
            }
        }
    }

    /// `self ^= borrow; borrow &= !old self`.
    pub fn half_subtract(&mut self, borrow: &mut Self) {
        match (&mut *self, &mut *borrow) {
            (_, Self::Empty) => {}
            (Self::Empty, _) => *self = borrow.clone(),
            (Self::Dense(plane), Self::Dense(borrow)) => words::half_subtract(plane, borrow),
            _ => {
                let mut lacking = borrow.clone();
                lacking.and_not_with(self);
                self.and_not_with(borrow);
                self.or_with(&lacking);
                *borrow = lacking;
            }
        }
    }

    pub fn intersection_len(&self, other: &Self) -> usize {
        match (self, other) {
            (Self::Empty, _) | (_, Self::Empty) => 0,
            (Self::Dense(mine), Self::Dense(theirs)) => words::count_both(mine, theirs),
            (Self::Few(list), other) | (other, Self::Few(list)) => {
                list.iter().filter(|at| other.contains(**at)).count()
            }
        }
    }

    pub fn is_subset(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dense(mine), Self::Dense(theirs)) => {
                mine.iter().zip(theirs.iter()).all(|(mine, theirs)| mine & !theirs == 0)
            }
            _ => self.iter().all(|at| other.contains(at)),
        }
    }

    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dense(mine), Self::Dense(theirs)) => mine == theirs,
            _ => self.len() == other.len() && self.is_subset(other),
        }
    }

    pub fn iter(&self) -> Iter<'_> {
        match self {
            Self::Empty => Iter::Few([].iter()),
            Self::Few(list) => Iter::Few(list.iter()),
            Self::Dense(bits) => Iter::Dense { bits, at: 0, word: bits[0] },
        }
    }

    /// The `n` lowest.
    pub fn first(&self, n: usize) -> Self {
        let mut first = Self::Empty;
        self.iter().take(n).for_each(|at| {
            first.insert(at);
        });
        first
    }

    pub fn last(&self) -> Option<u16> {
        match self {
            Self::Empty => None,
            Self::Few(list) => list.last().copied(),
            Self::Dense(bits) => {
                let (at, word) = bits.iter().enumerate().rfind(|(_, word)| **word != 0)?;
                Some((at * 64) as u16 + word.ilog2() as u16)
            }
        }
    }

    pub fn memory(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Few(list) => list.capacity() * size_of::<u16>(),
            Self::Dense(_) => size_of::<Words>(),
        }
    }

    /// The bits, written over `out`.
    pub fn write_to(&self, out: &mut Words) {
        match self {
            Self::Empty => out.fill(0),
            Self::Few(list) => {
                out.fill(0);
                list.iter().for_each(|at| set_bit(out, *at));
            }
            Self::Dense(bits) => out.copy_from_slice(&bits[..]),
        }
    }

    /// Makes it dense.
    fn dense(&mut self) -> Option<&mut Words> {
        if !matches!(self, Self::Dense(_)) {
            let mut bits = Box::new([0; WORDS]);
            self.write_to(&mut bits);
            *self = Self::Dense(bits);
        }
        match self {
            Self::Dense(bits) => Some(bits),
            _ => None,
        }
    }
}

/// Sets the bits below `len`, clears the others.
pub(crate) fn fill(bits: &mut Words, len: u32) {
    let (whole, rest) = ((len / 64) as usize, len % 64);
    bits.fill(0);
    let whole = whole.min(WORDS);
    bits[..whole].fill(u64::MAX);
    if let (Some(word), true) = (bits.get_mut(whole), rest > 0) {
        *word = (1 << rest) - 1;
    }
}

fn bit(bits: &Words, at: u16) -> bool {
    bits[usize::from(at) / 64] >> (at % 64) & 1 == 1
}

pub(crate) fn set_bit(bits: &mut Words, at: u16) {
    bits[usize::from(at) / 64] |= 1 << (at % 64);
}

/// The ordinals of a block, lowest first.
#[derive(Clone)]
pub(crate) enum Iter<'a> {
    Few(std::slice::Iter<'a, u16>),
    Dense { bits: &'a Words, at: usize, word: u64 },
}

impl Iterator for Iter<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        match self {
            Self::Few(list) => list.next().copied(),
            Self::Dense { bits, at, word } => {
                while *word == 0 {
                    *at += 1;
                    *word = *bits.get(*at)?;
                }
                let bit = word.trailing_zeros();
                *word &= *word - 1;
                Some((*at * 64) as u16 + bit as u16)
            }
        }
    }
}
