//! What a keyboard layout prints.

use windows_sys::Win32::UI::Input::KeyboardAndMouse::{
    HKL, ToUnicodeEx, VK_CAPITAL, VK_CONTROL, VK_MENU, VK_NUMLOCK, VK_SHIFT,
};

use super::meaning::{Held, Printed};

/// A layout, as the system names it.
#[derive(Clone, Copy)]
pub(super) struct Layout(pub(super) usize);

impl Layout {
    /// The language it is for.
    pub(super) const fn language(self) -> u16 {
        self.0 as u16
    }

    /// What the key prints while these are held.
    pub(super) fn print(self, vk: u32, scan: u32, held: Held) -> Printed {
        /// "Do not change the keyboard state": without it a dead key that somebody just pressed would be lost.
        const KEEP_STATE: u32 = 0x4;
        const DOWN: u8 = 0x80;
        const ON: u8 = 0x01;
        let mut state = [0; 256];
        for (vk, held, value) in [
            (VK_SHIFT, held.shift, DOWN),
            (VK_CONTROL, held.control, DOWN),
            (VK_MENU, held.alt, DOWN),
            (VK_CAPITAL, held.caps, ON),
            (VK_NUMLOCK, held.num, ON),
        ] {
            if let Some(slot) = state.get_mut(usize::from(vk)).filter(|_| held) {
                *slot = value;
            }
        }
        let mut units = [0; 8];
        // SAFETY: the state has 256 entries, the buffer as many units as said; a layout that is gone prints nothing.
        let count = unsafe {
            ToUnicodeEx(vk, scan, state.as_ptr(), units.as_mut_ptr(), units.len() as i32, KEEP_STATE, self.0 as HKL)
        };
        Printed::from_utf16(count, &units)
    }
}
