//! What may leave goes to the vault by itself, on a thread of its own: decisions first, then data past its hold-back.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use candor_model::SessionId;
use candor_store::Spool;

use crate::agent::uploader::{self, Patience};
use crate::agent::{Home, erase};

/// How often the spool is looked through.
const EVERY: Duration = Duration::from_secs(60);

/// The thread that uploads.
pub(super) struct Uploads {
    hurry: SyncSender<()>,
    refused: Arc<Mutex<Refusals>>,
}

/// Sessions that the vault refused at the last attempt, which stay here, and why.
type Refusals = Vec<(SessionId, String)>;

impl Uploads {
    /// Starts the thread; it ends after this is dropped.
    ///
    /// # Errors
    /// Where the thread cannot be started.
    pub(super) fn start(home: Home, spool: Spool) -> Result<Self> {
        let (hurry, hurried) = sync_channel(1);
        let refused = Arc::new(Mutex::new(Vec::new()));
        let last = Arc::clone(&refused);
        let work = move || {
            loop {
                match hurried.recv_timeout(EVERY) {
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                match upload(&home, &spool) {
                    Ok(refused) => *last.lock().unwrap_or_else(PoisonError::into_inner) = refused,
                    Err(error) => tracing::info!("nothing is uploaded now: {error:#}"),
                }
            }
        };
        thread::Builder::new().name("uploads".into()).spawn(work).context("start the thread that uploads")?;
        Ok(Self { hurry, refused })
    }

    /// What the vault refused at the last attempt.
    pub(super) fn refused(&self) -> Refusals {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks the spool through now.
    pub(super) fn hurry(&self) {
        // One that waits already is enough.
        let _ = self.hurry.try_send(());
    }
}

fn upload(home: &Home, spool: &Spool) -> Result<Refusals> {
    let client = home.client()?;
    erase::deliver_decisions(home, &client)?;
    let done = uploader::run(home, spool, Patience::Once, &mut |_| {})?;
    for (session, why) in &done.refused {
        tracing::warn!(%session, "the vault refused a session, which stays here: {why}");
    }
    Ok(done.refused)
}
