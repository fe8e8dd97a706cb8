//! Plans of small months against an exact solver that shares nothing with ours.

use audience::Set;
use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use super::*;

mod otherwise;

/// A month as plain tables, from which questions are made.
#[derive(Debug, Clone)]
struct Month {
    places: Vec<u8>,
    classes: Vec<u16>,
    wishes: Vec<Wish>,
}

impl Month {
    fn question(&self) -> Question<'_> {
        Question { places: &self.places, classes: &self.classes, wishes: &self.wishes }
    }
}

/// The value of the best plan, by linear programming; `None` when no plan is lawful. The problem
/// is a transportation problem, so that its fractional optimum is a whole one.
fn optimum(question: &Question<'_>) -> Option<i64> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let mut of_follower = vec![Vec::new(); question.followers()];
    for (number, wish) in question.wishes.iter().enumerate() {
        let mut of_wish = Vec::new();
        for (ordinal, worth) in proof::worths(question, number) {
            let variable = problem.add_var(f64::from(worth), (0.0, 1.0));
            of_follower[ordinal as usize].push((variable, 1.0));
            of_wish.push((variable, 1.0));
        }
        if of_wish.is_empty() {
            if wish.least > 0 {
                return None;
            }
            continue;
        }
        if let Some(most) = wish.most {
            problem.add_constraint(&of_wish[..], ComparisonOp::Le, f64::from(most));
        }
        problem.add_constraint(&of_wish[..], ComparisonOp::Ge, f64::from(wish.least));
    }
    for (variables, places) in of_follower.iter().zip(question.places) {
        if !variables.is_empty() {
            problem.add_constraint(&variables[..], ComparisonOp::Le, f64::from(*places));
        }
    }
    let outcome = problem.solve().ok()?;
    Some(outcome.into_solution().ok()?.objective().round() as i64)
}

fn set(members: &[bool]) -> Set {
    Set::from_fn(members.len() as u32, |ordinal| members[ordinal as usize])
}

fn worth_kinds(followers: usize, personal: bool) -> BoxedStrategy<Worth> {
    let each = prop::collection::vec(-50i16..200, followers).prop_map(Worth::Each);
    let same = (-20i16..100).prop_map(Worth::Same);
    let by_class = prop::collection::vec(-20i16..100, 3).prop_map(Worth::ByClass);
    if personal {
        prop_oneof![3 => each, 1 => same, 1 => by_class].boxed()
    } else {
        prop_oneof![same, by_class].boxed()
    }
}

prop_compose! {
    fn wish(followers: usize, personal: bool, limited: bool)(
        members in prop::collection::vec(prop::bool::weighted(0.6), followers),
        worth in worth_kinds(followers, personal),
        most in prop::option::of(0u32..followers as u32 + 1),
        least in prop_oneof![2 => Just(0u32), 1 => 0u32..followers as u32 / 3 + 1],
    ) -> Wish {
        let audience = set(&members);
        let worth = match worth {
            Worth::Each(worths) => Worth::Each(worths[..audience.len()].to_vec()),
            other => other,
        };
        let (most, least) = if limited { (most, least) } else { (None, 0) };
        let least = least.min(most.unwrap_or(u32::MAX));
        Wish { audience, worth, least, most }
    }
}

fn months(most_followers: usize) -> impl Strategy<Value = Month> {
    (1..most_followers, 1usize..9, any::<bool>(), prop::bool::weighted(0.8)).prop_flat_map(
        |(followers, wishes, personal, limited)| {
            (
                prop::collection::vec(0u8..5, followers),
                prop::collection::vec(0u16..3, followers),
                prop::collection::vec(wish(followers, personal, limited), wishes),
            )
                .prop_map(|(places, mut classes, wishes)| {
                    // Every class has a worth.
                    classes.iter_mut().for_each(|class| *class = (*class).min(2));
                    Month { places, classes, wishes }
                })
        },
    )
}

/// What must hold of a plan, whatever the month.
fn check(month: &Month) {
    let question = month.question();
    let plan = best(&question, Threads(1)).unwrap();
    proof::verify(&question, &plan.recipients, &plan.certificate()).unwrap();
    assert_eq!(plan.value, plan.bound, "the plan is not proven best");
    match optimum(&question) {
        Some(best) => {
            assert_eq!(plan.conflict, None);
            assert_eq!(plan.value, best);
        }
        None => check_conflict(month, &plan),
    }
    for threads in [2, 3] {
        let other = best(&question, Threads(threads)).unwrap();
        assert_eq!(plan.recipients, other.recipients);
        assert_eq!(plan.certificate(), other.certificate());
    }
    check_reasons(&question, &plan);
    check_rivals(&question, &plan);
}

/// Where no least forces anybody, no other way of filling the month is worth more.
fn check_rivals(question: &Question<'_>, plan: &MonthPlan) {
    if question.wishes.iter().any(|wish| wish.least > 0) {
        return;
    }
    let days: Vec<u8> = (0..question.wishes.len() as u8).collect();
    let rivals = rivals::rivals(question, &days).unwrap();
    for other in [rivals.by_priority, rivals.greedy] {
        assert!((0..=plan.value).contains(&other), "{other} of {}", plan.value);
    }
    let has_most = question.wishes.iter().any(|wish| wish.most.is_some());
    assert!(has_most || rivals.first_come <= plan.value);
    // The dearest first brings at least half of what is possible.
    assert!(rivals.greedy * 2 >= plan.value);
}

/// With the leasts lowered as the conflict says the month can be planned, and the plan is the
/// best of that month; with one recipient more asked of the campaigns named, it cannot.
fn check_conflict(month: &Month, plan: &MonthPlan) {
    let conflict = plan.conflict.as_ref().unwrap();
    assert!(conflict.lacking > 0 && !conflict.wishes.is_empty());
    assert_eq!(conflict.short.iter().sum::<u64>(), conflict.lacking);
    let mut lowered = month.clone();
    for (wish, short) in lowered.wishes.iter_mut().zip(&conflict.short) {
        wish.least -= u32::try_from(*short).unwrap();
    }
    assert_eq!(optimum(&lowered.question()), Some(plan.value));
    let mut named = month.clone();
    for (number, wish) in named.wishes.iter_mut().enumerate() {
        if !conflict.wishes.contains(&number) {
            wish.least = 0;
        }
    }
    assert_eq!(optimum(&named.question()), None, "{:?} do not conflict", conflict.wishes);
    // And without any one of them they no longer do.
    for left_out in &conflict.wishes {
        let mut fewer = named.clone();
        fewer.wishes[*left_out].least = 0;
        assert!(optimum(&fewer.question()).is_some(), "{left_out} is named for nothing");
    }
}

fn check_reasons(question: &Question<'_>, plan: &MonthPlan) {
    for number in 0..question.wishes.len() {
        let worths: std::collections::HashMap<u32, i16> = proof::worths(question, number).collect();
        for ordinal in 0..question.followers() as u32 {
            let reason = plan.why_not(question, number, ordinal);
            let gets = plan.recipients[number].contains(ordinal);
            assert_eq!(reason.is_none(), gets);
            let price = plan.prices[number];
            let places = question.places[ordinal as usize];
            let taken = plan.recipients.iter().filter(|set| set.contains(ordinal)).count();
            match reason {
                None => {}
                Some(why::WhyNot::NotMeant) => assert!(!worths.contains_key(&ordinal)),
                Some(why::WhyNot::NoPlace) => assert_eq!(places, 0),
                Some(why::WhyNot::NotWorthIt { worth }) => {
                    assert_eq!(worths[&ordinal], worth);
                    assert!(worth <= 0, "worth {worth} and yet left out");
                }
                Some(why::WhyNot::CampaignFull { worth, price: told }) => {
                    assert_eq!((worths[&ordinal], price), (worth, told));
                    let most = question.wishes[number].most.unwrap();
                    assert_eq!(plan.recipients[number].len(), most as usize);
                }
                Some(why::WhyNot::BetterUsed { worth, instead, instead_worth }) => {
                    assert_eq!(worths[&ordinal], worth);
                    assert!(plan.recipients[instead].contains(ordinal));
                    assert_eq!(taken, usize::from(places));
                    let net = i32::from(worth) - price;
                    let other = i32::from(instead_worth) - plan.prices[instead];
                    assert!(net <= other);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_plan_is_as_good_as_the_best(month in months(14)) {
        check(&month);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_plan_over_several_blocks_is_as_good_as_the_best(month in months(150)) {
        check(&month);
    }
}

/// One worth for all and leasts that bind: every price is a tie.
#[test]
fn ties_are_no_trouble() {
    let everybody = Set::full(90);
    let wish = |worth, least, most| Wish {
        audience: everybody.clone(),
        worth: Worth::Same(worth),
        least,
        most,
    };
    let wishes =
        vec![wish(10, 0, Some(40)), wish(10, 60, None), wish(10, 80, None), wish(9, 0, None)];
    let month = Month { places: vec![2; 90], classes: Vec::new(), wishes };
    check(&month);
}

#[test]
fn more_campaigns_than_a_word_has_bits_are_planned() {
    let followers = 70u32;
    let wishes: Vec<Wish> = (0..200i16)
        .map(|number| Wish {
            audience: Set::from_fn(followers, |ordinal| {
                (u64::from(ordinal) * 7 + number as u64 * 13) % 11 < 3
            }),
            worth: Worth::Same(100 + number % 17),
            least: u32::from(number % 9 == 0),
            most: (number % 3 == 0).then_some(4),
        })
        .collect();
    let month = Month { places: vec![4; followers as usize], classes: Vec::new(), wishes };
    check(&month);
}

#[test]
fn leasts_that_ask_too_much_are_named() {
    let audience = set(&[true, true, true, false]);
    let wish =
        |least| Wish { audience: audience.clone(), worth: Worth::Same(5), least, most: None };
    let other = Wish {
        audience: set(&[false, false, false, true]),
        worth: Worth::Same(1),
        least: 1,
        most: None,
    };
    let month =
        Month { places: vec![1; 4], classes: Vec::new(), wishes: vec![wish(2), other, wish(3)] };
    let plan = best(&month.question(), Threads(1)).unwrap();
    let conflict = plan.conflict.clone().unwrap();
    assert_eq!((conflict.wishes.as_slice(), conflict.lacking), ([0, 2].as_slice(), 2));
    check(&month);
}

#[test]
fn what_contradicts_itself_is_named() {
    let wish = Wish { audience: set(&[true]), worth: Worth::Each(vec![]), least: 0, most: None };
    let month = Month { places: vec![1], classes: vec![], wishes: vec![wish] };
    let error = best(&month.question(), Threads(1)).unwrap_err();
    assert_eq!(error.to_string(), "campaign 0 has 0 worths for 1 of its audience or classes");
    let month = Month { places: vec![5], classes: vec![], wishes: vec![] };
    let error = best(&month.question(), Threads(1)).unwrap_err();
    assert_eq!(error.to_string(), "follower 0 has 5 places; give 0 to 4");
}

#[test]
fn a_certificate_that_lies_is_found_out() {
    let wish =
        Wish { audience: set(&[true, true]), worth: Worth::Same(3), least: 0, most: Some(1) };
    let month = Month { places: vec![1, 1], classes: vec![], wishes: vec![wish] };
    let question = month.question();
    let plan = best(&question, Threads(1)).unwrap();
    let honest = plan.certificate();
    proof::verify(&question, &plan.recipients, &honest).unwrap();
    let refused = |certificate: proof::Certificate| {
        proof::verify(&question, &plan.recipients, &certificate).is_err()
    };
    assert!(refused(proof::Certificate { value: honest.value + 1, ..honest.clone() }));
    assert!(refused(proof::Certificate { bound: honest.bound - 1, ..honest.clone() }));
    assert!(refused(proof::Certificate { prices: vec![-1], ..honest.clone() }));
    assert!(proof::verify(&question, &[Set::full(2)], &honest).is_err());
}

/// Prices so low that a worth less a price does not fit sixteen bits.
#[test]
fn the_proof_holds_at_the_edge_of_the_numbers() {
    let everybody = Set::full(40);
    let wish = |worth, least| Wish {
        audience: everybody.clone(),
        worth: Worth::Same(worth),
        least,
        most: None,
    };
    let wishes = vec![wish(30_000, 0), wish(-30_000, 25), wish(29_000, 10), wish(-30_000, 5)];
    let month = Month { places: vec![1; 40], classes: Vec::new(), wishes };
    check(&month);
}
