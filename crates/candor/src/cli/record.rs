//! `candor record`, `pause`, `resume`, `stop`, `forget`: the recorder, and what a person tells it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::agent::live::{self, Forgotten, Reached, Request, Wanted};
use crate::agent::{Home, erase};
use crate::cli::{HomeArg, Outcome, own, print_json};
use crate::logs;

/// Record this desktop, visibly, while consent holds and until told to stop.
///
/// Runs in the foreground. An indicator stands on the screen all the while; a click on it pauses, another goes on. To have it
/// run whenever you are logged in: `candor record --unit` prints a systemd user unit and how to install it.
#[derive(Debug, clap::Args)]
pub(super) struct Record {
    #[command(flatten)]
    home: HomeArg,
    /// The X display; `DISPLAY` where none is given.
    #[arg(long, value_name = "DISPLAY")]
    display: Option<String>,
    /// Pause when nobody was at the computer for so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(5..))]
    idle: u64,
    /// Print a systemd user unit, and record nothing.
    #[arg(long)]
    unit: bool,
}

impl Record {
    pub(super) fn run(self) -> Result<Outcome> {
        if self.unit {
            print!("{}", self.unit()?);
            return Ok(Outcome::Done);
        }
        let home = self.home.open()?;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // A second one ends the process at once; recovery then signs what was durable.
            signal_hook::flag::register_conditional_shutdown(signal, 2, Arc::clone(&stop))?;
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        logs::keep(&home.dir().join("log"))?;
        live::run(&home, live::Options { display: self.display, idle_secs: self.idle }, &stop)?;
        Ok(Outcome::Done)
    }
}

impl Record {
    /// The unit, for this program and the folder that was named.
    fn unit(&self) -> Result<String> {
        let mut words = vec![std::env::current_exe()?, "record".into()];
        if let Some(dir) = &self.home.dir {
            words.extend(["--dir".into(), std::path::absolute(dir)?]);
        }
        let mut line = Vec::new();
        for word in words {
            let word = word.to_str().context("a unit names no path that is not UTF-8")?;
            if word.contains(['"', '\\', '\n']) {
                bail!("a unit cannot name `{word}`; choose a path without quotes and backslashes");
            }
            // What systemd would fill in, written as it stands (systemd.service(5), "Command lines").
            line.push(format!("\"{}\"", word.replace('%', "%%").replace('$', "$$")));
        }
        Ok(include_str!("candor.service").replace("@COMMAND@", &line.join(" ")))
    }
}

/// Where the recorder is, and how to answer.
#[derive(Debug, clap::Args)]
struct Ask {
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl Ask {
    /// Asks the recorder that runs and prints what it does then; the answer is no where none runs.
    fn tell(&self, request: Request, otherwise: &str) -> Result<Outcome> {
        let home = self.home.open()?;
        let said = live::ask(&home, request)?;
        match (&said, self.json) {
            (Some(said), true) => print_json(said),
            (Some(said), false) => println!("{}", sentence(said)),
            (None, true) => print_json(&serde_json::json!({ "recorder": "stopped" })),
            (None, false) => println!("{otherwise}"),
        }
        Ok(if said.is_some() { Outcome::Done } else { Outcome::No })
    }
}

fn sentence(said: &Value) -> String {
    let word = said.get("recorder").and_then(Value::as_str).unwrap_or("unknown");
    match said.get("why_text").and_then(Value::as_str) {
        Some(why) => format!("{word}: {why}"),
        None => word.to_owned(),
    }
}

/// Pause the recorder: nothing is recorded until `candor resume`.
#[derive(Debug, clap::Args)]
pub(super) struct Pause {
    #[command(flatten)]
    ask: Ask,
}

impl Pause {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.ask.home.open()?;
        // Also where none runs: the next one begins paused. The one that runs keeps it itself.
        if live::ask(&home, Request::Status)?.is_none() {
            Wanted { paused: true }.write(&home)?;
        }
        self.ask.tell(Request::Pause, "no recorder runs; the next one begins paused")
    }
}

/// Go on recording after a pause.
#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    #[command(flatten)]
    ask: Ask,
}

impl Resume {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.ask.home.open()?;
        if live::ask(&home, Request::Status)?.is_none() {
            Wanted { paused: false }.write(&home)?;
        }
        self.ask.tell(Request::Resume, "no recorder runs; `candor record` starts one")
    }
}

/// End the recorder; what it sealed stays.
#[derive(Debug, clap::Args)]
pub(super) struct Stop {
    #[command(flatten)]
    ask: Ask,
}

impl Stop {
    pub(super) fn run(self) -> Result<Outcome> {
        self.ask.tell(Request::Stop, "no recorder runs")
    }
}

/// Destroy what was recorded lately, here and in the vault, and stay paused.
///
/// Whole segments go, which last up to five minutes, so more than you name; and whatever was made of them. It works
/// whether or not the recorder runs.
#[derive(Debug, clap::Args)]
pub(super) struct Forget {
    /// How far back from now: `90s`, `10m`, `2h`.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    last: u64,
    #[command(flatten)]
    ask: Ask,
}

impl Forget {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.ask.home.open()?;
        let forgotten = forget(&home, self.last)?;
        if forgotten.incomplete {
            eprintln!("{}", own::INCOMPLETE);
        }
        if forgotten.segments == 0 {
            return self.nothing(&forgotten);
        }
        let receipts = home.client().and_then(|client| erase::deliver(&home, &client));
        if let Err(error) = &receipts {
            eprintln!("candor: forgotten here; the vault does not know yet: {error:#}");
            eprintln!("candor: it will be told as soon as it is reached");
        }
        // A recorder that runs may have told it first: the receipt is kept with the request.
        let receipt = erase::latest_receipt(&home)?;
        if self.ask.json {
            let receipt = receipt.as_ref().map(candor_consent::Signed::payload);
            print_json(&serde_json::json!({ "forgotten": forgotten, "receipt": receipt }));
        } else {
            println!("{} segments are gone from this device; the recorder is paused", forgotten.segments);
            own::print_receipt(receipt.as_ref());
        }
        Ok(if receipt.is_some() && !forgotten.incomplete { Outcome::Done } else { Outcome::No })
    }

    fn nothing(&self, forgotten: &Forgotten) -> Result<Outcome> {
        if self.ask.json {
            print_json(&serde_json::json!({ "forgotten": forgotten }));
        } else {
            println!("nothing was recorded in that time; the recorder is paused");
        }
        Ok(if forgotten.incomplete { Outcome::No } else { Outcome::Done })
    }
}

/// By the recorder that runs, or here.
fn forget(home: &Home, secs: u64) -> Result<Forgotten> {
    match live::reach(home, Request::Forget { secs })? {
        Reached::Recorder(mut said) => {
            let forgotten = said.get_mut("forgotten").map(Value::take).context("the recorder does not say")?;
            Ok(serde_json::from_value(forgotten)?)
        }
        Reached::Spool(spool) => live::forget(home, &spool, secs),
    }
}

/// `90s`, `10m`, `2h`, `1d`; a number alone is seconds.
fn seconds(text: &str) -> Result<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => bail!("name a time such as `90s`, `10m` or `2h`"),
    };
    let number: u64 = digits.parse().context("name a time such as `90s`, `10m` or `2h`")?;
    number.checked_mul(unit).context("that is longer than anything was recorded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_starts_this_program_with_the_folder_that_was_named() {
        let home = HomeArg { dir: Some("my folder/100%".into()) };
        let unit = Record { home, display: None, idle: 120, unit: true }.unit().unwrap();
        let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let here = std::env::current_dir().unwrap().display().to_string();
        assert!(start.ends_with(&format!(" \"record\" \"--dir\" \"{here}/my folder/100%%\"")), "{start}");
        assert!(start.starts_with(&format!("\"{}\"", std::env::current_exe().unwrap().display())), "{start}");
    }

    #[test]
    fn a_time_is_a_number_and_a_unit_and_nothing_else() {
        for (text, secs) in [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7_200), ("1d", 86_400), ("0s", 0)] {
            assert_eq!(seconds(text).unwrap(), secs, "{text}");
        }
        for text in ["", "m", "-5m", "1.5h", "10 m", "10m5s", "99999999999999999999d", "10y"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
