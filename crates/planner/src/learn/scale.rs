//! Calibration: the logits of people a model has not seen against what they did. What they do of
//! their own accord is shifted where it is off on the whole; what a message adds is shifted, and drawn
//! together where the model is too sure of itself.

use super::regression::{Either, Factor};

/// With fewer orders than this nothing is corrected.
const LEAST_HITS: f64 = 50.0;
/// How firmly shifts are held to 0 and the slope to 1.
const HOLD: [f64; 3] = [2.0, 2.0, 20.0];
const ROUNDS: usize = 50;

/// People of the same logits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub own: f64,
    /// What a message adds, where there was one.
    pub added: Option<f64>,
    pub people: f64,
    pub hits: f64,
}

/// What is done to a logit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// Added to what happens of its own accord, and to what a message adds.
    pub shift: [f64; 2],
    /// What a step of the logit of what a message adds is worth.
    pub slope: f64,
    middle: f64,
}

impl Scale {
    /// Changes nothing.
    pub const NONE: Self = Self { shift: [0.0; 2], slope: 1.0, middle: 0.0 };

    /// The scale at which the points came out.
    pub fn of(points: &[Point]) -> Self {
        let hits: f64 = points.iter().map(|point| point.hits).sum();
        if hits < LEAST_HITS {
            return Self::NONE;
        }
        let sent = points.iter().filter_map(|point| Some((point.added?, point.people)));
        let (sum, people) = sent
            .fold((0.0, 0.0), |(sum, all), (added, people)| (sum + added * people, all + people));
        let mut found = Self { middle: sum / f64::max(people, 1.0), ..Self::NONE };
        let mut at = found.loss(points);
        for _ in 0..ROUNDS {
            let step = found.step(points);
            let mut share = 1.0;
            loop {
                let next = Self {
                    shift: [found.shift[0] - share * step[0], found.shift[1] - share * step[1]],
                    slope: found.slope - share * step[2],
                    ..found
                };
                let there = next.loss(points);
                if there <= at {
                    (found, at) = (next, there);
                    break;
                }
                share /= 2.0;
                if share < 1e-6 {
                    return found.sane();
                }
            }
            if step.iter().all(|step| step.abs() < 1e-9) {
                break;
            }
        }
        found.sane()
    }

    /// A slope below zero would turn everything round: then nothing is told apart.
    fn sane(self) -> Self {
        Self { slope: self.slope.max(0.0), ..self }
    }

    /// The logit of what happens of its own accord.
    pub fn own(&self, logit: f64) -> f64 {
        logit + self.shift[0]
    }

    /// The logit of what a message adds.
    pub fn added(&self, logit: f64) -> f64 {
        self.middle + self.slope * (logit - self.middle) + self.shift[1]
    }

    fn either(&self, point: &Point) -> Either {
        Either::of(self.own(point.own), point.added.map(|added| self.added(added)))
    }

    fn held(&self) -> [f64; 3] {
        [self.shift[0], self.shift[1], self.slope - 1.0]
    }

    fn loss(&self, points: &[Point]) -> f64 {
        let held: f64 =
            self.held().iter().zip(HOLD).map(|(off, hold)| hold * off * off / 2.0).sum();
        let loss = |point: &Point| self.either(point).loss(point.people, point.hits);
        held + points.iter().map(loss).sum::<f64>()
    }

    fn step(&self, points: &[Point]) -> Vec<f64> {
        let held = self.held();
        let mut gradient: [f64; 3] = std::array::from_fn(|place| HOLD[place] * held[place]);
        let mut curvature = [HOLD[0], 0.0, 0.0, 0.0, HOLD[1], 0.0, 0.0, 0.0, HOLD[2]];
        for point in points {
            let either = self.either(point);
            let (off, weight) = either.score(point.people, point.hits);
            let [own, added] = either.slopes;
            let by_slope = point.added.map_or(0.0, |logit| added * (logit - self.middle));
            let slopes = [own, added, by_slope];
            for row in 0..3 {
                gradient[row] += off * slopes[row];
                for column in 0..=row {
                    curvature[row * 3 + column] += weight * slopes[row] * slopes[column];
                }
            }
        }
        Factor::of(curvature.to_vec(), 3).solve(&gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_is_too_sure_is_drawn_together() {
        // What messages add is half as far from the middle as the logits say, and 0.3 above; what
        // people do of their own accord is 0.2 below.
        let points: Vec<Point> = (-10..=10)
            .flat_map(|step| [false, true].map(|sent| (f64::from(step) / 4.0 - 3.0, sent)))
            .map(|(logit, sent)| {
                let added = sent.then_some(-3.0 + 0.5 * (logit + 3.0) + 0.3);
                let truth = Either::of(-4.0 - 0.2, added).chance;
                let added = sent.then_some(logit);
                Point { own: -4.0, added, people: 1e6, hits: 1e6 * truth }
            })
            .collect();
        let scale = Scale::of(&points);
        assert!((scale.slope - 0.5).abs() < 0.01, "{scale:?}");
        assert!((scale.shift[0] + 0.2).abs() < 0.01, "{scale:?}");
        for point in &points {
            let told = scale.either(point).chance;
            assert!((told - point.hits / point.people).abs() < 1e-4, "{point:?} {told}");
        }
    }

    #[test]
    fn few_orders_correct_nothing_and_a_reversed_model_tells_nobody_apart() {
        let point = |logit, hits| Point { own: -9.0, added: Some(logit), people: 1_000.0, hits };
        assert_eq!(Scale::of(&[point(-3.0, 20.0), point(-1.0, 25.0)]), Scale::NONE);
        let many = |logit, hits| Point { people: 1e5, ..point(logit, hits) };
        assert_eq!(Scale::of(&[many(-3.0, 9_000.0), many(-1.0, 1_000.0)]).slope, 0.0);
    }
}
