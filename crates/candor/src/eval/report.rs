//! A report: a table for people, and one JSON object for programs (DESIGN.md, "Reports").

use serde::Serialize;

/// One measured figure, and the best known elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    /// What was measured, for example `recall/EMAIL`.
    pub(crate) name: String,
    /// The figure; nothing where there was nothing to measure it on.
    pub(crate) value: Option<f64>,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// Who has the figure to compare with.
    pub(crate) peer: Option<&'static str>,
    /// That figure, in the same unit.
    pub(crate) peer_value: Option<f64>,
}

impl Row {
    /// A figure without a peer.
    pub(crate) fn new(name: impl Into<String>, value: impl Into<Option<f64>>, unit: &'static str) -> Self {
        let value = value.into().filter(|value| value.is_finite());
        Self { name: name.into(), value, unit, peer: None, peer_value: None }
    }
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    /// Its name, for example `redact`.
    #[serde(rename = "report")]
    pub(crate) name: &'static str,
    /// Its figures, in the order they are read.
    pub(crate) rows: Vec<Row>,
}

impl Report {
    /// Prints the table, and with `json` the object on the last line.
    pub(crate) fn print(&self, json: bool) {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        println!("{}", self.name);
        for row in &self.rows {
            let value = row.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
            let peer = match (row.peer, row.peer_value) {
                (Some(peer), Some(value)) => format!("  {value:.4} {peer}"),
                _ => String::new(),
            };
            println!("  {:<width$}  {value:>12} {}{peer}", row.name, row.unit);
        }
        if json {
            println!("{}", serde_json::to_value(self).unwrap_or_default());
        }
    }
}
