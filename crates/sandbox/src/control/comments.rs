//! Readers writing under articles, and what an article's comments look like from behind.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Answer, Refusal, json, position, read};
use crate::account::Account;
use crate::api::comment::thread::{Remover, Thread};
use crate::statistics::{ArticleAct, ArticleKey};
use crate::world::{Shared, World};

const LONGEST: usize = 600;

fn account<'a>(world: &'a mut World, appid: &str) -> Result<&'a mut Account, Refusal> {
    let position = position(world, appid)?;
    world
        .account_mut(position)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such account"))
}

pub(super) fn thread<'a>(
    account: &'a mut Account,
    msg_data_id: &str,
    index: &str,
) -> Result<&'a mut Thread, Refusal> {
    let article = msg_data_id.parse().ok().zip(index.parse().ok());
    article.and_then(|(number, index)| account.threads.get_mut(number, index)).ok_or_else(|| {
        let sentence = format!("no article {index:?} of {msg_data_id:?} went out");
        Refusal::new(StatusCode::NOT_FOUND, sentence)
    })
}

#[derive(Serialize)]
struct Shown {
    open: bool,
    only_fans: bool,
    comments: usize,
}

/// `GET …/articles/{msg_data_id}/{index}/comments`; the index counts from 0.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_data_id, index)): Path<(String, String, String)>,
) -> Answer {
    let mut world = shared.world();
    let thread = thread(account(&mut world, &appid)?, &msg_data_id, &index)?;
    let comments = thread.standing().count();
    json(&Shown { open: thread.open, only_fans: thread.only_fans, comments })
}

#[derive(Deserialize)]
struct Written {
    /// Left out: somebody with an identity outside WeChat.
    #[serde(default)]
    openid: Option<String>,
    content: String,
}

/// `POST …/articles/{msg_data_id}/{index}/comments`: somebody writes.
pub async fn write(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_data_id, index)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    let written: Written = read(&body)?;
    if !(1..=LONGEST).contains(&written.content.chars().count()) {
        return Err(Refusal::bad(format!("content must be 1 to {LONGEST} characters")));
    }
    let mut world = shared.world();
    let now = world.now();
    let account = account(&mut world, &appid)?;
    let person = match &written.openid {
        Some(openid) => Some(account.people.person(openid).ok_or_else(|| {
            Refusal::new(StatusCode::NOT_FOUND, format!("{openid:?} never followed {appid}"))
        })?),
        None => None,
    };
    let follows = person.is_some_and(|person| account.people.following().contains(person));
    let thread = thread(account, &msg_data_id, &index)?;
    if !thread.open {
        return Err(Refusal::conflict("the article takes no comments"));
    }
    if thread.only_fans && !follows {
        let who = written.openid.as_deref().unwrap_or("whoever has no openid");
        return Err(Refusal::conflict(format!("{who} does not follow; only followers may")));
    }
    let id = thread.write(person, written.content, now);
    // Comments count places from 0, statistics from 1.
    if let Some((msg_data_id, place)) = msg_data_id.parse().ok().zip(index.parse::<u32>().ok()) {
        let key = ArticleKey { msg_data_id, index: place.saturating_add(1) };
        account.statistics.record_act(now, key, ArticleAct::Comment, 1);
    }
    json(&serde_json::json!({ "user_comment_id": id }))
}

/// `DELETE …/articles/{msg_data_id}/{index}/comments/{id}`: its writer takes a comment back.
pub async fn take_back(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_data_id, index, id)): Path<(String, String, String, String)>,
) -> Answer {
    let mut world = shared.world();
    let thread = thread(account(&mut world, &appid)?, &msg_data_id, &index)?;
    let comment = id.parse().ok().and_then(|id| thread.get_mut(id)).ok_or_else(|| {
        Refusal::new(StatusCode::NOT_FOUND, format!("the article has no comment {id:?}"))
    })?;
    let changed = comment.removed.is_none();
    comment.removed = comment.removed.or(Some(Remover::Writer));
    json(&serde_json::json!({ "changed": changed }))
}
