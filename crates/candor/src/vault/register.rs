//! The register: who was invited, who is a member, and the program. A SQLite file of the gateway's own.

use std::path::Path;

use anyhow::{Context, Result, bail};
use candor_model::{DeviceId, Hash, Notice, OpeningKey, ParticipantId, PrincipalId, Program, PublicKey, SessionId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqlitePool};

use crate::invitation::Role;

/// One enrolled device, and who uses it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// What it may do.
    pub(crate) role: Role,
    /// The device.
    pub(crate) device: DeviceId,
    /// The pseudonym, for participants.
    pub(crate) participant: Option<ParticipantId>,
    /// The id, for everybody else.
    pub(crate) principal: Option<PrincipalId>,
    /// Checks segment headers and chains.
    pub(crate) device_key: PublicKey,
    /// Checks what the person signs.
    pub(crate) signing_key: PublicKey,
    /// What the person's own copies are sealed to.
    pub(crate) opening_key: OpeningKey,
}

/// The register's database.
#[derive(Debug, Clone)]
pub(crate) struct Register {
    pool: SqlitePool,
}

impl Register {
    /// Opens the register, making it where there is none.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(10))
            // A statement is no message for whoever reads the log of the program.
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::raw_sql(include_str!("register.sql")).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Closes it, so that its write-ahead log is folded in.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Notes an invitation.
    ///
    /// # Errors
    /// Where the token was invited before, or the database fails.
    pub(crate) async fn invite(&self, token: Hash, role: Role, expires_at: u64) -> Result<()> {
        sqlx::query("INSERT INTO invitation (token_hash, role, expires_at) VALUES (?, ?, ?)")
            .bind(token.0.to_vec())
            .bind(role.as_str())
            .bind(i64::try_from(expires_at)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Uses an invitation up and enters the member it was for, both or neither. `member` makes the entry from the role.
    /// Nothing where the invitation is unknown, used or expired: the three look alike from outside.
    ///
    /// # Errors
    /// Where `member` fails, or the database does; the invitation is unused then.
    pub(crate) async fn enrol(
        &self,
        token: Hash,
        now: u64,
        certificate: Hash,
        member: impl FnOnce(Role) -> Result<Member>,
    ) -> Result<Option<Member>> {
        let now = i64::try_from(now)?;
        let mut step = self.pool.begin().await?;
        let role: Option<String> = sqlx::query_scalar(
            "UPDATE invitation SET used_at = ?1 WHERE token_hash = ?2 AND used_at IS NULL AND expires_at > ?1 \
             RETURNING role",
        )
        .bind(now)
        .bind(token.0.to_vec())
        .fetch_optional(&mut *step)
        .await?;
        let Some(role) = role else { return Ok(None) };
        let member = member(role.parse().map_err(anyhow::Error::msg)?)?;
        sqlx::query(
            "INSERT INTO member (certificate, role, device, participant, principal, device_key, signing_key, opening_key) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(certificate.0.to_vec())
        .bind(member.role.as_str())
        .bind(member.device.as_bytes().to_vec())
        .bind(member.participant.map(|id| id.as_bytes().to_vec()))
        .bind(member.principal.map(|id| id.as_bytes().to_vec()))
        .bind(member.device_key.as_bytes().to_vec())
        .bind(member.signing_key.as_bytes().to_vec())
        .bind(member.opening_key.as_bytes().to_vec())
        .execute(&mut *step)
        .await?;
        step.commit().await?;
        Ok(Some(member))
    }

    /// The member with this certificate, unless revoked.
    ///
    /// # Errors
    /// Where the database fails or a row is damaged.
    pub(crate) async fn by_certificate(&self, certificate: Hash) -> Result<Option<Member>> {
        let row = sqlx::query("SELECT * FROM member WHERE certificate = ? AND revoked_at IS NULL")
            .bind(certificate.0.to_vec())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Every member that was not revoked.
    ///
    /// # Errors
    /// As [`Self::by_certificate`].
    pub(crate) async fn members(&self) -> Result<Vec<Member>> {
        let rows = sqlx::query("SELECT * FROM member WHERE revoked_at IS NULL").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Keeps an encapsulation; says whether this very one is kept now.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn put_encapsulation(
        &self,
        session: SessionId,
        number: u32,
        device: DeviceId,
        enc: &[u8],
    ) -> Result<bool> {
        let mut step = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT OR IGNORE INTO encapsulation (session, number, device, enc) VALUES (?, ?, ?, ?)")
            .bind(session.as_bytes().to_vec())
            .bind(i64::from(number))
            .bind(device.as_bytes().to_vec())
            .bind(enc.to_vec())
            .execute(&mut *step)
            .await?;
        let kept: (Vec<u8>, Vec<u8>) =
            sqlx::query_as("SELECT device, enc FROM encapsulation WHERE session = ? AND number = ?")
                .bind(session.as_bytes().to_vec())
                .bind(i64::from(number))
                .fetch_one(&mut *step)
                .await?;
        step.commit().await?;
        Ok(kept == (device.as_bytes().to_vec(), enc.to_vec()))
    }

    /// The encapsulations that a device sent for a session.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn encapsulations(&self, session: SessionId, device: DeviceId) -> Result<Vec<(u32, Vec<u8>)>> {
        let sql = "SELECT number, enc FROM encapsulation WHERE session = ? AND device = ? ORDER BY number";
        Ok(sqlx::query_as(sql)
            .bind(session.as_bytes().to_vec())
            .bind(device.as_bytes().to_vec())
            .fetch_all(&self.pool)
            .await?)
    }

    /// Notes what ciphertext a builder may fetch until `until` (Unix seconds).
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn put_granted(&self, builder: PrincipalId, headers: &[Hash], until: u64) -> Result<()> {
        let mut step = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for header in headers {
            sqlx::query("INSERT OR REPLACE INTO granted (principal, header, until) VALUES (?, ?, ?)")
                .bind(builder.as_bytes().to_vec())
                .bind(header.0.to_vec())
                .bind(i64::try_from(until)?)
                .execute(&mut *step)
                .await?;
        }
        Ok(step.commit().await?)
    }

    /// Whether a builder may fetch a segment's ciphertext at `now`.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn is_granted(&self, builder: PrincipalId, header: Hash, now: u64) -> Result<bool> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM granted WHERE principal = ? AND header = ? AND until > ?")
                .bind(builder.as_bytes().to_vec())
                .bind(header.0.to_vec())
                .bind(i64::try_from(now)?)
                .fetch_one(&self.pool)
                .await?;
        Ok(count > 0)
    }

    /// Whether keys of all these segments were once granted to a builder, however long ago.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn were_granted(&self, builder: PrincipalId, headers: &[Hash]) -> Result<bool> {
        for header in headers {
            if !self.is_granted(builder, *header, 0).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sets the program and its notice.
    ///
    /// # Errors
    /// Where the epoch would go back, or the database fails.
    pub(crate) async fn set_program(&self, program: &Program, notice: &Notice) -> Result<()> {
        let mut step = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let known: Option<String> =
            sqlx::query_scalar("SELECT json FROM program WHERE only = 1").fetch_optional(&mut *step).await?;
        if let Some(known) = known
            && serde_json::from_str::<Program>(&known)?.epoch >= program.epoch
        {
            bail!("the program has changed in the meantime; try again");
        }
        sqlx::query("INSERT OR REPLACE INTO program (only, json, notice) VALUES (1, ?, ?)")
            .bind(serde_json::to_string(program)?)
            .bind(serde_json::to_string(notice)?)
            .execute(&mut *step)
            .await?;
        Ok(step.commit().await?)
    }

    /// The program and its notice.
    ///
    /// # Errors
    /// Where none was set, or the database fails.
    pub(crate) async fn program(&self) -> Result<(Program, Notice)> {
        let row = sqlx::query("SELECT json, notice FROM program WHERE only = 1").fetch_optional(&self.pool).await?;
        let row = row.context("this vault has no program; run `candor vault init`")?;
        let (json, notice): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok((serde_json::from_str(&json)?, serde_json::from_str(&notice)?))
    }
}

fn read(row: &SqliteRow) -> Result<Member> {
    let role: String = row.try_get("role")?;
    let id = |name: &str| -> Result<Option<[u8; 16]>> {
        let bytes: Option<Vec<u8>> = row.try_get(name)?;
        bytes.map(|bytes| bytes.try_into().map_err(|_| anyhow::anyhow!("damaged `{name}` in the register"))).transpose()
    };
    let key = |name: &str| -> Result<PublicKey> { Ok(PublicKey::try_from(row.try_get::<&[u8], _>(name)?)?) };
    Ok(Member {
        role: role.parse().map_err(anyhow::Error::msg)?,
        device: DeviceId::from_bytes(id("device")?.context("a member without a device")?),
        participant: id("participant")?.map(ParticipantId::from_bytes),
        principal: id("principal")?.map(PrincipalId::from_bytes),
        device_key: key("device_key")?,
        signing_key: key("signing_key")?,
        opening_key: OpeningKey::try_from(row.try_get::<&[u8], _>("opening_key")?)?,
    })
}
