//! Why the store did not do what it was asked: one variant for each thing a caller does about it.

use std::path::PathBuf;
use std::sync::Arc;

/// Why a read or a write was not done. Cheap to clone, because a failed commit fails every write
/// of its group.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something with the same key exists. Take the existing one or choose another key.
    #[error("{what} is already there")]
    AlreadyThere {
        /// What, with its key.
        what: String,
    },
    /// Nothing has this key.
    #[error("{what} is not there")]
    NotFound {
        /// What, with its key.
        what: String,
    },
    /// The row stands where this step is not allowed. Read it again and decide anew.
    #[error("{what} is {found} and cannot become {wanted}")]
    WrongState {
        /// What, with its key.
        what: String,
        /// Where it stands.
        found: &'static str,
        /// Where it was to go.
        wanted: &'static str,
    },
    /// Another program holds the database file locked; nothing was written. Try again.
    #[error("the database is locked by another program; close it and try again")]
    Busy,
    /// Another server works on this data folder. Only at [`crate::Store::open`].
    #[error(
        "another Fourcast server already uses the data folder {folder}; \
         stop it or give this one another folder"
    )]
    InUse {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// There is no database in the folder.
    #[error("there is no Fourcast database in {folder}; name a data folder or a backup")]
    NoDatabase {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// Something is in a folder that must be new.
    #[error("the folder {folder} is not empty; name a new one, nothing is ever written over")]
    NotEmpty {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// What is stored cannot be what was written: the file was damaged or edited by hand.
    #[error("the stored data is damaged: {what}")]
    Corrupt {
        /// What was found where.
        what: String,
    },
    /// The key file does not open what is sealed in the database.
    #[error(
        "{path} is not the key this database was sealed with; \
         put back the secret.key that belongs to it"
    )]
    WrongKey {
        /// The key file.
        path: PathBuf,
    },
    /// The store was closed, or the write broke off before its end and left nothing behind.
    #[error("the store is closed")]
    Closed,
    /// A file of the data folder cannot be used.
    #[error("failed to use {path}: {source}")]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
    },
    /// The database cannot be brought to this version's tables.
    #[error("failed to bring the database to this version: {0}")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// The database refused; nothing of this write was kept.
    #[error("failed to use the database: {0}")]
    Database(#[source] Arc<sqlx::Error>),
}

impl Error {
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub(crate) fn already_there(what: impl Into<String>) -> Self {
        Self::AlreadyThere { what: what.into() }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    pub(crate) fn folder(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Folder { path: path.into(), source: Arc::new(source) }
    }

    /// Says `what` is there already when a unique key refused the row; other errors stay.
    pub(crate) fn unique(error: sqlx::Error, what: impl FnOnce() -> String) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::already_there(what()),
            _ => error.into(),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::ColumnDecode { .. } => Self::corrupt(error.to_string()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::Database(database) if database.is_foreign_key_violation() => {
                Self::not_found("the account, follower or campaign this row belongs to")
            }
            sqlx::Error::Database(database) => {
                // The primary result code is the low byte of the extended one.
                let code = database.code().and_then(|code| code.parse::<i64>().ok()).unwrap_or(0);
                match code & 0xff {
                    5 | 6 => Self::Busy,
                    11 | 26 => Self::corrupt(database.message()),
                    _ => Self::Database(Arc::new(error)),
                }
            }
            _ => Self::Database(Arc::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}
