//! Campaigns, whom they leave out, and the life of their batches.

use wire::{ClientMsgId, Code, MediaId, Month, MsgDataId, MsgId};

use super::{NOW, Scratch, add_account, scratch_with_account, write};
use crate::batch::{self, BatchKind, BatchState, Finish, Intent, NewBatch};
use crate::campaign::{self, CampaignState, NewCampaign};
use crate::skip::{self, Skip};
use crate::{AccountId, BatchId, CampaignId, Error};

fn a_campaign(key: &str) -> NewCampaign {
    NewCampaign {
        key: key.to_owned(),
        name: "三八节".to_owned(),
        segment: "tag = \"油性皮肤\"".to_owned(),
        message: "{\"text\":\"…\"}".to_owned(),
        way: "list".to_owned(),
        starts_at: None,
        state: CampaignState::Draft,
        created_at: NOW,
    }
}

fn month() -> Month {
    NOW.month()
}

fn finish() -> Finish {
    Finish {
        status: "send success".to_owned(),
        total: 3,
        filtered: 3,
        sent: 3,
        errors: 0,
        at: NOW + 9,
    }
}

async fn one_batch(store: &Scratch, account: AccountId, state: BatchState) -> BatchId {
    let batch = NewBatch::new(BatchKind::List, state, month(), vec![1, 2, 3], 3);
    write!(store, |tx| batch::insert(tx, account, &[batch])).unwrap()[0]
}

#[tokio::test]
async fn the_same_key_is_the_same_campaign() {
    let (store, account) = scratch_with_account().await;
    let first = a_campaign("k1");
    let mut second = a_campaign("k1");
    second.name = "another".to_owned();
    let (made, new) = write!(store, |tx| campaign::create(tx, account, &first)).unwrap();
    let (found, again) = write!(store, |tx| campaign::create(tx, account, &second)).unwrap();
    assert_eq!((new, again, &found), (true, false, &made));
    let third = a_campaign("k2");
    let (third, _) = write!(store, |tx| campaign::create(tx, account, &third)).unwrap();
    assert_eq!((made.id, third.id), (CampaignId(1), CampaignId(2)));
    assert_eq!(campaign::by_key(&*store, account, "k2").await.unwrap(), Some(third.clone()));
    assert_eq!(campaign::list(&*store, account).await.unwrap(), [third, made]);
}

#[tokio::test]
async fn a_campaign_is_frozen_once_and_ends_once() {
    let (store, account) = scratch_with_account().await;
    let new = a_campaign("k1");
    let id = write!(store, |tx| campaign::create(tx, account, &new)).unwrap().0.id;
    let mut other = a_campaign("ignored");
    other.segment = "all".to_owned();
    write!(store, |tx| campaign::rewrite(tx, account, id, &other)).unwrap();
    write!(store, |tx| campaign::set_starts_at(tx, account, id, Some(NOW + 60))).unwrap();
    assert!(campaign::open(&*store, account).await.unwrap().is_empty());
    assert_eq!(campaign::audience(&*store, account, id).await.unwrap(), None);
    write!(store, |tx| async {
        campaign::freeze(tx, account, id, NOW + 60, &[9, 8], "{}").await?;
        campaign::set_state(tx, account, id, CampaignState::Sending, "").await
    })
    .unwrap();
    let again = write!(store, |tx| campaign::freeze(tx, account, id, NOW, &[], "{}"));
    assert!(matches!(again, Err(Error::AlreadyThere { .. })));
    let late = a_campaign("late");
    let late = write!(store, |tx| campaign::rewrite(tx, account, id, &late));
    assert!(matches!(late, Err(Error::WrongState { found: "sending", .. })));
    let found = campaign::open(&*store, account).await.unwrap().remove(0);
    assert_eq!((found.key.as_str(), found.segment.as_str()), ("k1", "all"));
    assert_eq!((found.frozen_at, found.forecast.as_deref()), (Some(NOW + 60), Some("{}")));
    assert_eq!(campaign::audience(&*store, account, id).await.unwrap(), Some(vec![9, 8]));
    write!(store, |tx| campaign::set_state(tx, account, id, CampaignState::Settled, "all in"))
        .unwrap();
    let back = write!(store, |tx| campaign::set_state(tx, account, id, CampaignState::Draft, ""));
    assert!(matches!(back, Err(Error::WrongState { .. })));
    assert_eq!(campaign::get(&*store, account, id).await.unwrap().note, "all in");
}

#[tokio::test]
async fn whom_a_campaign_leaves_out_is_replaced_as_a_whole() {
    let (store, account) = scratch_with_account().await;
    let new = a_campaign("k1");
    let id = write!(store, |tx| campaign::create(tx, account, &new)).unwrap().0.id;
    let skip = |reason: &str, byte| Skip { reason: reason.to_owned(), recipients: vec![byte] };
    let (first, second) = (vec![skip("no slot", 1), skip("left", 2)], vec![skip("left", 3)]);
    write!(store, |tx| skip::replace(tx, account, id, &first)).unwrap();
    write!(store, |tx| skip::replace(tx, account, id, &second)).unwrap();
    assert_eq!(skip::list(&*store, account, id).await.unwrap(), [skip("left", 3)]);
    let orphan = vec![skip("left", 3)];
    let orphan = write!(store, |tx| skip::replace(tx, account, CampaignId(9), &orphan));
    assert!(matches!(orphan, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_batch_goes_from_plan_to_settlement() {
    let (store, account) = scratch_with_account().await;
    let new = a_campaign("k1");
    let campaign = write!(store, |tx| campaign::create(tx, account, &new)).unwrap().0.id;
    let planned = NewBatch {
        campaign: Some(campaign),
        number: 1,
        certain: true,
        ..NewBatch::new(BatchKind::List, BatchState::Planned, month().next(), vec![1, 2, 3], 3)
    };
    let id = write!(store, |tx| batch::insert(tx, account, &[planned])).unwrap()[0];
    assert!(batch::of_month(&*store, account, month()).await.unwrap().is_empty());
    let key = ClientMsgId::parse("c1b1").unwrap();
    let intent =
        Intent { at: NOW, month: month(), clientmsgid: Some(key.clone()), not_before: None };
    write!(store, |tx| batch::set_intended(tx, account, id, &intent)).unwrap();
    let draft = MediaId::parse("draft1").unwrap();
    write!(store, |tx| batch::set_draft(tx, account, id, &draft)).unwrap();
    write!(store, |tx| batch::set_recipients(tx, account, id, &[1, 2], 2, 3, Some(7))).unwrap();
    write!(store, |tx| batch::set_calling(tx, account, id, NOW + 1)).unwrap();
    let busy = Some(Code(45009));
    write!(store, |tx| batch::set_not_before(tx, account, id, NOW + 60, busy, "too fast")).unwrap();
    let head = batch::head(&*store, account, id).await.unwrap();
    assert_eq!((head.state, head.not_before), (BatchState::Intended, Some(NOW + 60)));
    assert_eq!((head.code, head.code_text.as_str()), (busy, "too fast"));
    write!(store, |tx| batch::set_calling(tx, account, id, NOW + 61)).unwrap();
    write!(store, |tx| batch::set_doubtful(tx, account, id, None, "cut", Some(NOW + 70))).unwrap();
    // Putting a doubtful call off does not take the doubt away.
    write!(store, |tx| batch::set_not_before(tx, account, id, NOW + 80, None, "cut")).unwrap();
    assert_eq!(batch::head(&*store, account, id).await.unwrap().state, BatchState::Doubtful);
    write!(store, |tx| batch::set_calling(tx, account, id, NOW + 81)).unwrap();
    let (msg, data) = (MsgId(3_147_483_671), Some(MsgDataId(2_247_483_650)));
    write!(store, |tx| batch::set_accepted(tx, account, id, msg, data, NOW + 999)).unwrap();
    let head = batch::by_msg_id(&*store, account, msg).await.unwrap().unwrap();
    assert_eq!((head.called_at, head.attempts, head.code), (Some(NOW + 1), 3, None));
    assert_eq!((head.clientmsgid.as_ref(), head.deadline), (Some(&key), Some(NOW + 999)));
    assert_eq!((head.recipients_count, head.addressed), (2, 3));
    assert_eq!(batch::open(&*store, account).await.unwrap(), [head]);

    write!(store, |tx| batch::set_settled(tx, account, id, Some(&finish()), true, NOW + 10))
        .unwrap();
    let whole = batch::get(&*store, account, id).await.unwrap();
    assert_eq!((whole.head.finish.as_ref(), whole.head.exact), (Some(&finish()), true));
    assert_eq!(whole.recipients, [1, 2]);
    assert_eq!(batch::recipients(&*store, account, id).await.unwrap(), [1, 2]);
    assert!(batch::open(&*store, account).await.unwrap().is_empty());
    let all = [whole.clone()];
    assert_eq!(batch::of_month(&*store, account, month()).await.unwrap(), all);
    let of = batch::of_campaign_with_recipients(&*store, account, campaign).await.unwrap();
    assert_eq!(of, all);
    assert_eq!(
        batch::of_campaign(&*store, account, campaign).await.unwrap(),
        std::slice::from_ref(&whole.head)
    );
    assert_eq!(batch::by_clientmsgid(&*store, account, &key).await.unwrap(), Some(whole.head));
    let late = write!(store, |tx| batch::set_recipients(tx, account, id, &[], 0, 0, None));
    assert!(matches!(late, Err(Error::WrongState { found: "settled", .. })));
}

#[tokio::test]
async fn only_allowed_steps_change_a_batch() {
    let (store, account) = scratch_with_account().await;
    for from in BatchState::ALL.iter().copied() {
        for to in [BatchState::Calling, BatchState::Cancelled, BatchState::Settled] {
            let id = one_batch(&store, account, from).await;
            let before = batch::head(&*store, account, id).await.unwrap();
            let done = write!(store, |tx| async {
                match to {
                    BatchState::Calling => batch::set_calling(tx, account, id, NOW).await,
                    BatchState::Cancelled => batch::set_cancelled(tx, account, id, "", NOW).await,
                    _ => batch::set_settled(tx, account, id, Some(&finish()), false, NOW).await,
                }
            });
            let after = batch::head(&*store, account, id).await.unwrap();
            if from.may_become(to) {
                done.unwrap();
                assert_eq!(after.state, to);
            } else {
                assert!(matches!(done, Err(Error::WrongState { .. })), "{from} to {to}");
                assert_eq!(after, before);
            }
        }
    }
    // Called off before calling only; what was accepted runs its course.
    for state in [BatchState::Calling, BatchState::Accepted, BatchState::Unsettled] {
        assert!(!state.may_become(BatchState::Cancelled));
    }
    for state in BatchState::ALL.iter().filter(|state| state.is_final()) {
        assert!(BatchState::ALL.iter().all(|next| !state.may_become(*next)));
    }
    let nobody = write!(store, |tx| batch::set_calling(tx, account, BatchId(999), NOW));
    assert!(matches!(nobody, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn the_side_states_keep_what_was_said() {
    let (store, account) = scratch_with_account().await;
    let refused = one_batch(&store, account, BatchState::Calling).await;
    let awaiting = one_batch(&store, account, BatchState::Calling).await;
    let unsettled = one_batch(&store, account, BatchState::Accepted).await;
    let code = Some(Code(45028));
    write!(store, |tx| batch::set_refused(tx, account, refused, code, "no quota")).unwrap();
    write!(store, |tx| batch::set_awaiting(tx, account, awaiting, None, "ask", NOW + 5)).unwrap();
    write!(store, |tx| batch::set_unsettled(tx, account, unsettled, "no word", NOW)).unwrap();
    let head = batch::head(&*store, account, refused).await.unwrap();
    assert_eq!((head.code, head.code_text.as_str()), (code, "no quota"));
    let head = batch::head(&*store, account, awaiting).await.unwrap();
    assert_eq!((head.state, head.deadline), (BatchState::Awaiting, Some(NOW + 5)));
    let open: Vec<_> =
        batch::open(&*store, account).await.unwrap().into_iter().map(|head| head.id).collect();
    assert_eq!(open, [awaiting, unsettled]);
    // Refused ones take no slot; the others count for their month.
    let counted: Vec<_> = batch::of_month(&*store, account, month()).await.unwrap();
    assert_eq!(counted.iter().map(|batch| batch.head.id).collect::<Vec<_>>(), open);
    // The counts came after all.
    write!(store, |tx| batch::set_settled(tx, account, unsettled, Some(&finish()), true, NOW))
        .unwrap();
}

#[tokio::test]
async fn keys_of_the_sender_and_of_the_platform_belong_to_one_batch() {
    let (store, account) = scratch_with_account().await;
    let keyed = NewBatch {
        clientmsgid: Some(ClientMsgId::parse("k").unwrap()),
        ..NewBatch::new(BatchKind::All, BatchState::Calling, month(), vec![], 0)
    };
    let foreign = NewBatch {
        msg_id: Some(MsgId(5)),
        finish: Some(finish()),
        settled_at: Some(NOW),
        ..NewBatch::new(BatchKind::Foreign, BatchState::Settled, month(), vec![7], 1)
    };
    let both = [keyed.clone(), foreign.clone()];
    let ids = write!(store, |tx| batch::insert(tx, account, &both)).unwrap();
    assert_eq!(ids, [BatchId(1), BatchId(2)]);
    // The whole insert fails, its first batch too.
    let doubled = [NewBatch { clientmsgid: None, ..keyed.clone() }, keyed];
    let doubled = write!(store, |tx| batch::insert(tx, account, &doubled));
    assert!(matches!(doubled, Err(Error::AlreadyThere { .. })));
    let taken = write!(store, |tx| batch::set_accepted(tx, account, ids[0], MsgId(5), None, NOW));
    assert!(matches!(taken, Err(Error::AlreadyThere { .. })));
    assert_eq!(batch::of_month(&*store, account, month()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn whom_a_campaign_left_out_is_kept_by_account() {
    let (store, account) = scratch_with_account().await;
    let new = a_campaign("spring");
    let id = write!(store, |tx| campaign::create(tx, account, &new)).unwrap().0.id;
    write!(store, |tx| campaign::keep_hold_out(tx, account, id, &[1])).unwrap();
    write!(store, |tx| campaign::keep_hold_out(tx, account, id, &[1, 2])).unwrap();
    assert_eq!(campaign::hold_outs(&*store, account).await.unwrap(), [(id, vec![1, 2])]);
    let other = add_account(&store, "wx0000000000000002").await;
    assert_eq!(campaign::hold_outs(&*store, other).await.unwrap(), []);
    let none = write!(store, |tx| campaign::keep_hold_out(tx, other, id, &[1]));
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
}
