//! Calls of third-party platforms (`platform/11 §2–3`): their own chain of tokens, the accounts
//! that authorised them, and the gate for calls made for such an account.

mod authorizer;

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};
use wire::rules::{AccountKind, Limits};
use wire::{AppId, Endpoint};

use super::oauth::{self, Redeemer};
use super::refusal::Refused;
use super::token::covers;
use super::{Answer, Call, answer, check_method, done};
use crate::component::authorization::{Authorization, give_token, opens};
use crate::component::permission::WEB;
use crate::component::{PreAuthCode, Token, notice};
use crate::world::World;

/// Characters of a token, as of an account's own, and how it begins; a platform's token cannot be
/// taken for an account's by its form.
const TOKEN_LENGTH: usize = 139;
const TOKEN_PREFIX: &str = "88_";

/// Whether the call is one of third-party platforms, which [`call`] answers.
#[must_use]
pub(super) fn is_of_components(endpoint: Endpoint) -> bool {
    endpoint.path().starts_with("/cgi-bin/component/")
        || endpoint.path().starts_with("/sns/oauth2/component/")
}

/// Answers a call of a third-party platform.
pub(super) fn call(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    match call.endpoint {
        Endpoint::ComponentTicketStart => start_tickets(world, call),
        Endpoint::ComponentToken => own_token(world, call),
        Endpoint::ComponentClearQuota => clear_quota(world, call),
        Endpoint::ComponentPreAuthCode => pre_auth_code(world, call),
        Endpoint::ComponentQueryAuth => query_auth(world, call),
        Endpoint::ComponentAuthorizerToken => authorizer_token(world, call),
        Endpoint::ComponentAuthorizerInfo => authorizer::info(world, call),
        Endpoint::ComponentAuthorizerList => authorizer::list(world, call),
        Endpoint::ComponentOptionGet | Endpoint::ComponentOptionSet => {
            authorizer::option(world, call)
        }
        Endpoint::ComponentFormerOptionGet | Endpoint::ComponentFormerOptionSet => {
            authorizer::former_option(world, call)
        }
        Endpoint::ComponentWebToken => web_token(world, call),
        Endpoint::ComponentWebTokenRefresh => web_token_refresh(world, call),
        _ => Err(Refused::new(-1)),
    }
}

fn limits(world: &World) -> Result<Limits, Refused> {
    Limits::on(world.rules_day(), AccountKind::Service).map_err(|_| Refused::new(-1))
}

/// 61004 for an address that is not on the platform's allow-list.
fn check_peer(world: &World, component: usize, peer: IpAddr) -> Result<(), Refused> {
    let platform = world.components.get(component).ok_or(Refused::new(61011))?;
    let list = platform.settings.ip_allow_list.as_ref();
    if list.is_none_or(|list| list.iter().any(|entry| covers(entry, peer))) {
        Ok(())
    } else {
        Err(Refused::new(61004))
    }
}

/// The platform whose token the call carries, as `component_access_token` or, in the newer pages,
/// as `access_token`; the body's `component_appid` must be its own.
fn caller(world: &World, call: &Call, named: Option<&str>) -> Result<usize, Refused> {
    let text = call.query("component_access_token").or(call.query("access_token"));
    let text = text.ok_or(Refused::new(41001))?;
    let Some(token) = world.components.tokens.get(text) else {
        // An account's own token is of the wrong kind, anything else is none.
        let code = if world.tokens.contains_key(text) { 61014 } else { 40001 };
        return Err(Refused::new(code));
    };
    if token.account.is_some() {
        return Err(Refused::new(61014));
    }
    let platform = world.components.get(token.component).ok_or(Refused::new(40001))?;
    if world.now() >= token.until {
        return Err(Refused::new(platform.settings.assumptions.expired_token_code));
    }
    check_peer(world, token.component, call.peer)?;
    if named.is_some_and(|named| named != platform.appid.as_str()) {
        return Err(Refused::new(61011));
    }
    Ok(token.component)
}

/// The account and the platform of a call made with an account's token for a platform; `None` when
/// the token is no such one.
///
/// # Errors
/// 61015 for a platform's own token, 42001 for one that ran out, 61003 after a withdrawal, 61004
/// from a foreign address, 61007 when no granted set opens the call.
pub(super) fn authorizer_of(world: &World, call: &Call) -> Result<Option<usize>, Refused> {
    let Some(token) = call.query("access_token").and_then(|text| world.components.tokens.get(text))
    else {
        return Ok(None);
    };
    let account = token.account.ok_or(Refused::new(61015))?;
    check_peer(world, token.component, call.peer)?;
    let authorization = authorization_of(world, token.component, account)?;
    if world.now() >= token.until {
        return Err(Refused::new(42001));
    }
    if !opens(authorization, call.endpoint) {
        return Err(Refused::new(61007));
    }
    Ok(Some(account))
}

fn authorization_of(
    world: &World,
    component: usize,
    account: usize,
) -> Result<&Authorization, Refused> {
    let platform = world.components.get(component).ok_or(Refused::new(61011))?;
    platform.authorizations.get(&account).ok_or(Refused::new(61003))
}

fn token_text(world: &mut World, component: usize) -> Result<String, Refused> {
    let platform = world.components.get_mut(component).ok_or(Refused::new(61011))?;
    Ok(format!("{TOKEN_PREFIX}{}", platform.chance.text(TOKEN_LENGTH - TOKEN_PREFIX.len())))
}

/// Text fields of a body; what is absent reads as empty.
#[derive(Deserialize)]
struct Fields(HashMap<String, Value>);

impl Fields {
    fn of(call: &Call) -> Result<Self, Refused> {
        call.json()
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

fn by_secret(world: &World, call: &Call, appid: &str, secret: &str) -> Result<usize, Refused> {
    if appid.is_empty() {
        return Err(Refused::new(41002));
    }
    if secret.is_empty() {
        return Err(Refused::new(41004));
    }
    let component = world.components.position(appid).ok_or(Refused::new(61011))?;
    check_peer(world, component, call.peer)?;
    match world.components.get(component) {
        Some(platform) if platform.secret == secret => Ok(component),
        _ => Err(Refused::new(40125)),
    }
}

/// `api_start_push_ticket`; its secret is named `component_secret`.
fn start_tickets(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let (appid, secret) = (fields.text("component_appid"), fields.text("component_secret"));
    let component = by_secret(world, call, appid, secret)?;
    notice::start_tickets(world, component);
    done()
}

/// `api_component_token`.
fn own_token(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let (appid, secret) = (fields.text("component_appid"), fields.text("component_appsecret"));
    let component = by_secret(world, call, appid, secret)?;
    let (limits, now) = (limits(world)?, world.now());
    let given = fields.text("component_verify_ticket");
    let platform = world.components.get_mut(component).ok_or(Refused::new(61011))?;
    let ticket = platform.tickets.iter().find(|ticket| ticket.text == given);
    let made = ticket.map(|ticket| ticket.made).ok_or(Refused::new(61006))?;
    if now - made >= limits.component_ticket_life_seconds {
        return Err(Refused::new(61005));
    }
    let overlap = platform.settings.assumptions.token_overlap_seconds;
    let text = token_text(world, component)?;
    let former = world
        .components
        .get_mut(component)
        .and_then(|platform| platform.token.replace(text.clone()));
    if let Some(former) = former {
        world.components.shorten(&former, now + overlap);
    }
    let seconds = limits.component_token_seconds;
    let token = Token { component, account: None, until: now + seconds };
    world.components.keep_token(text.clone(), token, now);
    answer(&json!({ "component_access_token": text, "expires_in": seconds }))
}

/// `clear_quota/v2` of a platform: the counters of an account that authorised it.
fn clear_quota(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let (appid, secret) = (fields.text("component_appid"), fields.text("appsecret"));
    let component = by_secret(world, call, appid, secret)?;
    let account = world.position(fields.text("appid")).ok_or(Refused::new(40013))?;
    authorization_of(world, component, account)?;
    let (limits, now) = (limits(world)?, world.now());
    let platform = world.components.get_mut(component).ok_or(Refused::new(61011))?;
    if !platform.count_clearing(limits.component_clearings_per_month, now) {
        return Err(Refused::new(48006));
    }
    if let Some(account) = world.account_mut(account) {
        account.counters.clear_for_component(now);
    }
    done()
}

/// `api_create_preauthcode`.
fn pre_auth_code(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let component = caller(world, call, Some(fields.text("component_appid")))?;
    let now = world.now();
    let platform = world.components.get_mut(component).ok_or(Refused::new(61011))?;
    let seconds = platform.settings.assumptions.pre_auth_code_seconds;
    platform.pre_auth_codes.retain(|_, code| now - code.made < seconds);
    let text = format!("preauthcode@@@{}", platform.chance.text(43));
    platform.pre_auth_codes.insert(text.clone(), PreAuthCode { made: now, used: false });
    answer(&json!({ "pre_auth_code": text, "expires_in": seconds }))
}

fn func_info(authorization: &Authorization) -> Value {
    let set = |set: &u32| json!({ "funcscope_category": { "id": set } });
    authorization.sets.iter().map(set).collect()
}

/// `api_query_auth`.
fn query_auth(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let component = caller(world, call, Some(fields.text("component_appid")))?;
    let (limits, now) = (limits(world)?, world.now());
    let platform = world.components.get_mut(component).ok_or(Refused::new(61011))?;
    let life = platform.settings.assumptions.authorization_code_seconds;
    let code = platform.codes.get_mut(fields.text("authorization_code"));
    let code = code.filter(|code| !code.used).ok_or(Refused::new(61009))?;
    if now - code.made >= life {
        return Err(Refused::new(61010));
    }
    code.used = true;
    let account = code.account;
    let text = token_text(world, component)?;
    let seconds = limits.authorizer_token_seconds;
    let given = give_token(world, component, account, text.clone(), seconds);
    let authorization = given.ok_or(Refused::new(61003))?;
    answer(&json!({ "authorization_info": {
        "authorizer_appid": appid_of(world, account)?, "authorizer_access_token": text,
        "expires_in": seconds, "authorizer_refresh_token": authorization.refresh_token,
        "func_info": func_info(&authorization) } }))
}

fn appid_of(world: &World, account: usize) -> Result<AppId, Refused> {
    let account = world.accounts().get(account).ok_or(Refused::new(61003))?;
    Ok(account.appid.clone())
}

/// The account that a body names, which must have authorised the platform.
fn authorized(world: &World, component: usize, appid: &str) -> Result<usize, Refused> {
    if appid.is_empty() {
        return Err(Refused::new(41002));
    }
    let account = world.position(appid).ok_or(Refused::new(61003))?;
    authorization_of(world, component, account)?;
    Ok(account)
}

/// `api_authorizer_token`. The refresh token stays until the account authorises again (assumed).
fn authorizer_token(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let component = caller(world, call, Some(fields.text("component_appid")))?;
    let account = authorized(world, component, fields.text("authorizer_appid"))?;
    let limits = limits(world)?;
    let refresh = fields.text("authorizer_refresh_token");
    if authorization_of(world, component, account)?.refresh_token != refresh {
        return Err(Refused::new(61023));
    }
    let text = token_text(world, component)?;
    let seconds = limits.authorizer_token_seconds;
    give_token(world, component, account, text.clone(), seconds).ok_or(Refused::new(61003))?;
    answer(&json!({ "authorizer_access_token": text, "expires_in": seconds,
        "authorizer_refresh_token": refresh }))
}

/// The account of a person's call made by a platform, and that platform; it must hold set 4.
fn web_caller(world: &World, call: &Call) -> Result<(usize, Redeemer), Refused> {
    let named = call.query("component_appid").ok_or(Refused::new(41002))?;
    let component = caller(world, call, Some(named))?;
    let account = authorized(world, component, call.query("appid").unwrap_or_default())?;
    if !authorization_of(world, component, account)?.sets.contains(&WEB) {
        return Err(Refused::new(61007));
    }
    let platform = world.components.get(component).ok_or(Refused::new(61011))?;
    Ok((account, Redeemer::Component(platform.appid.clone())))
}

fn web_token(world: &mut World, call: &Call) -> Answer {
    let (account, redeemer) = web_caller(world, call)?;
    oauth::redeem(world, call, account, &redeemer)
}

fn web_token_refresh(world: &mut World, call: &Call) -> Answer {
    let (account, redeemer) = web_caller(world, call)?;
    oauth::renew(world, call, account, &redeemer)
}
