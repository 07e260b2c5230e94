//! Windows: keys, buttons, motion and wheel through low-level hooks, the window in focus, and the field in focus as UI
//! Automation and the control itself tell.
//!
//! Three threads. One only takes events from the system: it must not wait for anybody, or every key of the desktop does.
//! One only looks at the focus: an application that hangs may keep it for as long as it likes. Whoever polls joins the two
//! in the `gate`, where a key waits until its field is known.
//!
//! What needs no operating system is compiled and tested everywhere: `scan` and `meaning` (what a key is), `field` (what is
//! believed of an element), `gate`, `clock`.
//!
//! Why UI Automation's interfaces are declared here: windows-sys has functions and no COM interfaces. The crate `windows`
//! has them, with nine more crates and a procedural macro, for the four methods that are called. Their places in the tables
//! are fixed for good by COM.
//!
//! Architecture invariant: what a window is called goes into an observation and nowhere else. Unknown stays unknown: no
//! failure of the system's makes a field open.

#![cfg_attr(
    not(windows),
    allow(dead_code, reason = "away from Windows only the tests use what is compiled everywhere")
)]

mod clock;
mod field;
mod gate;
mod meaning;
mod scan;

#[cfg(windows)]
mod desktop;
#[cfg(windows)]
#[expect(unsafe_code, reason = "the system's functions are C's")]
mod eye;
#[cfg(windows)]
#[expect(unsafe_code, reason = "the system's functions are C's")]
mod hooks;
#[cfg(windows)]
#[expect(unsafe_code, reason = "the system's functions are C's")]
mod layout;
#[cfg(all(windows, test))]
mod tests;
#[cfg(windows)]
#[expect(unsafe_code, reason = "COM is called through tables of C functions")]
mod uia;

#[cfg(windows)]
pub use desktop::Windows;
