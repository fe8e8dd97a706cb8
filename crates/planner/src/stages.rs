//! A month planned stage by stage: campaigns of an earlier stage choose their followers as if
//! those after it were not there, and leave them what places remain. Within a stage the plan is
//! the one worth most, with its proof.
//!
//! Without stages (all campaigns in one) this is [`plan::best`] and nothing else.

use audience::Set;

use crate::plan::proof::{self, Certificate, Untrue};
use crate::plan::why::WhyNot;
use crate::plan::{self, Conflict, Malformed, MonthPlan, Question, Threads, Wish};

/// A month to plan in stages.
#[derive(Debug, Clone, Default)]
pub struct Staged {
    /// For every ordinal how many more messages this month; see [`Question::places`].
    pub places: Vec<u8>,
    /// For every ordinal its class; empty when no worth asks for one.
    pub classes: Vec<u16>,
    /// The campaigns.
    pub wishes: Vec<Wish>,
    /// The stage of each campaign; the lowest chooses first.
    pub stages: Vec<u8>,
}

/// The plan of one stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its number.
    pub number: u8,
    /// Its campaigns, as places in [`Staged::wishes`].
    pub wishes: Vec<usize>,
    /// The plan, its campaigns in the order of `wishes`.
    pub plan: MonthPlan,
}

/// The plan of a month in stages.
#[derive(Debug, Clone)]
pub struct StagedPlan {
    /// The stages, the first first.
    pub stages: Vec<Stage>,
    /// Recipients of each campaign, in the order of the wishes.
    pub recipients: Vec<Set>,
    /// The price of each campaign; see [`MonthPlan::prices`].
    pub prices: Vec<i32>,
    /// What the plan is worth.
    pub value: i64,
    /// What no lawful plan exceeds that serves earlier stages first and as well.
    pub bound: i64,
    /// The campaigns whose leasts ask too much, if so, as places in [`Staged::wishes`].
    pub conflict: Option<Conflict>,
}

/// A follower not reached: why, in the words of [`WhyNot`] with campaigns as places in
/// [`Staged::wishes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// Within the campaign's own stage.
    Here(WhyNot),
    /// All the follower's places went to campaigns of earlier stages.
    EarlierStage {
        /// One of those campaigns.
        by: usize,
    },
}

impl Staged {
    /// The question of all campaigns at once, whatever their stages.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question { places: &self.places, classes: &self.classes, wishes: &self.wishes }
    }

    /// The numbers of the stages, the first first.
    #[must_use]
    pub fn numbers(&self) -> Vec<u8> {
        let mut numbers = self.stages.clone();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The campaigns of a stage.
    #[must_use]
    pub fn of_stage(&self, number: u8) -> Vec<usize> {
        (0..self.wishes.len()).filter(|wish| self.stages.get(*wish) == Some(&number)).collect()
    }

    /// The places that stages before `number` leave, when these are the recipients.
    #[must_use]
    pub fn places_before(&self, number: u8, recipients: &[Set]) -> Vec<u8> {
        let mut places = self.places.clone();
        for (stage, set) in self.stages.iter().zip(recipients) {
            if *stage < number {
                for ordinal in set {
                    if let Some(left) = places.get_mut(ordinal as usize) {
                        *left = left.saturating_sub(1);
                    }
                }
            }
        }
        places
    }

    /// Plans the month.
    ///
    /// # Errors
    /// When the question contradicts itself.
    pub fn best(&self, threads: Threads) -> Result<StagedPlan, Malformed> {
        self.question().check()?;
        let count = self.wishes.len();
        let mut whole = StagedPlan {
            stages: Vec::new(),
            recipients: vec![Set::new(); count],
            prices: vec![0; count],
            value: 0,
            bound: 0,
            conflict: None,
        };
        let numbers = self.numbers();
        for number in &numbers {
            let wishes = self.of_stage(*number);
            let plan = if numbers.len() == 1 {
                plan::best(&self.question(), threads)?
            } else {
                let places = self.places_before(*number, &whole.recipients);
                let own = self.wishes_of(&wishes);
                let question = Question { places: &places, classes: &self.classes, wishes: &own };
                plan::best(&question, threads)?
            };
            whole.add(*number, wishes, plan);
        }
        Ok(whole)
    }

    fn wishes_of(&self, wishes: &[usize]) -> Vec<Wish> {
        wishes.iter().filter_map(|wish| self.wishes.get(*wish)).cloned().collect()
    }

    /// Why the follower does not get the campaign; `None` when they do.
    #[must_use]
    pub fn why_not(&self, plan: &StagedPlan, wish: usize, ordinal: u32) -> Option<LeftOut> {
        let stage = plan.stages.iter().find(|stage| stage.wishes.contains(&wish))?;
        let place = stage.wishes.iter().position(|one| *one == wish)?;
        let reason = if plan.stages.len() == 1 {
            stage.plan.why_not(&self.question(), place, ordinal)?
        } else {
            let places = self.places_before(stage.number, &plan.recipients);
            let own = self.wishes_of(&stage.wishes);
            let question = Question { places: &places, classes: &self.classes, wishes: &own };
            stage.plan.why_not(&question, place, ordinal)?
        };
        let whole = |own: usize| stage.wishes.get(own).copied().unwrap_or(own);
        Some(match reason {
            WhyNot::NoPlace => {
                let had = self.places.get(ordinal as usize).is_some_and(|places| *places > 0);
                let earlier = (0..self.wishes.len()).find(|other| {
                    self.stages.get(*other).is_some_and(|other| *other < stage.number)
                        && plan.recipients[*other].contains(ordinal)
                });
                match earlier.filter(|_| had) {
                    Some(by) => LeftOut::EarlierStage { by },
                    None => LeftOut::Here(WhyNot::NoPlace),
                }
            }
            WhyNot::BetterUsed { worth, instead, instead_worth } => {
                LeftOut::Here(WhyNot::BetterUsed { worth, instead: whole(instead), instead_worth })
            }
            other => LeftOut::Here(other),
        })
    }

    /// Adds everything up anew and compares it with what is claimed of each stage.
    ///
    /// # Errors
    /// The first claim found untrue, and of which stage; campaigns are counted within it.
    pub fn verify(
        &self,
        recipients: &[Set],
        claims: &[(u8, Certificate)],
    ) -> Result<(), (u8, Untrue)> {
        let numbers = self.numbers();
        let claimed: Vec<u8> = claims.iter().map(|(number, _)| *number).collect();
        if numbers != claimed || recipients.len() != self.wishes.len() {
            return Err((claimed.first().copied().unwrap_or(0), Untrue::Length("stages")));
        }
        for (number, certificate) in claims {
            let wishes = self.of_stage(*number);
            let own = self.wishes_of(&wishes);
            let places = self.places_before(*number, recipients);
            let sets: Vec<Set> = wishes.iter().map(|wish| recipients[*wish].clone()).collect();
            let question = Question { places: &places, classes: &self.classes, wishes: &own };
            proof::verify(&question, &sets, certificate).map_err(|untrue| (*number, untrue))?;
        }
        Ok(())
    }
}

impl StagedPlan {
    fn add(&mut self, number: u8, wishes: Vec<usize>, mut plan: MonthPlan) {
        self.value += plan.value;
        self.bound += plan.bound;
        for (own, wish) in wishes.iter().enumerate() {
            self.recipients[*wish] = plan.recipients[own].clone();
            self.prices[*wish] = plan.prices[own];
        }
        if let Some(conflict) = &plan.conflict {
            let count = self.recipients.len();
            let all = self.conflict.get_or_insert_with(|| Conflict {
                wishes: Vec::new(),
                lacking: 0,
                short: vec![0; count],
            });
            all.lacking += conflict.lacking;
            all.wishes.extend(conflict.wishes.iter().filter_map(|own| wishes.get(*own)));
            for (own, short) in conflict.short.iter().enumerate() {
                if let Some(wish) = wishes.get(own) {
                    all.short[*wish] = *short;
                }
            }
        }
        plan.recipients.shrink_to_fit();
        self.stages.push(Stage { number, wishes, plan });
    }

    /// Recipients each campaign lacks to its least.
    #[must_use]
    pub fn short(&self) -> Vec<u64> {
        let none = || vec![0; self.recipients.len()];
        self.conflict.as_ref().map_or_else(none, |conflict| conflict.short.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Worth;

    fn wish(audience: std::ops::Range<u32>, worth: i16) -> Wish {
        Wish { audience: audience.collect(), worth: Worth::Same(worth), least: 0, most: None }
    }

    /// Ten followers with one place each; the poorer campaign goes first by its stage.
    fn month() -> Staged {
        Staged {
            places: vec![1; 10],
            classes: Vec::new(),
            wishes: vec![wish(0..10, 9), wish(0..6, 2), wish(4..10, 3)],
            stages: vec![2, 1, 2],
        }
    }

    fn claims(plan: &StagedPlan) -> Vec<(u8, Certificate)> {
        plan.stages.iter().map(|stage| (stage.number, stage.plan.certificate())).collect()
    }

    #[test]
    fn an_earlier_stage_is_served_first_and_both_are_proven() {
        let month = month();
        let plan = month.best(Threads(2)).unwrap();
        let sizes: Vec<usize> = plan.recipients.iter().map(Set::len).collect();
        assert_eq!(sizes, [4, 6, 0]);
        assert_eq!((plan.value, plan.bound), (4 * 9 + 6 * 2, 4 * 9 + 6 * 2));
        month.verify(&plan.recipients, &claims(&plan)).unwrap();
        assert_eq!(month.why_not(&plan, 0, 3), Some(LeftOut::EarlierStage { by: 1 }));
        assert_eq!(
            month.why_not(&plan, 2, 8),
            Some(LeftOut::Here(WhyNot::BetterUsed { worth: 3, instead: 0, instead_worth: 9 }))
        );
        assert_eq!(month.why_not(&plan, 1, 8), Some(LeftOut::Here(WhyNot::NotMeant)));
        assert_eq!(month.why_not(&plan, 1, 0), None);
    }

    #[test]
    fn one_stage_is_the_plan_itself() {
        let month = Staged { stages: vec![1; 3], ..month() };
        let plan = month.best(Threads(1)).unwrap();
        let best = plan::best(&month.question(), Threads(1)).unwrap();
        assert_eq!((plan.value, plan.recipients.clone()), (best.value, best.recipients));
        assert_eq!(plan.value, 90);
        month.verify(&plan.recipients, &claims(&plan)).unwrap();
    }

    #[test]
    fn a_stage_that_takes_what_an_earlier_one_has_is_not_lawful() {
        let month = month();
        let plan = month.best(Threads(1)).unwrap();
        let claims = claims(&plan);
        let mut recipients = plan.recipients.clone();
        recipients[2].insert(5);
        let (stage, untrue) = month.verify(&recipients, &claims).unwrap_err();
        assert_eq!(stage, 2);
        assert!(matches!(untrue, Untrue::Figure { .. } | Untrue::Places { .. }), "{untrue}");
        assert!(month.verify(&plan.recipients, &claims[..1]).is_err());
    }

    #[test]
    fn conflicts_name_the_campaigns_of_the_whole_month() {
        let mut month = month();
        month.wishes[2].least = 6;
        let plan = month.best(Threads(1)).unwrap();
        let conflict = plan.conflict.clone().unwrap();
        assert_eq!(
            (conflict.wishes, conflict.lacking, conflict.short),
            (vec![2], 2, vec![0, 0, 2])
        );
        month.verify(&plan.recipients, &claims(&plan)).unwrap();
    }
}
