//! The accessibility gate: which field has the focus, whether it is secret, and which characters it took in clear.
//!
//! Applications tell of their focus over the accessibility bus, some milliseconds after it moved: keys can be there first.
//! So nothing here says "this key was meant for that field". Instead an application that shows a typed character to
//! whoever listens, in a field that is no password, has shown where it went, and only such a character is let go as text.
//! A field that masks what is typed shows bullets, and a bus that is dead or late shows nothing: both give no text.
//!
//! Architecture invariant: what a secret field holds is not asked for and not passed on, and of a page's address nothing
//! but scheme and host outlives the reply that brought it.

mod bus;
mod element;
mod find;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod watch;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use candor_model::element::{ElementOf, ElementRole};
use candor_redact::{ElementId, FieldText, Role, Secrecy, SeenElement};
use zeroize::Zeroizing;

/// How much waits at most for whoever polls.
const WAITING_MAX: usize = 4_096;

/// The gate: a thread of its own that listens to the accessibility bus. It ends when this is dropped.
pub struct Gate {
    told: Receiver<(Instant, Told)>,
    asks: async_channel::Sender<Ask>,
    shared: Arc<Shared>,
}

/// Why no text is recorded, for the participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// There is no accessibility bus, or it went away.
    NoBus,
    /// The application says that it has a field in focus and then does not answer.
    NoAnswer,
    /// The application in focus tells nothing of its fields. Chromium needs `--force-renderer-accessibility`.
    SilentApplication,
    /// The field does not tell what is typed into it.
    SilentField,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBus => "no text is recorded: there is no accessibility bus; install at-spi2-core and log in again",
            Self::NoAnswer => "no text is recorded: the application in focus does not answer",
            Self::SilentApplication => {
                "no text is recorded: the application in focus does not tell which field has the focus (a Chromium does where it \
                 is started with `--force-renderer-accessibility`)"
            }
            Self::SilentField => "no text is recorded: the field in focus does not tell what is typed into it",
        })
    }
}

/// What the thread and its owner share.
#[derive(Default)]
struct Shared {
    /// Whether something was told that nobody took.
    lost: AtomicBool,
    why: Mutex<Whys>,
}

/// What is to be told, and what was: each once.
#[derive(Default)]
struct Whys {
    due: Vec<Why>,
    said: Vec<Why>,
}

impl Shared {
    fn because(&self, why: Why) {
        let mut whys = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a bus every application is silent.
        if !whys.said.contains(&why) && !whys.said.contains(&Why::NoBus) {
            whys.said.push(why);
            whys.due.push(why);
        }
    }
}

/// How an element looks to a person: what it is, what it is called, where it is.
#[derive(Clone)]
pub(crate) struct Face {
    pub(crate) role: ElementRole,
    /// The accessible name. It may be private.
    pub(crate) name: Option<String>,
    /// Left, top, width and height on the screen, in pixels.
    pub(crate) bounds: (i32, i32, i32, i32),
}

impl Face {
    /// As an observation; nothing where it has no place on the screen.
    pub(crate) fn seen(&self, of: ElementOf, id: ElementId, secret: Secrecy) -> Option<SeenElement> {
        let Self { role, name, bounds: (x, y, width, height) } = self.clone();
        let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        let name = name.filter(|name| !name.is_empty());
        (width > 0 && height > 0).then_some(SeenElement { of, id: Some(id), secret, role, name, x, y, width, height })
    }
}

/// The field in focus, as its application described it.
pub(crate) struct Field {
    pub(crate) element: ElementId,
    /// Whose it is.
    pub(crate) process: Option<u32>,
    pub(crate) role: Role,
    pub(crate) secret: Secrecy,
    pub(crate) value: Option<FieldText>,
    /// Scheme and host of the page it is in.
    pub(crate) origin: Option<String>,
    pub(crate) face: Option<Face>,
}

impl Field {
    /// The same field at a moment at which it is not known what it holds.
    pub(crate) fn anew(&self) -> Self {
        let Self { element, process, role, secret, .. } = *self;
        Self { element, process, role, secret, value: None, origin: self.origin.clone(), face: self.face.clone() }
    }
}

/// What the thread tells, in the order in which applications told it.
pub(crate) enum Told {
    /// Another field has the focus, or the same one anew.
    Focus(Arc<Field>),
    /// This one has it already, and nothing was told of the focus since that was asked.
    Found { asked: Instant, field: Arc<Field> },
    /// This one has not, any more.
    Left(ElementId),
    /// The field in focus shows this text where there was none.
    Inserted { element: ElementId, text: Zeroizing<String> },
    /// The field in focus shows less than before, or much more.
    Changed(ElementId),
    /// What it holds; asked for.
    Value { asked: Instant, value: FieldText },
    /// Whether it has the focus still, and is the same; asked for.
    Holds { element: ElementId, still: bool },
    /// What lay under a press of a button, by the moment at which that was read.
    Under { press: Instant, element: SeenElement },
    /// Nothing that was told before counts.
    Lost,
}

/// What is asked of the thread.
pub(crate) enum Ask {
    /// Whether the field has the focus still.
    Holds(ElementId),
    /// To describe the field in focus anew.
    Again,
    /// What the field holds.
    Value { asked: Instant, element: ElementId },
    /// What has the focus in the active window of this process, where nobody has told of it.
    Find { asked: Instant, process: u32 },
    /// What this process shows there on the screen, where a button was pressed.
    Under { press: Instant, process: u32, x: i32, y: i32 },
}

impl Gate {
    /// Begins to listen. `session` is the address of the session bus; of `DBUS_SESSION_BUS_ADDRESS`, where none is given. A
    /// bus that is not there is no error: [`Gate::why`] tells of it, and there is no text until it is.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start(session: Option<String>) -> std::io::Result<Self> {
        let (teller, told) = sync_channel(WAITING_MAX);
        let (asks, asked) = async_channel::bounded(16);
        let shared = Arc::new(Shared::default());
        let tell = Tell { teller, shared: Arc::clone(&shared) };
        let watch = move || async_io::block_on(watch::watch(session.as_deref(), &tell, &asked));
        thread::Builder::new().name("a11y".into()).spawn(watch)?;
        Ok(Self { told, asks, shared })
    }

    /// A gate that tells what a test says.
    #[cfg(test)]
    pub(crate) fn by_hand() -> (Self, SyncSender<(Instant, Told)>, async_channel::Receiver<Ask>) {
        let (teller, told) = sync_channel(WAITING_MAX);
        let (asks, asked) = async_channel::bounded(16);
        (Self { told, asks, shared: Arc::default() }, teller, asked)
    }

    /// Why text is withheld, if there is something to tell that was not told before.
    pub fn why(&self) -> Option<Why> {
        self.shared.why.lock().unwrap_or_else(PoisonError::into_inner).due.pop()
    }

    /// Notes a reason that the gate itself cannot see.
    pub(crate) fn because(&self, why: Why) {
        self.shared.because(why);
    }

    /// The next thing told, with when it came; nothing where all is told.
    pub(crate) fn told(&self) -> Option<(Instant, Told)> {
        if self.shared.lost.swap(false, Ordering::Relaxed) {
            while self.told.try_recv().is_ok() {}
            self.ask(Ask::Again);
            return Some((Instant::now(), Told::Lost));
        }
        self.told.try_recv().ok()
    }

    /// Asks. What is asked too often is not asked.
    pub(crate) fn ask(&self, ask: Ask) {
        let _ = self.asks.try_send(ask);
    }
}

/// The thread's end of what it tells.
#[derive(Clone)]
struct Tell {
    teller: SyncSender<(Instant, Told)>,
    shared: Arc<Shared>,
}

impl Tell {
    fn tell(&self, told: Told) {
        if self.teller.try_send((Instant::now(), told)).is_err() {
            self.shared.lost.store(true, Ordering::Relaxed);
        }
    }
}
