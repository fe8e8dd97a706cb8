//! What is left of everything scarce while a plan is made: recipients of campaigns, lists and calls
//! of days, tagging calls.

use super::calendar::By;
use super::ground::Ground;
use super::tariff::DAYS;

/// As many as anybody could want, and sums of it still fit.
const ENOUGH: i64 = i64::MAX / 8;

/// One campaign on one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// Recipients.
    pub taken: i64,
    /// By which calls.
    pub by: By,
    /// Whether nobody may be added any more.
    pub is_shut: bool,
}

/// What is left.
#[derive(Debug, Clone)]
pub(super) struct Rooms {
    /// Recipients each campaign may still have.
    left: Vec<i64>,
    /// Recipients each campaign has.
    pub taken: Vec<i64>,
    least: Vec<i64>,
    pairs: Vec<Pair>,
    calls: [i64; DAYS],
    taggings: i64,
    list_most: i64,
    tag_most: i64,
    are_shared: bool,
    are_limited_by_calls: bool,
}

impl Rooms {
    /// Nobody has anything yet; `by` says by which calls campaigns go, see [`Rooms::at`].
    pub(super) fn new(ground: &Ground<'_>, by: impl Fn(usize, u8) -> By) -> Self {
        let question = ground.question;
        let mut calls = [ENOUGH; DAYS];
        for (left, calls) in question.calls.left.iter().zip(&mut calls[1..]) {
            *calls = i64::from(*left);
        }
        let pairs = (0..ground.wishes() * DAYS)
            .map(|at| Pair { taken: 0, by: by(at / DAYS, (at % DAYS) as u8), is_shut: false })
            .collect();
        Self {
            left: ground.layout.most.iter().map(|most| (*most).min(ENOUGH)).collect(),
            taken: vec![0; ground.wishes()],
            least: ground.layout.least.clone(),
            pairs,
            calls,
            taggings: i64::try_from(question.calls.taggings).unwrap_or(ENOUGH).min(ENOUGH),
            list_most: i64::from(question.calls.list_most),
            tag_most: i64::from(question.calls.tag_most),
            are_shared: !question.calls.left.is_empty()
                && (question.spacing == 0 || question.calls.taggings > 0),
            are_limited_by_calls: !question.calls.left.is_empty() || question.calls.taggings > 0,
        }
    }

    /// Whether days have only so many calls, which campaigns share.
    pub(super) fn are_limited_by_calls(&self) -> bool {
        self.are_limited_by_calls
    }

    /// Whether what one follower gets can want the same calls twice.
    pub(super) fn are_shared(&self) -> bool {
        self.are_shared
    }

    fn at(wish: usize, day: u8) -> usize {
        wish * DAYS + usize::from(day)
    }

    /// The campaign on the day.
    pub(super) fn pair(&self, wish: usize, day: u8) -> &Pair {
        &self.pairs[Self::at(wish, day)]
    }

    /// Recipients that can be added to the campaign on some day.
    pub(super) fn of_wish(&self, wish: usize) -> i64 {
        self.left[wish]
    }

    /// Whether the campaign would fall below its least by losing one.
    pub(super) fn is_needed(&self, wish: usize) -> bool {
        self.taken[wish] <= self.least[wish]
    }

    /// How many recipients the campaign lacks to its least.
    pub(super) fn short(&self, wish: usize) -> i64 {
        (self.least[wish] - self.taken[wish]).max(0)
    }

    /// Recipients that can be added to the campaign on the day.
    pub(super) fn of(&self, wish: usize, day: u8) -> i64 {
        let pair = self.pair(wish, day);
        if pair.is_shut {
            return 0;
        }
        let calls = self.calls[usize::from(day)];
        let by_calls = match pair.by {
            By::Lists => calls
                .saturating_mul(self.list_most)
                .saturating_add(spare(pair.taken, self.list_most)),
            By::Tag if pair.taken == 0 && calls == 0 => 0,
            By::Tag => self
                .taggings
                .saturating_mul(self.tag_most)
                .saturating_add(spare(pair.taken, self.tag_most)),
        };
        by_calls.min(self.left[wish])
    }

    /// Adds recipients, or takes them away when below zero.
    pub(super) fn add(&mut self, wish: usize, day: u8, recipients: i64) {
        let pair = self.pairs[Self::at(wish, day)];
        let (before, after) = (pair.taken, pair.taken + recipients);
        let (calls, taggings) = match pair.by {
            By::Lists => (parts(after, self.list_most) - parts(before, self.list_most), 0),
            By::Tag => (
                i64::from(after > 0) - i64::from(before > 0),
                parts(after, self.tag_most) - parts(before, self.tag_most),
            ),
        };
        self.calls[usize::from(day)] -= calls;
        self.taggings -= taggings;
        self.pairs[Self::at(wish, day)].taken = after;
        self.left[wish] -= recipients;
        self.taken[wish] += recipients;
    }

    /// Lets nobody be added to the campaign on the day any more.
    pub(super) fn shut(&mut self, wish: usize, day: u8) {
        self.pairs[Self::at(wish, day)].is_shut = true;
    }

    /// Lets the campaign go out by other calls on the day; `false` when there are too few.
    pub(super) fn switch(&mut self, wish: usize, day: u8, by: By) -> bool {
        let taken = self.pair(wish, day).taken;
        let before = self.pair(wish, day).by;
        self.add(wish, day, -taken);
        self.pairs[Self::at(wish, day)].by = by;
        let fits = self.of(wish, day) >= taken;
        if !fits {
            self.pairs[Self::at(wish, day)].by = before;
        }
        self.add(wish, day, taken);
        fits
    }

    /// Mass calls the campaign takes on the day.
    pub(super) fn calls(&self, wish: usize, day: u8) -> u32 {
        let pair = self.pair(wish, day);
        match pair.by {
            By::Lists => parts(pair.taken, self.list_most) as u32,
            By::Tag => u32::from(pair.taken > 0),
        }
    }

    /// Tagging calls the campaign takes on the day.
    pub(super) fn taggings(&self, wish: usize, day: u8) -> u64 {
        let pair = self.pair(wish, day);
        match pair.by {
            By::Lists => 0,
            By::Tag => parts(pair.taken, self.tag_most) as u64,
        }
    }
}

fn parts(recipients: i64, most: i64) -> i64 {
    (recipients + most - 1) / most
}

fn spare(recipients: i64, most: i64) -> i64 {
    parts(recipients, most) * most - recipients
}
