//! Followers as the platform lists them (`platform/07 §2–4`).

use serde::{Deserialize, Serialize};

use crate::{OpenId, TagId};

/// OpenIDs of a page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OpenIdPage {
    /// In the platform's own order.
    #[serde(default)]
    pub openid: Vec<OpenId>,
}

/// Answer of `user/get` and `user/tag/get`. The page after the last comes without `data`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FollowerPage {
    /// All followers of the account; absent in `user/tag/get`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// OpenIDs in this page, at most 10,000.
    pub count: i64,
    /// The page itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<OpenIdPage>,
    /// Last OpenID of this page, the cursor of the next; empty or absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_openid: Option<String>,
}

/// Body of `user/tag/get`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TagMembersRequest {
    /// Spelled `tagid` here and `tag_id` in a mass send.
    pub tagid: TagId,
    /// Empty at the start.
    #[serde(default)]
    pub next_openid: String,
}

/// One wish of `user/info/batchget`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchGetItem {
    /// Whose details.
    pub openid: OpenId,
    /// `zh_CN`, `zh_TW` or `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// Body of `user/info/batchget`: 1–100 items.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchGetRequest {
    /// Whom to tell of.
    pub user_list: Vec<BatchGetItem>,
}

/// Answer of `user/info/batchget`, in the order of the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchGetAnswer {
    /// One entry a request item.
    pub user_info_list: Vec<UserInfo>,
}

/// Details of one follower. All but the first two fields may be missing; what the platform stopped
/// giving in 2021 (name, picture, sex, place) is not modelled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserInfo {
    /// 1 follows, 0 does not (then nothing else is told).
    pub subscribe: u8,
    /// Whose details these are.
    pub openid: OpenId,
    /// Unix seconds of the last follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe_time: Option<i64>,
    /// Same person across accounts bound to one Open Platform account; absent when unbound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unionid: Option<String>,
    /// The operator's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Legacy group: the first tag or 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groupid: Option<i64>,
    /// Tags the follower carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagid_list: Option<Vec<TagId>>,
    /// `ADD_SCENE_…`: how they came; unknown values mean "other".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe_scene: Option<String>,
    /// Number of the QR code followed by, else 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_scene: Option<i64>,
    /// Text of the QR code followed by, else empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_scene_str: Option<String>,
    /// No longer promised since 2025; may still arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}
