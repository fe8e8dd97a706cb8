//! Calendars of small months against all lawful plans, tried one by one.

use std::collections::HashMap;

use audience::Set;
use proptest::prelude::*;

use super::super::question::{self, Wish, Worth};
use super::super::{Threads, why::worth_to};
use super::calendar::*;

/// A month with its rules as plain tables, from which questions are made.
#[derive(Debug, Clone)]
struct Month {
    places: Vec<u8>,
    classes: Vec<u16>,
    wishes: Vec<Wish>,
    days: u8,
    windows: Vec<u32>,
    waves: u8,
    spacing: u8,
    earlier: Vec<i8>,
    kept: Vec<u8>,
    until: u8,
    topics: Vec<Option<u8>>,
    topic_most: Vec<u8>,
    disturbing: Vec<u8>,
    costs: Vec<[i16; 4]>,
    left: Vec<u32>,
    list_least: u32,
    list_most: u32,
    taggings: u64,
}

const TAG_MOST: u32 = 2;

impl Month {
    fn question(&self) -> Question<'_> {
        let month = question::Question {
            places: &self.places,
            classes: &self.classes,
            wishes: &self.wishes,
        };
        Question {
            waves: self.waves,
            spacing: self.spacing,
            earlier: &self.earlier,
            kept_back: KeptBack { places: &self.kept, until: self.until },
            topics: Topics { of: &self.topics, most: &self.topic_most },
            disturbing: Disturbing { class: &self.disturbing, costs: &self.costs },
            calls: Calls {
                left: &self.left,
                list_least: self.list_least,
                list_most: self.list_most,
                tag_most: TAG_MOST,
                taggings: self.taggings,
            },
            ..Question::new(month, self.days, &self.windows)
        }
    }

    fn days_of(&self, wish: usize) -> Vec<u8> {
        let has_call = |day: &u8| self.left.get(usize::from(*day) - 1).is_none_or(|left| *left > 0);
        (1..=self.days)
            .filter(|day| self.windows[wish] >> (day - 1) & 1 == 1)
            .filter(has_call)
            .collect()
    }

    /// Whether these messages are lawful for the follower.
    fn allows(&self, ordinal: usize, gets: &[(usize, u8)]) -> bool {
        let far = |a: u8, b: u8| a.abs_diff(b) >= self.spacing;
        let apart = gets
            .iter()
            .enumerate()
            .all(|(at, (_, day))| gets[at + 1..].iter().all(|(_, other)| far(*day, *other)));
        let earlier = self.earlier.get(ordinal).copied().unwrap_or(NEVER);
        let after = gets.iter().all(|(_, day)| {
            earlier == NEVER || i32::from(*day) >= i32::from(earlier) + i32::from(self.spacing)
        });
        let early = gets.iter().filter(|(_, day)| *day < self.until).count();
        let kept = self.kept.get(ordinal).copied().unwrap_or(0);
        let topics = self.topic_most.iter().enumerate().all(|(topic, most)| {
            let of = |wish: usize| self.topics.get(wish).copied().flatten();
            gets.iter().filter(|(wish, _)| of(*wish) == Some(topic as u8)).count()
                <= usize::from(*most)
        });
        apart
            && after
            && topics
            && gets.len() <= usize::from(self.places[ordinal])
            && early <= usize::from(self.places[ordinal].saturating_sub(kept))
    }

    fn cost(&self, ordinal: usize, messages: usize) -> i64 {
        let class = self.disturbing.get(ordinal).copied().unwrap_or(0);
        let costs = self.costs.get(usize::from(class)).copied().unwrap_or([0; 4]);
        costs[..messages].iter().map(|cost| i64::from(*cost)).sum()
    }
}

/// The value of the best plan on these days, all plans tried; `None` when none is lawful.
fn optimum_of_days(month: &Month, days: &[Vec<u8>]) -> Option<i64> {
    let question = month.question();
    let pairs: Vec<(usize, u8)> = days
        .iter()
        .enumerate()
        .flat_map(|(wish, days)| days.iter().map(move |day| (wish, *day)))
        .collect();
    let mut states: HashMap<Vec<u8>, i64> = HashMap::from([(vec![0; pairs.len()], 0)]);
    for ordinal in 0..month.places.len() {
        let mut choices: Vec<(Vec<usize>, i64)> = Vec::new();
        for subset in 0u32..1 << pairs.len() {
            let taken: Vec<usize> = (0..pairs.len()).filter(|at| subset >> at & 1 == 1).collect();
            let gets: Vec<(usize, u8)> = taken.iter().map(|at| pairs[*at]).collect();
            let once = gets.windows(2).all(|pair| pair[0].0 != pair[1].0);
            if taken.len() > 4 || !once || !month.allows(ordinal, &gets) {
                continue;
            }
            let worths: Option<Vec<i16>> = gets
                .iter()
                .map(|(wish, _)| worth_to(&question.month, *wish, ordinal as u32))
                .collect();
            if let Some(worths) = worths {
                let sum: i64 = worths.iter().map(|worth| i64::from(*worth)).sum();
                choices.push((taken, sum - month.cost(ordinal, gets.len())));
            }
        }
        let mut next: HashMap<Vec<u8>, i64> = HashMap::new();
        for (counts, value) in &states {
            for (taken, worth) in &choices {
                let mut counts = counts.clone();
                taken.iter().for_each(|at| counts[*at] += 1);
                let best = next.entry(counts).or_insert(i64::MIN);
                *best = (*best).max(value + worth);
            }
        }
        states = next;
    }
    let lawful = states.iter().filter(|(counts, _)| is_lawful(month, &pairs, counts));
    lawful.map(|(_, value)| *value).max()
}

fn is_lawful(month: &Month, pairs: &[(usize, u8)], counts: &[u8]) -> bool {
    let within = month.wishes.iter().enumerate().all(|(number, wish)| {
        let of_wish = pairs.iter().zip(counts).filter(|((other, _), _)| *other == number);
        let reaches: u32 = of_wish.map(|(_, count)| u32::from(*count)).sum();
        reaches >= wish.least && wish.most.is_none_or(|most| reaches <= most)
    });
    within && (0u32..1 << pairs.len()).any(|tagged| is_callable(month, pairs, counts, tagged))
}

/// Whether the calls are enough when these pairs go by a tag.
fn is_callable(month: &Month, pairs: &[(usize, u8)], counts: &[u8], tagged: u32) -> bool {
    if month.taggings == 0 && tagged != 0 {
        return false;
    }
    let mut calls = vec![0u32; usize::from(month.days)];
    let mut taggings = 0u64;
    for (at, ((_, day), count)) in pairs.iter().zip(counts).enumerate() {
        let count = u32::from(*count);
        if tagged >> at & 1 == 1 {
            calls[usize::from(*day) - 1] += u32::from(count > 0);
            taggings += u64::from(count.div_ceil(TAG_MOST));
        } else if count > 0 && count < month.list_least {
            return false;
        } else {
            calls[usize::from(*day) - 1] += count.div_ceil(month.list_most);
        }
    }
    taggings <= month.taggings && month.left.iter().zip(&calls).all(|(left, calls)| calls <= left)
}

/// The value of the best plan on any lawful days.
fn optimum(month: &Month) -> Option<i64> {
    let mut chosen: Vec<Vec<Vec<u8>>> = vec![Vec::new()];
    for wish in 0..month.wishes.len() {
        let open = month.days_of(wish);
        let size = usize::from(month.waves).min(open.len());
        let subsets: Vec<Vec<u8>> = (0u32..1 << open.len())
            .filter(|subset| subset.count_ones() as usize == size)
            .map(|subset| {
                (0..open.len()).filter(|at| subset >> at & 1 == 1).map(|at| open[at]).collect()
            })
            .collect();
        chosen = chosen
            .iter()
            .flat_map(|before| {
                subsets.iter().map(move |days| [before.clone(), vec![days.clone()]].concat())
            })
            .collect();
    }
    chosen.iter().filter_map(|days| optimum_of_days(month, days)).max()
}

fn set(members: &[bool]) -> Set {
    Set::from_fn(members.len() as u32, |ordinal| members[ordinal as usize])
}

fn worths(followers: usize) -> impl Strategy<Value = Worth> {
    prop_oneof![
        3 => prop::collection::vec(-50i16..200, followers).prop_map(Worth::Each),
        1 => (-20i16..100).prop_map(Worth::Same),
        2 => prop::collection::vec(-20i16..100, 3).prop_map(Worth::ByClass),
    ]
}

prop_compose! {
    fn wish(followers: usize)(
        members in prop::collection::vec(prop::bool::weighted(0.75), followers),
        worth in worths(followers),
        most in prop::option::of(0u32..followers as u32 + 1),
        least in prop_oneof![4 => Just(0u32), 1 => 0u32..followers as u32 / 2 + 1],
    ) -> Wish {
        let audience = set(&members);
        let worth = match worth {
            Worth::Each(worths) => Worth::Each(worths[..audience.len()].to_vec()),
            other => other,
        };
        Wish { audience, worth, least: least.min(most.unwrap_or(u32::MAX)), most }
    }
}

/// A rule that is there in half of the months.
fn sometimes<T: std::fmt::Debug + Clone + Default>(
    rule: impl Strategy<Value = T>,
) -> impl Strategy<Value = T> {
    (any::<bool>(), rule).prop_map(|(is_there, rule)| if is_there { rule } else { T::default() })
}

#[derive(Debug, Clone)]
struct Rules {
    earlier: Vec<i8>,
    kept: (Vec<u8>, u8),
    topics: (Vec<Option<u8>>, Vec<u8>),
    disturbing: (Vec<u8>, Vec<[i16; 4]>),
    calls: (Vec<u32>, u32, u32, u64),
}

fn rules(followers: usize, wishes: usize, days: usize) -> impl Strategy<Value = Rules> {
    let cost = (0i16..10, 0i16..20, 0i16..40, 0i16..60).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let earlier = prop_oneof![2 => Just(NEVER), 1 => -1i8..4];
    (
        sometimes(prop::collection::vec(earlier, followers)),
        sometimes((prop::collection::vec(0u8..3, followers), 0u8..7)),
        sometimes((
            prop::collection::vec(prop::option::of(0u8..2), wishes),
            prop::collection::vec(0u8..3, 2),
        )),
        sometimes((prop::collection::vec(0u8..2, followers), prop::collection::vec(cost, 2))),
        sometimes((prop::collection::vec(0u32..3, days), 0u32..3, 2u32..4, 0u64..3)),
    )
        .prop_map(|(earlier, kept, topics, disturbing, calls)| Rules {
            earlier,
            kept,
            topics,
            disturbing,
            calls,
        })
}

fn months(
    followers: std::ops::Range<usize>,
    wishes: std::ops::Range<usize>,
    waves: std::ops::Range<u8>,
) -> impl Strategy<Value = Month> {
    const DAYS: u8 = 6;
    (followers, wishes, waves, 0u8..4)
        .prop_flat_map(|(followers, wishes, waves, spacing)| {
            (
                prop::collection::vec(0u8..5, followers),
                prop::collection::vec(0u16..3, followers),
                prop::collection::vec(wish(followers), wishes),
                prop::collection::vec((0u32..6, 0u32..8), wishes),
                rules(followers, wishes, usize::from(DAYS)),
                Just((waves, spacing)),
            )
        })
        .prop_map(|(places, classes, wishes, windows, rules, (waves, spacing))| {
            // At most three days each, near each other.
            let window = |(first, days): (u32, u32)| days << first & 0b11_1111;
            let (left, list_least, list_most, taggings) = rules.calls;
            Month {
                places,
                classes,
                wishes,
                days: DAYS,
                windows: windows.into_iter().map(window).collect(),
                waves,
                spacing,
                earlier: rules.earlier,
                kept: rules.kept.0,
                until: rules.kept.1,
                topics: rules.topics.0,
                topic_most: rules.topics.1,
                disturbing: rules.disturbing.0,
                costs: rules.disturbing.1,
                left,
                list_least,
                list_most: if list_most == 0 { u32::MAX } else { list_most },
                taggings,
            }
        })
}

/// What must hold of a calendar, whatever the month; with `oracle`, all plans are tried.
fn check(month: &Month, oracle: bool) -> Calendar {
    let question = month.question();
    let calendar = best(&question, Threads(1)).unwrap();
    verify(&question, &calendar, Threads(2)).unwrap();
    let other = best(&question, Threads(3)).unwrap();
    assert_eq!(calendar, other, "another number of threads");
    check_reasons(month, &calendar);
    assert!(calendar.value <= calendar.bound_of_days.min(calendar.bound));
    if oracle {
        let mut lowered = month.clone();
        for conflict in &calendar.conflicts {
            lowered.wishes[conflict.wish].least -= conflict.short;
        }
        let best = optimum(&lowered).unwrap();
        let days_of = |days: &u32| (1..=31u8).filter(|day| days >> (day - 1) & 1 == 1).collect();
        let chosen: Vec<Vec<u8>> = calendar.days.iter().map(days_of).collect();
        let of_days = optimum_of_days(&lowered, &chosen).unwrap();
        assert!(calendar.value <= of_days && of_days <= best);
        assert!(of_days <= calendar.bound_of_days, "{of_days} on these days");
        assert!(best <= calendar.bound, "{best} is above the bound {}", calendar.bound);
    }
    calendar
}

fn check_reasons(month: &Month, calendar: &Calendar) {
    let question = month.question();
    for wish in 0..month.wishes.len() {
        let reaches: usize = calendar
            .sends
            .iter()
            .filter(|send| send.wish == wish)
            .map(|send| send.recipients.len())
            .sum();
        for ordinal in 0..month.places.len() as u32 {
            let at = ordinal as usize;
            let gets: Vec<(usize, u8)> = calendar
                .sends
                .iter()
                .filter(|send| send.recipients.contains(ordinal))
                .map(|send| (send.wish, send.day))
                .collect();
            let worth = worth_to(&question.month, wish, ordinal);
            let with = |day: u8| [gets.clone(), vec![(wish, day)]].concat();
            let goes_on = |day: u8| calendar.days[wish] >> (day - 1) & 1 == 1;
            let days = (1..=month.days).filter(|day| goes_on(*day));
            match calendar.why_not(&question, wish, ordinal) {
                None => assert!(gets.iter().any(|(got, _)| *got == wish)),
                Some(WhyNot::NotMeant) => assert_eq!(worth, None),
                Some(WhyNot::NoPlace) => assert_eq!(month.places[at], 0),
                Some(WhyNot::NotWorthIt { worth: told }) => {
                    assert!(worth == Some(told) && told <= 0);
                }
                Some(WhyNot::NoDay) => assert!(days.clone().next().is_none()),
                Some(WhyNot::TooClose { day, .. } | WhyNot::KeptBack { day, .. }) => {
                    assert!(goes_on(day) && days.clone().all(|day| !month.allows(at, &with(day))));
                }
                Some(WhyNot::TopicFull { topic, most }) => {
                    let same = gets.iter().filter(|(got, _)| month.topics[*got] == Some(topic));
                    assert_eq!(
                        (same.count(), month.topic_most[usize::from(topic)]),
                        (most.into(), most)
                    );
                    assert_eq!(month.topics[wish], Some(topic));
                }
                Some(WhyNot::Disturbing { worth: told, cost }) => {
                    assert_eq!(worth, Some(told));
                    let more = month.cost(at, gets.len() + 1) - month.cost(at, gets.len());
                    assert!(cost == more && i64::from(told) <= cost);
                }
                Some(WhyNot::CampaignFull { worth: told, .. }) => {
                    assert_eq!(worth, Some(told));
                    assert_eq!(Some(reaches as u32), month.wishes[wish].most);
                }
                Some(WhyNot::NoCall { day }) => {
                    let place = usize::from(day) - 1;
                    assert!(goes_on(day) && calendar.calls[place] >= month.left[place]);
                    let is_full = gets.len() == usize::from(month.places[at]);
                    assert!(month.allows(at, &if is_full { vec![(wish, day)] } else { with(day) }));
                }
                Some(WhyNot::TooFew { day, least }) => {
                    assert!(goes_on(day) && least == month.list_least && least > 1);
                    assert!(calendar.sends.iter().all(|send| (send.wish, send.day) != (wish, day)));
                }
                Some(WhyNot::BetterUsed { worth: told, instead, instead_worth }) => {
                    assert_eq!(worth, Some(told));
                    assert_eq!(gets.len(), usize::from(month.places[at]));
                    assert!(gets.iter().any(|(got, _)| *got == instead));
                    assert_eq!(worth_to(&question.month, instead, ordinal), Some(instead_worth));
                    assert!(instead_worth >= told);
                }
                Some(WhyNot::Needed { worth: told, instead }) => {
                    assert_eq!(worth, Some(told));
                    assert!(gets.iter().any(|(got, _)| *got == instead));
                    let reaches: usize = calendar.recipients()[instead].len();
                    assert!(reaches <= month.wishes[instead].least as usize);
                }
                Some(WhyNot::Unproven { worth: told }) => {
                    assert_eq!(worth, Some(told));
                    assert!(calendar.bound_of_days > calendar.value, "nothing is open");
                    // Never when one more would simply be lawful.
                    assert_eq!(gets.len(), usize::from(month.places[at]));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_calendar_is_lawful_and_its_bounds_hold(month in months(1..6, 1..4, 1..2)) {
        check(&month, true);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn so_is_one_with_waves(month in months(1..4, 1..4, 2..4)) {
        check(&month, true);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_calendar_over_several_blocks_is_lawful(month in months(60..150, 4..12, 1..4)) {
        check(&month, false);
    }
}

/// Everybody is meant for two campaigns of one worth each, and has two places.
fn plain(followers: u32, windows: [u32; 2]) -> Month {
    let wish = |worth| Wish {
        audience: Set::full(followers),
        worth: Worth::Same(worth),
        least: 0,
        most: None,
    };
    Month {
        places: vec![2; followers as usize],
        classes: Vec::new(),
        wishes: vec![wish(10), wish(7)],
        days: 6,
        windows: windows.to_vec(),
        waves: 1,
        spacing: 2,
        earlier: Vec::new(),
        kept: Vec::new(),
        until: 0,
        topics: Vec::new(),
        topic_most: Vec::new(),
        disturbing: Vec::new(),
        costs: Vec::new(),
        left: Vec::new(),
        list_least: 2,
        list_most: 10,
        taggings: 0,
    }
}

#[test]
fn days_are_chosen_so_that_everybody_can_have_both() {
    let calendar = check(&plain(20, [0b11, 0b110]), false);
    assert_eq!(calendar.days, [0b1, 0b100]);
    assert_eq!((calendar.value, calendar.bound), (340, 340));
    assert_eq!(calendar.calls, [2, 0, 2, 0, 0, 0]);
}

#[test]
fn days_too_close_are_told() {
    let month = plain(20, [0b1, 0b10]);
    let calendar = check(&month, false);
    let reason = calendar.why_not(&month.question(), 1, 3);
    assert_eq!(reason, Some(WhyNot::TooClose { day: 2, to: Some(0), on: 1 }));
}

#[test]
fn waves_get_by_with_the_calls_of_two_days() {
    let mut month = plain(20, [0b1001, 0]);
    month.left = vec![1; 6];
    assert_eq!(check(&month, false).value, 100);
    month.waves = 2;
    let calendar = check(&month, false);
    assert_eq!((calendar.value, calendar.sends.len()), (200, 2));
}

#[test]
fn a_tag_is_used_where_lists_take_too_many_calls() {
    let mut month = plain(20, [0b1, 0b1000]);
    month.left = vec![1, 0, 0, 2, 0, 0];
    month.taggings = 10;
    let calendar = check(&month, false);
    assert_eq!((calendar.value, calendar.taggings), (340, 10));
    assert_eq!([calendar.sends[0].by, calendar.sends[1].by], [By::Tag, By::Lists]);
}

#[test]
fn what_contradicts_itself_is_named() {
    let refused = |change: fn(&mut Month)| {
        let mut month = plain(2, [1, 1]);
        change(&mut month);
        best(&month.question(), Threads(1)).unwrap_err().to_string()
    };
    for (change, told) in [
        ((|month| month.days = 0) as fn(&mut Month), "a month of 0 days: give 1 to 31"),
        (|month| month.windows = vec![1], "windows are given for 1 of 2"),
        (
            |month| month.windows = vec![1 << 6, 1],
            "campaign 0 may go on days 0b1000000 of a month of 6 days",
        ),
        (|month| month.waves = 0, "a campaign may go on 0 days: give 1 to 31"),
        (|month| month.spacing = 32, "32 days between two messages: give 0 to 31"),
        (
            |month| month.earlier = vec![NEVER, 7],
            "follower 1 got a message on day 7: give a day up to 6, or -128 for none",
        ),
        (|month| month.kept = vec![0, 5], "follower 1 has 5 places kept back; give 0 to 4"),
        (
            |month| month.topics = vec![None, Some(3)],
            "campaign 1 is of kind 3, but only 0 are described",
        ),
        (
            |month| month.disturbing = vec![1, 0],
            "follower 0 is of kind 1, but only 0 are described",
        ),
        (
            |month| month.costs = vec![[0, -1, 0, 0]],
            "disturbing class 0 has a cost of -1; give 0 or more",
        ),
        (|month| month.left = vec![1], "calls of the days are given for 1 of 6"),
        (
            |month| month.list_most = 1,
            "lists of 2 to 1 followers hold nobody: give a most above 0 and the least",
        ),
        (|month| month.places = vec![5, 0], "follower 0 has 5 places; give 0 to 4"),
    ] {
        assert_eq!(refused(change), told);
    }
}

#[test]
fn a_calendar_that_lies_is_found_out() {
    let mut month = plain(20, [0b1, 0b1000]);
    month.wishes[0].most = Some(12);
    let question = month.question();
    let honest = check(&month, false);
    let refused = |change: fn(&mut Calendar)| {
        let mut calendar = honest.clone();
        change(&mut calendar);
        verify(&question, &calendar, Threads(1)).is_err()
    };
    assert!(!refused(|_| {}));
    for change in [
        (|calendar| calendar.value += 1) as fn(&mut Calendar),
        |calendar| calendar.bound -= 1,
        |calendar| calendar.bound_of_days -= 1,
        |calendar| calendar.prices.wishes[1] = 3,
        |calendar| calendar.prices_of_days.calls[0] = 1,
        |calendar| calendar.days[0] = 0b10,
        |calendar| calendar.sends[0].day = 2,
        |calendar| calendar.sends[0].calls += 1,
        |calendar| calendar.calls[5] = 1,
        |calendar| calendar.taggings = 1,
        |calendar| calendar.sends[0].recipients = Set::full(13),
        |calendar| calendar.sends[0].recipients = Set::full(1),
        |calendar| calendar.conflicts.push(Conflict { wish: 0, short: 1 }),
        |calendar| {
            calendar.sends.pop();
        },
    ] {
        assert!(refused(change));
    }
}
