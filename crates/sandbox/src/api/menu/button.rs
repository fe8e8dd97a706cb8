//! Buttons of a menu, and what the platform checks on them (`platform/09 §1`).

use serde::{Deserialize, Serialize};
use wire::MediaId;

use crate::account::Account;
use crate::api::refusal::Refused;

const FIRST_LEVEL: std::ops::RangeInclusive<usize> = 1..=3;
const SECOND_LEVEL: usize = 5;
const NAME_BYTES: usize = 16;
const SUB_NAME_BYTES: usize = 60;
const KEY_BYTES: usize = 128;
const URL_BYTES: usize = 1024;

/// A button; read and written in the same form, except that reading a menu shows `sub_button` on
/// every leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Button {
    /// What tapping it does; absent on a button that opens others.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is written on it.
    pub name: String,
    /// What the event carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The page it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The material it sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_id: Option<String>,
    /// The mini program it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// The page of the mini program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagepath: Option<String>,
    /// The published article it sends or opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    /// The buttons it opens.
    pub sub_button: Vec<Button>,
}

/// The codes of one level: type, name, key, address and its domain.
struct Codes {
    kind: i64,
    name: i64,
    key: i64,
    url: i64,
    domain: i64,
}

const FIRST: Codes = Codes { kind: 40017, name: 40018, key: 40019, url: 40020, domain: 40055 };
const SECOND: Codes = Codes { kind: 40024, name: 40025, key: 40026, url: 40027, domain: 40054 };

/// Checks a whole menu.
///
/// # Errors
/// 40016 and 40023 for the number of buttons, 40022 for a third level, then button by button the
/// codes of [`Codes`], 40007, 40165, 40166 and 53600 for what it points at.
pub fn check(buttons: &[Button], account: &Account) -> Result<(), Refused> {
    if !FIRST_LEVEL.contains(&buttons.len()) {
        return Err(Refused::new(40016));
    }
    for button in buttons {
        check_name(button, NAME_BYTES, FIRST.name)?;
        if button.sub_button.is_empty() {
            check_action(button, &FIRST, account)?;
            continue;
        }
        if button.kind.is_some() {
            return Err(Refused::new(FIRST.kind));
        }
        if button.sub_button.len() > SECOND_LEVEL {
            return Err(Refused::new(40023));
        }
        for below in &button.sub_button {
            if !below.sub_button.is_empty() {
                return Err(Refused::new(40022));
            }
            check_name(below, SUB_NAME_BYTES, SECOND.name)?;
            check_action(below, &SECOND, account)?;
        }
    }
    Ok(())
}

fn check_name(button: &Button, most: usize, code: i64) -> Result<(), Refused> {
    let fits = !button.name.trim().is_empty() && button.name.len() <= most;
    if fits { Ok(()) } else { Err(Refused::new(code)) }
}

fn check_action(button: &Button, codes: &Codes, account: &Account) -> Result<(), Refused> {
    match button.kind.as_deref().unwrap_or_default() {
        "click" | "scancode_push" | "scancode_waitmsg" | "pic_sysphoto" | "pic_photo_or_album"
        | "pic_weixin" | "location_select" => {
            let key = button.key.as_deref().unwrap_or_default();
            let fits = (1..=KEY_BYTES).contains(&key.len());
            if fits { Ok(()) } else { Err(Refused::new(codes.key)) }
        }
        "view" => check_url(button, codes),
        "miniprogram" => {
            check_url(button, codes)?;
            if !button.appid.as_deref().is_some_and(is_mini_program) {
                return Err(Refused::new(40166));
            }
            let page = button.pagepath.as_deref().is_some_and(|page| !page.is_empty());
            if page { Ok(()) } else { Err(Refused::new(40165)) }
        }
        // Whether the material exists is not looked at: the platform's page names no code for it.
        "media_id" | "view_limited" => {
            let media = button.media_id.as_deref().is_some_and(|id| MediaId::parse(id).is_ok());
            if media { Ok(()) } else { Err(Refused::new(40007)) }
        }
        "article_id" | "article_view_limited" => {
            let id = button.article_id.as_deref().unwrap_or_default();
            if account.publications.of_article(id).is_some() {
                Ok(())
            } else {
                Err(Refused::new(53600))
            }
        }
        _ => Err(Refused::new(codes.kind)),
    }
}

/// `wx` and sixteen letters or digits; whether it is linked to the account is not known here.
fn is_mini_program(appid: &str) -> bool {
    let tail = appid.strip_prefix("wx");
    tail.is_some_and(|tail| tail.len() == 16 && tail.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn check_url(button: &Button, codes: &Codes) -> Result<(), Refused> {
    let url = button.url.as_deref().unwrap_or_default();
    if !(1..=URL_BYTES).contains(&url.len()) {
        return Err(Refused::new(codes.url));
    }
    if domain(url).is_some() { Ok(()) } else { Err(Refused::new(codes.domain)) }
}

/// The domain of a web address.
#[must_use]
pub fn domain(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    url.host_str().filter(|_| is_web).map(str::to_owned)
}

/// The buttons that can be tapped with an effect.
pub fn leaves(buttons: &[Button]) -> impl Iterator<Item = &Button> {
    buttons.iter().flat_map(|button| {
        let own = button.sub_button.is_empty().then_some(button);
        own.into_iter().chain(&button.sub_button)
    })
}
