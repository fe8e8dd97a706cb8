//! What the platform counts of an account (数据统计, `platform/10`): following, reading, messages
//! and callbacks, as they really happened here.
//!
//! Counters per day, hour and article; who wrote is kept as bitmaps, because the platform tells
//! distinct people. Nothing here is drawn or guessed: what nobody recorded is zero.

pub mod senders;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use roaring::RoaringBitmap;
use serde::Deserialize;
use wire::{Day, Timestamp};

use senders::Senders;

/// People who came and who left by one way in one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// Who followed.
    pub came: u64,
    /// Who left.
    pub left: u64,
}

/// An article by its number in the statistics (`msg_data_id`) and its place, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleKey {
    /// `msg_data_id`.
    pub msg_data_id: i64,
    /// Place in the message, from 1.
    pub index: u32,
}

impl std::fmt::Display for ArticleKey {
    /// `msgid` of the statistics, such as `2247490098_1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.msg_data_id, self.index)
    }
}

/// Where a reader came from (`platform/10 §4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadFrom {
    /// 公众号消息: the message itself.
    Message,
    /// 聊天会话: passed on by a friend.
    Chat,
    /// 朋友圈.
    Moments,
    /// 公众号主页: the account's page.
    Profile,
    /// 推荐.
    Recommended,
    /// 搜一搜.
    Search,
    /// 其他.
    Other,
}

impl ReadFrom {
    /// All of them, in the order the platform names them.
    pub const ALL: [Self; 7] = [
        Self::Message,
        Self::Chat,
        Self::Moments,
        Self::Profile,
        Self::Recommended,
        Self::Search,
        Self::Other,
    ];

    /// `scene_desc`.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Message => "公众号消息",
            Self::Chat => "聊天会话",
            Self::Moments => "朋友圈",
            Self::Profile => "公众号主页",
            Self::Recommended => "推荐",
            Self::Search => "搜一搜",
            Self::Other => "其他",
        }
    }
}

/// People who read an article for the first time, told in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Where they came from.
    pub from: ReadFrom,
    /// How many.
    pub readers: u64,
    /// Those of them who follow.
    pub followers: u64,
    /// In which fifth of the text they stopped; the last one are those who finished.
    pub stopped_in: [u64; 5],
    /// Seconds they spent on it, all together.
    pub seconds: u64,
}

/// Something readers do with an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArticleAct {
    /// Pass it on.
    Share,
    /// 在看.
    Recommend,
    /// 点赞.
    Like,
    /// Write under it.
    Comment,
    /// 收藏.
    Collect,
    /// Open the original (阅读原文).
    OpenOriginal,
    /// 赞赏, counted in fen.
    Praise,
}

/// Where readers pass an article on (`platform/10 §5`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedTo {
    /// To a friend.
    Friend,
    /// To Moments.
    Moments,
    /// Elsewhere, or nobody knows where.
    #[default]
    Other,
}

impl SharedTo {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Friend, Self::Moments, Self::Other];
}

/// How an article went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publishing {
    /// By a mass message, which came to so many.
    Notified {
        /// People who received it.
        delivered: u64,
    },
    /// By a publication, which tells nobody.
    Silent,
}

/// What readers did with one article in one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    read: [u64; 7],
    followers: u64,
    stopped_in: [u64; 5],
    seconds: u64,
    acts: [u64; 7],
    shared_to: [u64; 3],
}

impl Counts {
    /// Readers from everywhere.
    #[must_use]
    pub fn readers(&self) -> u64 {
        self.read.iter().sum()
    }

    /// Readers from there.
    #[must_use]
    pub fn readers_from(&self, from: ReadFrom) -> u64 {
        self.read[from as usize]
    }

    /// Readers who follow.
    #[must_use]
    pub fn followers(&self) -> u64 {
        self.followers
    }

    /// Readers who stopped in each fifth of the text.
    #[must_use]
    pub fn stopped_in(&self) -> [u64; 5] {
        self.stopped_in
    }

    /// Seconds spent on it.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// How many did this; for [`ArticleAct::Praise`] the fen.
    #[must_use]
    pub fn of(&self, act: ArticleAct) -> u64 {
        self.acts[act as usize]
    }

    /// How many passed it on there.
    #[must_use]
    pub fn shared_to(&self, to: SharedTo) -> u64 {
        self.shared_to[to as usize]
    }

    fn add_share(&mut self, to: SharedTo, people: u64) {
        self.acts[ArticleAct::Share as usize] += people;
        self.shared_to[to as usize] += people;
    }

    fn add_reading(&mut self, reading: &Reading) {
        self.read[reading.from as usize] += reading.readers;
        self.followers += reading.followers;
        self.seconds += reading.seconds;
        for (sum, stopped) in self.stopped_in.iter_mut().zip(reading.stopped_in) {
            *sum += stopped;
        }
    }

    /// Adds another day or article.
    pub fn add(&mut self, other: &Self) {
        self.followers += other.followers;
        self.seconds += other.seconds;
        for (sum, part) in self.read.iter_mut().zip(other.read) {
            *sum += part;
        }
        for (sum, part) in self.stopped_in.iter_mut().zip(other.stopped_in) {
            *sum += part;
        }
        for (sum, part) in self.acts.iter_mut().zip(other.acts) {
            *sum += part;
        }
        for (sum, part) in self.shared_to.iter_mut().zip(other.shared_to) {
            *sum += part;
        }
    }
}

/// An article that went out.
#[derive(Debug, Clone)]
pub struct Content {
    /// The day it went out.
    pub day: Day,
    /// How.
    pub publishing: Publishing,
    /// Its title.
    pub title: String,
    /// Where it can be read.
    pub url: String,
    days: BTreeMap<Day, Counts>,
}

impl Content {
    /// What readers did on this day.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&Counts> {
        self.days.get(&day)
    }

    /// What they did up to and with this day.
    #[must_use]
    pub fn until(&self, day: Day) -> Counts {
        let mut sum = Counts::default();
        for counts in self.days.range(..=day).map(|(_, counts)| counts) {
            sum.add(counts);
        }
        sum
    }
}

/// What a person writes, as the statistics tell them apart (`platform/10 §6`). Locations have no
/// number there and are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// Text.
    Text = 1,
    /// Picture.
    Image = 2,
    /// Recording.
    Voice = 3,
    /// Film.
    Video = 4,
    /// Link.
    Link = 6,
}

impl MessageKind {
    /// The kind of a callback's `MsgType`.
    #[must_use]
    pub fn of(message: &str) -> Option<Self> {
        match message {
            "text" => Some(Self::Text),
            "image" => Some(Self::Image),
            "voice" => Some(Self::Voice),
            "video" | "shortvideo" => Some(Self::Video),
            "link" => Some(Self::Link),
            _ => None,
        }
    }
}

/// Messages of one kind in one hour.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    /// How many.
    pub count: u64,
    /// From whom.
    pub senders: RoaringBitmap,
}

/// Callbacks of one hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Callbacks {
    /// Attempts.
    pub count: u64,
    /// Those that the receiver did not take.
    pub failed: u64,
    /// Milliseconds of all of them.
    pub total_ms: u64,
    /// Milliseconds of the longest.
    pub longest_ms: u64,
}

impl Callbacks {
    /// Adds another hour.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.total_ms += other.total_ms;
        self.longest_ms = self.longest_ms.max(other.longest_ms);
    }
}

/// The hour of the day, 0 to 23.
fn hour(at: Timestamp) -> u32 {
    u32::try_from(at.second_of_day() / 3600).unwrap_or(0)
}

/// Number of a way of following (`platform/10 §3`) for an `ADD_SCENE_…` of the follower's details.
#[must_use]
pub fn source_of(subscribe_scene: &str) -> u32 {
    match subscribe_scene {
        "ADD_SCENE_SEARCH" => 1,
        "ADD_SCENE_PROFILE_CARD" => 17,
        "ADD_SCENE_QR_CODE" => 30,
        "ADD_SCENE_PROFILE_LINK" => 57,
        "ADD_SCENE_WECHAT_ADVERTISEMENT" => 100,
        "ADD_SCENE_WXA" => 149,
        "ADD_SCENE_REPRINT" => 161,
        "ADD_SCENE_CHANNELS" => 200,
        "ADD_SCENE_LIVESTREAM" => 201,
        // After paying counts here since June 2023.
        _ => 0,
    }
}

/// What is counted of one account.
#[derive(Debug, Clone)]
pub struct Statistics {
    began: Day,
    followers_at_start: u64,
    flows: BTreeMap<(Day, u32), Flow>,
    contents: BTreeMap<ArticleKey, Content>,
    reading_hours: BTreeMap<(Day, u32), Counts>,
    messages: BTreeMap<(Day, u32, MessageKind), Messages>,
    senders: BTreeMap<Day, Senders>,
    callbacks: BTreeMap<(Day, u32), Callbacks>,
}

impl Statistics {
    /// Nothing has happened to these followers yet.
    #[must_use]
    pub fn new(began: Day, followers: u64) -> Self {
        Self {
            began,
            followers_at_start: followers,
            flows: BTreeMap::new(),
            contents: BTreeMap::new(),
            reading_hours: BTreeMap::new(),
            messages: BTreeMap::new(),
            senders: BTreeMap::new(),
            callbacks: BTreeMap::new(),
        }
    }

    /// Somebody followed, by this `ADD_SCENE_…`.
    pub fn record_follow(&mut self, day: Day, subscribe_scene: &str) {
        self.record_flow(day, subscribe_scene, Flow { came: 1, left: 0 });
    }

    /// Somebody left who had come by this `ADD_SCENE_…`.
    pub fn record_leave(&mut self, day: Day, subscribe_scene: &str) {
        self.record_flow(day, subscribe_scene, Flow { came: 0, left: 1 });
    }

    /// Several came and left.
    pub fn record_flow(&mut self, day: Day, subscribe_scene: &str, flow: Flow) {
        let sum = self.flows.entry((day, source_of(subscribe_scene))).or_default();
        sum.came += flow.came;
        sum.left += flow.left;
    }

    /// An article went out.
    pub fn record_content(
        &mut self,
        key: ArticleKey,
        day: Day,
        publishing: Publishing,
        title: String,
        url: String,
    ) {
        let content = Content { day, publishing, title, url, days: BTreeMap::new() };
        self.contents.insert(key, content);
    }

    /// People read an article for the first time; `false` when there is no such article.
    pub fn record_reading(&mut self, at: Timestamp, key: ArticleKey, reading: &Reading) -> bool {
        let Some(content) = self.contents.get_mut(&key) else { return false };
        content.days.entry(at.day()).or_default().add_reading(reading);
        self.reading_hours.entry((at.day(), hour(at))).or_default().add_reading(reading);
        true
    }

    /// People passed an article on; `false` when there is no such article.
    pub fn record_share(
        &mut self,
        at: Timestamp,
        key: ArticleKey,
        to: SharedTo,
        people: u64,
    ) -> bool {
        let Some(content) = self.contents.get_mut(&key) else { return false };
        content.days.entry(at.day()).or_default().add_share(to, people);
        self.reading_hours.entry((at.day(), hour(at))).or_default().add_share(to, people);
        true
    }

    /// People did something with an article; `false` when there is no such article. Of
    /// [`ArticleAct::Praise`] the number is fen; passing it on is [`Self::record_share`].
    pub fn record_act(
        &mut self,
        at: Timestamp,
        key: ArticleKey,
        act: ArticleAct,
        people: u64,
    ) -> bool {
        let Some(content) = self.contents.get_mut(&key) else { return false };
        content.days.entry(at.day()).or_default().acts[act as usize] += people;
        self.reading_hours.entry((at.day(), hour(at))).or_default().acts[act as usize] += people;
        true
    }

    /// A person wrote to the account.
    pub fn record_message(&mut self, at: Timestamp, kind: MessageKind, person: u32) {
        let messages = self.messages.entry((at.day(), hour(at), kind)).or_default();
        messages.count += 1;
        messages.senders.insert(person);
        self.senders.entry(at.day()).or_default().record(person);
    }

    /// A callback was tried.
    pub fn record_callback(&mut self, at: Timestamp, taken: bool, ms: u64) {
        let attempt =
            Callbacks { count: 1, failed: u64::from(!taken), total_ms: ms, longest_ms: ms };
        self.callbacks.entry((at.day(), hour(at))).or_default().add(&attempt);
    }

    /// The first day anything can be counted of.
    #[must_use]
    pub fn began(&self) -> Day {
        self.began
    }

    /// Who came and left on these days, by day and way.
    pub fn flows(&self, days: RangeInclusive<Day>) -> impl Iterator<Item = (Day, u32, Flow)> {
        let (from, to) = days.into_inner();
        self.flows
            .range((from, 0)..=(to, u32::MAX))
            .map(|((day, source), flow)| (*day, *source, *flow))
    }

    /// Followers at the end of a day; `None` before the account began.
    #[must_use]
    pub fn followers_at_end_of(&self, day: Day) -> Option<u64> {
        if day < self.began {
            return None;
        }
        let mut followers = self.followers_at_start;
        for flow in self.flows.range(..=(day, u32::MAX)).map(|(_, flow)| flow) {
            followers = (followers + flow.came).saturating_sub(flow.left);
        }
        Some(followers)
    }

    /// The articles that went out.
    pub fn contents(&self) -> impl Iterator<Item = (ArticleKey, &Content)> {
        self.contents.iter().map(|(key, content)| (*key, content))
    }

    /// Reading of all articles on these days, by day and hour.
    pub fn reading_hours(
        &self,
        days: RangeInclusive<Day>,
    ) -> impl Iterator<Item = (Day, u32, &Counts)> {
        let (from, to) = days.into_inner();
        self.reading_hours
            .range((from, 0)..=(to, u32::MAX))
            .map(|((day, hour), counts)| (*day, *hour, counts))
    }

    /// Messages of these days, by day, hour and kind.
    pub fn messages(
        &self,
        days: RangeInclusive<Day>,
    ) -> impl Iterator<Item = (Day, u32, MessageKind, &Messages)> {
        let (from, to) = days.into_inner();
        self.messages
            .range((from, 0, MessageKind::Text)..=(to, u32::MAX, MessageKind::Link))
            .map(|((day, hour, kind), messages)| (*day, *hour, *kind, messages))
    }

    /// How often each person wrote on these days.
    #[must_use]
    pub fn senders(&self, days: RangeInclusive<Day>) -> Senders {
        let mut sum = Senders::default();
        for senders in self.senders.range(days).map(|(_, senders)| senders) {
            sum.add(senders);
        }
        sum
    }

    /// Callbacks of these days, by day and hour.
    pub fn callbacks(
        &self,
        days: RangeInclusive<Day>,
    ) -> impl Iterator<Item = (Day, u32, Callbacks)> {
        let (from, to) = days.into_inner();
        self.callbacks
            .range((from, 0)..=(to, u32::MAX))
            .map(|((day, hour), callbacks)| (*day, *hour, *callbacks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(of_month: i8) -> Day {
        Day::new(2026, 3, of_month).unwrap()
    }

    #[test]
    fn followers_are_those_at_the_start_and_the_flow_since() {
        let mut statistics = Statistics::new(day(2), 100);
        statistics.record_follow(day(2), "ADD_SCENE_QR_CODE");
        statistics.record_follow(day(3), "ADD_SCENE_PAID");
        statistics.record_leave(day(3), "ADD_SCENE_QR_CODE");
        statistics.record_leave(day(3), "ADD_SCENE_QR_CODE");
        assert_eq!(statistics.followers_at_end_of(day(1)), None);
        assert_eq!(statistics.followers_at_end_of(day(2)), Some(101));
        assert_eq!(statistics.followers_at_end_of(day(4)), Some(100));
        let flows: Vec<_> = statistics.flows(day(3)..=day(4)).collect();
        let (came, left) = (Flow { came: 1, left: 0 }, Flow { came: 0, left: 2 });
        assert_eq!(flows, [(day(3), 0, came), (day(3), 30, left)]);
    }

    #[test]
    fn reading_adds_up_by_day_and_article() {
        let mut statistics = Statistics::new(day(2), 0);
        let key = ArticleKey { msg_data_id: 2_247_483_648, index: 1 };
        let reading = Reading {
            from: ReadFrom::Moments,
            readers: 10,
            followers: 4,
            stopped_in: [1, 2, 0, 0, 7],
            seconds: 600,
        };
        assert!(!statistics.record_reading(day(2).at(9, 0), key, &reading), "unknown");
        let sent = Publishing::Notified { delivered: 50 };
        statistics.record_content(key, day(2), sent, "T".into(), "http://x/".into());
        assert!(statistics.record_reading(day(2).at(9, 0), key, &reading));
        assert!(statistics.record_reading(day(3).at(23, 59), key, &reading));
        assert!(statistics.record_act(day(3).at(0, 0), key, ArticleAct::Share, 3));
        let (found, content) = statistics.contents().next().unwrap();
        assert_eq!(found.to_string(), "2247483648_1");
        assert_eq!(content.on(day(2)).unwrap().readers(), 10);
        let all = content.until(day(3));
        assert_eq!((all.readers(), all.readers_from(ReadFrom::Moments)), (20, 20));
        assert_eq!((all.followers(), all.seconds(), all.of(ArticleAct::Share)), (8, 1200, 3));
        assert_eq!(all.stopped_in(), [2, 4, 0, 0, 14]);
        assert_eq!(content.until(day(1)), Counts::default());
        let hours: Vec<u32> =
            statistics.reading_hours(day(3)..=day(3)).map(|(_, hour, _)| hour).collect();
        assert_eq!(hours, [0, 23]);
    }

    #[test]
    fn messages_are_counted_with_their_distinct_senders() {
        let mut statistics = Statistics::new(day(2), 10);
        for (minute, person) in [(0, 1), (5, 1), (59, 2)] {
            statistics.record_message(day(2).at(20, minute), MessageKind::Text, person);
        }
        let (_, hour, kind, messages) = statistics.messages(day(2)..=day(2)).next().unwrap();
        assert_eq!((hour, kind, messages.count), (20, MessageKind::Text, 3));
        assert_eq!(messages.senders.len(), 2);
        assert_eq!(statistics.senders(day(1)..=day(9)).of(1), 2);
        assert_eq!(MessageKind::of("location"), None);
    }
}
