//! Why one follower is in a segment, or is not: every condition with what was seen of them.

use serde::{Deserialize, Serialize};
use wire::Timestamp;

use super::evaluate::of_key;
use super::print::Yuan;
use super::{Context, Happening, Segment, Which, Window};
use crate::{Index, Set};

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
    /// Says of one follower what every condition found. Each verdict comes from
    /// [`Segment::evaluate`] itself, so an explanation never differs from a send.
    #[must_use]
    pub fn explain(
        &self,
        index: &Index,
        context: &dyn Context,
        now: Timestamp,
        ord: u32,
    ) -> Explained {
        let explain = |part: &Self| part.explain(index, context, now, ord);
        let (holds, parts) = match self {
            Self::All(parts) => {
                let parts: Vec<Explained> = parts.iter().map(explain).collect();
                (parts.iter().all(|part| part.holds) && ord < index.len(), parts)
            }
            Self::Any(parts) => {
                let parts: Vec<Explained> = parts.iter().map(explain).collect();
                (parts.iter().any(|part| part.holds), parts)
            }
            Self::Not(part) => {
                let part = explain(part);
                (!part.holds && ord < index.len(), vec![part])
            }
            _ => (self.evaluate(index, context, now).contains(ord), Vec::new()),
        };
        let seen = Witness { index, context, now, ord }.seen(self);
        Explained { condition: self.to_string(), holds, seen, parts }
    }
}

struct Witness<'a> {
    index: &'a Index,
    context: &'a dyn Context,
    now: Timestamp,
    ord: u32,
}

impl Witness<'_> {
    fn seen(&self, segment: &Segment) -> String {
        match segment {
            Segment::All(_) | Segment::Any(_) | Segment::Not(_) => String::new(),
            Segment::Everyone if self.ord < self.index.len() => "known".into(),
            Segment::Everyone => "not known".into(),
            Segment::Subscribed | Segment::SubscribedWithin(_) | Segment::SubscribedBefore(_) => {
                self.subscription()
            }
            Segment::Tag(_) | Segment::TagNumber(_) => {
                let tags = self.index.tags_of(self.ord);
                let name = |tag: &wire::TagId| {
                    let number = || format!("#{tag}");
                    self.index.tag_name(*tag).map_or_else(number, str::to_owned)
                };
                listed("tags", tags.iter().map(name))
            }
            Segment::OwnTag(_) => {
                let mine = self.index.own_tags().filter(|(_, who)| who.contains(self.ord));
                listed("own tags", mine.map(|(name, _)| name.to_owned()))
            }
            Segment::Has(name)
            | Segment::Attribute { name, .. }
            | Segment::AttributeIn { name, .. } => self
                .index
                .attribute(self.ord, name.as_str())
                .map_or_else(|| "no value".into(), |value| value.to_string()),
            Segment::Count { what, window, .. } => self.moments(what, *window).len().to_string(),
            Segment::Never(what) => self.moments(what, Window::AllTime).len().to_string(),
            Segment::AmountSum { window, .. } => {
                let span = window.span(self.now);
                let orders = self.index.orders().of(self.ord);
                let inside = orders.iter().filter(|order| span.contains(order.at));
                Yuan(inside.map(|order| order.value).fold(0, i64::saturating_add)).to_string()
            }
            Segment::Moment { which, what, .. } => {
                let moments = self.moments(what, Window::AllTime);
                let moment = match which {
                    Which::First => moments.iter().min(),
                    Which::Last => moments.iter().max(),
                };
                moment.map_or_else(|| "never".into(), Timestamp::to_string)
            }
            Segment::Received(key) => {
                let received = self.context.received(key.as_str());
                let received = received.as_ref().is_some_and(|who| who.contains(self.ord));
                if received { "received, or may have" } else { "not received" }.into()
            }
            Segment::Slots { .. } => {
                let has = |n: &u8| self.context.slots_at_least(*n).contains(self.ord);
                (1..=u8::MAX).take_while(has).last().unwrap_or(0).to_string()
            }
        }
    }

    fn subscription(&self) -> String {
        let following = Set::contains(self.index.following(), self.ord);
        match (following, self.index.subscribed_at(self.ord)) {
            (true, Some(at)) => format!("follows since {at}"),
            (true, None) => "follows".into(),
            (false, _) => "does not follow".into(),
        }
    }

    fn moments(&self, what: &Happening, window: Window) -> Vec<Timestamp> {
        let span = window.span(self.now);
        let mut moments: Vec<Timestamp> = match what {
            Happening::Order => self.index.orders().of(self.ord).iter().map(|row| row.at).collect(),
            Happening::Event { kind, key } => {
                let keys = self.index.events(kind.as_str()).into_iter();
                let timelines = keys.flat_map(|keys| of_key(keys, key.as_deref()));
                timelines.flat_map(|line| line.of(self.ord)).map(|row| row.at).collect()
            }
        };
        moments.retain(|at| span.contains(*at));
        moments
    }
}

fn listed(what: &str, names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { format!("no {what}") } else { names.join(", ") }
}
