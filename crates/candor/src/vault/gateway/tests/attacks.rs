//! What a hostile or unlucky member tries, and what must not come of it.

use std::fs;

use super::*;

/// How many files lie in the vault's object store.
fn objects(world: &World) -> usize {
    files_below(&world.path("vault/objects"))
}

fn files_below(dir: &Path) -> usize {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    entries.map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { 1 }).sum()
}

#[test]
fn an_old_spool_put_back_after_an_erasure_brings_nothing_back() {
    for what in [None, Some(())] {
        let world = World::new();
        let (home, spool) = world.participant("ada");
        upload(&home, &spool);
        // A second session that the vault never saw, and a backup of the device with both.
        let second = record(&home, &spool);
        drop(spool);
        copy_dir(&world.path("ada/spool"), &world.path("backup"));
        let spool = home.spool().unwrap();
        let plan = match what {
            None => erase::Plan::everything(&spool),
            Some(()) => erase::Plan::session(&spool, second),
        };
        erase::erase(&home, &spool, &plan).unwrap();
        erase::deliver(&home, &home.client().unwrap()).unwrap();
        let left = objects(&world);
        drop(spool);
        fs::remove_dir_all(world.path("ada/spool")).unwrap();
        fs::rename(world.path("backup"), world.path("ada/spool")).unwrap();
        let again = upload(&home, &home.spool().unwrap());
        assert_eq!(again.sent, 0, "{:?}: {again:?}", plan.what);
        assert_eq!(again.refused.len(), 1, "one session is refused, and holds up no other: {again:?}");
        assert_eq!(objects(&world), left, "{:?}: no object comes back", plan.what);
    }
}

#[test]
fn what_is_recorded_after_an_erasure_is_sealed_for_the_key_that_the_vault_made_then() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    upload(&home, &spool);
    erase::erase(&home, &spool, &erase::Plan::everything(&spool)).unwrap();
    erase::deliver(&home, &home.client().unwrap()).unwrap();
    record(&home, &spool);
    let done = upload(&home, &spool);
    assert!(done.sent > 0 && done.refused.is_empty(), "{done:?}");
}

#[test]
fn an_erasure_that_failed_half_way_leaves_no_object_once_it_is_repeated() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    upload(&home, &spool);
    let ml = Builder(world.enrol(Role::Builder, "ml"));
    let object = ml.segments().remove(0).object.to_string();
    // A folder where the object was: deleting it fails, as on a broken disk.
    let path = world.path("vault/objects").join(&object[..2]).join(&object);
    let aside = world.path("aside");
    fs::rename(&path, &aside).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("x"), "x").unwrap();
    erase::erase(&home, &spool, &erase::Plan::everything(&spool)).unwrap();
    assert_eq!(status(erase::deliver(&home, &home.client().unwrap())), 500);
    fs::remove_dir_all(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    let receipts = erase::deliver(&home, &home.client().unwrap()).unwrap();
    assert!(receipts[0].payload().segments > 0);
    assert_eq!(objects(&world), 0);
}

#[test]
fn a_build_that_lost_a_source_is_no_obstacle_to_the_next() {
    let world = World::new();
    let people: Vec<_> = ["ada", "ben"].into_iter().map(|name| world.participant(name)).collect();
    for (home, spool) in &people {
        upload(home, spool);
    }
    let ml = Builder(world.enrol(Role::Builder, "ml"));
    let sources = |session: SessionId| -> Vec<Hash> {
        ml.segments().iter().filter(|one| one.session == session).map(|one| one.header).collect()
    };
    let [stays, leaves] = [0, 1].map(|at: usize| sources(people[at].1.sessions()[0]));
    let request = ml.request(&ml.segments());
    for role in [CustodianRole::Participants, CustodianRole::Security] {
        approve(&world.enrol(Role::Custodian(role), role.as_str()), &request);
    }
    ml.release(&request).unwrap();
    let (home, spool) = &people[1];
    erase::erase(home, spool, &erase::Plan::everything(spool)).unwrap();
    erase::deliver(home, &home.client().unwrap()).unwrap();
    let key = || SecretText(URL_SAFE_NO_PAD.encode(Dek::generate(&mut keys::rng()).expose().as_slice()));
    let file =
        |name, sources: &[Hash]| FileRegistered { file: Hash([name; 32]), key: key(), sources: sources.to_vec() };
    let post_as = |builder: &Builder, files, expires_at| {
        let (dataset, manifest) = (DatasetId::from_bytes([7; 16]), Hash([9; 32]));
        let (purpose, provenance) = (Purpose::TrainComputerUse, String::new());
        let row = DatasetRegistered { dataset, version: 1, manifest, provenance, purpose, expires_at, files };
        builder.0.client().unwrap().post::<serde_json::Value>("/v1/datasets", &row)
    };
    let post = |files, expires_at| post_as(&ml, files, expires_at);
    let other = Builder(world.enrol(Role::Builder, "other"));
    assert_eq!(status(post_as(&other, vec![file(1, &stays)], 1)), 403, "who never had the keys built nothing");
    assert_eq!(status(post(Vec::new(), 1)), 400, "without sources nothing would ever taint it");
    assert_eq!(status(post(vec![file(1, &stays), file(2, &leaves)], u64::MAX / 4)), 409);
    post(vec![file(1, &stays)], u64::MAX / 4).unwrap();
    let listed = ml.datasets();
    assert!(listed[0].expires_at <= clock::unix_secs() + 3600, "no later than its sources: {listed:?}");
}

#[test]
fn nothing_is_erased_here_that_the_vault_could_not_be_told_of() {
    let world = World::new();
    let (home, spool) = world.participant("ada");
    upload(&home, &spool);
    // The list of requests cannot be written.
    fs::create_dir(home.dir().join("erasures.json.draft")).unwrap();
    let before = spool.segments().len();
    assert!(erase::erase(&home, &spool, &erase::Plan::everything(&spool)).is_err());
    assert_eq!(spool.segments().len(), before, "erased here alone, the vault would keep it and nobody would know");
    fs::remove_dir(home.dir().join("erasures.json.draft")).unwrap();
    erase::erase(&home, &spool, &erase::Plan::everything(&spool)).unwrap();
    let receipts = erase::deliver(&home, &home.client().unwrap()).unwrap();
    assert!(receipts[0].payload().segments > 0);
}

#[test]
fn an_import_ends_with_the_consent_it_began_under() {
    let world = World::new();
    let home = world.enrol(Role::Participant, "ada");
    consent::give(&home, agrees).unwrap();
    let spool = home.spool().unwrap();
    let live = consent::live(&home).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/recordings/ada.events.jsonl");
    let mut withdrawn = false;
    let done = import::import(&home, &spool, &live, &file, "desk", Options::default(), |_| {
        if !std::mem::replace(&mut withdrawn, true) {
            consent::withdraw(&home, candor_model::consent::Erase::Nothing).unwrap();
        }
    });
    let error = done.map(drop).unwrap_err();
    assert!(format!("{error:#}").contains("withdrew"), "{error:#}");
}

#[test]
fn a_participant_whom_a_dying_vault_half_enrolled_can_still_consent() {
    let world = World::new();
    let home = world.enrol(Role::Participant, "ada");
    let World { dir, running } = world;
    let addr = running.url.trim_start_matches("https://").parse().unwrap();
    running.stop().unwrap();
    // As if it had died between its register and its broker.
    let broker = format!("sqlite:{}", dir.path().join("vault/broker.db").display());
    crate::vault::runtime().unwrap().block_on(async {
        let pool = sqlx::SqlitePool::connect(&broker).await.unwrap();
        let gone = sqlx::query("DELETE FROM participant").execute(&pool).await.unwrap();
        assert_eq!(gone.rows_affected(), 1);
        pool.close().await;
    });
    let _running = start(&dir.path().join("vault"), Some(addr), PASSPHRASE).unwrap();
    consent::give(&home, agrees).unwrap();
}
