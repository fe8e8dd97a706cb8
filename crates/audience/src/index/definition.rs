//! What a merchant's attribute may hold.

use serde::{Deserialize, Serialize};

/// The kind of value an attribute holds. A segment that compares it with anything else is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// Words.
    Text,
    /// A number.
    Number,
    /// A day, kept as the text `yyyy-mm-dd`.
    Date,
    /// Yes or no.
    Flag,
    /// One of these words.
    Choice(Vec<String>),
}
