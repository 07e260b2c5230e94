//! The vectors of `testdata/vectors/segment`, in age-testkit form: anybody's opener can run them.
//!
//! `UPDATE_VECTORS=1 cargo test -p candor-seal --test vectors` writes them anew from fixed seeds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candor_model::event::{Button, Press, What};
use candor_model::header::{Form, Header, SessionContext};
use candor_model::key::{Key, NamedKey, PhysicalKey};
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Event, Hash, ParticipantId, PositionUnit, ProgramId, Purpose, Purposes,
    SessionId,
};
use candor_redact::{Allowed, GapCause, LogicalKey, Observation, Observed, Raw, Redacted, Redactor};
use candor_seal::{
    Encapsulation, Identity, OpenError, RecipientRole, SealedSegment, SegmentError, SessionSealer, Wrap, WrapKey,
    cut_journal, open,
};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use rand_core::{TryCryptoRng, TryRng};

/// Bytes that are the same every time: SHA-256 of a counter.
struct Counter(u64);

impl TryRng for Counter {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Hash::of(&self.0.to_be_bytes()).0[..chunk.len()]);
        }
        Ok(())
    }
}
impl TryCryptoRng for Counter {}

fn text_form(events: &[Event]) -> String {
    let press = |what: &str, press: &Press| format!("{what}-{}", if *press == Press::Down { "down" } else { "up" });
    let line = |event: &Event| {
        let what = match &event.what {
            What::Move { x, y, drag } => format!("{} {x} {y}", if *drag { "drag" } else { "move" }),
            What::Key { press: way, key } => {
                let key = match key {
                    Key::Shape(shape) => format!("shape {}", format!("{shape:?}").to_lowercase()),
                    Key::Named { physical, name } => format!("named {} {}", physical.0, name.as_str()),
                    Key::Shortcut { physical, symbol } => format!("shortcut {} {}", physical.0, u32::from(*symbol)),
                };
                format!("{} {key}", press("key", way))
            }
            What::Button { press: way, button, x, y } => format!("{} {} {x} {y}", press("button", way), button.0),
            What::Scroll { dx, dy, x, y } => format!("scroll {dx} {dy} {x} {y}"),
            What::Window { app } => format!("window {app}"),
            What::Gap => "gap".into(),
        };
        format!("{} {} {what}\n", event.at, format!("{:?}", event.actor).to_lowercase())
    };
    events.iter().map(line).collect()
}

struct Maker {
    rng: Counter,
    vault: Identity,
    participant: Identity,
    device: SigningKey,
    sealer: SessionSealer,
}

fn maker(seed: u64, clock_unit: ClockUnit, position_unit: PositionUnit) -> Maker {
    let mut rng = Counter(seed << 32);
    let (vault, participant) = (Identity::generate(&mut rng), Identity::generate(&mut rng));
    let device = SigningKey::from_bytes(&[seed as u8 + 1; 32]);
    let context = SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        session: SessionId::from_bytes([seed as u8; 16]),
        imported: false,
        clock_unit,
        position_unit,
        period: 7,
        consent: ConsentId::from_bytes([5; 16]),
        consent_hash: Hash::of(b"a consent record"),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        redactor: 1,
    };
    let to = |identity: &Identity| identity.recipient().unwrap();
    let sealer = SessionSealer::new(context, &to(&vault), &to(&participant), device.clone(), &mut rng).unwrap();
    Maker { rng, vault, participant, device, sealer }
}

struct Vector {
    fields: Vec<(&'static str, String)>,
    bytes: Vec<u8>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Maker {
    fn vector(&self, role: RecipientRole, wrap: Wrap, bytes: Vec<u8>, expect: &str) -> Vector {
        let [vault, participant] = self.sealer.encapsulations();
        let (identity, encapsulation) = match role {
            RecipientRole::Vault => (&self.vault, vault),
            RecipientRole::Participant => (&self.participant, participant),
        };
        let role = if role == RecipientRole::Vault { "vault" } else { "participant" };
        let fields = vec![
            ("expect", expect.to_owned()),
            ("device", hex(self.device.verifying_key().as_bytes())),
            ("identity", hex(&identity.seed()[..])),
            ("role", role.into()),
            ("enc", hex(&encapsulation.enc)),
            ("wrap", hex(&wrap.0)),
        ];
        Vector { fields, bytes }
    }

    fn opened(&self, role: RecipientRole, wrap: Wrap, bytes: Vec<u8>, events: &[Redacted]) -> Vector {
        let mut vector = self.vector(role, wrap, bytes, "opened");
        vector.fields.push(("events", Hash::of(text_form(&plain(events)).as_bytes()).to_string()));
        vector
    }
}

fn plain(events: &[Redacted]) -> Vec<Event> {
    events.iter().map(|event| event.event().clone()).collect()
}

fn redacted(observations: Vec<(u64, Observed)>) -> Vec<Redacted> {
    let allowed = Allowed { applications: ["editor".to_owned(), "büro".to_owned()].into() };
    let mut wall = Redactor::new(allowed, Some("editor"));
    let (mut events, mut remarks) = (vec![], vec![]);
    for (at, what) in observations {
        wall.push(Raw::new(Observation { at, actor: Actor::Human, what }), &mut events, &mut remarks);
    }
    events
}

fn key(press: Press, usage: u16, logical: LogicalKey) -> Observed {
    Observed::Key { press, physical: PhysicalKey(usage), logical }
}

fn small() -> Vec<Redacted> {
    use Press::{Down, Up};
    let control = LogicalKey::Named(NamedKey::Control);
    redacted(vec![
        (0, Observed::Move { x: 100, y: 200, drag: false }),
        (8, Observed::Move { x: 103, y: 198, drag: false }),
        (120, key(Down, 4, LogicalKey::Char('a'))),
        (190, key(Up, 4, LogicalKey::Char('a'))),
        (400, key(Down, 224, control)),
        (420, key(Down, 6, LogicalKey::Char('c'))),
        (470, key(Up, 6, LogicalKey::Char('c'))),
        (480, key(Up, 224, control)),
    ])
}

/// Every kind of event, wide steps, far positions.
fn wide() -> Vec<Redacted> {
    let button = |press| Observed::Button { press, button: Button::RIGHT, x: -70_000, y: 3 };
    let mut all = vec![
        (1_000_000, Observed::Window { app: "büro".into(), title: "t".into(), origin: None }),
        (1_000_500, Observed::Scroll { dx: -30, dy: 240, x: 5_000, y: 4_000 }),
        (1_009_000, button(Press::Down)),
        (1_309_000, Observed::Move { x: i32::MAX, y: i32::MIN, drag: true }),
        (1_309_001, button(Press::Up)),
        (9_309_001, Observed::Gap { cause: GapCause::Lost }),
    ];
    let step =
        |n: u64| (10_000_000 + n * 3_517, Observed::Move { x: (n * n % 2_000) as i32, y: n as i32, drag: false });
    all.extend((0..400).map(step));
    redacted(all)
}

fn make() -> BTreeMap<&'static str, Vector> {
    let (vault, own) = (RecipientRole::Vault, RecipientRole::Participant);
    let mut vectors = BTreeMap::new();
    let mut m = maker(1, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let events = small();
    let sealed = m.sealer.seal_events(0, &events, &mut m.rng).unwrap();
    let (bytes, wrap) = (sealed.segment.as_bytes().to_vec(), sealed.vault.unwrap());
    vectors.insert("compact-move-and-type", m.opened(vault, wrap, bytes.clone(), &events));
    vectors.insert("compact-own-wrap", m.opened(own, sealed.participant, bytes.clone(), &events));
    vectors.insert("wrap-of-the-other-recipient", m.vector(vault, sealed.participant, bytes.clone(), "wrap"));
    let with = |at: usize, bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    vectors.insert("version-unknown", m.vector(vault, wrap, with(4, &bytes), "header"));
    vectors.insert("suite-unknown", m.vector(vault, wrap, with(5, &bytes), "header"));
    vectors.insert("participant-relabelled", m.vector(vault, wrap, with(30, &bytes), "signature"));
    vectors.insert("signature-altered", m.vector(vault, wrap, with(200, &bytes), "signature"));
    vectors.insert("truncated", m.vector(vault, wrap, bytes[..bytes.len() - 1].to_vec(), "torn"));
    vectors.insert("trailing-byte", m.vector(vault, wrap, [&bytes[..], &[0]].concat(), "torn"));
    vectors.insert("no-last-chunk", m.vector(vault, wrap, with(SealedSegment::BODY, &bytes), "torn"));
    let second = m.sealer.seal_events(1, &events, &mut m.rng).unwrap();
    vectors.insert("wrap-of-another-segment", m.vector(vault, second.vault.unwrap(), bytes.clone(), "wrap"));
    // The second segment's chunk under the first one's header: a foreign chunk.
    let swapped = [&bytes[..SealedSegment::BODY], &second.segment.as_bytes()[SealedSegment::BODY..]].concat();
    vectors.insert("chunk-of-another-segment", m.vector(vault, wrap, swapped, "chunk"));

    let mut m = maker(2, ClockUnit::MICROSECOND, PositionUnit::PIXEL_256TH);
    let events = wide();
    let sealed = m.sealer.seal_events(0, &events, &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    vectors.insert("compact-every-kind", m.opened(vault, sealed.vault.unwrap(), bytes, &events));
    let sealed = m.sealer.seal_events(1, &[], &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    vectors.insert("compact-empty", m.opened(vault, sealed.vault.unwrap(), bytes, &[]));

    let mut m = maker(3, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let mut journal = m.sealer.open_journal(4, &mut m.rng).unwrap();
    let events = wide();
    let mut file = journal.head().to_vec();
    for part in events.chunks(150) {
        file.extend(journal.append(part).unwrap());
    }
    let wrap = journal.wraps().0.unwrap();
    let cut = cut_journal(file.clone(), &m.device).unwrap().as_bytes().to_vec();
    vectors.insert("journal-cut", m.opened(vault, wrap, cut.clone(), &events));
    let torn = cut_journal(file[..file.len() - 40].to_vec(), &m.device).unwrap().as_bytes().to_vec();
    vectors.insert("journal-cut-after-a-torn-chunk", m.opened(vault, wrap, torn, &events[..300]));
    vectors.insert("journal-not-cut", m.vector(vault, wrap, file.clone(), "torn"));
    let frame = |at: usize| at + 9 + u32::from_be_bytes(file[at + 1..at + 5].try_into().unwrap()) as usize;
    let (one, two) = (SealedSegment::BODY, frame(SealedSegment::BODY));
    let three = frame(two);
    let order = |parts: &[&[u8]]| [&[&file[..one]], parts].concat().concat();
    for (name, bytes) in [
        ("journal-chunks-reordered", order(&[&file[two..three], &file[one..two]])),
        ("journal-chunk-repeated", order(&[&file[one..two], &file[one..two]])),
        ("journal-first-chunk-missing", order(&[&file[two..]])),
    ] {
        let signed = cut_journal(bytes, &m.device).unwrap().as_bytes().to_vec();
        vectors.insert(name, m.vector(vault, wrap, signed, "chunk"));
    }
    let other = [&cut[..two], &cut[three..]].concat();
    vectors.insert("journal-chunk-dropped-under-its-cut", m.vector(vault, wrap, other, "torn"));

    // A device that commits to one key and wraps another.
    let mut m = maker(5, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let sealed = m.sealer.seal_events(0, &small(), &mut m.rng).unwrap();
    let key = WrapKey::decapsulate(&m.vault, m.sealer.context(), m.sealer.encapsulations()[0]).unwrap();
    let dek = key.unwrap(sealed.segment.header().hash(), &sealed.vault.unwrap()).unwrap();
    let mut header = sealed.segment.header().clone();
    header.commitment[0] ^= 1;
    let head = header.encode();
    let signature = m.device.sign(&[b"candor segment header v1", &head[..]].concat()).to_bytes();
    let bytes = [&head[..], &signature, &sealed.segment.as_bytes()[SealedSegment::BODY..]].concat();
    let wrap = key.wrap(header.hash(), &dek).unwrap();
    vectors.insert("commitment-to-another-key", m.vector(vault, wrap, bytes, "commitment"));
    vectors
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/vectors/segment")
}

#[test]
fn vectors_are_what_the_code_writes() {
    let made = make();
    for (name, vector) in &made {
        let mut file = String::new();
        vector.fields.iter().for_each(|(key, value)| file += &format!("{key}: {value}\n"));
        let file = [file.as_bytes(), b"\n", &vector.bytes].concat();
        let path = folder().join(name);
        if std::env::var_os("UPDATE_VECTORS").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &file).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap_or_default(), file, "{name}: UPDATE_VECTORS=1 writes it anew");
    }
    assert_eq!(std::fs::read_dir(folder()).unwrap().count(), made.len(), "a vector that nothing writes");
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let digits: Vec<_> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect();
    digits.try_into().unwrap()
}

#[test]
fn every_vector_does_what_it_expects() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let file = std::fs::read(&path).unwrap();
        let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let fields: BTreeMap<_, _> =
            std::str::from_utf8(&file[..end]).unwrap().lines().map(|line| line.split_once(": ").unwrap()).collect();
        let outcome = outcome(&fields, file[end + 2..].to_vec());
        let expect = match fields["expect"] {
            "opened" => format!("opened {}", fields["events"]),
            refusal => refusal.into(),
        };
        assert_eq!(outcome, expect, "{}", path.display());
    }
}

fn outcome(fields: &BTreeMap<&str, &str>, object: Vec<u8>) -> String {
    let device = VerifyingKey::from_bytes(&bytes(fields["device"])).unwrap();
    let segment = match SealedSegment::parse(object, &device) {
        Ok(segment) => segment,
        Err(SegmentError::Header(_)) => return "header".into(),
        Err(SegmentError::Signature { .. }) => return "signature".into(),
        Err(_) => return "torn".into(),
    };
    let identity = Identity::from_seed(bytes(fields["identity"]));
    let role = if fields["role"] == "vault" { RecipientRole::Vault } else { RecipientRole::Participant };
    let enc = bytes::<{ Encapsulation::LEN }>(fields["enc"]).to_vec();
    let header: &Header = segment.header();
    assert!(matches!(header.form, Form::Journal | Form::Compact));
    let encapsulation = Encapsulation { role, number: header.encapsulation, enc };
    let key = WrapKey::decapsulate(&identity, &header.context, &encapsulation).unwrap();
    let Ok(dek) = key.unwrap(header.hash(), &Wrap(bytes(fields["wrap"]))) else { return "wrap".into() };
    match open(&segment, &dek) {
        Ok(opened) => format!("opened {}", Hash::of(text_form(&opened.events).as_bytes())),
        Err(OpenError::ForeignKey { .. }) => "commitment".into(),
        Err(OpenError::Chunk { .. }) => "chunk".into(),
        Err(OpenError::Order { .. }) => "order".into(),
        Err(_) => "block".into(),
    }
}
