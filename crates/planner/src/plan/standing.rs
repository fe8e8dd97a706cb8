//! A planned month kept at hand, to ask what another one would bring.
//!
//! What takes longest in planning is to bring everybody's worths into order and to find prices.
//! Both are kept here: [`Standing::what_if`] changes what differs and goes on from the prices that
//! stand. The answer is as proven as any plan.

use audience::Set;

use super::MonthPlan;
use super::layout::{Layout, Lookup};
use super::price::Prices;
use super::question::{MOST_WISHES, Malformed, Question, Wish, Worth};
use super::solve::{Solved, solve};
use super::threads::Threads;

/// A month with its plan, and what is needed to change it quickly.
pub struct Standing<'a> {
    question: Question<'a>,
    layout: Layout,
    prices: Prices,
    plan: MonthPlan,
    threads: Threads,
}

/// What would be otherwise.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// One campaign more; it stands behind the others.
    Add(&'a Wish),
    /// Without a campaign. It keeps its number, and nobody gets it.
    Drop(usize),
    /// Other limits.
    Resize {
        /// Which campaign.
        wish: usize,
        /// Fewest recipients, 0 when it does not matter.
        least: u32,
        /// Most recipients.
        most: Option<u32>,
    },
    /// Another audience, other worths, other limits.
    Replace {
        /// Which campaign.
        wish: usize,
        /// What stands in its place.
        with: &'a Wish,
    },
}

/// What it costs to keep places back.
#[derive(Debug, Clone)]
pub struct Reserve {
    /// The best plan without the places kept back.
    pub plan: MonthPlan,
    /// How much less it brings than the plan that stands.
    pub cost: i64,
}

impl<'a> Standing<'a> {
    /// Plans a month and keeps it.
    ///
    /// # Errors
    /// When the question contradicts itself; see [`Question::check`].
    pub fn new(question: Question<'a>, threads: Threads) -> Result<Self, Malformed> {
        question.check()?;
        let layout = Layout::standing(&question, threads);
        let solved = solve(layout.clone(), None, threads);
        let prices = solved.prices();
        let wishes: Vec<&Wish> = question.wishes.iter().collect();
        let plan = planned(&solved, question.places, &wishes, threads);
        Ok(Self { question, layout, prices, plan, threads })
    }

    /// The plan that stands.
    #[must_use]
    pub fn plan(&self) -> &MonthPlan {
        &self.plan
    }

    /// The best plan were the month changed so, the changes made one after another.
    ///
    /// A campaign with personal worths among none that had any needs everybody laid out anew, which
    /// takes as long as a new plan.
    ///
    /// # Errors
    /// When a campaign changed does not exist, or contradicts itself.
    pub fn what_if(&self, changes: &[Change<'_>]) -> Result<MonthPlan, Malformed> {
        let mut wishes: Vec<Wish> = Vec::new();
        // Campaigns changed, by number; the others stay as they are asked.
        let mut changed: Vec<(usize, Asked<'_>)> = Vec::new();
        let mut count = self.question.wishes.len();
        for change in changes {
            let (wish, asked) = self.asked(change, &changed, count)?;
            count = count.max(wish + 1);
            changed.retain(|(number, _)| *number != wish);
            changed.push((wish, asked));
        }
        let mut layout = self.layout.clone();
        changed.sort_by_key(|(number, _)| *number);
        let is_anew = !layout.is_single()
            && changed.iter().any(|(_, asked)| asked.is_new && asked.is_personal());
        if is_anew {
            wishes.extend(self.question.wishes.iter().cloned());
            for (number, asked) in &changed {
                wishes.truncate(wishes.len().max(*number));
                match wishes.get_mut(*number) {
                    Some(wish) => *wish = asked.wish(),
                    None => wishes.push(asked.wish()),
                }
            }
            let question = Question { wishes: &wishes, ..self.question };
            layout = Layout::new(&question, self.threads);
        }
        for (number, asked) in &changed {
            if asked.is_new && !is_anew {
                let words = asked.from.audience.to_words();
                let lookup = Lookup::new(words, &asked.from.worth, self.question.classes);
                layout = layout.with(*number, &lookup, self.threads);
            }
            layout.least[*number] = i64::from(asked.least);
            layout.most[*number] = asked.most.map_or(i64::MAX, i64::from);
        }
        let solved = solve(layout, Some(&self.start(&changed)), self.threads);
        let asked: Vec<Wish> = (0..count)
            .filter(|_| solved.conflict.is_some())
            .filter_map(|number| {
                let change = changed.iter().find(|(changed, _)| *changed == number);
                let stays = || self.question.wishes.get(number).cloned();
                change.map(|(_, asked)| asked.wish()).or_else(stays)
            })
            .collect();
        let asked: Vec<&Wish> = asked.iter().collect();
        Ok(planned(&solved, self.question.places, &asked, self.threads))
    }

    /// What keeping one place of each follower of `kept_back` costs, or of everybody.
    #[must_use]
    pub fn cost_of_reserve(&self, kept_back: Option<&Set>) -> Reserve {
        let words = kept_back.map(Set::to_words);
        let layout = self.layout.with_less(words.as_deref(), self.threads);
        let solved = solve(layout, Some(&self.prices), self.threads);
        let plan = solved.plan(self.question.followers(), self.threads);
        Reserve { cost: self.plan.value - plan.value, plan }
    }

    /// A campaign as it would be after one change more.
    fn asked<'c>(
        &'c self,
        change: &Change<'c>,
        changed: &[(usize, Asked<'c>)],
        count: usize,
    ) -> Result<(usize, Asked<'c>), Malformed> {
        let so_far = |wish: usize| {
            let change = changed.iter().find(|(number, _)| *number == wish);
            match (change, self.question.wishes.get(wish)) {
                (Some((_, asked)), _) => Ok(*asked),
                (None, Some(from)) => Ok(Asked::new(from, false)),
                (None, None) => Err(Malformed::Unknown { wish, wishes: count }),
            }
        };
        let (wish, asked) = match *change {
            Change::Add(from) if count == MOST_WISHES => {
                let _ = from;
                return Err(Malformed::Wishes(count + 1));
            }
            Change::Add(from) => (count, Asked::new(from, true)),
            Change::Drop(wish) => (wish, Asked { least: 0, most: Some(0), ..so_far(wish)? }),
            Change::Resize { wish, least, most } => (wish, Asked { least, most, ..so_far(wish)? }),
            Change::Replace { wish, with } => {
                so_far(wish)?;
                (wish, Asked::new(with, true))
            }
        };
        if asked.is_new {
            self.question.check_wish(wish, asked.from)?;
        }
        match asked.most {
            Some(most) if most < asked.least => {
                Err(Malformed::Limits { wish, least: asked.least, most })
            }
            _ => Ok((wish, asked)),
        }
    }

    /// The prices that stand, less those of limits that are no more.
    fn start(&self, changed: &[(usize, Asked<'_>)]) -> Prices {
        let mut start = self.prices;
        for (number, asked) in changed {
            let price = &mut start[*number];
            if asked.most.is_none() {
                *price = (*price).min(0);
            }
            if asked.least == 0 {
                *price = (*price).max(0);
            }
        }
        start
    }
}

/// A campaign as it would be.
#[derive(Debug, Clone, Copy)]
struct Asked<'c> {
    from: &'c Wish,
    least: u32,
    most: Option<u32>,
    /// Whether audience and worths are others than the layout's.
    is_new: bool,
}

impl<'c> Asked<'c> {
    fn new(from: &'c Wish, is_new: bool) -> Self {
        Self { from, least: from.least, most: from.most, is_new }
    }

    fn is_personal(&self) -> bool {
        matches!(self.from.worth, Worth::Each(_))
    }

    fn wish(&self) -> Wish {
        Wish { least: self.least, most: self.most, ..self.from.clone() }
    }
}

fn planned(solved: &Solved, places: &[u8], wishes: &[&Wish], threads: Threads) -> MonthPlan {
    let mut plan = solved.plan(places.len(), threads);
    if let Some(conflict) = &mut plan.conflict {
        conflict.narrow(places, wishes, threads);
    }
    plan
}
