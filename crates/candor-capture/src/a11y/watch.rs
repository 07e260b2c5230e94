//! The thread that listens: what applications signal, in their order, and what they say when they are asked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_channel::Receiver;
use async_io::Timer;
use atspi::State;
use candor_model::element::ElementOf;
use candor_redact::{ElementId, FieldText, Secrecy};
use futures_lite::future;
use zbus::message::{Message, Sequence};
use zbus::names::UniqueName;

use super::bus::{self, Bus, Object, Signal};
use super::element::{self, Description, describe, origin};
use super::{Ask, Field, Tell, Told, Why};

/// How long an application has to describe its field.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);
/// How long after a failure the bus is looked for again.
const PAUSE: Duration = Duration::from_secs(2);
/// Within this a second signal for the same field is the same signal: some toolkits send each twice.
pub(super) const ECHO: Duration = Duration::from_millis(50);
/// Of more text at once nobody asks which keys made it.
const INSERTED_MAX: usize = 256;

/// Listens until nobody asks any more.
pub(super) async fn watch(session: Option<&str>, tell: &Tell, asked: &Receiver<Ask>) {
    loop {
        if let Ok(bus) = Bus::connect(session).await {
            let caller = bus.caller.clone();
            // What had the focus before is to be asked for.
            tell.tell(Told::Lost);
            let mut watcher = Watcher::new(bus, tell);
            if let Ended::Asks = caller.drive(watcher.run(asked)).await {
                return;
            }
        }
        tell.shared.because(Why::NoBus);
        tell.tell(Told::Lost);
        let pause = async {
            Timer::after(PAUSE).await;
            true
        };
        let closed = async {
            while asked.recv().await.is_ok() {}
            false
        };
        if !future::or(pause, closed).await {
            return;
        }
    }
}

enum Ended {
    Asks,
    Bus,
}

enum Next {
    Message(Message),
    Ask(Ask),
    End(Ended),
}

pub(super) struct Watcher<'t> {
    pub(super) bus: Bus,
    pub(super) tell: &'t Tell,
    /// Read from the bus and not looked at yet.
    pub(super) pending: VecDeque<Message>,
    focus: Option<Focused>,
    /// Makes the numbers of elements: other ones for each connection, as names on a bus begin anew.
    numbers: RandomState,
    processes: BTreeMap<String, Option<u32>>,
    /// What was secret once is, whatever it shows now.
    secrets: BTreeSet<ElementId>,
}

struct Focused {
    object: Object,
    element: ElementId,
    secret: Secrecy,
    origin: Option<String>,
    since: Instant,
}

impl<'t> Watcher<'t> {
    fn new(bus: Bus, tell: &'t Tell) -> Self {
        Self {
            bus,
            tell,
            pending: VecDeque::new(),
            focus: None,
            numbers: RandomState::new(),
            processes: BTreeMap::new(),
            secrets: BTreeSet::new(),
        }
    }

    async fn run(&mut self, asked: &Receiver<Ask>) -> Ended {
        loop {
            match self.next(asked).await {
                Next::Message(message) => {
                    if let Some((object, signal)) = bus::read(&message) {
                        self.signal(object, signal).await;
                    }
                }
                Next::Ask(Ask::Holds(element)) => self.holds(element).await,
                Next::Ask(Ask::Again) => {
                    if let Some(focus) = self.focus.take() {
                        self.focus(focus.object).await;
                    }
                }
                Next::Ask(Ask::Value { asked, element }) => self.value(asked, element).await,
                Next::Ask(Ask::Find { asked, process }) => self.find(asked, process).await,
                Next::Ask(Ask::Under { press, process, x, y }) => self.under(press, process, x, y),
                Next::End(ended) => return ended,
            }
        }
    }

    async fn next(&mut self, asked: &Receiver<Ask>) -> Next {
        if let Some(message) = self.pending.pop_front() {
            return Next::Message(message);
        }
        let message = async { self.bus.next().await.map_or(Next::End(Ended::Bus), Next::Message) };
        let ask = async { asked.recv().await.map_or(Next::End(Ended::Asks), Next::Ask) };
        future::or(message, ask).await
    }

    async fn signal(&mut self, object: Object, signal: Signal) {
        let focused = self.focus.as_ref().filter(|focus| focus.object == object);
        match signal {
            Signal::Focus { has: true } => {
                if focused.is_none_or(|focus| focus.since.elapsed() >= ECHO) {
                    self.focus(object).await;
                }
            }
            Signal::Focus { has: false } => {
                if let Some(focus) = focused {
                    self.tell.tell(Told::Left(focus.element));
                    self.focus = None;
                }
            }
            Signal::Inserted { text, .. } => {
                if let Some(Focused { element, secret: Secrecy::No, .. }) = focused {
                    let element = *element;
                    let much = text.chars().nth(INSERTED_MAX).is_some();
                    self.tell.tell(if much { Told::Changed(element) } else { Told::Inserted { element, text } });
                }
            }
            Signal::Deleted => {
                if let Some(Focused { element, secret: Secrecy::No, .. }) = focused {
                    self.tell.tell(Told::Changed(*element));
                }
            }
            Signal::Loaded => self.loaded(&object).await,
        }
    }

    /// Finds out what has the focus, and tells it.
    async fn focus(&mut self, object: Object) {
        let late = async {
            Timer::after(PATIENCE).await;
            None
        };
        let secret = self.secrets.contains(&self.number(&object));
        let described =
            async { if secret { Some(Description::SECRET) } else { describe(&self.bus.caller, &object).await.ok() } };
        let description = future::or(described, late).await.unwrap_or_else(|| {
            self.tell.shared.because(Why::NoAnswer);
            Description::UNKNOWN
        });
        let field = self.focused(object, description, Instant::now()).await;
        self.tell.tell(Told::Focus(Arc::new(field)));
    }

    /// The field that has the focus from here on, and since when that is known.
    pub(super) async fn focused(&mut self, object: Object, description: Description, since: Instant) -> Field {
        let element = self.number(&object);
        let process = self.process(&object).await;
        let secret = self.secrets.contains(&element);
        let Description { role, secret, value, origin, face } = if secret { Description::SECRET } else { description };
        if secret == Secrecy::Yes {
            self.secrets.insert(element);
        }
        let value = value.and_then(|(value, read)| self.before(&object, value, read));
        self.focus = Some(Focused { object, element, secret, origin: origin.clone(), since });
        Field { element, process, role, secret, value, origin, face }
    }

    fn number(&self, object: &Object) -> ElementId {
        ElementId(self.numbers.hash_one(object))
    }

    pub(super) async fn process(&mut self, object: &Object) -> Option<u32> {
        if let Some(known) = self.processes.get(object.owner.as_str()) {
            return *known;
        }
        let process = self.bus.caller.process(&object.owner).await.ok();
        self.processes.insert(object.owner.as_str().to_owned(), process);
        process
    }

    /// What the field held before what it told while it was being asked: keys that were typed meanwhile come after it.
    fn before(&mut self, object: &Object, mut value: FieldText, read: Sequence) -> Option<FieldText> {
        self.bus.drain(&mut self.pending);
        for message in self.pending.iter().rev().filter(|message| message.recv_position() < read) {
            match bus::read(message) {
                Some((other, Signal::Inserted { start, text })) if other == *object => {
                    let start = usize::try_from(start).ok()?;
                    let rest = skip(&value.text, start)?;
                    let after = rest.strip_prefix(text.as_str())?;
                    let from = value.text.len() - rest.len();
                    value.text = [value.text.get(..from)?, after].concat();
                    (value.caret, value.anchor) = (Some(start), Some(start));
                }
                Some((other, Signal::Deleted)) if other == *object => return None,
                _ => {}
            }
        }
        Some(value)
    }

    /// What the field holds, where it has the focus still and shows what it holds.
    async fn value(&mut self, asked: Instant, element: ElementId) {
        let focus = self.focus.as_ref().filter(|focus| focus.element == element && focus.secret == Secrecy::No);
        let Some(object) = focus.map(|focus| focus.object.clone()) else { return };
        let caller = self.bus.caller.clone();
        let late = async {
            Timer::after(PATIENCE).await;
            None
        };
        let held = async {
            let masked = caller.role(&object).await.ok()? == atspi::Role::PasswordText;
            if masked { None } else { element::value(&caller, &object).await.ok()? }
        };
        let Some((value, read)) = future::or(held, late).await else { return };
        if let Some(value) = self.before(&object, value, read) {
            self.tell.tell(Told::Value { asked, value });
        }
    }

    /// Has somebody find out what lies there, who is waited for by nobody.
    fn under(&self, press: Instant, process: u32, x: i32, y: i32) {
        let mut owners = self.processes.iter().filter(|(_, other)| **other == Some(process));
        let Some(owner) = owners.next().and_then(|(owner, _)| UniqueName::try_from(owner.clone()).ok()) else { return };
        let (caller, tell, numbers) = (self.bus.caller.clone(), self.tell.clone(), self.numbers.clone());
        self.bus.caller.beside(async move {
            let late = async {
                Timer::after(PATIENCE).await;
                None
            };
            let application = Object::application(owner);
            let found = async { element::under(&caller, &application, x, y).await.ok().flatten() };
            let Some((object, secret, face)) = future::or(found, late).await else { return };
            let id = ElementId(numbers.hash_one(&object));
            if let Some(element) = face.seen(ElementOf::Press, id, secret) {
                tell.tell(Told::Under { press, element });
            }
        });
    }

    /// An application has loaded a page. Where the element in focus is on another site by that, it is another; where it has
    /// the focus no more, nobody knows what has it.
    async fn loaded(&mut self, page: &Object) {
        let Some(focus) = self.focus.as_ref().filter(|focus| focus.object.owner == page.owner) else { return };
        let late = async {
            Timer::after(PATIENCE).await;
            None
        };
        let caller = &self.bus.caller;
        let asked = async {
            let has = caller.states(&focus.object).await.ok()?.contains(State::Focused);
            Some((has, origin(caller, &focus.object).await.ok()?))
        };
        // A secret field is left when that is told, and not before.
        let (has, origin) = future::or(asked, late).await.unwrap_or((focus.secret == Secrecy::Yes, None));
        if has && (focus.secret == Secrecy::Yes || origin == focus.origin) {
            return;
        }
        self.tell.tell(Told::Left(focus.element));
        if let Some(focus) = self.focus.take()
            && has
        {
            self.focus(focus.object).await;
        }
    }

    /// Whether the element has the focus still and is no password.
    async fn holds(&mut self, element: ElementId) {
        let focus = self.focus.as_ref().filter(|focus| focus.element == element);
        let still = match focus {
            Some(Focused { object, .. }) => {
                let asked = future::try_zip(self.bus.caller.states(object), self.bus.caller.role(object)).await;
                asked.is_ok_and(|(states, role)| states.contains(State::Focused) && role != atspi::Role::PasswordText)
            }
            None => false,
        };
        // What was signalled before the reply came is told before it.
        self.bus.drain(&mut self.pending);
        for message in std::mem::take(&mut self.pending) {
            if let Some((object, signal)) = bus::read(&message) {
                Box::pin(self.signal(object, signal)).await;
            }
        }
        let still = still && self.focus.as_ref().is_some_and(|focus| focus.element == element);
        self.tell.tell(Told::Holds { element, still });
    }
}

/// The text from this character on.
fn skip(text: &str, characters: usize) -> Option<&str> {
    match text.char_indices().nth(characters) {
        Some((at, _)) => text.get(at..),
        None => (text.chars().count() == characters).then_some(""),
    }
}
