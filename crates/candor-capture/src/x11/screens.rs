//! The screens: where each is on the desktop, how large, and how much larger than usual things are drawn on it.

use x11rb::connection::RequestConnection;
use x11rb::protocol::Event;
use x11rb::protocol::randr::{self, ConnectionExt as _, NotifyMask};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use super::gone;
use super::window::property;
use crate::source::CaptureError;

/// What desktops draw at the scale 1, in dots per inch.
const USUAL_DPI: f32 = 96.0;
/// Resources longer than this are not read to the end, in 4-byte units.
const RESOURCE_UNITS_MAX: u32 = 16_384;
/// The first version with monitors (RandR protocol, "RRGetMonitors").
const VERSION: (u32, u32) = (1, 5);

/// One screen. Positions and sizes are in pixels of the whole desktop, as events have them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screen {
    /// The left edge.
    pub x: i32,
    /// The upper edge.
    pub y: i32,
    /// How wide.
    pub width: u32,
    /// How high.
    pub height: u32,
    /// How wide it is in millimetres; 0 where nobody knows.
    pub width_mm: u32,
    /// How high it is in millimetres; 0 where nobody knows.
    pub height_mm: u32,
    /// How much larger than usual the desktop draws: its `Xft.dpi` by 96, the same for all screens of a display; 1 where it
    /// says nothing.
    pub scale: f32,
}

/// The screens of a display, as they were told last.
pub(super) struct Screens {
    root: Window,
    has_monitors: bool,
    list: Vec<Screen>,
}

impl Screens {
    /// Begins to watch them.
    pub(super) fn watch(connection: &RustConnection, root: Window) -> Result<Self, CaptureError> {
        let mut has_monitors = connection.extension_information(randr::X11_EXTENSION_NAME).map_err(gone)?.is_some();
        if has_monitors {
            let version = connection.randr_query_version(VERSION.0, VERSION.1).map_err(gone)?.reply().map_err(gone)?;
            has_monitors = (version.major_version, version.minor_version) >= VERSION;
        }
        if has_monitors {
            let events = NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE | NotifyMask::OUTPUT_CHANGE;
            connection.randr_select_input(root, events).map_err(gone)?.check().map_err(gone)?;
        }
        let mut screens = Self { root, has_monitors, list: Vec::new() };
        screens.read(connection)?;
        Ok(screens)
    }

    pub(super) fn list(&self) -> &[Screen] {
        &self.list
    }

    /// Whether what the server said may have changed them. Changes of the root window's properties are listened to for the
    /// window in focus.
    pub(super) fn concerns(&self, event: &Event) -> bool {
        match event {
            Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => true,
            Event::PropertyNotify(change) => {
                change.window == self.root && change.atom == u32::from(AtomEnum::RESOURCE_MANAGER)
            }
            _ => false,
        }
    }

    /// Asks for them anew.
    pub(super) fn read(&mut self, connection: &RustConnection) -> Result<(), CaptureError> {
        let (resources, string) = (AtomEnum::RESOURCE_MANAGER.into(), AtomEnum::STRING.into());
        let resources = property(connection, self.root, resources, string, RESOURCE_UNITS_MAX)?;
        let scale = scale(&resources);
        self.list.clear();
        if self.has_monitors {
            let asked = connection.randr_get_monitors(self.root, true).map_err(gone)?;
            self.list.extend(asked.reply().map_err(gone)?.monitors.iter().map(|monitor| Screen {
                x: monitor.x.into(),
                y: monitor.y.into(),
                width: monitor.width.into(),
                height: monitor.height.into(),
                width_mm: monitor.width_in_millimeters,
                height_mm: monitor.height_in_millimeters,
                scale,
            }));
        }
        if self.list.is_empty() {
            let all = connection.get_geometry(self.root).map_err(gone)?.reply().map_err(gone)?;
            let (width, height) = (all.width.into(), all.height.into());
            self.list.push(Screen { x: 0, y: 0, width, height, width_mm: 0, height_mm: 0, scale });
        }
        Ok(())
    }
}

/// By the line `Xft.dpi` of a display's resources (X(7), "RESOURCES").
fn scale(resources: &[u8]) -> f32 {
    let resources = String::from_utf8_lossy(resources);
    let dpi = resources.lines().find_map(|line| line.strip_prefix("Xft.dpi:")?.trim().parse::<f32>().ok());
    dpi.filter(|dpi| dpi.is_finite() && *dpi > 0.0).map_or(1.0, |dpi| dpi / USUAL_DPI)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use x11rb::protocol::randr::MonitorInfo;
    use x11rb::protocol::xproto::PropMode;
    use x11rb::wrapper::ConnectionExt as _;

    use super::super::X11;
    use super::*;
    use crate::testing::Display;

    #[test]
    fn the_scale_is_what_the_desktop_says() {
        let cases: [(&[u8], f32); 5] = [
            (b"*customization:\t-color\nXft.dpi:\t144\nXft.hinting:\t1\n", 1.5),
            (b"Xft.dpi: 96", 1.0),
            (b"Xft.dpi: many\n", 1.0),
            (b"Xft.dpi: 0\n", 1.0),
            (b"", 1.0),
        ];
        for (resources, expected) in cases {
            assert!((scale(resources) - expected).abs() < 0.01, "{resources:?}");
        }
    }

    #[test]
    fn screens_and_scale_that_change_are_told_anew() {
        let Some(server) = Display::start() else { return };
        let mut source = X11::over(server.connect(), server.connect(), 0).unwrap();
        let desk = server.connect();
        let root = x11rb::connection::Connection::setup(&desk).roots[0].root;
        let whole = |screens: &[Screen]| {
            let place = |screen: &Screen| (screen.x, screen.y, screen.width, screen.height);
            (screens.iter().map(place).collect::<Vec<_>>(), screens[0].scale)
        };
        assert_eq!(whole(source.screens()), (vec![(0, 0, 1280, 800)], 1.0));
        // The left half is a monitor of its own, of the only output; the right half has none.
        let resources = desk.randr_get_screen_resources_current(root).unwrap().reply().unwrap();
        let monitor = |name: &[u8], x, outputs: &[u32]| MonitorInfo {
            name: desk.intern_atom(false, name).unwrap().reply().unwrap().atom,
            x,
            width: 640,
            height: 800,
            width_in_millimeters: 160,
            height_in_millimeters: 200,
            outputs: outputs.to_vec(),
            ..MonitorInfo::default()
        };
        for monitor in [monitor(b"left", 0, &resources.outputs), monitor(b"right", 640, &[])] {
            desk.randr_set_monitor(root, monitor).unwrap().check().unwrap();
        }
        let string = AtomEnum::STRING;
        desk.change_property8(PropMode::REPLACE, root, AtomEnum::RESOURCE_MANAGER, string, b"Xft.dpi:\t192\n").unwrap();
        desk.sync().unwrap();
        source.pump(Duration::from_millis(200), &mut Vec::new()).unwrap();
        source.pump(Duration::from_millis(200), &mut Vec::new()).unwrap();
        let (mut places, scale) = whole(source.screens());
        places.sort_unstable();
        assert_eq!((places, scale), (vec![(0, 0, 640, 800), (640, 0, 640, 800)], 2.0));
        assert_eq!(source.screens()[0].width_mm, 160);
    }
}
