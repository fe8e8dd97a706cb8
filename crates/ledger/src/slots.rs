//! The slots of one account and month.

use audience::Set;
use serde::{Deserialize, Serialize};

use crate::{Counter, Effect};

/// What one follower has had of the month's messages: at least, at most, and the platform's cap.
/// Numbers over 255 are reported as 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRange {
    /// Messages certainly received.
    pub used_min: u8,
    /// Messages possibly received.
    pub used_max: u8,
    /// Messages the platform lets a follower receive in the month.
    pub cap: u8,
}

impl SlotRange {
    /// Slots certainly left.
    #[must_use]
    pub fn certain(self) -> u8 {
        self.cap.saturating_sub(self.used_max)
    }

    /// Slots possibly left.
    #[must_use]
    pub fn possible(self) -> u8 {
        self.cap.saturating_sub(self.used_min)
    }

    /// Whether a true count agrees with the range.
    #[must_use]
    pub fn brackets(self, received: u8) -> bool {
        (self.used_min..=self.used_max).contains(&received)
    }
}

/// How many followers have one pair of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Messages certainly received.
    pub used_min: u8,
    /// Messages possibly received.
    pub used_max: u8,
    /// Followers of whom that holds.
    pub followers: u64,
}

/// What every follower of one account has had of one month's messages.
///
/// The questions are asked `among` a set, usually the account's followers, because whoever no batch
/// ever named has all slots left and stands in no plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    cap: u8,
    used_min: Counter,
    used_max: Counter,
}

impl Slots {
    /// A month in which nothing was sent yet and a follower may receive `cap` messages.
    #[must_use]
    pub const fn new(cap: u8) -> Self {
        Self { cap, used_min: Counter::new(), used_max: Counter::new() }
    }

    /// Messages the platform lets a follower receive in the month.
    #[must_use]
    pub fn cap(&self) -> u8 {
        self.cap
    }

    /// A batch begins to have this effect on its recipients.
    pub fn apply(&mut self, effect: Effect, recipients: &Set) {
        match effect {
            Effect::Nothing => {}
            Effect::Held => self.add_max(recipients),
            Effect::Received => {
                self.add_min(recipients);
                self.add_max(recipients);
            }
        }
    }

    /// A batch that had this effect has it no longer: the inverse of [`Slots::apply`].
    pub fn revoke(&mut self, effect: Effect, recipients: &Set) {
        match effect {
            Effect::Nothing => {}
            Effect::Held => self.sub_max(recipients),
            Effect::Received => {
                self.sub_min(recipients);
                self.sub_max(recipients);
            }
        }
    }

    /// A batch's effect on the same recipients changes.
    pub fn change(&mut self, from: Effect, to: Effect, recipients: &Set) {
        if from != to {
            self.revoke(from, recipients);
            self.apply(to, recipients);
        }
    }

    /// One more message certainly received.
    pub fn add_min(&mut self, who: &Set) {
        self.used_min.add(who);
    }

    /// One more message possibly received.
    pub fn add_max(&mut self, who: &Set) {
        self.used_max.add(who);
    }

    /// One message fewer certainly received; never below 0.
    pub fn sub_min(&mut self, who: &Set) {
        self.used_min.subtract(who);
    }

    /// One message fewer possibly received; never below 0.
    pub fn sub_max(&mut self, who: &Set) {
        self.used_max.subtract(who);
    }

    /// Who of `among` certainly has a slot left: `used_max < cap`.
    #[must_use]
    pub fn certain(&self, among: &Set) -> Set {
        among.subtract(&self.used_max.at_least(self.cap.into(), among))
    }

    /// Who of `among` may have a slot left, or not: `used_min < cap ≤ used_max`.
    #[must_use]
    pub fn possible(&self, among: &Set) -> Set {
        self.used_max.at_least(self.cap.into(), among).subtract(&self.full(among))
    }

    /// Who of `among` certainly has none left: `used_min ≥ cap`.
    #[must_use]
    pub fn full(&self, among: &Set) -> Set {
        self.used_min.at_least(self.cap.into(), among)
    }

    /// `among` in three: who certainly has a slot left, who may have one, who certainly has none.
    #[must_use]
    pub fn split(&self, among: &Set) -> (Set, Set, Set) {
        let mut possible = self.used_max.at_least(self.cap.into(), among);
        let certain = among.subtract(&possible);
        let full = self.full(among);
        possible.and_not_with(&full);
        (certain, possible, full)
    }

    /// Who of `among` certainly has at least `n` slots left.
    #[must_use]
    pub fn at_least(&self, n: u8, among: &Set) -> Set {
        match (n, self.cap.checked_sub(n)) {
            (0, _) => among.clone(),
            (_, None) => Set::new(),
            (_, Some(used)) => among.subtract(&self.used_max.at_least(u64::from(used) + 1, among)),
        }
    }

    /// What one follower has had.
    #[must_use]
    pub fn of(&self, ord: u32) -> SlotRange {
        SlotRange {
            used_min: reported(self.used_min.of(ord)),
            used_max: reported(self.used_max.of(ord)),
            cap: self.cap,
        }
    }

    /// What each possibly had, bit by bit: plane `k` holds bit `k`.
    #[must_use]
    pub fn used_max_planes(&self) -> &[Set] {
        self.used_max.planes()
    }

    /// The slots of one part of the followers: see [`Set::part`].
    #[must_use]
    pub fn part(&self, number: usize) -> Self {
        let (used_min, used_max) = (self.used_min.part(number), self.used_max.part(number));
        Self { cap: self.cap, used_min, used_max }
    }

    /// How many of `among` have each pair of numbers, lowest first.
    #[must_use]
    pub fn histogram(&self, among: &Set) -> Vec<Bucket> {
        let mut buckets: Vec<Bucket> = Vec::new();
        for (used_min, who) in self.used_min.groups(among) {
            for (used_max, who) in self.used_max.groups(&who) {
                let (used_min, used_max) = (reported(used_min), reported(used_max));
                let followers = who.len() as u64;
                match buckets.last_mut() {
                    Some(last) if (last.used_min, last.used_max) == (used_min, used_max) => {
                        last.followers += followers;
                    }
                    _ => buckets.push(Bucket { used_min, used_max, followers }),
                }
            }
        }
        buckets
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.used_min.memory() + self.used_max.memory()
    }
}

/// The slots of a month in which these batches, in any order, had these effects.
#[must_use]
pub fn fold<'a>(cap: u8, batches: impl IntoIterator<Item = (Effect, &'a Set)>) -> Slots {
    let mut slots = Slots::new(cap);
    for (effect, recipients) in batches {
        slots.apply(effect, recipients);
    }
    slots
}

fn reported(count: u64) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
