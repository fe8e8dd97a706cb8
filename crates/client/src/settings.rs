//! What a client must know about its account.

use std::time::Duration;

use wire::rules::{self, AccountKind, Limits};
use wire::{AppId, Day, Endpoint};

use crate::Secret;

/// One account's way to the platform.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// `https://api.weixin.qq.com`, or a sandbox's address.
    pub base_url: String,
    /// The account.
    pub appid: AppId,
    /// Its AppSecret.
    pub secret: Secret,
    /// Decides which limits its calls have.
    pub kind: AccountKind,
    /// Takes the limits of this day instead of the clock's own day; for sandboxes in other years.
    pub rules_as_of: Option<Day>,
    /// How long an answer may take.
    pub timeouts: Timeouts,
}

/// How long an answer may take, in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// A mass send: giving up on one leaves it in doubt, so it is given time.
    pub send: Duration,
    /// Every other call.
    pub other: Duration,
}

impl Default for Timeouts {
    /// 30 s for sends, 15 s for all else.
    fn default() -> Self {
        Self { send: Duration::from_secs(30), other: Duration::from_secs(15) }
    }
}

impl Timeouts {
    pub(crate) fn of(self, endpoint: Endpoint) -> Duration {
        if endpoint.is_mass_send() { self.send } else { self.other }
    }
}

/// Settings no client can be made from.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InvalidSettings {
    /// The address cannot be called.
    #[error(
        "the platform's address {found:?} cannot be used: write it as https://host or http://host:port"
    )]
    BaseUrl {
        /// What stands there, without any password in it.
        found: String,
    },
    /// The dated limits say nothing about the day.
    #[error(transparent)]
    Limits(#[from] rules::Error),
}

impl ClientSettings {
    /// The address without a trailing slash, and whether it is this very machine.
    pub(crate) fn base(&self) -> Result<(String, bool), InvalidSettings> {
        let unusable = |found: &str| InvalidSettings::BaseUrl { found: found.to_owned() };
        let Ok(url) = reqwest::Url::parse(self.base_url.trim()) else {
            return Err(unusable(&self.base_url));
        };
        // Whatever else stands in the address (a password, a query) would end up in each call.
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let Some(host) = url.host_str().filter(|_| plain && url.scheme().starts_with("http"))
        else {
            return Err(unusable(url.host_str().unwrap_or_default()));
        };
        let here = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        Ok((url.as_str().trim_end_matches('/').to_owned(), here))
    }

    /// Fails when there are no limits for `day`.
    pub(crate) fn limits(&self, day: Day) -> Result<Limits, InvalidSettings> {
        Ok(Limits::on(self.rules_as_of.unwrap_or(day), self.kind)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base_url: &str) -> ClientSettings {
        ClientSettings {
            base_url: base_url.into(),
            appid: "wx0a1b2c3d4e5f6071".parse().unwrap(),
            secret: "9f8e7d6c".into(),
            kind: AccountKind::Service,
            rules_as_of: None,
            timeouts: Timeouts::default(),
        }
    }

    #[test]
    fn addresses_are_read_once() {
        let (base, here) = at("https://api.weixin.qq.com/").base().unwrap();
        assert_eq!((base.as_str(), here), ("https://api.weixin.qq.com", false));
        assert!(at("http://127.0.0.1:8300").base().unwrap().1);
        assert!(at("http://[::1]:8300").base().unwrap().1);
        for wrong in ["api.weixin.qq.com", "ftp://host", "https://host/?access_token=1", ""] {
            assert!(at(wrong).base().is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        assert!(!format!("{:?}", at("http://127.0.0.1")).contains("9f8e"));
        let text = at("https://me:hush@host").base().unwrap_err().to_string();
        assert!(!text.contains("hush"), "{text}");
    }
}
