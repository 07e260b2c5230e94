//! The consent that an import rests on. Who published a study's files consented then; the importers ask for the record
//! all the same, so one is made that nobody keeps.

use anyhow::{Result, anyhow};
use candor_consent::{LiveConsent, ParticipantSigner, Records, decide, jws};
use candor_model::consent::{Choice, Participant};
use candor_model::program::{Controller, RunState};
use candor_model::{
    ConsentId, ConsentRecord, Notice, OpeningKey, ParticipantId, Program, ProgramId, Purpose, Purposes, Receipt,
    TextRules, Typ, VaultIdentity,
};
use ed25519_dalek::SigningKey;

/// The application that everything is said to have happened in.
pub(super) const APP: &str = "recorded";

/// When it is, in Unix seconds: any moment, always the same.
pub(super) const NOW: u64 = 1_793_610_000;

pub(super) fn consent() -> Result<LiveConsent> {
    let vault = SigningKey::from_bytes(&[2; 32]);
    let signer = ParticipantSigner::from_bytes(&[1; 32]);
    let notice = Notice { text: "evaluation\n".to_owned(), version: 1, language: "en".to_owned() };
    let purposes = Purposes::from_iter([Purpose::TrainComputerUse]);
    let program = Program {
        id: ProgramId::from_bytes([1; 16]),
        name: "evaluation".to_owned(),
        controller: Controller { name: "nobody".to_owned(), contact: "nowhere".to_owned() },
        notice: notice.to_ref(),
        vault: VaultIdentity(jws::public_key(&vault)),
        purposes,
        allow_import: true,
        applications: vec![APP.to_owned()],
        text: TextRules::default(),
        private_applications: Vec::new(),
        private_origins: Vec::new(),
        min_people: 2,
        hold_back_secs: 0,
        epoch: 1,
        state: RunState::Run,
    };
    let id = ConsentId::from_bytes([3; 16]);
    let applications = vec![APP.to_owned()];
    let nothing = Choice::nothing(id, &program, NOW, NOW + 86_400);
    let choice = Choice { purposes, import: true, stand_in: true, applications, ..nothing };
    let participant = Participant {
        id: ParticipantId::from_bytes([2; 16]),
        signing_key: signer.public_key(),
        opening_key: OpeningKey::from_bytes([4; OpeningKey::LEN]),
    };
    let record = signer.consent(ConsentRecord::new(&program, participant, choice))?;
    let receipt = Receipt {
        program: program.id,
        consent: id,
        record: record.hash(),
        received_at: NOW,
        period: 1,
        vault_key: OpeningKey::from_bytes([5; OpeningKey::LEN]),
    };
    let mut records = Records::new(&record);
    records.receive(&jws::sign(Typ::RECEIPT, receipt, &vault)?);
    decide(&records, &program, NOW).map_err(|reasons| anyhow!("no consent: {reasons:?}"))
}
