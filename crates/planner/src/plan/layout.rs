//! Followers in the order in which the solver reads them.
//!
//! Followers who are alike (same audiences, places left and, unless worths are personal, the same
//! class) stand side by side. Where worths are not personal they become one *group*; else every
//! follower is a group of one. Groups lie in blocks of [`LANES`]; a block keeps worths only for
//! the campaigns that somebody in it may get, which makes a pass over everybody several times
//! smaller. Who has no place left or stands in no audience is in no group.

use super::question::{Question, Worth};
use super::threads::Threads;

/// Groups side by side in a block: as many sixteen-bit worths as the widest registers hold.
pub(super) const LANES: usize = 32;
/// The worth that stands for "not in the audience".
pub(super) const NOT: i16 = i16::MIN;
const BITS: usize = u64::BITS as usize;

/// One worth for each group of a block.
pub(super) type Lanes = [i16; LANES];

/// A question laid out.
pub(super) struct Layout {
    /// How many groups.
    pub groups: usize,
    /// How many campaigns.
    pub wishes: usize,
    /// Where each block's rows begin.
    offsets: Vec<u32>,
    /// The campaign of each row, ascending within a block.
    rows: Vec<u8>,
    /// The worths of each row.
    worths: Vec<Lanes>,
    /// Places left, by block and lane; 0 beyond the last group.
    places: Vec<[u8; LANES]>,
    /// Followers of each group, by block and lane; empty when every group is one follower.
    sizes: Vec<[u32; LANES]>,
    /// Ordinals in the order of the groups.
    order: Vec<u32>,
    /// Where each group begins in `order`; empty when every group is one follower.
    starts: Vec<u32>,
    highest: i32,
    /// Most recipients of each campaign.
    pub most: Vec<i64>,
    /// Fewest recipients of each campaign.
    pub least: Vec<i64>,
}

/// One block.
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

const ONES: [u32; LANES] = [1; LANES];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    signature: u64,
    likeness: u32,
    ordinal: u32,
}

impl Layout {
    /// Lays out a question that has been checked.
    pub(super) fn new(question: &Question<'_>, threads: Threads) -> Self {
        let bits: Vec<Vec<u64>> =
            question.wishes.iter().map(|wish| wish.audience.to_words()).collect();
        let signatures = Signatures::new(question, &bits, threads);
        let personal = question.is_personal();
        let order = sorted(question, &signatures, personal, threads);
        let (starts, groups) = if personal {
            (Vec::new(), order.len())
        } else {
            let starts = runs(question, &signatures, &order);
            let groups = starts.len() - 1;
            (starts, groups)
        };
        let blocks = groups.div_ceil(LANES);
        let mut layout = Self {
            groups,
            wishes: question.wishes.len(),
            offsets: Vec::with_capacity(blocks + 1),
            rows: Vec::new(),
            worths: Vec::new(),
            places: vec![[0; LANES]; blocks],
            sizes: if personal { Vec::new() } else { vec![[0; LANES]; blocks] },
            order,
            starts,
            highest: question.wishes.iter().map(|wish| wish.worth.highest()).max().unwrap_or(0),
            most: question
                .wishes
                .iter()
                .map(|wish| wish.most.map_or(i64::MAX, i64::from))
                .collect(),
            least: question.wishes.iter().map(|wish| i64::from(wish.least)).collect(),
        };
        layout.mark_rows(question, &signatures);
        drop(signatures);
        layout.fill(question, &bits, threads);
        layout
    }

    /// How many blocks.
    pub(super) fn blocks(&self) -> usize {
        self.places.len()
    }

    /// Followers in all groups.
    pub(super) fn followers(&self) -> usize {
        self.order.len()
    }

    /// Whether every group is one follower.
    pub(super) fn is_single(&self) -> bool {
        self.starts.is_empty()
    }

    /// The block.
    #[inline(always)]
    pub(super) fn block(&self, block: usize) -> Block<'_> {
        let rows = self.offsets[block] as usize..self.offsets[block + 1] as usize;
        Block {
            rows: &self.rows[rows.clone()],
            worths: &self.worths[rows],
            places: &self.places[block],
            sizes: if self.is_single() { &ONES } else { &self.sizes[block] },
        }
    }

    /// The ordinals of a group.
    pub(super) fn members(&self, group: usize) -> &[u32] {
        if self.is_single() {
            &self.order[group..=group]
        } else {
            &self.order[self.starts[group] as usize..self.starts[group + 1] as usize]
        }
    }

    /// Where the members of a group stand in the order of all members.
    pub(super) fn first(&self, group: usize) -> usize {
        if self.is_single() { group } else { self.starts[group] as usize }
    }

    /// All ordinals in the order of the groups.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// The highest worth of all.
    pub(super) fn highest_worth(&self) -> i32 {
        self.highest
    }

    /// Whether the campaign has a limit that a price can stand for.
    pub(super) fn is_limited(&self, wish: usize) -> bool {
        self.most[wish] != i64::MAX || self.least[wish] > 0
    }

    /// Which campaigns each block needs, and places and sizes.
    fn mark_rows(&mut self, question: &Question<'_>, signatures: &Signatures) {
        self.offsets.push(0);
        let mut needed = vec![0u64; signatures.words];
        for block in 0..self.places.len() {
            needed.fill(0);
            let groups = block * LANES..self.groups.min((block + 1) * LANES);
            for group in groups {
                let members = if self.starts.is_empty() {
                    &self.order[group..=group]
                } else {
                    &self.order[self.starts[group] as usize..self.starts[group + 1] as usize]
                };
                let Some(first) = members.first() else { continue };
                for (needed, word) in needed.iter_mut().zip(signatures.of(*first)) {
                    *needed |= word;
                }
                self.places[block][group % LANES] = question.places[*first as usize];
                if let Some(sizes) = self.sizes.get_mut(block) {
                    sizes[group % LANES] = members.len() as u32;
                }
            }
            for (word, bits) in needed.iter().enumerate() {
                let mut bits = *bits;
                while bits != 0 {
                    self.rows.push((word * BITS) as u8 + bits.trailing_zeros() as u8);
                    bits &= bits - 1;
                }
            }
            self.offsets.push(self.rows.len() as u32);
        }
    }

    fn fill(&mut self, question: &Question<'_>, bits: &[Vec<u64>], threads: Threads) {
        let lookups: Vec<Lookup<'_>> = question
            .wishes
            .iter()
            .zip(bits)
            .map(|(wish, bits)| Lookup::new(bits, &wish.worth))
            .collect();
        let mut worths = vec![[NOT; LANES]; self.rows.len()];
        let layout = &*self;
        threads.over_parts(
            layout.blocks(),
            &mut worths,
            |block| layout.offsets[block] as usize,
            |blocks, part| {
                let base = layout.offsets[blocks.start] as usize;
                for block in blocks {
                    let rows = layout.offsets[block] as usize..layout.offsets[block + 1] as usize;
                    let groups = block * LANES..layout.groups.min((block + 1) * LANES);
                    let firsts: Vec<u32> = groups.map(|group| layout.members(group)[0]).collect();
                    for row in rows {
                        let lookup = &lookups[usize::from(layout.rows[row])];
                        for (worth, ordinal) in part[row - base].iter_mut().zip(&firsts) {
                            *worth = lookup.worth(*ordinal, question.classes);
                        }
                    }
                }
            },
        );
        self.worths = worths;
    }
}

/// Which audiences each follower stands in, one bit a campaign.
struct Signatures {
    words: usize,
    bits: Vec<u64>,
}

impl Signatures {
    fn new(question: &Question<'_>, audiences: &[Vec<u64>], threads: Threads) -> Self {
        let words = question.wishes.len().div_ceil(BITS).max(1);
        let chunks = question.followers().div_ceil(BITS);
        let mut bits = vec![0; chunks * BITS * words];
        threads.over_parts(
            chunks,
            &mut bits,
            |chunk| chunk * BITS * words,
            |range, part| {
                for (chunk, rows) in range.zip(part.chunks_exact_mut(BITS * words)) {
                    for word in 0..words {
                        let mut square = [0u64; BITS];
                        let audiences = audiences.iter().skip(word * BITS);
                        for (plane, audience) in square.iter_mut().zip(audiences) {
                            *plane = audience.get(chunk).copied().unwrap_or(0);
                        }
                        transpose(&mut square);
                        for (row, signature) in rows.chunks_exact_mut(words).zip(square) {
                            row[word] = signature;
                        }
                    }
                }
            },
        );
        Self { words, bits }
    }

    fn of(&self, ordinal: u32) -> &[u64] {
        let start = ordinal as usize * self.words;
        &self.bits[start..start + self.words]
    }
}

/// Everybody who has a place and stands in an audience, alike by alike.
fn sorted(
    question: &Question<'_>,
    signatures: &Signatures,
    personal: bool,
    threads: Threads,
) -> Vec<u32> {
    let likeness = |ordinal: u32| likeness(question, personal, ordinal);
    let mut parts: Vec<Vec<Place>> = threads.over(question.followers(), |range| {
        let mut part: Vec<Place> = range
            .map(|ordinal| ordinal as u32)
            .filter(|ordinal| {
                question.places[*ordinal as usize] > 0
                    && signatures.of(*ordinal).iter().any(|word| *word != 0)
            })
            .map(|ordinal| {
                let signature = signatures.of(ordinal)[0];
                Place { signature, likeness: likeness(ordinal), ordinal }
            })
            .collect();
        part.sort_unstable_by(|a, b| compared(a, b, signatures));
        part
    });
    while parts.len() > 1 {
        let last = parts.pop().unwrap_or_default();
        let before = parts.pop().unwrap_or_default();
        parts.push(merged(&before, &last, signatures));
    }
    parts.pop().unwrap_or_default().into_iter().map(|place| place.ordinal).collect()
}

/// What followers with the same signature must share to be alike.
fn likeness(question: &Question<'_>, personal: bool, ordinal: u32) -> u32 {
    let class = match question.classes.get(ordinal as usize) {
        Some(class) if !personal => u32::from(*class),
        _ => 0,
    };
    class << 8 | u32::from(question.places[ordinal as usize])
}

fn compared(a: &Place, b: &Place, signatures: &Signatures) -> std::cmp::Ordering {
    if signatures.words == 1 {
        return a.cmp(b);
    }
    a.signature
        .cmp(&b.signature)
        .then_with(|| signatures.of(a.ordinal).cmp(signatures.of(b.ordinal)))
        .then_with(|| a.cmp(b))
}

fn merged(a: &[Place], b: &[Place], signatures: &Signatures) -> Vec<Place> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if compared(&a[i], &b[j], signatures).is_le() {
            all.push(a[i]);
            i += 1;
        } else {
            all.push(b[j]);
            j += 1;
        }
    }
    all.extend_from_slice(&a[i..]);
    all.extend_from_slice(&b[j..]);
    all
}

/// Where each run of followers who are alike begins, and the end.
fn runs(question: &Question<'_>, signatures: &Signatures, order: &[u32]) -> Vec<u32> {
    let mut starts = Vec::new();
    for (position, ordinal) in order.iter().enumerate() {
        let same = position > 0 && {
            let before = order[position - 1];
            likeness(question, false, before) == likeness(question, false, *ordinal)
                && signatures.of(before) == signatures.of(*ordinal)
        };
        if !same {
            starts.push(position as u32);
        }
    }
    starts.push(order.len() as u32);
    starts
}

/// A campaign's worth to any follower, found by counting the audience's members before.
struct Lookup<'a> {
    audience: &'a [u64],
    worth: &'a Worth,
    /// Members of the audience before each word.
    before: Vec<u32>,
}

impl<'a> Lookup<'a> {
    fn new(audience: &'a [u64], worth: &'a Worth) -> Self {
        let before = match worth {
            Worth::Each(_) => audience
                .iter()
                .scan(0, |members, word| {
                    let before = *members;
                    *members += word.count_ones();
                    Some(before)
                })
                .collect(),
            _ => Vec::new(),
        };
        Self { audience, worth, before }
    }

    fn worth(&self, ordinal: u32, classes: &[u16]) -> i16 {
        let place = ordinal as usize;
        let (word, bit) =
            (self.audience.get(place / BITS).copied().unwrap_or(0), 1u64 << (place % BITS));
        if word & bit == 0 {
            return NOT;
        }
        match self.worth {
            Worth::Same(worth) => *worth,
            Worth::ByClass(worths) => worths[usize::from(classes[place])],
            Worth::Each(worths) => {
                let member = self.before[place / BITS] + (word & (bit - 1)).count_ones();
                worths[member as usize]
            }
        }
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
