//! The accessibility bus: where it is, what is asked of applications, what they tell (AT-SPI2's D-Bus interfaces).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use atspi::{InterfaceSet, MatchType, ObjectMatchRule, Role, SortOrder, State, StateSet};
use futures_lite::{StreamExt as _, future};
use zbus::message::{Message, Type};
use zbus::names::UniqueName;
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, MessageStream, connection};
use zeroize::Zeroizing;

/// An application that has not answered within this does not answer.
const PATIENCE: Duration = Duration::from_millis(500);
/// What starts on demand has longer.
const SLOW: Duration = Duration::from_secs(5);
/// How many messages wait at most for us. More are left in the socket.
const WAITING_MAX: usize = 4_096;

const REGISTRY: &str = "org.a11y.atspi.Registry";
const ROOT: &str = "/org/a11y/atspi/accessible/root";

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";
const COLLECTION: &str = "org.a11y.atspi.Collection";
const TEXT: &str = "org.a11y.atspi.Text";
const OBJECT: &str = "org.a11y.atspi.Event.Object";
const DOCUMENT: &str = "org.a11y.atspi.Event.Document";

/// Positions are those of the screen.
const SCREEN: u32 = 0;

/// What applications are asked to tell: focus, what changes in texts, and when a page is another.
const EVENTS: [&str; 4] =
    ["object:state-changed:focused", "object:text-changed", "document:load-complete", "document:reload"];
/// What of it the bus hands on to us.
const RULES: [&str; 4] = [
    "type='signal',interface='org.a11y.atspi.Event.Object',member='StateChanged',arg0='focused'",
    "type='signal',interface='org.a11y.atspi.Event.Object',member='TextChanged'",
    "type='signal',interface='org.a11y.atspi.Event.Document',member='LoadComplete'",
    "type='signal',interface='org.a11y.atspi.Event.Document',member='Reload'",
];

/// An object of an application: who has it, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Object {
    pub(super) owner: UniqueName<'static>,
    pub(super) path: ObjectPath<'static>,
}

impl Object {
    /// The application itself, which has its windows as children.
    pub(super) fn application(owner: UniqueName<'static>) -> Self {
        Self { owner, path: ObjectPath::from_static_str_unchecked(ROOT) }
    }

    /// What a reply names; nothing where it names the object that stands for none.
    fn read(owner: String, path: OwnedObjectPath) -> zbus::Result<Option<Self>> {
        if owner.is_empty() || path.as_str() == "/org/a11y/atspi/null" {
            return Ok(None);
        }
        Ok(Some(Self { owner: UniqueName::try_from(owner)?, path: path.into_inner() }))
    }
}

/// What an application told by itself.
pub(super) enum Signal {
    /// An object has the focus, or no longer.
    Focus { has: bool },
    /// Text came into an object, at this place, in characters.
    Inserted { start: i32, text: Zeroizing<String> },
    /// Text went out of an object.
    Deleted,
    /// A page was loaded, or is being loaded anew.
    Loaded,
}

/// The connection: what it brings.
pub(super) struct Bus {
    pub(super) caller: Caller,
    messages: MessageStream,
}

/// The connection: what is asked over it.
#[derive(Clone)]
pub(super) struct Caller(Connection);

impl Bus {
    /// Finds the accessibility bus through the session bus, of this address or of the environment, and says that somebody
    /// listens: applications tell nothing otherwise.
    pub(super) async fn connect(session: Option<&str>) -> zbus::Result<Self> {
        let builder = match session {
            Some(address) => connection::Builder::address(address)?,
            None => connection::Builder::session()?,
        };
        let session = builder.internal_executor(false).method_timeout(SLOW).build().await?;
        let address = drive(&session, found(&session)).await?;
        let builder = connection::Builder::address(address.as_str())?;
        let builder = builder.internal_executor(false).method_timeout(PATIENCE).max_queued(WAITING_MAX);
        let connection = builder.build().await?;
        let messages = MessageStream::from(&connection);
        let caller = Caller(connection);
        caller.drive(caller.register()).await?;
        Ok(Self { caller, messages })
    }

    /// The next thing told, with the object it is about and its place in the order of everything read; nothing once the
    /// bus is gone.
    pub(super) async fn next(&mut self) -> Option<Message> {
        loop {
            let message = self.messages.next().await?.ok()?;
            if message.message_type() == Type::Signal {
                return Some(message);
            }
        }
    }

    /// What was read already, without waiting.
    pub(super) fn drain(&mut self, into: &mut VecDeque<Message>) {
        while let Some(Some(Ok(message))) = future::block_on(future::poll_once(self.messages.next())) {
            if message.message_type() == Type::Signal {
                into.push_back(message);
            }
        }
    }
}

impl Caller {
    /// Runs what waits for the connection, and the connection: it has no thread of its own.
    pub(super) async fn drive<T>(&self, waiting: impl Future<Output = T>) -> T {
        drive(&self.0, waiting).await
    }

    /// Lets something run beside whatever else is driven.
    pub(super) fn beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.executor().spawn(task, "a11y").detach();
    }

    async fn register(&self) -> zbus::Result<()> {
        for rule in RULES {
            self.daemon("AddMatch", &rule).await?;
        }
        for event in EVENTS {
            let path = "/org/a11y/atspi/registry";
            self.0.call_method(Some(REGISTRY), path, Some(REGISTRY), "RegisterEvent", &event).await?;
        }
        Ok(())
    }

    async fn daemon(&self, method: &str, body: &(impl serde::Serialize + DynamicType)) -> zbus::Result<Message> {
        let name = "org.freedesktop.DBus";
        self.0.call_method(Some(name), "/org/freedesktop/DBus", Some(name), method, body).await
    }

    /// The process that a name on the bus belongs to.
    pub(super) async fn process(&self, owner: &UniqueName<'_>) -> zbus::Result<u32> {
        self.daemon("GetConnectionUnixProcessID", &owner.as_str()).await?.body().deserialize()
    }

    async fn call(
        &self,
        object: &Object,
        interface: &str,
        method: &str,
        body: &(impl serde::Serialize + DynamicType),
    ) -> zbus::Result<Message> {
        self.0.call_method(Some(object.owner.as_str()), &object.path, Some(interface), method, body).await
    }

    async fn property(&self, object: &Object, interface: &str, name: &str) -> zbus::Result<OwnedValue> {
        let reply = self.call(object, "org.freedesktop.DBus.Properties", "Get", &(interface, name)).await?;
        reply.body().deserialize()
    }

    pub(super) async fn role(&self, object: &Object) -> zbus::Result<Role> {
        self.call(object, ACCESSIBLE, "GetRole", &()).await?.body().deserialize()
    }

    pub(super) async fn states(&self, object: &Object) -> zbus::Result<StateSet> {
        self.call(object, ACCESSIBLE, "GetState", &()).await?.body().deserialize()
    }

    pub(super) async fn interfaces(&self, object: &Object) -> zbus::Result<InterfaceSet> {
        self.call(object, ACCESSIBLE, "GetInterfaces", &()).await?.body().deserialize()
    }

    pub(super) async fn name(&self, object: &Object) -> zbus::Result<String> {
        Ok(self.property(object, ACCESSIBLE, "Name").await?.try_into()?)
    }

    pub(super) async fn parent(&self, object: &Object) -> zbus::Result<Object> {
        let (owner, path): (String, OwnedObjectPath) = self.property(object, ACCESSIBLE, "Parent").await?.try_into()?;
        Object::read(owner, path)?.ok_or(zbus::Error::InvalidReply)
    }

    /// An attribute of a document.
    pub(super) async fn document_attribute(&self, object: &Object, name: &str) -> zbus::Result<Zeroizing<String>> {
        let reply = self.call(object, "org.a11y.atspi.Document", "GetAttributeValue", &name).await?;
        reply.body().deserialize().map(Zeroizing::new)
    }

    /// Where an object is on the screen: left, top, width, height, in pixels.
    pub(super) async fn bounds(&self, object: &Object) -> zbus::Result<(i32, i32, i32, i32)> {
        self.call(object, COMPONENT, "GetExtents", &SCREEN).await?.body().deserialize()
    }

    /// What lies at this point of the screen, of what an object shows; nothing where there is nothing of it.
    pub(super) async fn at(&self, object: &Object, x: i32, y: i32) -> zbus::Result<Option<Object>> {
        let reply = self.call(object, COMPONENT, "GetAccessibleAtPoint", &(x, y, SCREEN)).await?;
        let (owner, path): (String, OwnedObjectPath) = reply.body().deserialize()?;
        Object::read(owner, path)
    }

    pub(super) async fn children(&self, object: &Object) -> zbus::Result<Vec<Object>> {
        named(&self.call(object, ACCESSIBLE, "GetChildren", &()).await?)
    }

    /// The applications on the bus.
    pub(super) async fn applications(&self) -> zbus::Result<Vec<Object>> {
        self.0
            .call_method(Some(REGISTRY), ROOT, Some(ACCESSIBLE), "GetChildren", &())
            .await
            .and_then(|reply| named(&reply))
    }

    /// What has the focus below an object, as the application finds it itself: two at most.
    pub(super) async fn focused(&self, object: &Object) -> zbus::Result<Vec<Object>> {
        // A criterion of which none is given has to be met all the same.
        let all = MatchType::All;
        let rule = ObjectMatchRule::builder().states([State::Focused], all).attributes(HashMap::new(), all);
        let rule = rule.roles(&[], all).interfaces(InterfaceSet::empty(), all).build();
        // The second number is of how many at most; the last is whether what lies deeper counts.
        let body = (rule, SortOrder::Canonical, 2i32, true);
        named(&self.call(object, COLLECTION, "GetMatches", &body).await?)
    }

    pub(super) async fn length(&self, object: &Object) -> zbus::Result<i32> {
        Ok(self.property(object, TEXT, "CharacterCount").await?.try_into()?)
    }

    pub(super) async fn caret(&self, object: &Object) -> zbus::Result<i32> {
        Ok(self.property(object, TEXT, "CaretOffset").await?.try_into()?)
    }

    /// The first selection, if there is one: where it begins and ends, in characters.
    pub(super) async fn selection(&self, object: &Object) -> zbus::Result<Option<(i32, i32)>> {
        let count: i32 = self.call(object, TEXT, "GetNSelections", &()).await?.body().deserialize()?;
        if count < 1 {
            return Ok(None);
        }
        self.call(object, TEXT, "GetSelection", &0i32).await?.body().deserialize().map(Some)
    }

    /// What an object holds, and the reply's place in the order of everything read.
    pub(super) async fn text(&self, object: &Object) -> zbus::Result<(Zeroizing<String>, zbus::message::Sequence)> {
        let reply = self.call(object, TEXT, "GetText", &(0i32, -1i32)).await?;
        Ok((Zeroizing::new(reply.body().deserialize()?), reply.recv_position()))
    }
}

/// The objects that a reply names.
fn named(reply: &Message) -> zbus::Result<Vec<Object>> {
    let named: Vec<(String, OwnedObjectPath)> = reply.body().deserialize()?;
    let read = named.into_iter().map(|(owner, path)| Object::read(owner, path));
    Ok(read.filter_map(|read| read.ok().flatten()).collect())
}

async fn drive<T>(connection: &Connection, waiting: impl Future<Output = T>) -> T {
    let run = async {
        loop {
            connection.executor().tick().await;
        }
    };
    future::or(waiting, run).await
}

/// The address of the accessibility bus.
async fn found(session: &Connection) -> zbus::Result<String> {
    let (name, path) = ("org.a11y.Bus", "/org/a11y/bus");
    let enabled = ("org.a11y.Status", "IsEnabled", Value::from(true));
    session.call_method(Some(name), path, Some("org.freedesktop.DBus.Properties"), "Set", &enabled).await?;
    session.call_method(Some(name), path, Some(name), "GetAddress", &()).await?.body().deserialize()
}

/// What a message says, if it is one of those that were asked for.
pub(super) fn read(message: &Message) -> Option<(Object, Signal)> {
    let header = message.header();
    let object = Object { owner: header.sender()?.to_owned(), path: header.path()?.to_owned() };
    match header.interface()?.as_str() {
        OBJECT => {}
        DOCUMENT => return Some((object, Signal::Loaded)),
        _ => return None,
    }
    let body = message.body();
    // Older and newer bridges differ in what they add at the end.
    type Newer<'b> = (&'b str, i32, i32, Value<'b>, HashMap<&'b str, Value<'b>>);
    type Older<'b> = (&'b str, i32, i32, Value<'b>, (&'b str, ObjectPath<'b>));
    let (kind, first, _, any) = match body.deserialize::<Newer<'_>>() {
        Ok((kind, first, second, any, _)) => (kind, first, second, any),
        Err(_) => {
            let (kind, first, second, any, _) = body.deserialize::<Older<'_>>().ok()?;
            (kind, first, second, any)
        }
    };
    let signal = match header.member()?.as_str() {
        "StateChanged" if kind == "focused" => Signal::Focus { has: first != 0 },
        "TextChanged" if kind.starts_with("insert") => {
            let Value::Str(text) = any else { return None };
            Signal::Inserted { start: first, text: Zeroizing::new(text.as_str().to_owned()) }
        }
        "TextChanged" => Signal::Deleted,
        _ => return None,
    };
    Some((object, signal))
}
