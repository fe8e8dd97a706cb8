//! Months changed, planned again and planned whole, against the same oracle as any month.

use super::*;
use crate::plan::replan::{Earlier, Rest, replan};
use crate::plan::standing::{Change, Standing};
use crate::plan::whole;

/// A change, in a form that can be drawn.
#[derive(Debug, Clone)]
enum Draft {
    Add(Wish),
    Drop(usize),
    Resize(usize, u32, Option<u32>),
    Replace(usize, Wish),
}

fn drafts(followers: usize, wishes: usize) -> impl Strategy<Value = Vec<Draft>> {
    let wish = || wish(followers, true, true);
    let least = 0u32..followers as u32 / 3 + 1;
    let most = prop::option::of(0u32..followers as u32 + 1);
    let draft = prop_oneof![
        2 => wish().prop_map(Draft::Add),
        1 => (0..wishes).prop_map(Draft::Drop),
        2 => (0..wishes, least, most).prop_map(|(number, least, most)| {
            Draft::Resize(number, least.min(most.unwrap_or(u32::MAX)), most)
        }),
        2 => (0..wishes, wish()).prop_map(|(number, wish)| Draft::Replace(number, wish)),
    ];
    prop::collection::vec(draft, 1..4)
}

fn changed_months(most_followers: usize) -> impl Strategy<Value = (Month, Vec<Draft>)> {
    months(most_followers).prop_flat_map(|month| {
        let drafts = drafts(month.places.len(), month.wishes.len());
        (Just(month), drafts)
    })
}

fn change(draft: &Draft) -> Change<'_> {
    match draft {
        Draft::Add(wish) => Change::Add(wish),
        Draft::Drop(wish) => Change::Drop(*wish),
        Draft::Resize(wish, least, most) => {
            Change::Resize { wish: *wish, least: *least, most: *most }
        }
        Draft::Replace(wish, with) => Change::Replace { wish: *wish, with },
    }
}

/// The month with the change made by hand.
fn made(month: &mut Month, draft: &Draft) {
    match draft.clone() {
        Draft::Add(wish) => month.wishes.push(wish),
        Draft::Drop(wish) => {
            (month.wishes[wish].least, month.wishes[wish].most) = (0, Some(0));
        }
        Draft::Resize(wish, least, most) => {
            (month.wishes[wish].least, month.wishes[wish].most) = (least, most);
        }
        Draft::Replace(wish, with) => month.wishes[wish] = with,
    }
}

/// A plan is lawful in the month, proven, and as good as the oracle's.
fn check_plan(month: &Month, plan: &MonthPlan) {
    let question = month.question();
    proof::verify(&question, &plan.recipients, &plan.certificate()).unwrap();
    assert_eq!(plan.value, plan.bound);
    match optimum(&question) {
        Some(best) => assert_eq!((&plan.conflict, plan.value), (&None, best)),
        None => check_conflict(month, plan),
    }
}

fn check_changes(month: &Month, drafts: &[Draft]) {
    let standing = Standing::new(month.question(), Threads(2)).unwrap();
    check_plan(month, standing.plan());
    let changes: Vec<Change<'_>> = drafts.iter().map(change).collect();
    let plan = standing.what_if(&changes).unwrap();
    let mut changed = month.clone();
    drafts.iter().for_each(|draft| made(&mut changed, draft));
    check_plan(&changed, &plan);
}

fn check_reserve(month: &Month, kept_back: Option<&[bool]>) {
    let standing = Standing::new(month.question(), Threads(2)).unwrap();
    let kept = kept_back.map(set);
    let reserve = standing.cost_of_reserve(kept.as_ref());
    let mut less = month.clone();
    for (ordinal, places) in less.places.iter_mut().enumerate() {
        if kept_back.is_none_or(|kept| kept[ordinal]) {
            *places = places.saturating_sub(1);
        }
    }
    let best = best(&less.question(), Threads(1)).unwrap();
    assert_eq!(reserve.plan.conflict.is_none(), best.conflict.is_none());
    // Where leasts conflict there is more than one way to lower them.
    if best.conflict.is_none() {
        assert_eq!(reserve.plan.value, best.value);
        assert_eq!(reserve.cost, standing.plan().value - best.value);
    }
    let question = less.question();
    proof::verify(&question, &reserve.plan.recipients, &reserve.plan.certificate()).unwrap();
}

/// The plan of `month` becomes the earlier one of `now`, the same followers with other places and
/// worths; whoever `sent` says has got theirs already.
fn check_replan(month: &Month, now: &Month, sent: &[bool], steadiness: i16) {
    let planned = best(&month.question(), Threads(1)).unwrap().recipients;
    let sent = set(sent);
    let mut now = now.clone();
    now.wishes.truncate(planned.len());
    let count = now.wishes.len();
    let planned = &planned[..count];
    let fixed: Vec<Set> = planned.iter().map(|planned| planned.intersect(&sent)).collect();
    now.places.clone_from(&month.places);
    let question = now.question();
    let earlier = Earlier { planned, fixed: &fixed, steadiness };
    let replanned = replan(&question, &earlier, Threads(2)).unwrap();
    let rest = Rest::new(&question, &earlier, Threads(1)).unwrap();
    let plan = &replanned.plan;
    proof::verify(&rest.question(), &plan.recipients, &plan.certificate()).unwrap();
    assert_eq!(plan.value, plan.bound);
    let mut value = 0;
    let (mut added, mut dropped) = (0, 0);
    for number in 0..count {
        assert!(plan.recipients[number].is_disjoint(&fixed[number]));
        for (ordinal, worth) in proof::worths(&question, number) {
            let gets = plan.recipients[number].contains(ordinal);
            let got = planned[number].contains(ordinal) && !fixed[number].contains(ordinal);
            value += if gets { i64::from(worth) } else { 0 };
            added += u64::from(gets && !got);
            dropped += u64::from(got && !gets);
        }
    }
    assert_eq!((replanned.value, replanned.added, replanned.dropped), (value, added, dropped));
    // Without steadiness it is simply the best rest; with it nothing better in worth is moved for
    // less than the steadiness.
    let free = replan(&question, &Earlier { steadiness: 0, ..earlier }, Threads(1)).unwrap();
    assert_eq!(free.value, free.plan.value);
    if plan.conflict.is_none() {
        assert!(replanned.value <= free.value);
        let saved = free.dropped as i64 - replanned.dropped as i64;
        assert!(free.value - replanned.value <= saved * i64::from(steadiness));
    }
}

/// Every choice of campaigns that go, each planned by the oracle.
fn check_whole(month: &Month, enough: &[u32]) {
    let question = month.question();
    let oracle = (0..1u32 << enough.len())
        .filter_map(|goes| {
            let mut month = month.clone();
            for (number, wish) in month.wishes.iter_mut().enumerate() {
                if enough[number] == 0 {
                    continue;
                }
                if goes >> number & 1 == 1 {
                    wish.least = wish.least.max(enough[number]);
                } else {
                    wish.most = Some(0);
                }
                if wish.most.is_some_and(|most| most < wish.least) {
                    return None;
                }
            }
            optimum(&month.question())
        })
        .max();
    let found = whole::best(&question, enough, 10_000, Threads(2)).unwrap();
    let Some(best) = oracle else {
        assert!(found.is_none());
        return;
    };
    let found = found.unwrap();
    assert_eq!((found.plan.value, found.plan.bound), (best, best));
    for (set, enough) in found.plan.recipients.iter().zip(enough) {
        assert!(set.is_empty() || set.len() >= *enough as usize);
    }
    // With fewer tries the bound still holds, and what is found is lawful.
    for tries in [1, 3] {
        if let Some(early) = whole::best(&question, enough, tries, Threads(1)).unwrap() {
            assert!(early.tries <= tries);
            assert!(early.plan.value <= best && best <= early.plan.bound);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_would_be_is_planned_as_if_it_were((month, drafts) in changed_months(14)) {
        check_changes(&month, &drafts);
    }

    #[test]
    fn a_reserve_costs_what_the_month_without_it_lacks(
        month in months(14),
        kept in prop::option::of(prop::collection::vec(any::<bool>(), 14)),
    ) {
        check_reserve(&month, kept.as_deref().map(|kept| &kept[..month.places.len()]));
    }

    #[test]
    fn a_month_planned_again_moves_no_more_than_is_worth_it(
        month in months(14),
        factor in prop_oneof![Just(1i16), Just(-1), Just(3)],
        sent in prop::collection::vec(any::<bool>(), 14),
        steadiness in 0i16..100,
    ) {
        // Worths have changed since.
        let mut now = month.clone();
        for (number, wish) in now.wishes.iter_mut().enumerate() {
            let by = factor * (number as i16 % 3);
            match &mut wish.worth {
                Worth::Same(worth) => *worth += by,
                Worth::ByClass(worths) | Worth::Each(worths) => {
                    worths.iter_mut().for_each(|worth| *worth += by * (*worth % 5));
                }
            }
        }
        let sent = &sent[..month.places.len()];
        check_replan(&month, &now, sent, steadiness);
    }

    #[test]
    fn campaigns_go_to_enough_or_to_nobody(
        month in months(12),
        enough in prop::collection::vec(prop_oneof![Just(0u32), 1u32..10], 8),
    ) {
        let mut month = month;
        month.wishes.truncate(5);
        check_whole(&month, &enough[..month.wishes.len()]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn changes_over_several_blocks_are_planned((month, drafts) in changed_months(150)) {
        check_changes(&month, &drafts);
    }
}

#[test]
fn changes_that_make_no_sense_are_named() {
    let wish = |least, most| Wish { audience: Set::full(3), worth: Worth::Same(2), least, most };
    let month = Month { places: vec![1; 3], classes: vec![], wishes: vec![wish(0, None)] };
    let standing = Standing::new(month.question(), Threads(1)).unwrap();
    let error = |change: Change<'_>| standing.what_if(&[change]).unwrap_err().to_string();
    assert_eq!(
        error(Change::Drop(1)),
        "there is no campaign 1 to change; there are 1, counted from 0"
    );
    assert_eq!(
        error(Change::Resize { wish: 0, least: 3, most: Some(2) }),
        "campaign 0 wants at least 3 and at most 2 recipients"
    );
    let beyond = Wish { audience: Set::full(9), ..wish(0, None) };
    assert_eq!(error(Change::Add(&beyond)), "campaign 1 names follower 8, but there are only 3");
}

#[test]
fn an_earlier_plan_that_does_not_fit_is_named() {
    let wish = Wish { audience: Set::full(2), worth: Worth::Same(32_000), least: 0, most: None };
    let month = Month { places: vec![0, 1], classes: vec![], wishes: vec![wish] };
    let question = month.question();
    let error = |planned: &[Set], fixed: &[Set], steadiness| {
        let earlier = Earlier { planned, fixed, steadiness };
        replan(&question, &earlier, Threads(1)).unwrap_err().to_string()
    };
    let nobody = [Set::new()];
    assert_eq!(error(&[], &nobody, 0), "planned recipients are given for 0 campaigns of 1");
    assert_eq!(
        error(&nobody, &[Set::full(1)], 0),
        "campaign 0 is fixed for follower 0, who has no place left for it"
    );
    assert_eq!(
        error(&[Set::full(2)], &nobody, 1_000),
        "campaign 0 has a worth of 32000; with that steadiness give at most 31767"
    );
}
