//! Why a follower does not get a campaign, read off the calendar.

use serde::{Deserialize, Serialize};

use super::super::why::worth_to;
use super::calendar::{Calendar, Question};
use super::question::NEVER;

/// Why a follower of an audience does not get the campaign in this calendar. What is said of it is
/// true of the calendar as it stands; only [`WhyNot::Unproven`] leaves open whether it must be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum WhyNot {
    /// Not in the audience.
    NotMeant,
    /// No message is left to them this month.
    NoPlace,
    /// Sending it to them is worth nothing, or less.
    NotWorthIt {
        /// What it is worth.
        worth: i16,
    },
    /// One message more disturbs them more than the campaign is worth.
    Disturbing {
        /// What it is worth.
        worth: i16,
        /// What one message more costs.
        cost: i64,
    },
    /// The campaign has no day: its window is empty, or no call is left on any day of it.
    NoDay,
    /// On the days of the campaign they have another message, or too few days before or after.
    TooClose {
        /// A day of the campaign.
        day: u8,
        /// The other campaign; `None` for a message got before the plan.
        to: Option<usize>,
        /// The day of that message; see [`Question::earlier`] for days below 1.
        on: i8,
    },
    /// On the days of the campaign the places that are left to them are kept back.
    KeptBack {
        /// A day of the campaign.
        day: u8,
        /// The first day on which the places may be used.
        until: u8,
    },
    /// They hear as much of its topic as they may.
    TopicFull {
        /// The topic.
        topic: u8,
        /// Messages of it they may get.
        most: u8,
    },
    /// The campaign reaches as many as it may.
    CampaignFull {
        /// What it is worth to them.
        worth: i16,
        /// What it must be worth at least.
        price: i32,
    },
    /// On the days of the campaign no call is left for one recipient more.
    NoCall {
        /// A day of the campaign.
        day: u8,
    },
    /// On the days of the campaign too few want it to fill a list.
    TooFew {
        /// A day of the campaign.
        day: u8,
        /// Fewest of a list.
        least: u32,
    },
    /// Their places bring more with other campaigns.
    BetterUsed {
        /// What it is worth to them.
        worth: i16,
        /// The campaign that would have to give way.
        instead: usize,
        /// What that one is worth to them.
        instead_worth: i16,
    },
    /// All their places are used, and the campaign that would have to give way reaches no more than
    /// its least.
    Needed {
        /// What it is worth to them.
        worth: i16,
        /// The campaign that would have to give way.
        instead: usize,
    },
    /// All their places are used, and an exchange for this campaign might bring more. What all such
    /// exchanges could bring together is less than the gap between plan and bound.
    Unproven {
        /// What it is worth to them.
        worth: i16,
    },
}

impl Calendar {
    /// Why the follower does not get the campaign; `None` when they do.
    #[must_use]
    pub fn why_not(&self, question: &Question<'_>, wish: usize, ordinal: u32) -> Option<WhyNot> {
        let gets: Vec<(usize, u8)> = self
            .sends
            .iter()
            .filter(|send| send.recipients.contains(ordinal))
            .map(|send| (send.wish, send.day))
            .collect();
        if gets.iter().any(|(got, _)| *got == wish) {
            return None;
        }
        let month = &question.month;
        let Some(worth) = worth_to(month, wish, ordinal) else { return Some(WhyNot::NotMeant) };
        let places = month.places[ordinal as usize];
        if places == 0 {
            return Some(WhyNot::NoPlace);
        }
        if worth <= 0 {
            return Some(WhyNot::NotWorthIt { worth });
        }
        let days = (1..=question.days_of_month).filter(|day| self.days[wish] >> (day - 1) & 1 == 1);
        if days.clone().next().is_none() {
            return Some(WhyNot::NoDay);
        }
        let obstacle = |gets: &[(usize, u8)]| {
            let on = |day| obstacle(question, ordinal, gets, day);
            let days = days.clone();
            // `None` when there is a day on which nothing stands against it.
            days.clone().all(|day| on(day).is_some()).then(|| days.clone().find_map(on)).flatten()
        };
        let topic = |gets: &[(usize, u8)]| topic_full(question, wish, gets);
        let against = |gets: &[(usize, u8)]| obstacle(gets).or_else(|| topic(gets));
        if gets.len() >= usize::from(places) {
            let could_give_way = |other: &(usize, u8)| {
                let others: Vec<_> = gets.iter().copied().filter(|got| got != other).collect();
                against(&others).is_none()
            };
            let cheapest = gets
                .iter()
                .filter(|got| could_give_way(got))
                .filter_map(|(got, _)| Some((worth_to(month, *got, ordinal)?, *got)))
                .min();
            return match cheapest {
                None => against(&gets).or(Some(WhyNot::Unproven { worth })),
                Some((instead_worth, instead)) if instead_worth >= worth => {
                    Some(WhyNot::BetterUsed { worth, instead, instead_worth })
                }
                Some((_, instead))
                    if self.reaches(instead) <= month.wishes[instead].least as usize =>
                {
                    Some(WhyNot::Needed { worth, instead })
                }
                Some((_, instead)) => {
                    let others: Vec<_> =
                        gets.iter().copied().filter(|(got, _)| *got != instead).collect();
                    let free = days
                        .filter(|day| self::obstacle(question, ordinal, &others, *day).is_none());
                    Some(self.without_room(question, wish, worth, free))
                }
            };
        }
        if let Some(reason) = against(&gets) {
            return Some(reason);
        }
        let class = question.disturbing.class.get(ordinal as usize).copied().unwrap_or(0);
        let costs = question.disturbing.costs.get(usize::from(class));
        let cost = costs.map_or(0, |costs| i64::from(costs[gets.len()]));
        if i64::from(worth) <= cost {
            return Some(WhyNot::Disturbing { worth, cost });
        }
        let free = days.filter(|day| self::obstacle(question, ordinal, &gets, *day).is_none());
        Some(self.without_room(question, wish, worth, free))
    }

    /// A campaign that could be had on these days were there room for one recipient more.
    fn without_room(
        &self,
        question: &Question<'_>,
        wish: usize,
        worth: i16,
        days: impl Iterator<Item = u8>,
    ) -> WhyNot {
        let most = question.month.wishes[wish].most;
        if most.is_some_and(|most| self.reaches(wish) >= most as usize) {
            return WhyNot::CampaignFull { worth, price: self.prices_of_days.wishes[wish] };
        }
        let least = question.calls.list_least;
        for day in days {
            let is_sent = self.sends.iter().any(|send| (send.wish, send.day) == (wish, day));
            let place = usize::from(day) - 1;
            if question.calls.left.get(place).is_some_and(|left| *left <= self.calls[place]) {
                return WhyNot::NoCall { day };
            }
            if !is_sent && least > 1 {
                return WhyNot::TooFew { day, least };
            }
        }
        WhyNot::Unproven { worth }
    }

    fn reaches(&self, wish: usize) -> usize {
        let sends = self.sends.iter().filter(|send| send.wish == wish);
        sends.map(|send| send.recipients.len()).sum()
    }
}

/// Whether the follower hears as much of the campaign's topic as they may.
fn topic_full(question: &Question<'_>, wish: usize, gets: &[(usize, u8)]) -> Option<WhyNot> {
    let topic = question.topics.of.get(wish).copied().flatten()?;
    let most = question.topics.most[usize::from(topic)];
    let same = gets.iter().filter(|(got, _)| question.topics.of[*got] == Some(topic)).count();
    (same >= usize::from(most)).then_some(WhyNot::TopicFull { topic, most })
}

/// What stands against one message more on a day.
fn obstacle(
    question: &Question<'_>,
    ordinal: u32,
    gets: &[(usize, u8)],
    day: u8,
) -> Option<WhyNot> {
    let spacing = i32::from(question.spacing);
    let earlier = question.earlier.get(ordinal as usize).copied().unwrap_or(NEVER);
    if earlier != NEVER && i32::from(day) - i32::from(earlier) < spacing {
        return Some(WhyNot::TooClose { day, to: None, on: earlier });
    }
    let close = gets.iter().find(|(_, other)| i32::from(day.abs_diff(*other)) < spacing);
    if let Some((to, on)) = close {
        return Some(WhyNot::TooClose { day, to: Some(*to), on: *on as i8 });
    }
    let until = question.kept_back.until;
    let kept = question.kept_back.places.get(ordinal as usize).copied().unwrap_or(0);
    let early = gets.iter().filter(|(_, day)| *day < until).count();
    let places = question.month.places[ordinal as usize].saturating_sub(kept);
    if day < until && early >= usize::from(places) {
        return Some(WhyNot::KeptBack { day, until });
    }
    None
}
