//! Web authorisation (网页授权, `platform/09 §5`): a person's code for a token, and what the token
//! opens. The page where the person agrees is [`crate::pages::consent`].
//!
//! These calls carry the person's token, never the account's. A code works once.

pub mod grant;

use serde::Serialize;
use serde_json::json;
use wire::rules::{AccountKind, Limits};
use wire::{AppId, Timestamp};

use super::refusal::Refused;
use super::{Answer, Call, answer, check_method, done};
use crate::account::Account;
use crate::chance::{draw, letters};
use crate::population::topic;
use crate::world::World;

use grant::{Code, Holder, Scope, Token};

/// What the operator set for web authorisation, and what the sandbox makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// 网页授权域名: the host that `redirect_uri` must name, exactly; 10003 without one.
    pub domain: Option<String>,
    /// Whether the order of the parameters and the characters of `state` are checked.
    pub strict: bool,
    /// Whether asking for name and picture shows the snapshot page, which lends a virtual person.
    pub snapshot: bool,
    /// Whether a refusal redirects, with `state` alone (assumed; the page leaves it open).
    pub redirects_refusals: bool,
    /// How often the page may be opened in a minute; more often is 10009. The pages give no number,
    /// so none holds unless it is given.
    pub pages_per_minute: Option<u32>,
    /// 业务域名: hosts that the page of one-time subscriptions sends people back to; anywhere without.
    pub business_domains: Option<Vec<String>>,
}

/// How often the page was opened in this minute.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opened {
    minute: Option<Timestamp>,
    times: u32,
}

impl Opened {
    /// Counts one opening; `false` above so many a minute.
    pub fn count(&mut self, most: u32, now: Timestamp) -> bool {
        if self.minute != Some(now.minute_start()) {
            *self = Self { minute: Some(now.minute_start()), times: 0 };
        }
        self.times = self.times.saturating_add(1);
        self.times <= most
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            domain: None,
            strict: true,
            snapshot: false,
            redirects_refusals: false,
            pages_per_minute: None,
            business_domains: None,
        }
    }
}

/// Whether the account may sign people in at all: certified service accounts.
#[must_use]
pub fn is_open_to(account: &Account) -> bool {
    account.verified && account.kind == AccountKind::Service
}

/// Who redeems a code: the account itself, or a third-party platform for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Redeemer {
    Account,
    Component(AppId),
}

/// `sns/oauth2/access_token`.
///
/// # Errors
/// The codes of `platform/09 §5.2`.
pub fn token(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    let appid = call.query("appid").ok_or(Refused::new(41002))?;
    let secret = call.query("secret").ok_or(Refused::new(41004))?;
    let position = world.position(appid).ok_or(Refused::new(40013))?;
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    if account.secret != secret {
        return Err(Refused::new(40125));
    }
    redeem(world, call, position, &Redeemer::Account)
}

/// Gives a token for the code of the query.
pub(super) fn redeem(
    world: &mut World,
    call: &Call,
    position: usize,
    redeemer: &Redeemer,
) -> Answer {
    if call.query("grant_type") != Some("authorization_code") {
        return Err(Refused::new(40002));
    }
    let text = call.query("code").ok_or(Refused::new(41008))?.to_owned();
    let limits = admit(world, position)?;
    let now = world.now();
    let code = world.web.code_mut(&text).ok_or(Refused::new(40029))?;
    if code.account != position || !is_for(code, redeemer) {
        return Err(Refused::new(40029));
    }
    if code.used {
        return Err(Refused::new(40163));
    }
    if now - code.made >= limits.oauth_code_seconds {
        return Err(Refused::new(42003));
    }
    code.used = true;
    let (holder, scope, component) = (code.holder, code.scope, code.component.clone());
    let token = world.web.give(position, holder, scope, component, &limits, now);
    tell(world, position, &token, now)
}

fn is_for(code: &Code, redeemer: &Redeemer) -> bool {
    match redeemer {
        Redeemer::Account => code.component.is_none(),
        Redeemer::Component(appid) => code.component.as_ref() == Some(appid),
    }
}

/// `sns/oauth2/refresh_token`.
///
/// # Errors
/// The codes of `platform/09 §5.3`.
pub fn refresh(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    let appid = call.query("appid").ok_or(Refused::new(41002))?;
    let position = world.position(appid).ok_or(Refused::new(40013))?;
    renew(world, call, position, &Redeemer::Account)
}

/// Renews the token that the query's refresh token stands for.
pub(super) fn renew(
    world: &mut World,
    call: &Call,
    position: usize,
    redeemer: &Redeemer,
) -> Answer {
    if call.query("grant_type") != Some("refresh_token") {
        return Err(Refused::new(40002));
    }
    let text = call.query("refresh_token").ok_or(Refused::new(41003))?.to_owned();
    let limits = admit(world, position)?;
    let now = world.now();
    let former = world.web.by_refresh(&text).ok_or(Refused::new(40030))?;
    let for_redeemer = match redeemer {
        Redeemer::Account => former.component.is_none(),
        Redeemer::Component(appid) => former.component.as_ref() == Some(appid),
    };
    if former.account != position || !for_redeemer {
        return Err(Refused::new(40030));
    }
    if now >= former.refresh_until {
        return Err(Refused::new(42002));
    }
    let former = former.clone();
    let token = world.web.renew(&former, &limits, now);
    tell(world, position, &token, now)
}

/// `sns/userinfo`.
///
/// # Errors
/// 40001 and 42001 for the token, 40003 for another person's OpenID, 48001 when name and picture
/// were not asked for.
pub fn user_info(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    let token = holder_of(world, call)?;
    if token.scope != Scope::UserInfo {
        return Err(Refused::new(48001));
    }
    let account = world.accounts().get(token.account).ok_or(Refused::new(40001))?;
    let mut shown = json!({
        "openid": openid(account, token.holder), "nickname": nickname(account, token.holder),
        // Empty since 20 October 2021 (`platform/09 §5.4`).
        "sex": 0, "language": "", "city": "", "province": "", "country": "",
        "headimgurl": picture(account, token.holder), "privilege": [],
    });
    if let (Holder::Person(person), Some(shown)) = (token.holder, shown.as_object_mut())
        && let Some(unionid) = account.union_id(person)
    {
        shown.insert("unionid".to_owned(), unionid.into());
    }
    answer(&shown)
}

/// `sns/auth`.
///
/// # Errors
/// As [`user_info`], whatever was asked for.
pub fn check(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    holder_of(world, call)?;
    done()
}

fn holder_of(world: &mut World, call: &Call) -> Result<Token, Refused> {
    let text = call.query("access_token").ok_or(Refused::new(41001))?;
    let given = call.query("openid").ok_or(Refused::new(41009))?;
    let token = world.web.token(text).cloned().ok_or(Refused::new(40001))?;
    admit(world, token.account)?;
    if world.now() >= token.until {
        return Err(Refused::new(42001));
    }
    let account = world.accounts().get(token.account).ok_or(Refused::new(40001))?;
    if openid(account, token.holder) != given {
        return Err(Refused::new(40003));
    }
    Ok(token)
}

/// Counts the call of this account in its minute; 48001 when it may sign nobody in.
fn admit(world: &mut World, position: usize) -> Result<Limits, Refused> {
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    if !is_open_to(account) {
        return Err(Refused::new(48001));
    }
    let (limits, now) = (world.limits(account)?, world.now());
    if !world.web.count(position, limits.oauth_calls_per_minute, now) {
        return Err(Refused::new(45011));
    }
    Ok(limits)
}

fn tell(world: &World, position: usize, token: &Token, now: Timestamp) -> Answer {
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    let mut told = json!({
        "access_token": token.text, "expires_in": token.until - now,
        "refresh_token": token.refresh, "openid": openid(account, token.holder),
        "scope": token.scope.name(),
    });
    if let Some(fields) = told.as_object_mut() {
        match token.holder {
            Holder::Snapshot(_) => {
                fields.insert("is_snapshotuser".to_owned(), 1.into());
            }
            Holder::Person(person) if token.scope == Scope::UserInfo => {
                if let Some(unionid) = account.union_id(person) {
                    fields.insert("unionid".to_owned(), unionid.into());
                }
            }
            Holder::Person(_) => {}
        }
    }
    answer(&told)
}

/// The OpenID a token is told of: the person's own, or the virtual one of a snapshot page.
#[must_use]
pub fn openid(account: &Account, holder: Holder) -> String {
    match holder {
        Holder::Person(person) => account.people.openid(person),
        Holder::Snapshot(person) => {
            let real = account.people.openid(person);
            let drawn = draw(account.people.seed(), topic::SNAPSHOT, u64::from(person));
            let account_part: String = real.chars().take(6).collect();
            format!("{account_part}{}", letters(drawn, 22))
        }
    }
}

const FIRST: [&str; 12] =
    ["小", "阿", "大", "老", "爱笑的", "夏天的", "安静的", "一颗", "两只", "橘色", "南方", "晚风"];
const SECOND: [&str; 14] = [
    "雨", "鱼", "桃子", "小熊", "栗子", "月亮", "团子", "青柠", "海", "糖糖", "白茶", "石头",
    "星星", "木木",
];

/// The name a person goes by, drawn from the seed.
#[must_use]
pub fn nickname(account: &Account, holder: Holder) -> String {
    let Holder::Person(person) = holder else { return "微信用户".to_owned() };
    let drawn = draw(account.people.seed(), topic::NICKNAME, u64::from(person));
    let first = FIRST[(drawn % FIRST.len() as u64) as usize];
    let second = SECOND[((drawn >> 8) % SECOND.len() as u64) as usize];
    format!("{first}{second}")
}

/// The address of a person's picture; it ends in its size.
fn picture(account: &Account, holder: Holder) -> String {
    let (Holder::Person(person) | Holder::Snapshot(person)) = holder;
    let drawn = draw(account.people.seed(), topic::PICTURE, u64::from(person));
    format!("https://thirdwx.qlogo.cn/mmopen/vi_32/{}/132", letters(drawn, 86))
}
