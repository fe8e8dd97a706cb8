//! Third-party platforms (第三方平台, `platform/11`): what they are, which accounts authorised them,
//! and the tickets, tokens and codes they live on.
//!
//! An account's administrator grants permission sets; a platform's token of that account opens the
//! calls of these sets and no others. Withdrawing ends every token of the authorisation at once.

pub mod authorization;
pub mod notice;
pub mod permission;
pub mod release_test;
pub mod spec;

use std::collections::{BTreeMap, HashMap, VecDeque};

use wire::{AppId, Month, Timestamp};

use crate::chance::Chance;
use crate::push::Record;

use authorization::{Authorization, Code};
use spec::{ComponentSpec, Settings, Unusable};

/// Attempts of pushes that are remembered.
const RECORDS: usize = 20_000;
/// Tickets that are remembered; the oldest of them died days ago.
const TICKETS: usize = 1_000;

/// A pushed ticket.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The ticket.
    pub text: String,
    /// When it was made.
    pub made: Timestamp,
}

/// A code the authorisation page is opened with.
#[derive(Debug, Clone)]
pub struct PreAuthCode {
    /// When it was made.
    pub made: Timestamp,
    /// Whether an administrator has agreed with it.
    pub used: bool,
}

/// A third-party platform.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its developer id.
    pub appid: AppId,
    /// Its secret.
    pub secret: String,
    /// What it set.
    pub settings: Settings,
    /// Whether tickets are pushed.
    pub is_pushing: bool,
    /// Accounts that authorised it, by their position.
    pub authorizations: BTreeMap<usize, Authorization>,
    /// Draws of its own: tickets, codes.
    pub chance: Chance,
    pub(crate) tickets: VecDeque<Ticket>,
    pub(crate) pre_auth_codes: HashMap<String, PreAuthCode>,
    pub(crate) codes: HashMap<String, Code>,
    /// The newest token of its own.
    pub(crate) token: Option<String>,
    clearings: (Month, i64),
    pushes: VecDeque<Record>,
}

impl Component {
    /// A new ticket.
    pub fn make_ticket(&mut self, now: Timestamp) -> String {
        if self.tickets.len() == TICKETS {
            self.tickets.pop_front();
        }
        let text = format!("ticket@@@{}", self.chance.text(80));
        self.tickets.push_back(Ticket { text: text.clone(), made: now });
        text
    }

    /// Counts one clearing of quotas; `false` above so many a month.
    pub fn count_clearing(&mut self, most: i64, now: Timestamp) -> bool {
        if self.clearings.0 != now.month() {
            self.clearings = (now.month(), 0);
        }
        self.clearings.1 += 1;
        self.clearings.1 <= most
    }

    /// Writes a push attempt into the log.
    pub fn record_push(&mut self, record: Record) {
        if self.pushes.len() == RECORDS {
            self.pushes.pop_front();
        }
        self.pushes.push_back(record);
    }

    /// The log of push attempts, newest first.
    pub fn pushes(&self) -> impl Iterator<Item = &Record> {
        self.pushes.iter().rev()
    }
}

/// A token of a third-party platform, its own or one of an account.
#[derive(Debug, Clone)]
pub struct Token {
    /// Whose.
    pub component: usize,
    /// The account it opens; its own token opens the platform's calls.
    pub account: Option<usize>,
    /// Its end.
    pub until: Timestamp,
}

/// All third-party platforms.
#[derive(Debug, Clone, Default)]
pub struct Components {
    all: Vec<Component>,
    /// Whom a token was given to.
    pub(crate) tokens: HashMap<String, Token>,
    /// At which number of tokens the next sweep is due.
    sweep_at: usize,
}

/// Above this many tokens those that ended a day ago are dropped.
const MANY: usize = 4_096;
const DAY_SECONDS: i64 = 86_400;

impl Components {
    /// Adds a platform; says its position.
    ///
    /// # Errors
    /// When its description cannot be used, or its developer id is taken.
    pub fn add(&mut self, spec: ComponentSpec, now: Timestamp) -> Result<usize, Unusable> {
        spec.settings.check()?;
        let mut chance = Chance::new(crate::chance::draw(
            spec.seed,
            crate::population::topic::COMPONENT,
            self.all.len() as u64,
        ));
        let made_up = (chance.hex(16), chance.hex(32));
        let appid = match spec.appid {
            Some(appid) => appid,
            None => AppId::parse(&format!("wx{}", made_up.0))?,
        };
        if self.position(appid.as_str()).is_some() {
            return Err(Unusable::Taken(appid));
        }
        self.all.push(Component {
            appid,
            secret: spec.secret.unwrap_or(made_up.1),
            settings: spec.settings,
            is_pushing: false,
            authorizations: BTreeMap::new(),
            chance,
            tickets: VecDeque::new(),
            pre_auth_codes: HashMap::new(),
            codes: HashMap::new(),
            token: None,
            clearings: (now.month(), 0),
            pushes: VecDeque::new(),
        });
        Ok(self.all.len() - 1)
    }

    /// All of them, in the order they came.
    #[must_use]
    pub fn all(&self) -> &[Component] {
        &self.all
    }

    /// The one at this position.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<&Component> {
        self.all.get(position)
    }

    /// The one at this position, to change it.
    pub fn get_mut(&mut self, position: usize) -> Option<&mut Component> {
        self.all.get_mut(position)
    }

    /// Position of the one with this developer id.
    #[must_use]
    pub fn position(&self, appid: &str) -> Option<usize> {
        self.all.iter().position(|component| component.appid.as_str() == appid)
    }

    /// Hands a token out.
    pub fn keep_token(&mut self, text: String, token: Token, now: Timestamp) {
        if self.tokens.len() >= self.sweep_at.max(MANY) {
            self.tokens.retain(|_, token| now - token.until < DAY_SECONDS);
            self.sweep_at = self.tokens.len() * 2;
        }
        self.tokens.insert(text, token);
    }

    /// A former token lives on for a while beside its successor.
    pub(crate) fn shorten(&mut self, text: &str, until: Timestamp) {
        if let Some(token) = self.tokens.get_mut(text) {
            token.until = token.until.min(until);
        }
    }

    /// The platform that receives the account's messages: the one it granted message management to
    /// (`platform/11 §5`); then the account's own address gets nothing.
    #[must_use]
    pub fn receiver_of(&self, account: usize) -> Option<&Component> {
        self.all.iter().find(|component| {
            component.settings.message_url.is_some()
                && component
                    .authorizations
                    .get(&account)
                    .is_some_and(|granted| granted.sets.contains(&permission::MESSAGES))
        })
    }

    /// Another platform that holds one of these sets, which only one may (`platform/11 §6`).
    #[must_use]
    pub fn holder_of_exclusive(
        &self,
        account: usize,
        sets: &std::collections::BTreeSet<u32>,
        but: usize,
    ) -> Option<(u32, &Component)> {
        let exclusive = |granted: &Authorization| {
            sets.iter()
                .copied()
                .find(|set| permission::EXCLUSIVE.contains(set) && granted.sets.contains(set))
        };
        let others = self.all.iter().enumerate().filter(|(position, _)| *position != but);
        others
            .filter_map(|(_, component)| {
                let set = exclusive(component.authorizations.get(&account)?)?;
                Some((set, component))
            })
            .next()
    }
}
