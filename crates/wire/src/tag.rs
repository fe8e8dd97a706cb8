//! Tags (`platform/07 §7`).

use serde::{Deserialize, Serialize};

use crate::{OpenId, TagId};

/// A tag as the platform lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its number.
    pub id: TagId,
    /// At most 30 bytes.
    pub name: String,
    /// Followers carrying it; absent in the answer of `create`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

/// Answer of `tags/get`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagList {
    /// All tags, the platform's own among them.
    pub tags: Vec<Tag>,
}

/// A tag's name, the body inside `create`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagName {
    /// At most 30 bytes.
    pub name: String,
}

/// Body of `tags/create`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateTagRequest {
    /// The new tag.
    pub tag: TagName,
}

/// Answer of `tags/create`, body of `tags/update`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagBody {
    /// The tag.
    pub tag: Tag,
}

/// The tag named by number only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagNumber {
    /// Its number.
    pub id: TagId,
}

/// Body of `tags/delete`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteTagRequest {
    /// Which one.
    pub tag: TagNumber,
}

/// Body of `tags/members/batchtagging` and `batchuntagging`: at most 50 OpenIDs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaggingRequest {
    /// Whom.
    pub openid_list: Vec<OpenId>,
    /// Spelled `tagid`; any other spelling answers 45159.
    pub tagid: TagId,
}

/// Body of `tags/getidlist`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagsOfRequest {
    /// Whose tags.
    pub openid: OpenId,
}

/// Answer of `tags/getidlist`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagsOfAnswer {
    /// The follower's tags.
    pub tagid_list: Vec<TagId>,
}
