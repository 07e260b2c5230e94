//! Where the indicator stands: in a corner of the primary screen.

use x11rb::connection::RequestConnection;
use x11rb::errors::ReplyError;
use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

/// A corner of the primary screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Corner {
    /// At the top, on the right.
    #[default]
    TopRight,
    /// At the top, on the left.
    TopLeft,
    /// At the bottom, on the right.
    BottomRight,
    /// At the bottom, on the left.
    BottomLeft,
}

/// A rectangle of the display, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Of its left edge.
    pub x: i16,
    /// Of its top edge.
    pub y: i16,
    /// From left to right.
    pub width: u16,
    /// From top to bottom.
    pub height: u16,
}

impl Area {
    /// Whether that pixel lies in it.
    pub fn contains(self, x: i32, y: i32) -> bool {
        let (left, top) = (i32::from(self.x), i32::from(self.y));
        (left..left + i32::from(self.width)).contains(&x) && (top..top + i32::from(self.height)).contains(&y)
    }

    /// Whether the two have a pixel in common.
    pub(super) fn meets(self, other: Self) -> bool {
        let common = |a: i16, a_long: u16, b: i16, b_long: u16| {
            i32::from(a) < i32::from(b) + i32::from(b_long) && i32::from(b) < i32::from(a) + i32::from(a_long)
        };
        common(self.x, self.width, other.x, other.width) && common(self.y, self.height, other.y, other.height)
    }

    /// The part of this screen where a window of that size stands that keeps this distance from the edges.
    pub(super) fn corner(self, corner: Corner, (width, height): (u16, u16), margin: u16) -> Self {
        let near = |edge: i16| edge.saturating_add_unsigned(margin);
        let far = |edge: i16, long: u16, own: u16| edge.saturating_add_unsigned(long.saturating_sub(own + margin));
        let (left, top) = (near(self.x), near(self.y));
        let (right, bottom) = (far(self.x, self.width, width), far(self.y, self.height, height));
        let (x, y) = match corner {
            Corner::TopRight => (right, top),
            Corner::TopLeft => (left, top),
            Corner::BottomRight => (right, bottom),
            Corner::BottomLeft => (left, bottom),
        };
        Self { x, y, width, height }
    }
}

/// The screen that the user made the primary one, else the first; without RandR all there is.
pub(super) fn primary(connection: &RustConnection, root: Window) -> Result<Area, ReplyError> {
    if connection.extension_information(randr::X11_EXTENSION_NAME)?.is_some()
        && let Ok(version) = connection.randr_query_version(1, 5)?.reply()
        && (version.major_version, version.minor_version) >= (1, 5)
        && let Ok(reply) = connection.randr_get_monitors(root, true)?.reply()
        && let Some(monitor) = reply.monitors.iter().find(|monitor| monitor.primary).or(reply.monitors.first())
    {
        return Ok(Area { x: monitor.x, y: monitor.y, width: monitor.width, height: monitor.height });
    }
    let root = connection.get_geometry(root)?.reply()?;
    Ok(Area { x: 0, y: 0, width: root.width, height: root.height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_corner_is_on_the_primary_screen() {
        let screen = Area { x: 1920, y: -200, width: 1280, height: 800 };
        let stands = |corner| screen.corner(corner, (70, 30), 8);
        assert_eq!(stands(Corner::TopRight), Area { x: 3122, y: -192, width: 70, height: 30 });
        assert_eq!(stands(Corner::TopLeft), Area { x: 1928, y: -192, width: 70, height: 30 });
        assert_eq!(stands(Corner::BottomRight), Area { x: 3122, y: 562, width: 70, height: 30 });
        assert_eq!(stands(Corner::BottomLeft), Area { x: 1928, y: 562, width: 70, height: 30 });
    }

    #[test]
    fn a_click_on_the_edge_is_on_it_and_one_beside_is_not() {
        let area = Area { x: 10, y: 20, width: 5, height: 5 };
        assert!(area.contains(10, 20) && area.contains(14, 24));
        assert!(!area.contains(15, 24) && !area.contains(9, 20));
        assert!(area.meets(Area { x: 14, y: 0, width: 1, height: 21 }));
        assert!(!area.meets(Area { x: 15, y: 0, width: 9, height: 99 }));
    }
}
