//! Segments put together by hand: any chunks and any frames, under a header, a key and signatures that are right.

use candor_model::Hash;
use candor_seal::{RecipientRole, Wrap, WrapKey};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::maker::{Maker, Vector};

/// Kinds of frames.
pub const MORE: u8 = 0;
pub const LAST: u8 = 1;
pub const CUT: u8 = 2;

const HEADER: usize = 177;
const HEAD: usize = 241;

/// A segment's head with its key and the wrap of that key, and no body yet.
pub struct Forge {
    pub role: RecipientRole,
    pub wrap: Wrap,
    pub head: Vec<u8>,
    pub dek: [u8; 32],
}

/// A frame: kind, length, check, content.
pub fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind][..], &length, &Hash::of(content).0[..4], content].concat()
}

impl Forge {
    fn new(m: &Maker, role: RecipientRole, wrap: Wrap, head: &[u8]) -> Self {
        let [vault, participant] = m.sealer.encapsulations();
        let (identity, encapsulation) = match role {
            RecipientRole::Vault => (&m.vault, vault),
            RecipientRole::Participant => (&m.participant, participant),
        };
        let key = WrapKey::decapsulate(identity, m.sealer.context(), encapsulation).unwrap();
        let dek = *key.unwrap(Hash::of(&head[..HEADER]), &wrap).unwrap().expose();
        Self { role, wrap, head: head[..HEAD].to_vec(), dek }
    }

    pub fn compact(m: &mut Maker, number: u32) -> Self {
        let sealed = m.sealer.seal_events(number, &[], &mut m.rng).unwrap();
        Self::new(m, RecipientRole::Vault, sealed.vault.unwrap(), sealed.segment.as_bytes())
    }

    pub fn journal(m: &mut Maker, number: u32) -> Self {
        let journal = m.sealer.open_journal(number, &mut m.rng).unwrap();
        Self::new(m, RecipientRole::Vault, journal.wraps().0.unwrap(), journal.head())
    }

    pub fn remarks(m: &mut Maker, number: u32) -> Self {
        let sealed = m.sealer.seal_remarks(number, &[], &mut m.rng).unwrap();
        Self::new(m, RecipientRole::Participant, sealed.participant, sealed.segment.as_bytes())
    }

    pub fn header(&self) -> &[u8] {
        &self.head[..HEADER]
    }

    /// Chunk `number`, sealed as the specification says.
    pub fn chunk(&self, number: u32, kind: u8, plain: &[u8]) -> Vec<u8> {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.dek).expand(b"candor chunk v1", &mut key).unwrap();
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(kind == LAST);
        let payload = Payload { msg: plain, aad: &Hash::of(self.header()).0 };
        let sealed = ChaCha20Poly1305::new(&Key::from(key)).encrypt(&Nonce::from(nonce), payload).unwrap();
        frame(kind, &sealed)
    }

    /// The frame that ends a journal of `frames`, saying that they are `count`.
    pub fn cut(&self, frames: &[u8], count: u32, device: &SigningKey) -> Vec<u8> {
        let header = Hash::of(self.header()).0;
        let message = [b"candor journal cut v1", &header[..], &count.to_be_bytes(), &Hash::of(frames).0].concat();
        frame(CUT, &device.sign(&message).to_bytes())
    }

    pub fn with(&self, body: &[&[u8]]) -> Vec<u8> {
        [&[&self.head[..]], body].concat().concat()
    }

    /// The compact segment of one block.
    pub fn whole(&self, plain: &[u8]) -> Vec<u8> {
        self.with(&[&self.chunk(0, LAST, plain)])
    }

    /// The journal of these blocks.
    pub fn cut_of(&self, m: &Maker, plain: &[Vec<u8>]) -> Vec<u8> {
        let frames: Vec<u8> = (0..).zip(plain).flat_map(|(n, block)| self.chunk(n, MORE, block)).collect();
        self.with(&[&frames, &self.cut(&frames, plain.len() as u32, &m.device)])
    }

    pub fn opened(&self, m: &Maker, bytes: Vec<u8>, text: &str) -> Vector {
        m.opened(self.role, self.wrap, bytes, text)
    }

    pub fn refused(&self, m: &Maker, bytes: Vec<u8>, expect: &str) -> Vector {
        m.refused(self.role, self.wrap, bytes, expect)
    }

    pub fn refused_at(&self, m: &Maker, bytes: Vec<u8>, at: (&str, u32)) -> Vector {
        m.refused_at(self.role, self.wrap, bytes, at)
    }
}
