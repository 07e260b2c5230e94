//! One grant, one release.
use candor_broker::Turn;
use candor_model::Intent;
use candor_policy::Grant;
use candor_store::Logged;
use rand_core::CryptoRng;

pub async fn twice<R: CryptoRng + Send>(turns: [Turn<'_>; 2], grant: Grant, intents: [Logged<Intent>; 2], rng: &mut R) {
    let ([first, second], [one, other]) = (turns, intents);
    first.release(grant, one, 0, rng).await.ok();
    second.release(grant, other, 0, rng).await.ok();
}
