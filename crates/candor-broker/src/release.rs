//! The release: the one place where keys leave.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use candor_model::{EntryKind, FileRef, Hash, Header, Intent, ParticipantId, SegmentRef, SessionId};
use candor_policy::{Grant, Refusal};
use candor_seal::{Dek, Recipient, Rewrapped, RowId, ShelfKey, Wrap, WrapKey, rewrap};
use candor_store::{Logged, MetaError, MetaStore};
use rand_core::CryptoRng;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::MutexGuard;

use crate::accept::encapsulation;
use crate::broker::{Broker, BrokerError, Inner};
use crate::custody::Custody;
use crate::db::{fixed, integer, participant};
use crate::enrol::header_of;
use crate::records;
use crate::shelf;

/// How many log entries are read at once.
const PAGE: u32 = 256;

/// Whose turn it is to release. Nobody else's intent gets this value of the counter while it lasts.
#[must_use]
pub struct Turn<'a> {
    broker: &'a Broker,
    _turn: MutexGuard<'a, ()>,
    counter: u64,
}

/// Keys on their way to a builder's process. Open them with [`candor_seal::open_rewrapped`], bound to
/// [`Release::intent`]; each is named by its segment's header hash or by its derived file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Release {
    /// The hash of the intent's leaf, which the keys are bound to.
    pub intent: Hash,
    /// The custody counter's value.
    pub counter: u64,
    /// The keys.
    pub keys: Rewrapped,
}

impl Broker {
    /// Waits for the turn to release. Log an intent with its counter, then release with it, soon: others wait.
    pub async fn turn(&self) -> Turn<'_> {
        let turn = self.turn.lock().await;
        let counter = self.inner.lock().await.custody.counter() + 1;
        Turn { broker: self, _turn: turn, counter }
    }

    /// Counts the intents that were logged and then came to nothing, because the process died or logging failed half-way.
    /// Call it at start-up; [`Turn::give_up`] does the same after logging failed. Returns how many there were.
    ///
    /// # Errors
    /// [`ReleaseError::Counter`] where an intent before one of them was never counted.
    pub async fn catch_up(&self, meta: &MetaStore, rng: &mut (impl CryptoRng + Send)) -> Result<u64, ReleaseError> {
        let _turn = self.turn.lock().await;
        catch_up(&mut *self.inner.lock().await, meta, rng).await
    }
}

async fn catch_up(inner: &mut Inner, meta: &MetaStore, rng: &mut (impl CryptoRng + Send)) -> Result<u64, ReleaseError> {
    let (mut counted, mut from) = (0, 0);
    loop {
        let entries = meta.log_entries(EntryKind::Intent, from, PAGE).await?;
        let Some(last) = entries.last() else { return Ok(counted) };
        from = last.index + 1;
        for entry in entries {
            // An erased entry was counted long ago: only who reads it could have erased it.
            let Some((_, json)) = &entry.opened else { continue };
            let intent: Intent = serde_json::from_slice(json).map_err(BrokerError::from)?;
            let leaf = Hash::of(&[&[0][..], &entry.leaf.to_bytes()].concat());
            counted += u64::from(settle(inner, intent.counter, leaf, rng).await?);
        }
    }
}

impl Turn<'_> {
    /// The value of the counter that the intent must carry.
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Gives the turn back after logging an intent failed: the entry may be queued all the same, and then it is counted
    /// before anybody else gets its number. Returns how many were counted.
    ///
    /// # Errors
    /// As [`Broker::catch_up`].
    pub async fn give_up(self, meta: &MetaStore, rng: &mut (impl CryptoRng + Send)) -> Result<u64, ReleaseError> {
        catch_up(&mut *self.broker.inner.lock().await, meta, rng).await
    }

    /// Releases the keys of `grant`, re-wrapped to the ephemeral key of its request and bound to the intent's leaf.
    ///
    /// The intent is counted first, durably and once, whatever follows; then the policy decides again on records read
    /// under the same lock, so a consent withdrawn since the grant counts. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`ReleaseError`]; no key leaves then.
    ///
    /// # Example
    /// ```
    /// # use {candor_broker::*, candor_model::Intent, candor_policy::Grant, candor_store::Logged, rand_core::CryptoRng};
    /// async fn hand_over(turn: Turn<'_>, grant: Grant, intent: Logged<Intent>, rng: &mut (impl CryptoRng + Send)) {
    ///     let _ = turn.release(grant, intent, 0, rng).await;
    /// }
    /// ```
    /// An intent that is not in the log does not compile:
    /// ```compile_fail,E0308
    /// # use {candor_broker::*, candor_model::Intent, candor_policy::Grant, rand_core::CryptoRng};
    /// async fn hand_over(turn: Turn<'_>, grant: Grant, intent: Intent, rng: &mut (impl CryptoRng + Send)) {
    ///     let _ = turn.release(grant, intent, 0, rng).await;
    /// }
    /// ```
    pub async fn release(
        self,
        grant: Grant,
        intent: Logged<Intent>,
        now: u64,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<Release, ReleaseError> {
        let (entry, leaf) = (intent.entry(), intent.leaf_hash());
        let mut inner = self.broker.inner.lock().await;
        release(&mut inner, self.counter, &grant, entry, leaf, now, rng).await
    }
}

async fn release(
    inner: &mut Inner,
    counter: u64,
    grant: &Grant,
    intent: &Intent,
    leaf: Hash,
    now: u64,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Release, ReleaseError> {
    count(inner, counter, intent, leaf, rng).await?;
    if *intent != grant.intent(counter) {
        return Err(ReleaseError::OtherIntent);
    }
    let Inner { db, custody } = inner;
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await.map_err(BrokerError::from)?;
    let records = records::read(&mut tx, grant.selection()).await?;
    grant.still_holds(&records, now).map_err(ReleaseError::Refused)?;
    let mut opener = Opener { shelves: BTreeMap::new(), wrap_keys: BTreeMap::new() };
    let mut deks = Vec::with_capacity(grant.selection().segments().len() + grant.selection().files().len());
    for at in grant.selection().segments() {
        deks.push((at.header, opener.segment(&mut tx, custody.as_mut(), at).await?));
    }
    for at in grant.selection().files() {
        deks.push((at.file, opener.file(&mut tx, custody.as_mut(), at).await?));
    }
    let ephemeral = Recipient::from_bytes(grant.request().payload().ephemeral.as_bytes()).map_err(BrokerError::from)?;
    let keys = rewrap(&ephemeral, leaf, &deks, rng).map_err(BrokerError::from)?;
    // Noted before they leave: the table may name keys that never arrived, never fewer than left.
    sqlx::query("UPDATE intent SET keys = ? WHERE counter = ?")
        .bind(integer(deks.len() as u64))
        .bind(integer(counter))
        .execute(&mut *tx)
        .await
        .map_err(BrokerError::from)?;
    tx.commit().await.map_err(BrokerError::from)?;
    Ok(Release { intent: leaf, counter, keys })
}

/// Counts an intent: custody first, so that a crash in between leaves a value that [`Broker::catch_up`] finds, and never an intent
/// that releases twice.
async fn count(
    inner: &mut Inner,
    counter: u64,
    intent: &Intent,
    leaf: Hash,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(), ReleaseError> {
    let next = inner.custody.counter() + 1;
    if intent.counter != next || counter != next {
        return Err(ReleaseError::Counter { intent: intent.counter, next });
    }
    inner.custody.increment_counter(rng).map_err(BrokerError::from)?;
    note(&mut inner.db, counter, leaf).await
}

async fn note(db: &mut SqliteConnection, counter: u64, leaf: Hash) -> Result<(), ReleaseError> {
    sqlx::query("INSERT INTO intent (counter, leaf, keys) VALUES (?, ?, 0)")
        .bind(integer(counter))
        .bind(leaf.0.to_vec())
        .execute(db)
        .await
        .map_err(BrokerError::from)?;
    Ok(())
}

async fn settle(
    inner: &mut Inner,
    counter: u64,
    leaf: Hash,
    rng: &mut (impl CryptoRng + Send),
) -> Result<bool, ReleaseError> {
    // A value that another intent has taken cannot be counted again; whoever compares log and counter sees the surplus.
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM intent WHERE counter = ?")
        .bind(integer(counter))
        .fetch_one(&mut inner.db)
        .await
        .map_err(BrokerError::from)?;
    let next = inner.custody.counter() + 1;
    if known > 0 {
        return Ok(false);
    }
    if counter > next {
        return Err(ReleaseError::Counter { intent: counter, next });
    }
    if counter == next {
        inner.custody.increment_counter(rng).map_err(BrokerError::from)?;
    }
    note(&mut inner.db, counter, leaf).await.map(|()| true)
}

/// Opens keys, each shelf and each wrapping key once.
struct Opener {
    shelves: BTreeMap<ParticipantId, ShelfKey>,
    wrap_keys: BTreeMap<(SessionId, u32), WrapKey>,
}

impl Opener {
    async fn shelf(
        &mut self,
        db: &mut SqliteConnection,
        custody: &mut dyn Custody,
        participant: ParticipantId,
    ) -> Result<&ShelfKey, BrokerError> {
        match self.shelves.entry(participant) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(shelf::open(db, custody, participant).await?)),
        }
    }

    async fn segment(
        &mut self,
        db: &mut SqliteConnection,
        custody: &mut dyn Custody,
        at: &SegmentRef,
    ) -> Result<Dek, ReleaseError> {
        let row: Option<(Vec<u8>, bool)> = sqlx::query_as("SELECT header, direct FROM segment WHERE hash = ?")
            .bind(at.header.0.to_vec())
            .fetch_optional(&mut *db)
            .await
            .map_err(BrokerError::from)?;
        let (header, direct) = row.ok_or(ReleaseError::Gone)?;
        let header = header_of(&header)?;
        self.shelf(db, custody, header.context.participant).await?;
        let shelf = self.shelves.get(&header.context.participant).ok_or(ReleaseError::Gone)?;
        segment_key(db, shelf, &mut self.wrap_keys, &header, direct).await
    }

    async fn file(
        &mut self,
        db: &mut SqliteConnection,
        custody: &mut dyn Custody,
        at: &FileRef,
    ) -> Result<Dek, ReleaseError> {
        let owner: Option<Vec<u8>> = sqlx::query_scalar("SELECT participant FROM file WHERE dataset = ? AND file = ?")
            .bind(at.dataset.as_bytes().to_vec())
            .bind(at.file.0.to_vec())
            .fetch_optional(&mut *db)
            .await
            .map_err(BrokerError::from)?;
        let owner = participant(&owner.ok_or(ReleaseError::Gone)?)?;
        let shelf = self.shelf(db, custody, owner).await?;
        let key = shelf::get(db, shelf, shelf::file_row(at)).await?.ok_or(ReleaseError::Gone)?;
        Ok(Dek::from_bytes(fixed(&key)?))
    }
}

/// A segment's key from its row: the device's wrap, or the key itself where the period has ended.
pub(crate) async fn segment_key(
    db: &mut SqliteConnection,
    shelf: &ShelfKey,
    wrap_keys: &mut BTreeMap<(SessionId, u32), WrapKey>,
    header: &Header,
    direct: bool,
) -> Result<Dek, ReleaseError> {
    let hash = header.hash();
    let row = if direct { shelf::direct_row(hash) } else { RowId::wrap(hash) };
    let content = shelf::get(db, shelf, row).await?.ok_or(ReleaseError::Gone)?;
    if direct {
        return Ok(Dek::from_bytes(fixed(&content)?));
    }
    let key = (header.context.session, header.encapsulation);
    if let Entry::Vacant(entry) = wrap_keys.entry(key) {
        let encapsulation = encapsulation(db, header).await?.ok_or(ReleaseError::Gone)?;
        let identity = shelf::identity(db, shelf, &header.context).await?;
        let key = WrapKey::decapsulate(&identity, &header.context, &encapsulation).map_err(BrokerError::from)?;
        entry.insert(key);
    }
    let wrap_key = wrap_keys.get(&key).ok_or(ReleaseError::Gone)?;
    Ok(wrap_key.unwrap(hash, &Wrap(fixed(&content)?)).map_err(BrokerError::from)?)
}

/// Why no key left.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The intent's counter is not the next one: it was used, or another intent is missing.
    #[error("the intent carries counter {intent}, the next one is {next}; log a new intent")]
    Counter {
        /// What the intent carries.
        intent: u64,
        /// What it should be.
        next: u64,
    },
    /// The logged intent is not the grant's.
    #[error("the logged intent is not the one of this grant")]
    OtherIntent,
    /// The policy says no, now.
    #[error("refused at the last moment: {0}")]
    Refused(Refusal),
    /// A key is not there any more.
    #[error("a key that was granted is not there any more; ask again")]
    Gone,
    /// The log's entries could not be read.
    #[error(transparent)]
    Log(#[from] MetaError),
    /// Anything below.
    #[error(transparent)]
    Broker(#[from] BrokerError),
}
