//! Who is in a segment: tags and logic as whole planes, columns in one pass each.

use std::borrow::Cow;

use wire::calendar::DAY_SECONDS;
use wire::{Day, Timestamp};

use super::{Compare, Context, Happening, Literal, Segment, When, Which, Window};
use crate::index::{Keys, Span, Timeline, Value};
use crate::{Index, Set};

impl Segment {
    /// Who of all known followers is in the segment at `now`.
    ///
    /// A name that is no longer known (the segment was compiled before its tag was deleted) stands
    /// for nobody: compile anew before a send.
    #[must_use]
    pub fn evaluate(&self, index: &Index, context: &dyn Context, now: Timestamp) -> Set {
        Evaluator { index, context, now }.segment(self).into_owned()
    }
}

/// The number a text reads as, when values are compared with numbers.
pub(super) fn number_of(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

impl Window {
    /// The moments that count, seen from `now`.
    pub(super) fn span(self, now: Timestamp) -> Span {
        match self {
            Self::AllTime => Span { from: Timestamp(i64::MIN), to: now },
            Self::Days(days) => Span { from: days_before(now, days), to: now },
            Self::Between { from, to } => {
                Span { from: from.start(), to: now.min(to.next().start() + -1) }
            }
        }
    }
}

fn days_before(now: Timestamp, days: u32) -> Timestamp {
    now + -(i64::from(days) * DAY_SECONDS)
}

impl Literal {
    /// Whether a value compares so with this literal. Values of another kind are unequal to it and
    /// have no order with it.
    pub(super) fn holds(&self, compare: Compare, value: Value<'_>) -> bool {
        let sides = match (self, value) {
            (Self::Text(text), Value::Text(value)) => {
                let ordering = value.cmp(text.as_str());
                return !compare.is_order() && compare.holds(ordering.is_eq(), true);
            }
            (Self::Flag(flag), Value::Flag(value)) => {
                return !compare.is_order() && compare.holds(value, *flag);
            }
            (Self::Number(number), Value::Number(value)) => Some((value, *number)),
            (Self::Number(number), Value::Text(value)) => {
                number_of(value).map(|value| (value, *number))
            }
            (Self::Date(day), Value::Text(value)) => {
                let value = value.parse::<Day>().ok();
                value.map(|value| (f64::from(value.0), f64::from(day.0)))
            }
            _ => None,
        };
        sides.map_or(compare == Compare::NotEqual, |(value, literal)| compare.holds(value, literal))
    }
}

struct Evaluator<'a> {
    index: &'a Index,
    context: &'a dyn Context,
    now: Timestamp,
}

impl<'a> Evaluator<'a> {
    /// Planes that exist are borrowed, not copied.
    fn segment(&self, segment: &Segment) -> Cow<'a, Set> {
        let index = self.index;
        let known = |set: Option<&'a Set>| set.map_or_else(Cow::default, Cow::Borrowed);
        match segment {
            Segment::All(parts) => {
                let whole = parts.iter().fold(None, |whole: Option<Cow<'a, Set>>, part| {
                    let part = self.segment(part);
                    Some(match whole {
                        Some(whole) => {
                            let mut whole = whole.into_owned();
                            whole.and_with(&part);
                            Cow::Owned(whole)
                        }
                        None => part,
                    })
                });
                whole.unwrap_or_else(|| Cow::Owned(index.everyone()))
            }
            Segment::Any(parts) => {
                let mut whole = Set::new();
                parts.iter().for_each(|part| whole.or_with(&self.segment(part)));
                Cow::Owned(whole)
            }
            Segment::Not(part) => {
                let mut rest = index.everyone();
                rest.and_not_with(&self.segment(part));
                Cow::Owned(rest)
            }
            Segment::Everyone => Cow::Owned(index.everyone()),
            Segment::Subscribed => Cow::Borrowed(index.following()),
            Segment::SubscribedWithin(days) => {
                let span = Window::Days(*days).span(self.now);
                Cow::Owned(self.subscribed(|at| span.contains(at)))
            }
            Segment::SubscribedBefore(day) => {
                Cow::Owned(self.subscribed(|at| at < day.start() && at <= self.now))
            }
            Segment::Tag(name) => {
                known(index.tag_named(name.as_str()).and_then(|tag| index.tag(tag)))
            }
            Segment::TagNumber(number) => known(index.tag(number.tag)),
            Segment::OwnTag(name) => known(index.own_tag(name.as_str())),
            Segment::Has(name) => {
                Cow::Owned(index.column(name.as_str()).map(|c| c.present()).unwrap_or_default())
            }
            Segment::Attribute { name, compare, value } => {
                let column = index.column(name.as_str());
                let chosen = column.map(|column| column.select(|v| value.holds(*compare, v)));
                Cow::Owned(chosen.unwrap_or_default())
            }
            Segment::AttributeIn { name, values } => {
                let is_one =
                    |v: Value<'_>| values.iter().any(|value| value.holds(Compare::Equal, v));
                let column = index.column(name.as_str());
                Cow::Owned(column.map(|column| column.select(is_one)).unwrap_or_default())
            }
            Segment::Count { what, window, compare, number } => {
                let counts = self.counts(what, window.span(self.now));
                Cow::Owned(self.choose(&counts, |count| compare.holds(count, *number)))
            }
            Segment::AmountSum { window, compare, cents } => {
                let mut sums = vec![0i64; index.len() as usize];
                index.orders().each(window.span(self.now), |ord, row| {
                    let sum = &mut sums[ord as usize];
                    *sum = sum.saturating_add(row.value);
                });
                Cow::Owned(self.choose(&sums, |sum| compare.holds(sum, *cents)))
            }
            Segment::Moment { which, what, compare, when } => {
                let moments = self.moments(*which, what);
                let holds =
                    |at: Option<Timestamp>| at.is_some_and(|at| when.holds(*compare, at, self.now));
                Cow::Owned(self.choose(&moments, holds))
            }
            Segment::Never(what) => {
                let counts = self.counts(what, Window::AllTime.span(self.now));
                Cow::Owned(self.choose(&counts, |count| count == 0))
            }
            Segment::Received(key) => {
                Cow::Owned(self.context.received(key.as_str()).unwrap_or_default())
            }
            Segment::Slots { compare, number } => Cow::Owned(self.slots(*compare, *number)),
        }
    }

    fn choose<T: Copy>(&self, values: &[T], holds: impl Fn(T) -> bool) -> Set {
        Set::from_fn(self.index.len(), |ord| holds(values[ord as usize]))
    }

    fn subscribed(&self, holds: impl Fn(Timestamp) -> bool) -> Set {
        let index = self.index;
        Set::from_fn(index.len(), |ord| {
            index.following().contains(ord) && index.subscribed_at(ord).is_some_and(&holds)
        })
    }

    /// Calls `see` for everything of this sort inside the span.
    fn each(&self, what: &Happening, span: Span, mut see: impl FnMut(u32, Timestamp)) {
        match what {
            Happening::Order => self.index.orders().each(span, |ord, row| see(ord, row.at)),
            Happening::Event { kind, key } => {
                let keys = self.index.events(kind.as_str());
                for timeline in keys.into_iter().flat_map(|keys| of_key(keys, key.as_deref())) {
                    timeline.each(span, |ord, row| see(ord, row.at));
                }
            }
        }
    }

    fn counts(&self, what: &Happening, span: Span) -> Vec<u32> {
        let mut counts = vec![0u32; self.index.len() as usize];
        self.each(what, span, |ord, _| counts[ord as usize] += 1);
        counts
    }

    fn moments(&self, which: Which, what: &Happening) -> Vec<Option<Timestamp>> {
        let mut moments = vec![None; self.index.len() as usize];
        self.each(what, Window::AllTime.span(self.now), |ord, at| {
            let moment = &mut moments[ord as usize];
            *moment = Some(match (which, *moment) {
                (_, None) => at,
                (Which::First, Some(known)) => at.min(known),
                (Which::Last, Some(known)) => at.max(known),
            });
        });
        moments
    }

    fn slots(&self, compare: Compare, number: u8) -> Set {
        let everyone = self.index.everyone();
        let at_least = |n: u8| match n {
            0 => everyone.clone(),
            n => self.context.slots_at_least(n).intersect(&everyone),
        };
        // Nobody has 256 slots.
        let over = number.checked_add(1).map_or_else(Set::new, at_least);
        match compare {
            Compare::MoreOrEqual => at_least(number),
            Compare::More => over,
            Compare::Less => everyone.subtract(&at_least(number)),
            Compare::LessOrEqual => everyone.subtract(&over),
            Compare::Equal => at_least(number).subtract(&over),
            Compare::NotEqual => everyone.subtract(&at_least(number)).union(&over),
        }
    }
}

/// The timeline of one key, or of all keys.
pub(super) fn of_key<'k>(
    keys: &'k Keys,
    key: Option<&'k str>,
) -> impl Iterator<Item = &'k Timeline> {
    keys.iter()
        .filter(move |(known, _)| key.is_none_or(|key| key == known.as_str()))
        .map(|(_, timeline)| timeline)
}

impl When {
    /// Whether `at` compares so with this, seen from `now`.
    fn holds(self, compare: Compare, at: Timestamp, now: Timestamp) -> bool {
        match self {
            // Longer ago is earlier: the two sides change places.
            Self::DaysAgo(days) => compare.holds(days_before(now, days), at),
            Self::Date(day) => compare.holds(at.day(), day),
        }
    }
}
