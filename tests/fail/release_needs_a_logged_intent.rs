//! Invariant 7: no release without a logged intent.
use candor_broker::Turn;
use candor_model::Intent;
use candor_policy::Grant;
use rand_core::CryptoRng;

pub async fn release<R: CryptoRng + Send>(turn: Turn<'_>, grant: Grant, intent: Intent, rng: &mut R) {
    turn.release(grant, intent, 0, rng).await.ok();
}
