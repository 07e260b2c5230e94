//! Signed statements: requests, approvals, erasures. Stored as they came; the policy reads them.

use candor_model::Hash;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{MetaStore, Result, hash, int, unsigned};

/// One signed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The hash of its payload.
    pub hash: Hash,
    /// The word of its JWS type.
    pub kind: String,
    /// What it is about: an approval names the hash of its request.
    pub about: Hash,
    /// The compact JWS.
    pub jws: String,
    /// When it arrived, Unix seconds.
    pub at: u64,
}

impl MetaStore {
    /// Stores a statement; returns whether it is new.
    ///
    /// # Errors
    /// [`super::MetaError`] where the database fails.
    pub async fn put_statement(&self, statement: &Statement) -> Result<bool> {
        let sql = "INSERT INTO statement (hash, kind, about, jws, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql)
            .bind(&statement.hash.0[..])
            .bind(&statement.kind)
            .bind(&statement.about.0[..])
            .bind(&statement.jws)
            .bind(int(statement.at)?)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// One statement.
    ///
    /// # Errors
    /// [`super::MetaError`] where the database fails.
    pub async fn statement(&self, hash: Hash) -> Result<Option<Statement>> {
        let row = sqlx::query("SELECT * FROM statement WHERE hash = ?").bind(&hash.0[..]);
        row.fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// The statements about something, oldest first.
    ///
    /// # Errors
    /// [`super::MetaError`] where the database fails.
    pub async fn statements(&self, about: Hash) -> Result<Vec<Statement>> {
        let sql = "SELECT * FROM statement WHERE about = ? ORDER BY at, hash";
        let rows = sqlx::query(sql).bind(&about.0[..]).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// The statements of a kind, oldest first.
    ///
    /// # Errors
    /// [`super::MetaError`] where the database fails.
    pub async fn statements_of(&self, kind: &str) -> Result<Vec<Statement>> {
        let sql = "SELECT * FROM statement WHERE kind = ? ORDER BY at, hash";
        let rows = sqlx::query(sql).bind(kind).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Statement> {
    Ok(Statement {
        hash: hash(row, "hash")?,
        kind: row.try_get("kind")?,
        about: hash(row, "about")?,
        jws: row.try_get("jws")?,
        at: unsigned(row, "at")?,
    })
}
