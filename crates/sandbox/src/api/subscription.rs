//! Subscription notices (`platform/04 C`): an account's templates, and sending one to a person who
//! agreed to it. Agreeing is a person's act (see [`consent`]); nobody need follow.

pub mod consent;
pub mod library;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::refusal::Refused;
use super::template::held::{Held, ID_CHARACTERS, Slot};
use super::template::library::title_of;
use super::template::link::{self, MiniProgram};
use super::template::rule::Rule;
use super::{Answer, Call, Scene, answer, done};
use crate::clock::Due;
use crate::inbox::{Channel, Delivery, Notice, Shown, place_for};
use consent::Consents;

/// How many keywords a template is made of (`platform/04 C2`).
const KEYWORDS: std::ops::RangeInclusive<usize> = 2..=5;
/// Longest description of the occasion, characters (`platform/04 C2`).
const SCENE_CHARACTERS: usize = 15;

/// An account's templates of subscription notices, and who agreed to them.
#[derive(Debug, Clone, Default)]
pub struct Subscriptions {
    held: Vec<Held>,
    /// Who agreed to what.
    pub consents: Consents,
}

impl Subscriptions {
    /// The templates the account has, oldest first.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// The template of this id.
    #[must_use]
    pub fn template(&self, id: &str) -> Option<&Held> {
        self.held.iter().find(|held| held.id == id)
    }
}

/// The body's fields: JSON or a form, as the platform's pages and the usual libraries differ
/// (`platform/04 C2`).
fn fields(call: &Call) -> Result<Map<String, Value>, Refused> {
    let body: Vec<u8> = call.body.trim_ascii().to_vec();
    if body.is_empty() || matches!(body.first(), Some(b'{' | b'[' | b'"')) {
        return call.json_with_literal_escapes();
    }
    let form = String::from_utf8(body).map_err(|_| Refused::new(47001))?;
    let mut url = reqwest::Url::parse("http://form.invalid/").map_err(|_| Refused::new(-1))?;
    url.set_query(Some(&form));
    let pairs = url.query_pairs();
    Ok(pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect())
}

/// A text, or a number written bare.
fn text(fields: &Map<String, Value>, name: &str) -> String {
    match fields.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Numbers of keywords: a list, or a list as a form writes it.
fn numbers(fields: &Map<String, Value>) -> Option<Vec<usize>> {
    let number = |value: &Value| match value {
        Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match fields.get("kidList")? {
        Value::Array(list) => list.iter().map(number).collect(),
        Value::String(list) => {
            let list = list.trim().trim_start_matches('[').trim_end_matches(']');
            list.split(',').map(|one| one.trim().parse().ok()).collect()
        }
        _ => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Added<'a> {
    errcode: i64,
    errmsg: &'static str,
    pri_tmpl_id: &'a str,
}

/// `newtmpl/addtemplate`.
///
/// # Errors
/// 200014 for a title nobody knows, 200020 for keywords that are not two to five of its own,
/// 200021 for the description, 200022 for one that is there, 200012 over the number of templates.
pub fn add(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let fields = fields(call)?;
    let title = title_of(&text(&fields, "tid")).ok_or(Refused::new(200_014))?;
    let numbers = numbers(&fields).filter(|numbers| KEYWORDS.contains(&numbers.len()));
    let mut slots: Vec<Slot> = Vec::new();
    let mut seen = BTreeSet::new();
    for number in numbers.ok_or(Refused::new(200_020))? {
        let keyword = number.checked_sub(1).and_then(|place| title.keywords.get(place));
        let keyword = keyword.filter(|_| seen.insert(number)).ok_or(Refused::new(200_020))?;
        slots.push(Slot::of(keyword, number));
    }
    let occasion = text(&fields, "sceneDesc").chars().count();
    if !(1..=SCENE_CHARACTERS).contains(&occasion) {
        return Err(Refused::new(200_021));
    }
    let keys = |slots: &[Slot]| slots.iter().map(|slot| slot.key.clone()).collect::<BTreeSet<_>>();
    let held = &scene.account.subscriptions.held;
    if held.iter().any(|held| held.title == title.title && keys(&held.slots) == keys(&slots)) {
        return Err(Refused::new(200_022));
    }
    if held.len() as i64 >= scene.limits.templates {
        return Err(Refused::new(200_012));
    }
    let id = scene.account.chance.text(ID_CHARACTERS);
    let added = answer(&Added { errcode: 0, errmsg: "ok", pri_tmpl_id: &id });
    let held = Held { id, title: title.title, industry: None, kind: title.kind, slots };
    scene.account.subscriptions.held.push(held);
    added
}

/// `newtmpl/deltemplate`.
///
/// # Errors
/// 20002 when the account has no such template (assumed).
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let id = text(&fields(call)?, "priTmplId");
    let held = &mut scene.account.subscriptions.held;
    let place = held.iter().position(|held| held.id == id);
    held.remove(place.ok_or(Refused::new(20_002))?);
    done()
}

/// `newtmpl/gettemplate`.
///
/// # Errors
/// None of its own.
pub fn list(scene: &Scene<'_>) -> Answer {
    let listed = |held: &Held| {
        let values = |slot: &Slot| match slot.rule {
            Rule::Const(values) | Rule::EnumString(values) => {
                Some(json!({"keywordCode":format!("{}.DATA", slot.key),"enumValueList":values}))
            }
            _ => None,
        };
        let lists: Vec<Value> = held.slots.iter().filter_map(values).collect();
        let mut shown = json!({"priTmplId":held.id,"title":held.title,"content":held.content(),
            "example":held.example(),"type":held.kind});
        if !lists.is_empty() {
            shown["keywordEnumValueList"] = lists.into();
        }
        shown
    };
    library::listed(None, scene.account.subscriptions.held.iter().map(listed).collect())
}

#[derive(Deserialize)]
struct SendRequest {
    #[serde(default)]
    touser: String,
    #[serde(default)]
    template_id: String,
    #[serde(default)]
    page: Option<String>,
    #[serde(default)]
    miniprogram: Option<MiniProgram>,
    #[serde(default)]
    data: Value,
}

/// `message/subscribe/bizsend`. Values are looked at before the consent is spent, so that a
/// refusal of them spends none (`platform/04 C3`, assumed).
///
/// # Errors
/// 40003 for a foreign OpenID, 40037 for an unknown template, 41030 for the page, 40165 and 40166
/// for the mini program (assumed to be those of template messages), 47003 for the values, 43101
/// without consent.
pub fn send(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: SendRequest = call.json_with_literal_escapes()?;
    let account = &mut *scene.account;
    let person = account.people.person(&request.touser).ok_or(Refused::new(40003))?;
    let held = account.subscriptions.template(&request.template_id);
    let held = held.ok_or(Refused::new(40037))?;
    link::check_url(request.page.as_deref(), 41030, 41030)?;
    link::check_mini_program(account, request.miniprogram.as_ref())?;
    let assumptions = account.assumptions;
    let text = match held.fill(&request.data, assumptions.extra_values, |_| true) {
        Ok(text) => format!("{}\n{text}", held.title),
        Err(refused) => {
            if assumptions.refused_notice_spends_consent {
                account.subscriptions.consents.spend(person, &request.template_id)?;
            }
            return Err(refused);
        }
    };
    let title = held.title;
    account.blocks.check(&request.template_id, title, &text, person, scene.now)?;
    account.subscriptions.consents.spend(person, &request.template_id)?;

    let msg_id = account.inbox.number();
    let notice = Notice {
        at: scene.now,
        channel: Channel::Subscription,
        place: place_for(account, person),
        kind: "template".into(),
        template_id: Some(request.template_id),
        msg_id: Some(msg_id),
        text,
        body: Shown::Read(
            json!({"page":request.page,"miniprogram":request.miniprogram,"data":request.data}),
        ),
    };
    let delivery = Box::new(Delivery { account: scene.position, person, notice });
    scene.queue.add(scene.now + assumptions.notice_seconds, Due::Notice(delivery));
    if assumptions.subscription_answers_msgid {
        return answer(&json!({"errcode":0,"errmsg":"ok","msgid":msg_id}));
    }
    done()
}
