//! One intent, one increment of the counter: a turn ends with its release.
use candor_broker::Turn;
use candor_model::Intent;
use candor_policy::Grant;
use candor_store::Logged;
use rand_core::CryptoRng;

pub async fn twice<R: CryptoRng + Send>(turn: Turn<'_>, grants: [Grant; 2], intent: Logged<Intent>, rng: &mut R) {
    let [one, other] = grants;
    turn.release(one, intent.clone(), 0, rng).await.ok();
    turn.release(other, intent, 0, rng).await.ok();
}
