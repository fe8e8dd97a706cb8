//! What messages are worth, from the merchant's numbers into whole units. Decimals are turned into
//! units once, here; everything after is added up exactly.

use std::collections::HashMap;
use std::sync::Arc;

use audience::{Attribute, Set};
use planner::plan::{Worth, question::WORTH_LIMIT};
use store::campaign::Campaign;

use crate::books::Books;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{
    AttributeWorth, EstimatesQuestion, LearnedWorth, NewPlan, PlanWish, SegmentWorths, WorthWish,
};

/// Most segments that the worths of one plan name.
const MOST_SEGMENTS: usize = 64;
/// The finest unit is ten to the power of minus this.
const FINEST: i32 = 9;
/// The coarsest is ten to the power of this.
const COARSEST: i32 = 9;

/// Segments that worths name, and which of them each follower is in.
#[derive(Debug, Default)]
pub(super) struct Classes {
    texts: Vec<String>,
    /// For every ordinal its class; empty when no worth is by segment.
    pub(super) of: Vec<u16>,
    /// For every class the segments its followers are in, a bit each.
    kinds: Vec<u64>,
}

impl Classes {
    /// Evaluates every segment that a worth names.
    pub(super) fn read(owner: &Owner, books: &Books, wishes: &[PlanWish]) -> Result<Self, Error> {
        let mut texts: Vec<String> = Vec::new();
        let mut within: Vec<u64> = Vec::new();
        for (place, wish) in wishes.iter().enumerate() {
            let WorthWish::Segments(by) = &wish.worth else { continue };
            for (line, one) in by.of.iter().enumerate() {
                if texts.contains(&one.segment) {
                    continue;
                }
                let field = || format!("campaigns[{place}].worth.segments.of[{line}].segment");
                if texts.len() == MOST_SEGMENTS {
                    let problem = format!("worths may name {MOST_SEGMENTS} segments in all");
                    return Err(Error::bad(field(), problem));
                }
                let people = evaluate(owner, books, &one.segment, field)?;
                within.resize(books.index.len() as usize, 0);
                for ordinal in &people {
                    if let Some(bits) = within.get_mut(ordinal as usize) {
                        *bits |= 1 << texts.len();
                    }
                }
                texts.push(one.segment.clone());
            }
        }
        let mut known: HashMap<u64, u16> = HashMap::new();
        let mut kinds = Vec::new();
        let mut of = Vec::with_capacity(within.len());
        for bits in within {
            let class = match known.get(&bits) {
                Some(class) => *class,
                None => {
                    let class = u16::try_from(kinds.len()).map_err(|_| {
                        let problem = "the segments that worths name divide the followers into \
                                       more than 65,536 classes: name fewer";
                        Error::bad("campaigns", problem)
                    })?;
                    known.insert(bits, class);
                    kinds.push(bits);
                    class
                }
            };
            of.push(class);
        }
        Ok(Self { texts, of, kinds })
    }

    /// What a message is worth to each class.
    fn worths(&self, by: &SegmentWorths) -> Vec<f64> {
        let lines: Vec<(u64, f64)> = by
            .of
            .iter()
            .filter_map(|one| {
                let place = self.texts.iter().position(|text| *text == one.segment)?;
                Some((1 << place, one.worth))
            })
            .collect();
        let first = |kind: &u64| {
            let found = lines.iter().find(|(bit, _)| kind & bit != 0);
            found.map_or(by.otherwise, |(_, worth)| *worth)
        };
        self.kinds.iter().map(first).collect()
    }
}

/// What was learned for the campaigns that ask for it: yuan, by ordinal.
#[derive(Debug, Default)]
pub(super) struct Learned(HashMap<usize, Arc<[f32]>>);

impl Learned {
    /// Learns once for each different question.
    pub(super) async fn read(
        owner: &Arc<Owner>,
        wishes: &[PlanWish],
        campaigns: &[Campaign],
    ) -> Result<Self, Error> {
        let mut of = HashMap::new();
        let mut known: Vec<(LearnedWorth, Arc<[f32]>)> = Vec::new();
        for (place, (wish, found)) in wishes.iter().zip(campaigns).enumerate() {
            let WorthWish::Learned(by) = &wish.worth else { continue };
            let kind = match &by.kind {
                Some(kind) => Some(kind.clone()),
                None => crate::campaign::wish(found)?.kind,
            };
            let by = LearnedWorth { kind, ..by.clone() };
            let same = known.iter().find(|(other, _)| *other == by);
            let worths = match same.map(|(_, worths)| Arc::clone(worths)) {
                Some(worths) => worths,
                None => {
                    let worths = learned(owner, place, &by).await?;
                    known.push((by, Arc::clone(&worths)));
                    worths
                }
            };
            of.insert(place, worths);
        }
        Ok(Self(of))
    }

    fn worths<'a>(&'a self, place: usize, audience: &'a Set) -> impl Iterator<Item = f64> + 'a {
        let worths: &[f32] = self.0.get(&place).map_or(&[], |worths| worths);
        audience.iter().map(|ordinal| worths.get(ordinal as usize).map_or(0.0, |one| (*one).into()))
    }
}

async fn learned(owner: &Arc<Owner>, place: usize, by: &LearnedWorth) -> Result<Arc<[f32]>, Error> {
    let question = EstimatesQuestion {
        kind: by.kind.clone(),
        days: by.days,
        follower_cents: Some(by.follower.saturating_mul(100)),
        ..EstimatesQuestion::default()
    };
    let found =
        crate::estimates::estimated(owner, &question).await.map_err(|error| match error {
            Error::BadInput { field, problem } => {
                let name = if field == "follower_cents" { "follower" } else { &*field };
                Error::bad(format!("campaigns[{place}].worth.learned.{name}"), problem)
            }
            other => other,
        })?;
    let (_, _, found) = found;
    let people = owner.books.read().await.index.len();
    let mut worths = vec![0.0; people as usize];
    for (ordinal, worth) in found.people.iter().zip(&found.worths) {
        if let Some(place) = worths.get_mut(ordinal as usize) {
            *place = (f64::from(*worth) * found.unit_cents / 100.0) as f32;
        }
    }
    Ok(worths.into())
}

/// Who a text of the question describes; an error names the field.
pub(super) fn evaluate(
    owner: &Owner,
    books: &Books,
    text: &str,
    field: impl FnOnce() -> String,
) -> Result<Set, Error> {
    crate::campaign::evaluate(owner, books, text).map_err(|error| match error {
        Error::Segment(error) => Error::bad(field(), error),
        other => other,
    })
}

/// Checks the numbers of a worth before anybody is looked at.
pub(super) fn check(place: usize, wish: &PlanWish) -> Result<(), Error> {
    let field = |rest: &str| format!("campaigns[{place}].{rest}");
    if !(wish.weight > 0.0 && wish.weight <= 1_000_000.0) {
        let problem = format!("{} is not above 0 and at most 1000000", wish.weight);
        return Err(Error::bad(field("weight"), problem));
    }
    let mut numbers = Vec::new();
    match &wish.worth {
        WorthWish::Same(worth) => numbers.push(("worth.same".to_owned(), *worth)),
        WorthWish::Segments(by) => {
            if by.of.is_empty() {
                let problem = "name at least one segment, or give `same`";
                return Err(Error::bad(field("worth.segments.of"), problem));
            }
            for (line, one) in by.of.iter().enumerate() {
                numbers.push((format!("worth.segments.of[{line}].worth"), one.worth));
            }
            numbers.push(("worth.segments.otherwise".to_owned(), by.otherwise));
        }
        WorthWish::Attribute(by) => {
            numbers.push(("worth.attribute.times".to_owned(), by.times));
            numbers.push(("worth.attribute.otherwise".to_owned(), by.otherwise));
        }
        // What is learned from is looked at when it is read.
        WorthWish::Learned(_) => {}
    }
    for (name, number) in numbers {
        if !number.is_finite() || number.abs() > 1e12 {
            return Err(Error::bad(field(&name), format!("{number} is not within ±10^12")));
        }
    }
    Ok(())
}

/// The unit of a plan: ten to the power of minus `exponent` of what the worths were given in.
pub(super) fn exponent(
    books: &Books,
    classes: &Classes,
    learned: &Learned,
    new: &NewPlan,
    audiences: &[Set],
) -> Result<i32, Error> {
    let (mut highest, mut given) = (0.0f64, new.disturbing.clone());
    let wishes = &new.campaigns;
    let mut measured = false;
    for (place, (wish, audience)) in wishes.iter().zip(audiences).enumerate() {
        match &wish.worth {
            WorthWish::Same(worth) => given.push(worth * wish.weight),
            WorthWish::Segments(by) => {
                given.extend(classes.worths(by).iter().map(|worth| worth * wish.weight));
            }
            WorthWish::Attribute(by) => {
                measured = true;
                let worths = by_attribute(books, place, by, audience)?;
                highest = worths.fold(highest, |most, worth| most.max((worth * wish.weight).abs()));
            }
            WorthWish::Learned(_) => {
                measured = true;
                let worths = learned.worths(place, audience);
                highest = worths.fold(highest, |most, worth| most.max((worth * wish.weight).abs()));
            }
        }
    }
    highest = given.iter().fold(highest, |most, worth| most.max(worth.abs()));
    let fits = |exponent: &i32| highest * power(*exponent) <= f64::from(WORTH_LIMIT);
    let Some(finest) = (-COARSEST..=FINEST).rev().find(fits) else {
        let problem = format!("a worth of {highest} is more than a plan can weigh (3 × 10^13)");
        return Err(Error::bad("campaigns", problem));
    };
    let exact = |exponent: &i32| {
        given.iter().all(|worth| {
            let units = worth * power(*exponent);
            (units - units.round()).abs() <= units.abs() * 1e-12
        })
    };
    // Few units are quicker to weigh; measured numbers get the finest that fits.
    let few = (0..=finest).find(exact).filter(|_| !measured);
    Ok(few.unwrap_or(finest))
}

/// Ten to a power.
pub(crate) fn power(exponent: i32) -> f64 {
    10f64.powi(exponent)
}

/// A worth in units.
pub(super) fn units(worth: f64, exponent: i32) -> Option<i16> {
    let units = (worth * power(exponent)).round();
    // Within the limit, so nothing is cut off.
    (units.abs() <= f64::from(WORTH_LIMIT)).then_some(units as i16)
}

/// What a campaign is worth to its audience, in units.
pub(super) fn read(
    (books, classes, learned): (&Books, &Classes, &Learned),
    place: usize,
    wish: &PlanWish,
    audience: &Set,
    exponent: i32,
) -> Result<Worth, Error> {
    let unit = |worth: f64| {
        units(worth * wish.weight, exponent).ok_or_else(|| {
            let most = f64::from(WORTH_LIMIT) / power(exponent);
            let problem = format!(
                "a worth of {} does not fit the plan's unit (±{most}): make a new plan with all \
                 its campaigns",
                worth * wish.weight
            );
            Error::bad(format!("campaigns[{place}].worth"), problem)
        })
    };
    Ok(match &wish.worth {
        WorthWish::Same(worth) => Worth::Same(unit(*worth)?),
        WorthWish::Segments(by) => {
            Worth::ByClass(classes.worths(by).into_iter().map(unit).collect::<Result<_, _>>()?)
        }
        WorthWish::Attribute(by) => {
            let worths = by_attribute(books, place, by, audience)?;
            Worth::Each(worths.map(unit).collect::<Result<_, _>>()?)
        }
        WorthWish::Learned(_) => {
            let worths = learned.worths(place, audience);
            Worth::Each(worths.map(unit).collect::<Result<_, _>>()?)
        }
    })
}

/// What an attribute makes a campaign worth to each of its audience.
fn by_attribute<'a>(
    books: &'a Books,
    place: usize,
    by: &'a AttributeWorth,
    audience: &'a Set,
) -> Result<impl Iterator<Item = f64> + 'a, Error> {
    let field = || format!("campaigns[{place}].worth.attribute.name");
    let column = books.index.column(&by.name).ok_or_else(|| {
        let mut names: Vec<&str> = books.index.attribute_names().collect();
        names.sort_unstable();
        names.truncate(20);
        let problem = format!(
            "nobody has an attribute {:?}; there are: {}",
            by.name,
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        );
        Error::bad(field(), problem)
    })?;
    if !column.kinds().numbers {
        let problem = format!("the attribute {:?} holds no numbers", by.name);
        return Err(Error::bad(field(), problem));
    }
    let worth = move |ordinal| match column.get(ordinal) {
        Some(Attribute::Number(number)) if number.is_finite() => {
            // Beyond this no unit would fit; the field's limit says the same.
            (number * by.times).clamp(-1e12, 1e12)
        }
        _ => by.otherwise,
    };
    Ok(audience.iter().map(worth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worths_become_whole_units() {
        assert_eq!(units(3.1, 1), Some(31));
        assert_eq!(units(-0.004, 3), Some(-4));
        assert_eq!(units(3.1, 4), Some(31_000));
        assert_eq!(units(3.3, 4), None);
        assert_eq!(units(120_000.0, -1), Some(12_000));
    }
}
