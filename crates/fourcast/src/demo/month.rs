//! A month's acts in the order they happen: the plan of [`super::shop`] set into a calendar.

use wire::{Month, Timestamp};

use super::shop::{CAMPAIGNS, Planned, WEBSITE_SEND, When};

/// Half an hour before midnight: the people's evening is over, the month not yet begun.
const BEFORE_THE_MONTH: i64 = 1_800;

/// Something the demonstration does at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What is done.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// A campaign is made, forecast and sent.
    Campaign(Planned),
    /// An operator sends on the platform's website; the server is not told.
    Website {
        /// Title of the article.
        title: &'static str,
        /// Its text.
        content: &'static str,
    },
}

/// A month set out.
#[derive(Debug, Clone)]
pub struct Script {
    /// The month.
    pub month: Month,
    /// What happens, earliest first.
    pub acts: Vec<Act>,
}

impl Script {
    /// The shop's plan in this month.
    #[must_use]
    pub fn of(month: Month) -> Self {
        let (when, title, content) = WEBSITE_SEND;
        let website = Act { at: moment(month, when), what: What::Website { title, content } };
        let acts = CAMPAIGNS
            .iter()
            .map(|planned| Act { at: moment(month, planned.when), what: What::Campaign(*planned) })
            .chain([website])
            .collect();
        Self::new(month, acts)
    }

    /// These acts in this month.
    #[must_use]
    pub fn new(month: Month, mut acts: Vec<Act>) -> Self {
        acts.sort_by_key(|act| act.at);
        Self { month, acts }
    }

    /// When both clocks start: late on the day before.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.month.start() + -BEFORE_THE_MONTH
    }

    /// The month's last second.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.month.next().start() + -1
    }

    /// Campaigns in it.
    #[must_use]
    pub fn campaigns(&self) -> usize {
        self.acts.iter().filter(|act| matches!(act.what, What::Campaign(_))).count()
    }
}

/// The moment `when` means in this month.
#[must_use]
pub fn moment(month: Month, when: When) -> Timestamp {
    let first = month.first_day();
    let (days, hour, minute) = match when {
        When::Day(day, hour, minute) => (day - 1, hour, minute),
        When::AfterFirstMonday(days, hour, minute) => {
            // 1970-01-01 was a Thursday: day 4 after it a Monday.
            (days + (4 - first.0).rem_euclid(7), hour, minute)
        }
    };
    wire::Day(first.0 + days).at(hour, minute)
}

/// The day of the week, Chinese.
#[must_use]
pub fn weekday(at: Timestamp) -> &'static str {
    match (at.day().0 - 4).rem_euclid(7) {
        0 => "周一",
        1 => "周二",
        2 => "周三",
        3 => "周四",
        4 => "周五",
        5 => "周六",
        _ => "周日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn the_oily_skin_is_on_the_first_monday() {
        let at = |text| moment(month(text), CAMPAIGNS[0].when).to_string();
        assert_eq!(at("2026-03"), "2026-03-02T10:00:00+08:00");
        assert_eq!(at("2026-06"), "2026-06-01T10:00:00+08:00");
        assert_eq!(at("2026-09"), "2026-09-07T10:00:00+08:00");
        assert_eq!(weekday("2026-03-02".parse().unwrap()), "周一");
        assert_eq!(weekday("2026-03-08".parse().unwrap()), "周日");
    }

    #[test]
    fn every_act_of_every_month_lies_in_it_and_in_the_quiet_hours() {
        for number in 1..=12 {
            let script = Script::of(month(&format!("2026-{number:02}")));
            assert!(script.campaigns() >= 14);
            for act in &script.acts {
                assert_eq!(act.at.month(), script.month, "{act:?}");
                // People act in the evening; an audience must not change under a send.
                assert!((8..20).contains(&(act.at.second_of_day() / 3600)), "{act:?}");
            }
            let keys: std::collections::BTreeSet<_> = CAMPAIGNS.iter().map(|c| c.key).collect();
            assert_eq!(keys.len(), CAMPAIGNS.len());
        }
    }

    #[test]
    fn the_clocks_start_before_the_month() {
        let script = Script::of(month("2026-03"));
        assert_eq!(script.start().to_string(), "2026-02-28T23:30:00+08:00");
        assert_eq!(script.end().to_string(), "2026-03-31T23:59:59+08:00");
    }
}
