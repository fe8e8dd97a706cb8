//! Copies of a data folder: written while a server works on it, and put back.
//!
//! A copy is one moment of the database, whole and checked. It carries the mark of
//! [`crate::fence`]: a server that starts on it sends nothing until a person has released it. What
//! is derived (the index) is left out. A copy that broke off has another name and is never taken
//! for one.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::engine::{DATABASE, KEY, reading};
use crate::fence::{Fence, MARK, sync_folder};
use crate::row::Columns as _;
use crate::{Error, meta};

/// Writes a copy of the data folder into a new or empty folder, also while a server works on it.
/// The key of its secrets goes with it unless `without_key`: then keep that file elsewhere.
/// Gives the bytes of the database's copy.
///
/// # Errors
/// [`Error::NoDatabase`], [`Error::NotEmpty`], or what the disk or the database said; an unfinished
/// copy keeps its own name.
pub async fn write(folder: &Path, to: &Path, without_key: bool) -> Result<u64, Error> {
    let source = existing(folder)?;
    empty(to)?;
    let unfinished = to.join(format!("{DATABASE}.unfinished"));
    let mut connection = reading(&source).connect().await?;
    sqlx::query("VACUUM INTO ?1")
        .bind(unfinished.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    mark(&unfinished).await?;
    let finished = || {
        File::open(&unfinished)?.sync_all()?;
        if !without_key {
            fs::copy(folder.join(KEY), to.join(KEY))?;
        }
        fs::rename(&unfinished, to.join(DATABASE))?;
        sync_folder(to)?;
        Ok(fs::metadata(to.join(DATABASE))?.len())
    };
    finished().map_err(|error: io::Error| Error::folder(to, error))
}

/// Puts a copy into a new or empty data folder, checked and marked. A key file that is not with the
/// copy must be put beside the database before a server can start.
///
/// # Errors
/// [`Error::NoDatabase`], [`Error::NotEmpty`], [`Error::Corrupt`], or what the disk said.
pub async fn restore(from: &Path, folder: &Path) -> Result<(), Error> {
    let source = existing(from)?;
    empty(folder)?;
    let unfinished = folder.join(format!("{DATABASE}.unfinished"));
    fs::copy(&source, &unfinished).map_err(|error| Error::folder(&unfinished, error))?;
    mark(&unfinished).await?;
    let finished = || {
        File::open(&unfinished)?.sync_all()?;
        if from.join(KEY).exists() {
            fs::copy(from.join(KEY), folder.join(KEY))?;
        }
        fs::rename(&unfinished, folder.join(DATABASE))?;
        sync_folder(folder)
    };
    finished().map_err(|error: io::Error| Error::folder(folder, error))
}

fn existing(folder: &Path) -> Result<std::path::PathBuf, Error> {
    let path = folder.join(DATABASE);
    if path.is_file() { Ok(path) } else { Err(Error::NoDatabase { folder: folder.to_owned() }) }
}

fn empty(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::folder(folder, error))?;
    let mut found = fs::read_dir(folder).map_err(|error| Error::folder(folder, error))?;
    if found.next().is_some() {
        return Err(Error::NotEmpty { folder: folder.to_owned() });
    }
    Ok(())
}

/// Checks every page of the copy and marks it.
async fn mark(copy: &Path) -> Result<(), Error> {
    let options = SqliteConnectOptions::new().filename(copy).disable_statement_logging();
    let mut connection = options.connect().await?;
    check(&mut connection).await?;
    meta::write(&mut connection, MARK, Fence::Restored.as_str()).await?;
    // The mark goes into the file itself, not into a journal beside it.
    sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn check(connection: &mut SqliteConnection) -> Result<(), Error> {
    let found = sqlx::query("PRAGMA quick_check(1)").fetch_one(&mut *connection).await?;
    let found = found.text("quick_check")?;
    if found == "ok" { Ok(()) } else { Err(Error::corrupt(format!("the copy: {found}"))) }
}
