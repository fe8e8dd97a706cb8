//! Campaigns as nodes, and the cheapest move of a follower from each to each.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::super::choice;
use super::super::layout::{LANES, Layout, NOT};
use super::super::price::Prices;
use super::super::threads::Threads;

/// More than any path costs.
pub(super) const FAR: i32 = i32::MAX / 4;

/// A group that may choose otherwise.
#[derive(Debug, Clone)]
pub(super) struct Near {
    /// Which group.
    pub group: u32,
    size: u32,
    /// Places of its followers that stay empty.
    empty: i64,
    /// Where its campaigns stand in the lists of [`Graph`].
    first: u32,
    end: u32,
    /// Whether its followers get anything but what they would choose at the prices of the start.
    pub is_moved: bool,
}

impl Near {
    fn rows(&self) -> Range<usize> {
        self.first as usize..self.end as usize
    }
}

/// A move: what it costs and who makes it, in one number that sorts by cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Move(u64);

impl Move {
    fn new(cost: i32, near: u32) -> Self {
        Self(u64::from((cost as u32) ^ (1 << 31)) << 32 | u64::from(near))
    }

    fn cost(self) -> i32 {
        ((self.0 >> 32) as u32 ^ (1 << 31)) as i32
    }

    fn near(self) -> u32 {
        self.0 as u32
    }
}

/// Campaigns as nodes; the last node is an empty place.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// How many nodes.
    pub nodes: usize,
    near: Vec<Near>,
    wishes: Vec<u8>,
    worths: Vec<i16>,
    units: Vec<u32>,
    /// For each arc the moves, cheapest first; those that are no longer possible stay in until
    /// they come to the top.
    moves: Vec<BinaryHeap<Reverse<Move>>>,
    /// The cheapest possible move of each arc, [`FAR`] when there is none.
    pub cheapest: Vec<i32>,
    mover: Vec<u32>,
}

/// What building a graph changed in the choices it started from, because an earlier graph's moves
/// were as good.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// Recipients more of each campaign.
    pub recipients: Vec<i64>,
    /// Worth more.
    pub value: i64,
}

/// A stretch of the groups of a graph, built on one thread.
struct Part {
    graph: Graph,
    arcs: Vec<Vec<Reverse<Move>>>,
    carried: Carried,
}

impl Graph {
    /// The graph of the groups in `near`, with the moves that lose at most `width` at `start`.
    /// Groups that stand in `before` keep what they got there if at these prices nothing is better.
    pub(super) fn new(
        layout: &Layout,
        start: &Prices,
        near: &[u32],
        width: i32,
        before: Option<&Self>,
        threads: Threads,
    ) -> (Self, Carried) {
        let nodes = layout.wishes + 1;
        let parts = threads.over(near.len(), |range| {
            let mut part = Part {
                graph: Self { nodes, ..Self::default() },
                arcs: vec![Vec::new(); nodes * nodes],
                carried: Carried { recipients: vec![0; layout.wishes], value: 0 },
            };
            let mut earlier = before.map_or([].as_slice(), |before| &before.near).iter();
            let mut next = earlier.next();
            for id in range {
                while next.is_some_and(|earlier| earlier.group < near[id]) {
                    next = earlier.next();
                }
                let same = next.filter(|earlier| earlier.group == near[id]);
                part.add(layout, start, near[id], before.zip(same));
                part.offer_all(start, id as u32, width);
            }
            part
        });
        let mut graph = Self { nodes, ..Self::default() };
        let mut carried = Carried { recipients: vec![0; layout.wishes], value: 0 };
        let mut arcs = Vec::with_capacity(parts.len());
        for part in parts {
            let base = graph.wishes.len() as u32;
            graph.wishes.extend(part.graph.wishes);
            graph.worths.extend(part.graph.worths);
            graph.units.extend(part.graph.units);
            graph.near.extend(part.graph.near.into_iter().map(|near| Near {
                first: near.first + base,
                end: near.end + base,
                ..near
            }));
            arcs.push(part.arcs);
            carried.value += part.carried.value;
            for (sum, more) in carried.recipients.iter_mut().zip(part.carried.recipients) {
                *sum += more;
            }
        }
        let heaps = threads.over(nodes * nodes, |range| {
            let whole = |arc: usize| arcs.iter().flat_map(|part| &part[arc]).copied().collect();
            range.map(whole).collect::<Vec<BinaryHeap<_>>>()
        });
        graph.moves = heaps.into_iter().flatten().collect();
        graph.cheapest = vec![FAR; nodes * nodes];
        graph.mover = vec![0; nodes * nodes];
        (0..nodes * nodes).for_each(|arc| graph.refresh(arc));
        (graph, carried)
    }

    /// The node that stands for an empty place.
    pub(super) fn empty_place(&self) -> usize {
        self.nodes - 1
    }

    /// Who makes the cheapest move of the arc.
    pub(super) fn mover(&self, arc: usize) -> u32 {
        self.mover[arc]
    }

    /// The groups whose followers get something else than they would choose, and what: campaign
    /// and number of the group's followers.
    pub(super) fn moved(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (u8, u32)>)> {
        self.near.iter().filter(|near| near.is_moved).map(|near| {
            let takes = near.rows().map(|row| (self.wishes[row], self.units[row]));
            (near.group, takes.filter(|(_, units)| *units > 0))
        })
    }

    fn row(&self, near: u32, wish: usize) -> Option<usize> {
        let rows = self.near[near as usize].rows();
        let found = self.wishes[rows.clone()].binary_search(&(wish as u8)).ok()?;
        Some(rows.start + found)
    }

    /// The row of a node; none for the empty place.
    fn row_of_node(&self, near: u32, node: usize) -> Option<usize> {
        if node == self.empty_place() { None } else { self.row(near, node) }
    }

    /// How many followers of the group can move so.
    pub(super) fn room(&self, near: u32, from: usize, to: usize) -> i64 {
        let group = &self.near[near as usize];
        let gives = match self.row_of_node(near, from) {
            Some(row) => i64::from(self.units[row]),
            None => group.empty,
        };
        if gives == 0 {
            return 0;
        }
        let takes = match self.row_of_node(near, to) {
            Some(row) => i64::from(group.size - self.units[row]),
            None => i64::MAX,
        };
        gives.min(takes)
    }

    /// What a group loses by the move.
    pub(super) fn cost(&self, near: u32, from: usize, to: usize) -> i32 {
        let worth =
            |node| self.row_of_node(near, node).map_or(0, |row| i32::from(self.worths[row]));
        worth(from) - worth(to)
    }

    fn offer(&mut self, near: u32, from: usize, to: usize, cost: i32) {
        let arc = from * self.nodes + to;
        self.moves[arc].push(Reverse(Move::new(cost, near)));
        if cost < self.cheapest[arc] {
            self.cheapest[arc] = cost;
            self.mover[arc] = near;
        }
    }

    fn refresh(&mut self, arc: usize) {
        let (from, to) = (arc / self.nodes, arc % self.nodes);
        while let Some(Reverse(top)) = self.moves[arc].peek().copied() {
            if self.room(top.near(), from, to) > 0 {
                self.cheapest[arc] = top.cost();
                self.mover[arc] = top.near();
                return;
            }
            self.moves[arc].pop();
        }
        self.cheapest[arc] = FAR;
    }

    /// Moves `amount` followers of a group, and brings arcs up to date.
    ///
    /// A move becomes possible when its campaign is given to the first follower of the group, or
    /// taken from the last; only then it is offered.
    pub(super) fn carry_out(&mut self, near: u32, from: usize, to: usize, amount: i64) {
        let (row_from, row_to) = (self.row_of_node(near, from), self.row_of_node(near, to));
        let group = &mut self.near[near as usize];
        group.is_moved = true;
        let (size, rows) = (group.size, group.rows());
        let had_none = match row_to {
            Some(row) => {
                self.units[row] += amount as u32;
                i64::from(self.units[row]) == amount
            }
            None => {
                group.empty += amount;
                group.empty == amount
            }
        };
        let had_all = match row_from {
            Some(row) => {
                self.units[row] -= amount as u32;
                i64::from(self.units[row]) + amount == i64::from(size)
            }
            None => {
                group.empty -= amount;
                false
            }
        };
        let (empty_places, empty) = (group.empty, self.empty_place());
        let worth = |row: Option<usize>| row.map_or(0, |row| i32::from(self.worths[row]));
        let (worth_from, worth_to) = (worth(row_from), worth(row_to));
        for row in rows.clone() {
            let other = usize::from(self.wishes[row]);
            let worth = i32::from(self.worths[row]);
            if had_none && other != to && self.units[row] < size {
                self.offer(near, to, other, worth_to - worth);
            }
            if had_all && other != from && self.units[row] > 0 {
                self.offer(near, other, from, worth - worth_from);
            }
        }
        if had_none && to != empty {
            self.offer(near, to, empty, worth_to);
        }
        if had_all && empty_places > 0 {
            self.offer(near, empty, from, -worth_from);
        }
        let gives_no_more = row_from.map_or(empty_places == 0, |row| self.units[row] == 0);
        let takes_no_more = row_to.is_some_and(|row| self.units[row] == size);
        for row in rows.map(Some).chain([None]) {
            let other = row.map_or(empty, |row| usize::from(self.wishes[row]));
            for (is_over, arc) in [
                (gives_no_more, from * self.nodes + other),
                (takes_no_more, other * self.nodes + to),
            ] {
                if is_over && self.mover[arc] == near && self.cheapest[arc] < FAR {
                    self.refresh(arc);
                }
            }
        }
    }

    /// Whether at the prices no follower of the group would gain by getting something else.
    fn is_best(&self, near: &Near, prices: &Prices) -> bool {
        let (mut least_taken, mut most_left) = (i32::MAX, i32::MIN);
        for row in near.rows() {
            let price = prices[usize::from(self.wishes[row])];
            let reduced = i32::from(self.worths[row]) - i32::from(price);
            if self.units[row] > 0 {
                least_taken = least_taken.min(reduced);
            }
            if self.units[row] < near.size {
                most_left = most_left.max(reduced);
            }
        }
        least_taken >= 0 && most_left <= least_taken && (near.empty == 0 || most_left <= 0)
    }
}

impl Part {
    /// Adds a group, with what it got in an earlier graph or with its choice.
    fn add(
        &mut self,
        layout: &Layout,
        start: &Prices,
        group: u32,
        earlier: Option<(&Graph, &Near)>,
    ) {
        let (block, lane) = (layout.block(group as usize / LANES), group as usize % LANES);
        let taken = choice::taken(&block, lane, start);
        let size = block.sizes[lane];
        let graph = &mut self.graph;
        let first = graph.wishes.len();
        for (row, (worths, wish)) in block.worths.iter().zip(block.rows).enumerate() {
            if worths[lane] != NOT {
                graph.wishes.push(*wish);
                graph.worths.push(worths[lane]);
                graph.units.push(if taken.contains(row) { size } else { 0 });
            }
        }
        let mut near = Near {
            group,
            size,
            empty: i64::from(size) * (i64::from(block.places[lane]) - taken.len() as i64),
            first: first as u32,
            end: graph.wishes.len() as u32,
            is_moved: false,
        };
        if let Some((before, earlier)) = earlier
            && before.is_best(earlier, start)
        {
            self.carry(&mut near, before, earlier);
        }
        self.graph.near.push(near);
    }

    /// Gives a new group what an earlier graph gave it.
    fn carry(&mut self, near: &mut Near, before: &Graph, earlier: &Near) {
        for (row, from) in near.rows().zip(earlier.rows()) {
            let more = i64::from(before.units[from]) - i64::from(self.graph.units[row]);
            if more != 0 {
                near.is_moved = true;
                self.graph.units[row] = before.units[from];
                self.carried.recipients[usize::from(self.graph.wishes[row])] += more;
                self.carried.value += more * i64::from(self.graph.worths[row]);
            }
        }
        near.empty = earlier.empty;
    }

    /// Offers the moves of the last group that lose at most `width`.
    fn offer_all(&mut self, start: &Prices, id: u32, width: i32) {
        let graph = &self.graph;
        let Some(near) = graph.near.last() else { return };
        let (nodes, empty) = (graph.nodes, graph.empty_place());
        let reduced = |row: usize| {
            let wish = usize::from(graph.wishes[row]);
            (wish, i32::from(graph.worths[row]), i32::from(start[wish]))
        };
        for from in near.rows() {
            let (wish, worth, price) = reduced(from);
            if near.empty > 0 && graph.units[from] < near.size && price - worth <= width {
                self.arcs[empty * nodes + wish].push(Reverse(Move::new(-worth, id)));
            }
            if graph.units[from] == 0 {
                continue;
            }
            if worth - price <= width {
                self.arcs[wish * nodes + empty].push(Reverse(Move::new(worth, id)));
            }
            for to in near.rows().filter(|to| *to != from && graph.units[*to] < near.size) {
                let (to, other, price_there) = reduced(to);
                if (worth - price) - (other - price_there) <= width {
                    self.arcs[wish * nodes + to].push(Reverse(Move::new(worth - other, id)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_sort_by_what_they_cost() {
        let moves = [(-70_000, 9), (-1, 3), (0, 2), (0, 3), (5, 0), (70_000, 1)];
        let numbers: Vec<Move> = moves.iter().map(|(cost, near)| Move::new(*cost, *near)).collect();
        assert!(numbers.is_sorted());
        for (number, (cost, near)) in numbers.iter().zip(moves) {
            assert_eq!((number.cost(), number.near()), (cost, near));
        }
    }
}
