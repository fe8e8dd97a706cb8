//! How a fault strikes, and where it can.

use serde::{Deserialize, Serialize};

/// How a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Answers `code`, whatever it is, nothing is done: for what the platform decides by rules it
    /// tells nobody, such as 43104 or 45087.
    Refused,
    /// Answers −1, nothing is done.
    SystemError,
    /// Answers 45009, nothing is done.
    DayQuota,
    /// Answers 45011, nothing is done.
    MinuteQuota,
    /// The call's token dies; answers 40001.
    TokenDead,
    /// Another program asks for the account's classic token just before: the former one lives on
    /// for minutes only (`platform/02 §1`).
    ForeignToken,
    /// Another program forces a new stable token just before: the former one is dead at once
    /// (`platform/02 §2`).
    ForeignForcedToken,
    /// Answers HTTP 500, nothing is done.
    #[serde(rename = "http_500")]
    Http500,
    /// Answers HTTP 502, nothing is done.
    #[serde(rename = "http_502")]
    Http502,
    /// Answers HTTP 503, nothing is done.
    #[serde(rename = "http_503")]
    Http503,
    /// Answers HTTP 504, nothing is done.
    #[serde(rename = "http_504")]
    Http504,
    /// The connection is closed, nothing is done.
    CutBefore,
    /// The connection is held for `ms`, then closed; nothing is done.
    TimeOutBefore,
    /// The call is carried out and the connection closed without an answer.
    LostAnswer,
    /// The call is carried out, the connection held for `ms`, then closed without an answer.
    TimeOutAfter,
    /// The call is carried out, and half its answer comes before the connection is closed.
    HalfAnswer,
    /// The call is carried out and answered `ms` real milliseconds later.
    Slow,
    /// A callback is never pushed.
    CallbackLost,
    /// A callback is pushed twice.
    CallbackDoubled,
    /// A callback is pushed `seconds` later, on the sandbox's clock.
    CallbackLate,
    /// A callback is pushed after the account's next one, or `seconds` later when none comes.
    CallbackOutOfOrder,
    /// The first attempt of a callback carries half its body.
    CallbackTruncated,
    /// The first attempt of a callback is signed with another token.
    CallbackWrongSignature,
    /// The next mass job ends with `status` and reaches nobody.
    FinishStatus,
    /// The end of the next mass job is told with `count` fewer delivered than there were.
    CountsOff,
    /// The next publication is refused with the code `status`: 53503, 53504 or 53505.
    PublishRefused,
    /// The next publication ends with `status`: 2, 3 or 4.
    PublishStatus,
}

/// Where faults strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A call of this path.
    Call(&'static str),
    /// A callback about to be pushed.
    Callback,
    /// A mass job about to be carried out.
    Job,
    /// The end of a mass job about to be told.
    JobEnd,
    /// A publication about to be accepted.
    Publish,
    /// A publication about to be done.
    Publication,
}

impl Place {
    /// What a fault's `endpoint` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Call(path) => path,
            Self::Callback => CALLBACK,
            Self::Job | Self::JobEnd => JOB,
            Self::Publish | Self::Publication => PUBLICATION,
        }
    }
}

/// `endpoint` of callbacks.
pub const CALLBACK: &str = "callback";
/// `endpoint` of mass jobs.
pub const JOB: &str = "job";
/// `endpoint` of publications.
pub const PUBLICATION: &str = "publication";
/// `endpoint` of everything.
pub const EVERYWHERE: &str = "*";

/// Whether a fault's `endpoint` is one.
#[must_use]
pub fn is_endpoint(name: &str) -> bool {
    matches!(name, EVERYWHERE | CALLBACK | JOB | PUBLICATION)
        || wire::Endpoint::of_path(name).is_some()
}

impl Kind {
    /// Whether such a fault can strike there.
    #[must_use]
    pub fn strikes(self, place: Place) -> bool {
        match self {
            // A call for a token carries none that could die.
            Self::TokenDead | Self::ForeignToken | Self::ForeignForcedToken => {
                matches!(place, Place::Call(path) if carries_token(path))
            }
            Self::Refused
            | Self::SystemError
            | Self::DayQuota
            | Self::MinuteQuota
            | Self::Http500
            | Self::Http502
            | Self::Http503
            | Self::Http504
            | Self::CutBefore
            | Self::TimeOutBefore
            | Self::LostAnswer
            | Self::TimeOutAfter
            | Self::HalfAnswer
            | Self::Slow => matches!(place, Place::Call(_)),
            Self::CallbackLost
            | Self::CallbackDoubled
            | Self::CallbackLate
            | Self::CallbackOutOfOrder
            | Self::CallbackTruncated
            | Self::CallbackWrongSignature => place == Place::Callback,
            Self::FinishStatus => place == Place::Job,
            Self::CountsOff => place == Place::JobEnd,
            Self::PublishRefused => place == Place::Publish,
            Self::PublishStatus => place == Place::Publication,
        }
    }

    /// Whether the connection is held for `ms`.
    #[must_use]
    pub fn takes_time(self) -> bool {
        matches!(self, Self::Slow | Self::TimeOutBefore | Self::TimeOutAfter)
    }

    /// The name as the control interface spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::SystemError => "system_error",
            Self::DayQuota => "day_quota",
            Self::MinuteQuota => "minute_quota",
            Self::TokenDead => "token_dead",
            Self::ForeignToken => "foreign_token",
            Self::ForeignForcedToken => "foreign_forced_token",
            Self::Http500 => "http_500",
            Self::Http502 => "http_502",
            Self::Http503 => "http_503",
            Self::Http504 => "http_504",
            Self::CutBefore => "cut_before",
            Self::TimeOutBefore => "time_out_before",
            Self::LostAnswer => "lost_answer",
            Self::TimeOutAfter => "time_out_after",
            Self::HalfAnswer => "half_answer",
            Self::Slow => "slow",
            Self::CallbackLost => "callback_lost",
            Self::CallbackDoubled => "callback_doubled",
            Self::CallbackLate => "callback_late",
            Self::CallbackOutOfOrder => "callback_out_of_order",
            Self::CallbackTruncated => "callback_truncated",
            Self::CallbackWrongSignature => "callback_wrong_signature",
            Self::FinishStatus => "finish_status",
            Self::CountsOff => "counts_off",
            Self::PublishRefused => "publish_refused",
            Self::PublishStatus => "publish_status",
        }
    }
}

fn carries_token(path: &str) -> bool {
    use wire::Endpoint::{ClearQuotaV2, StableToken, Token};
    ![Token, StableToken, ClearQuotaV2].iter().any(|endpoint| endpoint.path() == path)
}
