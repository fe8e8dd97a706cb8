//! A database that may be a copy says so, however the copy was made; one that is not never does.

use std::path::Path;

use super::{NOW, openids, scratch_with_account, write};
use crate::batch::{self, BatchKind, BatchState, NewBatch};
use crate::fence::{self, Fence};
use crate::{AccountId, BatchId, Error, Store, backup, inbox, sync_pass};

const FILES: [&str; 3] = ["fourcast.db", "fourcast.db-wal", "secret.key"];

fn copy(from: &Path, to: &Path) {
    for file in FILES {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }
}

async fn fence_of(folder: &Path) -> Option<Fence> {
    let store = Store::open(folder).await.unwrap();
    let found = fence::get(&store).await.unwrap();
    store.close().await;
    found
}

/// A batch that is about to be called.
async fn intended(store: &Store, account: AccountId) -> BatchId {
    let new = NewBatch::new(BatchKind::List, BatchState::Intended, NOW.month(), vec![1, 2], 2);
    write!(store, |tx| batch::insert(tx, account, &[new])).unwrap()[0]
}

#[tokio::test]
async fn a_folder_that_stays_or_is_renamed_is_no_copy() {
    let (store, _) = scratch_with_account().await;
    assert_eq!(fence::get(&*store).await.unwrap(), None);
    store.close().await;
    assert_eq!(fence_of(store.folder.path()).await, None);
    let elsewhere = tempfile::tempdir().unwrap();
    let renamed = elsewhere.path().join("renamed");
    std::fs::rename(store.folder.path(), &renamed).unwrap();
    assert_eq!(fence_of(&renamed).await, None);
}

#[tokio::test]
async fn copied_files_are_a_copy_until_released() {
    let (store, _) = scratch_with_account().await;
    store.close().await;
    let other = tempfile::tempdir().unwrap();
    copy(store.folder.path(), other.path());
    assert_eq!(fence_of(other.path()).await, Some(Fence::Copied));
    // Looking at it again does not release it.
    assert_eq!(fence_of(other.path()).await, Some(Fence::Copied));
    let opened = Store::open(other.path()).await.unwrap();
    fence::release(&opened).await.unwrap();
    assert_eq!(fence::get(&opened).await.unwrap(), None);
    opened.close().await;
    assert_eq!(fence_of(other.path()).await, None);
    assert_eq!(fence_of(store.folder.path()).await, None, "the original is not concerned");
}

#[tokio::test]
async fn an_older_database_written_over_the_file_is_behind_its_folder() {
    let (store, account) = scratch_with_account().await;
    let (folder, kept) = (store.folder.path(), tempfile::tempdir().unwrap());
    let batch = intended(&store, account).await;
    store.close().await;
    copy(folder, kept.path());
    let store = Store::open(folder).await.unwrap();
    fence::call_begins(&store, account, batch, NOW).await.unwrap();
    store.close().await;
    assert_eq!(fence_of(folder).await, None);

    // The same file with older bytes in it: number and birth stay.
    let older = std::fs::read(kept.path().join("fourcast.db")).unwrap();
    std::fs::write(folder.join("fourcast.db"), older).unwrap();
    let _ = std::fs::remove_file(folder.join("fourcast.db-wal"));
    assert_eq!(fence_of(folder).await, Some(Fence::Behind));
    let store = Store::open(folder).await.unwrap();
    fence::release(&store).await.unwrap();
    store.close().await;
    assert_eq!(fence_of(folder).await, None, "the number went on from the folder's");
}

#[tokio::test]
async fn a_call_is_noted_outside_before_it_is_made() {
    let (store, account) = scratch_with_account().await;
    let note = store.folder.path().join("calls-begun");
    for begun in 1..=3 {
        let batch = intended(&store, account).await;
        fence::call_begins(&store, account, batch, NOW).await.unwrap();
        assert_eq!(std::fs::read_to_string(&note).unwrap(), format!("{begun}\n"));
    }
    std::fs::write(&note, "three").unwrap();
    let batch = intended(&store, account).await;
    let refused = fence::call_begins(&store, account, batch, NOW).await.unwrap_err();
    assert!(refused.to_string().contains("calls-begun"), "{refused}");
}

#[tokio::test]
async fn a_backup_taken_while_others_write_is_one_moment_and_starts_fenced() {
    let (store, account) = scratch_with_account().await;
    let everybody = openids(0..20_000);
    let pass = write!(store, |tx| sync_pass::start(tx, account, NOW)).unwrap().id;
    write!(store, |tx| crate::follower::add_page(tx, account, pass, &everybody)).unwrap();
    let to = tempfile::tempdir().unwrap();
    let (target, restored) = (to.path().join("copy"), to.path().join("data"));
    let writing = tokio::spawn({
        let store = store.store.clone();
        async move {
            for number in 0..200 {
                write!(store, |tx| inbox::append(tx, account, &number.to_string(), NOW, ""))
                    .unwrap();
            }
        }
    });
    let bytes = backup::write(store.folder.path(), &target, false).await.unwrap();
    writing.await.unwrap();
    assert_eq!(bytes, std::fs::metadata(target.join("fourcast.db")).unwrap().len());
    assert_eq!(inbox::pending(&*store, account, 1_000).await.unwrap().len(), 200);

    backup::restore(&target, &restored).await.unwrap();
    let copied = Store::open(&restored).await.unwrap();
    assert_eq!(fence::get(&copied).await.unwrap(), Some(Fence::Restored));
    let pending = inbox::pending(&copied, account, 1_000).await.unwrap();
    let numbers: Vec<i64> = pending.iter().map(|one| one.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "a gap in the copy");
    assert_eq!(crate::follower::count(&copied, account).await.unwrap().known, 20_000);
}

#[tokio::test]
async fn nothing_is_written_over_and_nothing_is_made_of_nothing() {
    let (store, _) = scratch_with_account().await;
    let to = tempfile::tempdir().unwrap();
    std::fs::write(to.path().join("holiday.jpg"), "").unwrap();
    let refused = backup::write(store.folder.path(), to.path(), false).await.unwrap_err();
    assert!(matches!(refused, Error::NotEmpty { .. }), "{refused}");
    let nothing = tempfile::tempdir().unwrap();
    let refused = backup::write(nothing.path(), &nothing.path().join("a"), false).await;
    assert!(matches!(refused, Err(Error::NoDatabase { .. })));
    let refused = backup::restore(nothing.path(), &nothing.path().join("b")).await;
    assert!(matches!(refused, Err(Error::NoDatabase { .. })));

    // A damaged copy is found out before anybody starts on it.
    let copy = to.path().join("copy");
    backup::write(store.folder.path(), &copy, true).await.unwrap();
    assert!(!copy.join("secret.key").exists());
    let path = copy.join("fourcast.db");
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[8_192..20_000] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, bytes).unwrap();
    let refused = backup::restore(&copy, &to.path().join("data")).await;
    assert!(refused.is_err());
    assert!(!to.path().join("data").join("fourcast.db").exists());
}
