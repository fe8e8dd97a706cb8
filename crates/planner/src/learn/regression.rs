//! Two logistic regressions fitted as one: the chance that something happens of its own accord, and
//! the chance that a message brings it about. Whoever was left out shows the first alone; of those
//! who were sent a message it happens unless neither brings it about. Each chance is a sum of
//! effects, and each effect is held back towards nothing as much as there is little evidence for it
//! (a ridge).
//!
//! Fisher's scoring on rows that are counted already, on one thread and always in the same order, so
//! the same rows give the same effects. An effect may be held to one side of zero; one that wants to
//! cross is set to zero and the others are fitted again.

/// People of the same columns: which are on, how many they are, of how many it came true.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub columns: &'a [u16],
    /// So many of the columns are about what happens of its own accord, the others about what the
    /// message adds; without others there was no message.
    pub own: usize,
    pub people: f64,
    pub hits: f64,
}

/// On which side of zero an effect may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Any,
    NotAbove,
    NotBelow,
}

/// What is fitted: how much each effect is held back, and to which side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    pub penalties: Vec<f64>,
    pub sides: Vec<Side>,
}

/// The effects found, and how sure they are.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub effects: Vec<f64>,
    factor: Factor,
}

/// Rounds; a dozen is usual.
const ROUNDS: usize = 80;
/// Steps below this change nothing that is shown.
const STILL: f64 = 1e-7;
/// No step is longer: far from the end the curvature says little.
const LONGEST_STEP: f64 = 3.0;
/// Beyond this a chance is as good as 0 or 1.
const FURTHEST: f64 = 30.0;
/// Holds an effect at zero.
const HELD: f64 = 1e12;

pub(super) fn chance(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit.clamp(-FURTHEST, FURTHEST)).exp())
}

/// The chance that either of two brings it about, and what it changes by with the logit of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Either {
    pub chance: f64,
    pub slopes: [f64; 2],
}

impl Either {
    /// From the logits: of its own accord, and because of a message if there was one.
    pub fn of(own: f64, added: Option<f64>) -> Self {
        let own = chance(own);
        let added = added.map_or(0.0, chance);
        let slopes = [own * (1.0 - own) * (1.0 - added), added * (1.0 - added) * (1.0 - own)];
        Self { chance: own + added - own * added, slopes }
    }

    /// Minus the logarithm of the likelihood.
    pub fn loss(&self, people: f64, hits: f64) -> f64 {
        -(hits * self.chance.ln() + (people - hits) * (1.0 - self.chance).ln())
    }

    /// What an observation says: by how much its gradient and its information are to be multiplied
    /// beside the slopes.
    pub fn score(&self, people: f64, hits: f64) -> (f64, f64) {
        let spread = self.chance * (1.0 - self.chance);
        ((people * self.chance - hits) / spread, people / spread)
    }
}

impl Row<'_> {
    fn either(&self, effects: &[f64]) -> Either {
        let (own, added) = self.columns.split_at(self.own);
        Either::of(logit(own, effects), (!added.is_empty()).then(|| logit(added, effects)))
    }
}

/// Fits the effects, beginning at `start`.
pub(super) fn fit(rows: &[Row<'_>], form: &Form, start: &[f64]) -> Fit {
    let mut form = form.clone();
    let mut found = scoring(rows, &form.penalties, start);
    loop {
        let mut crossed = false;
        for (place, side) in form.sides.iter().enumerate() {
            let wrong = match side {
                Side::Any => false,
                Side::NotAbove => found.effects[place] > STILL,
                Side::NotBelow => found.effects[place] < -STILL,
            };
            if wrong && form.penalties[place] < HELD {
                form.penalties[place] = HELD;
                crossed = true;
            }
        }
        if !crossed {
            return found;
        }
        let start: Vec<f64> = found
            .effects
            .iter()
            .zip(&form.penalties)
            .map(|(effect, penalty)| if *penalty >= HELD { 0.0 } else { *effect })
            .collect();
        found = scoring(rows, &form.penalties, &start);
    }
}

fn scoring(rows: &[Row<'_>], penalties: &[f64], start: &[f64]) -> Fit {
    let width = penalties.len();
    let mut effects = start.to_vec();
    let mut at = objective(rows, penalties, &effects);
    for _ in 0..ROUNDS {
        let (gradient, curvature) = slopes(rows, penalties, &effects);
        let step = Factor::of(curvature, width).solve(&gradient);
        let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
        let mut share = (LONGEST_STEP / longest).min(1.0);
        let moved = loop {
            let next: Vec<f64> =
                effects.iter().zip(&step).map(|(effect, step)| effect - share * step).collect();
            let there = objective(rows, penalties, &next);
            if there <= at {
                effects = next;
                at = there;
                break true;
            }
            share /= 2.0;
            if share * longest < STILL {
                break false;
            }
        };
        if !moved || longest < STILL {
            break;
        }
    }
    let (_, curvature) = slopes(rows, penalties, &effects);
    Fit { effects, factor: Factor::of(curvature, width) }
}

pub(super) fn logit(columns: &[u16], effects: &[f64]) -> f64 {
    columns.iter().map(|column| effects[usize::from(*column)]).sum()
}

/// Minus the logarithm of the likelihood.
pub(super) fn loss(rows: &[Row<'_>], effects: &[f64]) -> f64 {
    rows.iter().map(|row| row.either(effects).loss(row.people, row.hits)).sum()
}

fn objective(rows: &[Row<'_>], penalties: &[f64], effects: &[f64]) -> f64 {
    let held: f64 =
        effects.iter().zip(penalties).map(|(effect, penalty)| penalty * effect * effect).sum();
    loss(rows, effects) + held / 2.0
}

/// The gradient and the information expected at these effects; of this the lower half, row by row.
fn slopes(rows: &[Row<'_>], penalties: &[f64], effects: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let width = effects.len();
    let mut gradient: Vec<f64> =
        effects.iter().zip(penalties).map(|(effect, penalty)| effect * penalty).collect();
    let mut curvature = vec![0.0; width * width];
    for (place, penalty) in penalties.iter().enumerate() {
        curvature[place * width + place] = *penalty;
    }
    for row in rows {
        let either = row.either(effects);
        let (off, weight) = either.score(row.people, row.hits);
        for (nth, one) in row.columns.iter().enumerate() {
            let slope = either.slopes[usize::from(nth >= row.own)];
            let one = usize::from(*one);
            gradient[one] += off * slope;
            // Columns of a row rise, so `one` is the later of each pair.
            for (place, other) in row.columns[..=nth].iter().enumerate() {
                let both = slope * either.slopes[usize::from(place >= row.own)];
                curvature[one * width + usize::from(*other)] += weight * both;
            }
        }
    }
    (gradient, curvature)
}

impl Fit {
    /// The variance of a sum of effects, each with its weight.
    pub fn variance(&self, weights: &[(u16, f64)]) -> f64 {
        self.factor.quadratic(weights)
    }
}

/// The lower triangle `L` of a positive definite matrix `L·Lᵀ`.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    lower: Vec<f64>,
    width: usize,
}

impl Factor {
    /// Factors a matrix of which the lower half is given.
    pub fn of(mut lower: Vec<f64>, width: usize) -> Self {
        for row in 0..width {
            for column in 0..=row {
                let (before, from) = lower.split_at_mut(row * width);
                let left: f64 = if column == row {
                    from[..column].iter().map(|value| value * value).sum()
                } else {
                    let above = &before[column * width..column * width + column];
                    above.iter().zip(&from[..column]).map(|(one, other)| one * other).sum()
                };
                let rest = from[column] - left;
                from[column] = if column == row {
                    // Penalties keep it above zero; rounding must not take it there.
                    rest.max(1e-12).sqrt()
                } else {
                    rest / before[column * width + column]
                };
            }
        }
        Self { lower, width }
    }

    /// `x` of `L·Lᵀ·x = b`.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = self.forward(b.to_vec(), 0);
        for row in (0..self.width).rev() {
            let value = x[row] / self.lower[row * self.width + row];
            x[row] = value;
            for (column, other) in x[..row].iter_mut().enumerate() {
                *other -= self.lower[row * self.width + column] * value;
            }
        }
        x
    }

    /// `x` of `L·x = b`, where everything of `b` before `first` is zero.
    fn forward(&self, mut b: Vec<f64>, first: usize) -> Vec<f64> {
        for row in first..self.width {
            let line = &self.lower[row * self.width..row * self.width + row];
            let known: f64 =
                line[first..].iter().zip(&b[first..row]).map(|(one, other)| one * other).sum();
            b[row] = (b[row] - known) / self.lower[row * self.width + row];
        }
        b
    }

    /// `bᵀ·(L·Lᵀ)⁻¹·b`.
    fn quadratic(&self, weights: &[(u16, f64)]) -> f64 {
        let mut b = vec![0.0; self.width];
        for (place, weight) in weights {
            b[usize::from(*place)] += weight;
        }
        let first = b.iter().position(|value| *value != 0.0).unwrap_or(self.width);
        self.forward(b, first).iter().map(|value| value * value).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(penalties: &[f64]) -> Form {
        Form { penalties: penalties.to_vec(), sides: vec![Side::Any; penalties.len()] }
    }

    #[test]
    fn known_effects_are_found_again() {
        // ln odds = -3 + 1.2·a - 0.7·b, in expected counts: the fit is exact.
        let cells: [&[u16]; 4] = [&[0], &[0, 1], &[0, 2], &[0, 1, 2]];
        let known = [-3.0, 1.2, -0.7];
        let rows: Vec<Row<'_>> = cells
            .iter()
            .map(|columns| {
                let hits = 10_000.0 * chance(logit(columns, &known));
                Row { columns, own: columns.len(), people: 10_000.0, hits }
            })
            .collect();
        let found = fit(&rows, &form(&[1e-9; 3]), &[0.0; 3]);
        for (effect, known) in found.effects.iter().zip(known) {
            assert!((effect - known).abs() < 1e-6, "{:?}", found.effects);
        }
        // The same from a start that is far off.
        let again = fit(&rows, &form(&[1e-9; 3]), &[8.0, -9.0, 9.0]);
        assert!((again.effects[1] - 1.2).abs() < 1e-5, "{:?}", again.effects);
    }

    #[test]
    fn what_a_message_adds_is_told_apart_from_what_happens_anyway() {
        // Own: ln odds = -3 + 1·a. Added: -2.5 - 0.8·b, whoever they are.
        let own: [&[u16]; 2] = [&[0], &[0, 1]];
        let known = [-3.0, 1.0, -2.5, -0.8];
        let mut columns: Vec<(Vec<u16>, usize)> = Vec::new();
        for own in own {
            for added in [&[][..], &[2], &[2, 3]] {
                columns.push(([own, added].concat(), own.len()));
            }
        }
        let rows: Vec<Row<'_>> = columns
            .iter()
            .map(|(columns, own)| {
                let row = Row { columns, own: *own, people: 20_000.0, hits: 0.0 };
                Row { hits: 20_000.0 * row.either(&known).chance, ..row }
            })
            .collect();
        let found = fit(&rows, &form(&[1e-9; 4]), &[-4.0, 0.0, -4.0, 0.0]);
        for (effect, known) in found.effects.iter().zip(known) {
            assert!((effect - known).abs() < 1e-5, "{:?}", found.effects);
        }
        assert_eq!(rows[0].either(&known).slopes[1], 0.0, "without a message it adds nothing");
    }

    #[test]
    fn one_share_has_the_variance_of_the_book() {
        // For a lone intercept the variance of the log odds is 1 / (n·p·(1-p)).
        let rows = [Row { columns: &[0], own: 1, people: 1_000.0, hits: 100.0 }];
        let found = fit(&rows, &form(&[1e-12]), &[0.0]);
        assert!((chance(found.effects[0]) - 0.1).abs() < 1e-9);
        assert!((found.variance(&[(0, 1.0)]) - 1.0 / 90.0).abs() < 1e-9);
    }

    #[test]
    fn without_evidence_an_effect_is_nothing() {
        let rows = [
            Row { columns: &[0], own: 1, people: 5_000.0, hits: 500.0 },
            Row { columns: &[0, 1], own: 2, people: 2.0, hits: 2.0 },
        ];
        let free = fit(&rows, &form(&[1e-6, 0.01]), &[0.0; 2]);
        let held = fit(&rows, &form(&[1e-6, 20.0]), &[0.0; 2]);
        assert!(free.effects[1] > 3.0, "{:?}", free.effects);
        assert!((0.0..0.1).contains(&held.effects[1]), "{:?}", held.effects);
        assert!(held.variance(&[(1, 1.0)]) < 1.0 / 20.0);
    }

    #[test]
    fn an_effect_that_may_not_cross_stays_at_zero() {
        let rows = [
            Row { columns: &[0], own: 1, people: 1_000.0, hits: 100.0 },
            Row { columns: &[0, 1], own: 2, people: 1_000.0, hits: 150.0 },
            Row { columns: &[0, 1, 2], own: 3, people: 1_000.0, hits: 90.0 },
        ];
        let mut form = form(&[1e-6; 3]);
        form.sides = vec![Side::Any, Side::NotAbove, Side::NotAbove];
        let found = fit(&rows, &form, &[0.0; 3]);
        assert!(found.effects[1].abs() < 1e-6 && found.effects[2] < -0.3, "{:?}", found.effects);
        // The first two are one group now: 250 of 2,000.
        assert!((chance(found.effects[0]) - 0.125).abs() < 1e-4);
    }

    #[test]
    fn a_factor_solves() {
        // [[4, 2, 1], [2, 5, 3], [1, 3, 6]] · [1, -2, 3] = [3, 1, 13].
        let lower = vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        let factor = Factor::of(lower, 3);
        for (found, known) in factor.solve(&[3.0, 1.0, 13.0]).iter().zip([1.0, -2.0, 3.0]) {
            assert!((found - known).abs() < 1e-12);
        }
        let product = factor.quadratic(&[(0, 3.0), (1, 1.0), (2, 13.0)]);
        assert!((product - (3.0 - 2.0 + 39.0)).abs() < 1e-9, "{product}");
    }
}
