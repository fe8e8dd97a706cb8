//! The JSON shapes of what was learned: what followers are worth to a campaign, and why.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::Timestamp;

use super::moment;

/// For which campaign followers are valued, and how.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct EstimatesQuestion {
    /// The kind of campaign; `general` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whose worth: a segment; `subscribed` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// Orders of so many days after a message count, 1 to 14; 3 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Saved segments that people are told apart by too, parted by commas, at most eight. Who is in
    /// them is asked now, so choose what a campaign does not change.
    #[serde(rename = "with", skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// What keeping a follower is worth, in cents: the risk that a message drives them away is held
    /// against it at this price. 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follower_cents: Option<u32>,
    /// Which message of the month it will be, 1 to 4; for each follower their next when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u8>,
    /// Units of worth in cents, such as 0.1; the finest that fits when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_cents: Option<f64>,
}

/// What followers are worth to a campaign of a kind, and what that rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EstimatesView {
    /// The kind of campaign.
    pub kind: String,
    /// The segment as understood.
    pub segment: String,
    /// Moment the estimates speak of.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub as_of: Timestamp,
    /// People in the segment.
    pub people: u64,
    /// What a whole number of worth stands for, in cents.
    pub unit_cents: f64,
    /// What a message to all of them is worth, in cents.
    pub total_cents: f64,
    /// The people in five parts by worth, least first.
    pub parts: Vec<WorthPart>,
    /// On what the estimates rest.
    pub bases: Vec<BasisCount>,
    /// From what was learned.
    pub past: PastView,
    /// How well the model does; absent where averages stand in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelView>,
    /// What the first, second, third and fourth message of a month bring.
    pub places: Vec<PlaceView>,
    /// What matters, and how much.
    pub features: Vec<FeatureView>,
}

/// A part of the people, by worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorthPart {
    /// How many.
    pub people: u64,
    /// What a message is worth on average, in cents.
    pub cents: f64,
    /// Orders it adds to a thousand of them.
    pub orders: f64,
    /// The mean of the lower ends of their intervals, which hold the truth nine times of ten.
    pub low_cents: f64,
    /// The mean of the upper ends.
    pub high_cents: f64,
}

/// How many estimates rest on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BasisCount {
    /// `model`, `other_kinds`, `segment`, `kind` or `overall`.
    pub basis: String,
    /// People.
    pub people: u64,
    /// One sentence, English.
    pub sentence: String,
    /// One sentence, Chinese.
    pub sentence_zh: String,
}

/// From what was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PastView {
    /// Messages since then.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub from: Timestamp,
    /// Orders of so many days after a message count.
    pub days: u32,
    /// Messages whose days are over.
    pub messages: u64,
    /// People and messages: sent it.
    pub sent: u64,
    /// Of them, ordered within the days.
    pub sent_ordered: u64,
    /// The same of campaigns of this kind.
    pub sent_of_kind: u64,
    /// Of them, ordered.
    pub sent_of_kind_ordered: u64,
    /// People and messages: left out, and compared with.
    pub left_out: u64,
    /// Of them, ordered within the days.
    pub left_out_ordered: u64,
    /// Set aside, because another message came within the days.
    pub set_aside: u64,
    /// `held_out`: compared with people left out by chance; `not_sent`: with others who followed.
    pub compared: String,
    /// The same in a sentence, English.
    pub sentence: String,
    /// And Chinese.
    pub sentence_zh: String,
}

/// How well the model does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelView {
    /// How much its effects are held back, chosen on people it had not seen.
    pub strength: f64,
    /// What a step of its logits was worth on people it had not seen: 1 is just right.
    pub slope: f64,
    /// What it expected of people it had not seen and what they did, in five parts by what was
    /// expected.
    pub check: Vec<CheckLine>,
}

/// What was expected of people the model had not seen, and what they did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckLine {
    /// Sent a message.
    pub sent: u64,
    /// Left out.
    pub left_out: u64,
    /// Orders the message was expected to add to a thousand of them.
    pub expected: f64,
    /// The difference seen between those sent it and those left out.
    pub seen: f64,
    /// Its standard error.
    pub error: f64,
}

/// What one of the messages of a month brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlaceView {
    /// Which message, from 1.
    pub nth: u64,
    /// Orders it adds to a thousand recipients.
    pub orders: f64,
    /// What it adds of what the first does.
    pub of_first: f64,
    /// How many of a thousand recipients it makes leave.
    pub leaving: f64,
}

/// Something followers differ in, and what that is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FeatureView {
    /// Its stable word, or the name of a chosen segment.
    pub feature: String,
    /// In words, English.
    pub name: String,
    /// In words, Chinese.
    pub name_zh: String,
    /// Its bins.
    pub bins: Vec<BinView>,
}

/// A bin: what a message brings where everybody is in it and otherwise as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BinView {
    /// In words, English.
    pub bin: String,
    /// In words, Chinese.
    pub bin_zh: String,
    /// Its share of those who were sent messages.
    pub share: f64,
    /// Orders a message adds to a thousand of them.
    pub orders: f64,
    /// What it is worth, in cents.
    pub cents: f64,
}

/// What one follower is worth to a campaign, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EstimateView {
    /// Their OpenID.
    pub openid: String,
    /// The kind of campaign.
    pub kind: String,
    /// What a message is worth, in cents.
    pub cents: f64,
    /// The lower end of the interval that holds the truth nine times of ten.
    pub low_cents: f64,
    /// The upper end.
    pub high_cents: f64,
    /// The chance that they order within the days, of a thousand, with the message.
    pub with: f64,
    /// Without it.
    pub without: f64,
    /// What an order comes to, in cents.
    pub order_cents: f64,
    /// The chance that the message makes them leave, of a thousand.
    pub leaving: f64,
    /// `model`, `other_kinds`, `segment`, `kind` or `overall`.
    pub basis: String,
    /// The same in a sentence, English.
    pub sentence: String,
    /// And Chinese.
    pub sentence_zh: String,
    /// What they are like and what that adds, what matters most first.
    pub reasons: Vec<EstimateReason>,
}

/// What of somebody's worth comes from what they are like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EstimateReason {
    /// The feature's stable word, or the name of a chosen segment.
    pub feature: String,
    /// In words, English.
    pub name: String,
    /// In words, Chinese.
    pub name_zh: String,
    /// Their bin in words, English.
    pub bin: String,
    /// And Chinese.
    pub bin_zh: String,
    /// What they are worth more than if in this they were like everybody, in cents.
    pub cents: f64,
}
