//! Plain averages: what is told where there is too little to learn from, and what an order comes to.

use std::collections::BTreeMap;

use super::examples::{Counts, Examples};
use super::traits::{Feature, Traits};
use super::{Basis, NINE_OF_TEN};

/// Sent and left out of a group, so that its average is told.
const LEAST_OF_GROUP: u64 = 300;
/// And orders of those who were sent something.
const LEAST_ORDERS: u64 = 10;
/// Left out of a kind, or of all campaigns.
const LEAST_LEFT_OUT: u64 = 100;
/// How many orders an amount is drawn towards that of more people.
const DRAWN: f64 = 20.0;

/// Four groups that every shop knows: ordered lately, ordered before, only acted, neither.
fn group(traits: Traits) -> u8 {
    match (traits.bin(Feature::LastOrder), traits.bin(Feature::LastAct)) {
        (1..=3, _) => 0,
        (4.., _) => 1,
        (0, 1..=3) => 2,
        _ => 3,
    }
}

/// Counts of the left out and of the sent.
type Arms = [Counts; 2];

/// Averages by kind and group.
#[derive(Debug, Clone, Default)]
pub(super) struct Averages {
    groups: BTreeMap<(u8, u8), Arms>,
}

/// What a message changes: orders a recipient that there would be anyway, those it adds, and the
/// interval that holds these nine times of ten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Difference {
    pub without: f64,
    pub uplift: f64,
    pub low: f64,
    pub high: f64,
    pub basis: Basis,
}

impl Averages {
    pub fn of(examples: &Examples) -> Self {
        let mut groups: BTreeMap<(u8, u8), Arms> = BTreeMap::new();
        for (cell, folds) in examples.cells() {
            let arms = groups.entry((cell.kind, group(cell.traits))).or_default();
            folds.iter().for_each(|counts| arms[usize::from(cell.sent)].add(counts));
        }
        Self { groups }
    }

    fn sum(&self, holds: impl Fn(u8, u8) -> bool) -> Arms {
        let mut sum = Arms::default();
        for (_, arms) in self.groups.iter().filter(|((kind, group), _)| holds(*kind, *group)) {
            sum.iter_mut().zip(arms).for_each(|(sum, arm)| sum.add(arm));
        }
        sum
    }

    /// The average of the smallest group of people there is enough of; `None` when nobody, or
    /// nearly nobody, was left out.
    pub fn difference(&self, traits: Traits, kind: Option<u8>) -> Option<Difference> {
        let mine = group(traits);
        let of_kind = |found: u8| kind.is_none_or(|kind| kind == found);
        let segment = self.sum(|found, group| of_kind(found) && group == mine);
        let (left_out, sent) = (&segment[0], &segment[1]);
        if left_out.people.min(sent.people) >= LEAST_OF_GROUP && sent.ordered >= LEAST_ORDERS {
            return Some(difference(&segment, Basis::Segment));
        }
        if kind.is_some() {
            let whole = self.sum(|found, _| of_kind(found));
            if enough(&whole) {
                return Some(difference(&whole, Basis::Kind));
            }
        }
        let all = self.sum(|_, _| true);
        enough(&all).then(|| difference(&all, Basis::Overall))
    }

    /// How many more leave when they are sent something.
    pub fn leaving(&self) -> (f64, f64) {
        let [left_out, sent] = self.sum(|_, _| true);
        if left_out.people < LEAST_LEFT_OUT || sent.people < LEAST_LEFT_OUT {
            return (0.0, 0.0);
        }
        let rate = |counts: &Counts| share(counts.left, counts.people);
        let more = rate(&sent).0 - rate(&left_out).0;
        (more.max(0.0), rate(&sent).1 + rate(&left_out).1)
    }
}

fn enough(arms: &Arms) -> bool {
    arms[0].people >= LEAST_LEFT_OUT && arms[1].people >= LEAST_OF_GROUP
}

/// A share and its variance; one and a half successes more keep the variance of none above zero.
fn share(hits: u64, people: u64) -> (f64, f64) {
    let people = people.max(1) as f64;
    let held = (hits as f64 + 1.5) / (people + 3.0);
    (hits as f64 / people, held * (1.0 - held) / people)
}

fn difference(arms: &Arms, basis: Basis) -> Difference {
    let [left_out, sent] = arms.map(|counts| share(counts.ordered, counts.people));
    let uplift = sent.0 - left_out.0;
    let reach = NINE_OF_TEN * (sent.1 + left_out.1).sqrt();
    Difference { without: left_out.0, uplift, low: uplift - reach, high: uplift + reach, basis }
}

/// What an order after a message comes to, by kind and by what people spent before.
#[derive(Debug, Clone, Default)]
pub(super) struct Amounts {
    cells: BTreeMap<(u8, usize), Counts>,
}

/// A mean in cents and its variance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Amount {
    pub cents: f64,
    pub variance: f64,
}

impl Amounts {
    pub fn of(examples: &Examples) -> Self {
        let mut cells: BTreeMap<(u8, usize), Counts> = BTreeMap::new();
        for (cell, folds) in examples.cells().filter(|(cell, _)| cell.sent) {
            let spent = cell.traits.bin(Feature::Amount);
            let sum = cells.entry((cell.kind, spent)).or_default();
            folds.iter().for_each(|counts| sum.add(counts));
        }
        Self { cells }
    }

    /// The mean of people like these, drawn towards that of the kind, and that towards all.
    pub fn mean(&self, traits: Traits, kind: Option<u8>) -> Amount {
        let sum = |holds: &dyn Fn(u8, usize) -> bool| {
            let mut sum = Counts::default();
            let cells = self.cells.iter().filter(|((kind, spent), _)| holds(*kind, *spent));
            cells.for_each(|(_, counts)| sum.add(counts));
            sum
        };
        let all = sum(&|_, _| true);
        if all.ordered == 0 {
            return Amount::default();
        }
        let overall = all.cents as f64 / all.ordered as f64;
        let squares = all.squares as f64 * 10_000.0 / all.ordered as f64;
        let spread = (squares - overall * overall).max(0.0);
        let drawn = |counts: &Counts, towards: f64| {
            (counts.cents as f64 + DRAWN * towards) / (counts.ordered as f64 + DRAWN)
        };
        let of_kind = |found: u8| kind.is_none_or(|kind| kind == found);
        let kinds = sum(&|found, _| of_kind(found));
        let spent = traits.bin(Feature::Amount);
        let people = sum(&|found, bin| of_kind(found) && bin == spent);
        let cents = drawn(&people, drawn(&kinds, overall));
        let weight = (people.ordered as f64 + DRAWN).min(all.ordered as f64);
        Amount { cents, variance: spread / weight }
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::Example;
    use super::super::traits::Known;
    use super::*;

    /// `people` of these, every `nth` of whom orders for `cents`.
    fn add(
        examples: &mut Examples,
        known: Known,
        kind: u8,
        sent: bool,
        (people, nth, cents): (u32, u32, i64),
    ) {
        for ordinal in 0..people {
            let ordered = ordinal.is_multiple_of(nth);
            let traits = Traits::of(&known);
            examples.add(&Example { ordinal, traits, kind, sent, ordered, cents, left: false });
        }
    }

    #[test]
    fn thin_groups_fall_back_to_wider_ones_and_say_so() {
        let lately = Known { days_since_order: Some(3), ..Known::default() };
        let nobody = Known::default();
        let mut examples = Examples::new(vec!["sale".into(), "news".into()], Vec::new());
        let averages = |examples: &Examples, known: Known, kind| {
            Averages::of(examples).difference(Traits::of(&known), kind)
        };
        add(&mut examples, lately, 0, true, (1_000, 10, 5_000));
        assert_eq!(averages(&examples, lately, Some(0)), None, "nobody was left out");
        add(&mut examples, lately, 0, false, (400, 50, 5_000));
        let found = averages(&examples, lately, Some(0)).unwrap();
        assert_eq!(found.basis, Basis::Segment);
        assert!((found.uplift - 0.08).abs() < 1e-9 && (found.without - 0.02).abs() < 1e-9);
        // The root of 0.1·0.9/1000 + 0.02·0.98/400, a little wider, 1.645 times.
        assert!((0.0187..0.0215).contains(&(found.high - found.uplift)), "{found:?}");
        let other_group = averages(&examples, nobody, Some(0)).unwrap();
        assert_eq!((other_group.basis, other_group.uplift), (Basis::Kind, found.uplift));
        let other_kind = averages(&examples, nobody, Some(1)).unwrap();
        assert_eq!(other_kind.basis, Basis::Overall);
    }

    #[test]
    fn few_orders_are_drawn_towards_the_others() {
        let mut examples = Examples::new(vec!["sale".into(), "news".into()], Vec::new());
        let rich = Known { cents: 500_000, ..Known::default() };
        add(&mut examples, Known::default(), 0, true, (2_000, 1, 10_000));
        add(&mut examples, rich, 0, true, (20, 1, 40_000));
        let amounts = Amounts::of(&examples);
        let usual = amounts.mean(Traits::of(&Known::default()), Some(0));
        assert!((usual.cents - 10_000.0).abs() < 10.0, "{usual:?}");
        // Twenty orders of 400 yuan and twenty as of everybody.
        let rich = amounts.mean(Traits::of(&rich), Some(0));
        assert!((rich.cents - 25_000.0).abs() < 200.0, "{rich:?}");
        assert!(rich.variance > 20.0 * usual.variance);
        let unseen = amounts.mean(Traits::of(&Known::default()), Some(1));
        assert!((unseen.cents - 10_000.0).abs() < 400.0, "{unseen:?}");
        let none = Examples::new(vec!["sale".into()], Vec::new());
        assert_eq!(Amounts::of(&none).mean(Traits::of(&Known::default()), None).cents, 0.0);
    }

    #[test]
    fn a_message_drives_nobody_back() {
        let mut examples = Examples::new(vec!["sale".into()], Vec::new());
        let mut put = |sent, people: u32, every: u32| {
            for ordinal in 0..people {
                examples.add(&Example {
                    ordinal,
                    traits: Traits::of(&Known::default()),
                    kind: 0,
                    sent,
                    ordered: false,
                    cents: 0,
                    left: ordinal.is_multiple_of(every),
                });
            }
        };
        put(true, 1_000, 20);
        put(false, 1_000, 50);
        let (more, variance) = Averages::of(&examples).leaving();
        assert!((more - 0.03).abs() < 1e-9 && variance > 0.0);
    }
}
