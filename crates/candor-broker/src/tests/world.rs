//! A vault with people who recorded something: everything a test needs, on real files in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};

use candor_consent::jws::public_key;
use candor_consent::{ParticipantSigner, Signed, sign};
use candor_model::consent::{Choice, Erase, Participant};
use candor_model::grant::Decision;
use candor_model::header::{Form, Schema, SessionContext};
use candor_model::program::{Controller, RunState};
use candor_model::{
    Approval, ClockUnit, ConsentId, ConsentRecord, CustodianRole, DatasetId, DeviceId, EraseRequest, EraseWhat, Hash,
    Header, Intent, Nature, Nonce, Notice, OpeningKey, ParticipantId, PositionUnit, Principal, PrincipalId, Program,
    ProgramId, Purpose, Purposes, Receipt, ReleaseRequest, Role, SegmentRef, Selection, SessionId, Typ, VaultIdentity,
};
use candor_policy::{Grant, Refusal, decide};
use candor_seal::{Dek, Encapsulation, Identity, Recipient, RecipientRole, Wrap, WrapKey, open_rewrapped};
use candor_store::{Draft, Log, Logged, MetaStore};
use ed25519_dalek::SigningKey;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use tempfile::TempDir;

use crate::{AcceptError, Accepted, Broker, Cost, FileCustody, Release, ReleaseError};

/// Monday, 2 November 2026, 09:00 UTC.
pub(crate) const NOW: u64 = 1_793_610_000;
const DAY: u64 = 86_400;
/// Cheap to open: tests are not about guessing the passphrase.
pub(crate) const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
pub(crate) const PASSPHRASE: &str = "correct horse";

pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn person(seed: u8) -> ParticipantId {
    ParticipantId::from_bytes([seed; 16])
}

pub(crate) fn session(seed: u8) -> SessionId {
    SessionId::from_bytes([seed; 16])
}

/// A segment as its device knew it: what somebody could have saved before an erasure.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) header: Header,
    pub(crate) dek: Dek,
    pub(crate) wrap: Wrap,
    pub(crate) encapsulation: Encapsulation,
}

impl Segment {
    pub(crate) fn at(&self) -> SegmentRef {
        SegmentRef { session: self.header.context.session, number: self.header.number, header: self.header.hash() }
    }
}

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) broker: Broker,
    pub(crate) log: Log,
    pub(crate) meta: MetaStore,
    pub(crate) ephemeral: Identity,
    pub(crate) program: Program,
}

fn program() -> Program {
    Program {
        id: ProgramId::from_bytes([1; 16]),
        name: "Office study".to_owned(),
        controller: Controller { name: "Example GmbH".to_owned(), contact: "privacy@example.org".to_owned() },
        notice: Notice { text: "We record.".to_owned(), version: 1, language: "en".to_owned() }.to_ref(),
        vault: VaultIdentity(public_key(&key(2))),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        allow_import: true,
        applications: Vec::new(),
        text: candor_model::TextRules::default(),
        private_applications: Vec::new(),
        private_origins: Vec::new(),
        min_people: 1,
        hold_back_secs: 0,
        epoch: 1,
        state: RunState::Run,
    }
}

/// Opens a broker on a copy of a database, with custody as it lies there.
pub(crate) async fn broker(folder: &Path) -> Broker {
    let custody = FileCustody::open(&folder.join("custody"), PASSPHRASE).unwrap();
    Broker::open(&folder.join("broker.db"), Box::new(custody), &mut rng()).await.unwrap()
}

/// Copies the database with its write-ahead log, as a thief or a backup would.
pub(crate) fn copy_database(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["broker.db", "broker.db-wal", "broker.db-shm"] {
        let from = folder.join(name);
        if from.exists() {
            fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    copy
}

impl World {
    /// A vault with a program, a builder and two custodians.
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        FileCustody::create(&dir.path().join("custody"), PASSPHRASE, CHEAP, &mut rng()).unwrap();
        let broker = broker(dir.path()).await;
        broker.set_program(&program()).await.unwrap();
        let roles =
            [Role::Builder, Role::Custodian(CustodianRole::Participants), Role::Custodian(CustodianRole::Security)];
        for (seed, role) in (10..).zip(roles) {
            let id = PrincipalId::from_bytes([seed; 16]);
            let (nature, roles) = (Nature::Person, vec![role]);
            let principal = Principal { id, nature, roles, signing_key: public_key(&key(seed)) };
            broker.put_principal(&principal).await.unwrap();
        }
        let meta = MetaStore::open(&dir.path().join("meta.db")).await.unwrap();
        let log = Log::open(&dir.path().join("log"), &meta, "example.org/log", &key(2)).await.unwrap();
        Self { dir, broker, log, meta, ephemeral: Identity::generate(&mut rng()), program: program() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Stops the broker and starts it again on the same files.
    pub(crate) async fn restart(self) -> Self {
        let Self { dir, broker: old, log, meta, ephemeral, program } = self;
        drop(old);
        let broker = broker(dir.path()).await;
        Self { dir, broker, log, meta, ephemeral, program }
    }

    /// A person who consented, with a key period; `seed` names person and consent.
    pub(crate) async fn enrol(&self, seed: u8) {
        let signer = ParticipantSigner::from_bytes(&[seed; 32]);
        let choice = Choice {
            purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
            ..Choice::nothing(ConsentId::from_bytes([seed; 16]), &self.program, NOW - DAY, NOW + DAY)
        };
        let participant = Participant {
            id: person(seed),
            signing_key: signer.public_key(),
            opening_key: OpeningKey::from_bytes([8; OpeningKey::LEN]),
        };
        let consent = signer.consent(ConsentRecord::new(&self.program, participant, choice)).unwrap();
        self.broker.enrol_participant(person(seed), signer.public_key(), &mut rng()).await.unwrap();
        let mut records = candor_consent::Records::new(&consent);
        self.broker.put_consent(&records).await.unwrap();
        let id = ConsentId::from_bytes([seed; 16]);
        let vault_key = self.broker.new_period(person(seed), id, 0, &mut rng()).await.unwrap();
        let (program, record) = (self.program.id, consent.hash());
        let receipt = Receipt { program, consent: id, record, received_at: NOW - DAY, period: 0, vault_key };
        records.receive(&sign(Typ::RECEIPT, receipt, &key(2)).unwrap());
        self.broker.put_consent(&records).await.unwrap();
    }

    fn context(&self, seed: u8, of: SessionId, consent_hash: Hash, period: u32) -> SessionContext {
        SessionContext {
            program: self.program.id,
            participant: person(seed),
            device: DeviceId::from_bytes([seed; 16]),
            session: of,
            imported: false,
            clock_unit: ClockUnit::MILLISECOND,
            position_unit: PositionUnit::PIXEL,
            period,
            consent: ConsentId::from_bytes([seed; 16]),
            consent_hash,
            purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
            redactor: 1,
        }
    }

    /// What a device makes for `count` segments of one session, not uploaded yet.
    pub(crate) async fn record(&self, seed: u8, of: SessionId, count: u32) -> Vec<Segment> {
        let mut inner = self.broker.inner.lock().await;
        let consent = ConsentId::from_bytes([seed; 16]);
        let record = crate::enrol::consent_record(&mut inner.db, person(seed), consent).await.unwrap();
        drop(inner);
        let period = match self.broker.last_period(person(seed), consent).await.unwrap() {
            Some((period, ended)) => period + u32::from(ended),
            None => 0,
        };
        let vault = self.broker.new_period(person(seed), consent, period, &mut rng()).await.unwrap();
        let vault = Recipient::from_bytes(vault.as_bytes()).unwrap();
        let context = self.context(seed, of, record.hash(), period);
        let (wrap_key, encapsulation) =
            WrapKey::encapsulate(&vault, &context, RecipientRole::Vault, 0, &mut rng()).unwrap();
        let segment = |number| {
            let dek = Dek::generate(&mut rng());
            let (schema, form, commitment) = (Schema::Events, Form::Compact, dek.commitment().unwrap());
            let header = Header { schema, form, context: context.clone(), number, encapsulation: 0, commitment };
            let wrap = wrap_key.wrap(header.hash(), &dek).unwrap();
            Segment { header, dek, wrap, encapsulation: encapsulation.clone() }
        };
        (0..count).map(segment).collect()
    }

    pub(crate) async fn upload(&self, segment: &Segment) -> Result<Accepted, AcceptError> {
        let encapsulations = std::slice::from_ref(&segment.encapsulation);
        self.broker.accept_keys(&segment.header, encapsulations, &segment.wrap, NOW).await
    }

    /// Records and uploads.
    pub(crate) async fn recorded(&self, seed: u8, of: SessionId, count: u32) -> Vec<Segment> {
        let segments = self.record(seed, of, count).await;
        for segment in &segments {
            assert_eq!(self.upload(segment).await.unwrap(), Accepted::New);
        }
        segments
    }

    /// A grant for `selection`, approved as it has to be.
    pub(crate) async fn grant(&self, selection: &Selection) -> Result<Grant, Refusal> {
        let request = ReleaseRequest {
            program: self.program.id,
            builder: PrincipalId::from_bytes([10; 16]),
            workload: "train a model".to_owned(),
            purpose: Purpose::TrainComputerUse,
            dataset: DatasetId::from_bytes([3; 16]),
            spec: Hash([4; 32]),
            selection: selection.commitment(),
            ephemeral: self.ephemeral.recipient().unwrap().to_bytes().as_slice().try_into().unwrap(),
            at: NOW,
            expires: NOW + DAY,
        };
        let request = sign(Typ::REQUEST, request, &key(10)).unwrap();
        let approval = |seed, role| {
            let custodian = PrincipalId::from_bytes([seed; 16]);
            let (decision, at, expires) = (Decision::Yes, NOW, NOW + DAY);
            let approval = Approval { request: request.hash(), custodian, role, decision, at, expires };
            sign(Typ::APPROVAL, approval, &key(seed)).unwrap()
        };
        let approvals = [approval(11, CustodianRole::Participants), approval(12, CustodianRole::Security)];
        let records = self.broker.records(selection).await.unwrap();
        decide(&records, &request, selection, &approvals, NOW)
    }

    pub(crate) async fn log_intent(&self, intent: Intent) -> Logged<Intent> {
        let mut salt = [0; 16];
        rand_core::Rng::fill_bytes(&mut rng(), &mut salt);
        self.log.append(Draft::new(intent, salt).unwrap()).await.unwrap()
    }

    pub(crate) async fn release(&self, grant: Grant) -> Result<Release, ReleaseError> {
        let turn = self.broker.turn().await;
        let intent = self.log_intent(grant.intent(turn.counter())).await;
        turn.release(grant, intent, NOW, &mut rng()).await
    }

    /// What a builder gets for these segments: their keys, in order; `None` where it is refused.
    pub(crate) async fn keys(&self, segments: &[Segment]) -> Option<Vec<(Hash, Dek)>> {
        let selection = Selection::new(segments.iter().map(Segment::at).collect(), Vec::new());
        let release = self.release(self.grant(&selection).await.ok()?).await.ok()?;
        Some(open_rewrapped(&self.ephemeral, release.intent, &release.keys).unwrap())
    }

    /// Asserts that exactly these segments' own keys come out.
    pub(crate) async fn assert_opens(&self, segments: &[Segment]) {
        let keys = self.keys(segments).await.expect("released");
        assert_eq!(keys.len(), segments.len());
        for segment in segments {
            let (_, dek) = keys.iter().find(|(hash, _)| *hash == segment.header.hash()).expect("its key");
            assert_eq!(dek.expose(), segment.dek.expose());
        }
    }

    pub(crate) fn erase_request(&self, seed: u8, what: EraseWhat, drained: bool) -> Signed<EraseRequest> {
        self.erase_request_at(seed, what, drained, NOW)
    }

    pub(crate) fn erase_request_at(&self, seed: u8, what: EraseWhat, drained: bool, at: u64) -> Signed<EraseRequest> {
        let nonce = Nonce::from_bytes([9; 16]);
        let (program, participant) = (self.program.id, person(seed));
        let request = EraseRequest { program, participant, what, drained, at, nonce };
        ParticipantSigner::from_bytes(&[seed; 32]).sign(Typ::ERASE, request).unwrap()
    }

    pub(crate) async fn withdraw(&self, seed: u8) {
        let mut inner = self.broker.inner.lock().await;
        let id = ConsentId::from_bytes([seed; 16]);
        let consent = crate::enrol::consent_record(&mut inner.db, person(seed), id).await.unwrap();
        drop(inner);
        let signer = ParticipantSigner::from_bytes(&[seed; 32]);
        let withdrawal = signer.withdrawal(id, consent.hash(), Erase::Nothing, NOW).unwrap();
        self.broker.withdraw(person(seed), withdrawal.compact()).await.unwrap();
    }
}
