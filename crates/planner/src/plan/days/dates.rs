//! On which days campaigns go: each as far from those that want the same followers as its window
//! allows, and where calls are left.
//!
//! Days are tried one campaign after the other on a sample of the followers, at standing prices,
//! as long as that makes what the sample's choices bring larger. It is a search by trial: the bound
//! of the days says nothing about other days, the bound of the month does.

use super::super::threads::{Threads, widest};
use super::calendar::Prices;
use super::ground::{Ground, Sample};
use super::prices::{self, Stage};
use super::question::MOST_DAYS;
use super::reading::Reading;
use super::sweep::{LaneRules, Sweep, Timetable};
use super::tariff::{DAYS, Tariff};

/// Blocks of the sample.
const SAMPLE: usize = 640;
/// Times all campaigns are tried at the same prices, and times prices are found anew.
const ROUNDS: usize = 2;
const PRICINGS: usize = 2;

/// The days of each campaign, and prices to go on from. `windows` holds only days with calls left.
pub(super) fn choose(ground: &Ground<'_>, windows: &[u32], threads: Threads) -> (Vec<u32>, Prices) {
    let waves = u32::from(ground.question.waves);
    let stages = [
        Stage { blocks: SAMPLE, passes: 12, shift: 2 },
        Stage { blocks: 2 * SAMPLE, passes: 8, shift: 0 },
    ];
    let mut search = Search::new(ground, windows);
    let mut prices = prices::free(ground);
    let is_open = windows.iter().any(|days| days.count_ones() > waves);
    if is_open {
        for _ in 0..PRICINGS {
            let days = search.days();
            let found = prices::search(ground, &days, &prices, &stages, false, threads);
            prices = found.prices;
            search.load(&found.taken);
            if !search.improve(&prices, threads) {
                break;
            }
        }
    }
    let days = if waves == 1 { search.days() } else { search.widened(waves) };
    (days, prices)
}

struct Search<'a, 'q> {
    ground: &'a Ground<'q>,
    windows: &'a [u32],
    /// One day a campaign; 0 for none.
    day: Vec<u8>,
    /// Calls each campaign would take, and each day has.
    calls: Vec<f64>,
    of_day: [f64; DAYS],
    /// What a call's recipients bring.
    worth_of_call: f64,
    sample: Sample,
    /// Blocks of the sample with somebody who may get the campaign, by their place in it.
    with: Vec<Vec<usize>>,
}

impl<'a, 'q> Search<'a, 'q> {
    fn new(ground: &'a Ground<'q>, windows: &'a [u32]) -> Self {
        let sample = ground.sample(SAMPLE);
        let mut with = vec![Vec::new(); ground.wishes()];
        for (place, (number, _)) in sample.blocks.iter().enumerate() {
            let block = ground.layout.block(*number);
            block.rows.iter().for_each(|wish| with[usize::from(*wish)].push(place));
        }
        let mut search = Self {
            ground,
            windows,
            day: vec![0; ground.wishes()],
            calls: vec![0.0; ground.wishes()],
            of_day: [f64::MAX; DAYS],
            worth_of_call: 0.0,
            sample,
            with,
        };
        for (left, of_day) in ground.question.calls.left.iter().zip(&mut search.of_day[1..]) {
            *of_day = f64::from(*left);
        }
        search.spread();
        search
    }

    fn days(&self) -> Vec<u32> {
        self.day.iter().map(|day| if *day == 0 { 0 } else { 1 << (day - 1) }).collect()
    }

    /// Puts the largest campaigns first, each on the day around which the fewest recipients are.
    fn spread(&mut self) {
        let spacing = usize::from(self.ground.question.spacing.max(1));
        let list = f64::from(self.ground.question.calls.list_most);
        let mut near = [0i64; DAYS];
        let mut load = [0.0; DAYS];
        let mut order: Vec<usize> = (0..self.ground.wishes()).collect();
        order.sort_by_key(|wish| (-self.ground.reach[*wish], *wish));
        for wish in order {
            let reach = self.ground.reach[wish];
            let calls = (reach as f64 / list).ceil();
            let over =
                |day: u8| (load[usize::from(day)] + calls - self.of_day[usize::from(day)]).max(0.0);
            let crowd = |day: u8| {
                let day = usize::from(day);
                let around = (day + 1).saturating_sub(spacing).max(1)..(day + spacing).min(DAYS);
                near[around].iter().sum::<i64>()
            };
            let best = days_of(self.windows[wish])
                .min_by(|a, b| over(*a).total_cmp(&over(*b)).then(crowd(*a).cmp(&crowd(*b))));
            if let Some(day) = best {
                self.day[wish] = day;
                near[usize::from(day)] += reach;
                load[usize::from(day)] += calls;
            }
        }
    }

    /// Notes how many calls each campaign would take, given who takes it.
    fn load(&mut self, taken: &[f64]) {
        for (wish, calls) in self.calls.iter_mut().enumerate() {
            let recipients: f64 = taken[wish * DAYS..(wish + 1) * DAYS].iter().sum();
            *calls = (recipients / self.ground.list_share(wish) as f64).ceil();
        }
    }

    /// Tries other days; `true` when one was better.
    fn improve(&mut self, prices: &Prices, threads: Threads) -> bool {
        let question = self.ground.question;
        let tariff = Tariff::new(self.ground, &self.days(), prices);
        let mut table = Timetable::new(&tariff, question.spacing, question.kept_back.until);
        let everywhere: Vec<usize> = (0..self.sample.blocks.len()).collect();
        let mut values = self.values(&table, &everywhere, threads);
        let total = values.iter().sum::<i64>() as f64 * self.sample.scale;
        let calls: f64 = self.calls.iter().sum();
        // Without its call a call's recipients would bring nothing.
        self.worth_of_call = total / calls.max(1.0);
        let mut is_better = false;
        for _ in 0..ROUNDS {
            let mut has_moved = false;
            for wish in 0..self.ground.wishes() {
                for day in days_of(self.windows[wish]) {
                    let stood = self.day[wish];
                    if day == stood {
                        continue;
                    }
                    let price = tariff.wishes[wish];
                    table.moved(wish, day, price, self.ground.wishes());
                    let tried = self.values(&table, &self.with[wish], threads);
                    let before: i64 = self.with[wish].iter().map(|place| values[*place]).sum();
                    let gain = (tried.iter().sum::<i64>() - before) as f64 * self.sample.scale
                        - self.overload(wish, stood, day) * self.worth_of_call;
                    if gain > 1e-9 * total.abs() + 0.5 {
                        self.day[wish] = day;
                        for (place, value) in self.with[wish].iter().zip(tried) {
                            values[*place] = value;
                        }
                        has_moved = true;
                    } else {
                        table.moved(wish, stood, price, self.ground.wishes());
                    }
                }
            }
            is_better |= has_moved;
            if !has_moved {
                break;
            }
        }
        is_better
    }

    /// Calls more than days have, were the campaign moved, less what are more than they have now.
    fn overload(&self, wish: usize, from: u8, to: u8) -> f64 {
        let load = |day: u8| {
            let here = self.day.iter().zip(&self.calls).filter(|(other, _)| **other == day);
            here.map(|(_, calls)| calls).sum::<f64>()
        };
        let over = |day: u8, load: f64| (load - self.of_day[usize::from(day)]).max(0.0);
        let calls = self.calls[wish];
        let (here, there) = (load(from), load(to));
        over(to, there + calls) - over(to, there) - (over(from, here) - over(from, here - calls))
    }

    /// What the choices in these blocks of the sample bring.
    fn values(&self, table: &Timetable, places: &[usize], threads: Threads) -> Vec<i64> {
        let threads = if places.len() < 128 { Threads(1) } else { threads };
        let is_plain = self.ground.is_plain();
        let parts = threads.over(places.len(), |range| {
            let mut sweep = Sweep::new();
            let mut values = Vec::with_capacity(range.len());
            widest(
                #[inline(always)]
                || {
                    for place in range {
                        let (number, weight) = self.sample.blocks[places[place]];
                        let value = self.value(&mut sweep, table, number, is_plain);
                        values.push(value * i64::from(weight));
                    }
                },
            );
            values
        });
        parts.concat()
    }

    #[inline(always)]
    fn value(&self, sweep: &mut Sweep, table: &Timetable, number: usize, is_plain: bool) -> i64 {
        let block = self.ground.layout.block(number);
        let rules = if is_plain {
            LaneRules::new(block.places, None)
        } else {
            LaneRules::new(block.places, Some(&self.ground.rules_of(number)))
        };
        sweep.sort(&block, table);
        sweep.forward(&block, table, &rules);
        let brought = sweep.brought(&rules);
        let each = brought.iter().zip(block.sizes);
        each.map(|(brought, size)| i64::from(*brought) * i64::from(*size)).sum()
    }

    /// More days for each campaign, as far from those it has, and with as many calls to spare, as
    /// its window offers.
    fn widened(&self, waves: u32) -> Vec<u32> {
        let mut spare = self.of_day;
        for (day, calls) in self.day.iter().zip(&self.calls) {
            spare[usize::from(*day)] -= calls;
        }
        let widen = |(wish, day): (usize, u32)| {
            let mut days = day;
            while days.count_ones() < waves.min(self.windows[wish].count_ones()) {
                let apart = |day: u8| days_of(days).map(|other| other.abs_diff(day)).min();
                let next = days_of(self.windows[wish] & !days).max_by(|a, b| {
                    let (of_a, of_b) = (spare[usize::from(*a)], spare[usize::from(*b)]);
                    of_a.total_cmp(&of_b).then(apart(*a).cmp(&apart(*b))).then(b.cmp(a))
                });
                let Some(next) = next else { break };
                days |= 1 << (next - 1);
            }
            days
        };
        self.days().into_iter().enumerate().map(widen).collect()
    }
}

fn days_of(days: u32) -> impl Iterator<Item = u8> + Clone {
    (1..=MOST_DAYS).filter(move |day| days >> (day - 1) & 1 == 1)
}

/// Recipients of a campaign on a day, as the search for prices found them.
pub(super) fn recipients(taken: &[f64], wish: usize, day: u8) -> f64 {
    taken[Reading::at(wish, day)]
}
