//! The check of a calendar, by code that shares nothing with the solver.
//!
//! Whatever the prices, no lawful plan is worth more than the sum over all followers of the best
//! lawful set of messages for them alone, each worth less its campaign's price and less the smallest
//! share of a call a recipient of that campaign can take, and over all that is scarce of its price
//! times what there is of it. Only whole numbers are added.

use std::collections::HashMap;

use super::super::question::Worth;
use super::super::threads::Threads;
use super::calendar::{By, Calendar, Malformed, Prices, Question, Send};
use super::question::NEVER;

/// Followers looked at side by side.
const CHUNK: usize = 1 << 18;

/// A claim that is not true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untrue {
    /// The question itself contradicts itself.
    #[error(transparent)]
    Question(#[from] Malformed),
    /// A list is not as long as it should be.
    #[error("{0} are not given for every campaign or day")]
    Length(&'static str),
    /// The chosen days are not lawful.
    #[error("campaign {0} has days outside its window, or more than there may be waves")]
    Days(usize),
    /// A send names a campaign or day twice, out of order, or one that was not chosen.
    #[error("campaign {wish} on day {day} is no send of this calendar")]
    Send {
        /// Which campaign.
        wish: usize,
        /// Which day.
        day: u8,
    },
    /// A send reaches nobody, too few for a list, or somebody it is not meant for.
    #[error("campaign {wish} on day {day} does not reach a lawful set of followers")]
    Recipients {
        /// Which campaign.
        wish: usize,
        /// Which day.
        day: u8,
    },
    /// A follower's messages break a rule.
    #[error("follower {ordinal}: {rule}")]
    Follower {
        /// Which follower.
        ordinal: usize,
        /// The rule that is broken.
        rule: &'static str,
    },
    /// A campaign reaches too few or too many.
    #[error("campaign {wish} reaches {reaches}, outside its limits")]
    Limits {
        /// Which campaign.
        wish: usize,
        /// Recipients planned.
        reaches: u64,
    },
    /// A figure is not what adding up gives.
    #[error("{what} is {claimed} in the calendar and {found} when added up")]
    Figure {
        /// Which figure.
        what: &'static str,
        /// As claimed.
        claimed: i64,
        /// As added up.
        found: i64,
    },
    /// More is used of something than there is.
    #[error("day {0} takes more mass calls than are left")]
    Calls(usize),
    /// More tagging calls are used than there are.
    #[error("the plan takes more tagging calls than are left")]
    Taggings,
    /// A price stands for nothing.
    #[error("the price of {0} stands for no limit, or has the wrong sign")]
    Price(&'static str),
}

/// Adds everything up anew and compares it with what is claimed.
///
/// # Errors
/// The first claim found untrue.
pub fn verify(
    question: &Question<'_>,
    calendar: &Calendar,
    threads: Threads,
) -> Result<(), Untrue> {
    question.check()?;
    let wishes = question.month.wishes.len();
    if calendar.days.len() != wishes {
        return Err(Untrue::Length("days"));
    }
    let open = open_days(question);
    for (wish, days) in calendar.days.iter().enumerate() {
        if days & !open[wish] != 0 || days.count_ones() > u32::from(question.waves) {
            return Err(Untrue::Days(wish));
        }
    }
    check_sends(question, calendar)?;
    check_calls(question, calendar)?;
    let short = check_limits(question, calendar)?;
    let mut value = 0;
    each_chunk(question, threads, |follower, _| worth_of(question, calendar, follower))
        .try_for_each(|part| part.map(|part| value += part))?;
    same("the value", calendar.value, value)?;
    for (what, claimed, days, prices) in [
        ("the bound of the days", calendar.bound_of_days, &calendar.days, &calendar.prices_of_days),
        ("the bound", calendar.bound, &open, &calendar.prices),
    ] {
        same(what, claimed, bound(question, days, prices, &short, threads)?)?;
    }
    Ok(())
}

fn same(what: &'static str, claimed: i64, found: i64) -> Result<(), Untrue> {
    if claimed == found { Ok(()) } else { Err(Untrue::Figure { what, claimed, found }) }
}

/// Windows less the days on which the account has no call left.
fn open_days(question: &Question<'_>) -> Vec<u32> {
    let has_call = |day: u32| question.calls.left.get(day as usize).is_none_or(|left| *left > 0);
    let open = (0..u32::from(question.days_of_month)).filter(|day| has_call(*day));
    let open = open.fold(0u32, |days, day| days | 1 << day);
    question.windows.iter().map(|days| days & open).collect()
}

fn check_sends(question: &Question<'_>, calendar: &Calendar) -> Result<(), Untrue> {
    let mut before = (0, 0);
    for Send { wish, day, recipients, by, .. } in &calendar.sends {
        let (wish, day) = (*wish, *day);
        let is_known = calendar
            .days
            .get(wish)
            .is_some_and(|days| (1..=31).contains(&day) && days >> (day - 1) & 1 == 1);
        if !is_known || (day, wish + 1) <= before {
            return Err(Untrue::Send { wish, day });
        }
        before = (day, wish + 1);
        let least = if *by == By::Lists { question.calls.list_least } else { 0 };
        let is_meant = recipients.is_subset(&question.month.wishes[wish].audience);
        if recipients.len() < (least.max(1)) as usize || !is_meant {
            return Err(Untrue::Recipients { wish, day });
        }
    }
    Ok(())
}

fn check_calls(question: &Question<'_>, calendar: &Calendar) -> Result<(), Untrue> {
    let mut used = vec![0u64; usize::from(question.days_of_month)];
    if calendar.calls.len() != used.len() {
        return Err(Untrue::Length("calls"));
    }
    let mut taggings = 0;
    for send in &calendar.sends {
        let recipients = send.recipients.len() as u64;
        let calls = match send.by {
            By::Lists => recipients.div_ceil(u64::from(question.calls.list_most)),
            By::Tag => 1,
        };
        if send.by == By::Tag {
            taggings += recipients.div_ceil(u64::from(question.calls.tag_most));
        }
        same("a send's number of calls", i64::from(send.calls), calls as i64)?;
        used[usize::from(send.day) - 1] += calls;
    }
    for (day, used) in used.iter().enumerate() {
        same("a day's number of calls", i64::from(calendar.calls[day]), *used as i64)?;
        if question.calls.left.get(day).is_some_and(|left| u64::from(*left) < *used) {
            return Err(Untrue::Calls(day + 1));
        }
    }
    same("the number of tagging calls", calendar.taggings as i64, taggings as i64)?;
    if taggings > question.calls.taggings { Err(Untrue::Taggings) } else { Ok(()) }
}

/// What each campaign lacks to its least, as told.
fn check_limits(question: &Question<'_>, calendar: &Calendar) -> Result<Vec<i64>, Untrue> {
    let mut reaches = vec![0u64; question.month.wishes.len()];
    let mut short = vec![0; reaches.len()];
    for send in &calendar.sends {
        reaches[send.wish] += send.recipients.len() as u64;
    }
    for conflict in &calendar.conflicts {
        *short.get_mut(conflict.wish).ok_or(Untrue::Length("conflicts"))? =
            i64::from(conflict.short);
    }
    for (wish, asked) in question.month.wishes.iter().enumerate() {
        let reaches = reaches[wish];
        let is_enough = reaches as i64 + short[wish] >= i64::from(asked.least);
        let is_honest = short[wish] == 0 || reaches as i64 + short[wish] == i64::from(asked.least);
        if !is_enough || !is_honest || asked.most.is_some_and(|most| reaches > u64::from(most)) {
            return Err(Untrue::Limits { wish, reaches });
        }
    }
    Ok(short)
}

/// The least that calls for these campaigns, ascending, cost a follower of such traits: first day
/// free, places, places kept back.
type Known = HashMap<([u8; 4], [u8; 3]), Option<i64>>;

/// One follower and the campaigns meant for them, with their worths.
struct Follower<'a> {
    ordinal: usize,
    offers: &'a [(usize, i64)],
}

/// Applies a sum to all followers, in chunks.
fn each_chunk<T: std::iter::Sum + std::marker::Send>(
    question: &Question<'_>,
    threads: Threads,
    of: impl Fn(&Follower<'_>, &mut Known) -> T + Sync,
) -> std::vec::IntoIter<T> {
    let mut sums = Vec::new();
    let mut members: Vec<_> = question
        .month
        .wishes
        .iter()
        .map(|wish| wish.audience.iter().enumerate().peekable())
        .collect();
    for start in (0..question.month.followers()).step_by(CHUNK) {
        let end = (start + CHUNK).min(question.month.followers());
        let mut offers: Vec<Vec<(usize, i64)>> = vec![Vec::new(); end - start];
        for (number, members) in members.iter_mut().enumerate() {
            while let Some((member, ordinal)) =
                members.next_if(|(_, ordinal)| (*ordinal as usize) < end)
            {
                let worth = match &question.month.wishes[number].worth {
                    Worth::Same(worth) => *worth,
                    Worth::ByClass(worths) => {
                        worths[usize::from(question.month.classes[ordinal as usize])]
                    }
                    Worth::Each(worths) => worths[member],
                };
                offers[ordinal as usize - start].push((number, i64::from(worth)));
            }
        }
        sums.extend(threads.over(end - start, |range| {
            let mut known = Known::new();
            range
                .map(|at| of(&Follower { ordinal: start + at, offers: &offers[at] }, &mut known))
                .sum::<T>()
        }));
    }
    sums.into_iter()
}

/// The worth of what the follower gets, if it is lawful.
fn worth_of(
    question: &Question<'_>,
    calendar: &Calendar,
    follower: &Follower<'_>,
) -> Result<i64, Untrue> {
    let ordinal = follower.ordinal;
    let gets: Vec<(usize, u8)> = calendar
        .sends
        .iter()
        .filter(|send| send.recipients.contains(ordinal as u32))
        .map(|send| (send.wish, send.day))
        .collect();
    if let Some(rule) = broken(question, ordinal, &gets) {
        return Err(Untrue::Follower { ordinal, rule });
    }
    let worths = gets.iter().filter_map(|(wish, _)| {
        follower.offers.iter().find(|(offered, _)| offered == wish).map(|(_, worth)| *worth)
    });
    Ok(worths.sum::<i64>() - disturbing(question, ordinal, gets.len()))
}

/// The rule that these messages on days break, if any.
fn broken(question: &Question<'_>, ordinal: usize, gets: &[(usize, u8)]) -> Option<&'static str> {
    if gets.len() > usize::from(question.month.places[ordinal]) {
        return Some("more messages than places");
    }
    let spacing = i32::from(question.spacing);
    if let Some(earlier) = question.earlier.get(ordinal).filter(|day| **day != NEVER)
        && gets.iter().any(|(_, day)| i32::from(*day) - i32::from(*earlier) < spacing)
    {
        return Some("too close to a message got before");
    }
    let early = gets.iter().filter(|(_, day)| *day < question.kept_back.until).count();
    let kept = question.kept_back.places.get(ordinal).copied().unwrap_or(0);
    if early > usize::from(question.month.places[ordinal].saturating_sub(kept)) {
        return Some("a place that is kept back is used too early");
    }
    for (at, (wish, day)) in gets.iter().enumerate() {
        for (other, other_day) in &gets[at + 1..] {
            if wish == other {
                return Some("one campaign twice");
            }
            if i32::from(day.abs_diff(*other_day)) < spacing {
                return Some("two messages too close to each other");
            }
        }
        let topic = question.topics.of.get(*wish).copied().flatten();
        let same = |other: &&(usize, u8)| question.topics.of[other.0] == topic;
        if let Some(topic) = topic
            && gets.iter().filter(same).count()
                > usize::from(question.topics.most[usize::from(topic)])
        {
            return Some("too much of a topic");
        }
    }
    None
}

fn disturbing(question: &Question<'_>, ordinal: usize, messages: usize) -> i64 {
    let class = question.disturbing.class.get(ordinal).copied().unwrap_or(0);
    let costs = question.disturbing.costs.get(usize::from(class));
    costs.map_or(0, |costs| costs[..messages].iter().map(|cost| i64::from(*cost)).sum())
}

/// What no lawful plan on these days exceeds, at these prices and with leasts lowered by `short`.
///
/// # Errors
/// When a price stands for a limit that is not there.
pub fn bound(
    question: &Question<'_>,
    days: &[u32],
    prices: &Prices,
    short: &[i64],
    threads: Threads,
) -> Result<i64, Untrue> {
    let wishes = question.month.wishes.len();
    if prices.wishes.len() != wishes || prices.calls.len() != usize::from(question.days_of_month) {
        return Err(Untrue::Length("prices"));
    }
    let mut sum = 0;
    for (wish, asked) in question.month.wishes.iter().enumerate() {
        let price = i64::from(prices.wishes[wish]);
        sum += match (price, asked.most) {
            (0, _) => 0,
            (1.., Some(most)) => price * i64::from(most),
            (1.., None) => return Err(Untrue::Price("a campaign")),
            (..0, _) => price * (i64::from(asked.least) - short[wish]).max(0),
        };
    }
    for (day, price) in prices.calls.iter().enumerate() {
        match question.calls.left.get(day) {
            Some(left) if *price >= 0 => sum += price * i64::from(*left),
            None if *price == 0 => {}
            _ => return Err(Untrue::Price("a day's calls")),
        }
    }
    if prices.tagging < 0 {
        return Err(Untrue::Price("a tagging call"));
    }
    if prices.tagging > 0 {
        sum = sum.saturating_add(prices.tagging.saturating_mul(question.calls.taggings as i64));
    }
    let costs = costs_of_calls(question, prices);
    let alone = each_chunk(question, threads, |follower, known| {
        Alone::new(question, days, prices, &costs, follower).best(known)
    });
    Ok(sum + alone.sum::<i64>())
}

/// The smallest share of calls that a recipient of each campaign on each day can take, at prices.
fn costs_of_calls(question: &Question<'_>, prices: &Prices) -> Vec<Vec<i64>> {
    let calls = &question.calls;
    let of_wish = |wish: &super::super::question::Wish| {
        let audience = wish.audience.len() as i64;
        let reach = wish.most.map_or(audience, |most| audience.min(i64::from(most))).max(1);
        let of_day = |price: &i64| {
            let by_list = price / reach.min(i64::from(calls.list_most));
            let by_tag = price / reach + prices.tagging / reach.min(i64::from(calls.tag_most));
            if calls.taggings > 0 { by_list.min(by_tag) } else { by_list }
        };
        // Day 0 is none.
        std::iter::once(0).chain(prices.calls.iter().map(of_day)).collect()
    };
    question.month.wishes.iter().map(of_wish).collect()
}

/// One campaign as it stands to one follower.
struct Offered<'a> {
    wish: usize,
    net: i64,
    days: u32,
    costs: &'a [i64],
}

/// The best for one follower alone.
struct Alone<'a> {
    question: &'a Question<'a>,
    ordinal: usize,
    options: Vec<Offered<'a>>,
    best: i64,
}

impl<'a> Alone<'a> {
    fn new(
        question: &'a Question<'a>,
        days: &[u32],
        prices: &Prices,
        costs: &'a [Vec<i64>],
        follower: &Follower<'_>,
    ) -> Self {
        let ordinal = follower.ordinal;
        let mut options: Vec<Offered<'a>> = follower
            .offers
            .iter()
            .map(|(wish, worth)| Offered {
                wish: *wish,
                net: worth - i64::from(prices.wishes[*wish]),
                days: days[*wish],
                costs: &costs[*wish],
            })
            .filter(|option| option.net > 0)
            .collect();
        options.sort_by_key(|option| std::cmp::Reverse(option.net));
        Self { question, ordinal, options, best: 0 }
    }

    fn best(mut self, known: &mut Known) -> i64 {
        self.dig(0, &mut Vec::new(), 0, known);
        self.best
    }

    /// The cheapest lawful days for all of these, looked up when asked for before.
    fn costs(&self, chosen: &[usize], known: &mut Known) -> Option<i64> {
        let mut wishes = [u8::MAX; 4];
        for (wish, number) in wishes.iter_mut().zip(chosen) {
            *wish = self.options[*number].wish as u8;
        }
        wishes.sort_unstable();
        let earlier = self.question.earlier.get(self.ordinal).copied().unwrap_or(NEVER);
        let first = if earlier == NEVER {
            0
        } else {
            (i32::from(earlier) + i32::from(self.question.spacing)).clamp(0, 32) as u8
        };
        let kept = self.question.kept_back.places.get(self.ordinal).copied().unwrap_or(0);
        let traits = [first, self.question.month.places[self.ordinal], kept];
        *known.entry((wishes, traits)).or_insert_with(|| self.cheapest(chosen, 1, &mut Vec::new()))
    }

    /// Tries all sets that go on from `chosen` with options from `from` on.
    fn dig(&mut self, from: usize, chosen: &mut Vec<usize>, net: i64, known: &mut Known) {
        let places = usize::from(self.question.month.places[self.ordinal]);
        let free = places - chosen.len();
        for next in from..self.options.len() {
            let hope: i64 = self.options[next..].iter().take(free).map(|option| option.net).sum();
            if free == 0 || net + hope <= self.best {
                return;
            }
            chosen.push(next);
            let net = net + self.options[next].net;
            if let Some(cost) = self.costs(chosen, known) {
                let brings = net - cost - disturbing(self.question, self.ordinal, chosen.len());
                self.best = self.best.max(brings);
                self.dig(next + 1, chosen, net, known);
            }
            chosen.pop();
        }
    }

    /// The cheapest lawful days for all of these, given those that already have one; the next one
    /// goes on day `from` at the earliest.
    fn cheapest(&self, rest: &[usize], from: u32, gets: &mut Vec<(usize, u8)>) -> Option<i64> {
        if rest.is_empty() {
            return broken(self.question, self.ordinal, gets).is_none().then_some(0);
        }
        let mut best: Option<i64> = None;
        for number in rest {
            let option = &self.options[*number];
            let others: Vec<usize> = rest.iter().copied().filter(|other| other != number).collect();
            for day in from..=u32::from(self.question.days_of_month) {
                if option.days >> (day - 1) & 1 == 0 {
                    continue;
                }
                gets.push((option.wish, day as u8));
                // Messages so far, lawful or not to be gone on from.
                if broken(self.question, self.ordinal, gets).is_none() {
                    let next = day + u32::from(self.question.spacing);
                    if let Some(cost) = self.cheapest(&others, next, gets) {
                        let cost = cost + option.costs[day as usize];
                        best = Some(best.map_or(cost, |best| best.min(cost)));
                    }
                    // Where calls cost nothing no later day is better, but for kept places.
                    let is_late = day >= u32::from(self.question.kept_back.until);
                    if is_late && option.costs.iter().all(|cost| *cost == 0) {
                        gets.pop();
                        break;
                    }
                }
                gets.pop();
            }
            if best == Some(0) {
                return best;
            }
        }
        best
    }
}
