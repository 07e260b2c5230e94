//! One participant, one program, one vault, with fixed keys; each test changes one thing.

use candor_consent::jws::public_key;
use candor_consent::{LiveConsent, ParticipantSigner, Reason, Records, decide, sign};
use candor_model::consent::{Choice, Erase, Participant};
use candor_model::program::{Controller, HOLD_BACK_SECS_DEFAULT, RunState};
use candor_model::text::TextScope;
use candor_model::{
    ConsentId, ConsentRecord, DeviceId, Lease, LeaseRequest, Nonce, Notice, OpeningKey, ParticipantId, Program,
    ProgramId, Purpose, Purposes, Receipt, SessionId, TextPolicy, TextRules, Typ, VaultIdentity,
};
use ed25519_dalek::SigningKey;

/// Monday, 2 November 2026, 09:00 UTC.
pub const NINE: u64 = 1_793_610_000;
/// An hour, in seconds.
pub const HOUR: u64 = 3_600;
/// Ninety days, in seconds.
pub const TERM: u64 = 90 * 86_400;

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn vault() -> SigningKey {
    key(2)
}

pub fn participant() -> ParticipantSigner {
    ParticipantSigner::from_bytes(&[1; 32])
}

pub fn notice() -> Notice {
    Notice {
        text: "We record keys as shapes, the pointer, and which program has the focus.\n".to_owned(),
        version: 3,
        language: "en".to_owned(),
    }
}

pub fn program() -> Program {
    Program {
        id: ProgramId::from_bytes([0x11; 16]),
        name: "Office study".to_owned(),
        controller: Controller { name: "Example GmbH".to_owned(), contact: "privacy@example.org".to_owned() },
        notice: notice().to_ref(),
        vault: VaultIdentity(public_key(&vault())),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse, Purpose::EvaluateComputerUse]),
        allow_import: true,
        applications: vec!["calc".to_owned(), "writer".to_owned()],
        text: TextRules::default(),
        private_applications: Vec::new(),
        private_origins: Vec::new(),
        min_people: 3,
        hold_back_secs: HOLD_BACK_SECS_DEFAULT,
        epoch: 7,
        state: RunState::Run,
    }
}

/// A participant who chose training only, two applications (one of which the program does not allow), imports, and an
/// hour's hold-back.
pub fn record() -> ConsentRecord {
    let program = program();
    let choice = Choice {
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        applications: vec!["writer".to_owned(), "mail".to_owned()],
        text: TextRules {
            rest: TextPolicy::None,
            applications: vec![TextScope { application: "writer".to_owned(), text: TextPolicy::Shapes }],
        },
        import: true,
        hold_back_secs: HOUR,
        ..Choice::nothing(ConsentId::from_bytes([0x33; 16]), &program, NINE, NINE + TERM)
    };
    let person = Participant {
        id: ParticipantId::from_bytes([0x22; 16]),
        signing_key: participant().public_key(),
        opening_key: OpeningKey::from_bytes([0x44; OpeningKey::LEN]),
    };
    ConsentRecord::new(&program, person, choice)
}

/// What a test may change before the records are signed.
pub struct World {
    pub program: Program,
    pub record: ConsentRecord,
    /// Who signs the consent record.
    pub signer: ParticipantSigner,
    /// Who signs the receipt.
    pub receipt_signer: SigningKey,
    /// A change to the receipt before it is signed.
    pub receipt: fn(&mut Receipt),
    pub now: u64,
}

impl World {
    pub fn new() -> Self {
        Self {
            program: program(),
            record: record(),
            signer: participant(),
            receipt_signer: vault(),
            receipt: |_| (),
            now: NINE + HOUR,
        }
    }

    pub fn records(&self) -> Records {
        let consent = self.signer.consent(self.record.clone()).unwrap();
        let mut receipt = Receipt {
            program: self.record.header.program,
            consent: self.record.header.id,
            record: consent.hash(),
            received_at: NINE + 60,
            period: 4,
            vault_key: OpeningKey::from_bytes([0x55; OpeningKey::LEN]),
        };
        (self.receipt)(&mut receipt);
        let mut records = Records::new(&consent);
        records.participant = ParticipantId::from_bytes([0x22; 16]);
        records.signing_key = participant().public_key();
        records.receive(&sign(Typ::RECEIPT, receipt, &self.receipt_signer).unwrap());
        records
    }

    pub fn decide(&self, records: &Records) -> Result<LiveConsent, Vec<Reason>> {
        decide(records, &self.program, self.now)
    }
}

pub fn live() -> LiveConsent {
    let world = World::new();
    world.decide(&world.records()).expect("the unchanged world is live")
}

/// The withdrawal of the unchanged world's consent.
pub fn withdrawal(erase: Erase) -> candor_consent::Signed<candor_model::Withdrawal> {
    live().withdraw(&participant(), erase, NINE + 2 * HOUR).unwrap()
}

pub fn request() -> LeaseRequest {
    LeaseRequest {
        session: SessionId::from_bytes([0x66; 16]),
        device: DeviceId::from_bytes([0x77; 16]),
        consent: ConsentId::from_bytes([0x33; 16]),
        nonce: Nonce::from_bytes([0x88; 16]),
    }
}

pub fn lease() -> Lease {
    let LeaseRequest { session, device, consent, nonce } = request();
    let program = program();
    Lease {
        program: program.id,
        device,
        session,
        consent,
        consent_hash: live().hash(),
        nonce,
        ttl_ms: 60_000,
        state: RunState::Run,
        notice: program.notice.hash,
        epoch: 7,
    }
}
