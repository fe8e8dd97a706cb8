//! Notices arriving, people asked for consent, and the account being told: TEMPLATESENDJOBFINISH
//! (`platform/04 A3`) and the three events of subscription notices (`platform/04 C4`). Changing the
//! state and telling of it happen together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::{head, tell};
use super::xml::Xml;
use crate::account::Account;
use crate::api::subscription::consent::Choice;
use crate::assumptions::Assumptions;
use crate::chance::{draw, falls};
use crate::inbox::{Channel, Delivery};
use crate::population::topic;
use crate::world::World;

/// Most templates of a prompt in an article (`platform/04 C1`).
const TEMPLATES_IN_ARTICLE: usize = 5;
/// How a failed delivery of a subscription notice is told; the page gives no list, so assumed.
const FAILED: (i64, &str) = (20_001, "system error");

/// A notice arrives, or does not: the person may have left, refuse the account's messages, or the
/// account may be one whose deliveries fail now and then. A subscription notice asks for consent
/// alone, which the call has spent.
pub fn deliver(world: &mut World, delivery: Delivery) {
    let now = world.now();
    let Delivery { account: position, person, mut notice } = delivery;
    let Some(account) = world.account_mut(position) else { return };
    let msg_id = notice.msg_id.unwrap_or(0);
    let drawn = draw(account.people.seed(), topic::DELIVERY, msg_id.unsigned_abs());
    let fails = falls(drawn, account.errors_per_mille.into(), 1000);
    notice.at = now;
    // Nobody listens: what would be told need not be written.
    let is_told = account.callback.is_some();
    match notice.channel {
        Channel::Template => {
            let status = if account.people.refusing().contains(person) {
                "failed:user block"
            } else if fails || !account.people.following().contains(person) {
                "failed: system failed"
            } else {
                account.inbox.add(person, notice);
                "success"
            };
            if is_told {
                let openid = account.people.openid(person);
                let mut xml = head(account, &openid, now.0, "event");
                xml.text("Event", "TEMPLATESENDJOBFINISH")
                    .number("MsgID", msg_id)
                    .text("Status", status);
                tell(world, position, "TEMPLATESENDJOBFINISH", openid, xml.finish());
            }
        }
        Channel::Subscription => {
            let (code, status) = if fails { FAILED } else { (0, "success") };
            let openid = account.people.openid(person);
            let mut xml = head(account, &openid, now.0, "event");
            xml.text("Event", "subscribe_msg_sent_event").open("SubscribeMsgSentEvent");
            xml.open("List")
                .text("TemplateId", notice.template_id.as_deref().unwrap_or_default())
                .number("MsgID", msg_id)
                .number("ErrorCode", code)
                .text("ErrorStatus", status)
                .close("List");
            xml.close("SubscribeMsgSentEvent");
            if !fails {
                account.inbox.add(person, notice);
            }
            tell(world, position, "subscribe_msg_sent_event", openid, xml.finish());
        }
        // These arrive within the call.
        Channel::CustomerService | Channel::OneTime | Channel::Passive | Channel::AutoReply => {
            account.inbox.add(person, notice)
        }
    }
}

/// Where a prompt is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// On a page of the web.
    #[default]
    Web,
    /// In an article.
    Article,
}

impl Scene {
    /// Most templates asked for at once.
    #[must_use]
    pub fn most_templates(self, assumptions: &Assumptions) -> usize {
        match self {
            Self::Web => assumptions.prompt_templates,
            Self::Article => TEMPLATES_IN_ARTICLE,
        }
    }

    /// `PopupScene`.
    fn number(self) -> u8 {
        match self {
            Self::Web => 1,
            Self::Article => 2,
        }
    }
}

/// What the page that asked learns.
#[derive(Debug, Default, Serialize)]
pub struct Details {
    /// Template id → `accept`, `reject`, `cancel`, or `filter` for a title asked for twice.
    pub details: BTreeMap<String, &'static str>,
    /// Whether anything was shown; answers that are kept need no prompt.
    pub prompted: bool,
}

fn word(choice: Choice) -> &'static str {
    match choice {
        Choice::Accept => "accept",
        Choice::Reject => "reject",
        Choice::Cancel => "cancel",
    }
}

/// A person is asked for consent: subscribe_msg_popup_event, for what they were really asked and
/// answered.
pub fn prompt(
    world: &mut World,
    position: usize,
    person: u32,
    templates: &BTreeMap<String, Choice>,
    always: bool,
    scene: Scene,
) -> Details {
    let mut learnt = Details::default();
    let mut told = Vec::new();
    let mut titles = Vec::new();
    let Some(account) = world.account_mut(position) else { return learnt };
    for (id, choice) in templates {
        let Some(held) = account.subscriptions.template(id).cloned() else { continue };
        if titles.contains(&held.title) {
            learnt.details.insert(id.clone(), "filter");
            continue;
        }
        titles.push(held.title);
        let consents = &mut account.subscriptions.consents;
        let (held_choice, asked) = consents.meet(person, &held, *choice, always);
        learnt.details.insert(id.clone(), word(held_choice));
        learnt.prompted |= asked;
        if asked && held_choice != Choice::Cancel {
            told.push((id.as_str(), word(held_choice)));
        }
    }
    if !told.is_empty() {
        let write = |xml: &mut Xml, (id, word): &(&str, &str)| {
            xml.text("TemplateId", id)
                .text("SubscribeStatusString", word)
                .number("PopupScene", scene.number());
        };
        let event = ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent");
        tell_of(world, position, person, event, &told, write);
    }
    learnt
}

/// A person switches notices off in the account's settings: subscribe_msg_change_event.
pub fn withdraw(world: &mut World, position: usize, person: u32, templates: &[String]) {
    let Some(account) = world.account_mut(position) else { return };
    for id in templates {
        account.subscriptions.consents.withdraw(person, id);
    }
    let write = |xml: &mut Xml, id: &String| {
        xml.text("TemplateId", id).text("SubscribeStatusString", "reject");
    };
    let event = ("subscribe_msg_change_event", "SubscribeMsgChangeEvent");
    tell_of(world, position, person, event, templates, write);
}

/// Tells of several templates: the event's name, its wrapper, and a `List` each.
fn tell_of<T>(
    world: &mut World,
    position: usize,
    person: u32,
    (event, wrapper): (&'static str, &str),
    items: &[T],
    write: impl Fn(&mut Xml, &T),
) {
    let now = world.now();
    let Some(account): Option<&Account> = world.accounts().get(position) else { return };
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", event).open(wrapper);
    for item in items {
        xml.open("List");
        write(&mut xml, item);
        xml.close("List");
    }
    xml.close(wrapper);
    tell(world, position, event, openid, xml.finish());
}
