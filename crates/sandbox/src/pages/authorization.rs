//! Where an account's administrator authorises a third-party platform (`platform/11 §2.4`): on a
//! computer and inside WeChat alike. Each permission set asked for can be left out.
//!
//! WeChat knows who scans. Here the page asks which account is meant, unless `biz_appid` says so.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::{Language, escaped, form_of, go, hidden, is_on, page, query_of, wrong};
use crate::account::Account;
use crate::component::authorization::{NotAuthorized, authorize};
use crate::component::{Component, permission};
use crate::world::{Shared, World};

/// Where the page stands: for computers, for phones, and the older path for phones.
pub const PATHS: [&str; 3] =
    ["/cgi-bin/componentloginpage", "/wxaopen/safe/bindcomponent", "/safe/bindcomponent"];

/// What the page was opened with.
struct Asked {
    component: usize,
    pre_auth_code: String,
    redirect_uri: String,
    biz_appid: Option<String>,
}

struct Wrong(&'static str, &'static str);

impl Wrong {
    fn shown(&self, language: Language) -> Response {
        wrong(language, None, language.pick(self.0, self.1))
    }
}

fn read(world: &World, uri: &Uri) -> Result<Asked, Wrong> {
    let query = query_of(uri);
    let given = |name: &str| query.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let component = given("component_appid").and_then(|appid| world.components.position(appid));
    let component = component.ok_or(Wrong(
        "component_appid 不是第三方平台的 AppID。",
        "component_appid names no third-party platform.",
    ))?;
    let platform = world.components.get(component);
    let pre_auth_code = given("pre_auth_code").unwrap_or_default().to_owned();
    let opens = platform.is_some_and(|platform| {
        let life = platform.settings.assumptions.pre_auth_code_seconds;
        let code = platform.pre_auth_codes.get(&pre_auth_code);
        code.is_some_and(|code| !code.used && world.now() - code.made < life)
    });
    if !opens {
        return Err(Wrong(
            "pre_auth_code 无效、已使用或已过期。",
            "pre_auth_code is unknown, was used or has run out.",
        ));
    }
    let redirect_uri = given("redirect_uri").unwrap_or_default();
    let domain = platform.and_then(|platform| platform.settings.domain.as_deref());
    let fits = match domain {
        Some(domain) => is_on(redirect_uri, domain),
        None => super::host_of(redirect_uri).is_some(),
    };
    if !fits {
        return Err(Wrong(
            "redirect_uri 的域名与授权发起页域名不一致。",
            "The host of redirect_uri is not the one the third-party platform registered.",
        ));
    }
    let biz_appid = given("biz_appid").map(str::to_owned);
    // Both at once exclude each other; official accounts are types 1 and 3.
    match given("auth_type") {
        Some(_) if biz_appid.is_some() => {
            return Err(Wrong(
                "auth_type 与 biz_appid 不能同时使用。",
                "auth_type and biz_appid exclude each other.",
            ));
        }
        None | Some("1" | "3") => {}
        Some(_) => {
            return Err(Wrong(
                "auth_type 须为 1 或 3：沙箱只有公众号。",
                "auth_type must be 1 or 3: the sandbox has official accounts only.",
            ));
        }
    }
    Ok(Asked { component, pre_auth_code, redirect_uri: redirect_uri.to_owned(), biz_appid })
}

/// The page.
pub async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let language = Language::of(&query_of(&uri), &headers);
    let world = shared.world();
    let asked = match read(&world, &uri) {
        Ok(asked) => asked,
        Err(wrong) => return wrong.shown(language),
    };
    let Some(platform) = world.components.get(asked.component) else {
        return wrong(language, None, "");
    };
    let named = asked.biz_appid.as_deref();
    let accounts: Vec<&Account> = world
        .accounts()
        .iter()
        .filter(|account| named.is_none_or(|named| account.appid.as_str() == named))
        .collect();
    if accounts.is_empty() {
        let nobody = Wrong("没有可授权的公众号。", "There is no account that could authorise.");
        return nobody.shown(language);
    }
    let action = escaped(uri.path_and_query().map_or("", |path| path.as_str()));
    let body = format!(
        "<p><code>{}</code> {}</p><form method=\"post\" action=\"{action}\">{}{}{}\
         <button name=\"decision\" value=\"agree\">{}</button>\
         <button name=\"decision\" value=\"refuse\">{}</button></form>",
        platform.appid,
        language.pick("申请以下权限：", "asks for:"),
        hidden("lang", language.pick("zh", "en")),
        account_choices(&accounts, language),
        set_choices(platform, language),
        language.pick("授权", "Authorise"),
        language.pick("取消", "Cancel"),
    );
    let title = language.pick("授权第三方平台", "Authorise a third-party platform");
    page(StatusCode::OK, language, title, &body)
}

fn account_choices(accounts: &[&Account], language: Language) -> String {
    let mut html = format!("<fieldset><legend>{}</legend>", language.pick("公众号", "Account"));
    for (place, account) in accounts.iter().enumerate() {
        let checked = if place == 0 { " checked" } else { "" };
        html.push_str(&format!(
            "<label><input type=\"radio\" name=\"appid\" value=\"{0}\"{checked}> {1} \
             <small><code>{0}</code></small></label>",
            account.appid,
            escaped(&account.name),
        ));
    }
    html.push_str("</fieldset>");
    html
}

fn set_choices(platform: &Component, language: Language) -> String {
    let mut html = format!("<fieldset><legend>{}</legend>", language.pick("权限集", "Permissions"));
    for set in &platform.settings.permission_sets {
        let known = permission::SETS.iter().find(|(number, ..)| number == set);
        let name = known.map_or("", |(_, chinese, english)| language.pick(chinese, english));
        html.push_str(&format!(
            "<label><input type=\"checkbox\" name=\"set\" value=\"{set}\" checked> {name} \
             <small>{set}</small></label>"
        ));
    }
    html.push_str("</fieldset>");
    html
}

/// The administrator agrees or goes away.
pub async fn decide(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let form = form_of(&body);
    let field = |name: &str| form.iter().rev().find(|(found, _)| found == name).map(|(_, v)| &**v);
    let mut query = query_of(&uri);
    if let Some(lang) = field("lang") {
        query.insert("lang".to_owned(), lang.to_owned());
    }
    let language = Language::of(&query, &headers);
    let response = {
        let mut world = shared.world();
        let asked = match read(&world, &uri) {
            Ok(asked) => asked,
            Err(wrong) => return wrong.shown(language),
        };
        match field("decision") {
            Some("agree") => agree(&mut world, &asked, field("appid"), &form, language),
            Some("refuse") => {
                let title = language.pick("已取消授权", "Nothing was authorised");
                page(StatusCode::OK, language, title, "")
            }
            _ => Wrong("decision 须为 agree 或 refuse。", "decision must be agree or refuse.")
                .shown(language),
        }
    };
    crate::control::tell(&shared).await;
    response
}

fn agree(
    world: &mut World,
    asked: &Asked,
    appid: Option<&str>,
    form: &[(String, String)],
    language: Language,
) -> Response {
    let appid = asked.biz_appid.as_deref().or(appid).unwrap_or_default();
    let Some(account) = world.position(appid) else {
        let unknown = Wrong("appid 不是沙箱中的公众号。", "appid names no account.");
        return unknown.shown(language);
    };
    let offered = world
        .components
        .get(asked.component)
        .map(|platform| platform.settings.permission_sets.clone())
        .unwrap_or_default();
    let ticked = form.iter().filter(|(name, _)| name == "set");
    let sets: BTreeSet<u32> = ticked
        .filter_map(|(_, set)| set.parse().ok())
        .filter(|set| offered.contains(set))
        .collect();
    match authorize(world, asked.component, account, &sets, &asked.pre_auth_code) {
        Ok((code, seconds)) => {
            let seconds = seconds.to_string();
            go(
                &asked.redirect_uri,
                &[("auth_code", &code), ("expires_in", &seconds)],
                None,
                language,
            )
        }
        Err(reason) => refused(&reason, language),
    }
}

fn refused(reason: &NotAuthorized, language: Language) -> Response {
    let chinese = match reason {
        NotAuthorized::Unknown => "没有这个第三方平台或公众号。".to_owned(),
        NotAuthorized::PreAuthCode => "pre_auth_code 无效、已使用或已过期。".to_owned(),
        NotAuthorized::NotReleased(original_id) => {
            format!("第三方平台未全网发布：请将 {original_id} 加入授权测试公众号列表。")
        }
        NotAuthorized::NothingGranted => "请至少选择一个权限集。".to_owned(),
        NotAuthorized::Exclusive { set, holder } => {
            format!("权限集 {set} 已授权给 {holder}，同一时间只能授权给一个平台。")
        }
    };
    wrong(language, None, language.pick(&chinese, &reason.to_string()))
}
