//! The same followers asked another question, without laying all of them out anew.

use std::sync::Arc;

use super::{BITS, LANES, Lanes, Layout, Marked, Members, NOT, Worths};
use crate::plan::question::Worth;
use crate::plan::threads::Threads;

/// Some followers of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pick {
    /// The group they are of.
    pub from: u32,
    /// How many they are.
    pub size: u32,
}

/// A campaign's worth to any follower, found by counting the members before.
pub(in crate::plan) struct Lookup<'a> {
    audience: Vec<u64>,
    worth: &'a Worth,
    classes: &'a [u16],
    /// Members of the audience before each word.
    before: Vec<u32>,
}

impl<'a> Lookup<'a> {
    pub(in crate::plan) fn new(audience: Vec<u64>, worth: &'a Worth, classes: &'a [u16]) -> Self {
        let before = match worth {
            Worth::Each(_) => audience
                .iter()
                .scan(0, |members, word| {
                    let before = *members;
                    *members += word.count_ones();
                    Some(before)
                })
                .collect(),
            _ => Vec::new(),
        };
        Self { audience, worth, classes, before }
    }

    #[inline(always)]
    fn worth(&self, ordinal: u32) -> i16 {
        let place = ordinal as usize;
        if !holds(&self.audience, ordinal) {
            return NOT;
        }
        match self.worth {
            Worth::Same(worth) => *worth,
            Worth::ByClass(worths) => worths[usize::from(self.classes[place])],
            Worth::Each(worths) => {
                let below = self.audience[place / BITS] & ((1 << (place % BITS)) - 1);
                worths[(self.before[place / BITS] + below.count_ones()) as usize]
            }
        }
    }
}

fn holds(words: &[u64], ordinal: u32) -> bool {
    let place = ordinal as usize;
    words.get(place / BITS).is_some_and(|word| word >> (place % BITS) & 1 == 1)
}

/// A campaign that takes the place of the one with its number, or is one more.
pub(super) struct Instead<'a> {
    number: usize,
    /// Its worth to each group, [`NOT`] to those it is not meant for.
    worths: &'a [i16],
}

impl Layout {
    /// Followers of a group.
    pub(super) fn size(&self, group: usize) -> u32 {
        if self.is_single() { 1 } else { self.sizes[group / LANES][group % LANES] }
    }

    /// With a campaign in place of the one with its number, or one more; its limits are none.
    ///
    /// Followers who were alike are told apart where it is not meant for all of them, but not by a
    /// worth that is personal: where groups are of many, the worth must not be [`Worth::Each`].
    pub(in crate::plan) fn with(
        &self,
        number: usize,
        lookup: &Lookup<'_>,
        threads: Threads,
    ) -> Self {
        let mut with = if self.is_single() {
            self.with_row(number, lookup, threads)
        } else {
            let (picks, members) = self.split(&lookup.audience, threads);
            let first = |group: usize| members.order[members.starts[group] as usize];
            let worths: Vec<i16> =
                (0..picks.len()).map(|group| lookup.worth(first(group))).collect();
            let mut with = self.picked(&picks, Some(&Instead { number, worths: &worths }));
            with.members = Arc::new(members);
            with
        };
        if number == self.wishes {
            with.most.push(i64::MAX);
            with.least.push(0);
        } else {
            (with.most[number], with.least[number]) = (i64::MAX, 0);
        }
        with
    }

    /// With one place less for each follower of `kept_back`, or for everybody.
    pub(in crate::plan) fn with_less(&self, kept_back: Option<&[u64]>, threads: Threads) -> Self {
        let mut with = match kept_back {
            Some(kept_back) if !self.is_single() => {
                let (picks, members) = self.split(kept_back, threads);
                let mut with = self.picked(&picks, None);
                with.members = Arc::new(members);
                with
            }
            _ => self.clone(),
        };
        let mut places = (*with.places).clone();
        for (block, lanes) in places.iter_mut().enumerate() {
            for (lane, places) in lanes.iter_mut().enumerate().filter(|(_, places)| **places > 0) {
                let first = with.members(block * LANES + lane)[0];
                if kept_back.is_none_or(|kept_back| holds(kept_back, first)) {
                    *places -= 1;
                }
            }
        }
        with.places = Arc::new(places);
        with
    }

    /// Every group cut in two: who stands in the set, and who does not.
    fn split(&self, set: &[u64], threads: Threads) -> (Vec<Pick>, Members) {
        let parts = threads.over(self.groups, |range| {
            let (mut picks, mut order) = (Vec::new(), Vec::new());
            let mut outside = Vec::new();
            for from in range {
                let before = order.len();
                outside.clear();
                for member in self.members(from) {
                    let side = if holds(set, *member) { &mut order } else { &mut outside };
                    side.push(*member);
                }
                for size in [order.len() - before, outside.len()] {
                    if size > 0 {
                        picks.push(Pick { from: from as u32, size: size as u32 });
                    }
                }
                order.extend_from_slice(&outside);
            }
            (picks, order)
        });
        let (picks, orders): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let (picks, order) = (picks.concat(), orders.concat());
        let mut starts = Vec::with_capacity(picks.len() + 1);
        starts.push(0);
        let mut end = 0;
        starts.extend(picks.iter().map(|pick| {
            end += pick.size;
            end
        }));
        (picks, Members { order, starts })
    }

    /// Some followers of some groups, in their order, each pick a group; whose members they are is
    /// left to the caller.
    pub(super) fn picked(&self, picks: &[Pick], instead: Option<&Instead<'_>>) -> Self {
        let blocks = picks.len().div_ceil(LANES);
        let changed = instead.map_or(usize::MAX, |instead| instead.number);
        let wishes = instead.map_or(self.wishes, |instead| self.wishes.max(instead.number + 1));
        let mut marked = Marked::new(blocks, 4);
        let mut places = vec![[0; LANES]; blocks];
        let mut sizes = vec![[0; LANES]; if self.is_single() { 0 } else { blocks }];
        let mut meant = vec![0; wishes];
        let mut followers = 0;
        for (group, pick) in picks.iter().enumerate() {
            let (block, lane) = self.lane(pick.from);
            let mut signature = [0u64; 4];
            let mut mean = |wish: usize| {
                signature[wish / BITS] |= 1 << (wish % BITS);
                meant[wish] += u64::from(pick.size);
            };
            for (worths, wish) in block.worths.iter().zip(block.rows) {
                if worths[lane] != NOT && usize::from(*wish) != changed {
                    mean(usize::from(*wish));
                }
            }
            if instead.is_some_and(|instead| instead.worths[group] != NOT) {
                mean(changed);
            }
            marked.mark(group / LANES, &signature);
            places[group / LANES][group % LANES] = block.places[lane];
            if let Some(sizes) = sizes.get_mut(group / LANES) {
                sizes[group % LANES] = pick.size;
            }
            followers += pick.size as usize;
        }
        let (offsets, rows) = marked.done();
        let mut worths = vec![[NOT; LANES]; rows.len()];
        let mut row_of = [0u8; 256];
        for (group, pick) in picks.iter().enumerate() {
            let first = offsets[group / LANES] as usize;
            let to = group % LANES;
            if to == 0 {
                let rows = &rows[first..offsets[group / LANES + 1] as usize];
                for (row, wish) in rows.iter().enumerate() {
                    row_of[usize::from(*wish)] = row as u8;
                }
            }
            let mut put = |wish: usize, worth: i16| {
                worths[first + usize::from(row_of[wish])][to] = worth;
            };
            let (block, lane) = self.lane(pick.from);
            for (worths, wish) in block.worths.iter().zip(block.rows) {
                if worths[lane] != NOT && usize::from(*wish) != changed {
                    put(usize::from(*wish), worths[lane]);
                }
            }
            if let Some(worth) = instead.map(|instead| instead.worths[group])
                && worth != NOT
            {
                put(changed, worth);
            }
        }
        let added = instead.iter().flat_map(|instead| instead.worths).max();
        let highest =
            added.map_or(self.worths.highest, |added| self.worths.highest.max(i32::from(*added)));
        Self {
            groups: picks.len(),
            wishes,
            worths: Arc::new(Worths { offsets, rows, worths, highest }),
            places: Arc::new(places),
            sizes: Arc::new(sizes),
            members: Arc::default(),
            followers,
            meant,
            most: self.most.clone(),
            least: self.least.clone(),
        }
    }

    fn lane(&self, group: u32) -> (super::Block<'_>, usize) {
        (self.block(group as usize / LANES), group as usize % LANES)
    }

    /// Every follower is a group: the blocks stay, one row of theirs comes or goes.
    fn with_row(&self, number: usize, lookup: &Lookup<'_>, threads: Threads) -> Self {
        let row = |block: usize| {
            let mut row = [NOT; LANES];
            for (lane, worth) in
                row.iter_mut().enumerate().take(self.groups - (block * LANES).min(self.groups))
            {
                *worth = lookup.worth(self.members(block * LANES + lane)[0]);
            }
            row
        };
        let added: Vec<Lanes> =
            threads.over(self.blocks(), |range| range.map(row).collect::<Vec<_>>()).concat();
        let is_meant = |row: &Lanes| row.iter().any(|worth| *worth != NOT);
        let mut offsets = Vec::with_capacity(self.blocks() + 1);
        offsets.push(0);
        let mut rows = Vec::with_capacity(self.worths.rows.len());
        for (block, added) in added.iter().enumerate() {
            let kept = self.block(block).rows;
            let at = kept.partition_point(|wish| usize::from(*wish) < number);
            let has_row = kept.get(at).is_some_and(|wish| usize::from(*wish) == number);
            rows.extend_from_slice(&kept[..at]);
            if is_meant(added) {
                rows.push(number as u8);
            }
            rows.extend_from_slice(&kept[at + usize::from(has_row)..]);
            offsets.push(rows.len() as u32);
        }
        let mut worths = vec![[0; LANES]; rows.len()];
        threads.over_parts(
            self.blocks(),
            &mut worths,
            |block| offsets[block] as usize,
            |blocks, part| {
                let base = offsets[blocks.start] as usize;
                for block in blocks {
                    let to = offsets[block] as usize..offsets[block + 1] as usize;
                    let wishes = &rows[to.clone()];
                    let from = self.block(block);
                    let mut kept = from
                        .worths
                        .iter()
                        .zip(from.rows)
                        .filter(|(_, wish)| usize::from(**wish) != number);
                    for (row, wish) in part[to.start - base..to.end - base].iter_mut().zip(wishes) {
                        if usize::from(*wish) == number {
                            *row = added[block];
                        } else if let Some((worths, _)) = kept.next() {
                            *row = *worths;
                        }
                    }
                }
            },
        );
        let highest = added.iter().flatten().max().map_or(0, |worth| i32::from(*worth));
        let mut meant = self.meant.clone();
        meant.resize(meant.len().max(number + 1), 0);
        meant[number] = added.iter().flatten().filter(|worth| **worth != NOT).count() as u64;
        Self {
            wishes: self.wishes.max(number + 1),
            worths: Arc::new(Worths {
                offsets,
                rows,
                worths,
                highest: self.worths.highest.max(highest),
            }),
            meant,
            ..self.clone()
        }
    }
}
