//! No import without the recorded person's consent.

use candor_consent::jws::public_key;
use candor_consent::{LiveConsent, ParticipantSigner, Records, decide, sign};
use candor_model::consent::{Choice, Participant};
use candor_model::program::{Controller, RunState};
use candor_model::{
    ConsentId, ConsentRecord, Notice, OpeningKey, ParticipantId, Program, ProgramId, Purpose, Purposes, Receipt, Typ,
    VaultIdentity,
};
use candor_redact::{Outgoing, Redactor, SessionKey, Settings};
use ed25519_dalek::SigningKey;

use super::{aalto_file, aalto_row, balabit_file};
use crate::import::{Format, Import, ImportError, Options};

/// When the consent begins and ends, in Unix seconds.
const BEGIN: u64 = 1_793_610_000;
const END: u64 = BEGIN + 86_400;

fn consent(program_allows: bool, person_allows: bool) -> LiveConsent {
    let vault = SigningKey::from_bytes(&[2; 32]);
    let person = ParticipantSigner::from_bytes(&[1; 32]);
    let notice = Notice { text: "We record.\n".to_owned(), version: 1, language: "en".to_owned() };
    let purposes = Purposes::from_iter([Purpose::TrainComputerUse]);
    let program = Program {
        id: ProgramId::from_bytes([1; 16]),
        name: "Study".to_owned(),
        controller: Controller { name: "Example".to_owned(), contact: "privacy@example.org".to_owned() },
        notice: notice.to_ref(),
        vault: VaultIdentity(public_key(&vault)),
        purposes,
        allow_import: program_allows,
        applications: vec![],
        text: candor_model::TextRules::default(),
        private_applications: Vec::new(),
        private_origins: Vec::new(),
        min_people: 3,
        hold_back_secs: 0,
        epoch: 1,
        state: RunState::Run,
    };
    let id = ConsentId::from_bytes([3; 16]);
    let choice = Choice { purposes, import: person_allows, ..Choice::nothing(id, &program, BEGIN, END) };
    let participant = Participant {
        id: ParticipantId::from_bytes([2; 16]),
        signing_key: person.public_key(),
        opening_key: OpeningKey::from_bytes([4; OpeningKey::LEN]),
    };
    let record = person.consent(ConsentRecord::new(&program, participant, choice)).unwrap();
    let receipt = Receipt {
        program: program.id,
        consent: id,
        record: record.hash(),
        received_at: BEGIN,
        period: 1,
        vault_key: OpeningKey::from_bytes([5; OpeningKey::LEN]),
    };
    let mut records = Records::new(&record);
    records.receive(&sign(Typ::RECEIPT, receipt, &vault).unwrap());
    decide(&records, &program, BEGIN).unwrap()
}

#[test]
fn an_import_needs_the_programs_yes_and_the_participants() {
    for (program, person) in [(true, true), (true, false), (false, true), (false, false)] {
        let consent = consent(program, person);
        let file = balabit_file("");
        let import = Import::from_reader(&consent, BEGIN, &file[..], "FILE", Options::default());
        assert_eq!(import.is_ok(), program && person);
        let error = Import::open(&consent, BEGIN, "/nonexistent".as_ref(), Options::default()).unwrap_err();
        let refused = !(program && person);
        assert_eq!(error.is_refusal(), refused, "a refused file is not even touched");
        assert_eq!(matches!(error, ImportError::Read { .. }), !refused);
    }
}

#[test]
fn an_import_stops_when_the_consent_ends() {
    let consent = consent(true, true);
    let file = balabit_file(&"0.0,0.0,Scroll,Up,1,1\n".repeat(10_000));
    let early = Import::from_reader(&consent, BEGIN - 1, &file[..], "FILE", Options::default());
    assert!(early.unwrap_err().is_refusal());

    let mut import = Import::from_reader(&consent, BEGIN, &file[..], "FILE", Options::default()).unwrap();
    let mut out = Vec::new();
    assert!(import.next_batch(END - 1, &mut out).unwrap());
    let before = out.len();
    assert!(before > 0);
    assert!(import.next_batch(END, &mut out).unwrap_err().is_refusal());
    assert_eq!(out.len(), before);
}

#[test]
fn all_of_a_file_comes_out_in_batches() {
    let consent = consent(true, true);
    let file = balabit_file(&"0.0,0.0,Scroll,Up,1,1\n".repeat(10_000));
    let mut import = Import::from_reader(&consent, BEGIN, &file[..], "FILE", Options::default()).unwrap();
    assert_eq!(import.format(), Format::Balabit);
    let (mut out, mut events) = (Vec::new(), 0);
    while import.next_batch(BEGIN, &mut out).unwrap() {
        assert!(out.len() < 5_000, "a batch is bounded");
        events += out.len();
        out.clear();
    }
    events += out.len();
    assert_eq!(events, 10_000);
    assert!(!import.next_batch(BEGIN, &mut out).unwrap());
    assert_eq!(import.into_report().events.scrolls, 10_000);
}

#[test]
fn the_wall_gets_everything_that_the_report_counts() {
    let consent = consent(true, true);
    let mut rows: String = (0..3_000).map(|i| aalto_row(i * 90, i * 90 + i % 300, "e", 69)).collect();
    rows += "x\n";
    rows += &aalto_row(0, 1, "BKSP", 8);
    let file = aalto_file(rows.as_bytes());
    let mut import = Import::from_reader(&consent, BEGIN, &file[..], "FILE", Options::default()).unwrap();
    let settings = Settings::shapes(["study".to_owned()], import.clock_unit(), SessionKey::new([7; 32]));
    let mut wall = Redactor::new(settings, Some("study"));
    let (mut raws, mut out) = (Vec::new(), Outgoing::default());
    loop {
        let more = import.next_batch(BEGIN, &mut raws).unwrap();
        raws.drain(..).for_each(|raw| wall.push(raw, &mut out));
        if !more {
            break;
        }
    }
    let (report, tally) = (import.into_report(), wall.finish(&mut out));
    assert_eq!(report.events.keys, 2 * 3_001);
    assert_eq!(tally.captured, report.events.total() + report.events.gaps);
    assert_eq!(tally.captured, tally.stored + tally.withheld + tally.dropped);
    assert!(tally.stored > 0);
}
