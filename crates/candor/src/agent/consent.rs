//! The participant's consent on this device: give, withdraw, show. The device's records are enough to stop recording;
//! the vault hears of a withdrawal as soon as it can be reached.

use anyhow::{Context, Result, bail};
use candor_consent::{LiveConsent, Records, Signed, verify};
use candor_model::consent::{Choice, ConsentRecord, Erase, Participant, Receipt, Withdrawal};
use candor_model::{OpeningKey, Program, Typ};
use serde::{Deserialize, Serialize};

use crate::agent::client::{Client, Refused};
use crate::agent::home::Home;
use crate::wire::SignedRecord;
use crate::{clock, files};

const FILE: &str = "consent.json";

/// What lies in `consent.json`: signed records, unchecked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentFile {
    /// The newest consent record.
    consent: Option<String>,
    /// The vault's newest receipt for it.
    receipt: Option<String>,
    /// Every withdrawal ever signed here.
    withdrawals: Vec<SentRecord>,
}

/// A record that has to reach the vault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentRecord {
    record: String,
    sent: bool,
}

fn read(home: &Home) -> Result<ConsentFile> {
    let path = home.dir().join(FILE);
    if !path.exists() {
        return Ok(ConsentFile::default());
    }
    serde_json::from_str(&files::read_private_text(&path)?).context("consent.json")
}

/// Changes what lies there now: the recorder and a person's commands do so at the same time.
fn change(home: &Home, how: impl FnOnce(&mut ConsentFile)) -> Result<()> {
    let _alone = home.alone()?;
    let mut file = read(home)?;
    how(&mut file);
    files::write_private(&home.dir().join(FILE), &serde_json::to_vec_pretty(&file)?)
}

/// The records that decide whether we may record; nothing where no consent was ever given here.
///
/// # Errors
/// Where a file cannot be read.
pub(crate) fn records(home: &Home) -> Result<Option<Records>> {
    let file = read(home)?;
    let Some(consent) = file.consent else { return Ok(None) };
    Ok(Some(Records {
        participant: home.participant()?,
        signing_key: home.signer()?.public_key(),
        consent,
        receipt: file.receipt,
        withdrawals: file.withdrawals.into_iter().map(|withdrawal| withdrawal.record).collect(),
    }))
}

/// Consents to the program as its vault publishes it now, without showing it to anybody.
///
/// # Errors
/// As [`sign`]'s.
#[cfg(any(all(test, feature = "vault"), all(feature = "dataset", feature = "import", feature = "vault")))]
pub(crate) fn give(home: &Home, choose: impl FnOnce(&Program) -> Choice) -> Result<Signed<Receipt>> {
    let client = home.client()?;
    let (program, _) = home.refresh_program(&client)?;
    sign(home, &client, &program, choose(&program))
}

/// Signs a consent to `program`, the one that was shown, keeps it and brings it to the vault, whose receipt is kept too.
///
/// # Errors
/// Where we are no participant, or the vault is not reached or refuses; the signed record is kept and the next call of
/// [`deliver`] tries again.
pub(crate) fn sign(home: &Home, client: &Client, program: &Program, choice: Choice) -> Result<Signed<Receipt>> {
    let signer = home.signer()?;
    let opening_key = OpeningKey::try_from(home.opening()?.recipient()?.to_bytes().as_slice())?;
    let participant = Participant { id: home.participant()?, signing_key: signer.public_key(), opening_key };
    let consent = signer.consent(ConsentRecord::new(program, participant, choice))?;
    change(home, |file| {
        file.consent = Some(consent.compact().to_owned());
        file.receipt = None;
    })?;
    deliver(home, client)?.context("the consent was withdrawn in the meantime")
}

/// Brings what the vault has not got yet: withdrawals first, then the consent, whose receipt is returned.
///
/// # Errors
/// Where the vault is not reached or refuses; nothing is lost, and the next call tries again.
pub(crate) fn deliver(home: &Home, client: &Client) -> Result<Option<Signed<Receipt>>> {
    for withdrawal in read(home)?.withdrawals.into_iter().filter(|withdrawal| !withdrawal.sent) {
        let body = SignedRecord { record: withdrawal.record.clone() };
        match client.post::<serde_json::Value>("/v1/withdrawals", &body) {
            Ok(_) => {}
            // A vault that never had the consent has nothing to withdraw.
            Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == 404) => {}
            Err(error) => return Err(error),
        }
        change(home, |file| {
            let same = |one: &&mut SentRecord| one.record == withdrawal.record;
            file.withdrawals.iter_mut().filter(same).for_each(|one| one.sent = true);
        })?;
    }
    let file = read(home)?;
    let Some(consent) = file.consent else { return Ok(None) };
    let record = verify::<ConsentRecord>(Typ::CONSENT, &consent, &home.signer()?.public_key())?;
    let withdrawn = file.withdrawals.iter().any(|text| names(home, &text.record, &record));
    if withdrawn {
        return Ok(None);
    }
    let answer: SignedRecord = client.post("/v1/consents", &SignedRecord { record: consent.clone() })?;
    let receipt = verify::<Receipt>(Typ::RECEIPT, &answer.record, &home.member().vault.0)?;
    if receipt.payload().record != record.hash() {
        bail!("the vault's receipt is for another consent record; try again");
    }
    change(home, |file| {
        // Another consent may have been given while the vault was asked.
        if file.consent.as_ref() == Some(&consent) {
            file.receipt = Some(answer.record);
        }
    })?;
    Ok(Some(receipt))
}

/// Whether a withdrawal names this consent. One that cannot be read counts: it may be the one that says no.
fn names(home: &Home, withdrawal: &str, consent: &Signed<ConsentRecord>) -> bool {
    let Ok(signer) = home.signer() else { return true };
    verify::<Withdrawal>(Typ::WITHDRAWAL, withdrawal, &signer.public_key())
        .map_or(true, |withdrawal| withdrawal.payload().record == consent.hash())
}

/// Takes the consent back: offline, at once. [`deliver`] brings it to the vault.
///
/// # Errors
/// Where there is no consent to withdraw, or the withdrawal cannot be written.
pub(crate) fn withdraw(home: &Home, erase: Erase) -> Result<Signed<Withdrawal>> {
    let consent = read(home)?.consent.context("there is no consent to withdraw here")?;
    let signer = home.signer()?;
    let record = verify::<ConsentRecord>(Typ::CONSENT, &consent, &signer.public_key())?;
    let withdrawal = signer.withdrawal(record.payload().header.id, record.hash(), erase, clock::unix_secs())?;
    change(home, |file| {
        file.withdrawals.push(SentRecord { record: withdrawal.compact().to_owned(), sent: false });
    })?;
    Ok(withdrawal)
}

/// The consent that holds now, decided from this device's records and the program as last published.
///
/// # Errors
/// Every reason why none holds, in one message.
pub(crate) fn live(home: &Home) -> Result<LiveConsent> {
    let Some(records) = records(home)? else {
        bail!("there is no consent here yet; run `candor consent give`");
    };
    let (program, _) = home.program()?;
    candor_consent::decide(&records, &program, clock::unix_secs()).map_err(|reasons| {
        let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", reasons.join("; "))
    })
}

/// The record as the participant signed it, and whether it was withdrawn here.
///
/// # Errors
/// Where there is none or it is damaged.
pub(crate) fn current(home: &Home) -> Result<Option<(ConsentRecord, bool)>> {
    let file = read(home)?;
    let Some(consent) = file.consent else { return Ok(None) };
    let record = verify::<ConsentRecord>(Typ::CONSENT, &consent, &home.signer()?.public_key())?;
    let withdrawn = file.withdrawals.iter().any(|text| names(home, &text.record, &record));
    Ok(Some((record.into_payload(), withdrawn)))
}
