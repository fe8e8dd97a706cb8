//! What is wrong with a segment, and where.

use std::fmt;

/// A segment that cannot be used. Reads
/// `column 5: no tag "油皮"; did you mean "油性皮肤"?`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// Where in the text, counted in characters from 1; 0 when the segment came as a tree.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Something else was due here.
    Unexpected {
        /// What stands there.
        found: String,
        /// What would be right.
        wanted: String,
        /// The word of the language nearest to what stands there.
        nearest: Option<String>,
    },
    /// A name nobody knows.
    Unknown {
        /// What it should name: `tag`, `attribute`, …
        what: &'static str,
        /// The name.
        name: String,
        /// The known name nearest to it.
        nearest: Option<String>,
    },
    /// A comparison that can never hold, whoever the follower is.
    Senseless {
        /// Why, as a sentence without its full stop.
        why: String,
    },
    /// A saved segment that contains itself.
    Circular {
        /// From it through others back to it.
        way: Vec<String>,
    },
    /// Conditions inside each other, deeper than [`super::Segment::DEEPEST`].
    TooDeep,
}

impl Error {
    pub(super) fn unexpected(column: usize, found: impl Into<String>, wanted: &str) -> Self {
        let (found, wanted) = (found.into(), wanted.to_owned());
        Self { column, problem: Problem::Unexpected { found, wanted, nearest: None } }
    }

    pub(super) fn senseless(column: usize, why: impl Into<String>) -> Self {
        Self { column, problem: Problem::Senseless { why: why.into() } }
    }

    /// The proposal, when there is one.
    #[must_use]
    pub fn nearest(&self) -> Option<&str> {
        match &self.problem {
            Problem::Unexpected { nearest, .. } | Problem::Unknown { nearest, .. } => {
                nearest.as_deref()
            }
            Problem::Senseless { .. } | Problem::Circular { .. } | Problem::TooDeep => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.column > 0 {
            write!(f, "column {}: ", self.column)?;
        }
        match &self.problem {
            Problem::Unexpected { found, wanted, nearest } => {
                write!(f, "found {found}, wanted {wanted}")?;
                nearest.as_ref().map_or(Ok(()), |word| write!(f, "; did you mean {word}?"))
            }
            Problem::Unknown { what, name, nearest } => {
                write!(f, "no {what} {name:?}")?;
                nearest.as_ref().map_or(Ok(()), |word| write!(f, "; did you mean {word:?}?"))
            }
            Problem::Senseless { why } => f.write_str(why),
            Problem::Circular { way } => {
                write!(f, "a saved segment contains itself: {}", way.join(" → "))
            }
            Problem::TooDeep => write!(
                f,
                "conditions stand more than {} deep inside each other; take some parentheses away",
                super::Segment::DEEPEST
            ),
        }
    }
}
