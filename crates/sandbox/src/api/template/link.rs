//! Where a notice leads when it is tapped.

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::api::refusal::Refused;

/// Longest address (`platform/02 §6.1`, 40039).
const URL_BYTES: usize = 1024;

/// A page of a mini program.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct MiniProgram {
    /// Its developer id.
    #[serde(default)]
    pub appid: String,
    /// Its page, a query allowed.
    #[serde(default)]
    pub pagepath: String,
}

/// Checks a page of the web: empty or absent means none.
///
/// # Errors
/// `too_long` and `not_one`, the call's own codes.
pub fn check_url(url: Option<&str>, too_long: i64, not_one: i64) -> Result<(), Refused> {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(()) };
    if url.len() > URL_BYTES {
        return Err(Refused::new(too_long));
    }
    let parsed = reqwest::Url::parse(url).ok();
    match parsed.filter(|url| matches!(url.scheme(), "http" | "https")) {
        Some(_) => Ok(()),
        None => Err(Refused::new(not_one)),
    }
}

/// Checks a page of a mini program; one without a developer id means none.
///
/// # Errors
/// 40166 for a mini program that is not linked, 40165 for a path that cannot be one.
pub fn check_mini_program(account: &Account, page: Option<&MiniProgram>) -> Result<(), Refused> {
    let Some(page) = page.filter(|page| !page.appid.is_empty()) else { return Ok(()) };
    if !account.is_linked(&page.appid) {
        return Err(Refused::new(40166));
    }
    if page.pagepath.chars().any(char::is_whitespace) {
        return Err(Refused::new(40165));
    }
    Ok(())
}
