//! What the gateway does, by noun. Each handler runs after the guard let the member through.

pub(crate) mod consent;
pub(crate) mod dataset;
pub(crate) mod enrol;
pub(crate) mod erase;
pub(crate) mod log;
pub(crate) mod program;
pub(crate) mod release;
pub(crate) mod upload;
