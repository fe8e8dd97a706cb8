//! Shortest paths from the campaigns with too many recipients.

use super::Balance;
use super::graph::{FAR, Graph};
use crate::plan::layout::Layout;

/// Where no path comes from.
const NOWHERE: i32 = -1;

/// Shortest paths from all campaigns with too much.
pub(super) struct Paths {
    distance: Vec<i32>,
    /// The distance of nodes that are not settled yet, [`FAR`] for the others.
    open: Vec<i32>,
    before: Vec<i32>,
}

impl Paths {
    pub(super) fn new(nodes: usize) -> Self {
        Self { distance: vec![FAR; nodes], open: vec![FAR; nodes], before: vec![NOWHERE; nodes] }
    }

    /// The nearest node with too little, or none that can be reached.
    pub(super) fn shortest(
        &mut self,
        layout: &Layout,
        graph: &Graph,
        balance: &Balance,
        prices: &[i32],
    ) -> Option<usize> {
        let nodes = graph.nodes;
        let empty = graph.empty_place();
        self.before.fill(NOWHERE);
        for (distance, excess) in self.distance.iter_mut().zip(&balance.excess) {
            *distance = if *excess > 0 { 0 } else { FAR };
        }
        self.open.copy_from_slice(&self.distance);
        loop {
            let here = self.open.iter().copied().fold(FAR, i32::min);
            if here >= FAR {
                return None;
            }
            let node = self.open.iter().position(|open| *open == here)?;
            self.open[node] = FAR;
            if balance.excess[node] < 0 {
                return Some(node);
            }
            let arcs = &graph.cheapest[node * nodes..(node + 1) * nodes];
            self.relax(node, here - prices[node], here, arcs, prices);
            if node == empty {
                for (to, price) in prices.iter().enumerate().take(layout.wishes) {
                    if balance.through[to] > layout.least[to] {
                        self.reach(to, here + (*price).max(0), node);
                    }
                }
            } else if balance.through[node] < layout.most[node] {
                self.reach(empty, here + (-prices[node]).max(0), node);
            }
        }
    }

    fn reach(&mut self, to: usize, there: i32, from: usize) {
        if there < self.distance[to] {
            (self.distance[to], self.open[to]) = (there, there);
            self.before[to] = from as i32;
        }
    }

    fn relax(&mut self, node: usize, base: i32, here: i32, arcs: &[i32], prices: &[i32]) {
        let there = self.distance.iter_mut().zip(&mut self.open).zip(&mut self.before);
        for (((distance, open), before), (arc, price)) in there.zip(arcs.iter().zip(prices)) {
            // Rounding of the start can leave a move that gains; it then costs nothing.
            let far = (base + arc + price).max(here);
            let is_better = *arc < FAR && far < *distance;
            *distance = if is_better { far } else { *distance };
            *open = if is_better { far } else { *open };
            *before = if is_better { node as i32 } else { *before };
        }
    }

    /// Moves the prices so that no move gains after the path to `goal` was used.
    pub(super) fn lift(&self, prices: &mut [i32], goal: usize) {
        let reached = self.distance[goal];
        let empty = prices.len() - 1;
        let level = self.distance[empty].min(reached);
        for (price, distance) in prices[..empty].iter_mut().zip(&self.distance) {
            *price += level - (*distance).min(reached);
        }
    }

    /// The arcs of the path to `goal`, the last first.
    pub(super) fn arcs(&self, goal: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut node = goal;
        std::iter::from_fn(move || {
            let from = usize::try_from(self.before[node]).ok()?;
            let arc = (from, node);
            node = from;
            Some(arc)
        })
    }
}
