//! Segments (人群): the language that says which followers are meant.
//!
//! ```text
//! subscribed and (tag "油性皮肤" or tag "敏感皮肤") and not own tag "已购"
//! 城市 in ("上海", "杭州") 且 birthday < 1990-01-01 且 has customer_id
//! orders.sum(amount, 90d) >= 500 and last(order) > 30d ago
//! subscribed within 30d and count(click "新品", 7d) = 0 and slots >= 1
//! ```
//!
//! # What conditions mean
//! - A segment is a set over **everybody known**, those who left among them, unless it says
//!   `subscribed`. A forecast then tells how many of them left.
//! - A follower **without a value satisfies no comparison on it**, `!=` among them:
//!   `城市 != "上海"` holds of those known to live elsewhere, `not 城市 = "上海"` also of those of
//!   whom nothing is known. So with `first` and `last`: who never ordered is in neither
//!   `last(order) > 180d ago` nor `last(order) < 180d ago`; `never(order)` names them. Counts and
//!   sums always have a value: 0 when there is nothing.
//! - `90d` is the time from now − 90 × 86,400 s to now, both included. `1997-01-01..1997-09-30` is
//!   both days and all between, China Standard Time. No window is all time. What lies after now is
//!   never seen.
//! - `last(order) > 180d ago` holds when that was longer ago than 180 × 86,400 s;
//!   `last(order) < 1997-06-30` when it was before that day, China Standard Time.
//! - A value of another kind than the one it is compared with is only unequal to it. A text that
//!   reads as a number is compared as one with numbers, a text `yyyy-mm-dd` as a day with days.
//! - `received "key"` holds of whoever received that campaign or may have; `slots` counts the slots
//!   certainly left this month.
//!
//! `and`, `or`, `not` may be written 且, 或, 非; `and` binds tighter than `or`. Names that are not
//! plain words, or are words of the language, stand in backquotes.
//!
//! # Life of a segment
//! [`Segment::parse`] reads text; [`Segment::compile`] checks every name against what is known, so
//! that a mistyped tag is an error and never an empty audience; [`Segment::evaluate`] answers, and
//! every count, list, forecast and send comes from it. Both ways between text, tree and JSON keep
//! everything but layout.

mod check;
mod error;
mod evaluate;
mod explain;
mod nearest;
mod parse;
mod print;
mod token;

use serde::{Deserialize, Serialize};
use wire::{Day, TagId};

pub use check::EVENT_KINDS;
pub use error::{Error, Problem};
pub use explain::Explained;

use crate::Set;

/// What a segment asks of others than the index. What has no source yet is left to its default,
/// which knows of nothing.
pub trait Context {
    /// Who received, or may have received, the campaign with this key; `None` when there is no
    /// such campaign.
    fn received(&self, campaign_key: &str) -> Option<Set>;
    /// Who certainly has at least `n` slots left this month, among everybody known.
    fn slots_at_least(&self, n: u8) -> Set;
    /// The keys of all campaigns, to propose one when a key is mistyped.
    fn campaign_keys(&self) -> Vec<String>;
    /// Who reacted to the campaign with this key; `None` when nothing can be said of it.
    fn reacted(&self, _campaign_key: &str) -> Option<Set> {
        None
    }
    /// Who holds at least `n` consents to notices of this template; `None` when there is no such
    /// template.
    fn consents_at_least(&self, _template: &str, _n: u32) -> Option<Set> {
        None
    }
    /// The templates that consents can be held for, to propose one.
    fn templates(&self) -> Vec<String> {
        Vec::new()
    }
    /// What opens a window for customer-service messages, and for how long.
    fn openings(&self) -> &[Opening] {
        &[]
    }
    /// The saved segment of this name.
    fn saved(&self, _name: &str) -> Option<Segment> {
        None
    }
    /// The names of all saved segments, to propose one.
    fn saved_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An act that opens a window for customer-service messages (`platform/05 §1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The kind of event.
    pub kind: String,
    /// Seconds until the window closes again.
    pub seconds: i64,
}

/// Which followers are meant, as a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// All of these; of none, everybody.
    All(Vec<Segment>),
    /// Any of these; of none, nobody.
    Any(Vec<Segment>),
    /// Everybody but these.
    Not(Box<Segment>),
    /// Everybody known.
    Everyone,
    /// Follows now.
    Subscribed,
    /// Follows now, since this many days at most.
    SubscribedWithin(u32),
    /// Follows now, since before this day.
    SubscribedBefore(Day),
    /// Carries the platform tag of this name.
    Tag(Name),
    /// Carries the platform tag of this number.
    TagNumber(TagNumber),
    /// Carries this tag of the merchant's own.
    OwnTag(Name),
    /// Has any value of this attribute.
    Has(Name),
    /// The attribute compares so with the value.
    Attribute {
        /// Which attribute.
        name: Name,
        /// How.
        compare: Compare,
        /// With what.
        value: Literal,
    },
    /// The attribute is one of these.
    AttributeIn {
        /// Which attribute.
        name: Name,
        /// What it may be.
        values: Vec<Literal>,
    },
    /// The number of orders, or of events, in the window compares so.
    Count {
        /// What is counted.
        what: Happening,
        /// When.
        #[serde(default, skip_serializing_if = "Window::is_all_time")]
        window: Window,
        /// How.
        compare: Compare,
        /// With what.
        number: u32,
    },
    /// What was paid in the window compares so.
    AmountSum {
        /// When.
        #[serde(default, skip_serializing_if = "Window::is_all_time")]
        window: Window,
        /// How.
        compare: Compare,
        /// With how many cents (分).
        cents: i64,
    },
    /// The first or last time compares so.
    Moment {
        /// Which of the times.
        which: Which,
        /// Of what.
        what: Happening,
        /// How.
        compare: Compare,
        /// With when.
        when: When,
    },
    /// It never happened.
    Never(Happening),
    /// Received, or may have received, the campaign with this key.
    Received(Name),
    /// The slots certainly left this month compare so.
    Slots {
        /// How.
        compare: Compare,
        /// With what.
        number: u8,
    },
}

/// A name of the account's own, and where in the text it stood.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Name {
    text: String,
    column: usize,
}

/// A platform tag's number, and where in the text it stood.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(from = "TagId", into = "TagId")]
pub struct TagNumber {
    tag: TagId,
    column: usize,
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Compare {
    /// The same.
    #[serde(rename = "=")]
    Equal,
    /// Not the same.
    #[serde(rename = "!=")]
    NotEqual,
    /// Under.
    #[serde(rename = "<")]
    Less,
    /// Under or the same.
    #[serde(rename = "<=")]
    LessOrEqual,
    /// Over.
    #[serde(rename = ">")]
    More,
    /// Over or the same.
    #[serde(rename = ">=")]
    MoreOrEqual,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// `"上海"`.
    Text(String),
    /// `12.5`.
    Number(f64),
    /// `1990-01-01`.
    Date(Day),
    /// `true`, `false`, 是, 否.
    Flag(bool),
}

/// When something counts. Nothing after now does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Always.
    #[default]
    AllTime,
    /// The last so many times 24 hours, the first moment included.
    Days(u32),
    /// Two days and all between, China Standard Time.
    Between {
        /// First day.
        from: Day,
        /// Last day.
        to: Day,
    },
}

/// What followers do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// An order.
    Order,
    /// An event.
    Event {
        /// Its kind, such as `click` or `message`.
        kind: Name,
        /// Its key, such as the menu's; without one, every key of the kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
}

/// One of many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The earliest.
    First,
    /// The latest that is not after now.
    Last,
}

/// What a moment is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// So many times 24 hours before now; `>` is longer ago, `<` more recently.
    DaysAgo(u32),
    /// A day, China Standard Time; `<` is before it, `>` after it.
    Date(Day),
}

impl Segment {
    /// How deep conditions may stand inside each other.
    pub const DEEPEST: usize = 64;
}

impl Name {
    /// A name that stood in no text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), column: 0 }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn at(text: impl Into<String>, column: usize) -> Self {
        Self { text: text.into(), column }
    }
}

/// Where a name stood does not matter.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.text
    }
}

/// Where a number stood does not matter.
impl PartialEq for TagNumber {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl From<TagId> for TagNumber {
    fn from(tag: TagId) -> Self {
        Self { tag, column: 0 }
    }
}

impl From<TagNumber> for TagId {
    fn from(number: TagNumber) -> Self {
        number.tag
    }
}

impl Compare {
    /// Every comparison and its sign.
    pub const SIGNS: [(Self, &'static str); 6] = [
        (Self::Equal, "="),
        (Self::NotEqual, "!="),
        (Self::Less, "<"),
        (Self::LessOrEqual, "<="),
        (Self::More, ">"),
        (Self::MoreOrEqual, ">="),
    ];

    /// Whether `left` compares so with `right`.
    #[must_use]
    pub fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::More => left > right,
            Self::MoreOrEqual => left >= right,
        }
    }

    /// Whether it asks for an order, not only for sameness.
    #[must_use]
    pub fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Window {
    fn is_all_time(&self) -> bool {
        *self == Self::AllTime
    }
}

#[cfg(test)]
mod tests;
