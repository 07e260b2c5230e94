//! A participant's shelf in the database: the shelf key sealed by custody, the rows sealed under it.

use candor_model::header::SessionContext;
use candor_model::{ConsentId, FileRef, Hash, ParticipantId};
use candor_seal::{Identity, RowId, ShelfKey};
use rand_core::CryptoRng;
use sqlx::SqliteConnection;
use zeroize::Zeroizing;

use crate::broker::BrokerError;
use crate::custody::Custody;
use crate::db::{count, fixed, integer};

/// Where a shelf key is valid.
pub(crate) fn place(participant: ParticipantId) -> Vec<u8> {
    [b"candor shelf v1", &participant.as_bytes()[..]].concat()
}

/// The row of a period's secret half.
pub(crate) fn period_row(participant: ParticipantId, consent: ConsentId, period: u32) -> RowId {
    RowId::of("candor row period v1", &[participant.as_bytes(), consent.as_bytes(), &period.to_be_bytes()])
}

/// The row of a segment's key whose period has ended.
pub(crate) fn direct_row(header: Hash) -> RowId {
    RowId::of("candor row dek v1", &[&header.0])
}

/// The row of a derived file's key.
pub(crate) fn file_row(file: &FileRef) -> RowId {
    RowId::of("candor row file v1", &[file.dataset.as_bytes(), &file.file.0])
}

/// Opens a participant's shelf.
pub(crate) async fn open(
    db: &mut SqliteConnection,
    custody: &mut dyn Custody,
    participant: ParticipantId,
) -> Result<ShelfKey, BrokerError> {
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT generation, shelf FROM participant WHERE id = ?")
        .bind(participant.as_bytes().to_vec())
        .fetch_optional(db)
        .await?;
    let (generation, sealed) = row.ok_or(BrokerError::UnknownParticipant)?;
    let key = custody.unseal(count(generation)?, &place(participant), &sealed)?;
    Ok(ShelfKey::from_bytes(fixed(&key)?))
}

/// Seals a shelf key under the newest generation; returns the generation and the sealed key.
pub(crate) fn seal(
    custody: &mut dyn Custody,
    participant: ParticipantId,
    shelf: &ShelfKey,
    rng: &mut (dyn CryptoRng + Send),
) -> Result<(i64, Vec<u8>), BrokerError> {
    let generation = custody.generation();
    let sealed = custody.seal(generation, &place(participant), shelf.expose().as_slice(), rng)?;
    Ok((integer(generation), sealed))
}

/// Writes a row.
pub(crate) async fn put(
    db: &mut SqliteConnection,
    shelf: &ShelfKey,
    participant: ParticipantId,
    row: RowId,
    secret: &[u8],
) -> Result<(), BrokerError> {
    sqlx::query("INSERT INTO key_row (id, participant, sealed) VALUES (?, ?, ?)")
        .bind(row.0.0.to_vec())
        .bind(participant.as_bytes().to_vec())
        .bind(shelf.seal(row, secret)?)
        .execute(db)
        .await?;
    Ok(())
}

/// Reads a row; `None` where it was erased or never written.
pub(crate) async fn get(
    db: &mut SqliteConnection,
    shelf: &ShelfKey,
    row: RowId,
) -> Result<Option<Zeroizing<Vec<u8>>>, BrokerError> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM key_row WHERE id = ?").bind(row.0.0.to_vec()).fetch_optional(db).await?;
    Ok(sealed.map(|sealed| shelf.open(row, &sealed)).transpose()?)
}

/// Deletes a row.
pub(crate) async fn delete(db: &mut SqliteConnection, row: RowId) -> Result<(), BrokerError> {
    sqlx::query("DELETE FROM key_row WHERE id = ?").bind(row.0.0.to_vec()).execute(db).await?;
    Ok(())
}

/// The secret half of the key pair that a session's keys are wrapped for.
pub(crate) async fn identity(
    db: &mut SqliteConnection,
    shelf: &ShelfKey,
    context: &SessionContext,
) -> Result<Identity, BrokerError> {
    let row = period_row(context.participant, context.consent, context.period);
    let seed = get(db, shelf, row).await?.ok_or(BrokerError::PeriodEnded { period: context.period })?;
    Ok(Identity::from_seed(fixed(&seed)?))
}
