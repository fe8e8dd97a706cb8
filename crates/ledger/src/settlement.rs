//! What a batch does to its recipients' counts, and how its result decides that.

use audience::Set;
use serde::{Deserialize, Serialize};

/// What a batch does to the counts of its recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nobody received it and nobody will: planned, refused, cancelled, or settled with nothing
    /// sent.
    Nothing,
    /// Each of them may have received it: a slot is held (`used_max + 1`). So from the durable
    /// intent until the batch is settled, and after it when the counts do not tell who.
    Held,
    /// Each of them received it (`used_min + 1`, `used_max + 1`).
    Received,
}

/// What a mass call was addressed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A list of OpenIDs.
    List,
    /// Everybody with a tag.
    Tag,
    /// Everybody.
    All,
    /// A send made outside this software: its audience is inferred, not known.
    Foreign,
}

/// The counts of a finished job (`platform/03 §5`, MASSSENDJOBFINISH).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// TotalCount: followers addressed.
    pub total: u64,
    /// FilterCount: followers left after filtering.
    pub filtered: u64,
    /// SentCount: followers the message was delivered to.
    pub sent: u64,
    /// ErrorCount: followers it could not be delivered to.
    pub errors: u64,
}

/// What a finished batch did, from counts alone: the platform never says who was filtered or
/// failed (`platform/03 §5`).
///
/// - `recipients`: P, everybody the batch could have reached: those addressed without those who
///   certainly had no slot left. When the audience of a tag send or a send to everybody grew
///   between intent and finish, the caller widens P first.
/// - `addressed`: how many followers the call was addressed to, those without a slot included.
/// - `membership_changed`: somebody followed, left, gained or lost the tag between the intent and
///   the finish. Not read for lists.
///
/// # Why it is sound
/// Let D be who received the message; the platform delivers one job to a follower once, so
/// SentCount = |D|. If SentCount is 0, D is empty: **nothing** happened to anybody.
///
/// Else D ⊆ P. For a list D is a part of the OpenIDs we wrote into the call, and whoever is outside
/// P among them was certainly full, so received nothing. For a tag or everybody, D is a part of the
/// audience when the job ran; with no membership change that is the audience at the intent, of
/// which again only P could receive. A TotalCount other than `addressed` betrays a change we have
/// not heard of (or a result of some other job), and nothing is concluded from it.
/// A finite D ⊆ P with |D| = |P| *is* P: everybody **received** it, whatever FilterCount and
/// ErrorCount say.
///
/// In every other case somebody of P was passed over and we cannot tell who: the slot stays
/// **held** for all of P, and the truth lies between. A foreign send is always held: its audience
/// is our guess, so D ⊆ P is not proven by any count.
#[must_use]
pub fn settle(
    recipients: &Set,
    addressed: u64,
    counts: Counts,
    membership_changed: bool,
    kind: Kind,
) -> Effect {
    if counts.sent == 0 {
        return Effect::Nothing;
    }
    let audience_known = match kind {
        Kind::List => true,
        Kind::Tag | Kind::All => !membership_changed,
        Kind::Foreign => false,
    };
    let everybody = counts.sent == recipients.len() as u64 && counts.total == addressed;
    if audience_known && everybody { Effect::Received } else { Effect::Held }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(total: u64, sent: u64) -> Counts {
        Counts { total, filtered: sent, sent, errors: 0 }
    }

    #[test]
    fn a_list_that_reached_everybody_is_exact() {
        let list = Set::full(300);
        assert_eq!(settle(&list, 300, counts(300, 300), true, Kind::List), Effect::Received);
        assert_eq!(settle(&list, 300, counts(300, 299), false, Kind::List), Effect::Held);
        assert_eq!(settle(&list, 300, counts(299, 300), false, Kind::List), Effect::Held);
    }

    #[test]
    fn a_tag_is_exact_only_while_nobody_comes_or_goes() {
        let reachable = Set::full(280);
        assert_eq!(settle(&reachable, 300, counts(300, 280), false, Kind::Tag), Effect::Received);
        assert_eq!(settle(&reachable, 300, counts(300, 280), true, Kind::Tag), Effect::Held);
        assert_eq!(settle(&reachable, 300, counts(300, 281), false, Kind::All), Effect::Held);
        assert_eq!(settle(&reachable, 300, counts(300, 280), false, Kind::Foreign), Effect::Held);
    }

    #[test]
    fn nothing_sent_is_nothing_whatever_the_kind() {
        for kind in [Kind::List, Kind::Tag, Kind::All, Kind::Foreign] {
            assert_eq!(settle(&Set::full(9), 9, counts(8, 0), true, kind), Effect::Nothing);
        }
    }

    proptest! {
        /// A job over a list some of whom are full, left or fail: the effect brackets the truth.
        #[test]
        fn the_truth_is_bracketed(
            fates in prop::collection::vec((any::<bool>(), 0u8..10), 0..40), certain in any::<bool>()
        ) {
            let addressed = fates.len() as u64;
            let reachable: Set =
                (0..).zip(&fates).filter(|(_, (full, _))| !full).map(|(ord, _)| ord).collect();
            let delivered: Set = (0..)
                .zip(&fates)
                .filter(|(_, (full, luck))| !full && (certain || *luck > 0))
                .map(|(ord, _)| ord)
                .collect();
            let sent = delivered.len() as u64;
            let effect = settle(&reachable, addressed, counts(addressed, sent), false, Kind::List);
            for ord in 0..addressed as u32 {
                let truth = delivered.contains(ord);
                let known = reachable.contains(ord);
                let (least, most) = match effect {
                    Effect::Nothing => (false, false),
                    Effect::Held => (false, known),
                    Effect::Received => (known, known),
                };
                prop_assert!(least <= truth && truth <= most);
            }
            if certain && sent > 0 {
                prop_assert_eq!(effect, Effect::Received);
            }
        }
    }
}
