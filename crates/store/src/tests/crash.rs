//! What a crash leaves: exactly the answered writes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use tokio::sync::oneshot;

use super::{NOW, add_account, scratch_with_account, write};
use crate::{AccountId, Store, inbox};

/// Names the folder in which a second process of this test writes until it is killed.
const FOLDER: &str = "FOURCAST_CRASH_TEST_FOLDER";

/// The files as a power cut would leave them, while a write is under way.
#[tokio::test]
async fn a_copy_taken_in_the_middle_has_the_answered_writes_alone() {
    let (store, account) = scratch_with_account().await;
    for number in 0..20 {
        let kept = write!(store, |tx| inbox::append(tx, account, &number.to_string(), NOW, ""));
        assert!(kept.unwrap());
    }
    let (go, wait) = oneshot::channel::<()>();
    let (inside, entered) = oneshot::channel::<()>();
    let unanswered = tokio::spawn({
        let store = store.store.clone();
        async move {
            write!(store, |tx| async {
                // More than the page cache of a small write: whole pages are dirty.
                for number in 100..2_000 {
                    let body = "x".repeat(500);
                    inbox::append(tx, account, &number.to_string(), NOW, &body).await?;
                }
                inside.send(()).unwrap();
                wait.await.unwrap();
                Ok(())
            })
        }
    });
    entered.await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    for file in ["fourcast.db", "fourcast.db-wal", "secret.key"] {
        std::fs::copy(store.folder.path().join(file), copy.path().join(file)).unwrap();
    }
    go.send(()).unwrap();
    unanswered.await.unwrap().unwrap();

    let copied = Store::open(copy.path()).await.unwrap();
    let found = inbox::pending(&copied, account, 10_000).await.unwrap();
    assert_eq!(found.len(), 20);
    assert_eq!(inbox::pending(&*store, account, 10_000).await.unwrap().len(), 1_920);
}

/// A real process, killed while it writes.
#[tokio::test]
async fn a_killed_process_leaves_all_it_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::crash::writes_until_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut answered = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(number) = line.unwrap().strip_prefix("answered ") {
            answered.push(number.to_owned());
        }
        if answered.len() == 300 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(answered.len() >= 300);

    let store = Store::open(folder.path()).await.unwrap();
    let found = inbox::pending(&store, AccountId(1), 1_000_000).await.unwrap();
    let bodies: Vec<_> = found.iter().map(|received| received.body.clone()).collect();
    for number in &answered {
        assert!(bodies.contains(number), "{number} was answered and is lost");
    }
    // Each write keeps two rows; half of one is never found.
    for body in &bodies {
        assert_eq!(bodies.iter().filter(|other| *other == body).count(), 2, "half of {body}");
    }
}

#[tokio::test]
#[ignore = "the other process of a_killed_process_leaves_all_it_was_answered"]
async fn writes_until_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Store::open(Path::new(&folder)).await.unwrap();
    let account = add_account(&store, "wx1").await;
    let mut writers = Vec::new();
    for writer in 0..8 {
        let store = store.clone();
        writers.push(tokio::spawn(async move {
            for number in 0.. {
                let name = format!("{writer}-{number}");
                let kept = name.clone();
                write!(store, |tx| async {
                    inbox::append(tx, account, &format!("{kept} a"), NOW, &kept).await?;
                    inbox::append(tx, account, &format!("{kept} b"), NOW, &kept).await
                })
                .unwrap();
                println!("answered {name}");
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
}
