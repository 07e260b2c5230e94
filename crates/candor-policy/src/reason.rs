//! Why keys are refused. Each rule of the policy has one reason; its `@id` is the reason's word.

use std::fmt;

use candor_model::{FileRef, Hash, SegmentRef};

macro_rules! reasons {
    ($($name:ident = $word:literal, $text:literal;)*) => {
        /// Why a request was refused, or an approval did not count.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the text of each stands beside it")]
        pub enum Reason { $($name,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in the policy (`@id`), the log and reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means and what to do.
            pub const fn explain(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    ApproverRole = "approver-role", "an approval is by somebody who is no custodian of that role";
    ApproverSoftware = "approver-software", "an approval is by software; only people approve";
    ApproverRequester = "approver-requester", "an approval is by the one who asks";
    ApproverKey = "approver-key", "an approval is not signed with the custodian's registered key";
    ApprovalOtherRequest = "approval-other-request", "an approval is for another request";
    ApprovalFuture = "approval-future", "an approval is dated in the future; check the clocks";
    ApprovalExpired = "approval-expired", "an approval has expired; ask the custodian again";
    Paused = "paused", "the program is paused";
    OtherProgram = "other-program", "the request is for another program";
    OtherSelection = "other-selection", "the list of segments is not the one the request was signed for";
    NotABuilder = "not-a-builder", "the requester is not registered as a builder";
    RequesterKey = "requester-key", "the request is not signed with the builder's registered key";
    RequestFuture = "request-future", "the request is dated in the future; check the clocks";
    RequestExpired = "request-expired", "the request has expired; sign a new one";
    UnknownMaterial = "unknown-material", "there is no key for it: it was erased, or never accepted";
    ConsentWithdrawn = "consent-withdrawn", "the consent it was sealed under was withdrawn";
    ConsentNotLive = "consent-not-live", "the person's consent does not hold now";
    PurposeNotSealed = "purpose-not-sealed", "the purpose was not switched on when it was sealed";
    PurposeNotConsented = "purpose-not-consented", "the purpose is not switched on now";
    HoldBack = "hold-back", "the participant's hold-back is not over";
    MaterialExpired = "material-expired", "the derived file has expired; build the dataset again";
    Tainted = "tainted", "something the dataset was made of was erased; build it again";
    TooFewPeople = "too-few-people", "it is about fewer people than the program's minimum";
    TooFewApprovals = "too-few-approvals", "fewer than two custodians' approvals count";
    NoParticipantsApproval = "no-participants-approval", "no custodian who stands for the participants approves";
    NothingAsked = "nothing-asked", "the request names no segment and no file";
    PolicyError = "policy-error", "the policy could not be evaluated, which counts as no; tell the operator";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.as_str(), self.explain())
    }
}

/// One thing a key was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A segment.
    Segment(SegmentRef),
    /// A derived file.
    File(FileRef),
}

/// The policy's no.
///
/// It lists which items were refused and which reasons there were, but not which reason goes with which item: that would
/// tell a builder who withdrew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The hash of the signed request.
    pub request: Hash,
    /// Every reason, in a fixed order; never empty.
    pub reasons: Vec<Reason>,
    /// Every item that some rule refused.
    pub items: Vec<Item>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request is refused")?;
        self.reasons.iter().try_for_each(|reason| write!(f, "; {reason}"))
    }
}

impl std::error::Error for Refusal {}
