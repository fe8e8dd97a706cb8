//! Month plans (月计划): asked, answered by the planner, kept with their proof, approved, carried
//! out, made anew.
//!
//! What always holds: a plan uses only slots that are certain and that no approved plan holds; a
//! plan that is kept carries the values its proof speaks of, so that anyone can add it up again;
//! nothing is sent because of a plan before it is approved.

mod approve;
mod ask;
mod calendar;
mod change;
mod kept;
mod made;
mod person;
mod why;
mod worth;

use std::sync::Arc;

use store::{AccountId, PlanId};
use wire::OpenId;

use crate::engine::Engine;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{NewPlan, PlanChanges, PlanView, ReleaseWish, WhatIfView, WhyView};

pub(crate) use person::{of, without};

pub use planner::record::Claim;

async fn shown(owner: &Owner, id: PlanId) -> Result<PlanView, Error> {
    made::view(owner, &store::plan::get(&owner.store, owner.id(), id).await?).await
}

/// Runs `work` to its end, whether or not the caller waits: whatever it writes is whole.
async fn whole<T, F, W>(owner: Arc<Owner>, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(Arc<Owner>) -> W,
    W: Future<Output = Result<T, Error>> + Send + 'static,
{
    tokio::spawn(work(owner))
        .await
        .map_err(|error| Error::unreadable("the end of a task", error))?
}

impl Engine {
    /// Plans a month; nothing follows from it until it is approved.
    ///
    /// # Errors
    /// When a field cannot be used; the error names it.
    pub async fn make_plan(&self, id: AccountId, new: NewPlan) -> Result<PlanView, Error> {
        let work = |owner: Arc<Owner>| async move {
            let plan = made::make(&owner, new, None).await?;
            shown(&owner, plan).await
        };
        whole(self.owner(id)?, work).await
    }

    /// Every plan, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn plans(&self, id: AccountId) -> Result<Vec<PlanView>, Error> {
        let owner = self.owner(id)?;
        let mut views = Vec::new();
        for row in store::plan::list(self.store(), owner.id()).await? {
            views.push(made::view(&owner, &row).await?);
        }
        Ok(views)
    }

    /// One plan.
    ///
    /// # Errors
    /// When there is none.
    pub async fn plan(&self, id: AccountId, plan: PlanId) -> Result<PlanView, Error> {
        shown(&*self.owner(id)?, plan).await
    }

    /// Everybody a campaign of a plan is planned for.
    ///
    /// # Errors
    /// When there is no such plan or campaign in it.
    pub async fn plan_recipients(
        &self,
        id: AccountId,
        plan: PlanId,
        campaign: &str,
    ) -> Result<Vec<OpenId>, Error> {
        kept::recipients(&*self.owner(id)?, plan, campaign).await
    }

    /// Why a follower gets a campaign of a plan or does not.
    ///
    /// # Errors
    /// When the plan, the campaign or the follower is not known.
    pub async fn why(
        &self,
        id: AccountId,
        plan: PlanId,
        campaign: &str,
        follower: &str,
    ) -> Result<WhyView, Error> {
        why::why(&*self.owner(id)?, plan, campaign, follower).await
    }

    /// Freezes each campaign's recipients and schedules it.
    ///
    /// # Errors
    /// When the plan is no draft, or was overtaken by what happened since.
    pub async fn approve_plan(&self, id: AccountId, plan: PlanId) -> Result<PlanView, Error> {
        let work = move |owner: Arc<Owner>| async move {
            approve::approve(&owner, plan).await?;
            shown(&owner, plan).await
        };
        whole(self.owner(id)?, work).await
    }

    /// Gives approved campaigns that were not sent free again.
    ///
    /// # Errors
    /// When there is nothing to release, or a campaign named cannot be.
    pub async fn release_plan(
        &self,
        id: AccountId,
        plan: PlanId,
        wish: ReleaseWish,
    ) -> Result<PlanView, Error> {
        let work = move |owner: Arc<Owner>| async move {
            approve::release(&owner, plan, &wish).await?;
            shown(&owner, plan).await
        };
        whole(self.owner(id)?, work).await
    }

    /// What changes of a plan would bring; nothing is kept.
    ///
    /// # Errors
    /// When a change cannot be made; the error names its field.
    pub async fn what_if(
        &self,
        id: AccountId,
        plan: PlanId,
        changes: &PlanChanges,
    ) -> Result<WhatIfView, Error> {
        change::what_if(&self.owner(id)?, plan, changes).await
    }

    /// Makes a plan anew for what is not approved or sent, staying near to the earlier one.
    ///
    /// # Errors
    /// When a change cannot be made, or nothing is left to plan.
    pub async fn replan(
        &self,
        id: AccountId,
        plan: PlanId,
        changes: PlanChanges,
    ) -> Result<PlanView, Error> {
        let work = move |owner: Arc<Owner>| async move {
            let made = change::replan(&owner, plan, &changes).await?;
            shown(&owner, made).await
        };
        whole(self.owner(id)?, work).await
    }

    /// What is claimed of a plan.
    ///
    /// # Errors
    /// When there is none.
    pub async fn plan_certificate(&self, id: AccountId, plan: PlanId) -> Result<Claim, Error> {
        let owner = self.owner(id)?;
        kept::claim(&store::plan::get(self.store(), owner.id(), plan).await?)
    }

    /// The values that prove it, as a file.
    ///
    /// # Errors
    /// When there is no such plan.
    pub async fn plan_values(&self, id: AccountId, plan: PlanId) -> Result<Vec<u8>, Error> {
        let owner = self.owner(id)?;
        Ok(store::plan::values(self.store(), owner.id(), plan).await?)
    }
}
