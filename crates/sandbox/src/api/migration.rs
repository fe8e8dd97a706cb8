//! OpenIDs after an account moved to another (`platform/07 §9`).

use std::collections::HashMap;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use wire::AppId;

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};
use crate::population::openid::Cipher;
use crate::statistics::Flow;
use crate::world::World;

/// How people who were moved came to follow.
pub const SUBSCRIBE_SCENE: &str = "ADD_SCENE_ACCOUNT_MIGRATION";

/// What is known of the move into an account.
#[derive(Clone)]
pub struct Migration {
    from: AppId,
    cipher: Cipher,
    /// The former account's people, and who they are here.
    people: HashMap<u32, u32>,
    /// Those here who have not left since.
    stayed: RoaringBitmap,
}

impl Migration {
    /// Whether this person came by the move and has not left since.
    #[must_use]
    pub fn brought(&self, person: u32) -> bool {
        self.stayed.contains(person)
    }

    /// The person left.
    pub fn forget(&mut self, person: u32) {
        self.stayed.remove(person);
    }
}

/// Moves every follower of the account at `from` to the one at `to`, without events; they follow
/// the former account no longer (both assumed). Says how many; `None` when it cannot be done:
/// an account moves once, and not to itself.
pub fn carry_out(world: &mut World, from: usize, to: usize) -> Option<u64> {
    let now = world.now();
    let former = world.accounts().get(from)?;
    if from == to || world.accounts().get(to)?.migration.is_some() {
        return None;
    }
    let (appid, cipher) = (former.appid.clone(), former.people.cipher().clone());
    let followers = former.people.following().clone();
    let account = world.account_mut(to)?;
    let mut people = HashMap::new();
    for person in &followers {
        people.insert(person, account.people.arrive(now)?);
    }
    let stayed = people.values().copied().collect();
    account.migration = Some(Migration { from: appid, cipher, people, stayed });
    let moved = Flow { came: followers.len(), left: 0 };
    account.statistics.record_flow(now.day(), SUBSCRIBE_SCENE, moved);
    let former = world.account_mut(from)?;
    for person in &followers {
        former.leave(person, now);
    }
    Some(followers.len())
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    from_appid: String,
    #[serde(default)]
    openid_list: Vec<String>,
}

#[derive(Serialize)]
struct Changed {
    ori_openid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_openid: Option<String>,
    err_msg: &'static str,
}

/// `changeopenid`, called with the new account's token.
///
/// # Errors
/// 63178 for an account that was not moved here, 63182 without OpenIDs, 63179 over a hundred; who
/// is not known is told of one by one.
pub fn change(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Request = call.json()?;
    let account = &*scene.account;
    let migration = account.migration.as_ref();
    let migration = migration
        .filter(|migration| migration.from.as_str() == request.from_appid)
        .ok_or(Refused::new(63178))?;
    if request.openid_list.is_empty() {
        return Err(Refused::new(63182));
    }
    if request.openid_list.len() as i64 > scene.limits.migration_batch {
        return Err(Refused::new(63179));
    }
    let change = |ori_openid: String| {
        let former = migration.cipher.person(&ori_openid);
        let person = former.and_then(|former| migration.people.get(&former).copied());
        match person {
            None => Changed { ori_openid, new_openid: None, err_msg: "ori_openid error" },
            Some(person) if !account.people.following().contains(person) => {
                Changed { ori_openid, new_openid: None, err_msg: "not fans" }
            }
            Some(person) => {
                let new_openid = Some(account.people.openid(person));
                Changed { ori_openid, new_openid, err_msg: "ok" }
            }
        }
    };
    let result_list: Vec<Changed> = request.openid_list.into_iter().map(change).collect();
    answer(&serde_json::json!({ "errcode": 0, "errmsg": "ok", "result_list": result_list }))
}
