//! Every name of a segment against what is known, so that a mistyped one is an error and never an
//! empty audience.

use wire::Day;

use super::evaluate::number_of;
use super::nearest::nearest;
use super::{Context, Error, Happening, Literal, Name, Problem, Segment, TagNumber, When};
use crate::{Index, index::Column};

/// Kinds of event every account can have, whether or not one occurred yet: a click of a menu's
/// button (by its key) or link, a message, a scan of a QR code (by its scene), a follow, a leave.
pub const EVENT_KINDS: &[&str] = &["click", "view", "message", "scan", "follow", "leave"];

pub(super) const NO_SECOND: &str =
    "a time so many days ago is one second; ask for longer ago with > or more recently with <";

impl Segment {
    /// Checks that every tag, attribute, kind of event and campaign named is known, and that every
    /// comparison can hold for some value. Keys of events are not checked: a menu's button may be
    /// asked about before its first click.
    ///
    /// # Errors
    /// The first name that is not known, with its column and the nearest known name.
    pub fn compile(self, index: &Index, context: &dyn Context) -> Result<Self, Error> {
        Checker { index, context }.segment(&self, 0)?;
        Ok(self)
    }
}

struct Checker<'a> {
    index: &'a Index,
    context: &'a dyn Context,
}

impl Checker<'_> {
    fn segment(&self, segment: &Segment, depth: usize) -> Result<(), Error> {
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
            | Segment::AmountSum { .. }
            | Segment::Slots { .. } => Ok(()),
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
            Segment::Has(name) => self.column(name).map(|_| ()),
            Segment::Attribute { name, compare, value } => {
                let column = self.column(name)?;
                if compare.is_order() && matches!(value, Literal::Text(_) | Literal::Flag(_)) {
                    let why = "only numbers and days have an order; compare with = or !=";
                    return Err(Error::senseless(name.column, why));
                }
                comparable(name, column, value)
            }
            Segment::AttributeIn { name, values } => {
                let column = self.column(name)?;
                values.iter().try_for_each(|value| comparable(name, column, value))
            }
            Segment::Moment { compare, when: When::DaysAgo(_), .. } if !compare.is_order() => {
                Err(Error::senseless(0, NO_SECOND))
            }
            Segment::Count { what, .. } | Segment::Moment { what, .. } | Segment::Never(what) => {
                self.happening(what)
            }
            Segment::Received(key) => {
                let keys = self.context.campaign_keys();
                let known = keys.iter().any(|known| known == key.as_str());
                let keys = keys.iter().map(String::as_str);
                known.then_some(()).ok_or_else(|| unknown("campaign", key, keys))
            }
        }
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

    fn column(&self, name: &Name) -> Result<&Column, Error> {
        let known = || unknown("attribute", name, self.index.attribute_names());
        self.index.column(name.as_str()).ok_or_else(known)
    }

    fn happening(&self, what: &Happening) -> Result<(), Error> {
        let Happening::Event { kind, .. } = what else { return Ok(()) };
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

/// Whether some value of the column can be compared with the literal at all.
fn comparable(name: &Name, column: &Column, literal: &Literal) -> Result<(), Error> {
    let kinds = column.kinds();
    let (able, advice) = match literal {
        Literal::Text(_) => (kinds.texts, "no texts; write the value without quotes"),
        Literal::Number(_) => (
            kinds.numbers || column.any_text(|text| number_of(text).is_some()),
            "no numbers; write the value in quotes",
        ),
        Literal::Date(_) => (
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
