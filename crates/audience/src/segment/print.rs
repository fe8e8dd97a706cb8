//! A segment as text, in one layout: what [`Segment::parse`] reads back as the same tree.

use std::fmt::{self, Display, Formatter, Write};

use super::parse::is_word_of_the_language;
use super::token::is_plain;
use super::{
    Compare, Happening, Literal, Matching, Name, Segment, Summed, When, Which, Window, Within,
};

impl Display for Segment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) if parts.is_empty() => f.write_str("everyone"),
            Self::Any(parts) if parts.is_empty() => f.write_str("not everyone"),
            Self::All(parts) => chain(f, parts, " and "),
            Self::Any(parts) => chain(f, parts, " or "),
            Self::Not(part) => {
                f.write_str("not ")?;
                grouped(f, part)
            }
            Self::Everyone => f.write_str("everyone"),
            Self::Subscribed => f.write_str("subscribed"),
            Self::SubscribedWithin(days) => write!(f, "subscribed within {days}d"),
            Self::SubscribedBefore(day) => write!(f, "subscribed before {day}"),
            Self::Tag(name) => write!(f, "tag {}", Quoted(name.as_str(), '"')),
            Self::TagNumber(number) => write!(f, "tag #{}", number.tag),
            Self::OwnTag(name) => write!(f, "own tag {}", Quoted(name.as_str(), '"')),
            Self::Has(name) => write!(f, "has {name}"),
            Self::Attribute { name, compare, value } => write!(f, "{name} {compare} {value}"),
            Self::AttributeIn { name, values } => {
                write!(f, "{name} in (")?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_char(')')
            }
            Self::Count { what: Happening::Order, window, compare, number } => {
                write!(f, "orders.count({window}) {compare} {number}")
            }
            Self::Count { what, window: Window::AllTime, compare, number } => {
                write!(f, "count({what}) {compare} {number}")
            }
            Self::Count { what, window, compare, number } => {
                write!(f, "count({what}, {window}) {compare} {number}")
            }
            Self::AmountSum { of, window, compare, cents } => {
                f.write_str("orders.sum(amount")?;
                if let Some(product) = of {
                    write!(f, " {}", Quoted(product.as_str(), '"'))?;
                }
                if !window.is_all_time() {
                    write!(f, ", {window}")?;
                }
                write!(f, ") {compare} {}", Yuan(*cents))
            }
            Self::Moment { which, what, compare, when } => {
                write!(f, "{which}({what}) {compare} {when}")
            }
            Self::Never(what) => write!(f, "never({what})"),
            Self::Received(key) => write!(f, "received {}", Quoted(key.as_str(), '"')),
            Self::Slots { compare, number } => write!(f, "slots {compare} {number}"),
            Self::Matches { name, matching, text } => {
                write!(f, "{name} {matching} {}", Quoted(text, '"'))
            }
            Self::Anniversary { name, days } => write!(f, "anniversary({name}) within {days}d"),
            Self::Sum { of, window, compare, number } => {
                match of {
                    Summed::Items => f.write_str("orders.sum(items")?,
                    Summed::Bought(product) => {
                        write!(f, "orders.sum(items {}", Quoted(product.as_str(), '"'))?;
                    }
                    Summed::Event { kind, key } => {
                        write!(f, "sum({kind}")?;
                        if let Some(key) = key {
                            write!(f, " {}", Quoted(key, '"'))?;
                        }
                    }
                }
                if !window.is_all_time() {
                    write!(f, ", {window}")?;
                }
                write!(f, ") {compare} {number}")
            }
            Self::Reacted { campaign, by, within } => {
                write!(f, "reacted {}", Quoted(campaign.as_str(), '"'))?;
                if let Some(what) = by {
                    write!(f, " by {what}")?;
                }
                match within {
                    None => Ok(()),
                    Some(Within::Days(days)) => write!(f, " within {days}d"),
                    Some(Within::Hours(hours)) => write!(f, " within {hours}h"),
                }
            }
            Self::Reachable => f.write_str("window"),
            Self::ReachableFor { compare, hours } => write!(f, "window {compare} {hours}h"),
            Self::Consents { template, compare, number } => {
                write!(f, "consents({}) {compare} {number}", Quoted(template.as_str(), '"'))
            }
            Self::Share { salt, per_million } => {
                write!(f, "share {} {}%", Quoted(salt, '"'), f64::from(*per_million) / 10_000.0)
            }
            Self::InList(name) => write!(f, "in list {}", Quoted(name.as_str(), '"')),
            Self::InSegment(name) => write!(f, "in segment {}", Quoted(name.as_str(), '"')),
        }
    }
}

fn chain(f: &mut Formatter<'_>, parts: &[Segment], between: &str) -> fmt::Result {
    if let [only] = parts {
        return only.fmt(f);
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        grouped(f, part)?;
    }
    Ok(())
}

/// Chains inside something else keep their parentheses, even where they could be left out: the
/// tree that is read back is the tree that was written.
fn grouped(f: &mut Formatter<'_>, part: &Segment) -> fmt::Result {
    match part {
        Segment::All(parts) | Segment::Any(parts) if parts.len() == 1 => {
            parts.iter().try_for_each(|only| grouped(f, only))
        }
        Segment::All(parts) | Segment::Any(parts) if !parts.is_empty() => write!(f, "({part})"),
        _ => part.fmt(f),
    }
}

/// A text between two of the same sign.
struct Quoted<'a>(&'a str, char);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char(self.1)?;
        for letter in self.0.chars() {
            if letter == self.1 || letter == '\\' {
                f.write_char('\\')?;
            }
            f.write_char(letter)?;
        }
        f.write_char(self.1)
    }
}

/// Cents as yuan, without a fraction of nothing.
pub(super) struct Yuan(pub i64);

impl Display for Yuan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        match cents % 100 {
            0 => write!(f, "{sign}{}", cents / 100),
            rest => write!(f, "{sign}{}.{rest:02}", cents / 100),
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_plain(&self.text) && !is_word_of_the_language(&self.text) {
            f.write_str(&self.text)
        } else {
            Quoted(&self.text, '`').fmt(f)
        }
    }
}

impl Display for Compare {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = Self::SIGNS.iter().find(|(compare, _)| compare == self);
        f.write_str(sign.map_or("=", |(_, sign)| sign))
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text, '"').fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Date(day) => day.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::DaysAgo(days) => write!(f, "{days}d ago"),
            Self::DaysAhead(days) => write!(f, "{days}d ahead"),
        }
    }
}

impl Display for Matching {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contains => "contains",
            Self::Starts => "starts with",
            Self::Ends => "ends with",
        })
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllTime => Ok(()),
            Self::Days(days) => write!(f, "{days}d"),
            Self::Hours(hours) => write!(f, "{hours}h"),
            Self::Between { from, to } => write!(f, "{from}..{to}"),
        }
    }
}

impl Display for Happening {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order => f.write_str("order"),
            Self::Bought(product) => write!(f, "bought {}", Quoted(product.as_str(), '"')),
            Self::Event { kind, key: None } => kind.fmt(f),
            Self::Event { kind, key: Some(key) } => write!(f, "{kind} {}", Quoted(key, '"')),
        }
    }
}

impl Display for Which {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Last => "last",
        })
    }
}

impl Display for When {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::DaysAgo(days) => write!(f, "{days}d ago"),
            Self::HoursAgo(hours) => write!(f, "{hours}h ago"),
            Self::Date(day) => day.fmt(f),
        }
    }
}
