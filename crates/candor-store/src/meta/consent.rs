//! Consent records, receipts and withdrawals, and the public keys that belong to them. All opaque and signed.

use candor_model::{ConsentId, Hash, OpeningKey, ParticipantId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{MetaError, MetaStore, Result, bytes, hash, int, unsigned};

/// One consent and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// The record's id.
    pub id: ConsentId,
    /// The signed record's hash.
    pub hash: Hash,
    /// Whose.
    pub participant: ParticipantId,
    /// The participant's compact JWS.
    pub jws: String,
    /// The program's compact JWS over the record's hash.
    pub receipt: Option<String>,
    /// The participant's compact JWS that withdraws it.
    pub withdrawal: Option<String>,
    /// When it arrived, Unix seconds.
    pub received_at: u64,
}

/// The public half of a key pair that segments of one participant, consent and period are sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodKey {
    /// Whose recordings.
    pub participant: ParticipantId,
    /// Under which consent.
    pub consent: ConsentId,
    /// Which period.
    pub period: u32,
    /// The key.
    pub public_key: OpeningKey,
}

impl MetaStore {
    /// Stores a consent. Storing the same one again changes nothing.
    ///
    /// # Errors
    /// [`MetaError::Taken`] where another record has its id.
    pub async fn put_consent(&self, row: &ConsentRow) -> Result<()> {
        let sql = "INSERT INTO consent (id, hash, participant, jws, receipt, withdrawal, received_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql)
            .bind(&row.id.as_bytes()[..])
            .bind(&row.hash.0[..])
            .bind(&row.participant.as_bytes()[..])
            .bind(&row.jws)
            .bind(&row.receipt)
            .bind(&row.withdrawal)
            .bind(int(row.received_at)?)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 && self.consent(row.id).await?.is_none_or(|there| there.hash != row.hash) {
            return Err(MetaError::Taken { what: "consent" });
        }
        Ok(())
    }

    /// Stores the receipt of a consent; the first one stays.
    ///
    /// # Errors
    /// [`MetaError::Missing`] where there is no such consent.
    pub async fn put_receipt(&self, consent: ConsentId, jws: &str) -> Result<()> {
        self.set_once("UPDATE consent SET receipt = coalesce(receipt, ?) WHERE id = ?", consent, jws).await
    }

    /// Stores the withdrawal of a consent; the first one stays.
    ///
    /// # Errors
    /// [`MetaError::Missing`] where there is no such consent.
    pub async fn put_withdrawal(&self, consent: ConsentId, jws: &str) -> Result<()> {
        self.set_once("UPDATE consent SET withdrawal = coalesce(withdrawal, ?) WHERE id = ?", consent, jws).await
    }

    async fn set_once(&self, sql: &'static str, consent: ConsentId, jws: &str) -> Result<()> {
        let done = sqlx::query(sql).bind(jws).bind(&consent.as_bytes()[..]).execute(&self.pool).await?;
        if done.rows_affected() == 0 { Err(MetaError::Missing { what: "consent" }) } else { Ok(()) }
    }

    /// One consent.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn consent(&self, id: ConsentId) -> Result<Option<ConsentRow>> {
        let row = sqlx::query("SELECT * FROM consent WHERE id = ?").bind(&id.as_bytes()[..]);
        row.fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// A participant's consents, oldest first.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn consents(&self, participant: ParticipantId) -> Result<Vec<ConsentRow>> {
        let sql = "SELECT * FROM consent WHERE participant = ? ORDER BY received_at, id";
        let rows = sqlx::query(sql).bind(&participant.as_bytes()[..]).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Every consent, oldest first.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn all_consents(&self) -> Result<Vec<ConsentRow>> {
        let rows = sqlx::query("SELECT * FROM consent ORDER BY received_at, id").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Stores a period's public key. Storing the same one again changes nothing.
    ///
    /// # Errors
    /// [`MetaError::Taken`] where the period has another key: a key is never replaced.
    pub async fn put_period_key(&self, key: &PeriodKey) -> Result<()> {
        let sql = "INSERT INTO period_key (participant, consent, period, public_key) VALUES (?, ?, ?, ?) \
                   ON CONFLICT DO NOTHING";
        sqlx::query(sql)
            .bind(&key.participant.as_bytes()[..])
            .bind(&key.consent.as_bytes()[..])
            .bind(i64::from(key.period))
            .bind(&key.public_key.as_bytes()[..])
            .execute(&self.pool)
            .await?;
        match self.period_key(key.participant, key.consent, key.period).await? {
            Some(there) if there == *key => Ok(()),
            _ => Err(MetaError::Taken { what: "period key" }),
        }
    }

    /// A period's public key.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn period_key(
        &self,
        participant: ParticipantId,
        consent: ConsentId,
        period: u32,
    ) -> Result<Option<PeriodKey>> {
        let sql = "SELECT public_key FROM period_key WHERE participant = ? AND consent = ? AND period = ?";
        let row = sqlx::query(sql)
            .bind(&participant.as_bytes()[..])
            .bind(&consent.as_bytes()[..])
            .bind(i64::from(period))
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let public_key = OpeningKey::from_bytes(bytes(&row, "public_key")?);
        Ok(Some(PeriodKey { participant, consent, period, public_key }))
    }
}

fn read(row: &SqliteRow) -> Result<ConsentRow> {
    Ok(ConsentRow {
        id: ConsentId::from_bytes(bytes(row, "id")?),
        hash: hash(row, "hash")?,
        participant: ParticipantId::from_bytes(bytes(row, "participant")?),
        jws: row.try_get("jws")?,
        receipt: row.try_get("receipt")?,
        withdrawal: row.try_get("withdrawal")?,
        received_at: unsigned(row, "received_at")?,
    })
}
