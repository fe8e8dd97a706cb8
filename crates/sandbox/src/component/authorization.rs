//! An account authorises a third-party platform, changes what it grants, and withdraws
//! (`platform/11 §2, §4`). State, tokens and the event that tells of it change together.

use std::collections::BTreeSet;

use wire::Timestamp;

use super::notice::{self, Notice};
use super::{Token, permission};
use crate::push::xml::Xml;
use crate::world::World;

/// What an account granted.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The permission sets.
    pub sets: BTreeSet<u32>,
    /// The token that renews the account's token; another one after each authorisation.
    pub refresh_token: String,
    /// Whether a code of this authorisation was redeemed; before, lists do not tell the refresh
    /// token.
    pub is_redeemed: bool,
    /// When.
    pub since: Timestamp,
    /// The newest token of the account.
    pub(crate) token: Option<String>,
}

/// A code that an authorisation gave.
#[derive(Debug, Clone)]
pub struct Code {
    /// Position of the account.
    pub account: usize,
    /// When it was made.
    pub made: Timestamp,
    /// Whether it was redeemed.
    pub used: bool,
}

/// The account did not authorise the platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthorized {
    /// No such platform or account.
    #[error("there is no such third-party platform or account")]
    Unknown,
    /// The code of the page is none, was used or ran out.
    #[error("pre_auth_code is not usable: it is unknown, was used or has run out")]
    PreAuthCode,
    /// The platform is not released to all, and the account is not on its list.
    #[error("the third-party platform is not released; add {0} to its test_accounts")]
    NotReleased(String),
    /// No set was granted.
    #[error("at least one permission set must be granted")]
    NothingGranted,
    /// A set is held by another platform.
    #[error(
        "permission set {set} is held by {holder}; one third-party platform at a time may hold it"
    )]
    Exclusive {
        /// Which set.
        set: u32,
        /// Who holds it.
        holder: String,
    },
}

/// The administrator agrees: says the authorisation code and its life in seconds.
///
/// # Errors
/// Why the account cannot authorise the platform like this.
pub fn authorize(
    world: &mut World,
    component: usize,
    account: usize,
    sets: &BTreeSet<u32>,
    pre_auth_code: &str,
) -> Result<(String, i64), NotAuthorized> {
    let now = world.now();
    let authorizer = world.accounts().get(account).ok_or(NotAuthorized::Unknown)?;
    let (appid, original_id) = (authorizer.appid.to_string(), authorizer.original_id.clone());
    let holder = world.components.holder_of_exclusive(account, sets, component);
    if let Some((set, holder)) = holder {
        return Err(NotAuthorized::Exclusive { set, holder: holder.appid.to_string() });
    }
    let platform = world.components.get_mut(component).ok_or(NotAuthorized::Unknown)?;
    let settings = &platform.settings;
    if !settings.released && !settings.test_accounts.contains(&original_id) {
        return Err(NotAuthorized::NotReleased(original_id.to_string()));
    }
    if sets.is_empty() {
        return Err(NotAuthorized::NothingGranted);
    }
    let (life, pre_auth_life) = (
        settings.assumptions.authorization_code_seconds,
        settings.assumptions.pre_auth_code_seconds,
    );
    let is_moment = settings.assumptions.expiry_is_a_moment;
    let opened = platform
        .pre_auth_codes
        .get_mut(pre_auth_code)
        .filter(|code| !code.used && now - code.made < pre_auth_life)
        .ok_or(NotAuthorized::PreAuthCode)?;
    opened.used = true;

    let code = format!("queryauthcode@@@{}", platform.chance.text(64));
    platform.codes.insert(code.clone(), Code { account, made: now, used: false });
    let refresh_token = format!("refreshtoken@@@{}", platform.chance.text(43));
    let former = platform.authorizations.insert(
        account,
        Authorization {
            sets: sets.clone(),
            refresh_token,
            is_redeemed: false,
            since: now,
            token: None,
        },
    );
    if let Some(authorization) = platform.authorizations.get_mut(&account)
        && let Some(former) = &former
    {
        authorization.token.clone_from(&former.token);
    }
    let info_type = match former {
        None => Some("authorized"),
        Some(former) if former.sets != *sets => Some("updateauthorized"),
        // Not told when nothing changed (`platform/11 §4`).
        Some(_) => None,
    };
    if let Some(info_type) = info_type {
        let expires = if is_moment { now.0 + life } else { life };
        let mut xml = notice::head(&platform.appid, now, info_type);
        xml.text("AuthorizerAppid", &appid)
            .text("AuthorizationCode", &code)
            .number("AuthorizationCodeExpiredTime", expires)
            .text("PreAuthCode", pre_auth_code);
        tell(world, component, info_type, xml);
    }
    Ok((code, life))
}

/// The administrator withdraws; `false` when there is nothing to withdraw.
pub fn withdraw(world: &mut World, component: usize, account: usize) -> bool {
    let now = world.now();
    let Some(appid) = world.accounts().get(account).map(|account| account.appid.to_string()) else {
        return false;
    };
    let Some(platform) = world.components.get_mut(component) else { return false };
    if platform.authorizations.remove(&account).is_none() {
        return false;
    }
    platform.codes.retain(|_, code| code.account != account);
    let mut xml = notice::head(&platform.appid, now, "unauthorized");
    xml.text("AuthorizerAppid", &appid);
    tell(world, component, "unauthorized", xml);
    true
}

fn tell(world: &mut World, component: usize, info_type: &'static str, xml: Xml) {
    notice::emit(world, Notice { component, info_type, fields: xml.finish() });
}

/// A token of the account for the platform.
pub(crate) fn give_token(
    world: &mut World,
    component: usize,
    account: usize,
    text: String,
    seconds: i64,
) -> Option<Authorization> {
    let now = world.now();
    let platform = world.components.get_mut(component)?;
    let overlap = platform.settings.assumptions.token_overlap_seconds;
    let authorization = platform.authorizations.get_mut(&account)?;
    authorization.is_redeemed = true;
    let former = authorization.token.replace(text.clone());
    let given = authorization.clone();
    if let Some(former) = former {
        world.components.shorten(&former, now + overlap);
    }
    let token = Token { component, account: Some(account), until: now + seconds };
    world.components.keep_token(text, token, now);
    Some(given)
}

/// Whether the authorisation opens this call; calls that no set opens are open to all.
#[must_use]
pub fn opens(authorization: &Authorization, endpoint: wire::Endpoint) -> bool {
    let opening = permission::opening(endpoint);
    opening.is_empty() || opening.iter().any(|set| authorization.sets.contains(set))
}
