//! What readers wrote under an article. A thread begins when the article goes out, by a mass job or
//! a publication, open or closed as the article asked for.

use std::collections::BTreeMap;

use wire::Timestamp;

use crate::api::draft::Kept;

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its number under this article, from 1.
    pub id: i64,
    /// Who wrote it; nobody with an OpenID when they came with an identity outside WeChat
    /// (`platform/08 §5`).
    pub person: Option<u32>,
    /// When.
    pub created: Timestamp,
    /// What.
    pub content: String,
    /// 精选: chosen to be shown.
    pub elected: bool,
    /// The account's answer.
    pub reply: Option<Reply>,
    /// Who took it away.
    pub removed: Option<Remover>,
}

/// The account's answer to a comment.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What it says.
    pub content: String,
    /// When it was written.
    pub created: Timestamp,
}

/// Who took a comment away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remover {
    /// The account.
    Account,
    /// Its writer.
    Writer,
}

/// The comments of one article.
#[derive(Debug, Clone, Default)]
pub struct Thread {
    /// Whether readers may write.
    pub open: bool,
    /// Whether only followers may.
    pub only_fans: bool,
    /// The code every call about it answers while the platform limits the article for safety:
    /// 88002 or 88011, which the pages do not tell apart (`platform/08 §5`).
    pub limited: Option<i64>,
    comments: Vec<Comment>,
}

impl Thread {
    /// A reader writes; says the comment's number.
    pub fn write(&mut self, person: Option<u32>, content: String, created: Timestamp) -> i64 {
        let id = self.comments.len() as i64 + 1;
        let (elected, reply, removed) = (false, None, None);
        self.comments.push(Comment { id, person, created, content, elected, reply, removed });
        id
    }

    /// The comment of this number, removed or not.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Comment> {
        self.comments.get_mut(usize::try_from(id.checked_sub(1)?).ok()?)
    }

    /// Those that were not removed, newest first.
    pub fn standing(&self) -> impl Iterator<Item = &Comment> {
        self.comments.iter().rev().filter(|comment| comment.removed.is_none())
    }
}

/// The threads of one account, by the article's number in the statistics and its place from 0.
#[derive(Debug, Clone, Default)]
pub struct Threads {
    by_article: BTreeMap<(i64, i64), Thread>,
}

impl Threads {
    /// Articles went out: each gets its thread.
    pub fn begin<'a>(&mut self, msg_data_id: i64, articles: impl Iterator<Item = &'a Kept>) {
        for (place, kept) in (0_i64..).zip(articles) {
            let open = kept.article.need_open_comment == 1;
            let only_fans = kept.article.only_fans_can_comment == 1;
            let thread = Thread { open, only_fans, limited: None, comments: Vec::new() };
            self.by_article.insert((msg_data_id, place), thread);
        }
    }

    /// The thread of this article.
    #[must_use]
    pub fn get(&self, msg_data_id: i64, index: i64) -> Option<&Thread> {
        self.by_article.get(&(msg_data_id, index))
    }

    /// The thread of this article, to change it.
    pub fn get_mut(&mut self, msg_data_id: i64, index: i64) -> Option<&mut Thread> {
        self.by_article.get_mut(&(msg_data_id, index))
    }
}
