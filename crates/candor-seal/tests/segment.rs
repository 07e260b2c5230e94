//! Anything truncated, missing, reordered, repeated, re-labelled or foreign is refused with its number.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions; these are the helpers of such functions"
)]

use candor_model::event::Press;
use candor_model::header::{Form, SessionContext};
use candor_model::key::PhysicalKey;
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Hash, ParticipantId, PositionUnit, ProgramId, Purpose, Purposes, SessionId,
};
use candor_redact::{
    LogicalKey, Observation, Observed, Outgoing, REDACTOR_VERSION, Raw, Redacted, Redactor, Remark, Rule, SessionKey,
    Settings,
};
use candor_seal::{
    Dek, Identity, KeyError, OpenError, Opened, RecipientRole, Sealed, SealedSegment, SegmentError, SessionSealer,
    WrapKey, cut_journal, open, open_remarks, open_rewrapped, rewrap,
};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use rand_core::UnwrapErr;

type Rng = UnwrapErr<getrandom::SysRng>;

fn rng() -> Rng {
    UnwrapErr(getrandom::SysRng)
}

fn context(session: u8) -> SessionContext {
    SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        session: SessionId::from_bytes([session; 16]),
        imported: false,
        clock_unit: ClockUnit::MILLISECOND,
        position_unit: PositionUnit::PIXEL,
        period: 0,
        consent: ConsentId::from_bytes([5; 16]),
        consent_hash: Hash::of(b"consent"),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        redactor: REDACTOR_VERSION,
    }
}

fn events(from: u64, count: u64) -> Vec<Redacted> {
    let settings = Settings::shapes(["editor".to_owned()], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    let mut wall = Redactor::new(settings, Some("editor"));
    let mut out = Outgoing::default();
    for n in from..from + count {
        let what = match n % 7 {
            0 => Observed::Key { press: Press::Down, physical: PhysicalKey(4), logical: LogicalKey::Char('a') },
            1 => Observed::Key { press: Press::Up, physical: PhysicalKey(4), logical: LogicalKey::Char('a') },
            _ => Observed::Move { x: (n * 37 % 1920) as i32, y: (n * n % 1080) as i32, drag: false },
        };
        wall.push(Raw::new(Observation { at: n * 9, actor: Actor::Human, what }), &mut out);
    }
    wall.finish(&mut out);
    out.events
}

struct House {
    vault: Identity,
    participant: Identity,
    device: SigningKey,
    sealer: SessionSealer,
}

fn house(session: u8) -> House {
    let (vault, participant) = (Identity::generate(&mut rng()), Identity::generate(&mut rng()));
    let device = SigningKey::from_bytes(&[7; 32]);
    let (to_vault, to_participant) = (vault.recipient().unwrap(), participant.recipient().unwrap());
    let sealer = SessionSealer::new(context(session), &to_vault, &to_participant, device.clone(), &mut rng()).unwrap();
    House { vault, participant, device, sealer }
}

impl House {
    fn seal(&mut self, number: u32, events: &[Redacted]) -> Sealed {
        self.sealer.seal_events(number, events, &mut rng()).unwrap()
    }

    fn dek(&self, role: RecipientRole, sealed: &Sealed) -> Result<Dek, KeyError> {
        let [vault, participant] = self.sealer.encapsulations();
        let (identity, encapsulation, wrap) = match role {
            RecipientRole::Vault => (&self.vault, vault, sealed.vault.unwrap()),
            RecipientRole::Participant => (&self.participant, participant, sealed.participant),
        };
        let key = WrapKey::decapsulate(identity, self.sealer.context(), encapsulation)?;
        key.unwrap(sealed.segment.header().hash(), &wrap)
    }
}

fn plain(events: &[Redacted]) -> Vec<candor_model::Event> {
    events.iter().map(|event| event.event().clone()).collect()
}

#[test]
fn both_recipients_open_what_was_sealed_and_nothing_is_lost() {
    let mut house = house(4);
    let events = events(0, 5_000);
    let sealed = house.seal(0, &events);
    let stored = SealedSegment::parse(sealed.segment.as_bytes().to_vec(), &house.device.verifying_key()).unwrap();
    for role in [RecipientRole::Vault, RecipientRole::Participant] {
        let Opened { events: opened, header } = open(&stored, &house.dek(role, &sealed).unwrap()).unwrap();
        assert_eq!(opened, plain(&events));
        assert_eq!(&header, sealed.segment.header());
    }
}

#[test]
fn a_wrap_is_valid_for_one_segment_one_session_and_one_recipient() {
    let (mut one, mut other) = (house(4), house(5));
    let (first, second) = (one.seal(0, &events(0, 9)), one.seal(1, &events(9, 9)));
    let [vault, participant] = one.sealer.encapsulations();
    let key = WrapKey::decapsulate(&one.vault, one.sealer.context(), vault).unwrap();
    let hash = |sealed: &Sealed| sealed.segment.header().hash();
    assert_eq!(key.unwrap(hash(&second), &first.vault.unwrap()).err(), Some(KeyError::Foreign));
    assert_eq!(key.unwrap(hash(&first), &first.participant).err(), Some(KeyError::Foreign));
    // The same identity, another session: the encapsulation's info binds the place.
    let key = WrapKey::decapsulate(&one.vault, other.sealer.context(), vault).unwrap();
    assert_eq!(key.unwrap(hash(&first), &first.vault.unwrap()).err(), Some(KeyError::Foreign));
    let key = WrapKey::decapsulate(&one.participant, one.sealer.context(), participant).unwrap();
    let dek = key.unwrap(hash(&first), &first.participant).unwrap();
    assert_eq!(open(&second.segment, &dek), Err(OpenError::ForeignKey { number: 1 }));
    let foreign = other.seal(0, &events(0, 9));
    assert_eq!(open(&foreign.segment, &dek), Err(OpenError::ForeignKey { number: 0 }));
}

#[test]
fn after_an_hour_the_old_wrapping_key_wraps_nothing_new() {
    let mut house = house(4);
    let old: Vec<_> = house.sealer.encapsulations().into_iter().cloned().collect();
    house.sealer.renew(&mut rng()).unwrap();
    let sealed = house.seal(0, &events(0, 9));
    assert_eq!(sealed.segment.header().encapsulation, 1);
    let key = WrapKey::decapsulate(&house.vault, house.sealer.context(), &old[0]).unwrap();
    assert!(key.unwrap(sealed.segment.header().hash(), &sealed.vault.unwrap()).is_err());
    assert!(house.dek(RecipientRole::Vault, &sealed).is_ok());
}

#[test]
fn remarks_open_for_the_participant_and_have_no_wrap_for_the_vault() {
    let mut house = house(4);
    let remarks = vec![Remark { from: 1, to: 2, rule: Rule::UnknownKey, events: Some(3) }];
    let sealed = house.sealer.seal_remarks(0, &remarks, &mut rng()).unwrap();
    assert!(sealed.vault.is_none());
    let dek = house.dek(RecipientRole::Participant, &sealed).unwrap();
    assert_eq!(open_remarks(&sealed.segment, &dek).unwrap(), remarks);
    assert_eq!(open(&sealed.segment, &dek), Err(OpenError::Schema { number: 0 }));
}

fn journal(house: &mut House, number: u32) -> (Vec<u8>, Sealed) {
    let mut journal = house.sealer.open_journal(number, &mut rng()).unwrap();
    let mut file = journal.head().to_vec();
    for from in [0, 100, 200] {
        file.extend(journal.append(&events(from, 100)).unwrap().as_bytes());
    }
    let (vault, participant) = journal.wraps();
    let segment = cut_journal(file.clone(), &house.device).unwrap();
    (file, Sealed { segment, vault, participant })
}

#[test]
fn a_torn_journal_loses_only_its_torn_chunk() {
    let mut house = house(4);
    let (file, sealed) = journal(&mut house, 3);
    let dek = house.dek(RecipientRole::Vault, &sealed).unwrap();
    let mut counts = std::collections::BTreeSet::new();
    for len in SealedSegment::BODY..=file.len() {
        let cut = cut_journal(file[..len].to_vec(), &house.device).unwrap();
        let stored = SealedSegment::parse(cut.as_bytes().to_vec(), &house.device.verifying_key()).unwrap();
        let opened = open(&stored, &dek).unwrap();
        assert_eq!(opened.events, plain(&events(0, opened.events.len() as u64)));
        counts.insert(opened.events.len());
    }
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [0, 100, 200, 300]);
    assert!(cut_journal(file[..100].to_vec(), &house.device).is_err());
}

#[test]
fn chunks_of_a_journal_cannot_be_dropped_reordered_or_repeated() {
    let mut house = house(4);
    let (file, sealed) = journal(&mut house, 3);
    let dek = house.dek(RecipientRole::Vault, &sealed).unwrap();
    let frame = |at: usize| {
        let len = u32::from_be_bytes(file[at + 1..at + 5].try_into().unwrap()) as usize;
        at..at + 9 + len
    };
    let one = frame(SealedSegment::BODY);
    let two = frame(one.end);
    let three = frame(two.end);
    let with = |order: &[&std::ops::Range<usize>]| {
        let mut bytes = file[..SealedSegment::BODY].to_vec();
        order.iter().for_each(|range| bytes.extend_from_slice(&file[(*range).clone()]));
        bytes
    };
    let number = 3;
    for (order, chunk) in [(&[&two, &three][..], 0), (&[&one, &three], 1), (&[&one, &one, &two], 1), (&[&two, &one], 0)]
    {
        // Even the device's own signature does not make it open.
        let cut = cut_journal(with(order), &house.device).unwrap();
        assert_eq!(open(&cut, &dek), Err(OpenError::Chunk { number, chunk }));
        // And without the device nobody can sign it.
        let mut bytes = with(order);
        bytes.extend_from_slice(&sealed.segment.as_bytes()[file.len()..]);
        let key = house.device.verifying_key();
        assert_eq!(SealedSegment::parse(bytes, &key), Err(SegmentError::Torn { number }));
    }
    // A truncated one that was never cut is refused, at any byte.
    for len in 0..file.len() {
        assert!(SealedSegment::parse(file[..len].to_vec(), &house.device.verifying_key()).is_err());
    }
}

#[test]
fn a_released_key_opens_for_the_builder_of_that_intent_only() {
    let mut house = house(4);
    let sealed = house.seal(0, &events(0, 50));
    let header = sealed.segment.header().hash();
    let deks = [(header, house.dek(RecipientRole::Vault, &sealed).unwrap())];
    let (builder, other) = (Identity::generate(&mut rng()), Identity::generate(&mut rng()));
    let intent = Hash::of(b"intent");
    let released = rewrap(&builder.recipient().unwrap(), intent, &deks, &mut rng()).unwrap();
    let opened = open_rewrapped(&builder, intent, &released).unwrap();
    assert!(open(&sealed.segment, &opened[0].1).is_ok());
    assert_eq!(open_rewrapped(&other, intent, &released).err(), Some(KeyError::Foreign));
    assert_eq!(open_rewrapped(&builder, Hash::of(b"another"), &released).err(), Some(KeyError::Foreign));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// One changed bit anywhere: refused when parsed, or when opened.
    #[test]
    fn no_bit_of_a_segment_can_change(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut house = house(4);
        let sealed = house.seal(0, &events(0, 200));
        let dek = house.dek(RecipientRole::Vault, &sealed).unwrap();
        let mut bytes = sealed.segment.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let read = SealedSegment::parse(bytes, &house.device.verifying_key());
        prop_assert!(read.is_err() || open(&read.unwrap(), &dek).is_err());
    }

    /// A header field rewritten and signed again by the real device still opens nothing: the wraps and chunks are bound.
    #[test]
    fn a_relabelled_segment_does_not_open(field in 0..6usize) {
        let mut house = house(4);
        let sealed = house.seal(0, &events(0, 20));
        let mut header = sealed.segment.header().clone();
        match field {
            0 => header.number += 1,
            1 => header.context.participant = ParticipantId::from_bytes([9; 16]),
            2 => header.context.purposes = Purposes::from_iter(Purpose::ALL),
            3 => header.context.consent_hash = Hash::of(b"another"),
            4 => header.form = Form::Journal,
            _ => header.context.imported = true,
        }
        let dek = house.dek(RecipientRole::Vault, &sealed).unwrap();
        use ed25519_dalek::Signer;
        let encoded = header.encode();
        let signature = house.device.sign(&[b"candor segment header v1", &encoded[..]].concat()).to_bytes();
        let body = &sealed.segment.as_bytes()[SealedSegment::BODY..];
        let bytes = [&encoded[..], &signature, body].concat();
        match SealedSegment::parse(bytes, &house.device.verifying_key()) {
            Ok(segment) => prop_assert!(open(&segment, &dek).is_err()),
            Err(error) => prop_assert_eq!(error, SegmentError::Torn { number: 0 }),
        }
    }
}
