//! The policy against tables, against an oracle that shares no code with it, and against itself with a rule missing.

mod bad;
mod case;
mod matrix;
mod oracle;
mod proofs;
