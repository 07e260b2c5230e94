//! Hostile objects where a segment is expected: signed by the real device where a signature is needed to get further.
//! `CANDOR_FUZZ_SECS` says how long each target runs; 2 s by default.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions; these are the helpers of such functions"
)]

use std::time::Duration;

use candor_model::header::{Form, Header, Schema, SessionContext};
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Hash, ParticipantId, PositionUnit, ProgramId, Purposes, SessionId,
};
use candor_redact::{
    Observation, Observed, Outgoing, REDACTOR_VERSION, Raw, Redacted, Redactor, Remark, Rule, SessionKey, Settings,
};
use candor_seal::{
    ChainRecord, Dek, Identity, OpenError, RecipientRole, SEGMENT_EVENTS_MAX, SealError, SealedSegment, SegmentError,
    SessionSealer, WrapKey, cut_journal, open, open_remarks,
};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use rand_core::UnwrapErr;
use sha2::Sha256;

fn time() -> Duration {
    let secs = std::env::var("CANDOR_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok());
    Duration::from_secs(secs.unwrap_or(2))
}

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn device() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn context() -> SessionContext {
    SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        session: SessionId::from_bytes([4; 16]),
        imported: false,
        clock_unit: ClockUnit::MILLISECOND,
        position_unit: PositionUnit::PIXEL,
        period: 0,
        consent: ConsentId::from_bytes([5; 16]),
        consent_hash: Hash::of(b"consent"),
        purposes: Purposes::NONE,
        redactor: REDACTOR_VERSION,
    }
}

/// A sealer, and the identity that opens what it seals.
fn sealer() -> (SessionSealer, Identity) {
    let own = Identity::from_seed([9; 32]);
    let to = own.recipient().unwrap();
    (SessionSealer::new(context(), &to, &to, device(), &mut rng()).unwrap(), own)
}

fn dek(sealer: &SessionSealer, own: &Identity, header: Hash, wrap: &candor_seal::Wrap) -> Dek {
    let [_, encapsulation] = sealer.encapsulations();
    assert_eq!(encapsulation.role, RecipientRole::Participant);
    WrapKey::decapsulate(own, &context(), encapsulation).unwrap().unwrap(header, wrap).unwrap()
}

fn moves(count: usize) -> Vec<Redacted> {
    let settings = Settings::shapes(["editor".to_owned()], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    let mut wall = Redactor::new(settings, Some("editor"));
    let mut out = Outgoing::default();
    for at in 0..count as u64 {
        let what = Observed::Move { x: 1, y: 2, drag: false };
        wall.push(Raw::new(Observation { at, actor: Actor::Human, what }), &mut out);
    }
    wall.finish(&mut out);
    out.events
}

/// A header that the device signed, and what it is for.
fn signed(schema: Schema, form: Form, commitment: [u8; 32]) -> Vec<u8> {
    let header = Header { schema, form, context: context(), number: 3, encapsulation: 0, commitment }.encode();
    let signature = device().sign(&[b"candor segment header v1", &header[..]].concat()).to_bytes();
    [&header[..], &signature].concat()
}

fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind][..], &len, &Hash::of(content).0[..4], content].concat()
}

/// What a device with the key, and ill will, can write: blocks of its own as the chunks of a segment.
fn forged(schema: Schema, form: Form, blocks: &[Vec<u8>]) -> (SealedSegment, Dek) {
    let dek = Dek::generate(&mut rng());
    let mut bytes = signed(schema, form, dek.commitment().unwrap());
    let aad = Hash::of(&bytes[..Header::LEN]);
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, dek.expose().as_slice()).expand(b"candor chunk v1", &mut key).unwrap();
    let cipher = ChaCha20Poly1305::new(&Key::from(key));
    for (number, block) in blocks.iter().enumerate() {
        let last = form == Form::Compact && number + 1 == blocks.len();
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        nonce[11] = u8::from(last);
        let payload = Payload { msg: block, aad: &aad.0 };
        bytes.extend(frame(u8::from(last), &cipher.encrypt(&Nonce::from(nonce), payload).unwrap()));
    }
    let segment = match form {
        Form::Compact => SealedSegment::parse(bytes, &device().verifying_key()).unwrap(),
        Form::Journal => cut_journal(bytes, &device()).unwrap(),
    };
    (segment, dek)
}

/// Pieces of a body glued in any order, with noise between: refused or whole, and cutting it makes it whole.
#[test]
fn fuzz_framing() {
    let pieces = [
        frame(0, b"a chunk"),
        frame(1, b"the last"),
        frame(0, b""),
        frame(2, &[0; 64]),
        vec![0, 0, 0, 0, 9],
        vec![1, 0xff, 0xff, 0xff, 0xff],
        vec![0, 0, 16, 0, 1, 0, 0, 0, 0],
    ];
    let key = device();
    bolero::check!().with_test_time(time()).with_type::<(bool, Vec<u8>)>().for_each(|(journal, noise)| {
        let form = if *journal { Form::Journal } else { Form::Compact };
        let head = signed(Schema::Events, form, [8; 32]);
        let mut bytes = head.clone();
        for byte in noise {
            match pieces.get(usize::from(*byte) % (pieces.len() + 2)) {
                Some(piece) => bytes.extend_from_slice(piece),
                None => bytes.push(*byte),
            }
        }
        let number = 3;
        let parsed = SealedSegment::parse(bytes.clone(), &key.verifying_key());
        assert!(form == Form::Compact || parsed.is_err(), "nobody signed this cut");
        match parsed {
            Ok(segment) => assert_eq!((segment.as_bytes(), segment.header().form), (&bytes[..], Form::Compact)),
            Err(error) => assert_eq!(error, SegmentError::Torn { number }),
        }
        match cut_journal(bytes.clone(), &key) {
            Ok(cut) => {
                assert_eq!(form, Form::Journal);
                let kept = cut.as_bytes().len() - 73;
                assert_eq!(cut.as_bytes()[..kept], bytes[..kept]);
                let again = SealedSegment::parse(cut.as_bytes().to_vec(), &key.verifying_key());
                assert_eq!(again.as_ref(), Ok(&cut));
                assert_eq!(
                    cut_journal(cut.as_bytes().to_vec(), &key).as_ref(),
                    Ok(&cut),
                    "cutting twice is cutting once"
                );
            }
            Err(error) => assert_eq!((error, form), (SegmentError::NotAJournal { number }, Form::Compact)),
        }
    });
}

#[test]
fn fuzz_object_that_nobody_signed() {
    let key = device();
    bolero::check!().with_test_time(time()).for_each(|bytes: &[u8]| {
        let mut signed = signed(Schema::Events, Form::Journal, [8; 32]);
        for (at, byte) in bytes.iter().take(SealedSegment::BODY).enumerate() {
            signed[at] ^= byte;
        }
        if bytes.iter().any(|byte| *byte != 0) {
            assert!(SealedSegment::parse(signed.clone(), &key.verifying_key()).is_err());
            assert!(cut_journal(signed, &key).is_err());
        }
        assert!(SealedSegment::parse(bytes.to_vec(), &key.verifying_key()).is_err());
    });
}

#[test]
fn fuzz_chain_record() {
    bolero::check!().with_test_time(time()).for_each(|noise: &[u8]| {
        let mut bytes = [0; ChainRecord::LEN];
        bytes[0] = 1;
        bytes.iter_mut().zip(noise).for_each(|(byte, noise)| *byte ^= noise);
        for bytes in [&bytes[..], noise] {
            match ChainRecord::decode(bytes, 5) {
                Ok(record) => assert_eq!(record.encode(), bytes),
                Err(error) => assert_eq!(error.number, 5),
            }
        }
    });
}

/// Arbitrary plaintext under the right key: an error or events, for both schemas and both forms.
#[test]
fn fuzz_chunk() {
    let json = br#"[{"from":1,"to":2,"rule":"unknown-key","events":3}]"#;
    bolero::check!().with_test_time(time()).with_type::<(Vec<(u8, u8)>, Vec<u8>)>().for_each(|(edits, noise)| {
        let mut edited = json.to_vec();
        for (at, byte) in edits {
            let at = usize::from(*at) % edited.len();
            edited[at] = *byte;
        }
        let remarks = vec![zstd::bulk::compress(&edited, 1).unwrap()];
        for (schema, blocks) in [(Schema::Remarks, remarks), (Schema::Events, vec![noise.clone()])] {
            for form in [Form::Compact, Form::Journal] {
                let (segment, dek) = forged(schema, form, &blocks);
                let _ = (open(&segment, &dek), open_remarks(&segment, &dek));
            }
        }
    });
}

#[test]
fn a_bomb_in_remarks_is_refused() {
    let number = 3;
    let refuse = |blocks: &[Vec<u8>]| {
        let (segment, dek) = forged(Schema::Remarks, Form::Journal, blocks);
        assert_eq!(open_remarks(&segment, &dek), Err(OpenError::Remarks { number, chunk: blocks.len() as u32 - 1 }));
    };
    refuse(&[zstd::bulk::compress(&vec![b' '; 1 << 30], 1).unwrap()]);
    // Many small ones come to the same.
    let remarks = vec![Remark { from: 1, to: 2, rule: Rule::UnknownKey, events: Some(1) }; 200_000];
    let some = serde_json::to_vec(&remarks).unwrap();
    let some = zstd::bulk::compress(&some, 1).unwrap();
    let (segment, dek) = forged(Schema::Remarks, Form::Journal, std::slice::from_ref(&some));
    assert_eq!(open_remarks(&segment, &dek), Ok(remarks));
    refuse(&[some.clone(), some]);
    let two = [zstd::bulk::compress(b"[]", 1).unwrap(), zstd::bulk::compress(b"", 1).unwrap()].concat();
    refuse(&[two]);
    refuse(&[zstd::bulk::compress(br#"[{"from":1,"to":2,"rule":"unknown-key","text":"x"}]"#, 1).unwrap()]);
}

#[test]
fn what_is_sealed_as_remarks_opens() {
    let (mut sealer, own) = sealer();
    let remarks = |count| vec![Remark { from: 1, to: 2, rule: Rule::UnknownKey, events: Some(1) }; count];
    let sealed = sealer.seal_remarks(0, &remarks(300_000), &mut rng()).unwrap();
    let dek = dek(&sealer, &own, sealed.segment.header().hash(), &sealed.participant);
    assert_eq!(open_remarks(&sealed.segment, &dek).unwrap().len(), 300_000);
    assert!(matches!(sealer.seal_remarks(1, &remarks(400_000), &mut rng()), Err(SealError::TooMany)));
}

/// Thousands of chunks of a hundred bytes, each a block of 32,768 gaps, would be gigabytes of events.
#[test]
fn a_journal_of_bombs_is_refused() {
    let block = |count: usize| {
        let (mut sealer, own) = sealer();
        let sealed = sealer.seal_events(0, &moves(count), &mut rng()).unwrap();
        let dek = dek(&sealer, &own, sealed.segment.header().hash(), &sealed.participant);
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, dek.expose().as_slice()).expand(b"candor chunk v1", &mut key).unwrap();
        let payload = Payload {
            msg: &sealed.segment.as_bytes()[SealedSegment::BODY + 9..],
            aad: &sealed.segment.header().hash().0,
        };
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        ChaCha20Poly1305::new(&Key::from(key)).decrypt(&Nonce::from(nonce), payload).unwrap()
    };
    let (one, full) = (block(1), block(SEGMENT_EVENTS_MAX));
    let (segment, dek) = forged(Schema::Events, Form::Journal, std::slice::from_ref(&full));
    assert_eq!(open(&segment, &dek).unwrap().events.len(), SEGMENT_EVENTS_MAX);
    let (segment, dek) = forged(Schema::Events, Form::Journal, &[full.clone(), one]);
    assert_eq!(open(&segment, &dek), Err(OpenError::TooMany { number: 3, chunk: 1 }));
    let (segment, dek) = forged(Schema::Events, Form::Compact, &[full.clone(), full]);
    assert_eq!(open(&segment, &dek), Err(OpenError::TooMany { number: 3, chunk: 1 }));
}

/// A journal that holds more than its compact segment could is never written, and a refused chunk leaves no hole.
#[test]
fn a_journal_takes_no_more_than_a_segment_and_goes_on_after_a_refusal() {
    let (mut sealer, own) = sealer();
    let mut journal = sealer.open_journal(0, &mut rng()).unwrap();
    let events = moves(SEGMENT_EVENTS_MAX);
    let mut file = journal.head().to_vec();
    let (header, wrap) = (journal.header_hash(), journal.wraps().1);
    file.extend(journal.append(&events[..9]).unwrap().as_bytes());
    assert!(matches!(journal.append(&events), Err(SealError::TooMany)));
    file.extend(journal.append(&events[9..]).unwrap().as_bytes());
    assert!(matches!(journal.append(&events[..1]), Err(SealError::TooMany)));
    let segment = cut_journal(file, &device()).unwrap();
    assert_eq!(open(&segment, &dek(&sealer, &own, header, &wrap)).unwrap().events.len(), SEGMENT_EVENTS_MAX);
}
