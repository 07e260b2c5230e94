//! `candor demo`: one event's life, end to end, with everybody's own keys, in one process on a temporary folder.
//!
//! What is shown is also checked: the demo answers no (exit code 1) where a canary survived, something erased opened, a
//! key left without an intent, or a rebuild changed somebody else's rows.

mod after;
mod canary;
mod figures;
mod page;
mod people;
mod scan;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use candor_dataset::Built;
use candor_dataset::spec::Format;
use candor_model::consent::Erase;
use candor_model::{CustodianRole, Hash};
use indicatif::{ProgressBar, ProgressStyle};

use crate::agent::builder::{self, Ask};
use crate::agent::{Home, consent, erase, uploader};
use crate::cli::dataset::approve;
use crate::invitation::Role;
use crate::vault::{self, Running};
pub(crate) use figures::Figures;
use people::Person;
use scan::Scanner;

/// The application that stands for those the recordings do not name.
const SCOPE: &str = "desktop";
const PASSPHRASE: &str = "a demo needs no secret passphrase";
/// The names of the three invented people whose recordings these are.
const NAMES: [&str; 3] = ["ada", "ben", "cleo"];
/// Who withdraws and erases.
const LEAVER: usize = 1;

const PROGRAM: &str = include_str!("program.toml");
const NOTICE: &str = include_str!("notice.txt");
const SPEC: &str = include_str!("dataset.toml");

/// What the demo is asked for.
pub(crate) struct Options {
    /// Recordings to use instead of the project's own.
    pub(crate) recordings: Vec<PathBuf>,
    /// Where to put the page.
    pub(crate) page: PathBuf,
}

/// Runs the demo; its folder is removed at the end.
///
/// # Errors
/// Where a stage fails.
pub(crate) fn run(options: &Options) -> Result<Figures> {
    let parent = std::env::var_os("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::Builder::new().prefix(".candor-demo-").tempdir_in(parent)?;
    let dir = folder.path();
    let mut figures = Figures::default();

    stage("a vault, three participants, two custodians and a builder, each with their own keys");
    let running = vault_in(&dir.join("vault"))?;
    let people = people::enrol_all(dir, &running, &recordings(dir, &options.recordings)?)?;
    let custodian = |role| enrol(dir, &running, Role::Custodian(role), &format!("custodian-{role:?}").to_lowercase());
    let custodians = [custodian(CustodianRole::Participants)?, custodian(CustodianRole::Security)?];
    let builder = enrol(dir, &running, Role::Builder, "builder")?;

    stage("consent, signed by each participant, for one purpose; the vault's receipt");
    people.iter().try_for_each(Person::consent)?;

    stage("record: import, redact, seal, spool; with canaries planted in text, titles and secret fields");
    let mut canaries = Vec::new();
    for person in &people {
        person.record(&mut canaries, &mut figures)?;
    }
    let scanner = canary::scanner(&canaries);

    stage("upload past the hold-back, which the participants set to nothing, signed");
    for person in &people {
        person.upload()?;
    }

    stage("a builder asks; two custodians approve, one of them for the participants; the intent is logged; keys leave");
    let first = build(dir, &builder, &custodians, "dataset-1")?;
    let leaver = people.get(LEAVER).context("one participant leaves")?;
    figures.steps = first.manifest.rows_by_participant().values().map(|(rows, _)| rows).sum();

    stage("one participant withdraws and erases everything");
    let before = after::Saved::save(dir, leaver)?;
    let started = Instant::now();
    leaver.leave()?;
    figures.erase_secs = started.elapsed().as_secs_f64();
    figures.tainted = builder::datasets(&builder)?.into_iter().filter(|one| one.tainted).count() as u64;

    stage("the dataset is built again, without them");
    let second = build(dir, &builder, &custodians, "dataset-2")?;
    figures.rebuilt_identical = second.manifest.changed_rows(&first.manifest).is_empty()
        && second.manifest.rows_by_participant().len() + 1 == first.manifest.rows_by_participant().len();

    stage("the workroom: its own request and approvals; the sealed files are opened in memory and searched");
    figures.canary_hits += search_dataset(dir, &builder, &custodians, "dataset-2", &scanner)?;

    stage("the log is verified, and intents are counted against custody's counter");
    let log_key = leaver.home()?.program()?.1.log_key;
    running.stop()?;
    figures.check_log(&dir.join("vault"), &log_key)?;

    stage("what was erased is tried with copies saved before, and today's custody");
    figures.opened_after_erase = before.opened_with_todays_custody(&dir.join("vault"), PASSPHRASE, leaver)?;

    stage("every byte at rest, and every segment opened and expanded, is searched for the canaries");
    figures.canaries_planted = scanner.planted() as u64;
    let (hits, bytes) = scanner.hits_below(dir)?;
    figures.canary_hits += hits;
    figures.scanned_bytes = bytes;
    let mut picture = None;
    for person in &people {
        for own in person.own(&before)? {
            figures.events_sealed += own.events.len() as u64;
            figures.canary_hits += scanner.hits_in_events(&own.events);
            figures.canary_hits += scanner.hits(&serde_json::to_vec(&own.remarks)?);
            picture.get_or_insert((own.clock, own.events));
        }
    }
    if let Some((clock, events)) = picture {
        fs::write(&options.page, page::page(&figures.rows(), &events, clock))
            .with_context(|| format!("write `{}`", options.page.display()))?;
    }
    Ok(figures)
}

fn stage(words: &str) {
    eprintln!("• {words}");
}

/// A bar with a message, on stderr.
fn bar(len: u64, what: &str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("  {msg:<28} {bar:30} {human_pos}/{human_len} {per_sec}")?;
    Ok(ProgressBar::new(len).with_style(style).with_message(what.to_owned()))
}

/// The recordings named, or the project's own, which travel inside the program.
fn recordings(dir: &Path, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let own = [
        include_bytes!("../../../../testdata/recordings/ada.events.jsonl").as_slice(),
        include_bytes!("../../../../testdata/recordings/ben.events.jsonl"),
        include_bytes!("../../../../testdata/recordings/cleo.events.jsonl"),
    ];
    let folder = dir.join("recordings");
    fs::create_dir(&folder)?;
    let write = |(name, bytes): (&&str, &[u8])| {
        let path = folder.join(format!("{name}.events.jsonl"));
        fs::write(&path, bytes)?;
        anyhow::Ok(path)
    };
    NAMES.iter().zip(own).map(write).collect()
}

fn vault_in(dir: &Path) -> Result<Running> {
    let parent = dir.parent().context("the vault's folder has a parent")?;
    fs::write(parent.join("program.toml"), PROGRAM)?;
    fs::write(parent.join("notice.txt"), NOTICE)?;
    vault::init(dir, &parent.join("program.toml"), PASSPHRASE)?;
    vault::start(dir, Some(([127, 0, 0, 1], 0).into()), PASSPHRASE)
}

fn enrol(dir: &Path, running: &Running, role: Role, name: &str) -> Result<Home> {
    let (invitation, _) = vault::invite(&running.operator()?, role)?;
    crate::agent::enrol::enrol(&invitation, &dir.join(name))
}

/// Opens a dataset's sealed lines under a grant of their own; returns how often a canary stands in them.
fn search_dataset(dir: &Path, home: &Home, custodians: &[Home], name: &str, scanner: &Scanner) -> Result<u64> {
    let (manifest, selection) = builder::select_files(&dir.join(name))?;
    let ask = Ask {
        purpose: manifest.purpose,
        dataset: manifest.dataset,
        spec: Hash::of(&manifest.to_json()),
        workload: "the demo's workroom",
    };
    let request = builder::ask(home, &ask, selection)?;
    custodians.iter().try_for_each(|custodian| approve(custodian, request.hash()))?;
    let keys = builder::release(home, request.hash())?;
    let loadable = manifest.loadable(crate::clock::unix_secs())?;
    let mut hits = 0;
    for file in manifest.files.iter().filter(|file| file.format == Format::Agentnet) {
        let dek = keys.deks.get(&file.key).with_context(|| format!("no key was released for `{}`", file.name))?;
        let mut lines = Vec::new();
        let sealed = fs::File::open(dir.join(name).join(&file.name))?;
        loadable.open_stream(file, dek, sealed)?.read_to_end(&mut lines)?;
        ensure!(!lines.is_empty(), "`{}` holds nothing", file.name);
        hits += scanner.hits(&lines);
    }
    Ok(hits)
}

/// Asks, has it approved, and builds the next version into `dir/name`.
fn build(dir: &Path, home: &Home, custodians: &[Home], name: &str) -> Result<Built> {
    let spec = candor_dataset::Spec::parse(SPEC)?;
    let selection = builder::select(&home.client()?, &spec)?;
    let ask = Ask {
        purpose: spec.purpose,
        dataset: spec.dataset,
        spec: Hash::of(SPEC.as_bytes()),
        workload: "the demo's dataset",
    };
    let request = builder::ask(home, &ask, selection)?;
    for custodian in custodians {
        approve(custodian, request.hash())?;
    }
    let keys = builder::release(home, request.hash())?;
    ensure!(!keys.deks.is_empty(), "no key was released");
    let bar = bar(0, name)?;
    let done = builder::build_dataset(home, &spec, &keys, &dir.join(name), &mut |progress| {
        bar.set_length(progress.of as u64);
        bar.set_position(progress.participants as u64);
    })?;
    bar.finish();
    Ok(done.built)
}

impl Person {
    /// Brings everything to the vault.
    fn upload(&self) -> Result<()> {
        let home = self.home()?;
        let spool = home.spool()?;
        let bar = bar(spool.segments().len() as u64, &format!("{} uploads", self.name))?;
        let uploaded = uploader::run(&home, &spool, uploader::Patience::Once, &mut |progress| match progress {
            uploader::Progress::Ready(ready) => bar.set_length(ready as u64),
            uploader::Progress::Sent => bar.inc(1),
            uploader::Progress::Waiting(..) => {}
        })?;
        bar.finish();
        ensure!(uploaded.refused.is_empty(), "the vault refused: {:?}", uploaded.refused);
        Ok(())
    }

    /// Withdraws, and erases everything on the device and in the vault.
    fn leave(&self) -> Result<()> {
        let home = self.home()?;
        consent::withdraw(&home, Erase::Everything)?;
        let client = home.client()?;
        consent::deliver(&home, &client)?;
        let spool = home.spool()?;
        erase::erase(&home, &spool, &erase::Plan::everything(&spool))?;
        let receipts = erase::deliver(&home, &client)?;
        ensure!(!receipts.is_empty(), "the vault gave no receipt for the erasure");
        Ok(())
    }
}
