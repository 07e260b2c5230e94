//! What the names of windows say: which belong to a screen locker, and which stand there while a screen is shown to others.
//!
//! Each is what the program of that name calls its window: its application name (`WM_CLASS`), its role or its title. Titles
//! are matched in English where the program translates them.
//!
//! Chromium's bar is known in any language by what it alone is: a window in the hands of the window manager that has a title
//! and no application name, stays above others and cannot change its size.

/// What a window calls itself. Read to be judged, and kept nowhere.
#[derive(Clone, Copy, Default)]
pub(super) struct Names<'a> {
    /// Both words of `WM_CLASS`, each ended by a zero byte.
    pub(super) class: &'a [u8],
    /// `WM_WINDOW_ROLE`.
    pub(super) role: &'a [u8],
    /// `_NET_WM_NAME`, or the older `WM_NAME`.
    pub(super) title: &'a [u8],
    /// Whether it is managed, above others and of one size.
    pub(super) is_bar: bool,
}

/// What its names say of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sign {
    pub(super) locker: bool,
    pub(super) sharing: bool,
}

/// The programs whose windows lock or hide a screen.
const LOCKERS: [&[u8]; 12] = [
    b"cinnamon-screensaver",
    b"gnome-screensaver",
    b"i3lock",
    b"kscreenlocker_greet",
    b"light-locker",
    b"mate-screensaver",
    b"slock",
    b"xfce4-screensaver",
    b"xlock",
    b"xscreensaver",
    b"xsecurelock",
    b"xtrlock",
];

/// How the titles end: of Chromium and what is made of it, before which the site's or program's name stands; of Firefox.
/// A web page cannot have such a title by chance, because a browser puts its own name behind.
const ENDINGS: [&str; 8] = [
    " is sharing your screen.",
    " is sharing your screen and audio.",
    " is sharing a window.",
    " is sharing a window and audio.",
    " is sharing a Chrome tab.",
    " is sharing a Chrome tab and audio.",
    " \u{2014} Sharing Indicator",
    " - Sharing Indicator",
];

/// Whole titles, in any language: Zoom's bar and its frame around what is shown, Jitsi Meet's bar.
const TITLES: [&str; 4] = ["as_toolbar", "cpt_frame_window", "cpt_frame_xcb_window", "Screen Sharing Tracker"];

/// How titles begin: the bar of Microsoft Teams.
const BEGINNINGS: [&str; 2] = ["Screen sharing toolbar | Microsoft Teams", "Sharing control bar | Microsoft Teams"];

/// The role of Firefox's indicator, in any language.
const ROLES: [&[u8]; 1] = [b"WebRTCGlobalIndicator"];

/// What the names say.
pub(super) fn read(names: Names<'_>) -> Sign {
    let title = names.title;
    let is_locker = |word: &[u8]| LOCKERS.iter().any(|locker| word.eq_ignore_ascii_case(locker));
    let ends = |ending: &str| title.len() > ending.len() && title.ends_with(ending.as_bytes());
    Sign {
        locker: names.class.split(|byte| *byte == 0).any(is_locker),
        sharing: ENDINGS.iter().any(|ending| ends(ending))
            || TITLES.iter().any(|whole| title == whole.as_bytes())
            || BEGINNINGS.iter().any(|beginning| title.starts_with(beginning.as_bytes()))
            || ROLES.contains(&names.role)
            || (names.is_bar && names.class.is_empty() && !title.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sharing(title: &str) -> bool {
        read(Names { title: title.as_bytes(), ..Names::default() }).sharing
    }

    #[test]
    fn the_bars_and_frames_of_sharing_programs_are_known() {
        for title in [
            "meet.example is sharing your screen.",
            "meet.example is sharing your screen and audio.",
            "meet.example is sharing a window.",
            "Firefox \u{2014} Sharing Indicator",
            "as_toolbar",
            "cpt_frame_xcb_window",
            "Screen Sharing Tracker",
            "Screen sharing toolbar | Microsoft Teams",
        ] {
            assert!(is_sharing(title), "{title}");
        }
        let role = Names { role: b"WebRTCGlobalIndicator", ..Names::default() };
        assert!(read(role).sharing);
    }

    #[test]
    fn a_bar_without_an_application_name_is_chromiums_in_any_language() {
        let bar =
            Names { title: "meet.example gibt deinen Bildschirm frei.".as_bytes(), is_bar: true, ..Names::default() };
        assert!(read(bar).sharing);
        assert!(!read(Names { class: b"calculator\0Calculator\0", ..bar }).sharing);
        assert!(!read(Names { title: b"", ..bar }).sharing);
        assert!(!read(Names { is_bar: false, ..bar }).sharing);
    }

    #[test]
    fn a_page_or_text_about_sharing_is_no_sharing() {
        for title in [
            "",
            " is sharing your screen.",
            "Who is sharing your screen. - Chromium",
            "How to use as_toolbar",
            "Screen Sharing Tracker - Issues",
            "Zoom Meeting",
        ] {
            assert!(!is_sharing(title), "{title}");
        }
    }

    #[test]
    fn a_locker_is_known_by_either_word_of_its_class_and_its_settings_are_none() {
        let is_locker = |class: &[u8]| read(Names { class, ..Names::default() }).locker;
        assert!(is_locker(b"i3lock\0i3lock\0") && is_locker(b"xscreensaver\0XScreenSaver\0"));
        assert!(is_locker(b"a\0Light-locker\0") && is_locker(b"kscreenlocker_greet\0kscreenlocker_greet"));
        assert!(!is_locker(b"xscreensaver-settings\0Xscreensaver-settings\0") && !is_locker(b""));
        assert!(!is_locker(b"light-locker-settings\0Light-locker-settings\0"));
    }
}
