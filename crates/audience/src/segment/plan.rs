//! Conditions joined by and, or, not, worked out block by block of 65,536 followers: a block goes
//! through the whole tree while it lies in the nearest cache, and counting keeps nothing of it.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use crate::Set;
use crate::set::{Block, SPAN, WORDS, Words, fill, kernel};

/// Who passes a condition.
pub(super) enum Members<'a> {
    Lent(Cow<'a, Set>),
    Kept(Arc<Set>),
}

impl Deref for Members<'_> {
    type Target = Set;
    fn deref(&self) -> &Set {
        match self {
            Self::Lent(set) => set,
            Self::Kept(set) => set,
        }
    }
}

/// A segment with every condition answered.
pub(super) enum Plan<'a> {
    Everyone,
    Leaf(Members<'a>),
    All(Vec<Plan<'a>>),
    Any(Vec<Plan<'a>>),
    Not(Box<Plan<'a>>),
}

/// Blocks to work in, used again and again.
type Spare = Vec<Box<Words>>;

impl<'a> Plan<'a> {
    /// Who of the `len` followers known is in it.
    pub fn members(self, len: u32) -> Cow<'a, Set> {
        match self {
            Self::Leaf(Members::Lent(set)) => set,
            Self::Leaf(Members::Kept(set)) => Cow::Owned(Arc::unwrap_or_clone(set)),
            plan => {
                let mut spare = Spare::new();
                let blocks = (0..plan.blocks(len)).map(|number| {
                    let mut out = Box::new([0; WORDS]);
                    plan.work(number, rest(number, len), &mut out, &mut spare);
                    Block::from_words(out)
                });
                Cow::Owned(Set::from_blocks(blocks.collect()))
            }
        }
    }

    /// How many of them there are.
    pub fn count(&self, len: u32) -> usize {
        if let Self::Leaf(members) = self {
            return members.len();
        }
        let (mut out, mut spare) = (Box::new([0; WORDS]), Spare::new());
        let one = |number| {
            self.work(number, rest(number, len), &mut out, &mut spare);
            kernel::count(&out)
        };
        (0..self.blocks(len)).map(one).sum()
    }

    fn blocks(&self, len: u32) -> usize {
        match self {
            Self::Everyone => len.div_ceil(SPAN) as usize,
            Self::Leaf(members) => members.block_count().max(len.div_ceil(SPAN) as usize),
            Self::All(parts) | Self::Any(parts) => {
                let parts = parts.iter().map(|part| part.blocks(len)).max();
                parts.unwrap_or(0).max(len.div_ceil(SPAN) as usize)
            }
            Self::Not(part) => part.blocks(len),
        }
    }

    /// Writes over `out` who of one block, with `len` followers known in it, is in it.
    fn work(&self, number: usize, len: u32, out: &mut Words, spare: &mut Spare) {
        match self {
            Self::Everyone => fill(out, len),
            Self::Leaf(members) => members.block(number).write_to(out),
            Self::Not(part) => {
                part.work(number, len, out, spare);
                kernel::not(out);
                if len < SPAN {
                    let mut known = spare.pop().unwrap_or_else(|| Box::new([0; WORDS]));
                    fill(&mut known, len);
                    kernel::and(out, &known);
                    spare.push(known);
                }
            }
            Self::All(parts) => match parts.split_first() {
                None => fill(out, len),
                Some((first, others)) => {
                    first.work(number, len, out, spare);
                    others.iter().for_each(|part| part.narrow(number, len, out, spare));
                }
            },
            Self::Any(parts) => match parts.split_first() {
                None => out.fill(0),
                Some((first, others)) => {
                    first.work(number, len, out, spare);
                    others.iter().for_each(|part| part.widen(number, len, out, spare));
                }
            },
        }
    }

    /// `out &= self`
    fn narrow(&self, number: usize, len: u32, out: &mut Words, spare: &mut Spare) {
        match self {
            Self::Leaf(members) => match members.block(number) {
                Block::Empty => return out.fill(0),
                Block::Dense(bits) => return kernel::and(out, bits),
                Block::Few(_) => {}
            },
            // Nobody outside the known is in `out`, so what is not known need not be cut off.
            Self::Not(part) => {
                if let Self::Leaf(members) = &**part {
                    match members.block(number) {
                        Block::Empty => return,
                        Block::Dense(bits) => return kernel::and_not(out, bits),
                        Block::Few(_) => {}
                    }
                }
            }
            _ => {}
        }
        let mut other = spare.pop().unwrap_or_else(|| Box::new([0; WORDS]));
        self.work(number, len, &mut other, spare);
        kernel::and(out, &other);
        spare.push(other);
    }

    /// `out |= self`
    fn widen(&self, number: usize, len: u32, out: &mut Words, spare: &mut Spare) {
        if let Self::Leaf(members) = self {
            match members.block(number) {
                Block::Empty => return,
                Block::Dense(bits) => return kernel::or(out, bits),
                Block::Few(_) => {}
            }
        }
        let mut other = spare.pop().unwrap_or_else(|| Box::new([0; WORDS]));
        self.work(number, len, &mut other, spare);
        kernel::or(out, &other);
        spare.push(other);
    }
}

fn rest(number: usize, len: u32) -> u32 {
    len.saturating_sub(number as u32 * SPAN).min(SPAN)
}
