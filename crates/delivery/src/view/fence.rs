//! What a person looks at before anything is sent from a database that may be a copy.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::Timestamp;

use super::{BatchView, moment};

/// Whether this database may be a copy, and what stands in it that may long have been sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct FenceView {
    /// Nothing is sent until it is released.
    pub fenced: bool,
    /// `restored`, `copied` or `behind`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The same as a sentence; empty when nothing is fenced.
    pub sentence: String,
    /// In Chinese.
    pub sentence_zh: String,
    /// What to look at, account by account.
    pub accounts: Vec<FencedAccount>,
}

/// An account of a database that may be a copy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FencedAccount {
    /// Its number.
    pub account: i64,
    /// Its name.
    pub name: String,
    /// Scheduled for a moment that has passed.
    pub overdue: Vec<OverdueCampaign>,
    /// Calls that the copy holds as not made, or not answered.
    pub open: Vec<BatchView>,
    /// Sends of this month that others made, as the platform's events or a person told.
    pub sent_elsewhere: u64,
    /// Today's mass calls.
    pub mass_calls: MassCallsView,
}

/// A scheduled campaign whose moment has passed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OverdueCampaign {
    /// Its number.
    pub campaign: i64,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// When it was to go.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub starts_at: Timestamp,
}

/// Mass calls of today, counted by both sides.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MassCallsView {
    /// As this database knows.
    pub ours: i64,
    /// As the platform counts; more than ours were made by others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<i64>,
    /// Why the platform could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// How a copy goes on.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FenceRelease {
    /// What becomes of campaigns whose moment has passed.
    #[serde(default)]
    pub overdue: OverdueWish,
}

/// What becomes of campaigns whose moment has passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverdueWish {
    /// They become drafts again: a person sends what has not gone out.
    #[default]
    Hold,
    /// They go out now.
    Send,
}
