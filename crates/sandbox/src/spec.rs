//! What a sandbox is started with: its clock, its accounts and what their people are like.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::rules::AccountKind;
use wire::{AppId, Day, OriginalId, Timestamp};

use crate::assumptions::Assumptions;
use crate::population::description::{Description, Unfit};

/// Most followers one account may start with.
pub const MOST_FOLLOWERS: u32 = 20_000_000;

/// Most followers of an interface test account (`platform/01 §2`).
pub const MOST_TEST_FOLLOWERS: u32 = 100;

/// How the sandbox's time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// Stands still until `POST /sandbox/clock` moves it.
    Manual(Timestamp),
    /// The machine's own time.
    Real,
    /// Runs `factor` times as fast as the machine's own time.
    Running {
        /// The moment it starts at.
        from: Timestamp,
        /// 1 to [`crate::pace::MOST_FACTOR`]; anything else counts as the nearest of these.
        factor: u32,
    },
}

/// What a sandbox is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where to speak TLS under the platform's names; nowhere when absent.
    pub tls: Option<SocketAddr>,
    /// Where to be a proxy that answers for the platform's names; nowhere when absent.
    pub proxy: Option<SocketAddr>,
    /// The folder of the certificate authority; it lives in memory alone when absent.
    pub authority: Option<PathBuf>,
    /// Real time a client has for a request's headers, for its body, and for a TLS handshake; an
    /// idle connection is closed after as long.
    pub patience: Duration,
    /// How time passes.
    pub clock: ClockMode,
    /// The accounts there from the start.
    pub accounts: Vec<AccountSpec>,
    /// Limits are those of this day instead of the sandbox's own day.
    pub rules_as_of: Option<Day>,
}

impl Default for Config {
    /// A free port of this machine, a clock standing on 2026-03-01 10:00, no account yet.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: None,
            proxy: None,
            authority: None,
            patience: Duration::from_secs(60),
            clock: ClockMode::Manual(Timestamp(1_772_330_400)),
            accounts: Vec::new(),
            rules_as_of: None,
        }
    }
}

/// How callback bodies travel (`platform/06 §2`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallbackMode {
    /// 明文: plain fields.
    #[default]
    Plain,
    /// 兼容: plain fields and `Encrypt`.
    Compatible,
    /// 安全: `Encrypt` only.
    Safe,
}

/// What callbacks are written in (`platform/06 §1`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallbackFormat {
    /// XML, which every account begins with.
    #[default]
    Xml,
    /// JSON, where it is offered.
    Json,
}

/// Where an account's callbacks go and how they are signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackSpec {
    /// Address pushed to.
    pub url: String,
    /// The signing token, 3–32 letters and digits.
    pub token: String,
    /// EncodingAESKey, 43 characters; not read in plain mode.
    #[serde(default)]
    pub encoding_aes_key: String,
    /// How bodies travel.
    #[serde(default)]
    pub mode: CallbackMode,
    /// What bodies are written in.
    #[serde(default)]
    pub format: CallbackFormat,
}

impl std::fmt::Debug for CallbackSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallbackSpec")
            .field("url", &self.url)
            .field("mode", &self.mode)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// One account: everything but `followers` and `seed` may be left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// People who follow at the start.
    pub followers: u32,
    /// Everything about the people is drawn from this number.
    pub seed: u64,
    /// Developer id; made up from the seed when absent.
    #[serde(default)]
    pub appid: Option<AppId>,
    /// Secret; made up from the seed when absent.
    #[serde(default)]
    pub secret: Option<String>,
    /// `gh_…`; made up from the seed when absent.
    #[serde(default)]
    pub original_id: Option<OriginalId>,
    /// The account's name.
    #[serde(default)]
    pub name: Option<String>,
    /// 微信号, which the accounts of its agents end in; the original id when absent.
    #[serde(default)]
    pub wechat_id: Option<String>,
    /// Service account unless said otherwise.
    #[serde(default = "service")]
    pub kind: AccountKind,
    /// Verified (微信认证) unless said otherwise.
    #[serde(default = "yes")]
    pub verified: bool,
    /// Whether it is an interface test account (接口测试号): at most a hundred followers, lower
    /// limits, no `sendall`.
    #[serde(default)]
    pub test_account: bool,
    /// Where events are pushed; nowhere when absent.
    #[serde(default)]
    pub callback: Option<CallbackSpec>,
    /// Addresses that may fetch tokens, such as `203.0.113.9` or `203.0.113.0/24`; absent: all.
    #[serde(default)]
    pub ip_allow_list: Option<Vec<String>>,
    /// Share of followers who switched the account's messages off.
    #[serde(default)]
    pub refusing_per_mille: u32,
    /// People who follow on an evening, as a share of the followers at the start.
    #[serde(default)]
    pub daily_arrivals_per_mille: u32,
    /// Share of followers who leave on an evening; three times as likely after a message that day.
    #[serde(default)]
    pub daily_leavers_per_mille: u32,
    /// Share of followers who write or click a menu on an evening; as many as arrive when absent.
    #[serde(default)]
    pub daily_talkers_per_mille: Option<u32>,
    /// Share of deliveries that fail (ErrorCount).
    #[serde(default)]
    pub errors_per_mille: u32,
    /// Developer ids of the mini programs linked to the account: messages may open these.
    #[serde(default)]
    pub mini_programs: Vec<String>,
    /// Whether outside links survive in articles (微信支付权限).
    #[serde(default)]
    pub wechat_pay: bool,
    /// Whether the account has comments (留言), unless said otherwise; without them 88000.
    #[serde(default = "yes")]
    pub comments: bool,
    /// Real milliseconds to wait before a callback is tried again under a manual clock.
    #[serde(default)]
    pub retry_pause_ms: u64,
    /// Whether a send to everybody by interface waits for the administrator (API群发保护).
    #[serde(default)]
    pub mass_protection: bool,
    /// What the platform's pages leave open.
    #[serde(default)]
    pub assumptions: Assumptions,
    /// What the people are like and how they answer campaigns; `{}` is the built-in shop. Absent:
    /// they do what the shares of a day above say and answer nothing.
    #[serde(default)]
    pub population: Option<Description>,
}

fn service() -> AccountKind {
    AccountKind::Service
}

fn yes() -> bool {
    true
}

impl Default for AccountSpec {
    /// A verified service account without followers.
    fn default() -> Self {
        Self {
            followers: 0,
            seed: 0,
            appid: None,
            secret: None,
            original_id: None,
            name: None,
            wechat_id: None,
            kind: service(),
            verified: yes(),
            test_account: false,
            callback: None,
            ip_allow_list: None,
            refusing_per_mille: 0,
            daily_arrivals_per_mille: 0,
            daily_leavers_per_mille: 0,
            daily_talkers_per_mille: None,
            errors_per_mille: 0,
            mini_programs: Vec::new(),
            wechat_pay: false,
            comments: yes(),
            retry_pause_ms: 0,
            mass_protection: false,
            assumptions: Assumptions::default(),
            population: None,
        }
    }
}

/// A description the sandbox cannot follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// More followers than memory is meant for.
    #[error("followers is {0}; give at most {MOST_FOLLOWERS}")]
    TooManyFollowers(u32),
    /// A test account is of no other kind.
    #[error(
        "test_account is true: followers must be at most {MOST_TEST_FOLLOWERS}, kind service and \
         verified true"
    )]
    TestAccount,
    /// A share above the whole.
    #[error("{field} is {value}; give 0 to 1000")]
    Share {
        /// Which field.
        field: &'static str,
        /// The number found.
        value: u32,
    },
    /// The developer id is taken.
    #[error("appid {0} is there already; give another appid or leave it out")]
    Taken(AppId),
    /// The callback address is not one.
    #[error("callback.url {0:?} is not an http or https address")]
    Url(String),
    /// The callback token is not one.
    #[error("callback.token must be 3 to 32 letters and digits, '-' or '_'")]
    Token,
    /// The key is not one.
    #[error("callback.encoding_aes_key must be 43 letters and digits")]
    Key,
    /// An entry of the allow-list is not an address.
    #[error("ip_allow_list entry {0:?} is neither an address nor a range such as 203.0.113.0/24")]
    Address(String),
    /// A switch has a value it cannot have.
    #[error("{0}")]
    Assumption(String),
    /// The people cannot be as described.
    #[error(transparent)]
    Population(#[from] Unfit),
    /// Two sources for one thing.
    #[error("{0} is given beside population; leave it out, population says it of each type")]
    SaidTwice(&'static str),
    /// Made-up ids came out unusable; cannot happen with the sandbox's own.
    #[error(transparent)]
    Id(#[from] wire::ids::Malformed),
}

impl AccountSpec {
    /// Checks what can be checked without a world.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn check(&self) -> Result<(), Unusable> {
        if self.followers > MOST_FOLLOWERS {
            return Err(Unusable::TooManyFollowers(self.followers));
        }
        let is_plain = self.verified && self.kind == AccountKind::Service;
        if self.test_account && (self.followers > MOST_TEST_FOLLOWERS || !is_plain) {
            return Err(Unusable::TestAccount);
        }
        let shares = [
            ("refusing_per_mille", self.refusing_per_mille),
            ("daily_arrivals_per_mille", self.daily_arrivals_per_mille),
            ("daily_leavers_per_mille", self.daily_leavers_per_mille),
            ("daily_talkers_per_mille", self.daily_talkers_per_mille.unwrap_or(0)),
            ("errors_per_mille", self.errors_per_mille),
        ];
        for (field, value) in shares {
            if value > 1000 {
                return Err(Unusable::Share { field, value });
            }
        }
        if let Some(description) = &self.population {
            description.check()?;
            let said_twice = shares.iter().take(4).find(|(_, value)| *value > 0);
            if let Some((field, _)) = said_twice {
                return Err(Unusable::SaidTwice(field));
            }
        }
        for entry in self.ip_allow_list.iter().flatten() {
            if !crate::api::token::is_address_or_range(entry) {
                return Err(Unusable::Address(entry.clone()));
            }
        }
        self.assumptions.check().map_err(Unusable::Assumption)?;
        self.callback.as_ref().map_or(Ok(()), CallbackSpec::check)
    }
}

impl CallbackSpec {
    /// Checks address, token and key.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn check(&self) -> Result<(), Unusable> {
        let address = reqwest::Url::parse(&self.url).ok();
        if !address.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            return Err(Unusable::Url(self.url.clone()));
        }
        let token_fits = (3..=32).contains(&self.token.len())
            && self.token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !token_fits {
            return Err(Unusable::Token);
        }
        let encrypts = self.mode != CallbackMode::Plain;
        if encrypts && wire::callback::crypt::CallbackKey::parse(&self.encoding_aes_key).is_err() {
            return Err(Unusable::Key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followers_and_seed_are_enough() {
        let spec: AccountSpec = serde_json::from_str(r#"{"followers":10,"seed":7}"#).unwrap();
        assert!(spec.verified);
        assert_eq!(spec.kind, AccountKind::Service);
        spec.check().unwrap();
        assert!(serde_json::from_str::<AccountSpec>(r#"{"followers":10}"#).is_err());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let spec = AccountSpec { refusing_per_mille: 1001, ..AccountSpec::default() };
        assert!(spec.check().unwrap_err().to_string().contains("refusing_per_mille"));
        let spec = AccountSpec { test_account: true, followers: 101, ..AccountSpec::default() };
        assert!(spec.check().unwrap_err().to_string().contains("test_account"));
        let callback = CallbackSpec {
            format: Default::default(),
            url: "nowhere".into(),
            token: "token".into(),
            encoding_aes_key: String::new(),
            mode: CallbackMode::Plain,
        };
        assert!(matches!(callback.check(), Err(Unusable::Url(_))));
        let list = Some(vec!["300.1.1.1".to_owned()]);
        let spec = AccountSpec { ip_allow_list: list, ..AccountSpec::default() };
        assert!(matches!(spec.check(), Err(Unusable::Address(_))));
    }
}
