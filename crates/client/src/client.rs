//! The client of one account: a token for every call, and a fresh one where the platform refuses
//! it. What each endpoint takes and gives stands in the files named after their subject.

use std::sync::Arc;

use bytes::Bytes;
use clock::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use wire::{AppId, Endpoint, Reaction};

use crate::answer::read;
use crate::call::Call;
use crate::line::Line;
use crate::token::{Keeper, Token};
use crate::{Budgets, ClientSettings, Error, InvalidSettings, Pool};

/// Calls the platform for one account. Cheap to clone: copies share token and budgets. There must
/// be one for an account, or the calls of a minute are counted twice over.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    appid: AppId,
    line: Line,
    keeper: Keeper,
    /// Taggings of one follower that meet fail (`platform/07 §7`): one at a time.
    tagging: Mutex<()>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("appid", &self.0.appid).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that has made no call yet.
    ///
    /// # Errors
    /// When the address cannot be used or there are no limits for the day.
    pub fn new(
        settings: ClientSettings,
        clock: Clock,
        pool: &Pool,
    ) -> Result<Self, InvalidSettings> {
        let (base, here) = settings.base()?;
        let limits = settings.limits(clock.now().day())?;
        let ClientSettings { appid, secret, kind, rules_as_of, timeouts, .. } = settings;
        let budgets = Budgets::new(clock.clone(), kind, rules_as_of, limits);
        let line = Line::new(pool.http(here).clone(), base, secret.clone(), timeouts, budgets);
        let keeper = Keeper::new(appid.clone(), secret, clock);
        Ok(Self(Arc::new(Inner { appid, line, keeper, tagging: Mutex::new(()) })))
    }

    /// The account.
    #[must_use]
    pub fn appid(&self) -> &AppId {
        &self.0.appid
    }

    /// The account's counters of calls.
    #[must_use]
    pub fn budgets(&self) -> &Budgets {
        &self.0.line.budgets
    }

    /// Asks for a token, whether one is held or not: tests AppID, AppSecret and IP allow-list.
    ///
    /// # Errors
    /// What the platform says to the AppSecret or this machine's address.
    pub async fn token_check(&self) -> Result<(), Error> {
        self.0.keeper.check(&self.0.line).await
    }

    pub(crate) async fn one_tagging(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.tagging.lock().await
    }

    /// Posts `body` and reads the answer.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        read(endpoint, &self.send(&Call::json(endpoint, body)?).await?)
    }

    /// Posts `body`; the answer carries nothing but success.
    pub(crate) async fn tell(
        &self,
        endpoint: Endpoint,
        body: &impl Serialize,
    ) -> Result<(), Error> {
        self.send(&Call::json(endpoint, body)?).await.map(drop)
    }

    /// Makes a call and reads the answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        read(call.endpoint, &self.send(call).await?)
    }

    /// Makes a call with the account's token. A dead token is a clear "not accepted", so even a
    /// send is repeated after one: once with the token asked for anew, and, if the platform hands
    /// out the very token it refuses, once more with a forced one (`platform/02 §2`).
    async fn send(&self, call: &Call) -> Result<Bytes, Error> {
        let Inner { line, keeper, .. } = &*self.0;
        let before = |error: Error| error.before(call.endpoint);
        // No token is worth fetching for a call that may not be made.
        line.budgets.check(call.endpoint)?;
        let first = keeper.token(line).await.map_err(before)?;
        let (answer, dead) = self.with(&first, call).await;
        if !dead {
            return answer;
        }
        let second = keeper.renewed(&first, line).await.map_err(before)?;
        let (answer, dead) = self.with(&second, call).await;
        if !dead || second.text != first.text {
            return answer;
        }
        match keeper.forced(&second, line).await.map_err(before)? {
            Some(third) => self.with(&third, call).await.0,
            None => answer,
        }
    }

    /// Makes a call with this token, and says whether the platform found the token dead.
    async fn with(&self, token: &Token, call: &Call) -> (Result<Bytes, Error>, bool) {
        let answer = self.0.line.patiently(call, Some(&token.text)).await;
        let dead = matches!(answer, Err(Error::Refused { reaction: Reaction::RefreshToken, .. }));
        (answer, dead)
    }
}
