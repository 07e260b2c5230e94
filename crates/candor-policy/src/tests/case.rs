//! A case: everything the rules depend on, as plain values; and the signed records that say the same.

use std::collections::BTreeMap;

use candor_consent::jws::{Signed, public_key};
use candor_consent::{ParticipantSigner, sign};
use candor_model::consent::{Choice, Erase, Participant, Validity};
use candor_model::grant::{ConsentRef, Decision};
use candor_model::program::{Controller, RunState};
use candor_model::{
    Approval, ConsentId, ConsentRecord, CustodianRole, DatasetId, FileRef, Hash, Nature, Notice, OpeningKey,
    ParticipantId, Principal, PrincipalId, Program, ProgramId, Purpose, Purposes, Receipt, ReleaseRequest, Role,
    SegmentRef, Selection, SessionId, Typ, VaultIdentity,
};
use ed25519_dalek::SigningKey;

use crate::records::{Material, Records, Subject};

/// Monday, 2 November 2026, 09:00 UTC.
pub(crate) const NOW: u64 = 1_793_610_000;
const DAY: u64 = 86_400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Valid,
    /// Dated an hour ahead.
    Future,
    /// Ends this very second.
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    Live,
    Withdrawn,
    Expired,
    Future,
    NoReceipt,
    OtherVault,
    /// Withdrawn, and then given again.
    Renewed,
    /// Replaced by a newer one without a withdrawal.
    Replaced,
    /// The broker has no consent of that person's.
    None,
}

/// Who approves: what they are registered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Council,
    Security,
    /// Another custodian who was registered with the key of `Security`.
    Twin,
    /// Stands for the participants and for privacy.
    Both,
    /// Software registered as a custodian.
    Agent,
    /// The builder, who is a custodian too.
    Builder,
    /// Another registration with the builder's key.
    BuilderTwin,
    Auditor,
    Unknown,
}

impl Who {
    pub(crate) const ALL: [Self; 9] = [
        Self::Council,
        Self::Security,
        Self::Twin,
        Self::Both,
        Self::Agent,
        Self::Builder,
        Self::BuilderTwin,
        Self::Auditor,
        Self::Unknown,
    ];

    /// Under which key they are registered.
    pub(crate) const fn key(self) -> u8 {
        match self {
            Self::Council => 10,
            Self::Security | Self::Twin => 11,
            Self::Both => 12,
            Self::Agent => 13,
            Self::Builder | Self::BuilderTwin => 14,
            Self::Auditor => 15,
            Self::Unknown => 16,
        }
    }

    pub(crate) fn stands_for(self) -> &'static [CustodianRole] {
        match self {
            Self::Council => &[CustodianRole::Participants],
            Self::Security | Self::Twin => &[CustodianRole::Security],
            Self::Both => &[CustodianRole::Participants, CustodianRole::Privacy],
            Self::Agent | Self::Builder | Self::BuilderTwin => &[CustodianRole::Participants, CustodianRole::Outside],
            Self::Auditor | Self::Unknown => &[],
        }
    }

    fn id(self) -> PrincipalId {
        PrincipalId::from_bytes([100 + self as u8; 16])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Approved {
    pub(crate) who: Who,
    pub(crate) role: CustodianRole,
    pub(crate) own_key: bool,
    pub(crate) this_request: bool,
    pub(crate) when: When,
}

impl Approved {
    pub(crate) const fn by(who: Who, role: CustodianRole) -> Self {
        Self { who, role, own_key: true, this_request: true, when: When::Valid }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) paused: bool,
    pub(crate) this_program: bool,
    pub(crate) this_selection: bool,
    pub(crate) builder: bool,
    pub(crate) builder_key: bool,
    pub(crate) builder_software: bool,
    pub(crate) request: When,
    pub(crate) people: u8,
    pub(crate) min_people: u8,
    /// About the first person; the others are always in order.
    pub(crate) consent: Consent,
    pub(crate) sealed_for: bool,
    pub(crate) allowed_now: bool,
    pub(crate) key_there: bool,
    pub(crate) hold_back_over: bool,
    pub(crate) file: bool,
    pub(crate) file_expired: bool,
    pub(crate) tainted: bool,
    pub(crate) approvals: Vec<Approved>,
}

impl Case {
    /// A case in which nothing is wrong.
    pub(crate) fn good() -> Self {
        let approvals = vec![
            Approved::by(Who::Council, CustodianRole::Participants),
            Approved::by(Who::Security, CustodianRole::Security),
        ];
        Self {
            paused: false,
            this_program: true,
            this_selection: true,
            builder: true,
            builder_key: true,
            builder_software: false,
            request: When::Valid,
            people: 3,
            min_people: 3,
            consent: Consent::Live,
            sealed_for: true,
            allowed_now: true,
            key_there: true,
            hold_back_over: true,
            file: false,
            file_expired: false,
            tainted: false,
            approvals,
        }
    }

    /// The good case with one change.
    pub(crate) fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut case = Self::good();
        change(&mut case);
        case
    }
}

/// What [`crate::decide`] takes.
pub(crate) struct Input {
    pub(crate) records: Records,
    pub(crate) request: Signed<ReleaseRequest>,
    pub(crate) selection: Selection,
    pub(crate) approvals: Vec<Signed<Approval>>,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

const PURPOSE: Purpose = Purpose::TrainComputerUse;
const OTHER: Purpose = Purpose::StudyInterfaces;

fn program(case: &Case) -> Program {
    Program {
        id: ProgramId::from_bytes([1; 16]),
        name: "Office study".to_owned(),
        controller: Controller { name: "Example GmbH".to_owned(), contact: "privacy@example.org".to_owned() },
        notice: Notice { text: "We record.".to_owned(), version: 1, language: "en".to_owned() }.to_ref(),
        vault: VaultIdentity(public_key(&key(2))),
        purposes: Purposes::from_iter([PURPOSE, OTHER]),
        allow_import: true,
        applications: Vec::new(),
        text: candor_model::TextRules::default(),
        private_applications: Vec::new(),
        private_origins: Vec::new(),
        min_people: u32::from(case.min_people),
        hold_back_secs: 0,
        epoch: 1,
        state: if case.paused { RunState::Paused } else { RunState::Run },
    }
}

const fn span(when: When) -> (u64, u64) {
    match when {
        When::Valid => (NOW - 60, NOW + DAY),
        When::Future => (NOW + 3_600, NOW + DAY),
        When::Expired => (NOW - DAY, NOW),
    }
}

impl Case {
    pub(crate) fn input(&self) -> Input {
        let program = program(self);
        let mut records = Records {
            principals: self.principals(),
            subjects: BTreeMap::new(),
            segments: BTreeMap::new(),
            files: BTreeMap::new(),
            program: program.clone(),
        };
        let (mut segments, mut files) = (Vec::new(), Vec::new());
        for person in 0..self.people {
            let material = self.person(&program, person, &mut records);
            if person == 0 && self.file {
                let at = FileRef { dataset: DatasetId::from_bytes([7; 16]), file: Hash([7; 32]) };
                files.push(at);
                records.files.extend((person > 0 || self.key_there).then_some((at, material)));
            } else {
                let session = SessionId::from_bytes([20 + person; 16]);
                let at = SegmentRef { session, number: 0, header: Hash([20 + person; 32]) };
                segments.push(at);
                records.segments.extend((person > 0 || self.key_there).then_some((at, material)));
            }
        }
        let selection = Selection::new(segments, files);
        let request = self.request(&program, &selection);
        let approvals = self.approvals.iter().map(|approved| approval(approved, request.hash())).collect();
        Input { records, request, selection, approvals }
    }

    fn principals(&self) -> Vec<Principal> {
        let known = Who::ALL.into_iter().filter(|who| *who != Who::Unknown);
        let principal = known.map(|who| {
            let mut roles: Vec<_> = who.stands_for().iter().map(|role| Role::Custodian(*role)).collect();
            roles.extend((who == Who::Builder && self.builder).then_some(Role::Builder));
            roles.extend((who == Who::Auditor).then_some(Role::Auditor));
            let software = who == Who::Agent || who == Who::Builder && self.builder_software;
            let nature = if software { Nature::Software } else { Nature::Person };
            Principal { id: who.id(), nature, roles, signing_key: public_key(&key(who.key())) }
        });
        principal.collect()
    }

    fn request(&self, program: &Program, selection: &Selection) -> Signed<ReleaseRequest> {
        let (at, expires) = span(self.request);
        let request = ReleaseRequest {
            program: if self.this_program { program.id } else { ProgramId::from_bytes([9; 16]) },
            builder: Who::Builder.id(),
            workload: "train a model".to_owned(),
            purpose: PURPOSE,
            dataset: DatasetId::from_bytes([3; 16]),
            spec: Hash([4; 32]),
            selection: if self.this_selection { selection.commitment() } else { Hash([5; 32]) },
            ephemeral: OpeningKey::from_bytes([6; OpeningKey::LEN]),
            at,
            expires,
        };
        sign(Typ::REQUEST, request, &key(if self.builder_key { Who::Builder.key() } else { 99 })).unwrap()
    }

    fn person(&self, program: &Program, person: u8, records: &mut Records) -> Material {
        let good = Self::good();
        let case = if person == 0 { self } else { &good };
        let participant = ParticipantId::from_bytes([40 + person; 16]);
        let (consents, sealed_under) = consents(case, program, person);
        if case.consent != Consent::None {
            records.subjects.insert(participant, Subject { consents });
        }
        Material {
            participant,
            consents: vec![sealed_under],
            purposes: if case.sealed_for { Purposes::from_iter([PURPOSE]) } else { Purposes::from_iter([OTHER]) },
            hold_back_until: if case.hold_back_over { NOW } else { NOW + 1 },
            not_after: case.file.then_some(if case.file_expired { NOW } else { NOW + 1 }),
            tainted: case.file && case.tainted,
        }
    }
}

fn consents(case: &Case, program: &Program, person: u8) -> (Vec<candor_consent::Records>, ConsentRef) {
    let first = consent(case, case.consent, program, person, 60 + person);
    let header = Hash::of(first.consent.as_bytes());
    let sealed_under = ConsentRef { id: ConsentId::from_bytes([60 + person; 16]), hash: header };
    let mut consents = vec![first];
    if matches!(case.consent, Consent::Renewed | Consent::Replaced) {
        let mut second = consent(case, Consent::Live, program, person, 80 + person);
        second.withdrawals = consents[0].withdrawals.clone();
        consents.push(second);
    }
    (consents, sealed_under)
}

fn consent(case: &Case, state: Consent, program: &Program, person: u8, id: u8) -> candor_consent::Records {
    let signer = ParticipantSigner::from_bytes(&[40 + person; 32]);
    let validity = match state {
        Consent::Expired => Validity { not_before: NOW - 2 * DAY, not_after: NOW },
        Consent::Future => Validity { not_before: NOW + 1, not_after: NOW + DAY },
        _ => Validity { not_before: NOW - 2 * DAY, not_after: NOW + DAY },
    };
    let choice = Choice {
        purposes: Purposes::from_iter([if case.allowed_now { PURPOSE } else { OTHER }]),
        validity,
        ..Choice::nothing(ConsentId::from_bytes([id; 16]), program, NOW - 2 * DAY, NOW + DAY)
    };
    let participant = Participant {
        id: ParticipantId::from_bytes([40 + person; 16]),
        signing_key: signer.public_key(),
        opening_key: OpeningKey::from_bytes([8; OpeningKey::LEN]),
    };
    let mut agreed = program.clone();
    if state == Consent::OtherVault {
        agreed.vault = VaultIdentity(public_key(&key(3)));
    }
    let consent = signer.consent(ConsentRecord::new(&agreed, participant, choice)).unwrap();
    let mut records = candor_consent::Records::new(&consent);
    let receipt = Receipt {
        program: program.id,
        consent: consent.payload().header.id,
        record: consent.hash(),
        received_at: NOW - DAY,
        period: 0,
        vault_key: OpeningKey::from_bytes([8; OpeningKey::LEN]),
    };
    if state != Consent::NoReceipt {
        records.receive(&sign(Typ::RECEIPT, receipt, &key(2)).unwrap());
    }
    if matches!(state, Consent::Withdrawn | Consent::Renewed) {
        let id = consent.payload().header.id;
        records.withdraw(&signer.withdrawal(id, consent.hash(), Erase::Nothing, NOW).unwrap());
    }
    records
}

fn approval(approved: &Approved, request: Hash) -> Signed<Approval> {
    let (at, expires) = span(approved.when);
    let approval = Approval {
        request: if approved.this_request { request } else { Hash([1; 32]) },
        custodian: approved.who.id(),
        role: approved.role,
        decision: Decision::Yes,
        at,
        expires,
    };
    sign(Typ::APPROVAL, approval, &key(if approved.own_key { approved.who.key() } else { 98 })).unwrap()
}
