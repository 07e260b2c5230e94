//! `candor enrol INVITATION`

use anyhow::Result;
use serde_json::json;

use crate::agent::enrol;
use crate::cli::{HomeArg, Outcome, print_json};
use crate::invitation::Invitation;

/// Enrol this device or person with an invitation.
#[derive(Debug, clap::Args)]
pub(super) struct Enrol {
    /// The whole line you were given.
    invitation: Invitation,
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl Enrol {
    pub(super) fn run(self) -> Result<Outcome> {
        let dir = self.home.path()?;
        if let Some(parent) = dir.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let home = enrol::enrol(&self.invitation, &dir)?;
        let member = home.member();
        let (program, _) = home.program()?;
        if self.json {
            print_json(&json!({
                "role": member.role, "device": member.device, "participant": member.participant,
                "principal": member.principal, "program": program.name, "vault": member.vault, "url": member.url,
            }));
        } else {
            println!("enrolled as {} in `{}`; your folder is `{}`", member.role, program.name, dir.display());
            println!("recordings can go to one vault only: `{}` at {}", member.vault, member.url);
        }
        Ok(Outcome::Done)
    }
}
