//! Access tokens (`platform/02 §1–2`).

use serde::{Deserialize, Serialize};

use crate::AppId;

/// The only grant type the platform knows.
pub const GRANT_TYPE: &str = "client_credential";

/// Body of `stable_token`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StableTokenRequest {
    /// Always [`GRANT_TYPE`].
    pub grant_type: String,
    /// The account.
    pub appid: AppId,
    /// Its secret.
    pub secret: String,
    /// Whether the present token dies at once; at most 20 a day, 30 s apart.
    #[serde(default)]
    pub force_refresh: bool,
}

/// Answer of `token` and `stable_token`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// Opaque, up to 512 characters.
    pub access_token: String,
    /// Seconds it will live, at most 7,200.
    pub expires_in: i64,
}
