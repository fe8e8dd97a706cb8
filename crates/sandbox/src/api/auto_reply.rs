//! The replies an operator sets on the website, read through the interface (`platform/09 §2`).

use serde::{Deserialize, Serialize};

use super::{Answer, Scene, answer};

/// What a reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Words.
    Text,
    /// A picture.
    Img,
    /// A recording.
    Voice,
    /// A film.
    Video,
    /// Articles; in keyword rules only.
    News,
}

/// One reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The words, a media id or an address.
    pub content: String,
    /// The articles of [`Kind::News`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub news_info: Option<NewsList>,
}

/// The articles of a reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsList {
    /// In order.
    pub list: Vec<News>,
}

/// One article of a reply.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct News {
    /// Its title.
    pub title: String,
    /// Its author.
    pub author: String,
    /// Its digest.
    pub digest: String,
    /// Whether the cover is shown in the body.
    pub show_cover: i64,
    /// Address of the cover.
    pub cover_url: String,
    /// Address of the article.
    pub content_url: String,
    /// Address of its source.
    pub source_url: String,
}

/// Whether a keyword rule gives all its replies or one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyMode {
    /// All.
    ReplyAll,
    /// One by chance.
    RandomOne,
}

/// How a keyword is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchMode {
    /// Anywhere in the message.
    Contain,
    /// The whole message.
    Equal,
}

/// A keyword.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyword {
    /// Always text.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// How it is compared.
    pub match_mode: MatchMode,
    /// The word.
    pub content: String,
}

/// A keyword rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeywordRule {
    /// Its name.
    pub rule_name: String,
    /// When it was made, Unix seconds.
    #[serde(default)]
    pub create_time: i64,
    /// All replies or one.
    pub reply_mode: ReplyMode,
    /// What it listens to.
    pub keyword_list_info: Vec<Keyword>,
    /// What it answers.
    pub reply_list_info: Vec<Reply>,
}

/// The keyword rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeywordRules {
    /// In order.
    pub list: Vec<KeywordRule>,
}

/// All that is set on the website.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoReplies {
    /// 1: who follows gets a reply.
    pub is_add_friend_reply_open: u8,
    /// 1: messages get a reply.
    pub is_autoreply_open: u8,
    /// To who follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_friend_autoreply_info: Option<Reply>,
    /// To a message no keyword fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_default_autoreply_info: Option<Reply>,
    /// To keywords.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword_autoreply_info: Option<KeywordRules>,
}

impl AutoReplies {
    /// Whether a reply sends this file.
    #[must_use]
    pub fn show(&self, media_id: &str) -> bool {
        let rules = self.keyword_autoreply_info.iter().flat_map(|rules| &rules.list);
        let single = [&self.add_friend_autoreply_info, &self.message_default_autoreply_info];
        let replies = rules.flat_map(|rule| &rule.reply_list_info);
        let mut all = replies.chain(single.into_iter().flatten());
        all.any(|reply| reply.kind != Kind::Text && reply.content == media_id)
    }

    /// Checks what the types leave open.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.is_add_friend_reply_open > 1 || self.is_autoreply_open > 1 {
            return Err("is_add_friend_reply_open and is_autoreply_open are 0 or 1");
        }
        let single = [&self.add_friend_autoreply_info, &self.message_default_autoreply_info];
        if single.iter().any(|reply| reply.as_ref().is_some_and(|it| it.kind == Kind::News)) {
            return Err("news stands in keyword rules only");
        }
        Ok(())
    }
}

/// `get_current_autoreply_info`.
///
/// # Errors
/// None of its own.
pub fn current(scene: &mut Scene<'_>) -> Answer {
    answer(&scene.account.auto_replies)
}
