//! What is asked of the month: which campaigns there are, what each is worth to whom, and how many
//! messages every follower may still get.

use audience::Set;

/// Most campaigns one plan weighs against each other.
pub const MOST_WISHES: usize = 250;
/// Most messages a follower can get in a month, on any account.
pub const MOST_PLACES: u8 = 4;
/// Worths lie within ± this many units.
pub const WORTH_LIMIT: i16 = i16::MAX;

/// What one message of a campaign is worth, in units the caller chose: the expected gain less the
/// risk of losing the follower. Negative is allowed: nobody gets such a message unless the
/// campaign must reach a least number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worth {
    /// To every follower of the audience the same.
    Same(i16),
    /// By the follower's class, [`Question::classes`].
    ByClass(Vec<i16>),
    /// To each follower of the audience, in the order of their ordinals.
    Each(Vec<i16>),
}

/// A campaign that wants to go out this month.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Whom it may reach: the segment less hold-outs and those who left.
    pub audience: Set,
    /// What it is worth.
    pub worth: Worth,
    /// Fewest recipients, 0 when it does not matter.
    pub least: u32,
    /// Most recipients.
    pub most: Option<u32>,
}

/// A month to plan.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// For every ordinal how many more messages this month, after what is received and kept back:
    /// 0 to [`MOST_PLACES`]. Its length is the number of followers.
    pub places: &'a [u8],
    /// For every ordinal its class; empty when no worth asks for one.
    pub classes: &'a [u16],
    /// The campaigns.
    pub wishes: &'a [Wish],
}

/// A question that cannot be answered as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More campaigns than one plan weighs.
    #[error("{0} campaigns are more than the {MOST_WISHES} one plan weighs: plan them in groups")]
    Wishes(usize),
    /// More places than a month has.
    #[error("follower {ordinal} has {places} places; give 0 to {MOST_PLACES}")]
    Places {
        /// Which follower.
        ordinal: usize,
        /// The number found.
        places: u8,
    },
    /// Someone in the audience is not a follower.
    #[error("campaign {wish} names follower {ordinal}, but there are only {followers}")]
    Audience {
        /// Which campaign, from 0.
        wish: usize,
        /// The highest ordinal of its audience.
        ordinal: u32,
        /// How many followers there are.
        followers: usize,
    },
    /// Worths and audience have different sizes.
    #[error("campaign {wish} has {worths} worths for {needed} of its audience or classes")]
    Worths {
        /// Which campaign, from 0.
        wish: usize,
        /// How many worths it has.
        worths: usize,
        /// How many it needs.
        needed: usize,
    },
    /// A worth is out of range.
    #[error("campaign {wish} has a worth of {worth}; give -{WORTH_LIMIT} to {WORTH_LIMIT} units")]
    Worth {
        /// Which campaign, from 0.
        wish: usize,
        /// The worth found.
        worth: i16,
    },
    /// Classes and followers have different numbers.
    #[error("classes are given for {classes} of {followers} followers")]
    Classes {
        /// How many classes are given.
        classes: usize,
        /// How many followers there are.
        followers: usize,
    },
    /// The least is above the most.
    #[error("campaign {wish} wants at least {least} and at most {most} recipients")]
    Limits {
        /// Which campaign, from 0.
        wish: usize,
        /// Fewest.
        least: u32,
        /// Most.
        most: u32,
    },
    /// A change names a campaign that does not exist.
    #[error("there is no campaign {wish} to change; there are {wishes}, counted from 0")]
    Unknown {
        /// Which campaign, from 0.
        wish: usize,
        /// How many there are.
        wishes: usize,
    },
    /// An earlier plan is of another number of campaigns.
    #[error("{what} recipients are given for {sets} campaigns of {wishes}")]
    Earlier {
        /// Which of the lists.
        what: &'static str,
        /// How many sets are given.
        sets: usize,
        /// How many campaigns there are.
        wishes: usize,
    },
    /// What is fixed takes a place that nobody has.
    #[error("campaign {wish} is fixed for follower {ordinal}, who has no place left for it")]
    Fixed {
        /// Which campaign, from 0.
        wish: usize,
        /// Which follower.
        ordinal: u32,
    },
    /// With the steadiness a worth is out of range.
    #[error("campaign {wish} has a worth of {worth}; with that steadiness give at most {most}")]
    Steady {
        /// Which campaign, from 0.
        wish: usize,
        /// The worth found.
        worth: i16,
        /// The highest that still fits.
        most: i16,
    },
    /// Numbers that are enough are given for another number of campaigns.
    #[error("what is enough is given for {given} campaigns of {wishes}")]
    Enough {
        /// How many numbers are given.
        given: usize,
        /// How many campaigns there are.
        wishes: usize,
    },
}

impl Worth {
    /// The highest worth to anybody.
    pub(super) fn highest(&self) -> i32 {
        match self {
            Self::Same(worth) => i32::from(*worth),
            // Of no worths at all the lowest there is.
            Self::ByClass(worths) | Self::Each(worths) => {
                i32::from(worths.iter().copied().fold(i16::MIN, i16::max))
            }
        }
    }
}

impl Question<'_> {
    /// How many followers there are.
    #[must_use]
    pub fn followers(&self) -> usize {
        self.places.len()
    }

    /// Whether followers may differ in worth although audience, places and class are the same.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.wishes.iter().any(|wish| matches!(wish.worth, Worth::Each(_)))
    }

    /// Checks what the layout relies on.
    ///
    /// # Errors
    /// Names the campaign or follower and what would be right.
    pub fn check(&self) -> Result<(), Malformed> {
        if self.wishes.len() > MOST_WISHES {
            return Err(Malformed::Wishes(self.wishes.len()));
        }
        if let Some(ordinal) = self.places.iter().position(|places| *places > MOST_PLACES) {
            return Err(Malformed::Places { ordinal, places: self.places[ordinal] });
        }
        let followers = self.followers();
        let asks_class = self.wishes.iter().any(|wish| matches!(wish.worth, Worth::ByClass(_)));
        let classes = self.classes.len();
        if (asks_class || classes > 0) && classes != followers {
            return Err(Malformed::Classes { classes, followers });
        }
        let class_count = self.class_count();
        for (place, wish) in self.wishes.iter().enumerate() {
            wish.check(place, followers, class_count)?;
        }
        Ok(())
    }

    /// Checks a campaign that is to be one of these.
    pub(super) fn check_wish(&self, place: usize, wish: &Wish) -> Result<(), Malformed> {
        let (classes, followers) = (self.classes.len(), self.followers());
        if matches!(wish.worth, Worth::ByClass(_)) && classes != followers {
            return Err(Malformed::Classes { classes, followers });
        }
        wish.check(place, followers, self.class_count())
    }

    fn class_count(&self) -> usize {
        self.classes.iter().max().map_or(0, |highest| usize::from(*highest) + 1)
    }
}

impl Wish {
    fn check(&self, wish: usize, followers: usize, classes: usize) -> Result<(), Malformed> {
        if let Some(ordinal) = self.audience.last().filter(|last| *last as usize >= followers) {
            return Err(Malformed::Audience { wish, ordinal, followers });
        }
        let (worths, needed): (&[i16], usize) = match &self.worth {
            Worth::Same(worth) => (std::slice::from_ref(worth), 1),
            Worth::ByClass(worths) => (worths, worths.len().max(classes)),
            Worth::Each(worths) => (worths, self.audience.len()),
        };
        if worths.len() != needed {
            return Err(Malformed::Worths { wish, worths: worths.len(), needed });
        }
        // The one number of sixteen bits that is out of range; looked for in one sweep.
        if worths.contains(&i16::MIN) {
            return Err(Malformed::Worth { wish, worth: i16::MIN });
        }
        match self.most {
            Some(most) if most < self.least => {
                Err(Malformed::Limits { wish, least: self.least, most })
            }
            _ => Ok(()),
        }
    }
}
