//! The writer: groups, savepoints, failures, and one server a folder.

use std::time::Duration;

use tokio::sync::oneshot;

use super::{NOW, add_account, scratch, scratch_with_account, write};
use crate::{Error, Store, account, inbox, meta};

/// While one job holds the writer, many queue up; they are committed as one group.
#[tokio::test]
async fn waiting_writes_share_one_commit() {
    let (store, account) = scratch_with_account().await;
    let (go, wait) = oneshot::channel::<()>();
    let (inside, entered) = oneshot::channel::<()>();
    let blocked = tokio::spawn({
        let store = store.store.clone();
        async move {
            write!(store, |tx| async {
                inside.send(()).unwrap();
                wait.await.unwrap();
                inbox::append(tx, account, "first", NOW, "").await
            })
        }
    });
    entered.await.unwrap();
    let mut jobs = Vec::new();
    for number in 0..100 {
        let store = store.store.clone();
        jobs.push(tokio::spawn(async move {
            write!(store, |tx| async {
                inbox::append(tx, account, &format!("{number}"), NOW, "").await?;
                if number % 10 == 3 { Err(Error::not_found("a reason")) } else { Ok(number) }
            })
        }));
    }
    // Let all of them queue up before the first goes on.
    tokio::time::sleep(Duration::from_millis(30)).await;
    let wal = store.folder.path().join("fourcast.db-wal");
    let before = commits(&wal);
    go.send(()).unwrap();
    assert!(blocked.await.unwrap().unwrap());
    for (number, job) in jobs.into_iter().enumerate() {
        match job.await.unwrap() {
            Ok(done) => assert_eq!(done, number),
            Err(error) => {
                assert_eq!(number % 10, 3, "{error}");
                assert!(matches!(error, Error::NotFound { .. }));
            }
        }
    }
    let groups = commits(&wal) - before;
    assert!(groups <= 3, "101 writes took {groups} commits");
    // A failed job left nothing, its neighbours everything, in the order handed over.
    let pending = inbox::pending(&*store, account, 1000).await.unwrap();
    assert_eq!(pending.len(), 91);
}

/// Commit frames in a WAL file: those whose header carries the size of the database.
fn commits(wal: &std::path::Path) -> usize {
    let bytes = std::fs::read(wal).unwrap();
    bytes[32..].chunks_exact(24 + 4096).filter(|frame| frame[4..8] != [0; 4]).count()
}

#[tokio::test]
async fn a_failing_write_of_several_functions_leaves_nothing() {
    let (store, account) = scratch_with_account().await;
    let failed: Result<(), _> = write!(store, |tx| async {
        meta::put(tx, "a", "1").await?;
        assert_eq!(meta::get(&mut *tx, "a").await?.as_deref(), Some("1"));
        inbox::append(tx, account, "x", NOW, "").await?;
        inbox::done(tx, account, 4711, NOW).await
    });
    assert!(matches!(failed, Err(Error::NotFound { .. })));
    assert_eq!(meta::get(&*store, "a").await.unwrap(), None);
    assert!(inbox::pending(&*store, account, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_panicking_write_does_not_take_the_writer_with_it() {
    let store = scratch().await;
    let broken: Result<(), _> = write!(store, |tx| async {
        meta::put(tx, "a", "1").await?;
        panic!("a fault in a caller's closure")
    });
    assert!(matches!(broken, Err(Error::Closed)));
    assert_eq!(meta::get(&*store, "a").await.unwrap(), None);
    write!(store, |tx| meta::put(tx, "a", "2")).unwrap();
    assert_eq!(meta::get(&*store, "a").await.unwrap().as_deref(), Some("2"));
}

#[tokio::test]
async fn a_second_server_on_the_folder_is_refused() {
    let first = scratch().await;
    let second = Store::open(first.folder.path()).await;
    let Err(error @ Error::InUse { .. }) = second else { panic!("opened twice") };
    assert!(error.to_string().starts_with("another Fourcast server already uses"), "{error}");
    // The first is not disturbed; after it has closed, the folder is free.
    write!(first, |tx| meta::put(tx, "a", "1")).unwrap();
    first.close().await;
    let closed = write!(first, |tx| meta::put(tx, "a", "2"));
    assert!(matches!(closed, Err(Error::Closed)));
    assert!(matches!(meta::get(&*first, "a").await, Err(Error::Closed)));
    let third = Store::open(first.folder.path()).await.unwrap();
    assert_eq!(meta::get(&third, "a").await.unwrap().as_deref(), Some("1"));
}

#[tokio::test]
async fn a_key_that_is_gone_or_foreign_is_told_at_the_start() {
    let scratch = scratch().await;
    let id = add_account(&scratch, "wx1").await;
    scratch.close().await;
    let key = scratch.folder.path().join("secret.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(Store::open(scratch.folder.path()).await, Err(Error::Folder { .. })));
    assert!(!key.exists());
    std::fs::write(&key, [7; 32]).unwrap();
    assert!(matches!(Store::open(scratch.folder.path()).await, Err(Error::WrongKey { .. })));
    std::fs::write(&key, right).unwrap();
    let store = Store::open(scratch.folder.path()).await.unwrap();
    let account = account::get(&store, id).await.unwrap();
    assert_eq!(account.secret.expose(), "0123456789abcdef");
}
