//! What conditions are made of: names, comparisons, values, times.

use serde::{Deserialize, Serialize};
use wire::{Day, TagId};

/// A name of the account's own, and where in the text it stood.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Name {
    pub(super) text: String,
    pub(super) column: usize,
}

/// A platform tag's number, and where in the text it stood.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(from = "TagId", into = "TagId")]
pub struct TagNumber {
    pub(super) tag: TagId,
    pub(super) column: usize,
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
    /// `30d ago`: a day so long before today, compared by how long ago it was: `>` is longer ago.
    DaysAgo(u32),
    /// `30d ahead`: a day so long after today; `<` is sooner.
    DaysAhead(u32),
}

/// How a text holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// Anywhere.
    Contains,
    /// At its beginning.
    Starts,
    /// At its end.
    Ends,
}

/// What of orders or events is added up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Summed {
    /// The pieces of orders.
    Items,
    /// The pieces of a product, by its number or name.
    Bought(Name),
    /// The numbers that events carry.
    Event {
        /// Their kind.
        kind: Name,
        /// Their key; without one, every key of the kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
}

/// When something counts. Nothing after now does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Always.
    #[default]
    AllTime,
    /// The last so many times 24 hours, to the minute.
    Days(u32),
    /// The last so many hours, to the minute.
    Hours(u32),
    /// Two days and all between, China Standard Time.
    Between {
        /// First day.
        from: Day,
        /// Last day.
        to: Day,
    },
}

/// How soon after another thing something must happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// So many times 24 hours.
    Days(u32),
    /// So many hours.
    Hours(u32),
}

impl Within {
    /// How soon a reaction counts where nothing is said of it.
    pub const USUAL: Self = Self::Days(7);

    /// The same in seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Days(days) => i64::from(days) * 86_400,
            Self::Hours(hours) => i64::from(hours) * 3600,
        }
    }
}

/// What followers do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// An order.
    Order,
    /// A line of an order with this product, by its number or name.
    Bought(Name),
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
    /// So many hours before now, likewise.
    HoursAgo(u32),
    /// A day, China Standard Time; `<` is before it, `>` after it.
    Date(Day),
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

    pub(super) fn at(text: impl Into<String>, column: usize) -> Self {
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
    pub(super) fn is_all_time(&self) -> bool {
        *self == Self::AllTime
    }
}
