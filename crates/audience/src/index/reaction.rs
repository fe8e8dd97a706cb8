//! Who did something after a message reached them, and soon enough.
//!
//! A message goes out in parts, each at its own moment; everybody has the moment of the first part
//! they were in. Block by block of 65,536 followers those moments lie beside what the followers
//! did, and one reading of it says who did something from theirs on.

use wire::Timestamp;

use super::Index;
use super::answers::Source;
use super::timeline::{Timeline, second};
use crate::Set;
use crate::segment::Delivery;
use crate::set::{Block, SPAN, WORDS};

/// The moment of whoever was in no part.
const NEVER: u32 = u32::MAX;

impl Index {
    /// Who of those reached did something of these sources within so many seconds from when they
    /// were first reached, that moment and the last second included, and not after `now`.
    pub(crate) fn reacted(
        &self,
        deliveries: &[Delivery<'_>],
        sources: &[Source],
        within: i64,
        now: Timestamp,
    ) -> Set {
        let lines: Vec<&Timeline> =
            sources.iter().flat_map(|source| self.timelines(source)).collect();
        let within = u32::try_from(within).unwrap_or(NEVER);
        let blocks = self.len().div_ceil(SPAN) as usize;
        let mut moments = vec![NEVER; SPAN as usize];
        let one = |number: usize| {
            let parts = || {
                let parts = deliveries.iter().map(|part| (part, part.to.block(number)));
                parts.filter(|(_, block)| !block.is_empty())
            };
            let touching: Vec<_> =
                lines.iter().filter(|line| line.touches(number)).copied().collect();
            if touching.is_empty() || parts().next().is_none() {
                return Block::Empty;
            }
            moments.fill(NEVER);
            for (part, block) in parts() {
                for at in block.iter() {
                    let moment = &mut moments[usize::from(at)];
                    *moment = (*moment).min(second(part.at));
                }
            }
            let mut who = Box::new([0u64; WORDS]);
            for line in touching {
                line.mark_after(number, &moments, (within, second(now)), &mut who);
            }
            Block::from_words(who)
        };
        Set::from_blocks((0..blocks).map(one).collect())
    }
}
