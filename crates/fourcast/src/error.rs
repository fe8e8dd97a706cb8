//! What a command can fail with: one sentence, and where there is one, a hint.

use crate::rest;

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server or the sandbox refused, was not reached, or was not understood.
    #[error(transparent)]
    Rest(#[from] rest::Error),
    /// What was asked cannot be done.
    #[error("{sentence}")]
    Asked {
        /// What is wrong.
        sentence: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Something underneath failed.
    #[error("failed to {what}: {source}")]
    Failed {
        /// What was being done.
        what: String,
        /// Why it did not work.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// What was asked cannot be done, and what to do instead.
    pub fn asked(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Asked { sentence: sentence.into(), hint: Some(hint.into()) }
    }

    /// Turns an error from underneath into "failed to `what`".
    pub fn failed<E>(what: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let what = what.into();
        move |source| Self::Failed { what, source: source.into() }
    }

    /// What the person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Rest(error) => error.hint(),
            Self::Asked { hint, .. } => hint.clone(),
            Self::Failed { .. } => None,
        }
    }

    /// Whether asking again may work: the other side was not there.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(self, Self::Rest(rest::Error::Unreachable { .. }))
    }
}
