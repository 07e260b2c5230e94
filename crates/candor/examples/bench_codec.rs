//! `cargo xtask bench codec FILE…`: sealed bytes per event and pipeline speed of real recordings, through the real
//! importer, wall, sealer and spool, beside other formats of the same stream.
//!
//! Bytes are the logical sum of a session's objects (remarks included), encapsulations, key rows of both recipients,
//! chain records and log leaves, over the events imported. One file is one session; default configuration.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, UInt8Array};
use candor::agent::recorder::{Recipients, Recorder};
use candor_capture::import::{Import, Options};
use candor_consent::{LiveConsent, ParticipantSigner, Records, decide, jws};
use candor_model::consent::{Choice, ConsentRecord, Participant, Receipt};
use candor_model::event::{Event, What};
use candor_model::header::{Schema, SessionContext};
use candor_model::program::{Controller, Notice, Program, RunState};
use candor_model::public_key::{OpeningKey, VaultIdentity};
use candor_model::{ClockUnit, ConsentId, DeviceId, ParticipantId, ProgramId, Purpose, Purposes, SessionId, Typ};
use candor_redact::{Outgoing, Redactor, SessionKey, Settings};
use candor_seal::{ChainRecord, Encapsulation, Identity, Recipient, ShelfKey};
use candor_store::spool::{Now, Spool};
use ed25519_dalek::SigningKey;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rand_core::{Rng, UnwrapErr};
use serde_json::{Value, json};

const APP: &str = "recorded";
/// A key row: its name (32), the wrap (48) and the shelf's tag (16).
const ROW: u64 = 32 + 48 + 16;
/// A log leaf: version, kind and commitment (34), and its hash in the tile (32).
const LEAF: u64 = 34 + 32;

type Entropy = UnwrapErr<getrandom::SysRng>;

fn rng() -> Entropy {
    UnwrapErr(getrandom::SysRng)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rng().fill_bytes(&mut bytes);
    bytes
}

/// Everything around the recordings: a consent that allows imports, and keys.
struct House {
    consent: LiveConsent,
    vault: Recipient,
    participant: Recipient,
    device: SigningKey,
    now: u64,
}

fn house() -> Result<House> {
    let now = Now::read()?.unix;
    let identity = SigningKey::from_bytes(&random());
    let notice = Notice { text: "benchmark".into(), version: 1, language: "en".into() };
    let program = Program {
        id: ProgramId::from_bytes(random()),
        name: "benchmark".into(),
        controller: Controller { name: "nobody".into(), contact: "nowhere".into() },
        notice: notice.to_ref(),
        vault: VaultIdentity(jws::public_key(&identity)),
        purposes: Purposes::from_iter(Purpose::ALL),
        allow_import: true,
        applications: vec![APP.into()],
        text: candor_model::TextRules::default(),
        private_applications: Vec::new(),
        private_origins: Vec::new(),
        min_people: 2,
        hold_back_secs: 86_400,
        epoch: 1,
        state: RunState::Run,
    };
    let signer = ParticipantSigner::generate(&mut rng());
    let vault = Identity::generate(&mut rng()).recipient()?;
    let participant = Identity::generate(&mut rng()).recipient()?;
    let opening = |recipient: &Recipient| OpeningKey::try_from(&recipient.to_bytes()[..]);
    let person = Participant {
        id: ParticipantId::from_bytes(random()),
        signing_key: signer.public_key(),
        opening_key: opening(&participant)?,
    };
    let consent = ConsentId::from_bytes(random());
    let mut choice = Choice::nothing(consent, &program, now, now + 86_400);
    (choice.import, choice.stand_in) = (true, true);
    choice.applications = vec![APP.into()];
    choice.purposes = Purposes::from_iter(Purpose::ALL);
    let signed = signer.consent(ConsentRecord::new(&program, person, choice))?;
    let receipt = Receipt {
        program: program.id,
        consent,
        record: signed.hash(),
        received_at: now,
        period: 0,
        vault_key: opening(&vault)?,
    };
    let mut records = Records::new(&signed);
    records.receive(&jws::sign(Typ::RECEIPT, receipt, &identity)?);
    let consent = decide(&records, &program, now).map_err(|reasons| anyhow::anyhow!("no consent: {reasons:?}"))?;
    Ok(House { consent, vault, participant, device: SigningKey::from_bytes(&random()), now })
}

impl House {
    fn import(&self, file: &Path, clock: Option<ClockUnit>) -> Result<Import<'_, File>> {
        let options = Options { clock_unit: clock, ..Options::default() };
        Ok(Import::open(&self.consent, self.now, file, options)?)
    }

    /// The whole pipeline for one file; returns events imported and the session.
    fn record(&self, file: &Path, clock: Option<ClockUnit>, spool: &Spool) -> Result<(u64, SessionId)> {
        let start = Instant::now();
        let mut import = self.import(file, clock)?;
        let session = SessionId::from_bytes(random());
        let context = SessionContext {
            program: self.consent.program(),
            participant: self.consent.participant(),
            device: DeviceId::from_bytes([1; 16]),
            session,
            imported: true,
            clock_unit: import.clock_unit(),
            position_unit: import.position_unit(),
            period: self.consent.period(),
            consent: self.consent.consent(),
            consent_hash: self.consent.hash(),
            purposes: self.consent.purposes(),
            redactor: candor_redact::REDACTOR_VERSION,
        };
        let to = Recipients {
            vault: self.vault.clone(),
            participant: self.participant.clone(),
            device: self.device.clone(),
            hold_back_secs: self.consent.hold_back_secs(),
        };
        let mut recorder = Recorder::begin(spool, context, to, settings(import.clock_unit()), Some(APP), 0, rng())?;
        let mut raws = Vec::new();
        loop {
            let more = import.next_batch(self.now, &mut raws)?;
            for raw in raws.drain(..) {
                recorder.push(raw)?;
            }
            recorder.tick(start.elapsed().as_millis() as u64, Now::read)?;
            if !more {
                break;
            }
        }
        recorder.finish(Now::read()?)?;
        Ok((import.report().events.total(), session))
    }

    /// The redacted stream of a file, for the peers.
    fn redacted(&self, file: &Path, clock: Option<ClockUnit>) -> Result<Vec<Event>> {
        let mut import = self.import(file, clock)?;
        let mut wall = Redactor::new(settings(import.clock_unit()), Some(APP));
        let (mut raws, mut out) = (Vec::new(), Outgoing::default());
        loop {
            let more = import.next_batch(self.now, &mut raws)?;
            raws.drain(..).for_each(|raw| wall.push(raw, &mut out));
            if !more {
                wall.finish(&mut out);
                return Ok(out.events.into_iter().map(candor_redact::Redacted::into_event).collect());
            }
        }
    }
}

fn settings(clock: ClockUnit) -> Settings {
    Settings::shapes([APP.to_owned()], clock, SessionKey::new(random()))
}

/// What the spool holds of a session, and what it will cost beside the objects.
fn logical_bytes(spool: &Spool, session: SessionId) -> Result<u64> {
    let mut bytes = (Encapsulation::LEN * spool.encapsulations(session)?.len()) as u64;
    for id in spool.segments().into_iter().filter(|id| id.session == session) {
        bytes += spool.own(id)?.segment.as_bytes().len() as u64 + ROW;
        if id.schema == Schema::Events {
            bytes += ROW + ChainRecord::LEN as u64 + LEAF;
        }
    }
    Ok(bytes)
}

/// JSON messages in MCAP's framing: 1 MiB zstd-3 chunks, message indexes (mcap.dev, version 0 of the format).
fn mcap_like(events: &[Event]) -> Result<usize> {
    let (mut total, mut chunk, mut messages) = (0, Vec::new(), 0);
    for (sequence, event) in events.iter().enumerate() {
        let json = serde_json::to_vec(event)?;
        chunk.push(5);
        chunk.extend_from_slice(&(json.len() as u64 + 22).to_le_bytes());
        chunk.extend_from_slice(&0u16.to_le_bytes());
        chunk.extend_from_slice(&(sequence as u32).to_le_bytes());
        chunk.extend_from_slice(&event.at.to_le_bytes());
        chunk.extend_from_slice(&event.at.to_le_bytes());
        chunk.extend_from_slice(&json);
        messages += 1;
        if chunk.len() >= 1 << 20 || sequence + 1 == events.len() {
            // The chunk's own head, its index record, and 16 bytes a message in the message index.
            total += zstd::bulk::compress(&chunk, 3)?.len() + 49 + 90 + 15 + 16 * messages;
            (messages, chunk) = (0, Vec::new());
        }
    }
    Ok(total)
}

/// The same stream as Parquet with DELTA_BINARY_PACKED columns and zstd-3.
fn parquet_delta(events: &[Event]) -> Result<usize> {
    let place = |event: &Event| match event.what {
        What::Move { x, y, .. } | What::Button { x, y, .. } | What::Scroll { x, y, .. } => (x, y),
        _ => (0, 0),
    };
    let kind = |event: &Event| match event.what {
        What::Move { drag, .. } => u8::from(drag),
        What::Key { press, .. } => 2 + press as u8,
        What::Button { press, .. } => 4 + press as u8,
        What::Scroll { .. } => 6,
        What::Window { .. } => 7,
        What::Gap => 8,
        What::Surrogate { .. } => 9,
        What::Element(_) => 10,
    };
    let batch = RecordBatch::try_from_iter([
        ("at", Arc::new(events.iter().map(|event| event.at as i64).collect::<Int64Array>()) as ArrayRef),
        ("kind", Arc::new(events.iter().map(kind).collect::<UInt8Array>())),
        ("x", Arc::new(events.iter().map(|event| place(event).0).collect::<Int32Array>())),
        ("y", Arc::new(events.iter().map(|event| place(event).1).collect::<Int32Array>())),
    ])?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::DELTA_BINARY_PACKED)
        .build();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(out.len())
}

fn peak_rss_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak memory")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}

fn row(name: String, value: f64, unit: &str, peer: &str, peer_value: f64) -> Value {
    json!({"name": name, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value})
}

fn main() -> Result<()> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        bail!("name at least one recording");
    }
    let house = house()?;
    let home = std::env::var_os("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::Builder::new().prefix(".candor-bench-").tempdir_in(home)?;
    let mut rows = Vec::new();

    // Speed and memory first, so that the peers' memory is not ours. Each file once unmeasured, for the disk's cache.
    for file in &files {
        std::fs::read(file).with_context(|| format!("read `{}`", file.display()))?;
    }
    let mut speeds = Vec::new();
    let mut total = 0;
    for round in 0..5 {
        let spool = Spool::open(&folder.path().join(format!("speed-{round}")), &ShelfKey::generate(&mut rng()))?;
        let start = Instant::now();
        total = 0;
        for file in &files {
            total += house.record(file, None, &spool)?.0;
        }
        let speed = total as f64 / start.elapsed().as_secs_f64() / 1e6;
        eprintln!("round {}: {total} events, {speed:.2} M events/s", round + 1);
        speeds.push(speed);
    }
    let rss = peak_rss_mb()?;
    speeds.sort_by(f64::total_cmp);

    for (unit, clock) in [("1ms", ClockUnit::MILLISECOND), ("1us", ClockUnit::MICROSECOND)] {
        let spool = Spool::open(&folder.path().join(unit), &ShelfKey::generate(&mut rng()))?;
        let (mut all_bytes, mut all_events) = (0, 0);
        for file in &files {
            let (events, session) = house.record(file, Some(clock), &spool)?;
            let bytes = logical_bytes(&spool, session)?;
            (all_bytes, all_events) = (all_bytes + bytes, all_events + events);
            let per_event = |bytes: usize| bytes as f64 / events as f64;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let published = std::fs::read(file)?;
            let stream = house.redacted(file, Some(clock))?;
            let ours = bytes as f64 / events as f64;
            for (peer, size) in [
                ("as published", published.len()),
                ("as published, zstd-3", zstd::bulk::compress(&published, 3)?.len()),
                ("MCAP-like, zstd-3", mcap_like(&stream)?),
                ("Parquet 58 delta, zstd-3", parquet_delta(&stream)?),
            ] {
                rows.push(row(format!("bytes_per_event/{unit}/{name}"), ours, "B/event", peer, per_event(size)));
            }
        }
        let all = all_bytes as f64 / all_events as f64;
        rows.push(json!({"name": format!("bytes_per_event/{unit}/all"), "value": all, "unit": "B/event"}));
    }
    rows.extend(stages(&house, &files)?);
    let median = speeds.get(speeds.len() / 2).copied().context("no round")?;
    rows.push(json!({"name": "pipeline_mev_s", "value": median, "unit": "M events/s"}));
    rows.push(json!({"name": "peak_rss_mb", "value": rss, "unit": "MB"}));
    rows.push(json!({"name": "events", "value": total, "unit": "events"}));
    println!("{}", json!({"report": "codec", "rows": rows}));
    Ok(())
}

/// Each stage alone, on whole segments of the largest file: M events/s on one core.
fn stages(house: &House, files: &[PathBuf]) -> Result<Vec<Value>> {
    use candor_seal::{SEGMENT_EVENTS_MAX, SealedSegment, SessionSealer, WrapKey, open};
    let largest = files.iter().max_by_key(|file| file.metadata().map_or(0, |data| data.len())).context("no file")?;
    let mut import = house.import(largest, None)?;
    let identity = Identity::generate(&mut rng());
    let context = SessionContext {
        program: house.consent.program(),
        participant: house.consent.participant(),
        device: DeviceId::from_bytes([1; 16]),
        session: SessionId::from_bytes(random()),
        imported: true,
        clock_unit: import.clock_unit(),
        position_unit: import.position_unit(),
        period: 0,
        consent: house.consent.consent(),
        consent_hash: house.consent.hash(),
        purposes: house.consent.purposes(),
        redactor: candor_redact::REDACTOR_VERSION,
    };
    let mut wall = Redactor::new(settings(import.clock_unit()), Some(APP));
    let (mut raws, mut out) = (Vec::new(), Outgoing::default());
    let (mut importing, mut redacting) = (0.0, 0.0);
    loop {
        let start = Instant::now();
        let more = import.next_batch(house.now, &mut raws)?;
        importing += start.elapsed().as_secs_f64();
        let start = Instant::now();
        raws.drain(..).for_each(|raw| wall.push(raw, &mut out));
        redacting += start.elapsed().as_secs_f64();
        if !more {
            break;
        }
    }
    wall.finish(&mut out);
    let events = out.events;
    let mut sealer =
        SessionSealer::new(context, &identity.recipient()?, &house.participant, house.device.clone(), &mut rng())?;
    let start = Instant::now();
    let sealed = events
        .chunks(SEGMENT_EVENTS_MAX)
        .zip(0..)
        .map(|(part, number)| sealer.seal_events(number, part, &mut rng()))
        .collect::<Result<Vec<_>, _>>()?;
    let sealing = start.elapsed().as_secs_f64();
    let key = WrapKey::decapsulate(&identity, sealer.context(), sealer.encapsulations()[0])?;
    let start = Instant::now();
    let mut opened = 0;
    for one in &sealed {
        let segment = SealedSegment::parse(one.segment.as_bytes().to_vec(), &house.device.verifying_key())?;
        let wrap = one.vault.context("a segment of events has a wrap for the vault")?;
        opened += open(&segment, &key.unwrap(segment.header().hash(), &wrap)?)?.events.len();
    }
    let opening = start.elapsed().as_secs_f64();
    if opened != events.len() {
        bail!("{} events sealed, {opened} opened", events.len());
    }
    let rate =
        |name: &str, secs: f64| json!({"name": name, "value": events.len() as f64 / secs / 1e6, "unit": "M events/s"});
    Ok(vec![
        rate("import_mev_s", importing),
        rate("redact_mev_s", redacting),
        rate("encode_seal_mev_s", sealing),
        rate("open_decode_mev_s", opening),
    ])
}
