//! Followers (粉丝) of an account. Each has an ordinal, given at first sight, dense from 0 and never
//! used again; the row stays when they leave.
//!
//! What always holds: `state_at` is the moment of the newest word on whether they follow, and an
//! older word never changes it. A pass speaks for the moment just before it began, so an event of
//! the second it began, or later, wins over any page of it, however late the page is read.

mod change;
mod erase;
mod listing;
mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::{OpenId, TagId, Timestamp};

use crate::PassId;

pub use change::{followed, left, patch_attributes, set_attributes, set_own_tags, set_tags};
pub(crate) use erase::WANTS_VACUUM;
pub use erase::{erase, is_erased};
pub use listing::{add_page, details_due, mark_unseen, set_details};
pub use read::{
    by_openid, by_ord, count, leaves_since, left_since, openids_of, ordinals_of, page, rows_of,
};

/// A follower, or one who was.
// Deserialised from an array in the order of the fields: a page of the index is one such text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FollowerRow {
    /// Their number inside the account.
    pub ord: u32,
    /// The platform's id.
    pub openid: OpenId,
    /// Whether they follow now.
    pub following: bool,
    /// The moment of the newest word on that.
    pub state_at: Timestamp,
    /// When they followed last; unknown until detailed.
    pub subscribed_at: Option<Timestamp>,
    /// When they left, or were found to have left.
    pub left_at: Option<Timestamp>,
    /// The same person across bound accounts.
    pub unionid: Option<String>,
    /// How they came, as `ADD_SCENE_…`.
    pub scene: Option<String>,
    /// The QR code they came by: its text, or its number as text.
    pub qr_scene: Option<String>,
    /// Their language, where still told.
    pub language: Option<String>,
    /// The operator's note.
    pub remark: Option<String>,
    /// Platform tags.
    pub tags: Vec<TagId>,
    /// What the merchant's systems told of them.
    pub attributes: Attributes,
    /// Our own tags.
    pub own_tags: Vec<String>,
    /// The last pass that listed them; 0 for none.
    pub seen_pass: PassId,
    /// The last pass that detailed them; 0 for none.
    pub detailed_pass: PassId,
}

/// A follower's attributes by name.
pub type Attributes = BTreeMap<String, Attribute>;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

/// How many followers an account has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// All ever seen: one more than the highest ordinal.
    pub known: u32,
    /// Those who follow now.
    pub following: u32,
}
