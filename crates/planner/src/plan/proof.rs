//! The certificate of a plan, and its check by code that shares nothing with the solver.
//!
//! Whatever the prices `p`, no lawful plan is worth more than the sum over all followers of their
//! dearest `worth − p` above zero, as many as they have places, and over all campaigns of
//! `p × most` where `p > 0` and `p × least` where `p < 0`.
//!
//! A plan worth that much is therefore best. Only whole numbers are added.

use audience::Set;
use serde::{Deserialize, Serialize};

use super::MonthPlan;
use super::question::{Malformed, Question, Worth};

/// What a plan claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What the plan is worth.
    pub value: i64,
    /// What no lawful plan exceeds.
    pub bound: i64,
    /// The prices at which that is so.
    pub prices: Vec<i32>,
    /// Recipients of each campaign.
    pub recipients: Vec<u64>,
    /// Recipients each campaign lacks to its least, where leasts cannot all be met.
    pub short: Vec<u64>,
}

/// A claim that is not true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untrue {
    /// The question itself contradicts itself.
    #[error(transparent)]
    Question(#[from] Malformed),
    /// A list is not as long as there are campaigns.
    #[error("{0} are given for another number of campaigns")]
    Length(&'static str),
    /// Somebody gets a campaign they are not meant for.
    #[error("campaign {wish} reaches {followers} followers outside its audience")]
    Outside {
        /// Which campaign.
        wish: usize,
        /// How many.
        followers: usize,
    },
    /// Somebody gets more than they have places.
    #[error("follower {ordinal} gets {gets} messages and has {places} places")]
    Places {
        /// Which follower.
        ordinal: usize,
        /// Messages planned.
        gets: usize,
        /// Places they have.
        places: u8,
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
    #[error("{what} is {claimed} in the certificate and {found} when added up")]
    Figure {
        /// Which figure.
        what: &'static str,
        /// As claimed.
        claimed: i64,
        /// As added up.
        found: i64,
    },
    /// A price stands for a limit the campaign does not have.
    #[error("campaign {wish} has a price of {price} and no limit it could stand for")]
    Price {
        /// Which campaign.
        wish: usize,
        /// The price.
        price: i32,
    },
}

impl MonthPlan {
    /// The plan's claim, to be kept beside it.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        let none = || vec![0; self.recipients.len()];
        Certificate {
            value: self.value,
            bound: self.bound,
            prices: self.prices.clone(),
            recipients: self.recipients.iter().map(|set| set.len() as u64).collect(),
            short: self.conflict.as_ref().map_or_else(none, |conflict| conflict.short.clone()),
        }
    }
}

/// Adds everything up anew and compares it with what is claimed.
///
/// # Errors
/// The first claim found untrue.
pub fn verify(
    question: &Question<'_>,
    recipients: &[Set],
    certificate: &Certificate,
) -> Result<(), Untrue> {
    question.check()?;
    let wishes = question.wishes.len();
    for (what, length) in [
        ("recipients", recipients.len()),
        ("prices", certificate.prices.len()),
        ("numbers of recipients", certificate.recipients.len()),
        ("shortages", certificate.short.len()),
    ] {
        if length != wishes {
            return Err(Untrue::Length(what));
        }
    }
    let mut gets = vec![0u8; question.followers()];
    let mut value = 0i64;
    for (wish, set) in recipients.iter().enumerate() {
        let asked = &question.wishes[wish];
        if !set.is_subset(&asked.audience) {
            let followers = set.subtract(&asked.audience).len();
            return Err(Untrue::Outside { wish, followers });
        }
        for (ordinal, worth) in worths(question, wish) {
            if set.contains(ordinal) {
                value += i64::from(worth);
                gets[ordinal as usize] += 1;
            }
        }
        let reaches = set.len() as u64;
        let least = u64::from(asked.least).saturating_sub(certificate.short[wish]);
        if reaches < least || asked.most.is_some_and(|most| reaches > u64::from(most)) {
            return Err(Untrue::Limits { wish, reaches });
        }
        same("the number of recipients", certificate.recipients[wish] as i64, reaches as i64)?;
    }
    for (ordinal, (gets, places)) in gets.iter().zip(question.places).enumerate() {
        if gets > places {
            return Err(Untrue::Places { ordinal, gets: usize::from(*gets), places: *places });
        }
    }
    same("value", certificate.value, value)?;
    same("bound", certificate.bound, bound(question, &certificate.prices, &certificate.short)?)
}

fn same(what: &'static str, claimed: i64, found: i64) -> Result<(), Untrue> {
    if claimed == found { Ok(()) } else { Err(Untrue::Figure { what, claimed, found }) }
}

/// What no lawful plan exceeds, at these prices and with leasts lowered by `short`.
///
/// # Errors
/// When a price stands for a limit that is not there.
pub fn bound(question: &Question<'_>, prices: &[i32], short: &[u64]) -> Result<i64, Untrue> {
    // The four dearest reduced worths of each follower, in any order.
    let mut dearest = vec![[0i64; 4]; question.followers()];
    let mut limits = 0i64;
    for (wish, asked) in question.wishes.iter().enumerate() {
        let price = i64::from(prices[wish]);
        let least = i64::from(asked.least) - short[wish] as i64;
        limits += match (price, asked.most) {
            (0, _) => 0,
            (1.., Some(most)) => price * i64::from(most),
            (..0, _) => price * least.max(0),
            (1.., None) => return Err(Untrue::Price { wish, price: prices[wish] }),
        };
        for (ordinal, worth) in worths(question, wish) {
            let reduced = i64::from(worth) - price;
            let places = usize::from(question.places[ordinal as usize]);
            let best = &mut dearest[ordinal as usize][..places];
            if let Some(lowest) = best.iter_mut().min()
                && reduced > *lowest
            {
                *lowest = reduced;
            }
        }
    }
    Ok(limits + dearest.iter().flatten().sum::<i64>())
}

/// The followers of a campaign's audience and its worth to each.
pub(super) fn worths<'a>(
    question: &Question<'a>,
    wish: usize,
) -> impl Iterator<Item = (u32, i16)> + use<'a> {
    let wish = &question.wishes[wish];
    let classes = question.classes;
    wish.audience.iter().enumerate().map(move |(member, ordinal)| {
        let worth = match &wish.worth {
            Worth::Same(worth) => *worth,
            Worth::ByClass(worths) => worths[usize::from(classes[ordinal as usize])],
            Worth::Each(worths) => worths[member],
        };
        (ordinal, worth)
    })
}
