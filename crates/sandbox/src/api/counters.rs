//! Call counters of one account: a day's calls per endpoint, a minute's sends, forced tokens,
//! clearings of the month. Days and months are those of China Standard Time.

use std::collections::HashMap;

use wire::rules::Limits;
use wire::{Day, Endpoint, Month, Timestamp};

use super::refusal::Refused;

/// The code of the minute's limit, unless the account's assumptions name another.
pub const MINUTE_LIMIT: i64 = 45011;

/// The counters.
#[derive(Debug, Clone)]
pub struct Counters {
    day: Day,
    calls: HashMap<Endpoint, i64>,
    minute: Timestamp,
    sends_this_minute: i64,
    stable_tokens_this_minute: i64,
    forced_tokens: i64,
    month: Month,
    clearings: i64,
    single_clearings: i64,
}

/// The two sending calls share one counter.
fn key(endpoint: Endpoint) -> Endpoint {
    if endpoint.is_mass_send() { Endpoint::MassSend } else { endpoint }
}

impl Counters {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            day: now.day(),
            calls: HashMap::new(),
            minute: now.minute_start(),
            sends_this_minute: 0,
            stable_tokens_this_minute: 0,
            forced_tokens: 0,
            month: now.month(),
            clearings: 0,
            single_clearings: 0,
        }
    }

    fn renew(&mut self, now: Timestamp) {
        if self.day != now.day() {
            self.day = now.day();
            self.calls.clear();
            self.forced_tokens = 0;
        }
        if self.minute != now.minute_start() {
            self.minute = now.minute_start();
            self.sends_this_minute = 0;
            self.stable_tokens_this_minute = 0;
        }
        if self.month != now.month() {
            self.month = now.month();
            self.clearings = 0;
            self.single_clearings = 0;
        }
    }

    /// Counts a call, or refuses it: 45011 for the minute, 45009 for the day.
    ///
    /// # Errors
    /// As said; a refused call is not counted.
    pub fn count(
        &mut self,
        endpoint: Endpoint,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.renew(now);
        let sends = endpoint.is_mass_send();
        if sends && limits.mass_calls_per_minute.is_some_and(|most| self.sends_this_minute >= most)
        {
            return Err(Refused::new(MINUTE_LIMIT));
        }
        let asks_token = endpoint == Endpoint::StableToken;
        if asks_token && self.stable_tokens_this_minute >= limits.stable_token_calls_per_minute {
            return Err(Refused::new(MINUTE_LIMIT));
        }
        // Before the sending interface existed nobody had a right to it.
        if sends && limits.mass_calls_per_day.is_none() {
            return Err(Refused::new(48001));
        }
        let calls = self.calls.entry(key(endpoint)).or_default();
        if limits.calls_per_day(endpoint).is_some_and(|most| *calls >= most) {
            return Err(Refused::new(45009));
        }
        *calls += 1;
        self.sends_this_minute += i64::from(sends);
        self.stable_tokens_this_minute += i64::from(asks_token);
        Ok(())
    }

    /// Calls of this endpoint today.
    #[must_use]
    pub fn today(&self, endpoint: Endpoint, now: Timestamp) -> i64 {
        if self.day != now.day() {
            return 0;
        }
        self.calls.get(&key(endpoint)).copied().unwrap_or(0)
    }

    /// Counts a forced token; 45009 over the day's number.
    ///
    /// # Errors
    /// As said.
    pub fn count_forced(&mut self, limits: &Limits, now: Timestamp) -> Result<(), Refused> {
        self.renew(now);
        if self.forced_tokens >= limits.forced_tokens_per_day {
            return Err(Refused::new(45009));
        }
        self.forced_tokens += 1;
        Ok(())
    }

    /// Puts the day's counters back to zero; 48006 over the month's number.
    ///
    /// # Errors
    /// As said.
    pub fn clear(&mut self, limits: &Limits, now: Timestamp) -> Result<(), Refused> {
        self.renew(now);
        if self.clearings >= limits.clear_quota_per_month {
            return Err(Refused::new(48006));
        }
        self.clearings += 1;
        self.calls.clear();
        Ok(())
    }

    /// Puts the day's counters back to zero for a third-party platform, which counts for itself.
    pub fn clear_for_component(&mut self, now: Timestamp) {
        self.renew(now);
        self.calls.clear();
    }

    /// Puts one endpoint's counter of the day back to zero; 45009 over the month's number.
    ///
    /// # Errors
    /// As said.
    pub fn clear_one(
        &mut self,
        endpoint: Endpoint,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(), Refused> {
        self.renew(now);
        if self.single_clearings >= limits.clear_one_quota_per_month {
            return Err(Refused::new(45009));
        }
        self.single_clearings += 1;
        self.calls.remove(&key(endpoint));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::rules::AccountKind;

    #[test]
    fn sixty_a_minute_a_hundred_a_day_over_both_sending_calls() {
        let mut now = Day::new(2026, 3, 2).unwrap().at(10, 0);
        let limits = Limits::on(now.day(), AccountKind::Service).unwrap();
        let mut counters = Counters::new(now);
        for _ in 0..30 {
            counters.count(Endpoint::MassSend, &limits, now).unwrap();
            counters.count(Endpoint::MassSendAll, &limits, now).unwrap();
        }
        let refused = counters.count(Endpoint::MassSend, &limits, now).unwrap_err();
        assert_eq!(refused.code(), 45011);
        now = now + 60;
        for _ in 0..40 {
            counters.count(Endpoint::MassSend, &limits, now).unwrap();
        }
        assert_eq!(counters.count(Endpoint::MassSend, &limits, now).unwrap_err().code(), 45009);
        assert_eq!(counters.today(Endpoint::MassSendAll, now), 100);
        let tomorrow = now.day().next().start();
        assert_eq!(counters.today(Endpoint::MassSendAll, tomorrow), 0);
        counters.count(Endpoint::MassSend, &limits, tomorrow).unwrap();
    }

    #[test]
    fn ten_thousand_stable_tokens_a_minute() {
        let now = Day::new(2026, 3, 2).unwrap().at(10, 0);
        let limits = Limits::on(now.day(), AccountKind::Service).unwrap();
        let mut counters = Counters::new(now);
        for _ in 0..10_000 {
            counters.count(Endpoint::StableToken, &limits, now).unwrap();
        }
        let refused = counters.count(Endpoint::StableToken, &limits, now).unwrap_err();
        assert_eq!(refused.code(), 45011);
        counters.count(Endpoint::Token, &limits, now).unwrap();
        counters.count(Endpoint::StableToken, &limits, now + 60).unwrap();
    }

    #[test]
    fn ten_clearings_a_month() {
        let now = Day::new(2026, 3, 31).unwrap().at(23, 59);
        let limits = Limits::on(now.day(), AccountKind::Service).unwrap();
        let mut counters = Counters::new(now);
        for _ in 0..10 {
            counters.clear(&limits, now).unwrap();
        }
        assert_eq!(counters.clear(&limits, now).unwrap_err().code(), 48006);
        counters.clear(&limits, now + 60).unwrap();
    }
}
