//! What of an account is kept in memory: the index of its followers, the slots of its months, and
//! who received which campaign. All of it derived from the store and loaded anew at every start;
//! whoever writes the store moves the books in the same breath, under one lock.

use std::borrow::Cow;
use std::collections::BTreeMap;

use audience::segment::{Context, Delivery, Opening};
use audience::{Attribute, AttributeKind, Index, Order, OrderLine, Segment, Set};
use ledger::{Effect, Slots};
use store::attribute::{AttributeKind as Defined, Definition};
use store::batch::{Batch, BatchHead, BatchState};
use store::order::LinkedOrder;
use store::order_line::LinkedLine;
use store::{AccountId, BatchId, Store, follower};
use wire::rules::Limits;
use wire::{Month, Timestamp};

use crate::consents::Consents;
use crate::error::Error;
use crate::received::Received;
use crate::snapshot::{self, Kept};

/// Rows read at a time while loading.
const PAGE: u32 = 20_000;

/// An account's memory.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) index: Index,
    /// Numbers that are nobody's any more.
    pub(crate) erased: Set,
    /// Segments kept under a name.
    pub(crate) saved: BTreeMap<String, Segment>,
    months: BTreeMap<Month, Slots>,
    received: BTreeMap<String, Received>,
    /// What they agreed to be told.
    pub(crate) consents: Consents,
    cap: u8,
    openings: Vec<Opening>,
    /// Counts every change of who follows or carries a tag; kept in the store, so that a restart
    /// does not look like a change.
    pub(crate) membership: i64,
    /// The file the index was read from.
    pub(crate) kept: Kept,
}

impl Books {
    /// Reads everything from the store.
    pub(crate) async fn load(
        store: &Store,
        instance: &str,
        account: AccountId,
        limits: &Limits,
        cap: u8,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let (index, kept) = match snapshot::read(store, instance, account).await? {
            Some(read) => read,
            None => (load_index(store, account).await?, Kept::default()),
        };
        let mut saved = BTreeMap::new();
        for segment in store::segment::list(store, account).await? {
            match Segment::parse(&segment.text) {
                Ok(parsed) => drop(saved.insert(segment.name, parsed)),
                // Saved by a version that knew other words; it can be mended by saving it anew.
                Err(error) => tracing::warn!(%account, %error, "a saved segment is unreadable"),
            }
        }
        let mut books = Self {
            erased: index.forgotten().clone(),
            index,
            saved,
            months: BTreeMap::new(),
            received: BTreeMap::new(),
            consents: Consents::load(store, account).await?,
            cap,
            openings: openings(limits),
            membership: membership(store, account).await?,
            kept,
        };
        // Months gone by are history: only who received what is still asked of them.
        for month in [now.month(), now.month().next()] {
            for batch in store::batch::of_month(store, account, month).await? {
                books.apply(month, effect(&batch.head), &recipients(&batch)?);
            }
        }
        for campaign in store::campaign::list(store, account).await? {
            books.add_campaign(&campaign.key);
            let batches =
                store::batch::of_campaign_with_recipients(store, account, campaign.id).await?;
            for batch in batches {
                if effect(&batch.head) != Effect::Nothing {
                    let (id, from) = (batch.head.id, batch.head.sent_from);
                    books.note_received(&campaign.key, id, from, &recipients(&batch)?);
                }
            }
        }
        Ok(books)
    }

    /// Followers, orders, events and consents, read anew: after a synchronisation or an import.
    pub(crate) async fn reload_index(
        &mut self,
        store: &Store,
        account: AccountId,
    ) -> Result<(), Error> {
        self.index = load_index(store, account).await?;
        self.erased = self.index.forgotten().clone();
        self.consents = Consents::load(store, account).await?;
        Ok(())
    }

    /// The slots of a month; all free when nothing was sent in it.
    pub(crate) fn slots(&self, month: Month) -> Slots {
        self.months.get(&month).cloned().unwrap_or_else(|| Slots::new(self.cap))
    }

    fn slots_mut(&mut self, month: Month) -> &mut Slots {
        self.months.entry(month).or_insert_with(|| Slots::new(self.cap))
    }

    /// Takes a batch's effect on the month into account.
    pub(crate) fn apply(&mut self, month: Month, effect: Effect, recipients: &Set) {
        self.slots_mut(month).apply(effect, recipients);
    }

    /// Replaces one effect by another.
    pub(crate) fn replace(&mut self, month: Month, was: Effect, is: Effect, recipients: &Set) {
        self.slots_mut(month).change(was, is, recipients);
    }

    /// Remembers who may have received a campaign, and since when; what was not sent is forgotten
    /// again with [`Books::forget_received`].
    pub(crate) fn note_received(
        &mut self,
        key: &str,
        batch: BatchId,
        from: Option<Timestamp>,
        recipients: &Set,
    ) {
        self.received.entry(key.to_owned()).or_default().add(batch, from, recipients);
    }

    /// The batch is called now; `in_doubt`: an earlier call of it may have been accepted.
    pub(crate) fn note_called(&mut self, key: &str, batch: BatchId, at: Timestamp, in_doubt: bool) {
        if let Some(received) = self.received.get_mut(key) {
            received.call(batch, at, in_doubt);
        }
    }

    /// The batch did not go out after all.
    pub(crate) fn forget_received(&mut self, key: &str, batch: BatchId) {
        if let Some(received) = self.received.get_mut(key) {
            received.remove(batch);
        }
    }

    /// A campaign that segments may name from now on.
    pub(crate) fn add_campaign(&mut self, key: &str) {
        self.received.entry(key.to_owned()).or_default();
    }

    /// What the segment language may ask besides the followers.
    pub(crate) fn context(&self, month: Month) -> MonthContext<'_> {
        let slots = self.months.get(&month).map(Cow::Borrowed);
        let slots = slots.unwrap_or_else(|| Cow::Owned(Slots::new(self.cap)));
        MonthContext { books: self, slots }
    }
}

/// The books seen from one month.
pub(crate) struct MonthContext<'a> {
    books: &'a Books,
    pub(crate) slots: Cow<'a, Slots>,
}

impl Context for MonthContext<'_> {
    fn received(&self, campaign: &str) -> Option<Cow<'_, Set>> {
        self.books.received.get(campaign).map(|received| Cow::Borrowed(received.all()))
    }

    fn deliveries(&self, campaign: &str) -> Option<Vec<Delivery<'_>>> {
        self.books.received.get(campaign).map(Received::deliveries)
    }

    fn slots_of(&self, ord: u32) -> u8 {
        self.slots.of(ord).certain()
    }

    fn slots_at_least(&self, slots: u8) -> Set {
        let everyone = Set::full(self.books.index.len());
        self.slots.at_least(slots, &everyone)
    }

    fn slots_used(&self) -> Option<(&[Set], u8)> {
        Some((self.slots.used_max_planes(), self.slots.cap()))
    }

    fn campaign_keys(&self) -> Vec<String> {
        self.books.received.keys().cloned().collect()
    }

    fn consents_at_least(&self, template: &str, n: u32) -> Option<Set> {
        let everyone = Set::full(self.books.index.len());
        self.books.consents.at_least(template, n, &everyone)
    }

    fn consents_of(&self, template: &str, ord: u32) -> u32 {
        self.books.consents.of(template, ord)
    }

    fn templates(&self) -> Vec<String> {
        self.books.consents.templates().map(str::to_owned).collect()
    }

    fn openings(&self) -> &[Opening] {
        &self.books.openings
    }

    fn saved(&self, name: &str) -> Option<Segment> {
        self.books.saved.get(name).cloned()
    }

    fn saved_names(&self) -> Vec<String> {
        self.books.saved.keys().cloned().collect()
    }
}

/// What a follower does that lets customer-service messages reach them for a time
/// (`platform/05 §1`): a message for hours; a click of a menu, a scan or a follow for a minute.
fn openings(limits: &Limits) -> Vec<Opening> {
    let opening = |kind: &str, seconds| Opening { kind: kind.into(), seconds };
    let mut openings = vec![opening("message", limits.reply_hours * 3600)];
    let acts = ["click", "scan", "follow"];
    openings.extend(acts.map(|kind| opening(kind, limits.reply_seconds_after_act)));
    openings
}

fn membership_key(account: AccountId) -> String {
    format!("membership:{account}")
}

async fn membership(store: &Store, account: AccountId) -> Result<i64, Error> {
    let stored = store::meta::get(store, &membership_key(account)).await?;
    Ok(stored.and_then(|text| text.parse().ok()).unwrap_or(0))
}

pub(crate) async fn put_membership(
    tx: &mut store::Tx,
    account: AccountId,
    version: i64,
) -> Result<(), store::Error> {
    store::meta::put(tx, &membership_key(account), &version.to_string()).await
}

/// What a batch means for the slots of its month (`design §5`).
pub(crate) fn effect(head: &BatchHead) -> Effect {
    match head.state {
        BatchState::Planned | BatchState::Refused | BatchState::Cancelled => Effect::Nothing,
        BatchState::Intended
        | BatchState::Calling
        | BatchState::Doubtful
        | BatchState::Awaiting
        | BatchState::Accepted
        | BatchState::Unsettled => Effect::Held,
        BatchState::Settled => match (head.exact, &head.finish) {
            (true, _) => Effect::Received,
            (false, Some(finish)) if finish.sent == 0 => Effect::Nothing,
            (false, _) => Effect::Held,
        },
    }
}

/// The recipients a batch carries.
pub(crate) fn recipients(batch: &Batch) -> Result<Set, Error> {
    read_set("recipients of a batch", &batch.recipients)
}

pub(crate) fn read_set(what: &'static str, bytes: &[u8]) -> Result<Set, Error> {
    Set::from_bytes(bytes).map_err(|error| Error::unreadable(what, error))
}

async fn load_index(store: &Store, account: AccountId) -> Result<Index, Error> {
    let mut index = Index::new();
    index.set_tag_names(
        store::tag::list(store, account).await?.into_iter().map(|tag| (tag.tag_id, tag.name)),
    );
    for definition in store::attribute::list(store, account).await? {
        index.define_attribute(&definition.name, kind(&definition));
    }
    let mut after = None;
    loop {
        let page = follower::page(store, account, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.ord);
        for row in &page {
            if follower::is_erased(&row.openid) {
                index.forget(row.ord);
            } else {
                load_follower(&mut index, row);
            }
        }
    }
    for (name, members) in store::list::members(store, account).await? {
        index.set_list(&name, read_set("the members of a list", &members)?);
    }
    let mut after = None;
    loop {
        let page = store::order::page(store, account, after.as_ref(), PAGE).await?;
        for order in &page {
            index.add_order(order.ord, indexed(order));
        }
        after = page.last().copied();
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let page = store::order_line::page(store, account, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.seq);
        for line in &page {
            index.add_order_line(line.ord, indexed_line(line));
        }
    }
    let mut after = None;
    loop {
        let mut page = store::event::page(store, account, after.as_ref(), PAGE).await?;
        for event in &page {
            index.add_event(event.ord, &event.kind, &event.key, event.at, event.value);
        }
        after = page.pop();
        if after.is_none() {
            break;
        }
    }
    index.shrink();
    Ok(index)
}

fn load_follower(index: &mut Index, row: &follower::FollowerRow) {
    index.set_following(row.ord, row.following, row.state_at);
    if let Some(at) = row.subscribed_at {
        index.set_subscribed_at(row.ord, at);
    }
    index.set_tags(row.ord, &row.tags);
    for tag in &row.own_tags {
        index.set_own_tag(row.ord, tag, true);
    }
    for (name, value) in &row.attributes {
        index.set_attribute(row.ord, name, attribute(value));
    }
}

/// A stored order as the index keeps it.
pub(crate) fn indexed(order: &LinkedOrder) -> Order {
    Order {
        at: order.at,
        cents: order.amount_cents,
        items: u32::try_from(order.items).unwrap_or(0),
        refunded_cents: order.refunded_cents,
    }
}

/// A stored line of an order as the index keeps it.
pub(crate) fn indexed_line(line: &LinkedLine) -> OrderLine<'_> {
    OrderLine {
        sku: &line.sku,
        name: &line.name,
        at: line.at,
        quantity: u32::try_from(line.quantity).unwrap_or(0),
        cents: line.amount_cents,
        refunded_cents: line.refunded_cents,
    }
}

/// A stored definition as the index keeps it.
pub(crate) fn kind(definition: &Definition) -> AttributeKind {
    match definition.kind {
        Defined::Text => AttributeKind::Text,
        Defined::Number => AttributeKind::Number,
        Defined::Date => AttributeKind::Date,
        Defined::Flag => AttributeKind::Flag,
        Defined::Choice => AttributeKind::Choice(definition.choices.clone()),
    }
}

/// A stored value as the index keeps it.
pub(crate) fn attribute(value: &follower::Attribute) -> Attribute {
    match value {
        follower::Attribute::Text(text) => Attribute::Text(text.clone()),
        follower::Attribute::Number(number) => Attribute::Number(*number),
        follower::Attribute::Bool(flag) => Attribute::Flag(*flag),
    }
}
