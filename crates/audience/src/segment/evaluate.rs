//! Who is in a segment: tags and logic as whole planes, columns in one pass each.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use wire::calendar::DAY_SECONDS;
use wire::{Day, Timestamp};

use super::plan::{Members, Plan};
use super::{
    Compare, Context, Happening, Literal, Matching, Name, REACTIONS, Segment, Summed, When, Which,
    Window, Within, anniversary, share,
};
use crate::index::{Ask, Keys, Measure, Source, Span, Test, Timeline, Value, second};
use crate::{Index, Set};

impl Segment {
    /// Who of all known followers is in the segment at `now`.
    ///
    /// A name that is no longer known (the segment was compiled before its tag was deleted) stands
    /// for nobody: compile anew before a send.
    #[must_use]
    pub fn evaluate(&self, index: &Index, context: &dyn Context, now: Timestamp) -> Set {
        let evaluator = Evaluator { index, context, now, saved: RefCell::default() };
        evaluator.plan(self).members(index.len()).into_owned()
    }

    /// How many they are: the size of [`Segment::evaluate`], without making the set.
    #[must_use]
    pub fn count(&self, index: &Index, context: &dyn Context, now: Timestamp) -> usize {
        let evaluator = Evaluator { index, context, now, saved: RefCell::default() };
        evaluator.plan(self).count(index.len())
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
    saved: RefCell<BTreeMap<String, Arc<Set>>>,
}

impl<'a> Evaluator<'a> {
    /// Every condition answered; planes that exist are borrowed, not copied. What followers did is
    /// asked first and all together, so that one reading answers several conditions.
    fn plan(&self, segment: &Segment) -> Plan<'a> {
        let mut asks = Vec::new();
        self.collect(segment, &mut asks);
        let mut answers = self.index.answer(&asks).into_iter();
        let plan = self.build(segment, &mut answers);
        let forgotten = self.index.forgotten();
        if forgotten.is_empty() {
            return plan;
        }
        let forgotten = Plan::Leaf(Members::Lent(Cow::Borrowed(forgotten)));
        Plan::All(vec![plan, Plan::Not(Box::new(forgotten))])
    }

    fn collect(&self, segment: &Segment, asks: &mut Vec<Ask>) {
        match segment {
            Segment::All(parts) | Segment::Any(parts) => {
                parts.iter().for_each(|part| self.collect(part, asks));
            }
            Segment::Not(part) => self.collect(part, asks),
            condition => asks.extend(self.ask(condition)),
        }
    }

    fn build(&self, segment: &Segment, answers: &mut impl Iterator<Item = Arc<Set>>) -> Plan<'a> {
        let mut all =
            |parts: &[Segment]| parts.iter().map(|part| self.build(part, answers)).collect();
        match segment {
            Segment::Everyone => Plan::Everyone,
            Segment::All(parts) => Plan::All(all(parts)),
            Segment::Any(parts) => Plan::Any(all(parts)),
            Segment::Not(part) => Plan::Not(Box::new(self.build(part, answers))),
            condition if self.ask(condition).is_some() => {
                Plan::Leaf(Members::Kept(answers.next().unwrap_or_default()))
            }
            Segment::InSegment(name) => Plan::Leaf(Members::Kept(self.saved(name.as_str()))),
            Segment::Slots { compare, number } => {
                let Some((planes, cap)) = self.context.slots_used() else {
                    return Plan::Leaf(Members::Lent(Cow::Owned(self.slots(*compare, *number))));
                };
                slots_left(planes, cap, *compare, *number)
            }
            condition => Plan::Leaf(Members::Lent(self.condition(condition))),
        }
    }

    /// The question a condition asks about what followers did, if it asks one.
    fn ask(&self, condition: &Segment) -> Option<Ask> {
        let number = |measure, compare, number| Test::number(measure, compare, number);
        let (source, window, test) = match condition {
            Segment::Count { what, window, compare, number: n } => {
                (source(what), *window, number(Measure::Count, *compare, i64::from(*n)))
            }
            Segment::Never(what) => {
                (source(what), Window::AllTime, number(Measure::Count, Compare::Equal, 0))
            }
            Segment::AmountSum { of, window, compare, cents } => {
                (orders_of(of.as_ref()), *window, number(Measure::Value, *compare, *cents))
            }
            Segment::Sum { of: Summed::Bought(product), window, compare, number: n } => {
                (orders_of(Some(product)), *window, number(Measure::Items, *compare, *n))
            }
            Segment::Sum { of: Summed::Items, window, compare, number: n } => {
                (Source::Orders, *window, number(Measure::Items, *compare, *n))
            }
            Segment::Sum { of: Summed::Event { kind, key }, window, compare, number: n } => {
                let source = Source::Events(kind.as_str().to_owned(), key.clone());
                (source, *window, number(Measure::Value, *compare, *n))
            }
            Segment::Moment { which, what, compare, when } => {
                let measure = match which {
                    Which::First => Measure::First,
                    Which::Last => Measure::Last,
                };
                (source(what), Window::AllTime, when.test(measure, *compare, self.now))
            }
            _ => return None,
        };
        let span = window.span(self.now);
        Some(Ask { source, span, open: span.to == self.now, test })
    }

    fn condition(&self, segment: &Segment) -> Cow<'a, Set> {
        let (index, today) = (self.index, self.now.day());
        let known = |set: Option<&'a Set>| set.map_or_else(Cow::default, Cow::Borrowed);
        let select = |name: &Name, holds: &dyn Fn(Value<'_>) -> bool| {
            let column = index.column(name.as_str());
            Cow::Owned(column.map(|column| column.select(holds)).unwrap_or_default())
        };
        match segment {
            Segment::Subscribed => Cow::Borrowed(index.following()),
            Segment::SubscribedWithin(days) => {
                Cow::Owned(index.subscribed_in(Window::Days(*days).span(self.now)))
            }
            Segment::SubscribedBefore(day) => {
                let to = (day.start() + -1).min(self.now);
                Cow::Owned(index.subscribed_in(Span { from: Timestamp(0), to }))
            }
            Segment::Tag(name) => {
                known(index.tag_named(name.as_str()).and_then(|tag| index.tag(tag)))
            }
            Segment::TagNumber(number) => known(index.tag(number.tag)),
            Segment::OwnTag(name) => known(index.own_tag(name.as_str())),
            Segment::InList(name) => known(index.list(name.as_str())),
            Segment::Has(name) => {
                Cow::Owned(index.column(name.as_str()).map(|c| c.present()).unwrap_or_default())
            }
            Segment::Attribute { name, compare, value } => {
                select(name, &|seen| value.holds(*compare, seen, today))
            }
            Segment::AttributeIn { name, values } => select(name, &|seen| {
                values.iter().any(|value| value.holds(Compare::Equal, seen, today))
            }),
            Segment::Matches { name, matching, text } => {
                select(name, &|seen| matching.holds(text, seen))
            }
            Segment::Anniversary { name, days } => {
                select(name, &|seen| comes_round(seen, today, *days))
            }
            Segment::Received(key) => self.context.received(key.as_str()).unwrap_or_default(),
            Segment::Reacted { campaign, by, within } => {
                let parts = self.context.deliveries(campaign.as_str()).unwrap_or_default();
                let within = within.unwrap_or(Within::USUAL).seconds();
                Cow::Owned(index.reacted(&parts, &reactions(by.as_ref()), within, self.now))
            }
            Segment::Reachable => Cow::Owned(self.reachable_at(self.now + 1)),
            Segment::ReachableFor { compare, hours } => {
                Cow::Owned(self.reachable_for(*compare, self.now + i64::from(*hours) * 3600))
            }
            Segment::Slots { compare, number } => Cow::Owned(self.slots(*compare, *number)),
            Segment::Consents { template, compare, number } => {
                Cow::Owned(self.consents(template.as_str(), *compare, *number))
            }
            Segment::Share { salt, per_million } => {
                let seed = share::seed(salt);
                let holds = |ord| share::holds(seed, *per_million, ord);
                Cow::Owned(Set::from_fn(index.len(), holds))
            }
            // These are joints, or were asked about before.
            Segment::All(_)
            | Segment::Any(_)
            | Segment::Not(_)
            | Segment::Everyone
            | Segment::InSegment(_)
            | Segment::Count { .. }
            | Segment::AmountSum { .. }
            | Segment::Sum { .. }
            | Segment::Moment { .. }
            | Segment::Never(_) => Cow::default(),
        }
    }

    /// Who can be reached now, and whose window ends so.
    fn reachable_for(&self, compare: Compare, end: Timestamp) -> Set {
        let until = |moment: Timestamp| self.reachable_at(moment.max(self.now + 1));
        let now = self.now + 1;
        match compare {
            Compare::MoreOrEqual => until(end),
            Compare::More => until(end + 1),
            Compare::Less => until(now).subtract(&until(end)),
            Compare::LessOrEqual => until(now).subtract(&until(end + 1)),
            Compare::Equal => until(end).subtract(&until(end + 1)),
            Compare::NotEqual => until(now).subtract(&until(end)).union(&until(end + 1)),
        }
    }

    /// Who follows and has, by something done since, a window that does not end before `moment`.
    fn reachable_at(&self, moment: Timestamp) -> Set {
        let (index, now) = (self.index, self.now);
        let mut open = Set::new();
        for opening in self.context.openings() {
            let since = moment + -opening.seconds;
            let test = Test {
                measure: Measure::Last,
                least: i64::from(second(since)),
                most: i64::from(second(now)),
                not: since > now,
            };
            if since > now {
                continue;
            }
            let span = Span { from: Timestamp(0), to: now };
            let source = Source::Events(opening.kind.clone(), None);
            let ask = Ask { source, span, open: true, test };
            for members in index.answer(std::slice::from_ref(&ask)) {
                open.or_with(&members);
            }
            // Whoever came back since may have done it before leaving: few, looked at singly.
            let later = index.subscribed_in(Span { from: since, to: Timestamp(i64::MAX) });
            for ord in &open.intersect(&later) {
                let until = index.window_until(self.context.openings(), ord, now);
                open.put(ord, until.is_some_and(|until| until >= moment));
            }
        }
        open.and_with(index.following());
        open
    }

    fn slots(&self, compare: Compare, number: u8) -> Set {
        self.compare_counts(compare, number.into(), |n| match u8::try_from(n) {
            Ok(n) => self.context.slots_at_least(n),
            // Nobody has 256 slots.
            Err(_) => Set::new(),
        })
    }

    fn consents(&self, template: &str, compare: Compare, number: u32) -> Set {
        let at_least = |n| self.context.consents_at_least(template, n).unwrap_or_default();
        self.compare_counts(compare, number, at_least)
    }

    /// Whose count compares so, where only "at least so many" can be asked.
    fn compare_counts(&self, compare: Compare, number: u32, ask: impl Fn(u32) -> Set) -> Set {
        let everyone = || self.index.everyone();
        let at_least = |n: u32| if n == 0 { everyone() } else { ask(n) };
        let over = || number.checked_add(1).map_or_else(Set::new, at_least);
        match compare {
            Compare::MoreOrEqual => at_least(number),
            Compare::More => over(),
            Compare::Less => everyone().subtract(&at_least(number)),
            Compare::LessOrEqual => everyone().subtract(&over()),
            Compare::Equal => at_least(number).subtract(&over()),
            Compare::NotEqual => everyone().subtract(&at_least(number)).union(&over()),
        }
    }

    /// A saved segment is evaluated once. One that contains itself, which [`Segment::compile`]
    /// refuses, holds nobody where it comes back.
    fn saved(&self, name: &str) -> Arc<Set> {
        if let Some(set) = self.saved.borrow().get(name) {
            return Arc::clone(set);
        }
        self.saved.borrow_mut().insert(name.to_owned(), Arc::default());
        let set = self.context.saved(name).map_or_else(Arc::default, |segment| {
            Arc::new(self.plan(&segment).members(self.index.len()).into_owned())
        });
        self.saved.borrow_mut().insert(name.to_owned(), Arc::clone(&set));
        set
    }
}

/// Whose slots left, `cap` less what was used, compare so.
fn slots_left<'a>(planes: &'a [Set], cap: u8, compare: Compare, number: u8) -> Plan<'a> {
    let not = |plan| Plan::Not(Box::new(plan));
    // So many left or more: not more used than the rest of the cap.
    let at_least = |n: u16| match (n, u16::from(cap).checked_sub(n)) {
        (0, _) => Plan::Everyone,
        (_, None) => Plan::Any(Vec::new()),
        (_, Some(used)) => not(used_at_least(planes, usize::from(used) + 1)),
    };
    let number = u16::from(number);
    match compare {
        Compare::MoreOrEqual => at_least(number),
        Compare::More => at_least(number + 1),
        Compare::Less => not(at_least(number)),
        Compare::LessOrEqual => not(at_least(number + 1)),
        Compare::Equal => Plan::All(vec![at_least(number), not(at_least(number + 1))]),
        Compare::NotEqual => Plan::Any(vec![not(at_least(number)), at_least(number + 1)]),
    }
}

/// Whose bit-sliced number is `n` or more; `n` is over 0. From the lowest bit up: where `n` has the
/// bit, one must have it and the rest below; where it has not, either will do.
fn used_at_least<'a>(planes: &'a [Set], n: usize) -> Plan<'a> {
    if planes.len() < usize::BITS as usize && n >> planes.len() > 0 {
        return Plan::Any(Vec::new());
    }
    let mut below = None;
    for (bit, plane) in planes.iter().enumerate() {
        let plane = Plan::Leaf(Members::Lent(Cow::Borrowed(plane)));
        let has = n >> bit & 1 == 1;
        below = Some(match below {
            // Below the lowest bit of `n` everything will do.
            None if !has => continue,
            None => plane,
            Some(below) if has => Plan::All(vec![plane, below]),
            Some(below) => Plan::Any(vec![plane, below]),
        });
    }
    below.unwrap_or(Plan::Any(Vec::new()))
}

/// Whole orders, or their lines with a product.
fn orders_of(product: Option<&Name>) -> Source {
    product.map_or(Source::Orders, |product| Source::Bought(product.as_str().to_owned()))
}

/// What counts as a reaction.
fn reactions(by: Option<&Happening>) -> Vec<Source> {
    match by {
        Some(what) => vec![source(what)],
        None => {
            let events = REACTIONS.iter().map(|kind| Source::Events((*kind).to_owned(), None));
            events.chain([Source::Orders]).collect()
        }
    }
}

fn source(what: &Happening) -> Source {
    match what {
        Happening::Order => Source::Orders,
        Happening::Bought(product) => orders_of(Some(product)),
        Happening::Event { kind, key } => Source::Events(kind.as_str().to_owned(), key.clone()),
    }
}

impl Test {
    /// A number that compares so with a measure.
    fn number(measure: Measure, compare: Compare, number: i64) -> Self {
        let (least, most, not) = match compare {
            Compare::Equal => (number, number, false),
            Compare::NotEqual => (number, number, true),
            Compare::Less => (number, i64::MAX, true),
            Compare::LessOrEqual => (i64::MIN, number, false),
            Compare::More => (i64::MIN, number, true),
            Compare::MoreOrEqual => (number, i64::MAX, false),
        };
        Self { measure, least, most, not }
    }
}

impl When {
    /// The moments that compare so with this, seen from `now`.
    fn test(self, measure: Measure, compare: Compare, now: Timestamp) -> Test {
        // Longer ago is earlier: the two sides change places.
        let turned = match compare {
            Compare::Less => Compare::More,
            Compare::LessOrEqual => Compare::MoreOrEqual,
            Compare::More => Compare::Less,
            Compare::MoreOrEqual => Compare::LessOrEqual,
            same => same,
        };
        let kept = |at: Timestamp| i64::from(second(at));
        let day = match self {
            Self::DaysAgo(days) => {
                return Test::number(measure, turned, kept(days_before(now, days)));
            }
            Self::HoursAgo(hours) => {
                return Test::number(measure, turned, kept(hours_before(now, hours)));
            }
            Self::Date(day) => day,
        };
        let (first, last) = (kept(day.start()), kept(day.next().start() + -1));
        match compare {
            Compare::Equal => Test { measure, least: first, most: last, not: false },
            Compare::NotEqual => Test { measure, least: first, most: last, not: true },
            Compare::Less | Compare::MoreOrEqual => Test::number(measure, compare, first),
            Compare::LessOrEqual | Compare::More => Test::number(measure, compare, last),
        }
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
