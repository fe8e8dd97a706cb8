//! Segments (人群): the language that says which followers are meant.
//!
//! ```text
//! subscribed and (tag "油性皮肤" or tag "敏感皮肤") and not own tag "已购"
//! 城市 in ("上海", "杭州") 且 birthday < 1990-01-01 且 has customer_id
//! orders.sum(amount, 90d) >= 500 and last(order) > 30d ago
//! subscribed within 30d and count(click "新品", 7d) = 0 and slots >= 1
//! in segment "老客" and not in list "员工" and share "spring" 10% and window >= 2h
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
//! - `90d` is the time from now − 90 × 86,400 s to now, both included, where the first of them is
//!   taken to the minute: an answer holds for the minute it was asked in. `1997-01-01..1997-09-30`
//!   is both days and all between, China Standard Time. No window is all time. What lies after now
//!   is never seen.
//! - `bought "SKU-1"` beside `order` is a line of an order with that product, by its number or its
//!   name: `count(bought "SKU-1", 90d) >= 2`, `never(bought "面霜")`. Two lines of one order are two.
//!   `orders.sum(items "SKU-1") > 3` adds up their pieces, `orders.sum(amount "SKU-1", 90d) >= 100`
//!   what was paid for them, less what was given back.
//! - `last(order) > 180d ago` holds when that was longer ago than 180 × 86,400 s;
//!   `last(order) < 1997-06-30` when it was before that day, China Standard Time.
//! - A value of another kind than the one it is compared with is only unequal to it. A text that
//!   reads as a number is compared as one with numbers, a text `yyyy-mm-dd` as a day with days.
//! - `30d ago` and `30d ahead` beside an attribute are days, counted from today, China Standard
//!   Time; `> 30d ago` is longer ago. `anniversary(birthday) within 7d` looks at month and day
//!   alone; who was born on 29 February has their day on 28 February where there is no 29th.
//! - `window` holds of whom a customer-service message can reach now (`platform/05 §1`): they
//!   follow, and since they do they wrote, clicked or scanned, not too long ago. `window < 2h`: and
//!   that ends within two hours.
//! - `share "salt" 10%` chooses by a hash of salt and follower: the same ones every time, and of one
//!   salt the smaller share lies within the larger.
//! - `reacted "key"` holds of whoever clicked, wrote, scanned or ordered within 7 days from when
//!   that campaign was sent to them; `reacted "key" by order within 2d` says what and how soon. The
//!   moment is that of the call that carried it, the first that may have been taken: the platform
//!   tells nobody's own. Both ends of the time are included.
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

mod anniversary;
mod check;
mod context;
mod error;
mod evaluate;
mod explain;
mod nearest;
mod parse;
mod plan;
mod print;
pub(crate) mod share;
mod terms;
mod token;

use serde::{Deserialize, Serialize};
use wire::Day;

pub use check::{EVENT_KINDS, REACTIONS};
pub use context::{Context, Delivery, Opening};
pub use error::{Error, Problem};
pub use explain::Explained;
pub use terms::{
    Compare, Happening, Literal, Matching, Name, Summed, TagNumber, When, Which, Window, Within,
};

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
        /// For which product, by number or name; without one, for whole orders.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Name>,
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
    /// A text of this attribute holds another.
    Matches {
        /// Which attribute.
        name: Name,
        /// Where in it.
        matching: Matching,
        /// What it holds.
        text: String,
    },
    /// The day of this attribute comes round today or within so many days.
    Anniversary {
        /// Which attribute.
        name: Name,
        /// Days after today that count.
        days: u32,
    },
    /// What is added up in the window compares so.
    Sum {
        /// What is added up.
        of: Summed,
        /// When.
        #[serde(default, skip_serializing_if = "Window::is_all_time")]
        window: Window,
        /// How.
        compare: Compare,
        /// With what.
        number: i64,
    },
    /// Did something after the campaign with this key was sent to them.
    Reacted {
        /// Which campaign.
        campaign: Name,
        /// What counts; without it any of [`REACTIONS`] or an order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Happening>,
        /// How soon; without it within [`Within::USUAL`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Within>,
    },
    /// Customer-service messages can reach them now.
    Reachable,
    /// Customer-service messages can reach them now, and for as long as this says.
    ReachableFor {
        /// How.
        compare: Compare,
        /// With how many hours from now.
        hours: u32,
    },
    /// The consents held to notices of this template compare so.
    Consents {
        /// Which template.
        template: Name,
        /// How.
        compare: Compare,
        /// With what.
        number: u32,
    },
    /// A part of everybody, the same whenever it is asked for.
    Share {
        /// Another salt chooses others.
        salt: String,
        /// How large a part: of a million, so many.
        per_million: u32,
    },
    /// Is on this list.
    InList(Name),
    /// Is in this saved segment.
    InSegment(Name),
}

impl Segment {
    /// How deep conditions may stand inside each other.
    pub const DEEPEST: usize = 64;

    /// The segment without the shares it asks for: of `tag "a" and not share "x" 10%`, `tag "a"`.
    /// Who is in it and not in the segment was left out by chance alone. `None` when no part that
    /// must hold is a share; shares inside `or` or a saved segment are not looked for.
    #[must_use]
    pub fn without_shares(&self) -> Option<Self> {
        let is_share = |part: &Self| match part {
            Self::Share { .. } => true,
            Self::Not(inner) => matches!(**inner, Self::Share { .. }),
            _ => false,
        };
        match self {
            part if is_share(part) => Some(Self::Everyone),
            Self::All(parts) if parts.iter().any(is_share) => {
                Some(Self::All(parts.iter().filter(|part| !is_share(part)).cloned().collect()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
