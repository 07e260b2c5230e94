//! What may leave goes to the vault by itself, on a thread of its own: decisions first, then data past its hold-back.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use candor_store::Spool;

use crate::agent::uploader::{self, Patience};
use crate::agent::{Home, erase};

/// How often the spool is looked through.
const EVERY: Duration = Duration::from_secs(60);

/// The thread that uploads.
pub(super) struct Uploads {
    hurry: SyncSender<()>,
}

impl Uploads {
    /// Starts the thread; it ends after this is dropped.
    ///
    /// # Errors
    /// Where the thread cannot be started.
    pub(super) fn start(home: Home, spool: Spool) -> Result<Self> {
        let (hurry, hurried) = sync_channel(1);
        let work = move || {
            loop {
                match hurried.recv_timeout(EVERY) {
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                if let Err(error) = upload(&home, &spool) {
                    tracing::info!("nothing is uploaded now: {error:#}");
                }
            }
        };
        thread::Builder::new().name("uploads".into()).spawn(work).context("start the thread that uploads")?;
        Ok(Self { hurry })
    }

    /// Looks the spool through now.
    pub(super) fn hurry(&self) {
        // One that waits already is enough.
        let _ = self.hurry.try_send(());
    }
}

fn upload(home: &Home, spool: &Spool) -> Result<()> {
    let client = home.client()?;
    erase::deliver_decisions(home, &client)?;
    let done = uploader::run(home, spool, Patience::Once, &mut |_| {})?;
    for (session, why) in &done.refused {
        tracing::warn!(%session, "the vault refused a session, which stays here: {why}");
    }
    Ok(())
}
