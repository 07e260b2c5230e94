//! What the program says while it runs: on standard error, and where a recorder runs also in a file a day in the member's
//! folder, of which a week is kept. Neither holds anything of what was captured (invariant 9).

use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use tracing_appender::rolling::{RollingFileAppender, RollingWriter, Rotation};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::OptionalWriter;

use crate::files;

/// How many days are kept.
const DAYS: usize = 7;

static FILE: OnceLock<RollingFileAppender> = OnceLock::new();

/// Writes to the files of [`keep`], once it was called.
pub struct ToFile;

impl<'a> MakeWriter<'a> for ToFile {
    type Writer = OptionalWriter<RollingWriter<'static>>;

    fn make_writer(&'a self) -> Self::Writer {
        FILE.get().map(|file| file.make_writer()).into()
    }
}

/// Keeps what is said from now on in `dir` too, which is made where it is missing.
///
/// # Errors
/// Where the folder cannot be made, or others may enter it.
pub(crate) fn keep(dir: &Path) -> Result<()> {
    files::private_dir(dir)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("candor")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(dir)
        .with_context(|| format!("cannot write a log in `{}`", dir.display()))?;
    // Who keeps twice keeps where it was kept first.
    let _ = FILE.set(file);
    Ok(())
}
