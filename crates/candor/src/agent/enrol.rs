//! Enrolment: an invitation becomes a home folder with keys and a certificate.

use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::ParticipantSigner;
use candor_consent::jws::public_key;
use candor_model::{Hash, OpeningKey};
use candor_seal::Identity;
use ed25519_dalek::SigningKey;
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use crate::agent::client::Client;
use crate::agent::home::{Home, Member, check_program};
use crate::agent::pin::find_authority;
use crate::files;
use crate::invitation::Invitation;
use crate::keys::{self, Kind};
use crate::wire::{EnrolRequest, Enrolled};

/// Enrols with the vault that made `invitation` and makes the folder `dir`.
///
/// Everybody makes the same keys and sends the same things, so that nobody on the way learns the role.
///
/// # Errors
/// Where the folder is in use, the vault is not the pinned one, or it refuses the invitation.
pub(crate) fn enrol(invitation: &Invitation, dir: &Path) -> Result<Home> {
    if dir.join("member.json").exists() {
        bail!("`{}` is already enrolled; choose another folder", dir.display());
    }
    let ca = to_pem(&find_authority(invitation)?);
    let request = prepare(dir, &invitation.token)?;
    let enrolled: Enrolled = Client::new(&invitation.url, &ca, None)?.post("/v1/enrol", &request)?;
    finish(dir, &invitation.url, invitation.pin, &ca, enrolled)
}

/// Makes the folder and its keys, and what is sent to the vault.
///
/// # Errors
/// Where the folder is not ours alone, or a file cannot be written.
pub(crate) fn prepare(dir: &Path, token: &[u8; 32]) -> Result<EnrolRequest> {
    files::private_dir(dir)?;
    files::private_dir(&dir.join("keys"))?;
    files::private_dir(&dir.join("opening"))?;
    let secrets = Secrets::generate()?;
    secrets.write(dir)?;
    secrets.request(token)
}

/// The four key pairs of a member.
struct Secrets {
    tls: KeyPair,
    device: SigningKey,
    signing: ParticipantSigner,
    opening: Identity,
}

impl Secrets {
    fn generate() -> Result<Self> {
        let mut rng = keys::rng();
        Ok(Self {
            tls: KeyPair::generate().context("cannot make a TLS key")?,
            device: SigningKey::from_bytes(&keys::random()),
            signing: ParticipantSigner::generate(&mut rng),
            opening: Identity::generate(&mut rng),
        })
    }

    fn write(&self, dir: &Path) -> Result<()> {
        files::write_private(&dir.join("keys/tls.pem"), self.tls.serialize_pem().as_bytes())?;
        keys::write_seed(&dir.join("keys/device.key"), Kind::Signing, &self.device.to_bytes())?;
        keys::write_seed(&dir.join("keys/signing.key"), Kind::Signing, &self.signing.to_bytes())?;
        keys::write_seed(&dir.join("opening/identity.key"), Kind::Opening, &self.opening.seed())
    }

    fn request(&self, token: &[u8; 32]) -> Result<EnrolRequest> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let csr = params.serialize_request(&self.tls).context("cannot make a certificate request")?;
        Ok(EnrolRequest {
            token: URL_SAFE_NO_PAD.encode(token),
            csr: URL_SAFE_NO_PAD.encode(csr.der()),
            device_key: public_key(&self.device),
            signing_key: self.signing.public_key(),
            opening_key: OpeningKey::try_from(self.opening.recipient()?.to_bytes().as_slice())?,
        })
    }
}

/// Completes the folder with the vault's answer.
///
/// # Errors
/// Where the answer does not fit together, or a file cannot be written.
pub(crate) fn finish(dir: &Path, url: &str, pin: Hash, ca: &str, enrolled: Enrolled) -> Result<Home> {
    let vault = enrolled.program.vault;
    let program = check_program(&enrolled.program, vault)?;
    files::write_private(&dir.join("ca.pem"), ca.as_bytes())?;
    files::write_private(&dir.join("tls.pem"), enrolled.certificate.as_bytes())?;
    files::write_private(&dir.join("program.json"), &serde_json::to_vec_pretty(&enrolled.program)?)?;
    let member = Member {
        role: enrolled.role,
        device: enrolled.device,
        participant: enrolled.participant,
        principal: enrolled.principal,
        program: program.id,
        url: url.to_owned(),
        pin,
        vault,
    };
    Home::create(dir, member)
}

/// A certificate as PEM (RFC 7468).
fn to_pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem + "-----END CERTIFICATE-----\n"
}
