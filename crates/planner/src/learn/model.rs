//! Who orders, of their own accord and because of a message, and who leaves.

use super::averages::Difference;
use super::effects::{Effects, Of};
use super::examples::{Counts, Examples, FOLDS};
use super::regression::{Either, Fit, Row, chance, fit, logit, loss};
use super::scale::{Point, Scale};
use super::traits::{Feature, Traits};
use super::{Basis, NINE_OF_TEN};

/// Orders after messages, people left out and orders of theirs, so that a model is learned.
const LEAST: (u64, u64, u64) = (50, 500, 10);
/// Orders after messages of a kind, so that it is told apart from others.
const LEAST_OF_KIND: u64 = 20;
/// Leavers after messages, so that a model of them is learned.
const LEAST_LEAVERS: u64 = 40;
/// How much effects may be held back, the most first; the one that fits people best whom the
/// model has not seen is taken.
const STRENGTHS: [f64; 3] = [16.0, 4.0, 1.0];
/// How much effects on leaving are held back.
const LEAVING_STRENGTH: f64 = 8.0;

/// People of the same bins, kind and treatment, with their columns.
struct Design {
    traits: Traits,
    kind: u8,
    sent: bool,
    columns: Vec<u16>,
    own: usize,
    folds: [(u64, u64); FOLDS],
}

impl Design {
    fn row(&self, holds: impl Fn(usize) -> bool) -> Row<'_> {
        let (mut people, mut hits) = (0, 0);
        for (_, counts) in self.folds.iter().enumerate().filter(|(fold, _)| holds(*fold)) {
            people += counts.0;
            hits += counts.1;
        }
        Row { columns: &self.columns, own: self.own, people: people as f64, hits: hits as f64 }
    }
}

fn designs(examples: &Examples, effects: &Effects, hits: fn(&Counts) -> u64) -> Vec<Design> {
    examples
        .cells()
        .map(|(cell, folds)| {
            let received = cell.traits.bin(Feature::Received);
            Design {
                traits: cell.traits,
                kind: cell.kind,
                sent: cell.sent,
                columns: effects.columns(cell.traits, Some(cell.kind), cell.sent, received),
                own: effects.own(),
                folds: folds.map(|counts| (counts.people, hits(&counts))),
            }
        })
        .collect()
}

fn rows(designs: &[Design], holds: impl Fn(usize) -> bool) -> Vec<Row<'_>> {
    designs.iter().map(|design| design.row(&holds)).filter(|row| row.people > 0.0).collect()
}

/// What was expected of a fifth of the people, and what they did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Fifth {
    /// Sent a message.
    pub sent: u64,
    /// Left out.
    pub left_out: u64,
    /// Orders a recipient that the message was expected to add.
    pub expected: f64,
    /// The difference seen between those sent it and those left out.
    pub seen: f64,
    /// Its standard error.
    pub error: f64,
}

/// Who orders within the days, sent a message or not.
#[derive(Debug, Clone)]
pub(super) struct Ordering {
    effects: Effects,
    fit: Fit,
    pub scale: Scale,
    pub strength: f64,
    pub check: Vec<Fifth>,
    known_kinds: Vec<bool>,
}

impl Ordering {
    /// `None` when there is too little to learn from.
    pub fn learn(examples: &Examples) -> Option<Self> {
        let (sent, left_out) = (examples.total(true), examples.total(false));
        if sent.ordered < LEAST.0 || left_out.people < LEAST.1 || left_out.ordered < LEAST.2 {
            return None;
        }
        let effects = Effects::new(Of::Ordering, examples.kinds.len(), examples.chosen.len());
        let designs = designs(examples, &effects, |counts| counts.ordered);
        // Each part of the people is judged by what was learned from the others.
        let searched: Vec<Vec<(f64, Vec<f64>)>> = std::thread::scope(|scope| {
            let (designs, effects) = (&designs, &effects);
            let search = |fold| scope.spawn(move || search(designs, effects, fold));
            let running: Vec<_> = (0..FOLDS).map(search).collect();
            let joined = running.into_iter().map(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            joined.collect()
        });
        let lost = |place: usize| searched.iter().map(|fold| fold[place].0).sum::<f64>();
        let losses: Vec<f64> = (0..STRENGTHS.len()).map(lost).collect();
        let best =
            (0..STRENGTHS.len()).min_by(|one, other| losses[*one].total_cmp(&losses[*other]));
        let best = best.unwrap_or_default();
        let unseen: Vec<&[f64]> = searched.iter().map(|fold| fold[best].1.as_slice()).collect();
        let scale = Scale::of(&points(&designs, &unseen));
        let check = check(&designs, &effects, &unseen, &scale);
        let start = unseen[0];
        let fit = fit(&rows(&designs, |_| true), &effects.form(STRENGTHS[best]), start);
        let known = |kind| examples.total_of(kind as u8, true).ordered >= LEAST_OF_KIND;
        let known_kinds = (0..examples.kinds.len()).map(known).collect();
        Some(Self { effects, fit, scale, strength: STRENGTHS[best], check, known_kinds })
    }

    fn known(&self, kind: Option<u8>) -> Option<u8> {
        kind.filter(|kind| self.known_kinds.get(usize::from(*kind)) == Some(&true))
    }

    /// The logits of an order of their own accord and because of a message.
    fn logits(&self, columns: &[u16]) -> (f64, f64) {
        let (own, added) = columns.split_at(self.effects.own());
        let effects = &self.fit.effects;
        (self.scale.own(logit(own, effects)), self.scale.added(logit(added, effects)))
    }

    /// Orders a recipient that there would be anyway, and those a message adds.
    pub fn mean(&self, traits: Traits, kind: Option<u8>, received: usize) -> (f64, f64) {
        let columns = self.effects.columns(traits, self.known(kind), true, received);
        let (own, added) = self.logits(&columns);
        (chance(own), chance(added) * (1.0 - chance(own)))
    }

    /// The same, with how sure that is.
    pub fn difference(&self, traits: Traits, kind: Option<u8>, received: usize) -> Difference {
        let known = self.known(kind);
        let columns = self.effects.columns(traits, known, true, received);
        let (own, added) = self.logits(&columns);
        let stays = 1.0 - chance(own);
        let reach =
            NINE_OF_TEN * self.scale.slope * spread(&self.fit, &columns, self.effects.own());
        Difference {
            without: chance(own),
            uplift: chance(added) * stays,
            low: chance(added - reach) * stays,
            high: chance(added + reach) * stays,
            basis: if known.is_some() { Basis::Model } else { Basis::OtherKinds },
        }
    }
}

/// The standard error of the logit of what a message adds.
fn spread(fit: &Fit, columns: &[u16], own: usize) -> f64 {
    let added: Vec<(u16, f64)> = columns[own..].iter().map(|column| (*column, 1.0)).collect();
    fit.variance(&added).sqrt()
}

/// For each strength what a part of the people loses by what was learned from the others, and
/// the effects learned.
fn search(designs: &[Design], effects: &Effects, fold: usize) -> Vec<(f64, Vec<f64>)> {
    let others = rows(designs, |one| one != fold);
    let part = rows(designs, |one| one == fold);
    let mut start = effects.start();
    STRENGTHS
        .iter()
        .map(|strength| {
            start = fit(&others, &effects.form(*strength), &start).effects;
            (loss(&part, &start), start.clone())
        })
        .collect()
}

fn points(designs: &[Design], unseen: &[&[f64]]) -> Vec<Point> {
    let point = |design: &Design, fold: usize, effects: &[f64]| {
        let (people, hits) = design.folds[fold];
        let (own, added) = design.columns.split_at(design.own);
        Point {
            own: logit(own, effects),
            added: design.sent.then(|| logit(added, effects)),
            people: people as f64,
            hits: hits as f64,
        }
    };
    designs
        .iter()
        .flat_map(|design| (0..FOLDS).map(move |fold| (design, fold)))
        .filter(|(design, fold)| design.folds[*fold].0 > 0)
        .map(|(design, fold)| point(design, fold, unseen[fold]))
        .collect()
}

fn check(designs: &[Design], effects: &Effects, unseen: &[&[f64]], scale: &Scale) -> Vec<Fifth> {
    let mut people: Vec<(f64, bool, u64, u64)> = Vec::new();
    for design in designs {
        let received = design.traits.bin(Feature::Received);
        let columns = effects.columns(design.traits, Some(design.kind), true, received);
        let (own, added) = columns.split_at(design.own);
        for (fold, learned) in unseen.iter().enumerate() {
            let (count, ordered) = design.folds[fold];
            if count > 0 {
                let own = scale.own(logit(own, learned));
                let with = Either::of(own, Some(scale.added(logit(added, learned))));
                people.push((with.chance - chance(own), design.sent, count, ordered));
            }
        }
    }
    people.sort_by(|one, other| one.0.total_cmp(&other.0));
    let whole: u64 = people.iter().map(|one| one.2).sum();
    let mut fifths = vec![Fifth::default(); FOLDS];
    let mut ordered = vec![[0_u64; 2]; FOLDS];
    let mut before = 0;
    for (expected, sent, count, hits) in people {
        let place = (before * FOLDS as u64 / whole.max(1)) as usize;
        before += count;
        let fifth = &mut fifths[place];
        ordered[place][usize::from(sent)] += hits;
        if sent {
            fifth.sent += count;
            fifth.expected += expected * count as f64;
        } else {
            fifth.left_out += count;
        }
    }
    for (fifth, ordered) in fifths.iter_mut().zip(ordered) {
        let rate = |hits: u64, people: u64| hits as f64 / people.max(1) as f64;
        let (with, without) = (rate(ordered[1], fifth.sent), rate(ordered[0], fifth.left_out));
        let variance = |rate: f64, people: u64| rate * (1.0 - rate) / people.max(1) as f64;
        fifth.expected /= fifth.sent.max(1) as f64;
        fifth.seen = with - without;
        fifth.error = (variance(with, fifth.sent) + variance(without, fifth.left_out)).sqrt();
    }
    fifths
}

/// Who leaves within the days, sent a message or not.
#[derive(Debug, Clone)]
pub(super) struct Leaving {
    effects: Effects,
    fit: Fit,
    known_kinds: Vec<bool>,
}

impl Leaving {
    /// `None` when too few left.
    pub fn learn(examples: &Examples) -> Option<Self> {
        if examples.total(true).left < LEAST_LEAVERS || examples.total(false).people < LEAST.1 {
            return None;
        }
        let effects = Effects::new(Of::Leaving, examples.kinds.len(), examples.chosen.len());
        let designs = designs(examples, &effects, |counts| counts.left);
        let form = effects.form(LEAVING_STRENGTH);
        let fit = fit(&rows(&designs, |_| true), &form, &effects.start());
        let known = |kind| examples.total_of(kind as u8, true).people > 0;
        let known_kinds = (0..examples.kinds.len()).map(known).collect();
        Some(Self { effects, fit, known_kinds })
    }

    fn known(&self, kind: Option<u8>) -> Option<u8> {
        kind.filter(|kind| self.known_kinds.get(usize::from(*kind)) == Some(&true))
    }

    /// How many leave because of a message.
    pub fn more(&self, traits: Traits, kind: Option<u8>, received: usize) -> f64 {
        let columns = self.effects.columns(traits, self.known(kind), true, received);
        let (own, added) = columns.split_at(self.effects.own());
        let effects = &self.fit.effects;
        chance(logit(added, effects)) * (1.0 - chance(logit(own, effects)))
    }

    /// The variance of that.
    pub fn variance(&self, traits: Traits, kind: Option<u8>, received: usize) -> f64 {
        let columns = self.effects.columns(traits, self.known(kind), true, received);
        let added = chance(logit(&columns[self.effects.own()..], &self.fit.effects));
        let spread = spread(&self.fit, &columns, self.effects.own());
        (added * (1.0 - added) * spread).powi(2)
    }
}
