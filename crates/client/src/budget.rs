//! How many calls are left today and this minute, endpoint by endpoint (`platform/01 §5`). The two
//! sending calls share one counter.
//!
//! The published limits are dated data of `wire`; an account's own, higher ones come from
//! [`Budgets::sync_from`]. Every call of a client takes from here by itself. A crash loses the
//! counts since the last [`Budgets::snapshot`]: the platform then refuses what is too much, with
//! 45009 or 45011, and nothing worse happens.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use clock::Clock;
use serde::{Deserialize, Serialize};
use wire::quota::QuotaAnswer;
use wire::rules::{AccountKind, Limits};
use wire::{Day, Endpoint, Refusal, Timestamp};

use crate::{Error, Limit};

const MINUTE: i64 = 60;

/// What one counter stood at: what a caller persists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCount {
    /// Whose counter; the two sending calls are counted as [`Endpoint::MassSend`].
    #[serde(with = "path")]
    pub endpoint: Endpoint,
    /// The day, China Standard Time.
    pub day: Day,
    /// Calls of that day.
    pub calls: i64,
    /// Whether the platform said that the day's calls are used up, whatever the count.
    #[serde(default)]
    pub used_up: bool,
    /// The minute last called in.
    pub minute: Timestamp,
    /// Calls of that minute.
    pub minute_calls: i64,
    /// The account's own calls a day, where the platform told them.
    #[serde(default)]
    pub own_limit: Option<i64>,
}

/// Calls left; `None` where no limit is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Until midnight, China Standard Time.
    pub today: Option<i64>,
    /// Until the minute is over.
    pub this_minute: Option<i64>,
}

/// The counters of one account.
#[derive(Debug)]
pub struct Budgets {
    clock: Clock,
    kind: AccountKind,
    rules_as_of: Option<Day>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limits: Limits,
    limits_of: Day,
    counters: BTreeMap<Endpoint, Counter>,
}

#[derive(Debug, Clone)]
struct Counter {
    day: Day,
    calls: i64,
    used_up: bool,
    minute: Timestamp,
    minute_calls: i64,
    minute_used_up: bool,
    own_limit: Option<i64>,
    own_minute_limit: Option<i64>,
}

impl Budgets {
    pub(crate) fn new(
        clock: Clock,
        kind: AccountKind,
        rules_as_of: Option<Day>,
        limits: Limits,
    ) -> Self {
        let limits_of = rules_as_of.unwrap_or(clock.now().day());
        let state = State { limits, limits_of, counters: BTreeMap::new() };
        Self { clock, kind, rules_as_of, state: Mutex::new(state) }
    }

    /// Takes one call.
    ///
    /// # Errors
    /// [`Error::Budget`] when none is left; then nothing is taken.
    pub fn take(&self, endpoint: Endpoint) -> Result<(), Error> {
        self.with(endpoint, |counter, limits| {
            counter.room(endpoint, limits)?;
            counter.calls += 1;
            counter.minute_calls += 1;
            Ok(())
        })
    }

    /// Whether a call could be taken now.
    ///
    /// # Errors
    /// [`Error::Budget`] when none is left.
    pub fn check(&self, endpoint: Endpoint) -> Result<(), Error> {
        self.with(endpoint, |counter, limits| counter.room(endpoint, limits))
    }

    /// Puts back a call that was taken and certainly did not reach the platform.
    pub fn give_back(&self, endpoint: Endpoint) {
        self.with(endpoint, |counter, _| {
            counter.calls = (counter.calls - 1).max(0);
            counter.minute_calls = (counter.minute_calls - 1).max(0);
        });
    }

    /// Calls left now.
    #[must_use]
    pub fn left(&self, endpoint: Endpoint) -> Left {
        self.with(endpoint, |counter, limits| {
            let left = |limit: Option<i64>, calls: i64, used_up: bool| {
                if used_up { Some(0) } else { limit.map(|limit| (limit - calls).max(0)) }
            };
            Left {
                today: left(counter.day_limit(endpoint, limits), counter.calls, counter.used_up),
                this_minute: left(
                    counter.minute_limit(endpoint, limits),
                    counter.minute_calls,
                    counter.minute_used_up,
                ),
            }
        })
    }

    /// The platform said that this counter is used up (45009 or 45011).
    pub(crate) fn used_up(&self, endpoint: Endpoint, limit: Limit, refusal: Refusal) -> Error {
        self.with(endpoint, |counter, _| {
            let until = match limit {
                Limit::Day => {
                    counter.used_up = true;
                    counter.day.next().start()
                }
                Limit::Minute => {
                    counter.minute_used_up = true;
                    counter.minute + MINUTE
                }
            };
            Error::Budget { endpoint, limit, until, refusal: Some(refusal) }
        })
    }

    /// Takes over the platform's own count, which is right within about one in a hundred
    /// (`platform/01 §5`), and the account's own limits.
    pub fn sync_from(&self, endpoint: Endpoint, answer: &QuotaAnswer) {
        self.with(endpoint, |counter, _| {
            let QuotaAnswer { quota, rate_limit } = answer;
            // Absent or zero: the platform tells nothing (`platform/01 §6.4`).
            if quota.daily_limit > 0 {
                counter.own_limit = Some(quota.daily_limit);
                counter.calls = quota.used.max(0);
                counter.used_up = quota.remain <= 0;
            }
            if rate_limit.call_count > 0 && rate_limit.refresh_second == MINUTE {
                counter.own_minute_limit = Some(rate_limit.call_count);
            }
        });
    }

    /// All counters of the day are zero again (`clear_quota`).
    pub(crate) fn cleared(&self) {
        for counter in self.lock().counters.values_mut() {
            counter.calls = 0;
            counter.used_up = false;
        }
    }

    /// What to persist: all counters that were ever used.
    #[must_use]
    pub fn snapshot(&self) -> Vec<CallCount> {
        let state = self.lock();
        let counts = state.counters.iter().map(|(&endpoint, counter)| CallCount {
            endpoint,
            day: counter.day,
            calls: counter.calls,
            used_up: counter.used_up,
            minute: counter.minute,
            minute_calls: counter.minute_calls,
            own_limit: counter.own_limit,
        });
        counts.collect()
    }

    /// Takes over what was persisted. Counts of former days do not matter any more; an account's
    /// own limits do. Calls counted since the start are kept.
    pub fn restore(&self, counts: &[CallCount]) {
        for count in counts {
            self.with(count.endpoint, |counter, _| {
                counter.own_limit = counter.own_limit.or(count.own_limit);
                if count.day == counter.day {
                    counter.calls += count.calls;
                    counter.used_up |= count.used_up;
                }
                if count.minute == counter.minute {
                    counter.minute_calls += count.minute_calls;
                }
            });
        }
    }

    fn with<T>(&self, endpoint: Endpoint, act: impl FnOnce(&mut Counter, &Limits) -> T) -> T {
        let now = self.clock.now();
        let mut state = self.lock();
        let limits_of = self.rules_as_of.unwrap_or(now.day());
        if limits_of != state.limits_of
            // Once there are limits for a day there are for all later ones; before the first of
            // them, those last known stay.
            && let Ok(limits) = Limits::on(limits_of, self.kind)
        {
            state.limits = limits;
            state.limits_of = limits_of;
        }
        let State { limits, counters, .. } = &mut *state;
        let counter = counters.entry(shared(endpoint)).or_insert_with(|| Counter::at(now));
        counter.roll(now);
        act(counter, limits)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can fail, so a poisoned lock guards sound numbers.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counter {
    fn at(now: Timestamp) -> Self {
        Self {
            day: now.day(),
            calls: 0,
            used_up: false,
            minute: now.minute_start(),
            minute_calls: 0,
            minute_used_up: false,
            own_limit: None,
            own_minute_limit: None,
        }
    }

    /// Starts a new day or minute. A system clock set back does not give a day's calls twice.
    fn roll(&mut self, now: Timestamp) {
        if now.day() > self.day {
            (self.day, self.calls, self.used_up) = (now.day(), 0, false);
        }
        if now.minute_start() != self.minute {
            self.minute = now.minute_start();
            (self.minute_calls, self.minute_used_up) = (0, false);
        }
    }

    fn room(&self, endpoint: Endpoint, limits: &Limits) -> Result<(), Error> {
        let over = |limit: Option<i64>, calls: i64| limit.is_some_and(|limit| calls >= limit);
        if self.used_up || over(self.day_limit(endpoint, limits), self.calls) {
            let until = self.day.next().start();
            return Err(Error::Budget { endpoint, limit: Limit::Day, until, refusal: None });
        }
        if self.minute_used_up || over(self.minute_limit(endpoint, limits), self.minute_calls) {
            let until = self.minute + MINUTE;
            return Err(Error::Budget { endpoint, limit: Limit::Minute, until, refusal: None });
        }
        Ok(())
    }

    fn day_limit(&self, endpoint: Endpoint, limits: &Limits) -> Option<i64> {
        self.own_limit.or_else(|| limits.calls_per_day(endpoint))
    }

    fn minute_limit(&self, endpoint: Endpoint, limits: &Limits) -> Option<i64> {
        let published = || limits.mass_calls_per_minute.filter(|_| endpoint.is_mass_send());
        self.own_minute_limit.or_else(published)
    }
}

fn shared(endpoint: Endpoint) -> Endpoint {
    if endpoint.is_mass_send() { Endpoint::MassSend } else { endpoint }
}

/// An endpoint as its path, the name it is persisted under.
mod path {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use wire::Endpoint;

    pub(super) fn serialize<S: Serializer>(
        endpoint: &Endpoint,
        target: S,
    ) -> Result<S::Ok, S::Error> {
        target.serialize_str(endpoint.path())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Endpoint, D::Error> {
        let path = String::deserialize(source)?;
        Endpoint::of_path(&path).ok_or_else(|| D::Error::custom(format!("no endpoint {path:?}")))
    }
}

#[cfg(test)]
mod tests {
    use clock::VirtualClock;
    use wire::quota::{Quota, RateLimit};
    use wire::{Code, codes};

    use super::*;

    fn at(moment: &str) -> (VirtualClock, Budgets) {
        let start: Timestamp = moment.parse().unwrap();
        let hand = VirtualClock::new(start);
        let limits = Limits::on(start.day(), AccountKind::Service).unwrap();
        let clock = Clock::Virtual(hand.clone());
        (hand, Budgets::new(clock, AccountKind::Service, None, limits))
    }

    fn until(result: Result<(), Error>) -> (Limit, String) {
        match result {
            Err(Error::Budget { limit, until, .. }) => (limit, until.to_string()),
            other => panic!("{other:?}"),
        }
    }

    fn refusal(errcode: Code) -> Refusal {
        Refusal { errcode, errmsg: String::new(), msg_id: None }
    }

    #[test]
    fn sixty_sends_a_minute_and_a_hundred_a_day_whichever_way_they_go() {
        let (hand, budgets) = at("2026-03-02T23:58:30+08:00");
        for n in 0..60 {
            let endpoint = if n % 2 == 0 { Endpoint::MassSend } else { Endpoint::MassSendAll };
            budgets.take(endpoint).unwrap();
        }
        assert_eq!(
            until(budgets.take(Endpoint::MassSendAll)),
            (Limit::Minute, "2026-03-02T23:59:00+08:00".into())
        );
        assert!(budgets.take(Endpoint::MassGet).is_ok());
        hand.advance_to("2026-03-02T23:59:00+08:00".parse().unwrap());
        for _ in 0..40 {
            budgets.take(Endpoint::MassSend).unwrap();
        }
        assert_eq!(
            until(budgets.check(Endpoint::MassSend)),
            (Limit::Day, "2026-03-03T00:00:00+08:00".into())
        );
        hand.advance_to("2026-03-03T00:00:00+08:00".parse().unwrap());
        assert_eq!(
            budgets.left(Endpoint::MassSend),
            Left { today: Some(100), this_minute: Some(60) }
        );
    }

    #[test]
    fn the_limits_are_those_of_the_day() {
        let (hand, budgets) = at("2014-04-29T10:00:00+08:00");
        assert_eq!(budgets.left(Endpoint::MassSend), Left { today: Some(10), this_minute: None });
        hand.advance_to("2014-05-01T10:00:00+08:00".parse().unwrap());
        assert_eq!(budgets.left(Endpoint::MassSend).today, Some(100));
    }

    #[test]
    fn the_platforms_word_closes_a_counter_until_it_is_renewed() {
        let (hand, budgets) = at("2026-03-02T10:00:10+08:00");
        budgets.used_up(Endpoint::MassSend, Limit::Minute, refusal(codes::MINUTE_LIMIT_REACHED));
        assert_eq!(until(budgets.check(Endpoint::MassSendAll)).0, Limit::Minute);
        hand.advance_to("2026-03-02T10:01:00+08:00".parse().unwrap());
        budgets.check(Endpoint::MassSend).unwrap();
        let error =
            budgets.used_up(Endpoint::TagsOf, Limit::Day, refusal(codes::DAY_LIMIT_REACHED));
        assert_eq!(error.code(), Some(codes::DAY_LIMIT_REACHED));
        assert_eq!(until(budgets.take(Endpoint::TagsOf)).0, Limit::Day);
        hand.advance_to("2026-03-03T00:00:00+08:00".parse().unwrap());
        budgets.take(Endpoint::TagsOf).unwrap();
    }

    #[test]
    fn a_restart_remembers_todays_calls_and_the_accounts_own_limits() {
        let (hand, budgets) = at("2026-03-02T10:00:10+08:00");
        for _ in 0..3 {
            budgets.take(Endpoint::MassSendAll).unwrap();
        }
        budgets.give_back(Endpoint::MassSend);
        budgets.sync_from(
            Endpoint::UserGet,
            &QuotaAnswer {
                quota: Quota { daily_limit: 5_000, used: 7, remain: 4_993 },
                rate_limit: RateLimit::default(),
            },
        );
        let kept = serde_json::to_string(&budgets.snapshot()).unwrap();
        let counts: Vec<CallCount> = serde_json::from_str(&kept).unwrap();

        let (_, same_day) = at("2026-03-02T10:00:40+08:00");
        same_day.take(Endpoint::MassSend).unwrap();
        same_day.restore(&counts);
        assert_eq!(
            same_day.left(Endpoint::MassSend),
            Left { today: Some(97), this_minute: Some(57) }
        );
        assert_eq!(same_day.left(Endpoint::UserGet).today, Some(4_993));

        let (_, next_day) = at("2026-03-03T10:00:10+08:00");
        next_day.restore(&counts);
        assert_eq!(next_day.left(Endpoint::MassSend).today, Some(100));
        assert_eq!(next_day.left(Endpoint::UserGet).today, Some(5_000));

        budgets.cleared();
        assert_eq!(budgets.left(Endpoint::MassSend).today, Some(100));
        // The clock never goes back, and a day is not given twice.
        hand.advance_to("2026-03-01T10:00:00+08:00".parse().unwrap());
        assert_eq!(budgets.snapshot()[0].day.to_string(), "2026-03-02");
    }

    #[test]
    fn an_answer_that_tells_nothing_changes_nothing() {
        let (_, budgets) = at("2026-03-02T10:00:10+08:00");
        budgets.take(Endpoint::MassSend).unwrap();
        budgets.sync_from(Endpoint::MassSend, &QuotaAnswer::default());
        assert_eq!(budgets.left(Endpoint::MassSend).today, Some(99));
    }
}
