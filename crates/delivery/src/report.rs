//! What became of a campaign, against the forecast its send was based on.

use audience::Set;
use store::CampaignId;
use store::batch::{self, BatchHead, BatchState};
use wire::OpenId;

use crate::books::{effect, recipients};
use crate::campaign::{get, stored_forecast, view};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{BatchView, CountsView, ReportView};

pub(crate) async fn report(owner: &Owner, id: CampaignId) -> Result<ReportView, Error> {
    let campaign = get(owner, id).await?;
    let heads = batch::of_campaign(&owner.store, owner.id(), id).await?;
    let forecast = stored_forecast(&campaign)?;
    let delivered = heads.iter().filter_map(|head| head.finish.as_ref()).map(|finish| finish.sent);
    let delivered = delivered.sum::<i64>().max(0).unsigned_abs();
    let open_batches = heads.iter().filter(|head| is_open(head)).count() as u64;
    // A batch that a person settled has no counts: the sum then says less than what happened.
    let all_told = !heads.iter().any(|head| {
        open_batches > 0 || (head.state == BatchState::Settled && head.finish.is_none())
    });
    let as_forecast = forecast.as_ref().filter(|_| all_told).map(|forecast| {
        (forecast.certain..=forecast.certain + forecast.possible).contains(&delivered)
    });
    Ok(ReportView {
        campaign: view(&campaign)?,
        forecast,
        delivered,
        open_batches,
        as_forecast,
        batches: heads.iter().map(batch_view).collect(),
    })
}

fn is_open(head: &BatchHead) -> bool {
    !matches!(head.state, BatchState::Settled | BatchState::Refused | BatchState::Cancelled)
}

pub(crate) fn batch_view(head: &BatchHead) -> BatchView {
    let counts = head.finish.as_ref().map(|finish| CountsView {
        total: finish.total,
        filtered: finish.filtered,
        sent: finish.sent,
        errors: finish.errors,
    });
    BatchView {
        id: head.id.0,
        number: head.number.into(),
        kind: head.kind.to_string(),
        state: head.state.to_string(),
        recipients: head.recipients_count.into(),
        certain: head.certain,
        clientmsgid: head.clientmsgid.as_ref().map(ToString::to_string),
        msg_id: head.msg_id.map(|id| id.0),
        attempts: head.attempts.into(),
        counts,
        exact: head.exact,
        sentence: Some(head.code_text.clone()).filter(|text| !text.is_empty()),
    }
}

/// Everybody the campaign was sent to, as far as the platform did not say otherwise.
pub(crate) async fn sent_to(owner: &Owner, id: CampaignId) -> Result<Vec<OpenId>, Error> {
    get(owner, id).await?;
    let mut people = Set::new();
    for found in batch::of_campaign_with_recipients(&owner.store, owner.id(), id).await? {
        if effect(&found.head) != ledger::Effect::Nothing {
            people.or_with(&recipients(&found)?);
        }
    }
    people.and_not_with(&owner.books.read().await.erased);
    let ordinals: Vec<u32> = people.iter().collect();
    let mut openids = Vec::with_capacity(ordinals.len());
    for part in ordinals.chunks(10_000) {
        openids.extend(store::follower::openids_of(&owner.store, owner.id(), part).await?);
    }
    Ok(openids)
}
