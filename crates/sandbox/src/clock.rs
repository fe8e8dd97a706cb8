//! What is due, and moving time over it.
//!
//! Everything due is carried out strictly in order of time, at its own moment, and what is due in
//! the same second in the order it was planned. Where time is moved by hand a push is awaited
//! before the next thing happens, so whoever moves the clock finds every receiver to have answered.
//! Where time passes by itself pushes go out in the same order beside it: a slow receiver does not
//! stop the clock.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wire::{Day, Timestamp};

use crate::population::behaviour;
use crate::population::people::Act;
use crate::push;
use crate::world::{Shared, World};

/// Longest the world is held for what is due, before others may look at it.
const LONGEST_HOLD: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Something that will happen.
#[derive(Debug, Clone)]
pub enum Due {
    /// A mass job is carried out.
    Job {
        /// Whose.
        account: usize,
        /// Which.
        msg_id: i64,
    },
    /// The administrator's time to confirm a mass job is over.
    Confirmation {
        /// Whose.
        account: usize,
        /// Which.
        msg_id: i64,
    },
    /// A notice arrives.
    Notice(Box<crate::inbox::Delivery>),
    /// A publication is done.
    Publication {
        /// Whose.
        account: usize,
        /// Which.
        publish_id: i64,
    },
    /// A third-party platform's ticket is made and pushed.
    Ticket {
        /// Whose.
        component: usize,
    },
    /// A callback is pushed.
    Push(Box<push::Waiting>),
    /// A callback that nothing overtook in time is pushed.
    Release {
        /// Whose.
        to: push::To,
    },
    /// An evening begins: what people do is drawn.
    Evening {
        /// Whose people.
        account: usize,
        /// Which day.
        day: Day,
    },
    /// A day of people whose behaviour was described begins.
    Day {
        /// Whose people.
        account: usize,
        /// Which day.
        day: Day,
    },
    /// A person acts.
    Act {
        /// Whose.
        account: usize,
        /// What they do.
        act: Act,
    },
}

#[derive(Debug, Clone)]
struct Entry {
    at: Timestamp,
    number: i64,
    due: Due,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// Turned round: the heap gives its greatest, which is the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

/// What is due, earliest first.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    heap: BinaryHeap<Entry>,
    added: i64,
    put_back: i64,
}

impl Queue {
    /// Plans something.
    pub fn add(&mut self, at: Timestamp, due: Due) {
        self.added += 1;
        self.heap.push(Entry { at, number: self.added, due });
    }

    /// Plans something that was taken out before, ahead of everything due in the same second.
    pub fn put_back(&mut self, at: Timestamp, due: Due) {
        self.put_back -= 1;
        self.heap.push(Entry { at, number: self.put_back, due });
    }

    /// When the next thing happens.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.heap.peek().map(|entry| entry.at)
    }

    /// The next things to happen, earliest first, at most `most` of them.
    #[must_use]
    pub fn upcoming(&self, most: usize) -> Vec<(Timestamp, &Due)> {
        let mut entries: Vec<&Entry> = self.heap.iter().collect();
        // Turned round, as the entries are: the greatest is the earliest.
        let earlier = |one: &&Entry, other: &&Entry| other.cmp(one);
        if entries.len() > most {
            entries.select_nth_unstable_by(most, earlier);
            entries.truncate(most);
        }
        entries.sort_unstable_by(earlier);
        entries.iter().map(|entry| (entry.at, &entry.due)).collect()
    }

    /// How many things have been planned since the start.
    #[must_use]
    pub fn planned(&self) -> i64 {
        self.added
    }

    /// The next thing, if it happens by `to`.
    pub fn take_due(&mut self, to: Timestamp) -> Option<(Timestamp, Due)> {
        if self.next_at()? > to {
            return None;
        }
        self.heap.pop().map(|entry| (entry.at, entry.due))
    }
}

/// What a move of the clock brought about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Callbacks the receivers took.
    pub pushed: u64,
    /// Attempts that failed.
    pub failed: u64,
}

/// Carries out everything due by `to`, in order, and leaves the clock there; `None` when another
/// world took the place of the one that was to be moved.
pub async fn run_to(shared: &Shared, to: Timestamp) -> Option<Moved> {
    let _turn = shared.turn.lock().await;
    run_due(shared, to).await
}

/// Carries out what is due now, unless somebody is moving the clock, who will do it. Waiting for
/// them could be waiting for a receiver that waits for this.
pub async fn run_now(shared: &Shared) {
    if let Ok(_turn) = shared.turn.try_lock() {
        let now = shared.world().now();
        run_due(shared, now).await;
    }
}

async fn run_due(shared: &Shared, to: Timestamp) -> Option<Moved> {
    let mut moved = Moved::default();
    let generation = shared.world().generation();
    loop {
        // The guard ends with this block, before anything is awaited.
        let step = {
            let mut world = shared.world();
            if world.generation() != generation {
                return None;
            }
            // Somebody let time pass by itself: who follows it does the rest.
            if !world.is_manual() {
                return Some(moved);
            }
            step(&mut world, to)
        };
        match step {
            Step::Done => return Some(moved),
            Step::More => tokio::task::yield_now().await,
            Step::Push(delivery) => {
                if send(shared, generation, *delivery).await {
                    moved.pushed += 1;
                } else {
                    moved.failed += 1;
                }
            }
        }
    }
}

/// Makes one attempt and writes down how it ended; says whether the receiver took it.
async fn send(shared: &Shared, generation: u64, delivery: push::Delivery) -> bool {
    tokio::time::sleep(delivery.pause).await;
    let outcome = push::attempt(&shared.client, &delivery).await;
    let taken = outcome.is_taken();
    let mut world = shared.world();
    if world.generation() == generation {
        push::settle(&mut world, delivery, outcome);
    }
    taken
}

enum Step {
    /// A push has to go out before anything else happens.
    Push(Box<push::Delivery>),
    /// Others should have the world for a moment.
    More,
    /// Nothing is due any more.
    Done,
}

/// Carries out what is due until a push has to go out or the world was held long enough.
fn step(world: &mut World, to: Timestamp) -> Step {
    let started = Instant::now();
    while let Some((at, due)) = world.queue.take_due(to) {
        world.advance(at);
        if let Some(push) = carry_out(world, due)
            && let Some(delivery) = push::prepare(world, push)
        {
            return Step::Push(Box::new(delivery));
        }
        if started.elapsed() > LONGEST_HOLD {
            return Step::More;
        }
    }
    world.advance(to);
    Step::Done
}

/// Where time passes by itself: moves it to where it should be by now, over everything due on the
/// way; pushes are laid out to be sent. Where there is more to do than fits into a moment, time
/// lags behind its pace rather than skipping anything.
pub fn catch_up(world: &mut World) {
    let Some(to) = world.pace().target() else { return };
    let started = Instant::now();
    while let Some((at, due)) = world.queue.take_due(to) {
        world.advance(at);
        if let Some(push) = carry_out(world, due) {
            world.outgoing.push_back(push);
        }
        if started.elapsed() > LONGEST_HOLD {
            return;
        }
    }
    world.advance(to);
}

/// Carries out one thing; a push is given back to be sent.
fn carry_out(world: &mut World, due: Due) -> Option<push::Waiting> {
    match due {
        Due::Job { account, msg_id } => crate::api::mass::run::carry_out(world, account, msg_id),
        Due::Confirmation { account, msg_id } => {
            crate::api::mass::protection::time_out(world, account, msg_id);
        }
        Due::Notice(delivery) => push::notices::deliver(world, *delivery),
        Due::Publication { account, publish_id } => {
            crate::api::publish::publication::carry_out(world, account, publish_id);
        }
        Due::Evening { account, day } => begin_evening(world, account, day),
        Due::Day { account, day } => behaviour::begin_day(world, account, day),
        Due::Act { account, act } => crate::push::events::act(world, account, act),
        Due::Ticket { component } => crate::component::notice::push_due_ticket(world, component),
        Due::Push(push) => return Some(*push),
        Due::Release { to } => push::release_overdue(world, to),
    }
    None
}

fn begin_evening(world: &mut World, position: usize, day: Day) {
    let now = world.now();
    if let Some((account, queue, _)) = world.parts(position) {
        account.evening_planned = false;
        let touched = account.touched_today(now);
        for (at, act) in account.habits.evening(&account.people, &touched, day) {
            queue.add(at, Due::Act { account: position, act });
        }
        let next = day.next();
        if account.habits.are_lively() {
            account.evening_planned = true;
            let at = next.at(account.habits.from_hour, 0);
            queue.add(at, Due::Evening { account: position, day: next });
        }
    }
}

async fn send_outgoing(shared: &Shared) {
    let _turn = shared.turn.lock().await;
    loop {
        let (delivery, generation) = {
            let mut world = shared.world();
            let Some(push) = world.outgoing.pop_front() else { return };
            (push::prepare(&mut world, push), world.generation())
        };
        if let Some(delivery) = delivery {
            send(shared, generation, delivery).await;
        }
    }
}

/// Where time passes by itself: keeps it moving, and sends what has to go out. Ends only with the
/// process.
pub async fn follow(shared: Arc<Shared>) {
    loop {
        let manual = shared.world().is_manual();
        // The turn of a clock moved by hand is not for taking.
        if !manual {
            send_outgoing(&shared).await;
        }
        let next = {
            let world = shared.world();
            world.queue.next_at().and_then(|next| world.pace().until(next))
        };
        // Something planned meanwhile rings the bell; the minute is a second line.
        let wait = next.unwrap_or(LONGEST_WAIT).clamp(SHORTEST_WAIT, LONGEST_WAIT);
        let _ = tokio::time::timeout(wait, shared.bell.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_equals_keep_their_order() {
        let mut queue = Queue::default();
        for (at, msg_id) in [(30, 1), (10, 2), (10, 3), (20, 4)] {
            queue.add(Timestamp(at), Due::Job { account: 0, msg_id });
        }
        let mut order = Vec::new();
        while let Some((_, Due::Job { msg_id, .. })) = queue.take_due(Timestamp(20)) {
            order.push(msg_id);
        }
        assert_eq!(order, [2, 3, 4]);
        assert_eq!(queue.next_at(), Some(Timestamp(30)));
    }
}
