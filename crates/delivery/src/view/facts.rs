//! Facts as they come in and are shown: people as the merchant names them, events, orders,
//! attributes, lists, tags, saved and frozen segments, imports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::Timestamp;

use super::{FollowerLine, LineError, moment};

/// Somebody, by one name: `{"phone": "13800138000"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The platform's id inside the account.
    #[serde(rename = "openid")]
    OpenId(String),
    /// The platform's id across bound accounts.
    #[serde(rename = "unionid")]
    UnionId(String),
    /// A telephone number; blanks, dashes and +86 do not matter.
    Phone(String),
    /// The merchant's own number of the customer.
    CustomerId(String),
}

/// Something a follower did, told by the merchant's own systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactEvent {
    /// The caller's own key, at most 128 bytes: telling it again tells it once.
    pub key: String,
    /// Whose. Somebody not known yet is remembered, and the event is theirs once they are.
    pub who: Who,
    /// What they did: a name of the merchant's own, at most 64 bytes.
    pub kind: String,
    /// On what, such as a page or a product; may be left out.
    #[serde(default)]
    pub on: String,
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// A whole number that belongs to it, such as seconds or cents.
    #[serde(default)]
    pub value: Option<i64>,
}

/// Events, at most 5,000.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactEvents {
    /// All of them, or none when one cannot be used.
    pub events: Vec<FactEvent>,
}

/// An order of the merchant's shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactOrder {
    /// The shop's own number: telling it again changes nothing but what was paid back.
    pub key: String,
    /// Whose.
    pub who: Who,
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// What it came to, in cents.
    pub amount_cents: i64,
    /// How many pieces; when absent, those of its lines, or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<i64>,
    /// What of it was paid back so far, in cents; only growing is taken.
    #[serde(default)]
    pub refunded_cents: i64,
    /// What was in it, at most 500 lines; may be told later, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<FactLine>,
}

/// A line of an order: some pieces of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactLine {
    /// The shop's number of the product, at most 128 bytes.
    pub sku: String,
    /// What it is called, at most 128 bytes; may be left out.
    #[serde(default)]
    pub name: String,
    /// How many pieces; 1 when absent.
    #[serde(default = "one")]
    pub quantity: i64,
    /// What they came to, in cents.
    #[serde(default)]
    pub amount_cents: i64,
    /// What of it was paid back so far, in cents; only growing is taken.
    #[serde(default)]
    pub refunded_cents: i64,
    /// The shop's own name of the line, unique in the order; the product's number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

fn one() -> i64 {
    1
}

/// Orders, at most 5,000.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactOrders {
    /// All of them, or none when one cannot be used.
    pub orders: Vec<FactOrder>,
}

/// What somebody said to a subscription notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAnswer {
    /// They want one, or any number where it is for long.
    Accept,
    /// They want none now; what they gave before stays.
    Reject,
    /// They want none any more; nothing of what they gave before is left.
    Withdraw,
}

/// A consent to a subscription notice that the merchant's own page heard of.
///
/// The platform tells of real prompts by itself. Of a choice that is kept it tells the page alone:
/// tell it here. One acceptance told by both, within a minute, is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactConsent {
    /// The caller's own key, at most 128 bytes: telling it again tells it once.
    pub key: String,
    /// Whose. Nobody need follow to consent; it is theirs once they are known.
    pub who: Who,
    /// The template's id.
    pub template: String,
    /// What they said.
    pub answer: ConsentAnswer,
    /// Whether the template is a long-term one, of which one acceptance is any number of messages.
    #[serde(default)]
    pub long_term: bool,
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
}

/// Consents, at most 5,000.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactConsents {
    /// All of them, or none when one cannot be used.
    pub consents: Vec<FactConsent>,
}

/// What became of facts told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IntakeView {
    /// How many were told.
    pub told: u64,
    /// New ones.
    pub new: u64,
    /// Known before by their key.
    pub duplicates: u64,
    /// New ones of known followers.
    pub linked: u64,
    /// New ones that wait for their follower.
    pub waiting: u64,
    /// Orders known before of which more was paid back now.
    #[serde(default)]
    pub refunded: u64,
    /// New lines of orders, those known before among them.
    #[serde(default)]
    pub lines: u64,
}

/// What the merchant knows of a follower.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FollowerPatch {
    /// Attributes by name; `null` takes one away.
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Own tags to give.
    pub add_tags: Vec<String>,
    /// Own tags to take.
    pub remove_tags: Vec<String>,
    /// The merchant's own number of the customer.
    pub customer_id: Option<String>,
    /// A telephone number, kept for linking alone.
    pub phone: Option<String>,
}

/// The same of somebody named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonPatch {
    /// Whom; they must be known.
    pub who: Who,
    /// What is known of them.
    #[serde(default)]
    pub patch: FollowerPatch,
}

/// Patches, at most 5,000.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonPatches {
    /// All of them, or none when one cannot be used.
    pub followers: Vec<PersonPatch>,
}

/// How many were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatchedView {
    /// Followers.
    pub followers: u64,
    /// Orders and events that belong to one of them now and waited before.
    pub linked: u64,
}

/// What an attribute may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeView {
    /// Its name; absent where the path names it.
    #[serde(default)]
    pub name: String,
    /// `text`, `number`, `date`, `flag` or `choice`.
    #[schema(value_type = String)]
    pub kind: store::attribute::AttributeKind,
    /// Of a choice: the values there are.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// One of the merchant's own tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnTagView {
    /// Its name.
    pub name: String,
    /// How many carry it.
    pub people: u64,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListOfPeople {
    /// Its name.
    pub name: String,
    /// How many are on it.
    pub people: u64,
    /// When it was made.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub changed_at: Timestamp,
}

/// Who goes onto a list or off it, at most 5,000; or everybody of a segment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Members {
    /// Onto it.
    pub add: Vec<Who>,
    /// Off it.
    pub remove: Vec<Who>,
    /// Everybody of this segment, onto it.
    pub add_segment: Option<String>,
}

/// What became of people named for a list or a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MembersView {
    /// On it now.
    pub people: u64,
    /// New on it.
    pub added: u64,
    /// No longer on it.
    pub removed: u64,
    /// Named and not known here: left out.
    pub unknown: u64,
}

/// A segment kept under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedSegment {
    /// Its name: other segments say `in segment "name"`.
    pub name: String,
    /// Its text.
    pub segment: String,
    /// When it was saved first.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// When it was saved last.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub changed_at: Timestamp,
}

/// A segment's text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentText {
    /// The text.
    pub segment: String,
    /// For `freeze`: a name for people to find it by.
    #[serde(default)]
    pub name: String,
}

/// Who was in a segment at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FrozenView {
    /// Its number.
    pub id: i64,
    /// A name for people.
    pub name: String,
    /// The segment's text.
    pub segment: String,
    /// The moment.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// How many.
    pub people: u64,
    /// SHA-256 of the members, in hexadecimal digits: the same people, the same hash.
    pub hash: String,
}

/// A frozen segment beside what its text says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RerunView {
    /// As it was frozen.
    pub frozen: FrozenView,
    /// How many it holds now.
    pub people: u64,
    /// In it now and not then.
    pub came: u64,
    /// In it then and not now.
    pub went: u64,
    /// SHA-256 of the members now.
    pub hash: String,
}

/// How many people to draw from a segment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleQuestion {
    /// The segment's text.
    pub segment: String,
    /// How many, at most 1,000; 20 when absent.
    #[serde(default)]
    pub size: Option<usize>,
    /// The same seed draws the same people from the same segment.
    #[serde(default)]
    pub seed: u64,
}

/// People drawn from a segment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SampleView {
    /// People in the whole segment.
    pub people: u64,
    /// Those drawn, by number.
    pub followers: Vec<FollowerLine>,
}

/// Segments to be laid over each other.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverlapQuestion {
    /// Two to fifty texts.
    pub segments: Vec<String>,
}

/// How many people segments share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OverlapView {
    /// The segments as understood.
    pub segments: Vec<String>,
    /// Row by row: how many people are in both; on the diagonal, in one.
    pub people: Vec<Vec<u64>>,
    /// In any of them.
    pub any: u64,
    /// In all of them.
    pub all: u64,
}

/// A platform tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagView {
    /// The platform's number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Followers known here to carry it.
    pub people: u64,
    /// Followers the platform counted when the tags were last listed.
    pub platform_people: i64,
}

/// A platform tag's name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagName {
    /// At most 30 bytes.
    pub name: String,
}

/// To whom a platform tag is given, or from whom it is taken: a segment or OpenIDs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TaggingWish {
    /// Everybody of this segment, as it stands now.
    pub segment: Option<String>,
    /// These, at most 5,000.
    pub openids: Vec<String>,
    /// Takes it instead.
    pub remove: bool,
}

/// A tagging under way or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaggingView {
    /// Its number.
    pub id: i64,
    /// The tag's number.
    pub tag: i64,
    /// Whether it is taken instead of given.
    pub remove: bool,
    /// The segment it was asked for; empty for OpenIDs.
    pub segment: String,
    /// How many it is for.
    pub people: u64,
    /// How many the platform was told.
    pub done: u64,
    /// How many were left out: they carry 20 tags, have left, or the platform refused them.
    pub skipped: u64,
    /// `open`, `done` or `failed`.
    pub state: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was asked for.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub finished_at: Option<Timestamp>,
}

/// What a file brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportWhat {
    /// Attributes, own tags, customer numbers and telephone numbers of followers.
    Followers,
    /// Orders.
    Orders,
    /// Events.
    Events,
    /// Members of a list.
    List,
}

impl ImportWhat {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Orders => "orders",
            Self::Events => "events",
            Self::List => "list",
        }
    }
}

/// What a line of a file tells of a follower; cells are text and empty ones tell nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowerRow {
    /// Whom.
    pub who: Who,
    /// Attributes: name and cell.
    pub values: Vec<(String, String)>,
    /// The merchant's own number of the customer.
    pub customer_id: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// Own tags to give.
    pub own_tags: Vec<String>,
}

/// Rows of a file with the numbers of their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRows {
    /// Of followers.
    Followers(Vec<(u64, FollowerRow)>),
    /// Of orders.
    Orders(Vec<(u64, FactOrder)>),
    /// Of events.
    Events(Vec<(u64, FactEvent)>),
    /// Of members of a list.
    List(Vec<(u64, Who)>),
}

/// What was read of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportTally {
    /// Lines, without the heading.
    pub lines: u64,
    /// Lines refused.
    pub refused: u64,
    /// The first of them.
    pub errors: Vec<LineError>,
}

impl ImportTally {
    /// Counts refused lines, and keeps the first thousand.
    pub fn refuse(&mut self, errors: impl IntoIterator<Item = LineError>) {
        for error in errors {
            self.refused += 1;
            if self.errors.len() < 1_000 {
                self.errors.push(error);
            }
        }
    }
}

/// An import and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportJobView {
    /// Its number.
    pub id: i64,
    /// `followers`, `orders`, `events` or `list`.
    pub what: String,
    /// `received`, `checked`, `applying`, `done` or `failed`.
    pub state: String,
    /// Lines read, without the heading.
    pub lines: u64,
    /// Lines refused.
    pub refused: u64,
    /// Lines taken in.
    pub imported: u64,
    /// Lines known before.
    pub duplicates: u64,
    /// Lines that belong to a known follower.
    pub linked: u64,
    /// How far, of a hundred.
    pub percent: u8,
    /// The first 1,000 refused lines.
    pub errors: Vec<LineError>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it began.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub finished_at: Option<Timestamp>,
}

/// All that is kept of one person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PersonExport {
    /// Their OpenID.
    pub openid: String,
    /// Their number in the account.
    pub ordinal: u32,
    /// Follows now.
    pub following: bool,
    /// The UnionID.
    pub unionid: Option<String>,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// The merchant's own numbers of the customer.
    pub customer_ids: Vec<String>,
    /// How they came, as the platform says it.
    pub scene: Option<String>,
    /// The QR code they came by.
    pub qr_scene: Option<String>,
    /// Their language.
    pub language: Option<String>,
    /// The operator's note.
    pub remark: Option<String>,
    /// Last follow.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub subscribed_at: Option<Timestamp>,
    /// Last leave.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub left_at: Option<Timestamp>,
    /// Platform tags by name.
    pub tags: Vec<String>,
    /// Own tags.
    pub own_tags: Vec<String>,
    /// Lists they are on.
    pub lists: Vec<String>,
    /// Attributes.
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Orders, oldest first.
    pub orders: Vec<ExportedOrder>,
    /// Events, latest first.
    pub events: Vec<ExportedEvent>,
    /// What was told of subscription notices and them, oldest first.
    #[serde(default)]
    pub consents: Vec<ExportedConsent>,
    /// What was sent to them and what was not, oldest first.
    pub history: Vec<super::HistoryLine>,
    /// Month plans they are in, the newest first.
    pub plans: Vec<super::ExportedPlan>,
}

/// An order of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedOrder {
    /// The shop's own number.
    pub key: String,
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// What it came to, in cents.
    pub amount_cents: i64,
    /// How many pieces.
    pub items: i64,
    /// What of it was paid back, in cents.
    pub refunded_cents: i64,
    /// What was in it.
    #[serde(default)]
    pub lines: Vec<FactLine>,
}

/// An event of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedEvent {
    /// What they did.
    pub kind: String,
    /// On what.
    pub on: String,
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The number that belongs to it.
    pub value: Option<i64>,
}

/// What was told of one person and one template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedConsent {
    /// The template's id.
    pub template: String,
    /// `accepted`, `accepted_for_long`, `refused`, `withdrawn`, `sent` or `failed`.
    pub act: String,
    /// By whom it was told: `platform` or `shop`.
    pub teller: String,
    /// When.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
}

/// The segment list sorted by something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// When they followed last.
    SubscribedAt,
    /// When they ordered last.
    LastOrder,
    /// How many orders they have.
    Orders,
    /// What they paid and kept, in cents.
    Amount,
    /// Slots certainly left this month.
    Slots,
}

/// A segment that many merchants want, with what can be chosen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PresetView {
    /// Its stable name.
    pub key: String,
    /// Its English name.
    pub en: String,
    /// Its Chinese name.
    pub zh: String,
    /// The text; `{name}` stands for a parameter.
    pub text: String,
    /// Parameters and what they are unless chosen otherwise.
    pub parameters: BTreeMap<String, String>,
}

/// What is chosen of a preset.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PresetWish {
    /// Parameters by name; the usual values where none is given.
    pub parameters: BTreeMap<String, String>,
}

/// The grid of recency, frequency and money that is asked for; the cuts part the bands, lowest
/// first, at most nine of each.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RfmQuestion {
    /// Orders of so many days count.
    pub days: u32,
    /// Days since the last order.
    pub recency: Vec<u32>,
    /// Numbers of orders.
    pub frequency: Vec<u32>,
    /// Yuan.
    pub money: Vec<u32>,
}

/// A cell of the grid; bands are counted from 1, the best highest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RfmCell {
    /// How lately they ordered.
    pub recency: usize,
    /// How often.
    pub frequency: usize,
    /// For how much.
    pub money: usize,
    /// The segment.
    pub segment: String,
    /// How many.
    pub people: u64,
}
