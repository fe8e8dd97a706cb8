//! Call counters (`platform/01 §6`).

use serde::{Deserialize, Serialize};

use crate::AppId;

/// Body of `openapi/quota/get`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuotaRequest {
    /// Path with its leading slash, no host.
    pub cgi_path: String,
}

/// A day's counter of one endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Calls allowed a day.
    pub daily_limit: i64,
    /// Calls made today.
    pub used: i64,
    /// Calls left today.
    pub remain: i64,
}

/// Calls allowed in a stretch of seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Calls.
    pub call_count: i64,
    /// Seconds.
    pub refresh_second: i64,
}

/// Answer of `openapi/quota/get`; each part may be absent.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct QuotaAnswer {
    /// The day's counter.
    #[serde(default)]
    pub quota: Quota,
    /// The short limit.
    #[serde(default)]
    pub rate_limit: RateLimit,
}

/// Body of `clear_quota`: ten a month for one account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClearQuotaRequest {
    /// Must be the token's own account.
    pub appid: AppId,
}
