//! Invariant 2: nor does a pattern look into it.
use candor_redact::{Observation, Raw};

pub fn leak(Raw(seen): &Raw) -> &Observation {
    seen
}
