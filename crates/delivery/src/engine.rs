//! The engine: every account of this process with its owner, and what the interface asks of them.
//! Each function here names its account first and finds its owner or says that there is none.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use client::{Client, ClientSettings, Pool, Timeouts};
use clock::Clock;
use store::account::{self, Account};
use store::{AccountId, BatchId, CampaignId, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wire::callback::{CallbackKey, Query};
use wire::{AppId, Day, OpenId, OriginalId, Timestamp};

use crate::books::Books;
use crate::error::Error;
use crate::fence::{self, Installation};
use crate::owner::{Owner, Part};
use crate::view::{
    AccountView, BatchView, CampaignView, CountView, Decision, FenceRelease, FenceView,
    FollowerView, ForecastView, ForeignSend, ListView, NewAccount, NewCampaign, ReportView,
    SegmentQuestion, SendWish, SlotView, SlotsView, SyncView, VerifyView, WorkView,
};
use crate::{answers, callbacks, campaign, import, report, settle, snapshot, sync};

/// What an engine is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Takes the platform's limits of this day instead of the clock's own; for sandboxes.
    pub rules_as_of: Option<Day>,
    /// Where accounts are called that name no address of their own.
    pub default_base_url: String,
}

/// Every account of this process. Cheap to clone; copies share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    settings: Arc<Settings>,
    installation: Arc<Installation>,
    pool: Pool,
    owners: RwLock<BTreeMap<AccountId, Arc<Owner>>>,
    workers: tokio::sync::Mutex<JoinSet<()>>,
    stop: watch::Sender<bool>,
}

impl Engine {
    /// Takes up every account of the store and starts its worker; what a crash left open goes on.
    ///
    /// # Errors
    /// When the store cannot be read or an account's settings cannot be used.
    pub async fn open(store: Store, clock: Clock, settings: Settings) -> Result<Self, Error> {
        let installation = Arc::new(Installation::read(&store).await?);
        let pool = Pool::new().map_err(|error| Error::unreadable("the network", error))?;
        let engine = Self(Arc::new(Inner {
            store,
            clock,
            settings: Arc::new(settings),
            installation,
            pool,
            owners: RwLock::default(),
            workers: tokio::sync::Mutex::default(),
            stop: watch::Sender::new(false),
        }));
        for account in account::list(engine.store()).await? {
            engine.take_up(account).await?;
        }
        Ok(engine)
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock everything here goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Lets every worker end its round, keeps what the next start begins with, then stops.
    pub async fn shutdown(&self) {
        self.0.stop.send_replace(true);
        let mut workers = self.0.workers.lock().await;
        while workers.join_next().await.is_some() {}
        for owner in self.owners() {
            if let Err(error) = snapshot::write(&owner).await {
                tracing::warn!(account = %owner.id(), %error, "the next start reads every fact");
            }
        }
    }

    async fn take_up(&self, account: Account) -> Result<Arc<Owner>, Error> {
        let inner = &self.0;
        let id = account.id;
        let client = Client::new(
            ClientSettings {
                base_url: account.base_url.clone(),
                appid: account.appid.clone(),
                secret: client::Secret::new(account.secret.expose().to_owned()),
                kind: account.kind,
                rules_as_of: inner.settings.rules_as_of,
                timeouts: Timeouts::default(),
            },
            inner.clock.clone(),
            &inner.pool,
        )
        .map_err(|error| Error::bad("base_url", error))?;
        let now = inner.clock.now();
        let day = inner.settings.rules_as_of.unwrap_or(now.day());
        let limits = wire::rules::Limits::on(day, account.kind)?;
        let cap = u8::try_from(limits.mass_per_follower_and_month).unwrap_or(u8::MAX);
        let books =
            Books::load(&inner.store, &inner.installation.name, id, &limits, cap, now).await?;
        let owner = Arc::new(Owner::new(
            account,
            inner.store.clone(),
            inner.clock.clone(),
            client,
            Arc::clone(&inner.settings),
            Arc::clone(&inner.installation),
            books,
        ));
        owner.restore_call_counts().await?;
        import::recover(&owner).await?;
        {
            let mut owners = inner.owners.write().unwrap_or_else(PoisonError::into_inner);
            owners.insert(id, Arc::clone(&owner));
        }
        let mut workers = inner.workers.lock().await;
        for part in [Part::Sends, Part::Facts] {
            workers.spawn(Arc::clone(&owner).work(part, inner.stop.subscribe()));
        }
        drop(workers);
        Ok(owner)
    }

    pub(crate) fn owner(&self, id: AccountId) -> Result<Arc<Owner>, Error> {
        let owners = self.0.owners.read().unwrap_or_else(PoisonError::into_inner);
        owners.get(&id).cloned().ok_or_else(|| Error::not_found("account", id))
    }

    fn owners(&self) -> Vec<Arc<Owner>> {
        let owners = self.0.owners.read().unwrap_or_else(PoisonError::into_inner);
        owners.values().cloned().collect()
    }

    fn owner_of_app(&self, appid: &str) -> Result<Arc<Owner>, Error> {
        self.owners()
            .into_iter()
            .find(|owner| owner.account.appid.as_str() == appid)
            .ok_or_else(|| Error::not_found("account", appid))
    }

    /// Connects an account after trying its secret: a token must be given and the followers' tags
    /// readable, so that a wrong secret, an address not allowed or an unverified account is told
    /// at once, and nothing is kept.
    ///
    /// # Errors
    /// What is wrong with a field, or what the platform said.
    pub async fn connect_account(&self, new: NewAccount) -> Result<AccountView, Error> {
        let row = self.new_account(new)?;
        let trial = Client::new(
            ClientSettings {
                base_url: row.base_url.clone(),
                appid: row.appid.clone(),
                secret: client::Secret::new(row.secret.expose().to_owned()),
                kind: row.kind,
                rules_as_of: self.0.settings.rules_as_of,
                timeouts: Timeouts::default(),
            },
            self.0.clock.clone(),
            &self.0.pool,
        )
        .map_err(|error| Error::bad("base_url", error))?;
        if account::by_appid(self.store(), &row.appid).await?.is_some() {
            return Err(Error::Conflict(format!(
                "the account {} is connected already: `fourcast accounts list` shows it",
                row.appid
            )));
        }
        trial.token_check().await?;
        trial.tag_list().await?;
        let id = self
            .store()
            .write(move |tx| Box::pin(async move { account::create(tx, &row).await }))
            .await?;
        let account = account::get(self.store(), id).await?;
        let owner = self.take_up(account).await?;
        Ok(account_view(&owner).await)
    }

    fn new_account(&self, new: NewAccount) -> Result<account::NewAccount, Error> {
        if new.name.trim().is_empty() || new.name.chars().count() > 100 {
            return Err(Error::bad("name", "use 1 to 100 characters"));
        }
        let token = &new.callback_token;
        let letters = token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !(3..=32).contains(&token.len()) || !letters {
            return Err(Error::bad("callback_token", "use 3 to 32 letters and digits"));
        }
        if new.secret.trim().is_empty() {
            return Err(Error::bad("secret", "it is empty: copy the AppSecret of the account"));
        }
        CallbackKey::parse(&new.encoding_aes_key)
            .map_err(|error| Error::bad("encoding_aes_key", error))?;
        Ok(account::NewAccount {
            name: new.name,
            appid: AppId::parse(&new.appid).map_err(|error| Error::bad("appid", error))?,
            secret: store::Secret::new(new.secret.trim()),
            original_id: OriginalId::parse(&new.original_id)
                .map_err(|error| Error::bad("original_id", error))?,
            kind: new.kind,
            verified: true,
            base_url: new.base_url.unwrap_or_else(|| self.0.settings.default_base_url.clone()),
            callback_token: store::Secret::new(new.callback_token),
            callback_key: Some(store::Secret::new(new.encoding_aes_key)),
            created_at: self.0.clock.now(),
        })
    }

    /// Every account.
    ///
    /// # Errors
    /// None today; kept for stores that can fail.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, Error> {
        let mut views = Vec::new();
        for owner in self.owners() {
            views.push(account_view(&owner).await);
        }
        Ok(views)
    }

    /// Whether there is such an account; never waits.
    #[must_use]
    pub fn has_account(&self, id: AccountId) -> bool {
        self.owner(id).is_ok()
    }

    /// One account.
    ///
    /// # Errors
    /// When there is none.
    pub async fn account(&self, id: AccountId) -> Result<AccountView, Error> {
        Ok(account_view(&*self.owner(id)?).await)
    }

    /// Begins a pass over all followers, unless one is under way.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn request_sync(&self, id: AccountId) -> Result<SyncView, Error> {
        let owner = self.owner(id)?;
        sync::request(&owner).await?;
        sync::view(&owner).await
    }

    /// How far the last pass is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sync_status(&self, id: AccountId) -> Result<SyncView, Error> {
        sync::view(&*self.owner(id)?).await
    }

    /// How many a segment holds, and how many of them a message could reach.
    ///
    /// # Errors
    /// When the text cannot be understood; the error names the column.
    pub async fn count(&self, id: AccountId, segment: &str) -> Result<CountView, Error> {
        answers::count(&*self.owner(id)?, segment).await
    }

    /// A page of a segment's followers.
    ///
    /// # Errors
    /// When the text or the limit cannot be used.
    pub async fn list(&self, id: AccountId, question: &SegmentQuestion) -> Result<ListView, Error> {
        answers::list(&*self.owner(id)?, question).await
    }

    /// Why a follower is in a segment or not: every condition with what was found.
    ///
    /// # Errors
    /// When the text cannot be understood or the follower is not known.
    pub async fn explain(
        &self,
        id: AccountId,
        segment: &str,
        openid: &str,
    ) -> Result<serde_json::Value, Error> {
        answers::explain(&*self.owner(id)?, segment, openid).await
    }

    /// All that is known of one follower.
    ///
    /// # Errors
    /// When the follower is not known.
    pub async fn follower(&self, id: AccountId, openid: &str) -> Result<FollowerView, Error> {
        answers::follower(&*self.owner(id)?, openid).await
    }

    /// Makes a campaign; with the key of an existing one, gives that one back.
    ///
    /// # Errors
    /// When a field cannot be used, or the key belongs to another campaign.
    pub async fn create_campaign(
        &self,
        id: AccountId,
        new: NewCampaign,
    ) -> Result<CampaignView, Error> {
        campaign::create(&*self.owner(id)?, new).await
    }

    /// Every campaign, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn campaigns(&self, id: AccountId) -> Result<Vec<CampaignView>, Error> {
        let owner = self.owner(id)?;
        let campaigns = store::campaign::list(self.store(), owner.id()).await?;
        campaigns.iter().map(campaign::view).collect()
    }

    /// One campaign.
    ///
    /// # Errors
    /// When there is none.
    pub async fn campaign(&self, id: AccountId, of: CampaignId) -> Result<CampaignView, Error> {
        campaign::view(&campaign::get(&*self.owner(id)?, of).await?)
    }

    /// Who would receive the campaign now, and why the others would not.
    ///
    /// # Errors
    /// When there is no such campaign or its segment names what is gone.
    pub async fn forecast(&self, id: AccountId, of: CampaignId) -> Result<ForecastView, Error> {
        campaign::forecast(&*self.owner(id)?, of).await
    }

    /// Schedules the campaign; the worker sends it.
    ///
    /// # Errors
    /// When nobody could receive it now, or it is cancelled or failed.
    pub async fn send(
        &self,
        id: AccountId,
        of: CampaignId,
        wish: SendWish,
    ) -> Result<CampaignView, Error> {
        campaign::send(&*self.owner(id)?, of, wish).await
    }

    /// Calls off what has not been called yet.
    ///
    /// # Errors
    /// When it is over already.
    pub async fn cancel(&self, id: AccountId, of: CampaignId) -> Result<CampaignView, Error> {
        campaign::cancel(&*self.owner(id)?, of).await
    }

    /// What became of a campaign.
    ///
    /// # Errors
    /// When there is none.
    pub async fn report(&self, id: AccountId, of: CampaignId) -> Result<ReportView, Error> {
        report::report(&*self.owner(id)?, of).await
    }

    /// Everybody the campaign was sent to.
    ///
    /// # Errors
    /// When there is none.
    pub async fn recipients(&self, id: AccountId, of: CampaignId) -> Result<Vec<OpenId>, Error> {
        report::sent_to(&*self.owner(id)?, of).await
    }

    /// A person settles a batch in doubt.
    ///
    /// # Errors
    /// When the batch is not in doubt.
    pub async fn decide(
        &self,
        id: AccountId,
        batch: BatchId,
        decision: Decision,
    ) -> Result<BatchView, Error> {
        let owner = self.owner(id)?;
        settle::decide(&owner, batch, decision).await?;
        Ok(report::batch_view(&store::batch::head(self.store(), id, batch).await?))
    }

    /// The operator says that a send was made elsewhere.
    ///
    /// # Errors
    /// When the moment is still to come.
    pub async fn declare_foreign(
        &self,
        id: AccountId,
        send: ForeignSend,
    ) -> Result<BatchView, Error> {
        let batch = settle::declare(&*self.owner(id)?, send.at).await?;
        Ok(report::batch_view(&store::batch::head(self.store(), id, batch).await?))
    }

    /// How many followers have used how many slots this month.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn slots(&self, id: AccountId) -> Result<SlotsView, Error> {
        answers::slots(&*self.owner(id)?).await
    }

    /// Slots of one follower this month.
    ///
    /// # Errors
    /// When the follower is not known.
    pub async fn slot(&self, id: AccountId, openid: &str) -> Result<SlotView, Error> {
        answers::slot(&*self.owner(id)?, openid).await
    }

    /// Folds this month's batches anew and compares with the slots kept in memory.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn verify_slots(&self, id: AccountId) -> Result<VerifyView, Error> {
        answers::verify(&*self.owner(id)?).await
    }

    /// Slots of everybody as CSV: `openid,used_min,used_max`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn slots_export(&self, id: AccountId) -> Result<String, Error> {
        answers::slots_export(&*self.owner(id)?).await
    }

    /// Answers the platform's check of the callback URL.
    ///
    /// # Errors
    /// When the signature does not fit the account's settings.
    pub async fn echo(&self, appid: &str, query: &Query, echostr: &str) -> Result<String, Error> {
        let owner = self.owner_of_app(appid)?;
        callbacks::settings(&owner)?.verify_echo(query, echostr)?;
        Ok(echostr.to_owned())
    }

    /// Verifies a push and makes it durable; it is applied afterwards.
    ///
    /// # Errors
    /// When the signature or encryption does not fit the account's settings.
    pub async fn receive(&self, appid: &str, query: &Query, body: &str) -> Result<(), Error> {
        callbacks::receive(&*self.owner_of_app(appid)?, query, body).await
    }

    /// Whether this database may be a copy, and what stands in it that may long have been sent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn fence(&self) -> Result<FenceView, Error> {
        fence::view(&self.0.installation, &self.owners()).await
    }

    /// A person has looked: this database is the one that goes on.
    ///
    /// # Errors
    /// When it is not fenced, or the store refuses; it stays fenced then.
    pub async fn release_fence(&self, wish: FenceRelease) -> Result<FenceView, Error> {
        let owners = self.owners();
        fence::release(self.store(), &self.0.installation, &owners, wish).await?;
        owners.iter().for_each(|owner| owner.ring());
        self.fence().await
    }

    /// Whether anything is left to do at this moment; waits until nothing is, if asked to.
    ///
    /// # Errors
    /// None today; kept for stores that can fail.
    pub async fn work(&self, wait: bool) -> Result<WorkView, Error> {
        let owners = self.owners();
        if wait {
            for owner in &owners {
                while !owner.is_quiet() {
                    owner.signal.served(owner.signal.rung()).await;
                    owner.facts_signal.served(owner.facts_signal.rung()).await;
                }
            }
        }
        let now = self.0.clock.now();
        let next_due = owners.iter().filter_map(|owner| owner.next_due()).min();
        let quiet = owners.iter().all(|owner| owner.is_quiet());
        Ok(WorkView { now, idle: quiet && next_due.is_none_or(|due| due > now), next_due })
    }

    /// Moves a virtual clock and wakes every worker.
    ///
    /// # Errors
    /// [`Error::NotVirtual`] on the system's clock.
    pub async fn advance_clock(&self, to: Timestamp) -> Result<WorkView, Error> {
        let Clock::Virtual(hand) = &self.0.clock else { return Err(Error::NotVirtual) };
        hand.advance_to(to);
        for owner in self.owners() {
            owner.ring();
        }
        self.work(false).await
    }
}

async fn account_view(owner: &Owner) -> AccountView {
    let books = owner.books.read().await;
    AccountView {
        id: owner.id().0,
        name: owner.account.name.clone(),
        appid: owner.account.appid.to_string(),
        original_id: owner.account.original_id.to_string(),
        kind: owner.account.kind,
        known: u64::from(books.index.len()) - books.erased.len() as u64,
        following: books.index.following().len() as u64,
        callback_path: format!("/callback/{}", owner.account.appid),
        trouble: owner.trouble(),
    }
}
