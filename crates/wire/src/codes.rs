//! The platform's error codes and what to do about them (`platform/02 §5–6`).

use std::fmt;

use serde::{Deserialize, Serialize};

/// An `errcode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub i64);

/// What a caller does about a refusal. The classes of `platform/02 §5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// The token is dead: fetch another, repeat once.
    RefreshToken,
    /// Busy: repeat later; a send only with the same id.
    RetryLater,
    /// Too fast: wait a minute, then repeat with the same id.
    WaitAMinute,
    /// A counter is used up: do not repeat before it is renewed.
    QuotaUsedUp,
    /// Done already: take what the answer carries as success.
    AlreadyDone,
    /// This recipient cannot be reached: drop them.
    DropRecipient,
    /// The content is refused: its author must change it.
    ChangeContent,
    /// A right is missing or the account is punished: stop, the operator must act.
    AskOperator,
    /// The administrator must confirm in WeChat.
    AwaitAdministrator,
    /// The call itself is wrong: a fault of the program.
    FixCall,
}

/// An answer with an `errcode` other than 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The code.
    pub errcode: Code,
    /// Words for people; never compared. Ends in ` rid: …` on the modern platform.
    #[serde(default)]
    pub errmsg: String,
    /// The former job's id, which 45065 carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<crate::MsgId>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.errcode, self.errmsg)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
