//! Where a person agrees to one message of an account (一次性订阅消息, `platform/04 B`).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::consent::choices;
use super::{Language, escaped, form_of, hidden, is_on, page, query_of, wrong};
use crate::account::Account;
use crate::api::one_time::{Decision, RESERVED_BYTES, scene_number};
use crate::world::{Shared, World};

/// Where the page stands, on `mp.weixin.qq.com`.
pub const PATH: &str = "/mp/subscribemsg";

/// What is wrong with the page's address, in two languages.
type Wrong = (&'static str, &'static str);

const UNKNOWN: Wrong = ("没有这个 AppID 的公众号。", "There is no account with this AppID.");

/// A message asked for.
struct Asked {
    position: usize,
    scene: i64,
    redirect_url: reqwest::Url,
    reserved: String,
}

fn read(world: &World, query: &HashMap<String, String>) -> Result<Asked, Wrong> {
    let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if given("action") != "get_confirm" {
        return Err(("action 须为 get_confirm。", "action must be get_confirm."));
    }
    let position = world.position(given("appid")).ok_or(UNKNOWN)?;
    let account = world.accounts().get(position).ok_or(UNKNOWN)?;
    if !account.verified {
        return Err((
            "此公众号没有一次性订阅消息的权限：须已认证。",
            "The account has no right to one-time subscriptions: it must be verified.",
        ));
    }
    let scene = scene_number(given("scene")).ok_or((
        "scene 须为 0 到 10000 的整数。",
        "scene must be a whole number from 0 to 10000.",
    ))?;
    if given("template_id") != account.one_time.template {
        return Err((
            "template_id 不是此公众号的一次性订阅模板。",
            "template_id is not the account's template of one-time subscriptions.",
        ));
    }
    let redirect_url = reqwest::Url::parse(given("redirect_url"));
    let redirect_url = redirect_url.ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let redirect_url =
        redirect_url.ok_or(("redirect_url 不是网址。", "redirect_url is no address."))?;
    let domains = account.oauth.business_domains.as_ref();
    let registered = |domain: &String| is_on(redirect_url.as_str(), domain);
    if domains.is_some_and(|domains| !domains.iter().any(registered)) {
        return Err((
            "redirect_url 的域名不是业务域名。",
            "The host of redirect_url is none of the account's business domains.",
        ));
    }
    let reserved = given("reserved");
    let is_plain = reserved.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_plain || reserved.len() > RESERVED_BYTES {
        return Err((
            "reserved 须为最多 128 字节的 a-zA-Z0-9。",
            "reserved must be at most 128 bytes of a-zA-Z0-9.",
        ));
    }
    Ok(Asked { position, scene, redirect_url, reserved: reserved.to_owned() })
}

fn shown(wrong_: Wrong, language: Language) -> Response {
    wrong(language, None, language.pick(wrong_.0, wrong_.1))
}

/// `GET /mp/subscribemsg`.
pub async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let query = query_of(&uri);
    let language = Language::of(&query, &headers);
    let world = shared.world();
    let asked = match read(&world, &query) {
        Ok(asked) => asked,
        Err(wrong) => return shown(wrong, language),
    };
    let Some(account) = world.accounts().get(asked.position) else {
        return shown(UNKNOWN, language);
    };
    let person = query.get("person").and_then(|named| account.people.person(named));
    ask(account, uri.query().unwrap_or_default(), person, language)
}

/// The page that asks.
fn ask(account: &Account, query: &str, person: Option<u32>, language: Language) -> Response {
    let asks = language.pick("申请向你发送一条消息", "asks to send you one message");
    let title = format!("{} {asks}", escaped(&account.name));
    let action = escaped(&format!("{PATH}?{query}"));
    let lang = hidden("lang", language.pick("zh", "en"));
    let body = format!(
        "<form method=\"post\" action=\"{action}\">{lang}{}\
         <button name=\"decision\" value=\"confirm\">{}</button>\
         <button name=\"decision\" value=\"cancel\">{}</button></form>",
        choices(account, person, language),
        language.pick("确认", "Confirm"),
        language.pick("取消", "Cancel"),
    );
    page(StatusCode::OK, language, &title, &body)
}

/// `POST /mp/subscribemsg`: the person confirms or cancels, and is sent back.
pub async fn decide(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let form: HashMap<String, String> = form_of(&body).into_iter().collect();
    let language = Language::of(&form, &headers);
    let mut world = shared.world();
    let asked = match read(&world, &query_of(&uri)) {
        Ok(asked) => asked,
        Err(wrong) => return shown(wrong, language),
    };
    let Some(account) = world.account_mut(asked.position) else {
        return shown(UNKNOWN, language);
    };
    let decision = match form.get("decision").map(String::as_str) {
        Some("confirm") => Decision::Confirm,
        Some("cancel") => Decision::Cancel,
        _ => {
            let choice =
                ("decision 须为 confirm 或 cancel。", "decision must be confirm or cancel.");
            return shown(choice, language);
        }
    };
    let typed = form.get("other").map(|other| other.trim()).filter(|other| !other.is_empty());
    let chosen = typed.or(form.get("person").map(String::as_str)).unwrap_or_default();
    let Some(person) = account.people.person(chosen) else {
        let nobody = (
            "没有这个人：须为曾关注此公众号的人的 OpenID。",
            "There is no such person: give the OpenID of somebody who ever followed the account.",
        );
        return shown(nobody, language);
    };
    let openid = account.people.openid(person);
    let Asked { scene, redirect_url, reserved, .. } = asked;
    account.one_time.decide(person, decision, scene);
    let to = account.one_time.sent_back(redirect_url, &openid, decision, scene, &reserved);
    super::redirect(to.as_str(), None).unwrap_or_else(|| {
        shown(("redirect_url 不是网址。", "redirect_url is no address."), language)
    })
}
