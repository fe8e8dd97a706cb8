//! To whom customer-service messages may go, how many and until when (`platform/05 §1`).
//!
//! What a person does opens an allowance. A message is taken from the one that ends first and has
//! any left. Whether doing the same again replaces the former allowance is a switch
//! ([`crate::Assumptions`]); different acts have different ones (assumed, `platform/05 §6`).

use std::collections::HashMap;

use serde::Serialize;
use wire::Timestamp;
use wire::rules::Limits;

use crate::api::refusal::Refused;
use crate::assumptions::Again;

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// Wrote.
    Write,
    /// Clicked a menu entry, or one of a menu sent to them.
    Click,
    /// Followed.
    Follow,
    /// Scanned a code.
    Scan,
    /// Paid.
    Pay,
}

/// Messages that may go to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// By what it was opened.
    pub opening: Opening,
    /// The first second it holds no longer.
    pub expires_at: Timestamp,
    /// Messages left; `None`: any number.
    pub left: Option<i64>,
}

#[derive(Debug, Clone, Default)]
struct Talk {
    allowances: Vec<Allowance>,
    exchanged_at: Option<Timestamp>,
    typing_until: Option<Timestamp>,
}

/// The allowances of all people of an account.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    of: HashMap<u32, Talk>,
}

impl Windows {
    /// The person did something.
    pub fn open(
        &mut self,
        person: u32,
        opening: Opening,
        again: Again,
        limits: &Limits,
        now: Timestamp,
    ) {
        let (left, seconds) = match opening {
            Opening::Write => (limits.replies_per_message, limits.reply_hours * 3600),
            Opening::Pay => (None, limits.reply_hours * 3600),
            Opening::Click | Opening::Follow | Opening::Scan => {
                (limits.replies_per_act, limits.reply_seconds_after_act)
            }
        };
        let talk = self.of.entry(person).or_default();
        let replaces = again == Again::Replaces;
        talk.allowances
            .retain(|held| held.expires_at > now && !(replaces && held.opening == opening));
        talk.allowances.push(Allowance { opening, expires_at: now + seconds, left });
        if opening == Opening::Write {
            talk.exchanged_at = Some(now);
        }
    }

    /// The person left: nothing may go to them any more.
    pub fn close(&mut self, person: u32) {
        self.of.remove(&person);
    }

    /// What holds for the person now, the one that ends first before the others.
    #[must_use]
    pub fn open_ones(&self, person: u32, now: Timestamp) -> Vec<Allowance> {
        let held = self.of.get(&person).map(|talk| talk.allowances.as_slice()).unwrap_or_default();
        let mut open: Vec<_> = held.iter().copied().filter(|one| one.expires_at > now).collect();
        open.sort_by_key(|one| one.expires_at);
        open
    }

    /// Takes one message from what is allowed.
    ///
    /// # Errors
    /// 45015 when nothing holds any more, 45047 when all that holds is used up.
    pub fn take(&mut self, person: u32, now: Timestamp) -> Result<(), Refused> {
        self.spend(person, now)?;
        if let Some(talk) = self.of.get_mut(&person) {
            talk.exchanged_at = Some(now);
            talk.typing_until = None;
        }
        Ok(())
    }

    /// Takes one from what is allowed without anything passing between the two.
    ///
    /// # Errors
    /// As [`Windows::take`].
    pub fn spend(&mut self, person: u32, now: Timestamp) -> Result<(), Refused> {
        let talk = self.of.get_mut(&person).ok_or(Refused::new(45015))?;
        talk.allowances.retain(|one| one.expires_at > now);
        if talk.allowances.is_empty() {
            return Err(Refused::new(45015));
        }
        let usable = talk.allowances.iter_mut().filter(|one| one.left.is_none_or(|left| left > 0));
        let first = usable.min_by_key(|one| one.expires_at).ok_or(Refused::new(45047))?;
        first.left = first.left.map(|left| left - 1);
        Ok(())
    }

    /// Shows or hides "typing". Hiding needs an exchange too (assumed).
    ///
    /// # Errors
    /// 45080 when nothing passed between the two lately, 45047 when no message may follow, 45081
    /// when it is shown already.
    pub fn typing(
        &mut self,
        person: u32,
        shows: bool,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let open = self.open_ones(person, now);
        let talk = self.of.get_mut(&person).ok_or(Refused::new(45080))?;
        let within = limits.typing_seconds_after_exchange;
        if talk.exchanged_at.is_none_or(|at| now - at > within) {
            return Err(Refused::new(45080));
        }
        if !open.is_empty() && open.iter().all(|one| one.left == Some(0)) {
            return Err(Refused::new(45047));
        }
        if !shows {
            talk.typing_until = None;
        } else if talk.typing_until.is_some_and(|until| until > now) {
            return Err(Refused::new(45081));
        } else {
            talk.typing_until = Some(now + limits.typing_seconds);
        }
        Ok(())
    }

    /// Whether the person sees the account typing.
    #[must_use]
    pub fn is_typing(&self, person: u32, now: Timestamp) -> bool {
        let until = self.of.get(&person).and_then(|talk| talk.typing_until);
        until.is_some_and(|until| until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Day;
    use wire::rules::AccountKind;

    fn on(year: i16) -> (Limits, Timestamp) {
        let now = Day::new(year, 3, 2).unwrap().at(10, 0);
        (Limits::on(now.day(), AccountKind::Service).unwrap(), now)
    }

    #[test]
    fn the_allowance_that_ends_first_is_used_first() {
        let (limits, now) = on(2026);
        let mut windows = Windows::default();
        windows.open(1, Opening::Write, Again::Replaces, &limits, now);
        windows.open(1, Opening::Click, Again::Replaces, &limits, now);
        for _ in 0..3 {
            windows.take(1, now).unwrap();
        }
        let open = windows.open_ones(1, now);
        assert_eq!([open[0].left, open[1].left], [Some(0), Some(5)]);
        assert_eq!(windows.open_ones(1, now + 60).len(), 1, "the minute is over");
        for _ in 0..5 {
            windows.take(1, now + 60).unwrap();
        }
        assert_eq!(windows.take(1, now + 60).unwrap_err().code(), 45047);
        assert_eq!(windows.take(1, now + 48 * 3600).unwrap_err().code(), 45015);
        assert_eq!(windows.take(2, now).unwrap_err().code(), 45015);
    }

    #[test]
    fn once_there_were_no_counts_and_then_twenty() {
        let mut windows = Windows::default();
        for (year, left) in [(2020, None), (2022, Some(20)), (2024, Some(5))] {
            let (limits, now) = on(year);
            windows.open(1, Opening::Write, Again::Replaces, &limits, now);
            assert_eq!(windows.open_ones(1, now)[0].left, left, "{year}");
        }
        let (limits, now) = on(2020);
        windows.open(2, Opening::Follow, Again::Replaces, &limits, now);
        for _ in 0..100 {
            windows.take(2, now + 3600).unwrap();
        }
    }
}
