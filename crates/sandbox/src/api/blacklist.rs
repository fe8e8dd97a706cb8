//! The blacklist (`platform/07 §6`). Whoever is on it receives no mass message and cannot write.

use serde::Deserialize;

use super::refusal::Refused;
use super::user::page_after;
use super::{Answer, Call, Scene, answer, done};
use crate::population::openid;

#[derive(Deserialize)]
struct PageRequest {
    /// The cursor is `begin_openid` here and `next_openid` in the answer.
    #[serde(default)]
    begin_openid: String,
}

/// `tags/members/getblacklist`.
///
/// # Errors
/// 40003 for a cursor that is nobody's.
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: PageRequest = call.json()?;
    let people = &scene.account.people;
    let after = match request.begin_openid.as_str() {
        "" => None,
        cursor => Some(people.person(cursor).ok_or(Refused::new(40003))?),
    };
    let listed = people.blacklisted();
    let total = Some(listed.len() as i64);
    answer(&page_after(people, listed, total, after, scene.limits.blacklist_page))
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    openid_list: Vec<String>,
}

/// The people of a change, all or none. Somebody who left is refused when put on the list, not
/// when taken off it (assumed).
fn people_of(call: &Call, scene: &Scene<'_>, must_follow: bool) -> Result<Vec<u32>, Refused> {
    let request: Change = call.json()?;
    let count = request.openid_list.len() as i64;
    if count == 0 || count > scene.limits.blacklist_batch {
        return Err(Refused::new(40032));
    }
    let people = &scene.account.people;
    let person = |openid: &String| match people.person(openid) {
        Some(person) if !must_follow || people.following().contains(person) => Ok(person),
        Some(_) => Err(Refused::new(40003)),
        None if openid::has_shape(openid) => Err(Refused::new(49003)),
        None => Err(Refused::new(40003)),
    };
    request.openid_list.iter().map(person).collect()
}

/// `tags/members/batchblacklist`.
///
/// # Errors
/// 40032 for none or more than twenty, 40003 for one who does not follow, 49003 for a foreign one.
pub fn add(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let people = people_of(call, scene, true)?;
    scene.account.people.blacklist(people);
    done()
}

/// `tags/members/batchunblacklist`. Whoever is not on the list stays off it.
///
/// # Errors
/// As [`add`].
pub fn remove(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let people = people_of(call, scene, false)?;
    scene.account.people.unblacklist(people);
    done()
}
