//! Accounts, keys, identities, orders, events, callbacks and counters.

use wire::{MsgId, TagId};

use super::{NOW, Scratch, new_account, openids, scratch, scratch_with_account, write};
use crate::account::{self, AccountState};
use crate::batch::Finish;
use crate::event::{self, NewEvent, ToldEvent};
use crate::identity::{Identity, IdentityKind};
use crate::order::{self, NewOrder};
use crate::tag::{self, Tag};
use crate::{AccountId, Error, Secret, api_key, finish_event, follower, identity, inbox};

/// Followers 0, 1, 2 of the account.
async fn three_followers(store: &Scratch, account: AccountId) {
    for openid in openids(0..3) {
        write!(store, |tx| follower::followed(tx, account, &openid, NOW, None, None)).unwrap();
    }
}

fn customer_id(value: &str) -> Identity {
    Identity { kind: IdentityKind::CustomerId, value: value.to_owned() }
}

fn an_order(key: &str, customer: &str, at: i64) -> NewOrder {
    NewOrder {
        key: key.to_owned(),
        customer: customer_id(customer),
        at: NOW + at,
        amount_cents: 12_345,
        items: 2,
        refunded_cents: 0,
        lines: Vec::new(),
    }
}

#[tokio::test]
async fn an_account_keeps_its_secrets_sealed() {
    let store = scratch().await;
    let mut new = new_account("wx1");
    new.secret = Secret::new("the-app-secret");
    new.callback_token = Secret::new("the-token");
    new.callback_key = Some(Secret::new("the-encoding-key"));
    let again = new.clone();
    let id = write!(store, |tx| account::create(tx, &new)).unwrap();
    let error = write!(store, |tx| account::create(tx, &again)).unwrap_err();
    assert_eq!(error.to_string(), "an account with AppID wx1 is already there");

    let found = account::by_appid(&*store, &"wx1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((found.id, found.state.clone()), (id, AccountState::Active));
    assert_eq!(found.secret.expose(), "the-app-secret");
    assert_eq!(found.callback_token.expose(), "the-token");
    assert_eq!(found.callback_key.as_ref().unwrap().expose(), "the-encoding-key");
    assert!(!format!("{found:?}").contains("the-"), "{found:?}");
    store.close().await;
    for file in ["fourcast.db", "fourcast.db-wal"] {
        let bytes = std::fs::read(store.folder.path().join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["the-app-secret", "the-token", "the-encoding-key"] {
            assert!(!text.contains(secret), "{secret} is in {file}");
        }
    }
}

#[tokio::test]
async fn an_account_is_stopped_and_changed() {
    let (store, id) = scratch_with_account().await;
    let stopped = AccountState::Stopped("48001: the interface is not authorised".to_owned());
    let wanted = stopped.clone();
    write!(store, |tx| account::set_state(tx, id, &stopped)).unwrap();
    write!(store, |tx| account::set_profile(tx, id, "新名", false, "http://x")).unwrap();
    let (secret, token) = (Secret::new("s2"), Secret::new("t2"));
    write!(store, |tx| account::set_secrets(tx, id, &secret, &token, None)).unwrap();
    let found = account::get(&*store, id).await.unwrap();
    assert_eq!(found.state, wanted);
    assert_eq!(
        (found.name.as_str(), found.verified, found.base_url.as_str()),
        ("新名", false, "http://x")
    );
    assert_eq!((found.secret.expose(), found.callback_token.expose()), ("s2", "t2"));
    assert_eq!(account::list(&*store).await.unwrap().len(), 1);
    let nobody = write!(store, |tx| account::set_state(tx, AccountId(9), &AccountState::Active));
    assert!(matches!(nobody, Err(Error::NotFound { .. })));
    assert!(matches!(account::get(&*store, AccountId(9)).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_key_opens_until_it_is_revoked() {
    let store = scratch().await;
    let (key, plain) = write!(store, |tx| api_key::create(tx, "shop", NOW)).unwrap();
    assert!(plain.expose().starts_with("fck_") && plain.expose().len() == 47);
    assert_eq!(api_key::check(&*store, plain.expose()).await.unwrap(), Some(key.clone()));
    assert_eq!(api_key::check(&*store, &plain.expose()[..46]).await.unwrap(), None);
    assert_eq!(api_key::check(&*store, "").await.unwrap(), None);
    assert_eq!(api_key::list(&*store).await.unwrap(), std::slice::from_ref(&key));
    assert!(write!(store, |tx| api_key::revoke(tx, key.id)).unwrap());
    assert_eq!(api_key::check(&*store, plain.expose()).await.unwrap(), None);
}

#[tokio::test]
async fn orders_are_kept_once_and_linked_when_the_customer_is_known() {
    let (store, account) = scratch_with_account().await;
    three_followers(&store, account).await;
    let kind = IdentityKind::CustomerId;
    let links = vec![("C1".to_owned(), 1)];
    write!(store, |tx| identity::link(tx, account, kind, &links)).unwrap();

    let mut orders =
        vec![an_order("o1", "C1", 5), an_order("o2", "C2", 9), an_order("o1", "C9", 1)];
    let first = orders.clone();
    let kept = write!(store, |tx| order::insert(tx, account, &first)).unwrap();
    assert_eq!((kept.inserted, kept.duplicate, kept.linked.len()), (2, 1, 1));
    orders.push(an_order("o3", "C1", 2));
    let kept = write!(store, |tx| order::insert(tx, account, &orders)).unwrap();
    assert_eq!((kept.inserted, kept.duplicate, kept.linked.len()), (1, 3, 1));

    // A telephone of the same number is somebody else.
    let links = vec![("C2".to_owned(), 2)];
    let (_, claimed) =
        write!(store, |tx| identity::link(tx, account, IdentityKind::Phone, &links)).unwrap();
    assert_eq!(claimed, identity::Claimed::default());
    let links = vec![("C2".to_owned(), 0)];
    let (_, claimed) = write!(store, |tx| identity::link(tx, account, kind, &links)).unwrap();
    assert_eq!((claimed.orders.len(), claimed.orders[0].ord, claimed.moved), (1, 0, 0));
    assert_eq!(order::count(&*store, account).await.unwrap(), (3, 3));

    let all = order::page(&*store, account, None, 10).await.unwrap();
    let seen: Vec<_> = all.iter().map(|order| (order.ord, order.at - NOW)).collect();
    assert_eq!(seen, [(0, 9), (1, 2), (1, 5)]);
    assert_eq!((all[0].amount_cents, all[0].items), (12_345, 2));
    let rest = order::page(&*store, account, Some(&all[1]), 10).await.unwrap();
    assert_eq!(rest, all[2..]);
    assert!(order::page(&*store, account, Some(&all[2]), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_paid_back_only_grows() {
    let (store, account) = scratch_with_account().await;
    three_followers(&store, account).await;
    let links = vec![("C1".to_owned(), 1)];
    let kind = IdentityKind::CustomerId;
    write!(store, |tx| identity::link(tx, account, kind, &links)).unwrap();
    let refunded = |cents| NewOrder { refunded_cents: cents, ..an_order("o1", "C1", 5) };
    let mut seen = Vec::new();
    for cents in [0, 500, 200, 12_345] {
        // Told by the wrong customer too: the order is whose it was first.
        let order = NewOrder { customer: customer_id("C9"), ..refunded(cents) };
        let order = if cents == 0 { refunded(0) } else { order };
        let kept = write!(store, |tx| order::insert(tx, account, &[order])).unwrap();
        let moved = kept.refunded.iter().map(|(was, is)| (was.refunded_cents, is.refunded_cents));
        seen.push((kept.inserted, moved.collect::<Vec<_>>()));
    }
    assert_eq!(seen, [(1, vec![]), (0, vec![(0, 500)]), (0, vec![]), (0, vec![(500, 12_345)])]);
    let of = order::of(&*store, account, 1).await.unwrap();
    assert_eq!((of.len(), of[0].refunded_cents, &of[0].customer), (1, 12_345, &customer_id("C1")));
}

#[tokio::test]
async fn an_identity_moves_with_its_orders_and_events() {
    let (store, account) = scratch_with_account().await;
    three_followers(&store, account).await;
    let kind = IdentityKind::CustomerId;
    let links = vec![("C1".to_owned(), 1), ("C2".to_owned(), 2)];
    let moved = vec![("C1".to_owned(), 0), ("C2".to_owned(), 2)];
    let orders = vec![an_order("o1", "C1", 5), an_order("o2", "C2", 9)];
    let events = vec![told("C1", "e1"), told("C2", "e2")];
    assert_eq!(write!(store, |tx| identity::link(tx, account, kind, &links)).unwrap().0, 2);
    write!(store, |tx| order::insert(tx, account, &orders)).unwrap();
    write!(store, |tx| event::take_in(tx, account, &events)).unwrap();
    let (changed, claimed) = write!(store, |tx| identity::link(tx, account, kind, &moved)).unwrap();
    assert_eq!((changed, claimed.moved, claimed.orders.len()), (1, 2, 0));
    let orders = order::page(&*store, account, None, 10).await.unwrap();
    assert_eq!(orders.iter().map(|order| order.ord).collect::<Vec<_>>(), [0, 2]);
    let events = event::page(&*store, account, None, 10).await.unwrap();
    assert_eq!(events.iter().map(|event| event.ord).collect::<Vec<_>>(), [0, 2]);
    let asked = ["C2".to_owned(), "C7".to_owned(), "C1".to_owned()];
    let found = identity::lookup(&*store, account, kind, &asked).await.unwrap();
    assert_eq!((found.len(), found["C1"], found["C2"]), (2, 0, 2));
    let of = identity::of(&*store, account, 2).await.unwrap();
    assert_eq!(of, [customer_id("C2")]);
    let nobody = vec![("C8".to_owned(), 99)];
    let refused = write!(store, |tx| identity::link(tx, account, kind, &nobody));
    assert!(matches!(refused, Err(Error::NotFound { .. })));
}

fn told(customer: &str, dedup: &str) -> ToldEvent {
    ToldEvent {
        identity: customer_id(customer),
        kind: "visit".to_owned(),
        key: String::new(),
        at: NOW,
        value: Some(7),
        dedup: dedup.to_owned(),
    }
}

#[tokio::test]
async fn events_wait_for_their_follower_whatever_names_them() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..2);
    let by = |kind, value: &str, dedup: &str| ToldEvent {
        identity: Identity { kind, value: value.to_owned() },
        ..told("", dedup)
    };
    let events = vec![
        by(IdentityKind::OpenId, people[0].as_str(), "a"),
        by(IdentityKind::OpenId, people[1].as_str(), "b"),
        by(IdentityKind::UnionId, "union", "c"),
        by(IdentityKind::Phone, "13800138000", "d"),
        by(IdentityKind::CustomerId, "13800138000", "e"),
    ];
    let again = events.clone();
    let kept = write!(store, |tx| event::take_in(tx, account, &events)).unwrap();
    assert_eq!((kept.inserted, kept.duplicate, kept.linked.len()), (5, 0, 0));
    let kept = write!(store, |tx| event::take_in(tx, account, &again)).unwrap();
    assert_eq!((kept.inserted, kept.duplicate, kept.linked.len()), (0, 5, 0));

    three_followers(&store, account).await;
    assert_eq!(event::count(&*store, account).await.unwrap(), (5, 5));
    // One by one, as a callback does, or all at once, as the end of a pass.
    let owner = vec![(people[1].clone(), 1)];
    let claimed =
        write!(store, |tx| identity::claim(tx, account, IdentityKind::OpenId, &owner)).unwrap();
    assert_eq!(claimed.events.iter().map(|e| (e.ord, e.value)).collect::<Vec<_>>(), [(1, Some(7))]);
    let pass = write!(store, |tx| crate::sync_pass::start(tx, account, NOW)).unwrap().id;
    let details = serde_json::json!({"subscribe": 1, "openid": "o", "unionid": "union"});
    let details = vec![(2, serde_json::from_value(details).unwrap())];
    write!(store, |tx| follower::set_details(tx, account, pass, NOW, &details)).unwrap();
    assert_eq!(write!(store, |tx| identity::claim_followers(tx, account)).unwrap(), 2);
    let phone = vec![("13800138000".to_owned(), 0)];
    let (_, claimed) =
        write!(store, |tx| identity::link(tx, account, IdentityKind::Phone, &phone)).unwrap();
    assert_eq!(claimed.events.len(), 1);
    assert_eq!(event::count(&*store, account).await.unwrap(), (5, 1));
    let owners: Vec<_> = event::page(&*store, account, None, 9).await.unwrap();
    assert_eq!(owners.iter().map(|event| event.ord).collect::<Vec<_>>(), [0, 0, 1, 2]);

    // Known at once now.
    let event = by(IdentityKind::Phone, "13800138000", "f");
    let kept = write!(store, |tx| event::take_in(tx, account, &[event])).unwrap();
    assert_eq!(kept.linked.iter().map(|event| event.ord).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn events_are_kept_once_and_load_in_order() {
    let (store, account) = scratch_with_account().await;
    let an_event = |ord, kind: &str, at, dedup: &str| NewEvent {
        ord,
        kind: kind.to_owned(),
        key: format!("菜单 \"{dedup}\""),
        at: NOW + at,
        dedup: dedup.to_owned(),
    };
    let events = vec![
        an_event(2, "click", 1, "a"),
        an_event(1, "click", 7, "b"),
        an_event(1, "click", 7, "c"),
        an_event(1, "click", 3, "d"),
        an_event(0, "text", 5, "e"),
    ];
    let again = events.clone();
    assert_eq!(write!(store, |tx| event::insert(tx, account, &events)).unwrap(), 5);
    assert_eq!(write!(store, |tx| event::insert(tx, account, &again)).unwrap(), 0);
    let all = event::page(&*store, account, None, 10).await.unwrap();
    let order: String = all.iter().map(|event| event.key[8..9].to_owned()).collect();
    // By follower, then by moment.
    assert_eq!(order, "edbca");
    // Page by page, every place is passed once.
    let mut pages = Vec::new();
    while let Some(next) = event::page(&*store, account, pages.last(), 1).await.unwrap().pop() {
        pages.push(next);
    }
    assert_eq!(pages, all);
    let of = event::of(&*store, account, 1, 2).await.unwrap();
    assert_eq!(of, [all[3].clone(), all[2].clone()]);
}

#[tokio::test]
async fn a_callback_is_kept_once_until_it_is_applied() {
    let (store, account) = scratch_with_account().await;
    for (dedup, new) in [("a", true), ("b", true), ("a", false)] {
        let kept = write!(store, |tx| inbox::append(tx, account, dedup, NOW, "<xml/>"));
        assert_eq!(kept.unwrap(), new);
    }
    let pending = inbox::pending(&*store, account, 10).await.unwrap();
    assert_eq!(pending.len(), 2);
    let first = pending[0].seq;
    write!(store, |tx| inbox::done(tx, account, first, NOW + 1)).unwrap();
    write!(store, |tx| inbox::done(tx, account, first, NOW + 2)).unwrap();
    assert_eq!(inbox::pending(&*store, account, 10).await.unwrap(), pending[1..]);
    // Applied is not forgotten: the same one again is still known.
    assert!(!write!(store, |tx| inbox::append(tx, account, "a", NOW, "")).unwrap());
    assert_eq!(write!(store, |tx| inbox::forget(tx, account, NOW + 1)).unwrap(), 0);
    assert_eq!(write!(store, |tx| inbox::forget(tx, account, NOW + 2)).unwrap(), 1);
    assert_eq!(inbox::pending(&*store, account, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_first_result_of_a_job_wins_and_is_claimed_once() {
    let (store, account) = scratch_with_account().await;
    let finish = Finish {
        status: "send success".to_owned(),
        total: 10,
        filtered: 9,
        sent: 8,
        errors: 1,
        at: NOW,
    };
    let (first, second) = (finish.clone(), Finish { sent: 0, ..finish.clone() });
    let id = MsgId(1_000_000_001);
    assert!(write!(store, |tx| finish_event::put(tx, account, id, &first)).unwrap());
    assert!(!write!(store, |tx| finish_event::put(tx, account, id, &second)).unwrap());
    let found = finish_event::unclaimed(&*store, account).await.unwrap();
    assert_eq!((found.len(), &found[0].finish), (1, &finish));
    write!(store, |tx| finish_event::claim(tx, account, id)).unwrap();
    assert!(finish_event::unclaimed(&*store, account).await.unwrap().is_empty());
    let again = write!(store, |tx| finish_event::claim(tx, account, id));
    assert!(matches!(again, Err(Error::AlreadyThere { .. })));
    let unknown = write!(store, |tx| finish_event::claim(tx, account, MsgId(2)));
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
    let found = finish_event::get(&*store, account, id).await.unwrap().unwrap();
    assert!(found.claimed);
}

#[tokio::test]
async fn tags_are_replaced_as_a_whole() {
    let (store, account) = scratch_with_account().await;
    let tag = |id, name: &str| Tag { tag_id: TagId(id), name: name.to_owned(), followers: 3 };
    let first = vec![tag(100, "油性皮肤"), tag(101, "干性皮肤")];
    let second = vec![tag(102, "\"香水\""), tag(101, "干性")];
    write!(store, |tx| tag::replace_all(tx, account, &first)).unwrap();
    write!(store, |tx| tag::replace_all(tx, account, &second)).unwrap();
    let found = tag::list(&*store, account).await.unwrap();
    assert_eq!(found, [tag(101, "干性"), tag(102, "\"香水\"")]);
}
