//! The operator's notes on followers (`platform/07 §5`).

use serde::Deserialize;

use super::refusal::Refused;
use super::{Answer, Call, Scene, done};

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    openid: String,
    /// Empty takes the note away.
    #[serde(default)]
    remark: String,
}

/// `user/info/updateremark`. The gate lets service accounts only pass, as the text of the
/// page says.
///
/// # Errors
/// 40003 for a foreign OpenID, 43004 for one who left, 40092 for
/// a note that is too long.
pub fn update(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Request = call.json_with_literal_escapes()?;
    let account = &mut *scene.account;
    let person = match account.people.person(&request.openid) {
        Some(person) if account.people.following().contains(person) => person,
        Some(_) => return Err(Refused::new(43004)),
        None => return Err(Refused::new(40003)),
    };
    if request.remark.len() as i64 > scene.limits.remark_bytes {
        return Err(Refused::new(40092));
    }
    if request.remark.is_empty() {
        if !account.assumptions.empty_remark_clears {
            return Err(Refused::new(40092));
        }
        account.remarks.remove(&person);
    } else {
        account.remarks.insert(person, request.remark);
    }
    done()
}
