//! Sessions, and the chains of segments and tombstones that the vault accepted.

use candor_model::{ConsentId, DeviceId, Hash, LogEntry, ParticipantId, SessionId};
use candor_seal::ChainRecord;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::log_entry::insert;
use super::{MetaError, MetaStore, Result, Write, bytes, hash, int, optional, unsigned};
use crate::log::{Draft, Queued};

/// A session and how far its chain reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The session.
    pub session: SessionId,
    /// Whose.
    pub participant: ParticipantId,
    /// The device that signs its headers.
    pub device: DeviceId,
    /// The consent its segments name.
    pub consent: ConsentId,
    /// The number of the next link.
    pub next: u32,
    /// The chain's head before that link.
    pub head: Hash,
}

/// What a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A segment.
    Segment {
        /// Its header's hash.
        header: Hash,
        /// The object's hash; nothing once erased.
        object: Option<Hash>,
        /// The object's length in bytes.
        bytes: u64,
    },
    /// A segment that was destroyed before upload.
    Tombstone,
}

/// One accepted link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// The session.
    pub session: SessionId,
    /// The number in the session.
    pub number: u32,
    /// What it is.
    pub link: Link,
    /// The chain record.
    pub record: ChainRecord,
    /// The chain's head after it.
    pub head: Hash,
    /// When it arrived, Unix seconds.
    pub received_at: u64,
    /// When it was erased, Unix seconds.
    pub erased_at: Option<u64>,
    /// The index of the log's entry about it.
    pub leaf: u64,
}

/// A link to be accepted. The caller has verified the header, the chain record and the object's hash, and the object
/// and its key row are durable.
#[derive(Debug, Clone)]
pub struct NewSegment {
    /// The session.
    pub session: SessionId,
    /// The number in the session.
    pub number: u32,
    /// What it is.
    pub link: Link,
    /// The chain record.
    pub record: ChainRecord,
    /// The chain's head after it, as verifying the record gave it.
    pub head: Hash,
    /// Unix seconds.
    pub received_at: u64,
}

/// What became of a link.
#[derive(Debug)]
pub enum Accepted<T> {
    /// It was accepted now, and its log entry is queued in the same transaction.
    New(Queued<T>),
    /// It had been accepted before; nothing changed.
    Again(SegmentRow),
}

impl MetaStore {
    /// Notes a session. Noting the same one again changes nothing.
    ///
    /// # Errors
    /// [`MetaError::Taken`] where the id belongs to another participant, device or consent.
    pub async fn put_session(
        &self,
        session: SessionId,
        participant: ParticipantId,
        device: DeviceId,
        consent: ConsentId,
    ) -> Result<SessionRow> {
        let sql = "INSERT INTO session (id, participant, device, consent, next, head) VALUES (?, ?, ?, ?, 0, ?) \
                   ON CONFLICT DO NOTHING";
        sqlx::query(sql)
            .bind(&session.as_bytes()[..])
            .bind(&participant.as_bytes()[..])
            .bind(&device.as_bytes()[..])
            .bind(&consent.as_bytes()[..])
            .bind(&ChainRecord::root(session).0[..])
            .execute(&self.pool)
            .await?;
        match self.session(session).await? {
            Some(row) if (row.participant, row.device, row.consent) == (participant, device, consent) => Ok(row),
            _ => Err(MetaError::Taken { what: "session" }),
        }
    }

    /// One session.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn session(&self, session: SessionId) -> Result<Option<SessionRow>> {
        let row = sqlx::query("SELECT * FROM session WHERE id = ?").bind(&session.as_bytes()[..]);
        row.fetch_optional(&self.pool).await?.as_ref().map(read_session).transpose()
    }

    /// A participant's sessions.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn sessions(&self, participant: ParticipantId) -> Result<Vec<SessionRow>> {
        let sql = "SELECT * FROM session WHERE participant = ? ORDER BY id";
        let rows = sqlx::query(sql).bind(&participant.as_bytes()[..]).fetch_all(&self.pool).await?;
        rows.iter().map(read_session).collect()
    }

    /// Accepts the next link of a session's chain and queues the log's entry about it: both or neither.
    ///
    /// # Errors
    /// [`MetaError::Order`] where it is not the next one; [`MetaError::Taken`] where another link stands at its number;
    /// [`MetaError::Missing`] where the session was not noted.
    pub async fn accept_segment<T: LogEntry>(&self, new: &NewSegment, draft: Draft<T>) -> Result<Accepted<T>> {
        let mut write = self.write().await?;
        let session = sqlx::query("SELECT * FROM session WHERE id = ?")
            .bind(&new.session.as_bytes()[..])
            .fetch_optional(&mut *write)
            .await?
            .ok_or(MetaError::Missing { what: "session" })?;
        let session = read_session(&session)?;
        if new.number < session.next {
            let there = read_segment(&select(&mut write, new.session, new.number).await?)?;
            let same = there.head == new.head && there.record.link == new.record.link;
            return if same { Ok(Accepted::Again(there)) } else { Err(MetaError::Taken { what: "segment" }) };
        }
        if new.number != session.next {
            return Err(MetaError::Order { session: new.session, number: new.number, next: session.next });
        }
        let index = insert(&mut write, &[draft.to_new()]).await?;
        put(&mut write, new, index).await?;
        sqlx::query("UPDATE session SET next = ?, head = ? WHERE id = ?")
            .bind(i64::from(new.number) + 1)
            .bind(&new.head.0[..])
            .bind(&new.session.as_bytes()[..])
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(Accepted::New(Queued::new(draft, index)))
    }

    /// A session's links in order.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn segments(&self, session: SessionId) -> Result<Vec<SegmentRow>> {
        let sql = "SELECT * FROM segment WHERE session = ? ORDER BY number";
        let rows = sqlx::query(sql).bind(&session.as_bytes()[..]).fetch_all(&self.pool).await?;
        rows.iter().map(read_segment).collect()
    }

    /// The segment with this header hash.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn segment(&self, header: Hash) -> Result<Option<SegmentRow>> {
        let row = sqlx::query("SELECT * FROM segment WHERE header = ?").bind(&header.0[..]);
        row.fetch_optional(&self.pool).await?.as_ref().map(read_segment).transpose()
    }

    /// The segment whose object has this hash.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails.
    pub async fn segment_by_object(&self, object: Hash) -> Result<Option<SegmentRow>> {
        let row = sqlx::query("SELECT * FROM segment WHERE object = ?").bind(&object.0[..]);
        row.fetch_optional(&self.pool).await?.as_ref().map(read_segment).transpose()
    }

    /// Marks segments erased and forgets their objects' names, which it returns: delete those objects. Segments that
    /// were erased before, or are unknown, are passed over.
    ///
    /// # Errors
    /// [`MetaError`] where the database fails; nothing is marked then.
    pub async fn erase_segments(&self, headers: &[Hash], at: u64) -> Result<Vec<Hash>> {
        let mut write = self.write().await?;
        let mut objects = Vec::new();
        for header in headers {
            let object = sqlx::query("SELECT object FROM segment WHERE header = ? AND object IS NOT NULL")
                .bind(&header.0[..])
                .fetch_optional(&mut *write)
                .await?;
            objects.extend(object.as_ref().map(|row| hash(row, "object")).transpose()?);
            sqlx::query("UPDATE segment SET object = NULL, erased_at = coalesce(erased_at, ?) WHERE header = ?")
                .bind(int(at)?)
                .bind(&header.0[..])
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        self.forget_deleted().await?;
        Ok(objects)
    }
}

async fn select(write: &mut Write, session: SessionId, number: u32) -> Result<SqliteRow> {
    sqlx::query("SELECT * FROM segment WHERE session = ? AND number = ?")
        .bind(session.as_bytes().to_vec())
        .bind(i64::from(number))
        .fetch_optional(&mut **write)
        .await?
        .ok_or(MetaError::Damaged { what: "chain" })
}

async fn put(write: &mut Write, new: &NewSegment, leaf: u64) -> Result<()> {
    let (header, object, len) = match new.link {
        Link::Segment { header, object, bytes } => (Some(header), object, bytes),
        Link::Tombstone => (None, None, 0),
    };
    let sql = "INSERT INTO segment (session, number, header, object, bytes, record, head, received_at, leaf) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let done = sqlx::query(sql)
        .bind(new.session.as_bytes().to_vec())
        .bind(i64::from(new.number))
        .bind(header.map(|hash| hash.0.to_vec()))
        .bind(object.map(|hash| hash.0.to_vec()))
        .bind(int(len)?)
        .bind(new.record.encode())
        .bind(new.head.0.to_vec())
        .bind(int(new.received_at)?)
        .bind(int(leaf)?)
        .execute(&mut **write)
        .await;
    match done {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(MetaError::Taken { what: "segment" }),
        done => Ok(done.map(|_| ())?),
    }
}

fn read_session(row: &SqliteRow) -> Result<SessionRow> {
    Ok(SessionRow {
        session: SessionId::from_bytes(bytes(row, "id")?),
        participant: ParticipantId::from_bytes(bytes(row, "participant")?),
        device: DeviceId::from_bytes(bytes(row, "device")?),
        consent: ConsentId::from_bytes(bytes(row, "consent")?),
        next: u32::try_from(unsigned(row, "next")?).map_err(|_| MetaError::Damaged { what: "next" })?,
        head: hash(row, "head")?,
    })
}

fn read_segment(row: &SqliteRow) -> Result<SegmentRow> {
    let number = u32::try_from(unsigned(row, "number")?).map_err(|_| MetaError::Damaged { what: "number" })?;
    let object = optional(row, "object")?.map(Hash);
    let link = match optional(row, "header")? {
        Some(header) => Link::Segment { header: Hash(header), object, bytes: unsigned(row, "bytes")? },
        None => Link::Tombstone,
    };
    let record = ChainRecord::decode(row.try_get("record")?, number);
    let erased_at: Option<i64> = row.try_get("erased_at")?;
    Ok(SegmentRow {
        session: SessionId::from_bytes(bytes(row, "session")?),
        number,
        link,
        record: record.map_err(|_| MetaError::Damaged { what: "chain record" })?,
        head: hash(row, "head")?,
        received_at: unsigned(row, "received_at")?,
        erased_at: erased_at.and_then(|at| u64::try_from(at).ok()),
        leaf: unsigned(row, "leaf")?,
    })
}
