//! One follower's record: for every campaign planned, sent, may have received, did not and why.

use planner::Reason;
use store::batch::{self, Batch, BatchHead, BatchState};
use store::campaign::{self, Campaign};

use crate::books::{effect, read_set, recipients};
use crate::error::Error;
use crate::owner::Owner;
use crate::view::HistoryLine;

/// Everything that was sent or meant for this follower, oldest first.
pub(crate) async fn of(owner: &Owner, ord: u32) -> Result<Vec<HistoryLine>, Error> {
    let mut lines = Vec::new();
    let campaigns = campaign::list(&owner.store, owner.id()).await?;
    let key_of = |id| campaigns.iter().find(|found| found.id == id).map(|found| found.key.clone());
    for found in all_batches(owner, &campaigns).await? {
        if recipients(&found)?.contains(ord) {
            let (outcome, sentence) = outcome(&found.head);
            lines.push(HistoryLine {
                at: found.head.called_at.or(found.head.intended_at).unwrap_or_default(),
                campaign: found.head.campaign.and_then(key_of),
                outcome: outcome.into(),
                sentence,
            });
        }
    }
    let hold_outs = campaign::hold_outs(&owner.store, owner.id()).await?;
    for found in &campaigns {
        let Some(at) = found.frozen_at else { continue };
        let held_out = hold_outs.iter().find(|(id, _)| *id == found.id);
        if let Some((_, people)) = held_out
            && read_set("the hold-out of a campaign", people)?.contains(ord)
        {
            lines.push(HistoryLine {
                at,
                campaign: Some(found.key.clone()),
                outcome: "held_out".into(),
                sentence: "Left out by chance, on purpose: to learn what the campaign brings."
                    .into(),
            });
        }
        for skip in store::skip::list(&owner.store, owner.id(), found.id).await? {
            if read_set("skipped followers", &skip.recipients)?.contains(ord) {
                let sentence = Reason::of_word(&skip.reason).map_or("", Reason::english).to_owned();
                lines.push(HistoryLine {
                    at,
                    campaign: Some(found.key.clone()),
                    outcome: skip.reason,
                    sentence,
                });
            }
        }
    }
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

async fn all_batches(owner: &Owner, campaigns: &[Campaign]) -> Result<Vec<Batch>, Error> {
    let mut batches = batch::of_month(&owner.store, owner.id(), owner.month()).await?;
    // Sends from elsewhere belong to no campaign and are told of the present month only.
    batches.retain(|found| found.head.campaign.is_none());
    for campaign in campaigns {
        batches.extend(
            batch::of_campaign_with_recipients(&owner.store, owner.id(), campaign.id).await?,
        );
    }
    Ok(batches)
}

fn outcome(head: &BatchHead) -> (&'static str, String) {
    use ledger::Effect;
    let (word, sentence) = match (head.state, effect(head)) {
        (BatchState::Cancelled, _) => ("cancelled", Reason::Cancelled.english()),
        (BatchState::Refused, _) => {
            return ("refused", format!("{} {}", Reason::Refused.english(), head.code_text));
        }
        (BatchState::Settled, Effect::Received) => {
            ("received", "The platform delivered it to everybody of its batch.")
        }
        (BatchState::Settled, Effect::Nothing) => ("not_delivered", Reason::NotDelivered.english()),
        (BatchState::Settled, Effect::Held) => {
            ("may_have_received", Reason::PartlyDelivered.english())
        }
        (BatchState::Unsettled | BatchState::Doubtful, _) => ("unknown", Reason::Unknown.english()),
        (BatchState::Accepted, _) => {
            ("under_way", "The platform accepted it and has not told the result yet.")
        }
        _ => ("planned", "A slot is reserved; the call is still to be made."),
    };
    (word, sentence.to_owned())
}
