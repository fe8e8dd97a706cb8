//! Definitions, lists, segments, taggings, imports in steps, and people erased.

use wire::TagId;

use super::{NOW, openids, scratch_with_account, write};
use crate::attribute::{self, AttributeKind, Definition};
use crate::event::{self, NewEvent, ToldEvent};
use crate::follower::{self, Attribute, Attributes};
use crate::identity::{self, Identity, IdentityKind};
use crate::import::{self, Counts, ImportState};
use crate::order::{self, NewOrder};
use crate::segment::{self, Frozen};
use crate::tagging::{self, NewTagging, TaggingState};
use crate::{Error, Store, fact_version, inbox, list};

#[tokio::test]
async fn an_attribute_is_defined_anew_and_taken_away() {
    let (store, account) = scratch_with_account().await;
    let first = Definition {
        name: "等级".to_owned(),
        kind: AttributeKind::Choice,
        choices: vec!["金".to_owned(), "银".to_owned()],
    };
    let second = Definition { kind: AttributeKind::Text, choices: Vec::new(), ..first.clone() };
    write!(store, |tx| attribute::define(tx, account, &first, NOW)).unwrap();
    assert_eq!(attribute::list(&*store, account).await.unwrap()[0].choices, ["金", "银"]);
    let again = second.clone();
    write!(store, |tx| attribute::define(tx, account, &again, NOW)).unwrap();
    assert_eq!(attribute::list(&*store, account).await.unwrap(), [second]);
    write!(store, |tx| attribute::remove(tx, account, "等级")).unwrap();
    let gone = write!(store, |tx| attribute::remove(tx, account, "等级"));
    assert!(matches!(gone, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn every_change_of_a_fact_is_counted_and_nothing_else() {
    let (store, account) = scratch_with_account().await;
    let other = super::add_account(&store, "wx0000000000000002").await;
    let version = async |of| fact_version::get(&*store, of).await.unwrap();
    let mut last = version(account).await;
    macro_rules! counted {
        ($what:expr, |$tx:ident| $work:expr) => {
            write!(store, |$tx| $work).unwrap();
            let now = version(account).await;
            assert!(now > last, "{}", $what);
            last = now;
        };
    }
    let openid = openids(0..1).remove(0);
    let known = openid.clone();
    counted!("follow", |tx| follower::followed(tx, account, &openid, NOW, None, None));
    let values: Attributes = [("城市".to_owned(), Attribute::Bool(true))].into();
    let rows = vec![(0, values)];
    counted!("attributes", |tx| follower::set_attributes(tx, account, &rows));
    let tags = vec![(0, vec!["老客户".to_owned()])];
    counted!("own tags", |tx| follower::set_own_tags(tx, account, &tags));
    let flag =
        Definition { name: "城市".to_owned(), kind: AttributeKind::Flag, choices: Vec::new() };
    let defined = flag.clone();
    counted!("definition", |tx| attribute::define(tx, account, &defined, NOW));
    counted!("no definition", |tx| attribute::remove(tx, account, "城市"));
    counted!("list", |tx| list::put(tx, account, "会员", 1, &[1], NOW));
    counted!("no list", |tx| list::remove(tx, account, "会员"));
    let tag =
        [crate::tag::Tag { tag_id: TagId(100), name: "油性皮肤".to_owned(), followers: 0 }];
    counted!("tags", |tx| crate::tag::replace_all(tx, account, &tag));
    counted!("no tags", |tx| crate::tag::replace_all(tx, account, &[]));
    let told = |key: &str| ToldEvent {
        identity: Identity { kind: IdentityKind::Phone, value: "13800138000".to_owned() },
        kind: "visit".to_owned(),
        key: String::new(),
        at: NOW,
        value: None,
        dedup: key.to_owned(),
    };
    let events = [told("1")];
    counted!("event", |tx| event::take_in(tx, account, &events));
    let order = |refunded_cents| {
        vec![NewOrder {
            key: "o1".to_owned(),
            customer: Identity { kind: IdentityKind::Phone, value: "13800138000".to_owned() },
            at: NOW,
            amount_cents: 100,
            items: 1,
            refunded_cents,
            lines: Vec::new(),
        }]
    };
    let (first, refunded) = (order(0), order(50));
    counted!("order", |tx| order::insert(tx, account, &first));
    counted!("refund", |tx| order::insert(tx, account, &refunded));
    let links = vec![("13800138000".to_owned(), 0)];
    counted!("claim", |tx| identity::link(tx, account, IdentityKind::Phone, &links));
    counted!("left", |tx| follower::left(tx, account, &known, NOW + 1));
    let gone = openids(0..1).remove(0);
    counted!("erased", |tx| follower::erase(tx, account, 0, &gone, NOW + 2));

    write!(store, |tx| crate::meta::put(tx, "x", "y")).unwrap();
    write!(store, |tx| attribute::define(tx, other, &flag, NOW)).unwrap();
    let failed: Result<(), Error> = store
        .write(move |tx| {
            Box::pin(async move {
                list::put(tx, account, "会员", 1, &[1], NOW).await?;
                Err(Error::Closed)
            })
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(version(account).await, last);
    assert_eq!(version(other).await, 2);
}

#[tokio::test]
async fn a_patch_takes_values_away_too() {
    let (store, account) = scratch_with_account().await;
    let openid = openids(0..1).remove(0);
    write!(store, |tx| follower::followed(tx, account, &openid, NOW, None, None)).unwrap();
    let values =
        [("a", 1.0), ("b", 2.0)].map(|(name, value)| (name.to_owned(), Attribute::Number(value)));
    let rows = vec![(0, Attributes::from(values))];
    write!(store, |tx| follower::set_attributes(tx, account, &rows)).unwrap();
    let patch = [("a".to_owned(), None), ("c".to_owned(), Some(Attribute::Bool(true)))];
    let patches = vec![(0, patch.into_iter().collect())];
    write!(store, |tx| follower::patch_attributes(tx, account, &patches)).unwrap();
    let row = follower::by_ord(&*store, account, 0).await.unwrap();
    assert_eq!(row.attributes.keys().collect::<Vec<_>>(), ["b", "c"]);
}

#[tokio::test]
async fn lists_and_segments_are_kept_by_name() {
    let (store, account) = scratch_with_account().await;
    for (people, members) in [(2, vec![1, 2]), (1, vec![3])] {
        write!(store, |tx| list::put(tx, account, "会员", people, &members, NOW)).unwrap();
    }
    assert_eq!(list::heads(&*store, account).await.unwrap()[0].people, 1);
    let members = list::members(&*store, account).await.unwrap();
    assert_eq!(members, [("会员".to_owned(), vec![3])]);
    write!(store, |tx| list::remove(tx, account, "会员")).unwrap();
    let gone = write!(store, |tx| list::remove(tx, account, "会员"));
    assert!(matches!(gone, Err(Error::NotFound { .. })));

    for text in ["everyone", "subscribed"] {
        write!(store, |tx| segment::save(tx, account, "s", text, NOW)).unwrap();
    }
    let saved = segment::list(&*store, account).await.unwrap();
    assert_eq!((saved.len(), saved[0].text.as_str()), (1, "subscribed"));
    write!(store, |tx| segment::remove(tx, account, "s")).unwrap();
    let gone = write!(store, |tx| segment::remove(tx, account, "s"));
    assert!(matches!(gone, Err(Error::NotFound { .. })));

    let frozen = Frozen {
        id: 0,
        name: "三月".to_owned(),
        text: "subscribed".to_owned(),
        at: NOW,
        people: 2,
        hash: "00".to_owned(),
    };
    for wanted in [1, 2] {
        let frozen = frozen.clone();
        let id = write!(store, |tx| segment::freeze(tx, account, &frozen, &[9])).unwrap();
        assert_eq!(id, wanted);
    }
    let (found, members) = segment::frozen(&*store, account, 2).await.unwrap();
    assert_eq!((found, members), (Frozen { id: 2, ..frozen }, vec![9]));
    assert_eq!(segment::list_frozen(&*store, account).await.unwrap().len(), 2);
    let gone = segment::frozen(&*store, account, 3).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_tagging_goes_on_where_it_stood() {
    let (store, account) = scratch_with_account().await;
    let new = NewTagging {
        tag_id: TagId(100),
        present: true,
        segment: "subscribed".to_owned(),
        people: 3,
        members: vec![1],
    };
    let second = new.clone();
    assert_eq!(write!(store, |tx| tagging::begin(tx, account, &new, NOW)).unwrap(), 1);
    assert_eq!(write!(store, |tx| tagging::begin(tx, account, &second, NOW)).unwrap(), 2);
    write!(store, |tx| tagging::advance(tx, account, 1, 50, 2, 1)).unwrap();
    let (found, members) = tagging::next(&*store, account).await.unwrap().unwrap();
    assert_eq!((found.id, found.next_ord, found.done, found.skipped), (1, 50, 2, 1));
    assert_eq!(members, [1]);
    write!(store, |tx| tagging::finish(tx, account, 1, None, NOW)).unwrap();
    write!(store, |tx| tagging::finish(tx, account, 2, Some("no such tag"), NOW)).unwrap();
    assert!(tagging::next(&*store, account).await.unwrap().is_none());
    let all = tagging::list(&*store, account).await.unwrap();
    let states: Vec<_> = all.iter().map(|one| (one.id, one.state, &one.failure[..])).collect();
    assert_eq!(states, [(2, TaggingState::Failed, "no such tag"), (1, TaggingState::Done, "")]);
    let over = write!(store, |tx| tagging::advance(tx, account, 1, 60, 1, 0));
    assert!(matches!(over, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn an_import_is_applied_chunk_by_chunk_and_each_chunk_once() {
    let (store, account) = scratch_with_account().await;
    let id = write!(store, |tx| import::begin(tx, account, "orders", "{}", NOW)).unwrap();
    for rows in ["[1]", "[2]"] {
        write!(store, |tx| import::stage(tx, account, id, rows)).unwrap();
    }
    write!(store, |tx| import::check(tx, account, id, 2, 0, "[]")).unwrap();
    let late = write!(store, |tx| import::stage(tx, account, id, "[3]"));
    assert!(matches!(late, Err(Error::NotFound { .. })), "{late:?}");
    let counts = Counts { imported: 1, linked: 1, ..Counts::default() };
    let mut seen = Vec::new();
    while let Some((number, rows)) = import::next_chunk(&*store, account, id).await.unwrap() {
        write!(store, |tx| import::applied(tx, account, id, number, counts)).unwrap();
        let again = write!(store, |tx| import::applied(tx, account, id, number, counts));
        assert!(matches!(again, Err(Error::NotFound { .. })));
        seen.push(rows);
    }
    assert_eq!(seen, ["[1]", "[2]"]);
    write!(store, |tx| import::finish(tx, account, id, NOW)).unwrap();
    let found = import::get(&*store, account, id).await.unwrap();
    assert_eq!((found.state, found.applied, found.counts.imported), (ImportState::Done, 2, 2));
    assert!(import::open(&*store, account).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_that_broke_off_fails_and_a_checked_import_goes_on() {
    let (store, account) = scratch_with_account().await;
    for what in ["orders", "events"] {
        let id = write!(store, |tx| import::begin(tx, account, what, "{}", NOW)).unwrap();
        write!(store, |tx| import::stage(tx, account, id, "[1]")).unwrap();
    }
    write!(store, |tx| import::check(tx, account, 2, 1, 0, "[]")).unwrap();
    assert_eq!(write!(store, |tx| import::fail_broken_off(tx, account, NOW)).unwrap(), 1);
    let all = import::list(&*store, account, 10).await.unwrap();
    let states: Vec<_> = all.iter().map(|one| (one.id, one.state)).collect();
    assert_eq!(states, [(2, ImportState::Checked), (1, ImportState::Failed)]);
    assert_eq!(import::next_chunk(&*store, account, 1).await.unwrap(), None);
    assert!(import::next_chunk(&*store, account, 2).await.unwrap().is_some());
}

/// Everything a person can leave, and then nothing of it, in no file of the folder.
#[tokio::test]
async fn nothing_of_an_erased_person_is_left_in_the_files() {
    let (store, account) = scratch_with_account().await;
    let people = openids(0..300);
    let pass = write!(store, |tx| crate::sync_pass::start(tx, account, NOW)).unwrap().id;
    let page = people.clone();
    write!(store, |tx| follower::add_page(tx, account, pass, &page)).unwrap();
    let person = people[7].clone();
    let (phone, customer, union, city) =
        ("13912345678", "CUSTOMER-OF-SEVEN", "oUnionOfSeven", "铁岭开原");
    let by = |kind, value: &str| Identity { kind, value: value.to_owned() };
    let told = |identity, dedup: String| ToldEvent {
        identity,
        kind: "visit".to_owned(),
        key: String::new(),
        at: NOW,
        value: None,
        dedup,
    };
    let orders: Vec<NewOrder> = (0..40)
        .map(|number| NewOrder {
            key: format!("o{number}"),
            customer: by(IdentityKind::Phone, phone),
            at: NOW,
            amount_cents: 100,
            items: 1,
            refunded_cents: 0,
            lines: Vec::new(),
        })
        .collect();
    let mut events: Vec<ToldEvent> =
        (0..40).map(|n| told(by(IdentityKind::OpenId, person.as_str()), format!("e{n}"))).collect();
    events.push(told(by(IdentityKind::UnionId, union), "union".to_owned()));
    let details = serde_json::json!({"subscribe": 1, "openid": "o", "unionid": union});
    let details = vec![(7, serde_json::from_value(details).unwrap())];
    let known = person.clone();
    write!(store, |tx| async {
        let (customers, phones) = ([(customer.to_owned(), 7)], [(phone.to_owned(), 7)]);
        identity::link(tx, account, IdentityKind::CustomerId, &customers).await?;
        identity::link(tx, account, IdentityKind::Phone, &phones).await?;
        event::take_in(tx, account, &events).await?;
        order::insert(tx, account, &orders).await?;
        follower::set_details(tx, account, pass, NOW, &details).await?;
        let dedup = format!("event:{known}:1:click:k");
        let click = NewEvent { ord: 7, kind: "click".into(), key: "k".into(), at: NOW, dedup };
        event::insert(tx, account, &[click]).await?;
        let value = Attribute::Text(city.to_owned());
        let values = Attributes::from([("城市".to_owned(), value)]);
        follower::set_attributes(tx, account, &[(7, values)]).await?;
        inbox::append(tx, account, &format!("event:{known}"), NOW, &format!("<xml>{known}</xml>"))
            .await?;
        Ok(())
    })
    .unwrap();
    let traces = [person.as_str(), phone, customer, union, city];
    for trace in traces {
        assert!(found(&store.folder, trace), "{trace} was never there");
    }

    let erased = person.clone();
    write!(store, |tx| follower::erase(tx, account, 7, &erased, NOW + 9)).unwrap();
    let again = person.clone();
    let gone = write!(store, |tx| follower::erase(tx, account, 7, &again, NOW + 9));
    assert!(matches!(gone, Err(Error::NotFound { .. })));
    assert_eq!(order::count(&*store, account).await.unwrap(), (40, 0));
    assert_eq!(event::count(&*store, account).await.unwrap(), (0, 0));
    let row = follower::by_ord(&*store, account, 7).await.unwrap();
    assert!(follower::is_erased(&row.openid) && !row.following);
    // Who comes back is somebody new.
    store.close().await;
    let reopened = Store::open(store.folder.path()).await.unwrap();
    for trace in traces {
        assert!(!found(&store.folder, trace), "{trace} is still there");
    }
    let (ord, new) =
        write!(reopened, |tx| follower::followed(tx, account, &person, NOW + 20, None, None))
            .unwrap();
    assert_eq!((ord, new), (300, true));
    reopened.close().await;
}

fn found(folder: &tempfile::TempDir, trace: &str) -> bool {
    std::fs::read_dir(folder.path()).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(trace.len()).any(|window| window == trace.as_bytes())
    })
}
