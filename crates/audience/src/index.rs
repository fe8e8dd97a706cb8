//! Everything known of one account's followers, in memory, one column a fact.
//!
//! Followers are rows numbered by their ordinal; nothing here knows an OpenID. Derived from the
//! store: whoever owns the index loads it row by row and repeats every later change on it. It
//! holds no truth, so after a crash it is loaded again and nothing is lost.
//!
//! An ordinal that any mutator names makes the index that long; the store gives ordinals out
//! densely from 0, so the rows between are known followers too.

mod column;
mod timeline;

use std::collections::BTreeMap;

use wire::{TagId, Timestamp};

pub use column::{Attribute, Column, Kinds, Value};
pub use timeline::{Span, Timeline};

use crate::Set;

/// Timelines of one kind of event, by key.
pub type Keys = BTreeMap<String, Timeline<()>>;

/// Not known when the follower subscribed.
const UNKNOWN: Timestamp = Timestamp(i64::MIN);

/// The followers of one account.
#[derive(Debug, Clone, Default)]
pub struct Index {
    len: u32,
    following: Set,
    subscribed_at: Vec<Timestamp>,
    tags: BTreeMap<TagId, Set>,
    // Who carries any tag: a row never tagged before has nothing to be cleared.
    tagged: Set,
    tag_names: BTreeMap<TagId, String>,
    own_tags: BTreeMap<String, Set>,
    attributes: BTreeMap<String, Column>,
    orders: Timeline<i64>,
    events: BTreeMap<String, Keys>,
    membership_version: u64,
}

impl Index {
    /// An index of nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // ---- what the owner feeds in -------------------------------------------------------------

    /// The follower follows, or no longer does; true when that is new. Following anew since `at`
    /// makes `at` the moment of subscription; leaving keeps it.
    pub fn set_following(&mut self, ord: u32, following: bool, at: Timestamp) -> bool {
        self.know(ord);
        let changed = self.following.put(ord, following);
        if changed {
            self.membership_version += 1;
            if following {
                self.set_subscribed_at(ord, at);
            }
        }
        changed
    }

    /// When the follower last subscribed, as the platform tells it.
    pub fn set_subscribed_at(&mut self, ord: u32, at: Timestamp) {
        self.know(ord);
        let row = ord as usize;
        if row >= self.subscribed_at.len() {
            self.subscribed_at.resize(row + 1, UNKNOWN);
        }
        self.subscribed_at[row] = at;
    }

    /// The follower carries exactly these platform tags; true when that is new.
    pub fn set_tags(&mut self, ord: u32, tags: &[TagId]) -> bool {
        self.know(ord);
        let mut changed = false;
        if self.tagged.contains(ord) {
            for (tag, members) in &mut self.tags {
                changed |= members.contains(ord) && !tags.contains(tag) && members.remove(ord);
            }
        }
        for tag in tags {
            changed |= self.tags.entry(*tag).or_default().insert(ord);
        }
        self.tagged.put(ord, !tags.is_empty());
        if changed {
            self.membership_version += 1;
        }
        changed
    }

    /// The account's platform tags and their names, all of them. A tag that is gone loses its
    /// name, not its members: those follow with the next details of each follower.
    pub fn set_tag_names(&mut self, names: impl IntoIterator<Item = (TagId, String)>) {
        self.tag_names = names.into_iter().collect();
    }

    /// Gives or takes one of the merchant's own tags; true when that is new.
    pub fn set_own_tag(&mut self, ord: u32, name: &str, present: bool) -> bool {
        self.know(ord);
        match self.own_tags.get_mut(name) {
            Some(members) => members.put(ord, present),
            None if present => self.own_tags.entry(name.to_owned()).or_default().insert(ord),
            None => false,
        }
    }

    /// Sets an attribute, in place of the value it had, whatever its kind.
    pub fn set_attribute(&mut self, ord: u32, name: &str, value: Attribute) {
        self.know(ord);
        match self.attributes.get_mut(name) {
            Some(column) => column.set(ord, &value),
            None => self.attributes.entry(name.to_owned()).or_default().set(ord, &value),
        }
    }

    /// Takes an attribute away.
    pub fn clear_attribute(&mut self, ord: u32, name: &str) {
        if let Some(column) = self.attributes.get_mut(name) {
            column.clear(ord);
        }
    }

    /// Adds an order of `cents`. Fastest when orders come by follower and moment.
    pub fn add_order(&mut self, ord: u32, at: Timestamp, cents: i64) {
        self.know(ord);
        self.orders.add(ord, at, cents);
    }

    /// Adds something the follower did: a `kind` such as `click` with its `key`, which is empty
    /// for kinds that have none, such as `message`. Fastest when the events of one kind and key
    /// come by follower and moment.
    pub fn add_event(&mut self, ord: u32, kind: &str, key: &str, at: Timestamp) {
        self.know(ord);
        if !self.events.contains_key(kind) {
            self.events.insert(kind.to_owned(), Keys::new());
        }
        let Some(keys) = self.events.get_mut(kind) else { return };
        match keys.get_mut(key) {
            Some(timeline) => timeline.add(ord, at, ()),
            None => keys.entry(key.to_owned()).or_default().add(ord, at, ()),
        }
    }

    // ---- what can be asked -------------------------------------------------------------------

    /// How many ordinals are known, those who left among them.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Everybody known, those who left among them.
    #[must_use]
    pub fn everyone(&self) -> Set {
        Set::full(self.len)
    }

    /// Who follows now.
    #[must_use]
    pub fn following(&self) -> &Set {
        &self.following
    }

    /// When the follower last subscribed.
    #[must_use]
    pub fn subscribed_at(&self, ord: u32) -> Option<Timestamp> {
        self.subscribed_at.get(ord as usize).copied().filter(|at| *at != UNKNOWN)
    }

    /// Who carries a platform tag, those who left among them.
    #[must_use]
    pub fn tag(&self, tag: TagId) -> Option<&Set> {
        self.tags.get(&tag)
    }

    /// All platform tags somebody carries or carried, lowest number first.
    pub fn tags(&self) -> impl Iterator<Item = (TagId, &Set)> {
        self.tags.iter().map(|(tag, members)| (*tag, members))
    }

    /// The platform tag of this name; the lowest number should two share it.
    #[must_use]
    pub fn tag_named(&self, name: &str) -> Option<TagId> {
        self.tag_names.iter().find(|(_, known)| *known == name).map(|(tag, _)| *tag)
    }

    /// A platform tag's name.
    #[must_use]
    pub fn tag_name(&self, tag: TagId) -> Option<&str> {
        self.tag_names.get(&tag).map(String::as_str)
    }

    /// The names of all platform tags.
    pub fn tag_names(&self) -> impl Iterator<Item = (TagId, &str)> {
        self.tag_names.iter().map(|(tag, name)| (*tag, name.as_str()))
    }

    /// The platform tags a follower carries.
    #[must_use]
    pub fn tags_of(&self, ord: u32) -> Vec<TagId> {
        self.tags().filter(|(_, members)| members.contains(ord)).map(|(tag, _)| tag).collect()
    }

    /// Who carries one of the merchant's own tags.
    #[must_use]
    pub fn own_tag(&self, name: &str) -> Option<&Set> {
        self.own_tags.get(name)
    }

    /// The merchant's own tags.
    pub fn own_tags(&self) -> impl Iterator<Item = (&str, &Set)> {
        self.own_tags.iter().map(|(name, members)| (name.as_str(), members))
    }

    /// A column of attributes.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.attributes.get(name)
    }

    /// The names of all attributes.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(String::as_str)
    }

    /// One attribute of one follower.
    #[must_use]
    pub fn attribute(&self, ord: u32, name: &str) -> Option<Attribute> {
        self.attributes.get(name)?.get(ord)
    }

    /// All orders; values are amounts in cents.
    #[must_use]
    pub fn orders(&self) -> &Timeline<i64> {
        &self.orders
    }

    /// The timelines of a kind of event, by key.
    #[must_use]
    pub fn events(&self, kind: &str) -> Option<&Keys> {
        self.events.get(kind)
    }

    /// The kinds of event that occurred.
    pub fn event_kinds(&self) -> impl Iterator<Item = &str> {
        self.events.keys().map(String::as_str)
    }

    /// Moves on whenever somebody follows, leaves, or gains or loses a platform tag: while it
    /// stands still, so do the audiences of tag sends and of sends to everybody.
    #[must_use]
    pub fn membership_version(&self) -> u64 {
        self.membership_version
    }

    /// Bytes of memory held, roughly.
    #[must_use]
    pub fn memory(&self) -> usize {
        let sets =
            self.tags.values().chain(self.own_tags.values()).chain([&self.following, &self.tagged]);
        let timelines = self.events.values().flat_map(BTreeMap::values);
        sets.map(Set::memory).sum::<usize>()
            + self.subscribed_at.capacity() * size_of::<Timestamp>()
            + self.attributes.values().map(Column::memory).sum::<usize>()
            + timelines.map(Timeline::memory).sum::<usize>()
            + self.orders.memory()
    }

    fn know(&mut self, ord: u32) {
        self.len = self.len.max(ord.saturating_add(1));
    }
}

#[cfg(test)]
mod tests;
