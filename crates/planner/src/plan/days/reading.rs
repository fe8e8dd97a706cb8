//! Everybody's choice at a tariff: what it brings, who takes what, and who nearly would.

use super::super::layout::{Block, LANES, NOT};
use super::super::threads::{Threads, widest};
use super::follower::{Apart, Asked, Chooser, Customs, Takes};
use super::ground::{Ground, Sample};
use super::sweep::{LaneRules, Sweep, Timetable, is_nothing};
use super::tariff::{DAYS, Tariff};

/// Bins of how much is missing until a campaign would be taken.
pub(super) const BINS: usize = 1024;

/// What followers choose from.
pub(super) struct View<'a> {
    pub ground: &'a Ground<'a>,
    pub tariff: Tariff,
    pub customs: Customs<'a>,
    apart: Apart,
    /// Set when every campaign has one day.
    table: Option<Timetable>,
    is_plain: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, tariff: Tariff) -> Self {
        let question = ground.question;
        let table = tariff
            .is_single()
            .then(|| Timetable::new(&tariff, question.spacing, question.kept_back.until));
        let customs = Customs::new(question);
        let apart = Apart::new(&tariff, question.spacing);
        Self { ground, tariff, customs, apart, table, is_plain: ground.is_plain() }
    }

    /// After the tariff's prices or days were changed.
    pub(super) fn refresh(&mut self) {
        let question = self.ground.question;
        self.table = self
            .tariff
            .is_single()
            .then(|| Timetable::new(&self.tariff, question.spacing, question.kept_back.until));
        self.refresh_days();
    }

    /// After only the tariff's days were changed, for followers who choose one by one.
    pub(super) fn refresh_days(&mut self) {
        self.apart = Apart::new(&self.tariff, self.ground.question.spacing);
    }

    /// What one follower of a group would take of what is offered at this tariff.
    pub(super) fn choose(
        &self,
        chooser: &mut Chooser,
        group: usize,
        is_offered: impl Fn(usize) -> bool,
    ) -> (i32, Takes) {
        let block = self.ground.layout.block(group / LANES);
        self.choose_lane(chooser, &block, group, is_offered)
    }

    fn choose_lane(
        &self,
        chooser: &mut Chooser,
        block: &Block<'_>,
        group: usize,
        is_offered: impl Fn(usize) -> bool,
    ) -> (i32, Takes) {
        let lane = group % LANES;
        let asked = Asked {
            apart: &self.apart,
            customs: &self.customs,
            tariff: &self.tariff,
            rule: self.ground.rule(group),
            places: block.places[lane],
        };
        let offered = block
            .rows
            .iter()
            .zip(block.worths)
            .map(|(wish, worths)| (usize::from(*wish), worths[lane]))
            .filter(|(wish, worth)| *worth != NOT && is_offered(*wish))
            .map(|(wish, worth)| (wish, i32::from(worth)));
        chooser.choose(&asked, offered)
    }
}

/// Everything one thread needs to read blocks, and the choice of the block read last.
pub(super) struct Desk {
    sweep: Sweep,
    rules: LaneRules,
    chooser: Chooser,
    /// What each lane's choice brings.
    pub brought: [i32; LANES],
    /// What each lane takes.
    pub takes: [Takes; LANES],
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            sweep: Sweep::new(),
            rules: LaneRules::new(&[0; LANES], None),
            chooser: Chooser::new(),
            brought: [0; LANES],
            takes: [Takes::NOTHING; LANES],
        }
    }

    /// Forgets what it knows of a former tariff's days.
    pub(super) fn forget(&mut self) {
        self.chooser.forget();
    }

    /// Chooses for a block. Without topics `takes` is left alone unless it is `wanted`.
    #[inline(always)]
    pub(super) fn read(&mut self, view: &View<'_>, number: usize, wanted: bool) {
        let block = view.ground.layout.block(number);
        let Some(table) = &view.table else {
            self.one_by_one(view, &block, number);
            return;
        };
        self.rules = if view.is_plain {
            LaneRules::new(block.places, None)
        } else {
            LaneRules::new(block.places, Some(&view.ground.rules_of(number)))
        };
        self.sweep.sort(&block, table);
        self.sweep.forward(&block, table, &self.rules);
        self.brought = self.sweep.brought(&self.rules);
        if !wanted && view.customs.topics.is_empty() {
            return;
        }
        for lane in 0..LANES {
            self.takes[lane] = if self.brought[lane] > 0 {
                self.sweep.takes(table, &self.rules, lane)
            } else {
                Takes::NOTHING
            };
        }
        if !view.customs.topics.is_empty() {
            self.mind_topics(view, &block, number);
        }
    }

    fn one_by_one(&mut self, view: &View<'_>, block: &Block<'_>, number: usize) {
        for lane in 0..LANES {
            (self.brought[lane], self.takes[lane]) = if block.places[lane] == 0 {
                (0, Takes::NOTHING)
            } else {
                view.choose_lane(&mut self.chooser, block, number * LANES + lane, |_| true)
            };
        }
    }

    /// Whoever would hear too much of a topic chooses again.
    fn mind_topics(&mut self, view: &View<'_>, block: &Block<'_>, number: usize) {
        for lane in 0..LANES {
            let taken = self.takes[lane];
            if view.customs.is_too_much(taken.iter().map(|(wish, _)| wish)) {
                (self.brought[lane], self.takes[lane]) =
                    view.choose_lane(&mut self.chooser, block, number * LANES + lane, |_| true);
            }
        }
    }

    /// For each lane and campaign not taken, how much more it would have to bring. Where campaigns
    /// have several days this is a guess: what the dearest in its place brings.
    #[inline(always)]
    fn near(&mut self, view: &View<'_>, number: usize, mut each: impl FnMut(usize, &[i32; LANES])) {
        let block = view.ground.layout.block(number);
        if view.table.is_some() {
            let brought = self.sweep.brought(&self.rules);
            self.sweep.backward();
            self.sweep.missing(&self.rules, &brought, each);
            return;
        }
        let tariff = &view.tariff;
        let mut row_of = [0; 256];
        for (row, wish) in block.rows.iter().enumerate() {
            row_of[usize::from(*wish)] = row;
        }
        let mut in_place = [0; LANES];
        for (lane, in_place) in in_place.iter_mut().enumerate() {
            let takes = &self.takes[lane];
            let net = |(wish, day): (usize, u8)| {
                i32::from(block.worths[row_of[wish]][lane])
                    - tariff.wishes[wish]
                    - tariff.calls[wish][usize::from(day)]
            };
            if takes.len() >= usize::from(block.places[lane]) {
                *in_place = takes.iter().map(net).min().unwrap_or(0);
            }
        }
        for (wish, worths) in block.rows.iter().zip(block.worths) {
            let wish = usize::from(*wish);
            let mut missing = [i32::MAX; LANES];
            if tariff.days[wish] != 0 {
                for lane in 0..LANES {
                    let net = i32::from(worths[lane]) - tariff.wishes[wish];
                    let more = (in_place[lane] - net).max(0);
                    missing[lane] = if worths[lane] == NOT { i32::MAX } else { more };
                }
            }
            each(wish, &missing);
        }
    }
}

/// What one reading tells.
pub(super) struct Reading {
    /// What everybody's choice brings at the prices.
    pub value: i64,
    /// Recipients by campaign and day, see [`Reading::at`].
    pub taken: Vec<i64>,
    /// Followers who do not take a campaign, by how much is missing.
    pub near: Vec<u64>,
}

/// Which blocks are read, and what for.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub sample: &'a Sample,
    /// What is missing is told apart down to so many bits; `None` when it is not asked for.
    pub near: Option<u32>,
    /// Whether it is asked who takes what.
    pub taken: bool,
}

impl Reading {
    fn new(wishes: usize, scope: Scope<'_>) -> Self {
        Self {
            value: 0,
            taken: vec![0; if scope.taken { wishes * DAYS } else { 0 }],
            near: vec![0; if scope.near.is_some() { wishes * BINS } else { 0 }],
        }
    }

    /// Where a campaign's recipients of a day are counted.
    pub(super) fn at(wish: usize, day: u8) -> usize {
        wish * DAYS + usize::from(day)
    }

    /// Recipients of a campaign.
    pub(super) fn of_wish(&self, wish: usize) -> i64 {
        self.taken[wish * DAYS..(wish + 1) * DAYS].iter().sum()
    }

    /// Followers to whom a campaign is missing as much as the bin says.
    pub(super) fn missing(&self, wish: usize) -> &[u64] {
        &self.near[wish * BINS..(wish + 1) * BINS]
    }

    fn add(&mut self, more: &Self) {
        self.value += more.value;
        self.taken.iter_mut().zip(&more.taken).for_each(|(sum, more)| *sum += more);
        self.near.iter_mut().zip(&more.near).for_each(|(sum, more)| *sum += more);
    }
}

/// Reads blocks.
pub(super) fn read(view: &View<'_>, scope: Scope<'_>, threads: Threads) -> Reading {
    let wishes = view.ground.wishes();
    let parts = threads.over(scope.sample.blocks.len(), |range| {
        let mut reading = Reading::new(wishes, scope);
        let mut desk = Desk::new();
        widest(
            #[inline(always)]
            || {
                for sampled in range {
                    read_block(view, scope.sample.blocks[sampled], scope, &mut desk, &mut reading);
                }
            },
        );
        reading
    });
    let mut whole = Reading::new(wishes, scope);
    parts.iter().for_each(|part| whole.add(part));
    whole
}

#[inline(always)]
fn read_block(
    view: &View<'_>,
    (number, weight): (usize, u32),
    scope: Scope<'_>,
    desk: &mut Desk,
    reading: &mut Reading,
) {
    let block = view.ground.layout.block(number);
    desk.read(view, number, scope.taken || scope.near.is_some());
    for lane in 0..LANES {
        let size = if block.places[lane] > 0 { block.sizes[lane] * weight } else { 0 };
        reading.value += i64::from(desk.brought[lane]) * i64::from(size);
    }
    if !scope.taken {
        return;
    }
    let mut takers = [0u32; 256];
    for (lane, takes) in desk.takes.iter().enumerate() {
        if block.places[lane] == 0 || is_nothing(takes) {
            continue;
        }
        for (wish, day) in takes.iter() {
            takers[wish] |= 1 << lane;
            reading.taken[Reading::at(wish, day)] += i64::from(block.sizes[lane] * weight);
        }
    }
    let Some(shift) = scope.near else { return };
    let near = &mut reading.near;
    desk.near(view, number, |wish, missing| {
        let mut close = 0u32;
        for (lane, missing) in missing.iter().enumerate() {
            close |= u32::from((missing >> shift) < BINS as i32) << lane;
        }
        close &= !takers[wish];
        while close != 0 {
            let lane = close.trailing_zeros() as usize;
            close &= close - 1;
            if block.places[lane] > 0 {
                near[wish * BINS + (missing[lane] >> shift) as usize] +=
                    u64::from(block.sizes[lane] * weight);
            }
        }
    });
}
