//! The whole state behind one lock: accounts, queue of what is due, faults, logs.
//!
//! The lock is never held over an await; every change is made by one call of a function here or
//! below, so a dropped connection leaves no half-made change.
//!
//! The world can be cloned, and a clone shares nothing that changes: that is what a snapshot is
//! (`snapshots`). State therefore lives in [`World`] alone, never in [`Shared`], a static or a
//! task, and whatever a family keeps derives `Clone`. A world put in the place of another has
//! another generation; who awaited something meanwhile compares it before writing.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde::Serialize;
use wire::rules::{AccountKind, Limits};
use wire::{AppId, Day, Timestamp};

use crate::Error;
use crate::account::Account;
use crate::api::mass::original::Original;
use crate::api::oauth::grant::Grants;
use crate::api::refusal::Refused;
use crate::api::request::FailedCalls;
use crate::chance::Chance;
use crate::clock::{self, Due, Queue};
use crate::component::Components;
use crate::doors::Told;
use crate::faults::Faults;
use crate::pace::{MOST_FACTOR, Pace, wall_clock};
use crate::push::{To, Waiting};
use crate::snapshots::Snapshots;
use crate::spec::{AccountSpec, ClockMode, Config, Unusable};

const CALL_RECORDS: usize = 20_000;

/// One answered call.
#[derive(Debug, Clone, Serialize)]
pub struct CallRecord {
    /// When, on the sandbox's clock.
    pub at: Timestamp,
    /// Which path.
    pub path: &'static str,
    /// `errcode` of the answer, 0 for success; absent when the connection was cut instead.
    pub errcode: Option<i64>,
    /// The id at the end of a refusal's `errmsg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// The fault that struck the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// Real milliseconds it took.
    pub ms: u64,
}

/// Log and totals of the platform's calls.
#[derive(Clone, Default)]
pub struct Calls {
    recent: VecDeque<CallRecord>,
    totals: HashMap<&'static str, u64>,
}

impl Calls {
    /// Adds a call.
    pub fn record(&mut self, record: CallRecord) {
        *self.totals.entry(record.path).or_default() += 1;
        if self.recent.len() == CALL_RECORDS {
            self.recent.pop_front();
        }
        self.recent.push_back(record);
    }

    /// The newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &CallRecord> {
        self.recent.iter().rev()
    }

    /// Calls per path since the start.
    #[must_use]
    pub fn totals(&self) -> &HashMap<&'static str, u64> {
        &self.totals
    }
}

/// Everything there is.
#[derive(Clone)]
pub struct World {
    generation: u64,
    /// The push somebody awaits the answer of.
    under_way: Option<Waiting>,
    /// Pushes that are due while time passes by itself, in their order. They wait here for the
    /// receiver, so that nothing else has to.
    pub outgoing: VecDeque<Waiting>,
    /// Callbacks held back to come after another, and until when, by account.
    pub held_back: BTreeMap<To, (Timestamp, Waiting)>,
    pace: Pace,
    now: Timestamp,
    rules_as_of: Option<Day>,
    accounts: Vec<Account>,
    by_appid: HashMap<AppId, usize>,
    /// Which account a token was given to.
    pub tokens: HashMap<String, usize>,
    /// Codes and tokens of people who signed in to web pages.
    pub web: Grants,
    /// Third-party platforms.
    pub components: Components,
    /// Open Platform accounts that calls have made, and their legal subjects.
    pub open_platforms: BTreeMap<AppId, String>,
    /// What is due, and when.
    pub queue: Queue,
    /// The library that articles are held against before they are sent.
    pub originals: Vec<Original>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Log of calls.
    pub calls: Calls,
    /// Refused calls, by their ids.
    pub failed_calls: FailedCalls,
    /// Draws that belong to no account: request ids, nonces.
    pub chance: Chance,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(mode: ClockMode, rules_as_of: Option<Day>) -> Self {
        let (now, pace) = match mode {
            ClockMode::Manual(now) => (now, Pace::Manual),
            ClockMode::Real => (wall_clock(), Pace::Real),
            ClockMode::Running { from, factor } => {
                (from, Pace::running(factor.clamp(1, MOST_FACTOR), from))
            }
        };
        Self {
            generation: 0,
            under_way: None,
            outgoing: VecDeque::new(),
            held_back: BTreeMap::new(),
            pace,
            now,
            rules_as_of,
            accounts: Vec::new(),
            by_appid: HashMap::new(),
            tokens: HashMap::new(),
            web: Grants::default(),
            components: Components::default(),
            open_platforms: BTreeMap::new(),
            queue: Queue::default(),
            originals: Vec::new(),
            faults: Faults::default(),
            calls: Calls::default(),
            failed_calls: FailedCalls::default(),
            chance: Chance::new(0x5eed),
        }
    }

    /// The world a sandbox starts with.
    ///
    /// # Errors
    /// When an account's description is unusable, or no limits are known for the day of the clock.
    pub fn begin(config: &Config) -> Result<Self, Error> {
        let mut world = Self::new(config.clock, config.rules_as_of);
        Limits::on(world.rules_day(), AccountKind::Service)?;
        for (position, spec) in config.accounts.iter().enumerate() {
            world
                .add_account(spec.clone())
                .map_err(|reason| Error::Account { position, reason })?;
        }
        Ok(world)
    }

    /// Which world this is: one that takes another's place has a greater number.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Says that this push goes out now, or that none does any more.
    pub fn set_under_way(&mut self, push: Option<Waiting>) {
        self.under_way = push;
    }

    /// A copy that can go on by itself. The push under way waits in it as the next thing due, so
    /// that it is not lost: the receiver may get it once more.
    #[must_use]
    pub fn picture(&self) -> Self {
        let mut picture = self.clone();
        match picture.under_way.take() {
            Some(push) if picture.is_manual() => {
                picture.queue.put_back(picture.now, Due::Push(Box::new(push)));
            }
            Some(push) => picture.outgoing.push_front(push),
            None => {}
        }
        picture
    }

    /// The sandbox's own time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How time passes.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Whether time stands still between moves.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.pace, Pace::Manual)
    }

    /// Lets time pass in another way from now on. Pushes that wait for their receiver become the
    /// next things due when time stops.
    ///
    /// # Errors
    /// The machine's own time, when the sandbox's is ahead of it: time never goes back.
    pub fn set_pace(&mut self, pace: Pace) -> Result<(), Timestamp> {
        let machine = wall_clock();
        if matches!(pace, Pace::Real) && machine < self.now {
            return Err(machine);
        }
        self.pace = pace;
        if self.is_manual() {
            for push in std::mem::take(&mut self.outgoing).into_iter().rev() {
                self.queue.put_back(self.now, Due::Push(Box::new(push)));
            }
        }
        Ok(())
    }

    /// Takes up the pace again after a rest in a snapshot.
    pub fn resume(&mut self) {
        self.pace = self.pace.resumed(self.now);
    }

    /// Moves time forward; never back.
    pub fn advance(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
    }

    /// The day whose limits hold.
    #[must_use]
    pub fn rules_day(&self) -> Day {
        self.rules_as_of.unwrap_or_else(|| self.now().day())
    }

    /// The limits that hold for this account now.
    ///
    /// # Errors
    /// Answers as the platform does when it cannot work: −1. Happens only when the clock stands
    /// before the first dated limit, which [`crate::Sandbox::start`] refuses.
    pub fn limits(&self, account: &Account) -> Result<Limits, Refused> {
        let day = self.rules_day();
        let limits = match account.is_test {
            true => Limits::of_test_account(day),
            false => Limits::on(day, account.kind),
        };
        limits.map_err(|error| {
            tracing::error!(%error, "no limits are known for this day");
            Refused::new(-1)
        })
    }

    /// Adds an account; says its position.
    ///
    /// # Errors
    /// When the description cannot be used or its developer id is taken.
    pub fn add_account(&mut self, spec: AccountSpec) -> Result<usize, Unusable> {
        let position = self.accounts.len();
        let now = self.now();
        if let Some(appid) = spec.appid.as_ref().filter(|id| self.by_appid.contains_key(id)) {
            return Err(Unusable::Taken(appid.clone()));
        }
        let account = Account::new(spec, position, now)?;
        if self.by_appid.contains_key(&account.appid) {
            return Err(Unusable::Taken(account.appid));
        }
        self.by_appid.insert(account.appid.clone(), position);
        self.accounts.push(account);
        self.plan_evening(position);
        self.plan_day(position);
        Ok(position)
    }

    /// Plans the first whole day of people whose behaviour was described.
    fn plan_day(&mut self, position: usize) {
        let now = self.now();
        let described = self.accounts.get(position).and_then(|one| one.behaviour.as_ref());
        if described.is_some_and(|behaviour| behaviour.character.is_lively()) {
            let today = now.day();
            let day = if now == today.start() { today } else { today.next() };
            self.queue.add(day.start(), Due::Day { account: position, day });
        }
    }

    /// Puts the account's next evening into the queue, unless it is there or nobody ever acts.
    pub fn plan_evening(&mut self, position: usize) {
        let now = self.now();
        let Some(account) = self.accounts.get_mut(position) else { return };
        if account.habits.are_lively() && !account.evening_planned {
            account.evening_planned = true;
            let day = account.habits.next_evening(now);
            let at = day.at(account.habits.from_hour, 0);
            self.queue.add(at, Due::Evening { account: position, day });
        }
    }

    /// All accounts, in the order they came.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account at this position.
    pub fn account_mut(&mut self, position: usize) -> Option<&mut Account> {
        self.accounts.get_mut(position)
    }

    /// The account at this position, with everything else a call may touch.
    pub fn parts(&mut self, position: usize) -> Option<(&mut Account, &mut Queue, &mut Faults)> {
        Some((self.accounts.get_mut(position)?, &mut self.queue, &mut self.faults))
    }

    /// Position of the account with this developer id.
    #[must_use]
    pub fn position(&self, appid: &str) -> Option<usize> {
        self.by_appid.get(&AppId::parse(appid).ok()?).copied()
    }
}

/// What the handlers share.
pub struct Shared {
    world: Mutex<World>,
    /// What the sandbox was started with.
    beginning: Config,
    /// Where the sandbox can be reached; set once, when it listens.
    pub doors: OnceLock<Told>,
    /// Worlds kept by name.
    pub snapshots: Mutex<Snapshots>,
    /// Only one mover of time at once.
    pub turn: tokio::sync::Mutex<()>,
    /// Rung when something new may be due, or the clock's pace changed.
    pub bell: tokio::sync::Notify,
    /// Pushes callbacks.
    pub client: reqwest::Client,
}

impl Shared {
    /// Begins the world that the description asks for.
    ///
    /// # Errors
    /// As [`World::begin`].
    pub fn new(beginning: Config, client: reqwest::Client) -> Result<Self, Error> {
        let world = World::begin(&beginning)?;
        Ok(Self {
            world: Mutex::new(world),
            beginning,
            doors: OnceLock::new(),
            snapshots: Mutex::default(),
            turn: tokio::sync::Mutex::new(()),
            bell: tokio::sync::Notify::new(),
            client,
        })
    }

    /// What the sandbox was started with.
    #[must_use]
    pub fn beginning(&self) -> &Config {
        &self.beginning
    }

    /// Puts another world in the place of this one. What is under way belongs to the former one
    /// and ends without a trace.
    pub fn replace(&self, mut world: World) {
        let mut held = self.world();
        world.generation = held.generation + 1;
        world.resume();
        *held = world;
        drop(held);
        self.bell.notify_one();
    }

    /// The world, for a moment: never keep the guard over an await. Where time passes by itself,
    /// what is due has happened.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        clock::catch_up(&mut world);
        if !world.outgoing.is_empty() {
            self.bell.notify_one();
        }
        world
    }
}
