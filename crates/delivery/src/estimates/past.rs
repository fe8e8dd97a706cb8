//! What happened, as the store and the books know it: who was sent which campaign when, who was
//! left out of it by chance, and what every follower did before and after.
//!
//! A message and a follower are an example once its days are over, unless the follower got another
//! message within these days before or after it: then nobody could tell which of the two it was.
//! Messages whose outcome is not known yet are nobody's example, and set others aside like any.

use std::collections::{BTreeMap, HashMap};

use audience::{Index, Set, Timeline};
use ledger::Effect;
use planner::learn::examples::{Example, Examples, MOST_KINDS};
use planner::learn::traits::{ACT_DAYS, ANSWER_DAYS, ORDER_DAYS};
use planner::learn::{Answers, Known, Traits};
use store::batch::BatchState;
use store::{CampaignId, campaign};
use wire::calendar::DAY_SECONDS;
use wire::{Month, Timestamp};

use crate::books::{Books, effect, read_set, recipients};
use crate::campaign::{GENERAL, wish};
use crate::error::Error;
use crate::owner::Owner;

/// Months before this one that are learned from.
const MONTHS: i32 = 6;
/// Calls of a campaign within so many seconds are one message.
const ONE_MESSAGE: i64 = 3_600;
/// Examples of people left out, so that they alone are compared with.
const LEAST_HELD_OUT: usize = 500;
/// What followers do that counts as an act.
const ACTS: [&str; 4] = ["click", "view", "message", "scan"];
/// Followers looked at between two moments at which the books may change.
const CHUNK: u32 = 65_536;

/// With whom those who were sent a message are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// With those whom their campaigns left out by chance.
    HeldOut,
    /// With others who followed and were not sent it: nobody, or nearly nobody, was left out.
    NotSent,
}

/// One message: the calls of a campaign that went out together, or a send from elsewhere.
struct Message {
    at: i64,
    campaign: Option<CampaignId>,
    /// Place of its kind, where it can be learned from.
    kind: Option<u8>,
    /// Whoever may have received it.
    people: Set,
    /// Those whose batch has come to its end.
    settled: Set,
    /// The first of its campaign.
    first: bool,
}

/// What happened in the last months.
pub(crate) struct Past {
    messages: Vec<Message>,
    held_out: BTreeMap<usize, Set>,
    left_at: HashMap<u32, i64>,
    kinds: Vec<String>,
    chosen: Vec<(String, Set)>,
    /// Days over which orders count for a message.
    pub(crate) days: u32,
    pub(crate) from: Timestamp,
    now: Timestamp,
    pub(crate) compared: Compared,
    pub(crate) sends: usize,
}

/// One follower's acts, as far as they matter here.
struct Person {
    /// Moment and cents, oldest first.
    orders: Vec<(i64, i64)>,
    acts: Vec<i64>,
    /// Places of the messages they may have received, oldest first.
    received: Vec<usize>,
    since: Option<i64>,
    chosen: u8,
}

/// How many messages to people teach nothing, because another one came close by.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SetAside(pub(crate) u64);

impl Past {
    /// Reads who was sent what from the store.
    pub(crate) async fn read(
        owner: &Owner,
        days: u32,
        chosen: Vec<(String, Set)>,
    ) -> Result<Self, Error> {
        let (store, account, now) = (&owner.store, owner.id(), owner.now());
        let first = Month(now.month().0 - MONTHS);
        let from = first.start();
        let mut kinds: Vec<String> = Vec::new();
        let mut kind_of = HashMap::new();
        let mut campaigns = campaign::list(store, account).await?;
        campaigns.reverse();
        for found in &campaigns {
            let word = wish(found)?.kind.unwrap_or_else(|| GENERAL.to_owned());
            let place = kinds.iter().position(|kind| *kind == word).unwrap_or_else(|| {
                kinds.push(word);
                kinds.len() - 1
            });
            if place < MOST_KINDS {
                kind_of.insert(found.id, place as u8);
            }
        }
        kinds.truncate(MOST_KINDS);
        let mut messages: Vec<Message> = Vec::new();
        for number in first.0..=now.month().0 {
            for batch in store::batch::of_month(store, account, Month(number)).await? {
                let moment = batch.head.called_at.or(batch.head.intended_at);
                let (Some(at), true) = (moment, effect(&batch.head) != Effect::Nothing) else {
                    continue;
                };
                let people = recipients(&batch)?;
                let settled = batch.head.state == BatchState::Settled;
                let campaign = batch.head.campaign;
                let same = messages.iter_mut().rev().find(|message| {
                    campaign.is_some()
                        && message.campaign == campaign
                        && (at.0 - message.at).abs() < ONE_MESSAGE
                });
                let message = match same {
                    Some(message) => message,
                    None => {
                        let kind = campaign.and_then(|id| kind_of.get(&id).copied());
                        let (people, settled) = (Set::new(), Set::new());
                        let at = at.0;
                        messages.push(Message {
                            at,
                            campaign,
                            kind,
                            people,
                            settled,
                            first: false,
                        });
                        let Some(message) = messages.last_mut() else { continue };
                        message
                    }
                };
                message.at = message.at.min(at.0);
                message.people.or_with(&people);
                if settled {
                    message.settled.or_with(&people);
                }
            }
        }
        messages.sort_by_key(|message| (message.at, message.campaign));
        let mut seen = Vec::new();
        for message in &mut messages {
            message.first = message.campaign.is_some() && !seen.contains(&message.campaign);
            seen.push(message.campaign);
        }
        let mut past = Self {
            messages,
            held_out: BTreeMap::new(),
            left_at: store::follower::leaves_since(store, account, from)
                .await?
                .into_iter()
                .map(|(ord, at)| (ord, at.0))
                .collect(),
            kinds,
            chosen,
            days,
            from,
            now,
            compared: Compared::NotSent,
            sends: 0,
        };
        past.sends = past.messages.iter().filter(|message| past.is_over(message)).count();
        past.read_hold_outs(owner).await?;
        Ok(past)
    }

    async fn read_hold_outs(&mut self, owner: &Owner) -> Result<(), Error> {
        let mut people = 0;
        for (id, bytes) in campaign::hold_outs(&owner.store, owner.id()).await? {
            let place = self.messages.iter().position(|message| {
                message.campaign == Some(id) && message.first && self.is_over(message)
            });
            if let Some(place) = place {
                let held_out = read_set("the hold-out of a campaign", &bytes)?;
                people += held_out.len();
                self.held_out.insert(place, held_out);
            }
        }
        if people >= LEAST_HELD_OUT {
            self.compared = Compared::HeldOut;
        }
        Ok(())
    }

    fn seconds(&self) -> i64 {
        i64::from(self.days) * DAY_SECONDS
    }

    /// Whether it can be learned from: its days are over, and its kind is known.
    fn is_over(&self, message: &Message) -> bool {
        message.kind.is_some() && message.at + self.seconds() <= self.now.0
    }

    /// The place of a kind.
    pub(crate) fn kind(&self, word: &str) -> Option<u8> {
        self.kinds.iter().position(|kind| kind == word).and_then(|place| u8::try_from(place).ok())
    }

    /// Everything that can be learned from. The books are asked for again and again, so that others
    /// can move them in between.
    pub(crate) fn examples(&self, owner: &Owner) -> (Examples, SetAside) {
        let chosen = self.chosen.iter().map(|(name, _)| name.clone()).collect();
        let mut examples = Examples::new(self.kinds.clone(), chosen);
        let mut aside = SetAside::default();
        let known = owner.books.blocking_read().index.len();
        for start in (0..known).step_by(CHUNK as usize) {
            let end = start.saturating_add(CHUNK).min(known);
            let books = owner.books.blocking_read();
            self.add_chunk(&books, start..end, &mut examples, &mut aside);
        }
        (examples, aside)
    }

    fn add_chunk(
        &self,
        books: &Books,
        ordinals: std::ops::Range<u32>,
        examples: &mut Examples,
        aside: &mut SetAside,
    ) {
        let received = self.received(ordinals.clone());
        let mut held_out: Vec<Vec<usize>> = vec![Vec::new(); received.len()];
        for (place, people) in &self.held_out {
            for ord in members(people, &ordinals) {
                held_out[(ord - ordinals.start) as usize].push(*place);
            }
        }
        let acts = timelines(&books.index);
        for ((ord, received), held_out) in ordinals.zip(received).zip(held_out) {
            if !books.index.knows(ord) {
                continue;
            }
            let left_out = match self.compared {
                Compared::HeldOut => held_out,
                Compared::NotSent => self.not_sent(&books.index, ord, &received),
            };
            let sent = received.iter().filter(|place| {
                let message = &self.messages[**place];
                self.is_over(message) && message.settled.contains(ord)
            });
            let cases: Vec<(usize, bool)> = sent
                .map(|place| (*place, true))
                .chain(left_out.into_iter().map(|place| (place, false)))
                .collect();
            if cases.is_empty() {
                continue;
            }
            let person = self.person(&books.index, &acts, ord, received);
            for (place, sent) in cases {
                if self.is_alone(&person, place) {
                    examples.add(&self.example(&person, ord, place, sent));
                } else {
                    aside.0 += 1;
                }
            }
        }
    }

    /// The messages each of these may have received, oldest first.
    fn received(&self, ordinals: std::ops::Range<u32>) -> Vec<Vec<usize>> {
        let mut received = vec![Vec::new(); ordinals.len()];
        for (place, message) in self.messages.iter().enumerate() {
            for ord in members(&message.people, &ordinals) {
                received[(ord - ordinals.start) as usize].push(place);
            }
        }
        received
    }

    /// The messages that went to others while this one followed.
    fn not_sent(&self, index: &Index, ord: u32, received: &[usize]) -> Vec<usize> {
        let since = index.subscribed_at(ord).map_or(i64::MIN, |at| at.0);
        let until = match self.left_at.get(&ord) {
            Some(at) => *at,
            None if index.following().contains(ord) => i64::MAX,
            None => i64::MIN,
        };
        let mine: Vec<Option<CampaignId>> =
            received.iter().map(|place| self.messages[*place].campaign).collect();
        let others = self.messages.iter().enumerate().filter(|(_, message)| {
            message.first
                && self.is_over(message)
                && (since..until).contains(&message.at)
                && !mine.contains(&message.campaign)
        });
        others.map(|(place, _)| place).collect()
    }

    /// Whether no other message came within the days before or after.
    fn is_alone(&self, person: &Person, place: usize) -> bool {
        let at = self.messages[place].at;
        person
            .received
            .iter()
            .all(|other| *other == place || (self.messages[*other].at - at).abs() >= self.seconds())
    }

    fn example(&self, person: &Person, ordinal: u32, place: usize, sent: bool) -> Example {
        let message = &self.messages[place];
        let kind = message.kind.unwrap_or_default();
        let end = message.at + self.seconds();
        let within = |at: i64| (message.at..end).contains(&at);
        let orders = person.orders.iter().filter(|(at, _)| within(*at));
        let (count, cents) =
            orders.fold((0, 0), |(count, sum), (_, cents)| (count + 1, sum + cents));
        let known = self.known(person, message.at, message.kind);
        Example {
            ordinal,
            traits: Traits::of(&known),
            kind,
            sent,
            ordered: count > 0,
            cents,
            left: self.left_at.get(&ordinal).is_some_and(|at| within(*at)),
        }
    }

    fn person(&self, index: &Index, acts: &[&Timeline], ord: u32, received: Vec<usize>) -> Person {
        let mut moments: Vec<i64> =
            acts.iter().flat_map(|line| line.of(ord)).map(|row| row.at.0).collect();
        moments.sort_unstable();
        let chosen = self.chosen.iter().enumerate();
        Person {
            orders: index.orders().of(ord).iter().map(|row| (row.at.0, row.value)).collect(),
            acts: moments,
            received,
            since: index.subscribed_at(ord).map(|at| at.0),
            chosen: chosen.fold(0, |bits, (place, (_, people))| {
                bits | u8::from(people.contains(ord)) << place
            }),
        }
    }

    /// What was known of somebody just before a moment.
    fn known(&self, person: &Person, at: i64, kind: Option<u8>) -> Known {
        let day = |moment: i64| u32::try_from((at - moment) / DAY_SECONDS).unwrap_or(0);
        let back = |days: u32| at - i64::from(days) * DAY_SECONDS;
        let orders = &person.orders[..person.orders.partition_point(|(moment, _)| *moment < at)];
        let acts = &person.acts[..person.acts.partition_point(|moment| *moment < at)];
        let year = &orders[orders.partition_point(|(moment, _)| *moment < back(ORDER_DAYS))..];
        let lately = acts.len() - acts.partition_point(|moment| *moment < back(ACT_DAYS));
        let month = Timestamp(at).month();
        let mut known = Known {
            days_since_order: orders.last().map(|(moment, _)| day(*moment)),
            orders: count(year.len()),
            cents: year.iter().map(|(_, cents)| cents).sum(),
            days_since_act: acts.last().map(|moment| day(*moment)),
            acts: count(lately),
            days_following: person.since.filter(|since| *since <= at).map(day),
            chosen: person.chosen,
            ..Known::default()
        };
        for message in person.received.iter().map(|place| &self.messages[*place]) {
            if message.at >= at {
                break;
            }
            known.received += u32::from(Timestamp(message.at).month() == month);
            if message.at < back(ANSWER_DAYS) || message.campaign.is_none() {
                continue;
            }
            let end = at.min(message.at + self.seconds());
            let within = |moment: i64| (message.at..end).contains(&moment);
            let answered = acts.iter().any(|moment| within(*moment))
                || orders.iter().any(|(moment, _)| within(*moment));
            let answers = if message.kind.is_some() && message.kind == kind {
                &mut known.same_kind
            } else {
                &mut known.other_kinds
            };
            let Answers { received, answered: so_far } = answers;
            *received += 1;
            *so_far += u32::from(answered);
        }
        known
    }

    /// What people are like now, for a campaign of this kind, in the order of their ordinals.
    pub(crate) fn now(&self, owner: &Owner, people: &Set, kind: Option<u8>) -> Vec<Traits> {
        let mut all = Vec::with_capacity(people.len());
        let end = people.last().map_or(0, |last| last + 1);
        for start in (0..end).step_by(CHUNK as usize) {
            let ordinals = start..start.saturating_add(CHUNK).min(end);
            let mut received = self.received(ordinals.clone());
            let books = owner.books.blocking_read();
            let acts = timelines(&books.index);
            for ord in members(people, &ordinals) {
                let received = std::mem::take(&mut received[(ord - start) as usize]);
                let person = self.person(&books.index, &acts, ord, received);
                all.push(Traits::of(&self.known(&person, self.now.0 + 1, kind)));
            }
        }
        all
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn timelines(index: &Index) -> Vec<&Timeline> {
    ACTS.iter().filter_map(|kind| index.events(kind)).flat_map(BTreeMap::values).collect()
}

fn members(people: &Set, ordinals: &std::ops::Range<u32>) -> impl Iterator<Item = u32> {
    let end = ordinals.end;
    people.iter_from(ordinals.start).take_while(move |ord| *ord < end)
}
