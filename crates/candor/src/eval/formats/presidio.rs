//! presidio-research's JSON (spans in code points), and PII-synthetic's, which names entities without saying where.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{Gold, Record, Verdict, bytes_of, offsets, text_of};

#[derive(Deserialize)]
struct Item {
    #[serde(alias = "text")]
    full_text: String,
    #[serde(default)]
    spans: Vec<Span>,
    #[serde(default, rename = "NER")]
    entities: Vec<Entity>,
}

#[derive(Deserialize)]
struct Span {
    entity_type: String,
    start_position: usize,
    end_position: usize,
}

#[derive(Deserialize)]
struct Entity {
    /// Missing in a record or two.
    #[serde(default)]
    entity: String,
    label: String,
}

pub(super) fn read(path: &Path, records: &mut Vec<Record>) -> Result<()> {
    let name = path.display();
    let items: Vec<Item> = serde_json::from_str(&text_of(path)?).with_context(|| {
        format!("`{name}` is not a JSON list of texts with `full_text` and `spans`, or `text` and `NER`")
    })?;
    for (number, item) in items.into_iter().enumerate() {
        let at = offsets(&item.full_text);
        let mut gold = Vec::new();
        for span in item.spans {
            let Some(bytes) = bytes_of(&at, span.start_position, span.end_position) else {
                bail!("`{name}`, record {number}: a span lies outside its text; offsets are code points, from 0");
            };
            gold.push(Gold { span: bytes, typ: span.entity_type });
        }
        for Entity { entity, label } in item.entities.into_iter().filter(|it| !it.entity.is_empty()) {
            let places = item.full_text.match_indices(&entity);
            gold.extend(places.map(|(at, _)| Gold { span: at..at + entity.len(), typ: label.clone() }));
        }
        records.push(Record { text: item.full_text, gold, verdict: Verdict::Spans });
    }
    Ok(())
}
