//! No release of what was only asked for.
use candor_broker::Turn;
use candor_model::{Intent, grant::ReleaseRequest};
use candor_store::Logged;
use rand_core::CryptoRng;

pub async fn release<R: CryptoRng + Send>(turn: Turn<'_>, asked: ReleaseRequest, intent: Logged<Intent>, rng: &mut R) {
    turn.release(asked, intent, 0, rng).await.ok();
}
