//! What the broker is told: the program, principals, participants, consents, withdrawals; periods and derived files.

use candor_consent::{Signed, verify};
use candor_model::grant::ConsentRef;
use candor_model::{
    ConsentId, ConsentRecord, FileRef, Hash, Header, OpeningKey, ParticipantId, Principal, Program, PublicKey,
    Purposes, Typ, Withdrawal,
};
use candor_seal::{Dek, Identity, ShelfKey};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, SqliteConnection};

use crate::broker::{Broker, BrokerError, Inner};
use crate::db;
use crate::shelf;

/// The terms under which a file was derived. The broker works them out from the file's sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileTerms {
    /// The consents its sources were sealed under, sorted.
    pub consents: Vec<ConsentRef>,
    /// What all its sources were sealed for.
    pub purposes: Purposes,
    /// The first second in which it has expired: no later than any of the consents.
    pub not_after: u64,
    /// The header hashes of the segments it was made from, sorted.
    pub sources: Vec<Hash>,
}

/// A derived file whose key goes on a shelf.
#[derive(Debug, Clone)]
pub struct DerivedFile {
    /// Which file.
    pub file: FileRef,
    /// Its key.
    pub key: Dek,
    /// The header hashes of the segments it was made from, all of one participant.
    pub sources: Vec<Hash>,
}

impl Broker {
    /// Sets the program as it stands now. A pause takes effect on the next release.
    ///
    /// # Errors
    /// [`BrokerError::Database`].
    pub async fn set_program(&self, program: &Program) -> Result<(), BrokerError> {
        let mut inner = self.inner.lock().await;
        sqlx::query("INSERT OR REPLACE INTO program (one, record) VALUES (1, ?)")
            .bind(serde_json::to_string(program)?)
            .execute(&mut inner.db)
            .await?;
        Ok(())
    }

    /// Registers a principal, or changes what they may do.
    ///
    /// # Errors
    /// [`BrokerError::Database`].
    pub async fn put_principal(&self, principal: &Principal) -> Result<(), BrokerError> {
        let mut inner = self.inner.lock().await;
        sqlx::query("INSERT OR REPLACE INTO principal (id, record) VALUES (?, ?)")
            .bind(principal.id.as_bytes().to_vec())
            .bind(serde_json::to_string(principal)?)
            .execute(&mut inner.db)
            .await?;
        Ok(())
    }

    /// Enrols a participant with an empty shelf. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`BrokerError::OtherSigningKey`] where they are enrolled with another key.
    pub async fn enrol_participant(
        &self,
        participant: ParticipantId,
        signing_key: PublicKey,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<(), BrokerError> {
        let mut inner = self.inner.lock().await;
        let Inner { db, custody } = &mut *inner;
        if let Some(known) = signing_key_of(db, participant).await? {
            return if known == signing_key { Ok(()) } else { Err(BrokerError::OtherSigningKey) };
        }
        let (generation, sealed) = shelf::seal(custody.as_mut(), participant, &ShelfKey::generate(rng), rng)?;
        sqlx::query("INSERT INTO participant (id, signing_key, generation, shelf) VALUES (?, ?, ?, ?)")
            .bind(participant.as_bytes().to_vec())
            .bind(signing_key.as_bytes().to_vec())
            .bind(generation)
            .bind(sealed)
            .execute(db)
            .await?;
        Ok(())
    }

    /// Stores a participant's consent; a receipt in `records` replaces an older one. The record stored last is the
    /// current one. Withdrawals in `records` are stored as well.
    ///
    /// # Errors
    /// [`BrokerError`] where the participant is not enrolled with that key or the record is not theirs.
    pub async fn put_consent(&self, records: &candor_consent::Records) -> Result<(), BrokerError> {
        let mut inner = self.inner.lock().await;
        let key = signing_key_of(&mut inner.db, records.participant).await?.ok_or(BrokerError::UnknownParticipant)?;
        let consent: Signed<ConsentRecord> = verify(Typ::CONSENT, &records.consent, &key)?;
        let header = &consent.payload().header;
        if header.participant != records.participant {
            return Err(BrokerError::OtherRecord);
        }
        let mut tx = inner.db.begin_with("BEGIN IMMEDIATE").await?;
        let stored: Option<String> = sqlx::query_scalar("SELECT record FROM consent WHERE id = ?")
            .bind(header.id.as_bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?;
        if stored.is_some_and(|stored| stored != records.consent) {
            return Err(BrokerError::OtherRecord);
        }
        sqlx::query(
            "INSERT INTO consent (participant, id, record, receipt) VALUES (?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET receipt = coalesce(excluded.receipt, receipt)",
        )
        .bind(records.participant.as_bytes().to_vec())
        .bind(header.id.as_bytes().to_vec())
        .bind(&records.consent)
        .bind(&records.receipt)
        .execute(&mut *tx)
        .await?;
        for withdrawal in &records.withdrawals {
            store_withdrawal(&mut tx, records.participant, withdrawal).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Stores a withdrawal. When this returns, no release that rests on the consent can begin.
    ///
    /// # Errors
    /// [`BrokerError`] where the participant is not enrolled or did not sign it.
    pub async fn withdraw(&self, participant: ParticipantId, withdrawal: &str) -> Result<(), BrokerError> {
        let mut inner = self.inner.lock().await;
        let key = signing_key_of(&mut inner.db, participant).await?.ok_or(BrokerError::UnknownParticipant)?;
        verify::<Withdrawal>(Typ::WITHDRAWAL, withdrawal, &key)?;
        store_withdrawal(&mut inner.db, participant, withdrawal).await
    }

    /// Starts a key period for a consent, and gives the public half for the receipt. Asking again gives the same one.
    ///
    /// # Errors
    /// [`BrokerError::PeriodEnded`] where an erasure destroyed that period's key pair.
    pub async fn new_period(
        &self,
        participant: ParticipantId,
        consent: ConsentId,
        period: u32,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<OpeningKey, BrokerError> {
        let mut inner = self.inner.lock().await;
        let Inner { db, custody } = &mut *inner;
        let shelf = shelf::open(db, custody.as_mut(), participant).await?;
        let known: Option<(Vec<u8>, bool)> =
            sqlx::query_as("SELECT public_key, ended FROM period WHERE participant = ? AND consent = ? AND period = ?")
                .bind(participant.as_bytes().to_vec())
                .bind(consent.as_bytes().to_vec())
                .bind(period)
                .fetch_optional(&mut *db)
                .await?;
        let malformed = |_| BrokerError::Corrupt { what: "a public key of the wrong length" };
        match known {
            Some((_, true)) => return Err(BrokerError::PeriodEnded { period }),
            Some((public, false)) => return OpeningKey::try_from(public.as_slice()).map_err(malformed),
            None => {}
        }
        let identity = Identity::generate(rng);
        let public = identity.recipient()?.to_bytes();
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let row = shelf::period_row(participant, consent, period);
        shelf::put(&mut tx, &shelf, participant, row, identity.seed().as_slice()).await?;
        sqlx::query("INSERT INTO period (participant, consent, period, public_key) VALUES (?, ?, ?, ?)")
            .bind(participant.as_bytes().to_vec())
            .bind(consent.as_bytes().to_vec())
            .bind(period)
            .bind(&public)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        OpeningKey::try_from(public.as_slice()).map_err(malformed)
    }

    /// The newest period of a consent, and whether an erasure destroyed its key pair.
    ///
    /// # Errors
    /// [`BrokerError::Database`].
    pub async fn last_period(
        &self,
        participant: ParticipantId,
        consent: ConsentId,
    ) -> Result<Option<(u32, bool)>, BrokerError> {
        let mut inner = self.inner.lock().await;
        let sql = "SELECT period, ended FROM period WHERE participant = ? AND consent = ? ORDER BY period DESC LIMIT 1";
        let row: Option<(i64, bool)> = sqlx::query_as(sql)
            .bind(participant.as_bytes().to_vec())
            .bind(consent.as_bytes().to_vec())
            .fetch_optional(&mut inner.db)
            .await?;
        row.map(|(period, ended)| Ok((db::number(period)?, ended))).transpose()
    }

    /// Stores the key of a file derived from `sources` (header hashes), all of one participant, on that participant's
    /// shelf: it goes when they do. Returns the terms under which it can be released. The same key again changes
    /// nothing.
    ///
    /// # Errors
    /// [`BrokerError::Sources`] where a source was erased in the meantime: the file can then never be opened.
    pub async fn store_file_key(
        &self,
        file: &FileRef,
        key: &Dek,
        sources: &[Hash],
        not_after: u64,
    ) -> Result<FileTerms, BrokerError> {
        let file = DerivedFile { file: *file, key: key.clone(), sources: sources.to_vec() };
        let mut terms = self.store_file_keys(std::slice::from_ref(&file), not_after).await?;
        terms.pop().ok_or(BrokerError::Sources)
    }

    /// [`Self::store_file_key`] for all files of a dataset: either every key is stored or none, so that a build whose
    /// source was erased meanwhile leaves nothing in the way of the next one.
    ///
    /// # Errors
    /// As [`Self::store_file_key`].
    pub async fn store_file_keys(&self, files: &[DerivedFile], not_after: u64) -> Result<Vec<FileTerms>, BrokerError> {
        let mut inner = self.inner.lock().await;
        let Inner { db, custody } = &mut *inner;
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        let mut all = Vec::with_capacity(files.len());
        for one in files {
            let (participant, terms) = terms(&mut tx, &one.sources, not_after).await?;
            let shelf = shelf::open(&mut tx, custody.as_mut(), participant).await?;
            store_file(&mut tx, &shelf, participant, one, &terms).await?;
            all.push(terms);
        }
        tx.commit().await?;
        Ok(all)
    }
}

async fn store_file(
    db: &mut SqliteConnection,
    shelf: &ShelfKey,
    participant: ParticipantId,
    one: &DerivedFile,
    terms: &FileTerms,
) -> Result<(), BrokerError> {
    let DerivedFile { file, key, .. } = one;
    let row = shelf::file_row(file);
    if let Some(stored) = shelf::get(db, shelf, row).await.map_err(|_| BrokerError::OtherFile)? {
        return if *stored == key.expose().as_slice() { Ok(()) } else { Err(BrokerError::OtherFile) };
    }
    shelf::put(db, shelf, participant, row, key.expose().as_slice()).await?;
    sqlx::query("INSERT INTO file (dataset, file, participant, terms) VALUES (?, ?, ?, ?)")
        .bind(file.dataset.as_bytes().to_vec())
        .bind(file.file.0.to_vec())
        .bind(participant.as_bytes().to_vec())
        .bind(serde_json::to_string(terms)?)
        .execute(db)
        .await?;
    Ok(())
}

/// The key a participant is enrolled with.
pub(crate) async fn signing_key_of(
    db: &mut SqliteConnection,
    participant: ParticipantId,
) -> Result<Option<PublicKey>, BrokerError> {
    let key: Option<Vec<u8>> = sqlx::query_scalar("SELECT signing_key FROM participant WHERE id = ?")
        .bind(participant.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    key.map(|key| db::fixed(&key).map(PublicKey::from_bytes)).transpose()
}

/// A stored consent record of the participant's.
pub(crate) async fn consent_record(
    db: &mut SqliteConnection,
    participant: ParticipantId,
    consent: ConsentId,
) -> Result<Signed<ConsentRecord>, BrokerError> {
    let key = signing_key_of(db, participant).await?.ok_or(BrokerError::UnknownParticipant)?;
    let record: Option<String> = sqlx::query_scalar("SELECT record FROM consent WHERE id = ? AND participant = ?")
        .bind(consent.as_bytes().to_vec())
        .bind(participant.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    Ok(verify(Typ::CONSENT, &record.ok_or(BrokerError::UnknownConsent)?, &key)?)
}

async fn store_withdrawal(
    db: &mut SqliteConnection,
    participant: ParticipantId,
    withdrawal: &str,
) -> Result<(), BrokerError> {
    sqlx::query("INSERT OR IGNORE INTO withdrawal (participant, record) VALUES (?, ?)")
        .bind(participant.as_bytes().to_vec())
        .bind(withdrawal)
        .execute(db)
        .await?;
    Ok(())
}

async fn terms(
    db: &mut SqliteConnection,
    sources: &[Hash],
    not_after: u64,
) -> Result<(ParticipantId, FileTerms), BrokerError> {
    let mut sources = sources.to_vec();
    sources.sort_unstable();
    sources.dedup();
    let mut consents = Vec::new();
    let mut found: Option<(ParticipantId, Purposes)> = None;
    for source in &sources {
        let header: Option<Vec<u8>> = sqlx::query_scalar("SELECT header FROM segment WHERE hash = ?")
            .bind(source.0.to_vec())
            .fetch_optional(&mut *db)
            .await?;
        let context = header_of(&header.ok_or(BrokerError::Sources)?)?.context;
        let (participant, purposes) = found.unwrap_or((context.participant, context.purposes));
        if participant != context.participant {
            return Err(BrokerError::Sources);
        }
        found = Some((participant, purposes.intersection(context.purposes)));
        consents.push(ConsentRef { id: context.consent, hash: context.consent_hash });
    }
    let (participant, purposes) = found.ok_or(BrokerError::Sources)?;
    consents.sort_unstable();
    consents.dedup();
    let mut terms = FileTerms { consents, purposes, not_after, sources };
    for consent in &terms.consents {
        let record = consent_record(db, participant, consent.id).await?;
        terms.not_after = terms.not_after.min(record.payload().event.validity.not_after);
    }
    Ok((participant, terms))
}

/// A stored header.
pub(crate) fn header_of(bytes: &[u8]) -> Result<Header, BrokerError> {
    Header::decode(&db::fixed(bytes)?).map_err(|_| BrokerError::Corrupt { what: "a segment header" })
}
