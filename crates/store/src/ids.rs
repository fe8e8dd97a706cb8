//! Numbers the store gives out, one type each, and the words states are kept as.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Text that is not one of the store's numbers or words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {wanted}")]
pub struct Unknown {
    /// The text found, cut to 80 characters.
    pub found: String,
    /// What would be right.
    pub wanted: &'static str,
}

impl Unknown {
    pub(crate) fn new(found: &str, wanted: &'static str) -> Self {
        Self { found: found.chars().take(80).collect(), wanted }
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident, $wanted:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Unknown;
            fn from_str(text: &str) -> Result<Self, Unknown> {
                text.parse().map(Self).map_err(|_| Unknown::new(text, $wanted))
            }
        }
    )*};
}

numbers! {
    /// An account, from 1.
    AccountId, "an account's number such as 1";
    /// A campaign inside its account, from 1.
    CampaignId, "a campaign's number such as 1";
    /// A batch inside its account, from 1.
    BatchId, "a batch's number such as 1";
    /// A month plan inside its account, from 1.
    PlanId, "a plan's number such as 1";
    /// A pass over all followers inside its account, from 1.
    PassId, "a pass's number such as 1";
}

/// Declares an enum kept as a word, in SQL and in JSON alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $wanted:literal { $($(#[$inner:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$inner])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one, in the order of this page.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word it is kept as.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::ids::Unknown;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(crate::ids::Unknown::new(text, $wanted)),
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bare_in_json_and_parse_from_text() {
        assert_eq!(serde_json::to_string(&AccountId(7)).unwrap(), "7");
        assert_eq!("7".parse::<CampaignId>().unwrap(), CampaignId(7));
        assert!("seven".parse::<BatchId>().is_err());
        assert_eq!(PassId(3).to_string(), "3");
    }

    #[test]
    fn words_survive_text_and_json() {
        for state in crate::batch::BatchState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
            assert_eq!(serde_json::to_string(state).unwrap(), format!("\"{state}\""));
        }
    }
}
