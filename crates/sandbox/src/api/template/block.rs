//! Templates the platform has banned (43116), and the messages it stopped because of it
//! (`platform/04 A1, A2`).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use wire::Timestamp;

use crate::api::refusal::Refused;
use crate::api::{Answer, Call, Scene, answer};

/// Messages of one answer.
const MOST: i64 = 100;
/// Stopped messages kept; the oldest give way.
const KEPT: usize = 10_000;
/// The code of a message by a banned template.
const BANNED: i64 = 43116;

#[derive(Debug, Clone)]
struct Stopped {
    number: i64,
    template: String,
    title: String,
    content: String,
    at: Timestamp,
    person: u32,
}

/// What the platform holds against an account's templates.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// Templates that are banned, of either product.
    pub banned: BTreeSet<String>,
    stopped: Vec<Stopped>,
    numbered: i64,
}

impl Blocks {
    /// Lets a message pass, or keeps it among the stopped ones.
    ///
    /// # Errors
    /// 43116 when its template is banned.
    pub fn check(
        &mut self,
        template: &str,
        title: &str,
        text: &str,
        person: u32,
        at: Timestamp,
    ) -> Result<(), Refused> {
        if !self.banned.contains(template) {
            return Ok(());
        }
        if self.stopped.len() == KEPT {
            self.stopped.remove(0);
        }
        self.numbered += 1;
        self.stopped.push(Stopped {
            number: self.numbered,
            template: template.to_owned(),
            title: title.to_owned(),
            content: text.to_owned(),
            at,
            person,
        });
        Err(Refused::new(BANNED))
    }
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    tmpl_msg_id: String,
    #[serde(default)]
    largest_id: i64,
    #[serde(default)]
    limit: i64,
}

/// `wxa/sec/queryblocktmplmsg`: messages stopped, from the one after `largest_id` on.
///
/// # Errors
/// 40097 for a limit outside 1 to 100 (assumed).
pub fn list(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: Request = call.json()?;
    if !(1..=MOST).contains(&request.limit) {
        return Err(Refused::new(40097));
    }
    let account = &*scene.account;
    let fits = |one: &&Stopped| {
        one.number > request.largest_id
            && (request.tmpl_msg_id.is_empty() || one.template == request.tmpl_msg_id)
    };
    let most = usize::try_from(request.limit).unwrap_or(0);
    let shown = |one: &Stopped| {
        json!({"id":one.number,"tmpl_msg_id":one.template,"title":one.title,
            "content":one.content,"send_timestamp":one.at.0,
            "openid":account.people.openid(one.person)})
    };
    let list: Vec<Value> =
        account.blocks.stopped.iter().filter(fits).take(most).map(shown).collect();
    answer(&json!({ "msginfo": list }))
}
