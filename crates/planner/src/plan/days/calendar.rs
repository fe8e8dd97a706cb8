//! The answer: what goes out on which day to whom, what it is worth, and how much better another
//! plan could be at most.

use audience::Set;
use serde::{Deserialize, Serialize};

use super::super::threads::Threads;
use super::dates;
use super::deal;
use super::fill::{Draft, fill};
use super::ground::Ground;
use super::mend::mend;
use super::prices::{self, Found, Stage};
use super::question::all_days;
use super::reading::{Scope, View, read};
use super::rooms::Rooms;
use super::tariff::{DAYS, Tariff, worth_of_limits};

pub use super::question::{
    Calls, Disturbing, KeptBack, MOST_DAYS, MOST_KINDS, Malformed, NEVER, Question, Topics,
};

pub use super::proof::{Untrue, verify};
pub use super::why::WhyNot;

/// One campaign on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// Which campaign, from 0.
    pub wish: usize,
    /// Which day of the month, from 1.
    pub day: u8,
    /// To whom; never nobody.
    pub recipients: Set,
    /// By which calls.
    pub by: By,
    /// Mass calls it takes.
    pub calls: u32,
}

/// By which calls a campaign goes out on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Lists of OpenIDs, each a call.
    Lists,
    /// One call to a tag that the recipients are given before.
    Tag,
}

/// What a unit of each scarce thing is worth, in the units of the worths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// For each campaign what one recipient more (above zero: its most is reached) or less (below
    /// zero: its least is) would bring.
    pub wishes: Vec<i32>,
    /// For each day of the month what one more mass call would bring.
    pub calls: Vec<i64>,
    /// What one more tagging call would bring.
    pub tagging: i64,
}

/// Who gets what on which day, and how good that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// What goes out, by day and then by campaign.
    pub sends: Vec<Send>,
    /// For each campaign the days chosen for it, bit `d − 1` for day `d`: inside its window, no
    /// more than there may be waves.
    pub days: Vec<u32>,
    /// What the plan is worth: the worths of all that is sent less what disturbing costs.
    pub value: i64,
    /// What no lawful plan exceeds, on whatever days.
    pub bound: i64,
    /// What no lawful plan on the chosen days exceeds.
    pub bound_of_days: i64,
    /// The prices at which `bound` holds.
    pub prices: Prices,
    /// The prices at which `bound_of_days` holds.
    pub prices_of_days: Prices,
    /// For each day of the month the mass calls of the plan.
    pub calls: Vec<u32>,
    /// Tagging calls of the plan.
    pub taggings: u64,
    /// Campaigns that reach fewer than their least. Both bounds are those of the month with leasts
    /// lowered by as many. That nothing better can be done about them is not proven.
    pub conflicts: Vec<Conflict>,
}

/// A least that was not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Which campaign, from 0.
    pub wish: usize,
    /// Recipients it lacks to its least.
    pub short: u32,
}

/// Blocks of the samples on which prices are found, one after the other.
const SAMPLES: [usize; 3] = [2_000, 4_000, 16_000];
/// The same for the bound of all days, where campaigns may go on several.
const SMALL_SAMPLE: usize = 500;
/// Times a plan is made, at most, each at the prices the one before came to.
const ROUNDS: usize = 4;
/// Share of the bound that is near enough to it.
const NEAR: f64 = 5e-5;

/// Plans a month day by day.
///
/// # Errors
/// When the question contradicts itself; see [`Question::check`].
pub fn best(question: &Question<'_>, threads: Threads) -> Result<Calendar, Malformed> {
    question.check()?;
    let ground = Ground::new(question, threads)?;
    let windows = windows(question);
    let (days, start) = dates::choose(&ground, &windows, threads);
    let found = prices::search(&ground, &days, &start, &stages(), true, threads);
    let (made, found) = made(&ground, &days, found, threads);
    let Made { mut rooms, draft, short, value } = made;
    let bound_of_days = bound(&ground, &days, &found.prices, &short, threads);
    let (bound, prices) = if windows == days {
        (bound_of_days, found.prices.clone())
    } else {
        bound_of_all_days(&ground, &windows, &found.prices, &short, threads)
    };
    let mut calendar = Calendar {
        sends: sends(&ground, &mut rooms, &draft, threads),
        value,
        bound,
        bound_of_days,
        prices,
        prices_of_days: found.prices,
        calls: vec![0; usize::from(question.days_of_month)],
        taggings: 0,
        conflicts: (0..ground.wishes())
            .filter(|wish| short[*wish] > 0)
            .map(|wish| Conflict { wish, short: short[wish] as u32 })
            .collect(),
        days,
    };
    for send in &calendar.sends {
        calendar.calls[usize::from(send.day) - 1] += send.calls;
        calendar.taggings += rooms.taggings(send.wish, send.day);
    }
    Ok(calendar)
}

fn stages() -> Vec<Stage> {
    let [first, second, third] = SAMPLES;
    vec![
        Stage { blocks: first, passes: 14, shift: 2 },
        Stage { blocks: second, passes: 12, shift: 0 },
        Stage { blocks: third, passes: 3, shift: 0 },
    ]
}

/// A lawful plan.
struct Made {
    rooms: Rooms,
    draft: Draft,
    /// Recipients each campaign lacks to its least.
    short: Vec<i64>,
    value: i64,
}

/// The best of some plans, and the prices with the smallest bound. What a plan corrected prices to
/// on the way is the start of the next, as long as that makes the bound smaller.
fn made(ground: &Ground<'_>, days: &[u32], mut found: Found, threads: Threads) -> (Made, Found) {
    let none = vec![0; ground.wishes()];
    let mut least = bound(ground, days, &found.prices, &none, threads);
    let mut best = make(ground, days, &found, threads);
    for _ in 1..ROUNDS {
        if share(least, best.value) <= NEAR {
            break;
        }
        let mut next = found.clone();
        next.prices.wishes.clone_from(&best.draft.prices);
        let bound = bound(ground, days, &next.prices, &none, threads);
        if bound >= least {
            break;
        }
        (least, found) = (bound, next);
        let made = make(ground, days, &found, threads);
        let lacks = |made: &Made| made.short.iter().sum::<i64>();
        if (lacks(&made), -made.value) < (lacks(&best), -best.value) {
            best = made;
        }
    }
    (best, found)
}

fn make(ground: &Ground<'_>, days: &[u32], found: &Found, threads: Threads) -> Made {
    let mut rooms = Rooms::new(ground, by(ground, found));
    let tariff = Tariff::new(ground, days, &found.prices);
    let mut view = View::new(ground, tariff.clone());
    let mut draft = fill(&mut view, found, &mut rooms, threads);
    let scarce = std::mem::take(&mut draft.scarce);
    mend(&mut view, &tariff, &scarce, &mut rooms, &mut draft, threads);
    let short = (0..ground.wishes()).map(|wish| rooms.short(wish)).collect();
    let value = deal::value(ground, &draft, threads);
    Made { rooms, draft, short, value }
}

/// Each campaign's window without the days on which no call is left.
fn windows(question: &Question<'_>) -> Vec<u32> {
    let mut days = all_days(question.days_of_month);
    for (day, left) in question.calls.left.iter().enumerate() {
        if *left == 0 {
            days &= !(1 << day);
        }
    }
    question.windows.iter().map(|window| window & days).collect()
}

/// By which calls campaigns go, as it seems before the plan is made: by lists as long as a day has
/// enough calls, else those by a tag that save enough with the fewest followers to be tagged.
fn by(ground: &Ground<'_>, found: &Found) -> impl Fn(usize, u8) -> By + use<> {
    let calls = &ground.question.calls;
    let mut tagged = vec![false; ground.wishes() * DAYS];
    let mut taggings = calls.taggings as f64;
    let list = f64::from(calls.list_most);
    for (day, left) in calls.left.iter().enumerate().filter(|_| calls.taggings > 0) {
        let day = day as u8 + 1;
        let mut pairs: Vec<(f64, usize)> = (0..ground.wishes())
            .map(|wish| (dates::recipients(&found.taken, wish, day), wish))
            .filter(|(recipients, _)| *recipients > 0.0)
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let saved = |recipients: f64| (recipients / list).ceil() - 1.0;
        let needed: f64 = pairs.iter().map(|(recipients, _)| saved(*recipients) + 1.0).sum();
        let mut over = needed - f64::from(*left);
        while over > 0.0 && !pairs.is_empty() {
            // The smallest that is enough, or else the largest.
            let enough = pairs.iter().position(|(recipients, _)| saved(*recipients) >= over);
            let (recipients, wish) = pairs.remove(enough.unwrap_or(pairs.len() - 1));
            let needed = (recipients / f64::from(calls.tag_most)).ceil();
            if saved(recipients) <= 0.0 || needed > taggings {
                continue;
            }
            taggings -= needed;
            over -= saved(recipients);
            tagged[wish * DAYS + usize::from(day)] = true;
        }
    }
    move |wish, day| {
        if tagged[wish * DAYS + usize::from(day)] { By::Tag } else { By::Lists }
    }
}

/// What no lawful plan on these days exceeds, at any prices.
fn bound(
    ground: &Ground<'_>,
    days: &[u32],
    prices: &Prices,
    short: &[i64],
    threads: Threads,
) -> i64 {
    let view = View::new(ground, Tariff::new(ground, days, prices));
    let sample = ground.sample(usize::MAX);
    let scope = Scope { sample: &sample, near: None, taken: false };
    read(&view, scope, threads).value + worth_of_limits(ground, prices, short)
}

/// What no lawful plan exceeds, as if each campaign could go on all days of its window.
fn bound_of_all_days(
    ground: &Ground<'_>,
    windows: &[u32],
    start: &Prices,
    short: &[i64],
    threads: Threads,
) -> (i64, Prices) {
    let stages = [
        Stage { blocks: SMALL_SAMPLE, passes: 10, shift: 2 },
        Stage { blocks: 4 * SMALL_SAMPLE, passes: 8, shift: 0 },
    ];
    let found = prices::search(ground, windows, start, &stages, true, threads);
    (bound(ground, windows, &found.prices, short, threads), found.prices)
}

/// All that goes out.
fn sends(ground: &Ground<'_>, rooms: &mut Rooms, draft: &Draft, threads: Threads) -> Vec<Send> {
    let mut pairs = Vec::new();
    for day in 1..=ground.question.days_of_month {
        for wish in 0..ground.wishes() {
            let taken = rooms.pair(wish, day).taken;
            if taken == 0 {
                continue;
            }
            // A tag that saves no call is not worth its tagging.
            let calls = &ground.question.calls;
            let one = i64::from(calls.list_least)..=i64::from(calls.list_most);
            if rooms.pair(wish, day).by == By::Tag && one.contains(&taken) {
                rooms.switch(wish, day, By::Lists);
            }
            pairs.push((wish, day));
        }
    }
    let recipients = deal::deal(ground, draft, &pairs, threads);
    pairs
        .into_iter()
        .zip(recipients)
        .map(|((wish, day), recipients)| Send {
            wish,
            day,
            recipients,
            by: rooms.pair(wish, day).by,
            calls: rooms.calls(wish, day),
        })
        .collect()
}

impl Calendar {
    /// How far the plan may be from the best on whatever days, as a share of the bound.
    #[must_use]
    pub fn gap(&self) -> f64 {
        share(self.bound, self.value)
    }

    /// How far the plan may be from the best on the chosen days, as a share of their bound.
    #[must_use]
    pub fn gap_of_days(&self) -> f64 {
        share(self.bound_of_days, self.value)
    }

    /// All recipients of each campaign, on whatever day.
    #[must_use]
    pub fn recipients(&self) -> Vec<Set> {
        let mut all = vec![Set::new(); self.days.len()];
        for send in &self.sends {
            all[send.wish].or_with(&send.recipients);
        }
        all
    }
}

fn share(bound: i64, value: i64) -> f64 {
    if bound == value { 0.0 } else { (bound - value) as f64 / (bound as f64).abs().max(1.0) }
}
