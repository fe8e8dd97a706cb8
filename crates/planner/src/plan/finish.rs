//! The exact end of a plan: from good prices to a plan that nothing beats.
//!
//! At the prices found, some campaigns are taken by too many followers and some by too few. Each
//! move of one follower from campaign `a` to `b` costs the difference of their worths, whatever
//! the prices; so it is enough to look at a graph whose nodes are the campaigns and *nothing*
//! (an empty place), whose arc `a → b` is the cheapest move there is, and to send what is too much
//! along shortest paths to where it lacks. Every path found changes the prices by just as much as
//! keeps all remaining moves from gaining, so that at the end plan and bound meet.
//!
//! Only groups that could choose otherwise within a `width` of the prices are looked at. Moves left
//! out cost more than that at the start, and nobody gains by one as long as no two prices have
//! moved apart by as much. Before they would, the work stops, and the caller goes on from there with
//! other moves in sight: every group is then at its best, and keeps what it got.

mod graph;
mod paths;

use super::choice::tally;
use super::layout::Layout;
use super::price::{PRICE_LIMIT, Prices};
use super::threads::Threads;
use graph::{FAR, Graph};
use paths::Paths;

/// A plan as the groups that differ from their choice at `chosen_at`.
pub(super) struct Finished {
    /// The prices at which all groups chose.
    pub chosen_at: Prices,
    /// The prices the plan was proven at, or would be.
    pub prices: Vec<i32>,
    /// What the plan is worth.
    pub value: i64,
    /// Recipients of each campaign.
    pub recipients: Vec<i64>,
    /// Recipients each campaign lacks to its least; all zero when the wishes can be met.
    pub short: Vec<i64>,
    /// When the work stopped for moves out of sight: how far it would have to see.
    pub needs: Option<i32>,
    /// When some lack recipients: campaigns whose leasts together ask for more than there is.
    pub conflicting: Vec<usize>,
    graph: Graph,
}

impl Finished {
    /// The groups whose followers do not all get what they would choose, and what they get:
    /// campaign and number of the group's followers.
    pub(super) fn moved(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (u8, u32)>)> {
        self.graph.moved()
    }

    /// Whether every least is met.
    pub(super) fn is_lawful(&self) -> bool {
        self.short.iter().all(|short| *short == 0)
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

/// Ends the plan begun at `start`, or goes on from what was `before` found with a smaller width.
pub(super) fn finish(
    layout: &Layout,
    start: &Prices,
    width: i32,
    before: Option<&Finished>,
    threads: Threads,
) -> Finished {
    let tally = tally(layout, start, width, threads);
    let before = before.map(|before| &before.graph);
    let (mut graph, carried) = Graph::new(layout, start, &tally.near, width, before, threads);
    let mut recipients = tally.recipients;
    for (recipients, more) in recipients.iter_mut().zip(&carried.recipients) {
        *recipients += more;
    }
    let mut value = tally.value + carried.value;
    let mut prices: Vec<i32> =
        start[..layout.wishes].iter().map(|price| i32::from(*price)).collect();
    let mut balance = balance(layout, &prices, &recipients);
    prices.push(0);
    let mut paths = Paths::new(graph.nodes);
    let mut needs = None;
    while balance.excess.iter().any(|excess| *excess > 0) {
        let Some(goal) = paths.shortest(layout, &graph, &balance, &prices) else {
            needs = Some(i32::MAX);
            break;
        };
        let mut lifted = prices.clone();
        paths.lift(&mut lifted, goal);
        let apart = apart(&lifted, start);
        if apart >= width {
            needs = Some(apart);
            break;
        }
        let mut path = Path::new(layout, &graph, &balance, &paths, &prices, goal);
        prices = lifted;
        while path.amount > 0 {
            value -= path.carry_out(&mut graph, &mut balance, &mut recipients);
            // At the new prices the path costs nothing; as long as its moves keep their costs, no
            // other path costs less.
            path.look_again(layout, &graph, &balance);
        }
    }
    let conflicting = conflicting(layout, &graph, &balance);
    let short = (0..layout.wishes).map(|wish| (layout.least[wish] - recipients[wish]).max(0));
    let short: Vec<i64> = short.collect();
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
    Finished { chosen_at: *start, prices, value, recipients, short, needs, conflicting, graph }
}

/// How far apart any two prices have moved since the start; that of an empty place stays 0.
fn apart(prices: &[i32], start: &Prices) -> i32 {
    let moves = prices.iter().zip(start).map(|(price, start)| price - i32::from(*start));
    let (low, high) =
        moves.take(prices.len() - 1).fold((0, 0), |(low, high), by| (by.min(low), by.max(high)));
    high - low
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

/// One step of a path.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: usize,
    to: usize,
    /// What moving somebody costs; nothing where the campaign only runs larger or smaller within
    /// its limits.
    cost: Option<i32>,
}

/// A path, and how many can be sent along it at once.
struct Path {
    source: usize,
    goal: usize,
    steps: Vec<Step>,
    amount: i64,
}

impl Path {
    fn new(
        layout: &Layout,
        graph: &Graph,
        balance: &Balance,
        paths: &Paths,
        prices: &[i32],
        goal: usize,
    ) -> Self {
        let steps: Vec<Step> = paths
            .arcs(goal)
            .map(|(from, to)| {
                let cost = graph.cheapest[from * graph.nodes + to];
                let reduced = if cost < FAR { cost - prices[from] + prices[to] } else { FAR };
                let is_limit = by_limit(layout, balance, from, to) > 0
                    && limit_cost(prices, from, to) <= reduced.max(0);
                Step { from, to, cost: (!is_limit).then_some(cost) }
            })
            .collect();
        let source = steps.last().map_or(goal, |step| step.from);
        let mut path = Self { source, goal, steps, amount: 0 };
        path.look_again(layout, graph, balance);
        path
    }

    /// How many can be sent now; nobody when a step has become dearer.
    fn look_again(&mut self, layout: &Layout, graph: &Graph, balance: &Balance) {
        self.amount = balance.excess[self.source].min(-balance.excess[self.goal]);
        for Step { from, to, cost } in &self.steps {
            let arc = from * graph.nodes + to;
            let room = match cost {
                None => by_limit(layout, balance, *from, *to),
                Some(cost) if graph.cheapest[arc] == *cost => {
                    graph.room(graph.mover(arc), *from, *to)
                }
                Some(_) => 0,
            };
            self.amount = self.amount.min(room);
        }
    }

    /// Sends them; returns what that cost.
    fn carry_out(&self, graph: &mut Graph, balance: &mut Balance, recipients: &mut [i64]) -> i64 {
        let (amount, empty) = (self.amount, graph.empty_place());
        let mut cost = 0;
        // Who moves is fixed before anybody does: a move may bring another to the top.
        let movers: Vec<u32> =
            self.steps.iter().map(|step| graph.mover(step.from * graph.nodes + step.to)).collect();
        for (Step { from, to, cost: moves }, near) in self.steps.iter().zip(movers) {
            if moves.is_none() {
                if *to == empty {
                    balance.through[*from] += amount;
                } else {
                    balance.through[*to] -= amount;
                }
                continue;
            }
            cost += amount * i64::from(graph.cost(near, *from, *to));
            if let Some(recipients) = recipients.get_mut(*from) {
                *recipients -= amount;
            }
            if let Some(recipients) = recipients.get_mut(*to) {
                *recipients += amount;
            }
            graph.carry_out(near, *from, *to, amount);
        }
        balance.excess[self.source] -= amount;
        balance.excess[self.goal] += amount;
        cost
    }
}

/// How much larger (to an empty place) or smaller (from one) the campaign may run within its
/// limits.
fn by_limit(layout: &Layout, balance: &Balance, from: usize, to: usize) -> i64 {
    let empty = layout.wishes;
    if to == empty && from != empty {
        layout.most[from].saturating_sub(balance.through[from])
    } else if from == empty && to != empty {
        balance.through[to] - layout.least[to]
    } else {
        0
    }
}

/// What [`by_limit`] costs at these prices.
fn limit_cost(prices: &[i32], from: usize, to: usize) -> i32 {
    (prices[to] - prices[from]).max(0)
}

/// The prices to start from anew.
pub(super) fn narrowed(prices: &[i32]) -> Prices {
    let mut narrowed = [0; 256];
    for (narrow, price) in narrowed.iter_mut().zip(prices) {
        *narrow = (*price).clamp(i32::from(-PRICE_LIMIT), i32::from(PRICE_LIMIT)) as i16;
    }
    narrowed
}
