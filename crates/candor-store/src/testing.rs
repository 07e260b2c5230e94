//! What the tests of both halves share: a sealer with real redacted events, and folders that sync quickly.

use candor_model::event::Press;
use candor_model::header::SessionContext;
use candor_model::key::PhysicalKey;
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Hash, ParticipantId, PositionUnit, ProgramId, Purpose, Purposes, SessionId,
};
use candor_redact::{
    LogicalKey, Observation, Observed, Outgoing, REDACTOR_VERSION, Raw, Redacted, Redactor, SessionKey, Settings,
};
use candor_seal::{Identity, SessionSealer};
use ed25519_dalek::SigningKey;
use rand_core::UnwrapErr;

pub(crate) type Rng = UnwrapErr<getrandom::SysRng>;

/// An application name that passes the wall: it must lie nowhere in clear.
pub(crate) const CANARY: &str = "CanaryEditor-7f3a";

pub(crate) fn rng() -> Rng {
    UnwrapErr(getrandom::SysRng)
}

/// A folder in memory where there is one, so that a thousand fsyncs cost nothing.
pub(crate) fn quick_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn device() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub(crate) fn context(session: SessionId) -> SessionContext {
    SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        session,
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

pub(crate) fn sealer(session: SessionId) -> SessionSealer {
    let recipient = || Identity::generate(&mut rng()).recipient().unwrap();
    SessionSealer::new(context(session), &recipient(), &recipient(), device(), &mut rng()).unwrap()
}

/// Events as the wall lets them through: a window, then pointer and keys.
pub(crate) fn events(count: u64) -> Vec<Redacted> {
    let settings = Settings::shapes([CANARY.to_owned()], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    let mut wall = Redactor::new(settings, None);
    let mut out = Outgoing::default();
    for n in 0..count {
        let what = match n % 5 {
            _ if n == 0 => Observed::Window { app: CANARY.to_owned(), title: CANARY.to_owned(), origin: None },
            1 => Observed::Key { press: Press::Down, physical: PhysicalKey(4), logical: LogicalKey::Char('a') },
            2 => Observed::Key { press: Press::Up, physical: PhysicalKey(4), logical: LogicalKey::Char('a') },
            _ => Observed::Move { x: (n * 37 % 1920) as i32, y: (n * n % 1080) as i32, drag: false },
        };
        wall.push(Raw::new(Observation { at: n * 9, actor: Actor::Human, what }), &mut out);
    }
    wall.finish(&mut out);
    assert!(out.events.len() as u64 >= count / 2, "the wall lets the sample through");
    out.events
}

/// Every file below a folder.
pub(crate) fn files(dir: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

/// The files that hold `needle`.
pub(crate) fn holding(dir: &std::path::Path, needle: &[u8]) -> Vec<std::path::PathBuf> {
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    files(dir).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}
