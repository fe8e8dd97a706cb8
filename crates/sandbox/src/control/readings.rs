//! Readers from outside the population: articles read and passed on by people the account does not
//! know, told in bulk.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::{Answer, Refusal, json, position, read};
use crate::statistics::{ArticleAct, ArticleKey, ReadFrom, Reading, SharedTo};
use crate::world::Shared;

/// Most people told of at once.
const MOST: u64 = 1_000_000_000;

/// The article of a path, whose place counts from 0 as for comments; statistics count from 1.
fn key(msg_data_id: &str, index: &str) -> Result<ArticleKey, Refusal> {
    let place = index.parse::<u32>().ok().and_then(|place| place.checked_add(1));
    let key = msg_data_id.parse().ok().zip(place);
    key.map(|(msg_data_id, index)| ArticleKey { msg_data_id, index })
        .ok_or_else(|| nothing(msg_data_id, index))
}

fn nothing(msg_data_id: &str, index: &str) -> Refusal {
    let sentence = format!("no article {index:?} of {msg_data_id:?} went out");
    Refusal::new(StatusCode::NOT_FOUND, sentence)
}

fn check(field: &str, number: u64) -> Result<(), Refusal> {
    if number > MOST {
        return Err(Refusal::bad(format!("{field} is {number}; give at most {MOST}")));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Readers {
    from: ReadFrom,
    readers: u64,
    #[serde(default)]
    followers: u64,
    /// All of them finish when it is left out.
    #[serde(default)]
    stopped_in: Option<[u64; 5]>,
    #[serde(default)]
    seconds: u64,
}

/// `POST …/articles/{msg_data_id}/{index}/readings`: people read the article for the first time.
pub async fn read_article(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_data_id, index)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    let told: Readers = read(&body)?;
    check("readers", told.readers)?;
    check("seconds", told.seconds)?;
    if told.followers > told.readers {
        return Err(Refusal::bad("followers is above readers; they are some of them"));
    }
    let stopped_in = told.stopped_in.unwrap_or([0, 0, 0, 0, told.readers]);
    let stopped = stopped_in.iter().try_fold(0_u64, |sum, part| sum.checked_add(*part));
    if stopped != Some(told.readers) {
        return Err(Refusal::bad("stopped_in must add up to readers"));
    }
    let key = key(&msg_data_id, &index)?;
    let mut world = shared.world();
    let (position, now) = (position(&world, &appid)?, world.now());
    let reading = Reading {
        from: told.from,
        readers: told.readers,
        followers: told.followers,
        stopped_in,
        seconds: told.seconds,
    };
    let known = world
        .account_mut(position)
        .is_some_and(|account| account.statistics.record_reading(now, key, &reading));
    if !known {
        return Err(nothing(&msg_data_id, &index));
    }
    json(&serde_json::json!({ "readers": told.readers }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acts {
    act: ArticleAct,
    people: u64,
    /// Of sharing: where to.
    #[serde(default)]
    to: Option<SharedTo>,
}

/// `POST …/articles/{msg_data_id}/{index}/acts`: readers do something with it. Comments have a
/// path of their own, because they have words.
pub async fn act(
    State(shared): State<Arc<Shared>>,
    Path((appid, msg_data_id, index)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    let told: Acts = read(&body)?;
    check("people", told.people)?;
    if told.act == ArticleAct::Comment {
        return Err(Refusal::bad("act is comment; write it through …/comments"));
    }
    if told.to.is_some() && told.act != ArticleAct::Share {
        return Err(Refusal::bad("to goes with the act share"));
    }
    let key = key(&msg_data_id, &index)?;
    let mut world = shared.world();
    let (position, now) = (position(&world, &appid)?, world.now());
    let known = world.account_mut(position).is_some_and(|account| {
        let statistics = &mut account.statistics;
        match told.act {
            ArticleAct::Share => {
                statistics.record_share(now, key, told.to.unwrap_or_default(), told.people)
            }
            act => statistics.record_act(now, key, act, told.people),
        }
    });
    if !known {
        return Err(nothing(&msg_data_id, &index));
    }
    json(&serde_json::json!({ "people": told.people }))
}
