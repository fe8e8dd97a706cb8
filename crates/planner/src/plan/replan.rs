//! A month planned again while it runs: what is sent or approved stays, and of the rest no more
//! is moved than is worth it.
//!
//! That is a month like any other: what stays takes its places and leaves the audiences, and a
//! message that was planned before is worth a little more than it is, by the *steadiness*. So a
//! follower gets another message than planned only when that brings more than the steadiness.

use audience::Set;

use super::proof::worths;
use super::question::{Malformed, Question, WORTH_LIMIT, Wish, Worth};
use super::threads::Threads;
use super::{MonthPlan, best};

/// What there was before.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// For each campaign who was to get it; empty sets for campaigns that are new.
    pub planned: &'a [Set],
    /// For each campaign who has got it, or will for certain.
    pub fixed: &'a [Set],
    /// What it costs to move one follower out of a campaign, in units of worth, 0 or more.
    pub steadiness: i16,
}

/// The month as it is now to be planned.
#[derive(Debug, Clone)]
pub struct Rest {
    places: Vec<u8>,
    classes: Vec<u16>,
    wishes: Vec<Wish>,
}

/// A plan for the rest of the month.
#[derive(Debug, Clone)]
pub struct Replanned {
    /// The plan of [`Rest::question`], whose value counts the steadiness.
    pub plan: MonthPlan,
    /// What its messages are worth without the steadiness.
    pub value: i64,
    /// Messages planned before that nobody gets any more, although they could.
    pub dropped: u64,
    /// Messages that were not planned before.
    pub added: u64,
}

impl Rest {
    /// The rest of the month. `question` is the whole of it: places and limits before what is fixed
    /// is taken off.
    ///
    /// # Errors
    /// When the question contradicts itself, or what was before does not belong to it.
    pub fn new(
        question: &Question<'_>,
        earlier: &Earlier<'_>,
        threads: Threads,
    ) -> Result<Self, Malformed> {
        question.check()?;
        let wishes = question.wishes.len();
        for (what, sets) in [("planned", earlier.planned), ("fixed", earlier.fixed)] {
            if sets.len() != wishes {
                return Err(Malformed::Earlier { what, sets: sets.len(), wishes });
            }
        }
        let mut places = question.places.to_vec();
        for (wish, fixed) in earlier.fixed.iter().enumerate() {
            for ordinal in fixed.iter() {
                match places.get_mut(ordinal as usize) {
                    Some(left @ 1..) => *left -= 1,
                    _ => return Err(Malformed::Fixed { wish, ordinal }),
                }
            }
        }
        let numbers: Vec<usize> = (0..wishes).collect();
        let wishes = threads.all(&numbers, |wish| rest_of(question, *wish, earlier));
        let wishes = wishes.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { places, classes: question.classes.to_vec(), wishes })
    }

    /// The question whose best plan is the rest of the month, steadiness counted as worth.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question { places: &self.places, classes: &self.classes, wishes: &self.wishes }
    }
}

/// A campaign without those who have it, and worth more to those who were to get it.
fn rest_of(question: &Question<'_>, wish: usize, earlier: &Earlier<'_>) -> Result<Wish, Malformed> {
    let asked = &question.wishes[wish];
    let (planned, fixed) = (&earlier.planned[wish], &earlier.fixed[wish]);
    let gone = u32::try_from(fixed.len()).unwrap_or(u32::MAX);
    let worth = if (planned.is_empty() || earlier.steadiness == 0)
        && (fixed.is_empty() || !matches!(asked.worth, Worth::Each(_)))
    {
        asked.worth.clone()
    } else {
        let steady = |ordinal: u32, worth: i16| {
            let more = if planned.contains(ordinal) { earlier.steadiness.max(0) } else { 0 };
            worth.checked_add(more).ok_or(Malformed::Steady {
                wish,
                worth,
                most: WORTH_LIMIT - earlier.steadiness.max(0),
            })
        };
        let rest = worths(question, wish).filter(|(ordinal, _)| !fixed.contains(*ordinal));
        Worth::Each(rest.map(|(ordinal, worth)| steady(ordinal, worth)).collect::<Result<_, _>>()?)
    };
    Ok(Wish {
        audience: asked.audience.subtract(fixed),
        worth,
        least: asked.least.saturating_sub(gone),
        most: asked.most.map(|most| most.saturating_sub(gone)),
    })
}

/// Plans the rest of a month.
///
/// # Errors
/// As [`Rest::new`].
pub fn replan(
    question: &Question<'_>,
    earlier: &Earlier<'_>,
    threads: Threads,
) -> Result<Replanned, Malformed> {
    let rest = Rest::new(question, earlier, threads)?;
    let plan = best(&rest.question(), threads)?;
    let (mut dropped, mut added, mut kept) = (0, 0, 0);
    for ((wish, planned), gets) in rest.wishes.iter().zip(earlier.planned).zip(&plan.recipients) {
        let planned = planned.intersect(&wish.audience);
        let both = gets.intersection_len(&planned) as u64;
        kept += both;
        dropped += planned.len() as u64 - both;
        added += gets.len() as u64 - both;
    }
    let value = plan.value - kept as i64 * i64::from(earlier.steadiness.max(0));
    Ok(Replanned { plan, value, dropped, added })
}
