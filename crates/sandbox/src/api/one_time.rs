//! One-time subscription (`platform/04 B`): a person confirms on a page of the platform, for a
//! purpose of the developer's own (`scene`), and one message may go to them. No event tells of it.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refused;
use super::template::link::{self, MiniProgram};
use super::{Answer, Call, Scene, done};
use crate::inbox::{Channel, Notice, Shown, place_for};

/// Greatest number of a scene.
const LAST_SCENE: i64 = 10_000;
/// Longest title, characters.
const TITLE_CHARACTERS: usize = 15;
/// Longest content, characters.
const CONTENT_CHARACTERS: usize = 200;
/// Longest `reserved`.
pub const RESERVED_BYTES: usize = 128;

/// What a person answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// One message may come.
    #[default]
    Confirm,
    /// None.
    Cancel,
}

/// The account's one template of this sort, and who confirmed.
#[derive(Debug, Clone)]
pub struct OneTime {
    /// The template's id; it is fixed.
    pub template: String,
    confirmed: HashSet<(u32, i64)>,
}

impl OneTime {
    /// Nobody has confirmed yet.
    #[must_use]
    pub fn new(template: String) -> Self {
        Self { template, confirmed: HashSet::new() }
    }

    /// A person answers for a scene. Confirming again before a message came adds nothing.
    pub fn decide(&mut self, person: u32, decision: Decision, scene: i64) {
        if decision == Decision::Confirm {
            self.confirmed.insert((person, scene));
        }
    }

    /// Where the platform sends the person then; who they are is told only when they confirmed.
    #[must_use]
    pub fn sent_back(
        &self,
        mut to: reqwest::Url,
        openid: &str,
        decision: Decision,
        scene: i64,
        reserved: &str,
    ) -> reqwest::Url {
        let mut query = to.query_pairs_mut();
        if decision == Decision::Confirm {
            query.append_pair("openid", openid);
        }
        let action = if decision == Decision::Confirm { "confirm" } else { "cancel" };
        query
            .append_pair("template_id", &self.template)
            .append_pair("action", action)
            .append_pair("scene", &scene.to_string())
            .append_pair("reserved", reserved);
        drop(query);
        to
    }

    /// Scenes the person confirmed and got no message for, in order.
    #[must_use]
    pub fn scenes(&self, person: u32) -> Vec<i64> {
        let own = self.confirmed.iter().filter(|(of, _)| *of == person);
        let mut scenes: Vec<i64> = own.map(|(_, scene)| *scene).collect();
        scenes.sort_unstable();
        scenes
    }
}

/// The number of a scene, if it is one.
#[must_use]
pub fn scene_number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|scene| (0..=LAST_SCENE).contains(scene))
}

#[derive(Deserialize)]
struct SendRequest {
    #[serde(default)]
    touser: String,
    #[serde(default)]
    template_id: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    miniprogram: Option<MiniProgram>,
    #[serde(default)]
    scene: Value,
    #[serde(default)]
    title: String,
    #[serde(default)]
    data: Value,
}

fn invalid(field: &str) -> Refused {
    Refused::with_text(47003, format!("argument invalid! {field} invalid"))
}

/// `message/template/subscribe`.
///
/// # Errors
/// 40003 for a foreign OpenID, 40037 for another template, 40062 for the title, 47003 for scene or
/// content, 40039 and 40066 for the address, 40165 and 40166 for the mini program (these four
/// assumed), 43101 when the person did not confirm for this scene, or got the message already.
pub fn send(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: SendRequest = call.json_with_literal_escapes()?;
    let account = &mut *scene.account;
    let person = account.people.person(&request.touser).ok_or(Refused::new(40003))?;
    if request.template_id != account.one_time.template {
        return Err(Refused::new(40037));
    }
    let purpose = match &request.scene {
        Value::String(text) => scene_number(text),
        Value::Number(number) => scene_number(&number.to_string()),
        _ => None,
    };
    let purpose = purpose.ok_or_else(|| invalid("scene"))?;
    if !(1..=TITLE_CHARACTERS).contains(&request.title.chars().count()) {
        return Err(Refused::new(40062));
    }
    let content = request.data.pointer("/content/value").and_then(Value::as_str);
    let content = content.unwrap_or_default();
    if !(1..=CONTENT_CHARACTERS).contains(&content.chars().count()) {
        return Err(invalid("data.content.value"));
    }
    link::check_url(request.url.as_deref(), 40039, 40066)?;
    link::check_mini_program(account, request.miniprogram.as_ref())?;
    if !account.one_time.confirmed.remove(&(person, purpose)) {
        return Err(Refused::new(43101));
    }
    let notice = Notice {
        at: scene.now,
        channel: Channel::OneTime,
        place: place_for(account, person),
        kind: "template".into(),
        template_id: Some(request.template_id),
        msg_id: None,
        text: format!("{}\n{content}\n", request.title),
        body: Shown::Read(json!({"url":request.url,"miniprogram":request.miniprogram,
            "scene":purpose,"data":request.data})),
    };
    account.inbox.add(person, notice);
    done()
}
