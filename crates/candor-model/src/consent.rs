//! Consent records, withdrawals and receipts: the structure of ISO/IEC TS 27560 in the terms of W3C's Data Privacy
//! Vocabulary, as JSON-LD. Format: `spec/consent.md`. Times are Unix seconds.
//!
//! Architecture invariant: every field but one that came later is required, and an unknown one is refused, so nobody can sign words that this
//! version does not understand. A type with one value is a promise that cannot be varied yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::Hash;
use crate::id::{ConsentId, ParticipantId, ProgramId};
use crate::program::{Controller, NoticeRef, Program};
use crate::public_key::{OpeningKey, PublicKey, VaultIdentity};
use crate::purpose::Purposes;
use crate::text::{TextPolicy, TextRules};

/// What a participant agreed to. Its hash is the SHA-256 of its signed form (the compact JWS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// Where the words come from.
    #[serde(rename = "@context")]
    pub context: Context,
    /// What this is.
    #[serde(rename = "@type")]
    pub kind: RecordKind,
    /// Which record this is, and whose.
    pub header: RecordHeader,
    /// What may be done.
    #[serde(rename = "dpv:hasProcess")]
    pub processing: Processing,
    /// Who agreed with whom.
    pub party: Party,
    /// When, and for how long.
    pub event: ConsentEvent,
}

impl ConsentRecord {
    /// The version of the format that this code writes, and the only one it reads.
    pub const VERSION: u32 = 1;

    /// The record of a participant who has read the program's notice and chosen `choice`.
    pub fn new(program: &Program, participant: Participant, choice: Choice) -> Self {
        Self {
            context: Context,
            kind: RecordKind::ConsentRecord,
            header: RecordHeader {
                conforms_to: Profile::Record,
                version: Self::VERSION,
                id: choice.id,
                participant: participant.id,
                program: program.id,
            },
            processing: Processing {
                notice: program.notice.clone(),
                purposes: choice.purposes,
                legal_basis: LegalBasis::Consent,
                personal_data: personal_data(&choice),
                storage: Storage { until: StorageEnd::Erased, hold_back_secs: choice.hold_back_secs },
                recipient: program.vault,
                withdrawal: WithdrawalMethod::SignedRecord,
                applications: choice.applications,
                text: choice.text,
                import: choice.import,
                stand_in: choice.stand_in,
            },
            party: Party {
                controller: program.controller.clone(),
                signing_key: participant.signing_key,
                opening_key: participant.opening_key,
            },
            event: ConsentEvent {
                status: ConsentStatus::Given,
                at: choice.at,
                method: choice.method,
                validity: choice.validity,
            },
        }
    }
}

/// What a record of this choice lets be recorded: text only where somebody chose it.
fn personal_data(choice: &Choice) -> Vec<PersonalData> {
    let mut data = vec![PersonalData::InputEvents, PersonalData::ApplicationNames];
    data.extend((choice.text.most() == TextPolicy::Safe).then_some(PersonalData::SafeText));
    data
}

/// The person who agrees: a pseudonym and the public halves of two key pairs made on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The pseudonym in this program.
    pub id: ParticipantId,
    /// What their signatures are checked with.
    pub signing_key: PublicKey,
    /// What their own copy is sealed to.
    pub opening_key: OpeningKey,
}

/// What a participant chose. [`Choice::nothing`] is where everybody starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The record's id, drawn at random.
    pub id: ConsentId,
    /// When the participant decided.
    pub at: u64,
    /// How the participant said yes.
    pub method: Method,
    /// From when until when it holds.
    pub validity: Validity,
    /// What recordings may be used for.
    pub purposes: Purposes,
    /// The applications that may be named.
    pub applications: Vec<String>,
    /// What may be kept of text.
    pub text: TextRules,
    /// Whether files may be imported.
    pub import: bool,
    /// Whether the participant stands in for the people of a public data set.
    pub stand_in: bool,
    /// How long recordings stay on the device before they are uploaded, in seconds.
    pub hold_back_secs: u64,
}

impl Choice {
    /// A choice with every purpose off, no application, no import, no text beyond shapes and the program's hold-back, from `at` until
    /// `not_after`.
    pub fn nothing(id: ConsentId, program: &Program, at: u64, not_after: u64) -> Self {
        Self {
            id,
            at,
            method: Method::CommandLine,
            validity: Validity { not_before: at, not_after },
            purposes: Purposes::NONE,
            applications: Vec::new(),
            text: TextRules::default(),
            import: false,
            stand_in: false,
            hold_back_secs: program.hold_back_secs,
        }
    }
}

/// Which record, whose, in which program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordHeader {
    /// The published profile whose structure it has.
    #[serde(rename = "dct:conformsTo")]
    pub conforms_to: Profile,
    /// The version of this format.
    pub version: u32,
    /// The record.
    #[serde(rename = "dct:identifier")]
    pub id: ConsentId,
    /// The participant's pseudonym.
    #[serde(rename = "dpv:hasDataSubject")]
    pub participant: ParticipantId,
    /// The program.
    pub program: ProgramId,
}

/// What may be done with what, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processing {
    /// The notice the participant read.
    #[serde(rename = "dpv:hasNotice")]
    pub notice: NoticeRef,
    /// The purposes switched on.
    #[serde(rename = "dpv:hasPurpose")]
    pub purposes: Purposes,
    /// Why it is lawful.
    #[serde(rename = "dpv:hasLegalBasis")]
    pub legal_basis: LegalBasis,
    /// What is recorded.
    #[serde(rename = "dpv:hasPersonalData")]
    pub personal_data: Vec<PersonalData>,
    /// How long it is kept.
    #[serde(rename = "dpv:hasStorageCondition")]
    pub storage: Storage,
    /// The one vault it goes to.
    #[serde(rename = "dpv:hasRecipient")]
    pub recipient: VaultIdentity,
    /// How to take it back.
    pub withdrawal: WithdrawalMethod,
    /// Scope: the applications that may be named.
    pub applications: Vec<String>,
    /// Scope: what may be kept of text. A record from before this was asked says shapes.
    #[serde(default)]
    pub text: TextRules,
    /// Scope: whether files may be imported.
    pub import: bool,
    /// Whether the participant stands in for the people of a public data set.
    pub stand_in: bool,
}

/// How long recordings are kept, and how long they wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// When they go.
    pub until: StorageEnd,
    /// How long they stay on the device before they are uploaded, in seconds. The participant's choice.
    pub hold_back_secs: u64,
}

/// Who agreed with whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Who answers for the program.
    #[serde(rename = "dpv:hasDataController")]
    pub controller: Controller,
    /// What the participant's signatures are checked with.
    pub signing_key: PublicKey,
    /// What the participant's own copy is sealed to.
    pub opening_key: OpeningKey,
}

/// When consent was given, how, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentEvent {
    /// What happened.
    #[serde(rename = "dpv:hasConsentStatus")]
    pub status: ConsentStatus,
    /// When.
    #[serde(rename = "dpv:isIndicatedAtTime")]
    pub at: u64,
    /// How it was expressed.
    #[serde(rename = "dpv:hasIndicationMethod")]
    pub method: Method,
    /// From when until when it holds.
    #[serde(rename = "dpv:hasDuration")]
    pub validity: Validity,
}

/// A span of time: `not_before` ≤ t < `not_after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// The first second.
    pub not_before: u64,
    /// The first second after.
    pub not_after: u64,
}

/// The withdrawal of one consent record. It holds from the moment it is seen, whatever `at` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// What happened.
    #[serde(rename = "dpv:hasConsentStatus")]
    pub status: WithdrawalStatus,
    /// The record.
    pub consent: ConsentId,
    /// The record's hash.
    pub record: Hash,
    /// When the participant decided.
    #[serde(rename = "dpv:isIndicatedAtTime")]
    pub at: u64,
    /// What to erase.
    pub erase: Erase,
}

/// What a withdrawal erases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Erase {
    /// What was recorded stays; nothing is added.
    Nothing,
    /// All that was recorded under any consent of this participant in this program.
    Everything,
}

/// The vault's receipt: it holds the record, and names the key it wants the participant's recordings sealed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The program.
    pub program: ProgramId,
    /// The record.
    pub consent: ConsentId,
    /// The record's hash.
    pub record: Hash,
    /// When the vault had stored it.
    pub received_at: u64,
    /// The period of the key pair.
    pub period: u32,
    /// The public half of the vault's key pair for this participant, consent and period.
    pub vault_key: OpeningKey,
}

/// The JSON-LD context: DPV and Dublin Core by their prefixes, everything else Candor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context;

impl Context {
    const TERMS: [(&str, &str); 3] =
        [("@vocab", "urn:candor:"), ("dct", "http://purl.org/dc/terms/"), ("dpv", "https://w3id.org/dpv#")];
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Self::TERMS)
    }
}

impl<'de> Deserialize<'de> for Context {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let terms = BTreeMap::<String, String>::deserialize(deserializer)?;
        let known = terms.iter().map(|(term, iri)| (term.as_str(), iri.as_str())).eq(Self::TERMS);
        known.then_some(Self).ok_or_else(|| serde::de::Error::custom("unknown @context"))
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$word_doc])* #[serde(rename = $text)] $word,)* }
    )*};
}

words! {
    /// What a record is.
    RecordKind {
        /// A consent record.
        ConsentRecord = "dpv:ConsentRecord",
    }
    /// The published profile whose structure a record has.
    Profile {
        /// ISO/IEC TS 27560 consent records, with DPV's words.
        Record = "https://w3id.org/dpv/schema/dpv-27560#record",
    }
    /// Why processing is lawful. A program may need another basis besides; Candor always asks for this one.
    LegalBasis {
        /// The participant agreed.
        Consent = "dpv:Consent",
    }
    /// What is recorded.
    PersonalData {
        /// Keys as shapes, shortcuts, pointer, scrolling, with their times.
        InputEvents = "input-events",
        /// The names of the applications in scope.
        ApplicationNames = "application-names",
        /// Text that was typed, where nothing private was found in it.
        SafeText = "safe-text",
    }
    /// When recordings go.
    StorageEnd {
        /// When the participant erases them. Until then nobody else reads them without a live consent.
        Erased = "erased-by-participant",
    }
    /// How to take consent back.
    WithdrawalMethod {
        /// A record signed on the participant's own device, which holds at once, without the vault.
        SignedRecord = "signed-record-on-own-device",
    }
    /// What a consent event says.
    ConsentStatus {
        /// Yes.
        Given = "dpv:ConsentGiven",
    }
    /// What a withdrawal says.
    WithdrawalStatus {
        /// No longer.
        Withdrawn = "dpv:ConsentWithdrawn",
    }
    /// How consent was expressed.
    Method {
        /// A command typed by the participant after the notice was shown.
        CommandLine = "command-line",
        /// A button on the participant's page.
        Page = "page",
        /// A form or licence outside Candor; for stand-ins.
        Elsewhere = "elsewhere",
    }
}
