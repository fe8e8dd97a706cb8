//! Questions about followers, segments and slots. All of them read the same books that a send
//! reads, so what is counted here is what a send would meet.

use audience::{Attribute, Segment, Set};
use planner::Inputs;
use store::follower;

use crate::books::{Books, effect, recipients};
use crate::campaign::{evaluate, reasons};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{
    CountView, FollowerLine, FollowerView, ListView, OrdersView, SegmentQuestion, SlotView,
    SlotsLine, SlotsView, SortBy, VerifyView,
};

/// Rows of a list when none is asked for, and at most.
const LIST_ROWS: (usize, usize) = (50, 1_000);
/// OpenIDs read at a time for an export.
const EXPORT_ROWS: usize = 50_000;

pub(crate) async fn count(owner: &Owner, text: &str) -> Result<CountView, Error> {
    let books = owner.books.read().await;
    let people = evaluate(owner, &books, text)?;
    let forecast = look(owner, &books, &people);
    let skipped = forecast.reasons().map(|(reason, set)| (reason, set.clone()));
    Ok(CountView {
        segment: Segment::parse(text)?.to_string(),
        people: people.len() as u64,
        certain: forecast.certain.len() as u64,
        possible: forecast.possible.len() as u64,
        reasons: reasons(&skipped),
    })
}

pub(crate) fn look(owner: &Owner, books: &Books, people: &Set) -> planner::Forecast {
    planner::forecast(Inputs {
        segment: people,
        following: books.index.following(),
        slots: &books.slots(owner.month()),
    })
}

pub(crate) async fn list(owner: &Owner, question: &SegmentQuestion) -> Result<ListView, Error> {
    let rows = question.limit.unwrap_or(LIST_ROWS.0);
    if rows == 0 || rows > LIST_ROWS.1 {
        return Err(Error::bad("limit", format!("{rows} is not 1 to {}", LIST_ROWS.1)));
    }
    let books = owner.books.read().await;
    let people = evaluate(owner, &books, &question.segment)?;
    let forecast = look(owner, &books, &people);
    let (page, next) = match question.sort {
        None => {
            let from = question.after.map_or(0, |after| after.saturating_add(1));
            let mut page: Vec<u32> =
                people.iter().skip_while(|ord| *ord < from).take(rows + 1).collect();
            let more = page.len() > rows;
            page.truncate(rows);
            let next = page.last().copied().filter(|_| more);
            (page, next)
        }
        Some(sort) => sorted(owner, &books, &people, question, sort, rows),
    };
    let followers = lines(owner, &books, &forecast, &page).await?;
    Ok(ListView { people: people.len() as u64, followers, next })
}

/// A page of people sorted by something, equal ones by number; and where the next one begins.
fn sorted(
    owner: &Owner,
    books: &Books,
    people: &Set,
    question: &SegmentQuestion,
    sort: SortBy,
    rows: usize,
) -> (Vec<u32>, Option<u32>) {
    let index = &books.index;
    let slots = books.slots(owner.month());
    let key = |ord: u32| -> i64 {
        let orders = || index.orders().of(ord);
        match sort {
            SortBy::SubscribedAt => index.subscribed_at(ord).map_or(i64::MIN, |at| at.0),
            SortBy::LastOrder => orders().iter().map(|row| row.at.0).max().unwrap_or(i64::MIN),
            SortBy::Orders => i64::try_from(orders().len()).unwrap_or(i64::MAX),
            SortBy::Amount => orders().iter().map(|row| row.value).sum(),
            SortBy::Slots => {
                let range = slots.of(ord);
                i64::from(range.cap) - i64::from(range.used_max)
            }
        }
    };
    // The most first: the complement keeps the order of numbers among equals.
    let turned = |key: i64| if question.descending { !key } else { key };
    let mut all: Vec<(i64, u32)> = people.iter().map(|ord| (turned(key(ord)), ord)).collect();
    let end = question.offset.saturating_add(rows);
    if end < all.len() {
        all.select_nth_unstable(end);
        all.truncate(end);
    }
    all.sort_unstable();
    let next = u32::try_from(end).ok().filter(|_| end < people.len());
    (all.into_iter().skip(question.offset).map(|(_, ord)| ord).collect(), next)
}

/// Followers as a list shows them.
pub(crate) async fn lines(
    owner: &Owner,
    books: &Books,
    forecast: &planner::Forecast,
    ordinals: &[u32],
) -> Result<Vec<FollowerLine>, Error> {
    let slots = books.slots(owner.month());
    let openids = follower::openids_of(&owner.store, owner.id(), ordinals).await?;
    Ok(ordinals
        .iter()
        .zip(openids)
        .map(|(ord, openid)| FollowerLine {
            openid: openid.to_string(),
            ordinal: *ord,
            following: books.index.following().contains(*ord),
            slots: slot_view(slots.of(*ord)),
            reason: forecast
                .reasons()
                .iter()
                .find(|(_, set)| set.contains(*ord))
                .map(|(reason, _)| reason.as_str().to_owned()),
        })
        .collect())
}

pub(crate) async fn explain(
    owner: &Owner,
    text: &str,
    openid: &str,
) -> Result<serde_json::Value, Error> {
    let books = owner.books.read().await;
    let context = books.context(owner.month());
    let segment = Segment::parse(text)?.compile(&books.index, &context)?;
    let row = find(owner, openid).await?;
    let tree = segment.explain(&books.index, &context, owner.now(), row.ord);
    Ok(serde_json::json!({
        "segment": segment.to_string(),
        "openid": openid,
        "in": tree.holds,
        "conditions": tree,
    }))
}

pub(crate) async fn find(owner: &Owner, openid: &str) -> Result<follower::FollowerRow, Error> {
    let id = crate::identity::openid(openid).map_err(|error| Error::bad("openid", error))?;
    follower::by_openid(&owner.store, owner.id(), &id)
        .await?
        .ok_or_else(|| Error::not_found("follower", openid))
}

pub(crate) async fn follower(owner: &Owner, openid: &str) -> Result<FollowerView, Error> {
    let row = find(owner, openid).await?;
    let history = crate::history::of(owner, row.ord).await?;
    let books = owner.books.read().await;
    let index = &books.index;
    let orders = index.orders().of(row.ord);
    Ok(FollowerView {
        openid: row.openid.to_string(),
        ordinal: row.ord,
        following: index.following().contains(row.ord),
        subscribed_at: row.subscribed_at,
        left_at: row.left_at,
        tags: index
            .tags_of(row.ord)
            .into_iter()
            .map(|tag| index.tag_name(tag).map_or_else(|| tag.to_string(), str::to_owned))
            .collect(),
        own_tags: row.own_tags,
        attributes: index
            .attribute_names()
            .filter_map(|name| Some((name.to_owned(), shown(index.attribute(row.ord, name)?))))
            .collect(),
        orders: OrdersView {
            count: orders.len() as u64,
            amount_cents: orders.iter().map(|order| order.value).sum(),
            last_at: orders.iter().map(|order| order.at).max(),
        },
        month: owner.month().to_string(),
        slots: slot_view(books.slots(owner.month()).of(row.ord)),
        consents: books.consents.all_of(row.ord),
        history,
    })
}

pub(crate) fn shown(value: Attribute) -> serde_json::Value {
    match value {
        Attribute::Text(text) => text.into(),
        Attribute::Number(number) => number.into(),
        Attribute::Flag(flag) => flag.into(),
    }
}

pub(crate) async fn slots(owner: &Owner) -> Result<SlotsView, Error> {
    let books = owner.books.read().await;
    let slots = books.slots(owner.month());
    let everyone = books.index.everyone().subtract(&books.erased);
    let following = books.index.following();
    Ok(SlotsView {
        month: owner.month().to_string(),
        cap: slots.cap(),
        followers: everyone.len() as u64,
        certain: slots.certain(following).len() as u64,
        possible: slots.possible(following).len() as u64,
        full: slots.full(following).len() as u64,
        histogram: slots
            .histogram(&everyone)
            .into_iter()
            .map(|bucket| SlotsLine {
                used_min: bucket.used_min,
                used_max: bucket.used_max,
                followers: bucket.followers,
            })
            .collect(),
    })
}

pub(crate) async fn slot(owner: &Owner, openid: &str) -> Result<SlotView, Error> {
    let row = find(owner, openid).await?;
    let books = owner.books.read().await;
    Ok(slot_view(books.slots(owner.month()).of(row.ord)))
}

/// Folds the month's batches anew and compares with what is kept in memory, bit for bit.
pub(crate) async fn verify(owner: &Owner) -> Result<VerifyView, Error> {
    // Held over the read: nothing is written meanwhile.
    let books = owner.books.write().await;
    let month = owner.month();
    let kept = books.slots(month);
    let batches = store::batch::of_month(&owner.store, owner.id(), month).await?;
    let mut rebuilt = ledger::Slots::new(kept.cap());
    for batch in &batches {
        rebuilt.apply(effect(&batch.head), &recipients(batch)?);
    }
    let same = rebuilt == kept;
    if !same {
        tracing::error!(account = %owner.id(), %month, "the slots kept are not those of the batches");
    }
    Ok(VerifyView { month: month.to_string(), batches: batches.len() as u64, same })
}

/// One line a follower: `openid,used_min,used_max`.
pub(crate) async fn slots_export(owner: &Owner) -> Result<String, Error> {
    use std::fmt::Write as _;
    let books = owner.books.read().await;
    let slots = books.slots(owner.month());
    let known: Vec<u32> = books.index.everyone().subtract(&books.erased).iter().collect();
    drop(books);
    let mut text = String::from("openid,used_min,used_max\n");
    for part in known.chunks(EXPORT_ROWS) {
        let openids = follower::openids_of(&owner.store, owner.id(), part).await?;
        for (ord, openid) in part.iter().zip(openids) {
            let range = slots.of(*ord);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{openid},{},{}", range.used_min, range.used_max);
        }
    }
    Ok(text)
}

fn slot_view(range: ledger::SlotRange) -> SlotView {
    SlotView { used_min: range.used_min, used_max: range.used_max, cap: range.cap }
}
