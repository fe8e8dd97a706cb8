//! The question laid out: followers side by side, and beside each the rules that hold for them.
//!
//! Followers who differ in their rules are told apart by the layout as if they differed in class,
//! so that all of a group may get the same.

use std::collections::HashMap;

use super::super::layout::{LANES, Layout};
use super::super::question::{self, MOST_PLACES, Wish, Worth};
use super::super::threads::Threads;
use super::question::{MOST_DAYS, Malformed, NEVER, Question};

/// One more than the most messages a follower gets.
pub(super) const RANKS: usize = MOST_PLACES as usize + 1;

/// What holds for a follower besides their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rule {
    /// Places that may not be used before the day on which they are free.
    pub kept: u8,
    /// The first day on which they may get a message.
    pub from: u8,
    /// What so many messages cost by disturbing, all together.
    pub costs: [i32; RANKS],
}

impl Rule {
    /// Messages allowed before places kept back are free.
    pub(super) fn early(&self, places: u8) -> u8 {
        places.saturating_sub(self.kept)
    }
}

/// Blocks that stand for all, each with how many like it there are.
pub(super) struct Sample {
    /// Block and weight, in the order of blocks.
    pub blocks: Vec<(usize, u32)>,
    /// Followers of all, for each follower of the sample times its block's weight.
    pub scale: f64,
}

/// A question laid out.
pub(super) struct Ground<'a> {
    /// The question.
    pub question: &'a Question<'a>,
    /// Its followers in groups.
    pub layout: Layout,
    /// The rules there are.
    rules: Vec<Rule>,
    /// The rule of each group; empty when there is only one.
    of_group: Vec<u16>,
    /// Recipients each campaign can have at most.
    pub reach: Vec<i64>,
}

impl<'a> Ground<'a> {
    /// Lays out a question that has been checked.
    pub(super) fn new(question: &'a Question<'a>, threads: Threads) -> Result<Self, Malformed> {
        let (rules, of_follower) = rules(question);
        let month = &question.month;
        let layout = if of_follower.is_empty() || month.is_personal() {
            Layout::new(month, threads)
        } else {
            let (classes, wishes) = split(question, &of_follower)?;
            let month =
                question::Question { places: month.places, classes: &classes, wishes: &wishes };
            Layout::new(&month, threads)
        };
        let of_group = if of_follower.is_empty() {
            Vec::new()
        } else {
            let first = |group| layout.members(group)[0] as usize;
            (0..layout.groups).map(|group| of_follower[first(group)]).collect()
        };
        let reach = month
            .wishes
            .iter()
            .map(|wish| (wish.audience.len() as i64).min(wish.most.map_or(i64::MAX, i64::from)))
            .collect();
        Ok(Self { question, layout, rules, of_group, reach })
    }

    /// The rule of a group.
    pub(super) fn rule(&self, group: usize) -> &Rule {
        &self.rules[self.of_group.get(group).map_or(0, |rule| usize::from(*rule))]
    }

    /// About so many blocks, drawn evenly over the followers: the larger a block, the likelier it
    /// is drawn, and the less each of its followers counts. All blocks when there are no more.
    pub(super) fn sample(&self, blocks: usize) -> Sample {
        let all = self.layout.blocks();
        if blocks >= all {
            return Sample { blocks: (0..all).map(|block| (block, 1)).collect(), scale: 1.0 };
        }
        let size = |block: usize| {
            let groups = block * LANES..self.layout.groups.min((block + 1) * LANES);
            let end = self.layout.first(groups.end - 1) + self.layout.members(groups.end - 1).len();
            end - self.layout.first(groups.start)
        };
        let step = self.layout.followers().div_ceil(blocks).max(1);
        let (mut drawn, mut weighted, mut passed) = (Vec::new(), 0u64, step / 2);
        for block in 0..all {
            let size = size(block);
            if passed + size >= step {
                let weight = ((step + size / 2) / size.max(1)).max(1);
                drawn.push((block, weight as u32));
                weighted += (size * weight) as u64;
            }
            passed = (passed + size) % step;
        }
        let scale = self.layout.followers() as f64 / weighted.max(1) as f64;
        Sample { blocks: drawn, scale }
    }

    /// Whether no follower has a rule of their own, and disturbing costs nothing.
    pub(super) fn is_plain(&self) -> bool {
        let plain = Rule { from: 1, ..Rule::default() };
        self.rules.iter().all(|rule| *rule == plain)
    }

    /// The rules of the groups of a block.
    pub(super) fn rules_of(&self, block: usize) -> [&Rule; LANES] {
        let last = self.layout.groups.saturating_sub(1);
        std::array::from_fn(|lane| self.rule((block * LANES + lane).min(last)))
    }

    /// How many campaigns.
    pub(super) fn wishes(&self) -> usize {
        self.layout.wishes
    }

    /// The share of a call that one recipient of a campaign takes by lists, at least: one in as
    /// many as a list holds, or as the campaign can reach if that is fewer.
    pub(super) fn list_share(&self, wish: usize) -> i64 {
        self.reach[wish].clamp(1, i64::from(self.question.calls.list_most))
    }
}

/// The different rules, and each follower's; nobody's when there is only one.
fn rules(question: &Question<'_>) -> (Vec<Rule>, Vec<u16>) {
    let followers = question.month.followers();
    let costs_nothing = [[0i16; MOST_PLACES as usize]];
    let costs = match question.disturbing.costs {
        [] => &costs_nothing[..],
        costs => costs,
    };
    let days = usize::from(MOST_DAYS) + 2;
    let key = |ordinal: usize| {
        let earlier = question.earlier.get(ordinal).copied().unwrap_or(NEVER);
        let from = match earlier {
            NEVER => 1,
            day => (i32::from(day) + i32::from(question.spacing)).clamp(1, days as i32 - 1),
        };
        let kept = question.kept_back.places.get(ordinal).copied().unwrap_or(0);
        let class = question.disturbing.class.get(ordinal).copied().unwrap_or(0);
        (usize::from(class) * RANKS + usize::from(kept)) * days + from as usize
    };
    let rule = |key: usize| {
        let (from, rest) = (key % days, key / days);
        let mut sums = [0; RANKS];
        for (k, cost) in costs[rest / RANKS].iter().enumerate() {
            sums[k + 1] = sums[k] + i32::from(*cost);
        }
        Rule { kept: (rest % RANKS) as u8, from: from as u8, costs: sums }
    };
    let is_same = question.earlier.is_empty()
        && question.kept_back.places.is_empty()
        && question.disturbing.class.is_empty();
    if is_same || followers == 0 {
        return (vec![rule(1)], Vec::new());
    }
    let mut numbers = vec![u16::MAX; costs.len() * RANKS * days];
    let mut rules = Vec::new();
    let of_follower: Vec<u16> = (0..followers)
        .map(|ordinal| {
            let key = key(ordinal);
            if numbers[key] == u16::MAX {
                // At most 250 classes × 5 × 33 days, which sixteen bits hold.
                numbers[key] = rules.len() as u16;
                rules.push(rule(key));
            }
            numbers[key]
        })
        .collect();
    if rules.len() == 1 { (rules, Vec::new()) } else { (rules, of_follower) }
}

/// Classes that tell followers apart by class and rule, and the campaigns with worths by these.
fn split(question: &Question<'_>, of_follower: &[u16]) -> Result<(Vec<u16>, Vec<Wish>), Malformed> {
    let mut kinds: HashMap<(u16, u16), usize> = HashMap::new();
    let mut class_of_kind = Vec::new();
    let classes = question.month.classes;
    let of = |ordinal: usize| classes.get(ordinal).copied().unwrap_or(0);
    let numbered: Vec<usize> = of_follower
        .iter()
        .enumerate()
        .map(|(ordinal, rule)| {
            let next = kinds.len();
            *kinds.entry((of(ordinal), *rule)).or_insert_with(|| {
                class_of_kind.push(usize::from(of(ordinal)));
                next
            })
        })
        .collect();
    if kinds.len() > usize::from(u16::MAX) + 1 {
        return Err(Malformed::Mixed(kinds.len()));
    }
    let wishes = question
        .month
        .wishes
        .iter()
        .map(|wish| {
            let worth = match &wish.worth {
                Worth::ByClass(worths) => {
                    Worth::ByClass(class_of_kind.iter().map(|class| worths[*class]).collect())
                }
                other => other.clone(),
            };
            Wish { audience: wish.audience.clone(), worth, least: wish.least, most: wish.most }
        })
        .collect();
    Ok((numbered.into_iter().map(|kind| kind as u16).collect(), wishes))
}
