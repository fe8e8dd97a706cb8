//! Events about what a person agreed to on a web page (`platform/06 §4`, `platform/09 §5`): they
//! changed their profile, took their consent back, or left WeChat.

use super::events::head;
use super::{Push, To, emit};
use crate::world::World;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Name or picture.
    Modify,
    /// The consent: their tokens end.
    Revoke,
    /// They deleted themselves: their tokens end.
    Cancel,
}

impl Change {
    /// The change as the control interface spells it.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "modify" => Some(Self::Modify),
            "revoke" => Some(Self::Revoke),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }

    fn event(self) -> &'static str {
        match self {
            Self::Modify => "user_info_modified",
            Self::Revoke => "user_authorization_revoke",
            Self::Cancel => "user_authorization_cancellation",
        }
    }
}

/// Carries the change out and tells the account.
pub fn tell(
    world: &mut World,
    position: usize,
    person: u32,
    change: Change,
    revoke_info: Option<&str>,
) {
    let now = world.now();
    if change != Change::Modify {
        world.web.withdraw(position, person);
    }
    let Some(account) = world.accounts().get(position) else { return };
    let openid = account.people.openid(person);
    let mut xml = head(account, &openid, now.0, "event");
    xml.text("Event", change.event())
        .text("OpenID", &openid)
        .text("AppID", account.appid.as_str())
        .text("RevokeInfo", revoke_info.unwrap_or_default());
    let fields = xml.finish();
    emit(
        world,
        Push { to: To::Account(position), event: change.event(), openid, fields, attempts: 0 },
    );
}
