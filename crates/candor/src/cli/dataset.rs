//! `candor dataset request|build|list`, `candor approve`, `candor workroom`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::sign;
use candor_dataset::Spec;
use candor_dataset::manifest::Manifest;
use candor_model::grant::Decision;
use candor_model::{Approval, Hash, Purpose, ReleaseRequest, Typ};
use indicatif::{ProgressBar, ProgressStyle};
use rustix::pipe::{PipeFlags, pipe_with};
use serde_json::json;

use crate::agent::Home;
use crate::agent::builder::{self, Ask, Keys};
use crate::cli::{HomeArg, Outcome, print_json, when};
use crate::clock;
use crate::invitation::Role;
use crate::wire::SignedRecord;

/// How long an approval holds, in seconds.
const APPROVAL_SECS: u64 = 86_400;

/// Ask for, build and list datasets.
#[derive(Debug, clap::Args)]
pub(super) struct DatasetArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Sign a request for the keys a dataset needs; the custodians approve the file it writes.
    Request {
        /// The dataset's specification.
        spec: PathBuf,
        /// What will run with the keys, for the custodians to read.
        #[arg(long)]
        workload: String,
        /// Where to write the request.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        home: HomeArg,
    },
    /// Build the next version of a dataset with the keys of an approved request.
    Build {
        /// The dataset's specification, as it was when the request was made.
        spec: PathBuf,
        /// The request.
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
        /// The folder to make for the sealed files.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        home: HomeArg,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// List the registered datasets and whether they may still be used.
    List {
        #[command(flatten)]
        home: HomeArg,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl DatasetArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.verb {
            Verb::Request { spec, workload, out, home } => {
                let home = home.open()?;
                let (spec, hash) = read_spec(&spec)?;
                let selection = builder::select(&home.client()?, &spec)?;
                let segments = selection.segments().len();
                let ask = Ask { purpose: spec.purpose, dataset: spec.dataset, spec: hash, workload: &workload };
                let request = builder::ask(&home, &ask, selection)?;
                std::fs::write(&out, request.compact()).with_context(|| format!("write `{}`", out.display()))?;
                println!("request `{}` for {segments} segments: `{}`", request.hash(), out.display());
                println!("two custodians approve it, one of them for the participants: `candor approve FILE`");
                Ok(Outcome::Done)
            }
            Verb::Build { spec, request, out, home, json } => {
                build(&home.open()?, &spec, &read_request(&request)?, &out, json)
            }
            Verb::List { home, json } => list(&home.open()?, json),
        }
    }
}

fn read_spec(path: &Path) -> Result<(Spec, Hash)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read `{}`", path.display()))?;
    let spec = Spec::parse(&text).with_context(|| format!("`{}`", path.display()))?;
    Ok((spec, Hash::of(text.as_bytes())))
}

fn read_request(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read `{}`", path.display()))?;
    Ok(text.trim_end().to_owned())
}

/// What a request says. Whether the builder signed it, the vault checks.
fn said(request: &str) -> Result<ReleaseRequest> {
    let payload = request.split('.').nth(1).context("this is no signed request")?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)
        .context("this is no request of a version that candor understands")
}

fn build(home: &Home, spec: &Path, request: &str, out: &Path, json: bool) -> Result<Outcome> {
    let (spec, hash) = read_spec(spec)?;
    // Before the keys are asked for: a release cannot be taken back.
    if said(request)?.spec != hash {
        bail!("the specification is not the one that was asked for and approved; ask again with this one");
    }
    let keys = builder::release(home, Hash::of(request.as_bytes()))?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} participants {msg}")?;
    let bar = ProgressBar::new(0).with_style(style);
    let done = builder::build_dataset(home, &spec, &keys, out, &mut |progress| {
        bar.set_length(progress.of as u64);
        bar.set_position(progress.participants as u64);
        bar.set_message(format!("{} events, {} rows", progress.events, progress.rows));
    })?;
    bar.finish_and_clear();
    let Manifest { dataset, version, files, expires, .. } = &done.built.manifest;
    let rows: u64 = done.built.manifest.rows_by_participant().values().map(|(rows, _)| rows).sum();
    if json {
        print_json(&json!({
            "dataset": dataset, "version": version, "segments": done.segments, "files": files.len(), "rows": rows,
            "expires": expires,
        }));
    } else {
        println!("dataset `{dataset}` version {version}: {rows} steps in {} sealed files", files.len());
        println!("from {} segments, to be used until {}", done.segments, when(*expires));
    }
    Ok(Outcome::Done)
}

fn list(home: &Home, json: bool) -> Result<Outcome> {
    let listed = builder::datasets(home)?;
    if json {
        print_json(&serde_json::to_value(&listed)?);
    }
    for one in listed.iter().filter(|_| !json) {
        let state = if one.tainted { "tainted: rebuild it" } else { "good" };
        println!(
            "`{}` version {}: {}, {state}, until {}",
            one.dataset,
            one.version,
            one.purpose.as_str(),
            when(one.expires_at)
        );
    }
    Ok(Outcome::Done)
}

/// Approve a builder's request, as a custodian.
#[derive(Debug, clap::Args)]
pub(super) struct Approve {
    /// The builder's request.
    request: PathBuf,
    /// Say yes without being asked again.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    home: HomeArg,
}

impl Approve {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let request = read_request(&self.request)?;
        let asked = said(&request)?;
        println!("builder   {}\npurpose   {}\ndataset   {}", asked.builder, asked.purpose.as_str(), asked.dataset);
        println!("workload  {}\nexpires   {}", asked.workload, when(asked.expires));
        if !self.yes && !confirmed("approve")? {
            println!("not approved");
            return Ok(Outcome::No);
        }
        approve(&home, Hash::of(request.as_bytes()))?;
        println!("approved");
        Ok(Outcome::Done)
    }
}

/// Signs a custodian's approval of a request and brings it to the vault.
///
/// # Errors
/// Where we are no custodian, or the vault is not reached or refuses.
pub(crate) fn approve(home: &Home, request: Hash) -> Result<()> {
    let Role::Custodian(role) = home.member().role else {
        bail!("only custodians approve; we are {}", home.member().role);
    };
    let at = clock::unix_secs();
    let custodian = home.principal()?;
    let approval = Approval { request, custodian, role, decision: Decision::Yes, at, expires: at + APPROVAL_SECS };
    let record = sign(Typ::APPROVAL, approval, &home.signing_key()?)?.compact().to_owned();
    let _: serde_json::Value = home.client()?.post("/v1/approvals", &SignedRecord { record })?;
    Ok(())
}

fn confirmed(verb: &str) -> Result<bool> {
    eprint!("type `{verb}` to go on: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim() == verb)
}

/// Run a command with the keys of a dataset's files.
///
/// The command inherits a descriptor, whose number CANDOR_KEYS_FD tells, and reads one JSON object a line from it:
/// file, format and key. Keys are never arguments, environment or files. The exit code is 0 where the command's is, else 2.
#[derive(Debug, clap::Args)]
pub(super) struct Workroom {
    /// The dataset's folder.
    #[arg(long, value_name = "DIR")]
    dataset: PathBuf,
    /// An approved request; without one, a request for the dataset's keys is written to the file `--ask` names.
    #[arg(long, value_name = "FILE", required_unless_present = "ask")]
    request: Option<PathBuf>,
    /// Where to write a request for the keys.
    #[arg(long, value_name = "FILE", conflicts_with = "request")]
    ask: Option<PathBuf>,
    /// What for; the dataset's own purpose if not named.
    #[arg(long)]
    purpose: Option<Purpose>,
    #[command(flatten)]
    home: HomeArg,
    /// The command and its arguments.
    #[arg(last = true, required_unless_present = "ask")]
    command: Vec<String>,
}

impl Workroom {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let (manifest, selection) = builder::select_files(&self.dataset)?;
        if let Some(out) = &self.ask {
            let purpose = self.purpose.unwrap_or(manifest.purpose);
            let workload = format!("workroom on version {}", manifest.version);
            let spec = Hash::of(&manifest.to_json());
            let ask = Ask { purpose, dataset: manifest.dataset, spec, workload: &workload };
            let request = builder::ask(&home, &ask, selection)?;
            std::fs::write(out, request.compact()).with_context(|| format!("write `{}`", out.display()))?;
            println!("request `{}`: `{}`", request.hash(), out.display());
            return Ok(Outcome::Done);
        }
        let (Some(request), Some((program, arguments))) = (&self.request, self.command.split_first()) else {
            bail!("name a request and a command");
        };
        // Keys that nobody takes would have left for nothing.
        if !can_start(program, &self.dataset) {
            bail!("there is no command `{program}`; no key was asked for");
        }
        let keys = builder::release(&home, Hash::of(read_request(request)?.as_bytes()))?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.dataset);
        let status = with_keys(command, &manifest, &keys)?;
        match status.code() {
            Some(0) => Ok(Outcome::Done),
            Some(code) => bail!("the command ended with {code}"),
            None => bail!("the command was ended by a signal"),
        }
    }
}

/// Whether a command can be found the way a shell finds it, from the folder it will run in.
fn can_start(program: &str, dir: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    match program.contains('/') {
        true => dir.join(program).is_file(),
        false => std::env::split_paths(&path).any(|folder| folder.join(program).is_file()),
    }
}

/// Runs a command that inherits the reading end of a pipe with the keys.
///
/// # Errors
/// Where the dataset must not be loaded, or the command does not start.
pub(crate) fn with_keys(mut command: Command, manifest: &Manifest, keys: &Keys) -> Result<std::process::ExitStatus> {
    let loadable = manifest.loadable(clock::unix_secs())?;
    let mut lines = zeroize::Zeroizing::new(String::new());
    for file in &manifest.files {
        let dek = keys.deks.get(&file.key).with_context(|| format!("no key was released for `{}`", file.name))?;
        let parquet = URL_SAFE_NO_PAD.encode(loadable.parquet_key(file, dek).as_slice());
        let key = URL_SAFE_NO_PAD.encode(dek.expose().as_slice());
        let line = json!({ "file": file.name, "format": file.format, "key": key, "parquet_key": parquet });
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    // Only the child inherits the reading end: both ends are closed here as soon as it runs.
    let (reading, writing) = pipe_with(PipeFlags::empty()).context("make a pipe")?;
    rustix::io::fcntl_setfd(&writing, rustix::io::FdFlags::CLOEXEC)?;
    command.env("CANDOR_KEYS_FD", std::os::fd::AsRawFd::as_raw_fd(&reading).to_string());
    let mut child = command.spawn().context("start the command")?;
    drop(reading);
    let mut writing = std::fs::File::from(writing);
    // A command that ends without reading its keys has its own reasons; its status says so.
    let _ = writing.write_all(lines.as_bytes());
    drop(writing);
    Ok(child.wait()?)
}
