//! Template messages (`platform/04 A`): trades, an account's templates, and sending one to a
//! follower. What was accepted is delivered a moment later and told by TEMPLATESENDJOBFINISH.

pub mod block;
pub mod held;
pub mod industry;
pub mod library;
pub mod link;
pub mod rule;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wire::{Month, Timestamp};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer, done, escapes};
use crate::clock::Due;
use crate::inbox::{Channel, Delivery, Notice, Shown, place_for};
use held::{Held, ID_CHARACTERS, Slot};
use link::MiniProgram;
use rule::Rule;

/// An account's templates and what it sent with them.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    /// Main and second trade, from 1.
    industries: Option<(usize, usize)>,
    industry_changes: Option<(Month, i64)>,
    held: Vec<Held>,
    /// When a person was last sent something under the sender's own key, and its number.
    keys: HashMap<(u32, String), (Timestamp, i64)>,
}

impl Templates {
    /// The templates the account has, oldest first.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }
}

#[derive(Deserialize)]
struct AddRequest {
    #[serde(default)]
    template_id_short: String,
    #[serde(default)]
    keyword_name_list: Vec<String>,
}

#[derive(Serialize)]
struct Added<'a> {
    errcode: i64,
    errmsg: &'static str,
    template_id: &'a str,
}

/// `template/api_add_template`. The same title again makes another template (assumed).
///
/// # Errors
/// 40037 for a number the library lacks, 40247 for a historical one since 2023, 45027 for one of
/// another trade, 40246 for keywords that are not the title's, 45026 over the number of templates.
pub fn add(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: AddRequest = call.json_with_literal_escapes()?;
    let number = request.template_id_short.trim();
    let is_historical = number.starts_with("TM") || number.starts_with("OPENTM");
    let templates = &scene.account.templates;
    let (title, industry, slots) = if is_historical {
        if scene.limits.category_templates_only.is_some() {
            return Err(Refused::new(40247));
        }
        let former = library::FORMER.iter().find(|former| former.number == number);
        let former = former.ok_or(Refused::new(40037))?;
        let is_own = |(first, second)| first == former.industry || second == former.industry;
        if !templates.industries.is_some_and(is_own) {
            return Err(Refused::new(45027));
        }
        (former.title, Some(former.industry), slots_of_former(former.keywords))
    } else {
        let title = library::title_of(number).ok_or(Refused::new(40037))?;
        (title.title, None, slots_named(title.keywords, &request.keyword_name_list)?)
    };
    if templates.held.len() as i64 >= scene.limits.templates {
        return Err(Refused::new(45026));
    }
    let id = scene.account.chance.text(ID_CHARACTERS);
    let added = answer(&Added { errcode: 0, errmsg: "ok", template_id: &id });
    let held = Held { id, title, industry, kind: library::ONE_TIME, slots };
    scene.account.templates.held.push(held);
    added
}

fn slots_of_former(keywords: &[&'static str]) -> Vec<Slot> {
    let slot = |key: String, name| Slot { key, name, rule: Rule::Free, example: "示例" };
    let mut slots = vec![slot("first".to_owned(), "")];
    for (place, name) in keywords.iter().enumerate() {
        slots.push(slot(format!("keyword{}", place + 1), name));
    }
    slots.push(slot("remark".to_owned(), ""));
    slots
}

/// Each keyword once, in the order wished.
fn slots_named(keywords: &[library::Keyword], names: &[String]) -> Result<Vec<Slot>, Refused> {
    let mut slots: Vec<Slot> = Vec::new();
    for name in names {
        let place = keywords.iter().position(|keyword| keyword.name == name);
        let is_doubled = slots.iter().any(|slot| slot.name == name);
        let place = place.filter(|_| !is_doubled).ok_or(Refused::new(40246))?;
        slots.extend(keywords.get(place).map(|keyword| Slot::of(keyword, place + 1)));
    }
    if slots.is_empty() { Err(Refused::new(40246)) } else { Ok(slots) }
}

#[derive(Serialize)]
struct Listed {
    template_id: String,
    title: String,
    primary_industry: &'static str,
    deputy_industry: &'static str,
    content: String,
    example: String,
}

#[derive(Serialize)]
struct List {
    template_list: Vec<Listed>,
}

/// `template/get_all_private_template`: the account's own, then the fixed one of one-time
/// subscriptions, which does not count among the 25 (assumed).
///
/// # Errors
/// None of its own.
pub fn list(scene: &Scene<'_>) -> Answer {
    let listed = |held: &Held| {
        let (primary_industry, deputy_industry) = industry::names(held.industry.unwrap_or(0));
        Listed {
            template_id: held.id.clone(),
            title: held.title.to_owned(),
            primary_industry,
            deputy_industry,
            content: held.content(),
            example: held.example(),
        }
    };
    let mut template_list: Vec<_> = scene.account.templates.held.iter().map(listed).collect();
    template_list.push(Listed {
        template_id: scene.account.one_time.template.clone(),
        title: "订阅模板消息".to_owned(),
        primary_industry: "",
        deputy_industry: "",
        content: "{{content.DATA}}\n".to_owned(),
        example: String::new(),
    });
    answer(&List { template_list })
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    template_id: String,
}

/// `template/del_private_template`.
///
/// # Errors
/// 40037 when the account has no such template.
pub fn delete(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Named = call.json()?;
    let held = &mut scene.account.templates.held;
    let place = held.iter().position(|held| held.id == request.template_id);
    held.remove(place.ok_or(Refused::new(40037))?);
    done()
}

#[derive(Deserialize)]
struct SendRequest<'a> {
    #[serde(default)]
    touser: String,
    #[serde(default)]
    template_id: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    miniprogram: Option<MiniProgram>,
    #[serde(default)]
    client_msg_id: Option<String>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// What the person finds, in the call's own words.
#[derive(Serialize)]
struct Found<'a> {
    url: Option<&'a str>,
    miniprogram: Option<&'a MiniProgram>,
    data: Option<&'a RawValue>,
}

/// A template message as it was written, all of it that can be judged without the account.
pub struct Written {
    touser: String,
    template_id: String,
    leads_to: Result<(), Refused>,
    mini_program: Option<MiniProgram>,
    client_msg_id: Option<String>,
    values: Values,
    found: Shown,
}

/// The values of a notice, by the keys of its template. What holds no text is there without one.
#[derive(Default)]
pub struct Values(Vec<(String, Option<String>)>);

#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    value: Option<String>,
}

impl Values {
    /// Those of the call's `data`; none when it is no object.
    #[must_use]
    fn of(data: &RawValue) -> Self {
        serde_json::from_str(data.get()).unwrap_or_default()
    }
}

impl held::Given for Values {
    fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    fn value(&self, key: &str) -> Option<&str> {
        // Of a key given twice the last counts.
        let pair = self.0.iter().rev().find(|(given, _)| given == key);
        pair.and_then(|(_, value)| value.as_deref())
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Values, M::Error> {
                let mut values = Vec::new();
                while let Some((key, held)) = map.next_entry::<String, &RawValue>()? {
                    let held = serde_json::from_str::<Holder>(held.get());
                    values.push((key, held.ok().and_then(|holder| holder.value)));
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

impl Written {
    /// Reads the body of the call.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub(super) fn of(call: &Call) -> Result<Self, Refused> {
        call.check_present()?;
        let body = escapes::literal(&call.body);
        let unreadable = |_| Refused::new(47001);
        let request: SendRequest<'_> = serde_json::from_slice(&body).map_err(unreadable)?;
        let values = request.data.map(Values::of).unwrap_or_default();
        let (url, mini_program) = (request.url.as_deref(), request.miniprogram);
        let found = Found { url, miniprogram: mini_program.as_ref(), data: request.data };
        Ok(Self {
            leads_to: link::check_url(url, 40039, 40066),
            found: Shown::written(&found),
            touser: request.touser,
            template_id: request.template_id,
            mini_program,
            client_msg_id: request.client_msg_id,
            values,
        })
    }
}

#[derive(Serialize)]
struct Sent {
    errcode: i64,
    errmsg: &'static str,
    msgid: i64,
}

/// `message/template/send`.
///
/// # Errors
/// 40003 for a foreign OpenID, 40037 for an unknown template, 43004 for somebody who does not
/// follow, 40039 and 40066 for the address, 40165 and 40166 for the mini program, 47003 for the
/// values or a key that is too long, 40241 for a key used a moment ago (assumed, `platform/04`
/// uncertainty 4).
pub fn send(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let written = call.notice.as_ref().ok_or(Refused::new(44002))?;
    let request = written.as_ref().map_err(Clone::clone)?;
    let account = &*scene.account;
    let person = account.people.person(&request.touser).ok_or(Refused::new(40003))?;
    let held = account.templates.held.iter().find(|held| held.id == request.template_id);
    let held = held.ok_or(Refused::new(40037))?;
    if !account.people.following().contains(person) {
        return Err(Refused::new(43004));
    }
    request.leads_to.clone()?;
    link::check_mini_program(account, request.mini_program.as_ref())?;
    let drops_frame = scene.limits.category_templates_only.is_some();
    let is_frame = |slot: &Slot| matches!(slot.key.as_str(), "first" | "remark");
    let extra = account.assumptions.extra_values;
    let text = held.fill(&request.values, extra, |slot| !(drops_frame && is_frame(slot)))?;
    let title = held.title;
    let now = scene.now;
    scene.account.blocks.check(&request.template_id, title, &text, person, now)?;
    let text = format!("{title}\n{text}");
    let key = check_key(scene, request.client_msg_id.clone())?.map(|key| (person, key));
    if let Some(key) = &key
        && let Some(msgid) = sent_lately(scene, key)
    {
        if scene.account.assumptions.repeated_notice_is_refused {
            return Err(Refused::new(40241));
        }
        return answer(&Sent { errcode: 0, errmsg: "ok", msgid });
    }

    let msgid = scene.account.inbox.number();
    if let Some(key) = key {
        scene.account.templates.keys.insert(key, (scene.now, msgid));
    }
    let notice = Notice {
        at: scene.now,
        channel: Channel::Template,
        place: place_for(scene.account, person),
        kind: Cow::Borrowed("template"),
        template_id: Some(request.template_id.clone()),
        msg_id: Some(msgid),
        text,
        body: request.found.clone(),
    };
    let delivery = Box::new(Delivery { account: scene.position, person, notice });
    let seconds = scene.account.assumptions.notice_seconds;
    scene.queue.add(scene.now + seconds, Due::Notice(delivery));
    answer(&Sent { errcode: 0, errmsg: "ok", msgid })
}

/// The sender's own key, unless it is too long.
fn check_key(scene: &Scene<'_>, key: Option<String>) -> Result<Option<String>, Refused> {
    let key = key.filter(|key| !key.is_empty());
    if key.as_ref().is_some_and(|key| key.len() as i64 > scene.limits.client_msg_id_bytes) {
        let words = "argument invalid! client_msg_id invalid".to_owned();
        return Err(Refused::with_text(47003, words));
    }
    Ok(key)
}

/// The number of what was sent under this key a moment ago.
fn sent_lately(scene: &mut Scene<'_>, key: &(u32, String)) -> Option<i64> {
    let (now, window) = (scene.now, scene.limits.client_msg_id_seconds);
    let keys = &mut scene.account.templates.keys;
    // What is too old to matter goes, now and then, so that the table stays small.
    if keys.len() >= 10_000 {
        keys.retain(|_, (at, _)| now - *at < window);
    }
    keys.get(key).filter(|(at, _)| now - *at < window).map(|(_, msgid)| *msgid)
}
