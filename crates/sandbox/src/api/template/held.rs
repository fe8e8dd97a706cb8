//! A template an account has taken from the library, and how a call's values fill it.

use std::borrow::Cow;

use serde_json::Value;

use super::library::Keyword;
use super::rule::Rule;
use crate::api::refusal::Refused;
use crate::assumptions::Unwanted;

/// Length of a template's id (`platform/04 A2`).
pub const ID_CHARACTERS: usize = 43;

/// A place for a value.
#[derive(Debug, Clone)]
pub struct Slot {
    /// What calls name it by: `thing1`.
    pub key: String,
    /// What people read before the value; empty for none.
    pub name: &'static str,
    /// What it takes.
    pub rule: Rule,
    /// A value it takes.
    pub example: &'static str,
}

impl Slot {
    /// The slot of a title's keyword; `number` is its place in the title, from 1, which keys end in.
    #[must_use]
    pub fn of(keyword: &Keyword, number: usize) -> Self {
        let Keyword { name, rule, example } = *keyword;
        Self { key: format!("{}{number}", rule.word()), name, rule, example }
    }

    fn line(&self, value: &str) -> String {
        if self.name.is_empty() { format!("{value}\n") } else { format!("{}:{value}\n", self.name) }
    }
}

/// Values that a call gives for the places of a template.
pub trait Given {
    /// The keys there are values for.
    fn keys(&self) -> impl Iterator<Item = &str>;

    /// The text given for a key, if it is one.
    fn value(&self, key: &str) -> Option<&str>;
}

impl Given for Value {
    fn keys(&self) -> impl Iterator<Item = &str> {
        self.as_object().into_iter().flatten().map(|(key, _)| key.as_str())
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.get(key)?.get("value")?.as_str()
    }
}

/// A template of an account's own.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// What people read above the notice.
    pub title: &'static str,
    /// The trade a historical template belongs to.
    pub industry: Option<usize>,
    /// 2 one-time, 3 long-term; of no meaning for template messages.
    pub kind: i64,
    /// The places for values, in the order they are read.
    pub slots: Vec<Slot>,
}

impl Held {
    /// The template with its places named.
    #[must_use]
    pub fn content(&self) -> String {
        self.slots.iter().map(|slot| slot.line(&format!("{{{{{}.DATA}}}}", slot.key))).collect()
    }

    /// The template with examples in its places.
    #[must_use]
    pub fn example(&self) -> String {
        self.slots.iter().map(|slot| slot.line(slot.example)).collect()
    }

    /// What a person reads when these values fill it. Line breaks in values are cut (`platform/04
    /// C5`). `extra` says what becomes of keys the template does not have, `is_shown` picks the
    /// slots that are filled at all.
    ///
    /// # Errors
    /// 47003 naming the first value that is missing, empty, not taken or too many.
    pub fn fill(
        &self,
        data: &impl Given,
        extra: Unwanted,
        is_shown: impl Fn(&Slot) -> bool,
    ) -> Result<String, Refused> {
        let mut text = String::new();
        let known = |key: &str| self.slots.iter().any(|slot| slot.key == key);
        if extra == Unwanted::Refused
            && let Some(key) = data.keys().find(|key| !known(key))
        {
            let words = format!("argument invalid! data.{key}.value invalid");
            return Err(Refused::with_text(47003, words));
        }
        for slot in self.slots.iter().filter(|slot| is_shown(slot)) {
            let value = data.value(&slot.key).unwrap_or_default();
            let value = match value.contains(['\n', '\r']) {
                true => Cow::Owned(value.replace(['\n', '\r'], "")),
                false => Cow::Borrowed(value),
            };
            if !slot.rule.takes(&value) {
                let words = format!("argument invalid! data.{}.value invalid", slot.key);
                return Err(Refused::with_text(47003, words));
            }
            text.push_str(&slot.line(&value));
        }
        Ok(text)
    }
}
