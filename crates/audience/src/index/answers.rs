//! Answers to questions about what followers did, kept until something they rest on changes.
//!
//! An answer is kept in blocks, each with the versions of what it was read from: after an order of
//! one follower only their block is read again. What an answer holds for later moments too is told
//! from the latest moment of each block. Kept answers are a convenience: they are never written
//! down, and a clone of an index begins without any.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Index;
use super::tally::{Test, tally};
use super::timeline::{Timeline, second};
use crate::Set;
use crate::index::Span;
use crate::set::{Block, SPAN};

/// So many answers are kept; of ten million followers one takes 1.25 MB at most.
const KEPT: usize = 48;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Orders,
    /// A kind of event, and perhaps only those of one key.
    Events(String, Option<String>),
    /// A product in orders, by number or name.
    Bought(String),
}

/// A question: who did so much from when to when.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub source: Source,
    pub span: Span,
    /// Whether the span ends now and goes on with time.
    pub open: bool,
    pub test: Test,
}

/// The source, when the span begins and, unless it goes on, ends, and the test.
type Key = (Source, u32, Option<u32>, Test);

#[derive(Debug, Clone)]
struct Kept {
    members: Arc<Set>,
    versions: Vec<u64>,
    len: u32,
    to: u32,
    used: u64,
}

/// The kept answers of an index.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    kept: Mutex<(u64, BTreeMap<Key, Kept>)>,
}

impl Clone for Answers {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Ask {
    fn seconds(&self) -> (u32, u32) {
        (second(self.span.from), second(self.span.to))
    }

    fn key(&self) -> Key {
        let (from, to) = self.seconds();
        (self.source.clone(), from, Some(to).filter(|_| !self.open), self.test)
    }
}

impl Index {
    /// Who passes, for each question in turn. Questions about the same source and span are
    /// answered in one reading.
    pub(crate) fn answer(&self, asks: &[Ask]) -> Vec<Arc<Set>> {
        let mut answers: Vec<Option<Arc<Set>>> = vec![None; asks.len()];
        for place in 0..asks.len() {
            if answers[place].is_some() {
                continue;
            }
            let same = |other: &Ask| {
                other.source == asks[place].source && other.seconds() == asks[place].seconds()
            };
            let group: Vec<usize> =
                (place..asks.len()).filter(|other| same(&asks[*other])).collect();
            let together: Vec<&Ask> = group.iter().map(|other| &asks[*other]).collect();
            for (other, answer) in group.iter().zip(self.answer_together(&together)) {
                answers[*other] = Some(answer);
            }
        }
        answers.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn answer_together(&self, asks: &[&Ask]) -> Vec<Arc<Set>> {
        let Some(first) = asks.first() else { return Vec::new() };
        let (from, to) = first.seconds();
        let timelines = self.timelines(&first.source);
        let blocks = self.len().div_ceil(SPAN) as usize;
        let version = |number: usize| timelines.iter().map(|line| line.version(number)).sum();
        let versions: Vec<u64> = (0..blocks).map(version).collect();
        let latest: Vec<u32> = (0..blocks)
            .map(|number| timelines.iter().map(|line| line.latest(number)).max().unwrap_or(0))
            .collect();
        let kept: Vec<Option<Kept>> =
            asks.iter().map(|ask| self.answers.find(&ask.key())).collect();
        let stale = |number: usize, kept: &Kept| {
            kept.versions.get(number) != versions.get(number)
                || (kept.to != to && latest[number] > kept.to.min(to))
                || (kept.len != self.len() && number >= (kept.len.min(self.len()) / SPAN) as usize)
        };
        let numbers: Vec<usize> = (0..blocks)
            .filter(|number| {
                kept.iter().any(|kept| kept.as_ref().is_none_or(|kept| stale(*number, kept)))
            })
            .collect();
        let tests: Vec<Test> = asks.iter().map(|ask| ask.test).collect();
        let mut read = tally(&timelines, self.len(), (from, to), &tests, &numbers);
        let mut found = Vec::with_capacity(asks.len());
        for (place, (ask, kept)) in asks.iter().zip(kept).enumerate() {
            let members = match kept {
                Some(kept) if numbers.is_empty() => kept.members,
                kept => {
                    let old = kept.map(|kept| kept.members).unwrap_or_default();
                    let mut whole: Vec<Block> = Vec::with_capacity(blocks);
                    let mut fresh = numbers.iter().zip(&mut read).peekable();
                    for number in 0..blocks {
                        whole.push(match fresh.next_if(|(next, _)| **next == number) {
                            Some((_, answers)) => std::mem::take(&mut answers[place]),
                            None => old.block(number).clone(),
                        });
                    }
                    Arc::new(Set::from_blocks(whole))
                }
            };
            let (len, members_kept) = (self.len(), Arc::clone(&members));
            let versions = versions.clone();
            let kept = Kept { members: members_kept, versions, len, to, used: 0 };
            self.answers.keep(ask.key(), kept);
            found.push(members);
        }
        found
    }

    pub(crate) fn timelines(&self, source: &Source) -> Vec<&Timeline> {
        match source {
            Source::Orders => vec![self.orders()],
            Source::Bought(product) => self.bought(product),
            Source::Events(kind, None) => {
                self.events(kind).into_iter().flat_map(BTreeMap::values).collect()
            }
            Source::Events(kind, Some(key)) => {
                self.events(kind).and_then(|keys| keys.get(key)).into_iter().collect()
            }
        }
    }
}

impl Answers {
    fn find(&self, key: &Key) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).1.get(key).cloned()
    }

    fn keep(&self, key: Key, mut kept: Kept) {
        let mut guard = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (clock, all) = &mut *guard;
        *clock += 1;
        kept.used = *clock;
        all.insert(key, kept);
        if all.len() > KEPT {
            let oldest = all.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone());
            oldest.and_then(|key| all.remove(&key));
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).1.clear();
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1.values().map(|kept| kept.members.memory() + kept.versions.len() * 8).sum()
    }
}
