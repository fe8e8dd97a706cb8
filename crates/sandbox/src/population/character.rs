//! Who is of which type, and what everybody does on a day of their own accord. A person's type is
//! drawn from the seed and never stored.

use roaring::RoaringBitmap;
use wire::{Day, Timestamp};

use super::description::{Description, FollowerType};
use super::people::{Act, WORDS};
use super::topic;
use crate::chance::draw;

const WHOLE: f64 = (1_u64 << 53) as f64;
/// People are up from 7:00 to 23:30.
const FIRST_SECOND: i64 = 7 * 3_600;
const SECONDS_AWAKE: f64 = 16.5 * 3_600.0;

/// A draw as a number from 0 up to but not 1.
#[must_use]
pub fn unit(drawn: u64) -> f64 {
    (drawn >> 11) as f64 / WHOLE
}

/// A description at work in one account.
#[derive(Debug, Clone)]
pub struct Character {
    description: Description,
    seed: u64,
    at_start: u32,
    /// For each type the end of its part of the whole, among those of the start.
    ends_at_start: Vec<f64>,
    /// The same among those who came later.
    ends_later: Vec<f64>,
}

fn ends(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let mut ends: Vec<f64> = weights
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect();
    for end in &mut ends {
        *end /= sum.max(f64::MIN_POSITIVE);
    }
    ends
}

impl Character {
    /// The people of an account that began with so many followers; the description is one that
    /// [`Description::check`] took.
    #[must_use]
    pub fn new(description: Description, seed: u64, at_start: u32) -> Self {
        let share = |one: &FollowerType| f64::from(one.share);
        let arrives = |one: &FollowerType| f64::from(one.share) * one.daily.arrive;
        let ends_at_start = ends(description.types.iter().map(share));
        let comes = description.types.iter().any(|one| arrives(one) > 0.0);
        let ends_later = match comes {
            true => ends(description.types.iter().map(arrives)),
            false => ends_at_start.clone(),
        };
        Self { description, seed, at_start, ends_at_start, ends_later }
    }

    /// The number everything is drawn from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The description.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The types.
    #[must_use]
    pub fn types(&self) -> &[FollowerType] {
        &self.description.types
    }

    /// Place of the person's type among the types.
    #[must_use]
    pub fn type_of(&self, person: u32) -> usize {
        let drawn = unit(draw(self.seed, topic::TYPE, person.into()));
        let later = person >= self.at_start;
        let ends = if later { &self.ends_later } else { &self.ends_at_start };
        ends.iter().position(|end| drawn < *end).unwrap_or(0)
    }

    /// Name of the person's type.
    #[must_use]
    pub fn type_name(&self, person: u32) -> &str {
        self.types().get(self.type_of(person)).map_or("", |of_type| of_type.name.as_str())
    }

    /// Of the people of the start, those who have switched the account's messages off.
    #[must_use]
    pub fn refusing(&self) -> RoaringBitmap {
        let refuses = |person: &u32| {
            let of_type = self.types().get(self.type_of(*person));
            let drawn = unit(draw(self.seed, topic::REFUSES, u64::from(*person)));
            of_type.is_some_and(|of_type| drawn < of_type.refusing)
        };
        (0..self.at_start).filter(refuses).collect()
    }

    /// Whether anybody ever does anything of their own accord.
    #[must_use]
    pub fn is_lively(&self) -> bool {
        self.types().iter().any(|one| {
            let daily = &one.daily;
            let acts = [daily.leave, daily.write, daily.click, daily.scan, daily.order];
            daily.arrive > 0.0 || acts.iter().any(|chance| *chance > 0.0)
        })
    }

    /// What the followers do on this day, in order of time; at most one act each.
    #[must_use]
    pub fn acts_of(&self, following: &RoaringBitmap, day: Day) -> Vec<(Timestamp, Act)> {
        let seed = draw(self.seed, topic::DAY, day.0.unsigned_abs().into());
        let begins = day.start() + FIRST_SECOND;
        let moment = |drawn: u64| begins + (unit(drawn) * SECONDS_AWAKE) as i64;
        let mut acts = Vec::new();
        for (place, of_type) in self.types().iter().enumerate() {
            let before = place.checked_sub(1).and_then(|one| self.ends_at_start.get(one));
            let end = self.ends_at_start.get(place).copied().unwrap_or(0.0);
            let people = f64::from(self.at_start) * (end - before.copied().unwrap_or(0.0));
            let expected = people * of_type.daily.arrive;
            let place = place as u64;
            // The fraction of a person comes by chance.
            let whole = (expected + unit(draw(seed, topic::ARRIVE, place))) as u64;
            for nth in 0..whole {
                let drawn = draw(seed, topic::ARRIVE, (place + 1) << 32 | nth);
                acts.push((moment(drawn), Act::Arrive));
            }
        }
        let steps: Vec<[f64; 5]> = self.types().iter().map(steps).collect();
        for person in following {
            let drawn = unit(draw(seed, topic::ACT, person.into()));
            let Some(steps) = steps.get(self.type_of(person)) else { continue };
            if drawn < steps[4] {
                let at = moment(draw(seed, topic::MOMENT, person.into()));
                acts.push((at, self.act(seed, person, drawn, steps)));
            }
        }
        // Stable, so that acts of one second keep the order of their people.
        acts.sort_by_key(|(at, _)| *at);
        acts
    }

    fn act(&self, seed: u64, person: u32, drawn: f64, steps: &[f64; 5]) -> Act {
        let further = draw(seed, topic::AMOUNT, person.into());
        match steps.iter().position(|step| drawn < *step) {
            Some(0) => Act::Leave(person),
            Some(1) => {
                let place = (further % WORDS.len() as u64) as usize;
                Act::Write(person, WORDS.get(place).copied().unwrap_or_default().to_owned())
            }
            Some(2) => Act::Tap(person),
            Some(3) => Act::Scan(person),
            _ => {
                let of_type = self.types().get(self.type_of(person));
                let cents = of_type.map_or(0, |one| one.daily.amount.cents(unit(further)));
                Act::Order { person, cents }
            }
        }
    }
}

/// The chances of a day added up: leave, write, tap, scan, order.
fn steps(of_type: &FollowerType) -> [f64; 5] {
    let daily = &of_type.daily;
    let mut sum = 0.0;
    [daily.leave, daily.write, daily.click, daily.scan, daily.order].map(|chance| {
        sum += chance;
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_days_come_out_at_their_shares() {
        let shop = Character::new(Description::default(), 3, 200_000);
        let mut counts = [0_u32; 4];
        for person in 0..200_000 {
            counts[shop.type_of(person)] += 1;
        }
        for (count, of_type) in counts.iter().zip(shop.types()) {
            let expected = 2_000 * of_type.share;
            assert!(count.abs_diff(expected) < 1_000, "{}: {count}", of_type.name);
        }
        let following: RoaringBitmap = (0..200_000).collect();
        let day = Day::new(2026, 3, 2).unwrap();
        let acts = shop.acts_of(&following, day);
        assert_eq!(acts, shop.acts_of(&following, day));
        assert_ne!(acts, shop.acts_of(&following, day.next()));
        assert!(acts.iter().all(|(at, _)| at.day() == day && at.second_of_day() >= FIRST_SECOND));
        let count = |is: fn(&Act) -> bool| acts.iter().filter(|(_, act)| is(act)).count();
        // 30,000 × 0.0004 + 60,000 × 0.001 + 50,000 × 0.001 + 60,000 × 0.0006 = 158.
        let arrivals = count(|act| matches!(act, Act::Arrive));
        assert!((154..=162).contains(&arrivals), "{arrivals}");
        // 30,000 × 0.006 + 60,000 × 0.001 + 50,000 × 0.0008 + 60,000 × 0.0001 = 286.
        let orders = count(|act| matches!(act, Act::Order { .. }));
        assert!((200..=370).contains(&orders), "{orders}");
        assert!(count(|act| matches!(act, Act::Leave(_))) > 20);
        assert!(count(|act| matches!(act, Act::Tap(_))) > 400);
        assert!(count(|act| matches!(act, Act::Scan(_))) > 20);
        let few: RoaringBitmap = (0..1_000).collect();
        let of_few = shop.acts_of(&few, day);
        let acting = |(_, act): &&(Timestamp, Act)| !matches!(act, Act::Arrive);
        assert!(
            of_few.iter().filter(acting).all(|act| acts.contains(act)),
            "nobody depends on others"
        );
    }

    #[test]
    fn refusing_people_are_of_the_types_that_refuse() {
        let shop = Character::new(Description::default(), 3, 50_000);
        let refusing = shop.refusing();
        let silent = refusing.iter().filter(|person| shop.type_of(*person) == 3).count();
        assert!(silent as u64 * 2 > refusing.len() && refusing.len() < 3_000);
    }
}
