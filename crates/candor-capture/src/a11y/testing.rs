//! A session bus of one's own, and applications on it: for tests and measurements.

#![allow(clippy::expect_used, reason = "a test or measurement without its bus cannot go on")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::testing::Display;

/// A session bus that only those reach who are given its address; the accessibility bus starts from it. It ends when this
/// is dropped.
pub struct Session {
    daemon: Child,
    address: String,
    home: tempfile::TempDir,
}

impl Session {
    /// A bus for programs at this display. Nothing where this machine lacks the programs, which is said aloud.
    ///
    /// # Panics
    /// Where the bus starts and says nothing.
    pub fn start(display: &Display) -> Option<Self> {
        if !std::path::Path::new("/usr/libexec/at-spi-bus-launcher").exists() {
            eprintln!("SKIPPED: no `at-spi-bus-launcher` here; `cargo xtask test` installs it");
            return None;
        }
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut command = display.command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--nosyslog", "--print-address"]);
        // Folders of their own: two accessibility buses would have one socket otherwise.
        command.env("XDG_RUNTIME_DIR", home.path()).env("HOME", home.path()).env("GSETTINGS_BACKEND", "memory");
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("AT_SPI_BUS_ADDRESS");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut daemon) = command.spawn() else {
            eprintln!("SKIPPED: no `dbus-daemon` here; `cargo xtask test` installs it");
            return None;
        };
        let mut address = String::new();
        let stdout = daemon.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut address).expect("the bus's address");
        assert!(!address.trim().is_empty(), "the bus ended before it served");
        Some(Self { daemon, address: address.trim().to_owned(), home })
    }

    /// Its address, as in `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Starts a program at this display and on this bus. Nothing where it cannot be started, which is said aloud.
    pub fn spawn(&self, display: &Display, program: &str, arguments: &[&str]) -> Option<Program> {
        let mut command = display.command(program);
        command.args(arguments).env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.env("XDG_RUNTIME_DIR", self.home.path()).env("HOME", self.home.path());
        command.env("GSETTINGS_BACKEND", "memory").env_remove("NO_AT_BRIDGE").env_remove("GTK_MODULES");
        command.env_remove("AT_SPI_BUS_ADDRESS");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(child) => Some(Program(child)),
            Err(_) => {
                eprintln!("SKIPPED: no `{program}` here; `cargo xtask test` installs it");
                None
            }
        }
    }

    /// Ends the bus, as a crash would.
    pub fn stop(&mut self) {
        // Nothing is to be done about one that has ended already.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A program that ends when this is dropped.
pub struct Program(Child);

impl Program {
    /// Stops it without ending it: it answers nothing from here on.
    ///
    /// # Panics
    /// Where there is no `kill`.
    pub fn freeze(&self) {
        Command::new("kill").args(["-STOP", &self.0.id().to_string()]).status().expect("`kill`");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing is to be done about one that has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
