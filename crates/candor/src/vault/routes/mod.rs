//! What the gateway does, by noun. Each handler runs after the guard let the member through.

pub(crate) mod enrol;
pub(crate) mod program;
