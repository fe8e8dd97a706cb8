//! People at work in an account: their own days, their answers to mass messages, the orders of the
//! shop, and what of all that has happened.

use std::collections::BTreeMap;

use wire::{Day, Timestamp};

use super::character::Character;
use super::people::{Act, Reaction, WORDS};
use super::response::{Answered, draw_answer};
use super::shop::Order;
use super::topic;
use crate::account::Account;
use crate::api::mass::job::Job;
use crate::api::mass::message::Content;
use crate::chance::draw;
use crate::clock::Due;
use crate::push::{events, taps};
use crate::statistics::{ArticleKey, ReadFrom, Reading, SharedTo};
use crate::world::World;

/// Seconds a reader spends on an article in the mean.
const READING_SECONDS: u64 = 45;

/// An order that came in since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Whose.
    pub person: u32,
    /// The order.
    pub order: Order,
    /// The mass message without which it would not have come.
    pub because_of: Option<i64>,
}

/// The shop's orders since the start, in the order they came.
#[derive(Debug, Clone, Default)]
pub struct NewOrders(Vec<NewOrder>);

impl NewOrders {
    /// An order comes in; says its number.
    pub fn add(
        &mut self,
        person: u32,
        at: Timestamp,
        cents: i64,
        items: u64,
        because_of: Option<i64>,
    ) -> String {
        let id = format!("N{:09}", self.0.len() + 1);
        let order = Order { id: id.clone(), at, cents, items };
        self.0.push(NewOrder { person, order, because_of });
        id
    }

    /// Those that came at or after `since`.
    #[must_use]
    pub fn since(&self, since: Timestamp) -> &[NewOrder] {
        let first = self.0.partition_point(|one| one.order.at < since);
        self.0.get(first..).unwrap_or_default()
    }
}

/// The people of an account whose behaviour was described.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// Who they are.
    pub character: Character,
    /// What they do with each mass message, by its number.
    pub answered: BTreeMap<i64, Answered>,
}

impl Behaviour {
    /// Nobody has done anything yet.
    #[must_use]
    pub fn new(character: Character) -> Self {
        Self { character, answered: BTreeMap::new() }
    }
}

/// The kind of campaign a job is: as told, or as its words say.
fn kind_of(character: &Character, job: &Job) -> String {
    if let Some(told) = &job.told_kind {
        return told.clone();
    }
    let mut texts = job.titles();
    if let Content::Text(text) = &job.content {
        texts.push(text);
    }
    character.description().kind_of(&texts).to_owned()
}

/// A job is about to be delivered: draws everybody's answer, before the month counts it.
#[must_use]
pub fn answers(
    account: &Account,
    job: &Job,
    received: &roaring::RoaringBitmap,
    now: Timestamp,
) -> Option<(Answered, Vec<(Timestamp, Act)>)> {
    let character = &account.behaviour.as_ref()?.character;
    let kind = kind_of(character, job);
    let before = account.people.month_counts();
    Some(draw_answer(character, job.msg_id, &kind, received, before, now))
}

/// A day begins: what people do of their own accord is drawn, and the next day planned.
pub fn begin_day(world: &mut World, position: usize, day: Day) {
    let Some((account, queue, _)) = world.parts(position) else { return };
    let Some(behaviour) = &account.behaviour else { return };
    for (at, act) in behaviour.character.acts_of(account.people.following(), day) {
        queue.add(at, Due::Act { account: position, act });
    }
    let next = day.next();
    queue.add(next.start(), Due::Day { account: position, day: next });
}

/// A person acts as described.
pub fn act(world: &mut World, position: usize, act: Act) {
    match act {
        Act::Tap(person) => {
            taps::in_menu(world, position, person);
        }
        Act::Scan(person) => scan(world, position, person),
        Act::Order { person, cents } => order(world, position, person, cents, None),
        Act::React { msg_id, person, what } => react(world, position, msg_id, person, what),
        Act::Read { msg_id, readers, sharers } => read(world, position, msg_id, readers, sharers),
        Act::Arrive | Act::Leave(_) | Act::Write(..) | Act::Click(..) | Act::Locate { .. } => {}
    }
}

fn scan(world: &mut World, position: usize, person: u32) {
    let now = world.now();
    let Some(account) = world.accounts().get(position) else { return };
    if !account.people.following().contains(person) {
        return;
    }
    let subject = u64::from(person) ^ now.0.unsigned_abs();
    let drawn = draw(account.people.seed(), topic::ACT, subject);
    if let Some(scanned) = account.qr_codes.some(drawn, now) {
        events::scan(world, position, person, scanned);
    }
}

fn order(world: &mut World, position: usize, person: u32, cents: i64, because_of: Option<i64>) {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return };
    let items = 1 + draw(account.people.seed(), topic::ORDERS, now.0.unsigned_abs()) % 3;
    account.orders.add(person, now, cents, items, because_of);
}

fn react(world: &mut World, position: usize, msg_id: i64, person: u32, what: Reaction) {
    let happened = match what {
        Reaction::Click => {
            taps::in_menu(world, position, person);
            true
        }
        Reaction::Write => {
            let place = draw(msg_id.unsigned_abs(), topic::WRITE, person.into()) as usize;
            let words = WORDS.get(place % WORDS.len()).copied().unwrap_or_default();
            events::write(world, position, person, words)
        }
        Reaction::Order { cents } => {
            order(world, position, person, cents, Some(msg_id));
            true
        }
        Reaction::Leave => events::leave(world, position, person),
    };
    let account = world.account_mut(position);
    let behaviour = account.and_then(|account| account.behaviour.as_mut());
    let answered = behaviour.and_then(|behaviour| behaviour.answered.get_mut(&msg_id));
    let Some(counts) = answered.map(|answered| &mut answered.so_far).filter(|_| happened) else {
        return;
    };
    match what {
        Reaction::Click => counts.clicked += 1,
        Reaction::Write => counts.wrote += 1,
        Reaction::Order { cents } => {
            counts.ordered += 1;
            counts.cents += cents;
        }
        Reaction::Leave => counts.left += 1,
    }
}

/// People read a mass message; of articles the first, which the platform's statistics tell.
fn read(world: &mut World, position: usize, msg_id: i64, readers: u64, sharers: u64) {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return };
    let behaviour = account.behaviour.as_mut();
    if let Some(answered) = behaviour.and_then(|one| one.answered.get_mut(&msg_id)) {
        answered.so_far.read += readers;
        answered.so_far.shared += sharers;
    }
    let article = account.jobs.get(msg_id).and_then(|job| job.msg_data_id);
    if let Some(msg_data_id) = article {
        record_reading(account, now, ArticleKey { msg_data_id, index: 1 }, readers, sharers);
    }
}

/// Followers read an article that came as a message, and some of them passed it on; `false` when
/// there is no such article.
pub fn record_reading(
    account: &mut Account,
    now: Timestamp,
    key: ArticleKey,
    readers: u64,
    sharers: u64,
) -> bool {
    // Most who begin read to the end; the others stop evenly on the way.
    let early = readers / 10;
    let reading = Reading {
        from: ReadFrom::Message,
        readers,
        followers: readers,
        stopped_in: [early, early, early, early, readers - 4 * early],
        seconds: readers * READING_SECONDS,
    };
    let known = account.statistics.record_reading(now, key, &reading);
    if known && sharers > 0 {
        account.statistics.record_share(now, key, SharedTo::Other, sharers);
    }
    known
}
