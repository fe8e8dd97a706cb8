//! Month plans: kept whole, apart by account, changed where they may be.

use super::{NOW, Scratch, add_account, scratch, write};
use crate::campaign::{self, CampaignState, NewCampaign};
use crate::plan::{self, Entry, EntryState, People, Plan, PlanState};
use crate::{AccountId, CampaignId, Error, PlanId};

fn a_plan(value: i64) -> Plan {
    Plan {
        id: PlanId(0),
        month: NOW.month(),
        question: "{}".to_owned(),
        state: PlanState::Draft,
        made_at: NOW,
        approved_at: None,
        value,
        bound: value + 1,
        rivals: "[]".to_owned(),
        summary: "{}".to_owned(),
        certificate: String::new(),
    }
}

fn entry(number: u32, campaign: CampaignId) -> (Entry, People) {
    let entry = Entry {
        number,
        campaign,
        starts_at: NOW + 3_600,
        state: EntryState::Planned,
        price: -2,
        audience: 9,
        held_out: 1,
        recipients: 5,
        worth: 15,
    };
    (entry, People { held_out: vec![1], recipients: vec![2, 3] })
}

async fn a_campaign(store: &Scratch, account: AccountId) -> CampaignId {
    let new = NewCampaign {
        key: "spring".to_owned(),
        name: "春".to_owned(),
        segment: "subscribed".to_owned(),
        message: "{}".to_owned(),
        way: String::new(),
        starts_at: None,
        state: CampaignState::Draft,
        created_at: NOW,
    };
    write!(store, |tx| campaign::create(tx, account, &new)).unwrap().0.id
}

async fn kept(store: &Scratch, account: AccountId, value: i64) -> PlanId {
    let campaign = a_campaign(store, account).await;
    let (row, entries) = (a_plan(value), vec![entry(0, campaign)]);
    write!(store, |tx| async {
        let id = plan::create(tx, account, &row, &entries).await?;
        plan::prove(tx, account, id, "proof", &[7, 7]).await?;
        Ok(id)
    })
    .unwrap()
}

#[tokio::test]
async fn a_plan_is_kept_whole_and_apart() {
    let store = scratch().await;
    let one = add_account(&store, "wx1").await;
    let two = add_account(&store, "wx2").await;
    let first = kept(&store, one, 10).await;
    assert_eq!(kept(&store, two, 20).await, first, "numbers are the account's own");
    for (account, value) in [(one, 10), (two, 20)] {
        let found = plan::get(&*store, account, first).await.unwrap();
        let proven = Plan { id: first, certificate: "proof".to_owned(), ..a_plan(value) };
        assert_eq!(found, proven);
        let all = plan::list(&*store, account).await.unwrap();
        assert_eq!(all, std::slice::from_ref(&proven));
        assert_eq!(plan::of_month(&*store, account, NOW.month()).await.unwrap(), [proven]);
    }
    assert!(plan::of_month(&*store, one, NOW.month().next()).await.unwrap().is_empty());
    let campaign = CampaignId(1);
    assert_eq!(plan::entries(&*store, one, first).await.unwrap(), [entry(0, campaign).0]);
    assert_eq!(plan::people(&*store, one, first).await.unwrap(), [entry(0, campaign).1]);
    assert_eq!(plan::values(&*store, one, first).await.unwrap(), [7, 7]);
    let missing = plan::get(&*store, one, PlanId(9)).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound { .. }) && missing.to_string().contains("plan 9"));
    assert!(plan::values(&*store, one, PlanId(9)).await.is_err());
    let unproven = write!(store, |tx| plan::prove(tx, one, PlanId(9), "", &[]));
    assert!(unproven.is_err());
    assert!(plan::values(&*store, one, PlanId(9)).await.is_err(), "nothing was kept of it");
}

#[tokio::test]
async fn what_changes_changes_in_one_account() {
    let store = scratch().await;
    let one = add_account(&store, "wx1").await;
    let two = add_account(&store, "wx2").await;
    let id = kept(&store, one, 10).await;
    kept(&store, two, 10).await;
    let (mut entry, _) = entry(0, CampaignId(1));
    (entry.recipients, entry.worth) = (4, 12);
    let fewer = People { held_out: vec![], recipients: vec![2] };
    let (changed, people) = (entry.clone(), fewer.clone());
    write!(store, |tx| async {
        plan::set_value(tx, one, id, 7, 8).await?;
        plan::set_people(tx, one, id, &changed, &people).await?;
        plan::set_entry_state(tx, one, id, 0, EntryState::Approved).await?;
        plan::prove(tx, one, id, "again", &[8]).await?;
        plan::set_state(tx, one, id, PlanState::Approved, Some(NOW + 5)).await?;
        plan::set_state(tx, one, id, PlanState::Released, None).await
    })
    .unwrap();
    let found = plan::get(&*store, one, id).await.unwrap();
    assert_eq!((found.value, found.bound, found.state), (7, 8, PlanState::Released));
    assert_eq!(found.approved_at, Some(NOW + 5), "when it was approved stays known");
    assert_eq!(found.certificate, "again");
    assert_eq!(plan::values(&*store, one, id).await.unwrap(), [8]);
    let approved = Entry { state: EntryState::Approved, ..entry };
    assert_eq!(plan::entries(&*store, one, id).await.unwrap(), [approved]);
    assert_eq!(plan::people(&*store, one, id).await.unwrap(), [fewer]);
    assert_eq!(plan::get(&*store, two, id).await.unwrap().value, 10);
    assert_eq!(plan::entries(&*store, two, id).await.unwrap()[0].recipients, 5);
    let missing = write!(store, |tx| plan::set_state(tx, one, PlanId(9), PlanState::Draft, None));
    assert!(missing.is_err());
}

#[tokio::test]
async fn a_frozen_campaign_is_thawed_until_it_is_sent() {
    let store = scratch().await;
    let account = add_account(&store, "wx1").await;
    let id = a_campaign(&store, account).await;
    write!(store, |tx| async {
        campaign::freeze(tx, account, id, NOW, &[1, 2], "{}").await?;
        campaign::set_forecast(tx, account, id, "{\"later\":1}").await?;
        campaign::set_starts_at(tx, account, id, Some(NOW + 9)).await?;
        campaign::set_state(tx, account, id, CampaignState::Scheduled, "").await
    })
    .unwrap();
    let found = campaign::get(&*store, account, id).await.unwrap();
    assert_eq!(found.forecast.as_deref(), Some("{\"later\":1}"));
    write!(store, |tx| campaign::thaw(tx, account, id)).unwrap();
    let found = campaign::get(&*store, account, id).await.unwrap();
    assert_eq!(found.state, CampaignState::Draft);
    assert_eq!((found.starts_at, found.frozen_at, found.forecast), (None, None, None));
    assert_eq!(campaign::audience(&*store, account, id).await.unwrap(), None);
    let refused = write!(store, |tx| campaign::thaw(tx, account, id)).unwrap_err();
    assert!(matches!(refused, Error::WrongState { .. }), "{refused}");
}
