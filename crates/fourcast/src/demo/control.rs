//! Speaks with the sandbox's control interface: the hand that moves the platform's side, and the
//! only source of what really reached whom.

use std::collections::BTreeMap;

use sandbox::population::description::Description;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::rules::AccountKind;
use wire::{Month, OpenId, Timestamp};

use crate::rest::{Error, Rest};

/// A caller of the control interface, and the account it looks after.
#[derive(Debug, Clone)]
pub struct Control {
    rest: Rest,
    appid: String,
}

/// An account the sandbox made.
#[derive(Debug, Clone, Deserialize)]
pub struct Made {
    /// `wx…`.
    pub appid: String,
    /// The AppSecret.
    pub secret: String,
    /// `gh_…`.
    pub original_id: String,
    /// A permanent picture it has from the start.
    pub cover_media_id: String,
}

/// The account to be made.
#[derive(Debug, Clone, Serialize)]
pub struct Wish {
    /// People who follow at the start.
    pub followers: u32,
    /// Everything about them is drawn from this.
    pub seed: u64,
    /// The account's name.
    pub name: String,
    /// Service or subscription account.
    pub kind: AccountKind,
    /// 微信认证.
    pub verified: bool,
    /// New people an evening, of a thousand.
    pub daily_arrivals_per_mille: u32,
    /// People who leave an evening, of a thousand.
    pub daily_leavers_per_mille: u32,
    /// People who write or click an evening, of a thousand.
    pub daily_talkers_per_mille: u32,
    /// People who switched the account's messages off, of a thousand.
    pub refusing_per_mille: u32,
    /// Where events are pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
    /// What the people are like, when it is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<Description>,
}

impl Wish {
    /// A verified service account whose people do nothing by themselves.
    #[must_use]
    pub fn of(followers: u32, seed: u64) -> Self {
        Self {
            followers,
            seed,
            name: "四季肌研旗舰店".into(),
            kind: AccountKind::Service,
            verified: true,
            daily_arrivals_per_mille: 0,
            daily_leavers_per_mille: 0,
            daily_talkers_per_mille: 0,
            refusing_per_mille: 0,
            callback: None,
            population: None,
        }
    }
}

/// The sandbox's clock.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct SandboxClock {
    /// What it shows.
    pub now: Timestamp,
    /// When something happens next.
    pub next_due: Option<Timestamp>,
}

/// A mass job on the platform's side.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    /// Its number.
    pub msg_id: i64,
    /// `list`, `tag`, `all` or `website`.
    pub kind: String,
    /// Delivered.
    #[serde(default)]
    pub sent: Option<i64>,
}

/// How callbacks travel and are signed.
#[derive(Debug, Clone, Serialize)]
pub struct Callback {
    /// Where to.
    pub url: String,
    /// The signing token.
    pub token: String,
    /// EncodingAESKey.
    pub encoding_aes_key: String,
    /// `plain`, `compatible` or `safe`.
    pub mode: &'static str,
}

impl Control {
    /// Looks after `appid` of the sandbox at `url`.
    ///
    /// # Errors
    /// When no HTTP client can be built; the calls below fail as [`Error`] says.
    pub fn new(url: &str, appid: &str) -> Result<Self, Error> {
        Ok(Self { rest: Rest::new(url, None)?, appid: appid.to_owned() })
    }

    /// Makes an account and looks after it from now on.
    pub async fn make_account(&mut self, wish: &Wish) -> Result<Made, Error> {
        let made: Made = self.rest.post("/sandbox/accounts", wish).await?;
        self.appid.clone_from(&made.appid);
        Ok(made)
    }

    /// Says where callbacks go.
    pub async fn set_callback(&self, callback: &Callback) -> Result<(), Error> {
        self.rest.put::<Value>(&self.path("callback"), callback).await.map(drop)
    }

    /// Reads the clock.
    pub async fn clock(&self) -> Result<SandboxClock, Error> {
        self.rest.get("/sandbox/clock").await
    }

    /// Moves the clock; everything due by then is done when this returns.
    pub async fn move_clock(&self, to: Timestamp) -> Result<SandboxClock, Error> {
        self.rest.post("/sandbox/clock", &json!({ "to": to })).await
    }

    /// The operator presses 群发 on the website.
    pub async fn website_send(&self, title: &str, content: &str) -> Result<i64, Error> {
        #[derive(Deserialize)]
        struct Sent {
            msg_id: i64,
        }
        let body = json!({ "title": title, "content": content });
        let sent: Sent = self.rest.post(&self.path("website-sends"), &body).await?;
        Ok(sent.msg_id)
    }

    /// Every mass job there was.
    pub async fn jobs(&self) -> Result<Vec<Job>, Error> {
        self.rest.get(&self.path("jobs")).await
    }

    /// Everybody a job reached.
    pub async fn received(&self, msg_id: i64, one: impl FnMut(&str)) -> Result<(), Error> {
        self.rest.lines(&self.path(&format!("jobs/{msg_id}/received")), one).await
    }

    /// How many messages of a month reached each person who ever followed.
    pub async fn truth(&self, month: Month, mut one: impl FnMut(&str, u8)) -> Result<(), Error> {
        let path = self.path(&format!("truth?month={month}"));
        self.rest
            .lines(&path, |line| {
                if let Some((openid, count)) = line.split_once(' ') {
                    one(openid, count.trim().parse().unwrap_or(u8::MAX));
                }
            })
            .await
    }

    /// Whether a person follows now.
    pub async fn follows(&self, openid: &OpenId) -> Result<bool, Error> {
        #[derive(Deserialize)]
        struct Person {
            following: bool,
        }
        let person: Person = self.rest.get(&self.path(&format!("followers/{openid}"))).await?;
        Ok(person.following)
    }

    /// Calls answered so far, by path.
    pub async fn calls(&self) -> Result<BTreeMap<String, u64>, Error> {
        self.rest.get("/sandbox/calls/counts").await
    }

    /// A file of the shop's own system: `customers.csv` or `orders.csv`.
    pub async fn shop_file(&self, name: &str) -> Result<reqwest::Response, Error> {
        self.rest.open(&self.path(&format!("shop/{name}"))).await
    }

    /// The control interface itself, for what has no function here.
    #[must_use]
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// The path of the account, followed by `rest`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/sandbox/accounts/{}/{rest}", self.appid)
    }
}
