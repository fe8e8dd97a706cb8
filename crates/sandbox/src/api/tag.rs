//! Tags (`platform/07 §7`). Members of a tag are always followers: who leaves loses the tags.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use roaring::RoaringBitmap;
use serde::Deserialize;
use wire::TagId;
use wire::tag::{Tag, TagBody, TagList, TagsOfAnswer};

use super::refusal::Refused;
use super::user::page;
use super::{Answer, Call, Reply, Scene, answer, done};
use crate::population::{Population, openid, set_bytes, shop};

/// 星标组: the one reserved tag that is listed.
const STARRED: i64 = 2;
/// New accounts count their own tags from here (`platform/07 §7`).
const FIRST: i64 = 100;

#[derive(Debug, Clone)]
struct Held {
    name: String,
    members: RoaringBitmap,
}

/// The tags of one account.
#[derive(Debug, Clone)]
pub struct Tags {
    held: BTreeMap<i64, Held>,
    next: i64,
    /// The tag put on somebody last: conditional menus go by it (`platform/09 §1`).
    last_put: HashMap<u32, i64>,
    /// People whom a tagging call has in hand, and until when, on the machine's clock.
    in_hand: Vec<(Instant, Vec<u32>)>,
}

impl Tags {
    /// Takes these people in hand; `false` when another call has one of them.
    fn take_in_hand(&mut self, people: &[u32], ms: u64) -> bool {
        let now = Instant::now();
        self.in_hand.retain(|(until, _)| now < *until);
        if self.in_hand.iter().any(|(_, held)| held.iter().any(|one| people.contains(one))) {
            return false;
        }
        self.in_hand.push((now + Duration::from_millis(ms), people.to_vec()));
        true
    }

    /// The tags a shop's account starts with, and who carries them.
    #[must_use]
    pub fn of_shop(people: &Population) -> Self {
        let mut members = vec![RoaringBitmap::new(); shop::TAGS.len()];
        for person in 0..people.at_start() {
            for place in people.shop().tags_at_start(person) {
                if let Some(set) = members.get_mut(place) {
                    // Ordinals come in rising order, so this cannot fail.
                    let _ = set.try_push(person);
                }
            }
        }
        let mut held = BTreeMap::new();
        held.insert(STARRED, Held { name: "星标组".to_owned(), members: RoaringBitmap::new() });
        let mut next = FIRST;
        for (name, members) in shop::TAGS.iter().zip(members) {
            held.insert(next, Held { name: (*name).to_owned(), members });
            next += 1;
        }
        Self { held, next, last_put: HashMap::new(), in_hand: Vec::new() }
    }

    /// The followers carrying this tag; `None` when there is no such tag.
    #[must_use]
    pub fn members(&self, tag: i64) -> Option<&RoaringBitmap> {
        self.held.get(&tag).map(|held| &held.members)
    }

    /// The tags of a follower, rising.
    #[must_use]
    pub fn of(&self, person: u32) -> Vec<TagId> {
        let carries =
            |(id, held): (&i64, &Held)| held.members.contains(person).then_some(TagId(*id));
        self.held.iter().filter_map(carries).collect()
    }

    /// The name of this tag.
    #[must_use]
    pub fn name(&self, tag: i64) -> Option<&str> {
        self.held.get(&tag).map(|held| held.name.as_str())
    }

    /// The tag of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<i64> {
        self.held.iter().find(|(_, held)| held.name == name).map(|(id, _)| *id)
    }

    /// How many tags count among those an account may have.
    #[must_use]
    pub fn counted(&self, own_count: bool) -> i64 {
        self.held.keys().filter(|id| own_count || !TagId(**id).is_reserved()).count() as i64
    }

    /// A new tag; says its number.
    pub fn add(&mut self, name: String) -> i64 {
        let id = self.next;
        self.next += 1;
        self.held.insert(id, Held { name, members: RoaringBitmap::new() });
        id
    }

    /// Gives a tag another name.
    pub fn rename(&mut self, id: i64, name: String) {
        if let Some(held) = self.held.get_mut(&id) {
            held.name = name;
        }
    }

    /// Deletes a tag, which takes it from everybody.
    pub fn remove(&mut self, id: i64) {
        self.held.remove(&id);
    }

    /// Gives a tag to these.
    pub fn put(&mut self, id: i64, people: Vec<u32>) {
        if let Some(held) = self.held.get_mut(&id) {
            for person in &people {
                self.last_put.insert(*person, id);
            }
            held.members.extend(people);
        }
    }

    /// The tag put on this person last, of those they carry; of tags from the start the highest.
    #[must_use]
    pub fn last_of(&self, person: u32) -> Option<i64> {
        let carries = |id: &i64| self.members(*id).is_some_and(|set| set.contains(person));
        let last = self.last_put.get(&person).copied().filter(carries);
        last.or_else(|| self.held.keys().rev().copied().find(carries))
    }

    /// Takes every tag from this person.
    pub fn forget(&mut self, person: u32) {
        self.last_put.remove(&person);
        for held in self.held.values_mut() {
            held.members.remove(person);
        }
    }

    /// Every tag with its members' number.
    #[must_use]
    pub fn listed(&self) -> Vec<Tag> {
        let tag = |(id, held): (&i64, &Held)| Tag {
            id: TagId(*id),
            name: held.name.clone(),
            count: Some(held.members.len() as i64),
        };
        self.held.iter().map(tag).collect()
    }

    /// Bytes of the members of all tags.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let put = self.last_put.capacity() * size_of::<(u32, i64)>();
        self.held.values().map(|held| set_bytes(&held.members)).sum::<u64>() + put as u64
    }

    fn check_name(&self, name: &str, most_bytes: i64, own: Option<i64>) -> Result<(), Refused> {
        if name.trim().is_empty() {
            return Err(Refused::new(45157));
        }
        if name.len() as i64 > most_bytes {
            return Err(Refused::new(45158));
        }
        let taken = self.held.iter().any(|(id, held)| held.name == name && Some(*id) != own);
        if taken { Err(Refused::new(45157)) } else { Ok(()) }
    }
}

#[derive(Deserialize)]
struct Named {
    tag: NamedTag,
}

#[derive(Deserialize)]
struct NamedTag {
    #[serde(default)]
    id: Option<TagId>,
    #[serde(default)]
    name: String,
}

/// `tags/create`.
///
/// # Errors
/// 45056 over a hundred, 45157 and 45158 for the name, 45157 with an id (as seen).
pub fn create(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json_with_literal_escapes()?;
    let own_count = scene.account.assumptions.own_tags_count;
    let tags = &mut scene.account.tags;
    if request.tag.id.is_some() {
        return Err(Refused::new(45157));
    }
    tags.check_name(&request.tag.name, scene.limits.tag_name_bytes, None)?;
    if tags.counted(own_count) >= scene.limits.tags {
        return Err(Refused::new(45056));
    }
    let name = request.tag.name;
    let id = tags.add(name.clone());
    answer(&TagBody { tag: Tag { id: TagId(id), name, count: None } })
}

/// `tags/get`.
///
/// # Errors
/// None of its own.
pub fn list(scene: &mut Scene<'_>) -> Answer {
    answer(&TagList { tags: scene.account.tags.listed() })
}

/// `tags/update`.
///
/// # Errors
/// 45058 for the platform's own, 45159 unknown, 45157 and 45158 for the name.
pub fn rename(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json_with_literal_escapes()?;
    let id = own_tag(scene, request.tag.id)?;
    let tags = &mut scene.account.tags;
    tags.check_name(&request.tag.name, scene.limits.tag_name_bytes, Some(id))?;
    tags.rename(id, request.tag.name);
    done()
}

/// `tags/delete`.
///
/// # Errors
/// 45058 for the platform's own, 45159 unknown, 45057 with too many followers.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let id = own_tag(scene, request.tag.id)?;
    let tags = &mut scene.account.tags;
    let most = scene.limits.tag_followers_to_delete;
    if tags.members(id).is_some_and(|members| members.len() as i64 > most) {
        return Err(Refused::new(45057));
    }
    tags.remove(id);
    done()
}

fn own_tag(scene: &Scene<'_>, id: Option<TagId>) -> Result<i64, Refused> {
    let id = id.ok_or(Refused::new(45159))?;
    if id.is_reserved() {
        return Err(Refused::new(45058));
    }
    scene.account.tags.members(id.0).map(|_| id.0).ok_or(Refused::new(45159))
}

#[derive(Deserialize)]
struct Tagging {
    #[serde(default)]
    openid_list: Vec<String>,
    /// Any other spelling is not read and answers 45159 (`platform/07 §7`).
    #[serde(default)]
    tagid: Option<TagId>,
}

/// A tagging call that may be carried out.
struct Wished {
    tag: i64,
    people: Vec<u32>,
    /// Whom it named in vain; empty while such calls are all or nothing.
    failed: Vec<String>,
}

/// The people of a tagging call: all or none, unless the account's assumptions say otherwise.
fn people_of(call: &Call, scene: &Scene<'_>) -> Result<Wished, Refused> {
    let request: Tagging = call.json()?;
    let most = scene.limits.tagging_batch;
    if request.openid_list.is_empty() || request.openid_list.len() as i64 > most {
        return Err(Refused::new(40032));
    }
    let id = request.tagid.map(|id| id.0).ok_or(Refused::new(45159))?;
    scene.account.tags.members(id).ok_or(Refused::new(45159))?;
    let follower = |openid: &String| {
        let people = &scene.account.people;
        match people.person(openid) {
            Some(person) if people.following().contains(person) => Ok(person),
            Some(_) => Err(Refused::new(40003)),
            None if openid::has_shape(openid) => Err(Refused::new(49003)),
            None => Err(Refused::new(40003)),
        }
    };
    let (mut people, mut failed) = (Vec::new(), Vec::new());
    for openid in &request.openid_list {
        match follower(openid) {
            Ok(person) => people.push(person),
            Err(refused) if scene.account.assumptions.tagging_is_all_or_nothing => {
                return Err(refused);
            }
            Err(_) => failed.push(openid.clone()),
        }
    }
    Ok(Wished { tag: id, people, failed })
}

/// Two tagging calls at once for one person: the later answers 45159 although the tag is there, as
/// it was seen to (`platform/07 §7`). Says how long the answer of this call waits.
fn take_in_hand(scene: &mut Scene<'_>, people: &[u32]) -> Result<u64, Refused> {
    let ms = u64::try_from(scene.account.assumptions.tagging_in_hand_ms).unwrap_or(0);
    if ms > 0 && !scene.account.tags.take_in_hand(people, ms) {
        return Err(Refused::new(45159));
    }
    Ok(ms)
}

/// The answer of a tagging call that named these in vain.
fn partly(failed: Vec<String>, ms: u64) -> Answer {
    if !failed.is_empty() {
        return Err(Refused::partly(failed));
    }
    Ok(match done()? {
        Reply::Json(body) if ms > 0 => Reply::Late(body, ms),
        reply => reply,
    })
}

/// `tags/members/batchtagging`.
///
/// # Errors
/// 40032, 45159, 40003, 49003 or 45171; 45059 when one of them carries twenty already.
pub fn add_members(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let Wished { tag: id, people, failed } = people_of(call, scene)?;
    let tags = &scene.account.tags;
    let full = |person: &u32| {
        let of_person = tags.of(*person);
        !of_person.contains(&TagId(id)) && of_person.len() as i64 >= scene.limits.tags_per_follower
    };
    if people.iter().any(full) {
        return Err(Refused::new(45059));
    }
    let ms = take_in_hand(scene, &people)?;
    scene.account.tags.put(id, people);
    partly(failed, ms)
}

/// `tags/members/batchuntagging`.
///
/// # Errors
/// 40032, 45159, 40003, 49003 or 45171.
pub fn remove_members(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let Wished { tag, people, failed } = people_of(call, scene)?;
    let ms = take_in_hand(scene, &people)?;
    if let Some(held) = scene.account.tags.held.get_mut(&tag) {
        for person in people {
            held.members.remove(person);
        }
    }
    partly(failed, ms)
}

#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    tagid: Option<TagId>,
    #[serde(default)]
    next_openid: Option<String>,
}

/// `user/tag/get`.
///
/// # Errors
/// 45159 unknown, 40003 for a cursor that is no follower.
pub fn members(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Members = call.json()?;
    let id = request.tagid.ok_or(Refused::new(45159))?;
    let members = scene.account.tags.members(id.0).ok_or(Refused::new(45159))?;
    let cursor = request.next_openid.as_deref().filter(|cursor| !cursor.is_empty());
    let mut page = page(scene, members, None, cursor, scene.limits.follower_page)?;
    if page.data.is_none() && !scene.account.assumptions.last_page_has_cursor {
        page.next_openid = None;
    }
    answer(&page)
}

#[derive(Deserialize)]
struct OfPerson {
    #[serde(default)]
    openid: String,
}

/// `tags/getidlist`.
///
/// # Errors
/// 40003 when nobody of that OpenID follows.
pub fn of_person(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: OfPerson = call.json()?;
    let person = scene.account.people.follower(&request.openid).ok_or(Refused::new(40003))?;
    answer(&TagsOfAnswer { tagid_list: scene.account.tags_of(person) })
}
