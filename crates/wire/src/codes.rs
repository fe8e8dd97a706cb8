//! The platform's error codes and what to do about them (`platform/02 §5–6`).
//!
//! Each code has one row, in one of the tables below, and often a name: `codes::SYSTEM_ERROR`.
//! What a caller does about a refusal is read from its row, never decided where the call is made.

use std::fmt;

use serde::{Deserialize, Serialize};

mod access;
mod account;
mod general;
mod material;
mod sending;
mod surface;

pub use access::*;
pub use account::*;
pub use general::*;
pub use material::*;
pub use sending::*;
pub use surface::*;

/// What is known of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The code.
    pub code: Code,
    /// What a caller does about it.
    pub reaction: Reaction,
    /// The root of the `errmsg` the platform sends, its spelling kept. Never compared.
    pub text: &'static str,
    /// One sentence for people: what it means and what to do.
    pub meaning: &'static str,
}

/// Writes a table of codes, and a constant for each row that has a name.
macro_rules! rows {
    ($($($name:ident:)? $code:literal, $reaction:ident, $text:literal, $meaning:literal;)*) => {
        $($(#[doc = $meaning] pub const $name: crate::Code = crate::Code($code);)?)*

        /// The table, smallest code first.
        pub(super) const ROWS: &[super::Row] = &[$(super::Row {
            code: crate::Code($code),
            reaction: super::Reaction::$reaction,
            text: $text,
            meaning: $meaning,
        },)*];
    };
}
use rows;

/// Every code this version knows: those of all calls, then of accounts and their rights, of
/// material and tags, of sending, of menus and QR codes, of authorisations and statistics. Each
/// group has its smallest code first.
pub fn known() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().copied().flatten()
}

const TABLES: [&[Row]; 6] =
    [general::ROWS, account::ROWS, material::ROWS, sending::ROWS, surface::ROWS, access::ROWS];

impl Code {
    /// What is known of it; `None` for a code this version has never heard of.
    #[must_use]
    pub fn row(self) -> Option<&'static Row> {
        TABLES.iter().find_map(|table| {
            table.binary_search_by_key(&self, |row| row.code).ok().map(|at| &table[at])
        })
    }

    /// What a caller does about it. An unknown code stops the work until a person has looked.
    #[must_use]
    pub fn reaction(self) -> Reaction {
        self.row().map_or(Reaction::AskOperator, |row| row.reaction)
    }

    /// One sentence for people: what it means and what to do.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.row().map_or(
            "The platform refused with a code this version does not know; look the code up in the \
             platform's documentation before you go on.",
            |row| row.meaning,
        )
    }

    /// The root of the English `errmsg` the platform sends with it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.row().map_or("unknown error", |row| row.text)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_and_no_code_stands_twice() {
        for table in TABLES {
            for pair in table.windows(2) {
                assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
            }
        }
        let mut codes: Vec<Code> = known().map(|row| row.code).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn every_sentence_is_one_and_says_something() {
        for row in known() {
            assert!(row.meaning.ends_with('.'), "{}: {}", row.code, row.meaning);
            assert!(!row.meaning.contains(". "), "{}: {}", row.code, row.meaning);
            assert!(!row.text.is_empty() && !row.text.contains("rid:"), "{}", row.code);
            assert_eq!(row.code.row(), Some(row));
        }
    }

    /// The classes of `platform/02 §5`, code by code.
    #[test]
    fn each_code_asks_for_the_reaction_of_its_class() {
        use Reaction::*;
        let classes: [(Reaction, &[i64]); 9] = [
            (RefreshToken, &[40001, 40014, 42001, 41001]),
            (
                RetryLater,
                &[-1, 20001, 45085, 89505, 268487001, 268487002, 268488001, 9500001, 9500002],
            ),
            (WaitAMinute, &[45011, 45066, 42010, 43117, 45080, 45081]),
            (QuotaUsedUp, &[45009, 45028, 45047, 45093, 48006]),
            (AlreadyDone, &[45065, 40241, 44007]),
            (DropRecipient, &[43004, 43101, 43006, 43019, 45015, 48002, 50005, 40003, 46004]),
            (
                ChangeContent,
                &[
                    40066, 40068, 40155, 40213, 40214, 40249, 40252, 43116, 45002, 45003, 45004,
                    45005, 45006, 45007, 45008, 47003, 45062, 41040, 70000,
                ],
            ),
            (
                AskOperator,
                &[
                    40200, 43104, 43106, 45087, 45102, 45103, 45109, 48001, 48003, 48004, 48008,
                    50001, 50002, 50007, 61007, 200011, 777_777,
                ],
            ),
            (AwaitAdministrator, &[89501, 89502, 89503, 89504]),
        ];
        for (reaction, codes) in classes {
            for &code in codes {
                assert_eq!(Code(code).reaction(), reaction, "{code}");
            }
        }
        for code in [40002, 40007, 40130, 41002, 43001, 43002, 44002, 47001] {
            assert_eq!(Code(code).reaction(), FixCall, "{code}");
        }
    }

    /// The smallest set the sandbox must answer with (`platform/02 §6.6`), and those of mass sends.
    #[test]
    fn the_codes_an_emulator_needs_are_all_there() {
        let needed = "-1 0 40001 40002 40003 40007 40008 40013 40014 40031 40032 40037 40059 40060 \
            40065 40066 40097 40125 40130 40132 40152 40164 41001 41030 42001 43001 43002 43004 \
            43101 44002 45002 45003 45008 45009 45011 45015 45028 45047 45056 45057 45058 45059 \
            45065 45066 45067 45080 45081 45083 45084 45113 45157 45158 45159 45162 46001 46004 \
            47001 47003 48001 48003 48004 48006 50001 50002 76001 76002 76003 76004 76021 76022 \
            89504 200012 200014 200020 200022 \
            45052 45062 45085 45093 45102 45103 45109 45161 48008 48013 48014 48021 48022 \
            268487001 268487002 268488001 9500001 9500002";
        for code in needed.split_whitespace() {
            assert!(Code(code.parse().unwrap()).row().is_some(), "{code} has no row");
        }
        assert_eq!(CLIENTMSGID_EXISTS, Code(45065));
        assert_eq!(CLIENTMSGID_EXISTS.text(), "clientmsgid exist");
        assert_eq!(Code(45028).text(), "has no masssend quota");
    }
}
