//! What the operator sets for web pages: signing in, the account's profile, its Open Platform
//! account; and people who take back what they agreed to.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use wire::AppId;

use super::{Answer, Refusal, json, position, read, tell};
use crate::account::Profile;
use crate::api::oauth::Settings;
use crate::push::privacy;
use crate::world::Shared;

/// `PUT /sandbox/accounts/{appid}/oauth`: domain and ways of web authorisation.
pub async fn set_oauth(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let settings: Settings = read(&body)?;
    if let Some(domain) = &settings.domain
        && !crate::pages::is_domain(domain)
    {
        return Err(Refusal::bad(format!(
            "domain {domain:?} is no host; give it bare, such as shop.example.com"
        )));
    }
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.oauth = settings.clone();
    }
    json(&settings)
}

/// `PUT /sandbox/accounts/{appid}/profile`: what others are told of the account.
pub async fn set_profile(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let profile: Profile = read(&body)?;
    if ![1, 14, 16, 18, 19].contains(&profile.status) {
        return Err(Refusal::bad(format!(
            "status {} is none; give 1 normal, 14 cancelled, 16 banned, 18 warned or 19 frozen",
            profile.status
        )));
    }
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.profile = profile.clone();
    }
    json(&profile)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    open_appid: Option<AppId>,
}

/// `PUT /sandbox/accounts/{appid}/open-platform`: the Open Platform account it is bound to, which
/// gives people their UnionID; null unbinds.
pub async fn bind(
    State(shared): State<Arc<Shared>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let bound: Bound = read(&body)?;
    let mut world = shared.world();
    let position = position(&world, &appid)?;
    if let Some(account) = world.account_mut(position) {
        account.open_platform.clone_from(&bound.open_appid);
    }
    json(&bound)
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Revoked {
    /// `RevokeInfo` of the event.
    revoke_info: Option<String>,
}

/// `POST …/followers/{openid}/privacy/{modify|revoke|cancel}`: the person changes their profile,
/// takes back what they agreed to, or deletes themselves from WeChat.
pub async fn change_privacy(
    State(shared): State<Arc<Shared>>,
    Path((appid, openid, act)): Path<(String, String, String)>,
    body: Bytes,
) -> Answer {
    let revoked: Revoked = read(&body)?;
    let change = privacy::Change::of(&act).ok_or_else(|| {
        Refusal::bad(format!("{act:?} is no change; use modify, revoke or cancel"))
    })?;
    {
        let mut world = shared.world();
        let (position, person) = super::followers::find(&world, &appid, &openid)?;
        privacy::tell(&mut world, position, person, change, revoked.revoke_info.as_deref());
    }
    tell(&shared).await;
    json(&serde_json::json!({ "changed": true }))
}
