//! Facts from the merchant's own systems, one request at a time: events, orders, and what is known
//! of followers. A request is in whole or not at all; it is durable before it is answered, and the
//! next count has it.
//!
//! The order of the locks: [`Owner::intake`] first, the books afterwards. New events only add, so
//! any number of requests write them at once and share their commits; whatever changes what was
//! told before holds the intake alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use store::event::{self, ToldEvent};
use store::follower::{self, Attribute};
use store::identity::{self, Claimed, Identity, IdentityKind};
use store::order::{self, NewOrder};
use store::order_line::NewLine;
use wire::Timestamp;

use crate::books::{Books, attribute, indexed, indexed_line};
use crate::error::Error;
use crate::identity as names;
use crate::owner::Owner;
use crate::value;
use crate::view::{
    FactEvent, FactLine, FactOrder, FollowerPatch, ImportView, IntakeView, LineError, PatchedView,
    PersonPatch, Who,
};

/// The most of anything in one request.
pub(crate) const AT_ONCE: usize = 5_000;
/// Clocks of other systems may be so far ahead.
const AHEAD_SECONDS: i64 = 86_400;
/// Amounts beyond this are typing errors, in cents.
const LARGEST_CENTS: i64 = 100_000_000_099;
/// Kinds that the platform alone tells: they open windows and count as reactions.
const PLATFORM_KINDS: [&str; 10] = [
    "click", "view", "message", "scan", "follow", "leave", "order", "notice", "consent", "received",
];
/// The most lines of one order.
const MOST_LINES: usize = 500;
/// The most pieces of anything.
const MOST_PIECES: i64 = 1_000_000;
/// Errors shown of one request or file.
pub(crate) const ERRORS_SHOWN: usize = 1_000;

/// Reads each of many; tells all that cannot be used, by their place from 1.
pub(crate) fn each<T, U>(
    field: &'static str,
    told: Vec<T>,
    read: impl Fn(T) -> Result<U, String>,
) -> Result<Vec<U>, Error> {
    if told.is_empty() || told.len() > AT_ONCE {
        return Err(Error::bad(field, format!("{} are not 1 to {AT_ONCE}", told.len())));
    }
    let mut report = ImportView { lines: told.len() as u64, ..ImportView::default() };
    let mut good = Vec::with_capacity(told.len());
    for (line, one) in (1..).zip(told) {
        match read(one) {
            Ok(one) => good.push(one),
            Err(error) => refuse(&mut report, line, error),
        }
    }
    if report.refused > 0 { Err(Error::BadLines(Box::new(report))) } else { Ok(good) }
}

fn refuse(report: &mut ImportView, line: u64, error: String) {
    report.refused += 1;
    if report.errors.len() < ERRORS_SHOWN {
        report.errors.push(LineError { line, error });
    }
}

pub(crate) fn moment(at: Timestamp, now: Timestamp) -> Result<Timestamp, String> {
    if at.0 < 0 || at > now + AHEAD_SECONDS {
        return Err(format!("`at` is {at}: it must lie between 1970 and a day from now"));
    }
    Ok(at)
}

/// Reads an event.
pub(crate) fn told(event: FactEvent, now: Timestamp) -> Result<ToldEvent, String> {
    let kind = names::name("kind", &event.kind)?;
    if PLATFORM_KINDS.contains(&kind.as_str()) {
        return Err(format!(
            "`kind` {kind:?} is told by the platform alone; choose a name of your own such as visit"
        ));
    }
    if event.on.len() > names::LONGEST_KEY {
        return Err(format!(
            "`on` is {} bytes long; at most {} are taken",
            event.on.len(),
            names::LONGEST_KEY
        ));
    }
    Ok(ToldEvent {
        identity: names::identity(&event.who)?,
        kind,
        key: event.on.trim().to_owned(),
        at: moment(event.at, now)?,
        value: event.value,
        // Keys of callbacks begin with other words.
        dedup: format!("told:{}", names::key("key", &event.key)?),
    })
}

/// Reads an order.
pub(crate) fn ordered(order: FactOrder, now: Timestamp) -> Result<NewOrder, String> {
    if order.amount_cents.abs() > LARGEST_CENTS {
        return Err(format!("`amount_cents` is {}; at most {LARGEST_CENTS}", order.amount_cents));
    }
    if order.refunded_cents < 0 || order.refunded_cents > order.amount_cents.max(0) {
        return Err(format!(
            "`refunded_cents` is {}; it must be 0 to the order's {}",
            order.refunded_cents, order.amount_cents
        ));
    }
    if order.lines.len() > MOST_LINES {
        return Err(format!("`lines` are {}; at most {MOST_LINES}", order.lines.len()));
    }
    let lines = order.lines.into_iter().map(line).collect::<Result<Vec<NewLine>, String>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = lines.iter().find(|line| !names.insert(line.line.as_str())) {
        return Err(format!(
            "`lines` has {:?} twice: add the pieces up, or give each line a `line` of its own",
            twice.line
        ));
    }
    let in_lines = || if lines.is_empty() { 1 } else { lines.iter().map(|l| l.quantity).sum() };
    let items = order.items.unwrap_or_else(in_lines);
    if !(-MOST_PIECES..=MOST_PIECES).contains(&items) {
        return Err(format!("`items` is {items}; at most 1,000,000"));
    }
    Ok(NewOrder {
        key: names::key("key", &order.key)?,
        customer: names::identity(&order.who)?,
        at: moment(order.at, now)?,
        amount_cents: order.amount_cents,
        items,
        refunded_cents: order.refunded_cents,
        lines,
    })
}

fn line(told: FactLine) -> Result<NewLine, String> {
    let sku = names::key("sku", &told.sku)?;
    if !(0..=MOST_PIECES).contains(&told.quantity) {
        return Err(format!("`quantity` is {}; it must be 0 to 1,000,000", told.quantity));
    }
    if told.amount_cents.abs() > LARGEST_CENTS {
        return Err(format!(
            "`amount_cents` of a line is {}; at most {LARGEST_CENTS}",
            told.amount_cents
        ));
    }
    if told.refunded_cents < 0 || told.refunded_cents > told.amount_cents.max(0) {
        return Err(format!(
            "`refunded_cents` of a line is {}; it must be 0 to the line's {}",
            told.refunded_cents, told.amount_cents
        ));
    }
    let name = match told.name.trim() {
        "" => String::new(),
        name => names::key("name", name)?,
    };
    Ok(NewLine {
        line: told.line.map_or(Ok(sku.clone()), |line| names::key("line", &line))?,
        sku,
        name,
        quantity: told.quantity,
        amount_cents: told.amount_cents,
        refunded_cents: told.refunded_cents,
    })
}

/// Takes events in.
pub(crate) async fn events(owner: &Owner, events: Vec<FactEvent>) -> Result<IntakeView, Error> {
    let now = owner.now();
    let events = each("events", events, |event| told(event, now))?;
    let (account, count) = (owner.id(), events.len() as u64);
    let _shared = owner.intake.read().await;
    let kept = owner
        .store
        .write(move |tx| Box::pin(async move { event::take_in(tx, account, &events).await }))
        .await?;
    let linked = kept.linked.len() as u64;
    add_events(&mut *owner.books.write().await, &kept.linked);
    Ok(IntakeView {
        told: count,
        new: kept.inserted,
        duplicates: kept.duplicate,
        linked,
        waiting: kept.inserted - linked,
        refunded: 0,
        lines: 0,
    })
}

/// Takes orders in, and what was paid back of them.
pub(crate) async fn orders(owner: &Owner, orders: Vec<FactOrder>) -> Result<IntakeView, Error> {
    let now = owner.now();
    let orders = each("orders", orders, |order| ordered(order, now))?;
    let (account, count) = (owner.id(), orders.len() as u64);
    let _alone = owner.intake.write().await;
    let kept = owner
        .store
        .write(move |tx| Box::pin(async move { order::insert(tx, account, &orders).await }))
        .await?;
    add_orders(&mut *owner.books.write().await, &kept);
    let linked = kept.linked.len() as u64;
    Ok(IntakeView {
        told: count,
        new: kept.inserted,
        duplicates: kept.duplicate,
        linked,
        waiting: kept.inserted - linked,
        refunded: kept.refunded.len() as u64,
        lines: kept.new_lines,
    })
}

pub(crate) fn add_events(books: &mut Books, events: &[event::Event]) {
    for event in events {
        books.index.add_event(event.ord, &event.kind, &event.key, event.at, event.value);
    }
}

pub(crate) fn add_orders(books: &mut Books, kept: &order::Kept) {
    for order in &kept.linked {
        books.index.add_order(order.ord, indexed(order));
    }
    for (before, after) in &kept.refunded {
        books.index.change_order(after.ord, indexed(before), indexed(after));
    }
    for line in &kept.lines {
        books.index.add_order_line(line.ord, indexed_line(line));
    }
    for (before, after) in &kept.refunded_lines {
        books.index.change_order_line(after.ord, indexed_line(before), indexed_line(after));
    }
}

/// What found its follower, in memory too.
pub(crate) async fn add_claimed(
    owner: &Owner,
    books: &mut Books,
    claimed: &Claimed,
) -> Result<(), Error> {
    if claimed.moved > 0 {
        // Somebody loses what the index cannot find among the rest: rare, so all is read anew.
        return books.reload_index(&owner.store, owner.id()).await;
    }
    books.consents.refresh(&owner.store, owner.id(), &claimed.consented).await?;
    add_events(books, &claimed.events);
    for order in &claimed.orders {
        books.index.add_order(order.ord, indexed(order));
    }
    for line in &claimed.lines {
        books.index.add_order_line(line.ord, indexed_line(line));
    }
    Ok(())
}

/// A patch whose values were read.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Patch {
    pub(crate) attributes: BTreeMap<String, Option<Attribute>>,
    pub(crate) add_tags: Vec<String>,
    pub(crate) remove_tags: Vec<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) phone: Option<String>,
}

/// Reads a patch: attributes must be known, and their values fit what was defined.
pub(crate) fn patch(books: &Books, told: FollowerPatch) -> Result<Patch, String> {
    let mut attributes = BTreeMap::new();
    for (name, told) in told.attributes {
        let name = names::name("attributes", &name)?;
        let value = value::given(books, &name, told)?;
        attributes.insert(name, value);
    }
    let tags = |field, tags: Vec<String>| -> Result<Vec<String>, String> {
        tags.iter().map(|tag| names::name(field, tag)).collect()
    };
    Ok(Patch {
        attributes,
        add_tags: tags("add_tags", told.add_tags)?,
        remove_tags: tags("remove_tags", told.remove_tags)?,
        customer_id: told.customer_id.map(|id| names::key("customer_id", &id)).transpose()?,
        phone: told.phone.map(|phone| names::phone(&phone)).transpose()?,
    })
}

/// Enters what is known of followers.
pub(crate) async fn patches(
    owner: &Owner,
    patches: Vec<PersonPatch>,
) -> Result<PatchedView, Error> {
    let _alone = owner.intake.write().await;
    let told = {
        let books = owner.books.read().await;
        each("followers", patches, |one| {
            Ok((names::identity(&one.who)?, patch(&books, one.patch)?))
        })?
    };
    let who: Vec<&Identity> = told.iter().map(|(who, _)| who).collect();
    let ordinals = resolve(owner, &who).await?;
    let mut report = ImportView { lines: told.len() as u64, ..ImportView::default() };
    let mut rows = Vec::with_capacity(told.len());
    for (line, ((who, patch), ord)) in (1..).zip(told.into_iter().zip(ordinals)) {
        match ord {
            Some(ord) => rows.push((ord, patch)),
            None => refuse(&mut report, line, unknown(&who)),
        }
    }
    if report.refused > 0 {
        return Err(Error::BadLines(Box::new(report)));
    }
    apply(owner, rows, None).await
}

/// The sentence for somebody who is not known.
pub(crate) fn unknown(who: &Identity) -> String {
    format!(
        "no follower of this account is known by this {}: synchronise the followers first, or \
         leave it out",
        who.kind
    )
}

/// Enters one follower's facts.
pub(crate) async fn patch_one(
    owner: &Owner,
    openid: &str,
    told: FollowerPatch,
) -> Result<PatchedView, Error> {
    let _alone = owner.intake.write().await;
    let ord = crate::answers::find(owner, openid).await?.ord;
    let told =
        patch(&*owner.books.read().await, told).map_err(|error| Error::bad("body", error))?;
    apply(owner, vec![(ord, told)], None).await
}

/// The ordinals of people, in the same order; none for those not known.
pub(crate) async fn resolve(owner: &Owner, who: &[&Identity]) -> Result<Vec<Option<u32>>, Error> {
    let mut found: HashMap<(IdentityKind, String), u32> = HashMap::new();
    for kind in IdentityKind::ALL {
        let values: Vec<String> =
            who.iter().filter(|one| one.kind == *kind).map(|one| one.value.clone()).collect();
        if !values.is_empty() {
            let known = identity::lookup(&owner.store, owner.id(), *kind, &values).await?;
            found.extend(known.into_iter().map(|(value, ord)| ((*kind, value), ord)));
        }
    }
    Ok(who.iter().map(|one| found.get(&(one.kind, one.value.clone())).copied()).collect())
}

/// The ordinals of people named in a request, without doubles, and how many are not known.
pub(crate) async fn known(
    owner: &Owner,
    field: &'static str,
    who: Vec<Who>,
) -> Result<(Vec<u32>, u64), Error> {
    if who.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let who = each(field, who, |one| names::identity(&one))?;
    let found = resolve(owner, &who.iter().collect::<Vec<_>>()).await?;
    let mut ordinals: Vec<u32> = found.iter().copied().flatten().collect();
    let unknown = (found.len() - ordinals.len()) as u64;
    ordinals.sort_unstable();
    ordinals.dedup();
    Ok((ordinals, unknown))
}

/// What else belongs into the same write, such as the step of an import.
pub(crate) type Also = Box<dyn for<'t> FnOnce(&'t mut store::Tx) -> store::Work<'t, ()> + Send>;

/// Writes patches, and something else in the same write, and moves the books; the caller holds the
/// intake alone.
pub(crate) async fn apply(
    owner: &Owner,
    rows: Vec<(u32, Patch)>,
    also: Option<Also>,
) -> Result<PatchedView, Error> {
    let account = owner.id();
    let followers = rows.len() as u64;
    let mut books = owner.books.write().await;
    let mut attributes = Vec::with_capacity(rows.len());
    let (mut customers, mut phones) = (Vec::new(), Vec::new());
    let mut tags: BTreeMap<u32, BTreeMap<String, bool>> = BTreeMap::new();
    for (ord, patch) in rows {
        let mut values = patch.attributes;
        if let Some(customer) = patch.customer_id {
            values.insert("customer_id".into(), Some(Attribute::Text(customer.clone())));
            customers.push((customer, ord));
        }
        if let Some(phone) = patch.phone {
            phones.push((phone, ord));
        }
        let moved = patch.add_tags.into_iter().map(|tag| (tag, true));
        let moved = moved.chain(patch.remove_tags.into_iter().map(|tag| (tag, false)));
        for (tag, present) in moved {
            tags.entry(ord).or_default().insert(tag, present);
        }
        if !values.is_empty() {
            attributes.push((ord, values));
        }
    }
    let own_tags = own_tags(&books, &tags);
    let entered = attributes.clone();
    let claimed = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                follower::patch_attributes(tx, account, &entered).await?;
                follower::set_own_tags(tx, account, &own_tags).await?;
                let mut claimed = Claimed::default();
                for (kind, links) in
                    [(IdentityKind::CustomerId, &customers), (IdentityKind::Phone, &phones)]
                {
                    claimed.add(identity::link(tx, account, kind, links).await?.1);
                }
                if let Some(also) = also {
                    also(tx).await?;
                }
                Ok(claimed)
            })
        })
        .await?;
    for (ord, values) in &attributes {
        for (name, value) in values {
            match value {
                Some(value) => books.index.set_attribute(*ord, name, attribute(value)),
                None => books.index.clear_attribute(*ord, name),
            }
        }
    }
    for (ord, tags) in &tags {
        for (tag, present) in tags {
            books.index.set_own_tag(*ord, tag, *present);
        }
    }
    let found = (claimed.orders.len() + claimed.events.len()) as u64;
    let linked = found + claimed.moved + claimed.consents;
    add_claimed(owner, &mut books, &claimed).await?;
    Ok(PatchedView { followers, linked })
}

/// The own tags followers have after the changes, whole.
fn own_tags(
    books: &Books,
    changes: &BTreeMap<u32, BTreeMap<String, bool>>,
) -> Vec<(u32, Vec<String>)> {
    changes
        .iter()
        .map(|(ord, changes)| {
            let kept = books
                .index
                .own_tags()
                .filter(|(name, people)| people.contains(*ord) && !changes.contains_key(*name))
                .map(|(name, _)| name.to_owned());
            let given = changes.iter().filter(|(_, present)| **present).map(|(tag, _)| tag.clone());
            let mut all: Vec<String> = kept.chain(given).collect();
            all.sort_unstable();
            (*ord, all)
        })
        .collect()
}
