//! Platform tags (标签): made, renamed and deleted, and given to followers in the background, within
//! 100 tags of an account, 20 of a follower and 50 OpenIDs of a call (`platform/07 §7`).
//!
//! A tagging stands in the store with how far it is. A call that was made and not noted, because
//! the process died between, is made again, which changes nothing on the platform.

use audience::Set;
use client::Error as Refused;
use store::tagging::{self, NewTagging, Tagging};
use store::{follower, tag};
use wire::{OpenId, TagId, codes};

use crate::books::read_set;
use crate::campaign::evaluate;
use crate::error::Error;
use crate::facts;
use crate::owner::Owner;
use crate::view::{TagView, TaggingView, TaggingWish, Who};

/// Calls between two looks at what else is due.
const CALLS_AT_ONCE: usize = 10;
/// Platform tags below are the platform's own.
const FIRST_OF_MERCHANT: i64 = 100;

/// Every tag as last listed.
pub(crate) async fn all(owner: &Owner) -> Result<Vec<TagView>, Error> {
    let listed = tag::list(&owner.store, owner.id()).await?;
    let books = owner.books.read().await;
    Ok(listed
        .into_iter()
        .map(|tag| TagView {
            id: tag.tag_id.0,
            people: books.index.tag(tag.tag_id).map_or(0, Set::len) as u64,
            name: tag.name,
            platform_people: tag.followers,
        })
        .collect())
}

/// Lists the tags anew, from the platform.
pub(crate) async fn refresh(owner: &Owner) -> Result<Vec<TagView>, Error> {
    let tags: Vec<tag::Tag> = owner
        .client
        .tag_list()
        .await?
        .into_iter()
        .map(|tag| tag::Tag { tag_id: tag.id, name: tag.name, followers: tag.count.unwrap_or(0) })
        .collect();
    let names: Vec<(TagId, String)> =
        tags.iter().map(|tag| (tag.tag_id, tag.name.clone())).collect();
    let account = owner.id();
    let mut books = owner.books.write().await;
    owner
        .store
        .write(move |tx| Box::pin(async move { tag::replace_all(tx, account, &tags).await }))
        .await?;
    books.index.set_tag_names(names);
    drop(books);
    all(owner).await
}

/// Makes a tag. A call whose answer was lost is looked after in the list, not made again.
pub(crate) async fn create(owner: &Owner, name: &str) -> Result<TagView, Error> {
    let limits = owner.limits()?;
    let name = check_name(name, limits.tag_name_bytes)?;
    let known = all(owner).await?;
    if known.iter().any(|tag| tag.name == name) {
        return Err(Error::Conflict(format!("there is a tag {name:?} already")));
    }
    let own = known.iter().filter(|tag| tag.id >= FIRST_OF_MERCHANT).count();
    if i64::try_from(own).unwrap_or(i64::MAX) >= limits.tags {
        return Err(Error::Conflict(format!(
            "the account has {own} tags, and the platform allows {}: delete one first",
            limits.tags
        )));
    }
    match owner.client.tag_create(&name).await {
        Ok(_) | Err(Refused::Doubtful { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let made = refresh(owner).await?.into_iter().find(|tag| tag.name == name);
    made.ok_or_else(|| {
        Error::Conflict(format!("the platform did not take the tag {name:?}: make it again"))
    })
}

/// Renames a tag.
pub(crate) async fn rename(owner: &Owner, id: TagId, name: &str) -> Result<TagView, Error> {
    let name = check_name(name, owner.limits()?.tag_name_bytes)?;
    known(owner, id).await?;
    owner.client.tag_update(id, &name).await?;
    let renamed = refresh(owner).await?.into_iter().find(|tag| tag.id == id.0);
    renamed.ok_or_else(|| Error::not_found("tag", id))
}

/// Deletes a tag and takes it from everybody.
pub(crate) async fn delete(owner: &Owner, id: TagId) -> Result<(), Error> {
    known(owner, id).await?;
    owner.client.tag_delete(id).await?;
    let account = owner.id();
    let mut books = owner.books.write().await;
    let carriers: Vec<u32> = books.index.tag(id).map_or_else(Vec::new, |set| set.iter().collect());
    let rows: Vec<(u32, Vec<TagId>)> = carriers
        .iter()
        .map(|ord| {
            let mut tags = books.index.tags_of(*ord);
            tags.retain(|tag| *tag != id);
            (*ord, tags)
        })
        .collect();
    let (membership, stored) = (books.membership + 1, rows.clone());
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                follower::set_tags(tx, account, &stored).await?;
                crate::books::put_membership(tx, account, membership).await
            })
        })
        .await?;
    books.membership = membership;
    for (ord, tags) in &rows {
        books.index.set_tags(*ord, tags);
    }
    drop(books);
    refresh(owner).await?;
    Ok(())
}

fn check_name(name: &str, most: i64) -> Result<String, Error> {
    let name = name.trim();
    let bytes = i64::try_from(name.len()).unwrap_or(i64::MAX);
    if name.is_empty() || bytes > most {
        return Err(Error::bad("name", format!("it has {bytes} bytes; use 1 to {most}")));
    }
    Ok(name.to_owned())
}

async fn known(owner: &Owner, id: TagId) -> Result<(), Error> {
    if id.0 < FIRST_OF_MERCHANT {
        return Err(Error::bad("tag", format!("{id} is the platform's own and stays as it is")));
    }
    match tag::list(&owner.store, owner.id()).await?.iter().any(|tag| tag.tag_id == id) {
        true => Ok(()),
        false => Err(Error::not_found("tag", id)),
    }
}

/// Asks for a tag to be given to people, or taken from them; the calls are made in the background.
pub(crate) async fn ask(owner: &Owner, id: TagId, wish: TaggingWish) -> Result<TaggingView, Error> {
    known(owner, id).await?;
    let (segment, people) = match (wish.segment, wish.openids) {
        (Some(segment), openids) if openids.is_empty() => {
            let people = evaluate(owner, &*owner.books.read().await, &segment)?;
            (segment, people)
        }
        (None, openids) => {
            let who = openids.into_iter().map(Who::OpenId).collect();
            let (found, unknown) = facts::known(owner, "openids", who).await?;
            if unknown > 0 {
                return Err(Error::bad(
                    "openids",
                    format!("{unknown} of them are not followers known here"),
                ));
            }
            let mut people = Set::new();
            for ord in found {
                people.insert(ord);
            }
            (String::new(), people)
        }
        (Some(_), _) => return Err(Error::bad("openids", "name a segment or OpenIDs, not both")),
    };
    if people.is_empty() {
        return Err(Error::NobodyReachable("nobody is in the segment: nobody to tag".to_owned()));
    }
    let new = NewTagging {
        tag_id: id,
        present: !wish.remove,
        segment,
        people: people.len() as u64,
        members: people.to_bytes(),
    };
    let (account, now) = (owner.id(), owner.now());
    let number = owner
        .store
        .write(move |tx| Box::pin(async move { tagging::begin(tx, account, &new, now).await }))
        .await?;
    owner.facts_signal.ring();
    let found = list(owner).await?.into_iter().find(|one| one.id == number);
    found.ok_or_else(|| Error::not_found("tagging", number))
}

/// Every tagging, the newest first.
pub(crate) async fn list(owner: &Owner) -> Result<Vec<TaggingView>, Error> {
    let found = tagging::list(&owner.store, owner.id()).await?;
    Ok(found
        .into_iter()
        .map(|one| TaggingView {
            id: one.id,
            tag: one.tag_id.0,
            remove: !one.present,
            segment: one.segment,
            people: one.people,
            done: one.done,
            skipped: one.skipped,
            state: one.state.to_string(),
            error: Some(one.failure).filter(|why| !why.is_empty()),
            created_at: one.created_at,
            finished_at: one.finished_at,
        })
        .collect())
}

/// What one stretch of a tagging comes to before any call.
struct Stretch {
    /// To be told to the platform.
    chosen: Vec<u32>,
    /// Need no call: who cannot take it (true), and who has it, or lacks it, already.
    settled: Vec<(u32, bool)>,
    /// Everybody below was looked at; none when there was nobody left.
    next_ord: Option<u32>,
}

/// The next few calls of the oldest tagging. True when there was one.
pub(crate) async fn step(owner: &Owner) -> Result<bool, Error> {
    let account = owner.id();
    let Some((found, members)) = tagging::next(&owner.store, account).await? else {
        return Ok(false);
    };
    let members = read_set("the people of a tagging", &members)?;
    let at_once = usize::try_from(owner.limits()?.tagging_batch).unwrap_or(50).max(1);
    let stretch = look(owner, &found, &members, at_once * CALLS_AT_ONCE).await?;
    let Some(next_ord) = stretch.next_ord else {
        return finish(owner, &found, None).await;
    };
    let mut settled = stretch.settled;
    // Halves of a refused call are tried apart until the one at fault stands alone.
    let mut calls: Vec<Vec<u32>> =
        stretch.chosen.chunks(at_once).rev().map(<[u32]>::to_vec).collect();
    while let Some(call) = calls.pop() {
        let openids = follower::openids_of(&owner.store, account, &call).await?;
        match tell(owner, &found, &openids).await {
            Ok(()) => {
                let after = call.last().map_or(0, |last| last + 1);
                note(owner, &found, &call, after, &mut settled).await?;
            }
            Err(Refused::Refused { refusal, .. }) if is_of_one(refusal.errcode) => {
                if call.len() == 1 {
                    settled.push((call[0], true));
                } else {
                    let (first, second) = call.split_at(call.len() / 2);
                    calls.push(second.to_vec());
                    calls.push(first.to_vec());
                }
            }
            Err(error @ Refused::Refused { .. }) => {
                return finish(owner, &found, Some(error.to_string())).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    note(owner, &found, &[], next_ord, &mut settled).await?;
    Ok(true)
}

async fn look(
    owner: &Owner,
    found: &Tagging,
    members: &Set,
    most: usize,
) -> Result<Stretch, Error> {
    let limit = usize::try_from(owner.limits()?.tags_per_follower).unwrap_or(20);
    let books = owner.books.read().await;
    let mut stretch = Stretch { chosen: Vec::new(), settled: Vec::new(), next_ord: None };
    for ord in members.iter().skip_while(|ord| *ord < found.next_ord) {
        if stretch.chosen.len() >= most {
            break;
        }
        stretch.next_ord = Some(ord + 1);
        let carries = books.index.tag(found.tag_id).is_some_and(|people| people.contains(ord));
        if !books.index.following().contains(ord) || books.erased.contains(ord) {
            stretch.settled.push((ord, true));
        } else if carries == found.present {
            stretch.settled.push((ord, false));
        } else if found.present && books.index.tags_of(ord).len() >= limit {
            stretch.settled.push((ord, true));
        } else {
            stretch.chosen.push(ord);
        }
    }
    Ok(stretch)
}

async fn tell(owner: &Owner, found: &Tagging, openids: &[OpenId]) -> Result<(), Refused> {
    if found.present {
        owner.client.tag_members_add(found.tag_id, openids).await
    } else {
        owner.client.tag_members_remove(found.tag_id, openids).await
    }
}

/// Whether a refusal is for one of the followers of a call and not for the call.
fn is_of_one(code: wire::Code) -> bool {
    [
        codes::TOO_MANY_TAGS_ON_FOLLOWER,
        codes::INVALID_OPENID,
        codes::USER_NOT_FOUND,
        codes::UNFOLLOWED,
        wire::Code(49003),
    ]
    .contains(&code)
}

/// Keeps what a call did, here as on the platform.
async fn note(
    owner: &Owner,
    found: &Tagging,
    told: &[u32],
    next_ord: u32,
    settled: &mut Vec<(u32, bool)>,
) -> Result<(), Error> {
    let (account, id) = (owner.id(), found.id);
    // Who stands behind is counted with the call that passes them, once, whatever fails before.
    let (passed, ahead): (Vec<_>, Vec<_>) = settled.iter().partition(|(ord, _)| *ord < next_ord);
    let skipped = passed.iter().filter(|(_, skipped)| *skipped).count() as u64;
    let done = (told.len() + passed.len()) as u64 - skipped;
    let mut books = owner.books.write().await;
    let rows: Vec<(u32, Vec<TagId>)> = told
        .iter()
        .map(|ord| {
            let mut tags = books.index.tags_of(*ord);
            tags.retain(|tag| *tag != found.tag_id);
            if found.present {
                tags.push(found.tag_id);
            }
            (*ord, tags)
        })
        .collect();
    let membership = books.membership + i64::from(!rows.is_empty());
    let stored = rows.clone();
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                follower::set_tags(tx, account, &stored).await?;
                crate::books::put_membership(tx, account, membership).await?;
                tagging::advance(tx, account, id, next_ord, done, skipped).await
            })
        })
        .await?;
    *settled = ahead;
    books.membership = membership;
    for (ord, tags) in &rows {
        books.index.set_tags(*ord, tags);
    }
    Ok(())
}

async fn finish(owner: &Owner, found: &Tagging, why: Option<String>) -> Result<bool, Error> {
    let (account, id, now) = (owner.id(), found.id, owner.now());
    if let Some(why) = &why {
        tracing::warn!(%account, tagging = id, why, "a tagging failed");
    }
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { tagging::finish(tx, account, id, why.as_deref(), now).await })
        })
        .await?;
    Ok(true)
}
