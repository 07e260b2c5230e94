//! The broker's SQLite file: opened one way, read into our types in one place.

use std::path::Path;

use candor_model::{Hash, ParticipantId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::broker::BrokerError;

/// Opens the database, made where there is none.
///
/// Every commit is fsynced (`synchronous = FULL` in WAL mode), and what is deleted is overwritten (`secure_delete`):
/// erasing does not rest on it, since whatever is left is sealed under a destroyed key, but it costs little.
pub(crate) async fn open(path: &Path) -> Result<SqliteConnection, BrokerError> {
    let mut db = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
        .connect()
        .await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut db).await?;
    Ok(db)
}

/// A stored value of fixed length.
pub(crate) fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], BrokerError> {
    bytes.try_into().map_err(|_| BrokerError::Corrupt { what: "a value of the wrong length" })
}

pub(crate) fn hash(bytes: &[u8]) -> Result<Hash, BrokerError> {
    fixed(bytes).map(Hash)
}

pub(crate) fn participant(bytes: &[u8]) -> Result<ParticipantId, BrokerError> {
    fixed(bytes).map(ParticipantId::from_bytes)
}

/// SQLite's integers are signed; ours never exceed what it holds.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn count(value: i64) -> Result<u64, BrokerError> {
    value.try_into().map_err(|_| BrokerError::Corrupt { what: "a negative number" })
}

pub(crate) fn number(value: i64) -> Result<u32, BrokerError> {
    value.try_into().map_err(|_| BrokerError::Corrupt { what: "a segment number out of range" })
}
