//! How the work is run: on several threads, and on the widest registers there are.
//!
//! Work is cut into ranges, one a thread. Results come back in the order of the ranges, and all
//! that is added up is whole numbers, so the number of threads changes no answer.

use std::ops::Range;

use pulp::Arch;

/// How many threads a plan may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads(pub usize);

impl Default for Threads {
    /// As many as the machine has processors.
    fn default() -> Self {
        Self(std::thread::available_parallelism().map_or(1, usize::from))
    }
}

impl Threads {
    /// `0..n` in as many neighbouring ranges as there are threads; some may be empty.
    fn ranges(self, n: usize) -> Vec<Range<usize>> {
        let threads = self.0.max(1);
        (0..threads).map(|t| n * t / threads..n * (t + 1) / threads).collect()
    }

    /// Runs `work` on each range of `0..n`.
    pub(super) fn over<T: Send>(self, n: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
        let mut ranges = self.ranges(n);
        let Some(mine) = ranges.pop() else { return Vec::new() };
        if ranges.is_empty() {
            return vec![work(mine)];
        }
        let work = &work;
        std::thread::scope(|scope| {
            let others: Vec<_> =
                ranges.into_iter().map(|range| scope.spawn(move || work(range))).collect();
            let last = work(mine);
            let mut results: Vec<T> = others.into_iter().map(joined).collect();
            results.push(last);
            results
        })
    }

    /// Runs `work` on parts of `whole` cut at the ends of the ranges of `0..n`, where item `i`
    /// begins at `starts(i)`; `starts(n)` is the end.
    pub(super) fn over_parts<V: Send, T: Send>(
        self,
        n: usize,
        whole: &mut [V],
        starts: impl Fn(usize) -> usize,
        work: impl Fn(Range<usize>, &mut [V]) -> T + Sync,
    ) -> Vec<T> {
        let work = &work;
        std::thread::scope(|scope| {
            let mut rest = whole;
            let mut running = Vec::new();
            for range in self.ranges(n) {
                let (part, after) = rest.split_at_mut(starts(range.end) - starts(range.start));
                rest = after;
                running.push(scope.spawn(move || work(range, part)));
            }
            running.into_iter().map(joined).collect()
        })
    }
}

impl Threads {
    /// Runs `work` on each part, each on a thread of its own. There are to be no more parts than
    /// threads, as [`Self::over`] returns them.
    pub(super) fn each<P: Send, T: Send>(
        self,
        parts: Vec<P>,
        work: impl Fn(P) -> T + Sync,
    ) -> Vec<T> {
        let work = &work;
        std::thread::scope(|scope| {
            let running: Vec<_> =
                parts.into_iter().map(|part| scope.spawn(move || work(part))).collect();
            running.into_iter().map(joined).collect()
        })
    }

    /// Runs `work` on each item, neighbours on the same thread.
    pub(super) fn all<I: Sync, T: Send>(
        self,
        items: &[I],
        work: impl Fn(&I) -> T + Sync,
    ) -> Vec<T> {
        let parts =
            self.over(items.len(), |range| items[range].iter().map(&work).collect::<Vec<_>>());
        parts.into_iter().flatten().collect()
    }
}

/// What the thread returned; its panic, if it panicked, goes on here.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Runs `work`, compiled once for each set of instructions, in the version for the widest that
/// this processor has. The loops in `work` must be inlined into it.
#[inline(always)]
pub(super) fn widest<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}
