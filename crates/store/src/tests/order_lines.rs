//! What was in orders: told once a line, with the order or later, and whoever the order becomes.

use super::{NOW, openids, scratch_with_account, write};
use crate::identity::{self, Identity, IdentityKind};
use crate::order::{self, Kept, NewOrder};
use crate::order_line::{self, NewLine};
use crate::{AccountId, Store, fact_version, follower};

fn line(name: &str, sku: &str, quantity: i64, refunded_cents: i64) -> NewLine {
    NewLine {
        line: name.to_owned(),
        sku: sku.to_owned(),
        name: format!("商品 {sku}"),
        quantity,
        amount_cents: quantity * 1_000,
        refunded_cents,
    }
}

fn an_order(key: &str, lines: Vec<NewLine>) -> NewOrder {
    NewOrder {
        key: key.to_owned(),
        customer: Identity { kind: IdentityKind::CustomerId, value: "C1".to_owned() },
        at: NOW + 5,
        amount_cents: 9_900,
        items: 3,
        refunded_cents: 0,
        lines,
    }
}

async fn insert(store: &Store, account: AccountId, orders: Vec<NewOrder>) -> Kept {
    write!(store, |tx| order::insert(tx, account, &orders)).unwrap()
}

async fn loaded(store: &Store, account: AccountId) -> Vec<(u32, String, i64, i64)> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = order_line::page(store, account, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.seq);
        all.extend(page.into_iter().map(|l| (l.ord, l.sku, l.quantity, l.refunded_cents)));
    }
    all
}

#[tokio::test]
async fn a_line_is_kept_once_and_what_is_paid_back_grows() {
    let (store, account) = scratch_with_account().await;
    let person = openids(0..1).remove(0);
    write!(store, |tx| follower::followed(tx, account, &person, NOW, None, None)).unwrap();
    let kept = insert(
        &store,
        account,
        vec![
            an_order("o1", vec![line("1", "A", 2, 0), line("2", "B", 1, 0)]),
            an_order("o2", Vec::new()),
        ],
    )
    .await;
    assert_eq!((kept.inserted, kept.new_lines, kept.new_with_lines), (2, 2, 1));
    assert_eq!((kept.linked.len(), kept.lines.len()), (0, 0));
    assert!(loaded(&store, account).await.is_empty(), "nobody's yet");

    let links = vec![("C1".to_owned(), 0)];
    let (_, claimed) =
        write!(store, |tx| identity::link(tx, account, IdentityKind::CustomerId, &links)).unwrap();
    assert_eq!((claimed.orders.len(), claimed.lines.len()), (2, 2));
    assert_eq!(claimed.lines[0].at, NOW + 5);

    // The rest of the file: another line of a known order, one told again, one paid back.
    let before = fact_version::get(&*store, account).await.unwrap();
    let kept = insert(
        &store,
        account,
        vec![
            an_order("o1", vec![line("3", "A", 1, 0)]),
            an_order("o1", vec![line("1", "Z", 9, 500)]),
            an_order("o3", vec![line("1", "B", 1, 0)]),
        ],
    )
    .await;
    assert_eq!((kept.inserted, kept.duplicate), (1, 2));
    assert_eq!((kept.new_lines, kept.new_with_lines, kept.lines.len()), (2, 1, 2));
    let [(was, is)] = kept.refunded_lines.as_slice() else { panic!("{kept:?}") };
    assert_eq!((&was.sku[..], was.refunded_cents, is.refunded_cents), ("A", 0, 500));
    assert!(fact_version::get(&*store, account).await.unwrap() > before);
    let again = insert(&store, account, vec![an_order("o1", vec![line("1", "A", 2, 400)])]).await;
    assert_eq!((again.new_lines, again.refunded_lines.len()), (0, 0));

    let all = loaded(&store, account).await;
    let seen: Vec<_> = all.iter().map(|(ord, sku, n, back)| (*ord, &sku[..], *n, *back)).collect();
    assert_eq!(seen, [(0, "A", 2, 500), (0, "B", 1, 0), (0, "A", 1, 0), (0, "B", 1, 0)]);
    let of: Vec<_> = order_line::of(&*store, account, 0).await.unwrap();
    let of: Vec<_> = of.iter().map(|(key, l)| (&key[..], &l.line[..], &l.sku[..])).collect();
    assert_eq!(of, [("o1", "1", "A"), ("o1", "2", "B"), ("o1", "3", "A"), ("o3", "1", "B")]);
}

#[tokio::test]
async fn whoever_is_erased_has_no_lines_and_other_accounts_neither() {
    let (store, account) = scratch_with_account().await;
    let other = super::add_account(&store, "wx0000000000000002").await;
    let person = openids(0..1).remove(0);
    let gone = person.clone();
    write!(store, |tx| follower::followed(tx, account, &person, NOW, None, None)).unwrap();
    let links = vec![("C1".to_owned(), 0)];
    write!(store, |tx| identity::link(tx, account, IdentityKind::CustomerId, &links)).unwrap();
    let kept = insert(&store, account, vec![an_order("o1", vec![line("1", "A", 2, 0)])]).await;
    assert_eq!(kept.lines.len(), 1);
    assert!(loaded(&store, other).await.is_empty());
    write!(store, |tx| follower::erase(tx, account, 0, &gone, NOW)).unwrap();
    assert!(loaded(&store, account).await.is_empty());
    assert!(order_line::of(&*store, account, 0).await.unwrap().is_empty());
}
