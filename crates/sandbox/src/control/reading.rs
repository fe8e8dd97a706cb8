//! A person reads a mass message, or passes it on.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::followers::{account, find};
use super::{Answer, Refusal, json, read};
use crate::population::behaviour::record_reading;
use crate::statistics::{ArticleKey, SharedTo};
use crate::world::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    msg_id: i64,
    /// Of a message of several articles, from 1.
    #[serde(default = "first")]
    article: u32,
}

fn first() -> u32 {
    1
}

/// `POST …/followers/{openid}/read` with `{"msg_id":…,"article":1}`. `changed` is false for who
/// read it before, and for messages that are no articles: nothing counts these.
pub async fn read_it(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    act(&shared, &appid, &openid, &body, false)
}

/// `POST …/followers/{openid}/share` with `{"msg_id":…,"article":1}`: reads it and passes it on.
pub async fn share(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    act(&shared, &appid, &openid, &body, true)
}

fn act(shared: &Shared, appid: &str, openid: &str, body: &Bytes, shares: bool) -> Answer {
    let which: Which = read(body)?;
    let mut world = shared.world();
    let (position, person) = find(&world, appid, openid)?;
    let now = world.now();
    let job = account(&world, position)?.jobs.get(which.msg_id);
    let job = job.filter(|job| job.received.contains(person)).ok_or_else(|| {
        Refusal::conflict(format!("{openid} received no message {}", which.msg_id))
    })?;
    let articles = job.articles.max(1) as u64;
    if u64::from(which.article) > articles || which.article == 0 {
        let sentence = format!("article is {}; the message has 1 to {articles}", which.article);
        return Err(Refusal::bad(sentence));
    }
    let msg_data_id = job.msg_data_id;
    let Some((account, msg_data_id)) = world.account_mut(position).zip(msg_data_id) else {
        return json(&serde_json::json!({ "changed": false }));
    };
    let key = ArticleKey { msg_data_id, index: which.article };
    let drawn = account.behaviour.as_ref().and_then(|one| one.answered.get(&which.msg_id));
    let reads_anyway =
        which.article == 1 && drawn.is_some_and(|answered| answered.readers.contains(person));
    let new = !reads_anyway && account.read_by_hand.insert((key, person));
    if new {
        record_reading(account, now, key, 1, 0);
    }
    if shares {
        account.statistics.record_share(now, key, SharedTo::Other, 1);
    }
    json(&serde_json::json!({ "changed": new || shares }))
}
