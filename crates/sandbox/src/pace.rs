//! How the sandbox's time passes: it stands still between moves by hand, follows the machine's
//! own, or runs a number of times as fast.
//!
//! A pace only says how far time should be. The world's time itself moves when somebody looks at
//! the world, over everything due on the way (`clock::catch_up`), so nobody ever sees a moment
//! before what was due by then has happened, and it never goes back.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use wire::Timestamp;

/// Fastest a clock runs: a month in under three seconds.
pub const MOST_FACTOR: u32 = 1_000_000;

/// The names of the paces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Stands still until it is moved by hand.
    #[serde(alias = "frozen")]
    Manual,
    /// Runs `factor` times as fast as the machine's own time.
    Running,
    /// The machine's own time.
    Real,
}

/// How time passes.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Not by itself.
    Manual,
    /// As the machine's own.
    Real,
    /// So many seconds in each second.
    Running {
        /// How many.
        factor: u32,
        /// The sandbox's time when it began to run.
        from: Timestamp,
        /// When that was.
        since: Instant,
    },
}

impl Pace {
    /// Runs from this moment on.
    #[must_use]
    pub fn running(factor: u32, from: Timestamp) -> Self {
        Self::Running { factor, from, since: Instant::now() }
    }

    /// Its name.
    #[must_use]
    pub fn mode(self) -> Mode {
        match self {
            Self::Manual => Mode::Manual,
            Self::Real => Mode::Real,
            Self::Running { .. } => Mode::Running,
        }
    }

    /// How many times as fast as the machine's own time, when it runs.
    #[must_use]
    pub fn factor(self) -> Option<u32> {
        match self {
            Self::Running { factor, .. } => Some(factor),
            _ => None,
        }
    }

    /// Where time should be by now; `None` when it moves by hand only.
    #[must_use]
    pub fn target(self) -> Option<Timestamp> {
        match self {
            Self::Manual => None,
            Self::Real => Some(wall_clock()),
            Self::Running { factor, from, since } => {
                let passed = since.elapsed().as_millis().saturating_mul(factor.into()) / 1_000;
                Some(from + i64::try_from(passed).unwrap_or(i64::MAX / 2))
            }
        }
    }

    /// Real time until the moment comes; `None` when it never comes by itself.
    #[must_use]
    pub fn until(self, at: Timestamp) -> Option<Duration> {
        let at = u64::try_from(at.0).unwrap_or(0);
        match self {
            Self::Manual => None,
            Self::Real => {
                let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Some(Duration::from_secs(at).saturating_sub(passed))
            }
            Self::Running { factor, from, since } => {
                let whole = at.saturating_sub(u64::try_from(from.0).unwrap_or(0));
                // Rounded up, so that whoever waits this long finds the moment there.
                let real = whole.saturating_mul(1_000).div_ceil(u64::from(factor.max(1)));
                Some(Duration::from_millis(real).saturating_sub(since.elapsed()))
            }
        }
    }

    /// The same pace taken up again at `now`, after a rest in a snapshot.
    #[must_use]
    pub fn resumed(self, now: Timestamp) -> Self {
        match self {
            Self::Running { factor, .. } => Self::running(factor, now),
            same => same,
        }
    }
}

/// The machine's own time.
#[must_use]
pub fn wall_clock() -> Timestamp {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(passed.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_clock_is_where_its_factor_takes_it() {
        let from = Timestamp(1_772_330_400);
        let since = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let pace = Pace::Running { factor: 360, from, since };
        let passed = pace.target().unwrap() - from;
        assert!((3_600..3_700).contains(&passed), "{passed}");
        let wait = pace.until(from + 7_200).unwrap();
        assert!((9_900..=10_000).contains(&wait.as_millis()), "{wait:?}");
        assert_eq!(pace.until(from), Some(Duration::ZERO));
        let resumed = pace.resumed(from + 60).target().unwrap() - from;
        assert!((60..100).contains(&resumed), "rest does not count: {resumed}");
    }

    #[test]
    fn by_hand_nothing_comes_by_itself() {
        assert_eq!(Pace::Manual.target(), None);
        assert_eq!(Pace::Manual.until(Timestamp(0)), None);
        assert!(Pace::Real.until(wall_clock() + 5).unwrap() <= Duration::from_secs(5));
    }
}
