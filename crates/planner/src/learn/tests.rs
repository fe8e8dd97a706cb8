//! Examples made from known chances: what is learned must be what they were made from.

use super::examples::Example;
use super::*;

/// splitmix64: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, most: u64) -> u32 {
        (self.next() % most) as u32
    }
}

/// Two kinds, sale and news; buyers order by themselves; sales move those who act; further messages
/// bring 0.7 of the one before, and every message drives 0.2 % × its place away.
fn uplift(known: &Known, kind: u8) -> f64 {
    let moved = if known.acts > 0 { 0.08 } else { 0.01 };
    let of_kind = if kind == 0 { moved } else { 0.02 };
    of_kind * 0.7_f64.powi(known.received as i32)
}

fn own(known: &Known) -> f64 {
    if known.days_since_order.is_some() { 0.03 } else { 0.005 }
}

fn somebody(dice: &mut Dice) -> Known {
    let ordered = dice.below(3) == 0;
    Known {
        days_since_order: ordered.then(|| dice.below(200)),
        orders: if ordered { 1 + dice.below(3) } else { 0 },
        cents: if ordered { 20_000 } else { 0 },
        acts: dice.below(2) * 2,
        received: dice.below(4),
        days_following: Some(dice.below(400)),
        ..Known::default()
    }
}

fn world(people: u32, left_out: u64, seed: u64) -> Examples {
    let mut dice = Dice(seed);
    let mut examples = Examples::new(vec!["sale".into(), "news".into()], Vec::new());
    for ordinal in 0..people {
        let known = somebody(&mut dice);
        let kind = (ordinal % 2) as u8;
        let sent = u64::from(dice.below(100)) >= left_out;
        let because = sent && dice.unit() < uplift(&known, kind);
        let anyway = dice.unit() < own(&known);
        let leaving = if sent { 0.002 * f64::from(known.received + 1) } else { 0.0 };
        examples.add(&Example {
            ordinal,
            traits: Traits::of(&known),
            kind,
            sent,
            ordered: because || anyway,
            cents: 10_000,
            left: dice.unit() < 0.001 + leaving,
        });
    }
    examples
}

fn true_uplift(known: &Known, kind: u8) -> f64 {
    uplift(known, kind) * (1.0 - own(known))
}

#[test]
fn what_a_message_adds_is_learned_follower_by_follower() {
    let learned = learn(world(120_000, 20, 1), 0.0);
    assert!(learned.has_model());
    let mut dice = Dice(99);
    let (mut off, mut inside, mut pairs) = (0.0, 0, Vec::new());
    let tries = 2_000;
    for _ in 0..tries {
        let known = somebody(&mut dice);
        let kind = dice.below(2) as u8;
        let told = learned.estimate(Traits::of(&known), Some(kind)).unwrap();
        let truth = true_uplift(&known, kind);
        off += (told.uplift() - truth).abs();
        // All orders come to 100 yuan, so cents are orders times 10,000.
        inside += u32::from((told.low..=told.high).contains(&(truth * 10_000.0)));
        pairs.push((told.uplift(), truth));
        assert_eq!(told.basis, Basis::Model);
        assert!((told.order_cents - 10_000.0).abs() < 1e-6);
    }
    // The mean truth is 0.02.
    assert!(off / f64::from(tries) < 0.003, "off by {}", off / f64::from(tries));
    let covered = f64::from(inside) / f64::from(tries);
    assert!((0.75..=0.995).contains(&covered), "nine of ten expected: {covered}");
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mean = |part: &[(f64, f64)]| part.iter().map(|one| one.1).sum::<f64>() / part.len() as f64;
    let (low, high) = (mean(&pairs[..400]), mean(&pairs[1_600..]));
    assert!(low < 0.006 && high > 0.045, "{low} {high}");
}

#[test]
fn it_is_checked_on_people_it_was_not_learned_from() {
    let learned = learn(world(120_000, 20, 2), 0.0);
    let check = learned.check();
    assert_eq!(check.len(), 5);
    assert!(check.is_sorted_by(|one, next| one.expected <= next.expected));
    for fifth in check {
        let off = (fifth.expected - fifth.seen).abs();
        assert!(off < 3.5 * fifth.error, "{fifth:?}");
    }
    assert!(check[4].seen > check[0].seen + 0.02, "{check:?}");
    let (_, slope) = learned.strength_and_slope().unwrap();
    assert!((0.85..1.15).contains(&slope), "{slope}");
}

#[test]
fn further_messages_bring_less_and_cost_more() {
    let learned = learn(world(120_000, 20, 3), 0.0);
    let places = learned.places(Some(0));
    assert_eq!(places.iter().map(|place| place.nth).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(places.is_sorted_by(|one, next| one.of_first >= next.of_first), "{places:?}");
    assert!(places.is_sorted_by(|one, next| one.leaving <= next.leaving), "{places:?}");
    for (place, truth) in places.iter().zip([1.0, 0.7, 0.49, 0.343]) {
        assert!((place.of_first - truth).abs() < 0.15, "{places:?}");
        let leaving = 0.002 * place.nth as f64;
        assert!((place.leaving - leaving).abs() < 0.0015, "{places:?}");
    }
}

#[test]
fn the_risk_of_leaving_is_held_against_a_message() {
    let examples = world(60_000, 20, 4);
    let known = Known { acts: 0, received: 3, ..Known::default() };
    let (free, priced) = (learn(examples.clone(), 0.0), learn(examples, 50_000.0));
    let told = |learned: &Learned| learned.estimate(Traits::of(&known), Some(0)).unwrap();
    let (free, priced) = (told(&free), told(&priced));
    assert!(free.leaving > 0.003, "{free:?}");
    assert!((free.cents - free.leaving * 50_000.0 - priced.cents).abs() < 1e-6);
    assert!(priced.cents < 0.0, "half a percent of 500 yuan is more than it brings: {priced:?}");
}

#[test]
fn the_same_examples_teach_the_same_however_they_were_gathered() {
    let whole = world(30_000, 20, 5);
    let known = Known { acts: 2, ..Known::default() };
    let told = |examples: Examples| {
        let learned = learn(examples, 100.0);
        let told = learned.estimate(Traits::of(&known), Some(1)).unwrap();
        (told.cents.to_bits(), told.low.to_bits(), learned.strength_and_slope())
    };
    let mut merged = Examples::new(whole.kinds.clone(), Vec::new());
    merged.merge(&whole);
    assert_eq!(told(whole), told(merged));
}

#[test]
fn little_data_gives_averages_and_none_gives_nothing() {
    let traits = Traits::of(&Known::default());
    let thin = learn(world(3_000, 15, 6), 0.0);
    assert!(!thin.has_model() && thin.check().is_empty());
    let told = thin.estimate(traits, Some(0)).unwrap();
    assert!(told.basis > Basis::OtherKinds, "{told:?}");
    assert!((0.0..0.05).contains(&told.uplift()) && told.low < told.cents, "{told:?}");
    let nobody_left_out = learn(world(60_000, 0, 7), 0.0);
    assert_eq!(nobody_left_out.estimate(traits, Some(0)), None);
    assert!(nobody_left_out.bins(Some(0)).is_empty() && nobody_left_out.places(None).is_empty());
    let nothing = learn(Examples::new(Vec::new(), Vec::new()), 0.0);
    assert_eq!(nothing.estimate(traits, None), None);
}

#[test]
fn a_kind_that_never_went_out_is_judged_by_the_others() {
    let learned = learn(world(60_000, 20, 8), 0.0);
    assert_eq!((learned.kind("news"), learned.kind("care")), (Some(1), None));
    let known = Known { acts: 2, ..Known::default() };
    let told = |kind| learned.estimate(Traits::of(&known), kind).unwrap();
    let (sale, news, unseen) = (told(Some(0)), told(Some(1)), told(None));
    assert_eq!(unseen.basis, Basis::OtherKinds);
    assert!(unseen.uplift() < sale.uplift() && unseen.uplift() > news.uplift(), "{unseen:?}");
}

#[test]
fn it_says_what_matters() {
    let learned = learn(world(120_000, 20, 9), 0.0);
    let bins = learned.bins(Some(0));
    let of =
        |feature, bin| *bins.iter().find(|one| one.feature == feature && one.bin == bin).unwrap();
    // Sales move those who act: 0.08 and 0.01, over all places in the month 0.63 of that.
    let (none, some) = (of(Feature::Acts, 0), of(Feature::Acts, 2));
    assert!((none.share - 0.5).abs() < 0.02 && (some.share - 0.5).abs() < 0.02);
    assert!((some.uplift - 0.05).abs() < 0.008 && (none.uplift - 0.0063).abs() < 0.004, "{bins:?}");
    let known = Known { acts: 2, received: 0, ..Known::default() };
    let parts = learned.parts(Traits::of(&known), Some(0));
    assert_eq!(parts[0].feature, Feature::Acts, "{parts:?}");
    assert!(parts[0].cents > 200.0, "{parts:?}");
    assert!(parts.iter().any(|part| part.feature == Feature::Received && part.cents > 50.0));
}

#[test]
fn worths_become_whole_units() {
    assert_eq!(unit_for(290.0), 0.01);
    assert_eq!(unit_for(301.0), 0.02);
    assert_eq!(unit_for(-250_000.0), 10.0);
    assert_eq!(unit_for(40_000_000.0), 1_334.0);
    assert_eq!((in_units(12.34, 0.01), in_units(-12.34, 0.1)), (1_234, -123));
    assert_eq!((in_units(1e9, 1.0), in_units(-1e9, 1.0)), (i16::MAX, -i16::MAX));
}
