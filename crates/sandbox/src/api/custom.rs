//! Customer-service messages (`platform/05`): to a person who has just written, clicked, followed
//! or scanned, as many as that allows. A refused call takes nothing from what is allowed (assumed).

pub mod message;
pub mod window;

use serde::Deserialize;
use serde_json::Value;

use super::refusal::Refused;
use super::{Answer, Call, Scene, done};
use crate::inbox::{Channel, Notice, Place, Shown};

/// The person of this OpenID: one of the account's, whether following or not.
fn person(scene: &Scene<'_>, openid: Option<&str>) -> Result<u32, Refused> {
    openid.and_then(|openid| scene.account.people.person(openid)).ok_or(Refused::new(40003))
}

/// `message/custom/send`.
///
/// # Errors
/// 40003 for a foreign OpenID, the codes of [`message::read`], 65401 for an agent nobody knows,
/// 45015 when the person has done nothing lately or left, 45047 when what they did is used up.
pub fn send(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let body: Value = call.json_with_literal_escapes()?;
    let person = person(scene, body.get("touser").and_then(Value::as_str))?;
    let assumptions = scene.account.assumptions;
    if assumptions.blacklist_closes_replies && scene.account.people.blacklisted().contains(person) {
        return Err(Refused::new(43019));
    }
    let message = match message::read(&body, scene) {
        Ok(message) => message,
        Err(refused) => {
            if assumptions.refused_reply_spends {
                // Whether there was anything to spend does not matter: the call is refused anyway.
                let _ = scene.account.windows.take(person, scene.now);
            }
            return Err(refused);
        }
    };
    let agent = body.get("customservice").and_then(|named| named.get("kf_account"));
    let agent = agent.and_then(Value::as_str).filter(|agent| !agent.is_empty());
    if agent.is_some_and(|agent| !scene.account.agents.has(agent)) {
        return Err(Refused::new(65401));
    }
    if !scene.account.people.following().contains(person) {
        return Err(Refused::new(assumptions.reply_to_leaver_code));
    }
    scene.account.windows.take(person, scene.now)?;
    let notice = Notice {
        at: scene.now,
        channel: Channel::CustomerService,
        place: Place::Chat,
        kind: message.kind.into(),
        template_id: None,
        msg_id: None,
        text: message.text,
        body: Shown::Read(message.body),
    };
    if let Some(agent) = agent {
        scene.account.agents.talks.sent(person, &notice.text, agent, scene.now);
    }
    scene.account.inbox.add(person, notice);
    done()
}

#[derive(Deserialize)]
struct TypingRequest {
    #[serde(default)]
    touser: Option<String>,
    #[serde(default)]
    command: Option<String>,
}

/// `message/custom/typing`. Takes nothing from what is allowed.
///
/// # Errors
/// 40003 for a foreign OpenID, 45072 for another command, 45080, 45047 and 45081 as
/// [`window::Windows::typing`] says.
pub fn typing(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let request: TypingRequest = call.json()?;
    let person = person(scene, request.touser.as_deref())?;
    let shows = match request.command.as_deref() {
        Some("Typing") => true,
        Some("CancelTyping") => false,
        _ => return Err(Refused::new(45072)),
    };
    scene.account.windows.typing(person, shows, &scene.limits, scene.now)?;
    if shows && scene.account.assumptions.typing_spends {
        scene.account.windows.spend(person, scene.now)?;
    }
    done()
}
