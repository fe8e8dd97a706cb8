//! Followers: listing, details, and the rule that newer word wins.

use wire::user::UserInfo;
use wire::{OpenId, TagId, Timestamp};

use super::{NOW, Scratch, openids, scratch_with_account, write};
use crate::follower::{self, Attribute, Attributes, FollowerRow};
use crate::sync_pass::{self, Progress};
use crate::{AccountId, Error, PassId};

async fn start(store: &Scratch, account: AccountId, at: Timestamp) -> PassId {
    write!(store, |tx| sync_pass::start(tx, account, at)).unwrap().id
}

async fn end(store: &Scratch, account: AccountId, pass: PassId) -> Vec<u32> {
    let left = write!(store, |tx| follower::mark_unseen(tx, account, pass, NOW + 500)).unwrap();
    write!(store, |tx| sync_pass::finish(tx, account, pass, NOW + 500, None)).unwrap();
    left
}

async fn list(store: &Scratch, account: AccountId, pass: PassId, page: &[OpenId]) -> u32 {
    let page = page.to_vec();
    write!(store, |tx| follower::add_page(tx, account, pass, &page)).unwrap()
}

async fn follows(
    store: &Scratch,
    account: AccountId,
    openid: &OpenId,
    at: Timestamp,
) -> (u32, bool) {
    let openid = openid.clone();
    write!(store, |tx| follower::followed(tx, account, &openid, at, None, None)).unwrap()
}

async fn leaves(
    store: &Scratch,
    account: AccountId,
    openid: &OpenId,
    at: Timestamp,
) -> (u32, bool) {
    let openid = openid.clone();
    write!(store, |tx| follower::left(tx, account, &openid, at)).unwrap()
}

async fn row(store: &Scratch, account: AccountId, ord: u32) -> FollowerRow {
    follower::by_ord(&store.store, account, ord).await.unwrap()
}

fn told(openid: &OpenId, subscribe: u8) -> UserInfo {
    serde_json::from_value(serde_json::json!({ "subscribe": subscribe, "openid": openid })).unwrap()
}

#[tokio::test]
async fn a_page_twice_gives_the_same_ordinals_in_its_order() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..300);
    let pass = start(&store, account, NOW).await;
    assert_eq!(list(&store, account, pass, &people[..200]).await, 200);
    let before = follower::page(&*store, account, None, 1000).await.unwrap();
    assert_eq!(list(&store, account, pass, &people[..200]).await, 0);
    assert_eq!(follower::page(&*store, account, None, 1000).await.unwrap(), before);
    // Half known, half new, and one of them twice.
    let mut mixed = people[150..].to_vec();
    mixed.push(people[299].clone());
    assert_eq!(list(&store, account, pass, &mixed).await, 100);
    let ordinals = follower::ordinals_of(&*store, account, &people).await.unwrap();
    assert!(ordinals.iter().zip(0..).all(|(found, wanted)| *found == Some(wanted)));
    let count = follower::count(&*store, account).await.unwrap();
    assert_eq!((count.known, count.following), (300, 300));
}

#[tokio::test]
async fn ordinals_and_openids_come_back_in_the_order_asked() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..50);
    let pass = start(&store, account, NOW).await;
    list(&store, account, pass, &people).await;
    let asked = [people[7].clone(), openids(900..901)[0].clone(), people[3].clone()];
    let found = follower::ordinals_of(&*store, account, &asked).await.unwrap();
    assert_eq!(found, [Some(7), None, Some(3)]);
    let back = follower::openids_of(&*store, account, &[7, 3, 7]).await.unwrap();
    assert_eq!(back, [people[7].clone(), people[3].clone(), people[7].clone()]);
    let missing = follower::openids_of(&*store, account, &[7, 50]).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })));
    let rows = follower::rows_of(&*store, account, &[9, 3, 50, 9]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.ord).collect::<Vec<_>>(), [3, 9]);
    assert!(follower::openids_of(&*store, account, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_event_since_the_pass_began_wins_over_its_pages() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..4);
    let first = start(&store, account, NOW).await;
    list(&store, account, first, &people).await;
    assert!(end(&store, account, first).await.is_empty());

    let began = NOW + 1000;
    let second = start(&store, account, began).await;
    // In the very second the pass began.
    assert_eq!(leaves(&store, account, &people[0], began).await, (0, true));
    // Before it began: the page is newer.
    assert_eq!(leaves(&store, account, &people[1], began + -1).await, (1, true));
    // An unknown person came and went: the page that still names them is stale.
    let stranger = &openids(77..78)[0];
    assert_eq!(leaves(&store, account, stranger, began + 5).await, (4, false));
    // Came after the pass began and is on no page.
    let newcomer = &openids(78..79)[0];
    assert_eq!(follows(&store, account, newcomer, began + 6).await, (5, true));

    let page = [people[0].clone(), people[1].clone(), people[2].clone(), stranger.clone()];
    assert_eq!(list(&store, account, second, &page).await, 0);
    assert!(!row(&store, account, 0).await.following);
    assert_eq!(row(&store, account, 0).await.left_at, Some(began));
    assert!(row(&store, account, 1).await.following);
    assert_eq!(row(&store, account, 1).await.left_at, None);
    assert!(!row(&store, account, 4).await.following);

    // Who follows but was on no page is left; who came since is not.
    assert_eq!(end(&store, account, second).await, [3]);
    assert!(!row(&store, account, 3).await.following);
    assert!(row(&store, account, 5).await.following);
    assert_eq!(follower::count(&*store, account).await.unwrap().following, 3);
}

#[tokio::test]
async fn late_and_doubled_events_change_nothing() {
    let (store, account) = scratch_with_account().await;
    let person = &openids(0..1)[0];
    assert_eq!(follows(&store, account, person, NOW + 10).await, (0, true));
    assert_eq!(follows(&store, account, person, NOW + 10).await, (0, false));
    assert_eq!(leaves(&store, account, person, NOW + 20).await, (0, true));
    assert_eq!(leaves(&store, account, person, NOW + 20).await, (0, false));
    let left = row(&store, account, 0).await;
    assert_eq!((left.following, left.left_at), (false, Some(NOW + 20)));
    // The follow of NOW + 10 once more, and one that was held up.
    assert_eq!(follows(&store, account, person, NOW + 10).await, (0, false));
    assert_eq!(follows(&store, account, person, NOW + 19).await, (0, false));
    assert_eq!(row(&store, account, 0).await, left);
    assert_eq!(follows(&store, account, person, NOW + 30).await, (0, true));
    assert_eq!(leaves(&store, account, person, NOW + 25).await, (0, false));
    let back = row(&store, account, 0).await;
    assert_eq!((back.following, back.subscribed_at, back.left_at), (true, Some(NOW + 30), None));
}

#[tokio::test]
async fn details_are_asked_once_and_only_of_followers() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..5);
    let pass = start(&store, account, NOW).await;
    list(&store, account, pass, &people).await;
    leaves(&store, account, &people[4], NOW + 1).await;
    let due = follower::details_due(&*store, account, pass, 3).await.unwrap();
    assert_eq!(due, (0..3).zip(people.clone()).collect::<Vec<_>>());

    let mut first = told(&people[0], 1);
    first.subscribe_time = Some(NOW.0 - 99);
    first.unionid = Some("oUnion\"1".to_owned());
    first.remark = Some("老顾客\n\"甲\"".to_owned());
    first.tagid_list = Some(vec![TagId(101), TagId(103)]);
    first.subscribe_scene = Some("ADD_SCENE_QR_CODE".to_owned());
    first.qr_scene = Some(98765);
    first.qr_scene_str = Some(String::new());
    first.language = Some("zh_CN".to_owned());
    let details = vec![(0, first), (1, told(&people[1], 1)), (2, told(&people[2], 0))];
    let gone =
        write!(store, |tx| follower::set_details(tx, account, pass, NOW + 60, &details)).unwrap();
    assert_eq!(gone, [2]);
    let due = follower::details_due(&*store, account, pass, 10).await.unwrap();
    assert_eq!(due, [(3, people[3].clone())]);

    let first = row(&store, account, 0).await;
    assert_eq!(first.subscribed_at, Some(NOW + -99));
    assert_eq!(first.unionid.as_deref(), Some("oUnion\"1"));
    assert_eq!(first.remark.as_deref(), Some("老顾客\n\"甲\""));
    assert_eq!(first.tags, [TagId(101), TagId(103)]);
    assert_eq!(first.qr_scene.as_deref(), Some("98765"));
    assert_eq!(first.detailed_pass, pass);
    let third = row(&store, account, 2).await;
    assert_eq!((third.following, third.left_at), (false, Some(NOW + 60)));
    // A page is another way to the same rows.
    let page = follower::page(&*store, account, None, 10).await.unwrap();
    for (ord, found) in (0..5).zip(&page) {
        assert_eq!(*found, row(&store, account, ord).await);
    }
    let rest = follower::page(&*store, account, Some(2), 10).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.ord).collect::<Vec<_>>(), [3, 4]);
    assert!(follower::page(&*store, account, Some(4), 10).await.unwrap().is_empty());
    assert_eq!(follower::left_since(&*store, account, NOW + 1).await.unwrap().len(), 2);
    assert_eq!(follower::left_since(&*store, account, NOW + 2).await.unwrap(), [2]);
}

#[tokio::test]
async fn details_do_not_undo_newer_word() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..2);
    let pass = start(&store, account, NOW).await;
    list(&store, account, pass, &people).await;
    // Asked at NOW + 60, when 0 did not follow and 1 still did.
    follows(&store, account, &people[0], NOW + 60).await;
    leaves(&store, account, &people[1], NOW + 30).await;
    let details = vec![(0, told(&people[0], 0)), (1, told(&people[1], 1))];
    let gone =
        write!(store, |tx| follower::set_details(tx, account, pass, NOW + 60, &details)).unwrap();
    assert!(gone.is_empty());
    assert!(row(&store, account, 0).await.following);
    assert!(!row(&store, account, 1).await.following);
}

#[tokio::test]
async fn attributes_merge_and_tags_are_replaced() {
    let (store, account) = scratch_with_account().await;
    let pass = start(&store, account, NOW).await;
    list(&store, account, pass, &openids(0..2)).await;
    let text = |text: &str| Attribute::Text(text.to_owned());
    let one = |name: &str, value| Attributes::from([(name.to_owned(), value)]);
    let first = vec![(0, one("等级", text("金卡"))), (1, one("points", Attribute::Number(12.5)))];
    // The same follower twice in one list: both count, the last of a name wins.
    let second = vec![
        (0, one("adult", Attribute::Bool(true))),
        (0, one("等级", text("银卡"))),
        (0, one("等级", text("普通\"卡"))),
    ];
    write!(store, |tx| follower::set_attributes(tx, account, &first)).unwrap();
    write!(store, |tx| follower::set_attributes(tx, account, &second)).unwrap();
    let wanted = Attributes::from([
        ("adult".to_owned(), Attribute::Bool(true)),
        ("等级".to_owned(), text("普通\"卡")),
    ]);
    assert_eq!(row(&store, account, 0).await.attributes, wanted);
    assert_eq!(row(&store, account, 1).await.attributes["points"], Attribute::Number(12.5));

    let tags = vec![(0, vec![TagId(1)]), (0, vec![TagId(2), TagId(3)])];
    let own = vec![(1, vec!["生日月".to_owned()])];
    write!(store, |tx| follower::set_tags(tx, account, &tags)).unwrap();
    write!(store, |tx| follower::set_own_tags(tx, account, &own)).unwrap();
    assert_eq!(row(&store, account, 0).await.tags, [TagId(2), TagId(3)]);
    assert_eq!(row(&store, account, 1).await.own_tags, ["生日月"]);
    assert!(row(&store, account, 1).await.tags.is_empty());
    assert_eq!(follower::page(&*store, account, None, 9).await.unwrap()[0].attributes, wanted);
}

#[tokio::test]
async fn a_pass_goes_on_where_it_stood_and_only_one_runs() {
    let (store, account) = scratch_with_account().await;
    let pass = start(&store, account, NOW).await;
    let again = write!(store, |tx| sync_pass::start(tx, account, NOW));
    assert!(matches!(again, Err(Error::AlreadyThere { .. })));
    let cursor = openids(0..1).remove(0);
    let progress =
        Progress { next_openid: Some(cursor.clone()), pages: 1, listed: 10, detailed: 0 };
    write!(store, |tx| sync_pass::advance(tx, account, pass, &progress)).unwrap();
    let progress = Progress { detailed: 4, ..Progress::default() };
    write!(store, |tx| sync_pass::advance(tx, account, pass, &progress)).unwrap();
    write!(store, |tx| sync_pass::set_detailing(tx, account, pass)).unwrap();
    let latest = sync_pass::latest(&*store, account).await.unwrap().unwrap();
    assert_eq!((latest.pages, latest.listed, latest.detailed), (1, 10, 4));
    assert_eq!(latest.next_openid, Some(cursor));
    assert_eq!(latest.state, sync_pass::PassState::Detailing);
    let why = "the token was refused";
    write!(store, |tx| sync_pass::finish(tx, account, pass, NOW, Some(why))).unwrap();
    let failed = sync_pass::get(&*store, account, pass).await.unwrap();
    assert_eq!(failed.state, sync_pass::PassState::Failed(why.to_owned()));
    assert_eq!(start(&store, account, NOW).await, PassId(2));
    let unknown = write!(store, |tx| follower::add_page(tx, account, PassId(9), &[]));
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
}
