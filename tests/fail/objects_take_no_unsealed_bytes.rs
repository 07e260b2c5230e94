//! Invariant 3: the object store takes sealed segments, not bytes.
use candor_store::Objects;

pub async fn store(objects: &Objects, plain: &[u8]) {
    objects.put(plain).await.ok();
}
