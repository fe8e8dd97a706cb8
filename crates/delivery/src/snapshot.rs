//! The index of an account as a file beside the store, so that a restart need not read every fact.
//!
//! Never the truth: a file is used only when its stamp names this store and the version of the
//! facts it was made from; any other, or a damaged one, is taken away and the facts are read. It
//! is written under another name and renamed, so a crash leaves the old one or none that is used.
//! Whoever is erased takes the file with them.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::PathBuf;
use std::sync::Arc;

use audience::Index;
use store::sync_pass::{self, PassState};
use store::{AccountId, Store, fact_version};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use wire::Timestamp;

use crate::error::Error;
use crate::owner::Owner;

/// Folder of the files inside the data folder.
const FOLDER: &str = "index";
/// Bytes read or written at a time.
const BUFFER: usize = 1 << 20;
/// A running server writes one after so many changes of facts, and not sooner than so many seconds
/// after the last.
const CHANGES: i64 = 100_000;
const SECONDS_APART: i64 = 600;

/// Which state the last file is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its version of the facts; 0 when there is none.
    pub(crate) version: i64,
    /// When it was written; none when by a process before this one.
    at: Option<Timestamp>,
}

fn path(store: &Store, account: AccountId) -> PathBuf {
    store.folder().join(FOLDER).join(format!("{account}.snapshot"))
}

fn unfinished(store: &Store, account: AccountId) -> PathBuf {
    path(store, account).with_extension("unfinished")
}

fn stamp(instance: &str, account: AccountId, version: i64) -> String {
    format!("{instance} {account} {version}")
}

/// The index as it was kept, when it is of the state the store is in.
pub(crate) async fn read(
    store: &Store,
    instance: &str,
    account: AccountId,
) -> Result<Option<(Index, Kept)>, Error> {
    let version = fact_version::get(store, account).await?;
    let stamp = stamp(instance, account, version);
    let (path, unfinished) = (path(store, account), unfinished(store, account));
    let read = spawn_blocking(move || {
        if let Err(error) = gone(fs::remove_file(unfinished)) {
            tracing::warn!(%account, %error, "cannot take an unfinished snapshot away");
        }
        let index = match File::open(&path) {
            Ok(file) => Index::read_snapshot(BufReader::with_capacity(BUFFER, file), &stamp),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => Err(error.into()),
        };
        match index {
            Ok(index) => Some(index),
            Err(error) => {
                tracing::info!(%account, %error, "reading every fact instead");
                if let Err(error) = gone(fs::remove_file(&path)) {
                    tracing::warn!(%account, %error, "cannot take a snapshot away");
                }
                None
            }
        }
    });
    let index = read.await.map_err(|error| Error::unreadable("a snapshot", error))?;
    Ok(index.map(|index| (index, Kept { version, at: None })))
}

/// Writes the index, unless the last file is of this state already or the store is ahead of the
/// memory. True when it was written.
pub(crate) async fn write(owner: &Arc<Owner>) -> Result<bool, Error> {
    let (owner, runtime) = (Arc::clone(owner), Handle::current());
    spawn_blocking(move || {
        // Whoever moves the store and then the books holds one of these meanwhile.
        let _alone = owner.intake.blocking_write();
        let books = owner.books.blocking_read();
        let (version, level) = runtime.block_on(async {
            let version = fact_version::get(&owner.store, owner.id()).await?;
            // A pass enters what it hears into the store, and reads the books anew at its end.
            let pass = sync_pass::latest(&owner.store, owner.id()).await?;
            let level = pass.is_none_or(|pass| pass.state == PassState::Done);
            Ok::<_, Error>((version, level))
        })?;
        if !level || owner.kept().version == version {
            return Ok(false);
        }
        let stamp = stamp(&owner.installation.name, owner.id(), version);
        let begun = std::time::Instant::now();
        put(&owner.store, owner.id(), &books.index, &stamp)
            .map_err(|error| Error::unreadable("a snapshot", error))?;
        owner.set_kept(Kept { version, at: Some(owner.now()) });
        tracing::debug!(account = %owner.id(), took_ms = begun.elapsed().as_millis() as u64,
            "the followers are kept as a snapshot");
        Ok(true)
    })
    .await
    .map_err(|error| Error::unreadable("a snapshot", error))?
}

fn put(
    store: &Store,
    account: AccountId,
    index: &Index,
    stamp: &str,
) -> Result<(), audience::index::snapshot::Error> {
    let unfinished = unfinished(store, account);
    fs::create_dir_all(store.folder().join(FOLDER))?;
    let mut file = BufWriter::with_capacity(BUFFER, File::create(&unfinished)?);
    index.write_snapshot(&mut file, stamp)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(fs::rename(unfinished, path(store, account))?)
}

/// Writes the index when much has changed since the last file.
pub(crate) async fn now_and_then(owner: &Arc<Owner>) -> Result<(), Error> {
    let kept = owner.kept();
    let rested = kept.at.is_none_or(|at| owner.now() >= at + SECONDS_APART);
    let version = fact_version::get(&owner.store, owner.id()).await?;
    if rested && version - kept.version >= CHANGES {
        write(owner).await?;
    }
    Ok(())
}

/// Takes the file away; the caller holds the intake alone.
pub(crate) fn remove(owner: &Owner) -> Result<(), Error> {
    owner.set_kept(Kept { version: 0, ..owner.kept() });
    gone(fs::remove_file(path(&owner.store, owner.id())))
        .map_err(|error| Error::unreadable("a snapshot", error))
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use store::account::{self, NewAccount};
    use wire::rules::AccountKind;

    use super::*;

    const NOW: Timestamp = Timestamp(1_772_416_800);

    pub(crate) async fn stage() -> (tempfile::TempDir, Store, AccountId) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let new = NewAccount {
            name: "花店".into(),
            appid: "wx0000000000000001".parse().unwrap(),
            secret: store::Secret::new("0123456789abcdef"),
            original_id: "gh_0000000001".parse().unwrap(),
            kind: AccountKind::Service,
            verified: true,
            base_url: "http://127.0.0.1:1".into(),
            callback_token: store::Secret::new("token"),
            callback_key: None,
            created_at: NOW,
        };
        let made =
            store.write(move |tx| Box::pin(async move { account::create(tx, &new).await })).await;
        (folder, store, made.unwrap())
    }

    async fn keep(store: &Store, account: AccountId) {
        // Not what the store holds, so that it shows where an index comes from.
        let mut index = Index::new();
        for ord in 0..5 {
            index.set_following(ord, true, NOW);
        }
        let version = fact_version::get(store, account).await.unwrap();
        put(store, account, &index, &stamp("here", account, version)).unwrap();
    }

    async fn people(store: &Store, instance: &str, account: AccountId) -> Option<u32> {
        read(store, instance, account).await.unwrap().map(|(index, _)| index.len())
    }

    #[tokio::test]
    async fn a_file_of_this_state_is_used_and_any_other_goes() {
        let (_folder, store, account) = stage().await;
        assert_eq!(people(&store, "here", account).await, None);
        keep(&store, account).await;
        File::create(unfinished(&store, account)).unwrap();
        assert_eq!(people(&store, "here", account).await, Some(5));
        assert_eq!(people(&store, "here", account).await, Some(5));
        assert!(!unfinished(&store, account).exists());

        // Another store, though its version be the same.
        assert_eq!(people(&store, "elsewhere", account).await, None);
        assert!(!path(&store, account).exists());

        // A fact came after it.
        keep(&store, account).await;
        let openid = "oSomebody".parse().unwrap();
        store
            .write(move |tx| {
                Box::pin(async move {
                    store::follower::followed(tx, account, &openid, NOW, None, None).await
                })
            })
            .await
            .unwrap();
        assert_eq!(people(&store, "here", account).await, None);
        assert!(!path(&store, account).exists());
    }

    #[tokio::test]
    async fn a_damaged_file_goes() {
        let (_folder, store, account) = stage().await;
        keep(&store, account).await;
        let whole = fs::read(path(&store, account)).unwrap();
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            for bytes in [&damaged[..], &whole[..place]] {
                fs::write(path(&store, account), bytes).unwrap();
                assert_eq!(people(&store, "here", account).await, None, "{place}");
                assert!(!path(&store, account).exists());
            }
        }
        fs::write(path(&store, account), &whole).unwrap();
        assert_eq!(people(&store, "here", account).await, Some(5));
    }
}
