//! Moments, days and months. The platform lives on China Standard Time: UTC+8, no summer time
//! (`platform/01 §3.1`), so a day and a calendar month mean those of that zone everywhere.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::{self, Offset};
use serde::{Deserialize, Serialize};

const CHINA: Offset = tz::offset(8);
/// Seconds in a day; China Standard Time has no other kind.
pub const DAY_SECONDS: i64 = 86_400;

/// Text that is not a moment, day or month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a {wanted}")]
pub struct Unreadable {
    found: String,
    wanted: &'static str,
}

impl Unreadable {
    fn new(found: &str, wanted: &'static str) -> Self {
        Self { found: found.chars().take(80).collect(), wanted }
    }
}

/// A moment in whole seconds since 1970-01-01T00:00:00Z, as the platform counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The China Standard Time day this moment falls in.
    #[must_use]
    pub fn day(self) -> Day {
        Day((self.0 + 8 * 3600).div_euclid(DAY_SECONDS) as i32)
    }

    /// The China Standard Time month this moment falls in.
    #[must_use]
    pub fn month(self) -> Month {
        self.day().month()
    }

    /// Seconds since midnight, China Standard Time: 0…86,399.
    #[must_use]
    pub fn second_of_day(self) -> i64 {
        (self.0 + 8 * 3600).rem_euclid(DAY_SECONDS)
    }

    /// The moment this minute began.
    #[must_use]
    pub fn minute_start(self) -> Self {
        Self(self.0.div_euclid(60) * 60)
    }
}

impl Add<i64> for Timestamp {
    type Output = Self;
    /// Seconds later.
    fn add(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }
}

impl Sub for Timestamp {
    type Output = i64;
    /// Seconds between the two.
    fn sub(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Timestamp {
    /// `2026-03-02T10:00:00+08:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(moment) => {
                let civil = CHINA.to_datetime(moment);
                write!(f, "{}+08:00", civil.strftime("%Y-%m-%dT%H:%M:%S"))
            }
            Err(_) => write!(f, "second {}", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = Unreadable;

    /// Reads `2026-03-02T10:00:00+08:00` or any RFC 3339 moment; `2026-03-02 10:00[:00]` and
    /// `2026-03-02` are China Standard Time.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(moment.as_second()));
        }
        text.parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|civil| CHINA.to_timestamp(civil).ok())
            .map(|moment| Self(moment.as_second()))
            .ok_or_else(|| Unreadable::new(text, "moment such as 2026-03-02T10:00:00+08:00"))
    }
}

/// A day of China Standard Time, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day with this year, month 1…12 and day of month 1…31.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    /// The moment the day begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY_SECONDS - 8 * 3600)
    }

    /// The moment `hour:minute` of this day.
    #[must_use]
    pub fn at(self, hour: u32, minute: u32) -> Timestamp {
        self.start() + i64::from(hour) * 3600 + i64::from(minute) * 60
    }

    /// The following day.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The calendar month the day belongs to.
    #[must_use]
    pub fn month(self) -> Month {
        let date = self.date();
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// Day of the month, 1…31.
    #[must_use]
    pub fn of_month(self) -> u32 {
        self.date().day().unsigned_abs().into()
    }

    fn from_date(date: Date) -> Self {
        let midnight = date.at(0, 0, 0, 0);
        // Seconds as if the civil day were UTC: days since the epoch without any zone.
        let seconds = Offset::UTC.to_timestamp(midnight).map_or(0, |moment| moment.as_second());
        Self(seconds.div_euclid(DAY_SECONDS) as i32)
    }

    fn date(self) -> Date {
        jiff::Timestamp::from_second(i64::from(self.0) * DAY_SECONDS)
            .map_or(Date::MIN, |moment| Offset::UTC.to_datetime(moment).date())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}

impl FromStr for Day {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        text.trim()
            .parse::<Date>()
            .map(Self::from_date)
            .map_err(|_| Unreadable::new(text, "day such as 2026-03-02"))
    }
}

/// A calendar month (自然月) of China Standard Time: `year * 12 + month - 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub i32);

impl Month {
    /// The moment the month begins: when every follower's slots are renewed.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.first_day().start()
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        Day::new(self.year(), self.number(), 1).unwrap_or(Day(0))
    }

    /// The following month.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn year(self) -> i16 {
        self.0.div_euclid(12) as i16
    }

    fn number(self) -> i8 {
        self.0.rem_euclid(12) as i8 + 1
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        format!("{}-01", text.trim())
            .parse::<Day>()
            .map(Day::month)
            .map_err(|_| Unreadable::new(text, "month such as 2026-03"))
    }
}

macro_rules! serde_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
                target.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
serde_as_text!(Day);
serde_as_text!(Month);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_at_midnight_in_china() {
        let last: Timestamp = "2026-03-31T23:59:59+08:00".parse().unwrap();
        assert_eq!(last.month().to_string(), "2026-03");
        assert_eq!((last + 1).month().to_string(), "2026-04");
        assert_eq!((last + 1).month().start(), last + 1);
        assert_eq!(last.to_string(), "2026-03-31T23:59:59+08:00");
        assert_eq!(last.day().to_string(), "2026-03-31");
        assert_eq!(last.second_of_day(), 86_399);
    }

    #[test]
    fn moments_without_a_zone_are_china_time() {
        let with: Timestamp = "2026-03-02T10:00:00+08:00".parse().unwrap();
        assert_eq!("2026-03-02 10:00".parse::<Timestamp>().unwrap(), with);
        assert_eq!("2026-03-02".parse::<Timestamp>().unwrap(), with + -36_000);
        assert_eq!(Day::new(2026, 3, 2).unwrap().at(10, 0), with);
        assert!("soon".parse::<Timestamp>().is_err());
    }

    #[test]
    fn months_follow_each_other_over_new_year() {
        let december: Month = "2026-12".parse().unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!("1970-01".parse::<Month>().unwrap().start(), Timestamp(-8 * 3600));
        assert_eq!("2026-02-28".parse::<Day>().unwrap().next().to_string(), "2026-03-01");
    }
}
