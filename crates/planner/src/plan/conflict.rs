//! Leasts that cannot all be met: which of them contradict each other.

use super::finish::{self, Finished};
use super::layout::Layout;
use super::question::{Question, Wish, Worth};
use super::threads::Threads;

/// Leasts that ask for more places than there are. The plan then meets them as far as it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Campaigns whose leasts ask too much together, whatever the others want; without any one of
    /// them the rest could be met.
    pub wishes: Vec<usize>,
    /// How many recipients they lack, together.
    pub lacking: u64,
    /// Recipients each campaign of the plan lacks to its least, in the order of the wishes.
    pub short: Vec<u64>,
}

impl Conflict {
    /// Notes what a plan could not meet.
    pub(super) fn note(conflict: &mut Option<Self>, finished: &Finished) {
        let conflict = conflict.get_or_insert_with(|| Self {
            wishes: Vec::new(),
            lacking: 0,
            short: vec![0; finished.short.len()],
        });
        if conflict.wishes.is_empty() {
            conflict.wishes.clone_from(&finished.conflicting);
        }
        for (sum, short) in conflict.short.iter_mut().zip(&finished.short) {
            *sum += short.unsigned_abs();
            conflict.lacking += short.unsigned_abs();
        }
    }

    /// Leaves out, one by one, every campaign without which the others still contradict each
    /// other. Only places count for that, not worths.
    pub(super) fn narrow(&mut self, places: &[u8], wishes: &[&Wish], threads: Threads) {
        let named: Vec<Wish> = self
            .wishes
            .iter()
            .map(|wish| Wish {
                audience: wishes[*wish].audience.clone(),
                worth: Worth::Same(0),
                least: wishes[*wish].least,
                most: None,
            })
            .collect();
        let question = Question { places, classes: &[], wishes: &named };
        let mut layout = Layout::new(&question, threads);
        let mut needed = Vec::new();
        for (number, wish) in self.wishes.iter().enumerate() {
            let least = std::mem::take(&mut layout.least[number]);
            if can_be_met(&layout, threads) {
                layout.least[number] = least;
                needed.push(*wish);
            }
        }
        self.wishes = needed;
    }
}

/// Whether all leasts can be met together.
fn can_be_met(layout: &Layout, threads: Threads) -> bool {
    // Nothing is worth anything here, so that a width of one sees every move.
    finish::finish(layout, &[0; 256], 1, None, threads).is_lawful()
}
