//! Callbacks: verified and stored when they come, applied by the worker afterwards, in order.
//!
//! The receiver answers as soon as the message is durable, well inside the platform's five
//! seconds. A doubled push finds its key in the inbox and changes nothing; a crash between storing
//! and applying leaves the row pending, and the next round applies it: the row is marked done in
//! the transaction that carries its effect.

use store::consent;
use store::event::{self, NewEvent};
use store::identity::{self, Claimed, IdentityKind};
use store::inbox::{self, Received};
use store::{Tx, finish_event, follower};
use wire::callback::{CallbackKey, CallbackSettings, Incoming, Kind, Query};
use wire::{OpenId, Timestamp};

use crate::consents::of_callback;
use crate::error::Error;
use crate::facts;
use crate::owner::Owner;
use crate::settle;

/// Rows applied in one transaction.
const AT_ONCE: u32 = 1_000;

/// The account's callback settings.
pub(crate) fn settings(owner: &Owner) -> Result<CallbackSettings, Error> {
    let key = owner.account.callback_key.as_ref();
    Ok(CallbackSettings::new(
        owner.account.callback_token.expose().to_owned(),
        key.map(|key| CallbackKey::parse(key.expose())).transpose()?,
        owner.account.appid.clone(),
    ))
}

/// Verifies a push and makes it durable.
pub(crate) async fn receive(owner: &Owner, query: &Query, body: &str) -> Result<(), Error> {
    let message = settings(owner)?.read(query, body)?;
    let incoming = Incoming::parse(&message)?;
    let (account, now) = (owner.id(), owner.now());
    let key = incoming.dedup_key();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { inbox::append(tx, account, &key, now, &message).await })
        })
        .await?;
    owner.signal.ring();
    Ok(())
}

/// What a message does to the index once the transaction holds.
enum Change {
    Followed { ord: u32, at: Timestamp },
    Left { ord: u32, at: Timestamp },
    Event { ord: u32, kind: &'static str, key: String, at: Timestamp },
    Claimed(Claimed),
    Consented(Vec<consent::Pair>),
}

impl Change {
    fn is_membership(&self) -> bool {
        matches!(self, Self::Followed { .. } | Self::Left { .. })
    }

    fn newcomer(&self) -> Option<(u32, Timestamp)> {
        match self {
            Self::Followed { ord, at } => Some((*ord, *at)),
            _ => None,
        }
    }
}

/// Applies what is pending. True when there was something.
pub(crate) async fn apply(owner: &Owner) -> Result<bool, Error> {
    let account = owner.id();
    let pending = inbox::pending(&owner.store, account, AT_ONCE).await?;
    if pending.is_empty() {
        return Ok(false);
    }
    let rows: Vec<(i64, Option<Incoming>)> =
        pending.iter().map(|row| (row.seq, parse(account, row))).collect();
    let arrivals: Vec<Timestamp> = rows
        .iter()
        .filter_map(|(_, incoming)| incoming.as_ref())
        .filter(|incoming| matches!(incoming.kind, Kind::Subscribe { .. }))
        .map(|incoming| incoming.created_at)
        .collect();
    let mut books = owner.books.write().await;
    let wide = settle::wide_sends(owner, &arrivals).await?;
    let (now, membership) = (owner.now(), books.membership + 1);
    let (changes, widened) = owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut changes = Vec::new();
                for (seq, incoming) in rows {
                    if let Some(incoming) = incoming {
                        apply_one(tx, account, incoming, &mut changes).await?;
                    }
                    inbox::done(tx, account, seq, now).await?;
                }
                if changes.iter().any(Change::is_membership) {
                    crate::books::put_membership(tx, account, membership).await?;
                }
                let newcomers = changes.iter().filter_map(Change::newcomer);
                let widened = settle::widen(tx, account, wide, newcomers, now).await?;
                Ok((changes, widened))
            })
        })
        .await?;
    if changes.iter().any(Change::is_membership) {
        books.membership = membership;
    }
    for change in changes {
        match change {
            Change::Followed { ord, at } => {
                books.index.set_following(ord, true, at);
                books.index.set_subscribed_at(ord, at);
            }
            Change::Left { ord, at } => {
                books.index.set_following(ord, false, at);
            }
            Change::Event { ord, kind, key, at } => {
                books.index.add_event(ord, kind, &key, at, None);
            }
            Change::Claimed(claimed) => facts::add_claimed(owner, &mut books, &claimed).await?,
            Change::Consented(pairs) => {
                books.consents.refresh(&owner.store, account, &pairs).await?;
            }
        }
    }
    for widened in widened {
        widened.move_books(&mut books);
    }
    Ok(true)
}

fn parse(account: store::AccountId, row: &Received) -> Option<Incoming> {
    Incoming::parse(&row.body)
        .inspect_err(|error| {
            // It was readable when it came; a newer version may have become stricter.
            tracing::error!(%account, seq = row.seq, %error, "a stored callback is unreadable");
        })
        .ok()
}

async fn apply_one(
    tx: &mut Tx,
    account: store::AccountId,
    incoming: Incoming,
    changes: &mut Vec<Change>,
) -> Result<(), store::Error> {
    let at = incoming.created_at;
    let incoming_key = incoming.dedup_key();
    if let Kind::MassSendFinished(result) = &incoming.kind {
        let finish = store::batch::Finish {
            status: result.status.to_string(),
            total: result.total,
            filtered: result.filtered,
            sent: result.sent,
            errors: result.errors,
            at,
        };
        finish_event::put(tx, account, result.msg_id, &finish).await?;
        return Ok(());
    }
    let Ok(from) = OpenId::parse(&incoming.from) else { return Ok(()) };
    let consents = of_callback(&incoming);
    if !consents.is_empty() {
        let kept = consent::take_in(tx, account, &consents).await?;
        changes.push(Change::Consented(kept.touched));
        return Ok(());
    }
    match incoming.kind {
        Kind::Subscribe { scene, .. } => {
            let (ord, changed) =
                follower::followed(tx, account, &from, at, None, scene.as_deref()).await?;
            if changed {
                changes.push(Change::Followed { ord, at });
                // What the merchant's systems told of them before they were known here.
                let owner = [(from, ord)];
                let kind = IdentityKind::OpenId;
                let claimed = identity::claim(tx, account, kind, &owner).await?;
                changes.push(Change::Claimed(claimed));
            }
        }
        Kind::Unsubscribe => {
            let (ord, changed) = follower::left(tx, account, &from, at).await?;
            if changed {
                changes.push(Change::Left { ord, at });
            }
        }
        kind => {
            let (word, key) = match kind {
                Kind::Text { .. } | Kind::OtherMessage { .. } => ("message", String::new()),
                Kind::Click { key } => ("click", key),
                Kind::View { url } => ("view", url),
                Kind::Scan { scene, .. } => ("scan", scene),
                _ => return Ok(()),
            };
            let known = follower::ordinals_of(&mut *tx, account, &[from]).await?;
            let Some(ord) = known.first().copied().flatten() else { return Ok(()) };
            let dedup = incoming_key;
            let row = NewEvent { ord, kind: word.into(), key: key.clone(), at, dedup };
            if event::insert(tx, account, &[row]).await? > 0 {
                changes.push(Change::Event { ord, kind: word, key, at });
            }
        }
    }
    Ok(())
}
