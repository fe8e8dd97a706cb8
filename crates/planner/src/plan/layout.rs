//! Followers in the order in which the solver reads them.
//!
//! Followers who are alike (same audiences, places left and, unless worths are personal, the same
//! class) stand side by side. Where worths are not personal they become one *group*; else every
//! follower is a group of one. Groups lie in blocks of [`LANES`]; a block keeps worths only for
//! the campaigns that somebody in it may get, which makes a pass over everybody several times
//! smaller. Who has no place left or stands in no audience is in no group.
//!
//! A layout is cheap to copy: what is large is shared, so that months that differ in their limits
//! alone read the same worths.

mod fill;
mod kinds;
mod other;
mod thin;

use std::sync::Arc;

use super::question::Question;
use super::threads::Threads;
use fill::Rows;
use kinds::{Kinds, Who};
pub(super) use other::Lookup;

/// Groups side by side in a block: as many sixteen-bit worths as the widest registers hold.
pub(super) const LANES: usize = 32;
/// The worth that stands for "not in the audience".
pub(super) const NOT: i16 = i16::MIN;
const BITS: usize = u64::BITS as usize;

/// One worth for each group of a block.
pub(super) type Lanes = [i16; LANES];

/// A question laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// How many groups.
    pub groups: usize,
    /// How many campaigns.
    pub wishes: usize,
    worths: Arc<Worths>,
    /// Places left, by block and lane; 0 beyond the last group.
    places: Arc<Vec<[u8; LANES]>>,
    /// Followers of each group, by block and lane; empty when every group is one follower.
    sizes: Arc<Vec<[u32; LANES]>>,
    members: Arc<Members>,
    /// Followers in all groups.
    followers: usize,
    /// Followers in all groups whom each campaign is meant for.
    pub meant: Vec<u64>,
    /// Most recipients of each campaign.
    pub most: Vec<i64>,
    /// Fewest recipients of each campaign.
    pub least: Vec<i64>,
}

/// What everybody's messages are worth.
#[derive(Debug)]
struct Worths {
    /// Where each block's rows begin, and the end.
    offsets: Vec<u32>,
    /// The campaign of each row, ascending within a block.
    rows: Vec<u8>,
    /// The worths of each row.
    worths: Vec<Lanes>,
    highest: i32,
}

/// Who stands in which group.
#[derive(Debug, Default)]
struct Members {
    /// Ordinals in the order of the groups; empty when nobody asks, as in a sample.
    order: Vec<u32>,
    /// Where each group begins in `order`; empty when every group is one follower.
    starts: Vec<u32>,
}

/// One block.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    /// The campaign of each row.
    pub rows: &'a [u8],
    /// The worths of each row.
    pub worths: &'a [Lanes],
    /// Places left.
    pub places: &'a [u8; LANES],
    /// Followers of each group.
    pub sizes: &'a [u32; LANES],
}

static ONES: [u32; LANES] = [1; LANES];

impl Block<'_> {
    /// Whether every group is one follower.
    #[inline(always)]
    pub(super) fn is_single(&self) -> bool {
        std::ptr::eq(self.sizes, &raw const ONES)
    }
}

impl Layout {
    /// Lays out a question that has been checked.
    pub(super) fn new(question: &Question<'_>, threads: Threads) -> Self {
        Self::of(question, false, threads)
    }

    /// Lays out a question with all followers who have a place, also those who stand in no audience
    /// yet, so that campaigns can be added.
    pub(super) fn standing(question: &Question<'_>, threads: Threads) -> Self {
        Self::of(question, true, threads)
    }

    fn of(question: &Question<'_>, is_everybody: bool, threads: Threads) -> Self {
        let audiences: Vec<Vec<u64>> =
            threads.all(question.wishes, |wish| wish.audience.to_words());
        let is_personal = question.is_personal();
        let who = Who { is_everybody, is_personal };
        let kinds = Kinds::new(question, &audiences, who, threads);
        let groups = if is_personal { kinds.order.len() } else { kinds.len() };
        let blocks = groups.div_ceil(LANES);
        let mut places = vec![[0; LANES]; blocks];
        let mut sizes = vec![[0; LANES]; if is_personal { 0 } else { blocks }];
        let mut meant = vec![0; question.wishes.len()];
        let mut marked = Marked::new(blocks, kinds.words());
        for kind in 0..kinds.len() {
            let size = kinds.size(kind);
            for wish in fill::members(kinds.signature(kind)) {
                meant[wish] += u64::from(size);
            }
            let (first, last) = if is_personal {
                (kinds.starts[kind] as usize, kinds.starts[kind + 1] as usize - 1)
            } else {
                sizes[kind / LANES][kind % LANES] = size;
                (kind, kind)
            };
            for group in first..=last {
                places[group / LANES][group % LANES] = kinds.places(kind);
            }
            for block in first / LANES..=last / LANES {
                marked.mark(block, kinds.signature(kind));
            }
        }
        let (offsets, rows) = marked.done();
        let filled = Rows { offsets: &offsets, rows: &rows, groups };
        let worths = if is_personal {
            fill::by_follower(question, audiences, &kinds, &filled, threads)
        } else {
            drop(audiences);
            fill::by_kind(question, &kinds, &filled, threads)
        };
        let Kinds { order, starts, .. } = kinds;
        let highest = threads.all(question.wishes, |wish| wish.worth.highest());
        Self {
            groups,
            wishes: question.wishes.len(),
            worths: Arc::new(Worths {
                offsets,
                rows,
                worths,
                highest: highest.into_iter().max().unwrap_or(0),
            }),
            places: Arc::new(places),
            sizes: Arc::new(sizes),
            followers: order.len(),
            members: Arc::new(Members {
                order,
                starts: if is_personal { Vec::new() } else { starts },
            }),
            meant,
            most: question
                .wishes
                .iter()
                .map(|wish| wish.most.map_or(i64::MAX, i64::from))
                .collect(),
            least: question.wishes.iter().map(|wish| i64::from(wish.least)).collect(),
        }
    }

    /// How many blocks.
    pub(super) fn blocks(&self) -> usize {
        self.places.len()
    }

    /// Followers in all groups.
    pub(super) fn followers(&self) -> usize {
        self.followers
    }

    /// Whether every group is one follower.
    pub(super) fn is_single(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The block.
    #[inline(always)]
    pub(super) fn block(&self, block: usize) -> Block<'_> {
        let worths = &*self.worths;
        let rows = worths.offsets[block] as usize..worths.offsets[block + 1] as usize;
        Block {
            rows: &worths.rows[rows.clone()],
            worths: &worths.worths[rows],
            places: &self.places[block],
            sizes: if self.is_single() { &ONES } else { &self.sizes[block] },
        }
    }

    /// The ordinals of a group.
    pub(super) fn members(&self, group: usize) -> &[u32] {
        let Members { order, starts } = &*self.members;
        if starts.is_empty() {
            &order[group..=group]
        } else {
            &order[starts[group] as usize..starts[group + 1] as usize]
        }
    }

    /// Where the members of a group stand in the order of all members.
    pub(super) fn first(&self, group: usize) -> usize {
        if self.is_single() { group } else { self.members.starts[group] as usize }
    }

    /// All ordinals in the order of the groups.
    pub(super) fn order(&self) -> &[u32] {
        &self.members.order
    }

    /// The highest worth of all.
    pub(super) fn highest_worth(&self) -> i32 {
        self.worths.highest
    }

    /// Whether the campaign has a limit that a price can stand for.
    pub(super) fn is_limited(&self, wish: usize) -> bool {
        self.most[wish] != i64::MAX || self.least[wish] > 0
    }
}

/// Which campaigns each block needs a row for; blocks are marked in ascending order.
struct Marked {
    blocks: usize,
    offsets: Vec<u32>,
    rows: Vec<u8>,
    /// The campaigns of the block being marked.
    needed: Vec<u64>,
}

impl Marked {
    fn new(blocks: usize, words: usize) -> Self {
        let mut offsets = Vec::with_capacity(blocks + 1);
        offsets.push(0);
        Self { blocks, offsets, rows: Vec::new(), needed: vec![0; words] }
    }

    /// The block now being marked.
    fn block(&self) -> usize {
        self.offsets.len() - 1
    }

    fn mark(&mut self, block: usize, signature: &[u64]) {
        while self.block() < block {
            self.end_block();
        }
        for (needed, word) in self.needed.iter_mut().zip(signature) {
            *needed |= word;
        }
    }

    fn end_block(&mut self) {
        self.rows.extend(fill::members(&self.needed).map(|wish| wish as u8));
        self.offsets.push(self.rows.len() as u32);
        self.needed.fill(0);
    }

    fn done(mut self) -> (Vec<u32>, Vec<u8>) {
        while self.block() < self.blocks {
            self.end_block();
        }
        (self.offsets, self.rows)
    }
}

/// Turns a square of bits: bit `j` of word `i` becomes bit `i` of word `j`.
pub(super) fn transpose(square: &mut [u64; BITS]) {
    let mut width = BITS / 2;
    let mut mask = u64::MAX >> (BITS / 2);
    while width > 0 {
        let mut row = 0;
        while row < BITS {
            let swapped = ((square[row] >> width) ^ square[row + width]) & mask;
            square[row] ^= swapped << width;
            square[row + width] ^= swapped;
            row = (row + width + 1) & !width;
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_of_bits_is_turned() {
        let mut square = [0u64; 64];
        for (row, word) in square.iter_mut().enumerate() {
            *word = (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(row as u32);
        }
        let before = square;
        transpose(&mut square);
        for (i, turned) in square.iter().enumerate() {
            for (j, former) in before.iter().enumerate() {
                assert_eq!(turned >> j & 1, former >> i & 1);
            }
        }
    }
}
