//! Where a person signs in to an account's web page (`platform/09 §5.1`): silently for the OpenID,
//! by consent for name and picture.
//!
//! WeChat knows who holds the phone. Here it is told: `person=` with an OpenID in the query, or the
//! choice made before, which a cookie keeps, or the page asks.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use wire::AppId;

use super::{Language, cookie, escaped, form_of, go, hidden, is_on, page, query_of, wrong};
use crate::account::Account;
use crate::api::oauth::grant::{Code, Holder, Scope};
use crate::api::oauth::{is_open_to, nickname};
use crate::component::Component;
use crate::component::permission::WEB;
use crate::world::{Shared, World};

/// Where the page stands, on `open.weixin.qq.com`.
pub const PATH: &str = "/connect/oauth2/authorize";

/// The parameters in the order the platform wants them (`platform/09 §5.1`).
const ORDER: [&str; 5] = ["appid", "redirect_uri", "response_type", "scope", "state"];
/// People offered for choosing.
const OFFERED: u32 = 5;
const BANNED: i64 = 16;

/// What is wrong with a page's address: the platform's number, if it has one, and two sentences.
struct Wrong(Option<i64>, &'static str, &'static str);

impl Wrong {
    fn shown(&self, language: Language) -> Response {
        wrong(language, self.0, language.pick(self.1, self.2))
    }
}

/// A sign-in asked for.
#[derive(Debug)]
struct Asked {
    position: usize,
    redirect_uri: String,
    scope: Scope,
    state: Option<String>,
    component: Option<AppId>,
}

/// `GET /connect/oauth2/authorize`.
pub async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let query = query_of(&uri);
    let language = Language::of(&query, &headers);
    let mut world = shared.world();
    let asked = match read(&world, &query, uri.query().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(wrong) => return wrong.shown(language),
    };
    let now = world.now();
    let is_often = world.account_mut(asked.position).is_some_and(|account| {
        let most = account.oauth.pages_per_minute;
        most.is_some_and(|most| !account.pages_opened.count(most, now))
    });
    if is_often {
        return TOO_OFTEN.shown(language);
    }
    let Some(account) = world.accounts().get(asked.position) else {
        return UNKNOWN.shown(language);
    };
    let remembered = cookie(&headers, &cookie_name(account));
    let person = match query.get("person").filter(|person| !person.is_empty()) {
        Some(named) => match account.people.person(named) {
            Some(person) => Some(person),
            None => return NOBODY.shown(language),
        },
        None => remembered.and_then(|openid| account.people.person(&openid)),
    };
    match person {
        Some(person) if asked.scope == Scope::Base => sign_in(&mut world, &asked, person, language),
        _ => ask(account, &asked, &query, person, language),
    }
}

/// `POST /connect/oauth2/authorize`: the person agrees or refuses.
pub async fn decide(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let form: HashMap<String, String> = form_of(&body).into_iter().collect();
    let language = Language::of(&form, &headers);
    let mut world = shared.world();
    // The page keeps the address it was asked by, with its order.
    let asked = match read(&world, &query_of(&uri), uri.query().unwrap_or_default()) {
        Ok(asked) => asked,
        Err(wrong) => return wrong.shown(language),
    };
    let Some(account) = world.accounts().get(asked.position) else {
        return UNKNOWN.shown(language);
    };
    match form.get("decision").map(String::as_str) {
        Some("agree") => {}
        Some("refuse") => return refused(account, &asked, language),
        _ => {
            let sentence = language
                .pick("decision 须为 agree 或 refuse。", "decision must be agree or refuse.");
            return wrong(language, None, sentence);
        }
    }
    let typed = form.get("other").map(|other| other.trim()).filter(|other| !other.is_empty());
    let chosen = typed.or(form.get("person").map(String::as_str)).unwrap_or_default();
    match account.people.person(chosen) {
        Some(person) => sign_in(&mut world, &asked, person, language),
        None => NOBODY.shown(language),
    }
}

const UNKNOWN: Wrong =
    Wrong(None, "没有这个 AppID 的公众号。", "There is no account with this AppID.");
const NOBODY: Wrong = Wrong(
    None,
    "没有这个人：person 须为曾关注此公众号的人的 OpenID。",
    "There is no such person: person must be the OpenID of somebody who ever followed the account.",
);

const TOO_OFTEN: Wrong = Wrong(
    Some(10009),
    "操作太频繁，请稍后再试。",
    "The page is opened too often; try again in the next minute.",
);
const MUST_FOLLOW: Wrong = Wrong(
    Some(10006),
    "请先关注此测试号。",
    "This is a test account: whoever signs in must follow it first.",
);

fn read(world: &World, query: &HashMap<String, String>, raw: &str) -> Result<Asked, Wrong> {
    let given = |name: &str| query.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let appid = given("appid").ok_or(Wrong(Some(10012), "appid 为空。", "appid is empty."))?;
    let redirect_uri = given("redirect_uri").ok_or(Wrong(
        Some(10011),
        "redirect_uri 为空。",
        "redirect_uri is empty.",
    ))?;
    let scope = given("scope").ok_or(Wrong(Some(10010), "scope 为空。", "scope is empty."))?;
    // It may be left out; given, it must say something (assumed).
    if query.get("state").is_some_and(String::is_empty) {
        return Err(Wrong(Some(10013), "state 为空。", "state is empty."));
    }
    if world.components.position(appid).is_some() {
        return Err(Wrong(
            Some(10016),
            "appid 不能是第三方平台的 AppID。",
            "appid must be an account's, not a third-party platform's.",
        ));
    }
    let position = world.position(appid).ok_or(UNKNOWN)?;
    let account = world.accounts().get(position).ok_or(UNKNOWN)?;
    if account.profile.status == BANNED {
        return Err(Wrong(Some(10004), "此公众号已被封禁。", "The account is banned."));
    }
    let scope = Scope::of(scope).filter(|_| is_open_to(account)).ok_or(Wrong(
        Some(10005),
        "此公众号没有这个 scope 的权限：须为已认证的服务号，scope 须为 snsapi_base 或 \
         snsapi_userinfo。",
        "The account has no right to this scope: it must be a verified service account, and scope \
         must be snsapi_base or snsapi_userinfo.",
    ))?;
    if given("response_type") != Some("code") {
        return Err(Wrong(None, "response_type 须为 code。", "response_type must be code."));
    }
    if account.oauth.strict {
        check_strictly(world, account, query, raw)?;
    }
    let component = match given("component_appid") {
        Some(appid) => Some(component_for(world, position, appid)?),
        None => None,
    };
    let is_allowed = match &component {
        // The platform's own domains count; the account's setting does not matter.
        Some(component) => {
            component.settings.web_domains.iter().any(|domain| is_on(redirect_uri, domain))
        }
        None => account.oauth.domain.as_deref().is_some_and(|domain| is_on(redirect_uri, domain)),
    };
    let component = component.map(|component| component.appid.clone());
    if !is_allowed {
        return Err(Wrong(
            Some(10003),
            "redirect_uri 的域名与后台配置的网页授权域名不一致。",
            "The host of redirect_uri is not the one set for web authorisation.",
        ));
    }
    let state = given("state").map(str::to_owned);
    let redirect_uri = redirect_uri.to_owned();
    Ok(Asked { position, redirect_uri, scope, state, component })
}

/// The third-party platform that asks for the account, which must have granted it web pages.
fn component_for<'a>(
    world: &'a World,
    account: usize,
    appid: &str,
) -> Result<&'a Component, Wrong> {
    let component = world.components.position(appid).and_then(|at| world.components.get(at));
    let granted = component.and_then(|component| component.authorizations.get(&account));
    component.filter(|_| granted.is_some_and(|granted| granted.sets.contains(&WEB))).ok_or(Wrong(
        Some(10015),
        "此公众号未将网页服务授权给该第三方平台。",
        "The account has not authorised this third-party platform for web pages.",
    ))
}

/// Order of the parameters and form of the state.
fn check_strictly(
    world: &World,
    account: &Account,
    query: &HashMap<String, String>,
    raw: &str,
) -> Result<(), Wrong> {
    let places = raw
        .split('&')
        .filter_map(|part| part.split('=').next())
        .filter_map(|name| ORDER.iter().position(|known| *known == name));
    if !places.is_sorted() {
        return Err(Wrong(
            None,
            "参数顺序须为 appid、redirect_uri、response_type、scope、state。",
            "The parameters must come in the order appid, redirect_uri, response_type, scope, state.",
        ));
    }
    let most = world.limits(account).map_or(128, |limits| limits.oauth_state_bytes);
    let fits = |state: &String| {
        state.len() as i64 <= most && state.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if query.get("state").is_some_and(|state| !fits(state)) {
        return Err(Wrong(
            None,
            "state 须为最多 128 字节的 a-zA-Z0-9。",
            "state must be at most 128 bytes of a-zA-Z0-9.",
        ));
    }
    Ok(())
}

fn cookie_name(account: &Account) -> String {
    format!("person_{}", account.appid)
}

fn sign_in(world: &mut World, asked: &Asked, person: u32, language: Language) -> Response {
    let made = world.now();
    let Some(account) = world.accounts().get(asked.position) else {
        return UNKNOWN.shown(language);
    };
    if account.is_test && !account.people.following().contains(person) {
        return MUST_FOLLOW.shown(language);
    }
    let lent = account.oauth.snapshot && asked.scope == Scope::UserInfo;
    let holder = if lent { Holder::Snapshot(person) } else { Holder::Person(person) };
    let openid = account.people.openid(person);
    let kept = format!("{}={openid}; Path=/connect; HttpOnly; SameSite=Lax", cookie_name(account));
    let appid = account.appid.to_string();
    let (account, scope, component) = (asked.position, asked.scope, asked.component.clone());
    let through = component.is_some();
    let code = world.web.sign_in(Code { account, holder, scope, component, made, used: false });
    let mut pairs = vec![("code", code.as_str())];
    pairs.extend(asked.state.as_deref().map(|state| ("state", state)));
    if through {
        pairs.push(("appid", &appid));
    }
    go(&asked.redirect_uri, &pairs, Some(kept), language)
}

fn refused(account: &Account, asked: &Asked, language: Language) -> Response {
    if account.oauth.redirects_refusals {
        let pairs: Vec<_> =
            asked.state.as_deref().map(|state| ("state", state)).into_iter().collect();
        return go(&asked.redirect_uri, &pairs, None, language);
    }
    let title = language.pick("已拒绝授权", "You have refused");
    let body = language.pick("<p>可以关闭此页面。</p>", "<p>You can close this page.</p>");
    page(StatusCode::OK, language, title, body)
}

/// The page that asks.
fn ask(
    account: &Account,
    asked: &Asked,
    query: &HashMap<String, String>,
    person: Option<u32>,
    language: Language,
) -> Response {
    let name = escaped(&account.name);
    let title = match asked.scope {
        Scope::Base => language.pick("你是谁？", "Who are you?").to_owned(),
        Scope::UserInfo if account.oauth.snapshot => {
            format!("{name} {}", language.pick("（快照页）", "(snapshot page)"))
        }
        Scope::UserInfo => {
            format!("{name} {}", language.pick("申请获取你的信息", "asks for your profile"))
        }
    };
    let explained = match asked.scope {
        Scope::Base => language.pick(
            "沙箱不知道手机在谁手里，请选择一次。",
            "The sandbox does not know who holds the phone; choose once.",
        ),
        Scope::UserInfo => language.pick("昵称、头像", "Your nickname and picture"),
    };
    let action = escaped(&address_of(query));
    let lang = hidden("lang", language.pick("zh", "en"));
    let body = format!(
        "<p>{explained}</p><form method=\"post\" action=\"{action}\">{lang}{}\
         <button name=\"decision\" value=\"agree\">{}</button>\
         <button name=\"decision\" value=\"refuse\">{}</button></form>",
        choices(account, person, language),
        language.pick("允许", "Allow"),
        language.pick("拒绝", "Refuse"),
    );
    page(StatusCode::OK, language, &title, &body)
}

/// The page's own address again, its parameters in the platform's order.
fn address_of(query: &HashMap<String, String>) -> String {
    let mut url = String::from(PATH);
    let known = ORDER.iter().copied().chain(["component_appid"]);
    let pairs = known.filter_map(|name| Some((name, query.get(name)?)));
    let encoded = reqwest::Url::parse_with_params("http://page/", pairs).ok();
    if let Some(query) = encoded.as_ref().and_then(reqwest::Url::query) {
        url.push('?');
        url.push_str(query);
    }
    url
}

/// People to choose from: who holds the phone, or some of the account.
pub(super) fn choices(account: &Account, person: Option<u32>, language: Language) -> String {
    let people = &account.people;
    let offered: Vec<u32> = match person {
        Some(person) => vec![person],
        None => {
            let left = (0..people.ever()).filter(|person| !people.following().contains(*person));
            people.following().iter().take(OFFERED as usize).chain(left.take(1)).collect()
        }
    };
    let mut html = format!("<fieldset><legend>{}</legend>", language.pick("身份", "You are"));
    for (place, person) in offered.into_iter().enumerate() {
        let openid = people.openid(person);
        let checked = if place == 0 { " checked" } else { "" };
        let follows = if people.following().contains(person) {
            language.pick("已关注", "follows")
        } else {
            language.pick("未关注", "does not follow")
        };
        html.push_str(&format!(
            "<label><input type=\"radio\" name=\"person\" value=\"{openid}\"{checked}> {} \
             <small>{follows} <code>{openid}</code></small></label>",
            nickname(account, Holder::Person(person)),
        ));
    }
    html.push_str(&format!(
        "<label>{} <input type=\"text\" name=\"other\" autocomplete=\"off\"></label></fieldset>",
        language.pick("或其他人的 OpenID", "or somebody else's OpenID"),
    ));
    html
}
