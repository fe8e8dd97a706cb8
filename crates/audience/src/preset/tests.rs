use std::borrow::Cow;
use std::path::PathBuf;

use wire::Timestamp;

use super::*;
use crate::segment::{Context, Opening};
use crate::{Attribute, Index, Order, Segment, Set};

struct Nothing([Opening; 1]);

impl Context for Nothing {
    fn received(&self, _campaign_key: &str) -> Option<Cow<'_, Set>> {
        None
    }
    fn slots_at_least(&self, _n: u8) -> Set {
        Set::new()
    }
    fn campaign_keys(&self) -> Vec<String> {
        Vec::new()
    }
    fn openings(&self) -> &[Opening] {
        &self.0
    }
}

fn nothing() -> Nothing {
    Nothing([Opening { kind: "message".into(), seconds: 48 * 3600 }])
}

fn now() -> Timestamp {
    "2026-03-01 12:00".parse().unwrap()
}

fn ago(days: i64) -> Timestamp {
    now() + -days * 86_400
}

fn order(at: Timestamp, cents: i64) -> Order {
    Order { at, cents, items: 1, refunded_cents: 0 }
}

/// One person for each preset, in the order of the file.
fn people() -> Index {
    let mut index = Index::new();
    for ord in 0..9 {
        index.set_following(ord, true, ago(400));
        index.add_event(ord, "message", "", ago(50), None);
    }
    index.set_following(9, false, ago(1));
    index.set_subscribed_at(0, ago(3));
    index.add_order(1, order(ago(5), 100));
    (0..5).for_each(|n| index.add_order(3, order(ago(10 + n), 20_000)));
    (0..2).for_each(|n| index.add_order(4, order(ago(100 + n), 100)));
    index.add_order(5, order(ago(300), 100));
    index.set_attribute(6, "生日", Attribute::Text("1990-03-05".into()));
    index.forget(9);
    index.add_event(8, "message", "", ago(0), None);
    index
}

#[test]
fn every_preset_finds_whom_it_means() {
    let index = people();
    let expected: [(&str, &[u32]); 9] = [
        ("new-followers", &[0]),
        ("first-order", &[1]),
        ("never-ordered", &[2, 6, 7, 8]),
        ("loyal", &[3]),
        ("at-risk", &[4]),
        ("sleeping", &[5]),
        ("birthdays", &[6]),
        ("silent-since", &[]),
        ("reachable-now", &[8]),
    ];
    assert_eq!(presets().unwrap().len(), expected.len());
    for (key, people) in expected {
        let text = preset(key).unwrap().text(&BTreeMap::new()).unwrap();
        let segment = Segment::parse(&text).unwrap().compile(&index, &nothing()).unwrap();
        let found: Vec<u32> = segment.evaluate(&index, &nothing(), now()).iter().collect();
        assert_eq!(found, people, "{key}: {text}");
    }
    let silent = preset("silent-since").unwrap();
    let text = silent.text(&[("days".to_owned(), "40".to_owned())].into()).unwrap();
    let segment = Segment::parse(&text).unwrap();
    let found: Vec<u32> = segment.evaluate(&index, &nothing(), now()).iter().collect();
    assert_eq!(found, [2, 4, 5, 6, 7]);
}

#[test]
fn values_of_the_wrong_kind_are_named() {
    let text = |key: &str, name: &str, value: &str| {
        let values = [(name.to_owned(), value.to_owned())].into();
        preset(key).and_then(|preset| preset.text(&values))
    };
    let error =
        |key: &str, name: &str, value: &str| text(key, name, value).unwrap_err().to_string();
    assert_eq!(
        error("sleeping", "days", "180d) or everyone or (slots >= 1"),
        "days: \"180d) or everyone or (slots >= 1\" is not a whole number from 0 to 1,000,000,000"
    );
    assert_eq!(
        error("never-ordered", "before", "soon"),
        "before: \"soon\" is not a day such as 2026-03-02"
    );
    assert_eq!(
        error("birthdays", "birthday", " "),
        "birthday: \" \" is not the name of an attribute"
    );
    assert_eq!(
        error("sleeping", "weeks", "3"),
        "preset \"sleeping\" has no parameter \"weeks\"; it has days"
    );
    assert!(
        error("sleepy", "days", "3").starts_with("no preset \"sleepy\"; there are new-followers, ")
    );
    // A name with signs in it stays one name.
    assert_eq!(
        text("birthdays", "birthday", "a) or everyone").unwrap(),
        "subscribed and anniversary(`a) or everyone`) within 7d"
    );
}

/// Counted a second time by plain loops over the lines of the file.
#[test]
fn the_grid_of_real_customers_is_counted_right() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cdnow.txt");
    let Ok(file) = std::fs::read_to_string(&path) else {
        eprintln!("not run, needs shared/data/cdnow.txt");
        return;
    };
    let mut people: BTreeMap<u32, Vec<(i64, i64)>> = BTreeMap::new();
    let mut index = Index::new();
    for line in file.lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [customer, date, items, dollars] = fields[..] else { continue };
        let day: Day = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]).parse().unwrap();
        let cents = (dollars.parse::<f64>().unwrap() * 100.0).round() as i64;
        let at = day.at(12, 0);
        let ord = customer.parse().unwrap();
        people.entry(ord).or_default().push((at.0, cents));
        let items = items.parse().unwrap();
        index.add_order(ord, Order { at, cents, items, refunded_cents: 0 });
    }
    assert_eq!(people.len(), 23_570);
    let now: Timestamp = "1998-07-01 12:00".parse().unwrap();
    let (days, recency, frequency, money) = (400, [90, 180], [2, 5], [50, 200]);
    let mut whole = 0;
    for cell in rfm(days, &recency, &frequency, &money) {
        let segment = Segment::parse(&cell.text).unwrap();
        let counted = segment.count(&index, &nothing(), now);
        let expected = people.values().filter(|orders| {
            let inside = orders.iter().filter(|order| order.0 >= now.0 - i64::from(days) * 86_400);
            let inside: Vec<_> = inside.collect();
            let Some(last) = inside.iter().map(|order| order.0).max() else { return false };
            let age = now.0 - last;
            let recent = 1 + recency.iter().filter(|cut| age <= i64::from(**cut) * 86_400).count();
            let often = 1 + frequency.iter().filter(|cut| inside.len() >= **cut as usize).count();
            let cents: i64 = inside.iter().map(|order| order.1).sum();
            let much = 1 + money.iter().filter(|cut| cents >= i64::from(**cut) * 100).count();
            (recent, often, much) == (cell.recency, cell.frequency, cell.money)
        });
        assert_eq!(counted, expected.count(), "{}", cell.text);
        whole += counted;
    }
    let ordered = Segment::parse("orders.count(400d) >= 1").unwrap();
    assert_eq!(whole, ordered.count(&index, &nothing(), now));
}
