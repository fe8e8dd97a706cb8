//! What a follower is like at a moment, in few bins that can be said in words.
//!
//! Everything a merchant has of each follower: how lately, how often and for how much they ordered,
//! when and how often they did anything, how many messages they got this month, how they answered
//! earlier campaigns of this kind and of others, and segments the merchant chose. A number becomes
//! a bin, so that people of the same bins are one row, and a bin can be explained.

use serde::{Deserialize, Serialize};

/// Days over which answers to earlier campaigns are looked at.
pub const ANSWER_DAYS: u32 = 90;
/// Days over which acts are counted.
pub const ACT_DAYS: u32 = 30;
/// Days over which orders are counted and added up.
pub const ORDER_DAYS: u32 = 365;
/// The most segments a merchant may choose.
pub const MOST_CHOSEN: usize = 8;

const BITS: usize = 3;
const MASK: u64 = (1 << BITS) - 1;

/// One thing that followers differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// How long ago they ordered last.
    LastOrder,
    /// How many orders in a year.
    Orders,
    /// For how much in a year.
    Amount,
    /// How long ago they clicked, wrote or scanned last.
    LastAct,
    /// How often they did in a month.
    Acts,
    /// Messages they got this month.
    Received,
    /// How long they have followed.
    Following,
    /// How they answered campaigns of this kind.
    SameKind,
    /// How they answered campaigns of other kinds.
    OtherKinds,
    /// Whether they are in a segment the merchant chose, by its place.
    Chosen(u8),
}

/// A bin in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

const fn words(en: &'static str, zh: &'static str) -> Words {
    Words { en, zh }
}

impl Feature {
    /// All but the chosen ones.
    pub const FIXED: [Self; 9] = [
        Self::LastOrder,
        Self::Orders,
        Self::Amount,
        Self::LastAct,
        Self::Acts,
        Self::Received,
        Self::Following,
        Self::SameKind,
        Self::OtherKinds,
    ];

    /// All of them, with so many chosen ones.
    pub fn all(chosen: usize) -> impl Iterator<Item = Self> {
        Self::FIXED.into_iter().chain((0..chosen.min(MOST_CHOSEN) as u8).map(Self::Chosen))
    }

    fn place(self) -> usize {
        match self {
            Self::Chosen(nth) => Self::FIXED.len() * BITS + usize::from(nth),
            fixed => Self::FIXED.iter().position(|one| *one == fixed).unwrap_or_default() * BITS,
        }
    }

    /// What it is, in words; a chosen segment has its own name.
    #[must_use]
    pub fn name(self) -> Words {
        match self {
            Self::LastOrder => words("last order", "最近下单"),
            Self::Orders => words("orders of a year", "一年内订单数"),
            Self::Amount => words("amount of a year", "一年内消费额"),
            Self::LastAct => words("last click, message or scan", "最近互动"),
            Self::Acts => words("clicks, messages and scans of 30 days", "30 天内互动次数"),
            Self::Received => words("messages received this month", "本月已收消息"),
            Self::Following => words("follows since", "关注时长"),
            Self::SameKind => words("answers to this kind in 90 days", "90 天内对同类活动的反应"),
            Self::OtherKinds => {
                words("answers to other kinds in 90 days", "90 天内对其他活动的反应")
            }
            Self::Chosen(_) => words("in the segment", "属于人群"),
        }
    }

    /// Its bins in words.
    #[must_use]
    pub fn bins(self) -> &'static [Words] {
        const ORDERED: [Words; 6] = [
            words("never ordered", "从未下单"),
            words("within 7 days", "7 天内"),
            words("8 to 30 days ago", "8–30 天前"),
            words("31 to 90 days ago", "31–90 天前"),
            words("91 to 365 days ago", "91–365 天前"),
            words("over a year ago", "一年以前"),
        ];
        const ORDERS: [Words; 4] = [
            words("none", "无"),
            words("one", "1 单"),
            words("2 or 3", "2–3 单"),
            words("4 or more", "4 单及以上"),
        ];
        const AMOUNT: [Words; 4] = [
            words("nothing", "无"),
            words("under ¥300", "300 元以下"),
            words("¥300 to ¥1,000", "300–1000 元"),
            words("over ¥1,000", "1000 元以上"),
        ];
        const ACTED: [Words; 5] = [
            words("never", "从未"),
            words("within 7 days", "7 天内"),
            words("8 to 30 days ago", "8–30 天前"),
            words("31 to 90 days ago", "31–90 天前"),
            words("over 90 days ago", "90 天以前"),
        ];
        const ACTS: [Words; 4] = [
            words("none", "无"),
            words("one", "1 次"),
            words("2 or 3", "2–3 次"),
            words("4 or more", "4 次及以上"),
        ];
        const RECEIVED: [Words; 4] = [
            words("none", "无"),
            words("one", "1 条"),
            words("two", "2 条"),
            words("three or more", "3 条及以上"),
        ];
        const FOLLOWING: [Words; 4] = [
            words("not known", "未知"),
            words("up to 30 days", "30 天以内"),
            words("31 to 180 days", "31–180 天"),
            words("over 180 days", "180 天以上"),
        ];
        const ANSWERS: [Words; 5] = [
            words("received none", "未收到过"),
            words("did nothing after the one received", "收到 1 次,没有反应"),
            words("did nothing after two or more", "收到 2 次及以上,没有反应"),
            words("did something once", "有 1 次反应"),
            words("did something twice or more", "有 2 次及以上反应"),
        ];
        const CHOSEN: [Words; 2] = [words("no", "否"), words("yes", "是")];
        match self {
            Self::LastOrder => &ORDERED,
            Self::Orders => &ORDERS,
            Self::Amount => &AMOUNT,
            Self::LastAct => &ACTED,
            Self::Acts => &ACTS,
            Self::Received => &RECEIVED,
            Self::Following => &FOLLOWING,
            Self::SameKind | Self::OtherKinds => &ANSWERS,
            Self::Chosen(_) => &CHOSEN,
        }
    }
}

/// How somebody answered earlier campaigns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// Campaigns received.
    pub received: u32,
    /// After how many of them they ordered, clicked, wrote or scanned.
    pub answered: u32,
}

impl Answers {
    fn bin(self) -> usize {
        match (self.answered, self.received) {
            (0, 0) => 0,
            (0, 1) => 1,
            (0, _) => 2,
            (1, _) => 3,
            _ => 4,
        }
    }
}

/// What is known of a follower at a moment; nothing of it happened later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// Days since the last order, if there is one.
    pub days_since_order: Option<u32>,
    /// Orders of the last [`ORDER_DAYS`].
    pub orders: u32,
    /// What they paid and kept in these days, in cents.
    pub cents: i64,
    /// Days since the last act, if there is one.
    pub days_since_act: Option<u32>,
    /// Acts of the last [`ACT_DAYS`].
    pub acts: u32,
    /// Messages received this month.
    pub received: u32,
    /// Days they have followed, where that is known.
    pub days_following: Option<u32>,
    /// Answers to campaigns of this kind in the last [`ANSWER_DAYS`].
    pub same_kind: Answers,
    /// Answers to other campaigns in these days.
    pub other_kinds: Answers,
    /// Segments chosen: bit `i` for the `i`th.
    pub chosen: u8,
}

/// The bins a follower is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Traits(u64);

impl Traits {
    /// The bins of somebody.
    #[must_use]
    pub fn of(known: &Known) -> Self {
        let since = |days: Option<u32>, cuts: &[u32]| {
            days.map_or(0, |days| 1 + cuts.iter().filter(|cut| days >= **cut).count())
        };
        let count = |count: u32| match count {
            0 | 1 => count as usize,
            2 | 3 => 2,
            _ => 3,
        };
        let amount = match known.cents {
            i64::MIN..=0 => 0,
            1..30_000 => 1,
            30_000..100_000 => 2,
            _ => 3,
        };
        let bins = [
            since(known.days_since_order, &[7, 30, 90, 365]),
            count(known.orders),
            amount,
            since(known.days_since_act, &[7, 30, 90]),
            count(known.acts),
            known.received.min(3) as usize,
            since(known.days_following, &[30, 180]),
            known.same_kind.bin(),
            known.other_kinds.bin(),
        ];
        let fixed = Feature::FIXED.into_iter().zip(bins);
        let traits = fixed.fold(Self(0), |traits, (feature, bin)| traits.with(feature, bin));
        Self(traits.0 | u64::from(known.chosen) << (Feature::FIXED.len() * BITS))
    }

    /// The bin of a feature.
    #[must_use]
    pub fn bin(self, feature: Feature) -> usize {
        let mask = if matches!(feature, Feature::Chosen(_)) { 1 } else { MASK };
        (self.0 >> feature.place() & mask) as usize
    }

    /// The same with another bin of one feature.
    #[must_use]
    pub fn with(self, feature: Feature, bin: usize) -> Self {
        let mask = if matches!(feature, Feature::Chosen(_)) { 1 } else { MASK };
        let place = feature.place();
        Self(self.0 & !(mask << place) | (bin as u64 & mask) << place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_has_its_words_and_its_place() {
        for feature in Feature::all(MOST_CHOSEN) {
            for bin in 0..feature.bins().len() {
                let others = Traits::of(&Known { orders: 9, chosen: 0b101, ..Known::default() });
                let set = others.with(feature, bin);
                assert_eq!(set.bin(feature), bin);
                for other in Feature::all(MOST_CHOSEN).filter(|other| *other != feature) {
                    assert_eq!(set.bin(other), others.bin(other), "{feature:?} moved {other:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_fall_into_the_bins_that_their_words_say() {
        let said =
            |feature: Feature, known: Known| feature.bins()[Traits::of(&known).bin(feature)].en;
        let ordered = |days| Known { days_since_order: Some(days), ..Known::default() };
        for (days, words) in [
            (0, "within 7 days"),
            (6, "within 7 days"),
            (7, "8 to 30 days ago"),
            (29, "8 to 30 days ago"),
            (30, "31 to 90 days ago"),
            (364, "91 to 365 days ago"),
            (365, "over a year ago"),
        ] {
            assert_eq!(said(Feature::LastOrder, ordered(days)), words, "{days}");
        }
        assert_eq!(said(Feature::LastOrder, Known::default()), "never ordered");
        let spent = |cents| Known { cents, ..Known::default() };
        assert_eq!(said(Feature::Amount, spent(-5)), "nothing");
        assert_eq!(said(Feature::Amount, spent(29_999)), "under ¥300");
        assert_eq!(said(Feature::Amount, spent(100_000)), "over ¥1,000");
        let answered = |received, answered| Known {
            same_kind: Answers { received, answered },
            ..Known::default()
        };
        assert_eq!(said(Feature::SameKind, answered(3, 1)), "did something once");
        assert_eq!(said(Feature::SameKind, answered(3, 0)), "did nothing after two or more");
        assert_eq!(
            said(Feature::Received, Known { received: 9, ..Known::default() }),
            "three or more"
        );
        assert_eq!(said(Feature::Chosen(1), Known { chosen: 2, ..Known::default() }), "yes");
        assert_eq!(said(Feature::Chosen(0), Known { chosen: 2, ..Known::default() }), "no");
    }
}
