//! Binding accounts to Open Platform accounts (微信开放平台帐号, `platform/11 §6`): people keep one
//! UnionID over all accounts bound to the same. What the answers carry beside the codes is assumed
//! from the names of the calls; how many accounts may be bound (89004) is not known.

use serde::Deserialize;
use serde_json::json;
use wire::AppId;

use super::refusal::Refused;
use super::{Answer, Call, answer, done};
use crate::account::Account;
use crate::world::World;

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    appid: String,
    #[serde(default)]
    open_appid: String,
}

/// The account of the token, which the body names as well: 40013 for another one.
fn own<'a>(world: &'a World, position: usize, named: &Named) -> Result<&'a Account, Refused> {
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    if account.appid.as_str() == named.appid { Ok(account) } else { Err(Refused::new(40013)) }
}

fn set(world: &mut World, position: usize, open_appid: Option<AppId>) {
    if let Some(account) = world.account_mut(position) {
        account.open_platform = open_appid;
    }
}

/// `open/create`: a new Open Platform account, to which this one is bound at once.
///
/// # Errors
/// 40013 for another account, 89000 when it is bound already.
pub fn create(world: &mut World, position: usize, call: &Call) -> Answer {
    let named: Named = call.json()?;
    let account = own(world, position, &named)?;
    if account.open_platform.is_some() {
        return Err(Refused::new(89000));
    }
    let principal = account.profile.principal_name.clone();
    let made = format!("wx{}", world.chance.hex(16));
    let open_appid = AppId::parse(&made).map_err(|_| Refused::new(-1))?;
    world.open_platforms.insert(open_appid.clone(), principal);
    set(world, position, Some(open_appid.clone()));
    answer(&json!({ "errcode": 0, "errmsg": "ok", "open_appid": open_appid }))
}

/// Who made the Open Platform account: its legal subject. 89003 for one that the website bound
/// accounts to, 89002 for none.
fn principal(world: &World, open_appid: &str) -> Result<String, Refused> {
    let is_it = |known: &AppId| known.as_str() == open_appid;
    if let Some((_, principal)) = world.open_platforms.iter().find(|(known, _)| is_it(known)) {
        return Ok(principal.clone());
    }
    let bound = world.accounts().iter().filter_map(|account| account.open_platform.as_ref());
    Err(Refused::new(if bound.into_iter().any(is_it) { 89003 } else { 89002 }))
}

/// `open/bind`.
///
/// # Errors
/// 40013 for another account, 89000 when it is bound already, 89002 and 89003 for an Open Platform
/// account that is none or was not made by a call, 89001 for one of another legal subject.
pub fn bind(world: &mut World, position: usize, call: &Call) -> Answer {
    let named: Named = call.json()?;
    let account = own(world, position, &named)?;
    if account.open_platform.is_some() {
        return Err(Refused::new(89000));
    }
    if principal(world, &named.open_appid)? != account.profile.principal_name {
        return Err(Refused::new(89001));
    }
    let open_appid = AppId::parse(&named.open_appid).map_err(|_| Refused::new(89002))?;
    set(world, position, Some(open_appid));
    done()
}

/// `open/unbind`.
///
/// # Errors
/// 40013 for another account, 89002 when it is not bound to this one, 89003 when that was not made
/// by a call.
pub fn unbind(world: &mut World, position: usize, call: &Call) -> Answer {
    let named: Named = call.json()?;
    let account = own(world, position, &named)?;
    let bound = account.open_platform.as_ref().ok_or(Refused::new(89002))?;
    if bound.as_str() != named.open_appid {
        return Err(Refused::new(89002));
    }
    principal(world, &named.open_appid)?;
    set(world, position, None);
    done()
}

/// `open/get`.
///
/// # Errors
/// 40013 for another account, 89002 when it is bound to none.
pub fn get(world: &World, position: usize, call: &Call) -> Answer {
    let named: Named = call.json()?;
    let bound = own(world, position, &named)?.open_platform.as_ref();
    let open_appid = bound.ok_or(Refused::new(89002))?;
    answer(&json!({ "errcode": 0, "errmsg": "ok", "open_appid": open_appid }))
}
