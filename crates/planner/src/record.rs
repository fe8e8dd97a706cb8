//! A plan as two files that anyone can check: the values (who may get what, what it is worth, who
//! gets it) and the certificate (what is claimed of them). [`verify`] reads the values once, with
//! code that shares nothing with the solver, and needs nothing else.
//!
//! Followers stand in the files by their number in the account, never by name.

mod calendar;

use std::fmt;

use audience::Set;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::plan::days::proof as days;
use crate::plan::proof::{Certificate, Untrue};
use crate::plan::{Threads, Wish, Worth};
use crate::stages::Staged;

pub use calendar::{ClaimedCalendar, Rules};

/// How a file of values begins.
const MAGIC: &[u8] = b"fourcast month plan values 1\n";
/// What a certificate is about.
pub const ABOUT: &str = "fourcast month plan 1";

/// The values of a plan.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The question.
    pub month: Staged,
    /// The key of each campaign.
    pub keys: Vec<String>,
    /// Recipients of each campaign.
    pub recipients: Vec<Set>,
    /// The rules of its calendar, when it has one; it then has one stage.
    pub rules: Option<Rules>,
}

/// What is claimed of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// [`ABOUT`].
    pub about: String,
    /// The account's AppID.
    pub account: String,
    /// The month, `2026-03`.
    pub month: String,
    /// The plan's number in the account.
    pub plan: i64,
    /// How many units of worth are one of what the worths were given in, as a power of ten.
    pub unit_exponent: i32,
    /// What the plan is worth, in units.
    pub value: i64,
    /// What no lawful plan exceeds, in units.
    pub bound: i64,
    /// SHA-256 of the file of values.
    pub values_sha256: String,
    /// The stages, the first first.
    pub stages: Vec<ClaimedStage>,
    /// The campaigns.
    pub campaigns: Vec<ClaimedCampaign>,
    /// Of a plan with a calendar: its days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<ClaimedCalendar>,
}

/// What is claimed of one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedStage {
    /// Its number.
    pub stage: u8,
    /// What its plan is worth.
    pub value: i64,
    /// What no lawful plan of the stage exceeds.
    pub bound: i64,
}

/// What is claimed of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedCampaign {
    /// Its key.
    pub key: String,
    /// Its stage.
    pub stage: u8,
    /// Whom it may reach.
    pub audience: u64,
    /// Fewest recipients asked for.
    pub least: u32,
    /// Most recipients allowed.
    pub most: Option<u32>,
    /// Recipients planned.
    pub recipients: u64,
    /// What it lacks to its least, where leasts cannot all be met.
    pub short: u64,
    /// Its price, in units.
    pub price: i32,
}

/// Why files do not prove what they claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file of values cannot be read.
    #[error("the values cannot be read: {0}")]
    Unreadable(String),
    /// The certificate is of another kind or version.
    #[error("the certificate is about {0:?}; this version checks {ABOUT:?}")]
    About(String),
    /// The values are not those the certificate speaks of.
    #[error(
        "the values were changed or belong to another certificate: their SHA-256 is {found}, the \
         certificate says {claimed}"
    )]
    Digest {
        /// As claimed.
        claimed: String,
        /// As found.
        found: String,
    },
    /// Certificate and values disagree.
    #[error("{what} is {claimed} in the certificate and {found} in the values")]
    Differs {
        /// What.
        what: String,
        /// As claimed.
        claimed: String,
        /// As found.
        found: String,
    },
    /// A claim is not true.
    #[error("{}{untrue}", InCampaign(.campaign))]
    Untrue {
        /// The campaign it is of, when it is of one.
        campaign: Option<String>,
        /// What is not true.
        untrue: Untrue,
    },
    /// A claim about the days is not true.
    #[error("{}{untrue}", InCampaign(.campaign))]
    Days {
        /// The campaign it is of, when it is of one.
        campaign: Option<String>,
        /// What is not true.
        untrue: days::Untrue,
    },
}

/// What adding up gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// The stages, the first first.
    pub stages: Vec<ClaimedStage>,
    /// What each campaign lacks to its least.
    pub short: Vec<u64>,
    /// Of a plan with a calendar: its days.
    pub calendar: Option<ClaimedCalendar>,
}

struct InCampaign<'a>(&'a Option<String>);

impl fmt::Display for InCampaign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(key) => write!(f, "campaign {key:?}: "),
            None => Ok(()),
        }
    }
}

/// SHA-256 of bytes, as 64 hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks that the values prove the claim.
///
/// # Errors
/// The first thing found wrong.
pub fn verify(claim: &Claim, values: &[u8]) -> Result<Record, Error> {
    if claim.about != ABOUT {
        return Err(Error::About(claim.about.clone()));
    }
    let found = digest(values);
    if found != claim.values_sha256 {
        return Err(Error::Digest { claimed: claim.values_sha256.clone(), found });
    }
    let record = Record::read(values)?;
    record.check(claim)?;
    Ok(record)
}

fn same<T: PartialEq + fmt::Debug>(
    what: impl FnOnce() -> String,
    claimed: &T,
    found: &T,
) -> Result<(), Error> {
    if claimed == found {
        return Ok(());
    }
    let [claimed, found] = [claimed, found].map(|value| format!("{value:?}"));
    Err(Error::Differs { what: what(), claimed, found })
}

impl Record {
    /// Compares with the claim and adds everything up.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn check(&self, claim: &Claim) -> Result<(), Error> {
        same(|| "the number of campaigns".into(), &claim.campaigns.len(), &self.keys.len())?;
        for (place, one) in claim.campaigns.iter().enumerate() {
            let (wish, key) = (&self.month.wishes[place], &self.keys[place]);
            same(|| format!("the key of campaign {}", place + 1), &one.key, key)?;
            let of = |what: &str| format!("{what} of campaign {key:?}");
            same(|| of("the stage"), &one.stage, &self.month.stages[place])?;
            same(|| of("the least"), &one.least, &wish.least)?;
            same(|| of("the most"), &one.most, &wish.most)?;
            same(|| of("the audience"), &one.audience, &(wish.audience.len() as u64))?;
            let reached = self.recipients[place].len() as u64;
            same(|| of("the number of recipients"), &one.recipients, &reached)?;
            let most_short = u64::from(wish.least).saturating_sub(reached);
            same(|| of("what is lacking"), &one.short, &most_short)?;
        }
        let sum = |of: fn(&ClaimedStage) -> i64| claim.stages.iter().map(of).sum::<i64>();
        same(|| "the value".into(), &claim.value, &sum(|stage| stage.value))?;
        same(|| "the bound".into(), &claim.bound, &sum(|stage| stage.bound))?;
        let has = |what: bool| if what { "there" } else { "absent" };
        let (claimed, kept) = (has(claim.calendar.is_some()), has(self.rules.is_some()));
        same(|| "the calendar".into(), &claimed, &kept)?;
        if let (Some(claimed), Some(rules)) = (&claim.calendar, &self.rules) {
            same(|| "the number of stages".into(), &claim.stages.len(), &1)?;
            let short: Vec<u64> = claim.campaigns.iter().map(|one| one.short).collect();
            let sums = [claim.value, claim.bound];
            let calendar = rules.calendar(claimed, &self.recipients, sums, &short);
            let question = rules.question(&self.month);
            // Recipients on no day would be counted nowhere.
            let sent: u64 = calendar.sends.iter().map(|send| send.recipients.len() as u64).sum();
            let reached: u64 = self.recipients.iter().map(|set| set.len() as u64).sum();
            same(|| "the number of messages sent".into(), &sent, &reached)?;
            return days::verify(&question, &calendar, Threads::default())
                .map_err(|untrue| self.of_days(untrue));
        }
        let claims: Vec<(u8, Certificate)> =
            claim.stages.iter().map(|stage| (stage.stage, certificate(claim, stage))).collect();
        self.month.verify(&self.recipients, &claims).map_err(|(stage, untrue)| Error::Untrue {
            campaign: wish_of(&untrue)
                .and_then(|own| self.month.of_stage(stage).get(own).copied())
                .and_then(|wish| self.keys.get(wish).cloned()),
            untrue,
        })
    }

    fn of_days(&self, untrue: days::Untrue) -> Error {
        let wish = match &untrue {
            days::Untrue::Days(wish)
            | days::Untrue::Send { wish, .. }
            | days::Untrue::Recipients { wish, .. }
            | days::Untrue::Limits { wish, .. } => Some(*wish),
            _ => None,
        };
        Error::Days { campaign: wish.and_then(|wish| self.keys.get(wish).cloned()), untrue }
    }

    /// Whether a follower stands anywhere in it with a message they may get.
    #[must_use]
    pub fn knows(&self, ordinal: u32) -> bool {
        self.month.wishes.iter().any(|wish| wish.audience.contains(ordinal))
    }

    /// Takes a follower out: of every audience with what they were worth, and of the recipients.
    pub fn forget(&mut self, ordinal: u32) {
        for (wish, recipients) in self.month.wishes.iter_mut().zip(&mut self.recipients) {
            if wish.audience.contains(ordinal) {
                if let Worth::Each(worths) = &mut wish.worth {
                    let before = wish.audience.iter().take_while(|one| *one < ordinal).count();
                    worths.remove(before);
                }
                wish.audience.remove(ordinal);
                recipients.remove(ordinal);
            }
        }
        if let Some(places) = self.month.places.get_mut(ordinal as usize) {
            *places = 0;
        }
        if let Some(class) = self.month.classes.get_mut(ordinal as usize) {
            *class = 0;
        }
        if let Some(rules) = &mut self.rules {
            rules.forget(ordinal);
        }
    }

    /// What the recipients are worth, and what no lawful plan exceeds at these prices: stage by
    /// stage, or on the days claimed.
    ///
    /// # Errors
    /// When a price stands for a limit that is not there.
    pub fn add_up(&self, prices: &[i32], claimed: Option<&ClaimedCalendar>) -> Result<Sums, Error> {
        let short: Vec<u64> = self
            .month
            .wishes
            .iter()
            .zip(&self.recipients)
            .map(|(wish, set)| u64::from(wish.least).saturating_sub(set.len() as u64))
            .collect();
        if let (Some(rules), Some(claimed)) = (&self.rules, claimed) {
            let [bound, bound_of_days] = rules
                .bounds(&self.month, claimed, &short)
                .map_err(|untrue| self.of_days(untrue))?;
            let worth: i64 =
                (0..self.keys.len()).map(|at| self.worth_of(at, &self.recipients[at])).sum();
            let value = worth - rules.cost(self.month.places.len(), &self.recipients);
            let stage = self.month.stages.first().copied().unwrap_or(1);
            let calendar = Some(ClaimedCalendar { bound_of_days, ..claimed.clone() });
            return Ok(Sums {
                stages: vec![ClaimedStage { stage, value, bound }],
                short,
                calendar,
            });
        }
        let mut stages = Vec::new();
        for number in self.month.numbers() {
            let own = self.month.of_stage(number);
            let pick = |values: &[i32]| own.iter().map(|wish| values[*wish]).collect::<Vec<_>>();
            let wishes: Vec<Wish> = own.iter().map(|w| self.month.wishes[*w].clone()).collect();
            let places = self.month.places_before(number, &self.recipients);
            let question = crate::plan::Question {
                places: &places,
                classes: &self.month.classes,
                wishes: &wishes,
            };
            let lacking: Vec<u64> = own.iter().map(|wish| short[*wish]).collect();
            let bound = crate::plan::proof::bound(&question, &pick(prices), &lacking)
                .map_err(|untrue| Error::Untrue { campaign: None, untrue })?;
            let value = own.iter().map(|wish| self.worth_of(*wish, &self.recipients[*wish])).sum();
            stages.push(ClaimedStage { stage: number, value, bound });
        }
        Ok(Sums { stages, short, calendar: None })
    }

    /// What a campaign is worth to these followers together.
    #[must_use]
    pub fn worth_of(&self, wish: usize, people: &Set) -> i64 {
        let asked = &self.month.wishes[wish];
        match &asked.worth {
            Worth::Same(worth) => i64::from(*worth) * people.len() as i64,
            Worth::ByClass(worths) => people
                .iter()
                .map(|one| i64::from(worths[usize::from(self.month.classes[one as usize])]))
                .sum(),
            Worth::Each(worths) => asked
                .audience
                .iter()
                .zip(worths)
                .filter(|(one, _)| people.contains(*one))
                .map(|(_, worth)| i64::from(*worth))
                .sum(),
        }
    }

    /// As a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let count = |out: &mut Vec<u8>, number: usize| {
            out.extend_from_slice(&(number as u64).to_le_bytes());
        };
        count(&mut out, self.month.places.len());
        out.extend_from_slice(&self.month.places);
        count(&mut out, self.month.classes.len());
        self.month.classes.iter().for_each(|class| out.extend_from_slice(&class.to_le_bytes()));
        out.push(u8::from(self.rules.is_some()));
        if let Some(rules) = &self.rules {
            // Only numbers and lists of them: there is nothing that could not be written.
            let text = serde_json::to_vec(rules).unwrap_or_default();
            count(&mut out, text.len());
            out.extend_from_slice(&text);
            count(&mut out, rules.earlier.len());
            out.extend(rules.earlier.iter().map(|day| day.to_le_bytes()[0]));
            count(&mut out, rules.kept_back.len());
            out.extend_from_slice(&rules.kept_back);
        }
        count(&mut out, self.keys.len());
        for (place, key) in self.keys.iter().enumerate() {
            let wish = &self.month.wishes[place];
            count(&mut out, key.len());
            out.extend_from_slice(key.as_bytes());
            out.push(self.month.stages[place]);
            out.extend_from_slice(&wish.least.to_le_bytes());
            out.push(u8::from(wish.most.is_some()));
            out.extend_from_slice(&wish.most.unwrap_or(0).to_le_bytes());
            for set in [&wish.audience, &self.recipients[place]] {
                let bytes = set.to_bytes();
                count(&mut out, bytes.len());
                out.extend_from_slice(&bytes);
            }
            let (kind, worths): (u8, &[i16]) = match &wish.worth {
                Worth::Same(worth) => (0, std::slice::from_ref(worth)),
                Worth::ByClass(worths) => (1, worths),
                Worth::Each(worths) => (2, worths),
            };
            out.push(kind);
            count(&mut out, worths.len());
            worths.iter().for_each(|worth| out.extend_from_slice(&worth.to_le_bytes()));
        }
        out
    }

    /// From a file.
    ///
    /// # Errors
    /// Where and why it is not one.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut from = Bytes { whole: bytes, at: 0 };
        if from.take(MAGIC.len(), "its first line")? != MAGIC {
            return Err(from.wrong("it does not begin as a file of values does"));
        }
        let followers = from.count("the number of followers", 1)?;
        let mut record = Self::default();
        record.month.places = from.take(followers, "the places")?.to_vec();
        let classes = from.count("the number of classes", 2)?;
        let read = |pair: &[u8]| u16::from_le_bytes([pair[0], pair[1]]);
        record.month.classes =
            from.take(classes * 2, "the classes")?.chunks_exact(2).map(read).collect();
        record.rules = match from.byte("whether there is a calendar")? {
            0 => None,
            1 => Some(from.rules()?),
            _ => return Err(from.wrong("a calendar is neither there nor absent")),
        };
        for _ in 0..from.count("the number of campaigns", 1)? {
            let length = from.count("the length of a key", 1)?;
            let key = std::str::from_utf8(from.take(length, "a key")?).map(str::to_owned);
            record.keys.push(key.map_err(|_| from.wrong("a key is no text"))?);
            record.month.stages.push(from.byte("a stage")?);
            let least = from.number("a least")?;
            let most = match (from.byte("whether there is a most")?, from.number("a most")?) {
                (0, 0) => None,
                (1, most) => Some(most),
                _ => return Err(from.wrong("a most is neither there nor absent")),
            };
            let audience = from.set("an audience")?;
            record.recipients.push(from.set("recipients")?);
            let kind = from.byte("the kind of a worth")?;
            let length = from.count("the number of worths", 2)?;
            let read = |pair: &[u8]| i16::from_le_bytes([pair[0], pair[1]]);
            let worths: Vec<i16> =
                from.take(length * 2, "the worths")?.chunks_exact(2).map(read).collect();
            let worth = match (kind, worths.as_slice()) {
                (0, [worth]) => Worth::Same(*worth),
                (1, _) => Worth::ByClass(worths),
                (2, _) => Worth::Each(worths),
                _ => return Err(from.wrong("a worth is of no known kind")),
            };
            record.month.wishes.push(Wish { audience, worth, least, most });
        }
        if from.at != bytes.len() {
            return Err(from.wrong("more follows after its end"));
        }
        let unreadable = |error: String| Error::Unreadable(error);
        record.month.question().check().map_err(|error| unreadable(error.to_string()))?;
        if let Some(rules) = &record.rules {
            let asked = rules.question(&record.month).check();
            asked.map_err(|error| unreadable(error.to_string()))?;
        }
        Ok(record)
    }
}

fn certificate(claim: &Claim, stage: &ClaimedStage) -> Certificate {
    let own = || claim.campaigns.iter().filter(|one| one.stage == stage.stage);
    Certificate {
        value: stage.value,
        bound: stage.bound,
        prices: own().map(|one| one.price).collect(),
        recipients: own().map(|one| one.recipients).collect(),
        short: own().map(|one| one.short).collect(),
    }
}

fn wish_of(untrue: &Untrue) -> Option<usize> {
    match untrue {
        Untrue::Outside { wish, .. } | Untrue::Limits { wish, .. } | Untrue::Price { wish, .. } => {
            Some(*wish)
        }
        _ => None,
    }
}

/// Bytes read from the front.
struct Bytes<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn wrong(&self, what: &str) -> Error {
        Error::Unreadable(format!("at byte {}: {what}", self.at))
    }

    fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.whole.len());
        let Some(end) = end else {
            return Err(self.wrong(&format!("the file ends within {what}")));
        };
        let taken = &self.whole[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// A number of things that take at least so many bytes each: never more than the file holds.
    fn count(&mut self, what: &str, each: usize) -> Result<usize, Error> {
        let bytes = self.take(8, what)?;
        let number = bytes.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let left = self.whole.len() - self.at;
        usize::try_from(number)
            .ok()
            .filter(|number| number.checked_mul(each).is_some_and(|bytes| bytes <= left))
            .ok_or_else(|| self.wrong(&format!("{what} is {number}, more than the file holds")))
    }

    fn byte(&mut self, what: &str) -> Result<u8, Error> {
        Ok(self.take(1, what)?[0])
    }

    fn number(&mut self, what: &str) -> Result<u32, Error> {
        Ok(self.take(4, what)?.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    fn rules(&mut self) -> Result<Rules, Error> {
        let length = self.count("the length of the rules", 1)?;
        let text = self.take(length, "the rules")?;
        let mut rules: Rules = serde_json::from_slice(text)
            .map_err(|error| self.wrong(&format!("the rules: {error}")))?;
        let days = self.count("the number of earlier days", 1)?;
        let days = self.take(days, "the earlier days")?;
        rules.earlier = days.iter().map(|day| i8::from_le_bytes([*day])).collect();
        let kept = self.count("the number of places kept back", 1)?;
        rules.kept_back = self.take(kept, "the places kept back")?.to_vec();
        Ok(rules)
    }

    fn set(&mut self, what: &str) -> Result<Set, Error> {
        let length = self.count(what, 1)?;
        let bytes = self.take(length, what)?;
        Set::from_bytes(bytes).map_err(|error| self.wrong(&format!("{what}: {error}")))
    }
}

#[cfg(test)]
mod tests;
