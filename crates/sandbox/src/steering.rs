//! A running sandbox steered from its own process: what tests do most, typed and without HTTP.
//! Each of these goes the way of the control call of the same name.
//!
//! ```
//! use sandbox::steering::Act;
//! use sandbox::{AccountSpec, Config, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = AccountSpec { followers: 100, seed: 7, ..AccountSpec::default() };
//! let sandbox = Sandbox::start(Config { accounts: vec![shop], ..Config::default() }).await?;
//! let appid = sandbox.appids().remove(0);
//! let people = sandbox.people(&appid, 2)?;
//! sandbox.take_snapshot("before")?;
//!
//! // One of them leaves before the operator sends to everybody.
//! sandbox.act(&appid, &people[0], Act::Leave).await?;
//! sandbox.send_from_website(&appid, "春季上新")?;
//! sandbox.advance(3_600).await?;
//! let month = sandbox.now().month();
//! let truth = sandbox.truth(&appid, month)?;
//! assert_eq!(truth.iter().filter(|(_, received)| *received == 1).count(), 99);
//!
//! sandbox.restore_snapshot("before")?;
//! assert!(sandbox.truth(&appid, month)?.iter().all(|(_, received)| *received == 0));
//! # sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

use wire::{AppId, Month, Timestamp};

use crate::api::mass::job;
use crate::clock::Moved;
use crate::control::followers::{self, Words};
use crate::control::{self, Refusal, time};
use crate::faults::random::Random;
use crate::faults::{Fault, Struck};
use crate::pace::Pace;
use crate::spec::AccountSpec;
use crate::{Error, Running, snapshots};

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Follows, or follows again.
    Follow,
    /// Leaves.
    Leave,
    /// Switches the account's messages off.
    Refuse,
    /// Switches them on again.
    Accept,
    /// Writes these words.
    Write(String),
    /// Clicks the menu entry of this key.
    Click(String),
    /// Scans the code of this ticket.
    Scan(String),
    /// Picks this entry of a menu sent to them.
    Choose(String),
    /// Pays the shop.
    Pay,
}

impl Act {
    fn name_and_words(self) -> (&'static str, Words) {
        let mut words = Words::default();
        let name = match self {
            Self::Follow => "follow",
            Self::Leave => "leave",
            Self::Refuse => "refuse",
            Self::Accept => "accept",
            Self::Pay => "pay",
            Self::Write(content) => {
                words.content = Some(content);
                "write"
            }
            Self::Click(key) => {
                words.key = Some(key);
                "click"
            }
            Self::Scan(ticket) => {
                words.ticket = Some(ticket);
                "scan"
            }
            Self::Choose(id) => {
                words.id = Some(id);
                "choose"
            }
        };
        (name, words)
    }
}

impl Running {
    /// The sandbox's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.world().now()
    }

    /// Moves a clock that stands by so many seconds; everything due by then is done, and every
    /// receiver has answered, when this returns.
    ///
    /// # Errors
    /// When the clock moves by itself, would go back, or goes over ten years ahead.
    pub async fn advance(&self, seconds: i64) -> Result<Moved, Refusal> {
        time::move_to(&self.shared, |now| Timestamp(now.0.saturating_add(seconds))).await
    }

    /// Moves a clock that stands to this moment.
    ///
    /// # Errors
    /// As [`Running::advance`].
    pub async fn advance_to(&self, to: Timestamp) -> Result<Moved, Refusal> {
        time::move_to(&self.shared, |_| to).await
    }

    /// Lets time pass in another way from now on.
    ///
    /// # Errors
    /// When the machine's own time is asked for and the sandbox's is ahead of it.
    pub fn set_pace(&self, pace: Pace) -> Result<(), Refusal> {
        let changed = self.shared.world().set_pace(pace);
        self.shared.bell.notify_one();
        changed.map_err(|machine| {
            let sentence = format!("the sandbox is ahead of the machine's own time ({machine})");
            Refusal::conflict(sentence)
        })
    }

    /// The accounts, in the order they came.
    #[must_use]
    pub fn appids(&self) -> Vec<AppId> {
        let world = self.shared.world();
        world.accounts().iter().map(|account| account.appid.clone()).collect()
    }

    /// Adds an account.
    ///
    /// # Errors
    /// When its description cannot be used.
    pub fn add_account(&self, spec: AccountSpec) -> Result<AppId, Refusal> {
        let mut world = self.shared.world();
        let position = world.add_account(spec).map_err(|error| Refusal::bad(error.to_string()))?;
        self.shared.bell.notify_one();
        Ok(followers::account(&world, position)?.appid.clone())
    }

    /// OpenIDs of the first people who ever followed, at most so many.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn people(&self, appid: &AppId, most: u32) -> Result<Vec<String>, Refusal> {
        let world = self.shared.world();
        let account = followers::account(&world, control::position(&world, appid.as_str())?)?;
        let people = &account.people;
        Ok((0..people.ever().min(most)).map(|person| people.openid(person)).collect())
    }

    /// A person acts; says whether anything changed. Under a clock that stands the account has
    /// been told when this returns.
    ///
    /// # Errors
    /// When there is no such account or person, or they cannot do that.
    pub async fn act(&self, appid: &AppId, openid: &str, act: Act) -> Result<bool, Refusal> {
        let (name, words) = act.name_and_words();
        followers::perform(&self.shared, appid.as_str(), openid, name, words).await
    }

    /// The operator presses 群发 on the website; says the mass job's number.
    ///
    /// # Errors
    /// When there is no such account, or its budget is used up.
    pub fn send_from_website(&self, appid: &AppId, content: &str) -> Result<i64, Refusal> {
        let mut world = self.shared.world();
        let position = control::position(&world, appid.as_str())?;
        let sent = job::send_from_website(&mut world, position, content.to_owned());
        self.shared.bell.notify_one();
        sent.map_err(|error| Refusal::conflict(error.to_string()))
    }

    /// How many mass messages of a month each person received who ever followed.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn truth(&self, appid: &AppId, month: Month) -> Result<Vec<(String, u8)>, Refusal> {
        let world = self.shared.world();
        let account = followers::account(&world, control::position(&world, appid.as_str())?)?;
        let counts = account.jobs.truth(month, account.people.ever());
        Ok((0..).zip(counts).map(|(person, n)| (account.people.openid(person), n)).collect())
    }

    /// Lays out a fault.
    ///
    /// # Errors
    /// When it lacks something, or too many wait.
    pub fn lay_out(&self, fault: Fault) -> Result<(), Refusal> {
        fault.check().map_err(Refusal::bad)?;
        self.shared.world().faults.add(fault).map_err(Refusal::conflict)
    }

    /// Lets chance lay out faults, or no longer.
    ///
    /// # Errors
    /// When something of it is out of range.
    pub fn set_random_faults(&self, random: Option<Random>) -> Result<(), Refusal> {
        random.as_ref().map_or(Ok(()), Random::check).map_err(Refusal::bad)?;
        self.shared.world().faults.set_random(random);
        Ok(())
    }

    /// The faults that struck, newest first.
    #[must_use]
    pub fn struck(&self) -> Vec<Struck> {
        self.shared.world().faults.struck().cloned().collect()
    }

    /// Keeps the world as it is now.
    ///
    /// # Errors
    /// As [`snapshots::take`].
    pub fn take_snapshot(&self, name: &str) -> Result<(), snapshots::Error> {
        snapshots::take(&self.shared, name)
    }

    /// Goes back to a snapshot, which stays.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), snapshots::Error> {
        snapshots::restore(&self.shared, name)
    }

    /// Makes the world anew as it was at the start.
    ///
    /// # Errors
    /// None that the start would not have had.
    pub fn reset(&self) -> Result<(), Error> {
        snapshots::reset(&self.shared)
    }
}
