//! Why something asked for was not done: one type, one sentence, what to do about it.

use std::borrow::Cow;
use std::fmt;

use crate::view::ImportView;

/// How the interface answers an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The thing named does not exist here.
    NotFound,
    /// What was given cannot be used.
    BadInput,
    /// It contradicts what is already so.
    Conflict,
    /// The caller may not.
    Forbidden,
    /// The platform refused or did not answer.
    Platform,
    /// A fault of ours.
    Internal,
}

/// Why something asked for was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing.
    #[error("there is no {what} {name}")]
    NotFound {
        /// Its kind: `account`, `campaign`, `follower`, `batch`.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A field cannot be used.
    #[error("{field}: {problem}")]
    BadInput {
        /// The field.
        field: Cow<'static, str>,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Some of many lines cannot be used; nothing was taken in.
    #[error("{} of {} cannot be used, see `report`; nothing was taken in", .0.refused, .0.lines)]
    BadLines(Box<ImportView>),
    /// The platform would refuse what the message says.
    #[error(transparent)]
    Content(#[from] content::Problem),
    /// The segment's text cannot be understood.
    #[error("segment, {0}")]
    Segment(#[from] audience::segment::Error),
    /// What is asked contradicts the state.
    #[error("{0}")]
    Conflict(String),
    /// This database may be a copy of one that went on.
    #[error(
        "this database may be an older copy, so nothing is sent from it until a person released it"
    )]
    Fenced,
    /// Nobody would receive.
    #[error("{0}")]
    NobodyReachable(String),
    /// The message's signature or encryption does not fit the account's callback settings.
    #[error("the callback cannot be trusted: {0}")]
    Callback(#[from] wire::callback::Error),
    /// The platform refused, or did not answer.
    #[error(transparent)]
    Platform(#[from] client::Error),
    /// The clock is the system's and cannot be moved.
    #[error("the clock of this server is the system's and cannot be moved")]
    NotVirtual,
    /// The store failed.
    #[error("failed to read or write the store: {0}")]
    Store(#[from] store::Error),
    /// What the store holds cannot be read back.
    #[error("the store holds something unreadable: {what}: {problem}")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        problem: String,
    },
    /// The limits of the platform cannot be read.
    #[error(transparent)]
    Rules(#[from] wire::rules::Error),
}

impl Error {
    pub(crate) fn bad(field: impl Into<Cow<'static, str>>, problem: impl fmt::Display) -> Self {
        Self::BadInput { field: field.into(), problem: problem.to_string() }
    }

    pub(crate) fn not_found(what: &'static str, name: impl fmt::Display) -> Self {
        Self::NotFound { what, name: name.to_string() }
    }

    pub(crate) fn unreadable(what: &'static str, problem: impl fmt::Display) -> Self {
        Self::Unreadable { what, problem: problem.to_string() }
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::BadInput { .. } | Self::Content(_) => "bad_input",
            Self::BadLines(_) => "bad_lines",
            Self::Segment(_) => "bad_segment",
            Self::Conflict(_) => "conflict",
            Self::Fenced => "fenced",
            Self::NobodyReachable(_) => "nobody_reachable",
            Self::Callback(_) => "callback_not_trusted",
            Self::Store(store::Error::NotFound { .. }) => "not_found",
            Self::Store(store::Error::AlreadyThere { .. }) => "conflict",
            Self::Platform(_) => "platform",
            Self::NotVirtual => "clock_not_virtual",
            Self::Store(_) | Self::Unreadable { .. } | Self::Rules(_) => "internal",
        }
    }

    /// How the interface answers.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } | Self::Store(store::Error::NotFound { .. }) => {
                ErrorKind::NotFound
            }
            Self::Store(store::Error::AlreadyThere { .. }) => ErrorKind::Conflict,
            Self::BadInput { .. }
            | Self::BadLines(_)
            | Self::Content(_)
            | Self::Segment(_)
            | Self::NobodyReachable(_) => ErrorKind::BadInput,
            Self::Conflict(_) | Self::Fenced | Self::NotVirtual => ErrorKind::Conflict,
            Self::Callback(_) => ErrorKind::Forbidden,
            Self::Platform(_) => ErrorKind::Platform,
            Self::Store(_) | Self::Unreadable { .. } | Self::Rules(_) => ErrorKind::Internal,
        }
    }

    /// What to do, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { what: "account", .. } => {
                Some("`fourcast accounts list` shows the connected accounts".into())
            }
            Self::NotFound { what: "follower", .. } => Some(
                "synchronise the followers, or check that the OpenID is of this account".into(),
            ),
            Self::NobodyReachable(_) => {
                Some("`fourcast slots histogram` shows who has how many slots left".into())
            }
            Self::Fenced => Some(
                "`fourcast fence` shows what may have been sent; `fourcast fence release` goes on"
                    .into(),
            ),
            Self::NotVirtual => Some("start the server with --virtual-clock".into()),
            _ => None,
        }
    }

    /// The field at fault, where there is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::BadInput { field, .. } => Some(field),
            Self::Content(problem) => Some(problem.field),
            Self::Segment(_) => Some("segment"),
            _ => None,
        }
    }
}
