//! Only the policy makes a grant.
use candor_policy::Grant;

pub fn forge(other: Grant) -> Grant {
    Grant { expires: u64::MAX, ..other }
}
