//! The log's entries beside the log, and its write-ahead queue.

use candor_model::log_entry::{Salt, commitment};
use candor_model::{EntryKind, Leaf, ParticipantId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{MetaError, MetaStore, Result, Write, int, optional, unsigned};

/// How many rows go into one statement: SQLite takes 32,766 values.
const ROWS_MAX: usize = 1000;

/// An entry as the vault keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its index in the log.
    pub index: u64,
    /// What it says.
    pub kind: EntryKind,
    /// The leaf.
    pub leaf: Leaf,
    /// The salt and the canonical JSON; nothing once erased.
    pub opened: Option<(Salt, Vec<u8>)>,
}

impl StoredEntry {
    /// Whether salt and JSON are those of the leaf; true for an erased one, of which nothing is left to compare.
    pub fn is_sound(&self) -> bool {
        self.opened.as_ref().is_none_or(|(salt, json)| commitment(salt, self.kind, json) == self.leaf)
    }
}

/// An entry to be queued.
#[derive(Debug, Clone)]
pub(crate) struct NewEntry {
    pub(crate) leaf: Leaf,
    pub(crate) salt: Salt,
    pub(crate) json: Vec<u8>,
    pub(crate) about: Option<ParticipantId>,
}

/// Queues entries at the end of the log; returns the first index.
pub(super) async fn insert(write: &mut Write, entries: &[NewEntry]) -> Result<u64> {
    let next: i64 =
        sqlx::query_scalar("SELECT coalesce(max(idx) + 1, 0) FROM log_entry").fetch_one(&mut **write).await?;
    let mut index = next;
    for chunk in entries.chunks(ROWS_MAX) {
        let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO log_entry (idx, kind, leaf, salt, json, about) ");
        sql.push_values(chunk, |mut row, entry| {
            row.push_bind(index)
                .push_bind(i64::from(entry.leaf.kind.byte()))
                .push_bind(entry.leaf.to_bytes().to_vec())
                .push_bind(entry.salt.to_vec())
                .push_bind(entry.json.clone())
                .push_bind(entry.about.map(|about| about.as_bytes().to_vec()));
            index += 1;
        });
        sql.build().execute(&mut **write).await?;
    }
    u64::try_from(next).map_err(|_| MetaError::Damaged { what: "log index" })
}

impl MetaStore {
    /// Queues entries; returns the first index. Durable on return.
    pub(crate) async fn queue_entries(&self, entries: &[NewEntry]) -> Result<u64> {
        let mut write = self.write().await?;
        let first = insert(&mut write, entries).await?;
        write.commit().await?;
        Ok(first)
    }

    /// The leaves at and after `from`, at most `limit`.
    pub(crate) async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<Vec<u8>>> {
        let rows = sqlx::query("SELECT leaf FROM log_entry WHERE idx >= ? ORDER BY idx LIMIT ?")
            .bind(int(from)?)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get("leaf")?)).collect()
    }

    /// The entry at `index`; nothing beyond the end of the queue.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn log_entry(&self, index: u64) -> Result<Option<StoredEntry>> {
        let row = sqlx::query("SELECT * FROM log_entry WHERE idx = ?").bind(int(index)?);
        row.fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// Entries of a kind in order, `limit` of them from index `from` on.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn log_entries(&self, kind: EntryKind, from: u64, limit: u32) -> Result<Vec<StoredEntry>> {
        let rows = sqlx::query("SELECT * FROM log_entry WHERE kind = ? AND idx >= ? ORDER BY idx LIMIT ?")
            .bind(i64::from(kind.byte()))
            .bind(int(from)?)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The indexes of the entries that were logged as being about `participant` and are not erased.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn log_entries_about(&self, participant: ParticipantId) -> Result<Vec<u64>> {
        let rows = sqlx::query("SELECT idx FROM log_entry WHERE about = ? ORDER BY idx")
            .bind(&participant.as_bytes()[..])
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| unsigned(row, "idx")).collect()
    }

    /// Erases salt and content of entries: their leaves then say nothing. The participant's own signed and logged
    /// request is what allows this; the caller has it.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn erase_log_entries(&self, indexes: &[u64]) -> Result<()> {
        let mut write = self.write().await?;
        for index in indexes {
            sqlx::query("UPDATE log_entry SET salt = NULL, json = NULL, about = NULL WHERE idx = ?")
                .bind(int(*index)?)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        self.forget_deleted().await
    }
}

fn read(row: &SqliteRow) -> Result<StoredEntry> {
    let leaf = Leaf::from_bytes(row.try_get("leaf")?).map_err(|_| MetaError::Damaged { what: "log leaf" })?;
    let json: Option<Vec<u8>> = row.try_get("json")?;
    Ok(StoredEntry { index: unsigned(row, "idx")?, kind: leaf.kind, leaf, opened: optional(row, "salt")?.zip(json) })
}
