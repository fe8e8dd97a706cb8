//! A part of everybody, chosen by hash: stable over time and machines, and unrelated for different
//! salts. The hash is FNV-1a of the salt, then with the ordinal through the finaliser of splitmix64;
//! it decides who is in a control group, so it never changes.

/// How many are shared out.
const WHOLE: u128 = 1_000_000;

/// What the salt is to [`holds`].
pub(crate) fn seed(salt: &str) -> u64 {
    salt.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A number of the whole range that follower and seed alone decide.
pub(crate) fn draw(seed: u64, ord: u32) -> u64 {
    let mut mixed = seed ^ (u64::from(ord) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Where the follower stands: 0 to 999,999.
pub(super) fn place(seed: u64, ord: u32) -> u32 {
    ((u128::from(draw(seed, ord)) * WHOLE) >> 64) as u32
}

/// Whether the follower is in this share.
pub(super) fn holds(seed: u64, per_million: u32, ord: u32) -> bool {
    place(seed, ord) < per_million
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_about_its_size_and_never_another() {
        let share = |salt: &str, per_million| {
            let seed = seed(salt);
            (0..100_000).filter(|ord| holds(seed, per_million, *ord)).collect::<Vec<u32>>()
        };
        let tenth = share("spring", 100_000);
        assert!((9_700..10_300).contains(&tenth.len()), "{}", tenth.len());
        let fifth = share("spring", 200_000);
        assert!(tenth.iter().all(|ord| fifth.binary_search(ord).is_ok()));
        let other = share("summer", 100_000);
        let both = tenth.iter().filter(|ord| other.binary_search(ord).is_ok()).count();
        assert!((850..1_150).contains(&both), "{both}");
        assert!(share("spring", 0).is_empty());
        assert_eq!(share("spring", 1_000_000).len(), 100_000);
        // What was drawn once is drawn for ever.
        assert_eq!(tenth[..8], [8, 10, 12, 30, 32, 62, 79, 80]);
    }
}
