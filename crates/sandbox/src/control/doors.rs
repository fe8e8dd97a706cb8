//! Where the sandbox can be reached, and the certificate that two of its doors ask to be trusted.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::{Answer, Refusal, json};
use crate::world::Shared;

/// `GET /sandbox/doors`.
pub async fn show(State(shared): State<Arc<Shared>>) -> Answer {
    match shared.doors.get() {
        Some(told) => json(&told.addresses),
        None => Err(Refusal::conflict("the doors are not open yet")),
    }
}

/// `GET /sandbox/authority.pem`.
pub async fn certificate(State(shared): State<Arc<Shared>>) -> Answer {
    match shared.doors.get().and_then(|told| told.authority_pem.clone()) {
        Some(pem) => {
            let kind = [(header::CONTENT_TYPE, "application/x-pem-file")];
            Ok((kind, pem.to_string()).into_response())
        }
        None => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "this sandbox has no authority: start it with a TLS address or a proxy",
        )),
    }
}
