//! `fourcast import …`: files go to the server as they are read, in one pass.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use delivery::view::{ImportJobView, ImportView};
use serde_json::Value;
use tokio_util::io::ReaderStream;

use super::table::{Table, grouped};
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
    /// What an import would take the columns of a file for; nothing is written
    Preview(Sheet),
    /// Any file, CSV or XLSX; goes on in the background once it is sent
    File(Sheet),
    /// Imports and how far they are
    Jobs,
}

/// A file and what it brings.
#[derive(Debug, Args)]
struct Sheet {
    /// What the file brings
    #[arg(value_enum)]
    what: What,
    /// The file; .xlsx is read as a spreadsheet
    file: PathBuf,
    /// What a column is, as COLUMN=FIELD, such as 顾客=customer_id; - leaves one alone
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// Of `list`: the list the people go onto
    #[arg(long)]
    list: Option<String>,
    /// Take in the good lines though there are bad ones
    #[arg(long)]
    skip_bad: bool,
}

/// What a file brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Attributes, own tags, customer numbers, telephone numbers.
    Followers,
    /// Orders.
    Orders,
    /// Events.
    Events,
    /// Members of a list.
    List,
}

impl Sheet {
    /// The question after the path.
    fn query(&self) -> Result<String, Error> {
        let mut map = BTreeMap::new();
        for one in &self.map {
            let Some((column, field)) = one.rsplit_once('=') else {
                return Err(Error::asked(
                    format!("{one:?} has no `=`."),
                    "write --map COLUMN=FIELD, such as --map 顾客=customer_id",
                ));
            };
            map.insert(column, field);
        }
        let map = serde_json::to_string(&map).map_err(Error::failed("write --map as JSON"))?;
        let what = match self.what {
            What::Followers => "followers",
            What::Orders => "orders",
            What::Events => "events",
            What::List => "list",
        };
        let sheet = self.file.extension().is_some_and(|end| end.eq_ignore_ascii_case("xlsx"));
        let format = if sheet { "xlsx" } else { "csv" };
        let mut query = format!(
            "what={what}&format={format}&skip_bad={}&map={}",
            self.skip_bad,
            rest::segment(&map)
        );
        if let Some(list) = &self.list {
            query.push_str(&format!("&list={}", rest::segment(list)));
        }
        Ok(query)
    }
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
        Verb::Preview(sheet) => return preview(&noun.talk, sheet, out).await,
        Verb::File(sheet) => return whole(&noun.talk, sheet, out).await,
        Verb::Jobs => {
            let (rest, path) = noun.talk.account().await?;
            let view: Vec<ImportJobView> = rest.get(&format!("{path}/imports")).await?;
            return out.show(&view, jobs);
        }
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

async fn preview(talk: &Talk, sheet: &Sheet, out: Out) -> Result<(), Error> {
    let query = sheet.query()?;
    let (body, progress) = open(&sheet.file).await?;
    let (rest, path) = talk.account().await?;
    let answer = rest.upload(&format!("{path}/imports/preview?{query}"), body).await;
    progress.end();
    let view: Value = answer?;
    out.show(&view, |view| {
        let mut table = Table::new(&["column", "taken for", "first values"]);
        for column in view["columns"].as_array().into_iter().flatten() {
            let samples = column["samples"].as_array().into_iter().flatten();
            let samples: Vec<&str> = samples.filter_map(Value::as_str).collect();
            table.row([
                column["column"].as_str().unwrap_or_default(),
                column["field"].as_str().unwrap_or_default(),
                &samples.join(", "),
            ]);
        }
        let mut text = table.text();
        for missing in view["missing"].as_array().into_iter().flatten() {
            let missing = missing.as_str().unwrap_or_default();
            text.push_str(&format!("missing: {missing}\n"));
        }
        for bad in view["errors"].as_array().into_iter().flatten() {
            let error = bad["error"].as_str().unwrap_or_default();
            text.push_str(&format!("line {}: {error}\n", bad["line"]));
        }
        text
    })
}

async fn whole(talk: &Talk, sheet: &Sheet, out: Out) -> Result<(), Error> {
    let query = sheet.query()?;
    let (body, progress) = open(&sheet.file).await?;
    let (rest, path) = talk.account().await?;
    let answer = rest.upload(&format!("{path}/imports?{query}"), body).await;
    progress.end();
    let mut view: ImportJobView = answer?;
    let progress = Progress::counting("percent");
    while view.finished_at.is_none() {
        progress.show("apply", view.percent.into(), 100);
        tokio::time::sleep(Duration::from_millis(200)).await;
        view = rest.get(&format!("{path}/imports/{}", view.id)).await?;
    }
    progress.end();
    for bad in &view.errors {
        eprintln!("{}:{}: {}", sheet.file.display(), bad.line, bad.error);
    }
    if let Some(why) = view.error {
        return Err(Error::asked(why, "correct the lines, or give --skip-bad to leave them out"));
    }
    out.show(&vec![view], jobs)
}

fn jobs(view: &Vec<ImportJobView>) -> String {
    let mut table = Table::new(&[
        ">number",
        "what",
        "state",
        ">%",
        ">lines",
        ">imported",
        ">known before",
        ">refused",
        "",
    ]);
    for one in view {
        table.row([
            one.id.to_string(),
            one.what.clone(),
            one.state.clone(),
            one.percent.to_string(),
            grouped(one.lines),
            grouped(one.imported),
            grouped(one.duplicates),
            grouped(one.refused),
            one.error.clone().unwrap_or_default(),
        ]);
    }
    table.text()
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
