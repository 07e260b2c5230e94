//! `candor consent give|withdraw|show`, `candor consent --where`

use anyhow::{Result, bail};
use candor_model::consent::{Choice, Erase};
use candor_model::{ConsentId, Purpose};
use serde_json::json;

use crate::agent::{consent, erase, home::Home};
use crate::cli::{HomeArg, Outcome, print_json, when};
use crate::{clock, keys};

/// Give, withdraw or show your consent.
#[derive(Debug, clap::Args)]
pub(super) struct ConsentArgs {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Print every place that recordings can go to.
    #[arg(long = "where")]
    destinations: bool,
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Say yes, to what you name and to nothing else.
    Give(Give),
    /// Take your consent back. Works offline; recording stops at once.
    Withdraw(Withdraw),
    /// Show what you agreed to and whether it holds.
    Show(Show),
}

#[derive(Debug, clap::Args)]
struct Give {
    /// What recordings may be used for; repeat for several. Each is off unless named.
    #[arg(long = "purpose", required = true)]
    purposes: Vec<Purpose>,
    /// An application that may be named in recordings; repeat for several.
    #[arg(long = "application")]
    applications: Vec<String>,
    /// Allow importing files recorded elsewhere.
    #[arg(long)]
    import: bool,
    /// You stand in for the people of a public data set.
    #[arg(long)]
    stand_in: bool,
    /// How long your consent holds, in days.
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// How long recordings stay on this device before they are uploaded, in seconds. The program's offer if not named.
    #[arg(long)]
    hold_back_secs: Option<u64>,
    /// The hash of the notice you have read, as `candor consent show` prints it.
    #[arg(long)]
    notice: Option<String>,
    #[command(flatten)]
    home: HomeArg,
}

#[derive(Debug, clap::Args)]
struct Withdraw {
    /// Also erase everything recorded so far.
    #[arg(long)]
    erase: bool,
    #[command(flatten)]
    home: HomeArg,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    home: HomeArg,
}

impl ConsentArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.verb {
            Some(Verb::Give(args)) => args.run(self.json),
            Some(Verb::Withdraw(args)) => args.run(self.json),
            Some(Verb::Show(args)) => show(&args.home.open()?, self.json),
            None if self.destinations => destinations(&self.home.open()?, self.json),
            None => show(&self.home.open()?, self.json),
        }
    }
}

impl Give {
    fn run(self, json: bool) -> Result<Outcome> {
        let home = self.home.open()?;
        let (program, answer) = home.refresh_program(&home.client()?)?;
        if let Some(read) = &self.notice
            && *read != program.notice.hash.to_string()
        {
            bail!("the notice has changed since you read it; run `candor consent show` and read it again");
        }
        if self.notice.is_none() {
            eprintln!(
                "{}\n\n(notice version {}, `{}`)",
                answer.notice.text, program.notice.version, program.notice.hash
            );
        }
        let now = clock::unix_secs();
        let receipt = consent::give(&home, |program| Choice {
            purposes: self.purposes.iter().copied().collect(),
            applications: self.applications,
            import: self.import,
            stand_in: self.stand_in,
            hold_back_secs: self.hold_back_secs.unwrap_or(program.hold_back_secs),
            ..Choice::nothing(
                ConsentId::from_bytes(keys::random()),
                program,
                now,
                now.saturating_add(u64::from(self.days) * 86_400),
            )
        })?;
        let receipt = receipt.payload();
        if json {
            print_json(&json!({ "consent": receipt.consent, "record": receipt.record, "period": receipt.period }));
        } else {
            println!("the vault confirmed your consent `{}`", receipt.consent);
            println!("take it back at any time, offline too: `candor consent withdraw`");
        }
        Ok(Outcome::Done)
    }
}

impl Withdraw {
    fn run(self, json: bool) -> Result<Outcome> {
        let home = self.home.open()?;
        let what = if self.erase { Erase::Everything } else { Erase::Nothing };
        let withdrawal = consent::withdraw(&home, what)?;
        if self.erase {
            let spool = home.spool()?;
            erase::erase(&home, &spool, &erase::plan_everything(&spool))?;
        }
        let sent = home.client().and_then(|client| {
            consent::deliver(&home, &client)?;
            erase::deliver(&home, &client)
        });
        if let Err(error) = &sent {
            eprintln!("candor: the vault does not know yet: {error:#}");
            eprintln!("candor: it will be told at the next `candor upload` or `candor status`");
        }
        if json {
            print_json(&json!({ "consent": withdrawal.payload().consent, "vault_knows": sent.is_ok() }));
        } else {
            println!("withdrawn; nothing is recorded from now on");
        }
        Ok(Outcome::Done)
    }
}

fn show(home: &Home, json: bool) -> Result<Outcome> {
    let (program, answer) = home.program()?;
    let live = consent::live(home);
    let current = consent::current(home)?;
    if json {
        print_json(&json!({
            "program": program.name, "notice": program.notice, "live": live.is_ok(),
            "why_not": live.as_ref().err().map(ToString::to_string),
            "withdrawn": current.as_ref().map(|(_, withdrawn)| withdrawn),
            "consent": current.as_ref().map(|(record, _)| record),
        }));
    } else {
        println!("{} (notice version {}, `{}`)\n", program.name, program.notice.version, program.notice.hash);
        println!("{}\n", answer.notice.text);
        if let Some((record, _)) = &current {
            for purpose in Purpose::ALL {
                let on = record.processing.purposes.contains(purpose);
                println!("  {:<24} {}", purpose.as_str(), if on { "yes" } else { "no" });
            }
            println!("  until {}", when(record.event.validity.not_after));
            println!("  held back for {} s before upload", record.processing.storage.hold_back_secs);
        }
        match &live {
            Ok(_) => println!("your consent holds"),
            Err(reasons) => println!("no consent holds: {reasons}"),
        }
    }
    Ok(if live.is_ok() { Outcome::Done } else { Outcome::No })
}

fn destinations(home: &Home, json: bool) -> Result<Outcome> {
    let member = home.member();
    if json {
        print_json(&json!({ "destinations": [{ "url": member.url, "vault": member.vault, "authority": member.pin }] }));
    } else {
        println!("{}\n  vault     {}\n  authority {}", member.url, member.vault, member.pin);
        println!("nowhere else; another vault would need another consent");
    }
    Ok(Outcome::Done)
}
