//! A member's folder: who we are to the vault, and our keys.
//!
//! ```text
//! DIR/                     0700
//!  member.json             role, ids, where the vault is, which vault it is
//!  ca.pem  tls.pem         the vault's authority; our certificate
//!  keys/tls.pem            the certificate's secret key
//!  keys/device.key         signs segment headers and the chain (Ed25519)
//!  keys/signing.key        signs what the person decides (Ed25519)
//!  opening/identity.key    opens the person's own copies (X-Wing); the recorder never reads this file
//!  keys/personal.key       makes the fingerprints of the private list, from its first value on
//!  private.json            what the participant named: fingerprints, applications, sites; never uploaded
//!  program.json            the program and notice as last published
//!  consent.json            the signed records about our consent
//!  erasures.json           the signed requests to erase, and the vault's receipts
//!  lock                    held while one of these files is read, changed and written
//!  reserve                 room set aside for forgetting on a full disk
//!  recorder.json           whether the recorder was paused
//!  control                 where a recorder that runs is told what to do
//!  log/                    what it said, a file a day, for a week
//!  spool/                  sealed segments on their way
//! ```

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candor_consent::ParticipantSigner;
use candor_model::{DeviceId, Hash, ParticipantId, PrincipalId, Program, ProgramId, Typ, VaultIdentity};
use candor_seal::{Identity, ShelfKey};
use candor_store::Spool;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::agent::client::Client;
use crate::files;
use crate::invitation::Role;
use crate::keys::{self, Kind};
use crate::wire::ProgramAnswer;

/// What forgetting needs at most: the requests so far, a pack, a shelf.
#[cfg(feature = "device")]
const RESERVE_BYTES: usize = 1 << 18;

/// Who we are to the vault, fixed at enrolment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    /// What we are.
    pub(crate) role: Role,
    /// This device.
    pub(crate) device: DeviceId,
    /// Our pseudonym, for participants.
    pub(crate) participant: Option<ParticipantId>,
    /// Our name to the vault, for everybody else.
    pub(crate) principal: Option<PrincipalId>,
    /// The program.
    pub(crate) program: ProgramId,
    /// Where the vault is, `https://HOST:PORT`.
    pub(crate) url: String,
    /// The SHA-256 of its authority's certificate.
    pub(crate) pin: Hash,
    /// Which vault it is.
    pub(crate) vault: VaultIdentity,
}

/// An enrolled member's folder.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    dir: PathBuf,
    member: Member,
}

impl Home {
    /// Opens the folder of an enrolled member.
    ///
    /// # Errors
    /// Where nobody enrolled there, or others may read it.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        if !dir.join("member.json").exists() {
            bail!("`{}` is not enrolled; run `candor enrol INVITATION --dir {0}`", dir.display());
        }
        files::private_dir(dir)?;
        let text = files::read_private_text(&dir.join("member.json"))?;
        let member = serde_json::from_str(&text).with_context(|| format!("`{}/member.json`", dir.display()))?;
        Ok(Self { dir: dir.to_owned(), member })
    }

    /// Writes the member file: the last step of enrolment, so that a folder is enrolled wholly or not at all.
    ///
    /// # Errors
    /// As [`files::write_private`].
    pub(crate) fn create(dir: &Path, member: Member) -> Result<Self> {
        files::write_private(&dir.join("member.json"), &serde_json::to_vec_pretty(&member)?)?;
        Ok(Self { dir: dir.to_owned(), member })
    }

    /// The same member, with the vault at another address: the certificate says whether it is the same vault.
    #[cfg(feature = "vault")]
    pub(crate) fn at(mut self, url: String) -> Self {
        self.member.url = url;
        self
    }

    /// Who we are.
    pub(crate) const fn member(&self) -> &Member {
        &self.member
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Waits until nobody else changes the files here, and keeps others waiting until it is dropped. Never held while
    /// the network is waited for: a withdrawal must not wait behind it.
    ///
    /// # Errors
    /// Where the lock cannot be made.
    pub(crate) fn alone(&self) -> Result<std::fs::File> {
        let path = self.dir.join("lock");
        let context = || format!("cannot lock `{}`", path.display());
        let file =
            std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path).with_context(context)?;
        file.lock().with_context(context)?;
        Ok(file)
    }

    /// Our pseudonym.
    ///
    /// # Errors
    /// Where we are no participant.
    pub(crate) fn participant(&self) -> Result<ParticipantId> {
        self.member.participant.with_context(|| format!("this needs a participant; we are {}", self.member.role))
    }

    /// Our name to the vault.
    ///
    /// # Errors
    /// Where we are a participant, who has only a pseudonym.
    #[cfg(any(feature = "vault", feature = "dataset"))]
    pub(crate) fn principal(&self) -> Result<PrincipalId> {
        self.member.principal.context("this is not for participants")
    }

    /// What signs segments.
    ///
    /// # Errors
    /// As [`keys::read_seed`].
    pub(crate) fn device_key(&self) -> Result<SigningKey> {
        keys::read_signing(&self.dir.join("keys/device.key"))
    }

    /// What signs the participant's decisions.
    ///
    /// # Errors
    /// As [`keys::read_seed`].
    pub(crate) fn signer(&self) -> Result<ParticipantSigner> {
        Ok(ParticipantSigner::from_bytes(&*keys::read_seed(&self.dir.join("keys/signing.key"), Kind::Signing)?))
    }

    /// What signs a principal's requests and approvals.
    ///
    /// # Errors
    /// As [`keys::read_seed`].
    #[cfg(any(feature = "vault", feature = "dataset"))]
    pub(crate) fn signing_key(&self) -> Result<SigningKey> {
        keys::read_signing(&self.dir.join("keys/signing.key"))
    }

    /// What opens the participant's own copies. No code of the recorder calls this.
    ///
    /// # Errors
    /// As [`keys::read_seed`].
    pub(crate) fn opening(&self) -> Result<Identity> {
        Ok(Identity::from_seed(*keys::read_seed(&self.dir.join("opening/identity.key"), Kind::Opening)?))
    }

    /// The spool, with what a crash left of earlier sessions recovered. One process has it open at a time.
    ///
    /// # Errors
    /// As [`Spool::open`] and [`Spool::recover`].
    #[cfg(any(not(feature = "device"), feature = "import", feature = "vault"))]
    pub(crate) fn spool(&self) -> Result<Spool> {
        let spool = self.spool_as_it_is()?;
        spool.recover(&self.device_key()?, candor_store::spool::Now::read()?)?;
        Ok(spool)
    }

    /// The spool, with what a crash left as it left it.
    ///
    /// # Errors
    /// As [`Spool::open`].
    pub(crate) fn spool_as_it_is(&self) -> Result<Spool> {
        Ok(Spool::open(&self.dir.join("spool"), &ShelfKey::generate(&mut keys::rng()))?)
    }

    /// Sets room aside, so that forgetting works on a disk that is full. What was set aside before is enough.
    ///
    /// # Errors
    /// Where there is no room left to set aside.
    #[cfg(feature = "device")]
    pub(crate) fn set_room_aside(&self) -> Result<()> {
        let path = self.dir.join("reserve");
        if path.metadata().is_ok_and(|found| found.len() == RESERVE_BYTES as u64) {
            return Ok(());
        }
        // Not zeros: a file system may keep those without keeping room for them.
        let mut bytes = vec![0; RESERVE_BYTES];
        rand_core::Rng::fill_bytes(&mut keys::rng(), &mut bytes);
        files::write_private(&path, &bytes)
    }

    /// Gives the room back that was set aside.
    #[cfg(feature = "device")]
    pub(crate) fn use_room_set_aside(&self) {
        // Where none is, none was needed.
        let _ = std::fs::remove_file(self.dir.join("reserve"));
    }

    /// The program and notice as last published, checked against the vault we enrolled with.
    ///
    /// # Errors
    /// Where the file is missing, damaged, or signed by another vault.
    pub(crate) fn program(&self) -> Result<(Program, ProgramAnswer)> {
        let text = files::read_private_text(&self.dir.join("program.json"))?;
        let answer: ProgramAnswer = serde_json::from_str(&text).context("program.json")?;
        Ok((check_program(&answer, self.member.vault)?, answer))
    }

    /// Asks the vault for the program and keeps it.
    ///
    /// # Errors
    /// Where the vault does not answer, or the answer is another vault's or older than what we know.
    pub(crate) fn refresh_program(&self, client: &Client) -> Result<(Program, ProgramAnswer)> {
        let answer: ProgramAnswer = client.get("/v1/program")?;
        let program = check_program(&answer, self.member.vault)?;
        if let Ok((known, _)) = self.program()
            && known.epoch > program.epoch
        {
            bail!(
                "the vault published epoch {} of the program, but epoch {} is known here",
                program.epoch,
                known.epoch
            );
        }
        self.keep_program(&answer)?;
        Ok((program, answer))
    }

    /// Keeps what was checked.
    ///
    /// # Errors
    /// As [`files::write_private`].
    pub(crate) fn keep_program(&self, answer: &ProgramAnswer) -> Result<()> {
        files::write_private(&self.dir.join("program.json"), &serde_json::to_vec_pretty(answer)?)
    }

    /// A client that authenticates with our certificate.
    ///
    /// # Errors
    /// Where certificate or key cannot be read.
    pub(crate) fn client(&self) -> Result<Client> {
        let ca = files::read_private_text(&self.dir.join("ca.pem"))?;
        let certificate = files::read_private_text(&self.dir.join("tls.pem"))?;
        let key = files::read_private_text(&self.dir.join("keys/tls.pem"))?;
        Client::new(&self.member.url, &ca, Some((&certificate, &key)))
    }
}

/// Checks a published program: signed by the vault we know, naming itself as the destination, with the notice it names.
///
/// # Errors
/// Where one of these does not hold.
pub(crate) fn check_program(answer: &ProgramAnswer, vault: VaultIdentity) -> Result<Program> {
    if answer.vault != vault {
        bail!("this is another vault than the one enrolled with; enrol again if you mean to change");
    }
    let program: Program =
        candor_consent::verify(Typ::PROGRAM, &answer.program, &vault.0).context("the program record")?.into_payload();
    if program.vault != vault {
        bail!("the program names another vault than the one that signed it");
    }
    if program.notice != answer.notice.to_ref() {
        bail!("the notice is not the one the program names");
    }
    Ok(program)
}
