//! The window itself: made, placed, painted and named.

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ReplyError, ReplyOrIdError};
use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::shape::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ChangeWindowAttributesAux, Colormap, ConfigureWindowAux, ConnectionExt as _, CreateGCAux,
    CreateWindowAux, EventMask, Gcontext, MapState, PropMode, Rectangle, StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::Shown;
use super::face::Face;
use super::place::{Area, Corner, primary};

x11rb::atom_manager! {
    /// What the window says of itself (Extended Window Manager Hints).
    pub(super) Atoms: AtomsCookie {
        _NET_WM_NAME,
        _NET_WM_WINDOW_OPACITY,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_NOTIFICATION,
        UTF8_STRING,
    }
}

/// Fully opaque (compositors' convention for `_NET_WM_WINDOW_OPACITY`).
const OPAQUE: u32 = u32::MAX;
/// From the edges of the screen, in units.
const MARGIN: u16 = 4;
/// A screen of this height has units of two pixels, one of twice the height of four.
const HEIGHT_OF_ONE: u16 = 540;

pub(super) struct Pane {
    pub(super) root: Window,
    pub(super) window: Window,
    /// Where it has to be.
    pub(super) area: Area,
    atoms: Atoms,
    colours: Colormap,
    gc: Gcontext,
    corner: Corner,
    unit: u16,
    shown: Shown,
}

impl Pane {
    /// Makes the window and maps it.
    pub(super) fn open(
        connection: &RustConnection,
        screen: usize,
        corner: Corner,
    ) -> Result<Option<Self>, ReplyOrIdError> {
        let Some(screen) = connection.setup().roots.get(screen) else { return Ok(None) };
        let (root, colours) = (screen.root, screen.default_colormap);
        let atoms = Atoms::new(connection)?.reply()?;
        let window = connection.generate_id()?;
        let aux = CreateWindowAux::new().override_redirect(1).background_pixel(screen.black_pixel).event_mask(
            EventMask::EXPOSURE
                | EventMask::STRUCTURE_NOTIFY
                | EventMask::VISIBILITY_CHANGE
                | EventMask::PROPERTY_CHANGE
                | EventMask::BUTTON_PRESS,
        );
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(screen.root_depth, window, root, 0, 0, 1, 1, 0, class, 0, &aux)?.check()?;
        let gc = connection.generate_id()?;
        connection.create_gc(gc, window, &CreateGCAux::new().graphics_exposures(0))?;
        connection.change_property8(
            PropMode::REPLACE,
            window,
            AtomEnum::WM_CLASS,
            AtomEnum::STRING,
            b"candor\0Candor\0",
        )?;
        let (kind, notification) = (atoms._NET_WM_WINDOW_TYPE, atoms._NET_WM_WINDOW_TYPE_NOTIFICATION);
        connection.change_property32(PropMode::REPLACE, window, kind, AtomEnum::ATOM, &[notification])?;
        // A compositor that dims idle windows leaves alone what says how opaque it is.
        let opacity = atoms._NET_WM_WINDOW_OPACITY;
        connection.change_property32(PropMode::REPLACE, window, opacity, AtomEnum::CARDINAL, &[OPAQUE])?;
        watch(connection, root, window)?;
        let (area, shown) = (Area::default(), Shown::Holding("starting"));
        let mut pane = Self { root, window, area, atoms, colours, gc, corner, unit: 1, shown };
        pane.settle(connection)?;
        connection.map_window(window)?.check()?;
        pane.raise(connection)?;
        Ok(Some(pane))
    }

    /// Shows another state.
    pub(super) fn show(&mut self, connection: &RustConnection, shown: Shown) -> Result<(), ReplyError> {
        self.shown = shown;
        self.settle(connection)?;
        self.paint(connection)
    }

    /// Goes where it belongs on the screens as they are now, and says what it is.
    pub(super) fn settle(&mut self, connection: &RustConnection) -> Result<(), ReplyError> {
        let screen = primary(connection, self.root)?;
        self.unit = (screen.height / HEIGHT_OF_ONE).saturating_mul(2).clamp(2, 8);
        let face = Face::of(self.shown);
        let margin = MARGIN * self.unit;
        let width = face.width().saturating_mul(self.unit).min(screen.width.saturating_sub(2 * margin)).max(1);
        self.area = screen.corner(self.corner, (width, Face::height() * self.unit), margin);
        let Area { x, y, width, height } = self.area;
        let place =
            ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y)).width(u32::from(width)).height(u32::from(height));
        connection.configure_window(self.window, &place)?;
        let name = self.shown.name();
        let (utf8, net_name) = (self.atoms.UTF8_STRING, self.atoms._NET_WM_NAME);
        connection.change_property8(
            PropMode::REPLACE,
            self.window,
            AtomEnum::WM_NAME,
            AtomEnum::STRING,
            name.as_bytes(),
        )?;
        connection.change_property8(PropMode::REPLACE, self.window, net_name, utf8, name.as_bytes())?;
        Ok(())
    }

    pub(super) fn paint(&self, connection: &RustConnection) -> Result<(), ReplyError> {
        let face = Face::of(self.shown);
        let Area { width, height, .. } = self.area;
        self.fill(connection, face.ground, &[Rectangle { x: 0, y: 0, width, height }])?;
        self.fill(connection, face.ink, &face.strokes(self.area, self.unit))
    }

    fn fill(
        &self,
        connection: &RustConnection,
        (r, g, b): (u8, u8, u8),
        areas: &[Rectangle],
    ) -> Result<(), ReplyError> {
        let [r, g, b] = [r, g, b].map(|part| u16::from(part) * 0x101);
        let pixel = connection.alloc_color(self.colours, r, g, b)?.reply()?.pixel;
        connection.change_gc(self.gc, &ChangeGCAux::new().foreground(pixel))?;
        connection.poly_fill_rectangle(self.window, self.gc, areas)?;
        Ok(())
    }

    pub(super) fn raise(&self, connection: &RustConnection) -> Result<(), ReplyError> {
        connection.configure_window(self.window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE))?;
        Ok(())
    }

    /// Whether a change of this property may have made it see-through.
    pub(super) fn is_opacity(&self, atom: u32) -> bool {
        atom == self.atoms._NET_WM_WINDOW_OPACITY
    }

    pub(super) fn is_opaque(&self, connection: &RustConnection) -> Result<bool, ReplyError> {
        let atom = self.atoms._NET_WM_WINDOW_OPACITY;
        let reply = connection.get_property(false, self.window, atom, AtomEnum::ANY, 0, 1)?.reply()?;
        // Without the property it is opaque.
        Ok(reply.value32().and_then(|mut values| values.next()).is_none_or(|value| value == OPAQUE))
    }

    /// Which of these windows shows something where this one is.
    pub(super) fn is_under(&self, connection: &RustConnection, above: &[Window]) -> Result<bool, ReplyError> {
        let mut asked = Vec::with_capacity(above.len());
        for window in above {
            asked.push((connection.get_window_attributes(*window)?, connection.get_geometry(*window)?));
        }
        let mut is_under = false;
        for (attributes, geometry) in asked {
            // One that is gone meanwhile covers nothing.
            if let (Ok(attributes), Ok(at)) = (attributes.reply(), geometry.reply()) {
                let long = |inner: u16| inner.saturating_add(at.border_width.saturating_mul(2));
                let area = Area { x: at.x, y: at.y, width: long(at.width), height: long(at.height) };
                let is_shown =
                    attributes.map_state == MapState::VIEWABLE && attributes.class == WindowClass::INPUT_OUTPUT;
                is_under |= is_shown && area.meets(self.area);
            }
        }
        Ok(is_under)
    }
}

/// Asks to be told when the screens change, and when somebody cuts a hole in the window.
fn watch(connection: &RustConnection, root: Window, window: Window) -> Result<(), ReplyError> {
    // A root window that changes its size, or the monitors on it (RandR 1.5, section 8).
    let changes = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
    connection.change_window_attributes(root, &changes)?;
    if connection.extension_information(shape::X11_EXTENSION_NAME)?.is_some() {
        connection.shape_query_version()?.reply()?;
        connection.shape_select_input(window, true)?;
    }
    if connection.extension_information(randr::X11_EXTENSION_NAME)?.is_some() {
        connection.randr_query_version(1, 5)?.reply()?;
        let changes =
            randr::NotifyMask::SCREEN_CHANGE | randr::NotifyMask::CRTC_CHANGE | randr::NotifyMask::OUTPUT_CHANGE;
        connection.randr_select_input(root, changes)?;
    }
    Ok(())
}
