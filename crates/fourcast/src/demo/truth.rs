//! Compares, follower by follower, what the server says with what the sandbox did. People are held
//! as sorted 64-bit fingerprints of their OpenIDs: a million take 8 MB, and every comparison is one
//! pass over two sorted lists.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

use delivery::view::{ReportView, SlotsView};
use serde::{Deserialize, Serialize};
use wire::{Month, OpenId};

use super::drive::{Driver, Record};
use crate::Error;

/// People lost are looked up one by one; beyond so many the first ones tell enough.
const MOST_LOOKED_UP: usize = 5_000;

/// A set of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    marks: Vec<u64>,
}

impl People {
    /// Adds somebody; [`People::close`] must follow before anything is asked.
    pub fn add(&mut self, openid: &str) {
        self.marks.push(mark(openid));
    }

    /// Ends the adding; says how many were added more than once.
    pub fn close(&mut self) -> u64 {
        let added = self.marks.len();
        self.marks.sort_unstable();
        self.marks.dedup();
        self.marks.shrink_to_fit();
        count(added - self.marks.len())
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> u64 {
        count(self.marks.len())
    }

    /// Whether nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Whether this person is in it.
    #[must_use]
    pub fn contains(&self, openid: &str) -> bool {
        self.has(mark(openid))
    }

    /// Those who are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let marks = self.marks.iter().copied().filter(|mark| !other.has(*mark)).collect();
        Self { marks }
    }

    fn has(&self, mark: u64) -> bool {
        self.marks.binary_search(&mark).is_ok()
    }
}

fn mark(openid: &str) -> u64 {
    // Fixed keys: the same fingerprint in every run.
    let mut hasher = DefaultHasher::new();
    hasher.write(openid.as_bytes());
    hasher.finish()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Reads a line of the slots' export: OpenID, surely used, possibly used. `None` for its heading.
#[must_use]
pub fn slots_line(line: &str) -> Option<(&str, u8, u8)> {
    let mut cells = line.split(',');
    let openid = cells.next()?;
    let used_min = cells.next()?.trim().parse().ok()?;
    let used_max = cells.next()?.trim().parse().ok()?;
    Some((openid, used_min, used_max))
}

/// What became of one campaign, on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The caller's key.
    pub key: String,
    /// People the sandbox delivered it to.
    pub received: u64,
    /// People the server says it was sent to.
    pub addressed: u64,
    /// Got it more than once.
    pub doubled: u64,
    /// Were sent it with a certain slot, follow still, and did not get it.
    pub lost: u64,
    /// Were sent it with a certain slot but left before it arrived.
    pub left_before: u64,
    /// Got it though the server says they were not sent it.
    pub unexpected: u64,
}

/// The ledger beside the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bracket {
    /// People compared: everybody who ever followed.
    pub people: u64,
    /// Used exactly as many slots as the ledger says.
    pub exact: u64,
    /// The ledger gives a range and the truth lies in it.
    pub in_range: u64,
    /// The truth lies outside what the ledger says.
    pub outside: u64,
    /// Slots between the truth and the nearest end of the ledger's range, summed over everybody.
    pub difference: u64,
    /// People by number of messages received in the month.
    pub received: BTreeMap<u8, u64>,
}

/// What became of a campaign whose report was read.
///
/// # Errors
/// What either side refused.
pub async fn outcome(driver: &mut Driver, record: &Record) -> Result<Outcome, Error> {
    let jobs: Vec<i64> = record.report.iter().flat_map(jobs_of).collect();
    let mut received = People::default();
    for job in jobs {
        driver.control().received(job, |openid| received.add(openid)).await?;
    }
    let doubled = received.close();
    let recipients = recipients(driver, record).await?;
    let missing = recipients.without(&received).without(&record.possible);
    let left_before = if missing.is_empty() { 0 } else { left(driver, record, &missing).await? };
    Ok(Outcome {
        key: record.planned.key.into(),
        received: received.len(),
        addressed: recipients.len(),
        doubled,
        lost: missing.len() - left_before,
        left_before,
        unexpected: received.without(&recipients).len(),
    })
}

/// Jobs of a campaign's calls.
pub fn jobs_of(report: &ReportView) -> impl Iterator<Item = i64> + '_ {
    report.batches.iter().filter_map(|batch| batch.msg_id)
}

async fn recipients(driver: &mut Driver, record: &Record) -> Result<People, Error> {
    let path = driver.path(&format!("/campaigns/{}/recipients", record.id));
    driver
        .persist(async |rest| {
            let mut people = People::default();
            rest.lines(&path, |openid| people.add(openid)).await?;
            people.close();
            Ok(people)
        })
        .await
}

// How many of the missing do not follow any more.
async fn left(driver: &mut Driver, record: &Record, missing: &People) -> Result<u64, Error> {
    let path = driver.path(&format!("/campaigns/{}/recipients", record.id));
    let names: Vec<OpenId> = driver
        .persist(async |rest| {
            let mut names = Vec::new();
            rest.lines(&path, |openid| {
                if names.len() < MOST_LOOKED_UP
                    && missing.contains(openid)
                    && let Ok(openid) = OpenId::parse(openid)
                {
                    names.push(openid);
                }
            })
            .await?;
            Ok(names)
        })
        .await?;
    let mut left = 0;
    for openid in &names {
        left += u64::from(!driver.control().follows(openid).await?);
    }
    Ok(left)
}

/// Everybody of whom the ledger cannot say whether a slot is left.
///
/// # Errors
/// What the server refused.
pub async fn uncertain(driver: &mut Driver) -> Result<People, Error> {
    let slots = driver.path("/slots");
    let view: SlotsView = driver.persist(async |rest| rest.get(&slots).await).await?;
    let path = driver.path("/slots.csv");
    driver
        .persist(async |rest| {
            let mut people = People::default();
            rest.lines(&path, |line| {
                if let Some((openid, min, max)) = slots_line(line)
                    && min < view.cap
                    && view.cap <= max
                {
                    people.add(openid);
                }
            })
            .await?;
            people.close();
            Ok(people)
        })
        .await
}

/// Compares the ledger of a month, which must be the present one, with the truth.
///
/// # Errors
/// What either side refused.
pub async fn bracket(driver: &mut Driver, month: Month) -> Result<Bracket, Error> {
    let path = driver.path("/slots.csv");
    let ledger: Vec<(u64, u8, u8)> = driver
        .persist(async |rest| {
            let mut lines = Vec::new();
            rest.lines(&path, |line| {
                if let Some((openid, min, max)) = slots_line(line) {
                    lines.push((mark(openid), min, max));
                }
            })
            .await?;
            lines.sort_unstable();
            Ok(lines)
        })
        .await?;
    let mut bracket = Bracket::default();
    driver
        .control()
        .truth(month, |openid, used| {
            let mark = mark(openid);
            let range = ledger
                .binary_search_by_key(&mark, |line| line.0)
                .ok()
                .and_then(|at| ledger.get(at))
                .map(|(_, min, max)| (*min, *max));
            bracket.add(used, range);
        })
        .await?;
    Ok(bracket)
}

impl Bracket {
    /// Adds a person: messages received, and the ledger's range when it knows them.
    fn add(&mut self, used: u8, range: Option<(u8, u8)>) {
        self.people += 1;
        *self.received.entry(used).or_default() += 1;
        match range {
            Some((min, max)) if min == max && used == min => self.exact += 1,
            Some((min, max)) if (min..=max).contains(&used) => self.in_range += 1,
            range => {
                let (min, max) = range.unwrap_or((0, 0));
                self.outside += 1;
                self.difference +=
                    u64::from(min.saturating_sub(used)) + u64::from(used.saturating_sub(max));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> (People, u64) {
        let mut people = People::default();
        names.iter().for_each(|name| people.add(name));
        let doubled = people.close();
        (people, doubled)
    }

    #[test]
    fn who_came_twice_is_counted_once_and_told() {
        let (all, doubled) = people(&["oC", "oA", "oB", "oA", "oA"]);
        assert_eq!((all.len(), doubled), (3, 2));
        assert!(all.contains("oB") && !all.contains("oD"));
        let (some, _) = people(&["oA", "oD"]);
        assert_eq!(all.without(&some), people(&["oB", "oC"]).0);
        assert!(some.without(&all).contains("oD"));
    }

    #[test]
    fn the_export_has_a_heading() {
        assert_eq!(slots_line("openid,used_min,used_max"), None);
        assert_eq!(slots_line("oA,3,4"), Some(("oA", 3, 4)));
        assert_eq!(slots_line("oA,3"), None);
    }

    #[test]
    fn the_bracket_counts_by_distance() {
        let mut bracket = Bracket::default();
        for (used, range) in [
            (2, Some((2, 2))),
            (3, Some((3, 4))),
            (4, Some((3, 4))),
            (4, Some((1, 2))),
            (0, Some((1, 1))),
            (1, None),
            (0, None),
        ] {
            bracket.add(used, range);
        }
        assert_eq!((bracket.people, bracket.exact, bracket.in_range), (7, 1, 2));
        assert_eq!((bracket.outside, bracket.difference), (4, 2 + 1 + 1));
        assert_eq!(bracket.received[&4], 2);
    }
}
