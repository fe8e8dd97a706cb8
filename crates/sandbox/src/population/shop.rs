//! What the followers of a cosmetics shop are like, drawn from the seed and never stored: skin,
//! city, level, interests (the account's tags at the start), customer numbers, birthdays, orders.
//!
//! In an account of 150,000 about 20,000 have oily skin and about 30,000 dry skin (mission C5).

use wire::{Day, Timestamp};

use super::topic;
use crate::chance::{draw, falls};

/// How people who scan a QR code come.
pub const BY_QR_CODE: &str = "ADD_SCENE_QR_CODE";

/// Names of the tags an account starts with; the first gets the number 100.
pub const TAGS: [&str; 19] = [
    "油性皮肤",
    "干性皮肤",
    "混合皮肤",
    "敏感皮肤",
    "上海",
    "北京",
    "广州",
    "深圳",
    "成都",
    "杭州",
    "武汉",
    "西安",
    "金卡会员",
    "银卡会员",
    "普通会员",
    "彩妆",
    "护肤",
    "香水",
    "新粉丝",
];

const FIRST_CITY: usize = 4;
const FIRST_LEVEL: usize = 12;
const FIRST_INTEREST: usize = 15;
const NEWCOMER: usize = 18;
const NEWCOMER_SECONDS: i64 = 30 * 86_400;
const DAY: i64 = 86_400;
const THREE_YEARS: u64 = 3 * 365 * 86_400;

/// How a follower came, with their share of a thousand.
const SCENES: [(&str, u64); 8] = [
    ("ADD_SCENE_QR_CODE", 380),
    ("ADD_SCENE_SEARCH", 220),
    ("ADD_SCENE_PROFILE_CARD", 110),
    ("ADD_SCENE_PAID", 100),
    ("ADD_SCENE_WXA", 70),
    ("ADD_SCENE_CHANNELS", 50),
    ("ADD_SCENE_PROFILE_LINK", 40),
    ("ADD_SCENE_OTHERS", 30),
];

/// Orders in each month of the year, relative: festivals and the November sales stand out.
const SEASON: [u64; 12] = [9, 7, 10, 8, 10, 14, 7, 8, 9, 10, 20, 13];

/// One order as the shop's own system would export it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Unique in the shop.
    pub id: String,
    /// When it was paid.
    pub at: Timestamp,
    /// Fen.
    pub cents: i64,
    /// Pieces.
    pub items: u64,
}

/// The customer number a person has or gets with their first order.
#[must_use]
pub fn number(person: u32) -> String {
    format!("C{person:07}")
}

/// Chooses by weights; the weights add up to the draw's range.
fn weighted(drawn: u64, weights: impl Iterator<Item = u64> + Clone) -> usize {
    let whole: u64 = weights.clone().sum();
    let mut left = (drawn >> 11) % whole.max(1);
    for (place, weight) in weights.enumerate() {
        if left < weight {
            return place;
        }
        left -= weight;
    }
    0
}

/// The shop of one account: all its answers are drawn, so it is as small as its seed.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    seed: u64,
    started: Timestamp,
}

impl Shop {
    /// The shop whose records end at `started`.
    #[must_use]
    pub fn new(seed: u64, started: Timestamp) -> Self {
        Self { seed, started }
    }

    /// When a person of the start followed: within the three years before it.
    #[must_use]
    pub fn first_follow(&self, person: u32) -> Timestamp {
        let ago = self.drawn(topic::SINCE, person) % THREE_YEARS;
        self.started + (-1 - ago as i64)
    }

    fn drawn(&self, topic: u64, person: u32) -> u64 {
        draw(self.seed, topic, person.into())
    }

    /// How the person came: `ADD_SCENE_…`.
    #[must_use]
    pub fn scene(&self, person: u32) -> &'static str {
        let drawn = self.drawn(topic::SCENE, person);
        SCENES.get(weighted(drawn, SCENES.iter().map(|scene| scene.1))).map_or("", |scene| scene.0)
    }

    /// The number of the QR code they followed by: 1001…1020, or 0.
    #[must_use]
    pub fn qr_scene(&self, person: u32) -> i64 {
        if self.scene(person) == BY_QR_CODE {
            1001 + (self.drawn(topic::SCENE, person) % 20) as i64
        } else {
            0
        }
    }

    /// Customer number in the shop's own system, for seven in ten.
    #[must_use]
    pub fn customer(&self, person: u32) -> Option<String> {
        self.is_customer(person).then(|| number(person))
    }

    /// Whether any order of [`Shop::orders`] can lie at or after `since`.
    #[must_use]
    pub fn has_orders_since(&self, since: Timestamp) -> bool {
        since < self.started
    }

    fn is_customer(&self, person: u32) -> bool {
        falls(self.drawn(topic::CUSTOMER, person), 70, 100)
    }

    /// Places in [`TAGS`] of the tags this person carries at the start, rising, at most seven.
    pub fn tags_at_start(&self, person: u32) -> impl Iterator<Item = usize> + use<> {
        let skin = weighted(self.drawn(topic::SKIN, person), [2, 3, 6, 4].into_iter());
        let of_city = self.drawn(topic::CITY, person);
        let city = weighted(of_city, [20, 16, 14, 13, 11, 10, 9, 7, 18].into_iter());
        let interests = self.drawn(topic::INTEREST, person);
        let interest = move |place: usize, share: u64| {
            falls(interests.rotate_left(17 * place as u32), share, 100)
                .then_some(FIRST_INTEREST + place)
        };
        let recent = self.started - self.first_follow(person) <= NEWCOMER_SECONDS;
        let tags: [Option<usize>; 7] = [
            Some(skin),
            (city < 8).then_some(FIRST_CITY + city),
            self.is_customer(person).then(|| FIRST_LEVEL + self.level_place(person)),
            interest(0, 35),
            interest(1, 55),
            interest(2, 20),
            recent.then_some(NEWCOMER),
        ];
        tags.into_iter().flatten()
    }

    fn level_place(&self, person: u32) -> usize {
        weighted(self.drawn(topic::LEVEL, person), [5, 15, 80].into_iter())
    }

    /// Member level, as the tag spells it.
    #[must_use]
    pub fn level(&self, person: u32) -> &'static str {
        TAGS.get(FIRST_LEVEL + self.level_place(person)).copied().unwrap_or_default()
    }

    /// Between 1965 and 2006.
    #[must_use]
    pub fn birthday(&self, person: u32) -> Day {
        let first = Day::new(1965, 1, 1).unwrap_or(Day(0));
        Day(first.0 + (self.drawn(topic::BIRTHDAY, person) % (42 * 365)) as i32)
    }

    /// The day they became a member: up to two months before their first follow.
    #[must_use]
    pub fn member_since(&self, person: u32) -> Day {
        let shift = (self.drawn(topic::LEVEL, person) >> 32) % 60;
        (self.first_follow(person) + -(shift as i64) * DAY).day()
    }

    /// The person's orders in the three years before the start, oldest first. About four in ten
    /// of all people have any; a few have dozens.
    #[must_use]
    pub fn orders(&self, person: u32) -> Vec<Order> {
        let drawn = self.drawn(topic::ORDERS, person);
        if !self.is_customer(person) || !falls(drawn, 57, 100) {
            return Vec::new();
        }
        let seed = drawn;
        // Each further order is less likely than the last, less so for buyers of gold level.
        let again = [930, 850, 620].get(self.level_place(person)).copied().unwrap_or(600);
        let mut count = 1;
        while count < 80 && falls(draw(seed, 1, count), again, 1000) {
            count += 1;
        }
        let mut moments: Vec<i64> = (0..count).map(|nth| self.order_moment(seed, nth)).collect();
        moments.sort_unstable();
        let order = |(nth, at): (usize, i64)| {
            let nth = nth as u64;
            let items = 1 + weighted(draw(seed, 3, nth), [60, 22, 10, 5, 3].into_iter()) as u64;
            let size = draw(seed, 4, nth);
            // Mostly 39 to 400 yuan a piece, one order in thirty several times that.
            let piece = 3_900 + (size >> 20) % 36_000;
            let piece = if falls(size, 1, 30) { piece * 4 } else { piece };
            Order {
                id: format!("S{person:07}{nth:02}"),
                at: Timestamp(at),
                cents: (piece * items).min(i64::MAX as u64) as i64 / 10 * 10,
                items,
            }
        };
        moments.into_iter().enumerate().map(order).collect()
    }

    /// A moment in the last three years, kept or drawn again by the season's weight.
    fn order_moment(&self, seed: u64, nth: u64) -> i64 {
        let mut moment = self.started.0;
        for attempt in 0..8 {
            let drawn = draw(seed, 2, nth * 8 + attempt);
            moment = self.started.0 - 1 - (drawn % (3 * 365 * DAY as u64)) as i64;
            let month = Timestamp(moment).month().0.rem_euclid(12) as usize;
            let weight = SEASON.get(month).copied().unwrap_or(10);
            if falls(draw(seed, 5, nth * 8 + attempt), weight, 20) {
                break;
            }
        }
        moment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Shop {
        Shop::new(7, Timestamp(1_772_330_400))
    }

    #[test]
    fn skins_are_those_of_the_shop_in_the_mission() {
        let people = shop();
        let mut counts = [0; TAGS.len()];
        for person in 0..15_000 {
            let tags: Vec<usize> = people.tags_at_start(person).collect();
            assert!(tags.len() <= 7 && tags.is_sorted());
            for tag in tags {
                counts[tag] += 1;
            }
        }
        assert!((1_850..2_150).contains(&counts[0]), "oily: {}", counts[0]);
        assert!((2_800..3_200).contains(&counts[1]), "dry: {}", counts[1]);
        assert_eq!(counts[..4].iter().sum::<i32>(), 15_000, "one skin each");
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    }

    #[test]
    fn about_four_in_ten_have_orders_and_few_have_many() {
        let people = shop();
        let counts: Vec<usize> = (0..10_000).map(|n| people.orders(n).len()).collect();
        let buyers = counts.iter().filter(|count| **count > 0).count();
        assert!((3_700..4_300).contains(&buyers), "{buyers} of 10,000");
        assert!(counts.iter().any(|count| *count > 20));
        let orders = people.orders(counts.iter().position(|count| *count > 3).unwrap() as u32);
        assert!(orders.is_sorted_by_key(|order| order.at));
        assert!(orders.iter().all(|order| order.at < people.started && order.cents > 0));
    }
}
