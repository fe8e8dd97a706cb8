//! After everybody has chosen: leasts that are not reached are, lists that would hold too few are
//! given up, and whatever can still be improved follower by follower is.
//!
//! At the end nobody could get one campaign more and gain by it.

use super::super::layout::LANES;
use super::super::threads::Threads;
use super::calendar::By;
use super::fill::{Draft, room, scrambled};
use super::follower::{Chooser, Customs, Takes, disturbing};
use super::reading::View;
use super::rooms::Rooms;
use super::tariff::Tariff;

/// More than any set of campaigns brings; four of it are less than what shuts a campaign.
const NEEDED: i32 = 1 << 20;
/// Rounds in which leasts are filled up.
const ROUNDS: usize = 4;

/// Makes a plan lawful and as good as single followers can make it. `tariff` holds the prices found
/// and the days chosen; `scarce` names the campaigns that not all could have who wanted them.
pub(super) fn mend(
    view: &mut View<'_>,
    tariff: &Tariff,
    scarce: &[bool],
    rooms: &mut Rooms,
    draft: &mut Draft,
    threads: Threads,
) {
    let mut scarce = scarce.to_vec();
    let mut free = tariff.clone();
    free.wishes.fill(0);
    free.calls.iter_mut().for_each(|days| days.fill(0));
    // At somewhat lower prices enough want what is left, and those who gain much by it.
    let mut lower = tariff.clone();
    lower.wishes.iter_mut().for_each(|price| *price -= *price / 4);
    loop {
        fill_up(view, tariff, rooms, draft, threads);
        for prices in [&lower, &free] {
            improve(view, prices, &scarce, rooms, draft);
        }
        if give_up_small_lists(view, rooms, draft) {
            // Whoever lost one may want any other.
            scarce.fill(true);
            continue;
        }
        add(view, &free, &scarce, rooms, draft);
        if !give_up_small_lists(view, rooms, draft) {
            return;
        }
        scarce.fill(true);
    }
}

/// What a member of a group has, and what it is worth at the tariff.
struct Standing {
    takes: Takes,
    brings: i64,
}

fn standing(view: &View<'_>, draft: &Draft, group: usize, member: usize) -> Standing {
    let takes = draft.get(member);
    Standing { takes, brings: brings(view, group, &takes) }
}

/// What these campaigns bring a member of a group at the view's tariff.
pub(super) fn brings(view: &View<'_>, group: usize, takes: &Takes) -> i64 {
    let block = view.ground.layout.block(group / LANES);
    let mut sum = -disturbing(view.ground.rule(group), takes.len());
    for (wish, day) in takes.iter() {
        let row = block.rows.iter().position(|row| usize::from(*row) == wish);
        let worth = row.map_or(0, |row| i64::from(block.worths[row][group % LANES]));
        let price = view.tariff.wishes[wish] + view.tariff.calls[wish][usize::from(day)];
        sum += worth - i64::from(price);
    }
    sum
}

/// The best for one member among what they have and what is not full. Campaigns that must not lose
/// anybody, and `wanted`, are taken whatever they bring, if all of them can be. With `wanted` in it
/// or, without one, only when it brings more.
fn better(
    view: &mut View<'_>,
    chooser: &mut Chooser,
    rooms: &mut Rooms,
    standing: &Standing,
    group: usize,
    wanted: Option<usize>,
) -> Option<(i64, Takes)> {
    let has = standing.takes;
    let kept: Vec<usize> =
        has.iter().map(|(wish, _)| wish).filter(|wish| rooms.is_needed(*wish)).collect();
    let must = kept.iter().copied().chain(wanted);
    must.clone().for_each(|wish| view.tariff.wishes[wish] -= NEEDED);
    let days = &view.tariff.days;
    let offered = |wish: usize| {
        has.contains(wish) || rooms.of_wish(wish) > 0 && is_open(rooms, days[wish], wish)
    };
    let (_, takes) = view.choose(chooser, group, offered);
    must.clone().for_each(|wish| view.tariff.wishes[wish] += NEEDED);
    let keeps = must.clone().all(|wish| takes.contains(wish));
    if takes == has || !keeps {
        return None;
    }
    let gain = brings(view, group, &takes) - standing.brings;
    if wanted.is_none() && gain <= 0 {
        return None;
    }
    // What they had makes room for what they get.
    has.iter().for_each(|(wish, day)| rooms.add(wish, day, -1));
    let fits = room(rooms, &takes) > 0;
    has.iter().for_each(|(wish, day)| rooms.add(wish, day, 1));
    fits.then_some((gain, takes))
}

fn is_open(rooms: &Rooms, days: u32, wish: usize) -> bool {
    (1..=super::question::MOST_DAYS)
        .any(|day| days >> (day - 1) & 1 == 1 && rooms.of(wish, day) > 0)
}

fn exchange(rooms: &mut Rooms, draft: &mut Draft, member: usize, takes: &Takes) {
    draft.get(member).iter().for_each(|(wish, day)| rooms.add(wish, day, -1));
    takes.iter().for_each(|(wish, day)| rooms.add(wish, day, 1));
    draft.set(member, takes);
}

/// Lets campaigns that lack recipients have those who lose least by it.
fn fill_up(
    view: &mut View<'_>,
    tariff: &Tariff,
    rooms: &mut Rooms,
    draft: &mut Draft,
    threads: Threads,
) {
    view.tariff.clone_from(tariff);
    view.refresh_days();
    for _ in 0..ROUNDS {
        let mut is_better = false;
        for wish in 0..view.ground.wishes() {
            if rooms.short(wish) > 0 && view.tariff.days[wish] != 0 {
                is_better |= fill_one(view, rooms, draft, wish, threads);
            }
        }
        if !is_better {
            return;
        }
    }
}

fn fill_one(
    view: &mut View<'_>,
    rooms: &mut Rooms,
    draft: &mut Draft,
    wish: usize,
    threads: Threads,
) -> bool {
    let layout = &view.ground.layout;
    let parts = threads.over(layout.blocks(), |range| {
        let mut view = View::new(view.ground, view.tariff.clone());
        let mut rooms = rooms.clone();
        let mut chooser = Chooser::new();
        let mut losses = Vec::new();
        for number in range {
            if !layout.block(number).rows.contains(&(wish as u8)) {
                continue;
            }
            for group in number * LANES..layout.groups.min((number + 1) * LANES) {
                let first = layout.first(group);
                for member in first..first + layout.members(group).len() {
                    let standing = standing(&view, draft, group, member);
                    if standing.takes.contains(wish) {
                        continue;
                    }
                    let found =
                        better(&mut view, &mut chooser, &mut rooms, &standing, group, Some(wish));
                    if let Some((gain, _)) = found {
                        losses.push((-gain, member as u32, group as u32));
                    }
                }
            }
        }
        losses
    });
    let mut losses = parts.concat();
    losses.sort_unstable();
    let mut chooser = Chooser::new();
    let mut is_better = false;
    for (_, member, group) in losses {
        if rooms.short(wish) == 0 {
            break;
        }
        let (member, group) = (member as usize, group as usize);
        let standing = standing(view, draft, group, member);
        let found = better(view, &mut chooser, rooms, &standing, group, Some(wish));
        if let Some((_, takes)) = found {
            exchange(rooms, draft, member, &takes);
            is_better = true;
        }
    }
    is_better
}

/// Gives followers what is left of campaigns with limits, where that brings more at these prices.
fn improve(
    view: &mut View<'_>,
    prices: &Tariff,
    scarce: &[bool],
    rooms: &mut Rooms,
    draft: &mut Draft,
) {
    view.tariff.clone_from(prices);
    view.refresh_days();
    let ground = view.ground;
    let layout = &ground.layout;
    let order = scrambled(layout.blocks());
    let mut chooser = Chooser::new();
    for turn in 0..layout.blocks() {
        let left = |wish: usize| scarce[wish] && is_open(rooms, prices.days[wish], wish);
        let number = order(turn);
        let block = layout.block(number);
        let left: Vec<usize> = block
            .rows
            .iter()
            .enumerate()
            .filter(|(_, wish)| left(usize::from(**wish)))
            .map(|(row, _)| row)
            .collect();
        for group in number * LANES..layout.groups.min((number + 1) * LANES) {
            let lane = group % LANES;
            let may_gain = |row: &usize| {
                let price = prices.wishes[usize::from(block.rows[*row])];
                i32::from(block.worths[*row][lane]) > price
            };
            if !left.iter().any(may_gain) {
                continue;
            }
            let first = layout.first(group);
            // Of those who are alike and have the same, none can gain when one cannot.
            let mut in_vain = None;
            for member in first..first + layout.members(group).len() {
                let standing = standing(view, draft, group, member);
                if in_vain == Some(standing.takes) {
                    continue;
                }
                let is_had = |row: &usize| standing.takes.contains(usize::from(block.rows[*row]));
                if left.iter().filter(|row| may_gain(row)).all(is_had) {
                    continue;
                }
                match better(view, &mut chooser, rooms, &standing, group, None) {
                    Some((_, takes)) => {
                        exchange(rooms, draft, member, &takes);
                        in_vain = None;
                    }
                    None => in_vain = Some(standing.takes),
                }
            }
        }
    }
}

/// Gives whoever has a place one campaign more, where that is lawful and brings something.
fn add(view: &mut View<'_>, free: &Tariff, scarce: &[bool], rooms: &mut Rooms, draft: &mut Draft) {
    view.tariff.clone_from(free);
    view.refresh_days();
    let layout = &view.ground.layout;
    for number in 0..layout.blocks() {
        let block = layout.block(number);
        let rows: Vec<usize> = (0..block.rows.len())
            .filter(|row| {
                let wish = usize::from(block.rows[*row]);
                scarce[wish] && is_open(rooms, free.days[wish], wish)
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        for group in number * LANES..layout.groups.min((number + 1) * LANES) {
            let first = layout.first(group);
            for member in first..first + layout.members(group).len() {
                for row in &rows {
                    let takes = draft.get(member);
                    let worth = i64::from(block.worths[*row][group % LANES]);
                    let wish = usize::from(block.rows[*row]);
                    if let Some(day) = addable(view, rooms, group, &takes, wish, worth) {
                        exchange(rooms, draft, member, &with(takes, wish, day));
                    }
                }
            }
        }
    }
}

/// A day on which one campaign more is lawful for a member of a group and brings something.
fn addable(
    view: &View<'_>,
    rooms: &mut Rooms,
    group: usize,
    takes: &Takes,
    wish: usize,
    worth: i64,
) -> Option<u8> {
    let places = view.ground.layout.block(group / LANES).places[group % LANES];
    let rule = view.ground.rule(group);
    let len = takes.len();
    if len >= usize::from(places) || takes.contains(wish) {
        return None;
    }
    if worth <= disturbing(rule, len + 1) - disturbing(rule, len) {
        return None;
    }
    let Customs { spacing, until, .. } = view.customs;
    if view.customs.is_too_much(takes.iter().map(|(wish, _)| wish).chain([wish])) {
        return None;
    }
    let early = takes.iter().filter(|(_, day)| *day < until).count();
    (rule.from..=view.customs.last_day).find(|day| {
        view.tariff.days[wish] >> (day - 1) & 1 == 1
            && takes.iter().all(|(_, other)| other.abs_diff(*day) >= spacing)
            && (*day >= until || early < usize::from(rule.early(places)))
            && room(rooms, &with(Takes::NOTHING, wish, *day)) > 0
    })
}

/// These and one more.
fn with(takes: Takes, wish: usize, day: u8) -> Takes {
    let mut all: Vec<(usize, u8)> = takes.iter().chain([(wish, day)]).collect();
    all.sort_unstable();
    let mut sorted = Takes::NOTHING;
    for (at, (wish, day)) in all.into_iter().enumerate() {
        (sorted.wishes[at], sorted.days[at]) = (wish as u8, day);
    }
    sorted
}

/// Where a campaign would reach fewer on a day than a list must hold, a tag is used, or nobody gets
/// it that day; `true` when somebody lost it.
fn give_up_small_lists(view: &View<'_>, rooms: &mut Rooms, draft: &mut Draft) -> bool {
    let least = i64::from(view.ground.question.calls.list_least);
    let mut is_lost = false;
    for wish in 0..view.ground.wishes() {
        for day in 1..=view.ground.question.days_of_month {
            let pair = rooms.pair(wish, day);
            let is_small = pair.by == By::Lists && pair.taken > 0 && pair.taken < least;
            if !is_small || rooms.switch(wish, day, By::Tag) {
                continue;
            }
            draft.withdraw(wish, day);
            let taken = rooms.pair(wish, day).taken;
            rooms.add(wish, day, -taken);
            rooms.shut(wish, day);
            is_lost = true;
        }
    }
    is_lost
}
