//! The builder's side: ask for keys, and with a grant build a dataset or open one.
//!
//! The key pair of a request is made for it alone and kept in the builder's folder until it is used. Keys that were
//! released, and what they open, are in memory only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::{Signed, sign};
use candor_dataset::manifest::{Manifest, file_key_name};
use candor_dataset::pseudonym::DatasetSecret;
use candor_dataset::sink::{Folder, MANIFEST};
use candor_dataset::{Built, Order, ParticipantInput, Progress, SessionInput, Spec, build, seal_provenance};
use candor_model::header::SessionContext;
use candor_model::{
    DatasetId, FileRef, Hash, OpeningKey, ParticipantId, Purpose, ReleaseRequest, SegmentRef, Selection, SessionId, Typ,
};
use candor_seal::{Dek, Identity, Opened, Recipient, Rewrapped, SealedSegment, Wrap, open, open_rewrapped};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::agent::Home;
use crate::agent::client::Client;
use crate::wire::{
    DatasetListed, DatasetRegistered, FileRegistered, ReleaseAsked, Released, ReleasedSegment, SecretText,
    SegmentListed,
};
use crate::{clock, files, keys};

/// How long custodians have to approve a request.
const REQUEST_SECS: u64 = 7 * 86_400;

/// A request as the builder keeps it until its keys are released.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    request: String,
    selection: Selection,
    /// The seed of the request's own key pair, base64url.
    ephemeral: SecretText,
}

fn kept_path(home: &Home, request: Hash) -> PathBuf {
    home.dir().join("requests").join(format!("{request}.json"))
}

/// What is asked for, and in which words.
pub(crate) struct Ask<'a> {
    /// What for.
    pub(crate) purpose: Purpose,
    /// Which dataset is built or read.
    pub(crate) dataset: DatasetId,
    /// The hash of its specification.
    pub(crate) spec: Hash,
    /// What will run with the keys, for the custodians to read.
    pub(crate) workload: &'a str,
}

/// Signs a request for the keys of `selection`; what it returns goes to the custodians.
///
/// # Errors
/// Where nothing is selected, or the request cannot be kept.
pub(crate) fn ask(home: &Home, ask: &Ask<'_>, selection: Selection) -> Result<Signed<ReleaseRequest>> {
    if selection.is_empty() {
        bail!("there is nothing to ask for: the specification selects no segment the vault has");
    }
    let ephemeral = Identity::generate(&mut keys::rng());
    let at = clock::unix_secs();
    let request = ReleaseRequest {
        program: home.member().program,
        builder: home.principal()?,
        workload: ask.workload.to_owned(),
        purpose: ask.purpose,
        dataset: ask.dataset,
        spec: ask.spec,
        selection: selection.commitment(),
        ephemeral: OpeningKey::try_from(ephemeral.recipient()?.to_bytes().as_slice())?,
        at,
        expires: at + REQUEST_SECS,
    };
    let request = sign(Typ::REQUEST, request, &home.signing_key()?)?;
    let kept = Kept {
        request: request.compact().to_owned(),
        selection,
        ephemeral: SecretText(URL_SAFE_NO_PAD.encode(ephemeral.seed().as_slice())),
    };
    files::private_dir(&home.dir().join("requests"))?;
    let json = Zeroizing::new(serde_json::to_vec(&kept)?);
    files::write_private(&kept_path(home, request.hash()), &json)?;
    Ok(request)
}

/// The registered datasets.
///
/// # Errors
/// Where the vault is not reached.
pub(crate) fn datasets(home: &Home) -> Result<Vec<DatasetListed>> {
    home.client()?.get("/v1/datasets")
}

/// Everything the vault has that `spec` selects.
///
/// # Errors
/// Where the vault is not reached.
pub(crate) fn select(client: &Client, spec: &Spec) -> Result<Selection> {
    let listed: Vec<SegmentListed> = client.get("/v1/segments")?;
    let wanted = |session| spec.select.sessions.as_ref().is_none_or(|only| only.contains(&session));
    let segments = listed.into_iter().filter(|one| wanted(one.session)).map(|one| SegmentRef {
        session: one.session,
        number: one.number,
        header: one.header,
    });
    Ok(Selection::new(segments.collect(), Vec::new()))
}

/// The files of a dataset in `dir`, as a selection.
///
/// # Errors
/// Where there is no dataset, or it must not be loaded any more.
pub(crate) fn select_files(dir: &Path) -> Result<(Manifest, Selection)> {
    let path = dir.join(MANIFEST);
    let manifest = Manifest::parse(&std::fs::read(&path).with_context(|| format!("read `{}`", path.display()))?)?;
    manifest.loadable(clock::unix_secs())?;
    let files = manifest.files.iter().map(|file| FileRef { dataset: manifest.dataset, file: file.key });
    let selection = Selection::new(Vec::new(), files.collect());
    Ok((manifest, selection))
}

/// Keys that a release gave, by header hash or file.
pub(crate) struct Keys {
    /// The keys.
    pub(crate) deks: BTreeMap<Hash, Dek>,
    segments: Vec<ReleasedSegment>,
    broker: Recipient,
}

/// Asks the vault for the keys of a request that the custodians approved. The request's key pair is used once and then
/// removed.
///
/// # Errors
/// Where the request is unknown here, the vault is not reached, or the policy says no, with every reason.
pub(crate) fn release(home: &Home, request: Hash) -> Result<Keys> {
    let path = kept_path(home, request);
    if !path.exists() {
        bail!("request `{request}` is not one of ours, or its keys were released before; ask again");
    }
    let kept: Kept = serde_json::from_str(&files::read_private_text(&path)?).context("a kept request")?;
    let asked = ReleaseAsked { request: kept.request, selection: kept.selection };
    let released: Released = home.client()?.post("/v1/releases", &asked)?;
    let seed = Zeroizing::new(URL_SAFE_NO_PAD.decode(&kept.ephemeral.0)?);
    let ephemeral = Identity::from_seed(seed.as_slice().try_into().context("a kept request's key")?);
    let wrap = |(hash, text): &(Hash, String)| {
        let bytes = URL_SAFE_NO_PAD.decode(text)?;
        anyhow::Ok((*hash, Wrap(bytes.as_slice().try_into().context("a wrapped key is 48 bytes")?)))
    };
    let wraps = released.wraps.iter().map(wrap).collect::<Result<_>>()?;
    let rewrapped = Rewrapped { enc: URL_SAFE_NO_PAD.decode(&released.enc)?, wraps };
    let deks = open_rewrapped(&ephemeral, released.intent, &rewrapped)?.into_iter().collect();
    std::fs::remove_file(&path).context("remove a used request")?;
    let broker = Recipient::from_bytes(released.provenance_key.as_bytes())?;
    Ok(Keys { deks, segments: released.segments, broker })
}

/// What a dataset build came to.
pub(crate) struct Done {
    /// What was built.
    pub(crate) built: Built,
    /// Segments fetched and opened.
    pub(crate) segments: usize,
}

/// Builds the next version of `spec`'s dataset from released keys into `out`, and registers it with the vault.
///
/// # Errors
/// Where a segment is not what was released, fewer people than the specification's minimum are in it, or the vault
/// refuses the registration; `out` does not exist then.
pub(crate) fn build_dataset(
    home: &Home,
    spec: &Spec,
    keys: &Keys,
    out: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Done> {
    let client = home.client()?;
    let listed = datasets(home)?;
    let versions = listed.iter().filter(|one| one.dataset == spec.dataset).map(|one| one.version);
    let version = versions.max().unwrap_or(0) + 1;
    let secret = secret(home, spec.dataset)?;
    let fetched = fetch(&client, keys)?;
    let file_keys: BTreeMap<ParticipantId, Dek> =
        fetched.keys().map(|participant| (*participant, Dek::generate(&mut keys::rng()))).collect();
    let mut inputs = Vec::new();
    for (participant, sessions) in &fetched {
        let sessions = sessions.values().map(|session| session.input(&keys.deks)).collect();
        let file_key = file_keys.get(participant).context("a key for each participant")?.clone();
        inputs.push(ParticipantInput { participant: *participant, file_key, sessions });
    }
    let order = Order { spec, version, secret: &secret };
    let mut sink = Folder::create(out).with_context(|| format!("make the folder `{}`", out.display()))?;
    let built = build(order, inputs, &mut sink, &mut keys::rng(), progress)?;
    drop(sink);
    if let Err(error) = register(&client, &built, &file_keys, &secret, &keys.broker) {
        // Without its keys at the broker the dataset opens for nobody; it must not look as if it did.
        std::fs::remove_dir_all(out).with_context(|| format!("remove `{}`", out.display()))?;
        return Err(error);
    }
    Ok(Done { built, segments: keys.segments.len() })
}

/// The dataset's secret, made at its first build: pseudonyms and splits are its PRF, so a rebuild repeats them.
fn secret(home: &Home, dataset: DatasetId) -> Result<DatasetSecret> {
    let dir = home.dir().join("datasets");
    files::private_dir(&dir)?;
    let path = dir.join(format!("{dataset}.key"));
    if !path.exists() {
        keys::write_seed(&path, keys::Kind::Dataset, &DatasetSecret::generate(&mut keys::rng()).expose())?;
    }
    Ok(DatasetSecret::from_bytes(*keys::read_seed(&path, keys::Kind::Dataset)?))
}

/// One session's sealed segments, by number.
struct Fetched {
    context: SessionContext,
    expires: u64,
    segments: BTreeMap<u32, SealedSegment>,
}

impl Fetched {
    fn input<'a>(&'a self, deks: &'a BTreeMap<Hash, Dek>) -> SessionInput<'a> {
        let opened = self.segments.values().map(move |segment| -> Result<Opened, candor_seal::OpenError> {
            let header = segment.header().hash();
            let foreign = candor_seal::OpenError::ForeignKey { number: segment.header().number };
            open(segment, deks.get(&header).ok_or(foreign)?)
        });
        SessionInput { context: self.context.clone(), expires: self.expires, segments: Box::new(opened) }
    }
}

type BySession = BTreeMap<SessionId, Fetched>;

fn fetch(client: &Client, keys: &Keys) -> Result<BTreeMap<ParticipantId, BySession>> {
    let mut people: BTreeMap<ParticipantId, BySession> = BTreeMap::new();
    for one in &keys.segments {
        let bytes = client.get_bytes(&format!("/v1/objects/{}", one.object))?;
        let device = VerifyingKey::from_bytes(one.device_key.as_bytes()).context("the device's key")?;
        let segment = SealedSegment::parse(bytes, &device)?;
        let header = segment.header();
        if header.hash() != one.header {
            bail!("the vault sent another segment than the one released; ask its operator");
        }
        let context = header.context.clone();
        let number = header.number;
        let session = people
            .entry(context.participant)
            .or_default()
            .entry(context.session)
            .or_insert_with(|| Fetched { context, expires: one.expires, segments: BTreeMap::new() });
        session.expires = session.expires.min(one.expires);
        session.segments.insert(number, segment);
    }
    Ok(people)
}

fn register(
    client: &Client,
    built: &Built,
    file_keys: &BTreeMap<ParticipantId, Dek>,
    secret: &DatasetSecret,
    broker: &Recipient,
) -> Result<()> {
    let manifest = &built.manifest;
    let mut files = Vec::new();
    for (participant, sources) in &built.lineage.sources {
        let key = file_keys.get(participant).context("a key for each participant")?;
        files.push(FileRegistered {
            file: file_key_name(manifest.dataset, manifest.version, secret.pseudonym(*participant)),
            key: SecretText(URL_SAFE_NO_PAD.encode(key.expose().as_slice())),
            sources: sources.iter().copied().collect(),
        });
    }
    let provenance = seal_provenance(broker, &built.provenance, &mut keys::rng())?;
    let registered = DatasetRegistered {
        dataset: manifest.dataset,
        version: manifest.version,
        manifest: Hash::of(&manifest.to_json()),
        purpose: manifest.purpose,
        provenance: URL_SAFE_NO_PAD.encode(provenance),
        expires_at: manifest.expires,
        files,
    };
    let _: serde_json::Value = client.post("/v1/datasets", &registered)?;
    Ok(())
}
