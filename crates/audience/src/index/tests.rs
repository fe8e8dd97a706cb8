use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const T: Timestamp = Timestamp(1_772_000_000);

fn ordinals(set: &Set) -> Vec<u32> {
    set.iter().collect()
}

#[test]
fn following_keeps_the_moment_of_the_last_subscription() {
    let mut index = Index::new();
    assert!(index.set_following(3, true, T));
    assert_eq!(index.len(), 4);
    assert_eq!(index.subscribed_at(3), Some(T));
    assert_eq!(index.subscribed_at(0), None);
    assert!(!index.set_following(3, true, T + 5));
    assert_eq!(index.subscribed_at(3), Some(T));
    assert!(index.set_following(3, false, T + 10));
    assert_eq!(index.subscribed_at(3), Some(T));
    assert!(index.set_following(3, true, T + 20));
    assert_eq!(index.subscribed_at(3), Some(T + 20));
    assert_eq!(index.membership_version(), 3);
}

#[test]
fn the_membership_version_moves_only_with_membership() {
    let mut index = Index::new();
    assert!(index.set_tags(0, &[TagId(101), TagId(102)]));
    assert!(!index.set_tags(0, &[TagId(102), TagId(101)]));
    assert!(!index.set_tags(1, &[]));
    index.set_own_tag(0, "梅雨", true);
    index.set_attribute(0, "城市", Attribute::Text("上海".into()));
    assert_eq!(index.membership_version(), 1);
    assert!(index.set_tags(0, &[TagId(102)]));
    assert_eq!(index.membership_version(), 2);
    assert_eq!(index.tags_of(0), [TagId(102)]);
    assert!(index.set_tags(0, &[]));
    assert!(index.set_tags(0, &[TagId(101)]));
    assert_eq!(ordinals(index.tag(TagId(101)).unwrap()), [0]);
    assert!(index.tag(TagId(102)).unwrap().is_empty());
}

#[test]
fn an_attribute_changes_its_kind_with_its_value() {
    let mut index = Index::new();
    for value in [
        Attribute::Text("上海".into()),
        Attribute::Number(12.5),
        Attribute::Flag(true),
        Attribute::Flag(false),
    ] {
        index.set_attribute(70, "x", value.clone());
        assert_eq!(index.attribute(70, "x"), Some(value));
    }
    let column = index.column("x").unwrap();
    assert_eq!(column.kinds(), Kinds { flags: true, ..Kinds::default() });
    assert_eq!(ordinals(&column.present()), [70]);
    index.clear_attribute(70, "x");
    assert_eq!(index.attribute(70, "x"), None);
    assert!(index.column("x").unwrap().present().is_empty());
}

#[test]
fn attributes_are_read_from_json_as_they_are() {
    let read: Vec<Attribute> = serde_json::from_str(r#"["上海", 3, 2.5, true]"#).unwrap();
    assert_eq!(
        read,
        [
            Attribute::Text("上海".into()),
            Attribute::Number(3.0),
            Attribute::Number(2.5),
            Attribute::Flag(true)
        ]
    );
}

#[test]
fn a_name_belongs_to_the_lowest_tag() {
    let mut index = Index::new();
    index.set_tag_names([(TagId(103), "油性皮肤".into()), (TagId(101), "油性皮肤".into())]);
    assert_eq!(index.tag_named("油性皮肤"), Some(TagId(101)));
    assert_eq!(index.tag_name(TagId(103)), Some("油性皮肤"));
    assert_eq!(index.tag_named("干性皮肤"), None);
}

proptest! {
    /// Enough additions to merge the tail several times.
    #[test]
    fn a_timeline_forgets_nothing(
        seed in any::<u64>(), sorted in 0usize..3_000, late in 0usize..12_000
    ) {
        let mut state = seed;
        let mut random = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % n
        };
        let mut rows: Vec<(u32, Timestamp, i64)> = (0..sorted + late)
            .map(|n| (random(50) as u32, Timestamp(random(1_000) as i64), n as i64))
            .collect();
        rows[..sorted].sort_by_key(|row| (row.0, row.1));
        let mut timeline = Timeline::default();
        let mut oracle: BTreeMap<u32, Vec<(Timestamp, i64)>> = BTreeMap::new();
        for (ord, at, value) in rows {
            timeline.add(ord, at, value);
            oracle.entry(ord).or_default().push((at, value));
        }
        prop_assert_eq!(timeline.len(), sorted + late);
        let span = Span { from: Timestamp(100), to: Timestamp(600) };
        let mut sums = [0i64; 50];
        timeline.each(span, |ord, _, value| sums[ord as usize] += value);
        for ord in 0..50 {
            let mut expected = oracle.remove(&ord).unwrap_or_default();
            let inside = expected.iter().filter(|(at, _)| (100..=600).contains(&at.0));
            prop_assert_eq!(sums[ord as usize], inside.map(|row| row.1).sum::<i64>());
            let mut found = timeline.of(ord);
            prop_assert!(found.is_sorted_by_key(|row| row.0));
            expected.sort();
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}

/// How long a million followers with ten tags each take: `cargo test --release -- --ignored`.
#[test]
#[ignore = "a measurement, of use only in release"]
fn a_million_followers_are_loaded() {
    let tags: Vec<TagId> = (0..100).map(|n| TagId(100 + n)).collect();
    let start = std::time::Instant::now();
    let mut index = Index::new();
    for ord in 0..1_000_000u32 {
        index.set_following(ord, true, T);
        let from = (ord as usize * 7) % 90;
        index.set_tags(ord, &tags[from..from + 10]);
    }
    let took = start.elapsed();
    let again = std::time::Instant::now();
    for ord in 0..1_000_000u32 {
        let from = (ord as usize * 11) % 90;
        index.set_tags(ord, &tags[from..from + 10]);
    }
    println!("load {took:?}, again {:?}, {} MB", again.elapsed(), index.memory() >> 20);
}
