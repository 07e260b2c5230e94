//! What is believed of the element in focus, from what two interfaces say of it.

use candor_redact::{ElementId, Role, Secrecy};

/// What UI Automation says. Nothing where it does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Told {
    /// A `UIA_…ControlTypeId`.
    pub(super) control_type: Option<i32>,
    /// `IsPassword`, where the provider itself says it; the interface's default, "no", is no answer.
    pub(super) password: Option<bool>,
}

/// What the window in focus says, if it is a classic control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Classic {
    /// An edit control of the system's own class.
    Edit {
        /// Its style `ES_PASSWORD`.
        password: bool,
        /// Its style `ES_MULTILINE`.
        lines: bool,
    },
    /// A class that calls itself an edit control and has the style `ES_PASSWORD`.
    LikeEditPassword,
    /// A terminal's window: what runs in it may ask for a password, and no interface tells.
    Terminal,
    /// Anything else.
    Other,
}

impl Classic {
    /// By the window's class and style.
    pub(super) fn of(class: &str, style: u32) -> Self {
        const ES_MULTILINE: u32 = 0x04;
        const ES_PASSWORD: u32 = 0x20;
        let class = class.to_ascii_lowercase();
        let password = style & ES_PASSWORD != 0;
        if class == "edit" {
            Self::Edit { password, lines: style & ES_MULTILINE != 0 }
        } else if class.contains("edit") && password {
            Self::LikeEditPassword
        } else if TERMINALS.contains(&class.as_str()) {
            Self::Terminal
        } else {
            Self::Other
        }
    }
}

/// Window classes of terminals, in lower case.
const TERMINALS: [&str; 9] = [
    "consolewindowclass",
    "cascadia_hosting_window_class",
    "pseudoconsolewindow",
    "mintty",
    "putty",
    "kitty",
    "virtualconsoleclass",
    "org.wezfurlong.wezterm",
    "termcontrol",
];

/// The element in focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) element: Option<ElementId>,
    pub(super) role: Role,
    pub(super) secret: Secrecy,
}

impl Field {
    /// Nobody knows.
    pub(super) const UNKNOWN: Self = Self { element: None, role: Role::Unknown, secret: Secrecy::Unknown };

    /// Whoever says "password" is believed. "No password" is believed of an element that is known to take text, or known
    /// to take none. Everything else is unknown: a pane or a window in focus is an application that does not say what is
    /// in it, and "no password" of it means nothing.
    pub(super) fn judge(element: Option<ElementId>, told: Told, classic: Classic) -> Self {
        let is_password = matches!(classic, Classic::Edit { password: true, .. } | Classic::LikeEditPassword)
            || told.password == Some(true);
        let (role, secret) = match (classic, told.password) {
            _ if is_password => (Role::Password, Secrecy::Yes),
            (Classic::Terminal, _) => (Role::Terminal, Secrecy::Unknown),
            (Classic::Edit { lines, .. }, _) => (if lines { Role::Lines } else { Role::Line }, Secrecy::No),
            (_, Some(false)) => match told.control_type.map_or(Role::Unknown, role) {
                Role::Unknown => (Role::Unknown, Secrecy::Unknown),
                role => (role, Secrecy::No),
            },
            (_, None | Some(true)) => (Role::Unknown, Secrecy::Unknown),
        };
        Self { element, role, secret }
    }
}

/// The role of a control type ("Control Type Identifiers", UI Automation).
fn role(control_type: i32) -> Role {
    match control_type {
        // Combo box, edit, document.
        50003 | 50004 | 50030 => Role::Text,
        // Button, check box, hyperlink, image, list item, list, menu, menu bar, menu item, radio button, scroll bar,
        // slider, status bar, tab, tab item, tool bar, tree, tree item, data grid, data item, split button, header, header
        // item, table.
        50000
        | 50002
        | 50005..=50011
        | 50013..=50015
        | 50017..=50019
        | 50021
        | 50023
        | 50024
        | 50028
        | 50029
        | 50031
        | 50034..=50036 => Role::Other,
        _ => Role::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIT: i32 = 50004;
    const BUTTON: i32 = 50000;
    const PANE: i32 = 50033;

    fn check(control_type: i32, password: Option<bool>, classic: Classic, role: Role, secret: Secrecy) {
        let told = Told { control_type: Some(control_type), password };
        let field = Field::judge(None, told, classic);
        assert_eq!(field, Field { element: None, role, secret }, "{told:?} {classic:?}");
    }

    #[test]
    fn whoever_says_password_is_believed() {
        let edit = Classic::Edit { password: false, lines: false };
        let masked = Classic::Edit { password: true, lines: false };
        for told in [None, Some(false), Some(true)] {
            check(EDIT, told, masked, Role::Password, Secrecy::Yes);
            check(EDIT, told, Classic::LikeEditPassword, Role::Password, Secrecy::Yes);
        }
        for classic in [edit, Classic::Terminal, Classic::Other] {
            check(PANE, Some(true), classic, Role::Password, Secrecy::Yes);
        }
    }

    #[test]
    fn no_password_is_believed_only_of_what_is_known() {
        check(EDIT, Some(false), Classic::Other, Role::Text, Secrecy::No);
        check(BUTTON, Some(false), Classic::Other, Role::Other, Secrecy::No);
        check(PANE, Some(false), Classic::Other, Role::Unknown, Secrecy::Unknown);
        check(EDIT, None, Classic::Other, Role::Unknown, Secrecy::Unknown);
        check(PANE, None, Classic::Edit { password: false, lines: true }, Role::Lines, Secrecy::No);
        check(EDIT, Some(false), Classic::Terminal, Role::Terminal, Secrecy::Unknown);
        assert_eq!(Field::judge(None, Told::default(), Classic::Other), Field::UNKNOWN);
    }

    #[test]
    fn a_window_is_what_its_class_and_style_say() {
        assert_eq!(Classic::of("Edit", 0x20), Classic::Edit { password: true, lines: false });
        assert_eq!(Classic::of("EDIT", 0x04), Classic::Edit { password: false, lines: true });
        assert_eq!(Classic::of("WindowsForms10.EDIT.app.0.1", 0x20), Classic::LikeEditPassword);
        assert_eq!(Classic::of("RICHEDIT50W", 0x20), Classic::LikeEditPassword);
        assert_eq!(Classic::of("RICHEDIT50W", 0), Classic::Other, "the system's own class alone is known without UIA");
        assert_eq!(Classic::of("ConsoleWindowClass", 0), Classic::Terminal);
        assert_eq!(Classic::of("Button", 0x20), Classic::Other);
    }
}
