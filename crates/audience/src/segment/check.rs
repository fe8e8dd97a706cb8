//! Every name of a segment against what is known, so that a mistyped one is an error and never an
//! empty audience.

use std::collections::BTreeSet;

use wire::Day;

use super::evaluate::number_of;
use super::nearest::nearest;
use super::{Context, Error, Happening, Literal, Name, Problem, Segment, Summed, TagNumber, When};
use crate::Index;
use crate::index::{AttributeKind, Column};

/// Kinds of event every account can have, whether or not one occurred yet: a click of a menu's
/// button (by its key) or link, a message, a scan of a QR code (by its scene), a follow, a leave.
pub const EVENT_KINDS: &[&str] = &["click", "view", "message", "scan", "follow", "leave"];

/// What counts as a reaction to a campaign where nothing is said of it, beside an order.
pub const REACTIONS: &[&str] = &["click", "view", "message", "scan"];

pub(super) const NO_SECOND: &str =
    "a time so long ago is one second; ask for longer ago with > or more recently with <";
pub(super) const NO_HOUR: &str =
    "a window that ends in so many hours ends in one second; ask for longer with > or less with <";

impl Segment {
    /// Checks that every tag, attribute, kind of event, campaign, list and saved segment named is
    /// known, also inside saved segments, and that every comparison can hold for some value. Keys
    /// of events are not checked: a menu's button may be asked about before its first click.
    ///
    /// # Errors
    /// The first name that is not known, with its column and the nearest known name.
    pub fn compile(self, index: &Index, context: &dyn Context) -> Result<Self, Error> {
        Checker { index, context, path: Vec::new(), sound: BTreeSet::new() }.segment(&self, 0)?;
        Ok(self)
    }

    /// Checks like [`Segment::compile`] a segment that is to be saved under this name: it may not
    /// contain itself.
    ///
    /// # Errors
    /// As [`Segment::compile`]; also when a saved segment in it leads back to the name.
    pub fn compile_as(
        self,
        name: &str,
        index: &Index,
        context: &dyn Context,
    ) -> Result<Self, Error> {
        let path = vec![name.to_owned()];
        Checker { index, context, path, sound: BTreeSet::new() }.segment(&self, 0)?;
        Ok(self)
    }
}

struct Checker<'a> {
    index: &'a Index,
    context: &'a dyn Context,
    /// The saved segments that are being looked into, the outermost first.
    path: Vec<String>,
    /// The saved segments in which nothing was wrong.
    sound: BTreeSet<String>,
}

impl Checker<'_> {
    fn segment(&mut self, segment: &Segment, depth: usize) -> Result<(), Error> {
        if depth > Segment::DEEPEST {
            return Err(Error { column: 0, problem: Problem::TooDeep });
        }
        match segment {
            Segment::All(parts) | Segment::Any(parts) => {
                parts.iter().try_for_each(|part| self.segment(part, depth + 1))
            }
            Segment::Not(part) => self.segment(part, depth + 1),
            Segment::Everyone
            | Segment::Subscribed
            | Segment::SubscribedWithin(_)
            | Segment::SubscribedBefore(_)
            | Segment::AmountSum { of: None, .. }
            | Segment::Sum { of: Summed::Items, .. }
            | Segment::Share { .. }
            | Segment::Reachable
            | Segment::Slots { .. } => Ok(()),
            Segment::ReachableFor { compare, .. } if !compare.is_order() => {
                Err(Error::senseless(0, NO_HOUR))
            }
            Segment::ReachableFor { .. } => Ok(()),
            Segment::Tag(name) => {
                let names = self.index.tag_names().map(|(_, name)| name);
                let known = self.index.tag_named(name.as_str()).is_some();
                known.then_some(()).ok_or_else(|| unknown("tag", name, names))
            }
            Segment::TagNumber(number) => self.tag_number(*number),
            Segment::OwnTag(name) => {
                let names = self.index.own_tags().map(|(name, _)| name);
                let known = self.index.own_tag(name.as_str()).is_some();
                known.then_some(()).ok_or_else(|| unknown("own tag", name, names))
            }
            Segment::Has(name) => self.attribute(name),
            Segment::Attribute { name, compare, value } => {
                self.attribute(name)?;
                if compare.is_order() && matches!(value, Literal::Text(_) | Literal::Flag(_)) {
                    let why = "only numbers and days have an order; compare with = or !=";
                    return Err(Error::senseless(name.column, why));
                }
                self.comparable(name, value)
            }
            Segment::AttributeIn { name, values } => {
                self.attribute(name)?;
                values.iter().try_for_each(|value| self.comparable(name, value))
            }
            Segment::Matches { name, .. } => {
                self.attribute(name)?;
                match self.index.definition(name.as_str()) {
                    None | Some(AttributeKind::Text | AttributeKind::Choice(_)) => Ok(()),
                    Some(kind) => Err(Error::senseless(name.column, holds(name, kind))),
                }
            }
            Segment::Anniversary { name, .. } => {
                self.attribute(name)?;
                self.comparable(name, &Literal::DaysAgo(0))
            }
            Segment::Moment { compare, when: When::DaysAgo(_) | When::HoursAgo(_), .. }
                if !compare.is_order() =>
            {
                Err(Error::senseless(0, NO_SECOND))
            }
            Segment::Count { what, .. } | Segment::Moment { what, .. } | Segment::Never(what) => {
                self.happening(what)
            }
            Segment::AmountSum { of: Some(product), .. }
            | Segment::Sum { of: Summed::Bought(product), .. } => self.product(product),
            Segment::Sum { of: Summed::Event { kind, .. }, .. } => self.kind(kind),
            Segment::Consents { template, .. } => {
                let templates = self.context.templates();
                let known = templates.iter().any(|known| known == template.as_str());
                let templates = templates.iter().map(String::as_str);
                known.then_some(()).ok_or_else(|| unknown("template", template, templates))
            }
            Segment::InList(name) => {
                let names = self.index.lists().map(|(name, _)| name);
                let known = self.index.list(name.as_str()).is_some();
                known.then_some(()).ok_or_else(|| unknown("list", name, names))
            }
            Segment::InSegment(name) => self.saved(name, depth),
            Segment::Received(key) => self.campaign(key),
            Segment::Reacted { campaign, by, .. } => {
                self.campaign(campaign)?;
                let is_told = self.context.deliveries(campaign.as_str()).is_some();
                let why =
                    || format!("nothing is known of reactions to campaign {:?}", campaign.text);
                is_told.then_some(()).ok_or_else(|| Error::senseless(campaign.column, why()))?;
                by.iter().try_for_each(|what| self.happening(what))
            }
        }
    }

    fn campaign(&self, key: &Name) -> Result<(), Error> {
        let keys = self.context.campaign_keys();
        let known = keys.iter().any(|known| known == key.as_str());
        let keys = keys.iter().map(String::as_str);
        known.then_some(()).ok_or_else(|| unknown("campaign", key, keys))
    }

    fn tag_number(&self, number: TagNumber) -> Result<(), Error> {
        if self.index.tag(number.tag).is_some() || self.index.tag_name(number.tag).is_some() {
            return Ok(());
        }
        let name = Name::at(format!("#{}", number.tag), number.column);
        let numbers: Vec<String> =
            self.index.tag_names().map(|(tag, _)| format!("#{tag}")).collect();
        Err(unknown("tag", &name, numbers.iter().map(String::as_str)))
    }

    fn attribute(&self, name: &Name) -> Result<(), Error> {
        let known = self.index.column(name.as_str()).is_some()
            || self.index.definition(name.as_str()).is_some();
        let names = self.index.attribute_names();
        known.then_some(()).ok_or_else(|| unknown("attribute", name, names))
    }

    fn saved(&mut self, name: &Name, depth: usize) -> Result<(), Error> {
        if self.sound.contains(name.as_str()) {
            return Ok(());
        }
        if self.path.iter().any(|outer| outer == name.as_str()) {
            let mut way = self.path.clone();
            way.push(name.text.clone());
            return Err(Error { column: name.column, problem: Problem::Circular { way } });
        }
        let Some(segment) = self.context.saved(name.as_str()) else {
            let names = self.context.saved_names();
            return Err(unknown("saved segment", name, names.iter().map(String::as_str)));
        };
        self.path.push(name.text.clone());
        let checked = self.segment(&segment, depth + 1);
        self.path.pop();
        checked.map_err(|error| match error.problem {
            // These tell by themselves where they lie.
            Problem::TooDeep | Problem::Circular { .. } => {
                Error { column: name.column, problem: error.problem }
            }
            _ => {
                let why = format!("in saved segment {:?}, {error}", name.text);
                Error::senseless(name.column, why)
            }
        })?;
        self.sound.insert(name.text.clone());
        Ok(())
    }

    /// Whether some value of the attribute can be compared with the literal at all: by what it was
    /// defined to hold, or else by what it holds.
    fn comparable(&self, name: &Name, literal: &Literal) -> Result<(), Error> {
        let is_day =
            matches!(literal, Literal::Date(_) | Literal::DaysAgo(_) | Literal::DaysAhead(_));
        let able = match (self.index.definition(name.as_str()), literal) {
            (Some(AttributeKind::Choice(choices)), Literal::Text(text)) => {
                if choices.contains(text) {
                    return Ok(());
                }
                let value = Name::at(text.as_str(), name.column);
                return Err(unknown("choice", &value, choices.iter().map(String::as_str)));
            }
            (Some(AttributeKind::Text), Literal::Text(_))
            | (Some(AttributeKind::Number), Literal::Number(_))
            | (Some(AttributeKind::Flag), Literal::Flag(_)) => true,
            (Some(AttributeKind::Date), _) => is_day,
            (Some(_), _) => false,
            (None, _) => {
                let column = self.index.column(name.as_str());
                return column.map_or(Ok(()), |column| comparable(name, column, literal));
            }
        };
        let kind = self.index.definition(name.as_str());
        let wrong = |kind| Error::senseless(name.column, holds(name, kind));
        kind.filter(|_| !able).map_or(Ok(()), |kind| Err(wrong(kind)))
    }

    fn happening(&self, what: &Happening) -> Result<(), Error> {
        match what {
            Happening::Order => Ok(()),
            Happening::Bought(product) => self.product(product),
            Happening::Event { kind, .. } => self.kind(kind),
        }
    }

    fn product(&self, product: &Name) -> Result<(), Error> {
        let known = self.index.products().any(|known| known == product.as_str());
        known.then_some(()).ok_or_else(|| unknown("product", product, self.index.products()))
    }

    fn kind(&self, kind: &Name) -> Result<(), Error> {
        let kinds = || EVENT_KINDS.iter().copied().chain(self.index.event_kinds());
        if kinds().any(|known| known == kind.as_str()) {
            return Ok(());
        }
        Err(unknown("kind of event", kind, kinds().chain(["order"])))
    }
}

fn unknown<'a>(what: &'static str, name: &Name, known: impl IntoIterator<Item = &'a str>) -> Error {
    let nearest = nearest(name.as_str(), known);
    Error {
        column: name.column,
        problem: Problem::Unknown { what, name: name.as_str().to_owned(), nearest },
    }
}

/// What an attribute of this kind is compared with, as a sentence.
fn holds(name: &Name, kind: &AttributeKind) -> String {
    let holds = match kind {
        AttributeKind::Text => "texts; compare with = or != and a text in quotes",
        AttributeKind::Number => "numbers; compare with a number",
        AttributeKind::Date => "days; compare with a day such as 2026-03-02 or 30d ago",
        AttributeKind::Flag => "yes or no; compare with true or false",
        AttributeKind::Choice(_) => "one of its choices; compare with one of them in quotes",
    };
    format!("attribute {:?} is defined to hold {holds}", name.text)
}

/// Whether some value of the column can be compared with the literal at all.
fn comparable(name: &Name, column: &Column, literal: &Literal) -> Result<(), Error> {
    let kinds = column.kinds();
    let (able, advice) = match literal {
        Literal::Text(_) => (kinds.texts, "no texts; write the value without quotes"),
        Literal::Number(_) => (
            kinds.numbers || column.any_text(|text| number_of(text).is_some()),
            "no numbers; write the value in quotes",
        ),
        Literal::Date(_) | Literal::DaysAgo(_) | Literal::DaysAhead(_) => (
            column.any_text(|text| text.parse::<Day>().is_ok()),
            "no days written as 2026-03-02; compare with a text in quotes or a number",
        ),
        Literal::Flag(_) => (kinds.flags, "no yes or no; compare with a text or a number"),
    };
    // A column that holds nothing now may hold anything later.
    if able || !(kinds.texts || kinds.numbers || kinds.flags) {
        return Ok(());
    }
    Err(Error::senseless(name.column, format!("attribute {:?} holds {advice}", name.as_str())))
}
