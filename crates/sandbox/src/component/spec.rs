//! What a third-party platform set at the Open Platform, and what the pages leave open.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wire::callback::crypt::CallbackKey;
use wire::{AppId, OriginalId};

use super::permission;

/// The part of a message address that the account's developer id takes the place of.
pub const PLACE: &str = "$APPID$";
/// Most addresses of an allow-list (`platform/11 §1`).
const MOST_ADDRESSES: usize = 100;

/// A third-party platform: everything but token and key may be left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct ComponentSpec {
    /// Ids are drawn from this number.
    pub seed: u64,
    /// Developer id; made up from the seed when absent.
    pub appid: Option<AppId>,
    /// Secret; made up from the seed when absent.
    pub secret: Option<String>,
    /// What it set; its fields stand beside the others.
    pub settings: Settings,
}

impl TryFrom<Map<String, Value>> for ComponentSpec {
    type Error = serde_json::Error;

    fn try_from(mut fields: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut take = |name: &str| fields.remove(name).unwrap_or(Value::Null);
        let (seed, appid, secret) = (take("seed"), take("appid"), take("secret"));
        Ok(Self {
            seed: serde_json::from_value::<Option<u64>>(seed)?.unwrap_or(0),
            appid: serde_json::from_value(appid)?,
            secret: serde_json::from_value(secret)?,
            settings: serde_json::from_value(Value::Object(fields))?,
        })
    }
}

/// What a third-party platform set (`platform/11 §1`).
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The signing token of its callbacks.
    pub token: String,
    /// Its EncodingAESKey, 43 characters; all its callbacks are encrypted.
    pub encoding_aes_key: String,
    /// 授权事件接收URL: tickets and authorisations.
    #[serde(default)]
    pub event_url: Option<String>,
    /// 消息与事件接收URL, with `$APPID$`: messages of the accounts.
    #[serde(default)]
    pub message_url: Option<String>,
    /// 授权发起页域名: where the authorisation page may send back to; anywhere when absent.
    #[serde(default)]
    pub domain: Option<String>,
    /// 公众号开发域名: where people who sign in for an account may be sent back to.
    #[serde(default)]
    pub web_domains: Vec<String>,
    /// 白名单IP; absent: all.
    #[serde(default)]
    pub ip_allow_list: Option<Vec<String>>,
    /// The permission sets it asks for.
    #[serde(default = "outreach")]
    pub permission_sets: Vec<u32>,
    /// 全网发布: any account can authorise it; before, the listed ones.
    #[serde(default = "yes")]
    pub released: bool,
    /// 授权测试公众号列表, by `gh_…`.
    #[serde(default)]
    pub test_accounts: Vec<OriginalId>,
    /// Options that answer 61025 when they are set; which ones do is not known.
    #[serde(default)]
    pub read_only_options: Vec<String>,
    /// What the pages leave open.
    #[serde(default)]
    pub assumptions: Assumptions,
}

/// Options of an account (`platform/11 §3`).
pub const OPTIONS: [&str; 3] = ["location_report", "voice_recognize", "customer_service"];

/// The eight sets `platform/11 §6` advises for reaching people.
fn outreach() -> Vec<u32> {
    vec![1, 2, 3, 4, 7, 11, 15, 89]
}

fn yes() -> bool {
    true
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("event_url", &self.event_url)
            .field("message_url", &self.message_url)
            .finish_non_exhaustive()
    }
}

/// What the pages leave open about third-party platforms, with the value that is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Assumptions {
    /// Life of a pre_auth_code, seconds: 1800 by the text, 600 by its sample (open question 1).
    pub pre_auth_code_seconds: i64,
    /// Life of an authorisation code, seconds (`§2`).
    pub authorization_code_seconds: i64,
    /// Whether AuthorizationCodeExpiredTime is a moment; else seconds (open question 2).
    pub expiry_is_a_moment: bool,
    /// How long a former token works beside its successor, seconds (open question 3).
    pub token_overlap_seconds: i64,
    /// Code of a call with a token of the platform's own that ran out: 42001 or 42006 (`§2.3`).
    pub expired_token_code: i64,
    /// Whether get and set of an option take the account's token; else the platform's own, with
    /// the account named in the body (open question 5a).
    pub options_take_account_token: bool,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            pre_auth_code_seconds: 1_800,
            authorization_code_seconds: 3_600,
            expiry_is_a_moment: true,
            token_overlap_seconds: 300,
            expired_token_code: 42_001,
            options_take_account_token: true,
        }
    }
}

/// A description the sandbox cannot follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The developer id is taken.
    #[error("appid {0} is there already; give another appid or leave it out")]
    Taken(AppId),
    /// An address is not one.
    #[error("{field} {found:?} is not an http or https address")]
    Url {
        /// Which field.
        field: &'static str,
        /// What was given.
        found: String,
    },
    /// The message address names no place for the account.
    #[error(
        "message_url must contain /$APPID$, such as https://saas.example.com/wx/$APPID$/callback"
    )]
    NoPlace,
    /// The callback token is not one.
    #[error("token must be 3 to 32 letters and digits, '-' or '_'")]
    Token,
    /// The key is not one.
    #[error("encoding_aes_key must be 43 letters and digits")]
    Key,
    /// A set nobody knows.
    #[error("permission_sets holds {0}, which is no permission set; see platform/11 §6")]
    Set(u32),
    /// An entry of the allow-list is not an address.
    #[error("ip_allow_list entry {0:?} is neither an address nor a range such as 203.0.113.0/24")]
    Address(String),
    /// The allow-list is too long.
    #[error("ip_allow_list has {0} entries; give at most 100")]
    TooManyAddresses(usize),
    /// A domain is not one.
    #[error("{field} {found:?} is no host; give it bare, such as saas.example.com")]
    Domain {
        /// Which field.
        field: &'static str,
        /// What was given.
        found: String,
    },
    /// An option nobody knows.
    #[error(
        "read_only_options holds {0:?}; use location_report, voice_recognize or customer_service"
    )]
    Option(String),
    /// A number of the assumptions is out of range.
    #[error(
        "assumptions.{0} is out of range; give seconds from 1 to 86400, or a code 42001 or 42006"
    )]
    Assumption(&'static str),
    /// Made-up ids came out unusable; cannot happen with the sandbox's own.
    #[error(transparent)]
    Id(#[from] wire::ids::Malformed),
}

impl Settings {
    /// Checks what can be checked without a world.
    ///
    /// # Errors
    /// Names the field that cannot be used.
    pub fn check(&self) -> Result<(), Unusable> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !(3..=32).contains(&self.token.len()) || !self.token.bytes().all(fits) {
            return Err(Unusable::Token);
        }
        CallbackKey::parse(&self.encoding_aes_key).map_err(|_| Unusable::Key)?;
        for (field, url) in [("event_url", &self.event_url), ("message_url", &self.message_url)] {
            if let Some(url) = url.as_ref().filter(|url| crate::pages::host_of(url).is_none()) {
                return Err(Unusable::Url { field, found: url.clone() });
            }
        }
        if self.message_url.as_ref().is_some_and(|url| !url.contains(&format!("/{PLACE}"))) {
            return Err(Unusable::NoPlace);
        }
        if let Some(set) = self.permission_sets.iter().find(|set| !permission::is_known(**set)) {
            return Err(Unusable::Set(*set));
        }
        let addresses = self.ip_allow_list.as_deref().unwrap_or_default();
        if addresses.len() > MOST_ADDRESSES {
            return Err(Unusable::TooManyAddresses(addresses.len()));
        }
        let is_address = crate::api::token::is_address_or_range;
        if let Some(wrong) = addresses.iter().find(|entry| !is_address(entry)) {
            return Err(Unusable::Address(wrong.clone()));
        }
        let domains = self.domain.iter().map(|domain| ("domain", domain));
        let web_domains = self.web_domains.iter().map(|domain| ("web_domains", domain));
        for (field, domain) in domains.chain(web_domains) {
            if !crate::pages::is_domain(domain) {
                return Err(Unusable::Domain { field, found: domain.clone() });
            }
        }
        let is_unknown = |name: &&String| !OPTIONS.contains(&name.as_str());
        if let Some(wrong) = self.read_only_options.iter().find(is_unknown) {
            return Err(Unusable::Option(wrong.clone()));
        }
        self.assumptions.check()
    }

    /// The address the messages of an account go to.
    #[must_use]
    pub fn message_url_of(&self, appid: &AppId) -> Option<String> {
        self.message_url.as_ref().map(|url| url.replace(PLACE, appid.as_str()))
    }
}

impl Assumptions {
    fn check(&self) -> Result<(), Unusable> {
        let lives = [
            ("pre_auth_code_seconds", self.pre_auth_code_seconds),
            ("authorization_code_seconds", self.authorization_code_seconds),
        ];
        for (name, seconds) in lives {
            if !(1..=86_400).contains(&seconds) {
                return Err(Unusable::Assumption(name));
            }
        }
        if !(0..=86_400).contains(&self.token_overlap_seconds) {
            return Err(Unusable::Assumption("token_overlap_seconds"));
        }
        if ![42_001, 42_006].contains(&self.expired_token_code) {
            return Err(Unusable::Assumption("expired_token_code"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(extra: &str) -> ComponentSpec {
        let key = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
        let text = format!(r#"{{"token":"sbxtoken","encoding_aes_key":"{key}"{extra}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn token_and_key_are_enough() {
        let spec = spec("");
        spec.settings.check().unwrap();
        assert_eq!(spec.settings.permission_sets, [1, 2, 3, 4, 7, 11, 15, 89]);
        assert!(spec.settings.released);
    }

    #[test]
    fn a_field_nobody_knows_is_named() {
        let text = r#"{"token":"sbxtoken","encoding_aes_key":"k","colour":"red"}"#;
        let wrong = serde_json::from_str::<ComponentSpec>(text).unwrap_err().to_string();
        assert!(wrong.contains("colour"), "{wrong}");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (extra, named) in [
            (r#","event_url":"nowhere""#, "event_url"),
            (r#","message_url":"https://a.example/callback""#, "$APPID$"),
            (r#","permission_sets":[1,999]"#, "999"),
            (r#","ip_allow_list":["300.1.1.1"]"#, "300.1.1.1"),
            (r#","domain":"https://a.example/""#, "domain"),
            (r#","assumptions":{"pre_auth_code_seconds":0}"#, "pre_auth_code_seconds"),
            (r#","read_only_options":["voice"]"#, "voice"),
            (r#","assumptions":{"expired_token_code":1}"#, "expired_token_code"),
        ] {
            let wrong = spec(extra).settings.check().unwrap_err().to_string();
            assert!(wrong.contains(named), "{extra}: {wrong}");
        }
    }

    #[test]
    fn the_account_takes_its_place_in_the_address() {
        let spec = spec(r#","message_url":"https://a.example/wx/$APPID$/callback""#);
        let address = spec.settings.message_url_of(&AppId::parse("wx1").unwrap());
        assert_eq!(address.as_deref(), Some("https://a.example/wx/wx1/callback"));
    }
}
