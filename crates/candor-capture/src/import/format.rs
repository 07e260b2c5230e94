//! Which file is which, by content.

use std::fmt;

use candor_model::PositionUnit;
use serde::Serialize;

use crate::import::{aalto, balabit, ducktrack, idfx};

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// DuckTrack `events.jsonl`: keys and pointer, one JSON object a line.
    DuckTrack,
    /// A session of the Balabit Mouse Dynamics Challenge: pointer only, CSV.
    Balabit,
    /// A participant of the Aalto "136M keystrokes" study: keys only, TSV.
    Aalto,
    /// A ScriptLog or Inputlog session in IDFX: keys and what they did to the text, XML.
    ScriptLog,
}

impl Format {
    /// Every known format.
    pub const ALL: [Self; 4] = [Self::DuckTrack, Self::Balabit, Self::Aalto, Self::ScriptLog];

    /// The format of a file that begins with `start`; nothing where it fits none. The first 64 KiB are enough.
    pub fn recognise(start: &[u8]) -> Option<Self> {
        let start = start.strip_prefix(BOM).unwrap_or(start);
        let first = start.split(|b| *b == b'\n').next().unwrap_or_default();
        let first = first.strip_suffix(b"\r").unwrap_or(first);
        match first {
            balabit::HEADER => Some(Self::Balabit),
            aalto::HEADER => Some(Self::Aalto),
            _ if idfx::recognise(start) => Some(Self::ScriptLog),
            _ if ducktrack::recognise(start) => Some(Self::DuckTrack),
            _ => None,
        }
    }

    /// Whether the first line names the columns.
    pub(crate) const fn has_header(self) -> bool {
        matches!(self, Self::Balabit | Self::Aalto)
    }

    /// The position unit that loses nothing of a file beginning with `start`.
    pub(crate) fn position_unit(self, start: &[u8]) -> PositionUnit {
        match self {
            Self::DuckTrack if ducktrack::has_fractions(start) => PositionUnit::PIXEL_256TH,
            Self::DuckTrack | Self::Balabit | Self::Aalto | Self::ScriptLog => PositionUnit::PIXEL,
        }
    }

    /// The name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuckTrack => "DuckTrack events.jsonl",
            Self::Balabit => "Balabit mouse session",
            Self::Aalto => "Aalto keystrokes",
            Self::ScriptLog => "ScriptLog session",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The byte order mark that some editors put before UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";
