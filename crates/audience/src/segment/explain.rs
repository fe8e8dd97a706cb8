//! Why one follower is in a segment, or is not: every condition with what was seen of them.
//!
//! One follower is looked at here, not everybody: a second reading of the language beside
//! [`Segment::evaluate`], row by row. A property test holds the two together.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::evaluate::{comes_round, of_key};
use super::print::Yuan;
use super::{
    Compare, Context, Happening, Name, REACTIONS, Segment, Summed, Which, Window, Within, share,
};
use crate::index::{Row, Value};
use crate::{Attribute, Index};

/// A condition, whether it holds of the follower, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The condition as text.
    pub condition: String,
    /// Whether it holds.
    pub holds: bool,
    /// What the follower has there; empty for `and`, `or`, `not`, which only join their parts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
    /// The conditions inside this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Explained>,
}

impl Segment {
    /// Says of one follower what every condition found.
    #[must_use]
    pub fn explain(
        &self,
        index: &Index,
        context: &dyn Context,
        now: Timestamp,
        ord: u32,
    ) -> Explained {
        Witness { index, context, now, ord, saved: RefCell::default() }.explain(self)
    }
}

struct Witness<'a> {
    index: &'a Index,
    context: &'a dyn Context,
    now: Timestamp,
    ord: u32,
    /// The saved segments being looked into.
    saved: RefCell<Vec<String>>,
}

impl Witness<'_> {
    fn explain(&self, segment: &Segment) -> Explained {
        let known = self.index.knows(self.ord);
        let (holds, seen, parts) = match segment {
            Segment::All(parts) => {
                let parts: Vec<Explained> = parts.iter().map(|part| self.explain(part)).collect();
                (parts.iter().all(|part| part.holds) && known, String::new(), parts)
            }
            Segment::Any(parts) => {
                let parts: Vec<Explained> = parts.iter().map(|part| self.explain(part)).collect();
                (parts.iter().any(|part| part.holds) && known, String::new(), parts)
            }
            Segment::Not(part) => {
                let part = self.explain(part);
                (!part.holds && known, String::new(), vec![part])
            }
            Segment::InSegment(name) => {
                let part = self.saved(name.as_str());
                let holds = part.as_ref().is_some_and(|part| part.holds);
                (holds, String::new(), part.into_iter().collect())
            }
            condition => {
                let (holds, seen) = self.condition(condition);
                (holds && known, seen, Vec::new())
            }
        };
        Explained { condition: segment.to_string(), holds, seen, parts }
    }

    fn saved(&self, name: &str) -> Option<Explained> {
        if self.saved.borrow().iter().any(|outer| outer == name) {
            return None;
        }
        let segment = self.context.saved(name)?;
        self.saved.borrow_mut().push(name.to_owned());
        let explained = self.explain(&segment);
        self.saved.borrow_mut().pop();
        Some(explained)
    }

    fn condition(&self, segment: &Segment) -> (bool, String) {
        let (index, ord, today) = (self.index, self.ord, self.now.day());
        match segment {
            Segment::All(_) | Segment::Any(_) | Segment::Not(_) | Segment::InSegment(_) => {
                (false, String::new())
            }
            Segment::Everyone if index.knows(ord) => (true, "known".into()),
            Segment::Everyone => (false, "not known".into()),
            Segment::Subscribed => (index.following().contains(ord), self.subscription()),
            Segment::SubscribedWithin(days) => {
                let span = Window::Days(*days).span(self.now);
                (self.subscribed(|at| span.contains(at)), self.subscription())
            }
            Segment::SubscribedBefore(day) => {
                let holds = self.subscribed(|at| at < day.start() && at <= self.now);
                (holds, self.subscription())
            }
            Segment::Tag(name) => {
                let tag = index.tag_named(name.as_str()).and_then(|tag| index.tag(tag));
                (tag.is_some_and(|members| members.contains(ord)), self.tags())
            }
            Segment::TagNumber(number) => {
                let tag = index.tag(number.tag);
                (tag.is_some_and(|members| members.contains(ord)), self.tags())
            }
            Segment::OwnTag(name) => {
                let mine = index.own_tags().filter(|(_, members)| members.contains(ord));
                let holds = index.own_tag(name.as_str()).is_some_and(|who| who.contains(ord));
                (holds, listed("own tags", mine.map(|(name, _)| name.to_owned())))
            }
            Segment::InList(name) => {
                let mine = index.lists().filter(|(_, members)| members.contains(ord));
                let holds = index.list(name.as_str()).is_some_and(|who| who.contains(ord));
                (holds, listed("lists", mine.map(|(name, _)| name.to_owned())))
            }
            Segment::Has(name) => self.value(name.as_str(), |_| true),
            Segment::Attribute { name, compare, value } => {
                self.value(name.as_str(), |seen| value.holds(*compare, seen, today))
            }
            Segment::AttributeIn { name, values } => self.value(name.as_str(), |seen| {
                values.iter().any(|value| value.holds(Compare::Equal, seen, today))
            }),
            Segment::Matches { name, matching, text } => {
                self.value(name.as_str(), |seen| matching.holds(text, seen))
            }
            Segment::Anniversary { name, days } => {
                self.value(name.as_str(), |seen| comes_round(seen, today, *days))
            }
            Segment::Count { what, window, compare, number } => {
                let count = self.rows(what, *window).len();
                (compare.holds(count as u64, u64::from(*number)), count.to_string())
            }
            Segment::Never(what) => {
                let count = self.rows(what, Window::AllTime).len();
                (count == 0, count.to_string())
            }
            Segment::AmountSum { of, window, compare, cents } => {
                let what = of.clone().map_or(Happening::Order, Happening::Bought);
                let sum = total(&self.rows(&what, *window), |row| row.value);
                (compare.holds(sum, *cents), Yuan(sum).to_string())
            }
            Segment::Sum { of, window, compare, number } => {
                let sum = match of {
                    Summed::Items => {
                        let rows = self.rows(&Happening::Order, *window);
                        total(&rows, |row| row.items.into())
                    }
                    Summed::Bought(product) => {
                        let rows = self.rows(&Happening::Bought(product.clone()), *window);
                        total(&rows, |row| row.items.into())
                    }
                    Summed::Event { kind, key } => {
                        let what = Happening::Event { kind: kind.clone(), key: key.clone() };
                        total(&self.rows(&what, *window), |row| row.value)
                    }
                };
                (compare.holds(sum, *number), sum.to_string())
            }
            Segment::Moment { which, what, compare, when } => {
                let moments = self.rows(what, Window::AllTime).into_iter().map(|row| row.at);
                let moment = match which {
                    Which::First => moments.min(),
                    Which::Last => moments.max(),
                };
                let holds = moment.is_some_and(|at| when.holds(*compare, at, self.now));
                (holds, moment.map_or_else(|| "never".into(), |at| at.to_string()))
            }
            Segment::Received(key) => {
                let received = self.context.received(key.as_str());
                let received = received.is_some_and(|who| who.contains(ord));
                let seen = if received { "received, or may have" } else { "not received" };
                (received, seen.into())
            }
            Segment::Reacted { campaign, by, within } => {
                let within = within.unwrap_or(Within::USUAL).seconds();
                self.reaction(campaign.as_str(), by.as_ref(), within)
            }
            Segment::Slots { compare, number } => {
                let left = self.context.slots_of(ord);
                (compare.holds(left, *number), left.to_string())
            }
            Segment::Consents { template, compare, number } => {
                let held = self.context.consents_of(template.as_str(), ord);
                (compare.holds(held, *number), held.to_string())
            }
            Segment::Reachable => self.window(|_| true),
            Segment::ReachableFor { compare, hours } => {
                let end = self.now + i64::from(*hours) * 3600;
                self.window(|until| compare.holds(until, end))
            }
            Segment::Share { salt, per_million } => {
                let seed = share::seed(salt);
                let place = share::place(seed, ord);
                let percent = f64::from(place) / 10_000.0;
                (share::holds(seed, *per_million, ord), format!("at {percent}%"))
            }
        }
    }

    fn subscribed(&self, holds: impl Fn(Timestamp) -> bool) -> bool {
        self.index.following().contains(self.ord)
            && self.index.subscribed_at(self.ord).is_some_and(holds)
    }

    fn subscription(&self) -> String {
        let following = self.index.following().contains(self.ord);
        match (following, self.index.subscribed_at(self.ord)) {
            (true, Some(at)) => format!("follows since {at}"),
            (true, None) => "follows".into(),
            (false, _) => "does not follow".into(),
        }
    }

    fn tags(&self) -> String {
        let tags = self.index.tags_of(self.ord);
        let name = |tag: &wire::TagId| {
            let number = || format!("#{tag}");
            self.index.tag_name(*tag).map_or_else(number, str::to_owned)
        };
        listed("tags", tags.iter().map(name))
    }

    fn value(&self, name: &str, holds: impl Fn(Value<'_>) -> bool) -> (bool, String) {
        let Some(value) = self.index.attribute(self.ord, name) else {
            return (false, "no value".into());
        };
        let seen = match &value {
            Attribute::Flag(flag) => Value::Flag(*flag),
            Attribute::Number(number) => Value::Number(*number),
            Attribute::Text(text) => Value::Text(text),
        };
        (holds(seen), value.to_string())
    }

    fn rows(&self, what: &Happening, window: Window) -> Vec<Row> {
        let span = window.span(self.now);
        let mut rows: Vec<Row> = match what {
            Happening::Order => self.index.orders().of(self.ord),
            Happening::Bought(product) => {
                let timelines = self.index.bought(product.as_str()).into_iter();
                timelines.flat_map(|timeline| timeline.of(self.ord)).collect()
            }
            Happening::Event { kind, key } => {
                let keys = self.index.events(kind.as_str()).into_iter();
                let timelines = keys.flat_map(|keys| of_key(keys, key.as_deref()));
                timelines.flat_map(|line| line.of(self.ord)).collect()
            }
        };
        rows.retain(|row| span.contains(row.at));
        rows
    }

    fn reaction(&self, campaign: &str, by: Option<&Happening>, within: i64) -> (bool, String) {
        let parts = self.context.deliveries(campaign).unwrap_or_default();
        let own = parts.iter().filter(|part| part.to.contains(self.ord));
        let Some(sent) = own.map(|part| part.at).min() else {
            return (false, "not sent to them".into());
        };
        let usual: Vec<Happening>;
        let what = match by {
            Some(what) => std::slice::from_ref(what),
            None => {
                let event = |kind: &&str| Happening::Event { kind: Name::new(*kind), key: None };
                usual = REACTIONS.iter().map(event).chain([Happening::Order]).collect();
                &usual[..]
            }
        };
        let rows = what.iter().flat_map(|what| self.rows(what, Window::AllTime));
        let first = rows.map(|row| row.at).filter(|at| (sent..=sent + within).contains(at)).min();
        let seen = first.map_or_else(|| "nothing in time".into(), |at| format!("reacted {at}"));
        (first.is_some(), format!("sent {sent}, {seen}"))
    }

    fn window(&self, holds: impl Fn(Timestamp) -> bool) -> (bool, String) {
        let until = self.index.window_until(self.context.openings(), self.ord, self.now);
        let seen = until.map_or_else(|| "no window".into(), |until| format!("open until {until}"));
        (until.is_some_and(holds), seen)
    }
}

fn total(rows: &[Row], number: impl Fn(&Row) -> i64) -> i64 {
    rows.iter().map(number).fold(0, i64::saturating_add)
}

fn listed(what: &str, names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { format!("no {what}") } else { names.join(", ") }
}
