//! An application that is none: it answers and tells what a test says.

use std::collections::HashMap;
use std::time::Duration;

use atspi::{Interface, InterfaceSet, Role, State, StateSet};
use futures_lite::StreamExt as _;
use zbus::message::{Message, Type};
use zbus::zvariant::{ObjectPath, OwnedValue, Value};
use zbus::{Connection, MessageStream, connection};

/// An application with one field in one page, which navigates and tells of no focus by it.
pub(super) struct Page {
    connection: Connection,
    /// Tells that another field has the focus just before it says the role of its own.
    pub(super) races: bool,
}

pub(super) const FIELD: &str = "/field";
pub(super) const PAGE: &str = "/page";
const ROOT: &str = "/org/a11y/atspi/accessible/root";

impl Page {
    pub(super) async fn open(session: &str) -> zbus::Result<Self> {
        let session = connection::Builder::address(session)?.build().await?;
        let (name, path) = ("org.a11y.Bus", "/org/a11y/bus");
        let address = session.call_method(Some(name), path, Some(name), "GetAddress", &()).await?;
        let address: String = address.body().deserialize()?;
        let connection = connection::Builder::address(address.as_str())?.build().await?;
        let registry = Some("org.a11y.atspi.Registry");
        let itself = (connection.unique_name().map_or("", |name| name.as_str()), ObjectPath::try_from(ROOT)?);
        connection.call_method(registry, ROOT, Some("org.a11y.atspi.Socket"), "Embed", &(itself,)).await?;
        Ok(Self { connection, races: false })
    }

    /// Answers for so long, as a page of this host. `states`: those of the field.
    pub(super) async fn serve(&self, host: &str, states: StateSet, time: Duration) {
        let mut messages = MessageStream::from(&self.connection);
        let answers = async {
            while let Some(Ok(call)) = messages.next().await {
                if call.message_type() == Type::MethodCall {
                    self.answer(&call, host, states).await;
                }
            }
        };
        futures_lite::future::or(answers, async {
            async_io::Timer::after(time).await;
        })
        .await;
    }

    async fn answer(&self, call: &Message, host: &str, states: StateSet) {
        let header = call.header();
        let (member, path) = (header.member().unwrap().as_str(), header.path().unwrap().as_str());
        let name = self.connection.unique_name().unwrap().as_str();
        let connection = &self.connection;
        if self.races && (member, path) == ("GetRole", FIELD) {
            self.signal("/other", "Object", "StateChanged", "focused", 1).await;
        }
        let window = StateSet::from_iter([State::Active, State::Showing]);
        let below = |path| vec![(name, ObjectPath::from_static_str_unchecked(path))];
        let replied = match (member, path) {
            ("GetRole", FIELD) => connection.reply(&header, &Role::Entry).await,
            ("GetRole", PAGE) => connection.reply(&header, &Role::DocumentWeb).await,
            ("GetRole", _) => connection.reply(&header, &Role::Frame).await,
            ("GetChildren", ROOT) => connection.reply(&header, &below("/frame")).await,
            ("GetChildren", "/frame") => connection.reply(&header, &below(PAGE)).await,
            ("GetMatches", PAGE) => connection.reply(&header, &below(FIELD)).await,
            ("GetState", "/frame" | PAGE) => connection.reply(&header, &window).await,
            ("GetState", _) => connection.reply(&header, &states).await,
            ("GetInterfaces", _) => connection.reply(&header, &InterfaceSet::from_iter([Interface::Text])).await,
            ("GetAttributeValue", _) => connection.reply(&header, &format!("http://{host}/private")).await,
            ("Get", _) => {
                let (_, property): (String, String) = call.body().deserialize().unwrap();
                let parent = ObjectPath::from_static_str_unchecked(if path == FIELD { PAGE } else { "/frame" });
                match property.as_str() {
                    "Parent" => connection.reply(&header, &Value::from((name, parent))).await,
                    _ => connection.reply_error(&header, "org.freedesktop.DBus.Error.Failed", &()).await,
                }
            }
            _ => connection.reply_error(&header, "org.freedesktop.DBus.Error.Failed", &()).await,
        };
        replied.unwrap();
    }

    pub(super) async fn signal(&self, path: &str, interface: &str, member: &str, kind: &str, detail: i32) {
        let rest = HashMap::<&str, OwnedValue>::new();
        let interface = format!("org.a11y.atspi.Event.{interface}");
        let body = (kind, detail, 0i32, Value::from(0i32), rest);
        self.connection.emit_signal(None::<&str>, path, interface.as_str(), member, &body).await.unwrap();
    }
}

/// Those of the field, where it has the focus.
pub(super) fn focused() -> StateSet {
    StateSet::from_iter([State::Editable, State::SingleLine, State::Focused])
}
