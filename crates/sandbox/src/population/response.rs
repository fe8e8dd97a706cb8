//! How people answer a mass message: who reads it, goes on, writes, passes it on, orders, or leaves
//! because of it, and when.
//!
//! Every draw is a hash of seed, message, act and person, so no answer depends on the order in
//! which people are looked at, and the same seed and sends make the same answers. A message that
//! is not read is unwanted: each one drives people away, the more the more they got this month.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use wire::Timestamp;

use super::character::{Character, unit};
use super::description::{FollowerType, Response};
use super::month_counts::MonthCounts;
use super::people::{Act, Reaction};
use super::topic;
use crate::chance::draw;

/// Half of the readers read within 45 minutes, all within two days.
const LAST_READING_SECONDS: f64 = 2.0 * 86_400.0;
const FIRST_READING_SECONDS: i64 = 30;
/// Nobody is up before; what falls into the night is done in the two hours after.
const MORNING_SECOND: i64 = 7 * 3_600;
const MORNING_RUSH: i64 = 2 * 3_600;
const HOUR: i64 = 3_600;

/// The true chances of one person who received a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chances {
    /// Reads it.
    pub read: f64,
    /// Reads it and goes on to the menu.
    pub click: f64,
    /// Reads it and writes.
    pub write: f64,
    /// Reads it and passes it on.
    pub share: f64,
    /// Reads it and orders because of it.
    pub order: f64,
    /// Leaves because of it.
    pub leave: f64,
    /// Fen that it brings in the mean.
    pub cents: f64,
}

impl Chances {
    /// Those of a type for the `nth` message of a month, from 1.
    #[must_use]
    pub fn of(of_type: &FollowerType, response: &Response, nth: usize) -> Self {
        let nth = nth.max(1);
        let before = i32::try_from(nth - 1).unwrap_or(i32::MAX);
        let read = response.read * of_type.worn.powi(before);
        let order = read * response.order;
        Self {
            read,
            click: read * response.click,
            write: read * response.write,
            share: read * response.share,
            order,
            leave: (1.0 - read) * (of_type.tired * nth as f64).min(1.0),
            cents: order * response.amount.mean_cents(),
        }
    }
}

/// People of one type for whom a message was the `nth` of the month, and what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Received it.
    pub received: u64,
    /// Read it.
    pub read: u64,
    /// Go on to the menu.
    pub clicked: u64,
    /// Write.
    pub wrote: u64,
    /// Pass it on.
    pub shared: u64,
    /// Order because of it.
    pub ordered: u64,
    /// Fen of these orders.
    pub cents: i64,
    /// Leave because of it.
    pub left: u64,
}

impl Counts {
    /// Adds other people.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.read += other.read;
        self.clicked += other.clicked;
        self.wrote += other.wrote;
        self.shared += other.shared;
        self.ordered += other.ordered;
        self.cents += other.cents;
        self.left += other.left;
    }
}

/// The answer of everybody who received one message.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The kind of campaign it was.
    pub kind: String,
    /// Who reads it.
    pub readers: RoaringBitmap,
    /// Who goes on to the menu.
    pub clickers: RoaringBitmap,
    /// Who leaves because of it.
    pub leavers: RoaringBitmap,
    /// Fen of each order it brings.
    pub orders: BTreeMap<u32, i64>,
    /// By place of the type, and which message of the month it was, from 1.
    pub classes: BTreeMap<(usize, usize), Counts>,
    /// What has happened of it by now.
    pub so_far: Counts,
}

/// Draws the answer of those who received a message, and when each act falls. `before` are the
/// counts of the month without this message.
#[must_use]
pub fn draw_answer(
    character: &Character,
    msg_id: i64,
    kind: &str,
    received: &RoaringBitmap,
    before: &MonthCounts,
    now: Timestamp,
) -> (Answered, Vec<(Timestamp, Act)>) {
    let mut answer = Answered {
        kind: kind.to_owned(),
        readers: RoaringBitmap::new(),
        clickers: RoaringBitmap::new(),
        leavers: RoaringBitmap::new(),
        orders: BTreeMap::new(),
        classes: BTreeMap::new(),
        so_far: Counts { received: received.len(), ..Counts::default() },
    };
    let seed = draw(character.seed(), topic::RESPONSE, msg_id.unsigned_abs());
    let mut drawing = Drawing { seed, msg_id, now, acts: Vec::new(), hours: BTreeMap::new() };
    for (nth, people) in before.split(received) {
        let types = character.types();
        let responses: Vec<Response> = types.iter().map(|one| one.response(kind)).collect();
        let classes: Vec<(Chances, &Response)> = types
            .iter()
            .zip(&responses)
            .map(|(of_type, response)| (Chances::of(of_type, response, nth), response))
            .collect();
        let mut counts = vec![Counts::default(); types.len()];
        for person in &people {
            let place = character.type_of(person);
            if let (Some((chances, response)), Some(counts)) =
                (classes.get(place), counts.get_mut(place))
            {
                drawing.person(person, chances, response, counts, &mut answer);
            }
        }
        for (place, counts) in counts.into_iter().enumerate().filter(|(_, one)| one.received > 0) {
            answer.classes.insert((place, nth), counts);
        }
    }
    (answer, drawing.finish())
}

struct Drawing {
    seed: u64,
    msg_id: i64,
    now: Timestamp,
    acts: Vec<(Timestamp, Act)>,
    /// Readers and those who pass it on, by the end of their hour.
    hours: BTreeMap<Timestamp, (u64, u64)>,
}

impl Drawing {
    fn drawn(&self, topic: u64, person: u32) -> f64 {
        unit(draw(self.seed, topic, person.into()))
    }

    fn person(
        &mut self,
        person: u32,
        chances: &Chances,
        response: &Response,
        counts: &mut Counts,
        answer: &mut Answered,
    ) {
        counts.received += 1;
        let reads = self.drawn(topic::READ, person);
        if reads >= chances.read {
            // The part of the draw next to the readers' is as wide as the chance to leave.
            if reads < chances.read + chances.leave {
                counts.left += 1;
                answer.leavers.insert(person);
                let at = self.seen(person);
                self.react(at, person, Reaction::Leave);
            }
            return;
        }
        counts.read += 1;
        answer.readers.insert(person);
        let at = self.seen(person);
        let shares = self.drawn(topic::SHARE, person) < response.share;
        let end_of_hour = Timestamp((at.0.div_euclid(HOUR) + 1) * HOUR - 1);
        let hour = self.hours.entry(end_of_hour).or_default();
        hour.0 += 1;
        hour.1 += u64::from(shares);
        counts.shared += u64::from(shares);
        let click = self.drawn(topic::CLICK, person);
        if click < response.click {
            counts.clicked += 1;
            answer.clickers.insert(person);
            self.react(later(at, click / response.click, 300.0), person, Reaction::Click);
        }
        let write = self.drawn(topic::WRITE, person);
        if write < response.write {
            counts.wrote += 1;
            self.react(later(at, write / response.write, 900.0), person, Reaction::Write);
        }
        let order = self.drawn(topic::ORDER, person);
        if order < response.order {
            let cents = response.amount.cents(self.drawn(topic::AMOUNT, person));
            counts.ordered += 1;
            counts.cents += cents;
            answer.orders.insert(person, cents);
            let ordered_at = later(at, order / response.order, 4.0 * 3_600.0);
            self.react(ordered_at, person, Reaction::Order { cents });
        }
    }

    /// When the person looks at it: most soon, few after a day, nobody in the night.
    fn seen(&self, person: u32) -> Timestamp {
        let drawn = self.drawn(topic::MOMENT, person);
        let sixth = drawn * drawn * drawn;
        let passed = sixth * sixth * LAST_READING_SECONDS;
        awake(self.now + FIRST_READING_SECONDS + passed as i64)
    }

    fn react(&mut self, at: Timestamp, person: u32, what: Reaction) {
        self.acts.push((at, Act::React { msg_id: self.msg_id, person, what }));
    }

    fn finish(mut self) -> Vec<(Timestamp, Act)> {
        let msg_id = self.msg_id;
        for (at, (readers, sharers)) in self.hours {
            self.acts.push((at, Act::Read { msg_id, readers, sharers }));
        }
        // Stable, so that acts of one second keep the order of their people.
        self.acts.sort_by_key(|(at, _)| *at);
        self.acts
    }
}

fn later(at: Timestamp, drawn: f64, seconds: f64) -> Timestamp {
    awake(at + 5 + (drawn * seconds) as i64)
}

/// The same moment, or the morning after for one in the night.
#[must_use]
pub fn awake(at: Timestamp) -> Timestamp {
    let second = at.second_of_day();
    if second >= MORNING_SECOND {
        return at;
    }
    at + (MORNING_SECOND - second) + second * MORNING_RUSH / MORNING_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::description::Description;

    const NOW: Timestamp = Timestamp(1_772_416_800);

    fn character() -> Character {
        Character::new(Description::default(), 7, 100_000)
    }

    fn answer(msg_id: i64, kind: &str, before: &MonthCounts) -> (Answered, Vec<(Timestamp, Act)>) {
        let received: RoaringBitmap = (0..100_000).collect();
        draw_answer(&character(), msg_id, kind, &received, before, NOW)
    }

    #[test]
    fn answers_come_out_at_their_true_chances() {
        let mut before = MonthCounts::default();
        before.add(&(0..50_000).collect());
        let (answer, acts) = answer(5, "promotion", &before);
        let character = character();
        assert_eq!(answer.classes.values().map(|one| one.received).sum::<u64>(), 100_000);
        assert_eq!(answer.classes.len(), 8, "four types, first and second message");
        for ((place, nth), counts) in &answer.classes {
            let of_type = &character.types()[*place];
            let chances = Chances::of(of_type, &of_type.response("promotion"), *nth);
            let people = counts.received as f64;
            let near = |count: u64, chance: f64, what: &str| {
                let expected = people * chance;
                let spread = 5.0 * (people * chance * (1.0 - chance)).sqrt() + 1.0;
                let off = (count as f64 - expected).abs();
                assert!(off < spread, "{} {nth} {what}: {count}, {expected}", of_type.name);
            };
            near(counts.read, chances.read, "read");
            near(counts.clicked, chances.click, "click");
            near(counts.wrote, chances.write, "write");
            near(counts.shared, chances.share, "share");
            near(counts.ordered, chances.order, "order");
            near(counts.left, chances.leave, "leave");
        }
        assert!(acts.is_sorted_by_key(|(at, _)| *at));
        let in_time = |at: &Timestamp| {
            *at > NOW && *at < NOW + 4 * 86_400 && at.second_of_day() >= MORNING_SECOND
        };
        assert!(acts.iter().all(|(at, _)| in_time(at)));
        let readers: u64 = acts
            .iter()
            .map(|(_, act)| if let Act::Read { readers, .. } = act { *readers } else { 0 })
            .sum();
        assert_eq!(readers, answer.readers.len());
    }

    #[test]
    fn the_answer_of_a_person_does_not_depend_on_who_else_received_it() {
        let before = MonthCounts::default();
        let (all, _) = answer(5, "launch", &before);
        let some: RoaringBitmap = (0..100_000).step_by(7).collect();
        let (few, _) = draw_answer(&character(), 5, "launch", &some, &before, NOW);
        assert_eq!(few.readers, &all.readers & &some);
        assert_eq!(few.leavers, &all.leavers & &some);
        assert!(few.orders.iter().all(|(person, cents)| all.orders[person] == *cents));
        let (other, _) = answer(6, "launch", &before);
        assert_ne!(other.readers, all.readers, "another message, another draw");
    }

    #[test]
    fn more_messages_are_read_less_and_drive_more_away() {
        let types = Description::default().types;
        for of_type in &types {
            let response = of_type.response("care");
            let chances: Vec<_> = (1..=4).map(|n| Chances::of(of_type, &response, n)).collect();
            assert!(chances.is_sorted_by(|one, next| one.read > next.read));
            assert!(chances.is_sorted_by(|one, next| one.leave < next.leave));
            assert!(chances.is_sorted_by(|one, next| one.cents > next.cents));
        }
    }
}
