//! A test's plan of what the disk does: stop at the n-th call, fill up, and forget on power loss what was not synced.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::Call;

#[derive(Default)]
struct Plan {
    calls: u64,
    stop_at: Option<u64>,
    room: Option<u64>,
    stopped: bool,
    /// Files whose last bytes were written but not synced, with the length that was.
    unsynced: BTreeMap<PathBuf, u64>,
    /// Folders in which a name changed since their last sync.
    unsynced_dirs: BTreeSet<PathBuf>,
}

thread_local! {
    static PLAN: RefCell<Plan> = RefCell::default();
}

/// Forgets everything: the disk works.
pub(crate) fn reset() {
    PLAN.with_borrow_mut(|plan| *plan = Plan::default());
}

/// From the `n`-th call on (from 0) nothing reaches the disk, as after kill -9. A write at that place is torn.
pub(crate) fn stop_at(n: u64) {
    PLAN.with_borrow_mut(|plan| *plan = Plan { stop_at: Some(n), ..Plan::default() });
}

/// Only `bytes` more fit on the disk.
pub(crate) fn room_for(bytes: Option<u64>) {
    PLAN.with_borrow_mut(|plan| plan.room = bytes);
}

/// How many calls were made since the plan was set.
pub(crate) fn calls() -> u64 {
    PLAN.with_borrow(|plan| plan.calls)
}

/// Whether the plan stopped the disk.
pub(crate) fn stopped() -> bool {
    PLAN.with_borrow(|plan| plan.stopped)
}

/// What a return that promised durability left unsynced; must be nothing.
pub(crate) fn unsynced() -> Vec<PathBuf> {
    PLAN.with_borrow(|plan| {
        plan.unsynced.keys().chain(&plan.unsynced_dirs).filter(|path| path.exists()).cloned().collect()
    })
}

/// Loses every byte that was not synced, as when the power fails. Names are kept; [`step`] refuses to rename a file
/// that is not synced, so that a name never stands for bytes that a power loss takes.
pub(crate) fn power_loss() {
    let unsynced = PLAN.with_borrow_mut(|plan| std::mem::take(&mut plan.unsynced));
    for (path, len) in unsynced {
        if let Ok(file) = std::fs::OpenOptions::new().write(true).open(&path)
            && file.metadata().is_ok_and(|meta| meta.len() > len)
        {
            file.set_len(len).unwrap();
        }
    }
    reset();
}

pub(super) fn step(call: Call<'_>) -> io::Result<()> {
    PLAN.with_borrow_mut(|plan| plan.step(call))
}

impl Plan {
    fn step(&mut self, call: Call<'_>) -> io::Result<()> {
        let this = self.calls;
        self.calls += 1;
        if self.stopped || self.stop_at == Some(this) {
            if !self.stopped
                && let Call::Write(file, path, bytes, at) = call
            {
                self.note_write(file, path);
                let torn = &bytes[..bytes.len() / 2];
                let at = at.unwrap_or_else(|| file.metadata().map_or(0, |meta| meta.len()));
                file.write_all_at(torn, at)?;
            }
            self.stopped = true;
            return Err(io::Error::other("stopped by the test"));
        }
        match call {
            Call::Create(path) | Call::MakeDir(path) => self.name_changed(path),
            Call::Write(file, path, bytes, at) => {
                if let Some(room) = self.room {
                    let fits = (bytes.len() as u64).min(room);
                    self.room = Some(room - fits);
                    if fits < bytes.len() as u64 {
                        self.note_write(file, path);
                        let at = at.unwrap_or_else(|| file.metadata().map_or(0, |meta| meta.len()));
                        file.write_all_at(&bytes[..fits as usize], at)?;
                        return Err(io::Error::from(ErrorKind::StorageFull));
                    }
                }
                self.note_write(file, path);
            }
            Call::Truncate(path, len) => {
                if let Some(synced) = self.unsynced.get_mut(path) {
                    *synced = (*synced).min(len);
                }
            }
            Call::Sync(path) => {
                self.unsynced.remove(path);
            }
            Call::SyncDir(path) => {
                self.unsynced_dirs.remove(path);
            }
            Call::Rename(from, to) => {
                assert!(!self.unsynced.contains_key(from), "{} was renamed before it was synced", from.display());
                self.unsynced.remove(to);
                self.name_changed(to);
            }
            Call::Remove(path) => {
                self.unsynced.remove(path);
            }
        }
        Ok(())
    }

    fn note_write(&mut self, file: &std::fs::File, path: &std::path::Path) {
        let len = file.metadata().map_or(0, |meta| meta.len());
        self.unsynced.entry(path.to_owned()).or_insert(len);
    }

    fn name_changed(&mut self, path: &std::path::Path) {
        self.unsynced_dirs.extend(path.parent().map(PathBuf::from));
    }
}
