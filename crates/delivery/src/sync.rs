//! Followers kept in step: one pass lists all OpenIDs page by page, then fetches their details in
//! hundreds, then the tags' names, and marks as gone whom it did not meet.
//!
//! A pass stands in the store with its cursor, so a crash repeats one page at most, which changes
//! nothing. What a callback said after the pass began is newer than any page and wins.

use std::collections::BTreeMap;

use store::follower;
use store::sync_pass::{self, Pass, PassState, Progress};
use tokio::task::JoinSet;
use wire::user::UserInfo;
use wire::{OpenId, codes};

use crate::error::Error;
use crate::owner::Owner;
use crate::view::SyncView;

/// Details fetched between two writes.
const DETAILS_AT_ONCE: u32 = 4_000;
/// A pass that listed less than this share of the followers the platform counts proves nothing
/// about those it did not list.
const LEAST_LISTED_PERCENT: u64 = 90;
/// Calls under way at the same time.
const CALLS_AT_ONCE: usize = 4;

/// Begins a pass unless one is under way.
pub(crate) async fn request(owner: &Owner) -> Result<(), Error> {
    let (account, now) = (owner.id(), owner.now());
    let begun = owner
        .store
        .write(move |tx| Box::pin(async move { sync_pass::start(tx, account, now).await }))
        .await;
    match begun {
        // One is under way: it will do.
        Ok(_) | Err(store::Error::AlreadyThere { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    owner.signal.ring();
    Ok(())
}

/// How far the last pass is.
pub(crate) async fn view(owner: &Owner) -> Result<SyncView, Error> {
    let Some(pass) = sync_pass::latest(&owner.store, owner.id()).await? else {
        return Ok(SyncView {
            pass: 0,
            state: "none".into(),
            listed: 0,
            detailed: 0,
            started_at: None,
            finished_at: None,
            error: None,
        });
    };
    let (state, error) = match pass.state {
        PassState::Listing => ("listing", None),
        PassState::Detailing => ("detailing", None),
        PassState::Done => ("done", None),
        PassState::Failed(why) => ("failed", Some(why)),
    };
    Ok(SyncView {
        pass: pass.id.0,
        state: state.into(),
        listed: pass.listed,
        detailed: pass.detailed,
        started_at: Some(pass.started_at),
        finished_at: pass.finished_at,
        error,
    })
}

/// One page, or one stretch of details. True when there was something to do.
pub(crate) async fn step(owner: &Owner) -> Result<bool, Error> {
    let Some(pass) = sync_pass::latest(&owner.store, owner.id()).await? else {
        return Ok(false);
    };
    let done = match pass.state {
        PassState::Listing => list_page(owner, &pass).await,
        PassState::Detailing => fetch_details(owner, &pass).await,
        PassState::Done | PassState::Failed(_) => return Ok(false),
    };
    if let Err(Error::Platform(error)) = &done
        && error.code() == Some(codes::INVALID_OPENID)
        && pass.state == PassState::Listing
        && pass.next_openid.is_some()
    {
        begin_again(owner, &pass).await?;
        return Ok(true);
    }
    // What the platform refuses for good must not be asked again and again.
    if let Err(Error::Platform(error @ client::Error::Refused { .. })) = done {
        fail(owner, &pass, &error.to_string()).await?;
        return Ok(true);
    }
    done?;
    Ok(true)
}

/// Ends a pass badly; the next one is begun by whoever asks for it.
async fn fail(owner: &Owner, pass: &Pass, why: &str) -> Result<(), Error> {
    let (account, number, now, why) = (owner.id(), pass.id, owner.now(), why.to_owned());
    tracing::warn!(%account, why, "the synchronisation of followers failed");
    owner
        .store
        .write(move |tx| {
            Box::pin(async move { sync_pass::finish(tx, account, number, now, Some(&why)).await })
        })
        .await?;
    Ok(())
}

/// The follower whose OpenID was the cursor has left, and the platform knows no such place any more
/// (`platform/07 §2`): the list is read from its start.
async fn begin_again(owner: &Owner, pass: &Pass) -> Result<(), Error> {
    let (account, number, now) = (owner.id(), pass.id, owner.now());
    tracing::info!(%account, pass = %number, "listing followers from the start again");
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let why = "the follower at the cursor left; another pass was begun";
                sync_pass::finish(tx, account, number, now, Some(why)).await?;
                sync_pass::start(tx, account, now).await
            })
        })
        .await?;
    Ok(())
}

async fn list_page(owner: &Owner, pass: &Pass) -> Result<(), Error> {
    let page = owner.client.user_get(pass.next_openid.as_ref()).await?;
    let openids = page.data.map(|data| data.openid).unwrap_or_default();
    let full = i64::try_from(openids.len()).unwrap_or(i64::MAX) >= owner.limits()?.follower_page;
    // The page after the last comes without data; a short page is the last (`platform/07 §2`).
    let next = page.next_openid.filter(|next| full && !next.is_empty());
    let next = next.map(|next| OpenId::parse(&next)).transpose();
    let next = next.map_err(|error| Error::unreadable("an answer of the platform", error))?;
    if next.is_some() && next == pass.next_openid {
        return fail(owner, pass, "the platform gives the same page again and again").await;
    }
    let listed = pass.listed + openids.len() as u64;
    let total = page.total.unwrap_or(0).max(0).unsigned_abs();
    if next.is_none() && listed * 100 < total * LEAST_LISTED_PERCENT {
        let why = format!("the platform listed {listed} of the {total} followers it counts");
        return fail(owner, pass, &why).await;
    }
    let (account, number) = (owner.id(), pass.id);
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                follower::add_page(tx, account, number, &openids).await?;
                let listed = u32::try_from(openids.len()).unwrap_or(u32::MAX);
                let last = next.is_none();
                let step = Progress { next_openid: next, pages: 1, listed, detailed: 0 };
                sync_pass::advance(tx, account, number, &step).await?;
                if last { sync_pass::set_detailing(tx, account, number).await } else { Ok(()) }
            })
        })
        .await?;
    Ok(())
}

async fn fetch_details(owner: &Owner, pass: &Pass) -> Result<(), Error> {
    let account = owner.id();
    // The answers speak of this moment or later: a word from in between is newer and stays.
    let asked_at = owner.now();
    let due = follower::details_due(&owner.store, account, pass.id, DETAILS_AT_ONCE).await?;
    if due.is_empty() {
        return finish(owner, pass).await;
    }
    let at_once = usize::try_from(owner.limits()?.details_batch).unwrap_or(100);
    let mut calls = JoinSet::new();
    let mut details: Vec<(u32, UserInfo)> = Vec::with_capacity(due.len());
    for chunk in due.chunks(at_once) {
        if calls.len() >= CALLS_AT_ONCE {
            take(&mut calls, &mut details).await?;
        }
        let client = owner.client.clone();
        let chunk: Vec<(u32, OpenId)> = chunk.to_vec();
        calls.spawn(async move {
            let openids: Vec<OpenId> = chunk.iter().map(|(_, openid)| openid.clone()).collect();
            let answer = client.user_info_batch(&openids).await?;
            Ok(pair(&chunk, answer))
        });
    }
    while !calls.is_empty() {
        take(&mut calls, &mut details).await?;
    }
    let number = pass.id;
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                let detailed = u32::try_from(details.len()).unwrap_or(u32::MAX);
                follower::set_details(tx, account, number, asked_at, &details).await?;
                let step = Progress { detailed, ..Progress::default() };
                sync_pass::advance(tx, account, number, &step).await
            })
        })
        .await?;
    Ok(())
}

type Fetched = Result<Vec<(u32, UserInfo)>, client::Error>;

async fn take(
    calls: &mut JoinSet<Fetched>,
    details: &mut Vec<(u32, UserInfo)>,
) -> Result<(), Error> {
    match calls.join_next().await {
        Some(Ok(fetched)) => details.extend(fetched?),
        Some(Err(error)) => return Err(Error::unreadable("an answer of the platform", error)),
        None => {}
    }
    Ok(())
}

/// Puts each answer beside the follower it speaks of; the order of answers is only assumed to be
/// that of the questions (`platform/07 §4`), so every OpenID is compared. Whoever is not told of
/// gets an empty answer: they keep what is known of them and are not asked about again in this
/// pass, which would never end otherwise.
fn pair(asked: &[(u32, OpenId)], told: Vec<UserInfo>) -> Vec<(u32, UserInfo)> {
    let mut silent: BTreeMap<u32, &OpenId> =
        asked.iter().map(|(ord, openid)| (*ord, openid)).collect();
    let mut pairs = Vec::with_capacity(asked.len());
    for (place, info) in told.into_iter().enumerate() {
        let same_place = asked.get(place).filter(|(_, openid)| *openid == info.openid);
        let found = same_place.or_else(|| asked.iter().find(|(_, openid)| *openid == info.openid));
        if let Some((ord, _)) = found
            && silent.remove(ord).is_some()
        {
            pairs.push((*ord, info));
        }
    }
    pairs.extend(silent.into_iter().map(|(ord, openid)| (ord, nothing_told(openid))));
    pairs
}

async fn finish(owner: &Owner, pass: &Pass) -> Result<(), Error> {
    let tags: Vec<store::tag::Tag> = owner
        .client
        .tag_list()
        .await?
        .into_iter()
        .map(|tag| store::tag::Tag {
            tag_id: tag.id,
            name: tag.name,
            followers: tag.count.unwrap_or(0),
        })
        .collect();
    let (account, number, now) = (owner.id(), pass.id, owner.now());
    let _alone = owner.intake.write().await;
    let mut books = owner.books.write().await;
    let membership = books.membership + 1;
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                store::tag::replace_all(tx, account, &tags).await?;
                crate::books::put_membership(tx, account, membership).await?;
                follower::mark_unseen(tx, account, number, now).await?;
                // What was told of people before they were known here.
                store::identity::claim_followers(tx, account).await?;
                sync_pass::finish(tx, account, number, now, None).await
            })
        })
        .await?;
    books.membership = membership;
    books.reload_index(&owner.store, account).await?;
    // Much may have changed: the other worker keeps it for the next start.
    owner.facts_signal.ring();
    tracing::info!(%account, pass = %number, known = books.index.len(), "followers are in step");
    Ok(())
}

fn nothing_told(openid: &OpenId) -> UserInfo {
    UserInfo {
        subscribe: 1,
        openid: openid.clone(),
        subscribe_time: None,
        unionid: None,
        remark: None,
        groupid: None,
        tagid_list: None,
        subscribe_scene: None,
        qr_scene: None,
        qr_scene_str: None,
        language: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(openid: &str) -> UserInfo {
        serde_json::from_value(serde_json::json!({"subscribe": 1, "openid": openid})).unwrap()
    }

    #[test]
    fn answers_find_their_follower_in_any_order() {
        let asked = [(7, "oA".parse().unwrap()), (9, "oB".parse().unwrap())];
        let pairs = pair(&asked, vec![info("oB"), info("oA"), info("oStranger"), info("oA")]);
        let ordinals: Vec<u32> = pairs.iter().map(|(ord, _)| *ord).collect();
        assert_eq!(ordinals, [9, 7]);
    }

    #[test]
    fn whoever_is_not_told_of_is_asked_about_once() {
        let asked = [(7, "oA".parse().unwrap()), (9, "oB".parse().unwrap())];
        let pairs = pair(&asked, vec![info("oB")]);
        let ordinals: Vec<u32> = pairs.iter().map(|(ord, _)| *ord).collect();
        assert_eq!(ordinals, [9, 7]);
        assert_eq!((pairs[1].1.subscribe, &pairs[1].1.tagid_list), (1, &None));
    }
}
