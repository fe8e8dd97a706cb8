//! How many subscription notices of one template a person still agreed to: a fold over what was
//! told of it, in the order in which it happened (`platform/04 C1`).
//!
//! - An acceptance is one message, acceptances add up, and each accepted call spends one, whether
//!   or not the message then arrives.
//! - A long-term acceptance is any number of messages, until it is withdrawn.
//! - Withdrawing in the account's settings leaves nothing of what was given before. Refusing a
//!   prompt takes nothing.
//! - The platform tells of real prompts alone; a page of the shop hears of every acceptance, those
//!   without a prompt among them. So of one acceptance both may tell: two tellings by different
//!   sides within [`SAME_SECONDS`] are one.

use std::collections::VecDeque;

/// Tellings of one acceptance by the platform and by the shop's page lie so many seconds apart at
/// most: callbacks are told within seconds, and clocks of shops differ a little.
pub const SAME_SECONDS: i64 = 60;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Agreed to one message.
    Accepted,
    /// Agreed to any number of messages.
    AcceptedForLong,
    /// Said no to a prompt.
    Refused,
    /// Switched notices off in the account's settings.
    Withdrawn,
    /// A message was accepted by the platform.
    Spent,
}

/// Who told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// The platform, by a callback.
    Platform,
    /// The merchant's own systems, such as a web page.
    Shop,
}

/// Something told of a person and a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When it happened, in seconds.
    pub at: i64,
    /// What.
    pub act: Act,
    /// By whom it was told.
    pub by: Teller,
}

/// What a person agreed to and was not used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Messages left of single acceptances.
    pub left: u32,
    /// Whether any number of messages may go.
    pub for_long: bool,
}

impl Held {
    /// How many messages may go; `u32::MAX` stands for any number.
    #[must_use]
    pub fn number(self) -> u32 {
        if self.for_long { u32::MAX } else { self.left }
    }
}

/// What is held after all of this, which comes in the order in which it happened.
#[must_use]
pub fn fold(all: impl IntoIterator<Item = Told>) -> Held {
    let mut held = Held::default();
    // Acceptances of late that the other side may still tell of.
    let mut alone: VecDeque<(i64, Teller)> = VecDeque::new();
    for told in all {
        while alone.front().is_some_and(|(at, _)| told.at - at > SAME_SECONDS) {
            alone.pop_front();
        }
        match told.act {
            Act::Accepted => match alone.iter().position(|(_, by)| *by != told.by) {
                Some(same) => drop(alone.remove(same)),
                None => {
                    held.left = held.left.saturating_add(1);
                    alone.push_back((told.at, told.by));
                }
            },
            Act::AcceptedForLong => held.for_long = true,
            Act::Refused => {}
            Act::Withdrawn => {
                held = Held::default();
                alone.clear();
            }
            Act::Spent if held.for_long => {}
            Act::Spent => held.left = held.left.saturating_sub(1),
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(at: i64, act: Act, by: Teller) -> Told {
        Told { at, act, by }
    }

    fn left(all: &[(i64, Act, Teller)]) -> u32 {
        fold(all.iter().map(|(at, act, by)| told(*at, *act, *by))).number()
    }

    #[test]
    fn acceptances_add_up_and_are_spent_one_by_one() {
        use Act::{Accepted, Refused, Spent};
        let by = Teller::Platform;
        assert_eq!(left(&[]), 0);
        assert_eq!(left(&[(0, Accepted, by), (1, Accepted, by), (2, Refused, by)]), 2);
        assert_eq!(left(&[(0, Accepted, by), (1, Spent, by), (2, Spent, by)]), 0);
        // One spent before any was told of owes nothing to later ones.
        assert_eq!(left(&[(0, Spent, by), (1, Accepted, by)]), 1);
    }

    #[test]
    fn withdrawing_leaves_nothing() {
        use Act::{Accepted, AcceptedForLong, Withdrawn};
        let by = Teller::Platform;
        assert_eq!(left(&[(0, Accepted, by), (1, Withdrawn, by)]), 0);
        assert_eq!(left(&[(0, Accepted, by), (1, Withdrawn, by), (2, Accepted, by)]), 1);
        assert_eq!(left(&[(0, AcceptedForLong, by), (1, Withdrawn, by)]), 0);
    }

    #[test]
    fn a_long_term_acceptance_is_any_number() {
        use Act::{Accepted, AcceptedForLong, Spent};
        let by = Teller::Shop;
        let all = [(0, Accepted, by), (1, AcceptedForLong, by), (2, Spent, by)];
        let held = fold(all.map(|(at, act, by)| told(at, act, by)));
        assert_eq!((held, held.number()), (Held { left: 1, for_long: true }, u32::MAX));
    }

    #[test]
    fn one_acceptance_told_by_both_sides_is_one() {
        use Act::{Accepted, Withdrawn};
        use Teller::{Platform, Shop};
        assert_eq!(left(&[(0, Accepted, Platform), (60, Accepted, Shop)]), 1);
        assert_eq!(left(&[(0, Accepted, Shop), (61, Accepted, Platform)]), 2);
        // Each has its own partner, and a side tells of one acceptance once.
        let twice = [
            (0, Accepted, Platform),
            (1, Accepted, Platform),
            (2, Accepted, Shop),
            (3, Accepted, Shop),
            (4, Accepted, Shop),
        ];
        assert_eq!(left(&twice), 3);
        let between = [(0, Accepted, Platform), (1, Withdrawn, Platform), (2, Accepted, Shop)];
        assert_eq!(left(&between), 1);
    }

    proptest! {
        /// Whatever is told, no more is held than was accepted since the last withdrawal, and no
        /// less than that without what was spent and what the other side may have told again.
        #[test]
        fn what_is_held_lies_between_its_bounds(
            steps in prop::collection::vec((0i64..90, 0u8..4, any::<bool>()), 0..40)
        ) {
            let mut at = 0;
            let all: Vec<Told> = steps.into_iter().map(|(later, act, shop)| {
                at += later;
                let act = [Act::Accepted, Act::Refused, Act::Withdrawn, Act::Spent][act as usize];
                told(at, act, if shop { Teller::Shop } else { Teller::Platform })
            }).collect();
            let since = all.iter().rposition(|told| told.act == Act::Withdrawn).map_or(0, |at| at + 1);
            let count = |act, by: Option<Teller>| all[since..].iter()
                .filter(|told| told.act == act && by.is_none_or(|by| told.by == by)).count() as u32;
            let held = fold(all.iter().copied()).number();
            prop_assert!(held <= count(Act::Accepted, None));
            let told_most = count(Act::Accepted, Some(Teller::Shop))
                .max(count(Act::Accepted, Some(Teller::Platform)));
            prop_assert!(held >= told_most.saturating_sub(count(Act::Spent, None)));
        }
    }
}
