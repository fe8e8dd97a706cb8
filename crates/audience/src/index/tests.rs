use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const T: Timestamp = Timestamp(1_772_000_000);

/// Followers so far apart that a few of them fill several blocks.
const STEP: u32 = 3_500;

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
        let mut rows: Vec<(u32, Row)> = (0..sorted + late)
            .map(|n| {
                let at = Timestamp(random(1_000) as i64);
                (random(50) as u32 * STEP, Row { at, value: n as i64, items: 0 })
            })
            .collect();
        rows[..sorted].sort_by_key(|(ord, row)| (*ord, row.at));
        let mut timeline = Timeline::default();
        let mut oracle: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
        for (ord, row) in rows {
            timeline.add(ord, row);
            oracle.entry(ord).or_default().push(row);
            // Some are corrected, some followers forgotten on the way.
            match random(500) {
                0 => {
                    let (after, held) = (Row { value: -1, ..row }, oracle.entry(ord).or_default());
                    prop_assert!(timeline.change(ord, row, after));
                    prop_assert!(!timeline.change(ord, row, after));
                    held.pop();
                    held.push(after);
                }
                1 => {
                    timeline.forget(ord);
                    oracle.remove(&ord);
                }
                _ => {}
            }
        }
        prop_assert_eq!(timeline.len(), oracle.values().map(Vec::len).sum::<usize>());
        let span = Span { from: Timestamp(100), to: Timestamp(600) };
        for (measure, sum) in [(Measure::Count, 2), (Measure::Value, 5_000)] {
            let test = Test { measure, least: sum, most: i64::MAX, not: false };
            let found = tally::tally(&[&timeline], 50 * STEP, (100, 600), &[test], &[0, 1, 2]);
            let found = Set::from_blocks(found.into_iter().flatten().collect());
            for ord in (0..50).map(|n| n * STEP) {
                let rows = oracle.get(&ord).map(Vec::as_slice).unwrap_or_default();
                let inside = rows.iter().filter(|row| span.contains(row.at));
                let total = match measure {
                    Measure::Count => inside.count() as i64,
                    _ => inside.map(|row| row.value).sum(),
                };
                prop_assert_eq!(found.contains(ord), total >= sum, "{}", ord);
            }
        }
        for ord in (0..50).map(|n| n * STEP) {
            let mut expected = oracle.remove(&ord).unwrap_or_default();
            let mut found = timeline.of(ord);
            prop_assert!(found.is_sorted_by_key(|row| row.at));
            expected.sort();
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_forgotten_follower_is_in_nothing() {
    let fill = |index: &mut Index, ord: u32| {
        index.set_following(ord, true, T);
        index.set_tags(ord, &[TagId(101)]);
        index.set_own_tag(ord, "老客户", true);
        index.set_attribute(ord, "城市", Attribute::Text("上海".into()));
        index.add_order(ord, Order { at: T, cents: 500, items: 2, refunded_cents: 100 });
        index.add_event(ord, "click", "新品", T, Some(3));
        index.put_in_list("双十一", ord, true);
    };
    let mut index = Index::new();
    fill(&mut index, 0);
    fill(&mut index, 1);
    index.forget(1);
    assert_eq!(index.len(), 2);
    assert_eq!(index.subscribed_at(1), None);
    assert_eq!(ordinals(index.following()), [0]);
    assert_eq!(ordinals(index.tag(TagId(101)).unwrap()), [0]);
    assert_eq!(ordinals(index.own_tag("老客户").unwrap()), [0]);
    assert_eq!(ordinals(index.list("双十一").unwrap()), [0]);
    assert_eq!(index.attribute(1, "城市"), None);
    assert_eq!(index.orders().of(0), [Row { at: T, value: 400, items: 2 }]);
    assert!(index.orders().of(1).is_empty());
    assert!(index.events("click").unwrap()["新品"].of(1).is_empty());
    fill(&mut index, 1);
    assert_eq!(index.orders().of(1).len(), 1);
}

#[test]
fn a_snapshot_is_the_index_or_nothing() {
    let mut index = Index::new();
    index.set_tag_names([(TagId(101), "油性皮肤".into())]);
    index.define_attribute("等级", AttributeKind::Choice(vec!["金卡".into()]));
    for n in 0..6_000u32 {
        let ord = (n * 7_919) % 150_000;
        index.set_following(ord, n % 3 > 0, T + i64::from(n));
        index.set_tags(ord, &[TagId(101 + i64::from(n % 2))]);
        index.set_own_tag(ord, "老客户", n % 100 == 0);
        let value = match n % 3 {
            0 => Attribute::Text(format!("城{}", n % 7)),
            1 => Attribute::Number(f64::from(n)),
            _ => Attribute::Flag(true),
        };
        index.set_attribute(ord, "城市", value);
        let order = Order {
            at: T + i64::from(n),
            cents: i64::from(n) * 1_000,
            items: 2,
            refunded_cents: 0,
        };
        index.add_order(ord, order);
        index.add_event(ord, "click", ["新品", "促销"][(n % 2) as usize], T, Some(n.into()));
        index.add_event(n % 10, "message", "", T, None);
    }
    index.set_list("员工", (5..900).collect());
    index.forget(77);
    let mut bytes = Vec::new();
    index.write_snapshot(&mut bytes, "state 7").unwrap();
    let mut read = Index::read_snapshot(&bytes[..], "state 7").unwrap();
    let mut again = Vec::new();
    read.write_snapshot(&mut again, "state 7").unwrap();
    assert_eq!(bytes, again);
    assert_eq!((read.len(), read.membership_version()), (index.len(), index.membership_version()));
    for ord in (0..150_000).step_by(97) {
        assert_eq!(read.orders().of(ord), index.orders().of(ord));
        assert_eq!(read.attribute(ord, "城市"), index.attribute(ord, "城市"));
        assert_eq!(read.subscribed_at(ord), index.subscribed_at(ord));
        assert_eq!(read.tags_of(ord), index.tags_of(ord));
    }
    assert_eq!(read.everyone(), index.everyone());
    // It goes on like the one it was made of.
    read.add_event(149_999, "click", "新品", T, None);
    index.add_event(149_999, "click", "新品", T, None);
    read.set_attribute(3, "城市", Attribute::Text("城1".into()));
    assert_eq!(
        read.events("click").unwrap()["新品"].len(),
        index.events("click").unwrap()["新品"].len()
    );
    assert_eq!(read.attribute(3, "城市"), Some(Attribute::Text("城1".into())));

    assert!(matches!(Index::read_snapshot(&bytes[..], "state 8"), Err(snapshot::Error::Other)));
    assert!(Index::read_snapshot(&bytes[..bytes.len() - 1], "state 7").is_err());
    for place in (0..bytes.len()).step_by(bytes.len() / 200) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        assert!(Index::read_snapshot(&damaged[..], "state 7").is_err(), "{place}");
    }
}

#[test]
fn a_snapshot_holds_nothing_of_whoever_was_forgotten() {
    let mut index = Index::new();
    for (ord, name) in [(0, "C-0000001"), (1, "C-0000002"), (2, "C-0000003")] {
        index.set_following(ord, true, T);
        index.set_attribute(ord, "customer_id", Attribute::Text(name.into()));
        index.set_attribute(ord, "积分", Attribute::Number(4_711.5 + f64::from(ord)));
        index.set_own_tag(ord, &format!("tag of {name}"), true);
        index.add_event(ord, "visit", &format!("/orders/{name}"), T, Some(7));
    }
    index.forget(1);
    let mut bytes = Vec::new();
    index.write_snapshot(&mut bytes, "state").unwrap();
    let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    assert!(holds(b"C-0000001") && holds(b"C-0000003") && holds(&4_711.5_f64.to_le_bytes()));
    assert!(!holds(b"C-0000002") && !holds(&4_712.5_f64.to_le_bytes()));
    let read = Index::read_snapshot(&bytes[..], "state").unwrap();
    for ord in 0..3 {
        for name in ["customer_id", "积分"] {
            assert_eq!(read.attribute(ord, name), index.attribute(ord, name));
        }
    }
    assert_eq!(read.events("visit").unwrap().len(), 2);
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
