//! Columns of tokens and tags: BIO, or IO. A sentence becomes a text by joining its tokens with spaces.

use std::path::Path;

use anyhow::{Result, bail};

use super::{Gold, Record, Verdict, text_of};

pub(super) fn read(path: &Path, records: &mut Vec<Record>) -> Result<()> {
    let mut sentence = Sentence::default();
    for (number, line) in text_of(path)?.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("-DOCSTART-") {
            sentence.end(records);
            continue;
        }
        let mut columns = line.split([' ', '\t']).filter(|column| !column.is_empty());
        let (Some(token), Some(tag)) = (columns.next(), columns.next_back()) else {
            let (name, number) = (path.display(), number + 1);
            bail!("`{name}`, line {number}: not a token and a tag; name only the files with columns");
        };
        sentence.push(token, tag);
    }
    sentence.end(records);
    Ok(())
}

#[derive(Default)]
struct Sentence {
    text: String,
    gold: Vec<Gold>,
    inside: bool,
}

impl Sentence {
    fn push(&mut self, token: &str, tag: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let start = self.text.len();
        self.text.push_str(token);
        let Some((begin, typ)) = tag.split_once('-') else {
            self.inside = false;
            return;
        };
        match self.gold.last_mut().filter(|last| self.inside && begin == "I" && last.typ == typ) {
            Some(last) => last.span.end = self.text.len(),
            None => self.gold.push(Gold { span: start..self.text.len(), typ: typ.to_owned() }),
        }
        self.inside = true;
    }

    fn end(&mut self, records: &mut Vec<Record>) {
        let Self { text, gold, .. } = std::mem::take(self);
        if !text.is_empty() {
            records.push(Record { text, gold, verdict: Verdict::Spans });
        }
    }
}
