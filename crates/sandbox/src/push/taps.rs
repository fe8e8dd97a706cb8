//! Followers tapping menu entries (`platform/06 §4`, `platform/09 §1`).

use super::events::{head, tell};
use crate::account::Account;
use crate::api::menu::button::{Button, leaves};
use crate::api::menu::seen_by;
use crate::chance::draw;
use crate::population::topic;
use crate::world::World;

/// The event a button brings about and its key; `None` for buttons that tell nothing.
fn event(button: &Button) -> Option<(&'static str, &str)> {
    let (name, key) = match button.kind.as_deref()? {
        "click" => ("CLICK", &button.key),
        "view" => ("VIEW", &button.url),
        "miniprogram" => ("view_miniprogram", &button.pagepath),
        "scancode_push" => ("scancode_push", &button.key),
        "scancode_waitmsg" => ("scancode_waitmsg", &button.key),
        "pic_sysphoto" => ("pic_sysphoto", &button.key),
        "pic_photo_or_album" => ("pic_photo_or_album", &button.key),
        "pic_weixin" => ("pic_weixin", &button.key),
        "location_select" => ("location_select", &button.key),
        _ => return None,
    };
    Some((name, key.as_deref()?))
}

struct Tap {
    menu: i64,
    event: &'static str,
    key: String,
}

/// What this person can tap in the menu they see; `None` without a menu.
fn taps(account: &Account, person: u32) -> Option<Vec<Tap>> {
    if account.menus.is_of_website() {
        return Some(Vec::new());
    }
    let (menu, buttons) = seen_by(account, person)?;
    let tap = |button| {
        let (event, key) = event(button)?;
        Some(Tap { menu, event, key: key.to_owned() })
    };
    Some(leaves(buttons).filter_map(tap).collect())
}

/// Somebody taps by themselves: an entry of the menu they see, or `key` while the account has no
/// menu. A menu whose entries tell nothing is tapped without an event.
pub fn by_habit(world: &mut World, position: usize, person: u32, key: &str) -> bool {
    let Some(account) = world.accounts().get(position) else { return false };
    let Some(entries) = taps(account, person) else {
        return click(world, position, person, key);
    };
    if entries.is_empty() {
        return account.people.following().contains(person);
    }
    tap_some(world, position, person, entries)
}

/// Somebody taps an entry of the menu they see; `false` when there is none that tells anything.
pub fn in_menu(world: &mut World, position: usize, person: u32) -> bool {
    let account = world.accounts().get(position);
    let entries = account.and_then(|account| taps(account, person)).unwrap_or_default();
    !entries.is_empty() && tap_some(world, position, person, entries)
}

fn tap_some(world: &mut World, position: usize, person: u32, mut entries: Vec<Tap>) -> bool {
    let now = world.now();
    let Some(account) = world.accounts().get(position) else { return false };
    let subject = u64::from(person) ^ now.0.unsigned_abs();
    let nth = draw(account.people.seed(), topic::MENU, subject) % entries.len() as u64;
    let tap = entries.swap_remove(usize::try_from(nth).unwrap_or(0));
    push(world, position, person, &tap)
}

/// A follower taps the entry with this key or address; `false` when the person does not follow. A
/// key that is in no menu of theirs comes as CLICK: a client may still show a former menu.
pub fn click(world: &mut World, position: usize, person: u32, key: &str) -> bool {
    let Some(account) = world.accounts().get(position) else { return false };
    let entries = taps(account, person).unwrap_or_default();
    let former = || Tap { menu: 0, event: "CLICK", key: key.to_owned() };
    let tap = entries.into_iter().find(|tap| tap.key == key).unwrap_or_else(former);
    push(world, position, person, &tap)
}

fn push(world: &mut World, position: usize, person: u32, tap: &Tap) -> bool {
    let now = world.now();
    let Some(account) = world.account_mut(position) else { return false };
    if !account.people.following().contains(person) {
        return false;
    }
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", tap.event).text("EventKey", &tap.key);
    let drawn = draw(account.people.seed(), topic::MENU, now.0.unsigned_abs());
    match tap.event {
        "VIEW" | "view_miniprogram" => {
            xml.number("MenuId", tap.menu);
        }
        "scancode_push" | "scancode_waitmsg" => {
            xml.open("ScanCodeInfo")
                .text("ScanType", "qrcode")
                .text("ScanResult", &format!("https://shop.example.com/{}", drawn % 1_000))
                .close("ScanCodeInfo");
        }
        "pic_sysphoto" | "pic_photo_or_album" | "pic_weixin" => {
            xml.open("SendPicsInfo").number("Count", 1).open("PicList").open("item");
            xml.text("PicMd5Sum", &format!("{drawn:016x}{:016x}", !drawn));
            xml.close("item").close("PicList").close("SendPicsInfo");
        }
        "location_select" => {
            xml.open("SendLocationInfo")
                .text("Location_X", &format!("31.{:04}", drawn % 10_000))
                .text("Location_Y", &format!("121.{:04}", drawn / 10_000 % 10_000))
                .text("Scale", "15")
                .text("Label", "上海市")
                .text("Poiname", "")
                .close("SendLocationInfo");
        }
        _ => {}
    }
    tell(world, position, tap.event, openid, xml.finish());
    true
}
