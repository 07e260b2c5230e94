//! What a copy of the database still opens: the question an erasure has to answer.

use std::collections::BTreeMap;
use std::path::Path;

use candor_model::ParticipantId;
use candor_seal::ShelfKey;

use crate::broker::BrokerError;
use crate::custody::Custody;
use crate::db;
use crate::enrol::header_of;
use crate::release::segment_key;
use crate::shelf;

/// How many of a participant's segment keys open from `copy`, a copy of the database taken at any time, with the custody
/// of today and the shelves of `today`, the database as it is now. No key leaves; each is dropped at once.
///
/// Not provided: what a copy of custody itself would open.
///
/// # Errors
/// [`BrokerError`] where a database cannot be read.
pub async fn opens(
    copy: &Path,
    today: &Path,
    custody: &mut dyn Custody,
    participant: ParticipantId,
) -> Result<u64, BrokerError> {
    let (mut old, mut now) = (db::open(copy).await?, db::open(today).await?);
    // The shelf key as the copy has it, and as it is now: erasing must have made both useless for the copy's rows.
    let shelves: Vec<ShelfKey> = [
        shelf::open(&mut old, custody, participant).await.ok(),
        shelf::open(&mut now, custody, participant).await.ok(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let segments: Vec<(Vec<u8>, bool)> = sqlx::query_as("SELECT header, direct FROM segment WHERE participant = ?")
        .bind(participant.as_bytes().to_vec())
        .fetch_all(&mut old)
        .await?;
    let mut opened = 0;
    for (header, direct) in segments {
        let header = header_of(&header)?;
        for shelf in &shelves {
            if segment_key(&mut old, shelf, &mut BTreeMap::new(), &header, direct).await.is_ok() {
                opened += 1;
                break;
            }
        }
    }
    Ok(opened)
}
