//! `candor consent give|withdraw|show`, `candor consent --where`

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::Result;
use candor_consent::LiveConsent;
use candor_model::consent::{Choice, ConsentRecord, Erase};
use candor_model::program::HOLD_BACK_SECS_DEFAULT;
use candor_model::purpose::Purposes;
use candor_model::text::{SAFE_HOLD_BACK_SECS_MIN, TextScope, UnknownTextPolicy};
use candor_model::{ConsentId, Program, Purpose, TextPolicy, TextRules};
use candor_store::spool::Erased;
use serde_json::json;

#[cfg(feature = "device")]
use crate::agent::live;
use crate::agent::{consent, erase, home::Home};
use crate::cli::own::{INCOMPLETE, asked, preview, print_report, report};
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
    /// What may be kept of text: `none`, `shapes` or `safe`, for all applications or, as `APPLICATION=safe`, for one;
    /// repeat for several. If not named: shapes, which say that a letter was typed and not which.
    #[arg(long = "text", value_name = "[APPLICATION=]POLICY")]
    text: Vec<TextWish>,
    /// Allow importing files recorded elsewhere.
    #[arg(long)]
    import: bool,
    /// You stand in for the people of a public data set.
    #[arg(long)]
    stand_in: bool,
    /// How long your consent holds, in days.
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// How long recordings stay on this device before they are uploaded, in seconds. If not named: what the program
    /// offers, a day at least.
    #[arg(long)]
    hold_back_secs: Option<u64>,
    /// The hash of the notice you have read, as `candor consent show` prints it. You are not asked again.
    #[arg(long)]
    notice: Option<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    home: HomeArg,
}

#[derive(Debug, clap::Args)]
struct Withdraw {
    /// Also erase everything recorded so far. The consent is withdrawn at once; you are asked before erasing.
    #[arg(long)]
    erase: bool,
    /// Do not ask before erasing.
    #[arg(long, requires = "erase")]
    yes: bool,
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
        let client = home.client()?;
        let (program, answer) = home.refresh_program(&client)?;
        if let Some(refusal) = self.refusal(&program) {
            eprintln!("candor: {refusal}");
            return Ok(Outcome::No);
        }
        let choice = self.choice(&program);
        if self.notice.is_none() {
            let notice = &program.notice;
            eprintln!("{}\n\n(notice version {}, `{}`)\n", answer.notice.text, notice.version, notice.hash);
            for line in chosen(&program, &choice) {
                eprintln!("  {line}");
            }
            let otherwise = format!("read the notice, then add `--notice {}`, or `--yes`", notice.hash);
            if !self.yes && !asked("do you agree to this?", &otherwise)? {
                eprintln!("nothing was signed");
                return Ok(Outcome::No);
            }
        }
        // The program that was shown is the one that is signed; the vault refuses it if it changed since.
        let receipt = consent::sign(&home, &client, &program, choice)?;
        let receipt = receipt.payload();
        if json {
            print_json(&json!({ "consent": receipt.consent, "record": receipt.record, "period": receipt.period }));
        } else {
            println!("the vault confirmed your consent `{}`", receipt.consent);
            println!("take it back at any time, offline too: `candor consent withdraw`");
        }
        Ok(Outcome::Done)
    }

    /// Why this cannot be agreed to: what the program does not offer would be signed and then count for nothing.
    fn refusal(&self, program: &Program) -> Option<String> {
        if self.notice.as_ref().is_some_and(|read| *read != program.notice.hash.to_string()) {
            let why = "this is not the hash of the notice now in force";
            return Some(format!("{why}; run `candor consent give` without `--notice` and read it"));
        }
        if let Some(purpose) = self.purposes.iter().find(|purpose| !program.purposes.contains(**purpose)) {
            let offered: Vec<_> = program.purposes.iter().map(Purpose::as_str).collect();
            return Some(format!("the program does not offer `{}`; it offers {}", purpose.as_str(), list(&offered)));
        }
        if let Some(app) = self.applications.iter().find(|app| !program.applications.contains(app)) {
            return Some(format!("the program never names `{app}`; it may name {}", list(&program.applications)));
        }
        let import = self.import && !program.allow_import;
        if let Some(refusal) = self.text_refusal(program) {
            return Some(refusal);
        }
        import.then(|| "the program allows no imports; leave `--import` out, or ask its operator to allow them".into())
    }

    /// Why this choice about text cannot be agreed to.
    fn text_refusal(&self, program: &Program) -> Option<String> {
        let wish = text_rules(&self.text);
        if let Some(scope) = wish.applications.iter().find(|scope| !self.applications.contains(&scope.application)) {
            let app = &scope.application;
            return Some(format!("nothing of `{app}` is recorded unless it may be named; add `--application {app}`"));
        }
        if let Some(app) =
            self.applications.iter().find(|app| wish.of(app) > program.text.of(app).max(TextPolicy::Shapes))
        {
            let offered = program.text.of(app);
            return Some(format!(
                "the program keeps `{offered}` of text in `{app}` at most; choose that or less with `--text`"
            ));
        }
        let hold_back = self.hold_back_secs.unwrap_or_else(|| offered_hold_back(program));
        (wish.most() == TextPolicy::Safe && hold_back < SAFE_HOLD_BACK_SECS_MIN).then(|| {
            format!(
                "`--text safe` needs a hold-back of {SAFE_HOLD_BACK_SECS_MIN} s at least; choose shapes or wait longer"
            )
        })
    }

    fn choice(&self, program: &Program) -> Choice {
        let now = clock::unix_secs();
        let until = now.saturating_add(u64::from(self.days) * 86_400);
        Choice {
            purposes: self.purposes.iter().copied().collect(),
            applications: self.applications.clone(),
            text: text_rules(&self.text),
            import: self.import,
            stand_in: self.stand_in,
            hold_back_secs: self.hold_back_secs.unwrap_or_else(|| offered_hold_back(program)),
            ..Choice::nothing(ConsentId::from_bytes(keys::random()), program, now, until)
        }
    }
}

/// A policy for text, for all applications or for one.
#[derive(Debug, Clone)]
struct TextWish {
    application: Option<String>,
    text: TextPolicy,
}

impl FromStr for TextWish {
    type Err = UnknownTextPolicy;

    fn from_str(words: &str) -> Result<Self, UnknownTextPolicy> {
        let (application, text) =
            words.rsplit_once('=').map_or((None, words), |(app, text)| (Some(app.to_owned()), text));
        Ok(Self { application, text: text.parse()? })
    }
}

/// The wishes as a record has them: where two contradict each other, the lesser counts.
fn text_rules(wishes: &[TextWish]) -> TextRules {
    let rest = wishes.iter().filter(|wish| wish.application.is_none()).map(|wish| wish.text).min();
    let scope = |wish: &TextWish| Some(TextScope { application: wish.application.clone()?, text: wish.text });
    TextRules { rest: rest.unwrap_or_default(), applications: wishes.iter().filter_map(scope).collect() }
}

/// The hold-back of whoever names none: only the participant shortens the day that everybody is promised.
fn offered_hold_back(program: &Program) -> u64 {
    program.hold_back_secs.max(HOLD_BACK_SECS_DEFAULT)
}

/// Words in a sentence.
fn list(words: &[impl AsRef<str>]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// What a policy keeps, in plain words.
const fn told(text: TextPolicy) -> &'static str {
    match text {
        TextPolicy::None => "none: nothing of what you type",
        TextPolicy::Shapes => "shapes: that a letter or digit was typed, not which",
        TextPolicy::Safe => "safe: what you type, where nothing private is found in it",
    }
}

/// What is about to be signed, a line each.
fn chosen(program: &Program, choice: &Choice) -> Vec<String> {
    let mut lines = choices(program, choice.purposes, &choice.applications, &choice.text, choice.import);
    lines.push(format!("held back for {} s before upload", choice.hold_back_secs));
    lines.push(format!("until {}", when(choice.validity.not_after)));
    lines
}

/// What was chosen of the program's offer, a line each.
fn choices(
    program: &Program,
    purposes: Purposes,
    applications: &[String],
    text: &TextRules,
    import: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    for purpose in program.purposes.iter() {
        lines.push(format!("{:<24} {}", purpose.as_str(), yes_no(purposes.contains(purpose))));
    }
    for app in &program.applications {
        lines.push(format!("{:<24} {}", format!("naming `{app}`"), yes_no(applications.contains(app))));
    }
    for app in applications {
        let kept = text.of(app).min(program.text.of(app));
        lines.push(format!("{:<24} {}", format!("text in `{app}`"), told(kept)));
    }
    let import = if program.allow_import { yes_no(import) } else { "not offered" };
    lines.push(format!("{:<24} {import}", "importing files"));
    lines
}

impl Withdraw {
    fn run(self, json: bool) -> Result<Outcome> {
        let home = self.home.open()?;
        // Withdrawn before anything is asked: whoever stops at the question has withdrawn.
        let what = if self.erase && self.yes { Erase::Everything } else { Erase::Nothing };
        let withdrawal = consent::withdraw(&home, what)?;
        // A recorder that runs reads it within half a second by itself; what is said here is to be true now.
        #[cfg(feature = "device")]
        if let Err(error) = live::ask(&home, live::Request::Consent) {
            eprintln!("candor: the recorder does not say that it stopped: {error:#}");
        }
        if !json {
            println!("withdrawn; nothing is recorded from now on");
        }
        let erased = if self.erase { self.erase_all(&home)? } else { None };
        let sent = home.client().and_then(|client| erase::deliver_decisions(&home, &client));
        if let Err(error) = &sent {
            eprintln!("candor: the vault does not know yet: {error:#}");
            eprintln!("candor: it will be told at the next `candor upload` or `candor status`");
        }
        let knows = sent.is_ok();
        let receipts = sent.unwrap_or_default();
        if json {
            print_json(&json!({
                "consent": withdrawal.payload().consent, "vault_knows": knows,
                "erased": erased.as_ref().map(|erased| report(erased, receipts.last())),
            }));
        } else if let Some(erased) = &erased {
            print_report(erased, receipts.last());
        }
        Ok(if self.erase && erased.is_none() { Outcome::No } else { Outcome::Done })
    }

    /// Erases everything here, once that is sure; nothing where the answer is no.
    fn erase_all(&self, home: &Home) -> Result<Option<Erased>> {
        #[cfg(feature = "device")]
        let (spool, whole) = {
            let spool = live::take(home)?;
            let whole = erase::make_ready(home, &spool);
            (spool, whole)
        };
        #[cfg(not(feature = "device"))]
        let (spool, whole) = (home.spool()?, true);
        if !whole {
            eprintln!("{INCOMPLETE}");
        }
        let plan = erase::Plan { whole, ..erase::Plan::everything(&spool) };
        preview(home, &spool, &plan);
        if !self.yes && !asked("erase?", "type `candor erase --everything --yes` to erase")? {
            eprintln!("your consent is withdrawn; nothing was erased");
            return Ok(None);
        }
        Ok(Some(erase::erase(home, &spool, &plan)?))
    }
}

fn show(home: &Home, json: bool) -> Result<Outcome> {
    let (program, answer) = home.program()?;
    let live = consent::live(home);
    let current = consent::current(home)?;
    if json {
        print_json(&json!({
            "program": program.name, "notice": program.notice, "live": live.is_ok(),
            "offer": {
                "purposes": program.purposes, "applications": program.applications,
                "text": program.text, "private_applications": program.private_applications,
                "private_origins": program.private_origins, "import": program.allow_import, "hold_back_secs": offered_hold_back(&program),
            },
            "why_not": live.as_ref().err().map(ToString::to_string),
            "text": live.as_ref().ok().map(effective_text),
            "withdrawn": current.as_ref().map(|(_, withdrawn)| withdrawn),
            "consent": current.as_ref().map(|(record, _)| record),
        }));
    } else {
        println!("{} (notice version {}, `{}`)\n", program.name, program.notice.version, program.notice.hash);
        println!("{}\n", answer.notice.text);
        match &current {
            Some((record, _)) => print_consent(&program, record),
            None => print_offer(&program),
        }
        match &live {
            Ok(_) => println!("your consent holds"),
            Err(reasons) => println!("no consent holds: {reasons}"),
        }
    }
    Ok(if live.is_ok() { Outcome::Done } else { Outcome::No })
}

/// What is kept of text now, by application.
fn effective_text(live: &LiveConsent) -> BTreeMap<&str, TextPolicy> {
    live.applications().iter().map(|app| (app.as_str(), live.text(app))).collect()
}

fn print_consent(program: &Program, record: &ConsentRecord) {
    let given = &record.processing;
    println!("you chose:");
    for line in choices(program, given.purposes, &given.applications, &given.text, given.import) {
        println!("  {line}");
    }
    println!("  held back for {} s before upload", given.storage.hold_back_secs);
    println!("  until {}", when(record.event.validity.not_after));
}

fn print_offer(program: &Program) {
    let purposes: Vec<_> = program.purposes.iter().map(Purpose::as_str).collect();
    println!("you can choose, and each is off unless you do:");
    println!("  purposes: {}", list(&purposes));
    println!("  applications that may be named: {}", list(&program.applications));
    for app in &program.applications {
        println!("  text in `{app}`, at most {}", told(program.text.of(app)));
    }
    println!("  importing files: {}", if program.allow_import { "yes" } else { "not offered" });
    println!("  held back for {} s before upload, or as long as you say", offered_hold_back(program));
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
