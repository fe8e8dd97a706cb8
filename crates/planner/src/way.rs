//! By which call a campaign goes out: to everybody, to a tag, or to lists of OpenIDs.
//!
//! One call carries any number of followers when it goes to everybody or to a tag, and 10,000 when
//! it goes to a list; an account has 100 calls a day (`platform/01 §5`). So the one call is worth
//! having, but only when it is lawful: the platform then chooses the recipients, and they must be
//! exactly the ones meant. Nobody outside the segment may receive; nobody of the segment who can
//! receive may be missed. Followers of the segment who are certainly full may be addressed: the
//! platform filters them and no slot is spent (`platform/03 §5`).

use audience::Set;
use serde::{Deserialize, Serialize};
use wire::TagId;

use crate::Forecast;

/// By which calls a campaign goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// One call to everybody. Counts against the account's few sends to all of a month.
    ToAll,
    /// One call to everybody with this tag.
    Tag(TagId),
    /// Lists of OpenIDs.
    Lists,
}

/// What the choice depends on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Everybody the campaign is meant for.
    pub segment: &'a Set,
    /// Everybody who follows now.
    pub following: &'a Set,
    /// The segment's forecast.
    pub forecast: &'a Forecast,
    /// Who is to receive: the forecast's candidates, or fewer when the caller leaves some out
    /// (they had this campaign already, they are held out); then only lists are lawful.
    pub candidates: &'a Set,
    /// The platform's tags and who carries them, as far as the caller wants tag sends: a tag whose
    /// members may not be in step with the platform is left out.
    pub tags: &'a [(TagId, &'a Set)],
    /// Whether a send to everybody is allowed: its budget is not used up and the operator agreed.
    pub to_all_allowed: bool,
    /// Most OpenIDs of a list.
    pub list_most: usize,
}

/// The cheapest lawful way.
///
/// 1. **Lists**, when one list carries everybody: no other way is cheaper, it settles most exactly
///    and no change of membership can disturb it.
/// 2. **A tag**, when its followers are the segment's followers: one call.
/// 3. **Everybody**, when allowed and the segment holds everybody who follows: one call too, but of
///    a budget so small (four a month) that any tag of the same audience goes before it.
/// 4. **Lists** otherwise.
///
/// Ways 2 and 3 need, besides, that the candidates are all who can receive among those the platform
/// would choose. A single candidate fits in no list (the platform refuses a list of one), so the
/// other ways are tried before giving up on them.
#[must_use]
pub fn choose_way(question: Question<'_>) -> Way {
    let Question { segment, following, forecast, candidates, .. } = question;
    let one_list = (2..=question.list_most).contains(&candidates.len());
    let nobody = candidates.is_empty();
    // Classes go out in lists of their own, so two classes are two calls.
    let one_class =
        forecast.possible.is_disjoint(candidates) || forecast.certain.is_disjoint(candidates);
    if nobody || (one_list && one_class) || *candidates != forecast.candidates() {
        return Way::Lists;
    }
    let meant = segment.intersect(following);
    let tag = question
        .tags
        .iter()
        .filter(|(tag, members)| !tag.is_reserved() && members.intersect(following) == meant)
        .map(|(tag, _)| *tag)
        .min();
    match tag {
        Some(tag) => Way::Tag(tag),
        None if question.to_all_allowed && following.is_subset(segment) => Way::ToAll,
        None => Way::Lists,
    }
}

#[cfg(test)]
mod tests {
    use ledger::{Effect, Slots, fold};
    use proptest::prelude::*;

    use super::*;
    use crate::{Inputs, forecast};

    const MOST: usize = 10;

    struct World {
        segment: Set,
        following: Set,
        slots: Slots,
        tags: Vec<(TagId, Set)>,
        to_all_allowed: bool,
    }

    impl World {
        fn new(segment: Set) -> Self {
            Self {
                segment,
                following: Set::full(100),
                slots: Slots::new(4),
                tags: Vec::new(),
                to_all_allowed: true,
            }
        }

        fn forecast(&self) -> Forecast {
            let Self { segment, following, slots, .. } = self;
            forecast(Inputs { segment, following, slots })
        }

        fn way(&self, left_out: &Set) -> Way {
            let forecast = self.forecast();
            let tags: Vec<_> = self.tags.iter().map(|(tag, members)| (*tag, members)).collect();
            choose_way(Question {
                segment: &self.segment,
                following: &self.following,
                forecast: &forecast,
                candidates: &forecast.candidates().subtract(left_out),
                tags: &tags,
                to_all_allowed: self.to_all_allowed,
                list_most: MOST,
            })
        }
    }

    #[test]
    fn everybody_goes_in_one_call_when_that_is_allowed() {
        let mut world = World::new(Set::full(120));
        assert_eq!(world.way(&Set::new()), Way::ToAll);
        assert_eq!(world.way(&Set::full(1)), Way::Lists);
        world.to_all_allowed = false;
        assert_eq!(world.way(&Set::new()), Way::Lists);
    }

    #[test]
    fn a_tag_of_the_same_followers_goes_in_one_call() {
        let mut world = World::new(Set::full(50));
        // The tag's members who left do not matter, nor do the segment's.
        let carrying = Set::full(50).union(&[110].into_iter().collect());
        world.tags = vec![(TagId(1), Set::full(50)), (TagId(103), Set::full(51))];
        assert_eq!(world.way(&Set::new()), Way::Lists);
        world.tags.push((TagId(102), carrying));
        assert_eq!(world.way(&Set::new()), Way::Tag(TagId(102)));
        // A full follower may be addressed: the platform filters them.
        world.slots = fold(1, [(Effect::Received, &Set::full(5))]);
        assert_eq!(world.way(&Set::new()), Way::Tag(TagId(102)));
    }

    #[test]
    fn one_list_is_as_cheap_and_settles_better() {
        let mut world = World::new(Set::full(8));
        world.tags = vec![(TagId(102), Set::full(8))];
        assert_eq!(world.way(&Set::new()), Way::Lists);
        // Certain and possible ones need two lists.
        world.slots = fold(1, [(Effect::Held, &Set::full(3))]);
        assert_eq!(world.way(&Set::new()), Way::Tag(TagId(102)));
    }

    #[test]
    fn a_single_follower_can_be_reached_by_a_tag() {
        let mut world = World::new(Set::full(1));
        assert_eq!(world.way(&Set::new()), Way::Lists);
        world.tags = vec![(TagId(102), Set::full(1))];
        assert_eq!(world.way(&Set::new()), Way::Tag(TagId(102)));
    }

    fn people() -> impl Strategy<Value = Set> {
        prop_oneof![
            (0u32..40).prop_map(Set::full),
            prop::collection::vec(0u32..40, 0..40).prop_map(Set::from_iter)
        ]
    }

    proptest! {
        /// Whatever the way, who can receive by it is who was meant to.
        #[test]
        fn the_platform_reaches_whom_was_meant(
            segment in people(), following in people(), received in people(), held in people(),
            tag in people(), left_out in people(), leave_out in any::<bool>(),
        ) {
            let mut world = World::new(segment);
            world.following = following;
            world.slots = fold(1, [(Effect::Received, &received), (Effect::Held, &held)]);
            world.tags = vec![(TagId(101), tag), (TagId(102), world.segment.clone())];
            let left_out = if leave_out { left_out } else { Set::new() };
            let meant = world.forecast().candidates().subtract(&left_out);
            let chosen = match world.way(&left_out) {
                Way::Lists => return Ok(()),
                Way::ToAll => world.following.clone(),
                Way::Tag(tag) => {
                    let found = world.tags.iter().find(|(known, _)| *known == tag).unwrap();
                    found.1.intersect(&world.following)
                }
            };
            let reached = chosen.subtract(&world.slots.full(&chosen));
            prop_assert_eq!(reached, meant);
        }
    }

    #[test]
    fn ways_read_as_words() {
        assert_eq!(serde_json::to_string(&Way::ToAll).unwrap(), r#""to_all""#);
        assert_eq!(serde_json::to_string(&Way::Tag(TagId(101))).unwrap(), r#"{"tag":101}"#);
        assert_eq!(serde_json::from_str::<Way>(r#""lists""#).unwrap(), Way::Lists);
    }
}
