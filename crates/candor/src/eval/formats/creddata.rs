//! JSON lines: CredData's (`line`, `label` T true, F false, X unknown, `spans` of the true values in code points), and
//! the examples of secret rules (`text`, `is_secret`), where nobody says which part is the secret.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{Gold, Record, Verdict, bytes_of, offsets, text_of};

#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Line {
        label: Label,
        #[serde(default)]
        categories: Vec<String>,
        #[serde(default)]
        spans: Vec<(usize, usize)>,
        line: String,
    },
    Example {
        is_secret: u8,
        text: String,
    },
}

#[derive(Deserialize, PartialEq)]
enum Label {
    T,
    F,
    X,
}

pub(super) fn read(path: &Path, records: &mut Vec<Record>) -> Result<()> {
    let name = path.display();
    for (number, line) in text_of(path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = number + 1;
        let row = serde_json::from_str(line).with_context(|| {
            format!("`{name}`, line {number}: neither a CredData line (`label`, `line`) nor an example (`is_secret`, `text`)")
        })?;
        let record = match row {
            Row::Line { label: Label::X, .. } => continue,
            Row::Line { label, categories, spans, line } => {
                let verdict = if label == Label::T { Verdict::Secret } else { Verdict::NoSecret };
                let typ = categories.first().cloned().unwrap_or_else(|| "Other".to_owned());
                let at = offsets(&line);
                let mut gold = Vec::new();
                for (start, end) in spans {
                    let Some(span) = bytes_of(&at, start, end) else {
                        bail!("`{name}`, line {number}: a span lies outside its line; offsets are code points, from 0");
                    };
                    gold.push(Gold { span, typ: typ.clone() });
                }
                Record { text: line, gold, verdict }
            }
            Row::Example { is_secret, text } => {
                let verdict = if is_secret == 1 { Verdict::Secret } else { Verdict::NoSecret };
                Record { text, gold: Vec::new(), verdict }
            }
        };
        records.push(record);
    }
    Ok(())
}
