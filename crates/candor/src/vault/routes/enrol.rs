//! Invitations and enrolment.

use std::sync::Arc;

use anyhow::Result;
use axum::Json as Answer;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_model::{DeviceId, Nature, ParticipantId, Principal, PrincipalEntry, PrincipalId, principal};

use crate::clock;
use crate::invitation::{Invitation, Role};
use crate::keys;
use crate::vault::Vault;
use crate::vault::gateway::{Json, to_the_end};
use crate::vault::problem::Failure;
use crate::vault::register::Member;
use crate::wire::{EnrolRequest, Enrolled, InviteRequest, Invited};

/// `POST /v1/invitations`
pub(crate) async fn invite(
    State(vault): State<Arc<Vault>>,
    Json(request): Json<InviteRequest>,
) -> Result<Answer<Invited>, Failure> {
    let expires_at = clock::unix_secs() + u64::from(vault.config.invitation_hours) * 3600;
    vault.register.invite(request.token_hash, request.role, expires_at).await?;
    Ok(Answer(Invited { expires_at }))
}

/// `POST /v1/enrol`
pub(crate) async fn enrol(
    State(vault): State<Arc<Vault>>,
    Json(request): Json<EnrolRequest>,
) -> Result<Answer<Enrolled>, Failure> {
    let refusal =
        || Failure::forbidden("this invitation is unknown, used or expired", "ask the vault's operator for a new one");
    // An invitation is used up once; who hangs up meanwhile must not be half a member.
    let admitted = to_the_end(async move { Ok(admit(&vault, request).await?) }).await?;
    admitted.map(Answer).ok_or_else(refusal)
}

/// Enters a member where the invitation holds.
///
/// # Errors
/// Where the certificate request is damaged or the register fails.
pub(crate) async fn admit(vault: &Vault, request: EnrolRequest) -> Result<Option<Enrolled>> {
    let token = URL_SAFE_NO_PAD.decode(&request.token).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let csr = URL_SAFE_NO_PAD.decode(&request.csr).ok();
    let (Some(token), Some(csr)) = (token, csr) else { return Ok(None) };
    let Ok(issued) = vault.authority.member(&csr) else { return Ok(None) };
    let program = vault.program_answer().await?;
    let entry = |role| {
        let participant = role == Role::Participant;
        Ok(Member {
            role,
            device: DeviceId::from_bytes(keys::random()),
            participant: participant.then(|| ParticipantId::from_bytes(keys::random())),
            principal: (!participant).then(|| PrincipalId::from_bytes(keys::random())),
            device_key: request.device_key,
            signing_key: request.signing_key,
            opening_key: request.opening_key,
        })
    };
    let token = Invitation::token_hash(&token);
    let member = vault.register.enrol(token, clock::unix_secs(), issued.fingerprint, entry).await?;
    if let Some(member) = &member {
        tell_broker(vault, member).await?;
    }
    Ok(member.map(|Member { role, device, participant, principal, .. }| Enrolled {
        role,
        device,
        participant,
        principal,
        certificate: issued.pem,
        program,
    }))
}

/// The broker keeps its own list of people, so that nothing a gateway says can add to it later. Who can approve or build
/// is logged before the broker knows them.
pub(crate) async fn tell_broker(vault: &Vault, member: &Member) -> Result<()> {
    if let Some(participant) = member.participant {
        vault.broker.enrol_participant(participant, member.signing_key, &mut keys::rng()).await?;
    }
    if let Some(principal) = principal_of(member) {
        vault.log(PrincipalEntry { principal: principal.clone(), at: clock::unix_secs() }).await?;
        vault.broker.put_principal(&principal).await?;
    }
    Ok(())
}

fn principal_of(member: &Member) -> Option<Principal> {
    let (nature, role) = match member.role {
        Role::Builder => (Nature::Person, principal::Role::Builder),
        Role::Agent => (Nature::Software, principal::Role::Builder),
        Role::Custodian(role) => (Nature::Person, principal::Role::Custodian(role)),
        Role::Auditor => (Nature::Person, principal::Role::Auditor),
        Role::Operator => (Nature::Person, principal::Role::Operator),
        Role::Participant => return None,
    };
    Some(Principal { id: member.principal?, nature, roles: vec![role], signing_key: member.signing_key })
}
