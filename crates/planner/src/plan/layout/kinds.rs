//! Who is like whom: followers brought into an order in which those who are alike stand together.
//!
//! Alike are followers of the same audiences with the same places left and, where worths are not
//! personal, of the same class. Each thread names the kinds of its own followers as it meets them;
//! the names of all threads are then made one list in the order of the kinds, and the followers
//! counted into place. So the order depends on nothing but the question.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::question::Question;
use super::super::threads::Threads;
use super::{BITS, transpose};

/// Who is laid out, and how far they are told apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    /// Everybody with a place, also those in no audience.
    pub is_everybody: bool,
    /// Classes do not matter, for every follower is a group.
    pub is_personal: bool,
}

/// The kind of whoever is not laid out.
const NO_KIND: u32 = u32::MAX;

/// Followers by kind.
pub(super) struct Kinds {
    /// Words of a signature.
    words: usize,
    /// Which audiences each kind stands in, a bit a campaign.
    signatures: Vec<u64>,
    /// Class above eight bits of places.
    likeness: Vec<u32>,
    /// Where each kind begins in `order`, and the end.
    pub starts: Vec<u32>,
    /// Ordinals, kind by kind, ascending within each.
    pub order: Vec<u32>,
}

impl Kinds {
    /// Sorts the followers of a question by kind.
    pub(super) fn new(
        question: &Question<'_>,
        audiences: &[Vec<u64>],
        who: Who,
        threads: Threads,
    ) -> Self {
        match question.wishes.len().div_ceil(BITS) {
            0 | 1 => sorted::<1>(question, audiences, who, threads),
            2 => sorted::<2>(question, audiences, who, threads),
            3 => sorted::<3>(question, audiences, who, threads),
            // No more: `MOST_WISHES` fit into four words.
            _ => sorted::<4>(question, audiences, who, threads),
        }
    }

    /// How many kinds there are.
    pub(super) fn len(&self) -> usize {
        self.likeness.len()
    }

    /// The campaigns meant for a kind, a bit each.
    #[inline(always)]
    pub(super) fn signature(&self, kind: usize) -> &[u64] {
        &self.signatures[kind * self.words..(kind + 1) * self.words]
    }

    /// Words of a signature.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Followers of a kind.
    pub(super) fn size(&self, kind: usize) -> u32 {
        self.starts[kind + 1] - self.starts[kind]
    }

    /// Places left to each follower of a kind.
    #[inline(always)]
    pub(super) fn places(&self, kind: usize) -> u8 {
        (self.likeness[kind] & 0xff) as u8
    }

    /// The class of a kind; 0 where classes do not matter.
    pub(super) fn class(&self, kind: usize) -> usize {
        (self.likeness[kind] >> 8) as usize
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Kind<const W: usize> {
    signature: [u64; W],
    likeness: u32,
}

/// Mixes whole words; kinds are no secret and nobody chooses them to collide.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_usize(&mut self, _: usize) {
        // The length of an array, always the same.
    }
}

/// The followers of one thread.
struct Part<const W: usize> {
    /// The first ordinal.
    first: usize,
    /// For each follower where its kind stands in `kinds` before they were sorted.
    kind_of: Vec<u32>,
    /// The kinds met, sorted, and the names they had.
    kinds: Vec<(Kind<W>, u32)>,
}

impl<const W: usize> Part<W> {
    fn new(
        question: &Question<'_>,
        audiences: &[Vec<u64>],
        who: Who,
        chunks: std::ops::Range<usize>,
    ) -> Self {
        let first = chunks.start * BITS;
        let mut names: HashMap<Kind<W>, u32, BuildHasherDefault<Mixer>> = HashMap::default();
        let mut kind_of = Vec::with_capacity(chunks.len() * BITS);
        for chunk in chunks {
            let squares: [[u64; BITS]; W] =
                std::array::from_fn(|word| square(audiences, word, chunk));
            let followers = chunk * BITS..question.followers().min((chunk + 1) * BITS);
            for (at, ordinal) in followers.enumerate() {
                let places = question.places[ordinal];
                let signature: [u64; W] = std::array::from_fn(|word| squares[word][at]);
                let is_meant = who.is_everybody || signature.iter().any(|word| *word != 0);
                if places == 0 || !is_meant {
                    kind_of.push(NO_KIND);
                    continue;
                }
                let class = match question.classes.get(ordinal) {
                    Some(class) if !who.is_personal => u32::from(*class),
                    _ => 0,
                };
                let kind = Kind { signature, likeness: class << 8 | u32::from(places) };
                let next = names.len() as u32;
                kind_of.push(*names.entry(kind).or_insert(next));
            }
        }
        let mut kinds: Vec<(Kind<W>, u32)> = names.into_iter().collect();
        kinds.sort_unstable();
        Self { first, kind_of, kinds }
    }
}

/// The signatures of 64 neighbouring followers, one word of them.
pub(super) fn square(audiences: &[Vec<u64>], word: usize, chunk: usize) -> [u64; BITS] {
    let mut square = [0; BITS];
    for (plane, audience) in square.iter_mut().zip(audiences.iter().skip(word * BITS)) {
        *plane = audience.get(chunk).copied().unwrap_or(0);
    }
    transpose(&mut square);
    square
}

fn sorted<const W: usize>(
    question: &Question<'_>,
    audiences: &[Vec<u64>],
    who: Who,
    threads: Threads,
) -> Kinds {
    let chunks = question.followers().div_ceil(BITS);
    let mut parts: Vec<Part<W>> =
        threads.over(chunks, |range| Part::new(question, audiences, who, range));
    let (kinds, mut names) = united(&mut parts);
    // From here on each part's followers carry the names that hold for all.
    let counts = threads.each(parts.iter_mut().zip(&names).collect(), |(part, names)| {
        let mut counts = vec![0u32; kinds.len()];
        for kind in part.kind_of.iter_mut().filter(|kind| **kind != NO_KIND) {
            *kind = names[*kind as usize];
            counts[*kind as usize] += 1;
        }
        counts
    });
    names.clear();
    let mut starts = Vec::with_capacity(kinds.len() + 1);
    let mut places = counts;
    let mut end = 0;
    for kind in 0..kinds.len() {
        starts.push(end);
        for part in &mut places {
            end += std::mem::replace(&mut part[kind], end);
        }
    }
    starts.push(end);
    // Every thread writes where its own followers belong, and no two to the same place.
    let order: Vec<AtomicU32> =
        std::iter::repeat_with(AtomicU32::default).take(end as usize).collect();
    threads.each(parts.into_iter().zip(places).collect(), |(part, mut places)| {
        for (at, kind) in part.kind_of.iter().enumerate() {
            if *kind != NO_KIND {
                let place = &mut places[*kind as usize];
                order[*place as usize].store((part.first + at) as u32, Ordering::Relaxed);
                *place += 1;
            }
        }
    });
    Kinds {
        words: W,
        signatures: kinds.iter().flat_map(|kind| kind.signature).collect(),
        likeness: kinds.iter().map(|kind| kind.likeness).collect(),
        starts,
        order: order.into_iter().map(AtomicU32::into_inner).collect(),
    }
}

/// All kinds of all parts, sorted, and for each part what its own names become.
fn united<const W: usize>(parts: &mut [Part<W>]) -> (Vec<Kind<W>>, Vec<Vec<u32>>) {
    let mut names: Vec<Vec<u32>> = parts.iter().map(|part| vec![0; part.kinds.len()]).collect();
    let mut at = vec![0; parts.len()];
    let mut kinds = Vec::new();
    while let Some(next) =
        parts.iter().zip(&at).filter_map(|(part, at)| part.kinds.get(*at)).map(|head| head.0).min()
    {
        for ((part, at), names) in parts.iter().zip(&mut at).zip(&mut names) {
            if let Some((kind, name)) = part.kinds.get(*at)
                && *kind == next
            {
                names[*name as usize] = kinds.len() as u32;
                *at += 1;
            }
        }
        kinds.push(next);
    }
    for part in parts {
        part.kinds = Vec::new();
    }
    (kinds, names)
}
