//! One account with its owner: what of it lives in memory, and the worker that goes round its
//! reconcilers. There is one owner of an account at a time, in one process.
//!
//! The worker takes no input: a round reads what is due from the store. It is woken by the
//! [`Signal`] and by the clock. A round that fails is tried again half a minute later; what it had
//! done until then is in the store.

use std::sync::{Arc, Mutex, PoisonError};

use client::Client;
use clock::Clock;
use store::AccountId;
use store::Store;
use store::account::Account;
use tokio::sync::{RwLock, watch};
use wire::rules::Limits;
use wire::{Month, Timestamp};

use crate::books::Books;
use crate::engine::Settings;
use crate::error::Error;
use crate::fence::Installation;
use crate::signal::Signal;
use crate::snapshot::{self, Kept};
use crate::{call, callbacks, freeze, import, settle, sync, tagging};

/// Seconds until a failed round is tried again.
const AGAIN_AFTER: i64 = 30;

fn calls_key(account: AccountId) -> String {
    format!("calls:{account}")
}

/// One account with its owner.
pub(crate) struct Owner {
    pub(crate) account: Account,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) client: Client,
    pub(crate) settings: Arc<Settings>,
    /// Tells this installation from others that send for the same account.
    pub(crate) installation: Arc<Installation>,
    /// Followers, slots and what was received. Whoever changes the store holds this for writing
    /// over the transaction, so that both change together.
    pub(crate) books: RwLock<Books>,
    pub(crate) signal: Signal,
    /// Rung for imports and taggings, which go on beside the sends.
    pub(crate) facts_signal: Signal,
    /// Facts that only add to what was told hold it shared, over their write and their step into
    /// the books; whatever changes or reads anew what was told holds it alone. Before the books.
    pub(crate) intake: RwLock<()>,
    standing: Mutex<Standing>,
    kept: Mutex<Kept>,
}

/// What a worker goes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Callbacks, synchronisation, sends and their results.
    Sends,
    /// Imports and taggings: the platform out of reach must not hold them up, nor they the sends.
    Facts,
}

#[derive(Debug, Default, Clone)]
struct Standing {
    next_due: [Option<Timestamp>; 2],
    trouble: [Option<String>; 2],
    calls_from: Option<Timestamp>,
}

impl Owner {
    pub(crate) fn new(
        account: Account,
        store: Store,
        clock: Clock,
        client: Client,
        settings: Arc<Settings>,
        installation: Arc<Installation>,
        books: Books,
    ) -> Self {
        Self {
            account,
            store,
            clock,
            client,
            settings,
            installation,
            kept: Mutex::new(books.kept),
            books: RwLock::new(books),
            signal: Signal::new(),
            facts_signal: Signal::new(),
            intake: RwLock::new(()),
            standing: Mutex::default(),
        }
    }

    pub(crate) fn id(&self) -> AccountId {
        self.account.id
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn month(&self) -> Month {
        self.now().month()
    }

    /// The platform's limits for this account now.
    pub(crate) fn limits(&self) -> Result<Limits, Error> {
        let day = self.settings.rules_as_of.unwrap_or_else(|| self.now().day());
        Ok(Limits::on(day, self.account.kind)?)
    }

    /// No mass call before this moment, because a counter is used up.
    pub(crate) fn calls_from(&self) -> Option<Timestamp> {
        self.standing().calls_from
    }

    pub(crate) fn hold_calls_until(&self, moment: Timestamp) {
        self.change(|standing| standing.calls_from = Some(moment));
    }

    /// Mass calls left this minute and today; `None` where no limit is known.
    pub(crate) fn mass_calls_left(&self) -> client::Left {
        self.client.budgets().left(wire::Endpoint::MassSend)
    }

    /// Writes down how many calls were made, so that a restart does not forget them.
    pub(crate) async fn keep_call_counts(&self) -> Result<(), Error> {
        let counts = serde_json::to_string(&self.client.budgets().snapshot())
            .map_err(|error| Error::unreadable("the counts of calls", error))?;
        let key = calls_key(self.id());
        self.store
            .write(move |tx| Box::pin(async move { store::meta::put(tx, &key, &counts).await }))
            .await?;
        Ok(())
    }

    /// Takes up the counts written down before the restart.
    pub(crate) async fn restore_call_counts(&self) -> Result<(), Error> {
        let stored = store::meta::get(&self.store, &calls_key(self.id())).await?;
        if let Some(stored) = stored {
            let counts: Vec<client::CallCount> = serde_json::from_str(&stored)
                .map_err(|error| Error::unreadable("the counts of calls", error))?;
            self.client.budgets().restore(&counts);
        }
        Ok(())
    }

    /// Whether calls that change something may be made: not from what may be an older copy.
    pub(crate) fn may_send(&self) -> bool {
        self.installation.fence().is_none()
    }

    /// Which state the last snapshot is of.
    pub(crate) fn kept(&self) -> Kept {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_kept(&self, kept: Kept) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    /// Why the last round failed.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.standing().trouble.into_iter().flatten().next()
    }

    /// When something will be due; `None` when nothing is planned.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.standing().next_due.into_iter().flatten().min()
    }

    fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Wakes both workers.
    pub(crate) fn ring(&self) {
        self.signal.ring();
        self.facts_signal.ring();
    }

    /// Whether neither worker has anything to look at.
    pub(crate) fn is_quiet(&self) -> bool {
        self.signal.is_quiet() && self.facts_signal.is_quiet()
    }

    /// Goes round one part's reconcilers until `stop` says so.
    pub(crate) async fn work(self: Arc<Self>, part: Part, mut stop: watch::Receiver<bool>) {
        let signal = match part {
            Part::Sends => &self.signal,
            Part::Facts => &self.facts_signal,
        };
        while !*stop.borrow() {
            let ring = signal.rung();
            let round = match part {
                Part::Sends => self.round().await,
                Part::Facts => match self.facts_round().await {
                    Ok(next_due) => snapshot::now_and_then(&self).await.map(|()| next_due),
                    Err(error) => Err(error),
                },
            };
            let (next_due, trouble) = match round {
                Ok(next_due) => (next_due, None),
                Err(error) => {
                    tracing::warn!(account = %self.id(), ?part, %error, "a round failed");
                    (Some(self.now() + AGAIN_AFTER), Some(error.to_string()))
                }
            };
            self.change(|standing| {
                standing.next_due[part as usize] = next_due;
                standing.trouble[part as usize] = trouble;
            });
            signal.serve(ring);
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = signal.rung_after(ring) => {}
                () = self.until(next_due) => {}
            }
        }
    }

    async fn until(&self, moment: Option<Timestamp>) {
        match moment {
            Some(moment) => self.clock.sleep_until(moment).await,
            None => std::future::pending().await,
        }
    }

    /// Does everything that is due now; says when something will be due next.
    async fn round(&self) -> Result<Option<Timestamp>, Error> {
        loop {
            // Evidence first, then new calls: what a callback frees can be used at once.
            while callbacks::apply(self).await? {}
            let moved = settle::finished(self).await?
                | settle::overdue(self).await?
                | sync::step(self).await?
                | (self.may_send() && (freeze::due(self).await? | call::due(self).await?));
            if !moved {
                break;
            }
        }
        if !self.may_send() {
            return Ok(None);
        }
        let earliest = [freeze::next_due(self).await?, call::next_due(self).await?];
        Ok(earliest.into_iter().flatten().min())
    }

    /// Applies imports and makes the calls of taggings; says when calls are allowed again.
    async fn facts_round(&self) -> Result<Option<Timestamp>, Error> {
        loop {
            // An import that is due goes first: it needs nobody else.
            if import::step(self).await? {
                continue;
            }
            if !self.may_send() {
                return Ok(None);
            }
            match tagging::step(self).await {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(Error::Platform(client::Error::Budget { until, .. })) => {
                    return Ok(Some(until));
                }
                Err(error) => return Err(error),
            }
        }
    }
}
