//! Taking a segment's key in.

use candor_model::header::Schema;
use candor_model::{Hash, Header};
use candor_seal::{Encapsulation, RecipientRole, RowId, Wrap, WrapKey};
use sqlx::{Connection, SqliteConnection};

use crate::broker::{Broker, BrokerError, Inner};
use crate::db::{integer, participant};
use crate::enrol::consent_record;
use crate::shelf;

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The key is on the shelf now.
    New,
    /// It was there already.
    Already,
}

impl Broker {
    /// Puts the vault's wrap of a segment's key on its participant's shelf, durably, once it was seen to open: a device
    /// drops its own copy of the wrap when this is acknowledged. Idempotent.
    ///
    /// `encapsulations` are those of the session that the broker may not have yet; `hold_back_until` (Unix seconds) is
    /// when the participant's hold-back ends.
    ///
    /// # Errors
    /// [`AcceptError`] says why; nothing is stored then.
    pub async fn accept_keys(
        &self,
        header: &Header,
        encapsulations: &[Encapsulation],
        wrap: &Wrap,
        hold_back_until: u64,
    ) -> Result<Accepted, AcceptError> {
        let mut inner = self.inner.lock().await;
        let Inner { db, custody } = &mut *inner;
        let context = &header.context;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await.map_err(BrokerError::from)?;
        if already(&mut tx, header).await? {
            return Ok(Accepted::Already);
        }
        check_session(&mut tx, header).await?;
        let shelf = shelf::open(&mut tx, custody.as_mut(), context.participant).await?;
        let consent = consent_record(&mut tx, context.participant, context.consent).await?;
        if consent.hash() != context.consent_hash {
            return Err(BrokerError::UnknownConsent.into());
        }
        for encapsulation in encapsulations {
            store_encapsulation(&mut tx, header, encapsulation).await?;
        }
        let encapsulation = encapsulation(&mut tx, header).await?.ok_or(AcceptError::NoEncapsulation)?;
        let identity = shelf::identity(&mut tx, &shelf, context).await?;
        let opens = WrapKey::decapsulate(&identity, context, &encapsulation)
            .and_then(|key| key.unwrap(header.hash(), wrap))
            .and_then(|dek| dek.commitment());
        if opens != Ok(header.commitment) {
            return Err(AcceptError::Wrap);
        }
        shelf::put(&mut tx, &shelf, context.participant, RowId::wrap(header.hash()), &wrap.0).await?;
        store_segment(&mut tx, header, hold_back_until).await?;
        tx.commit().await.map_err(BrokerError::from)?;
        Ok(Accepted::New)
    }
}

/// Whether this very segment is there; another one in its place is refused.
async fn already(db: &mut SqliteConnection, header: &Header) -> Result<bool, AcceptError> {
    let stored: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM segment WHERE session = ? AND number = ?")
        .bind(header.context.session.as_bytes().to_vec())
        .bind(header.number)
        .fetch_optional(db)
        .await
        .map_err(BrokerError::from)?;
    match stored {
        None => Ok(false),
        Some(stored) if stored == header.hash().0 => Ok(true),
        Some(_) => Err(AcceptError::OtherSegment { number: header.number }),
    }
}

async fn check_session(db: &mut SqliteConnection, header: &Header) -> Result<(), AcceptError> {
    if header.schema != Schema::Events {
        return Err(AcceptError::Remarks);
    }
    let context = &header.context;
    let program: Option<String> = sqlx::query_scalar("SELECT record FROM program WHERE one = 1")
        .fetch_optional(&mut *db)
        .await
        .map_err(BrokerError::from)?;
    let program: candor_model::Program =
        serde_json::from_str(&program.ok_or(BrokerError::NoProgram)?).map_err(BrokerError::from)?;
    if context.program != program.id {
        return Err(AcceptError::OtherProgram);
    }
    let owner: Option<Vec<u8>> = sqlx::query_scalar("SELECT participant FROM encapsulation WHERE session = ? LIMIT 1")
        .bind(context.session.as_bytes().to_vec())
        .fetch_optional(&mut *db)
        .await
        .map_err(BrokerError::from)?;
    if let Some(owner) = owner
        && participant(&owner)? != context.participant
    {
        return Err(AcceptError::OtherSession);
    }
    let sql = "SELECT count(*) FROM erased WHERE participant = ? AND session = ? AND ? BETWEEN first AND last";
    let erased: i64 = sqlx::query_scalar(sql)
        .bind(context.participant.as_bytes().to_vec())
        .bind(context.session.as_bytes().to_vec())
        .bind(header.number)
        .fetch_one(db)
        .await
        .map_err(BrokerError::from)?;
    if erased > 0 { Err(AcceptError::Erased { number: header.number }) } else { Ok(()) }
}

async fn store_encapsulation(
    db: &mut SqliteConnection,
    header: &Header,
    encapsulation: &Encapsulation,
) -> Result<(), AcceptError> {
    if encapsulation.role != RecipientRole::Vault {
        return Err(AcceptError::OtherEncapsulation);
    }
    let session = header.context.session.as_bytes().to_vec();
    let stored: Option<Vec<u8>> = sqlx::query_scalar("SELECT enc FROM encapsulation WHERE session = ? AND number = ?")
        .bind(&session)
        .bind(encapsulation.number)
        .fetch_optional(&mut *db)
        .await
        .map_err(BrokerError::from)?;
    if let Some(stored) = stored {
        return if stored == encapsulation.enc { Ok(()) } else { Err(AcceptError::OtherEncapsulation) };
    }
    sqlx::query("INSERT INTO encapsulation (session, number, participant, enc) VALUES (?, ?, ?, ?)")
        .bind(&session)
        .bind(encapsulation.number)
        .bind(header.context.participant.as_bytes().to_vec())
        .bind(&encapsulation.enc)
        .execute(db)
        .await
        .map_err(BrokerError::from)?;
    Ok(())
}

/// The encapsulation that a header names.
pub(crate) async fn encapsulation(
    db: &mut SqliteConnection,
    header: &Header,
) -> Result<Option<Encapsulation>, BrokerError> {
    let enc: Option<Vec<u8>> = sqlx::query_scalar("SELECT enc FROM encapsulation WHERE session = ? AND number = ?")
        .bind(header.context.session.as_bytes().to_vec())
        .bind(header.encapsulation)
        .fetch_optional(db)
        .await?;
    Ok(enc.map(|enc| Encapsulation { role: RecipientRole::Vault, number: header.encapsulation, enc }))
}

async fn store_segment(db: &mut SqliteConnection, header: &Header, hold_back_until: u64) -> Result<(), BrokerError> {
    let Hash(hash) = header.hash();
    sqlx::query(
        "INSERT INTO segment (session, number, participant, hash, header, hold_back_until) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(header.context.session.as_bytes().to_vec())
    .bind(header.number)
    .bind(header.context.participant.as_bytes().to_vec())
    .bind(hash.to_vec())
    .bind(header.encode().to_vec())
    .bind(integer(hold_back_until))
    .execute(db)
    .await?;
    Ok(())
}

/// Why a segment's key was not taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// There is another segment of that number.
    #[error("segment {number}: there is another segment in this place")]
    OtherSegment {
        /// The number.
        number: u32,
    },
    /// Remarks stay on the device.
    #[error("remarks are for the participant alone; they are not uploaded")]
    Remarks,
    /// The segment is of another program.
    #[error("the segment is of another program than this vault's")]
    OtherProgram,
    /// The session is another participant's.
    #[error("the session belongs to another participant")]
    OtherSession,
    /// It was erased.
    #[error("segment {number}: it was erased, and is not accepted again")]
    Erased {
        /// The number.
        number: u32,
    },
    /// Its encapsulation is not there.
    #[error("the encapsulation that the segment names is not there; send it with the segment")]
    NoEncapsulation,
    /// Not the vault's encapsulation, or not the one that is stored.
    #[error("an encapsulation is not the vault's, or differs from the one that is stored")]
    OtherEncapsulation,
    /// The wrap does not open to the key that the header commits to.
    #[error("the wrapped key does not open to the key that the segment's header commits to")]
    Wrap,
    /// Anything below.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}
