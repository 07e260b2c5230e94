//! The policy of candor-consent, as tests: names say what is allowed and what is not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions; these are the helpers of such functions"
)]

mod decisions;
mod leases;
mod tampering;
mod vectors;
mod world;
