//! How the commands of the same person reach a recorder that runs: a socket in the member's folder, which nobody else can
//! enter. One request and one answer a connection, each a line of JSON.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use candor_store::Spool;
use candor_store::spool::{Now, SpoolError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lending::{self, Erasure, Name};
use crate::agent::Home;

/// The socket's name in the member's folder.
const SOCKET: &str = "control";
/// No request is longer.
const REQUEST_BYTES_MAX: u64 = 1 << 20;
/// How long a recorder may take from opening the spool to listening.
const STARTING: Duration = Duration::from_secs(3);
/// No more commands are heard at a time.
const COMMANDS_MAX: usize = 64;
/// How long a command may take to say what it wants.
const SPEAKING: Duration = Duration::from_secs(2);
/// How long a recorder that ends waits until its answers are written.
const ENDING: Duration = Duration::from_secs(1);
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a recorder can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// What it does, and what became of what was captured.
    Status,
    /// Stop recording until told to go on.
    Pause,
    /// Go on.
    Resume,
    /// Look at the consent anew: it was given or taken back.
    Consent,
    /// Seal what there is and end.
    Stop,
    /// Destroy what was recorded in this time, and stay paused.
    Forget {
        /// How many seconds back from now.
        secs: u64,
    },
    /// Destroy these recordings, and stay paused.
    Erase(Erasure),
    /// Look now for what is due in the vault.
    Upload,
    /// Which sealed segments there are.
    List,
    /// One of them, as it lies here.
    Sealed(Name),
}

/// A request that waits for its answer.
pub(super) struct Call {
    pub(super) request: Request,
    answer: SyncSender<Value>,
}

impl Call {
    /// Answers it.
    pub(super) fn reply(&self, answer: Result<Value>) {
        // Whoever asked may have gone.
        let _ = self.answer.send(answer.unwrap_or_else(|error| why(&error)));
    }
}

/// The socket, open as long as this lives.
pub(super) struct Control {
    calls: Receiver<Call>,
    /// How many requests were read and wait for their answer.
    answering: Arc<AtomicUsize>,
    path: PathBuf,
}

impl Control {
    /// Begins to listen. The caller has the spool open, so that no other recorder listens here.
    ///
    /// # Errors
    /// Where the socket cannot be made.
    pub(super) fn listen(home: &Home, spool: &Spool) -> Result<Self> {
        let path = home.dir().join(SOCKET);
        let context = || format!("cannot listen at `{}`", path.display());
        let (_folder, short) = short(home.dir()).with_context(context)?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).with_context(context),
            _ => {}
        }
        let listener = UnixListener::bind(&short).with_context(context)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).with_context(context)?;
        let (give, calls) = sync_channel(8);
        let answering = Arc::new(AtomicUsize::new(0));
        let (heard, unanswered) = (Arc::new(()), Arc::clone(&answering));
        let spool = spool.clone();
        let serve = move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else {
                    // No descriptor left, for example: what is asked for waits.
                    thread::sleep(Duration::from_millis(100));
                    continue;
                };
                let (give, heard, answering, spool) =
                    (give.clone(), Arc::clone(&heard), Arc::clone(&unanswered), spool.clone());
                if Arc::strong_count(&heard) > COMMANDS_MAX + 1 {
                    continue;
                }
                // A thread each: whoever connects and says nothing keeps nobody waiting.
                let work = move || {
                    answer(&stream, &spool, &give, &answering);
                    drop(heard);
                };
                let _ = thread::Builder::new().name("control".into()).spawn(work);
            }
        };
        thread::Builder::new().name("control".into()).spawn(serve).with_context(context)?;
        Ok(Self { calls, answering, path })
    }

    /// The next request, where one waits.
    pub(super) fn next(&self) -> Option<Call> {
        self.calls.try_recv().ok()
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // The next recorder removes what stays.
        let _ = std::fs::remove_file(&self.path);
        // The threads that answer end with the process: what was answered is to be on its way.
        let until = Instant::now() + ENDING;
        while self.answering.load(Ordering::Acquire) > 0 && Instant::now() < until {
            // What nobody will answer any more.
            while self.calls.try_recv().is_ok() {}
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn answer(stream: &UnixStream, spool: &Spool, give: &SyncSender<Call>, answering: &AtomicUsize) {
    let served = read(stream).and_then(|line| {
        answering.fetch_add(1, Ordering::AcqRel);
        let served = serve(stream, &line, spool, give);
        answering.fetch_sub(1, Ordering::AcqRel);
        served
    });
    if let Err(error) = served {
        tracing::warn!("a command was not answered: {error:#}");
    }
}

fn read(stream: &UnixStream) -> Result<String> {
    stream.set_read_timeout(Some(SPEAKING))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream.take(REQUEST_BYTES_MAX)).read_line(&mut line)?;
    Ok(line)
}

fn serve(mut stream: &UnixStream, line: &str, spool: &Spool, give: &SyncSender<Call>) -> Result<()> {
    let answer = match serde_json::from_str(line) {
        // What is sealed is read beside the recorder, which is kept from nothing by it.
        Ok(Request::List) => lending::list(spool).unwrap_or_else(|error| why(&error).to_string()),
        Ok(Request::Sealed(name)) => lending::sealed(spool, name).unwrap_or_else(|error| why(&error).to_string()),
        Ok(request) => {
            let (reply, replied) = sync_channel(1);
            give.send(Call { request, answer: reply }).context("the recorder is ending")?;
            replied.recv_timeout(PATIENCE).context("the recorder is busy")?.to_string()
        }
        Err(_) => why(&anyhow!("this recorder does not understand the command; is it an older one?")).to_string(),
    };
    stream.write_all(answer.as_bytes())?;
    stream.write_all(b"\n")?;
    Ok(())
}

/// The answer where there is none.
fn why(error: &anyhow::Error) -> Value {
    serde_json::json!({ "error": format!("{error:#}") })
}

/// Asks the recorder that runs for this member; nothing where none runs.
///
/// # Errors
/// Where one runs and does not answer, or says that it could not.
pub(crate) fn ask(home: &Home, request: Request) -> Result<Option<Value>> {
    let Some(mut stream) = connect(home.dir())? else { return Ok(None) };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{}\n", serde_json::to_string(&request)?).as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).context("the recorder does not answer")?;
    let answer: Value = serde_json::from_str(&line).context("the recorder ended before it answered; try again")?;
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        bail!("{error}");
    }
    Ok(Some(answer))
}

/// Who has the spool.
pub(crate) enum Reached {
    /// The recorder that runs, and what it answered.
    Recorder(Value),
    /// Nobody else: here it is.
    Spool(Spool),
}

/// Asks the recorder that runs; where none does, opens the spool. Waits a moment for one that is starting or ending.
///
/// # Errors
/// As [`ask`]'s and [`Home::spool`]'s.
pub(crate) fn reach(home: &Home, request: Request) -> Result<Reached> {
    let until = Instant::now() + STARTING;
    loop {
        if let Some(answer) = ask(home, request.clone())? {
            return Ok(Reached::Recorder(answer));
        }
        match home.spool_as_it_is() {
            Ok(spool) => {
                // What cannot be recovered keeps nobody from what is there.
                if let Err(error) = home.device_key().and_then(|key| Ok(spool.recover(&key, Now::read()?)?)) {
                    tracing::warn!("what a crash left cannot be recovered: {error:#}");
                }
                return Ok(Reached::Spool(spool));
            }
            Err(error) if is_locked(&error) && Instant::now() < until => thread::sleep(Duration::from_millis(50)),
            Err(error) => return Err(error),
        }
    }
}

/// The spool, for whoever erases everything: the recorder that runs ends first.
///
/// # Errors
/// As [`reach`]'s.
pub(crate) fn take(home: &Home) -> Result<Spool> {
    loop {
        if let Reached::Spool(spool) = reach(home, Request::Stop)? {
            return Ok(spool);
        }
    }
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(SpoolError::Locked { .. }))
}

/// A socket's address has room for 107 bytes (unix(7)), and a folder's path may be longer: the kernel knows the open folder by a
/// short one too, as long as it is open.
fn short(folder: &Path) -> std::io::Result<(File, PathBuf)> {
    let open = File::open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd())).join(SOCKET);
    Ok((open, path))
}

fn connect(folder: &Path) -> Result<Option<UnixStream>> {
    let path = folder.join(SOCKET);
    let (_folder, short) = short(folder).with_context(|| format!("cannot look into `{}`", folder.display()))?;
    match UnixStream::connect(short) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused => Ok(None),
            _ => Err(error).with_context(|| format!("cannot reach the recorder at `{}`", path.display())),
        },
    }
}
