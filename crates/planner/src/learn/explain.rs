//! What was learned, said in words: what each bin is worth beside the average, what further
//! messages of a month still bring, and what of one follower's worth comes from where.

use std::collections::BTreeMap;

use super::traits::{Feature, Traits};
use super::{Learned, Mean};

/// Bins of so many different people are looked at, those that stand for most first.
const MOST_TRAITS: usize = 1_000;

/// What a message brings where everybody is in this bin and otherwise as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// What they differ in.
    pub feature: Feature,
    /// Which bin.
    pub bin: usize,
    /// The share of those who were sent messages that is in it.
    pub share: f64,
    /// Orders a message adds, a recipient.
    pub uplift: f64,
    /// What it is worth, in cents.
    pub cents: f64,
}

/// What one of the messages of a month brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Which message of the month, from 1.
    pub nth: usize,
    /// Orders it adds, a recipient.
    pub uplift: f64,
    /// What it adds of what the first does; never more than the one before.
    pub of_first: f64,
    /// The chance that it makes a recipient leave; never less than the one before.
    pub leaving: f64,
}

/// What of somebody's worth comes from what they are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// What they differ in.
    pub feature: Feature,
    /// Their bin.
    pub bin: usize,
    /// What they are worth more, or less, than if in this they were like everybody, in cents.
    pub cents: f64,
}

impl Learned {
    /// What each bin is worth to campaigns of a kind; empty when nothing can be told.
    #[must_use]
    pub fn bins(&self, kind: Option<u8>) -> Vec<Bin> {
        let people = self.people();
        let whole: f64 = people.iter().map(|one| one.1).sum();
        let mut bins = Vec::new();
        for feature in Feature::all(self.examples.chosen.len()) {
            let shares = self.shares(feature);
            for (bin, share) in shares.into_iter().enumerate().filter(|(_, share)| *share > 0.0) {
                let (mut uplift, mut cents) = (0.0, 0.0);
                for (traits, weight) in &people {
                    let Some(one) = self.as_they_are(traits.with(feature, bin), kind) else {
                        return Vec::new();
                    };
                    uplift += weight * one.uplift / whole;
                    cents += weight * one.cents / whole;
                }
                bins.push(Bin { feature, bin, share, uplift, cents });
            }
        }
        bins
    }

    /// What the first four messages of a month bring, to the same people; empty when nothing can
    /// be told.
    #[must_use]
    pub fn places(&self, kind: Option<u8>) -> Vec<Place> {
        let people = self.people();
        let whole: f64 = people.iter().map(|one| one.1).sum();
        let mut places: Vec<Place> = Vec::new();
        for nth in 1..=4 {
            let (mut uplift, mut leaving) = (0.0, 0.0);
            for (traits, weight) in &people {
                let Some(one) = self.mean(*traits, kind, nth - 1) else {
                    return Vec::new();
                };
                uplift += weight * one.uplift / whole;
                leaving += weight * one.leaving / whole;
            }
            let first = places.first().map_or(uplift, |first| first.uplift);
            let of_first = if first > 0.0 { uplift / first } else { 0.0 };
            places.push(Place { nth, uplift, of_first, leaving });
        }
        places
    }

    /// Why somebody is worth what they are, what matters most first.
    #[must_use]
    pub fn parts(&self, traits: Traits, kind: Option<u8>) -> Vec<Part> {
        let Some(mine) = self.as_they_are(traits, kind) else { return Vec::new() };
        let mut parts: Vec<Part> = Feature::all(self.examples.chosen.len())
            .map(|feature| {
                let shares = self.shares(feature).into_iter().enumerate();
                let average: f64 = shares
                    .filter_map(|(bin, share)| {
                        Some(share * self.as_they_are(traits.with(feature, bin), kind)?.cents)
                    })
                    .sum();
                Part { feature, bin: traits.bin(feature), cents: mine.cents - average }
            })
            .collect();
        parts.sort_by(|one, other| other.cents.abs().total_cmp(&one.cents.abs()));
        parts
    }

    fn as_they_are(&self, traits: Traits, kind: Option<u8>) -> Option<Mean> {
        self.mean(traits, kind, traits.bin(Feature::Received))
    }

    /// The people who were sent messages, those alike together, with how many they are.
    fn people(&self) -> Vec<(Traits, f64)> {
        let mut people: BTreeMap<Traits, u64> = BTreeMap::new();
        for (cell, folds) in self.examples.cells().filter(|(cell, _)| cell.sent) {
            let count: u64 = folds.iter().map(|counts| counts.people).sum();
            *people.entry(cell.traits).or_default() += count;
        }
        let mut people: Vec<(Traits, u64)> = people.into_iter().collect();
        people.sort_by_key(|(traits, count)| (std::cmp::Reverse(*count), *traits));
        people.truncate(MOST_TRAITS);
        people.into_iter().map(|(traits, count)| (traits, count as f64)).collect()
    }

    /// How the people who were sent messages fall into the bins of a feature.
    fn shares(&self, feature: Feature) -> Vec<f64> {
        let mut shares = vec![0.0; feature.bins().len()];
        let mut whole = 0.0;
        for (cell, folds) in self.examples.cells().filter(|(cell, _)| cell.sent) {
            let count = folds.iter().map(|counts| counts.people).sum::<u64>() as f64;
            shares[cell.traits.bin(feature)] += count;
            whole += count;
        }
        shares.iter_mut().for_each(|share| *share /= f64::max(whole, 1.0));
        shares
    }
}
