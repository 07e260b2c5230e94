//! Desktops that cannot be recorded, and what the program says there.

use std::env;

const WAYLAND: &str = "this is a Wayland session, which shows a program the input of its own windows only; log in to an \
                       X11 session to record (docs/PLATFORMS.md)";
const MACOS: &str = "Candor does not record on macOS yet; docs/PLATFORMS.md says what it would need";
// Remove when there is an indicator for Windows: the source is there.
const WINDOWS: &str = "Candor has no indicator on Windows yet, and records nothing without one; docs/PLATFORMS.md says \
                       what is there";
const OTHER: &str = "Candor does not record on this system; docs/PLATFORMS.md says where it does";

/// Why this desktop cannot be recorded, in words for the participant; nothing where it can be tried.
pub fn unsupported() -> Option<&'static str> {
    let session = env::var("XDG_SESSION_TYPE").unwrap_or_default();
    refusal(env::consts::OS, &session, env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()))
}

/// The session says what it is (pam_systemd). Where it does not, a Wayland display does: one that was started from a text
/// console. In an X11 session such a display is a window, and what is typed there passes the X server.
fn refusal(os: &str, session: &str, wayland_display: bool) -> Option<&'static str> {
    match (os, session) {
        ("linux", "x11") => None,
        ("linux", "wayland") => Some(WAYLAND),
        ("linux", _) => wayland_display.then_some(WAYLAND),
        ("macos", _) => Some(MACOS),
        ("windows", _) => Some(WINDOWS),
        _ => Some(OTHER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_that_shows_a_part_only_is_refused_with_what_to_do() {
        for (os, session, wayland_display, expect) in [
            ("linux", "wayland", true, Some(WAYLAND)),
            ("linux", "wayland", false, Some(WAYLAND)),
            ("linux", "tty", true, Some(WAYLAND)),
            ("linux", "", true, Some(WAYLAND)),
            ("linux", "", false, None),
            ("linux", "x11", true, None),
            ("linux", "x11", false, None),
            ("windows", "", false, Some(WINDOWS)),
            ("macos", "", false, Some(MACOS)),
            ("freebsd", "x11", false, Some(OTHER)),
        ] {
            assert_eq!(refusal(os, session, wayland_display), expect, "{os} {session} {wayland_display}");
        }
    }

    #[test]
    fn every_refusal_names_the_page_that_explains_it() {
        for text in [WAYLAND, MACOS, WINDOWS, OTHER] {
            assert!(text.contains("docs/PLATFORMS.md"));
        }
    }
}
