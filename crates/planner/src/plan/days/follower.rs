//! What one follower takes, exactly: of all sets of campaigns they may get, on days that keep every
//! rule, the one worth most at the prices.
//!
//! Sets are tried dearest first, and a branch is left when not even its dearest could beat the best
//! found; so where the dearest campaigns can be had together, one try is enough. Whether campaigns
//! can be had together, and on which days most cheaply, depends on few followers' traits and is
//! remembered.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::super::question::MOST_PLACES;
use super::ground::{RANKS, Rule};
use super::question::Question;
use super::tariff::{DAYS, SHUT, Tariff};

const PLACES: usize = MOST_PLACES as usize;
/// Stands for "no campaign".
pub(super) const NOBODY: u8 = u8::MAX;
/// Sets remembered before all are forgotten.
const REMEMBERED: usize = 1 << 20;

/// What a follower takes: campaigns, ascending, and their days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Takes {
    /// Campaigns; [`NOBODY`] after the last.
    pub wishes: [u8; PLACES],
    /// The day of each.
    pub days: [u8; PLACES],
}

impl Takes {
    /// Nothing.
    pub(super) const NOTHING: Self = Self { wishes: [NOBODY; PLACES], days: [0; PLACES] };

    /// Campaigns and days.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u8)> + Clone + use<> {
        let known = self.wishes.into_iter().zip(self.days);
        known.filter(|(wish, _)| *wish != NOBODY).map(|(wish, day)| (usize::from(wish), day))
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.wishes.iter().filter(|wish| **wish != NOBODY).count()
    }

    /// Whether the campaign is among them.
    pub(super) fn contains(&self, wish: usize) -> bool {
        self.iter().any(|(taken, _)| taken == wish)
    }
}

/// A campaign a follower might take.
#[derive(Debug, Clone, Copy)]
struct Offer {
    wish: u8,
    /// Worth less the campaign's price.
    net: i32,
    /// At most what it brings: `net` less the cheapest share of a call.
    upper: i32,
}

/// Rules that are the same for all.
#[derive(Debug, Clone)]
pub(super) struct Customs<'a> {
    pub spacing: u8,
    pub until: u8,
    pub last_day: u8,
    pub topics: &'a [Option<u8>],
    pub topic_most: &'a [u8],
}

impl<'a> Customs<'a> {
    pub(super) fn new(question: &Question<'a>) -> Self {
        Self {
            spacing: question.spacing,
            until: question.kept_back.until,
            last_day: question.days_of_month,
            topics: question.topics.of,
            topic_most: question.topics.most,
        }
    }

    /// Whether these campaigns are too many of a topic.
    pub(super) fn is_too_much(&self, wishes: impl Iterator<Item = usize> + Clone) -> bool {
        if self.topics.is_empty() {
            return false;
        }
        wishes.clone().any(|wish| {
            let Some(topic) = self.topics[wish] else { return false };
            let same = wishes.clone().filter(|other| self.topics[*other] == Some(topic));
            same.count() > usize::from(self.topic_most[usize::from(topic)])
        })
    }
}

#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// The cheapest days of sets of campaigns, as far as they were asked for.
type Memo = HashMap<u64, Option<(i32, [u8; PLACES])>, BuildHasherDefault<Mixer>>;

/// Finds what followers take.
pub(super) struct Chooser {
    memo: Memo,
    offers: Vec<Offer>,
    best: i32,
    takes: Takes,
}

/// Which campaigns can never come too close to each other, whatever the days, and the day on which
/// each takes the least of a call.
pub(super) struct Apart {
    close: Vec<[u64; 4]>,
    cheapest: Vec<(i32, u8)>,
}

impl Apart {
    pub(super) fn new(tariff: &Tariff, spacing: u8) -> Self {
        let wishes = tariff.days.len();
        let days = |wish: usize| {
            (1..DAYS as u8).filter(move |day| tariff.days[wish] >> (day - 1) & 1 == 1)
        };
        let ends: Vec<(u8, u8)> = (0..wishes)
            .map(|wish| (days(wish).next().unwrap_or(0), days(wish).next_back().unwrap_or(0)))
            .collect();
        let mut close = vec![[0; 4]; wishes];
        for (wish, (first, last)) in ends.iter().enumerate() {
            for (other, (other_first, other_last)) in ends.iter().enumerate() {
                let is_apart = spacing == 0
                    || last + spacing <= *other_first
                    || other_last + spacing <= *first;
                if wish != other && !is_apart {
                    close[wish][other / 64] |= 1u64 << (other % 64);
                }
            }
        }
        let cheapest = |wish: usize| {
            let price = |day: &u8| (tariff.calls[wish][usize::from(*day)], *day);
            days(wish).map(|day| price(&day)).min().unwrap_or((SHUT, 0))
        };
        Self { close, cheapest: (0..wishes).map(cheapest).collect() }
    }

    fn is_close(&self, wish: u8, other: u8) -> bool {
        self.close[usize::from(wish)][usize::from(other) / 64] >> (other % 64) & 1 == 1
    }
}

/// What a follower is offered, and under which rules.
pub(super) struct Asked<'a> {
    pub apart: &'a Apart,
    pub customs: &'a Customs<'a>,
    pub tariff: &'a Tariff,
    pub rule: &'a Rule,
    pub places: u8,
}

/// Campaigns taken so far.
#[derive(Clone, Copy)]
struct Partial {
    len: usize,
    wishes: [u8; PLACES],
    net: i32,
    upper: i32,
}

impl Chooser {
    pub(super) fn new() -> Self {
        Self { memo: Memo::default(), offers: Vec::new(), best: 0, takes: Takes::NOTHING }
    }

    /// Forgets what it knows of days; needed when days or prices of calls change.
    pub(super) fn forget(&mut self) {
        self.memo.clear();
    }

    /// The best of what is offered, as `(campaign, worth)`, and what it brings at the prices.
    pub(super) fn choose(
        &mut self,
        asked: &Asked<'_>,
        offered: impl Iterator<Item = (usize, i32)>,
    ) -> (i32, Takes) {
        self.offers.clear();
        for (wish, worth) in offered {
            let net = worth - asked.tariff.wishes[wish];
            let upper = net - cheapest(asked, wish);
            if upper > 0 {
                self.offers.push(Offer { wish: wish as u8, net, upper });
            }
        }
        self.offers.sort_unstable_by_key(|offer| (-offer.upper, offer.wish));
        (self.best, self.takes) = (0, Takes::NOTHING);
        if asked.places > 0 {
            let nothing = Partial { len: 0, wishes: [NOBODY; PLACES], net: 0, upper: 0 };
            self.dig(asked, 0, nothing);
        }
        (self.best, self.takes)
    }

    fn dig(&mut self, asked: &Asked<'_>, from: usize, partial: Partial) {
        for next in from..self.offers.len() {
            if self.at_most(asked, next, partial) <= self.best {
                return;
            }
            let offer = self.offers[next];
            let wishes = inserted(partial.wishes, partial.len, offer.wish);
            let len = partial.len + 1;
            let taken = wishes[..len].iter().map(|wish| usize::from(*wish));
            if asked.customs.is_too_much(taken) {
                continue;
            }
            let Some((cost, days)) = self.days(asked, wishes) else { continue };
            let net = partial.net + offer.net;
            let brings = net - cost - asked.rule.costs[len];
            if brings > self.best {
                (self.best, self.takes) = (brings, Takes { wishes, days });
            }
            if len < usize::from(asked.places) {
                let upper = partial.upper + offer.upper;
                self.dig(asked, next + 1, Partial { len, wishes, net, upper });
            }
        }
    }

    /// No set of those taken and some of the offers from `next` on brings more.
    fn at_most(&self, asked: &Asked<'_>, next: usize, partial: Partial) -> i32 {
        let free = usize::from(asked.places) - partial.len;
        let (mut sum, mut most) = (partial.upper, i32::MIN);
        for (more, offer) in self.offers[next..].iter().take(free).enumerate() {
            sum += offer.upper;
            most = most.max(sum - asked.rule.costs[partial.len + more + 1]);
        }
        most
    }

    /// The cheapest days on which these campaigns, ascending, can all be had. Where all may come
    /// on any of their days, only those that can get too close to another are looked at together.
    fn days(&mut self, asked: &Asked<'_>, wishes: [u8; PLACES]) -> Option<(i32, [u8; PLACES])> {
        if asked.rule.kept > 0 || asked.rule.from > 1 {
            return self.days_together(asked, wishes);
        }
        let mut close = [NOBODY; PLACES];
        let mut len = 0;
        let (mut cost, mut days) = (0, [0; PLACES]);
        for (at, wish) in wishes.iter().enumerate().filter(|(_, wish)| **wish != NOBODY) {
            let is_close = |other: &u8| *other != NOBODY && asked.apart.is_close(*wish, *other);
            if wishes.iter().any(is_close) {
                close[len] = *wish;
                len += 1;
            } else {
                let (price, day) = asked.apart.cheapest[usize::from(*wish)];
                cost += price;
                days[at] = day;
            }
        }
        if len == 0 {
            return Some((cost, days));
        }
        let (more, found) = self.days_together(asked, close)?;
        let mut of_close = found.iter();
        for (at, wish) in wishes.iter().enumerate() {
            if close[..len].contains(wish)
                && let Some(day) = of_close.next()
            {
                days[at] = *day;
            }
        }
        Some((cost + more, days))
    }

    fn days_together(
        &mut self,
        asked: &Asked<'_>,
        wishes: [u8; PLACES],
    ) -> Option<(i32, [u8; PLACES])> {
        let early = asked.rule.early(asked.places);
        let traits = u64::from(early) | u64::from(asked.rule.from) << 8;
        let key = u64::from(u32::from_le_bytes(wishes)) | traits << 32;
        if let Some(known) = self.memo.get(&key) {
            return *known;
        }
        if self.memo.len() >= REMEMBERED {
            self.memo.clear();
        }
        let found = scheduled(asked, wishes, early);
        self.memo.insert(key, found);
        found
    }
}

/// The share of a call on the campaign's cheapest day; [`SHUT`] when it has no day for them.
fn cheapest(asked: &Asked<'_>, wish: usize) -> i32 {
    let days = asked.tariff.days[wish] & (u32::MAX << (asked.rule.from - 1).min(31));
    if days == 0 {
        return SHUT;
    }
    let mut days = days;
    let mut least = SHUT;
    while days != 0 {
        least = least.min(asked.tariff.calls[wish][days.trailing_zeros() as usize + 1]);
        days &= days - 1;
    }
    least
}

fn inserted(mut wishes: [u8; PLACES], len: usize, wish: u8) -> [u8; PLACES] {
    let mut at = len;
    while at > 0 && wishes[at - 1] > wish {
        wishes[at] = wishes[at - 1];
        at -= 1;
    }
    wishes[at] = wish;
    wishes
}

/// Day by day, the cheapest way to have had each subset of the campaigns by then.
fn scheduled(asked: &Asked<'_>, wishes: [u8; PLACES], early: u8) -> Option<(i32, [u8; PLACES])> {
    const SUBSETS: usize = 1 << PLACES;
    let Customs { spacing, until, last_day, .. } = *asked.customs;
    let count = wishes.iter().filter(|wish| **wish != NOBODY).count();
    let mut by = [[SHUT; SUBSETS]; DAYS + 1];
    by[0][0] = 0;
    let before = |day: usize| day.saturating_sub(usize::from(spacing));
    let open = |wish: u8, day: usize| asked.tariff.days[usize::from(wish)] >> (day - 1) & 1 == 1;
    let price = |wish: u8, day: usize| asked.tariff.calls[usize::from(wish)][day];
    for day in 1..=usize::from(last_day) {
        by[day] = by[day - 1];
        if day < usize::from(asked.rule.from) {
            continue;
        }
        for subset in 1usize..1 << count {
            if day < usize::from(until) && subset.count_ones() > u32::from(early) {
                continue;
            }
            for (bit, wish) in wishes[..count].iter().enumerate() {
                if subset >> bit & 1 == 1 && open(*wish, day) {
                    // With no spacing the others may be of this very day.
                    let others = by[before(day)][subset & !(1 << bit)];
                    let cost = others.saturating_add(price(*wish, day));
                    by[day][subset] = by[day][subset].min(cost);
                }
            }
        }
    }
    let (mut subset, mut day) = ((1usize << count) - 1, usize::from(last_day));
    let cost = by[day][subset];
    if cost >= SHUT {
        return None;
    }
    let mut days = [0; PLACES];
    while subset != 0 {
        while by[day][subset] == by[day - 1][subset] {
            day -= 1;
        }
        let bit = (0..count).find(|bit| {
            subset >> bit & 1 == 1
                && open(wishes[*bit], day)
                && by[before(day)][subset & !(1 << bit)].saturating_add(price(wishes[*bit], day))
                    == by[day][subset]
        })?;
        days[bit] = day as u8;
        subset &= !(1 << bit);
        day = before(day);
    }
    Some((cost, days))
}

/// What so many messages cost by disturbing.
pub(super) fn disturbing(rule: &Rule, messages: usize) -> i64 {
    i64::from(rule.costs[messages.min(RANKS - 1)])
}
