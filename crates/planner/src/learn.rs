//! What a message is worth, learned from what happened: the chance of an order within some days
//! after it, less the chance without it, times what an order comes to, less the risk that the
//! follower leaves.
//!
//! [`learn`] takes counted [`Examples`]: people who were sent a message, and people who were left
//! out of it. Two regularised logistic regressions over few bins are fitted as one: what people do
//! of their own accord, and what a message adds to it; so the one is not taken for the other. They
//! are calibrated on people they were not learned from, and checked on them ([`Learned::check`]).
//! Where there is too little to learn from,
//! averages stand in, and every [`Estimate`] says on what it rests.
//!
//! Invariant: no clock, no input or output, no chance; the same examples teach the same, however
//! they were gathered and on any number of threads. Nothing here is needed to send.

mod averages;
mod effects;
pub mod examples;
mod explain;
mod model;
mod regression;
mod scale;
pub mod traits;

use serde::{Deserialize, Serialize};

pub use examples::{Example, Examples};
pub use explain::{Bin, Part, Place};
pub use model::Fifth;
pub use traits::{Answers, Feature, Known, Traits};

use averages::{Amounts, Averages};
use model::{Leaving, Ordering};

/// Nine of ten such intervals hold the truth: so many standard errors either side.
const NINE_OF_TEN: f64 = 1.645;

/// On what an estimate rests, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The model, which has seen campaigns of this kind.
    Model,
    /// The model, from campaigns of other kinds.
    OtherKinds,
    /// The average of people alike: ordered lately, ordered before, only acted, or neither.
    Segment,
    /// The average of everybody who was sent campaigns of this kind.
    Kind,
    /// The average of all campaigns.
    Overall,
}

impl Basis {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Model, Self::OtherKinds, Self::Segment, Self::Kind, Self::Overall];

    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::OtherKinds => "other_kinds",
            Self::Segment => "segment",
            Self::Kind => "kind",
            Self::Overall => "overall",
        }
    }

    /// One sentence, English.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Model => "Learned from campaigns of this kind, follower by follower.",
            Self::OtherKinds => {
                "Learned from campaigns of other kinds: of this one too few went out."
            }
            Self::Segment => "The average of people alike: too little is known to tell them apart.",
            Self::Kind => "The average of all who were sent this kind: too few were alike.",
            Self::Overall => "The average of all campaigns: too few of this kind went out.",
        }
    }

    /// The same, Chinese.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Model => "根据同类活动,逐位粉丝学习得出。",
            Self::OtherKinds => "同类活动太少,根据其他类型的活动学习得出。",
            Self::Segment => "数据太少,取相似人群的平均值。",
            Self::Kind => "相似的人太少,取同类活动全部收件人的平均值。",
            Self::Overall => "同类活动太少,取全部活动的平均值。",
        }
    }
}

/// What one message is expected to bring from one follower.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The chance that they order within the days, with the message.
    pub with: f64,
    /// Without it.
    pub without: f64,
    /// What an order comes to, in cents.
    pub order_cents: f64,
    /// The chance that the message makes them leave.
    pub leaving: f64,
    /// What it is worth, in cents: less the risk of leaving times what a follower is worth.
    pub cents: f64,
    /// The lower end of the interval that holds the truth nine times of ten, in cents.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// On what it rests.
    pub basis: Basis,
}

impl Estimate {
    /// How many orders it adds, a recipient.
    #[must_use]
    pub fn uplift(&self) -> f64 {
        self.with - self.without
    }
}

/// What was learned.
#[derive(Debug, Clone)]
pub struct Learned {
    examples: Examples,
    averages: Averages,
    amounts: Amounts,
    ordering: Option<Ordering>,
    leaving: Option<Leaving>,
    follower_cents: f64,
}

/// Learns from what happened. `follower_cents` is what keeping a follower is worth: the risk that
/// they leave is held against a message at this price.
#[must_use]
pub fn learn(examples: Examples, follower_cents: f64) -> Learned {
    Learned {
        averages: Averages::of(&examples),
        amounts: Amounts::of(&examples),
        ordering: Ordering::learn(&examples),
        leaving: Leaving::learn(&examples),
        examples,
        follower_cents,
    }
}

impl Learned {
    /// From what it was learned.
    #[must_use]
    pub fn examples(&self) -> &Examples {
        &self.examples
    }

    /// The place of a kind; none when no campaign of it went out.
    #[must_use]
    pub fn kind(&self, word: &str) -> Option<u8> {
        let found = self.examples.kinds.iter().position(|kind| kind == word)?;
        u8::try_from(found).ok()
    }

    /// Whether there was enough to tell followers apart.
    #[must_use]
    pub fn has_model(&self) -> bool {
        self.ordering.is_some()
    }

    /// What was expected of people the model had not seen, beside what they did, in five parts by
    /// what was expected; empty without a model.
    #[must_use]
    pub fn check(&self) -> &[Fifth] {
        self.ordering.as_ref().map_or(&[], |ordering| &ordering.check)
    }

    /// How much the model held its effects back, and what a step of its logits was found to be
    /// worth on people it had not seen: 1 is just right, less means it was too sure of itself.
    #[must_use]
    pub fn strength_and_slope(&self) -> Option<(f64, f64)> {
        self.ordering.as_ref().map(|ordering| (ordering.strength, ordering.scale.slope))
    }

    /// What the next message of a kind is worth to somebody; `None` as long as nobody was left out
    /// of a campaign, since then nobody can tell what it changed.
    #[must_use]
    pub fn estimate(&self, traits: Traits, kind: Option<u8>) -> Option<Estimate> {
        self.estimate_nth(traits, kind, traits.bin(Feature::Received))
    }

    /// The same for the message after `received` others of the month.
    #[must_use]
    pub fn estimate_nth(
        &self,
        traits: Traits,
        kind: Option<u8>,
        received: usize,
    ) -> Option<Estimate> {
        let found = match &self.ordering {
            Some(ordering) => ordering.difference(traits, kind, received),
            None => self.averages.difference(traits, kind)?,
        };
        let (leaving, leaving_variance) = match &self.leaving {
            Some(leaving) => {
                (leaving.more(traits, kind, received), leaving.variance(traits, kind, received))
            }
            None => self.averages.leaving(),
        };
        let amount = self.amounts.mean(traits, kind);
        let cents = found.uplift * amount.cents - leaving * self.follower_cents;
        // What the amount and the leavers leave open comes beside what the orders do.
        let others = NINE_OF_TEN.powi(2)
            * (found.uplift.powi(2) * amount.variance
                + self.follower_cents.powi(2) * leaving_variance);
        let reach = |end: f64| (((end - found.uplift) * amount.cents).powi(2) + others).sqrt();
        Some(Estimate {
            with: found.without + found.uplift,
            without: found.without,
            order_cents: amount.cents,
            leaving,
            cents,
            low: cents - reach(found.low),
            high: cents + reach(found.high),
            basis: found.basis,
        })
    }

    /// What a message is expected to bring, without how sure that is.
    fn mean(&self, traits: Traits, kind: Option<u8>, received: usize) -> Option<Mean> {
        let uplift = match &self.ordering {
            Some(ordering) => ordering.mean(traits, kind, received).1,
            None => self.averages.difference(traits, kind)?.uplift,
        };
        let leaving = match &self.leaving {
            Some(leaving) => leaving.more(traits, kind, received),
            None => self.averages.leaving().0,
        };
        let amount = self.amounts.mean(traits, kind).cents;
        Some(Mean { uplift, leaving, cents: uplift * amount - leaving * self.follower_cents })
    }
}

/// What a message is expected to bring.
struct Mean {
    uplift: f64,
    leaving: f64,
    cents: f64,
}

/// Units of worth, in cents, from the finest.
const UNITS: [f64; 13] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// The finest unit, in cents, in which worths up to `most` cents are whole numbers a plan takes.
#[must_use]
pub fn unit_for(most: f64) -> f64 {
    let fits = |unit: &f64| most.abs() <= unit * 30_000.0;
    UNITS.into_iter().find(fits).unwrap_or_else(|| (most.abs() / 30_000.0).ceil())
}

/// A worth in whole units; beyond what a plan takes, its limit.
#[must_use]
pub fn in_units(cents: f64, unit: f64) -> i16 {
    // The conversion keeps to the limits of the type.
    ((cents / unit).round() as i16).max(-i16::MAX)
}

#[cfg(test)]
mod tests;
