//! The project's own commands: `cargo xtask test | bench | tidy`.
//!
//! `cargo xtask test` is exactly what CI runs; there is no step that only CI knows.
#![allow(clippy::indexing_slicing, reason = "JSON only: a key that is missing reads as null, and nothing here panics")]

mod bench;
mod child;
mod house;
mod report;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::house::House;

/// The command line.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "Candor's own commands")]
pub struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs everything CI runs, and prints what each step took
    Test {
        /// Run only these steps, in this order (see --list)
        #[arg(value_name = "STEP")]
        steps: Vec<String>,
        /// Seconds that each fuzz target gets
        #[arg(long, default_value_t = 60)]
        fuzz_secs: u64,
        /// Print the steps and what each is for
        #[arg(long)]
        list: bool,
    },
    /// Runs one benchmark and prints its table
    Bench {
        /// Which one (without a name: prints the list)
        name: Option<String>,
        /// End with the report as one JSON object on the last line
        #[arg(long)]
        json: bool,
        /// Files to measure
        files: Vec<PathBuf>,
    },
    /// Checks what no compiler checks: the crate graph, walls, words
    Tidy,
}

fn main() -> ExitCode {
    if test::no_wall::is_wrapper() {
        return test::no_wall::wrap_rustc();
    }
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything asked for held.
fn run(cli: Cli) -> Result<bool> {
    child::end_children_on_signals()?;
    let house = House::find()?;
    match cli.task {
        Task::Test { list: true, .. } => {
            test::list();
            Ok(true)
        }
        Task::Test { steps, fuzz_secs, .. } => test::run(&house, &steps, fuzz_secs),
        Task::Bench { name: None, .. } => {
            bench::list();
            Ok(true)
        }
        Task::Bench { name: Some(name), json, files } => bench::run(&house, &name, json, &files).map(|()| true),
        Task::Tidy => tidy::run(&house),
    }
}
