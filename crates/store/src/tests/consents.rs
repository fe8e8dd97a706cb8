//! What was told of consents: kept once, whoever is known when, and gone with the person.

use wire::OpenId;

use super::{NOW, openids, scratch_with_account, write};
use crate::consent::{self, Act, Teller, ToldConsent};
use crate::identity::{self, Identity, IdentityKind};
use crate::{AccountId, Store, follower};

fn told(kind: IdentityKind, value: &str, act: Act, at: i64, dedup: &str) -> ToldConsent {
    ToldConsent {
        identity: Identity { kind, value: value.to_owned() },
        template: "T".to_owned(),
        act,
        teller: Teller::Shop,
        at: NOW + at,
        dedup: dedup.to_owned(),
    }
}

async fn follow(store: &Store, account: AccountId, openid: &OpenId) -> u32 {
    let openid = openid.clone();
    write!(store, |tx| follower::followed(tx, account, &openid, NOW, None, None)).unwrap().0
}

#[tokio::test]
async fn a_telling_is_kept_once_and_in_the_order_of_its_time() {
    let (store, account) = scratch_with_account().await;
    let person = openids(0..1).remove(0);
    let ord = follow(&store, account, &person).await;
    let all = vec![
        told(IdentityKind::OpenId, person.as_str(), Act::Accepted, 5, "a"),
        told(IdentityKind::OpenId, person.as_str(), Act::Withdrawn, 9, "b"),
        told(IdentityKind::OpenId, person.as_str(), Act::Sent, 7, "c"),
        told(IdentityKind::OpenId, person.as_str(), Act::Accepted, 5, "a"),
    ];
    let again = all.clone();
    let kept = write!(store, |tx| consent::take_in(tx, account, &all)).unwrap();
    assert_eq!((kept.inserted, kept.duplicate, kept.linked), (3, 1, 3));
    assert_eq!(kept.touched, [(ord, "T".to_owned())]);
    let kept = write!(store, |tx| consent::take_in(tx, account, &again)).unwrap();
    assert_eq!((kept.inserted, kept.duplicate, kept.touched.len()), (0, 4, 0));

    let acts = [Act::Accepted, Act::Sent, Act::Withdrawn];
    let pair = [(ord, "T".to_owned()), (ord, "unknown".to_owned())];
    let lines = consent::lines(&*store, account, &pair).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.act).collect::<Vec<_>>(), acts);
    assert_eq!(consent::of(&*store, account, ord).await.unwrap(), lines);
    let mut paged = Vec::new();
    loop {
        let page = consent::page(&*store, account, paged.last(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, lines);
}

#[tokio::test]
async fn a_telling_waits_for_its_follower_and_moves_with_their_names() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..3);
    let all = vec![
        told(IdentityKind::OpenId, people[0].as_str(), Act::Accepted, 1, "a"),
        told(IdentityKind::OpenId, people[1].as_str(), Act::Accepted, 2, "b"),
        told(IdentityKind::Phone, "13800138000", Act::AcceptedForLong, 3, "c"),
    ];
    let kept = write!(store, |tx| consent::take_in(tx, account, &all)).unwrap();
    assert_eq!((kept.inserted, kept.linked), (3, 0));
    let (first, second) =
        (follow(&store, account, &people[0]).await, follow(&store, account, &people[1]).await);
    // One by one, as a callback does, or all at once, as the end of a pass.
    let owner = vec![(people[0].clone(), first)];
    let claimed =
        write!(store, |tx| identity::claim(tx, account, IdentityKind::OpenId, &owner)).unwrap();
    assert_eq!((claimed.consents, claimed.consented), (1, vec![(first, "T".to_owned())]));
    assert_eq!(write!(store, |tx| identity::claim_followers(tx, account)).unwrap(), 1);
    let of = async |ord| consent::of(&*store, account, ord).await.unwrap().len();
    assert_eq!((of(first).await, of(second).await), (1, 1));

    let link = async |ord| {
        let links = vec![("13800138000".to_owned(), ord)];
        write!(store, |tx| identity::link(tx, account, IdentityKind::Phone, &links)).unwrap().1
    };
    assert_eq!(link(first).await.consents, 1);
    assert_eq!((of(first).await, of(second).await), (2, 1));
    // The number is another's: both of them are told anew.
    let moved = link(second).await;
    assert_eq!(moved.consented, [(first, "T".to_owned()), (second, "T".to_owned())]);
    assert_eq!((of(first).await, of(second).await), (1, 2));
}

#[tokio::test]
async fn another_account_and_an_erased_person_have_none() {
    let (store, account) = scratch_with_account().await;
    let other = super::add_account(&store, "wx0000000000000002").await;
    let person = openids(0..1).remove(0);
    let ord = follow(&store, account, &person).await;
    follow(&store, other, &person).await;
    let all = vec![told(IdentityKind::OpenId, person.as_str(), Act::Accepted, 1, "a")];
    write!(store, |tx| consent::take_in(tx, account, &all)).unwrap();
    assert!(consent::page(&*store, other, None, 9).await.unwrap().is_empty());
    assert_eq!(consent::page(&*store, account, None, 9).await.unwrap().len(), 1);
    let gone = person.clone();
    write!(store, |tx| follower::erase(tx, account, ord, &gone, NOW)).unwrap();
    assert!(consent::page(&*store, account, None, 9).await.unwrap().is_empty());
    // Nor do they come back with the OpenID.
    follow(&store, account, &person).await;
    assert_eq!(write!(store, |tx| identity::claim_followers(tx, account)).unwrap(), 0);
}
