//! A server on a database that may be a copy: it listens and reads, but sends nothing until a person
//! has seen what stands in it as due and said how it goes on.
//!
//! What the copy holds as not yet called may have been called by whoever went on with the original.
//! So on release every such batch becomes doubtful: while the platform still knows its key it is
//! repeated with the same one, which tells; after that only a person can say.

use std::sync::{Arc, PoisonError, RwLock};

use store::batch::{self, BatchHead, BatchKind, BatchState};
use store::campaign::CampaignState;
use store::fence::Fence;
use store::{Store, meta};

use crate::call::campaign_of;
use crate::campaign::{scheduled, set_state};
use crate::error::Error;
use crate::owner::Owner;
use crate::report::batch_view;
use crate::view::{
    FenceRelease, FenceView, FencedAccount, MassCallsView, OverdueCampaign, OverdueWish,
};

/// Key of the store's own name, drawn once.
const INSTANCE: &str = "instance";

/// This installation among others that may send for the same accounts.
pub(crate) struct Installation {
    /// The store's own name: it goes into the key of every mass call, so that two installations
    /// that send for one account never use the same key.
    pub(crate) name: Arc<str>,
    fence: RwLock<Option<Fence>>,
}

impl Installation {
    /// As the store tells it; a new store gets its name.
    pub(crate) async fn read(store: &Store) -> Result<Self, Error> {
        let fence = RwLock::new(store::fence::get(store).await?);
        if let Some(name) = meta::get(store, INSTANCE).await? {
            return Ok(Self { name: name.into(), fence });
        }
        let name = meta::draw_name()?;
        let kept = name.clone();
        store
            .write(move |tx| Box::pin(async move { meta::put(tx, INSTANCE, &kept).await }))
            .await?;
        Ok(Self { name: name.into(), fence })
    }

    /// Why nothing is sent; `None` when there is no doubt.
    pub(crate) fn fence(&self) -> Option<Fence> {
        *self.fence.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a person should see before they release it.
pub(crate) async fn view(
    installation: &Installation,
    owners: &[Arc<Owner>],
) -> Result<FenceView, Error> {
    let Some(fence) = installation.fence() else { return Ok(FenceView::default()) };
    let mut accounts = Vec::new();
    for owner in owners {
        accounts.push(FencedAccount {
            account: owner.id().0,
            name: owner.account.name.clone(),
            overdue: overdue(owner).await?,
            open: uncalled(owner).await?.iter().map(batch_view).collect(),
            sent_elsewhere: elsewhere(owner).await?,
            mass_calls: mass_calls(owner).await,
        });
    }
    let (sentence, sentence_zh) = sentences(fence);
    Ok(FenceView {
        fenced: true,
        why: Some(fence.as_str().to_owned()),
        sentence: sentence.to_owned(),
        sentence_zh: sentence_zh.to_owned(),
        accounts,
    })
}

fn sentences(fence: Fence) -> (&'static str, &'static str) {
    match fence {
        Fence::Restored => (
            "This database was restored from a backup: what it holds as due may have been sent \
             since the backup was made.",
            "此数据库由备份恢复：备份之后，其中待发的内容可能已经发出。",
        ),
        Fence::Copied => (
            "This database file is a copy: the original may have gone on sending.",
            "此数据库文件是一份拷贝：原数据库可能仍在继续发送。",
        ),
        Fence::Behind => (
            "This database is older than its folder: mass calls were made that it does not know.",
            "此数据库比所在目录更旧：有它不知道的群发调用。",
        ),
    }
}

async fn overdue(owner: &Owner) -> Result<Vec<OverdueCampaign>, Error> {
    let now = owner.now();
    let due = scheduled(owner).await?.into_iter().filter_map(|campaign| {
        let starts_at = campaign.starts_at.filter(|at| *at <= now)?;
        Some(OverdueCampaign {
            campaign: campaign.id.0,
            key: campaign.key,
            name: campaign.name,
            starts_at,
        })
    });
    Ok(due.collect())
}

/// Batches whose call the original may have made, or that wait to be repeated.
async fn uncalled(owner: &Owner) -> Result<Vec<BatchHead>, Error> {
    let mut open = batch::open(&owner.store, owner.id()).await?;
    open.retain(|head| {
        matches!(head.state, BatchState::Intended | BatchState::Calling | BatchState::Doubtful)
    });
    Ok(open)
}

async fn elsewhere(owner: &Owner) -> Result<u64, Error> {
    let batches = batch::of_month(&owner.store, owner.id(), owner.month()).await?;
    Ok(batches.iter().filter(|found| found.head.kind == BatchKind::Foreign).count() as u64)
}

/// The platform's count of today's mass calls beside ours: more than ours were made by others.
async fn mass_calls(owner: &Owner) -> MassCallsView {
    let (budgets, today) = (owner.client.budgets(), owner.now().day());
    let counts = budgets.snapshot();
    let ours = counts
        .iter()
        .find(|count| count.endpoint == wire::Endpoint::MassSend && count.day == today)
        .map_or(0, |count| count.calls);
    match owner.client.quota_get(wire::Endpoint::MassSend).await {
        Ok(answer) => MassCallsView { ours, platform: Some(answer.quota.used), trouble: None },
        Err(error) => MassCallsView { ours, platform: None, trouble: Some(error.to_string()) },
    }
}

/// Goes on from here.
pub(crate) async fn release(
    store: &Store,
    installation: &Installation,
    owners: &[Arc<Owner>],
    wish: FenceRelease,
) -> Result<(), Error> {
    if installation.fence().is_none() {
        return Err(Error::Conflict("nothing is fenced: there is nothing to release".into()));
    }
    for owner in owners {
        if wish.overdue == OverdueWish::Hold {
            for campaign in overdue(owner).await? {
                let note = "held when a copy of the database was released: send it again if it \
                            has not gone out";
                let id = store::CampaignId(campaign.campaign);
                set_state(owner, id, CampaignState::Draft, note.to_owned()).await?;
            }
        }
        for head in uncalled(owner).await? {
            if head.state == BatchState::Intended {
                doubt(owner, &head).await?;
            }
        }
    }
    store::fence::release(store).await?;
    *installation.fence.write().unwrap_or_else(PoisonError::into_inner) = None;
    tracing::warn!("a person released this copy of the database: sending goes on from it");
    Ok(())
}

/// As if its call had been made when it was intended, and no answer had come.
async fn doubt(owner: &Owner, head: &BatchHead) -> Result<(), Error> {
    let (account, id, now) = (owner.id(), head.id, owner.now());
    let begun = head.intended_at.unwrap_or(now);
    let text = "may have been called by the original of this copy";
    owner
        .store
        .write(move |tx| {
            Box::pin(async move {
                batch::set_calling(tx, account, id, begun).await?;
                batch::set_doubtful(tx, account, id, None, text, Some(now)).await
            })
        })
        .await?;
    if head.campaign.is_some() {
        let key = campaign_of(owner, head).await?.key;
        owner.books.write().await.note_called(&key, id, begun, true);
    }
    Ok(())
}
