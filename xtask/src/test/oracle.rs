//! Real text fields under Xvfb as oracles of the text model: GTK's entry and text view, and readline in a terminal.
//!
//! They type seeded scripts key by key and print how often the model was wrong while it claimed to be in step, which must
//! be never, and how often it said that it does not know. `CANDOR_ORACLE_SEED` chooses other scripts.

use std::time::Duration;

use anyhow::{Result, bail};

use super::Outcome;
use super::machine::{self, Need};
use crate::child;
use crate::house::{House, SAME_AS_TESTS, STEP_LIMIT};

/// Debian's own Python: its packages for GTK and X are there, not in an environment of ours.
const PYTHON: &str = "/usr/bin/python3";

const NEEDS: &[Need] = &[
    Need { what: "Xvfb", probe: &["sh", "-c", "command -v Xvfb"], package: "xvfb" },
    Need { what: "xterm", probe: &["sh", "-c", "command -v xterm"], package: "xterm" },
    Need { what: "bash", probe: &["bash", "--version"], package: "bash" },
    Need { what: "Python's Xlib", probe: &[PYTHON, "-c", "import Xlib.ext.xtest"], package: "python3-xlib" },
    Need { what: "Python's GObject", probe: &[PYTHON, "-c", "import gi"], package: "python3-gi" },
    Need {
        what: "GTK 3",
        probe: &[PYTHON, "-c", "import gi; gi.require_version('Gtk', '3.0')"],
        package: "gir1.2-gtk-3.0",
    },
];

/// The scripts, in tests/oracle; names that begin with an underscore are helpers.
const ORACLES: &[&str] = &["gtk.py", "readline.py"];

/// How long one oracle may take.
const LIMIT: Duration = Duration::from_secs(120);

/// The step.
pub fn run(house: &House) -> Result<Outcome> {
    if let Err(error) = machine::provide(house, NEEDS) {
        return Ok(Outcome::Skipped(format!("{error:#}")));
    }
    let mut args = vec!["build", "--quiet"];
    args.extend(SAME_AS_TESTS);
    if !child::run(&mut house.cargo(&args), STEP_LIMIT)?.success() {
        bail!("the example `text_model` does not build");
    }
    let model = house.target.join("debug/examples/text_model");
    let mut failed = Vec::new();
    for oracle in ORACLES {
        println!("-- {oracle}");
        let mut check = house.command(PYTHON);
        check.arg(house.root.join("tests/oracle").join(oracle));
        check.env("CANDOR_TEXT_MODEL", &model).env("PYTHONDONTWRITEBYTECODE", "1");
        if !child::run(&mut check, LIMIT)?.success() {
            failed.push(*oracle);
        }
    }
    if !failed.is_empty() {
        bail!("a real field is not what the text model claims: {}", failed.join(", "));
    }
    Ok(Outcome::Passed("GTK entry and text view, readline in xterm".into()))
}
