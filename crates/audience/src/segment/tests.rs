//! Cases by hand; random populations and trees against a naive oracle stand in [`oracle`].

mod errors;
mod oracle;

use std::borrow::Cow;
use std::collections::BTreeMap;

use wire::{TagId, Timestamp};

use super::*;
use crate::{Attribute, AttributeKind, Index, Order, OrderLine, Set};

/// What the tests' campaigns and slots are.
#[derive(Default)]
struct World {
    received: BTreeMap<String, Set>,
    slots: Vec<u8>,
    sent: BTreeMap<String, Vec<(Timestamp, Set)>>,
    consents: BTreeMap<String, Vec<u32>>,
    openings: Vec<Opening>,
    saved: BTreeMap<String, String>,
    /// What was used of a cap, as planes; without it slots are asked for by number.
    used: Option<(Vec<Set>, u8)>,
}

impl Context for World {
    fn received(&self, campaign_key: &str) -> Option<Cow<'_, Set>> {
        self.received.get(campaign_key).map(Cow::Borrowed)
    }

    fn slots_at_least(&self, n: u8) -> Set {
        (0..).zip(&self.slots).filter(|(_, left)| **left >= n).map(|(ord, _)| ord).collect()
    }

    fn slots_used(&self) -> Option<(&[Set], u8)> {
        self.used.as_ref().map(|(planes, cap)| (&planes[..], *cap))
    }

    fn campaign_keys(&self) -> Vec<String> {
        self.received.keys().cloned().collect()
    }

    fn deliveries(&self, campaign_key: &str) -> Option<Vec<Delivery<'_>>> {
        let parts = self.sent.get(campaign_key)?.iter();
        Some(parts.map(|(at, to)| Delivery { at: *at, to: Cow::Borrowed(to) }).collect())
    }

    fn consents_at_least(&self, template: &str, n: u32) -> Option<Set> {
        let held = (0..).zip(self.consents.get(template)?);
        Some(held.filter(|(_, held)| **held >= n).map(|(ord, _)| ord).collect())
    }

    fn templates(&self) -> Vec<String> {
        self.consents.keys().cloned().collect()
    }

    fn openings(&self) -> &[Opening] {
        &self.openings
    }

    fn saved(&self, name: &str) -> Option<Segment> {
        Segment::parse(self.saved.get(name)?).ok()
    }

    fn saved_names(&self) -> Vec<String> {
        self.saved.keys().cloned().collect()
    }
}

fn order(at: Timestamp, cents: i64) -> Order {
    Order { at, cents, items: 1, refunded_cents: 0 }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon of 1 March 2026, China Standard Time.
fn now() -> Timestamp {
    moment("2026-03-01 12:00")
}

/// Six people: 0 and 1 in Shanghai, 2 in Beijing, 3 of whom nothing is known, 4 who left, 5 full.
fn shop() -> (Index, World) {
    let mut index = Index::new();
    for ord in 0..6 {
        index.set_following(ord, ord != 4, moment("2025-06-01 09:00"));
    }
    index.set_following(4, true, moment("2024-12-31 23:59:59"));
    index.set_following(4, false, moment("2026-02-01"));
    index.set_subscribed_at(0, moment("2024-12-31 23:59:59"));
    index.set_subscribed_at(1, now() + -30 * 86_400);
    index.set_tag_names([(TagId(101), "油性皮肤".into()), (TagId(102), "干性皮肤".into())]);
    for (ord, tags) in [(0, vec![101]), (1, vec![101, 102]), (4, vec![101]), (5, vec![102])] {
        index.set_tags(ord, &tags.into_iter().map(TagId).collect::<Vec<_>>());
    }
    index.set_own_tag(2, "梅雨", true);
    let texts = [(0, "城市", "上海"), (1, "城市", "上海"), (2, "城市", "北京"), (0, "年龄", "31")];
    for (ord, name, value) in texts {
        index.set_attribute(ord, name, Attribute::Text(value.into()));
    }
    for (ord, day) in [(0, "1989-12-31"), (1, "1990-01-01"), (2, "unknown")] {
        index.set_attribute(ord, "birthday", Attribute::Text(day.into()));
    }
    index.set_attribute(1, "年龄", Attribute::Number(28.0));
    index.set_attribute(1, "非会员", Attribute::Flag(true));
    index.set_attribute(2, "tag", Attribute::Text("x".into()));
    // Two recent orders of follower 0, one at the very edge of 90 days; an old one of 1; one of 2
    // that has not happened yet.
    index.add_order(0, order(now() + -90 * 86_400, 30_000));
    index.add_order(0, order(now(), 20_000));
    index.add_order(1, order(moment("1997-09-30 23:59:59"), 999));
    index.add_order(2, order(now() + 1, 100));
    let line = |sku, name, at, quantity| OrderLine {
        sku,
        name,
        at,
        quantity,
        cents: 5_000,
        refunded_cents: 1_000,
    };
    index.add_order_line(0, line("SKU-1", "面霜", now() + -90 * 86_400, 1));
    index.add_order_line(0, line("SKU-2", "面霜", now(), 2));
    index.add_order_line(1, line("SKU-1", "面霜", moment("1997-09-30 23:59:59"), 3));
    index.add_event(1, "click", "新品", now() + -3600, None);
    index.add_event(1, "click", "促销", now() + -7200, None);
    index.add_event(2, "message", "", now() + -8 * 86_400, None);
    let received = BTreeMap::from([("spring-2026".to_owned(), Set::full(2))]);
    // 0 wrote an hour ago, 5 two days, 4 before leaving.
    let parts = [(48, Set::full(3)), (47, [3, 5].into_iter().collect())]
        .map(|(ago, to)| (now() + -ago * 3600, to));
    let sent = BTreeMap::from([("spring-2026".to_owned(), parts.into())]);
    for (ord, ago) in [(0, 3600), (5, 48 * 3600), (4, 29 * 86_400), (3, 47 * 3600)] {
        index.add_event(ord, "message", "", now() + -ago, None);
    }
    index.add_event(1, "积分", "签到", now() + -3600, Some(-2));
    index.add_event(1, "积分", "下单", now() + -50 * 3600, Some(30));
    index.set_list("员工", [1, 3].into_iter().collect());
    for (ord, day) in [(0, "2026-03-08"), (1, "2026-02-28"), (2, "2026-04-01")] {
        index.set_attribute(ord, "到期", Attribute::Text(day.into()));
    }
    index.define_attribute("到期", AttributeKind::Date);
    index.define_attribute("等级", AttributeKind::Choice(vec!["金卡".into(), "银卡".into()]));
    index.set_attribute(0, "等级", Attribute::Text("金卡".into()));
    let saved = [("老客", "orders.count() > 0 and not in list \"员工\""), ("坏", "tag \"油皮\"")];
    let saved = saved.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let opening = |kind: &str, seconds| Opening { kind: kind.into(), seconds };
    let world = World {
        received,
        slots: vec![4, 2, 1, 1, 4, 0],
        sent,
        consents: BTreeMap::from([("TID-1".to_owned(), vec![0, 1, 2])]),
        openings: vec![opening("message", 48 * 3600), opening("click", 60)],
        saved,
        used: None,
    };
    (index, world)
}

fn who(text: &str) -> Vec<u32> {
    let (index, world) = shop();
    let segment = Segment::parse(text).and_then(|segment| segment.compile(&index, &world));
    let segment = segment.unwrap_or_else(|error| panic!("{text}: {error}"));
    segment.evaluate(&index, &world, now()).iter().collect()
}

#[test]
fn conditions_choose_whom_they_say() {
    let cases: &[(&str, &[u32])] = &[
        ("everyone", &[0, 1, 2, 3, 4, 5]),
        ("subscribed", &[0, 1, 2, 3, 5]),
        ("not subscribed", &[4]),
        ("subscribed within 30d", &[1]),
        ("subscribed within 29d", &[]),
        ("subscribed before 2025-01-01", &[0]),
        ("subscribed before 2024-12-31", &[]),
        ("tag \"油性皮肤\"", &[0, 1, 4]),
        ("tag #102", &[1, 5]),
        ("own tag \"梅雨\"", &[2]),
        ("城市 = \"上海\"", &[0, 1]),
        ("城市 != \"上海\"", &[2]),
        ("not 城市 = \"上海\"", &[2, 3, 4, 5]),
        ("城市 in (\"北京\", \"上海\", \"广州\")", &[0, 1, 2]),
        ("birthday < 1990-01-01", &[0]),
        ("birthday >= 1990-01-01", &[1]),
        ("birthday != 1990-01-01", &[0, 2]),
        ("年龄 > 28", &[0]),
        ("年龄 <= 31", &[0, 1]),
        ("年龄 in (28, \"31\")", &[0, 1]),
        ("年龄 = 28.0", &[1]),
        ("has birthday", &[0, 1, 2]),
        ("has 等级", &[0]),
        ("非会员 = 是", &[1]),
        ("`tag` = \"x\"", &[2]),
        ("orders.count(90d) >= 2", &[0]),
        ("orders.count(89d) >= 2", &[]),
        ("orders.count(1d) = 0", &[1, 2, 3, 4, 5]),
        ("orders.count() > 0", &[0, 1]),
        ("orders.sum(amount, 90d) >= 500", &[0]),
        ("orders.sum(amount, 90d) > 499.99", &[0]),
        ("orders.sum(amount, 90d) > 500", &[]),
        ("orders.sum(amount) = 9.99", &[1]),
        ("orders.count(1997-01-01..1997-09-30) = 1", &[1]),
        ("orders.count(1997-01-01..1997-09-29) = 1", &[]),
        ("last(order) > 180d ago", &[1]),
        ("last(order) < 30d ago", &[0]),
        ("first(order) > 89d ago", &[0, 1]),
        ("first(order) >= 90d ago", &[0, 1]),
        ("first(order) > 90d ago", &[1]),
        ("last(order) < 1997-09-30", &[]),
        ("last(order) = 1997-09-30", &[1]),
        ("last(order) >= 1997-09-30", &[0, 1]),
        ("never(order)", &[2, 3, 4, 5]),
        ("never(click)", &[0, 2, 3, 4, 5]),
        ("count(click \"新品\", 30d) >= 1", &[1]),
        ("count(click) = 2", &[1]),
        ("count(click \"没人点过\") > 0", &[]),
        ("count(message, 7d) = 0", &[1, 2, 4]),
        ("count(message, 8d) > 0", &[0, 2, 3, 5]),
        ("count(message, 47h) > 0", &[0, 3]),
        ("last(message) > 47h ago", &[2, 4, 5]),
        ("last(message) < 48h ago", &[0, 3]),
        ("sum(积分) >= 28", &[1]),
        ("sum(积分, 49h) < 0", &[1]),
        ("sum(积分 \"下单\") = 30", &[1]),
        ("sum(积分 \"签到\", 1h) = 0", &[0, 2, 3, 4, 5]),
        ("orders.sum(items) >= 2", &[0]),
        ("count(bought \"SKU-1\") >= 1", &[0, 1]),
        ("count(bought \"SKU-1\", 89d) >= 1", &[]),
        ("count(bought \"面霜\") >= 2", &[0]),
        ("never(bought \"SKU-2\") and subscribed", &[1, 2, 3, 5]),
        ("last(bought \"面霜\") > 30d ago", &[1]),
        ("orders.sum(items \"面霜\") >= 3", &[0, 1]),
        ("orders.sum(items \"SKU-2\", 1d) = 2", &[0]),
        ("orders.sum(amount \"面霜\") >= 80", &[0]),
        ("orders.sum(amount \"SKU-1\", 1990-01-01..1999-01-01) = 40", &[1]),
        ("reacted \"spring-2026\"", &[0, 1, 3]),
        ("reacted \"spring-2026\" by order", &[0]),
        ("reacted \"spring-2026\" by click within 46h", &[1]),
        ("reacted \"spring-2026\" by click \"新品\" within 46h", &[]),
        ("reacted \"spring-2026\" by message within 0h", &[3]),
        ("reacted \"spring-2026\" by message within 2d", &[0, 3]),
        ("window", &[0, 3]),
        ("window < 2h", &[3]),
        ("window > 1h", &[0]),
        ("window >= 47h", &[0]),
        ("not window", &[1, 2, 4, 5]),
        ("consents(\"TID-1\") >= 1", &[1, 2]),
        ("consents(\"TID-1\") = 1", &[1]),
        ("consents(\"TID-1\") < 1", &[0, 3, 4, 5]),
        ("in list \"员工\"", &[1, 3]),
        ("in segment \"老客\"", &[0]),
        ("not in segment \"老客\" and orders.count() > 0", &[1]),
        ("到期 < 30d ahead", &[0, 1]),
        ("到期 >= today", &[1]),
        ("到期 < today", &[0, 2]),
        ("到期 <= 7d ahead and 到期 >= 0d ahead", &[0]),
        ("到期 = 1d ago", &[1]),
        ("等级 = \"金卡\"", &[0]),
        ("等级 in (\"金卡\", \"银卡\")", &[0]),
        ("城市 contains \"海\"", &[0, 1]),
        ("城市 starts with \"北\"", &[2]),
        ("城市 ends with \"北\"", &[]),
        ("anniversary(birthday) within 0d", &[]),
        ("anniversary(birthday) within 305d", &[0]),
        ("anniversary(birthday) within 306d", &[0, 1]),
        ("share \"a\" 100%", &[0, 1, 2, 3, 4, 5]),
        ("share \"a\" 0%", &[]),
        ("last(click) < 1d ago", &[1]),
        ("received \"spring-2026\"", &[0, 1]),
        ("slots >= 1", &[0, 1, 2, 3, 4]),
        ("slots = 1", &[2, 3]),
        ("slots != 1", &[0, 1, 4, 5]),
        ("slots < 1", &[5]),
        ("slots <= 255", &[0, 1, 2, 3, 4, 5]),
        ("slots > 255", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(who(text), *expected, "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_chinese_needs_no_spaces() {
    let expected = who("tag \"油性皮肤\" and (城市 = \"上海\" and not tag #102) or slots < 1");
    assert_eq!(expected, [0, 5]);
    for text in [
        "tag “油性皮肤” 且 (城市 = “上海” 且 非 tag #102) 或 slots < 1",
        "tag「油性皮肤」且（城市＝“上海”且非 tag #102）或slots＜1",
        "slots<1 or not tag #102 and 城市=\"上海\"",
    ] {
        assert_eq!(who(text), expected, "{text}");
    }
    assert_eq!(who("城市 in (“上海”、“北京”)且subscribed"), [0, 1, 2]);
}

#[test]
fn an_order_added_is_seen_by_the_next_count() {
    let (mut index, world) = shop();
    let segment = Segment::parse("orders.count(1d) > 0").unwrap();
    assert_eq!(segment.evaluate(&index, &world, now()), [0].into_iter().collect());
    index.add_order(3, order(now() + -5, 1));
    index.add_order(1, order(now() + -5, 1));
    assert_eq!(segment.evaluate(&index, &world, now()), [0, 1, 3].into_iter().collect());
}

#[test]
fn who_was_forgotten_is_nobody() {
    let (mut index, world) = shop();
    index.forget(3);
    for text in ["everyone", "not tag #101", "never(order)", "slots >= 0", "orders.count() < 5"] {
        let segment = Segment::parse(text).unwrap();
        assert!(!segment.evaluate(&index, &world, now()).contains(3), "{text}");
        assert!(!segment.explain(&index, &world, now(), 3).holds, "{text}");
    }
    assert_eq!(Segment::Everyone.count(&index, &world, now()), 5);
}

#[test]
fn trees_read_as_json() {
    let segment = Segment::parse(
        "tag \"油性皮肤\" and not tag #102 and orders.sum(amount, 90d) >= 500 \
         and count(click \"新品\") = 0 and last(order) > 180d ago",
    )
    .unwrap();
    let json = serde_json::json!({"all": [
        {"tag": "油性皮肤"},
        {"not": {"tag_number": 102}},
        {"amount_sum": {"window": {"days": 90}, "compare": ">=", "cents": 50_000}},
        {"count": {
            "what": {"event": {"kind": "click", "key": "新品"}}, "compare": "=", "number": 0
        }},
        {"moment": {
            "which": "last", "what": "order", "compare": ">", "when": {"days_ago": 180}
        }},
    ]});
    assert_eq!(serde_json::to_value(&segment).unwrap(), json);
    assert_eq!(serde_json::from_value::<Segment>(json).unwrap(), segment);
}

#[test]
fn odd_trees_have_a_text_too() {
    for (json, text) in [
        (r#"{"all":[]}"#, "everyone"),
        (r#"{"any":[]}"#, "not everyone"),
        (r#"{"not":{"any":[]}}"#, "not not everyone"),
        (r#"{"not":{"all":["subscribed"]}}"#, "not subscribed"),
        (
            r#"{"all":["subscribed",{"any":[{"all":["everyone","subscribed"]}]}]}"#,
            "subscribed and (everyone and subscribed)",
        ),
    ] {
        let tree: Segment = serde_json::from_str(json).unwrap();
        assert_eq!(tree.to_string(), text);
        let (index, world) = shop();
        let again = Segment::parse(text).unwrap();
        assert_eq!(tree.evaluate(&index, &world, now()), again.evaluate(&index, &world, now()));
    }
}

#[test]
fn an_explanation_shows_what_was_seen() {
    let (index, world) = shop();
    let segment = Segment::parse(
        "tag \"油性皮肤\" and (城市 = \"北京\" or orders.sum(amount) >= 500) \
         and last(click) > 30d ago and slots > 2 and subscribed and count(order) = 2",
    )
    .unwrap();
    let explained = segment.explain(&index, &world, now(), 0);
    assert!(!explained.holds);
    let mut lines = Vec::new();
    flatten(&explained, &mut lines);
    let lines: Vec<_> =
        lines.iter().map(|(text, holds, seen)| (text.as_str(), *holds, seen.as_str())).collect();
    assert_eq!(
        lines[1..],
        [
            ("tag \"油性皮肤\"", true, "油性皮肤"),
            ("城市 = \"北京\" or orders.sum(amount) >= 500", true, ""),
            ("城市 = \"北京\"", false, "上海"),
            ("orders.sum(amount) >= 500", true, "500"),
            ("last(click) > 30d ago", false, "never"),
            ("slots > 2", true, "4"),
            ("subscribed", true, "follows since 2024-12-31T23:59:59+08:00"),
            ("orders.count() = 2", true, "2"),
        ]
    );
    // Someone nobody knows is in nothing, not even in what others are not.
    assert!(!Segment::parse("not tag #101").unwrap().explain(&index, &world, now(), 99).holds);
}

fn flatten(explained: &Explained, lines: &mut Vec<(String, bool, String)>) {
    lines.push((explained.condition.clone(), explained.holds, explained.seen.clone()));
    explained.parts.iter().for_each(|part| flatten(part, lines));
}

#[test]
fn nesting_has_an_end() {
    let deep = |n: usize| format!("{}everyone{}", "(".repeat(n), ")".repeat(n));
    assert!(Segment::parse(&deep(Segment::DEEPEST - 1)).is_ok());
    let error = Segment::parse(&deep(Segment::DEEPEST)).unwrap_err();
    assert_eq!(error.problem, Problem::TooDeep);
    assert!(Segment::parse(&deep(100_000)).is_err());
    assert!(Segment::parse(&"not ".repeat(100_000)).is_err());
    let (index, world) = shop();
    let tree = (0..70).fold(Segment::Everyone, |inner, _| Segment::Not(Box::new(inner)));
    assert_eq!(tree.compile(&index, &world).unwrap_err().problem, Problem::TooDeep);
}

#[test]
fn a_segment_says_who_was_left_out_by_chance() {
    let without = |text: &str| {
        let parsed = Segment::parse(text).unwrap();
        parsed.without_shares().map(|wide| wide.to_string())
    };
    let wide = without(r#"tag "a" and not share "x" 10% and slots >= 1"#);
    assert_eq!(wide.as_deref(), Some(r#"tag "a" and slots >= 1"#));
    assert_eq!(without(r#"share "x" 10% and subscribed"#).as_deref(), Some("subscribed"));
    assert_eq!(without(r#"not share "x" 10%"#).as_deref(), Some("everyone"));
    // Whoever is not in these was left out by more than chance.
    assert_eq!(without(r#"tag "a" or not share "x" 10%"#), None);
    assert_eq!(without(r#"tag "a" and (tag "b" or share "x" 10%)"#), None);
}
