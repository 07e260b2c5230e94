//! A file as a stream of observations: recognise, read, parse, account.

use std::fmt;
use std::io::{self, Read};

use candor_model::{ClockUnit, PositionUnit};
use candor_redact::{GapCause, Observation};

use crate::import::aalto::Aalto;
use crate::import::balabit::Balabit;
use crate::import::clock::Clock;
use crate::import::ducktrack::DuckTrack;
use crate::import::idfx::Idfx;
use crate::import::line::LineReader;
use crate::import::report::Report;
use crate::import::row::Row;
use crate::import::sink::Sink;
use crate::import::{Format, ImportError, Options, Reason};

/// After how many observations a batch is handed out.
const BATCH: usize = 4_096;

/// What reads the lines of one format.
enum Parser {
    DuckTrack(DuckTrack),
    Balabit(Balabit),
    Aalto(Aalto),
    ScriptLog(Box<Idfx>),
}

impl Parser {
    fn new(format: Format) -> Self {
        match format {
            Format::DuckTrack => Self::DuckTrack(DuckTrack::default()),
            Format::Balabit => Self::Balabit(Balabit::default()),
            Format::Aalto => Self::Aalto(Aalto::default()),
            Format::ScriptLog => Self::ScriptLog(Box::default()),
        }
    }

    fn row(&mut self, line: &[u8], sink: &mut Sink) -> Result<Row, Reason> {
        match self {
            Self::DuckTrack(parser) => parser.row(line, sink),
            Self::Balabit(parser) => parser.row(line, sink),
            Self::Aalto(parser) => parser.row(line, sink),
            Self::ScriptLog(parser) => parser.row(line, sink),
        }
    }

    fn finish(&mut self, sink: &mut Sink) {
        match self {
            Self::DuckTrack(parser) => parser.finish(sink),
            Self::Balabit(_) => {}
            Self::Aalto(parser) => parser.finish(sink),
            Self::ScriptLog(parser) => parser.finish(sink),
        }
        sink.finish();
    }
}

/// A file as a stream of observations.
pub(crate) struct Stream<R> {
    lines: LineReader<R>,
    parser: Parser,
    sink: Sink,
    strict: bool,
    ended: bool,
}

impl<R: Read> Stream<R> {
    pub(crate) fn new(reader: R, name: &str, options: Options) -> Result<Self, ImportError> {
        let mut lines = LineReader::new(reader);
        let start = lines.peek().map_err(|source| ImportError::Read { file: name.to_owned(), source })?;
        let format = Format::recognise(start).ok_or_else(|| ImportError::Unrecognised { file: name.to_owned() })?;
        let clock_unit = options.clock_unit.unwrap_or(ClockUnit::MILLISECOND);
        let position_unit = options.position_unit.unwrap_or_else(|| format.position_unit(start));
        let report = Report::new(name, format, clock_unit, position_unit);
        let sink = Sink::new(Clock::new(clock_unit), position_unit, report);
        Ok(Self { lines, parser: Parser::new(format), sink, strict: options.strict, ended: false })
    }

    /// Reads on until [`Stream::batch`] is well filled. Returns whether there may be more.
    pub(crate) fn next_batch(&mut self) -> Result<bool, ImportError> {
        while !self.ended && self.sink.out.len() < BATCH {
            // An error ends the stream: a caller that asks again gets nothing, not a hole.
            self.ended = true;
            self.ended = !self.next_line()?;
        }
        Ok(!self.ended)
    }

    /// Reads one line. Returns whether there was one.
    fn next_line(&mut self) -> Result<bool, ImportError> {
        let Self { lines, parser, sink, strict, .. } = self;
        let line = match lines.next_line() {
            Ok(Some(line)) => line,
            Ok(None) => {
                parser.finish(sink);
                return Ok(false);
            }
            Err(source) => return Err(read_error(sink, source)),
        };
        sink.report.lines.read += 1;
        let row = match line.bytes {
            Some(_) if line.number == 1 && sink.report.format.has_header() => {
                sink.report.lines.header += 1;
                return Ok(true);
            }
            // In a session an empty line may be part of a text.
            Some([]) if !matches!(parser, Parser::ScriptLog(_)) => {
                sink.report.lines.blank += 1;
                return Ok(true);
            }
            Some(bytes) => parser.row(bytes, sink),
            None => Err(Reason::TooLong),
        };
        sink.report.classify(line.number, row);
        match row {
            Ok(Row::Imported | Row::Duplicate | Row::Marker) => Ok(true),
            Ok(Row::Sentinel) => {
                sink.gap(GapCause::Malformed);
                Ok(true)
            }
            Err(reason) => {
                sink.gap(GapCause::Malformed);
                let file = || sink.report.file.clone();
                match reason {
                    Reason::AnotherPerson => Err(ImportError::SeveralPeople { file: file(), line: line.number }),
                    reason if *strict => Err(ImportError::Malformed { file: file(), line: line.number, reason }),
                    _ => Ok(true),
                }
            }
        }
    }
}

impl<R> Stream<R> {
    /// The observations since the caller last emptied it.
    pub(crate) fn batch(&mut self) -> &mut Vec<Observation> {
        &mut self.sink.out
    }

    pub(crate) fn clock_unit(&self) -> ClockUnit {
        self.sink.report.clock_unit
    }

    pub(crate) fn position_unit(&self) -> PositionUnit {
        self.sink.report.position_unit
    }

    pub(crate) fn report(&self) -> &Report {
        &self.sink.report
    }

    pub(crate) fn into_report(self) -> Report {
        self.sink.report
    }
}

impl<R> fmt::Debug for Stream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffers hold what was recorded.
        f.debug_struct("Stream").field("report", &self.sink.report).finish_non_exhaustive()
    }
}

fn read_error(sink: &Sink, source: io::Error) -> ImportError {
    ImportError::Read { file: sink.report.file.clone(), source }
}
