//! Erasing: delete the rows, re-seal the participant's survivors under a fresh shelf key, rotate custody.
//!
//! | step | durable afterwards | a crash after it |
//! |---|---|---|
//! | rows | rows gone, survivors under a fresh shelf key, the erasure noted as under way | opening the broker goes on |
//! | generation | a fresh custody generation | goes on with that generation |
//! | reseal | every shelf key sealed under it | goes on |
//! | checkpoint | no old page in the write-ahead log | goes on |
//! | destroy | the older generations gone: copies of the database taken before the first step open nothing of it | goes on |
//! | done | the erasure noted as done | nothing left to do |

use std::collections::BTreeMap;

use candor_consent::Signed;
use candor_model::{
    DatasetId, EraseReceipt, EraseRequest, EraseWhat, FileRef, Hash, Header, ParticipantId, SegmentRef, Selection,
    SessionId,
};
use candor_seal::{RowId, ShelfKey, WrapKey};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, SqliteConnection};

use crate::broker::{Broker, BrokerError, Inner};
use crate::custody::Custody;
use crate::db::{self, count, fixed, integer};
use crate::enrol::{FileTerms, header_of, signing_key_of};
use crate::release::{ReleaseError, segment_key};
use crate::shelf;

/// What an erasure took. The caller deletes the objects and marks the datasets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The hash of the signed request.
    pub request: Hash,
    /// Whose.
    pub participant: ParticipantId,
    /// The segments and derived files whose keys are gone.
    pub gone: Selection,
    /// The datasets that are tainted by it, sorted.
    pub datasets: Vec<DatasetId>,
    /// The oldest custody generation that is left.
    pub generation: u64,
}

impl Erased {
    /// What the vault signs and logs; `at` in Unix seconds.
    pub fn receipt(&self, at: u64) -> EraseReceipt {
        EraseReceipt {
            request: self.request,
            participant: self.participant,
            segments: self.gone.segments().len() as u64,
            files: self.gone.files().len() as u64,
            erased: self.gone.commitment(),
            datasets: self.datasets.clone(),
            generation: self.generation,
            at,
        }
    }
}

/// What is remembered of an erasure.
#[derive(Serialize, Deserialize)]
struct Outcome {
    participant: ParticipantId,
    gone: Selection,
    datasets: Vec<DatasetId>,
}

/// Where an erasure can be interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Rows,
    Generation,
    Reseal,
    Checkpoint,
    Destroy,
}

impl Broker {
    /// Erases what a participant's signed request says. When this returns, nothing of it opens with this custody, not
    /// even from copies of the database taken before. The same request again gives the same answer and erases nothing
    /// new; after a crash, opening the broker completes it.
    ///
    /// # Errors
    /// [`EraseError`] where the request is not the participant's, or the database or custody failed; then it is
    /// completed when the broker is next opened, or the request is repeated.
    pub async fn erase(
        &self,
        request: &Signed<EraseRequest>,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<Erased, EraseError> {
        erase(&mut *self.inner.lock().await, request, rng, None).await
    }

    /// The segments and derived files that a request would erase: what the participant is shown before.
    ///
    /// # Errors
    /// [`BrokerError::Database`].
    pub async fn would_erase(&self, participant: ParticipantId, what: &EraseWhat) -> Result<Selection, BrokerError> {
        let mut inner = self.inner.lock().await;
        let segments = matching(&mut inner.db, participant, what).await?;
        let files = derived(&mut inner.db, participant, what, &segments).await?;
        Ok(Selection::new(segments.iter().map(segment_ref).collect(), files))
    }
}

pub(crate) async fn erase(
    inner: &mut Inner,
    request: &Signed<EraseRequest>,
    rng: &mut (impl CryptoRng + Send),
    stop: Option<Step>,
) -> Result<Erased, EraseError> {
    let said = request.payload();
    let key = signing_key_of(&mut inner.db, said.participant).await?.ok_or(BrokerError::UnknownParticipant)?;
    if key != request.signer() {
        return Err(EraseError::OtherSigner);
    }
    let outcome = match remembered(&mut inner.db, request.hash()).await? {
        Some(outcome) => outcome,
        None => drop_rows(inner, request, rng).await?,
    };
    if stop == Some(Step::Rows) {
        return Err(EraseError::Interrupted);
    }
    rotate(inner, rng, stop).await?;
    if stop.is_some() {
        return Err(EraseError::Interrupted);
    }
    let Outcome { participant, gone, datasets } = outcome;
    Ok(Erased { request: request.hash(), participant, gone, datasets, generation: inner.custody.oldest() })
}

async fn remembered(db: &mut SqliteConnection, request: Hash) -> Result<Option<Outcome>, BrokerError> {
    let outcome: Option<String> = sqlx::query_scalar("SELECT outcome FROM erasure WHERE request = ?")
        .bind(request.0.to_vec())
        .fetch_optional(db)
        .await?;
    Ok(outcome.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The first step, one transaction.
async fn drop_rows(
    inner: &mut Inner,
    request: &Signed<EraseRequest>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Outcome, EraseError> {
    let Inner { db, custody } = inner;
    let EraseRequest { participant, what, drained, .. } = request.payload();
    let (participant, drained) = (*participant, *drained);
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await.map_err(BrokerError::from)?;
    let old = shelf::open(&mut tx, custody.as_mut(), participant).await?;
    let segments = matching(&mut tx, participant, what).await?;
    let files = derived(&mut tx, participant, what, &segments).await?;
    remember_erased(&mut tx, participant, what, &segments).await?;
    for header in &segments {
        delete_segment(&mut tx, header).await?;
    }
    for file in &files {
        delete_file(&mut tx, file).await?;
    }
    if *what == EraseWhat::Everything {
        end_everything(&mut tx, participant).await?;
    } else if drained {
        end_periods(&mut tx, &old, participant, &segments).await?;
    }
    let mut datasets: Vec<DatasetId> = files.iter().map(|file| file.dataset).collect();
    datasets.sort_unstable();
    datasets.dedup();
    for dataset in &datasets {
        let sql = "UPDATE file SET tainted = 1 WHERE dataset = ?";
        sqlx::query(sql).bind(dataset.as_bytes().to_vec()).execute(&mut *tx).await.map_err(BrokerError::from)?;
    }
    reseal_rows(&mut tx, custody.as_mut(), participant, &old, rng).await?;
    let gone = Selection::new(segments.iter().map(segment_ref).collect(), files);
    let outcome = Outcome { participant, gone, datasets };
    sqlx::query("INSERT INTO erasure (request, before, outcome, done) VALUES (?, ?, ?, 0)")
        .bind(request.hash().0.to_vec())
        .bind(integer(custody.generation()))
        .bind(serde_json::to_string(&outcome).map_err(BrokerError::from)?)
        .execute(&mut *tx)
        .await
        .map_err(BrokerError::from)?;
    tx.commit().await.map_err(BrokerError::from)?;
    Ok(outcome)
}

fn segment_ref(header: &Header) -> SegmentRef {
    SegmentRef { session: header.context.session, number: header.number, header: header.hash() }
}

/// The headers of the participant's segments that `what` covers.
async fn matching(
    db: &mut SqliteConnection,
    participant: ParticipantId,
    what: &EraseWhat,
) -> Result<Vec<Header>, BrokerError> {
    let sql = "SELECT header FROM segment WHERE participant = ? AND (? IS NULL OR session = ?)
               AND number BETWEEN ? AND ? ORDER BY session, number";
    // By place, so that spans that overlap name each segment once.
    let mut found = BTreeMap::new();
    for (session, first, last) in ranges(what) {
        let session = session.map(|session| session.as_bytes().to_vec());
        let headers: Vec<Vec<u8>> = sqlx::query_scalar(sql)
            .bind(participant.as_bytes().to_vec())
            .bind(&session)
            .bind(&session)
            .bind(first)
            .bind(last)
            .fetch_all(&mut *db)
            .await?;
        for header in headers {
            let header = header_of(&header)?;
            found.insert((header.context.session, header.number), header);
        }
    }
    Ok(found.into_values().collect())
}

/// The numbers that `what` covers, session by session; of every session where none is named.
fn ranges(what: &EraseWhat) -> Vec<(Option<SessionId>, u32, u32)> {
    match what {
        EraseWhat::Spans(spans) => spans.iter().map(|span| (Some(span.session), span.first, span.last)).collect(),
        EraseWhat::Session { session } => vec![(Some(*session), 0, u32::MAX)],
        EraseWhat::Everything => vec![(None, 0, u32::MAX)],
    }
}

/// The participant's derived files that were made from any of `segments`.
async fn derived(
    db: &mut SqliteConnection,
    participant: ParticipantId,
    what: &EraseWhat,
    segments: &[Header],
) -> Result<Vec<FileRef>, BrokerError> {
    let rows: Vec<(Vec<u8>, Vec<u8>, String)> =
        sqlx::query_as("SELECT dataset, file, terms FROM file WHERE participant = ?")
            .bind(participant.as_bytes().to_vec())
            .fetch_all(db)
            .await?;
    let mut erased: Vec<Hash> = segments.iter().map(Header::hash).collect();
    erased.sort_unstable();
    let mut files = Vec::new();
    for (dataset, file, terms) in rows {
        let terms: FileTerms = serde_json::from_str(&terms)?;
        let touched = terms.sources.iter().any(|source| erased.binary_search(source).is_ok());
        if touched || *what == EraseWhat::Everything {
            files.push(FileRef { dataset: DatasetId::from_bytes(fixed(&dataset)?), file: db::hash(&file)? });
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Notes what may not be uploaded again, also where it never was uploaded.
async fn remember_erased(
    db: &mut SqliteConnection,
    participant: ParticipantId,
    what: &EraseWhat,
    segments: &[Header],
) -> Result<(), BrokerError> {
    let mut spans = Vec::new();
    for (session, first, last) in ranges(what) {
        let known = segments.iter().map(|header| header.context.session).filter(|_| session.is_none());
        spans.extend(known.chain(session).map(|session| (session, first, last)));
    }
    spans.sort_unstable();
    spans.dedup();
    for (session, first, last) in spans {
        sqlx::query("INSERT OR IGNORE INTO erased (participant, session, first, last) VALUES (?, ?, ?, ?)")
            .bind(participant.as_bytes().to_vec())
            .bind(session.as_bytes().to_vec())
            .bind(first)
            .bind(last)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

async fn delete_segment(db: &mut SqliteConnection, header: &Header) -> Result<(), BrokerError> {
    let hash = header.hash();
    shelf::delete(db, RowId::wrap(hash)).await?;
    shelf::delete(db, shelf::direct_row(hash)).await?;
    sqlx::query("DELETE FROM segment WHERE hash = ?").bind(hash.0.to_vec()).execute(db).await?;
    Ok(())
}

async fn delete_file(db: &mut SqliteConnection, file: &FileRef) -> Result<(), BrokerError> {
    shelf::delete(db, shelf::file_row(file)).await?;
    sqlx::query("DELETE FROM file WHERE dataset = ? AND file = ?")
        .bind(file.dataset.as_bytes().to_vec())
        .bind(file.file.0.to_vec())
        .execute(db)
        .await?;
    Ok(())
}

async fn end_everything(db: &mut SqliteConnection, participant: ParticipantId) -> Result<(), BrokerError> {
    for sql in [
        "DELETE FROM key_row WHERE participant = ?",
        "DELETE FROM encapsulation WHERE participant = ?",
        "UPDATE period SET ended = 1 WHERE participant = ?",
    ] {
        sqlx::query(sql).bind(participant.as_bytes().to_vec()).execute(&mut *db).await?;
    }
    Ok(())
}

/// Destroys the key pairs that the erased segments were sealed to; what survives under them is kept as keys of its own.
/// Without this, a wrap copied from a device before the erasure would still open.
async fn end_periods(
    db: &mut SqliteConnection,
    shelf: &ShelfKey,
    participant: ParticipantId,
    erased: &[Header],
) -> Result<(), EraseError> {
    let place = |header: &Header| (header.context.consent, header.context.period);
    let mut ended: Vec<_> = erased.iter().map(place).collect();
    ended.sort_unstable();
    ended.dedup();
    let mut wrap_keys: BTreeMap<(SessionId, u32), WrapKey> = BTreeMap::new();
    for header in matching(db, participant, &EraseWhat::Everything).await? {
        let hash = header.hash();
        let direct: bool = sqlx::query_scalar("SELECT direct FROM segment WHERE hash = ?")
            .bind(hash.0.to_vec())
            .fetch_one(&mut *db)
            .await
            .map_err(BrokerError::from)?;
        if direct || ended.binary_search(&place(&header)).is_err() {
            continue;
        }
        let dek = segment_key(db, shelf, &mut wrap_keys, &header, false).await?;
        shelf::put(db, shelf, participant, shelf::direct_row(hash), dek.expose().as_slice()).await?;
        shelf::delete(db, RowId::wrap(hash)).await?;
        let sql = "UPDATE segment SET direct = 1 WHERE hash = ?";
        sqlx::query(sql).bind(hash.0.to_vec()).execute(&mut *db).await.map_err(BrokerError::from)?;
    }
    for (consent, period) in ended {
        shelf::delete(db, shelf::period_row(participant, consent, period)).await?;
        sqlx::query("UPDATE period SET ended = 1 WHERE participant = ? AND consent = ? AND period = ?")
            .bind(participant.as_bytes().to_vec())
            .bind(consent.as_bytes().to_vec())
            .bind(period)
            .execute(&mut *db)
            .await
            .map_err(BrokerError::from)?;
    }
    Ok(())
}

/// Seals what is left of the participant's rows under a fresh shelf key.
async fn reseal_rows(
    db: &mut SqliteConnection,
    custody: &mut dyn Custody,
    participant: ParticipantId,
    old: &ShelfKey,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(), BrokerError> {
    let fresh = ShelfKey::generate(rng);
    let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as("SELECT id, sealed FROM key_row WHERE participant = ?")
        .bind(participant.as_bytes().to_vec())
        .fetch_all(&mut *db)
        .await?;
    for (id, sealed) in rows {
        let row = RowId(db::hash(&id)?);
        let secret = old.open(row, &sealed)?;
        sqlx::query("UPDATE key_row SET sealed = ? WHERE id = ?")
            .bind(fresh.seal(row, &secret)?)
            .bind(id)
            .execute(&mut *db)
            .await?;
    }
    let (generation, sealed) = shelf::seal(custody, participant, &fresh, rng)?;
    store_shelf(db, participant, generation, sealed).await
}

async fn store_shelf(
    db: &mut SqliteConnection,
    participant: ParticipantId,
    generation: i64,
    sealed: Vec<u8>,
) -> Result<(), BrokerError> {
    sqlx::query("UPDATE participant SET generation = ?, shelf = ? WHERE id = ?")
        .bind(generation)
        .bind(sealed)
        .bind(participant.as_bytes().to_vec())
        .execute(db)
        .await?;
    Ok(())
}

/// Completes every erasure that is under way; they share one rotation. `stop` is for tests: stop after that step.
pub(crate) async fn rotate(
    inner: &mut Inner,
    rng: &mut (impl CryptoRng + Send),
    stop: Option<Step>,
) -> Result<(), BrokerError> {
    let Inner { db, custody } = inner;
    let before: Option<i64> =
        sqlx::query_scalar("SELECT max(before) FROM erasure WHERE done = 0").fetch_one(&mut *db).await?;
    let Some(before) = before else { return Ok(()) };
    if custody.generation() <= count(before)? {
        custody.new_generation(rng)?;
    }
    let newest = custody.generation();
    if stop == Some(Step::Generation) {
        return Ok(());
    }
    reseal_shelves(db, custody.as_mut(), newest, rng).await?;
    if stop == Some(Step::Reseal) {
        return Ok(());
    }
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *db).await?;
    if busy != 0 {
        return Err(BrokerError::Corrupt { what: "another process holds its write-ahead log" });
    }
    if stop == Some(Step::Checkpoint) {
        return Ok(());
    }
    custody.destroy_below(newest, rng)?;
    if stop == Some(Step::Destroy) {
        return Ok(());
    }
    sqlx::query("UPDATE erasure SET done = 1 WHERE before < ?").bind(integer(newest)).execute(db).await?;
    Ok(())
}

async fn reseal_shelves(
    db: &mut SqliteConnection,
    custody: &mut dyn Custody,
    newest: u64,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(), BrokerError> {
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
    let shelves: Vec<(Vec<u8>, i64, Vec<u8>)> =
        sqlx::query_as("SELECT id, generation, shelf FROM participant WHERE generation < ?")
            .bind(integer(newest))
            .fetch_all(&mut *tx)
            .await?;
    for (id, generation, sealed) in shelves {
        let participant = db::participant(&id)?;
        let place = shelf::place(participant);
        let key = custody.unseal(count(generation)?, &place, &sealed)?;
        let sealed = custody.seal(newest, &place, &key, rng)?;
        store_shelf(&mut tx, participant, integer(newest), sealed).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Why nothing was erased, or not all yet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseError {
    /// Somebody else signed the request.
    #[error("the request to erase is not signed by the participant")]
    OtherSigner,
    /// It stopped half-way; opening the broker, or the same request, completes it.
    #[error("the erasure was interrupted; repeat the request to complete it")]
    Interrupted,
    /// A survivor's key could not be kept.
    #[error("a key that stays could not be read: {0}")]
    Survivor(#[from] ReleaseError),
    /// Anything below.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}
