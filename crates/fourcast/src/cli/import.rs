//! `fourcast import …`: files go to the server as they are read, in one pass.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use delivery::view::ImportView;
use tokio_util::io::ReaderStream;

use super::table::grouped;
use super::{Out, Talk, sheet};
use crate::Error;
use crate::progress::Progress;
use crate::rest;

/// Imports.
#[derive(Debug, Args)]
pub struct Import {
    #[command(flatten)]
    talk: Talk,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Orders: `order_id,customer_id,time,amount,items`
    Orders {
        /// The file
        file: PathBuf,
        /// How its lines are laid out
        #[arg(long, value_enum, default_value_t = Layout::Csv)]
        layout: Layout,
        /// Take in the good lines though there are bad ones
        #[arg(long)]
        skip_bad: bool,
    },
    /// Followers' attributes: `openid`, `customer_id` and columns of your own
    Followers {
        /// The file
        file: PathBuf,
        /// Take in the good lines though there are bad ones
        #[arg(long)]
        skip_bad: bool,
    },
}

/// Layouts of order files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// Comma-separated with a heading.
    Csv,
    /// The CDNOW research data: customer, day, pieces, dollars, separated by spaces.
    Cdnow,
}

pub(super) async fn run(noun: Import, out: Out) -> Result<(), Error> {
    let (what, file) = match &noun.verb {
        Verb::Orders { file, layout, skip_bad } => {
            let layout = match layout {
                Layout::Csv => "csv",
                Layout::Cdnow => "cdnow",
            };
            (format!("orders?layout={layout}&skip_bad={skip_bad}"), file)
        }
        Verb::Followers { file, skip_bad } => (format!("followers?skip_bad={skip_bad}"), file),
    };
    let (body, progress) = open(file).await?;
    let (rest, path) = noun.talk.account().await?;
    let answer = rest.upload(&format!("{path}/import/{what}"), body).await;
    progress.end();
    match answer {
        Ok(view) => {
            name_lines(file, &view);
            out.show(&view, text)
        }
        Err(error) => {
            let rest::Error::Refused { report: Some(report), .. } = &error else {
                return Err(error.into());
            };
            name_lines(file, report);
            Err(Error::asked(
                format!(
                    "{} of {} lines cannot be used; nothing was imported.",
                    report.refused, report.lines
                ),
                "correct them, or give --skip-bad to leave them out",
            ))
        }
    }
}

fn name_lines(file: &Path, view: &ImportView) {
    for bad in &view.errors {
        eprintln!("{}:{}: {}", file.display(), bad.line, bad.error);
    }
    let shown = u64::try_from(view.errors.len()).unwrap_or(u64::MAX);
    if view.refused > shown {
        eprintln!("… and {} more", grouped(view.refused - shown));
    }
}

async fn open(file: &Path) -> Result<(reqwest::Body, Progress), Error> {
    let failed = || Error::failed(format!("read {}", file.display()));
    let handle = tokio::fs::File::open(file).await.map_err(failed())?;
    let size = handle.metadata().await.map_err(failed())?.len();
    let progress = Progress::bytes();
    progress.show("import", 0, size);
    let reader = ReaderStream::with_capacity(progress.bar().wrap_async_read(handle), 256 * 1024);
    Ok((reqwest::Body::wrap_stream(reader), progress))
}

fn text(view: &ImportView) -> String {
    sheet(&[
        ("lines", grouped(view.lines)),
        ("imported", grouped(view.imported)),
        ("known before", grouped(view.duplicates)),
        ("of known followers", grouped(view.linked)),
        ("refused", grouped(view.refused)),
    ])
}
