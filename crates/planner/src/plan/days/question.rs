//! What is asked of a month with a calendar: the month's question, and the rules that know of days.

use super::super::question::{self, MOST_PLACES};

/// Most days a month has; day `d` is bit `d − 1` of a mask of days.
pub const MOST_DAYS: u8 = 31;
/// Stands in [`Question::earlier`] for "no message yet".
pub const NEVER: i8 = i8::MIN;
/// Most topics, and most classes of disturbing.
pub const MOST_KINDS: usize = 250;

/// A month to plan, day by day.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Followers, campaigns, and what each is worth to whom.
    pub month: question::Question<'a>,
    /// Days of the month, 1 to [`MOST_DAYS`].
    pub days_of_month: u8,
    /// For each campaign the days on which it may go: bit `d − 1` for day `d`. A campaign without a
    /// day is sent to nobody.
    pub windows: &'a [u32],
    /// On how many days of its window one campaign may go, so that some followers get it on one of
    /// them and others on another; 1 when all get it on the same day.
    pub waves: u8,
    /// Days from one message to a follower to the next, at least: 0 for any number a day, 1 for at
    /// most one a day, 2 for at least one quiet day between two.
    pub spacing: u8,
    /// For every follower the last day on which they got a message: a day of the month, 0 for the
    /// last day of the month before, −1 for the day before that…, [`NEVER`] for none; empty when
    /// nobody got any. No message of the plan is nearer to it than the spacing.
    pub earlier: &'a [i8],
    /// Places that are not to be used yet.
    pub kept_back: KeptBack<'a>,
    /// Topics a follower is not to hear too much of.
    pub topics: Topics<'a>,
    /// What it costs to disturb.
    pub disturbing: Disturbing<'a>,
    /// Calls the account has.
    pub calls: Calls<'a>,
}

/// Places kept back for what is not planned yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeptBack<'a> {
    /// For every follower how many of their places; empty when none are kept back.
    pub places: &'a [u8],
    /// The first day on which they may be used; a day after the month for never.
    pub until: u8,
}

/// Topics of campaigns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Topics<'a> {
    /// For each campaign its topic, from 0; empty when no campaign has one.
    pub of: &'a [Option<u8>],
    /// For each topic how many messages of it a follower may get in the month.
    pub most: &'a [u8],
}

/// What a message costs because it disturbs: the risk that the follower leaves over it × what the
/// follower is worth. It depends on how many they got before, not on what the message says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disturbing<'a> {
    /// For every follower a class, from 0; empty when all are in class 0.
    pub class: &'a [u8],
    /// For each class the cost of the first, second… message *of this plan*, in the units of the
    /// worths, none below zero; empty when disturbing costs nothing. Whoever got messages already
    /// belongs in a class whose costs begin further on.
    pub costs: &'a [[i16; MOST_PLACES as usize]],
}

/// Mass calls of the account. Numbers of the platform (`platform/01 §5`, `platform/03 §3`) are the
/// caller's to give.
#[derive(Debug, Clone, Copy)]
pub struct Calls<'a> {
    /// For each day of the month how many calls are left; empty when there are always enough.
    pub left: &'a [u32],
    /// Fewest OpenIDs of a list: a campaign that would reach fewer on a day is not sent that day.
    pub list_least: u32,
    /// Most OpenIDs of a list; each list is a call.
    pub list_most: u32,
    /// Followers that one tagging call tags.
    pub tag_most: u32,
    /// Tagging calls left for the month. A campaign can go out on a day by one call to a tag, once
    /// its recipients carry it; 0 when all goes by lists.
    pub taggings: u64,
}

impl Default for Calls<'_> {
    /// As many calls as needed, all of them lists of any size.
    fn default() -> Self {
        Self { left: &[], list_least: 0, list_most: u32::MAX, tag_most: 1, taggings: 0 }
    }
}

/// A question that cannot be answered as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The month's question contradicts itself.
    #[error(transparent)]
    Month(#[from] question::Malformed),
    /// A month of no days, or of too many.
    #[error("a month of {0} days: give 1 to {MOST_DAYS}")]
    Days(u8),
    /// A list is not as long as what it is about.
    #[error("{what} are given for {given} of {needed}")]
    Length {
        /// Which list.
        what: &'static str,
        /// How long it is.
        given: usize,
        /// How long it has to be.
        needed: usize,
    },
    /// A campaign may go on a day the month does not have.
    #[error("campaign {wish} may go on days {days:#b} of a month of {days_of_month} days")]
    Window {
        /// Which campaign, from 0.
        wish: usize,
        /// The days, day 1 lowest.
        days: u32,
        /// Days of the month.
        days_of_month: u8,
    },
    /// No campaign could go at all.
    #[error("a campaign may go on {0} days: give 1 to {MOST_DAYS}")]
    Waves(u8),
    /// A spacing longer than the month.
    #[error("{0} days between two messages: give 0 to {MOST_DAYS}")]
    Spacing(u8),
    /// The last message came after the month.
    #[error(
        "follower {ordinal} got a message on day {day}: give a day up to {days_of_month}, \
         or {NEVER} for none"
    )]
    Earlier {
        /// Which follower.
        ordinal: usize,
        /// The day given.
        day: i8,
        /// Days of the month.
        days_of_month: u8,
    },
    /// More is kept back than there can be.
    #[error("follower {ordinal} has {places} places kept back; give 0 to {MOST_PLACES}")]
    KeptBack {
        /// Which follower.
        ordinal: usize,
        /// Places kept back.
        places: u8,
    },
    /// A campaign has a topic, or a follower a class, that is not described.
    #[error("{what} {of} is of kind {kind}, but only {kinds} are described")]
    Kind {
        /// What is of that kind.
        what: &'static str,
        /// Which one.
        of: usize,
        /// The kind named.
        kind: u8,
        /// How many there are.
        kinds: usize,
    },
    /// More topics or classes than can be named.
    #[error("{what}: {kinds} are more than {MOST_KINDS}")]
    Kinds {
        /// Of what.
        what: &'static str,
        /// How many.
        kinds: usize,
    },
    /// A message that pleases by disturbing.
    #[error("disturbing class {class} has a cost of {cost}; give 0 or more")]
    Cost {
        /// Which class.
        class: usize,
        /// The cost found.
        cost: i16,
    },
    /// Lists nobody fits in.
    #[error("lists of {least} to {most} followers hold nobody: give a most above 0 and the least")]
    Lists {
        /// Fewest of a list.
        least: u32,
        /// Most of a list.
        most: u32,
    },
    /// A tagging call that tags nobody.
    #[error("a tagging call tags 0 followers; give 1 or more")]
    Tagging,
    /// Followers differ in too many ways.
    #[error(
        "followers are of {0} kinds by class, earlier message, places kept back and cost of \
         disturbing; at most 65536 can be told apart"
    )]
    Mixed(usize),
}

impl<'a> Question<'a> {
    /// The month with its windows and no other rule: one day a campaign, any number of messages a
    /// day, as many calls as needed.
    #[must_use]
    pub fn new(month: question::Question<'a>, days_of_month: u8, windows: &'a [u32]) -> Self {
        Self {
            month,
            days_of_month,
            windows,
            waves: 1,
            spacing: 0,
            earlier: &[],
            kept_back: KeptBack::default(),
            topics: Topics::default(),
            disturbing: Disturbing::default(),
            calls: Calls::default(),
        }
    }

    /// Checks what the solver relies on.
    ///
    /// # Errors
    /// Names the field and what would be right.
    pub fn check(&self) -> Result<(), Malformed> {
        self.month.check()?;
        if !(1..=MOST_DAYS).contains(&self.days_of_month) {
            return Err(Malformed::Days(self.days_of_month));
        }
        let wishes = self.month.wishes.len();
        needs("windows", self.windows.len(), wishes)?;
        let days_of_month = self.days_of_month;
        let outside = !all_days(days_of_month);
        if let Some(wish) = self.windows.iter().position(|days| days & outside != 0) {
            return Err(Malformed::Window { wish, days: self.windows[wish], days_of_month });
        }
        if !(1..=MOST_DAYS).contains(&self.waves) {
            return Err(Malformed::Waves(self.waves));
        }
        if self.spacing > MOST_DAYS {
            return Err(Malformed::Spacing(self.spacing));
        }
        self.check_followers()?;
        self.check_topics()?;
        self.check_calls()
    }

    fn check_followers(&self) -> Result<(), Malformed> {
        let followers = self.month.followers();
        may_need("earlier messages", self.earlier.len(), followers)?;
        let days_of_month = self.days_of_month;
        let is_late = |day: &i8| *day > days_of_month as i8;
        if let Some(ordinal) = self.earlier.iter().position(is_late) {
            let day = self.earlier[ordinal];
            return Err(Malformed::Earlier { ordinal, day, days_of_month });
        }
        let kept = self.kept_back.places;
        may_need("places kept back", kept.len(), followers)?;
        if let Some(ordinal) = kept.iter().position(|places| *places > MOST_PLACES) {
            return Err(Malformed::KeptBack { ordinal, places: kept[ordinal] });
        }
        let Disturbing { class, costs } = self.disturbing;
        may_need("disturbing classes", class.len(), followers)?;
        if costs.len() > MOST_KINDS {
            return Err(Malformed::Kinds { what: "disturbing classes", kinds: costs.len() });
        }
        let kinds = costs.len();
        if let Some(of) = class.iter().position(|class| usize::from(*class) >= kinds) {
            return Err(Malformed::Kind { what: "follower", of, kind: class[of], kinds });
        }
        for (class, costs) in costs.iter().enumerate() {
            if let Some(cost) = costs.iter().copied().find(|cost| *cost < 0) {
                return Err(Malformed::Cost { class, cost });
            }
        }
        Ok(())
    }

    fn check_topics(&self) -> Result<(), Malformed> {
        let Topics { of, most } = self.topics;
        may_need("topics", of.len(), self.month.wishes.len())?;
        if most.len() > MOST_KINDS {
            return Err(Malformed::Kinds { what: "topics", kinds: most.len() });
        }
        for (wish, topic) in of.iter().enumerate() {
            if let Some(kind) = topic.filter(|topic| usize::from(*topic) >= most.len()) {
                let kinds = most.len();
                return Err(Malformed::Kind { what: "campaign", of: wish, kind, kinds });
            }
        }
        Ok(())
    }

    fn check_calls(&self) -> Result<(), Malformed> {
        let Calls { left, list_least, list_most, tag_most, .. } = self.calls;
        may_need("calls of the days", left.len(), usize::from(self.days_of_month))?;
        if list_most == 0 || list_most < list_least {
            return Err(Malformed::Lists { least: list_least, most: list_most });
        }
        if tag_most == 0 {
            return Err(Malformed::Tagging);
        }
        Ok(())
    }
}

/// The mask of all days of a month.
pub(super) fn all_days(days_of_month: u8) -> u32 {
    ((1u64 << days_of_month) - 1) as u32
}

fn needs(what: &'static str, given: usize, needed: usize) -> Result<(), Malformed> {
    if given == needed { Ok(()) } else { Err(Malformed::Length { what, given, needed }) }
}

fn may_need(what: &'static str, given: usize, needed: usize) -> Result<(), Malformed> {
    if given == 0 { Ok(()) } else { needs(what, given, needed) }
}
