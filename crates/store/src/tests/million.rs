//! How long a million followers take. Run by hand, in release:
//! `cargo test --release -p store million -- --ignored --nocapture`.

use std::time::Instant;

use wire::TagId;
use wire::user::UserInfo;

use super::{NOW, openids, scratch_with_account, write};
use crate::follower::{self, Attribute, Attributes};
use crate::sync_pass;

const FOLLOWERS: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of a minute, of use only in release"]
async fn a_million_followers_are_listed_detailed_and_loaded() {
    let (store, account) = scratch_with_account().await;
    let everybody = openids(0..FOLLOWERS);
    for round in ["first", "second"] {
        let pass = write!(store, |tx| sync_pass::start(tx, account, NOW)).unwrap().id;
        let began = Instant::now();
        for page in everybody.chunks(10_000) {
            let page = page.to_vec();
            write!(store, |tx| follower::add_page(tx, account, pass, &page)).unwrap();
        }
        println!("{round} listing {:?}", began.elapsed());

        let began = Instant::now();
        let unseen = write!(store, |tx| follower::mark_unseen(tx, account, pass, NOW)).unwrap();
        println!("{round} unseen {:?}", began.elapsed());
        assert!(unseen.is_empty());

        let (mut asking, mut writing) = (0.0, 0.0);
        loop {
            let began = Instant::now();
            let due = follower::details_due(&*store, account, pass, 2_000).await.unwrap();
            asking += began.elapsed().as_secs_f64();
            if due.is_empty() {
                break;
            }
            let details: Vec<_> = due.into_iter().map(|(ord, id)| (ord, info(ord, id))).collect();
            let began = Instant::now();
            write!(store, |tx| follower::set_details(tx, account, pass, NOW + 60, &details))
                .unwrap();
            writing += began.elapsed().as_secs_f64();
        }
        println!("{round} details due {asking:.2} s, written {writing:.2} s");
        write!(store, |tx| sync_pass::finish(tx, account, pass, NOW, None)).unwrap();
    }

    let attributes: Vec<_> = (0..100_000)
        .map(|ord| {
            let member = Attribute::Text("金卡会员".to_owned());
            (ord, Attributes::from([("level".to_owned(), member)]))
        })
        .collect();
    let began = Instant::now();
    write!(store, |tx| follower::set_attributes(tx, account, &attributes)).unwrap();
    println!("100,000 attributes {:?}", began.elapsed());

    for _ in 0..2 {
        let began = Instant::now();
        let (mut after, mut loaded) = (None, 0);
        loop {
            let page = follower::page(&*store, account, after, 5_000).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.ord);
            loaded += page.len() as u64;
        }
        println!("loaded {loaded} in {:?}", began.elapsed());
        assert_eq!(loaded, FOLLOWERS);
    }

    let ordinals: Vec<u32> = (0..10_000).map(|n| n * 97).collect();
    let began = Instant::now();
    let found = follower::openids_of(&*store, account, &ordinals).await.unwrap();
    println!("10,000 OpenIDs {:?}", began.elapsed());
    let began = Instant::now();
    let back = follower::ordinals_of(&*store, account, &found).await.unwrap();
    println!("10,000 ordinals {:?}", began.elapsed());
    assert!(back.iter().zip(&ordinals).all(|(found, wanted)| *found == Some(*wanted)));
    let began = Instant::now();
    let count = follower::count(&*store, account).await.unwrap();
    println!("{count:?} in {:?}", began.elapsed());
    let size = std::fs::metadata(store.folder.path().join("fourcast.db")).unwrap().len();
    println!("{} MB", size / 1_000_000);
}

fn info(ord: u32, openid: wire::OpenId) -> UserInfo {
    UserInfo {
        subscribe: 1,
        openid,
        subscribe_time: Some(NOW.0 - i64::from(ord)),
        unionid: Some(format!("oUnion_{ord:021}")),
        remark: Some(String::new()),
        groupid: Some(0),
        tagid_list: Some((0..4).map(|n| TagId(100 + i64::from(ord) % 20 + n)).collect()),
        subscribe_scene: Some("ADD_SCENE_QR_CODE".to_owned()),
        qr_scene: Some(0),
        qr_scene_str: Some(String::new()),
        language: Some("zh_CN".to_owned()),
    }
}
