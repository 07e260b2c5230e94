//! `candor serve`, `candor vault …`

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candor_model::program::RunState;
use serde_json::json;
use zeroize::Zeroizing;

use crate::agent::Home;
use crate::cli::{Outcome, print_json, when};
use crate::invitation::Role;
use crate::{files, vault};

/// Serve a vault until told to stop.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The vault's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Where to listen instead of where `vault.toml` says.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(self) -> Result<Outcome> {
        let running = vault::start(&self.dir, self.listen, &passphrase(false)?)?;
        // Whoever does not listen is served all the same.
        let _ = writeln!(std::io::stdout(), "{}", running.url);
        running.serve_until_told()?;
        Ok(Outcome::Done)
    }
}

/// Make, pause and run a vault.
#[derive(Debug, clap::Args)]
pub(super) struct VaultArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make a new vault for a program.
    Init {
        /// Where; the folder must be new or empty.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The program: name, notice, purposes.
        #[arg(long, value_name = "FILE")]
        program: PathBuf,
    },
    /// Print an invitation for one device or person.
    Invite {
        #[command(flatten)]
        operator: Operator,
        /// participant, builder, custodian:security (or privacy, participants, operations, outside), auditor, operator, agent.
        #[arg(long)]
        role: Role,
    },
    /// Stop all recording and all releases.
    Pause(Operator),
    /// Let them go on.
    Resume(Operator),
}

/// Who speaks for the operator.
#[derive(Debug, clap::Args)]
struct Operator {
    /// The vault's folder, or the folder of an enrolled operator.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl Operator {
    fn home(&self) -> Result<Home> {
        if self.dir.join("identity.key").exists() { vault::operator(&self.dir) } else { Home::open(&self.dir) }
    }
}

impl VaultArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.verb {
            Verb::Init { dir, program } => init(&dir, &program),
            Verb::Invite { operator, role } => {
                let (invitation, invited) = vault::invite(&operator.home()?, role)?;
                if operator.json {
                    print_json(&json!({ "invitation": invitation.to_string(), "expires_at": invited.expires_at }));
                } else {
                    println!("{invitation}");
                    eprintln!("good for one device or person, until {}", when(invited.expires_at));
                }
                Ok(Outcome::Done)
            }
            Verb::Pause(operator) => set_state(&operator, RunState::Paused),
            Verb::Resume(operator) => set_state(&operator, RunState::Run),
        }
    }
}

fn init(dir: &Path, program: &Path) -> Result<Outcome> {
    let made = vault::init(dir, program, &passphrase(true)?)?;
    println!("a vault for `{}` is in `{}`; `candor serve --dir {1}` runs it", made.name, dir.display());
    println!("its identity is `{}`; consents will pin it", made.vault);
    Ok(Outcome::Done)
}

fn set_state(operator: &Operator, state: RunState) -> Result<Outcome> {
    let epoch = vault::set_state(&operator.home()?, state)?;
    if operator.json {
        print_json(&json!({ "state": state, "epoch": epoch }));
    } else {
        match state {
            RunState::Paused => println!("paused: no release begins; the last device stops within a minute"),
            RunState::Run => println!("running; devices start again when their people do"),
        }
    }
    Ok(Outcome::Done)
}

/// The passphrase of the custody: from the file that `CANDOR_PASSPHRASE_FILE` names, or asked for.
fn passphrase(new: bool) -> Result<Zeroizing<String>> {
    if let Some(path) = std::env::var_os("CANDOR_PASSPHRASE_FILE") {
        let text = files::read_private_text(Path::new(&path))?;
        return Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let no_terminal = "cannot ask for the passphrase; name a file with `CANDOR_PASSPHRASE_FILE`";
    let first = Zeroizing::new(rpassword::prompt_password("custody passphrase: ").context(no_terminal)?);
    if new {
        let again = Zeroizing::new(rpassword::prompt_password("again: ").context(no_terminal)?);
        anyhow::ensure!(first == again, "the two passphrases differ; try again");
    }
    Ok(first)
}
