//! How fast mass jobs run (`platform/03 §5.4`): five levels, chosen by the account. The level that
//! is set when a job is accepted holds for it (assumed).

use serde::{Deserialize, Serialize};

use super::protection;
use crate::account::Account;
use crate::api::refusal::Refused;
use crate::api::{Answer, Call, Scene, answer, done};

/// Recipients a minute of each level, the fastest first.
const RECIPIENTS_PER_MINUTE: [u64; 5] = [800_000, 600_000, 450_000, 300_000, 100_000];
/// `realspeed` counts in this many a minute.
const REAL_UNIT: u64 = 10_000;

/// A level; 0 is the fastest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Speed(usize);

/// The level the account chose, or the one it has without choosing.
#[must_use]
pub fn of(account: &Account) -> Speed {
    account.speed.unwrap_or(Speed(account.assumptions.mass_speed))
}

impl Speed {
    fn per_minute(self) -> u64 {
        RECIPIENTS_PER_MINUTE.get(self.0).copied().unwrap_or(RECIPIENTS_PER_MINUTE[0])
    }

    /// Seconds that so many recipients take.
    #[must_use]
    pub fn seconds(self, recipients: u64) -> i64 {
        i64::try_from(recipients.saturating_mul(60) / self.per_minute()).unwrap_or(i64::MAX)
    }
}

#[derive(Serialize)]
struct Told {
    speed: usize,
    realspeed: u64,
}

/// `speed/get`.
///
/// # Errors
/// 89504 and 89505 while a send waits for the administrator.
pub fn get(scene: &mut Scene<'_>) -> Answer {
    protection::check(scene.account)?;
    let speed = of(scene.account);
    answer(&Told { speed: speed.0, realspeed: speed.per_minute() / REAL_UNIT })
}

#[derive(Deserialize)]
struct SetRequest {
    #[serde(default)]
    speed: Option<i64>,
}

/// `speed/set`.
///
/// # Errors
/// 45084 without a level, 45083 when there is no such level, 89504 and 89505 as [`get`].
pub fn set(call: &Call, scene: &mut Scene<'_>) -> Answer {
    protection::check(scene.account)?;
    let level = call.json::<SetRequest>()?.speed.ok_or(Refused::new(45084))?;
    let level = usize::try_from(level).ok().filter(|level| *level < RECIPIENTS_PER_MINUTE.len());
    scene.account.speed = Some(Speed(level.ok_or(Refused::new(45083))?));
    done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_takes_over_a_minute_at_best_and_ten_at_worst() {
        assert_eq!(Speed::default().seconds(1_000_000), 75);
        assert_eq!(Speed(4).seconds(1_000_000), 600);
        assert_eq!(Speed(4).seconds(0), 0);
    }
}
