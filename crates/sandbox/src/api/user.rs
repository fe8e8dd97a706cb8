//! Followers: pages and details (`platform/07 §2–4`).

use std::ops::Bound;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use wire::user::{FollowerPage, OpenIdPage, UserInfo};
use wire::{OpenId, Timestamp};

use super::group::group_of;
use super::qr_code::QrScene;
use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};
use crate::account::Account;
use crate::population::{Population, openid};

/// `user/get`.
///
/// # Errors
/// 40003 for a cursor that is no follower.
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let people = &scene.account.people;
    let following = people.following();
    let total = Some(following.len() as i64);
    let cursor = call.query("next_openid");
    if scene.account.assumptions.blacklisted_are_listed {
        return answer(&page(scene, following, total, cursor, scene.limits.follower_page)?);
    }
    let listed = following - people.blacklisted();
    answer(&page(scene, &listed, total, cursor, scene.limits.follower_page)?)
}

/// A page of these people after the cursor. The page after the last has no `data`
/// (`platform/07 §2`).
///
/// # Errors
/// 40003 for a cursor that is no follower.
pub fn page(
    scene: &Scene<'_>,
    members: &RoaringBitmap,
    total: Option<i64>,
    cursor: Option<&str>,
    most: i64,
) -> Result<FollowerPage, Refused> {
    let people = &scene.account.people;
    let after = match cursor {
        None => None,
        Some(cursor) => Some(people.follower(cursor).ok_or(Refused::new(40003))?),
    };
    Ok(page_after(people, members, total, after, most))
}

/// A page of these people after one of them, or from the start.
#[must_use]
pub fn page_after(
    people: &Population,
    members: &RoaringBitmap,
    total: Option<i64>,
    after: Option<u32>,
    most: i64,
) -> FollowerPage {
    let after = after.map_or(Bound::Unbounded, Bound::Excluded);
    let most = usize::try_from(most).unwrap_or(0);
    let openids: Vec<OpenId> = members
        .range((after, Bound::Unbounded))
        .take(most)
        .filter_map(|person| people.wire_openid(person))
        .collect();
    let next_openid = openids.last().map_or_else(String::new, |last| last.as_str().to_owned());
    FollowerPage {
        total,
        count: openids.len() as i64,
        data: (!openids.is_empty()).then_some(OpenIdPage { openid: openids }),
        next_openid: Some(next_openid),
    }
}

/// `user/info`.
///
/// # Errors
/// 41009 without an OpenID, 40003 for a foreign one.
pub fn info(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let openid = call.query("openid").ok_or(Refused::new(41009))?;
    answer(&details(scene.account, openid)?)
}

#[derive(Deserialize)]
struct BatchRequest {
    #[serde(default)]
    user_list: Vec<Wish>,
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    openid: String,
}

/// `user/info/batchget`.
///
/// # Errors
/// 40032 for none or more than a hundred, 40003 when one of them is foreign.
pub fn info_batch(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: BatchRequest = call.json()?;
    let most = usize::try_from(scene.limits.details_batch).unwrap_or(0);
    if request.user_list.is_empty() || request.user_list.len() > most {
        return Err(Refused::new(40032));
    }
    let account = &*scene.account;
    let one = |wish: &Wish| match details(account, &wish.openid) {
        Err(_) if !account.assumptions.foreign_openid_refuses_batch => {
            let openid = OpenId::parse(&wish.openid).map_err(|_| Refused::new(40003))?;
            Ok(Details { info: left(openid), stopped: None })
        }
        details => details,
    };
    let user_info_list = request.user_list.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    answer(&BatchAnswer { user_info_list })
}

#[derive(Serialize)]
struct BatchAnswer {
    user_info_list: Vec<Details>,
}

/// What is told of a person, and what was stopped in 2021 (`platform/07 §3`).
#[derive(Serialize)]
struct Details {
    #[serde(flatten)]
    info: UserInfo,
    #[serde(flatten)]
    stopped: Option<Stopped>,
}

#[derive(Default, Serialize)]
struct Stopped {
    nickname: &'static str,
    sex: u8,
    city: &'static str,
    province: &'static str,
    country: &'static str,
    headimgurl: &'static str,
}

/// Nothing but `subscribe: 0` is told of those who left; an OpenID of nobody is 40003.
fn details(account: &Account, openid: &str) -> Result<Details, Refused> {
    if !openid::has_shape(openid) {
        return Err(Refused::new(40003));
    }
    let people = &account.people;
    let person = people.person(openid).ok_or(Refused::new(40003))?;
    let openid = people.wire_openid(person).ok_or(Refused::new(40003))?;
    if !people.following().contains(person) {
        return Ok(Details { info: left(openid), stopped: None });
    }
    let tags = account.tags_of(person);
    let came = account.came(person);
    let (qr_scene, qr_scene_str) = match came.qr_scene {
        None => (0, String::new()),
        Some(QrScene::Number(number)) => (number, String::new()),
        Some(QrScene::Text(text)) => (0, text),
    };
    let stopped = account.assumptions.stopped_fields_are_empty.then(Stopped::default);
    let info = UserInfo {
        subscribe: 1,
        openid,
        subscribe_time: Some(people.since(person)),
        unionid: account.union_id(person),
        remark: Some(account.remarks.get(&person).cloned().unwrap_or_default()),
        groupid: Some(group_of(account, person)),
        tagid_list: Some(tags),
        subscribe_scene: Some(came.subscribe_scene.to_owned()),
        qr_scene: Some(qr_scene),
        qr_scene_str: Some(qr_scene_str),
        language: Some("zh_CN".to_owned()),
    };
    Ok(Details { info, stopped })
}

fn left(openid: OpenId) -> UserInfo {
    UserInfo {
        subscribe: 0,
        openid,
        subscribe_time: None,
        unionid: None,
        remark: None,
        groupid: None,
        tagid_list: Some(Vec::new()),
        subscribe_scene: None,
        qr_scene: None,
        qr_scene_str: None,
        language: None,
    }
}

/// Mass messages this person received, oldest first: the job, when, in which month.
#[must_use]
pub fn received(account: &Account, person: u32) -> Vec<(i64, Timestamp)> {
    let ran = |job: &crate::api::mass::job::Job| {
        let outcome = job.outcome.as_ref()?;
        job.received.contains(person).then_some((job.msg_id, outcome.ran_at))
    };
    let mut received: Vec<_> = account.jobs.newest_first().filter_map(ran).collect();
    received.reverse();
    received
}
