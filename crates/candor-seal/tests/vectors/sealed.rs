//! What the sealer writes, and what anybody without the keys can do to it.

use candor_model::event::Press;
use candor_model::header::SessionContext;
use candor_model::key::NamedKey;
use candor_model::{Actor, ClockUnit, PositionUnit, Purposes};
use candor_redact::{LogicalKey, Observed};
use candor_seal::{RecipientRole, SealedSegment, cut_journal};

use crate::maker::{Vector, Vectors, key, maker, maker_of, redacted_by, small, text_of, wide};

pub fn make() -> Vectors {
    let (vault, own) = (RecipientRole::Vault, RecipientRole::Participant);
    let mut vectors = Vectors::new();
    let mut m = maker(1, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let events = small();
    let sealed = m.sealer.seal_events(0, &events, &mut m.rng).unwrap();
    let (bytes, wrap) = (sealed.segment.as_bytes().to_vec(), sealed.vault.unwrap());
    vectors.insert("compact-move-and-type".into(), m.opened(vault, wrap, bytes.clone(), &text_of(&events)));
    vectors.insert("compact-own-wrap".into(), m.opened(own, sealed.participant, bytes.clone(), &text_of(&events)));
    vectors.insert("wrap-of-the-other-recipient".into(), m.refused(vault, sealed.participant, bytes.clone(), "wrap"));
    let with = |at: usize, bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    vectors.insert("version-unknown".into(), m.refused(vault, wrap, with(4, &bytes), "header"));
    vectors.insert("suite-unknown".into(), m.refused(vault, wrap, with(5, &bytes), "header"));
    vectors.insert("participant-relabelled".into(), m.refused(vault, wrap, with(30, &bytes), "signature"));
    vectors.insert("signature-altered".into(), m.refused(vault, wrap, with(200, &bytes), "signature"));
    vectors.insert("truncated".into(), m.refused(vault, wrap, bytes[..bytes.len() - 1].to_vec(), "torn"));
    vectors.insert("trailing-byte".into(), m.refused(vault, wrap, [&bytes[..], &[0]].concat(), "torn"));
    vectors.insert("no-last-chunk".into(), m.refused(vault, wrap, with(SealedSegment::BODY, &bytes), "torn"));
    let second = m.sealer.seal_events(1, &events, &mut m.rng).unwrap();
    vectors.insert("wrap-of-another-segment".into(), m.refused(vault, second.vault.unwrap(), bytes.clone(), "wrap"));
    // The second segment's chunk under the first one's header: a foreign chunk.
    let swapped = [&bytes[..SealedSegment::BODY], &second.segment.as_bytes()[SealedSegment::BODY..]].concat();
    vectors.insert("chunk-of-another-segment".into(), m.refused_at(vault, wrap, swapped, ("chunk", 0)));

    let mut m = maker(2, ClockUnit::MICROSECOND, PositionUnit::PIXEL_256TH);
    let events = wide();
    let sealed = m.sealer.seal_events(0, &events, &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    vectors.insert("compact-every-kind".into(), m.opened(vault, sealed.vault.unwrap(), bytes, &text_of(&events)));
    let sealed = m.sealer.seal_events(1, &[], &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    vectors.insert("compact-empty".into(), m.opened(vault, sealed.vault.unwrap(), bytes, &text_of(&[])));

    let mut m = maker(3, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let mut journal = m.sealer.open_journal(4, &mut m.rng).unwrap();
    let events = wide();
    let mut file = journal.head().to_vec();
    for part in events.chunks(150) {
        file.extend(journal.append(part).unwrap().as_bytes());
    }
    let wrap = journal.wraps().0.unwrap();
    let cut = cut_journal(file.clone(), &m.device).unwrap().as_bytes().to_vec();
    vectors.insert("journal-cut".into(), m.opened(vault, wrap, cut.clone(), &text_of(&events)));
    let torn = cut_journal(file[..file.len() - 40].to_vec(), &m.device).unwrap().as_bytes().to_vec();
    vectors.insert("journal-cut-after-a-torn-chunk".into(), m.opened(vault, wrap, torn, &text_of(&events[..300])));
    vectors.insert("journal-not-cut".into(), m.refused(vault, wrap, file.clone(), "torn"));
    let frame = |at: usize| at + 9 + u32::from_be_bytes(file[at + 1..at + 5].try_into().unwrap()) as usize;
    let (one, two) = (SealedSegment::BODY, frame(SealedSegment::BODY));
    let three = frame(two);
    let order = |parts: &[&[u8]]| [&[&file[..one]], parts].concat().concat();
    for (name, chunk, bytes) in [
        ("journal-chunks-reordered", 0, order(&[&file[two..three], &file[one..two]])),
        ("journal-chunk-repeated", 1, order(&[&file[one..two], &file[one..two]])),
        ("journal-first-chunk-missing", 0, order(&[&file[two..]])),
    ] {
        let signed = cut_journal(bytes, &m.device).unwrap().as_bytes().to_vec();
        vectors.insert(name.into(), m.refused_at(vault, wrap, signed, ("chunk", chunk)));
    }
    let other = [&cut[..two], &cut[three..]].concat();
    vectors.insert("journal-chunk-dropped-under-its-cut".into(), m.refused(vault, wrap, other, "torn"));

    vectors.insert("compact-of-the-second-hour".into(), second_hour());
    vectors.insert("compact-every-actor-shape-and-table".into(), every_word());
    vectors
}

/// Sealed under the session's second encapsulations.
fn second_hour() -> Vector {
    let mut m = maker(5, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    m.sealer.renew(&mut m.rng).unwrap();
    let sealed = m.sealer.seal_events(9, &small(), &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    m.opened(RecipientRole::Vault, sealed.vault.unwrap(), bytes, &text_of(&small()))
}

/// An imported session at the coarsest clock with every actor and shape, several keys and applications.
fn every_word() -> Vector {
    let clock_unit = ClockUnit::from_micros(1_000_000).unwrap();
    let mut m = maker_of(6, |context| SessionContext {
        imported: true,
        clock_unit,
        position_unit: PositionUnit::from_steps(256).unwrap(),
        purposes: Purposes::from_iter([]),
        ..context
    });
    let mut observed = Vec::new();
    let window = |app: &str| Observed::Window { app: app.into(), title: String::new(), origin: None };
    for (n, (actor, app)) in Actor::ALL.into_iter().zip(["editor", "büro", "editor", "büro"]).enumerate() {
        let at = n as u64 * 100;
        observed.push((at, actor, window(app)));
        for (usage, typed) in [(4u16, 'ß'), (30, '7'), (44, ' '), (54, ','), (40, '\n')] {
            observed.push((at + u64::from(usage), actor, key(Press::Down, usage, LogicalKey::Char(typed))));
            observed.push((at + u64::from(usage) + 1, actor, key(Press::Up, usage, LogicalKey::Char(typed))));
        }
        for (usage, name) in [(79, NamedKey::ArrowRight), (42, NamedKey::Backspace), (69, NamedKey::F12)] {
            observed.push((at + 90, actor, key(Press::Down, usage, LogicalKey::Named(name))));
            observed.push((at + 91, actor, key(Press::Up, usage, LogicalKey::Named(name))));
        }
        observed.push((at + 95, actor, Observed::Move { x: n as i32 * 256, y: -1, drag: false }));
    }
    let events = redacted_by(observed);
    for word in ["human", "injected", "agent", "unknown", "letter", "digit", "space", "punctuation", "newline", "büro"]
    {
        assert!(text_of(&events).contains(word), "{word} is not in this vector");
    }
    let sealed = m.sealer.seal_events(0, &events, &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    m.opened(RecipientRole::Vault, sealed.vault.unwrap(), bytes, &text_of(&events))
}
