//! Month plans as they are asked for and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{Day, Month, Timestamp};

use super::moment;

/// A month to plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// Which month, `2026-03`: the present one or a later one.
    #[schema(value_type = String)]
    pub month: Month,
    /// The campaigns that want to go out in it; 1 to 250 drafts.
    pub campaigns: Vec<PlanWish>,
    /// Slots of every follower that the plan leaves free.
    #[serde(default)]
    pub kept_back: u8,
    /// The first day on which the slots kept back may be used; in this month never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub kept_back_until: Option<Day>,
    /// Days from one message to a follower to the next, at least: 1 for at most one a day, 2 for a
    /// quiet day between two; 0 when it does not matter.
    #[serde(default)]
    pub spacing: u8,
    /// By topic, how many messages of it a follower may get in the month.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, u8>,
    /// What it costs to disturb a follower with the plan's first, second, third and fourth message:
    /// the risk that they leave × what a follower is worth. The last number stands for all further
    /// ones; empty when it costs nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disturbing: Vec<f64>,
}

/// A campaign that wants to go out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanWish {
    /// The campaign's key.
    pub campaign: String,
    /// When it goes, in the month; with `until`, on the first day on which it may.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The last day on which it may go, at the same time of day: the plan chooses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub until: Option<Day>,
    /// Its topic, one of the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// What one message of it is worth.
    pub worth: WorthWish,
    /// Its worth is multiplied by this; 1 when absent.
    #[serde(default = "one")]
    pub weight: f64,
    /// Campaigns of a lower stage choose their followers first, 1 to 9; 1 when absent.
    #[serde(default = "first")]
    pub stage: u8,
    /// Fewest recipients.
    #[serde(default)]
    pub least: u32,
    /// Most recipients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// Everybody of the segment who has a slot must get it.
    #[serde(default)]
    pub must_send: bool,
    /// Percent of the segment that never get it, to measure its effect against; always the same
    /// people for one campaign.
    #[serde(default)]
    pub hold_out: f64,
}

fn one() -> f64 {
    1.0
}

fn first() -> u8 {
    1
}

/// What one message of a campaign is worth to the merchant: what it is expected to bring, less what
/// it may cost. The same measure for every campaign of a plan, such as yuan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorthWish {
    /// The same to everybody.
    Same(f64),
    /// By segment.
    Segments(SegmentWorths),
    /// By a number every follower has.
    Attribute(AttributeWorth),
    /// Learned from what happened after earlier campaigns, in yuan.
    Learned(LearnedWorth),
}

/// A worth learned from what happened, as `GET …/estimates` shows it: in yuan, so give the other
/// campaigns of the plan in yuan too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LearnedWorth {
    /// The kind of campaign it is learned for; the campaign's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Orders of so many days after a message count, 1 to 14; 3 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// What keeping a follower is worth, in yuan: the risk that the message drives them away is held
    /// against it at this price. 0 when absent.
    #[serde(default)]
    pub follower: u32,
}

/// A worth by segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentWorths {
    /// The first segment a follower is in says what a message to them is worth.
    pub of: Vec<SegmentWorth>,
    /// What it is worth to all others.
    #[serde(default)]
    pub otherwise: f64,
}

/// What a message to a segment is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentWorth {
    /// Segment text; a saved one as `segment "name"`.
    pub segment: String,
    /// What it is worth to each of them.
    pub worth: f64,
}

/// A worth by an attribute, such as a score of the merchant's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeWorth {
    /// The attribute; its values are numbers.
    pub name: String,
    /// The number is multiplied by this; 1 when absent.
    #[serde(default = "one")]
    pub times: f64,
    /// What a message is worth to a follower without the number.
    #[serde(default)]
    pub otherwise: f64,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanView {
    /// Its number here.
    pub id: i64,
    /// The month.
    #[schema(value_type = String)]
    pub month: Month,
    /// `draft`, `approved`, `superseded` or `released`.
    pub state: String,
    /// When it was made.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub made_at: Timestamp,
    /// When it was approved.
    #[serde(with = "moment::option")]
    #[schema(value_type = Option<String>)]
    pub approved_at: Option<Timestamp>,
    /// What it is worth together, in the measure the worths were given in.
    pub value: f64,
    /// What no lawful plan exceeds; equal to `value` when the plan is proven best.
    pub bound: f64,
    /// How far the plan may be from the best, as a share of the bound.
    pub gap: f64,
    /// Of a plan with a calendar: what no lawful plan on the days chosen exceeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_of_days: Option<f64>,
    /// Worths are reckoned with in whole units of this size.
    pub unit: f64,
    /// What the same month brings by other ways.
    pub rivals: RivalsView,
    /// Followers in some campaign's audience.
    pub followers: u64,
    /// Those of them whose slots are known only as a range; the plan uses the certain ones.
    pub uncertain: u64,
    /// Slots that approved plans hold already, and this one leaves them.
    pub held: u64,
    /// The campaigns.
    pub campaigns: Vec<PlanLine>,
    /// Mass calls by day.
    pub days: Vec<PlanDay>,
    /// Limits that cannot all be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictView>,
    /// The plan it was made from, and what stayed of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replans: Option<ReplansView>,
    /// Campaigns scheduled in the month that are in no plan: what slots they take is not foreseen.
    pub outside: Vec<String>,
}

/// What the same month brings by other ways, in the measure of the plan's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RivalsView {
    /// Each campaign goes to its whole segment on its day, while slots last.
    pub first_come: f64,
    /// The campaign of the highest mean worth chooses first, then the next.
    pub by_priority: f64,
    /// The dearest pair of follower and campaign first.
    pub greedy: f64,
}

/// One campaign of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanLine {
    /// The campaign's number.
    pub id: i64,
    /// Its key.
    pub campaign: String,
    /// Its name.
    pub name: String,
    /// When it goes.
    #[serde(with = "moment")]
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Its stage.
    pub stage: u8,
    /// Whom it might reach: the segment's followers less the hold-out.
    pub audience: u64,
    /// Followers held out.
    pub held_out: u64,
    /// Whom it reaches.
    pub recipients: u64,
    /// What it is worth to them together.
    pub worth: f64,
    /// What one recipient more would bring, where its most is reached (above zero) or what its
    /// last recipient costs others, where its least is (below zero).
    pub price: f64,
    /// Fewest recipients asked for.
    pub least: u32,
    /// Most recipients allowed.
    pub most: Option<u32>,
    /// Mass calls it takes when sent by lists.
    pub calls: u64,
    /// `planned`, `approved` or `released` in the plan; of an approved one, where the campaign
    /// stands: `scheduled`, `sending`, `settled`, `cancelled` or `failed`.
    pub state: String,
}

/// Mass calls of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanDay {
    /// The day.
    #[schema(value_type = String)]
    pub day: Day,
    /// Messages planned.
    pub messages: u64,
    /// Calls they take by lists.
    pub calls: u64,
    /// Calls the account has a day.
    pub allowed: Option<u64>,
}

/// Limits that cannot all be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictView {
    /// The campaigns that ask too much together.
    pub campaigns: Vec<String>,
    /// Recipients they lack together.
    pub lacking: u64,
    /// In one sentence.
    pub sentence: String,
    /// The same in Chinese.
    pub sentence_zh: String,
}

/// What became of an earlier plan in this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplansView {
    /// The earlier plan.
    pub plan: i64,
    /// What each message that stays counted for on top of its worth.
    pub stay: f64,
    /// Messages planned then and now.
    pub stayed: u64,
    /// Messages planned then and not now, of campaigns in both.
    pub gone: u64,
    /// Messages planned now and not then, of campaigns in both.
    pub new: u64,
}

/// Why a follower gets a campaign or does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhyView {
    /// The campaign's key.
    pub campaign: String,
    /// The follower.
    pub follower: String,
    /// Whether they get it.
    pub receives: bool,
    /// `planned`, `held_out`, `not_meant`, `no_place`, `earlier_stage`, `not_worth_it`,
    /// `campaign_full` or `better_used`; with a calendar also `disturbing`, `no_day`, `too_close`,
    /// `kept_back`, `topic_full`, `no_call`, `too_few`, `needed` or `unproven`.
    pub reason: String,
    /// In one sentence.
    pub sentence: String,
    /// The same in Chinese.
    pub sentence_zh: String,
    /// What a message is worth to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<f64>,
    /// The campaign that would have to give way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// What that one is worth to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_worth: Option<f64>,
}

/// A change of a planned month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanChange {
    /// One campaign more.
    Add(PlanWish),
    /// One campaign less.
    Drop {
        /// Its key.
        campaign: String,
    },
    /// Other limits.
    Resize {
        /// The campaign's key.
        campaign: String,
        /// Fewest recipients.
        #[serde(default)]
        least: u32,
        /// Most recipients.
        #[serde(default)]
        most: Option<u32>,
    },
    /// So many slots of every follower left free: what keeping one back costs is the difference.
    KeepBack {
        /// How many, at least as many as the plan keeps back.
        slots: u8,
    },
    /// Another moment.
    Move {
        /// The campaign's key.
        campaign: String,
        /// The moment.
        #[serde(with = "moment")]
        #[schema(value_type = String)]
        at: Timestamp,
    },
}

/// Changes of a planned month.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanChanges {
    /// What changes, one after the other.
    #[serde(default)]
    pub changes: Vec<PlanChange>,
    /// What keeping a message that was planned already is worth on top, so that a plan made anew
    /// moves no more followers than it must.
    #[serde(default)]
    pub stay: f64,
}

/// What a change would bring; nothing is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhatIfView {
    /// The plan it starts from.
    pub plan: i64,
    /// What that plan is worth.
    pub value_before: f64,
    /// What the changed month is worth.
    pub value: f64,
    /// What no lawful plan of the changed month exceeds.
    pub bound: f64,
    /// `value` less `value_before`.
    pub difference: f64,
    /// The campaigns of both months.
    pub campaigns: Vec<WhatIfLine>,
    /// Mass calls by day.
    pub days: Vec<PlanDay>,
    /// Limits that cannot all be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictView>,
}

/// One campaign before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WhatIfLine {
    /// Its key.
    pub campaign: String,
    /// Recipients in the plan; absent when it is not in it.
    pub before: Option<u64>,
    /// Recipients after the change; absent when it is not in it.
    pub after: Option<u64>,
    /// Followers who get it only after.
    pub joined: u64,
    /// Followers who get it only before.
    pub left: u64,
    /// Its price after.
    pub price: Option<f64>,
}

/// Which campaigns to give free again; all that were not sent when empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseWish {
    /// Keys.
    #[serde(default)]
    pub campaigns: Vec<String>,
}

/// A plan that somebody is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedPlan {
    /// Its number.
    pub plan: i64,
    /// Its month.
    #[schema(value_type = String)]
    pub month: Month,
    /// Where it stands.
    pub state: String,
    /// Keys of the campaigns they are planned for.
    pub campaigns: Vec<String>,
    /// Keys of the campaigns they are held out of.
    pub held_out: Vec<String>,
}
