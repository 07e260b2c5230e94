//! The policy's records, from the broker's own database and from nowhere else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use candor_model::grant::ConsentRef;
use candor_model::{FileRef, ParticipantId, Principal, Program, SegmentRef, Selection};
use candor_policy::{Material, Records, Subject};
use sqlx::SqliteConnection;

use crate::broker::{Broker, BrokerError};
use crate::db;
use crate::enrol::{FileTerms, header_of, signing_key_of};

impl Broker {
    /// What the policy decides on for `selection`.
    ///
    /// # Errors
    /// [`BrokerError`] where there is no program yet or the database cannot be read.
    pub async fn records(&self, selection: &Selection) -> Result<Records, BrokerError> {
        read(&mut self.inner.lock().await.db, selection).await
    }
}

pub(crate) async fn read(db: &mut SqliteConnection, selection: &Selection) -> Result<Records, BrokerError> {
    let program: Option<String> =
        sqlx::query_scalar("SELECT record FROM program WHERE one = 1").fetch_optional(&mut *db).await?;
    let program: Program = serde_json::from_str(&program.ok_or(BrokerError::NoProgram)?)?;
    let principals: Vec<String> = sqlx::query_scalar("SELECT record FROM principal").fetch_all(&mut *db).await?;
    let principals = principals.iter().map(|text| serde_json::from_str(text)).collect::<Result<Vec<Principal>, _>>()?;
    let mut segments = BTreeMap::new();
    for at in selection.segments() {
        segments.extend(segment(db, at).await?.map(|found| (*at, found)));
    }
    let mut files = BTreeMap::new();
    for at in selection.files() {
        files.extend(file(db, at).await?.map(|found| (*at, found)));
    }
    let mut subjects = BTreeMap::new();
    for material in segments.values().chain(files.values()) {
        if let Entry::Vacant(entry) = subjects.entry(material.participant) {
            entry.insert(subject(db, material.participant).await?);
        }
    }
    Ok(Records { program, principals, subjects, segments, files })
}

async fn segment(db: &mut SqliteConnection, at: &SegmentRef) -> Result<Option<Material>, BrokerError> {
    let sql = "SELECT header, hold_back_until FROM segment WHERE session = ? AND number = ? AND hash = ?";
    let row: Option<(Vec<u8>, i64)> = sqlx::query_as(sql)
        .bind(at.session.as_bytes().to_vec())
        .bind(at.number)
        .bind(at.header.0.to_vec())
        .fetch_optional(db)
        .await?;
    let Some((header, hold_back_until)) = row else { return Ok(None) };
    let context = header_of(&header)?.context;
    Ok(Some(Material {
        participant: context.participant,
        consents: vec![ConsentRef { id: context.consent, hash: context.consent_hash }],
        purposes: context.purposes,
        hold_back_until: db::count(hold_back_until)?,
        not_after: None,
        tainted: false,
    }))
}

async fn file(db: &mut SqliteConnection, at: &FileRef) -> Result<Option<Material>, BrokerError> {
    let row: Option<(Vec<u8>, String, bool)> =
        sqlx::query_as("SELECT participant, terms, tainted FROM file WHERE dataset = ? AND file = ?")
            .bind(at.dataset.as_bytes().to_vec())
            .bind(at.file.0.to_vec())
            .fetch_optional(db)
            .await?;
    let Some((participant, terms, tainted)) = row else { return Ok(None) };
    let terms: FileTerms = serde_json::from_str(&terms)?;
    Ok(Some(Material {
        participant: db::participant(&participant)?,
        consents: terms.consents,
        purposes: terms.purposes,
        hold_back_until: 0,
        not_after: Some(terms.not_after),
        tainted,
    }))
}

async fn subject(db: &mut SqliteConnection, participant: ParticipantId) -> Result<Subject, BrokerError> {
    let signing_key = signing_key_of(db, participant).await?.ok_or(BrokerError::UnknownParticipant)?;
    let withdrawals: Vec<String> = sqlx::query_scalar("SELECT record FROM withdrawal WHERE participant = ?")
        .bind(participant.as_bytes().to_vec())
        .fetch_all(&mut *db)
        .await?;
    let consents: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT record, receipt FROM consent WHERE participant = ? ORDER BY seq")
            .bind(participant.as_bytes().to_vec())
            .fetch_all(db)
            .await?;
    let consents = consents.into_iter().map(|(consent, receipt)| candor_consent::Records {
        participant,
        signing_key,
        consent,
        receipt,
        withdrawals: withdrawals.clone(),
    });
    Ok(Subject { consents: consents.collect() })
}
