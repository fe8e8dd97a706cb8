//! Counts, sums, first and last moments of all followers, and who of them passes a test.
//!
//! Block by block of 65,536 followers, on all processors when there is much to read. Answers are
//! kept, block by block, until something of the block changes: see [`super::answers`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::timeline::{Entry, Timeline, Wanted};
use crate::set::{Block, SPAN, kernel};

/// With fewer moments than this to read, a second processor costs more than it saves.
const WORTH_SHARING: usize = 1 << 19;

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    Count,
    Value,
    Items,
    First,
    Last,
}

/// Whether a measure lies in a range, or, with `not`, outside of it. Whoever has no first or last
/// moment passes neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    pub measure: Measure,
    pub least: i64,
    pub most: i64,
    pub not: bool,
}

/// What is added up for the followers of one block.
pub(crate) struct Sums {
    pub count: Vec<u32>,
    pub value: Vec<i64>,
    pub items: Vec<i64>,
    /// `u32::MAX`: none.
    first: Vec<u32>,
    /// One second more than it was; 0: none.
    last: Vec<u32>,
}

impl Sums {
    fn new(wanted: &Wanted) -> Self {
        let len = |is: bool| if is { SPAN as usize } else { 0 };
        Self {
            count: vec![0; len(wanted.count)],
            value: vec![0; len(wanted.value)],
            items: vec![0; len(wanted.items)],
            first: vec![u32::MAX; len(wanted.first)],
            last: vec![0; len(wanted.last)],
        }
    }

    fn clear(&mut self) {
        self.count.fill(0);
        self.value.fill(0);
        self.items.fill(0);
        self.first.fill(u32::MAX);
        self.last.fill(0);
    }

    /// Adds one row.
    pub fn add(&mut self, wanted: &Wanted, entry: Entry) {
        if !(wanted.from..=wanted.to).contains(&entry.at) {
            return;
        }
        let at = (entry.ord % SPAN) as usize;
        if wanted.count {
            self.count[at] += 1;
        }
        if wanted.value {
            self.value[at] = self.value[at].wrapping_add(entry.value);
        }
        if wanted.items {
            self.items[at] = self.items[at].wrapping_add(entry.items.into());
        }
        self.first_is(at, entry.at);
        self.last_is(at, entry.at);
    }

    pub fn first_is(&mut self, at: usize, moment: u32) {
        if let Some(first) = self.first.get_mut(at) {
            *first = (*first).min(moment);
        }
    }

    pub fn last_is(&mut self, at: usize, moment: u32) {
        if let Some(last) = self.last.get_mut(at) {
            *last = (*last).max(moment + 1);
        }
    }

    fn test(&self, test: &Test, len: usize) -> Block {
        let not = test.not;
        let words = match test.measure {
            Measure::Value | Measure::Items => {
                let sums = if test.measure == Measure::Value { &self.value } else { &self.items };
                let width = test.most.wrapping_sub(test.least) as u64;
                let (least, some) = (test.least, test.least <= test.most);
                kernel::choose(&sums[..len], |sum| {
                    (some && sum.wrapping_sub(least) as u64 <= width) != not
                })
            }
            Measure::Count => {
                let (least, width, some) = narrow(test, 0);
                kernel::choose(&self.count[..len], |count| {
                    (some && count.wrapping_sub(least) <= width) != not
                })
            }
            Measure::First => {
                let (least, width, some) = narrow(test, 0);
                kernel::choose(&self.first[..len], |first| {
                    first != u32::MAX && (some && first.wrapping_sub(least) <= width) != not
                })
            }
            Measure::Last => {
                let (least, width, some) = narrow(test, 1);
                kernel::choose(&self.last[..len], |last| {
                    last != 0 && (some && last.wrapping_sub(least) <= width) != not
                })
            }
        };
        Block::from_words(words)
    }
}

impl Test {
    /// Whether it holds of whoever did nothing.
    fn holds_of_nothing(&self) -> bool {
        match self.measure {
            Measure::First | Measure::Last => false,
            _ => (self.least..=self.most).contains(&0) != self.not,
        }
    }
}

/// The range as what is kept in 32 bits, `more` than meant: its least, its width, and whether there
/// is anything in it.
fn narrow(test: &Test, more: i64) -> (u32, u32, bool) {
    let least = test.least.max(0).saturating_add(more);
    let most = test.most.min(i64::from(u32::MAX) - 1).saturating_add(more);
    let some = least <= most && least <= i64::from(u32::MAX);
    if some { (least as u32, (most - least) as u32, true) } else { (0, 0, false) }
}

/// Whether each test holds, for the followers below `len` of the blocks named: for every block in
/// turn, the answers to the tests in theirs.
pub(crate) fn tally(
    timelines: &[&Timeline],
    len: u32,
    (from, to): (u32, u32),
    tests: &[Test],
    numbers: &[usize],
) -> Vec<Vec<Block>> {
    let is = |measure| tests.iter().any(|test| test.measure == measure);
    let wanted = Wanted {
        from,
        to,
        count: is(Measure::Count),
        value: is(Measure::Value),
        items: is(Measure::Items),
        first: is(Measure::First),
        last: is(Measure::Last),
    };
    let one = |number: usize, sums: &mut Sums| {
        let rest = len.saturating_sub(number as u32 * SPAN).min(SPAN);
        let mut touching = timelines.iter().filter(|line| line.touches(number)).peekable();
        if touching.peek().is_none() {
            let of_nothing = |test: &Test| match test.holds_of_nothing() {
                true => Block::full(rest),
                false => Block::Empty,
            };
            return tests.iter().map(of_nothing).collect();
        }
        sums.clear();
        touching.for_each(|timeline| timeline.add_to(number, &wanted, sums));
        tests.iter().map(|test| sums.test(test, rest as usize)).collect::<Vec<Block>>()
    };
    let moments: usize = timelines.iter().map(|timeline| timeline.len()).sum();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if moments < WORTH_SHARING { 1 } else { processors.min(numbers.len()).min(8) };
    if workers <= 1 {
        let mut sums = Sums::new(&wanted);
        return numbers.iter().map(|number| one(*number, &mut sums)).collect();
    }
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(numbers.len())));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut sums = Sums::new(&wanted);
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(number) = numbers.get(place) else { break };
                    let answers = one(*number, &mut sums);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((place, answers));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, answers)| answers).collect()
}
