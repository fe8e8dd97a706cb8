//! Codes and tokens of people who signed in, over all accounts.

use std::collections::HashMap;

use wire::rules::Limits;
use wire::{AppId, Timestamp};

use crate::chance::Chance;

/// Codes and tokens are told apart from unknown ones for a day after their end.
const REMEMBERED_SECONDS: i64 = 86_400;
/// Above this many, those that ended long ago are dropped.
const MANY: usize = 4_096;

/// What a person was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `snsapi_base`: the OpenID, silently.
    Base,
    /// `snsapi_userinfo`: name and picture, by consent.
    UserInfo,
}

impl Scope {
    /// As the platform spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "snsapi_base",
            Self::UserInfo => "snsapi_userinfo",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Base, Self::UserInfo].into_iter().find(|scope| scope.name() == name)
    }
}

/// Whom a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A person of the account.
    Person(u32),
    /// The virtual person lent to them by a snapshot page.
    Snapshot(u32),
}

/// A code a person signed in with.
#[derive(Debug, Clone)]
pub struct Code {
    /// Position of the account.
    pub account: usize,
    /// Whose.
    pub holder: Holder,
    /// What for.
    pub scope: Scope,
    /// The third-party platform that asked for the account.
    pub component: Option<AppId>,
    /// When.
    pub made: Timestamp,
    /// Whether it was redeemed.
    pub used: bool,
}

/// A person's token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token.
    pub text: String,
    /// Its end.
    pub until: Timestamp,
    /// The token that renews it.
    pub refresh: String,
    /// The end of that.
    pub refresh_until: Timestamp,
    /// Position of the account.
    pub account: usize,
    /// Whose.
    pub holder: Holder,
    /// What for.
    pub scope: Scope,
    /// The third-party platform it was given to.
    pub component: Option<AppId>,
}

/// All codes and tokens.
#[derive(Debug, Clone)]
pub struct Grants {
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Token>,
    /// Of each refresh token the newest token.
    by_refresh: HashMap<String, String>,
    minutes: HashMap<usize, (Timestamp, i64)>,
    chance: Chance,
    /// At which number of tokens the next sweep is due.
    sweep_at: usize,
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            codes: HashMap::new(),
            tokens: HashMap::new(),
            by_refresh: HashMap::new(),
            minutes: HashMap::new(),
            chance: Chance::new(0x0a17),
            sweep_at: MANY,
        }
    }
}

impl Grants {
    /// A person signed in: their code.
    pub fn sign_in(&mut self, code: Code) -> String {
        let now = code.made;
        if self.codes.len() >= MANY {
            self.codes.retain(|_, code| now - code.made < REMEMBERED_SECONDS);
        }
        let text = format!("0{}", self.chance.text(31));
        self.codes.insert(text.clone(), code);
        text
    }

    /// The code, redeemed or not.
    pub fn code_mut(&mut self, text: &str) -> Option<&mut Code> {
        self.codes.get_mut(text)
    }

    /// A token for whom a code stood for.
    pub fn give(
        &mut self,
        account: usize,
        holder: Holder,
        scope: Scope,
        component: Option<AppId>,
        limits: &Limits,
        now: Timestamp,
    ) -> Token {
        let token = Token {
            text: self.token_text(),
            until: now + limits.oauth_token_seconds,
            refresh: self.token_text(),
            refresh_until: now + limits.oauth_refresh_days * 86_400,
            account,
            holder,
            scope,
            component,
        };
        self.keep(token, now)
    }

    /// Another token for the same refresh token, whose end stays (assumed); the former one lives
    /// to its own end.
    pub fn renew(&mut self, former: &Token, limits: &Limits, now: Timestamp) -> Token {
        let text = self.token_text();
        let until = now + limits.oauth_token_seconds;
        self.keep(Token { text, until, ..former.clone() }, now)
    }

    fn keep(&mut self, token: Token, now: Timestamp) -> Token {
        if self.tokens.len() >= self.sweep_at {
            self.tokens.retain(|_, token| now - token.refresh_until < REMEMBERED_SECONDS);
            let tokens = &self.tokens;
            self.by_refresh.retain(|_, text| tokens.contains_key(text));
            self.sweep_at = MANY.max(self.tokens.len() * 2);
        }
        self.by_refresh.insert(token.refresh.clone(), token.text.clone());
        self.tokens.insert(token.text.clone(), token.clone());
        token
    }

    fn token_text(&mut self) -> String {
        // The form of the documentation's samples: a number, `_`, some eighty characters.
        format!("88_{}", self.chance.text(83))
    }

    /// The token of this text.
    #[must_use]
    pub fn token(&self, text: &str) -> Option<&Token> {
        self.tokens.get(text)
    }

    /// The newest token of this refresh token.
    #[must_use]
    pub fn by_refresh(&self, text: &str) -> Option<&Token> {
        self.tokens.get(self.by_refresh.get(text)?)
    }

    /// Counts a call of this account; `false` above so many a minute.
    pub fn count(&mut self, account: usize, most: i64, now: Timestamp) -> bool {
        let minute = now.minute_start();
        let counted = self.minutes.entry(account).or_insert((minute, 0));
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 += 1;
        counted.1 <= most
    }

    /// Takes every token of this person at the account: they withdrew what they had agreed to.
    pub fn withdraw(&mut self, account: usize, person: u32) {
        self.tokens
            .retain(|_, token| token.account != account || token.holder != Holder::Person(person));
        let tokens = &self.tokens;
        self.by_refresh.retain(|_, text| tokens.contains_key(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_calls_a_minute_for_each_account() {
        let mut grants = Grants::default();
        let now = Timestamp(1_772_330_400);
        assert!((0..50_000).all(|_| grants.count(0, 50_000, now)));
        assert!(!grants.count(0, 50_000, now + 59));
        assert!(grants.count(1, 50_000, now + 59), "another account");
        assert!(grants.count(0, 50_000, now + 60), "another minute");
    }

    #[test]
    fn what_ended_long_ago_is_dropped_as_more_comes() {
        let mut grants = Grants::default();
        let start = Timestamp(1_772_330_400);
        let sign_in = |grants: &mut Grants, made| {
            let (holder, scope) = (Holder::Person(1), Scope::Base);
            grants.sign_in(Code { account: 0, holder, scope, component: None, made, used: false })
        };
        let first = sign_in(&mut grants, start);
        for _ in 0..MANY {
            sign_in(&mut grants, start + 300);
        }
        assert!(grants.code_mut(&first).is_some());
        let last = sign_in(&mut grants, start + 2 * 86_400);
        assert!(grants.code_mut(&first).is_none() && grants.code_mut(&last).is_some());
        assert_eq!(grants.codes.len(), 1);
    }
}
