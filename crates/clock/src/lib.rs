//! One clock for every part. All time goes through [`Clock`]: the system's, or one moved by hand,
//! so that a month runs in seconds. Nothing else asks the system for the time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use wire::Timestamp;

/// Where a part reads the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's.
    Real,
    /// Moved by hand.
    Virtual(VirtualClock),
}

/// A clock that stands until someone moves it; it never goes back.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    now: Arc<watch::Sender<Timestamp>>,
}

impl VirtualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self { now: Arc::new(watch::Sender::new(start)) }
    }

    /// Moves the clock forward to `to`; an earlier moment leaves it where it stands.
    pub fn advance_to(&self, to: Timestamp) {
        self.now.send_if_modified(|now| {
            let moved = to > *now;
            *now = (*now).max(to);
            moved
        });
    }
}

impl Clock {
    /// A virtual clock that stands at `start`.
    #[must_use]
    pub fn standing_at(start: Timestamp) -> Self {
        Self::Virtual(VirtualClock::new(start))
    }

    /// The moment it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => {
                let since = SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .unwrap_or(Duration::ZERO);
                Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
            }
            Self::Virtual(clock) => *clock.now.borrow(),
        }
    }

    /// Waits until the clock shows `moment` or later.
    pub async fn sleep_until(&self, moment: Timestamp) {
        match self {
            Self::Real => loop {
                let left = moment - self.now();
                if left <= 0 {
                    return;
                }
                // In short steps, so that a system clock set anew is noticed.
                let step = u64::try_from(left).unwrap_or(0).min(30);
                tokio::time::sleep(Duration::from_secs(step)).await;
            },
            Self::Virtual(clock) => {
                let mut shown = clock.now.subscribe();
                // Fails only when the sender is gone, and this clock holds one.
                let _ = shown.wait_for(|now| *now >= moment).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_when_the_clock_is_moved_past_them() {
        let hand = VirtualClock::new(Timestamp(100));
        let clock = Clock::Virtual(hand.clone());
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep_until(Timestamp(200)).await;
                clock.now()
            }
        });
        hand.advance_to(Timestamp(150));
        hand.advance_to(Timestamp(120));
        assert_eq!(clock.now(), Timestamp(150));
        hand.advance_to(Timestamp(201));
        assert_eq!(sleeper.await.unwrap(), Timestamp(201));
    }
}
