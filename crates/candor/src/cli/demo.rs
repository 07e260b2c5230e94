//! `candor demo`

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::{Outcome, print_json};
use crate::demo::{self, Options};

/// Show one event's life, end to end, on a temporary folder.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Recordings to use instead of the project's own: any file `candor import` takes. Dealt out to three participants.
    #[arg(long = "recording", value_name = "FILE", num_args = 1..)]
    recordings: Vec<PathBuf>,
    /// Where to put the page with the picture.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Print a JSON object on the last line.
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) fn run(self) -> Result<Outcome> {
        let page = match self.page {
            Some(page) => page,
            // A fresh name: the temporary folder is everybody's.
            None => tempfile::Builder::new().prefix("candor-demo-").suffix(".html").tempfile()?.keep()?.1,
        };
        let figures = demo::run(&Options { recordings: self.recordings, page: page.clone() })?;
        for (name, value) in figures.rows() {
            println!("{name:<42} {value}");
        }
        println!("{:<42} {}", "a page with one session's timeline", page.display());
        if self.json {
            print_json(&figures.to_json());
        }
        Ok(if figures.hold() { Outcome::Done } else { Outcome::No })
    }
}
