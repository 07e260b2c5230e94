//! Running other programs: with a limit, and never outliving us.
//!
//! Each child gets a process group of its own, so that ending it ends what it started too. Ctrl-C and a polite kill
//! end every group before this program ends.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn groups() -> MutexGuard<'static, BTreeSet<u32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt, a hang-up or a polite kill ends all children, then this program with status 130.
pub fn end_children_on_signals() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
            let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
                eprintln!("xtask: signals cannot be watched; Ctrl-C may leave children behind");
                return;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            // The lock is kept: nothing new starts while we end.
            let ending = groups();
            for &group in ending.iter() {
                end(group, Signal::TERM);
            }
            thread::sleep(Duration::from_millis(800));
            for &group in ending.iter() {
                end(group, Signal::KILL);
            }
            std::process::exit(130);
        });
    });
    Ok(())
}

fn end(group: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        // It may be gone already, which is what we want.
        let _ = kill_process_group(pid, signal);
    }
}

/// Runs a command to its end; what it prints goes where our own output goes.
pub fn run(command: &mut Command, limit: Duration) -> Result<ExitStatus> {
    supervise(command, limit, |mut child| Ok(child.wait()?))
}

/// Runs a command to its end and takes what it printed.
pub fn output(command: &mut Command, limit: Duration) -> Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    supervise(command, limit, |child| Ok(child.wait_with_output()?))
}

/// The same, but what it says on standard error is seen as it comes.
pub fn output_with_progress(command: &mut Command, limit: Duration) -> Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    supervise(command, limit, |child| Ok(child.wait_with_output()?))
}

/// Runs a command to its end and takes its standard output, which has to be text. Anything but success is an error.
pub fn text(command: &mut Command, limit: Duration) -> Result<String> {
    let output = output_with_progress(command, limit)?;
    if !output.status.success() {
        bail!("`{}` ended with {}", name(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed something that is not text", name(command)))
}

fn supervise<T>(command: &mut Command, limit: Duration, wait: impl FnOnce(Child) -> Result<T>) -> Result<T> {
    command.stdin(Stdio::null()).process_group(0);
    let mut registered = groups();
    let child = command.spawn().with_context(|| format!("start `{}`", name(command)))?;
    let group = child.id();
    registered.insert(group);
    drop(registered);

    let (done, finished) = mpsc::channel::<()>();
    let guard = thread::spawn(move || {
        let late = finished.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
        if late {
            end(group, Signal::KILL);
        }
        late
    });
    let result = wait(child);
    drop(done);
    groups().remove(&group);
    if guard.join().unwrap_or(false) {
        bail!("`{}` was ended: it ran longer than {} s", name(command), limit.as_secs());
    }
    result
}

/// The program's name, for messages.
pub fn name(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().take(3).map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_takes_too_long_is_ended_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.current_dir(&folder).args(["-c", "sleep 600 & echo $! > pid; wait"]);
        let error = output(&mut command, Duration::from_millis(500)).unwrap_err();
        assert!(error.to_string().contains("ran longer"), "{error}");
        let grandchild = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).unwrap_or_default();
        // Gone, or dead and not yet collected; the signal takes a moment.
        let dead = || state().is_empty() || state().contains(") Z ");
        for _ in 0..100 {
            if dead() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("still there: {}", state());
    }

    #[test]
    fn a_failure_is_told_with_the_commands_name() {
        let error = text(Command::new("sh").args(["-c", "exit 3"]), Duration::from_secs(10)).unwrap_err();
        assert!(error.to_string().contains("sh -c exit 3"), "{error}");
    }
}
