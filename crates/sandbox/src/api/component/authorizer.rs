//! What a third-party platform reads and sets of accounts that authorised it (`platform/11 §3`).

use serde::Deserialize;
use serde_json::{Value, json};
use wire::Endpoint;
use wire::rules::AccountKind;

use super::super::refusal::Refused;
use super::super::{Answer, Call, answer, done};
use super::{Fields, authorization_of, authorized, authorizer_of, caller, func_info, limits};
use crate::account::Account;
use crate::world::World;

/// `api_get_authorizer_info`.
pub(super) fn info(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let component = caller(world, call, Some(fields.text("component_appid")))?;
    let position = authorized(world, component, fields.text("authorizer_appid"))?;
    let authorization = authorization_of(world, component, position)?;
    let account = world.accounts().get(position).ok_or(Refused::new(61003))?;
    let mut granted =
        json!({ "authorizer_appid": account.appid, "func_info": func_info(authorization) });
    if authorization.is_redeemed
        && let Some(granted) = granted.as_object_mut()
    {
        let refresh = authorization.refresh_token.clone();
        granted.insert("authorizer_refresh_token".to_owned(), refresh.into());
    }
    answer(&json!({ "authorizer_info": shown(account), "authorization_info": granted }))
}

fn shown(account: &Account) -> Value {
    let kind = match account.kind {
        AccountKind::Subscription => 0,
        AccountKind::Service => 2,
    };
    let pay = u8::from(account.wechat_pay);
    json!({
        "nick_name": account.name, "head_img": account.profile.head_img,
        "service_type_info": { "id": kind },
        "verify_type_info": { "id": if account.verified { 0 } else { -1 } },
        "user_name": account.original_id, "alias": account.profile.alias,
        "principal_name": account.profile.principal_name,
        "signature": account.profile.signature,
        "qrcode_url": format!("http://mmbiz.qpic.cn/qrcode/{}/0", account.original_id),
        "business_info": { "open_store": 0, "open_scan": 0, "open_pay": pay, "open_card": 0,
            "open_shake": 0 },
        "account_status": account.profile.status, "idc": 1,
    })
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    component_appid: String,
    #[serde(default)]
    offset: i64,
    #[serde(default)]
    count: i64,
}

/// `api_get_authorizer_list`.
pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let page: Page = call.json()?;
    let component = caller(world, call, Some(&page.component_appid))?;
    if page.count > limits(world)?.authorizer_page {
        return Err(Refused::new(40170));
    }
    let (Ok(offset), Ok(count)) = (usize::try_from(page.offset), usize::try_from(page.count))
    else {
        return Err(Refused::new(40097));
    };
    let platform = world.components.get(component).ok_or(Refused::new(61011))?;
    let row =
        |(position, authorization): (&usize, &crate::component::authorization::Authorization)| {
            let account = world.accounts().get(*position)?;
            let refresh =
                if authorization.is_redeemed { &*authorization.refresh_token } else { "" };
            Some(json!({ "authorizer_appid": account.appid, "refresh_token": refresh,
            "auth_time": authorization.since }))
        };
    let rows: Vec<Value> =
        platform.authorizations.iter().skip(offset).take(count).filter_map(row).collect();
    answer(&json!({ "total_count": platform.authorizations.len(), "list": rows }))
}

/// `get_authorizer_option` and `set_authorizer_option`, which name no account: the token does, or,
/// by a switch, the body beside the platform's own token.
pub(super) fn option(world: &mut World, call: &Call) -> Answer {
    let token = call.query("access_token").or(call.query("component_access_token"));
    let component = token.and_then(|text| world.components.tokens.get(text));
    let component = component.map(|token| token.component);
    let takes_account_token = component
        .and_then(|component| world.components.get(component))
        .is_none_or(|platform| platform.settings.assumptions.options_take_account_token);
    if !takes_account_token {
        return former_option(world, call);
    }
    let fields = Fields::of(call)?;
    let account = match authorizer_of(world, call) {
        Ok(Some(account)) => account,
        Ok(None) if token.is_none() => return Err(Refused::new(41001)),
        Ok(None) => return Err(Refused::new(40001)),
        Err(refused) => return Err(refused),
    };
    let read_only = component.map_or(&[][..], |component| read_only(world, component)).to_vec();
    choose(world, account, call.endpoint == Endpoint::ComponentOptionSet, &fields, &read_only)
}

/// The older pair, with the platform's own token and the account in the body.
pub(super) fn former_option(world: &mut World, call: &Call) -> Answer {
    let fields = Fields::of(call)?;
    let component = caller(world, call, Some(fields.text("component_appid")))?;
    let account = authorized(world, component, fields.text("authorizer_appid"))?;
    let sets =
        matches!(call.endpoint, Endpoint::ComponentOptionSet | Endpoint::ComponentFormerOptionSet);
    let read_only = read_only(world, component).to_vec();
    choose(world, account, sets, &fields, &read_only)
}

/// Options that this platform cannot set.
fn read_only(world: &World, component: usize) -> &[String] {
    world.components.get(component).map_or(&[], |platform| &platform.settings.read_only_options)
}

fn choose(
    world: &mut World,
    position: usize,
    sets: bool,
    fields: &Fields,
    read_only: &[String],
) -> Answer {
    let account = world.account_mut(position).ok_or(Refused::new(61003))?;
    let appid = account.appid.clone();
    let name = fields.text("option_name");
    let options = &mut account.options;
    let (held, most) = match name {
        "location_report" => (&mut options.location_report, 2),
        "voice_recognize" => (&mut options.voice_recognize, 1),
        "customer_service" => (&mut options.customer_service, 1),
        _ => return Err(Refused::new(61012)),
    };
    if sets {
        if read_only.iter().any(|option| option == name) {
            return Err(Refused::new(61025));
        }
        let value = fields.text("option_value").parse::<u8>().ok().filter(|value| *value <= most);
        *held = value.ok_or(Refused::new(61013))?;
        return done();
    }
    let value = held.to_string();
    answer(&json!({ "authorizer_appid": appid, "option_name": name, "option_value": value }))
}
