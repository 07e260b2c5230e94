//! Brings what is past its hold-back from the spool to the vault.
//!
//! | step | if the process, the network or the vault dies here |
//! |---|---|
//! | encapsulations put | put again; the vault takes the same one twice |
//! | segment or tombstone put | put again; the vault knows it by its hash and says so |
//! | vault answers: durable | the spool still has it; put again, answered again |
//! | spool notes the answer | never put again |
//!
//! Nothing is given up: what cannot be sent now is tried again, at most a minute apart, for as long as this runs; and
//! what the vault refuses stays in the spool and is reported.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_model::{Hash, SessionId};
use candor_seal::{ChainRecord, Link, RecipientRole};
use candor_store::Spool;
use candor_store::spool::{Now, Upload, UploadItem};
use ed25519_dalek::SigningKey;
use rand_core::Rng;

use crate::agent::client::{Client, Refused};
use crate::agent::home::Home;
use crate::keys;
use crate::wire::{Accepted, CHAIN_HEADER, CONSENT_HEADER, WRAP_HEADER};

const BACKOFF_FIRST: Duration = Duration::from_millis(200);
const BACKOFF_MOST: Duration = Duration::from_secs(60);

/// What happened, for whoever watches.
#[derive(Debug)]
pub(crate) enum Progress<'a> {
    /// So many segments may go now.
    Ready(usize),
    /// The vault has one more.
    Sent,
    /// The vault was not reached; it is tried again after this time.
    Waiting(&'a anyhow::Error, Duration),
}

/// What a run did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Uploaded {
    /// Segments and tombstones the vault has now and had not before.
    pub(crate) sent: u64,
    /// Their objects' bytes.
    pub(crate) bytes: u64,
    /// Sessions that the vault refused, and its words. They stay in the spool.
    pub(crate) refused: Vec<(SessionId, String)>,
}

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Until everything that may go has gone, however long the vault stays away.
    Forever,
    /// Until the vault is not reached for the first time.
    Once,
}

/// Uploads everything in the spool that is past its hold-back.
///
/// # Errors
/// Where the spool cannot be read; with [`Patience::Once`], also where the vault is not reached.
pub(crate) fn run(
    home: &Home,
    spool: &Spool,
    patience: Patience,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<Uploaded> {
    let mut uploader = Uploader {
        client: home.client()?,
        device: home.device_key()?,
        spool,
        given: BTreeSet::new(),
        done: Uploaded::default(),
    };
    let mut backoff = BACKOFF_FIRST;
    loop {
        let sent = uploader.done.sent;
        match uploader.pass(watch) {
            Ok(()) => return Ok(uploader.done),
            Err(Failure::Spool(error)) => return Err(error),
            Err(Failure::Network(error)) if patience == Patience::Once => return Err(error),
            Err(Failure::Network(error)) => {
                if uploader.done.sent > sent {
                    backoff = BACKOFF_FIRST;
                }
                // Many devices lose the same vault at the same moment and must not come back at the same moment.
                let wait = backoff / 2 + backoff.mul_f64(f64::from(keys::rng().next_u32()) / f64::from(u32::MAX) / 2.0);
                watch(Progress::Waiting(&error, wait));
                std::thread::sleep(wait);
                backoff = (backoff * 2).min(BACKOFF_MOST);
            }
        }
    }
}

enum Failure {
    /// Later it may work.
    Network(anyhow::Error),
    /// It will not get better by waiting.
    Spool(anyhow::Error),
}

struct Uploader<'a> {
    client: Client,
    device: SigningKey,
    spool: &'a Spool,
    /// Encapsulations the vault got from this run.
    given: BTreeSet<(SessionId, u32)>,
    done: Uploaded,
}

impl Uploader<'_> {
    /// Goes once through everything that is ready.
    fn pass(&mut self, watch: &mut dyn FnMut(Progress<'_>)) -> Result<(), Failure> {
        let spool = |error: candor_store::SpoolError| Failure::Spool(error.into());
        let now = Now::read().map_err(spool)?;
        let ready = self.spool.uploadable(&now).map_err(spool)?;
        let refused: BTreeSet<SessionId> = self.done.refused.iter().map(|(session, _)| *session).collect();
        watch(Progress::Ready(ready.iter().filter(|(session, _)| !refused.contains(session)).count()));
        let sessions: BTreeSet<SessionId> = ready.into_iter().map(|(session, _)| session).collect();
        for session in sessions.difference(&refused).copied() {
            while let Some(upload) = self.spool.next_upload(session, &now).map_err(spool)? {
                match self.send(&upload) {
                    Ok((head, bytes)) => {
                        self.spool.acknowledge(session, upload.number, head).map_err(spool)?;
                        self.done.sent += 1;
                        self.done.bytes += bytes as u64;
                        watch(Progress::Sent);
                    }
                    Err(error) => match error.downcast_ref::<Refused>() {
                        Some(refused) if !refused.retry() => {
                            self.done.refused.push((session, refused.to_string()));
                            break;
                        }
                        _ => return Err(Failure::Network(error)),
                    },
                }
            }
        }
        Ok(())
    }

    /// Sends one segment or tombstone; returns the chain's head after it, as the vault has it.
    fn send(&mut self, upload: &Upload) -> Result<(Hash, usize)> {
        let Upload { session, number, previous, item } = upload;
        let link = match item {
            UploadItem::Segment { segment, .. } => Link::Segment(segment.header().hash()),
            UploadItem::Tombstone => Link::Tombstone,
        };
        let (record, head) = ChainRecord::append(*previous, *number, link, &self.device);
        let (answer, bytes) = match item {
            UploadItem::Segment { segment, vault } => {
                self.give_encapsulations(*session)?;
                let headers = [
                    (WRAP_HEADER, URL_SAFE_NO_PAD.encode(vault.0)),
                    (CHAIN_HEADER, URL_SAFE_NO_PAD.encode(record.encode())),
                ];
                let path = format!("/v1/segments/{}", segment.object_hash());
                let bytes = segment.as_bytes();
                (self.client.put::<Accepted>(&path, &headers, bytes)?, bytes.len())
            }
            UploadItem::Tombstone => {
                let path = format!("/v1/sessions/{session}/tombstones/{number}");
                let consent = self.spool.about(*session)?.context.consent.to_string();
                (self.client.put::<Accepted>(&path, &[(CONSENT_HEADER, consent)], &record.encode())?, 0)
            }
        };
        // The vault may hold the segment of a tombstone already: its answer was lost, and then the participant erased.
        // What stands in the chain is then what this device signed first.
        let standing = URL_SAFE_NO_PAD.decode(&answer.record).context("the vault's answer is damaged")?;
        let standing = ChainRecord::decode(&standing, *number)?;
        let stands = standing.verify(*previous, *number, &self.device.verifying_key())?;
        if matches!(item, UploadItem::Segment { .. }) {
            anyhow::ensure!(stands == head, "the vault has another segment {number}; keep the spool and ask for help");
        }
        Ok((stands, bytes))
    }

    /// The vault's encapsulations of a session; the participant's stay here.
    fn give_encapsulations(&mut self, session: SessionId) -> Result<()> {
        for one in self.spool.encapsulations(session)?.into_iter().filter(|one| one.role == RecipientRole::Vault) {
            if !self.given.contains(&(session, one.number)) {
                let path = format!("/v1/sessions/{session}/encapsulations/{}", one.number);
                self.client.put::<serde_json::Value>(&path, &[], &one.enc)?;
                self.given.insert((session, one.number));
            }
        }
        Ok(())
    }
}
