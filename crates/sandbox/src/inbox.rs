//! What people got beside mass messages: customer-service messages and notices, as they see them.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;
use wire::Timestamp;

use crate::account::Account;

/// The newest of these are kept for each person.
const KEPT: usize = 200;

const FIRST_NUMBER: i64 = 3_428_411_849_815_982_086;

/// Which of the platform's products brought it; their rules have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 客服消息.
    CustomerService,
    /// 模板消息.
    Template,
    /// 订阅通知.
    Subscription,
    /// 一次性订阅消息.
    OneTime,
    /// 被动回复: the merchant's answer to a push.
    Passive,
    /// 自动回复: what the website holds.
    AutoReply,
}

/// Where the person finds it (`platform/04 B, C1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The chat with the account.
    Chat,
    /// 服务通知: who does not follow finds it there.
    ServiceNotices,
}

/// The part of a call that said what to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As it was read.
    Read(Value),
    /// JSON as it was written, and read only when somebody looks: of many notices hardly one is
    /// ever looked at.
    Written(Arc<str>),
}

impl Shown {
    /// Keeps this as JSON.
    pub fn written<T: Serialize>(body: &T) -> Self {
        // What calls brought can be written again; an empty text would read as null.
        Self::Written(serde_json::to_string(body).unwrap_or_default().into())
    }

    /// What it says.
    #[must_use]
    pub fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Read(value) => Cow::Borrowed(value),
            Self::Written(text) => Cow::Owned(serde_json::from_str(text).unwrap_or_default()),
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// One thing a person got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// By which product.
    pub channel: Channel,
    /// Where they find it.
    pub place: Place,
    /// Kind of message: `text`, `news`, …; `template` for all that fills a template.
    pub kind: Cow<'static, str>,
    /// The template filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// The number the platform gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<i64>,
    /// The words they read.
    pub text: String,
    /// The part of the call that said what to show.
    pub body: Shown,
}

/// A notice on its way.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Whose.
    pub account: usize,
    /// To whom.
    pub person: u32,
    /// What.
    pub notice: Notice,
}

/// What all people of an account got.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    of: HashMap<u32, VecDeque<Notice>>,
    numbered: i64,
}

impl Inbox {
    /// The number of the next notice: 19 digits, which need 64 bits (`platform/04 A2`).
    pub fn number(&mut self) -> i64 {
        self.numbered += 1;
        FIRST_NUMBER.saturating_add(self.numbered)
    }

    /// A person gets something.
    pub fn add(&mut self, person: u32, notice: Notice) {
        let notices = self.of.entry(person).or_default();
        if notices.len() == KEPT {
            notices.pop_front();
        }
        notices.push_back(notice);
    }

    /// What the person got, oldest first.
    pub fn of(&self, person: u32) -> impl DoubleEndedIterator<Item = &Notice> {
        self.of.get(&person).into_iter().flatten()
    }

    /// Words of the entry with this id in the newest menu sent to the person that has it.
    #[must_use]
    pub fn menu_entry(&self, person: u32, id: &str) -> Option<String> {
        let menus = self.of(person).rev().filter(|notice| notice.kind == "msgmenu");
        menus.into_iter().find_map(|menu| {
            let body = menu.body.value();
            let mut entries = body.get("list")?.as_array()?.iter();
            let entry =
                entries.find(|entry| entry.get("id").and_then(Value::as_str) == Some(id))?;
            entry.get("content")?.as_str().map(str::to_owned)
        })
    }
}

/// Where a person finds what comes now.
#[must_use]
pub fn place_for(account: &Account, person: u32) -> Place {
    if account.people.following().contains(person) { Place::Chat } else { Place::ServiceNotices }
}
