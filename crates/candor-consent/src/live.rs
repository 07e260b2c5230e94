//! The decision: does this participant's consent hold, here and now?

use candor_model::consent::{Erase, PersonalData, Validity};
use candor_model::program::RunState;
use candor_model::text::SAFE_HOLD_BACK_SECS_MIN;
use candor_model::{
    ConsentId, ConsentRecord, Hash, OpeningKey, ParticipantId, Program, ProgramId, Purposes, Receipt, TextPolicy,
    TextRules, Typ, VaultIdentity, Withdrawal,
};
use serde::Deserialize;

use crate::jws::{JwsError, SignError, Signed, verify};
use crate::keys::ParticipantSigner;
use crate::records::Records;

/// How far a vault's clock may be ahead of ours before its receipt counts as one from the future, in seconds.
pub const CLOCK_SKEW_SECS: u64 = 300;

/// A consent that held when it was decided. Ask [`LiveConsent::is_live`] before each use: it expires.
///
/// Only [`decide`] makes one. It cannot be cloned, stored or sent, and withdrawing consumes it.
#[derive(Debug)]
#[must_use]
pub struct LiveConsent {
    program: ProgramId,
    participant: ParticipantId,
    consent: ConsentId,
    hash: Hash,
    notice: Hash,
    epoch: u64,
    vault: VaultIdentity,
    purposes: Purposes,
    applications: Vec<String>,
    text: TextRules,
    offered: TextRules,
    /// Whether text may be kept at all.
    safe_text: bool,
    private_applications: Vec<String>,
    private_origins: Vec<String>,
    import: bool,
    stand_in: bool,
    hold_back_secs: u64,
    validity: Validity,
    period: u32,
    vault_key: OpeningKey,
    opening_key: OpeningKey,
}

impl LiveConsent {
    /// The program.
    pub const fn program(&self) -> ProgramId {
        self.program
    }

    /// The participant's pseudonym.
    pub const fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// The consent record.
    pub const fn consent(&self) -> ConsentId {
        self.consent
    }

    /// The consent record's hash.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The hash of the notice it was given under.
    pub const fn notice(&self) -> Hash {
        self.notice
    }

    /// The program's epoch at the decision.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The vault it pins: what leases are checked with, and the only place recordings may go.
    pub const fn vault(&self) -> VaultIdentity {
        self.vault
    }

    /// What recordings may be used for: switched on by the participant and offered by the program.
    pub const fn purposes(&self) -> Purposes {
        self.purposes
    }

    /// The applications that may be named: allowed by the participant and by the program.
    pub fn applications(&self) -> &[String] {
        &self.applications
    }

    /// What may be kept of text typed in an application: the lesser of what the participant and the program say, nothing in
    /// an application that may not be named, and shapes at most where the record does not cover text or recordings are
    /// not held back for [`SAFE_HOLD_BACK_SECS_MIN`].
    pub fn text(&self, application: &str) -> TextPolicy {
        if !self.applications.iter().any(|allowed| allowed == application) {
            return TextPolicy::None;
        }
        let most = if self.safe_text { TextPolicy::Safe } else { TextPolicy::Shapes };
        self.text.of(application).min(self.offered.of(application)).min(most)
    }

    /// Applications that the program adds to those that are private everywhere.
    pub fn private_applications(&self) -> &[String] {
        &self.private_applications
    }

    /// Sites that the program adds to those that are private everywhere.
    pub fn private_origins(&self) -> &[String] {
        &self.private_origins
    }

    /// Whether the participant and the program both allow importing files.
    pub const fn allows_import(&self) -> bool {
        self.import
    }

    /// Whether the participant stands in for the people of a public data set.
    pub const fn stand_in(&self) -> bool {
        self.stand_in
    }

    /// How long recordings stay on the device before they are uploaded, in seconds.
    pub const fn hold_back_secs(&self) -> u64 {
        self.hold_back_secs
    }

    /// The first second in which it no longer holds.
    pub const fn not_after(&self) -> u64 {
        self.validity.not_after
    }

    /// The period of the vault's key pair.
    pub const fn period(&self) -> u32 {
        self.period
    }

    /// What the vault's copy is sealed to.
    pub const fn vault_key(&self) -> &OpeningKey {
        &self.vault_key
    }

    /// What the participant's own copy is sealed to.
    pub const fn opening_key(&self) -> &OpeningKey {
        &self.opening_key
    }

    /// Whether it holds at `now` (Unix seconds).
    pub const fn is_live(&self, now: u64) -> bool {
        self.validity.not_before <= now && now < self.validity.not_after
    }

    /// Takes it back: signs the withdrawal and leaves nothing to record with. Needs neither vault nor network; the
    /// caller adds the withdrawal to its [`Records`] and sends it when it can.
    ///
    /// # Errors
    /// As [`crate::sign`]; the consent is gone either way.
    pub fn withdraw(self, signer: &ParticipantSigner, erase: Erase, at: u64) -> Result<Signed<Withdrawal>, SignError> {
        signer.withdrawal(self.consent, self.hash, erase, at)
    }
}

/// Decides whether the participant's consent holds in `program`, as the vault last published it, at `now` (Unix
/// seconds). Unknown means no (invariant 6).
///
/// # Errors
/// Every reason that was found, in a fixed order; never empty.
pub fn decide(records: &Records, program: &Program, now: u64) -> Result<LiveConsent, Vec<Reason>> {
    let consent = read_consent(records);
    let mut reasons = match &consent {
        Ok(consent) => record_reasons(consent.payload(), records, program, now),
        Err(reason) => vec![*reason],
    };
    let consent = consent.ok();
    reasons.extend((program.state == RunState::Paused).then_some(Reason::Paused));
    reasons.extend(withdrawal_reason(records, consent.as_ref()));
    match (consent, read_receipt(records, program)) {
        (Some(consent), Ok(receipt)) => {
            reasons.extend(receipt_reasons(receipt.payload(), &consent, now));
            if reasons.is_empty() { Ok(live(consent, receipt.into_payload(), program)) } else { Err(reasons) }
        }
        (_, receipt) => {
            reasons.extend(receipt.err());
            Err(reasons)
        }
    }
}

fn read_consent(records: &Records) -> Result<Signed<ConsentRecord>, Reason> {
    verify(Typ::CONSENT, &records.consent, &records.signing_key).map_err(|error| match later_version(records) {
        Some(version) => Reason::UnknownVersion { version },
        None => Reason::ConsentRefused(error),
    })
}

/// The version of a record that is correctly signed but not of this version; only the reason depends on it.
fn later_version(records: &Records) -> Option<u32> {
    #[derive(Deserialize)]
    struct AnyRecord {
        header: AnyHeader,
    }
    #[derive(Deserialize)]
    struct AnyHeader {
        version: u32,
    }
    let any = verify::<AnyRecord>(Typ::CONSENT, &records.consent, &records.signing_key).ok()?;
    let version = any.payload().header.version;
    (version != ConsentRecord::VERSION).then_some(version)
}

fn record_reasons(record: &ConsentRecord, records: &Records, program: &Program, now: u64) -> Vec<Reason> {
    let Validity { not_before, not_after } = record.event.validity;
    let version = record.header.version;
    let given = &record.processing;
    let checks = [
        (version != ConsentRecord::VERSION, Reason::UnknownVersion { version }),
        (record.header.participant != records.participant, Reason::OtherParticipant),
        (record.party.signing_key != records.signing_key, Reason::OtherSigningKey),
        (record.header.program != program.id, Reason::OtherProgram),
        (record.party.controller != program.controller, Reason::OtherController),
        (given.recipient != program.vault, Reason::OtherVault),
        (given.notice != program.notice, Reason::NoticeChanged { version: program.notice.version }),
        (!given.personal_data.contains(&PersonalData::InputEvents), Reason::NothingToRecord),
        (given.purposes.intersection(program.purposes).is_empty(), Reason::NoPurpose),
        (now < not_before, Reason::NotYetValid { not_before }),
        (now >= not_after, Reason::Expired { not_after }),
    ];
    checks.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
}

/// The first withdrawal that counts. One that cannot be read counts too: it may be the one that says no.
fn withdrawal_reason(records: &Records, consent: Option<&Signed<ConsentRecord>>) -> Option<Reason> {
    records.withdrawals.iter().find_map(|text| {
        let withdrawal = match verify::<Withdrawal>(Typ::WITHDRAWAL, text, &records.signing_key) {
            Ok(withdrawal) => withdrawal.into_payload(),
            Err(error) => return Some(Reason::WithdrawalRefused(error)),
        };
        let same = consent.is_none_or(|consent| {
            withdrawal.consent == consent.payload().header.id || withdrawal.record == consent.hash()
        });
        same.then_some(Reason::Withdrawn { at: withdrawal.at })
    })
}

fn read_receipt(records: &Records, program: &Program) -> Result<Signed<Receipt>, Reason> {
    let text = records.receipt.as_ref().ok_or(Reason::ReceiptMissing)?;
    verify(Typ::RECEIPT, text, &program.vault.0).map_err(Reason::ReceiptRefused)
}

fn receipt_reasons(receipt: &Receipt, consent: &Signed<ConsentRecord>, now: u64) -> Vec<Reason> {
    let header = &consent.payload().header;
    let other = receipt.program != header.program || receipt.consent != header.id || receipt.record != consent.hash();
    let future = receipt.received_at > now.saturating_add(CLOCK_SKEW_SECS);
    let received_at = receipt.received_at;
    [(other, Reason::ReceiptForOther), (future, Reason::ReceiptFromFuture { received_at })]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect()
}

fn live(consent: Signed<ConsentRecord>, receipt: Receipt, program: &Program) -> LiveConsent {
    let hash = consent.hash();
    let ConsentRecord { header, processing, party, event, .. } = consent.into_payload();
    let named = processing.personal_data.contains(&PersonalData::ApplicationNames);
    let held_back = processing.storage.hold_back_secs >= SAFE_HOLD_BACK_SECS_MIN;
    let safe_text = held_back && processing.personal_data.contains(&PersonalData::SafeText);
    let both = |app: &String| named && program.applications.contains(app);
    LiveConsent {
        program: program.id,
        participant: header.participant,
        consent: header.id,
        hash,
        notice: processing.notice.hash,
        epoch: program.epoch,
        vault: processing.recipient,
        purposes: processing.purposes.intersection(program.purposes),
        applications: processing.applications.into_iter().filter(both).collect(),
        text: processing.text,
        offered: program.text.clone(),
        safe_text,
        private_applications: program.private_applications.clone(),
        private_origins: program.private_origins.clone(),
        import: processing.import && program.allow_import,
        stand_in: processing.stand_in,
        hold_back_secs: processing.storage.hold_back_secs,
        validity: event.validity,
        period: receipt.period,
        vault_key: receipt.vault_key,
        opening_key: party.opening_key,
    }
}

/// Why a consent does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The record is not signed by the participant, or not understood.
    #[error("consent record: {0}; sign a new consent")]
    ConsentRefused(JwsError),
    /// The record is of a version this code does not know.
    #[error("the consent record has version {version}, which this program does not know; update it")]
    UnknownVersion {
        /// The version.
        version: u32,
    },
    /// The record is somebody else's.
    #[error("the consent record names another participant than the one enrolled here")]
    OtherParticipant,
    /// The record names another signing key than the one enrolled.
    #[error("the consent record names another signing key than the one enrolled here")]
    OtherSigningKey,
    /// The record is for another program.
    #[error("the consent record is for another program")]
    OtherProgram,
    /// Somebody else answers for the program now.
    #[error("the consent was given to another controller than the program's; ask the participant again")]
    OtherController,
    /// The program's vault is not the one the participant agreed to (invariant 15).
    #[error("the consent names another vault than the program's; ask the participant again")]
    OtherVault,
    /// There is a new notice.
    #[error("the notice changed (now version {version}); show it to the participant and ask again")]
    NoticeChanged {
        /// The version of the notice in force.
        version: u32,
    },
    /// The record does not cover input events.
    #[error("the consent record does not cover input events, so there is nothing to record")]
    NothingToRecord,
    /// No purpose is both switched on and offered.
    #[error("no purpose is switched on that the program offers")]
    NoPurpose,
    /// It starts later.
    #[error("the consent starts at {not_before} (Unix seconds), which is in the future; check the clock")]
    NotYetValid {
        /// The first second in which it holds.
        not_before: u64,
    },
    /// It ended.
    #[error("the consent ended at {not_after} (Unix seconds); ask the participant again")]
    Expired {
        /// The first second in which it no longer holds.
        not_after: u64,
    },
    /// The program is paused.
    #[error("the program is paused")]
    Paused,
    /// The participant took it back.
    #[error("the participant withdrew this consent at {at} (Unix seconds)")]
    Withdrawn {
        /// When the participant decided.
        at: u64,
    },
    /// A withdrawal that cannot be read counts as one.
    #[error("there is a withdrawal that cannot be read, which counts as one: {0}")]
    WithdrawalRefused(JwsError),
    /// The vault has not confirmed the record.
    #[error("there is no receipt from the vault yet; send it the consent record")]
    ReceiptMissing,
    /// The receipt is not the program's vault's, or not understood.
    #[error("receipt: {0}; ask the vault for a new one")]
    ReceiptRefused(JwsError),
    /// The receipt is for another record.
    #[error("the receipt is for another consent record; send the vault this one")]
    ReceiptForOther,
    /// The receipt was given in the future.
    #[error("the receipt was given at {received_at} (Unix seconds), which is in the future; check the clock")]
    ReceiptFromFuture {
        /// When the vault says it had stored the record.
        received_at: u64,
    },
}
