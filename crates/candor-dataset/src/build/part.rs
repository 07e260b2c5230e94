//! One participant's sealed files as they grow.

use candor_model::Hash;
use candor_seal::Dek;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::io::Write;

use super::{BuildError, Order};
use crate::export::agentnet::{Screen, task};
use crate::export::parquet::RowWriter;
use crate::manifest::FileEntry;
use crate::pseudonym::{Pseudonym, Split};
use crate::row::{Row, RowsDigest};
use crate::sealed::{Place, StreamSealer, parquet_key};
use crate::sink::{SealedBytes, Sink};
use crate::spec::Format;

/// A file's name and what of it has passed.
struct Output {
    name: String,
    bytes: u64,
    hash: Sha256,
}

impl Output {
    fn new(name: String) -> Self {
        Self { name, bytes: 0, hash: Sha256::new() }
    }

    /// `sealed` comes from one of the two ciphers below, and from nowhere else.
    fn append(&mut self, sealed: &[u8], sink: &mut dyn Sink) -> Result<(), BuildError> {
        if !sealed.is_empty() {
            self.bytes += sealed.len() as u64;
            self.hash.update(sealed);
            sink.append(&self.name, SealedBytes::new(sealed))?;
        }
        Ok(())
    }
}

pub(super) struct Part {
    participant: Pseudonym,
    screen: Option<Screen>,
    digest: RowsDigest,
    parquet: Option<(RowWriter, Output)>,
    agentnet: Option<(StreamSealer<Vec<u8>>, Output)>,
}

impl Part {
    pub fn new(
        order: Order<'_>,
        participant: Pseudonym,
        key: &Dek,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, BuildError> {
        let spec = order.spec;
        let wanted = |format, name: String| {
            let place = Place::new(spec.dataset, order.version, &name);
            spec.formats.contains(&format).then(|| (place, Output::new(name)))
        };
        let parquet = wanted(Format::Parquet, format!("part-{participant}.parquet"))
            .map(|(place, output)| RowWriter::new(&parquet_key(key, &place)).map(|writer| (writer, output)))
            .transpose()?;
        let agentnet = wanted(Format::Agentnet, format!("part-{participant}.agentnet.jsonl.sealed"))
            .map(|(place, output)| StreamSealer::new(key, &place, Vec::new(), rng).map(|sealer| (sealer, output)))
            .transpose()?;
        let screen = spec.screen.map(|(width, height)| Screen { width, height });
        Ok(Self { participant, screen, digest: RowsDigest::default(), parquet, agentnet })
    }

    pub fn session(&mut self, name: &str, rows: Vec<Row>, sink: &mut dyn Sink) -> Result<(), BuildError> {
        rows.iter().for_each(|row| self.digest.push(row));
        if let Some((sealer, output)) = &mut self.agentnet {
            let screen = self.screen.unwrap_or_else(|| Screen::extent(&rows));
            let line = serde_json::to_vec(&task(name, &rows, screen)).map_err(std::io::Error::from)?;
            sealer.write_all(&line)?;
            sealer.write_all(b"\n")?;
            output.append(&sealer.take_sealed(), sink)?;
        }
        if let Some((writer, output)) = &mut self.parquet {
            for row in rows {
                writer.push(row)?;
            }
            output.append(&writer.take_sealed(), sink)?;
        }
        Ok(())
    }

    /// Ends the files; none where there is no row.
    pub fn finish(self, key: Hash, split: Split, sink: &mut dyn Sink) -> Result<Vec<FileEntry>, BuildError> {
        let RowsDigest { digest: rows_digest, rows } = self.digest;
        if rows == 0 {
            return Ok(Vec::new());
        }
        let mut entries = Vec::new();
        let participant = self.participant;
        let mut entry = |format, output: Output| {
            let Output { name, bytes, hash } = output;
            let sha256 = Hash(hash.finalize().into());
            entries.push(FileEntry { name, format, participant, split, key, bytes, sha256, rows, rows_digest });
        };
        if let Some((writer, mut output)) = self.parquet {
            output.append(&writer.finish()?, sink)?;
            entry(Format::Parquet, output);
        }
        if let Some((sealer, mut output)) = self.agentnet {
            output.append(&sealer.finish()?, sink)?;
            entry(Format::Agentnet, output);
        }
        Ok(entries)
    }
}
