//! Devices and sessions with fixed seeds, what they record, and the files their segments become.

use std::collections::BTreeMap;

use candor_model::element::Element;
use candor_model::event::{Button, Press, What};
use candor_model::header::SessionContext;
use candor_model::key::{Key, NamedKey, PhysicalKey};
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Event, Hash, ParticipantId, PositionUnit, ProgramId, Purpose, Purposes,
    SessionId,
};
use candor_redact::{
    GapCause, LogicalKey, Observation, Observed, Outgoing, Raw, Redacted, Redactor, SessionKey, Settings,
};
use candor_seal::{Identity, RecipientRole, SessionSealer, Wrap};
use ed25519_dalek::{Signer, SigningKey};
use rand_core::{TryCryptoRng, TryRng};

/// Bytes that are the same every time: SHA-256 of a counter.
pub struct Counter(u64);

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

pub fn text_form(events: &[Event]) -> String {
    let press = |what: &str, press: &Press| format!("{what}-{}", if *press == Press::Down { "down" } else { "up" });
    let line = |event: &Event| {
        let what = match &event.what {
            What::Move { x, y, drag } => format!("{} {x} {y}", if *drag { "drag" } else { "move" }),
            What::Key { press: way, key } => {
                let key = match key {
                    Key::Shape(shape) => format!("shape {}", format!("{shape:?}").to_lowercase()),
                    Key::Named { physical, name } => format!("named {} {}", physical.0, name.as_str()),
                    Key::Shortcut { physical, symbol } => format!("shortcut {} {}", physical.0, u32::from(*symbol)),
                    Key::Text(c) => format!("text {}", u32::from(*c)),
                };
                format!("{} {key}", press("key", way))
            }
            What::Button { press: way, button, x, y } => format!("{} {} {x} {y}", press("button", way), button.0),
            What::Scroll { dx, dy, x, y } => format!("scroll {dx} {dy} {x} {y}"),
            What::Window { app } => format!("window {app}"),
            What::Surrogate { of, number } => format!("surrogate {} {number}", of.as_str()),
            What::Element(element) => {
                let Element { of, role, name, x, y, width, height } = element.as_ref();
                let name = name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
                format!("element {} {} {x} {y} {width} {height}{name}", of.as_str(), role.as_str())
            }
            What::Gap => "gap".into(),
        };
        format!("{} {} {what}\n", event.at, format!("{:?}", event.actor).to_lowercase())
    };
    events.iter().map(line).collect()
}

pub struct Maker {
    pub rng: Counter,
    pub vault: Identity,
    pub participant: Identity,
    pub device: SigningKey,
    pub sealer: SessionSealer,
}

/// A device, its recipients and a session, all of them said by `seed`.
pub fn maker(seed: u64, clock_unit: ClockUnit, position_unit: PositionUnit) -> Maker {
    maker_of(seed, |context| SessionContext { clock_unit, position_unit, ..context })
}

pub fn maker_of(seed: u64, place: impl FnOnce(SessionContext) -> SessionContext) -> Maker {
    let mut rng = Counter(seed << 32);
    let (vault, participant) = (Identity::generate(&mut rng), Identity::generate(&mut rng));
    let device = SigningKey::from_bytes(&[seed as u8 + 1; 32]);
    let context = SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        session: SessionId::from_bytes([seed as u8; 16]),
        imported: false,
        clock_unit: ClockUnit::MILLISECOND,
        position_unit: PositionUnit::PIXEL,
        period: 7,
        consent: ConsentId::from_bytes([5; 16]),
        consent_hash: Hash::of(b"a consent record"),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        redactor: 1,
    };
    let to = |identity: &Identity| identity.recipient().unwrap();
    let sealer = SessionSealer::new(place(context), &to(&vault), &to(&participant), device.clone(), &mut rng).unwrap();
    Maker { rng, vault, participant, device, sealer }
}

/// One file: fields, and what follows the empty line.
pub struct Vector {
    pub fields: Vec<(&'static str, String)>,
    pub bytes: Vec<u8>,
}

impl Vector {
    /// The same with another value for a field.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let field = self.fields.iter_mut().find(|(field, _)| *field == name).unwrap();
        field.1 = value.into();
        self
    }

    pub fn file(&self) -> Vec<u8> {
        let line = |(key, value): &(&str, String)| format!("{key}: {value}\n");
        let head: String = self.fields.iter().map(line).collect();
        [head.as_bytes(), b"\n", &self.bytes].concat()
    }
}

pub type Vectors = BTreeMap<String, Vector>;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The number of the segment in its session, where the header says it.
fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[137..141].try_into().unwrap())
}

impl Maker {
    fn vector(&self, role: RecipientRole, wrap: Wrap, bytes: Vec<u8>, outcome: Vec<(&'static str, String)>) -> Vector {
        let [vault, participant] = self.sealer.encapsulations();
        let (identity, encapsulation) = match role {
            RecipientRole::Vault => (&self.vault, vault),
            RecipientRole::Participant => (&self.participant, participant),
        };
        let role = if role == RecipientRole::Vault { "vault" } else { "participant" };
        let mut fields = outcome;
        fields.extend([
            ("device", hex(self.device.verifying_key().as_bytes())),
            ("identity", hex(&identity.seed()[..])),
            ("role", role.into()),
            ("enc", hex(&encapsulation.enc)),
            ("wrap", hex(&wrap.0)),
        ]);
        Vector { fields, bytes }
    }

    /// A segment to be refused as a whole.
    pub fn refused(&self, role: RecipientRole, wrap: Wrap, bytes: Vec<u8>, expect: &str) -> Vector {
        let mut outcome = vec![("expect", expect.to_owned())];
        if expect != "header" {
            outcome.push(("number", number(&bytes).to_string()));
        }
        self.vector(role, wrap, bytes, outcome)
    }

    /// A segment to be refused at a chunk.
    pub fn refused_at(&self, role: RecipientRole, wrap: Wrap, bytes: Vec<u8>, (expect, chunk): (&str, u32)) -> Vector {
        let mut vector = self.refused(role, wrap, bytes, expect);
        vector.fields.insert(2, ("chunk", chunk.to_string()));
        vector
    }

    /// A segment whose content has this text form.
    pub fn opened(&self, role: RecipientRole, wrap: Wrap, bytes: Vec<u8>, text: &str) -> Vector {
        let outcome = vec![("expect", "opened".into()), ("events", Hash::of(text.as_bytes()).to_string())];
        self.vector(role, wrap, bytes, outcome)
    }

    /// Header and signature of `header`, as the device would write them.
    pub fn sign(&self, header: &[u8]) -> Vec<u8> {
        let signature = self.device.sign(&[b"candor segment header v1", header].concat()).to_bytes();
        [header, &signature].concat()
    }
}

/// The text form of what the wall let through.
pub fn text_of(events: &[Redacted]) -> String {
    text_form(&events.iter().map(|event| event.event().clone()).collect::<Vec<_>>())
}

pub fn redacted(observations: Vec<(u64, Observed)>) -> Vec<Redacted> {
    redacted_by(observations.into_iter().map(|(at, what)| (at, Actor::Human, what)).collect())
}

pub fn redacted_by(observations: Vec<(u64, Actor, Observed)>) -> Vec<Redacted> {
    let settings =
        Settings::shapes(["editor".to_owned(), "büro".to_owned()], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    let mut wall = Redactor::new(settings, Some("editor"));
    let mut out = Outgoing::default();
    for (at, actor, what) in observations {
        wall.push(Raw::new(Observation { at, actor, what }), &mut out);
    }
    wall.finish(&mut out);
    out.events
}

pub fn key(press: Press, usage: u16, logical: LogicalKey) -> Observed {
    Observed::Key { press, physical: PhysicalKey(usage), logical }
}

pub fn small() -> Vec<Redacted> {
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
pub fn wide() -> Vec<Redacted> {
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
