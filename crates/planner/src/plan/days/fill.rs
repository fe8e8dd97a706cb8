//! From prices to a plan that keeps every limit.
//!
//! Followers choose at the prices, block by block in scrambled order; a campaign that is full is
//! offered no more. So that nobody who would have missed it little fills it before those come who
//! would miss it much, prices are corrected on the way: whatever is ahead of the share of followers
//! that have chosen becomes a little dearer, whatever lags behind a little cheaper. That also
//! shares out what is worth the same to many.

use std::sync::Mutex;

use super::super::layout::LANES;
use super::super::question::MOST_PLACES;
use super::super::threads::{Threads, widest};
use super::follower::{Chooser, Takes};
use super::ground::Ground;
use super::prices::Found;
use super::reading::{Desk, View};
use super::rooms::Rooms;
use super::sweep::is_nothing;
use super::tariff::DAYS;

/// Steps in which followers choose, at most; prices are corrected after each. More of them where
/// many are alike, and turn at the same price.
const STEPS: usize = 256;
const STEPS_OF_GROUPS: usize = 512;
/// Parts in which a group of many chooses.
const PORTIONS: usize = 16;

/// What every follower gets, in the order of the layout.
pub(super) struct Draft {
    wishes: Vec<[u8; MOST_PLACES as usize]>,
    /// Empty when every campaign has one day.
    days: Vec<[u8; MOST_PLACES as usize]>,
    only_day: Vec<u8>,
    /// Campaigns that not all could have who wanted them.
    pub scarce: Vec<bool>,
    /// The prices at which campaigns were had, on average.
    pub prices: Vec<i32>,
}

impl Draft {
    fn new(view: &View<'_>) -> Self {
        let followers = view.ground.layout.followers();
        let is_single = view.tariff.is_single();
        Self {
            wishes: vec![Takes::NOTHING.wishes; followers],
            days: vec![[0; MOST_PLACES as usize]; if is_single { 0 } else { followers }],
            only_day: (0..view.ground.wishes()).map(|wish| view.tariff.only_day(wish)).collect(),
            scarce: vec![false; view.ground.wishes()],
            prices: view.tariff.wishes.clone(),
        }
    }

    /// What the follower at this place gets.
    pub(super) fn get(&self, member: usize) -> Takes {
        let wishes = self.wishes[member];
        let days = match self.days.get(member) {
            Some(days) => *days,
            None => wishes.map(|wish| self.only_day.get(usize::from(wish)).copied().unwrap_or(0)),
        };
        Takes { wishes, days }
    }

    /// Gives the follower at this place other campaigns.
    pub(super) fn set(&mut self, member: usize, takes: &Takes) {
        self.wishes[member] = takes.wishes;
        if let Some(days) = self.days.get_mut(member) {
            *days = takes.days;
        }
    }

    /// Takes the campaign of the day from everybody.
    pub(super) fn withdraw(&mut self, wish: usize, day: u8) {
        for member in 0..self.wishes.len() {
            if !self.wishes[member].contains(&(wish as u8)) {
                continue;
            }
            let takes = self.get(member);
            let mut kept = Takes::NOTHING;
            let others = takes.iter().filter(|taken| *taken != (wish, day));
            for (at, (other, day)) in others.enumerate() {
                (kept.wishes[at], kept.days[at]) = (other as u8, day);
            }
            self.set(member, &kept);
        }
    }
}

/// Blocks in an order in which neighbours lie far apart.
pub(super) fn scrambled(blocks: usize) -> impl Fn(usize) -> usize {
    let mut step = (blocks as f64 * 0.618_034) as usize | 1;
    while blocks > 1 && common_divisor(step, blocks) != 1 {
        step += 2;
    }
    move |at| (at as u128 * step as u128 % blocks.max(1) as u128) as usize
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Lets everybody choose, starting at the prices found. Leaves the view's tariff as it is at the
/// end: prices corrected, and what is full without days.
pub(super) fn fill(
    view: &mut View<'_>,
    found: &Found,
    rooms: &mut Rooms,
    threads: Threads,
) -> Draft {
    let ground = view.ground;
    let blocks = ground.layout.blocks();
    let mut draft = Draft::new(view);
    let portions = if ground.layout.is_single() { 1 } else { PORTIONS };
    let most = if ground.layout.is_single() { STEPS } else { STEPS_OF_GROUPS };
    let steps = (blocks * portions / 4).clamp(1, most);
    let order = scrambled(blocks);
    let desks = Mutex::new(Vec::new());
    let mut clerk = Clerk { chooser: Chooser::new(), forgot: false };
    let mut chosen = 0usize;
    let all_days = view.tariff.days.clone();
    mark_scarce(view, &all_days, &mut draft.scarce);
    let mut sums = vec![(0.0, 0.0); view.ground.wishes()];
    for step in 0..steps {
        let turns = blocks * portions * step / steps..blocks * portions * (step + 1) / steps;
        let takes = choices(view, turns.clone(), &order, &desks, threads);
        // Where there is enough for all of them, nobody has to be asked one by one.
        let is_enough = !rooms.are_limited_by_calls() && {
            let wanted = wanted(ground, turns.clone(), &order, portions, &takes);
            let fits =
                |(wish, days): (usize, &[i64])| days.iter().sum::<i64>() <= rooms.of_wish(wish);
            let is_enough = wanted.chunks(DAYS).enumerate().all(fits);
            for (at, count) in
                wanted.iter().enumerate().filter(|(_, count)| is_enough && **count > 0)
            {
                rooms.add(at / DAYS, (at % DAYS) as u8, *count);
            }
            is_enough
        };
        for (turn, takes) in turns.zip(takes) {
            let (number, portion) = (order(turn % blocks), turn / blocks);
            let lanes = LANES.min(ground.layout.groups - number * LANES);
            for (lane, takes) in takes.iter().enumerate().take(lanes) {
                let group = number * LANES + lane;
                let part = part(ground, group, portion, portions);
                chosen += part.len();
                if is_enough {
                    part.for_each(|member| draft.set(member, takes));
                    continue;
                }
                clerk.hand_out(view, rooms, &mut draft, group, part, *takes);
            }
        }
        if clerk.forgot {
            lock(&desks).iter_mut().for_each(Desk::forget);
            clerk.forgot = false;
        }
        let share = chosen as f64 / (ground.layout.followers().max(1)) as f64;
        // Prices of the first and last steps hang on few followers.
        if (0.1..0.9).contains(&share) {
            for ((sum, count), price) in sums.iter_mut().zip(&view.tariff.wishes) {
                (*sum, *count) = (*sum + f64::from(*price), *count + 1.0);
            }
        }
        correct(view, found, rooms, share);
        view.refresh();
        mark_scarce(view, &all_days, &mut draft.scarce);
    }
    for ((sum, count), price) in sums.into_iter().zip(&mut draft.prices) {
        if count > 0.0 {
            *price = (sum / count).round() as i32;
        }
    }
    draft
}

/// Marks what costs something, or is full.
fn mark_scarce(view: &View<'_>, all_days: &[u32], scarce: &mut [bool]) {
    let tariff = &view.tariff;
    for (wish, is_scarce) in scarce.iter_mut().enumerate() {
        *is_scarce |= tariff.wishes[wish] > 0
            || tariff.days[wish] != all_days[wish]
            || tariff.calls[wish].iter().any(|price| *price > 0);
    }
}

fn lock(desks: &Mutex<Vec<Desk>>) -> std::sync::MutexGuard<'_, Vec<Desk>> {
    desks.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What the blocks of these turns would take.
fn choices(
    view: &View<'_>,
    turns: std::ops::Range<usize>,
    order: &(impl Fn(usize) -> usize + Sync),
    desks: &Mutex<Vec<Desk>>,
    threads: Threads,
) -> Vec<[Takes; LANES]> {
    let blocks = view.ground.layout.blocks();
    let parts = threads.over(turns.len(), |range| {
        let mut desk = lock(desks).pop().unwrap_or_else(Desk::new);
        let mut takes = Vec::with_capacity(range.len());
        widest(
            #[inline(always)]
            || {
                for turn in range {
                    desk.read(view, order((turns.start + turn) % blocks), true);
                    takes.push(desk.takes);
                }
            },
        );
        lock(desks).push(desk);
        takes
    });
    parts.concat()
}

/// How many want each campaign on each day.
fn wanted(
    ground: &Ground<'_>,
    turns: std::ops::Range<usize>,
    order: &impl Fn(usize) -> usize,
    portions: usize,
    takes: &[[Takes; LANES]],
) -> Vec<i64> {
    let blocks = ground.layout.blocks();
    let mut wanted = vec![0; ground.wishes() * DAYS];
    for (turn, takes) in turns.zip(takes) {
        let (number, portion) = (order(turn % blocks), turn / blocks);
        let lanes = LANES.min(ground.layout.groups - number * LANES);
        for (lane, takes) in takes.iter().enumerate().take(lanes) {
            let count = part(ground, number * LANES + lane, portion, portions).len() as i64;
            takes.iter().for_each(|(wish, day)| wanted[wish * DAYS + usize::from(day)] += count);
        }
    }
    wanted
}

/// The places in the layout's order of those of a group that choose in this portion.
fn part(
    ground: &Ground<'_>,
    group: usize,
    portion: usize,
    portions: usize,
) -> std::ops::Range<usize> {
    let (first, size) = (ground.layout.first(group), ground.layout.members(group).len());
    // Groups of one do not all wait for the last portion.
    let shift = group.wrapping_mul(0x9e37_79b9) >> 16;
    let until = |portion: usize| (size * portion + shift % portions) / portions;
    first + until(portion)..first + until(portion + 1)
}

/// Hands out what was chosen.
struct Clerk {
    chooser: Chooser,
    /// Whether a campaign lost some but not all of its days.
    forgot: bool,
}

impl Clerk {
    fn hand_out(
        &mut self,
        view: &mut View<'_>,
        rooms: &mut Rooms,
        draft: &mut Draft,
        group: usize,
        mut members: std::ops::Range<usize>,
        mut takes: Takes,
    ) {
        let mut barred = Vec::new();
        while !members.is_empty() && !is_nothing(&takes) {
            let room = room(rooms, &takes);
            let now = (members.len() as i64).min(room);
            if now > 0 {
                for member in members.by_ref().take(now as usize) {
                    draft.set(member, &takes);
                }
                takes.iter().for_each(|(wish, day)| rooms.add(wish, day, now));
            }
            if members.is_empty() {
                return;
            }
            let is_closed = self.close(view, rooms, &takes);
            if now == 0 && !is_closed {
                // Each would fit, but not all of them: this group goes without one.
                barred.push(takes.iter().map(|(wish, _)| wish).last().unwrap_or(0));
            }
            takes = view.choose(&mut self.chooser, group, |wish| !barred.contains(&wish)).1;
        }
    }

    /// Offers what is full no more; `false` when nothing is.
    fn close(&mut self, view: &mut View<'_>, rooms: &Rooms, takes: &Takes) -> bool {
        let mut is_closed = false;
        for (wish, day) in takes.iter() {
            if rooms.of(wish, day) > 0 {
                continue;
            }
            is_closed = true;
            let days = &mut view.tariff.days[wish];
            if rooms.of_wish(wish) == 0 {
                *days = 0;
            } else {
                *days &= !(1 << (day - 1));
            }
            if *days != 0 {
                self.forgot = true;
                self.chooser.forget();
                view.refresh_days();
            }
        }
        is_closed
    }
}

/// How many followers can get all of this. What is left of calls may be wanted by several of these
/// campaigns; then so many, or one, or none is tried.
pub(super) fn room(rooms: &mut Rooms, takes: &Takes) -> i64 {
    let least = takes.iter().map(|(wish, day)| rooms.of(wish, day)).min().unwrap_or(0);
    if least == 0 || !rooms.are_shared() || fits(rooms, takes, least) {
        return least;
    }
    i64::from(fits(rooms, takes, 1))
}

fn fits(rooms: &mut Rooms, takes: &Takes, recipients: i64) -> bool {
    let mut added = 0;
    for (wish, day) in takes.iter() {
        if rooms.of(wish, day) < recipients {
            break;
        }
        rooms.add(wish, day, recipients);
        added += 1;
    }
    takes.iter().take(added).for_each(|(wish, day)| rooms.add(wish, day, -recipients));
    added == takes.len()
}

/// Makes dearer what is ahead and cheaper what lags behind, now that this share has chosen.
fn correct(view: &mut View<'_>, found: &Found, rooms: &Rooms, share: f64) {
    let layout = &view.ground.layout;
    for wish in 0..view.ground.wishes() {
        let start = found.prices.wishes[wish];
        let taken = rooms.taken[wish] as f64;
        let (most, least) = (layout.most[wish], layout.least[wish]);
        // Chance at the beginning makes nothing dear that is not wanted by too many.
        let is_short = taken > most as f64 * (share + 0.01);
        let ahead = if most != i64::MAX && (start > 0 || is_short) {
            taken - most as f64 * share
        } else if least > 0 && (start < 0 || taken < least as f64 * share) {
            taken - least as f64 * share
        } else {
            continue;
        };
        let movable = found.density[wish] * (1.0 - share).max(0.02);
        let most_step = f64::from(start.abs() / 4 + 32);
        let step = if movable > 0.0 { ahead / movable } else { ahead.signum() * most_step };
        let price = start + step.clamp(-most_step, most_step).round() as i32;
        let is_dear = most != i64::MAX && (start > 0 || least == 0 || price > 0);
        view.tariff.wishes[wish] = if is_dear { price.max(0) } else { price.min(0) };
    }
}
