//! The broker on real files: SQLite, a custody file, a log.

mod custody;
mod erasing;
mod releasing;
mod simulation;
mod world;
