//! The vault: gateway, store, broker and log in one process.
//!
//! ```text
//! DIR/                0700
//!  vault.toml         how it runs
//!  address            where the running vault is reached
//!  provenance.key     opens what says where datasets came from (X-Wing)
//!  identity.key       signs programs, receipts and leases (Ed25519); consents pin it
//!  ca.pem ca.key.pem  the authority of all certificates
//!  register.db        members, invitations, the program
//!  operator/          the home folder of the first operator
//!  objects/           sealed segments, under the hash of their bytes
//!  vault.db           what is known about them, and the log's entries in clear
//!  log/               the transparency log: checkpoint and tiles; log.key signs it
//!  custody.json       the key-encryption keys, under the passphrase; counter.json shows its counter
//!  broker.db          the key shelves, consents and principals
//! ```

pub(crate) mod ca;
pub(crate) mod gateway;
pub(crate) mod listener;
pub(crate) mod problem;
pub(crate) mod register;
pub(crate) mod routes;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use candor_broker::{Broker, Cost, FileCustody};
use candor_consent::jws::public_key;
use candor_model::program::RunState;
use candor_model::{
    LogEntry, Notice, OpeningKey, ParticipantId, PauseEntry, Program, ProgramEntry, ProgramId, Typ, VaultIdentity,
};
use candor_seal::Identity;
use candor_store::meta::MetaStore;
use candor_store::{Draft, Log, Logged, Objects, VaultStore};
use ed25519_dalek::SigningKey;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, RwLock, oneshot};

use crate::agent::{Home, enrol};
use crate::config::{ProgramConfig, VaultConfig};
use crate::invitation::{Invitation, Role};
use crate::keys::{self, Kind};
use crate::wire::{InviteRequest, Invited, ProgramAnswer};
use crate::{clock, files};
use ca::Authority;
use listener::{Peer, TlsListener};
use register::Register;

const CUSTODY: &str = "custody.json";

/// Everything a request needs.
pub(crate) struct Vault {
    pub(crate) config: VaultConfig,
    pub(crate) identity: SigningKey,
    pub(crate) authority: Authority,
    pub(crate) register: Register,
    pub(crate) store: VaultStore,
    pub(crate) broker: Broker,
    /// Opens the provenance of datasets, which builders seal to it.
    provenance: Identity,
    /// Held while the program's state changes.
    changing: Mutex<()>,
    /// Shared by what is taken in, held alone by what is withdrawn or erased: neither overtakes the other half-way.
    pub(crate) intake: RwLock<()>,
}

impl Vault {
    /// Opens the parts of the vault in `dir`.
    ///
    /// # Errors
    /// Where one of them is missing or damaged, or the passphrase is wrong.
    async fn open(dir: &Path, passphrase: &str) -> Result<Self> {
        let config = VaultConfig::read(&dir.join("vault.toml"))?;
        // Custody first: its lock says that no other process serves this vault.
        let custody = FileCustody::open(&dir.join(CUSTODY), passphrase)?;
        let broker = Broker::open(&dir.join("broker.db"), Box::new(custody), &mut keys::rng()).await?;
        let identity = keys::read_signing(&dir.join("identity.key"))?;
        let meta = MetaStore::open(&dir.join("vault.db")).await?;
        let origin = format!("candor/{}", public_key(&identity));
        let log = Log::open(&dir.join("log"), &meta, &origin, &keys::read_signing(&dir.join("log.key"))?).await?;
        // A crash between logging an intent and releasing leaves one that was not counted.
        let counted = broker.catch_up(&meta, &mut keys::rng()).await;
        let counted = counted.context("the log does not fit custody: is `custody.json` an older copy?")?;
        if counted > 0 {
            tracing::warn!("{counted} logged intents had come to nothing and are counted now");
        }
        let objects = Objects::local(&dir.join(&config.objects))?;
        Ok(Self {
            config,
            identity,
            authority: Authority::open(dir)?,
            register: Register::open(&dir.join("register.db")).await?,
            store: VaultStore { objects, meta, log },
            broker,
            provenance: Identity::from_seed(*keys::read_seed(&dir.join("provenance.key"), Kind::Opening)?),
            changing: Mutex::new(()),
            intake: RwLock::new(()),
        })
    }

    /// What builders seal the provenance of a dataset to.
    ///
    /// # Errors
    /// None that a 32-byte seed causes.
    pub(crate) fn provenance_key(&self) -> Result<OpeningKey> {
        Ok(OpeningKey::try_from(self.provenance.recipient()?.to_bytes().as_slice())?)
    }

    /// Logs an entry; when this returns, a durable checkpoint covers it.
    ///
    /// # Errors
    /// Where the log cannot be written.
    pub(crate) async fn log<T: LogEntry>(&self, entry: T) -> Result<Logged<T>> {
        Ok(self.store.log.append(Draft::new(entry, keys::random())?).await?)
    }

    /// [`Self::log`] for an entry about a participant, who may later ask for or erase its salt.
    ///
    /// # Errors
    /// Where the log cannot be written.
    pub(crate) async fn log_about<T: LogEntry>(&self, entry: T, participant: ParticipantId) -> Result<Logged<T>> {
        Ok(self.store.log.append(Draft::new(entry, keys::random())?.about(participant)).await?)
    }

    async fn close(&self) {
        self.register.close().await;
        self.store.meta.close().await;
    }

    /// Which vault this is.
    pub(crate) fn vault_identity(&self) -> VaultIdentity {
        VaultIdentity(public_key(&self.identity))
    }

    /// The program, signed, with its notice.
    ///
    /// # Errors
    /// Where the register fails.
    pub(crate) async fn program_answer(&self) -> Result<ProgramAnswer> {
        let (program, notice) = self.register.program().await?;
        let signed = candor_consent::sign(Typ::PROGRAM, program, &self.identity)?;
        Ok(ProgramAnswer {
            vault: self.vault_identity(),
            program: signed.compact().to_owned(),
            notice,
            log_key: self.store.log.verifier_key().to_owned(),
        })
    }

    /// Pauses or resumes the program. Every change is another epoch.
    ///
    /// # Errors
    /// Where the register fails.
    pub(crate) async fn set_state(&self, state: RunState) -> Result<Program> {
        let _changing = self.changing.lock().await;
        let (mut program, notice) = self.register.program().await?;
        if program.state != state {
            program.state = state;
            program.epoch += 1;
            // The broker first: releases stop before anything else can fail.
            self.broker.set_program(&program).await?;
            self.register.set_program(&program, &notice).await?;
            let (epoch, at) = (program.epoch, clock::unix_secs());
            self.log(PauseEntry { program: program.id, epoch, state, at }).await?;
        }
        Ok(program)
    }

    /// Publishes the program and logs it.
    ///
    /// # Errors
    /// Where one of the databases or the log fails.
    async fn publish(&self, program: &Program, notice: &Notice) -> Result<()> {
        self.broker.set_program(program).await?;
        self.register.set_program(program, notice).await?;
        let signed = candor_consent::sign(Typ::PROGRAM, program.clone(), &self.identity)?;
        let (epoch, at) = (program.epoch, clock::unix_secs());
        self.log(ProgramEntry { program: program.id, record: signed.hash(), epoch, at }).await?;
        Ok(())
    }
}

/// Makes a vault in `dir` for the program that `program` describes, and its first operator in `DIR/operator`.
///
/// # Errors
/// Where the folder is in use, the program file is not understood, or something cannot be written.
pub(crate) fn init(dir: &Path, program: &Path, passphrase: &str) -> Result<Program> {
    let (config, notice) = ProgramConfig::read(program)?;
    files::private_dir(dir)?;
    if dir.join("identity.key").exists() {
        bail!("`{}` already holds a vault; choose another folder", dir.display());
    }
    if !dir.join("vault.toml").exists() {
        files::write_private(&dir.join("vault.toml"), VaultConfig::TEMPLATE.as_bytes())?;
    }
    Authority::create(dir)?;
    FileCustody::create(&dir.join(CUSTODY), passphrase, Cost::DEFAULT, &mut keys::rng())?;
    keys::write_seed(&dir.join("log.key"), Kind::Signing, &keys::random())?;
    // Last of the files: where there is one, there is a vault.
    keys::write_seed(&dir.join("identity.key"), Kind::Signing, &keys::random())?;
    keys::write_seed(&dir.join("provenance.key"), Kind::Opening, &keys::random())?;
    runtime()?.block_on(found(dir, &config, &notice, passphrase))
}

/// Fills the databases of a new vault.
async fn found(dir: &Path, config: &ProgramConfig, notice: &Notice, passphrase: &str) -> Result<Program> {
    let vault = Vault::open(dir, passphrase).await?;
    let program = Program {
        id: ProgramId::from_bytes(keys::random()),
        name: config.name.clone(),
        controller: config.controller.clone(),
        notice: notice.to_ref(),
        vault: vault.vault_identity(),
        purposes: config.purposes(),
        allow_import: config.allow_import,
        applications: config.applications.clone(),
        text: config.text(),
        private_applications: config.private_applications.clone(),
        private_origins: config.private_origins.clone(),
        min_people: config.min_people,
        hold_back_secs: config.hold_back_secs,
        epoch: 1,
        state: RunState::Run,
    };
    vault.publish(&program, notice).await?;
    enrol_operator(&vault, dir).await?;
    vault.close().await;
    Ok(program)
}

/// Whoever can write the vault's folder is its operator; this gives them a certificate, so that every request has one.
async fn enrol_operator(vault: &Vault, dir: &Path) -> Result<()> {
    let token = keys::random();
    let expires_at = clock::unix_secs() + 60;
    vault.register.invite(Invitation::token_hash(&token), Role::Operator, expires_at).await?;
    let home = dir.join("operator");
    let request = enrol::prepare(&home, &token)?;
    let enrolled = routes::enrol::admit(vault, request).await?.context("the operator could not enrol")?;
    let ca = files::read_private_text(&dir.join("ca.pem"))?;
    enrol::finish(&home, "https://127.0.0.1:0", vault.authority.pin(), &ca, enrolled)?;
    Ok(())
}

/// A vault that serves, until it is stopped or dropped.
pub(crate) struct Running {
    /// How members reach it.
    pub(crate) url: String,
    dir: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<tokio::task::JoinHandle<Result<()>>>,
    runtime: Runtime,
}

impl Running {
    /// Serves until the process is told to stop (Ctrl-C or SIGTERM).
    ///
    /// # Errors
    /// Where the server failed.
    pub(crate) fn serve_until_told(mut self) -> Result<()> {
        self.runtime.block_on(told_to_stop())?;
        self.end()
    }

    /// Stops: requests under way are finished first.
    ///
    /// # Errors
    /// Where the server had failed before.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.end()
    }

    /// The home of the first operator, at this vault's address.
    ///
    /// # Errors
    /// As [`operator`].
    pub(crate) fn operator(&self) -> Result<Home> {
        operator(&self.dir)
    }

    fn end(&mut self) -> Result<()> {
        // A receiver that is gone is a server that ended by itself; its result is below.
        let _ = self.stop.take().map(|stop| stop.send(()));
        match self.serving.take() {
            Some(serving) => self.runtime.block_on(serving)?,
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!("the vault did not stop in order: {error:#}");
        }
    }
}

/// Starts the vault in `dir`; `listen` overrules its configuration.
///
/// # Errors
/// Where the vault is damaged, the passphrase wrong, the address taken, or another process serves it.
pub(crate) fn start(dir: &Path, listen: Option<SocketAddr>, passphrase: &str) -> Result<Running> {
    let runtime = runtime()?;
    let (stop, stopped) = oneshot::channel();
    let (url, serving) = runtime.block_on(async {
        let vault = Arc::new(Vault::open(dir, passphrase).await?);
        let address = listen.unwrap_or(vault.config.listen);
        let listener = TlsListener::bind(address, &vault.authority, &vault.config.names)
            .await
            .with_context(|| format!("cannot listen on `{address}`"))?;
        let addr = axum::serve::Listener::local_addr(&listener)?;
        let url = match vault.config.names.first() {
            Some(name) => format!("https://{name}:{}", addr.port()),
            None => format!("https://{addr}"),
        };
        files::write_private(&dir.join("address"), url.as_bytes())?;
        let serving = tokio::spawn(serve(listener, vault, stopped));
        anyhow::Ok((url, serving))
    })?;
    Ok(Running { url, dir: dir.to_owned(), stop: Some(stop), serving: Some(serving), runtime })
}

async fn serve(listener: TlsListener, vault: Arc<Vault>, stopped: oneshot::Receiver<()>) -> Result<()> {
    let service = gateway::router(Arc::clone(&vault)).into_make_service_with_connect_info::<Peer>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async {
            // A sender that is gone says stop as well.
            let _ = stopped.await;
        })
        .await?;
    vault.close().await;
    Ok(())
}

async fn told_to_stop() -> Result<()> {
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = term.recv() => {}
    }
    Ok(())
}

fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().context("cannot start threads")
}

/// The home of a vault's first operator, at the address where the vault serves now.
///
/// # Errors
/// Where `dir` is no vault, or it does not serve.
pub(crate) fn operator(dir: &Path) -> Result<Home> {
    let address = dir.join("address");
    if !address.exists() {
        bail!("the vault in `{}` does not run; start it with `candor serve --dir {0}`", dir.display());
    }
    Ok(Home::open(&dir.join("operator"))?.at(files::read_private_text(&address)?.to_string()))
}

/// Makes an invitation, as the operator whose home is `operator`.
///
/// # Errors
/// Where the vault is not reached or refuses.
pub(crate) fn invite(operator: &Home, role: Role) -> Result<(Invitation, Invited)> {
    let token = keys::random();
    let request = InviteRequest { role, token_hash: Invitation::token_hash(&token) };
    let invited = operator.client()?.post("/v1/invitations", &request)?;
    let member = operator.member();
    Ok((Invitation { url: member.url.clone(), pin: member.pin, token }, invited))
}

/// Pauses or resumes the program, as the operator whose home is `operator`; returns the new epoch.
///
/// # Errors
/// Where the vault is not reached or refuses.
pub(crate) fn set_state(operator: &Home, state: RunState) -> Result<u64> {
    use routes::program::{StateChange, StateNow};
    let now: StateNow = operator.client()?.post("/v1/state", &StateChange { state })?;
    if now.state != state {
        bail!("the vault did not change its state; try again");
    }
    Ok(now.epoch)
}
