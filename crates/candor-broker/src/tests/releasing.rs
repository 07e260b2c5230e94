//! Keys leave under a grant and a logged intent, once, and not otherwise.

use candor_model::{DatasetId, EraseWhat, FileRef, Hash, Selection};
use candor_policy::Reason;
use candor_seal::{Dek, Identity, open_rewrapped};

use super::world::{NOW, Segment, World, rng, session};
use crate::{AcceptError, Accepted, BrokerError, ReleaseError};

fn selection(segments: &[Segment]) -> Selection {
    Selection::new(segments.iter().map(Segment::at).collect(), Vec::new())
}

#[tokio::test]
async fn a_release_opens_to_the_builder_bound_to_its_intent_and_to_nobody_else() {
    let world = World::new().await;
    world.enrol(20).await;
    world.enrol(21).await;
    let mut segments = world.recorded(20, session(1), 3).await;
    segments.extend(world.recorded(21, session(2), 2).await);
    world.assert_opens(&segments).await;
    let release = world.release(world.grant(&selection(&segments)).await.unwrap()).await.unwrap();
    assert!(open_rewrapped(&Identity::generate(&mut rng()), release.intent, &release.keys).is_err());
    assert!(open_rewrapped(&world.ephemeral, Hash([0; 32]), &release.keys).is_err());
    assert_eq!(release.counter, 2);
    assert_eq!(world.broker.counter().await.0, 2);
}

#[tokio::test]
async fn an_intent_is_counted_once_and_releases_once() {
    let world = World::new().await;
    world.enrol(20).await;
    let segments = world.recorded(20, session(1), 1).await;
    let grant = |selection: Selection| {
        let world = &world;
        async move { world.grant(&selection).await.unwrap() }
    };
    let (first, second) = (grant(selection(&segments)).await, grant(selection(&segments)).await);
    let turn = world.broker.turn().await;
    let intent = world.log_intent(first.intent(turn.counter())).await;
    let again = intent.clone();
    let _ = turn.release(first, intent, NOW, &mut rng()).await.unwrap();
    let turn = world.broker.turn().await;
    let error = turn.release(second, again, NOW, &mut rng()).await.unwrap_err();
    assert!(matches!(error, ReleaseError::Counter { intent: 1, next: 2 }), "{error}");
    assert_eq!(world.broker.counter().await.0, 1);
}

#[tokio::test]
async fn an_intent_of_another_grant_releases_nothing_and_is_counted() {
    let world = World::new().await;
    world.enrol(20).await;
    let segments = world.recorded(20, session(1), 2).await;
    let small = world.grant(&selection(&segments[..1])).await.unwrap();
    let large = world.grant(&selection(&segments)).await.unwrap();
    let turn = world.broker.turn().await;
    let intent = world.log_intent(small.intent(turn.counter())).await;
    let error = turn.release(large, intent, NOW, &mut rng()).await.unwrap_err();
    assert!(matches!(error, ReleaseError::OtherIntent), "{error}");
    assert_eq!(world.broker.counter().await.0, 1);
    assert_eq!(world.broker.turn().await.counter(), 2);
}

/// The time between the decision and the release is where a withdrawal must not be lost.
#[tokio::test]
async fn what_is_withdrawn_or_erased_after_the_grant_is_not_released() {
    for erased in [false, true] {
        let world = World::new().await;
        world.enrol(20).await;
        let segments = world.recorded(20, session(1), 2).await;
        let grant = world.grant(&selection(&segments)).await.unwrap();
        let turn = world.broker.turn().await;
        let intent = world.log_intent(grant.intent(turn.counter())).await;
        if erased {
            let request = world.erase_request(20, EraseWhat::span(session(1), 1, 1), false);
            world.broker.erase(&request, &mut rng()).await.unwrap();
        } else {
            world.withdraw(20).await;
        }
        let error = turn.release(grant, intent, NOW, &mut rng()).await.unwrap_err();
        let ReleaseError::Refused(refusal) = error else { panic!("{error}") };
        let reason = if erased { Reason::UnknownMaterial } else { Reason::ConsentWithdrawn };
        assert!(refusal.reasons.contains(&reason), "{refusal}");
        assert_eq!(world.broker.counter().await.0, 1, "the intent was logged, so it is counted");
    }
}

#[tokio::test]
async fn an_intent_whose_process_died_is_counted_at_the_next_start() {
    let world = World::new().await;
    world.enrol(20).await;
    let segments = world.recorded(20, session(1), 1).await;
    world.assert_opens(&segments).await;
    let grant = world.grant(&selection(&segments)).await.unwrap();
    let turn = world.broker.turn().await;
    world.log_intent(grant.intent(turn.counter())).await;
    drop(turn);
    let world = world.restart().await;
    assert_eq!(world.broker.counter().await.0, 1);
    assert_eq!(world.broker.catch_up(&world.meta, &mut rng()).await.unwrap(), 1);
    assert_eq!(world.broker.counter().await.0, 2);
    assert_eq!(world.broker.catch_up(&world.meta, &mut rng()).await.unwrap(), 0);
    world.assert_opens(&segments).await;
    assert_eq!(world.broker.counter().await.0, 3);
}

/// Custody counted, then the process died before the database noted it.
#[tokio::test]
async fn a_counter_ahead_of_the_database_is_not_counted_twice() {
    let world = World::new().await;
    world.enrol(20).await;
    let segments = world.recorded(20, session(1), 1).await;
    let grant = world.grant(&selection(&segments)).await.unwrap();
    let turn = world.broker.turn().await;
    world.log_intent(grant.intent(turn.counter())).await;
    drop(turn);
    world.broker.inner.lock().await.custody.increment_counter(&mut rng()).unwrap();
    assert_eq!(world.broker.catch_up(&world.meta, &mut rng()).await.unwrap(), 1);
    assert_eq!(world.broker.counter().await.0, 1);
}

#[tokio::test]
async fn a_key_is_accepted_once_seen_to_open_and_again_without_effect() {
    let world = World::new().await;
    world.enrol(20).await;
    world.enrol(21).await;
    let segments = world.record(20, session(1), 2).await;
    let swapped = Segment { wrap: segments[1].wrap, ..segments[0].clone() };
    assert!(matches!(world.upload(&swapped).await, Err(AcceptError::Wrap)));
    assert_eq!(world.upload(&segments[0]).await.unwrap(), Accepted::New);
    assert_eq!(world.upload(&segments[0]).await.unwrap(), Accepted::Already);
    // another segment in the same place, and another person's in the same session
    let other = world.record(20, session(1), 1).await;
    assert!(matches!(world.upload(&other[0]).await, Err(AcceptError::OtherSegment { number: 0 })));
    let foreign = world.record(21, session(1), 3).await;
    assert!(matches!(world.upload(&foreign[2]).await, Err(AcceptError::OtherSession)));
    // no encapsulation
    let lonely = world.record(20, session(3), 1).await;
    let none = world.broker.accept_keys(&lonely[0].header, &[], &lonely[0].wrap, NOW).await;
    assert!(matches!(none, Err(AcceptError::NoEncapsulation)));
    // what was refused left nothing behind
    world.assert_opens(&segments[..1]).await;
}

#[tokio::test]
async fn what_is_held_back_is_not_released() {
    let world = World::new().await;
    world.enrol(20).await;
    let segment = world.record(20, session(1), 1).await.remove(0);
    let encapsulations = std::slice::from_ref(&segment.encapsulation);
    world.broker.accept_keys(&segment.header, encapsulations, &segment.wrap, NOW + 1).await.unwrap();
    let refusal = world.grant(&selection(&[segment])).await.unwrap_err();
    assert_eq!(refusal.reasons, [Reason::HoldBack]);
}

#[tokio::test]
async fn a_derived_files_key_leaves_like_any_other_and_goes_with_its_person() {
    let world = World::new().await;
    world.enrol(20).await;
    world.enrol(21).await;
    let one = world.recorded(20, session(1), 2).await;
    let other = world.recorded(21, session(2), 1).await;
    let file = |n| FileRef { dataset: DatasetId::from_bytes([3; 16]), file: Hash([n; 32]) };
    let (key, key_other) = (Dek::generate(&mut rng()), Dek::generate(&mut rng()));
    let sources = [one[0].header.hash()];
    let terms = world.broker.store_file_key(&file(1), &key, &sources, u64::MAX).await.unwrap();
    assert!(terms.not_after < u64::MAX, "no later than the consent");
    let sources_other = [other[0].header.hash()];
    world.broker.store_file_key(&file(2), &key_other, &sources_other, u64::MAX).await.unwrap();
    let both = Selection::new(Vec::new(), vec![file(1), file(2)]);
    let release = world.release(world.grant(&both).await.unwrap()).await.unwrap();
    let keys = open_rewrapped(&world.ephemeral, release.intent, &release.keys).unwrap();
    assert_eq!(keys[0].1.expose(), key.expose());
    assert_eq!(keys[1].1.expose(), key_other.expose());
    // two people's sources, or none
    let mixed = [one[0].header.hash(), other[0].header.hash()];
    let refused = world.broker.store_file_key(&file(3), &key, &mixed, u64::MAX).await;
    assert!(matches!(refused, Err(BrokerError::Sources)));
    assert!(matches!(world.broker.store_file_key(&file(3), &key, &[], 1).await, Err(BrokerError::Sources)));
    assert!(matches!(
        world.broker.store_file_key(&file(1), &key_other, &sources, u64::MAX).await,
        Err(BrokerError::OtherFile)
    ));
    // a segment that is no source of the file leaves it alone
    let elsewhere = world.erase_request(20, EraseWhat::span(session(1), 1, 1), false);
    assert!(world.broker.erase(&elsewhere, &mut rng()).await.unwrap().datasets.is_empty());
    assert!(world.grant(&both).await.is_ok());
    let session = world.erase_request(20, EraseWhat::Session { session: session(1) }, false);
    let erased = world.broker.erase(&session, &mut rng()).await.unwrap();
    assert_eq!(erased.gone.files(), [file(1)]);
    assert_eq!(erased.datasets, [file(1).dataset]);
    let only = |n| Selection::new(Vec::new(), vec![file(n)]);
    assert!(world.grant(&only(1)).await.unwrap_err().reasons.contains(&Reason::UnknownMaterial));
    assert_eq!(world.grant(&only(2)).await.unwrap_err().reasons, [Reason::Tainted]);
    // a build that began before the erasure finds no place for its key
    let late = world.broker.store_file_key(&file(4), &key, &sources, u64::MAX).await;
    assert!(matches!(late, Err(BrokerError::Sources)));
}
