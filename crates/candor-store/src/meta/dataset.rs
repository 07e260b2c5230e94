//! Datasets, their lineage, and their taint.

use candor_model::{DatasetId, Hash, Purpose};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{MetaError, MetaStore, Result, bytes, hash, int, parsed, unsigned};

/// One version of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetRow {
    /// The dataset.
    pub id: DatasetId,
    /// Counts rebuilds, from 0.
    pub version: u32,
    /// The manifest's hash.
    pub manifest: Hash,
    /// Step to segment hashes, sealed to the broker.
    pub provenance: Vec<u8>,
    /// What it was built for.
    pub purpose: Purpose,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds; no later than its sources.
    pub expires_at: u64,
    /// Since when it is tainted, Unix seconds, and why; nothing while every source stands.
    pub taint: Option<(u64, String)>,
}

impl MetaStore {
    /// Registers a version of a dataset with the header hashes of its source segments.
    ///
    /// # Errors
    /// [`MetaError::Taken`] where that version is registered.
    pub async fn put_dataset(&self, row: &DatasetRow, sources: &[Hash]) -> Result<()> {
        let mut write = self.write().await?;
        let sql = "INSERT INTO dataset (id, version, manifest, provenance, purpose, created_at, expires_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql)
            .bind(&row.id.as_bytes()[..])
            .bind(i64::from(row.version))
            .bind(&row.manifest.0[..])
            .bind(&row.provenance[..])
            .bind(row.purpose.as_str())
            .bind(int(row.created_at)?)
            .bind(int(row.expires_at)?)
            .execute(&mut *write)
            .await?;
        if done.rows_affected() == 0 {
            return Err(MetaError::Taken { what: "dataset version" });
        }
        for header in sources {
            sqlx::query("INSERT OR IGNORE INTO lineage (dataset, version, header) VALUES (?, ?, ?)")
                .bind(&row.id.as_bytes()[..])
                .bind(i64::from(row.version))
                .bind(&header.0[..])
                .execute(&mut *write)
                .await?;
        }
        Ok(write.commit().await?)
    }

    /// Marks every version of every dataset that was built from one of these segments as tainted; returns which. The
    /// first taint of a version stays.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails; nothing is marked then.
    pub async fn taint(&self, headers: &[Hash], reason: &str, at: u64) -> Result<Vec<(DatasetId, u32)>> {
        let mut write = self.write().await?;
        let mut tainted = std::collections::BTreeSet::new();
        for header in headers {
            let rows = sqlx::query("SELECT dataset, version FROM lineage WHERE header = ?")
                .bind(&header.0[..])
                .fetch_all(&mut *write)
                .await?;
            for row in &rows {
                tainted.insert((DatasetId::from_bytes(bytes(row, "dataset")?), version(row)?));
            }
        }
        for (dataset, version) in &tainted {
            let sql = "UPDATE dataset SET tainted_at = ?, taint = ? WHERE id = ? AND version = ? AND taint IS NULL";
            sqlx::query(sql)
                .bind(int(at)?)
                .bind(reason)
                .bind(&dataset.as_bytes()[..])
                .bind(i64::from(*version))
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        Ok(tainted.into_iter().collect())
    }

    /// Every version of every dataset.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn datasets(&self) -> Result<Vec<DatasetRow>> {
        let rows = sqlx::query("SELECT * FROM dataset ORDER BY id, version").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// One version of a dataset.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn dataset(&self, id: DatasetId, version: u32) -> Result<Option<DatasetRow>> {
        let row = sqlx::query("SELECT * FROM dataset WHERE id = ? AND version = ?")
            .bind(&id.as_bytes()[..])
            .bind(i64::from(version))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The header hashes of the segments a dataset's version was built from.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn sources(&self, id: DatasetId, version: u32) -> Result<Vec<Hash>> {
        let sql = "SELECT header FROM lineage WHERE dataset = ? AND version = ? ORDER BY header";
        let rows = sqlx::query(sql).bind(&id.as_bytes()[..]).bind(i64::from(version)).fetch_all(&self.pool).await?;
        rows.iter().map(|row| hash(row, "header")).collect()
    }
}

fn version(row: &SqliteRow) -> Result<u32> {
    u32::try_from(unsigned(row, "version")?).map_err(|_| MetaError::Damaged { what: "version" })
}

fn read(row: &SqliteRow) -> Result<DatasetRow> {
    let tainted_at: Option<i64> = row.try_get("tainted_at")?;
    let reason: Option<String> = row.try_get("taint")?;
    let since = tainted_at.and_then(|at| u64::try_from(at).ok());
    Ok(DatasetRow {
        id: DatasetId::from_bytes(bytes(row, "id")?),
        version: version(row)?,
        manifest: hash(row, "manifest")?,
        provenance: row.try_get("provenance")?,
        purpose: parsed(row, "purpose")?,
        created_at: unsigned(row, "created_at")?,
        expires_at: unsigned(row, "expires_at")?,
        taint: since.zip(reason),
    })
}
