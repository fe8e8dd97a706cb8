//! The engines behind the store, as closed enums: every place that differs by engine is a `match`
//! the compiler checks when a second one is added.

use std::fs::{File, TryLockError};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::secret::Sealer;
use crate::writer::{Work, Writer};
use crate::{AccountId, Error};

/// Name of the database inside the data folder.
pub(crate) const DATABASE: &str = "fourcast.db";
/// Held locked while a server works on the folder; the system lets it go when the process dies.
const LOCK: &str = "fourcast.lock";
/// Name of the key file inside the data folder.
pub(crate) const KEY: &str = "secret.key";
/// A restarting server may find its forerunner still closing.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);
const BUSY_PATIENCE: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
const STATEMENTS: usize = 256;
/// What a sealed text under this `meta` key must open to: the proof that the key file belongs here.
const KEY_PROOF: (&str, &str) = ("key_proof", "fourcast");

/// Everything a server remembers. Cheap to clone; clones share one writer.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<Sqlite>),
}

struct Sqlite {
    folder: PathBuf,
    writer: Writer,
    readers: SqlitePool,
    sealer: Arc<Sealer>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.engine {
            Engine::Sqlite(sqlite) => write!(f, "Store(SQLite in {})", sqlite.folder.display()),
        }
    }
}

impl Store {
    /// Opens the data folder, making it, its database and its key when they are not there, and
    /// brings the tables to this version.
    ///
    /// # Errors
    /// [`Error::InUse`] when another server works on the folder, [`Error::WrongKey`] or
    /// [`Error::Folder`] when `secret.key` is not the one its secrets were sealed with or is gone.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|error| Error::folder(folder, error))?;
        let lock = lock(folder).await?;
        let path = folder.join(DATABASE);
        let mut connection = writing(&path).connect().await?;
        sqlx::migrate!("migrations/sqlite").run(&mut connection).await?;
        let sealer = Arc::new(sealer(&mut connection, &folder.join(KEY)).await?);
        vacuum(&mut connection).await?;
        crate::fence::check(&mut connection, folder).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(reading(&path))
            .await?;
        let tx = Tx { connection: Connection::Sqlite(connection), sealer: Arc::clone(&sealer) };
        let writer = Writer::start(tx, lock);
        let sqlite = Sqlite { folder: folder.to_owned(), writer, readers, sealer };
        Ok(Self { engine: Engine::Sqlite(Arc::new(sqlite)) })
    }

    /// The data folder, for files that go with what is kept here.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match &self.engine {
            Engine::Sqlite(sqlite) => &sqlite.folder,
        }
    }

    /// Runs `work` as one atomic, durable write: `store.write(|tx| Box::pin(async move { … }))`.
    /// It may share its commit with others. An error rolls back this write alone. The work is
    /// done even when the caller stops waiting for it.
    ///
    /// # Errors
    /// What `work` returned, or why the commit failed; nothing was written then.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.writer.write(work).await,
        }
    }

    /// Finishes what was handed over, closes the database and lets the folder go. Later reads and
    /// writes, of clones too, answer [`Error::Closed`].
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                sqlite.readers.close().await;
                sqlite.writer.close().await;
            }
        }
    }
}

/// A write in progress, handed to the closure of [`Store::write`].
pub struct Tx {
    connection: Connection,
    sealer: Arc<Sealer>,
}

enum Connection {
    Sqlite(SqliteConnection),
}

impl Tx {
    pub(crate) fn sqlite(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Connection::Sqlite(connection) => connection,
        }
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        self.run("BEGIN IMMEDIATE").await
    }

    pub(crate) async fn savepoint(&mut self) -> Result<(), Error> {
        self.run("SAVEPOINT job").await
    }

    pub(crate) async fn release(&mut self) -> Result<(), Error> {
        self.run("RELEASE job").await
    }

    pub(crate) async fn roll_back_job(&mut self) -> Result<(), Error> {
        self.run("ROLLBACK TO job").await?;
        self.run("RELEASE job").await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.run("COMMIT").await
    }

    /// Gives the whole group up. SQLite may have done so itself, then this has nothing to do.
    pub(crate) async fn roll_back(&mut self) {
        let _ = self.run("ROLLBACK").await;
    }

    pub(crate) async fn close(self) -> Result<(), Error> {
        match self.connection {
            Connection::Sqlite(connection) => Ok(connection.close().await?),
        }
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), Error> {
        sqlx::query(statement).execute(self.sqlite()).await?;
        Ok(())
    }
}

/// Where a read looks: at what is committed (`&store`), or from inside a write at what that write
/// has done so far (`&mut *tx`).
pub enum Reader<'a> {
    /// What is committed.
    Store(&'a Store),
    /// A write in progress.
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Store> for Reader<'a> {
    fn from(store: &'a Store) -> Self {
        Self::Store(store)
    }
}

impl<'a> From<&'a mut Tx> for Reader<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn sealer(&self) -> Arc<Sealer> {
        match self {
            Self::Store(Store { engine: Engine::Sqlite(sqlite) }) => Arc::clone(&sqlite.sealer),
            Self::Tx(tx) => Arc::clone(&tx.sealer),
        }
    }

    pub(crate) async fn sqlite(self) -> Result<Reading<'a>, Error> {
        match self {
            Self::Store(Store { engine: Engine::Sqlite(sqlite) }) => {
                Ok(Reading::Pooled(sqlite.readers.acquire().await?))
            }
            Self::Tx(tx) => Ok(Reading::Writing(tx.sqlite())),
        }
    }
}

/// The connection a read uses.
pub(crate) enum Reading<'a> {
    Pooled(PoolConnection<sqlx::Sqlite>),
    Writing(&'a mut SqliteConnection),
}

impl Deref for Reading<'_> {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Writing(connection) => connection,
        }
    }
}

impl DerefMut for Reading<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Writing(connection) => connection,
        }
    }
}

async fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Error::folder(&path, error))?;
    let began = std::time::Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_PATIENCE => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::InUse { folder: folder.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(Error::folder(path, error)),
        }
    }
}

async fn sealer(connection: &mut SqliteConnection, path: &Path) -> Result<Sealer, Error> {
    let (key, proof) = KEY_PROOF;
    // The proof belongs to no account.
    let nobody = AccountId(0);
    let sealed = crate::meta::read(connection, key).await?;
    let sealer = Sealer::open(path, sealed.is_none())?;
    match sealed {
        Some(sealed) => {
            let sealed: Vec<u8> = crate::row::from_json(key, &sealed)?;
            match sealer.unseal(nobody, key, &sealed) {
                Ok(opened) if opened.expose() == proof => {}
                _ => return Err(Error::WrongKey { path: path.to_owned() }),
            }
        }
        None => {
            let sealed = crate::row::to_json(&sealer.seal(nobody, key, proof)?)?;
            crate::meta::write(connection, key, &sealed).await?;
        }
    }
    Ok(sealer)
}

/// Writes the file anew when somebody was erased since: nothing of them is left in its gaps then.
async fn vacuum(connection: &mut SqliteConnection) -> Result<(), Error> {
    let wanted = crate::follower::WANTS_VACUUM;
    if crate::meta::read(connection, wanted).await?.as_deref() != Some("1") {
        return Ok(());
    }
    tracing::info!("writing the database anew: followers were erased from it");
    for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    crate::meta::write(connection, wanted, "0").await
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_PATIENCE)
        .foreign_keys(true)
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(1024)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

fn writing(path: &Path) -> SqliteConnectOptions {
    common(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // KiB: the index over OpenIDs is hit at random while followers are listed.
        .pragma("cache_size", "-131072")
        // Pages: the default of 1,000 would copy the same index pages over and over.
        .pragma("wal_autocheckpoint", "32768")
        .pragma("journal_size_limit", "134217728")
        // Erased people leave no copy in free pages.
        .pragma("secure_delete", "on")
}

pub(crate) fn reading(path: &Path) -> SqliteConnectOptions {
    common(path).read_only(true).pragma("cache_size", "-32768")
}
