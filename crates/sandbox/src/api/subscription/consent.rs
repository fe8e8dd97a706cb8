//! Who agreed to which subscription notice (`platform/04 C1`). A one-time acceptance is one message
//! without a date, and acceptances add up; a long-term one stands until it is withdrawn.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::api::refusal::Refused;
use crate::api::template::held::Held;
use crate::api::template::library::LONG_TERM;

/// What a person answered to a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Agreed.
    Accept,
    /// Refused.
    Reject,
    /// Closed the prompt without an answer.
    Cancel,
}

/// How one person stands to one template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// One-time messages left.
    pub left: i64,
    /// Whether any number of messages may go.
    pub standing: bool,
    /// The answer that is kept: no prompt is shown any more (总是保持以上选择, or the settings).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remembered: Option<Choice>,
}

/// The consents of all people of an account.
#[derive(Debug, Clone, Default)]
pub struct Consents {
    of: HashMap<u32, BTreeMap<String, Consent>>,
}

impl Consents {
    fn entry(&mut self, person: u32, template: &str) -> &mut Consent {
        self.of.entry(person).or_default().entry(template.to_owned()).or_default()
    }

    /// A person meets a prompt. What they told to keep holds instead of `choice`. Says what
    /// held, and whether they were asked at all. Refusing takes nothing given before (assumed).
    pub fn meet(
        &mut self,
        person: u32,
        held: &Held,
        choice: Choice,
        always: bool,
    ) -> (Choice, bool) {
        let consent = self.entry(person, &held.id);
        let (choice, asked) = match consent.remembered {
            Some(remembered) => (remembered, false),
            None => (choice, true),
        };
        if choice == Choice::Accept && held.kind == LONG_TERM {
            consent.standing = true;
        } else if choice == Choice::Accept {
            consent.left += 1;
        }
        if asked && always && choice != Choice::Cancel {
            consent.remembered = Some(choice);
        }
        (choice, asked)
    }

    /// A person switches the notice off in the account's settings: nothing given before is left.
    pub fn withdraw(&mut self, person: u32, template: &str) {
        let consent = self.entry(person, template);
        *consent = Consent { remembered: Some(Choice::Reject), ..Consent::default() };
    }

    /// A person switches the notice on again: prompts are shown again.
    pub fn restore(&mut self, person: u32, template: &str) {
        self.entry(person, template).remembered = None;
    }

    /// Whether a message may go.
    ///
    /// # Errors
    /// 43101 when the person never agreed, refused, or what they gave is used up.
    pub fn spend(&mut self, person: u32, template: &str) -> Result<(), Refused> {
        let consent = self.of.get_mut(&person).and_then(|consents| consents.get_mut(template));
        match consent {
            Some(consent) if consent.standing => Ok(()),
            Some(consent) if consent.left > 0 => {
                consent.left -= 1;
                Ok(())
            }
            _ => Err(Refused::new(43101)),
        }
    }

    /// How the person stands to each template they were ever asked about.
    #[must_use]
    pub fn of(&self, person: u32) -> BTreeMap<String, Consent> {
        self.of.get(&person).cloned().unwrap_or_default()
    }
}
