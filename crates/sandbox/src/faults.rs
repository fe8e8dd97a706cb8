//! What goes wrong on purpose: faults laid out one by one, each of which names where it strikes,
//! how and how often, and faults that chance lays out.
//!
//! Nothing goes wrong that was not laid out: every strike is in the record, whatever it strikes,
//! and a call struck names its fault in the log of calls as well.

pub mod kind;
pub mod random;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use wire::Timestamp;

pub use kind::{Kind, Place};
use random::{Dice, Random};

/// Strikes remembered; the oldest give way.
const RECORDS: usize = 20_000;
const MOST_MILLISECONDS: u64 = 600_000;
const MOST_SECONDS: i64 = 31_536_000;
/// Scripted faults that may wait at once.
pub const MOST_WAITING: usize = 10_000;

fn once() -> u64 {
    1
}

fn everywhere() -> String {
    kind::EVERYWHERE.to_owned()
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How strong a fault is; each kind reads what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// For `slow`, `time_out_before` and `time_out_after`: real milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// For `callback_late` and `callback_out_of_order`: seconds of the sandbox's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    /// For `finish_status`: the status, such as `err(20431)`; for `publish_refused` and
    /// `publish_status` the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// For `counts_off`: by how many people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// For `refused`: the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
}

impl Strength {
    /// What this kind needs, what is left out filled in with the usual.
    #[must_use]
    fn or_usual(&self, kind: Kind) -> Self {
        let usual = Self::usual(kind);
        // One random plan may hold kinds whose `status` means different things.
        let status = match kind {
            Kind::FinishStatus => self.status.clone().or(usual.status),
            _ => usual.status,
        };
        Self {
            ms: usual.ms.map(|usual| self.ms.unwrap_or(usual)),
            seconds: usual.seconds.map(|usual| self.seconds.unwrap_or(usual)),
            status,
            count: usual.count.map(|usual| self.count.unwrap_or(usual)),
            // None is usual: which code is the whole point.
            code: self.code.filter(|_| kind == Kind::Refused),
        }
    }

    fn usual(kind: Kind) -> Self {
        let mut usual = Self::default();
        match kind {
            Kind::Slow => usual.ms = Some(500),
            // Longer than most clients wait.
            Kind::TimeOutBefore | Kind::TimeOutAfter => usual.ms = Some(60_000),
            Kind::CallbackLate | Kind::CallbackOutOfOrder => usual.seconds = Some(300),
            // Seen, and in no list of the platform's (`platform/03 §7`).
            Kind::FinishStatus => usual.status = Some("err(20431)".to_owned()),
            Kind::PublishRefused => usual.status = Some("53503".to_owned()),
            Kind::PublishStatus => usual.status = Some("3".to_owned()),
            Kind::CountsOff => usual.count = Some(1),
            _ => {}
        }
        usual
    }

    fn check(&self, kind: Kind) -> Result<(), String> {
        let name = kind.name();
        if kind.takes_time() && self.ms.is_none_or(|ms| ms > MOST_MILLISECONDS) {
            return Err(format!("{name} needs ms, at most {MOST_MILLISECONDS}"));
        }
        if matches!(kind, Kind::CallbackLate | Kind::CallbackOutOfOrder)
            && !self.seconds.is_some_and(|seconds| (0..=MOST_SECONDS).contains(&seconds))
        {
            return Err(format!("{name} needs seconds, 0 to {MOST_SECONDS}"));
        }
        let is_code = |code: i64| code != 0 && wire::codes::Code(code).row().is_some();
        if kind == Kind::Refused && !self.code.is_some_and(is_code) {
            return Err("refused needs code, a code of the platform such as 43104".to_owned());
        }
        if kind == Kind::FinishStatus && self.status.is_none() {
            return Err("finish_status needs status, such as \"err(20431)\"".to_owned());
        }
        let number = self.number();
        if kind == Kind::PublishRefused && !matches!(number, Some(53503..=53505)) {
            return Err("publish_refused needs status, \"53503\" to \"53505\"".to_owned());
        }
        if kind == Kind::PublishStatus && !matches!(number, Some(2..=4)) {
            return Err("publish_status needs status, \"2\" to \"4\"".to_owned());
        }
        if kind == Kind::CountsOff && self.count.is_none_or(|count| count == 0) {
            return Err("counts_off needs count, 1 or more".to_owned());
        }
        Ok(())
    }

    fn number(&self) -> Option<i64> {
        self.status.as_deref()?.parse().ok()
    }
}

/// A fault that waits to strike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A path, `callback`, `job`, `publication`, or `*` for any.
    #[serde(default = "everywhere")]
    pub endpoint: String,
    /// How it strikes.
    pub kind: Kind,
    /// How often it still strikes.
    #[serde(default = "once")]
    pub times: u64,
    /// How many it lets pass before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: u64,
    /// How strong it is.
    #[serde(flatten)]
    pub strength: Strength,
}

impl Fault {
    /// What is missing or out of range, in one sentence.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), String> {
        if !kind::is_endpoint(&self.endpoint) {
            return Err(unknown_endpoint(&self.endpoint));
        }
        self.strength.check(self.kind)
    }

    /// Real milliseconds for which the connection is held.
    #[must_use]
    pub fn held_ms(&self) -> u64 {
        if self.kind.takes_time() { self.strength.ms.unwrap_or(0) } else { 0 }
    }

    fn fits(&self, place: Place) -> bool {
        // What is not a call happens at one place only, whatever `endpoint` says.
        let anywhere = !matches!(place, Place::Call(_)) || self.endpoint == kind::EVERYWHERE;
        self.kind.strikes(place) && (anywhere || self.endpoint == place.name())
    }
}

fn unknown_endpoint(name: &str) -> String {
    format!(
        "endpoint {name:?} is unknown; give a path such as /cgi-bin/user/get, \"callback\", \
         \"job\", \"publication\" or \"*\""
    )
}

/// A fault that struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Struck {
    /// When, on the sandbox's clock.
    pub at: Timestamp,
    /// Where: a path, `callback`, `job` or `publication`.
    pub endpoint: &'static str,
    /// How.
    pub kind: Kind,
    /// Whether chance laid it out.
    pub random: bool,
}

/// The faults laid out, oldest first, and those that struck.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    waiting: Vec<Fault>,
    dice: Option<Dice>,
    struck: VecDeque<Struck>,
    struck_in_all: u64,
}

impl Faults {
    /// Adds one.
    ///
    /// # Errors
    /// When too many wait.
    pub fn add(&mut self, fault: Fault) -> Result<(), String> {
        if self.waiting.len() >= MOST_WAITING {
            return Err(format!("{MOST_WAITING} faults wait, the most; clear some first"));
        }
        if fault.times > 0 {
            self.waiting.push(fault);
        }
        Ok(())
    }

    /// Those laid out one by one that still wait.
    #[must_use]
    pub fn waiting(&self) -> &[Fault] {
        &self.waiting
    }

    /// Lets chance lay out faults from now on, or no longer.
    pub fn set_random(&mut self, random: Option<Random>) {
        self.dice = random.map(Dice::new);
    }

    /// What chance may do, and how often it struck.
    #[must_use]
    pub fn dice(&self) -> Option<&Dice> {
        self.dice.as_ref()
    }

    /// Removes all, chance's too; what struck stays in the record.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.dice = None;
    }

    /// Those that struck, newest first.
    pub fn struck(&self) -> impl Iterator<Item = &Struck> {
        self.struck.iter().rev()
    }

    /// Strikes since the start.
    #[must_use]
    pub fn struck_in_all(&self) -> u64 {
        self.struck_in_all
    }

    /// The fault that strikes a call of this path.
    pub fn strike_call(&mut self, path: &'static str, now: Timestamp) -> Option<Fault> {
        self.strike(Place::Call(path), now)
    }

    /// The fault that strikes the next callback.
    pub fn strike_callback(&mut self, now: Timestamp) -> Option<Fault> {
        self.strike(Place::Callback, now)
    }

    /// The status the next mass job ends with, when one is laid out.
    pub fn strike_finish(&mut self, now: Timestamp) -> Option<String> {
        self.strike(Place::Job, now)?.strength.status
    }

    /// By how many the count told of a mass job's end is too low, when that is laid out.
    pub fn strike_counts(&mut self, now: Timestamp) -> Option<u64> {
        self.strike(Place::JobEnd, now)?.strength.count
    }

    /// The code the next publication is refused with, when one is laid out.
    pub fn strike_publish(&mut self, now: Timestamp) -> Option<i64> {
        self.strike(Place::Publish, now)?.strength.number()
    }

    /// The status the next publication ends with, when one is laid out.
    pub fn strike_publication(&mut self, now: Timestamp) -> Option<i64> {
        self.strike(Place::Publication, now)?.strength.number()
    }

    /// What was laid out one by one goes before chance.
    fn strike(&mut self, place: Place, now: Timestamp) -> Option<Fault> {
        let scripted = self.strike_waiting(place);
        let random = scripted.is_none();
        let fault = scripted.or_else(|| self.dice.as_mut()?.throw(place, now))?;
        if self.struck.len() == RECORDS {
            self.struck.pop_front();
        }
        self.struck_in_all += 1;
        self.struck.push_back(Struck { at: now, endpoint: place.name(), kind: fault.kind, random });
        Some(fault)
    }

    fn strike_waiting(&mut self, place: Place) -> Option<Fault> {
        let position = self.waiting.iter_mut().position(|fault| {
            let fits = fault.fits(place);
            let passes = fits && fault.after > 0;
            if passes {
                fault.after -= 1;
            }
            fits && !passes
        })?;
        let fault = self.waiting.get_mut(position)?;
        fault.times = fault.times.saturating_sub(1);
        let struck = fault.clone();
        if fault.times == 0 {
            self.waiting.remove(position);
        }
        Some(struck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_772_330_400);

    fn fault(text: &str) -> Fault {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_fault_strikes_as_often_as_told_and_only_where_told() {
        let mut faults = Faults::default();
        let wished =
            fault(r#"{"endpoint":"/cgi-bin/user/get","kind":"system_error","times":2,"after":1}"#);
        wished.check().unwrap();
        faults.add(wished).unwrap();
        assert!(faults.strike_call("/cgi-bin/token", NOW).is_none());
        assert!(faults.strike_call("/cgi-bin/user/get", NOW).is_none(), "one passes");
        assert!(faults.strike_call("/cgi-bin/user/get", NOW).is_some());
        assert!(faults.strike_callback(NOW).is_none());
        assert_eq!(faults.waiting()[0].times, 1);
        assert!(faults.strike_call("/cgi-bin/user/get", NOW).is_some());
        assert!(faults.waiting().is_empty());
        assert_eq!(faults.struck_in_all(), 2);
        let newest = faults.struck().next().unwrap();
        assert_eq!((newest.endpoint, newest.random), ("/cgi-bin/user/get", false));
    }

    #[test]
    fn what_a_kind_needs_is_asked_for() {
        let checked = |text: &str| fault(text).check();
        assert!(checked(r#"{"endpoint":"*","kind":"slow"}"#).is_err());
        assert!(checked(r#"{"endpoint":"*","kind":"time_out_after","ms":600001}"#).is_err());
        assert!(checked(r#"{"endpoint":"callback","kind":"callback_late"}"#).is_err());
        assert!(checked(r#"{"endpoint":"callback","kind":"callback_out_of_order"}"#).is_err());
        assert!(checked(r#"{"endpoint":"callback","kind":"finish_status"}"#).is_err());
        assert!(checked(r#"{"endpoint":"job","kind":"counts_off","count":0}"#).is_err());
        assert!(checked(r#"{"endpoint":"/nowhere","kind":"http_500"}"#).is_err());
        assert!(checked(r#"{"endpoint":"callback","kind":"callback_late","seconds":60}"#).is_ok());
        assert!(checked(r#"{"kind":"publish_status","status":"5"}"#).is_err());
        assert!(checked(r#"{"kind":"publish_refused"}"#).is_err());
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"http_500","often":2}"#).is_err());
    }

    fn struck(dice: &mut Faults, path: &'static str, calls: usize) -> Vec<Option<Kind>> {
        (0..calls).map(|_| dice.strike_call(path, NOW).map(|fault| fault.kind)).collect()
    }

    fn random(text: &str) -> Faults {
        let random: Random = serde_json::from_str(text).unwrap();
        random.check().unwrap();
        let mut faults = Faults::default();
        faults.set_random(Some(random));
        faults
    }

    #[test]
    fn chance_depends_on_the_order_of_calls_of_one_endpoint_only() {
        let text = r#"{"seed":7,"per_mille":200,"kinds":["system_error","token_dead","slow",
            "callback_lost"]}"#;
        let (users, tags) = ("/cgi-bin/user/get", "/cgi-bin/tags/get");
        let mut one = random(text);
        let apart = (struck(&mut one, users, 1_000), struck(&mut one, tags, 1_000));
        let mut two = random(text);
        let mut mixed = (Vec::new(), Vec::new());
        for _ in 0..1_000 {
            mixed.1.extend(struck(&mut two, tags, 1));
            two.strike_callback(NOW);
            mixed.0.extend(struck(&mut two, users, 1));
        }
        assert_eq!(apart, mixed);
        assert_ne!(apart.0, apart.1);
        let hits = apart.0.iter().flatten().count();
        assert!((150..250).contains(&hits), "{hits} of 1,000 at 20 %");
        for kind in [Kind::SystemError, Kind::TokenDead, Kind::Slow] {
            assert!(apart.0.contains(&Some(kind)), "{}", kind.name());
        }
        assert!(!apart.0.contains(&Some(Kind::CallbackLost)));
        let tokens = struck(&mut random(text), "/cgi-bin/token", 1_000);
        assert!(!tokens.contains(&Some(Kind::TokenDead)), "it carries no token");
        let other = struck(&mut random(&text.replace(":7", ":8")), users, 1_000);
        assert_ne!(other, apart.0);
    }

    #[test]
    fn chance_ends_when_and_where_told() {
        let text = r#"{"seed":7,"per_mille":1000,"kinds":["http_503","callback_late"],"times":3,
            "endpoints":["/cgi-bin/user/get","callback"],"until":1772330401}"#;
        let mut faults = random(text);
        assert_eq!(struck(&mut faults, "/cgi-bin/tags/get", 1), [None]);
        assert_eq!(struck(&mut faults, "/cgi-bin/user/get", 1), [Some(Kind::Http503)]);
        assert!(faults.strike_call("/cgi-bin/user/get", NOW + 1).is_none(), "too late");
        assert_eq!(faults.strike_callback(NOW).unwrap().strength.seconds, Some(300));
        assert_eq!(struck(&mut faults, "/cgi-bin/user/get", 2), [Some(Kind::Http503), None]);
        assert_eq!(faults.dice().unwrap().struck(), 3);
        faults.clear();
        assert!(faults.dice().is_none());
        assert_eq!(faults.struck().count(), 3);
    }

    #[test]
    fn chance_is_asked_for_properly() {
        let checked = |text: &str| serde_json::from_str::<Random>(text).unwrap().check();
        assert!(checked(r#"{"seed":7,"per_mille":1001,"kinds":["slow"]}"#).is_err());
        assert!(checked(r#"{"seed":7,"per_mille":1,"kinds":[]}"#).is_err());
        assert!(checked(r#"{"seed":7,"per_mille":1,"kinds":["slow"],"endpoints":[]}"#).is_err());
        let unknown = r#"{"seed":7,"per_mille":1,"kinds":["slow"],"endpoints":["/x"]}"#;
        assert!(checked(unknown).unwrap_err().contains("/x"));
        let long = r#"{"seed":7,"per_mille":1,"kinds":["slow"],"ms":700000}"#;
        assert!(checked(long).unwrap_err().contains("ms"));
        let publish = r#"{"seed":7,"per_mille":1,"kinds":["publish_refused","finish_status"],
            "status":"err(10001)"}"#;
        checked(publish).unwrap();
    }
}
