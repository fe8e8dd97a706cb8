//! Identifiers as the platform gives them: one type per kind, parsed once where text comes in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An identifier that does not have the shape its kind asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {found:?} is not usable: {wanted}")]
pub struct Malformed {
    /// Which identifier, in words.
    pub kind: &'static str,
    /// The text found, cut to 80 characters.
    pub found: String,
    /// What would be right.
    pub wanted: &'static str,
}

impl Malformed {
    fn new(kind: &'static str, found: &str, wanted: &'static str) -> Self {
        Self { kind, found: found.chars().take(80).collect(), wanted }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $allowed:expr, $wanted:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads the identifier, or says what is wrong with it.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                let allowed: fn(u8) -> bool = $allowed;
                if text.is_empty() || text.len() > $max || !text.bytes().all(allowed) {
                    return Err(Malformed::new($kind, text, $wanted));
                }
                Ok(Self(text.into()))
            }

            /// The identifier as the platform writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }
    };
}

fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn printable(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

text_id!(
    /// A follower's id inside one account: opaque, case-sensitive, at most 64 bytes
    /// (`platform/07 §1`; 28 characters in practice).
    OpenId, "OpenID", 64, url_safe, "1 to 64 characters of A–Z a–z 0–9 _ -"
);
text_id!(
    /// An account's developer id, `wx…`.
    AppId, "AppID", 64, url_safe, "1 to 64 characters of A–Z a–z 0–9 _ -, as the platform shows it (wx…)"
);
text_id!(
    /// An account's original id, `gh_…`: the recipient named in callbacks.
    OriginalId, "original id", 64, url_safe, "1 to 64 characters of A–Z a–z 0–9 _ -, as the platform shows it (gh_…)"
);
text_id!(
    /// A material's or draft's id: opaque, at most 128 characters (`platform/08 §3`).
    MediaId, "media_id", 128, url_safe, "1 to 128 characters of A–Z a–z 0–9 _ -"
);
text_id!(
    /// The sender's own key of one mass call (`platform/03 §4`): at most 32 ASCII characters, the
    /// smaller of the two documented sizes.
    ClientMsgId, "clientmsgid", 32, printable, "1 to 32 printable ASCII characters"
);

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(deserialize_with = "crate::ids::number_or_text")] pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                text.trim()
                    .parse()
                    .map(Self)
                    .map_err(|_| Malformed::new(stringify!($name), text, "a whole number"))
            }
        }
    };
}

number_id!(
    /// A platform tag's number; 0, 1 and 2 are the platform's own (`platform/07 §7`).
    TagId, i64
);
number_id!(
    /// A mass job's number; needs 64 bits (`platform/03 §3`).
    MsgId, i64
);
number_id!(
    /// The number the statistics interface knows a mass job's articles by.
    MsgDataId, i64
);

impl TagId {
    /// Whether the platform keeps this tag for itself and refuses to change it.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        (0..=2).contains(&self.0)
    }
}

/// Accepts a whole number written bare or as text, as the platform does in several places.
pub fn number_or_text<'de, D, N>(source: D) -> Result<N, D::Error>
where
    D: serde::Deserializer<'de>,
    N: Deserialize<'de> + FromStr,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<N> {
        Number(N),
        Text(String),
    }
    match Either::<N>::deserialize(source)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| serde::de::Error::custom(format!("{text:?} is not a whole number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_case_and_refuse_foreign_characters() {
        let id = OpenId::parse("oSBXaaaaaaaaaaaaaaaaaaaaaa01").unwrap();
        assert_eq!(id.as_str(), "oSBXaaaaaaaaaaaaaaaaaaaaaa01");
        assert!(OpenId::parse("").is_err());
        assert!(OpenId::parse("o 1").is_err());
        let error = ClientMsgId::parse(&"x".repeat(33)).unwrap_err();
        assert!(error.to_string().contains("1 to 32"));
    }

    #[test]
    fn numbers_come_bare_or_as_text() {
        assert_eq!(serde_json::from_str::<MsgId>("3147483671").unwrap(), MsgId(3_147_483_671));
        assert_eq!(serde_json::from_str::<MsgId>("\"3147483671\"").unwrap(), MsgId(3_147_483_671));
        assert!(serde_json::from_str::<MsgId>("\"x\"").is_err());
        assert_eq!(serde_json::to_string(&MsgId(7)).unwrap(), "7");
    }
}
