//! Makes a small log for readers that are not ours: `make-log DIR FIRST SECOND`. It grows to FIRST entries, saves that
//! checkpoint as `checkpoint.older`, grows to SECOND, and prints the verifier key.

use std::error::Error;
use std::path::PathBuf;

use candor_model::{EntryKind, LogEntry};
use candor_store::{Draft, Log, MetaStore};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Sample {
    n: u64,
}

impl LogEntry for Sample {
    const KIND: EntryKind = EntryKind::Ingest;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: make-log DIR FIRST SECOND";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, first, second] = &arguments[..] else { return Err(usage.into()) };
    let (dir, sizes) = (PathBuf::from(dir), [first.parse::<u64>()?, second.parse::<u64>()?]);
    std::fs::create_dir_all(&dir)?;
    let meta = MetaStore::open(&dir.join("vault.db")).await?;
    let log = Log::open(&dir.join("log"), &meta, "log.example.org/candor", &SigningKey::from_bytes(&[3; 32])).await?;
    for size in sizes {
        // At once, so that they share commits and checkpoints.
        let mut appending = tokio::task::JoinSet::new();
        for n in log.size()..size {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt)?;
            let (log, draft) = (log.clone(), Draft::new(Sample { n }, salt)?);
            appending.spawn(async move { log.append(draft).await.map(|_| ()) });
        }
        while let Some(appended) = appending.join_next().await {
            appended??;
        }
        if size == sizes[0] {
            std::fs::write(dir.join("checkpoint.older"), log.checkpoint()?)?;
        }
    }
    println!("{}", log.verifier_key());
    Ok(())
}
