//! Who is in a segment: tags and logic as whole planes, columns in one pass each.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use wire::calendar::DAY_SECONDS;
use wire::{Day, Timestamp};

use super::{
    Compare, Context, Happening, Literal, Matching, Segment, Summed, When, Which, Window,
    anniversary, share,
};
use crate::index::{Keys, Span, Timeline, Value};
use crate::{Index, Set};

impl Segment {
    /// Who of all known followers is in the segment at `now`.
    ///
    /// A name that is no longer known (the segment was compiled before its tag was deleted) stands
    /// for nobody: compile anew before a send.
    #[must_use]
    pub fn evaluate(&self, index: &Index, context: &dyn Context, now: Timestamp) -> Set {
        Evaluator { index, context, now, saved: RefCell::default() }.segment(self).into_owned()
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
            Self::Hours(hours) => Span { from: hours_before(now, hours), to: now },
            Self::Between { from, to } => {
                Span { from: from.start(), to: now.min(to.next().start() + -1) }
            }
        }
    }
}

/// To the minute, so that what was found holds for the whole minute.
fn days_before(now: Timestamp, days: u32) -> Timestamp {
    now.minute_start() + -(i64::from(days) * DAY_SECONDS)
}

fn hours_before(now: Timestamp, hours: u32) -> Timestamp {
    now.minute_start() + -(i64::from(hours) * 3600)
}

impl Literal {
    /// Whether a value compares so with this literal. Values of another kind are unequal to it and
    /// have no order with it.
    pub(super) fn holds(&self, compare: Compare, value: Value<'_>, today: Day) -> bool {
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
            (Self::DaysAgo(days), Value::Text(value)) => {
                let value = value.parse::<Day>().ok();
                value.map(|value| (f64::from(today.0 - value.0), f64::from(*days)))
            }
            (Self::DaysAhead(days), Value::Text(value)) => {
                let value = value.parse::<Day>().ok();
                value.map(|value| (f64::from(value.0 - today.0), f64::from(*days)))
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
    saved: RefCell<BTreeMap<String, Set>>,
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
                let chosen = column
                    .map(|column| column.select(|v| value.holds(*compare, v, self.now.day())));
                Cow::Owned(chosen.unwrap_or_default())
            }
            Segment::AttributeIn { name, values } => {
                let today = self.now.day();
                let is_one =
                    |v: Value<'_>| values.iter().any(|value| value.holds(Compare::Equal, v, today));
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
            Segment::Received(key) => self.context.received(key.as_str()).unwrap_or_default(),
            Segment::Reacted(key) => self.context.reacted(key.as_str()).unwrap_or_default(),
            Segment::Matches { name, matching, text } => {
                let holds = |v: Value<'_>| matching.holds(text, v);
                let column = index.column(name.as_str());
                Cow::Owned(column.map(|column| column.select(holds)).unwrap_or_default())
            }
            Segment::Anniversary { name, days } => {
                let today = self.now.day();
                let holds = |v: Value<'_>| comes_round(v, today, *days);
                let column = index.column(name.as_str());
                Cow::Owned(column.map(|column| column.select(holds)).unwrap_or_default())
            }
            Segment::Sum { of, window, compare, number } => {
                let mut sums = vec![0i64; index.len() as usize];
                self.each_of(of, window.span(self.now), |ord, number| {
                    let sum = &mut sums[ord as usize];
                    *sum = sum.saturating_add(number);
                });
                Cow::Owned(self.choose(&sums, |sum| compare.holds(sum, *number)))
            }
            Segment::Reachable => Cow::Owned(self.reachable(|_| true)),
            Segment::ReachableFor { compare, hours } => {
                let end = self.now + i64::from(*hours) * 3600;
                Cow::Owned(self.reachable(|until| compare.holds(until, end)))
            }
            Segment::Consents { template, compare, number } => {
                Cow::Owned(self.consents(template.as_str(), *compare, *number))
            }
            Segment::Share { salt, per_million } => {
                let seed = share::seed(salt);
                let holds = |ord| share::holds(seed, *per_million, ord);
                Cow::Owned(Set::from_fn(index.len(), holds))
            }
            Segment::InList(name) => known(index.list(name.as_str())),
            Segment::InSegment(name) => Cow::Owned(self.saved(name.as_str())),
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

    fn each_of(&self, of: &Summed, span: Span, mut see: impl FnMut(u32, i64)) {
        match of {
            Summed::Items => {
                self.index.orders().each(span, |ord, row| see(ord, row.items.into()));
            }
            Summed::Event { kind, key } => {
                let keys = self.index.events(kind.as_str());
                for timeline in keys.into_iter().flat_map(|keys| of_key(keys, key.as_deref())) {
                    timeline.each(span, |ord, row| see(ord, row.value));
                }
            }
        }
    }

    /// Who follows and has a window open that ends so.
    fn reachable(&self, holds: impl Fn(Timestamp) -> bool) -> Set {
        let mut until = vec![Timestamp(i64::MIN); self.index.len() as usize];
        for opening in self.context.openings() {
            // The first second a window holds no longer is not part of it.
            let span = Span { from: self.now + (1 - opening.seconds), to: self.now };
            let keys = self.index.events(&opening.kind);
            for timeline in keys.into_iter().flatten().map(|(_, timeline)| timeline) {
                timeline.each(span, |ord, row| {
                    if self.index.subscribed_at(ord).is_none_or(|since| row.at >= since) {
                        let until = &mut until[ord as usize];
                        *until = (*until).max(row.at + opening.seconds);
                    }
                });
            }
        }
        let open = |until: Timestamp| until > self.now && holds(until);
        self.choose(&until, open).intersect(self.index.following())
    }

    fn slots(&self, compare: Compare, number: u8) -> Set {
        let everyone = self.index.everyone();
        self.compare_counts(compare, number.into(), |n| match u8::try_from(n) {
            Ok(n) => self.context.slots_at_least(n).intersect(&everyone),
            // Nobody has 256 slots.
            Err(_) => Set::new(),
        })
    }

    fn consents(&self, template: &str, compare: Compare, number: u32) -> Set {
        let at_least = |n| self.context.consents_at_least(template, n).unwrap_or_default();
        self.compare_counts(compare, number, |n| at_least(n).intersect(&self.index.everyone()))
    }

    /// Whose count compares so, where only "at least so many" can be asked.
    fn compare_counts(&self, compare: Compare, number: u32, ask: impl Fn(u32) -> Set) -> Set {
        let everyone = self.index.everyone();
        let at_least = |n: u32| if n == 0 { everyone.clone() } else { ask(n) };
        let over = || number.checked_add(1).map_or_else(Set::new, at_least);
        match compare {
            Compare::MoreOrEqual => at_least(number),
            Compare::More => over(),
            Compare::Less => everyone.subtract(&at_least(number)),
            Compare::LessOrEqual => everyone.subtract(&over()),
            Compare::Equal => at_least(number).subtract(&over()),
            Compare::NotEqual => everyone.subtract(&at_least(number)).union(&over()),
        }
    }

    /// A saved segment is evaluated once. One that contains itself, which [`Segment::compile`]
    /// refuses, holds nobody where it comes back.
    fn saved(&self, name: &str) -> Set {
        if let Some(set) = self.saved.borrow().get(name) {
            return set.clone();
        }
        self.saved.borrow_mut().insert(name.to_owned(), Set::new());
        let segment = self.context.saved(name);
        let set = segment.map(|segment| self.segment(&segment).into_owned()).unwrap_or_default();
        self.saved.borrow_mut().insert(name.to_owned(), set.clone());
        set
    }
}

impl Matching {
    /// Whether the value is a text that holds the other.
    pub(super) fn holds(self, text: &str, value: Value<'_>) -> bool {
        let Value::Text(value) = value else { return false };
        match self {
            Self::Contains => value.contains(text),
            Self::Starts => value.starts_with(text),
            Self::Ends => value.ends_with(text),
        }
    }
}

/// Whether the value is a day that comes round today or within so many days.
pub(super) fn comes_round(value: Value<'_>, today: Day, days: u32) -> bool {
    let Value::Text(value) = value else { return false };
    value.parse().is_ok_and(|day| anniversary::within(day, today, days))
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
    pub(super) fn holds(self, compare: Compare, at: Timestamp, now: Timestamp) -> bool {
        match self {
            // Longer ago is earlier: the two sides change places.
            Self::DaysAgo(days) => compare.holds(days_before(now, days), at),
            Self::HoursAgo(hours) => compare.holds(hours_before(now, hours), at),
            Self::Date(day) => compare.holds(at.day(), day),
        }
    }
}
