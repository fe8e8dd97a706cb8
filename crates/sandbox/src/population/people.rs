//! What people do by themselves: on an evening some follow, some leave, some write or click a
//! menu. The whole evening is drawn from the seed at its beginning; outside the window nobody
//! acts, so a morning's send meets a still audience.

use roaring::RoaringBitmap;
use wire::{Day, Timestamp};

use super::{Population, topic};
use crate::chance::{draw, falls};
use crate::push::messages::Place;

/// What one person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Somebody new follows.
    Arrive,
    /// Leaves.
    Leave(u32),
    /// Writes a message.
    Write(u32, String),
    /// Clicks a menu entry.
    Click(u32, String),
    /// Taps an entry of the menu, if the account has one.
    Tap(u32),
    /// Scans one of the account's QR codes, if it has any.
    Scan(u32),
    /// Orders in the shop of their own accord.
    Order {
        /// Who.
        person: u32,
        /// Fen.
        cents: i64,
    },
    /// Is somewhere while the chat is open.
    Locate {
        /// Who.
        person: u32,
        /// Where.
        place: Place,
    },
    /// Answers a mass message.
    React {
        /// Which.
        msg_id: i64,
        /// Who.
        person: u32,
        /// How.
        what: Reaction,
    },
    /// People read a mass message within an hour.
    Read {
        /// Which.
        msg_id: i64,
        /// How many read it.
        readers: u64,
        /// How many of them passed it on.
        sharers: u64,
    },
}

/// How somebody answers a mass message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Goes on to the menu.
    Click,
    /// Writes back.
    Write,
    /// Orders.
    Order {
        /// Fen.
        cents: i64,
    },
    /// Leaves.
    Leave,
}

/// How lively the people are, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    /// New followers of an evening, of a thousand followers at the start.
    pub arrivals_per_mille: u32,
    /// Leavers of an evening, of a thousand followers.
    pub leavers_per_mille: u32,
    /// Writers and clickers of an evening, of a thousand followers.
    pub talkers_per_mille: u32,
    /// First hour of the window, 0…23, China Standard Time.
    pub from_hour: u32,
    /// End of the window, above `from_hour`, at most 24.
    pub to_hour: u32,
}

/// What people write.
pub(super) const WORDS: [&str; 6] =
    ["在吗", "这款面膜敏感肌能用吗", "什么时候上新", "优惠券怎么领", "我的订单到哪了", "谢谢"];
const MENU: [&str; 4] = ["MENU_NEW", "MENU_MEMBER", "MENU_COUPON", "MENU_SERVICE"];

impl Habits {
    /// Whether anybody ever acts.
    #[must_use]
    pub fn are_lively(&self) -> bool {
        self.arrivals_per_mille + self.leavers_per_mille + self.talkers_per_mille > 0
    }

    /// The first evening that begins at or after `now`.
    #[must_use]
    pub fn next_evening(&self, now: Timestamp) -> Day {
        let today = now.day();
        if today.at(self.from_hour, 0) >= now { today } else { today.next() }
    }

    /// All that happens on this evening, in order of time. `touched` are those who received a
    /// mass message that day: three times as many of them leave.
    #[must_use]
    pub fn evening(
        &self,
        people: &Population,
        touched: &RoaringBitmap,
        day: Day,
    ) -> Vec<(Timestamp, Act)> {
        let begins = day.at(self.from_hour, 0);
        let seed = draw(people.seed(), topic::EVENING, day.0.unsigned_abs().into());
        let length = u64::from(self.to_hour.saturating_sub(self.from_hour).max(1)) * 3600;
        let moment = |drawn: u64| begins + ((drawn >> 8) % length) as i64;
        let mut acts = Vec::new();

        for nth in 0..whole_of(people.at_start().into(), self.arrivals_per_mille, seed) {
            acts.push((moment(draw(seed, 1, nth)), Act::Arrive));
        }
        if self.leavers_per_mille > 0 {
            for person in people.following() {
                let drawn = draw(seed, topic::LEAVE, person.into());
                let usual = u64::from(self.leavers_per_mille);
                let share = if touched.contains(person) { usual * 3 } else { usual };
                if falls(drawn, share, 1000) {
                    acts.push((moment(draw(seed, 2, person.into())), Act::Leave(person)));
                }
            }
        }
        for nth in 0..whole_of(people.following().len(), self.talkers_per_mille, !seed) {
            let drawn = draw(seed, 3, nth);
            let Some(person) = some_follower(people, drawn) else { break };
            let act = if falls(drawn, 1, 2) {
                Act::Write(person, pick(&WORDS, drawn >> 3))
            } else {
                Act::Click(person, pick(&MENU, drawn >> 3))
            };
            acts.push((moment(draw(seed, 4, nth)), act));
        }
        // Stable, so acts of one second keep the order they were drawn in.
        acts.sort_by_key(|(at, _)| *at);
        acts
    }
}

/// `per_mille` of `whole`, the fraction rounded up or down by chance.
fn whole_of(whole: u64, per_mille: u32, seed: u64) -> u64 {
    let thousandths = whole * u64::from(per_mille);
    thousandths / 1000 + u64::from(falls(seed, thousandths % 1000, 1000))
}

fn some_follower(people: &Population, drawn: u64) -> Option<u32> {
    let count = people.following().len();
    let nth = (count > 0).then(|| (drawn >> 5) % count)?;
    people.following().select(u32::try_from(nth).ok()?)
}

fn pick(from: &[&str], drawn: u64) -> String {
    let place = (drawn % from.len().max(1) as u64) as usize;
    from.get(place).copied().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HABITS: Habits = Habits {
        arrivals_per_mille: 2,
        leavers_per_mille: 3,
        talkers_per_mille: 5,
        from_hour: 20,
        to_hour: 23,
    };

    #[test]
    fn an_evening_is_the_same_twice_and_stays_in_its_window() {
        let start = Timestamp(1_772_330_400);
        let people = Population::new("wx0123456789abcdef", 3, 10_000, 0, start);
        let day = HABITS.next_evening(start);
        let touched: RoaringBitmap = (0..5_000).collect();
        let acts = HABITS.evening(&people, &touched, day);
        assert_eq!(acts, HABITS.evening(&people, &touched, day));
        assert!(acts.iter().all(|(at, _)| *at >= day.at(20, 0) && *at < day.at(23, 0)));
        assert!(acts.is_sorted_by_key(|(at, _)| *at));
        let arrivals = acts.iter().filter(|(_, act)| *act == Act::Arrive).count();
        assert_eq!(arrivals, 20);
        let leavers = |range: std::ops::Range<u32>| {
            let leaves = |act: &Act| matches!(act, Act::Leave(n) if range.contains(n));
            acts.iter().filter(|(_, act)| leaves(act)).count()
        };
        assert!(leavers(0..5_000) > leavers(5_000..10_000), "a message makes more people leave");
        assert_ne!(acts, HABITS.evening(&people, &touched, day.next()));
    }

    #[test]
    fn the_evening_after_the_window_began_is_tomorrow() {
        let day = Day::new(2026, 3, 1).unwrap();
        assert_eq!(HABITS.next_evening(day.at(20, 0)), day);
        assert_eq!(HABITS.next_evening(day.at(20, 0) + 1), day.next());
    }
}
