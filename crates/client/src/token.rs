//! Keeps the account's access token (`platform/02 §2`).
//!
//! The stable token in its normal mode: every holder of the AppSecret is given the same one, so
//! other systems of the account can go on. What always holds: at most one request for a token is
//! under way; the AppSecret leaves only for the token endpoint; a new token is forced only when the
//! platform keeps handing out one that it refuses, a few times a day at most. A crash loses
//! nothing: the next start is given the same token again.

use std::sync::atomic::{AtomicU64, Ordering};

use clock::Clock;
use tokio::sync::{Mutex, MutexGuard};
use wire::token::{GRANT_TYPE, StableTokenRequest, TokenAnswer};
use wire::{AppId, Day, Endpoint, Timestamp};
use zeroize::Zeroize;

use crate::answer::read;
use crate::call::Call;
use crate::line::Line;
use crate::{Error, Secret};

/// The platform renews a stable token this long before its end and lets both live on.
const MARGIN: i64 = 300;
/// Forced tokens a day at most; the platform allows 20 to all systems of the account together.
const FORCED_A_DAY: u32 = 5;
/// The platform does not refresh twice within 30 s.
const FORCED_APART: i64 = 30;

/// A token and which request brought it: the same text may come back from a later one.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: Secret,
    request: u64,
}

pub(crate) struct Keeper {
    appid: AppId,
    secret: Secret,
    clock: Clock,
    /// Requests finished, so that those who waited for one share its failure too.
    requests: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failure: Option<Error>,
    forced: Option<Forced>,
}

struct Held {
    token: Token,
    until: Timestamp,
}

#[derive(Clone, Copy)]
struct Forced {
    day: Day,
    times: u32,
    last: Timestamp,
}

impl Keeper {
    pub(crate) fn new(appid: AppId, secret: Secret, clock: Clock) -> Self {
        let (requests, state) = (AtomicU64::new(0), Mutex::default());
        Self { appid, secret, clock, requests, state }
    }

    /// The token to use now.
    pub(crate) async fn token(&self, line: &Line) -> Result<Token, Error> {
        let (state, seen) = self.lock().await;
        match &state.held {
            Some(held) if self.clock.now() < held.until => Ok(held.token.clone()),
            _ => self.shared(state, seen, line).await,
        }
    }

    /// Another token than `refused`, or the same one when the platform hands it out again.
    pub(crate) async fn renewed(&self, refused: &Token, line: &Line) -> Result<Token, Error> {
        let (state, seen) = self.lock().await;
        match &state.held {
            // Someone else has asked since.
            Some(held) if held.token.request != refused.request => Ok(held.token.clone()),
            _ => self.shared(state, seen, line).await,
        }
    }

    /// A token forced in place of `refused`, which was handed out twice and refused twice. `None`
    /// when the day's few are spent or the last is too fresh.
    pub(crate) async fn forced(
        &self,
        refused: &Token,
        line: &Line,
    ) -> Result<Option<Token>, Error> {
        let (mut state, _) = self.lock().await;
        if let Some(held) = &state.held
            && held.token.text != refused.text
        {
            return Ok(Some(held.token.clone()));
        }
        let now = self.clock.now();
        let today = state.forced.filter(|forced| forced.day == now.day());
        let times = today.map_or(0, |forced| forced.times);
        let too_soon = state.forced.is_some_and(|forced| now - forced.last < FORCED_APART);
        if times >= FORCED_A_DAY || too_soon {
            return Ok(None);
        }
        tracing::warn!(
            times = times + 1,
            "the platform keeps refusing the token it hands out: forcing a new one"
        );
        // Noted before the call: its answer may be lost, and the old token is dead then.
        state.forced = Some(Forced { day: now.day(), times: times + 1, last: now });
        state.held = None;
        self.ask(&mut state, true, line).await.map(Some)
    }

    /// Asks the platform whatever is held: the way to test the AppSecret.
    pub(crate) async fn check(&self, line: &Line) -> Result<(), Error> {
        let (mut state, _) = self.lock().await;
        self.ask(&mut state, false, line).await.map(drop)
    }

    /// The state, and how many requests were finished before waiting for it.
    async fn lock(&self) -> (MutexGuard<'_, State>, u64) {
        let seen = self.requests.load(Ordering::Acquire);
        (self.state.lock().await, seen)
    }

    /// Asks, unless a request that ended while the caller waited has failed: then all who waited
    /// share that failure instead of failing one after the other.
    async fn shared(
        &self,
        mut state: MutexGuard<'_, State>,
        seen: u64,
        line: &Line,
    ) -> Result<Token, Error> {
        match &state.failure {
            Some(failure) if self.requests.load(Ordering::Acquire) > seen => Err(failure.clone()),
            _ => self.ask(&mut state, false, line).await,
        }
    }

    async fn ask(&self, state: &mut State, force: bool, line: &Line) -> Result<Token, Error> {
        let asked = self.clock.now();
        let answer = self.fetch(force, line).await;
        let request = self.requests.fetch_add(1, Ordering::AcqRel) + 1;
        match answer {
            Ok(TokenAnswer { access_token, expires_in }) => {
                let token = Token { text: Secret::new(access_token), request };
                // A stable token has 300 s left at least; one with no more is used for a short
                // while, so that a burst of calls does not ask for each.
                let until = asked + (expires_in - MARGIN).max(expires_in / 10);
                state.held = Some(Held { token: token.clone(), until });
                state.failure = None;
                Ok(token)
            }
            Err(error) => {
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    async fn fetch(&self, force_refresh: bool, line: &Line) -> Result<TokenAnswer, Error> {
        let mut request = StableTokenRequest {
            grant_type: GRANT_TYPE.to_owned(),
            appid: self.appid.clone(),
            secret: self.secret.reveal().to_owned(),
            force_refresh,
        };
        let call = Call::json(Endpoint::StableToken, &request);
        request.secret.zeroize();
        let body = if force_refresh {
            line.once(&call?, None).await?
        } else {
            line.patiently(&call?, None).await?
        };
        read(Endpoint::StableToken, &body)
    }
}
