//! Why a follower does not get a campaign, read off the plan and its prices.

use audience::Set;
use serde::{Deserialize, Serialize};

use super::MonthPlan;
use super::question::{Question, Worth};

/// Why a follower of an audience does not get the campaign in this plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum WhyNot {
    /// Not in the audience.
    NotMeant,
    /// No message is left to them this month.
    NoPlace,
    /// Sending it to them is worth nothing, or less.
    NotWorthIt {
        /// What it is worth.
        worth: i16,
    },
    /// The campaign reaches as many as it may; whoever gets it gains more by it than they would.
    CampaignFull {
        /// What it is worth to them.
        worth: i16,
        /// What it must be worth at least.
        price: i32,
    },
    /// Their places bring more with other campaigns.
    BetterUsed {
        /// What it is worth to them.
        worth: i16,
        /// The campaign that would have to give way.
        instead: usize,
        /// What that one is worth to them.
        instead_worth: i16,
    },
}

impl MonthPlan {
    /// Why the follower does not get the campaign; `None` when they do.
    #[must_use]
    pub fn why_not(&self, question: &Question<'_>, wish: usize, ordinal: u32) -> Option<WhyNot> {
        if self.recipients[wish].contains(ordinal) {
            return None;
        }
        let Some(worth) = worth_to(question, wish, ordinal) else { return Some(WhyNot::NotMeant) };
        let places = usize::from(question.places[ordinal as usize]);
        if places == 0 {
            return Some(WhyNot::NoPlace);
        }
        let price = self.prices[wish];
        let got = |other: &usize| self.recipients[*other].contains(ordinal);
        let gets: Vec<(i32, usize, i16)> = (0..question.wishes.len())
            .filter(got)
            .filter_map(|other| {
                let worth = worth_to(question, other, ordinal)?;
                Some((i32::from(worth) - self.prices[other], other, worth))
            })
            .collect();
        if gets.len() < places {
            // A free place and still nothing: the campaign is full, or it is not worth sending.
            return Some(if price > 0 && worth > 0 {
                WhyNot::CampaignFull { worth, price }
            } else {
                WhyNot::NotWorthIt { worth }
            });
        }
        let reduced = i32::from(worth) - price;
        if worth <= 0 && price >= 0 {
            return Some(WhyNot::NotWorthIt { worth });
        }
        let cheapest = gets.iter().min()?;
        // Were the campaign not full, would it take the place of another?
        if price > 0 && i32::from(worth) > cheapest.0 && reduced <= cheapest.0 {
            return Some(WhyNot::CampaignFull { worth, price });
        }
        let (_, instead, instead_worth) = *cheapest;
        Some(WhyNot::BetterUsed { worth, instead, instead_worth })
    }
}

/// What the campaign is worth to the follower, if they are in its audience.
pub(super) fn worth_to(question: &Question<'_>, wish: usize, ordinal: u32) -> Option<i16> {
    let wish = &question.wishes[wish];
    if !wish.audience.contains(ordinal) {
        return None;
    }
    Some(match &wish.worth {
        Worth::Same(worth) => *worth,
        Worth::ByClass(worths) => worths[usize::from(question.classes[ordinal as usize])],
        Worth::Each(worths) => worths[rank(&wish.audience, ordinal)],
    })
}

/// How many members of the set come before the ordinal.
fn rank(set: &Set, ordinal: u32) -> usize {
    set.iter().take_while(|member| *member < ordinal).count()
}
