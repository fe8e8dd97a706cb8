//! The bell of a reconciler: rung by whoever changed something, and a way to wait until all that
//! was rung for has been looked at. A ring is never lost: the worker reads the count before its
//! round, and starts another round while the count is ahead of what it served.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct Signal {
    rung: watch::Sender<u64>,
    served: watch::Sender<u64>,
    next: AtomicU64,
}

impl Signal {
    pub(crate) fn new() -> Self {
        // One ring is owed from the start: the first round is the recovery after a crash.
        Self { rung: watch::Sender::new(1), served: watch::Sender::new(0), next: AtomicU64::new(2) }
    }

    /// Asks for a round; the returned count is served when a round begun after now has ended.
    pub(crate) fn ring(&self) -> u64 {
        let count = self.next.fetch_add(1, Ordering::SeqCst);
        self.rung.send_if_modified(|rung| {
            let newer = count > *rung;
            *rung = (*rung).max(count);
            newer
        });
        count
    }

    /// How often it was rung so far.
    pub(crate) fn rung(&self) -> u64 {
        *self.rung.borrow()
    }

    /// Says that all rings up to `count` have been looked at.
    pub(crate) fn serve(&self, count: u64) {
        self.served.send_if_modified(|served| {
            let newer = count > *served;
            *served = (*served).max(count);
            newer
        });
    }

    /// Whether no ring is waiting.
    pub(crate) fn is_quiet(&self) -> bool {
        *self.served.borrow() >= self.rung()
    }

    /// Returns when a ring later than `count` has come.
    pub(crate) async fn rung_after(&self, count: u64) {
        let mut rung = self.rung.subscribe();
        // Fails only when the sender is gone, and `self` holds it.
        let _ = rung.wait_for(|rung| *rung > count).await;
    }

    /// Returns when every ring up to `count` has been served.
    pub(crate) async fn served(&self, count: u64) {
        let mut served = self.served.subscribe();
        let _ = served.wait_for(|served| *served >= count).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_during_a_round_asks_for_another() {
        let signal = Signal::new();
        let first = signal.rung();
        let during = signal.ring();
        signal.serve(first);
        assert!(!signal.is_quiet());
        signal.rung_after(first).await;
        signal.serve(during);
        signal.served(during).await;
        assert!(signal.is_quiet());
    }
}
