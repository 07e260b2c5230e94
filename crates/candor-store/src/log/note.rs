//! Checkpoints as C2SP signed notes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash};
use zeroize::Zeroizing;

use super::LogError;

/// The algorithm byte of Ed25519 in C2SP signed-note keys.
const ED25519: u8 = 1;

/// Signs checkpoints of one log.
pub(super) struct NoteKey {
    signer: StandardSigner,
    verifier_key: String,
    origin: String,
}

impl NoteKey {
    /// The key `signing` under the name `origin`.
    pub(super) fn new(origin: &str, signing: &SigningKey) -> Result<Self, LogError> {
        if !is_name(origin) {
            return Err(LogError::Origin { origin: origin.to_owned() });
        }
        let public = [&[ED25519][..], signing.verifying_key().as_bytes()].concat();
        let id = signed_note::key_id(origin, &public);
        let secret = Zeroizing::new([&[ED25519][..], &signing.to_bytes()].concat());
        let text = Zeroizing::new(BASE64_STANDARD.encode(&*secret));
        let text = Zeroizing::new(format!("PRIVATE+KEY+{origin}+{id:08x}+{}", *text));
        let origin_error = |_| LogError::Origin { origin: origin.to_owned() };
        Ok(Self {
            signer: StandardSigner::new(&text).map_err(origin_error)?,
            verifier_key: format!("{origin}+{id:08x}+{}", BASE64_STANDARD.encode(public)),
            origin: origin.to_owned(),
        })
    }

    /// The verifier key, as C2SP signed-note spells it.
    pub(super) fn verifier_key(&self) -> &str {
        &self.verifier_key
    }

    /// A signed checkpoint.
    pub(super) fn sign(&self, size: u64, root: Hash) -> Result<Vec<u8>, LogError> {
        let malformed = LogError::Checkpoint { why: "it cannot be written" };
        let Ok(checkpoint) = Checkpoint::new(&self.origin, size, root, "") else { return Err(malformed) };
        let Ok(mut note) = Note::new(&checkpoint.to_bytes(), &[]) else { return Err(malformed) };
        note.add_sigs(&[&self.signer]).map_err(|_| LogError::Checkpoint { why: "it cannot be signed" })?;
        Ok(note.to_bytes())
    }
}

/// Neither blanks nor pluses, and not empty: what C2SP signed-note allows in a key's name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Reads a checkpoint and verifies the log's signature. Other signatures, such as cosignatures, are let pass.
pub(super) fn open(bytes: &[u8], verifier_key: &str) -> Result<Checkpoint, LogError> {
    let bad = |why| LogError::Checkpoint { why };
    let verifier = StandardVerifier::new(verifier_key).map_err(|_| bad("the verifier key is malformed"))?;
    let origin = verifier_key.split('+').next().unwrap_or_default().to_owned();
    let note = Note::from_bytes(bytes).map_err(|_| bad("it is no signed note"))?;
    note.verify(&VerifierList::new(vec![Box::new(verifier)])).map_err(|_| bad("the log's key did not sign it"))?;
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| bad("its text is malformed"))?;
    if checkpoint.origin() == origin { Ok(checkpoint) } else { Err(bad("it is another log's")) }
}
