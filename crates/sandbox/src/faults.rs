//! What goes wrong on purpose: each fault names where it strikes, how, and how often.

use serde::{Deserialize, Serialize};

/// How a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Answers −1, nothing is done.
    SystemError,
    /// Answers HTTP 500, nothing is done.
    #[serde(rename = "http_500")]
    Http500,
    /// The call is carried out and the connection closed without an answer.
    LostAnswer,
    /// The connection is closed, nothing is done.
    CutBefore,
    /// Answers 45011, nothing is done.
    MinuteQuota,
    /// The call's token dies; answers 40001.
    TokenDead,
    /// The call is carried out and answered `ms` real milliseconds later.
    Slow,
    /// A callback is never pushed.
    CallbackLost,
    /// A callback is pushed twice.
    CallbackDoubled,
    /// A callback is pushed `seconds` later, on the sandbox's clock.
    CallbackLate,
    /// The next mass job ends with `status` and reaches nobody.
    FinishStatus,
    /// The next publication is refused with the code `status`: 53503, 53504 or 53505.
    PublishRefused,
    /// The next publication ends with `status`: 2, 3 or 4.
    PublishStatus,
}

impl Kind {
    fn strikes_calls(self) -> bool {
        !matches!(
            self,
            Self::CallbackLost
                | Self::CallbackDoubled
                | Self::CallbackLate
                | Self::FinishStatus
                | Self::PublishRefused
                | Self::PublishStatus
        )
    }

    fn strikes_callbacks(self) -> bool {
        matches!(self, Self::CallbackLost | Self::CallbackDoubled | Self::CallbackLate)
    }

    /// The name as the control interface spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SystemError => "system_error",
            Self::Http500 => "http_500",
            Self::LostAnswer => "lost_answer",
            Self::CutBefore => "cut_before",
            Self::MinuteQuota => "minute_quota",
            Self::TokenDead => "token_dead",
            Self::Slow => "slow",
            Self::CallbackLost => "callback_lost",
            Self::CallbackDoubled => "callback_doubled",
            Self::CallbackLate => "callback_late",
            Self::FinishStatus => "finish_status",
            Self::PublishRefused => "publish_refused",
            Self::PublishStatus => "publish_status",
        }
    }
}

fn once() -> u64 {
    1
}

fn everywhere() -> String {
    "*".to_owned()
}

/// A fault that waits to strike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A path, `callback`, or `*` for any.
    #[serde(default = "everywhere")]
    pub endpoint: String,
    /// How it strikes.
    pub kind: Kind,
    /// How often it still strikes.
    #[serde(default = "once")]
    pub times: u64,
    /// For `slow`: real milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// For `callback_late`: seconds of the sandbox's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    /// For `finish_status`: the status, such as `err(20431)`; for `publish_refused` and
    /// `publish_status` the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl Fault {
    /// What is missing or out of range, in one sentence.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), String> {
        let known = self.endpoint == "*"
            || self.endpoint == "callback"
            || wire::Endpoint::of_path(&self.endpoint).is_some();
        if !known {
            return Err(format!(
                "endpoint {:?} is unknown; give a path such as /cgi-bin/user/get, \"callback\" or \"*\"",
                self.endpoint
            ));
        }
        if self.kind == Kind::Slow && self.ms.is_none_or(|ms| ms > 600_000) {
            return Err("slow needs ms, at most 600000".to_owned());
        }
        if self.kind == Kind::CallbackLate
            && !self.seconds.is_some_and(|seconds| (0..=31_536_000).contains(&seconds))
        {
            return Err("callback_late needs seconds, 0 to 31536000".to_owned());
        }
        if self.kind == Kind::FinishStatus && self.status.is_none() {
            return Err("finish_status needs status, such as \"err(20431)\"".to_owned());
        }
        let number = self.number();
        if self.kind == Kind::PublishRefused && !matches!(number, Some(53503..=53505)) {
            return Err("publish_refused needs status, \"53503\" to \"53505\"".to_owned());
        }
        if self.kind == Kind::PublishStatus && !matches!(number, Some(2..=4)) {
            return Err("publish_status needs status, \"2\" to \"4\"".to_owned());
        }
        Ok(())
    }

    fn number(&self) -> Option<i64> {
        self.status.as_deref()?.parse().ok()
    }
}

/// The faults waiting, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    waiting: Vec<Fault>,
}

impl Faults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.waiting.push(fault);
        }
    }

    /// Those that still wait.
    #[must_use]
    pub fn waiting(&self) -> &[Fault] {
        &self.waiting
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The fault that strikes a call of this path. A call for a token carries none that could die.
    pub fn strike_call(&mut self, path: &str) -> Option<Fault> {
        let carries_token = ![wire::Endpoint::Token, wire::Endpoint::StableToken]
            .iter()
            .any(|endpoint| endpoint.path() == path);
        self.strike(|fault| {
            fault.kind.strikes_calls()
                && (fault.kind != Kind::TokenDead || carries_token)
                && (fault.endpoint == path || fault.endpoint == "*")
        })
    }

    /// The fault that strikes the next callback.
    pub fn strike_callback(&mut self) -> Option<Fault> {
        self.strike(|fault| fault.kind.strikes_callbacks())
    }

    /// The status the next mass job ends with, when one is laid out.
    pub fn strike_finish(&mut self) -> Option<String> {
        self.strike(|fault| fault.kind == Kind::FinishStatus).and_then(|fault| fault.status)
    }

    /// The code the next publication is refused with, when one is laid out.
    pub fn strike_publish(&mut self) -> Option<i64> {
        self.strike(|fault| fault.kind == Kind::PublishRefused).and_then(|fault| fault.number())
    }

    /// The status the next publication ends with, when one is laid out.
    pub fn strike_publication(&mut self) -> Option<i64> {
        self.strike(|fault| fault.kind == Kind::PublishStatus).and_then(|fault| fault.number())
    }

    fn strike(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let place = self.waiting.iter().position(fits)?;
        let fault = self.waiting.get_mut(place)?;
        fault.times = fault.times.saturating_sub(1);
        let struck = fault.clone();
        if fault.times == 0 {
            self.waiting.remove(place);
        }
        Some(struck)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_told_and_only_where_told() {
        let mut faults = Faults::default();
        let fault: Fault = serde_json::from_str(
            r#"{"endpoint":"/cgi-bin/user/get","kind":"system_error","times":2}"#,
        )
        .unwrap();
        fault.check().unwrap();
        faults.add(fault);
        assert!(faults.strike_call("/cgi-bin/token").is_none());
        assert!(faults.strike_call("/cgi-bin/user/get").is_some());
        assert!(faults.strike_callback().is_none());
        assert_eq!(faults.waiting()[0].times, 1);
        assert!(faults.strike_call("/cgi-bin/user/get").is_some());
        assert!(faults.waiting().is_empty());
    }

    #[test]
    fn what_a_kind_needs_is_asked_for() {
        let fault = |text: &str| serde_json::from_str::<Fault>(text).unwrap().check();
        assert!(fault(r#"{"endpoint":"*","kind":"slow"}"#).is_err());
        assert!(fault(r#"{"endpoint":"callback","kind":"callback_late"}"#).is_err());
        assert!(fault(r#"{"endpoint":"callback","kind":"finish_status"}"#).is_err());
        assert!(fault(r#"{"endpoint":"/nowhere","kind":"http_500"}"#).is_err());
        assert!(fault(r#"{"endpoint":"callback","kind":"callback_late","seconds":60}"#).is_ok());
        assert!(fault(r#"{"kind":"publish_status","status":"5"}"#).is_err());
        assert!(fault(r#"{"kind":"publish_refused"}"#).is_err());
    }
}
