//! A publication: submitted, done some seconds later, told of (`platform/08 §4`, `§7`).
//!
//! Nobody is notified and no slot is spent. The draft leaves the box when the publication is
//! submitted and comes back when it fails (assumed, as with mass jobs).

use std::collections::BTreeMap;

use wire::Timestamp;

use crate::api::draft::{Draft, Kept};
use crate::chance::{draw, letters};
use crate::clock::Due;
use crate::population::topic;
use crate::push;
use crate::statistics::{ArticleKey, Publishing};
use crate::world::World;

/// First number, that of the page's sample.
const FIRST: i64 = 100_000_001;
/// A publication takes 1 to this many seconds.
const MOST_SECONDS: u64 = 10;
/// Characters of an article's id, as in the page's sample.
const ARTICLE_ID_CHARACTERS: usize = 43;

/// A published article.
#[derive(Debug, Clone)]
pub struct Published {
    /// What it says.
    pub kept: Kept,
    /// Where it can be read.
    pub url: String,
    /// Whether the account deleted it.
    pub is_deleted: bool,
}

/// Where a publication stands.
#[derive(Debug, Clone)]
pub enum State {
    /// Under way.
    Publishing(Draft),
    /// Done.
    Published {
        /// Its id in other calls.
        article_id: String,
        /// Its articles.
        articles: Vec<Published>,
    },
    /// Refused: 2 originals, 3 otherwise, 4 by review.
    Failed {
        /// `publish_status`.
        status: i64,
        /// Articles it had.
        articles: usize,
    },
}

/// A publication.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Its number.
    pub publish_id: i64,
    /// Its number in the statistics and for comments.
    pub msg_data_id: i64,
    /// When it was submitted.
    pub submitted: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Whether the platform banned it after it was done.
    pub is_banned: bool,
    /// Where it stands.
    pub state: State,
}

impl Publication {
    /// `publish_status`.
    #[must_use]
    pub fn status(&self) -> i64 {
        match &self.state {
            State::Publishing(_) => 1,
            State::Published { .. } if self.is_banned => 6,
            State::Published { articles, .. } => {
                if articles.iter().all(|article| article.is_deleted) { 5 } else { 0 }
            }
            State::Failed { status, .. } => *status,
        }
    }

    /// The articles at fault, from 1: told for originals and review alone; all of them (assumed).
    #[must_use]
    pub fn failed_articles(&self) -> Vec<usize> {
        match &self.state {
            State::Failed { status: 2 | 4, articles } => (1..=*articles).collect(),
            _ => Vec::new(),
        }
    }
}

/// The publications of one account.
#[derive(Debug, Clone, Default)]
pub struct Publications {
    by_number: BTreeMap<i64, Publication>,
}

impl Publications {
    /// Submits a draft; says its number and when it will be done.
    pub fn submit(&mut self, draft: Draft, msg_data_id: i64, now: Timestamp) -> (i64, Timestamp) {
        let publish_id = self.by_number.last_key_value().map_or(FIRST, |(last, _)| last + 1);
        let (state, is_banned) = (State::Publishing(draft), false);
        let publication =
            Publication { publish_id, msg_data_id, submitted: now, updated: now, is_banned, state };
        self.by_number.insert(publish_id, publication);
        let seconds = 1 + draw(publish_id.unsigned_abs(), topic::IDS, 0) % MOST_SECONDS;
        (publish_id, now + seconds as i64)
    }

    /// The publication of this number.
    #[must_use]
    pub fn get(&self, publish_id: i64) -> Option<&Publication> {
        self.by_number.get(&publish_id)
    }

    /// The platform bans a publication that is done; `None` when there is none of this number that
    /// is done, else whether that is new.
    pub fn ban(&mut self, publish_id: i64, now: Timestamp) -> Option<bool> {
        let publication = self.by_number.get_mut(&publish_id)?;
        if !matches!(publication.state, State::Published { .. }) {
            return None;
        }
        let changed = !publication.is_banned;
        if changed {
            (publication.is_banned, publication.updated) = (true, now);
        }
        Some(changed)
    }

    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Publication> {
        self.by_number.values().rev()
    }

    /// Those that are done, newest first.
    pub fn published(&self) -> impl Iterator<Item = &Publication> {
        let done = |one: &&Publication| matches!(one.state, State::Published { .. });
        self.by_number.values().rev().filter(done)
    }

    /// The published one with this id.
    #[must_use]
    pub fn of_article(&self, id: &str) -> Option<&Publication> {
        self.published().find(
            |one| matches!(&one.state, State::Published { article_id, .. } if article_id == id),
        )
    }

    /// The same, to change it.
    pub fn of_article_mut(&mut self, id: &str) -> Option<&mut Publication> {
        let publish_id = self.of_article(id)?.publish_id;
        self.by_number.get_mut(&publish_id)
    }
}

/// A publication is done: its articles can be read, or the draft comes back.
pub fn carry_out(world: &mut World, position: usize, publish_id: i64) {
    let now = world.now();
    let failure = world.faults.strike_publication(now);
    let Some(account) = world.account_mut(position) else { return };
    let article_id = account.chance.text(ARTICLE_ID_CHARACTERS);
    let Some(publication) = account.publications.by_number.get_mut(&publish_id) else { return };
    let State::Publishing(draft) = &publication.state else { return };
    let draft = draft.clone();
    publication.updated = now;
    if let Some(status) = failure {
        publication.state = State::Failed { status, articles: draft.articles.len() };
        account.drafts.put(draft);
    } else {
        if account.assumptions.publications_have_comments {
            account.threads.begin(publication.msg_data_id, draft.articles.iter());
        }
        let published = |(place, mut kept): (usize, Kept)| {
            let drawn = draw(publish_id.unsigned_abs(), topic::IDS, place as u64 + 1);
            let url = format!("https://mp.weixin.qq.com/s/{}", letters(drawn, 22));
            kept.article.url = Some(url.clone());
            Published { kept, url, is_deleted: false }
        };
        let articles: Vec<Published> =
            draft.articles.into_iter().enumerate().map(published).collect();
        for (index, article) in (1..).zip(&articles) {
            let key = ArticleKey { msg_data_id: publication.msg_data_id, index };
            let (title, url) = (article.kept.article.title.clone(), article.url.clone());
            account.statistics.record_content(key, now.day(), Publishing::Silent, title, url);
        }
        publication.state = State::Published { article_id, articles };
    }
    let push = account
        .publications
        .get(publish_id)
        .map(|ended| push::events::publication_finished(account, position, ended));
    if let Some(push) = push {
        push::emit(world, push);
    }
}

/// What the clock carries out.
#[must_use]
pub fn due(account: usize, publish_id: i64) -> Due {
    Due::Publication { account, publish_id }
}
