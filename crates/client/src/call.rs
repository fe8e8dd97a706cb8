//! One call before it goes out: endpoint, query, body.

use bytes::Bytes;
use serde::Serialize;
use wire::{Endpoint, endpoint::Repeat};

use crate::Error;

/// What a call carries.
pub(crate) enum Body {
    None,
    Json(Bytes),
    Picture { bytes: Bytes, file: &'static str, kind: &'static str },
}

/// One call; it can be sent several times.
pub(crate) struct Call {
    pub(crate) endpoint: Endpoint,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

impl Call {
    /// A GET, or a POST of nothing.
    pub(crate) fn bare(endpoint: Endpoint) -> Self {
        Self { endpoint, query: Vec::new(), body: Body::None }
    }

    /// A POST of JSON: UTF-8 as it is, since the platform stores `\u` escapes literally
    /// (`platform/01`); serde_json writes none but for control characters.
    pub(crate) fn json(endpoint: Endpoint, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::NotSent { endpoint, why: error.to_string() })?;
        Ok(Self { endpoint, query: Vec::new(), body: Body::Json(body.into()) })
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    pub(crate) fn is_safe(&self) -> bool {
        self.endpoint.repeat() == Repeat::Safe
    }
}
