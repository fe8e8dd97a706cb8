//! What a segment asks of others than the index: sends, slots, consents, saved segments.

use std::borrow::Cow;

use wire::Timestamp;

use super::Segment;
use crate::Set;

/// What a segment asks of others than the index. What has no source yet is left to its default,
/// which knows of nothing.
pub trait Context {
    /// Who received, or may have received, the campaign with this key; `None` when there is no
    /// such campaign.
    fn received(&self, campaign_key: &str) -> Option<Cow<'_, Set>>;
    /// Who certainly has at least `n` slots left this month, among everybody known.
    fn slots_at_least(&self, n: u8) -> Set;
    /// How many messages of the month each has possibly had, bit by bit (plane `k` holds bit `k`),
    /// and how many they may have: where that is kept so, slots are compared without a set made.
    fn slots_used(&self) -> Option<(&[Set], u8)> {
        None
    }
    /// How many slots one follower certainly has left this month.
    fn slots_of(&self, ord: u32) -> u8 {
        let has = |n: &u8| self.slots_at_least(*n).contains(ord);
        (1..=u8::MAX).take_while(has).last().unwrap_or(0)
    }
    /// The keys of all campaigns, to propose one when a key is mistyped.
    fn campaign_keys(&self) -> Vec<String>;
    /// The parts in which the campaign with this key was sent; `None` when there is no such
    /// campaign, or when nothing can be said of it.
    fn deliveries(&self, _campaign_key: &str) -> Option<Vec<Delivery<'_>>> {
        None
    }
    /// Who holds at least `n` consents to notices of this template; `None` when there is no such
    /// template.
    fn consents_at_least(&self, _template: &str, _n: u32) -> Option<Set> {
        None
    }
    /// How many consents one follower holds to notices of this template.
    fn consents_of(&self, template: &str, ord: u32) -> u32 {
        let has =
            |n: &u32| self.consents_at_least(template, *n).is_some_and(|set| set.contains(ord));
        (1..=1_000).take_while(has).last().unwrap_or(0)
    }
    /// The templates that consents can be held for, to propose one.
    fn templates(&self) -> Vec<String> {
        Vec::new()
    }
    /// What opens a window for customer-service messages, and for how long.
    fn openings(&self) -> &[Opening] {
        &[]
    }
    /// The saved segment of this name.
    fn saved(&self, _name: &str) -> Option<Segment> {
        None
    }
    /// The names of all saved segments, to propose one.
    fn saved_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A part of a campaign that was sent, or may have been.
#[derive(Debug, Clone)]
pub struct Delivery<'a> {
    /// Since when it may have arrived.
    pub at: Timestamp,
    /// To whom.
    pub to: Cow<'a, Set>,
}

/// An act that opens a window for customer-service messages (`platform/05 §1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The kind of event.
    pub kind: String,
    /// Seconds until the window closes again.
    pub seconds: i64,
}
