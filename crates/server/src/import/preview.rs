//! What an import would make of a file, before anything is written.

use std::io::BufRead;

use axum::body::Body;
use delivery::view::{ImportWhat, LineError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping::Mapping;
use super::receive::Wish;
use super::table::Table;
use super::{Error, Format, sheet, upload};

/// Lines looked at.
const LINES: u64 = 200;
/// Values shown of a column.
const SAMPLES: usize = 3;

/// A column and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnView {
    /// Its heading.
    pub column: String,
    /// What it is taken for: `openid`, `unionid`, `phone`, `customer_id`, `key`, `time`, `amount`,
    /// `items`, `refunded`, `kind`, `on`, `value`, `own_tags`, `attribute:<name>`, or `-` for
    /// nothing.
    pub field: String,
    /// Its first values.
    pub samples: Vec<String>,
}

/// What an import would make of the beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewView {
    /// The columns, in their order.
    pub columns: Vec<ColumnView>,
    /// What is needed and no column says.
    pub missing: Vec<String>,
    /// Lines looked at.
    pub lines: u64,
    /// Those of them that would be refused for what they say; whether people are known is asked
    /// when the file is imported.
    pub errors: Vec<LineError>,
}

/// Looks at the first lines of a file.
pub async fn preview(wish: Wish, body: Body) -> Result<PreviewView, Error> {
    upload::read(body, move |mut file| {
        let view = match wish.format {
            Format::Csv => look(Table::open(&mut file)?, &wish),
            Format::Xlsx => look(Table::open(sheet::as_csv(&mut file)?.as_slice())?, &wish),
            Format::Cdnow => Err(Error::NoPreview),
        };
        // A caller whose upload is cut off would not see the answer.
        let _ = std::io::copy(&mut file, &mut std::io::sink());
        view
    })
    .await
}

fn look<R: BufRead>(mut table: Table<R>, wish: &Wish) -> Result<PreviewView, Error> {
    let mapping = Mapping::of(wish.what, table.heading(), &wish.map)?;
    let heading = table.heading().to_vec();
    let mut columns: Vec<ColumnView> = heading
        .iter()
        .zip(mapping.fields())
        .map(|(name, field)| ColumnView {
            column: name.clone(),
            field: field.word(),
            samples: Vec::new(),
        })
        .collect();
    let missing: Vec<String> = mapping.missing().into_iter().map(str::to_owned).collect();
    let (mut lines, mut errors) = (0, Vec::new());
    while lines < LINES {
        let Some((number, line)) = table.next_line()? else { break };
        lines += 1;
        for (at, column) in columns.iter_mut().enumerate() {
            let text = line.text(at).unwrap_or_default();
            if !text.is_empty() && column.samples.len() < SAMPLES {
                column.samples.push(text.chars().take(40).collect());
            }
        }
        let read = line.whole().and_then(|()| match wish.what {
            _ if !missing.is_empty() => Ok(()),
            ImportWhat::Orders => mapping.order(&line).map(drop),
            ImportWhat::Events => mapping.event(&line).map(drop),
            ImportWhat::Followers => mapping.follower(&line).map(drop),
            ImportWhat::List => mapping.member(&line).map(drop),
        });
        if let Err(error) = read {
            errors.push(LineError { line: number, error });
        }
    }
    Ok(PreviewView { columns, missing, lines, errors })
}
