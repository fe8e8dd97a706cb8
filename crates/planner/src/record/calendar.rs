//! The rules of a month with a calendar as they are kept, and what is claimed of its days.

use audience::Set;
use serde::{Deserialize, Serialize};

use crate::plan::Threads;
use crate::plan::days::calendar::{
    By, Calendar, Calls, Conflict, Disturbing, KeptBack, Prices, Question, Send, Topics,
};
use crate::plan::days::proof;
use crate::stages::Staged;

/// What a month's plan keeps to besides slots and numbers of recipients. Each campaign goes on one
/// day of its window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Days of the month.
    pub days_of_month: u8,
    /// For each campaign the days on which it may go, bit `d − 1` for day `d`.
    pub windows: Vec<u32>,
    /// Days from one message to the next.
    pub spacing: u8,
    /// For every follower the last day they got a message; empty when it does not matter.
    #[serde(skip)]
    pub earlier: Vec<i8>,
    /// For every follower how many places are kept back; empty when none are.
    #[serde(skip)]
    pub kept_back: Vec<u8>,
    /// The first day on which those may be used.
    pub kept_until: u8,
    /// For each campaign its topic; empty when none has one.
    pub topics: Vec<Option<u8>>,
    /// For each topic how many messages of it a follower may get.
    pub topic_most: Vec<u8>,
    /// What the first, second, third and fourth message of the plan cost by disturbing; empty when
    /// nothing.
    pub disturbing: Vec<[i16; 4]>,
    /// Mass calls left, day by day; empty when there are always enough.
    pub calls_left: Vec<u32>,
    /// Fewest of a list.
    pub list_least: u32,
    /// Most of a list.
    pub list_most: u32,
}

/// What is claimed of the days of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedCalendar {
    /// For each campaign the day chosen, bit `d − 1` for day `d`; 0 when it goes to nobody.
    pub days: Vec<u32>,
    /// What no lawful plan on these days exceeds.
    pub bound_of_days: i64,
    /// The prices at which the bound holds.
    pub prices: Prices,
    /// The prices at which the bound of the days holds.
    pub prices_of_days: Prices,
}

impl Rules {
    /// The question with these rules.
    #[must_use]
    pub fn question<'a>(&'a self, month: &'a Staged) -> Question<'a> {
        Question {
            spacing: self.spacing,
            earlier: &self.earlier,
            kept_back: KeptBack { places: &self.kept_back, until: self.kept_until },
            topics: Topics { of: &self.topics, most: &self.topic_most },
            disturbing: Disturbing { class: &[], costs: &self.disturbing },
            calls: Calls {
                left: &self.calls_left,
                list_least: self.list_least,
                list_most: self.list_most,
                ..Calls::default()
            },
            ..Question::new(month.question(), self.days_of_month, &self.windows)
        }
    }

    /// Each campaign's window without the days that have no call left.
    fn open(&self) -> Vec<u32> {
        let closed = self.calls_left.iter().enumerate().filter(|(_, left)| **left == 0);
        let closed = closed.fold(0u32, |days, (day, _)| days | 1 << (day as u32).min(31));
        self.windows.iter().map(|days| days & !closed).collect()
    }

    /// The calendar these recipients make on the days claimed.
    #[must_use]
    pub fn calendar(
        &self,
        claimed: &ClaimedCalendar,
        recipients: &[Set],
        [value, bound]: [i64; 2],
        short: &[u64],
    ) -> Calendar {
        let mut sends: Vec<Send> = claimed
            .days
            .iter()
            .zip(recipients)
            .enumerate()
            .filter(|(_, (days, people))| **days != 0 && !people.is_empty())
            .map(|(wish, (days, people))| Send {
                wish,
                day: days.trailing_zeros() as u8 + 1,
                recipients: people.clone(),
                by: By::Lists,
                calls: (people.len() as u64).div_ceil(u64::from(self.list_most.max(1))) as u32,
            })
            .collect();
        sends.sort_by_key(|send| (send.day, send.wish));
        let mut calls = vec![0; usize::from(self.days_of_month)];
        for send in &sends {
            if let Some(day) = calls.get_mut(usize::from(send.day) - 1) {
                *day += send.calls;
            }
        }
        Calendar {
            sends,
            days: claimed.days.clone(),
            value,
            bound,
            bound_of_days: claimed.bound_of_days,
            prices: claimed.prices.clone(),
            prices_of_days: claimed.prices_of_days.clone(),
            calls,
            taggings: 0,
            conflicts: short
                .iter()
                .enumerate()
                .filter(|(_, short)| **short > 0)
                .map(|(wish, short)| Conflict { wish, short: *short as u32 })
                .collect(),
        }
    }

    /// What disturbing costs when these are the recipients.
    #[must_use]
    pub fn cost(&self, followers: usize, recipients: &[Set]) -> i64 {
        let Some(costs) = self.disturbing.first() else { return 0 };
        let mut gets = vec![0usize; followers];
        let mut sum = 0;
        for ordinal in recipients.iter().flat_map(Set::iter) {
            if let Some(count) = gets.get_mut(ordinal as usize) {
                sum += costs.get(*count).map_or(0, |cost| i64::from(*cost));
                *count += 1;
            }
        }
        sum
    }

    /// The bound on whatever days, and that on the days claimed, added up anew at the claimed prices.
    ///
    /// # Errors
    /// When a price stands for a limit that is not there.
    pub fn bounds(
        &self,
        month: &Staged,
        claimed: &ClaimedCalendar,
        short: &[u64],
    ) -> Result<[i64; 2], proof::Untrue> {
        let question = self.question(month);
        let short: Vec<i64> = short.iter().map(|short| *short as i64).collect();
        let threads = Threads::default();
        let open = self.open();
        let bound = proof::bound(&question, &open, &claimed.prices, &short, threads)?;
        let prices = &claimed.prices_of_days;
        Ok([bound, proof::bound(&question, &claimed.days, prices, &short, threads)?])
    }

    /// Takes a follower out.
    pub(super) fn forget(&mut self, ordinal: u32) {
        if let Some(day) = self.earlier.get_mut(ordinal as usize) {
            *day = crate::plan::days::calendar::NEVER;
        }
        if let Some(places) = self.kept_back.get_mut(ordinal as usize) {
            *places = 0;
        }
    }
}

impl ClaimedCalendar {
    /// What the planner claims.
    #[must_use]
    pub fn of(calendar: &Calendar) -> Self {
        Self {
            days: calendar.days.clone(),
            bound_of_days: calendar.bound_of_days,
            prices: calendar.prices.clone(),
            prices_of_days: calendar.prices_of_days.clone(),
        }
    }
}
