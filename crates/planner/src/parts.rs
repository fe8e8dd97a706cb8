//! Cutting recipients into lists the platform takes: 2 to 10,000 OpenIDs (`platform/03 §3`).
//!
//! Certain recipients go into lists of their own because such a list settles exactly: all of it is
//! delivered and the counts prove it (`ledger::settle`). One possible recipient in a list is enough
//! to leave all of it in doubt, so they are kept together.

use audience::Set;

/// One list send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// To whom.
    pub recipients: Set,
    /// Every one of them certainly has a slot.
    pub certain: bool,
}

/// Recipients cut into lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The lists; certain ones first.
    pub lists: Vec<List>,
    /// Who fits into no list: fewer than the platform takes.
    pub alone: Set,
}

/// Cuts recipients into as few lists as possible, each of `least` to `most` and all of a class
/// nearly equal in size, so that no rest of one is ever left at the end.
///
/// Certain recipients that no list of their own can hold join the possible ones. When there are
/// fewer possible recipients than a list needs, certain ones are lent to them: those lent still
/// receive, only their list may settle less exactly. So with the platform's 2 and 10,000 somebody
/// stays alone only when there is no other recipient at all.
///
/// `certain` and `possible` must not overlap; whoever is in both counts as possible. With `most`
/// below `least`, or 0, nobody fits anywhere.
#[must_use]
pub fn parts(certain: &Set, possible: &Set, least: usize, most: usize) -> Parts {
    let least = least.max(1);
    let mut sure = certain.subtract(possible);
    let mut open = possible.clone();
    if open.is_empty() || open.len() >= least {
        open.or_with(&rest(&sure, least, most));
    } else {
        open.or_with(&lent(&sure, least - open.len(), least, most));
    }
    sure.and_not_with(&open);
    // A rest that found nobody to join is too small for a list; it must not become one.
    let alone = rest(&open, least, most);
    open.and_not_with(&alone);

    let mut lists = Vec::new();
    for (class, certain) in [(sure, true), (open, false)] {
        if class.is_empty() {
            continue;
        }
        // Whoever found no list of certain ones was moved, so a class without a possible
        // recipient is certain too.
        let certain = certain || class.is_disjoint(possible);
        let count = class.len().div_ceil(most.max(1));
        lists.extend(class.split(count).into_iter().map(|recipients| List { recipients, certain }));
    }
    Parts { lists, alone }
}

/// Who of the set is left over when it is cut into lists of `least` to `most`.
fn rest(class: &Set, least: usize, most: usize) -> Set {
    let size = class.len();
    if most < least {
        return class.clone();
    }
    let lists = size.div_ceil(most);
    if lists * least <= size {
        return Set::new();
    }
    // One list fewer, all of them full.
    class.subtract(&class.first((lists - 1) * most))
}

/// The fewest certain recipients that bring the possible ones up to a list and leave no rest
/// themselves; all of them when there is no such number.
fn lent(sure: &Set, lacking: usize, least: usize, most: usize) -> Set {
    (lacking..=sure.len())
        .take(least)
        .map(|count| sure.subtract(&sure.first(sure.len() - count)))
        .find(|taken| rest(&sure.subtract(taken), least, most).is_empty())
        .unwrap_or_else(|| sure.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(from: u32, to: u32) -> Set {
        (from..to).collect()
    }

    fn sizes(parts: &Parts) -> Vec<(usize, bool)> {
        parts.lists.iter().map(|list| (list.recipients.len(), list.certain)).collect()
    }

    #[test]
    fn a_rest_of_one_is_spread() {
        let parts = parts(&range(0, 20_001), &Set::new(), 2, 10_000);
        assert_eq!(sizes(&parts), [(6667, true), (6667, true), (6667, true)]);
        assert!(parts.alone.is_empty());
    }

    #[test]
    fn the_only_certain_recipient_joins_the_possible() {
        let cut = parts(&range(0, 1), &range(1, 4), 2, 10_000);
        assert_eq!(sizes(&cut), [(4, false)]);
        let cut = parts(&range(0, 1), &range(1, 2), 2, 10_000);
        assert_eq!(sizes(&cut), [(2, false)]);
    }

    #[test]
    fn the_only_possible_recipient_borrows_a_certain_one() {
        let cut = parts(&range(0, 10), &range(10, 11), 2, 10_000);
        assert_eq!(sizes(&cut), [(9, true), (2, false)]);
        // Lending one of two would leave the other alone.
        let cut = parts(&range(0, 2), &range(2, 3), 2, 10_000);
        assert_eq!(sizes(&cut), [(3, false)]);
    }

    #[test]
    fn a_list_of_one_is_refused_by_the_platform() {
        let cut = parts(&range(5, 6), &Set::new(), 2, 10_000);
        assert!(cut.lists.is_empty());
        assert_eq!(cut.alone, range(5, 6));
        assert_eq!(parts(&Set::new(), &Set::new(), 2, 10_000), Parts::default());
    }

    proptest! {
        #[test]
        fn everybody_stands_in_one_list_or_alone(
            who in prop::collection::btree_map(0u32..400, any::<bool>(), 0..200),
            least in 1usize..6, most in 1usize..30,
        ) {
            let class = |sure: bool| -> Set {
                who.iter().filter(|(_, certain)| **certain == sure).map(|(ord, _)| *ord).collect()
            };
            let (certain, possible) = (class(true), class(false));
            let cut = parts(&certain, &possible, least, most);
            let mut seen = cut.alone.clone();
            for list in &cut.lists {
                let size = list.recipients.len();
                prop_assert!(size >= least && size <= most, "{} of {least}..{most}", size);
                prop_assert!(list.recipients.is_disjoint(&seen));
                prop_assert_eq!(list.certain, list.recipients.is_subset(&certain));
                seen.or_with(&list.recipients);
            }
            prop_assert_eq!(seen, certain.union(&possible));
        }

        /// The platform's own least: nobody is alone among others, and no call is wasted.
        #[test]
        fn nobody_is_alone_among_others(sure in 0u32..90, open in 0u32..90, most in 4usize..30) {
            let cut = parts(&range(0, sure), &range(sure, sure + open), 2, most);
            prop_assert_eq!(cut.alone.len(), usize::from(sure + open == 1));
            let calls = (sure as usize).div_ceil(most) + (open as usize).div_ceil(most);
            prop_assert!(cut.lists.len() <= calls);
            for certain in [true, false] {
                let of_class = cut.lists.iter().filter(|list| list.certain == certain);
                let sizes: Vec<usize> = of_class.map(|list| list.recipients.len()).collect();
                let spread = sizes.iter().max().zip(sizes.iter().min());
                prop_assert!(spread.is_none_or(|(most, least)| most - least <= 1));
            }
        }
    }
}
