//! Worths brought into the order of the blocks.

use super::super::question::{Question, Worth};
use super::super::threads::Threads;
use super::kinds::{Kinds, square};
use super::{BITS, LANES, Lanes, NOT};

/// Where the rows of the blocks stand and what they are for.
pub(super) struct Rows<'a> {
    pub offsets: &'a [u32],
    pub rows: &'a [u8],
    pub groups: usize,
}

impl Rows<'_> {
    fn blocks(&self) -> usize {
        self.offsets.len() - 1
    }

    fn of(&self, block: usize) -> std::ops::Range<usize> {
        self.offsets[block] as usize..self.offsets[block + 1] as usize
    }

    fn lanes(&self, block: usize) -> std::ops::Range<usize> {
        0..LANES.min(self.groups - block * LANES)
    }

    /// Runs `lanes` on every block's empty rows, with where each campaign's row stands.
    fn filled(
        &self,
        threads: Threads,
        lanes: impl Fn(usize, &[u8; 256], &mut [Lanes]) + Sync,
    ) -> Vec<Lanes> {
        let mut worths = vec![[0; LANES]; self.rows.len()];
        threads.over_parts(
            self.blocks(),
            &mut worths,
            |block| self.offsets[block] as usize,
            |blocks, part| {
                let base = self.offsets[blocks.start] as usize;
                let mut row_of = [0; 256];
                for block in blocks {
                    let rows = self.of(block);
                    for (row, wish) in self.rows[rows.clone()].iter().enumerate() {
                        row_of[usize::from(*wish)] = row as u8;
                    }
                    let part = &mut part[rows.start - base..rows.end - base];
                    part.fill([NOT; LANES]);
                    lanes(block, &row_of, part);
                }
            },
        );
        worths
    }
}

/// Worths by kind: every group is a kind.
pub(super) fn by_kind(
    question: &Question<'_>,
    kinds: &Kinds,
    rows: &Rows<'_>,
    threads: Threads,
) -> Vec<Lanes> {
    rows.filled(threads, |block, row_of, part| {
        for lane in rows.lanes(block) {
            let kind = block * LANES + lane;
            let class = kinds.class(kind);
            for wish in members(kinds.signature(kind)) {
                part[usize::from(row_of[wish])][lane] = match &question.wishes[wish].worth {
                    Worth::Same(worth) => *worth,
                    Worth::ByClass(worths) => worths[class],
                    // Only where worths are personal, and then no kind is a group.
                    Worth::Each(_) => NOT,
                };
            }
        }
    })
}

/// Worths by follower: every follower is a group.
pub(super) fn by_follower(
    question: &Question<'_>,
    audiences: Vec<Vec<u64>>,
    kinds: &Kinds,
    rows: &Rows<'_>,
    threads: Threads,
) -> Vec<Lanes> {
    let gathered = Gathered::new(question, &audiences, kinds.words(), threads);
    drop(audiences);
    rows.filled(threads, |block, row_of, part| {
        let first = block * LANES;
        let lanes = rows.lanes(block);
        // The first worths of all lanes are read before any is used: they lie far apart in memory,
        // and the processor waits for many of them at once when nothing is decided in between.
        let mut at = [0; LANES];
        for lane in lanes.clone() {
            at[lane] = gathered.start(kinds.order[first + lane] as usize);
        }
        let mut heads = [[0; HEAD]; LANES];
        for (head, at) in heads.iter_mut().zip(at) {
            head.copy_from_slice(&gathered.worths[at..at + HEAD]);
        }
        let mut kind = kinds.starts.partition_point(|start| *start as usize <= first) - 1;
        for lane in lanes {
            while kinds.starts[kind + 1] as usize <= first + lane {
                kind += 1;
            }
            let tail = &gathered.worths[at[lane] + HEAD..];
            let worths = heads[lane].iter().chain(tail);
            for (wish, worth) in members(kinds.signature(kind)).zip(worths) {
                part[usize::from(row_of[wish])][lane] = *worth;
            }
        }
    })
}

/// Worths read at once for each lane.
const HEAD: usize = 16;

/// The numbers of the bits that are set.
#[inline(always)]
pub(super) fn members(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(word, bits)| {
        let mut bits = *bits;
        std::iter::from_fn(move || {
            let bit = bits.trailing_zeros() as usize;
            let has_bit = bits != 0;
            bits &= bits.wrapping_sub(1);
            has_bit.then_some(word * BITS + bit)
        })
    })
}

/// All worths, follower by follower instead of campaign by campaign: one place in memory to go to
/// for a follower, where there would be one for each campaign.
struct Gathered {
    /// Where each 64 followers begin.
    bases: Vec<u64>,
    /// How much further each follower begins.
    further: Vec<u16>,
    worths: Vec<i16>,
}

impl Gathered {
    fn new(
        question: &Question<'_>,
        audiences: &[Vec<u64>],
        words: usize,
        threads: Threads,
    ) -> Self {
        let chunks = question.followers().div_ceil(BITS);
        let counts = threads.over(chunks, |range| {
            let mut counts = vec![0u32; range.len()];
            for audience in audiences {
                let members = audience
                    .get(range.clone())
                    .unwrap_or_else(|| audience.get(range.start..).unwrap_or_default());
                for (count, word) in counts.iter_mut().zip(members) {
                    *count += word.count_ones();
                }
            }
            counts
        });
        let mut bases = Vec::with_capacity(chunks + 1);
        bases.push(0);
        let mut end = 0;
        bases.extend(counts.iter().flatten().map(|count| {
            end += u64::from(*count);
            end
        }));
        // A head can be read at the very end, too.
        let mut worths = vec![0; end as usize + HEAD];
        let further = threads.over_parts(
            chunks,
            &mut worths[..end as usize],
            |chunk| bases[chunk] as usize,
            |range, part| gather(question, audiences, words, &bases, range, part),
        );
        Self { further: further.concat(), bases, worths }
    }

    #[inline(always)]
    fn start(&self, ordinal: usize) -> usize {
        self.bases[ordinal / BITS] as usize + usize::from(self.further[ordinal])
    }
}

/// Writes the worths of the followers of some chunks; returns how far each follower's begin after
/// its chunk's.
fn gather(
    question: &Question<'_>,
    audiences: &[Vec<u64>],
    words: usize,
    bases: &[u64],
    chunks: std::ops::Range<usize>,
    part: &mut [i16],
) -> Vec<u16> {
    let mut further = Vec::with_capacity(chunks.len() * BITS);
    // How many members of each audience came before.
    let mut before: Vec<usize> = audiences
        .iter()
        .map(|words| words.iter().take(chunks.start).map(|word| word.count_ones() as usize).sum())
        .collect();
    let first = bases[chunks.start] as usize;
    for chunk in chunks {
        let squares: Vec<[u64; BITS]> =
            (0..words).map(|word| square(audiences, word, chunk)).collect();
        let mut next = [0u16; BITS];
        let mut end = 0;
        for (at, next) in next.iter_mut().enumerate() {
            *next = end;
            end += squares.iter().map(|square| square[at].count_ones() as u16).sum::<u16>();
        }
        further.extend(next);
        let start = bases[chunk] as usize - first;
        let part = &mut part[start..start + usize::from(end)];
        for ((audience, wish), before) in audiences.iter().zip(question.wishes).zip(&mut before) {
            let Some(word) = audience.get(chunk) else { continue };
            let count = word.count_ones() as usize;
            let mut write = |at: usize, worth: i16| {
                part[usize::from(next[at])] = worth;
                next[at] += 1;
            };
            match &wish.worth {
                Worth::Same(worth) => {
                    members(std::slice::from_ref(word)).for_each(|at| write(at, *worth));
                }
                Worth::ByClass(worths) => {
                    for at in members(std::slice::from_ref(word)) {
                        let class = question.classes[chunk * BITS + at];
                        write(at, worths[usize::from(class)]);
                    }
                }
                Worth::Each(worths) => {
                    let worths = &worths[*before..*before + count];
                    for (at, worth) in members(std::slice::from_ref(word)).zip(worths) {
                        write(at, *worth);
                    }
                }
            }
            *before += count;
        }
    }
    further
}
