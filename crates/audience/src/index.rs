//! Everything known of one account's followers, in memory, one column a fact.
//!
//! Followers are rows numbered by their ordinal; nothing here knows an OpenID. Derived from the
//! store: whoever owns the index loads it row by row and repeats every later change on it. It
//! holds no truth, so after a crash it is loaded again and nothing is lost.
//!
//! An ordinal that any mutator names makes the index that long; the store gives ordinals out
//! densely from 0, so the rows between are known followers too.

mod answers;
mod bought;
mod column;
mod definition;
mod reaction;
pub mod snapshot;
mod tally;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};

use wire::{TagId, Timestamp};

pub use bought::OrderLine;
pub use column::{Attribute, Column, Kinds, Value};
pub use definition::AttributeKind;
pub use timeline::{Row, Span, Timeline};

pub(crate) use answers::{Ask, Source};
pub(crate) use tally::{Measure, Test};
pub(crate) use timeline::second;

use self::answers::Answers;
use crate::Set;
use crate::segment::Opening;
use crate::set::{Block, SPAN, kernel};

/// Timelines of one kind of event, by key.
pub type Keys = BTreeMap<String, Timeline>;

/// Not known when the follower subscribed.
const UNKNOWN: u32 = u32::MAX;

/// An order, as it counts: what was paid less what was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// When it was made.
    pub at: Timestamp,
    /// What was paid, in cents.
    pub cents: i64,
    /// How many pieces.
    pub items: u32,
    /// What was given back of it, in cents.
    pub refunded_cents: i64,
}

impl Order {
    fn row(self) -> Row {
        let value = self.cents.saturating_sub(self.refunded_cents);
        Row { at: self.at, value, items: self.items }
    }
}

/// The followers of one account.
#[derive(Debug, Clone, Default)]
pub struct Index {
    len: u32,
    following: Set,
    // Whose ordinals stay given, though nothing is known of them any more.
    forgotten: Set,
    subscribed_at: Vec<u32>,
    tags: BTreeMap<TagId, Set>,
    // Who carries any tag: a row never tagged before has nothing to be cleared.
    tagged: Set,
    tag_names: BTreeMap<TagId, String>,
    own_tags: BTreeMap<String, Set>,
    attributes: BTreeMap<String, Column>,
    definitions: BTreeMap<String, AttributeKind>,
    lists: BTreeMap<String, Set>,
    orders: Timeline,
    // What was in orders, by product, and the products of a name.
    bought: Keys,
    product_names: BTreeMap<String, BTreeSet<String>>,
    events: BTreeMap<String, Keys>,
    membership_version: u64,
    answers: Answers,
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

    /// When the follower last subscribed, as the platform tells it; before 1970: not known.
    pub fn set_subscribed_at(&mut self, ord: u32, at: Timestamp) {
        self.know(ord);
        let row = ord as usize;
        if row >= self.subscribed_at.len() {
            self.subscribed_at.resize(row + 1, UNKNOWN);
        }
        self.subscribed_at[row] = if at.0 < 0 { UNKNOWN } else { second(at) };
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

    /// What an attribute may hold, in place of what was said before. Values that are there stay.
    pub fn define_attribute(&mut self, name: &str, kind: AttributeKind) {
        self.definitions.insert(name.to_owned(), kind);
    }

    /// The attribute may hold anything again; its values stay.
    pub fn undefine_attribute(&mut self, name: &str) {
        self.definitions.remove(name);
    }

    /// Makes a list, or gives it other members.
    pub fn set_list(&mut self, name: &str, members: Set) {
        if let Some(last) = members.last() {
            self.know(last);
        }
        self.lists.insert(name.to_owned(), members);
    }

    /// Puts a follower on a list, or takes them off it; true when that is new. Makes the list when
    /// there is none.
    pub fn put_in_list(&mut self, name: &str, ord: u32, present: bool) -> bool {
        self.know(ord);
        match self.lists.get_mut(name) {
            Some(members) => members.put(ord, present),
            None => self.lists.entry(name.to_owned()).or_default().put(ord, present),
        }
    }

    /// Takes a list away; true when there was one.
    pub fn drop_list(&mut self, name: &str) -> bool {
        self.lists.remove(name).is_some()
    }

    /// Adds an order. Fastest when orders come by follower and moment.
    pub fn add_order(&mut self, ord: u32, order: Order) {
        self.know(ord);
        self.orders.add(ord, order.row());
    }

    /// An order is different from what was added, such as after a refund; false, and nothing
    /// changed, when the follower has no order like `before`.
    pub fn change_order(&mut self, ord: u32, before: Order, after: Order) -> bool {
        self.orders.change(ord, before.row(), after.row())
    }

    /// Adds something the follower did: a `kind` such as `click` with its `key`, which is empty
    /// for kinds that have none, such as `message`, and a number to be summed, if it has one.
    /// Fastest when the events of one kind and key come by follower and moment.
    pub fn add_event(
        &mut self,
        ord: u32,
        kind: &str,
        key: &str,
        at: Timestamp,
        value: Option<i64>,
    ) {
        self.know(ord);
        let row = Row { at, value: value.unwrap_or(0), items: 0 };
        if !self.events.contains_key(kind) {
            self.events.insert(kind.to_owned(), Keys::new());
        }
        let Some(keys) = self.events.get_mut(kind) else { return };
        match keys.get_mut(key) {
            Some(timeline) => timeline.add(ord, row),
            None => keys.entry(key.to_owned()).or_default().add(ord, row),
        }
    }

    /// Erases a follower: nothing that was known of them is left, in any set, column, list or
    /// timeline, and not in "everyone" either. Their ordinal is never given to anybody else.
    pub fn forget(&mut self, ord: u32) {
        self.forgotten.insert(ord);
        self.set_following(ord, false, Timestamp(0));
        self.set_tags(ord, &[]);
        if let Some(at) = self.subscribed_at.get_mut(ord as usize) {
            *at = UNKNOWN;
        }
        let sets = self.own_tags.values_mut().chain(self.lists.values_mut());
        sets.for_each(|members| {
            members.remove(ord);
        });
        self.attributes.values_mut().for_each(|column| column.clear(ord));
        self.orders.forget(ord);
        let timelines = self.events.values_mut().flat_map(BTreeMap::values_mut);
        let timelines = timelines.chain(self.bought.values_mut());
        timelines.for_each(|timeline| timeline.forget(ord));
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

    /// Everybody known, those who left among them; who was forgotten is not.
    #[must_use]
    pub fn everyone(&self) -> Set {
        Set::full(self.len).subtract(&self.forgotten)
    }

    /// Who was erased.
    #[must_use]
    pub fn forgotten(&self) -> &Set {
        &self.forgotten
    }

    /// Whether the ordinal is somebody's of whom something may be known.
    #[must_use]
    pub fn knows(&self, ord: u32) -> bool {
        ord < self.len && !self.forgotten.contains(ord)
    }

    /// Who follows now.
    #[must_use]
    pub fn following(&self) -> &Set {
        &self.following
    }

    /// When the follower last subscribed.
    #[must_use]
    pub fn subscribed_at(&self, ord: u32) -> Option<Timestamp> {
        let at = self.subscribed_at.get(ord as usize).filter(|at| **at != UNKNOWN)?;
        Some(Timestamp((*at).into()))
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
        let defined = self.definitions.keys().filter(|name| !self.attributes.contains_key(*name));
        self.attributes.keys().chain(defined).map(String::as_str)
    }

    /// One attribute of one follower.
    #[must_use]
    pub fn attribute(&self, ord: u32, name: &str) -> Option<Attribute> {
        self.attributes.get(name)?.get(ord)
    }

    /// What an attribute was defined to hold.
    #[must_use]
    pub fn definition(&self, name: &str) -> Option<&AttributeKind> {
        self.definitions.get(name)
    }

    /// Who is on a list.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&Set> {
        self.lists.get(name)
    }

    /// All lists.
    pub fn lists(&self) -> impl Iterator<Item = (&str, &Set)> {
        self.lists.iter().map(|(name, members)| (name.as_str(), members))
    }

    /// All orders; values are what was paid and kept, in cents.
    #[must_use]
    pub fn orders(&self) -> &Timeline {
        &self.orders
    }

    /// Until when customer-service messages can reach a follower: while they follow, as long as
    /// something they did since keeps a window open (`platform/05 §1`). `None`: not now.
    #[must_use]
    pub fn window_until(
        &self,
        openings: &[Opening],
        ord: u32,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if !self.following.contains(ord) {
            return None;
        }
        let since = self.subscribed_at(ord).unwrap_or_default();
        let opened = openings.iter().flat_map(|opening| {
            let timelines = self.events.get(&opening.kind).into_iter().flat_map(BTreeMap::values);
            let rows = timelines.flat_map(|timeline| timeline.of(ord));
            let counted = rows.filter(|row| row.at >= since && row.at <= now);
            counted.map(|row| row.at + opening.seconds)
        });
        opened.max().filter(|until| *until > now)
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

    /// Who follows, and since a moment of the span.
    pub(crate) fn subscribed_in(&self, span: Span) -> Set {
        let (from, to) = (second(span.from), second(span.to));
        let some = from <= to && span.to.0 >= 0;
        let blocks = self.subscribed_at.chunks(SPAN as usize).map(|moments| {
            let inside = |at: u32| some && at != UNKNOWN && (from..=to).contains(&at);
            Block::from_words(kernel::choose(moments, inside))
        });
        let mut members = Set::from_blocks(blocks.collect());
        members.and_with(&self.following);
        members
    }

    /// Gives back memory that is held for more to come, and forgets kept answers: after loading.
    pub fn shrink(&mut self) {
        self.subscribed_at.shrink_to_fit();
        self.orders.shrink();
        self.bought.values_mut().for_each(Timeline::shrink);
        self.events.values_mut().flat_map(BTreeMap::values_mut).for_each(Timeline::shrink);
        self.attributes.values_mut().for_each(Column::shrink);
        self.answers.clear();
    }

    /// Bytes of memory held, roughly.
    #[must_use]
    pub fn memory(&self) -> usize {
        let sets = self
            .tags
            .values()
            .chain(self.own_tags.values())
            .chain(self.lists.values())
            .chain([&self.following, &self.tagged]);
        let timelines = self.events.values().flat_map(BTreeMap::values);
        let timelines = timelines.chain(self.bought.values());
        sets.map(Set::memory).sum::<usize>()
            + self.subscribed_at.capacity() * size_of::<u32>()
            + self.attributes.values().map(Column::memory).sum::<usize>()
            + timelines.map(Timeline::memory).sum::<usize>()
            + self.orders.memory()
            + self.answers.memory()
    }

    fn know(&mut self, ord: u32) {
        self.len = self.len.max(ord.saturating_add(1));
    }
}

#[cfg(test)]
mod tests;
