//! `candor private add|remove|list|app|site`: what a participant keeps to themselves.

use std::io::{IsTerminal, Read};

use anyhow::{Context, Result, bail};
use candor_redact::ContextRule;
use serde_json::json;
use zeroize::Zeroizing;

use crate::agent::Home;
use crate::agent::private::Private;
use crate::cli::{HomeArg, Outcome, print_json, when};
use crate::clock;

/// No value that can be looked for is longer.
const VALUE_BYTES_MAX: u64 = 4_096;

/// Name what is never to be kept: values, applications, sites.
#[derive(Debug, clap::Args)]
pub(super) struct PrivateArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Name a value that is to be left out wherever it is typed or shown. You are asked for it, or it is read from the
    /// standard input; it is not kept, only fingerprints of it.
    Add(Label),
    /// Forget a value.
    Remove(Label),
    /// Show the labels, applications and sites that you named.
    List(List),
    /// Keep out of an application besides those that are private for everybody.
    App(App),
    /// Keep out of a site, and of everything below it.
    Site(Site),
}

#[derive(Debug, clap::Args)]
struct Label {
    /// What you call the value. It is kept readable, so it must not tell the value.
    label: String,
    #[command(flatten)]
    home: HomeArg,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct App {
    /// The application: its window class, executable, desktop file or bundle.
    name: String,
    /// Take it back.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    home: HomeArg,
}

#[derive(Debug, clap::Args)]
struct Site {
    /// The site: `example.org` or `https://example.org`.
    origin: String,
    /// Take it back.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    home: HomeArg,
}

impl PrivateArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.verb {
            Verb::Add(Label { label, home }) => add(&open(&home)?, &label),
            Verb::Remove(Label { label, home }) => remove(&open(&home)?, &label),
            Verb::List(List { home, json }) => list(&open(&home)?, json),
            Verb::App(App { name, remove, home }) => context(&open(&home)?, &ContextRule::Application(name), remove),
            Verb::Site(Site { origin, remove, home }) => context(&open(&home)?, &ContextRule::Origin(origin), remove),
        }
    }
}

fn open(home: &HomeArg) -> Result<Home> {
    let home = home.open()?;
    home.participant()?;
    Ok(home)
}

fn add(home: &Home, label: &str) -> Result<Outcome> {
    let mut private = Private::read(home)?;
    let value = read_value()?;
    private.name(home, label, &value, clock::unix_secs())?;
    // Whoever names something must be able to rely on it: a list that cannot be used is not kept.
    private.personal(home)?;
    private.write(home)?;
    println!("named `{label}`; what you typed is not kept, only fingerprints of it, on this device");
    println!("it is left out of what is recorded from now on; what was recorded before: `candor erase`");
    Ok(Outcome::Done)
}

/// Reads the value: typed without echo, or all of the standard input. Never from the command line, which everybody on the
/// machine can read.
fn read_value() -> Result<Zeroizing<String>> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let value = Zeroizing::new(rpassword::prompt_password("what to leave out (it is not shown): ")?);
        let again = Zeroizing::new(rpassword::prompt_password("again: ")?);
        if *value != *again {
            bail!("the two differ; nothing was named");
        }
        return Ok(value);
    }
    let mut value = Zeroizing::new(String::with_capacity(VALUE_BYTES_MAX as usize + 1));
    stdin.take(VALUE_BYTES_MAX + 1).read_to_string(&mut value).context("cannot read the value")?;
    if value.len() as u64 > VALUE_BYTES_MAX {
        bail!("this is too long to look for; name its parts one by one");
    }
    Ok(value)
}

fn remove(home: &Home, label: &str) -> Result<Outcome> {
    let mut private = Private::read(home)?;
    if !private.forget(label) {
        eprintln!("candor: nothing is named `{label}`; `candor private list` shows what is");
        return Ok(Outcome::No);
    }
    private.write(home)?;
    println!("forgot `{label}`; it is no longer left out");
    Ok(Outcome::Done)
}

fn list(home: &Home, as_json: bool) -> Result<Outcome> {
    let private = Private::read(home)?;
    if as_json {
        let named = private.named.iter().map(|named| json!({ "label": named.label, "added": named.added }));
        print_json(&json!({
            "named": named.collect::<Vec<_>>(), "applications": private.applications, "sites": private.sites,
        }));
        return Ok(Outcome::Done);
    }
    for named in &private.named {
        println!("value        {}  (since {})", named.label, when(named.added));
    }
    for app in &private.applications {
        println!("application  {app}");
    }
    for site in &private.sites {
        println!("site         {site}");
    }
    if private == Private::default() {
        println!("you named nothing; mail, banks and other private places are left out without that");
    }
    Ok(Outcome::Done)
}

fn context(home: &Home, rule: &ContextRule, remove: bool) -> Result<Outcome> {
    let mut private = Private::read(home)?;
    let (ContextRule::Application(name) | ContextRule::Origin(name)) = rule;
    if remove && !private.remove(rule) {
        eprintln!("candor: you did not name `{name}`; what is private for everybody stays private");
        return Ok(Outcome::No);
    }
    if !remove {
        private.add(rule)?;
    }
    private.write(home)?;
    println!(
        "{}",
        if remove { format!("`{name}` is no longer on your list") } else { format!("`{name}` is private from now on") }
    );
    Ok(Outcome::Done)
}
