//! Who may ask: extractors that both authorise and load, so that no handler can forget either.
//! A handler that works on an account takes [`Account`]; there is no other way to one.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use delivery::Engine;
use store::AccountId;

use crate::problem::Problem;

/// Somebody with a valid key. Keys open every account of this installation.
pub struct Caller;

impl FromRequestParts<Engine> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let key = bearer(parts).ok_or_else(|| {
            Problem::new(StatusCode::UNAUTHORIZED, "no_key", "this address asks for a key")
                .hint("send the header `Authorization: Bearer fck_…`")
        })?;
        match store::api_key::check(engine.store(), key).await? {
            Some(_) => Ok(Self),
            None => Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "unknown_key",
                "the key is not one of this server's",
            )
            .hint("make a key on the machine that runs the server")),
        }
    }
}

/// The account in the path: it exists, and the caller may work on it.
pub struct Account {
    /// Its number.
    pub id: AccountId,
}

impl FromRequestParts<Engine> for Account {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let Caller = Caller::from_request_parts(parts, engine).await?;
        let params = RawPathParams::from_request_parts(parts, engine).await;
        let number = params.ok().and_then(|params| {
            let (_, text) = params.iter().find(|(name, _)| *name == "account")?;
            text.parse().ok()
        });
        let id = AccountId(number.ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "the account in the path is not a whole number",
            )
            .field("account")
        })?);
        if !engine.has_account(id) {
            return Err(delivery::Error::NotFound { what: "account", name: id.to_string() }.into());
        }
        Ok(Self { id })
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}
