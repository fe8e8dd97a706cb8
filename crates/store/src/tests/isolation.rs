//! Nothing crosses accounts: the same OpenID, order, key and number in two of them are two things.

use wire::{ClientMsgId, MsgId};

use super::{NOW, add_account, openids, scratch, write};
use crate::batch::{self, BatchKind, BatchState, NewBatch};
use crate::event::{self, NewEvent};
use crate::identity::{Identity, IdentityKind};
use crate::order::{self, NewOrder};
use crate::{AccountId, BatchId, Error, Store, follower, identity, inbox, sync_pass};

/// Gives an account one of everything, under the same names in each.
async fn furnish(store: &Store, account: AccountId, followers: u64, amount_cents: i64) {
    let page = openids(0..followers);
    let order = NewOrder {
        key: "o1".to_owned(),
        customer: Identity { kind: IdentityKind::CustomerId, value: "C1".to_owned() },
        at: NOW,
        amount_cents,
        items: 1,
        refunded_cents: 0,
        lines: Vec::new(),
    };
    let event = NewEvent {
        ord: 0,
        kind: "click".to_owned(),
        key: account.to_string(),
        at: NOW,
        dedup: "d".to_owned(),
    };
    let batch = NewBatch {
        clientmsgid: Some(ClientMsgId::parse("k").unwrap()),
        msg_id: Some(MsgId(1)),
        ..NewBatch::new(BatchKind::List, BatchState::Accepted, NOW.month(), vec![1], 1)
    };
    write!(store, |tx| async {
        let pass = sync_pass::start(tx, account, NOW).await?.id;
        follower::add_page(tx, account, pass, &page).await?;
        identity::link(tx, account, IdentityKind::CustomerId, &[("C1".to_owned(), 0)]).await?;
        assert_eq!(order::insert(tx, account, &[order]).await?.linked.len(), 1);
        assert_eq!(event::insert(tx, account, &[event]).await?, 1);
        assert!(inbox::append(tx, account, "d", NOW, &account.to_string()).await?);
        assert_eq!(batch::insert(tx, account, &[batch]).await?, [BatchId(1)]);
        Ok(())
    })
    .unwrap();
}

#[tokio::test]
async fn the_same_names_in_two_accounts_are_two_things() {
    let store = scratch().await;
    let one = add_account(&store, "wx1").await;
    let two = add_account(&store, "wx2").await;
    furnish(&store, one, 3, 100).await;
    furnish(&store, two, 2, 200).await;
    let shared = openids(0..1).remove(0);

    // What happens in one leaves the other as it was.
    let person = shared.clone();
    write!(store, |tx| follower::left(tx, one, &person, NOW + 5)).unwrap();
    let first = follower::by_openid(&*store, one, &shared).await.unwrap().unwrap();
    let second = follower::by_openid(&*store, two, &shared).await.unwrap().unwrap();
    assert_eq!((first.ord, first.following), (0, false));
    assert_eq!((second.ord, second.following), (0, true));

    assert_eq!(follower::count(&*store, one).await.unwrap().known, 3);
    assert_eq!(follower::count(&*store, two).await.unwrap().known, 2);
    assert_eq!(follower::page(&*store, two, None, 100).await.unwrap().len(), 2);
    let third = follower::ordinals_of(&*store, two, &openids(2..3)).await.unwrap();
    assert_eq!(third, [None]);
    for (account, amount) in [(one, 100), (two, 200)] {
        let orders = order::page(&*store, account, None, 10).await.unwrap();
        assert_eq!((orders.len(), orders[0].amount_cents), (1, amount));
        let events = event::page(&*store, account, None, 10).await.unwrap();
        assert_eq!((events.len(), &events[0].key), (1, &account.to_string()));
        let pending = inbox::pending(&*store, account, 10).await.unwrap();
        assert_eq!((pending.len(), &pending[0].body), (1, &account.to_string()));
        let batches = batch::of_month(&*store, account, NOW.month()).await.unwrap();
        assert_eq!(batches.len(), 1);
    }
}

#[tokio::test]
async fn a_number_of_another_account_is_not_there() {
    let store = scratch().await;
    let one = add_account(&store, "wx1").await;
    let two = add_account(&store, "wx2").await;
    furnish(&store, one, 3, 100).await;
    assert!(matches!(batch::get(&*store, two, BatchId(1)).await, Err(Error::NotFound { .. })));
    assert!(matches!(follower::by_ord(&*store, two, 0).await, Err(Error::NotFound { .. })));
    let seq = inbox::pending(&*store, one, 1).await.unwrap()[0].seq;
    let foreign = write!(store, |tx| inbox::done(tx, two, seq, NOW));
    assert!(matches!(foreign, Err(Error::NotFound { .. })));
    assert_eq!(inbox::pending(&*store, one, 1).await.unwrap().len(), 1);
    let foreign = write!(store, |tx| batch::set_cancelled(tx, two, BatchId(1), "", NOW));
    assert!(matches!(foreign, Err(Error::NotFound { .. })));
    let nobody = write!(store, |tx| inbox::append(tx, AccountId(9), "x", NOW, ""));
    assert!(matches!(nobody, Err(Error::NotFound { .. })));
}
