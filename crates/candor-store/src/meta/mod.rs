//! What the vault knows about recordings: a SQLite database. `migrations/` says what each column is for.
//!
//! Architecture invariant: no key lies in here, wrapped or not (the broker has its own database), and nobody's name.
//! Deleted content is overwritten (`secure_delete`) and the write-ahead log truncated after an erasure.

mod consent;
mod dataset;
mod log_entry;
mod segment;
mod statement;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use candor_model::Hash;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, Sqlite, SqlitePool, Transaction};

pub use consent::{ConsentRow, PeriodKey};
pub use dataset::DatasetRow;
pub(crate) use log_entry::NewEntry;
pub use log_entry::StoredEntry;
pub use segment::{Accepted, Link, NewSegment, SegmentRow, SessionRow};
pub use statement::Statement;

use crate::disk::{self, DiskError};

/// The vault's metadata. Clones share the connections.
#[derive(Debug, Clone)]
pub struct MetaStore {
    pool: SqlitePool,
}

/// Why the metadata were not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetaError {
    /// The database refused.
    #[error("the vault's database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The database's tables are not this version's.
    #[error("the vault's database cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Its folder or file.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A row holds what no version writes.
    #[error("the vault's database: a {what} is not what this version writes")]
    Damaged {
        /// What was read.
        what: &'static str,
    },
    /// A link that does not continue its session's chain.
    #[error("the chain of session `{session}` continues with number {next}, not with {number}")]
    Order {
        /// The session.
        session: candor_model::SessionId,
        /// What came.
        number: u32,
        /// What was expected.
        next: u32,
    },
    /// Something else lies under that name already.
    #[error("another {what} has this id already")]
    Taken {
        /// What.
        what: &'static str,
    },
    /// There is none.
    #[error("there is no such {what}")]
    Missing {
        /// What.
        what: &'static str,
    },
}

type Result<T> = std::result::Result<T, MetaError>;
type Write = Transaction<'static, Sqlite>;

impl MetaStore {
    /// Opens the database at `path` (0600), making it where it is missing.
    ///
    /// # Errors
    /// [`MetaError::Sql`] or [`MetaError::Migrate`] where it is no database of this version.
    pub async fn open(path: &Path) -> Result<Self> {
        // Made here, so that it is never readable by others, not even for a moment.
        let (_, made) = disk::File::open_or_create(path)?;
        if made && let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            disk::sync_dir(dir)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .pragma("secure_delete", "ON")
            // A statement is no message for whoever reads the log of the program.
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool })
    }

    /// Closes the database; what was committed is on the disk before and after.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction that will write: SQLite has one writer, and waiting for it at the start cannot fail half-way.
    async fn write(&self) -> Result<Write> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Empties the write-ahead log, so that what was erased is not left in it.
    ///
    /// # Errors
    /// [`MetaError::Sql`] where a reader holds it open for longer than 30 s.
    pub async fn forget_deleted(&self) -> Result<()> {
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.pool).await?;
        if busy == 0 { Ok(()) } else { Err(MetaError::Damaged { what: "write-ahead log, which is in use," }) }
    }
}

fn int(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| MetaError::Damaged { what: "number beyond 2^63" })
}

fn unsigned(row: &SqliteRow, column: &'static str) -> Result<u64> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| MetaError::Damaged { what: column })
}

fn bytes<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N]> {
    row.try_get::<&[u8], _>(column)?.try_into().map_err(|_| MetaError::Damaged { what: column })
}

fn hash(row: &SqliteRow, column: &'static str) -> Result<Hash> {
    bytes(row, column).map(Hash)
}

fn optional<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<Option<[u8; N]>> {
    match row.try_get::<Option<&[u8]>, _>(column)? {
        None => Ok(None),
        Some(bytes) => bytes.try_into().map(Some).map_err(|_| MetaError::Damaged { what: column }),
    }
}

fn parsed<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<T> {
    row.try_get::<&str, _>(column)?.parse().map_err(|_| MetaError::Damaged { what: column })
}
