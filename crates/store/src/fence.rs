//! Whether this database may be a copy of one that another server, or this one at a later time,
//! went on with. What such a copy holds as due may long have been sent, so nothing is sent from it
//! until a person has looked.
//!
//! Three traces tell: the mark that [`crate::backup`] leaves in what it writes; the file, which is
//! another one than that the last server worked on (its number and birth on the disk); and a number
//! that is raised with every mass call and kept beside the database as well, which an older
//! database lags behind. A folder that is renamed, or mounted elsewhere, stays itself.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use sqlx::SqliteConnection;
use wire::Timestamp;

use crate::engine::DATABASE;
use crate::ids::words;
use crate::{AccountId, BatchId, Error, Reader, Store, Tx, batch, meta};

words! {
    /// Why nothing is sent from this database.
    Fence, "a reason to send nothing such as restored" {
        /// `fourcast backup` made it.
        Restored = "restored",
        /// The file is not the one the last server worked on: it was copied.
        Copied = "copied",
        /// The folder knows of mass calls that the database does not: it is an older one.
        Behind = "behind",
    }
}

/// What this database is marked with.
pub(crate) const MARK: &str = "fence";
/// The file as the last server found it.
const SEAT: &str = "seat";
/// Mass calls begun, over all accounts.
const CALLS: &str = "calls_begun";
/// Name of the file that holds the same number.
const NOTE: &str = "calls-begun";

/// One at a time writes the note.
static NOTING: Mutex<()> = Mutex::new(());

/// Why nothing may be sent; `None` when there is no doubt about this database.
///
/// # Errors
/// When the database cannot be read.
pub async fn get(from: impl Into<Reader<'_>>) -> Result<Option<Fence>, Error> {
    let mark = meta::get(from, MARK).await?.filter(|mark| !mark.is_empty());
    mark.map(|mark| mark.parse().map_err(|error| Error::corrupt(format!("{MARK}: {error}"))))
        .transpose()
}

/// Takes the mark away: this database is the one that goes on from now.
///
/// # Errors
/// When the database refuses or the folder cannot be written; the mark stays then.
pub async fn release(store: &Store) -> Result<(), Error> {
    let (folder, noted) = (store.folder().to_owned(), noted(store.folder())?);
    let seat = seat(&folder.join(DATABASE))?.unwrap_or_default();
    let begun = store
        .write(move |tx| {
            Box::pin(async move {
                let begun = begun(tx.sqlite()).await?.max(noted);
                meta::put(tx, CALLS, &begun.to_string()).await?;
                meta::put(tx, SEAT, &seat).await?;
                meta::put(tx, MARK, "").await?;
                Ok(begun)
            })
        })
        .await?;
    note(&folder, begun)
}

/// A batch's call begins: the step to *calling* and the number of calls in one write, then the note
/// beside the database. Only after this may the call be made.
///
/// # Errors
/// As [`batch::set_calling`]; also when the note cannot be written.
pub async fn call_begins(
    store: &Store,
    account: AccountId,
    id: BatchId,
    at: Timestamp,
) -> Result<(), Error> {
    let begun = store
        .write(move |tx| {
            Box::pin(async move {
                batch::set_calling(tx, account, id, at).await?;
                raise(tx).await
            })
        })
        .await?;
    let folder = store.folder().to_owned();
    let noting = tokio::task::spawn_blocking(move || note(&folder, begun));
    noting.await.map_err(|error| Error::folder(store.folder(), io::Error::other(error)))?
}

async fn raise(tx: &mut Tx) -> Result<i64, Error> {
    let begun = begun(tx.sqlite()).await? + 1;
    meta::put(tx, CALLS, &begun.to_string()).await?;
    Ok(begun)
}

/// Marks a database that shows a trace of being a copy; remembers the file of one that is new.
pub(crate) async fn check(connection: &mut SqliteConnection, folder: &Path) -> Result<(), Error> {
    let (found, kept) = (seat(&folder.join(DATABASE))?, meta::read(connection, SEAT).await?);
    let marked = meta::read(connection, MARK).await?.is_some_and(|mark| !mark.is_empty());
    let fence = if noted(folder)? > begun(connection).await? {
        Some(Fence::Behind)
    } else {
        // Without a file's number and birth the system cannot tell: no doubt is raised by that.
        let told = kept.as_deref().filter(|kept| !kept.is_empty()).zip(found.as_deref());
        told.filter(|(kept, found)| kept != found).map(|_| Fence::Copied)
    };
    if let Some(fence) = fence.filter(|_| !marked) {
        tracing::warn!(%fence, "this database may be a copy: nothing is sent until it is released");
        meta::write(connection, MARK, fence.as_str()).await?;
    }
    if let Some(found) = found.filter(|_| kept.is_none()) {
        meta::write(connection, SEAT, &found).await?;
    }
    Ok(())
}

async fn begun(connection: &mut SqliteConnection) -> Result<i64, Error> {
    let Some(text) = meta::read(connection, CALLS).await? else { return Ok(0) };
    text.parse().map_err(|error| Error::corrupt(format!("{CALLS}: {error}")))
}

fn noted(folder: &Path) -> Result<i64, Error> {
    let path = folder.join(NOTE);
    match fs::read_to_string(&path) {
        Ok(text) => text
            .trim()
            .parse()
            .map_err(|error| Error::corrupt(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Error::folder(path, error)),
    }
}

/// Writes the number beside the database, on the disk before this returns. It never goes down.
fn note(folder: &Path, begun: i64) -> Result<(), Error> {
    let _alone = NOTING.lock().unwrap_or_else(PoisonError::into_inner);
    if noted(folder)? >= begun {
        return Ok(());
    }
    let (path, beside) = (folder.join(NOTE), folder.join(format!("{NOTE}.unfinished")));
    let written = || {
        let mut file = File::create(&beside)?;
        writeln!(file, "{begun}")?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        sync_folder(folder)
    };
    written().map_err(|error: io::Error| Error::folder(&path, error))
}

/// Makes the names inside a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and renames are durable by themselves.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The file's number and birth: a copy has others, a folder that was renamed the same. `None` where
/// the system knows no such number.
#[cfg(unix)]
fn seat(database: &Path) -> Result<Option<String>, Error> {
    use std::os::unix::fs::MetadataExt as _;
    let about = fs::metadata(database).map_err(|error| Error::folder(database, error))?;
    let birth = about.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok(Some(format!("{}:{}", about.ino(), birth.unwrap_or_default().as_nanos())))
}

#[cfg(not(unix))]
fn seat(database: &Path) -> Result<Option<String>, Error> {
    let about = fs::metadata(database).map_err(|error| Error::folder(database, error))?;
    let birth = about.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok(birth.map(|birth| birth.as_nanos().to_string()))
}
