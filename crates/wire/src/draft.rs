//! Drafts (草稿箱): the articles a mass message carries (`platform/08 §3`).

use serde::{Deserialize, Serialize};

use crate::MediaId;

/// One article of a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// `news` (default) or `newspic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_type: Option<String>,
    /// At most 32 characters (64 tolerated).
    pub title: String,
    /// At most 16 characters.
    #[serde(default)]
    pub author: String,
    /// At most 128 characters; empty means the first 54 of the body.
    #[serde(default)]
    pub digest: String,
    /// HTML, under 20,000 characters and 1 MB.
    pub content: String,
    /// "Read the original" (阅读原文), at most 1 KB.
    #[serde(default)]
    pub content_source_url: String,
    /// Permanent id of the cover; required for `news`.
    #[serde(default)]
    pub thumb_media_id: String,
    /// 0 or 1.
    #[serde(default)]
    pub need_open_comment: u8,
    /// 0 or 1.
    #[serde(default)]
    pub only_fans_can_comment: u8,
    /// Preview address; only in answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Body of `draft/add`: 1–8 articles.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddDraftRequest {
    /// The articles.
    pub articles: Vec<Article>,
}

/// Answer of `draft/add`; body of `draft/get` and `draft/delete`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DraftId {
    /// The draft; dies when it is mass-sent.
    pub media_id: MediaId,
}

/// The articles inside an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewsItems {
    /// The articles.
    pub news_item: Vec<Article>,
}

/// Body of `draft/batchget`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListDraftsRequest {
    /// From 0.
    pub offset: i64,
    /// 1–20.
    pub count: i64,
    /// 1 leaves the bodies out.
    #[serde(default)]
    pub no_content: u8,
}

/// One draft of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListedDraft {
    /// The draft.
    pub media_id: MediaId,
    /// Its articles.
    pub content: NewsItems,
    /// Unix seconds.
    pub update_time: i64,
}

/// Answer of `draft/batchget`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DraftList {
    /// All drafts.
    pub total_count: i64,
    /// In this answer.
    pub item_count: i64,
    /// Newest first.
    pub item: Vec<ListedDraft>,
}
