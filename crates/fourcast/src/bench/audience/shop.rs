//! The account that `bench audience` measures: followers with tags that go together, attributes,
//! and a year of orders. Everything is a function of the seed and the follower's number, in whole
//! numbers alone, so that every machine makes the same.

use audience::{Attribute, Index, Order, Set};
use wire::{TagId, Timestamp};

/// Tags of a follower's own kind come first: one of six cities, three genders, four levels.
const FAMILIES: [u32; 3] = [6, 3, 4];
/// Tags in all.
pub const TAGS: u32 = 40;
/// Typical followers, a few of them very common.
const ARCHETYPES: u64 = 20_000;
/// Of a hundred behavioural tags so many are the archetype's.
const COHERENT: u64 = 90;
/// The moment everything is asked at: 2026-03-02 10:00, a Monday.
pub const NOW: Timestamp = Timestamp(1_772_416_800);
const YEAR: u64 = 365 * 86_400;

/// What a follower is made of.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    /// How many there are.
    pub followers: u32,
    /// Orders each has on average.
    pub orders: u32,
    /// Another seed is another shop.
    pub seed: u64,
}

/// Numbers drawn one after the other (splitmix64).
pub struct Draw(u64);

impl Draw {
    /// The draws of one stream.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..n`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

impl Shop {
    /// A follower's tags, a bit each.
    pub fn tags(&self, ord: u32) -> u64 {
        let mut draw = Draw::new(self.seed, u64::from(ord));
        let (mut bits, mut first) = (0, 0);
        for family in FAMILIES {
            // The first of a family is the most common.
            let one = draw.below(u64::from(family)).min(draw.below(u64::from(family)));
            bits |= 1 << (u64::from(first) + one);
            first += family;
        }
        // The third power of a number below one: low archetypes are common.
        let place = draw.below(1 << 20);
        let cubed = (((place * place) >> 20) * place) >> 20;
        let archetype = (cubed * ARCHETYPES) >> 20;
        let mut typical = Draw::new(!self.seed, archetype);
        for (rank, tag) in (first..TAGS).enumerate() {
            // The k-th tag is carried by 0.45 / (1 + 0.55 k).
            let size = 4_500 * 100 / (100 + 55 * rank as u64);
            let of_archetype = typical.below(10_000) < size;
            let own = draw.below(10_000) < size;
            let carries = if draw.below(100) < COHERENT { of_archetype } else { own };
            bits |= u64::from(carries) << tag;
        }
        bits
    }

    /// Messages of the month a follower has had.
    pub fn used(&self, ord: u32) -> u32 {
        let mut draw = Draw::new(self.seed ^ 1, u64::from(ord));
        draw.below(5).min(draw.below(6)) as u32
    }

    /// Calls `see` with moment and cents of every order of a follower, oldest first.
    pub fn orders(
        &self,
        ord: u32,
        moments: &mut Vec<u64>,
        mut see: impl FnMut(Timestamp, i64, u32),
    ) {
        let mut draw = Draw::new(self.seed ^ 2, u64::from(ord));
        let many = draw.below(u64::from(self.orders) * 2 + 1);
        moments.clear();
        moments.extend((0..many).map(|_| draw.below(YEAR)));
        moments.sort_unstable();
        for before in moments.iter().rev() {
            let cents = 900 + draw.below(60_000) as i64;
            see(NOW + -(*before as i64), cents, 1 + draw.below(4) as u32);
        }
    }

    fn attributes(&self, ord: u32, index: &mut Index) {
        let mut draw = Draw::new(self.seed ^ 3, u64::from(ord));
        let text = |text: String| Attribute::Text(text);
        let mut set = |name: &str, value| index.set_attribute(ord, name, value);
        set("城市", text(format!("城市{}", draw.below(300))));
        set("省份", text(format!("省{}", draw.below(31))));
        set("语言", text(["zh_CN", "zh_TW", "en"][draw.below(3) as usize].to_owned()));
        set("来源", text(format!("ADD_SCENE_{}", draw.below(12))));
        set("会员等级", text(format!("V{}", draw.below(6))));
        set("生日", text(wire::Day(draw.below(20_000) as i32).to_string()));
        set("到期", text(wire::Day(20_000 + draw.below(1_000) as i32).to_string()));
        set("积分", Attribute::Number(draw.below(100_000) as f64));
        set("年龄", Attribute::Number((14 + draw.below(60)) as f64));
        set("会员", Attribute::Flag(draw.below(3) == 0));
    }

    /// The whole account.
    pub fn index(&self, orders: bool, mut seen: impl FnMut(u32)) -> Index {
        let mut index = Index::new();
        index.set_tag_names((0..TAGS).map(|tag| (tag_id(tag), tag_name(tag))));
        let mut moments = Vec::new();
        let mut tags = Vec::new();
        for ord in 0..self.followers {
            let since = Draw::new(self.seed ^ 4, u64::from(ord)).below(3 * YEAR);
            index.set_following(ord, ord % 20 > 0, NOW + -(since as i64));
            let bits = self.tags(ord);
            tags.clear();
            tags.extend((0..TAGS).filter(|tag| bits >> tag & 1 == 1).map(tag_id));
            index.set_tags(ord, &tags);
            self.attributes(ord, &mut index);
            if orders {
                self.orders(ord, &mut moments, |at, cents, items| {
                    index.add_order(ord, Order { at, cents, items, refunded_cents: 0 });
                });
            }
            if ord % 65_536 == 0 {
                seen(ord);
            }
        }
        index.shrink();
        index
    }

    /// Everybody's slots as four months' sends left them.
    pub fn sends(&self) -> Vec<Set> {
        let sent = |least: u32| Set::from_fn(self.followers, |ord| self.used(ord) >= least);
        (1..=4).map(sent).collect()
    }
}

/// The platform's number of a tag.
pub fn tag_id(tag: u32) -> TagId {
    TagId(100 + i64::from(tag))
}

fn tag_name(tag: u32) -> String {
    format!("标签{tag}")
}

/// A segment of ten tags, as a person would write it.
pub fn ten_tags() -> String {
    let tag = |tag: u32| format!("tag \"{}\"", tag_name(tag));
    format!(
        "({} or {} or {}) and ({} or {} or {}) and not {} and not {} and ({} or {})",
        tag(0),
        tag(1),
        tag(2),
        tag(13),
        tag(14),
        tag(15),
        tag(17),
        tag(18),
        tag(16),
        tag(19)
    )
}

/// The segments of the month's campaigns: tags joined in five ways, as narrow as real ones.
pub fn campaigns(n: u32) -> Vec<String> {
    let mut draw = Draw::new(20_140_601, 7);
    let mut tag = || format!("tag \"{}\"", tag_name(draw.below(u64::from(TAGS)) as u32));
    (0..n)
        .map(|number| match number % 5 {
            0 => format!("{} or {}", tag(), tag()),
            1 => format!("{} and not {}", tag(), tag()),
            2 => format!("({} or {}) and not {}", tag(), tag(), tag()),
            3 => format!("({} or {}) and ({} or {})", tag(), tag(), tag(), tag()),
            _ => format!("{} or ({} and {})", tag(), tag(), tag()),
        })
        .collect()
}
