//! How a session begins: what its header repeats, whom it is sealed to, and what its wall lets through.

use anyhow::Result;
use candor_consent::LiveConsent;
use candor_model::header::SessionContext;
use candor_model::{ClockUnit, PositionUnit, SessionId};
use candor_redact::{ContextRule, Contexts, REDACTOR_VERSION, SessionKey, Settings};
use candor_seal::Recipient;
use candor_store::Spool;
use rand_core::UnwrapErr;

use crate::agent::Home;
use crate::agent::private::Private;
use crate::agent::recorder::{Recipients, Recorder};
use crate::{clock, keys};

/// A recorder that draws from the operating system.
pub(crate) type SessionRecorder = Recorder<UnwrapErr<getrandom::SysRng>>;

/// The units of a session's numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Units {
    /// Of times.
    pub(crate) clock: ClockUnit,
    /// Of positions.
    pub(crate) position: PositionUnit,
}

/// Begins the session of that id under a consent. An imported one has a `scope`: the application, one that the consent speaks
/// of, whose events they count as. In a live one nothing passes before the source named such a window.
///
/// # Errors
/// Where a key or the private list cannot be read, or the spool does not take the session.
pub(crate) fn begin(
    home: &Home,
    spool: &Spool,
    consent: &LiveConsent,
    session: SessionId,
    units: Units,
    scope: Option<&str>,
) -> Result<SessionRecorder> {
    let context = SessionContext {
        program: consent.program(),
        participant: consent.participant(),
        device: home.member().device,
        session,
        imported: scope.is_some(),
        clock_unit: units.clock,
        position_unit: units.position,
        period: consent.period(),
        consent: consent.consent(),
        consent_hash: consent.hash(),
        purposes: consent.purposes(),
        redactor: REDACTOR_VERSION,
    };
    let to = Recipients {
        vault: Recipient::from_bytes(consent.vault_key().as_bytes())?,
        participant: Recipient::from_bytes(consent.opening_key().as_bytes())?,
        device: home.device_key()?,
        hold_back_secs: consent.hold_back_secs(),
    };
    let settings = settings(home, consent, units.clock)?;
    Ok(Recorder::begin(spool, context, to, settings, scope, clock::boottime_ms(), keys::rng())?)
}

/// The wall's: what consent and program allow, less what the participant named.
fn settings(home: &Home, consent: &LiveConsent, clock: ClockUnit) -> Result<Settings> {
    let private = Private::read(home)?;
    let applications = consent.applications();
    let mut settings = Settings::shapes(applications.iter().cloned(), clock, SessionKey::new(keys::random()));
    settings.applications = applications.iter().map(|app| (app.clone(), consent.text(app))).collect();
    let mut rules = private.rules();
    rules.extend(consent.private_applications().iter().cloned().map(ContextRule::Application));
    rules.extend(consent.private_origins().iter().cloned().map(ContextRule::Origin));
    settings.contexts = Contexts::new(&rules)?;
    settings.personal = private.personal(home)?;
    Ok(settings)
}
