//! Pictures inside article bodies (`platform/03 §5.5`).

use serde::{Deserialize, Serialize};

/// Name of the multipart field that carries the file.
pub const FILE_FIELD: &str = "media";

/// Answer of `media/uploadimg`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UploadImageAnswer {
    /// An address that survives in an article body.
    pub url: String,
}
