//! The signed records about one participant's consent, as they lie on a device or in a vault: unchecked text.

use candor_model::{ConsentRecord, ParticipantId, PublicKey, Receipt, Withdrawal};

use crate::jws::Signed;

/// What [`crate::decide`] decides on. Nothing in here is believed before its signature is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The participant, as enrolled.
    pub participant: ParticipantId,
    /// The participant's signing key, as enrolled: the one thing taken on the caller's word.
    pub signing_key: PublicKey,
    /// The consent record, a compact JWS.
    pub consent: String,
    /// The vault's newest receipt for it, a compact JWS.
    pub receipt: Option<String>,
    /// Every withdrawal the holder knows of, compact JWSs.
    pub withdrawals: Vec<String>,
}

impl Records {
    /// A consent without a receipt yet.
    pub fn new(consent: &Signed<ConsentRecord>) -> Self {
        Self {
            participant: consent.payload().header.participant,
            signing_key: consent.signer(),
            consent: consent.compact().to_owned(),
            receipt: None,
            withdrawals: Vec::new(),
        }
    }

    /// Adds the vault's receipt; a newer one replaces it.
    pub fn receive(&mut self, receipt: &Signed<Receipt>) {
        self.receipt = Some(receipt.compact().to_owned());
    }

    /// Adds a withdrawal. From here on [`crate::decide`] refuses, whether or not the vault has heard of it.
    pub fn withdraw(&mut self, withdrawal: &Signed<Withdrawal>) {
        self.withdrawals.push(withdrawal.compact().to_owned());
    }
}
