//! Leases are asked for on a thread of their own: whoever records waits for no network.
//!
//! A vault that pauses is obeyed as soon as its next answer is here, so the lease is renewed much more often than it has
//! to be.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use anyhow::{Context, Result};
use candor_consent::{LeaseRefusal, LiveLease};
use candor_model::SessionId;

use crate::agent::client::{Client, Refused};
use crate::agent::{Home, consent, lease};

/// How often a lease is renewed while all is well. Recording stops within this and the answer's way after a pause.
const EVERY_MS: u64 = 1_500;
/// How long to wait after a vault that was not reached, at first and at most.
const AGAIN_MS: (u64, u64) = (1_000, 60_000);

/// What came of asking.
#[derive(Debug)]
pub(super) enum Answer {
    /// A lease, for the session it names.
    Lease(LiveLease),
    /// The vault says no: stop now.
    Refused(String),
    /// No consent holds: stop now.
    NoConsent(String),
    /// Nobody answered: what is left of the last lease holds.
    Unreached(String),
}

/// The thread that asks.
pub(super) struct Renewal {
    ask: SyncSender<SessionId>,
    answers: Receiver<Answer>,
    waiting: bool,
    due_ms: u64,
    again_ms: u64,
}

impl Renewal {
    /// Starts the thread; it ends when this is dropped.
    ///
    /// # Errors
    /// Where the client cannot be made.
    pub(super) fn start(home: Home) -> Result<Self> {
        let client = home.client()?;
        let (ask, asked) = sync_channel(1);
        let (give, answers) = sync_channel(1);
        let work = move || {
            while let Ok(session) = asked.recv() {
                if give.send(answer(&home, &client, session)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("leases".into()).spawn(work).context("start the thread that asks for leases")?;
        Ok(Self { ask, answers, waiting: false, due_ms: 0, again_ms: AGAIN_MS.0 })
    }

    /// Asks for `session`, where one is wanted, if it is time, and gives the answer that came. `now_ms` is CLOCK_BOOTTIME.
    pub(super) fn turn(&mut self, session: Option<SessionId>, now_ms: u64) -> Option<Answer> {
        if let Some(session) = session
            && !self.waiting
            && now_ms >= self.due_ms
        {
            self.waiting = self.ask.try_send(session).is_ok();
        }
        let answer = match self.answers.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Answer::Unreached("the thread that asks for leases ended".into()),
        };
        self.waiting = false;
        match &answer {
            Answer::Lease(_) => (self.due_ms, self.again_ms) = (now_ms + EVERY_MS, AGAIN_MS.0),
            Answer::Refused(_) | Answer::NoConsent(_) | Answer::Unreached(_) => {
                self.due_ms = now_ms + self.again_ms;
                self.again_ms = (self.again_ms * 2).min(AGAIN_MS.1);
            }
        }
        Some(answer)
    }

    /// Asks at the next turn, whatever came before.
    pub(super) fn hurry(&mut self) {
        (self.due_ms, self.again_ms) = (0, AGAIN_MS.0);
    }
}

fn answer(home: &Home, client: &Client, session: SessionId) -> Answer {
    let live = consent::live(home).or_else(|_| {
        // What speaks against it may be the program's, and gone.
        home.refresh_program(client)?;
        consent::live(home)
    });
    let live = match live {
        Ok(live) => live,
        Err(error) => return Answer::NoConsent(format!("{error:#}")),
    };
    match lease::ask(home, client, &live, session) {
        Ok(lease) => {
            // The program changed while it ran on: what is shown to the person is to be what holds.
            if lease.epoch() > live.epoch()
                && let Err(error) = home.refresh_program(client)
            {
                tracing::warn!("the program changed and could not be fetched: {error:#}");
            }
            Answer::Lease(lease)
        }
        Err(error) => refusal(&error),
    }
}

/// A no, or nobody there.
fn refusal(error: &anyhow::Error) -> Answer {
    let text = format!("{error:#}");
    let vault = error.chain().find_map(|cause| cause.downcast_ref::<Refused>());
    let lease = error.chain().any(|cause| cause.is::<LeaseRefusal>());
    let unreached = vault.map_or_else(|| error.chain().any(|cause| cause.is::<ureq::Error>()), Refused::retry);
    if unreached && !lease { Answer::Unreached(text) } else { Answer::Refused(text) }
}
