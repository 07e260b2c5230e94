//! The command line: flat verbs. Each module parses its words, calls the agent or the vault, and prints.
//!
//! Exit codes: 0 done, 1 refused or a negative answer, 2 error. Answers go to stdout, everything else to stderr.

mod consent;
#[cfg(feature = "dataset")]
pub(crate) mod dataset;
#[cfg(all(feature = "dataset", feature = "import", feature = "vault"))]
mod demo;
mod enrol;
#[cfg(feature = "eval")]
mod eval;
#[cfg(feature = "import")]
mod import;
#[cfg(feature = "vault")]
mod log;
mod own;
mod private;
#[cfg(feature = "device")]
mod record;
#[cfg(feature = "vault")]
mod serve;
mod upload;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::agent::Home;
use crate::agent::client::Refused;

/// Honest recording of how consenting people work at a computer.
#[derive(Debug, Parser)]
#[command(name = "candor", version, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done or yes, 1 refused or no, 2 error. Answers go to stdout, everything else to stderr."
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Enrol this device or person with an invitation.
    Enrol(enrol::Enrol),
    /// Give, withdraw or show your consent.
    Consent(consent::ConsentArgs),
    /// Record this desktop, visibly, while consent holds and until told to stop.
    #[cfg(feature = "device")]
    Record(record::Record),
    /// Pause the recorder: nothing is recorded until `candor resume`.
    #[cfg(feature = "device")]
    Pause(record::Pause),
    /// Go on recording after a pause.
    #[cfg(feature = "device")]
    Resume(record::Resume),
    /// End the recorder; what it sealed stays.
    #[cfg(feature = "device")]
    Stop(record::Stop),
    /// Destroy what was recorded lately, here and in the vault, and stay paused.
    #[cfg(feature = "device")]
    Forget(record::Forget),
    /// Show whether recording is possible, what is stored and what waits.
    Status(upload::StatusArgs),
    /// Bring what is past its hold-back to the vault.
    Upload(upload::UploadArgs),
    /// Show your own recordings, and what was left out of them.
    Show(own::Show),
    /// Erase your recordings, here and in the vault.
    Erase(own::EraseArgs),
    /// Name what is never to be kept: values, applications, sites.
    Private(private::PrivateArgs),
    /// Import recordings made by other tools: DuckTrack, Balabit, Aalto, ScriptLog.
    #[cfg(feature = "import")]
    Import(import::ImportArgs),
    /// Look at every file of your spool, and change none.
    Fsck(upload::Fsck),
    /// Show one event's life, end to end, on a temporary folder.
    #[cfg(all(feature = "dataset", feature = "import", feature = "vault"))]
    Demo(demo::Demo),
    /// Ask for, build and list datasets.
    #[cfg(feature = "dataset")]
    Dataset(dataset::DatasetArgs),
    /// Approve a builder's request, as a custodian.
    #[cfg(feature = "dataset")]
    Approve(dataset::Approve),
    /// Run a command with the keys of a dataset's files.
    #[cfg(feature = "dataset")]
    Workroom(dataset::Workroom),
    /// Measure how well what Candor promises is kept.
    #[cfg(feature = "eval")]
    Eval(eval::EvalArgs),
    /// Check the log.
    #[cfg(feature = "vault")]
    Log(log::LogArgs),
    /// Serve a vault until told to stop.
    #[cfg(feature = "vault")]
    Serve(serve::Serve),
    /// Make, pause and run a vault.
    #[cfg(feature = "vault")]
    Vault(serve::VaultArgs),
}

/// How a verb ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, or yes.
    Done,
    /// The answer is no.
    No,
}

/// Where a member's keys and spool are.
#[derive(Debug, clap::Args)]
struct HomeArg {
    /// Your candor folder.
    #[arg(long = "dir", value_name = "DIR", env = "CANDOR_DIR")]
    dir: Option<PathBuf>,
}

impl HomeArg {
    /// The folder, `~/.local/share/candor` where none was named.
    fn path(&self) -> Result<PathBuf> {
        if let Some(dir) = &self.dir {
            return Ok(dir.clone());
        }
        let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let data = data.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
        Ok(data.ok_or_else(|| anyhow::anyhow!("there is no home folder; name one with `--dir`"))?.join("candor"))
    }

    fn open(&self) -> Result<Home> {
        Home::open(&self.path()?)
    }
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nothing to do about a closed terminal.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match dispatch(cli.verb) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => {
            eprintln!("candor: {error:#}");
            let refused = error.chain().any(|cause| cause.downcast_ref::<Refused>().is_some_and(|it| !it.retry()));
            ExitCode::from(if refused { 1 } else { 2 })
        }
    }
}

fn dispatch(verb: Verb) -> Result<Outcome> {
    match verb {
        Verb::Enrol(args) => args.run(),
        Verb::Consent(args) => args.run(),
        #[cfg(feature = "device")]
        Verb::Record(args) => args.run(),
        #[cfg(feature = "device")]
        Verb::Pause(args) => args.run(),
        #[cfg(feature = "device")]
        Verb::Resume(args) => args.run(),
        #[cfg(feature = "device")]
        Verb::Stop(args) => args.run(),
        #[cfg(feature = "device")]
        Verb::Forget(args) => args.run(),
        Verb::Status(args) => args.run(),
        Verb::Upload(args) => args.run(),
        Verb::Show(args) => args.run(),
        Verb::Erase(args) => args.run(),
        Verb::Private(args) => args.run(),
        #[cfg(feature = "import")]
        Verb::Import(args) => args.run(),
        Verb::Fsck(args) => args.run(),
        #[cfg(all(feature = "dataset", feature = "import", feature = "vault"))]
        Verb::Demo(args) => args.run(),
        #[cfg(feature = "dataset")]
        Verb::Dataset(args) => args.run(),
        #[cfg(feature = "dataset")]
        Verb::Approve(args) => args.run(),
        #[cfg(feature = "dataset")]
        Verb::Workroom(args) => args.run(),
        #[cfg(feature = "eval")]
        Verb::Eval(args) => args.run(),
        #[cfg(feature = "vault")]
        Verb::Log(args) => args.run(),
        #[cfg(feature = "vault")]
        Verb::Serve(args) => args.run(),
        #[cfg(feature = "vault")]
        Verb::Vault(args) => args.run(),
    }
}

/// Prints a plain JSON object on a line of its own.
fn print_json(value: &serde_json::Value) {
    println!("{value}");
}

/// Unix seconds as people read them.
fn when(secs: u64) -> String {
    i64::try_from(secs)
        .ok()
        .and_then(|secs| jiff::Timestamp::from_second(secs).ok())
        .map_or_else(|| secs.to_string(), |time| time.to_string())
}
