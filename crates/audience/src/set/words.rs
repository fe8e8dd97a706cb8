//! Loops over the words of a dense block, compiled for several instruction sets; which one runs is
//! chosen when it runs. The loops are plain ones that the compiler turns into vectors.

use pulp::Arch;

/// Words of a dense block.
pub(crate) const WORDS: usize = 1024;

/// The bits of a dense block.
pub(crate) type Words = [u64; WORDS];

/// Runs a loop with the best instructions this machine has.
#[inline]
pub(crate) fn fast<R>(run: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(run)
}

pub(crate) fn and(mine: &mut Words, theirs: &Words) {
    fast(|| mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine &= theirs));
}

pub(crate) fn or(mine: &mut Words, theirs: &Words) {
    fast(|| mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine |= theirs));
}

pub(crate) fn and_not(mine: &mut Words, theirs: &Words) {
    fast(|| mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine &= !theirs));
}

pub(crate) fn not(mine: &mut Words) {
    fast(|| mine.iter_mut().for_each(|mine| *mine = !*mine));
}

pub(crate) fn half_add(plane: &mut Words, carry: &mut Words) {
    fast(|| {
        for (plane, carry) in plane.iter_mut().zip(carry) {
            let both = *plane & *carry;
            *plane ^= *carry;
            *carry = both;
        }
    });
}

pub(crate) fn half_subtract(plane: &mut Words, borrow: &mut Words) {
    fast(|| {
        for (plane, borrow) in plane.iter_mut().zip(borrow) {
            let lacking = !*plane & *borrow;
            *plane ^= *borrow;
            *borrow = lacking;
        }
    });
}

pub(crate) fn count(words: &Words) -> usize {
    fast(|| words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>()) as usize
}

pub(crate) fn count_both(left: &Words, right: &Words) -> usize {
    let pairs = || left.iter().zip(right);
    fast(|| pairs().map(|(a, b)| u64::from((a & b).count_ones())).sum::<u64>()) as usize
}

/// Whether no bit is set.
pub(crate) fn is_empty(words: &Words) -> bool {
    words.iter().all(|word| *word == 0)
}

/// Sets bit `n` of the result when `holds` of value `n`; there are no more values than bits.
pub(crate) fn choose<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> Box<Words> {
    let mut words = Box::new([0; WORDS]);
    fast(|| {
        for (word, values) in words.iter_mut().zip(values.chunks(64)) {
            let mut bits = 0;
            for (bit, value) in values.iter().enumerate() {
                bits |= u64::from(holds(*value)) << bit;
            }
            *word = bits;
        }
    });
    words
}
