//! The policy's yes.

use candor_consent::jws::Signed;
use candor_model::grant::ConsentRef;
use candor_model::{Approval, GrantId, Hash, Intent, ReleaseRequest, Selection};

use crate::decide::evaluate;
use crate::engine::Engine;
use crate::reason::Refusal;
use crate::records::Records;

/// The longest a grant may wait for its release, in seconds.
pub const GRANT_SECS_MAX: u64 = 900;

/// The policy's yes to one request, for a few minutes. Only [`crate::decide`] makes one; releasing consumes it.
#[derive(Debug)]
#[must_use]
pub struct Grant {
    pub(crate) id: GrantId,
    pub(crate) request: Signed<ReleaseRequest>,
    pub(crate) selection: Selection,
    pub(crate) approvals: Vec<Signed<Approval>>,
    pub(crate) counted: Vec<Hash>,
    pub(crate) consents: Vec<ConsentRef>,
    pub(crate) policy: Hash,
    pub(crate) at: u64,
    pub(crate) expires: u64,
}

impl Grant {
    /// Which grant. Derived from request, approvals, policy and time.
    pub const fn id(&self) -> GrantId {
        self.id
    }

    /// The request it answers.
    pub const fn request(&self) -> &Signed<ReleaseRequest> {
        &self.request
    }

    /// What keys it is for.
    pub const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The hash of the policy that said yes.
    pub const fn policy(&self) -> Hash {
        self.policy
    }

    /// The first second in which it no longer holds.
    pub const fn expires(&self) -> u64 {
        self.expires
    }

    /// What has to be logged before its keys may leave. `counter` is the value the custody counter takes with them.
    pub fn intent(&self, counter: u64) -> Intent {
        let request = self.request.payload();
        Intent {
            request: self.request.hash(),
            grant: self.id,
            builder: request.builder,
            purpose: request.purpose,
            dataset: request.dataset,
            selection: request.selection,
            segments: self.selection.segments().len() as u64,
            files: self.selection.files().len() as u64,
            ephemeral: Hash::of(request.ephemeral.as_bytes()),
            policy: self.policy,
            approvals: self.counted.clone(),
            consents: self.consents.clone(),
            counter,
            at: self.at,
        }
    }

    /// Decides again, on records read after the intent was logged: a consent withdrawn in between counts.
    ///
    /// # Errors
    /// [`Refusal`], as [`crate::decide`]; also once the grant itself has expired.
    pub fn still_holds(&self, records: &Records, now: u64) -> Result<(), Refusal> {
        if now >= self.expires {
            let reasons = vec![crate::reason::Reason::RequestExpired];
            return Err(Refusal { request: self.request.hash(), reasons, items: Vec::new() });
        }
        let engine = Engine::embedded().ok_or_else(|| Refusal::policy_error(self.request.hash()))?;
        evaluate(engine, records, &self.request, &self.selection, &self.approvals, now).map(drop)
    }
}
