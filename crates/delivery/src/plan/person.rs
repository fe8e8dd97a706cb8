//! One person in the plans: given out, or taken away.

use audience::Set;
use store::plan::{self, Entry, People};
use store::{AccountId, PlanId};

use super::kept::{self, Kept};
use super::made::each;
use super::worth::units;
use crate::books::read_set;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::ExportedPlan;

/// The plans somebody is in, the newest first.
pub(crate) async fn of(owner: &Owner, ordinal: u32) -> Result<Vec<ExportedPlan>, Error> {
    let mut all = Vec::new();
    for row in plan::list(&owner.store, owner.id()).await? {
        let claim = kept::claim(&row)?;
        let people = plan::people(&owner.store, owner.id(), row.id).await?;
        let (mut campaigns, mut held_out) = (Vec::new(), Vec::new());
        for (one, people) in claim.campaigns.iter().zip(&people) {
            if read_set("recipients of a plan", &people.recipients)?.contains(ordinal) {
                campaigns.push(one.key.clone());
            }
            if read_set("the held out of a plan", &people.held_out)?.contains(ordinal) {
                held_out.push(one.key.clone());
            }
        }
        if !campaigns.is_empty() || !held_out.is_empty() {
            all.push(ExportedPlan {
                plan: row.id.0,
                month: row.month,
                state: row.state.to_string(),
                campaigns,
                held_out,
            });
        }
    }
    Ok(all)
}

/// A plan without somebody: its sets, its values, and what is claimed of them, added up anew.
pub(crate) struct Without {
    id: PlanId,
    certificate: String,
    values: Vec<u8>,
    value: i64,
    bound: i64,
    entries: Vec<(Entry, People)>,
}

/// Every plan that knows somebody, without them.
pub(crate) async fn without(owner: &Owner, ordinal: u32) -> Result<Vec<Without>, Error> {
    let mut all = Vec::new();
    for row in plan::list(&owner.store, owner.id()).await? {
        let mut kept = Kept::load(owner, row.id).await?;
        let entries = plan::entries(&owner.store, owner.id(), row.id).await?;
        let people = plan::people(&owner.store, owner.id(), row.id).await?;
        let mut sets: Vec<(Set, Set)> = Vec::with_capacity(people.len());
        for people in &people {
            let recipients = read_set("recipients of a plan", &people.recipients)?;
            sets.push((recipients, read_set("the held out of a plan", &people.held_out)?));
        }
        let held = sets.iter().any(|(_, held_out)| held_out.contains(ordinal));
        if !held && !kept.record.knows(ordinal) {
            continue;
        }
        let stayed = stayed(owner, &kept, ordinal).await?;
        let mut value = row.value;
        let mut changed = Vec::with_capacity(entries.len());
        for (place, (mut entry, (mut recipients, mut held_out))) in
            entries.into_iter().zip(sets).enumerate()
        {
            let audience = &kept.record.month.wishes[place].audience;
            if recipients.contains(ordinal) {
                let rank = audience.iter().take_while(|one| *one < ordinal).count();
                let counted = each(&kept.record.month, place).get(rank).copied().unwrap_or(0);
                let worth = i64::from(counted) - stayed.get(place).copied().unwrap_or(0);
                entry.worth -= worth;
                value -= worth;
            }
            entry.audience -= u64::from(audience.contains(ordinal));
            entry.held_out -= u64::from(held_out.remove(ordinal));
            entry.recipients -= u64::from(recipients.remove(ordinal));
            let people =
                People { held_out: held_out.to_bytes(), recipients: recipients.to_bytes() };
            changed.push((entry, people));
        }
        kept.record.forget(ordinal);
        let values = kept.record.to_bytes();
        let exponent = kept.claim.unit_exponent;
        let prices = &kept.plan.prices;
        let calendar = kept.claim.calendar.as_ref();
        let claim =
            kept::claim_of(owner, row.month, exponent, &kept.record, prices, calendar, &values)?;
        if calendar.is_some() {
            // What disturbing them cost went with them.
            value = claim.value - (kept.claim.value - row.value);
        }
        all.push(Without {
            id: row.id,
            certificate: kept::text("the certificate of a plan", &claim)?,
            values,
            value,
            bound: claim.bound,
            entries: changed,
        });
    }
    Ok(all)
}

/// For each campaign of a plan made from an earlier one, what staying counts for this follower.
async fn stayed(owner: &Owner, kept: &Kept, ordinal: u32) -> Result<Vec<i64>, Error> {
    let Some(replans) = kept::summary(&kept.row)?.replans else { return Ok(Vec::new()) };
    let bonus = units(replans.stay, kept.claim.unit_exponent).map_or(0, i64::from);
    let before = plan::get(&owner.store, owner.id(), PlanId(replans.plan)).await?;
    let before = kept::claim(&before)?;
    let people = plan::people(&owner.store, owner.id(), PlanId(replans.plan)).await?;
    let mut all = Vec::with_capacity(kept.record.keys.len());
    for key in &kept.record.keys {
        let then = before.campaigns.iter().position(|one| one.key == *key);
        let was = match then.and_then(|then| people.get(then)) {
            Some(people) => read_set("recipients of a plan", &people.recipients)?.contains(ordinal),
            None => false,
        };
        all.push(if was { bonus } else { 0 });
    }
    Ok(all)
}

impl Without {
    /// Keeps it in place of what was kept.
    pub(crate) async fn keep(
        &self,
        tx: &mut store::Tx,
        account: AccountId,
    ) -> Result<(), store::Error> {
        plan::prove(tx, account, self.id, &self.certificate, &self.values).await?;
        plan::set_value(tx, account, self.id, self.value, self.bound).await?;
        for (entry, people) in &self.entries {
            plan::set_people(tx, account, self.id, entry, people).await?;
        }
        Ok(())
    }
}
