//! An upload on its way into the store: read on a thread of its own while it arrives, handed over
//! five thousand rows at a time, each stretch checked and kept before the next is taken.

use std::collections::BTreeMap;
use std::io::BufRead;

use axum::body::Body;
use delivery::Engine;
use delivery::view::{
    FactOrder, ImportJobView, ImportRows, ImportTally, ImportWhat, LineError, Who,
};
use store::AccountId;
use tokio::sync::mpsc;

use super::mapping::Mapping;
use super::table::Table;
use super::{Error, Format, cdnow, sheet, upload};
use crate::problem::Problem;

/// Rows handed over at a time.
const STRETCH: usize = 5_000;
/// Stretches read ahead.
const AHEAD: usize = 2;

/// What is to be imported, and how the file is laid out.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it brings.
    pub what: ImportWhat,
    /// How it is written.
    pub format: Format,
    /// What columns mean, where their headings do not say so.
    pub map: BTreeMap<String, String>,
    /// The list people go onto.
    pub list: Option<String>,
    /// Leave bad lines out.
    pub skip_bad: bool,
}

struct Stretch {
    rows: ImportRows,
    lines: u64,
    errors: Vec<LineError>,
}

/// Takes a file in; once this answers, all of it is kept and will be applied, or nothing.
pub async fn receive(
    engine: Engine,
    account: AccountId,
    wish: Wish,
    body: Body,
) -> Result<ImportJobView, Problem> {
    // On its own: a caller who goes away leaves an upload that broke off, not half an import.
    let received = tokio::spawn(async move { whole(&engine, account, wish, body).await });
    received.await.map_err(|error| Problem::internal(&error))?
}

async fn whole(
    engine: &Engine,
    account: AccountId,
    wish: Wish,
    body: Body,
) -> Result<ImportJobView, Problem> {
    let number = engine.import_begin(account, wish.what, wish.list.clone(), wish.skip_bad).await?;
    let (sender, mut stretches) = mpsc::channel(AHEAD);
    let reading = tokio::spawn(upload::read(body, move |file| read(file, &wish, &sender)));
    let mut tally = ImportTally::default();
    let mut failed = None;
    while let Some(stretch) = stretches.recv().await {
        tally.lines += stretch.lines;
        match engine.import_stage(account, number, stretch.rows).await {
            Ok(errors) => {
                let mut errors: Vec<_> = stretch.errors.into_iter().chain(errors).collect();
                errors.sort_by_key(|told| told.line);
                tally.refuse(errors);
            }
            Err(error) => {
                failed = Some(Problem::from(error));
                break;
            }
        }
    }
    drop(stretches);
    let ended = match (failed, reading.await) {
        (Some(problem), _) => Err(problem),
        (None, Ok(Ok(()))) => Ok(()),
        (None, Ok(Err(error))) => Err(error.into()),
        (None, Err(error)) => Err(Error::Task(error).into()),
    };
    match ended {
        Ok(()) => Ok(engine.import_end(account, number, tally).await?),
        Err(problem) => {
            let why = problem.detail().to_owned();
            engine.import_give_up(account, number, why, tally).await?;
            Err(problem)
        }
    }
}

/// Reads a file to its end, or until nobody takes its rows any more.
fn read(file: Box<dyn BufRead>, wish: &Wish, sender: &mpsc::Sender<Stretch>) -> Result<(), Error> {
    match wish.format {
        Format::Csv => read_table(Table::open(file)?, wish, sender),
        Format::Xlsx => read_table(Table::open(sheet::as_csv(file)?.as_slice())?, wish, sender),
        Format::Cdnow => {
            let parsed = cdnow::orders(file)?;
            let (mut lines, mut errors) = (parsed.lines, parsed.errors);
            let untold = parsed.refused - errors.len() as u64;
            errors.extend((0..untold).map(|_| LineError { line: u64::MAX, error: String::new() }));
            let mut rows = parsed.rows.into_iter().peekable();
            // An empty file of good lines still tells its refused ones.
            while rows.peek().is_some() || lines > 0 {
                let stretch: Vec<(u64, FactOrder)> = rows.by_ref().take(STRETCH).collect();
                let stretch = Stretch {
                    rows: ImportRows::Orders(stretch),
                    lines: std::mem::take(&mut lines),
                    errors: std::mem::take(&mut errors),
                };
                if sender.blocking_send(stretch).is_err() {
                    break;
                }
            }
            Ok(())
        }
    }
}

fn read_table<R: BufRead>(
    mut table: Table<R>,
    wish: &Wish,
    sender: &mpsc::Sender<Stretch>,
) -> Result<(), Error> {
    let mapping = Mapping::of(wish.what, table.heading(), &wish.map)?;
    mapping.complete(table.heading())?;
    loop {
        let (mut lines, mut errors) = (0, Vec::new());
        let mut rows = empty(wish.what);
        while lines < STRETCH as u64 {
            let Some((number, line)) = table.next_line()? else { break };
            lines += 1;
            let taken = line.whole().and_then(|()| {
                match &mut rows {
                    ImportRows::Orders(rows) => rows.push((number, mapping.order(&line)?)),
                    ImportRows::Events(rows) => rows.push((number, mapping.event(&line)?)),
                    ImportRows::Followers(rows) => rows.push((number, mapping.follower(&line)?)),
                    ImportRows::List(rows) => rows.push((number, mapping.member(&line)?)),
                }
                Ok(())
            });
            if let Err(error) = taken {
                errors.push(LineError { line: number, error });
            }
        }
        if lines == 0 || sender.blocking_send(Stretch { rows, lines, errors }).is_err() {
            return Ok(());
        }
    }
}

fn empty(what: ImportWhat) -> ImportRows {
    let size = STRETCH;
    match what {
        ImportWhat::Orders => ImportRows::Orders(Vec::with_capacity(size)),
        ImportWhat::Events => ImportRows::Events(Vec::with_capacity(size)),
        ImportWhat::Followers => ImportRows::Followers(Vec::with_capacity(size)),
        ImportWhat::List => ImportRows::List(Vec::<(u64, Who)>::with_capacity(size)),
    }
}
