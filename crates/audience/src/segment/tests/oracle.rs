//! Random populations and random trees: the index and the evaluator against people and plain
//! loops; text and JSON against the tree they came from.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const TAGS: [(i64, &str); 3] = [(100, "油性皮肤"), (101, "干性皮肤"), (205, "quoted \" \\ one")];
const OWN: [&str; 2] = ["梅雨", "a b"];
const ATTRIBUTES: [&str; 3] = ["城市", "birthday", "not"];
const KINDS: [&str; 3] = ["click", "message", "order"];
const KEYS: [&str; 2] = ["新品", ""];
/// Number and name: one name is that of two products.
const PRODUCTS: [(&str, &str); 3] = [("A", "面霜"), ("B", "面霜"), ("C", "")];
const ASKED: [&str; 4] = ["A", "B", "C", "面霜"];
const CAMPAIGNS: [&str; 2] = ["spring", "夏"];
const DAY: i64 = 86_400;
const CAP: u8 = 5;
const MESSAGE_WINDOW: i64 = 2 * DAY;
const CLICK_WINDOW: i64 = 60;
const OUTER: &str = "in segment \"inner\" or slots >= 2";
const INNER: &str = "subscribed and count(click) > 0";

#[derive(Debug, Clone)]
struct Person {
    following: bool,
    subscribed_at: Option<i64>,
    tags: BTreeSet<i64>,
    own: BTreeSet<&'static str>,
    attributes: Vec<Option<Attribute>>,
    orders: Vec<(i64, i64, u32)>,
    /// Number, when, cents, pieces.
    lines: Vec<(usize, i64, i64, u32)>,
    events: Vec<(&'static str, &'static str, i64, i64)>,
    received: BTreeSet<&'static str>,
    slots: u8,
    sent: Vec<(&'static str, i64)>,
    consents: u32,
    on_list: bool,
}

/// Within a few days of now, often at the very edge of so many days before it or of a day in China:
/// now is noon.
fn when() -> impl Strategy<Value = i64> {
    (
        0i64..12,
        prop_oneof![Just(0i64), Just(-1), Just(1), Just(-DAY / 2), Just(-DAY / 2 - 1), 0..DAY],
    )
        .prop_map(|(days, off)| now().0 - (days - 1) * DAY + off)
}

fn day() -> impl Strategy<Value = Day> {
    (0i32..12).prop_map(|back| Day(now().day().0 + 1 - back))
}

fn value() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        prop::sample::select(vec!["上海", "北京", "3", "-1.50", "2026-02-25", "NaN"])
            .prop_map(|text| Attribute::Text(text.into())),
        (-2i32..5).prop_map(|n| Attribute::Number(f64::from(n) / 2.0)),
        day().prop_map(|day| Attribute::Text(day.to_string())),
        any::<bool>().prop_map(Attribute::Flag),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    let subset = |n: usize| prop::collection::vec(0..n, 0..3);
    let event =
        (prop::sample::select(&KINDS[..]), prop::sample::select(&KEYS[..]), when(), -3i64..4);
    (
        (any::<bool>(), prop::option::of(when()), subset(3), subset(2)),
        prop::collection::vec(prop::option::of(value()), 3),
        prop::collection::vec((when(), 0i64..4, 0u32..3), 0..4),
        prop::collection::vec(event, 0..4),
        (
            subset(2),
            0u8..6,
            prop::collection::vec((prop::sample::select(&CAMPAIGNS[..]), when()), 0..3),
            0u32..4,
            any::<bool>(),
            prop::collection::vec((0usize..3, when(), 0i64..4, 0u32..3), 0..4),
        ),
    )
        .prop_map(
            |((following, subscribed_at, tags, own), attributes, orders, events, rest)| Person {
                following,
                subscribed_at,
                tags: tags.into_iter().map(|n| TAGS[n].0).collect(),
                own: own.into_iter().map(|n| OWN[n]).collect(),
                attributes,
                lines: rest.5.into_iter().map(|(n, at, y, i)| (n, at, y * 125, i)).collect(),
                orders: orders.into_iter().map(|(at, n, i)| (at, n * 125, i)).collect(),
                events,
                received: rest.0.into_iter().map(|n| CAMPAIGNS[n]).collect(),
                slots: rest.1,
                sent: rest.2,
                consents: rest.3,
                on_list: rest.4,
            },
        )
}

fn compare() -> impl Strategy<Value = Compare> {
    prop::sample::select(Compare::SIGNS.map(|(compare, _)| compare).to_vec())
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::AllTime),
        (0u32..12).prop_map(Window::Days),
        (0u32..80).prop_map(Window::Hours),
        (day(), 0i32..5).prop_map(|(from, n)| Window::Between { from, to: Day(from.0 + n) }),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let key = prop::option::of(prop::sample::select(&KEYS[..]).prop_map(str::to_owned));
    prop_oneof![
        Just(Happening::Order),
        name(&ASKED).prop_map(Happening::Bought),
        (prop::sample::select(&KINDS[..]), key)
            .prop_map(|(kind, key)| Happening::Event { kind: Name::new(kind), key }),
    ]
}

fn name(names: &'static [&'static str]) -> impl Strategy<Value = Name> {
    prop::sample::select(names).prop_map(Name::new)
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        prop::sample::select(vec!["上海", "3", "2026-02-25", ""])
            .prop_map(|text| Literal::Text(text.into())),
        (-2i32..5).prop_map(|n| Literal::Number(f64::from(n) / 2.0)),
        day().prop_map(Literal::Date),
        any::<bool>().prop_map(Literal::Flag),
        (0u32..12).prop_map(Literal::DaysAgo),
        (0u32..3).prop_map(Literal::DaysAhead),
    ]
}

fn ordering() -> impl Strategy<Value = Compare> {
    prop::sample::select(vec![
        Compare::Less,
        Compare::LessOrEqual,
        Compare::More,
        Compare::MoreOrEqual,
    ])
}

fn within() -> impl Strategy<Value = Within> {
    prop_oneof![(0u32..12).prop_map(Within::Days), (0u32..80).prop_map(Within::Hours)]
}

/// The conditions that came with lists, windows, consents and saved segments.
fn newer_condition() -> impl Strategy<Value = Segment> {
    let matching = vec![Matching::Contains, Matching::Starts, Matching::Ends];
    let key = prop::option::of(prop::sample::select(&KEYS[..]).prop_map(str::to_owned));
    let summed = prop_oneof![
        Just(Summed::Items),
        name(&ASKED).prop_map(Summed::Bought),
        (prop::sample::select(&KINDS[..]), key)
            .prop_map(|(kind, key)| Summed::Event { kind: Name::new(kind), key }),
    ];
    let part = prop::sample::select(vec!["上", "海", "2026", "3", ""]);
    prop_oneof![
        (name(&ATTRIBUTES), prop::sample::select(matching), part).prop_map(
            |(name, matching, text)| Segment::Matches { name, matching, text: text.into() }
        ),
        (name(&ATTRIBUTES), 0u32..400).prop_map(|(name, days)| Segment::Anniversary { name, days }),
        (summed, window(), compare(), -4i64..6).prop_map(|(of, window, compare, number)| {
            Segment::Sum { of, window, compare, number }
        }),
        (name(&CAMPAIGNS), prop::option::of(happening()), prop::option::of(within()))
            .prop_map(|(campaign, by, within)| Segment::Reacted { campaign, by, within }),
        Just(Segment::Reachable),
        (ordering(), 0u32..60)
            .prop_map(|(compare, hours)| Segment::ReachableFor { compare, hours }),
        (compare(), 0u32..5).prop_map(|(compare, number)| Segment::Consents {
            template: Name::new("TID"),
            compare,
            number
        }),
        (0u32..=1_000_000)
            .prop_map(|per_million| Segment::Share { salt: "盐".into(), per_million }),
        Just(Segment::InList(Name::new("员工"))),
        prop::sample::select(vec!["outer", "inner"])
            .prop_map(|saved| Segment::InSegment(Name::new(saved))),
    ]
}

fn condition() -> impl Strategy<Value = Segment> {
    let when = prop_oneof![
        (0u32..12).prop_map(When::DaysAgo),
        (0u32..80).prop_map(When::HoursAgo),
        day().prop_map(When::Date)
    ];
    let order = ordering();
    let which = prop_oneof![Just(Which::First), Just(Which::Last)];
    prop_oneof![
        Just(Segment::Everyone),
        Just(Segment::Subscribed),
        (0u32..12).prop_map(Segment::SubscribedWithin),
        day().prop_map(Segment::SubscribedBefore),
        (0usize..3).prop_map(|n| Segment::Tag(Name::new(TAGS[n].1))),
        (0usize..3).prop_map(|n| Segment::TagNumber(TagId(TAGS[n].0).into())),
        name(&OWN).prop_map(Segment::OwnTag),
        name(&ATTRIBUTES).prop_map(Segment::Has),
        (name(&ATTRIBUTES), compare(), literal())
            .prop_map(|(name, compare, value)| Segment::Attribute { name, compare, value }),
        (name(&ATTRIBUTES), prop::collection::vec(literal(), 1..4))
            .prop_map(|(name, values)| Segment::AttributeIn { name, values }),
        (happening(), window(), compare(), 0u32..3).prop_map(|(what, window, compare, number)| {
            Segment::Count { what, window, compare, number }
        }),
        (prop::option::of(name(&ASKED)), window(), compare(), -1i64..6).prop_map(
            |(of, window, compare, n)| Segment::AmountSum { of, window, compare, cents: n * 125 }
        ),
        (which, happening(), order, when).prop_map(|(which, what, compare, when)| {
            Segment::Moment { which, what, compare, when }
        }),
        happening().prop_map(Segment::Never),
        name(&CAMPAIGNS).prop_map(Segment::Received),
        (compare(), 0u8..7).prop_map(|(compare, number)| Segment::Slots { compare, number }),
    ]
}

fn tree() -> impl Strategy<Value = Segment> {
    prop_oneof![2 => condition(), 1 => newer_condition()].prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Segment::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Segment::Any),
            inner.prop_map(|part| Segment::Not(Box::new(part))),
        ]
    })
}

fn index_of(people: &[Person]) -> (Index, World) {
    let mut index = Index::new();
    index.set_tag_names(TAGS.map(|(tag, name)| (TagId(tag), name.to_owned())));
    let opening = |kind: &str, seconds| Opening { kind: kind.into(), seconds };
    let saved = [("outer", OUTER), ("inner", INNER)].map(|(name, text)| (name.into(), text.into()));
    let mut world = World {
        openings: vec![opening("message", MESSAGE_WINDOW), opening("click", CLICK_WINDOW)],
        saved: saved.into(),
        ..World::default()
    };
    for key in CAMPAIGNS {
        world.received.insert(key.into(), Set::new());
        world.sent.insert(key.into(), Vec::new());
    }
    for (ord, person) in (0..).zip(people) {
        index.set_following(ord, true, Timestamp(0));
        if let Some(at) = person.subscribed_at {
            index.set_subscribed_at(ord, Timestamp(at));
        } else {
            index.set_subscribed_at(ord, Timestamp(i64::MIN));
        }
        index.set_following(ord, person.following, now());
        index.set_tags(ord, &[TagId(100), TagId(205)]);
        index.set_tags(ord, &person.tags.iter().copied().map(TagId).collect::<Vec<_>>());
        for own in &person.own {
            index.set_own_tag(ord, own, true);
        }
        for (name, value) in ATTRIBUTES.iter().zip(&person.attributes) {
            if let Some(value) = value {
                index.set_attribute(ord, name, value.clone());
            }
        }
        for key in &person.received {
            world.received.entry((*key).into()).or_default().insert(ord);
        }
        for (key, at) in &person.sent {
            let parts = world.sent.entry((*key).into()).or_default();
            match parts.iter_mut().find(|(moment, _)| moment.0 == *at) {
                Some((_, to)) => drop(to.insert(ord)),
                None => parts.push((Timestamp(*at), [ord].into_iter().collect())),
            }
        }
        world.slots.push(person.slots);
        world.consents.entry("TID".into()).or_default().push(person.consents);
        index.put_in_list("员工", ord, person.on_list);
    }
    // The last person's orders come first, so that they wait in the tail.
    for (ord, person) in (0..people.len() as u32).zip(people).rev() {
        // Refunds come later.
        for (at, cents, items) in &person.orders {
            let paid =
                Order { at: Timestamp(*at), cents: cents + 50, items: *items, refunded_cents: 0 };
            index.add_order(ord, paid);
            let refunded = Order { refunded_cents: 50, ..paid };
            assert!(index.change_order(ord, paid, refunded));
        }
        for (product, at, cents, quantity) in &person.lines {
            let (sku, name) = PRODUCTS[*product];
            let line = OrderLine {
                sku,
                name,
                at: Timestamp(*at),
                quantity: *quantity,
                cents: *cents,
                refunded_cents: 0,
            };
            let paid = OrderLine { cents: line.cents + 70, ..line };
            index.add_order_line(ord, paid);
            let back = OrderLine { refunded_cents: 70, ..paid };
            assert!(index.change_order_line(ord, paid, back));
        }
        for (kind, key, at, number) in &person.events {
            let number = Some(*number).filter(|number| *number != 0);
            index.add_event(ord, kind, key, Timestamp(*at), number);
        }
    }
    (index, world)
}

fn before_row(order: Order) -> crate::index::Row {
    let value = order.cents - order.refunded_cents;
    crate::index::Row { at: order.at, value, items: order.items }
}

fn cmp<T: PartialOrd>(a: T, compare: Compare, b: T) -> bool {
    match compare {
        Compare::Equal => a == b,
        Compare::NotEqual => a != b,
        Compare::Less => a < b,
        Compare::LessOrEqual => a <= b,
        Compare::More => a > b,
        Compare::MoreOrEqual => a >= b,
    }
}

fn attribute(value: &Attribute, compare: Compare, literal: &Literal) -> bool {
    let same_or_not = |same: bool| match compare {
        Compare::Equal => same,
        Compare::NotEqual => !same,
        _ => false,
    };
    match (value, literal) {
        (Attribute::Text(a), Literal::Text(b)) => same_or_not(a == b),
        (Attribute::Flag(a), Literal::Flag(b)) => same_or_not(a == b),
        (Attribute::Number(a), Literal::Number(b)) => cmp(*a, compare, *b),
        (Attribute::Text(a), Literal::Number(b)) => match a.parse::<f64>() {
            Ok(a) if a.is_finite() => cmp(a, compare, *b),
            _ => same_or_not(false),
        },
        (Attribute::Text(a), Literal::Date(b)) => match a.parse::<Day>() {
            Ok(a) => cmp(a, compare, *b),
            Err(_) => same_or_not(false),
        },
        (Attribute::Text(a), Literal::DaysAgo(n)) => match a.parse::<Day>() {
            Ok(a) => cmp(now().day().0 - a.0, compare, *n as i32),
            Err(_) => same_or_not(false),
        },
        (Attribute::Text(a), Literal::DaysAhead(n)) => match a.parse::<Day>() {
            Ok(a) => cmp(a.0 - now().day().0, compare, *n as i32),
            Err(_) => same_or_not(false),
        },
        _ => same_or_not(false),
    }
}

fn inside(window: Window, at: i64) -> bool {
    let start = |day: Day| i64::from(day.0) * DAY - 8 * 3600;
    at <= now().0
        && match window {
            Window::AllTime => true,
            Window::Days(days) => at >= now().0 - i64::from(days) * DAY,
            Window::Hours(hours) => at >= now().0 - i64::from(hours) * 3600,
            Window::Between { from, to } => at >= start(from) && at < start(to) + DAY,
        }
}

fn times(person: &Person, what: &Happening, window: Window) -> Vec<i64> {
    let all: Vec<i64> = match what {
        Happening::Order => person.orders.iter().map(|order| order.0).collect(),
        Happening::Bought(name) => lines(person, name.as_str()).map(|line| line.1).collect(),
        Happening::Event { kind, key } => person
            .events
            .iter()
            .filter(|event| event.0 == kind.as_str())
            .filter(|event| key.as_ref().is_none_or(|key| event.1 == key))
            .map(|event| event.2)
            .collect(),
    };
    all.into_iter().filter(|at| inside(window, *at)).collect()
}

fn lines<'p>(
    person: &'p Person,
    product: &'p str,
) -> impl Iterator<Item = &'p (usize, i64, i64, u32)> {
    person.lines.iter().filter(move |line| {
        let (sku, name) = PRODUCTS[line.0];
        sku == product || name == product
    })
}

/// Until when a window is open; follows, and what opened it happened since.
fn window_until(person: &Person) -> Option<i64> {
    let since = person.subscribed_at.unwrap_or(i64::MIN);
    let open = person.events.iter().filter(|event| event.2 >= since && event.2 <= now().0);
    let until = open.filter_map(|event| match event.0 {
        "message" => Some(event.2 + MESSAGE_WINDOW),
        "click" => Some(event.2 + CLICK_WINDOW),
        _ => None,
    });
    until.max().filter(|until| person.following && *until > now().0)
}

fn comes_round(value: &Attribute, days: u32) -> bool {
    let Attribute::Text(text) = value else { return false };
    let Ok(day) = text.parse::<Day>() else { return false };
    let written = day.to_string();
    (0..=days as i32).any(|ahead| Day(now().day().0 + ahead).to_string()[5..] == written[5..])
}

fn is_in(ord: u32, person: &Person, segment: &Segment) -> bool {
    let value = |name: &Name| {
        let at = ATTRIBUTES.iter().position(|known| *known == name.as_str()).unwrap();
        person.attributes[at].clone()
    };
    match segment {
        Segment::All(parts) => parts.iter().all(|part| is_in(ord, person, part)),
        Segment::Any(parts) => parts.iter().any(|part| is_in(ord, person, part)),
        Segment::Not(part) => !is_in(ord, person, part),
        Segment::Everyone => true,
        Segment::Subscribed => person.following,
        Segment::SubscribedWithin(days) => {
            person.following
                && person.subscribed_at.is_some_and(|at| inside(Window::Days(*days), at))
        }
        Segment::SubscribedBefore(day) => {
            let start = i64::from(day.0) * DAY - 8 * 3600;
            person.following && person.subscribed_at.is_some_and(|at| at < start && at <= now().0)
        }
        Segment::Tag(name) => {
            let tag = TAGS.iter().find(|(_, known)| *known == name.as_str()).unwrap().0;
            person.tags.contains(&tag)
        }
        Segment::TagNumber(number) => person.tags.contains(&TagId::from(*number).0),
        Segment::OwnTag(name) => person.own.contains(name.as_str()),
        Segment::Has(name) => value(name).is_some(),
        Segment::Attribute { name, compare, value: literal } => {
            value(name).is_some_and(|value| attribute(&value, *compare, literal))
        }
        Segment::AttributeIn { name, values } => value(name).is_some_and(|value| {
            values.iter().any(|literal| attribute(&value, Compare::Equal, literal))
        }),
        Segment::Count { what, window, compare, number } => {
            cmp(times(person, what, *window).len() as u32, *compare, *number)
        }
        Segment::AmountSum { of: Some(product), window, compare, cents } => {
            let lines = lines(person, product.as_str()).filter(|line| inside(*window, line.1));
            cmp(lines.map(|line| line.2).sum(), *compare, *cents)
        }
        Segment::AmountSum { of: None, window, compare, cents } => {
            let orders = person.orders.iter().filter(|order| inside(*window, order.0));
            cmp(orders.map(|order| order.1).sum(), *compare, *cents)
        }
        Segment::Moment { which, what, compare, when } => {
            let all = times(person, what, Window::AllTime);
            let one = match which {
                Which::First => all.into_iter().min(),
                Which::Last => all.into_iter().max(),
            };
            one.is_some_and(|at| match when {
                When::DaysAgo(days) => cmp(now().0 - at, *compare, i64::from(*days) * DAY),
                When::HoursAgo(hours) => cmp(now().0 - at, *compare, i64::from(*hours) * 3600),
                When::Date(day) => cmp((at + 8 * 3600).div_euclid(DAY), *compare, day.0.into()),
            })
        }
        Segment::Never(what) => times(person, what, Window::AllTime).is_empty(),
        Segment::Received(key) => person.received.contains(key.as_str()),
        Segment::Slots { compare, number } => cmp(person.slots, *compare, *number),
        Segment::Matches { name, matching, text } => match (value(name), matching) {
            (Some(Attribute::Text(value)), Matching::Contains) => value.contains(text),
            (Some(Attribute::Text(value)), Matching::Starts) => value.starts_with(text),
            (Some(Attribute::Text(value)), Matching::Ends) => value.ends_with(text),
            _ => false,
        },
        Segment::Anniversary { name, days } => {
            value(name).is_some_and(|value| comes_round(&value, *days))
        }
        Segment::Sum { of: Summed::Items, window, compare, number } => {
            let orders = person.orders.iter().filter(|order| inside(*window, order.0));
            cmp(orders.map(|order| i64::from(order.2)).sum(), *compare, *number)
        }
        Segment::Sum { of: Summed::Bought(product), window, compare, number } => {
            let lines = lines(person, product.as_str()).filter(|line| inside(*window, line.1));
            cmp(lines.map(|line| i64::from(line.3)).sum(), *compare, *number)
        }
        Segment::Sum { of: Summed::Event { kind, key }, window, compare, number } => {
            let events = person.events.iter().filter(|event| event.0 == kind.as_str());
            let events = events.filter(|event| key.as_ref().is_none_or(|key| event.1 == key));
            let events = events.filter(|event| inside(*window, event.2));
            cmp(events.map(|event| event.3).sum(), *compare, *number)
        }
        Segment::Reacted { campaign, by, within } => {
            let sent = person.sent.iter().filter(|(key, _)| *key == campaign.as_str());
            let Some(sent) = sent.map(|(_, at)| *at).min() else { return false };
            let seconds = match within {
                None => 7 * DAY,
                Some(Within::Days(days)) => i64::from(*days) * DAY,
                Some(Within::Hours(hours)) => i64::from(*hours) * 3600,
            };
            let event = |kind| Happening::Event { kind: Name::new(kind), key: None };
            let usual = vec![event("click"), event("message"), Happening::Order];
            let what = by.clone().map_or(usual, |what| vec![what]);
            let all = what.iter().flat_map(|what| times(person, what, Window::AllTime));
            all.into_iter().any(|at| at >= sent && at - sent <= seconds)
        }
        Segment::Reachable => window_until(person).is_some(),
        Segment::ReachableFor { compare, hours } => window_until(person)
            .is_some_and(|until| cmp(until, *compare, now().0 + i64::from(*hours) * 3600)),
        Segment::Consents { compare, number, .. } => cmp(person.consents, *compare, *number),
        // Its own tests say what a share is; here it must only be the same everywhere.
        Segment::Share { salt, per_million } => share::holds(share::seed(salt), *per_million, ord),
        Segment::InList(_) => person.on_list,
        Segment::InSegment(name) => {
            let text = if name.as_str() == "outer" { OUTER } else { INNER };
            is_in(ord, person, &Segment::parse(text).unwrap())
        }
    }
}

proptest! {
    #[test]
    fn evaluation_is_what_a_loop_over_people_says(
        people in prop::collection::vec(person(), 0..80), tree in tree(), planes in any::<bool>()
    ) {
        let (index, mut world) = index_of(&people);
        let expected: Set = (0..)
            .zip(&people)
            .filter(|(ord, person)| is_in(*ord, person, &tree))
            .map(|(ord, _)| ord)
            .collect();
        let mut found = tree.evaluate(&index, &world, now());
        if planes {
            let used = people.iter().map(|person| CAP - person.slots);
            let plane = |bit: u8| {
                let used = (0..).zip(used.clone());
                used.filter(|(_, used)| used >> bit & 1 == 1).map(|(ord, _)| ord).collect()
            };
            world.used = Some(((0..3).map(plane).collect(), CAP));
            found = tree.evaluate(&index, &world, now());
        }
        prop_assert_eq!(tree.count(&index, &world, now()), found.len());
        prop_assert_eq!(&found, &expected, "{}", tree);
        for ord in (0..people.len() as u32 + 1).step_by(7) {
            let explained = tree.explain(&index, &world, now(), ord);
            prop_assert_eq!(explained.holds, found.contains(ord), "{} of {}", tree, ord);
        }
    }

    /// Kept answers against an index that never kept any, after each of many changes, and against
    /// one built anew from what is true at the end.
    #[test]
    fn upkeep_is_a_rebuild(
        people in prop::collection::vec(person(), 1..30),
        tree in tree(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0u8..5, when(), -3i64..4), 0..12),
        later in 0i64..200_000,
    ) {
        let (mut index, world) = index_of(&people);
        let mut people = people;
        let mut then = now();
        for (who, what, at, number) in changes {
            // Half the questions come a moment later than the last.
            then = then + (later % 3) * 30;
            prop_assert_eq!(
                tree.evaluate(&index, &world, then), tree.evaluate(&index.clone(), &world, then)
            );
            let ord = who.index(people.len());
            let person = &mut people[ord];
            let (ord, moment) = (ord as u32, Timestamp(at));
            match what {
                0 => {
                    person.orders.push((at, number * 125, 2));
                    index.add_order(ord, Order { at: moment, cents: number * 125, items: 2, refunded_cents: 0 });
                }
                1 => {
                    person.events.push(("click", "新品", at, number));
                    index.add_event(ord, "click", "新品", moment, Some(number));
                }
                2 => {
                    if let Some((at, cents, items)) = person.orders.first_mut() {
                        let before = Order {
                            at: Timestamp(*at), cents: *cents + 50, items: *items, refunded_cents: 50,
                        };
                        let held = index.orders().of(ord);
                        if held.contains(&before_row(before)) {
                            *cents = 0;
                            let after = Order { refunded_cents: before.cents, ..before };
                            prop_assert!(index.change_order(ord, before, after));
                        }
                    }
                }
                3 => {
                    person.tags = [101].into();
                    index.set_tags(ord, &[TagId(101)]);
                }
                _ => {
                    person.attributes[0] = Some(Attribute::Number(1.5));
                    index.set_attribute(ord, ATTRIBUTES[0], Attribute::Number(1.5));
                }
            }
        }
        let (rebuilt, _) = index_of(&people);
        prop_assert_eq!(
            tree.evaluate(&index, &world, now()), tree.evaluate(&rebuilt, &world, now()), "{}", tree
        );
    }

    #[test]
    fn text_and_json_keep_the_tree(tree in tree()) {
        let text = tree.to_string();
        let read = Segment::parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", text);
        prop_assert_eq!(read.unwrap().to_string(), text);
        let json = serde_json::to_string(&tree).unwrap();
        prop_assert_eq!(serde_json::from_str::<Segment>(&json).unwrap(), tree, "{}", json);
    }

    #[test]
    fn any_name_text_and_number_survives(
        name in ".{0,12}", text in ".{0,12}", number in prop::num::f64::NORMAL | prop::num::f64::ZERO,
        cents in -1_000_000_000_000i64..1_000_000_000_000,
    ) {
        let at = |value| Segment::Attribute {
            name: Name::new(name.clone()), compare: Compare::Equal, value,
        };
        let tree = Segment::All(vec![
            at(Literal::Text(text.clone())),
            at(Literal::Number(number)),
            Segment::Tag(Name::new(text)),
            Segment::AmountSum { of: None, window: Window::AllTime, compare: Compare::Less, cents },
        ]);
        let read = Segment::parse(&tree.to_string());
        prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", tree);
    }

    /// Whatever is typed, there is an answer, and its column lies in the text or at its end.
    #[test]
    fn nothing_typed_breaks_the_reader(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "tag", "\"", "且", "或", "非", "not", "(", ")", "#", "1", "90d", "..", ".", "-",
                    "2026-01-01", "orders", "count", "last", "order", ",", ">=", "`", "\\", "own",
                    "in", "城市", " ", "share", "10%", "window", "2h", "sum", "list", "segment",
                    "consents", "bought", "reacted", "by", "anniversary", "today", "ago", "ahead", "contains", "starts", "slots", "received", "within", "subscribed", "，", "！", "!",
                ]).prop_map(str::to_owned),
                ".{0,3}",
            ],
            0..14,
        )
    ) {
        let text = pieces.concat();
        match Segment::parse(&text) {
            Ok(tree) => prop_assert_eq!(Segment::parse(&tree.to_string()), Ok(tree)),
            Err(error) => {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.column), "{error}");
            }
        }
    }
}
