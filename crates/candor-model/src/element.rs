//! The element of an application that an action concerned: what kind it is, what it is called, and where it is.

use serde::{Deserialize, Serialize};

/// What is told of an element, in the session's position unit from the screen's top left corner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Which action it is told for.
    pub of: ElementOf,
    /// What kind of element it is.
    pub role: ElementRole,
    /// What it is called: only where its role has a label, and redaction let it pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its left edge.
    pub x: i32,
    /// Its upper edge.
    pub y: i32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

impl Element {
    /// Whether a place lies in it: right of or on its left edge and left of its right edge, and the same from top to
    /// bottom.
    pub fn holds(&self, x: i32, y: i32) -> bool {
        let within = |at: i32, from: i32, length: u32| at >= from && at.abs_diff(from) < length;
        within(x, self.x, self.width) && within(y, self.y, self.height)
    }
}

/// Which action an element is told for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElementOf {
    /// The last press of a button before it: the element lay under the pointer.
    Press,
    /// What is typed from here on: the element has the focus.
    Focus,
}

impl ElementOf {
    /// Both, in wire order.
    pub const ALL: [Self; 2] = [Self::Press, Self::Focus];

    /// The word in listings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Press => "press",
            Self::Focus => "focus",
        }
    }
}

macro_rules! roles {
    ($($name:ident $word:literal)*) => {
        /// What kind of element it is: roles of WAI-ARIA 1.2 by their names there, and `terminal` and `other`, which have
        /// none there.
        ///
        /// The wire form is the position in this list: new roles go at the end.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the names are WAI-ARIA's, and say it")]
        pub enum ElementRole { $(#[serde(rename = $word)] $name,)* }

        impl ElementRole {
            /// Every role, in wire order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// WAI-ARIA's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

roles! {
    Button "button"
    Checkbox "checkbox"
    Radio "radio"
    Switch "switch"
    Menu "menu"
    MenuItem "menuitem"
    Link "link"
    Tab "tab"
    Textbox "textbox"
    Combobox "combobox"
    SpinButton "spinbutton"
    Slider "slider"
    Scrollbar "scrollbar"
    Listbox "listbox"
    Option "option"
    Tree "tree"
    TreeItem "treeitem"
    Cell "cell"
    Heading "heading"
    Image "img"
    Document "document"
    Dialog "dialog"
    Toolbar "toolbar"
    Terminal "terminal"
    Other "other"
}

impl ElementRole {
    /// Whether its name is a label that whoever made the application chose. The names of all others are, or may be,
    /// content: a tab's is the title of its page, a link's the text of one, a combo box's the choice that was made.
    pub const fn has_label(self) -> bool {
        matches!(self, Self::Button | Self::Checkbox | Self::Radio | Self::Switch | Self::Menu | Self::MenuItem)
    }
}

/// The longest name of an element, in characters.
pub const ELEMENT_NAME_MAX: usize = 64;

/// Whether a segment can hold `name` as an element's: 1 to 64 characters, no control character (Unicode's `Cc`), so that a
/// name cannot forge a line in a listing.
pub fn is_element_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().take(ELEMENT_NAME_MAX + 1).count() <= ELEMENT_NAME_MAX
        && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, Event, What};

    #[test]
    fn a_name_is_short_and_holds_nothing_that_a_terminal_obeys() {
        assert!(is_element_name("Speichern unter…") && is_element_name(&"é".repeat(64)));
        for name in ["", "a\nb", "a\u{1b}[2J", "a\u{85}", &"é".repeat(65)] {
            assert!(!is_element_name(name), "{name:?}");
        }
    }

    #[test]
    fn an_element_holds_its_first_row_and_column_and_not_those_after_its_last() {
        let (of, role) = (ElementOf::Press, ElementRole::Button);
        let element = Element { of, role, name: None, x: -3, y: i32::MIN, width: 5, height: u32::MAX };
        assert!(element.holds(-3, i32::MIN) && element.holds(1, i32::MAX - 1));
        assert!(!element.holds(-4, 0) && !element.holds(2, 0) && !element.holds(0, i32::MAX));
    }

    #[test]
    fn an_element_stands_beside_the_other_fields_of_its_event() {
        let element =
            Element { of: ElementOf::Press, role: ElementRole::Button, name: None, x: 1, y: 2, width: 3, height: 4 };
        let event = Event { at: 9, actor: Actor::Human, what: What::Element(Box::new(element)) };
        let json = r#"{"at":9,"actor":"human","kind":"element","of":"press","role":"button","x":1,"y":2,"width":3,"height":4}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    }

    #[test]
    fn roles_have_one_word_each_on_the_wire_too() {
        for (at, role) in ElementRole::ALL.iter().enumerate() {
            assert_eq!(*role as usize, at);
            assert_eq!(serde_json::to_string(role).unwrap(), format!("\"{}\"", role.as_str()));
        }
        assert!(serde_json::from_str::<ElementRole>("\"password\"").is_err());
    }

    #[test]
    fn no_role_whose_name_may_be_content_has_a_label() {
        use ElementRole::{Cell, Combobox, Document, Heading, Link, Option, Tab, Terminal, Textbox, TreeItem};
        let content = [Cell, Combobox, Document, Heading, Link, Option, Tab, Terminal, Textbox, TreeItem];
        assert!(content.iter().all(|role| !role.has_label()) && !ElementRole::Other.has_label());
    }
}
