//! Files brought in: read while they arrive, line by line, so that never more of a file is in
//! memory than the rows it gave.
//!
//! What always holds: a line is taken whole or refused with its number, the column, what was found
//! and what would be right; a file whose heading or end is missing is refused as a whole; amounts
//! go from text to cents without a floating-point number between. Nothing is stored here, so a
//! crash leaves nothing.

mod cdnow;
mod clean;
mod mapping;
mod preview;
mod receive;
mod sheet;
mod table;
mod upload;
mod value;

use axum::http::StatusCode;
use delivery::view::LineError;

pub use preview::{PreviewView, preview};
pub use receive::{Wish, receive};

use crate::problem::Problem;

/// Refused lines told one by one; the rest is only counted.
pub const ERRORS_TOLD: usize = 1_000;
/// The longest line or record: more means that a quote was never closed, or no text at all.
const LONGEST_RECORD: usize = 1 << 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated with a heading.
    #[default]
    Csv,
    /// A spreadsheet; its first sheet is read.
    Xlsx,
    /// Orders as in the public CDNOW sample: customer, yyyymmdd, number, dollars, separated by
    /// spaces.
    Cdnow,
}

/// What a file gave.
#[derive(Debug)]
pub struct Parsed<T> {
    /// Lines read, without the heading and empty ones.
    pub lines: u64,
    /// The rows of the good lines, in their order.
    pub rows: Vec<T>,
    /// How many lines were refused.
    pub refused: u64,
    /// The first 1,000 of them.
    pub errors: Vec<LineError>,
}

impl<T> Parsed<T> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { lines: 0, rows: Vec::new(), refused: 0, errors: Vec::new() }
    }

    fn add(&mut self, line: u64, outcome: Result<T, String>) {
        self.lines += 1;
        match outcome {
            Ok(row) => self.rows.push(row),
            Err(error) => {
                self.refused += 1;
                if self.errors.len() < ERRORS_TOLD {
                    self.errors.push(LineError { line, error });
                }
            }
        }
    }
}

/// Why a file was refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not even a heading.
    #[error("the file is empty; its first line must be a heading")]
    Empty,
    /// The heading is not UTF-8.
    #[error("the heading of the file is not UTF-8")]
    HeadingNotUtf8,
    /// A column is missing.
    #[error("the heading has no column `{column}`; it has {found}, and {wanted} are needed")]
    MissingColumn { column: &'static str, found: String, wanted: &'static str },
    /// Two columns share a name.
    #[error("the heading has two columns `{column}`; every column needs a name of its own")]
    DoubledColumn { column: String },
    /// A column has no name.
    #[error("column {number} has no name in the heading; name it or remove it")]
    NamelessColumn { number: usize },
    /// The caller names a column that is not there.
    #[error("there is no column `{column}`; the heading has {found}")]
    NoSuchColumn { column: String, found: String },
    /// The caller takes a column for something it cannot be.
    #[error("column `{column}` cannot be `{field}`; it can be {wanted}")]
    NoSuchField { column: String, field: String, wanted: String },
    /// Two columns say the same.
    #[error("`{field}` is said by two columns, {columns}; map one of them to -")]
    DoubledField { field: String, columns: String },
    /// Not a spreadsheet.
    #[error("the file is no XLSX spreadsheet: {why}")]
    NoSheet { why: String },
    /// A spreadsheet that unpacks to more than is read.
    #[error("the spreadsheet is too large: {what}; save it as CSV, or in parts")]
    SheetTooLarge { what: String },
    /// A layout without columns to be mapped.
    #[error("files of the CDNOW sample have no columns to map; import them as they are")]
    NoPreview,
    /// A record without end.
    #[error(
        "the record from line {line} on is longer than 1 MB; \
         a quotation mark is not closed, or this is not a text file"
    )]
    RecordTooLong { line: u64 },
    /// More than is taken at once.
    #[error("the file is larger than 2 GB; import it in parts")]
    TooLarge,
    /// The upload broke off.
    #[error("the file did not arrive whole; nothing was imported, send it again")]
    BrokenOff,
    /// The task that reads broke.
    #[error("failed to read the file: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl Error {
    fn from_io(error: &std::io::Error, line: u64) -> Self {
        match error.kind() {
            clean::TOO_LONG => Self::RecordTooLong { line },
            upload::TOO_LARGE => Self::TooLarge,
            _ => Self::BrokenOff,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Empty => Self::bad_input("empty_file", detail),
            Error::HeadingNotUtf8 => Self::bad_input("not_utf8", detail)
                .hint("save the file as CSV with UTF-8; spreadsheets often write GBK instead"),
            Error::MissingColumn { column, .. } => {
                Self::bad_input("missing_column", detail).field(column)
            }
            Error::DoubledColumn { column } => {
                Self::bad_input("doubled_column", detail).field(column)
            }
            Error::NamelessColumn { .. } => Self::bad_input("nameless_column", detail),
            Error::NoSuchColumn { .. } | Error::NoSuchField { .. } => {
                Self::bad_input("bad_mapping", detail).field("map")
            }
            Error::DoubledField { field, .. } => {
                Self::bad_input("bad_mapping", detail).field(field)
            }
            Error::NoSheet { .. } => Self::bad_input("no_spreadsheet", detail)
                .hint("save it as .xlsx, or as CSV with UTF-8 and leave `format` out"),
            Error::SheetTooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "spreadsheet_too_large", detail)
            }
            Error::NoPreview => Self::bad_input("no_preview", detail),
            Error::RecordTooLong { .. } => Self::bad_input("record_too_long", detail),
            Error::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", detail),
            Error::BrokenOff => Self::new(StatusCode::BAD_REQUEST, "file_broken_off", detail),
            Error::Task(error) => Self::internal(&error),
        }
    }
}
