//! What an element is: its role, whether it is secret, and what may be read of it.

use atspi::{Interface, InterfaceSet, Role as Atspi, State, StateSet};
use candor_model::element::ElementRole;
use candor_redact::{FieldText, Role, Secrecy};
use futures_lite::future::{try_zip, zip};
use zbus::message::Sequence;

use super::Face;
use super::bus::{Caller, Object};

/// A field longer than this, in characters, is not read.
const READ_MAX: i32 = 4_096;
/// No application has more windows in which something is looked for.
pub(super) const WINDOWS_MAX: usize = 16;
/// The words on a button lie no deeper in it than this.
const WRAPPED_MAX: usize = 4;
/// No page is nested deeper than this.
const DEPTH_MAX: usize = 64;

/// What an element turned out to be.
pub(super) struct Description {
    pub(super) role: Role,
    pub(super) secret: Secrecy,
    /// What it holds, and when that was read in the order of all messages.
    pub(super) value: Option<(FieldText, Sequence)>,
    pub(super) origin: Option<String>,
    pub(super) face: Option<Face>,
}

impl Description {
    pub(super) const UNKNOWN: Self =
        Self { role: Role::Unknown, secret: Secrecy::Unknown, value: None, origin: None, face: None };
    pub(super) const SECRET: Self = Self { role: Role::Password, secret: Secrecy::Yes, ..Self::UNKNOWN };
}

/// Asks the application. A password field is asked nothing beyond its role.
pub(super) async fn describe(caller: &Caller, object: &Object) -> zbus::Result<Description> {
    let atspi = caller.role(object).await?;
    if atspi == Atspi::PasswordText {
        return Ok(Description::SECRET);
    }
    let (states, interfaces) = try_zip(caller.states(object), caller.interfaces(object)).await?;
    let (role, secret) = judge(atspi, states, interfaces);
    let (name, bounds) = zip(caller.name(object), caller.bounds(object)).await;
    let face = bounds.ok().map(|bounds| Face { role: kind(atspi), name: name.ok(), bounds });
    let reads = matches!(role, Role::Text | Role::Line | Role::Lines);
    let (value, origin) = zip(async { if reads { value(caller, object).await.ok()? } else { None } }, async {
        origin(caller, object).await.ok()?
    })
    .await;
    Ok(Description { role, secret, value, origin, face })
}

/// The role for the wall, and whether the element holds a secret.
fn judge(role: Atspi, states: StateSet, interfaces: InterfaceSet) -> (Role, Secrecy) {
    let takes_text = states.contains(State::Editable) && interfaces.contains(Interface::Text);
    match role {
        Atspi::PasswordText => (Role::Password, Secrecy::Yes),
        // What runs in it may ask for a password, and does not say so.
        Atspi::Terminal => (Role::Terminal, Secrecy::Unknown),
        _ if takes_text && may_be_text(role) => (lines(states), Secrecy::No),
        _ if states.contains(State::Editable) => (Role::Unknown, Secrecy::Unknown),
        _ if takes_commands(role) => (Role::Other, Secrecy::No),
        _ => (Role::Unknown, Secrecy::Unknown),
    }
}

fn lines(states: StateSet) -> Role {
    match (states.contains(State::SingleLine), states.contains(State::MultiLine)) {
        (true, false) => Role::Line,
        (false, true) => Role::Lines,
        _ => Role::Text,
    }
}

/// Roles that are a field to type text into, where the element can be edited. A page can make most blocks editable.
fn may_be_text(role: Atspi) -> bool {
    use Atspi::*;
    matches!(
        role,
        Text | Entry
            | SpinButton
            | Editbar
            | Autocomplete
            | ComboBox
            | Paragraph
            | Section
            | Heading
            | Article
            | Grouping
            | BlockQuote
            | ListItem
            | TableCell
            | DocumentText
            | DocumentEmail
            | DocumentFrame
            | DocumentWeb
    )
}

/// Roles that are no field: keys there are commands.
fn takes_commands(role: Atspi) -> bool {
    use Atspi::*;
    matches!(
        role,
        Text | Entry
            | Button
            | PushButtonMenu
            | ToggleButton
            | CheckBox
            | RadioButton
            | ComboBox
            | Slider
            | ScrollBar
            | SpinButton
            | Link
            | Menu
            | MenuBar
            | MenuItem
            | CheckMenuItem
            | RadioMenuItem
            | PopupMenu
            | TearoffMenuItem
            | PageTab
            | PageTabList
            | List
            | ListBox
            | ListItem
            | Tree
            | TreeItem
            | TreeTable
            | Table
            | TableCell
            | TableRow
            | TableColumnHeader
            | TableRowHeader
            | Icon
            | Image
            | Label
            | Static
            | Heading
            | Paragraph
            | Section
            | Article
            | ToolBar
            | ScrollPane
            | Calendar
            | DocumentFrame
            | DocumentWeb
            | DocumentText
            | DocumentPresentation
            | DocumentSpreadsheet
    )
}

/// What an application shows at a point of the screen, and whether that holds a secret. It is asked from its windows down.
pub(super) async fn under(
    caller: &Caller,
    application: &Object,
    x: i32,
    y: i32,
) -> zbus::Result<Option<(Object, Secrecy, Face)>> {
    let mut found = None;
    for window in caller.children(application).await?.into_iter().take(WINDOWS_MAX) {
        let states = caller.states(&window).await?;
        // A menu is a window too, and not the active one; but it is asked first where it covers the point.
        if !states.contains(State::Showing) {
            continue;
        }
        let at = caller.at(&window, x, y).await.ok().flatten().filter(|at| *at != window);
        if at.is_some() && (found.is_none() || !states.contains(State::Active)) {
            found = at;
        }
    }
    let Some(mut object) = found else { return Ok(None) };
    for _ in 0..DEPTH_MAX {
        // Some answer with a child only, others with what lies deepest.
        match caller.at(&object, x, y).await.ok().flatten() {
            Some(deeper) if deeper != object => object = deeper,
            _ => break,
        }
    }
    let (object, atspi) = acting(caller, object).await?;
    let bounds = caller.bounds(&object).await?;
    if atspi == Atspi::PasswordText {
        return Ok(Some((object, Secrecy::Yes, Face { role: ElementRole::Textbox, name: None, bounds })));
    }
    let (states, interfaces) = try_zip(caller.states(&object), caller.interfaces(&object)).await?;
    let (_, secret) = judge(atspi, states, interfaces);
    let face = Face { role: kind(atspi), name: caller.name(&object).await.ok(), bounds };
    Ok(Some((object, secret, face)))
}

/// The element that a press on this one acts on: pages tell the words on a button, not the button.
async fn acting(caller: &Caller, object: Object) -> zbus::Result<(Object, Atspi)> {
    let role = caller.role(&object).await?;
    let (mut above, mut kind_above) = (object.clone(), kind(role));
    for _ in 0..WRAPPED_MAX {
        if kind_above != ElementRole::Other {
            break;
        }
        above = caller.parent(&above).await?;
        kind_above = kind(caller.role(&above).await?);
    }
    match kind_above {
        // Nothing that acts, but what holds everything.
        ElementRole::Other | ElementRole::Document | ElementRole::Dialog => Ok((object, role)),
        _ => {
            let role = caller.role(&above).await?;
            Ok((above, role))
        }
    }
}

/// The kind of element that others may know.
fn kind(role: Atspi) -> ElementRole {
    use Atspi::*;
    match role {
        Button | PushButtonMenu => ElementRole::Button,
        ToggleButton => ElementRole::Switch,
        CheckBox => ElementRole::Checkbox,
        RadioButton => ElementRole::Radio,
        Menu | MenuBar | PopupMenu => ElementRole::Menu,
        MenuItem | CheckMenuItem | RadioMenuItem | TearoffMenuItem => ElementRole::MenuItem,
        Link => ElementRole::Link,
        PageTab => ElementRole::Tab,
        Text | Entry | PasswordText | Editbar | Autocomplete => ElementRole::Textbox,
        ComboBox => ElementRole::Combobox,
        SpinButton => ElementRole::SpinButton,
        Slider => ElementRole::Slider,
        ScrollBar => ElementRole::Scrollbar,
        List | ListBox => ElementRole::Listbox,
        ListItem => ElementRole::Option,
        Tree | TreeTable => ElementRole::Tree,
        TreeItem => ElementRole::TreeItem,
        TableCell | TableColumnHeader | TableRowHeader => ElementRole::Cell,
        Heading => ElementRole::Heading,
        Image | Icon => ElementRole::Image,
        DocumentFrame | DocumentWeb | DocumentText | DocumentEmail | DocumentPresentation | DocumentSpreadsheet => {
            ElementRole::Document
        }
        Dialog | Alert | FileChooser | ColorChooser | FontChooser => ElementRole::Dialog,
        ToolBar => ElementRole::Toolbar,
        Terminal => ElementRole::Terminal,
        _ => ElementRole::Other,
    }
}

/// What a field holds, where it can be read for sure.
pub(super) async fn value(caller: &Caller, object: &Object) -> zbus::Result<Option<(FieldText, Sequence)>> {
    if caller.length(object).await? > READ_MAX {
        return Ok(None);
    }
    let ((caret, selection), (text, read)) =
        try_zip(try_zip(caller.caret(object), caller.selection(object)), caller.text(object)).await?;
    // The place of something that is no text.
    if text.contains('\u{fffc}') {
        return Ok(None);
    }
    let caret = usize::try_from(caret).ok();
    let ends = selection.and_then(|(from, to)| Some((usize::try_from(from).ok()?, usize::try_from(to).ok()?)));
    let anchor = match (caret, ends) {
        (Some(caret), Some((from, to))) if caret == from => Some(to),
        (Some(caret), Some((from, to))) if caret == to => Some(from),
        (caret, None) => caret,
        _ => None,
    };
    Ok(Some((FieldText { text: text.as_str().to_owned(), caret, anchor }, read)))
}

/// Scheme and host of the page around an element; nothing where there is no page around it.
pub(super) async fn origin(caller: &Caller, object: &Object) -> zbus::Result<Option<String>> {
    let (mut object, mut role) = (object.clone(), caller.role(object).await?);
    let mut found = None;
    for _ in 0..DEPTH_MAX {
        if matches!(role, Atspi::Application | Atspi::Frame | Atspi::Window | Atspi::Dialog) {
            break;
        }
        if matches!(role, Atspi::DocumentWeb | Atspi::DocumentFrame) {
            // The outermost page is the one whose address a browser shows.
            if let Ok(address) = caller.document_attribute(&object, "URI").await {
                found = reduce(&address).or(found);
            }
        }
        object = caller.parent(&object).await?;
        role = caller.role(&object).await?;
    }
    Ok(found)
}

/// Scheme and host of an address, and nothing else of it.
fn reduce(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    (!scheme.is_empty() && !host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_scheme_and_host_are_kept_and_nothing_else() {
        let kept = |address| reduce(address).unwrap_or_default();
        assert_eq!(kept("https://example.org/path?token=x#y"), "https://example.org");
        assert_eq!(kept("http://user:word@example.org:8080?q"), "http://example.org:8080");
        assert_eq!(kept("https://example.org\\@other.example/"), "https://example.org");
        assert_eq!(kept("about:blank"), "");
        assert_eq!(kept("file:///home/someone/file.html"), "");
        assert_eq!(kept("data:text/html,words"), "");
    }

    #[test]
    fn a_field_that_masks_is_secret_and_one_that_nobody_knows_is_unknown() {
        let text = InterfaceSet::from_iter([Interface::Text]);
        let edit = StateSet::from_iter([State::Editable, State::SingleLine]);
        assert_eq!(judge(Atspi::PasswordText, edit, text), (Role::Password, Secrecy::Yes));
        assert_eq!(judge(Atspi::Text, edit, text), (Role::Line, Secrecy::No));
        assert_eq!(judge(Atspi::Terminal, edit, text), (Role::Terminal, Secrecy::Unknown));
        assert_eq!(judge(Atspi::Canvas, edit, text), (Role::Unknown, Secrecy::Unknown));
        assert_eq!(judge(Atspi::Entry, edit, InterfaceSet::empty()), (Role::Unknown, Secrecy::Unknown));
        assert_eq!(judge(Atspi::Button, StateSet::empty(), text), (Role::Other, Secrecy::No));
        assert_eq!(judge(Atspi::Unknown, StateSet::empty(), text), (Role::Unknown, Secrecy::Unknown));
    }
}
