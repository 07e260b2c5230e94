//! A vault in this process, over real TLS.

mod attacks;
#[cfg(feature = "device")]
mod forgetting;

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_capture::import::Options;
use candor_consent::{Signed, sign};
use candor_model::consent::Choice;
use candor_model::grant::Decision;
use candor_model::program::RunState;
use candor_model::{
    Approval, ConsentId, CustodianRole, DatasetId, Hash, OpeningKey, Program, Purpose, Purposes, ReleaseRequest,
    SegmentRef, Selection, SessionId, Typ,
};
use candor_seal::{Dek, Identity, Rewrapped, SealedSegment, Wrap, open, open_rewrapped};
use candor_store::Spool;

use super::{Access, Action};
use crate::agent::client::{Client, Refused};
use crate::agent::uploader::Patience;
use crate::agent::{Home, consent, enrol, erase, import, lease, own, uploader};
use crate::invitation::Role;
use crate::vault::{Running, init, invite, set_state, start};
use crate::wire::{
    DatasetListed, DatasetRegistered, FileRegistered, ReleaseAsked, Released, SecretText, SegmentListed, SignedRecord,
};
use crate::{clock, keys};

const PASSPHRASE: &str = "correct horse battery staple";

struct World {
    dir: tempfile::TempDir,
    running: Running,
}

impl World {
    fn new() -> Self {
        Self::with("")
    }

    /// A world whose vault has this configuration.
    fn with(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let program = r#"
            name = "Trial"
            purposes = ["train-computer-use"]
            allow_import = true
            applications = ["desk"]
            min_people = 1
            hold_back_secs = 0
            controller = { name = "Example", contact = "privacy@example.org" }
            notice = { file = "notice.txt", version = 1, language = "en" }
        "#;
        std::fs::write(dir.path().join("program.toml"), program).unwrap();
        std::fs::write(dir.path().join("notice.txt"), "We record keys as shapes.").unwrap();
        crate::files::private_dir(&dir.path().join("vault")).unwrap();
        std::fs::write(dir.path().join("vault/vault.toml"), config).unwrap();
        init(&dir.path().join("vault"), &dir.path().join("program.toml"), PASSPHRASE).unwrap();
        let running = start(&dir.path().join("vault"), Some(([127, 0, 0, 1], 0).into()), PASSPHRASE).unwrap();
        Self { dir, running }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn enrol(&self, role: Role, name: &str) -> Home {
        let (invitation, _) = invite(&self.running.operator().unwrap(), role).unwrap();
        enrol::enrol(&invitation, &self.path(name)).unwrap()
    }

    /// A participant with consent and one imported session of a few segments' worth of events.
    fn participant(&self, name: &str) -> (Home, Spool) {
        let home = self.enrol(Role::Participant, name);
        consent::give(&home, agrees).unwrap();
        let spool = home.spool().unwrap();
        record(&home, &spool);
        (home, spool)
    }

    fn restart(self) -> Self {
        let Self { dir, running } = self;
        let addr = running.url.trim_start_matches("https://").parse().unwrap();
        running.stop().unwrap();
        let running = start(&dir.path().join("vault"), Some(addr), PASSPHRASE).unwrap();
        Self { dir, running }
    }
}

fn agrees(program: &Program) -> Choice {
    let now = clock::unix_secs();
    Choice {
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        applications: vec!["desk".to_owned()],
        import: true,
        ..Choice::nothing(ConsentId::from_bytes(keys::random()), program, now, now + 3600)
    }
}

fn record(home: &Home, spool: &Spool) -> SessionId {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/recordings/ada.events.jsonl");
    let live = consent::live(home).unwrap();
    let options = Options::default();
    import::import(home, spool, &live, &file, "desk", options, |_| {}).unwrap().session
}

fn upload(home: &Home, spool: &Spool) -> uploader::Uploaded {
    uploader::run(home, spool, Patience::Once, &mut |_| {}).unwrap()
}

/// A builder, as bare as the interface allows.
struct Builder(Home);

struct Request {
    signed: Signed<ReleaseRequest>,
    selection: Selection,
    ephemeral: Identity,
}

impl Builder {
    fn segments(&self) -> Vec<SegmentListed> {
        self.0.client().unwrap().get("/v1/segments").unwrap()
    }

    fn datasets(&self) -> Vec<DatasetListed> {
        self.0.client().unwrap().get("/v1/datasets").unwrap()
    }

    fn fetch(&self, object: Hash) -> anyhow::Result<Vec<u8>> {
        self.0.client().unwrap().get_bytes(&format!("/v1/objects/{object}"))
    }

    fn request(&self, listed: &[SegmentListed]) -> Request {
        let at = |one: &SegmentListed| SegmentRef { session: one.session, number: one.number, header: one.header };
        let selection = Selection::new(listed.iter().map(at).collect(), Vec::new());
        let ephemeral = Identity::generate(&mut keys::rng());
        let now = clock::unix_secs();
        let request = ReleaseRequest {
            program: self.0.member().program,
            builder: self.0.principal().unwrap(),
            workload: "count the steps".to_owned(),
            purpose: Purpose::TrainComputerUse,
            dataset: DatasetId::from_bytes([7; 16]),
            spec: Hash([8; 32]),
            selection: selection.commitment(),
            ephemeral: OpeningKey::try_from(ephemeral.recipient().unwrap().to_bytes().as_slice()).unwrap(),
            at: now,
            expires: now + 600,
        };
        Request { signed: sign(Typ::REQUEST, request, &self.0.signing_key().unwrap()).unwrap(), selection, ephemeral }
    }

    fn release(&self, request: &Request) -> anyhow::Result<(u64, Vec<(Hash, Dek)>)> {
        let asked = ReleaseAsked { request: request.signed.compact().to_owned(), selection: request.selection.clone() };
        let released: Released = self.0.client()?.post("/v1/releases", &asked)?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let wraps = released.wraps.iter().map(|(hash, wrap)| (*hash, Wrap(bytes(wrap).try_into().unwrap())));
        let keys = Rewrapped { enc: bytes(&released.enc), wraps: wraps.collect() };
        Ok((released.counter, open_rewrapped(&request.ephemeral, released.intent, &keys)?))
    }

    fn register(&self, version: u32, file: &(Hash, Dek, Vec<Hash>)) -> anyhow::Result<()> {
        let (name, key, sources) = file;
        let key = SecretText(URL_SAFE_NO_PAD.encode(key.expose().as_slice()));
        let row = DatasetRegistered {
            dataset: DatasetId::from_bytes([7; 16]),
            version,
            manifest: Hash([9; 32]),
            provenance: String::new(),
            purpose: Purpose::TrainComputerUse,
            expires_at: clock::unix_secs() + 600,
            files: vec![FileRegistered { file: *name, key, sources: sources.clone() }],
        };
        self.0.client()?.post::<serde_json::Value>("/v1/datasets", &row).map(drop)
    }
}

fn approve(custodian: &Home, request: &Request) {
    let Role::Custodian(role) = custodian.member().role else { panic!("no custodian") };
    let now = clock::unix_secs();
    let approval = Approval {
        request: request.signed.hash(),
        custodian: custodian.principal().unwrap(),
        role,
        decision: Decision::Yes,
        at: now,
        expires: now + 600,
    };
    let signed = sign(Typ::APPROVAL, approval, &custodian.signing_key().unwrap()).unwrap();
    let body = SignedRecord { record: signed.compact().to_owned() };
    custodian.client().unwrap().post::<serde_json::Value>("/v1/approvals", &body).unwrap();
}

#[track_caller]
fn status<T: std::fmt::Debug>(result: anyhow::Result<T>) -> u16 {
    result.unwrap_err().downcast_ref::<Refused>().expect("refused by the vault").status
}

#[test]
fn a_segment_goes_from_the_device_to_the_builder_and_away() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    let uploaded = upload(&home, &spool);
    assert!(uploaded.sent > 0 && uploaded.refused.is_empty(), "{uploaded:?}");
    assert_eq!(upload(&home, &spool).sent, 0, "nothing is sent twice");

    let ml = Builder(world.enrol(Role::Builder, "ml"));
    let listed = ml.segments();
    assert_eq!(listed.len() as u64, uploaded.sent);
    assert_eq!(status(ml.fetch(listed[0].object)), 404, "ciphertext needs a grant too");
    let request = ml.request(&listed);
    assert_eq!(status(ml.release(&request)), 403, "nobody approved");
    for role in [CustodianRole::Security, CustodianRole::Participants] {
        let custodian = world.enrol(Role::Custodian(role), role.as_str());
        assert_eq!(status(ml.release(&request)), 403, "one custodian is not enough");
        approve(&custodian, &request);
    }
    let (counter, deks) = ml.release(&request).unwrap();
    assert_eq!((counter, deks.len()), (1, listed.len()));
    let mut reader = own::Reader::new(&home).unwrap();
    let device = home.device_key().unwrap().verifying_key();
    for (one, (header, dek)) in listed.iter().zip(&deks) {
        assert_eq!(one.header, *header);
        let segment = SealedSegment::parse(ml.fetch(one.object).unwrap(), &device).unwrap();
        let schema = candor_model::header::Schema::Events;
        let id = candor_store::SegmentId { session: one.session, schema, number: one.number };
        let own::Content::Events(mine) = reader.open(&spool, id).unwrap() else { panic!("events") };
        assert_eq!(open(&segment, dek).unwrap().events, mine);
    }

    let file = (Hash([1; 32]), Dek::generate(&mut keys::rng()), listed.iter().map(|one| one.header).collect());
    ml.register(0, &file).unwrap();
    assert_eq!(ml.datasets().iter().map(|one| (one.version, one.tainted)).collect::<Vec<_>>(), [(0, false)]);

    erase::erase(&home, &spool, &erase::Plan::everything(&spool)).unwrap();
    let receipts = erase::deliver(&home, &home.client().unwrap()).unwrap();
    assert_eq!((receipts[0].payload().segments, receipts[0].payload().files), (uploaded.sent, 1));
    assert!(ml.datasets()[0].tainted);
    assert!(ml.segments().is_empty() && spool.segments().is_empty());
    assert_eq!(status(ml.fetch(listed[0].object)), 404);
    assert_eq!(status(ml.release(&request)), 403);
    assert_eq!(status(ml.register(1, &file)), 409, "its sources are gone");

    let log = world.path("vault/log");
    let key = home.program().unwrap().1.log_key;
    let report = candor_store::log::verify(&log, &key, None).unwrap();
    let count = |word: &str| report.kinds.iter().find(|(kind, _)| kind.as_str() == word).map_or(0, |(_, count)| *count);
    assert_eq!((count("intent"), count("release"), count("approval"), count("erase")), (1, 1, 2, 1));
    assert_eq!(count("ingest"), uploaded.sent);
}

#[test]
fn everything_is_still_there_after_a_restart() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    let sent = upload(&home, &spool).sent;
    let world = world.restart();
    let ml = Builder(world.enrol(Role::Builder, "ml"));
    assert_eq!(ml.segments().len() as u64, sent);
    record(&home, &spool);
    assert!(upload(&home, &spool).sent > 0);
}

#[test]
fn an_intent_that_came_to_nothing_is_counted_at_the_next_start() {
    let World { dir, running } = World::new();
    running.stop().unwrap();
    let path = dir.path().join("vault");
    let hash = Hash([1; 32]);
    let intent = candor_model::Intent {
        request: hash,
        grant: candor_model::GrantId::from_bytes([1; 16]),
        builder: candor_model::PrincipalId::from_bytes([2; 16]),
        purpose: Purpose::TrainComputerUse,
        dataset: DatasetId::from_bytes([7; 16]),
        selection: hash,
        segments: 1,
        files: 0,
        ephemeral: hash,
        policy: hash,
        approvals: Vec::new(),
        consents: Vec::new(),
        counter: 1,
        at: clock::unix_secs(),
    };
    let runtime = crate::vault::runtime().unwrap();
    runtime.block_on(async {
        let vault = crate::vault::Vault::open(&path, PASSPHRASE).await.unwrap();
        vault.log(intent).await.unwrap();
        assert_eq!(vault.broker.counter().await.0, 0);
        vault.close().await;
    });
    drop(runtime);
    let addr = ([127, 0, 0, 1], 0).into();
    start(&path, Some(addr), PASSPHRASE).unwrap().stop().unwrap();
    let counter = std::fs::read_to_string(path.join("counter.json")).unwrap();
    let counter: serde_json::Value = serde_json::from_str(&counter).unwrap();
    assert_eq!(counter["counter"], 1, "{counter}");
    let error = start(&path, Some(addr), "another passphrase").map(drop).unwrap_err();
    assert!(format!("{error:#}").contains("passphrase is wrong"), "{error:#}");
}

#[test]
fn a_pause_ends_leases_and_a_resume_gives_them_back() {
    let world = World::new();
    let home = world.enrol(Role::Participant, "ada");
    consent::give(&home, agrees).unwrap();
    let live = consent::live(&home).unwrap();
    let client = home.client().unwrap();
    let session = SessionId::from_bytes([3; 16]);
    let lease = lease::ask(&home, &client, &live, session).unwrap();
    assert!((1..=60_000).contains(&lease.remaining_ms(clock::boottime_ms())));
    let operator = world.running.operator().unwrap();
    set_state(&operator, RunState::Paused).unwrap();
    let refusal = lease::ask(&home, &client, &live, session).unwrap_err();
    assert!(matches!(refusal.downcast_ref(), Some(candor_consent::LeaseRefusal::Paused)), "{refusal}");
    set_state(&operator, RunState::Run).unwrap();
    drop(lease::ask(&home, &client, &live, session).unwrap());
}

#[test]
fn lease_secs_is_how_long_a_lease_lasts() {
    let world = World::with("lease_secs = 7");
    let home = world.enrol(Role::Participant, "ada");
    consent::give(&home, agrees).unwrap();
    let live = consent::live(&home).unwrap();
    let lease = lease::ask(&home, &home.client().unwrap(), &live, SessionId::from_bytes([3; 16])).unwrap();
    let left = lease.remaining_ms(clock::boottime_ms());
    assert!((5_000..=7_000).contains(&left), "{left}");
}

#[test]
fn objects_is_where_objects_lie() {
    let world = World::with("objects = \"elsewhere\"");
    let (home, spool) = world.participant("ada");
    upload(&home, &spool);
    assert!(std::fs::read_dir(world.path("vault/elsewhere")).unwrap().next().is_some());
    assert!(!world.path("vault/objects").exists());
}

/// Whoever has no certificate can read the log and nothing else; a body beyond its route's limit is not read.
#[test]
fn the_log_is_public_and_bodies_are_bounded() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    upload(&home, &spool);
    let ca = std::fs::read_to_string(world.path("vault/ca.pem")).unwrap();
    let nobody = Client::new(&world.running.url, &ca, None).unwrap();
    let checkpoint = String::from_utf8(nobody.get_bytes("/log/checkpoint").unwrap()).unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    assert!(size > 2, "{checkpoint}");
    assert!(!nobody.get_bytes(&format!("/log/tile/entries/000.p/{size}")).unwrap().is_empty());
    for path in ["/log/tile/../checkpoint", "/log/tile/%2e%2e/checkpoint", "/log/tile/0//000", "/log/tile/x"] {
        assert_eq!(status(nobody.get_bytes(path)), 404, "{path}");
    }
    let long = vec![b' '; crate::wire::JSON_BYTES_MAX + 1];
    let post = |body: &[u8]| home.client().unwrap().post::<serde_json::Value>("/v1/consents", &body);
    // The answer comes before the body was read, and the connection ends: a client that is still sending may see the
    // second before the first.
    let answered = (0..20).map(|_| post(&long)).find(|result| matches!(result, Err(e) if e.is::<Refused>()));
    assert_eq!((answered.map(status), status(post(b"x"))), (Some(413), 400));
}

#[test]
fn a_wrap_that_does_not_open_is_refused_and_nothing_is_stored() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    let session = spool.sessions()[0];
    let now = candor_store::Now::read().unwrap();
    let upload = spool.next_upload(session, &now).unwrap().unwrap();
    let candor_store::spool::UploadItem::Segment { segment, vault } = upload.item else { panic!("a segment") };
    let client = home.client().unwrap();
    for one in spool.encapsulations(session).unwrap() {
        if one.role == candor_seal::RecipientRole::Vault {
            let path = format!("/v1/sessions/{session}/encapsulations/{}", one.number);
            client.put::<serde_json::Value>(&path, &[], &one.enc).unwrap();
            assert_eq!(status(client.put::<serde_json::Value>(&path, &[], &[0; 1120])), 409, "another one");
        }
    }
    let link = candor_seal::Link::Segment(segment.header().hash());
    let device = home.device_key().unwrap();
    let (record, _) = candor_seal::ChainRecord::append(upload.previous, 0, link, &device);
    let mut wrap = vault.0;
    wrap[3] ^= 1;
    let put = |wrap: &[u8], record: &candor_seal::ChainRecord| {
        let headers =
            [("candor-wrap", URL_SAFE_NO_PAD.encode(wrap)), ("candor-chain", URL_SAFE_NO_PAD.encode(record.encode()))];
        client.put::<serde_json::Value>(
            &format!("/v1/segments/{}", segment.object_hash()),
            &headers,
            segment.as_bytes(),
        )
    };
    assert_eq!(status(put(&wrap, &record)), 400);
    let (skipped, _) = candor_seal::ChainRecord::append(Hash([5; 32]), 0, link, &device);
    assert_eq!(status(put(&vault.0, &skipped)), 400, "a chain that does not continue");
    assert!(std::fs::read_dir(world.path("vault/objects")).unwrap().next().is_none());
    put(&vault.0, &record).unwrap();
    assert_eq!(put(&vault.0, &record).unwrap()["again"], true);
}

#[test]
fn after_a_withdrawal_nothing_is_leased_uploaded_or_released() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    upload(&home, &spool);
    let live = consent::live(&home).unwrap();
    record(&home, &spool);
    consent::withdraw(&home, candor_model::consent::Erase::Nothing).unwrap();
    assert!(consent::live(&home).is_err(), "the device needs no vault to know");
    let client = home.client().unwrap();
    drop(lease::ask(&home, &client, &live, SessionId::from_bytes([3; 16])).unwrap());
    consent::deliver(&home, &client).unwrap();
    assert_eq!(status(lease::ask(&home, &client, &live, SessionId::from_bytes([3; 16]))), 403);
    let refused = upload(&home, &spool);
    assert!(refused.sent == 0 && refused.refused[0].1.contains("withdrawn"), "{refused:?}");
    assert!(!spool.segments().is_empty(), "what the vault refuses stays");
    consent::give(&home, agrees).unwrap();
    assert!(consent::live(&home).is_ok(), "a new consent is a new decision");
}

#[test]
fn a_segment_erased_while_its_upload_hangs_is_erased_in_the_vault() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    // The vault takes the first segment, and the device never hears of it.
    let copy = world.path("copy");
    copy_dir(&world.path("ada/spool"), &copy);
    upload(&home, &spool);
    drop(spool);
    std::fs::remove_dir_all(world.path("ada/spool")).unwrap();
    std::fs::rename(&copy, world.path("ada/spool")).unwrap();
    let spool = home.spool().unwrap();
    erase::erase(&home, &spool, &erase::Plan::everything(&spool)).unwrap();
    let done = upload(&home, &spool);
    assert!(done.refused.is_empty(), "{done:?}");
    erase::deliver(&home, &home.client().unwrap()).unwrap();
    let ml = Builder(world.enrol(Role::Builder, "ml"));
    assert!(ml.segments().is_empty());
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_dir(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// Every route with every role, and with no certificate at all. What is not in the table is refused.
#[test]
fn each_route_is_open_to_its_roles_and_to_nobody_else() {
    let world = World::new();
    let member = |role: Role| world.enrol(role, &role.as_str().replace(':', "-")).client().unwrap();
    let clients: Vec<(Role, Client)> = Role::ALL.into_iter().map(|role| (role, member(role))).collect();
    let ca = std::fs::read_to_string(world.path("vault/ca.pem")).unwrap();
    let nobody = Client::new(&world.running.url, &ca, None).unwrap();
    for action in Action::ALL {
        let code = |client: &Client| {
            let path = &action.example();
            let answer = match action.method() {
                "GET" => client.get_bytes(path).map(drop),
                "PUT" => client.put::<serde_json::Value>(path, &[], b"x").map(drop),
                _ => client.post::<serde_json::Value>(path, &"x").map(drop),
            };
            answer.err().map_or(200, |error| error.downcast_ref::<Refused>().map_or(0, |refused| refused.status))
        };
        let turned_away = |client: &Client| matches!(code(client), 401 | 403);
        match action.access() {
            // A made-up invitation is refused with 400 or 403 by enrolment itself, so only the code 401 counts here.
            Access::Public => assert_ne!(code(&nobody), 401, "{action:?}"),
            Access::Roles(allowed) => {
                assert_eq!(code(&nobody), 401, "{action:?}");
                for (role, client) in &clients {
                    assert_eq!(turned_away(client), !allowed.contains(role), "{action:?} as {role}");
                }
            }
        }
    }
}

/// The table itself, written once more by hand: a change of the gateway's table has to be made here too.
#[test]
fn the_table_of_roles_is_the_intended_one() {
    use Role::{Agent, Auditor, Builder, Custodian, Operator, Participant};
    for action in Action::ALL {
        let wanted: &[Role] = match action {
            Action::Enrol | Action::Checkpoint | Action::Tile => {
                assert_eq!(action.access(), Access::Public);
                continue;
            }
            Action::Program => &Role::ALL,
            Action::Invite | Action::SetState => &[Operator],
            Action::Consent | Action::Withdraw | Action::Lease | Action::Erase => &[Participant],
            Action::Encapsulation | Action::Segment | Action::Tombstone => &[Participant],
            Action::Approve => &CustodianRole::ALL.map(Custodian),
            Action::Segments | Action::Release | Action::RegisterDataset | Action::Datasets => &[Builder, Agent],
            Action::Object => &[Participant, Builder, Agent],
        };
        let Access::Roles(allowed) = action.access() else { panic!("{action:?} is public") };
        for role in Role::ALL {
            assert_eq!(allowed.contains(&role), wanted.contains(&role), "{action:?} for {role}");
        }
        assert!(!allowed.contains(&Auditor) || *action == Action::Program);
    }
}

#[test]
fn another_participants_objects_and_sessions_are_out_of_reach() {
    let world = World::new();
    let (ada, spool) = world.participant("ada");
    upload(&ada, &spool);
    let ml = Builder(world.enrol(Role::Builder, "ml"));
    let one = ml.segments().remove(0);
    let ben = world.enrol(Role::Participant, "ben");
    let path = format!("/v1/objects/{}", one.object);
    assert!(ada.client().unwrap().get_bytes(&path).is_ok());
    assert_eq!(status(ben.client().unwrap().get_bytes(&path)), 404);
    let object = ada.client().unwrap().get_bytes(&path).unwrap();
    let put = |home: &Home, body: &[u8]| {
        let path = format!("/v1/segments/{}", Hash::of(body));
        home.client().unwrap().put::<serde_json::Value>(&path, &[("candor-wrap", String::new())], body)
    };
    assert_eq!(status(put(&ben, &object)), 400, "another device's signature");
    let mut flipped = object.clone();
    flipped[40] ^= 1;
    assert_eq!(status(put(&ada, &flipped)), 400);
}
