//! What the interface shows and takes: the JSON shapes of accounts, followers, campaigns,
//! forecasts, reports and slots. Moments are RFC 3339 text in China Standard Time.

mod estimates;
mod facts;
mod fence;
mod plans;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::Timestamp;

pub use estimates::*;
pub use facts::*;
pub use fence::*;
pub use plans::*;

/// Moments as RFC 3339 text; a bare number is read as unix seconds.
pub mod moment {
    use serde::{Deserialize, Deserializer, Serializer};
    use wire::Timestamp;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Seconds(i64),
        Text(String),
    }

    impl Either {
        fn read<E: serde::de::Error>(self) -> Result<Timestamp, E> {
            match self {
                Self::Seconds(seconds) => Ok(Timestamp(seconds)),
                Self::Text(text) => text.parse().map_err(E::custom),
            }
        }
    }

    /// Writes the moment as text.
    pub fn serialize<S: Serializer>(moment: &Timestamp, target: S) -> Result<S::Ok, S::Error> {
        target.collect_str(moment)
    }

    /// Reads text or unix seconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Timestamp, D::Error> {
        Either::deserialize(source)?.read()
    }

    /// The same where a moment may be missing.
    pub mod option {
        use super::Either;
        use serde::{Deserialize, Deserializer, Serializer};
        use wire::Timestamp;

        /// Writes text or null.
        pub fn serialize<S: Serializer>(
            moment: &Option<Timestamp>,
            target: S,
        ) -> Result<S::Ok, S::Error> {
            match moment {
                Some(moment) => target.collect_str(moment),
                None => target.serialize_none(),
            }
        }

        /// Reads text, unix seconds or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            source: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            Option::<Either>::deserialize(source)?.map(Either::read).transpose()
        }
    }
}

/// An account to connect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Name shown to operators.
    pub name: String,
    /// `wx…`.
    pub appid: String,
    /// The AppSecret; stored sealed, never shown again.
    pub secret: String,
    /// `gh_…`.
    pub original_id: String,
    /// `service` (default) or `subscription`.
    #[serde(default = "service")]
    #[schema(value_type = String)]
    pub kind: wire::rules::AccountKind,
    /// Where the platform is; the live platform when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Token of the callback settings, 3–32 letters and digits.
    pub callback_token: String,
    /// EncodingAESKey of the callback settings, 43 characters.
    pub encoding_aes_key: String,
}

fn service() -> wire::rules::AccountKind {
    wire::rules::AccountKind::Service
}

/// A connected account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Its number here.
    pub id: i64,
    /// Name shown to operators.
    pub name: String,
    /// `wx…`.
    pub appid: String,
    /// `gh_…`.
    pub original_id: String,
    /// `service` or `subscription`.
    #[schema(value_type = String)]
    pub kind: wire::rules::AccountKind,
    /// People ever seen.
    pub known: u64,
    /// People following now.
    pub following: u64,
    /// Path that the platform's callback settings must name.
    pub callback_path: String,
    /// Why nothing is being sent or synchronised, in one sentence; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// How far the synchronisation of followers is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SyncView {
    /// Number of the pass, from 1; 0 when none was made.
    pub pass: i64,
    /// `none`, `listing`, `detailing`, `done` or `failed`.
    pub state: String,
    /// OpenIDs listed so far.
    pub listed: u64,
    /// Followers whose details are in.
    pub detailed: u64,
    /// When the pass began.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub finished_at: Option<Timestamp>,
    /// What stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A question about a segment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentQuestion {
    /// The segment's text.
    pub segment: String,
    /// For `list`: only followers after this number; from the answer's `next`.
    #[serde(default)]
    pub after: Option<u32>,
    /// For `list`: rows wanted, at most 1,000; 50 when absent.
    #[serde(default)]
    pub limit: Option<usize>,
    /// For `list`: by what to sort; by number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<SortBy>,
    /// For a sorted `list`: the most or latest first.
    #[serde(default)]
    pub descending: bool,
    /// For a sorted `list`: how many to pass over; from the answer's `next`.
    #[serde(default)]
    pub offset: usize,
    /// For `explain`: whom.
    #[serde(default)]
    pub openid: Option<String>,
}

/// How many a segment holds and how many of them a message could reach now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CountView {
    /// The segment as understood.
    pub segment: String,
    /// People in it.
    pub people: u64,
    /// Certainly have a slot.
    pub certain: u64,
    /// May have a slot.
    pub possible: u64,
    /// Why the others cannot receive; adds up with the two above to `people`.
    pub reasons: Vec<ReasonCount>,
}

/// How many cannot receive, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasonCount {
    /// Stable word.
    pub reason: String,
    /// People.
    pub people: u64,
    /// One sentence, English.
    pub sentence: String,
    /// One sentence, Chinese.
    pub sentence_zh: String,
}

/// A follower in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FollowerLine {
    /// Their OpenID.
    pub openid: String,
    /// Their number in the account.
    pub ordinal: u32,
    /// Follows now.
    pub following: bool,
    /// Slots this month.
    pub slots: SlotView,
    /// Why a message could not reach them; absent when it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A page of followers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListView {
    /// People in the whole segment.
    pub people: u64,
    /// This page, by number.
    pub followers: Vec<FollowerLine>,
    /// `after` of the next page, or `offset` when sorted; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// Slots of one follower in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlotView {
    /// Surely used.
    pub used_min: u8,
    /// Possibly used.
    pub used_max: u8,
    /// Slots of a month.
    pub cap: u8,
}

/// One follower with all that is known of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FollowerView {
    /// Their OpenID.
    pub openid: String,
    /// Their number in the account.
    pub ordinal: u32,
    /// Follows now.
    pub following: bool,
    /// Last follow.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub subscribed_at: Option<Timestamp>,
    /// Last leave.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub left_at: Option<Timestamp>,
    /// Names of platform tags.
    pub tags: Vec<String>,
    /// Own tags.
    pub own_tags: Vec<String>,
    /// Attributes the merchant gave.
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Orders known.
    pub orders: OrdersView,
    /// Month the slots are of.
    pub month: String,
    /// Slots this month.
    pub slots: SlotView,
    /// How many subscription notices they agreed to, by template; 4294967295 is any number.
    #[serde(default)]
    pub consents: BTreeMap<String, u32>,
    /// What took them and what did not reach them, oldest first.
    pub history: Vec<HistoryLine>,
}

/// Orders of one follower.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrdersView {
    /// How many.
    pub count: u64,
    /// Sum in cents.
    pub amount_cents: i64,
    /// The last.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub last_at: Option<Timestamp>,
}

/// One campaign (or a send from elsewhere) and what became of it for one follower.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HistoryLine {
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The campaign's key; absent for sends from elsewhere.
    pub campaign: Option<String>,
    /// `received`, `may_have_received`, `under_way`, `not_sent` or a reason.
    pub outcome: String,
    /// The same in a sentence.
    pub sentence: String,
}

/// What a campaign says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CampaignMessage {
    /// Plain text.
    Text {
        /// At most 2,048 bytes; no links to outside.
        content: String,
    },
    /// Articles; a draft is made for each batch, since a sent draft dies.
    Articles {
        /// 1–8 articles.
        articles: Vec<CampaignArticle>,
    },
}

/// One article of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignArticle {
    /// At most 64 characters.
    pub title: String,
    /// At most 16 characters.
    #[serde(default)]
    pub author: String,
    /// At most 128 characters.
    #[serde(default)]
    pub digest: String,
    /// HTML.
    pub content: String,
    /// "Read the original" (阅读原文).
    #[serde(default)]
    pub source_url: String,
    /// Permanent media_id of the cover.
    pub cover_media_id: String,
}

/// How a campaign may be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayWish {
    /// The cheapest lawful way.
    #[default]
    Auto,
    /// Lists of OpenIDs only.
    Lists,
}

/// A campaign to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    /// The caller's own key, 1–64 letters, digits, `-`, `_`, `.`: making it twice makes it once.
    pub key: String,
    /// Name shown to operators.
    pub name: String,
    /// Segment text.
    pub segment: String,
    /// What is said.
    pub message: CampaignMessage,
    /// How it may be carried.
    #[serde(default)]
    pub way: WayWish,
    /// Whether people who only *may* have a slot are tried too; yes when absent.
    #[serde(default = "yes")]
    pub include_possible: bool,
    /// Which kind of campaign it is, in a word of your own such as `promotion`: what followers are
    /// worth to a campaign is learned kind by kind. `general` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

fn yes() -> bool {
    true
}

/// A campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CampaignView {
    /// Its number here.
    pub id: i64,
    /// The caller's key.
    pub key: String,
    /// Name shown to operators.
    pub name: String,
    /// Segment text.
    pub segment: String,
    /// `draft`, `scheduled`, `sending`, `settled`, `cancelled` or `failed`.
    pub state: String,
    /// When it is to go.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub starts_at: Option<Timestamp>,
    /// When its audience was frozen.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub frozen_at: Option<Timestamp>,
    /// What is said.
    pub message: CampaignMessage,
    /// Which kind of campaign it is; absent when none was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Why it failed or waits, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who will receive a campaign and why the others will not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastView {
    /// Moment the forecast speaks of.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub as_of: Timestamp,
    /// Month whose slots it uses.
    pub month: String,
    /// People in the segment.
    pub segment: u64,
    /// Will receive.
    pub certain: u64,
    /// May receive: their slots are not exactly known.
    pub possible: u64,
    /// Will not, by reason. `certain + possible + reasons = segment`.
    pub reasons: Vec<ReasonCount>,
    /// `to_all`, `tag` or `lists`.
    pub way: String,
    /// Mass calls it takes.
    pub calls: u64,
    /// Mass calls left today.
    pub calls_left_today: Option<u64>,
    /// Those the cap alone keeps from receiving: what a sender who ignores it would waste.
    pub wasted_by_ignoring_the_cap: u64,
}

/// When to send.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendWish {
    /// The moment; now when absent.
    #[serde(default, with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub at: Option<Timestamp>,
}

/// One mass call of a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchView {
    /// Its number here.
    pub id: i64,
    /// Its number in the campaign.
    pub number: i64,
    /// `list`, `tag`, `all` or `foreign`.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// People it is meant for.
    pub recipients: u64,
    /// Whether all of them surely had a slot.
    pub certain: bool,
    /// Key of the call, the same for every attempt.
    pub clientmsgid: Option<String>,
    /// The platform's job.
    pub msg_id: Option<i64>,
    /// Calls made.
    pub attempts: i64,
    /// The platform's counts, once told.
    pub counts: Option<CountsView>,
    /// Whether it is known exactly who received it.
    pub exact: bool,
    /// Refusal or doubt in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
}

/// The counts of a result event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountsView {
    /// Addressed.
    pub total: i64,
    /// Left after the platform's filter.
    pub filtered: i64,
    /// Delivered.
    pub sent: i64,
    /// Failed.
    pub errors: i64,
}

/// What became of a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportView {
    /// The campaign.
    pub campaign: CampaignView,
    /// The forecast its send was based on; absent before it.
    pub forecast: Option<ForecastView>,
    /// Delivered as far as the platform said.
    pub delivered: u64,
    /// Batches whose result is not in.
    pub open_batches: u64,
    /// Whether `certain ≤ delivered ≤ certain + possible`, once the platform told every count.
    pub as_forecast: Option<bool>,
    /// Its calls.
    pub batches: Vec<BatchView>,
}

/// How many followers have used how many slots.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SlotsView {
    /// The month.
    pub month: String,
    /// Slots of a month.
    pub cap: u8,
    /// Followers counted: everybody known, also those who left.
    pub followers: u64,
    /// Certainly have a slot left.
    pub certain: u64,
    /// May have one.
    pub possible: u64,
    /// Have none.
    pub full: u64,
    /// By range, lowest first.
    pub histogram: Vec<SlotsLine>,
}

/// Whether the month's slots, folded anew from its batches, are those that are kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VerifyView {
    /// The month.
    pub month: String,
    /// Batches folded.
    pub batches: u64,
    /// Every follower's numbers are the same both ways.
    pub same: bool,
}

/// One line of the histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlotsLine {
    /// Surely used.
    pub used_min: u8,
    /// Possibly used.
    pub used_max: u8,
    /// Followers with this range.
    pub followers: u64,
}

/// A send made outside, declared by the operator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForeignSend {
    /// When it was made.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
}

/// A person's word on a batch that the machine cannot settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It went out: its recipients may have received it.
    Sent,
    /// It did not: its slots are free again.
    NotSent,
}

/// The body of a decision.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionWish {
    /// `sent` or `not_sent`.
    pub decision: Decision,
}

/// Whether anything is left to do at this moment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WorkView {
    /// The clock.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub now: Timestamp,
    /// Nothing is due and nothing is under way.
    pub idle: bool,
    /// When something will be due.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub next_due: Option<Timestamp>,
}

/// Where to move a virtual clock.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockWish {
    /// The moment; an earlier one changes nothing.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub now: Timestamp,
}

/// What an import did.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// Lines read, without the heading.
    pub lines: u64,
    /// Lines taken in.
    pub imported: u64,
    /// Lines known before.
    pub duplicates: u64,
    /// Lines that belong to a known follower.
    pub linked: u64,
    /// Lines refused; when there is one, nothing was imported unless `skip_bad` was asked for.
    pub refused: u64,
    /// The first 1,000 of them.
    pub errors: Vec<LineError>,
}

/// Why a line was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineError {
    /// Line of the file, from 1.
    pub line: u64,
    /// One sentence: which field, what was found, what would be right.
    pub error: String,
}
