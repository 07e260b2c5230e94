//! A report: a table for people, and one JSON object for programs (DESIGN.md, "Reports").

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// One measured figure, and the best known elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What was measured, for example `bytes_per_event/1ms/FILE`.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its unit, for example `B/event`.
    pub unit: String,
    /// Who has the figure to compare with.
    pub peer: Option<String>,
    /// That figure, in the same unit.
    pub peer_value: Option<f64>,
}

impl Row {
    /// A figure without a peer.
    pub fn new(name: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self { name: name.into(), value, unit: unit.into(), peer: None, peer_value: None }
    }
}

/// What a benchmark or an evaluation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its name, for example `codec`.
    pub name: String,
    /// Its figures, in the order they are read.
    pub rows: Vec<Row>,
}

impl Report {
    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.name, "value": row.value, "unit": row.unit,
                    "peer": row.peer, "peer_value": row.peer_value,
                })
            })
            .collect();
        json!({ "report": self.name, "rows": rows }).to_string()
    }

    /// Reads what [`Report::to_json`] wrote: the last line of a program's output.
    pub fn from_output(output: &str) -> Result<Self> {
        let line = output.lines().rev().find(|line| !line.trim().is_empty()).context("the program printed nothing")?;
        let value: Value = serde_json::from_str(line).context("the last line is no JSON object")?;
        let name = value["report"].as_str().context("the report has no name")?.to_owned();
        let rows = value["rows"].as_array().context("the report has no rows")?;
        let rows = rows.iter().map(row_from_json).collect::<Result<_>>()?;
        Ok(Self { name, rows })
    }

    /// The table.
    pub fn to_table(&self) -> String {
        let cells: Vec<[String; 5]> = std::iter::once(["", "value", "unit", "peer's", "peer"].map(str::to_owned))
            .chain(self.rows.iter().map(|row| {
                [
                    row.name.clone(),
                    figure(row.value),
                    row.unit.clone(),
                    row.peer_value.map(figure).unwrap_or_default(),
                    row.peer.clone().unwrap_or_default(),
                ]
            }))
            .collect();
        let [name, value, unit, peer_value, _] = std::array::from_fn(|column| {
            cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        });
        let mut table = format!("{}\n", self.name);
        for [a, b, c, d, e] in &cells {
            let line = format!("  {a:<name$}  {b:>value$} {c:<unit$}  {d:>peer_value$}  {e}");
            table.push_str(line.trim_end());
            table.push('\n');
        }
        table
    }
}

fn row_from_json(value: &Value) -> Result<Row> {
    let name = value["name"].as_str().context("a row has no name")?.to_owned();
    Ok(Row {
        value: value["value"].as_f64().with_context(|| format!("row `{name}` has no number"))?,
        unit: value["unit"].as_str().with_context(|| format!("row `{name}` has no unit"))?.to_owned(),
        peer: value["peer"].as_str().map(str::to_owned),
        peer_value: value["peer_value"].as_f64(),
        name,
    })
}

/// Four significant digits, whole numbers whole.
fn figure(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        size if size >= 1.0 => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(row: Row, peer: &str, value: f64) -> Row {
        Row { peer: Some(peer.into()), peer_value: Some(value), ..row }
    }

    #[test]
    fn a_report_survives_its_json_and_other_lines_before_it() {
        let report = Report {
            name: "codec".into(),
            rows: vec![beside(Row::new("a", 1.25, "B"), "JSONL", 87.0), Row::new("peak_rss_mb", 41.0, "MB")],
        };
        let output = format!("noise\n{}\n\n", report.to_json());
        assert_eq!(Report::from_output(&output).unwrap(), report);
        assert!(Report::from_output("noise\n").is_err());
        assert!(Report::from_output(r#"{"report":"x","rows":[{"name":"a","unit":"B"}]}"#).is_err());
    }

    #[test]
    fn the_table_aligns_its_columns() {
        let rows =
            vec![Row::new("short", 0.75, "B/event"), beside(Row::new("a longer name", 12345.6, "B"), "them", 2.0)];
        let table = Report { name: "t".into(), rows }.to_table();
        assert!(table.contains("short          0.7500 B/event"), "{table}");
        assert!(table.contains("a longer name   12346 B             2  them"), "{table}");
    }
}
