//! What all followers of a block take when every campaign has one day: by dynamic programming over
//! the campaigns in the order of their days, for all lanes at once.
//!
//! `forward[j][k]` is the most that at most `k` of the first `j` campaigns bring, `backward[j][k]`
//! the same for those from `j` on. A campaign may follow those that lie at least the spacing before
//! it, which are the first so many. Topics are not looked at here.

use super::super::layout::{Block, LANES, NOT};
use super::super::question::{MOST_PLACES, MOST_WISHES};
use super::follower::{NOBODY, Takes};
use super::ground::{RANKS, Rule};
use super::tariff::{SHUT, Tariff};

/// One number for each lane and number of messages.
type Level = [[i32; LANES]; RANKS];
const NONE: Level = [[0; LANES]; RANKS];
const PLACES: usize = MOST_PLACES as usize;

/// Days and prices of campaigns as a sweep reads them.
pub(super) struct Timetable {
    /// Where each campaign stands in the order of days.
    rank: [u8; 256],
    /// The day of each campaign; 0 when it is not sent.
    pub day: [u8; 256],
    /// What a recipient of each campaign costs.
    pub price: [i32; 256],
    spacing: u8,
    until: u8,
}

impl Timetable {
    /// Of a tariff that gives every campaign one day.
    pub(super) fn new(tariff: &Tariff, spacing: u8, until: u8) -> Self {
        let wishes = tariff.days.len();
        let mut table = Self { rank: [0; 256], day: [0; 256], price: [SHUT; 256], spacing, until };
        for wish in 0..wishes {
            table.day[wish] = tariff.only_day(wish);
            table.price[wish] = tariff.on_only_day(wish).min(SHUT);
        }
        table.sort(wishes);
        table
    }

    fn sort(&mut self, wishes: usize) {
        let mut order: Vec<usize> = (0..wishes).collect();
        order.sort_by_key(|wish| (self.day[*wish], *wish));
        for (rank, wish) in order.into_iter().enumerate() {
            self.rank[wish] = rank as u8;
        }
    }

    /// Moves a campaign to another day, where it costs this much.
    pub(super) fn moved(&mut self, wish: usize, day: u8, price: i32, wishes: usize) {
        (self.day[wish], self.price[wish]) = (day, price);
        self.sort(wishes);
    }
}

/// The rules of a block's lanes.
pub(super) struct LaneRules {
    /// Messages allowed before kept places are free.
    early: [i32; LANES],
    from: [i32; LANES],
    /// What so many messages cost; more than anything brings where there are fewer places.
    costs: Level,
    /// Whether any lane is kept from some days.
    is_special: bool,
    /// The places of every lane, where all have as many and disturbing costs nothing.
    alike: Option<usize>,
}

impl LaneRules {
    #[inline(always)]
    pub(super) fn new(places: &[u8; LANES], rules: Option<&[&Rule; LANES]>) -> Self {
        let mut of = Self {
            early: [PLACES as i32; LANES],
            from: [1; LANES],
            costs: NONE,
            is_special: false,
            alike: Some(usize::from(places[0])).filter(|_| places.iter().all(|p| *p == places[0])),
        };
        for (messages, costs) in of.costs.iter_mut().enumerate() {
            for lane in 0..LANES {
                costs[lane] = if messages > usize::from(places[lane]) { SHUT } else { 0 };
            }
        }
        let Some(rules) = rules else { return of };
        for (lane, rule) in rules.iter().enumerate() {
            of.early[lane] = i32::from(rule.early(places[lane]));
            of.from[lane] = i32::from(rule.from);
            of.is_special |= rule.kept > 0 || rule.from > 1;
            if rule.costs != [0; RANKS] {
                of.alike = None;
            }
            for (costs, cost) in of.costs.iter_mut().zip(rule.costs) {
                costs[lane] += cost;
            }
        }
        of
    }
}

/// Room for one block's sweep.
pub(super) struct Sweep {
    /// Campaigns of the block that are sent, in the order of days.
    len: usize,
    row: [u8; MOST_WISHES],
    wish: [u8; MOST_WISHES],
    /// How many of the first campaigns each may follow.
    before: [u8; MOST_WISHES],
    /// The first campaign that may follow each.
    after: [u8; MOST_WISHES],
    /// How many go before kept places are free.
    early: usize,
    forward: Vec<Level>,
    backward: Vec<Level>,
    net: Vec<[i32; LANES]>,
}

impl Sweep {
    pub(super) fn new() -> Self {
        Self {
            len: 0,
            row: [0; MOST_WISHES],
            wish: [0; MOST_WISHES],
            before: [0; MOST_WISHES],
            after: [0; MOST_WISHES],
            early: 0,
            forward: vec![NONE; MOST_WISHES + 1],
            backward: vec![NONE; MOST_WISHES + 1],
            net: vec![[0; LANES]; MOST_WISHES],
        }
    }

    /// Sorts the block's campaigns by day.
    #[inline(always)]
    pub(super) fn sort(&mut self, block: &Block<'_>, table: &Timetable) {
        self.len = 0;
        for (row, wish) in block.rows.iter().enumerate() {
            if table.day[usize::from(*wish)] == 0 {
                continue;
            }
            let rank = table.rank[usize::from(*wish)];
            let mut at = self.len;
            while at > 0 && table.rank[usize::from(self.wish[at - 1])] > rank {
                (self.wish[at], self.row[at]) = (self.wish[at - 1], self.row[at - 1]);
                at -= 1;
            }
            (self.wish[at], self.row[at]) = (*wish, row as u8);
            self.len += 1;
        }
        let day = |at: usize| table.day[usize::from(self.wish[at])];
        let (mut before, mut after, mut early) = (0, 0, 0);
        for at in 0..self.len {
            while before < at && day(before) + table.spacing <= day(at) {
                before += 1;
            }
            after = after.max(at + 1);
            while after < self.len && day(after) < day(at) + table.spacing {
                after += 1;
            }
            early += usize::from(day(at) < table.until);
            (self.before[at], self.after[at]) = (before as u8, after as u8);
        }
        self.early = early;
    }

    /// Fills `forward`.
    #[inline(always)]
    pub(super) fn forward(&mut self, block: &Block<'_>, table: &Timetable, rules: &LaneRules) {
        for at in 0..self.len {
            let wish = usize::from(self.wish[at]);
            let worths = &block.worths[usize::from(self.row[at])];
            let price = table.price[wish];
            let net = &mut self.net[at];
            for lane in 0..LANES {
                let worth = i32::from(worths[lane]);
                net[lane] = if worths[lane] == NOT { -SHUT } else { worth - price };
            }
            if rules.is_special {
                let day = i32::from(table.day[wish]);
                for (net, from) in net.iter_mut().zip(&rules.from) {
                    *net = if day < *from { -SHUT } else { *net };
                }
            }
            let (done, rest) = self.forward.split_at_mut(at + 1);
            let (before, here) = (&done[usize::from(self.before[at])], &done[at]);
            let next = &mut rest[0];
            if rules.is_special && at < self.early {
                for k in 1..RANKS {
                    for lane in 0..LANES {
                        let taken = before[k - 1][lane] + net[lane];
                        let fewer = next[k - 1][lane];
                        let may = k as i32 <= rules.early[lane];
                        next[k][lane] = here[k][lane].max(if may { taken } else { fewer });
                    }
                }
                continue;
            }
            for k in 1..RANKS {
                for lane in 0..LANES {
                    next[k][lane] = here[k][lane].max(before[k - 1][lane] + net[lane]);
                }
            }
        }
    }

    /// Fills `backward`, for an estimate: it does not know of kept places.
    #[inline(always)]
    pub(super) fn backward(&mut self) {
        self.backward[self.len] = NONE;
        for at in (0..self.len).rev() {
            let (head, tail) = self.backward.split_at_mut(at + 1);
            let (after, next) = (&tail[usize::from(self.after[at]) - at - 1], &tail[0]);
            for k in 1..RANKS {
                for lane in 0..LANES {
                    head[at][k][lane] = next[k][lane].max(after[k - 1][lane] + self.net[at][lane]);
                }
            }
        }
    }

    /// What each lane brings.
    #[inline(always)]
    pub(super) fn brought(&self, rules: &LaneRules) -> [i32; LANES] {
        let end = &self.forward[self.len];
        let mut most = [0; LANES];
        for (end, costs) in end.iter().zip(&rules.costs).skip(1) {
            for lane in 0..LANES {
                most[lane] = most[lane].max(end[lane] - costs[lane]);
            }
        }
        most
    }

    /// What the lane takes.
    #[inline(always)]
    pub(super) fn takes(&self, table: &Timetable, rules: &LaneRules, lane: usize) -> Takes {
        let end = &self.forward[self.len];
        let (mut k, mut most) = (0, 0);
        for (messages, (end, costs)) in end.iter().zip(&rules.costs).enumerate().skip(1) {
            let brings = end[lane] - costs[lane];
            if brings > most {
                (k, most) = (messages, brings);
            }
        }
        let early = rules.early[lane] as usize;
        let mut takes = Takes::NOTHING;
        let (mut at, mut len) = (self.len, 0);
        while k > 0 && at > 0 {
            if at <= self.early {
                k = k.min(early);
            }
            at -= 1;
            if self.forward[at + 1][k][lane] > self.forward[at][k][lane] {
                let wish = self.wish[at];
                let mut to = len;
                while to > 0 && takes.wishes[to - 1] > wish {
                    takes.wishes[to] = takes.wishes[to - 1];
                    takes.days[to] = takes.days[to - 1];
                    to -= 1;
                }
                (takes.wishes[to], takes.days[to]) = (wish, table.day[usize::from(wish)]);
                len += 1;
                k -= 1;
                at = usize::from(self.before[at]);
            }
        }
        takes
    }

    /// For each campaign of the block how much more each lane would have to gain from it to take
    /// it: 0 when it does; needs both directions.
    #[inline(always)]
    pub(super) fn missing(
        &self,
        rules: &LaneRules,
        brought: &[i32; LANES],
        mut each: impl FnMut(usize, &[i32; LANES]),
    ) {
        // With equal places and no costs, fewer others never bring more.
        let numbers = rules.alike.map_or(0..PLACES, |places| places.saturating_sub(1)..places);
        for at in 0..self.len {
            let before = &self.forward[usize::from(self.before[at])];
            let after = &self.backward[usize::from(self.after[at])];
            let mut with = [-SHUT; LANES];
            for others in numbers.clone() {
                let mut most = [-SHUT; LANES];
                for earlier in 0..=others {
                    for lane in 0..LANES {
                        let both = before[earlier][lane] + after[others - earlier][lane];
                        most[lane] = most[lane].max(both);
                    }
                }
                for lane in 0..LANES {
                    let cost = rules.costs[others + 1][lane];
                    with[lane] = with[lane].max(most[lane] + self.net[at][lane] - cost);
                }
            }
            let mut missing = [0; LANES];
            for lane in 0..LANES {
                missing[lane] = (brought[lane] - with[lane]).max(0);
            }
            each(usize::from(self.wish[at]), &missing);
        }
    }
}

/// Whether a lane takes nothing.
pub(super) fn is_nothing(takes: &Takes) -> bool {
    takes.wishes[0] == NOBODY
}
