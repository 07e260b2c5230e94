//! A file on its way to the spool: importer, wall, sealer, spool.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail};
use candor_capture::import::{Import, Options, Report};
use candor_consent::LiveConsent;
use candor_model::SessionId;
use candor_store::Spool;
use candor_store::spool::Now;

use crate::agent::recorder::Recorded;
use crate::agent::session::{self, SessionRecorder, Units};
use crate::agent::{Home, consent as consents};
use crate::{clock, keys};

/// What an import came to.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The session it became.
    pub(crate) session: SessionId,
    /// What was found in the file.
    pub(crate) report: Report,
    /// What became of it.
    pub(crate) recorded: Recorded,
}

/// Begins an imported session for a file that was opened.
///
/// # Errors
/// Where `scope` is not an application the consent speaks of, or the spool does not take the session.
pub(crate) fn begin(
    home: &Home,
    spool: &Spool,
    consent: &LiveConsent,
    import: &Import<'_, File>,
    scope: &str,
) -> Result<(SessionId, SessionRecorder)> {
    let applications = consent.applications();
    if !applications.iter().any(|application| application == scope) {
        bail!(
            "the consent does not speak of the application `{scope}`; name one it does with `--scope`: {}",
            applications.join(", ")
        );
    }
    let session = SessionId::from_bytes(keys::random());
    let units = Units { clock: import.clock_unit(), position: import.position_unit() };
    let recorder = session::begin(home, spool, consent, session, units, Some(scope))?;
    Ok((session, recorder))
}

/// Imports one file as one session. `progress` is told how many events were read so far.
///
/// # Errors
/// Where the consent does not allow it, the file cannot be read or is in no known format, the disk is full; under
/// `strict` at the first malformed line, before anything is stored.
pub(crate) fn import(
    home: &Home,
    spool: &Spool,
    consent: &LiveConsent,
    file: &Path,
    scope: &str,
    options: Options,
    mut progress: impl FnMut(u64),
) -> Result<Imported> {
    if options.strict {
        // Read it once before a session exists, so that a bad line leaves nothing behind.
        let mut check = Import::open(consent, clock::unix_secs(), file, options)?;
        let mut unused = Vec::new();
        while check.next_batch(clock::unix_secs(), &mut unused)? {
            unused.clear();
        }
    }
    let mut import = Import::open(consent, clock::unix_secs(), file, options)?;
    let (session, mut recorder) = begin(home, spool, consent, &import, scope)?;
    let mut raws = Vec::new();
    loop {
        let more = import.next_batch(clock::unix_secs(), &mut raws)?;
        for raw in raws.drain(..) {
            recorder.push(raw)?;
        }
        recorder.tick(clock::boottime_ms(), Now::read)?;
        progress(recorder.tally().captured);
        // A long import does not outlive a withdrawal made meanwhile, in another terminal say.
        drop(consents::live(home).context("the import stops; what came before stays on this device: `candor erase`")?);
        if !more {
            break;
        }
    }
    let recorded = recorder.finish(Now::read()?)?;
    Ok(Imported { session, report: import.into_report(), recorded })
}
