//! A server with devices that are not XTEST's: Xorg with the drivers `dummy` and `inputtest`, which needs no hardware.
//!
//! What is written to the devices' sockets are the structs of xf86-input-inputtest-protocol.h, as C lays them out.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use crate::testing::Display;

/// The display, a mouse whose wheels tell distances (120 a notch), and a keyboard.
pub(in super::super) struct Rig {
    pub(in super::super) display: Display,
    pub(in super::super) mouse: Wired,
    pub(in super::super) keyboard: Wired,
    _home: tempfile::TempDir,
}

/// A device at the end of its socket. What is done at it has passed through the server when the call returns.
pub(in super::super) struct Wired(UnixStream);

const CONFIG: &str = r#"
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AllowMouseOpenFail" "true"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
EndSection
Section "InputDevice"
  Identifier "mouse"
  Driver "inputtest"
  Option "DeviceType" "Pointer"
  Option "SocketPath" "HOME/mouse"
EndSection
Section "InputDevice"
  Identifier "keyboard"
  Driver "inputtest"
  Option "DeviceType" "Keyboard"
  Option "SocketPath" "HOME/keyboard"
EndSection
Section "ServerLayout"
  Identifier "layout"
  Screen "screen"
  InputDevice "mouse" "CorePointer"
  InputDevice "keyboard" "CoreKeyboard"
EndSection
"#;

impl Rig {
    /// Nothing where this machine has no Xorg with these drivers, which is said aloud.
    pub(in super::super) fn start() -> Option<Self> {
        let modules = Path::new("/usr/lib/xorg/modules");
        for driver in ["drivers/dummy_drv.so", "input/inputtest_drv.so"] {
            if !modules.join(driver).exists() {
                eprintln!("SKIPPED: no {driver} of Xorg here; Debian has it in xserver-xorg-video-dummy");
                return None;
            }
        }
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("xorg.conf");
        std::fs::write(&config, CONFIG.replace("HOME", home.path().to_str().unwrap())).unwrap();
        let mut xorg = Command::new("/usr/lib/xorg/Xorg");
        xorg.args(["-nolisten", "tcp", "-noreset", "-novtswitch", "-sharevts", "-config"]).arg(config);
        xorg.arg("-logfile").arg(home.path().join("log"));
        let display = Display::serve(xorg)?;
        let [mouse, keyboard] = ["mouse", "keyboard"].map(|name| Wired::connect(&home.path().join(name)));
        Some(Self { display, mouse, keyboard, _home: home })
    }
}

impl Wired {
    fn connect(socket: &Path) -> Self {
        let mut wired = Self(UnixStream::connect(socket).unwrap());
        // Version 1.1, and the answer to it.
        wired.send(0, &[1u16.to_ne_bytes(), 1u16.to_ne_bytes()].concat());
        wired.answer(12);
        wired
    }

    fn send(&mut self, kind: u32, body: &[u8]) {
        let length = u32::try_from(8 + body.len()).unwrap();
        self.0.write_all(&[&length.to_ne_bytes()[..], &kind.to_ne_bytes(), body].concat()).unwrap();
    }

    fn answer(&mut self, length: usize) {
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer).unwrap();
        assert_eq!(answer[..4], u32::try_from(length).unwrap().to_ne_bytes());
    }

    fn done(&mut self) {
        self.send(1, &[]);
        self.answer(8);
    }

    /// Valuators move by so much: 0 and 1 are the pointer's, 2 and 3 the wheels', across and down.
    pub(in super::super) fn motion(&mut self, valuators: &[(usize, f64)]) {
        self.send(2, &[&[0; 8][..], &values(valuators)].concat());
        self.done();
    }

    pub(in super::super) fn button(&mut self, number: i32, down: bool) {
        let body = [0, number, i32::from(down), 0].map(i32::to_ne_bytes).concat();
        self.send(4, &[&body[..], &values(&[])].concat());
        self.done();
    }

    pub(in super::super) fn key(&mut self, code: i32, down: bool) {
        self.send(5, &[code, i32::from(down)].map(i32::to_ne_bytes).concat());
        self.done();
    }
}

fn values(valuators: &[(usize, f64)]) -> Vec<u8> {
    let (mut mask, mut values) = ([0u8; 8], [0f64; 64]);
    for (number, value) in valuators {
        mask[number / 8] |= 1 << (number % 8);
        values[*number] = *value;
    }
    let values = values.map(f64::to_ne_bytes).concat();
    [&[0; 4][..], &mask, &[0; 4], &values, &[0; 512]].concat()
}
