//! Loops over the words of a dense block, compiled for several instruction sets; which one runs is
//! chosen when it runs. The loops are plain ones that the compiler turns into vectors: each is a
//! kernel of its own, because only what is inlined into the code for an instruction set is compiled
//! for it.

use pulp::{Arch, Simd, WithSimd};

/// Words of a dense block.
pub(crate) const WORDS: usize = 1024;

/// The bits of a dense block.
pub(crate) type Words = [u64; WORDS];

/// Functions whose bodies run with the best instructions this machine has.
macro_rules! kernels {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($argument:ident: $kind:ty),*) $(-> $answer:ty)? $body:block
    )*) => {$(
        $(#[$doc])*
        pub(crate) fn $name<'w>($($argument: $kind),*) $(-> $answer)? {
            struct Kernel<'w> {
                $($argument: $kind,)*
            }
            impl<'w> WithSimd for Kernel<'w> {
                type Output = kernels!(@answer $($answer)?);
                #[inline(always)]
                fn with_simd<S: Simd>(self, _simd: S) -> Self::Output {
                    let Self { $($argument,)* } = self;
                    $body
                }
            }
            Arch::new().dispatch(Kernel { $($argument,)* })
        }
    )*};
    (@answer) => { () };
    (@answer $answer:ty) => { $answer };
}

kernels! {
    /// `mine &= theirs`
    fn and(mine: &'w mut Words, theirs: &'w Words) {
        mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine &= theirs);
    }

    /// `mine |= theirs`
    fn or(mine: &'w mut Words, theirs: &'w Words) {
        mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// `mine &= !theirs`
    fn and_not(mine: &'w mut Words, theirs: &'w Words) {
        mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine &= !theirs);
    }

    /// `mine = !mine`
    fn not(mine: &'w mut Words) {
        mine.iter_mut().for_each(|mine| *mine = !*mine);
    }

    /// `plane ^= carry; carry &= old plane`
    fn half_add(plane: &'w mut Words, carry: &'w mut Words) {
        for (plane, carry) in plane.iter_mut().zip(carry) {
            let both = *plane & *carry;
            *plane ^= *carry;
            *carry = both;
        }
    }

    /// `plane ^= borrow; borrow &= !old plane`
    fn half_subtract(plane: &'w mut Words, borrow: &'w mut Words) {
        for (plane, borrow) in plane.iter_mut().zip(borrow) {
            let lacking = !*plane & *borrow;
            *plane ^= *borrow;
            *borrow = lacking;
        }
    }

    /// How many bits are set.
    fn count(words: &'w Words) -> usize {
        words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() as usize
    }

    /// How many bits are set in both.
    fn count_both(left: &'w Words, right: &'w Words) -> usize {
        let pairs = left.iter().zip(right);
        pairs.map(|(a, b)| u64::from((a & b).count_ones())).sum::<u64>() as usize
    }
}

/// Whether no bit is set.
pub(crate) fn is_empty(words: &Words) -> bool {
    words.iter().all(|word| *word == 0)
}

/// Sets bit `n` of the result when `holds` of value `n`; there are no more values than bits.
pub(crate) fn choose<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> Box<Words> {
    struct Kernel<'w, T, F> {
        values: &'w [T],
        holds: F,
        words: &'w mut Words,
    }
    impl<T: Copy, F: Fn(T) -> bool> WithSimd for Kernel<'_, T, F> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _simd: S) {
            for (word, values) in self.words.iter_mut().zip(self.values.chunks(64)) {
                let mut bits = 0;
                for (bit, value) in values.iter().enumerate() {
                    bits |= u64::from((self.holds)(*value)) << bit;
                }
                *word = bits;
            }
        }
    }
    let mut words = Box::new([0; WORDS]);
    Arch::new().dispatch(Kernel { values, holds, words: &mut words });
    words
}

/// Writes of each number itself where its moment is within `width` after `from`, else 0.
pub(crate) fn counted<T: Copy>(
    out: &mut [i64],
    (moments, numbers): (&[u32], &[T]),
    (from, width): (u32, u32),
    number: impl Fn(T) -> i64,
) {
    struct Kernel<'w, T, F> {
        out: &'w mut [i64],
        moments: &'w [u32],
        numbers: &'w [T],
        from: u32,
        width: u32,
        number: F,
    }
    impl<T: Copy, F: Fn(T) -> i64> WithSimd for Kernel<'_, T, F> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _simd: S) {
            let pairs = self.moments.iter().zip(self.numbers);
            for (place, (moment, of)) in self.out.iter_mut().zip(pairs) {
                let inside = moment.wrapping_sub(self.from) <= self.width;
                // Always read, then masked: a condition here would keep it from being a vector.
                *place = (self.number)(*of) & -i64::from(inside);
            }
        }
    }
    Arch::new().dispatch(Kernel { out, moments, numbers, from, width, number });
}
