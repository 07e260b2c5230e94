//! Reads a vector with the crate's public functions and says what came of it.

use std::collections::BTreeMap;

use candor_model::header::Schema;
use candor_model::{Hash, SessionId};
use candor_seal::{
    ChainError, ChainRecord, Dek, Encapsulation, Identity, OpenError, RecipientRole, SealedSegment, SegmentError, Wrap,
    WrapKey, open, open_remarks,
};
use ed25519_dalek::VerifyingKey;

use crate::maker::text_form;

/// A vector's fields and what follows them.
pub struct File {
    fields: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

impl File {
    pub fn parse(file: &[u8]) -> Self {
        let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let lines = std::str::from_utf8(&file[..end]).unwrap().lines();
        let pair = |line: &str| line.split_once(": ").map(|(key, value)| (key.to_owned(), value.to_owned())).unwrap();
        Self { fields: lines.map(pair).collect(), body: file[end + 2..].to_vec() }
    }

    pub fn field(&self, name: &str) -> &str {
        &self.fields[name]
    }

    fn bytes<const N: usize>(&self, name: &str) -> [u8; N] {
        unhex(self.field(name)).try_into().unwrap()
    }

    fn device(&self) -> VerifyingKey {
        VerifyingKey::from_bytes(&self.bytes("device")).unwrap()
    }

    /// What [`segment`] or [`chain`] is to say.
    pub fn expected(&self) -> String {
        let fields = ["expect", "number", "chunk", "events", "head"].map(|name| self.fields.get(name));
        fields.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

pub fn segment(file: &File) -> String {
    let segment = match SealedSegment::parse(file.body.clone(), &file.device()) {
        Ok(segment) => segment,
        Err(SegmentError::Header(_) | SegmentError::NoHeader) => return "header".into(),
        Err(SegmentError::Signature { number }) => return format!("signature {number}"),
        Err(SegmentError::Torn { number }) => return format!("torn {number}"),
        Err(error) => panic!("{error}"),
    };
    let Some(dek) = unwrap(file, &segment) else { return format!("wrap {}", segment.header().number) };
    let text = match segment.header().schema {
        Schema::Events => open(&segment, &dek).map(|opened| text_form(&opened.events)),
        Schema::Remarks => open_remarks(&segment, &dek).map(|remarks| {
            remarks.iter().map(|remark| serde_json::to_string(remark).unwrap() + "\n").collect::<String>()
        }),
    };
    match text {
        Ok(text) => format!("opened {}", Hash::of(text.as_bytes())),
        Err(OpenError::ForeignKey { number }) => format!("commitment {number}"),
        Err(OpenError::Chunk { number, chunk }) => format!("chunk {number} {chunk}"),
        Err(
            OpenError::Block { number, chunk, .. }
            | OpenError::Remarks { number, chunk }
            | OpenError::TooMany { number, chunk },
        ) => {
            format!("block {number} {chunk}")
        }
        Err(OpenError::Order { number, chunk }) => format!("order {number} {chunk}"),
        Err(error) => panic!("{error}"),
    }
}

fn unwrap(file: &File, segment: &SealedSegment) -> Option<Dek> {
    let header = segment.header();
    let identity = Identity::from_seed(file.bytes("identity"));
    let role = match file.field("role") {
        "vault" => RecipientRole::Vault,
        _ => RecipientRole::Participant,
    };
    let encapsulation = Encapsulation { role, number: header.encapsulation, enc: unhex(file.field("enc")) };
    let key = WrapKey::decapsulate(&identity, &header.context, &encapsulation).ok()?;
    let wrap = Wrap(unhex(file.field("wrap")).try_into().ok()?);
    key.unwrap(header.hash(), &wrap).ok()
}

pub fn chain(file: &File) -> String {
    let session = SessionId::from_bytes(file.bytes("session"));
    let mut head = ChainRecord::root(session);
    let lines = std::str::from_utf8(&file.body).unwrap().lines();
    for (number, line) in (0..).zip(lines) {
        let next =
            ChainRecord::decode(&unhex(line), number).and_then(|record| record.verify(head, number, &file.device()));
        match next {
            Ok(next) => head = next,
            Err(ChainError { number }) => return format!("broken {number}"),
        }
    }
    format!("whole {head}")
}
