//! The answer: what goes out on which day to whom, what it is worth, and how much better another
//! plan could be at most.

use audience::Set;
use serde::{Deserialize, Serialize};

pub use super::question::{
    Calls, Disturbing, KeptBack, MOST_DAYS, MOST_KINDS, Malformed, NEVER, Question, Topics,
};

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
