//! The followers of an account, a page at a time, and its tags.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::language::Reader;
use super::words::Words;
use super::{Page, Part, Problem, account, back, find, render, written};
use crate::account::Account;
use crate::push::events;
use crate::world::Shared;

const PEOPLE: usize = 50;

struct Row {
    openid: String,
    follows: bool,
    refuses: bool,
    blacklisted: bool,
    since: String,
    received: u8,
    tags: String,
}

struct Tag {
    id: i64,
    name: String,
    count: i64,
}

#[derive(Template)]
#[template(path = "followers.html")]
struct Followers {
    w: &'static Words,
    page: Page,
    appid: String,
    wanted: String,
    found: bool,
    people: Vec<Row>,
    part: Part,
    following: u64,
    refusing: u64,
    blacklisted: u64,
    tags: Vec<Tag>,
}

fn row(account: &Account, person: u32, now: wire::Timestamp) -> Row {
    let people = &account.people;
    let names = account.tags_of(person).into_iter().filter_map(|tag| account.tags.name(tag.0));
    Row {
        openid: people.openid(person),
        follows: people.following().contains(person),
        refuses: people.refusing().contains(person),
        blacklisted: people.blacklisted().contains(person),
        since: written(wire::Timestamp(people.since(person))),
        received: people.received(person, now),
        tags: names.collect::<Vec<_>>().join(" · "),
    }
}

/// `GET …/accounts/{appid}/followers?from=&openid=`.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let w = reader.words();
    let template = {
        let world = shared.world();
        let (_, account) = account(&reader, &world, &appid)?;
        let now = world.now();
        let people = &account.people;
        let wanted = reader.value("openid").unwrap_or_default();
        let (rows, part) = if wanted.is_empty() {
            let part = Part::new(reader.number("from"), PEOPLE, people.ever() as usize);
            let shown = (part.from..part.last).filter_map(|place| u32::try_from(place).ok());
            (shown.map(|person| row(account, person, now)).collect(), part)
        } else {
            let found: Vec<_> = people.person(wanted).into_iter().collect();
            let part = Part::new(0, PEOPLE, found.len());
            (found.into_iter().map(|person| row(account, person, now)).collect(), part)
        };
        let tags = account.tags.listed().into_iter();
        Followers {
            w,
            page: Page::of(&reader, &world, account, w.followers, "followers"),
            found: wanted.is_empty() || part.total > 0,
            wanted: wanted.to_owned(),
            people: rows,
            part,
            following: people.following().len(),
            refusing: people.refusing().intersection_len(people.following()),
            blacklisted: people.blacklisted().len(),
            tags: tags
                .map(|tag| Tag { id: tag.id.0, name: tag.name, count: tag.count.unwrap_or(0) })
                .collect(),
            appid,
        }
    };
    Ok(render(&reader, &template))
}

/// `POST …/accounts/{appid}/followers`: somebody new follows; leads to their phone.
pub async fn arrive(
    State(shared): State<Arc<Shared>>,
    reader: Reader,
    Path(appid): Path<String>,
) -> Result<Response, Problem> {
    let openid = {
        let mut world = shared.world();
        let position = find(&reader, &world, &appid)?;
        let person = events::arrive(&mut world, position);
        let account = world.accounts().get(position);
        person.zip(account).map(|(person, account)| account.people.openid(person))
    };
    crate::control::tell(&shared).await;
    let path = match openid {
        Some(openid) => format!("/accounts/{appid}/phone/{openid}"),
        None => format!("/accounts/{appid}/followers"),
    };
    Ok(back(&path, ""))
}
