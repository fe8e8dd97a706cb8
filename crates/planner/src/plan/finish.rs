//! The exact end of a plan: from good prices to a plan that nothing beats.
//!
//! At the prices found, some campaigns are taken by too many followers and some by too few. Each
//! move of one follower from campaign `a` to `b` costs the difference of their worths, whatever
//! the prices; so it is enough to look at a graph whose nodes are the campaigns and *nothing*
//! (an empty place), whose arc `a → b` is the cheapest move there is, and to send what is too much
//! along shortest paths to where it lacks. Every path found changes the prices by just as much as
//! keeps all remaining moves from gaining, so that at the end plan and bound meet.
//!
//! Only groups that could choose otherwise within a `width` of the prices are looked at. When the
//! bound does not meet the plan the width was too small, and the caller asks again with a wider
//! one, starting at the better prices.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::choice::{self, tally};
use super::layout::{LANES, Layout, NOT};
use super::price::{PRICE_LIMIT, Prices};
use super::threads::Threads;

/// More than any path costs.
const FAR: i32 = i32::MAX / 4;

/// A plan as the groups that differ from their choice at `chosen_at`.
pub(super) struct Finished {
    /// The prices at which all groups chose.
    pub chosen_at: Prices,
    /// The groups that were looked at, and how many of their followers get each campaign.
    pub moved: Vec<Moved>,
    /// The prices the plan was proven at, or would be.
    pub prices: Vec<i32>,
    /// What the plan is worth.
    pub value: i64,
    /// Recipients each campaign lacks to its least; all zero when the wishes can be met.
    pub short: Vec<i64>,
    /// When some lack recipients: campaigns whose leasts together ask for more than there is.
    pub conflicting: Vec<usize>,
}

/// One group's part of the plan.
pub(super) struct Moved {
    /// Which group.
    pub group: u32,
    /// Campaign and number of the group's followers that get it.
    pub takes: Vec<(u8, u32)>,
}

/// A group that may choose otherwise.
struct Near {
    group: u32,
    size: i64,
    /// Places of its followers that stay empty.
    empty: i64,
    /// Where its campaigns stand in the lists of [`Graph`].
    rows: std::ops::Range<usize>,
}

/// Campaigns as nodes; the last node is an empty place.
struct Graph {
    nodes: usize,
    near: Vec<Near>,
    wishes: Vec<u8>,
    worths: Vec<i16>,
    units: Vec<u32>,
    /// For each arc the moves, cheapest first; those that are no longer possible stay in until
    /// they come to the top.
    moves: Vec<BinaryHeap<Reverse<(i32, u32)>>>,
    /// The cheapest possible move of each arc, [`FAR`] when there is none.
    cheapest: Vec<i32>,
    mover: Vec<u32>,
}

impl Graph {
    fn empty_place(&self) -> usize {
        self.nodes - 1
    }

    fn row(&self, near: u32, wish: usize) -> Option<usize> {
        let rows = self.near[near as usize].rows.clone();
        let found = self.wishes[rows.clone()].binary_search(&(wish as u8)).ok()?;
        Some(rows.start + found)
    }

    /// How many followers of the group can move so.
    fn room(&self, near: u32, from: usize, to: usize) -> i64 {
        let group = &self.near[near as usize];
        let gives = if from == self.empty_place() {
            group.empty
        } else {
            self.row(near, from).map_or(0, |row| i64::from(self.units[row]))
        };
        let takes = if to == self.empty_place() {
            i64::MAX
        } else {
            self.row(near, to).map_or(0, |row| group.size - i64::from(self.units[row]))
        };
        gives.min(takes)
    }

    fn worth(&self, near: u32, node: usize) -> i32 {
        self.row(near, node).map_or(0, |row| i32::from(self.worths[row]))
    }

    fn offer(&mut self, near: u32, from: usize, to: usize) {
        if self.room(near, from, to) <= 0 {
            return;
        }
        let cost = self.worth(near, from) - self.worth(near, to);
        let arc = from * self.nodes + to;
        self.moves[arc].push(Reverse((cost, near)));
        if cost < self.cheapest[arc] {
            self.cheapest[arc] = cost;
            self.mover[arc] = near;
        }
    }

    fn refresh(&mut self, arc: usize) {
        let (from, to) = (arc / self.nodes, arc % self.nodes);
        while let Some(Reverse((cost, near))) = self.moves[arc].peek().copied() {
            if self.room(near, from, to) > 0 {
                self.cheapest[arc] = cost;
                self.mover[arc] = near;
                return;
            }
            self.moves[arc].pop();
        }
        self.cheapest[arc] = FAR;
    }

    /// Moves `amount` followers of a group, and brings arcs up to date.
    fn carry_out(&mut self, near: u32, from: usize, to: usize, amount: i64) {
        let empty = self.empty_place();
        match self.row(near, from) {
            Some(row) if from != empty => self.units[row] -= amount as u32,
            _ => self.near[near as usize].empty -= amount,
        }
        match self.row(near, to) {
            Some(row) if to != empty => self.units[row] += amount as u32,
            _ => self.near[near as usize].empty += amount,
        }
        let rows = self.near[near as usize].rows.clone();
        let others: Vec<usize> = self.wishes[rows]
            .iter()
            .map(|wish| usize::from(*wish))
            .chain(std::iter::once(empty))
            .collect();
        for other in &others {
            if *other != to {
                self.offer(near, to, *other);
            }
            if *other != from {
                self.offer(near, *other, from);
            }
        }
        for other in others {
            for arc in [from * self.nodes + other, other * self.nodes + to] {
                if self.mover[arc] == near && self.cheapest[arc] < FAR {
                    self.refresh(arc);
                }
            }
        }
    }
}

/// The smallest of the sets of campaigns, one for each that lacks recipients, from which nobody
/// can be moved to it without leaving another of them short, and to which nobody can be moved.
fn conflicting(layout: &Layout, graph: &Graph, balance: &Balance) -> Vec<usize> {
    let empty = graph.empty_place();
    let gives = |from: usize, to: usize| {
        graph.cheapest[from * graph.nodes + to] < FAR
            || from == empty && to != empty && balance.through[to] > layout.least[to]
            || to == empty && from != empty && balance.through[from] < layout.most[from]
    };
    let feeds = |goal: usize| {
        let mut fed = vec![false; graph.nodes];
        fed[goal] = true;
        let mut open = vec![goal];
        while let Some(to) = open.pop() {
            for (from, is_fed) in fed.iter_mut().enumerate() {
                if !*is_fed && gives(from, to) {
                    *is_fed = true;
                    open.push(from);
                }
            }
        }
        (0..layout.wishes).filter(|wish| fed[*wish] && layout.least[*wish] > 0).collect::<Vec<_>>()
    };
    let lacking = (0..layout.wishes).filter(|wish| balance.excess[*wish] < 0);
    lacking.map(feeds).min_by_key(Vec::len).unwrap_or_default()
}

/// How much flows through each campaign, and what is still too much (or too little, below zero).
struct Balance {
    through: Vec<i64>,
    excess: Vec<i64>,
}

/// Ends the plan begun at `start`.
pub(super) fn finish(layout: &Layout, start: &Prices, width: i32, threads: Threads) -> Finished {
    let tally = tally(layout, start, width, threads);
    let mut prices: Vec<i32> =
        start[..layout.wishes].iter().map(|price| i32::from(*price)).collect();
    let mut balance = balance(layout, &prices, &tally.recipients);
    let mut graph = build(layout, start, &tally.near, width);
    prices.push(0);
    let mut value = tally.value;
    let mut recipients = tally.recipients;
    let mut paths = Paths::new(graph.nodes);
    while balance.excess.iter().any(|excess| *excess > 0) {
        let Some(goal) = paths.shortest(layout, &graph, &balance, &prices) else { break };
        let amount = augment(layout, &mut graph, &mut balance, &paths, &prices, goal);
        paths.lift(&mut prices, goal);
        value -= amount.cost;
        for (wish, change) in amount.changes {
            recipients[wish] += change;
        }
    }
    let conflicting = conflicting(layout, &graph, &balance);
    let short = (0..layout.wishes).map(|wish| (layout.least[wish] - recipients[wish]).max(0));
    let short = short.collect();
    prices.truncate(layout.wishes);
    for (wish, price) in prices.iter_mut().enumerate() {
        // A campaign without that limit can have no such price.
        if layout.most[wish] == i64::MAX {
            *price = (*price).min(0);
        }
        if layout.least[wish] == 0 {
            *price = (*price).max(0);
        }
    }
    let moved = graph
        .near
        .iter()
        .map(|near| Moved {
            group: near.group,
            takes: near
                .rows
                .clone()
                .filter(|row| graph.units[*row] > 0)
                .map(|row| (graph.wishes[row], graph.units[row]))
                .collect(),
        })
        .collect();
    Finished { chosen_at: *start, moved, prices, value, short, conflicting }
}

/// Every campaign's flow is its most where the price is above zero, its least where below, and
/// what followers took, within both, where it is zero.
fn balance(layout: &Layout, prices: &[i32], recipients: &[i64]) -> Balance {
    let through: Vec<i64> = (0..layout.wishes)
        .map(|wish| match prices[wish] {
            0 => recipients[wish].clamp(layout.least[wish], layout.most[wish]),
            price if price > 0 => layout.most[wish],
            _ => layout.least[wish],
        })
        .collect();
    let mut excess: Vec<i64> =
        recipients.iter().zip(&through).map(|(taken, through)| taken - through).collect();
    excess.push(-excess.iter().sum::<i64>());
    Balance { through, excess }
}

fn build(layout: &Layout, start: &Prices, near: &[u32], width: i32) -> Graph {
    let nodes = layout.wishes + 1;
    let mut graph = Graph {
        nodes,
        near: Vec::with_capacity(near.len()),
        wishes: Vec::new(),
        worths: Vec::new(),
        units: Vec::new(),
        moves: Vec::new(),
        cheapest: vec![FAR; nodes * nodes],
        mover: vec![0; nodes * nodes],
    };
    let mut moves: Vec<Vec<Reverse<(i32, u32)>>> = vec![Vec::new(); nodes * nodes];
    for group in near {
        let (block, lane) = (layout.block(*group as usize / LANES), *group as usize % LANES);
        let taken = choice::taken(&block, lane, start);
        let size = i64::from(block.sizes[lane]);
        let id = graph.near.len() as u32;
        let first = graph.wishes.len();
        for (row, (worths, wish)) in block.worths.iter().zip(block.rows).enumerate() {
            if worths[lane] != NOT {
                graph.wishes.push(*wish);
                graph.worths.push(worths[lane]);
                graph.units.push(if taken.contains(row) { size as u32 } else { 0 });
            }
        }
        let rows = first..graph.wishes.len();
        let empty = (i64::from(block.places[lane]) - taken.len() as i64) * size;
        for from in rows.clone() {
            let worth = i32::from(graph.worths[from]);
            let wish = usize::from(graph.wishes[from]);
            let reduced = worth - i32::from(start[wish]);
            if graph.units[from] == 0 {
                if empty > 0 && -reduced <= width {
                    moves[(nodes - 1) * nodes + wish].push(Reverse((-worth, id)));
                }
                continue;
            }
            if reduced <= width {
                moves[wish * nodes + nodes - 1].push(Reverse((worth, id)));
            }
            for to in rows.clone().filter(|to| graph.units[*to] == 0) {
                let other = i32::from(graph.worths[to]);
                let to = usize::from(graph.wishes[to]);
                if reduced - (other - i32::from(start[to])) <= width {
                    moves[wish * nodes + to].push(Reverse((worth - other, id)));
                }
            }
        }
        graph.near.push(Near { group: *group, size, empty, rows });
    }
    graph.moves = moves.into_iter().map(BinaryHeap::from).collect();
    for arc in 0..nodes * nodes {
        graph.refresh(arc);
    }
    graph
}

/// Shortest paths from all campaigns with too much.
struct Paths {
    distance: Vec<i32>,
    done: Vec<bool>,
    before: Vec<usize>,
}

const NOWHERE: usize = usize::MAX;

impl Paths {
    fn new(nodes: usize) -> Self {
        Self { distance: vec![FAR; nodes], done: vec![false; nodes], before: vec![NOWHERE; nodes] }
    }

    /// The nearest node with too little, or none that can be reached.
    fn shortest(
        &mut self,
        layout: &Layout,
        graph: &Graph,
        balance: &Balance,
        prices: &[i32],
    ) -> Option<usize> {
        let nodes = graph.nodes;
        let empty = nodes - 1;
        self.done.fill(false);
        self.before.fill(NOWHERE);
        for (distance, excess) in self.distance.iter_mut().zip(&balance.excess) {
            *distance = if *excess > 0 { 0 } else { FAR };
        }
        loop {
            let open = (0..nodes).filter(|node| !self.done[*node] && self.distance[*node] < FAR);
            let node = open.min_by_key(|node| self.distance[*node])?;
            self.done[node] = true;
            if balance.excess[node] < 0 {
                return Some(node);
            }
            let here = self.distance[node];
            let arcs = &graph.cheapest[node * nodes..(node + 1) * nodes];
            for to in 0..nodes {
                // Rounding of the start can leave a move that gains; it then costs nothing.
                let there = here + (arcs[to] - prices[node] + prices[to]).max(0);
                if arcs[to] < FAR && there < self.distance[to] {
                    (self.distance[to], self.before[to]) = (there, node);
                }
            }
            if node == empty {
                for (to, price) in prices.iter().enumerate().take(layout.wishes) {
                    let there = here + (*price).max(0);
                    if balance.through[to] > layout.least[to] && there < self.distance[to] {
                        (self.distance[to], self.before[to]) = (there, node);
                    }
                }
            } else if balance.through[node] < layout.most[node] {
                let there = here + (-prices[node]).max(0);
                if there < self.distance[empty] {
                    (self.distance[empty], self.before[empty]) = (there, node);
                }
            }
        }
    }

    /// Moves the prices so that no move gains after the path to `goal` was used.
    fn lift(&self, prices: &mut [i32], goal: usize) {
        let reached = self.distance[goal];
        let empty = prices.len() - 1;
        let level = self.distance[empty].min(reached);
        for (price, distance) in prices[..empty].iter_mut().zip(&self.distance) {
            *price += level - (*distance).min(reached);
        }
    }
}

/// What a path changed.
struct Augmented {
    cost: i64,
    changes: Vec<(usize, i64)>,
}

/// Sends as much as fits along the path to `goal`.
fn augment(
    layout: &Layout,
    graph: &mut Graph,
    balance: &mut Balance,
    paths: &Paths,
    prices: &[i32],
    goal: usize,
) -> Augmented {
    let empty = graph.empty_place();
    let mut steps = Vec::new();
    let mut node = goal;
    let mut amount = -balance.excess[goal];
    while paths.before[node] != NOWHERE {
        let (from, to) = (paths.before[node], node);
        let arc = from * graph.nodes + to;
        let cost = match graph.cheapest[arc] {
            FAR => FAR,
            cost => cost - prices[from] + prices[to],
        };
        let by_limit = by_limit(layout, balance, prices, from, to, cost);
        let room = match by_limit {
            Some(room) => room,
            None => graph.room(graph.mover[arc], from, to),
        };
        amount = amount.min(room);
        // Who moves is fixed before anybody does: a move may bring another to the top.
        let mover = if by_limit.is_some() { None } else { Some(graph.mover[arc]) };
        steps.push((from, to, mover));
        node = from;
    }
    let source = node;
    amount = amount.min(balance.excess[source]);
    let mut done = Augmented { cost: 0, changes: Vec::new() };
    for (from, to, mover) in steps {
        let Some(near) = mover else {
            if to == empty {
                balance.through[from] += amount;
            } else {
                balance.through[to] -= amount;
            }
            continue;
        };
        done.cost += amount * i64::from(graph.worth(near, from) - graph.worth(near, to));
        if from != empty {
            done.changes.push((from, -amount));
        }
        if to != empty {
            done.changes.push((to, amount));
        }
        graph.carry_out(near, from, to, amount);
    }
    balance.excess[source] -= amount;
    balance.excess[goal] += amount;
    done
}

/// Room of the arc that lets a campaign run larger (to an empty place) or smaller (from one)
/// within its limits, when that is no dearer than moving somebody.
fn by_limit(
    layout: &Layout,
    balance: &Balance,
    prices: &[i32],
    from: usize,
    to: usize,
    cost: i32,
) -> Option<i64> {
    let empty = layout.wishes;
    if to == empty && from != empty {
        let room = layout.most[from].saturating_sub(balance.through[from]);
        (room > 0 && (-prices[from]).max(0) <= cost.max(0)).then_some(room)
    } else if from == empty && to != empty {
        let room = balance.through[to] - layout.least[to];
        (room > 0 && prices[to].max(0) <= cost.max(0)).then_some(room)
    } else {
        None
    }
}

/// The prices to start from anew.
pub(super) fn narrowed(prices: &[i32]) -> Prices {
    let mut narrowed = [0; 256];
    for (narrow, price) in narrowed.iter_mut().zip(prices) {
        *narrow = (*price).clamp(i32::from(-PRICE_LIMIT), i32::from(PRICE_LIMIT)) as i16;
    }
    narrowed
}
