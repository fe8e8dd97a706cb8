//! The people of one account: who follows, since when, who refuses messages, and how many mass
//! messages each got this month.
//!
//! A person is an ordinal, dense from 0 and never reused. The OpenID is the ordinal enciphered
//! with a key of the account's own, so neither direction needs a table and another account's
//! OpenID is told apart by its padding. Beside a few bit sets a person costs four bytes.

pub mod behaviour;
pub mod character;
pub mod description;
pub mod month_counts;
pub mod openid;
pub mod people;
pub mod response;
pub mod shop;

use roaring::RoaringBitmap;
use wire::{Month, OpenId, Timestamp};

use crate::chance::{draw, falls, letters};
use month_counts::MonthCounts;
use openid::Cipher;
use shop::Shop;

/// Topics of the draws, so that no two traits hang together by accident.
pub(crate) mod topic {
    pub const SINCE: u64 = 1;
    pub const REFUSES: u64 = 2;
    pub const SCENE: u64 = 3;
    pub const SKIN: u64 = 4;
    pub const CITY: u64 = 5;
    pub const LEVEL: u64 = 6;
    pub const INTEREST: u64 = 7;
    pub const CUSTOMER: u64 = 8;
    pub const ORDERS: u64 = 9;
    pub const BIRTHDAY: u64 = 10;
    pub const EVENING: u64 = 11;
    pub const LEAVE: u64 = 12;
    pub const DELIVERY: u64 = 13;
    pub const IDS: u64 = 14;
    pub const NICKNAME: u64 = 21;
    pub const PICTURE: u64 = 22;
    pub const SNAPSHOT: u64 = 23;
    pub const UNION: u64 = 24;
    pub const COMPONENT: u64 = 25;
    pub const TYPE: u64 = 41;
    pub const RESPONSE: u64 = 42;
    pub const READ: u64 = 43;
    pub const CLICK: u64 = 44;
    pub const WRITE: u64 = 45;
    pub const SHARE: u64 = 46;
    pub const ORDER: u64 = 47;
    pub const AMOUNT: u64 = 48;
    pub const MOMENT: u64 = 49;
    pub const DAY: u64 = 50;
    pub const ARRIVE: u64 = 51;
    pub const ACT: u64 = 52;
    pub const CLIENT: u64 = 31;
    pub const MENU: u64 = 32;
}

/// The people of one account.
#[derive(Clone)]
pub struct Population {
    seed: u64,
    cipher: Cipher,
    following: RoaringBitmap,
    refusing: RoaringBitmap,
    /// Those on the account's blacklist; leaving does not take anybody off it.
    blacklisted: RoaringBitmap,
    /// Unix seconds of the last follow; its length is the number of people who ever followed.
    since: Vec<u32>,
    /// Mass messages received in `month`.
    received: MonthCounts,
    month: Month,
    at_start: u32,
    shop: Shop,
}

impl Population {
    /// `followers` people who followed within the three years before `now`.
    #[must_use]
    pub fn new(
        appid: &str,
        seed: u64,
        followers: u32,
        refusing_per_mille: u32,
        now: Timestamp,
    ) -> Self {
        let shop = Shop::new(seed, now);
        let mut refusing = RoaringBitmap::new();
        let mut since = Vec::with_capacity(followers as usize);
        for n in 0..followers {
            since.push(seconds(shop.first_follow(n)));
            let refuses = draw(seed, topic::REFUSES, n.into());
            if falls(refuses, refusing_per_mille.into(), 1000) {
                // Ordinals come in rising order, so this cannot fail.
                let _ = refusing.try_push(n);
            }
        }
        let mut following = RoaringBitmap::new();
        following.insert_range(0..followers);
        Self {
            seed,
            cipher: Cipher::new(appid, seed),
            following,
            refusing,
            blacklisted: RoaringBitmap::new(),
            received: MonthCounts::default(),
            since,
            month: now.month(),
            at_start: followers,
            shop,
        }
    }

    /// The number everything about these people is drawn from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What these people are like as customers.
    #[must_use]
    pub fn shop(&self) -> Shop {
        self.shop
    }

    /// How many people were there at the start.
    #[must_use]
    pub fn at_start(&self) -> u32 {
        self.at_start
    }

    /// How many people ever followed.
    #[must_use]
    pub fn ever(&self) -> u32 {
        // People are added one by one through `arrive`, which stops below the limit of u32.
        u32::try_from(self.since.len()).unwrap_or(u32::MAX)
    }

    /// Those who follow now.
    #[must_use]
    pub fn following(&self) -> &RoaringBitmap {
        &self.following
    }

    /// Those who switched the account's messages off.
    #[must_use]
    pub fn refusing(&self) -> &RoaringBitmap {
        &self.refusing
    }

    /// Those on the account's blacklist (`platform/07 §6`).
    #[must_use]
    pub fn blacklisted(&self) -> &RoaringBitmap {
        &self.blacklisted
    }

    /// Puts these on the blacklist.
    pub fn blacklist(&mut self, people: impl IntoIterator<Item = u32>) {
        self.blacklisted.extend(people);
    }

    /// Takes these off the blacklist.
    pub fn unblacklist(&mut self, people: impl IntoIterator<Item = u32>) {
        for person in people {
            self.blacklisted.remove(person);
        }
    }

    /// What turns ordinals into OpenIDs.
    #[must_use]
    pub fn cipher(&self) -> &Cipher {
        &self.cipher
    }

    /// The person's OpenID.
    #[must_use]
    pub fn openid(&self, person: u32) -> String {
        self.cipher.openid(person)
    }

    /// The same, as `wire`'s type.
    #[must_use]
    pub fn wire_openid(&self, person: u32) -> Option<OpenId> {
        OpenId::parse(&self.cipher.openid(person)).ok()
    }

    /// Whose OpenID this is; `None` for another account's or nobody's.
    #[must_use]
    pub fn person(&self, openid: &str) -> Option<u32> {
        self.cipher.person(openid).filter(|person| *person < self.ever())
    }

    /// The person's WeChat name (微信号), which the operator knows of some people.
    #[must_use]
    pub fn wechat_name(&self, person: u32) -> String {
        format!("wxid_{}{person:06}", letters(self.seed, 6).to_ascii_lowercase())
    }

    /// Whose WeChat name this is.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<u32> {
        let person = name.get("wxid_".len() + 6..)?.parse().ok()?;
        (person < self.ever() && self.wechat_name(person) == name).then_some(person)
    }

    /// The person of this OpenID, if they follow.
    #[must_use]
    pub fn follower(&self, openid: &str) -> Option<u32> {
        self.person(openid).filter(|person| self.following.contains(*person))
    }

    /// When the person followed last.
    #[must_use]
    pub fn since(&self, person: u32) -> i64 {
        self.since.get(person as usize).copied().map_or(0, i64::from)
    }

    /// Somebody new follows.
    pub fn arrive(&mut self, now: Timestamp) -> Option<u32> {
        let person = u32::try_from(self.since.len()).ok().filter(|n| *n < u32::MAX)?;
        self.since.push(seconds(now));
        self.following.insert(person);
        Some(person)
    }

    /// A person follows again; `false` when they do already.
    pub fn follow(&mut self, person: u32, now: Timestamp) -> bool {
        let Some(since) = self.since.get_mut(person as usize) else { return false };
        let changed = self.following.insert(person);
        if changed {
            *since = seconds(now);
        }
        changed
    }

    /// A person leaves; `false` when they had left already.
    pub fn leave(&mut self, person: u32) -> bool {
        self.following.remove(person)
    }

    /// A person switches the account's messages off or on; `false` when nothing changed.
    pub fn refuse(&mut self, person: u32, refuses: bool) -> bool {
        if person >= self.ever() {
            return false;
        }
        if refuses { self.refusing.insert(person) } else { self.refusing.remove(person) }
    }

    /// Mass messages the person received in the month of `now`.
    #[must_use]
    pub fn received(&self, person: u32, now: Timestamp) -> u8 {
        if self.month != now.month() {
            return 0;
        }
        self.received.of(person)
    }

    /// Starts counting anew when a month has begun.
    pub fn renew(&mut self, now: Timestamp) {
        if self.month != now.month() {
            self.month = now.month();
            self.received = MonthCounts::default();
        }
    }

    /// Of these, those who follow, do not refuse, are not on the blacklist, and have a slot left:
    /// what the platform leaves after filtering. Call [`Population::renew`] first.
    #[must_use]
    pub fn reachable(&self, candidates: &RoaringBitmap, cap: u8) -> RoaringBitmap {
        self.reachable_within(candidates, &self.received, cap)
    }

    /// The same, where `counts` say what each received.
    #[must_use]
    pub fn reachable_within(
        &self,
        candidates: &RoaringBitmap,
        counts: &MonthCounts,
        cap: u8,
    ) -> RoaringBitmap {
        let mut reachable = candidates & &self.following;
        reachable -= &self.refusing;
        reachable -= &self.blacklisted;
        match counts.at_least(cap) {
            _ if cap == 0 => reachable.clear(),
            Some(full) => reachable -= full,
            None => {}
        }
        reachable
    }

    /// One message less for each of these.
    pub fn take_back(&mut self, spent: &RoaringBitmap) {
        self.received.take_back(spent);
    }

    /// What each received this month.
    #[must_use]
    pub fn month_counts(&self) -> &MonthCounts {
        &self.received
    }

    /// Instead of those drawn at the start, these have switched the account's messages off.
    pub fn set_refusing(&mut self, refusing: RoaringBitmap) {
        self.refusing = refusing;
    }

    /// One more message for each of these.
    pub fn deliver(&mut self, received: &RoaringBitmap) {
        self.received.add(received);
    }

    /// How many of those who follow received 0, 1, … `cap` (or more) messages this month.
    #[must_use]
    pub fn histogram(&self, cap: u8, now: Timestamp) -> Vec<u64> {
        if self.month == now.month() {
            self.received.histogram(&self.following, cap)
        } else {
            MonthCounts::default().histogram(&self.following, cap)
        }
    }

    /// Bytes these people take, by what takes them.
    #[must_use]
    pub fn memory(&self) -> Vec<(&'static str, u64)> {
        let sets = [&self.following, &self.refusing, &self.blacklisted];
        vec![
            ("when each followed", (self.since.capacity() * size_of::<u32>()) as u64),
            ("who follows, refuses, is on the blacklist", sets.into_iter().map(set_bytes).sum()),
            ("messages each received this month", self.received.bytes()),
        ]
    }
}

/// Bytes of a set: its containers as they lie in memory, to within their heads.
pub(crate) fn set_bytes(set: &RoaringBitmap) -> u64 {
    set.serialized_size() as u64
}

fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.0.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(count: u32) -> Population {
        Population::new("wx0123456789abcdef", 42, count, 100, Timestamp(1_772_330_400))
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        let (one, two) = (people(1000), people(1000));
        assert_eq!(one.openid(999), two.openid(999));
        assert_eq!(one.since(5), two.since(5));
        assert_eq!(one.refusing(), two.refusing());
        assert!((60..140).contains(&one.refusing().len()));
    }

    #[test]
    fn leaving_and_following_again_keeps_the_person_and_the_count() {
        let now = Timestamp(1_772_330_400);
        let mut people = people(10);
        let everybody = people.following().clone();
        let cap = 4;
        for _ in 0..5 {
            let reached = people.reachable(&everybody, cap);
            people.deliver(&reached);
        }
        let reader = (0..10).find(|n| !people.refusing().contains(*n)).unwrap();
        assert_eq!(people.received(reader, now), 4);
        assert!(people.leave(reader) && !people.leave(reader));
        assert!(people.follow(reader, now + 5) && !people.follow(reader, now + 6));
        assert_eq!(people.since(reader), now.0 + 5);
        assert_eq!(people.received(reader, now), 4, "a slot does not come back by leaving");
        let next_month = now.month().next().start();
        assert_eq!(people.received(reader, next_month), 0);
        people.renew(next_month);
        assert_eq!(people.reachable(&everybody, cap).len(), 10 - people.refusing().len());
    }

    #[test]
    fn a_newcomer_gets_the_next_ordinal() {
        let mut people = people(10);
        assert_eq!(people.arrive(Timestamp(1_772_340_000)), Some(10));
        assert_eq!(people.person(&people.openid(10)), Some(10));
        assert_eq!(people.person(&people.openid(11)), None, "nobody has that ordinal yet");
    }
}
