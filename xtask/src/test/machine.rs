//! Makes sure that the tools which later steps need are here.
//!
//! Checked first, installed only when missing: a machine without a network passes if it has everything. Debian packages
//! are installed as root only; anybody else is told what to type.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::child;
use crate::house::{House, STEP_LIMIT};

/// Something a step needs, how to see that it is there, and the Debian package that brings it.
pub struct Need {
    /// What it is, for people.
    pub what: &'static str,
    /// A command that succeeds where it is there.
    pub probe: &'static [&'static str],
    /// Debian's package.
    pub package: &'static str,
}

const NEEDS: &[Need] = &[
    Need { what: "a C compiler (bundled SQLite and zstd)", probe: &["cc", "--version"], package: "gcc" },
    Need {
        what: "the C library's headers",
        probe: &["sh", "-c", "echo '#include <stdlib.h>' | cc -E -"],
        package: "libc6-dev",
    },
    Need { what: "git", probe: &["git", "--version"], package: "git" },
    Need { what: "Python", probe: &["python3", "--version"], package: "python3" },
    Need {
        what: "Python's venv with pip",
        probe: &["python3", "-c", "import venv, ensurepip"],
        package: "python3-venv",
    },
];

/// What the tests and the benchmark of the recorder want; without it the tests say `SKIPPED` one by one.
pub const DESKTOP: &[Need] = &[
    Need { what: "Xvfb", probe: &["sh", "-c", "command -v Xvfb"], package: "xvfb" },
    Need { what: "a window manager", probe: &["sh", "-c", "command -v openbox"], package: "openbox" },
    Need { what: "a terminal", probe: &["sh", "-c", "command -v xterm"], package: "xterm" },
    Need { what: "the keyboard's tools", probe: &["sh", "-c", "command -v setxkbmap"], package: "x11-xkb-utils" },
    Need { what: "xdotool", probe: &["sh", "-c", "command -v xdotool"], package: "xdotool" },
    Need { what: "xprop and xev", probe: &["sh", "-c", "command -v xprop xev"], package: "x11-utils" },
    Need { what: "Xorg", probe: &["test", "-x", "/usr/lib/xorg/Xorg"], package: "xserver-xorg-core" },
    Need {
        what: "Xorg's dummy driver",
        probe: &["test", "-e", "/usr/lib/xorg/modules/drivers/dummy_drv.so"],
        package: "xserver-xorg-video-dummy",
    },
    Need { what: "D-Bus", probe: &["sh", "-c", "command -v dbus-daemon"], package: "dbus" },
    Need {
        what: "the accessibility bus",
        probe: &["test", "-e", "/usr/libexec/at-spi-bus-launcher"],
        package: "at-spi2-core",
    },
    Need { what: "zenity", probe: &["sh", "-c", "command -v zenity"], package: "zenity" },
    Need { what: "Python's GObject", probe: &["/usr/bin/python3", "-c", "import gi"], package: "python3-gi" },
    Need {
        what: "GTK 3",
        probe: &["/usr/bin/python3", "-c", "import gi; gi.require_version('Gtk', '3.0')"],
        package: "gir1.2-gtk-3.0",
    },
    Need { what: "Evince", probe: &["sh", "-c", "command -v evince"], package: "evince" },
    Need { what: "Chromium", probe: &["sh", "-c", "command -v chromium"], package: "chromium" },
];

/// Components of the Rust toolchain, and how to see that they are there.
const COMPONENTS: &[(&str, &[&str])] = &[("rustfmt", &["fmt", "--version"]), ("clippy", &["clippy", "--version"])];

/// The step.
pub fn prepare(house: &House) -> Result<Outcome> {
    let fresh_packages = provide(house, NEEDS)?;
    let desktop = provide(house, DESKTOP);
    if let Err(error) = &desktop {
        println!("SKIPPED: tests of the recorder will not all run: {error:#}");
    }
    for (component, probe) in COMPONENTS {
        if !quiet(&mut house.cargo(probe)) {
            let mut rustup = house.command("rustup");
            rustup.args(["component", "add", component]);
            if !child::run(&mut rustup, STEP_LIMIT).is_ok_and(|status| status.success()) {
                bail!("`{component}` is missing and rustup cannot add it: install the `{component}` of your Rust");
            }
        }
    }
    let fresh = venv(house, &venv_folder(house), "tests/interop/requirements.txt", &[])?;
    let fresh_desktop = desktop.as_ref().is_ok_and(|fresh| *fresh);
    let words = match (fresh_packages || fresh_desktop || fresh, desktop.is_ok()) {
        (_, false) => "a desktop to test on is missing in part, as said above",
        (false, true) => "nothing was missing",
        (true, true) => "what was missing is installed",
    };
    Ok(Outcome::Passed(words.into()))
}

/// Makes sure that these are there. Whether any had to be installed.
pub fn provide(house: &House, needs: &[Need]) -> Result<bool> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !answers(house, need.probe)).collect();
    if missing.is_empty() {
        return Ok(false);
    }
    install(house, &missing)?;
    Ok(true)
}

/// The Python of the tests' own environment, if it has been made.
pub fn python(house: &House) -> Option<PathBuf> {
    let python = venv_folder(house).join("bin/python");
    python.exists().then_some(python)
}

/// The Go that comes with that environment.
pub fn go(house: &House) -> Option<PathBuf> {
    let go = venv_folder(house).join("bin/go");
    go.exists().then_some(go)
}

fn venv_folder(house: &House) -> PathBuf {
    house.target.join("xtask").join("venv")
}

fn answers(house: &House, probe: &[&str]) -> bool {
    let Some((program, args)) = probe.split_first() else { return false };
    quiet(house.command(program).args(args))
}

fn quiet(command: &mut Command) -> bool {
    child::output(command, STEP_LIMIT).is_ok_and(|output| output.status.success())
}

fn install(house: &House, missing: &[&Need]) -> Result<()> {
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let list = missing.iter().map(|need| need.what).collect::<Vec<_>>().join(", ");
    let command = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !Path::new("/etc/debian_version").exists() {
        bail!("missing: {list}; install the like of Debian's {}", packages.join(" "));
    }
    if !rustix::process::geteuid().is_root() {
        bail!("missing: {list}; run `{command}` as root");
    }
    println!("missing: {list}; installing {}", packages.join(" "));
    let mut update = house.command("apt-get");
    update.args(["update", "-qq"]);
    let mut apt = house.command("apt-get");
    apt.args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    for step in [&mut update, &mut apt] {
        if !child::run(step, STEP_LIMIT)?.success() {
            bail!("missing: {list}, and `{}` failed; run `{command}` yourself", child::name(step));
        }
    }
    match missing.iter().find(|need| !answers(house, need.probe)) {
        Some(need) => {
            bail!("`{}` is installed, and yet there is no {}: is another one first in PATH?", need.package, need.what)
        }
        None => Ok(()),
    }
}

/// Makes a Python environment, unless it is there with the packages that the list (a path from the root) pins. Whether it
/// was made now.
pub fn venv(house: &House, folder: &Path, list: &str, flags: &[&str]) -> Result<bool> {
    let path = house.root.join(list);
    let wanted = std::fs::read_to_string(&path).with_context(|| format!("read `{}`", path.display()))?;
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.installed");
    let answers = python.exists() && quiet(house.command(&python).arg("--version"));
    if answers && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(false);
    }
    println!("making a Python environment from {list}");
    let mut make = house.command("python3");
    make.args(["-m", "venv", "--clear"]).arg(folder);
    if !child::run(&mut make, STEP_LIMIT)?.success() {
        bail!("`python3 -m venv` failed; install python3-venv and python3-pip");
    }
    let mut pip = house.command(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--only-binary",
        ":all:",
    ]);
    pip.args(flags).arg("--requirement").arg(&path);
    if !child::run(&mut pip, STEP_LIMIT)?.success() {
        bail!("pip could not install {list}; it needs the Python package index, once");
    }
    std::fs::write(&stamp, wanted).with_context(|| format!("write `{}`", stamp.display()))?;
    Ok(true)
}
