//! All that is kept of one person, given out or taken away.

use std::collections::HashMap;

use audience::Set;
use store::batch::BatchState;
use store::identity::IdentityKind;
use store::{consent, event, follower, identity, list, order, order_line};

use crate::answers::{find, shown};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{ExportedConsent, ExportedEvent, ExportedOrder, FactLine, PersonExport};

/// The most events of one person that are given out.
const EVENTS: u32 = 100_000;

/// Everything known of one person.
pub(crate) async fn export(owner: &Owner, openid: &str) -> Result<PersonExport, Error> {
    let row = find(owner, openid).await?;
    let (store, account) = (&owner.store, owner.id());
    let mut names: HashMap<IdentityKind, Vec<String>> = HashMap::new();
    for one in identity::of(store, account, row.ord).await? {
        names.entry(one.kind).or_default().push(one.value);
    }
    let orders = order::of(store, account, row.ord).await?;
    let mut lines: HashMap<String, Vec<FactLine>> = HashMap::new();
    for (key, line) in order_line::of(store, account, row.ord).await? {
        lines.entry(key).or_default().push(FactLine {
            sku: line.sku,
            name: line.name,
            quantity: line.quantity,
            amount_cents: line.amount_cents,
            refunded_cents: line.refunded_cents,
            line: Some(line.line),
        });
    }
    let events = event::of(store, account, row.ord, EVENTS).await?;
    let consents = consent::of(store, account, row.ord).await?;
    let history = crate::history::of(owner, row.ord).await?;
    let plans = crate::plan::of(owner, row.ord).await?;
    let books = owner.books.read().await;
    let index = &books.index;
    Ok(PersonExport {
        openid: row.openid.to_string(),
        ordinal: row.ord,
        following: index.following().contains(row.ord),
        unionid: row.unionid,
        phones: names.remove(&IdentityKind::Phone).unwrap_or_default(),
        customer_ids: names.remove(&IdentityKind::CustomerId).unwrap_or_default(),
        scene: row.scene,
        qr_scene: row.qr_scene,
        language: row.language,
        remark: row.remark,
        subscribed_at: row.subscribed_at,
        left_at: row.left_at,
        tags: index
            .tags_of(row.ord)
            .into_iter()
            .map(|tag| index.tag_name(tag).map_or_else(|| tag.to_string(), str::to_owned))
            .collect(),
        own_tags: row.own_tags,
        lists: index
            .lists()
            .filter(|(_, people)| people.contains(row.ord))
            .map(|(name, _)| name.to_owned())
            .collect(),
        attributes: index
            .attribute_names()
            .filter_map(|name| Some((name.to_owned(), shown(index.attribute(row.ord, name)?))))
            .collect(),
        orders: orders
            .into_iter()
            .map(|order| ExportedOrder {
                lines: lines.remove(&order.key).unwrap_or_default(),
                key: order.key,
                at: order.at,
                amount_cents: order.amount_cents,
                items: order.items,
                refunded_cents: order.refunded_cents,
            })
            .collect(),
        events: events
            .into_iter()
            .map(|event| ExportedEvent {
                kind: event.kind,
                on: event.key,
                at: event.at,
                value: event.value,
            })
            .collect(),
        consents: consents
            .into_iter()
            .map(|line| ExportedConsent {
                template: line.template,
                act: line.act.to_string(),
                teller: line.teller.to_string(),
                at: line.at,
            })
            .collect(),
        history,
        plans,
    })
}

/// Forgets a person: facts, names, events, consents, whose the orders were, and what plans knew of
/// them. What was sent stays counted under a number that is nobody's; whoever comes back with the
/// same OpenID is somebody new.
pub(crate) async fn erase(owner: &Owner, openid: &str) -> Result<(), Error> {
    let _alone = owner.intake.write().await;
    let mut books = owner.books.write().await;
    let row = find(owner, openid).await?;
    refuse_under_way(owner, row.ord).await?;
    let lists: Vec<(String, Set)> = books
        .index
        .lists()
        .filter(|(_, people)| people.contains(row.ord))
        .map(|(name, people)| {
            let mut people = people.clone();
            people.remove(row.ord);
            (name.to_owned(), people)
        })
        .collect();
    let (account, now, membership) = (owner.id(), owner.now(), books.membership + 1);
    let (ord, id) = (row.ord, row.openid);
    let plans = crate::plan::without(owner, ord).await?;
    // First, and none is written meanwhile: whatever happens then, no file holds them.
    crate::snapshot::remove(owner)?;
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                follower::erase(tx, account, ord, &id, now).await?;
                for (name, people) in &lists {
                    let bytes = people.to_bytes();
                    list::put(tx, account, name, people.len() as u64, &bytes, now).await?;
                }
                for plan in &plans {
                    plan.keep(tx, account).await?;
                }
                crate::books::put_membership(tx, account, membership).await
            })
        })
        .await?;
    books.membership = membership;
    books.index.forget(ord);
    books.consents.forget(ord);
    books.erased.insert(ord);
    tracing::info!(%account, ordinal = ord, "a follower was erased");
    Ok(())
}

/// A call that is still to be made, or made again, names its recipients by their OpenIDs.
async fn refuse_under_way(owner: &Owner, ord: u32) -> Result<(), Error> {
    for head in store::batch::open(&owner.store, owner.id()).await? {
        let to_call = matches!(
            head.state,
            BatchState::Planned
                | BatchState::Intended
                | BatchState::Calling
                | BatchState::Doubtful
                | BatchState::Awaiting
        );
        if !to_call {
            continue;
        }
        let members = store::batch::recipients(&owner.store, owner.id(), head.id).await?;
        if crate::books::read_set("recipients of a batch", &members)?.contains(ord) {
            let campaign = head.campaign.map_or_else(|| "?".to_owned(), |id| id.to_string());
            return Err(Error::Conflict(format!(
                "a message of campaign {campaign} is on its way to this follower (batch {}): erase \
                 them when it is out, or cancel it",
                head.id
            )));
        }
    }
    Ok(())
}
