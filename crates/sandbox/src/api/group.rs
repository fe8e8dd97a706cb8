//! Groups, which tags replaced in 2016: thin aliases of them (`platform/07 §8`).
//!
//! A follower's group is the first of their tags; moving them to a group takes all their other
//! tags, since a follower was in exactly one group (assumed). Group 0 is nobody's tag, group 1 the
//! blacklist.

use serde::{Deserialize, Serialize};
use wire::TagId;

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done};
use crate::account::Account;
use crate::population::openid;

const UNGROUPED: i64 = 0;
const BLACKLIST: i64 = 1;

#[derive(Deserialize)]
struct Named {
    group: NamedGroup,
}

#[derive(Deserialize)]
struct NamedGroup {
    #[serde(default)]
    id: Option<TagId>,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
struct Group<'a> {
    id: i64,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

fn check_name(scene: &Scene<'_>, name: &str, own: Option<i64>) -> Result<(), Refused> {
    if name.chars().count() as i64 > scene.limits.group_name_characters {
        return Err(Refused::new(45017));
    }
    // Which of 40051 and 40117 a bad name gets is not known (`platform/07 §8`).
    let taken = scene.account.tags.named(name).is_some_and(|id| Some(id) != own);
    if name.trim().is_empty() || taken { Err(Refused::new(40051)) } else { Ok(()) }
}

fn own_group(scene: &Scene<'_>, id: Option<TagId>) -> Result<i64, Refused> {
    let id = id.ok_or(Refused::new(40152))?;
    if id.is_reserved() {
        return Err(Refused::new(45016));
    }
    scene.account.tags.members(id.0).map(|_| id.0).ok_or(Refused::new(40152))
}

/// `groups/create`.
///
/// # Errors
/// 45017 and 40051 for the name, 45018 when there are as many as there may be.
pub fn create(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json_with_literal_escapes()?;
    check_name(scene, &request.group.name, None)?;
    if scene.account.tags.counted(scene.account.assumptions.own_tags_count) >= scene.limits.groups {
        return Err(Refused::new(45018));
    }
    let id = scene.account.tags.add(request.group.name.clone());
    let group = Group { id, name: &request.group.name, count: None };
    answer(&serde_json::json!({ "group": group }))
}

/// `groups/get`.
///
/// # Errors
/// None of its own.
pub fn list(scene: &mut Scene<'_>) -> Answer {
    let account = &*scene.account;
    let tags = account.tags.listed();
    let mut untagged = account.people.following() - account.people.blacklisted();
    for tag in &tags {
        if let Some(members) = account.tags.members(tag.id.0) {
            untagged -= members;
        }
    }
    let blacklisted = account.people.blacklisted().len();
    let mut groups = vec![
        Group { id: UNGROUPED, name: "未分组", count: Some(untagged.len()) },
        Group { id: BLACKLIST, name: "黑名单", count: Some(blacklisted) },
    ];
    groups.extend(tags.iter().map(|tag| Group {
        id: tag.id.0,
        name: &tag.name,
        count: tag.count.map(i64::unsigned_abs),
    }));
    answer(&serde_json::json!({ "groups": groups }))
}

/// `groups/update`.
///
/// # Errors
/// 45016 for the platform's own, 40152 unknown, 45017 and 40051 for the name.
pub fn rename(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json_with_literal_escapes()?;
    let id = own_group(scene, request.group.id)?;
    check_name(scene, &request.group.name, Some(id))?;
    scene.account.tags.rename(id, request.group.name);
    done()
}

/// `groups/delete`.
///
/// # Errors
/// 45016 for the platform's own, 40152 unknown.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let id = own_group(scene, request.group.id)?;
    scene.account.tags.remove(id);
    done()
}

#[derive(Deserialize)]
struct OfPerson {
    #[serde(default)]
    openid: String,
}

/// The follower's group.
#[must_use]
pub fn group_of(account: &Account, person: u32) -> i64 {
    if account.people.blacklisted().contains(person) {
        return BLACKLIST;
    }
    account.tags_of(person).first().map_or(UNGROUPED, |tag| tag.0)
}

/// `groups/getid`.
///
/// # Errors
/// 40003 when nobody of that OpenID follows.
pub fn of_person(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: OfPerson = call.json()?;
    let person = scene.account.people.follower(&request.openid).ok_or(Refused::new(40003))?;
    answer(&serde_json::json!({ "groupid": group_of(scene.account, person) }))
}

#[derive(Deserialize)]
struct Move {
    #[serde(default)]
    openid: String,
    #[serde(default)]
    openid_list: Vec<String>,
    #[serde(default)]
    to_groupid: Option<TagId>,
}

/// `groups/members/update`.
///
/// # Errors
/// 40003 and 49003 for the OpenID, 40152 for an unknown group.
pub fn move_one(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Move = call.json()?;
    move_all(scene, std::slice::from_ref(&request.openid), request.to_groupid)
}

/// `groups/members/batchupdate`.
///
/// # Errors
/// 40032 for none or more than fifty, then as [`move_one`].
pub fn move_batch(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Move = call.json()?;
    let count = request.openid_list.len() as i64;
    if count == 0 || count > scene.limits.group_batch {
        return Err(Refused::new(40032));
    }
    move_all(scene, &request.openid_list, request.to_groupid)
}

fn move_all(scene: &mut Scene<'_>, openids: &[String], to: Option<TagId>) -> Answer {
    let account = &mut *scene.account;
    let to = to.ok_or(Refused::new(40152))?.0;
    let is_tag = account.tags.members(to).is_some();
    if !is_tag && to != UNGROUPED && to != BLACKLIST {
        return Err(Refused::new(40152));
    }
    let follower = |openid: &String| match account.people.follower(openid) {
        Some(person) => Ok(person),
        None if account.people.person(openid).is_none() && openid::has_shape(openid) => {
            Err(Refused::new(49003))
        }
        None => Err(Refused::new(40003)),
    };
    let people: Vec<u32> = openids.iter().map(follower).collect::<Result<_, _>>()?;
    for person in &people {
        account.tags.forget(*person);
    }
    if to == BLACKLIST {
        account.people.blacklist(people);
        return done();
    }
    account.people.unblacklist(people.iter().copied());
    if is_tag {
        account.tags.put(to, people);
    }
    done()
}
