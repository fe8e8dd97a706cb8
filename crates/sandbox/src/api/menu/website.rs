//! A menu made on the website, which `get_current_selfmenu_info` tells of (`platform/09 §1`). It
//! and a menu made by a call take each other's place (assumed).

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::api::Scene;
use crate::api::auto_reply::NewsList;
use crate::api::media::ID_CHARACTERS;
use crate::api::media::file::{File, Kind};

const FIRST_LEVEL: usize = 3;
const SECOND_LEVEL: usize = 5;

/// What tapping a button of the website does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// Sends words.
    Text,
    /// Sends a picture.
    Img,
    /// Sends a recording.
    Voice,
    /// Sends a film.
    Video,
    /// Sends articles.
    News,
    /// Opens a page.
    View,
    /// Opens a mini program.
    MiniProgram,
}

/// A button of the website.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebsiteButton {
    /// What tapping it does; absent on a button that opens others.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub does: Option<Does>,
    /// What is written on it.
    pub name: String,
    /// The words, or the id of a permanent picture, recording, film or of the articles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The page it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The mini program it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// The page of the mini program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagepath: Option<String>,
    /// The articles it sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news_info: Option<NewsList>,
    /// The buttons it opens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_button: Vec<WebsiteButton>,
}

/// What cannot be, in one sentence that names the button.
///
/// # Errors
/// As said.
pub fn check(buttons: &[WebsiteButton]) -> Result<(), String> {
    if !(1..=FIRST_LEVEL).contains(&buttons.len()) {
        return Err(format!("button has {} entries; give 1 to {FIRST_LEVEL}", buttons.len()));
    }
    for button in buttons {
        let name = &button.name;
        if button.sub_button.is_empty() {
            check_one(button)?;
            continue;
        }
        if button.does.is_some() {
            return Err(format!("button {name:?} has both type and sub_button; give one of them"));
        }
        if button.sub_button.len() > SECOND_LEVEL {
            return Err(format!("button {name:?} opens more than {SECOND_LEVEL} others"));
        }
        for below in &button.sub_button {
            if !below.sub_button.is_empty() {
                return Err(format!("button {:?} is on a third level; there are two", below.name));
            }
            check_one(below)?;
        }
    }
    Ok(())
}

fn check_one(button: &WebsiteButton) -> Result<(), String> {
    let name = &button.name;
    if name.trim().is_empty() {
        return Err("a button has no name".to_owned());
    }
    let given = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    let (wanted, is_there) = match button.does {
        None => ("type or sub_button", false),
        Some(Does::Text | Does::Img | Does::Voice | Does::Video) => ("value", given(&button.value)),
        Some(Does::News) => ("news_info", button.news_info.is_some()),
        Some(Does::View) => ("url", given(&button.url)),
        Some(Does::MiniProgram) => {
            ("appid and pagepath", given(&button.appid) && given(&button.pagepath))
        }
    };
    if is_there { Ok(()) } else { Err(format!("button {name:?} needs {wanted}")) }
}

fn kind(button: &WebsiteButton) -> Option<Kind> {
    match button.does? {
        Does::Img => Some(Kind::Image),
        Does::Voice => Some(Kind::Voice),
        Does::Video => Some(Kind::Video),
        _ => None,
    }
}

/// The permanent files a button and those below it send.
#[must_use]
pub fn files(button: &WebsiteButton) -> Vec<(Kind, String)> {
    let all = std::iter::once(button).chain(&button.sub_button);
    all.filter_map(|one| Some((kind(one)?, one.value.clone()?))).collect()
}

/// The buttons as the call tells them. Pictures, recordings and films come as temporary files, with
/// other ids each time.
pub(super) fn shown(buttons: &[WebsiteButton], scene: &mut Scene<'_>) -> Vec<Value> {
    buttons.iter().map(|button| shown_one(button, scene)).collect()
}

fn shown_one(button: &WebsiteButton, scene: &mut Scene<'_>) -> Value {
    let mut fields = match serde_json::to_value(button) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    if let Some((kind, value)) = kind(button).zip(button.value.as_deref())
        && let Some(media_id) = lend(scene.account, kind, value, scene.now, scene.limits.media_days)
    {
        fields.insert("value".to_owned(), media_id.into());
    }
    if !button.sub_button.is_empty() {
        let list = shown(&button.sub_button, scene);
        fields.insert("sub_button".to_owned(), json!({ "list": list }));
    }
    Value::Object(fields)
}

/// A temporary copy of a permanent file, if it is still there.
fn lend(
    account: &mut Account,
    kind: Kind,
    permanent: &str,
    now: wire::Timestamp,
    days: i64,
) -> Option<String> {
    let kept = account.library.get(permanent)?;
    let (format, bytes): (_, Bytes) = (kept.file.format, kept.file.bytes.clone());
    let media_id = account.chance.text(ID_CHARACTERS);
    let file = File { kind, format, bytes, media_id: media_id.clone() };
    account.media.keep(file, now, days);
    Some(media_id)
}
