//! Notices arriving, and the account being told: TEMPLATESENDJOBFINISH (`platform/04 A3`).

use super::events::{head, tell};
use crate::chance::{draw, falls};
use crate::inbox::{Channel, Delivery};
use crate::population::topic;
use crate::world::World;

/// A notice arrives, or does not: the person may have left, refuse the account's messages, or the
/// account may be one whose deliveries fail now and then.
pub fn deliver(world: &mut World, delivery: Delivery) {
    let now = world.now();
    let Delivery { account: position, person, mut notice } = delivery;
    let Some(account) = world.account_mut(position) else { return };
    let msg_id = notice.msg_id.unwrap_or(0);
    let drawn = draw(account.people.seed(), topic::DELIVERY, msg_id.unsigned_abs());
    let fails = falls(drawn, account.errors_per_mille.into(), 1000);
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    notice.at = now;
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
            xml.text("Event", "TEMPLATESENDJOBFINISH")
                .number("MsgID", msg_id)
                .text("Status", status);
            tell(world, position, "TEMPLATESENDJOBFINISH", openid, xml.finish());
        }
        // These arrive within the call.
        Channel::CustomerService => account.inbox.add(person, notice),
    }
}
