//! What a third-party platform is told at its event address: tickets every ten minutes, and
//! authorisations (`platform/11 §2.1, §4`). Always encrypted with the platform's own key.

use wire::rules::{AccountKind, Limits};
use wire::{AppId, Timestamp};

use crate::clock::Due;
use crate::push::xml::Xml;
use crate::push::{Push, To};
use crate::world::World;

/// A notice on its way.
#[derive(Debug, Clone)]
pub struct Notice {
    /// To whom.
    pub component: usize,
    /// `InfoType`.
    pub info_type: &'static str,
    /// The fields, without the root element.
    pub fields: String,
}

/// The fields every notice begins with.
pub(super) fn head(appid: &AppId, now: Timestamp, info_type: &str) -> Xml {
    let mut xml = Xml::default();
    xml.text("AppId", appid.as_str()).number("CreateTime", now.0).text("InfoType", info_type);
    xml
}

/// Puts a notice into the queue, as faults allow. Nothing happens without an event address.
pub(super) fn emit(world: &mut World, notice: Notice) {
    let Notice { component, info_type, fields } = notice;
    let to = To::Component(component);
    let push = Push { to, event: info_type, openid: String::new(), fields, attempts: 0 };
    crate::push::emit(world, push);
}

/// Starts the pushes of tickets, or starts them again: the first one goes out now.
pub fn start_tickets(world: &mut World, component: usize) {
    let now = world.now();
    let Some(platform) = world.components.get_mut(component) else { return };
    if platform.is_pushing {
        push_ticket(world, component);
    } else {
        platform.is_pushing = true;
        world.queue.add(now, Due::Ticket { component });
    }
}

/// Ten minutes have passed: another ticket, and the next in ten minutes.
pub fn push_due_ticket(world: &mut World, component: usize) {
    let now = world.now();
    push_ticket(world, component);
    let day = world.rules_day();
    // `Sandbox::start` refuses days without limits.
    if let Ok(limits) = Limits::on(day, AccountKind::Service) {
        let seconds = limits.component_ticket_seconds.max(1);
        world.queue.add(now + seconds, Due::Ticket { component });
    }
}

/// A ticket now, beside the ones that come by themselves; says which.
pub fn push_ticket(world: &mut World, component: usize) -> Option<String> {
    let now = world.now();
    let platform = world.components.get_mut(component)?;
    let ticket = platform.make_ticket(now);
    let info_type = "component_verify_ticket";
    let mut xml = head(&platform.appid, now, info_type);
    xml.text("ComponentVerifyTicket", &ticket);
    emit(world, Notice { component, info_type, fields: xml.finish() });
    Some(ticket)
}
