use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

type Oracle = BTreeSet<u32>;

/// Ordinals that crowd around word borders and reach past one roaring container.
fn ordinals() -> impl Strategy<Value = Oracle> {
    let one = prop_oneof![0u32..200, 60u32..70, 65_500u32..65_600, 0u32..200_000];
    let few = prop::collection::btree_set(one, 0..120);
    // Now and then so many that blocks become dense.
    let many = prop_oneof![
        2 => Just(Oracle::new()),
        1 => (0u32..2_000, 1u32..70).prop_map(|(n, step)| (0..n).map(|k| k * step).collect()),
    ];
    (few, many).prop_map(|(few, many)| few.union(&many).copied().collect())
}

fn set(oracle: &Oracle) -> Set {
    oracle.iter().copied().collect()
}

fn same(set: &Set, oracle: &Oracle) -> Result<(), TestCaseError> {
    prop_assert_eq!(set.iter().collect::<Vec<_>>(), oracle.iter().copied().collect::<Vec<_>>());
    prop_assert_eq!(set.len(), oracle.len());
    prop_assert_eq!(set.is_empty(), oracle.is_empty());
    prop_assert_eq!(set.last(), oracle.last().copied());
    Ok(())
}

proptest! {
    #[test]
    fn behaves_as_a_set_of_numbers(a in ordinals(), b in ordinals(), n in 0usize..150) {
        let (left, right) = (set(&a), set(&b));
        same(&left.union(&right), &a.union(&b).copied().collect())?;
        same(&left.intersect(&right), &a.intersection(&b).copied().collect())?;
        same(&left.subtract(&right), &a.difference(&b).copied().collect())?;
        let mut kept = left.clone();
        kept.and_with(&right);
        same(&kept, &a.intersection(&b).copied().collect())?;
        prop_assert_eq!(left.intersection_len(&right), a.intersection(&b).count());
        prop_assert_eq!(left.is_subset(&right), a.is_subset(&b));
        prop_assert!(left.intersect(&right).is_subset(&right));
        prop_assert_eq!(left.is_disjoint(&right), a.is_disjoint(&b));
        prop_assert_eq!(left == right, a == b);
        same(&left.first(n), &a.iter().copied().take(n).collect())?;
    }

    #[test]
    fn inserts_and_removes_tell_what_changed(
        steps in prop::collection::vec((any::<bool>(), 0u32..300), 0..200)
    ) {
        let (mut kept, mut oracle) = (Set::new(), Oracle::new());
        for (present, ord) in steps {
            let changed = if present { oracle.insert(ord) } else { oracle.remove(&ord) };
            prop_assert_eq!(kept.put(ord, present), changed);
            prop_assert_eq!(kept.contains(ord), present);
        }
        same(&kept, &oracle)?;
        // The kept set may have trailing zero words; the fresh one has none.
        prop_assert_eq!(&kept, &set(&oracle));
        prop_assert_eq!(&set(&oracle), &kept);
    }

    #[test]
    fn a_sample_is_a_part_and_grows_with_its_size(a in ordinals(), n in 0usize..60) {
        let whole = set(&a);
        let sample = whole.sample(n, "盐");
        prop_assert_eq!(sample.len(), n.min(a.len()));
        prop_assert!(sample.is_subset(&whole));
        prop_assert!(sample.is_subset(&whole.sample(n + 3, "盐")));
    }

    #[test]
    fn overlaps_are_the_sizes_of_intersections(
        sets in prop::collection::vec(ordinals(), 0..5), from in 0u32..150_000
    ) {
        let planes: Vec<Set> = sets.iter().map(set).collect();
        let found = Set::overlap(&planes.iter().collect::<Vec<_>>());
        for (a, row) in sets.iter().zip(&found) {
            for (b, shared) in sets.iter().zip(row) {
                prop_assert_eq!(*shared, a.intersection(b).count() as u64);
            }
        }
        for (oracle, plane) in sets.iter().zip(&planes) {
            prop_assert!(plane.iter_from(from).eq(oracle.range(from..).copied()));
            prop_assert_eq!(plane.fingerprint(), set(oracle).fingerprint());
        }
    }

    #[test]
    fn bytes_are_portable_roaring(a in ordinals(), run in 0u32..70_000) {
        let mixed = set(&a).union(&Set::full(run));
        let bytes = mixed.to_bytes();
        prop_assert_eq!(&Set::from_bytes(&bytes).unwrap(), &mixed);
        let foreign = RoaringBitmap::from_sorted_iter(mixed.iter()).unwrap();
        prop_assert_eq!(RoaringBitmap::deserialize_from(&bytes[..]).unwrap(), foreign);
        prop_assert!(Set::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn parts_are_balanced_and_make_the_whole(a in ordinals(), parts in 1usize..20) {
        let cut = set(&a).split(parts);
        prop_assert_eq!(cut.len(), parts);
        let sizes: Vec<usize> = cut.iter().map(Set::len).collect();
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        prop_assert_eq!(sizes.iter().sum::<usize>(), a.len());
        same(&cut.iter().fold(Set::new(), |all, part| all.union(part)), &a)?;
    }

    #[test]
    fn full_and_from_fn_agree(len in 0u32..300) {
        same(&Set::full(len), &(0..len).collect())?;
        same(&Set::from_fn(len, |ord| ord % 3 == 0), &(0..len).filter(|o| o % 3 == 0).collect())?;
    }

    #[test]
    fn planes_add_and_subtract(a in ordinals(), b in ordinals()) {
        let mut planes = vec![set(&a)];
        Set::add_one(&mut planes, &set(&b));
        same(&planes[0], &a.symmetric_difference(&b).copied().collect())?;
        let both: BTreeSet<u32> = a.intersection(&b).copied().collect();
        prop_assert_eq!(planes.len(), 1 + usize::from(!both.is_empty()));
        same(planes.get(1).unwrap_or(&Set::new()), &both)?;
        let (mut plane, mut borrow) = (set(&a), set(&b));
        plane.half_subtract(&mut borrow);
        same(&plane, &a.symmetric_difference(&b).copied().collect())?;
        same(&borrow, &b.difference(&a).copied().collect())?;
    }
}

#[test]
fn a_damaged_blob_is_refused() {
    assert!(Set::from_bytes(b"").is_err());
    let mut high = Vec::new();
    RoaringBitmap::from_iter([u32::MAX]).serialize_into(&mut high).unwrap();
    assert!(matches!(Set::from_bytes(&high), Err(Error::TooHigh(u32::MAX))));
    assert_eq!(Set::from_bytes(&Set::new().to_bytes()).unwrap(), Set::new());
}

#[test]
fn no_parts_is_nothing() {
    assert!(Set::full(5).split(0).is_empty());
}

#[test]
fn few_take_little_memory() {
    let few: Set = (0..1_000).map(|n| n * 10_000).collect();
    assert!(few.memory() < 20_000, "{}", few.memory());
    let most = Set::full(10_000_000);
    assert!(most.memory() < 1_300_000, "{}", most.memory());
}
